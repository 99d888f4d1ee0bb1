/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The service: clients that share modules and know nothing of each other,
 * clients that behave badly.
 */
#include "config.h"

#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>

#include "nfast/host/frame.h"
#include "nfast/host/transport.h"
#include "nfast/simd/listen.h"
#include "nfast/simd/server.h"
#include "tests/host/fixture.h"

#define STALL	1	/* second */

/* A service in this process, on sockets below /tmp, whose paths are short. */
static struct {
	char dir[64], plain[96], priv[96];
	struct nf_listener l[2];
	struct nf_rack *rack;
	struct nf_server *server;
} srv;

static void
serve(uint32_t modules, uint32_t clients)
{
	struct nf_server_conf conf = { .clients = clients, .stall = STALL };
	char second[NF_PATH_MAX];
	const char *state[2] = { fix.state, second };

	fix_setup();
	nf_host_close(fix.host);
	fix.host = NULL;
	OK(nf_path(second, NULL, "%s/sim2", fix.top));
	(void)strcpy(srv.dir, "/tmp/test_serve.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(srv.dir));
	(void)snprintf(srv.plain, sizeof(srv.plain), "%s/s", srv.dir);
	(void)snprintf(srv.priv, sizeof(srv.priv), "%s/p", srv.dir);
	OK(nf_listen_unix(srv.plain, false, &srv.l[0], &fix.diag));
	OK(nf_listen_unix(srv.priv, true, &srv.l[1], &fix.diag));
	OK(nf_rack_open(state, modules, &srv.rack, &fix.diag));
	conf.rack = srv.rack;
	conf.fd = srv.l[0].fd;
	conf.priv_fd = srv.l[1].fd;
	OK(nf_server_start(&conf, &srv.server, &fix.diag));
	ck_assert_int_eq(setenv("NFAST_SERVER", srv.plain, 1), 0);
	ck_assert_int_eq(setenv("NFAST_PRIVSERVER", srv.priv, 1), 0);
}

static void
unserve(void)
{
	nf_server_stop(srv.server);
	nf_rack_close(srv.rack);
	nf_listen_close(&srv.l[0]);
	nf_listen_close(&srv.l[1]);
	ck_assert_int_eq(access(srv.plain, F_OK), -1);
	ck_assert_int_eq(rmdir(srv.dir), 0);
	fix_teardown();
}

static struct nf_host *
plain(void)
{
	struct nf_host *host;

	OK(nf_host_open(&host, &fix.diag));
	return host;
}

static struct nf_host *
privileged(void)
{
	struct nf_host *host;

	OK(nf_host_open_privileged(&host, &fix.diag));
	return host;
}

/* An AES key, or an RSA key for signatures; its id. */
static int
make(struct nf_host *host, bool rsa, uint32_t *id, struct nf_diag *diag)
{
	struct nf_command cmd = { .cmd = rsa ? NF_CMD_GENERATEKEYPAIR :
	    NF_CMD_GENERATEKEY };
	struct nf_acl *acl = nf_acl_new();
	struct nf_reply reply;
	int r;

	nf_group_action_add(nf_acl_group_add(acl),
	    NF_ACT_OPPERMISSIONS)->flags = NF_PERM_ENCRYPT | NF_PERM_SIGN |
	    NF_PERM_USEASCERTIFICATE | NF_PERM_DUPLICATEHANDLE;
	cmd.args.module = NF_HOST_MODULE;
	cmd.args.genparams.type = rsa ? NF_KEY_RSAPRIVATE : NF_KEY_RIJNDAEL;
	cmd.args.genparams.len = rsa ? 1024 : 32;
	cmd.args.acl = acl;
	cmd.args.acl2 = acl;
	r = nf_host_call(host, &cmd, &reply, diag);
	*id = reply.args.key;
	nf_args_wipe(&reply.args);
	nf_acl_free(acl);
	return r;
}

static bool
knows(struct nf_host *host, uint32_t id)
{
	uint8_t hash[NF_HASH_LEN];

	return nf_host_keyhash(host, id, hash, NULL) == 0;
}

/* The service does its work. */
static void
lives(void)
{
	struct nf_host *host = plain();
	char esn[NF_ESN_MAX + 1];
	uint32_t mode;

	OK(nf_host_enquiry(host, &mode, esn, &fix.diag));
	nf_host_close(host);
}

/* Wait until that many clients are left, ticking meanwhile. */
static void
wait_clients(uint32_t n)
{
	const struct timespec t = { 0, 20000000 };

	for (int i = 0; i < 500 && nf_server_clients(srv.server) != n; i++) {
		nf_server_tick(srv.server);
		(void)nanosleep(&t, NULL);
	}
	ck_assert_uint_eq(nf_server_clients(srv.server), n);
}

/* ---- clients and objects ------------------------------------------------ */

START_TEST(ids_of_another_client)
{
	struct nf_command cmd = { .cmd = NF_CMD_DUPLICATE };
	struct nf_host *a, *b;
	struct nf_reply reply;
	uint32_t id, own;

	serve(1, 10);
	a = plain();
	b = plain();
	OK(make(a, false, &id, &fix.diag));
	OK(make(b, false, &own, &fix.diag));
	ck_assert(knows(a, id) && knows(b, own));
	ck_assert(!knows(b, id) && !knows(a, own));
	FAILS(NF_E_REFUSED, nf_host_destroy(b, id, &fix.diag));
	SAYS("UnknownID");
	cmd.args.key = id;
	FAILS(NF_E_REFUSED, nf_host_call(b, &cmd, &reply, &fix.diag));
	SAYS("UnknownID");
	nf_args_wipe(&reply.args);
	/* Nor as what authorises a command. */
	cmd.args.key = own;
	cmd.certs.n = 1;
	cmd.certs.cert[0].type = NF_CERT_SIGNINGKEY;
	cmd.certs.cert[0].keyid = id;
	OK(nf_host_keyhash(a, id, cmd.certs.cert[0].keyhash, &fix.diag));
	FAILS(NF_E_REFUSED, nf_host_call(b, &cmd, &reply, &fix.diag));
	SAYS("UnknownID");
	nf_args_wipe(&reply.args);
	ck_assert(knows(a, id));
	nf_host_close(a);
	nf_host_close(b);
	unserve();
}
END_TEST

START_TEST(objects_end_with_their_client)
{
	struct nf_host *host;
	uint32_t id, first = 0;

	serve(1, 10);
	/* Far more than fit at once. */
	for (int round = 0; round < 12; round++) {
		host = plain();
		for (int i = 0; i < 2000; i++)
			OK(make(host, false, &id, &fix.diag));
		ck_assert_uint_gt(id, first);
		first = id;
		nf_host_close(host);
		wait_clients(0);
	}
	unserve();
}
END_TEST

START_TEST(max_objects_leave_room)
{
	struct nf_host *host[8];
	uint32_t id, got = 0, last;

	serve(1, 20);
	/* Each takes what it gets; what is left shrinks, and is never 0. */
	for (int i = 0; i < 8; i++) {
		host[i] = plain();
		last = got;
		for (got = 0; make(host[i], false, &id, NULL) == 0; got++)
			continue;
		ck_assert_uint_ge(got, 32);
		ck_assert(got <= 4096 && (i < 4 || got < last));
	}
	for (int i = 0; i < 8; i++)
		nf_host_close(host[i]);
	unserve();
}
END_TEST

START_TEST(privileged_commands)
{
	static const uint32_t numbers[] = { NF_CMD_CLEARUNITEX,
		NF_CMD_INITIALISEUNITEX, NF_CMD_SETNSOPERMS, NF_CMD_SETKM,
		NF_CMD_REMOVEKM, NF_CMD_DEVTEST };
	struct nf_host *host, *other, *priv;
	struct nf_buf chain = NF_BUF_INIT;
	struct nf_reply reply;
	uint32_t id;

	serve(1, 40);
	host = plain();
	other = plain();
	priv = privileged();
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct nf_command cmd = { .cmd = numbers[i] };

		cmd.args.module = 1;
		cmd.args.mode = NF_MODE_INITIALISATION;
		cmd.args.word = NF_DEV_CARD_NEW;
		/* The hands find the privileged socket otherwise. */
		ck_assert_int_eq(unsetenv("NFAST_PRIVSERVER"), 0);
		FAILS(NF_E_REFUSED, nf_host_call(host, &cmd, &reply,
		    &fix.diag));
		ck_assert_uint_eq(reply.status, NF_ST_PRIVILEGEDCOMMAND);
		nf_args_wipe(&reply.args);
		(void)nf_host_call(priv, &cmd, &reply, NULL);
		ck_assert_uint_ne(reply.status, NF_ST_PRIVILEGEDCOMMAND);
		nf_args_wipe(&reply.args);
	}
	OK(nf_host_dev(host, NF_DEV_ROOTCHAIN, NF_SIGNER_KLF, "", &chain,
	    &fix.diag));
	nf_buf_wipe(&chain);
	/* Clearing is for all. */
	OK(make(other, false, &id, &fix.diag));
	ck_assert(knows(other, id));
	OK(nf_host_clear(priv, NF_MODE_OPERATIONAL, &fix.diag));
	ck_assert(!knows(other, id));
	nf_host_close(host);
	nf_host_close(other);
	nf_host_close(priv);
	unserve();
}
END_TEST

