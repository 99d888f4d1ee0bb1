/* SPDX-License-Identifier: Apache-2.0 */
/* Files and directories of the tests. */
#ifndef NF_TESTS_FILES_H
#define NF_TESTS_FILES_H

#include <ftw.h>

#include "tests/tap.h"

/* A new directory below the build directory; name is how its own begins. */
static inline void
nf_tap_dir(const char *name, char dir[static NF_PATH_MAX])
{
	const char *build = getenv("SW_BUILDDIR");

	ck_assert_int_eq(nf_path(dir, NULL, "%s/%s.XXXXXX",
	    build == NULL ? "." : build, name), 0);
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

static inline int
nf_tap_remove_one(const char *path, const struct stat *st, int type,
    struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

/* Remove a directory, if it is there, with all that is in it. */
static inline void
nf_tap_remove(const char *dir)
{
	if (access(dir, F_OK) == 0)
		ck_assert_int_eq(nftw(dir, nf_tap_remove_one, 16,
		    FTW_DEPTH | FTW_PHYS), 0);
}

/* A file of these bytes, which takes the place of another one. */
static inline void
nf_tap_put(const char *path, const void *p, size_t len)
{
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(p, 1, len, f), len);
	ck_assert_int_eq(fclose(f), 0);
}

#endif
