/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reader and writer of the .NET binary XML of method-1 packages.  The record
 * numbers are MC-NBFX's; where a text record closes its element follows the
 * 512-byte buffer of .NET's binary writer and reproduces real packages.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "transfer/nbfx.h"

enum {
	REC_END = 0x01,
	REC_XMLNS = 0x09,
	REC_ATTR_A = 0x26,
	REC_ATTR_Z = 0x3f,
	REC_ELEMENT = 0x40,
	REC_ZERO = 0x80,
	REC_ONE = 0x82,
	REC_FALSE = 0x84,
	REC_TRUE = 0x86,
	REC_INT8 = 0x88,
	REC_INT16 = 0x8a,
	REC_INT32 = 0x8c,
	REC_DATETIME = 0x96,
	REC_CHARS8 = 0x98,
	REC_CHARS16 = 0x9a,
	REC_CHARS32 = 0x9c,
	REC_BYTES8 = 0x9e,
	REC_BYTES16 = 0xa0,
	REC_BYTES32 = 0xa2,
	REC_EMPTY = 0xa8
};

#define WITH_END	1

/* Fail at a record that was read already; nf_cur_fail() names the next. */
static int
fail_at(struct nf_nbfx_reader *r, const char *field, size_t off,
    const char *text)
{
	struct nf_cur *cur = r->cur;

	if (nf_cur_err(cur) == 0)
		(void)nf_diag_at(cur->diag, NF_E_FORMAT, field,
		    cur->base + off, "%s", text);
	return nf_cur_fail(cur, NF_E_FORMAT, field, "%s", text);
}

/* The same at a node that is not the due one; an element there is named. */
static int
fail_node(struct nf_nbfx_reader *r, const char *field,
    const struct nf_nbfx_node *node, const char *text)
{
	char line[NF_NBFX_NAME_MAX + 64];

	if (node->kind != NF_NBFX_ELEMENT)
		return fail_at(r, field, node->off, text);
	(void)snprintf(line, sizeof(line), "%s, and element %.*s is there",
	    text, (int)node->name.len, (const char *)node->name.p);
	return fail_at(r, field, node->off, line);
}

/* The element being read, when the caller said which, for the diag. */
static const char *
field_of(const struct nf_nbfx_reader *r)
{
	return r->want == NULL ? "record" : r->want;
}

/* The next byte without taking it; 0, which is no record, at the end. */
static uint8_t
peek(const struct nf_cur *cur)
{
	struct nf_cur look = *cur;

	if (nf_cur_left(cur) == 0)
		return 0;
	look.diag = NULL;
	return nf_cur_u8(&look, "record");
}

/* 7 bits a byte, low first; bounded long before it could overflow. */
static size_t
multibyte(struct nf_cur *cur, const char *field, size_t max)
{
	size_t v = 0;
	unsigned shift = 0;
	uint8_t b;

	do {
		b = nf_cur_u8(cur, field);
		if (nf_cur_err(cur) != 0)
			return 0;
		v |= (size_t)(b & 0x7f) << shift;
		shift += 7;
	} while ((b & 0x80) != 0 && shift < 28);
	if ((b & 0x80) != 0 || v > max)
		(void)nf_cur_fail(cur, NF_E_FORMAT, field,
		    "length is above the limit of %zu", max);
	else if (b == 0 && shift > 7)
		(void)nf_cur_fail(cur, NF_E_FORMAT, field,
		    "length has superfluous bytes");
	return nf_cur_err(cur) != 0 ? 0 : v;
}

static struct nf_view
name_read(struct nf_cur *cur, const char *field)
{
	struct nf_view v = nf_cur_bytes(cur, field,
	    multibyte(cur, field, NF_NBFX_NAME_MAX));

	if (nf_cur_err(cur) == 0 && (v.len == 0 || !nf_view_printable(v)))
		(void)nf_cur_fail(cur, NF_E_FORMAT, field,
		    "a name must be printable");
	return v;
}

