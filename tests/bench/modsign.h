/* SPDX-License-Identifier: Apache-2.0 */
/* RSA-2048 signatures by the module in this process, to measure against. */
#ifndef NF_TESTS_BENCH_MODSIGN_H
#define NF_TESTS_BENCH_MODSIGN_H

#include "nfast/module/module.h"

/* Monotonic time in seconds. */
double bench_seconds(void);

/* For qsort(): doubles, ascending. */
int bench_ascending(const void *a, const void *b);

/* A new key that may sign; its id.  Exits on any failure. */
uint32_t bench_make_key(struct nf_module *m);

/* That many signatures, each by marshalled commands.  Exits on failure. */
void bench_module_signs(struct nf_module *m, uint32_t id, int n);

#endif
