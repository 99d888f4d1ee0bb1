/* SPDX-License-Identifier: Apache-2.0 */
/* Commands on the module as a whole: enquiry, modes, initialisation, module
 * keys, and the hands of its owner. */
#include "config.h"

#include <string.h>

#include "nfast/base/seed.h"
#include "nfast/module/internal.h"

#define SPEED_INDEX	3400	/* RSA-2048 signatures a second, roughly */
#define RANDOM_MAX	4096
#define REPLY_LEVEL	6

/* The reply data of an enquiry are the fields of structure One (real names)
 * and the mode (ours). */
uint32_t
nf_cmd_new_enquiry(struct nf_mod_txn *txn)
{
	const struct nf_module *m = txn->module;
	struct nf_enquiry *e = &txn->out->enquiry;

	txn->out->module = txn->in->module;
	txn->out->version = REPLY_LEVEL;
	nf_buf_printf(&txn->buf[0], "secworld " PACKAGE_VERSION " simulated%s",
	    nf_seed_suffix(m->nv.seed_epoch > 0));
	e->speed = SPEED_INDEX;
	e->queue_min = 1;
	e->queue_max = 1;
	e->mode = m->nv.mode;
	e->serial = nf_view_of(m->nv.esn, strlen(m->nv.esn));
	if (txn->in->module == 0 && m->rack != NULL) {
		for (uint32_t i = 0; i < m->rack->n; i++)
			nf_buf_printf(&txn->buf[1], "%s%s", i == 0 ? "" : " ",
			    m->rack->module[i]->nv.esn);
		e->serial = nf_buf_view(&txn->buf[1]);
	}
	e->software = nf_buf_view(&txn->buf[0]);
	return NF_ST_OK;
}

uint32_t
nf_cmd_no_op(struct nf_mod_txn *txn)
{
	(void)txn;
	return NF_ST_OK;
}

typedef void change_fn(struct nf_mod_nv *nv, const void *arg);

/*
 * Commit a change of the NV state: the new state is saved first and then in
 * force.  *done says so; that can be with a failure, when the new state is
 * on disk but perhaps not yet safe there.  Memory and disk always agree.
 */
static uint32_t
commit(struct nf_mod_txn *txn, change_fn *change, const void *arg, bool *done)
{
	struct nf_module *m = txn->module;
	struct nf_mod_nv next = m->nv;
	struct nf_diag diag = { 0 };
	struct nf_mod_hashes hash;
	int r;

	*done = false;
	change(&next, arg);
	if ((r = nf_mod_km_hashes(&next, &hash)) == 0)
		r = nf_mod_nv_save(m, &next, done, &diag);
	if (*done) {
		m->nv = next;
		m->hash = hash;
	}
	explicit_bzero(&next, sizeof(next));
	return r == 0 ? NF_ST_OK : nf_mod_status(txn, r, &diag);
}

static void
change_mode(struct nf_mod_nv *nv, const void *arg)
{
	nv->mode = *(const uint32_t *)arg;
}

uint32_t
nf_cmd_clear_unit_ex(struct nf_mod_txn *txn)
{
	uint32_t mode = txn->in->mode, status = NF_ST_OK;
	bool done = true;

	if (mode == NF_MODE_DEFAULT)
		mode = txn->module->nv.mode;
	if (mode > NF_MODE_INITIALISATION)
		return nf_mod_refuse(txn, NF_ST_INVALIDPARAMETER, "mode %u",
		    mode);
	if (mode != txn->module->nv.mode)
		status = commit(txn, change_mode, &mode, &done);
	if (done)
		nf_mod_objects_clear(txn->module);
	return status;
}

static uint32_t
check_initialisation(struct nf_mod_txn *txn)
{
	return txn->module->nv.mode == NF_MODE_INITIALISATION ? NF_ST_OK :
	    nf_mod_refuse(txn, NF_ST_INVALIDSTATE,
	    "the module is not in initialisation mode");
}

/* What initialisation makes anew. */
struct fresh {
	uint32_t kml_type;
	struct nf_secret kml;
	uint8_t km0[NF_MOD_KM_LEN];
};

static void
change_initialise(struct nf_mod_nv *nv, const void *arg)
{
	const struct fresh *f = arg;

	nv->kml_type = f->kml_type;
	nv->kml = f->kml;
	memcpy(nv->km0, f->km0, sizeof(nv->km0));
	memset(nv->hknso, 0, sizeof(nv->hknso));
	nv->publicperms = 0;
	explicit_bzero(nv->km, sizeof(nv->km));
	nv->n_kms = 0;
}

