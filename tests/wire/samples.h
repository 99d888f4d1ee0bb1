/* SPDX-License-Identifier: Apache-2.0 */
/* Entries of the key tokens inside the real packages. */
#ifndef NF_TESTS_WIRE_SAMPLES_H
#define NF_TESTS_WIRE_SAMPLES_H

#include "nfast/base/cur.h"
#include "tests/keytoken.h"

#define SAMPLES_N	3

static const struct sample {
	const char *file;
	size_t len;		/* of the token */
	const char *key, *kml;	/* hashes */
	size_t acl_len;		/* of the ACL in the public blob */
	const char *acl;
} samples[SAMPLES_N] = {
	{ "azcli_TestBYOK-NA.byok", 4144,
	    "d02ba06bf55f1207f0ed20142a316fb7c3183b1b",
	    "8e4d517e065fd51ffc039eef5cdc5dc07fe284ee", 32,
	    "0100000000000000000000000200000001000000fd260000"
	    "0200000023000000" },
	{ "azps_bvtdata_byoktest.byok", 4176,
	    "af3e0927b525a2eae9b171d0004d98e7a9efd421",
	    "d2ff944c30318b854c62cb84deaac37ad67280a1", 32,
	    "0100000000000000000000000200000001000000fd260000"
	    "0200000023000000" },
	{ "azps_proddata_byoktest.byok", 3984,
	    "f3c9278fa9fadccdfcc8c71e0df189664c9f4a22",
	    "a370cfbfec5d6911481be191eec0695b2e8dc034", 44,
	    "0100000000000000000000000300000001000000fd260000"
	    "0200000023000000030000000000000000000000" },
};

#define SAMPLES_HKLF	"e81187a1b36f2c4045aacc96e5a9e02c24da5058"

/* The first entry of a type, borrowed from the token. */
static inline struct nf_view
sample_entry(const struct nf_buf *token, uint32_t want)
{
	struct nf_view v = { NULL, 0 };
	struct nf_cur cur;
	uint32_t n, type = 0;

	nf_cur_init(&cur, token->p, token->len, NULL);
	(void)nf_cur_bytes(&cur, "head", 28);
	n = nf_cur_count(&cur, "entries", 8, 64);
	for (uint32_t i = 0; i < n && type != want; i++) {
		type = nf_cur_u32(&cur, "type");
		v = nf_cur_bytes(&cur, "data", nf_cur_u32(&cur, "length"));
		nf_cur_zeros(&cur, "padding", (4 - v.len % 4) % 4);
	}
	ck_assert_int_eq(nf_cur_err(&cur), 0);
	ck_assert_uint_eq(type, want);
	return v;
}

#endif
