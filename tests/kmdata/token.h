/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The key tokens of the real packages, found by the datafile's magic: the
 * reader of packages belongs to another layer.  A token is stored as one
 * record of a length divisible by 3 and, behind two bytes of record header,
 * the one or two bytes that are left.
 */
#ifndef NF_TESTS_KMDATA_TOKEN_H
#define NF_TESTS_KMDATA_TOKEN_H

#include "tests/tap.h"

#define N_TOKENS	3

static const struct token {
	const char *file;
	size_t len;
	uint64_t time;
	size_t len306, len311;
	const char *sha306, *sha311;
} tokens[N_TOKENS] = {
	{ "azcli_TestBYOK-NA.byok", 4144, 1477512302, 264, 1060,
	    "5f56c4c6b30ec92f745ddfefce9b30981e23d310",
	    "7da8b0ffed2e58be2e4e9c76113c6ca9964064ce" },
	{ "azps_bvtdata_byoktest.byok", 4176, 1412009886, 264, 1088,
	    "edab2e556c68f0428c6710e0f6e436cd719e1d91",
	    "da24e472bfd386c6b7cb384c1f0bd8008ff6a1eb" },
	{ "azps_proddata_byoktest.byok", 3984, 1402011524, 92, 1060,
	    "4886209c940b7810aaa8edfcb53c83a82792b64f",
	    "d742b477b50991f7e8810b37a47280620fae1a97" }
};

static inline void
token_load(const struct token *t, struct nf_buf *buf)
{
	size_t left = t->len % 3, n = t->len - left;
	struct nf_buf sample;
	const uint8_t *p;

	nf_tap_sample(t->file, &sample);
	p = memmem(sample.p, sample.len, "nCipher KM datafile", 20);
	ck_assert_ptr_nonnull(p);
	nf_buf_init(buf);
	nf_buf_put(buf, p, n);
	if (left > 0)
		nf_buf_put(buf, p + n + 2, left);
	nf_buf_wipe(&sample);
}

#endif
