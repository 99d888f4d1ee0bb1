/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sign, verify, encrypt, decrypt, wrapKey and unwrapKey, each one command to
 * the module.  Names of algorithms and forms of values are the service's
 * (real); the texts of refusals are ours but for the first words of "Key and
 * signing algorithm are incompatible".
 */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "nfast/base/pkey.h"
#include "nfast/host/host.h"
#include "transfer/vault-internal.h"

#define SIGNING		(NF_VAULT_SIGN | NF_VAULT_VERIFY)
#define WRAPPING	(NF_VAULT_WRAP | NF_VAULT_UNWRAP)
#define CIPHERING	(NF_VAULT_ENCRYPT | NF_VAULT_DECRYPT)
#define PUBLIC_OPS	(NF_VAULT_VERIFY | NF_VAULT_ENCRYPT | NF_VAULT_WRAP)
#define IV_LEN		16
#define IV_GCM		12
#define TAG_LEN		16

/*
 * What an algorithm asks of the key and of the module.
 *   curve   of EC
 *   bits    of oct, 0: any
 *   plain   type of a digest, 0: bytes
 *   digest  its length
 */
struct alg {
	const char *name;
	enum nf_xfer_kty kty;
	uint32_t curve, bits;
	uint32_t ops;
	uint32_t mech;
	uint32_t plain;
	size_t digest;
};

#define RSA_SIGN(n, m, p, d)	\
	{ n, NF_XFER_RSA, 0, 0, SIGNING, m, p, d }
#define RSA_CIPHER(n, m)	\
	{ n, NF_XFER_RSA, 0, 0, CIPHERING | WRAPPING, m, 0, 0 }
#define EC_SIGN(n, c, m, p, d)	\
	{ n, NF_XFER_EC, c, 0, SIGNING, m, p, d }
#define OCT(n, b, o, m)		{ n, NF_XFER_OCT, 0, b, o, m, 0, 0 }
#define OCT_SIZES(suffix, o, m)	\
	OCT("A128" suffix, 128, o, m), OCT("A192" suffix, 192, o, m), \
	OCT("A256" suffix, 256, o, m)

static const struct alg algs[] = {
	RSA_SIGN("RS256", NF_MECH_RSAHSHA256PPKCS1, NF_PLAIN_HASH32, 32),
	RSA_SIGN("RS384", NF_MECH_RSAHSHA384PPKCS1, NF_PLAIN_HASH48, 48),
	RSA_SIGN("RS512", NF_MECH_RSAHSHA512PPKCS1, NF_PLAIN_HASH64, 64),
	RSA_SIGN("PS256", NF_MECH_RSAHSHA256PPSS, NF_PLAIN_HASH32, 32),
	RSA_SIGN("PS384", NF_MECH_RSAHSHA384PPSS, NF_PLAIN_HASH48, 48),
	RSA_SIGN("PS512", NF_MECH_RSAHSHA512PPSS, NF_PLAIN_HASH64, 64),
	RSA_SIGN("RSNULL", NF_MECH_RSAPPKCS1, 0, 0),
	EC_SIGN("ES256", NF_EC_P256, NF_MECH_ECDSAHSHA256, NF_PLAIN_HASH32,
	    32),
	EC_SIGN("ES384", NF_EC_P384, NF_MECH_ECDSAHSHA384, NF_PLAIN_HASH48,
	    48),
	EC_SIGN("ES512", NF_EC_P521, NF_MECH_ECDSAHSHA512, NF_PLAIN_HASH64,
	    64),
	EC_SIGN("ES256K", NF_EC_SECP256K1, NF_MECH_ECDSAHSHA256,
	    NF_PLAIN_HASH32, 32),
	RSA_CIPHER("RSA1_5", NF_MECH_RSAPPKCS1),
	RSA_CIPHER("RSA-OAEP", NF_MECH_RSAPPKCS1OAEP),
	RSA_CIPHER("RSA-OAEP-256", NF_MECH_RSAPPKCS1OAEPHSHA256),
	OCT_SIZES("KW", WRAPPING, NF_MECH_AES_KEY_WRAP),
	OCT("CKM_AES_KEY_WRAP", 0, WRAPPING, NF_MECH_AES_KEY_WRAP),
	OCT("CKM_AES_KEY_WRAP_PAD", 0, WRAPPING, NF_MECH_AESKEYWRAPPADDED),
	OCT_SIZES("CBC", CIPHERING, NF_MECH_RIJNDAELMCBCPNONE),
	OCT_SIZES("CBCPAD", CIPHERING, NF_MECH_RIJNDAELMCBCI128PPKCS5),
	OCT_SIZES("GCM", CIPHERING, NF_MECH_RIJNDAELMGCM)
};

