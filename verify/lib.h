/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The objects of libsecworld and how its functions begin and end.  Internal
 * to lib*.c: the interface is in secworld/, and nothing in here crosses it.
 * The library is a thin face of verify/audit.h, the writers of verdicts and
 * the readers of kmdata; it judges nothing itself.
 */
#ifndef NF_VERIFY_LIB_H
#define NF_VERIFY_LIB_H

#include <stdbool.h>

#include "kek-packages/regions.h"
#include "nfast/kmdata/keyfile.h"
#include "verify/aclfile.h"
#include "verify/options.h"
#include "verify/secworld/error.h"
#include "verify/verdict.h"

struct sw_diag {
	struct nf_diag d;
};

struct sw_options {
	struct nf_vfy_roots roots;
	struct nf_vfy_kwarn kwarn;
	struct nf_kekpem kek;
	const struct nf_kek_region *region;	/* NULL: told by the name */
	bool has_kek, strict, accept_unanchored;
};

/* diag counts when has_diag: then the verdict has a kind and a hash only. */
struct sw_result {
	struct nf_vfy_verdict v;
	struct sw_diag diag;
	bool has_diag;
	char *name;
	int exit;
};

#define NF_LIB_KEY_TEXTS	5	/* enum sw_key_text */

/*
 * What was read; f backs it all.
 *   key   counts when has_key; of a bundle (is_att) its hash alone
 *   text  NULL where there is none
 *   cert  the entries that are messages of module certificates
 */
struct sw_file {
	struct nf_vfy_aclfile f;
	const char *kind;
	uint8_t sha256[32];
	bool has_key, is_att;
	struct nf_km_key key;
	char *text[NF_LIB_KEY_TEXTS];
	size_t n_certs, cert[NF_KM_ENTRIES_MAX];
};

/*
 * Start of a function that may fail.
 *   diag  emptied; may be NULL
 *   d     for what is called; emptied
 * Returns 0 or NF_E_CRYPTO.
 */
int nf_lib_begin(struct sw_diag *diag, struct nf_diag *d);

/* Its end: tell what happened, leave no error in libcrypto's queue; r. */
int nf_lib_end(struct sw_diag *diag, const struct nf_diag *d, int r);

/* Wrong use, as a whole function; NF_E_USAGE. */
int nf_lib_usage(struct sw_diag *diag, const char *field, const char *text);

/*
 * Give a text to the caller, ended by a NUL.
 *   buf  empty afterwards
 *   len  may be NULL
 * Returns 0 or the buffer's error, in d.
 */
int nf_lib_give(struct nf_buf *buf, char **out, size_t *len,
    struct nf_diag *d);

/* Hand what has gathered to the caller's function; buf is empty then. */
int nf_lib_flush(struct nf_buf *buf, sw_write_fn *write, void *arg,
    struct nf_diag *d);

#endif
