/* SPDX-License-Identifier: Apache-2.0 */
/* The reader of PKCS#8 against DER that is a little wrong. */
#include "config.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "nfast/base/curve.h"
#include "nfast/module/internal.h"
#include "tests/fuzz/fail.h"
#include "tests/pkcs8.h"

static struct nf_diag diag;
static struct nf_buf rsa, ec;		/* sound ones, of libcrypto */

static void
make(void)
{
	EVP_PKEY *rsa_key = EVP_RSA_gen(2048), *ec_key = EVP_EC_gen("P-256");

	pkcs8_of(rsa_key, &rsa);
	pkcs8_of(ec_key, &ec);
	EVP_PKEY_free(rsa_key);
	EVP_PKEY_free(ec_key);
}

static void
drop(void)
{
	nf_buf_wipe(&rsa);
	nf_buf_wipe(&ec);
}

/* Read; what is read is written as the same bytes. */
static int
read_der(struct nf_view der, bool same)
{
	struct nf_buf own = NF_BUF_INIT, pubbytes = NF_BUF_INIT;
	struct nf_buf again = NF_BUF_INIT;
	struct nf_keydata key, pub;
	int r;

	nf_diag_clear(&diag);
	if ((r = nf_mod_pkcs8_read(der, &own, &key, &diag)) == 0 && same) {
		ck_assert_int_eq(nf_mod_public_of(&key, &pubbytes, &pub,
		    NULL), 0);
		ck_assert_int_eq(nf_mod_pkcs8_write(&key, &pub, &again,
		    &diag), 0);
		ck_assert(nf_view_equal(nf_buf_view(&again), der));
	}
	ck_assert_int_eq(diag.code, r);
	nf_buf_wipe(&own);
	nf_buf_wipe(&pubbytes);
	nf_buf_wipe(&again);
	return r;
}

#define REFUSED(der, name) do { \
	ck_assert_int_eq(read_der((der), false), NF_E_FORMAT); \
	ck_assert_str_eq(diag.field, (name)); \
} while (0)

START_TEST(good)
{
	/* Of RSA, another d may be right as well. */
	ck_assert_int_eq(read_der(nf_buf_view(&rsa), false), 0);
	ck_assert_int_eq(read_der(nf_buf_view(&ec), true), 0);
}
END_TEST

/* Each call that can fail once: refused in order, and no number is lost, as
 * a prime was. */
START_TEST(failing_calls)
{
	struct nf_view v = nf_buf_view(&rsa);
	struct nf_buf own = NF_BUF_INIT;
	struct nf_keydata kd;
	unsigned long n;
	int r;

	for (n = 1;; n++) {
		nf_diag_clear(&diag);
		nf_fail_nth(n);
		r = nf_mod_pkcs8_read(v, &own, &kd, &diag);
		nf_fail_off();
		nf_buf_wipe(&own);
		if (!nf_fail_hit())
			break;
		ck_assert_msg(r == NF_E_NOMEM || r == NF_E_CRYPTO,
		    "%s: %d", nf_fail_name(), r);
	}
	ck_assert_int_eq(r, 0);
	ck_assert_uint_gt(n, 10);
}
END_TEST

START_TEST(round_trip)
{
	const struct nf_genparams p[] = {
		{ .type = NF_KEY_RSAPRIVATE, .len = 2048 },
		{ .type = NF_KEY_ECDSAPRIVATE, .curve = NF_EC_P521 },
		{ .type = NF_KEY_ECDSAPRIVATE, .curve = NF_EC_SECP256K1 },
	};
	struct nf_buf bytes = NF_BUF_INIT, der = NF_BUF_INIT;
	struct nf_secret data;
	struct nf_keydata kd, pub;

	ck_assert_int_eq(nf_mod_generate(&p[_i], &data, &kd, NULL), 0);
	ck_assert_int_eq(nf_mod_public_of(&kd, &bytes, &pub, NULL), 0);
	ck_assert_int_eq(nf_mod_pkcs8_write(&kd, &pub, &der, NULL), 0);
	ck_assert_int_eq(read_der(nf_buf_view(&der), true), 0);
	nf_secret_wipe(&data);
	nf_buf_wipe(&bytes);
	nf_buf_wipe(&der);
}
END_TEST

START_TEST(short_der)
{
	for (size_t n = 0; n < rsa.len; n++)
		ck_assert_int_eq(read_der(nf_view_of(rsa.p, n), false),
		    NF_E_FORMAT);
	for (size_t n = 0; n < ec.len; n++)
		ck_assert_int_eq(read_der(nf_view_of(ec.p, n), false),
		    NF_E_FORMAT);
}
END_TEST

START_TEST(trailing_der)
{
	nf_buf_u8(&rsa, 1);
	REFUSED(nf_buf_view(&rsa), "PrivateKeyInfo");
}
END_TEST

/* As SoftHSM 2.6 fills keys before it wraps them. */
START_TEST(zero_fill)
{
	ck_assert_uint_ne(ec.len % 8, 0);
	nf_buf_fill(&ec, 0, 8 - ec.len % 8);
	ck_assert_int_eq(read_der(nf_buf_view(&ec), false), 0);
	ec.p[ec.len - 1] = 1;
	REFUSED(nf_buf_view(&ec), "PrivateKeyInfo");
	ec.p[ec.len - 1] = 0;
	nf_buf_fill(&ec, 0, 8);
	REFUSED(nf_buf_view(&ec), "PrivateKeyInfo");
}
END_TEST

