/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which keys the methods take (method 1, real rules: RSA of 1024 or 2048
 * bits, protected by the module alone, names of at most 80 characters; that
 * the permissions must be changeable is inferred; method 2: keytype.h).
 * Looks at key files alone: no module.
 * What protects a key that is under a token is named from the local store
 * (nf_km_store_dir()), by its hash when its file is not there.
 */
#ifndef NF_TRANSFER_ELIGIBLE_H
#define NF_TRANSFER_ELIGIBLE_H

#include "nfast/kmdata/keyfile.h"
#include "nfast/wire/acl.h"
#include "nfast/wire/keydata.h"
#include "transfer/keytype.h"

/* Characters of an application name or an ident (real). */
#define NF_XFER_NAME_MAX	80

/*
 * The application name of a reduced copy.  Documents show two spellings, the
 * first is the likelier one and is written; both are read.
 */
#define NF_XFER_APP		"xferacld"
#define NF_XFER_APP_ALT		"xferacId"

/*
 * Check the lengths of the names; app may be NULL.
 * Returns 0 or NF_E_POLICY, with the text of the original.
 */
int nf_xfer_names_check(const char *app, const char *ident,
    struct nf_diag *diag);

/*
 * Check that method 1 takes the key of a file: protection, type, size; and
 * the file against itself, as nf_appkey_verify() does.
 *   bytes  empty; backs pub; wipe it also after a failure
 *   pub    the RSA public key
 * Errors: NF_E_POLICY for a key that method 1 does not take (one text each),
 * those of nf_appkey_public() and nf_appkey_verify().
 */
int nf_xfer_key_check(const struct nf_km_key *key, struct nf_buf *bytes,
    struct nf_keydata *pub, struct nf_diag *diag);

/*
 * Check that the permissions of a key can be changed by anyone or by the
 * holders of KNSO.
 *   hknso  or NULL when it is not known: any certifier will do
 * Returns 0 or NF_E_POLICY.
 */
int nf_xfer_changeable(const struct nf_acl *acl, const uint8_t *hknso,
    struct nf_diag *diag);

/*
 * All of the above and what nf_xfer_reduce() asks of the ACL, as far as a key
 * file shows it: the ACL is the one at generation, from the file's
 * certificate; a key without that is judged by its recovery blob.
 * Returns 0, NF_E_POLICY (not taken, the diag says why), or the errors of a
 * damaged file.
 */
int nf_xfer_eligible(const struct nf_km_key *key, const char *app,
    const char *ident, struct nf_diag *diag);

/*
 * The same for method 2, which signs nothing with the key and takes names of
 * any length.  The file's certificates are not verified: no package carries
 * them, and the module knows its own blobs.
 *   type   of the key, as far as its public half says it
 *   known  false for a symmetric key, whose size only its blob knows
 * Returns 0, NF_E_POLICY (not taken, the diag says why), or the errors of a
 * damaged file.
 */
int nf_xfer_eligible2(const struct nf_km_key *key,
    struct nf_xfer_keytype *type, bool *known, struct nf_diag *diag);

#endif
