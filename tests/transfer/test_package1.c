/* SPDX-License-Identifier: Apache-2.0 */
/* Names that a user types: the friendly name, application and ident. */
#include "config.h"

#include "tests/tap.h"
#include "transfer/package1.h"

static char text[256];

static int
label(const char *s)
{
	struct nf_diag d = { 0 };
	int r = nf_xfer_label_check(s, &d);

	ck_assert(r == 0 || strcmp(d.field, "KeyFriendlyName") == 0);
	return r;
}

START_TEST(labels)
{
	memset(text, 'x', sizeof(text));
	text[NF_XFER_NAME_MAX] = '\0';
	ck_assert_int_eq(label("ContosoFirstHSMkey"), 0);
	ck_assert_int_eq(label("a label, with blanks"), 0);
	ck_assert_int_eq(label(".."), 0);	/* never a path: see FILE_LEAD */
	ck_assert_int_eq(label(text), 0);
}
END_TEST

START_TEST(no_label)
{
	ck_assert_int_eq(label(""), NF_E_USAGE);
}
END_TEST

START_TEST(long_label)
{
	memset(text, 'x', sizeof(text));
	text[NF_XFER_NAME_MAX + 1] = '\0';
	ck_assert_int_eq(label(text), NF_E_USAGE);
}
END_TEST

START_TEST(junk_label)
{
	ck_assert_int_eq(label("a/b"), NF_E_USAGE);
	ck_assert_int_eq(label("/"), NF_E_USAGE);
	ck_assert_int_eq(label("a\nb"), NF_E_USAGE);
	ck_assert_int_eq(label("a\033[2Jb"), NF_E_USAGE);
	ck_assert_int_eq(label("\303\244"), NF_E_USAGE);
	ck_assert_int_eq(label("a\177"), NF_E_USAGE);
}
END_TEST

static int
names(size_t app, size_t ident)
{
	static char a[128], i[128];
	struct nf_diag d = { 0 };
	int r;

	memset(a, 'a', app);
	a[app] = '\0';
	memset(i, 'i', ident);
	i[ident] = '\0';
	r = nf_xfer_names_check(a, i, &d);
	ck_assert(r == 0 || strcmp(d.text, "Application and identifiers "
	    "cannot exceed 80 characters.") == 0);
	return r;
}

START_TEST(name_lengths)
{
	ck_assert_int_eq(names(80, 80), 0);
	ck_assert_int_eq(names(81, 80), NF_E_POLICY);
	ck_assert_int_eq(names(80, 81), NF_E_POLICY);
	ck_assert_int_eq(nf_xfer_names_check(NULL, "x", NULL), 0);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("transfer/package1");
	TCase *t = tcase_create("package1");

	tcase_add_test(t, labels);
	tcase_add_test(t, no_label);
	tcase_add_test(t, long_label);
	tcase_add_test(t, junk_label);
	tcase_add_test(t, name_lengths);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
