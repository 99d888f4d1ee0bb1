/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The records of the vaults on disk (ours):
 *
 *   STATE/regions/SLUG/vaults/VAULT/keys/NAME/VERSION.json
 *                                  /deleted/NAME/...   and deleted.json
 *
 * A version is one file, written whole; a key is deleted and recovered by the
 * rename of its directory, and purged by a rename to a temporary name before
 * anything in it is removed.  A crash leaves each of them done or not begun.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "transfer/vault-internal.h"

#define RECORD_MAX	((size_t)256 * 1024)
#define SUFFIX		".json"
#define DELETION	"deleted" SUFFIX

static const char *const kinds[] = { "keys", "deleted" };

static int
fail(struct nf_diag *diag, const char *path, const char *what)
{
	(void)nf_diag_set(diag, NF_E_IO, NULL, "%s: %s", what,
	    strerror(errno));
	nf_diag_where(diag, "%s", path);
	return NF_E_IO;
}

static int
key_dir(const struct nf_vaults *v, const char *vault, bool deleted,
    const char *name, char path[static NF_PATH_MAX], struct nf_diag *diag)
{
	return nf_path(path, diag, "%s/%s/%s/%s", v->dir, vault,
	    kinds[deleted], name);
}

int
nf_vault_store_put(const struct nf_vaults *v, const char *vault,
    const char *name, const struct nf_vault_item *item, struct nf_diag *diag)
{
	char dir[NF_PATH_MAX], path[NF_PATH_MAX];
	struct nf_buf text = NF_BUF_INIT;
	int r;

	nf_vault_record_write(item, &text);
	if ((r = nf_buf_err(&text)) != 0)
		(void)nf_diag_set(diag, r, NULL, "%s", nf_err_text(r));
	else if ((r = key_dir(v, vault, false, name, dir, diag)) == 0 &&
	    (r = nf_path(path, diag, "%s/%s" SUFFIX, dir,
	    item->key.version)) == 0 && (r = nf_dir_make(dir, diag)) == 0)
		r = nf_file_write_atomic(path, 0600, nf_buf_view(&text),
		    diag);
	nf_buf_wipe(&text);
	return r;
}

/* Rename a directory, and make both ends of that durable. */
static int
move(const char *from, const char *to, bool *moved, struct nf_diag *diag)
{
	int r;

	if (rename(from, to) != 0)
		return fail(diag, to, "cannot rename to it");
	*moved = true;
	/* First where it is now: between the two it may be in both. */
	if ((r = nf_file_sync_parent(to, diag)) != 0)
		return r;
	return nf_file_sync_parent(from, diag);
}

int
nf_vault_store_delete(const struct nf_vaults *v, const char *vault,
    const char *name, int64_t when, bool *moved, struct nf_diag *diag)
{
	char from[NF_PATH_MAX], to[NF_PATH_MAX], path[NF_PATH_MAX];
	struct nf_buf text = NF_BUF_INIT;
	int r;

	*moved = false;
	nf_vault_deletion_write(when, &text);
	if ((r = nf_buf_err(&text)) != 0) {
		(void)nf_diag_set(diag, r, NULL, "%s", nf_err_text(r));
		goto out;
	}
	if ((r = key_dir(v, vault, false, name, from, diag)) != 0 ||
	    (r = key_dir(v, vault, true, "", to, diag)) != 0 ||
	    (r = nf_dir_make(to, diag)) != 0 ||
	    (r = key_dir(v, vault, true, name, to, diag)) != 0 ||
	    (r = nf_path(path, diag, "%s/" DELETION, from)) != 0 ||
	    (r = nf_file_write_atomic(path, 0600, nf_buf_view(&text),
	    diag)) != 0)
		goto out;
	r = move(from, to, moved, diag);
out:
	nf_buf_wipe(&text);
	return r;
}

int
nf_vault_store_recover(const struct nf_vaults *v, const char *vault,
    const char *name, bool *moved, struct nf_diag *diag)
{
	char from[NF_PATH_MAX], to[NF_PATH_MAX], path[NF_PATH_MAX];
	int r;

	*moved = false;
	if ((r = key_dir(v, vault, true, name, from, diag)) != 0 ||
	    (r = key_dir(v, vault, false, name, to, diag)) != 0 ||
	    (r = nf_path(path, diag, "%s/" DELETION, to)) != 0 ||
	    (r = move(from, to, moved, diag)) != 0)
		return r;
	return nf_file_remove(path, diag);
}

