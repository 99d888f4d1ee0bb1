/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ACL engine.  An action is allowed when one group holds it, the group's
 * certifier (if any) is proved by the command's certificates, it is for this
 * module, and its use limits are not exhausted.  FreshCerts always holds: no
 * certificate outlives its command.  That procedure is inferred
 * from names and documents; the numbers are real.  The exact rule by which
 * the vendor compares two ACLs is not public: ours is below.
 */
#include "config.h"

#include <string.h>

#include "nfast/module/internal.h"

/* ---- conditions of a group -------------------------------------------- */

static bool
signer_is(const struct nf_mod_txn *txn, const uint8_t *hash, uint32_t mech)
{
	for (uint32_t i = 0; i < txn->n_signers; i++) {
		if (memcmp(txn->signer[i].hash, hash, NF_HASH_LEN) == 0 &&
		    (mech == 0 || txn->signer[i].mech == mech))
			return true;
	}
	return false;
}

/* The certifier conditions hold.  A KeyHashEx certifier counts by its SHA-1
 * form only: keys have no other hash here. */
static bool
certified(const struct nf_mod_txn *txn, const struct nf_group *g)
{
	if ((g->flags & NF_GROUP_CERTIFIER) != 0 &&
	    !signer_is(txn, g->certifier, 0))
		return false;
	if ((g->flags & NF_GROUP_CERTMECH) != 0 &&
	    !signer_is(txn, g->certmech_hash, g->certmech_mech))
		return false;
	if ((g->flags & NF_GROUP_NSOCERTIFIED) != 0 &&
	    !signer_is(txn, txn->module->nv.hknso, 0))
		return false;
	if ((g->flags & NF_GROUP_CERTIFIER_EX) != 0 &&
	    (g->certifier_ex.mech != NF_MECH_SHA1HASH ||
	    !signer_is(txn, g->certifier_ex.hash, g->certifier_ex_mech)))
		return false;
	return true;
}

static bool
this_module(const struct nf_mod_txn *txn, const struct nf_group *g)
{
	return (g->flags & NF_GROUP_MODULESERIAL) == 0 ||
	    nf_view_is(g->moduleserial, txn->module->nv.esn);
}

/* The counter of a limit, made when it is first met; NULL when full. */
static struct nf_mod_use *
counter(const struct nf_mod_key *key, const struct nf_limit *l)
{
	struct nf_mod_uses *uses = l->type == NF_LIMIT_AUTH ? key->auth :
	    key->uses;

	for (uint32_t i = 0; i < uses->n; i++) {
		if (memcmp(uses->use[i].id, l->id, NF_HASH_LEN) == 0)
			return &uses->use[i];
	}
	if (uses->n == NF_ACL_GROUPS_MAX)
		return NULL;
	memcpy(uses->use[uses->n].id, l->id, NF_HASH_LEN);
	uses->use[uses->n].used = 0;
	return &uses->use[uses->n++];
}

/* Check every limit of a group, and count this use when all have room. */
static uint32_t
spend(struct nf_mod_key *key, const struct nf_group *g)
{
	struct nf_mod_use *use;
	time_t now = nf_mod_now();

	for (uint32_t i = 0; i < g->n_limits; i++) {
		const struct nf_limit *l = &g->limit[i];

		if (l->type == NF_LIMIT_TIME) {
			if (now - key->loaded >= (time_t)l->max)
				return NF_ST_TIMELIMITEXCEEDED;
			continue;
		}
		if ((use = counter(key, l)) == NULL ||
		    use->used >= l->max)
			return NF_ST_USELIMITEXCEEDED;
	}
	for (uint32_t i = 0; i < g->n_limits; i++) {
		if (g->limit[i].type != NF_LIMIT_TIME)
			counter(key, &g->limit[i])->used++;
	}
	return NF_ST_OK;
}

/* ---- actions ------------------------------------------------------------ */

static bool
is_null_km(const uint8_t *hkm)
{
	return memcmp(hkm, nf_mod_null_aes_hash, NF_HASH_LEN) == 0 ||
	    memcmp(hkm, nf_null_des3_hash, NF_HASH_LEN) == 0;
}

