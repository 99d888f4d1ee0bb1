/* SPDX-License-Identifier: Apache-2.0 */
/*
 * new-world beside the bare key generations that are in it: a process from
 * its start to its end, against what libcrypto takes for the same keys in the
 * same run.  How long an RSA key takes is a matter of luck, so that the very
 * generation in new-world is measured (keygen_clock.c) and not another one;
 * those of the DSA keys, with given domain parameters, are done here, in turn.
 *   bench_world CLOCK.so ROUNDS
 * The environment names a module in initialisation mode and a kmdata
 * directory that may be removed.
 */
#include "config.h"

#include <sys/wait.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/dsa.h>
#include <openssl/evp.h>

#include "tests/bench/modsign.h"

#define DSA_BITS	1024
#define DSA_Q_BITS	160
/* KML, and seven of the keys below the administrator cards. */
#define DSA_KEYS	8
#define CLOCK		"bench-clock"

static _Noreturn void
die(const char *what)
{
	(void)fprintf(stderr, "bench_world: %s\n", what);
	exit(4);
}

static EVP_PKEY *
domain_make(void)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "DSA", NULL);
	EVP_PKEY *domain = NULL;

	if (ctx == NULL || EVP_PKEY_paramgen_init(ctx) != 1 ||
	    EVP_PKEY_CTX_set_dsa_paramgen_bits(ctx, DSA_BITS) != 1 ||
	    EVP_PKEY_CTX_set_dsa_paramgen_q_bits(ctx, DSA_Q_BITS) != 1 ||
	    EVP_PKEY_generate(ctx, &domain) != 1)
		die("libcrypto makes no DSA parameters");
	EVP_PKEY_CTX_free(ctx);
	return domain;
}

static double
dsa_keys(EVP_PKEY *domain)
{
	double t = bench_seconds();

	for (int i = 0; i < DSA_KEYS; i++) {
		EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, domain,
		    NULL);
		EVP_PKEY *key = NULL;

		if (ctx == NULL || EVP_PKEY_keygen_init(ctx) != 1 ||
		    EVP_PKEY_generate(ctx, &key) != 1)
			die("libcrypto makes no DSA key");
		EVP_PKEY_free(key);
		EVP_PKEY_CTX_free(ctx);
	}
	return bench_seconds() - t;
}

/* From start to end, and what it says of itself. */
static double
new_world(const char *clock, double *generating, double *syncing)
{
	double t = bench_seconds();
	pid_t pid = fork();
	int status, null;
	FILE *f;

	if (pid == 0) {
		null = open("/dev/null", O_RDWR);
		(void)dup2(null, 1);
		(void)dup2(null, 2);
		(void)setenv("LD_PRELOAD", clock, 1);
		(void)setenv("BENCH_CLOCK", CLOCK, 1);
		(void)execlp("new-world", "new-world", "--initialize",
		    "--cipher-suite=DLf1024s160mRijndael", "--module=1",
		    "--acs-quorum=1/1", (char *)NULL);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
		die("new-world failed");
	t = bench_seconds() - t;
	if ((f = fopen(CLOCK, "r")) == NULL ||
	    fscanf(f, "%lf %lf", generating, syncing) != 2 ||
	    *generating <= 0)
		die("new-world's key generation was not seen");
	(void)fclose(f);
	(void)unlink(CLOCK);
	return t;
}

int
main(int argc, char **argv)
{
	double world = 0, bare = 0, sync = 0, g, s;
	const char *kmdata = getenv("NFAST_KMDATA");
	EVP_PKEY *domain;
	char rm[512];
	int rounds;

	if (argc != 3 || kmdata == NULL ||
	    (rounds = (int)strtol(argv[2], NULL, 10)) < 1)
		return 2;
	(void)snprintf(rm, sizeof(rm), "rm -rf '%s'", kmdata);
	domain = domain_make();
	for (int i = 0; i < rounds; i++) {
		if (system(rm) != 0)
			die(rm);
		world += new_world(argv[1], &g, &s);
		bare += g + dsa_keys(domain);
		sync += s;
	}
	EVP_PKEY_free(domain);
	(void)printf("new-world with DLf1024s160mRijndael, time / that of its "
	    "bare key generations: %.2f (target 1.20; sum of %d runs)\n",
	    world / bare, rounds);
	(void)printf("  %.0f ms a run, of that %.0f ms key generation and "
	    "%.0f ms waits for the disk (fsync)\n", 1e3 * world / rounds,
	    1e3 * bare / rounds, 1e3 * sync / rounds);
	return 0;
}
