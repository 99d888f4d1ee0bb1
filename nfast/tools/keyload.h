/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loading keys for preload, into one module or several, then with one merged
 * id.  Card sets and softcards are loaded when first needed: a softcard into
 * all of these modules, a card set into the first one, as its cards are in one
 * slot at a time.
 */
#ifndef NF_TOOLS_KEYLOAD_H
#define NF_TOOLS_KEYLOAD_H

#include "nfast/host/appkey.h"
#include "nfast/tools/tokensfile.h"
#include "nfast/tools/tool.h"

#define NF_KEYLOAD_TOKENS_MAX	64
#define NF_KEYLOAD_MODULES_MAX	8

/*
 * Zero to begin with; end with nf_keyload_wipe().  The tokens stay in the
 * module.
 *   module  those that load, at least one; the first is in use
 *   only    keys under named tokens alone are loaded
 */
struct nf_keyload {
	const struct nf_tool *tool;
	uint32_t n_modules;
	uint32_t module[NF_KEYLOAD_MODULES_MAX];
	struct nf_pins *pins;
	bool only;
	size_t n_tokens;
	struct nf_keyload_token {
		uint8_t hkt[NF_HASH_LEN];
		uint32_t id[NF_KEYLOAD_MODULES_MAX];	/* 0: not in it */
	} token[NF_KEYLOAD_TOKENS_MAX];
	struct nf_buf list;		/* of the tokens file */
	size_t n;
};

/* Load a token that the user named. */
int nf_keyload_named(struct nf_keyload *kl, bool soft, const char *word,
    struct nf_diag *diag);

/* Load the private (or only) key, then the public half, of a key file. */
int nf_keyload_key(struct nf_keyload *kl, const struct nf_km_store_key *name,
    struct nf_diag *diag);

/* Wipe the passphrases; the loaded objects stay in the modules. */
void nf_keyload_wipe(struct nf_keyload *kl);

#endif