START_TEST(hands_use_the_privileged_socket)
{
	struct nf_host *host;
	struct nf_buf list = NF_BUF_INIT;

	serve(1, 40);
	host = plain();
	OK(nf_host_dev(host, NF_DEV_CARD_NEW, 0, "", NULL, &fix.diag));
	OK(nf_host_dev(host, NF_DEV_CARD_LIST, 0, "", &list, &fix.diag));
	ck_assert_str_eq(nf_buf_text(&list), "card-1\n");
	ck_assert_uint_eq(nf_server_clients(srv.server), 2);
	nf_buf_wipe(&list);
	nf_host_close(host);
	unserve();
}
END_TEST

START_TEST(two_modules)
{
	struct nf_command cmd = { .cmd = NF_CMD_LOADBLOB };
	char esn[2][NF_ESN_MAX + 1];
	struct nf_host *host, *other;
	struct nf_reply reply;
	uint32_t mode, n, id[2];

	serve(2, 40);
	host = plain();
	OK(nf_host_modules(host, &n, &fix.diag));
	ck_assert_uint_eq(n, 2);
	ck_assert_uint_eq(nf_host_module(host), 1);
	for (uint32_t i = 0; i < 2; i++) {
		OK(nf_host_use(host, i + 1, &fix.diag));
		OK(nf_host_enquiry(host, &mode, esn[i], &fix.diag));
		OK(make(host, false, &id[i], &fix.diag));
	}
	ck_assert_str_ne(esn[0], esn[1]);
	ck_assert_uint_ne(id[0], id[1]);
	/* An id leads to its module, whichever is in use. */
	ck_assert(knows(host, id[0]) && knows(host, id[1]));
	FAILS(NF_E_USAGE, nf_host_use(host, 3, &fix.diag));
	/* The key of one is nothing to the other. */
	cmd.args.module = 1;
	cmd.args.flags = NF_LOADBLOB_KEY;
	cmd.args.key2 = id[1];
	cmd.args.data = nf_view_of("blob", 4);
	FAILS(NF_E_REFUSED, nf_host_call(host, &cmd, &reply, &fix.diag));
	nf_args_wipe(&reply.args);
	/* One card is in one slot. */
	OK(nf_host_dev(host, NF_DEV_CARD_NEW, 0, "", NULL, &fix.diag));
	other = plain();
	FAILS(NF_E_REFUSED, nf_host_dev(other, NF_DEV_CARD_INSERT, 0,
	    "card-1", NULL, &fix.diag));
	SAYS("PhysTokenNotPresent");
	OK(nf_host_dev(host, NF_DEV_CARD_INSERT, 0, "", NULL, &fix.diag));
	OK(nf_host_dev(other, NF_DEV_CARD_INSERT, 0, "card-1", NULL,
	    &fix.diag));
	nf_host_close(host);
	nf_host_close(other);
	unserve();
}
END_TEST

