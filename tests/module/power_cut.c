/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program that power.tap kills: "power_cut run DIR" makes a module, takes
 * it through initialisation and writes a share to a card.  After each step
 * that the module reported as done it logs the step and the whole state, in
 * the end what the module holds in memory.  "power_cut show DIR" prints the
 * state of a module that is opened anew.  Refusals do not end a run.
 */
#include "config.h"

#include <sys/uio.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nfast/base/mem.h"
#include "nfast/base/text.h"
#include "nfast/module/module.h"
#include "nfast/wire/command.h"

static struct nf_module *module;
static struct nf_reply reply;
static struct nf_buf reply_bytes;

/* A line to stdout, not by write(2): the log is no part of what is cut. */
static void
say(const char *line)
{
	struct iovec v = { (void *)(uintptr_t)line, strlen(line) };

	if (writev(STDOUT_FILENO, &v, 1) < 0)
		exit(1);
}

static bool
call(const struct nf_command *cmd)
{
	struct nf_buf bytes = NF_BUF_INIT;
	struct nf_cur cur;

	nf_args_wipe(&reply.args);
	nf_buf_wipe(&reply_bytes);
	nf_wire_command_write(&bytes, cmd);
	if (nf_module_transact(module, nf_buf_view(&bytes),
	    &reply_bytes) != 0)
		exit(1);
	nf_buf_wipe(&bytes);
	nf_cur_init(&cur, reply_bytes.p, reply_bytes.len, NULL);
	if (nf_wire_reply_read(&cur, cmd->cmd, &reply) != 0)
		exit(1);
	return reply.status == NF_ST_OK;
}

static void
must(const struct nf_command *cmd)
{
	if (!call(cmd))
		exit(1);
}

static void
key_hash(uint32_t cmd_get, struct nf_buf *out)
{
	struct nf_command cmd = { .cmd = cmd_get };
	uint32_t id;

	cmd.args.module = 1;
	must(&cmd);
	cmd = (struct nf_command){ .cmd = NF_CMD_GETKEYINFO };
	cmd.args.key = id = reply.args.key;
	must(&cmd);
	nf_text_hex(out, nf_view_of(reply.args.hash, NF_HASH_LEN));
	cmd = (struct nf_command){ .cmd = NF_CMD_DESTROY };
	cmd.args.key = id;
	must(&cmd);
}

/* "ESN MODE KML HKNSO MODULEKEYS SHARES"; SHARES of the card in the slot,
 * "-" when there is none. */
static void
state(const char *before)
{
	struct nf_command cmd = { .cmd = NF_CMD_NEWENQUIRY };
	struct nf_buf line = NF_BUF_INIT;

	nf_buf_str(&line, before);
	cmd.args.module = 1;
	must(&cmd);
	nf_buf_view_put(&line, reply.args.enquiry.serial);
	nf_buf_printf(&line, " %u ", reply.args.enquiry.mode);
	key_hash(NF_CMD_GETKML, &line);
	cmd.cmd = NF_CMD_GETKMLIST;
	must(&cmd);
	nf_buf_str(&line, " ");
	nf_text_hex(&line, nf_view_of(reply.args.hash, NF_HASH_LEN));
	nf_buf_printf(&line, " %u", reply.args.n_hashes - 2);
	cmd.cmd = NF_CMD_GETSLOTINFO;
	must(&cmd);
	if (reply.args.ic == 0)
		nf_buf_str(&line, " -\n");
	else
		nf_buf_printf(&line, " %u\n", reply.args.n_shares);
	say(nf_buf_text(&line));
	nf_buf_wipe(&line);
}

static void
step(const char *name, const struct nf_command *cmd)
{
	char before[32];

	if (call(cmd)) {
		(void)snprintf(before, sizeof(before), "done %s ", name);
		state(before);
	} else {
		(void)snprintf(before, sizeof(before), "refused %s\n", name);
		say(before);
	}
}

static void
set_km(void)
{
	struct nf_command cmd = { .cmd = NF_CMD_GENERATEKEY };
	struct nf_acl *acl = nf_acl_new();
	struct nf_group *g = acl == NULL ? NULL : nf_acl_group_add(acl);
	struct nf_action *a = g == NULL ? NULL :
	    nf_group_action_add(g, NF_ACT_OPPERMISSIONS);

	if (a == NULL)
		exit(1);
	a->flags = NF_PERM_USEASKM;
	cmd.args.module = 1;
	cmd.args.genparams.type = NF_KEY_RIJNDAEL;
	cmd.args.genparams.len = 32;
	cmd.args.acl = acl;
	must(&cmd);
	cmd = (struct nf_command){ .cmd = NF_CMD_SETKM };
	cmd.args.module = 1;
	cmd.args.key = reply.args.key;
	step("km", &cmd);
	nf_acl_free(acl);
}

static void
write_share(void)
{
	struct nf_command cmd = { .cmd = NF_CMD_GETKMLIST };
	uint32_t token;

	cmd.args.module = 1;
	must(&cmd);
	memcpy(cmd.args.hash, reply.args.hashes[0], NF_HASH_LEN);
	cmd.cmd = NF_CMD_GENERATELOGICALTOKEN;
	cmd.args.tokenparams.needed = 1;
	cmd.args.tokenparams.total = 1;
	must(&cmd);
	token = reply.args.key;
	cmd = (struct nf_command){ .cmd = NF_CMD_DEVTEST };
	cmd.args.word = NF_DEV_CARD_NEW;
	step("card", &cmd);
	cmd = (struct nf_command){ .cmd = NF_CMD_GETSLOTINFO };
	cmd.args.module = 1;
	must(&cmd);
	cmd.cmd = NF_CMD_WRITESHARE;
	cmd.args.ic = reply.args.ic;
	cmd.args.key = token;
	cmd.args.index = 1;
	step("share", &cmd);
}

static void
run(void)
{
	struct nf_command cmd = { .cmd = NF_CMD_CLEARUNITEX };

	state("done open ");
	cmd.args.module = 1;
	cmd.args.mode = NF_MODE_INITIALISATION;
	step("mode", &cmd);
	cmd = (struct nf_command){ .cmd = NF_CMD_INITIALISEUNITEX };
	cmd.args.module = 1;
	step("initialise", &cmd);
	cmd.cmd = NF_CMD_SETNSOPERMS;
	memset(cmd.args.hash, 0x5a, NF_HASH_LEN);
	step("nso", &cmd);
	set_km();
	write_share();
	state("end ");
}

static void
show(void)
{
	struct nf_command cmd = { .cmd = NF_CMD_SIGNMODULESTATE };

	cmd.args.module = 1;
	cmd.args.signer = NF_SIGNER_KLF;
	must(&cmd);
	cmd = (struct nf_command){ .cmd = NF_CMD_DEVTEST };
	cmd.args.word = NF_DEV_CARD_INSERT;
	cmd.args.string = nf_view_of("card-1", 6);
	(void)call(&cmd);
	state("");
}

int
main(int argc, char **argv)
{
	struct nf_diag diag = { 0 };
	char line[1024];

	if (argc != 3)
		return 2;
	if (nf_module_open(argv[2], argv[2], &module, &diag) != 0) {
		nf_diag_line(&diag, line, sizeof(line));
		(void)fprintf(stderr, "%s\n", line);
		return 3;
	}
	if (strcmp(argv[1], "run") == 0)
		run();
	else
		show();
	nf_args_wipe(&reply.args);
	nf_buf_wipe(&reply_bytes);
	nf_module_close(module);
	return 0;
}
