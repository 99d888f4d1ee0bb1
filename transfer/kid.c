/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key identifiers.  The suffixes are those of the public clients' tables of
 * clouds (real); rules for host names are DNS's.
 */
#include "config.h"

#include <string.h>
#include <strings.h>

#include "transfer/kid.h"

#define HOST_MAX	253
#define LABEL_MAX	63
#define VAULT_MIN	3
#define VAULT_MAX	24
#define PORT_MAX	65535
#define SCHEME		"https://"
#define KEYS		"keys/"

static const struct {
	const char *suffix;
	enum nf_kid_service service;
	const char *cloud;
} suffixes[] = {
	{ ".vault.azure.net", NF_KID_VAULT, "AzureCloud" },
	{ ".managedhsm.azure.net", NF_KID_MANAGED_HSM, "AzureCloud" },
	{ ".vault.azure.cn", NF_KID_VAULT, "AzureChinaCloud" },
	{ ".managedhsm.azure.cn", NF_KID_MANAGED_HSM, "AzureChinaCloud" },
	{ ".vault.usgovcloudapi.net", NF_KID_VAULT, "AzureUSGovernment" },
	{ ".managedhsm.usgovcloudapi.net", NF_KID_MANAGED_HSM,
	    "AzureUSGovernment" },
	{ ".vault.microsoftazure.de", NF_KID_VAULT, "AzureGermanCloud" },
	{ ".managedhsm.microsoftazure.de", NF_KID_MANAGED_HSM,
	    "AzureGermanCloud" }
};

static bool
is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool
is_name_char(uint8_t c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z') || c == '-';
}

static bool
is_hex(uint8_t c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') ||
	    (c >= 'A' && c <= 'F');
}

bool
nf_kid_name_ok(struct nf_view name)
{
	if (name.len == 0 || name.len > NF_KID_NAME_MAX)
		return false;
	for (size_t i = 0; i < name.len; i++) {
		if (!is_name_char(name.p[i]))
			return false;
	}
	return true;
}

bool
nf_kid_view_same(struct nf_view a, struct nf_view b)
{
	return a.len == b.len && (a.len == 0 ||
	    strncasecmp((const char *)a.p, (const char *)b.p, a.len) == 0);
}

/* The text up to c, which is dropped; the rest may be empty. */
static struct nf_view
cut(struct nf_view *rest, uint8_t c, bool *found)
{
	const uint8_t *at = rest->len == 0 ? NULL :
	    memchr(rest->p, c, rest->len);
	size_t n = at == NULL ? rest->len : (size_t)(at - rest->p);
	struct nf_view v = nf_view_of(rest->p, n);

	*found = at != NULL;
	n += *found ? 1 : 0;
	*rest = nf_view_of(rest->p + n, rest->len - n);
	return v;
}

/* What no identifier has anywhere. */
static int
characters(struct nf_view text, struct nf_diag *diag)
{
	static const struct {
		uint8_t c;
		const char *field, *what;
	} bad[] = {
		{ '?', "kid query", "a query ('?') has no place in it" },
		{ '#', "kid fragment", "a fragment ('#') has no place in it" },
		{ '%', "kid", "percent escapes have no place in it" },
		{ '@', "kid user", "a user ('@') has no place in it" },
		{ '\\', "kid", "a backslash has no place in it" }
	};

	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] <= 0x20 || text.p[i] > 0x7e)
			return nf_diag_set(diag, NF_E_FORMAT, "kid",
			    "byte 0x%02x at %zu has no place in it",
			    text.p[i], i);
		for (size_t j = 0; j < sizeof(bad) / sizeof(bad[0]); j++) {
			if (text.p[i] == bad[j].c)
				return nf_diag_set(diag, NF_E_FORMAT,
				    bad[j].field, "%s", bad[j].what);
		}
	}
	return 0;
}

static int
host_check(struct nf_view host, struct nf_diag *diag)
{
	struct nf_view rest = host, label;
	bool more = true, number = false;

	if (host.len == 0 || host.len > HOST_MAX)
		return nf_diag_set(diag, NF_E_FORMAT, "kid host",
		    "a host of 1 to %d characters is due", HOST_MAX);
	while (more) {
		label = cut(&rest, '.', &more);
		if (label.len == 0 || label.len > LABEL_MAX)
			return nf_diag_set(diag, NF_E_FORMAT, "kid host",
			    "a label has 1 to %d characters", LABEL_MAX);
		if (label.p[0] == '-' || label.p[label.len - 1] == '-')
			return nf_diag_set(diag, NF_E_FORMAT, "kid host",
			    "a label starts or ends with '-'");
		number = true;
		for (size_t i = 0; i < label.len; i++) {
			if (!is_name_char(label.p[i]))
				return nf_diag_set(diag, NF_E_FORMAT,
				    "kid host", "'%c' is in no DNS name",
				    label.p[i]);
			number = number && is_digit(label.p[i]);
		}
	}
	return !number ? 0 : nf_diag_set(diag, NF_E_FORMAT, "kid host",
	    "an address, not a DNS name");
}

