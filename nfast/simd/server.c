/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "nfast/host/frame.h"
#include "nfast/simd/files.h"
#include "nfast/simd/server.h"
#include "nfast/simd/users.h"
#include "nfast/wire/command.h"

#define ACCEPTS_MAX	64	/* in one turn */
/* Nanoseconds: how long a thread waits for its client's next command, of
 * that without sleep, and how long it serves it without a look at others. */
#define LINGER		1000000
#define SPIN		60000
#define ALONE		1000000
#define SECOND		1000000000
#define CHUNK		4096	/* memory follows what has arrived */

/*
 *   in, want   the message being received, and its length; 0: its head is
 *   out, sent  the reply being sent
 *   busy, deadline, at, waiter  belong to the table's lock: a thread has it
 *              or it waits for one; when it is dropped, in nanoseconds, 0 for
 *              never (the thread's while it is busy); its place in the table;
 *              when it waits with a slow command
 *   slow       it has the right to carry out a slow command
 */
struct client {
	int fd;
	struct nf_rack_client who;
	uint8_t head[NF_FRAME_HEAD];
	size_t head_n;
	uint32_t want;
	struct nf_buf in, out;
	size_t sent;
	bool busy, slow;
	int64_t deadline;
	uint32_t at;
	struct nf_user *user;
	struct nf_waiter waiter;
};

struct door {
	int fd;
	bool privileged;
	bool shut;		/* no descriptors were left; table's lock */
};

struct nf_server {
	struct nf_server_conf conf;
	int epoll, stop;
	struct door door[2];
	pthread_mutex_t lock;	/* of the table */
	struct client **table;
	uint32_t n;
	uint64_t next_id;
	struct nf_users users;
	uint32_t slow, slow_max;	/* slow commands under way */
	bool stopping;
	pthread_t thread[NF_SERVER_THREADS_MAX];
	uint32_t n_threads;
};

enum turn { TURN_READ, TURN_WRITE, TURN_DROP, TURN_WAIT };

static int64_t
nanoseconds(void)
{
	struct timespec t = { 0, 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * SECOND + t.tv_nsec;
}

static void
lock(struct nf_server *s)
{
	NF_REQUIRE(pthread_mutex_lock(&s->lock) == 0);
}

static void
unlock(struct nf_server *s)
{
	NF_REQUIRE(pthread_mutex_unlock(&s->lock) == 0);
}

static int
watch(int epoll, int op, int fd, uint32_t events, void *ptr)
{
	struct epoll_event ev = { .events = events, .data.ptr = ptr };

	return epoll_ctl(epoll, op, fd, &ev);
}

/* ---- clients ------------------------------------------------------------ */

static void
client_free(struct nf_server *s, struct client *c)
{
	nf_rack_forget(s->conf.rack, &c->who);
	(void)close(c->fd);
	nf_buf_wipe(&c->in);
	nf_buf_wipe(&c->out);
	free(c);
}

static void
client_drop(struct nf_server *s, struct client *c)
{
	lock(s);
	s->table[c->at] = s->table[--s->n];
	s->table[c->at]->at = c->at;
	(void)nf_users_leave(&s->users, c->user);
	unlock(s);
	client_free(s, c);
}

/* The one that watches the user's clients: users take turns in the first. */
static bool
user_watched(struct nf_server *s, struct nf_user *u)
{
	if (u->epoll >= 0)
		return true;
	return (u->epoll = epoll_create1(EPOLL_CLOEXEC)) >= 0 &&
	    watch(s->epoll, EPOLL_CTL_ADD, u->epoll, EPOLLIN | EPOLLONESHOT,
	    u) == 0;
}

/* A place in the table; the last ones are for privileged clients. */
static bool
client_enter(struct nf_server *s, struct client *c)
{
	uint32_t max = s->conf.clients;
	bool room;

	if (!c->who.privileged && s->conf.priv_fd >= 0)
		max -= max > 2 * NF_SERVER_PRIV_KEPT ? NF_SERVER_PRIV_KEPT : 0;
	lock(s);
	room = nf_users_enter(&s->users, c->who.user, max, c->who.privileged,
	    &c->user) == 0;
	if (room && !user_watched(s, c->user)) {
		(void)nf_users_leave(&s->users, c->user);
		room = false;
	}
	if (room) {
		c->who.id = ++s->next_id;
		c->at = s->n;
		s->table[s->n++] = c;
	}
	unlock(s);
	return room;
}

/* The privileged socket is for its owner and root, whatever its mode is. */
static bool
peer_allowed(int fd, bool privileged, uid_t *uid)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0 ||
	    len != sizeof(peer))
		return false;
	*uid = peer.uid;
	return !privileged || peer.uid == 0 || peer.uid == geteuid();
}

