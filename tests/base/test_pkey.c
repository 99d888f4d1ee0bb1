/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Public keys from numbers: the bounds that libcrypto does not set, and the
 * verification of RSA signatures.
 */
#include "config.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "nfast/base/pkey.h"
#include "tests/tap.h"
#include "tests/wire/vectors.h"

/* Little-endian numbers of the valid keys, to be changed by the cases. */
static struct nf_buf n, p, q, g, y, ex, ey;
static struct nf_diag diag;

static void
setup(void)
{
	nf_buf_init(&n);
	nf_buf_fill(&n, 0xc5, 128);
	nf_tap_number(VEC_DSA_P, &p);
	nf_tap_number(VEC_DSA_Q, &q);
	nf_tap_number(VEC_DSA_G, &g);
	nf_tap_number(VEC_DSA_Y, &y);
	nf_tap_number(VEC_NOTE_X, &ex);
	nf_tap_number(VEC_NOTE_Y, &ey);
	nf_diag_clear(&diag);
}

static void
teardown(void)
{
	struct nf_buf *all[] = { &n, &p, &q, &g, &y, &ex, &ey };

	for (size_t i = 0; i < 7; i++)
		nf_buf_wipe(all[i]);
}

static struct nf_view
view(const struct nf_buf *buf)
{
	return nf_buf_view(buf);
}

static int
rsa(struct nf_view e, struct nf_view modulus)
{
	EVP_PKEY *key = NULL;
	int r = nf_pkey_rsa(e, modulus, &key, &diag);

	ck_assert((r == 0) == (key != NULL));
	ck_assert(r == 0 || diag.code == r);
	EVP_PKEY_free(key);
	return r;
}

static int
dsa(void)
{
	EVP_PKEY *key = NULL;
	int r = nf_pkey_dsa(view(&p), view(&q), view(&g), view(&y), &key,
	    &diag);

	ck_assert((r == 0) == (key != NULL));
	EVP_PKEY_free(key);
	return r;
}

static int
ec(uint32_t curve)
{
	EVP_PKEY *key = NULL;
	int r = nf_pkey_ec(nf_curve_find(curve), view(&ex), view(&ey), &key,
	    &diag);

	ck_assert((r == 0) == (key != NULL));
	EVP_PKEY_free(key);
	return r;
}

#define E65537	nf_view_of("\1\0\1\0", 4)

START_TEST(le_numbers)
{
	struct nf_view a = nf_view_of("\0\1\0", 3), zero = { NULL, 0 };

	ck_assert_uint_eq(nf_le_bits(a), 9);
	ck_assert_uint_eq(nf_le_bits(zero), 0);
	ck_assert_uint_eq(nf_le_bits(nf_view_of("\0\0", 2)), 0);
	ck_assert_uint_eq(nf_le_trim(a).len, 2);
	ck_assert_int_eq(nf_le_cmp(a, nf_view_of("\0\1", 2)), 0);
	ck_assert_int_eq(nf_le_cmp(a, nf_view_of("\xff", 1)), 1);
	ck_assert_int_eq(nf_le_cmp(a, nf_view_of("\1\1", 2)), -1);
	ck_assert_int_eq(nf_le_cmp(zero, nf_view_of("\0", 1)), 0);
}
END_TEST

START_TEST(rsa_valid)
{
	ck_assert_int_eq(rsa(E65537, view(&n)), 0);
	nf_buf_fill(&n, 0, 4);
	ck_assert_int_eq(rsa(E65537, view(&n)), 0);
	ck_assert_int_eq(rsa(nf_view_of("\3", 1), view(&n)), 0);
	ck_assert_int_eq(rsa(nf_view_of("\1\0\0\0\0\0\0\x80", 8), view(&n)),
	    0);
}
END_TEST

