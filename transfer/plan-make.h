/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making the first plan of a migration: all keys of a world, of a token, or
 * of both (ours).
 */
#ifndef NF_TRANSFER_PLAN_MAKE_H
#define NF_TRANSFER_PLAN_MAKE_H

#include "transfer/wrapper.h"

/*
 * Write a plan: a line a key that method 2 takes, a comment with the reason
 * for each other one.  Names are made of idents and labels and differ.
 *   wrapper  looks at the keys of the token; no key is changed
 *   token    its keys are listed behind those of the simulated world, which
 *            may be missing then; NULL: only the world's are
 *   n        keys that it takes
 * Errors: NF_E_EXISTS, those of nf_km_store_list(), nf_wrapper_list() and
 * NF_E_IO.
 */
int nf_plan_make(const char *path, struct nf_wrapper *wrapper,
    const struct nf_p11_select *token, size_t *n, struct nf_diag *diag);

#endif
