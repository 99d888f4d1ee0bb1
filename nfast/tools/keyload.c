/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "nfast/host/hostcmd.h"
#include "nfast/host/optoken.h"
#include "nfast/tools/keyload.h"

static uint32_t
token_loaded(const struct nf_keyload *kl, const uint8_t *hkt)
{
	for (size_t i = 0; i < kl->n_tokens; i++) {
		if (memcmp(kl->token[i].hkt, hkt, NF_HASH_LEN) == 0)
			return kl->token[i].id;
	}
	return 0;
}

static int
token_load(struct nf_keyload *kl, const struct nf_optoken *t, uint32_t *id,
    struct nf_diag *diag)
{
	int r;

	if ((*id = token_loaded(kl, t->hkt)) != 0)
		return 0;
	if (kl->n_tokens == NF_KEYLOAD_TOKENS_MAX)
		return nf_diag_set(diag, NF_E_POLICY, NULL,
		    "more than %d card sets and softcards",
		    NF_KEYLOAD_TOKENS_MAX);
	if (kl->pins == NULL && (r = nf_pins_open(t->params.needed,
	    &kl->pins, diag)) != 0)
		return r;
	if ((r = nf_optoken_load(kl->tool->host, kl->tool->world, t,
	    kl->pins, nf_tool_progress, id, diag)) != 0)
		return r;
	memcpy(kl->token[kl->n_tokens].hkt, t->hkt, NF_HASH_LEN);
	kl->token[kl->n_tokens++].id = *id;
	return 0;
}

int
nf_keyload_token(struct nf_keyload *kl, bool soft, const char *word,
    struct nf_diag *diag)
{
	struct nf_optoken t;
	uint32_t id;
	int r;

	kl->only = true;
	if ((r = nf_optoken_find(kl->tool->world->dir, soft, word, &t,
	    diag)) == 0)
		r = token_load(kl, &t, &id, diag);
	explicit_bzero(&t, sizeof(t));
	return r;
}

/* The token of a key, 0 for none; *skip when it is not one of the named. */
static int
token_of(struct nf_keyload *kl, const struct nf_km_key *key, uint32_t *idkt,
    bool *skip, struct nf_diag *diag)
{
	uint8_t hkt[NF_HASH_LEN];
	struct nf_optoken t;
	bool soft;
	int r;

	*idkt = 0;
	*skip = kl->only;
	if (!nf_optoken_of_key(key, &soft, hkt))
		return 0;
	if ((*idkt = token_loaded(kl, hkt)) != 0)
		*skip = false;
	if (*idkt != 0 || kl->only)
		return 0;
	if ((r = nf_optoken_open(kl->tool->world->dir, soft, hkt, &t,
	    diag)) == 0)
		r = token_load(kl, &t, idkt, diag);
	explicit_bzero(&t, sizeof(t));
	return r;
}

/* Into one module. */
static int
load_one(struct nf_keyload *kl, const struct nf_km_key *key, bool public,
    uint32_t idkt, uint32_t *id, struct nf_diag *diag)
{
	struct nf_host *host = kl->tool->host;

	return public ? nf_appkey_load_public(host, key, id, diag) :
	    nf_appkey_load_under(host, key, idkt, id, diag);
}

/* Load one half into the modules, merge the ids and list the result. */
static int
load(struct nf_keyload *kl, const struct nf_km_key *key, bool public,
    uint32_t idkt, struct nf_loaded *out, struct nf_diag *diag)
{
	/* A token is loaded in one module. */
	uint32_t n = idkt != 0 ? 1 : kl->n_modules;
	uint32_t id[NF_KEYLOAD_MODULES_MAX] = { 0 };
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < n; i++) {
		if (n == 1 || (r = nf_host_use(kl->tool->host, kl->module[i],
		    diag)) == 0)
			r = load_one(kl, key, public, idkt, &id[i], diag);
	}
	if (n > 1 && r == 0)
		r = nf_host_use(kl->tool->host, kl->module[0], diag);
	out->id = id[0];
	out->module = n > 1 ? 0 : kl->module[0];
	if (n > 1 && r == 0)
		r = nf_host_merge(kl->tool->host, id, n, &out->id, diag);
	if (r == 0) {
		nf_tokensfile_put(&kl->list, out);
		kl->n++;
	}
	return r;
}

int
nf_keyload_key(struct nf_keyload *kl, const struct nf_km_store_key *name,
    struct nf_diag *diag)
{
	struct nf_loaded key = { .name = *name };
	struct nf_appkey_file file;
	uint32_t idkt;
	bool skip;
	int r;

	if (kl->n + 2 > NF_TOKENSFILE_MAX)
		return nf_diag_set(diag, NF_E_POLICY, NULL,
		    "more than %d keys", NF_TOKENSFILE_MAX);
	if ((r = nf_appkey_open(kl->tool->world, name->appname, name->ident,
	    &file, diag)) != 0 ||
	    (r = token_of(kl, &file.key, &idkt, &skip, diag)) != 0 || skip)
		goto out;
	if (file.key.privblob.p != NULL &&
	    (r = load(kl, &file.key, false, idkt, &key, diag)) != 0)
		goto out;
	/* The two halves of a key are used together. */
	if (file.key.pubblob.p != NULL)
		r = load(kl, &file.key, true, idkt, &key, diag);
out:
	if (r != 0)
		nf_diag_where(diag, "key %s %s", name->appname, name->ident);
	nf_appkey_file_wipe(&file);
	return r;
}

void
nf_keyload_wipe(struct nf_keyload *kl)
{
	nf_pins_close(kl->pins);
	nf_buf_wipe(&kl->list);
	memset(kl, 0, sizeof(*kl));
}
