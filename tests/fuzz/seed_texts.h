/* SPDX-License-Identifier: Apache-2.0 */
/* Texts for the targets that read them, by hand. */
#ifndef NF_TESTS_FUZZ_SEED_TEXTS_H
#define NF_TESTS_FUZZ_SEED_TEXTS_H

#include "nfast/base/buf.h"

/* Give each object to seed, which writes it with its mutations. */
void seed_texts(void (*seed)(const char *target, const char *name,
    struct nf_buf *buf));

#endif
