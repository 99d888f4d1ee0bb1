/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that programs of the project leave beside the artefacts: journal,
 * plan, commands and checksums of byok-wrap, transcripts, public keys and
 * key identifiers.  They prove nothing and are not audited; but where
 * checksums name packages that are not beside them, that is a verdict.  The
 * files are ours, told apart by how they begin, and some by their names.
 */
#ifndef NF_VERIFY_COMPANION_H
#define NF_VERIFY_COMPANION_H

#include <stdbool.h>

#include "verify/verdict.h"

#define NF_VFY_KIND_SUMS	"checksums"

/*
 * Look again at a file that was refused.
 *   by_path  it is at path, so that checksums can be compared with the files
 *            beside it; else path is only a name
 *   head     how it begins: all of it, or 16 KiB or more
 *   verdict  of kind NF_VFY_KIND_NONE: else, as when it is no companion, the
 *            file stays refused
 *   diag     says why the file was refused
 * Returns NF_E_FORMAT: refused; when companion is set in the verdict, the
 * diag says "not audited" and what it is.  0: a verdict of kind
 * NF_VFY_KIND_SUMS, which is failed.  Also NF_E_IO, NF_E_NOMEM, NF_E_CRYPTO.
 */
int nf_vfy_companion(const char *path, bool by_path, struct nf_view head,
    struct nf_vfy_verdict *verdict, struct nf_diag *diag);

#endif
