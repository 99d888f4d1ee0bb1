/* SPDX-License-Identifier: Apache-2.0 */
/* Secret sharing: any quorum gives the secret back, fewer do not. */
#include "config.h"

#include "nfast/module/internal.h"
#include "tests/tap.h"

#define LEN	NF_MOD_SEALED_LEN

static uint8_t secret[LEN], shares[NF_MOD_SHARES_MAX][LEN];

static void
split(uint32_t k, uint32_t n)
{
	ck_assert_int_eq(nf_mod_random(secret, LEN), 0);
	ck_assert_int_eq(nf_mod_split(secret, LEN, k, n, shares[0]), 0);
}

/* Join the shares of a bit set; true when they give the secret. */
static bool
joins(uint32_t set)
{
	uint8_t picked[NF_MOD_SHARES_MAX][LEN], out[LEN];
	uint32_t index[NF_MOD_SHARES_MAX], n = 0;

	for (uint32_t i = 0; i < 32; i++) {
		if ((set & 1u << i) != 0) {
			memcpy(picked[n], shares[i], LEN);
			index[n++] = i + 1;
		}
	}
	nf_mod_join(out, LEN, n, index, picked[0], LEN);
	return memcmp(out, secret, LEN) == 0;
}

START_TEST(every_quorum)
{
	for (uint32_t n = 1; n <= 5; n++) {
		for (uint32_t k = 1; k <= n; k++) {
			split(k, n);
			for (uint32_t set = 1; set < 1u << n; set++) {
				uint32_t have = (uint32_t)
				    __builtin_popcount(set);

				if (have == k)
					ck_assert(joins(set));
				else if (have < k)
					ck_assert(!joins(set));
			}
		}
	}
}
END_TEST

START_TEST(max_shares)
{
	uint32_t index[NF_MOD_SHARES_MAX];
	uint8_t out[LEN];

	split(NF_MOD_SHARES_MAX, NF_MOD_SHARES_MAX);
	for (uint32_t i = 0; i < NF_MOD_SHARES_MAX; i++)
		index[i] = i + 1;
	nf_mod_join(out, LEN, NF_MOD_SHARES_MAX, index, shares[0], LEN);
	ck_assert_mem_eq(out, secret, LEN);
}
END_TEST

START_TEST(junk_share)
{
	split(2, 3);
	shares[1][5] ^= 0x40;
	ck_assert(!joins(0x3));
	ck_assert(joins(0x5));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("module/shamir");
	TCase *tc = tcase_create("shamir");

	tcase_add_test(tc, every_quorum);
	tcase_add_test(tc, max_shares);
	tcase_add_test(tc, junk_share);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
