/* SPDX-License-Identifier: Apache-2.0 */
/* Private keys from PEM files, as numbers for the Import command. */
#ifndef NF_HOST_PEM_H
#define NF_HOST_PEM_H

#include "nfast/base/buf.h"
#include "nfast/wire/keydata.h"

/*
 * Read the one unencrypted private key of a file: PKCS#8, PKCS#1 (RSA) or
 * SEC1 (EC).  Other blocks, such as EC PARAMETERS, are skipped.
 *   bytes  empty; receives the numbers that key borrows from; wipe it
 *   key    RSAPrivate, or ECDSAPrivate on P-256, P-384 or P-521
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
