/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <sys/resource.h>
#include <sys/socket.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>

#include "transfer/vault-http.h"

#define BACKLOG		1024
#define OTHER_FDS	64	/* of the process, beside connections */
#define FDS_WANTED	(2UL * NF_HTTP_CONNECTIONS_MAX + OTHER_FDS)
#define LINGER_SECONDS	2
#define LINGER_BYTES	((size_t)4 * 1024 * 1024)
/* Unparsed, of a connection: one whole request must not reach it. */
#define INPUT_MAX	(2 * (NF_HTTP_BODY_MAX + NF_HTTP_HEADERS_MAX))
#define METHODS \
	(EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_PUT | \
	EVHTTP_REQ_PATCH | EVHTTP_REQ_DELETE | EVHTTP_REQ_HEAD | \
	EVHTTP_REQ_OPTIONS)

/*
 * A connection beside what evhttp keeps of it.  evhttp closes without having
 * read everything, as after a 413, and the reset that follows may overtake
 * the answer.  fd is a copy that keeps the connection until the client has
 * finished, or LINGER is over.
 */
struct connection {
	struct nf_http *http;
	int fd;				/* -1 before the handshake ends */
	struct event *linger;
	time_t until;			/* of the monotonic clock */
	size_t drained;
	struct connection *prev, *next;	/* of those that linger */
};

struct nf_http {
	struct event_base *base;
	struct evhttp *http;
	struct evconnlistener *listener;	/* owned by http */
	struct event *stop[2];
	SSL_CTX *tls;
	int ssl_index;			/* ex_data with the connection */
	size_t n_connections, max_connections;
	struct connection *lingering;
	bool paused, stopped;
	uint16_t port;
	nf_http_handler *handler;
	void *arg;
};

void
nf_http_header(struct nf_http_response *res, const char *name,
    const char *fmt, ...)
{
	char *value;
	va_list ap;
	int n;

	NF_REQUIRE(res->n_headers < NF_HTTP_HEADERS_OUT);
	value = res->header[res->n_headers].value;
	va_start(ap, fmt);
	n = vsnprintf(value, sizeof(res->header[0].value), fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(res->header[0].value))
		return;
	for (const char *p = value; *p != '\0'; p++) {
		if (*p < 0x20 || *p > 0x7e)
			return;
	}
	res->header[res->n_headers++].name = name;
}

/* ---- connections ------------------------------------------------------- */

static void
connection_free(struct connection *c)
{
	struct nf_http *h = c->http;

	if (c->linger != NULL) {
		event_free(c->linger);
		if (c->prev == NULL)
			h->lingering = c->next;
		else
			c->prev->next = c->next;
		if (c->next != NULL)
			c->next->prev = c->prev;
	}
	if (c->fd != -1)
		(void)close(c->fd);
	free(c);
	h->n_connections--;
	if (h->paused && evconnlistener_enable(h->listener) == 0)
		h->paused = false;
}

