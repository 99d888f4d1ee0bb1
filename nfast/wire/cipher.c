/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include <openssl/evp.h>

#include "nfast/base/pkey.h"
#include "nfast/wire/cipher.h"
#include "nfast/wire/names.h"

#define LABEL_MAX	256

/* The wire form of each mechanism's CipherText. */
enum form {
	FORM_NONE,
	FORM_RS,		/* two bignums */
	FORM_NUMBER,		/* one bignum */
	FORM_LABELLED,		/* one bignum; the iv is a byte block */
	FORM_HASH,		/* raw hash */
	FORM_BLOCK,		/* byte block */
	FORM_BLOCK_IV16,	/* byte block, 16 raw bytes */
	FORM_GCM		/* byte block, 16-byte tag, iv, header, taglen */
};

static const struct nf_sigmech sigmechs[] = {
	{ NF_MECH_DSA, NF_SIG_DSA, NF_SHA1 },
	{ NF_MECH_DSAHSHA224, NF_SIG_DSA, NF_SHA224 },
	{ NF_MECH_DSAHSHA256, NF_SIG_DSA, NF_SHA256 },
	{ NF_MECH_DSAHSHA384, NF_SIG_DSA, NF_SHA384 },
	{ NF_MECH_DSAHSHA512, NF_SIG_DSA, NF_SHA512 },
	{ NF_MECH_ECDSA, NF_SIG_ECDSA, NF_SHA1 },
	{ NF_MECH_ECDSAHSHA224, NF_SIG_ECDSA, NF_SHA224 },
	{ NF_MECH_ECDSAHSHA256, NF_SIG_ECDSA, NF_SHA256 },
	{ NF_MECH_ECDSAHSHA384, NF_SIG_ECDSA, NF_SHA384 },
	{ NF_MECH_ECDSAHSHA512, NF_SIG_ECDSA, NF_SHA512 },
	{ NF_MECH_RSAHSHA1PPKCS1, NF_SIG_RSA_PKCS1, NF_SHA1 },
	{ NF_MECH_RSAHSHA256PPKCS1, NF_SIG_RSA_PKCS1, NF_SHA256 },
	{ NF_MECH_RSAHSHA384PPKCS1, NF_SIG_RSA_PKCS1, NF_SHA384 },
	{ NF_MECH_RSAHSHA512PPKCS1, NF_SIG_RSA_PKCS1, NF_SHA512 },
	{ NF_MECH_RSAHSHA1PPSS, NF_SIG_RSA_PSS, NF_SHA1 },
	{ NF_MECH_RSAHSHA256PPSS, NF_SIG_RSA_PSS, NF_SHA256 },
	{ NF_MECH_RSAHSHA384PPSS, NF_SIG_RSA_PSS, NF_SHA384 },
	{ NF_MECH_RSAHSHA512PPSS, NF_SIG_RSA_PSS, NF_SHA512 },
};

const struct nf_sigmech *
nf_wire_sigmech(uint32_t mech)
{
	for (size_t i = 0; i < sizeof(sigmechs) / sizeof(sigmechs[0]); i++) {
		if (sigmechs[i].mech == mech)
			return &sigmechs[i];
	}
	return NULL;
}

static enum form
form_of(uint32_t mech, size_t *hash_len)
{
	const struct nf_sigmech *sig = nf_wire_sigmech(mech);

	*hash_len = 0;
	if (sig != NULL)
		return sig->family == NF_SIG_DSA ||
		    sig->family == NF_SIG_ECDSA ? FORM_RS : FORM_NUMBER;
	switch (mech) {
	case NF_MECH_RSAPPKCS1:
		return FORM_NUMBER;
	case NF_MECH_RSAPPKCS1OAEP:
	case NF_MECH_RSAPPKCS1OAEPHSHA256:
	case NF_MECH_RSAPPKCS1OAEPHSHA384:
	case NF_MECH_RSAPPKCS1OAEPHSHA512:
		return FORM_LABELLED;
	case NF_MECH_SHA1HASH:
	case NF_MECH_SHA224HASH:
	case NF_MECH_SHA256HASH:
	case NF_MECH_SHA384HASH:
	case NF_MECH_SHA512HASH:
		*hash_len = mech == NF_MECH_SHA1HASH ? 20 :
		    mech == NF_MECH_SHA224HASH ? 28 :
		    mech == NF_MECH_SHA256HASH ? 32 :
		    mech == NF_MECH_SHA384HASH ? 48 : 64;
		return FORM_HASH;
	case NF_MECH_RIJNDAELMCBCI128PPKCS5:
	case NF_MECH_RIJNDAELMCBCPNONE:
		return FORM_BLOCK_IV16;
	case NF_MECH_RIJNDAELMECBPPKCS5:
	case NF_MECH_RIJNDAELMECBPNONE:
	case NF_MECH_AESKEYWRAPPADDED:
	case NF_MECH_AES_KEY_WRAP:
		return FORM_BLOCK;
	case NF_MECH_RIJNDAELMGCM:
		return FORM_GCM;
	default:
		return FORM_NONE;
	}
}

