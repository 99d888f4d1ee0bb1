/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nfast/base/mem.h"
#include "nfast/base/seed.h"
#include "nfast/host/hostcmd.h"
#include "transfer/vault-internal.h"

#define RANDOM_MAX	128

int
nf_vaults_open(const char *state, const struct nf_kek_region *region,
    bool managed, const uint8_t *subscription, struct nf_vaults **out,
    struct nf_diag *diag)
{
	struct nf_vaults *v = calloc(1, sizeof(*v));
	int r;

	*out = NULL;
	if (v == NULL)
		return nf_diag_set(diag, NF_E_NOMEM, NULL, "out of memory");
	v->managed = managed;
	if (subscription != NULL) {
		v->has_subscription = true;
		memcpy(v->subscription, subscription,
		    sizeof(v->subscription));
	}
	/* The lock of the region's module is that of its vaults too. */
	if ((r = nf_kek_authority_make(state, region, NULL, &v->authority,
	    diag)) != 0 || (r = nf_path(v->dir, diag, "%s/regions/%s/vaults",
	    state, region->slug)) != 0 ||
	    (r = nf_vault_store_load(v, diag)) != 0)
		goto out;
	*out = v;
	v = NULL;
out:
	nf_vaults_close(v);
	return r;
}

void
nf_vaults_close(struct nf_vaults *v)
{
	if (v == NULL)
		return;
	nf_vault_table_free(v);
	nf_kek_authority_close(&v->authority);
	nf_freezero(v, sizeof(*v));
}

/* ---- looking up ---------------------------------------------------------- */

static struct nf_vault_entry *
entry_of(const struct nf_vaults *v, const char *vault, const char *name,
    bool deleted)
{
	char key[NF_VAULT_NAME_MAX + 1], lower[NF_VAULT_NAME_MAX + 1];
	const struct nf_vault_box *box;
	struct nf_vault_error err;

	if (!nf_vault_name(vault, lower, &err) ||
	    (box = nf_vault_box_find(v, lower)) == NULL ||
	    !nf_vault_name(name, key, &err))
		return NULL;
	return nf_vault_entry_find(&box->set[deleted], key);
}

static struct nf_vault_item *
newest(const struct nf_vault_entry *entry)
{
	return entry->item[entry->n - 1];
}

bool
nf_vault_find(const struct nf_vaults *v, const char *vault, const char *name,
    const char *version, struct nf_vault_item **out,
    struct nf_vault_error *err)
{
	struct nf_vault_entry *entry = entry_of(v, vault, name, false);

	if (entry == NULL)
		return nf_vault_not_found(err, name, version);
	if (version == NULL) {
		*out = newest(entry);
		return true;
	}
	for (size_t i = entry->n; i > 0; i--) {
		*out = entry->item[i - 1];
		if (strcmp((*out)->key.version, version) == 0)
			return true;
	}
	return nf_vault_not_found(err, name, version);
}

bool
nf_vault_get(struct nf_vaults *v, const char *vault, const char *name,
    const char *version, const struct nf_vault_key **out,
    struct nf_vault_error *err)
{
	struct nf_vault_item *item;

	if (!nf_vault_find(v, vault, name, version, &item, err))
		return false;
	*out = &item->key;
	return true;
}

const struct nf_vault_key *
nf_vault_at(struct nf_vaults *v, const char *vault, bool deleted, size_t i)
{
	char lower[NF_VAULT_NAME_MAX + 1];
	const struct nf_vault_box *box;
	struct nf_vault_error err;

	if (!nf_vault_name(vault, lower, &err) ||
	    (box = nf_vault_box_find(v, lower)) == NULL ||
	    i >= box->set[deleted].n)
		return NULL;
	return &newest(box->set[deleted].entry[i])->key;
}

const struct nf_vault_key *
nf_vault_version_at(struct nf_vaults *v, const char *vault, const char *name,
    size_t i)
{
	const struct nf_vault_entry *entry = entry_of(v, vault, name, false);

	return entry == NULL || i >= entry->n ? NULL : &entry->item[i]->key;
}

/* ---- adding -------------------------------------------------------------- */

