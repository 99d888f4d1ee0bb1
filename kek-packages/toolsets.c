/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>
#include <strings.h>

#include "kek-packages/toolsets-data.h"
#include "kek-packages/toolsets.h"
#include "nfast/base/text.h"

const struct nf_kek_toolset *
nf_kek_toolsets(size_t *n)
{
	*n = nf_kek_toolset_rows_n;
	return nf_kek_toolset_rows;
}

const struct nf_kek_misprint *
nf_kek_misprints(size_t *n)
{
	*n = nf_kek_misprint_rows_n;
	return nf_kek_misprint_rows;
}

const struct nf_kek_toolset *
nf_kek_toolset_find(const uint8_t sha256[static 32])
{
	for (size_t i = 0; i < nf_kek_toolset_rows_n; i++) {
		if (memcmp(nf_kek_toolset_rows[i].sha256, sha256, 32) == 0)
			return &nf_kek_toolset_rows[i];
	}
	return NULL;
}

static const struct nf_kek_misprint *
find_misprint(const char *zip, const char *value)
{
	for (size_t i = 0; i < nf_kek_misprint_rows_n; i++) {
		const struct nf_kek_misprint *m = &nf_kek_misprint_rows[i];

		if (strcasecmp(m->published_value, value) == 0 &&
		    (zip == NULL || strcasecmp(m->zip, zip) == 0))
			return m;
	}
	return NULL;
}

enum nf_kek_toolset_result
nf_kek_toolset_check(const char *zip, const char *value,
    const struct nf_kek_toolset **toolset,
    const struct nf_kek_misprint **misprint)
{
	uint8_t sha256[32];

	*toolset = NULL;
	if (nf_text_unhex(value, strlen(value), sha256, sizeof(sha256)))
		*toolset = nf_kek_toolset_find(sha256);
	*misprint = find_misprint(zip, value);
	if (*toolset != NULL &&
	    (zip == NULL || strcasecmp((*toolset)->zip, zip) == 0))
		return NF_KEK_TOOLSET_MATCH;
	if (*misprint != NULL)
		return NF_KEK_TOOLSET_MISPRINT;
	return *toolset != NULL ? NF_KEK_TOOLSET_OTHER :
	    NF_KEK_TOOLSET_UNLISTED;
}
