/* SPDX-License-Identifier: Apache-2.0 */
/* Commands that make, show and change keys, and certify them. */
#include "config.h"

#include <string.h>

#include "nfast/base/digest.h"
#include "nfast/module/internal.h"

/* ACL of the public halves of the module's own keys (real shape). */
#define OWN_KEY_PERMS	0x227d
#define OWN_KEY_BLOB	0x23

uint32_t
nf_mod_sign_cert(struct nf_mod_txn *txn, struct nf_mod_key *signer,
    struct nf_view msg, struct nf_buf *buf, struct nf_signed *out)
{
	const struct nf_plain plain = { NF_PLAIN_BYTES, msg };

	memset(out, 0, sizeof(*out));
	out->msg = msg;
	return nf_mod_sign(txn, signer, nf_wire_cert_mech(&signer->pub),
	    &plain, buf, &out->sig);
}

/* The key-generation certificate of a new key, under KML. */
static uint32_t
certify_key(struct nf_mod_txn *txn, const struct nf_mod_key *key,
    size_t first_buf, struct nf_signed *out)
{
	struct nf_keygen_cert cert = { .params = txn->in->genparams,
	    .acl = key->acl };

	memcpy(cert.keyhash, key->hash, NF_HASH_LEN);
	nf_wire_keygen_cert_write(&txn->buf[first_buf], &cert);
	if (nf_buf_err(&txn->buf[first_buf]) != 0)
		return NF_ST_NOMEMORY;
	return nf_mod_sign_cert(txn, txn->module->kml,
	    nf_buf_view(&txn->buf[first_buf]), &txn->buf[first_buf + 1],
	    out);
}

/* Generate with the parameters of the command. */
static uint32_t
generate(struct nf_mod_txn *txn, enum nf_keykind kind,
    struct nf_mod_key **out)
{
	struct nf_secret data = { NULL, 0 };
	struct nf_diag diag = { 0 };
	struct nf_keydata kd;
	int r;

	*out = NULL;
	if (nf_wire_keykind(txn->in->genparams.type) != kind)
		return nf_mod_refuse(txn, NF_ST_TYPEMISMATCH,
		    "this command does not make keys of type %u",
		    txn->in->genparams.type);
	nf_mod_busy_begin(txn);
	if ((r = nf_mod_generate(&txn->in->genparams, &data, &kd,
	    &diag)) == 0)
		r = nf_mod_key_new(&kd, txn->in->acl, out, &diag);
	nf_mod_busy_end(txn);
	nf_secret_wipe(&data);
	return r == 0 ? NF_ST_OK : nf_mod_status(txn, r, &diag);
}

uint32_t
nf_cmd_generate_key(struct nf_mod_txn *txn)
{
	const struct nf_args *in = txn->in;
	struct nf_mod_key *key;
	uint32_t status;

	if ((status = generate(txn, NF_KIND_SYMMETRIC, &key)) != NF_ST_OK)
		return status;
	memcpy(key->appdata, in->appdata, NF_APPDATA_LEN);
	if ((in->flags & NF_GEN_CERTIFY) != 0) {
		if ((status = certify_key(txn, key, 0,
		    &txn->out->cert)) != NF_ST_OK) {
			nf_mod_key_free(key);
			return status;
		}
		txn->out->flags |= NF_REPLY_CERT;
	}
	return nf_mod_object_add(txn, key, NULL, &txn->out->key);
}

