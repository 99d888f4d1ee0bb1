/* SPDX-License-Identifier: Apache-2.0 */
/* Hex, times, names and flags. */
#include "config.h"

#include "tests/tap.h"

static const struct nf_name names[] = {
	{ 1, "One" }, { 2, "Two" }, { 4, "Four" }, { 0, NULL }
};

START_TEST(hex)
{
	struct nf_view v = nf_view_of("\x01\xab\xcd\xef\x23", 5);
	struct nf_buf buf = NF_BUF_INIT;

	nf_text_hex(&buf, v);
	nf_buf_str(&buf, " ");
	nf_text_hex_upper(&buf, v);
	nf_buf_str(&buf, " ");
	nf_text_hex_groups(&buf, v);
	nf_text_hex(&buf, nf_view_of(NULL, 0));
	ck_assert_str_eq(nf_buf_text(&buf),
	    "01abcdef23 01ABCDEF23 01abcdef 23");
	nf_buf_wipe(&buf);
}
END_TEST

START_TEST(hash)
{
	uint8_t h[20] = { 0x0f, 0xf0 };
	char text[41];

	h[19] = 0xa5;
	nf_text_hash(text, h);
	ck_assert_str_eq(text, "0ff00000000000000000000000000000"
	    "000000a5");
	ck_assert_uint_eq(strlen(text), 40);
}
END_TEST

START_TEST(unhex)
{
	uint8_t out[4];

	ck_assert(nf_text_unhex("00aBfF7e", 8, out, 4));
	ck_assert_int_eq(memcmp(out, "\x00\xab\xff\x7e", 4), 0);
	ck_assert(nf_text_unhex("", 0, out, 0));
	ck_assert(!nf_text_unhex("00aBfF7", 7, out, 4));
	ck_assert(!nf_text_unhex("00aBfF7", 7, out, 3));
	ck_assert(!nf_text_unhex("00aBfF7e", 8, out, 3));
	ck_assert(!nf_text_unhex("00aBfF7g", 8, out, 4));
	ck_assert(!nf_text_unhex("0x000000", 8, out, 4));
	ck_assert(!nf_text_unhex(" 0000000", 8, out, 4));
	ck_assert(!nf_text_unhex("-1000000", 8, out, 4));
}
END_TEST

static const struct {
	uint64_t seconds;
	const char *text;
} times[] = {
	{ 0, "1970-01-01T00:00:00Z" },
	{ 1477512302, "2016-10-26T20:05:02Z" },
	{ 4294967295, "2106-02-07T06:28:15Z" },
	{ 951782400, "2000-02-29T00:00:00Z" },
	{ 253402300799, "9999-12-31T23:59:59Z" },
	{ UINT64_MAX, "18446744073709551615 s" },
	{ INT64_MAX, "9223372036854775807 s" },
};

START_TEST(time_text)
{
	struct nf_buf buf = NF_BUF_INIT;

	nf_text_time(&buf, times[_i].seconds);
	ck_assert_str_eq(nf_buf_text(&buf), times[_i].text);
	nf_buf_wipe(&buf);
}
END_TEST

START_TEST(numbers_and_names)
{
	struct nf_buf buf = NF_BUF_INIT;
	uint32_t n = 0;

	ck_assert_str_eq(nf_name_find(names, 2), "Two");
	ck_assert_ptr_null(nf_name_find(names, 3));
	ck_assert(nf_name_number(names, "FOUR", &n));
	ck_assert_uint_eq(n, 4);
	ck_assert(!nf_name_number(names, "Fou", &n));
	ck_assert(!nf_name_number(names, "", &n));
	nf_name_print(&buf, names, 1);
	nf_name_print(&buf, names, 3);
	nf_name_print(&buf, names, UINT32_MAX);
	ck_assert_str_eq(nf_buf_text(&buf), "One#3#4294967295");
	nf_buf_wipe(&buf);
}
END_TEST

START_TEST(flags)
{
	static const struct {
		uint32_t flags;
		const char *text;
	} want[] = {
		{ 0, "none" }, { 1, "One" }, { 7, "One|Two|Four" },
		{ 8, "0x8" }, { 0x8000000c, "Four|0x80000008" },
	};
	struct nf_buf buf = NF_BUF_INIT;

	for (size_t i = 0; i < 5; i++) {
		nf_flags_print(&buf, names, want[i].flags);
		ck_assert_str_eq(nf_buf_text(&buf), want[i].text);
		nf_buf_wipe(&buf);
	}
}
END_TEST

