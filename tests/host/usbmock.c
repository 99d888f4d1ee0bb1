/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's side of usbfs for scripted devices.  umockdev calls on_ioctl()
 * in threads of its own, so the state is behind one lock.
 */
#include "config.h"

#include <linux/ioctl.h>
#include <linux/usbdevice_fs.h>

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __clang__
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Weverything"
#endif
#include <umockdev.h>
#ifdef __clang__
#pragma clang diagnostic pop
#endif

#include "nfast/base/text.h"
#include "nfast/host/usb.h"
#include "nfast/wire/command.h"
#include "tests/host/usbmock.h"

struct usbmock {
	UMockdevTestbed *bed;
	pthread_mutex_t lock;
	struct usbmock_dev *dev[16];
	size_t n;
};

/* A transfer that was submitted and not reaped yet. */
struct usbmock_urb {
	UMockdevIoctlData *data;
	UMockdevIoctlData *buffer;
	unsigned char type;
	unsigned char endpoint;
	size_t len;
	size_t actual;
	int status;
	bool done;
};

struct usbmock *
usbmock_new(void)
{
	struct usbmock *mock = calloc(1, sizeof(*mock));

	if (mock == NULL)
		return NULL;
	if (pthread_mutex_init(&mock->lock, NULL) != 0) {
		free(mock);
		return NULL;
	}
	mock->bed = umockdev_testbed_new();
	return mock;
}

static void
urb_free(struct usbmock_dev *dev, size_t i)
{
	struct usbmock_urb *urb = dev->urb[i];

	if (urb == NULL)
		return;
	g_object_unref(urb->data);
	if (urb->buffer != NULL)
		g_object_unref(urb->buffer);
	free(urb);
	dev->urb[i] = NULL;
}

static void
frames_forget(struct usbmock_dev *dev)
{
	nf_buf_wipe(&dev->out);
	nf_buf_wipe(&dev->in);
	dev->in_off = 0;
}

void
usbmock_free(struct usbmock *mock)
{
	if (mock == NULL)
		return;
	/* Ends the threads, so that nothing below is in use. */
	for (size_t i = 0; i < mock->n; i++)
		g_object_unref(mock->dev[i]->base);
	g_object_unref(mock->bed);
	for (size_t i = 0; i < mock->n; i++) {
		for (size_t k = 0; k < USBMOCK_URBS; k++)
			urb_free(mock->dev[i], k);
		frames_forget(mock->dev[i]);
	}
	(void)pthread_mutex_destroy(&mock->lock);
	free(mock);
}

static void
device_init(struct usbmock_dev *dev, unsigned int number, const char *serial)
{
	static const char *const ports[] = { "1", "2", "3", "4.1", "5" };

	memset(dev, 0, sizeof(*dev));
	dev->bus = 1;
	dev->address = number + 1;
	dev->port = ports[number % 5];
	dev->text[2] = serial;
	dev->endpoint[0] = 0x01;
	dev->endpoint[1] = 0x82;
	dev->packet = USBMOCK_PACKET;
	dev->stall_out_at = 0;
	dev->unplug_out_at = USBMOCK_NONE;
	dev->unplug_in_at = USBMOCK_NONE;
}

void
usbmock_module(struct usbmock_dev *dev, unsigned int number,
    const char *serial)
{
	device_init(dev, number, serial);
	dev->vendor = NF_USB_VENDOR;
	dev->product = NF_USB_PRODUCT;
	dev->class[0] = NF_USB_CLASS;
	dev->class[1] = NF_USB_SUBCLASS;
	dev->class[2] = NF_USB_PROTOCOL;
	dev->text[0] = NF_USB_MAKER;
	dev->text[1] = NF_USB_NAME;
	dev->text[3] = NF_USB_INTERFACE;
}

