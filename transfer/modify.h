/* SPDX-License-Identifier: Apache-2.0 */
/*
 * KeyTransferRemote -ModifyAcls: a copy of a key that only a region can use.
 * What it does, and its file name, are real; how the original tells the
 * module is not public.
 */
#ifndef NF_TRANSFER_MODIFY_H
#define NF_TRANSFER_MODIFY_H

#include "transfer/target.h"

/*
 * Write key_xferacld_IDENT, the key with its permissions reduced for a
 * region, beside key_APP_IDENT, which stays.
 *   dest      from a verified pair of packages
 *   progress  told about each card, may be NULL
 *   diff      receives the difference of the ACLs, one line a right
 *   path      of the new file
 * Refuses, before it asks for cards: what nf_xfer_target_open() refuses, a
 * key whose ACL lets nobody change it, an ident that has a reduced copy
 * already.
 * Errors: those of the host; NF_E_POLICY; NF_E_EXISTS (the diag says for
 * which region the copy is).
 */
int nf_xfer_modify(struct nf_host *host, const struct nf_world *world,
    const char *app, const char *ident, const struct nf_xfer_dest *dest,
    void (*progress)(const char *line), struct nf_buf *diff,
    char path[static NF_PATH_MAX], struct nf_diag *diag);

#endif