void
nf_wire_cipher_read(struct nf_cur *cur, struct nf_cipher *out)
{
	size_t hash_len;

	memset(out, 0, sizeof(*out));
	out->mech = nf_cur_u32(cur, "mech");
	if (nf_cur_err(cur) != 0)
		return;
	switch (form_of(out->mech, &hash_len)) {
	case FORM_RS:
		out->v[0] = nf_wire_bignum_read(cur, "r", 128);
		out->v[1] = nf_wire_bignum_read(cur, "s", 128);
		break;
	case FORM_LABELLED:
		out->v[0] = nf_wire_bignum_read(cur, "m", NF_KEYDATA_NUM_MAX);
		out->iv = nf_wire_block_read(cur, "label", LABEL_MAX);
		break;
	case FORM_NUMBER:
		out->v[0] = nf_wire_bignum_read(cur, "m", NF_KEYDATA_NUM_MAX);
		break;
	case FORM_HASH:
		out->v[0] = nf_cur_bytes(cur, "hash", hash_len);
		break;
	case FORM_BLOCK_IV16:
		out->v[0] = nf_wire_block_read(cur, "cipher", NF_PLAIN_MAX);
		out->iv = nf_cur_bytes(cur, "iv", 16);
		break;
	case FORM_BLOCK:
		out->v[0] = nf_wire_block_read(cur, "cipher", NF_PLAIN_MAX);
		break;
	case FORM_GCM:
		out->v[0] = nf_wire_block_read(cur, "cipher", NF_PLAIN_MAX);
		out->v[1] = nf_cur_bytes(cur, "tag", 16);
		out->iv = nf_wire_block_read(cur, "iv", 16);
		out->header = nf_wire_block_read(cur, "header", NF_PLAIN_MAX);
		nf_cur_expect(cur, "taglen", "\x10\0\0\0", 4);
		break;
	case FORM_NONE:
		(void)nf_cur_fail(cur, NF_E_FORMAT, "mech",
		    "mechanism %u is not supported", out->mech);
		break;
	}
}

void
nf_wire_cipher_write(struct nf_buf *buf, const struct nf_cipher *c)
{
	size_t hash_len;

	nf_buf_u32(buf, c->mech);
	switch (form_of(c->mech, &hash_len)) {
	case FORM_RS:
		nf_wire_bignum_write(buf, c->v[0]);
		nf_wire_bignum_write(buf, c->v[1]);
		break;
	case FORM_LABELLED:
		nf_wire_bignum_write(buf, c->v[0]);
		nf_wire_block_write(buf, c->iv);
		break;
	case FORM_NUMBER:
		nf_wire_bignum_write(buf, c->v[0]);
		break;
	case FORM_HASH:
		nf_buf_view_put(buf, c->v[0]);
		break;
	case FORM_BLOCK_IV16:
		nf_wire_block_write(buf, c->v[0]);
		nf_buf_view_put(buf, c->iv);
		break;
	case FORM_BLOCK:
		nf_wire_block_write(buf, c->v[0]);
		break;
	case FORM_GCM:
		nf_wire_block_write(buf, c->v[0]);
		nf_buf_view_put(buf, c->v[1]);
		nf_wire_block_write(buf, c->iv);
		nf_wire_block_write(buf, c->header);
		nf_buf_u32(buf, 16);
		break;
	case FORM_NONE:
		nf_buf_fail(buf, NF_E_INTERNAL);
		break;
	}
}

