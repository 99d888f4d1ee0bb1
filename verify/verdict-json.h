/* SPDX-License-Identifier: Apache-2.0 */
/* A verdict as a JSON object of verdict.schema.json, which is ours. */
#ifndef NF_VERIFY_VERDICT_JSON_H
#define NF_VERIFY_VERDICT_JSON_H

#include <jansson.h>

#include "verify/verdict.h"

/* The object; arguments as nf_vfy_report_add().  NULL: out of memory. */
json_t *nf_vfy_json(const char *tool, const char *path,
    const struct nf_vfy_verdict *v, const struct nf_diag *diag, int exit);

/*
 * Append JSON in pure ASCII.
 *   line  on one line, else indented; without a newline at the end
 */
void nf_vfy_json_write(struct nf_buf *out, const json_t *json, bool line);

#endif
