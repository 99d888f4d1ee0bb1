/* SPDX-License-Identifier: Apache-2.0 */
/* Encryption with loaded keys; ACLs were consulted before. */
#include "config.h"

#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "nfast/base/crypto.h"
#include "nfast/base/digest.h"
#include "nfast/base/pkey.h"
#include "nfast/module/internal.h"

#define AES_BLOCK	16
#define GCM_IV		12
#define GCM_TAG		16

struct nf_view
nf_mod_number_put(struct nf_buf *buf, const uint8_t *p, size_t len)
{
	size_t at = buf->len;

	nf_buf_fill(buf, 0, len);
	if (nf_buf_err(buf) != 0)
		return nf_view_of(NULL, 0);
	for (size_t i = 0; i < len; i++)
		buf->p[at + i] = p[len - 1 - i];
	return nf_view_of(buf->p + at, len);
}

bool
nf_mod_number_be(struct nf_view v, uint8_t *out, size_t n)
{
	v = nf_le_trim(v);
	if (v.len > n)
		return false;
	memset(out, 0, n);
	for (size_t i = 0; i < v.len; i++)
		out[n - 1 - i] = v.p[i];
	return true;
}

/* RSA padding of an encryption mechanism; the digest of OAEP. */
static int
rsa_padding(uint32_t mech, enum nf_digest *digest)
{
	*digest = NF_SHA1;
	switch (mech) {
	case NF_MECH_RSAPPKCS1:
		return RSA_PKCS1_PADDING;
	case NF_MECH_RSAPPKCS1OAEPHSHA256:
		*digest = NF_SHA256;
		return RSA_PKCS1_OAEP_PADDING;
	case NF_MECH_RSAPPKCS1OAEPHSHA384:
		*digest = NF_SHA384;
		return RSA_PKCS1_OAEP_PADDING;
	case NF_MECH_RSAPPKCS1OAEPHSHA512:
		*digest = NF_SHA512;
		return RSA_PKCS1_OAEP_PADDING;
	case NF_MECH_RSAPPKCS1OAEP:
		return RSA_PKCS1_OAEP_PADDING;
	default:
		return 0;
	}
}

static EVP_PKEY_CTX *
rsa_ctx(EVP_PKEY *pkey, uint32_t mech, bool enc)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
	enum nf_digest digest;
	int padding = rsa_padding(mech, &digest);
	bool ok = ctx != NULL && (enc ? EVP_PKEY_encrypt_init(ctx) :
	    EVP_PKEY_decrypt_init(ctx)) == 1 &&
	    EVP_PKEY_CTX_set_rsa_padding(ctx, padding) == 1;

	if (ok && padding == RSA_PKCS1_OAEP_PADDING)
		ok = EVP_PKEY_CTX_set_rsa_oaep_md(ctx,
		    nf_digest_md(digest)) == 1 &&
		    EVP_PKEY_CTX_set_rsa_mgf1_md(ctx,
		    nf_digest_md(digest)) == 1;
	if (!ok) {
		EVP_PKEY_CTX_free(ctx);
		ERR_clear_error();
		return NULL;
	}
	return ctx;
}

