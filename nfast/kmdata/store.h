/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The local store, kmdata/local: where it is, what its files are called, and
 * which key files it has.  Places and file names are real; the mark
 * ".secworld-simulated" and the lock file ".lock" are ours.  The simulator
 * writes only into a directory that bears its mark.
 */
#ifndef NF_KMDATA_STORE_H
#define NF_KMDATA_STORE_H

#include <stddef.h>

#include "nfast/base/cur.h"
#include "nfast/base/file.h"
#include "nfast/kmdata/keyfile.h"

#define NF_KM_STORE_KEYS_MAX	65536
#define NF_KM_STORE_LOCK_WAIT	10	/* seconds */
#define NF_KM_STORE_MARK	".secworld-simulated"
#define NF_KM_STORE_WORLD	"world"

/* A key file's name, taken apart. */
struct nf_km_store_key {
	char appname[NF_KM_APP_MAX + 1];
	char ident[NF_KM_IDENT_MAX + 1];
};

/* Sorted by appname, then ident. */
struct nf_km_store_list {
	size_t n;
	struct nf_km_store_key *key;
};

/*
 * The store's directory: $NFAST_KMLOCAL, else $NFAST_KMDATA/local, else
 * $NFAST_HOME/kmdata/local, else /opt/nfast/kmdata/local; an empty variable
 * counts as unset.  Returns 0 or NF_E_USAGE (too long).  It need not exist.
 */
int nf_km_store_dir(char out[static NF_PATH_MAX], struct nf_diag *diag);

/*
 * Whether a new world may be made there: the directory of genuine software is
 * no place for one unless NFAST_KMLOCAL, NFAST_KMDATA or NFAST_HOME names it.
 * Returns 0 or NF_E_USAGE.
 */
int nf_km_store_may_make(const char *dir, struct nf_diag *diag);

/*
 * Make the directory the simulator's own: create it when missing and put the
 * mark into it.  A marked one stays as it is.  Lock file and temporary files
 * of the simulator do not count as contents.
 * Returns 0, NF_E_POLICY (it holds files that the simulator did not make) or
 * NF_E_IO.
 */
int nf_km_store_mark(const char *dir, struct nf_diag *diag);

/*
 * Whether the directory holds a world that the simulator made.
 * Returns 0, NF_E_NOTFOUND (nothing of the name, or no world in it), NF_E_IO
 * (it is no directory) or NF_E_POLICY (a world without the mark).
 */
int nf_km_store_check_mark(const char *dir, struct nf_diag *diag);

/*
 * Take the store's lock, waiting NF_KM_STORE_LOCK_WAIT seconds; close(*fd)
 * releases it.  Returns 0, NF_E_BUSY or NF_E_IO; *fd is -1 on failure.
 */
int nf_km_store_lock(const char *dir, int *fd, struct nf_diag *diag);

/*
 * The path of key_APPNAME_IDENT.
 * Returns 0 or NF_E_USAGE (diag: field "appname" or "ident").
 */
int nf_km_store_key_path(const char *dir, const char *appname,
    const char *ident, char out[static NF_PATH_MAX], struct nf_diag *diag);

/*
 * Save a file of the store: atomic, mode 0600; an existing one is replaced.
 * Returns 0 or NF_E_IO.
 */
int nf_km_store_save(const char *path, struct nf_view data,
    struct nf_diag *diag);

/*
 * The key files of the store by their names; other names are skipped and no
 * file is opened.
 *   out  zeroed on failure; free with nf_km_store_list_free()
 * Returns 0 (also for an empty store), NF_E_NOTFOUND (no directory), NF_E_IO,
 * NF_E_FORMAT (more than NF_KM_STORE_KEYS_MAX) or NF_E_NOMEM.
 */
int nf_km_store_list(const char *dir, struct nf_km_store_list *out,
    struct nf_diag *diag);

/* Free the names and make the list empty. */
void nf_km_store_list_free(struct nf_km_store_list *list);

#endif
