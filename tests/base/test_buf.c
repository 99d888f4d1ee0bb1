/* SPDX-License-Identifier: Apache-2.0 */
/* The builder: values, patched lengths, sticky errors, limits. */
#include "config.h"

#include "tests/tap.h"

static void
check_hex(struct nf_buf *buf, const char *want)
{
	struct nf_buf text = NF_BUF_INIT;

	ck_assert_int_eq(nf_buf_err(buf), 0);
	nf_text_hex(&text, nf_buf_view(buf));
	ck_assert_str_eq(nf_buf_text(&text), want);
	nf_buf_wipe(&text);
	nf_buf_wipe(buf);
}

START_TEST(integers)
{
	struct nf_buf buf = NF_BUF_INIT;

	nf_buf_u8(&buf, 0x01);
	nf_buf_u16(&buf, 0x0203);
	nf_buf_u32(&buf, 0x04050607);
	nf_buf_u64(&buf, 0x08090a0b0c0d0e0f);
	nf_buf_u32be(&buf, 0x10111213);
	check_hex(&buf, "010302070605040f0e0d0c0b0a090810111213");
}
END_TEST

START_TEST(bytes_and_text)
{
	struct nf_buf buf = NF_BUF_INIT;

	nf_buf_put(&buf, NULL, 0);
	nf_buf_view_put(&buf, nf_view_of("ab", 2));
	nf_buf_fill(&buf, 0xff, 2);
	nf_buf_fill(&buf, 0xff, 0);
	nf_buf_str(&buf, "cd");
	nf_buf_printf(&buf, "%d-%s", 7, "e");
	check_hex(&buf, "6162ffff6364372d65");
}
END_TEST

START_TEST(patched_lengths)
{
	struct nf_buf buf = NF_BUF_INIT;
	size_t outer, inner;

	nf_buf_u8(&buf, 9);
	outer = nf_buf_len_open(&buf);
	nf_buf_u8(&buf, 1);
	inner = nf_buf_len_open(&buf);
	nf_buf_fill(&buf, 0xee, 0x102);
	nf_buf_len_close(&buf, inner);
	nf_buf_len_close(&buf, outer);
	ck_assert_uint_eq(buf.len, 1 + 4 + 1 + 4 + 0x102);
	ck_assert_int_eq(memcmp(buf.p, "\x09\x07\x01\0\0\1\2\1\0\0", 10), 0);
	nf_buf_wipe(&buf);
}
END_TEST

/* Growth keeps the bytes; the text's NUL is not counted. */
START_TEST(growth)
{
	struct nf_buf buf = NF_BUF_INIT;

	for (unsigned int i = 0; i < 100000; i++)
		nf_buf_u8(&buf, (uint8_t)i);
	ck_assert_uint_eq(buf.len, 100000);
	for (unsigned int i = 0; i < 100000; i++)
		ck_assert_uint_eq(buf.p[i], i & 0xff);
	nf_buf_wipe(&buf);
	ck_assert_ptr_null(buf.p);
	nf_buf_str(&buf, "again");
	ck_assert_str_eq(nf_buf_text(&buf), "again");
	ck_assert_uint_eq(buf.len, 5);
	nf_buf_wipe(&buf);
	ck_assert_str_eq(nf_buf_text(&buf), "");
	nf_buf_wipe(&buf);
}
END_TEST

START_TEST(sticky_error)
{
	struct nf_buf buf = NF_BUF_INIT;

	nf_buf_str(&buf, "ab");
	nf_buf_fail(&buf, NF_E_FORMAT);
	nf_buf_fail(&buf, NF_E_NOMEM);
	nf_buf_u32(&buf, 1);
	nf_buf_printf(&buf, "%d", 1);
	nf_buf_len_close(&buf, nf_buf_len_open(&buf));
	ck_assert_int_eq(nf_buf_err(&buf), NF_E_FORMAT);
	ck_assert_uint_eq(nf_buf_view(&buf).len, 0);
	ck_assert_str_eq(nf_buf_text(&buf), "");
	nf_buf_wipe(&buf);
	ck_assert_int_eq(nf_buf_err(&buf), 0);
}
END_TEST

START_TEST(max_length)
{
	struct nf_buf buf = NF_BUF_INIT;

	nf_buf_u8(&buf, 1);
	nf_buf_fill(&buf, 0, NF_BUF_MAX);
	ck_assert_int_eq(nf_buf_err(&buf), NF_E_NOMEM);
	nf_buf_wipe(&buf);
	nf_buf_fill(&buf, 0, SIZE_MAX);
	ck_assert_int_eq(nf_buf_err(&buf), NF_E_NOMEM);
	nf_buf_wipe(&buf);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("base/buf");
	TCase *tc = tcase_create("buf");

	tcase_add_test(tc, integers);
	tcase_add_test(tc, bytes_and_text);
	tcase_add_test(tc, patched_lengths);
	tcase_add_test(tc, growth);
	tcase_add_test(tc, sticky_error);
	tcase_add_test(tc, max_length);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
