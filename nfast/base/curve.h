/* SPDX-License-Identifier: Apache-2.0 */
/* Named elliptic curves: nCore number, libcrypto name, domain parameters. */
#ifndef NF_BASE_CURVE_H
#define NF_BASE_CURVE_H

#include <stddef.h>
#include <stdint.h>

#include "nfast/base/buf.h"

/* Numbers of M_ECName that the project computes with. */
enum {
	NF_EC_P256 = 4,
	NF_EC_P384 = 5,
	NF_EC_P521 = 6,
	NF_EC_SECP256K1 = 22
};

struct nf_curve {
	uint32_t number;	/* ECName */
	const char *name;	/* nCore name, "NISTP256" */
	const char *group;	/* libcrypto group name */
	int nid;
	size_t field_bits;
	size_t field_bytes;
	size_t order_bits;
};

/* The curve of an ECName number, or NULL when it is not supported. */
const struct nf_curve *nf_curve_find(uint32_t number);

/* The same by nCore name, ignoring case. */
const struct nf_curve *nf_curve_named(const char *name);

/*
 * Append the domain parameter block of the nCore key hash:
 * S(0) S(0) S(bits) B(p) B(a) B(b) B(Gx) B(Gy) B(order) B(cofactor), where B
 * is little-endian, zero-padded to a multiple of 64 bytes (real).
 * Returns 0, NF_E_CRYPTO or NF_E_NOMEM.
 */
int nf_curve_hash_block(const struct nf_curve *curve, struct nf_buf *buf);

#endif
