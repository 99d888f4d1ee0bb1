/* SPDX-License-Identifier: Apache-2.0 */
/* Public keys in null-key blobs, and the signature texts they verify. */
#ifndef NF_HOST_SIGNED_H
#define NF_HOST_SIGNED_H

#include "nfast/base/buf.h"
#include "nfast/wire/keydata.h"

/*
 * The public key of a blob under the null key, with its hash.
 *   bytes  empty; backs pub
 *   name   of the entry, for the diag
 * Errors: NF_E_FORMAT, NF_E_CRYPTO.
 */
int nf_signed_public(struct nf_view blob, const char *name,
    struct nf_buf *bytes, struct nf_keydata *pub,
    uint8_t hash[static NF_HASH_LEN], struct nf_diag *diag);

/*
 * Verify a signature text with the one mechanism that keys of this kind sign
 * certificates with.
 * Returns 0, NF_E_FORMAT, NF_E_VERIFY, NF_E_CRYPTO; the diag names the entry.
 */
int nf_signed_verify(const struct nf_keydata *key, struct nf_view text,
    struct nf_view msg, const char *name, struct nf_diag *diag);

#endif
