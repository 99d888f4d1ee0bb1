/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verdicts as one page for reading and printing: no scripts, nothing from
 * elsewhere, and no meaning in colour alone.  Ours.
 */
#include "config.h"

#include <string.h>

#include "nfast/base/text.h"
#include "verify/verdict-html.h"
#include "verify/verdict-words.h"

static void
begin(struct nf_buf *out, const struct nf_vfy_run *run)
{
	nf_vfy_html_head(out, "Audit report");
	nf_buf_str(out, "<body>\n<main>\n<h1>Audit report</h1>\n<p>Written "
	    "by ");
	nf_vfy_html_str(out, run->tool);
	nf_buf_str(out, " " PACKAGE_VERSION ". A value is signed when a "
	    "signature that was checked covers it, unanchored when the "
	    "signer reaches no accepted root, so that whoever made the file "
	    "may have made it, and claimed when nothing covers it.</p>\n");
}

static void
write_badge(struct nf_buf *out, const struct nf_vfy_item *it)
{
	static const struct {
		const char *class, *text;
	} badges[] = {
		[NF_VFY_OUT_PASS] = { "pass", "PASS" },
		[NF_VFY_OUT_UNANCHORED] = { "unanchored", "UNANCHORED" },
		[NF_VFY_OUT_FAIL] = { "fail", "FAILED" },
		[NF_VFY_OUT_ERROR] = { "fail", "NO VERDICT" }
	};
	enum nf_vfy_outcome o = nf_vfy_outcome_of(it);

	nf_buf_printf(out, "<p class=\"badge %s\">%s</p>\n", badges[o].class,
	    badges[o].text);
	if (it->v->simulated)
		nf_buf_str(out, "<p class=\"simulated\">"
		    NF_VFY_SIMULATED_WORDS "</p>\n");
	if (nf_vfy_insecure_seed(it->v))
		nf_buf_str(out, "<p class=\"simulated\">" NF_VFY_SEED_WORDS
		    "</p>\n");
}

static void
write_hash(struct nf_buf *out, const char *name, bool there,
    const uint8_t *hash, size_t len, const char *else_words)
{
	nf_buf_printf(out, "<dt>%s</dt><dd>", name);
	if (there) {
		nf_buf_str(out, "<code>");
		nf_text_hex(out, nf_view_of(hash, len));
		nf_buf_str(out, "</code>");
	} else
		nf_buf_str(out, else_words);
	nf_buf_str(out, "</dd>\n");
}

static void
write_outline(struct nf_buf *out, const struct nf_vfy_item *it)
{
	const struct nf_vfy_verdict *v = it->v;
	struct nf_buf words = NF_BUF_INIT;

	nf_buf_str(out, "<dl>\n<dt>Kind</dt><dd>");
	nf_vfy_html_str(out, strcmp(v->kind, NF_VFY_KIND_NONE) == 0 ?
	    "not recognised" : v->kind);
	nf_buf_str(out, "</dd>\n");
	write_hash(out, "SHA-256", v->has_sha256, v->sha256,
	    sizeof(v->sha256), "not taken");
	if (it->diag == NULL)
		write_hash(out, "Root", v->has_root, v->root,
		    sizeof(v->root), "not in this file");
	nf_buf_str(out, "<dt>Result</dt><dd>");
	if (it->diag == NULL)
		nf_vfy_result_words(&words, v);
	else
		nf_vfy_error_words(&words, it);
	nf_vfy_html_text(out, nf_buf_view(&words));
	nf_buf_str(out, "</dd>\n</dl>\n");
	if (nf_buf_err(&words) != 0)
		nf_buf_fail(out, nf_buf_err(&words));
	nf_buf_wipe(&words);
}

static void
write_fact(struct nf_buf *out, const struct nf_vfy_verdict *v,
    const struct nf_vfy_fact *f)
{
	const char *element = f->print != NULL ? "pre" : f->hex ? "code" :
	    "span";
	struct nf_buf value = NF_BUF_INIT;

	nf_buf_str(out, "<tr><th scope=\"row\">");
	nf_vfy_html_str(out, f->name);
	nf_buf_printf(out, "</th><td><%s>", element);
	nf_vfy_fact_value(&value, v, f);
	nf_vfy_html_text(out, nf_buf_view(&value));
	nf_buf_printf(out, "</%s></td>", element);
	if (f->by == NULL)
		nf_buf_str(out, "<td class=\"claimed\">claimed</td>");
	else if (nf_vfy_passed(v, NF_VFY_ROOT_CHECK)) {
		nf_buf_str(out, "<td class=\"pass\">signed by ");
		nf_vfy_html_str(out, f->by);
		nf_buf_str(out, "</td>");
	} else {
		nf_buf_str(out, "<td class=\"unanchored\">signed by ");
		nf_vfy_html_str(out, f->by);
		nf_buf_str(out, ", unanchored</td>");
	}
	nf_buf_str(out, "</tr>\n");
	if (nf_buf_err(&value) != 0)
		nf_buf_fail(out, nf_buf_err(&value));
	nf_buf_wipe(&value);
}

