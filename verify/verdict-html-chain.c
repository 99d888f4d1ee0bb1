/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The chain from root to key as an inline picture: who vouches for whom, with
 * the status of the check that says so.  Ours.  A node's row is one below its
 * lowest signer; the first that it vouches for stays in its column, others
 * open a new one.
 */
#include "config.h"

#include <string.h>

#include "nfast/base/text.h"
#include "verify/verdict-format.h"
#include "verify/verdict-html.h"

#define NODES_MAX	(2 * NF_VFY_LINKS_MAX)
#define NODE_W		200
#define NODE_H		44
#define ROW_H		104
#define COL_W		330
#define MARGIN		12
#define ELBOW		12		/* below a node */
#define HASH_SHOWN	8		/* bytes */

struct node {
	const char *name;
	unsigned row, col;
	bool placed, has_heir, is_source, is_known;
};

struct picture {
	const struct nf_vfy_verdict *v;
	size_t n;
	unsigned rows, cols;
	struct node node[NODES_MAX];
	size_t from[NF_VFY_LINKS_MAX], to[NF_VFY_LINKS_MAX];
};

static enum nf_vfy_status
link_status(const struct nf_vfy_verdict *v, const struct nf_vfy_link *l)
{
	const struct nf_vfy_check *c = nf_vfy_find(v, l->check);

	return c == NULL ? NF_VFY_UNKNOWN : c->status;
}

static size_t
node_of(struct picture *p, const char *name)
{
	size_t i = 0;

	while (i < p->n && strcmp(p->node[i].name, name) != 0)
		i++;
	if (i == p->n) {
		p->node[i] = (struct node){ .name = name, .is_source = true };
		p->n++;
	}
	return i;
}

static void
place(struct picture *p, struct node *n, const struct node *signer)
{
	if (n->placed)
		return;
	n->col = signer == NULL ? p->cols++ : signer->col;
	n->placed = true;
}

static void
layout(struct picture *p)
{
	const struct nf_vfy_verdict *v = p->v;
	struct node *from, *to;

	for (size_t i = 0; i < v->n_links; i++) {
		p->from[i] = node_of(p, v->link[i].from);
		p->to[i] = node_of(p, v->link[i].to);
		p->node[p->to[i]].is_source = false;
		p->node[p->from[i]].is_known |=
		    link_status(v, &v->link[i]) != NF_VFY_UNKNOWN;
	}
	/* as many passes as the longest chain can need, should one be a ring */
	for (size_t pass = 0; pass < p->n; pass++) {
		for (size_t i = 0; i < v->n_links; i++) {
			from = &p->node[p->from[i]];
			to = &p->node[p->to[i]];
			if (to->row <= from->row && from->row + 1 < p->n)
				to->row = from->row + 1;
		}
	}
	for (size_t i = 0; i < v->n_links; i++) {
		from = &p->node[p->from[i]];
		to = &p->node[p->to[i]];
		place(p, from, NULL);
		place(p, to, from->has_heir ? NULL : from);
		from->has_heir = true;
	}
	for (size_t i = 0; i < p->n; i++) {
		if (p->node[i].row >= p->rows)
			p->rows = p->node[i].row + 1;
	}
}

static unsigned
left(const struct node *n)
{
	return MARGIN + n->col * COL_W;
}

static unsigned
top(const struct node *n)
{
	return MARGIN + n->row * ROW_H;
}

/* The hash of a node: the root that was reached, or the fact "NAME hash". */
static bool
hash_write(struct nf_buf *out, const struct nf_vfy_verdict *v,
    const struct node *n)
{
	size_t len = strlen(n->name);
	const struct nf_vfy_fact *f;

	if (v->has_root && strcmp(n->name, "root") == 0) {
		nf_text_hex(out, nf_view_of(v->root, HASH_SHOWN));
		nf_buf_str(out, "...");
		return true;
	}
	for (size_t i = 0; i < v->n_facts && nf_buf_err(&v->text) == 0; i++) {
		f = &v->fact[i];
		if (!f->hex || f->len < HASH_SHOWN ||
		    strncmp(f->name, n->name, len) != 0 ||
		    strcmp(f->name + len, " hash") != 0)
			continue;
		nf_buf_str(out, f->by == NULL ? "claimed " : "");
		nf_text_hex(out, nf_view_of(v->text.p + f->value,
		    HASH_SHOWN));
		nf_buf_str(out, "...");
		return true;
	}
	return false;
}