/* One operation under way. */
struct work {
	struct nf_vaults *v;
	const struct nf_vault_item *item;
	const struct alg *alg;
	const struct nf_vault_use *use;
	struct nf_vault_result *res;
	struct nf_vault_error *err;
	struct nf_command cmd;
	struct nf_reply reply;
	uint8_t number[2][NF_KEYDATA_NUM_MAX];	/* of cmd */
};

static bool
alg_find(const struct nf_vault_key *key, const struct nf_vault_use *use,
    const struct alg **out, struct nf_vault_error *err)
{
	const struct alg *a = NULL;

	for (size_t i = 0; i < sizeof(algs) / sizeof(algs[0]); i++) {
		if (strcmp(algs[i].name, use->alg) == 0)
			a = &algs[i];
	}
	if (a == NULL || (a->ops & use->op) == 0)
		return NF_VAULT_BAD(err, "The algorithm %.40s is none of "
		    "the operation %s.", use->alg,
		    nf_vault_op_name(use->op));
	if (a->kty != key->type.kty ||
	    (a->curve != 0 && a->curve != key->type.curve) ||
	    (a->bits != 0 && a->bits != key->type.bits))
		return NF_VAULT_BAD(err, "Key and %s algorithm are "
		    "incompatible: this key does not do %s.",
		    (a->ops & SIGNING) != 0 ? "signing" : "encryption",
		    a->name);
	*out = a;
	return true;
}

/* ---- numbers ------------------------------------------------------------- */

/* The bytes of one number of this key's results. */
static size_t
number_len(const struct work *w)
{
	if (w->alg->kty == NF_XFER_RSA)
		return (w->item->key.type.bits + 7) / 8;
	return nf_curve_find(w->item->key.type.curve)->field_bytes;
}

/* Big-endian bytes to a little-endian number in own. */
static struct nf_view
number_in(uint8_t *own, struct nf_view v)
{
	for (size_t i = 0; i < v.len; i++)
		own[i] = v.p[v.len - 1 - i];
	return nf_le_trim(nf_view_of(own, v.len));
}

/* Append a little-endian number as len big-endian bytes. */
static void
number_out(struct nf_buf *out, struct nf_view v, size_t len)
{
	size_t at = out->len;

	v = nf_le_trim(v);
	nf_buf_fill(out, 0, len);
	if (v.len > len)
		nf_buf_fail(out, NF_E_INTERNAL);
	if (nf_buf_err(out) != 0)
		return;
	for (size_t i = 0; i < v.len; i++)
		out->p[at + len - 1 - i] = v.p[i];
}

/* ---- the command --------------------------------------------------------- */

static bool
value_in(struct work *w)
{
	struct nf_plain *p = &w->cmd.args.plain;

	if (w->use->value.len > NF_VAULT_VALUE_MAX - IV_LEN)
		return NF_VAULT_BAD(w->err, "The value is longer than %zu "
		    "bytes.", NF_VAULT_VALUE_MAX - IV_LEN);
	if (w->alg->digest != 0 && w->use->value.len != w->alg->digest)
		return NF_VAULT_BAD(w->err, "Invalid length of the digest: "
		    "%zu bytes. %s expects %zu bytes.", w->use->value.len,
		    w->alg->name, w->alg->digest);
	p->type = w->alg->plain == 0 ? NF_PLAIN_BYTES : w->alg->plain;
	p->v = w->use->value;
	return true;
}

