/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reports: how the verdicts of a run are written, one writer a format.  A
 * report is its begin, the items in between with the separator, and its end,
 * so that a run over many files holds one of them at a time, and the items
 * can be written by several processes.  JSON and the mapping to junit, SARIF
 * and HTML are ours.
 */
#ifndef NF_VERIFY_VERDICT_FORMAT_H
#define NF_VERIFY_VERDICT_FORMAT_H

#include "verify/verdict.h"

/* Version of the JSON; grows with every change that a reader could notice. */
#define NF_VFY_JSON_SCHEMA	2

/* Kind of a verdict on a file that no kind recognised. */
#define NF_VFY_KIND_NONE	"file"

#define NF_VFY_FORMATS	"text, json, jsonl, junit, sarif or html"

/*
 * The run that is reported.
 *   tool    a constant, the program's name
 *   many    several files may follow: json is an array, text ends in a table
 *   colour  for a terminal
 */
struct nf_vfy_run {
	const char *tool;
	bool many;
	bool colour;
};

/*
 * The result of one file.
 *   path  as it was given, any bytes
 *   v     the verdict; kind and sha256 count even with an error
 *   diag  why there is no verdict, or NULL
 *   exit  the exit status for this file alone
 */
struct nf_vfy_item {
	const char *path;
	const struct nf_vfy_verdict *v;
	const struct nf_diag *diag;
	int exit;
};

/* What a run found, by kind: the summary. */
#define NF_VFY_KINDS_MAX	32
#define NF_VFY_KIND_LEN		40

enum nf_vfy_outcome {
	NF_VFY_OUT_PASS,
	NF_VFY_OUT_UNANCHORED,
	NF_VFY_OUT_FAIL,
	NF_VFY_OUT_ERROR,	/* unreadable, malformed, not recognised */
	NF_VFY_OUT_COUNT
};

struct nf_vfy_tally {
	size_t n_kinds;
	struct {
		char kind[NF_VFY_KIND_LEN];
		size_t n[NF_VFY_OUT_COUNT];
	} row[NF_VFY_KINDS_MAX];	/* in the order of first appearance */
};

/* Count one; kinds beyond the table are counted in its last row, "other". */
void nf_vfy_tally_add(struct nf_vfy_tally *tally, const char *kind,
    enum nf_vfy_outcome outcome);

/* What an item counts as. */
enum nf_vfy_outcome nf_vfy_outcome_of(const struct nf_vfy_item *item);

/* A format.  begin, separator and end may be NULL; errors stick in out. */
struct nf_vfy_format {
	const char *name;
	const char *separator;		/* between two items */
	void (*begin)(struct nf_buf *out, const struct nf_vfy_run *run);
	void (*item)(struct nf_buf *out, const struct nf_vfy_run *run,
	    const struct nf_vfy_item *item);
	void (*end)(struct nf_buf *out, const struct nf_vfy_run *run,
	    const struct nf_vfy_tally *tally);
};

/* The format of that name, or NULL. */
const struct nf_vfy_format *nf_vfy_format_find(const char *name);

/* The writers, one a file. */
extern const struct nf_vfy_format nf_vfy_text_format;
extern const struct nf_vfy_format nf_vfy_json_format;
extern const struct nf_vfy_format nf_vfy_jsonl_format;
extern const struct nf_vfy_format nf_vfy_junit_format;
extern const struct nf_vfy_format nf_vfy_sarif_format;
extern const struct nf_vfy_format nf_vfy_html_format;

/* Names of a status and of a result: "pass", ...; "unanchored", .... */
const char *nf_vfy_status_name(enum nf_vfy_status status);
const char *nf_vfy_result_name(enum nf_vfy_result result);

#endif
