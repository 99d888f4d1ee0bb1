/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gadget's side against played endpoint files: sockets that keep packets
 * apart, a pseudo-terminal and FIFOs for the program.  The kernel's FunctionFS
 * itself is not here.
 */
#include "config.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/usb/functionfs.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <termios.h>

#include "nfast/host/frame.h"
#include "nfast/host/gadget.h"
#include "nfast/wire/command.h"
#include "tests/tap.h"

/* Packets that the played endpoint turns into errors. */
#define SHUTDOWN	"ESHUTDOWN"
#define NO_DEVICE	"ENODEV"

#define ZERO		"\0\0\0\0"

static struct {
	int ep0[2];		/* [0] is the gadget's, [1] ours */
	int out[2];
	int in[2];
	struct nf_gadget gadget;
	pthread_t thread;
	int result;
	struct nf_diag diag;
	size_t packet;
	/* What the module does, and what happened. */
	bool refuse;
	bool fail;
	bool restart;		/* the host starts anew while it works */
	unsigned int connects;
	unsigned int closes;
	unsigned int notes;
} bed;

static ssize_t
played_read(int fd, void *p, size_t len)
{
	ssize_t n = read(fd, p, len);

	if (n == (ssize_t)strlen(SHUTDOWN) && memcmp(p, SHUTDOWN,
	    (size_t)n) == 0)
		errno = ESHUTDOWN;
	else if (n == (ssize_t)strlen(NO_DEVICE) && memcmp(p, NO_DEVICE,
	    (size_t)n) == 0)
		errno = ENODEV;
	else
		return n;
	return -1;
}

static size_t
played_packet(int fd)
{
	(void)fd;
	return bed.packet;
}

static void
event(uint8_t type, uint8_t request_type)
{
	struct usb_functionfs_event e = { .type = type };

	e.u.setup.bRequestType = request_type;
	ck_assert_int_eq(write(bed.ep0[1], &e, sizeof(e)), sizeof(e));
}

static int
echo(void *self, struct nf_view message, struct nf_buf *reply,
    struct nf_diag *diag)
{
	(void)self;
	if (bed.restart) {
		bed.restart = false;
		event(FUNCTIONFS_DISABLE, 0);
		event(FUNCTIONFS_ENABLE, 0);
	}
	if (bed.fail)
		return nf_diag_set(diag, NF_E_IO, NULL, "it went away");
	nf_buf_view_put(reply, message);
	return 0;
}

static void
echo_close(void *self)
{
	(void)self;
	bed.closes++;
}

static const struct nf_transport transport = { echo, echo_close };

static int
played_connect(void *arg, struct nf_link *link, struct nf_diag *diag)
{
	ck_assert_ptr_eq(arg, &bed);
	bed.connects++;
	if (bed.refuse)
		return nf_diag_set(diag, NF_E_IO, NULL, "nobody answers");
	link->ops = &transport;
	link->self = &bed;
	return 0;
}

static void
played_note(void *arg, const struct nf_diag *diag)
{
	ck_assert_ptr_eq(arg, &bed);
	ck_assert_int_ne(diag->code, 0);
	bed.notes++;
}

static void *
thread_main(void *arg)
{
	(void)arg;
	bed.result = nf_gadget_run(&bed.gadget, &bed.diag);
	return NULL;
}

static void
setup(void)
{
	memset(&bed, 0, sizeof(bed));
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, bed.ep0), 0);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, bed.out), 0);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, bed.in), 0);
	bed.packet = 512;
	bed.gadget = (struct nf_gadget){ .ep0 = bed.ep0[0],
	    .out = bed.out[0], .in = bed.in[0], .read = played_read,
	    .packet = played_packet, .connect = played_connect,
	    .note = played_note, .arg = &bed };
}

static void
start(void)
{
	ck_assert_int_eq(pthread_create(&bed.thread, NULL, thread_main,
	    NULL), 0);
}

static void
packet(const void *p, size_t len)
{
	ck_assert_int_eq(write(bed.out[1], p, len), (ssize_t)len);
}

