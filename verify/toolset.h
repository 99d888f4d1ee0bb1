/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The audit of a toolset zip, KeyVault-BYOK-Tools-REGION.zip.  The published
 * SHA-256 values, the zip format and the names inside are real; checks, their
 * ids and the rules for the archive are ours.  The format of the vendor's
 * packages in a real zip is not public: of those the audit says "unknown".
 * Packages of the simulator are verified in memory; nothing is written.
 */
#ifndef NF_VERIFY_TOOLSET_H
#define NF_VERIFY_TOOLSET_H

#include "kek-packages/zip.h"
#include "nfast/base/cur.h"
#include "verify/chain.h"
#include "verify/roots.h"
#include "verify/verdict.h"

#define NF_VFY_TOOLSET_KIND	"toolset zip"

/*
 * Audit one zip, of any size, in bounded memory.
 *   roots    that the packages inside may reach
 *   name     file name or path; its last part tells the region, when it is
 *            one that was published
 *   fd       a regular file, readable, borrowed
 *   verdict  initialised; checks and facts are added
 * Checks: toolset.hash, .archive, .data, .names, .contents, .packages,
 * .code, .region, .others, and those of nf_vfy_kek_check() for packages of
 * the simulator.
 * toolset.hash: pass, published for this zip (or, when the name tells
 * nothing, for one); fail, published for another zip or known as misprint;
 * unknown, not listed.
 * Only a published hash vouches for the programs in a zip: without one, and
 * with other files than the two packages and a README inside, the best
 * result is "unanchored".
 * Returns 0 when there is a verdict, whatever it is; NF_E_IO, NF_E_NOMEM or
 * NF_E_CRYPTO.  A hostile archive is a failed check, not an error.
 */
int nf_vfy_toolset_check_fd(struct nf_vfy_ctx *ctx,
    const struct nf_vfy_roots *roots, const char *name, int fd,
    struct nf_vfy_verdict *verdict, struct nf_diag *diag);

/* The same for a zip in memory. */
int nf_vfy_toolset_check(struct nf_vfy_ctx *ctx,
    const struct nf_vfy_roots *roots, const char *name, struct nf_view file,
    struct nf_vfy_verdict *verdict, struct nf_diag *diag);

/* What is done with an archive that was audited, which it borrows. */
typedef int nf_vfy_toolset_after(void *arg, struct nf_zip *zip,
    struct nf_diag *diag);

/*
 * The same for a file by path, when it is a zip.
 *   name    as above; NULL: the path
 *   is_zip  set to false, and nothing done, when the file does not start as
 *           a zip or cannot be opened
 *   after   called with arg and the archive once the verdict is not a
 *           failure, if there is one; NULL: nothing is
 * Returns as above, or what after() returned.
 */
int nf_vfy_toolset_file(struct nf_vfy_ctx *ctx,
    const struct nf_vfy_roots *roots, const char *path, const char *name,
    nf_vfy_toolset_after *after, void *arg, bool *is_zip,
    struct nf_vfy_verdict *verdict, struct nf_diag *diag);

/*
 * SHA-256 of a file from its start to its end; the position does not matter
 * and does not move.
 * Returns 0, NF_E_IO, NF_E_NOMEM or NF_E_CRYPTO.
 */
int nf_vfy_toolset_hash(int fd, uint8_t out[static 32],
    struct nf_diag *diag);

#endif
