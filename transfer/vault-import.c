/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys that come from outside: packages of method 1 and of method 2, and
 * software keys.  The rules are the service's (real: the KEK is of the same
 * vault, may import and nothing else, and its expiry does not count); of the
 * answers to packages that fail nothing is public, so those texts are ours.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "nfast/base/seed.h"
#include "transfer/audit1.h"
#include "transfer/byok2.h"
#include "transfer/import1.h"
#include "transfer/kid.h"
#include "transfer/vault-internal.h"

/* ---- method 1 ------------------------------------------------------------ */

/* The region of a package, as its KEK names it. */
static bool
region_check(const struct nf_vaults *v, const struct nf_byok1 *pkg,
    struct nf_vault_error *err)
{
	const struct nf_kek_authority *a = &v->authority;
	const char *ident = pkg->kek_identifier;
	size_t n = strlen(NF_KEK_APPNAME ",");
	struct nf_diag diag = { 0 };

	if (strncmp(ident, NF_KEK_APPNAME ",", n) == 0)
		ident += n;
	if (nf_xfer_import_check(a, pkg, &diag) == 0)
		return true;
	if (strcmp(ident, a->region->ident) != 0)
		return NF_VAULT_BAD(err, "The package is for region %.64s; "
		    "this vault is in %s.", ident, a->region->ident);
	return NF_VAULT_BAD(err, "The package is for another region than "
	    "this vault's, although it names %s: %s: %s.", ident, diag.field,
	    diag.text);
}

static bool
subscription_check(const struct nf_vaults *v, const struct nf_byok1 *pkg,
    struct nf_vault_error *err)
{
	if (!v->has_subscription || memcmp(pkg->tenant, v->subscription,
	    sizeof(v->subscription)) == 0)
		return true;
	return NF_VAULT_BAD(err, "The package is for another subscription "
	    "than this vault's.");
}

static bool
method1_type(const struct nf_byok1 *pkg, const struct nf_xfer_keytype *said,
    struct nf_keydata *pub, struct nf_xfer_keytype *type,
    struct nf_vault_error *err)
{
	struct nf_diag diag = { 0 };

	memset(pub, 0, sizeof(*pub));
	pub->type = NF_KEY_RSAPUBLIC;
	nf_byok1_rsa(pkg, &pub->v[NF_RSA_E], &pub->v[NF_RSA_N]);
	if (nf_xfer_keytype_of(pub, type, &diag) != 0)
		return NF_VAULT_BAD(err, "The package's key: %s.", diag.text);
	if (said->kty != NF_XFER_RSA ||
	    (said->bits != 0 && said->bits != type->bits))
		return NF_VAULT_BAD(err, "A key of type RSA %u is in the "
		    "package, not what kty and key_size say.", type->bits);
	/* Old packages hold RSA 1024, which cannot come in another way. */
	if (type->bits != 1024 && nf_xfer_keytype_check(type, &diag) != 0)
		return NF_VAULT_BAD(err, "RSA keys of %u bits are not "
		    "imported.", type->bits);
	return true;
}

/* Open it in the module, keep what comes out. */
static bool
method1_receive(struct nf_vaults *v, const struct nf_byok1 *pkg,
    const struct nf_keydata *pub, struct nf_vault_item *item,
    struct nf_vault_error *err)
{
	struct nf_xfer_received1 got;
	struct nf_buf steps = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	int r;

	if ((r = nf_xfer_receive1(&v->authority, pkg, &got, &steps,
	    &diag)) == 0 &&
	    (r = nf_vault_key_public(item, pub, &diag)) == 0) {
		nf_buf_view_put(&item->blob, nf_buf_view(&got.blob));
		r = nf_buf_err(&item->blob);
	}
	nf_xfer_received1_wipe(v->authority.host, &got);
	nf_buf_wipe(&steps);
	return r == 0 || nf_vault_fail_diag(err, r, &diag,
	    "The package cannot be imported");
}

static bool
import1(struct nf_vaults *v, const char *vault, const char *name,
    const struct nf_xfer_keytype *said, struct nf_view package,
    const struct nf_vault_attributes *attributes,
    const struct nf_vault_key **out, struct nf_vault_error *err)
{
	struct nf_vault_adding a = { .box = NULL };
	struct nf_byok1 *pkg = NULL;
	struct nf_xfer_keytype type;
	struct nf_diag diag = { 0 };
	struct nf_keydata pub;
	bool ok;
	int r;

	if ((r = nf_byok1_read(package, &pkg, &diag)) != 0)
		return nf_vault_fail_diag(err, r, &diag,
		    "The package cannot be read");
	ok = region_check(v, pkg, err);
	if (ok && (r = nf_xfer_audit1(package, pkg->friendly_name,
	    &diag)) != 0)
		ok = nf_vault_fail_diag(err, r, &diag,
		    "The package does not pass its checks");
	ok = ok && subscription_check(v, pkg, err) &&
	    method1_type(pkg, said, &pub, &type, err) &&
	    nf_vault_add_begin(v, vault, name, &type, true, false,
	    attributes, &a, err) &&
	    method1_receive(v, pkg, &pub, a.item, err);
	ok = nf_vault_add_end(v, &a, ok, out, err);
	nf_byok1_free(pkg);
	return ok;
}

