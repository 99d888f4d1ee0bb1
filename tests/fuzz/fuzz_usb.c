/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz target: a USB device that says anything.  The functions below stand
 * in for libusb's in this program: the input gives the device's numbers and
 * strings, and then what its endpoint sends.
 */
#include "config.h"

#include <libusb.h>
#include <stdlib.h>
#include <string.h>

#include "nfast/host/usb.h"
#include "tests/fuzz/link.h"

#define STRINGS	5

struct libusb_device {
	uint8_t port[3];
	struct libusb_device_descriptor desc;
	struct libusb_config_descriptor config;
	struct libusb_interface interface;
	struct libusb_interface_descriptor alt;
	struct libusb_endpoint_descriptor endpoint[2];
	struct nf_view string[STRINGS];
};

static struct libusb_device device;
static struct nf_cur traffic;
static int dummy;

static uint8_t
next(void)
{
	return nf_cur_left(&traffic) == 0 ? 0 : nf_cur_u8(&traffic, "byte");
}

/* Ours for 0, else the byte. */
static uint8_t
or_ours(uint8_t ours)
{
	uint8_t c = next();

	return c == 0 ? ours : c;
}

static struct nf_view
text_or(const char *ours)
{
	uint8_t n = next();

	if (n == 0)
		return nf_view_of(ours, strlen(ours));
	return nf_cur_bytes(&traffic, "text", nf_cur_left(&traffic) < n ?
	    nf_cur_left(&traffic) : n);
}

static void
device_make(const uint8_t *data, size_t size)
{
	static const char *const ours[STRINGS] = { "", NF_USB_MAKER,
	    NF_USB_NAME, NF_USB_INTERFACE, "SERIAL-1" };

	nf_cur_init(&traffic, data, size, NULL);
	memset(&device, 0, sizeof(device));
	device.desc.idVendor = NF_USB_VENDOR;
	device.desc.idProduct = NF_USB_PRODUCT;
	device.desc.iManufacturer = or_ours(1) % STRINGS;
	device.desc.iProduct = or_ours(2) % STRINGS;
	device.desc.iSerialNumber = or_ours(4) % STRINGS;
	device.config.bNumInterfaces = or_ours(1) % 2;
	device.config.interface = &device.interface;
	device.interface.num_altsetting = or_ours(1) % 2;
	device.interface.altsetting = &device.alt;
	device.alt.bInterfaceClass = or_ours(NF_USB_CLASS);
	device.alt.bInterfaceSubClass = or_ours(NF_USB_SUBCLASS);
	device.alt.bInterfaceProtocol = or_ours(NF_USB_PROTOCOL);
	device.alt.iInterface = or_ours(3) % STRINGS;
	device.alt.bNumEndpoints = or_ours(2) % 3;
	device.alt.endpoint = device.endpoint;
	for (size_t i = 0; i < 2; i++) {
		struct libusb_endpoint_descriptor *ep = &device.endpoint[i];

		ep->bEndpointAddress = or_ours(i == 0 ? 0x81 : 0x02);
		ep->bmAttributes = or_ours(LIBUSB_TRANSFER_TYPE_BULK);
		ep->wMaxPacketSize = (uint16_t)(1u << or_ours(6) % 16);
	}
	for (size_t i = 1; i < STRINGS; i++)
		device.string[i] = text_or(ours[i]);
}

int
libusb_init(libusb_context **ctx)
{
	*ctx = (libusb_context *)&dummy;
	return 0;
}

void
libusb_exit(libusb_context *ctx)
{
	NF_REQUIRE(ctx == (libusb_context *)&dummy);
}

ssize_t
libusb_get_device_list(libusb_context *ctx, libusb_device ***list)
{
	(void)ctx;
	if ((*list = calloc(2, sizeof(**list))) == NULL)
		return LIBUSB_ERROR_NO_MEM;
	(*list)[0] = &device;
	return 1;
}

void
libusb_free_device_list(libusb_device **list, int unref)
{
	(void)unref;
	free(list);
}

int
libusb_open(libusb_device *dev, libusb_device_handle **handle)
{
	NF_REQUIRE(dev == &device);
	*handle = malloc(1);	/* so that a leak is one */
	return *handle == NULL ? LIBUSB_ERROR_NO_MEM : 0;
}