/* End it as the kernel does, and look at how it ended. */
static void
stop(void)
{
	packet(NO_DEVICE, strlen(NO_DEVICE));
	ck_assert_int_eq(pthread_join(bed.thread, NULL), 0);
	ck_assert_int_eq(bed.result, NF_E_IO);
	ck_assert_str_eq(bed.diag.field, "ep1");
	ck_assert_uint_eq(bed.closes, bed.refuse ? 0 : bed.connects);
	/* Nothing more was said to the host. */
	ck_assert_int_eq(recv(bed.in[1], &(char){ 0 }, 1, MSG_DONTWAIT), -1);
}

static void
expect(const void *p, size_t len)
{
	uint8_t *got = malloc(len);

	ck_assert_ptr_nonnull(got);
	ck_assert_int_eq(recv(bed.in[1], got, len, MSG_WAITALL),
	    (ssize_t)len);
	ck_assert_mem_eq(got, p, len);
	free(got);
}

/* A frame of len pattern bytes, in transfers of at most step bytes. */
static void
frame_put(struct nf_buf *frame, size_t len)
{
	nf_buf_init(frame);
	nf_buf_u32(frame, (uint32_t)len);
	for (size_t i = 0; i < len; i++)
		nf_buf_u8(frame, (uint8_t)(i * 5 + len));
}

static void
frame_send(const struct nf_buf *frame, size_t len, size_t step)
{
	for (size_t i = 0; i < len; i += step)
		packet(frame->p + i, len - i < step ? len - i : step);
}

static void
exchange(size_t len, size_t step)
{
	struct nf_buf frame;

	frame_put(&frame, len);
	frame_send(&frame, frame.len, step);
	expect(frame.p, frame.len);
	nf_buf_wipe(&frame);
}

START_TEST(describe)
{
	static const char *const hex[] = {
		"03000000" "69000000" "07000000" "03000000" "03000000"
		"05000000"
		"0904000002ff530101" "07050102400000" "07058202400000"
		"0904000002ff530101" "07050102000200" "07058202000200"
		"0904000002ff530101" "07050102000400" "063000000000"
		"07058202000400" "063000000000",
		"02000000" "24000000" "01000000" "01000000" "0904"
		"736563776f726c642e6d6f64756c652e31" "00"
	};
	struct nf_diag diag = { 0 };
	struct nf_buf want;
	uint8_t got[256];

	ck_assert_int_eq(nf_gadget_describe(bed.ep0[0], &diag), 0);
	for (size_t i = 0; i < 2; i++) {
		nf_tap_unhex(hex[i], &want);
		ck_assert_int_eq(read(bed.ep0[1], got, sizeof(got)),
		    (ssize_t)want.len);
		ck_assert_mem_eq(got, want.p, want.len);
		nf_buf_wipe(&want);
	}
	ck_assert_int_eq(close(bed.ep0[1]), 0);
	(void)signal(SIGPIPE, SIG_IGN);
	ck_assert_int_eq(nf_gadget_describe(bed.ep0[0], &diag), NF_E_IO);
	ck_assert_str_eq(diag.field, "descriptors");
}
END_TEST

START_TEST(messages)
{
	static const size_t sizes[] = { 1, 5, 507, 508, 509, 1020, 30000,
	    NF_MESSAGE_MAX };
	static const size_t steps[] = { 512, 64, 3 };

	bed.packet = steps[_i] < 64 ? 64 : steps[_i];
	start();
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		exchange(sizes[i], steps[_i]);
	stop();
	ck_assert_uint_eq(bed.connects, 1);
	ck_assert_uint_eq(bed.notes, 0);
}
END_TEST

START_TEST(empty_packets)
{
	struct nf_buf frame;

	frame_put(&frame, 2000);
	start();
	packet("", 0);
	frame_send(&frame, 1024, 512);
	packet("", 0);
	packet(frame.p + 1024, 512);
	packet(frame.p + 1536, frame.len - 1536);
	expect(frame.p, frame.len);
	stop();
	nf_buf_wipe(&frame);
}
END_TEST

START_TEST(new_session)
{
	struct nf_buf frame;

	frame_put(&frame, 2000);
	start();
	exchange(100, 512);
	frame_send(&frame, 1024, 512);
	/* The host sets the interface in the middle of a frame. */
	event(FUNCTIONFS_DISABLE, 0);
	event(FUNCTIONFS_ENABLE, 0);
	packet(SHUTDOWN, strlen(SHUTDOWN));
	exchange(200, 512);
	stop();
	ck_assert_uint_eq(bed.connects, 2);
	nf_buf_wipe(&frame);
}
END_TEST

