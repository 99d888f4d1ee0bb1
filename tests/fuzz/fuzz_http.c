/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz target: what a client sends to the vault stand-in's server, over TLS.
 * The server runs in a thread of its own, so that no call of it is made to
 * fail.  The handler looks at every part of a request and sends the body
 * back.
 */
#include "config.h"

#include <sys/socket.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nfast/base/file.h"
#include "tests/fuzz/fuzz.h"
#include "transfer/vault-http.h"
#include "transfer/vault-tls.h"

static char dir[NF_PATH_MAX];
static struct nf_http *http;
static pthread_t server;
static SSL_CTX *tls, *client_tls;

static void
handle(void *arg, const struct nf_http_request *req,
    struct nf_http_response *res)
{
	size_t n = strlen(req->host) + strlen(req->path);

	(void)arg;
	NF_REQUIRE(req->method <= NF_HTTP_OTHER);
	NF_REQUIRE(strpbrk(req->path, "?# \r\n") == NULL);
	if (req->query != NULL)
		n += strlen(req->query);
	if (req->authorization != NULL)
		n += strlen(req->authorization);
	if (req->request_id != NULL) {
		n += strlen(req->request_id);
		nf_http_header(res, "x-ms-client-request-id", "%s",
		    req->request_id);
	}
	NF_REQUIRE(n <= 2 * NF_HTTP_HEADERS_MAX);
	NF_REQUIRE(req->body.len <= NF_HTTP_BODY_MAX);
	nf_buf_view_put(&res->body, req->body);
}

static void *
serve(void *arg)
{
	(void)arg;
	(void)nf_http_run(http, NULL);
	return NULL;
}

static void
clean_up(void)
{
	static const char *const names[] = { NF_VAULT_CA_FILE,
	    NF_VAULT_CERT_FILE };
	char path[NF_PATH_MAX];

	/* NOLINTNEXTLINE: its event loop takes the signal and ends */
	(void)pthread_kill(server, SIGTERM);
	(void)pthread_join(server, NULL);
	nf_http_free(http);
	SSL_CTX_free(tls);
	SSL_CTX_free(client_tls);
	for (size_t i = 0; i < 2; i++) {
		if (nf_path(path, NULL, "%s/%s", dir, names[i]) == 0)
			(void)unlink(path);
	}
	(void)rmdir(dir);
}

static void
start(void)
{
	fuzz_dir(dir);
	NF_REQUIRE(nf_vault_tls_new(dir, NULL, 0, &tls, NULL, NULL) == 0);
	client_tls = SSL_CTX_new(TLS_client_method());
	NF_REQUIRE(client_tls != NULL);
	NF_REQUIRE(nf_http_new("127.0.0.1", 0, tls, handle, NULL, &http,
	    NULL) == 0);
	NF_REQUIRE(pthread_create(&server, NULL, serve, NULL) == 0);
	NF_REQUIRE(atexit(clean_up) == 0);
}

/* Send all, say that this is all, and read what comes. */
static void
talk(struct nf_view bytes, int fd)
{
	char junk[4096];
	SSL *ssl = SSL_new(client_tls);

	NF_REQUIRE(ssl != NULL && SSL_set_fd(ssl, fd) == 1);
	if (SSL_connect(ssl) == 1) {
		if (bytes.len > 0)
			(void)SSL_write(ssl, bytes.p, (int)bytes.len);
		(void)SSL_shutdown(ssl);
		(void)shutdown(fd, SHUT_WR);
		while (SSL_read(ssl, junk, (int)sizeof(junk)) > 0)
			continue;
	}
	ERR_clear_error();
	SSL_free(ssl);
}

void
target_http(const uint8_t *data, size_t size)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	int fd;

	nf_fail_off();
	if (http == NULL)
		start();
	to.sin_port = htons(nf_http_port(http));
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	NF_REQUIRE((fd = socket(AF_INET, SOCK_STREAM, 0)) >= 0);
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0)
		talk(nf_view_of(data, size), fd);
	(void)close(fd);
}