static bool
makeblob_fits(const struct nf_mod_txn *txn, const struct nf_action *a,
    const struct nf_mod_want *want)
{
	const uint8_t *hkm = want->token != NULL ? want->token->hkm :
	    want->hkm;

	if (is_null_km(hkm)) {
		if ((a->flags & NF_MAKEBLOB_ALLOWNULLKMTOKEN) == 0)
			return false;
	} else if (memcmp(hkm, txn->module->hash.km0, NF_HASH_LEN) != 0 &&
	    (a->flags & NF_MAKEBLOB_ALLOWNONKM0) == 0)
		return false;
	if ((a->flags & NF_MAKEBLOB_KMHASH) != 0 &&
	    memcmp(a->kmhash, hkm, NF_HASH_LEN) != 0)
		return false;
	if (want->token == NULL)
		return (a->flags & NF_MAKEBLOB_ALLOWKMONLY) != 0 &&
		    (a->flags & (NF_MAKEBLOB_KTHASH |
		    NF_MAKEBLOB_KTPARAMS)) == 0;
	if ((a->flags & NF_MAKEBLOB_KTHASH) != 0 &&
	    memcmp(a->kthash, want->token->hkt, NF_HASH_LEN) != 0)
		return false;
	return (a->flags & NF_MAKEBLOB_KTPARAMS) == 0 ||
	    memcmp(&a->ktparams, &want->token->params,
	    sizeof(a->ktparams)) == 0;
}

/* A wrap that leaves the ACL behind must be allowed by its name. */
static bool
archive_mech_fits(uint32_t allowed, uint32_t mech)
{
	return allowed == mech || (allowed == NF_MECH_ANY &&
	    mech != NF_MECH_RSA_AES_KEY_WRAP);
}

static bool
action_fits(const struct nf_mod_txn *txn, const struct nf_action *a,
    const struct nf_mod_want *want)
{
	if (a->type != want->action)
		return false;
	switch (a->type) {
	case NF_ACT_OPPERMISSIONS:
		return (a->flags & want->perm) == want->perm;
	case NF_ACT_MAKEBLOB:
		return (a->flags & NF_MAKEBLOB_BLOBFILE) == 0 &&
		    makeblob_fits(txn, a, want);
	case NF_ACT_MAKEARCHIVEBLOB:
		return (a->flags & NF_ARCHIVE_BLOBFILE) == 0 &&
		    archive_mech_fits(a->mech, want->mech) &&
		    ((a->flags & NF_ARCHIVE_KAHASH) == 0 ||
		    memcmp(a->kahash, want->kahash, NF_HASH_LEN) == 0);
	default:
		return false;
	}
}

static const char *
want_name(const struct nf_mod_want *want, struct nf_buf *buf)
{
	if (want->action == NF_ACT_OPPERMISSIONS)
		nf_flags_print(buf, nf_wire_op_perms, want->perm);
	else {
		nf_name_print(buf, nf_wire_actions, want->action);
		if (want->action == NF_ACT_MAKEARCHIVEBLOB) {
			nf_buf_str(buf, " under ");
			nf_text_hex(buf, nf_view_of(want->kahash,
			    NF_HASH_LEN));
			nf_buf_printf(buf, " with mechanism %u", want->mech);
		} else {
			nf_buf_str(buf, " under ");
			nf_text_hex(buf, nf_view_of(want->token != NULL ?
			    want->token->hkt : want->hkm, NF_HASH_LEN));
		}
	}
	return nf_buf_text(buf);
}

/* Why no group served: the nearest miss that was met. */
static uint32_t
refuse(struct nf_mod_txn *txn, const struct nf_mod_want *want,
    const struct nf_group *gated, uint32_t gated_at, uint32_t spent,
    uint32_t spent_at)
{
	struct nf_buf buf = NF_BUF_INIT, who = NF_BUF_INIT;
	const char *name = want_name(want, &buf);
	uint32_t status;

	if (spent != NF_ST_OK)
		status = nf_mod_refuse(txn, spent,
		    "group %u allows %s, but its limit is used up", spent_at,
		    name);
	else if (gated != NULL) {
		if ((gated->flags & NF_GROUP_MODULESERIAL) != 0 &&
		    !this_module(txn, gated))
			nf_buf_str(&who, "for another module");
		else if ((gated->flags & NF_GROUP_CERTIFIER) != 0) {
			nf_buf_str(&who, "certified by ");
			nf_text_hex(&who, nf_view_of(gated->certifier,
			    NF_HASH_LEN));
		} else
			nf_buf_str(&who, "with a certificate");
		status = nf_mod_refuse(txn, NF_ST_ACCESSDENIED,
		    "group %u allows %s only %s", gated_at, name,
		    nf_buf_text(&who));
	} else
		status = nf_mod_refuse(txn, NF_ST_ACCESSDENIED,
		    "no permission group allows %s", name);
	nf_buf_wipe(&buf);
	nf_buf_wipe(&who);
	return status;
}

