/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loaded into a program before libcrypto and libc: how much of its time their
 * key generation takes, and how much its waits for the disk.  At its end both
 * are appended, in seconds, to the file that BENCH_CLOCK names.
 */
#include "config.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <openssl/evp.h>

static double generating, syncing;

static double
seconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int
EVP_PKEY_generate(EVP_PKEY_CTX *ctx, EVP_PKEY **key)
{
	void *sym = dlsym(RTLD_NEXT, "EVP_PKEY_generate");
	int (*next)(EVP_PKEY_CTX *, EVP_PKEY **);
	double t = seconds();
	int r;

	if (sym == NULL)
		return 0;
	memcpy(&next, &sym, sizeof(next));
	r = next(ctx, key);
	generating += seconds() - t;
	return r;
}

int
fsync(int fd)
{
	void *sym = dlsym(RTLD_NEXT, "fsync");
	double t = seconds();
	int (*next)(int), r;

	if (sym == NULL)
		return -1;
	memcpy(&next, &sym, sizeof(next));
	r = next(fd);
	syncing += seconds() - t;
	return r;
}

__attribute__((destructor)) static void
report(void)
{
	const char *path = getenv("BENCH_CLOCK");
	FILE *f = path == NULL ? NULL : fopen(path, "a");

	if (f == NULL)
		return;
	(void)fprintf(f, "%.9f %.9f\n", generating, syncing);
	(void)fclose(f);
}
