/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of preloaded keys that NFAST_NFKM_TOKENSFILE names.  The name of
 * the variable is real; the file's content is ours: lines "key APP IDENT ID",
 * ID decimal.
 */
#ifndef NF_TOOLS_TOKENSFILE_H
#define NF_TOOLS_TOKENSFILE_H

#include "nfast/kmdata/store.h"

#define NF_TOKENSFILE_ENV	"NFAST_NFKM_TOKENSFILE"
#define NF_TOKENSFILE_MAX	1024	/* keys */

struct nf_loaded {
	struct nf_km_store_key name;
	uint32_t id;
};

/* Append a line. */
void nf_tokensfile_put(struct nf_buf *buf, const struct nf_loaded *key);

/*
 * Load the file.
 *   out  new, free() it; NULL unless 0 is returned
 * Errors: those of nf_file_load(), NF_E_FORMAT (diag: the line).
 */
int nf_tokensfile_load(const char *path, struct nf_loaded **out, size_t *n,
    struct nf_diag *diag);

#endif
