/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "tests/files.h"
#include "tests/module/client.h"

const uint8_t client_null_aes[NF_HASH_LEN] = {
	0xc2, 0xbe, 0x99, 0xfe, 0x1c, 0x77, 0xf1, 0xb7, 0x5d, 0x48,
	0xe2, 0xfd, 0x2d, 0xf8, 0xdf, 0xfc, 0x0c, 0x96, 0x9b, 0xcb
};

void
client_open(struct client *c)
{
	memset(c, 0, sizeof(*c));
	nf_tap_dir("module", c->dir);
	ck_assert_int_eq(nf_module_open(c->dir, c->dir, &c->module, NULL), 0);
}

void
client_restart(struct client *c)
{
	nf_args_wipe(&c->reply.args);
	nf_module_close(c->module);
	ck_assert_int_eq(nf_module_open(c->dir, c->dir, &c->module, NULL), 0);
}

void
client_close(struct client *c)
{
	nf_args_wipe(&c->reply.args);
	nf_buf_wipe(&c->reply_bytes);
	nf_module_close(c->module);
	nf_tap_remove(c->dir);
}

uint32_t
client_call(struct client *c, const struct nf_command *cmd)
{
	struct nf_buf bytes = NF_BUF_INIT;
	struct nf_cur cur;

	nf_args_wipe(&c->reply.args);
	nf_buf_wipe(&c->reply_bytes);
	nf_wire_command_write(&bytes, cmd);
	ck_assert_int_eq(nf_buf_err(&bytes), 0);
	ck_assert_int_eq(nf_module_transact(c->module, nf_buf_view(&bytes),
	    &c->reply_bytes), 0);
	nf_buf_wipe(&bytes);
	nf_cur_init(&cur, c->reply_bytes.p, c->reply_bytes.len, NULL);
	ck_assert_int_eq(nf_wire_reply_read(&cur, cmd->cmd, &c->reply), 0);
	ck_assert_uint_eq(c->reply.tag, cmd->tag);
	return c->reply.status;
}

void
client_mode(struct client *c, uint32_t mode)
{
	struct nf_command cmd = { .cmd = NF_CMD_CLEARUNITEX };

	cmd.args.module = 1;
	cmd.args.mode = mode;
	ck_assert_uint_eq(client_call(c, &cmd), NF_ST_OK);
}

struct nf_acl *
client_acl(uint32_t perms, uint32_t blob_flags)
{
	struct nf_acl *acl = nf_acl_new();
	struct nf_group *g = nf_acl_group_add(acl);

	nf_group_action_add(g, NF_ACT_OPPERMISSIONS)->flags = perms;
	if (blob_flags != 0)
		nf_group_action_add(g, NF_ACT_MAKEBLOB)->flags = blob_flags;
	return acl;
}

uint32_t
client_generate(struct client *c, uint32_t type, uint32_t len,
    struct nf_acl *acl, uint32_t perms_pub, uint32_t *pub)
{
	bool pair = nf_wire_keykind(type) == NF_KIND_PRIVATE;
	struct nf_command cmd = { .cmd = pair ? NF_CMD_GENERATEKEYPAIR :
	    NF_CMD_GENERATEKEY };

	cmd.args.module = 1;
	cmd.args.genparams.type = type;
	if (nf_wire_key_is_ec(type))
		cmd.args.genparams.curve = len;
	else
		cmd.args.genparams.len = len;
	cmd.args.acl = acl;
	cmd.args.acl2 = client_acl(perms_pub, 0x23);
	ck_assert_uint_eq(client_call(c, &cmd), NF_ST_OK);
	nf_acl_free(cmd.args.acl);
	nf_acl_free(cmd.args.acl2);
	if (pub != NULL)
		*pub = c->reply.args.key2;
	return c->reply.args.key;
}

uint32_t
client_world(struct client *c, uint8_t hknso[static NF_HASH_LEN],
    uint8_t hkm[static NF_HASH_LEN])
{
	struct nf_command cmd = { .cmd = NF_CMD_INITIALISEUNITEX };
	struct nf_buf nso = NF_BUF_INIT;
	uint32_t id;

	client_mode(c, NF_MODE_INITIALISATION);
	cmd.args.module = 1;
	cmd.args.word = NF_KML_DSA1024;
	ck_assert_uint_eq(client_call(c, &cmd), NF_ST_OK);
	id = client_generate(c, NF_KEY_DSAPRIVATE, 1024,
	    client_acl(NF_PERM_SIGN | NF_PERM_USEASCERTIFICATE, 0x23), 0,
	    NULL);
	ck_assert_uint_eq(client_key(c, NF_CMD_GETKEYINFO, id), NF_ST_OK);
	memcpy(hknso, c->reply.args.hash, NF_HASH_LEN);
	ck_assert_uint_eq(client_make_blob(c, id, client_null_aes, &nso),
	    NF_ST_OK);
	cmd.cmd = NF_CMD_SETNSOPERMS;
	cmd.args.word = 0x4e4f;
	memcpy(cmd.args.hash, hknso, NF_HASH_LEN);
	ck_assert_uint_eq(client_call(c, &cmd), NF_ST_OK);
	id = client_generate(c, NF_KEY_RIJNDAEL, 32,
	    client_acl(NF_PERM_USEASKM, 0), 0, NULL);
	ck_assert_uint_eq(client_key(c, NF_CMD_GETKEYINFO, id), NF_ST_OK);
	memcpy(hkm, c->reply.args.hash, NF_HASH_LEN);
	cmd.cmd = NF_CMD_SETKM;
	cmd.args.key = id;
	ck_assert_uint_eq(client_call(c, &cmd), NF_ST_OK);
	client_mode(c, NF_MODE_OPERATIONAL);
	ck_assert_uint_eq(client_load_blob(c, &nso, 0, &id), NF_ST_OK);
	nf_buf_wipe(&nso);
	return id;
}

uint32_t
client_key(struct client *c, uint32_t cmd, uint32_t key)
{
	struct nf_command command = { .cmd = cmd };

	command.args.key = key;
	return client_call(c, &command);
}

uint32_t
client_sign(struct client *c, uint32_t key, uint32_t mech)
{
	struct nf_command cmd = { .cmd = NF_CMD_SIGN };

	cmd.args.key = key;
	cmd.args.mech = mech;
	cmd.args.plain.type = NF_PLAIN_BYTES;
	cmd.args.plain.v = nf_view_of("message", 7);
	return client_call(c, &cmd);
}

uint32_t
client_make_blob(struct client *c, uint32_t key,
    const uint8_t hkm[static NF_HASH_LEN], struct nf_buf *out)
{
	struct nf_command cmd = { .cmd = NF_CMD_MAKEBLOB };
	uint32_t status;

	cmd.args.format = NF_BLOB_MODULE;
	cmd.args.key = key;
	memcpy(cmd.args.hash, hkm, NF_HASH_LEN);
	if ((status = client_call(c, &cmd)) == NF_ST_OK)
		nf_buf_view_put(out, c->reply.args.data);
	return status;
}

uint32_t
client_load_blob(struct client *c, const struct nf_buf *blob, uint32_t key2,
    uint32_t *key)
{
	struct nf_command cmd = { .cmd = NF_CMD_LOADBLOB };
	uint32_t status;

	cmd.args.module = 1;
	cmd.args.data = nf_buf_view(blob);
	cmd.args.flags = key2 != 0 ? NF_LOADBLOB_KEY : 0;
	cmd.args.key2 = key2;
	if ((status = client_call(c, &cmd)) == NF_ST_OK)
		*key = c->reply.args.key;
	return status;
}
