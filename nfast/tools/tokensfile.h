/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of preloaded keys that NFAST_NFKM_TOKENSFILE names.  The name of
 * the variable is real; the file's content is ours: with a server, a first
 * line "client HEX", the id by which others join preload's client (whoever
 * reads it has the keys, so that nobody else may read the file); then lines
 * "key APP IDENT ID MODULE", ID and MODULE decimal, MODULE 0 for a key of
 * several modules.
 */
#ifndef NF_TOOLS_TOKENSFILE_H
#define NF_TOOLS_TOKENSFILE_H

#include "nfast/host/host.h"
#include "nfast/kmdata/store.h"

#define NF_TOKENSFILE_ENV	"NFAST_NFKM_TOKENSFILE"
#define NF_TOKENSFILE_MAX	1024	/* keys */

struct nf_loaded {
	struct nf_km_store_key name;
	uint32_t id;
	uint32_t module;
};

/*
 *   joins  client is the id to join with
 */
struct nf_tokensfile {
	bool joins;
	uint8_t client[NF_HASH_LEN];
	struct nf_loaded *list;
	size_t n;
};

/* Append a line. */
void nf_tokensfile_put_client(struct nf_buf *buf,
    const uint8_t id[static NF_HASH_LEN]);
void nf_tokensfile_put(struct nf_buf *buf, const struct nf_loaded *key);

/*
 * Load the file.  Wipe in every case.
 * Errors: those of nf_file_load(), NF_E_FORMAT (diag: the line).
 */
int nf_tokensfile_load(const char *path, struct nf_tokensfile *out,
    struct nf_diag *diag);
void nf_tokensfile_wipe(struct nf_tokensfile *file);

/*
 * Make a fresh connection one of the file's client, when it says so.
 * NF_E_REFUSED (ClientUnknown: preload ended, or the server was started anew).
 */
int nf_tokensfile_join(const struct nf_tokensfile *file, struct nf_host *host,
    struct nf_diag *diag);

#endif
