/* SPDX-License-Identifier: Apache-2.0 */
/* Digests and HMAC; each algorithm is fetched once in a process. */
#ifndef NF_BASE_DIGEST_H
#define NF_BASE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/types.h>

#include "nfast/base/cur.h"

enum nf_digest {
	NF_SHA1,
	NF_SHA224,
	NF_SHA256,
	NF_SHA384,
	NF_SHA512
};

#define NF_DIGEST_MAX	64

/* 20, 28, 32, 48 or 64 bytes. */
size_t nf_digest_size(enum nf_digest alg);

/* "SHA1", ...: libcrypto's name. */
const char *nf_digest_name(enum nf_digest alg);

/* The fetched algorithm, borrowed; NULL when libcrypto refuses it. */
const EVP_MD *nf_digest_md(enum nf_digest alg);

/*
 * Digest of n views one after the other.
 *   out  nf_digest_size(alg) bytes
 * Returns 0 or NF_E_CRYPTO.
 */
int nf_digest_of(enum nf_digest alg, const struct nf_view *v, size_t n,
    uint8_t *out);

/* HMAC of n views; out as above.  Returns 0 or NF_E_CRYPTO. */
int nf_hmac_of(enum nf_digest alg, struct nf_view key,
    const struct nf_view *v, size_t n, uint8_t *out);

#endif
