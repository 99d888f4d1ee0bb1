/* SPDX-License-Identifier: Apache-2.0 */
/* What byok-audit can audit: kinds of files, told apart by content (ours). */
#ifndef NF_VERIFY_KINDS_H
#define NF_VERIFY_KINDS_H

#include "verify/chain.h"
#include "verify/options.h"
#include "verify/verdict.h"

/* What "KM datafile" is narrowed down to for a region package. */
#define NF_VFY_KIND_KEKPKG	"KEK package"
#define NF_VFY_KIND_WORLDPKG	"SecurityWorld package"

/*
 * One kind.
 *   name   for people, and kind of the verdict; a check may narrow it down
 *   is     the bytes look like one; says nothing about their soundness
 *   check  as the checks' own headers say: 0 when there is a verdict
 */
struct nf_vfy_kind {
	const char *name;
	bool (*is)(struct nf_view file);
	int (*check)(struct nf_vfy_ctx *ctx, struct nf_view file,
	    const struct nf_vfy_options *opt, struct nf_vfy_verdict *verdict,
	    struct nf_diag *diag);
};

/* Ended by a NULL name; the first that recognises a file is its kind. */
extern const struct nf_vfy_kind nf_vfy_kinds[];

/* The kind of a file, or NULL. */
const struct nf_vfy_kind *nf_vfy_kind_find(struct nf_view file);

#endif
