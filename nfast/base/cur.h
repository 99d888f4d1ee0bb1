/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one bounded reader.  Every parser of the project reads through it:
 * after the first failure each getter returns 0 or an empty view and does not
 * move, so that a parser is straight-line code with one check at its end.
 * Check nf_cur_err() before a value is used to allocate, index or decide.
 */
#ifndef NF_BASE_CUR_H
#define NF_BASE_CUR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nfast/base/err.h"

/* Borrowed bytes: live as long as what they were read from. */
struct nf_view {
	const uint8_t *p;
	size_t len;
};

struct nf_cur {
	const uint8_t *p;
	size_t len;
	size_t off;
	size_t base;		/* offset of p[0] in the outermost input */
	int err;
	struct nf_diag *diag;
};

/* Read from p[0..len).  diag may be NULL and receives the first error. */
void nf_cur_init(struct nf_cur *cur, const void *p, size_t len,
    struct nf_diag *diag);

/*
 * Read from a view that was taken from outer, so that offsets in diags count
 * from the outermost input.  A failed outer gives a failed cursor.
 */
void nf_cur_sub(struct nf_cur *cur, const struct nf_cur *outer,
    struct nf_view v);

/* 0 or the first NF_E_* of this cursor. */
int nf_cur_err(const struct nf_cur *cur);

/* Bytes left; 0 after a failure. */
size_t nf_cur_left(const struct nf_cur *cur);

/*
 * Fail: the first failure is kept, with the current offset and the field's
 * name.  Returns the cursor's error.
 */
int nf_cur_fail(struct nf_cur *cur, int code, const char *field,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Fixed-size integers, little-endian; u32be for the few big-endian ones. */
uint8_t nf_cur_u8(struct nf_cur *cur, const char *field);
uint16_t nf_cur_u16(struct nf_cur *cur, const char *field);
uint32_t nf_cur_u32(struct nf_cur *cur, const char *field);
uint64_t nf_cur_u64(struct nf_cur *cur, const char *field);
uint32_t nf_cur_u32be(struct nf_cur *cur, const char *field);

/* Exactly n bytes, borrowed. */
struct nf_view nf_cur_bytes(struct nf_cur *cur, const char *field, size_t n);

/* Exactly n bytes, copied to out, which is zeroed on failure. */
void nf_cur_copy(struct nf_cur *cur, const char *field, void *out, size_t n);

/* n zero bytes (padding). */
void nf_cur_zeros(struct nf_cur *cur, const char *field, size_t n);

/* Exactly these n bytes, a magic or a constant. */
void nf_cur_expect(struct nf_cur *cur, const char *field, const void *p,
    size_t n);

/*
 * A u32 count of elements of at least min_size bytes each.  Refused when
 * larger than max or than the bytes left could hold.
 */
uint32_t nf_cur_count(struct nf_cur *cur, const char *field, size_t min_size,
    uint32_t max);

/* Everything must have been read.  Returns the cursor's error. */
int nf_cur_end(struct nf_cur *cur, const char *object);

/* View helpers: equality of bytes, and with a NUL-terminated string. */
bool nf_view_equal(struct nf_view a, struct nf_view b);
bool nf_view_is(struct nf_view v, const char *s);

/* The text occurs somewhere in the view. */
bool nf_view_has(struct nf_view v, const char *text);
struct nf_view nf_view_of(const void *p, size_t len);

/* Only 0x20..0x7e, so that it may be shown. */
bool nf_view_printable(struct nf_view v);

#endif
