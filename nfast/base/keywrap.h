/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CKM_RSA_AES_KEY_WRAP as method 2 wants it: RSA-OAEP (SHA-1, MGF1 with
 * SHA-1, no label) of an ephemeral AES-256 key, then RFC 5649 of the target
 * under that key (real).  The way in only: nothing here decrypts with RSA.
 */
#ifndef NF_BASE_KEYWRAP_H
#define NF_BASE_KEYWRAP_H

#include <stdbool.h>

#include <openssl/types.h>

#include "nfast/base/buf.h"

/* What the length of a ciphertext of RFC 5649 is a multiple of. */
#define NF_KEYWRAP_BLOCK	((size_t)8)

/*
 * RFC 5649, wrap or unwrap.
 *   key  16, 24 or 32 bytes
 *   out  has room for in.len + 16 bytes
 * Returns 0, NF_E_VERIFY (does not unwrap) or NF_E_CRYPTO.
 */
int nf_keywrap_kwp(bool wrap, struct nf_view key, struct nf_view in,
    uint8_t *out, size_t *outlen);

/*
 * Wrap.
 *   kek    RSA public key
 *   plain  not empty
 *   c1     the RSA part is appended to it, the other to c2; they may be one
 *          buffer; unchanged unless 0 is returned
 * Returns 0, NF_E_NOMEM or NF_E_CRYPTO.
 */
int nf_keywrap_seal(EVP_PKEY *kek, struct nf_view plain, struct nf_buf *c1,
    struct nf_buf *c2, struct nf_diag *diag);

#endif
