/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a method-1 package is made of that a test writes and signs itself.  The
 * RSA key is made at the start: no private key is kept.
 */
#ifndef NF_TESTS_TRANSFER_BYOK1FIX_H
#define NF_TESTS_TRANSFER_BYOK1FIX_H

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "tests/tap.h"
#include "transfer/byok1.h"

#define SIG_LEN	128

static EVP_PKEY *key;
static struct nf_buf blob;
static struct nf_byok1_parts parts;
static uint8_t token[600];

static inline void
parts_setup(void)
{
	uint8_t n[SIG_LEN], e[] = { 1, 0, 1 };
	BIGNUM *bn = NULL;

	ck_assert_ptr_nonnull(key = EVP_RSA_gen(8 * SIG_LEN));
	ck_assert_int_eq(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N,
	    &bn), 1);
	ck_assert_int_eq(BN_bn2lebinpad(bn, n, SIG_LEN), SIG_LEN);
	BN_free(bn);
	nf_buf_init(&blob);
	ck_assert_int_eq(nf_byok1_publickey_blob(nf_view_of(e, 3),
	    nf_view_of(n, SIG_LEN), &blob, NULL), 0);
	memset(&parts, 0, sizeof(parts));
	for (size_t i = 0; i < sizeof(token); i++)
		token[i] = (uint8_t)(i * 5 + 3);
	ck_assert_int_eq(nf_byok1_guid("11111111-2222-3333-4444-abcdefabcdef",
	    parts.tenant), 0);
	parts.public_key = nf_buf_view(&blob);
	parts.creation_time = nf_byok1_time(1400000000, 0);
	parts.friendly_name = "ours";
	parts.environment = "Simulated";
	memset(parts.hkm, 0xab, sizeof(parts.hkm));
	parts.key_token = nf_view_of(token, sizeof(token));
	parts.kek_identifier = "xferwrapping,kek-test-1";
	memset(parts.kek_hash, 0xcd, sizeof(parts.kek_hash));
}

static inline void
parts_teardown(void)
{
	EVP_PKEY_free(key);
	nf_buf_wipe(&blob);
}

static inline void
sign(struct nf_view tbs, uint8_t sig[static SIG_LEN])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t len = SIG_LEN;

	ck_assert_int_eq(EVP_DigestSignInit_ex(ctx, NULL, "SHA256", NULL,
	    NULL, key, NULL), 1);
	ck_assert_int_eq(EVP_DigestSign(ctx, sig, &len, tbs.p, tbs.len), 1);
	ck_assert_uint_eq(len, SIG_LEN);
	EVP_MD_CTX_free(ctx);
}

/* The package of the parts, and its signature. */
static inline void
parts_write(struct nf_buf *file, uint8_t sig[static SIG_LEN])
{
	struct nf_buf tbs = NF_BUF_INIT;

	nf_buf_init(file);
	ck_assert_int_eq(nf_byok1_write_unsigned(&parts, &tbs, NULL), 0);
	sign(nf_buf_view(&tbs), sig);
	ck_assert_int_eq(nf_byok1_write_signed(nf_buf_view(&tbs),
	    nf_view_of(sig, SIG_LEN), file, NULL), 0);
	nf_buf_wipe(&tbs);
}

#endif
