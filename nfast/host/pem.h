/* SPDX-License-Identifier: Apache-2.0 */
/* Private keys from PEM files, and as numbers for the Import command. */
#ifndef NF_HOST_PEM_H
#define NF_HOST_PEM_H

#include <openssl/types.h>

#include "nfast/base/buf.h"
#include "nfast/base/tty.h"
#include "nfast/wire/keydata.h"

/*
 * Where the passphrase of an encrypted key comes from.
 *   ask  fill a line, which is wiped afterwards; returns 0 or an error
 */
struct nf_pem_pass {
	int (*ask)(void *arg, struct nf_tty_line *line, struct nf_diag *diag);
	void *arg;
};

/*
 * Read the one private key of a file, of any type, whose numbers belong
 * together.  Blocks as in nf_pem_load(), and encrypted PKCS#8.
 *   pass  NULL: an encrypted key is refused
 *   out   to free by EVP_PKEY_free(); NULL unless 0 is returned
 * Errors: NF_E_NOTFOUND, NF_E_IO, NF_E_POLICY (encrypted), NF_E_FORMAT (also:
 * a wrong passphrase), NF_E_CRYPTO, those of ask().
 */
int nf_pem_private(const char *path, const struct nf_pem_pass *pass,
    EVP_PKEY **out, struct nf_diag *diag);

/*
 * Read the one unencrypted private key of a file: PKCS#8, PKCS#1 (RSA) or
 * SEC1 (EC).  Other blocks, such as EC PARAMETERS, are skipped.
 *   bytes  empty; receives the numbers that key borrows from; wipe it
 *   key    RSAPrivate, or ECDSAPrivate on P-256, P-384, P-521 or secp256k1
 * Errors: NF_E_NOTFOUND, NF_E_IO, NF_E_POLICY (encrypted; a type, size or
 * curve that cannot be imported), NF_E_FORMAT (not one private key in it, or
 * one whose numbers do not belong together).
 */
int nf_pem_load(const char *path, struct nf_buf *bytes,
    struct nf_keydata *key, struct nf_diag *diag);

/*
 * The public half of such a key.
 *   bytes  empty; receives what pub borrows from
 */
int nf_pem_public(const struct nf_keydata *priv, struct nf_buf *bytes,
    struct nf_keydata *pub, struct nf_diag *diag);

#endif