/* A reply to no command: tags of commands are not 0. */
static void
turn_away(int fd)
{
	static const char why[] = "only the owner and root are served here";
	const struct nf_reply reply = { .status = NF_ST_PRIVILEGEDCOMMAND,
		.cmd = NF_CMD_ERRORRETURN,
		.reason = { (const uint8_t *)why, sizeof(why) - 1 } };
	struct nf_buf message = NF_BUF_INIT;
	size_t done = 0;

	nf_wire_reply_write(&message, &reply);
	if (nf_buf_err(&message) == 0)
		(void)nf_frame_send_part(fd, nf_buf_view(&message), &done,
		    NULL);
	nf_buf_wipe(&message);
}

static void
client_new(struct nf_server *s, int fd, bool privileged)
{
	struct client *c = NULL;
	uid_t uid;

	if (!peer_allowed(fd, privileged, &uid)) {
		turn_away(fd);
		goto out;
	}
	if ((c = calloc(1, sizeof(*c))) == NULL)
		goto out;
	c->fd = fd;
	c->who.privileged = privileged;
	c->who.user = uid;
	c->waiter.self = c;
	if (!client_enter(s, c))
		goto out;
	if (watch(c->user->epoll, EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLONESHOT,
	    c) != 0)
		client_drop(s, c);
	return;
out:
	free(c);
	(void)close(fd);
}

static void
door_open(struct nf_server *s, struct door *d)
{
	(void)watch(s->epoll, EPOLL_CTL_MOD, d->fd, EPOLLIN | EPOLLONESHOT,
	    d);
}

static void
door_turn(struct nf_server *s, struct door *d)
{
	int fd;

	for (int i = 0; i < ACCEPTS_MAX; i++) {
		/* cppcheck-suppress nullPointer ; no address is wanted */
		fd = accept4(d->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0) {
			client_new(s, fd, d->privileged);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
		    errno == ENOMEM) {
			/* Until the next tick. */
			lock(s);
			d->shut = true;
			unlock(s);
			return;
		}
		if (errno != EINTR && errno != ECONNABORTED)
			break;
	}
	door_open(s, d);
}

/* ---- one message -------------------------------------------------------- */

/* recv() that tells "nothing now" (0) from "the end" (NF_E_IO). */
static ssize_t
take(int fd, uint8_t *p, size_t len)
{
	ssize_t n;

	do {
		n = recv(fd, p, len, 0);
	} while (n < 0 && errno == EINTR);
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return 0;
	return n <= 0 ? NF_E_IO : n;
}

/* Receive what is there; *whole when the message is. */
static int
client_receive(struct client *c, bool *whole)
{
	ssize_t n;
	int r;

	*whole = false;
	while (c->want == 0) {
		if ((n = take(c->fd, c->head + c->head_n,
		    sizeof(c->head) - c->head_n)) <= 0)
			return (int)n;
		if ((c->head_n += (size_t)n) == sizeof(c->head) &&
		    (r = nf_frame_length(c->head, &c->want, NULL)) != 0)
			return r;
	}
	while (c->in.len < c->want) {
		size_t had = c->in.len, more = c->want - had;

		if (more > CHUNK)
			more = CHUNK;
		nf_buf_fill(&c->in, 0, more);
		if ((r = nf_buf_err(&c->in)) != 0)
			return r;
		n = take(c->fd, c->in.p + had, more);
		c->in.len = had + (n > 0 ? (size_t)n : 0);
		if (n <= 0)
			return (int)n;
	}
	*whole = true;
	return 0;
}

