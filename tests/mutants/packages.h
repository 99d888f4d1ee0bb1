/* SPDX-License-Identifier: Apache-2.0 */
/* The region packages that the corpus is made from. */
#ifndef NF_TESTS_MUTANTS_PACKAGES_H
#define NF_TESTS_MUTANTS_PACKAGES_H

#include "tests/mutants/certs.h"

#define PKG_KEK		"BYOK-KEK-pkg-EU-1"
#define PKG_WORLD	"BYOK-SecurityWorld-pkg-EU-1"
#define PKG_KEK_NA	"BYOK-KEK-pkg-NA-1"
#define PKG_WORLD_NA	"BYOK-SecurityWorld-pkg-NA-1"

/* The KEK or the SecurityWorld package of Europe, with its certificates. */
void package_open(struct mut *m, struct cert_host *host, bool world);

#endif
