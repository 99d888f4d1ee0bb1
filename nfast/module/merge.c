/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MergeKeyIDs: one id for a key that several modules of a rack have loaded.
 * The command and InvalidMergedKey are real.  Ours: merged ids have the top
 * bit; keys are one when hash and type are equal; modules that have the key
 * take turns; Destroy ends the merged id and leaves the keys; what changes a
 * key is refused, as it would change one of several.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "nfast/module/internal.h"

static bool
is_merged(uint32_t id)
{
	return (id & NF_KEY_MERGED) != 0;
}

static struct nf_module *
module_of(const struct nf_mod_txn *txn, uint32_t key)
{
	const struct nf_rack *rack = txn->module->rack;

	return rack == NULL ? txn->module : rack->module[key % rack->n];
}

/* The entry of an id of the client, or NULL. */
static struct nf_mod_merged *
find(const struct nf_mod_txn *txn, uint32_t id)
{
	const struct nf_mod_common *common = txn->module->common;
	uint32_t lo = 0, hi = common->n_merged;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (common->merged[mid].id < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < common->n_merged && common->merged[lo].id == id &&
	    common->merged[lo].owner == txn->client.id ?
	    &common->merged[lo] : NULL;
}

/* A key of it that works, on this module; 0 when there is none. */
static uint32_t
member_on(const struct nf_mod_txn *txn, const struct nf_mod_merged *g,
    const struct nf_module *m)
{
	for (uint32_t i = 0; i < g->n; i++) {
		if (module_of(txn, g->key[i]) == m &&
		    nf_mod_key_works(m, txn->client.id, g->key[i]))
			return g->key[i];
	}
	return 0;
}

/* A key of it that works, on the module whose turn it is. */
static uint32_t
member_next(const struct nf_mod_txn *txn, uint32_t id)
{
	struct nf_mod_merged *g = find(txn, id);

	for (uint32_t i = 0; g != NULL && i < g->n; i++) {
		uint32_t at = (g->next + i) % g->n, key = g->key[at];

		if (nf_mod_key_works(module_of(txn, key), txn->client.id,
		    key)) {
			g->next = at + 1;
			return key;
		}
	}
	return 0;
}

uint32_t
nf_mod_leading_key(struct nf_mod_txn *txn)
{
	const struct nf_certlist *certs = &txn->cmd->certs;
	uint32_t key = txn->in->key != 0 ? txn->in->key : txn->in->key2;

	if (!is_merged(key) || txn->cmd->cmd == NF_CMD_DESTROY)
		return is_merged(key) ? 0 : key;
	/* What else it uses is on one module. */
	if (txn->in->key2 != 0 && !is_merged(txn->in->key2))
		return txn->in->key2;
	for (uint32_t i = 0; i < certs->n; i++) {
		if (!is_merged(certs->cert[i].keyid))
			return certs->cert[i].keyid;
	}
	return member_next(txn, key);
}

/* Replace one id, when it is merged. */
static uint32_t
unmerge(struct nf_mod_txn *txn, uint32_t *id)
{
	const struct nf_mod_merged *g;
	uint32_t key;

	if (!is_merged(*id))
		return NF_ST_OK;
	if ((g = find(txn, *id)) == NULL)
		return nf_mod_refuse(txn, NF_ST_UNKNOWNID,
		    "no object has id %u", *id);
	if ((key = member_on(txn, g, txn->module)) == 0)
		return nf_mod_refuse(txn, NF_ST_INVALIDMERGEDKEY,
		    "module %u has no key of merged id %u",
		    txn->module->number, *id);
	*id = key;
	return NF_ST_OK;
}

uint32_t
nf_mod_unmerge(struct nf_mod_txn *txn)
{
	struct nf_certlist *certs = &txn->cmd->certs;
	uint32_t status = NF_ST_OK;

	for (uint32_t i = 0; status == NF_ST_OK && i < certs->n; i++)
		status = unmerge(txn, &certs->cert[i].keyid);
	if (status != NF_ST_OK || txn->cmd->cmd == NF_CMD_DESTROY)
		return status;
	if (is_merged(txn->in->key) && (txn->cmd->cmd == NF_CMD_SETACL ||
	    txn->cmd->cmd == NF_CMD_SETAPPDATA))
		return nf_mod_refuse(txn, NF_ST_INVALIDMERGEDKEY,
		    "this would change one of the keys of merged id %u",
		    txn->in->key);
	if ((status = unmerge(txn, &txn->in->key)) == NF_ST_OK)
		status = unmerge(txn, &txn->in->key2);
	return status;
}

/* ---- making and ending them --------------------------------------------- */

/* Place for one more of the client, under the rules for objects. */
static struct nf_mod_merged *
new_entry(struct nf_mod_txn *txn)
{
	struct nf_mod_common *common = txn->module->common;
	struct nf_mod_held held = { 1, 0, 0 };
	struct nf_mod_merged *bigger, *g;
	uint32_t max;

	for (uint32_t i = 0; i < common->n_merged; i++)
		nf_mod_held_add(&held, txn, common->merged[i].owner,
		    common->merged[i].user, 1);
	if (held.own > NF_MOD_OBJECTS_MAX ||
	    nf_mod_too_much(txn, &held, NF_MOD_TABLE_MAX) ||
	    common->last_merged == NF_KEY_MERGED - 1)
		return NULL;
	if (common->n_merged == common->max_merged) {
		max = common->max_merged == 0 ? 16 : 2 * common->max_merged;
		if ((bigger = reallocarray(common->merged, max,
		    sizeof(*bigger))) == NULL)
			return NULL;
		common->merged = bigger;
		common->max_merged = max;
	}
	g = &common->merged[common->n_merged++];
	memset(g, 0, sizeof(*g));
	g->id = NF_KEY_MERGED | ++common->last_merged;
	g->owner = txn->client.id;
	g->user = txn->client.user;
	return g;
}

/* The key of the command's i-th id, which belongs to those before it. */
static uint32_t
check_one(struct nf_mod_txn *txn, uint32_t i,
    const struct nf_mod_key *first, const struct nf_mod_key **out)
{
	uint32_t id = txn->in->keys[i], status;
	const struct nf_mod_key *key;

	if (is_merged(id))
		return nf_mod_refuse(txn, NF_ST_INVALIDMERGEDKEY,
		    "id %u is merged already", id);
	txn->module = module_of(txn, id);
	if ((key = nf_mod_key_find(txn, id, &status)) == NULL)
		return status;
	if (first != NULL && (key->key.type != first->key.type ||
	    memcmp(key->hash, first->hash, NF_HASH_LEN) != 0))
		return nf_mod_refuse(txn, NF_ST_INVALIDMERGEDKEY,
		    "ids %u and %u are two keys", txn->in->keys[0], id);
	for (uint32_t j = 0; j < i; j++) {
		if (module_of(txn, txn->in->keys[j]) == txn->module)
			return nf_mod_refuse(txn, NF_ST_INVALIDMERGEDKEY,
			    "ids %u and %u are on one module",
			    txn->in->keys[j], id);
	}
	*out = key;
	return NF_ST_OK;
}

uint32_t
nf_cmd_merge_key_ids(struct nf_mod_txn *txn)
{
	const struct nf_mod_key *first = NULL, *key = NULL;
	struct nf_module *home = txn->module;
	const struct nf_args *in = txn->in;
	uint32_t status = NF_ST_OK;
	struct nf_mod_merged *g;

	if (in->n_keys == 0)
		return nf_mod_refuse(txn, NF_ST_INVALIDMERGEDKEY,
		    "there are no keys to merge");
	for (uint32_t i = 0; status == NF_ST_OK && i < in->n_keys; i++) {
		status = check_one(txn, i, first, &key);
		if (i == 0 && status == NF_ST_OK)
			first = key;
	}
	txn->module = home;
	if (status != NF_ST_OK)
		return status;
	NF_REQUIRE(in->n_keys <= NF_RACK_MAX);
	if ((g = new_entry(txn)) == NULL)
		return nf_mod_refuse(txn, NF_ST_NOMEMORY,
		    "no more merged ids fit");
	g->n = in->n_keys;
	memcpy(g->key, in->keys, in->n_keys * sizeof(g->key[0]));
	txn->out->key = g->id;
	return NF_ST_OK;
}

uint32_t
nf_mod_merged_destroy(struct nf_mod_txn *txn, uint32_t id)
{
	struct nf_mod_common *common = txn->module->common;
	struct nf_mod_merged *g = find(txn, id);

	if (g == NULL)
		return nf_mod_refuse(txn, NF_ST_UNKNOWNID,
		    "no object has id %u", id);
	common->n_merged--;
	memmove(g, g + 1, (size_t)(&common->merged[common->n_merged] - g) *
	    sizeof(*g));
	return NF_ST_OK;
}

void
nf_mod_merged_forget(struct nf_mod_common *common, uint64_t client)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < common->n_merged; i++) {
		if (common->merged[i].owner != client)
			common->merged[kept++] = common->merged[i];
	}
	common->n_merged = kept;
}