/* Numbers and other strings of an Edge are not public: these are invented. */
void
usbmock_edge(struct usbmock_dev *dev, unsigned int number,
    const char *serial)
{
	device_init(dev, number, serial);
	dev->vendor = 0x1209;
	dev->product = 0x0002;
	dev->class[0] = 0xff;
	dev->text[0] = "a maker";
	dev->text[1] = "a serial bridge";
	dev->text[3] = NF_USB_EDGE;
}

static uint8_t
text_index(const struct usbmock_dev *dev, uint8_t i)
{
	return dev->text[i] == NULL ? 0 : (uint8_t)(i + 1);
}

static void
endpoint_put(struct nf_buf *buf, const struct usbmock_dev *dev, size_t i)
{
	const uint8_t head[] = { 7, 5, dev->endpoint[i], 2 };

	nf_buf_put(buf, head, sizeof(head));
	nf_buf_u16(buf, dev->packet);
	nf_buf_u8(buf, 0);
}

/* Device and configuration, as the kernel shows them. */
static void
descriptors(const struct usbmock_dev *dev, struct nf_buf *buf)
{
	const uint8_t device[] = { 18, 1, 0, 2, 0, 0, 0, 64 };
	const uint8_t config[] = { 9, 2, 32, 0, 1, 1, 0, 0x80, 50 };
	const uint8_t face[] = { 9, 4, 0, 0, 2, dev->class[0], dev->class[1],
	    dev->class[2], text_index(dev, 3) };

	nf_buf_put(buf, device, sizeof(device));
	nf_buf_u16(buf, dev->vendor);
	nf_buf_u16(buf, dev->product);
	nf_buf_u16(buf, 0x0100);
	for (uint8_t i = 0; i < 3; i++)
		nf_buf_u8(buf, text_index(dev, i));
	nf_buf_u8(buf, 1);
	nf_buf_put(buf, config, sizeof(config));
	nf_buf_put(buf, face, sizeof(face));
	endpoint_put(buf, dev, 0);
	endpoint_put(buf, dev, 1);
}

void
usbmock_frame(struct nf_buf *in, struct nf_view message)
{
	nf_buf_u32(in, (uint32_t)message.len);
	nf_buf_view_put(in, message);
}

/* ---- transfers ---- */

static void
urb_finish(struct usbmock_urb *urb, int status)
{
	urb->status = status;
	urb->done = true;
}

/* A string descriptor; the buffer begins with the 8 bytes of the setup. */
static void
control(struct usbmock_dev *dev, struct usbmock_urb *urb)
{
	const uint8_t *setup = urb->buffer->data;
	uint8_t desc[256] = { 4, 3, 9, 4 };
	const char *text;
	size_t n = 4, want;

	if (urb->len < 8 || setup[0] != 0x80 || setup[1] != 6 ||
	    setup[3] != 3 || setup[2] > 4 ||
	    (setup[2] > 0 && dev->text[setup[2] - 1] == NULL)) {
		urb_finish(urb, -EPIPE);
		return;
	}
	if (setup[2] > 0) {
		text = dev->text[setup[2] - 1];
		n = 2 + 2 * strlen(text);
		desc[0] = (uint8_t)n;
		for (size_t i = 0; 2 + 2 * i < n; i++) {
			desc[2 + 2 * i] = (uint8_t)text[i];
			desc[3 + 2 * i] = 0;
		}
	}
	want = setup[6] + 256u * setup[7];
	n = n > want ? want : n;
	umockdev_ioctl_data_update(urb->buffer, 8, desc, (int)n);
	urb->actual = n;
	urb_finish(urb, 0);
}

