/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Audits of the three real packages in rotation, against the bare signature
 * verifications of the same packages, one RSA-2048 and two DSA-1024 each, by
 * EVP_DigestVerify() on signatures in DER.  The DSA keys are loaded before:
 * they are a module's, and the auditor keeps them too.  The RSA key is made
 * from its numbers each time: every package has its own, so that any verifier
 * has to.  Two ratios against less are printed without a target: with the RSA
 * key loaded as well, and with contexts that were made ready once and are
 * never left, as "openssl speed" measures.
 *
 * Then the same audits in two processes at a time, against one: how many
 * times the rate of one they have, each by its shortest time.  The bare
 * verifications beside them show what the machine gives at the time.
 *
 *	bench_audit DIRECTORY-OF-SAMPLES [ROUNDS]
 */
#include "config.h"

#include <sys/wait.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <openssl/bn.h>
#include <openssl/dsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "nfast/base/file.h"
#include "nfast/base/mem.h"
#include "nfast/base/pkey.h"
#include "nfast/kmdata/keyfile.h"
#include "nfast/kmdata/sigtext.h"
#include "transfer/byok1.h"
#include "verify/byok1check.h"

#define N	3
#define BATCH	30	/* audits or verifications between two readings */
#define ROUNDS_MAX	1000
#define PAIRS	15	/* runs on two cores; the shortest time counts */
#define PAIR_ROUNDS	20	/* batches in each */

static const char *const names[N] = { "azcli_TestBYOK-NA.byok",
    "azps_bvtdata_byoktest.byok", "azps_proddata_byoktest.byok" };

/* One bare verification. */
struct bare {
	EVP_PKEY *key;
	EVP_PKEY_CTX *ctx;
	const EVP_MD *md;
	struct nf_view e, n;	/* RSA only */
	struct nf_view msg;
	uint8_t sig[512];
	size_t sig_len;
};

struct sample {
	struct nf_buf bytes;
	struct nf_byok1 *pkg;
	struct nf_km_file *file;
	struct nf_km_key key;
	struct nf_vfy_state state;
	struct bare bare[3];
};

static struct sample samples[N];

static _Noreturn void
die(const char *what)
{
	(void)fprintf(stderr, "bench_audit: %s\n", what);
	exit(1);
}

