/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A simulated module that is a USB device (see usb.h).  One bulk endpoint
 * each way, frames as on the socket.  A link that has failed stays failed:
 * the rest of a reply could be taken for the next one.
 */
#include "config.h"

#include <libusb.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "nfast/host/frame.h"
#include "nfast/host/usb.h"
#include "nfast/wire/command.h"

struct link {
	struct libusb_context *ctx;
	struct libusb_device_handle *handle;
	struct nf_usb_entry where;
	struct nf_usb_pipe pipe;
	unsigned int out_ms;
	unsigned int in_ms;
	bool failed;
};

/* One message or reply on its way. */
struct job {
	struct link *link;
	uint64_t deadline;	/* monotonic, milliseconds */
	bool cleared;		/* a stall was cleared already */
	unsigned int empty;
	struct nf_diag *diag;
};

static uint64_t
now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static int
fail(const struct link *link, struct nf_diag *diag, int code,
    const char *field, const char *what)
{
	return nf_diag_set(diag, code, field,
	    "USB module '%s' at bus %u port %s: %s", link->where.serial,
	    link->where.bus, link->where.port, what);
}

static int
stalled(struct job *job, uint8_t endpoint)
{
	struct link *link = job->link;
	int r;

	if (job->cleared)
		return fail(link, job->diag, NF_E_IO, "usb",
		    "stalls again after a stall was cleared");
	job->cleared = true;
	if ((r = libusb_clear_halt(link->handle, endpoint)) != 0)
		return fail(link, job->diag, NF_E_IO, "usb",
		    r == LIBUSB_ERROR_NO_DEVICE ? "it was unplugged" :
		    "a stall cannot be cleared");
	return 0;
}

/*
 * One transfer; *done counts the bytes that passed, also when it was cut
 * short and the caller has to go on.
 */
static int
transfer(struct job *job, uint8_t endpoint, uint8_t *p, size_t len,
    size_t *done)
{
	struct link *link = job->link;
	uint64_t now = now_ms();
	int got = 0, r;

	*done = 0;
	if (now >= job->deadline)
		return fail(link, job->diag, NF_E_IO, "usb",
		    "no answer in time");
	r = libusb_bulk_transfer(link->handle, endpoint, p, (int)len, &got,
	    (unsigned int)(job->deadline - now));
	if (got > 0)
		*done = (size_t)got;
	switch (r) {
	case 0:
	case LIBUSB_ERROR_TIMEOUT:	/* the deadline decides */
		break;
	case LIBUSB_ERROR_PIPE:
		return stalled(job, endpoint);
	case LIBUSB_ERROR_NO_DEVICE:
		return fail(link, job->diag, NF_E_IO, "usb",
		    "it was unplugged");
	case LIBUSB_ERROR_OVERFLOW:
		return fail(link, job->diag, NF_E_FORMAT, "frame",
		    "a packet is larger than packets are");
	case LIBUSB_ERROR_NO_MEM:
		return fail(link, job->diag, NF_E_NOMEM, NULL,
		    "out of memory");
	default:
		return fail(link, job->diag, NF_E_IO, "usb",
		    libusb_strerror(r));
	}
	if (r == 0 && got == 0 && ++job->empty > NF_USB_EMPTY_MAX)
		return fail(link, job->diag, NF_E_FORMAT, "frame",
		    "nothing but empty packets");
	return 0;
}

static int
frame_send(struct link *link, struct nf_view message, struct nf_diag *diag)
{
	struct job job = { .link = link, .diag = diag,
	    .deadline = now_ms() + link->out_ms };
	struct nf_buf frame = NF_BUF_INIT;
	size_t done = 0, n;
	int r;

	nf_buf_u32(&frame, (uint32_t)message.len);
	nf_buf_view_put(&frame, message);
	if ((r = nf_buf_err(&frame)) != 0)
		(void)nf_diag_set(diag, r, NULL, "out of memory");
	while (r == 0 && done < frame.len) {
		r = transfer(&job, link->pipe.out, frame.p + done,
		    frame.len - done, &n);
		done += n;
	}
	nf_buf_wipe(&frame);
	return r;
}

/*
 * Append what one transfer brings, for a frame that lacks this many bytes.
 * Requests are whole packets, or a full packet would not fit the last one.
 */
