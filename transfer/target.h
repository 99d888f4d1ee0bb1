/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The key that is transferred: how one is opened, checked (see eligible.h),
 * asked for its ACL and given another by the holders of the administrator
 * cards.
 */
#ifndef NF_TRANSFER_TARGET_H
#define NF_TRANSFER_TARGET_H

#include "nfast/host/appkey.h"
#include "transfer/eligible.h"
#include "transfer/reduce.h"

/*
 * Where a key goes: what a verified pair of region packages says.
 *   kek        public half of the key exchange key, borrowed
 *   kek_ident  its ident under the application name "xferwrapping"
 *   insecure   they were made from a seed
 */
struct nf_xfer_dest {
	struct nf_xfer_region region;
	struct nf_keydata kek;
	const char *kek_ident;
	bool insecure;
};

/* A key file that passed nf_xfer_target_open(), and what is in it. */
struct nf_xfer_target {
	struct nf_appkey_file file;
	struct nf_buf pubbytes;
	struct nf_keydata pub;		/* RSA, borrowed from pubbytes */
};

/*
 * Load key_APP_IDENT of the world's directory and check that method 1 takes
 * it, as nf_xfer_key_check() does.
 *   out  wipe with nf_xfer_target_wipe(), also after a failure
 * Errors: those of nf_appkey_open() and nf_xfer_key_check().
 */
int nf_xfer_target_open(const struct nf_world *world, const char *app,
    const char *ident, struct nf_xfer_target *out, struct nf_diag *diag);
void nf_xfer_target_wipe(struct nf_xfer_target *t);

/*
 * Load the private half into the module and get its ACL.
 *   id   the loaded key; destroy it when 0 was returned
 *   own  backs acl
 *   acl  new; free with nf_acl_free()
 * Errors: those of nf_appkey_load() and of the host.
 */
int nf_xfer_target_load(struct nf_host *host, const struct nf_xfer_target *t,
    uint32_t *id, struct nf_buf *own, struct nf_acl **acl,
    struct nf_diag *diag);

/*
 * The spelling in which the reduced copy of an ident exists: NF_XFER_APP, or
 * NF_XFER_APP_ALT when only that exists; NULL when there is none.
 */
const char *nf_xfer_reduced_app(const struct nf_world *world,
    const char *ident);

/*
 * Read the quorum of administrator cards and load KNSO; destroy it when done.
 * Errors: those of nf_pins_open() and nf_world_admin_load().
 */
int nf_xfer_knso_load(struct nf_host *host, const struct nf_world *world,
    void (*progress)(const char *line), uint32_t *knso,
    struct nf_diag *diag);

/*
 * Blob a loaded key under the world's module key with another ACL, as the
 * loaded KNSO allows.  Errors: those of the host.
 */
int nf_xfer_reblob(struct nf_host *host, const struct nf_world *world,
    uint32_t key, uint32_t knso, struct nf_acl *acl, struct nf_buf *blob,
    struct nf_diag *diag);

#endif
