/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "nfast/base/cli.h"
#include "nfast/base/seed.h"
#include "nfast/kmdata/store.h"

#define LOCK_NAME	".lock"
#define FIRST_CAP	64
#define GENUINE_DIR	"/opt/nfast/kmdata/local"
#define MARK_TEXT \
	"This directory was made by the secworld simulator.\n" \
	"Its world, modules, cards and keys protect nothing.\n"
#define MARK_SEED	MARK_TEXT NF_SEED_LINE

int
nf_km_store_dir(char out[static NF_PATH_MAX], struct nf_diag *diag)
{
	const char *s;

	if ((s = nf_cli_env("NFAST_KMLOCAL")) != NULL)
		return nf_path(out, diag, "%s", s);
	if ((s = nf_cli_env("NFAST_KMDATA")) != NULL)
		return nf_path(out, diag, "%s/local", s);
	if ((s = nf_cli_env("NFAST_HOME")) != NULL)
		return nf_path(out, diag, "%s/kmdata/local", s);
	return nf_path(out, diag, GENUINE_DIR);
}

static int
store_fail(struct nf_diag *diag, int code, const char *dir, const char *text)
{
	(void)nf_diag_set(diag, code, NULL, "%s", text);
	nf_diag_where(diag, "%s", dir);
	return code;
}

static int
errno_fail(struct nf_diag *diag, const char *dir)
{
	int e = errno;

	return store_fail(diag, e == ENOENT ? NF_E_NOTFOUND : NF_E_IO, dir,
	    strerror(e));
}

int
nf_km_store_may_make(const char *dir, struct nf_diag *diag)
{
	if (nf_cli_env("NFAST_KMLOCAL") != NULL ||
	    nf_cli_env("NFAST_KMDATA") != NULL ||
	    nf_cli_env("NFAST_HOME") != NULL)
		return 0;
	return store_fail(diag, NF_E_USAGE, dir, "a genuine world's place: "
	    "name the simulated one's by NFAST_KMDATA, NFAST_KMLOCAL or "
	    "NFAST_HOME");
}

/* Is the simulator's mark there? */
static int
find_mark(const char *dir, bool *found, struct nf_diag *diag)
{
	char path[NF_PATH_MAX];
	struct stat st;
	int r;

	*found = false;
	if ((r = nf_path(path, diag, "%s/%s", dir, NF_KM_STORE_MARK)) != 0)
		return r;
	if (lstat(path, &st) == 0)
		*found = S_ISREG(st.st_mode);
	else if (errno != ENOENT && errno != ENOTDIR)
		return errno_fail(diag, dir);
	return 0;
}

/* Nothing is there but what the simulator itself leaves behind. */
static int
check_empty(const char *dir, struct nf_diag *diag)
{
	struct dirent *e;
	DIR *d;
	int r = 0;

	if ((d = opendir(dir)) == NULL)
		return errno_fail(diag, dir);
	while (errno = 0, (e = readdir(d)) != NULL) {
		const char *s = e->d_name;

		if (strcmp(s, ".") != 0 && strcmp(s, "..") != 0 &&
		    strcmp(s, LOCK_NAME) != 0 &&
		    strncmp(s, NF_FILE_TEMP_PREFIX,
		    strlen(NF_FILE_TEMP_PREFIX)) != 0) {
			r = store_fail(diag, NF_E_POLICY, dir,
			    "holds files that the simulator did not make");
			break;
		}
	}
	if (r == 0 && errno != 0)
		r = errno_fail(diag, dir);
	(void)closedir(d);
	return r;
}

int
nf_km_store_mark(const char *dir, struct nf_diag *diag)
{
	const char *text = nf_seed_text() != NULL ? MARK_SEED : MARK_TEXT;
	char path[NF_PATH_MAX];
	bool found;
	int r;

	if ((r = find_mark(dir, &found, diag)) != 0 || found)
		return r;
	if ((r = nf_path(path, diag, "%s/%s", dir, NF_KM_STORE_MARK)) != 0 ||
	    (r = nf_dir_make(dir, diag)) != 0 ||
	    (r = check_empty(dir, diag)) != 0)
		return r;
	return nf_km_store_save(path, nf_view_of(text, strlen(text)), diag);
}

