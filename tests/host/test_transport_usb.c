/* SPDX-License-Identifier: Apache-2.0 */
/* The USB transport against scripted devices: choice, messages, faults. */
#include "config.h"

#include <sys/socket.h>

#include <pthread.h>
#include <time.h>

#include "nfast/host/gadget.h"
#include "nfast/wire/command.h"
#include "tests/host/usbfix.h"

static const char *script_hex;

/* Plug dev in and connect. */
static void
plug(void)
{
	ck_assert(usbmock_add(mock, &dev));
	OK(open_link(NULL));
	ck_assert_uint_eq(dev.claims, 1);
	ck_assert_uint_eq(dev.alt_sets, 1);
}

/* Send len bytes of a pattern. */
static int
transact(size_t len)
{
	struct nf_buf message = NF_BUF_INIT;
	int r;

	nf_buf_wipe(&reply);
	for (size_t i = 0; i < len; i++)
		nf_buf_u8(&message, (uint8_t)(i * 7 + i / 256 + len));
	r = link_usb.ops->transact(link_usb.self, nf_buf_view(&message),
	    &reply, &diag);
	if (r == 0)
		ck_assert(nf_view_equal(nf_buf_view(&message),
		    nf_buf_view(&reply)));
	else
		ck_assert_uint_eq(reply.len, 0);
	nf_buf_wipe(&message);
	return r;
}

/* After a failure the link is not used again. */
static void
stays_failed(void)
{
	unsigned int bulks = dev.bulks;

	FAILS(NF_E_IO, transact(10));
	SAYS("failed before");
	ck_assert_uint_eq(dev.bulks, bulks);
}

/* The reply is these raw bytes instead of a frame. */
static void
raw_reply(void *arg, struct nf_view message, struct nf_buf *in)
{
	struct nf_buf raw;

	(void)arg;
	(void)message;
	nf_tap_unhex(script_hex, &raw);
	nf_buf_view_put(in, nf_buf_view(&raw));
	nf_buf_wipe(&raw);
}

static void
script(const char *hex)
{
	dev.reply = raw_reply;
	script_hex = hex;
}

/* ---- which device ---- */

START_TEST(no_module)
{
	ck_assert(usbmock_add(mock, &dev3));
	FAILS(NF_E_NOTFOUND, open_link(NULL));
	SAYS("no simulated module on USB");
	ck_assert_uint_eq(dev3.claims, 0);
}
END_TEST

START_TEST(two_modules)
{
	ck_assert(usbmock_add(mock, &dev));
	ck_assert(usbmock_add(mock, &dev2));
	FAILS(NF_E_USAGE, open_link(NULL));
	SAYS("'SIM-1' at bus 1 port 2, 'SIM-2' at bus 1 port 3");
	FAILS(NF_E_USAGE, open_link(""));
	ck_assert_uint_eq(dev.claims + dev2.claims, 0);
	OK(open_link("SIM-2"));
	OK(transact(100));
	ck_assert_uint_eq(dev.claims + dev.messages, 0);
	ck_assert_uint_eq(dev2.messages, 1);
}
END_TEST

START_TEST(duplicate_serial)
{
	dev2.text[2] = "SIM-1";
	ck_assert(usbmock_add(mock, &dev));
	ck_assert(usbmock_add(mock, &dev2));
	FAILS(NF_E_USAGE, open_link("SIM-1"));
	SAYS("several");
}
END_TEST

START_TEST(wrong_serial)
{
	ck_assert(usbmock_add(mock, &dev));
	FAILS(NF_E_NOTFOUND, open_link("SIM-10"));
	SAYS("no simulated module 'SIM-10'");
	SAYS("there is 'SIM-1'");
}
END_TEST

START_TEST(wrong_string)
{
	static const struct {
		int text;
		const char *is;
		const char *field;
	} row[] = {
		{ 0, "someone", "usb.manufacturer" },
		{ 0, NULL, "usb.manufacturer" },
		{ 1, "secworld simulated modul", "usb.product" },
		{ 3, "secworld.module.2", "usb.interface" },
		{ 3, NF_USB_EDGE, "usb.interface" },
	};

	dev.text[row[_i].text] = row[_i].is;
	ck_assert(usbmock_add(mock, &dev));
	FAILS(NF_E_NOTFOUND, open_link(NULL));
	ck_assert_str_eq(diag.field, row[_i].field);
	SAYS("1209:0001 at bus 1 port 2");
	ck_assert_uint_eq(dev.claims, 0);
}
END_TEST

