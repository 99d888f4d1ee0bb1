/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Logical tokens and their shares.  Real: a token is a symmetric key,
 * encrypted under a module key, its ciphertext split, each share encrypted
 * under a key from the module key, the passphrase and extra data.  The
 * formats and the key derivation are ours.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "nfast/base/digest.h"
#include "nfast/module/internal.h"

#define SLOT	0u

/* hkt: SHA-1 of a label and the token key's MAC (ours). */
static int
token_hash(const struct nf_mod_token *t, uint8_t out[static NF_HASH_LEN])
{
	static const char label[] = "secworld logical token";
	uint8_t mac[NF_MOD_KM_LEN];
	const struct nf_view v[2] = { { (const uint8_t *)label,
	    sizeof(label) }, { mac, sizeof(mac) } };
	int r;

	if ((r = nf_mod_derive(t->key, label, nf_view_of(NULL, 0),
	    mac)) == 0)
		r = nf_digest_of(NF_SHA1, v, 2, out);
	explicit_bzero(mac, sizeof(mac));
	return r;
}

/* What token and shares are bound to. */
static void
binding(struct nf_buf *buf, const struct nf_mod_token *t)
{
	nf_buf_put(buf, t->hkt, NF_HASH_LEN);
	nf_buf_put(buf, t->hkm, NF_HASH_LEN);
	nf_wire_tokenparams_write(buf, &t->params);
}

/* The key of one share: module key, token, index, passphrase. */
static int
share_key(const uint8_t *km, const struct nf_mod_token *t, uint32_t index,
    const struct nf_args *in, uint8_t out[static NF_MOD_KM_LEN])
{
	struct nf_buf context = NF_BUF_INIT;
	int r;

	binding(&context, t);
	nf_buf_u32(&context, index);
	nf_buf_u32(&context, in->flags & NF_SHARE_PIN);
	nf_buf_put(&context, in->pin, sizeof(in->pin));
	if ((r = nf_buf_err(&context)) == 0)
		r = nf_mod_derive(km, "secworld share",
		    nf_buf_view(&context), out);
	nf_buf_wipe(&context);
	return r;
}

/* Encrypt the token key under its module key and split the ciphertext. */
static int
make_shares(struct nf_mod_token *t, const uint8_t *km)
{
	struct nf_buf aad = NF_BUF_INIT, sealed = NF_BUF_INIT;
	uint8_t key[NF_MOD_KM_LEN];
	int r;

	binding(&aad, t);
	if ((r = nf_buf_err(&aad)) == 0 &&
	    (r = nf_mod_derive(km, "secworld token", nf_view_of(NULL, 0),
	    key)) == 0 &&
	    (r = nf_mod_seal(key, nf_buf_view(&aad), nf_view_of(t->key,
	    sizeof(t->key)), &sealed)) == 0) {
		NF_REQUIRE(sealed.len == NF_MOD_SEALED_LEN);
		r = nf_mod_split(sealed.p, sealed.len, t->params.needed,
		    t->params.total, t->share[0]);
	}
	explicit_bzero(key, sizeof(key));
	nf_buf_wipe(&sealed);
	nf_buf_wipe(&aad);
	return r;
}

/*
 * Join the shares that were read; NF_E_VERIFY when they do not fit, or give
 * a key that is not the one of this hash.
 */
static int
join_shares(struct nf_mod_token *t, const uint8_t *km)
{
	struct nf_buf aad = NF_BUF_INIT, plain = NF_BUF_INIT;
	uint8_t key[NF_MOD_KM_LEN], sealed[NF_MOD_SEALED_LEN];
	uint8_t hkt[NF_HASH_LEN];
	int r;

	nf_mod_join(sealed, sizeof(sealed), t->params.needed, t->index,
	    t->share[0], sizeof(t->share[0]));
	binding(&aad, t);
	if ((r = nf_buf_err(&aad)) == 0 &&
	    (r = nf_mod_derive(km, "secworld token", nf_view_of(NULL, 0),
	    key)) == 0 &&
	    (r = nf_mod_open(key, nf_buf_view(&aad), nf_view_of(sealed,
	    sizeof(sealed)), &plain)) == 0) {
		memcpy(t->key, plain.p, sizeof(t->key));
		if ((r = token_hash(t, hkt)) == 0 &&
		    memcmp(hkt, t->hkt, NF_HASH_LEN) != 0)
			r = NF_E_VERIFY;
	}
	if (r != 0)
		explicit_bzero(t->key, sizeof(t->key));
	explicit_bzero(key, sizeof(key));
	explicit_bzero(sealed, sizeof(sealed));
	nf_buf_wipe(&plain);
	nf_buf_wipe(&aad);
	return r;
}

/* The token can be used now, until its time limit. */
static void
assembled(struct nf_mod_token *t)
{
	t->state = NF_TOKEN_PRESENT;
	if (t->params.timelimit != 0)
		t->expires = nf_mod_now() + (time_t)t->params.timelimit;
}

