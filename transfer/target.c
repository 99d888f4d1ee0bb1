/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "transfer/target.h"

int
nf_xfer_names_check(const char *app, const char *ident, struct nf_diag *diag)
{
	if ((app != NULL && strlen(app) > NF_XFER_NAME_MAX) ||
	    strlen(ident) > NF_XFER_NAME_MAX)
		return nf_diag_set(diag, NF_E_POLICY, NULL,
		    "Application and identifiers cannot exceed %d "
		    "characters.", NF_XFER_NAME_MAX);
	return 0;
}

/* Protection, and that there is a public half at all. */
static int
kind_check(const struct nf_km_key *key, struct nf_diag *diag)
{
	if (strcmp(nf_km_key_protection(key), "module") != 0)
		return nf_diag_set(diag, NF_E_POLICY, NULL,
		    "the key is protected by a card set or softcard; only "
		    "keys with protect=module can be transferred");
	if (key->privblob.p == NULL)
		return nf_diag_set(diag, NF_E_POLICY, NULL,
		    "the file has no private key");
	if (key->pubblob.p == NULL)
		return nf_diag_set(diag, NF_E_POLICY, NULL,
		    "symmetric keys cannot be transferred, only RSA keys");
	return 0;
}

static int
rsa_check(const struct nf_keydata *pub, struct nf_diag *diag)
{
	size_t bits = nf_wire_keydata_bits(pub);

	if (nf_wire_key_is_ec(pub->type))
		return nf_diag_set(diag, NF_E_POLICY, NULL,
		    "EC keys cannot be transferred, only RSA keys");
	if (pub->type != NF_KEY_RSAPUBLIC)
		return nf_diag_set(diag, NF_E_POLICY, NULL,
		    "only RSA keys can be transferred, and this one is %s",
		    nf_name_find(nf_wire_keytypes, pub->type) == NULL ?
		    "of another type" :
		    nf_name_find(nf_wire_keytypes, pub->type));
	if (bits != 1024 && bits != 2048)
		return nf_diag_set(diag, NF_E_POLICY, NULL,
		    "RSA keys of %zu bits cannot be transferred, only those "
		    "of 1024 and 2048", bits);
	return 0;
}

int
nf_xfer_target_open(const struct nf_world *world, const char *app,
    const char *ident, struct nf_xfer_target *out, struct nf_diag *diag)
{
	int r;

	memset(out, 0, sizeof(*out));
	if ((r = nf_appkey_open(world, app, ident, &out->file, diag)) != 0)
		return r;
	if ((r = kind_check(&out->file.key, diag)) == 0 &&
	    (r = nf_appkey_public(&out->file.key, &out->pubbytes, &out->pub,
	    diag)) == 0 && (r = rsa_check(&out->pub, diag)) == 0)
		r = nf_appkey_verify(&out->file.key, diag);
	if (r != 0)
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
