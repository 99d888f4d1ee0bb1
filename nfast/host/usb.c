/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recognises nShield Edges and simulated modules on USB by their strings.  An
 * Edge is a serial bridge whose protocol is not public: it is named and left
 * alone.  Nothing here claims an interface or writes to an endpoint.
 */
#include "config.h"

#include <libusb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nfast/host/usb.h"

int
nf_usb_init(struct libusb_context **ctx, struct nf_diag *diag)
{
	int r;

	*ctx = NULL;
	if ((r = libusb_init(ctx)) == 0)
		return 0;
	*ctx = NULL;
	switch (r) {
	case LIBUSB_ERROR_NO_MEM:
		return nf_diag_set(diag, NF_E_NOMEM, NULL, "out of memory");
	case LIBUSB_ERROR_ACCESS:
		return nf_diag_set(diag, NF_E_IO, "usb", "libusb: %s",
		    libusb_strerror(r));
	default:
		/* A machine or container without /dev/bus/usb. */
		return 0;
	}
}

void
nf_usb_where(struct libusb_device *dev, struct nf_usb_entry *entry)
{
	struct libusb_device_descriptor desc;
	uint8_t port[8];
	int i, n;

	memset(entry, 0, sizeof(*entry));
	entry->bus = libusb_get_bus_number(dev);
	entry->address = libusb_get_device_address(dev);
	if (libusb_get_device_descriptor(dev, &desc) == 0) {
		entry->vendor = desc.idVendor;
		entry->product = desc.idProduct;
	}
	n = libusb_get_port_numbers(dev, port, (int)sizeof(port));
	for (i = 0; i < n; i++) {
		size_t len = strlen(entry->port);

		(void)snprintf(entry->port + len, sizeof(entry->port) - len,
		    "%s%u", i == 0 ? "" : ".", port[i]);
	}
}

static int
device_compare(const void *a, const void *b)
{
	struct nf_usb_entry x, y;

	nf_usb_where(*(struct libusb_device *const *)a, &x);
	nf_usb_where(*(struct libusb_device *const *)b, &y);
	if (x.bus != y.bus)
		return x.bus < y.bus ? -1 : 1;
	/* "1.10" is after "1.9". */
	return strverscmp(x.port, y.port);
}

int
nf_usb_devices(struct libusb_context *ctx, struct libusb_device ***devs,
    size_t *n, struct nf_diag *diag)
{
	ssize_t r = libusb_get_device_list(ctx, devs);

	if (r < 0)
		return nf_diag_set(diag, r == LIBUSB_ERROR_NO_MEM ?
		    NF_E_NOMEM : NF_E_IO, "usb", "libusb: %s",
		    libusb_strerror((int)r));
	*n = (size_t)r;
	qsort(*devs, *n, sizeof(**devs), device_compare);
	return 0;
}

bool
nf_usb_candidate(const struct nf_usb_entry *entry)
{
	return entry->vendor == NF_USB_VENDOR &&
	    entry->product == NF_USB_PRODUCT;
}

/* A string of the device; "" when it has none.  False: it did not answer. */
static bool
text_read(struct libusb_device_handle *handle, uint8_t index,
    char out[static NF_USB_TEXT_MAX + 1])
{
	unsigned char text[NF_USB_TEXT_MAX + 1];
	int n;

	out[0] = '\0';
	if (index == 0)
		return true;
	n = libusb_get_string_descriptor_ascii(handle, index, text,
	    (int)sizeof(text));
	if (n < 0)
		return n == LIBUSB_ERROR_PIPE;
	memcpy(out, text, (size_t)n);
	out[n] = '\0';
	for (int i = 0; i < n; i++) {
		if (out[i] < 0x20 || out[i] >= 0x7f)
			out[i] = '?';
	}
	return true;
}

static int
no_answer(struct nf_diag *diag)
{
	return nf_diag_set(diag, NF_E_IO, "usb",
	    "the device does not say its strings");
}

/* One string that has to be this. */
static int
text_check(struct libusb_device_handle *handle, uint8_t index,
    const char *want, const char *field, struct nf_diag *diag)
{
	char text[NF_USB_TEXT_MAX + 1];

	if (!text_read(handle, index, text))
		return no_answer(diag);
	if (strcmp(text, want) != 0)
		return nf_diag_set(diag, NF_E_MISMATCH, field,
		    "is '%s', not '%s'", text, want);
	return 0;
}

/* Exactly one bulk endpoint each way, with packets of a legal size. */
static bool
pipe_find(const struct libusb_interface_descriptor *alt,
    struct nf_usb_pipe *pipe)
{
	const struct libusb_endpoint_descriptor *ep;
	size_t size;

	memset(pipe, 0, sizeof(*pipe));
	pipe->interface = alt->bInterfaceNumber;
	if (alt->bNumEndpoints != 2)
		return false;
	for (size_t i = 0; i < 2; i++) {
		ep = &alt->endpoint[i];
		size = ep->wMaxPacketSize;
		if ((ep->bmAttributes & LIBUSB_TRANSFER_TYPE_MASK) !=
		    LIBUSB_TRANSFER_TYPE_BULK || size < 8 || size > 1024 ||
		    (size & (size - 1)) != 0)
			return false;
		if ((ep->bEndpointAddress & LIBUSB_ENDPOINT_IN) != 0) {
			pipe->in = ep->bEndpointAddress;
			pipe->in_size = size;
		} else {
			pipe->out = ep->bEndpointAddress;
			pipe->out_size = size;
		}
	}
	return pipe->in != 0 && pipe->out != 0;
}

