/* SPDX-License-Identifier: Apache-2.0 */
/* MakeBlob and LoadBlob. */
#include "config.h"

#include <string.h>

#include <openssl/evp.h>

#include "nfast/module/internal.h"

#define NULL_IV_LEN	8

/* What a blob's encryption is bound to: the whole frame. */
static void
binding(struct nf_buf *buf, const struct nf_blob *blob)
{
	nf_buf_u32(buf, blob->format);
	nf_buf_u32(buf, blob->a);
	nf_buf_put(buf, blob->hash, NF_HASH_LEN);
	nf_buf_u32(buf, blob->word);
}

static uint32_t
sealed_blob(struct nf_mod_txn *txn, const uint8_t *wrap, struct nf_blob *blob,
    struct nf_view plain)
{
	struct nf_buf aad = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	uint8_t key[NF_MOD_KM_LEN];
	int r;

	blob->word = NF_BLOB_WORD_SIM;
	blob->a = (uint32_t)plain.len;
	binding(&aad, blob);
	if ((r = nf_buf_err(&aad)) == 0 &&
	    (r = nf_mod_derive(wrap, "secworld key blob",
	    nf_view_of(NULL, 0), key)) == 0)
		r = nf_mod_seal(key, nf_buf_view(&aad), plain, &txn->buf[1]);
	explicit_bzero(key, sizeof(key));
	nf_buf_wipe(&aad);
	if (r != 0)
		return nf_mod_status(txn, r, &diag);
	blob->body = nf_buf_view(&txn->buf[1]);
	return NF_ST_OK;
}

static uint32_t
null_blob(struct nf_mod_txn *txn, const struct nf_blobkey *bk)
{
	struct nf_diag diag = { 0 };
	uint8_t iv[NULL_IV_LEN];
	int r;

	if ((r = nf_mod_random(iv, sizeof(iv))) != 0 ||
	    (r = nf_wire_nullblob_write(&txn->buf[2], bk, iv)) != 0)
		return nf_mod_status(txn, r, &diag);
	return NF_ST_OK;
}

static uint32_t
userkey_blob(struct nf_mod_txn *txn, struct nf_mod_key *kek,
    struct nf_blob *blob, struct nf_view plain)
{
	struct nf_diag diag = { 0 };
	EVP_PKEY *pkey;
	int r;

	if ((r = nf_mod_key_pkey(kek, &pkey, &diag)) != 0 ||
	    (r = nf_mod_userkey_seal(pkey, txn->in->mech, plain,
	    &txn->buf[0], &txn->buf[1], &diag)) != 0)
		return nf_mod_status(txn, r, &diag);
	blob->rsa = nf_buf_view(&txn->buf[0]);
	blob->body = nf_buf_view(&txn->buf[1]);
	blob->word = NF_BLOB_WORD_MECH | txn->in->mech;
	return NF_ST_OK;
}

/* May the key be blobbed so, and under what? */
static uint32_t
allow_blob(struct nf_mod_txn *txn, struct nf_mod_key *key,
    struct nf_blob *blob, const uint8_t **wrap, struct nf_mod_key **kek)
{
	const struct nf_args *in = txn->in;
	struct nf_mod_want want = { .action = NF_ACT_MAKEBLOB };
	uint32_t status;

