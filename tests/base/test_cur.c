/* SPDX-License-Identifier: Apache-2.0 */
/* The bounded reader: sticky errors, limits, offsets. */
#include "config.h"

#include "nfast/base/cur.h"
#include "tests/tap.h"

static const uint8_t bytes[] = { 1, 2, 3, 4, 5, 0, 0, 0 };

START_TEST(integers)
{
	struct nf_cur cur;

	nf_cur_init(&cur, bytes, sizeof(bytes), NULL);
	ck_assert_uint_eq(nf_cur_u16(&cur, "a"), 0x0201);
	ck_assert_uint_eq(nf_cur_u8(&cur, "b"), 3);
	ck_assert_uint_eq(nf_cur_u8(&cur, "c"), 4);
	ck_assert_uint_eq(nf_cur_u32(&cur, "d"), 5);
	ck_assert_int_eq(nf_cur_end(&cur, "object"), 0);
	nf_cur_init(&cur, bytes, sizeof(bytes), NULL);
	ck_assert_uint_eq(nf_cur_u64(&cur, "e"), 0x0504030201ULL);
	nf_cur_init(&cur, bytes, sizeof(bytes), NULL);
	ck_assert_uint_eq(nf_cur_u32be(&cur, "f"), 0x01020304);
}
END_TEST

/* Nothing is added to a null pointer: a fuzzer's finding. */
START_TEST(null_is_empty)
{
	struct nf_cur cur, sub;
	struct nf_view v;

	nf_cur_init(&cur, NULL, 0, NULL);
	v = nf_cur_bytes(&cur, "a", 0);
	ck_assert_ptr_nonnull(v.p);
	ck_assert_uint_eq(v.len, 0);
	nf_cur_sub(&sub, &cur, v);
	ck_assert_int_eq(nf_cur_end(&sub, "object"), 0);
	ck_assert_int_eq(nf_cur_end(&cur, "object"), 0);
}
END_TEST

START_TEST(short_u32)
{
	struct nf_diag diag = { 0 };
	struct nf_cur cur;

	nf_cur_init(&cur, bytes, 3, &diag);
	ck_assert_uint_eq(nf_cur_u32(&cur, "word"), 0);
	ck_assert_int_eq(nf_cur_err(&cur), NF_E_FORMAT);
	ck_assert_uint_eq(nf_cur_u8(&cur, "later"), 0);
	ck_assert_str_eq(diag.field, "word");
	ck_assert_uint_eq(diag.offset, 0);
	ck_assert_uint_eq(nf_cur_left(&cur), 0);
}
END_TEST

START_TEST(max_count)
{
	struct nf_diag diag = { 0 };
	struct nf_cur cur;

	nf_cur_init(&cur, bytes + 4, 4, &diag);
	ck_assert_uint_eq(nf_cur_count(&cur, "n", 1, 100), 0);
	ck_assert_int_eq(nf_cur_err(&cur), NF_E_FORMAT);
	nf_cur_init(&cur, bytes + 4, 4, NULL);
	ck_assert_uint_eq(nf_cur_count(&cur, "n", 0, 4), 0);
	ck_assert_int_eq(nf_cur_err(&cur), NF_E_FORMAT);
	nf_cur_init(&cur, bytes + 4, 4, NULL);
	ck_assert_uint_eq(nf_cur_count(&cur, "n", 0, 5), 5);
}
END_TEST

START_TEST(trailing_bytes)
{
	struct nf_diag diag = { 0 };
	struct nf_cur cur;

	nf_cur_init(&cur, bytes, sizeof(bytes), &diag);
	(void)nf_cur_u32(&cur, "word");
	ck_assert_int_eq(nf_cur_end(&cur, "object"), NF_E_FORMAT);
	ck_assert_str_eq(diag.field, "object");
	ck_assert_uint_eq(diag.offset, 4);
}
END_TEST

START_TEST(nested_offsets)
{
	struct nf_diag diag = { 0 };
	struct nf_cur outer, inner;
	struct nf_view v;

	nf_cur_init(&outer, bytes, sizeof(bytes), &diag);
	(void)nf_cur_u16(&outer, "head");
	v = nf_cur_bytes(&outer, "body", 3);
	nf_cur_sub(&inner, &outer, v);
	(void)nf_cur_u8(&inner, "x");
	(void)nf_cur_u32(&inner, "y");
	ck_assert_int_eq(nf_cur_err(&inner), NF_E_FORMAT);
	ck_assert_uint_eq(diag.offset, 3);
	ck_assert_str_eq(diag.field, "y");
}
END_TEST

START_TEST(junk_padding)
{
	struct nf_cur cur;

	nf_cur_init(&cur, bytes + 4, 4, NULL);
	nf_cur_zeros(&cur, "pad", 4);
	ck_assert_int_eq(nf_cur_err(&cur), NF_E_FORMAT);
	nf_cur_init(&cur, bytes + 5, 3, NULL);
	nf_cur_zeros(&cur, "pad", 3);
	ck_assert_int_eq(nf_cur_end(&cur, "pad"), 0);
}
END_TEST

START_TEST(wrong_constant)
{
	struct nf_diag diag = { 0 };
	struct nf_cur cur;

	nf_cur_init(&cur, bytes, sizeof(bytes), &diag);
	nf_cur_expect(&cur, "magic", "\1\2", 2);
	nf_cur_expect(&cur, "version", "\1\2", 2);
	ck_assert_int_eq(nf_cur_err(&cur), NF_E_FORMAT);
	ck_assert_str_eq(diag.field, "version");
	ck_assert_uint_eq(diag.offset, 2);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("base/cur");
	TCase *tc = tcase_create("cur");

	tcase_add_test(tc, integers);
	tcase_add_test(tc, null_is_empty);
	tcase_add_test(tc, short_u32);
	tcase_add_test(tc, max_count);
	tcase_add_test(tc, trailing_bytes);
	tcase_add_test(tc, nested_offsets);
	tcase_add_test(tc, junk_padding);
	tcase_add_test(tc, wrong_constant);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
