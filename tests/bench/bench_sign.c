/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RSA-2048 signatures of the simulated module, in process and through
 * marshalled commands, against libcrypto alone with a loaded key: rounds of
 * both in turn, the median ratio.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "nfast/base/digest.h"
#include "nfast/module/module.h"
#include "nfast/wire/command.h"

#define ROUNDS		9
#define SIGNATURES	300

static double
seconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static uint32_t
make_key(struct nf_module *m)
{
	struct nf_command cmd = { .cmd = NF_CMD_GENERATEKEYPAIR };
	struct nf_buf bytes = NF_BUF_INIT, answer = NF_BUF_INIT;
	struct nf_acl *acl = nf_acl_new();
	struct nf_reply reply;
	struct nf_cur cur;
	uint32_t id;

	nf_group_action_add(nf_acl_group_add(acl),
	    NF_ACT_OPPERMISSIONS)->flags = NF_PERM_SIGN;
	cmd.args.module = 1;
	cmd.args.genparams.type = NF_KEY_RSAPRIVATE;
	cmd.args.genparams.len = 2048;
	cmd.args.acl = acl;
	cmd.args.acl2 = acl;
	nf_wire_command_write(&bytes, &cmd);
	if (nf_module_transact(m, nf_buf_view(&bytes), &answer) != 0)
		exit(4);
	nf_cur_init(&cur, answer.p, answer.len, NULL);
	if (nf_wire_reply_read(&cur, cmd.cmd, &reply) != 0 ||
	    reply.status != NF_ST_OK)
		exit(4);
	id = reply.args.key;
	nf_args_wipe(&reply.args);
	nf_buf_wipe(&bytes);
	nf_buf_wipe(&answer);
	nf_acl_free(acl);
	return id;
}

static void
module_signs(struct nf_module *m, uint32_t id)
{
	static const uint8_t message[200];

	for (int i = 0; i < SIGNATURES; i++) {
		struct nf_command cmd = { .cmd = NF_CMD_SIGN };
		struct nf_buf bytes = NF_BUF_INIT, answer = NF_BUF_INIT;
		struct nf_reply reply;
		struct nf_cur cur;

		cmd.args.key = id;
		cmd.args.mech = NF_MECH_RSAHSHA256PPKCS1;
		cmd.args.plain.type = NF_PLAIN_BYTES;
		cmd.args.plain.v = nf_view_of(message, sizeof(message));
		nf_wire_command_write(&bytes, &cmd);
		if (nf_module_transact(m, nf_buf_view(&bytes), &answer) != 0)
			exit(4);
		nf_cur_init(&cur, answer.p, answer.len, NULL);
		if (nf_wire_reply_read(&cur, cmd.cmd, &reply) != 0 ||
		    reply.status != NF_ST_OK)
			exit(4);
		nf_args_wipe(&reply.args);
		nf_buf_wipe(&bytes);
		nf_buf_wipe(&answer);
	}
}

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

static int
ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
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
	id = make_key(m);
	module_signs(m, id);
	libcrypto_signs(ctx);
	for (int i = 0; i < ROUNDS; i++) {
		t0 = seconds();
		module_signs(m, id);
		t1 = seconds();
		libcrypto_signs(ctx);
		t2 = seconds();
		ratio[i] = (t2 - t1) / (t1 - t0);
	}
	qsort(ratio, ROUNDS, sizeof(ratio[0]), ascending);
	(void)printf("module RSA-2048 signatures, rate / libcrypto's: %.2f "
	    "(target 0.90; %d rounds of %d)\n", ratio[ROUNDS / 2], ROUNDS,
	    SIGNATURES);
	EVP_PKEY_CTX_free(ctx);
	nf_module_close(m);
	(void)snprintf(rm, sizeof(rm), "rm -rf %s", dir);
	return system(rm) == 0 ? 0 : 4;
}
