/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For the coverage tree only, linked into every program: a process that ends
 * by _exit(), as the workers of a pool do, keeps its counts, and so does one
 * that a test let write nothing to files.  Where that limit cannot be lifted
 * the counts are given up, rather than written in part.
 */
#define _GNU_SOURCE
#include <sys/resource.h>
#include <sys/syscall.h>

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

extern void __gcov_dump(void);

static void
lift_limit(void)
{
	static const struct rlimit none = { RLIM_INFINITY, RLIM_INFINITY };
	struct rlimit now;

	if (getrlimit(RLIMIT_FSIZE, &now) != 0 ||
	    now.rlim_cur == RLIM_INFINITY ||
	    setrlimit(RLIMIT_FSIZE, &none) == 0)
		return;
	(void)signal(SIGXFSZ, SIG_IGN);
	(void)setenv("GCOV_PREFIX", "/dev/null", 1);
	/* what libgcov says of it is no word of the program's */
	(void)dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
}

/* Handlers run last in, first out, and before the counts are written. */
__attribute__((constructor))
static void
start(void)
{
	(void)atexit(lift_limit);
}

/* In the place of libc's. */
_Noreturn void
_exit(int status)
{
	lift_limit();
	__gcov_dump();
	for (;;)
		(void)syscall(SYS_exit_group, status);
}
