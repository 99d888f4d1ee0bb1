/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the clients of one user can take of a service, and what is left for
 * others: places, and threads beside the making of keys.
 */
#include "config.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <poll.h>
#include <semaphore.h>

#include "nfast/host/frame.h"
#include "nfast/host/transport.h"
#include "tests/host/serve.h"

#define MAKERS	4
#define MANY	9

/*
 * The service's hook holds each making of a key until the test lets it on,
 * and notes whose commands are carried out: those makings, and the others
 * since the last one.
 */
static struct {
	sem_t begun, may;
	uint64_t who[2 * MAKERS];
	uint32_t n, most;
	uint32_t now;
	uint64_t quick[4 * MANY];
	uint32_t n_quick;
} hold;

static void
held(void *arg, const struct nf_rack_client *client, struct nf_view command,
    struct nf_view reply)
{
	uint32_t now, most;

	(void)arg;
	(void)reply;
	if (!nf_rack_slow(command)) {
		now = __atomic_fetch_add(&hold.n_quick, 1, __ATOMIC_SEQ_CST);
		if (now < 4 * MANY)
			hold.quick[now] = client->user;
		return;
	}
	now = __atomic_add_fetch(&hold.now, 1, __ATOMIC_SEQ_CST);
	most = __atomic_load_n(&hold.most, __ATOMIC_SEQ_CST);
	while (now > most && !__atomic_compare_exchange_n(&hold.most, &most,
	    now, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		continue;
	hold.who[__atomic_fetch_add(&hold.n, 1, __ATOMIC_SEQ_CST)] =
	    client->user;
	ck_assert_int_eq(sem_post(&hold.begun), 0);
	while (sem_wait(&hold.may) != 0)
		continue;
	__atomic_store_n(&hold.n_quick, 0, __ATOMIC_SEQ_CST);
	(void)__atomic_sub_fetch(&hold.now, 1, __ATOMIC_SEQ_CST);
}

/* With this many threads, and the hook. */
static void
serve_held(uint32_t threads)
{
	struct nf_server_conf conf = { .clients = 100, .stall = 60,
	    .threads = threads, .trace = held };

	serve(1, 10);
	nf_server_stop(srv.server);
	ck_assert_int_eq(sem_init(&hold.begun, 0, 0), 0);
	ck_assert_int_eq(sem_init(&hold.may, 0, 0), 0);
	hold.n = hold.most = hold.now = 0;
	conf.rack = srv.rack;
	conf.fd = srv.l[0].fd;
	conf.priv_fd = srv.l[1].fd;
	OK(nf_server_start(&conf, &srv.server, &fix.diag));
}

static void
wait_for(sem_t *sem)
{
	while (sem_wait(sem) != 0)
		continue;
}

/* A connection for framed bytes. */
static int
dial(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)strcpy(addr.sun_path, srv.plain);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(connect(fd, (const struct sockaddr *)&addr,
	    sizeof(addr)), 0);
	return fd;
}

/* Ask for an RSA key; the reply can wait. */
static int
maker(void)
{
	struct nf_command cmd = { .cmd = NF_CMD_GENERATEKEYPAIR };
	struct nf_acl *acl = nf_acl_new();
	struct nf_buf bytes = NF_BUF_INIT;
	size_t at = nf_buf_len_open(&bytes);
	int fd = dial();

	nf_group_action_add(nf_acl_group_add(acl),
	    NF_ACT_OPPERMISSIONS)->flags = NF_PERM_SIGN;
	cmd.args.module = NF_HOST_MODULE;
	cmd.args.genparams.type = NF_KEY_RSAPRIVATE;
	cmd.args.genparams.len = 1024;
	cmd.args.acl = acl;
	cmd.args.acl2 = acl;
	nf_wire_command_write(&bytes, &cmd);
	nf_buf_len_close(&bytes, at);
	ck_assert_int_eq(nf_buf_err(&bytes), 0);
	ck_assert_int_eq(send(fd, bytes.p, bytes.len, MSG_NOSIGNAL),
	    (ssize_t)bytes.len);
	nf_buf_wipe(&bytes);
	nf_acl_free(acl);
	return fd;
}

static bool
answered(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

/* The whole reply, however long it takes. */
static void
answer(int fd)
{
	struct nf_buf reply = NF_BUF_INIT;

	OK(nf_frame_recv(fd, &reply, NULL, NF_FRAME_FOREVER, &fix.diag));
	nf_buf_wipe(&reply);
	(void)close(fd);
}

START_TEST(keys_leave_a_thread_for_others)
{
	int fd[MAKERS];

	serve_held(3);
	for (int i = 0; i < MAKERS; i++)
		fd[i] = maker();
	wait_for(&hold.begun);
	wait_for(&hold.begun);
	/* All that may be made are; this hangs when they have all threads. */
	for (int i = 0; i < 20; i++)
		lives();
	for (int i = 0; i < MAKERS; i++)
		ck_assert(!answered(fd[i]));
	for (int i = 0; i < MAKERS; i++)
		ck_assert_int_eq(sem_post(&hold.may), 0);
	for (int i = 0; i < MAKERS; i++)
		answer(fd[i]);
	ck_assert_uint_eq(hold.n, MAKERS);
	ck_assert_uint_eq(hold.most, 2);
	unserve();
}
END_TEST

/* With one thread there is nothing to leave. */
START_TEST(one_thread_makes_keys)
{
	int fd;

	serve_held(1);
	ck_assert_int_eq(sem_post(&hold.may), 0);
	fd = maker();
	answer(fd);
	lives();
	unserve();
}
END_TEST

START_TEST(no_key_for_who_is_gone)
{
	int fd[MAKERS];

	serve_held(2);
	fd[0] = maker();
	wait_for(&hold.begun);
	for (int i = 1; i < MAKERS; i++)
		fd[i] = maker();
	/* After those before it, as there is one thread left. */
	lives();
	for (int i = 1; i < MAKERS - 1; i++)
		(void)close(fd[i]);
	for (int i = 0; i < MAKERS; i++)
		ck_assert_int_eq(sem_post(&hold.may), 0);
	answer(fd[MAKERS - 1]);
	answer(fd[0]);
	ck_assert_uint_eq(hold.n, 2);
	wait_clients(0);
	unserve();
}
END_TEST

/* Those that wait for their turn do not keep it from ending. */
START_TEST(stop_drops_who_waits)
{
	int fd[MAKERS];

	serve_held(2);
	for (int i = 0; i < MAKERS; i++)
		fd[i] = maker();
	wait_for(&hold.begun);
	lives();
	/* The others wait for this one; those after it may go on as well. */
	for (int i = 0; i < MAKERS; i++)
		ck_assert_int_eq(sem_post(&hold.may), 0);
	unserve();
	for (int i = 0; i < MAKERS; i++)
		(void)close(fd[i]);
}
END_TEST

/* ---- two users ----------------------------------------------------------- */

/* Run it as a user who is not the owner; only root can be somebody else. */
static pid_t
as_nobody(int (*run)(int), int arg)
{
	pid_t pid;

	ck_assert_int_eq(chmod(srv.dir, 0755), 0);
	ck_assert_int_ge(pid = fork(), 0);
	if (pid == 0)
		_exit(setgid(65534) != 0 || setuid(65534) != 0 ? 99 :
		    run(arg));
	return pid;
}

/* What it returned. */
static int
ended(pid_t pid)
{
	int status;

	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* It asks for a key, tells that others have had theirs, and gets it. */
static int
make_one(int ready)
{
	int fd = maker();

	lives();
	if (write(ready, "", 1) != 1)
		return 1;
	answer(fd);
	return 0;
}

START_TEST(users_make_keys_in_turns)
{
	int fd[MAKERS], ready[2];
	pid_t pid;
	char c;

	if (geteuid() != 0)
		return;
	serve_held(2);
	ck_assert_int_eq(pipe(ready), 0);
	for (int i = 0; i < MAKERS; i++)
		fd[i] = maker();
	wait_for(&hold.begun);
	lives();
	pid = as_nobody(make_one, ready[1]);
	ck_assert_int_eq(read(ready[0], &c, 1), 1);
	for (int i = 0; i <= MAKERS; i++)
		ck_assert_int_eq(sem_post(&hold.may), 0);
	for (int i = 0; i < MAKERS; i++)
		answer(fd[i]);
	ck_assert_int_eq(ended(pid), 0);
	ck_assert_uint_eq(hold.n, MAKERS + 1);
	/* Not after all that had waited before. */
	ck_assert(hold.who[1] == 65534 || hold.who[2] == 65534);
	(void)close(ready[0]);
	(void)close(ready[1]);
	unserve();
}
END_TEST

/* Connections that have been served, then commands on all of them at once. */
static void
crowd_send(const int *fd, int n)
{
	struct nf_command cmd = { .cmd = NF_CMD_NEWENQUIRY };
	struct nf_buf bytes = NF_BUF_INIT;
	size_t at = nf_buf_len_open(&bytes);

	nf_wire_command_write(&bytes, &cmd);
	nf_buf_len_close(&bytes, at);
	ck_assert_int_eq(nf_buf_err(&bytes), 0);
	for (int i = 0; i < n; i++)
		ck_assert_int_eq(send(fd[i], bytes.p, bytes.len,
		    MSG_NOSIGNAL), (ssize_t)bytes.len);
	nf_buf_wipe(&bytes);
}

static void
crowd_answers(const int *fd, int n)
{
	struct nf_buf reply = NF_BUF_INIT;

	for (int i = 0; i < n; i++) {
		OK(nf_frame_recv(fd[i], &reply, NULL, NF_FRAME_FOREVER,
		    &fix.diag));
		nf_buf_wipe(&reply);
	}
}

static void
crowd_enter(int *fd, int n)
{
	for (int i = 0; i < n; i++)
		fd[i] = dial();
	crowd_send(fd, n);
	crowd_answers(fd, n);
}

static int to_child[2], to_parent[2];

/* One connection of another user, with a command when it is told so. */
static int
ask_once(int n)
{
	int fd;
	char c;

	crowd_enter(&fd, n);
	if (write(to_parent[1], "", 1) != 1 || read(to_child[0], &c, 1) != 1)
		return 1;
	crowd_send(&fd, n);
	if (write(to_parent[1], "", 1) != 1)
		return 2;
	crowd_answers(&fd, n);
	(void)close(fd);
	return 0;
}

/* Of one thread, which is busy as all commands come. */
START_TEST(users_are_served_in_turns)
{
	int fd[MANY], making;
	pid_t pid;
	char c;

	if (geteuid() != 0)
		return;
	serve_held(1);
	ck_assert_int_eq(pipe(to_child), 0);
	ck_assert_int_eq(pipe(to_parent), 0);
	crowd_enter(fd, MANY);
	pid = as_nobody(ask_once, 1);
	ck_assert_int_eq(read(to_parent[0], &c, 1), 1);
	making = maker();
	wait_for(&hold.begun);
	crowd_send(fd, MANY);
	ck_assert_int_eq(write(to_child[1], "", 1), 1);
	ck_assert_int_eq(read(to_parent[0], &c, 1), 1);
	ck_assert_int_eq(sem_post(&hold.may), 0);
	answer(making);
	crowd_answers(fd, MANY);
	ck_assert_int_eq(ended(pid), 0);
	ck_assert_uint_eq(hold.n_quick, MANY + 1);
	/* Not after all that came before. */
	ck_assert(hold.quick[0] == 65534 || hold.quick[1] == 65534);
	for (int i = 0; i < MANY; i++)
		(void)close(fd[i]);
	unserve();
}
END_TEST

/* Those of the owner, and of another user. */
static struct nf_host *in[2][40];

/* Open connections until one is refused, or n; how many there are. */
static int
get_in(int n)
{
	struct nf_host **host = in[geteuid() != 0];
	char esn[NF_ESN_MAX + 1];
	uint32_t mode;
	int i = 0;

	while (i < n && nf_host_open(&host[i], NULL) == 0 &&
	    nf_host_enquiry(host[i], &mode, esn, NULL) == 0)
		i++;
	return i;
}

START_TEST(one_user_leaves_places_to_another)
{
	serve(1, 40);
	/* Of 24, as 16 are kept for the privileged. */
	ck_assert_int_eq(get_in(40), 12);
	if (geteuid() == 0)
		ck_assert_int_eq(ended(as_nobody(get_in, 40)), 6);
	for (int i = 0; i < 40; i++)
		nf_host_close(in[geteuid() != 0][i]);
	unserve();
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("host/fair");
	TCase *tc = tcase_create("fair");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, keys_leave_a_thread_for_others);
	tcase_add_test(tc, one_thread_makes_keys);
	tcase_add_test(tc, no_key_for_who_is_gone);
	tcase_add_test(tc, stop_drops_who_waits);
	tcase_add_test(tc, users_make_keys_in_turns);
	tcase_add_test(tc, users_are_served_in_turns);
	tcase_add_test(tc, one_user_leaves_places_to_another);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
