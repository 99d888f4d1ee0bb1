/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sockets of a service: made where nobody else can put one in their
 * place, or handed over by systemd.
 */
#ifndef NF_SIMD_LISTEN_H
#define NF_SIMD_LISTEN_H

#include <sys/types.h>

#include <stdbool.h>

#include "nfast/base/err.h"
#include "nfast/base/file.h"

/*
 *   path  "" when the socket was handed over: it stays then
 */
struct nf_listener {
	int fd;
	char path[NF_PATH_MAX];
	dev_t dev;
	ino_t ino;
};

#define NF_LISTENER_INIT	{ -1, "", 0, 0 }

/*
 * Listen on a Unix socket.  Its directory must be ours or root's and closed
 * to the writing of all others, sticky or not; the directories above it may
 * be open to others when they are sticky.  A socket that nobody listens on is
 * replaced, everything else that has the name stays.
 *   owner_only  mode 0600, else 0666: the directory says who may come
 * Errors: NF_E_POLICY (the directory), NF_E_BUSY (a service listens there),
 * NF_E_EXISTS (no socket), NF_E_USAGE (too long a path), NF_E_IO.
 */
int nf_listen_unix(const char *path, bool owner_only,
    struct nf_listener *out, struct nf_diag *diag);

/*
 * Take the sockets of LISTEN_FDS, when LISTEN_PID is this process: those that
 * LISTEN_FDNAMES calls "nserver" and "privnserver" (the vendor's file names),
 * without names the first and the second.  The variables are removed.
 *   *taken  false when there were none
 * Errors: NF_E_USAGE (malformed, other names, no listening Unix sockets).
 */
int nf_listen_inherited(struct nf_listener *plain, struct nf_listener *priv,
    bool *taken, struct nf_diag *diag);

/* Stop listening and remove the socket, if it is still the one made here. */
void nf_listen_close(struct nf_listener *l);

#endif
