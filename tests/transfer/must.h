/* SPDX-License-Identifier: Apache-2.0 */
/* Steps that must succeed. */
#ifndef NF_TESTS_TRANSFER_MUST_H
#define NF_TESTS_TRANSFER_MUST_H

#include "tests/files.h"

static struct nf_diag diag;

static inline void
must(int r)
{
	char line[1024];

	nf_diag_line(&diag, line, sizeof(line));
	ck_assert_msg(r == 0, "%d: %s", r, line);
}

#endif
