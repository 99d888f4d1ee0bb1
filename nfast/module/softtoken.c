/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Softcards, and tokens that go with their card.  Real: the commands, that a
 * softcard is one share in a file, and that a card set which is not
 * persistent is unloaded with its card.  Ours: the bytes of a softcard (those
 * of a simulated card), that one soft token is in at a time, and when a
 * reader of several cards counts the card as taken out: when one of the set
 * leaves the slot after the quorum was read.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "nfast/module/internal.h"

#define SOFT_NAME	"softcard"	/* the slot is not empty */

static uint32_t
slot_check(struct nf_mod_txn *txn)
{
	const struct nf_module *m = txn->module;

	if (txn->in->slot != NF_SLOT_SOFT)
		return nf_mod_refuse(txn, NF_ST_UNKNOWNSLOT,
		    "slot %u is not that of soft tokens", txn->in->slot);
	if (m->soft.name[0] != '\0' && m->soft_owner != txn->client.id)
		return nf_mod_refuse(txn, NF_ST_BUSY,
		    "another client's softcard is in the slot");
	return NF_ST_OK;
}

uint32_t
nf_cmd_insert_soft_token(struct nf_mod_txn *txn)
{
	struct nf_module *m = txn->module;
	struct nf_diag diag = { 0 };
	uint32_t status;
	int r = 0;

	if ((status = slot_check(txn)) != NF_ST_OK)
		return status;
	memset(&m->soft, 0, sizeof(m->soft));
	m->soft_ic++;
	if (txn->in->data.len == 0)
		m->soft.seeded = m->nv.seed_epoch > 0;
	else
		r = nf_mod_card_read(txn->in->data, &m->soft, &diag);
	if (r != 0)
		return nf_mod_refuse(txn, NF_ST_BADTOKENDATA,
		    "the softcard is damaged");
	(void)snprintf(m->soft.name, sizeof(m->soft.name), "%s", SOFT_NAME);
	m->soft_owner = txn->client.id;
	txn->out->ic = m->soft_ic;
	return NF_ST_OK;
}

uint32_t
nf_cmd_remove_soft_token(struct nf_mod_txn *txn)
{
	struct nf_module *m = txn->module;
	struct nf_diag diag = { 0 };
	uint32_t status;
	int r;

	if ((status = slot_check(txn)) != NF_ST_OK)
		return status;
	if (m->soft.name[0] == '\0')
		return nf_mod_refuse(txn, NF_ST_PHYSTOKENNOTPRESENT,
		    "no softcard is in the slot");
	if ((r = nf_mod_card_write(&txn->buf[0], &m->soft)) != 0)
		return nf_mod_status(txn, r, &diag);
	txn->out->data = nf_buf_view(&txn->buf[0]);
	memset(&m->soft, 0, sizeof(m->soft));
	return NF_ST_OK;
}

void
nf_mod_soft_forget(struct nf_module *m, uint64_t client)
{
	if (m->soft.name[0] != '\0' && m->soft_owner == client)
		memset(&m->soft, 0, sizeof(m->soft));
}

/* The token of the object goes with the card. */
static bool
goes(const struct nf_mod_token *t, const struct nf_mod_card *card)
{
	if (t == NULL || !t->was_read ||
	    (t->params.flags & NF_TOKEN_UNLOAD) == 0)
		return false;
	for (uint32_t i = 0; i < card->n_shares; i++) {
		if (memcmp(card->share[i].hkt, t->hkt, NF_HASH_LEN) == 0)
			return true;
	}
	return false;
}

void
nf_mod_card_left(struct nf_module *m)
{
	uint32_t i = 0;

	while (i < m->n_objects) {
		if (goes(m->object[i]->token, &m->card)) {
			nf_mod_token_unload(m, m->object[i]->token);
			i = 0;
		} else
			i++;
	}
}
