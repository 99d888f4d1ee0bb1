/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The audit of a method-1 package, real or simulated.  Such a package holds a
 * chain from the key up to KLF but no link to a root: the best verdict is
 * "unanchored".  The checks and their ids are ours; what they check is real.
 */
#ifndef NF_VERIFY_BYOK1CHECK_H
#define NF_VERIFY_BYOK1CHECK_H

#include "nfast/base/cur.h"
#include "verify/chain.h"
#include "verify/verdict.h"

/* The values of SecurityWorldEnvironment in simulated packages (ours). */
#define NF_VFY_ENV_SIMULATED	"Simulated"
#define NF_VFY_ENV_SEED		"Simulated, INSECURE SEED"

/*
 * Audit one package.
 *   file     the whole file, borrowed during the call
 *   verdict  initialised; checks and facts are added
 * Checks: byok1.container, .signature, .global-id, .filename, .keyfile,
 * .state, .kml, .esn, .keygen, .kml-esn, .keyhash, .pubblob, .blob-frame,
 * .region, root.
 * "The key itself" as a signer says that its holder vouches for the outer
 * document, KLF and KML that a module of unknown make does for its part.
 * Returns 0 when there is a verdict, whatever it is; NF_E_FORMAT when the
 * outer document or the key file in it could not be read (diag), NF_E_NOMEM
 * or NF_E_CRYPTO.
 */
int nf_vfy_byok1_check(struct nf_vfy_ctx *ctx, struct nf_view file,
    struct nf_vfy_verdict *verdict, struct nf_diag *diag);

#endif
