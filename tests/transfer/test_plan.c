/* SPDX-License-Identifier: Apache-2.0 */
/* Plans of a migration and their journals. */
#include "config.h"

#include "nfast/base/seed.h"
#include "tests/tap.h"
#include "transfer/plan.h"

static char path[] = "test_plan.XXXXXX";

static void
put(const char *text, size_t len)
{
	FILE *f;
	int fd;

	memcpy(path, "test_plan.XXXXXX", sizeof(path));
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	f = fdopen(fd, "w");
	ck_assert_uint_eq(fwrite(text, 1, len, f), len);
	ck_assert_int_eq(fclose(f), 0);
}

static int
plan(const char *text, size_t len, struct nf_plan *out, struct nf_diag *diag)
{
	int r;

	put(text, len);
	memset(diag, 0, sizeof(*diag));
	r = nf_plan_load(path, out, diag);
	ck_assert_int_eq(unlink(path), 0);
	return r;
}

#define GOOD \
	"# comment\n" \
	"simple/contosokey\tContosoKey\t-\n\n" \
	"pkcs11:token=T;object=a%20b\tother-key\tdir/KEK.pem\n"

START_TEST(good)
{
	struct nf_diag diag;
	struct nf_plan p;

	ck_assert_int_eq(plan(GOOD, sizeof(GOOD) - 1, &p, &diag), 0);
	ck_assert_uint_eq(p.n, 2);
	ck_assert_str_eq(p.key[0].source, "simple/contosokey");
	ck_assert_str_eq(p.key[0].name, "ContosoKey");
	ck_assert_str_eq(p.key[0].kek, "-");
	ck_assert_uint_eq(p.key[0].line, 2);
	ck_assert_str_eq(p.key[1].kek, "dir/KEK.pem");
	ck_assert_uint_eq(p.key[1].line, 4);
	nf_plan_wipe(&p);
}
END_TEST

static const struct {
	const char *text, *what;
} bad[] = {
	{ "simple/a\tb\n", "line 1 has not three fields" },
	{ "simple/a\tb\t-\tc\n", "line 1 has not three fields" },
	{ "# x\nsimple/a b -\n", "line 2 has not three fields" },
	{ "simple\tb\t-\n", "line 1 has a source that is neither" },
	{ "/a\tb\t-\n", "line 1 has a source that is neither" },
	{ "simple/\tb\t-\n", "line 1 has a source that is neither" },
	{ "simple/a/b\tb\t-\n", "line 1 has a source that is neither" },
	{ "simple/a\t\t-\n", "line 1 has a name that Key Vault does not" },
	{ "simple/a\ta_b\t-\n", "line 1 has a name that Key Vault does not" },
	{ "simple/a\tb\t\n", "line 1 names no KEK file" },
	{ "simple/a\tb\t-\r\n", "line 1 has a byte that is not printable" },
	{ "simple/a\tb\t-\nsimple/c\tB\t-\n", "line 2 has the name of line 1" },
};

START_TEST(bad_plan)
{
	struct nf_diag diag;
	struct nf_plan p;

	ck_assert_int_eq(plan(bad[_i].text, strlen(bad[_i].text), &p,
	    &diag), NF_E_FORMAT);
	ck_assert_msg(strstr(diag.text, bad[_i].what) != NULL, "%s",
	    diag.text);
	nf_plan_wipe(&p);
}
END_TEST

START_TEST(nul_in_plan)
{
	struct nf_diag diag;
	struct nf_plan p;

	ck_assert_int_eq(plan("simple/a\0\tb\t-\n", 14, &p, &diag),
	    NF_E_FORMAT);
	ck_assert_str_eq(diag.text, "has a NUL byte");
	nf_plan_wipe(&p);
}
END_TEST

