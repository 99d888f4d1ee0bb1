/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The writers of a module's warrant (real form).  Only the simulator's
 * factory has a use for them; the reader is the verifiers'.
 */
#ifndef NF_WIRE_WARRANTMSG_H
#define NF_WIRE_WARRANTMSG_H

#include "nfast/wire/cipher.h"

/*
 * Append the payload of a ModuleInformation certificate without approvals.
 *   esn, physserial  texts of 1 to 15 characters
 *   klf2             a public ECDSA key on P-521
 * Other arguments make the buffer fail with NF_E_INTERNAL.
 */
void nf_wire_warrant_payload_write(struct nf_buf *buf, struct nf_view esn,
    struct nf_view physserial, const struct nf_keydata *klf2);

/*
 * Append a warrant of one certificate, which the root itself signed: without
 * the delegations that the vendor's have.
 *   sig  ECDSA P-521 with SHA-512 over the payload
 */
void nf_wire_warrant_write(struct nf_buf *buf, const char *root_name,
    struct nf_view payload, const struct nf_cipher *sig);

#endif
