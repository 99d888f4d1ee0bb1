/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "nfast/base/text.h"
#include "tests/transfer/fakevault.h"

static void
put_bytes(struct nf_buf *out, const char *name, struct nf_view v)
{
	if (v.len == 0)
		return;
	nf_buf_printf(out, " %s=", name);
	nf_text_hex(out, v);
}

static void
put_attributes(struct nf_buf *out, const struct nf_vault_attributes *a)
{
	if (a->has_enabled)
		nf_buf_printf(out, " enabled=%d", a->enabled);
	if (a->has_nbf)
		nf_buf_printf(out, " nbf=%lld", (long long)a->nbf);
	if (a->has_exp)
		nf_buf_printf(out, " exp=%lld", (long long)a->exp);
	if (a->has_ops) {
		nf_buf_str(out, " ops=");
		nf_flags_print(out, nf_vault_ops, a->ops);
	}
	for (size_t i = 0; i < a->n_tags; i++)
		nf_buf_printf(out, " tag:%s=%s", a->tag[i].name,
		    a->tag[i].value);
}

static void
put_type(struct nf_buf *out, const struct nf_xfer_keytype *t)
{
	static const char *const names[] = { "RSA", "EC", "oct" };

	nf_buf_printf(out, " %s %u", names[t->kty], t->bits);
	if (t->curve != 0)
		nf_buf_printf(out, " %s", nf_xfer_curve_name(t->curve));
}

static void
asked(struct nf_vaults *v, const char *what, const char *vault,
    const char *name, const char *version)
{
	nf_buf_printf(&v->asked, "%s %s %s%s%s", what, vault, name,
	    version == NULL ? "" : "/", version == NULL ? "" : version);
}

static bool
done(struct nf_vaults *v, const struct nf_vault_key **out,
    struct nf_vault_error *err)
{
	nf_buf_str(&v->asked, "\n");
	if (out != NULL)
		*out = &v->key;
	*err = v->refuse;
	return v->refuse.status == 0;
}

bool
nf_vault_create(struct nf_vaults *v, const char *vault, const char *name,
    const struct nf_xfer_keytype *type, bool hsm, uint64_t public_exponent,
    const struct nf_vault_attributes *attributes,
    const struct nf_vault_key **out, struct nf_vault_error *err)
{
	asked(v, "create", vault, name, NULL);
	put_type(&v->asked, type);
	nf_buf_printf(&v->asked, "%s", hsm ? " hsm" : "");
	if (public_exponent != 0)
		nf_buf_printf(&v->asked, " e=%llu",
		    (unsigned long long)public_exponent);
	put_attributes(&v->asked, attributes);
	return done(v, out, err);
}

bool
nf_vault_import_package(struct nf_vaults *v, const char *vault,
    const char *name, const struct nf_xfer_keytype *type,
    struct nf_view package, const struct nf_vault_attributes *attributes,
    const struct nf_vault_key **out, struct nf_vault_error *err)
{
	asked(v, "import", vault, name, NULL);
	put_type(&v->asked, type);
	put_bytes(&v->asked, "package", package);
	put_attributes(&v->asked, attributes);
	return done(v, out, err);
}

bool
nf_vault_import_plain(struct nf_vaults *v, const char *vault,
    const char *name, bool hsm, const struct nf_keydata *key,
    const struct nf_keydata *pub,
    const struct nf_vault_attributes *attributes,
    const struct nf_vault_key **out, struct nf_vault_error *err)
{
	asked(v, "plain", vault, name, NULL);
	nf_buf_printf(&v->asked, "%s type=%u,%u", hsm ? " hsm" : "",
	    key->type, pub->type);
	for (size_t i = 0; i < NF_KEYDATA_NUMS; i++)
		put_bytes(&v->asked, "private", key->v[i]);
	for (size_t i = 0; i < NF_KEYDATA_NUMS; i++)
		put_bytes(&v->asked, "public", pub->v[i]);
	put_attributes(&v->asked, attributes);
	return done(v, out, err);
}

bool
nf_vault_get(struct nf_vaults *v, const char *vault, const char *name,
    const char *version, const struct nf_vault_key **out,
    struct nf_vault_error *err)
{
	asked(v, "get", vault, name, version);
	return done(v, out, err);
}

bool
nf_vault_update(struct nf_vaults *v, const char *vault, const char *name,
    const char *version, const struct nf_vault_attributes *attributes,
    const struct nf_vault_key **out, struct nf_vault_error *err)
{
	asked(v, "update", vault, name, version);
	put_attributes(&v->asked, attributes);
	return done(v, out, err);
}

const struct nf_vault_key *
nf_vault_at(struct nf_vaults *v, const char *vault, bool deleted, size_t i)
{
	nf_buf_printf(&v->asked, "at %s %s%zu\n", vault,
	    deleted ? "deleted " : "", i);
	(void)snprintf(v->key.name, sizeof(v->key.name), "key-%zu", i);
	return i < v->n_keys ? &v->key : NULL;
}

const struct nf_vault_key *
nf_vault_version_at(struct nf_vaults *v, const char *vault,
    const char *name, size_t i)
{
	nf_buf_printf(&v->asked, "version %s %s %zu\n", vault, name, i);
	(void)snprintf(v->key.version, sizeof(v->key.version), "%032zx", i);
	return i < v->n_keys ? &v->key : NULL;
}

bool
nf_vault_delete(struct nf_vaults *v, const char *vault, const char *name,
    const struct nf_vault_key **out, struct nf_vault_error *err)
{
	asked(v, "delete", vault, name, NULL);
	return done(v, out, err);
}

bool
nf_vault_get_deleted(struct nf_vaults *v, const char *vault,
    const char *name, const struct nf_vault_key **out,
    struct nf_vault_error *err)
{
	asked(v, "deleted", vault, name, NULL);
	return done(v, out, err);
}

bool
nf_vault_recover(struct nf_vaults *v, const char *vault, const char *name,
    const struct nf_vault_key **out, struct nf_vault_error *err)
{
	asked(v, "recover", vault, name, NULL);
	return done(v, out, err);
}

bool
nf_vault_purge(struct nf_vaults *v, const char *vault, const char *name,
    struct nf_vault_error *err)
{
	asked(v, "purge", vault, name, NULL);
	return done(v, NULL, err);
}

bool
nf_vault_use_key(struct nf_vaults *v, const char *vault, const char *name,
    const char *version, const struct nf_vault_use *use,
    struct nf_vault_result *res, const struct nf_vault_key **key,
    struct nf_vault_error *err)
{
	asked(v, nf_name_find(nf_vault_ops, use->op), vault, name, version);
	nf_buf_printf(&v->asked, " %s", use->alg);
	put_bytes(&v->asked, "value", use->value);
	put_bytes(&v->asked, "other", use->other);
	put_bytes(&v->asked, "aad", use->aad);
	put_bytes(&v->asked, "tag", use->tag);
	nf_buf_str(&res->value, v->value);
	nf_buf_str(&res->iv, v->iv);
	nf_buf_str(&res->tag, v->tag);
	res->ok = v->ok;
	return done(v, key, err);
}

bool
nf_vault_random(struct nf_vaults *v, size_t n, struct nf_buf *out,
    struct nf_vault_error *err)
{
	nf_buf_printf(&v->asked, "random %zu", n);
	nf_buf_fill(out, 0xff, n);
	return done(v, NULL, err);
}
