/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A verdict as a junit test suite.  The mapping is ours.  The output is pure
 * ASCII: every other byte is written as \xNN, since XML cannot hold them all.
 */
#include "config.h"

#include <string.h>

#include "verify/verdict-format.h"

/* Append the inside of an attribute. */
static void
attribute(struct nf_buf *out, const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s < 0x20 || *s > 0x7e)
			nf_buf_printf(out, "\\x%02x", (uint8_t)*s);
		else if (strchr("&<>\"'", *s) != NULL)
			nf_buf_printf(out, "&#%d;", *s);
		else
			nf_buf_u8(out, (uint8_t)*s);
	}
}

/* One case; element is its only child, NULL for a case that passed. */
static void
testcase(struct nf_buf *out, const char *id, const char *title,
    const char *element, const char *what, const char *detail)
{
	nf_buf_str(out, "    <testcase classname=\"");
	attribute(out, id);
	nf_buf_str(out, "\" name=\"");
	attribute(out, title);
	if (element == NULL) {
		nf_buf_str(out, "\"/>\n");
		return;
	}
	nf_buf_printf(out, "\"><%s message=\"", element);
	attribute(out, what);
	nf_buf_str(out, *detail == '\0' ? "" : ": ");
	attribute(out, detail);
	nf_buf_str(out, "\"/></testcase>\n");
}

static void
check(struct nf_buf *out, const struct nf_vfy_verdict *v,
    const struct nf_vfy_check *c)
{
	const char *element = c->status == NF_VFY_PASS ? NULL :
	    c->status == NF_VFY_FAIL ? "failure" : "skipped";

	testcase(out, c->id, c->title, element,
	    nf_vfy_status_name(c->status), nf_vfy_detail(v, c));
}

static void
verdict(struct nf_buf *out, const struct nf_vfy_item *it)
{
	enum nf_vfy_result result = nf_vfy_result_of(it->v);
	char line[NF_DIAG_WHERE_MAX + NF_DIAG_FIELD_MAX + NF_DIAG_TEXT_MAX +
	    64];
	const char *element = NULL, *what = nf_vfy_result_name(result);

	line[0] = '\0';
	if (it->diag != NULL) {
		nf_diag_line(it->diag, line, sizeof(line));
		element = "error";
		what = "no verdict";
	} else if (result == NF_VFY_FAILED)
		element = "failure";
	else if (result == NF_VFY_UNANCHORED)
		element = it->exit == 0 ? "skipped" : "error";
	testcase(out, "verdict", "verdict", element, what, line);
}

static void
begin(struct nf_buf *out, const struct nf_vfy_run *run)
{
	(void)run;
	nf_buf_str(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<testsuites>\n");
}

/*
 * A suite a file: a case for each check, and "verdict".  Fail is a failure,
 * unknown and not applicable are skipped; the case "verdict" is an error when
 * unanchored does not exit 0.
 */
static void
item(struct nf_buf *out, const struct nf_vfy_run *run,
    const struct nf_vfy_item *it)
{
	const struct nf_vfy_verdict *v = it->v;
	size_t n = it->diag == NULL ? v->n_checks : 0;
	size_t failed = 0, skipped = 0;
	enum nf_vfy_result result = nf_vfy_result_of(v);
	bool error = it->diag != NULL ||
	    (result == NF_VFY_UNANCHORED && it->exit != 0);

	(void)run;
	for (size_t i = 0; i < n; i++) {
		failed += v->check[i].status == NF_VFY_FAIL;
		skipped += v->check[i].status == NF_VFY_UNKNOWN ||
		    v->check[i].status == NF_VFY_NA;
	}
	if (it->diag == NULL) {
		failed += result == NF_VFY_FAILED;
		skipped += result == NF_VFY_UNANCHORED && it->exit == 0;
	}
	nf_buf_str(out, "  <testsuite name=\"");
	attribute(out, it->path);
	nf_buf_printf(out, "\" tests=\"%zu\" failures=\"%zu\" "
	    "errors=\"%d\" skipped=\"%zu\">\n", n + 1, failed, error,
	    skipped);
	if (it->diag == NULL && nf_vfy_insecure_seed(v))
		nf_buf_str(out, "    <properties><property "
		    "name=\"insecure_seed\" value=\"true\"/>"
		    "</properties>\n");
	for (size_t i = 0; i < n; i++)
		check(out, v, &v->check[i]);
	verdict(out, it);
	nf_buf_str(out, "  </testsuite>\n");
	if (nf_buf_err(&v->text) != 0)
		nf_buf_fail(out, nf_buf_err(&v->text));
}

static void
end(struct nf_buf *out, const struct nf_vfy_run *run,
    const struct nf_vfy_tally *tally)
{
	(void)run;
	(void)tally;
	nf_buf_str(out, "</testsuites>\n");
}

const struct nf_vfy_format nf_vfy_junit_format = {
	.name = "junit",
	.begin = begin,
	.item = item,
	.end = end
};
