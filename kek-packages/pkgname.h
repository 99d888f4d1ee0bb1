/* SPDX-License-Identifier: Apache-2.0 */
/* The names of package files, as documents spell them. */
#ifndef NF_KEK_PKGNAME_H
#define NF_KEK_PKGNAME_H

#include "nfast/base/file.h"

/*
 * The file that a user means.  The articles spell some codes in two ways
 * (FRANCE and France), which was one file on the original's systems.
 *   path  as typed
 *   out   path when such a file exists; else the only file of that directory
 *         whose name differs in the case of letters alone; else path; empty
 *         when path does not fit
 */
void nf_kek_pkg_name(const char *path, char out[static NF_PATH_MAX]);

#endif
