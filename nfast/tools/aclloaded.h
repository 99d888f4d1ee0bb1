/* SPDX-License-Identifier: Apache-2.0 */
/* The keys that preload has loaded, and their ACLs as the module has them. */
#ifndef NF_TOOLS_ACLLOADED_H
#define NF_TOOLS_ACLLOADED_H

#include "nfast/host/host.h"
#include "nfast/tools/tokensfile.h"
#include "verify/aclfile.h"

struct nf_aclloaded {
	struct nf_host *host;
	struct nf_loaded *list;
	size_t n;
};

/* This process runs under preload. */
bool nf_aclloaded_there(void);

/*
 * Connect to the module, as preload's client, and read the list.  Close in
 * every case.
 * Errors: NF_E_USAGE (not under preload), those of nf_tokensfile_load(),
 * nf_host_open() and nf_tokensfile_join().
 */
int nf_aclloaded_open(struct nf_aclloaded *out, struct nf_diag *diag);
void nf_aclloaded_close(struct nf_aclloaded *loaded);

/* Type and nCore hash of a loaded key. */
int nf_aclloaded_info(struct nf_aclloaded *loaded, uint32_t id,
    uint32_t *type, uint8_t hash[static NF_HASH_LEN], struct nf_diag *diag);

/* Its ACL; new, free with nf_acl_free(). */
int nf_aclloaded_acl(struct nf_aclloaded *loaded, uint32_t id,
    struct nf_acl **out, struct nf_diag *diag);

/*
 * The ACLs of the key that a word names, as its hash or as APP/IDENT.
 *   acl  new, by half; NULL where the key has none
 * Returns 0 (also when it names none: then both are NULL), NF_E_USAGE (a hash
 * that keys of two names have), NF_E_REFUSED (GetACL is not allowed).
 */
int nf_aclloaded_find(struct nf_aclloaded *loaded, const char *word,
    struct nf_acl *acl[static NF_ACLFILE_HALVES], struct nf_diag *diag);

#endif
