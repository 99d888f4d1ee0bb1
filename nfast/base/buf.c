/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nfast/base/buf.h"
#include "nfast/base/mem.h"

#define FIRST_CAP	256

void
nf_buf_init(struct nf_buf *buf)
{
	memset(buf, 0, sizeof(*buf));
}

void
nf_buf_wipe(struct nf_buf *buf)
{
	nf_freezero(buf->p, buf->cap);
	nf_buf_init(buf);
}

int
nf_buf_err(const struct nf_buf *buf)
{
	return buf->err;
}

void
nf_buf_fail(struct nf_buf *buf, int code)
{
	if (buf->err == 0)
		buf->err = code;
}

void
nf_buf_fail_as(struct nf_buf *buf, const struct nf_buf *other)
{
	if (other->err != 0)
		nf_buf_fail(buf, other->err);
}

struct nf_view
nf_buf_view(const struct nf_buf *buf)
{
	return nf_view_of(buf->p, buf->err != 0 ? 0 : buf->len);
}

/* Room for n more bytes.  Never realloc: it would leave a copy behind. */
static uint8_t *
reserve(struct nf_buf *buf, size_t n)
{
	size_t cap = buf->cap == 0 ? FIRST_CAP : buf->cap;
	uint8_t *p;

	if (buf->err != 0)
		return NULL;
	if (n > NF_BUF_MAX - buf->len) {
		buf->err = NF_E_NOMEM;
		return NULL;
	}
	if (buf->p != NULL && n <= buf->cap - buf->len)
		return buf->p + buf->len;
	while (cap - buf->len < n)
		cap *= 2;
	if ((p = malloc(cap)) == NULL) {
		buf->err = NF_E_NOMEM;
		return NULL;
	}
	if (buf->p != NULL)
		memcpy(p, buf->p, buf->len);
	nf_freezero(buf->p, buf->cap);
	buf->p = p;
	buf->cap = cap;
	return buf->p + buf->len;
}

void
nf_buf_put(struct nf_buf *buf, const void *p, size_t len)
{
	uint8_t *to = reserve(buf, len);

	if (to == NULL || len == 0)
		return;
	memcpy(to, p, len);
	buf->len += len;
}

void
nf_buf_view_put(struct nf_buf *buf, struct nf_view v)
{
	nf_buf_put(buf, v.p, v.len);
}

void
nf_buf_fill(struct nf_buf *buf, uint8_t c, size_t n)
{
	uint8_t *to = reserve(buf, n);

	if (to == NULL || n == 0)
		return;
	memset(to, c, n);
	buf->len += n;
}

void
nf_buf_u8(struct nf_buf *buf, uint8_t v)
{
	nf_buf_put(buf, &v, 1);
}

void
nf_buf_u16(struct nf_buf *buf, uint16_t v)
{
	const uint8_t b[2] = { (uint8_t)v, (uint8_t)(v >> 8) };

	nf_buf_put(buf, b, sizeof(b));
}

void
nf_buf_u32(struct nf_buf *buf, uint32_t v)
{
	const uint8_t b[4] = { (uint8_t)v, (uint8_t)(v >> 8),
	    (uint8_t)(v >> 16), (uint8_t)(v >> 24) };

	nf_buf_put(buf, b, sizeof(b));
}

void
nf_buf_u64(struct nf_buf *buf, uint64_t v)
{
	nf_buf_u32(buf, (uint32_t)v);
	nf_buf_u32(buf, (uint32_t)(v >> 32));
}

void
nf_buf_u32be(struct nf_buf *buf, uint32_t v)
{
	nf_buf_u32(buf, __builtin_bswap32(v));
}

void
nf_buf_str(struct nf_buf *buf, const char *s)
{
	nf_buf_put(buf, s, strlen(s));
}

void
nf_buf_printf(struct nf_buf *buf, const char *fmt, ...)
{
	va_list ap;
	uint8_t *to;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0) {
		nf_buf_fail(buf, NF_E_INTERNAL);
		return;
	}
	if ((to = reserve(buf, (size_t)n + 1)) == NULL)
		return;
	va_start(ap, fmt);
	(void)vsnprintf((char *)to, (size_t)n + 1, fmt, ap);
	va_end(ap);
	buf->len += (size_t)n;
}

size_t
nf_buf_len_open(struct nf_buf *buf)
{
	size_t at = buf->len;

	nf_buf_u32(buf, 0);
	return at;
}

void
nf_buf_len_close(struct nf_buf *buf, size_t at)
{
	size_t n;

	if (buf->err != 0)
		return;
	NF_REQUIRE(at + 4 <= buf->len);
	n = buf->len - at - 4;
	for (size_t i = 0; i < 4; i++)
		buf->p[at + i] = (uint8_t)(n >> (8 * i));
}

const char *
nf_buf_text(struct nf_buf *buf)
{
	uint8_t *to = reserve(buf, 1);

	if (to == NULL)
		return "";
	*to = '\0';
	return (const char *)buf->p;
}
