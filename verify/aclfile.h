/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ACLs that a file shows without a module: of the private half as it was
 * at generation, from the key-generation certificate, and of the public half,
 * from its blob.  Signatures are not verified here: byok-audit does that.
 */
#ifndef NF_VERIFY_ACLFILE_H
#define NF_VERIFY_ACLFILE_H

#include "nfast/kmdata/attbundle.h"
#include "nfast/kmdata/keyfile.h"
#include "nfast/wire/blob.h"
#include "nfast/wire/modcert.h"
#include "transfer/byok1.h"

enum nf_vfy_aclfile_half { NF_ACLFILE_PRIVATE, NF_ACLFILE_PUBLIC,
	NF_ACLFILE_HALVES };

/* acl[] is NULL where the file shows none; the rest backs it. */
struct nf_vfy_aclfile {
	const struct nf_acl *acl[NF_ACLFILE_HALVES];
	struct nf_buf bytes, plain;
	struct nf_byok1 *byok;
	struct nf_km_file *file;
	struct nf_att att;
	struct nf_modcert *cert;
	struct nf_blobkey pub;
};

/* "private half, as at generation ..." and "public half". */
const char *nf_vfy_aclfile_half(enum nf_vfy_aclfile_half half);

/*
 * Read a key file, a method-1 package or an attestation bundle from f->bytes.
 *   f  else zero; wipe with nf_vfy_aclfile_wipe(), also after a failure
 * Returns 0, or the errors of the readers.  A file that shows no ACL is none.
 */
int nf_vfy_aclfile_read(struct nf_vfy_aclfile *f, struct nf_diag *diag);

/*
 * Load a key file, a method-1 package or an attestation bundle.
 *   out  wipe with nf_vfy_aclfile_wipe(), also after a failure
 * Returns 0, the errors of nf_file_load() and of the readers, and
 * NF_E_UNANCHORED for a file that shows no ACL.  The diag names the path.
 */
int nf_vfy_aclfile_load(const char *path, struct nf_vfy_aclfile *out,
    struct nf_diag *diag);
void nf_vfy_aclfile_wipe(struct nf_vfy_aclfile *f);

#endif