/* Carry out every complete frame. */
static void
frames_run(struct usbmock_dev *dev)
{
	struct nf_cur cur;
	struct nf_view message;
	struct nf_buf rest = NF_BUF_INIT;

	nf_cur_init(&cur, dev->out.p, dev->out.len, NULL);
	message = nf_cur_bytes(&cur, "message", nf_cur_u32(&cur, "length"));
	if (nf_cur_err(&cur) != 0)
		return;
	dev->messages++;
	if (dev->in_off == dev->in.len) {
		nf_buf_wipe(&dev->in);
		dev->in_off = 0;
	}
	if (dev->reply != NULL)
		dev->reply(dev->arg, message, &dev->in);
	else if (!dev->silent)
		usbmock_frame(&dev->in, message);
	nf_buf_put(&rest, dev->out.p + cur.off, dev->out.len - cur.off);
	nf_buf_wipe(&dev->out);
	dev->out = rest;
}

static void
bulk_out(struct usbmock_dev *dev, struct usbmock_urb *urb)
{
	size_t n = urb->len;

	if (dev->halted_out) {
		urb_finish(urb, -EPIPE);
		return;
	}
	if (dev->stall_out > 0 && dev->out.len + n > dev->stall_out_at) {
		n = dev->stall_out_at > dev->out.len ?
		    dev->stall_out_at - dev->out.len : 0;
		dev->stall_out--;
		dev->halted_out = true;
	}
	if (dev->out.len + n > dev->unplug_out_at)
		dev->gone = true;
	nf_buf_put(&dev->out, urb->buffer->data, n);
	urb->actual = n;
	urb_finish(urb, dev->gone ? -ESHUTDOWN :
	    dev->halted_out ? -EPIPE : 0);
	if (!dev->gone)
		frames_run(dev);
}

/*
 * A transfer ends when it is full or at a packet that is not; until then it
 * waits.
 */
static void
bulk_in(struct usbmock_dev *dev, struct usbmock_urb *urb)
{
	size_t left = dev->in.len - dev->in_off;
	size_t n = urb->len - urb->actual;

	if (dev->halted_in) {
		urb_finish(urb, -EPIPE);
		return;
	}
	/* A packet that is larger than the room for it is babble, too. */
	if (left > 0 && (dev->babble ||
	    (n % USBMOCK_PACKET != 0 && left > n))) {
		urb_finish(urb, -EOVERFLOW);
		return;
	}
	if (left > 0 && dev->empty > 0) {
		dev->empty--;
		urb_finish(urb, 0);
		return;
	}
	n = n > left ? left : n;
	if (dev->chunk > 0 && n > dev->chunk)
		n = dev->chunk;
	if (dev->stall_in > 0 && left > 0 &&
	    dev->in_off + n > dev->stall_in_at) {
		n = dev->stall_in_at - dev->in_off;
		dev->stall_in--;
		dev->halted_in = true;
	}
	if (left > 0 && dev->in_off + n > dev->unplug_in_at)
		dev->gone = true;
	if (n > 0)
		umockdev_ioctl_data_update(urb->buffer, urb->actual,
		    dev->in.p + dev->in_off, (int)n);
	dev->in_off += n;
	urb->actual += n;
	if (dev->gone || dev->halted_in)
		urb_finish(urb, dev->gone ? -ESHUTDOWN : -EPIPE);
	else if (n > 0 && (urb->actual == urb->len ||
	    n % USBMOCK_PACKET != 0))
		urb_finish(urb, 0);
}

/* ---- ioctls ---- */

static int
submit(struct usbmock_dev *dev, UMockdevIoctlClient *client)
{
	UMockdevIoctlData *arg = umockdev_ioctl_client_get_arg(client);
	struct usbmock_urb *urb = NULL;
	struct usbdevfs_urb raw;
	size_t i;

	for (i = 0; i < USBMOCK_URBS && dev->urb[i] != NULL; i++)
		continue;
	if (i == USBMOCK_URBS || (urb = calloc(1, sizeof(*urb))) == NULL)
		return ENOMEM;
	dev->urb[i] = urb;
	urb->data = umockdev_ioctl_data_resolve(arg, 0, sizeof(raw), NULL);
	memcpy(&raw, urb->data->data, sizeof(raw));
	urb->type = raw.type;
	urb->endpoint = raw.endpoint;
	urb->len = (size_t)raw.buffer_length;
	if (urb->len > 0)
		urb->buffer = umockdev_ioctl_data_resolve(urb->data,
		    offsetof(struct usbdevfs_urb, buffer), urb->len, NULL);
	if (urb->buffer == NULL)
		return EFAULT;
	if (urb->type == USBDEVFS_URB_TYPE_CONTROL) {
		control(dev, urb);
		return 0;
	}
	dev->bulks++;
	if ((urb->endpoint & 0x80) == 0 && !dev->deaf)
		bulk_out(dev, urb);
	return 0;
}

