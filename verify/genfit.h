/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a key is sound, and the one that a certificate was made for. */
#ifndef NF_VERIFY_GENFIT_H
#define NF_VERIFY_GENFIT_H

#include "nfast/wire/modcert.h"

/*
 * A public key has the bounds of nfast/base/pkey.h; the points of EC, ECDSA,
 * ECDH and ECDHLax keys are on their curves.
 * Returns 0, NF_E_FORMAT (also for other types) or NF_E_CRYPTO.
 */
int nf_vfy_pub_sound(const struct nf_keydata *key, struct nf_diag *diag);

/*
 * Type, size or curve, given exponent and hash of a key-generation
 * certificate are those of a public key.
 *   hash  of pub
 * Returns 0 or NF_E_MISMATCH.
 */
int nf_vfy_gen_fits(const struct nf_keygen_cert *gen,
    const struct nf_keydata *pub, const uint8_t hash[static NF_HASH_LEN],
    struct nf_diag *diag);

#endif
