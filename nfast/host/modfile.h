/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The module file, module_ESN: what ties a module's signing key KML to the
 * world (CertKMLaESN, signed by KMC), and its state certificate at that time.
 * File name and entry numbers are real, the choice of entries is ours.
 */
#ifndef NF_HOST_MODFILE_H
#define NF_HOST_MODFILE_H

#include "nfast/host/world.h"
#include "nfast/wire/modcert.h"

/* Views borrow from bytes; wipe with nf_modfile_wipe(). */
struct nf_modfile {
	struct nf_buf bytes;
	struct nf_km_file *file;
	uint8_t hkml[NF_HASH_LEN];
	struct nf_view esn;
	struct nf_view cert_kml_esn;
	struct nf_view pubblob_kml;
};

/*
 * Write the file of this module.
 *   hknso  of the world
 *   kmc    loaded private half of KMC
 */
int nf_modfile_write(struct nf_host *host, const char *dir,
    const struct nf_suite *suite, const uint8_t hknso[static NF_HASH_LEN],
    uint32_t kmc, struct nf_diag *diag);

/*
 * Load it and check that it is of this world: the world's KMC signed its KML
 * and ESN.  Errors: NF_E_NOTFOUND, NF_E_FORMAT, NF_E_MISMATCH, NF_E_VERIFY.
 */
int nf_modfile_load(const struct nf_world *world, const char *esn,
    struct nf_modfile *out, struct nf_diag *diag);
void nf_modfile_wipe(struct nf_modfile *m);

#endif
