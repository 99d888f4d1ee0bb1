/* SPDX-License-Identifier: Apache-2.0 */
/* KeyGenParams: what a key was generated with (real). */
#ifndef NF_WIRE_GENPARAMS_H
#define NF_WIRE_GENPARAMS_H

#include "nfast/wire/prim.h"

enum {
	NF_GEN_RSA_GIVEN_E = 1,
	NF_GEN_RSA_NCHECKS = 2,
	NF_GEN_RSA_STRONG = 4,	/* strong primes: inferred, see the README */
	NF_GEN_DSA_DLG = 1,
	NF_GEN_DSA_QHASH = 2
};

/* Which members count depends on type (a private or symmetric KeyType). */
struct nf_genparams {
	uint32_t type;
	uint32_t flags;
	uint32_t len;		/* RSA, DSA: bits; symmetric: bytes */
	uint32_t curve;		/* EC types */
	uint32_t nchecks;
	uint32_t qhash;
	struct nf_view given_e;
	struct nf_view dlg[3];	/* p, q, g */
};

/* Unknown types and flags fail with NF_E_FORMAT. */
void nf_wire_genparams_read(struct nf_cur *cur, struct nf_genparams *out);
void nf_wire_genparams_write(struct nf_buf *buf,
    const struct nf_genparams *params);

/* One line for people, "RSAPrivate 2048 bits, flags 0x4". */
void nf_wire_genparams_print(struct nf_buf *buf,
    const struct nf_genparams *params);

#endif
