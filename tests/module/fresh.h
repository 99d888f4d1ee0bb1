/* SPDX-License-Identifier: Apache-2.0 */
/* A module as from the factory for each case. */
#ifndef NF_TESTS_MODULE_FRESH_H
#define NF_TESTS_MODULE_FRESH_H

#include "tests/module/client.h"

static struct client c;

static inline void
setup(void)
{
	client_open(&c);
}

static inline void
teardown(void)
{
	client_close(&c);
}

#endif