static void
attributes_apply(struct nf_vault_attributes *to,
    const struct nf_vault_attributes *said)
{
	if (said->has_enabled)
		to->enabled = said->enabled;
	if (said->has_nbf) {
		to->has_nbf = true;
		to->nbf = said->nbf;
	}
	if (said->has_exp) {
		to->has_exp = true;
		to->exp = said->exp;
	}
	if (!said->has_tags)
		return;
	to->has_tags = true;
	to->n_tags = said->n_tags;
	memcpy(to->tag, said->tag, said->n_tags * sizeof(said->tag[0]));
}

static bool
version_new(struct nf_vaults *v, char out[static NF_VAULT_VERSION_LEN + 1],
    struct nf_vault_error *err)
{
	uint8_t b[NF_VAULT_VERSION_LEN / 2];
	struct nf_diag diag = { 0 };

	if (nf_host_random(v->authority.host, b, sizeof(b), &diag) != 0)
		return nf_vault_fail(err, 500, "InternalError", NULL,
		    "No version: %s.", diag.text);
	for (size_t i = 0; i < sizeof(b); i++)
		(void)snprintf(out + 2 * i, 3, "%02x", b[i]);
	return true;
}

/* The place of the new version, with room in it. */
static bool
place_take(struct nf_vaults *v, const char *vault, const char *name,
    struct nf_vault_adding *a, struct nf_vault_error *err)
{
	char key[NF_VAULT_NAME_MAX + 1], lower[NF_VAULT_NAME_MAX + 1];

	if (!nf_vault_name(vault, lower, err) ||
	    !nf_vault_name(name, key, err))
		return false;
	if ((a->box = nf_vault_box_make(v, lower)) == NULL)
		goto nomem;
	if (nf_vault_entry_find(&a->box->set[true], key) != NULL)
		return nf_vault_fail(err, 409, "Conflict",
		    "ObjectIsDeletedButRecoverable", "Key %s is currently in "
		    "a deleted but recoverable state, and its name cannot be "
		    "reused; in this state, the key can only be recovered or "
		    "purged.", name);
	if ((a->entry = nf_vault_entry_find(&a->box->set[false],
	    key)) == NULL) {
		a->fresh = true;
		if ((a->entry = nf_vault_entry_new(key)) == NULL ||
		    !nf_vault_set_reserve(&a->box->set[false]))
			goto nomem;
	}
	if ((a->item = nf_vault_item_new()) == NULL ||
	    !nf_vault_entry_reserve(a->entry))
		goto nomem;
	return true;
nomem:
	return nf_vault_fail(err, 500, "InternalError", NULL,
	    "Out of memory.");
}

bool
nf_vault_add_begin(struct nf_vaults *v, const char *vault, const char *name,
    const struct nf_xfer_keytype *type, bool hsm, bool created,
    const struct nf_vault_attributes *attributes,
    struct nf_vault_adding *out, struct nf_vault_error *err)
{
	const struct nf_vault_item *last;
	struct nf_vault_key *k;

	memset(out, 0, sizeof(*out));
	if (!place_take(v, vault, name, out, err))
		return false;
	last = out->fresh ? NULL : newest(out->entry);
	out->item->sequence = last == NULL ? 1 : last->sequence + 1;
	out->item->insecure = v->authority.world->insecure;
	k = &out->item->key;
	k->type = *type;
	k->hsm = hsm || v->managed;
	(void)snprintf(k->vault, sizeof(k->vault), "%s", out->box->name);
	(void)snprintf(k->name, sizeof(k->name), "%s",
	    last == NULL ? name : last->key.name);
	k->created = k->updated = (int64_t)nf_seed_now();
	k->attributes.has_enabled = k->attributes.enabled = true;
	k->attributes.has_ops = true;
	attributes_apply(&k->attributes, attributes);
	return nf_vault_rule_ops(type, k->hsm, created, attributes,
	    &k->attributes.ops, err) && version_new(v, k->version, err);
}

