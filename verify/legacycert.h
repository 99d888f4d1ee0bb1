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
 * Audit a certificate file: checks cert.leaf, cert.chain and root.
 *   file  nchex
 * Returns 0 when there is a verdict; NF_E_FORMAT or NF_E_MISMATCH (container)
 * when it cannot be read; NF_E_NOMEM or NF_E_CRYPTO.
 */
int nf_vfy_legacycert_check(struct nf_vfy_ctx *ctx, struct nf_view file,
    const struct nf_vfy_options *opt, struct nf_vfy_verdict *verdict,
    struct nf_diag *diag);

#endif