	blob->format = in->format;
	switch (in->format) {
	case NF_BLOB_MODULE:
		memcpy(blob->hash, in->hash, NF_HASH_LEN);
		want.hkm = in->hash;
		if (memcmp(in->hash, nf_null_des3_hash, NF_HASH_LEN) == 0) {
			if (nf_wire_keykind(key->key.type) != NF_KIND_PUBLIC)
				return nf_mod_refuse(txn,
				    NF_ST_ACCESSDENIED, "only public keys "
				    "are blobbed under the null DES3 key");
		} else if ((*wrap = nf_mod_km_find(txn->module,
		    in->hash)) == NULL)
			return nf_mod_refuse(txn, NF_ST_UNKNOWNKM,
			    "the module has no such module key");
		break;
	case NF_BLOB_TOKEN:
		if ((want.token = nf_mod_token_find(txn, in->key2, true,
		    &status)) == NULL)
			return status;
		memcpy(blob->hash, want.token->hkt, NF_HASH_LEN);
		*wrap = want.token->key;
		break;
	default:
		if ((*kek = nf_mod_key_find(txn, in->key2, &status)) == NULL)
			return status;
		if (in->mech == NF_MECH_RSA_AES_KEY_WRAP ?
		    !nf_mod_keywrap_kek(*kek) :
		    (*kek)->pub.type != NF_KEY_RSAPUBLIC ||
		    !nf_mod_userkey_mech(in->mech))
			return nf_mod_refuse(txn, NF_ST_MECHANISMNOTEXPECTED,
			    "mechanism %u cannot blob under this key",
			    in->mech);
		memcpy(blob->hash, (*kek)->hash, NF_HASH_LEN);
		want.action = NF_ACT_MAKEARCHIVEBLOB;
		want.mech = in->mech;
		want.kahash = (*kek)->hash;
		break;
	}
	/* Last the key's own right: it is often good for one use only. */
	if (*kek != NULL && (status = nf_mod_allow_op(txn, *kek,
	    NF_PERM_USEASBLOBKEY)) != NF_ST_OK)
		return status;
	return nf_mod_allow(txn, key, &want);
}

/* A blob with another ACL is a change of the ACL. */
static uint32_t
allow_new_acl(struct nf_mod_txn *txn, struct nf_mod_key *key)
{
	if (nf_mod_acl_within(txn->in->acl, key->acl) &&
	    nf_mod_allow_op(txn, key, NF_PERM_REDUCEACL) == NF_ST_OK) {
		txn->reason[0] = '\0';
		return NF_ST_OK;
	}
	return nf_mod_allow_op(txn, key, NF_PERM_EXPANDACL);
}

uint32_t
nf_cmd_make_blob(struct nf_mod_txn *txn)
{
	const struct nf_args *in = txn->in;
	struct nf_blob blob = { 0 };
	struct nf_blobkey bk = { 0 };
	struct nf_buf plain = NF_BUF_INIT;
	struct nf_mod_key *key, *kek = NULL;
	const uint8_t *wrap = NULL;
	uint32_t status;
	int r;

	if ((key = nf_mod_key_find(txn, in->key, &status)) == NULL)
		return status;
	if (in->acl != NULL && in->format == NF_BLOB_USERKEY &&
	    in->mech == NF_MECH_RSA_AES_KEY_WRAP)
		return nf_mod_refuse(txn, NF_ST_INVALIDPARAMETER,
		    "a blob of this mechanism holds no ACL");
	if (in->acl != NULL && (r = nf_mod_acl_fits(in->acl)) != 0)
		return r != NF_E_POLICY ? NF_ST_NOMEMORY :
		    nf_mod_refuse(txn, NF_ST_INVALIDACL,
		    "the new ACL is too long");
	if (in->acl != NULL &&
	    (status = allow_new_acl(txn, key)) != NF_ST_OK)
		return status;
	if ((status = allow_blob(txn, key, &blob, &wrap, &kek)) != NF_ST_OK)
		return status;
	bk.key = key->key;
	bk.acl = in->acl != NULL ? in->acl : key->acl;
	memcpy(bk.appdata, key->appdata, NF_APPDATA_LEN);
	if (in->format == NF_BLOB_MODULE && wrap == NULL) {
		status = null_blob(txn, &bk);
		goto out;
	}
	if (kek != NULL && in->mech == NF_MECH_RSA_AES_KEY_WRAP) {
		status = nf_mod_wrapped_make(txn, key, kek, &blob);
		goto out;
	}
	nf_wire_blobkey_write(&plain, &bk);
	status = NF_ST_NOMEMORY;
	if (nf_buf_err(&plain) != 0)
		goto out;
	status = kek != NULL ?
	    userkey_blob(txn, kek, &blob, nf_buf_view(&plain)) :
	    sealed_blob(txn, wrap, &blob, nf_buf_view(&plain));
out:
	nf_buf_wipe(&plain);
	if (status != NF_ST_OK)
		return status;
	if (in->format != NF_BLOB_MODULE || wrap != NULL)
		nf_wire_blob_write(&txn->buf[2], &blob);
	if (nf_buf_err(&txn->buf[2]) != 0)
		return NF_ST_NOMEMORY;
	txn->out->data = nf_buf_view(&txn->buf[2]);
	return NF_ST_OK;
}

