/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device's side of usb.h on a Linux gadget: frames of the two bulk
 * endpoints of a FunctionFS instance go to a module and back.  The interface
 * of FunctionFS is the kernel's, what travels is ours.  It knows no commands.
 */
#ifndef NF_HOST_GADGET_H
#define NF_HOST_GADGET_H

#include <sys/types.h>

#include "nfast/host/transport.h"

/* Of an endpoint file that does not say the size of its packets. */
#define NF_GADGET_PACKET	512

/*
 * An opened FunctionFS instance.
 *   ep0      events; nf_gadget_describe() was called on it
 *   out, in  what the host writes to and reads from
 *   read     read(2), for the file out
 *   packet   the packet size of the file out, nf_gadget_packet()
 *   connect  a connection for a new client of the host; called when its first
 *            message is complete
 *   note     says that a connection or a message failed, may be NULL
 *   arg      passed to the last two
 */
struct nf_gadget {
	int ep0;
	int out;
	int in;
	ssize_t (*read)(int fd, void *p, size_t len);
	size_t (*packet)(int fd);
	int (*connect)(void *arg, struct nf_link *link,
	    struct nf_diag *diag);
	void (*note)(void *arg, const struct nf_diag *diag);
	void *arg;
};

/*
 * Write the descriptors (full, high and super speed) and the string of the
 * interface.  The kernel then shows ep1 (out) and ep2 (in).  NF_E_IO.
 */
int nf_gadget_describe(int ep0, struct nf_diag *diag);

/* The current packet size of an endpoint file. */
size_t nf_gadget_packet(int fd);

/*
 * Serve the host until the files end.  One client at a time: when the host
 * configures the device anew or sets the interface, what was unfinished is
 * dropped and the connection closed.  A message that is none, and a module
 * that does not answer, are answered with a frame of length 0, and nothing
 * more is taken until then.  Control requests are stalled.
 * Returns 0 (ep0 has ended), NF_E_IO or NF_E_NOMEM.
 */
int nf_gadget_run(const struct nf_gadget *gadget, struct nf_diag *diag);

#endif
