/* SPDX-License-Identifier: Apache-2.0 */
/* nfkminfo -c and -s: card sets and softcards, and whose keys they hold. */
#ifndef NF_TOOLS_TOKENINFO_H
#define NF_TOOLS_TOKENINFO_H

#include "nfast/base/buf.h"
#include "nfast/kmdata/keyfile.h"

/*
 * Append the list, or one of them when word (a name or hash) is not NULL.
 *   *bad  set when a file could not be read
 * Errors: those of nf_optoken_list() and nf_optoken_find().
 */
int nf_tokeninfo(struct nf_buf *out, const char *dir, bool soft,
    const char *word, bool *bad, struct nf_diag *diag);

/* "Module", "CardSet" or "PassPhrase" (softcard), as key flags name it. */
const char *nf_tokeninfo_protection(const struct nf_km_key *key);

/* A line " cardset HKLTU `NAME'" for a key under one; else nothing. */
void nf_tokeninfo_key(struct nf_buf *out, const char *dir,
    const struct nf_km_key *key);

/* The directory has a card set whose hash starts with these
 * NF_SHORTHASH_LEN bytes. */
bool nf_tokeninfo_known(const char *dir, const uint8_t *hkt);

#endif