void
libusb_close(libusb_device_handle *handle)
{
	free(handle);
}

uint8_t
libusb_get_bus_number(libusb_device *dev)
{
	(void)dev;
	return 1;
}

uint8_t
libusb_get_device_address(libusb_device *dev)
{
	(void)dev;
	return 2;
}

int
libusb_get_port_numbers(libusb_device *dev, uint8_t *port, int len)
{
	NF_REQUIRE(len >= 3);
	memcpy(port, dev->port, 3);
	return 3;
}

int
libusb_get_device_descriptor(libusb_device *dev,
    struct libusb_device_descriptor *out)
{
	*out = dev->desc;
	return 0;
}

int
libusb_get_active_config_descriptor(libusb_device *dev,
    struct libusb_config_descriptor **out)
{
	*out = &dev->config;
	return 0;
}

void
libusb_free_config_descriptor(struct libusb_config_descriptor *config)
{
	(void)config;
}

/* As libusb: at most length bytes with the NUL, which is not counted. */
int
libusb_get_string_descriptor_ascii(libusb_device_handle *handle,
    uint8_t index, unsigned char *out, int length)
{
	struct nf_view v = device.string[index % STRINGS];
	size_t n = v.len < (size_t)length ? v.len : (size_t)length - 1;

	(void)handle;
	if (n > 0)
		memcpy(out, v.p, n);
	out[n] = '\0';
	return (int)n;
}

int
libusb_kernel_driver_active(libusb_device_handle *handle, int interface)
{
	(void)handle;
	(void)interface;
	return 0;
}

int
libusb_claim_interface(libusb_device_handle *handle, int interface)
{
	(void)handle;
	(void)interface;
	return 0;
}

int
libusb_set_interface_alt_setting(libusb_device_handle *handle,
    int interface, int alt)
{
	(void)handle;
	(void)interface;
	(void)alt;
	return 0;
}

int
libusb_clear_halt(libusb_device_handle *handle, unsigned char endpoint)
{
	(void)handle;
	(void)endpoint;
	return 0;
}

/* A byte says what happens: so many bytes, up to 0xf0, else an error. */
int
libusb_bulk_transfer(libusb_device_handle *handle, unsigned char endpoint,
    unsigned char *p, int length, int *done, unsigned int timeout)
{
	static const int errors[] = { 0, LIBUSB_ERROR_PIPE,
	    LIBUSB_ERROR_OVERFLOW, LIBUSB_ERROR_NO_DEVICE, LIBUSB_ERROR_IO,
	    LIBUSB_ERROR_NO_MEM, LIBUSB_ERROR_BUSY,
	    LIBUSB_ERROR_INTERRUPTED };
	struct nf_view v;
	uint8_t what;

	(void)handle;
	(void)timeout;
	*done = 0;
	if ((endpoint & LIBUSB_ENDPOINT_IN) == 0) {
		*done = length;
		return 0;
	}
	if (nf_cur_left(&traffic) == 0)
		return LIBUSB_ERROR_NO_DEVICE;
	if ((what = next()) >= 0xf0)
		return errors[what & 7];
	v = nf_cur_bytes(&traffic, "packet", nf_cur_left(&traffic) < what ?
	    nf_cur_left(&traffic) : what);
	if (v.len > (size_t)length)
		v.len = (size_t)length;
	if (v.len > 0)
		memcpy(p, v.p, v.len);
	*done = (int)v.len;
	return 0;
}

void
target_usb(const uint8_t *data, size_t size)
{
	static struct nf_usb_list list;
	struct nf_link link = { NULL, NULL };
	struct nf_diag diag = { 0 };
	int r;

	device_make(data, size);
	fuzz_diag(nf_usb_list(&list, &diag), &diag);
	for (size_t i = 0; i < list.n; i++)
		NF_REQUIRE(nf_view_printable(nf_view_of(list.entry[i].serial,
		    strlen(list.entry[i].serial))));
	nf_diag_clear(&diag);
	r = nf_link_usb(NULL, &link, &diag);
	fuzz_diag(r, &diag);
	if (r == 0)
		fuzz_messages(&link, 3, size);
	if (link.ops != NULL)
		link.ops->close(link.self);
}