/* Length of a hash plaintext, 0 for the other types. */
static size_t
plain_hash_len(uint32_t type)
{
	switch (type) {
	case NF_PLAIN_HASH:
		return 20;
	case NF_PLAIN_HASH28:
		return 28;
	case NF_PLAIN_HASH32:
		return 32;
	case NF_PLAIN_HASH48:
		return 48;
	case NF_PLAIN_HASH64:
		return 64;
	default:
		return 0;
	}
}

void
nf_wire_plain_read(struct nf_cur *cur, struct nf_plain *out)
{
	size_t n;

	memset(out, 0, sizeof(*out));
	out->type = nf_cur_u32(cur, "plaintype");
	n = plain_hash_len(out->type);
	if (n != 0)
		out->v = nf_cur_bytes(cur, "hash", n);
	else if (out->type == NF_PLAIN_BYTES)
		out->v = nf_wire_block_read(cur, "bytes", NF_PLAIN_MAX);
	else if (out->type == NF_PLAIN_BIGNUM)
		out->v = nf_wire_bignum_read(cur, "bignum",
		    NF_KEYDATA_NUM_MAX);
	else
		(void)nf_cur_fail(cur, NF_E_FORMAT, "plaintype",
		    "plaintext type %u is not supported", out->type);
}

void
nf_wire_plain_write(struct nf_buf *buf, const struct nf_plain *p)
{
	size_t n = plain_hash_len(p->type);

	nf_buf_u32(buf, p->type);
	if (n != 0 && p->v.len == n)
		nf_buf_view_put(buf, p->v);
	else if (p->type == NF_PLAIN_BYTES)
		nf_wire_block_write(buf, p->v);
	else if (p->type == NF_PLAIN_BIGNUM)
		nf_wire_bignum_write(buf, p->v);
	else
		nf_buf_fail(buf, NF_E_INTERNAL);
}

uint32_t
nf_wire_cert_mech(const struct nf_keydata *key)
{
	if (key->type == NF_KEY_DSAPUBLIC) {
		switch (nf_le_bits(key->v[NF_DSA_P])) {
		case 1024:
			return NF_MECH_DSA;
		case 3072:
			return NF_MECH_DSAHSHA256;
		}
	}
	if (key->type == NF_KEY_ECDSAPUBLIC && key->curve == NF_EC_P521)
		return NF_MECH_ECDSAHSHA512;
	return 0;
}

int
nf_wire_sig_verify_by(const struct nf_keydata *key, EVP_PKEY_CTX *verifier,
    uint32_t mech, struct nf_view msg, const struct nf_cipher *sig,
    struct nf_diag *diag)
{
	const struct nf_sigmech *m = nf_wire_sigmech(mech);
	const struct nf_curve *curve = nf_curve_find(key->curve);
	uint8_t digest[NF_DIGEST_MAX];
	size_t q_bits = 0;
	int r;

	if (sig->mech != mech)
		return nf_diag_set(diag, NF_E_VERIFY, "mech",
		    "signed with mechanism %u where %u is due", sig->mech,
		    mech);
	if (m != NULL && m->family == NF_SIG_DSA &&
	    key->type == NF_KEY_DSAPUBLIC)
		q_bits = nf_le_bits(key->v[NF_DSA_Q]);
	else if (m != NULL && m->family == NF_SIG_ECDSA &&
	    nf_wire_key_is_ec(key->type) && curve != NULL)
		q_bits = curve->order_bits;
	if (q_bits == 0)
		return nf_diag_set(diag, NF_E_VERIFY, "mech",
		    "mechanism %u does not fit the key", mech);
	if ((r = nf_digest_of(m->digest, &msg, 1, digest)) != 0)
		return nf_diag_set(diag, r, "mech", "libcrypto refuses %s",
		    nf_digest_name(m->digest));
	return nf_pkey_verifier_rs(verifier, digest,
	    nf_digest_size(m->digest), sig->v[0], sig->v[1], q_bits, diag);
}

int
nf_wire_sig_verify(const struct nf_keydata *key, EVP_PKEY *pkey,
    uint32_t mech, struct nf_view msg, const struct nf_cipher *sig,
    struct nf_diag *diag)
{
	EVP_PKEY_CTX *verifier;
	int r;

	if ((r = nf_pkey_verifier_new(pkey, &verifier, diag)) == 0)
		r = nf_wire_sig_verify_by(key, verifier, mech, msg, sig,
		    diag);
	EVP_PKEY_CTX_free(verifier);
	return r;
}