/* Carry it out: the one place that sees every command and reply. */
static int
client_transact(struct nf_server *s, struct client *c)
{
	int r = nf_rack_transact(s->conf.rack, &c->who, nf_buf_view(&c->in),
	    &c->out);

	if (s->conf.trace != NULL)
		s->conf.trace(s->conf.trace_arg, &c->who,
		    nf_buf_view(&c->in), r == 0 ? nf_buf_view(&c->out) :
		    nf_view_of(NULL, 0));
	nf_buf_wipe(&c->in);
	c->head_n = 0;
	c->want = 0;
	c->sent = 0;
	c->deadline = 0;
	return r;
}

static enum turn
client_send(struct client *c)
{
	if (nf_frame_send_part(c->fd, nf_buf_view(&c->out), &c->sent,
	    NULL) != 0)
		return TURN_DROP;
	if (c->sent < NF_FRAME_HEAD + c->out.len)
		return TURN_WRITE;
	nf_buf_wipe(&c->out);
	c->deadline = 0;
	return TURN_READ;
}

/*
 * Slow commands leave one thread to the others.  Take the right to carry one
 * out, or wait for it: then another thread may have the client already.
 */
static bool
slow_begin(struct nf_server *s, struct client *c)
{
	bool may;

	lock(s);
	may = c->slow || s->slow < s->slow_max;
	if (may && !c->slow)
		s->slow++;
	if (may)
		c->slow = true;
	else
		nf_users_wait(c->user, &c->waiter);
	unlock(s);
	return may;
}

/* Give the right to the next one that waits for it. */
static struct client *
slow_end(struct nf_server *s)
{
	struct nf_waiter *w;
	struct client *c = NULL;

	lock(s);
	if (s->stopping || (w = nf_users_next(&s->users)) == NULL)
		s->slow--;
	else {
		c = w->self;
		c->slow = true;
	}
	unlock(s);
	return c;
}

/* Nobody is there for the reply. */
static bool
client_gone(const struct client *c)
{
	struct pollfd p = { .fd = c->fd, .events = POLLIN };

	return poll(&p, 1, 0) == 1 && (p.revents & POLLHUP) != 0;
}

/* What a client is given to do next; *served when it was given something. */
static enum turn
client_turn(struct nf_server *s, struct client *c, bool *served)
{
	*served = c->out.len > 0;
	if (*served)
		return client_send(c);
	if (client_receive(c, served) != 0)
		return TURN_DROP;
	if (!*served)
		return TURN_READ;
	if (nf_rack_slow(nf_buf_view(&c->in))) {
		if (!slow_begin(s, c))
			return TURN_WAIT;
		if (client_gone(c))
			return TURN_DROP;
	}
	if (client_transact(s, c) != 0)
		return TURN_DROP;
	return client_send(c);
}

/*
 * Who has just had a reply often asks again at once, and a client that stays
 * with its thread finds that processor's caches warm.  Wait for it a little
 * while, unless another one wants something.
 *   missed  how often there was nothing from it since since
 */
static bool
client_stays(const struct nf_server *s, const struct client *c,
    unsigned int missed, int64_t since)
{
	const struct timespec linger = { 0, LINGER };
	struct pollfd p[2] = { { .fd = s->epoll, .events = POLLIN },
		{ .fd = c->fd, .events = POLLIN } };

	/* First without sleep: a processor that slept wakes up slowly. */
	if (missed > 1 && poll(p, 1, 0) != 0)
		return false;
	if (nanoseconds() - since < SPIN) {
		(void)sched_yield();
		return true;
	}
	return ppoll(p, 2, &linger, NULL) > 0 && p[0].revents == 0;
}

