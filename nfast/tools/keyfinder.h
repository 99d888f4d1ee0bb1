/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The key finder (ours): the keys of a kmdata/local directory, and which of
 * them method 1 could take.  Reads files only: no module, no world needed.
 */
#ifndef NF_TOOLS_KEYFINDER_H
#define NF_TOOLS_KEYFINDER_H

#include <stdbool.h>

#include "nfast/base/buf.h"
#include "nfast/base/err.h"

/*
 * Append what there is to know about the keys of the directory.
 *   app    only those of this application, or NULL
 *   ident  only this key, or NULL
 *   *bad   set when a key file could not be read or is damaged
 * Returns 0 or the errors of nf_km_store_list(); NF_E_NOTFOUND when an ident
 * was given and no file has it.
 */
int nf_keyfinder(struct nf_buf *out, const char *dir, const char *app,
    const char *ident, bool *bad, struct nf_diag *diag);

#endif