/* Remove a directory of plain files. */
static int
dir_remove(const char *path, struct nf_diag *diag)
{
	DIR *d = opendir(path);
	struct dirent *e;
	int r = 0;

	if (d == NULL)
		return fail(diag, path, "cannot read");
	while (r == 0 && (e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") != 0 &&
		    strcmp(e->d_name, "..") != 0 &&
		    unlinkat(dirfd(d), e->d_name, 0) != 0)
			r = fail(diag, path, "cannot remove what is in it");
	}
	(void)closedir(d);
	if (r == 0 && rmdir(path) != 0)
		r = fail(diag, path, "cannot remove");
	return r == 0 ? nf_file_sync_parent(path, diag) : r;
}

int
nf_vault_store_purge(const struct nf_vaults *v, const char *vault,
    const char *name, const char *version, bool *moved, struct nf_diag *diag)
{
	char from[NF_PATH_MAX], to[NF_PATH_MAX];
	int r;

	*moved = false;
	if ((r = key_dir(v, vault, true, name, from, diag)) != 0 ||
	    (r = nf_path(to, diag, "%s/%s/%s/" NF_FILE_TEMP_PREFIX "%s",
	    v->dir, vault, kinds[true], version)) != 0 ||
	    (r = move(from, to, moved, diag)) != 0)
		return r;
	return dir_remove(to, diag);
}

/* ---- loading ------------------------------------------------------------- */

/*
 * Call a function for each entry of a directory, which may be missing.  What
 * a crash left is removed: it has no other use.
 */
static int
each(const char *dir, int (*call)(void *arg, const char *dir,
    const char *name, struct nf_diag *diag), void *arg, struct nf_diag *diag)
{
	DIR *d = opendir(dir);
	char path[NF_PATH_MAX];
	struct dirent *e;
	int r = 0;

	if (d == NULL)
		return errno == ENOENT ? 0 : fail(diag, dir, "cannot read");
	while (r == 0 && (errno = 0, e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 ||
		    strcmp(e->d_name, "..") == 0)
			continue;
		if (strncmp(e->d_name, NF_FILE_TEMP_PREFIX,
		    strlen(NF_FILE_TEMP_PREFIX)) != 0)
			r = call(arg, dir, e->d_name, diag);
		else if ((r = nf_path(path, diag, "%s/%s", dir,
		    e->d_name)) == 0 && unlink(path) != 0)
			r = dir_remove(path, diag);
	}
	if (r == 0 && errno != 0)
		r = fail(diag, dir, "cannot read");
	(void)closedir(d);
	return r;
}

static int
strange(const char *dir, const char *name, struct nf_diag *diag)
{
	(void)nf_diag_set(diag, NF_E_FORMAT, NULL, "nothing of a vault has "
	    "this name");
	nf_diag_where(diag, "%s/%s", dir, name);
	return NF_E_FORMAT;
}

struct loading {
	struct nf_vaults *v;
	struct nf_vault_box *box;
	bool deleted;
	struct nf_vault_entry *entry;
	int64_t when;		/* of the deletion */
};

static bool
version_ok(const char *name)
{
	return strspn(name, "0123456789abcdef") == NF_VAULT_VERSION_LEN &&
	    strcmp(name + NF_VAULT_VERSION_LEN, SUFFIX) == 0;
}

static bool
sequence_taken(const struct nf_vault_entry *entry, uint64_t sequence)
{
	for (size_t i = 0; i < entry->n; i++) {
		if (entry->item[i]->sequence == sequence)
			return true;
	}
	return false;
}

static int
load_record(struct loading *l, const char *path, const char *version,
    struct nf_view text, struct nf_diag *diag)
{
	struct nf_vault_item *item = nf_vault_item_new();
	int r = NF_E_NOMEM;

	if (item == NULL || !nf_vault_entry_reserve(l->entry)) {
		(void)nf_diag_set(diag, r, NULL, "out of memory");
		goto out;
	}
	(void)snprintf(item->key.vault, sizeof(item->key.vault), "%s",
	    l->box->name);
	if ((r = nf_vault_record_read(text, l->entry->name, version, item,
	    diag)) == 0 && sequence_taken(l->entry, item->sequence))
		r = nf_diag_set(diag, NF_E_FORMAT, "sequence",
		    "another version has it too");
	if (r != 0) {
		nf_diag_where(diag, "%s", path);
		goto out;
	}
	nf_vault_entry_add(l->entry, item);
	item = NULL;
out:
	nf_vault_item_free(item);
	return r;
}

