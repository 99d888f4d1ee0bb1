/* SPDX-License-Identifier: Apache-2.0 */
/*
 * USB devices that exist only for this process and its children: a scripted
 * device behind umockdev answers what libusb asks of the kernel.  One bulk
 * pair of 512-byte packets; faults are fields that a test sets.
 */
#ifndef NF_TESTS_HOST_USBMOCK_H
#define NF_TESTS_HOST_USBMOCK_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nfast/base/buf.h"

#define USBMOCK_PACKET	512
#define USBMOCK_NONE	((size_t)-1)
#define USBMOCK_URBS	8

struct usbmock;
struct usbmock_urb;

/* Strings that are NULL are not there. */
struct usbmock_dev {
	unsigned int bus;
	unsigned int address;
	const char *port;		/* "2" or "2.1" */
	uint16_t vendor;
	uint16_t product;
	uint8_t class[3];
	uint8_t endpoint[2];
	uint16_t packet;
	const char *text[4];		/* maker, name, serial, interface */
	const char *driver;
	bool no_node;			/* cannot be opened */
	bool busy;			/* CLAIMINTERFACE refuses */

	/* Faults; byte counts are within one frame. */
	bool deaf;			/* takes no OUT transfer */
	bool silent;			/* swallows commands */
	bool babble;			/* IN overflows its packet */
	unsigned int empty;		/* empty IN packets to come */
	size_t chunk;			/* most bytes of an IN transfer */
	unsigned int stall_out;		/* OUT transfers that will stall */
	size_t stall_out_at;
	unsigned int stall_in;
	size_t stall_in_at;
	size_t unplug_out_at;
	size_t unplug_in_at;

	/* Append the raw bytes of IN for one command; NULL: echo it. */
	void (*reply)(void *arg, struct nf_view message, struct nf_buf *in);
	void *arg;

	/* What happened. */
	unsigned int claims;
	unsigned int alt_sets;
	unsigned int clears;
	unsigned int bulks;
	unsigned int messages;

	/* The inside. */
	bool gone;
	bool halted_out;
	bool halted_in;
	struct nf_buf out;
	struct nf_buf in;
	size_t in_off;
	struct usbmock_urb *urb[USBMOCK_URBS];
	struct usbmock *mock;
	void *base;
};

/* An empty bus, or NULL. */
struct usbmock *usbmock_new(void);
void usbmock_free(struct usbmock *mock);

/* Fields of a simulated module and of an Edge; change them before adding. */
void usbmock_module(struct usbmock_dev *dev, unsigned int number,
    const char *serial);
void usbmock_edge(struct usbmock_dev *dev, unsigned int number,
    const char *serial);

/* Plug it in; dev lives as long as the bus. */
bool usbmock_add(struct usbmock *mock, struct usbmock_dev *dev);

/* Append a frame of one message. */
void usbmock_frame(struct nf_buf *in, struct nf_view message);

#endif
