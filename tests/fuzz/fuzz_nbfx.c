/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: .NET binary XML, record by record. */
#include "config.h"

#include "tests/fuzz/fuzz.h"
#include "transfer/nbfx.h"

/* A node lies within the input. */
static void
check_node(const struct nf_nbfx_node *node, size_t size)
{
	NF_REQUIRE(node->off <= size && node->len <= size - node->off);
	NF_REQUIRE(node->bytes.len <= NF_NBFX_VALUE_MAX);
	NF_REQUIRE(node->name.len <= NF_NBFX_NAME_MAX);
}

void
target_nbfx(const uint8_t *data, size_t size)
{
	struct nf_nbfx_node node = { .kind = NF_NBFX_VALUE };
	struct nf_diag diag = { 0 };
	struct nf_nbfx_reader reader;
	struct nf_cur cur;
	size_t n = 0, depth = 0;
	int r;

	nf_cur_init(&cur, data, size, &diag);
	nf_nbfx_reader_init(&reader, &cur);
	while ((r = nf_nbfx_next(&reader, &node)) == 0 &&
	    node.kind != NF_NBFX_EOF) {
		check_node(&node, size);
		NF_REQUIRE(++n <= 2 * size); /* a value may end its element */
		if (node.kind == NF_NBFX_ELEMENT)
			NF_REQUIRE(++depth <= NF_NBFX_DEPTH_MAX);
		if (node.kind == NF_NBFX_END)
			NF_REQUIRE(depth-- > 0);
	}
	fuzz_diag(r, &diag);
	NF_REQUIRE(r != 0 || depth == 0);
	nf_nbfx_reader_wipe(&reader);
}
