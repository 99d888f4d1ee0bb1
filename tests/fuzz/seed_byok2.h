/* SPDX-License-Identifier: Apache-2.0 */
/* Seeds of method-2 packages and of KEK files. */
#ifndef NF_TESTS_FUZZ_SEED_BYOK2_H
#define NF_TESTS_FUZZ_SEED_BYOK2_H

#include "nfast/base/buf.h"

/* Give each object to seed, which writes it with its mutations. */
void seed_byok2(void (*seed)(const char *target, const char *name,
    struct nf_buf *buf));

#endif
