/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Module warrants (real): certificates from a warrant root over delegate keys
 * to the information about one module, which gives its KLF2 and ESN.
 */
#ifndef NF_VERIFY_WARRANT_H
#define NF_VERIFY_WARRANT_H

#include "nfast/wire/ddds.h"
#include "verify/chain.h"
#include "verify/options.h"
#include "verify/verdict.h"

#define NF_WARRANT_MAX		16384	/* bytes */
#define NF_WARRANT_CERTS_MAX	8	/* delegations and the last one */

enum nf_warrant_kind {
	NF_WARRANT_MODULE,
	NF_WARRANT_FIELDUPGRADE	/* rests on the older DSA-1024 key */
};

/* What a verified warrant says; views borrow from its bytes. */
struct nf_vfy_warrant {
	enum nf_warrant_kind kind;
	struct nf_view root_name;
	uint8_t root[NF_HASH_LEN];	/* nCore hash of the root's key */
	bool simulated;			/* the root is the simulator's */
	uint32_t n_delegations;
	struct nf_view esn;
	struct nf_view physserial;
	struct nf_vfy_point klf2_point;
	struct nf_keydata klf2;		/* ECDSA P-521, borrows klf2_point */
	/* The first FIPS 140 approval; level 0 when there is none. */
	uint32_t fips_version;
	uint32_t fips_level;
	struct nf_view fips_embodiment;
};

/*
 * Read and verify a warrant.
 *   bytes  raw DDDS; what out borrows from
 *   kwarn  may be NULL
 * The root's name must be that of an accepted root; each signature is ECDSA
 * P-521 with SHA-512 over its payload's bytes; the last certificate is a
 * module's, the others delegate; no payload has a field that is not known.
 * out->root_name is set even when the root is not accepted.
 * Returns 0, NF_E_FORMAT, NF_E_MISMATCH (root not accepted, another type or
 * mechanism), NF_E_VERIFY, NF_E_NOMEM or NF_E_CRYPTO.
 */
int nf_vfy_warrant_open(struct nf_vfy_ctx *ctx, struct nf_view bytes,
    const struct nf_vfy_kwarn *kwarn, struct nf_vfy_warrant *out,
    struct nf_diag *diag);

/* Add the facts of an opened warrant. */
void nf_vfy_warrant_facts(struct nf_vfy_verdict *v,
    const struct nf_vfy_warrant *w);

/* Bytes that may be a raw warrant: a DDDS list that starts with a symbol. */
bool nf_vfy_warrant_is(struct nf_view file);

/*
 * Audit a warrant file, raw or nchex: checks WV1 and root.
 * Returns 0 when there is a verdict; NF_E_FORMAT when it cannot be read;
 * NF_E_NOMEM or NF_E_CRYPTO.
 */
int nf_vfy_warrant_check(struct nf_vfy_ctx *ctx, struct nf_view file,
    const struct nf_vfy_options *opt, struct nf_vfy_verdict *verdict,
    struct nf_diag *diag);

#endif
