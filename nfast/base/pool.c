/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Job i goes to worker i modulo their number and results are taken in the
 * same order, so that nothing has to be sorted and a slow reader stops the
 * workers.  A worker never has more jobs waiting than its socket holds: the
 * parent cannot block on one that itself blocks on the parent.
 */
#include "config.h"

#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nfast/base/pool.h"

#define DEPTH	8	/* jobs that wait at one worker */

struct worker {
	pid_t pid;
	int fd;
};

struct run {
	const struct nf_pool *pool;
	struct worker worker[NF_POOL_WORKERS_MAX];
	size_t n;			/* workers */
	struct nf_buf *job;		/* n * DEPTH, a ring */
	size_t sent, taken;		/* jobs so far */
	int err;			/* a job could not be written */
	struct nf_buf result;
	struct nf_diag *diag;
};

size_t
nf_pool_processors(void)
{
	cpu_set_t set;
	int n;

	if (sched_getaffinity(0, sizeof(set), &set) != 0)
		return 1;
	n = CPU_COUNT(&set);
	if (n < 1)
		return 1;
	return n > NF_POOL_WORKERS_MAX ? NF_POOL_WORKERS_MAX : (size_t)n;
}

static bool
send_all(int fd, const uint8_t *p, size_t len)
{
	ssize_t n;

	while (len > 0) {
		n = send(fd, p, len, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}

static bool
recv_all(int fd, uint8_t *p, size_t len)
{
	ssize_t n;

	while (len > 0) {
		n = recv(fd, p, len, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}

/* A frame: u32 length, bytes. */
static bool
frame_send(int fd, const struct nf_buf *buf)
{
	uint32_t len = (uint32_t)buf->len;

	return nf_buf_err(buf) == 0 &&
	    send_all(fd, (const uint8_t *)&len, sizeof(len)) &&
	    send_all(fd, buf->p, buf->len);
}

static bool
frame_recv(int fd, struct nf_buf *buf, size_t max)
{
	uint32_t len;

	buf->len = 0;
	if (!recv_all(fd, (uint8_t *)&len, sizeof(len)) || len > max)
		return false;
	nf_buf_fill(buf, 0, len);
	return nf_buf_err(buf) == 0 && recv_all(fd, buf->p, len);
}

/* The life of a worker: jobs until the parent closes its end. */
static void
serve(const struct nf_pool *pool, int fd)
{
	struct nf_buf job = NF_BUF_INIT, result = NF_BUF_INIT;
	void *state = pool->start(pool->arg);

	while (state != NULL && frame_recv(fd, &job, NF_POOL_JOB_MAX)) {
		result.len = 0;
		pool->work(state, nf_buf_view(&job), &result);
		if (!frame_send(fd, &result))
			break;
	}
	if (state != NULL)
		pool->stop(state);
	nf_buf_wipe(&job);
	nf_buf_wipe(&result);
}

static int
hire(struct run *run, size_t i)
{
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return nf_diag_set(run->diag, NF_E_IO, NULL,
		    "cannot make a socket pair: %s", strerror(errno));
	if ((pid = fork()) < 0) {
		(void)close(pair[0]);
		(void)close(pair[1]);
		return nf_diag_set(run->diag, NF_E_IO, NULL,
		    "cannot start a worker process: %s", strerror(errno));
	}
	if (pid == 0) {
		for (size_t k = 0; k < run->n; k++) {
			if (k != i && run->worker[k].fd >= 0)
				(void)close(run->worker[k].fd);
		}
		(void)close(pair[0]);
		serve(run->pool, pair[1]);
		_exit(0);
	}
	(void)close(pair[1]);
	run->worker[i].pid = pid;
	run->worker[i].fd = pair[0];
	return 0;
}

static void
dismiss(struct worker *w)
{
	if (w->fd < 0)
		return;
	(void)close(w->fd);
	w->fd = -1;
	while (waitpid(w->pid, NULL, 0) < 0 && errno == EINTR)
		continue;
}

static struct nf_buf *
job_at(struct run *run, size_t i)
{
	return &run->job[i % (run->n * DEPTH)];
}

/*
 * A job that does not arrive shows when its result is asked for: the worker
 * does those before it, and ends.
 */
static void
job_send(struct run *run, size_t i)
{
	int fd = run->worker[i % run->n].fd;

	if (!frame_send(fd, job_at(run, i)))
		(void)shutdown(fd, SHUT_WR);
}

/* Put another in the place of a dead worker; it gets the jobs behind. */
static int
replace(struct run *run, size_t i)
{
	int r;

	dismiss(&run->worker[i % run->n]);
	if ((r = hire(run, i % run->n)) != 0)
		return r;
	for (size_t k = i + run->n; k < run->sent; k += run->n)
		job_send(run, k);
	return 0;
}

/* Take the result of the oldest job. */
static int
take(struct run *run)
{
	const struct nf_pool *pool = run->pool;
	size_t i = run->taken;
	bool died;
	int r;

	NF_REQUIRE(run->n > 0);
	died = !frame_recv(run->worker[i % run->n].fd, &run->result,
	    NF_BUF_MAX);
	if (nf_buf_err(&run->result) != 0)
		return nf_diag_set(run->diag, NF_E_NOMEM, NULL,
		    "out of memory");
	if (died)
		run->result.len = 0;
	run->taken++;
	r = pool->done(pool->arg, nf_buf_view(job_at(run, i)),
	    nf_buf_view(&run->result), died);
	if (r == 0 && died)
		r = replace(run, i);
	return r;
}

/* Ask for the next job, into its place in the ring. */
static bool
ask(struct run *run)
{
	struct nf_buf *job = job_at(run, run->sent);

	job->len = 0;
	if (!run->pool->next(run->pool->arg, job))
		return false;
	if ((run->err = nf_buf_err(job)) != 0)
		return false;
	NF_REQUIRE(job->len <= NF_POOL_JOB_MAX);
	return true;
}

static int
run_here(struct run *run, bool more)
{
	const struct nf_pool *pool = run->pool;
	void *state = pool->start(pool->arg);
	int r = 0;

	if (state == NULL)
		return nf_diag_set(run->diag, NF_E_NOMEM, NULL,
		    "out of memory");
	while (r == 0 && run->taken < run->sent) {
		struct nf_view job = nf_buf_view(job_at(run, run->taken));

		run->result.len = 0;
		pool->work(state, job, &run->result);
		if ((r = nf_buf_err(&run->result)) == 0)
			r = pool->done(pool->arg, job,
			    nf_buf_view(&run->result), false);
		run->taken++;
		if (r == 0 && more && (more = ask(run)))
			run->sent++;
	}
	pool->stop(state);
	return r;
}

static int
run_workers(struct run *run)
{
	bool more = true;
	int r = 0;

	for (size_t i = 0; i < run->n; i++) {
		if ((r = hire(run, i)) != 0)
			return r;
	}
	for (size_t i = 0; i < run->sent; i++)
		job_send(run, i);
	while (r == 0 && (more || run->taken < run->sent)) {
		while (more && run->sent - run->taken < run->n * DEPTH) {
			if (!(more = ask(run)))
				break;
			job_send(run, run->sent++);
		}
		if (run->taken < run->sent)
			r = take(run);
	}
	return r;
}

int
nf_pool_run(const struct nf_pool *pool, struct nf_diag *diag)
{
	struct run run = { .pool = pool, .diag = diag };
	int r;

	run.n = pool->workers;
	NF_REQUIRE(run.n >= 1 && run.n <= NF_POOL_WORKERS_MAX);
	for (size_t i = 0; i < run.n; i++)
		run.worker[i].fd = -1;
	if ((run.job = calloc(run.n * DEPTH, sizeof(*run.job))) == NULL)
		return nf_diag_set(diag, NF_E_NOMEM, NULL, "out of memory");
	/* Two jobs are worth a process. */
	while (run.sent < 2 && ask(&run))
		run.sent++;
	if (run.n == 1 || run.sent < 2)
		r = run_here(&run, run.sent == 2);
	else
		r = run_workers(&run);
	for (size_t i = 0; i < run.n; i++)
		dismiss(&run.worker[i]);
	for (size_t i = 0; i < run.n * DEPTH; i++)
		nf_buf_wipe(&run.job[i]);
	free(run.job);
	nf_buf_wipe(&run.result);
	if (r == 0)
		r = run.err;
	if (r != 0)
		(void)nf_diag_set(diag, r, NULL, "%s", nf_err_text(r));
	return r;
}
