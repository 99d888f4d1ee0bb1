/* SPDX-License-Identifier: Apache-2.0 */
/* The service: clients that behave badly. */
#include "config.h"

#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>

#include "nfast/host/frame.h"
#include "nfast/host/transport.h"
#include "tests/host/serve.h"

/* A connection for bytes of any kind; sends do not wait. */
static int
raw(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	ck_assert_int_ge(fd, 0);
	(void)strcpy(addr.sun_path, path);
	if (connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) != 0) {
		(void)close(fd);
		return -1;
	}
	ck_assert_int_eq(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	return fd;
}

static void
put(int fd, const void *p, size_t len)
{
	ck_assert_int_eq(send(fd, p, len, MSG_NOSIGNAL), (ssize_t)len);
}

/* The service closes the connection within a minute. */
static void
is_dropped(int fd)
{
	const struct timespec t = { 0, 10000000 };
	char c[256];
	ssize_t n = -1;

	for (int i = 0; i < 6000; i++) {
		n = recv(fd, c, sizeof(c), 0);
		if (n == 0 || (n < 0 && errno == ECONNRESET))
			break;
		nf_server_tick(srv.server);
		(void)nanosleep(&t, NULL);
	}
	ck_assert(n <= 0 && (n == 0 || errno == ECONNRESET));
	(void)close(fd);
}

START_TEST(junk_frames_are_dropped)
{
	int fd;

	serve(1, 10);
	for (int i = 0; i < 3; i++) {
		fd = raw(srv.plain);
		put(fd, i == 0 ? "\0\0\0\0" : i == 1 ? "\377\377\377\377" :
		    "\1\0\1\0", 4);
		is_dropped(fd);
		lives();
	}
	wait_clients(0);
	unserve();
}
END_TEST

START_TEST(junk_command_has_a_reply)
{
	struct nf_buf reply = NF_BUF_INIT;
	struct nf_link link;

	serve(1, 10);
	OK(nf_link_unix(srv.plain, &link, &fix.diag));
	for (int i = 0; i < 3; i++) {
		OK(link.ops->transact(link.self, nf_view_of("abcdefgh", 8),
		    &reply, &fix.diag));
		ck_assert_uint_ge(reply.len, 12);
		nf_buf_wipe(&reply);
	}
	link.ops->close(link.self);
	unserve();
}
END_TEST

START_TEST(short_messages)
{
	static const char bytes[] = "\20\0\0\0abcdefgh";

	serve(1, 60);
	for (size_t n = 1; n < sizeof(bytes) - 1; n++) {
		int fd = raw(srv.plain);

		put(fd, bytes, n);
		(void)close(fd);
	}
	lives();
	wait_clients(0);
	unserve();
}
END_TEST

START_TEST(stalled_message_is_dropped)
{
	struct nf_host *idle;
	char esn[NF_ESN_MAX + 1];
	uint32_t mode;
	int head, body;

	serve(1, 10);
	idle = plain();
	head = raw(srv.plain);
	body = raw(srv.plain);
	put(head, "\20\0", 2);
	put(body, "\0\0\1\0abc", 7);
	is_dropped(head);
	is_dropped(body);
	/* One that says nothing may stay. */
	OK(nf_host_enquiry(idle, &mode, esn, &fix.diag));
	nf_host_close(idle);
	unserve();
}
END_TEST

/* One enquiry with a tag, framed. */
static void
framed(struct nf_buf *out, uint32_t tag)
{
	struct nf_command cmd = { .cmd = NF_CMD_NEWENQUIRY, .tag = tag };
	size_t at = nf_buf_len_open(out);

	nf_wire_command_write(out, &cmd);
	nf_buf_len_close(out, at);
	ck_assert_int_eq(nf_buf_err(out), 0);
}

static long
memory(void)
{
	struct rusage u;

	ck_assert_int_eq(getrusage(RUSAGE_SELF, &u), 0);
	return u.ru_maxrss;
}

START_TEST(flood_is_held_back)
{
	struct nf_buf many = NF_BUF_INIT;
	size_t sent = 0;
	long before;
	int fd;

	serve(1, 10);
	for (uint32_t i = 0; i < 1000; i++)
		framed(&many, i);
	fd = raw(srv.plain);
	before = memory();
	/* It never reads: the service stops to read as well. */
	for (int idle = 0; idle < 20;) {
		const struct timespec t = { 0, 5000000 };
		ssize_t n = send(fd, many.p, many.len, MSG_NOSIGNAL);

		if (n > 0)
			sent += (size_t)n;
		else
			idle++;
		if (n <= 0)
			(void)nanosleep(&t, NULL);
		ck_assert_uint_lt(sent, (size_t)64 << 20);
	}
	lives();
	ck_assert_int_lt(memory() - before, 8192);
	wait_clients(0);
	(void)close(fd);
	nf_buf_wipe(&many);
	unserve();
}
END_TEST

