/* SPDX-License-Identifier: Apache-2.0 */
/* Ciphertexts, plaintexts, and the verification of signatures. */
#include "config.h"

#include <openssl/evp.h>

#include "nfast/base/curve.h"
#include "nfast/wire/cipher.h"
#include "nfast/wire/names.h"
#include "tests/wire/wire.h"

static int
cipher(struct nf_cur *cur)
{
	struct nf_cipher c;

	nf_wire_cipher_read(cur, &c);
	return nf_cur_end(cur, "object");
}

static int
plain(struct nf_cur *cur)
{
	struct nf_plain p;

	nf_wire_plain_read(cur, &p);
	return nf_cur_end(cur, "object");
}

static const char *const ciphers[] = {
	VEC_KCSIG,
	"0a000000" "0400000001000000" "0400000002000000",
	"bb000000" "080000000000000001000000" "0400000000000000",
	"3b000000" "0400000001000100",			/* PKCS #1 */
	"a1000000" "0400000001000100",			/* PSS */
	"02000000" "0400000001000100",
	"3d000000" "0400000001000100" "05000000" "6c6162656c000000",
	"2c000000" VEC_HKM,
	"5d000000" VEC_HKM "000000000000000000000000",
	"5e000000" VEC_HKM VEC_HKM "0000000000000000",
	"5f000000" VEC_HKM VEC_HKM VEC_HKM "00000000",
	"a7000000" VEC_HKM "0000000000000000",
	"49000000" "05000000" "0102030405000000"
	    "000102030405060708090a0b0c0d0e0f",
	"4a000000" "00000000",
	"b3000000" "05000000" "0102030405000000"
	    "000102030405060708090a0b0c0d0e0f" "0c000000"
	    "000102030405060708090a0b" "00000000" "10000000",
};
#define N_CIPHERS	(sizeof(ciphers) / sizeof(ciphers[0]))

START_TEST(round_trip)
{
	struct nf_buf wire, out = NF_BUF_INIT;
	struct nf_cipher c;
	struct nf_cur cur = wire_open(ciphers[_i], &wire);

	nf_wire_cipher_read(&cur, &c);
	ck_assert_int_eq(nf_cur_end(&cur, "object"), 0);
	nf_wire_cipher_write(&out, &c);
	wire_written(&out, ciphers[_i]);
	wire_check_lengths(cipher, &wire);
	nf_buf_wipe(&wire);
}
END_TEST

START_TEST(unknown_mech)
{
	struct nf_cipher c = { .mech = 999 };
	struct nf_buf wire, out = NF_BUF_INIT;

	nf_tap_unhex(ciphers[1], &wire);
	wire_check_word(cipher, &wire, 0, 0, "mech");
	wire_check_word(cipher, &wire, 0, 225, "mech");
	wire_check_word(cipher, &wire, 0, 999, "mech");
	nf_wire_cipher_write(&out, &c);
	ck_assert_int_eq(nf_buf_err(&out), NF_E_INTERNAL);
	ck_assert_ptr_null(nf_wire_sigmech(999));
	ck_assert_ptr_null(nf_wire_sigmech(NF_MECH_SHA1HASH));
	nf_buf_wipe(&wire);
	nf_buf_wipe(&out);
}
END_TEST

START_TEST(wrong_gcm)
{
	struct nf_buf wire;

	nf_tap_unhex(ciphers[14], &wire);
	wire_check_word(cipher, &wire, wire.len - 4, 12, "taglen");
	wire_check_word(cipher, &wire, wire.len - 8, NF_PLAIN_MAX + 1,
	    "header");
	nf_buf_wipe(&wire);
}
END_TEST

static const char *const plains[] = {
	"01000000" "03000000" "61626300",
	"01000000" "00000000",
	"02000000" VEC_HKM,
	"03000000" "0400000001000100",
	"0a000000" VEC_HKM "0000000000000000",
	"07000000" VEC_HKM "000000000000000000000000",
	"08000000" VEC_HKM VEC_HKM "0000000000000000",
	"09000000" VEC_HKM VEC_HKM VEC_HKM "00000000",
};
#define N_PLAINS	(sizeof(plains) / sizeof(plains[0]))

