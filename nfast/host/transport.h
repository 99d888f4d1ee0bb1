/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a message reaches a module: in this process, over a descriptor or a
 * Unix socket, or over USB.  A transport moves bytes and knows no commands.
 * What NFAST_SERVER may say: "fd:N", a path or "unix:PATH", "usb:" or
 * "usb:SERIAL" (its name is real, the values are ours).
 */
#ifndef NF_HOST_TRANSPORT_H
#define NF_HOST_TRANSPORT_H

#include "nfast/base/buf.h"
#include "nfast/base/cur.h"

/*
 * Seconds that a reply over a descriptor or a Unix socket may take, 1 to
 * 86400 (ours); the making of an RSA-4096 key is far below.  After that the
 * connection is of no more use.
 */
#define NF_TIMEOUT_ENV		"NFSIM_TIMEOUT"
#define NF_TIMEOUT_DEFAULT	120

/*
 * One connection.
 *   transact  send one message and append its reply to an empty buffer
 *   close     end it and free self; NULL is never passed
 * Errors of transact: NF_E_IO (the peer went away, a time-out), NF_E_FORMAT
 * (a frame that is none), NF_E_NOMEM.
 */
struct nf_transport {
	int (*transact)(void *self, struct nf_view message,
	    struct nf_buf *reply, struct nf_diag *diag);
	void (*close)(void *self);
};

struct nf_link {
	const struct nf_transport *ops;
	void *self;
};

/* The module of a state directory, in this process; see nf_module_open(). */
int nf_link_module(const char *state_dir, const char *root_dir,
    struct nf_link *out, struct nf_diag *diag);

/* A connected stream socket that was inherited. */
int nf_link_fd(int fd, struct nf_link *out, struct nf_diag *diag);

/* A Unix stream socket. */
int nf_link_unix(const char *path, struct nf_link *out, struct nf_diag *diag);

/* A simulated module that is a USB device; serial NULL: the only one. */
int nf_link_usb(const char *serial, struct nf_link *out,
    struct nf_diag *diag);

#endif