START_TEST(replayed_reply)
{
	struct nf_buf frame;

	/* The reply to a client that has left is not for the next one. */
	frame_put(&frame, 100);
	start();
	bed.restart = true;
	frame_send(&frame, frame.len, 512);
	exchange(300, 512);
	stop();
	ck_assert_uint_eq(bed.connects, 2);
	nf_buf_wipe(&frame);
}
END_TEST

START_TEST(junk_frame)
{
	static const struct {
		const char *p;
		size_t len;
	} row[] = {
		{ "\0\0\0\0", 4 },
		{ "\1\0\1\0", 4 },
		{ "GET / HTTP/1.1\r\n", 16 },
		{ "\1\0\0\0xy", 6 },
	};

	start();
	exchange(10, 512);
	packet(row[_i].p, row[_i].len);
	expect(ZERO, 4);
	/* Nothing is taken for a message until the host begins anew. */
	packet("\1\0\0\0x", 5);
	packet(SHUTDOWN, strlen(SHUTDOWN));
	exchange(20, 512);
	stop();
	ck_assert_uint_eq(bed.connects, 2);
	ck_assert_uint_eq(bed.notes, 1);
}
END_TEST

START_TEST(no_module)
{
	struct nf_buf frame;

	frame_put(&frame, 10);
	bed.refuse = _i == 0;
	bed.fail = _i == 1;
	start();
	packet(frame.p, frame.len);
	expect(ZERO, 4);
	packet(frame.p, frame.len);
	packet(SHUTDOWN, strlen(SHUTDOWN));
	packet(frame.p, frame.len);
	expect(ZERO, 4);
	stop();
	ck_assert_uint_eq(bed.connects, 2);
	ck_assert_uint_eq(bed.notes, 2);
	nf_buf_wipe(&frame);
}
END_TEST

START_TEST(control_requests)
{
	struct pollfd p = { .fd = bed.ep0[1], .events = POLLIN };
	char c;

	start();
	event(FUNCTIONFS_BIND, 0);
	event(FUNCTIONFS_ENABLE, 0);
	/* To the host: stalled by a read, which the socket does not show. */
	event(FUNCTIONFS_SETUP, USB_DIR_IN | USB_TYPE_VENDOR);
	event(FUNCTIONFS_SETUP, USB_DIR_OUT | USB_TYPE_VENDOR);
	ck_assert_int_eq(poll(&p, 1, 120000), 1);
	ck_assert_int_eq(read(bed.ep0[1], &c, 1), 0);
	ck_assert_int_eq(poll(&p, 1, 100), 0);
	exchange(10, 512);
	stop();
}
END_TEST

START_TEST(events_end)
{
	start();
	exchange(10, 512);
	ck_assert_int_eq(shutdown(bed.ep0[1], SHUT_WR), 0);
	packet(NO_DEVICE, strlen(NO_DEVICE));
	ck_assert_int_eq(pthread_join(bed.thread, NULL), 0);
	ck_assert_int_eq(bed.result, 0);
	ck_assert_int_eq(bed.diag.code, 0);
}
END_TEST

START_TEST(short_event)
{
	start();
	ck_assert_int_eq(write(bed.ep0[1], "abc", 3), 3);
	packet(NO_DEVICE, strlen(NO_DEVICE));
	ck_assert_int_eq(pthread_join(bed.thread, NULL), 0);
	ck_assert_int_eq(bed.result, 0);
	ck_assert_int_eq(bed.diag.code, 0);
}
END_TEST

/* ---- the program ---- */

static char dir[256];

static char *
path(const char *name)
{
	static char out[4][512];
	static size_t i;

	i = (i + 1) % 4;
	(void)snprintf(out[i], sizeof(out[i]), "%s/%s", dir, name);
	return out[i];
}