int
nf_km_store_check_mark(const char *dir, struct nf_diag *diag)
{
	char path[NF_PATH_MAX];
	struct stat st;
	bool found;
	int r;

	if ((r = nf_path(path, diag, "%s/%s", dir, NF_KM_STORE_WORLD)) != 0)
		return r;
	if (stat(dir, &st) != 0 ? errno == ENOTDIR : !S_ISDIR(st.st_mode))
		return store_fail(diag, NF_E_IO, dir, "not a directory");
	if (!nf_file_exists(path))
		return store_fail(diag, NF_E_NOTFOUND, dir,
		    "there is no security world");
	if ((r = find_mark(dir, &found, diag)) != 0)
		return r;
	if (!found)
		return store_fail(diag, NF_E_POLICY, dir,
		    "holds a world that the simulator did not make");
	return 0;
}

int
nf_km_store_lock(const char *dir, int *fd, struct nf_diag *diag)
{
	char path[NF_PATH_MAX];
	int r;

	*fd = -1;
	if ((r = nf_path(path, diag, "%s/%s", dir, LOCK_NAME)) != 0)
		return r;
	return nf_file_lock(path, NF_KM_STORE_LOCK_WAIT, fd, diag);
}

int
nf_km_store_key_path(const char *dir, const char *appname, const char *ident,
    char out[static NF_PATH_MAX], struct nf_diag *diag)
{
	if (!nf_km_appname_ok(nf_view_of(appname, strlen(appname))))
		return nf_diag_set(diag, NF_E_USAGE, "appname",
		    "1 to %d letters, digits and hyphens are allowed",
		    NF_KM_APP_MAX);
	if (!nf_km_ident_ok(nf_view_of(ident, strlen(ident))))
		return nf_diag_set(diag, NF_E_USAGE, "ident",
		    "1 to %d lower-case letters, digits and hyphens are "
		    "allowed", NF_KM_IDENT_MAX);
	return nf_path(out, diag, "%s/key_%s_%s", dir, appname, ident);
}

int
nf_km_store_save(const char *path, struct nf_view data, struct nf_diag *diag)
{
	return nf_file_write_atomic(path, 0600, data, diag);
}

/* Take key_APPNAME_IDENT apart; false for any other name. */
static bool
name_read(const char *name, struct nf_km_store_key *out)
{
	struct nf_view app, ident;
	const char *sep;

	if (strncmp(name, "key_", 4) != 0 ||
	    (sep = strchr(name + 4, '_')) == NULL)
		return false;
	app = nf_view_of(name + 4, (size_t)(sep - (name + 4)));
	ident = nf_view_of(sep + 1, strlen(sep + 1));
	if (!nf_km_appname_ok(app) || !nf_km_ident_ok(ident))
		return false;
	memset(out, 0, sizeof(*out));
	memcpy(out->appname, app.p, app.len);
	memcpy(out->ident, ident.p, ident.len);
	return true;
}

static int
list_add(struct nf_km_store_list *list, size_t *cap,
    const struct nf_km_store_key *key)
{
	struct nf_km_store_key *p;
	size_t n = *cap == 0 ? FIRST_CAP : *cap * 2;

	if (list->n == NF_KM_STORE_KEYS_MAX)
		return NF_E_FORMAT;
	if (list->n == *cap) {
		if ((p = reallocarray(list->key, n, sizeof(*p))) == NULL)
			return NF_E_NOMEM;
		list->key = p;
		*cap = n;
	}
	list->key[list->n++] = *key;
	return 0;
}

static int
key_cmp(const void *va, const void *vb)
{
	const struct nf_km_store_key *a = va, *b = vb;
	int r = strcmp(a->appname, b->appname);

	return r != 0 ? r : strcmp(a->ident, b->ident);
}

int
nf_km_store_list(const char *dir, struct nf_km_store_list *out,
    struct nf_diag *diag)
{
	struct nf_km_store_list list = { 0, NULL };
	struct nf_km_store_key key;
	struct dirent *e;
	size_t cap = 0;
	DIR *d = NULL;
	int r = 0;

	memset(out, 0, sizeof(*out));
	if ((d = opendir(dir)) == NULL)
		return errno_fail(diag, dir);
	while (errno = 0, (e = readdir(d)) != NULL) {
		if (name_read(e->d_name, &key) &&
		    (r = list_add(&list, &cap, &key)) != 0) {
			(void)store_fail(diag, r, dir, r == NF_E_NOMEM ?
			    "out of memory" : "holds too many keys");
			goto out;
		}
	}
	if (errno != 0) {
		r = errno_fail(diag, dir);
		goto out;
	}
	if (list.n > 0)
		qsort(list.key, list.n, sizeof(*list.key), key_cmp);

	*out = list;
	memset(&list, 0, sizeof(list));
out:
	(void)closedir(d);
	nf_km_store_list_free(&list);
	return r;
}

void
nf_km_store_list_free(struct nf_km_store_list *list)
{
	free(list->key);
	memset(list, 0, sizeof(*list));
}
