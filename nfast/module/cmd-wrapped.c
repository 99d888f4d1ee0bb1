/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MakeBlob and LoadBlob with NF_MECH_RSA_AES_KEY_WRAP, the package of method
 * 2: a key leaves without its ACL, and comes in under one of the command.
 */
#include "config.h"

#include <string.h>

#include <openssl/evp.h>

#include "nfast/base/keywrap.h"
#include "nfast/module/internal.h"

uint32_t
nf_mod_wrapped_make(struct nf_mod_txn *txn, struct nf_mod_key *key,
    struct nf_mod_key *kek, struct nf_blob *blob)
{
	struct nf_buf plain = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	EVP_PKEY *pkey;
	int r;

	if ((r = nf_mod_keywrap_plain(key, &plain, &diag)) == 0 &&
	    (r = nf_mod_key_pkey(kek, &pkey, &diag)) == 0)
		r = nf_keywrap_seal(pkey, nf_buf_view(&plain), &txn->buf[0],
		    &txn->buf[1], &diag);
	nf_buf_wipe(&plain);
	if (r != 0)
		return nf_mod_status(txn, r, &diag);
	blob->rsa = nf_buf_view(&txn->buf[0]);
	blob->body = nf_buf_view(&txn->buf[1]);
	blob->word = NF_BLOB_WORD_MECH | NF_MECH_RSA_AES_KEY_WRAP;
	return NF_ST_OK;
}

static const char *
type_name(uint32_t type)
{
	switch (type) {
	case NF_KEY_RSAPRIVATE:
		return "an RSA key";
	case NF_KEY_ECDSAPRIVATE:
		return "an EC key";
	case NF_KEY_RIJNDAEL:
		return "a symmetric key";
	default:
		return "a key of another type";
	}
}

/* The key in the plaintext, whose form tells its type. */
static int
key_read(struct nf_view plain, struct nf_buf *own, struct nf_keydata *kd,
    struct nf_diag *diag)
{
	memset(kd, 0, sizeof(*kd));
	if (plain.len == 16 || plain.len == 24 || plain.len == 32) {
		kd->type = NF_KEY_RIJNDAEL;
		kd->v[NF_SYM_K] = plain;
		return 0;
	}
	if (plain.len < 64)
		return nf_diag_set(diag, NF_E_FORMAT, "key",
		    "%zu bytes are neither PKCS#8 nor a symmetric key of "
		    "128, 192 or 256 bits", plain.len);
	return nf_mod_pkcs8_read(plain, own, kd, diag);
}

/* Load the key and its public half, both or none. */
static uint32_t
add(struct nf_mod_txn *txn, struct nf_mod_key *key, struct nf_mod_key *pub)
{
	struct nf_args *out = txn->out;
	uint32_t status;

	if ((status = nf_mod_object_add(txn, key, NULL, &out->key)) !=
	    NF_ST_OK) {
		nf_mod_key_free(pub);
		return status;
	}
	if (pub == NULL)
		return NF_ST_OK;
	if ((status = nf_mod_object_add(txn, pub, NULL, &out->key2)) !=
	    NF_ST_OK)
		nf_mod_object_remove(txn->module, out->key);
	else
		out->flags |= NF_REPLY_PUBLIC;
	return status;
}

static uint32_t
key_load(struct nf_mod_txn *txn, struct nf_view plain)
{
	struct nf_mod_key *key = NULL, *pub = NULL;
	struct nf_buf own = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	struct nf_keydata kd;
	uint32_t status;
	EVP_PKEY *pkey;
	int r;

	if ((r = key_read(plain, &own, &kd, &diag)) != 0) {
		status = nf_mod_status(txn, r, &diag);
		goto out;
	}
	if (txn->in->type != 0 && txn->in->type != kd.type) {
		status = nf_mod_refuse(txn, NF_ST_TYPEMISMATCH,
		    "%s is in it, not %s", type_name(kd.type),
		    type_name(txn->in->type));
		goto out;
	}
	nf_mod_busy_begin(txn);
	if ((r = nf_mod_key_new(&kd, txn->in->acl, &key, &diag)) == 0 &&
	    kd.type == NF_KEY_RSAPRIVATE &&
	    (r = nf_mod_key_pkey(key, &pkey, &diag)) == 0)
		r = nf_mod_check_rsa(pkey, &diag);
	nf_mod_busy_end(txn);
	if (r == 0 && key->pub.type != 0)
		r = nf_mod_key_new(&key->pub, txn->in->acl2, &pub, &diag);
	if (r != 0)
		status = nf_mod_status(txn, r, &diag);
	else {
		status = add(txn, key, pub);
		key = pub = NULL;
	}
out:
	nf_mod_key_free(key);
	nf_mod_key_free(pub);
	nf_buf_wipe(&own);
	return status;
}

uint32_t
nf_mod_wrapped_load(struct nf_mod_txn *txn, struct nf_mod_key *kek,
    const struct nf_blob *blob)
{
	struct nf_buf plain = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	EVP_PKEY *pkey;
	uint32_t status;
	int r;

	if ((r = nf_mod_key_hold(kek, &pkey, &diag)) == 0) {
		nf_mod_busy_begin(txn);
		r = nf_mod_keywrap_open(pkey, blob, &plain, &diag);
		EVP_PKEY_free(pkey);
		nf_mod_busy_end(txn);
	}
	if (r != 0)
		status = nf_mod_status(txn, r, &diag);
	else
		status = key_load(txn, nf_buf_view(&plain));
	nf_buf_wipe(&plain);
	return status;
}