uint32_t
nf_cmd_initialise_unit_ex(struct nf_mod_txn *txn)
{
	struct nf_genparams params = { .type = NF_KEY_DSAPRIVATE };
	struct nf_module *m = txn->module;
	struct nf_secret old = m->nv.kml;
	struct fresh fresh = { .kml_type = txn->in->word };
	struct nf_mod_key *kml = NULL;
	struct nf_diag diag = { 0 };
	struct nf_keydata kd;
	uint32_t status;
	bool done = false;
	int r;

	if ((status = check_initialisation(txn)) != NF_ST_OK)
		return status;
	if (fresh.kml_type > NF_KML_DSA3072)
		return nf_mod_refuse(txn, NF_ST_INVALIDPARAMETER,
		    "KML type %u", fresh.kml_type);
	params.len = fresh.kml_type == NF_KML_DSA3072 ? 3072 : 1024;
	if ((r = nf_mod_generate(&params, &fresh.kml, &kd, &diag)) != 0 ||
	    (r = nf_mod_key_new(&kd, NULL, &kml, &diag)) != 0 ||
	    (r = nf_mod_random(fresh.km0, sizeof(fresh.km0))) != 0)
		status = nf_mod_status(txn, r, &diag);
	else
		status = commit(txn, change_initialise, &fresh, &done);
	if (done) {
		nf_secret_wipe(&old);
		nf_mod_key_free(m->kml);
		m->kml = kml;
		nf_mod_objects_clear(m);
	} else {
		nf_mod_key_free(kml);
		nf_secret_wipe(&fresh.kml);
	}
	explicit_bzero(&fresh, sizeof(fresh));
	return status;
}

static void
change_nso(struct nf_mod_nv *nv, const void *arg)
{
	const struct nf_args *in = arg;

	memcpy(nv->hknso, in->hash, NF_HASH_LEN);
	nv->publicperms = in->word;
}

uint32_t
nf_cmd_set_nso_perms(struct nf_mod_txn *txn)
{
	static const uint8_t none[NF_HASH_LEN];
	uint32_t status;
	bool done;

	if ((status = check_initialisation(txn)) != NF_ST_OK)
		return status;
	if (memcmp(txn->in->hash, none, NF_HASH_LEN) == 0)
		return nf_mod_refuse(txn, NF_ST_INVALIDPARAMETER,
		    "the hash of the security officer's key is zero");
	if (memcmp(txn->module->nv.hknso, none, NF_HASH_LEN) != 0)
		return nf_mod_refuse(txn, NF_ST_INVALIDSTATE,
		    "the module has a security officer: initialise it first");
	return commit(txn, change_nso, txn->in, &done);
}

static void
change_add_km(struct nf_mod_nv *nv, const void *arg)
{
	memcpy(nv->km[nv->n_kms++], arg, NF_MOD_KM_LEN);
}

uint32_t
nf_cmd_set_km(struct nf_mod_txn *txn)
{
	struct nf_module *m = txn->module;
	struct nf_mod_key *key;
	uint32_t status;
	bool done;

	if ((status = check_initialisation(txn)) != NF_ST_OK ||
	    (key = nf_mod_key_find(txn, txn->in->key, &status)) == NULL)
		return status;
	if (key->key.type != NF_KEY_RIJNDAEL ||
	    key->key.v[NF_SYM_K].len != NF_MOD_KM_LEN)
		return nf_mod_refuse(txn, NF_ST_TYPEMISMATCH,
		    "a module key is an AES-256 key");
	if (nf_mod_km_find(m, key->hash) != NULL)
		return nf_mod_refuse(txn, NF_ST_ALREADYEXISTS,
		    "the module has this key");
	if (m->nv.n_kms == NF_MOD_KMS_MAX)
		return nf_mod_refuse(txn, NF_ST_NOMEMORY,
		    "%d module keys are loaded", NF_MOD_KMS_MAX);
	if ((status = nf_mod_allow_op(txn, key, NF_PERM_USEASKM)) != NF_ST_OK)
		return status;
	return commit(txn, change_add_km, key->key.v[NF_SYM_K].p, &done);
}

static void
change_remove_km(struct nf_mod_nv *nv, const void *arg)
{
	uint32_t i = *(const uint32_t *)arg;

	memmove(nv->km[i], nv->km[i + 1],
	    (nv->n_kms - i - 1) * sizeof(nv->km[0]));
	explicit_bzero(nv->km[--nv->n_kms], sizeof(nv->km[0]));
}

uint32_t
nf_cmd_remove_km(struct nf_mod_txn *txn)
{
	struct nf_module *m = txn->module;
	uint32_t status;
	bool done;

	if ((status = check_initialisation(txn)) != NF_ST_OK)
		return status;
	for (uint32_t i = 0; i < m->nv.n_kms; i++) {
		if (memcmp(m->hash.km[i], txn->in->hash, NF_HASH_LEN) == 0)
			return commit(txn, change_remove_km, &i,
			    &done);
	}
	return nf_mod_refuse(txn, NF_ST_UNKNOWNKM,
	    "the module has no such key");
}

