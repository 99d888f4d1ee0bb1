/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Encryption of the module's own: blobs under module keys and tokens, shares
 * on cards, and the interior of BlobCrypt blobs.  All of it is ours; the
 * sizes of a KEK blob are the real ones (OAEP, AES-CBC with zero IV, HMAC of
 * the named hash).
 */
#include "config.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rsa.h>

#include "nfast/base/digest.h"
#include "nfast/module/internal.h"

#define NONCE_LEN	12
#define TAG_LEN		16
#define SECRET_LEN	32
#define AES_BLOCK	16
#define RSA_MAX		(NF_MOD_RSA_BITS_MAX / 8)

int
nf_mod_derive(const uint8_t key[static NF_MOD_KM_LEN], const char *label,
    struct nf_view context, uint8_t out[static NF_MOD_KM_LEN])
{
	const struct nf_view v[2] = { { (const uint8_t *)label,
	    strlen(label) + 1 }, context };

	return nf_hmac_of(NF_SHA256, nf_view_of(key, NF_MOD_KM_LEN), v, 2,
	    out);
}

/* One AES-256 operation: GCM with aad, or CBC with a zero IV. */
static int
gcm(int enc, const uint8_t *key, const uint8_t *nonce, struct nf_view aad,
    struct nf_view in, uint8_t *out, uint8_t *tag)
{
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n, r = NF_E_CRYPTO;

	if (cipher == NULL || ctx == NULL ||
	    EVP_CipherInit_ex2(ctx, cipher, key, nonce, enc, NULL) != 1)
		goto out;
	if (!enc && EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG_LEN,
	    tag) != 1)
		goto out;
	if ((aad.len > 0 && EVP_CipherUpdate(ctx, NULL, &n, aad.p,
	    (int)aad.len) != 1) ||
	    EVP_CipherUpdate(ctx, out, &n, in.p, (int)in.len) != 1)
		goto out;
	r = enc ? NF_E_CRYPTO : NF_E_VERIFY;
	if (EVP_CipherFinal_ex(ctx, out + n, &n) != 1)
		goto out;
	if (enc && EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG_LEN,
	    tag) != 1)
		goto out;
	r = 0;
out:
	if (r != 0)
		ERR_clear_error();
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(cipher);
	return r;
}

int
nf_mod_seal(const uint8_t key[static NF_MOD_KM_LEN], struct nf_view aad,
    struct nf_view plain, struct nf_buf *out)
{
	uint8_t nonce[NONCE_LEN];
	size_t at;
	int r;

	if ((r = nf_mod_random(nonce, sizeof(nonce))) != 0)
		return r;
	nf_buf_put(out, nonce, sizeof(nonce));
	at = out->len;
	nf_buf_fill(out, 0, plain.len + TAG_LEN);
	if ((r = nf_buf_err(out)) != 0)
		return r;
	return gcm(1, key, nonce, aad, plain, out->p + at,
	    out->p + at + plain.len);
}

int
nf_mod_open(const uint8_t key[static NF_MOD_KM_LEN], struct nf_view aad,
    struct nf_view sealed, struct nf_buf *out)
{
	uint8_t tag[TAG_LEN];
	size_t n;
	int r;

	if (sealed.len < NONCE_LEN + TAG_LEN + 1)
		return NF_E_VERIFY;
	n = sealed.len - NONCE_LEN - TAG_LEN;
	memcpy(tag, sealed.p + NONCE_LEN + n, TAG_LEN);
	nf_buf_fill(out, 0, n);
	if ((r = nf_buf_err(out)) != 0)
		return r;
	if ((r = gcm(0, key, sealed.p, aad, nf_view_of(sealed.p + NONCE_LEN,
	    n), out->p + out->len - n, tag)) != 0)
		nf_buf_wipe(out);
	return r;
}

bool
nf_mod_userkey_mech(uint32_t mech)
{
	return mech == NF_MECH_BLOB_RSA_AES_SHA256 ||
	    mech == NF_MECH_BLOB_RSA_AES_SHA512 ||
	    mech == NF_MECH_BLOB_OAEP_AES_SHA512;
}

static enum nf_digest
mech_digest(uint32_t mech)
{
	return mech == NF_MECH_BLOB_RSA_AES_SHA256 ? NF_SHA256 : NF_SHA512;
}

/* The RSA half: OAEP with the mechanism's hash, both ways. */
static int
oaep(int enc, EVP_PKEY *kek, uint32_t mech, struct nf_view in, uint8_t *out,
    size_t *outlen, struct nf_diag *diag)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, kek, NULL);
	const EVP_MD *md = nf_digest_md(mech_digest(mech));
	int r = 0;

	if (ctx == NULL || md == NULL ||
	    (enc ? EVP_PKEY_encrypt_init(ctx) :
	    EVP_PKEY_decrypt_init(ctx)) != 1 ||
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) != 1 ||
	    EVP_PKEY_CTX_set_rsa_oaep_md(ctx, md) != 1 ||
	    EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, md) != 1)
		r = nf_diag_set(diag, NF_E_CRYPTO, NULL,
		    "libcrypto refuses OAEP");
	else if ((enc ? EVP_PKEY_encrypt(ctx, out, outlen, in.p, in.len) :
	    EVP_PKEY_decrypt(ctx, out, outlen, in.p, in.len)) != 1)
		r = enc ? nf_diag_set(diag, NF_E_CRYPTO, NULL,
		    "libcrypto fails to encrypt") : nf_diag_set(diag,
		    NF_E_VERIFY, NULL, "the RSA part does not open");
	if (r != 0)
		ERR_clear_error();
	EVP_PKEY_CTX_free(ctx);
	return r;
}

