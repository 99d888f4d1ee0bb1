/* SPDX-License-Identifier: Apache-2.0 */
/* Three scripted devices that are not plugged in yet, and one link. */
#ifndef NF_TESTS_HOST_USBFIX_H
#define NF_TESTS_HOST_USBFIX_H

#include "nfast/host/usb.h"
#include "tests/host/usbmock.h"
#include "tests/tap.h"

#define SOON_MS	300

/* Long, but where a case waits for its end. */
static unsigned int wait_ms = 120000;

static struct usbmock *mock;
static struct usbmock_dev dev, dev2, dev3;
static struct nf_link link_usb;
static struct nf_diag diag;
static struct nf_buf reply;

#define OK(e)	ck_assert_msg((e) == 0, "%s: %s: %s", #e, diag.field, \
	diag.text)

#define FAILS(want, e) do { \
	nf_diag_clear(&diag); \
	ck_assert_int_eq((e), (want)); \
	ck_assert_int_eq(diag.code, (want)); \
} while (0)

#define SAYS(s)	ck_assert_msg(strstr(diag.text, (s)) != NULL, \
	"'%s' is not in '%s'", (s), diag.text)

static inline void
setup(void)
{
	mock = usbmock_new();
	ck_assert_ptr_nonnull(mock);
	usbmock_module(&dev, 1, "SIM-1");
	usbmock_module(&dev2, 2, "SIM-2");
	usbmock_edge(&dev3, 3, "EDGE-3");
	nf_buf_init(&reply);
}

static inline void
teardown(void)
{
	if (link_usb.ops != NULL)
		link_usb.ops->close(link_usb.self);
	nf_buf_wipe(&reply);
	usbmock_free(mock);
}

static inline int
open_link(const char *serial)
{
	if (link_usb.ops != NULL)
		link_usb.ops->close(link_usb.self);
	return nf_link_usb_timed(serial, wait_ms, wait_ms, &link_usb, &diag);
}

#endif
