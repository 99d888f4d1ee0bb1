/* SPDX-License-Identifier: Apache-2.0 */
/*
 * KeyData: a key as numbers (real).  One table says which fields a type has;
 * reader and writer walk it.  Custom curves are refused.
 */
#ifndef NF_WIRE_KEYDATA_H
#define NF_WIRE_KEYDATA_H

#include <openssl/types.h>

#include "nfast/wire/prim.h"

#define NF_KEYDATA_NUMS		6
#define NF_KEYDATA_NUM_MAX	2048	/* bytes of one number or block */

/* Positions of the fields in nf_keydata.v. */
enum { NF_RSA_E, NF_RSA_N };
enum { NF_RSAP_P, NF_RSAP_Q, NF_RSAP_DMP1, NF_RSAP_DMQ1, NF_RSAP_IQMP,
	NF_RSAP_E };
enum { NF_DSA_P, NF_DSA_Q, NF_DSA_G, NF_DSA_Y, NF_DSA_X = NF_DSA_Y };
enum { NF_ECPUB_X, NF_ECPUB_Y };
enum { NF_ECPRIV_D };
enum { NF_SYM_K };

/*
 * A key.  Views are little-endian numbers (or raw bytes for symmetric keys),
 * borrowed from what was read.
 *   curve  ECName for the EC types, else 0
 */
struct nf_keydata {
	uint32_t type;
	uint32_t curve;
	struct nf_view v[NF_KEYDATA_NUMS];
};

enum nf_keykind {
	NF_KIND_UNKNOWN,
	NF_KIND_PUBLIC,
	NF_KIND_PRIVATE,
	NF_KIND_SYMMETRIC
};

/* What a key type is. */
enum nf_keykind nf_wire_keykind(uint32_t type);

/* The public type of a private type; 0 when there is none. */
uint32_t nf_wire_public_type(uint32_t type);

/* The type has a curve. */
bool nf_wire_key_is_ec(uint32_t type);

/* Read a KeyData.  Unknown types fail with NF_E_FORMAT, field "keytype". */
void nf_wire_keydata_read(struct nf_cur *cur, struct nf_keydata *out);

/* Write one; an unknown type makes buf fail with NF_E_INTERNAL. */
void nf_wire_keydata_write(struct nf_buf *buf, const struct nf_keydata *key);

/*
 * Size in bits as people name it: modulus, p, field, or key bits; 0 when not
 * known.
 */
size_t nf_wire_keydata_bits(const struct nf_keydata *key);

/*
 * The libcrypto key of a public KeyData; free with EVP_PKEY_free().
 * Returns 0, NF_E_FORMAT (bounds of nfast/base/pkey.h, or not a public RSA,
 * DSA, EC or ECDSA key) or NF_E_CRYPTO.
 */
int nf_wire_keydata_pkey(const struct nf_keydata *key, EVP_PKEY **out,
    struct nf_diag *diag);

/*
 * The nCore key hash of a public or symmetric key (real: reproduces every
 * published one).  Private keys have the hash of their public half, which the
 * caller must give.
 * Returns 0, NF_E_FORMAT (no hash rule for this type; RSA exponent above 32
 * bits) or NF_E_CRYPTO.
 */
int nf_wire_keyhash(const struct nf_keydata *key,
    uint8_t out[static NF_HASH_LEN], struct nf_diag *diag);

#endif