uint32_t
nf_cmd_generate_key_pair(struct nf_mod_txn *txn)
{
	const struct nf_args *in = txn->in;
	struct nf_mod_key *key = NULL, *pub = NULL;
	struct nf_diag diag = { 0 };
	uint32_t status;
	int r;

	if ((status = generate(txn, NF_KIND_PRIVATE, &key)) != NF_ST_OK)
		return status;
	memcpy(key->appdata, in->appdata, NF_APPDATA_LEN);
	if ((r = nf_mod_key_new(&key->pub, in->acl2, &pub, &diag)) != 0) {
		status = nf_mod_status(txn, r, &diag);
		goto fail;
	}
	memcpy(pub->appdata, in->appdata2, NF_APPDATA_LEN);
	if ((in->flags & NF_GEN_CERTIFY) != 0) {
		if ((status = certify_key(txn, key, 0,
		    &txn->out->cert)) != NF_ST_OK ||
		    (status = certify_key(txn, pub, 2,
		    &txn->out->cert2)) != NF_ST_OK)
			goto fail;
		txn->out->flags |= NF_REPLY_CERT | NF_REPLY_CERTPUB;
	}
	if ((status = nf_mod_object_add(txn, key, NULL,
	    &txn->out->key)) != NF_ST_OK) {
		key = NULL;
		goto fail;
	}
	if ((status = nf_mod_object_add(txn, pub, NULL,
	    &txn->out->key2)) != NF_ST_OK)
		nf_mod_object_remove(txn->module, txn->out->key);
	return status;
fail:
	nf_mod_key_free(key);
	nf_mod_key_free(pub);
	return status;
}

uint32_t
nf_cmd_import(struct nf_mod_txn *txn)
{
	struct nf_diag diag = { 0 };
	struct nf_mod_key *key;
	EVP_PKEY *pkey;
	int r;

	if ((r = nf_mod_key_new(&txn->in->keydata, txn->in->acl, &key,
	    &diag)) != 0)
		return nf_mod_status(txn, r, &diag);
	/* Blobs are not checked: it costs much, and harms only their maker. */
	if (key->key.type == NF_KEY_RSAPRIVATE &&
	    (r = nf_mod_key_pkey(key, &pkey, &diag)) == 0) {
		nf_mod_busy_begin(txn);
		r = nf_mod_check_rsa(pkey, &diag);
		nf_mod_busy_end(txn);
	}
	if (r != 0) {
		nf_mod_key_free(key);
		return nf_mod_status(txn, r, &diag);
	}
	memcpy(key->appdata, txn->in->appdata, NF_APPDATA_LEN);
	return nf_mod_object_add(txn, key, NULL, &txn->out->key);
}

uint32_t
nf_cmd_export(struct nf_mod_txn *txn)
{
	struct nf_mod_key *key;
	uint32_t status;

	if ((key = nf_mod_key_find(txn, txn->in->key, &status)) == NULL ||
	    (status = nf_mod_allow_op(txn, key,
	    NF_PERM_EXPORTASPLAIN)) != NF_ST_OK)
		return status;
	txn->out->keydata = key->key;
	return NF_ST_OK;
}

uint32_t
nf_cmd_duplicate(struct nf_mod_txn *txn)
{
	struct nf_mod_key *key, *copy;
	struct nf_diag diag = { 0 };
	uint32_t status;
	int r;

	if ((key = nf_mod_key_find(txn, txn->in->key, &status)) == NULL ||
	    (status = nf_mod_allow_op(txn, key,
	    NF_PERM_DUPLICATEHANDLE)) != NF_ST_OK)
		return status;
	if ((r = nf_mod_key_new(&key->key, key->acl, &copy, &diag)) != 0)
		return nf_mod_status(txn, r, &diag);
	memcpy(copy->appdata, key->appdata, NF_APPDATA_LEN);
	nf_mod_key_share_uses(copy, key);
	return nf_mod_object_add(txn, copy, NULL, &txn->out->key);
}

uint32_t
nf_cmd_destroy(struct nf_mod_txn *txn)
{
	if ((txn->in->key & NF_KEY_MERGED) != 0)
		return nf_mod_merged_destroy(txn, txn->in->key);
	if (nf_mod_object_find(txn, txn->in->key) == NULL)
		return nf_mod_refuse(txn, NF_ST_UNKNOWNID,
		    "no object has id %u", txn->in->key);
	nf_mod_object_remove(txn->module, txn->in->key);
	return NF_ST_OK;
}

