/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures with loaded keys; ACLs were consulted before. */
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
		out->v[0] = nf_mod_number_put(buf, sig, len);
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
		out->v[0] = nf_mod_number_put(buf, sig, len);
	return nf_buf_err(buf) == 0 ? NF_ST_OK : (uint32_t)NF_ST_NOMEMORY;
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
	if (nf_mod_number_be(sig->v[0], be, n))
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
	    (n > sizeof(be) || !nf_mod_number_be(sig->v[0], be, n)))
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
