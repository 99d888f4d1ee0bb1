/* SPDX-License-Identifier: Apache-2.0 */
/* The seeds of fuzz_command. */
#ifndef NF_TESTS_FUZZ_SEED_COMMANDS_H
#define NF_TESTS_FUZZ_SEED_COMMANDS_H

#include "nfast/base/buf.h"

/* Give each seed to a function, which wipes the buffer. */
void seed_commands(void (*seed)(const char *target, const char *name,
    struct nf_buf *buf));

#endif
