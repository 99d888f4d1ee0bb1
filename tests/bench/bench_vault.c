/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vaultsim as its clients meet it: RS256 signatures over HTTPS as the
 * official client sends them, eight connections that are kept, against the
 * module in process, all on one core; and the time from start to the first
 * answer.  Rounds in turn, medians.
 *   bench_vault STATE-DIRECTORY
 */
#include "config.h"

#include <sys/socket.h>
#include <sys/wait.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/ssl.h>

#include "tests/bench/modsign.h"

#define CONNECTIONS	8
#define ROUNDS		9
#define PER_CONNECTION	50
#define STARTS		15
#define ANSWER_MAX	8192

struct server {
	pid_t pid;
	uint16_t port;
};

struct client {
	SSL_CTX *tls;
	uint16_t port;
	const char *path;
	SSL *ssl;
	int fd;
};

_Noreturn static void
die(const char *what)
{
	(void)fprintf(stderr, "bench_vault: %s\n", what);
	exit(4);
}

/* Start it and read its line. */
static struct server
server_start(const char *state)
{
	struct server s = { 0, 0 };
	char line[1024], *at;
	FILE *out;
	int fds[2];

	if (pipe(fds) != 0 || (s.pid = fork()) < 0)
		die("cannot fork");
	if (s.pid == 0) {
		(void)dup2(fds[1], 1);
		(void)close(fds[0]);
		(void)execlp("vaultsim", "vaultsim", "--region", "EU",
		    "--state", state, "--listen", "127.0.0.1:0",
		    (char *)NULL);
		_exit(127);
	}
	(void)close(fds[1]);
	if ((out = fdopen(fds[0], "r")) == NULL ||
	    fgets(line, sizeof(line), out) == NULL ||
	    (at = strstr(line, "127.0.0.1:")) == NULL)
		die("vaultsim does not start");
	s.port = (uint16_t)strtoul(at + strlen("127.0.0.1:"), NULL, 10);
	(void)fclose(out);
	return s;
}

static void
server_stop(const struct server *s)
{
	int status;

	if (kill(s->pid, SIGTERM) != 0 ||
	    waitpid(s->pid, &status, 0) != s->pid || status != 0)
		die("vaultsim does not stop");
}

static void
connect_to(struct client *c)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_port = htons(c->port) };
	int one = 1;

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	c->ssl = SSL_new(c->tls);
	if (c->fd < 0 || c->ssl == NULL ||
	    connect(c->fd, (struct sockaddr *)&in, sizeof(in)) != 0 ||
	    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one,
	    sizeof(one)) != 0 || SSL_set_fd(c->ssl, c->fd) != 1 ||
	    SSL_set1_host(c->ssl, "localhost") != 1 ||
	    SSL_connect(c->ssl) != 1)
		die("cannot connect");
}

static void
disconnect(struct client *c)
{
	SSL_free(c->ssl);
	(void)close(c->fd);
}

/* One request as the JavaScript client writes it; 200 or death. */
static void
ask(struct client *c, const char *method, const char *path, const char *body,
    char *answer)
{
	char request[1024], *end, *length;
	size_t n = 0;
	int len = snprintf(request, sizeof(request), "%s %s"
	    "?api%%2Dversion=2025-07-01 HTTP/1.1\r\n"
	    "Content-Type: application/json\r\naccept: application/json\r\n"
	    "Accept-Encoding: gzip,deflate\r\n"
	    "Authorization: Bearer any\r\nUser-Agent: "
	    "azsdk-js-keyvault-keys/4.10.2 core-rest-pipeline/1.22.2 "
	    "Node/20.19.2 OS/(x64-Linux-6.1.0)\r\nx-ms-client-request-id: "
	    "2f2ea9b4-6b8e-4b5c-9dc1-0d3b8b3f0c11\r\nContent-Length: %zu\r\n"
	    "Host: localhost:%u\r\nConnection: keep-alive\r\n\r\n%s", method,
	    path, strlen(body), c->port, body);

	if (SSL_write(c->ssl, request, len) != len)
		die("cannot send");
	for (;;) {
		int got = SSL_read(c->ssl, answer + n,
		    (int)(ANSWER_MAX - 1 - n));

		if (got <= 0)
			die("no answer");
		n += (size_t)got;
		answer[n] = '\0';
		if ((end = strstr(answer, "\r\n\r\n")) == NULL)
			continue;
		length = strstr(answer, "Content-Length: ");
		if (length == NULL || length > end)
			die("an answer without a length");
		if (n >= (size_t)(end + 4 - answer) +
		    strtoul(length + strlen("Content-Length: "), NULL, 10))
			break;
	}
	if (strncmp(answer, "HTTP/1.1 200 ", 13) != 0)
		die(answer);
}

static void *
signs(void *arg)
{
	static const char body[] = "{\"alg\":\"RS256\",\"value\":"
	    "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}";
	struct client *c = arg;
	char answer[ANSWER_MAX];

	for (int i = 0; i < PER_CONNECTION; i++)
		ask(c, "POST", c->path, body, answer);
	return NULL;
}

