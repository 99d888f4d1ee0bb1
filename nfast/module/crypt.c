/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures and encryption with loaded keys; ACLs were consulted before. */
#include "config.h"

#include <string.h>

#include <openssl/dsa.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "nfast/base/crypto.h"
#include "nfast/base/digest.h"
#include "nfast/base/pkey.h"
#include "nfast/module/internal.h"

#define SIG_MAX		(NF_MOD_RSA_BITS_MAX / 8)	/* any encoding's */
#define AES_BLOCK	16
#define GCM_IV		12
#define GCM_TAG		16

static bool
fits(const struct nf_sigmech *m, const struct nf_mod_key *key)
{
	switch (m->family) {
	case NF_SIG_DSA:
		return key->pub.type == NF_KEY_DSAPUBLIC;
	case NF_SIG_ECDSA:
		return key->pub.type == NF_KEY_ECDSAPUBLIC ||
		    key->pub.type == NF_KEY_ECPUBLIC;
	default:
		return key->pub.type == NF_KEY_RSAPUBLIC;
	}
}

/* The digest to sign: of the bytes, or the hash that was given. */
static uint32_t
digest_of(struct nf_mod_txn *txn, const struct nf_sigmech *m,
    const struct nf_plain *plain, uint8_t *out)
{
	size_t n = nf_digest_size(m->digest);

	if (plain->type == NF_PLAIN_BYTES)
		return nf_digest_of(m->digest, &plain->v, 1, out) == 0 ?
		    NF_ST_OK : nf_mod_refuse(txn, NF_ST_FAILED,
		    "libcrypto refuses %s", nf_digest_name(m->digest));
	if (plain->type == NF_PLAIN_BIGNUM || plain->v.len != n)
		return nf_mod_refuse(txn, NF_ST_TYPEMISMATCH,
		    "the plaintext is neither bytes nor a %s hash",
		    nf_digest_name(m->digest));
	memcpy(out, plain->v.p, n);
	return NF_ST_OK;
}

/* An initialised context for a mechanism. */
static EVP_PKEY_CTX *
signature_ctx(EVP_PKEY *pkey, const struct nf_sigmech *m, bool sign)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
	const EVP_MD *md = nf_digest_md(m->digest);
	bool ok = ctx != NULL && md != NULL &&
	    (sign ? EVP_PKEY_sign_init(ctx) : EVP_PKEY_verify_init(ctx)) == 1;

	if (ok && (m->family == NF_SIG_RSA_PKCS1 ||
	    m->family == NF_SIG_RSA_PSS))
		ok = EVP_PKEY_CTX_set_rsa_padding(ctx,
		    m->family == NF_SIG_RSA_PSS ? RSA_PKCS1_PSS_PADDING :
		    RSA_PKCS1_PADDING) == 1 &&
		    EVP_PKEY_CTX_set_signature_md(ctx, md) == 1;
	if (ok && m->family == NF_SIG_RSA_PSS)
		ok = EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx,
		    RSA_PSS_SALTLEN_DIGEST) == 1;
	if (!ok) {
		EVP_PKEY_CTX_free(ctx);
		ERR_clear_error();
		return NULL;
	}
	return ctx;
}

/* Big-endian bytes to a little-endian number in buf. */
static struct nf_view
reversed(struct nf_buf *buf, const uint8_t *p, size_t len)
{
	size_t at = buf->len;

	nf_buf_fill(buf, 0, len);
	if (nf_buf_err(buf) != 0)
		return nf_view_of(NULL, 0);
	for (size_t i = 0; i < len; i++)
		buf->p[at + i] = p[len - 1 - i];
	return nf_view_of(buf->p + at, len);
}

/* DER signature to r and s in buf. */
static int
rs_of(const uint8_t *der, size_t len, bool ec, struct nf_buf *buf,
    struct nf_cipher *out)
{
	const BIGNUM *r = NULL, *s = NULL;
	const unsigned char *p = der;
	ECDSA_SIG *esig = NULL;
	DSA_SIG *dsig = NULL;
	int rl, sl, ret = NF_E_CRYPTO;

