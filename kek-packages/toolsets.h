/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The published SHA-256 values of the BYOK toolset zips, from the English
 * Key Vault articles, each with the place that printed it; and the values
 * that stood there by mistake.  All values are real.  The tables are made at
 * build time from toolsets.tsv and toolsets-wrong.tsv.  A table like this is
 * never complete: a value that it lacks is "not listed", not wrong.
 */
#ifndef NF_KEK_TOOLSETS_H
#define NF_KEK_TOOLSETS_H

#include <stddef.h>
#include <stdint.h>

/*
 * A published hash.  zip is the key that finds the region, code is not
 * unique.  Dates are YYYY-MM-DD; generation is "G1" to "G4".
 */
struct nf_kek_toolset {
	const char *region;	/* the heading used at that time */
	const char *zip;
	const char *code;
	uint8_t sha256[32];
	const char *first_published;
	const char *last_in_force;
	const char *generation;
	const char *source;
};

/* A value printed for a zip by mistake; it need not have 64 digits. */
struct nf_kek_misprint {
	const char *region;
	const char *zip;
	const char *code;
	const char *published_value;
	const char *first_published;
	const char *last_published;
	const char *source;
	const char *reason;
};

/* All published hashes, oldest generation first; n is their number. */
const struct nf_kek_toolset *nf_kek_toolsets(size_t *n);

/* All misprints; n is their number. */
const struct nf_kek_misprint *nf_kek_misprints(size_t *n);

/* The row with this hash, or NULL.  Hashes are unique. */
const struct nf_kek_toolset *nf_kek_toolset_find(
    const uint8_t sha256[static 32]);

enum nf_kek_toolset_result {
	NF_KEK_TOOLSET_MATCH,	/* published for this zip */
	NF_KEK_TOOLSET_OTHER,	/* published, but for another zip */
	NF_KEK_TOOLSET_MISPRINT, /* printed for this zip by mistake */
	NF_KEK_TOOLSET_UNLISTED	/* not in the tables */
};

/*
 * Judge a hash value for a zip, as a user copied both from somewhere.
 *   zip       file name, in any case; NULL when not known: then any row
 *             matches and the first misprint of that value is taken
 *   value     hex text in any case; may be cut or doubled like a misprint
 *   toolset   the row of that hash, or NULL.  Beside a misprint it is the
 *             zip that the value belongs to, if any
 *   misprint  the misprint, or NULL
 * With a zip, a misprint for that zip wins over "another zip".
 */
enum nf_kek_toolset_result nf_kek_toolset_check(const char *zip,
    const char *value, const struct nf_kek_toolset **toolset,
    const struct nf_kek_misprint **misprint);

#endif
