/* SPDX-License-Identifier: Apache-2.0 */
/* The result follows from the checks, and the report from both. */
#include "config.h"

#include "tests/tap.h"
#include "verify/verdict.h"

static struct nf_vfy_verdict v;
static struct nf_buf out;

static void
setup(void)
{
	nf_vfy_verdict_init(&v, "thing", "a\nb");
	nf_buf_init(&out);
}

static void
teardown(void)
{
	nf_vfy_verdict_wipe(&v);
	nf_buf_wipe(&out);
}

static void
last_line_is(const char *line)
{
	const char *text, *at;

	nf_vfy_write(&out, &v);
	text = nf_buf_text(&out);
	at = strstr(text, "\nResult: ");
	ck_assert_ptr_nonnull(at);
	ck_assert_str_eq(at + 1, line);
}

START_TEST(success)
{
	nf_vfy_add(&v, "t.a", "first", NF_VFY_PASS, NULL);
	nf_vfy_add(&v, "t.b", "second", NF_VFY_NA, "not here");
	nf_vfy_add(&v, "t.c", "third", NF_VFY_UNKNOWN, NULL);
	nf_vfy_add(&v, "root", "root", NF_VFY_PASS, NULL);
	ck_assert_int_eq(nf_vfy_result_of(&v), NF_VFY_SUCCESS);
	ck_assert_int_eq(nf_vfy_exit(&v), 0);
	ck_assert(nf_vfy_passed(&v, "t.a"));
	ck_assert(!nf_vfy_passed(&v, "t.b"));
	ck_assert(!nf_vfy_passed(&v, "t.x"));
	last_line_is("Result: SUCCESS\n");
}
END_TEST

START_TEST(failure_names_the_first)
{
	nf_vfy_add(&v, "t.a", "first", NF_VFY_PASS, NULL);
	nf_vfy_addf(&v, "t.b", "second", NF_VFY_FAIL, "number %d", 7);
	nf_vfy_add(&v, "t.c", "third", NF_VFY_FAIL, "late");
	nf_vfy_add(&v, "root", "root", NF_VFY_PASS, NULL);
	ck_assert_int_eq(nf_vfy_exit(&v), 1);
	last_line_is("Result: FAILED: second: number 7\n");
}
END_TEST

/* A failure wins over a root that is not there. */
START_TEST(failure_without_root)
{
	nf_vfy_add(&v, "t.a", "first", NF_VFY_FAIL, NULL);
	nf_vfy_add(&v, "root", "root", NF_VFY_UNKNOWN, NULL);
	ck_assert_int_eq(nf_vfy_code(&v), NF_E_VERIFY);
	last_line_is("Result: FAILED: first\n");
}
END_TEST

START_TEST(unanchored)
{
	nf_vfy_add(&v, "t.a", "first", NF_VFY_PASS, NULL);
	nf_vfy_add(&v, "root", "root", NF_VFY_UNKNOWN, NULL);
	ck_assert_int_eq(nf_vfy_code(&v), NF_E_UNANCHORED);
	ck_assert_int_eq(nf_vfy_exit(&v), 4);
	nf_vfy_write(&out, &v);
	ck_assert_ptr_nonnull(strstr(nf_buf_text(&out),
	    "\nroot: not in this file\nResult: UNANCHORED: "));
}
END_TEST

/* No check at all is no success. */
START_TEST(no_checks)
{
	ck_assert_int_eq(nf_vfy_exit(&v), 4);
}
END_TEST

START_TEST(simulated_before_result)
{
	nf_vfy_add(&v, "root", "root", NF_VFY_PASS, NULL);
	v.has_root = v.simulated = true;
	memset(v.root, 0xab, 20);
	nf_vfy_write(&out, &v);
	ck_assert_ptr_nonnull(strstr(nf_buf_text(&out), "\nroot: "
	    "abababababababababababababababababababab\nSIMULATED"));
}
END_TEST

static void
print_twice(struct nf_buf *to, struct nf_view bytes)
{
	for (int i = 0; i < 2; i++) {
		nf_buf_str(to, "  ");
		nf_text_hex(to, bytes);
		nf_buf_str(to, "\n");
	}
}

START_TEST(facts)
{
	const char *by;

	nf_vfy_fact(&v, "colour", NULL, "%s", "blue");
	nf_vfy_fact(&v, "size", "KML", "%d", 5);
	nf_vfy_fact_bytes(&v, "list", "KLF", print_twice,
	    nf_view_of("\x01\0\x02", 3));
	nf_vfy_fact(&v, "last", NULL, "%s", "one");
	nf_vfy_fact_hex(&v, "raw", "KLF", nf_view_of("\xab\0", 2));
	ck_assert(nf_vfy_fact_find(&v, "size", &out, &by));
	ck_assert_str_eq(nf_buf_text(&out), "5");
	ck_assert_str_eq(by, "KML");
	ck_assert(!nf_vfy_fact_find(&v, "none", &out, NULL));
	nf_vfy_write(&out, &v);
	ck_assert_ptr_nonnull(strstr(nf_buf_text(&out), "thing: a?b\nfacts:\n"
	    "  colour: blue [claimed]\n"
	    "  size: 5 [signed by KML, unanchored]\n"
	    "  list: [signed by KLF, unanchored]\n  010002\n  010002\n"
	    "  last: one [claimed]\n"
	    "  raw: ab00 [signed by KLF, unanchored]\n"
	    "checks:\n"));
}
END_TEST

