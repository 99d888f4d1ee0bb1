/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "transfer/modify.h"

/* An ident that has a reduced copy keeps it; say what that copy is. */
static int
refuse_existing(struct nf_host *host, const struct nf_world *world,
    const char *ident, const struct nf_xfer_dest *dest, struct nf_diag *diag)
{
	const char *app = nf_xfer_reduced_app(world, ident);
	struct nf_buf own = NF_BUF_INIT;
	struct nf_xfer_target old;
	struct nf_acl *acl = NULL;
	struct nf_diag why;
	uint32_t id = 0;
	int r;

	if (app == NULL)
		return 0;
	memset(&why, 0, sizeof(why));
	if ((r = nf_xfer_target_open(world, app, ident, &old, &why)) == 0 &&
	    (r = nf_xfer_target_load(host, &old, &id, &own, &acl,
	    &why)) == 0)
		r = nf_xfer_check_reduced(acl, &dest->region, &why);
	if (id != 0)
		(void)nf_host_destroy(host, id, NULL);
	nf_acl_free(acl);
	nf_buf_wipe(&own);
	nf_xfer_target_wipe(&old);
	nf_diag_set(diag, NF_E_EXISTS, NULL, "%s; remove or rename this "
	    "file to reduce the key again", r == 0 ?
	    "exists already and was reduced for this very region" :
	    why.text);
	nf_diag_where(diag, "%s/key_%s_%s", world->dir, app, ident);
	return NF_E_EXISTS;
}

/* What was written loads as the same key with the reduced ACL. */
static int
read_back(struct nf_host *host, const struct nf_xfer_target *target,
    const struct nf_xfer_dest *dest, struct nf_view blob,
    struct nf_diag *diag)
{
	struct nf_xfer_target copy = *target;
	struct nf_buf own = NF_BUF_INIT;
	struct nf_acl *acl = NULL;
	uint32_t id = 0;
	int r;

	copy.file.key.privblob = blob;
	if ((r = nf_xfer_target_load(host, &copy, &id, &own, &acl,
	    diag)) == 0)
		r = nf_xfer_check_reduced(acl, &dest->region, diag);
	if (id != 0)
		(void)nf_host_destroy(host, id, NULL);
	nf_acl_free(acl);
	nf_buf_wipe(&own);
	return r;
}

static int
record(const struct nf_world *world, const struct nf_xfer_target *target,
    struct nf_view blob, char *path, struct nf_diag *diag)
{
	struct nf_km_key copy = target->file.key;

	copy.appname = nf_view_of(NF_XFER_APP, strlen(NF_XFER_APP));
	copy.privblob = blob;
	copy.recovblob = (struct nf_view){ NULL, 0 };
	return nf_appkey_record(world, &copy, path, diag);
}

/* The part that needs the administrator cards. */
static int
with_cards(struct nf_host *host, const struct nf_world *world, uint32_t key,
    struct nf_acl *acl, void (*progress)(const char *), struct nf_buf *blob,
    struct nf_diag *diag)
{
	uint32_t knso = 0;
	int r;

	if ((r = nf_xfer_knso_load(host, world, progress, &knso,
	    diag)) != 0)
		return r;
	r = nf_xfer_reblob(host, world, key, knso, acl, blob, diag);
	(void)nf_host_destroy(host, knso, NULL);
	return r;
}

int
nf_xfer_modify(struct nf_host *host, const struct nf_world *world,
    const char *app, const char *ident, const struct nf_xfer_dest *dest,
    void (*progress)(const char *line), struct nf_buf *diff,
    char path[static NF_PATH_MAX], struct nf_diag *diag)
{
	struct nf_buf own = NF_BUF_INIT, blob = NF_BUF_INIT;
	struct nf_acl *old = NULL, *reduced = NULL;
	struct nf_xfer_target target;
	uint32_t key = 0;
	int r;

	path[0] = '\0';
	if ((r = nf_xfer_target_open(world, app, ident, &target, diag)) != 0)
		goto out;
	if ((r = refuse_existing(host, world, ident, dest, diag)) != 0)
		goto out;
	if ((r = nf_xfer_target_load(host, &target, &key, &own, &old,
	    diag)) != 0 ||
	    (r = nf_xfer_changeable(old, world->hash[NF_ADMIN_NSO],
	    diag)) != 0 ||
	    (r = nf_xfer_reduce(old, &dest->region, &reduced, diag)) != 0) {
		nf_diag_where(diag, "key_%s_%s", app, ident);
		goto out;
	}
	if ((r = with_cards(host, world, key, reduced, progress, &blob,
	    diag)) != 0 || (r = read_back(host, &target, dest,
	    nf_buf_view(&blob), diag)) != 0 || (r = record(world, &target,
	    nf_buf_view(&blob), path, diag)) != 0)
		goto out;
	nf_xfer_acl_diff(diff, old, reduced);
out:
	if (key != 0)
		(void)nf_host_destroy(host, key, NULL);
	nf_acl_free(old);
	nf_acl_free(reduced);
	nf_buf_wipe(&own);
	nf_buf_wipe(&blob);
	nf_xfer_target_wipe(&target);
	return r;
}