static int
reap(struct usbmock_dev *dev, UMockdevIoctlClient *client)
{
	UMockdevIoctlData *to;
	struct usbmock_urb *urb;

	for (size_t i = 0; i < USBMOCK_URBS; i++) {
		if ((urb = dev->urb[i]) == NULL)
			continue;
		if (!urb->done && dev->gone)
			urb_finish(urb, -ESHUTDOWN);
		if (!urb->done && (urb->endpoint & 0x80) != 0)
			bulk_in(dev, urb);
		if (!urb->done)
			continue;
		umockdev_ioctl_data_update(urb->data,
		    offsetof(struct usbdevfs_urb, status),
		    (guint8 *)&urb->status, sizeof(int));
		umockdev_ioctl_data_update(urb->data,
		    offsetof(struct usbdevfs_urb, actual_length),
		    (guint8 *)&(int){ (int)urb->actual }, sizeof(int));
		to = umockdev_ioctl_data_resolve(
		    umockdev_ioctl_client_get_arg(client), 0, sizeof(void *),
		    NULL);
		(void)umockdev_ioctl_data_set_ptr(to, 0, urb->data);
		g_object_unref(to);
		urb_free(dev, i);
		return 0;
	}
	return dev->gone ? ENODEV : EAGAIN;
}

static int
discard(struct usbmock_dev *dev)
{
	int r = EINVAL;

	/* The synchronous calls of libusb have one transfer at a time. */
	for (size_t i = 0; i < USBMOCK_URBS; i++) {
		if (dev->urb[i] == NULL || dev->urb[i]->done)
			continue;
		urb_finish(dev->urb[i], -ENOENT);
		r = 0;
	}
	return r;
}

static int
driver_get(const struct usbmock_dev *dev, UMockdevIoctlClient *client)
{
	UMockdevIoctlData *to;
	char name[32] = "";

	if (dev->driver == NULL)
		return ENODATA;
	(void)snprintf(name, sizeof(name), "%s", dev->driver);
	to = umockdev_ioctl_data_resolve(
	    umockdev_ioctl_client_get_arg(client), 0,
	    sizeof(struct usbdevfs_getdriver), NULL);
	umockdev_ioctl_data_update(to,
	    offsetof(struct usbdevfs_getdriver, driver), (guint8 *)name,
	    (int)strlen(name) + 1);
	g_object_unref(to);
	return 0;
}

static int
capabilities(UMockdevIoctlClient *client)
{
	uint32_t caps = USBDEVFS_CAP_ZERO_PACKET |
	    USBDEVFS_CAP_NO_PACKET_SIZE_LIM |
	    USBDEVFS_CAP_REAP_AFTER_DISCONNECT;
	UMockdevIoctlData *to = umockdev_ioctl_data_resolve(
	    umockdev_ioctl_client_get_arg(client), 0, sizeof(caps), NULL);

	umockdev_ioctl_data_update(to, 0, (guint8 *)&caps, sizeof(caps));
	g_object_unref(to);
	return 0;
}