static time_t
seconds(void)
{
	struct timespec now;

	NF_REQUIRE(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
	return now.tv_sec;
}

/* Throw away what still comes; false when that was all or too much. */
static bool
drain(struct connection *c)
{
	uint8_t junk[16384];
	ssize_t n;

	if (c->until == 0)
		c->until = seconds() + LINGER_SECONDS;
	else if (seconds() > c->until)
		return false;
	while ((n = recv(c->fd, junk, sizeof(junk), MSG_DONTWAIT)) > 0) {
		c->drained += (size_t)n;
		if (c->drained > LINGER_BYTES)
			return false;
	}
	return n < 0 && (errno == EAGAIN || errno == EINTR);
}

static void
on_linger(evutil_socket_t fd, short what, void *arg)
{
	struct connection *c = arg;

	(void)fd;
	if ((what & EV_TIMEOUT) != 0 || !drain(c))
		connection_free(c);
}

/* evhttp is done with the connection: half-close it and wait a little. */
static void
linger(struct connection *c)
{
	static const struct timeval wait = { .tv_sec = LINGER_SECONDS };
	struct nf_http *h = c->http;

	if (h->stopped || c->fd == -1 || shutdown(c->fd, SHUT_WR) != 0 ||
	    !drain(c) || (c->linger = event_new(h->base, c->fd,
	    EV_READ | EV_PERSIST, on_linger, c)) == NULL) {
		connection_free(c);
		return;
	}
	c->next = h->lingering;
	if (c->next != NULL)
		c->next->prev = c;
	h->lingering = c;
	if (event_add(c->linger, &wait) != 0)
		connection_free(c);
}

/* Called by libcrypto when the connection's SSL is freed. */
static void
connection_ended(void *parent, void *ptr, CRYPTO_EX_DATA *ad, int idx,
    long argl, void *argp)
{
	(void)parent;
	(void)ad;
	(void)idx;
	(void)argl;
	(void)argp;
	if (ptr != NULL)
		linger(ptr);
}

static void
on_handshake(const SSL *ssl, int where, int ret)
{
	struct connection *c = SSL_get_app_data(ssl);

	(void)ret;
	if ((where & SSL_CB_HANDSHAKE_DONE) != 0 && c->fd == -1)
		c->fd = fcntl(SSL_get_fd(ssl), F_DUPFD_CLOEXEC, 0);
}

/* evhttp would speak plain HTTP where this returns NULL: it never does. */
static struct bufferevent *
connection(struct event_base *base, void *arg)
{
	struct bufferevent *bev = NULL;
	struct nf_http *h = arg;
	struct connection *c = calloc(1, sizeof(*c));
	SSL *ssl = SSL_new(h->tls);

	if (c != NULL && ssl != NULL &&
	    SSL_set_ex_data(ssl, h->ssl_index, c) == 1 &&
	    SSL_set_app_data(ssl, c) == 1) {
		c->http = h;
		c->fd = -1;
		h->n_connections++;
		SSL_set_info_callback(ssl, on_handshake);
		bev = bufferevent_openssl_socket_new(base, -1, ssl,
		    BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);
	}
	if (bev == NULL)
		abort();
	bufferevent_openssl_set_allow_dirty_shutdown(bev, 1);
	/* evhttp reads on while an answer waits to be taken. */
	bufferevent_setwatermark(bev, EV_READ, 0, INPUT_MAX);
	if (h->n_connections >= h->max_connections &&
	    evconnlistener_disable(h->listener) == 0)
		h->paused = true;
	return bev;
}

/* ---- requests ---------------------------------------------------------- */

static enum nf_http_method
method_named(const char *name)
{
	static const struct {
		const char *name;
		enum nf_http_method method;
	} names[] = {
		{ "GET", NF_HTTP_GET }, { "POST", NF_HTTP_POST },
		{ "PUT", NF_HTTP_PUT }, { "PATCH", NF_HTTP_PATCH },
		{ "DELETE", NF_HTTP_DELETE }
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i].name, name) == 0)
			return names[i].method;
	}
	return NF_HTTP_OTHER;
}

static enum nf_http_method
method_of(struct evhttp_request *req)
{
	const char *instead = evhttp_find_header(
	    evhttp_request_get_input_headers(req), "X-HTTP-METHOD");

	switch (evhttp_request_get_command(req)) {
	case EVHTTP_REQ_GET:
		return NF_HTTP_GET;
	case EVHTTP_REQ_PUT:
		return NF_HTTP_PUT;
	case EVHTTP_REQ_PATCH:
		return NF_HTTP_PATCH;
	case EVHTTP_REQ_DELETE:
		return NF_HTTP_DELETE;
	case EVHTTP_REQ_POST:
		return instead == NULL ? NF_HTTP_POST :
		    method_named(instead);
	default:
		return NF_HTTP_OTHER;
	}
}

/*
 * Names that must not come twice, as two readers may take another one; and
 * one way only to say how long a body is.
 */
static bool
headers_sound(struct evkeyvalq *headers)
{
	static const char *const once[] = { "Host", "Content-Length",
	    "Transfer-Encoding", "Authorization" };
	const char *coding, *length;
	const struct evkeyval *kv;

	for (size_t i = 0; i < sizeof(once) / sizeof(once[0]); i++) {
		int n = 0;

		for (kv = headers->tqh_first; kv != NULL;
		    kv = kv->next.tqe_next)
			n += strcasecmp(kv->key, once[i]) == 0;
		if (n > 1)
			return false;
	}
	coding = evhttp_find_header(headers, "Transfer-Encoding");
	length = evhttp_find_header(headers, "Content-Length");
	if (length != NULL)
		return coding == NULL && *length != '\0' &&
		    strspn(length, "0123456789") == strlen(length);
	return coding == NULL || strcasecmp(coding, "chunked") == 0;
}

/*
 * Path and query of the request line, which evhttp takes with blanks in it.
 * evhttp takes what follows a leading "//" for a host; clients mean a path.
 */
static bool
split_target(struct evhttp_request *ev, char **own,
    struct nf_http_request *req)
{
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(ev);
	const char *target = evhttp_request_get_uri(ev);
	char *query;