/* A signature: r and s, or one number; another length verifies nothing. */
static bool
signature_in(struct work *w)
{
	struct nf_cipher *c = &w->cmd.args.cipher;
	size_t n = number_len(w);
	struct nf_view sig = w->use->other;
	bool rs = w->alg->kty == NF_XFER_EC;

	c->mech = w->alg->mech;
	if (sig.len != (rs ? 2 * n : n))
		return false;
	c->v[0] = number_in(w->number[0], nf_view_of(sig.p, n));
	if (rs)
		c->v[1] = number_in(w->number[1], nf_view_of(sig.p + n, n));
	return true;
}

static bool
has_iv(const struct alg *a)
{
	return a->kty == NF_XFER_OCT && (a->ops & CIPHERING) != 0;
}

static bool
encrypt_in(struct work *w)
{
	struct nf_args *a = &w->cmd.args;
	bool gcm = w->alg->mech == NF_MECH_RIJNDAELMGCM;

	if (!has_iv(w->alg))
		return value_in(w);
	if (gcm && w->use->other.len != 0)
		return NF_VAULT_BAD(w->err, "The iv of %s is made by the "
		    "service.", w->alg->name);
	if (!gcm && w->use->other.len != IV_LEN)
		return NF_VAULT_BAD(w->err, "%s needs an iv of %d bytes.",
		    w->alg->name, IV_LEN);
	if (w->use->aad.len > (gcm ? NF_VAULT_VALUE_MAX : 0))
		return NF_VAULT_BAD(w->err, "%s takes no such aad.",
		    w->alg->name);
	a->flags = NF_ENCRYPT_IV;
	a->cipher.iv = w->use->other;
	a->cipher.header = w->use->aad;
	return value_in(w);
}

static bool
decrypt_in(struct work *w)
{
	struct nf_args *a = &w->cmd.args;
	struct nf_cipher *c = &a->cipher;
	bool gcm = w->alg->mech == NF_MECH_RIJNDAELMGCM;

	c->mech = w->alg->mech;
	a->replytype = NF_PLAIN_BYTES;
	if (w->use->value.len > NF_VAULT_VALUE_MAX)
		return NF_VAULT_BAD(w->err, "The value is longer than %zu "
		    "bytes.", NF_VAULT_VALUE_MAX);
	if (w->alg->kty == NF_XFER_RSA) {
		if (w->use->value.len != number_len(w))
			return NF_VAULT_BAD(w->err, "Invalid length of the "
			    "value: %zu bytes. This key expects %zu bytes.",
			    w->use->value.len, number_len(w));
		c->v[0] = number_in(w->number[0], w->use->value);
		return true;
	}
	c->v[0] = w->use->value;
	if (!has_iv(w->alg))
		return true;
	if (w->use->other.len != (gcm ? IV_GCM : IV_LEN))
		return NF_VAULT_BAD(w->err, "%s needs an iv of %d bytes.",
		    w->alg->name, gcm ? IV_GCM : IV_LEN);
	if (w->use->tag.len != (gcm ? TAG_LEN : 0) ||
	    w->use->aad.len > (gcm ? NF_VAULT_VALUE_MAX : 0))
		return NF_VAULT_BAD(w->err, "%s %s.", w->alg->name, gcm ?
		    "needs a tag of 16 bytes" : "takes no tag and no aad");
	c->iv = w->use->other;
	c->v[1] = w->use->tag;
	c->header = w->use->aad;
	return true;
}

/* ---- the reply ----------------------------------------------------------- */

static void
cipher_out(struct work *w)
{
	const struct nf_cipher *c = &w->reply.args.cipher;

	if (w->alg->kty == NF_XFER_OCT) {
		nf_buf_view_put(&w->res->value, c->v[0]);
		if (has_iv(w->alg))
			nf_buf_view_put(&w->res->iv, c->iv);
		if (w->alg->mech == NF_MECH_RIJNDAELMGCM)
			nf_buf_view_put(&w->res->tag, c->v[1]);
		return;
	}
	number_out(&w->res->value, c->v[0], number_len(w));
	if (w->alg->kty == NF_XFER_EC)
		number_out(&w->res->value, c->v[1], number_len(w));
}