uint32_t
nf_mod_allow(struct nf_mod_txn *txn, struct nf_mod_key *key,
    const struct nf_mod_want *want)
{
	const struct nf_group *gated = NULL;
	uint32_t gated_at = 0, spent = NF_ST_OK, spent_at = 0, status;

	NF_REQUIRE(key->acl != NULL);
	for (uint32_t i = 0; i < key->acl->n_groups; i++) {
		const struct nf_group *g = &key->acl->group[i];
		bool fits = false;

		for (uint32_t j = 0; j < g->n_actions && !fits; j++)
			fits = action_fits(txn, &g->action[j], want);
		if (!fits)
			continue;
		if (!certified(txn, g) || !this_module(txn, g)) {
			if (gated == NULL) {
				gated = g;
				gated_at = i;
			}
			continue;
		}
		if ((status = spend(key, g)) == NF_ST_OK)
			return NF_ST_OK;
		spent = status;
		spent_at = i;
	}
	return refuse(txn, want, gated, gated_at, spent, spent_at);
}

uint32_t
nf_mod_allow_op(struct nf_mod_txn *txn, struct nf_mod_key *key, uint32_t perm)
{
	const struct nf_mod_want want = { .action = NF_ACT_OPPERMISSIONS,
	    .perm = perm };

	return nf_mod_allow(txn, key, &want);
}

/* ---- comparing two ACLs --------------------------------------------------- */

/* Whoever may use b may use a: b's conditions are at least a's. */
static bool
conditions_within(const struct nf_group *b, const struct nf_group *a)
{
	const uint32_t hard = NF_GROUP_CERTIFIER | NF_GROUP_CERTMECH |
	    NF_GROUP_MODULESERIAL | NF_GROUP_NSOCERTIFIED |
	    NF_GROUP_CERTIFIER_EX | NF_GROUP_FRESHCERTS |
	    NF_GROUP_LOGKEYUSAGE;

	if ((a->flags & hard & ~b->flags) != 0)
		return false;
	if (((a->flags & NF_GROUP_CERTIFIER) != 0 &&
	    memcmp(a->certifier, b->certifier, NF_HASH_LEN) != 0) ||
	    ((a->flags & NF_GROUP_CERTMECH) != 0 &&
	    (memcmp(a->certmech_hash, b->certmech_hash, NF_HASH_LEN) != 0 ||
	    a->certmech_mech != b->certmech_mech)) ||
	    ((a->flags & NF_GROUP_MODULESERIAL) != 0 &&
	    !nf_view_equal(a->moduleserial, b->moduleserial)) ||
	    ((a->flags & NF_GROUP_CERTIFIER_EX) != 0 &&
	    (memcmp(&a->certifier_ex, &b->certifier_ex,
	    sizeof(a->certifier_ex)) != 0 ||
	    a->certifier_ex_mech != b->certifier_ex_mech)))
		return false;
	for (uint32_t i = 0; i < a->n_limits; i++) {
		const struct nf_limit *l = &a->limit[i];
		bool kept = false;

		for (uint32_t j = 0; j < b->n_limits && !kept; j++)
			kept = b->limit[j].type == l->type &&
			    memcmp(b->limit[j].id, l->id, NF_HASH_LEN) == 0 &&
			    b->limit[j].max <= l->max;
		if (!kept)
			return false;
	}
	return true;
}

