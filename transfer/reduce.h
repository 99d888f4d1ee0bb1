/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reduced ACL of a key that is on its way to a region, and the difference
 * between two ACLs.  The shape (three groups, 108 bytes) is inferred from the
 * sizes in real packages and from the published goal: use it, blob it under
 * the region's module key, archive it under the region's KEK, nothing else.
 */
#ifndef NF_TRANSFER_REDUCE_H
#define NF_TRANSFER_REDUCE_H

#include "nfast/wire/acl.h"

/* What a reduced key never permits (real: "recover" and "change"). */
#define NF_XFER_PERMS_TAKEN \
	(NF_PERM_EXPANDACL | NF_PERM_REDUCEACL | NF_PERM_EXPORTASPLAIN | \
	NF_PERM_SETAPPDATA | NF_PERM_USEASBLOBKEY | NF_PERM_USEASKM | \
	NF_PERM_USEASLOADERKEY)

/* What the reduced copy may be used for: whom it can be handed to. */
struct nf_xfer_region {
	uint8_t hkm[NF_HASH_LEN];	/* of the destination world */
	uint8_t kek_hash[NF_HASH_LEN];
};

/*
 * The reduced form of an ACL, three groups in this order:
 *   0  OpPermissions: what anyone may do without limit in old, less
 *      NF_XFER_PERMS_TAKEN
 *   1  MakeBlob of module blobs under the destination's HKM
 *   2  MakeArchiveBlob under the KEK, mechanism 149
 *   out  new; free with nf_acl_free(); NULL unless 0 is returned
 * Returns 0, NF_E_POLICY (nothing is left that a transferred key needs: it
 * must sign, as its package is signed by it, and show its ACL), NF_E_NOMEM.
 */
int nf_xfer_reduce(const struct nf_acl *old,
    const struct nf_xfer_region *region, struct nf_acl **out,
    struct nf_diag *diag);

/*
 * Check that an ACL has the reduced shape, for this very region.
 * Returns 0, NF_E_POLICY (not reduced at all; the diag says what is there),
 * NF_E_MISMATCH (reduced, but for another region).
 */
int nf_xfer_check_reduced(const struct nf_acl *acl,
    const struct nf_xfer_region *region, struct nf_diag *diag);

/*
 * The reduced form for method 2 (ours), two groups in this order:
 *   0  OpPermissions GetACL, so that it can be checked
 *   1  MakeArchiveBlob under the KEK, mechanism NF_MECH_RSA_AES_KEY_WRAP
 * No key of this ACL can be used, blobbed or exported in another way.
 *   kek_hash  nCore hash of the key exchange key
 *   out       new; free with nf_acl_free(); NULL unless 0 is returned
 * Returns 0 or NF_E_NOMEM.
 */
int nf_xfer_reduce2(const uint8_t kek_hash[static NF_HASH_LEN],
    struct nf_acl **out, struct nf_diag *diag);

/*
 * Check that an ACL is that reduced form, for this very KEK.
 * Returns 0, NF_E_POLICY (not reduced) or NF_E_MISMATCH (for another KEK).
 */
int nf_xfer_check_reduced2(const struct nf_acl *acl,
    const uint8_t kek_hash[static NF_HASH_LEN], struct nf_diag *diag);

/*
 * Append the rights that only one of two ACLs has, one a line, sorted by
 * their text: "- RIGHT" when only old has it, "+ RIGHT" when only new has it.
 * Errors stick in out.
 */
void nf_xfer_acl_diff(struct nf_buf *out, const struct nf_acl *old,
    const struct nf_acl *new);

#endif