static int
cbc(int enc, const uint8_t *key, struct nf_view in, uint8_t *out,
    size_t *outlen)
{
	static const uint8_t zero_iv[AES_BLOCK];
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, "AES-256-CBC", NULL);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n = 0, last = 0, r = NF_E_CRYPTO;

	if (cipher != NULL && ctx != NULL &&
	    EVP_CipherInit_ex2(ctx, cipher, key, zero_iv, enc, NULL) == 1 &&
	    EVP_CipherUpdate(ctx, out, &n, in.p, (int)in.len) == 1 &&
	    EVP_CipherFinal_ex(ctx, out + n, &last) == 1) {
		*outlen = (size_t)n + (size_t)last;
		r = 0;
	} else
		ERR_clear_error();
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(cipher);
	return r;
}

/* HMAC of the ciphertext under the derived key. */
static int
mac_of(uint32_t mech, const uint8_t *secret, struct nf_view ct, uint8_t *mac)
{
	uint8_t key[NF_MOD_KM_LEN];
	int r = nf_mod_derive(secret, "secworld blob mac",
	    nf_view_of(NULL, 0), key);

	if (r == 0)
		r = nf_hmac_of(mech_digest(mech), nf_view_of(key,
		    sizeof(key)), &ct, 1, mac);
	explicit_bzero(key, sizeof(key));
	return r;
}

int
nf_mod_userkey_seal(EVP_PKEY *kek, uint32_t mech, struct nf_view plain,
    struct nf_buf *rsa, struct nf_buf *body, struct nf_diag *diag)
{
	uint8_t secret[SECRET_LEN], key[NF_MOD_KM_LEN], mac[NF_DIGEST_MAX];
	size_t n = (size_t)EVP_PKEY_get_size(kek);
	int r;

	if ((r = nf_mod_random(secret, sizeof(secret))) != 0 ||
	    (r = nf_mod_derive(secret, "secworld blob enc",
	    nf_view_of(NULL, 0), key)) != 0)
		goto out;
	nf_buf_fill(rsa, 0, n);
	nf_buf_fill(body, 0, plain.len + AES_BLOCK);
	if ((r = nf_buf_err(rsa)) != 0 || (r = nf_buf_err(body)) != 0 ||
	    (r = oaep(1, kek, mech, nf_view_of(secret, sizeof(secret)),
	    rsa->p, &n, diag)) != 0)
		goto out;
	rsa->len = n;
	if ((r = cbc(1, key, plain, body->p, &n)) != 0)
		goto out;
	body->len = n;
	if ((r = mac_of(mech, secret, nf_buf_view(body), mac)) != 0)
		goto out;
	nf_buf_put(body, mac, nf_digest_size(mech_digest(mech)));
	r = nf_buf_err(body);
out:
	explicit_bzero(secret, sizeof(secret));
	explicit_bzero(key, sizeof(key));
	return r;
}

int
nf_mod_userkey_open(EVP_PKEY *kek, uint32_t mech, const struct nf_blob *blob,
    struct nf_buf *plain, struct nf_diag *diag)
{
	uint8_t secret[RSA_MAX], key[NF_MOD_KM_LEN], mac[NF_DIGEST_MAX];
	size_t n = sizeof(secret), mac_len = nf_digest_size(mech_digest(mech));
	struct nf_view ct = blob->body;
	int r;

	if (ct.len < mac_len + AES_BLOCK ||
	    (ct.len - mac_len) % AES_BLOCK != 0 ||
	    (size_t)EVP_PKEY_get_size(kek) > sizeof(secret))
		return nf_diag_set(diag, NF_E_FORMAT, "blob",
		    "lengths do not fit the mechanism");
	ct.len -= mac_len;
	if ((r = oaep(0, kek, mech, blob->rsa, secret, &n, diag)) != 0)
		goto out;
	if (n != SECRET_LEN) {
		r = NF_E_VERIFY;
		goto out;
	}
	if ((r = mac_of(mech, secret, ct, mac)) == 0 &&
	    CRYPTO_memcmp(mac, ct.p + ct.len, mac_len) != 0)
		r = NF_E_VERIFY;
	if (r != 0 || (r = nf_mod_derive(secret, "secworld blob enc",
	    nf_view_of(NULL, 0), key)) != 0)
		goto out;
	nf_buf_fill(plain, 0, ct.len + AES_BLOCK);
	if ((r = nf_buf_err(plain)) != 0 ||
	    (r = cbc(0, key, ct, plain->p, &n)) != 0)
		goto out;
	plain->len = n;
out:
	explicit_bzero(secret, sizeof(secret));
	explicit_bzero(key, sizeof(key));
	return r;
}
