/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Method 2 from the simulated world, key file to ciphertext, for an RSA-2048
 * key under a KEK of 4096 bits: against bare CKM_RSA_AES_KEY_WRAP of the same
 * plaintext in libcrypto, rounds of both in turn, the median ratio; and the
 * growth of memory over many keys.
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

#include "nfast/host/newworld.h"
#include "nfast/wire/names.h"
#include "transfer/wrap2.h"

#define ROUNDS		9
#define KEYS		200
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
	(void)fprintf(stderr, "bench_wrap2: %s\n", line);
	exit(4);
}

/* A world with one key and one card without a passphrase. */
static void
world_make(const char *dir, struct nf_host **host, struct nf_world **world)
{
	struct nf_newworld want = {
		.suite = nf_suite_named("DLf1024s160mRijndael"),
		.acs_k = 1, .acs_n = 1, .recovery = true
	};
	struct nf_appkey_spec spec = { .appname = "simple",
		.ident = "bench", .plainname = "bench", .recovery = true };
	char local[NF_PATH_MAX], path[NF_PATH_MAX];
	struct nf_diag diag = { 0 };
	struct nf_pins *pins;

	(void)snprintf(local, sizeof(local), "%s/local", dir);
	(void)snprintf(path, sizeof(path), "%s/sim", dir);
	must(nf_host_open_state(path, path, host, &diag), &diag);
	must(nf_host_clear(*host, NF_MODE_INITIALISATION, &diag), &diag);
	must(nf_pins_none(&pins, &diag), &diag);
	must(nf_world_create(*host, local, &want, pins, NULL, &diag), &diag);
	nf_pins_close(pins);
	must(nf_host_clear(*host, NF_MODE_OPERATIONAL, &diag), &diag);
	must(nf_world_load(local, world, &diag), &diag);
	spec.params.type = NF_KEY_RSAPRIVATE;
	spec.params.len = 2048;
	must(nf_appkey_create(*host, *world, &spec, path, NULL, &diag),
	    &diag);
	(void)snprintf(path, sizeof(path), "%s/pins", dir);
	must(nf_file_write_atomic(path, 0600, nf_view_of("\n", 1), &diag),
	    &diag);
	if (setenv("NFSIM_PINS", path, 1) != 0)
		exit(4);
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
module_wraps(struct nf_xfer_wrap2 *w, int n)
{
	struct nf_xfer_wrap2_info info;
	struct nf_buf out = NF_BUF_INIT;
	struct nf_diag diag = { 0 };

	for (int i = 0; i < n; i++) {
		must(nf_xfer_wrap2_key(w, "simple", "bench", &out, &info,
		    &diag), &diag);
		nf_buf_wipe(&out);
	}
}

/* n in each of so many processes that were forked from the open context. */
static double
rate(struct nf_xfer_wrap2 *w, int processes, int n)
{
	double t0 = seconds();
	int status;

	for (int i = 0; i < processes; i++) {
		pid_t pid = fork();

		if (pid < 0)
			exit(4);
		if (pid == 0) {
			module_wraps(w, n);
			_exit(0);
		}
	}
	for (int i = 0; i < processes; i++) {
		if (wait(&status) < 0 || status != 0)
			exit(4);
	}
	return processes * n / (seconds() - t0);
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

static long
peak(void)
{
	struct rusage u;

	return getrusage(RUSAGE_SELF, &u) == 0 ? u.ru_maxrss : 0;
}

int
main(void)
{
	char dir[] = "bench-wrap2.XXXXXX", rm[64];
	EVP_CIPHER *kwp = EVP_CIPHER_fetch(NULL, "AES-256-WRAP-PAD", NULL);
	double ratio[ROUNDS], t0, t1, t2;
	struct nf_diag diag = { 0 };
	struct nf_xfer_wrap2 *w;
	struct nf_world *world;
	struct nf_kekpem kek;
	struct nf_host *host;
	EVP_PKEY *pkey;
	long before;

	if (kwp == NULL || mkdtemp(dir) == NULL)
		return 4;
	world_make(dir, &host, &world);
	pkey = kek_make(&kek);
	must(nf_xfer_wrap2_open(host, world, &kek, NULL, &w, &diag), &diag);
	module_wraps(w, KEYS);
	libcrypto_wraps(pkey, kwp);
	for (int i = 0; i < ROUNDS; i++) {
		t0 = seconds();
		module_wraps(w, KEYS);
		t1 = seconds();
		libcrypto_wraps(pkey, kwp);
		t2 = seconds();
		ratio[i] = (t2 - t1) / (t1 - t0);
	}
	qsort(ratio, ROUNDS, sizeof(ratio[0]), ascending);
	(void)printf("method-2 wraps of RSA-2048 under RSA-4096, key file to "
	    "ciphertext, rate / libcrypto's: %.2f (target 0.50; %d rounds of "
	    "%d)\n", ratio[ROUNDS / 2], ROUNDS, KEYS);
	for (int i = 0; i < ROUNDS; i++)
		ratio[i] = rate(w, 2, 5 * KEYS) / rate(w, 1, 5 * KEYS);
	qsort(ratio, ROUNDS, sizeof(ratio[0]), ascending);
	(void)printf("  two processes, rate / one's: %.2f (target 1.80)\n",
	    ratio[ROUNDS / 2]);
	before = peak();
	t0 = seconds();
	module_wraps(w, MANY);
	t1 = seconds();
	(void)printf("  %d more in %.1f s: peak memory grows by %ld KiB "
	    "(target 0)\n", MANY, t1 - t0, peak() - before);
	nf_xfer_wrap2_close(w);
	nf_world_free(world);
	nf_host_close(host);
	EVP_PKEY_free(pkey);
	EVP_CIPHER_free(kwp);
	(void)snprintf(rm, sizeof(rm), "rm -rf %s", dir);
	return system(rm) == 0 ? 0 : 4;
}