START_TEST(wrong_modulus)
{
	struct nf_buf big = NF_BUF_INIT;

	n.p[0] = 0xc4;
	ck_assert_int_eq(rsa(E65537, view(&n)), NF_E_FORMAT);
	ck_assert_str_eq(diag.field, "n");
	n.p[0] = 0xc5;
	n.p[127] = 0x7f;				/* 1023 bits */
	ck_assert_int_eq(rsa(E65537, view(&n)), NF_E_FORMAT);
	ck_assert_int_eq(rsa(E65537, nf_view_of("\xc1", 1)), NF_E_FORMAT);
	ck_assert_int_eq(rsa(E65537, nf_view_of(NULL, 0)), NF_E_FORMAT);
	nf_buf_fill(&big, 0xff, 2048);			/* 16384 bits */
	ck_assert_int_eq(rsa(E65537, view(&big)), 0);
	nf_buf_u8(&big, 1);
	ck_assert_int_eq(rsa(E65537, view(&big)), NF_E_FORMAT);
	nf_buf_wipe(&big);
}
END_TEST

START_TEST(wrong_exponent)
{
	static const struct {
		const char *e;
		size_t len;
	} wrong[] = {
		{ "", 0 }, { "\0\0\0\0", 4 }, { "\1", 1 }, { "\2", 1 },
		{ "\4\0\1", 3 }, { "\1\0\0\0\0\0\0\0\1", 9 },
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		nf_diag_clear(&diag);
		ck_assert_int_eq(rsa(nf_view_of(wrong[i].e, wrong[i].len),
		    view(&n)), NF_E_FORMAT);
		ck_assert_str_eq(diag.field, "e");
	}
}
END_TEST

START_TEST(dsa_valid)
{
	ck_assert_int_eq(dsa(), 0);
	/* padding of the wire form */
	nf_buf_fill(&p, 0, 4);
	nf_buf_fill(&y, 0, 4);
	ck_assert_int_eq(dsa(), 0);
}
END_TEST

START_TEST(wrong_group)
{
	q.p[19] = 0;			/* 1024 with 152 */
	ck_assert_int_eq(dsa(), NF_E_FORMAT);
	ck_assert_str_eq(diag.field, "p");
	q.p[19] = 0x99;
	nf_buf_u8(&q, 1);		/* 1024 with 161 */
	ck_assert_int_eq(dsa(), NF_E_FORMAT);
	q.len--;
	p.p[127] = 0x7f;		/* 1023 with 160 */
	ck_assert_int_eq(dsa(), NF_E_FORMAT);
	p.p[127] = 0x86;
	p.p[0] ^= 1;			/* even p */
	ck_assert_int_eq(dsa(), NF_E_FORMAT);
	p.p[0] ^= 1;
	q.p[0] ^= 1;			/* even q */
	ck_assert_int_eq(dsa(), NF_E_FORMAT);
	q.p[0] ^= 1;
	nf_buf_fill(&p, 1, 2048);	/* huge p */
	ck_assert_int_eq(dsa(), NF_E_FORMAT);
	p.len -= 2048;
	ck_assert_int_eq(dsa(), 0);
}
END_TEST

/* Put a number at the place of g or y; the key is refused there. */
static void
check_element(struct nf_buf *at, struct nf_view value, const char *field)
{
	struct nf_buf old = *at;

	nf_buf_init(at);
	nf_buf_view_put(at, value);
	nf_diag_clear(&diag);
	ck_assert_int_eq(dsa(), NF_E_FORMAT);
	ck_assert_str_eq(diag.field, field);
	nf_buf_wipe(at);
	*at = old;
	ck_assert_int_eq(dsa(), 0);
}

START_TEST(wrong_elements)
{
	struct nf_buf above = NF_BUF_INIT;

	nf_buf_view_put(&above, view(&p));
	above.p[0] += 2;
	check_element(&g, nf_view_of("", 0), "g");
	check_element(&g, nf_view_of("\0\0", 2), "g");
	check_element(&g, nf_view_of("\1", 1), "g");
	check_element(&g, view(&p), "g");
	check_element(&g, view(&above), "g");
	check_element(&y, nf_view_of("\0", 1), "y");
	check_element(&y, nf_view_of("\1", 1), "y");
	check_element(&y, view(&p), "y");
	check_element(&y, view(&above), "y");
	nf_buf_wipe(&above);
}
END_TEST