START_TEST(plain_round_trip)
{
	struct nf_buf wire, out = NF_BUF_INIT;
	struct nf_plain p;
	struct nf_cur cur = wire_open(plains[_i], &wire);

	nf_wire_plain_read(&cur, &p);
	ck_assert_int_eq(nf_cur_end(&cur, "object"), 0);
	nf_wire_plain_write(&out, &p);
	wire_written(&out, plains[_i]);
	wire_check_lengths(plain, &wire);
	nf_buf_wipe(&wire);
}
END_TEST

START_TEST(unknown_plaintype)
{
	struct nf_plain p = { NF_PLAIN_HASH, { NULL, 0 } };
	struct nf_buf wire, out = NF_BUF_INIT;

	nf_tap_unhex(plains[0], &wire);
	wire_check_word(plain, &wire, 0, 0, "plaintype");
	wire_check_word(plain, &wire, 0, 99, "plaintype");
	nf_wire_plain_write(&out, &p);	/* a hash of the wrong length */
	ck_assert_int_eq(nf_buf_err(&out), NF_E_INTERNAL);
	nf_buf_wipe(&wire);
	nf_buf_wipe(&out);
}
END_TEST

START_TEST(certificate_mechs)
{
	struct nf_buf dsa[4];
	struct nf_keydata key = wire_dsa_key(dsa);

	ck_assert_uint_eq(nf_wire_cert_mech(&key), NF_MECH_DSA);
	key.v[NF_DSA_P].len = 64;
	ck_assert_uint_eq(nf_wire_cert_mech(&key), 0);
	key = (struct nf_keydata){ .type = NF_KEY_ECDSAPUBLIC,
	    .curve = NF_EC_P521 };
	ck_assert_uint_eq(nf_wire_cert_mech(&key), NF_MECH_ECDSAHSHA512);
	key.curve = NF_EC_P256;
	ck_assert_uint_eq(nf_wire_cert_mech(&key), 0);
	key.type = NF_KEY_RSAPUBLIC;
	ck_assert_uint_eq(nf_wire_cert_mech(&key), 0);
	for (size_t i = 0; i < 4; i++)
		nf_buf_wipe(&dsa[i]);
}
END_TEST

/* The RFC 6979 signature with some parts replaced. */
static int
verify(uint32_t mech, const char *msg, const char *r, const char *s,
    uint32_t sig_mech, struct nf_diag *diag)
{
	struct nf_buf dsa[4], br, bs;
	struct nf_keydata key = wire_dsa_key(dsa);
	struct nf_cipher sig = { .mech = sig_mech };
	EVP_PKEY *pkey = NULL;
	int rc;

	sig.v[0] = wire_number(r, &br);
	sig.v[1] = wire_number(s, &bs);
	ck_assert_int_eq(nf_wire_keydata_pkey(&key, &pkey, NULL), 0);
	rc = nf_wire_sig_verify(&key, pkey, mech, nf_view_of(msg,
	    strlen(msg)), &sig, diag);
	EVP_PKEY_free(pkey);
	for (size_t i = 0; i < 4; i++)
		nf_buf_wipe(&dsa[i]);
	nf_buf_wipe(&br);
	nf_buf_wipe(&bs);
	return rc;
}

START_TEST(rfc6979_dsa)
{
	ck_assert_int_eq(verify(10, "sample", VEC_DSA_R, VEC_DSA_S, 10,
	    NULL), 0);
	/* padding of the wire form */
	ck_assert_int_eq(verify(10, "sample", "00000000" VEC_DSA_R,
	    "00" VEC_DSA_S, 10, NULL), 0);
	ck_assert_int_eq(verify(10, "test", VEC_DSA_R, VEC_DSA_S, 10, NULL),
	    NF_E_VERIFY);
	ck_assert_int_eq(verify(10, "test",
	    "42ab2052fd43e123f0607f115052a67dcd9c5c77",
	    "183916b0230d45b9931491d4c6b0bd2fb4aaf088", 10, NULL), 0);
}
END_TEST

