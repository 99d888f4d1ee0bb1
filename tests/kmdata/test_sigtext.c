/* SPDX-License-Identifier: Apache-2.0 */
/* Signature texts: two real ones, ours, and what is refused. */
#include "config.h"

#include "nfast/kmdata/sigtext.h"
#include "tests/tap.h"

/* azcli_TestBYOK-NA.byok entries 305 and 310; s of the first has 39 digits. */
static const char gen_text[] =
    "DSA 9db5c1d94d2ec7b31636ef33c144103704843ed7 "
    "8f32ab43294cfb14d9904e21f4023708aeeca6f";
static const char state_text[] =
    "DSA 7ae02ec3138928dd0d635421c44847b5dbf79f5f "
    "3b0c768a9b96b0a0a3d2b48b5123c32fe7de2ca8";

static struct nf_diag diag;
static struct nf_km_sig sig;

static int
read_text(const char *text)
{
	nf_diag_clear(&diag);
	return nf_km_sig_read(nf_view_of(text, strlen(text)), &sig, &diag);
}

static void
refuse(const char *text, const char *field)
{
	static const struct nf_km_sig none;

	ck_assert_int_eq(read_text(text), NF_E_FORMAT);
	ck_assert_str_eq(diag.field, field);
	ck_assert_mem_eq(&sig, &none, sizeof(sig));
}

static void
assert_round_trip(const char *text)
{
	struct nf_buf buf = NF_BUF_INIT;

	ck_assert_int_eq(read_text(text), 0);
	nf_km_sig_write(&buf, &sig);
	ck_assert_str_eq(nf_buf_text(&buf), text);
	nf_buf_wipe(&buf);
}

/* "MECH 1000...0 1" with a first number of so many digits. */
static const char *
long_text(const char *mech, size_t digits)
{
	static char text[512];
	size_t at = (size_t)snprintf(text, sizeof(text), "%s ", mech);

	ck_assert_uint_lt(digits, 400);
	text[at++] = '1';
	memset(text + at, '0', digits - 1);
	memcpy(text + at + digits - 1, " 1", 3);
	return text;
}

START_TEST(real_texts)
{
	ck_assert_int_eq(read_text(gen_text), 0);
	ck_assert_uint_eq(sig.mech, 10);
	ck_assert_uint_eq(sig.r_len, 20);
	ck_assert_uint_eq(sig.r[0], 0xd7);
	ck_assert_uint_eq(sig.r[19], 0x9d);
	ck_assert_uint_eq(sig.s_len, 20);
	ck_assert_uint_eq(sig.s[0], 0x6f);
	ck_assert_uint_eq(sig.s[19], 0x08);
	assert_round_trip(gen_text);
	assert_round_trip(state_text);
}
END_TEST

START_TEST(our_texts)
{
	assert_round_trip("DSA 1 f");
	assert_round_trip("DSAhSHA256 10 abcdef");
	ck_assert_uint_eq(sig.mech, 170);
	assert_round_trip("ECDSAhSHA512 10000 123");
	ck_assert_uint_eq(sig.mech, 187);
	ck_assert_uint_eq(sig.r_len, 3);
	ck_assert_uint_eq(sig.s_len, 2);
}
END_TEST

START_TEST(max_numbers)
{
	assert_round_trip(long_text("DSA", 40));
	refuse(long_text("DSA", 41), "r");
	assert_round_trip(long_text("DSAhSHA256", 64));
	refuse(long_text("DSAhSHA256", 65), "r");
	assert_round_trip(long_text("ECDSAhSHA512", 132));
	refuse(long_text("ECDSAhSHA512", 133), "r");
	refuse(long_text("ECDSAhSHA512", 399), "r");
	refuse("DSA 1 1000000000000000000000000000000000000000f", "s");
}
END_TEST

START_TEST(unknown_mechanism)
{
	refuse("", "mechanism");
	refuse("DSA", "mechanism");
	refuse("dsa 1 2", "mechanism");
	refuse(" DSA 1 2", "mechanism");
	refuse("DSAhSHA1 1 2", "mechanism");
	refuse("DSA\t1 2", "mechanism");
	refuse("ECDSAhSHA512x 1 2", "mechanism");
}
END_TEST

START_TEST(no_number)
{
	refuse("DSA ", "r");
	refuse("DSA 1", "r");
	refuse("DSA 1 ", "s");
	refuse("DSA  1", "r");
}
END_TEST

START_TEST(duplicate_space)
{
	refuse("DSA  1 2", "r");
	refuse("DSA 1  2", "s");
}
END_TEST

START_TEST(trailing_bytes)
{
	refuse("DSA 1 2 ", "s");
	refuse("DSA 1 2\n", "s");
	refuse("DSA 1 2 3", "s");
	ck_assert_int_eq(nf_km_sig_read(nf_view_of("DSA 1 2", 8), &sig, NULL),
	    NF_E_FORMAT);
}
END_TEST

START_TEST(zero_number)
{
	refuse("DSA 0 2", "r");
	refuse("DSA 1 0", "s");
	refuse("DSA 01 2", "r");
	refuse("DSA 1 00ff", "s");
}
END_TEST

START_TEST(wrong_case)
{
	refuse("DSA AB 2", "r");
	refuse("DSA 1 1F", "s");
	refuse("DSA 1 0x1", "s");
	refuse("DSA 1g 1", "r");
}
END_TEST

START_TEST(short_text)
{
	/* A cut text is malformed or a different signature. */
	for (size_t n = 0; n < strlen(gen_text); n++) {
		int r = nf_km_sig_read(nf_view_of(gen_text, n), &sig, NULL);

		ck_assert_int_eq(r, n < 46 ? NF_E_FORMAT : 0);
	}
}
END_TEST

START_TEST(unwritable)
{
	struct nf_buf buf = NF_BUF_INIT;
	struct nf_km_sig bad;

	ck_assert_int_eq(read_text("DSA 12 34"), 0);
	bad = sig;
	bad.mech = 11;
	nf_km_sig_write(&buf, &bad);
	ck_assert_int_eq(nf_buf_err(&buf), NF_E_INTERNAL);
	nf_buf_wipe(&buf);
	bad = sig;
	bad.s[0] = 0;
	nf_km_sig_write(&buf, &bad);
	ck_assert_int_eq(nf_buf_err(&buf), NF_E_INTERNAL);
	nf_buf_wipe(&buf);
	bad = sig;
	bad.r_len = 21;
	bad.r[20] = 1;
	nf_km_sig_write(&buf, &bad);
	ck_assert_int_eq(nf_buf_err(&buf), NF_E_INTERNAL);
	nf_buf_wipe(&buf);
	bad = sig;
	bad.s_len = 20;		/* zero top bytes are dropped */
	nf_km_sig_write(&buf, &bad);
	ck_assert_str_eq(nf_buf_text(&buf), "DSA 12 34");
	nf_buf_wipe(&buf);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("kmdata/sigtext");
	TCase *tc = tcase_create("sigtext");

	tcase_add_test(tc, real_texts);
	tcase_add_test(tc, our_texts);
	tcase_add_test(tc, max_numbers);
	tcase_add_test(tc, unknown_mechanism);
	tcase_add_test(tc, no_number);
	tcase_add_test(tc, duplicate_space);
	tcase_add_test(tc, trailing_bytes);
	tcase_add_test(tc, zero_number);
	tcase_add_test(tc, wrong_case);
	tcase_add_test(tc, short_text);
	tcase_add_test(tc, unwritable);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
