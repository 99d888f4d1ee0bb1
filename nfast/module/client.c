/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clients with an id, which several connections may be (NewClient and
 * ExistingClient, real).  Ours: a connection is a client without an id from
 * its first command on, and NewClient gives that one an id; the client ends
 * with the last of its connections.  An id is random and all that it takes to
 * be the client, so that it is never shown.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "nfast/module/internal.h"

void
nf_mod_common_clear(struct nf_mod_common *common)
{
	nf_freezero(common->named,
	    common->max_named * sizeof(*common->named));
	free(common->merged);
	memset(common, 0, sizeof(*common));
}

/* Room for one more; NF_E_NOMEM.  Connections bound how many there are. */
static int
named_grow(struct nf_mod_common *common)
{
	uint32_t max = common->max_named == 0 ? 16 : 2 * common->max_named;
	struct nf_mod_named *bigger;

	if (common->n_named < common->max_named)
		return 0;
	if ((bigger = calloc(max, sizeof(*bigger))) == NULL)
		return NF_E_NOMEM;
	if (common->named != NULL)
		memcpy(bigger, common->named,
		    common->n_named * sizeof(*bigger));
	nf_freezero(common->named,
	    common->max_named * sizeof(*common->named));
	common->named = bigger;
	common->max_named = max;
	return 0;
}

/* How long it takes says nothing of the ids. */
static struct nf_mod_named *
named_find(struct nf_mod_common *common,
    const uint8_t id[static NF_HASH_LEN])
{
	struct nf_mod_named *found = NULL;

	for (uint32_t i = 0; i < common->n_named; i++) {
		if (CRYPTO_memcmp(common->named[i].id, id, NF_HASH_LEN) == 0)
			found = &common->named[i];
	}
	return found;
}

uint32_t
nf_cmd_new_client(struct nf_mod_txn *txn)
{
	struct nf_mod_common *common = txn->module->common;
	struct nf_mod_named *c;
	struct nf_diag diag = { 0 };
	int r;

	if (txn->peer->joined != 0)
		return nf_mod_refuse(txn, NF_ST_INVALIDSTATE,
		    "this connection's client has an id already");
	if ((r = nf_mod_random(txn->out->client, NF_HASH_LEN)) != 0 ||
	    (r = named_grow(common)) != 0)
		return nf_mod_status(txn, r, &diag);
	c = &common->named[common->n_named++];
	memcpy(c->id, txn->out->client, NF_HASH_LEN);
	c->client = txn->client.id;
	c->connections = 1;
	txn->peer->joined = txn->client.id;
	return NF_ST_OK;
}

/* The connection has objects, which nobody would have when it joined. */
static bool
has_objects(const struct nf_mod_txn *txn)
{
	const struct nf_module *m = txn->module;
	uint32_t n = m->rack == NULL ? 1 : m->rack->n;
	bool any = false;

	for (uint32_t i = 0; i < n; i++)
		any |= nf_mod_objects_any(m->rack == NULL ? m :
		    m->rack->module[i], txn->client.id);
	return any;
}

uint32_t
nf_cmd_existing_client(struct nf_mod_txn *txn)
{
	struct nf_mod_named *c;

	if (txn->peer->joined != 0)
		return nf_mod_refuse(txn, NF_ST_INVALIDSTATE,
		    "this connection's client has an id already");
	if (has_objects(txn))
		return nf_mod_refuse(txn, NF_ST_INVALIDSTATE,
		    "this connection has objects of its own");
	if ((c = named_find(txn->module->common, txn->in->client)) == NULL)
		return nf_mod_refuse(txn, NF_ST_CLIENTUNKNOWN,
		    "no client has this id");
	/* Those of keys that are gone: nobody would end them. */
	nf_mod_merged_forget(txn->module->common, txn->client.id);
	c->connections++;
	txn->peer->joined = c->client;
	return NF_ST_OK;
}

bool
nf_mod_client_left(struct nf_mod_common *common,
    const struct nf_rack_client *connection)
{
	struct nf_mod_named *c = common->named;
	uint64_t client = connection->id;

	if (connection->joined != 0) {
		client = connection->joined;
		while (c->client != client)
			c++;
		if (--c->connections > 0)
			return false;
		*c = common->named[--common->n_named];
		explicit_bzero(&common->named[common->n_named], sizeof(*c));
	}
	nf_mod_merged_forget(common, client);
	return true;
}