/* KM0, the null AES key, then the loaded ones: the order of real lists. */
uint32_t
nf_cmd_get_km_list(struct nf_mod_txn *txn)
{
	const struct nf_module *m = txn->module;
	struct nf_args *out = txn->out;

	memcpy(out->hash, m->nv.hknso, NF_HASH_LEN);
	memcpy(out->hashes[out->n_hashes++], m->hash.km0, NF_HASH_LEN);
	memcpy(out->hashes[out->n_hashes++], nf_mod_null_aes_hash,
	    NF_HASH_LEN);
	for (uint32_t i = 0; i < m->nv.n_kms; i++)
		memcpy(out->hashes[out->n_hashes++], m->hash.km[i], NF_HASH_LEN);
	return NF_ST_OK;
}

uint32_t
nf_cmd_generate_random(struct nf_mod_txn *txn)
{
	if (txn->in->length == 0 || txn->in->length > RANDOM_MAX)
		return nf_mod_refuse(txn, NF_ST_OUTOFRANGE,
		    "1 to %d bytes", RANDOM_MAX);
	nf_buf_fill(&txn->buf[0], 0, txn->in->length);
	if (nf_buf_err(&txn->buf[0]) != 0)
		return NF_ST_NOMEMORY;
	if (nf_mod_random(txn->buf[0].p, txn->in->length) != 0)
		return nf_mod_refuse(txn, NF_ST_FAILED, "no randomness");
	txn->out->data = nf_buf_view(&txn->buf[0]);
	return NF_ST_OK;
}

uint32_t
nf_cmd_dev_test(struct nf_mod_txn *txn)
{
	struct nf_module *m = txn->module;
	struct nf_view name = txn->in->string;
	char text[NF_MOD_CARD_NAME_MAX + 1] = "";
	struct nf_diag diag = { 0 };
	int r;

	switch (txn->in->word) {
	case NF_DEV_CARD_INSERT:
		if (name.len > NF_MOD_CARD_NAME_MAX)
			return nf_mod_refuse(txn, NF_ST_INVALIDPARAMETER,
			    "not the name of a card");
		if (nf_mod_card_elsewhere(m, name))
			return nf_mod_refuse(txn, NF_ST_PHYSTOKENNOTPRESENT,
			    "the card is in another module's slot");
		memcpy(text, name.p, name.len);
		r = nf_mod_card_load(m, text, &diag);
		break;
	case NF_DEV_CARD_NEW:
		if ((r = nf_mod_card_new(m, &diag)) == 0)
			nf_buf_str(&txn->buf[0], m->card.name);
		break;
	case NF_DEV_CARD_LIST:
		r = nf_mod_card_list(m, &txn->buf[0], &diag);
		break;
	case NF_DEV_ROOTCHAIN:
		if (txn->in->index != NF_SIGNER_KLF &&
		    txn->in->index != NF_SIGNER_KLF2)
			return nf_mod_refuse(txn, NF_ST_INVALIDPARAMETER,
			    "signer %u", txn->in->index);
		nf_buf_view_put(&txn->buf[0], nf_buf_view(
		    txn->in->index == NF_SIGNER_KLF ? &m->nv.chain_klf :
		    &m->nv.chain_klf2));
		r = nf_buf_err(&txn->buf[0]);
		break;
	case NF_DEV_WARRANT:
		nf_buf_view_put(&txn->buf[0], nf_buf_view(&m->nv.warrant));
		r = nf_buf_err(&txn->buf[0]);
		break;
	default:
		return nf_mod_refuse(txn, NF_ST_INVALIDPARAMETER,
		    "operation %u", txn->in->word);
	}
	if (r != 0)
		return nf_mod_status(txn, r, &diag);
	txn->out->data = nf_buf_view(&txn->buf[0]);
	return NF_ST_OK;
}

uint32_t
nf_cmd_get_slot_info(struct nf_mod_txn *txn)
{
	const struct nf_module *m = txn->module;
	const struct nf_mod_card *card = &m->card;
	struct nf_args *out = txn->out;
	const struct nf_mod_soft *soft;

	out->ic = card->name[0] == '\0' ? 0 : m->ic;
	if (txn->in->slot == NF_SLOT_SOFT) {
		if ((soft = nf_mod_soft_find(m, txn->client.id)) == NULL) {
			out->ic = 0;
			return NF_ST_OK;
		}
		card = &soft->card;
		out->ic = soft->ic;
	} else if (txn->in->slot != 0)
		return nf_mod_refuse(txn, NF_ST_UNKNOWNSLOT,
		    "there is no slot %u", txn->in->slot);
	for (uint32_t i = 0; i < card->n_shares; i++) {
		memcpy(out->share[i].hkt, card->share[i].hkt,
		    NF_SHORTHASH_LEN);
		out->share[i].index = card->share[i].index;
	}
	out->n_shares = card->n_shares;
	return NF_ST_OK;
}
