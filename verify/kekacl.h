/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the ACLs of a region's KEK and of its world's module key must be so
 * that a key wrapped under the KEK can only be opened by the region's modules.
 * The real ACLs are not public: these rules are ours, from what method 1
 * promised.
 */
#ifndef NF_VERIFY_KEKACL_H
#define NF_VERIFY_KEKACL_H

#include "nfast/wire/acl.h"
#include "verify/verdict.h"

/* A null module key, which everyone has: of DES3 or of AES worlds (real). */
bool nf_vfy_km_is_null(const uint8_t hkm[static NF_HASH_LEN]);

/*
 * Add the checks kek.acl-actions, .acl-export, .acl-expand, .acl-decrypt,
 * .acl-archive, .acl-blob and .acl-use.
 *   acl  from a verified key-generation certificate
 *   hkm  of the region's world; NULL when that is not known: kek.acl-blob is
 *        then unknown where the ACL names one module key that is not null
 * All groups count, also those that ask for a certificate.
 */
void nf_vfy_kekacl_check(struct nf_vfy_verdict *v, const struct nf_acl *acl,
    const uint8_t *hkm);

/* Add the same checks as "unknown", because there is no ACL to trust. */
void nf_vfy_kekacl_unchecked(struct nf_vfy_verdict *v);

/*
 * Add the check world.km-acl: the module key is used as one, is looked at, may
 * lose rights, and is kept in blobs under tokens that the ACL names; nothing
 * else in any group.
 *   acl  of KM, from a verified key-generation certificate; NULL: "unknown"
 * Does not say whose the tokens are, nor what quorum they have.
 */
void nf_vfy_kmacl_check(struct nf_vfy_verdict *v, const struct nf_acl *acl);

#endif
