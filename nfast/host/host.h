/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way to a module.  Tools call nf_host_call(); the transport is the
 * simulated module in this process, or a descriptor on which another process
 * (preload) serves one.
 */
#ifndef NF_HOST_HOST_H
#define NF_HOST_HOST_H

#include "nfast/base/buf.h"
#include "nfast/base/cur.h"
#include "nfast/wire/command.h"

struct nf_host;

/*
 * Connect as the environment says: NFAST_SERVER=fd:N, else the module in
 * NFSIM_STATE in this process.
 * Errors: NF_E_USAGE (neither is set, or malformed), those of
 * nf_module_open().
 */
int nf_host_open(struct nf_host **out, struct nf_diag *diag);

/* The module of a state directory, in this process; see nf_module_open(). */
int nf_host_open_state(const char *state_dir, const char *root_dir,
    struct nf_host **out, struct nf_diag *diag);

void nf_host_close(struct nf_host *host);

/*
 * Send a command and wait for its reply.
 *   reply  its views borrow from the connection until the next call; wipe
 *          reply->args with nf_args_wipe() in every case
 * Returns 0, NF_E_REFUSED (diag: "COMMAND: STATUS: reason"; the status is in
 * reply->status), NF_E_IO (the server went away), NF_E_FORMAT (junk reply).
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
