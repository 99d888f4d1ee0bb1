/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the fuzz targets share.  A target reads the bytes; where that works it
 * prints the object and writes it again, and aborts when a strict format does
 * not give the same bytes.
 */
#ifndef NF_TESTS_FUZZ_FUZZ_H
#define NF_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include "nfast/base/buf.h"
#include "nfast/base/cur.h"

/* The entry point that libFuzzer and replay.c call.  Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was written is what was read; the buffer is wiped. */
static inline void
fuzz_same(struct nf_buf *out, const void *p, size_t len)
{
	NF_REQUIRE(nf_buf_err(out) == 0);
	NF_REQUIRE(nf_view_equal(nf_buf_view(out), nf_view_of(p, len)));
	nf_buf_wipe(out);
}

/* A printer succeeded and left text that a terminal may be shown. */
static inline void
fuzz_text(struct nf_buf *out)
{
	NF_REQUIRE(nf_buf_err(out) == 0);
	for (size_t i = 0; i < out->len; i++)
		NF_REQUIRE(out->p[i] == '\n' || out->p[i] == '\t' ||
		    (out->p[i] >= 0x20 && out->p[i] <= 0x7e));
	nf_buf_wipe(out);
}

/* An error came with a diagnosis. */
static inline void
fuzz_diag(int r, const struct nf_diag *diag)
{
	NF_REQUIRE(r == 0 || (r < 0 && diag->code == r));
}

#endif