static int
load_file(void *arg, const char *dir, const char *name, struct nf_diag *diag)
{
	struct loading *l = arg;
	struct nf_buf text = NF_BUF_INIT;
	char path[NF_PATH_MAX], version[NF_VAULT_VERSION_LEN + 1];
	bool deletion = strcmp(name, DELETION) == 0;
	int r;

	if (!deletion && !version_ok(name))
		return strange(dir, name, diag);
	(void)snprintf(version, sizeof(version), "%.32s", name);
	if ((r = nf_path(path, diag, "%s/%s", dir, name)) != 0 ||
	    (r = nf_file_load(path, RECORD_MAX, &text, diag)) != 0)
		goto out;
	if (!deletion)
		r = load_record(l, path, version, nf_buf_view(&text), diag);
	else if ((r = nf_vault_deletion_read(nf_buf_view(&text), &l->when,
	    diag)) != 0)
		nf_diag_where(diag, "%s", path);
out:
	nf_buf_wipe(&text);
	return r;
}

static int
load_key(void *arg, const char *dir, const char *name, struct nf_diag *diag)
{
	struct loading *l = arg;
	struct nf_vault_set *set = &l->box->set[l->deleted];
	char path[NF_PATH_MAX], lower[NF_VAULT_NAME_MAX + 1];
	struct nf_vault_error err;
	int r = NF_E_NOMEM;

	if (!nf_vault_name(name, lower, &err) || strcmp(lower, name) != 0)
		return strange(dir, name, diag);
	l->when = 0;
	if ((l->entry = nf_vault_entry_new(name)) == NULL ||
	    !nf_vault_set_reserve(set)) {
		(void)nf_diag_set(diag, r, NULL, "out of memory");
		goto out;
	}
	if ((r = nf_path(path, diag, "%s/%s", dir, name)) != 0 ||
	    (r = each(path, load_file, l, diag)) != 0)
		goto out;
	/* A crash between the directory and its first file. */
	if (l->entry->n == 0)
		goto out;
	if (nf_vault_entry_find(&l->box->set[!l->deleted], name) != NULL)
		r = nf_diag_set(diag, NF_E_FORMAT, NULL,
		    "is among the deleted keys and among the others");
	else if (l->deleted && l->when == 0)
		r = nf_diag_set(diag, NF_E_FORMAT, NULL,
		    "is deleted without " DELETION);
	if (r != 0) {
		nf_diag_where(diag, "%s", path);
		goto out;
	}
	for (size_t i = 0; l->deleted && i < l->entry->n; i++)
		l->entry->item[i]->key.deleted = l->when;
	nf_vault_set_add(set, l->entry);
	l->entry = NULL;
out:
	nf_vault_entry_free(l->entry);
	return r;
}

static int
load_kind(void *arg, const char *dir, const char *name, struct nf_diag *diag)
{
	struct loading *l = arg;
	char path[NF_PATH_MAX];
	int r;

	l->deleted = strcmp(name, kinds[true]) == 0;
	if (!l->deleted && strcmp(name, kinds[false]) != 0)
		return strange(dir, name, diag);
	if ((r = nf_path(path, diag, "%s/%s", dir, name)) != 0)
		return r;
	return each(path, load_key, l, diag);
}

static int
load_vault(void *arg, const char *dir, const char *name, struct nf_diag *diag)
{
	struct loading l = { .v = arg };
	char path[NF_PATH_MAX], lower[NF_VAULT_NAME_MAX + 1];
	struct nf_vault_error err;
	int r;

	if (!nf_vault_name(name, lower, &err) || strcmp(lower, name) != 0)
		return strange(dir, name, diag);
	if ((l.box = nf_vault_box_make(l.v, name)) == NULL)
		return nf_diag_set(diag, NF_E_NOMEM, NULL, "out of memory");
	if ((r = nf_path(path, diag, "%s/%s", dir, name)) != 0)
		return r;
	return each(path, load_kind, &l, diag);
}

int
nf_vault_store_load(struct nf_vaults *v, struct nf_diag *diag)
{
	return each(v->dir, load_vault, v, diag);
}