/* Serve it as long as it asks; what it waits for then. */
static enum turn
client_turns(struct nf_server *s, struct client *c)
{
	int64_t began = nanoseconds(), since = began;
	struct pollfd others = { .fd = s->epoll, .events = POLLIN };
	unsigned int missed = 0;
	enum turn next;
	bool served;

	for (;;) {
		next = client_turn(s, c, &served);
		if (next != TURN_READ || c->head_n > 0 || c->slow)
			return next;
		if (!served) {
			if (!client_stays(s, c, ++missed, since))
				return next;
			continue;
		}
		missed = 0;
		since = nanoseconds();
		if (since - began < ALONE)
			continue;
		began = since;
		if (poll(&others, 1, 0) != 0)
			return next;
	}
}

/* Serve it, then leave it to others; the next one to serve at once, or
 * NULL. */
static struct client *
client_serve(struct nf_server *s, struct client *c)
{
	enum turn next;
	bool idle, slow;

	lock(s);
	c->busy = true;
	unlock(s);
	if ((next = client_turns(s, c)) == TURN_WAIT)
		return NULL;
	slow = c->slow;
	c->slow = false;
	if (next == TURN_DROP) {
		client_drop(s, c);
		return slow ? slow_end(s) : NULL;
	}
	idle = next == TURN_READ && c->head_n == 0;
	lock(s);
	c->busy = false;
	if (idle)
		c->deadline = 0;
	else if (c->deadline == 0)
		c->deadline = nanoseconds() +
		    (int64_t)s->conf.stall * SECOND;
	/* Then another thread may have it, after the unlock at the earliest. */
	(void)watch(c->user->epoll, EPOLL_CTL_MOD, c->fd, EPOLLONESHOT |
	    (next == TURN_WRITE ? EPOLLOUT : EPOLLIN), c);
	unlock(s);
	return slow ? slow_end(s) : NULL;
}

/* A client of the user whose turn it is, and let other threads look. */
static struct client *
user_turn(struct nf_server *s, struct nf_user *u)
{
	struct epoll_event ev;
	struct client *c = NULL;

	lock(s);
	/* The user may have gone since. */
	if (nf_users_has(&s->users, u)) {
		if (epoll_wait(u->epoll, &ev, 1, 0) == 1)
			c = ev.data.ptr;
		(void)watch(s->epoll, EPOLL_CTL_MOD, u->epoll,
		    EPOLLIN | EPOLLONESHOT, u);
	}
	unlock(s);
	return c;
}

/* ---- threads ------------------------------------------------------------ */

static void *
worker(void *arg)
{
	struct nf_server *s = arg;
	struct epoll_event ev;
	struct client *c;
	int n;

	for (;;) {
		if ((n = epoll_wait(s->epoll, &ev, 1, -1)) < 0 &&
		    errno != EINTR)
			nf_abort("epoll_wait", __FILE__, __LINE__);
		if (n <= 0)
			continue;
		if (ev.data.ptr == s)
			return NULL;
		if (ev.data.ptr == &s->door[0] || ev.data.ptr == &s->door[1])
			door_turn(s, ev.data.ptr);
		else {
			c = user_turn(s, ev.data.ptr);
			while (c != NULL)
				c = client_serve(s, c);
		}
	}
}

static int
threads_start(struct nf_server *s, struct nf_diag *diag)
{
	uint32_t want = s->conf.threads;
	sigset_t all, before;
	long n = sysconf(_SC_NPROCESSORS_ONLN);
	int e = 0;

	if (want == 0)
		want = n < 1 ? 2 : n >= NF_SERVER_THREADS_MAX ?
		    NF_SERVER_THREADS_MAX : (uint32_t)n + 1;
	if (want > NF_SERVER_THREADS_MAX)
		want = NF_SERVER_THREADS_MAX;
	s->slow_max = want > 1 ? want - 1 : 1;
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	while (e == 0 && s->n_threads < want) {
		if ((e = pthread_create(&s->thread[s->n_threads], NULL,
		    worker, s)) == 0)
			s->n_threads++;
	}
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return e == 0 ? 0 : nf_diag_set(diag, NF_E_NOMEM, NULL,
	    "cannot start a thread: %s", strerror(e));
}

