/* SPDX-License-Identifier: Apache-2.0 */
/* Seeds of requests to the vault stand-in. */
#ifndef NF_TESTS_FUZZ_SEED_REST_H
#define NF_TESTS_FUZZ_SEED_REST_H

#include "nfast/base/buf.h"

/* Give each object to seed, which writes it with its mutations. */
void seed_rest(void (*seed)(const char *target, const char *name,
    struct nf_buf *buf));

#endif
