/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The module-keys message of a FIPS 140 level 3 world (real, known from one
 * public source; checked on no sample).
 */
#ifndef NF_VERIFY_FIPSMSG_H
#define NF_VERIFY_FIPSMSG_H

#include "nfast/wire/prim.h"

/* "Module setup, FIPS3; suite = " SUITE 00, hknso, hkm, hkmc, hkfips. */
static inline void
nf_vfy_fips_msg(struct nf_buf *buf, const char *suite,
    const uint8_t hknso[static NF_HASH_LEN],
    const uint8_t hkm[static NF_HASH_LEN],
    const uint8_t hkmc[static NF_HASH_LEN],
    const uint8_t hkfips[static NF_HASH_LEN])
{
	nf_buf_str(buf, "Module setup, FIPS3; suite = ");
	nf_buf_str(buf, suite);
	nf_buf_u8(buf, 0);
	nf_buf_put(buf, hknso, NF_HASH_LEN);
	nf_buf_put(buf, hkm, NF_HASH_LEN);
	nf_buf_put(buf, hkmc, NF_HASH_LEN);
	nf_buf_put(buf, hkfips, NF_HASH_LEN);
}

#endif
