/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The key tokens inside the real packages, for the layers below the package
 * reader: the datafile is found by its magic.  The token is one record of a
 * length divisible by 3 and, behind two bytes of record header, the one or
 * two bytes that are left.
 */
#ifndef NF_TESTS_KEYTOKEN_H
#define NF_TESTS_KEYTOKEN_H

#include "tests/tap.h"

/* The token of that length in a sample. */
static inline void
nf_tap_token(const char *name, size_t len, struct nf_buf *token)
{
	size_t left = len % 3, n = len - left;
	struct nf_buf file;
	const uint8_t *p;

	nf_tap_sample(name, &file);
	p = memmem(file.p, file.len, "nCipher KM datafile", 20);
	ck_assert_ptr_nonnull(p);
	ck_assert_uint_le((size_t)(p - file.p) + n + 2 + left, file.len);
	nf_buf_init(token);
	nf_buf_put(token, p, n);
	if (left > 0)
		nf_buf_put(token, p + n + 2, left);
	nf_buf_wipe(&file);
}

#endif
