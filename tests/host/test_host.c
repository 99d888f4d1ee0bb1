/* SPDX-License-Identifier: Apache-2.0 */
/* The transports: in process, and over a descriptor that another serves. */
#include "config.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <time.h>

#include "nfast/host/transport.h"
#include "tests/host/fixture.h"

/* Point NFAST_SERVER at a descriptor. */
static int
open_server(const char *value, struct nf_host **out)
{
	ck_assert_int_eq(setenv("NFAST_SERVER", value, 1), 0);
	return nf_host_open(out, &fix.diag);
}

static int
open_fd(int fd, struct nf_host **out)
{
	char value[32];

	(void)snprintf(value, sizeof(value), "fd:%d", fd);
	return open_server(value, out);
}

START_TEST(serves_over_descriptor)
{
	char esn[NF_ESN_MAX + 1], far[NF_ESN_MAX + 1];
	struct nf_host *client;
	uint32_t mode;
	int sv[2], status;
	pid_t child;

	fix_setup();
	OK(nf_host_enquiry(fix.host, &mode, esn, &fix.diag));
	OK(socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
	ck_assert_int_ge(child = fork(), 0);
	if (child == 0) {
		(void)close(sv[0]);
		_exit(nf_host_serve(fix.host, sv[1], NULL) == 0 ? 0 : 1);
	}
	(void)close(sv[1]);
	OK(open_fd(sv[0], &client));
	OK(nf_host_enquiry(client, &mode, far, &fix.diag));
	ck_assert_str_eq(esn, far);
	/* A refusal arrives with its reason, and the link goes on. */
	FAILS(NF_E_REFUSED, nf_host_destroy(client, 12345, &fix.diag));
	SAYS("Destroy: UnknownID");
	OK(nf_host_enquiry(client, &mode, far, NULL));
	nf_host_close(client);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	fix_teardown();
}
END_TEST

START_TEST(junk_server_name)
{
	static const char *const names[] = { "fd:", "fd:x", "fd:-1", "fd:3x",
		"fd: 3", "fd:99999999999", "fd:4000", "nserver", "tcp:1" };
	struct nf_host *host;

	memset(&fix, 0, sizeof(fix));
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		FAILS(NF_E_USAGE, open_server(names[i], &host));
		ck_assert_str_eq(fix.diag.field, "NFAST_SERVER");
		ck_assert_ptr_null(host);
	}
	/* Standard input is no socket of this kind. */
	FAILS(NF_E_USAGE, open_server("fd:0", &host));
}
END_TEST

START_TEST(nobody_listens)
{
	struct nf_host *host;

	memset(&fix, 0, sizeof(fix));
	FAILS(NF_E_IO, open_server("/nonexistent/nserver", &host));
	SAYS("no module answers");
	FAILS(NF_E_IO, open_server("unix:nserver", &host));
	FAILS(NF_E_USAGE, open_server("unix:", &host));
	ck_assert_ptr_null(host);
}
END_TEST

START_TEST(no_server_and_no_state)
{
	struct nf_host *host;

	memset(&fix, 0, sizeof(fix));
	ck_assert_int_eq(unsetenv("NFAST_SERVER"), 0);
	ck_assert_int_eq(setenv("NFSIM_STATE", "", 1), 0);
	FAILS(NF_E_USAGE, nf_host_open(&host, &fix.diag));
	SAYS("NFSIM_STATE");
}
END_TEST

