/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the wire formats share. */
#ifndef NF_TESTS_WIRE_WIRE_H
#define NF_TESTS_WIRE_WIRE_H

#include "nfast/base/cur.h"
#include "nfast/wire/keydata.h"
#include "tests/tap.h"
#include "tests/wire/vectors.h"

/* Read one whole object, free it, and return the error. */
typedef int (*wire_reader)(struct nf_cur *cur);

/* Read a heap copy of exactly these bytes, so that over-reads are seen. */
static inline int
wire_try(wire_reader reader, struct nf_view v, struct nf_diag *diag)
{
	uint8_t *copy = malloc(v.len == 0 ? 1 : v.len);
	struct nf_cur cur;
	int r;

	ck_assert_ptr_nonnull(copy);
	if (v.len > 0)
		memcpy(copy, v.p, v.len);
	nf_diag_clear(diag);
	nf_cur_init(&cur, copy, v.len, diag);
	r = reader(&cur);
	free(copy);
	return r;
}

/* Every truncation is refused, and so is one trailing byte. */
static inline void
wire_check_lengths(wire_reader reader, struct nf_buf *object)
{
	struct nf_diag diag = { 0 };
	struct nf_view v = nf_buf_view(object);

	ck_assert_int_eq(wire_try(reader, v, &diag), 0);
	for (size_t n = 0; n < v.len; n++) {
		ck_assert_int_eq(wire_try(reader, nf_view_of(v.p, n), &diag),
		    NF_E_FORMAT);
		ck_assert_int_eq(diag.code, NF_E_FORMAT);
		ck_assert(diag.has_offset && diag.offset <= n);
	}
	nf_buf_u8(object, 0);
	ck_assert_int_eq(wire_try(reader, nf_buf_view(object), &diag),
	    NF_E_FORMAT);
	object->len--;
}

/* The object with one word changed is refused, and the diag names a field. */
static inline void
wire_check_word(wire_reader reader, struct nf_buf *object, size_t at,
    uint32_t value, const char *field)
{
	struct nf_diag diag = { 0 };
	uint8_t old[4];

	ck_assert_uint_le(at + 4, object->len);
	memcpy(old, object->p + at, 4);
	for (size_t i = 0; i < 4; i++)
		object->p[at + i] = (uint8_t)(value >> 8 * i);
	ck_assert_int_eq(wire_try(reader, nf_buf_view(object), &diag),
	    NF_E_FORMAT);
	ck_assert_str_eq(diag.field, field);
	memcpy(object->p + at, old, 4);
	ck_assert_int_eq(wire_try(reader, nf_buf_view(object), &diag), 0);
}

/* A little-endian number from big-endian hex. */
static inline struct nf_view
wire_number(const char *be, struct nf_buf *buf)
{
	nf_tap_number(be, buf);
	return nf_buf_view(buf);
}

/* These bytes are that hex. */
static inline void
wire_check_hex(struct nf_view v, const char *want)
{
	struct nf_buf text = NF_BUF_INIT;

	nf_text_hex(&text, v);
	ck_assert_str_eq(nf_buf_text(&text), want);
	nf_buf_wipe(&text);
}

/* What was written is that hex; it is wiped. */
static inline void
wire_written(struct nf_buf *out, const char *want)
{
	wire_check_hex(nf_buf_view(out), want);
	nf_buf_wipe(out);
}

/* A reader of the bytes of that hex, which are kept in buf. */
static inline struct nf_cur
wire_open(const char *hex, struct nf_buf *buf)
{
	struct nf_cur cur;

	nf_tap_unhex(hex, buf);
	nf_cur_init(&cur, buf->p, buf->len, NULL);
	return cur;
}

/* The RFC 6979 DSA-1024 key; the numbers are kept in buf[4]. */
static inline struct nf_keydata
wire_dsa_key(struct nf_buf buf[4])
{
	static const char *const hex[] = { VEC_DSA_P, VEC_DSA_Q, VEC_DSA_G,
	    VEC_DSA_Y };
	struct nf_keydata key = { .type = 3 };

	for (size_t i = 0; i < 4; i++)
		key.v[i] = wire_number(hex[i], &buf[i]);
	return key;
}

#endif
