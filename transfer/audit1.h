/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The audit of a method-1 package by who receives it: what the verifiers
 * check (verify/byok1check.h), as one answer.  Ours.
 */
#ifndef NF_TRANSFER_AUDIT1_H
#define NF_TRANSFER_AUDIT1_H

#include "nfast/base/cur.h"
#include "nfast/base/err.h"

/*
 * No check of the package fails; that it reaches no root is known and no
 * failure here.
 *   path  for the checks' texts
 * Errors: NF_E_VERIFY (diag.field: the title of the first check that failed),
 * those of nf_vfy_byok1_check().
 */
int nf_xfer_audit1(struct nf_view file, const char *path,
    struct nf_diag *diag);

#endif
