/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "nfast/host/hostcmd.h"
#include "nfast/host/optoken.h"
#include "nfast/tools/keyload.h"

static const struct nf_keyload_token *
token_loaded(const struct nf_keyload *kl, const uint8_t *hkt)
{
	for (size_t i = 0; i < kl->n_tokens; i++) {
		if (memcmp(kl->token[i].hkt, hkt, NF_HASH_LEN) == 0)
			return &kl->token[i];
	}
	return NULL;
}

/* Use one of the modules; with one there is nothing to change. */
static int
use_module(const struct nf_keyload *kl, uint32_t i, struct nf_diag *diag)
{
	struct nf_host *host = kl->tool->host;

	return nf_host_module(host) == kl->module[i] ? 0 :
	    nf_host_use(host, kl->module[i], diag);
}

/* Into the modules, with the passphrase that it takes in the first. */
static int
token_load(struct nf_keyload *kl, const struct nf_optoken *t,
    const struct nf_keyload_token **out, struct nf_diag *diag)
{
	struct nf_keyload_token *at = &kl->token[kl->n_tokens];
	uint32_t n = t->soft ? kl->n_modules : 1;
	int r = 0;

	if ((*out = token_loaded(kl, t->hkt)) != NULL)
		return 0;
	if (kl->n_tokens == NF_KEYLOAD_TOKENS_MAX)
		return nf_diag_set(diag, NF_E_POLICY, NULL,
		    "more than %d card sets and softcards",
		    NF_KEYLOAD_TOKENS_MAX);
	if (kl->pins == NULL && (r = nf_pins_open(t->params.needed,
	    &kl->pins, diag)) != 0)
		return r;
	for (uint32_t i = 0; r == 0 && i < n; i++) {
		if (i > 0)
			nf_pins_repeat(kl->pins);
		if ((r = use_module(kl, i, diag)) == 0)
			r = nf_optoken_load(kl->tool->host, kl->tool->world,
			    t, kl->pins, i > 0 ? NULL : nf_tool_progress,
			    &at->id[i], diag);
	}
	if (r != 0 || (r = use_module(kl, 0, diag)) != 0)
		return r;
	memcpy(at->hkt, t->hkt, NF_HASH_LEN);
	kl->n_tokens++;
	*out = at;
	return 0;
}

int
nf_keyload_named(struct nf_keyload *kl, bool soft, const char *word,
    struct nf_diag *diag)
{
	const struct nf_keyload_token *loaded;
	struct nf_optoken t;
	int r;

	kl->only = true;
	if ((r = nf_optoken_find(kl->tool->world->dir, soft, word, &t,
	    diag)) == 0)
		r = token_load(kl, &t, &loaded, diag);
	explicit_bzero(&t, sizeof(t));
	return r;
}

/* The token of a key, NULL for none; *skip when it is not one of the named. */
static int
token_of(struct nf_keyload *kl, const struct nf_km_key *key,
    const struct nf_keyload_token **token, bool *skip, struct nf_diag *diag)
{
	uint8_t hkt[NF_HASH_LEN];
	struct nf_optoken t;
	bool soft;
	int r;

	*token = NULL;
	*skip = kl->only;
	if (!nf_optoken_of_key(key, &soft, hkt))
		return 0;
	if ((*token = token_loaded(kl, hkt)) != NULL)
		*skip = false;
	if (*token != NULL || kl->only)
		return 0;
	if ((r = nf_optoken_open(kl->tool->world->dir, soft, hkt, &t,
	    diag)) == 0)
		r = token_load(kl, &t, token, diag);
	explicit_bzero(&t, sizeof(t));
	return r;
}

/* Load one half into the modules that have its token, merge the ids and list
 * the result. */
static int
load(struct nf_keyload *kl, const struct nf_km_key *key, bool public,
    const struct nf_keyload_token *token, struct nf_loaded *out,
    struct nf_diag *diag)
{
	struct nf_host *host = kl->tool->host;
	uint32_t id[NF_KEYLOAD_MODULES_MAX] = { 0 }, n = 0;
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < kl->n_modules; i++) {
		if (token != NULL && token->id[i] == 0)
			continue;
		if ((r = use_module(kl, i, diag)) != 0)
			break;
		r = public ? nf_appkey_load_public(host, key, &id[n], diag) :
		    nf_appkey_load_under(host, key, token == NULL ? 0 :
		    token->id[i], &id[n], diag);
		n++;
	}
	if (r == 0)
		r = use_module(kl, 0, diag);
	out->id = id[0];
	out->module = n > 1 ? 0 : kl->module[0];
	if (n > 1 && r == 0)
		r = nf_host_merge(host, id, n, &out->id, diag);
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
	const struct nf_keyload_token *token;
	bool skip;
	int r;

	if (kl->n + 2 > NF_TOKENSFILE_MAX)
		return nf_diag_set(diag, NF_E_POLICY, NULL,
		    "more than %d keys", NF_TOKENSFILE_MAX);
	if ((r = nf_appkey_open(kl->tool->world, name->appname, name->ident,
	    &file, diag)) != 0 ||
	    (r = token_of(kl, &file.key, &token, &skip, diag)) != 0 || skip)
		goto out;
	if (file.key.privblob.p != NULL &&
	    (r = load(kl, &file.key, false, token, &key, diag)) != 0)
		goto out;
	/* The two halves of a key are used together. */
	if (file.key.pubblob.p != NULL)
		r = load(kl, &file.key, true, token, &key, diag);
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
