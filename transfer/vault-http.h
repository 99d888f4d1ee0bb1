/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HTTPS server of the vault stand-in: libevent's evhttp on OpenSSL, one
 * thread, one handler.  It knows nothing of keys.  The limits are ours.
 */
#ifndef NF_TRANSFER_VAULT_HTTP_H
#define NF_TRANSFER_VAULT_HTTP_H

#include <openssl/types.h>

#include "nfast/base/buf.h"

#define NF_HTTP_BODY_MAX	((size_t)256 * 1024)	/* of a request */
#define NF_HTTP_HEADERS_MAX	((size_t)16 * 1024)
#define NF_HTTP_CONNECTIONS_MAX	2048	/* fewer where files are scarce;
						   more wait to be accepted */
#define NF_HTTP_IDLE_SECONDS	30	/* without a byte, then it is closed */

enum nf_http_method {
	NF_HTTP_GET,
	NF_HTTP_POST,
	NF_HTTP_PUT,
	NF_HTTP_PATCH,
	NF_HTTP_DELETE,
	NF_HTTP_OTHER
};

/*
 * A request; all is borrowed during the handler's call.
 *   method         what X-HTTP-METHOD of a POST says counts
 *   host           the Host header, with its port; "" when there is none
 *   path           as sent, without the query
 *   query          as sent, NULL when there is none
 *   authorization  the header's value or NULL
 *   request_id     x-ms-client-request-id or NULL
 */
struct nf_http_request {
	enum nf_http_method method;
	const char *host, *path, *query;
	const char *authorization, *request_id;
	struct nf_view body;
};

#define NF_HTTP_HEADERS_OUT	8

/*
 * The answer, to be filled by the handler.
 *   status  200 when it is called
 *   body    JSON text; empty: no body
 *   header  further headers; names are constants, values are text in own
 */
struct nf_http_response {
	int status;
	struct nf_buf body;
	size_t n_headers;
	struct {
		const char *name;
		char value[512];
	} header[NF_HTTP_HEADERS_OUT];
};

/* Add a header; a value with control bytes is left out. */
void nf_http_header(struct nf_http_response *res, const char *name,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

typedef void nf_http_handler(void *arg, const struct nf_http_request *req,
    struct nf_http_response *res);

struct nf_http;

/*
 * Listen.
 *   address  numeric; port 0 takes a free one
 *   tls      borrowed until nf_http_free()
 *   handler  called for each request that is complete and within the limits
 * A body over the limit is answered 413 and not read (what the client sends
 * all the same is thrown away for two seconds), other junk 400; TLS is
 * whatever tls allows.  Raises the soft limit of open files.
 * Returns 0, NF_E_IO (cannot bind, with the reason), NF_E_NOMEM.
 */
int nf_http_new(const char *address, uint16_t port, SSL_CTX *tls,
    nf_http_handler *handler, void *arg, struct nf_http **out,
    struct nf_diag *diag);

/* The port in use. */
uint16_t nf_http_port(const struct nf_http *http);

/* Serve until SIGTERM or SIGINT; what has begun is answered. */
int nf_http_run(struct nf_http *http, struct nf_diag *diag);

/* Close all connections and free it.  NULL is allowed. */
void nf_http_free(struct nf_http *http);

#endif
