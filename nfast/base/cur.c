/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "nfast/base/cur.h"

void
nf_cur_init(struct nf_cur *cur, const void *p, size_t len,
    struct nf_diag *diag)
{
	memset(cur, 0, sizeof(*cur));
	/* Nothing is added to a null pointer, not even 0. */
	cur->p = p == NULL ? (const uint8_t *)"" : p;
	cur->len = len;
	cur->diag = diag;
}

void
nf_cur_sub(struct nf_cur *cur, const struct nf_cur *outer, struct nf_view v)
{
	nf_cur_init(cur, v.p, v.len, outer->diag);
	cur->err = outer->err;
	if (cur->err == 0 && v.p != NULL) {
		NF_REQUIRE(v.p >= outer->p && v.p <= outer->p + outer->len);
		cur->base = outer->base + (size_t)(v.p - outer->p);
	}
}

int
nf_cur_err(const struct nf_cur *cur)
{
	return cur->err;
}

size_t
nf_cur_left(const struct nf_cur *cur)
{
	return cur->err != 0 ? 0 : cur->len - cur->off;
}

int
nf_cur_fail(struct nf_cur *cur, int code, const char *field, const char *fmt,
    ...)
{
	char text[NF_DIAG_TEXT_MAX];
	va_list ap;

	if (cur->err != 0)
		return cur->err;
	va_start(ap, fmt);
	nf_err_vformat(text, sizeof(text), fmt, ap);
	va_end(ap);
	cur->err = code;
	return nf_diag_at(cur->diag, code, field, cur->base + cur->off, "%s",
	    text);
}

struct nf_view
nf_cur_bytes(struct nf_cur *cur, const char *field, size_t n)
{
	struct nf_view v = { NULL, 0 };

	if (cur->err != 0)
		return v;
	if (n > cur->len - cur->off) {
		(void)nf_cur_fail(cur, NF_E_FORMAT, field,
		    "%zu bytes wanted, %zu left", n, cur->len - cur->off);
		return v;
	}
	v.p = cur->p + cur->off;
	v.len = n;
	cur->off += n;
	return v;
}

uint8_t
nf_cur_u8(struct nf_cur *cur, const char *field)
{
	struct nf_view v = nf_cur_bytes(cur, field, 1);

	return v.len == 0 ? 0 : v.p[0];
}

uint16_t
nf_cur_u16(struct nf_cur *cur, const char *field)
{
	struct nf_view v = nf_cur_bytes(cur, field, 2);

	return (uint16_t)(v.len == 0 ? 0 : v.p[0] | v.p[1] << 8);
}

uint32_t
nf_cur_u32(struct nf_cur *cur, const char *field)
{
	struct nf_view v = nf_cur_bytes(cur, field, 4);

	return v.len == 0 ? 0 : (uint32_t)v.p[0] | (uint32_t)v.p[1] << 8 |
	    (uint32_t)v.p[2] << 16 | (uint32_t)v.p[3] << 24;
}

uint64_t
nf_cur_u64(struct nf_cur *cur, const char *field)
{
	uint64_t low = nf_cur_u32(cur, field);

	return low | (uint64_t)nf_cur_u32(cur, field) << 32;
}

uint32_t
nf_cur_u32be(struct nf_cur *cur, const char *field)
{
	return __builtin_bswap32(nf_cur_u32(cur, field));
}

void
nf_cur_copy(struct nf_cur *cur, const char *field, void *out, size_t n)
{
	struct nf_view v = nf_cur_bytes(cur, field, n);

	if (v.len == n && n > 0)
		memcpy(out, v.p, n);
	else
		memset(out, 0, n);
}

void
nf_cur_zeros(struct nf_cur *cur, const char *field, size_t n)
{
	struct nf_view v = nf_cur_bytes(cur, field, n);

	for (size_t i = 0; i < v.len; i++) {
		if (v.p[i] != 0) {
			(void)nf_cur_fail(cur, NF_E_FORMAT, field,
			    "padding is not zero");
			return;
		}
	}
}

void
nf_cur_expect(struct nf_cur *cur, const char *field, const void *p, size_t n)
{
	struct nf_view v = nf_cur_bytes(cur, field, n);

	if (v.p != NULL && v.len > 0 && memcmp(v.p, p, v.len) != 0) {
		cur->off -= n;
		(void)nf_cur_fail(cur, NF_E_FORMAT, field,
		    "not the expected constant");
	}
}

uint32_t
nf_cur_count(struct nf_cur *cur, const char *field, size_t min_size,
    uint32_t max)
{
	uint32_t n = nf_cur_u32(cur, field);

	if (cur->err != 0)
		return 0;
	if (n > max) {
		(void)nf_cur_fail(cur, NF_E_FORMAT, field,
		    "count %u is above the limit of %u", n, max);
		return 0;
	}
	if (min_size != 0 && n > (cur->len - cur->off) / min_size) {
		(void)nf_cur_fail(cur, NF_E_FORMAT, field,
		    "count %u does not fit the %zu bytes left", n,
		    cur->len - cur->off);
		return 0;
	}
	return n;
}

int
nf_cur_end(struct nf_cur *cur, const char *object)
{
	if (cur->err == 0 && cur->off != cur->len)
		return nf_cur_fail(cur, NF_E_FORMAT, object,
		    "%zu trailing bytes", cur->len - cur->off);
	return cur->err;
}

bool
nf_view_equal(struct nf_view a, struct nf_view b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

bool
nf_view_is(struct nf_view v, const char *s)
{
	return nf_view_equal(v, nf_view_of(s, strlen(s)));
}

bool
nf_view_has(struct nf_view v, const char *text)
{
	return v.len != 0 && memmem(v.p, v.len, text, strlen(text)) != NULL;
}

struct nf_view
nf_view_of(const void *p, size_t len)
{
	struct nf_view v = { p, len };

	return v;
}

bool
nf_view_printable(struct nf_view v)
{
	for (size_t i = 0; i < v.len; i++) {
		if (v.p[i] < 0x20 || v.p[i] > 0x7e)
			return false;
	}
	return true;
}
