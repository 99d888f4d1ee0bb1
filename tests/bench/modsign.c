/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdlib.h>
#include <time.h>

#include "nfast/wire/command.h"
#include "tests/bench/modsign.h"

double
bench_seconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int
bench_ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* Carry out a command that must succeed; what it returned is in reply. */
static void
call(struct nf_module *m, const struct nf_command *cmd, struct nf_buf *answer,
    struct nf_reply *reply)
{
	struct nf_buf bytes = NF_BUF_INIT;
	struct nf_cur cur;

	nf_wire_command_write(&bytes, cmd);
	if (nf_module_transact(m, nf_buf_view(&bytes), answer) != 0)
		exit(4);
	nf_buf_wipe(&bytes);
	nf_cur_init(&cur, answer->p, answer->len, NULL);
	if (nf_wire_reply_read(&cur, cmd->cmd, reply) != 0 ||
	    reply->status != NF_ST_OK)
		exit(4);
}

uint32_t
bench_make_key(struct nf_module *m)
{
	struct nf_command cmd = { .cmd = NF_CMD_GENERATEKEYPAIR };
	struct nf_buf answer = NF_BUF_INIT;
	struct nf_acl *acl = nf_acl_new();
	struct nf_reply reply;
	uint32_t id;

	nf_group_action_add(nf_acl_group_add(acl),
	    NF_ACT_OPPERMISSIONS)->flags = NF_PERM_SIGN;
	cmd.args.module = 1;
	cmd.args.genparams.type = NF_KEY_RSAPRIVATE;
	cmd.args.genparams.len = 2048;
	cmd.args.acl = acl;
	cmd.args.acl2 = acl;
	call(m, &cmd, &answer, &reply);
	id = reply.args.key;
	nf_args_wipe(&reply.args);
	nf_buf_wipe(&answer);
	nf_acl_free(acl);
	return id;
}

void
bench_module_signs(struct nf_module *m, uint32_t id, int n)
{
	static const uint8_t message[200];

	for (int i = 0; i < n; i++) {
		struct nf_command cmd = { .cmd = NF_CMD_SIGN };
		struct nf_buf answer = NF_BUF_INIT;
		struct nf_reply reply;

		cmd.args.key = id;
		cmd.args.mech = NF_MECH_RSAHSHA256PPKCS1;
		cmd.args.plain.type = NF_PLAIN_BYTES;
		cmd.args.plain.v = nf_view_of(message, sizeof(message));
		call(m, &cmd, &answer, &reply);
		nf_args_wipe(&reply.args);
		nf_buf_wipe(&answer);
	}
}