/* The AES mode of a mechanism, or NULL; pad: PKCS#5 padding. */
static const char *
aes_mode(uint32_t mech, size_t key_len, bool *pad)
{
	static const char *const names[5][3] = {
		{ "AES-128-CBC", "AES-192-CBC", "AES-256-CBC" },
		{ "AES-128-ECB", "AES-192-ECB", "AES-256-ECB" },
		{ "AES-128-GCM", "AES-192-GCM", "AES-256-GCM" },
		{ "AES-128-WRAP", "AES-192-WRAP", "AES-256-WRAP" },
		{ "AES-128-WRAP-PAD", "AES-192-WRAP-PAD",
		    "AES-256-WRAP-PAD" },
	};
	size_t size = key_len / 8 - 2;

	*pad = mech == NF_MECH_RIJNDAELMCBCI128PPKCS5 ||
	    mech == NF_MECH_RIJNDAELMECBPPKCS5;
	switch (mech) {
	case NF_MECH_RIJNDAELMCBCI128PPKCS5:
	case NF_MECH_RIJNDAELMCBCPNONE:
		return names[0][size];
	case NF_MECH_RIJNDAELMECBPPKCS5:
	case NF_MECH_RIJNDAELMECBPNONE:
		return names[1][size];
	case NF_MECH_RIJNDAELMGCM:
		return names[2][size];
	case NF_MECH_AES_KEY_WRAP:
		return names[3][size];
	case NF_MECH_AESKEYWRAPPADDED:
		return names[4][size];
	default:
		return NULL;
	}
}

/*
 * What a mode wants beside the key: iv, tag and header.  The tag is read when
 * decrypting and written when encrypting.
 */
struct aes_extra {
	const uint8_t *iv;
	uint8_t *tag;
	struct nf_view header;
};

static bool
is_wrap(uint32_t mech)
{
	return mech == NF_MECH_AES_KEY_WRAP ||
	    mech == NF_MECH_AESKEYWRAPPADDED;
}

/* One AES pass into buf. */
static uint32_t
aes(struct nf_mod_txn *txn, const struct nf_mod_key *key, uint32_t mech,
    int enc, const struct aes_extra *x, struct nf_view in, struct nf_buf *buf)
{
	struct nf_view k = key->key.v[NF_SYM_K];
	uint32_t status = enc ? NF_ST_ENCRYPTFAILED : NF_ST_DECRYPTFAILED;
	EVP_CIPHER *cipher = NULL;
	EVP_CIPHER_CTX *ctx = NULL;
	const char *name;
	bool pad, gcm = mech == NF_MECH_RIJNDAELMGCM;
	int n = 0, last = 0;

	if (key->key.type != NF_KEY_RIJNDAEL ||
	    (name = aes_mode(mech, k.len, &pad)) == NULL)
		return nf_mod_refuse(txn, NF_ST_MECHANISMNOTEXPECTED,
		    "mechanism %u does not fit this key", mech);
	if (enc && in.len > NF_PLAIN_MAX - AES_BLOCK)
		return nf_mod_refuse(txn, NF_ST_OUTOFRANGE,
		    "at most %d bytes", NF_PLAIN_MAX - AES_BLOCK);
	nf_buf_fill(buf, 0, in.len + AES_BLOCK);
	if (nf_buf_err(buf) != 0)
		return NF_ST_NOMEMORY;
	ERR_clear_error();
	/* libcrypto takes no bytes for no work. */
	if (is_wrap(mech) && in.len == 0)
		goto failed;
	if ((cipher = EVP_CIPHER_fetch(NULL, name, NULL)) != NULL &&
	    (ctx = EVP_CIPHER_CTX_new()) != NULL && is_wrap(mech))
		EVP_CIPHER_CTX_set_flags(ctx, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
	if (ctx == NULL || EVP_CipherInit_ex2(ctx, cipher, k.p,
	    is_wrap(mech) ? NULL : x->iv, enc, NULL) != 1 ||
	    EVP_CIPHER_CTX_set_padding(ctx, pad) != 1 ||
	    (gcm && !enc && EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG,
	    GCM_TAG, x->tag) != 1)) {
		ERR_clear_error();
		nf_buf_wipe(buf);
		status = nf_mod_refuse(txn, NF_ST_FAILED,
		    "libcrypto refuses the cipher");
		goto out;
	}
	if ((gcm && x->header.len > 0 && EVP_CipherUpdate(ctx, NULL, &n,
	    x->header.p, (int)x->header.len) != 1) ||
	    EVP_CipherUpdate(ctx, buf->p, &n, in.p, (int)in.len) != 1 ||
	    EVP_CipherFinal_ex(ctx, buf->p + n, &last) != 1 ||
	    (gcm && enc && EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG,
	    GCM_TAG, x->tag) != 1))
		goto failed;
	buf->len = (size_t)n + (size_t)last;
	status = NF_ST_OK;
	goto out;
