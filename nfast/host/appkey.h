/* SPDX-License-Identifier: Apache-2.0 */
/* Application keys of a world: make, import, load, record. */
#ifndef NF_HOST_APPKEY_H
#define NF_HOST_APPKEY_H

#include "nfast/host/optoken.h"
#include "nfast/host/world.h"
#include "nfast/kmdata/keyfile.h"
#include "nfast/kmdata/store.h"

/*
 * What to make.
 *   params    of the private or symmetric key; the flags of the world's
 *             cipher suite are added
 *   import    a private or symmetric key to import instead, or NULL
 *   perms     OpPermissions of the main group (0: the rule of formats: sign,
 *             decrypt and the main-use extra as the type allows)
 *   recovery  blob under KRE and the KNSO-certified group
 *   verify    nf_appkey_verify() before the key is recorded
 *   token     what protects it, NULL: the module alone
 *   idkt      token, loaded
 */
struct nf_appkey_spec {
	const char *appname;
	const char *ident;
	const char *plainname;
	struct nf_genparams params;
	const struct nf_keydata *import;
	uint32_t perms;
	bool recovery;
	bool verify;
	const struct nf_optoken *token;
	uint32_t idkt;
};

/*
 * A key file in memory: bytes, container, key; wipe with
 * nf_appkey_file_wipe().
 */
struct nf_appkey_file {
	struct nf_buf bytes;
	struct nf_km_file *file;
	struct nf_km_key key;
};
void nf_appkey_file_wipe(struct nf_appkey_file *f);

/* Load key_APP_IDENT of the world's directory. */
int nf_appkey_open(const struct nf_world *world, const char *appname,
    const char *ident, struct nf_appkey_file *out, struct nf_diag *diag);

/* The stock ACLs (real shapes): private or symmetric key, and public half. */
int nf_appkey_acl(const struct nf_world *world,
    const struct nf_appkey_spec *spec, struct nf_acl **priv,
    struct nf_acl **pub, struct nf_diag *diag);

/*
 * Make or import the key in the module and record its file in the store
 * (under the store's lock).
 *   path  where it lies
 *   id    the loaded key, or NULL to have it destroyed
 */
int nf_appkey_create(struct nf_host *host, const struct nf_world *world,
    const struct nf_appkey_spec *spec, char path[static NF_PATH_MAX],
    uint32_t *id, struct nf_diag *diag);

/*
 * Load the private (or symmetric) blob, or the public one, into the module.
 * _under: with the loaded token that protects the key, 0 for none.
 */
int nf_appkey_load_under(struct nf_host *host, const struct nf_km_key *key,
    uint32_t idkt, uint32_t *id, struct nf_diag *diag);
int nf_appkey_load(struct nf_host *host, const struct nf_km_key *key,
    uint32_t *id, struct nf_diag *diag);
int nf_appkey_load_public(struct nf_host *host, const struct nf_km_key *key,
    uint32_t *id, struct nf_diag *diag);

/* The public KeyData and hash out of the public blob; bytes backs pub. */
int nf_appkey_public(const struct nf_km_key *key, struct nf_buf *bytes,
    struct nf_keydata *pub, struct nf_diag *diag);

/*
 * Check a key file against itself: the public blob has the key's hash, the
 * generation certificate is of this key and signed by the KML beside it, and
 * the state certificate holds that KML and is signed by the KLF that it
 * names.  Proves nothing about the KLF: that is what the verifiers do.
 * Returns 0, NF_E_FORMAT, NF_E_MISMATCH, NF_E_VERIFY.
 */
int nf_appkey_verify(const struct nf_km_key *key, struct nf_diag *diag);

/* The key's file says that it comes from a seed. */
bool nf_appkey_insecure(const struct nf_km_key *key);

/*
 * Write a key file into the store under its lock.  A key of the same name
 * stays and gives NF_E_EXISTS.
 */
int nf_appkey_record(const struct nf_world *world,
    const struct nf_km_key *key, char path[static NF_PATH_MAX],
    struct nf_diag *diag);

#endif
