/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one builder of bytes and of text.  Append many times, check once: after
 * the first failure (out of memory, or a limit) appends do nothing.  The
 * bytes are wiped when the buffer grows or is freed, so it may hold secrets.
 */
#ifndef NF_BASE_BUF_H
#define NF_BASE_BUF_H

#include <stddef.h>
#include <stdint.h>

#include "nfast/base/cur.h"
#include "nfast/base/err.h"

/* No output of the project is larger. */
#define NF_BUF_MAX	((size_t)64 * 1024 * 1024)

struct nf_buf {
	uint8_t *p;
	size_t len;
	size_t cap;
	int err;
};

#define NF_BUF_INIT	{ NULL, 0, 0, 0 }

/* Make the buffer empty, as NF_BUF_INIT does; nothing is freed. */
void nf_buf_init(struct nf_buf *buf);

/* Wipe and free the bytes; the buffer is empty and usable afterwards. */
void nf_buf_wipe(struct nf_buf *buf);

/* 0, NF_E_NOMEM, or what nf_buf_fail() set. */
int nf_buf_err(const struct nf_buf *buf);

/* Make the buffer fail, for writers that meet what cannot be written. */
void nf_buf_fail(struct nf_buf *buf, int code);

/* Fail as another buffer did, if it did, whose text went into this one. */
void nf_buf_fail_as(struct nf_buf *buf, const struct nf_buf *other);

/* The bytes so far, borrowed until the next append. */
struct nf_view nf_buf_view(const struct nf_buf *buf);

/*
 * Append: integers, little-endian but for u32be; len bytes of p, which may be
 * NULL when len is 0; the bytes of a view.  Errors stick: nf_buf_err().
 */
void nf_buf_u8(struct nf_buf *buf, uint8_t v);
void nf_buf_u16(struct nf_buf *buf, uint16_t v);
void nf_buf_u32(struct nf_buf *buf, uint32_t v);
void nf_buf_u64(struct nf_buf *buf, uint64_t v);
void nf_buf_u32be(struct nf_buf *buf, uint32_t v);
void nf_buf_put(struct nf_buf *buf, const void *p, size_t len);
void nf_buf_view_put(struct nf_buf *buf, struct nf_view v);

/* n bytes of value c. */
void nf_buf_fill(struct nf_buf *buf, uint8_t c, size_t n);

/* Text without its NUL. */
void nf_buf_str(struct nf_buf *buf, const char *s);
void nf_buf_printf(struct nf_buf *buf, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * A u32 length that is patched later: open returns its position, close
 * stores the number of bytes appended since.
 */
size_t nf_buf_len_open(struct nf_buf *buf);
void nf_buf_len_close(struct nf_buf *buf, size_t at);

/*
 * Append a NUL that is not counted and return the text, borrowed; "" when
 * the buffer has failed.
 */
const char *nf_buf_text(struct nf_buf *buf);

#endif