static void
write_check(struct nf_buf *out, const struct nf_vfy_verdict *v,
    const struct nf_vfy_check *c)
{
	const char *status = nf_vfy_status_name(c->status);

	nf_buf_printf(out, "<tr><td class=\"%s\">%s</td><td><code>", status,
	    c->status == NF_VFY_FAIL ? "FAIL" : status);
	nf_vfy_html_str(out, c->id);
	nf_buf_str(out, "</code></td><td>");
	nf_vfy_html_str(out, c->title);
	nf_buf_str(out, "</td><td>");
	nf_vfy_html_str(out, nf_vfy_detail(v, c));
	nf_buf_str(out, "</td><td>");
	if (c->where != NULL) {
		nf_vfy_html_str(out, c->where);
		nf_buf_printf(out, ", bytes %zu to %zu", c->off,
		    c->off + c->len);
	}
	nf_buf_str(out, "</td></tr>\n");
}

static void
write_tables(struct nf_buf *out, const struct nf_vfy_verdict *v)
{
	if (v->n_facts > 0) {
		nf_buf_str(out, "<table>\n<caption>Facts</caption>\n<thead>"
		    "<tr><th scope=\"col\">Name</th><th scope=\"col\">Value"
		    "</th><th scope=\"col\">Stands on</th></tr></thead>\n"
		    "<tbody>\n");
		for (size_t i = 0; i < v->n_facts; i++)
			write_fact(out, v, &v->fact[i]);
		nf_buf_str(out, "</tbody>\n</table>\n");
	}
	nf_buf_str(out, "<table>\n<caption>Checks</caption>\n<thead><tr>"
	    "<th scope=\"col\">Status</th><th scope=\"col\">Check</th>"
	    "<th scope=\"col\">What</th><th scope=\"col\">Detail</th>"
	    "<th scope=\"col\">Where</th></tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < v->n_checks; i++)
		write_check(out, v, &v->check[i]);
	nf_buf_str(out, "</tbody>\n</table>\n");
}

static void
item(struct nf_buf *out, const struct nf_vfy_run *run,
    const struct nf_vfy_item *it)
{
	(void)run;
	nf_buf_str(out, "<article>\n<h2>");
	nf_vfy_html_str(out, it->path);
	nf_buf_str(out, "</h2>\n");
	write_badge(out, it);
	write_outline(out, it);
	if (it->diag == NULL) {
		nf_vfy_html_chain(out, it->v);
		write_tables(out, it->v);
	}
	nf_buf_str(out, "</article>\n");
	if (nf_buf_err(&it->v->text) != 0)
		nf_buf_fail(out, nf_buf_err(&it->v->text));
}

static void
summary_row(struct nf_buf *out, const char *kind,
    const size_t n[static NF_VFY_OUT_COUNT])
{
	nf_buf_str(out, "<tr><th scope=\"row\">");
	nf_vfy_html_str(out, kind);
	nf_buf_str(out, "</th>");
	for (int o = 0; o < NF_VFY_OUT_COUNT; o++)
		nf_buf_printf(out, "<td class=\"n\">%zu</td>", n[o]);
	nf_buf_str(out, "</tr>\n");
}

static void
end(struct nf_buf *out, const struct nf_vfy_run *run,
    const struct nf_vfy_tally *tally)
{
	size_t order[NF_VFY_KINDS_MAX], total[NF_VFY_OUT_COUNT];

	(void)run;
	nf_vfy_tally_order(tally, order, total);
	nf_buf_str(out, "<section class=\"summary\">\n<h2>Summary</h2>\n"
	    "<table>\n<thead><tr><th scope=\"col\">Kind</th>");
	for (int o = 0; o < NF_VFY_OUT_COUNT; o++)
		nf_buf_printf(out, "<th scope=\"col\">%s</th>",
		    nf_vfy_outcome_name((enum nf_vfy_outcome)o));
	nf_buf_str(out, "</tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < tally->n_kinds; i++)
		summary_row(out, tally->row[order[i]].kind,
		    tally->row[order[i]].n);
	nf_buf_str(out, "</tbody>\n<tfoot>\n");
	summary_row(out, "total", total);
	nf_buf_str(out, "</tfoot>\n</table>\n</section>\n</main>\n</body>\n"
	    "</html>\n");
}

const struct nf_vfy_format nf_vfy_html_format = {
	.name = "html",
	.begin = begin,
	.item = item,
	.end = end
};