uint32_t
nf_cmd_get_key_info(struct nf_mod_txn *txn)
{
	struct nf_mod_key *key;
	uint32_t status;

	if ((key = nf_mod_key_find(txn, txn->in->key, &status)) == NULL)
		return status;
	txn->out->type = key->key.type;
	memcpy(txn->out->hash, key->hash, NF_HASH_LEN);
	return NF_ST_OK;
}

uint32_t
nf_cmd_get_key_info_ex(struct nf_mod_txn *txn)
{
	struct nf_mod_key *key;
	uint32_t status;

	if ((key = nf_mod_key_find(txn, txn->in->key, &status)) == NULL)
		return status;
	txn->out->type = key->key.type;
	txn->out->length = (uint32_t)nf_wire_keydata_bits(
	    key->pub.type != 0 ? &key->pub : &key->key);
	memcpy(txn->out->hash, key->hash, NF_HASH_LEN);
	txn->out->hashex.mech = NF_MECH_SHA1HASH;
	memcpy(txn->out->hashex.hash, key->hash, NF_HASH_LEN);
	return NF_ST_OK;
}

uint32_t
nf_cmd_get_acl(struct nf_mod_txn *txn)
{
	struct nf_mod_key *key;
	uint32_t status;

	if ((key = nf_mod_key_find(txn, txn->in->key, &status)) == NULL ||
	    (status = nf_mod_allow_op(txn, key, NF_PERM_GETACL)) != NF_ST_OK)
		return status;
	txn->out->acl = nf_acl_copy(key->acl);
	return txn->out->acl == NULL ? NF_ST_NOMEMORY : NF_ST_OK;
}

uint32_t
nf_cmd_set_acl(struct nf_mod_txn *txn)
{
	bool reduce = (txn->in->flags & NF_SETACL_REDUCE) != 0;
	struct nf_diag diag = { 0 };
	struct nf_mod_key *key;
	uint32_t status;
	int r;

	if ((key = nf_mod_key_find(txn, txn->in->key, &status)) == NULL)
		return status;
	if (reduce && !nf_mod_acl_within(txn->in->acl, key->acl))
		return nf_mod_refuse(txn, NF_ST_INVALIDACL,
		    "the new ACL has a right that the old one lacks");
	if ((r = nf_mod_acl_fits(txn->in->acl)) == NF_E_NOMEM)
		return NF_ST_NOMEMORY;
	if (r != 0 || nf_mod_acl_too_much(txn, txn->in->acl))
		return nf_mod_refuse(txn, NF_ST_INVALIDACL,
		    "the new ACL is too long");
	if ((status = nf_mod_allow_op(txn, key, reduce ? NF_PERM_REDUCEACL :
	    NF_PERM_EXPANDACL)) != NF_ST_OK)
		return status;
	if ((r = nf_mod_key_set_acl(key, txn->in->acl)) != 0)
		return nf_mod_status(txn, r, &diag);
	return NF_ST_OK;
}

uint32_t
nf_cmd_get_app_data(struct nf_mod_txn *txn)
{
	struct nf_mod_key *key;
	uint32_t status;

	if ((key = nf_mod_key_find(txn, txn->in->key, &status)) == NULL ||
	    (status = nf_mod_allow_op(txn, key,
	    NF_PERM_GETAPPDATA)) != NF_ST_OK)
		return status;
	memcpy(txn->out->appdata, key->appdata, NF_APPDATA_LEN);
	return NF_ST_OK;
}

uint32_t
nf_cmd_set_app_data(struct nf_mod_txn *txn)
{
	struct nf_mod_key *key;
	uint32_t status;

	if ((key = nf_mod_key_find(txn, txn->in->key, &status)) == NULL ||
	    (status = nf_mod_allow_op(txn, key,
	    NF_PERM_SETAPPDATA)) != NF_ST_OK)
		return status;
	memcpy(key->appdata, txn->in->appdata, NF_APPDATA_LEN);
	return NF_ST_OK;
}

/* ---- the module's own keys --------------------------------------------- */