/* ---- method 2 ------------------------------------------------------------ */

static bool
kek_find(struct nf_vaults *v, const char *vault, struct nf_view text,
    struct nf_vault_item **out, struct nf_vault_error *err)
{
	char of[NF_VAULT_NAME_MAX + 1], due[NF_VAULT_NAME_MAX + 1];
	char name[NF_VAULT_NAME_MAX + 1], version[NF_KID_VERSION_LEN + 1];
	struct nf_vault_error none;
	struct nf_diag diag = { 0 };
	struct nf_kid kid;

	if (nf_kid_read(text, &kid, &diag) != 0)
		return NF_VAULT_BAD(err, "The package's kid: %s.", diag.text);
	if (kid.version.len != NF_KID_VERSION_LEN)
		return NF_VAULT_BAD(err, "The package's kid names no version "
		    "of the KEK.");
	(void)snprintf(name, sizeof(name), "%.*s", (int)kid.name.len,
	    (const char *)kid.name.p);
	(void)snprintf(version, sizeof(version), "%.*s",
	    (int)kid.version.len, (const char *)kid.version.p);
	if (!nf_vault_of_host(kid.host, of) || !nf_vault_name(vault, due,
	    &none) || strcmp(of, due) != 0 ||
	    !nf_vault_find(v, vault, name, version, out, &none))
		return NF_VAULT_BAD(err, "The package was wrapped for KEK "
		    "%.*s, which this vault does not have.",
		    (int)(text.len > 300 ? 300 : text.len),
		    (const char *)text.p);
	return nf_vault_rule_use(&(*out)->key, NF_VAULT_IMPORT,
	    (int64_t)nf_seed_now(), err);
}

static bool
import2(struct nf_vaults *v, const char *vault, const char *name,
    const struct nf_xfer_keytype *type, struct nf_view package,
    const struct nf_vault_attributes *attributes,
    const struct nf_vault_key **out, struct nf_vault_error *err)
{
	struct nf_vault_adding a = { .box = NULL };
	struct nf_vault_item *kek = NULL;
	struct nf_diag diag = { 0 };
	struct nf_byok2 file;
	bool ok;
	int r;

	if ((r = nf_byok2_read(package, &file, &diag)) != 0)
		ok = nf_vault_fail_diag(err, r, &diag,
		    "The package cannot be read");
	else if (file.release)
		ok = NF_VAULT_BAD(err, "This is an envelope of Secure Key "
		    "Release, not a package.");
	else if (type->kty == NF_XFER_OCT && !v->managed)
		ok = NF_VAULT_BAD(err, "Symmetric keys exist in a Managed "
		    "HSM only.");
	else
		ok = kek_find(v, vault, file.kid, &kek, err);
	ok = ok && nf_vault_add_begin(v, vault, name, type, true, false,
	    attributes, &a, err);
	if (ok && (r = nf_vault_key_unwrap(v, a.item, kek, file.ciphertext,
	    &diag)) != 0)
		ok = nf_vault_fail_diag(err, r, &diag,
		    "The package cannot be imported");
	ok = nf_vault_add_end(v, &a, ok, out, err);
	nf_byok2_wipe(&file);
	return ok;
}

bool
nf_vault_import_package(struct nf_vaults *v, const char *vault,
    const char *name, const struct nf_xfer_keytype *type,
    struct nf_view package, const struct nf_vault_attributes *attributes,
    const struct nf_vault_key **out, struct nf_vault_error *err)
{
	size_t i = 0;

	if (nf_byok1_is(package))
		return import1(v, vault, name, type, package, attributes, out,
		    err);
	while (i < package.len && memchr(" \t\r\n", package.p[i], 4) != NULL)
		i++;
	if (i < package.len && package.p[i] == '{')
		return import2(v, vault, name, type, package, attributes, out,
		    err);
	return NF_VAULT_BAD(err, "The property \"key_hsm\" is neither a "
	    "method-1 package nor the JSON document of method 2.");
}

/* ---- software keys ------------------------------------------------------- */

bool
nf_vault_import_plain(struct nf_vaults *v, const char *vault,
    const char *name, bool hsm, const struct nf_keydata *key,
    const struct nf_keydata *pub,
    const struct nf_vault_attributes *attributes,
    const struct nf_vault_key **out, struct nf_vault_error *err)
{
	struct nf_vault_adding a = { .box = NULL };
	struct nf_xfer_keytype type;
	struct nf_diag diag = { 0 };
	bool ok;
	int r;

	if (nf_xfer_keytype_of(pub->type == 0 ? key : pub, &type,
	    &diag) != 0 || type.bits == 0)
		return NF_VAULT_BAD(err, "JSON Web Key: %s.", type.bits == 0 ?
		    "the key is empty" : diag.text);
	ok = nf_vault_rule_type(v, &type, hsm || v->managed, err) &&
	    nf_vault_add_begin(v, vault, name, &type, hsm, false, attributes,
	    &a, err);
	if (ok && (r = nf_vault_key_import(v, a.item, key, pub,
	    &diag)) != 0)
		ok = nf_vault_fail_diag(err, r, &diag,
		    "The key is not valid");
	return nf_vault_add_end(v, &a, ok, out, err);
}
