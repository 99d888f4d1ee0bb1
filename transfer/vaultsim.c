/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vaultsim: a local stand-in for Key Vault and Managed HSM, to receive
 * packages of method 1 and method 2 and to use the keys.  The program is
 * ours; it speaks what the official clients speak.
 */
#include "config.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>
#include <jansson.h>
#include <openssl/ssl.h>

#include "nfast/base/cli.h"
#include "nfast/base/file.h"
#include "nfast/base/mem.h"
#include "transfer/byok1.h"
#include "transfer/vault-http.h"
#include "transfer/vault-rest.h"
#include "transfer/vault-tls.h"

#define LISTEN		"127.0.0.1:8443"
#define TOKENS_MAX	((size_t)64 * 1024)
#define ADDRESS_SIZE	64

static const struct nf_cli cli = {
	.name = "vaultsim",
	.synopsis = "vaultsim --region REGION [OPTION]...",
	.help =
	    "Serve HTTPS as Key Vault does, with a simulated region's module\n"
	    "behind it, until SIGTERM or SIGINT.  The first label of the host\n"
	    "that a client calls is the vault's name; each has its own keys.\n\n"
	    "  --region REGION       a code, heading or zip name of kekpkg\n"
	    "                        list; the region is made when missing\n"
	    "  --state DIR           the simulator's directory, instead of\n"
	    "                        NFSIM_STATE\n"
	    "  --listen ADDR:PORT    default " LISTEN "; port 0 takes a free\n"
	    "                        one, which is printed\n"
	    "  --token-file FILE     the bearer tokens that are taken, one a\n"
	    "                        line; without it any token is, and only\n"
	    "                        loopback addresses are listened on\n"
	    "  --managed-hsm         behave as a Managed HSM: oct keys, /rng\n"
	    "  --subscription ID     the subscription that a method-1 package\n"
	    "                        must name\n"
	    "  --name NAME[,NAME]... further DNS names for the certificate;\n"
	    "                        built in are localhost, *.vault.test and\n"
	    "                        *.managedhsm.test\n"
	    "  --log                 a line on stderr for each request\n\n"
	    "DIR/ca.pem is what clients have to trust.  No real vault is\n"
	    "called, and nothing here is as safe as one.\n"
	    "Exit status: 0 stopped by a signal, 2 usage, 3 input or output,\n"
	    "4 the region is in use, 5 the module refused.\n",
	.args_min = 0,
	.args_max = 0
};

struct options {
	const char *region, *state, *listen, *token_file, *subscription;
	const char *name;
	bool managed, log;
};

/* What is open while it serves. */
struct server {
	struct nf_vault_rest rest;
	struct nf_buf tokens;
	SSL_CTX *tls;
	struct nf_http *http;
};

static void
log_line(const struct nf_http_request *req, int status)
{
	static const char *const names[] = {
		[NF_HTTP_GET] = "GET", [NF_HTTP_POST] = "POST",
		[NF_HTTP_PUT] = "PUT", [NF_HTTP_PATCH] = "PATCH",
		[NF_HTTP_DELETE] = "DELETE", [NF_HTTP_OTHER] = "OTHER"
	};
	char path[128];
	size_t n = 0;

	for (const char *p = req->path; *p != '\0' &&
	    n < sizeof(path) - 1; p++)
		path[n++] = (char)(*p < 0x20 || *p > 0x7e ? '?' : *p);
	path[n] = '\0';
	(void)fprintf(stderr, "%s %s %d\n", names[req->method], path, status);
}

/* Key material passes through JSON and HTTP: their memory is wiped. */
static void *
wiped_malloc(size_t size)
{
	size_t *p;

	if (size > SIZE_MAX - 2 * sizeof(*p) ||
	    (p = malloc(2 * sizeof(*p) + size)) == NULL)
		return NULL;
	*p = size;
	return p + 2;
}

static void
wiped_free(void *ptr)
{
	size_t *p = ptr;

	if (p != NULL)
		nf_freezero(p - 2, 2 * sizeof(*p) + p[-2]);
}

static void *
wiped_realloc(void *ptr, size_t size)
{
	const size_t *old = ptr;
	void *p = wiped_malloc(size);

	if (p != NULL && old != NULL) {
		memcpy(p, ptr, old[-2] < size ? old[-2] : size);
		wiped_free(ptr);
	}
	return p;
}

/* What libevent would print are troubles of single connections. */
static void
quiet(int severity, const char *text)
{
	(void)severity;
	(void)text;
}

/* ADDR:PORT or [ADDR]:PORT. */
static int
listen_split(const char *text, char address[static ADDRESS_SIZE],
    uint16_t *port, bool *loopback, struct nf_diag *diag)
{
	const char *colon = strrchr(text, ':');
	struct in6_addr in6;
	struct in_addr in;
	size_t len = colon == NULL ? 0 : (size_t)(colon - text);
	unsigned long n;
	char *end;

	if (len > 2 && text[0] == '[' && text[len - 1] == ']') {
		text++;
		len -= 2;
	}
	if (len == 0 || len >= ADDRESS_SIZE)
		return nf_diag_set(diag, NF_E_USAGE, "--listen",
		    "must be ADDRESS:PORT");
	memcpy(address, text, len);
	address[len] = '\0';
	n = strtoul(colon + 1, &end, 10);
	if (colon[1] == '\0' || *end != '\0' || n > UINT16_MAX)
		return nf_diag_set(diag, NF_E_USAGE, "--listen",
		    "the port must be a number up to %u", UINT16_MAX);
	*port = (uint16_t)n;
	if (inet_pton(AF_INET, address, &in) == 1)
		*loopback = ntohl(in.s_addr) >> 24 == 127;
	else if (inet_pton(AF_INET6, address, &in6) == 1)
		*loopback = IN6_IS_ADDR_LOOPBACK(&in6);
	else
		return nf_diag_set(diag, NF_E_USAGE, "--listen",
		    "the address must be numeric");
	return 0;
}

