/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>
#include <strings.h>

#include "kek-packages/regions.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

/* From real packages: the hash of the KEK, and SecurityWorldVersion. */
#define REAL_NA \
	.real_kek = true, \
	.kek_hash = { 0x0d, 0xfe, 0xec, 0x42, 0x51, 0xae, 0x1f, 0x48, \
	    0xdc, 0x98, 0x52, 0x0c, 0xc0, 0xf6, 0xfd, 0xb8, \
	    0x7c, 0xd8, 0x49, 0x87 }, \
	.hkm = { 0xe8, 0xd3, 0x23, 0xf7, 0xca, 0x95, 0x94, 0xd4, \
	    0x96, 0x3e, 0xbb, 0x2d, 0x2b, 0x44, 0x55, 0xb7, \
	    0x9c, 0x60, 0x60, 0x84 }
#define REAL_EU \
	.real_kek = true, \
	.kek_hash = { 0xed, 0xe3, 0xe3, 0x3c, 0xd1, 0xff, 0xda, 0x02, \
	    0x3b, 0xd1, 0xe3, 0x19, 0xf2, 0xbf, 0x15, 0x6a, \
	    0xb4, 0xb5, 0xe9, 0x0d }, \
	.hkm = { 0xb3, 0xfc, 0x31, 0x9f, 0xb2, 0x3c, 0x9d, 0xb7, \
	    0xe9, 0x24, 0x8c, 0x27, 0xf5, 0x96, 0x75, 0x50, \
	    0xda, 0x7e, 0xcc, 0xe0 }
#define REAL_BVT \
	.real_kek = true, \
	.kek_hash = { 0xcc, 0x59, 0x1f, 0xcf, 0x9d, 0x03, 0xac, 0x45, \
	    0x23, 0x1b, 0x81, 0x71, 0x32, 0x6b, 0x2c, 0x61, \
	    0x56, 0x02, 0x36, 0xd4 }, \
	.hkm = { 0x94, 0x4d, 0x5a, 0xc1, 0xb1, 0xf7, 0x56, 0x9f, \
	    0x67, 0xe2, 0x28, 0xce, 0xd2, 0x21, 0x24, 0xfa, \
	    0x29, 0x7c, 0xcb, 0x18 }

