/* SPDX-License-Identifier: Apache-2.0 */
/* A KEK file with the identifier that it goes by in its vault (ours). */
#ifndef NF_TRANSFER_PLAN_KEK_H
#define NF_TRANSFER_PLAN_KEK_H

#include "transfer/kekpem.h"

/* pem.insecure: also when only the kid tells it. */
struct nf_plan_kek {
	struct nf_kekpem pem;
	char kid[NF_KID_MAX + 1];
};

/*
 * Load a KEK and find its kid: the one given, that of a JSON Web Key, or the
 * line in the file beside it whose name ends in ".kid" instead of ".pem".
 *   kid  NULL when none was given
 * Errors: those of nf_kekpem_load() and nf_kid_read(); NF_E_MISMATCH (the
 * JSON Web Key has another kid); NF_E_USAGE (no kid at all).
 */
int nf_plan_kek_load(const char *path, const char *kid,
    struct nf_plan_kek *out, struct nf_diag *diag);

/* Say of a KEK file that what is wrapped under it is not secret; with a seed
 * every program has said so already. */
void nf_plan_kek_warn(const char *path, void (*tell)(const char *line));

#endif
