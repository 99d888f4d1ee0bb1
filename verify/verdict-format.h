/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verdicts for machines: json and jsonl as verdict.schema.json has them, and
 * junit.  The JSON and the mapping to junit are ours.
 */
#ifndef NF_VERIFY_VERDICT_FORMAT_H
#define NF_VERIFY_VERDICT_FORMAT_H

#include "verify/verdict.h"

/* Version of the JSON; grows with every change that a reader could notice. */
#define NF_VFY_JSON_SCHEMA	1

/* Kind of a verdict on a file that no kind recognised. */
#define NF_VFY_KIND_NONE	"file"

enum nf_vfy_format {
	NF_VFY_TEXT,
	NF_VFY_JSON,
	NF_VFY_JSONL,
	NF_VFY_JUNIT
};

#define NF_VFY_FORMATS	"text, json, jsonl or junit"

/* The format of that name.  Returns false when there is none. */
bool nf_vfy_format_of(const char *name, enum nf_vfy_format *format);

/* Names of a status and of a result: "pass", ...; "unanchored", .... */
const char *nf_vfy_status_name(enum nf_vfy_status status);
const char *nf_vfy_result_name(enum nf_vfy_result result);

/* The results of one run, for the formats other than text. */
struct nf_vfy_report;

/* tool is a constant, the program's name.  NULL: out of memory. */
struct nf_vfy_report *nf_vfy_report_new(enum nf_vfy_format format,
    const char *tool);

/*
 * Add the result of one file.
 *   path  as it was given, any bytes
 *   v     the verdict; kind and sha256 count even with an error
 *   diag  why there is no verdict, or NULL
 *   exit  the exit status for this file alone
 * A failure sticks until _end().
 */
void nf_vfy_report_add(struct nf_vfy_report *rep, const char *path,
    const struct nf_vfy_verdict *v, const struct nf_diag *diag, int exit);

/* Append the whole document to out, which fails when it is not; frees rep. */
void nf_vfy_report_end(struct nf_vfy_report *rep, struct nf_buf *out);

/*
 * Append a junit test suite: a case for each check, and "verdict".  Fail is
 * a failure, unknown and not applicable are skipped; the case "verdict" is an
 * error when unanchored does not exit 0.
 */
void nf_vfy_junit_suite(struct nf_buf *out, const char *path,
    const struct nf_vfy_verdict *v, const struct nf_diag *diag, int exit);

#endif
