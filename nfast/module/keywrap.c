/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The package of method 2: CKM_RSA_AES_KEY_WRAP with RSA-OAEP (SHA-1, MGF1
 * with SHA-1, no label) of an ephemeral AES key, and RFC 5649 of the target
 * key under that (real).  That the module does it as the mechanism of a
 * user-key blob is ours.
 */
#include "config.h"

#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "nfast/base/digest.h"
#include "nfast/module/internal.h"

#define EPHEMERAL_LEN	32	/* written; 16 and 24 are read too */
#define SEMIBLOCK	8
#define RSA_MAX		(NF_MOD_RSA_BITS_MAX / 8)

static bool
rsa_size(size_t bits)
{
	return bits == 2048 || bits == 3072 || bits == 4096;
}

bool
nf_mod_keywrap_kek(const struct nf_mod_key *key)
{
	return key->pub.type == NF_KEY_RSAPUBLIC &&
	    rsa_size(nf_wire_keydata_bits(&key->pub));
}

int
nf_mod_keywrap_plain(const struct nf_mod_key *key, struct nf_buf *out,
    struct nf_diag *diag)
{
	size_t bits = nf_wire_keydata_bits(&key->pub);

	switch (key->key.type) {
	case NF_KEY_RIJNDAEL:
		nf_buf_view_put(out, key->key.v[NF_SYM_K]);
		return nf_buf_err(out);
	case NF_KEY_RSAPRIVATE:
		if (!rsa_size(bits))
			return nf_diag_set(diag, NF_E_FORMAT, "keytype",
			    "RSA of %zu bits: 2048, 3072 and 4096 are "
			    "wrapped", bits);
		break;
	case NF_KEY_ECPRIVATE:
	case NF_KEY_ECDSAPRIVATE:
		break;
	default:
		return nf_diag_set(diag, NF_E_FORMAT, "keytype",
		    "keys of type %u are not wrapped", key->key.type);
	}
	return nf_mod_pkcs8_write(&key->key, &key->pub, out, diag);
}

static EVP_PKEY_CTX *
oaep(int enc, EVP_PKEY *kek)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, kek, NULL);
	const EVP_MD *md = nf_digest_md(NF_SHA1);

	if (ctx != NULL && md != NULL &&
	    (enc ? EVP_PKEY_encrypt_init(ctx) :
	    EVP_PKEY_decrypt_init(ctx)) == 1 &&
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) == 1 &&
	    EVP_PKEY_CTX_set_rsa_oaep_md(ctx, md) == 1 &&
	    EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, md) == 1)
		return ctx;
	EVP_PKEY_CTX_free(ctx);
	return NULL;
}

/* RFC 5649, both ways; out has room for in.len + 16 bytes. */
static int
kwp(int enc, const uint8_t *key, size_t key_len, struct nf_view in,
    uint8_t *out, size_t *outlen)
{
	const char *name = key_len == 16 ? "AES-128-WRAP-PAD" :
	    key_len == 24 ? "AES-192-WRAP-PAD" : "AES-256-WRAP-PAD";
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, name, NULL);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n = 0, r = NF_E_CRYPTO;

	if (cipher == NULL || ctx == NULL)
		goto out;
	EVP_CIPHER_CTX_set_flags(ctx, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
	if (EVP_CipherInit_ex2(ctx, cipher, key, NULL, enc, NULL) != 1)
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

int
nf_mod_keywrap_seal(EVP_PKEY *kek, struct nf_view plain, struct nf_buf *rsa,
    struct nf_buf *body, struct nf_diag *diag)
{
	uint8_t aes[EPHEMERAL_LEN];
	size_t n = (size_t)EVP_PKEY_get_size(kek);
	EVP_PKEY_CTX *ctx = NULL;
	int r;

	if ((r = nf_mod_random(aes, sizeof(aes))) != 0)
		goto out;
	nf_buf_fill(rsa, 0, n);
	nf_buf_fill(body, 0, plain.len + 2 * SEMIBLOCK);
	if ((r = nf_buf_err(rsa)) != 0 || (r = nf_buf_err(body)) != 0)
		goto out;
	r = NF_E_CRYPTO;
	if ((ctx = oaep(1, kek)) == NULL ||
	    EVP_PKEY_encrypt(ctx, rsa->p, &n, aes, sizeof(aes)) != 1 ||
	    n != rsa->len ||
	    kwp(1, aes, sizeof(aes), plain, body->p, &n) != 0)
		goto out;
	body->len = n;
	r = 0;
out:
	explicit_bzero(aes, sizeof(aes));
	EVP_PKEY_CTX_free(ctx);
	if (r != 0)
		ERR_clear_error();
	return r == 0 ? 0 : nf_diag_set(diag, r, NULL,
	    "libcrypto cannot wrap the key");
}

int
nf_mod_keywrap_open(EVP_PKEY *kek, const struct nf_blob *blob,
    struct nf_buf *plain, struct nf_diag *diag)
{
	uint8_t aes[RSA_MAX];
	size_t n = sizeof(aes), size = (size_t)EVP_PKEY_get_size(kek);
	EVP_PKEY_CTX *ctx = NULL;
	int r = NF_E_FORMAT;

	if (blob->rsa.len != size || blob->body.len < 2 * SEMIBLOCK ||
	    blob->body.len % SEMIBLOCK != 0 || size > sizeof(aes))
		return nf_diag_set(diag, r, "ciphertext",
		    "its length does not fit the KEK and AES key wrap");
	nf_buf_fill(plain, 0, blob->body.len + 2 * SEMIBLOCK);
	if ((r = nf_buf_err(plain)) != 0)
		goto out;
	r = NF_E_VERIFY;
	/* One error for all that follows: it tells nothing of the key. */
	if ((ctx = oaep(0, kek)) == NULL ||
	    EVP_PKEY_decrypt(ctx, aes, &n, blob->rsa.p, size) != 1 ||
	    (n != 16 && n != 24 && n != 32) ||
	    kwp(0, aes, n, blob->body, plain->p, &n) != 0)
		goto out;
	plain->len = n;
	r = 0;
out:
	explicit_bzero(aes, sizeof(aes));
	EVP_PKEY_CTX_free(ctx);
	if (r != 0) {
		ERR_clear_error();
		nf_buf_wipe(plain);
	}
	return r == 0 ? 0 : nf_diag_set(diag, r, NULL,
	    "does not open under this KEK (RSA-OAEP with SHA-1, then AES key "
	    "wrap with padding, were tried)");
}
