/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "nfast/wire/blob.h"
#include "transfer/target.h"

int
nf_xfer_target_open(const struct nf_world *world, const char *app,
    const char *ident, struct nf_xfer_target *out, struct nf_diag *diag)
{
	int r;

	memset(out, 0, sizeof(*out));
	if ((r = nf_appkey_open(world, app, ident, &out->file, diag)) != 0)
		return r;
	if ((r = nf_xfer_key_check(&out->file.key, &out->pubbytes, &out->pub,
	    diag)) != 0)
		nf_diag_where(diag, "key_%s_%s", app, ident);
	return r;
}

void
nf_xfer_target_wipe(struct nf_xfer_target *t)
{
	nf_appkey_file_wipe(&t->file);
	nf_buf_wipe(&t->pubbytes);
	memset(&t->pub, 0, sizeof(t->pub));
}

static int
acl_get(struct nf_host *host, uint32_t id, struct nf_buf *own,
    struct nf_acl **acl, struct nf_diag *diag)
{
	struct nf_command cmd = { .cmd = NF_CMD_GETACL };
	struct nf_reply reply;
	struct nf_cur cur;
	int r;

	cmd.args.key = id;
	memset(&reply, 0, sizeof(reply));
	if ((r = nf_host_call(host, &cmd, &reply, diag)) != 0)
		goto out;
	/* The reply's views end with the next call. */
	nf_wire_acl_write(own, reply.args.acl);
	if ((r = nf_buf_err(own)) != 0) {
		(void)nf_diag_set(diag, r, "ACL", "%s", nf_err_text(r));
		goto out;
	}
	nf_cur_init(&cur, own->p, own->len, diag);
	r = nf_wire_acl_read(&cur, acl);
out:
	nf_args_wipe(&reply.args);
	return r;
}

int
nf_xfer_target_load(struct nf_host *host, const struct nf_xfer_target *t,
    uint32_t *id, struct nf_buf *own, struct nf_acl **acl,
    struct nf_diag *diag)
{
	uint32_t key = 0;
	int r;

	*acl = NULL;
	*id = 0;
	if ((r = nf_appkey_load(host, &t->file.key, &key, diag)) != 0)
		return r;
	if ((r = acl_get(host, key, own, acl, diag)) != 0) {
		(void)nf_host_destroy(host, key, NULL);
		return r;
	}
	*id = key;
	return 0;
}

const char *
nf_xfer_reduced_app(const struct nf_world *world, const char *ident)
{
	static const char *const apps[] = { NF_XFER_APP, NF_XFER_APP_ALT };
	char path[NF_PATH_MAX];

	for (size_t i = 0; i < sizeof(apps) / sizeof(apps[0]); i++) {
		if (nf_km_store_key_path(world->dir, apps[i], ident, path,
		    NULL) == 0 && nf_file_exists(path))
			return apps[i];
	}
	return NULL;
}

int
nf_xfer_knso_load(struct nf_host *host, const struct nf_world *world,
    void (*progress)(const char *line), uint32_t *knso, struct nf_diag *diag)
{
	static const enum nf_admin nso = NF_ADMIN_NSO;
	struct nf_pins *pins = NULL;
	int r;

	*knso = 0;
	if ((r = nf_pins_open(world->acs_k, &pins, diag)) != 0)
		return r;
	r = nf_world_admin_load(host, world, pins, &nso, 1, knso, progress,
	    diag);
	nf_pins_close(pins);
	return r;
}

int
nf_xfer_reblob(struct nf_host *host, const struct nf_world *world,
    uint32_t key, uint32_t knso, struct nf_acl *acl, struct nf_buf *blob,
    struct nf_diag *diag)
{
	struct nf_command cmd = { .cmd = NF_CMD_MAKEBLOB };

	cmd.args.flags = NF_MAKEBLOB_ACL;
	cmd.args.format = NF_BLOB_MODULE;
	cmd.args.key = key;
	memcpy(cmd.args.hash, world->hash[NF_ADMIN_M], NF_HASH_LEN);
	cmd.args.acl = acl;
	cmd.certs.n = 1;
	cmd.certs.cert[0].type = NF_CERT_SIGNINGKEY;
	cmd.certs.cert[0].keyid = knso;
	memcpy(cmd.certs.cert[0].keyhash, world->hash[NF_ADMIN_NSO],
	    NF_HASH_LEN);
	return nf_host_make_blob(host, &cmd, blob, diag);
}