static bool
call(struct work *w, uint32_t key)
{
	struct nf_diag diag = { 0 };
	int r;

	w->cmd.args.key = key;
	w->cmd.args.mech = w->alg->mech;
	if ((r = nf_host_call(w->v->authority.host, &w->cmd, &w->reply,
	    &diag)) == 0) {
		w->res->ok = true;
		if (w->cmd.cmd == NF_CMD_DECRYPT)
			nf_buf_view_put(&w->res->value,
			    w->reply.args.plain.v);
		else if (w->cmd.cmd != NF_CMD_VERIFY)
			cipher_out(w);
		if (nf_buf_err(&w->res->value) == 0 &&
		    nf_buf_err(&w->res->iv) == 0 &&
		    nf_buf_err(&w->res->tag) == 0)
			return true;
		return nf_vault_fail(w->err, 500, "InternalError", NULL,
		    "Out of memory.");
	}
	if (w->cmd.cmd == NF_CMD_VERIFY &&
	    w->reply.status == NF_ST_VERIFYFAILED)
		return true;
	/* An imported key may have come with fewer rights. */
	if (w->reply.status == NF_ST_ACCESSDENIED)
		return nf_vault_fail(w->err, 403, "Forbidden",
		    "KeyOperationForbidden", "Operation %s is not permitted "
		    "on this key.", nf_vault_op_name(w->use->op));
	/* One text for all that is wrong with a ciphertext. */
	if (w->reply.status == NF_ST_DECRYPTFAILED)
		return NF_VAULT_BAD(w->err, "The value cannot be decrypted "
		    "with this key and algorithm.");
	/* Not the client's fault. */
	if (r == NF_E_REFUSED && (w->reply.status == NF_ST_FAILED ||
	    w->reply.status == NF_ST_NOMEMORY ||
	    w->reply.status == NF_ST_HARDWAREFAILED))
		r = NF_E_INTERNAL;
	return nf_vault_fail_diag(w->err, r, &diag,
	    "The operation cannot be done");
}

static bool
command_of(struct work *w)
{
	switch (w->use->op) {
	case NF_VAULT_SIGN:
		w->cmd.cmd = NF_CMD_SIGN;
		return value_in(w);
	case NF_VAULT_VERIFY:
		w->cmd.cmd = NF_CMD_VERIFY;
		return value_in(w);
	case NF_VAULT_ENCRYPT:
	case NF_VAULT_WRAP:
		w->cmd.cmd = NF_CMD_ENCRYPT;
		return encrypt_in(w);
	default:
		w->cmd.cmd = NF_CMD_DECRYPT;
		return decrypt_in(w);
	}
}

bool
nf_vault_use_key(struct nf_vaults *v, const char *vault, const char *name,
    const char *version, const struct nf_vault_use *use,
    struct nf_vault_result *res, const struct nf_vault_key **key,
    struct nf_vault_error *err)
{
	struct work w = { .v = v, .use = use, .res = res, .err = err };
	struct nf_diag diag = { 0 };
	struct nf_vault_item *item;
	uint32_t id;
	bool ok;
	int half;

	if (!nf_vault_find(v, vault, name, version, &item, err) ||
	    !nf_vault_rule_use(&item->key, use->op, (int64_t)time(NULL),
	    err) || !alg_find(&item->key, use, &w.alg, err))
		return false;
	*key = &item->key;
	w.item = item;
	res->ok = false;
	if (!command_of(&w))
		return false;
	if (use->op == NF_VAULT_VERIFY && !signature_in(&w))
		return true;
	half = item->key.type.kty != NF_XFER_OCT &&
	    (use->op & PUBLIC_OPS) != 0 ? NF_VAULT_PUBLIC : NF_VAULT_PRIVATE;
	if (nf_vault_key_load(v, item, half, &id, &diag) != 0)
		return nf_vault_fail(err, 500, "InternalError", NULL,
		    "The key cannot be loaded: %s.", diag.text);
	ok = call(&w, id);
	nf_args_wipe(&w.reply.args);
	explicit_bzero(w.number, sizeof(w.number));
	return ok;
}