static int
doors_watch(struct nf_server *s, struct nf_diag *diag)
{
	s->door[0].fd = s->conf.fd;
	s->door[1].fd = s->conf.priv_fd;
	s->door[1].privileged = true;
	if (watch(s->epoll, EPOLL_CTL_ADD, s->stop, EPOLLIN, s) != 0)
		goto fail;
	for (int i = 0; i < 2; i++) {
		if (s->door[i].fd >= 0 && watch(s->epoll, EPOLL_CTL_ADD,
		    s->door[i].fd, EPOLLIN | EPOLLONESHOT, &s->door[i]) != 0)
			goto fail;
	}
	return 0;
fail:
	return nf_diag_set(diag, NF_E_IO, NULL, "epoll: %s", strerror(errno));
}

int
nf_server_start(const struct nf_server_conf *conf, struct nf_server **out,
    struct nf_diag *diag)
{
	struct nf_server *s;
	int r;

	*out = NULL;
	if ((s = calloc(1, sizeof(*s))) == NULL)
		return nf_diag_set(diag, NF_E_NOMEM, NULL, "out of memory");
	(void)pthread_mutex_init(&s->lock, NULL);
	s->conf = *conf;
	s->n = 0;
	s->n_threads = 0;
	s->stop = s->epoll = -1;
	if ((r = nf_files_limit(&s->conf.clients,
	    NF_SERVER_CLIENTS, diag)) != 0)
		goto out;
	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	s->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if ((s->table = calloc(s->conf.clients, sizeof(*s->table))) == NULL ||
	    s->epoll < 0 || s->stop < 0) {
		r = nf_diag_set(diag, NF_E_NOMEM, NULL, "no memory or "
		    "descriptors for %u clients", s->conf.clients);
		goto out;
	}
	if ((r = doors_watch(s, diag)) != 0 ||
	    (r = threads_start(s, diag)) != 0)
		goto out;
	*out = s;
	s = NULL;
out:
	nf_server_stop(s);
	return r;
}

void
nf_server_tick(struct nf_server *s)
{
	int64_t t = nanoseconds();
	bool shut[2];

	lock(s);
	for (uint32_t i = 0; i < s->n; i++) {
		const struct client *c = s->table[i];

		/* The thread that this wakes drops it. */
		if (!c->busy && c->deadline != 0 && t >= c->deadline)
			(void)shutdown(c->fd, SHUT_RDWR);
	}
	for (int i = 0; i < 2; i++) {
		shut[i] = s->door[i].shut;
		s->door[i].shut = false;
	}
	unlock(s);
	for (int i = 0; i < 2; i++) {
		if (shut[i])
			door_open(s, &s->door[i]);
	}
}

uint32_t
nf_server_clients(struct nf_server *s)
{
	uint32_t n;

	lock(s);
	n = s->n;
	unlock(s);
	return n;
}

void
nf_server_stop(struct nf_server *s)
{
	const uint64_t one = 1;

	if (s == NULL)
		return;
	lock(s);
	s->stopping = true;
	unlock(s);
	if (s->stop >= 0 && write(s->stop, &one, sizeof(one)) !=
	    (ssize_t)sizeof(one))
		nf_abort("eventfd", __FILE__, __LINE__);
	for (uint32_t i = 0; i < s->n_threads; i++)
		(void)pthread_join(s->thread[i], NULL);
	while (s->n > 0)
		client_drop(s, s->table[0]);
	free(s->table);
	if (s->epoll >= 0)
		(void)close(s->epoll);
	if (s->stop >= 0)
		(void)close(s->stop);
	(void)pthread_mutex_destroy(&s->lock);
	free(s);
}