START_TEST(wrong_class)
{
	dev.class[1] = 0;
	ck_assert(usbmock_add(mock, &dev));
	FAILS(NF_E_NOTFOUND, open_link(NULL));
	ck_assert_str_eq(diag.field, "usb.interface");
}
END_TEST

START_TEST(wrong_endpoints)
{
	static const uint8_t row[][2] = { { 1, 2 }, { 0x81, 0x82 } };

	memcpy(dev.endpoint, row[_i], 2);
	ck_assert(usbmock_add(mock, &dev));
	FAILS(NF_E_NOTFOUND, open_link(NULL));
	ck_assert_str_eq(diag.field, "usb.endpoints");
}
END_TEST

START_TEST(wrong_packet_size)
{
	static const uint16_t row[] = { 0, 4, 500, 2048, 0xffff };

	dev.packet = row[_i];
	ck_assert(usbmock_add(mock, &dev));
	FAILS(NF_E_NOTFOUND, open_link(NULL));
	ck_assert_str_eq(diag.field, "usb.endpoints");
}
END_TEST

START_TEST(no_permission)
{
	dev.no_node = true;
	ck_assert(usbmock_add(mock, &dev));
	FAILS(NF_E_IO, open_link(NULL));
	SAYS("cannot open");
}
END_TEST

START_TEST(kernel_driver)
{
	dev.driver = "usbserial_generic";
	ck_assert(usbmock_add(mock, &dev));
	FAILS(NF_E_BUSY, open_link(NULL));
	SAYS("a kernel driver holds it");
	ck_assert_uint_eq(dev.claims, 0);
}
END_TEST

START_TEST(other_program)
{
	dev.busy = true;
	ck_assert(usbmock_add(mock, &dev));
	FAILS(NF_E_BUSY, open_link(NULL));
	SAYS("another program holds it");
}
END_TEST

/* ---- messages ---- */

START_TEST(sizes)
{
	static const size_t row[] = { 1, 3, 4, 507, 508, 509, 1019, 1020,
	    1021, 16380, 16384, NF_MESSAGE_MAX - 4, NF_MESSAGE_MAX };

	plug();
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		OK(transact(row[i]));
	ck_assert_uint_eq(dev.messages, sizeof(row) / sizeof(row[0]));
}
END_TEST

START_TEST(mebibyte)
{
	plug();
	for (size_t i = 0; i < (1u << 20) / NF_MESSAGE_MAX; i++)
		OK(transact(NF_MESSAGE_MAX));
	ck_assert_uint_eq(dev.messages, 16);
}
END_TEST

START_TEST(zero_message)
{
	plug();
	FAILS(NF_E_FORMAT, transact(0));
	ck_assert_str_eq(diag.field, "message");
	OK(transact(1));
}
END_TEST

START_TEST(max_message)
{
	plug();
	FAILS(NF_E_FORMAT, transact(NF_MESSAGE_MAX + 1));
	ck_assert_str_eq(diag.field, "message");
	ck_assert_uint_eq(dev.bulks, 0);
	OK(transact(1));
}
END_TEST

START_TEST(short_packets)
{
	static const size_t row[] = { 2, 3, 5, 511, 513 };

	dev.chunk = row[_i];
	plug();
	OK(transact(200));
	OK(transact(1020));
	OK(transact(1021));
}
END_TEST

START_TEST(empty_packets)
{
	plug();
	dev.empty = NF_USB_EMPTY_MAX;
	OK(transact(1020));
	dev.empty = NF_USB_EMPTY_MAX + 1;
	FAILS(NF_E_FORMAT, transact(1020));
	ck_assert_str_eq(diag.field, "frame");
	stays_failed();
}
END_TEST