	if (target == NULL || uri == NULL)
		return false;
	for (const char *p = target; *p != '\0'; p++) {
		if (*p <= 0x20 || *p > 0x7e)
			return false;
	}
	if (target[0] != '/') {
		req->path = evhttp_uri_get_path(uri);
		req->query = evhttp_uri_get_query(uri);
		return req->path != NULL;
	}
	if ((*own = strdup(target)) == NULL)
		return false;
	(*own)[strcspn(*own, "#")] = '\0';
	req->path = *own;
	if ((query = strchr(*own, '?')) != NULL) {
		*query = '\0';
		req->query = query + 1;
	}
	return true;
}

/* Say no, and trust nothing that follows on this connection. */
static void
refuse(struct evhttp_request *ev, int status)
{
	(void)evhttp_add_header(evhttp_request_get_output_headers(ev),
	    "Connection", "close");
	evhttp_send_reply(ev, status, NULL, NULL);
}

static void
answer(struct evhttp_request *ev, struct nf_http_response *res)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(ev);
	struct evbuffer *body = evhttp_request_get_output_buffer(ev);

	if (nf_buf_err(&res->body) != 0) {
		refuse(ev, 500);
		return;
	}
	for (size_t i = 0; i < res->n_headers; i++)
		(void)evhttp_add_header(headers, res->header[i].name,
		    res->header[i].value);
	if (res->body.len > 0) {
		(void)evhttp_add_header(headers, "Content-Type",
		    "application/json; charset=utf-8");
		if (evbuffer_add(body, res->body.p, res->body.len) != 0)
			res->status = 500;
	}
	/* NULL: evhttp has the reasons of the usual statuses. */
	evhttp_send_reply(ev, res->status, NULL, NULL);
}

/* Tell the client that this is the end and not a cut. */
static void
on_close(struct evhttp_connection *ended, void *arg)
{
	SSL *ssl = bufferevent_openssl_get_ssl(
	    evhttp_connection_get_bufferevent(ended));

	(void)arg;
	if (ssl != NULL && SSL_is_init_finished(ssl) == 1)
		(void)SSL_shutdown(ssl);
	ERR_clear_error();
}

static void
on_request(struct evhttp_request *ev, void *arg)
{
	struct evhttp_connection *from = evhttp_request_get_connection(ev);
	struct evkeyvalq *headers = evhttp_request_get_input_headers(ev);
	struct evbuffer *in = evhttp_request_get_input_buffer(ev);
	struct nf_http_response res = { .status = 200 };
	struct nf_http_request req = { .method = method_of(ev) };
	struct nf_http *h = arg;
	uint8_t *body = NULL;
	char *own = NULL;

	if (from != NULL)
		evhttp_connection_set_closecb(from, on_close, NULL);
	if (!headers_sound(headers) || !split_target(ev, &own, &req)) {
		free(own);
		refuse(ev, 400);
		return;
	}
	req.host = evhttp_find_header(headers, "Host");
	if (req.host == NULL)
		req.host = "";
	req.authorization = evhttp_find_header(headers, "Authorization");
	req.request_id = evhttp_find_header(headers,
	    "x-ms-client-request-id");
	req.body.len = evbuffer_get_length(in);
	if (req.body.len > 0 && (body = evbuffer_pullup(in, -1)) == NULL) {
		free(own);
		refuse(ev, 500);
		return;
	}
	req.body.p = body;
	h->handler(h->arg, &req, &res);
	/* It may have held key material. */
	if (body != NULL)
		explicit_bzero(body, req.body.len);
	free(own);
	answer(ev, &res);
	nf_buf_wipe(&res.body);
}

/* ---- the server -------------------------------------------------------- */

static void
on_stop(evutil_socket_t sig, short what, void *arg)
{
	struct nf_http *h = arg;
	static const struct timeval grace = { .tv_sec = 0, .tv_usec = 100000 };

	(void)sig;
	(void)what;
	(void)evconnlistener_disable(h->listener);
	(void)event_base_loopexit(h->base, &grace);
}

/* As many connections as there may be open files. */
static void
set_limits(struct nf_http *h)
{
	struct rlimit files;

	h->max_connections = NF_HTTP_CONNECTIONS_MAX;
	if (getrlimit(RLIMIT_NOFILE, &files) != 0)
		return;
	if (files.rlim_cur < FDS_WANTED) {
		files.rlim_cur = files.rlim_max < FDS_WANTED ?
		    files.rlim_max : FDS_WANTED;
		(void)setrlimit(RLIMIT_NOFILE, &files);
		if (getrlimit(RLIMIT_NOFILE, &files) != 0)
			return;
	}
	if (files.rlim_cur < FDS_WANTED)
		h->max_connections = files.rlim_cur > 4UL * OTHER_FDS ?
		    (files.rlim_cur - OTHER_FDS) / 2 : files.rlim_cur / 4;
}

