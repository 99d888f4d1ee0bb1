/* SPDX-License-Identifier: Apache-2.0 */
/* Single commands as functions; nothing here knows files or worlds. */
#include "config.h"

#include <string.h>

#include "nfast/base/pkey.h"
#include "nfast/host/hostcmd.h"
#include "nfast/kmdata/sigtext.h"
#include "nfast/wire/blob.h"

const uint8_t nf_null_aes_hash[NF_HASH_LEN] = {
	0xc2, 0xbe, 0x99, 0xfe, 0x1c, 0x77, 0xf1, 0xb7, 0x5d, 0x48,
	0xe2, 0xfd, 0x2d, 0xf8, 0xdf, 0xfc, 0x0c, 0x96, 0x9b, 0xcb
};

/* A command whose reply holds one key id, or nothing. */
static int
call_key(struct nf_host *host, const struct nf_command *cmd, uint32_t *key,
    struct nf_diag *diag)
{
	struct nf_reply reply;
	int r = nf_host_call(host, cmd, &reply, diag);

	if (key != NULL)
		*key = r == 0 ? reply.args.key : 0;
	nf_args_wipe(&reply.args);
	return r;
}

/* A command whose reply holds bytes. */
static int
call_data(struct nf_host *host, const struct nf_command *cmd,
    struct nf_buf *out, struct nf_diag *diag)
{
	struct nf_reply reply;
	int r = nf_host_call(host, cmd, &reply, diag);

	if (r == 0 && out != NULL) {
		nf_buf_view_put(out, reply.args.data);
		if ((r = nf_buf_err(out)) != 0)
			(void)nf_diag_set(diag, r, NULL, "%s",
			    nf_err_text(r));
	}
	nf_args_wipe(&reply.args);
	return r;
}

int
nf_host_destroy(struct nf_host *host, uint32_t key, struct nf_diag *diag)
{
	struct nf_command cmd = { .cmd = NF_CMD_DESTROY };

	cmd.args.key = key;
	return call_key(host, &cmd, NULL, diag);
}

int
nf_host_clear(struct nf_host *host, uint32_t mode, struct nf_diag *diag)
{
	struct nf_command cmd = { .cmd = NF_CMD_CLEARUNITEX };

	cmd.args.module = NF_HOST_MODULE;
	cmd.args.mode = mode;
	return call_key(host, &cmd, NULL, diag);
}

int
nf_host_enquiry(struct nf_host *host, uint32_t *mode, char *esn,
    struct nf_diag *diag)
{
	struct nf_command cmd = { .cmd = NF_CMD_NEWENQUIRY };
	struct nf_reply reply;
	struct nf_view v;
	int r;

	esn[0] = '\0';
	cmd.args.module = NF_HOST_MODULE;
	if ((r = nf_host_call(host, &cmd, &reply, diag)) != 0)
		goto out;
	v = reply.args.enquiry.serial;
	if (v.len > NF_ESN_MAX || !nf_view_printable(v) ||
	    memchr(v.p, '/', v.len) != NULL) {
		r = nf_diag_set(diag, NF_E_FORMAT, "serial",
		    "the module's serial number is malformed");
		goto out;
	}
	memcpy(esn, v.p, v.len);
	esn[v.len] = '\0';
	*mode = reply.args.enquiry.mode;
out:
	nf_args_wipe(&reply.args);
	return r;
}

int
nf_host_make_blob(struct nf_host *host, const struct nf_command *cmd,
    struct nf_buf *out, struct nf_diag *diag)
{
	NF_REQUIRE(cmd->cmd == NF_CMD_MAKEBLOB);
	return call_data(host, cmd, out, diag);
}

int
nf_host_module_blob(struct nf_host *host, uint32_t key,
    const uint8_t hkm[static NF_HASH_LEN], struct nf_buf *out,
    struct nf_diag *diag)
{
	struct nf_command cmd = { .cmd = NF_CMD_MAKEBLOB };

	cmd.args.format = NF_BLOB_MODULE;
	cmd.args.key = key;
	memcpy(cmd.args.hash, hkm, NF_HASH_LEN);
	return nf_host_make_blob(host, &cmd, out, diag);
}

int
nf_host_load_blob(struct nf_host *host, struct nf_view blob, uint32_t key2,
    uint32_t *key, struct nf_diag *diag)
{
	struct nf_command cmd = { .cmd = NF_CMD_LOADBLOB };

	cmd.args.module = NF_HOST_MODULE;
	cmd.args.data = blob;
	if (key2 != 0) {
		cmd.args.flags = NF_LOADBLOB_KEY;
		cmd.args.key2 = key2;
	}
	return call_key(host, &cmd, key, diag);
}

int
nf_host_import(struct nf_host *host, const struct nf_keydata *key,
    struct nf_acl *acl, uint32_t *id, struct nf_diag *diag)
{
	struct nf_command cmd = { .cmd = NF_CMD_IMPORT };

	cmd.args.module = NF_HOST_MODULE;
	cmd.args.keydata = *key;
	cmd.args.acl = acl;
	return call_key(host, &cmd, id, diag);
}

int
nf_host_import_public(struct nf_host *host, const struct nf_keydata *key,
    uint32_t perms, uint32_t *id, struct nf_diag *diag)
{
	struct nf_acl *acl = nf_acl_new();
	struct nf_group *group = NULL;
	struct nf_action *action = NULL;
	int r;

	*id = 0;
	if (acl != NULL && (group = nf_acl_group_add(acl)) != NULL)
		action = nf_group_action_add(group, NF_ACT_OPPERMISSIONS);
	if (action == NULL) {
		r = nf_diag_set(diag, NF_E_NOMEM, NULL, "out of memory");
		goto out;
	}
	action->flags = perms;
	r = nf_host_import(host, key, acl, id, diag);
out:
	nf_acl_free(acl);
	return r;
}

