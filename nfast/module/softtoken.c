/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Softcards, and tokens that go with their card.  Real: the commands, that a
 * softcard is one share in a file, and that a card set which is not
 * persistent is unloaded with its card.  Ours: the bytes of a softcard (those
 * of a simulated card), that each client has one soft token in at a time, and
 * when a reader of several cards counts the card as taken out: when one of the
 * set leaves the slot after the quorum was read.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nfast/module/internal.h"

#define SOFT_NAME	"softcard"	/* the slot is not empty */

/* The link that leads to the client's, or to the end. */
static struct nf_mod_soft **
link_of(struct nf_mod_soft **at, uint64_t client)
{
	while (*at != NULL && (*at)->owner != client)
		at = &(*at)->next;
	return at;
}

struct nf_mod_soft *
nf_mod_soft_find(const struct nf_module *m, uint64_t client)
{
	struct nf_mod_soft *first = m->soft;

	return *link_of(&first, client);
}

void
nf_mod_soft_forget(struct nf_module *m, uint64_t client)
{
	struct nf_mod_soft **at = link_of(&m->soft, client), *gone = *at;

	if (gone == NULL)
		return;
	*at = gone->next;
	nf_freezero(gone, sizeof(*gone));
}

static uint32_t
slot_check(struct nf_mod_txn *txn)
{
	if (txn->in->slot != NF_SLOT_SOFT)
		return nf_mod_refuse(txn, NF_ST_UNKNOWNSLOT,
		    "slot %u is not that of soft tokens", txn->in->slot);
	return NF_ST_OK;
}

uint32_t
nf_cmd_insert_soft_token(struct nf_mod_txn *txn)
{
	struct nf_module *m = txn->module;
	struct nf_diag diag = { 0 };
	struct nf_mod_soft *soft;
	uint32_t status;

	if ((status = slot_check(txn)) != NF_ST_OK)
		return status;
	nf_mod_soft_forget(m, txn->client.id);
	if ((soft = calloc(1, sizeof(*soft))) == NULL)
		return nf_mod_status(txn, NF_E_NOMEM, &diag);
	if (txn->in->data.len == 0)
		soft->card.seeded = m->nv.seed_epoch > 0;
	else if (nf_mod_card_read(txn->in->data, &soft->card, &diag) != 0) {
		nf_freezero(soft, sizeof(*soft));
		return nf_mod_refuse(txn, NF_ST_BADTOKENDATA,
		    "the softcard is damaged");
	}
	(void)snprintf(soft->card.name, sizeof(soft->card.name), "%s",
	    SOFT_NAME);
	soft->owner = txn->client.id;
	soft->ic = txn->out->ic = ++m->soft_ic;
	soft->next = m->soft;
	m->soft = soft;
	return NF_ST_OK;
}

uint32_t
nf_cmd_remove_soft_token(struct nf_mod_txn *txn)
{
	const struct nf_mod_soft *soft;
	struct nf_diag diag = { 0 };
	uint32_t status;
	int r;

	if ((status = slot_check(txn)) != NF_ST_OK)
		return status;
	if ((soft = nf_mod_soft_find(txn->module, txn->client.id)) == NULL)
		return nf_mod_refuse(txn, NF_ST_PHYSTOKENNOTPRESENT,
		    "no softcard is in the slot");
	if ((r = nf_mod_card_write(&txn->buf[0], &soft->card)) != 0)
		return nf_mod_status(txn, r, &diag);
	txn->out->data = nf_buf_view(&txn->buf[0]);
	nf_mod_soft_forget(txn->module, txn->client.id);
	return NF_ST_OK;
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