static double
now_by(clockid_t clock)
{
	struct timespec t;

	(void)clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double
now(void)
{
	return now_by(CLOCK_PROCESS_CPUTIME_ID);
}

static void
bare_dsa(struct bare *b, const struct nf_vfy_key *key, struct nf_view msg,
    struct nf_view text)
{
	DSA_SIG *sig = DSA_SIG_new();
	struct nf_km_sig km;
	uint8_t *p = b->sig;
	int n;

	if (sig == NULL || nf_km_sig_read(text, &km, NULL) != 0 ||
	    DSA_SIG_set0(sig, BN_lebin2bn(km.r, (int)km.r_len, NULL),
	    BN_lebin2bn(km.s, (int)km.s_len, NULL)) != 1 ||
	    (n = i2d_DSA_SIG(sig, &p)) <= 0)
		die("bad signature text");
	DSA_SIG_free(sig);
	b->sig_len = (size_t)n;
	b->msg = msg;
	b->key = key->pkey;
	(void)EVP_PKEY_up_ref(b->key);
	b->md = nf_digest_md(NF_SHA1);
	b->ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
	if (b->ctx == NULL || EVP_PKEY_verify_init(b->ctx) != 1)
		die("no DSA");
}

static void
bare_rsa(struct bare *b, const struct nf_byok1 *pkg)
{
	EVP_PKEY *key;

	nf_byok1_rsa(pkg, &b->e, &b->n);
	if (nf_pkey_rsa(b->e, b->n, &key, NULL) != 0)
		die("bad RSA key");
	b->md = nf_digest_md(NF_SHA256);
	b->msg = pkg->signed_bytes;
	memcpy(b->sig, pkg->signature.p, pkg->signature.len);
	b->sig_len = pkg->signature.len;
	b->ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	if (b->ctx == NULL || EVP_PKEY_verify_init(b->ctx) != 1 ||
	    EVP_PKEY_CTX_set_rsa_padding(b->ctx, RSA_PKCS1_PADDING) != 1 ||
	    EVP_PKEY_CTX_set_signature_md(b->ctx, b->md) != 1)
		die("no RSA");
	b->key = key;
}

static void
sample_load(struct sample *s, struct nf_vfy_ctx *ctx, const char *dir,
    const char *name)
{
	char path[NF_PATH_MAX];
	struct nf_cur cur;

	if (nf_path(path, NULL, "%s/%s", dir, name) != 0 ||
	    nf_file_load(path, 1 << 20, &s->bytes, NULL) != 0 ||
	    nf_byok1_read(nf_buf_view(&s->bytes), &s->pkg, NULL) != 0)
		die("cannot read a sample");
	nf_cur_init(&cur, s->pkg->key_token.p, s->pkg->key_token.len, NULL);
	if (nf_km_file_read(&cur, &s->file) != 0 ||
	    nf_km_key_read(s->file, &s->key, NULL) != 0 ||
	    nf_vfy_state_open(ctx, s->key.mesg_state, s->key.cert_state,
	    &s->state, NULL) != 0)
		die("a sample does not verify");
	bare_rsa(&s->bare[0], s->pkg);
	bare_dsa(&s->bare[1], s->state.klf, s->key.mesg_state,
	    s->key.cert_state);
	bare_dsa(&s->bare[2], s->state.kml, s->key.mesg_gen,
	    s->key.cert_gen);
}

static void
sample_free(struct sample *s)
{
	for (size_t i = 0; i < 3; i++) {
		EVP_PKEY_CTX_free(s->bare[i].ctx);
		EVP_PKEY_free(s->bare[i].key);
	}
	nf_vfy_state_wipe(&s->state);
	nf_km_file_free(s->file);
	nf_byok1_free(s->pkg);
	nf_buf_wipe(&s->bytes);
}

static void
verify_with(const struct bare *b, EVP_PKEY *key)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	if (ctx == NULL ||
	    EVP_DigestVerifyInit(ctx, NULL, b->md, NULL, key) != 1 ||
	    EVP_DigestVerify(ctx, b->sig, b->sig_len, b->msg.p,
	    b->msg.len) != 1)
		die("a bare verification failed");
	EVP_MD_CTX_free(ctx);
}

static void
bare_verify(const struct bare *b, EVP_MD_CTX *md)
{
	EVP_PKEY *key = b->key;

	(void)md;
	if (b->n.p != NULL && nf_pkey_rsa(b->e, b->n, &key, NULL) != 0)
		die("bad RSA key");
	verify_with(b, key);
	if (key != b->key)
		EVP_PKEY_free(key);
}

static void
loaded_verify(const struct bare *b, EVP_MD_CTX *md)
{
	(void)md;
	verify_with(b, b->key);
}

static void
ready_verify(const struct bare *b, EVP_MD_CTX *md)
{
	uint8_t digest[NF_DIGEST_MAX];
	unsigned int n;

	if (EVP_DigestInit_ex2(md, b->md, NULL) != 1 ||
	    EVP_DigestUpdate(md, b->msg.p, b->msg.len) != 1 ||
	    EVP_DigestFinal_ex(md, digest, &n) != 1 ||
	    EVP_PKEY_verify(b->ctx, b->sig, b->sig_len, digest, n) != 1)
		die("a bare verification failed");
}

static double
bare_batch(void (*one)(const struct bare *, EVP_MD_CTX *), EVP_MD_CTX *md)
{
	double start = now();

	for (int i = 0; i < BATCH; i++) {
		for (size_t k = 0; k < 3; k++)
			one(&samples[i % N].bare[k], md);
	}
	return now() - start;
}

static double
audit_batch(struct nf_vfy_ctx *ctx, struct nf_vfy_verdict *v)
{
	double start = now();

	for (int i = 0; i < BATCH; i++) {
		nf_vfy_verdict_reset(v, "method-1 package", names[i % N]);
		if (nf_vfy_byok1_check(ctx,
		    nf_buf_view(&samples[i % N].bytes), v, NULL) != 0 ||
		    nf_vfy_exit(v) != NF_EXIT_UNKNOWN)
			die("an audit failed");
	}
	return now() - start;
}