/* A terminal without any treatment of its bytes stands for ep0. */
static int
ep0_make(void)
{
	struct termios t;
	int host = posix_openpt(O_RDWR | O_NOCTTY);

	ck_assert_int_ge(host, 0);
	ck_assert_int_eq(grantpt(host), 0);
	ck_assert_int_eq(unlockpt(host), 0);
	ck_assert_int_eq(symlink(ptsname(host), path("ep0")), 0);
	ck_assert_int_eq(tcgetattr(host, &t), 0);
	cfmakeraw(&t);
	ck_assert_int_eq(tcsetattr(host, TCSANOW, &t), 0);
	return host;
}

static int
fifo_make(const char *name)
{
	int fd;

	ck_assert_int_eq(mkfifo(path(name), 0600), 0);
	fd = open(path(name), O_RDWR);
	ck_assert_int_ge(fd, 0);
	return fd;
}

static int
server_make(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)snprintf(addr.sun_path, sizeof(addr.sun_path), "%.100s",
	    path("s"));
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&addr, sizeof(addr)),
	    0);
	ck_assert_int_eq(listen(fd, 1), 0);
	return fd;
}

static void
read_exactly(int fd, uint8_t *p, size_t len)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	ssize_t n;

	for (size_t done = 0; done < len; done += (size_t)n) {
		ck_assert_int_eq(poll(&pfd, 1, 120000), 1);
		n = read(fd, p + done, len - done);
		ck_assert_int_gt(n, 0);
	}
}

START_TEST(program)
{
	static const uint8_t frame[] = { 3, 0, 0, 0, 'a', 'b', 'c' };
	struct nf_buf message = NF_BUF_INIT;
	const char *build = getenv("SW_BUILDDIR");
	int ep0, out, in, server, client, status;
	char file[512];
	uint8_t got[256];
	pid_t pid;

	(void)snprintf(file, sizeof(file), "%s/nfast/tools/nfsim-gadget",
	    build == NULL ? "." : build);
	/* Short, for the socket's sake. */
	(void)snprintf(dir, sizeof(dir), "/tmp/gadget.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ep0 = ep0_make();
	out = fifo_make("ep1");
	in = fifo_make("ep2");
	server = server_make();
	if ((pid = fork()) == 0) {
		(void)execl(file, "nfsim-gadget", dir, path("s"),
		    (char *)NULL);
		_exit(98);
	}
	read_exactly(ep0, got, 105 + 36);
	ck_assert_uint_eq(got[0], FUNCTIONFS_DESCRIPTORS_MAGIC_V2);
	ck_assert_uint_eq(got[105], FUNCTIONFS_STRINGS_MAGIC);
	ck_assert_int_eq(write(out, frame, sizeof(frame)), sizeof(frame));
	client = accept(server, NULL, NULL);
	ck_assert_int_ge(client, 0);
	ck_assert_int_eq(nf_frame_recv(client, &message, NULL,
	    NF_FRAME_FOREVER, NULL), 0);
	ck_assert(nf_view_is(nf_buf_view(&message), "abc"));
	nf_buf_put(&message, "!", 1);
	ck_assert_int_eq(nf_frame_send(client, nf_buf_view(&message),
	    NF_FRAME_FOREVER, NULL),
	    0);
	read_exactly(in, got, 8);
	ck_assert_mem_eq(got, "\4\0\0\0abc!", 8);
	ck_assert_int_eq(kill(pid, SIGTERM), 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	nf_buf_wipe(&message);
	for (size_t i = 0; i < 4; i++)
		(void)unlink(path(&"ep0\0ep1\0ep2\0s"[4 * i]));
	ck_assert_int_eq(rmdir(dir), 0);
	(void)close(ep0);
	(void)close(out);
	(void)close(in);
	(void)close(server);
	(void)close(client);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("host/gadget");
	TCase *tc = tcase_create("gadget");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_set_timeout(tc, 20);
	tcase_add_test(tc, describe);
	tcase_add_loop_test(tc, messages, 0, 3);
	tcase_add_test(tc, empty_packets);
	tcase_add_test(tc, new_session);
	tcase_add_test(tc, replayed_reply);
	tcase_add_loop_test(tc, junk_frame, 0, 4);
	tcase_add_loop_test(tc, no_module, 0, 2);
	tcase_add_test(tc, control_requests);
	tcase_add_test(tc, events_end);
	tcase_add_test(tc, short_event);
	tcase_add_test(tc, program);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
