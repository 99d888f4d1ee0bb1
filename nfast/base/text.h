/* SPDX-License-Identifier: Apache-2.0 */
/* Hex, base64, times and names as people read them. */
#ifndef NF_BASE_TEXT_H
#define NF_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nfast/base/buf.h"

/* Append lower-case hex, upper-case hex, or groups of 8 digits and spaces. */
void nf_text_hex(struct nf_buf *buf, struct nf_view v);
void nf_text_hex_upper(struct nf_buf *buf, struct nf_view v);
void nf_text_hex_groups(struct nf_buf *buf, struct nf_view v);

/* The 40 lower-case digits of a 20-byte hash, into out[41]. */
void nf_text_hash(char out[static 41], const uint8_t hash[static 20]);

/*
 * Hex to bytes: exactly 2 * len digits of either case, nothing else.
 * Returns false and leaves out undefined otherwise.
 */
bool nf_text_unhex(const char *s, size_t slen, uint8_t *out, size_t len);

/*
 * The character at p, of which left bytes (1 or more) are there, and its
 * length; 0 when that is no UTF-8 (RFC 3629).
 */
size_t nf_text_utf8_read(const uint8_t *p, size_t left, uint32_t *c);

/* All of it is UTF-8. */
bool nf_text_utf8(struct nf_view v);

/*
 * Forms of base64 (RFC 4648): one alphabet or both, and whether its padding
 * has to be there, must not be there, or may (both).
 */
#define NF_B64_URL	1u	/* '-' and '_' */
#define NF_B64_STD	2u	/* '+' and '/' */
#define NF_B64_PAD	4u
#define NF_B64_NOPAD	8u

/*
 * Append the bytes of a base64 text.
 *   form   an alphabet or both, which one text does not mix; NF_B64_PAD,
 *          NF_B64_NOPAD or both
 *   field  named in the diag
 * Refused: white space and other characters, a length that no bytes have,
 * wrong padding, unused bits that are not zero.  An empty text is no bytes.
 * Returns 0, NF_E_FORMAT (out is as before) or NF_E_NOMEM.
 */
int nf_text_base64_read(struct nf_buf *out, struct nf_view text,
    unsigned int form, const char *field, struct nf_diag *diag);

/* Append bytes as base64: one alphabet, padded with NF_B64_PAD. */
void nf_text_base64_write(struct nf_buf *out, struct nf_view v,
    unsigned int form);

/* Append a JSON string: pure ASCII, every other byte as \u00XX. */
void nf_text_json(struct nf_buf *buf, struct nf_view v);

/* Append "2016-10-26T20:05:02Z" for Unix seconds (UTC). */
void nf_text_time(struct nf_buf *buf, uint64_t unix_seconds);

/* A {number, name} table, ended by a NULL name. */
struct nf_name {
	uint32_t number;
	const char *name;
};

/* The name of a number, or NULL. */
const char *nf_name_find(const struct nf_name *table, uint32_t number);

/* The number of a name, ignoring case.  Returns false when not listed. */
bool nf_name_number(const struct nf_name *table, const char *name,
    uint32_t *number);

/* Append the name, or "#N" for a number that is not listed. */
void nf_name_print(struct nf_buf *buf, const struct nf_name *table,
    uint32_t number);

/*
 * Append the names of the bits, separated by '|'; bits without a name as one
 * hex word; "none" for 0.
 */
void nf_flags_print(struct nf_buf *buf, const struct nf_name *table,
    uint32_t flags);

#endif
