/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a run leaves beside the packages (ours): SHA256SUMS, which
 * "sha256sum -c" checks, with a comment a key; and commands.txt, which imports
 * them, to be run by sh in the directory.  Where a package was made from a
 * seed, the second line of both says it.
 */
#ifndef NF_TRANSFER_PLAN_LEFT_H
#define NF_TRANSFER_PLAN_LEFT_H

#include "transfer/plan-dir.h"

#define NF_PLAN_SUMS		"SHA256SUMS"
#define NF_PLAN_COMMANDS	"commands.txt"

/* Their first lines. */
#define NF_PLAN_SUMS_HEAD	"# packages of byok-wrap; check them with " \
				"sha256sum -c " NF_PLAN_SUMS "\n"
#define NF_PLAN_COMMANDS_HEAD	"# imports of the packages; run them in this " \
				"directory\n"

/*
 *   managed, vault  as of struct nf_plan_run
 *   why             by key: why it was not wrapped; NULL: it was, as dir says
 */
struct nf_plan_left {
	const struct nf_plan *plan;
	const struct nf_plan_dir *dir;
	bool managed;
	const char *vault;
	char *const *why;
};

/* Write both, durably; old ones are replaced.  NF_E_IO, NF_E_NOMEM. */
int nf_plan_left_write(const struct nf_plan_left *left,
    struct nf_diag *diag);

#endif