START_TEST(slow_reader_gets_all)
{
	struct nf_buf bytes = NF_BUF_INIT, reply = NF_BUF_INIT;
	struct nf_cur cur;
	struct nf_reply r;
	int fd;

	serve(1, 10);
	for (uint32_t i = 0; i < 50; i++)
		framed(&bytes, 7 * i);
	fd = raw(srv.plain);
	put(fd, bytes.p, bytes.len);
	ck_assert_int_eq(fcntl(fd, F_SETFL, 0), 0);
	lives();
	for (uint32_t i = 0; i < 50; i++) {
		OK(nf_frame_recv(fd, &reply, NULL, NF_FRAME_FOREVER,
		    &fix.diag));
		nf_cur_init(&cur, reply.p, reply.len, &fix.diag);
		OK(nf_wire_reply_read(&cur, NF_CMD_NEWENQUIRY, &r));
		ck_assert_uint_eq(r.tag, 7 * i);
		nf_args_wipe(&r.args);
	}
	(void)close(fd);
	nf_buf_wipe(&bytes);
	nf_buf_wipe(&reply);
	unserve();
}
END_TEST

/* Bytes that the service has sent and nobody has taken. */
static int
waiting(int fd)
{
	int n;

	ck_assert_int_eq(ioctl(fd, FIONREAD, &n), 0);
	return n;
}

static double
seconds(void)
{
	struct timespec t;

	ck_assert_int_eq(clock_gettime(CLOCK_MONOTONIC, &t), 0);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/*
 * Let a reply have no room for longer than a message may take, then begin
 * another message and take all, before anybody looks; false when that alone
 * took so long that the service may rightly drop the client.
 */
static bool
stalled_reply(int fd, struct nf_view bytes)
{
	const struct timespec stall = { STALL, 50000000 };
	const struct timespec t = { 0, 1000000 };
	bool full = false;
	char taken[4096];
	double began;
	int had;

	/* One by one, until a reply has no room. */
	while (!full) {
		had = waiting(fd);
		put(fd, bytes.p, bytes.len);
		for (int i = 0; i < 300 && waiting(fd) == had; i++)
			(void)nanosleep(&t, NULL);
		full = waiting(fd) == had;
	}
	(void)nanosleep(&stall, NULL);
	began = seconds();
	put(fd, bytes.p, 2);
	for (int i = 0; i < 30; i++) {
		while (recv(fd, taken, sizeof(taken), 0) > 0)
			continue;
		(void)nanosleep(&t, NULL);
	}
	nf_server_tick(srv.server);
	return seconds() - began < STALL;
}

/* The time of a reply that was long in the way was taken from the next
 * message. */
START_TEST(stall_time_is_of_one_message)
{
	const struct timespec t = { 0, 1000000 };
	struct nf_buf bytes = NF_BUF_INIT;
	int fd;

	serve(1, 10);
	framed(&bytes, 7);
	fd = raw(srv.plain);
	for (int i = 0; i < 20 && !stalled_reply(fd, nf_buf_view(&bytes));
	    i++) {
		(void)close(fd);
		fd = raw(srv.plain);
	}
	put(fd, bytes.p + 2, bytes.len - 2);
	for (int i = 0; i < 60000 && waiting(fd) == 0; i++)
		(void)nanosleep(&t, NULL);
	ck_assert_int_gt(waiting(fd), 0);
	(void)close(fd);
	nf_buf_wipe(&bytes);
	unserve();
}
END_TEST

START_TEST(max_clients)
{
	int fd[36], one_more;

	serve(1, 40);
	/* 24 for all, of one user 12; 16 more for privileged ones. */
	for (int i = 0; i < 12; i++)
		fd[i] = raw(srv.plain);
	wait_clients(12);
	one_more = raw(srv.plain);
	is_dropped(one_more);
	for (int i = 12; i < 36; i++)
		fd[i] = raw(srv.priv);
	wait_clients(36);
	one_more = raw(srv.plain);
	is_dropped(one_more);
	for (int i = 0; i < 36; i++)
		(void)close(fd[i]);
	wait_clients(0);
	lives();
	unserve();
}
END_TEST

/* A user who is not the owner, of whom the privileged socket knows nothing. */
START_TEST(wrong_user)
{
	int status, fd;
	char c, said[100];
	pid_t pid;

	if (geteuid() != 0)
		return;		/* only root can be somebody else */
	serve(1, 40);
	ck_assert_int_eq(chmod(srv.dir, 0755), 0);
	/* Even when its mode lets everybody in. */
	ck_assert_int_eq(chmod(srv.priv, 0666), 0);
	ck_assert_int_ge(pid = fork(), 0);
	if (pid == 0) {
		if (setgid(65534) != 0 || setuid(65534) != 0)
			_exit(1);
		/* It is told why, and no more. */
		if ((fd = raw(srv.priv)) < 0 || fcntl(fd, F_SETFL, 0) != 0 ||
		    recv(fd, said, sizeof(said), MSG_WAITALL) != 64 ||
		    memcmp(said + 24, "only the owner and root", 23) != 0)
			_exit(2);
		(void)close(fd);
		if ((fd = raw(srv.plain)) < 0)
			_exit(3);
		put(fd, "\4\0\0\0abcd", 8);
		_exit(fcntl(fd, F_SETFL, 0) == 0 && recv(fd, &c, 1, 0) == 1 ?
		    0 : 4);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	unserve();
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("host/badclient");
	TCase *tc = tcase_create("badclient");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, junk_frames_are_dropped);
	tcase_add_test(tc, junk_command_has_a_reply);
	tcase_add_test(tc, short_messages);
	tcase_add_test(tc, stalled_message_is_dropped);
	tcase_add_test(tc, flood_is_held_back);
	tcase_add_test(tc, slow_reader_gets_all);
	tcase_add_test(tc, stall_time_is_of_one_message);
	tcase_add_test(tc, max_clients);
	tcase_add_test(tc, wrong_user);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