static int
port_read(struct nf_view text, unsigned int *port, struct nf_diag *diag)
{
	unsigned int n = 0;
	bool ok = text.len >= 1 && text.len <= 5 && text.p[0] != '0';

	for (size_t i = 0; ok && i < text.len; i++) {
		ok = is_digit(text.p[i]);
		n = n * 10 + text.p[i] - '0';
	}
	if (!ok || n > PORT_MAX)
		return nf_diag_set(diag, NF_E_FORMAT, "kid port",
		    "a number from 1 to %d is due after ':'", PORT_MAX);
	*port = n;
	return 0;
}

static bool
vault_ok(struct nf_view v)
{
	return v.len >= VAULT_MIN && v.len <= VAULT_MAX && nf_kid_name_ok(v);
}

/* A host below a known suffix has exactly one label there: the vault. */
static int
service_find(struct nf_kid *kid, struct nf_diag *diag)
{
	struct nf_view v, tail;
	size_t n;

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		n = strlen(suffixes[i].suffix);
		if (kid->host.len <= n)
			continue;
		v = nf_view_of(kid->host.p, kid->host.len - n);
		tail = nf_view_of(kid->host.p + v.len, n);
		if (!nf_kid_view_same(tail, nf_view_of(suffixes[i].suffix, n)))
			continue;
		if (!vault_ok(v))
			return nf_diag_set(diag, NF_E_FORMAT, "kid vault",
			    "before %s a name of %d to %d characters "
			    "[0-9a-zA-Z-] is due", suffixes[i].suffix,
			    VAULT_MIN, VAULT_MAX);
		kid->service = suffixes[i].service;
		kid->cloud = suffixes[i].cloud;
		kid->vault = v;
	}
	return 0;
}

/* NAME or NAME/VERSION. */
static int
path_read(struct nf_view path, struct nf_kid *kid, struct nf_diag *diag)
{
	bool more;

	kid->name = cut(&path, '/', &more);
	if (!nf_kid_name_ok(kid->name))
		return nf_diag_set(diag, NF_E_FORMAT, "kid name",
		    "a name of 1 to %d characters [0-9a-zA-Z-] is due",
		    NF_KID_NAME_MAX);
	if (!more)
		return 0;
	if (path.len == 0)
		return nf_diag_set(diag, NF_E_FORMAT, "kid path",
		    "there is a slash at the end");
	kid->version = cut(&path, '/', &more);
	for (size_t i = 0; i < kid->version.len; i++) {
		if (!is_hex(kid->version.p[i]))
			return nf_diag_set(diag, NF_E_FORMAT, "kid version",
			    "'%c' is no hex digit", kid->version.p[i]);
	}
	if (kid->version.len != NF_KID_VERSION_LEN)
		return nf_diag_set(diag, NF_E_FORMAT, "kid version",
		    "%zu hex digits, not %d", kid->version.len,
		    NF_KID_VERSION_LEN);
	return !more ? 0 : nf_diag_set(diag, NF_E_FORMAT, "kid path",
	    path.len == 0 ? "there is a slash at the end" :
	    "something follows the version");
}

int
nf_kid_read(struct nf_view text, struct nf_kid *out, struct nf_diag *diag)
{
	const size_t n = sizeof(SCHEME) - 1, k = sizeof(KEYS) - 1;
	struct nf_kid kid = { .service = NF_KID_OTHER };
	struct nf_view rest, port;
	bool more, has_port;
	int r;

	memset(out, 0, sizeof(*out));
	if (text.len == 0 || text.len > NF_KID_MAX)
		return nf_diag_set(diag, NF_E_FORMAT, "kid",
		    "an identifier has 1 to %d characters", NF_KID_MAX);
	if (text.len < n || memcmp(text.p, SCHEME, n) != 0)
		return nf_diag_set(diag, NF_E_FORMAT, "kid scheme",
		    "an identifier starts with " SCHEME);
	if ((r = characters(text, diag)) != 0)
		return r;
	rest = nf_view_of(text.p + n, text.len - n);
	port = cut(&rest, '/', &more);
	kid.host = cut(&port, ':', &has_port);
	if ((r = host_check(kid.host, diag)) != 0 ||
	    (has_port && (r = port_read(port, &kid.port, diag)) != 0) ||
	    (r = service_find(&kid, diag)) != 0)
		return r;
	if (!more || rest.len < k || memcmp(rest.p, KEYS, k) != 0)
		return nf_diag_set(diag, NF_E_FORMAT, "kid path",
		    "/" KEYS "NAME/VERSION is due after the host");
	if ((r = path_read(nf_view_of(rest.p + k, rest.len - k), &kid,
	    diag)) != 0)
		return r;
	*out = kid;
	return 0;
}

const char *
nf_kid_service_name(enum nf_kid_service service)
{
	switch (service) {
	case NF_KID_VAULT:
		return "Key Vault";
	case NF_KID_MANAGED_HSM:
		return "Managed HSM";
	case NF_KID_OTHER:
		break;
	}
	return "no known service";
}
