/* SPDX-License-Identifier: Apache-2.0 */
/* The result follows from the checks, and the report from both. */
#include "config.h"

#include "tests/verify/report.h"

static void
setup(void)
{
	report_setup();
	nf_vfy_verdict_reset(&v, "thing", "a\nb");
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

/* A claim is enough; an ESN of the simulator's form is one when simulated. */
START_TEST(insecure_seed)
{
	nf_vfy_fact_text(&v, "ESN", NULL, nf_view_of("5EED-0000-0001", 14));
	ck_assert(!nf_vfy_insecure_seed(&v));
	v.simulated = true;
	ck_assert(nf_vfy_insecure_seed(&v));
	nf_vfy_verdict_reset(&v, "thing", "file");
	v.simulated = true;
	nf_vfy_fact_text(&v, "ESN", NULL, nf_view_of("5EEE-0000-0001", 14));
	nf_vfy_fact_text(&v, "name", NULL, nf_view_of("5EED-0000-0001", 14));
	nf_vfy_seed_claim(&v, nf_view_of("INSECURE SEE", 12));
	ck_assert(!nf_vfy_insecure_seed(&v));
	v.simulated = false;
	nf_vfy_seed_claim(&v, nf_view_of("an INSECURE SEED.", 17));
	ck_assert(nf_vfy_insecure_seed(&v));
	nf_vfy_write(&out, &v);
	ck_assert_ptr_nonnull(strstr(nf_buf_text(&out),
	    "\nINSECURE SEED: made from a seed, so that no key in it is "
	    "secret\nResult: "));
	nf_vfy_verdict_reset(&v, "thing", "file");
	ck_assert(!nf_vfy_insecure_seed(&v));
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
	ck_assert_ptr_nonnull(strstr(nf_buf_text(&out),
	    "thing: a\\x0ab\nfacts:\n"
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

/* Only a part that lies in the whole has a place there. */
START_TEST(place_of_view)
{
	static const uint8_t whole[8], other[8];
	const struct nf_view w = nf_view_of(whole, 8);

	nf_vfy_add(&v, "t.a", "first", NF_VFY_PASS, NULL);
	nf_vfy_place_in(&v, "file", w, nf_view_of(other, 8));
	nf_vfy_place_in(&v, "file", w, nf_view_of(whole + 1, 8));
	nf_vfy_place_in(&v, "file", w, nf_view_of(NULL, 0));
	ck_assert_ptr_null(v.check[0].where);
	nf_vfy_place_in(&v, "file", w, nf_view_of(whole + 3, 5));
	ck_assert_str_eq(v.check[0].where, "file");
	ck_assert_uint_eq(v.check[0].off, 3);
	ck_assert_uint_eq(v.check[0].len, 5);
	nf_vfy_add(&v, "t.b", "second", NF_VFY_PASS, NULL);
	nf_vfy_add(&v, "t.c", "third", NF_VFY_PASS, NULL);
	nf_vfy_place_from(&v, 1, "part", w, w);
	ck_assert_str_eq(v.check[0].where, "file");
	ck_assert_str_eq(v.check[1].where, "part");
	ck_assert_str_eq(v.check[2].where, "part");
}
END_TEST

/* Another's root leaves unanchored, and does not hide a failure. */
START_TEST(disowned_root)
{
	nf_vfy_add(&v, "t.a", "first", NF_VFY_PASS, NULL);
	nf_vfy_add(&v, "root", "root", NF_VFY_PASS, "pinned");
	nf_vfy_disown_root(&v, "of a part");
	ck_assert_int_eq(v.check[0].status, NF_VFY_PASS);
	ck_assert_int_eq(nf_vfy_exit(&v), 4);
	ck_assert_str_eq(nf_vfy_detail(&v, &v.check[1]), "of a part");
	nf_vfy_verdict_reset(&v, "thing", "x");
	nf_vfy_add(&v, "root", "root", NF_VFY_FAIL, "bad");
	nf_vfy_disown_root(&v, "of a part");
	ck_assert_int_eq(nf_vfy_exit(&v), 1);
	ck_assert_str_eq(nf_vfy_detail(&v, &v.check[0]), "bad");
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

/* out without its escape sequences, which all end in m. */
static char *
uncoloured(void)
{
	char *plain = strdup(nf_buf_text(&out)), *to = plain;

	ck_assert_ptr_nonnull(plain);
	for (const char *p = plain; *p != '\0'; p++) {
		if (*p == '\033')
			p = strchr(p, 'm');
		else
			*to++ = *p;
	}
	*to = '\0';
	return plain;
}

static void
all_sorts(void)
{
	nf_vfy_fact(&v, "size", "KML", "%d", 5);
	nf_vfy_add(&v, "t.a", "first", NF_VFY_PASS, NULL);
	nf_vfy_add(&v, "t.b", "second", NF_VFY_UNKNOWN, NULL);
	nf_vfy_add(&v, "t.c", "third", NF_VFY_NA, NULL);
	v.simulated = true;
}

START_TEST(colour)
{
	struct nf_vfy_run run = { .tool = "tool", .colour = true };
	const struct nf_vfy_item item = { "f", &v, NULL, 4 };
	struct nf_buf plain = NF_BUF_INIT;
	const char *text;
	char *bare;

	all_sorts();
	if (_i == 1)
		nf_vfy_add(&v, "root", "root", NF_VFY_PASS, NULL);
	else if (_i == 2)
		nf_vfy_add(&v, "t.d", "fourth", NF_VFY_FAIL, "bad");
	report_write(&out, &nf_vfy_text_format, &run, &item, 1);
	text = nf_buf_text(&out);
	ck_assert_ptr_nonnull(strstr(text, "  \033[32mpass   \033[0m  t.a"));
	ck_assert_ptr_nonnull(strstr(text, "  \033[33munknown\033[0m  t.b"));
	ck_assert_ptr_nonnull(strstr(text, "\n  n/a      t.c"));
	ck_assert_ptr_nonnull(strstr(text, "\n\033[1;7mSIMULATED: "));
	ck_assert_ptr_nonnull(strstr(text, _i == 0 ? "\n\033[33mResult: UNA" :
	    _i == 1 ? "\n\033[32mResult: SUCCESS\033[0m\n" :
	    "\n\033[31mResult: FAILED: fourth: bad\033[0m\n"));
	bare = uncoloured();
	nf_vfy_write(&plain, &v);
	ck_assert_str_eq(bare, nf_buf_text(&plain));
	run.colour = false;
	report_write(&out, &nf_vfy_text_format, &run, &item, 1);
	ck_assert_str_eq(nf_buf_text(&out), nf_buf_text(&plain));
	free(bare);
	nf_buf_wipe(&plain);
}
END_TEST

START_TEST(many)
{
	const struct nf_vfy_run run = { .tool = "tool", .many = true };
	const struct nf_vfy_item item = { "f", &v, NULL, 4 };
	struct nf_buf two = NF_BUF_INIT;

	nf_vfy_write(&two, &v);
	nf_buf_str(&two, "\n");
	nf_vfy_write(&two, &v);
	nf_buf_str(&two, "\n"
	    "summary             pass  unanchored      failed  unreadable\n"
	    "thing                  0           2           0           0\n"
	    "total                  0           2           0           0\n");
	report_write(&out, &nf_vfy_text_format, &run, &item, 2);
	ck_assert_str_eq(nf_buf_text(&out), nf_buf_text(&two));
	nf_buf_wipe(&two);
}
END_TEST

START_TEST(summary_is_sorted)
{
	const struct nf_vfy_run run = { .tool = "tool", .many = true };
	struct nf_vfy_tally t = { .n_kinds = 0 };

	nf_vfy_tally_add(&t, "zip", NF_VFY_OUT_PASS);
	nf_vfy_tally_add(&t, "a kind of longer name", NF_VFY_OUT_FAIL);
	nf_vfy_tally_add(&t, "file", NF_VFY_OUT_ERROR);
	nf_vfy_tally_add(&t, "zip", NF_VFY_OUT_FAIL);
	nf_vfy_text_format.end(&out, &run, &t);
	ck_assert_str_eq(nf_buf_text(&out), "\nsummary                      "
	    "pass  unanchored      failed  unreadable\n"
	    "a kind of longer name           0           0           1"
	    "           0\n"
	    "file                            0           0           0"
	    "           1\n"
	    "zip                             1           0           1"
	    "           0\n"
	    "total                           1           0           2"
	    "           1\n");
}
END_TEST

/* Of many files an error is a result; of one it is left to stderr. */
START_TEST(error)
{
	struct nf_vfy_run run = { .tool = "tool" };
	struct nf_diag d = { 0 };
	const struct nf_vfy_item item = { "a\nb", &v, &d, 3 };

	(void)nf_diag_set(&d, NF_E_FORMAT, "magic", "not %s", "recognised");
	nf_diag_where(&d, "%s", "a\nb");
	report_write(&out, &nf_vfy_text_format, &run, &item, 1);
	ck_assert_uint_eq(out.len, 0);
	run.many = true;
	nf_vfy_text_format.item(&out, &run, &item);
	ck_assert_str_eq(nf_buf_text(&out), "thing: a\\x0ab\n"
	    "Result: ERROR: magic: not recognised\n");
	out.len = 0;
	d.where[0] = 'x';
	nf_vfy_text_format.item(&out, &run, &item);
	ck_assert_str_eq(nf_buf_text(&out), "thing: a\\x0ab\n"
	    "Result: ERROR: x\\x0ab: magic: not recognised\n");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("verify/verdict");
	TCase *t = tcase_create("verdict");

	tcase_add_checked_fixture(t, setup, report_teardown);
	tcase_add_test(t, success);
	tcase_add_test(t, failure_names_the_first);
	tcase_add_test(t, failure_without_root);
	tcase_add_test(t, unanchored);
	tcase_add_test(t, no_checks);
	tcase_add_test(t, simulated_before_result);
	tcase_add_test(t, insecure_seed);
	tcase_add_test(t, facts);
	tcase_add_test(t, facts_under_root);
	tcase_add_loop_test(t, text_is_not_a_signer, 0,
	    sizeof(texts) / sizeof(texts[0]));
	tcase_add_test(t, add_bool);
	tcase_add_test(t, internal_error);
	tcase_add_test(t, place_of_failure);
	tcase_add_test(t, place_of_view);
	tcase_add_test(t, disowned_root);
	tcase_add_loop_test(t, colour, 0, 3);
	tcase_add_test(t, many);
	tcase_add_test(t, summary_is_sorted);
	tcase_add_test(t, error);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