/* The vectors of RFC 4648, and digits 62 and 63. */
START_TEST(base64)
{
	static const struct {
		const char *plain, *std, *url;
	} want[] = {
		{ "", "", "" }, { "f", "Zg==", "Zg" }, { "fo", "Zm8=", "Zm8" },
		{ "foo", "Zm9v", "Zm9v" }, { "foob", "Zm9vYg==", "Zm9vYg" },
		{ "fooba", "Zm9vYmE=", "Zm9vYmE" },
		{ "foobar", "Zm9vYmFy", "Zm9vYmFy" },
		{ "\xfb\xff", "+/8=", "-_8" },
	};
	struct nf_buf buf = NF_BUF_INIT;

	for (size_t i = 0; i < 8; i++) {
		struct nf_view v = nf_view_of(want[i].plain,
		    strlen(want[i].plain));
		struct nf_view std = nf_view_of(want[i].std,
		    strlen(want[i].std));
		struct nf_view url = nf_view_of(want[i].url,
		    strlen(want[i].url));

		nf_text_base64_write(&buf, v, NF_B64_STD | NF_B64_PAD);
		ck_assert_str_eq(nf_buf_text(&buf), want[i].std);
		nf_buf_wipe(&buf);
		nf_text_base64_write(&buf, v, NF_B64_URL | NF_B64_NOPAD);
		ck_assert_str_eq(nf_buf_text(&buf), want[i].url);
		nf_buf_wipe(&buf);
		ck_assert_int_eq(nf_text_base64_read(&buf, std, NF_B64_STD |
		    NF_B64_PAD, "b", NULL), 0);
		ck_assert_int_eq(nf_text_base64_read(&buf, url, NF_B64_URL |
		    NF_B64_NOPAD, "b", NULL), 0);
		ck_assert_int_eq(nf_text_base64_read(&buf, std, NF_B64_STD |
		    NF_B64_URL | NF_B64_PAD | NF_B64_NOPAD, "b", NULL), 0);
		ck_assert_uint_eq(buf.len, 3 * v.len);
		for (size_t j = 0; v.len != 0 && j < 3; j++)
			ck_assert_mem_eq(buf.p + j * v.len, v.p, v.len);
		nf_buf_wipe(&buf);
	}
}
END_TEST

START_TEST(base64_refuses)
{
	static const struct {
		const char *text;
		unsigned int form;
		const char *why;
	} bad[] = {
		{ "Zg", NF_B64_URL | NF_B64_PAD, "2 are due" },
		{ "Zg=", NF_B64_URL | NF_B64_PAD | NF_B64_NOPAD, "2 are due" },
		{ "Zg===", NF_B64_URL | NF_B64_PAD, "2 are due" },
		{ "Zm9v====", NF_B64_URL | NF_B64_PAD, "0 are due" },
		{ "Zg==", NF_B64_URL | NF_B64_NOPAD, "padding" },
		{ "=", NF_B64_URL | NF_B64_PAD | NF_B64_NOPAD, "0 are due" },
		{ "Z", NF_B64_URL | NF_B64_NOPAD, "no bytes" },
		{ "Zh", NF_B64_URL | NF_B64_NOPAD, "unused bits" },
		{ "Zm9", NF_B64_URL | NF_B64_NOPAD, "unused bits" },
		{ "Zm+v", NF_B64_URL | NF_B64_NOPAD, "plain base64" },
		{ "Zm/v", NF_B64_URL | NF_B64_NOPAD, "plain base64" },
		{ "Zm-v", NF_B64_STD | NF_B64_NOPAD, "base64url" },
		{ "Z+-v", NF_B64_STD | NF_B64_URL | NF_B64_NOPAD,
		    "plain base64" },
		{ "Zm v", NF_B64_URL | NF_B64_NOPAD, "character 2 (0x20)" },
		{ "Zm\nv", NF_B64_STD | NF_B64_NOPAD, "0x0a" },
		{ "Z=9v", NF_B64_URL | NF_B64_PAD, "only ends" },
		{ "Zm\xff" "v", NF_B64_URL | NF_B64_NOPAD, "0xff" },
	};
	struct nf_buf buf = NF_BUF_INIT;
	struct nf_diag diag = { 0 };

	nf_buf_str(&buf, "x");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		nf_diag_clear(&diag);
		ck_assert_int_eq(nf_text_base64_read(&buf,
		    nf_view_of(bad[i].text, strlen(bad[i].text)), bad[i].form,
		    "b", &diag), NF_E_FORMAT);
		ck_assert_str_eq(diag.field, "b");
		ck_assert_ptr_nonnull(strstr(diag.text, bad[i].why));
		ck_assert_uint_eq(buf.len, 1);
	}
	ck_assert_int_eq(nf_text_base64_read(&buf, nf_view_of("Zm\0v", 4),
	    NF_B64_URL | NF_B64_NOPAD, "b", NULL), NF_E_FORMAT);
	nf_buf_wipe(&buf);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("base/text");
	TCase *tc = tcase_create("text");

	tcase_add_test(tc, hex);
	tcase_add_test(tc, hash);
	tcase_add_test(tc, unhex);
	tcase_add_loop_test(tc, time_text, 0, 7);
	tcase_add_test(tc, numbers_and_names);
	tcase_add_test(tc, flags);
	tcase_add_test(tc, base64);
	tcase_add_test(tc, base64_refuses);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
