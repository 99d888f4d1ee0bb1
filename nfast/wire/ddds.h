/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DDDS, the encoding of warrants (real, as far as its tags are public): small
 * and large integers, strings, symbols, byte blocks, lists and maps.  There
 * is one encoding of each value: longer ones than needed are refused, so are
 * unknown tags, repeated map keys and trailing bytes.
 */
#ifndef NF_WIRE_DDDS_H
#define NF_WIRE_DDDS_H

#include <stdbool.h>
#include <stdint.h>

#include "nfast/base/buf.h"
#include "nfast/base/cur.h"

#define NF_DDDS_DEPTH_MAX	8	/* lists and maps within each other */
#define NF_DDDS_NODES_MAX	128

enum nf_ddds_type {
	NF_DDDS_INT,
	NF_DDDS_STRING,
	NF_DDDS_SYMBOL,
	NF_DDDS_BYTES,
	NF_DDDS_LIST,
	NF_DDDS_MAP
};

/*
 * One value.
 *   enc    its whole encoding
 *   v      content of strings, symbols and byte blocks; of an integer its
 *          big-endian bytes without leading zeros (empty when small)
 *   small  an integer of 0..31 whose v is empty
 *   n      items of a list; twice the pairs of a map (key, value, ...)
 *   child, next  indexes of the first item and of the sibling, 0: none
 */
struct nf_ddds_node {
	enum nf_ddds_type type;
	uint32_t small;
	uint32_t n;
	uint32_t child;
	uint32_t next;
	struct nf_view enc;
	struct nf_view v;
};

/* node[0] is the outermost value; views borrow from the input. */
struct nf_ddds {
	uint32_t n;
	struct nf_ddds_node node[NF_DDDS_NODES_MAX];
};

/*
 * Read one value, to the cursor's end.  Map keys are symbols.
 * Returns the cursor's error, NF_E_FORMAT.
 */
int nf_ddds_read(struct nf_cur *cur, struct nf_ddds *out);

/* Item i of a list; NULL when node is no list or has no such item. */
const struct nf_ddds_node *nf_ddds_item(const struct nf_ddds *d,
    const struct nf_ddds_node *node, uint32_t i);

/* The value of a symbol in a map; NULL when node is no map or lacks it. */
const struct nf_ddds_node *nf_ddds_get(const struct nf_ddds *d,
    const struct nf_ddds_node *node, const char *key);

/* The value is this symbol.  node may be NULL. */
bool nf_ddds_is(const struct nf_ddds_node *node, const char *symbol);

/* The value has that type.  node may be NULL. */
bool nf_ddds_has_type(const struct nf_ddds_node *node,
    enum nf_ddds_type type);

/*
 * Builders.  What has no public encoding (strings above 15 bytes, symbols
 * above 255, lists and maps above 15 items, blocks above 65535) makes the
 * buffer fail with NF_E_INTERNAL.
 *   nf_ddds_put_int  big-endian, leading zeros are dropped
 *   nf_ddds_put_list, _map  only the head; items (key, value, ...) follow
 */
void nf_ddds_put_small(struct nf_buf *buf, uint32_t value);
void nf_ddds_put_int(struct nf_buf *buf, struct nf_view be);
void nf_ddds_put_string(struct nf_buf *buf, struct nf_view s);
void nf_ddds_put_symbol(struct nf_buf *buf, const char *s);
void nf_ddds_put_bytes(struct nf_buf *buf, struct nf_view v);
void nf_ddds_put_list(struct nf_buf *buf, uint32_t items);
void nf_ddds_put_map(struct nf_buf *buf, uint32_t pairs);

#endif
