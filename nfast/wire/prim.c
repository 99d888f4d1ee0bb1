/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "nfast/base/pkey.h"
#include "nfast/wire/names.h"
#include "nfast/wire/prim.h"

static size_t
padding(size_t n)
{
	return (4 - n % 4) % 4;
}

/* A u32 length of at most max bytes. */
static size_t
length(struct nf_cur *cur, const char *field, size_t max)
{
	uint32_t n = nf_cur_u32(cur, field);

	if (nf_cur_err(cur) == 0 && n > max) {
		(void)nf_cur_fail(cur, NF_E_FORMAT, field,
		    "length %u is above the limit of %zu", n, max);
		return 0;
	}
	return n;
}

struct nf_view
nf_wire_bignum_read(struct nf_cur *cur, const char *field, size_t max)
{
	const struct nf_view none = { NULL, 0 };
	size_t n = length(cur, field, max);
	struct nf_view v = nf_cur_bytes(cur, field, n);

	if (nf_cur_err(cur) != 0)
		return none;
	if (n == 0 || n % 4 != 0) {
		(void)nf_cur_fail(cur, NF_E_FORMAT, field,
		    "bignum of %zu bytes is not whole words", n);
		return none;
	}
	if (n > 4 && nf_le_trim(v).len + 4 <= n) {
		(void)nf_cur_fail(cur, NF_E_FORMAT, field,
		    "bignum is not minimal");
		return none;
	}
	return v;
}

void
nf_wire_bignum_write(struct nf_buf *buf, struct nf_view le)
{
	size_t n;

	le = nf_le_trim(le);
	n = le.len == 0 ? 4 : le.len + padding(le.len);
	nf_buf_u32(buf, (uint32_t)n);
	nf_buf_view_put(buf, le);
	nf_buf_fill(buf, 0, n - le.len);
}

struct nf_view
nf_wire_string_read(struct nf_cur *cur, const char *field, size_t max)
{
	const struct nf_view none = { NULL, 0 };
	size_t n = length(cur, field, max + 1);
	struct nf_view v = nf_cur_bytes(cur, field, n);

	nf_cur_zeros(cur, field, padding(n));
	if (nf_cur_err(cur) != 0)
		return none;
	for (size_t i = 0; i < n; i++) {
		if ((v.p[i] == 0) != (i == n - 1)) {
			(void)nf_cur_fail(cur, NF_E_FORMAT, field,
			    "string has a NUL inside or none at its end");
			return none;
		}
	}
	if (n == 0) {
		(void)nf_cur_fail(cur, NF_E_FORMAT, field,
		    "string without its NUL");
		return none;
	}
	v.len--;
	return v;
}

void
nf_wire_string_write(struct nf_buf *buf, struct nf_view s)
{
	nf_buf_u32(buf, (uint32_t)(s.len + 1));
	nf_buf_view_put(buf, s);
	nf_buf_fill(buf, 0, 1 + padding(s.len + 1));
}

struct nf_view
nf_wire_block_read(struct nf_cur *cur, const char *field, size_t max)
{
	size_t n = length(cur, field, max);
	struct nf_view v = nf_cur_bytes(cur, field, n);

	nf_cur_zeros(cur, field, padding(n));
	return nf_cur_err(cur) != 0 ? nf_view_of(NULL, 0) : v;
}

void
nf_wire_block_write(struct nf_buf *buf, struct nf_view v)
{
	nf_buf_u32(buf, (uint32_t)v.len);
	nf_buf_view_put(buf, v);
	nf_buf_fill(buf, 0, padding(v.len));
}

size_t
nf_wire_hashex_len(uint32_t mech)
{
	return mech == NF_MECH_SHA1HASH ? 20 : mech == NF_MECH_SHA256HASH ?
	    32 : mech == NF_MECH_SHA512HASH ? 64 : 0;
}

void
nf_wire_hashex_read(struct nf_cur *cur, const char *field,
    struct nf_hashex *out)
{
	size_t n;

	*out = (struct nf_hashex){ 0, { 0 } };
	out->mech = nf_cur_u32(cur, field);
	n = nf_wire_hashex_len(out->mech);
	if (nf_cur_err(cur) == 0 && n == 0)
		(void)nf_cur_fail(cur, NF_E_FORMAT, field,
		    "hash mechanism %u", out->mech);
	nf_cur_copy(cur, field, out->hash, n);
}

void
nf_wire_hashex_write(struct nf_buf *buf, const struct nf_hashex *h)
{
	nf_buf_u32(buf, h->mech);
	nf_buf_put(buf, h->hash, nf_wire_hashex_len(h->mech));
}