/* The length field of chars and bytes records and the data after it. */
static void
sized(struct nf_nbfx_reader *r, unsigned width, struct nf_nbfx_node *node)
{
	struct nf_cur *cur = r->cur;
	size_t n;

	switch (width) {
	case 0:
		n = nf_cur_u8(cur, field_of(r));
		break;
	case 1:
		n = nf_cur_u16(cur, field_of(r));
		break;
	default:
		n = nf_cur_u32(cur, field_of(r));
		break;
	}
	if (nf_cur_err(cur) == 0 && n > NF_NBFX_VALUE_MAX)
		(void)nf_cur_fail(cur, NF_E_FORMAT, field_of(r),
		    "%zu bytes are above the limit of %zu", n,
		    NF_NBFX_VALUE_MAX);
	node->data = cur->off;
	node->bytes = nf_cur_bytes(cur, field_of(r), n);
	if (nf_cur_err(cur) == 0 && n == 0 && node->type == NF_NBFX_BYTES)
		(void)nf_cur_fail(cur, NF_E_FORMAT, field_of(r),
		    "empty byte record");
}

/*
 * One text record.  Sets *with_end when it carries an EndElement; the caller
 * has seen that the next byte is 0x80 or above.
 */
static int
text_read(struct nf_nbfx_reader *r, struct nf_nbfx_node *node, bool *with_end)
{
	struct nf_cur *cur = r->cur;
	size_t off = cur->off;
	uint8_t rec = nf_cur_u8(cur, field_of(r));

	*with_end = (rec & WITH_END) != 0;
	rec = (uint8_t)(rec & ~WITH_END);
	switch (rec) {
	case REC_ZERO:
	case REC_ONE:
		node->type = NF_NBFX_INT;
		node->number = rec == REC_ONE;
		break;
	case REC_FALSE:
	case REC_TRUE:
		node->type = NF_NBFX_BOOL;
		node->number = rec == REC_TRUE;
		break;
	case REC_INT8:
		node->type = NF_NBFX_INT;
		/* NOLINTNEXTLINE: a number of one byte, no character */
		node->number = (int8_t)nf_cur_u8(cur, field_of(r));
		break;
	case REC_INT16:
		node->type = NF_NBFX_INT;
		node->number = (int16_t)nf_cur_u16(cur, field_of(r));
		break;
	case REC_INT32:
		node->type = NF_NBFX_INT;
		node->number = (int32_t)nf_cur_u32(cur, field_of(r));
		break;
	case REC_DATETIME:
		node->type = NF_NBFX_DATETIME;
		node->time = nf_cur_u64(cur, field_of(r));
		break;
	case REC_CHARS8:
	case REC_CHARS16:
	case REC_CHARS32:
		node->type = NF_NBFX_CHARS;
		sized(r, (rec - REC_CHARS8) / 2u, node);
		break;
	case REC_BYTES8:
	case REC_BYTES16:
	case REC_BYTES32:
		node->type = NF_NBFX_BYTES;
		sized(r, (rec - REC_BYTES8) / 2u, node);
		break;
	case REC_EMPTY:
		node->type = NF_NBFX_EMPTY;
		break;
	default:
		return fail_at(r, field_of(r), off,
		    rec == 0xaa ? "dictionary record" : "unknown record");
	}
	return nf_cur_err(cur);
}

static bool
is_bytes(uint8_t rec)
{
	rec = (uint8_t)(rec & ~WITH_END);
	return rec == REC_BYTES8 || rec == REC_BYTES16 || rec == REC_BYTES32;
}

/* A value: one text record, or all byte records in a row. */
static int
value_read(struct nf_nbfx_reader *r, struct nf_nbfx_node *node)
{
	struct nf_cur *cur = r->cur;
	struct nf_nbfx_node more;
	int e;

	if (!r->fresh)
		return nf_cur_fail(cur, NF_E_FORMAT, field_of(r),
		    "a value is not allowed here");
	node->kind = NF_NBFX_VALUE;
	e = text_read(r, node, &r->end_due);
	if (e != 0)
		return e;
	r->fresh = false;
	r->valued = true;
	if (node->type != NF_NBFX_BYTES || r->end_due || !is_bytes(peek(cur)))
		return 0;

	nf_buf_wipe(&r->joined);
	nf_buf_view_put(&r->joined, node->bytes);
	while (!r->end_due && is_bytes(peek(cur))) {
		memset(&more, 0, sizeof(more));
		if ((e = text_read(r, &more, &r->end_due)) != 0)
			return e;
		if (more.bytes.len > NF_NBFX_VALUE_MAX - r->joined.len)
			return fail_at(r, field_of(r), node->off,
			    "byte records are too long together");
		nf_buf_view_put(&r->joined, more.bytes);
		if (nf_buf_err(&r->joined) != 0)
			return nf_cur_fail(cur, nf_buf_err(&r->joined),
			    field_of(r), "out of memory");
	}
	node->bytes = nf_buf_view(&r->joined);
	return 0;
}

