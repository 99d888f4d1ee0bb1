/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of NF_MECH_RSA_AES_KEY_WRAP share: a client, a KEK whose
 * private half libcrypto has too, and that mechanism in its two parts.
 */
#ifndef NF_TESTS_MODULE_KEKFIX_H
#define NF_TESTS_MODULE_KEKFIX_H

#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "nfast/base/pkey.h"
#include "nfast/module/internal.h"
#include "tests/module/client.h"

#define C1_LEN		256	/* KEK of 2048 bits */

static struct client c;
static EVP_PKEY *kek_pkey;		/* whose private half we know */
static struct nf_secret kek_data;
static struct nf_keydata kek_kd;
static uint32_t kek, kek_pub;		/* loaded */
static uint8_t kek_hash[NF_HASH_LEN];

static inline void
make_kek(void)
{
	const struct nf_genparams p = { .type = NF_KEY_RSAPRIVATE,
	    .len = 2048 };
	struct nf_buf bytes = NF_BUF_INIT;
	struct nf_keydata pub;

	ck_assert_int_eq(nf_mod_generate(&p, &kek_data, &kek_kd, NULL), 0);
	ck_assert_int_eq(nf_mod_public_of(&kek_kd, &bytes, &pub, NULL), 0);
	ck_assert_int_eq(nf_mod_private_pkey(&kek_kd, &pub, &kek_pkey, NULL),
	    0);
	nf_buf_wipe(&bytes);
}

static inline void
drop_kek(void)
{
	EVP_PKEY_free(kek_pkey);
	nf_secret_wipe(&kek_data);
}

static inline uint32_t
import(const struct nf_keydata *kd, struct nf_acl *acl)
{
	struct nf_command cmd = { .cmd = NF_CMD_IMPORT };

	cmd.args.module = 1;
	cmd.args.keydata = *kd;
	cmd.args.acl = acl;
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_OK);
	nf_acl_free(acl);
	return c.reply.args.key;
}

static inline void
setup(void)
{
	struct nf_buf bytes = NF_BUF_INIT;
	struct nf_keydata pub;

	client_open(&c);
	kek = import(&kek_kd, client_acl(NF_PERM_USEASBLOBKEY, 0));
	ck_assert_int_eq(nf_mod_public_of(&kek_kd, &bytes, &pub, NULL), 0);
	kek_pub = import(&pub, client_acl(NF_PERM_USEASBLOBKEY, 0));
	ck_assert_uint_eq(client_key(&c, NF_CMD_GETKEYINFO, kek), NF_ST_OK);
	memcpy(kek_hash, c.reply.args.hash, sizeof(kek_hash));
	nf_buf_wipe(&bytes);
}

static inline void
teardown(void)
{
	client_close(&c);
}

/* RFC 5649 or, with iv, RFC 3394; returns the length, 0 when refused. */
static inline size_t
aes_wrap(int enc, const char *name, const uint8_t *key, const uint8_t *iv,
    struct nf_view in, uint8_t *out)
{
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, name, NULL);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n = 0;

	EVP_CIPHER_CTX_set_flags(ctx, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
	ck_assert_int_eq(EVP_CipherInit_ex2(ctx, cipher, key, iv, enc, NULL),
	    1);
	if (EVP_CipherUpdate(ctx, out, &n, in.p, (int)in.len) != 1)
		n = 0;
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(cipher);
	return (size_t)n;
}

static inline EVP_PKEY_CTX *
oaep(int enc, const EVP_MD *md)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, kek_pkey, NULL);

	ck_assert_int_eq(enc ? EVP_PKEY_encrypt_init(ctx) :
	    EVP_PKEY_decrypt_init(ctx), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_padding(ctx,
	    RSA_PKCS1_OAEP_PADDING), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_oaep_md(ctx, md), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, md), 1);
	return ctx;
}

/* What the loaded key signs, the libcrypto key verifies. */
static inline void
same_key(EVP_PKEY *pkey, uint32_t loaded)
{
	struct nf_command cmd = { .cmd = NF_CMD_SIGN };
	const char *msg = "message";
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	bool rsa = EVP_PKEY_is_a(pkey, "RSA");
	uint8_t sig[512];

	cmd.args.key = loaded;
	cmd.args.mech = rsa ? NF_MECH_RSAHSHA256PPKCS1 :
	    NF_MECH_ECDSAHSHA256;
	cmd.args.plain.type = NF_PLAIN_BYTES;
	cmd.args.plain.v = nf_view_of(msg, strlen(msg));
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_OK);
	if (rsa) {
		struct nf_view m = c.reply.args.cipher.v[0];
		size_t n = (size_t)EVP_PKEY_get_size(pkey);

		memset(sig, 0, sizeof(sig));
		for (size_t i = 0; i < m.len; i++)
			sig[n - 1 - i] = m.p[i];
		ck_assert_int_eq(EVP_DigestVerifyInit(md, NULL, EVP_sha256(),
		    NULL, pkey), 1);
		ck_assert_int_eq(EVP_DigestVerify(md, sig, n,
		    (const uint8_t *)msg, strlen(msg)), 1);
	} else {
		ck_assert_int_eq(EVP_Digest(msg, strlen(msg), sig, NULL,
		    EVP_sha256(), NULL), 1);
		ck_assert_int_eq(nf_pkey_verify_rs(pkey, sig, 32,
		    c.reply.args.cipher.v[0], c.reply.args.cipher.v[1],
		    (size_t)EVP_PKEY_get_bits(pkey), NULL), 0);
	}
	EVP_MD_CTX_free(md);
}

#endif
