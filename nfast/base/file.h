/* SPDX-License-Identifier: Apache-2.0 */
/* Files: bounded reading, atomic and durable writing, locks. */
#ifndef NF_BASE_FILE_H
#define NF_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "nfast/base/buf.h"
#include "nfast/base/err.h"

struct stat;

#define NF_PATH_MAX	4096

/* How temporary files start, which a crash may leave. */
#define NF_FILE_TEMP_PREFIX	".secworld."

/*
 * Append a whole regular file of at most max bytes to buf.
 * Errors: NF_E_NOTFOUND, NF_E_IO (unreadable, a directory), NF_E_FORMAT
 * (larger than max: buf has how it begins), NF_E_NOMEM.  The diag names the
 * path.
 */
int nf_file_load(const char *path, size_t max, struct nf_buf *buf,
    struct nf_diag *diag);

/*
 * Write a file so that a crash leaves the old one or the new one: temporary
 * file in the same directory, fsync, rename, fsync of the directory.
 *   mode  permission bits of the new file
 * An existing file is replaced.  Errors: NF_E_IO.
 */
int nf_file_write_atomic(const char *path, mode_t mode, struct nf_view data,
    struct nf_diag *diag);

/* As above, but an existing file stays and gives NF_E_EXISTS. */
int nf_file_write_new(const char *path, mode_t mode, struct nf_view data,
    struct nf_diag *diag);

/* Remove a file durably; one that is not there is no error. */
int nf_file_remove(const char *path, struct nf_diag *diag);

/* Make the entry of a file in its directory durable.  NF_E_IO. */
int nf_file_sync_parent(const char *path, struct nf_diag *diag);

/*
 * A file of that name exists, of any kind; also when that cannot be told, as
 * then nothing must be made in its place.
 */
bool nf_file_exists(const char *path);

/* Both are there, and are one file: what is read must not be replaced. */
bool nf_file_same(const char *a, const char *b);

/*
 * An open file is what it was at a former fstat(), by size and times: what
 * was read twice is one file.  NF_E_IO.
 */
int nf_file_unchanged(int fd, const struct stat *was, struct nf_diag *diag);

/* Create a directory (mode 0700) and its missing parents.  NF_E_IO. */
int nf_dir_make(const char *path, struct nf_diag *diag);

/* The directory is missing or known to have no entries. */
bool nf_dir_empty(const char *path);

/*
 * Take the exclusive lock on a file, which is created (0600) when missing.
 * Waits up to wait_seconds.  The lock ends with the process or with close.
 *   fd  the descriptor to close; -1 on failure
 * Errors: NF_E_BUSY, NF_E_IO.
 */
int nf_file_lock(const char *path, unsigned int wait_seconds, int *fd,
    struct nf_diag *diag);

/*
 * Join with snprintf into out[NF_PATH_MAX].  Returns 0, or NF_E_USAGE when
 * the path is too long.
 */
int nf_path(char out[static NF_PATH_MAX], struct nf_diag *diag,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
