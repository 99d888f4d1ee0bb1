/* SPDX-License-Identifier: Apache-2.0 */
/* The seeds of replies and of USB devices. */
#ifndef NF_TESTS_FUZZ_SEED_REPLIES_H
#define NF_TESTS_FUZZ_SEED_REPLIES_H

#include "nfast/base/buf.h"

/* Give each object to seed, which writes it with its mutations. */
void seed_replies(void (*seed)(const char *target, const char *name,
    struct nf_buf *buf));

#endif
