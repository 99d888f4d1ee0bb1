/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Carrying out a plan: every key of it becomes one package in the output
 * directory, exactly once, however often the run is killed and begun again
 * (plan-dir.h), and two files tell what was done (plan-left.h).  Ours.
 */
#ifndef NF_TRANSFER_PLAN_RUN_H
#define NF_TRANSFER_PLAN_RUN_H

#include "transfer/p11.h"
#include "transfer/plan-kek.h"
#include "transfer/plan.h"

struct nf_plan_run {
	const struct nf_plan *plan;
	const char *dir;
	const struct nf_plan_kek *kek;	/* of the command line, or NULL */
	const char *module;	/* of URIs without module-path, or NULL */
	struct nf_p11_pin pin;
	size_t workers;		/* one is used when a key is in a token */
	bool dry;		/* say only whether each key will work */
	bool managed;		/* the commands are for a Managed HSM ... */
	const char *vault;	/* ... or vault of this name; NULL: the kid's */
	void (*card)(const char *line);	/* told about administrator cards */
	void (*warn)(const char *line);	/* about a KEK file; may be NULL */
	/*
	 * Told about each key: one line.  First what is done already, then
	 * the others in the order of the plan, once they are on the disk.
	 */
	void (*key)(void *arg, const char *line);
	/* Told how far it is; may be NULL. */
	void (*progress)(void *arg, size_t done, size_t total);
	void *arg;
};

struct nf_plan_counts {
	size_t wrapped, before, failed;		/* before: by an earlier run */
	size_t insecure;	/* of those wrapped: made from a seed */
};

/*
 * Carry out the plan.
 * Returns 0 when every key was tried (see counts); the errors of
 * nf_plan_dir_open() and nf_plan_dir_flush(), of the administrator cards and
 * of a KEK file; NF_E_USAGE (a key wants the KEK of the command line, and
 * there is none), NF_E_NOMEM.
 */
int nf_plan_carry_out(const struct nf_plan_run *run,
    struct nf_plan_counts *counts, struct nf_diag *diag);

#endif
