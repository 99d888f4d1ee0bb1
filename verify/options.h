/* SPDX-License-Identifier: Apache-2.0 */
/* What a caller of the checks may choose; the policies are ours. */
#ifndef NF_VERIFY_OPTIONS_H
#define NF_VERIFY_OPTIONS_H

#include <stdbool.h>

#include "transfer/kekpem.h"
#include "verify/kwarn.h"
#include "verify/roots.h"

/*
 * roots   legacy roots that are accepted beside the pinned one; NULL: none
 * kwarn   warrant roots that are accepted beside the pinned one; NULL: none
 * kek     the KEK that method-2 packages are said to be under; NULL: none
 * zip     the name that a toolset zip is judged under; NULL: its own
 * strict  refuse UseAsBlobKey on an attested RSA key, which is else reported
 *         as the permission "unwrap"
 */
struct nf_vfy_options {
	const struct nf_vfy_roots *roots;
	const struct nf_vfy_kwarn *kwarn;
	const struct nf_kekpem *kek;
	const char *zip;
	bool strict;
};

#endif