/* An errno value, or 0. */
static int
answer(struct usbmock_dev *dev, UMockdevIoctlClient *client)
{
	unsigned long request = umockdev_ioctl_client_get_request(client);

	if (dev->gone && request != USBDEVFS_REAPURBNDELAY)
		return ENODEV;
	switch (request) {
	case USBDEVFS_GET_CAPABILITIES:
		return capabilities(client);
	case USBDEVFS_GETDRIVER:
		return driver_get(dev, client);
	case USBDEVFS_CLAIMINTERFACE:
		dev->claims++;
		return dev->busy ? EBUSY : 0;
	case USBDEVFS_RELEASEINTERFACE:
		return 0;
	case USBDEVFS_SETINTERFACE:
		dev->alt_sets++;
		frames_forget(dev);
		return 0;
	case USBDEVFS_CLEAR_HALT:
		dev->clears++;
		dev->halted_in = dev->halted_out = false;
		return 0;
	case USBDEVFS_SUBMITURB:
		return submit(dev, client);
	case USBDEVFS_REAPURBNDELAY:
		return reap(dev, client);
	case USBDEVFS_DISCARDURB:
		return discard(dev);
	default:
		return ENOTTY;
	}
}

static gboolean
on_ioctl(UMockdevIoctlBase *base, UMockdevIoctlClient *client, gpointer arg)
{
	struct usbmock_dev *dev = arg;
	int e;

	(void)base;
	(void)pthread_mutex_lock(&dev->mock->lock);
	e = answer(dev, client);
	(void)pthread_mutex_unlock(&dev->mock->lock);
	umockdev_ioctl_client_complete(client, e == 0 ? 0 : -1, e);
	return TRUE;
}

/* What udev and sysfs say of the device. */
static void
udev_text(const struct usbmock_dev *dev, struct nf_buf *buf)
{
	struct nf_buf desc = NF_BUF_INIT;

	descriptors(dev, &desc);
	nf_buf_printf(buf, "P: /devices/pci0000:00/usb%u/%u-%s\n", dev->bus,
	    dev->bus, dev->port);
	nf_buf_printf(buf, "N: bus/usb/%03u/%03u\n", dev->bus, dev->address);
	nf_buf_printf(buf, "E: DEVNAME=/dev/bus/usb/%03u/%03u\n", dev->bus,
	    dev->address);
	nf_buf_printf(buf, "E: BUSNUM=%03u\nE: DEVNUM=%03u\n", dev->bus,
	    dev->address);
	nf_buf_str(buf, "E: DEVTYPE=usb_device\nE: SUBSYSTEM=usb\n");
	nf_buf_printf(buf, "A: busnum=%u\\n\nA: devnum=%u\\n\n", dev->bus,
	    dev->address);
	nf_buf_str(buf, "A: speed=480\\n\nA: bConfigurationValue=1\\n\n");
	nf_buf_str(buf, "H: descriptors=");
	nf_text_hex_upper(buf, nf_buf_view(&desc));
	nf_buf_str(buf, "\n");
	nf_buf_wipe(&desc);
}

bool
usbmock_add(struct usbmock *mock, struct usbmock_dev *dev)
{
	UMockdevIoctlBase *base = umockdev_ioctl_base_new();
	struct nf_buf text = NF_BUF_INIT;
	char node[64], *root;
	bool ok;

	dev->mock = mock;
	dev->base = base;
	mock->dev[mock->n++] = dev;
	(void)g_signal_connect_after(base, "handle-ioctl",
	    G_CALLBACK(on_ioctl), dev);
	(void)snprintf(node, sizeof(node), "/dev/bus/usb/%03u/%03u",
	    dev->bus, dev->address);
	udev_text(dev, &text);
	ok = umockdev_testbed_attach_ioctl(mock->bed, node, base, NULL) &&
	    umockdev_testbed_add_from_string(mock->bed, nf_buf_text(&text),
	    NULL);
	nf_buf_wipe(&text);
	if (ok && dev->no_node) {
		root = umockdev_testbed_get_root_dir(mock->bed);
		nf_buf_printf(&text, "%s%s", root, node);
		ok = remove(nf_buf_text(&text)) == 0;
		nf_buf_wipe(&text);
		g_free(root);
	}
	return ok;
}