static int
receive(struct job *job, struct nf_buf *in, size_t lacks)
{
	const struct nf_usb_pipe *pipe = &job->link->pipe;
	size_t have = in->len, n = 0;
	size_t want = (lacks + pipe->in_size - 1) / pipe->in_size *
	    pipe->in_size;
	int r;

	nf_buf_fill(in, 0, want);
	if ((r = nf_buf_err(in)) != 0)
		return nf_diag_set(job->diag, r, NULL, "out of memory");
	r = transfer(job, pipe->in, in->p + have, want, &n);
	in->len = have + n;
	return r;
}

static int
frame_recv(struct link *link, struct nf_buf *reply, struct nf_diag *diag)
{
	struct job job = { .link = link, .diag = diag,
	    .deadline = now_ms() + link->in_ms };
	struct nf_buf in = NF_BUF_INIT;
	uint32_t len;
	size_t end;
	int r = 0;

	while (r == 0 && in.len < NF_FRAME_HEAD)
		r = receive(&job, &in, NF_FRAME_HEAD - in.len);
	if (r != 0)
		goto out;
	if (memcmp(in.p, "\0\0\0\0", NF_FRAME_HEAD) == 0) {
		r = fail(link, diag, NF_E_IO, "usb",
		    "it cannot reach its module, or has refused the message");
		goto out;
	}
	if ((r = nf_frame_length(in.p, &len, diag)) != 0)
		goto out;
	end = NF_FRAME_HEAD + (size_t)len;
	while (r == 0 && in.len < end)
		r = receive(&job, &in, end - in.len);
	if (r != 0)
		goto out;
	if (in.len > end) {
		r = nf_diag_set(diag, NF_E_FORMAT, "frame",
		    "%zu bytes after its end", in.len - end);
		goto out;
	}
	nf_buf_put(reply, in.p + NF_FRAME_HEAD, len);
	if ((r = nf_buf_err(reply)) != 0)
		(void)nf_diag_set(diag, r, NULL, "out of memory");
out:
	nf_buf_wipe(&in);
	return r;
}

static int
usb_transact(void *self, struct nf_view message, struct nf_buf *reply,
    struct nf_diag *diag)
{
	struct link *link = self;
	int r;

	if (link->failed)
		return fail(link, diag, NF_E_IO, "usb",
		    "the connection has failed before");
	if (message.len == 0 || message.len > NF_MESSAGE_MAX)
		return nf_diag_set(diag, NF_E_FORMAT, "message",
		    "%zu bytes are not in 1..%d", message.len,
		    NF_MESSAGE_MAX);
	if ((r = frame_send(link, message, diag)) == 0)
		r = frame_recv(link, reply, diag);
	link->failed = r != 0;
	return r;
}

static void
usb_close(void *self)
{
	struct link *link = self;

	if (link->handle != NULL)
		libusb_close(link->handle);	/* releases the interface */
	if (link->ctx != NULL)
		libusb_exit(link->ctx);
	free(link);
}

static const struct nf_transport transport = { usb_transact, usb_close };

/* What a search has seen; diag is that of the first that did not fit. */
struct search {
	const char *serial;
	size_t modules;
	size_t matches;
	struct nf_buf names;
	struct nf_diag diag;
};

/* Look at one candidate; the first that matches stays open in link. */
static void
candidate(struct link *link, struct libusb_device *dev,
    struct nf_usb_entry *entry, struct search *search)
{
	struct libusb_device_handle *handle = NULL;
	struct nf_diag diag = { 0 };
	struct nf_usb_pipe pipe;
	int r;

	if ((r = libusb_open(dev, &handle)) != 0)
		(void)nf_diag_set(&diag, NF_E_IO, "usb", "cannot open: %s",
		    libusb_strerror(r));
	else
		(void)nf_usb_module(dev, handle, entry, &pipe, &diag);
	if (diag.code != 0) {
		/* For the caller it is no module, not a check that failed. */
		if (search->diag.code == 0)
			(void)nf_diag_set(&search->diag,
			    diag.code == NF_E_MISMATCH ? NF_E_NOTFOUND :
			    diag.code,
			    diag.field, "%04x:%04x at bus %u port %s: %s",
			    entry->vendor, entry->product, entry->bus,
			    entry->port, diag.text);
		goto out;
	}
	nf_buf_printf(&search->names, "%s'%s' at bus %u port %s",
	    search->modules++ == 0 ? "" : ", ", entry->serial, entry->bus,
	    entry->port);
	if (search->serial != NULL &&
	    strcmp(search->serial, entry->serial) != 0)
		goto out;
	if (search->matches++ == 0) {
		link->handle = handle;
		link->where = *entry;
		link->pipe = pipe;
		handle = NULL;
	}
out:
	if (handle != NULL)
		libusb_close(handle);
}