static void
write_node(struct nf_buf *out, const struct nf_vfy_verdict *v,
    const struct node *n)
{
	struct nf_buf hash = NF_BUF_INIT;
	bool missing = n->is_source && !n->is_known;
	bool two = hash_write(&hash, v, n) || missing;
	unsigned x = left(n), y = top(n);

	nf_buf_printf(out, "<rect x=\"%u\" y=\"%u\" width=\"%d\" "
	    "height=\"%d\" rx=\"6\"%s/>", x, y, NODE_W, NODE_H,
	    missing ? " class=\"dashed\"" : "");
	nf_buf_printf(out, "<text x=\"%u\" y=\"%u\" text-anchor=\"middle\">",
	    x + NODE_W / 2, y + (two ? 19 : 27));
	nf_vfy_html_str(out, n->name);
	nf_buf_str(out, "</text>");
	if (two) {
		nf_buf_printf(out, "<text class=\"small\" x=\"%u\" y=\"%u\" "
		    "text-anchor=\"middle\">", x + NODE_W / 2, y + 35);
		if (hash.len > 0)
			nf_buf_view_put(out, nf_buf_view(&hash));
		else
			nf_buf_str(out, v->has_root ? "not reached" :
			    "not in this file");
		nf_buf_str(out, "</text>");
	}
	nf_buf_u8(out, '\n');
	if (nf_buf_err(&hash) != 0)
		nf_buf_fail(out, nf_buf_err(&hash));
	nf_buf_wipe(&hash);
}

/*
 * Lines run below the signer's row and above the row of what is vouched for,
 * and pass the rows between them beside the column, so that none crosses a
 * node.
 */
static void
write_line(struct nf_buf *out, const struct node *from, const struct node *to)
{
	unsigned x0 = left(from) + NODE_W / 2, y0 = top(from) + NODE_H;
	unsigned x1 = left(to) + NODE_W / 2, y1 = top(to);

	nf_buf_printf(out, "<path class=\"line\" d=\"M%u %uV%u", x0, y0,
	    y0 + ELBOW);
	if (to->row > from->row + 1)
		nf_buf_printf(out, "H%uV%u", left(to) - MARGIN / 2,
		    y1 - (ROW_H - NODE_H) + ELBOW);
	nf_buf_printf(out, "H%uV%u\"/><path class=\"head\" "
	    "d=\"M%u %ul-5 -9h10z\"/>", x1, y1 - 6, x1, y1);
}

/* Labels stand above what is vouched for, one line for each signer. */
static void
write_link(struct nf_buf *out, const struct picture *p, size_t i)
{
	const struct nf_vfy_link *l = &p->v->link[i];
	const struct node *to = &p->node[p->to[i]];
	const char *status = nf_vfy_status_name(link_status(p->v, l));
	unsigned line = 0;

	for (size_t k = 0; k < i; k++)
		line += p->to[k] == p->to[i];
	nf_buf_printf(out, "<g class=\"%s\">", status);
	write_line(out, &p->node[p->from[i]], to);
	nf_buf_printf(out, "<text x=\"%u\" y=\"%u\">",
	    left(to) + NODE_W / 2 + 10, top(to) - 12 - 15 * line);
	nf_vfy_html_str(out, status);
	nf_buf_str(out, ": ");
	nf_vfy_html_str(out, l->check);
	nf_buf_str(out, "</text></g>\n");
}

/* The same in words, for who cannot see it. */
static void
write_label(struct nf_buf *out, const struct nf_vfy_verdict *v)
{
	for (size_t i = 0; i < v->n_links; i++) {
		if (i > 0)
			nf_buf_str(out, "; ");
		nf_vfy_html_str(out, v->link[i].from);
		nf_buf_str(out, " to ");
		nf_vfy_html_str(out, v->link[i].to);
		nf_buf_printf(out, ": %s", nf_vfy_status_name(
		    link_status(v, &v->link[i])));
	}
}

void
nf_vfy_html_chain(struct nf_buf *out, const struct nf_vfy_verdict *v)
{
	struct picture p = { .v = v };
	unsigned w, h;

	if (v->n_links == 0)
		return;
	layout(&p);
	w = 2 * MARGIN + p.cols * COL_W;
	h = 2 * MARGIN + p.rows * ROW_H - (ROW_H - NODE_H);
	nf_buf_printf(out, "<figure>\n<svg role=\"img\" viewBox=\"0 0 %u "
	    "%u\" width=\"%u\" height=\"%u\" aria-label=\"Chain: ", w, h, w,
	    h);
	write_label(out, v);
	nf_buf_str(out, "\">\n");
	for (size_t i = 0; i < v->n_links; i++)
		write_link(out, &p, i);
	for (size_t i = 0; i < p.n; i++)
		write_node(out, v, &p.node[i]);
	nf_buf_str(out, "</svg>\n<figcaption>Who vouches for whom, and the "
	    "check that says so.</figcaption>\n</figure>\n");
}
