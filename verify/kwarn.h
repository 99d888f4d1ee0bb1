/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The roots that end a warrant: P-521 points with a name.  KWARN-1 is real
 * and pinned by its point; a simulator's root, read from its state directory,
 * is ours and has another name.
 */
#ifndef NF_VERIFY_KWARN_H
#define NF_VERIFY_KWARN_H

#include <stdbool.h>
#include <stdint.h>

#include "nfast/wire/keydata.h"

#define NF_VFY_KWARN_PINNED	"KWARN-1"
#define NF_VFY_KWARN_SIMULATED	"SIM-KWARN-1"
#define NF_VFY_KWARN_FILE	"factory-kwarn"	/* in NFSIM_STATE */
#define NF_VFY_P521_LEN		66

/* A point of P-521, little-endian. */
struct nf_vfy_point {
	uint8_t x[NF_VFY_P521_LEN];
	uint8_t y[NF_VFY_P521_LEN];
};

/* The pinned root is always accepted, the simulated one when it is set. */
struct nf_vfy_kwarn {
	bool has_simulated;
	struct nf_vfy_point simulated;
};

/*
 * Accept the root of the simulator with that state directory, if its file is
 * there: two lines of 132 hex digits, x and y, most significant first.
 * Returns 0, NF_E_IO, NF_E_FORMAT or NF_E_USAGE (the path is too long).  No
 * file is no error: an older simulator has no such root.
 */
int nf_vfy_kwarn_load(struct nf_vfy_kwarn *out, const char *dir,
    struct nf_diag *diag);

/*
 * The same when "simulated" or the environment (SECWORLD_SIMULATED_ROOT) says
 * so, from NFSIM_STATE; also NF_E_USAGE when that is not set.
 */
int nf_vfy_kwarn_set(struct nf_vfy_kwarn *out, bool simulated,
    struct nf_diag *diag);

/*
 * The root of that name as ECDSA key.
 *   out        borrows from constants or from roots
 *   simulated  it is the simulator's
 * Returns false for a name that is not accepted.
 */
bool nf_vfy_kwarn_find(const struct nf_vfy_kwarn *roots, struct nf_view name,
    struct nf_keydata *out, bool *simulated);

/* The ECDSA P-521 key of a point; borrows. */
void nf_vfy_point_key(const struct nf_vfy_point *point,
    struct nf_keydata *out);

#endif
