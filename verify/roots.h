/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The roots that end a legacy chain.  The pinned root is real: the hash of a
 * key that is not public and has to come with the package.  A caller may name
 * one more; the local simulator's is read from its state directory (ours).
 */
#ifndef NF_VERIFY_ROOTS_H
#define NF_VERIFY_ROOTS_H

#include <stdbool.h>
#include <stdint.h>

#include "nfast/base/err.h"

#define NF_VFY_ROOT_FILE	"factory-root"	/* in NFSIM_STATE */

/*
 * The pinned root: SHA-1 key hash of the nCore key that ends the chains of the
 * packages (real; secworld(7)).
 */
extern const uint8_t nf_vfy_legacy_root[20];

struct nf_vfy_roots {
	bool has_extra;
	uint8_t extra[20];	/* never the pinned one */
};

/* What became of a root. */
enum nf_vfy_rootkind {
	NF_VFY_ROOT_UNKNOWN,	/* not accepted */
	NF_VFY_ROOT_PINNED,
	NF_VFY_ROOT_SIMULATED	/* accepted because the caller named it */
};

/*
 * Accept one more root, by its hash.
 *   text  40 hex digits, spaces allowed between them
 * Returns 0 or NF_E_USAGE (bad digits).
 */
int nf_vfy_roots_name(struct nf_vfy_roots *out, const char *text,
    struct nf_diag *diag);

/*
 * Accept the root of the simulator with that state directory.
 * Returns 0, NF_E_NOTFOUND or NF_E_IO (no such file), NF_E_FORMAT (its
 * content) or NF_E_USAGE (the path is too long).
 */
int nf_vfy_roots_load(struct nf_vfy_roots *out, const char *dir,
    struct nf_diag *diag);

/*
 * The roots that options and environment accept.  For programs: alone of
 * these functions it reads the environment.
 *   root_hash  --root-hash: 40 hex digits, spaces allowed between them; or
 *              NULL
 *   simulated  --simulated-root; SECWORLD_SIMULATED_ROOT (set, not empty, not
 *              "0") does the same unless root_hash is given
 * Returns 0, NF_E_USAGE (both given, bad digits, no NFSIM_STATE),
 * NF_E_NOTFOUND or NF_E_IO (no such file), NF_E_FORMAT (its content).
 */
int nf_vfy_roots_set(struct nf_vfy_roots *out, const char *root_hash,
    bool simulated, struct nf_diag *diag);

/* What a root is, by its key hash. */
enum nf_vfy_rootkind nf_vfy_roots_find(const struct nf_vfy_roots *roots,
    const uint8_t hash[static 20]);

#endif