/* Idents are real where .real_kek is set (NA, EU); the others are ours. */
static const struct nf_kek_region regions[] = {
	{
		.kind = NF_KEK_KEYVAULT,
		.heading = { "North America", "United States" },
		.zip = "KeyVault-BYOK-Tools-UnitedStates.zip",
		.code = "NA", .slug = "na",
		.ident = "kek-prod-na-1",
		REAL_NA
	},
	{
		.kind = NF_KEK_KEYVAULT,
		.heading = { "Europe" },
		.zip = "KeyVault-BYOK-Tools-Europe.zip",
		.code = "EU", .slug = "eu",
		.ident = "kek-prod-eu-1",
		REAL_EU
	},
	{
		.kind = NF_KEK_KEYVAULT,
		.heading = { "Asia" },
		.zip = "KeyVault-BYOK-Tools-AsiaPacific.zip",
		.code = "AP", .slug = "ap",
		.ident = "kek-prod-ap-1"
	},
	{
		.kind = NF_KEK_KEYVAULT,
		.heading = { "Latin America" },
		.zip = "KeyVault-BYOK-Tools-LatinAmerica.zip",
		.code = "LATAM", .slug = "latam",
		.ident = "kek-prod-latam-1"
	},
	{
		.kind = NF_KEK_KEYVAULT,
		.heading = { "Japan" },
		.zip = "KeyVault-BYOK-Tools-Japan.zip",
		.code = "JPN", .slug = "jpn",
		.ident = "kek-prod-jpn-1"
	},
	{
		.kind = NF_KEK_KEYVAULT,
		.heading = { "Korea" },
		.zip = "KeyVault-BYOK-Tools-Korea.zip",
		.code = "KOREA", .slug = "korea",
		.ident = "kek-prod-korea-1"
	},
	{
		.kind = NF_KEK_KEYVAULT,
		.heading = { "South Africa" },
		.zip = "KeyVault-BYOK-Tools-SouthAfrica.zip",
		.code = "SA", .slug = "sa",
		.ident = "kek-prod-sa-1"
	},
	{
		.kind = NF_KEK_KEYVAULT,
		.heading = { "UAE" },
		.zip = "KeyVault-BYOK-Tools-UAE.zip",
		.code = "UAE", .slug = "uae",
		.ident = "kek-prod-uae-1"
	},
	{
		.kind = NF_KEK_KEYVAULT,
		.heading = { "Australia" },
		.zip = "KeyVault-BYOK-Tools-Australia.zip",
		.code = "AUS", .slug = "aus",
		.ident = "kek-prod-aus-1"
	},
	{
		.kind = NF_KEK_KEYVAULT,
		.heading = { "Azure Government", "US Government" },
		.zip = "KeyVault-BYOK-Tools-USGovCloud.zip",
		.code = "USGOV", .slug = "usgov",
		.ident = "kek-prod-usgov-1"
	},
	{
		.kind = NF_KEK_KEYVAULT,
		.heading = { "US Government DOD" },
		.zip = "KeyVault-BYOK-Tools-USGovernmentDoD.zip",
		.code = "USDOD", .slug = "usdod",
		.ident = "kek-prod-usdod-1"
	},
	{
		.kind = NF_KEK_KEYVAULT,
		.heading = { "Canada" },
		.zip = "KeyVault-BYOK-Tools-Canada.zip",
		.code = "CANADA", .slug = "canada",
		.ident = "kek-prod-canada-1"
	},
	{
		.kind = NF_KEK_KEYVAULT,
		.heading = { "Germany" },
		.zip = "KeyVault-BYOK-Tools-Germany.zip",
		.code = "GERMANY", .slug = "germany",
		.ident = "kek-prod-germany-1"
	},
	{
		.kind = NF_KEK_KEYVAULT,
		.heading = { "Germany Public" },
		.zip = "KeyVault-BYOK-Tools-Germany-Public.zip",
		.code = "GERMANY", .slug = "germany-public",
		.ident = "kek-prod-germany-public-1"
	},
	{
		.kind = NF_KEK_KEYVAULT,
		.heading = { "India" },
		.zip = "KeyVault-BYOK-Tools-India.zip",
		.code = "INDIA", .slug = "india",
		.ident = "kek-prod-india-1"
	},
	{
		.kind = NF_KEK_KEYVAULT,
		.heading = { "France" },
		.zip = "KeyVault-BYOK-Tools-France.zip",
		.code = "FRANCE", .slug = "france",
		.ident = "kek-prod-france-1"
	},
	{
		.kind = NF_KEK_KEYVAULT,
		.heading = { "United Kingdom" },
		.zip = "KeyVault-BYOK-Tools-UnitedKingdom.zip",
		.code = "UK", .slug = "uk",
		.ident = "kek-prod-uk-1"
	},
	{
		.kind = NF_KEK_KEYVAULT,
		.heading = { "Switzerland" },
		.zip = "KeyVault-BYOK-Tools-Switzerland.zip",
		.code = "SUI", .slug = "sui",
		.ident = "kek-prod-sui-1"
	}
};

static const struct nf_kek_region rms[] = {
	{
		.kind = NF_KEK_RMS,
		.heading = { "RMS North America" },
		.zip = "AzureRMS-BYOK-tools-UnitedStates.zip",
		.code = "NA", .slug = "rms-na",
		.ident = "kek-prod-na-1",
		REAL_NA
	},
	{
		.kind = NF_KEK_RMS,
		.heading = { "RMS Europe" },
		.zip = "AzureRMS-BYOK-tools-Europe.zip",
		.code = "EU", .slug = "rms-eu",
		.ident = "kek-prod-eu-1",
		REAL_EU
	},
	{
		.kind = NF_KEK_RMS,
		.heading = { "RMS Asia" },
		.zip = "AzureRMS-BYOK-tools-AsiaPacific.zip",
		.code = "AP", .slug = "rms-ap",
		.ident = "kek-prod-ap-1"
	}
};