static bool
params_ok(const struct nf_tokenparams *p)
{
	return p->needed >= 1 && p->needed <= p->total &&
	    p->total <= NF_MOD_SHARES_MAX &&
	    ((p->flags & NF_TOKEN_SOFTCARD_BIT) == 0 || p->total == 1);
}

static uint32_t
new_token(struct nf_mod_txn *txn, const uint8_t *hkm, const uint8_t **km,
    struct nf_mod_token **out)
{
	struct nf_mod_token *t;

	if (!params_ok(&txn->in->tokenparams))
		return nf_mod_refuse(txn, NF_ST_INVALIDPARAMETER,
		    "shares: 1 <= needed <= total <= %d", NF_MOD_SHARES_MAX);
	if ((*km = nf_mod_km_find(txn->module, hkm)) == NULL)
		return nf_mod_refuse(txn, NF_ST_UNKNOWNKM,
		    "the module has no such module key");
	if ((t = calloc(1, sizeof(*t))) == NULL)
		return NF_ST_NOMEMORY;
	if ((t->auth = nf_mod_uses_new()) == NULL) {
		nf_mod_token_free(t);
		return NF_ST_NOMEMORY;
	}
	t->params = txn->in->tokenparams;
	memcpy(t->hkm, hkm, NF_HASH_LEN);
	*out = t;
	return NF_ST_OK;
}

uint32_t
nf_cmd_generate_logical_token(struct nf_mod_txn *txn)
{
	struct nf_diag diag = { 0 };
	struct nf_mod_token *t = NULL;
	const uint8_t *km;
	uint32_t status;
	int r;

	if ((status = new_token(txn, txn->in->hash, &km, &t)) != NF_ST_OK)
		return status;
	assembled(t);
	if ((r = nf_mod_random(t->key, sizeof(t->key))) != 0 ||
	    (r = token_hash(t, t->hkt)) != 0 || (r = make_shares(t, km)) != 0) {
		nf_mod_token_free(t);
		return nf_mod_status(txn, r, &diag);
	}
	t->n_shares = t->params.total;
	memcpy(txn->out->hash, t->hkt, NF_HASH_LEN);
	return nf_mod_object_add(txn, NULL, t, &txn->out->key);
}

uint32_t
nf_cmd_load_logical_token(struct nf_mod_txn *txn)
{
	struct nf_mod_token *t = NULL;
	const uint8_t *km;
	uint32_t status;

	if ((status = new_token(txn, txn->in->hash2, &km, &t)) != NF_ST_OK)
		return status;
	t->state = NF_TOKEN_READING;
	memcpy(t->hkt, txn->in->hash, NF_HASH_LEN);
	return nf_mod_object_add(txn, NULL, t, &txn->out->key);
}

/* Slot, card and token of a share command. */
static uint32_t
share_target(struct nf_mod_txn *txn, struct nf_mod_token **token,
    const uint8_t **km, struct nf_mod_card **card)
{
	const struct nf_args *in = txn->in;
	struct nf_module *m = txn->module;
	struct nf_mod_soft *own = nf_mod_soft_find(m, txn->client.id);
	bool soft = in->slot == NF_SLOT_SOFT;
	uint32_t status;

	*card = !soft ? &m->card : own == NULL ? NULL : &own->card;
	if (in->module != m->number || (!soft && in->slot != SLOT))
		return nf_mod_refuse(txn, NF_ST_UNKNOWNSLOT,
		    "there is no slot %u on module %u", in->slot,
		    in->module);
	if (*card == NULL || (*card)->name[0] == '\0' ||
	    in->ic != (soft ? own->ic : m->ic))
		return nf_mod_refuse(txn, NF_ST_PHYSTOKENNOTPRESENT,
		    "the card is not in the slot");
	if ((*token = nf_mod_token_find(txn, in->key, false,
	    &status)) == NULL)
		return status;
	if (soft != (((*token)->params.flags & NF_TOKEN_SOFTCARD_BIT) != 0))
		return nf_mod_refuse(txn, NF_ST_INVALIDSLOT,
		    "softcards and cards have slots of their own");
	if (in->index < 1 || in->index > (*token)->params.total)
		return nf_mod_refuse(txn, NF_ST_OUTOFRANGE,
		    "share %u of %u", in->index, (*token)->params.total);
	if ((*km = nf_mod_km_find(txn->module, (*token)->hkm)) == NULL)
		return nf_mod_refuse(txn, NF_ST_UNKNOWNKM,
		    "the module has no such module key");
	return NF_ST_OK;
}

static struct nf_mod_cardshare *
find_share(struct nf_mod_card *card, const uint8_t *hkt)
{
	for (uint32_t i = 0; i < card->n_shares; i++) {
		if (memcmp(card->share[i].hkt, hkt, NF_HASH_LEN) == 0)
			return &card->share[i];
	}
	return NULL;
}

