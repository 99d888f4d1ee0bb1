/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

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

static void
put(struct nf_keyload *kl, const struct nf_loaded *key)
{
	nf_tokensfile_put(&kl->list, key);
	kl->n++;
}

int
nf_keyload_key(struct nf_keyload *kl, const struct nf_km_store_key *name,
    struct nf_diag *diag)
{
	struct nf_host *host = kl->tool->host;
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
	if (file.key.privblob.p != NULL) {
		if ((r = nf_appkey_load_under(host, &file.key, idkt, &key.id,
		    diag)) != 0)
			goto out;
		put(kl, &key);
	}
	if (file.key.pubblob.p != NULL) {
		if ((r = nf_appkey_load_public(host, &file.key, &key.id,
		    diag)) != 0)
			goto out;
		put(kl, &key);
	}
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