	if (ec && (esig = d2i_ECDSA_SIG(NULL, &p, (long)len)) != NULL)
		ECDSA_SIG_get0(esig, &r, &s);
	if (!ec && (dsig = d2i_DSA_SIG(NULL, &p, (long)len)) != NULL)
		DSA_SIG_get0(dsig, &r, &s);
	if (r == NULL || s == NULL)
		goto out;
	rl = BN_num_bytes(r);
	sl = BN_num_bytes(s);
	nf_buf_fill(buf, 0, (size_t)rl + (size_t)sl);
	if ((ret = nf_buf_err(buf)) != 0)
		goto out;
	if (BN_bn2lebinpad(r, buf->p, rl) != rl ||
	    BN_bn2lebinpad(s, buf->p + rl, sl) != sl) {
		ret = NF_E_CRYPTO;
		goto out;
	}
	out->v[0] = nf_view_of(buf->p, (size_t)rl);
	out->v[1] = nf_view_of(buf->p + rl, (size_t)sl);
out:
	ECDSA_SIG_free(esig);
	DSA_SIG_free(dsig);
	return ret;
}

/* Its callers hold nothing of the module that another client can change. */
static bool
lets_others_on(const struct nf_mod_txn *txn)
{
	if (txn->cmd == NULL)
		return false;
	switch (txn->cmd->cmd) {
	case NF_CMD_SIGN:
	case NF_CMD_GENERATEKEY:
	case NF_CMD_GENERATEKEYPAIR:
		return true;
	default:
		return false;
	}
}

/*
 * What takes long in a signature.  Others may have the module meanwhile and
 * take the key away; the context keeps what is needed of it.
 */
static bool
long_sign(const struct nf_mod_txn *txn, EVP_PKEY_CTX *ctx,
    struct nf_view in, uint8_t *sig, size_t *len)
{
	bool ok, shared = lets_others_on(txn);

	if (shared)
		nf_mod_busy_begin(txn);
	ok = EVP_PKEY_sign(ctx, sig, len, in.p, in.len) == 1;
	if (shared)
		nf_mod_busy_end(txn);
	return ok;
}

/* Only 0 without a word is a signature that does not verify. */
static uint32_t
verify(struct nf_mod_txn *txn, EVP_PKEY_CTX *ctx, const uint8_t *sig,
    size_t len, struct nf_view digest)
{
	int r;

	ERR_clear_error();
	r = EVP_PKEY_verify(ctx, sig, len, digest.p, digest.len);
	if (r == 1)
		return NF_ST_OK;
	if ((r != 0 || ERR_peek_error() != 0) && nf_crypto_own_fault())
		return nf_mod_refuse(txn, NF_ST_FAILED, "libcrypto failed");
	return nf_mod_refuse(txn, NF_ST_VERIFYFAILED,
	    "the signature does not verify");
}

/*
 * RSApPKCS1 as a signature: the bytes padded as they are, without a digest's
 * name.  sig is big-endian, of modulus length.
 */
static uint32_t
raw_signature(struct nf_mod_txn *txn, struct nf_mod_key *key, bool sign,
    const struct nf_plain *plain, uint8_t *sig, size_t *len)
{
	EVP_PKEY_CTX *ctx = NULL;
	EVP_PKEY *pkey;
	uint32_t status = NF_ST_OK;

	if (key->pub.type != NF_KEY_RSAPUBLIC || plain->type != NF_PLAIN_BYTES)
		return nf_mod_refuse(txn, NF_ST_MECHANISMNOTEXPECTED,
		    "mechanism %u is for bytes and RSA keys",
		    NF_MECH_RSAPPKCS1);
	if (nf_mod_key_pkey(key, &pkey, NULL) != 0 ||
	    (ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL)) == NULL ||
	    (sign ? EVP_PKEY_sign_init(ctx) :
	    EVP_PKEY_verify_init(ctx)) != 1 ||
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) != 1)
		status = nf_mod_refuse(txn, NF_ST_FAILED,
		    "libcrypto refuses mechanism %u", NF_MECH_RSAPPKCS1);
	else if (sign && !long_sign(txn, ctx, plain->v, sig, len))
		status = nf_mod_refuse(txn, NF_ST_INVALIDPARAMETER,
		    "the plaintext does not fit the key");
	else if (!sign)
		status = verify(txn, ctx, sig, *len, plain->v);
	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	return status;
}

