/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: DDDS values, warrants, and nchex containers. */
#include "config.h"

#include <string.h>

#include "nfast/wire/ddds.h"
#include "tests/fuzz/fuzz.h"
#include "verify/legacycert.h"
#include "verify/nchex.h"
#include "verify/warrant.h"

/* Every item lies within its parent, and the counts are those of lists. */
static void
check_node(const struct nf_ddds *d, uint32_t at, int depth)
{
	const struct nf_ddds_node *node = &d->node[at], *item;
	uint32_t i = 0, n = 0;

	NF_REQUIRE(depth <= NF_DDDS_DEPTH_MAX + 1);
	NF_REQUIRE(node->enc.len >= 1);
	if (node->type != NF_DDDS_LIST && node->type != NF_DDDS_MAP)
		return;
	for (i = node->child; i != 0; i = item->next) {
		NF_REQUIRE(i < d->n && i > at);
		item = &d->node[i];
		NF_REQUIRE(item->enc.p > node->enc.p && item->enc.p +
		    item->enc.len <= node->enc.p + node->enc.len);
		check_node(d, i, depth + 1);
		n++;
	}
	NF_REQUIRE(n == node->n);
	NF_REQUIRE(nf_ddds_item(d, node, n) == NULL);
}

static void
ddds(const uint8_t *data, size_t size)
{
	struct nf_diag diag = { 0 };
	struct nf_ddds d;
	struct nf_cur cur;
	int r;

	nf_cur_init(&cur, data, size, &diag);
	r = nf_ddds_read(&cur, &d);
	fuzz_diag(r, &diag);
	if (r != 0)
		return;
	NF_REQUIRE(d.n >= 1 && d.n <= NF_DDDS_NODES_MAX);
	NF_REQUIRE(d.node[0].enc.len == size);
	check_node(&d, 0, 1);
	NF_REQUIRE(nf_ddds_get(&d, &d.node[0], "no such key") == NULL);
}

/* What is written is read again as the same. */
static void
nchex(struct nf_view text)
{
	struct nf_buf data = NF_BUF_INIT, out = NF_BUF_INIT;
	struct nf_buf again = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	char type[12];
	int r;

	nf_nchex_type(text, type);
	r = nf_nchex_read(text, NULL, &data, &diag);
	fuzz_diag(r, &diag);
	if (r == 0 && FUZZ_OK(type[0] != '\0')) {
		NF_REQUIRE(nf_nchex_is(text));
		NF_REQUIRE(data.len <= NF_NCHEX_DATA_MAX);
		nf_nchex_write(&out, "a comment", type, nf_buf_view(&data));
		if (FUZZ_OK(nf_buf_err(&out) == 0) &&
		    FUZZ_OK(nf_nchex_read(nf_buf_view(&out), type, &again,
		    NULL) == 0))
			fuzz_same(&again, data.p, data.len);
	}
	nf_buf_wipe(&data);
	nf_buf_wipe(&out);
	nf_buf_wipe(&again);
}

static void
warrant(struct nf_view file)
{
	static const struct nf_vfy_kwarn kwarn;
	struct nf_diag diag = { 0 };
	struct nf_vfy_ctx *ctx = nf_vfy_ctx_new();
	struct nf_vfy_warrant w;
	int r;

	if (!FUZZ_OK(ctx != NULL))
		return;
	r = nf_vfy_warrant_open(ctx, file, &kwarn, &w, &diag);
	fuzz_diag(r, &diag);
	if (r == 0)
		NF_REQUIRE(nf_vfy_warrant_is(file) &&
		    w.n_delegations < NF_WARRANT_CERTS_MAX);
	nf_vfy_ctx_free(ctx);
}

void
target_warrant(const uint8_t *data, size_t size)
{
	ddds(data, size);
	nchex(nf_view_of(data, size));
	warrant(nf_view_of(data, size));
}