START_TEST(facts_under_root)
{
	nf_vfy_fact(&v, "size", "KML", "%d", 5);
	nf_vfy_add(&v, "root", "root", NF_VFY_PASS, NULL);
	nf_vfy_write(&out, &v);
	ck_assert_ptr_nonnull(strstr(nf_buf_text(&out),
	    "  size: 5 [signed by KML]\n"));
}
END_TEST

/* A text of the file as it is shown, and what it could be taken for. */
static const struct {
	const char *text, *shown;
} texts[] = {
	{ "Contoso-key (2), ok]", "Contoso-key (2), ok]" },
	{ "", "\"\"" },
	{ " x", "\" x\"" },
	{ "x ", "\"x \"" },
	{ "x  y", "\"x  y\"" },
	{ "x [signed by KLF]", "\"x \\x5bsigned by KLF\\x5d\"" },
	{ "\"x\"", "\"\\x22x\\x22\"" },
	{ "a\\x \x1b[2J", "\"a\\x5cx \\x1b\\x5b2J\"" },
	{ "x\nResult: SUCCESS", "\"x\\x0aResult: SUCCESS\"" },
	{ "\xc3\xa4\x7f", "\"\\xc3\\xa4\\x7f\"" }
};

START_TEST(text_is_not_a_signer)
{
	nf_vfy_fact_text(&v, "name", NULL, nf_view_of(texts[_i].text,
	    strlen(texts[_i].text)));
	ck_assert(nf_vfy_fact_find(&v, "name", &out, NULL));
	ck_assert_str_eq(nf_buf_text(&out), texts[_i].shown);
}
END_TEST

START_TEST(add_bool)
{
	nf_vfy_add_bool(&v, "t.a", "first", true, "bad");
	nf_vfy_add_unchecked(&v, "t.b", "second");
	nf_vfy_add_bool(&v, "t.c", "third", false, "bad");
	ck_assert(nf_vfy_passed(&v, "t.a"));
	ck_assert_str_eq(nf_vfy_detail(&v, nf_vfy_find(&v, "t.a")), "");
	ck_assert_int_eq(nf_vfy_find(&v, "t.b")->status, NF_VFY_UNKNOWN);
	ck_assert_int_eq(nf_vfy_find(&v, "t.c")->status, NF_VFY_FAIL);
	last_line_is("Result: FAILED: third: bad\n");
}
END_TEST

/* What libcrypto or memory are to blame for is no failed check. */
START_TEST(internal_error)
{
	struct nf_diag d = { 0 };

	(void)nf_diag_set(&d, NF_E_CRYPTO, NULL, "no SHA-1");
	nf_vfy_add(&v, "root", "root", NF_VFY_PASS, NULL);
	ck_assert_int_eq(nf_vfy_add_result(&v, "t.a", "first", NF_E_CRYPTO,
	    &d, NULL), NF_E_CRYPTO);
	ck_assert_int_eq(nf_vfy_result_of(&v), NF_VFY_UNANCHORED);
	ck_assert_int_eq(nf_vfy_code(&v), NF_E_CRYPTO);
	ck_assert_int_eq(nf_vfy_exit(&v), 4);
	ck_assert_str_eq(v.diag.text, "no SHA-1");
}
END_TEST

START_TEST(place_of_failure)
{
	nf_vfy_add(&v, "t.a", "first", NF_VFY_FAIL, "bad");
	nf_vfy_place(&v, "KeyToken", 100, 20);
	nf_vfy_write(&out, &v);
	ck_assert_ptr_nonnull(strstr(nf_buf_text(&out),
	    "first: bad (KeyToken, bytes 100 to 120)\n"));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("verify/verdict");
	TCase *t = tcase_create("verdict");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, success);
	tcase_add_test(t, failure_names_the_first);
	tcase_add_test(t, failure_without_root);
	tcase_add_test(t, unanchored);
	tcase_add_test(t, no_checks);
	tcase_add_test(t, simulated_before_result);
	tcase_add_test(t, facts);
	tcase_add_test(t, facts_under_root);
	tcase_add_loop_test(t, text_is_not_a_signer, 0,
	    sizeof(texts) / sizeof(texts[0]));
	tcase_add_test(t, add_bool);
	tcase_add_test(t, internal_error);
	tcase_add_test(t, place_of_failure);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
