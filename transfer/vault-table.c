/* SPDX-License-Identifier: Apache-2.0 */
/* Vaults, keys and versions in memory, sorted by name. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "transfer/vault-internal.h"

struct nf_vault_item *
nf_vault_item_new(void)
{
	return calloc(1, sizeof(struct nf_vault_item));
}

void
nf_vault_item_free(struct nf_vault_item *item)
{
	if (item == NULL)
		return;
	nf_buf_wipe(&item->pubdata);
	nf_buf_wipe(&item->blob);
	free(item);
}

void
nf_vault_entry_free(struct nf_vault_entry *entry)
{
	if (entry == NULL)
		return;
	for (size_t i = 0; i < entry->n; i++)
		nf_vault_item_free(entry->item[i]);
	free(entry->item);
	free(entry);
}

/* Room for one more of n pointers. */
static bool
reserve(void **array, size_t n, size_t *room, size_t size)
{
	size_t more = n < 8 ? 16 : 2 * n;
	void *p;

	if (n < *room)
		return true;
	if (more > SIZE_MAX / size || (p = realloc(*array,
	    more * size)) == NULL)
		return false;
	*array = p;
	*room = more;
	return true;
}

/* The name at a position of a table. */
typedef const char *name_at(const void *table, size_t i);

static const char *
box_name(const void *table, size_t i)
{
	return ((const struct nf_vaults *)table)->box[i]->name;
}

static const char *
entry_name(const void *table, size_t i)
{
	return ((const struct nf_vault_set *)table)->entry[i]->name;
}

/* The first position of n whose name is not below. */
static size_t
place(const void *table, size_t n, name_at *at, const char *name)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (strcmp(at(table, mid), name) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static size_t
box_place(const struct nf_vaults *v, const char *name)
{
	return place(v, v->n, box_name, name);
}

static size_t
entry_place(const struct nf_vault_set *set, const char *name)
{
	return place(set, set->n, entry_name, name);
}

struct nf_vault_box *
nf_vault_box_find(const struct nf_vaults *v, const char *name)
{
	size_t i = box_place(v, name);

	return i < v->n && strcmp(v->box[i]->name, name) == 0 ? v->box[i] :
	    NULL;
}

struct nf_vault_box *
nf_vault_box_make(struct nf_vaults *v, const char *name)
{
	struct nf_vault_box *box = nf_vault_box_find(v, name);
	size_t i = box_place(v, name);
	void *array = v->box;

	if (box != NULL)
		return box;
	if (!reserve(&array, v->n, &v->room, sizeof(v->box[0])))
		return NULL;
	v->box = array;
	if ((box = calloc(1, sizeof(*box))) == NULL)
		return NULL;
	(void)snprintf(box->name, sizeof(box->name), "%s", name);
	memmove(v->box + i + 1, v->box + i, (v->n - i) * sizeof(v->box[0]));
	v->box[i] = box;
	v->n++;
	return box;
}

void
nf_vault_box_drop(struct nf_vaults *v, struct nf_vault_box *box)
{
	size_t i = box_place(v, box->name);

	if (box->set[false].n != 0 || box->set[true].n != 0)
		return;
	NF_REQUIRE(i < v->n && v->box[i] == box);
	free(box->set[false].entry);
	free(box->set[true].entry);
	free(box);
	v->n--;
	memmove(v->box + i, v->box + i + 1, (v->n - i) * sizeof(v->box[0]));
}

struct nf_vault_entry *
nf_vault_entry_find(const struct nf_vault_set *set, const char *name)
{
	size_t i = entry_place(set, name);

	return i < set->n && strcmp(set->entry[i]->name, name) == 0 ?
	    set->entry[i] : NULL;
}

struct nf_vault_entry *
nf_vault_entry_new(const char *name)
{
	struct nf_vault_entry *entry = calloc(1, sizeof(*entry));

	if (entry != NULL)
		(void)snprintf(entry->name, sizeof(entry->name), "%s", name);
	return entry;
}

bool
nf_vault_entry_reserve(struct nf_vault_entry *entry)
{
	void *array = entry->item;
	bool ok = reserve(&array, entry->n, &entry->room,
	    sizeof(entry->item[0]));

	entry->item = array;
	return ok;
}

bool
nf_vault_set_reserve(struct nf_vault_set *set)
{
	void *array = set->entry;
	bool ok = reserve(&array, set->n, &set->room,
	    sizeof(set->entry[0]));

	set->entry = array;
	return ok;
}

void
nf_vault_set_add(struct nf_vault_set *set, struct nf_vault_entry *entry)
{
	size_t i = entry_place(set, entry->name);

	NF_REQUIRE(set->n < set->room);
	memmove(set->entry + i + 1, set->entry + i,
	    (set->n - i) * sizeof(set->entry[0]));
	set->entry[i] = entry;
	set->n++;
}

void
nf_vault_set_remove(struct nf_vault_set *set,
    const struct nf_vault_entry *entry)
{
	size_t i = entry_place(set, entry->name);

	NF_REQUIRE(i < set->n && set->entry[i] == entry);
	set->n--;
	memmove(set->entry + i, set->entry + i + 1,
	    (set->n - i) * sizeof(set->entry[0]));
}

void
nf_vault_entry_add(struct nf_vault_entry *entry, struct nf_vault_item *item)
{
	size_t i = entry->n;

	NF_REQUIRE(entry->n < entry->room);
	for (; i > 0 && entry->item[i - 1]->sequence > item->sequence; i--)
		entry->item[i] = entry->item[i - 1];
	entry->item[i] = item;
	entry->n++;
}

void
nf_vault_table_free(struct nf_vaults *v)
{
	for (size_t i = 0; i < v->n; i++) {
		for (size_t s = 0; s < 2; s++) {
			struct nf_vault_set *set = &v->box[i]->set[s];

			for (size_t k = 0; k < set->n; k++)
				nf_vault_entry_free(set->entry[k]);
			free(set->entry);
		}
		free(v->box[i]);
	}
	free(v->box);
	v->box = NULL;
	v->n = v->room = 0;
}