START_TEST(ec_valid)
{
	ck_assert_int_eq(ec(NF_EC_P256), 0);
	nf_buf_fill(&ex, 0, 36);
	ck_assert_int_eq(ec(NF_EC_P256), 0);
	nf_buf_wipe(&ex);
	nf_buf_wipe(&ey);
	nf_tap_number(VEC_KWARN_X, &ex);
	nf_tap_number(VEC_KWARN_Y, &ey);
	ck_assert_int_eq(ec(NF_EC_P521), 0);
}
END_TEST

START_TEST(wrong_point)
{
	ey.p[0] ^= 1;
	ck_assert_int_eq(ec(NF_EC_P256), NF_E_FORMAT);
	ck_assert_str_eq(diag.field, "EC");
	ey.p[0] ^= 1;
	ck_assert_int_eq(ec(NF_EC_SECP256K1), NF_E_FORMAT);
	ck_assert_int_eq(ec(NF_EC_P384), NF_E_FORMAT);
	nf_buf_u8(&ex, 1);			/* 257 bits */
	nf_diag_clear(&diag);
	ck_assert_int_eq(ec(NF_EC_P256), NF_E_FORMAT);
	ck_assert_str_eq(diag.field, "point");
	nf_buf_wipe(&ex);
	nf_buf_wipe(&ey);			/* the point at infinity */
	ck_assert_int_eq(ec(NF_EC_P256), NF_E_FORMAT);
	nf_buf_fill(&ex, 0xff, 32);		/* not below p */
	nf_buf_fill(&ey, 0xff, 32);
	ck_assert_int_eq(ec(NF_EC_P256), NF_E_FORMAT);
}
END_TEST

/* A signature by a key made for the case; then mutations of it. */
START_TEST(rsa_signature)
{
	static const uint8_t hash[32] = { 1, 2, 3 };
	EVP_PKEY *key = EVP_RSA_gen(1024);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	uint8_t sig[128];
	size_t len = sizeof(sig);

	ck_assert_ptr_nonnull(ctx);
	ck_assert_int_eq(EVP_PKEY_sign_init(ctx), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_padding(ctx,
	    RSA_PKCS1_PADDING), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()),
	    1);
	ck_assert_int_eq(EVP_PKEY_sign(ctx, sig, &len, hash, 32), 1);
	ck_assert_int_eq(nf_pkey_verify_pkcs1(key, NF_SHA256, hash,
	    nf_view_of(sig, len), &diag), 0);
	ck_assert_int_eq(nf_pkey_verify_pkcs1(key, NF_SHA256, hash,
	    nf_view_of(sig, len - 1), NULL), NF_E_VERIFY);
	ck_assert_int_eq(nf_pkey_verify_pkcs1(key, NF_SHA256, hash,
	    nf_view_of(sig, 0), NULL), NF_E_VERIFY);
	ck_assert_int_eq(nf_pkey_verify_pkcs1(key, NF_SHA1, hash,
	    nf_view_of(sig, len), NULL), NF_E_VERIFY);
	for (size_t i = 0; i < len; i += 9) {
		sig[i] ^= 1;
		ck_assert_int_eq(nf_pkey_verify_pkcs1(key, NF_SHA256, hash,
		    nf_view_of(sig, len), NULL), NF_E_VERIFY);
		sig[i] ^= 1;
	}
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(key);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("base/pkey");
	TCase *tc = tcase_create("pkey");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, le_numbers);
	tcase_add_test(tc, rsa_valid);
	tcase_add_test(tc, wrong_modulus);
	tcase_add_test(tc, wrong_exponent);
	tcase_add_test(tc, dsa_valid);
	tcase_add_test(tc, wrong_group);
	tcase_add_test(tc, wrong_elements);
	tcase_add_test(tc, ec_valid);
	tcase_add_test(tc, wrong_point);
	tcase_add_test(tc, rsa_signature);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