/* The key's context for a mechanism, which is the caller's from now on. */
static EVP_PKEY_CTX *
sign_ctx_take(struct nf_mod_key *key, const struct nf_sigmech *m)
{
	EVP_PKEY_CTX *ctx = key->sign_ctx;
	EVP_PKEY *pkey;

	key->sign_ctx = NULL;
	if (ctx != NULL && key->sign_mech == m->mech)
		return ctx;
	EVP_PKEY_CTX_free(ctx);
	return nf_mod_key_pkey(key, &pkey, NULL) != 0 ? NULL :
	    signature_ctx(pkey, m, true);
}

/* Back to the key, unless it went away or has another meanwhile. */
static void
sign_ctx_give(struct nf_mod_key *key, const struct nf_sigmech *m,
    EVP_PKEY_CTX *ctx)
{
	if (key == NULL || key->sign_ctx != NULL) {
		EVP_PKEY_CTX_free(ctx);
		return;
	}
	key->sign_ctx = ctx;
	key->sign_mech = m->mech;
}

/* Sign with a context of the key, which has it back when it is still there. */
static bool
sign_digest(struct nf_mod_txn *txn, struct nf_mod_key *key,
    const struct nf_sigmech *m, EVP_PKEY_CTX *ctx, const uint8_t *digest,
    uint8_t *sig, size_t *len)
{
	bool ok = long_sign(txn, ctx, nf_view_of(digest,
	    nf_digest_size(m->digest)), sig, len);
	const struct nf_mod_object *o;

	if (lets_others_on(txn)) {
		/* A module key that has gone cannot be told from this one. */
		o = txn->cmd->cmd != NF_CMD_SIGN ? NULL :
		    nf_mod_object_find(txn, txn->in->key);
		key = o == NULL ? NULL : o->key;
	}
	sign_ctx_give(key, m, ctx);
	if (!ok)
		ERR_clear_error();
	return ok;
}

uint32_t
nf_mod_sign(struct nf_mod_txn *txn, struct nf_mod_key *key, uint32_t mech,
    const struct nf_plain *plain, struct nf_buf *buf, struct nf_cipher *out)
{
	const struct nf_sigmech *m = nf_wire_sigmech(mech);
	uint8_t digest[NF_DIGEST_MAX], sig[SIG_MAX];
	size_t len = sizeof(sig);
	EVP_PKEY_CTX *ctx;
	uint32_t status;

	if (mech == NF_MECH_RSAPPKCS1 &&
	    nf_wire_keykind(key->key.type) == NF_KIND_PRIVATE) {
		if ((status = raw_signature(txn, key, true, plain, sig,
		    &len)) != NF_ST_OK)
			return status;
		out->mech = mech;
		out->v[0] = reversed(buf, sig, len);
		return nf_buf_err(buf) == 0 ? NF_ST_OK :
		    (uint32_t)NF_ST_NOMEMORY;
	}
	if (m == NULL || !fits(m, key) ||
	    nf_wire_keykind(key->key.type) != NF_KIND_PRIVATE)
		return nf_mod_refuse(txn, NF_ST_MECHANISMNOTEXPECTED,
		    "mechanism %u cannot sign with this key", mech);
	if ((status = digest_of(txn, m, plain, digest)) != NF_ST_OK)
		return status;
	if ((ctx = sign_ctx_take(key, m)) == NULL)
		return nf_mod_refuse(txn, NF_ST_FAILED,
		    "libcrypto refuses mechanism %u", mech);
	if (!sign_digest(txn, key, m, ctx, digest, sig, &len))
		return nf_mod_refuse(txn, NF_ST_FAILED, "libcrypto failed");
	out->mech = mech;
	if (m->family == NF_SIG_DSA || m->family == NF_SIG_ECDSA) {
		if (rs_of(sig, len, m->family == NF_SIG_ECDSA, buf, out) != 0)
			return nf_mod_refuse(txn, NF_ST_FAILED,
			    "libcrypto failed");
	} else
		out->v[0] = reversed(buf, sig, len);
	return nf_buf_err(buf) == 0 ? NF_ST_OK : (uint32_t)NF_ST_NOMEMORY;
}

