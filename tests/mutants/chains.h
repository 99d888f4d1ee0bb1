/* SPDX-License-Identifier: Apache-2.0 */
/* Mutants of the simulator's chain from its root to a KLF (all ours). */
#ifndef NF_TESTS_MUTANTS_CHAINS_H
#define NF_TESTS_MUTANTS_CHAINS_H

#include "tests/mutants/mut.h"

/*
 * A file with a chain to the KLF of module.
 *   id     of the check that sees a wrong chain; the check of a root that
 *          nobody named is "root" everywhere
 *   build  the file around a changed chain
 */
struct chain_host {
	const char *id;
	const struct mut_module *module;
	struct nf_view (*build)(struct mut *m, const struct chain_host *host,
	    struct nf_view chain);
	struct nf_view file;
};

void chains_put(struct mut *m, const struct chain_host *host);

/* The chain of a root that nobody named to the module's KLF. */
struct nf_view chains_other_root(struct mut *m,
    const struct mut_module *module);

#endif
