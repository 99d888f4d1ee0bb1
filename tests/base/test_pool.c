/* SPDX-License-Identifier: Apache-2.0 */
/* Worker processes: order, deaths, errors. */
#include "config.h"

#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <time.h>

#include "nfast/base/pool.h"
#include "tests/tap.h"

#define DEADLY	13	/* a job that kills its worker */

/* Jobs 0..n-1; the result of a job is its number and the worker's pid. */
struct log {
	uint32_t n, asked, done, died, stop_at;
	bool deadly, sleepy;
	pid_t first, other;		/* workers seen */
};

static void *
start(void *arg)
{
	return arg;
}

static void
stop(void *state)
{
	(void)state;
}

static bool
next(void *arg, struct nf_buf *job)
{
	struct log *log = arg;

	ck_assert_uint_eq(job->len, 0);
	if (log->asked == log->n)
		return false;
	nf_buf_u32(job, log->asked++);
	return true;
}

static void
work(void *state, struct nf_view job, struct nf_buf *result)
{
	const struct log *log = state;
	struct nf_cur cur;
	uint32_t i;

	nf_cur_init(&cur, job.p, job.len, NULL);
	i = nf_cur_u32(&cur, "job");
	if (log->deadly && i % 32 == DEADLY)
		(void)raise(SIGKILL);
	if (log->sleepy && i % 2 == 0)
		(void)nanosleep(&(struct timespec){ 0, 2000000 }, NULL);
	nf_buf_u32(result, i);
	nf_buf_u32(result, (uint32_t)getpid());
	/* more than a socket holds */
	nf_buf_fill(result, (uint8_t)i, i % 5 == 0 ? 300000 : 10);
}

static int
done(void *arg, struct nf_view job, struct nf_view result, bool died)
{
	struct log *log = arg;
	struct nf_cur cur;
	uint32_t i;
	pid_t pid;

	nf_cur_init(&cur, job.p, job.len, NULL);
	i = nf_cur_u32(&cur, "job");
	ck_assert_uint_eq(i, log->done++);
	if (died) {
		ck_assert_uint_eq(i % 32, DEADLY);
		ck_assert_uint_eq(result.len, 0);
		log->died++;
		return 0;
	}
	nf_cur_init(&cur, result.p, result.len, NULL);
	ck_assert_uint_eq(nf_cur_u32(&cur, "number"), i);
	pid = (pid_t)nf_cur_u32(&cur, "pid");
	if (log->first == 0)
		log->first = pid;
	else if (pid != log->first)
		log->other = pid;
	ck_assert_uint_eq(nf_cur_left(&cur), i % 5 == 0 ? 300000u : 10u);
	return log->stop_at != 0 && i == log->stop_at ? NF_E_IO : 0;
}

static int
pool_run(struct log *log, size_t workers)
{
	struct nf_pool pool = { .workers = workers, .arg = log,
	    .start = start, .stop = stop, .next = next, .work = work,
	    .done = done };

	return nf_pool_run(&pool, NULL);
}

/* No child is left behind. */
static void
no_children(void)
{
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
}

START_TEST(in_order)
{
	struct log log = { .n = 500, .sleepy = true };

	ck_assert_int_eq(pool_run(&log, 3), 0);
	ck_assert_uint_eq(log.done, 500);
	ck_assert_int_ne(log.first, getpid());
	ck_assert_int_ne(log.other, 0);
	no_children();
}
END_TEST

START_TEST(one_worker_is_this_process)
{
	struct log log = { .n = 50 };

	ck_assert_int_eq(pool_run(&log, 1), 0);
	ck_assert_uint_eq(log.done, 50);
	ck_assert_int_eq(log.first, getpid());
	ck_assert_int_eq(log.other, 0);
}
END_TEST

START_TEST(one_job_is_this_process)
{
	struct log log = { .n = 1 };

	ck_assert_int_eq(pool_run(&log, 4), 0);
	ck_assert_uint_eq(log.done, 1);
	ck_assert_int_eq(log.first, getpid());
}
END_TEST

START_TEST(no_job)
{
	struct log log = { .n = 0 };

	ck_assert_int_eq(pool_run(&log, 4), 0);
	ck_assert_uint_eq(log.done, 0);
}
END_TEST

START_TEST(worker_dies)
{
	struct log log = { .n = 200, .deadly = true };

	ck_assert_int_eq(pool_run(&log, 2), 0);
	ck_assert_uint_eq(log.done, 200);
	ck_assert_uint_eq(log.died, 6);
	no_children();
}
END_TEST

START_TEST(done_stops)
{
	struct log log = { .n = 500, .stop_at = 42 };

	ck_assert_int_eq(pool_run(&log, 2), NF_E_IO);
	ck_assert_uint_eq(log.done, 43);
	no_children();
	memset(&log, 0, sizeof(log));
	log.n = 500;
	log.stop_at = 42;
	ck_assert_int_eq(pool_run(&log, 1), NF_E_IO);
	ck_assert_uint_eq(log.done, 43);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("base/pool");
	TCase *tc = tcase_create("pool");

	tcase_add_test(tc, in_order);
	tcase_add_test(tc, one_worker_is_this_process);
	tcase_add_test(tc, one_job_is_this_process);
	tcase_add_test(tc, no_job);
	tcase_add_test(tc, worker_dies);
	tcase_add_test(tc, done_stops);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