/* Every bit counts: DER has one form, and all numbers hang together but for
 * the CRT ones, which the module checks as it builds the key. */
START_TEST(junk_ec)
{
	for (size_t i = 0; i < ec.len; i++) {
		for (unsigned int bit = 0; bit < 8; bit++) {
			ec.p[i] ^= (uint8_t)(1u << bit);
			ck_assert_int_ne(read_der(nf_buf_view(&ec), false),
			    0);
			ec.p[i] ^= (uint8_t)(1u << bit);
		}
	}
}
END_TEST

START_TEST(junk_rsa)
{
	/* n, e, d, p and q: the first 1155 bytes or so. */
	for (size_t i = 0; i < 800; i += 3) {
		rsa.p[i] ^= 0x10;
		ck_assert_int_ne(read_der(nf_buf_view(&rsa), false), 0);
		rsa.p[i] ^= 0x10;
	}
	ck_assert_int_eq(read_der(nf_buf_view(&rsa), false), 0);
}
END_TEST

/* The same numbers in BER. */
START_TEST(long_length)
{
	struct nf_buf ber = NF_BUF_INIT;

	ck_assert_uint_eq(ec.p[1], 0x81);	/* 30 81 87 02 01 00 */
	nf_buf_put(&ber, "\x30\x82\x00", 3);
	nf_buf_put(&ber, ec.p + 2, ec.len - 2);
	REFUSED(nf_buf_view(&ber), "PrivateKeyInfo");
	nf_buf_wipe(&ber);
	nf_buf_put(&ber, "\x30\x80", 2);
	nf_buf_put(&ber, ec.p + 3, ec.len - 3);
	nf_buf_put(&ber, "\0\0", 2);
	REFUSED(nf_buf_view(&ber), "PrivateKeyInfo");
	nf_buf_wipe(&ber);
	/* A version of two bytes. */
	nf_buf_put(&ber, "\x30\x81\x88\x02\x02\x00", 6);
	nf_buf_put(&ber, ec.p + 5, ec.len - 5);
	REFUSED(nf_buf_view(&ber), "PrivateKeyInfo.version");
	nf_buf_wipe(&ber);
}
END_TEST

START_TEST(wrong_version)
{
	ec.p[5] = 1;
	REFUSED(nf_buf_view(&ec), "PrivateKeyInfo.version");
}
END_TEST

/* Attributes may follow in RFC 5208; nothing is to be overlooked. */
START_TEST(trailing_attributes)
{
	struct nf_buf der = NF_BUF_INIT;

	nf_buf_put(&der, "\x30\x81", 2);
	nf_buf_u8(&der, (uint8_t)(ec.p[2] + 2));
	nf_buf_put(&der, ec.p + 3, ec.len - 3);
	nf_buf_put(&der, "\xa0\x00", 2);
	REFUSED(nf_buf_view(&der), "attributes");
	nf_buf_wipe(&der);
}
END_TEST

/* RFC 5915 without its optional public key: 67 bytes for P-256. */
START_TEST(no_public)
{
	struct nf_buf der = NF_BUF_INIT;

	ck_assert_uint_eq(ec.len, 138);
	nf_buf_put(&der, "\x30\x41", 2);
	nf_buf_put(&der, ec.p + 3, 24);		/* version, algorithm */
	nf_buf_put(&der, "\x04\x27\x30\x25", 4);
	nf_buf_put(&der, ec.p + 31, 37);	/* version, d */
	ck_assert_uint_eq(der.len, 67);
	ck_assert_int_eq(read_der(nf_buf_view(&der), false), 0);
	nf_buf_wipe(&der);
}
END_TEST

START_TEST(wrong_public)
{
	ec.p[ec.len - 1] ^= 1;
	REFUSED(nf_buf_view(&ec), "privateKey");
	ck_assert_ptr_nonnull(strstr(diag.text, "belong together"));
}
END_TEST

START_TEST(zero_d)
{
	memset(ec.p + 36, 0, 32);
	ck_assert_int_eq(read_der(nf_buf_view(&ec), false), NF_E_FORMAT);
	memset(ec.p + 36, 0xff, 32);
	ck_assert_int_eq(read_der(nf_buf_view(&ec), false), NF_E_FORMAT);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("module/pkcs8");
	TCase *tc = tcase_create("pkcs8");

	tcase_set_timeout(tc, 60);
	tcase_add_unchecked_fixture(tc, make, drop);
	tcase_add_test(tc, good);
	tcase_add_test(tc, failing_calls);
	tcase_add_loop_test(tc, round_trip, 0, 3);
	tcase_add_test(tc, short_der);
	tcase_add_test(tc, trailing_der);
	tcase_add_test(tc, zero_fill);
	tcase_add_test(tc, junk_ec);
	tcase_add_test(tc, junk_rsa);
	tcase_add_test(tc, long_length);
	tcase_add_test(tc, wrong_version);
	tcase_add_test(tc, trailing_attributes);
	tcase_add_test(tc, no_public);
	tcase_add_test(tc, wrong_public);
	tcase_add_test(tc, zero_d);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