static int
ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double
median(double *v, long n)
{
	qsort(v, (size_t)n, sizeof(v[0]), ascending);
	return v[n / 2];
}

/* Wall time of so many processes that do the same work side by side. */
static double
side_by_side(int n, struct nf_vfy_ctx *ctx, struct nf_vfy_verdict *v)
{
	double start = now_by(CLOCK_MONOTONIC);
	int status;
	pid_t pid;

	for (int i = 0; i < n; i++) {
		if ((pid = fork()) < 0)
			die("cannot fork");
		if (pid != 0)
			continue;
		for (int k = 0; k < PAIR_ROUNDS; k++) {
			if (ctx == NULL)
				(void)bare_batch(bare_verify, NULL);
			else
				(void)audit_batch(ctx, v);
		}
		_exit(0);
	}
	for (int i = 0; i < n; i++) {
		if (wait(&status) < 0 || status != 0)
			die("a process failed");
	}
	return now_by(CLOCK_MONOTONIC) - start;
}

/* How many times the rate of one process two have; bare without ctx. */
static double
two_to_one(struct nf_vfy_ctx *ctx, struct nf_vfy_verdict *v)
{
	double one = 1e9, two = 1e9, t;

	for (size_t i = 0; i < PAIRS; i++) {
		if ((t = side_by_side(1, ctx, v)) < one)
			one = t;
		if ((t = side_by_side(2, ctx, v)) < two)
			two = t;
	}
	return 2 * one / two;
}

static void
two_cores(struct nf_vfy_ctx *ctx, struct nf_vfy_verdict *v)
{
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		(void)puts("two cores: there is only one");
	else
		(void)printf("audit on two cores, rate / rate on one: %.2f "
		    "(target 1.80; bare verifications: %.2f)\n",
		    two_to_one(ctx, v), two_to_one(NULL, NULL));
}

int
main(int argc, char **argv)
{
	struct nf_vfy_ctx *keys = nf_vfy_ctx_new(), *ctx = nf_vfy_ctx_new();
	long rounds = argc > 2 ? strtol(argv[2], NULL, 10) : 200;
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	static double ratio[3][ROUNDS_MAX];
	double sum = 0, t, a;
	struct nf_vfy_verdict v;

	nf_process_harden();
	if (argc < 2 || rounds < 1 || rounds > ROUNDS_MAX || keys == NULL ||
	    ctx == NULL || md == NULL)
		die("usage: bench_audit DIRECTORY-OF-SAMPLES [ROUNDS]");
	for (size_t i = 0; i < N; i++)
		sample_load(&samples[i], keys, argv[1], names[i]);
	nf_vfy_verdict_init(&v, "", "");
	(void)bare_batch(bare_verify, md);
	(void)bare_batch(loaded_verify, md);
	(void)bare_batch(ready_verify, md);
	(void)audit_batch(ctx, &v);
	for (long i = 0; i < rounds; i++) {
		t = bare_batch(bare_verify, md);
		a = audit_batch(ctx, &v);
		sum += a;
		ratio[0][i] = t / a;
		ratio[1][i] = bare_batch(loaded_verify, md) / a;
		ratio[2][i] = bare_batch(ready_verify, md) / a;
	}
	(void)printf("audit: %.0f packages/s on one core; rate / rate of "
	    "the bare verifications of the same\n"
	    "  with the RSA key made from its numbers: %.2f (target 0.85; "
	    "median of %ld)\n"
	    "  with the RSA key loaded as well: %.2f\n"
	    "  with all contexts made ready: %.2f\n",
	    (double)(rounds * BATCH) / sum, median(ratio[0], rounds), rounds,
	    median(ratio[1], rounds), median(ratio[2], rounds));
	two_cores(ctx, &v);
	nf_vfy_verdict_wipe(&v);
	EVP_MD_CTX_free(md);
	for (size_t i = 0; i < N; i++)
		sample_free(&samples[i]);
	nf_vfy_ctx_free(ctx);
	nf_vfy_ctx_free(keys);
	return 0;
}