bool
nf_vault_add_end(struct nf_vaults *v, struct nf_vault_adding *a, bool ok,
    const struct nf_vault_key **out, struct nf_vault_error *err)
{
	struct nf_diag diag = { 0 };

	if (ok && nf_vault_store_put(v, a->box->name, a->entry->name,
	    a->item, &diag) != 0)
		ok = nf_vault_fail(err, 500, "InternalError", NULL,
		    "The key cannot be stored: %s.", diag.text);
	if (!ok) {
		if (a->item != NULL)
			nf_vault_key_forget(v, a->item);
		nf_vault_item_free(a->item);
		if (a->fresh)
			nf_vault_entry_free(a->entry);
		if (a->box != NULL)
			nf_vault_box_drop(v, a->box);
		return false;
	}
	nf_vault_entry_add(a->entry, a->item);
	if (a->fresh)
		nf_vault_set_add(&a->box->set[false], a->entry);
	*out = &a->item->key;
	return true;
}

bool
nf_vault_create(struct nf_vaults *v, const char *vault, const char *name,
    const struct nf_xfer_keytype *type, bool hsm, uint64_t public_exponent,
    const struct nf_vault_attributes *attributes,
    const struct nf_vault_key **out, struct nf_vault_error *err)
{
	struct nf_xfer_keytype full = *type;
	struct nf_vault_adding a = { .box = NULL };
	struct nf_diag diag = { 0 };
	bool ok;
	int r;

	ok = nf_vault_rule_type(v, &full, hsm || v->managed, err) &&
	    nf_vault_add_begin(v, vault, name, &full, hsm, true, attributes,
	    &a, err);
	if (ok && (r = nf_vault_key_generate(v, a.item, public_exponent,
	    &diag)) != 0)
		ok = nf_vault_fail_diag(err, r, &diag,
		    "The key cannot be created");
	return nf_vault_add_end(v, &a, ok, out, err);
}

/* ---- changing ------------------------------------------------------------ */

/* A KEK stays one and nothing else becomes one. */
static bool
ops_change(struct nf_vault_key *k, const struct nf_vault_attributes *said,
    struct nf_vault_error *err)
{
	bool was = k->attributes.ops == NF_VAULT_IMPORT;
	uint32_t ops;

	if (!said->has_ops)
		return true;
	if (!nf_vault_rule_ops(&k->type, k->hsm, true, said, &ops, err))
		return false;
	if (was != (ops == NF_VAULT_IMPORT))
		return NF_VAULT_BAD(err, "The key operation \"import\" is "
		    "given when a key is created, and stays.");
	k->attributes.ops = ops;
	return true;
}

bool
nf_vault_update(struct nf_vaults *v, const char *vault, const char *name,
    const char *version, const struct nf_vault_attributes *attributes,
    const struct nf_vault_key **out, struct nf_vault_error *err)
{
	struct nf_vault_item *item;
	struct nf_diag diag = { 0 };
	struct nf_vault_key *old;
	char lower[NF_VAULT_NAME_MAX + 1];
	bool ok = false;

	if (!nf_vault_find(v, vault, name, version, &item, err) ||
	    !nf_vault_name(name, lower, err))
		return false;
	if ((old = malloc(sizeof(*old))) == NULL)
		return nf_vault_fail(err, 500, "InternalError", NULL,
		    "Out of memory.");
	*old = item->key;
	if (ops_change(&item->key, attributes, err)) {
		attributes_apply(&item->key.attributes, attributes);
		item->key.updated = (int64_t)nf_seed_now();
		ok = nf_vault_store_put(v, item->key.vault, lower, item,
		    &diag) == 0 || nf_vault_fail(err, 500, "InternalError",
		    NULL, "The key cannot be stored: %s.", diag.text);
	}
	if (ok)
		*out = &item->key;
	else
		item->key = *old;
	free(old);
	return ok;
}

/* ---- deleting ------------------------------------------------------------ */

static bool
not_deleted(struct nf_vault_error *err, const char *name)
{
	return nf_vault_fail(err, 404, "KeyNotFound", NULL,
	    "Deleted Key not found: %.127s", name);
}

static bool
stored(int r, const struct nf_diag *diag, struct nf_vault_error *err)
{
	return r == 0 || nf_vault_fail(err, 500, "InternalError", NULL,
	    "The key cannot be moved: %s.", diag->text);
}

