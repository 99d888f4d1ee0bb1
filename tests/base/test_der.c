/* SPDX-License-Identifier: Apache-2.0 */
/* DER: one way to write a value, and no other is read. */
#include "config.h"

#include "nfast/base/der.h"
#include "tests/tap.h"

static struct nf_diag d;

static const struct {
	const char *bytes;
	size_t len, contents;
} good[] = {
	{ "\x30\x00", 2, 0 },
	{ "\x30\x01\x05", 3, 1 },
	{ "\x30\x7f", 2 + 0x7f, 0x7f },
	{ "\x30\x81\x80", 3 + 0x80, 0x80 },
	{ "\x30\x81\xff", 3 + 0xff, 0xff },
	{ "\x30\x82\x01\x00", 4 + 0x100, 0x100 },
	{ "\x30\x82\xff\xff", 4 + 0xffff, 0xffff }
};

static uint8_t room[70000];

START_TEST(element_and_head)
{
	size_t head = good[_i].len - good[_i].contents;
	struct nf_buf out = NF_BUF_INIT;
	struct nf_cur cur;
	struct nf_view v;

	memset(room, 7, sizeof(room));
	memcpy(room, good[_i].bytes, head);
	nf_cur_init(&cur, room, good[_i].len, &d);
	v = nf_der_element(&cur, NF_DER_SEQUENCE, "x");
	ck_assert_int_eq(nf_cur_end(&cur, "x"), 0);
	ck_assert_uint_eq(v.len, good[_i].contents);
	nf_der_put(&out, NF_DER_SEQUENCE, v);
	ck_assert_int_eq(nf_buf_err(&out), 0);
	ck_assert_uint_eq(out.len, good[_i].len);
	ck_assert_mem_eq(out.p, room, out.len);
	nf_buf_wipe(&out);
}
END_TEST

static const struct {
	const char *bytes;
	size_t given, len;	/* the rest is zeros */
	const char *text;
} bad[] = {
	{ "", 0, 0, "" },
	{ "\x30", 1, 1, "" },
	{ "\x31\x00", 2, 2, "tag 0x31, not 0x30" },
	{ "\x30\x80\x00\x00", 4, 4, "shortest" },
	{ "\x30\x81\x7f", 3, 3 + 0x7f, "shortest" },
	{ "\x30\x82\x00\xff", 4, 4 + 0xff, "shortest" },
	{ "\x30\x83\x01\x00\x00", 5, 5 + 0x10000, "too long" },
	{ "\x30\xff", 2, 2 + 0xff, "too long" },
	{ "\x30\x81", 2, 2, "" },
	{ "\x30\x82\x01", 3, 3, "" },
	{ "\x30\x02\x00", 3, 3, "" }
};

START_TEST(element_refused)
{
	struct nf_cur cur;

	memset(room, 0, sizeof(room));
	memcpy(room, bad[_i].bytes, bad[_i].given);
	nf_diag_clear(&d);
	nf_cur_init(&cur, room, bad[_i].len, &d);
	ck_assert_uint_eq(nf_der_element(&cur, NF_DER_SEQUENCE, "x").len, 0);
	ck_assert_int_eq(nf_cur_err(&cur), NF_E_FORMAT);
	ck_assert_str_eq(d.field, "x");
	ck_assert_ptr_nonnull(strstr(d.text, bad[_i].text));
}
END_TEST

static const struct {
	const char *bytes;
	size_t len;
	const char *le;		/* NULL: refused */
	size_t le_len;
} numbers[] = {
	{ "\x02\x01\x01", 3, "\x01", 1 },
	{ "\x02\x01\x7f", 3, "\x7f", 1 },
	{ "\x02\x02\x00\x80", 4, "\x80", 1 },
	{ "\x02\x03\x01\x00\x02", 5, "\x02\x00\x01", 3 },
	{ "\x02\x00", 2, NULL, 0 },
	{ "\x02\x01\x00", 3, NULL, 0 },
	{ "\x02\x01\x80", 3, NULL, 0 },
	{ "\x02\x02\x00\x7f", 4, NULL, 0 },
	{ "\x02\x02\x00\x00", 4, NULL, 0 },
	{ "\x04\x01\x01", 3, NULL, 0 }
};

START_TEST(number)
{
	const size_t len = numbers[_i].le_len;
	struct nf_buf out = NF_BUF_INIT;
	struct nf_cur cur;
	struct nf_view v;

	nf_cur_init(&cur, numbers[_i].bytes, numbers[_i].len, NULL);
	v = nf_der_number(&cur, "x");
	ck_assert_int_eq(nf_cur_end(&cur, "x"), numbers[_i].le == NULL ?
	    NF_E_FORMAT : 0);
	ck_assert_uint_eq(v.len, len);
	if (numbers[_i].le == NULL)
		return;
	for (size_t i = 0; i < len; i++)
		ck_assert_int_eq(v.p[i], (uint8_t)numbers[_i].le[len - 1 - i]);
	nf_der_put_number(&out, nf_view_of(numbers[_i].le, len));
	ck_assert_uint_eq(out.len, numbers[_i].len);
	ck_assert_mem_eq(out.p, numbers[_i].bytes, out.len);
	nf_buf_wipe(&out);
}
END_TEST

START_TEST(numbers_with_zeros)
{
	struct nf_buf out = NF_BUF_INIT;

	nf_der_put_number(&out, nf_view_of("\x05\x00\x00", 3));
	nf_der_put_number(&out, nf_view_of(NULL, 0));
	ck_assert_uint_eq(out.len, 6);
	ck_assert_mem_eq(out.p, "\x02\x01\x05\x02\x01\x00", 6);
	nf_buf_wipe(&out);
}
END_TEST

START_TEST(max_head)
{
	struct nf_buf out = NF_BUF_INIT;

	nf_der_head(&out, NF_DER_OCTETS, 0xffff);
	ck_assert_int_eq(nf_buf_err(&out), 0);
	nf_der_head(&out, NF_DER_OCTETS, 0x10000);
	ck_assert_int_eq(nf_buf_err(&out), NF_E_INTERNAL);
	nf_buf_wipe(&out);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("base/der");
	TCase *tc = tcase_create("all");

	tcase_add_loop_test(tc, element_and_head, 0,
	    sizeof(good) / sizeof(good[0]));
	tcase_add_loop_test(tc, element_refused, 0,
	    sizeof(bad) / sizeof(bad[0]));
	tcase_add_loop_test(tc, number, 0,
	    sizeof(numbers) / sizeof(numbers[0]));
	tcase_add_test(tc, numbers_with_zeros);
	tcase_add_test(tc, max_head);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