/* Exactly one module must have matched. */
static int
search_result(struct search *search, struct nf_diag *diag)
{
	const char *names = nf_buf_text(&search->names);

	if (search->matches == 1)
		return 0;
	if (search->matches > 1)
		return nf_diag_set(diag, NF_E_USAGE, "NFAST_SERVER",
		    "several simulated modules on USB, name one as "
		    "usb:SERIAL: %s", names);
	if (search->modules > 0)
		return nf_diag_set(diag, NF_E_NOTFOUND, "NFAST_SERVER",
		    "no simulated module '%.64s' on USB; there is %s",
		    search->serial, names);
	if (search->diag.code != 0)
		return nf_diag_set(diag, search->diag.code,
		    search->diag.field, "%s", search->diag.text);
	return nf_diag_set(diag, NF_E_NOTFOUND, "NFAST_SERVER",
	    "no simulated module on USB");
}

static int
find(struct link *link, const char *serial, struct nf_diag *diag)
{
	struct search search = { .serial = serial };
	struct libusb_device **devs = NULL;
	struct nf_usb_entry entry;
	size_t n;
	int r;

	if ((r = nf_usb_devices(link->ctx, &devs, &n, diag)) != 0)
		return r;
	for (size_t i = 0; i < n; i++) {
		nf_usb_where(devs[i], &entry);
		if (nf_usb_candidate(&entry))
			candidate(link, devs[i], &entry, &search);
	}
	libusb_free_device_list(devs, 1);
	r = search_result(&search, diag);
	nf_buf_wipe(&search.names);
	return r;
}

/* Take the interface and begin as a new client. */
static int
claim(struct link *link, struct nf_diag *diag)
{
	int r;

	if (link->where.driver)
		return fail(link, diag, NF_E_BUSY, "usb",
		    "a kernel driver holds it");
	r = libusb_claim_interface(link->handle, link->pipe.interface);
	if (r == LIBUSB_ERROR_BUSY)
		return fail(link, diag, NF_E_BUSY, "usb",
		    "another program holds it");
	if (r != 0)
		return fail(link, diag, NF_E_IO, "usb", libusb_strerror(r));
	r = libusb_set_interface_alt_setting(link->handle,
	    link->pipe.interface, 0);
	if (r != 0)
		return fail(link, diag, NF_E_IO, "usb", libusb_strerror(r));
	return 0;
}

int
nf_link_usb_timed(const char *serial, unsigned int out_ms,
    unsigned int in_ms, struct nf_link *out, struct nf_diag *diag)
{
	struct link *link = calloc(1, sizeof(*link));
	int r;

	out->ops = NULL;
	out->self = NULL;
	if (link == NULL)
		return nf_diag_set(diag, NF_E_NOMEM, NULL, "out of memory");
	link->out_ms = out_ms;
	link->in_ms = in_ms;
	if ((r = nf_usb_init(&link->ctx, diag)) != 0)
		goto out;
	if (link->ctx == NULL) {
		r = nf_diag_set(diag, NF_E_NOTFOUND, "NFAST_SERVER",
		    "there is no USB here");
		goto out;
	}
	if ((r = find(link, serial != NULL && serial[0] != '\0' ? serial :
	    NULL, diag)) != 0 || (r = claim(link, diag)) != 0)
		goto out;
	out->ops = &transport;
	out->self = link;
	link = NULL;
out:
	if (link != NULL)
		usb_close(link);
	return r;
}

int
nf_link_usb(const char *serial, struct nf_link *out, struct nf_diag *diag)
{
	return nf_link_usb_timed(serial, NF_USB_OUT_MS, NF_USB_IN_MS, out,
	    diag);
}