/* Move an entry between the two sets; room was made. */
static void
entry_move(struct nf_vault_box *box, struct nf_vault_entry *entry,
    bool deleted, int64_t when)
{
	nf_vault_set_remove(&box->set[!deleted], entry);
	nf_vault_set_add(&box->set[deleted], entry);
	for (size_t i = 0; i < entry->n; i++)
		entry->item[i]->key.deleted = when;
}

bool
nf_vault_delete(struct nf_vaults *v, const char *vault, const char *name,
    const struct nf_vault_key **out, struct nf_vault_error *err)
{
	struct nf_vault_entry *entry = entry_of(v, vault, name, false);
	int64_t now = (int64_t)nf_seed_now();
	struct nf_diag diag = { 0 };
	struct nf_vault_box *box;
	bool moved;
	int r;

	if (entry == NULL)
		return nf_vault_not_found(err, name, NULL);
	box = nf_vault_box_find(v, newest(entry)->key.vault);
	if (!nf_vault_set_reserve(&box->set[true]))
		return nf_vault_fail(err, 500, "InternalError", NULL,
		    "Out of memory.");
	r = nf_vault_store_delete(v, box->name, entry->name, now, &moved,
	    &diag);
	if (moved) {
		for (size_t i = 0; i < entry->n; i++)
			nf_vault_key_forget(v, entry->item[i]);
		entry_move(box, entry, true, now);
	}
	*out = &newest(entry)->key;
	return stored(r, &diag, err);
}

bool
nf_vault_get_deleted(struct nf_vaults *v, const char *vault,
    const char *name, const struct nf_vault_key **out,
    struct nf_vault_error *err)
{
	const struct nf_vault_entry *entry = entry_of(v, vault, name, true);

	if (entry == NULL)
		return not_deleted(err, name);
	*out = &newest(entry)->key;
	return true;
}

bool
nf_vault_recover(struct nf_vaults *v, const char *vault, const char *name,
    const struct nf_vault_key **out, struct nf_vault_error *err)
{
	struct nf_vault_entry *entry = entry_of(v, vault, name, true);
	struct nf_diag diag = { 0 };
	struct nf_vault_box *box;
	bool moved;
	int r;

	if (entry == NULL)
		return not_deleted(err, name);
	box = nf_vault_box_find(v, newest(entry)->key.vault);
	if (!nf_vault_set_reserve(&box->set[false]))
		return nf_vault_fail(err, 500, "InternalError", NULL,
		    "Out of memory.");
	r = nf_vault_store_recover(v, box->name, entry->name, &moved, &diag);
	if (moved)
		entry_move(box, entry, false, 0);
	*out = &newest(entry)->key;
	return stored(r, &diag, err);
}

bool
nf_vault_purge(struct nf_vaults *v, const char *vault, const char *name,
    struct nf_vault_error *err)
{
	struct nf_vault_entry *entry = entry_of(v, vault, name, true);
	struct nf_diag diag = { 0 };
	struct nf_vault_box *box;
	bool moved;
	int r;

	if (entry == NULL)
		return not_deleted(err, name);
	box = nf_vault_box_find(v, newest(entry)->key.vault);
	r = nf_vault_store_purge(v, box->name, entry->name,
	    newest(entry)->key.version, &moved, &diag);
	if (moved) {
		nf_vault_set_remove(&box->set[true], entry);
		nf_vault_entry_free(entry);
		nf_vault_box_drop(v, box);
	}
	return stored(r, &diag, err);
}

bool
nf_vault_random(struct nf_vaults *v, size_t n, struct nf_buf *out,
    struct nf_vault_error *err)
{
	struct nf_diag diag = { 0 };
	size_t at = out->len;

	if (n == 0 || n > RANDOM_MAX)
		return NF_VAULT_BAD(err, "From 1 to %d random bytes are given "
		    "at a time.", RANDOM_MAX);
	nf_buf_fill(out, 0, n);
	if (nf_buf_err(out) == 0 && nf_host_random(v->authority.host,
	    out->p + at, n, &diag) == 0)
		return true;
	return nf_vault_fail(err, 500, "InternalError", NULL,
	    "No random bytes: %s.", diag.text);
}
