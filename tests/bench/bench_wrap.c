/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Method 2 from the simulated world, key file to package on the disk, for RSA
 * keys of 2048 bits under a KEK of 4096 bits: a whole plan as byok-wrap runs
 * it, against as many bare CKM_RSA_AES_KEY_WRAP of such plaintexts in
 * libcrypto, rounds of both in turn, the median ratio; with two workers
 * against one; and the growth of memory with the number of keys.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#include "nfast/base/mem.h"
#include "nfast/base/pool.h"
#include "nfast/host/appkey.h"
#include "nfast/host/newworld.h"
#include "nfast/wire/names.h"
#include "transfer/plan-run.h"

#define ROUNDS		7
#define LONG_ROUNDS	3	/* of MANY keys */
#define KEYS		2000
#define FEW		1000
#define MANY		10000
#define PLAIN_LEN	1218	/* PKCS#8 of RSA-2048 */

static double
seconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void
must(int r, const struct nf_diag *diag)
{
	char line[1024];

	if (r == 0)
		return;
	nf_diag_line(diag, line, sizeof(line));
	(void)fprintf(stderr, "bench_wrap: %s\n", line);
	exit(4);
}

/* A world with one key and one card without a passphrase. */
static void
world_make(const char *dir)
{
	struct nf_newworld want = {
		.suite = nf_suite_named("DLf1024s160mRijndael"),
		.acs_k = 1, .acs_n = 1, .recovery = true
	};
	struct nf_appkey_spec spec = { .appname = "simple",
		.ident = "bench", .plainname = "bench", .recovery = true };
	char local[NF_PATH_MAX], path[NF_PATH_MAX];
	struct nf_diag diag = { 0 };
	struct nf_world *world;
	struct nf_host *host;
	struct nf_pins *pins;

	(void)snprintf(local, sizeof(local), "%s/local", dir);
	(void)snprintf(path, sizeof(path), "%s/sim", dir);
	must(nf_host_open_state(path, path, &host, &diag), &diag);
	must(nf_host_clear(host, NF_MODE_INITIALISATION, &diag), &diag);
	must(nf_pins_none(&pins, &diag), &diag);
	must(nf_world_create(host, local, &want, pins, NULL, &diag), &diag);
	nf_pins_close(pins);
	must(nf_host_clear(host, NF_MODE_OPERATIONAL, &diag), &diag);
	must(nf_world_load(local, &world, &diag), &diag);
	spec.params.type = NF_KEY_RSAPRIVATE;
	spec.params.len = 2048;
	must(nf_appkey_create(host, world, &spec, path, NULL, &diag),
	    &diag);
	(void)snprintf(path, sizeof(path), "%s/pins", dir);
	must(nf_file_write_atomic(path, 0600, nf_view_of("\n", 1), &diag),
	    &diag);
	nf_world_free(world);
	nf_host_close(host);
	if (setenv("NFSIM_PINS", path, 1) != 0 ||
	    setenv("NFAST_KMDATA", dir, 1) != 0)
		exit(4);
	(void)snprintf(path, sizeof(path), "%s/sim", dir);
	if (setenv("NFSIM_STATE", path, 1) != 0)
		exit(4);
}

static void
file_put(const char *path, struct nf_view v)
{
	FILE *f = fopen(path, "w");

	if (f == NULL || fwrite(v.p, 1, v.len, f) != v.len || fclose(f) != 0)
		exit(4);
}

/* The same key under many idents, and plans of some of them. */
static void
keys_make(const char *dir)
{
	struct nf_buf bytes = NF_BUF_INIT, out = NF_BUF_INIT;
	struct nf_buf plan = NF_BUF_INIT;
	char path[NF_PATH_MAX], ident[32];
	struct nf_km_file *file;
	struct nf_diag diag = { 0 };
	struct nf_km_key key;

	(void)snprintf(path, sizeof(path), "%s/local/key_simple_bench", dir);
	must(nf_km_key_load(path, &bytes, &file, &key, &diag), &diag);
	for (int i = 1; i <= MANY; i++) {
		(void)snprintf(ident, sizeof(ident), "key-%d", i);
		key.ident = nf_view_of(ident, strlen(ident));
		out.len = 0;
		must(nf_km_key_write(&key, &out), &diag);
		(void)snprintf(path, sizeof(path), "%s/local/key_simple_%s",
		    dir, ident);
		file_put(path, nf_buf_view(&out));
		(void)snprintf(path, sizeof(path), "simple/%s", ident);
		nf_plan_line_write(&plan, path, ident, "-");
		if (i != FEW && i != KEYS && i != MANY)
			continue;
		(void)snprintf(path, sizeof(path), "%s/plan-%d", dir, i);
		file_put(path, nf_buf_view(&plan));
	}
	nf_km_file_free(file);
	nf_buf_wipe(&bytes);
	nf_buf_wipe(&out);
	nf_buf_wipe(&plan);
}

static EVP_PKEY *
kek_make(struct nf_kekpem *kek)
{
	EVP_PKEY *pkey = EVP_RSA_gen(4096);
	struct nf_buf pem = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	BIGNUM *n = NULL, *e = NULL;
	uint8_t nb[512], eb[8];

	if (pkey == NULL || EVP_PKEY_get_bn_param(pkey, "n", &n) != 1 ||
	    EVP_PKEY_get_bn_param(pkey, "e", &e) != 1 ||
	    BN_bn2lebinpad(n, nb, sizeof(nb)) != (int)sizeof(nb) ||
	    BN_bn2lebinpad(e, eb, sizeof(eb)) != (int)sizeof(eb))
		exit(4);
	nf_kekpem_write(&pem, nf_view_of(eb, sizeof(eb)),
	    nf_view_of(nb, sizeof(nb)));
	must(nf_kekpem_read(nf_buf_view(&pem), kek, &diag), &diag);
	nf_buf_wipe(&pem);
	BN_free(n);
	BN_free(e);
	return pkey;
}

