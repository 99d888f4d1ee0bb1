/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz target: the module's command interface.  An input is up to 16
 * commands, each after its length.  Every input starts from the same module:
 * in initialisation mode, without a world and cards, an RSA key as objects 1
 * (private) and 2 (public).  RSA generation, which is slow and libcrypto's, is
 * left out.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nfast/base/file.h"
#include "nfast/module/internal.h"
#include "nfast/wire/command-json.h"
#include "tests/fuzz/fuzz.h"

#define COMMANDS_MAX	16

static char dir[NF_PATH_MAX];
static struct nf_module *module;
static struct nf_buf blob[2];	/* the RSA key, private and public */

static void
remove_cards(void)
{
	struct nf_buf names = NF_BUF_INIT;
	char path[NF_PATH_MAX];
	const char *name;

	NF_REQUIRE(nf_mod_card_list(module, &names, NULL) == 0);
	nf_buf_u8(&names, 0);
	for (name = (const char *)names.p; *name != '\0';
	    name += strcspn(name, "\n") + 1) {
		NF_REQUIRE(nf_path(path, NULL, "%s/cards/%.*s", dir,
		    (int)strcspn(name, "\n"), name) == 0);
		(void)unlink(path);
	}
	nf_buf_wipe(&names);
}

static void
clean_up(void)
{
	static const char *const files[] = { "module-1", "lock",
	    "factory-root", "factory-root.key", ".secworld-simulated",
	    ".secworld-lock" };
	char path[NF_PATH_MAX];

	remove_cards();
	nf_module_close(module);
	for (size_t i = 0; i < 2; i++)
		nf_buf_wipe(&blob[i]);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if (nf_path(path, NULL, "%s/%s", dir, files[i]) == 0)
			(void)unlink(path);
	}
	if (nf_path(path, NULL, "%s/cards", dir) == 0)
		(void)rmdir(path);
	(void)rmdir(dir);
}

/* Carry out bytes; the reply must be one that a host can read. */
static uint32_t
transact(struct nf_view bytes, uint32_t cmd, struct nf_buf *reply,
    struct nf_reply *rep)
{
	struct nf_cur cur;

	rep->status = NF_ST_UNKNOWNCOMMAND;
	if (!FUZZ_OK(nf_module_transact(module, bytes, reply) == 0))
		return rep->status;
	NF_REQUIRE(reply->len <= NF_MESSAGE_MAX);
	nf_cur_init(&cur, reply->p, reply->len, NULL);
	if (FUZZ_OK(nf_wire_reply_read(&cur, cmd, rep) == 0))
		NF_REQUIRE(nf_view_printable(rep->reason));
	return rep->status;
}

static void
must(const struct nf_command *cmd, struct nf_buf *reply,
    struct nf_reply *rep)
{
	struct nf_buf bytes = NF_BUF_INIT;

	nf_args_wipe(&rep->args);
	nf_buf_wipe(reply);
	nf_wire_command_write(&bytes, cmd);
	NF_REQUIRE(transact(nf_buf_view(&bytes), cmd->cmd, reply, rep) ==
	    NF_ST_OK);
	nf_buf_wipe(&bytes);
}

/* The RSA key that every input starts with, as blobs under the null key. */
static void
make_key(void)
{
	struct nf_command cmd = { .cmd = NF_CMD_GENERATEKEYPAIR };
	struct nf_buf reply = NF_BUF_INIT;
	struct nf_reply rep = { 0 };
	uint32_t id[2];

	cmd.args.module = 1;
	cmd.args.genparams.type = NF_KEY_RSAPRIVATE;
	cmd.args.genparams.len = 2048;
	cmd.args.acl = nf_acl_new();
	NF_REQUIRE(cmd.args.acl != NULL);
	nf_group_action_add(nf_acl_group_add(cmd.args.acl),
	    NF_ACT_OPPERMISSIONS)->flags = 0xffff;
	nf_group_action_add(&cmd.args.acl->group[0],
	    NF_ACT_MAKEBLOB)->flags = 0x23;
	(void)nf_group_action_add(&cmd.args.acl->group[0],
	    NF_ACT_MAKEARCHIVEBLOB);
	cmd.args.acl2 = cmd.args.acl;
	must(&cmd, &reply, &rep);
	nf_acl_free(cmd.args.acl);
	id[0] = rep.args.key;
	id[1] = rep.args.key2;
	for (size_t i = 0; i < 2; i++) {
		cmd = (struct nf_command){ .cmd = NF_CMD_MAKEBLOB };
		cmd.args.format = NF_BLOB_MODULE;
		cmd.args.key = id[i];
		memcpy(cmd.args.hash, nf_mod_null_aes_hash, NF_HASH_LEN);
		must(&cmd, &reply, &rep);
		nf_buf_view_put(&blob[i], rep.args.data);
	}
	nf_args_wipe(&rep.args);
	nf_buf_wipe(&reply);
}

