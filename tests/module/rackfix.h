/* SPDX-License-Identifier: Apache-2.0 */
/* A rack of fresh modules and connections to it, for the module's tests; Check
 * runs each case in a process of its own. */
#ifndef NF_TESTS_MODULE_RACKFIX_H
#define NF_TESTS_MODULE_RACKFIX_H

#include "nfast/module/rack.h"
#include "nfast/wire/command.h"
#include "nfast/wire/modcert.h"
#include "nfast/wire/names.h"
#include "tests/files.h"

static struct {
	char dir[NF_PATH_MAX];
	struct nf_rack *rack;
	uint64_t last;
	struct nf_buf bytes;
	struct nf_reply reply;
} rx;

static inline void
rx_open(uint32_t n)
{
	const char *dirs[NF_RACK_MAX];
	static char state[NF_RACK_MAX][NF_PATH_MAX];

	nf_tap_dir("rack", rx.dir);
	for (uint32_t i = 0; i < n; i++) {
		ck_assert_int_eq(nf_path(state[i], NULL, "%s/sim%u", rx.dir,
		    i + 1), 0);
		dirs[i] = state[i];
	}
	ck_assert_int_eq(nf_rack_open(dirs, n, &rx.rack, NULL), 0);
}

static inline void
rx_close(void)
{
	nf_args_wipe(&rx.reply.args);
	nf_buf_wipe(&rx.bytes);
	nf_rack_close(rx.rack);
	nf_tap_remove(rx.dir);
}

/* A new connection. */
static inline struct nf_rack_client
rx_connect(bool privileged)
{
	struct nf_rack_client who = { .id = ++rx.last,
	    .privileged = privileged };

	return who;
}

/* Carry out bytes; the reply, to command number cmd, is in rx.reply. */
static inline uint32_t
rx_bytes(struct nf_rack_client *who, struct nf_view bytes, uint32_t cmd)
{
	struct nf_cur cur;

	nf_args_wipe(&rx.reply.args);
	nf_buf_wipe(&rx.bytes);
	ck_assert_int_eq(nf_rack_transact(rx.rack, who, bytes, &rx.bytes),
	    0);
	nf_cur_init(&cur, rx.bytes.p, rx.bytes.len, NULL);
	ck_assert_int_eq(nf_wire_reply_read(&cur, cmd, &rx.reply), 0);
	return rx.reply.status;
}

static inline uint32_t
rx_call(struct nf_rack_client *who, const struct nf_command *cmd)
{
	struct nf_buf bytes = NF_BUF_INIT;
	uint32_t status;

	nf_wire_command_write(&bytes, cmd);
	ck_assert_int_eq(nf_buf_err(&bytes), 0);
	status = rx_bytes(who, nf_buf_view(&bytes), cmd->cmd);
	nf_buf_wipe(&bytes);
	return status;
}

/* Each shorter form of the command is malformed, and one byte longer. */
static inline void
rx_lengths(struct nf_rack_client *who, const struct nf_command *cmd)
{
	struct nf_buf bytes = NF_BUF_INIT;

	nf_wire_command_write(&bytes, cmd);
	for (size_t n = 16; n < bytes.len; n++)
		ck_assert_uint_eq(rx_bytes(who, nf_view_of(bytes.p, n),
		    cmd->cmd), NF_ST_MALFORMED);
	nf_buf_u8(&bytes, 0);
	ck_assert_uint_eq(rx_bytes(who, nf_buf_view(&bytes), cmd->cmd),
	    NF_ST_MALFORMED);
	nf_buf_wipe(&bytes);
}

/* A command with one key as its only argument. */
static inline uint32_t
rx_key(struct nf_rack_client *who, uint32_t number, uint32_t key)
{
	struct nf_command cmd = { .cmd = number };

	cmd.args.key = key;
	return rx_call(who, &cmd);
}

/* Its hash is at hand: the connection has the key. */
static inline bool
rx_has(struct nf_rack_client *who, uint32_t key)
{
	return rx_key(who, NF_CMD_GETKEYINFO, key) == NF_ST_OK;
}

/* Import a key with these OpPermissions and an archive right. */
static inline uint32_t
rx_import(struct nf_rack_client *who, uint32_t module,
    const struct nf_keydata *key, uint32_t perms)
{
	struct nf_command cmd = { .cmd = NF_CMD_IMPORT };
	struct nf_acl *acl = nf_acl_new();
	struct nf_group *g = nf_acl_group_add(acl);

	nf_group_action_add(g, NF_ACT_OPPERMISSIONS)->flags = perms;
	(void)nf_group_action_add(g, NF_ACT_MAKEARCHIVEBLOB);
	cmd.args.module = module;
	cmd.args.keydata = *key;
	cmd.args.acl = acl;
	ck_assert_uint_eq(rx_call(who, &cmd), NF_ST_OK);
	nf_acl_free(acl);
	return rx.reply.args.key;
}

/* The AES key of 32 such bytes. */
static inline uint32_t
rx_aes(struct nf_rack_client *who, uint32_t module, uint8_t byte)
{
	struct nf_keydata key = { .type = NF_KEY_RIJNDAEL };
	uint8_t k[32];

	memset(k, byte, sizeof(k));
	key.v[NF_SYM_K] = nf_view_of(k, sizeof(k));
	return rx_import(who, module, &key, 0xffff);
}

static inline uint32_t
rx_encrypt(struct nf_rack_client *who, uint32_t key)
{
	struct nf_command cmd = { .cmd = NF_CMD_ENCRYPT };

	cmd.args.key = key;
	cmd.args.mech = NF_MECH_RIJNDAELMCBCI128PPKCS5;
	cmd.args.plain.type = NF_PLAIN_BYTES;
	cmd.args.plain.v = nf_view_of("message", 7);
	return rx_call(who, &cmd);
}

static inline uint32_t
rx_clear(struct nf_rack_client *who, uint32_t module)
{
	struct nf_command cmd = { .cmd = NF_CMD_CLEARUNITEX };

	cmd.args.module = module;
	return rx_call(who, &cmd);
}

static inline uint32_t
rx_new_client(struct nf_rack_client *who, uint8_t id[static NF_HASH_LEN])
{
	struct nf_command cmd = { .cmd = NF_CMD_NEWCLIENT };
	uint32_t status = rx_call(who, &cmd);

	memcpy(id, rx.reply.args.client, NF_HASH_LEN);
	return status;
}

static inline uint32_t
rx_join(struct nf_rack_client *who, const uint8_t id[static NF_HASH_LEN])
{
	struct nf_command cmd = { .cmd = NF_CMD_EXISTINGCLIENT };

	memcpy(cmd.args.client, id, NF_HASH_LEN);
	return rx_call(who, &cmd);
}

/* The merged id is in rx.reply.args.key. */
static inline uint32_t
rx_merge(struct nf_rack_client *who, const uint32_t *key, uint32_t n)
{
	struct nf_command cmd = { .cmd = NF_CMD_MERGEKEYIDS };

	cmd.args.n_keys = n;
	memcpy(cmd.args.keys, key, n * sizeof(*key));
	return rx_call(who, &cmd);
}

#endif