START_TEST(short_reply)
{
	static const char *const row[] = { "", "05", "050000", "05000000",
	    "0500000001020304" };

	wait_ms = SOON_MS;
	plug();
	script(row[_i]);
	FAILS(NF_E_IO, transact(10));
	SAYS("no answer in time");
	stays_failed();
}
END_TEST

START_TEST(junk_reply)
{
	static const struct {
		const char *hex;
		const char *field;
	} row[] = {
		{ "01000100", "frame.length" },		/* 65,537 */
		{ "ffffffff", "frame.length" },
		{ "485454502f312e31", "frame.length" },
		{ "010000000102", "frame" },
		{ "0100000001" "0100000002", "frame" },
	};

	plug();
	script(row[_i].hex);
	FAILS(NF_E_FORMAT, transact(10));
	ck_assert_str_eq(diag.field, row[_i].field);
	stays_failed();
}
END_TEST

START_TEST(zero_reply)
{
	plug();
	script("00000000");
	FAILS(NF_E_IO, transact(10));
	SAYS("it cannot reach its module");
	stays_failed();
}
END_TEST

START_TEST(babble)
{
	plug();
	dev.babble = true;
	FAILS(NF_E_FORMAT, transact(10));
	ck_assert_str_eq(diag.field, "frame");
	stays_failed();
}
END_TEST

/* ---- faults ---- */

START_TEST(stall_out)
{
	static const size_t at[] = { 0, 512, 4096 };

	plug();
	dev.stall_out = 1;
	dev.stall_out_at = at[_i];
	OK(transact(10000));
	ck_assert_uint_eq(dev.clears, 1);
	/* Once for each message. */
	dev.stall_out = 1;
	OK(transact(10000));
	ck_assert_uint_eq(dev.clears, 2);
}
END_TEST

START_TEST(stall_in)
{
	static const size_t at[] = { 0, 512, 4096 };

	plug();
	dev.stall_in = 1;
	dev.stall_in_at = at[_i];
	OK(transact(10000));
	ck_assert_uint_eq(dev.clears, 1);
}
END_TEST

START_TEST(stall_twice)
{
	plug();
	dev.stall_out = _i == 0 ? 2 : 0;
	dev.stall_in = _i == 1 ? 2 : 0;
	FAILS(NF_E_IO, transact(100));
	SAYS("stalls again");
	ck_assert_uint_eq(dev.clears, 1);
	stays_failed();
}
END_TEST

