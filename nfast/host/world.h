/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The security world of a kmdata/local directory: its file, and its
 * administrator keys and cards.  Entry numbers are real; which entries a
 * world file has, and their order, are ours.
 */
#ifndef NF_HOST_WORLD_H
#define NF_HOST_WORLD_H

#include "nfast/base/file.h"
#include "nfast/host/host.h"
#include "nfast/host/pins.h"
#include "nfast/kmdata/datafile.h"
#include "nfast/wire/worldmsg.h"

#define NF_ACS_MAX	64	/* cards of an administrator card set */

/* Administrator keys; tokens have the same numbers (real names: KNSO, ...). */
enum nf_admin {
	NF_ADMIN_NSO,
	NF_ADMIN_M,
	NF_ADMIN_RE,		/* no token: its public half is used */
	NF_ADMIN_RA,		/* under LTR */
	NF_ADMIN_MC,		/* under LTM, as KM */
	NF_ADMIN_P,
	NF_ADMIN_NV,
	NF_ADMIN_RTC,
	NF_ADMIN_FTO,
	NF_ADMIN_COUNT
};

struct nf_world {
	char dir[NF_PATH_MAX];
	struct nf_buf bytes;
	struct nf_km_file *file;
	const struct nf_suite *suite;
	uint64_t time;
	uint32_t acs_k, acs_n;
	uint32_t nso_timeout;		/* seconds, 0 for none */
	bool recovery;
	bool insecure;			/* made from a seed, see seed.h */
	/* Key hashes by enum nf_admin; all zero when the key does not exist. */
	uint8_t hash[NF_ADMIN_COUNT][NF_HASH_LEN];
};

/*
 * Load the world of a directory.
 * Errors: NF_E_NOTFOUND ("no security world in DIR: make one with new-world"),
 * NF_E_POLICY (not the simulator's), NF_E_FORMAT, NF_E_MISMATCH and
 * NF_E_VERIFY (the hashes are not those that KNSO signed).  Free with
 * nf_world_free().
 */
int nf_world_load(const char *dir, struct nf_world **out,
    struct nf_diag *diag);
void nf_world_free(struct nf_world *world);

/* The text of secworld:Mark in files of a world: simulated, and whether it
 * comes from a seed. */
struct nf_view nf_world_mark(bool insecure);

/*
 * The module belongs to this world: its hknso is the world's and it has the
 * world's KM.  NF_E_MISMATCH otherwise (diag names both hashes), NF_E_REFUSED
 * when the module is not operational (diag says how to change the mode).
 */
int nf_world_check_module(struct nf_host *host, const struct nf_world *world,
    struct nf_diag *diag);

/* The module in its present state, "Usable", "PreInitMode", "Foreign" ...
 * (names real). */
int nf_world_module_state(struct nf_host *host, const struct nf_world *world,
    const char **out, struct nf_diag *diag);

/*
 * Read a quorum of administrator cards and load a key.
 *   progress  told about each card (stderr lines of the originals), may be
 *             NULL
 * Each card is read once even when several keys are asked for in one call.
 *   key[i]    key id of admin[i]; destroy when done
 * Errors: NF_E_REFUSED (wrong passphrase: "card 2: wrong passphrase"),
 * NF_E_NOTFOUND (fewer cards than the quorum), NF_E_MISMATCH (a card of
 * another world), those of the pins.
 */
int nf_world_admin_load(struct nf_host *host, const struct nf_world *world,
    struct nf_pins *pins, const enum nf_admin *admin, size_t n,
    uint32_t *key, void (*progress)(const char *line), struct nf_diag *diag);

/* What new-world is asked for. */
struct nf_newworld {
	const struct nf_suite *suite;
	uint32_t acs_k, acs_n;
	uint32_t nso_timeout;
	bool recovery;
};

/*
 * Make a new world on a module in pre-initialisation mode and write it to a
 * directory, which becomes or is the simulator's own: new cards, world file,
 * module file.  The world file is written last; an old one is kept under the
 * name world-HKNSO.old.
 */
int nf_world_create(struct nf_host *host, const char *dir,
    const struct nf_newworld *want, struct nf_pins *pins,
    void (*progress)(const char *line), struct nf_diag *diag);

/* The module's state certificate under the suite's KLF: signature text and
 * message, and the matching root chain. */
int nf_world_state_cert(struct nf_host *host, const struct nf_suite *suite,
    struct nf_buf *sigtext, struct nf_buf *msg, struct nf_buf *rootchain,
    struct nf_diag *diag);

#endif
