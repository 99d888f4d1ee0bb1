/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Public keys from raw numbers, and verification.  Numbers are little-endian
 * as on the wire and are bounded here, because libcrypto accepts nonsense.
 * No private key and no signing: those are the module's.
 */
#ifndef NF_BASE_PKEY_H
#define NF_BASE_PKEY_H

#include <openssl/types.h>

#include "nfast/base/cur.h"
#include "nfast/base/curve.h"
#include "nfast/base/digest.h"

#define NF_RSA_BITS_MIN	1024
#define NF_RSA_BITS_MAX	16384

/* Bits of a little-endian number; leading zero bytes do not count. */
size_t nf_le_bits(struct nf_view v);

/* Bytes of a little-endian number without its zero top bytes. */
struct nf_view nf_le_trim(struct nf_view v);

/* -1, 0 or 1. */
int nf_le_cmp(struct nf_view a, struct nf_view b);

/*
 * Build a public key.
 *   RSA  n of 1024..16384 bits and odd, e odd and >= 3, at most 64 bits
 *   DSA  p 1024 with q 160, p 2048 with q 224 or 256, p 3072 with q 256;
 *        1 < g < p, 1 < y < p
 *   EC   x and y below 2^field_bits; the point is on the curve
 * Returns 0 with *out to free by EVP_PKEY_free(), NF_E_FORMAT (diag: field)
 * or NF_E_CRYPTO.
 */
int nf_pkey_rsa(struct nf_view e, struct nf_view n, EVP_PKEY **out,
    struct nf_diag *diag);
int nf_pkey_dsa(struct nf_view p, struct nf_view q, struct nf_view g,
    struct nf_view y, EVP_PKEY **out, struct nf_diag *diag);
int nf_pkey_ec(const struct nf_curve *curve, struct nf_view x,
    struct nf_view y, EVP_PKEY **out, struct nf_diag *diag);

/*
 * Verify an RSASSA-PKCS1-v1_5 signature.
 *   digest  nf_digest_size(alg) bytes
 *   sig     big-endian, modulus length
 * Returns 0, NF_E_VERIFY or NF_E_CRYPTO.
 */
int nf_pkey_verify_pkcs1(EVP_PKEY *key, enum nf_digest alg,
    const uint8_t *digest, struct nf_view sig, struct nf_diag *diag);

/*
 * Verify a DSA or ECDSA signature over a digest of which the leftmost bits
 * of the group order count.
 *   r, s    little-endian; 0 and values not below the order q are refused
 *   q_bits  bits of the group order
 * Returns 0, NF_E_VERIFY or NF_E_CRYPTO.
 */
int nf_pkey_verify_rs(EVP_PKEY *key, const uint8_t *digest,
    size_t digest_len, struct nf_view r, struct nf_view s, size_t q_bits,
    struct nf_diag *diag);

/*
 * The same for a key that verifies often: a context made once, to free by
 * EVP_PKEY_CTX_free(), and the verification with it.
 */
int nf_pkey_verifier_new(EVP_PKEY *key, EVP_PKEY_CTX **out,
    struct nf_diag *diag);
int nf_pkey_verifier_rs(EVP_PKEY_CTX *verifier, const uint8_t *digest,
    size_t digest_len, struct nf_view r, struct nf_view s, size_t q_bits,
    struct nf_diag *diag);

#endif
