/* SPDX-License-Identifier: Apache-2.0 */
/* The nchex container: the vector, both ways, and single mutations. */
#include "config.h"

#include "tests/tap.h"
#include "verify/nchex.h"

#define L1 " 6E436970 6865722D 6865782D 43657274 69666963 61746500 " \
	"00000004 01020304\n"
#define L2 " 12DADA1F FF4D4787 ADE33331 47202C3B 443E376F 00000000 " \
	"00000000 00000000\n"
#define VECTOR	"a comment\n\n" L1 L2

static struct nf_diag diag;

static int
read_text(const char *text, const char *type, struct nf_buf *out)
{
	nf_diag_clear(&diag);
	nf_buf_init(out);
	return nf_nchex_read(nf_view_of(text, strlen(text)), type, out,
	    &diag);
}

static void
refused(const char *text, int code, const char *field)
{
	struct nf_buf out;

	ck_assert_int_eq(read_text(text, NF_NCHEX_CERTIFICATE, &out), code);
	ck_assert_str_eq(diag.field, field);
	ck_assert_uint_eq(out.len, 0);
	nf_buf_wipe(&out);
}

START_TEST(vector)
{
	struct nf_buf out, text = NF_BUF_INIT;
	char type[12];

	ck_assert(nf_nchex_is(nf_view_of(VECTOR, strlen(VECTOR))));
	ck_assert_int_eq(read_text(VECTOR, NF_NCHEX_CERTIFICATE, &out), 0);
	ck_assert(nf_view_is(nf_buf_view(&out), "\1\2\3\4"));
	nf_nchex_write(&text, "a comment", NF_NCHEX_CERTIFICATE,
	    nf_buf_view(&out));
	ck_assert_str_eq(nf_buf_text(&text), VECTOR);
	nf_nchex_type(nf_buf_view(&text), type);
	ck_assert_str_eq(type, NF_NCHEX_CERTIFICATE);
	nf_buf_wipe(&out);
	nf_buf_wipe(&text);
}
END_TEST

START_TEST(forms)
{
	static const char *const good[] = {
		L1 L2,
		"two\nlines;\n\n" L1 L2,
		"x\n\n" L1 L2 "\n",
		"x\n\n 6E436970 6865722D 6865782D 43657274 69666963 61746500 "
		"00000004 01020304\n 12DADA1F FF4D4787 ADE33331 47202C3B "
		"443E376F 00000000 00000000 00000000"
	};
	struct nf_buf out;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		ck_assert_int_eq(read_text(good[i], NULL, &out), 0);
		ck_assert_uint_eq(out.len, 4);
		nf_buf_wipe(&out);
	}
}
END_TEST

/* Every size of data, also those whose hash ends a line. */
START_TEST(sizes)
{
	struct nf_buf data = NF_BUF_INIT, text = NF_BUF_INIT, out;

	for (size_t n = 0; n <= 70; n++) {
		nf_nchex_write(&text, "c", NF_NCHEX_WARRANT,
		    nf_buf_view(&data));
		ck_assert_int_eq(read_text(nf_buf_text(&text),
		    NF_NCHEX_WARRANT, &out), 0);
		ck_assert(nf_view_equal(nf_buf_view(&out),
		    nf_buf_view(&data)));
		nf_buf_wipe(&out);
		nf_buf_wipe(&text);
		nf_buf_u8(&data, (uint8_t)n);
	}
	nf_nchex_write(&text, "c", "ALongerType1", nf_buf_view(&data));
	ck_assert_int_eq(nf_buf_err(&text), NF_E_INTERNAL);
	nf_buf_wipe(&text);
	nf_buf_wipe(&data);
}
END_TEST

START_TEST(wrong_type)
{
	struct nf_buf out;

	ck_assert_int_eq(read_text(VECTOR, NF_NCHEX_WARRANT, &out),
	    NF_E_MISMATCH);
	ck_assert_str_eq(diag.field, "type");
	nf_buf_wipe(&out);
}
END_TEST

START_TEST(no_container)
{
	refused("", NF_E_FORMAT, "lines");
	refused("a comment\n\n", NF_E_FORMAT, "lines");
	refused("a comment\n" L1 L2, NF_E_FORMAT, "lines");
	refused("x\n\n" L2, NF_E_FORMAT, "lines");
}
END_TEST

START_TEST(junk_lines)
{
	refused("x\n\n" L1 L2 "more\n", NF_E_FORMAT, "lines");
	refused("x\n\n" L1 "\n" L2, NF_E_FORMAT, "lines");
	refused("x\r\n\r\n" L1 L2, NF_E_FORMAT, "lines");
	refused("x\n\n" L1 " 12DADA1F\n", NF_E_FORMAT, "lines");
	refused("x\n\n" L1 L2 L2, NF_E_FORMAT, "padding");
}
END_TEST

/* One changed character anywhere in the hex is found. */
START_TEST(junk_digit)
{
	static const char alternatives[] = "0Fa \n";
	char text[] = VECTOR;
	size_t start = strlen("a comment\n\n");
	struct nf_buf out;

	for (size_t i = start; i < strlen(VECTOR) - 1; i++) {
		for (const char *c = alternatives; *c != '\0'; c++) {
			if (VECTOR[i] == *c)
				continue;
			text[i] = *c;
			ck_assert_int_ne(read_text(text,
			    NF_NCHEX_CERTIFICATE, &out), 0);
			nf_buf_wipe(&out);
		}
		text[i] = VECTOR[i];
	}
	for (size_t n = 0; n < strlen(VECTOR) - 1; n++) {
		nf_buf_init(&out);
		ck_assert_int_ne(nf_nchex_read(nf_view_of(VECTOR, n), NULL,
		    &out, NULL), 0);
		nf_buf_wipe(&out);
	}
}
END_TEST

START_TEST(wrong_hash)
{
	refused("x\n\n 6E436970 6865722D 6865782D 43657274 69666963 61746500 "
	    "00000004 01020305\n" L2, NF_E_MISMATCH, "SHA-1");
}
END_TEST

START_TEST(max_length)
{
	refused("x\n\n 6E436970 6865722D 6865782D 43657274 69666963 61746500 "
	    "FFFFFFFF 01020304\n" L2, NF_E_FORMAT, "length");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("verify/nchex");
	TCase *tc = tcase_create("container");

	tcase_add_test(tc, vector);
	tcase_add_test(tc, forms);
	tcase_add_test(tc, sizes);
	tcase_add_test(tc, wrong_type);
	tcase_add_test(tc, no_container);
	tcase_add_test(tc, junk_lines);
	tcase_add_test(tc, junk_digit);
	tcase_add_test(tc, wrong_hash);
	tcase_add_test(tc, max_length);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