static void
start(void)
{
	fuzz_dir(dir);
	NF_REQUIRE(nf_module_open(dir, dir, &module, NULL) == 0);
	make_key();
	NF_REQUIRE(atexit(clean_up) == 0);
}

/* The same beginning for every input; not through commands, which would
 * write the state to the disk. */
static void
reset(void)
{
	struct nf_command cmd = { .cmd = NF_CMD_LOADBLOB };
	struct nf_buf reply = NF_BUF_INIT;
	struct nf_reply rep = { 0 };

	if (module->ic != 0)
		remove_cards();
	nf_mod_objects_clear(module);
	nf_mod_common_clear(module->common);
	module->alone.joined = 0;
	memset(&module->card, 0, sizeof(module->card));
	module->ic = 0;
	module->next_id = 0;
	module->nv.mode = NF_MODE_INITIALISATION;
	module->nv.n_kms = 0;
	memset(module->nv.hknso, 0, NF_HASH_LEN);
	cmd.args.module = 1;
	for (size_t i = 0; i < 2; i++) {
		cmd.args.data = nf_buf_view(&blob[i]);
		must(&cmd, &reply, &rep);
	}
	nf_args_wipe(&rep.args);
	nf_buf_wipe(&reply);
}

/* What a trace says of it is ASCII without line ends. */
static void
traced(const struct nf_command *cmd)
{
	struct nf_buf json = NF_BUF_INIT;

	nf_wire_args_json(&json, cmd->cmd, false, &cmd->args);
	if (FUZZ_OK(nf_buf_err(&json) == 0))
		NF_REQUIRE(json.len >= 2 &&
		    nf_view_printable(nf_buf_view(&json)));
	nf_buf_wipe(&json);
}

static void
one_command(struct nf_view v)
{
	struct nf_command *cmd = calloc(1, sizeof(*cmd));
	struct nf_reply *rep = calloc(1, sizeof(*rep));
	struct nf_buf out = NF_BUF_INIT;
	uint32_t number = NF_CMD_NOOP;
	struct nf_cur cur;
	bool slow = false;

	if (!FUZZ_OK(cmd != NULL && rep != NULL))
		goto out;
	nf_cur_init(&cur, v.p, v.len, NULL);
	if (nf_wire_command_read(&cur, cmd) == 0) {
		nf_wire_command_write(&out, cmd);
		fuzz_same(&out, v.p, v.len);
		traced(cmd);
		number = cmd->cmd;
		slow = number == NF_CMD_GENERATEKEYPAIR &&
		    cmd->args.genparams.type == NF_KEY_RSAPRIVATE;
	}
	if (!slow)
		(void)transact(v, number, &out, rep);
	nf_args_wipe(&cmd->args);
	nf_args_wipe(&rep->args);
	nf_buf_wipe(&out);
out:
	free(cmd);
	free(rep);
}

void
target_command(const uint8_t *data, size_t size)
{
	struct nf_cur cur;

	nf_fail_off();
	if (module == NULL)
		start();
	reset();
	fuzz_inject();
	nf_cur_init(&cur, data, size, NULL);
	for (int i = 0; i < COMMANDS_MAX && nf_cur_left(&cur) > 4; i++) {
		struct nf_view v = nf_cur_bytes(&cur, "command",
		    nf_cur_count(&cur, "length", 1, 2 * NF_MESSAGE_MAX));

		if (nf_cur_err(&cur) != 0)
			v = nf_view_of(data, size);
		one_command(v);
	}
}
