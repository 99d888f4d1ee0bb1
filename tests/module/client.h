/* SPDX-License-Identifier: Apache-2.0 */
/* A module in a fresh directory, and calls to it, for the module's tests. */
#ifndef NF_TESTS_MODULE_CLIENT_H
#define NF_TESTS_MODULE_CLIENT_H

#include "nfast/base/curve.h"
#include "nfast/module/module.h"
#include "nfast/wire/blob.h"
#include "nfast/wire/command.h"
#include "nfast/wire/modcert.h"
#include "tests/tap.h"

struct client {
	char dir[NF_PATH_MAX];
	struct nf_module *module;
	struct nf_buf reply_bytes;
	struct nf_reply reply;
};

/* A factory-fresh module in a new directory below the build directory. */
void client_open(struct client *c);
/* Power off and on again: what is loaded is lost, the NV state stays. */
void client_restart(struct client *c);
/* Power off and remove the directory. */
void client_close(struct client *c);

/* Carry out a command; its reply is in c->reply.  Returns the status. */
uint32_t client_call(struct client *c, const struct nf_command *cmd);

/* Shorthands that assert success. */
void client_mode(struct client *c, uint32_t mode);
/* A world of sorts: KNSO (ECDSA-free: DSA-1024) and KM, in operational mode;
 * hknso and hkm as the module has them; returns the loaded KNSO's id. */
uint32_t client_world(struct client *c, uint8_t hknso[static NF_HASH_LEN],
    uint8_t hkm[static NF_HASH_LEN]);
/* Generate with an ACL, which is freed; public half with perms_pub. */
uint32_t client_generate(struct client *c, uint32_t type, uint32_t len,
    struct nf_acl *acl, uint32_t perms_pub, uint32_t *pub);

/* One group with OpPermissions and, when blob_flags is not 0, MakeBlob. */
struct nf_acl *client_acl(uint32_t perms, uint32_t blob_flags);

/* Commands with one key as their only argument. */
uint32_t client_key(struct client *c, uint32_t cmd, uint32_t key);
/* Sign "message" with a mechanism. */
uint32_t client_sign(struct client *c, uint32_t key, uint32_t mech);
/* Module blob; the bytes are appended to out when the status is OK. */
uint32_t client_make_blob(struct client *c, uint32_t key,
    const uint8_t hkm[static NF_HASH_LEN], struct nf_buf *out);
uint32_t client_load_blob(struct client *c, const struct nf_buf *blob,
    uint32_t key2, uint32_t *key);

extern const uint8_t client_null_aes[NF_HASH_LEN];

#endif