static int
element_read(struct nf_nbfx_reader *r, struct nf_nbfx_node *node)
{
	struct nf_cur *cur = r->cur;

	if (r->valued)
		return nf_cur_fail(cur, NF_E_FORMAT, field_of(r),
		    "an element is not allowed after a value");
	if (r->depth == NF_NBFX_DEPTH_MAX)
		return nf_cur_fail(cur, NF_E_FORMAT, field_of(r),
		    "elements are nested deeper than %d", NF_NBFX_DEPTH_MAX);
	(void)nf_cur_u8(cur, field_of(r));
	node->kind = NF_NBFX_ELEMENT;
	node->name = name_read(cur, field_of(r));
	r->depth++;
	r->rooted = true;
	r->fresh = true;
	return nf_cur_err(cur);
}

static int
xmlns_read(struct nf_nbfx_reader *r, struct nf_nbfx_node *node)
{
	struct nf_cur *cur = r->cur;

	if (!r->fresh)
		return nf_cur_fail(cur, NF_E_FORMAT, field_of(r),
		    "an attribute is not allowed here");
	(void)nf_cur_u8(cur, field_of(r));
	node->kind = NF_NBFX_XMLNS;
	node->type = NF_NBFX_CHARS;
	node->name = name_read(cur, field_of(r));
	node->bytes = name_read(cur, field_of(r));
	return nf_cur_err(cur);
}

static int
attribute_read(struct nf_nbfx_reader *r, struct nf_nbfx_node *node)
{
	struct nf_cur *cur = r->cur;
	bool with_end = false;
	size_t off;
	int e;

	if (!r->fresh)
		return nf_cur_fail(cur, NF_E_FORMAT, field_of(r),
		    "an attribute is not allowed here");
	node->letter = (char)('a' + (nf_cur_u8(cur, field_of(r)) - REC_ATTR_A));
	node->kind = NF_NBFX_ATTRIBUTE;
	node->name = name_read(cur, field_of(r));
	off = cur->off;
	if (nf_cur_err(cur) == 0 && peek(cur) < REC_ZERO)
		return nf_cur_fail(cur, NF_E_FORMAT, field_of(r),
		    "an attribute wants a value");
	if ((e = text_read(r, node, &with_end)) != 0)
		return e;
	if (with_end)
		return fail_at(r, field_of(r), off,
		    "an attribute's value cannot end an element");
	return 0;
}

static int
end_read(struct nf_nbfx_reader *r, struct nf_nbfx_node *node)
{
	if (!r->end_due)
		(void)nf_cur_u8(r->cur, field_of(r));
	node->kind = NF_NBFX_END;
	r->end_due = false;
	r->fresh = false;
	r->valued = false;
	r->depth--;
	return nf_cur_err(r->cur);
}

/* Records that name a string of a dictionary, MC-NBFX 2.2. */
static bool
is_dictionary(uint8_t rec)
{
	return rec == 0x06 || rec == 0x07 || rec == 0x0a || rec == 0x0b ||
	    (rec >= 0x0c && rec <= 0x25) || rec == 0x42 || rec == 0x43 ||
	    (rec >= 0x44 && rec <= 0x5d);
}

static int
record_read(struct nf_nbfx_reader *r, struct nf_nbfx_node *node)
{
	uint8_t rec = peek(r->cur);

	if (nf_cur_left(r->cur) == 0)
		return nf_cur_fail(r->cur, NF_E_FORMAT, field_of(r),
		    "the document ends inside an element");
	if (rec == REC_ELEMENT)
		return element_read(r, node);
	if (r->depth > 0 && rec == REC_END)
		return end_read(r, node);
	if (r->depth > 0 && rec == REC_XMLNS)
		return xmlns_read(r, node);
	if (r->depth > 0 && rec >= REC_ATTR_A && rec <= REC_ATTR_Z)
		return attribute_read(r, node);
	if (r->depth > 0 && rec >= REC_ZERO)
		return value_read(r, node);
	return nf_cur_fail(r->cur, NF_E_FORMAT, field_of(r), "%s record 0x%02x",
	    is_dictionary(rec) ? "dictionary" : r->depth == 0 ?
	    "misplaced" : "unknown", rec);
}

void
nf_nbfx_reader_init(struct nf_nbfx_reader *r, struct nf_cur *cur)
{
	memset(r, 0, sizeof(*r));
	r->cur = cur;
	nf_buf_init(&r->joined);
}

