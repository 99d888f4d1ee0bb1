/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The regions of method 1: headings, toolset zips, package codes, and the
 * identities of their key exchange keys (KEK) and destination worlds.
 * Headings, zips and codes are real, from the English articles of 2015 to
 * 2026.  The KEK ident, KEK hash and HKM are public for NA, EU and
 * Microsoft's test world BVT only (real_kek); the idents of all other rows
 * follow their pattern and are ours, as are the slugs.
 */
#ifndef NF_KEK_REGIONS_H
#define NF_KEK_REGIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nfast/base/cur.h"
#include "nfast/base/err.h"

#define NF_KEK_APPNAME		"xferwrapping"
#define NF_KEK_HEADINGS_MAX	2

enum nf_kek_kind {
	NF_KEK_KEYVAULT,	/* one of the 18 regions */
	NF_KEK_RMS,		/* an AzureRMS toolset, until 2016-07 */
	NF_KEK_TEST		/* Microsoft's test world, never published */
};

/*
 * One region.
 *   heading   names in the articles, the first is the usual one; unused
 *             slots are NULL
 *   zip       toolset file name; NULL for the test world
 *   code      as in BYOK-KEK-pkg-CODE-1.  Not unique: Germany and Germany
 *             Public share GERMANY, RMS rows share theirs with a region
 *   slug      ours: unique, fit for a directory name
 *   ident     of the KEK, under the application name NF_KEK_APPNAME; unique
 *             among the 18 regions.  Real only when real_kek is set
 *   real_kek  kek_hash and hkm are known from real packages; else both are
 *             zero.  That hkm is the world's HKM is sure for BVT, inferred
 *             for NA and EU
 */
struct nf_kek_region {
	enum nf_kek_kind kind;
	const char *heading[NF_KEK_HEADINGS_MAX];
	const char *zip;
	const char *code;
	const char *slug;
	const char *ident;
	bool real_kek;
	uint8_t kek_hash[20];
	uint8_t hkm[20];
};

/* The 18 regions in the order of the articles; n is set to 18. */
const struct nf_kek_region *nf_kek_regions(size_t *n);

/*
 * The three toolsets of Azure RMS; n is set to 3.  Each shares code and KEK
 * with the region of the same code (seen for NA: a package of 2014 names the
 * KEK that one of 2016 names), hence also the ident.
 */
const struct nf_kek_region *nf_kek_rms(size_t *n);

/*
 * Find a region by what a user types: a heading, a code, a zip name with or
 * without ".zip", or a slug, without regard to case.
 *   text  "EU", "Azure Government", "keyvault-byok-tools-europe", ...
 *   out   a const row; NULL unless 0 is returned
 * A heading written exactly as in the table wins, so "Germany" is that
 * region, while "GERMANY" or "germany" is the code that two regions share
 * and is refused.  An RMS row answers to its heading, zip and slug, never to
 * its code.  The test world is not found.
 * Returns 0, NF_E_USAGE (ambiguous: the diag names the headings and zips),
 * NF_E_NOTFOUND (the diag names "kekpkg list").
 */
int nf_kek_region_find(const char *text, const struct nf_kek_region **out,
    struct nf_diag *diag);

/*
 * The region (or the test world) whose KEK has this application name and
 * ident, compared exactly, or NULL.  Never an RMS row.  Does not say that a
 * package is real: that needs real_kek and the hash.
 */
const struct nf_kek_region *nf_kek_region_by_kek(const char *appname,
    const char *ident);

/* The heading is one of the region's, written exactly as in the table. */
bool nf_kek_region_named(const struct nf_kek_region *region,
    struct nf_view heading);

/* The one of the 18 regions with that heading, or NULL. */
const struct nf_kek_region *nf_kek_region_by_heading(struct nf_view heading);

/* The region (or the test world) whose real KEK has this hash, or NULL. */
const struct nf_kek_region *nf_kek_region_by_real_hash(
    const uint8_t kek_hash[static 20]);

#endif
