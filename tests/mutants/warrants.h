/* SPDX-License-Identifier: Apache-2.0 */
/* Warrants of the simulator's warrant root (form real, root ours). */
#ifndef NF_TESTS_MUTANTS_WARRANTS_H
#define NF_TESTS_MUTANTS_WARRANTS_H

#include "tests/mutants/mut.h"

/* A warrant over this ESN and KLF2, raw. */
struct nf_view warrant_of(struct mut *m, const char *esn,
    const struct nf_mod_key *klf2);

#endif
