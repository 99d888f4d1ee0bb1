/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CipherText and PlainText (frame real; encryption variants from one public
 * source), and the verification of a signature in a CipherText.
 */
#ifndef NF_WIRE_CIPHER_H
#define NF_WIRE_CIPHER_H

#include "nfast/base/digest.h"
#include "nfast/wire/keydata.h"

#define NF_PLAIN_MAX	16384

/*
 * A ciphertext or signature; views are borrowed.
 *   v[0], v[1]  r and s (DSA, ECDSA); v[0] number m (RSA), raw hash, or the
 *               bytes of a block cipher
 *   iv          raw block, or the OAEP label
 *   header      of GCM: authenticated, not encrypted
 */
struct nf_cipher {
	uint32_t mech;
	struct nf_view v[2];
	struct nf_view iv;
	struct nf_view header;
};

struct nf_plain {
	uint32_t type;		/* NF_PLAIN_* */
	struct nf_view v;	/* bytes, number (little-endian) or hash */
};

/* Unknown mechanisms fail with NF_E_FORMAT, field "mech". */
void nf_wire_cipher_read(struct nf_cur *cur, struct nf_cipher *out);
void nf_wire_cipher_write(struct nf_buf *buf, const struct nf_cipher *c);
void nf_wire_plain_read(struct nf_cur *cur, struct nf_plain *out);
void nf_wire_plain_write(struct nf_buf *buf, const struct nf_plain *p);

/* How a signature mechanism works. */
struct nf_sigmech {
	uint32_t mech;
	enum nf_sigfamily {
		NF_SIG_DSA,
		NF_SIG_ECDSA,
		NF_SIG_RSA_PKCS1,
		NF_SIG_RSA_PSS
	} family;
	enum nf_digest digest;
};

/* NULL when mech is no supported signature mechanism. */
const struct nf_sigmech *nf_wire_sigmech(uint32_t mech);

/* The mechanism with which a key of this type and size signs certificates:
 * DSA-1024 10, DSA-3072 170, ECDSA P-521 187; 0 for other keys (real). */
uint32_t nf_wire_cert_mech(const struct nf_keydata *key);

/*
 * Verify a signature over one message.
 *   pkey  the libcrypto key of key (nf_wire_keydata_pkey), borrowed
 *   mech  the one mechanism that is acceptable here; a CipherText with
 *         another is refused and never tried
 * Returns 0, NF_E_VERIFY (diag), NF_E_CRYPTO.
 * DSA and ECDSA only: the certificates of the format use no other.
 */
int nf_wire_sig_verify(const struct nf_keydata *key, EVP_PKEY *pkey,
    uint32_t mech, struct nf_view msg, const struct nf_cipher *sig,
    struct nf_diag *diag);

/* The same with a context from nf_pkey_verifier_new(), for many of them. */
int nf_wire_sig_verify_by(const struct nf_keydata *key,
    EVP_PKEY_CTX *verifier, uint32_t mech, struct nf_view msg,
    const struct nf_cipher *sig, struct nf_diag *diag);

#endif
