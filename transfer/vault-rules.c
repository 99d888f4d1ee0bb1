/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The service's rules for names, types, operations and validity.  Codes and
 * texts are real where public (KeyNotFound, KeyOperationForbidden,
 * unsupported key operations); the others are ours.
 */
#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "transfer/vault-internal.h"

const struct nf_name nf_vault_ops[] = {
	{ NF_VAULT_ENCRYPT, "encrypt" }, { NF_VAULT_DECRYPT, "decrypt" },
	{ NF_VAULT_SIGN, "sign" }, { NF_VAULT_VERIFY, "verify" },
	{ NF_VAULT_WRAP, "wrapKey" }, { NF_VAULT_UNWRAP, "unwrapKey" },
	{ NF_VAULT_IMPORT, "import" }, { NF_VAULT_EXPORT, "export" },
	{ 0, NULL }
};

const char *
nf_vault_op_name(uint32_t op)
{
	const char *name = nf_name_find(nf_vault_ops, op);

	return name == NULL ? "unknown" : name;
}

bool
nf_vault_fail_diag(struct nf_vault_error *err, int r,
    const struct nf_diag *diag, const char *what)
{
	switch (r) {
	case NF_E_FORMAT:
	case NF_E_MISMATCH:
	case NF_E_VERIFY:
	case NF_E_POLICY:
	case NF_E_REFUSED:
	case NF_E_UNANCHORED:
		return NF_VAULT_BAD(err, "%s: %s%s%s.", what, diag->field,
		    diag->field[0] == '\0' ? "" : ": ",
		    diag->text[0] == '\0' ? nf_err_text(r) : diag->text);
	default:
		return nf_vault_fail(err, 500, "InternalError", NULL,
		    "%s: %s.", what, diag->text[0] == '\0' ? nf_err_text(r) :
		    diag->text);
	}
}

bool
nf_vault_name(const char *name, char out[static NF_VAULT_NAME_MAX + 1],
    struct nf_vault_error *err)
{
	size_t n = strlen(name);

	if (n == 0 || n > NF_VAULT_NAME_MAX)
		n = 0;
	for (size_t i = 0; i < n; i++) {
		char c = name[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		else if (!((c >= 'a' && c <= 'z') ||
		    (c >= '0' && c <= '9') || c == '-')) {
			n = 0;
			break;
		}
		out[i] = c;
	}
	out[n] = '\0';
	if (n == 0)
		return NF_VAULT_BAD(err, "The request URI contains an invalid "
		    "name: %.130s", name);
	return true;
}

bool
nf_vault_of_host(struct nf_view host, char out[static NF_VAULT_NAME_MAX + 1])
{
	char label[NF_VAULT_NAME_MAX + 1];
	struct nf_vault_error err;
	size_t n = 0;
	bool address = host.len > 0 && host.p[0] == '[', number = true;

	(void)snprintf(out, NF_VAULT_NAME_MAX + 1, NF_VAULT_LOCAL);
	while (n < host.len && host.p[n] != '.' && host.p[n] != ':')
		n++;
	if (address || n == host.len || host.p[n] == ':')
		return host.len > 0;
	for (size_t i = 0; i < host.len && host.p[i] != ':'; i++)
		number = number && (host.p[i] == '.' ||
		    isdigit(host.p[i]) != 0);
	if (number)
		return true;
	if (n > NF_VAULT_NAME_MAX)
		return false;
	(void)snprintf(label, sizeof(label), "%.*s", (int)n,
	    (const char *)host.p);
	return nf_vault_name(label, out, &err);
}

bool
nf_vault_not_found(struct nf_vault_error *err, const char *name,
    const char *version)
{
	return nf_vault_fail(err, 404, "KeyNotFound", NULL, "A key with "
	    "(name/id) %.127s%s%.40s was not found in this key vault. If you "
	    "recently deleted this key you may be able to recover it using "
	    "the correct recovery command. For help resolving this issue, "
	    "please see https://go.microsoft.com/fwlink/?linkid=2125182",
	    name, version == NULL ? "" : "/", version == NULL ? "" : version);
}

bool
nf_vault_rule_type(const struct nf_vaults *v, struct nf_xfer_keytype *type,
    bool hsm, struct nf_vault_error *err)
{
	struct nf_diag diag = { 0 };

	if (type->kty == NF_XFER_OCT && !v->managed)
		return NF_VAULT_BAD(err, "Symmetric keys exist in a Managed "
		    "HSM only.");
	if (type->kty == NF_XFER_OCT && !hsm)
		return NF_VAULT_BAD(err, "A symmetric key must be of the type "
		    "oct-HSM.");
	if (type->bits == 0 && type->kty == NF_XFER_RSA)
		type->bits = 2048;
	if (type->bits == 0 && type->kty == NF_XFER_OCT)
		type->bits = 256;
	if (nf_xfer_keytype_check(type, &diag) == 0)
		return true;
	return NF_VAULT_BAD(err, "The property \"%s\" is not supported: %s.",
	    type->kty == NF_XFER_EC ? "crv" : "key_size",
	    type->kty == NF_XFER_RSA ? "RSA keys have 2048, 3072 or 4096 "
	    "bits" : type->kty == NF_XFER_OCT ? "symmetric keys have 128, 192 "
	    "or 256 bits" : "P-256, P-384, P-521 and P-256K are");
}

/* "sign", "verify" */
static void
ops_quoted(struct nf_buf *out, uint32_t ops)
{
	const char *sep = "";

	for (const struct nf_name *o = nf_vault_ops; o->name != NULL; o++) {
		if ((ops & o->number) == 0)
			continue;
		nf_buf_printf(out, "%s\"%s\"", sep, o->name);
		sep = ", ";
	}
}

static bool
unsupported(struct nf_vault_error *err, uint32_t ops, uint32_t supported)
{
	struct nf_buf bad = NF_BUF_INIT, good = NF_BUF_INIT;

	ops_quoted(&bad, ops & ~supported);
	ops_quoted(&good, supported);
	(void)NF_VAULT_BAD(err, "Unsupported key operation(s): %s. Supported "
	    "values are %s.", nf_buf_text(&bad), nf_buf_text(&good));
	nf_buf_wipe(&bad);
	nf_buf_wipe(&good);
	return false;
}

bool
nf_vault_rule_ops(const struct nf_xfer_keytype *type, bool hsm, bool created,
    const struct nf_vault_attributes *said, uint32_t *ops,
    struct nf_vault_error *err)
{
	static const uint32_t supported[] = {
		[NF_XFER_RSA] = NF_VAULT_SUPPORTED_RSA,
		[NF_XFER_EC] = NF_VAULT_SUPPORTED_EC,
		[NF_XFER_OCT] = NF_VAULT_SUPPORTED_OCT
	};