failed:
	nf_buf_wipe(buf);
	status = ERR_peek_error() != 0 && nf_crypto_own_fault() ?
	    nf_mod_refuse(txn, NF_ST_FAILED, "libcrypto failed") :
	    nf_mod_refuse(txn, status, "padding, length or tag is wrong");
out:
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(cipher);
	return status;
}

static uint32_t
encrypt_aes(struct nf_mod_txn *txn, struct nf_mod_key *key, uint32_t mech,
    struct nf_view plain, struct nf_buf *buf, struct nf_cipher *out)
{
	const struct nf_cipher *given = &txn->in->cipher;
	struct nf_buf *extra = &txn->buf[3];	/* iv, then tag */
	bool gcm = mech == NF_MECH_RIJNDAELMGCM;
	size_t iv_len = gcm ? GCM_IV : AES_BLOCK;
	struct aes_extra x;
	uint32_t status;

	if ((given->iv.len != 0 && given->iv.len != iv_len) ||
	    (given->header.len != 0 && !gcm))
		return nf_mod_refuse(txn, NF_ST_INVALIDPARAMETER,
		    "an iv of %zu bytes, or a header, where mechanism %u "
		    "takes no such", given->iv.len, mech);
	nf_buf_fill(extra, 0, AES_BLOCK + GCM_TAG);
	if (nf_buf_err(extra) != 0)
		return NF_ST_NOMEMORY;
	if (nf_mod_random(extra->p, AES_BLOCK) != 0)
		return nf_mod_refuse(txn, NF_ST_FAILED, "no randomness");
	if (given->iv.len != 0)
		memcpy(extra->p, given->iv.p, iv_len);
	x.iv = extra->p;
	x.tag = extra->p + AES_BLOCK;
	x.header = given->header;
	if ((status = aes(txn, key, mech, 1, &x, plain, buf)) != NF_ST_OK)
		return status;
	out->v[0] = nf_buf_view(buf);
	out->iv = nf_view_of(extra->p, iv_len);
	out->v[1] = nf_view_of(extra->p + AES_BLOCK, GCM_TAG);
	return NF_ST_OK;
}

uint32_t
nf_mod_encrypt(struct nf_mod_txn *txn, struct nf_mod_key *key, uint32_t mech,
    const struct nf_plain *plain, struct nf_buf *buf, struct nf_cipher *out)
{
	uint8_t ct[NF_MOD_RSA_BITS_MAX / 8];
	size_t n = sizeof(ct);
	enum nf_digest digest;
	EVP_PKEY_CTX *ctx;
	EVP_PKEY *pkey;
	bool ok;

	if (plain->type != NF_PLAIN_BYTES)
		return nf_mod_refuse(txn, NF_ST_TYPEMISMATCH,
		    "the plaintext must be bytes");
	out->mech = mech;
	if (key->pub.type == 0)
		return encrypt_aes(txn, key, mech, plain->v, buf, out);
	if (key->pub.type != NF_KEY_RSAPUBLIC ||
	    rsa_padding(mech, &digest) == 0)
		return nf_mod_refuse(txn, NF_ST_MECHANISMNOTEXPECTED,
		    "mechanism %u cannot encrypt with this key", mech);
	if (nf_mod_key_pkey(key, &pkey, NULL) != 0 ||
	    (ctx = rsa_ctx(pkey, mech, true)) == NULL)
		return nf_mod_refuse(txn, NF_ST_FAILED,
		    "libcrypto refuses mechanism %u", mech);
	ERR_clear_error();
	ok = EVP_PKEY_encrypt(ctx, ct, &n, plain->v.p, plain->v.len) == 1;
	EVP_PKEY_CTX_free(ctx);
	if (!ok && nf_crypto_own_fault())
		return nf_mod_refuse(txn, NF_ST_FAILED, "libcrypto failed");
	if (!ok)
		return nf_mod_refuse(txn, NF_ST_ENCRYPTFAILED,
		    "the plaintext does not fit the key");
	out->v[0] = nf_mod_number_put(buf, ct, n);
	return NF_ST_OK;
}