/* The path of a new RSA-2048 key's signatures. */
static void
make_key(SSL_CTX *tls, uint16_t port, char path[static 256])
{
	struct client c = { .tls = tls, .port = port };
	char answer[ANSWER_MAX], *kid, *end;

	connect_to(&c);
	ask(&c, "POST", "/keys/bench/create",
	    "{\"kty\":\"RSA-HSM\",\"key_size\":2048}", answer);
	if ((kid = strstr(answer, "/keys/bench/")) == NULL ||
	    (end = strchr(kid, '"')) == NULL)
		die("no kid");
	(void)snprintf(path, 256, "%.*s/sign", (int)(end - kid), kid);
	disconnect(&c);
}

/* Signatures a second, over all connections. */
static double
server_rate(struct client *c)
{
	pthread_t thread[CONNECTIONS];
	double start = bench_seconds();

	for (size_t i = 0; i < CONNECTIONS; i++) {
		if (pthread_create(&thread[i], NULL, signs, &c[i]) != 0)
			die("no thread");
	}
	for (size_t i = 0; i < CONNECTIONS; i++)
		(void)pthread_join(thread[i], NULL);
	return CONNECTIONS * PER_CONNECTION / (bench_seconds() - start);
}

static double
module_rate(struct nf_module *m, uint32_t id)
{
	double start = bench_seconds();

	bench_module_signs(m, id, CONNECTIONS * PER_CONNECTION);
	return CONNECTIONS * PER_CONNECTION / (bench_seconds() - start);
}

static void
bench_rate(const char *state, SSL_CTX *tls, const struct server *s)
{
	struct client c[CONNECTIONS];
	char path[256], dir[512];
	struct nf_module *m;
	double ratio[ROUNDS], best = 0;
	uint32_t id;

	(void)snprintf(dir, sizeof(dir), "%s/bench", state);
	if (nf_module_open(dir, dir, &m, NULL) != 0)
		die("cannot open a module");
	id = bench_make_key(m);
	make_key(tls, s->port, path);
	for (size_t i = 0; i < CONNECTIONS; i++) {
		c[i] = (struct client){ .tls = tls, .port = s->port,
			.path = path };
		connect_to(&c[i]);
	}
	(void)server_rate(c);
	(void)module_rate(m, id);
	for (int i = 0; i < ROUNDS; i++) {
		double rate = server_rate(c);

		ratio[i] = rate / module_rate(m, id);
		best = rate > best ? rate : best;
	}
	for (size_t i = 0; i < CONNECTIONS; i++)
		disconnect(&c[i]);
	nf_module_close(m);
	qsort(ratio, ROUNDS, sizeof(ratio[0]), bench_ascending);
	(void)printf("vaultsim RS256 over HTTPS, %d connections, client and "
	    "server on one core, rate / module's in process: %.2f (target "
	    "0.70; %d rounds of %d, at best %.0f/s)\n", CONNECTIONS,
	    ratio[ROUNDS / 2], ROUNDS, CONNECTIONS * PER_CONNECTION, best);
}

static void
bench_start(const char *state, SSL_CTX *tls)
{
	double ms[STARTS];

	for (int i = 0; i < STARTS; i++) {
		double start = bench_seconds();
		struct server s = server_start(state);
		struct client c = { .tls = tls, .port = s.port };
		char answer[ANSWER_MAX];

		connect_to(&c);
		ask(&c, "GET", "/keys/bench", "", answer);
		ms[i] = 1000 * (bench_seconds() - start);
		disconnect(&c);
		server_stop(&s);
	}
	qsort(ms, STARTS, sizeof(ms[0]), bench_ascending);
	(void)printf("vaultsim from start to the first answer: %.0f ms "
	    "(target 100; median of %d)\n", ms[STARTS / 2], STARTS);
}

int
main(int argc, char **argv)
{
	struct server s;
	char ca[512];
	SSL_CTX *tls;
	cpu_set_t all, one;

	if (argc != 2)
		die("the directory of the state is due");
	/* Both sides and the module in process share one core. */
	CPU_ZERO(&one);
	if (sched_getaffinity(0, sizeof(all), &all) != 0)
		die("no affinity");
	for (size_t i = 0; i < CPU_SETSIZE && CPU_COUNT(&one) == 0; i++) {
		if (CPU_ISSET(i, &all))
			CPU_SET(i, &one);
	}
	if (sched_setaffinity(0, sizeof(one), &one) != 0)
		die("no affinity");
	s = server_start(argv[1]);
	(void)snprintf(ca, sizeof(ca), "%s/ca.pem", argv[1]);
	tls = SSL_CTX_new(TLS_client_method());
	if (tls == NULL || SSL_CTX_load_verify_file(tls, ca) != 1)
		die("cannot set up TLS");
	SSL_CTX_set_verify(tls, SSL_VERIFY_PEER, NULL);
	bench_rate(argv[1], tls, &s);
	server_stop(&s);
	(void)sched_setaffinity(0, sizeof(all), &all);
	bench_start(argv[1], tls);
	SSL_CTX_free(tls);
	return 0;
}
