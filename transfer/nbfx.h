/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of .NET binary XML (MC-NBFX, real) that method-1 packages use:
 * elements, one-letter prefixed attributes, xmlns attributes, text records.
 * Records that need a dictionary are refused.  Knows nothing of packages.
 */
#ifndef NF_TRANSFER_NBFX_H
#define NF_TRANSFER_NBFX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nfast/base/buf.h"
#include "nfast/base/cur.h"

#define NF_NBFX_DEPTH_MAX	8
#define NF_NBFX_NAME_MAX	255
#define NF_NBFX_VALUE_MAX	((size_t)64 * 1024)

enum nf_nbfx_kind {
	NF_NBFX_ELEMENT,	/* name */
	NF_NBFX_XMLNS,		/* name = prefix, value of type chars */
	NF_NBFX_ATTRIBUTE,	/* letter, name, value */
	NF_NBFX_VALUE,		/* value */
	NF_NBFX_END,		/* of the innermost open element */
	NF_NBFX_EOF		/* the root is closed, no bytes are left */
};

enum nf_nbfx_type {
	NF_NBFX_EMPTY,
	NF_NBFX_BOOL,
	NF_NBFX_INT,
	NF_NBFX_DATETIME,
	NF_NBFX_CHARS,
	NF_NBFX_BYTES
};

/* One record, or a run of byte records joined into one value. */
struct nf_nbfx_node {
	enum nf_nbfx_kind kind;
	enum nf_nbfx_type type;
	size_t off;		/* of the record in the cursor's input */
	size_t len;		/* bytes of it, of all when joined */
	size_t data;		/* offset of the first byte of bytes */
	char letter;		/* prefix of an attribute */
	struct nf_view name;
	int32_t number;		/* bool, int */
	uint64_t time;		/* datetime, raw */
	struct nf_view bytes;	/* chars, bytes; until the next call */
};

struct nf_nbfx_reader {
	struct nf_cur *cur;
	struct nf_buf joined;
	size_t depth;
	bool rooted;		/* the root element was met */
	bool fresh;		/* just after a start tag or its attributes */
	bool valued;		/* just after a value */
	const char *want;	/* the element asked for, or NULL */
	bool end_due;		/* the value carried its EndElement */
};

/*
 * Read the records under cur, which is borrowed and must outlive the reader.
 * Release with nf_nbfx_reader_wipe(), also after a failure.
 */
void nf_nbfx_reader_init(struct nf_nbfx_reader *r, struct nf_cur *cur);
void nf_nbfx_reader_wipe(struct nf_nbfx_reader *r);

/*
 * The next node.
 *   node  filled; views borrow from the input or, when byte records were
 *         joined, from the reader until the next call
 * Refused: dictionary and unknown records, depth, names and values above the
 * limits above, multi-byte lengths with superfluous zeros, names that are not
 * printable ASCII, empty byte records, text beside elements, bytes after the
 * root.  Values of type chars are bytes here: their text is not checked.
 * Returns 0, NF_E_FORMAT (diag: byte offset) or NF_E_NOMEM.
 */
int nf_nbfx_next(struct nf_nbfx_reader *r, struct nf_nbfx_node *node);

/* The next node must be the start of this element.  off gets its offset. */
int nf_nbfx_open(struct nf_nbfx_reader *r, const char *name, size_t *off);

/* The next node must be this xmlns attribute. */
int nf_nbfx_xmlns(struct nf_nbfx_reader *r, const char *prefix,
    const char *value);

/* The next node must be the end of this element. */
int nf_nbfx_close(struct nf_nbfx_reader *r, const char *name);

/*
 * A whole element that holds one value and no attributes.
 *   value  its value; type NF_NBFX_EMPTY when there is none; off and len span
 *          the whole element
 * Returns 0, NF_E_FORMAT (diag.field: the name) or NF_E_NOMEM.
 */
int nf_nbfx_leaf(struct nf_nbfx_reader *r, const char *name,
    struct nf_nbfx_node *value);

/*
 * The writer behaves as .NET's, which collects 512 bytes before it lets go of
 * them: the end of an element turns its last text record into the odd form
 * while that record is still held, and is a lone EndElement afterwards.
 */
struct nf_nbfx_writer {
	struct nf_buf *buf;
	size_t held;		/* bytes not let go of yet */
	size_t text;		/* position of the last text record in buf */
	bool text_held;
};

/* Append to buf, which is borrowed; errors stick there. */
void nf_nbfx_writer_init(struct nf_nbfx_writer *w, struct nf_buf *buf);

/* name and prefix are ASCII constants of 1..41 bytes. */
void nf_nbfx_write_element(struct nf_nbfx_writer *w, const char *name);
void nf_nbfx_write_xmlns(struct nf_nbfx_writer *w, const char *prefix,
    const char *value);

/* letter is 'a'..'z'. */
void nf_nbfx_write_bool_attribute(struct nf_nbfx_writer *w, char letter,
    const char *name, bool value);

/* Append the value of an element, and the end of it. */
void nf_nbfx_write_bool(struct nf_nbfx_writer *w, bool value);

/* The shortest of Zero, One, Int8, Int16 and Int32. */
void nf_nbfx_write_int(struct nf_nbfx_writer *w, int32_t value);
void nf_nbfx_write_datetime(struct nf_nbfx_writer *w, uint64_t raw);

/* ASCII text; nothing when empty, Zero or One for "0" and "1". */
void nf_nbfx_write_chars(struct nf_nbfx_writer *w, struct nf_view text);

/*
 * Bytes as .NET writes arrays: one record of the largest multiple of 3, then
 * one of the 1 or 2 bytes left; nothing when empty.
 */
void nf_nbfx_write_bytes(struct nf_nbfx_writer *w, struct nf_view v);
void nf_nbfx_write_end(struct nf_nbfx_writer *w);

#endif
