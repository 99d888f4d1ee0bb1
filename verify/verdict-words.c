/* SPDX-License-Identifier: Apache-2.0 */
/* Names, sentences and counts that the report writers share.  Ours. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "verify/verdict-words.h"

#define LINE_MAX_LEN	(NF_DIAG_WHERE_MAX + NF_DIAG_FIELD_MAX + \
			NF_DIAG_TEXT_MAX + 64)

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

const char *
nf_vfy_outcome_name(enum nf_vfy_outcome outcome)
{
	static const char *const names[] = {
		[NF_VFY_OUT_PASS] = "pass",
		[NF_VFY_OUT_UNANCHORED] = "unanchored",
		[NF_VFY_OUT_FAIL] = "failed",
		[NF_VFY_OUT_ERROR] = "unreadable"
	};

	return names[outcome];
}

void
nf_vfy_result_words(struct nf_buf *out, const struct nf_vfy_verdict *v)
{
	const struct nf_vfy_check *c = nf_vfy_first_failure(v);
	const char *detail;

	if (c != NULL) {
		detail = nf_vfy_detail(v, c);
		nf_buf_printf(out, "FAILED: %s%s%s", c->title,
		    *detail == '\0' ? "" : ": ", detail);
	} else if (nf_vfy_result_of(v) == NF_VFY_SUCCESS)
		nf_buf_str(out, "SUCCESS");
	else
		nf_buf_str(out, "UNANCHORED: all that is there "
		    "verifies, but it carries no link to a pinned root");
}

void
nf_vfy_error_words(struct nf_buf *out, const struct nf_vfy_item *item)
{
	struct nf_diag d = *item->diag;
	char line[LINE_MAX_LEN];

	if (strcmp(d.where, item->v->subject) == 0)
		d.where[0] = '\0';
	nf_diag_line(&d, line, sizeof(line));
	nf_buf_str(out, line);
}

enum nf_vfy_outcome
nf_vfy_outcome_of(const struct nf_vfy_item *item)
{
	if (item->diag != NULL || item->v->err != 0 ||
	    nf_buf_err(&item->v->text) != 0)
		return NF_VFY_OUT_ERROR;
	switch (nf_vfy_result_of(item->v)) {
	case NF_VFY_SUCCESS:
		return NF_VFY_OUT_PASS;
	case NF_VFY_FAILED:
		return NF_VFY_OUT_FAIL;
	case NF_VFY_UNANCHORED:
		break;
	}
	return NF_VFY_OUT_UNANCHORED;
}

void
nf_vfy_tally_add(struct nf_vfy_tally *tally, const char *kind,
    enum nf_vfy_outcome outcome)
{
	char name[NF_VFY_KIND_LEN];
	size_t i = 0;

	(void)snprintf(name, sizeof(name), "%s", kind);
	while (i < tally->n_kinds && strcmp(tally->row[i].kind, name) != 0)
		i++;
	if (i == NF_VFY_KINDS_MAX)
		i--;
	if (i == tally->n_kinds) {
		memset(&tally->row[i], 0, sizeof(tally->row[i]));
		memcpy(tally->row[i].kind, i < NF_VFY_KINDS_MAX - 1 ? name :
		    "other", i < NF_VFY_KINDS_MAX - 1 ? sizeof(name) :
		    sizeof("other"));
		tally->n_kinds++;
	}
	tally->row[i].n[outcome]++;
}

void
nf_vfy_tally_order(const struct nf_vfy_tally *tally,
    size_t order[static NF_VFY_KINDS_MAX],
    size_t total[static NF_VFY_OUT_COUNT])
{
	size_t at;

	memset(total, 0, NF_VFY_OUT_COUNT * sizeof(total[0]));
	for (size_t i = 0; i < tally->n_kinds; i++) {
		for (at = i; at > 0 && strcmp(tally->row[order[at - 1]].kind,
		    tally->row[i].kind) > 0; at--)
			order[at] = order[at - 1];
		order[at] = i;
		for (size_t o = 0; o < NF_VFY_OUT_COUNT; o++)
			total[o] += tally->row[i].n[o];
	}
}
