/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Types and sizes of keys as method 2 and the services name them, and which
 * of them method 2 takes (real rules).
 */
#ifndef NF_TRANSFER_KEYTYPE_H
#define NF_TRANSFER_KEYTYPE_H

#include "nfast/base/curve.h"
#include "nfast/wire/keydata.h"

enum nf_xfer_kty {
	NF_XFER_RSA,
	NF_XFER_EC,
	NF_XFER_OCT
};

/*
 *   bits   of the modulus, the field, or the key
 *   curve  ECName (NF_EC_*) for EC, else 0
 */
struct nf_xfer_keytype {
	enum nf_xfer_kty kty;
	uint32_t bits;
	uint32_t curve;
};

/* The longest name of a type fits: "secp256k1", "RSA 4096", ... */
#define NF_XFER_KEYTYPE_MAX	32

/*
 * The type of a key: public, private or symmetric.
 * Returns 0 or NF_E_POLICY (neither RSA, EC, ECDSA nor AES).
 */
int nf_xfer_keytype_of(const struct nf_keydata *key,
    struct nf_xfer_keytype *out, struct nf_diag *diag);

/*
 * Check that method 2 transfers keys of this type and size: RSA of 2048,
 * 3072 or 4096 bits, EC on P-256, P-384, P-521 or P-256K, AES of 128, 192 or
 * 256 bits.
 * Returns 0 or NF_E_POLICY, the diag says what is taken instead.
 */
int nf_xfer_keytype_check(const struct nf_xfer_keytype *t,
    struct nf_diag *diag);

/* Equal in all that counts. */
bool nf_xfer_keytype_equal(const struct nf_xfer_keytype *a,
    const struct nf_xfer_keytype *b);

/* "P-256", "P-384", "P-521" or "P-256K", as the services spell it; NULL for
 * another curve. */
const char *nf_xfer_curve_name(uint32_t curve);

/* "RSA 2048", "EC P-256", "oct 256" into out, terminated. */
void nf_xfer_keytype_text(const struct nf_xfer_keytype *t,
    char out[static NF_XFER_KEYTYPE_MAX]);

/* The way back, for our own files.  False for any other text. */
bool nf_xfer_keytype_parse(const char *text, struct nf_xfer_keytype *out);

#endif