static int
tokens_load(const char *path, struct server *s, struct nf_diag *diag)
{
	int r;

	if ((r = nf_file_load(path, TOKENS_MAX, &s->tokens, diag)) != 0)
		return r;
	s->rest.tokens = nf_buf_view(&s->tokens);
	for (size_t i = 0; i < s->tokens.len; i++) {
		if (s->tokens.p[i] != '\n')
			return 0;
	}
	(void)nf_diag_set(diag, NF_E_FORMAT, NULL, "holds no token");
	nf_diag_where(diag, "%s", path);
	return NF_E_FORMAT;
}

/* The certificate, with the names of the option, split in place. */
static int
tls_open(struct server *s, const char *state, const char *names,
    struct nf_diag *diag)
{
	const char *name[NF_VAULT_NAMES_MAX];
	char *own = strdup(names == NULL ? "" : names), *p = own;
	size_t n = 0;
	int r = 0;

	if (own == NULL)
		return nf_diag_set(diag, NF_E_NOMEM, NULL, "out of memory");
	while (*p != '\0' && r == 0) {
		if (n == NF_VAULT_NAMES_MAX)
			r = nf_diag_set(diag, NF_E_USAGE, "--name",
			    "at most %d names", NF_VAULT_NAMES_MAX);
		else
			name[n++] = p;
		p += strcspn(p, ",");
		if (*p == ',')
			*p++ = '\0';
	}
	if (r == 0)
		r = nf_vault_tls_new(state, name, n, &s->tls, NULL, diag);
	free(own);
	return r;
}

static int
server_open(const struct options *o, struct server *s, struct nf_diag *diag)
{
	const struct nf_kek_region *region;
	uint8_t subscription[16];
	char address[ADDRESS_SIZE];
	bool loopback = false;
	uint16_t port = 0;
	int r;

	if ((r = listen_split(o->listen == NULL ? LISTEN : o->listen,
	    address, &port, &loopback, diag)) != 0 ||
	    (r = nf_kek_authority_region(o->region, &region, diag)) != 0)
		return r;
	if (o->subscription != NULL &&
	    nf_byok1_guid(o->subscription, subscription) != 0)
		return nf_diag_set(diag, NF_E_USAGE, "--subscription",
		    "is no GUID");
	if (!loopback && o->token_file == NULL)
		return nf_diag_set(diag, NF_E_USAGE, "--listen", "an address "
		    "that is not loopback needs --token-file");
	if (o->token_file != NULL &&
	    (r = tokens_load(o->token_file, s, diag)) != 0)
		return r;
	if ((r = nf_vaults_open(o->state, region, o->managed,
	    o->subscription == NULL ? NULL : subscription, &s->rest.vaults,
	    diag)) != 0 || (r = tls_open(s, o->state, o->name, diag)) != 0)
		return r;
	s->rest.managed = o->managed;
	s->rest.region = region->slug;
	s->rest.log = o->log ? log_line : NULL;
	if ((r = nf_http_new(address, port, s->tls, nf_vault_rest_handle,
	    &s->rest, &s->http, diag)) != 0)
		return r;
	(void)printf("vaultsim: SIMULATED %s of region %s on https://%s%s%s:%u, "
	    "trust %s/" NF_VAULT_CA_FILE "\n", o->managed ? "Managed HSM" :
	    "Key Vault", region->heading[0],
	    strchr(address, ':') == NULL ? "" : "[", address,
	    strchr(address, ':') == NULL ? "" : "]", nf_http_port(s->http),
	    o->state);
	if (fflush(stdout) != 0)
		return nf_diag_set(diag, NF_E_IO, "standard output",
		    "%s", strerror(errno));
	return 0;
}

int
main(int argc, char **argv)
{
	struct options o = { .region = NULL };
	const struct nf_opt opts[] = {
		{ "region", 'r', NULL, &o.region },
		{ "state", 0, NULL, &o.state },
		{ "listen", 0, NULL, &o.listen },
		{ "token-file", 0, NULL, &o.token_file },
		{ "managed-hsm", 0, &o.managed, NULL },
		{ "subscription", 0, NULL, &o.subscription },
		{ "name", 0, NULL, &o.name },
		{ "log", 0, &o.log, NULL },
		{ NULL, 0, NULL, NULL }
	};
	struct server s = { .http = NULL };
	struct nf_diag diag = { 0 };
	char **args;
	int n, r, status;

	nf_process_harden();
	json_set_alloc_funcs(wiped_malloc, wiped_free);
	event_set_mem_functions(wiped_malloc, wiped_realloc, wiped_free);
	event_set_log_callback(quiet);
	if ((status = nf_cli_parse(&cli, opts, argc, argv, &args, &n)) != -1)
		return status;
	if (o.region == NULL)
		return nf_cli_usage(&cli, "--region is missing");
	if (o.state == NULL && (o.state = nf_cli_env("NFSIM_STATE")) == NULL)
		return nf_cli_usage(&cli, "--state is missing, and "
		    "NFSIM_STATE does not name the simulator's directory");
	if ((r = server_open(&o, &s, &diag)) == 0)
		r = nf_http_run(s.http, &diag);
	nf_http_free(s.http);
	SSL_CTX_free(s.tls);
	nf_vaults_close(s.rest.vaults);
	nf_buf_wipe(&s.tokens);
	return r == 0 ? NF_EXIT_OK : nf_cli_fail(&cli, &diag);
}