/* ---- clients that behave badly ------------------------------------------ */

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

/* The service closes the connection within some seconds. */
static void
is_dropped(int fd)
{
	const struct timespec t = { 0, 10000000 };
	char c[256];
	ssize_t n = -1;

	for (int i = 0; i < 500; i++) {
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
	is_dropped(fd);
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

/* The time of a reply that was long in the way was taken from the next
 * message. */
START_TEST(stall_time_is_of_one_message)
{
	const struct timespec stall = { STALL, 50000000 };
	const struct timespec t = { 0, 1000000 };
	struct nf_buf bytes = NF_BUF_INIT;
	char taken[4096];
	bool full = false;
	int fd, had, i;

	serve(1, 10);
	framed(&bytes, 7);
	fd = raw(srv.plain);
	/* One by one, until a reply has no room. */
	while (!full) {
		had = waiting(fd);
		put(fd, bytes.p, bytes.len);
		for (i = 0; i < 300 && waiting(fd) == had; i++)
			(void)nanosleep(&t, NULL);
		full = waiting(fd) == had;
	}
	(void)nanosleep(&stall, NULL);
	/* Begin another message and take all, before anybody looks. */
	put(fd, bytes.p, 2);
	for (i = 0; i < 30; i++) {
		while (recv(fd, taken, sizeof(taken), 0) > 0)
			continue;
		(void)nanosleep(&t, NULL);
	}
	nf_server_tick(srv.server);
	put(fd, bytes.p + 2, bytes.len - 2);
	for (i = 0; i < 500 && waiting(fd) == 0; i++)
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
	/* 24 for all, 16 more for privileged ones. */
	for (int i = 0; i < 24; i++)
		fd[i] = raw(srv.plain);
	wait_clients(24);
	one_more = raw(srv.plain);
	is_dropped(one_more);
	for (int i = 24; i < 36; i++)
		fd[i] = raw(srv.priv);
	wait_clients(36);
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
	pid_t pid;
	char c;

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
		if ((fd = raw(srv.priv)) < 0 || fcntl(fd, F_SETFL, 0) != 0 ||
		    recv(fd, &c, 1, 0) > 0)
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

/* ---- threads ------------------------------------------------------------ */

/* Make keys, sign, forget them, again and again. */
static void *
busy_client(void *arg)
{
	struct nf_host *host = arg;
	uint32_t id;

	for (int i = 0; i < 6; i++) {
		struct nf_command cmd = { .cmd = NF_CMD_SIGN };
		struct nf_reply reply;

		if (make(host, true, &id, NULL) != 0)
			continue;
		cmd.args.key = id;
		cmd.args.plain.type = NF_PLAIN_BYTES;
		cmd.args.plain.v = nf_view_of("message", 7);
		for (int j = 0; j < 40; j++) {
			cmd.args.mech = j % 8 == 7 ? NF_MECH_RSAHSHA512PPSS :
			    NF_MECH_RSAHSHA256PPKCS1;
			(void)nf_host_call(host, &cmd, &reply, NULL);
			nf_args_wipe(&reply.args);
		}
		(void)nf_host_destroy(host, id, NULL);
	}
	return NULL;
}

START_TEST(many_at_once)
{
	struct nf_host *host[4], *priv;
	pthread_t thread[4];

	serve(2, 40);
	priv = privileged();
	OK(nf_host_clear(priv, NF_MODE_OPERATIONAL, &fix.diag));
	for (int i = 0; i < 4; i++) {
		host[i] = plain();
		OK(nf_host_use(host[i], (uint32_t)i % 2 + 1, &fix.diag));
	}
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_create(&thread[i], NULL,
		    busy_client, host[i]), 0);
	/* Keys go away while they sign. */
	for (int i = 0; i < 200; i++) {
		const struct timespec t = { 0, 2000000 };

		OK(nf_host_clear(priv, NF_MODE_OPERATIONAL, &fix.diag));
		(void)nanosleep(&t, NULL);
	}
	for (int i = 0; i < 4; i++) {
		ck_assert_int_eq(pthread_join(thread[i], NULL), 0);
		nf_host_close(host[i]);
	}
	nf_host_close(priv);
	lives();
	unserve();
}
END_TEST

/* Two connections of one client sign with one key, a third takes it away. */
struct signer {
	struct nf_host *host;
	uint32_t key, made, gone, other;
};

static void *
sign_until_gone(void *arg)
{
	struct nf_command cmd = { .cmd = NF_CMD_SIGN };
	struct signer *s = arg;
	struct nf_reply reply;

	cmd.args.key = s->key;
	cmd.args.mech = NF_MECH_RSAHSHA256PPKCS1;
	cmd.args.plain.type = NF_PLAIN_BYTES;
	cmd.args.plain.v = nf_view_of("message", 7);
	while (s->gone == 0 && s->other == 0) {
		(void)nf_host_call(s->host, &cmd, &reply, NULL);
		*(reply.status == NF_ST_OK ? &s->made : reply.status ==
		    NF_ST_UNKNOWNID ? &s->gone : &s->other) += 1;
		nf_args_wipe(&reply.args);
	}
	return NULL;
}

START_TEST(one_client_at_once)
{
	const struct timespec t = { 0, 5000000 };
	struct signer s[2] = { { .made = 0 }, { .made = 0 } };
	struct nf_host *first, *stranger;
	uint8_t client[NF_HASH_LEN];
	pthread_t thread[2];
	uint32_t id;

	serve(1, 40);
	first = plain();
	stranger = plain();
	OK(nf_host_new_client(first, client, &fix.diag));
	for (int i = 0; i < 2; i++) {
		s[i].host = plain();
		OK(nf_host_join(s[i].host, client, &fix.diag));
	}
	for (int round = 0; round < 10; round++) {
		OK(make(first, true, &id, &fix.diag));
		ck_assert(!knows(stranger, id));
		for (int i = 0; i < 2; i++) {
			s[i] = (struct signer){ s[i].host, id, 0, 0, 0 };
			ck_assert_int_eq(pthread_create(&thread[i], NULL,
			    sign_until_gone, &s[i]), 0);
		}
		(void)nanosleep(&t, NULL);
		OK(nf_host_destroy(first, id, &fix.diag));
		for (int i = 0; i < 2; i++) {
			ck_assert_int_eq(pthread_join(thread[i], NULL), 0);
			ck_assert_uint_eq(s[i].other, 0);
		}
	}
	/* The client goes on without the one that began it. */
	OK(make(first, false, &id, &fix.diag));
	nf_host_close(first);
	nf_host_close(s[0].host);
	wait_clients(2);
	ck_assert(knows(s[1].host, id));
	nf_host_close(s[1].host);
	wait_clients(1);
	FAILS(NF_E_REFUSED, nf_host_join(stranger, client, &fix.diag));
	SAYS("ClientUnknown");
	nf_host_close(stranger);
	unserve();
}
END_TEST

START_TEST(stop_drops_clients)
{
	char esn[NF_ESN_MAX + 1];
	struct nf_host *host;
	uint32_t id, mode;

	serve(1, 10);
	host = plain();
	OK(make(host, false, &id, &fix.diag));
	unserve();
	FAILS(NF_E_IO, nf_host_enquiry(host, &mode, esn, &fix.diag));
	nf_host_close(host);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("host/serve");
	TCase *tc = tcase_create("serve");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, ids_of_another_client);
	tcase_add_test(tc, objects_end_with_their_client);
	tcase_add_test(tc, max_objects_leave_room);
	tcase_add_test(tc, privileged_commands);
	tcase_add_test(tc, hands_use_the_privileged_socket);
	tcase_add_test(tc, two_modules);
	tcase_add_test(tc, junk_frames_are_dropped);
	tcase_add_test(tc, junk_command_has_a_reply);
	tcase_add_test(tc, short_messages);
	tcase_add_test(tc, stalled_message_is_dropped);
	tcase_add_test(tc, flood_is_held_back);
	tcase_add_test(tc, slow_reader_gets_all);
	tcase_add_test(tc, stall_time_is_of_one_message);
	tcase_add_test(tc, max_clients);
	tcase_add_test(tc, wrong_user);
	tcase_add_test(tc, many_at_once);
	tcase_add_test(tc, one_client_at_once);
	tcase_add_test(tc, stop_drops_clients);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
