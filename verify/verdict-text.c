/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reports for people, in plain text.  Ours.  Colour changes nothing but the
 * colour: a report without its escape sequences is the same.
 */
#include "config.h"

#include <string.h>

#include "nfast/base/text.h"
#include "verify/verdict-words.h"

#define GREEN		"\033[32m"
#define RED		"\033[31m"
#define YELLOW		"\033[33m"
#define BANNER		"\033[1;7m"
#define PLAIN		"\033[0m"
#define KIND_WIDTH	12		/* at least */

static const char *const status_names[] = { "pass", "FAIL", "unknown", "n/a" };
static const char *const status_colours[] = { GREEN, RED, YELLOW, "" };
static const char *const result_colours[] = {
	[NF_VFY_SUCCESS] = GREEN,
	[NF_VFY_FAILED] = RED,
	[NF_VFY_UNANCHORED] = YELLOW
};

static void
begin_colour(struct nf_buf *out, bool colour, const char *sequence)
{
	if (colour)
		nf_buf_str(out, sequence);
}

static void
end_colour(struct nf_buf *out, bool colour, const char *sequence)
{
	if (colour && *sequence != '\0')
		nf_buf_str(out, PLAIN);
}

static void
write_fact(struct nf_buf *out, const struct nf_vfy_verdict *v,
    const struct nf_vfy_fact *f)
{
	nf_buf_printf(out, "  %s:", f->name);
	if (f->print == NULL) {
		nf_buf_u8(out, ' ');
		nf_vfy_fact_value(out, v, f);
	}
	if (f->by != NULL)
		nf_buf_printf(out, " [signed by %s%s]\n", f->by,
		    nf_vfy_passed(v, NF_VFY_ROOT_CHECK) ? "" :
		    ", unanchored");
	else
		nf_buf_str(out, " [claimed]\n");
	if (f->print != NULL)
		nf_vfy_fact_value(out, v, f);
}

static void
write_check(struct nf_buf *out, const struct nf_vfy_verdict *v,
    const struct nf_vfy_check *c, bool colour)
{
	const char *detail = nf_vfy_detail(v, c);

	nf_buf_str(out, "  ");
	begin_colour(out, colour, status_colours[c->status]);
	nf_buf_printf(out, "%-7s", status_names[c->status]);
	end_colour(out, colour, status_colours[c->status]);
	nf_buf_printf(out, "  %-20s  %s", c->id, c->title);
	if (*detail != '\0')
		nf_buf_printf(out, ": %s", detail);
	if (c->status == NF_VFY_FAIL && c->where != NULL)
		nf_buf_printf(out, " (%s, bytes %zu to %zu)", c->where,
		    c->off, c->off + c->len);
	nf_buf_u8(out, '\n');
}

static void
write_result(struct nf_buf *out, const struct nf_vfy_verdict *v, bool colour)
{
	const char *sequence = result_colours[nf_vfy_result_of(v)];

	if (v->simulated) {
		begin_colour(out, colour, BANNER);
		nf_buf_str(out, NF_VFY_SIMULATED_WORDS);
		end_colour(out, colour, BANNER);
		nf_buf_u8(out, '\n');
	}
	if (nf_vfy_insecure_seed(v)) {
		begin_colour(out, colour, BANNER);
		nf_buf_str(out, NF_VFY_SEED_WORDS);
		end_colour(out, colour, BANNER);
		nf_buf_u8(out, '\n');
	}
	begin_colour(out, colour, sequence);
	nf_buf_str(out, "Result: ");
	nf_vfy_result_words(out, v);
	end_colour(out, colour, sequence);
	nf_buf_u8(out, '\n');
}

static void
write_verdict(struct nf_buf *out, const struct nf_vfy_verdict *v, bool colour)
{
	nf_buf_printf(out, "%s: %s\n", v->kind, v->subject);
	nf_buf_str(out, "facts:\n");
	for (size_t i = 0; i < v->n_facts; i++)
		write_fact(out, v, &v->fact[i]);
	nf_buf_str(out, "checks:\n");
	for (size_t i = 0; i < v->n_checks; i++)
		write_check(out, v, &v->check[i], colour);
	nf_buf_str(out, "root: ");
	if (v->has_root)
		nf_text_hex(out, nf_view_of(v->root, sizeof(v->root)));
	else
		nf_buf_str(out, "not in this file");
	nf_buf_u8(out, '\n');
	write_result(out, v, colour);
	if (v->text.err != 0)
		nf_buf_fail(out, v->text.err);
}

void
nf_vfy_write(struct nf_buf *out, const struct nf_vfy_verdict *v)
{
	write_verdict(out, v, false);
}

/* Of a single file the error is the program's line on stderr. */
static void
item(struct nf_buf *out, const struct nf_vfy_run *run,
    const struct nf_vfy_item *it)
{
	if (it->diag == NULL) {
		write_verdict(out, it->v, run->colour);
		return;
	}
	if (!run->many)
		return;
	nf_buf_printf(out, "%s: %s\n", it->v->kind, it->v->subject);
	begin_colour(out, run->colour, RED);
	nf_buf_str(out, "Result: ERROR: ");
	nf_vfy_error_words(out, it);
	end_colour(out, run->colour, RED);
	nf_buf_u8(out, '\n');
}

static void
summary_row(struct nf_buf *out, int width, const char *kind,
    const size_t n[static NF_VFY_OUT_COUNT])
{
	nf_buf_printf(out, "%-*s", width, kind);
	for (int o = 0; o < NF_VFY_OUT_COUNT; o++)
		nf_buf_printf(out, "  %10zu", n[o]);
	nf_buf_u8(out, '\n');
}

static void
end(struct nf_buf *out, const struct nf_vfy_run *run,
    const struct nf_vfy_tally *tally)
{
	size_t order[NF_VFY_KINDS_MAX], total[NF_VFY_OUT_COUNT], len;
	int width = KIND_WIDTH;

	if (!run->many)
		return;
	nf_vfy_tally_order(tally, order, total);
	for (size_t i = 0; i < tally->n_kinds; i++) {
		len = strlen(tally->row[i].kind);
		if ((int)len > width)
			width = (int)len;
	}
	nf_buf_printf(out, "\n%-*s", width, "summary");
	for (int o = 0; o < NF_VFY_OUT_COUNT; o++)
		nf_buf_printf(out, "  %10s",
		    nf_vfy_outcome_name((enum nf_vfy_outcome)o));
	nf_buf_u8(out, '\n');
	for (size_t i = 0; i < tally->n_kinds; i++)
		summary_row(out, width, tally->row[order[i]].kind,
		    tally->row[order[i]].n);
	summary_row(out, width, "total", total);
}

const struct nf_vfy_format nf_vfy_text_format = {
	.name = "text",
	.separator = "\n",
	.item = item,
	.end = end
};
