/* SPDX-License-Identifier: Apache-2.0 */
/* Detection of Edges and simulated modules among scripted devices. */
#include "config.h"

#include <libusb.h>

#include "tests/host/usbfix.h"

/* The linker puts this in the place of libusb_init(). */
static int init_result;

int __real_libusb_init(libusb_context **ctx);
int __wrap_libusb_init(libusb_context **ctx);

int
__wrap_libusb_init(libusb_context **ctx)
{
	return init_result != 0 ? init_result : __real_libusb_init(ctx);
}

START_TEST(no_bus)
{
	static const struct {
		int result;
		int list;
		int open;
	} row[] = {
		{ LIBUSB_ERROR_OTHER, 0, NF_E_NOTFOUND },
		{ LIBUSB_ERROR_NOT_SUPPORTED, 0, NF_E_NOTFOUND },
		{ LIBUSB_ERROR_ACCESS, NF_E_IO, NF_E_IO },
		{ LIBUSB_ERROR_NO_MEM, NF_E_NOMEM, NF_E_NOMEM },
	};
	struct nf_usb_list list;

	init_result = row[_i].result;
	ck_assert_int_eq(nf_usb_list(&list, &diag), row[_i].list);
	ck_assert(list.bus_missing == (row[_i].list == 0));
	ck_assert_uint_eq(list.n, 0);
	FAILS(row[_i].open, open_link(NULL));
	ck_assert_ptr_null(link_usb.ops);
}
END_TEST

START_TEST(list_nothing)
{
	struct nf_usb_list list;

	dev2.vendor = 0x1d6b;
	ck_assert(usbmock_add(mock, &dev2));
	OK(nf_usb_list(&list, &diag));
	ck_assert(!list.bus_missing);
	ck_assert_uint_eq(list.n, 0);
	ck_assert_uint_eq(list.unreadable, 0);
}
END_TEST

START_TEST(list_all)
{
	struct usbmock_dev hub, edge;
	struct nf_usb_list list;

	usbmock_edge(&hub, 0, "HUB");
	hub.text[3] = "a hub";
	hub.port = "3";
	usbmock_edge(&edge, 8, NULL);
	edge.port = "3.2";
	edge.driver = "ftdi_sio";
	dev3.port = "3.10";
	dev.bus = 2;
	ck_assert(usbmock_add(mock, &dev));
	ck_assert(usbmock_add(mock, &hub));
	ck_assert(usbmock_add(mock, &dev3));
	ck_assert(usbmock_add(mock, &edge));
	OK(nf_usb_list(&list, &diag));
	ck_assert_uint_eq(list.n, 3);
	ck_assert(list.entry[0].edge && list.entry[0].driver);
	ck_assert_str_eq(list.entry[0].port, "3.2");
	ck_assert_str_eq(list.entry[0].serial, "");
	ck_assert_uint_eq(list.entry[0].address, 9);
	ck_assert(list.entry[1].edge && !list.entry[1].driver);
	ck_assert_str_eq(list.entry[1].port, "3.10");
	ck_assert_str_eq(list.entry[1].serial, "EDGE-3");
	ck_assert(!list.entry[2].edge);
	ck_assert_uint_eq(list.entry[2].bus, 2);
	ck_assert_str_eq(list.entry[2].serial, "SIM-1");
	/* Nothing was taken and nothing was sent. */
	ck_assert_uint_eq(edge.claims + dev3.claims + dev.claims, 0);
	ck_assert_uint_eq(edge.alt_sets + dev3.alt_sets + dev.alt_sets, 0);
	ck_assert_uint_eq(edge.bulks + dev3.bulks + dev.bulks, 0);
	usbmock_free(mock);
	mock = NULL;
}
END_TEST

START_TEST(list_unreadable)
{
	struct nf_usb_list list;

	dev2.no_node = true;
	ck_assert(usbmock_add(mock, &dev2));
	ck_assert(usbmock_add(mock, &dev3));
	OK(nf_usb_list(&list, &diag));
	ck_assert_uint_eq(list.unreadable, 1);
	ck_assert_uint_eq(list.n, 1);
}
END_TEST

START_TEST(list_junk_serial)
{
	struct nf_usb_list list;

	dev3.text[2] = "a\nb\033[2J";
	ck_assert(usbmock_add(mock, &dev3));
	OK(nf_usb_list(&list, &diag));
	ck_assert_uint_eq(list.n, 1);
	ck_assert_str_eq(list.entry[0].serial, "a?b?[2J");
}
END_TEST

START_TEST(list_max_serial)
{
	char text[NF_USB_TEXT_MAX + 1];
	struct nf_usb_list list;

	memset(text, 'x', NF_USB_TEXT_MAX);
	text[NF_USB_TEXT_MAX] = '\0';
	dev3.text[2] = text;
	ck_assert(usbmock_add(mock, &dev3));
	OK(nf_usb_list(&list, &diag));
	ck_assert_str_eq(list.entry[0].serial, text);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("host/usb");
	TCase *tc = tcase_create("usb");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 20);
	tcase_add_loop_test(tc, no_bus, 0, 4);
	tcase_add_test(tc, list_nothing);
	tcase_add_test(tc, list_all);
	tcase_add_test(tc, list_unreadable);
	tcase_add_test(tc, list_junk_serial);
	tcase_add_test(tc, list_max_serial);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