static uint32_t
own_public(struct nf_mod_txn *txn, const struct nf_mod_key *own)
{
	struct nf_acl *acl = nf_acl_new();
	struct nf_group *g = acl == NULL ? NULL : nf_acl_group_add(acl);
	struct nf_diag diag = { 0 };
	struct nf_mod_key *key = NULL;
	struct nf_action *a;
	int r = NF_E_NOMEM;

	if (g != NULL &&
	    (a = nf_group_action_add(g, NF_ACT_OPPERMISSIONS)) != NULL) {
		a->flags = OWN_KEY_PERMS;
		if ((a = nf_group_action_add(g, NF_ACT_MAKEBLOB)) != NULL) {
			a->flags = OWN_KEY_BLOB;
			r = nf_mod_key_new(&own->pub, acl, &key, &diag);
		}
	}
	nf_acl_free(acl);
	if (r != 0)
		return nf_mod_status(txn, r, &diag);
	return nf_mod_object_add(txn, key, NULL, &txn->out->key);
}

uint32_t
nf_cmd_get_kml(struct nf_mod_txn *txn)
{
	return own_public(txn, txn->module->kml);
}

uint32_t
nf_cmd_get_klf(struct nf_mod_txn *txn)
{
	return own_public(txn, txn->module->klf);
}

uint32_t
nf_cmd_get_klf2(struct nf_mod_txn *txn)
{
	return own_public(txn, txn->module->klf2);
}

static void
attr_key(struct nf_attr_key *out, const struct nf_mod_key *key)
{
	memcpy(out->hash, key->hash, NF_HASH_LEN);
	out->key = key->pub;
	out->mech = nf_wire_cert_mech(&key->pub);
}

static void
attr_km(struct nf_state_cert *s, const uint8_t *hash)
{
	struct nf_attr_km *km = &s->km[s->n_kms++];

	memcpy(km->hash, hash, NF_HASH_LEN);
	km->mech_i = NF_MECH_RIJNDAELMCBCMACI0PPKCS5;
	km->mech_c = NF_MECH_RIJNDAELMCBCI128PPKCS5;
}

uint32_t
nf_cmd_sign_module_state(struct nf_mod_txn *txn)
{
	const struct nf_module *m = txn->module;
	struct nf_state_cert state = { .present = 1u << NF_ATTR_ESN |
	    1u << NF_ATTR_KML | 1u << NF_ATTR_KNSO | 1u << NF_ATTR_KMLIST };
	struct nf_mod_key *signer;

	switch (txn->in->signer) {
	case NF_SIGNER_KLF:
		signer = m->klf;
		state.present |= 1u << NF_ATTR_KLF;
		attr_key(&state.klf, signer);
		break;
	case NF_SIGNER_KLF2:
		signer = m->klf2;
		state.present |= 1u << NF_ATTR_KLF2;
		attr_key(&state.klf2, signer);
		break;
	default:
		return nf_mod_refuse(txn, NF_ST_INVALIDPARAMETER,
		    "signer %u", txn->in->signer);
	}
	if ((txn->in->flags & NF_STATE_CHALLENGE) != 0) {
		state.present |= 1u << NF_ATTR_CHALLENGE;
		memcpy(state.challenge, txn->in->nonce, NF_HASH_LEN);
	}
	state.esn = nf_view_of(m->nv.esn, strlen(m->nv.esn));
	attr_key(&state.kml, m->kml);
	memcpy(state.hknso, m->nv.hknso, NF_HASH_LEN);
	state.publicperms = m->nv.publicperms;
	attr_km(&state, m->hash.km0);
	attr_km(&state, nf_mod_null_aes_hash);
	for (uint32_t i = 0; i < m->nv.n_kms; i++)
		attr_km(&state, m->hash.km[i]);
	nf_wire_state_cert_write(&txn->buf[0], &state);
	if (nf_buf_err(&txn->buf[0]) != 0)
		return NF_ST_NOMEMORY;
	return nf_mod_sign_cert(txn, signer, nf_buf_view(&txn->buf[0]),
	    &txn->buf[1], &txn->out->cert);
}
