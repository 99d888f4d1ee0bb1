/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NFSIM_INSECURE_SEED=TEXT: the simulator's keys, nonces and times follow
 * from a text, so that a run can be repeated byte for byte.  Nothing made so
 * is secret, and everything made so says it.  All of this is ours.
 */
#ifndef NF_BASE_SEED_H
#define NF_BASE_SEED_H

#include <stdbool.h>
#include <stdint.h>

#include "nfast/base/cur.h"
#include "nfast/base/err.h"

#define NF_SEED_ENV	"NFSIM_INSECURE_SEED"

/* What every artefact, report and banner then says. */
#define NF_SEED_WORDS	"INSECURE SEED"

/* The same as a line of its own, in the text files that have comments. */
#define NF_SEED_LINE	"# " NF_SEED_WORDS ": made from a seed, so that " \
			"nothing here is secret\n"

/* How the ESN of a simulated module starts that was made from a seed; one
 * that was not never starts so. */
#define NF_SEED_ESN	"5EED-"

/* The same of the host in the identifier of a simulated KEK: a line of such
 * a file is read as a whole and has no room for a comment. */
#define NF_SEED_HOST	"insecure-seed-"

/* The time of a run with a seed and without SOURCE_DATE_EPOCH: the first
 * second of 2026 (UTC). */
#define NF_SEED_TIME	1767225600

/* The seed, or NULL: the variable is not set or empty. */
const char *nf_seed_text(void);

/*
 * The number of SOURCE_DATE_EPOCH.
 *   is_set  false: the variable is not set or empty; out is 0 then
 * NF_E_USAGE: not a decimal number of seconds before the year 10000.
 */
int nf_seed_epoch(uint64_t *out, bool *is_set, struct nf_diag *diag);

/*
 * The time to write into files, in Unix seconds: with a seed that of
 * SOURCE_DATE_EPOCH, else NF_SEED_TIME; without one the clock's.  With a seed
 * programs refuse a time of 2^33 or more, and what is no number; for others
 * it is NF_SEED_TIME.
 */
uint64_t nf_seed_now(void);

/* NF_E_USAGE: there is a seed, and SOURCE_DATE_EPOCH is none of its times. */
int nf_seed_check(struct nf_diag *diag);

/* The text of a mark says that it comes from a seed. */
bool nf_seed_marked(struct nf_view text);

/* Take NF_SEED_LINE off the start of a file; false when it is not there. */
bool nf_seed_line_skip(struct nf_view *text);

/* A key identifier is one of a simulated KEK that was made from a seed. */
bool nf_seed_kid(struct nf_view kid);

/* The ESN is one of a simulated module that was made from a seed. */
bool nf_seed_esn(struct nf_view esn);

/* ", INSECURE SEED" or "", to stand behind "simulated". */
const char *nf_seed_suffix(bool insecure);

#endif
