/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is attached to USB: nShield Edges, which can be detected and not
 * driven, and simulated modules.  Real: the interface string of an Edge.
 * Ours: everything about simulated modules.
 *
 * A simulated module is a USB device with
 *   - vendor 0x1209, product 0x0001 (a number that is reserved for tests and
 *     that anybody may use, so the strings decide);
 *   - manufacturer NF_USB_MAKER, product NF_USB_NAME, a serial number, and
 *     one interface with the string NF_USB_INTERFACE, class 0xff, subclass
 *     NF_USB_SUBCLASS, protocol NF_USB_PROTOCOL;
 *   - in its alternate setting 0 one bulk OUT and one bulk IN endpoint, on
 *     which frames travel as on the socket: u32 length (little-endian,
 *     1..NF_MESSAGE_MAX) and one message; a command, then its reply.
 * A reply of length 0 says that the gadget cannot reach its module.
 * Each frame starts a transfer.  A transfer that is a whole number of packets
 * is not ended by an empty packet (the length says where it ends), and an
 * empty packet is no error.  SET_INTERFACE forgets every unfinished frame and
 * begins a new client.
 */
#ifndef NF_HOST_USB_H
#define NF_HOST_USB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nfast/host/transport.h"

#define NF_USB_VENDOR		0x1209
#define NF_USB_PRODUCT		0x0001
#define NF_USB_MAKER		"secworld"
#define NF_USB_NAME		"secworld simulated module"
#define NF_USB_INTERFACE	"secworld.module.1"
#define NF_USB_CLASS		0xff
#define NF_USB_SUBCLASS		0x53
#define NF_USB_PROTOCOL		1

#define NF_USB_EDGE		"nCipher.nShield.Edge"

#define NF_USB_ENTRIES_MAX	32	/* devices of ours or Edges */
#define NF_USB_TEXT_MAX		126	/* characters of a string descriptor */
#define NF_USB_PORT_MAX		31
#define NF_USB_EMPTY_MAX	16	/* empty packets in one reply */

/* How long a message may take to the module, and its reply from it. */
#define NF_USB_OUT_MS		10000
#define NF_USB_IN_MS		120000

/*
 * One device.
 *   edge     an nShield Edge; else a simulated module
 *   port     "1.4": the ports from the root hub to it, "" when not known
 *   serial   printable, "" when it has none
 *   driver   a kernel driver holds the interface
 */
struct nf_usb_entry {
	bool edge;
	bool driver;
	uint8_t bus;
	uint8_t address;
	uint16_t vendor;
	uint16_t product;
	char port[NF_USB_PORT_MAX + 1];
	char serial[NF_USB_TEXT_MAX + 1];
};

/*
 * What was found.
 *   bus_missing  there is no USB here
 *   unreadable   devices that could not be asked, for want of permission
 *                as a rule
 *   more         there were more than NF_USB_ENTRIES_MAX
 */
struct nf_usb_list {
	bool bus_missing;
	bool more;
	size_t unreadable;
	size_t n;
	struct nf_usb_entry entry[NF_USB_ENTRIES_MAX];
};

/*
 * List Edges and simulated modules in order of bus and port.  Devices are
 * opened and their strings read; nothing is claimed and nothing else is sent.
 * Returns 0 (also when there is no USB), NF_E_NOMEM or NF_E_IO.
 */
int nf_usb_list(struct nf_usb_list *list, struct nf_diag *diag);

/*
 * As nf_link_usb(), with other time-outs (milliseconds); for tests.
 * Errors: NF_E_NOTFOUND (none; no such serial; diag.field says which string
 * of one with our numbers is not ours), NF_E_USAGE (several, named in the
 * diag), NF_E_BUSY (a driver or program holds it), NF_E_IO, NF_E_NOMEM.
 */
int nf_link_usb_timed(const char *serial, unsigned int out_ms,
    unsigned int in_ms, struct nf_link *out, struct nf_diag *diag);

/* For the transport, which shares the recognition. */

struct libusb_context;
struct libusb_device;
struct libusb_device_handle;

/* Where the frames of a module travel; sizes are those of packets. */
struct nf_usb_pipe {
	uint8_t interface;
	uint8_t in;
	uint8_t out;
	size_t in_size;
	size_t out_size;
};

/*
 * Start libusb.  *ctx NULL and 0: there is no USB here.
 * Errors: NF_E_NOMEM, NF_E_IO.
 */
int nf_usb_init(struct libusb_context **ctx, struct nf_diag *diag);

/*
 * All devices in order of bus and port; free with libusb_free_device_list().
 * Errors: NF_E_NOMEM, NF_E_IO.
 */
int nf_usb_devices(struct libusb_context *ctx, struct libusb_device ***devs,
    size_t *n, struct nf_diag *diag);

/* Bus, port, address and numbers of a device; nothing is asked of it. */
void nf_usb_where(struct libusb_device *dev, struct nf_usb_entry *entry);

/* Whether the numbers are those of a simulated module. */
bool nf_usb_candidate(const struct nf_usb_entry *entry);

/*
 * Check that an opened candidate is a simulated module.
 *   entry  receives serial and driver
 *   pipe   receives the interface and its endpoints
 * Returns 0, NF_E_MISMATCH (diag.field: "usb.manufacturer", "usb.product",
 * "usb.interface", "usb.endpoints"), NF_E_IO.
 */
int nf_usb_module(struct libusb_device *dev,
    struct libusb_device_handle *handle, struct nf_usb_entry *entry,
    struct nf_usb_pipe *pipe, struct nf_diag *diag);

#endif
