/* SPDX-License-Identifier: Apache-2.0 */
/* The fixed DSA domains are what their seeds and counters give. */
#include "config.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include "nfast/module/internal.h"
#include "tests/tap.h"

/* libcrypto's full check of a domain with the given seed's first byte. */
static int
check(const struct nf_mod_dsa_domain *d, uint8_t flip)
{
	BIGNUM *p = BN_lebin2bn(d->p.p, (int)d->p.len, NULL);
	BIGNUM *q = BN_lebin2bn(d->q.p, (int)d->q.len, NULL);
	BIGNUM *g = BN_lebin2bn(d->g.p, (int)d->g.len, NULL);
	OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "DSA", NULL);
	EVP_PKEY *pkey = NULL;
	OSSL_PARAM *params;
	uint8_t seed[64];
	int ok;

	memcpy(seed, d->seed.p, d->seed.len);
	seed[0] ^= flip;
	ck_assert_int_eq(OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_FFC_P,
	    p), 1);
	ck_assert_int_eq(OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_FFC_Q,
	    q), 1);
	ck_assert_int_eq(OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_FFC_G,
	    g), 1);
	ck_assert_int_eq(OSSL_PARAM_BLD_push_octet_string(bld,
	    OSSL_PKEY_PARAM_FFC_SEED, seed, d->seed.len), 1);
	ck_assert_int_eq(OSSL_PARAM_BLD_push_int(bld,
	    OSSL_PKEY_PARAM_FFC_PCOUNTER, d->counter), 1);
	ck_assert_int_eq(OSSL_PARAM_BLD_push_int(bld,
	    OSSL_PKEY_PARAM_FFC_GINDEX, d->gindex), 1);
	ck_assert_int_eq(OSSL_PARAM_BLD_push_utf8_string(bld,
	    OSSL_PKEY_PARAM_FFC_DIGEST, d->digest, 0), 1);
	ck_assert_int_eq(OSSL_PARAM_BLD_push_utf8_string(bld,
	    OSSL_PKEY_PARAM_FFC_TYPE, "fips186_4", 0), 1);
	params = OSSL_PARAM_BLD_to_param(bld);
	ck_assert_int_eq(EVP_PKEY_fromdata_init(ctx), 1);
	ck_assert_int_eq(EVP_PKEY_fromdata(ctx, &pkey,
	    EVP_PKEY_KEY_PARAMETERS, params), 1);
	EVP_PKEY_CTX_free(ctx);
	ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
	ok = EVP_PKEY_param_check(ctx) == 1;
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(pkey);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(bld);
	BN_free(p);
	BN_free(q);
	BN_free(g);
	return ok;
}

START_TEST(generated_verifiably)
{
	ck_assert_int_eq(check(nf_mod_dsa_domain(1024), 0), 1);
	ck_assert_int_eq(check(nf_mod_dsa_domain(3072), 0), 1);
}
END_TEST

START_TEST(wrong_seed)
{
	ck_assert_int_eq(check(nf_mod_dsa_domain(1024), 1), 0);
}
END_TEST

START_TEST(unknown_size)
{
	ck_assert_ptr_null(nf_mod_dsa_domain(2048));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("module/dsa-domain");
	TCase *tc = tcase_create("domain");

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, generated_verifiably);
	tcase_add_test(tc, wrong_seed);
	tcase_add_test(tc, unknown_size);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
