/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Card sets in the module's one slot: write a set, read a quorum.  The cards
 * and the hands that insert them are the simulator's; the shares on them are
 * the module's business.
 */
#ifndef NF_HOST_ACS_H
#define NF_HOST_ACS_H

#include "nfast/host/host.h"
#include "nfast/host/pins.h"

/* Comma-separated names of the cards to insert, in this order (ours); without
 * it all cards are tried in the order in which they were made. */
#define NF_ACS_ENV	"NFSIM_CARDS"

/* A logical token of the set; id is the loaded one. */
struct nf_acs_token {
	uint32_t id;
	uint8_t hkt[NF_HASH_LEN];
	uint8_t hkm[NF_HASH_LEN];	/* what it is under */
	struct nf_tokenparams params;
};

struct nf_acs_pin {
	uint8_t pin[NF_HASH_LEN];
	bool has;
};

/* Make a token under token->hkm with token->params; fills id and hkt. */
int nf_acs_token_new(struct nf_host *host, struct nf_acs_token *token,
    struct nf_diag *diag);

/*
 * Write the shares of all tokens to new cards, one card a pin.
 *   total  number of cards, that of every token's params
 */
int nf_acs_write(struct nf_host *host, const struct nf_acs_token *token,
    size_t n, const struct nf_acs_pin *pin, uint32_t total,
    void (*progress)(const char *line), struct nf_diag *diag);

/*
 * Load all tokens from a quorum of cards; each card is read once.  Fills id;
 * on failure none stays loaded.  The last card stays in the slot when the
 * tokens go with it (NF_TOKEN_UNLOAD).
 *   set  name of an operator card set; NULL: the administrator cards
 * Errors: see nf_world_admin_load().
 */
int nf_acs_read(struct nf_host *host, struct nf_acs_token *token, size_t n,
    const char *set, struct nf_pins *pins, void (*progress)(const char *line),
    struct nf_diag *diag);

/* The one share of a softcard's token as the bytes of its file. */
int nf_acs_soft_write(struct nf_host *host, const struct nf_acs_token *token,
    const struct nf_acs_pin *pin, struct nf_buf *out, struct nf_diag *diag);

/*
 * Load the token of a softcard; fills id, 0 on failure.
 *   name  for the question
 * Errors: NF_E_REFUSED (wrong passphrase, damaged file), those of the pins.
 */
int nf_acs_soft_read(struct nf_host *host, struct nf_acs_token *token,
    struct nf_view share, const char *name, struct nf_pins *pins,
    void (*progress)(const char *line), struct nf_diag *diag);

/* Destroy the tokens in the module. */
void nf_acs_drop(struct nf_host *host, struct nf_acs_token *token, size_t n);

#endif