static bool
action_within(const struct nf_action *b, const struct nf_action *a)
{
	const uint32_t wide = NF_MAKEBLOB_ALLOWKMONLY |
	    NF_MAKEBLOB_ALLOWNONKM0 | NF_MAKEBLOB_ALLOWNULLKMTOKEN;

	if (b->type != a->type)
		return false;
	switch (b->type) {
	case NF_ACT_NOACTION:
		return true;
	case NF_ACT_OPPERMISSIONS:
		return (b->flags & ~a->flags) == 0;
	case NF_ACT_MAKEBLOB:
		return (b->flags & wide & ~a->flags) == 0 &&
		    (a->flags & ~wide & ~b->flags) == 0 &&
		    ((a->flags & NF_MAKEBLOB_KMHASH) == 0 ||
		    memcmp(a->kmhash, b->kmhash, NF_HASH_LEN) == 0) &&
		    ((a->flags & NF_MAKEBLOB_KTHASH) == 0 ||
		    memcmp(a->kthash, b->kthash, NF_HASH_LEN) == 0) &&
		    ((a->flags & NF_MAKEBLOB_KTPARAMS) == 0 ||
		    memcmp(&a->ktparams, &b->ktparams,
		    sizeof(a->ktparams)) == 0) &&
		    ((a->flags & NF_MAKEBLOB_BLOBFILE) == 0 ||
		    memcmp(&a->blobfile, &b->blobfile,
		    sizeof(a->blobfile)) == 0);
	case NF_ACT_MAKEARCHIVEBLOB:
		return archive_mech_fits(a->mech, b->mech) &&
		    (a->flags & ~b->flags) == 0 &&
		    ((a->flags & NF_ARCHIVE_KAHASH) == 0 ||
		    memcmp(a->kahash, b->kahash, NF_HASH_LEN) == 0) &&
		    ((a->flags & NF_ARCHIVE_BLOBFILE) == 0 ||
		    memcmp(&a->blobfile, &b->blobfile,
		    sizeof(a->blobfile)) == 0);
	default:
		return nf_action_equal(a, b);
	}
}

bool
nf_mod_acl_within(const struct nf_acl *b, const struct nf_acl *a)
{
	for (uint32_t i = 0; i < b->n_groups; i++) {
		const struct nf_group *g = &b->group[i];

		for (uint32_t j = 0; j < g->n_actions; j++) {
			bool covered = false;

			for (uint32_t k = 0; k < a->n_groups && !covered;
			    k++) {
				const struct nf_group *h = &a->group[k];

				if (!conditions_within(g, h))
					continue;
				for (uint32_t l = 0; l < h->n_actions &&
				    !covered; l++)
					covered = action_within(
					    &g->action[j], &h->action[l]);
			}
			if (!covered)
				return false;
		}
	}
	return true;
}

/* ---- certificates on the command --------------------------------------------- */

uint32_t
nf_mod_certify(struct nf_mod_txn *txn)
{
	const struct nf_certlist *list = &txn->cmd->certs;
	uint32_t status = NF_ST_OK;

	for (uint32_t i = 0; i < list->n; i++) {
		const struct nf_cert *c = &list->cert[i];
		struct nf_mod_signer *s = &txn->signer[txn->n_signers];
		struct nf_mod_key *key;

		/* Delegations (SingleCert) on commands are not supported. */
		if (c->type != NF_CERT_SIGNINGKEY)
			return nf_mod_refuse(txn, NF_ST_INVALIDCERTIFICATE,
			    "only SigningKey certificates are supported");
		if ((key = nf_mod_key_find(txn, c->keyid, &status)) == NULL)
			return status;
		if (memcmp(key->hash, c->keyhash, NF_HASH_LEN) != 0 ||
		    nf_wire_keykind(key->key.type) != NF_KIND_PRIVATE)
			return nf_mod_refuse(txn, NF_ST_INVALIDCERTIFICATE,
			    "the certificate does not name its key's hash");
		if ((status = nf_mod_allow_op(txn, key,
		    NF_PERM_USEASCERTIFICATE)) != NF_ST_OK)
			return status;
		memcpy(s->hash, key->hash, NF_HASH_LEN);
		s->mech = nf_wire_cert_mech(&key->pub);
		txn->n_signers++;
	}
	return NF_ST_OK;
}
