/* SPDX-License-Identifier: Apache-2.0 */
/*
 * KeyTransferRemote -Package: the method-1 package of a reduced key.  The
 * document, the key token's entries and the signature are real; the interior
 * of the blob under the KEK is the module's and ours, and the environment
 * says "Simulated" where real packages say "Production".
 */
#ifndef NF_TRANSFER_PACKAGE1_H
#define NF_TRANSFER_PACKAGE1_H

#include "transfer/byok1.h"
#include "transfer/target.h"

#define NF_XFER_ENVIRONMENT	"Simulated"
#define NF_XFER_ENVIRONMENT_SEED	NF_XFER_ENVIRONMENT ", " NF_SEED_WORDS

/* A friendly name is part of a file name: 1..80 printable characters of
 * ASCII without '/'.  Returns 0 or NF_E_USAGE. */
int nf_xfer_label_check(const char *label, struct nf_diag *diag);

/*
 * Build the package of the reduced copy of an ident, in memory.
 *   dest    from a verified pair of packages
 *   tenant  subscription GUID, from nf_byok1_guid()
 *   label   friendly name
 *   out     empty; receives the file, which was read back and verified
 *   app     the spelling under which the copy was found
 * Needs no cards.
 * Errors: NF_E_NOTFOUND (no reduced copy), what nf_xfer_target_open() and
 * nf_xfer_check_reduced() refuse, those of the host.
 */
int nf_xfer_package(struct nf_host *host, const struct nf_world *world,
    const char *ident, const struct nf_xfer_dest *dest,
    const uint8_t tenant[static 16], const char *label, struct nf_buf *out,
    const char **app, struct nf_diag *diag);

/*
 * Sign bytes with a loaded RSA key, mechanism RSAhSHA256pPKCS1.
 *   bits  of the modulus
 *   sig   receives the signature, big-endian, modulus length
 * Errors: those of nf_host_call(); NF_E_FORMAT (a number that is too long).
 */
int nf_xfer_sign(struct nf_host *host, uint32_t key, size_t bits,
    struct nf_view msg, struct nf_buf *sig, struct nf_diag *diag);

#endif
