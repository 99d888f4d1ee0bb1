/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The certificate of the vault stand-in.  It is made once, by an authority
 * whose key is thrown away after that one signature: whoever trusts its
 * certificate trusts this server and nothing that may come later.  Ours.
 */
#ifndef NF_TRANSFER_VAULT_TLS_H
#define NF_TRANSFER_VAULT_TLS_H

#include <stdbool.h>
#include <stddef.h>

#include <openssl/types.h>

#include "nfast/base/err.h"

#define NF_VAULT_CA_FILE	"ca.pem"	/* for clients */
#define NF_VAULT_CERT_FILE	"server.pem"	/* key (P-256) and certificate */
#define NF_VAULT_NAMES_MAX	16

/*
 * The TLS side of a server: TLS 1.2 and 1.3.
 *   dir   where the files are; both are made when the server's is missing,
 *         about to expire, or without one of the names
 *   name  n DNS names (the first label may be *) beside the built-in
 *         localhost, *.vault.test, *.managedhsm.test and the loopback
 *         addresses
 *   made  set when a new certificate was made; may be NULL
 * Returns 0, NF_E_IO, NF_E_FORMAT (a file that is not ours), NF_E_USAGE (a
 * name that is none), NF_E_NOMEM, NF_E_CRYPTO.  Free with SSL_CTX_free().
 */
int nf_vault_tls_new(const char *dir, const char *const *name, size_t n,
    SSL_CTX **out, bool *made, struct nf_diag *diag);

#endif
