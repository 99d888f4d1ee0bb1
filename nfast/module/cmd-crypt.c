/* SPDX-License-Identifier: Apache-2.0 */
/* Commands that use a key: each asks the ACL first. */
#include "config.h"

#include "nfast/module/internal.h"

/* The key of the command, when its ACL allows the use. */
static struct nf_mod_key *
allowed(struct nf_mod_txn *txn, uint32_t perm, uint32_t *status)
{
	struct nf_mod_key *key = nf_mod_key_find(txn, txn->in->key, status);

	if (key == NULL)
		return NULL;
	*status = nf_mod_allow_op(txn, key, perm);
	return *status == NF_ST_OK ? key : NULL;
}

uint32_t
nf_cmd_encrypt(struct nf_mod_txn *txn)
{
	struct nf_mod_key *key;
	uint32_t status;

	if ((key = allowed(txn, NF_PERM_ENCRYPT, &status)) == NULL)
		return status;
	return nf_mod_encrypt(txn, key, txn->in->mech, &txn->in->plain,
	    &txn->buf[0], &txn->out->cipher);
}

uint32_t
nf_cmd_decrypt(struct nf_mod_txn *txn)
{
	struct nf_mod_key *key;
	uint32_t status;

	if ((key = allowed(txn, NF_PERM_DECRYPT, &status)) == NULL)
		return status;
	return nf_mod_decrypt(txn, key, txn->in->mech, &txn->in->cipher,
	    txn->in->replytype, &txn->buf[0], &txn->out->plain);
}

uint32_t
nf_cmd_sign(struct nf_mod_txn *txn)
{
	struct nf_mod_key *key;
	uint32_t status;

	if ((key = allowed(txn, NF_PERM_SIGN, &status)) == NULL)
		return status;
	return nf_mod_sign(txn, key, txn->in->mech, &txn->in->plain,
	    &txn->buf[0], &txn->out->cipher);
}

uint32_t
nf_cmd_verify(struct nf_mod_txn *txn)
{
	struct nf_mod_key *key;
	uint32_t status;

	if ((key = allowed(txn, NF_PERM_VERIFY, &status)) == NULL)
		return status;
	return nf_mod_verify(txn, key, txn->in->mech, &txn->in->plain,
	    &txn->in->cipher);
}