static void
libcrypto_wraps(EVP_PKEY *kek, EVP_CIPHER *kwp)
{
	static const uint8_t plain[PLAIN_LEN] = { 1 };
	uint8_t aes[32], out[512 + PLAIN_LEN + 16];
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int len;

	EVP_CIPHER_CTX_set_flags(ctx, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
	for (int i = 0; i < KEYS; i++) {
		EVP_PKEY_CTX *rsa = EVP_PKEY_CTX_new_from_pkey(NULL, kek,
		    NULL);
		size_t n = 512;

		if (RAND_priv_bytes(aes, sizeof(aes)) != 1 ||
		    EVP_PKEY_encrypt_init(rsa) != 1 ||
		    EVP_PKEY_CTX_set_rsa_padding(rsa,
		    RSA_PKCS1_OAEP_PADDING) != 1 ||
		    EVP_PKEY_encrypt(rsa, out, &n, aes, sizeof(aes)) != 1 ||
		    EVP_CipherInit_ex2(ctx, kwp, aes, NULL, 1, NULL) != 1 ||
		    EVP_CipherUpdate(ctx, out + 512, &len, plain,
		    PLAIN_LEN) != 1)
			exit(4);
		EVP_PKEY_CTX_free(rsa);
	}
	EVP_CIPHER_CTX_free(ctx);
}

static int
ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void
quiet(const char *line)
{
	(void)line;
}

static void
key_line(void *arg, const char *line)
{
	(void)arg;
	(void)line;
}

/* In a process of its own, as the program is. */
static void
plan_process(const char *dir, const struct nf_plan_kek *kek, int n,
    size_t workers)
{
	char plan_path[NF_PATH_MAX], out[NF_PATH_MAX];
	struct nf_plan_counts counts;
	struct nf_diag diag = { 0 };
	struct nf_plan plan;
	struct nf_plan_run run = { .plan = &plan, .dir = out, .kek = kek,
	    .workers = workers, .card = quiet, .key = key_line };

	(void)snprintf(plan_path, sizeof(plan_path), "%s/plan-%d", dir, n);
	/* Deleting between the rounds would slow the next one down. */
	(void)snprintf(out, sizeof(out), "%s/out.XXXXXX", dir);
	if (mkdtemp(out) == NULL)
		exit(4);
	must(nf_plan_load(plan_path, &plan, &diag), &diag);
	must(nf_plan_carry_out(&run, &counts, &diag), &diag);
	if (counts.wrapped != (size_t)n)
		exit(4);
	nf_plan_wipe(&plan);
}

/* Seconds for n keys; the peak of memory in KiB. */
static double
plan_run(const char *dir, const struct nf_plan_kek *kek, int n,
    size_t workers, long *peak)
{
	struct rusage u;
	double t0 = seconds(), t1;
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		plan_process(dir, kek, n, workers);
		_exit(0);
	}
	if (pid < 0 || wait4(pid, &status, 0, &u) != pid || status != 0)
		exit(4);
	t1 = seconds();
	*peak = u.ru_maxrss;
	return t1 - t0;
}

static double
median(double *v, size_t n)
{
	qsort(v, n, sizeof(v[0]), ascending);
	return v[n / 2];
}

int
main(void)
{
	char dir[] = "bench-wrap.XXXXXX", rm[64];
	EVP_CIPHER *kwp;
	double bare[ROUNDS], two[LONG_ROUNDS], one, t0;
	struct nf_plan_kek kek = { .kid = "https://contoso.vault.azure.net/"
	    "keys/KEK/0123456789abcdef0123456789abcdef" };
	long few, many, peak;
	EVP_PKEY *pkey;

	/* As the program does it, for both sides. */
	if (!nf_crypto_wipe_freed() || mkdtemp(dir) == NULL ||
	    (kwp = EVP_CIPHER_fetch(NULL, "AES-256-WRAP-PAD", NULL)) == NULL)
		return 4;
	world_make(dir);
	keys_make(dir);
	pkey = kek_make(&kek.pem);
	for (int i = 0; i < ROUNDS; i++) {
		one = plan_run(dir, &kek, KEYS, 1, &peak);
		t0 = seconds();
		libcrypto_wraps(pkey, kwp);
		bare[i] = (seconds() - t0) / one;
	}
	/* Of so many that the cards and the start hardly count. */
	for (int i = 0; i < LONG_ROUNDS; i++) {
		one = plan_run(dir, &kek, MANY, 1, &peak);
		two[i] = one / plan_run(dir, &kek, MANY, 2, &peak);
	}
	(void)printf("byok-wrap of RSA-2048 under RSA-4096, key file to "
	    "package, rate / libcrypto's: %.2f (target 0.50; %d rounds of "
	    "%d keys)\n", median(bare, ROUNDS), ROUNDS, KEYS);
	(void)printf("  two workers, rate / one's: %.2f (target 1.80; %zu "
	    "processors, %d keys)\n", median(two, LONG_ROUNDS),
	    nf_pool_processors(), MANY);
	(void)plan_run(dir, &kek, FEW, 2, &few);
	one = plan_run(dir, &kek, MANY, 2, &many);
	(void)printf("  %d keys in %.1f s, peak memory %ld KiB, %ld KiB more "
	    "than for %d\n", MANY, one, many, many - few, FEW);
	EVP_PKEY_free(pkey);
	EVP_CIPHER_free(kwp);
	(void)snprintf(rm, sizeof(rm), "rm -rf %s", dir);
	return system(rm) == 0 ? 0 : 4;
}
