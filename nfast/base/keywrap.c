/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <limits.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#include "nfast/base/crypto.h"
#include "nfast/base/digest.h"
#include "nfast/base/keywrap.h"
#include "nfast/base/seedrand.h"

#define EPHEMERAL_LEN	32	/* written; readers take 16 and 24 too */
#define PLAIN_MAX	((size_t)1024 * 1024)

int
nf_keywrap_kwp(bool wrap, struct nf_view key, struct nf_view in,
    uint8_t *out, size_t *outlen)
{
	const char *name = key.len == 16 ? "AES-128-WRAP-PAD" :
	    key.len == 24 ? "AES-192-WRAP-PAD" : "AES-256-WRAP-PAD";
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(nf_crypto_ctx(), name, NULL);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n = 0, r = NF_E_CRYPTO;

	if (cipher == NULL || ctx == NULL || in.len > PLAIN_MAX ||
	    (size_t)EVP_CIPHER_get_key_length(cipher) != key.len)
		goto out;
	EVP_CIPHER_CTX_set_flags(ctx, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
	if (EVP_CipherInit_ex2(ctx, cipher, key.p, NULL, wrap ? 1 : 0,
	    NULL) != 1)
		goto out;
	r = NF_E_VERIFY;
	if (EVP_CipherUpdate(ctx, out, &n, in.p, (int)in.len) != 1 || n <= 0)
		goto out;
	*outlen = (size_t)n;
	r = 0;
out:
	if (r != 0)
		ERR_clear_error();
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(cipher);
	return r;
}

static int
oaep(EVP_PKEY *kek, struct nf_view in, uint8_t *out, size_t *outlen)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(nf_crypto_ctx(), kek,
	    NULL);
	const EVP_MD *md = nf_digest_md(NF_SHA1);
	int r = NF_E_CRYPTO;

	if (ctx != NULL && md != NULL && EVP_PKEY_encrypt_init(ctx) == 1 &&
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) == 1 &&
	    EVP_PKEY_CTX_set_rsa_oaep_md(ctx, md) == 1 &&
	    EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, md) == 1 &&
	    EVP_PKEY_encrypt(ctx, out, outlen, in.p, in.len) == 1)
		r = 0;
	else
		ERR_clear_error();
	EVP_PKEY_CTX_free(ctx);
	return r;
}

int
nf_keywrap_seal(EVP_PKEY *kek, struct nf_view plain, struct nf_buf *c1,
    struct nf_buf *c2, struct nf_diag *diag)
{
	uint8_t aes[EPHEMERAL_LEN];
	size_t size = (size_t)EVP_PKEY_get_size(kek), n = size, at1, at2;
	int r;

	if ((r = nf_seed_start(diag)) != 0 ||
	    (r = nf_seed_mix(plain, diag)) != 0)
		return r;
	/* Both grow before either is written: they may be one. */
	at1 = c1->len;
	nf_buf_fill(c1, 0, size);
	at2 = c2->len;
	nf_buf_fill(c2, 0, plain.len + 2 * NF_KEYWRAP_BLOCK);
	if (nf_buf_err(c1) != 0 || nf_buf_err(c2) != 0)
		return nf_diag_set(diag, NF_E_NOMEM, NULL, "out of memory");
	r = NF_E_CRYPTO;
	if (RAND_priv_bytes(aes, sizeof(aes)) == 1 &&
	    oaep(kek, nf_view_of(aes, sizeof(aes)), c1->p + at1, &n) == 0 &&
	    n == size && nf_keywrap_kwp(true, nf_view_of(aes, sizeof(aes)),
	    plain, c2->p + at2, &n) == 0) {
		c2->len = at2 + n;
		r = 0;
	}
	explicit_bzero(aes, sizeof(aes));
	if (r != 0) {
		ERR_clear_error();
		c2->len = at2;
		c1->len = at1;
	}
	return r == 0 ? 0 : nf_diag_set(diag, r, NULL,
	    "libcrypto cannot wrap the key");
}
