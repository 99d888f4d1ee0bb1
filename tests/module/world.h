/* SPDX-License-Identifier: Apache-2.0 */
/* A module in a world for each case, and what is done with its tokens. */
#ifndef NF_TESTS_MODULE_WORLD_H
#define NF_TESTS_MODULE_WORLD_H

#include "nfast/module/internal.h"
#include "tests/module/client.h"

static struct client c;
static uint8_t hknso[NF_HASH_LEN], hkm[NF_HASH_LEN];
static uint32_t knso;			/* loaded */

static inline void
setup(void)
{
	client_open(&c);
	knso = client_world(&c, hknso, hkm);
}

static inline void
teardown(void)
{
	client_close(&c);
}

/* A new token of k of n; its id is in the reply, its hash in hkt. */
static inline uint32_t
token_generate(uint32_t flags, uint32_t k, uint32_t n,
    uint8_t hkt[static NF_HASH_LEN])
{
	struct nf_command cmd = { .cmd = NF_CMD_GENERATELOGICALTOKEN };
	uint32_t status;

	cmd.args.module = 1;
	memcpy(cmd.args.hash, hkm, NF_HASH_LEN);
	cmd.args.tokenparams.flags = flags;
	cmd.args.tokenparams.needed = k;
	cmd.args.tokenparams.total = n;
	if ((status = client_call(&c, &cmd)) == NF_ST_OK)
		memcpy(hkt, c.reply.args.hash, NF_HASH_LEN);
	return status;
}

/* The id of a token that waits for its shares. */
static inline uint32_t
token_load(uint32_t flags, uint32_t k, uint32_t n,
    const uint8_t hkt[static NF_HASH_LEN])
{
	struct nf_command cmd = { .cmd = NF_CMD_LOADLOGICALTOKEN };

	cmd.args.module = 1;
	memcpy(cmd.args.hash, hkt, NF_HASH_LEN);
	memcpy(cmd.args.hash2, hkm, NF_HASH_LEN);
	cmd.args.tokenparams.flags = flags;
	cmd.args.tokenparams.needed = k;
	cmd.args.tokenparams.total = n;
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_OK);
	return c.reply.args.key;
}

static inline void
card(uint32_t op, const char *name)
{
	struct nf_command cmd = { .cmd = NF_CMD_DEVTEST };

	cmd.args.word = op;
	cmd.args.string = nf_view_of(name, strlen(name));
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_OK);
}

/* Read or write a share of what is in the slot; pin 0 is none. */
static inline uint32_t
share(uint32_t number, uint32_t slot, uint32_t token, uint32_t index,
    uint8_t pin)
{
	struct nf_command info = { .cmd = NF_CMD_GETSLOTINFO };
	struct nf_command cmd = { .cmd = number };

	info.args.module = 1;
	info.args.slot = slot;
	ck_assert_uint_eq(client_call(&c, &info), NF_ST_OK);
	cmd.args.ic = c.reply.args.ic;
	cmd.args.module = 1;
	cmd.args.slot = slot;
	cmd.args.key = token;
	cmd.args.index = index;
	cmd.args.flags = pin == 0 ? 0 : NF_SHARE_PIN;
	memset(cmd.args.pin, pin, sizeof(cmd.args.pin));
	return client_call(&c, &cmd);
}

#endif
