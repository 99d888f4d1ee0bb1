/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <openssl/crypto.h>

#include "transfer/vault-call.h"

#define TENANT		"00000000-0000-4000-8000-5ec30214d000"

/* ---- the request line -------------------------------------------------- */

static int
digit(char c)
{
	return isdigit((unsigned char)c) ? c - '0' :
	    tolower((unsigned char)c) - 'a' + 10;
}

/* Undo percent escapes; false: malformed, not printable or too long. */
static bool
decode(const char *s, size_t len, char *out, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		int c = (unsigned char)s[i];

		if (c == '%') {
			if (i + 2 >= len ||
			    !isxdigit((unsigned char)s[i + 1]) ||
			    !isxdigit((unsigned char)s[i + 2]))
				return false;
			c = digit(s[i + 1]) * 16 + digit(s[i + 2]);
			i += 2;
		}
		if (c < 0x20 || c > 0x7e || n + 1 >= size)
			return false;
		out[n++] = (char)c;
	}
	out[n] = '\0';
	return true;
}

/* Empty parts count for nothing: clients write /keys/NAME/ and //keys. */
static bool
split_path(struct nf_vault_call *c)
{
	const char *p = c->req->path;

	while (*p != '\0') {
		size_t len = strcspn(p, "/");

		if (len > 0 && (c->n == NF_VAULT_SEGMENTS_MAX || !decode(p, len,
		    c->segment[c->n++], NF_VAULT_SEGMENT_SIZE)))
			return false;
		p += len + (p[len] == '/');
	}
	return true;
}

/* "7.4", "7.4-preview.1", "2025-07-01": nothing newer is refused. */
static bool
api_version_ok(const char *v)
{
	size_t n = strspn(v, "0123456789.-");

	return isdigit((unsigned char)*v) && (v[n] == '\0' ||
	    (n > 0 && v[n - 1] == '-' && strncmp(v + n, "preview", 7) == 0 &&
	    strspn(v + n + 7, "0123456789.") == strlen(v + n + 7)));
}

static bool
number_of(const char *text, size_t max, size_t *out)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (!isdigit((unsigned char)*text) || *end != '\0' || n > max)
		return false;
	*out = n;
	return true;
}

static bool
split_query(struct nf_vault_call *c)
{
	const char *q = c->req->query == NULL ? "" : c->req->query;
	char name[NF_VAULT_API_SIZE], value[NF_VAULT_API_SIZE];

	c->most = NF_VAULT_PAGE;
	while (*q != '\0') {
		size_t len = strcspn(q, "&"), eq = strcspn(q, "=&");
		size_t vlen = eq < len ? len - eq - 1 : 0;

		if (!decode(q, eq, name, sizeof(name)) ||
		    !decode(q + len - vlen, vlen, value, sizeof(value)))
			return NF_VAULT_BAD(&c->err,
			    "The query cannot be read.");
		if (strcmp(name, "api-version") == 0)
			(void)snprintf(c->api_version,
			    sizeof(c->api_version), "%s", value);
		else if (strcmp(name, "maxresults") == 0 &&
		    (!number_of(value, NF_VAULT_PAGE, &c->most) ||
		    c->most == 0))
			return NF_VAULT_BAD(&c->err, "maxresults must be a "
			    "number from 1 to %d.", NF_VAULT_PAGE);
		else if (strcmp(name, "$skiptoken") == 0 &&
		    !number_of(value, 1000000000, &c->skip))
			return NF_VAULT_BAD(&c->err,
			    "$skiptoken is none of this server's.");
		q += len + (q[len] == '&');
	}
	if (!api_version_ok(c->api_version))
		return NF_VAULT_BAD(&c->err, "The query must name the "
		    "api-version, such as 7.4 or 2025-07-01.");
	return true;
}

static bool
host_sound(const char *host)
{
	size_t len = strlen(host);

	return len > 0 && len <= 255 && strspn(host, "0123456789abcdefghijklm"
	    "nopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:[]") == len;
}

static bool
read_host(struct nf_vault_call *c)
{
	const char *host = c->req->host;
	size_t len = strlen(host);

	if (!host_sound(host))
		return NF_VAULT_BAD(&c->err, "The Host header is no host.");
	(void)snprintf(c->base, sizeof(c->base), "https://%s", host);
	if (!nf_vault_of_host(nf_view_of(host, len), c->vault))
		return NF_VAULT_BAD(&c->err, "The Host header names no "
		    "vault.");
	return true;
}

/* ---- tokens ------------------------------------------------------------ */

static bool
token_listed(struct nf_view tokens, const char *token)
{
	size_t len = strlen(token), left = tokens.len;
	const uint8_t *p = tokens.p, *nl;
	bool found = false;

	while (left > 0) {
		size_t n;

		nl = memchr(p, '\n', left);
		n = nl == NULL ? left : (size_t)(nl - p);
		if (n == len && n > 0)
			found |= CRYPTO_memcmp(p, token, n) == 0;
		left -= nl == NULL ? n : n + 1;
		p += nl == NULL ? n : n + 1;
	}
	return found;
}

bool
nf_vault_call_authorised(const struct nf_vault_call *c)
{
	const char *a = c->req->authorization;

	if (a == NULL || strncasecmp(a, "Bearer ", 7) != 0 || a[7] == '\0')
		return false;
	return c->rest->tokens.len == 0 ||
	    token_listed(c->rest->tokens, a + 7);
}

/* A numeric address or a single label, with or without a port. */
static bool
host_bare(const char *host)
{
	size_t len = strcspn(host, ":");

	return host[0] == '[' || memchr(host, '.', len) == NULL ||
	    strspn(host, "0123456789.") == len;
}

/*
 * 401 as the service gives it.  Clients compare the resource with the host
 * that they called, so it is made from that host.
 */
void
nf_vault_call_challenge(struct nf_vault_call *c)
{
	const char *host = c->req->host;

	if (!host_sound(host))
		host = "localhost";
	c->status = 401;
	nf_http_header(c->res, "WWW-Authenticate", "Bearer authorization="
	    "\"https://%s/" TENANT "\", resource=\"https://%s\"",
	    c->rest->managed ? "login.microsoftonline.com" :
	    "login.windows.net", host_bare(host) ? host :
	    strchr(host, '.') + 1);
	if (!c->rest->managed)
		(void)nf_vault_fail(&c->err, 401, "Unauthorized", NULL,
		    "AKV10000: Request is missing a Bearer or PoP token.");
}

bool
nf_vault_call_read(struct nf_vault_call *c)
{
	if (!read_host(c))
		return false;
	if (!split_path(c))
		return nf_vault_fail(&c->err, 404, "NotFound", NULL,
		    "There is no such resource.");
	return split_query(c);
}
