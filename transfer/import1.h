/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The receiving end of method 1, as the simulator plays it: a region's module
 * opens a package.  Ours; what Key Vault did inside was never public.
 */
#ifndef NF_TRANSFER_IMPORT1_H
#define NF_TRANSFER_IMPORT1_H

#include "kek-packages/authority.h"
#include "transfer/byok1.h"

/* The application name of received keys (ours). */
#define NF_XFER_VAULT_APP	"vault"

/*
 * The ident of a key name: letters become lower case.  Names are those of
 * Key Vault: 1..127 letters, digits and hyphens.
 *   out  of at least 128 bytes
 * Returns 0 or NF_E_USAGE.
 */
int nf_xfer_vault_ident(const char *name, char *out, struct nf_diag *diag);

/*
 * The package is for this region: KEK hash, KEK ident and HKM are the
 * region's.
 * Returns 0 or NF_E_MISMATCH, naming the region of the package.
 */
int nf_xfer_import_check(const struct nf_kek_authority *a,
    const struct nf_byok1 *pkg, struct nf_diag *diag);

/*
 * A key as it came out of a package; wipe with nf_xfer_received1_wipe(),
 * also after a failure.
 *   token  the package's key file, which views file
 *   blob   the key under the region's module key
 *   key    the key, loaded from that blob; its owner is the caller
 */
struct nf_xfer_received1 {
	struct nf_km_file *file;
	struct nf_km_key token;
	struct nf_buf blob;
	uint32_t key;
};
void nf_xfer_received1_wipe(struct nf_host *host,
    struct nf_xfer_received1 *r);

/*
 * Open a package in the region's module: open the blob with the KEK, re-blob
 * the key under the region's module key, sign with it, see that Export is
 * refused.
 *   steps  receives one line a step, also of those before a failure
 * Errors: those of the host; NF_E_MISMATCH (the blob holds another key);
 * NF_E_VERIFY (its signature is not of the package's key); NF_E_POLICY (it
 * could be exported).
 */
int nf_xfer_receive1(const struct nf_kek_authority *a,
    const struct nf_byok1 *pkg, struct nf_xfer_received1 *out,
    struct nf_buf *steps, struct nf_diag *diag);

/*
 * Receive a package as above, and record the key as key_vault_IDENT in the
 * region's world.
 *   pkg    passed nf_xfer_import_check(); its signature was verified
 *   ident  from nf_xfer_vault_ident(); a key of that ident gives NF_E_EXISTS
 *   path   of the new key file
 */
int nf_xfer_import(const struct nf_kek_authority *a,
    const struct nf_byok1 *pkg, const char *name, const char *ident,
    struct nf_buf *steps, char path[static NF_PATH_MAX],
    struct nf_diag *diag);

#endif
