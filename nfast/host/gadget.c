/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two threads: one waits for events on ep0, as control requests must be
 * answered while the other waits in an endpoint.  An endpoint that the host
 * disables wakes its reader with ESHUTDOWN; a session that changed while the
 * module worked is found by draining ep0 before the reply is written.
 */
#include "config.h"

#include <linux/usb/functionfs.h>
#include <sys/ioctl.h>

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "nfast/host/frame.h"
#include "nfast/host/gadget.h"
#include "nfast/host/usb.h"

#define PACKET_MAX	1024

struct pump {
	const struct nf_gadget *gadget;
	pthread_mutex_t lock;
	bool ended;			/* of ep0; lock */
	unsigned int sessions;		/* changes so far; lock */
	int wake[2];
	struct nf_link link;
	struct nf_buf in;
	bool broken;			/* until the next session */
};

/* ---- descriptors ---- */

static void
endpoint_put(struct nf_buf *buf, uint8_t address, uint16_t packet)
{
	const uint8_t head[] = { USB_DT_ENDPOINT_SIZE, USB_DT_ENDPOINT,
	    address, USB_ENDPOINT_XFER_BULK };
	const uint8_t companion[] = { USB_DT_SS_EP_COMP_SIZE,
	    USB_DT_SS_ENDPOINT_COMP, 0, 0, 0, 0 };

	nf_buf_put(buf, head, sizeof(head));
	nf_buf_u16(buf, packet);
	nf_buf_u8(buf, 0);
	if (packet == 1024)
		nf_buf_put(buf, companion, sizeof(companion));
}

static void
speed_put(struct nf_buf *buf, uint16_t packet)
{
	const uint8_t face[] = { USB_DT_INTERFACE_SIZE, USB_DT_INTERFACE, 0,
	    0, 2, NF_USB_CLASS, NF_USB_SUBCLASS, NF_USB_PROTOCOL, 1 };

	nf_buf_put(buf, face, sizeof(face));
	endpoint_put(buf, 1 | USB_DIR_OUT, packet);
	endpoint_put(buf, 2 | USB_DIR_IN, packet);
}

/* Give ep0 a block whose second word is its length, and wipe it. */
static int
block_write(int ep0, struct nf_buf *buf, const char *what,
    struct nf_diag *diag)
{
	ssize_t n;
	int r;

	if ((r = nf_buf_err(buf)) != 0) {
		(void)nf_diag_set(diag, r, NULL, "out of memory");
		goto out;
	}
	for (size_t i = 0; i < 4; i++)
		buf->p[4 + i] = (uint8_t)(buf->len >> 8 * i);
	n = write(ep0, buf->p, buf->len);
	if (n != (ssize_t)buf->len)
		r = nf_diag_set(diag, NF_E_IO, what, "%s",
		    n < 0 ? strerror(errno) : "short write");
out:
	nf_buf_wipe(buf);
	return r;
}

int
nf_gadget_describe(int ep0, struct nf_diag *diag)
{
	struct nf_buf buf = NF_BUF_INIT;
	int r;

	nf_buf_u32(&buf, FUNCTIONFS_DESCRIPTORS_MAGIC_V2);
	nf_buf_u32(&buf, 0);
	nf_buf_u32(&buf, FUNCTIONFS_HAS_FS_DESC | FUNCTIONFS_HAS_HS_DESC |
	    FUNCTIONFS_HAS_SS_DESC);
	nf_buf_u32(&buf, 3);
	nf_buf_u32(&buf, 3);
	nf_buf_u32(&buf, 5);	/* with two companions */
	speed_put(&buf, 64);
	speed_put(&buf, 512);
	speed_put(&buf, 1024);
	if ((r = block_write(ep0, &buf, "descriptors", diag)) != 0)
		return r;
	nf_buf_u32(&buf, FUNCTIONFS_STRINGS_MAGIC);
	nf_buf_u32(&buf, 0);
	nf_buf_u32(&buf, 1);	/* string */
	nf_buf_u32(&buf, 1);	/* language */
	nf_buf_u16(&buf, 0x0409);
	nf_buf_put(&buf, NF_USB_INTERFACE, sizeof(NF_USB_INTERFACE));
	return block_write(ep0, &buf, "strings", diag);
}

size_t
nf_gadget_packet(int fd)
{
	struct usb_endpoint_descriptor desc;
	size_t size;

	if (ioctl(fd, FUNCTIONFS_ENDPOINT_DESC, &desc) != 0)
		return NF_GADGET_PACKET;
	size = desc.wMaxPacketSize;
	return size == 0 || size > PACKET_MAX ? NF_GADGET_PACKET : size;
}

