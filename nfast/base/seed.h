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

#define NF_SEED_ENV	"NFSIM_INSECURE_SEED"

/* What every artefact, report and banner then says. */
#define NF_SEED_WORDS	"INSECURE SEED"

/* How the ESN of a simulated module starts that was made from a seed; one
 * that was not never starts so. */
#define NF_SEED_ESN	"5EED-"

/* The time of a run with a seed and without SOURCE_DATE_EPOCH: the first
 * second of 2026 (UTC). */
#define NF_SEED_TIME	1767225600

/* The seed, or NULL: the variable is not set or empty. */
const char *nf_seed_text(void);

/*
 * The time to write into files, in Unix seconds: with a seed that of
 * SOURCE_DATE_EPOCH, when it is a decimal number below 2^33, else
 * NF_SEED_TIME; without one the clock's.
 */
uint64_t nf_seed_now(void);

/* The text of a mark says that it comes from a seed. */
bool nf_seed_marked(struct nf_view text);

/* The ESN is one of a simulated module that was made from a seed. */
bool nf_seed_esn(struct nf_view esn);

/* ", INSECURE SEED" or "", to stand behind "simulated". */
const char *nf_seed_suffix(bool insecure);

#endif