	*ops = said->has_ops ? said->ops : supported[type->kty];
	if ((*ops & NF_VAULT_EXPORT) != 0)
		return NF_VAULT_BAD(err, "AKV.SKR.1004: Exportable keys must "
		    "have release policy.");
	if ((*ops & NF_VAULT_IMPORT) != 0) {
		if (*ops != NF_VAULT_IMPORT)
			return NF_VAULT_BAD(err, "The key operation "
			    "\"import\" cannot be combined with others.");
		if (type->kty != NF_XFER_RSA || !hsm)
			return NF_VAULT_BAD(err, "The key operation "
			    "\"import\" is for keys of the type RSA-HSM "
			    "only.");
		if (!created)
			return NF_VAULT_BAD(err, "A key that may import must "
			    "be created in the vault.");
		return true;
	}
	if ((*ops & ~supported[type->kty]) != 0)
		return unsupported(err, *ops, supported[type->kty]);
	return true;
}

bool
nf_vault_rule_use(const struct nf_vault_key *key, uint32_t op, int64_t now,
    struct nf_vault_error *err)
{
	const struct nf_vault_attributes *a = &key->attributes;

	if (!a->enabled)
		return nf_vault_fail(err, 403, "Forbidden", "KeyDisabled",
		    "Operation %s is not allowed on a disabled key.",
		    nf_vault_op_name(op));
	if ((a->ops & op) == 0)
		return nf_vault_fail(err, 403, "Forbidden",
		    "KeyOperationForbidden",
		    "Operation %s is not permitted on this key.",
		    nf_vault_op_name(op));
	if ((op & (NF_VAULT_DECRYPT | NF_VAULT_UNWRAP | NF_VAULT_VERIFY |
	    NF_VAULT_IMPORT)) != 0)
		return true;
	if (a->has_nbf && now < a->nbf)
		return nf_vault_fail(err, 403, "Forbidden", "KeyNotYetValid",
		    "Operation %s is not allowed on a key that is not yet "
		    "valid.", nf_vault_op_name(op));
	if (a->has_exp && now >= a->exp)
		return nf_vault_fail(err, 403, "Forbidden", "KeyExpired",
		    "Operation %s is not allowed on an expired key.",
		    nf_vault_op_name(op));
	return true;
}
