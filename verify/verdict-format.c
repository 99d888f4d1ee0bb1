/* SPDX-License-Identifier: Apache-2.0 */
/* The reports of a run in one document of the wanted format.  Ours. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "verify/verdict-format.h"
#include "verify/verdict-json.h"

struct nf_vfy_report {
	enum nf_vfy_format format;
	const char *tool;
	json_t *all;			/* json */
	struct nf_buf text;		/* the others, so far */
};

bool
nf_vfy_format_of(const char *name, enum nf_vfy_format *format)
{
	static const char *const names[] = {
		[NF_VFY_TEXT] = "text",
		[NF_VFY_JSON] = "json",
		[NF_VFY_JSONL] = "jsonl",
		[NF_VFY_JUNIT] = "junit"
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(name, names[i]) == 0) {
			*format = (enum nf_vfy_format)i;
			return true;
		}
	}
	return false;
}

const char *
nf_vfy_status_name(enum nf_vfy_status status)
{
	static const char *const names[] = {
		[NF_VFY_PASS] = "pass",
		[NF_VFY_FAIL] = "fail",
		[NF_VFY_UNKNOWN] = "unknown",
		[NF_VFY_NA] = "not-applicable"
	};

	return names[status];
}

const char *
nf_vfy_result_name(enum nf_vfy_result result)
{
	static const char *const names[] = {
		[NF_VFY_SUCCESS] = "pass",
		[NF_VFY_FAILED] = "fail",
		[NF_VFY_UNANCHORED] = "unanchored"
	};

	return names[result];
}

struct nf_vfy_report *
nf_vfy_report_new(enum nf_vfy_format format, const char *tool)
{
	struct nf_vfy_report *rep;

	if ((rep = calloc(1, sizeof(*rep))) == NULL)
		return NULL;
	rep->format = format;
	rep->tool = tool;
	nf_buf_init(&rep->text);
	if (format == NF_VFY_JSON && (rep->all = json_array()) == NULL) {
		free(rep);
		return NULL;
	}
	return rep;
}

void
nf_vfy_report_add(struct nf_vfy_report *rep, const char *path,
    const struct nf_vfy_verdict *v, const struct nf_diag *diag, int exit)
{
	json_t *one;

	if (rep->format == NF_VFY_JUNIT) {
		nf_vfy_junit_suite(&rep->text, path, v, diag, exit);
		return;
	}
	one = nf_vfy_json(rep->tool, path, v, diag, exit);
	if (rep->format == NF_VFY_JSON) {
		if (json_array_append_new(rep->all, one) != 0)
			nf_buf_fail(&rep->text, NF_E_NOMEM);
		return;
	}
	if (one != NULL)
		nf_vfy_json_write(&rep->text, one, true);
	else
		nf_buf_fail(&rep->text, NF_E_NOMEM);
	nf_buf_u8(&rep->text, '\n');
	json_decref(one);
}

void
nf_vfy_report_end(struct nf_vfy_report *rep, struct nf_buf *out)
{
	if (rep->format == NF_VFY_JSON) {
		nf_vfy_json_write(out, json_array_size(rep->all) == 1 ?
		    json_array_get(rep->all, 0) : rep->all, false);
		nf_buf_u8(out, '\n');
	} else if (rep->format == NF_VFY_JUNIT) {
		nf_buf_str(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		    "<testsuites>\n");
		nf_buf_view_put(out, nf_buf_view(&rep->text));
		nf_buf_str(out, "</testsuites>\n");
	} else
		nf_buf_view_put(out, nf_buf_view(&rep->text));
	if (nf_buf_err(&rep->text) != 0)
		nf_buf_fail(out, nf_buf_err(&rep->text));
	json_decref(rep->all);
	nf_buf_wipe(&rep->text);
	free(rep);
}