int
nf_host_keyhash(struct nf_host *host, uint32_t key,
    uint8_t hash[static NF_HASH_LEN], struct nf_diag *diag)
{
	struct nf_command cmd = { .cmd = NF_CMD_GETKEYINFO };
	struct nf_reply reply;
	int r;

	cmd.args.key = key;
	if ((r = nf_host_call(host, &cmd, &reply, diag)) == 0)
		memcpy(hash, reply.args.hash, NF_HASH_LEN);
	nf_args_wipe(&reply.args);
	return r;
}

static size_t
number_copy(uint8_t out[static NF_KM_SIG_INT_MAX], struct nf_view v)
{
	v = nf_le_trim(v);
	if (v.len == 0 || v.len > NF_KM_SIG_INT_MAX)
		return 0;
	memcpy(out, v.p, v.len);
	return v.len;
}

void
nf_host_sigtext(struct nf_buf *text, const struct nf_cipher *sig)
{
	struct nf_km_sig s = { .mech = sig->mech };

	s.r_len = number_copy(s.r, sig->v[0]);
	s.s_len = number_copy(s.s, sig->v[1]);
	nf_km_sig_write(text, &s);
}

int
nf_host_sign(struct nf_host *host, uint32_t key, uint32_t mech,
    struct nf_view msg, struct nf_buf *text, struct nf_diag *diag)
{
	struct nf_command cmd = { .cmd = NF_CMD_SIGN };
	struct nf_reply reply;
	int r;

	cmd.args.key = key;
	cmd.args.mech = mech;
	cmd.args.plain.type = NF_PLAIN_BYTES;
	cmd.args.plain.v = msg;
	if ((r = nf_host_call(host, &cmd, &reply, diag)) == 0) {
		nf_host_sigtext(text, &reply.args.cipher);
		if ((r = nf_buf_err(text)) != 0)
			(void)nf_diag_set(diag, r, "signature",
			    "the module's signature has no text form");
	}
	nf_args_wipe(&reply.args);
	return r;
}

int
nf_host_new_client(struct nf_host *host, uint8_t id[static NF_HASH_LEN],
    struct nf_diag *diag)
{
	struct nf_command cmd = { .cmd = NF_CMD_NEWCLIENT };
	struct nf_reply reply;
	int r;

	if ((r = nf_host_call(host, &cmd, &reply, diag)) == 0)
		memcpy(id, reply.args.client, NF_HASH_LEN);
	nf_args_wipe(&reply.args);
	return r;
}

int
nf_host_join(struct nf_host *host, const uint8_t id[static NF_HASH_LEN],
    struct nf_diag *diag)
{
	struct nf_command cmd = { .cmd = NF_CMD_EXISTINGCLIENT };
	int r;

	memcpy(cmd.args.client, id, NF_HASH_LEN);
	r = call_key(host, &cmd, NULL, diag);
	explicit_bzero(&cmd, sizeof(cmd));
	return r;
}

int
nf_host_merge(struct nf_host *host, const uint32_t *key, uint32_t n,
    uint32_t *merged, struct nf_diag *diag)
{
	struct nf_command cmd = { .cmd = NF_CMD_MERGEKEYIDS };

	NF_REQUIRE(n <= NF_VECTOR_MAX);
	cmd.args.n_keys = n;
	memcpy(cmd.args.keys, key, n * sizeof(*key));
	return call_key(host, &cmd, merged, diag);
}

int
nf_host_random(struct nf_host *host, void *out, size_t len,
    struct nf_diag *diag)
{
	struct nf_command cmd = { .cmd = NF_CMD_GENERATERANDOM };
	struct nf_reply reply;
	int r;

	cmd.args.length = (uint32_t)len;
	if ((r = nf_host_call(host, &cmd, &reply, diag)) == 0) {
		if (reply.args.data.len == len)
			memcpy(out, reply.args.data.p, len);
		else
			r = nf_diag_set(diag, NF_E_FORMAT, "random",
			    "the module gave %zu bytes, not %zu",
			    reply.args.data.len, len);
	}
	nf_args_wipe(&reply.args);
	return r;
}

int
nf_host_kmlist(struct nf_host *host, uint8_t hknso[static NF_HASH_LEN],
    uint8_t (*hashes)[NF_HASH_LEN], uint32_t *n, struct nf_diag *diag)
{
	struct nf_command cmd = { .cmd = NF_CMD_GETKMLIST };
	struct nf_reply reply;
	int r;

	cmd.args.module = NF_HOST_MODULE;
	if ((r = nf_host_call(host, &cmd, &reply, diag)) == 0) {
		memcpy(hknso, reply.args.hash, NF_HASH_LEN);
		if (hashes != NULL) {
			*n = reply.args.n_hashes;
			memcpy(hashes, reply.args.hashes,
			    (size_t)*n * NF_HASH_LEN);
		}
	}
	nf_args_wipe(&reply.args);
	return r;
}

int
nf_host_kml(struct nf_host *host, uint32_t *key, struct nf_diag *diag)
{
	struct nf_command cmd = { .cmd = NF_CMD_GETKML };

	cmd.args.module = NF_HOST_MODULE;
	return call_key(host, &cmd, key, diag);
}

int
nf_host_dev(struct nf_host *host, uint32_t op, uint32_t index,
    const char *string, struct nf_buf *out, struct nf_diag *diag)
{
	struct nf_command cmd = { .cmd = NF_CMD_DEVTEST };

	cmd.args.module = NF_HOST_MODULE;
	cmd.args.word = op;
	cmd.args.index = index;
	cmd.args.string = nf_view_of(string, strlen(string));
	return call_data(host, &cmd, out, diag);
}