static double
seconds(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

START_TEST(time_out)
{
	double start;

	wait_ms = SOON_MS;
	plug();
	dev.deaf = _i == 0;
	dev.silent = _i == 1;
	start = seconds();
	FAILS(NF_E_IO, transact(100));
	SAYS("'SIM-1' at bus 1 port 2: no answer in time");
	ck_assert_double_ge(seconds() - start, SOON_MS / 1000.0 - 0.05);
	/* Not seconds for milliseconds. */
	ck_assert_double_le(seconds() - start, 60);
	stays_failed();
}
END_TEST

START_TEST(late_reply)
{
	wait_ms = SOON_MS;
	plug();
	script("0500000001");
	FAILS(NF_E_IO, transact(100));
	dev.reply = NULL;
	wait_ms = 120000;
	/* What is left of it does not reach the next client. */
	OK(open_link("SIM-1"));
	ck_assert_uint_eq(dev.alt_sets, 2);
	OK(transact(100));
}
END_TEST

START_TEST(unplug)
{
	plug();
	OK(transact(5000));
	dev.gone = _i == 0;
	if (_i == 1)
		dev.unplug_out_at = 1000;
	if (_i == 2)
		dev.unplug_in_at = 1000;
	dev.silent = _i == 3;
	if (_i == 3)
		dev.unplug_out_at = 5003;
	FAILS(NF_E_IO, transact(5000));
	SAYS("'SIM-1' at bus 1 port 2: it was unplugged");
	stays_failed();
}
END_TEST

/* ---- both ends ---- */

static int gadget_ep0[2], gadget_out[2], gadget_in[2];

static size_t
gadget_packet(int fd)
{
	(void)fd;
	return USBMOCK_PACKET;
}

static int
mirror(void *self, struct nf_view message, struct nf_buf *answer,
    struct nf_diag *why)
{
	(void)self;
	(void)why;
	nf_buf_view_put(answer, message);
	return 0;
}

static void
mirror_close(void *self)
{
	(void)self;
}

static int
mirror_connect(void *arg, struct nf_link *link, struct nf_diag *why)
{
	static const struct nf_transport ops = { mirror, mirror_close };

	(void)why;
	link->ops = &ops;
	link->self = arg;
	return 0;
}

static void *
gadget_main(void *arg)
{
	struct nf_gadget gadget = { .ep0 = gadget_ep0[0],
	    .out = gadget_out[0], .in = gadget_in[0], .read = read,
	    .packet = gadget_packet, .connect = mirror_connect, .arg = arg };

	(void)nf_gadget_run(&gadget, NULL);
	return NULL;
}

/* The device passes the packets of a frame to the gadget's endpoints. */
static void
gadget_reply(void *arg, struct nf_view message, struct nf_buf *in)
{
	struct nf_buf frame = NF_BUF_INIT;
	size_t n;

	(void)arg;
	usbmock_frame(&frame, message);
	for (size_t i = 0; i < frame.len; i += n) {
		n = frame.len - i < USBMOCK_PACKET ? frame.len - i :
		    USBMOCK_PACKET;
		(void)send(gadget_out[1], frame.p + i, n, 0);
	}
	n = frame.len;
	nf_buf_wipe(&frame);
	nf_buf_fill(in, 0, n);
	(void)recv(gadget_in[1], in->p + in->len - n, n, MSG_WAITALL);
}

START_TEST(through_gadget)
{
	static const size_t row[] = { 1, 508, 1020, 20000, NF_MESSAGE_MAX };
	pthread_t thread;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0,
	    gadget_ep0), 0);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0,
	    gadget_out), 0);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, gadget_in), 0);
	ck_assert_int_eq(pthread_create(&thread, NULL, gadget_main, &dev),
	    0);
	dev.reply = gadget_reply;
	plug();
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		OK(transact(row[i]));
	/* The end of ep0, and a packet that wakes the reader. */
	ck_assert_int_eq(shutdown(gadget_ep0[1], SHUT_WR), 0);
	ck_assert_int_eq(send(gadget_out[1], "x", 1, 0), 1);
	ck_assert_int_eq(shutdown(gadget_out[1], SHUT_WR), 0);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("host/transport_usb");
	TCase *tc = tcase_create("transport");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 20);
	tcase_add_test(tc, no_module);
	tcase_add_test(tc, two_modules);
	tcase_add_test(tc, duplicate_serial);
	tcase_add_test(tc, wrong_serial);
	tcase_add_loop_test(tc, wrong_string, 0, 5);
	tcase_add_test(tc, wrong_class);
	tcase_add_loop_test(tc, wrong_endpoints, 0, 2);
	tcase_add_loop_test(tc, wrong_packet_size, 0, 5);
	tcase_add_test(tc, no_permission);
	tcase_add_test(tc, kernel_driver);
	tcase_add_test(tc, other_program);
	tcase_add_test(tc, sizes);
	tcase_add_test(tc, mebibyte);
	tcase_add_test(tc, zero_message);
	tcase_add_test(tc, max_message);
	tcase_add_loop_test(tc, short_packets, 0, 5);
	tcase_add_test(tc, empty_packets);
	tcase_add_loop_test(tc, short_reply, 0, 5);
	tcase_add_loop_test(tc, junk_reply, 0, 5);
	tcase_add_test(tc, zero_reply);
	tcase_add_test(tc, babble);
	tcase_add_loop_test(tc, stall_out, 0, 3);
	tcase_add_loop_test(tc, stall_in, 0, 3);
	tcase_add_loop_test(tc, stall_twice, 0, 2);
	tcase_add_loop_test(tc, time_out, 0, 2);
	tcase_add_test(tc, late_reply);
	tcase_add_loop_test(tc, unplug, 0, 4);
	tcase_add_test(tc, through_gadget);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
