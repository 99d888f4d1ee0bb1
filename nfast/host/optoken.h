/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operator card sets and softcards of a world: their files, the keys under
 * them, making and loading them.  File names, entry numbers and TokenParams
 * are real; which entries the files hold is ours, as with the world file:
 *
 *	cards_HKLTU	Name, ParamsLTU (TokenParams), HashKM, a mark
 *	card_HKLTU_N	Name, Index (N), HashKM, a mark
 *	softcard_HKLTU	Name, ParamsLTU, LTUCSoftToken (the share), HashKM,
 *			a mark
 *	key_APP_IDENT	ParamsLTU; HKLTU stands in the frame of its blob
 */
#ifndef NF_HOST_OPTOKEN_H
#define NF_HOST_OPTOKEN_H

#include "nfast/host/acs.h"
#include "nfast/host/world.h"
#include "nfast/kmdata/keyfile.h"

#define NF_OPTOKEN_NAME_MAX	64
#define NF_OPTOKENS_MAX		4096	/* of a directory */

struct nf_optoken {
	bool soft;
	char name[NF_OPTOKEN_NAME_MAX + 1];
	char hex[41];			/* of hkt */
	uint8_t hkt[NF_HASH_LEN];
	uint8_t hkm[NF_HASH_LEN];
	struct nf_tokenparams params;
	uint64_t time;
	uint32_t share_len;		/* softcard */
	uint8_t share[512];
};

/* A name for a set or softcard: 1..NF_OPTOKEN_NAME_MAX printable ASCII
 * characters, no quotes (limit ours), not 40 hex digits. */
bool nf_optoken_name_ok(const char *name);

/* "card set" or "softcard". */
const char *nf_optoken_kind(bool soft);

/* Load the file of a hash.  NF_E_NOTFOUND, NF_E_FORMAT, NF_E_IO. */
int nf_optoken_open(const char *dir, bool soft,
    const uint8_t hkt[static NF_HASH_LEN], struct nf_optoken *out,
    struct nf_diag *diag);

/*
 * The hashes of the directory's card sets or softcards, sorted.
 *   out  new, free() it
 */
int nf_optoken_list(const char *dir, bool soft, uint8_t (**out)[NF_HASH_LEN],
    size_t *n, struct nf_diag *diag);

/*
 * Find one by its hash in hex or by its name; NULL: the only one there is.
 * Errors: NF_E_NOTFOUND, NF_E_USAGE (several have this name: name the hash).
 */
int nf_optoken_find(const char *dir, bool soft, const char *word,
    struct nf_optoken *out, struct nf_diag *diag);

/*
 * What protects the key of a file.
 *   soft, hkt  of its token
 * Returns false for a key that the module alone protects.
 */
bool nf_optoken_of_key(const struct nf_km_key *key, bool *soft,
    uint8_t hkt[static NF_HASH_LEN]);

/* "card set `NAME'", or "card set HKLTU" without its file in dir. */
void nf_optoken_describe(struct nf_buf *out, const char *dir, bool soft,
    const uint8_t hkt[static NF_HASH_LEN]);

/* What createocs is asked for. */
struct nf_cardset_want {
	const char *name;
	uint32_t k, n;
	uint32_t timeout;	/* seconds, 0: none */
	bool persist;
};

/*
 * Make a card set: new cards, then its files, cards_HKLTU last.
 * Errors: those of nf_world_check_module(), the pins and the module.
 */
int nf_cardset_create(struct nf_host *host, const struct nf_world *world,
    const struct nf_cardset_want *want, struct nf_pins *pins,
    void (*progress)(const char *line), char hex[static 41],
    struct nf_diag *diag);

/* Make a softcard; its passphrase may not be empty (ours). */
int nf_softcard_create(struct nf_host *host, const struct nf_world *world,
    const char *name, struct nf_pins *pins, char hex[static 41],
    struct nf_diag *diag);

/*
 * Load the token.
 *   id  destroy it when done
 * Errors: NF_E_MISMATCH (of another security world, other cards),
 * NF_E_REFUSED (wrong passphrase), NF_E_NOTFOUND (too few cards).
 */
int nf_optoken_load(struct nf_host *host, const struct nf_world *world,
    const struct nf_optoken *token, struct nf_pins *pins,
    void (*progress)(const char *line), uint32_t *id, struct nf_diag *diag);

#endif
