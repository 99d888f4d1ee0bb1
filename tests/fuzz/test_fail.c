/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that fail on request do so where they were told, and only there. */
#include "config.h"

#include "nfast/base/mem.h"
#include "tests/fuzz/fail.h"
#include "tests/tap.h"

#define PATH	"fail-test.tmp"

static int
save(void)
{
	return nf_file_write_atomic(PATH, 0600, nf_view_of("abc", 3), NULL);
}

START_TEST(each_call_once)
{
	unsigned long n;
	bool seen_fsync = false, seen_rename = false;
	int r;

	for (n = 1;; n++) {
		nf_fail_nth(n);
		r = save();
		nf_fail_off();
		if (!nf_fail_hit())
			break;
		ck_assert_uint_ge(nf_fail_calls(), n);
		seen_fsync |= strcmp(nf_fail_name(), "fsync") == 0;
		seen_rename |= strcmp(nf_fail_name(), "rename") == 0;
	}
	ck_assert_int_eq(r, 0);
	ck_assert_uint_gt(n, 3);
	ck_assert_uint_eq(nf_fail_calls(), n - 1);
	ck_assert_str_eq(nf_fail_name(), "");
	ck_assert(seen_fsync && seen_rename);
	(void)unlink(PATH);
}
END_TEST

START_TEST(all_from_there)
{
	int r;

	nf_fail_from(1);
	r = save();
	nf_fail_off();
	ck_assert_int_eq(r, NF_E_IO);
	ck_assert(nf_fail_hit());
	ck_assert_int_eq(save(), 0);
	(void)unlink(PATH);
}
END_TEST

/* The same seed gives the same failures, another one others. */
START_TEST(the_seed_decides)
{
	unsigned int hits[3] = { 0 };
	unsigned long last[3] = { 0 };
	struct nf_secret s;

	for (uint32_t i = 0; i < 3; i++) {
		nf_fail_random(i == 2 ? 8 : 7, 40);
		for (unsigned long k = 0; k < 4000; k++) {
			if (nf_secret_new(&s, 1) != 0) {
				hits[i]++;
				last[i] = k;
			}
			nf_secret_wipe(&s);
		}
		nf_fail_off();
	}
	ck_assert_uint_eq(hits[0], hits[1]);
	ck_assert_uint_eq(last[0], last[1]);
	ck_assert(hits[0] != hits[2] || last[0] != last[2]);
	ck_assert_uint_gt(hits[0], 50);
	ck_assert_uint_lt(hits[0], 200);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("fuzz/fail");
	TCase *tc = tcase_create("fail");

	tcase_add_test(tc, each_call_once);
	tcase_add_test(tc, all_from_there);
	tcase_add_test(tc, the_seed_decides);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
