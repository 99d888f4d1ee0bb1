/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Feature certificates (real): an nchex "Certificate" with a chain of
 * SingleCerts, leaf first, that enables features on one module.
 */
#ifndef NF_VERIFY_LEGACYCERT_H
#define NF_VERIFY_LEGACYCERT_H

#include "verify/chain.h"
#include "verify/options.h"
#include "verify/verdict.h"

/*
 * The root of all published feature certificates, as nCore hash.  The vendor
 * has not published it, so it is not pinned: a chain that ends in it is
 * unanchored unless the caller names it.
 */
extern const uint8_t nf_vfy_feature_root[NF_HASH_LEN];

/*
 * Audit a certificate file: checks cert.leaf, cert.chain and root.
 *   file  nchex
 * Returns 0 when there is a verdict; NF_E_FORMAT or NF_E_MISMATCH (container)
 * when it cannot be read; NF_E_NOMEM or NF_E_CRYPTO.
 */
int nf_vfy_legacycert_check(struct nf_vfy_ctx *ctx, struct nf_view file,
    const struct nf_vfy_options *opt, struct nf_vfy_verdict *verdict,
    struct nf_diag *diag);

#endif