/* ---- loading ---------------------------------------------------------------- */

static uint32_t
open_sealed(struct nf_mod_txn *txn, const uint8_t *wrap,
    const struct nf_blob *blob, struct nf_buf *plain)
{
	struct nf_buf aad = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	uint8_t key[NF_MOD_KM_LEN];
	int r;

	binding(&aad, blob);
	if ((r = nf_buf_err(&aad)) == 0 &&
	    (r = nf_mod_derive(wrap, "secworld key blob",
	    nf_view_of(NULL, 0), key)) == 0)
		r = nf_mod_open(key, nf_buf_view(&aad), blob->body, plain);
	explicit_bzero(key, sizeof(key));
	nf_buf_wipe(&aad);
	if (r == NF_E_VERIFY)
		return nf_mod_refuse(txn, NF_ST_DECRYPTFAILED,
		    "the blob is damaged");
	return r == 0 ? NF_ST_OK : nf_mod_status(txn, r, &diag);
}

static bool
is_wrapped(const struct nf_blob *blob)
{
	return blob->format == NF_BLOB_USERKEY &&
	    blob->word == (NF_BLOB_WORD_MECH | NF_MECH_RSA_AES_KEY_WRAP);
}

/* The key that opens a user-key blob, when it may. */
static uint32_t
userkey_find(struct nf_mod_txn *txn, const struct nf_blob *blob,
    struct nf_mod_key **kek)
{
	uint32_t mech = blob->word & ~NF_BLOB_WORD_MECH, status;

	if ((*kek = nf_mod_key_find(txn, txn->in->key2, &status)) == NULL)
		return status;
	if (memcmp((*kek)->hash, blob->hash, NF_HASH_LEN) != 0)
		return nf_mod_refuse(txn, NF_ST_UNKNOWNKEYHASH,
		    "the blob is under another key");
	if ((blob->word & NF_BLOB_WORD_MECH) == 0 ||
	    (is_wrapped(blob) ? !nf_mod_keywrap_kek(*kek) :
	    !nf_mod_userkey_mech(mech)) ||
	    (*kek)->key.type != NF_KEY_RSAPRIVATE)
		return nf_mod_refuse(txn, NF_ST_BLOBTYPEUNKNOWN,
		    "mechanism %u cannot be opened with this key", mech);
	return nf_mod_allow_op(txn, *kek, NF_PERM_USEASBLOBKEY);
}

static uint32_t
open_userkey(struct nf_mod_txn *txn, const struct nf_blob *blob,
    struct nf_buf *plain)
{
	uint32_t mech = blob->word & ~NF_BLOB_WORD_MECH, status;
	struct nf_diag diag = { 0 };
	struct nf_mod_key *kek;
	EVP_PKEY *pkey;
	int r;

	if ((status = userkey_find(txn, blob, &kek)) != NF_ST_OK)
		return status;
	if ((r = nf_mod_key_hold(kek, &pkey, &diag)) == 0) {
		nf_mod_busy_begin(txn);
		r = nf_mod_userkey_open(pkey, mech, blob, plain, &diag);
		EVP_PKEY_free(pkey);
		nf_mod_busy_end(txn);
	}
	if (r == NF_E_CRYPTO || r == NF_E_NOMEM)
		return nf_mod_status(txn, r, &diag);
	return r == 0 ? NF_ST_OK : nf_mod_refuse(txn, NF_ST_DECRYPTFAILED,
	    "the blob does not open under this key");
}

/* Decrypt a blob to the marshalled key; the token that it was under. */
static uint32_t
open_blob(struct nf_mod_txn *txn, const struct nf_blob *blob,
    struct nf_buf *plain, const struct nf_mod_token **token)
{
	const uint8_t *km;
	uint32_t status;