void
nf_nbfx_reader_wipe(struct nf_nbfx_reader *r)
{
	nf_buf_wipe(&r->joined);
}

int
nf_nbfx_next(struct nf_nbfx_reader *r, struct nf_nbfx_node *node)
{
	int e;

	memset(node, 0, sizeof(*node));
	node->off = r->cur->off;
	if ((e = nf_cur_err(r->cur)) != 0)
		return e;
	if (r->end_due)
		e = end_read(r, node);
	else if (r->depth == 0 && r->rooted) {
		node->kind = NF_NBFX_EOF;
		e = nf_cur_end(r->cur, "document");
	} else
		e = record_read(r, node);
	node->len = r->cur->off - node->off;
	return e;
}

int
nf_nbfx_open(struct nf_nbfx_reader *r, const char *name, size_t *off)
{
	struct nf_nbfx_node node;
	int e;

	r->want = name;
	if ((e = nf_nbfx_next(r, &node)) != 0)
		return e;
	if (off != NULL)
		*off = node.off;
	if (node.kind != NF_NBFX_ELEMENT || !nf_view_is(node.name, name))
		return fail_node(r, name, &node, "element expected here");
	return 0;
}

int
nf_nbfx_xmlns(struct nf_nbfx_reader *r, const char *prefix,
    const char *value)
{
	struct nf_nbfx_node node;
	int e;

	r->want = "xmlns";
	if ((e = nf_nbfx_next(r, &node)) != 0)
		return e;
	if (node.kind != NF_NBFX_XMLNS || !nf_view_is(node.name, prefix) ||
	    !nf_view_is(node.bytes, value))
		return fail_at(r, "xmlns", node.off,
		    "not the expected namespace");
	return 0;
}

int
nf_nbfx_close(struct nf_nbfx_reader *r, const char *name)
{
	struct nf_nbfx_node node;
	int e;

	r->want = name;
	if ((e = nf_nbfx_next(r, &node)) != 0)
		return e;
	if (node.kind != NF_NBFX_END)
		return fail_node(r, name, &node,
		    "the element should end here");
	return 0;
}

int
nf_nbfx_leaf(struct nf_nbfx_reader *r, const char *name,
    struct nf_nbfx_node *value)
{
	size_t off = 0;
	int e;

	memset(value, 0, sizeof(*value));
	if ((e = nf_nbfx_open(r, name, &off)) != 0)
		return e;
	if ((e = nf_nbfx_next(r, value)) != 0)
		return e;
	if (value->kind == NF_NBFX_VALUE)
		e = nf_nbfx_close(r, name);
	else if (value->kind == NF_NBFX_END)
		value->type = NF_NBFX_EMPTY;
	else
		return fail_node(r, name, value, "one value expected");
	value->off = off;
	value->len = r->cur->off - off;
	return e;
}

void
nf_nbfx_writer_init(struct nf_nbfx_writer *w, struct nf_buf *buf)
{
	memset(w, 0, sizeof(*w));
	w->buf = buf;
}

/*
 * Room for n bytes among the held ones, which are let go of when it lacks.
 * More than 512 go past .NET's buffer; the next call then starts anew.
 */
static void
hold(struct nf_nbfx_writer *w, size_t n)
{
	if (w->held + n > 512) {
		w->held = 0;
		w->text_held = false;
	}
}

static void
put(struct nf_nbfx_writer *w, const void *p, size_t n)
{
	nf_buf_put(w->buf, p, n);
	w->held += n;
}

/* A record that is not text: the last text can no longer be turned. */
static void
put_record(struct nf_nbfx_writer *w, uint8_t rec)
{
	hold(w, 1);
	put(w, &rec, 1);
	w->text_held = false;
}

/* The head of a text record, for which .NET wants room for n bytes. */
static void
put_text(struct nf_nbfx_writer *w, size_t n, const uint8_t *head, size_t len)
{
	hold(w, n);
	w->text = w->buf->len;
	w->text_held = true;
	put(w, head, len);
}

/* .NET asks for 3 bytes a character before it knows their UTF-8 length. */
static void
put_name(struct nf_nbfx_writer *w, const char *name)
{
	size_t n = strlen(name);
	uint8_t len = (uint8_t)n;

	NF_REQUIRE(n >= 1 && n < 42);
	hold(w, 1 + 3 * n);
	put(w, &len, 1);
	put(w, name, n);
}