static uint32_t
decrypt_rsa(struct nf_mod_txn *txn, struct nf_mod_key *key, uint32_t mech,
    const struct nf_cipher *cipher, struct nf_buf *buf)
{
	uint8_t be[NF_MOD_RSA_BITS_MAX / 8];
	EVP_PKEY_CTX *ctx;
	EVP_PKEY *pkey;
	size_t n, outlen;
	bool ok;

	if (nf_mod_key_pkey(key, &pkey, NULL) != 0 ||
	    (ctx = rsa_ctx(pkey, mech, false)) == NULL)
		return nf_mod_refuse(txn, NF_ST_FAILED,
		    "libcrypto refuses mechanism %u", mech);
	n = outlen = (size_t)EVP_PKEY_get_size(pkey);
	nf_buf_fill(buf, 0, n);
	if (nf_buf_err(buf) != 0) {
		EVP_PKEY_CTX_free(ctx);
		return NF_ST_NOMEMORY;
	}
	/* A label that we would ignore must not be taken for checked. */
	ok = cipher->iv.len == 0 && nf_mod_number_be(cipher->v[0], be, n);
	if (ok) {
		/* The key may be gone then; the context keeps what is used. */
		nf_mod_busy_begin(txn);
		ok = EVP_PKEY_decrypt(ctx, buf->p, &outlen, be, n) == 1;
		nf_mod_busy_end(txn);
	}
	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	if (!ok) {
		nf_buf_wipe(buf);
		return nf_mod_refuse(txn, NF_ST_DECRYPTFAILED,
		    "the ciphertext does not open");
	}
	buf->len = outlen;
	return NF_ST_OK;
}

uint32_t
nf_mod_decrypt(struct nf_mod_txn *txn, struct nf_mod_key *key, uint32_t mech,
    const struct nf_cipher *cipher, uint32_t replytype, struct nf_buf *buf,
    struct nf_plain *out)
{
	uint8_t tag[GCM_TAG] = { 0 };
	struct aes_extra x = { cipher->iv.p, tag, cipher->header };
	enum nf_digest digest;
	uint32_t status;

	if (replytype != NF_PLAIN_BYTES || cipher->mech != mech)
		return nf_mod_refuse(txn, NF_ST_TYPEMISMATCH,
		    "the reply must be bytes, the mechanism the ciphertext's");
	if (key->pub.type == 0) {
		if (mech == NF_MECH_RIJNDAELMGCM) {
			if (cipher->iv.len != GCM_IV)
				return nf_mod_refuse(txn,
				    NF_ST_INVALIDPARAMETER,
				    "the iv must have %d bytes", GCM_IV);
			memcpy(tag, cipher->v[1].p, GCM_TAG);
		}
		status = aes(txn, key, mech, 0, &x, cipher->v[0], buf);
	} else if (nf_wire_keykind(key->key.type) != NF_KIND_PRIVATE ||
	    key->pub.type != NF_KEY_RSAPUBLIC ||
	    rsa_padding(mech, &digest) == 0)
		return nf_mod_refuse(txn, NF_ST_MECHANISMNOTEXPECTED,
		    "mechanism %u cannot decrypt with this key", mech);
	else
		status = decrypt_rsa(txn, key, mech, cipher, buf);
	if (status != NF_ST_OK)
		return status;
	out->type = NF_PLAIN_BYTES;
	out->v = nf_buf_view(buf);
	return NF_ST_OK;
}