uint32_t
nf_cmd_write_share(struct nf_mod_txn *txn)
{
	struct nf_mod_card *card;
	struct nf_mod_cardshare *slot = NULL;
	struct nf_buf sealed = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	uint8_t key[NF_MOD_KM_LEN];
	struct nf_mod_token *t;
	const uint8_t *km;
	uint32_t status;
	int r;

	if ((status = share_target(txn, &t, &km, &card)) != NF_ST_OK)
		return status;
	if (t->state != NF_TOKEN_PRESENT || t->n_shares != t->params.total)
		return nf_mod_refuse(txn, NF_ST_BADSHARESTATE,
		    "only a token that was made now has shares to write");
	if (find_share(card, t->hkt) != NULL)
		return nf_mod_refuse(txn, NF_ST_ALREADYEXISTS,
		    "the card has a share of this token");
	if (card->n_shares == NF_MOD_SHARES_MAX)
		return nf_mod_refuse(txn, NF_ST_SLOTFULL, "the card is full");
	if ((r = share_key(km, t, txn->in->index, txn->in, key)) != 0 ||
	    (r = nf_mod_seal(key, nf_view_of(t->hkt, NF_HASH_LEN),
	    nf_view_of(t->share[txn->in->index - 1], NF_MOD_SEALED_LEN),
	    &sealed)) != 0)
		goto out;
	slot = &card->share[card->n_shares];
	NF_REQUIRE(sealed.len == sizeof(slot->data));
	memcpy(slot->hkt, t->hkt, NF_HASH_LEN);
	slot->index = txn->in->index;
	memcpy(slot->data, sealed.p, sealed.len);
	card->n_shares++;
	/* A softcard is saved by who takes it out. */
	if (card == &txn->module->card)
		r = nf_mod_card_save(txn->module, &diag);
out:
	explicit_bzero(key, sizeof(key));
	nf_buf_wipe(&sealed);
	return r == 0 ? NF_ST_OK : nf_mod_status(txn, r, &diag);
}

/* Decrypt this card's share and add it to the token's. */
static uint32_t
take_share(struct nf_mod_txn *txn, struct nf_mod_token *t, const uint8_t *km,
    const struct nf_mod_cardshare *s)
{
	struct nf_buf plain = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	uint8_t key[NF_MOD_KM_LEN];
	int r;

	if ((r = share_key(km, t, s->index, txn->in, key)) == 0)
		r = nf_mod_open(key, nf_view_of(t->hkt, NF_HASH_LEN),
		    nf_view_of(s->data, sizeof(s->data)), &plain);
	explicit_bzero(key, sizeof(key));
	if (r == 0) {
		memcpy(t->share[t->n_shares], plain.p, NF_MOD_SEALED_LEN);
		t->index[t->n_shares++] = s->index;
	}
	nf_buf_wipe(&plain);
	if (r == NF_E_VERIFY)
		return nf_mod_refuse(txn, NF_ST_DECRYPTFAILED,
		    "wrong passphrase");
	return r == 0 ? NF_ST_OK : nf_mod_status(txn, r, &diag);
}

uint32_t
nf_cmd_read_share(struct nf_mod_txn *txn)
{
	struct nf_diag diag = { 0 };
	const struct nf_mod_cardshare *s;
	struct nf_mod_card *card;
	struct nf_mod_token *t;
	const uint8_t *km;
	uint32_t status;
	int r;

	if ((status = share_target(txn, &t, &km, &card)) != NF_ST_OK)
		return status;
	if (t->state != NF_TOKEN_READING)
		return nf_mod_refuse(txn, NF_ST_BADSHARESTATE,
		    "the token is assembled");
	if ((s = find_share(card, t->hkt)) == NULL ||
	    s->index != txn->in->index)
		return nf_mod_refuse(txn, NF_ST_INCORRECTTOKEN,
		    "the card has no such share of this token");
	for (uint32_t i = 0; i < t->n_shares; i++) {
		if (t->index[i] == s->index)
			return nf_mod_refuse(txn, NF_ST_BADSHARESTATE,
			    "share %u was read already", s->index);
	}
	if ((status = take_share(txn, t, km, s)) != NF_ST_OK)
		return status;
	txn->out->word = t->params.needed - t->n_shares;
	if (t->n_shares < t->params.needed)
		return NF_ST_OK;
	if ((r = join_shares(t, km)) != 0) {
		t->n_shares = 0;
		return r == NF_E_VERIFY ? nf_mod_refuse(txn,
		    NF_ST_TOKENASSEMBLYFAILED,
		    "the shares do not make the token") :
		    nf_mod_status(txn, r, &diag);
	}
	t->was_read = true;
	assembled(t);
	return NF_ST_OK;
}
