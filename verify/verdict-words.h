/* SPDX-License-Identifier: Apache-2.0 */
/* What the report writers say alike.  The words are ours. */
#ifndef NF_VERIFY_VERDICT_WORDS_H
#define NF_VERIFY_VERDICT_WORDS_H

#include "verify/verdict-format.h"

#define NF_VFY_SIMULATED_WORDS	"SIMULATED: made by a simulator, which " \
				"proves nothing about real hardware"
#define NF_VFY_SEED_WORDS	"INSECURE SEED: made from a seed, so that no " \
				"key in it is secret"

/* Append "SUCCESS", "FAILED: ..." or "UNANCHORED: ...", without a newline. */
void nf_vfy_result_words(struct nf_buf *out, const struct nf_vfy_verdict *v);

/* Append why there is no verdict, without the path, which is shown anyway. */
void nf_vfy_error_words(struct nf_buf *out, const struct nf_vfy_item *item);

/* The heading of a column of the summary: "pass", .... */
const char *nf_vfy_outcome_name(enum nf_vfy_outcome outcome);

/*
 * The rows of a summary by name.
 *   order  filled with n_kinds indexes of rows
 *   total  filled with the sums over all rows
 */
void nf_vfy_tally_order(const struct nf_vfy_tally *tally,
    size_t order[static NF_VFY_KINDS_MAX],
    size_t total[static NF_VFY_OUT_COUNT]);

#endif
