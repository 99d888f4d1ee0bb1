/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Worker processes that do one kind of job side by side, with the results in
 * the order of the jobs.  Processes, not threads: each has its own contexts,
 * and one that dies takes one job with it.
 */
#ifndef NF_BASE_POOL_H
#define NF_BASE_POOL_H

#include <stdbool.h>
#include <stddef.h>

#include "nfast/base/buf.h"
#include "nfast/base/cur.h"

#define NF_POOL_JOB_MAX		8192	/* bytes of a job */
#define NF_POOL_WORKERS_MAX	64

/*
 * What a pool is made of; arg is passed to each.
 *   start  in a worker, before its first job: the worker's own state, NULL
 *          when out of memory
 *   stop   in a worker, after its last job: free the state
 *   next   in the parent: append the next job to an empty buffer; false at
 *          the end
 *   work   in a worker: do the job, append the result to an empty buffer
 *   done   in the parent, in the order of the jobs; died: the worker ended in
 *          the middle of this job, and result is empty.  Returns 0, or an
 *          error that stops the run.
 */
struct nf_pool {
	size_t workers;
	void *arg;
	void *(*start)(void *arg);
	void (*stop)(void *state);
	bool (*next)(void *arg, struct nf_buf *job);
	void (*work)(void *state, struct nf_view job, struct nf_buf *result);
	int (*done)(void *arg, struct nf_view job, struct nf_view result,
	    bool died);
};

/* How many processors this process may use, 1..NF_POOL_WORKERS_MAX. */
size_t nf_pool_processors(void);

/*
 * Do all jobs.  With one worker, or only one job, no process is started.
 * The memory in use does not grow with the number of jobs.
 * Returns 0, what done() returned, NF_E_NOMEM or NF_E_IO.
 */
int nf_pool_run(const struct nf_pool *pool, struct nf_diag *diag);

#endif