/* A hash longer than q: its leftmost bits count. */
START_TEST(rfc6979_dsa_sha256)
{
	ck_assert_int_eq(verify(170, "sample",
	    "81f2f5850be5bc123c43f71a3033e9384611c545",
	    "4cdd914b65eb6c66a8aaad27299bee6b035f5e89", 170, NULL), 0);
}
END_TEST

START_TEST(zero_numbers)
{
	struct nf_diag diag = { 0 };

	ck_assert_int_eq(verify(10, "sample", "00000000", VEC_DSA_S, 10,
	    &diag), NF_E_VERIFY);
	ck_assert_int_eq(diag.code, NF_E_VERIFY);
	ck_assert_int_eq(verify(10, "sample", VEC_DSA_R, "00000000", 10,
	    NULL), NF_E_VERIFY);
	ck_assert_int_eq(verify(10, "sample", "", "", 10, NULL),
	    NF_E_VERIFY);
}
END_TEST

/* r + q and s + q would verify where r and s do. */
START_TEST(max_numbers)
{
	ck_assert_int_eq(verify(10, "sample", VEC_DSA_Q, VEC_DSA_S, 10,
	    NULL), NF_E_VERIFY);
	ck_assert_int_eq(verify(10, "sample", VEC_DSA_R, VEC_DSA_Q, 10,
	    NULL), NF_E_VERIFY);
	ck_assert_int_eq(verify(10, "sample",
	    "c789a2a4cf40c9ba492161a51b6efc958fdc7306", VEC_DSA_S, 10,
	    NULL), NF_E_VERIFY);
	ck_assert_int_eq(verify(10, "sample", VEC_DSA_R,
	    "c35f4d301c8110342cdfdcc13361dce933ff26a6", 10, NULL),
	    NF_E_VERIFY);
	ck_assert_int_eq(verify(10, "sample", VEC_DSA_P, VEC_DSA_P, 10,
	    NULL), NF_E_VERIFY);
}
END_TEST

START_TEST(wrong_mech)
{
	struct nf_diag diag = { 0 };

	ck_assert_int_eq(verify(10, "sample", VEC_DSA_R, VEC_DSA_S, 170,
	    &diag), NF_E_VERIFY);
	ck_assert_str_eq(diag.field, "mech");
	nf_diag_clear(&diag);
	/* a mechanism that does not fit the key, or is none */
	ck_assert_int_eq(verify(187, "sample", VEC_DSA_R, VEC_DSA_S, 187,
	    &diag), NF_E_VERIFY);
	ck_assert_str_eq(diag.field, "mech");
	ck_assert_int_eq(verify(59, "sample", VEC_DSA_R, VEC_DSA_S, 59,
	    NULL), NF_E_VERIFY);
	ck_assert_int_eq(verify(999, "sample", VEC_DSA_R, VEC_DSA_S, 999,
	    NULL), NF_E_VERIFY);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("wire/cipher");
	TCase *tc = tcase_create("cipher");

	tcase_add_loop_test(tc, round_trip, 0, (int)N_CIPHERS);
	tcase_add_test(tc, unknown_mech);
	tcase_add_test(tc, wrong_gcm);
	tcase_add_loop_test(tc, plain_round_trip, 0, (int)N_PLAINS);
	tcase_add_test(tc, unknown_plaintype);
	tcase_add_test(tc, certificate_mechs);
	tcase_add_test(tc, rfc6979_dsa);
	tcase_add_test(tc, rfc6979_dsa_sha256);
	tcase_add_test(tc, zero_numbers);
	tcase_add_test(tc, max_numbers);
	tcase_add_test(tc, wrong_mech);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