/* ---- events ---- */

/* One event that is known to be there; false at the end of ep0. */
static bool
event_take(struct pump *pump)
{
	struct usb_functionfs_event event;
	int ep0 = pump->gadget->ep0;
	ssize_t n = read(ep0, &event, sizeof(event));

	if (n < 0)
		return errno == EINTR || errno == EAGAIN || errno == EIDRM;
	if (n != (ssize_t)sizeof(event))
		return false;
	switch (event.type) {
	case FUNCTIONFS_ENABLE:
	case FUNCTIONFS_DISABLE:
		pump->sessions++;
		return true;
	case FUNCTIONFS_SETUP:
		/* The wrong direction stalls; the result is an error then. */
		if ((event.u.setup.bRequestType & USB_DIR_IN) != 0)
			n = read(ep0, NULL, 0);
		else
			n = write(ep0, NULL, 0);
		(void)n;
		return true;
	default:
		return true;
	}
}

/* Take what is there; returns the number of sessions so far. */
static unsigned int
events_drain(struct pump *pump)
{
	struct pollfd p = { .fd = pump->gadget->ep0, .events = POLLIN };
	unsigned int sessions;

	(void)pthread_mutex_lock(&pump->lock);
	while (!pump->ended && poll(&p, 1, 0) > 0)
		pump->ended = !event_take(pump);
	sessions = pump->sessions;
	(void)pthread_mutex_unlock(&pump->lock);
	return sessions;
}

static bool
events_ended(struct pump *pump)
{
	bool ended;

	(void)pthread_mutex_lock(&pump->lock);
	ended = pump->ended;
	(void)pthread_mutex_unlock(&pump->lock);
	return ended;
}

static void *
events_main(void *arg)
{
	struct pump *pump = arg;
	struct pollfd p[2] = {
		{ .fd = pump->gadget->ep0, .events = POLLIN },
		{ .fd = pump->wake[0], .events = POLLIN },
	};

	while (!events_ended(pump)) {
		if (poll(p, 2, -1) < 0)
			continue;	/* a signal */
		if (p[1].revents != 0)
			break;
		(void)events_drain(pump);
	}
	return NULL;
}

/* ---- frames ---- */

static void
session_reset(struct pump *pump)
{
	if (pump->link.ops != NULL)
		pump->link.ops->close(pump->link.self);
	memset(&pump->link, 0, sizeof(pump->link));
	nf_buf_wipe(&pump->in);
	pump->broken = false;
}

static int
file_fail(struct nf_diag *diag, const char *what)
{
	return nf_diag_set(diag, NF_E_IO, what, "%s", strerror(errno));
}

/* How an endpoint call went that returned a negative number. */
enum fault { AGAIN, NEW_SESSION, ENDED };

static enum fault
fault_kind(void)
{
	if (errno == EINTR || errno == EAGAIN)
		return AGAIN;
	return errno == ESHUTDOWN || errno == ECONNRESET ? NEW_SESSION :
	    ENDED;
}

/* Append one transfer of at most want bytes. */
static int
receive(struct pump *pump, size_t want, struct nf_diag *diag)
{
	size_t have = pump->in.len;
	ssize_t n;
	int r;

	nf_buf_fill(&pump->in, 0, want);
	if ((r = nf_buf_err(&pump->in)) != 0)
		return nf_diag_set(diag, r, NULL, "out of memory");
	n = pump->gadget->read(pump->gadget->out, pump->in.p + have, want);
	pump->in.len = n < 0 ? have : have + (size_t)n;
	if (n >= 0)
		return 0;
	switch (fault_kind()) {
	case AGAIN:
		return 0;
	case NEW_SESSION:
		session_reset(pump);
		return 0;
	case ENDED:
		break;
	}
	return file_fail(diag, "ep1");
}

/* How many bytes the frame has that is being received, as far as known. */
static int
frame_end(const struct nf_buf *in, size_t *end, struct nf_diag *diag)
{
	uint32_t len;
	int r;

	*end = NF_FRAME_HEAD;
	if (in->len < NF_FRAME_HEAD)
		return 0;
	if ((r = nf_frame_length(in->p, &len, diag)) != 0)
		return r;
	*end += len;
	if (in->len > *end)
		return nf_diag_set(diag, NF_E_FORMAT, "frame",
		    "%zu bytes after its end", in->len - *end);
	return 0;
}