START_TEST(names)
{
	char name[128], longer[200];

	nf_plan_name("key_of.ours 2", name);
	ck_assert_str_eq(name, "key-of-ours-2");
	nf_plan_name("", name);
	ck_assert_str_eq(name, "-");
	memset(longer, 'x', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	nf_plan_name(longer, name);
	ck_assert_uint_eq(strlen(name), 127);
}
END_TEST

/* Two records of one name and one of another, and a torn line. */
START_TEST(journal)
{
	struct nf_plan_done d = { .name = "b", .source = "simple/b",
	    .kid = "https://v/keys/k/0", .type = "RSA 2048" };
	struct nf_plan_journal j;
	struct nf_buf text = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	size_t whole;

	nf_plan_done_write(&text, &d);
	d.name = "a";
	nf_plan_done_write(&text, &d);
	d.name = "B";
	d.sha256[31] = 7;
	nf_plan_done_write(&text, &d);
	whole = text.len;
	nf_buf_str(&text, "0123\tab");
	put((const char *)text.p, text.len);
	ck_assert_int_eq(nf_plan_journal_load(path, &j, &diag), 0);
	ck_assert_uint_eq(j.n, 3);
	ck_assert_uint_eq(j.whole, whole);
	ck_assert_uint_eq(nf_plan_journal_find(&j, "b")->sha256[31], 7);
	ck_assert_uint_eq(nf_plan_journal_find(&j, "A")->sha256[31], 0);
	ck_assert_str_eq(nf_plan_journal_find(&j, "a")->type, "RSA 2048");
	ck_assert_ptr_null(nf_plan_journal_find(&j, "c"));
	ck_assert_ptr_null(nf_plan_journal_find(&j, ""));
	nf_plan_journal_wipe(&j);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(nf_plan_journal_load(path, &j, &diag), 0);
	ck_assert_uint_eq(j.n, 0);
	nf_plan_journal_wipe(&j);
	nf_buf_wipe(&text);
}
END_TEST

/* Comments count as lines and as nothing else; one may tell of a seed. */
START_TEST(journal_comments)
{
	struct nf_plan_done d = { .name = "b", .source = "simple/b",
	    .kid = "https://v/keys/k/0", .type = "RSA 2048" };
	struct nf_plan_journal j;
	struct nf_buf text = NF_BUF_INIT;
	struct nf_diag diag = { 0 };

	nf_buf_str(&text, "# a comment\n");
	nf_plan_done_write(&text, &d);
	put((const char *)text.p, text.len);
	ck_assert_int_eq(nf_plan_journal_load(path, &j, &diag), 0);
	ck_assert(!j.insecure);
	ck_assert_uint_eq(j.n, 1);
	nf_plan_journal_wipe(&j);
	nf_buf_str(&text, NF_SEED_LINE);
	put((const char *)text.p, text.len);
	ck_assert_int_eq(nf_plan_journal_load(path, &j, &diag), 0);
	ck_assert(j.insecure);
	ck_assert_uint_eq(j.n, 1);
	ck_assert_uint_eq(j.whole, text.len);
	nf_plan_journal_wipe(&j);
	/* a torn one is not there yet */
	put((const char *)text.p, text.len - 1);
	ck_assert_int_eq(nf_plan_journal_load(path, &j, &diag), 0);
	ck_assert(!j.insecure);
	ck_assert_uint_eq(j.whole, text.len - strlen(NF_SEED_LINE));
	nf_plan_journal_wipe(&j);
	nf_buf_wipe(&text);
	ck_assert_int_eq(unlink(path), 0);
}
END_TEST

START_TEST(junk_journal)
{
	struct nf_plan_journal j;
	struct nf_diag diag = { 0 };

	put("junk\n", 5);
	ck_assert_int_eq(nf_plan_journal_load(path, &j, &diag), NF_E_FORMAT);
	ck_assert_str_eq(diag.text, "line 1 is no record of a wrapped key");
	nf_plan_journal_wipe(&j);
	ck_assert_int_eq(unlink(path), 0);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("transfer/plan");
	TCase *tc = tcase_create("plan");

	tcase_add_test(tc, good);
	tcase_add_loop_test(tc, bad_plan, 0, sizeof(bad) / sizeof(bad[0]));
	tcase_add_test(tc, nul_in_plan);
	tcase_add_test(tc, names);
	tcase_add_test(tc, journal);
	tcase_add_test(tc, journal_comments);
	tcase_add_test(tc, junk_journal);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