/* The one interface of class and protocol of ours, or NULL. */
static const struct libusb_interface_descriptor *
module_interface(const struct libusb_config_descriptor *config)
{
	const struct libusb_interface_descriptor *alt, *found = NULL;

	for (size_t i = 0; i < config->bNumInterfaces; i++) {
		if (config->interface[i].num_altsetting < 1)
			continue;
		alt = &config->interface[i].altsetting[0];
		if (alt->bInterfaceClass != NF_USB_CLASS ||
		    alt->bInterfaceSubClass != NF_USB_SUBCLASS ||
		    alt->bInterfaceProtocol != NF_USB_PROTOCOL)
			continue;
		if (found != NULL)
			return NULL;
		found = alt;
	}
	return found;
}

int
nf_usb_module(struct libusb_device *dev,
    struct libusb_device_handle *handle, struct nf_usb_entry *entry,
    struct nf_usb_pipe *pipe, struct nf_diag *diag)
{
	const struct libusb_interface_descriptor *alt;
	struct libusb_config_descriptor *config = NULL;
	struct libusb_device_descriptor desc;
	int r;

	if (libusb_get_device_descriptor(dev, &desc) != 0)
		return no_answer(diag);
	if ((r = text_check(handle, desc.iManufacturer, NF_USB_MAKER,
	    "usb.manufacturer", diag)) != 0 ||
	    (r = text_check(handle, desc.iProduct, NF_USB_NAME,
	    "usb.product", diag)) != 0)
		goto out;
	if (libusb_get_active_config_descriptor(dev, &config) != 0 ||
	    (alt = module_interface(config)) == NULL) {
		r = nf_diag_set(diag, NF_E_MISMATCH, "usb.interface",
		    "there is not one interface of class %02x/%02x/%02x",
		    NF_USB_CLASS, NF_USB_SUBCLASS, NF_USB_PROTOCOL);
		goto out;
	}
	if ((r = text_check(handle, alt->iInterface, NF_USB_INTERFACE,
	    "usb.interface", diag)) != 0)
		goto out;
	if (!pipe_find(alt, pipe)) {
		r = nf_diag_set(diag, NF_E_MISMATCH, "usb.endpoints",
		    "are not one bulk IN and one bulk OUT");
		goto out;
	}
	if (!text_read(handle, desc.iSerialNumber, entry->serial)) {
		r = no_answer(diag);
		goto out;
	}
	entry->driver = libusb_kernel_driver_active(handle,
	    pipe->interface) == 1;
out:
	libusb_free_config_descriptor(config);
	return r;
}

/* An interface of the device says that this is an Edge. */
static bool
edge_check(struct libusb_device *dev, struct libusb_device_handle *handle,
    struct nf_usb_entry *entry)
{
	struct libusb_config_descriptor *config = NULL;
	struct libusb_device_descriptor desc;
	char text[NF_USB_TEXT_MAX + 1];
	bool answers = true;

	if (libusb_get_device_descriptor(dev, &desc) != 0 ||
	    libusb_get_active_config_descriptor(dev, &config) != 0)
		return false;
	for (size_t i = 0; i < config->bNumInterfaces && answers; i++) {
		const struct libusb_interface *face = &config->interface[i];

		if (face->num_altsetting < 1)
			continue;
		answers = text_read(handle, face->altsetting[0].iInterface,
		    text);
		if (!answers || strcmp(text, NF_USB_EDGE) != 0)
			continue;
		entry->edge = true;
		entry->driver = libusb_kernel_driver_active(handle,
		    face->altsetting[0].bInterfaceNumber) == 1;
		(void)text_read(handle, desc.iSerialNumber, entry->serial);
		break;
	}
	libusb_free_config_descriptor(config);
	return entry->edge;
}

/* Ask one device and list it when it is one of the two kinds. */
static void
device_list(struct libusb_device *dev, struct nf_usb_list *list)
{
	struct libusb_device_handle *handle = NULL;
	struct nf_usb_entry entry;
	struct nf_usb_pipe pipe;
	bool known;

	nf_usb_where(dev, &entry);
	if (libusb_open(dev, &handle) != 0) {
		list->unreadable++;
		return;
	}
	known = nf_usb_candidate(&entry) ?
	    nf_usb_module(dev, handle, &entry, &pipe, NULL) == 0 :
	    edge_check(dev, handle, &entry);
	libusb_close(handle);
	if (known && list->n == NF_USB_ENTRIES_MAX)
		list->more = true;
	else if (known)
		list->entry[list->n++] = entry;
}

int
nf_usb_list(struct nf_usb_list *list, struct nf_diag *diag)
{
	struct libusb_context *ctx = NULL;
	struct libusb_device **devs = NULL;
	size_t n;
	int r;

	memset(list, 0, sizeof(*list));
	if ((r = nf_usb_init(&ctx, diag)) != 0)
		return r;
	if (ctx == NULL) {
		list->bus_missing = true;
		return 0;
	}
	if ((r = nf_usb_devices(ctx, &devs, &n, diag)) != 0)
		goto out;
	for (size_t i = 0; i < n; i++)
		device_list(devs[i], list);
	libusb_free_device_list(devs, 1);
out:
	libusb_exit(ctx);
	return r;
}
