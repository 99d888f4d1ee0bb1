/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RSA-2048 signatures of the simulated module, in process and through
 * marshalled commands, against libcrypto alone with a loaded key: rounds of
 * both in turn, the median ratio.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "nfast/base/digest.h"
#include "tests/bench/modsign.h"

#define ROUNDS		9
#define SIGNATURES	300

static EVP_PKEY_CTX *
libcrypto_ctx(void)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);

	if (ctx == NULL || EVP_PKEY_sign_init(ctx) != 1 ||
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) != 1 ||
	    EVP_PKEY_CTX_set_signature_md(ctx, nf_digest_md(NF_SHA256)) != 1)
		exit(4);
	EVP_PKEY_free(key);
	return ctx;
}

static void
libcrypto_signs(EVP_PKEY_CTX *ctx)
{
	static const uint8_t message[200];
	const struct nf_view v = { message, sizeof(message) };
	uint8_t digest[NF_DIGEST_MAX], sig[256];

	for (int i = 0; i < SIGNATURES; i++) {
		size_t n = sizeof(sig);

		if (nf_digest_of(NF_SHA256, &v, 1, digest) != 0 ||
		    EVP_PKEY_sign(ctx, sig, &n, digest, 32) != 1)
			exit(4);
	}
}

int
main(void)
{
	char dir[] = "bench-sign.XXXXXX", rm[64];
	EVP_PKEY_CTX *ctx = libcrypto_ctx();
	double ratio[ROUNDS], t0, t1, t2;
	struct nf_module *m;
	uint32_t id;

	if (mkdtemp(dir) == NULL ||
	    nf_module_open(dir, dir, &m, NULL) != 0)
		return 4;
	id = bench_make_key(m);
	bench_module_signs(m, id, SIGNATURES);
	libcrypto_signs(ctx);
	for (int i = 0; i < ROUNDS; i++) {
		t0 = bench_seconds();
		bench_module_signs(m, id, SIGNATURES);
		t1 = bench_seconds();
		libcrypto_signs(ctx);
		t2 = bench_seconds();
		ratio[i] = (t2 - t1) / (t1 - t0);
	}
	qsort(ratio, ROUNDS, sizeof(ratio[0]), bench_ascending);
	(void)printf("module RSA-2048 signatures, rate / libcrypto's: %.2f "
	    "(target 0.90; %d rounds of %d)\n", ratio[ROUNDS / 2], ROUNDS,
	    SIGNATURES);
	EVP_PKEY_CTX_free(ctx);
	nf_module_close(m);
	(void)snprintf(rm, sizeof(rm), "rm -rf %s", dir);
	return system(rm) == 0 ? 0 : 4;
}
