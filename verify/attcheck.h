/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The audit of an attestation bundle: from a warrant root over KLF2, module
 * state and KML to the key.  Steps are the vendor's, by the vendor's names;
 * where the vendor gives no text for a number, the split is ours: MSCV3..5,
 * WBCV1..5, and see attacl.h.
 */
#ifndef NF_VERIFY_ATTCHECK_H
#define NF_VERIFY_ATTCHECK_H

#include "verify/chain.h"
#include "verify/options.h"
#include "verify/verdict.h"

/*
 * Audit a bundle.
 *   verdict  initialised; checks WV1, MSCV1..5, WBCV1..5, KGCV1, KGCV2, those
 *            of attacl.h, CSRL1 (not applicable) and root are added, and the
 *            facts that rest on them
 * KV1..3 are not public and left out.
 * Returns 0 when there is a verdict, whatever it is; NF_E_FORMAT when a field
 * cannot be read (diag.field) or the key is of a type without a public hash
 * rule; NF_E_NOMEM or NF_E_CRYPTO.
 */
int nf_vfy_att_check(struct nf_vfy_ctx *ctx, struct nf_view file,
    const struct nf_vfy_options *opt, struct nf_vfy_verdict *verdict,
    struct nf_diag *diag);

#endif