/* Write a frame; a host that went away meanwhile does not want it. */
static int
reply_write(struct pump *pump, struct nf_view message, struct nf_diag *diag)
{
	struct nf_buf frame = NF_BUF_INIT;
	size_t done = 0;
	ssize_t n;
	int r;

	nf_buf_u32(&frame, (uint32_t)message.len);
	nf_buf_view_put(&frame, message);
	if ((r = nf_buf_err(&frame)) != 0)
		(void)nf_diag_set(diag, r, NULL, "out of memory");
	while (r == 0 && done < frame.len) {
		n = write(pump->gadget->in, frame.p + done,
		    frame.len - done);
		if (n >= 0) {
			done += (size_t)n;
			continue;
		}
		switch (fault_kind()) {
		case AGAIN:
			break;
		case NEW_SESSION:
			session_reset(pump);
			done = frame.len;
			break;
		case ENDED:
			r = file_fail(diag, "ep2");
			break;
		}
	}
	nf_buf_wipe(&frame);
	return r;
}

/* This session has failed: say so to the user and to the host. */
static int
session_break(struct pump *pump, const struct nf_diag *why,
    struct nf_diag *diag)
{
	if (pump->gadget->note != NULL)
		pump->gadget->note(pump->gadget->arg, why);
	session_reset(pump);
	pump->broken = true;
	return reply_write(pump, nf_view_of(NULL, 0), diag);
}

/* A complete message is there: have it answered. */
static int
message_serve(struct pump *pump, struct nf_diag *diag)
{
	const struct nf_gadget *gadget = pump->gadget;
	unsigned int session = events_drain(pump);
	struct nf_buf reply = NF_BUF_INIT;
	struct nf_diag why = { 0 };
	int r = 0;

	if (pump->link.ops == NULL)
		r = gadget->connect(gadget->arg, &pump->link, &why);
	if (r == 0)
		r = pump->link.ops->transact(pump->link.self,
		    nf_view_of(pump->in.p + NF_FRAME_HEAD,
		    pump->in.len - NF_FRAME_HEAD), &reply, &why);
	nf_buf_wipe(&pump->in);
	if (events_drain(pump) != session) {
		session_reset(pump);
		r = 0;
		goto out;
	}
	r = r != 0 ? session_break(pump, &why, diag) :
	    reply_write(pump, nf_buf_view(&reply), diag);
out:
	nf_buf_wipe(&reply);
	return r;
}

/* Take the next transfer, and serve the message that it completes. */
static int
step(struct pump *pump, struct nf_diag *diag)
{
	size_t size = pump->gadget->packet(pump->gadget->out);
	struct nf_diag why = { 0 };
	size_t end = 0, lacks;
	int r;

	(void)frame_end(&pump->in, &end, NULL);
	lacks = end - pump->in.len;
	if ((r = receive(pump, (lacks + size - 1) / size * size, diag)) != 0)
		return r;
	if (pump->broken) {
		nf_buf_wipe(&pump->in);
		return 0;
	}
	if (frame_end(&pump->in, &end, &why) != 0)
		return session_break(pump, &why, diag);
	return pump->in.len >= NF_FRAME_HEAD && pump->in.len == end ?
	    message_serve(pump, diag) : 0;
}

int
nf_gadget_run(const struct nf_gadget *gadget, struct nf_diag *diag)
{
	struct pump pump = { .gadget = gadget, .wake = { -1, -1 } };
	bool locked = false, running = false;
	pthread_t thread;
	int r = 0;

	if (pipe(pump.wake) != 0 ||
	    (errno = pthread_mutex_init(&pump.lock, NULL)) != 0) {
		r = file_fail(diag, NULL);
		goto out;
	}
	locked = true;
	if ((errno = pthread_create(&thread, NULL, events_main,
	    &pump)) != 0) {
		r = file_fail(diag, NULL);
		goto out;
	}
	running = true;
	while (r == 0 && !events_ended(&pump))
		r = step(&pump, diag);
out:
	if (running) {
		/* An endpoint fails when ep0 ends, whichever is seen first. */
		(void)events_drain(&pump);
		if (events_ended(&pump)) {
			nf_diag_clear(diag);
			r = 0;
		}
		(void)close(pump.wake[1]);
		pump.wake[1] = -1;
		(void)pthread_join(thread, NULL);
	}
	session_reset(&pump);
	if (locked)
		(void)pthread_mutex_destroy(&pump.lock);
	for (size_t i = 0; i < 2; i++) {
		if (pump.wake[i] >= 0)
			(void)close(pump.wake[i]);
	}
	return r;
}
