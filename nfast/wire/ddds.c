/* SPDX-License-Identifier: Apache-2.0 */
/* The reader and the builders of DDDS; the tags are real, see ddds.h. */
#include "config.h"

#include <string.h>

#include "nfast/wire/ddds.h"

#define TAG_STRING	0x20u
#define TAG_SYMBOL	0x30u
#define TAG_LIST	0x90u
#define TAG_MAP		0xb0u
#define TAG_SYMBOL8	0xc4u
#define TAG_BYTES8	0xc5u
#define TAG_BYTES16	0xd5u
#define TAG_INT		0xf4u
#define SMALL_MAX	0x1fu
#define NIBBLE_MAX	0x0fu

struct reader {
	struct nf_cur *cur;
	struct nf_ddds *out;
};

static uint16_t
u16be(struct nf_cur *cur, const char *field)
{
	uint16_t hi = nf_cur_u8(cur, field);

	return (uint16_t)(hi << 8 | nf_cur_u8(cur, field));
}

/* A byte block after its tag was read. */
static struct nf_view
block_read(struct nf_cur *cur, uint8_t tag, const char *field)
{
	size_t len = tag == TAG_BYTES8 ? nf_cur_u8(cur, field) :
	    u16be(cur, field);

	if (tag == TAG_BYTES16 && len <= UINT8_MAX)
		(void)nf_cur_fail(cur, NF_E_FORMAT, field,
		    "%zu bytes with a 16-bit length", len);
	return nf_cur_bytes(cur, field, len);
}

static void
int_read(struct nf_cur *cur, struct nf_ddds_node *node)
{
	uint8_t tag = nf_cur_u8(cur, "integer");

	if (tag != TAG_BYTES8 && tag != TAG_BYTES16) {
		(void)nf_cur_fail(cur, NF_E_FORMAT, "integer",
		    "tag 0x%02x where a byte block is due", tag);
		return;
	}
	node->v = block_read(cur, tag, "integer");
	if (nf_cur_err(cur) != 0)
		return;
	if (node->v.len == 0 || node->v.p[0] == 0 ||
	    (node->v.len == 1 && node->v.p[0] <= SMALL_MAX))
		(void)nf_cur_fail(cur, NF_E_FORMAT, "integer",
		    "longer than its value needs");
}

/* The value of a tag that holds no other values. */
static void
leaf_read(struct nf_cur *cur, uint8_t tag, struct nf_ddds_node *node)
{
	size_t len;

	switch (tag) {
	case TAG_INT:
		node->type = NF_DDDS_INT;
		int_read(cur, node);
		return;
	case TAG_BYTES8:
	case TAG_BYTES16:
		node->type = NF_DDDS_BYTES;
		node->v = block_read(cur, tag, "bytes");
		return;
	case TAG_SYMBOL8:
		node->type = NF_DDDS_SYMBOL;
		len = nf_cur_u8(cur, "symbol");
		if (len <= NIBBLE_MAX)
			(void)nf_cur_fail(cur, NF_E_FORMAT, "symbol",
			    "%zu bytes with an 8-bit length", len);
		node->v = nf_cur_bytes(cur, "symbol", len);
		break;
	default:
		if (tag <= SMALL_MAX) {
			node->type = NF_DDDS_INT;
			node->small = tag;
			return;
		}
		node->type = (tag & 0xf0) == TAG_STRING ? NF_DDDS_STRING :
		    NF_DDDS_SYMBOL;
		if (node->type == NF_DDDS_SYMBOL && (tag & 0xf0) != TAG_SYMBOL)
			(void)nf_cur_fail(cur, NF_E_FORMAT, "tag",
			    "tag 0x%02x is not known", tag);
		node->v = nf_cur_bytes(cur, "text", tag & NIBBLE_MAX);
		break;
	}
	if (nf_cur_err(cur) == 0 && !nf_view_printable(node->v))
		(void)nf_cur_fail(cur, NF_E_FORMAT, "text", "not printable");
}

static uint32_t value_read(struct reader *r, uint32_t depth);

/* The last key of a map is a symbol that no key before it is. */
static void
key_check(struct reader *r, const struct nf_ddds_node *map, uint32_t key)
{
	const struct nf_ddds_node *node = r->out->node;
	uint32_t at = map->child;

	if (node[key].type != NF_DDDS_SYMBOL) {
		(void)nf_cur_fail(r->cur, NF_E_FORMAT, "map",
		    "a key is not a symbol");
		return;
	}
	for (; at != key; at = node[node[at].next].next) {
		if (nf_view_equal(node[at].enc, node[key].enc)) {
			(void)nf_cur_fail(r->cur, NF_E_FORMAT, "map",
			    "key '%.*s' is given twice",
			    (int)node[key].v.len,
			    (const char *)node[key].v.p);
			return;
		}
	}
}

static void
items_read(struct reader *r, uint32_t self, uint32_t depth)
{
	struct nf_ddds_node *node = &r->out->node[self];
	uint32_t last = 0, item;

	if (depth >= NF_DDDS_DEPTH_MAX) {
		(void)nf_cur_fail(r->cur, NF_E_FORMAT, "depth",
		    "more than %d levels", NF_DDDS_DEPTH_MAX);
		return;
	}
	for (uint32_t i = 0; i < node->n; i++) {
		item = value_read(r, depth + 1);
		if (nf_cur_err(r->cur) != 0)
			return;
		if (last == 0)
			node->child = item;
		else
			r->out->node[last].next = item;
		last = item;
		if (node->type == NF_DDDS_MAP && i % 2 == 0)
			key_check(r, node, item);
		if (nf_cur_err(r->cur) != 0)
			return;
	}
}

