/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The authority of a simulated region: its own module, its own security
 * world and the region's key exchange key, kept under
 * NFSIM_STATE/regions/SLUG/, and the packages made from them.  All ours; the
 * real authorities were Microsoft's.
 */
#ifndef NF_KEK_AUTHORITY_H
#define NF_KEK_AUTHORITY_H

#include "kek-packages/regions.h"
#include "nfast/host/appkey.h"

/* The suite of a region that is made without a choice. */
#define NF_KEK_SUITE	"DLf1024s160mRijndael"

/*
 * A region that is powered up and operational.
 *   kek  the KEK's key file
 */
struct nf_kek_authority {
	const struct nf_kek_region *region;
	struct nf_host *host;
	struct nf_world *world;
	struct nf_appkey_file kek;
};

/*
 * Find a region by what a user types (see nf_kek_region_find()); the toolsets
 * of Azure RMS give the region whose KEK they share.
 */
int nf_kek_authority_region(const char *text,
    const struct nf_kek_region **out, struct nf_diag *diag);

/*
 * Power up a region that exists.
 *   state  the local simulator's directory, NFSIM_STATE; NULL gives
 *          NF_E_USAGE
 *   out    close with nf_kek_authority_close(), also after a failure
 * Errors: NF_E_NOTFOUND (not made yet: the diag names kekpkg make), those of
 * the host.
 */
int nf_kek_authority_open(const char *state,
    const struct nf_kek_region *region, struct nf_kek_authority *out,
    struct nf_diag *diag);

/*
 * The same, and make what is missing: module, world, KEK.  What is there
 * stays, so a region never gets a second KEK, and one that a crash left half
 * made is completed.
 *   suite  NULL for NF_KEK_SUITE, or for that of an existing world
 * Errors: as above; NF_E_EXISTS (the region's world has another suite).
 */
int nf_kek_authority_make(const char *state,
    const struct nf_kek_region *region, const struct nf_suite *suite,
    struct nf_kek_authority *out, struct nf_diag *diag);

/* Power down, also what was half opened. */
void nf_kek_authority_close(struct nf_kek_authority *a);

/*
 * Append the two package files.  The same region gives the same bytes every
 * time.
 */
int nf_kek_authority_packages(const struct nf_kek_authority *a,
    struct nf_buf *kek, struct nf_buf *world, struct nf_diag *diag);

#endif
