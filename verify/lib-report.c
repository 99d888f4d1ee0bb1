/* SPDX-License-Identifier: Apache-2.0 */
/* libsecworld: reports. */
#include "config.h"

#include "verify/lib.h"
#include "verify/secworld/report.h"
#include "verify/verdict-format.h"

_Static_assert(SW_REPORT_SCHEMA == NF_VFY_JSON_SCHEMA,
    "the JSON has another version");

#define TOOL	"libsecworld"

/* By number: enum sw_format. */
static const struct nf_vfy_format *const formats[] = {
	[SW_FORMAT_TEXT] = &nf_vfy_text_format,
	[SW_FORMAT_JSON] = &nf_vfy_json_format,
	[SW_FORMAT_JSONL] = &nf_vfy_jsonl_format,
	[SW_FORMAT_JUNIT] = &nf_vfy_junit_format,
	[SW_FORMAT_SARIF] = &nf_vfy_sarif_format,
	[SW_FORMAT_HTML] = &nf_vfy_html_format
};

#define N_FORMATS	(sizeof(formats) / sizeof(formats[0]))

int
sw_report_schema(void)
{
	return NF_VFY_JSON_SCHEMA;
}

int
sw_report_format(const char *name, enum sw_format *out)
{
	const struct nf_vfy_format *format;

	if (name == NULL || out == NULL)
		return NF_E_USAGE;
	format = nf_vfy_format_find(name);
	for (size_t i = 0; format != NULL && i < N_FORMATS; i++) {
		if (formats[i] == format) {
			*out = (enum sw_format)i;
			return 0;
		}
	}
	return NF_E_NOTFOUND;
}

static void
item_set(const struct sw_result *res, struct nf_vfy_item *item)
{
	item->path = res->name;
	item->v = &res->v;
	item->diag = res->has_diag ? &res->diag.d : NULL;
	item->exit = res->exit;
}

/* What the text of one file leaves to the program: its error line. */
static void
error_line(struct nf_buf *out, const struct nf_diag *d)
{
	char line[NF_DIAG_WHERE_MAX + NF_DIAG_FIELD_MAX + NF_DIAG_TEXT_MAX +
	    64];

	nf_diag_line(d, line, sizeof(line));
	nf_buf_printf(out, "%s\n", line);
}

/* Write all; each item goes to write() when there is one. */
static int
report(const struct sw_result *const *results, size_t n,
    const struct nf_vfy_format *format, struct nf_buf *out,
    sw_write_fn *write, void *arg, struct nf_diag *d)
{
	struct nf_vfy_run run = { .tool = TOOL, .many = n != 1 };
	struct nf_vfy_tally tally = { 0 };
	struct nf_vfy_item item;
	int r = 0;

	if (format->begin != NULL)
		format->begin(out, &run);
	for (size_t i = 0; r == 0 && i < n; i++) {
		item_set(results[i], &item);
		if (i > 0 && format->separator != NULL)
			nf_buf_str(out, format->separator);
		if (n == 1 && item.diag != NULL &&
		    format == &nf_vfy_text_format)
			error_line(out, item.diag);
		else
			format->item(out, &run, &item);
		nf_vfy_tally_add(&tally, item.v->kind,
		    nf_vfy_outcome_of(&item));
		if (write != NULL)
			r = nf_lib_flush(out, write, arg, d);
	}
	if (r == 0 && format->end != NULL)
		format->end(out, &run, &tally);
	return r;
}

/* The format, or NULL with the diag set for wrong use. */
static const struct nf_vfy_format *
arguments(const struct sw_result *const *results, size_t n,
    enum sw_format format, struct sw_diag *diag)
{
	if ((size_t)format >= N_FORMATS) {
		(void)nf_lib_usage(diag, "format", "there is no such format");
		return NULL;
	}
	for (size_t i = 0; i < n; i++) {
		if (results == NULL || results[i] == NULL) {
			(void)nf_lib_usage(diag, "results", "NULL was given");
			return NULL;
		}
	}
	return formats[format];
}

int
sw_report_write(const struct sw_result *const *results, size_t n,
    enum sw_format number, sw_write_fn *write, void *arg,
    struct sw_diag *diag)
{
	const struct nf_vfy_format *format;
	struct nf_buf out = NF_BUF_INIT;
	struct nf_diag d;
	int r;

	if (write == NULL)
		return nf_lib_usage(diag, "write", "NULL was given");
	if ((format = arguments(results, n, number, diag)) == NULL)
		return NF_E_USAGE;
	if ((r = nf_lib_begin(diag, &d)) == 0 && (r = report(results, n,
	    format, &out, write, arg, &d)) == 0)
		r = nf_lib_flush(&out, write, arg, &d);
	nf_buf_wipe(&out);
	return nf_lib_end(diag, &d, r);
}

int
sw_report_alloc(const struct sw_result *const *results, size_t n,
    enum sw_format number, char **out, size_t *len, struct sw_diag *diag)
{
	const struct nf_vfy_format *format;
	struct nf_buf buf = NF_BUF_INIT;
	struct nf_diag d;
	int r;

	if (out == NULL)
		return nf_lib_usage(diag, "out", "NULL was given");
	*out = NULL;
	if ((format = arguments(results, n, number, diag)) == NULL)
		return NF_E_USAGE;
	if ((r = nf_lib_begin(diag, &d)) == 0 && (r = report(results, n,
	    format, &buf, NULL, NULL, &d)) == 0)
		r = nf_lib_give(&buf, out, len, &d);
	nf_buf_wipe(&buf);
	return nf_lib_end(diag, &d, r);
}
