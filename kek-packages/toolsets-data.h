/* SPDX-License-Identifier: Apache-2.0 */
/* The tables that toolsets.awk makes; for toolsets.c only. */
#ifndef NF_KEK_TOOLSETS_DATA_H
#define NF_KEK_TOOLSETS_DATA_H

#include "kek-packages/toolsets.h"

/* Sorted by hash; of the _n rows.  toolsets.h has what a row is. */
extern const struct nf_kek_toolset nf_kek_toolset_rows[];
extern const size_t nf_kek_toolset_rows_n;
extern const struct nf_kek_misprint nf_kek_misprint_rows[];
extern const size_t nf_kek_misprint_rows_n;

#endif
