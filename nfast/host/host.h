/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way to a module.  Tools call nf_host_call(); the bytes go by a
 * transport (nfast/host/transport.h).
 */
#ifndef NF_HOST_HOST_H
#define NF_HOST_HOST_H

#include "nfast/base/buf.h"
#include "nfast/base/cur.h"
#include "nfast/wire/command.h"

struct nf_host;

/*
 * Connect as the environment says: NFAST_SERVER (its values: transport.h),
 * else the module in NFSIM_STATE in this process.
 * Errors: NF_E_USAGE (neither is set, or malformed), NF_E_IO (nobody
 * answers), those of nf_module_open().
 */
int nf_host_open(struct nf_host **out, struct nf_diag *diag);

/* The same for what changes the unit: NFAST_PRIVSERVER comes first. */
int nf_host_open_privileged(struct nf_host **out, struct nf_diag *diag);

/*
 * The path of the socket that a value of NFAST_SERVER names, NULL for none.
 */
const char *nf_host_server_path(const char *server);

/* The module is at such a socket, where other processes reach it, too. */
bool nf_host_shared(const struct nf_host *host);

/*
 * Use this module from now on, see NF_HOST_MODULE.
 * Errors: NF_E_USAGE (there is no such module), those of nf_host_call().
 */
int nf_host_use(struct nf_host *host, uint32_t module, struct nf_diag *diag);
/* How many modules there are, numbered from 1. */
int nf_host_modules(struct nf_host *host, uint32_t *n, struct nf_diag *diag);
/* The number of the module in use, at first 1. */
uint32_t nf_host_module(const struct nf_host *host);

/* The module of a state directory, in this process; see nf_module_open(). */
int nf_host_open_state(const char *state_dir, const char *root_dir,
    struct nf_host **out, struct nf_diag *diag);

/* Close the connection and free it.  NULL is allowed. */
void nf_host_close(struct nf_host *host);

/*
 * Send a command and wait for its reply.
 *   reply  its views borrow from the connection until the next call; wipe
 *          reply->args with nf_args_wipe() in every case
 * Returns 0, NF_E_REFUSED (diag: "COMMAND: STATUS: reason"; the status is in
 * reply->status), NF_E_IO (the server went away or took too long, see
 * transport.h), NF_E_FORMAT (junk reply).
 */
int nf_host_call(struct nf_host *host, const struct nf_command *cmd,
    struct nf_reply *reply, struct nf_diag *diag);

/*
 * Serve this connection's module on a descriptor until the peer closes it:
 * frames of u32 length (little-endian) and message, both ways (ours).
 * Returns 0 at end of file, NF_E_IO or NF_E_FORMAT (junk frame).
 */
int nf_host_serve(struct nf_host *host, int fd, struct nf_diag *diag);

/* One message of it; *eof when the peer closed instead of sending one. */
int nf_host_serve_one(struct nf_host *host, int fd, bool *eof,
    struct nf_diag *diag);

/* Command shorthands; each is one nf_host_call(). */
int nf_host_destroy(struct nf_host *host, uint32_t key,
    struct nf_diag *diag);
/* mode is NF_MODE_*. */
int nf_host_clear(struct nf_host *host, uint32_t mode, struct nf_diag *diag);
/* esn of NF_ESN_MAX + 1 bytes, terminated. */
int nf_host_enquiry(struct nf_host *host, uint32_t *mode, char *esn,
    struct nf_diag *diag);
/* Blob bytes go to out. */
int nf_host_make_blob(struct nf_host *host, const struct nf_command *cmd,
    struct nf_buf *out, struct nf_diag *diag);
/* key2 0: none. */
int nf_host_load_blob(struct nf_host *host, struct nf_view blob,
    uint32_t key2, uint32_t *key, struct nf_diag *diag);
/* Import a public key with an ACL (Encrypt, Verify, UseAsBlobKey, GetACL,
 * ExportAsPlain as perms says). */
int nf_host_import_public(struct nf_host *host, const struct nf_keydata *key,
    uint32_t perms, uint32_t *id, struct nf_diag *diag);

#endif
