/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the ACL of an attested key says: the vendor's ACL, working-blob and
 * recovery-blob steps.  Their names are the vendor's; where the vendor does
 * not say which number is which rule, the split is ours, see attacl.c.
 */
#ifndef NF_VERIFY_ATTACL_H
#define NF_VERIFY_ATTACL_H

#include "nfast/wire/acl.h"
#include "verify/options.h"
#include "verify/verdict.h"

/*
 * What is known of the key's world.
 *   hknso      from the verified state certificate
 *   hkm, hkre  trusted hashes, NULL when there is none
 *   rsa        the key is RSA
 */
struct nf_vfy_attworld {
	const uint8_t *hknso;
	const uint8_t *hkm;
	const uint8_t *hkre;
	bool rsa;
};

/*
 * Add the checks ACLV1, ACLV3, ACLV4, WB1, WB2, WB3, WB5, WB6, RB1, RB2, RB3
 * and RB5, and the facts exportable, protection, recoverable and permissions.
 *   acl  from the verified key-generation certificate
 */
void nf_vfy_attacl_check(struct nf_vfy_verdict *v, const struct nf_acl *acl,
    const struct nf_vfy_attworld *world, const struct nf_vfy_options *opt);

/* Add the same checks as "unknown", because there is no ACL to trust. */
void nf_vfy_attacl_unchecked(struct nf_vfy_verdict *v);

#endif