/* The head of a chars or bytes record: rec is its 8-bit form. */
static void
put_sized(struct nf_nbfx_writer *w, uint8_t rec, size_t n)
{
	uint8_t head[5] = { rec, (uint8_t)n, (uint8_t)(n >> 8),
	    (uint8_t)(n >> 16), (uint8_t)(n >> 24) };

	if (n > NF_NBFX_VALUE_MAX) {
		nf_buf_fail(w->buf, NF_E_FORMAT);
		return;
	}
	if (n > UINT16_MAX)
		head[0] = (uint8_t)(rec + 4);
	else if (n > UINT8_MAX)
		head[0] = (uint8_t)(rec + 2);
	put_text(w, 5, head, n > UINT16_MAX ? 5 : n > UINT8_MAX ? 3 : 2);
}

void
nf_nbfx_write_element(struct nf_nbfx_writer *w, const char *name)
{
	put_record(w, REC_ELEMENT);
	put_name(w, name);
}

void
nf_nbfx_write_xmlns(struct nf_nbfx_writer *w, const char *prefix,
    const char *value)
{
	put_record(w, REC_XMLNS);
	put_name(w, prefix);
	put_name(w, value);
}

void
nf_nbfx_write_bool_attribute(struct nf_nbfx_writer *w, char letter,
    const char *name, bool value)
{
	NF_REQUIRE(letter >= 'a' && letter <= 'z');
	put_record(w, (uint8_t)(REC_ATTR_A + (letter - 'a')));
	put_name(w, name);
	nf_nbfx_write_bool(w, value);
	w->text_held = false;
}

void
nf_nbfx_write_bool(struct nf_nbfx_writer *w, bool value)
{
	const uint8_t rec = value ? REC_TRUE : REC_FALSE;

	put_text(w, 1, &rec, 1);
}

void
nf_nbfx_write_int(struct nf_nbfx_writer *w, int32_t value)
{
	const uint32_t v = (uint32_t)value;
	uint8_t b[5] = { REC_INT32, (uint8_t)v, (uint8_t)(v >> 8),
	    (uint8_t)(v >> 16), (uint8_t)(v >> 24) };
	size_t n = 5;

	if (value == 0 || value == 1) {
		b[0] = value == 0 ? REC_ZERO : REC_ONE;
		n = 1;
	} else if (value >= INT8_MIN && value <= INT8_MAX) {
		b[0] = REC_INT8;
		n = 2;
	} else if (value >= INT16_MIN && value <= INT16_MAX) {
		b[0] = REC_INT16;
		n = 3;
	}
	put_text(w, n, b, n);
}

void
nf_nbfx_write_datetime(struct nf_nbfx_writer *w, uint64_t raw)
{
	uint8_t b[9] = { REC_DATETIME };

	for (size_t i = 0; i < 8; i++)
		b[1 + i] = (uint8_t)(raw >> (8 * i));
	put_text(w, sizeof(b), b, sizeof(b));
}

/* Texts of up to 85 characters go whole, longer ones in pieces of 170. */
void
nf_nbfx_write_chars(struct nf_nbfx_writer *w, struct nf_view text)
{
	uint8_t head[2] = { REC_CHARS8, (uint8_t)text.len };
	size_t n;

	if (text.len == 0)
		return;
	if (nf_view_is(text, "0") || nf_view_is(text, "1")) {
		nf_nbfx_write_int(w, text.p[0] - '0');
		return;
	}
	if (text.len <= 85) {
		put_text(w, 2 + 3 * text.len, head, sizeof(head));
		put(w, text.p, text.len);
		return;
	}
	put_sized(w, REC_CHARS8, text.len);
	for (size_t i = 0; i < text.len; i += n) {
		n = text.len - i > 170 ? 170 : text.len - i;
		hold(w, 3 * n);
		put(w, text.p + i, n);
	}
}

void
nf_nbfx_write_bytes(struct nf_nbfx_writer *w, struct nf_view v)
{
	size_t whole = v.len - v.len % 3, rest = v.len % 3;

	if (whole > 0) {
		put_sized(w, REC_BYTES8, whole);
		hold(w, whole);
		put(w, v.p, whole);
	}
	if (rest > 0) {
		put_sized(w, REC_BYTES8, rest);
		put(w, v.p + whole, rest);
	}
}

void
nf_nbfx_write_end(struct nf_nbfx_writer *w)
{
	if (!w->text_held) {
		put_record(w, REC_END);
		return;
	}
	if (nf_buf_err(w->buf) == 0)
		w->buf->p[w->text] = (uint8_t)(w->buf->p[w->text] | WITH_END);
	w->text_held = false;
}
