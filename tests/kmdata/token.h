/* SPDX-License-Identifier: Apache-2.0 */
/* The key tokens of the real packages, and what is in them. */
#ifndef NF_TESTS_KMDATA_TOKEN_H
#define NF_TESTS_KMDATA_TOKEN_H

#include "tests/keytoken.h"

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

#endif
