/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz target: what a host sends to the USB gadget.  A byte gives the length
 * of each transfer, 0xff an error instead; before them the first byte is the
 * number of events of the control endpoint.
 */
#include "config.h"

#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/usb/functionfs.h>
#include <string.h>
#include <unistd.h>

#include "nfast/host/gadget.h"
#include "nfast/wire/command.h"
#include "tests/fuzz/fuzz.h"

#define EVENTS_MAX	16

static struct nf_cur traffic;

/* Each message answers itself; an empty or a long one is no message. */
static int
echo(void *self, struct nf_view message, struct nf_buf *reply,
    struct nf_diag *diag)
{
	(void)self;
	NF_REQUIRE(message.len >= 1 && message.len <= NF_MESSAGE_MAX);
	nf_buf_view_put(reply, message);
	return nf_buf_err(reply) == 0 ? 0 :
	    nf_diag_set(diag, NF_E_NOMEM, NULL, "out of memory");
}

static void
echo_close(void *self)
{
	(void)self;
}

static int
echo_connect(void *arg, struct nf_link *link, struct nf_diag *diag)
{
	static const struct nf_transport ops = { echo, echo_close };

	(void)arg;
	(void)diag;
	link->ops = &ops;
	link->self = &traffic;
	return 0;
}

static ssize_t
host_read(int fd, void *p, size_t len)
{
	static const int errors[] = { ESHUTDOWN, ECONNRESET, EINTR, EAGAIN };
	struct nf_view v;
	uint8_t n;

	(void)fd;
	if (nf_cur_left(&traffic) == 0) {
		errno = EIO;
		return -1;
	}
	n = nf_cur_u8(&traffic, "length");
	if (n == 0xff) {
		errno = errors[nf_cur_left(&traffic) & 3];
		return -1;
	}
	v = nf_cur_bytes(&traffic, "transfer", nf_cur_left(&traffic) < n ?
	    nf_cur_left(&traffic) : n);
	if (v.len > len)
		v.len = len;
	if (v.len > 0)
		memcpy(p, v.p, v.len);
	return (ssize_t)v.len;
}

static size_t
packet(int fd)
{
	(void)fd;
	return 64;
}

/* The events are there before the host's first transfer, and then the end. */
static void
events_put(int fd, uint8_t n)
{
	struct usb_functionfs_event event;

	for (uint8_t i = 0; i < n % EVENTS_MAX; i++) {
		memset(&event, 0, sizeof(event));
		event.type = nf_cur_left(&traffic) == 0 ? FUNCTIONFS_BIND :
		    nf_cur_u8(&traffic, "event") & 7;
		event.u.setup.bRequestType = event.type == FUNCTIONFS_SETUP ?
		    (uint8_t)(n << 4) : 0;
		NF_REQUIRE(write(fd, &event, sizeof(event)) ==
		    (ssize_t)sizeof(event));
	}
}

void
target_gadget(const uint8_t *data, size_t size)
{
	struct nf_gadget gadget = { .read = host_read, .packet = packet,
	    .connect = echo_connect };
	struct nf_diag diag = { 0 };
	int ep0[2];

	nf_fail_off();
	nf_cur_init(&traffic, data, size, NULL);
	if (size == 0)
		return;
	NF_REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, ep0) == 0);
	events_put(ep0[1], nf_cur_u8(&traffic, "events"));
	gadget.ep0 = ep0[0];
	gadget.out = -1;
	gadget.in = open("/dev/null", O_WRONLY | O_CLOEXEC);
	NF_REQUIRE(gadget.in >= 0);
	fuzz_inject();
	fuzz_diag(nf_gadget_run(&gadget, &diag), &diag);
	nf_fail_off();
	(void)close(gadget.in);
	(void)close(ep0[0]);
	(void)close(ep0[1]);
}
