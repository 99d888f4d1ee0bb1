/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole processes, measured from outside.
 *   bench_process ratio N CMD... -- CMD...   both in turn N times; the median
 *                                            ratio of their wall times
 *   bench_process memory CMD...              peak resident memory in KiB
 * What the commands print is discarded.
 */
#include "config.h"

#include <sys/resource.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define RUNS_MAX	1000

static double
seconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Run to its end; seconds, or exit when it cannot run. */
static double
run(char **argv, struct rusage *usage)
{
	double start = seconds();
	pid_t pid = fork();
	int status, null;

	if (pid == 0) {
		null = open("/dev/null", O_RDWR);
		(void)dup2(null, 1);
		(void)dup2(null, 2);
		(void)execvp(argv[0], argv);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, usage) != pid ||
	    !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		(void)fprintf(stderr, "bench_process: %s failed\n", argv[0]);
		exit(4);
	}
	return seconds() - start;
}

static int
ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

int
main(int argc, char **argv)
{
	static double ratio[RUNS_MAX];
	struct rusage usage;
	int i, n, second;

	if (argc >= 3 && strcmp(argv[1], "memory") == 0) {
		(void)run(argv + 2, &usage);
		(void)printf("%ld\n", usage.ru_maxrss);
		return 0;
	}
	if (argc < 6 || strcmp(argv[1], "ratio") != 0)
		return 2;
	n = (int)strtol(argv[2], NULL, 10);
	if (n < 1 || n > RUNS_MAX)
		return 2;
	for (second = 4; second < argc; second++) {
		if (strcmp(argv[second], "--") == 0)
			break;
	}
	if (second + 1 >= argc)
		return 2;
	argv[second++] = NULL;
	(void)run(argv + 3, &usage);
	(void)run(argv + second, &usage);
	for (i = 0; i < n; i++) {
		double a = run(argv + 3, &usage);

		ratio[i] = a / run(argv + second, &usage);
	}
	qsort(ratio, (size_t)n, sizeof(ratio[0]), ascending);
	(void)printf("%.2f\n", ratio[n / 2]);
	return 0;
}
