/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of an estate, one at a time: those named, those in named
 * directories and below, and those listed in a manifest.  Names of one
 * directory come sorted by their bytes, so the order is always the same.
 */
#ifndef NF_VERIFY_WALK_H
#define NF_VERIFY_WALK_H

#include <stdbool.h>

#include "nfast/base/cur.h"
#include "nfast/base/file.h"

#define NF_WALK_DEPTH_MAX	64	/* directories in directories */

struct nf_walk;

/*
 * Start a walk.
 *   path  n words, borrowed during the walk; a symbolic link among them is
 *         followed, those found in directories are not
 *   from  a file with a path a line, "-" for standard input, or NULL; its
 *         lines come after path, an empty line is skipped
 * Errors: NF_E_NOMEM, those of opening from.
 */
int nf_walk_new(char *const *path, size_t n, const char *from,
    struct nf_walk **out, struct nf_diag *diag);
void nf_walk_free(struct nf_walk *walk);

/*
 * The next file: 1 and its path, borrowed until the next call; or -1, a path
 * and in diag why it cannot be had (a directory that cannot be read, a line
 * that is too long); or 0 at the end.
 */
int nf_walk_next(struct nf_walk *walk, const char **path,
    struct nf_diag *diag);

/* Symbolic links that were found in directories and not followed. */
size_t nf_walk_links(const struct nf_walk *walk);

#endif
