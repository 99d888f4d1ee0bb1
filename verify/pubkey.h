/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Public keys that sign transcripts: PEM files as openssl writes them, and
 * the one signature algorithm that belongs to each type of key.  Ours, in
 * formats of others (RFC 7468, RFC 5480, RFC 8410).
 */
#ifndef NF_VERIFY_PUBKEY_H
#define NF_VERIFY_PUBKEY_H

#include <openssl/types.h>

#include "nfast/base/cur.h"

/* A DER signature of P-521 is 139 bytes, one of Ed25519 64. */
#define NF_VFY_SIG_MAX		256

/*
 * How a type of key signs: there is no choice of hash.
 *   name  "Ed25519", "ECDSA P-256", ...
 *   md    libcrypto's and, with a dash before it, openssl dgst's name of the
 *         hash; NULL for Ed25519, which signs the message in one piece
 */
struct nf_vfy_sigalg {
	const char *name;
	const char *md;
};

/*
 * The algorithm of a key: Ed25519, or ECDSA on P-256, P-384 or P-521.
 *   out  a constant; NULL unless 0 is returned
 * Returns 0, NF_E_POLICY for others, NF_E_CRYPTO.
 */
int nf_vfy_sigalg_of(const EVP_PKEY *key, const struct nf_vfy_sigalg **out,
    struct nf_diag *diag);

/*
 * Read a PEM file that holds one public key and nothing else: BEGIN PUBLIC
 * KEY (SPKI), canonical base64.  The type of the key is not checked here.
 *   out  to free by EVP_PKEY_free(); NULL unless 0 is returned
 * Returns 0, NF_E_POLICY (a private key, a certificate), NF_E_FORMAT,
 * NF_E_NOMEM or NF_E_CRYPTO.  No byte of the input is in the diag.
 */
int nf_vfy_pubkey_read(struct nf_view pem, EVP_PKEY **out,
    struct nf_diag *diag);

/* The same from a file: also NF_E_NOTFOUND and NF_E_IO. */
int nf_vfy_pubkey_load(const char *path, EVP_PKEY **out,
    struct nf_diag *diag);

#endif