static const struct nf_kek_region bvt =
{
	.kind = NF_KEK_TEST,
	.heading = { "BVT (Microsoft test)" },
	.code = "BVT", .slug = "bvt",
	.ident = "bvttransferkey",
	REAL_BVT
};

const struct nf_kek_region *
nf_kek_regions(size_t *n)
{
	*n = COUNT(regions);
	return regions;
}

const struct nf_kek_region *
nf_kek_rms(size_t *n)
{
	*n = COUNT(rms);
	return rms;
}

static bool
heading_is(const struct nf_kek_region *r, const char *text,
    int (*compare)(const char *, const char *))
{
	for (size_t i = 0; i < NF_KEK_HEADINGS_MAX; i++) {
		if (r->heading[i] != NULL && compare(r->heading[i], text) == 0)
			return true;
	}
	return false;
}

static bool
zip_is(const struct nf_kek_region *r, const char *text)
{
	size_t stem = strlen(r->zip) - strlen(".zip");

	return strcasecmp(r->zip, text) == 0 ||
	    (strlen(text) == stem && strncasecmp(r->zip, text, stem) == 0);
}

static bool
answers_to(const struct nf_kek_region *r, const char *text)
{
	return heading_is(r, text, strcasecmp) || zip_is(r, text) ||
	    strcasecmp(r->slug, text) == 0 ||
	    (r->kind == NF_KEK_KEYVAULT && strcasecmp(r->code, text) == 0);
}

/* The i-th row that a user may name, or NULL at the end. */
static const struct nf_kek_region *
row_at(size_t i)
{
	if (i < COUNT(regions))
		return &regions[i];
	i -= COUNT(regions);
	return i < COUNT(rms) ? &rms[i] : NULL;
}

int
nf_kek_region_find(const char *text, const struct nf_kek_region **out,
    struct nf_diag *diag)
{
	const struct nf_kek_region *r, *found = NULL, *other = NULL;

	*out = NULL;
	for (size_t i = 0; (r = row_at(i)) != NULL; i++) {
		if (heading_is(r, text, strcmp)) {
			*out = r;
			return 0;
		}
		if (!answers_to(r, text))
			continue;
		if (found == NULL)
			found = r;
		else
			other = r;
	}
	if (other != NULL)
		return nf_diag_set(diag, NF_E_USAGE, "region",
		    "%.64s is ambiguous: say \"%s\" (%s) or \"%s\" (%s)",
		    text, found->heading[0], found->zip, other->heading[0],
		    other->zip);
	if (found == NULL)
		return nf_diag_set(diag, NF_E_NOTFOUND, "region",
		    "no region is called \"%.64s\": see kekpkg list", text);
	*out = found;
	return 0;
}

const struct nf_kek_region *
nf_kek_region_by_kek(const char *appname, const char *ident)
{
	if (strcmp(appname, NF_KEK_APPNAME) != 0)
		return NULL;
	for (size_t i = 0; i < COUNT(regions); i++) {
		if (strcmp(regions[i].ident, ident) == 0)
			return &regions[i];
	}
	return strcmp(bvt.ident, ident) == 0 ? &bvt : NULL;
}

bool
nf_kek_region_named(const struct nf_kek_region *region,
    struct nf_view heading)
{
	for (size_t i = 0; i < NF_KEK_HEADINGS_MAX; i++) {
		if (region->heading[i] != NULL &&
		    nf_view_is(heading, region->heading[i]))
			return true;
	}
	return false;
}

const struct nf_kek_region *
nf_kek_region_by_heading(struct nf_view heading)
{
	for (size_t i = 0; i < COUNT(regions); i++) {
		if (nf_kek_region_named(&regions[i], heading))
			return &regions[i];
	}
	return NULL;
}

const struct nf_kek_region *
nf_kek_region_by_real_hash(const uint8_t kek_hash[static 20])
{
	for (size_t i = 0; i < COUNT(regions); i++) {
		if (regions[i].real_kek &&
		    memcmp(regions[i].kek_hash, kek_hash, 20) == 0)
			return &regions[i];
	}
	return memcmp(bvt.kek_hash, kek_hash, 20) == 0 ? &bvt : NULL;
}
