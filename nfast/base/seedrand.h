/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Randomness from a seed.  A provider of ours gives libcrypto its one random
 * generator, so that key generation, the nonces of DSA and ECDSA, OAEP and
 * blinding all come from NFSIM_INSECURE_SEED.  The stream is HMAC-SHA256 in
 * counter mode under a key that each thread has; binding the key to what is
 * about to be done keeps two operations from having one nonce.  Without a
 * seed every function here does nothing.
 */
#ifndef NF_BASE_SEEDRAND_H
#define NF_BASE_SEEDRAND_H

#include <stddef.h>

#include "nfast/base/cur.h"
#include "nfast/base/err.h"

/*
 * Let libcrypto draw from the seed, when there is one.  Has to come before
 * its first random number; later calls do nothing.
 * Returns 0 or NF_E_CRYPTO (libcrypto has its generator already).
 */
int nf_seed_start(struct nf_diag *diag);

/*
 * Begin this thread's stream anew from the seed, label and n views; the same
 * ones give the same stream.
 */
int nf_seed_bind(const char *label, const struct nf_view *v, size_t n,
    struct nf_diag *diag);

/* Continue this thread's stream as one that these bytes have a part in. */
int nf_seed_mix(struct nf_view v, struct nf_diag *diag);

#endif