	switch (blob->format) {
	case NF_BLOB_MODULE:
		if ((km = nf_mod_km_find(txn->module, blob->hash)) == NULL)
			return nf_mod_refuse(txn, NF_ST_UNKNOWNKM,
			    "the blob is under a module key that this "
			    "module does not have");
		return open_sealed(txn, km, blob, plain);
	case NF_BLOB_TOKEN:
		if ((*token = nf_mod_token_find(txn, txn->in->key2, true,
		    &status)) == NULL)
			return status;
		if (memcmp((*token)->hkt, blob->hash, NF_HASH_LEN) != 0)
			return nf_mod_refuse(txn, NF_ST_INCORRECTTOKEN,
			    "the blob is under another token");
		return open_sealed(txn, (*token)->key, blob, plain);
	default:
		return open_userkey(txn, blob, plain);
	}
}

/* Only modules of this world can have made the blob. */
static bool
km_sealed(const struct nf_blob *blob)
{
	return blob->format == NF_BLOB_TOKEN ||
	    (blob->format == NF_BLOB_MODULE &&
	    memcmp(blob->hash, nf_null_des3_hash, NF_HASH_LEN) != 0 &&
	    memcmp(blob->hash, nf_mod_null_aes_hash, NF_HASH_LEN) != 0);
}

/* A key without an ACL inside: the command brings one. */
static uint32_t
load_wrapped(struct nf_mod_txn *txn, const struct nf_blob *blob)
{
	struct nf_mod_key *kek;
	uint32_t status;

	if ((status = userkey_find(txn, blob, &kek)) != NF_ST_OK)
		return status;
	return nf_mod_wrapped_load(txn, kek, blob);
}

uint32_t
nf_cmd_load_blob(struct nf_mod_txn *txn)
{
	bool import = (txn->in->flags & NF_LOADBLOB_IMPORT) != 0;
	struct nf_buf plain = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	const struct nf_mod_token *token = NULL;
	struct nf_mod_key *key = NULL;
	struct nf_blobkey bk = { 0 };
	struct nf_blob blob;
	struct nf_cur cur;
	uint32_t status;
	int r;

	nf_cur_init(&cur, txn->in->data.p, txn->in->data.len, &diag);
	nf_wire_blob_read(&cur, &blob);
	if ((r = nf_cur_err(&cur)) != 0) {
		status = nf_mod_status(txn, r, &diag);
		goto out;
	}
	if (import != is_wrapped(&blob)) {
		status = nf_mod_refuse(txn, NF_ST_INVALIDPARAMETER, import ?
		    "the blob has an ACL, and takes no other" :
		    "the blob has no ACL, and the command gives none");
		goto out;
	}
	if (import) {
		status = load_wrapped(txn, &blob);
		goto out;
	}
	if (blob.format == NF_BLOB_MODULE &&
	    memcmp(blob.hash, nf_null_des3_hash, NF_HASH_LEN) == 0) {
		r = nf_wire_nullblob_open(&blob, &plain, &bk, &diag);
		/* Anybody can write such a blob: it may hold no secret. */
		if (r == 0 && nf_wire_keykind(bk.key.type) != NF_KIND_PUBLIC)
			r = nf_diag_set(&diag, NF_E_FORMAT, "keytype",
			    "a key that is not public under the null key");
	} else {
		if ((status = open_blob(txn, &blob, &plain,
		    &token)) != NF_ST_OK)
			goto out;
		nf_cur_init(&cur, plain.p, plain.len, &diag);
		r = nf_wire_blobkey_read(&cur, &bk);
	}
	/* What is under a public key comes from anybody. */
	if (r == 0)
		r = (km_sealed(&blob) ? nf_mod_key_again : nf_mod_key_new)(
		    &bk.key, bk.acl, &key, &diag);
	if (r != 0) {
		status = nf_mod_status(txn, r, &diag);
		goto out;
	}
	memcpy(key->appdata, bk.appdata, NF_APPDATA_LEN);
	if (token != NULL)
		nf_mod_key_under_token(key, token);
	status = nf_mod_object_add(txn, key, NULL, &txn->out->key);
out:
	nf_blobkey_wipe(&bk);
	nf_buf_wipe(&plain);
	return status;
}
