/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys on their way into method-2 packages, wherever they are: in the
 * simulated world, in a PKCS#11 token, or (for tests) in a PEM file.  What is
 * opened for the first key serves the next.
 */
#ifndef NF_TRANSFER_WRAPPER_H
#define NF_TRANSFER_WRAPPER_H

#include "transfer/p11.h"
#include "transfer/wrap2.h"

#define NF_WRAPPER_KEKS_MAX	16
#define NF_WRAPPER_SOURCE_MAX	256
#define NF_WRAPPER_NOTE_MAX	256
#define NF_WRAPPER_TOKENS_MAX	16	/* of PKCS#11, in one run */

enum nf_wrapper_kind {
	NF_WRAPPER_SIMULATED,	/* app and ident */
	NF_WRAPPER_P11,		/* select */
	NF_WRAPPER_PEM		/* path */
};

/* Where one key is; all is borrowed. */
struct nf_wrapper_key {
	enum nf_wrapper_kind kind;
	const char *app, *ident;
	const struct nf_p11_select *select;
	const char *path;
};

/*
 * What was wrapped, or would be.
 *   has_hash    hash is the key's nCore hash
 *   source      for the generator: "simulated ESN", maker and firmware, ...
 *   note        a warning in one sentence, or ""
 *   ciphertext  C1 | C2; empty when it was only looked at
 */
struct nf_wrapper_result {
	struct nf_xfer_keytype type;
	bool has_hash;
	uint8_t hash[NF_HASH_LEN];
	char source[NF_WRAPPER_SOURCE_MAX];
	char note[NF_WRAPPER_NOTE_MAX];
	struct nf_buf ciphertext;
};
void nf_wrapper_result_wipe(struct nf_wrapper_result *r);

struct nf_wrapper;

/*
 *   pin       for PKCS#11 tokens
 *   progress  told about each administrator card, may be NULL
 * NULL: out of memory.  Close with nf_wrapper_close().
 */
struct nf_wrapper *nf_wrapper_new(const struct nf_p11_pin *pin,
    void (*progress)(const char *line));
void nf_wrapper_close(struct nf_wrapper *w);

/*
 * Make the simulated world ready to wrap this key, of NF_WRAPPER_SIMULATED,
 * under a KEK: reads the quorum of administrator cards, once for each KEK.
 * Before workers are forked, so that they have it; else nf_wrapper_wrap()
 * does it.  For a key that cannot be wrapped no card is asked for, and its
 * own turn says why.
 *   kek  NULL: only keys will be looked at, and no card is asked for
 */
int nf_wrapper_prepare(struct nf_wrapper *w, const struct nf_wrapper_key *key,
    const struct nf_kekpem *kek, struct nf_diag *diag);

/*
 * Would the key be wrapped?  Touches no card and changes nothing.  A token
 * that could not be opened is not tried again: a wrong PIN counts once.
 *   out  wipe in every case
 * Errors: NF_E_POLICY, NF_E_REFUSED, NF_E_NOTFOUND, ... with what to change.
 */
int nf_wrapper_look(struct nf_wrapper *w, const struct nf_wrapper_key *key,
    struct nf_wrapper_result *out, struct nf_diag *diag);

/* As nf_p11_list(), in the session that wraps. */
int nf_wrapper_list(struct nf_wrapper *w, const struct nf_p11_select *select,
    const struct nf_p11_list *list, struct nf_diag *diag);

/* Wrap the key under the KEK.  Otherwise as above. */
int nf_wrapper_wrap(struct nf_wrapper *w, const struct nf_wrapper_key *key,
    const struct nf_kekpem *kek, struct nf_wrapper_result *out,
    struct nf_diag *diag);

#endif