static int
listen_on(struct nf_http *h, const char *address, uint16_t port,
    struct nf_diag *diag)
{
	struct sockaddr_storage ss = { 0 };
	struct sockaddr_in *in = (struct sockaddr_in *)&ss;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&ss;
	socklen_t len;
	int fd;

	if (inet_pton(AF_INET, address, &in->sin_addr) == 1) {
		ss.ss_family = AF_INET;
		in->sin_port = htons(port);
		len = sizeof(*in);
	} else if (inet_pton(AF_INET6, address, &in6->sin6_addr) == 1) {
		ss.ss_family = AF_INET6;
		in6->sin6_port = htons(port);
		len = sizeof(*in6);
	} else
		return nf_diag_set(diag, NF_E_USAGE, "--listen",
		    "%s is no numeric address", address);
	h->listener = evconnlistener_new_bind(h->base, NULL, NULL,
	    LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC |
	    LEV_OPT_REUSEABLE, BACKLOG, (struct sockaddr *)&ss, (int)len);
	if (h->listener == NULL)
		return nf_diag_set(diag, NF_E_IO, "--listen",
		    "cannot listen on %s port %u: %s", address, port,
		    strerror(errno));
	fd = evconnlistener_get_fd(h->listener);
	if (getsockname(fd, (struct sockaddr *)&ss, &len) != 0)
		return nf_diag_set(diag, NF_E_IO, "--listen", "%s",
		    strerror(errno));
	h->port = ntohs(ss.ss_family == AF_INET ? in->sin_port :
	    in6->sin6_port);
	/* Answers are small: waiting for more to send helps nobody. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 },
	    sizeof(int));
	if (evhttp_bind_listener(h->http, h->listener) == NULL)
		return nf_diag_set(diag, NF_E_NOMEM, NULL, "out of memory");
	return 0;
}

int
nf_http_new(const char *address, uint16_t port, SSL_CTX *tls,
    nf_http_handler *handler, void *arg, struct nf_http **out,
    struct nf_diag *diag)
{
	struct nf_http *h;
	int r = NF_E_NOMEM;

	*out = NULL;
	if ((h = calloc(1, sizeof(*h))) == NULL)
		return nf_diag_set(diag, r, NULL, "out of memory");
	h->tls = tls;
	h->handler = handler;
	h->arg = arg;
	h->ssl_index = SSL_get_ex_new_index(0, NULL, NULL, NULL,
	    connection_ended);
	if (h->ssl_index < 0 || (h->base = event_base_new()) == NULL ||
	    (h->http = evhttp_new(h->base)) == NULL ||
	    (h->stop[0] = evsignal_new(h->base, SIGTERM, on_stop,
	    h)) == NULL || event_add(h->stop[0], NULL) != 0 ||
	    (h->stop[1] = evsignal_new(h->base, SIGINT, on_stop,
	    h)) == NULL || event_add(h->stop[1], NULL) != 0) {
		(void)nf_diag_set(diag, r, NULL, "out of memory");
		goto out;
	}
	set_limits(h);
	evhttp_set_bevcb(h->http, connection, h);
	evhttp_set_gencb(h->http, on_request, h);
	evhttp_set_allowed_methods(h->http, METHODS);
	evhttp_set_max_headers_size(h->http, (ev_ssize_t)NF_HTTP_HEADERS_MAX);
	evhttp_set_max_body_size(h->http, (ev_ssize_t)NF_HTTP_BODY_MAX);
	evhttp_set_timeout(h->http, NF_HTTP_IDLE_SECONDS);
	if ((r = listen_on(h, address, port, diag)) != 0)
		goto out;
	*out = h;
	h = NULL;
out:
	nf_http_free(h);
	return r;
}

uint16_t
nf_http_port(const struct nf_http *h)
{
	return h->port;
}

int
nf_http_run(struct nf_http *h, struct nf_diag *diag)
{
	(void)signal(SIGPIPE, SIG_IGN);
	if (event_base_dispatch(h->base) < 0)
		return nf_diag_set(diag, NF_E_IO, NULL,
		    "the event loop failed");
	return 0;
}

void
nf_http_free(struct nf_http *h)
{
	struct connection *c;

	if (h == NULL)
		return;
	for (size_t i = 0; i < 2; i++) {
		if (h->stop[i] != NULL)
			event_free(h->stop[i]);
	}
	/* The listener goes before the connections, which end at once. */
	h->stopped = true;
	h->paused = false;
	while ((c = h->lingering) != NULL) {
		NF_REQUIRE(c->http == h && c->linger != NULL &&
		    c->prev == NULL);
		connection_free(c);
	}
	if (h->http != NULL)
		evhttp_free(h->http);
	if (h->base != NULL)
		event_base_free(h->base);
	free(h);
}
