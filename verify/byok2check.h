/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lint of a method-2 package, or of an envelope of Secure Key Release.
 * The format carries no signature: all facts are claims and the best verdict
 * is "unanchored".  The checks and their ids are ours; what they look for is
 * the specification's.
 */
#ifndef NF_VERIFY_BYOK2CHECK_H
#define NF_VERIFY_BYOK2CHECK_H

#include "nfast/base/cur.h"
#include "verify/chain.h"
#include "verify/options.h"
#include "verify/verdict.h"

#define NF_VFY_KIND_RELEASE	"Secure Key Release envelope"

/*
 * Lint one file.
 *   ctx      not used: there is no signature
 *   file     the whole file, borrowed during the call
 *   opt      kek counts here; NULL: no KEK
 *   verdict  initialised; checks and facts are added, and the kind becomes
 *            NF_VFY_KIND_RELEASE for an envelope
 * Checks: byok2.json, .members, .kid, .alg, .enc, .base64, .padding,
 * .length, .kek, .signature, root.
 * Returns 0 when there is a verdict, whatever it is; NF_E_FORMAT when the
 * JSON could not be read (diag), NF_E_NOMEM.
 * Does not and cannot say what key is in it.
 */
int nf_vfy_byok2_check(struct nf_vfy_ctx *ctx, struct nf_view file,
    const struct nf_vfy_options *opt, struct nf_vfy_verdict *verdict,
    struct nf_diag *diag);

#endif
