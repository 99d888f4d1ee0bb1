/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secret sharing over GF(256) (Shamir), modulus x^8+x^4+x^3+x+1.  Ours: the
 * real share format is not public.  No table lookups on secrets.
 */
#include "config.h"

#include <string.h>

#include "nfast/module/internal.h"

static uint8_t
mul(uint8_t a, uint8_t b)
{
	unsigned int r = 0, x = a;

	for (int i = 0; i < 8; i++) {
		r ^= x & (0u - (unsigned int)((b >> i) & 1));
		x = (x << 1) ^ (0x11bu & (0u - (x >> 7 & 1)));
	}
	return (uint8_t)r;
}

/* a^254, the inverse of a nonzero a. */
static uint8_t
inverse(uint8_t a)
{
	uint8_t r = 1;

	for (int i = 7; i > 0; i--) {
		r = mul(r, r);
		r = mul(r, a);
	}
	return mul(r, r);
}

int
nf_mod_split(const uint8_t *secret, size_t len, uint32_t k, uint32_t n,
    uint8_t *out)
{
	uint8_t coeff[NF_MOD_SHARES_MAX];
	int r = 0;

	NF_REQUIRE(k >= 1 && k <= n && n <= NF_MOD_SHARES_MAX);
	for (size_t byte = 0; byte < len && r == 0; byte++) {
		coeff[0] = secret[byte];
		if (k > 1)
			r = nf_mod_random(coeff + 1, k - 1);
		for (uint32_t x = 1; x <= n; x++) {
			uint8_t y = 0;

			for (uint32_t i = k; i-- > 0;)
				y = mul(y, (uint8_t)x) ^ coeff[i];
			out[(x - 1) * len + byte] = y;
		}
	}
	explicit_bzero(coeff, sizeof(coeff));
	return r;
}

void
nf_mod_join(uint8_t *secret, size_t len, uint32_t k, const uint32_t *index,
    const uint8_t *shares, size_t stride)
{
	memset(secret, 0, len);
	for (uint32_t i = 0; i < k; i++) {
		uint8_t num = 1, den = 1, weight;

		for (uint32_t j = 0; j < k; j++) {
			if (j == i)
				continue;
			num = mul(num, (uint8_t)index[j]);
			den = mul(den, (uint8_t)(index[i] ^ index[j]));
		}
		weight = mul(num, inverse(den));
		for (size_t byte = 0; byte < len; byte++)
			secret[byte] ^= mul(shares[i * stride + byte],
			    weight);
	}
}