/* Little-endian number to big-endian of exactly n bytes; false if longer. */
static bool
to_be(struct nf_view v, uint8_t *out, size_t n)
{
	v = nf_le_trim(v);
	if (v.len > n)
		return false;
	memset(out, 0, n);
	for (size_t i = 0; i < v.len; i++)
		out[n - 1 - i] = v.p[i];
	return true;
}

static uint32_t
verify_rsa(struct nf_mod_txn *txn, EVP_PKEY *pkey, const struct nf_sigmech *m,
    const uint8_t *digest, const struct nf_cipher *sig)
{
	EVP_PKEY_CTX *ctx = signature_ctx(pkey, m, false);
	uint8_t be[NF_MOD_RSA_BITS_MAX / 8];
	size_t n = (size_t)EVP_PKEY_get_size(pkey);
	uint32_t status;

	if (ctx == NULL)
		return nf_mod_refuse(txn, NF_ST_FAILED,
		    "libcrypto refuses mechanism %u", m->mech);
	if (to_be(sig->v[0], be, n))
		status = verify(txn, ctx, be, n, nf_view_of(digest,
		    nf_digest_size(m->digest)));
	else
		status = nf_mod_refuse(txn, NF_ST_VERIFYFAILED,
		    "the signature does not verify");
	EVP_PKEY_CTX_free(ctx);
	return status;
}

static uint32_t
verify_raw(struct nf_mod_txn *txn, struct nf_mod_key *key,
    const struct nf_plain *plain, const struct nf_cipher *sig)
{
	uint8_t be[NF_MOD_RSA_BITS_MAX / 8];
	size_t n = (nf_wire_keydata_bits(&key->pub) + 7) / 8;

	if (key->pub.type == NF_KEY_RSAPUBLIC &&
	    (n > sizeof(be) || !to_be(sig->v[0], be, n)))
		return nf_mod_refuse(txn, NF_ST_VERIFYFAILED,
		    "the signature does not verify");
	return raw_signature(txn, key, false, plain, be, &n);
}

uint32_t
nf_mod_verify(struct nf_mod_txn *txn, struct nf_mod_key *key, uint32_t mech,
    const struct nf_plain *plain, const struct nf_cipher *sig)
{
	const struct nf_sigmech *m = nf_wire_sigmech(mech);
	uint8_t digest[NF_DIGEST_MAX];
	const struct nf_curve *curve;
	EVP_PKEY *pkey;
	size_t q_bits;
	uint32_t status;

	if (mech == NF_MECH_RSAPPKCS1 && sig->mech == mech)
		return verify_raw(txn, key, plain, sig);
	if (m == NULL || !fits(m, key) || sig->mech != mech)
		return nf_mod_refuse(txn, NF_ST_MECHANISMNOTEXPECTED,
		    "mechanism %u cannot verify with this key", mech);
	if ((status = digest_of(txn, m, plain, digest)) != NF_ST_OK)
		return status;
	if (nf_mod_key_pkey(key, &pkey, NULL) != 0)
		return nf_mod_refuse(txn, NF_ST_FAILED, "libcrypto failed");
	if (m->family == NF_SIG_RSA_PKCS1 || m->family == NF_SIG_RSA_PSS)
		return verify_rsa(txn, pkey, m, digest, sig);
	if ((curve = nf_curve_find(key->pub.curve)) != NULL)
		q_bits = curve->order_bits;
	else
		q_bits = nf_le_bits(key->pub.v[NF_DSA_Q]);
	switch (nf_pkey_verify_rs(pkey, digest, nf_digest_size(m->digest),
	    sig->v[0], sig->v[1], q_bits, NULL)) {
	case 0:
		return NF_ST_OK;
	case NF_E_VERIFY:
		return nf_mod_refuse(txn, NF_ST_VERIFYFAILED,
		    "the signature does not verify");
	default:
		return nf_mod_refuse(txn, NF_ST_FAILED, "libcrypto failed");
	}
}

/* ---- encryption ---------------------------------------------------------- */

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
	out->v[0] = reversed(buf, ct, n);
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
	ok = cipher->iv.len == 0 && to_be(cipher->v[0], be, n);
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