/* Read a value; returns its index. */
static uint32_t
value_read(struct reader *r, uint32_t depth)
{
	struct nf_cur *cur = r->cur;
	const uint8_t *start = cur->p + cur->off;
	size_t off = cur->off;
	struct nf_ddds_node *node;
	uint32_t self = r->out->n;
	uint8_t tag;

	if (self == NF_DDDS_NODES_MAX) {
		(void)nf_cur_fail(cur, NF_E_FORMAT, "values",
		    "more than %d", NF_DDDS_NODES_MAX);
		return 0;
	}
	r->out->n++;
	node = &r->out->node[self];
	memset(node, 0, sizeof(*node));
	tag = nf_cur_u8(cur, "tag");
	if ((tag & 0xf0) == TAG_LIST || (tag & 0xf0) == TAG_MAP) {
		node->type = (tag & 0xf0) == TAG_LIST ? NF_DDDS_LIST :
		    NF_DDDS_MAP;
		node->n = tag & NIBBLE_MAX;
		if (node->type == NF_DDDS_MAP)
			node->n *= 2;
		items_read(r, self, depth);
	} else {
		leaf_read(cur, tag, node);
	}
	if (nf_cur_err(cur) == 0)
		node->enc = nf_view_of(start, cur->off - off);
	return self;
}

int
nf_ddds_read(struct nf_cur *cur, struct nf_ddds *out)
{
	struct reader r = { cur, out };

	out->n = 0;
	(void)value_read(&r, 0);
	if (nf_cur_end(cur, "DDDS") != 0)
		out->n = 0;
	return nf_cur_err(cur);
}

const struct nf_ddds_node *
nf_ddds_item(const struct nf_ddds *d, const struct nf_ddds_node *node,
    uint32_t i)
{
	uint32_t at;

	if (!nf_ddds_has_type(node, NF_DDDS_LIST) || i >= node->n)
		return NULL;
	for (at = node->child; i > 0; i--)
		at = d->node[at].next;
	return &d->node[at];
}

const struct nf_ddds_node *
nf_ddds_get(const struct nf_ddds *d, const struct nf_ddds_node *node,
    const char *key)
{
	uint32_t at, value;

	if (!nf_ddds_has_type(node, NF_DDDS_MAP))
		return NULL;
	for (at = node->child; at != 0; at = d->node[value].next) {
		value = d->node[at].next;
		if (nf_view_is(d->node[at].v, key))
			return &d->node[value];
	}
	return NULL;
}

bool
nf_ddds_is(const struct nf_ddds_node *node, const char *symbol)
{
	return nf_ddds_has_type(node, NF_DDDS_SYMBOL) &&
	    nf_view_is(node->v, symbol);
}

bool
nf_ddds_has_type(const struct nf_ddds_node *node, enum nf_ddds_type type)
{
	return node != NULL && node->type == type;
}

/* A head with its length in the low nibble. */
static void
nibble_put(struct nf_buf *buf, uint32_t tag, size_t len)
{
	if (len > NIBBLE_MAX)
		nf_buf_fail(buf, NF_E_INTERNAL);
	else
		nf_buf_u8(buf, (uint8_t)(tag | len));
}

void
nf_ddds_put_small(struct nf_buf *buf, uint32_t value)
{
	if (value > SMALL_MAX)
		nf_buf_fail(buf, NF_E_INTERNAL);
	else
		nf_buf_u8(buf, (uint8_t)value);
}

void
nf_ddds_put_int(struct nf_buf *buf, struct nf_view be)
{
	while (be.len > 0 && be.p[0] == 0) {
		be.p++;
		be.len--;
	}
	if (be.len == 0 || (be.len == 1 && be.p[0] <= SMALL_MAX)) {
		nf_ddds_put_small(buf, be.len == 0 ? 0 : be.p[0]);
		return;
	}
	nf_buf_u8(buf, TAG_INT);
	nf_ddds_put_bytes(buf, be);
}

void
nf_ddds_put_string(struct nf_buf *buf, struct nf_view s)
{
	nibble_put(buf, TAG_STRING, s.len);
	nf_buf_view_put(buf, s);
}

void
nf_ddds_put_symbol(struct nf_buf *buf, const char *s)
{
	size_t len = strlen(s);

	if (len <= NIBBLE_MAX) {
		nibble_put(buf, TAG_SYMBOL, len);
	} else if (len <= UINT8_MAX) {
		nf_buf_u8(buf, TAG_SYMBOL8);
		nf_buf_u8(buf, (uint8_t)len);
	} else {
		nf_buf_fail(buf, NF_E_INTERNAL);
	}
	nf_buf_put(buf, s, len);
}

void
nf_ddds_put_bytes(struct nf_buf *buf, struct nf_view v)
{
	if (v.len <= UINT8_MAX) {
		nf_buf_u8(buf, TAG_BYTES8);
		nf_buf_u8(buf, (uint8_t)v.len);
	} else if (v.len <= UINT16_MAX) {
		nf_buf_u8(buf, TAG_BYTES16);
		nf_buf_u8(buf, (uint8_t)(v.len >> 8));
		nf_buf_u8(buf, (uint8_t)v.len);
	} else {
		nf_buf_fail(buf, NF_E_INTERNAL);
	}
	nf_buf_view_put(buf, v);
}

void
nf_ddds_put_list(struct nf_buf *buf, uint32_t items)
{
	nibble_put(buf, TAG_LIST, items);
}

void
nf_ddds_put_map(struct nf_buf *buf, uint32_t pairs)
{
	nibble_put(buf, TAG_MAP, pairs);
}