/* Bytes that a server must not choke on, and its result. */
static int
serve_bytes(const void *p, size_t len)
{
	int sv[2], r;

	OK(socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
	ck_assert_int_eq(write(sv[0], p, len), (ssize_t)len);
	OK(shutdown(sv[0], SHUT_WR));
	nf_diag_clear(&fix.diag);
	r = nf_host_serve(fix.host, sv[1], &fix.diag);
	(void)close(sv[0]);
	(void)close(sv[1]);
	return r;
}

START_TEST(junk_frames)
{
	fix_setup();
	ck_assert_int_eq(serve_bytes("", 0), 0);
	ck_assert_int_eq(serve_bytes("\0\0\0\0", 4), NF_E_FORMAT);
	ck_assert_int_eq(serve_bytes("\xff\xff\xff\xff", 4), NF_E_FORMAT);
	ck_assert_int_eq(serve_bytes("\1\0\1\0", 4), NF_E_FORMAT);
	ck_assert_int_eq(serve_bytes("\4\0", 2), NF_E_IO);
	ck_assert_int_eq(serve_bytes("\4\0\0\0ab", 6), NF_E_IO);
	/* A frame of junk gets a reply with a status. */
	ck_assert_int_eq(serve_bytes("\4\0\0\0abcd", 8), 0);
	fix_teardown();
}
END_TEST

/* A client whose server has sent these bytes beforehand. */
static int
call_with_reply(const void *p, size_t len)
{
	char esn[NF_ESN_MAX + 1];
	struct nf_host *client;
	uint32_t mode;
	int sv[2], r;

	OK(socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
	ck_assert_int_eq(write(sv[1], p, len), (ssize_t)len);
	OK(shutdown(sv[1], SHUT_WR));
	nf_diag_clear(&fix.diag);
	OK(open_fd(sv[0], &client));
	r = nf_host_enquiry(client, &mode, esn, &fix.diag);
	nf_host_close(client);
	(void)close(sv[1]);
	return r;
}

START_TEST(junk_replies)
{
	static const uint8_t other_tag[] = { 20, 0, 0, 0,
	    0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0,
	    1, 0, 0, 0 };

	memset(&fix, 0, sizeof(fix));
	ck_assert_int_eq(call_with_reply("", 0), NF_E_IO);
	ck_assert_int_eq(call_with_reply("\0\0\0\0", 4), NF_E_FORMAT);
	ck_assert_int_eq(call_with_reply("\xff\xff\xff\x7f", 4),
	    NF_E_FORMAT);
	ck_assert_int_eq(call_with_reply("\4\0\0\0abcd", 8), NF_E_FORMAT);
	ck_assert_int_eq(call_with_reply("\10\0\0\0abcd", 8), NF_E_IO);
	ck_assert_int_eq(call_with_reply(other_tag, sizeof(other_tag)),
	    NF_E_FORMAT);
}
END_TEST

START_TEST(no_peer)
{
	char esn[NF_ESN_MAX + 1], at[64];
	struct nf_host *client;
	uint32_t mode;
	int sv[2];

	memset(&fix, 0, sizeof(fix));
	OK(socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
	(void)close(sv[1]);
	OK(open_fd(sv[0], &client));
	FAILS(NF_E_IO, nf_host_enquiry(client, &mode, esn, &fix.diag));
	(void)snprintf(at, sizeof(at), "; does its service still run at "
	    "fd:%d?", sv[0]);
	SAYS(at);
	nf_host_close(client);
}
END_TEST

START_TEST(max_command)
{
	struct nf_command cmd = { .cmd = NF_CMD_LOADBLOB };
	struct nf_buf big = NF_BUF_INIT;
	struct nf_reply reply;

	fix_setup();
	nf_buf_fill(&big, 0, NF_MESSAGE_MAX + 1);
	cmd.args.module = NF_HOST_MODULE;
	cmd.args.data = nf_buf_view(&big);
	FAILS(NF_E_POLICY, nf_host_call(fix.host, &cmd, &reply, &fix.diag));
	nf_args_wipe(&reply.args);
	nf_buf_wipe(&big);
	fix_teardown();
}
END_TEST

/* ---- time-outs ----------------------------------------------------------- */

static int64_t
milliseconds(void)
{
	struct timespec t;

	OK(clock_gettime(CLOCK_MONOTONIC, &t));
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* A peer that has sent these bytes and hangs; the time-out is one second. */
static void
hangs_after(const void *p, size_t len, bool full)
{
	struct nf_command cmd = { .cmd = NF_CMD_IMPORT };
	int64_t start = milliseconds();
	static uint8_t big[60000];
	struct nf_host *client;
	struct nf_reply reply;
	int sv[2], small = 4096;

	memset(&fix, 0, sizeof(fix));
	ck_assert_int_eq(setenv(NF_TIMEOUT_ENV, "1", 1), 0);
	OK(socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
	OK(setsockopt(sv[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof(small)));
	ck_assert_int_eq(write(sv[1], p, len), (ssize_t)len);
	OK(open_fd(sv[0], &client));
	cmd.cmd = full ? NF_CMD_LOADBLOB : NF_CMD_NOOP;
	cmd.args.data = nf_view_of(big, sizeof(big));
	FAILS(NF_E_IO, nf_host_call(client, &cmd, &reply, &fix.diag));
	nf_args_wipe(&reply.args);
	SAYS("the module did not answer within 1 s (NFSIM_TIMEOUT)");
	ck_assert_int_ge(milliseconds() - start, 900);
	/* What comes later is no reply to what is asked later. */
	FAILS(NF_E_IO, nf_host_destroy(client, 1, &fix.diag));
	SAYS("broke before");
	nf_host_close(client);
	(void)close(sv[1]);
}

START_TEST(timeout_no_reply)
{
	hangs_after("", 0, false);
}
END_TEST

START_TEST(timeout_short_reply)
{
	hangs_after("\x40\0\0\0abcd", 8, false);
}
END_TEST

START_TEST(timeout_no_reader)
{
	hangs_after("", 0, true);
}
END_TEST

/* A service that does not even take connections. */
START_TEST(timeout_no_accept)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct nf_host *client;
	char dir[32];
	int fd[4], n = 0;

	fix_setup();
	ck_assert_int_eq(setenv(NF_TIMEOUT_ENV, "1", 1), 0);
	(void)strcpy(dir, "/tmp/test_host.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/s", dir);
	fd[n++] = socket(AF_UNIX, SOCK_STREAM, 0);
	OK(bind(fd[0], (const struct sockaddr *)&addr, sizeof(addr)));
	OK(listen(fd[0], 0));
	for (; n < 4; n++) {
		fd[n] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)connect(fd[n], (const struct sockaddr *)&addr,
		    sizeof(addr));
	}
	FAILS(NF_E_IO, open_server(addr.sun_path, &client));
	SAYS("it takes no connections");
	while (n > 0)
		(void)close(fd[--n]);
	(void)unlink(addr.sun_path);
	ck_assert_int_eq(rmdir(dir), 0);
	fix_teardown();
}
END_TEST

START_TEST(slow_reply_in_time)
{
	const struct timespec t = { 0, 300000000 };
	char esn[NF_ESN_MAX + 1];
	struct nf_host *client;
	uint32_t mode;
	int sv[2];
	pid_t child;

	fix_setup();
	ck_assert_int_eq(setenv(NF_TIMEOUT_ENV, "600", 1), 0);
	OK(socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
	ck_assert_int_ge(child = fork(), 0);
	if (child == 0) {
		(void)close(sv[0]);
		(void)nanosleep(&t, NULL);
		_exit(nf_host_serve(fix.host, sv[1], NULL) == 0 ? 0 : 1);
	}
	(void)close(sv[1]);
	OK(open_fd(sv[0], &client));
	OK(nf_host_enquiry(client, &mode, esn, &fix.diag));
	OK(nf_host_enquiry(client, &mode, esn, &fix.diag));
	nf_host_close(client);
	ck_assert_int_eq(waitpid(child, NULL, 0), child);
	fix_teardown();
}
END_TEST

START_TEST(junk_timeout)
{
	static const char *const junk[] = { "0", "-1", "x", "1x", " 1",
		"86401", "99999999999999999999" };
	struct nf_host *client;
	int sv[2];

	memset(&fix, 0, sizeof(fix));
	OK(socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
	for (size_t i = 0; i < sizeof(junk) / sizeof(junk[0]); i++) {
		ck_assert_int_eq(setenv(NF_TIMEOUT_ENV, junk[i], 1), 0);
		FAILS(NF_E_USAGE, open_fd(sv[0], &client));
		ck_assert_str_eq(fix.diag.field, NF_TIMEOUT_ENV);
		FAILS(NF_E_USAGE, open_server("/nonexistent/s", &client));
		ck_assert_str_eq(fix.diag.field, NF_TIMEOUT_ENV);
	}
}
END_TEST

START_TEST(second_process_waits_its_turn)
{
	struct nf_host *other;

	fix_setup();
	/* The first one has the lock; the second gives up by itself. */
	FAILS(NF_E_BUSY, nf_host_open_state(fix.state, fix.state, &other,
	    &fix.diag));
	ck_assert_ptr_null(other);
	fix_teardown();
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("host/host");
	TCase *tc = tcase_create("host");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, serves_over_descriptor);
	tcase_add_test(tc, junk_server_name);
	tcase_add_test(tc, nobody_listens);
	tcase_add_test(tc, no_server_and_no_state);
	tcase_add_test(tc, junk_frames);
	tcase_add_test(tc, junk_replies);
	tcase_add_test(tc, no_peer);
	tcase_add_test(tc, max_command);
	tcase_add_test(tc, timeout_no_reply);
	tcase_add_test(tc, timeout_short_reply);
	tcase_add_test(tc, timeout_no_reader);
	tcase_add_test(tc, timeout_no_accept);
	tcase_add_test(tc, slow_reply_in_time);
	tcase_add_test(tc, junk_timeout);
	tcase_add_test(tc, second_process_waits_its_turn);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
