/* SPDX-License-Identifier: Apache-2.0 */
/* Verdicts as JSON: what json, jsonl and sarif share.  The JSON is ours. */
#ifndef NF_VERIFY_VERDICT_JSON_H
#define NF_VERIFY_VERDICT_JSON_H

#include <jansson.h>

#include "verify/verdict-format.h"

/*
 * Put a member into an object, or an element into an array, which take it;
 * NULL for it makes *bad true.
 */
void nf_vfy_json_put(json_t *object, const char *name, json_t *member,
    bool *bad);
void nf_vfy_json_append(json_t *array, json_t *element, bool *bad);

/*
 * Any bytes as a string: as they are when they are UTF-8, else \xNN for each
 * that is not printable ASCII.  NULL: out of memory.
 */
json_t *nf_vfy_json_text(const char *s, size_t len);

/* Bytes in lower-case hex.  NULL: out of memory. */
json_t *nf_vfy_json_hex(const void *p, size_t len);

/* The array "facts" of verdict.schema.json. */
json_t *nf_vfy_json_facts(const struct nf_vfy_verdict *v, bool *bad);

/*
 * Append JSON in pure ASCII.
 *   line  on one line, else indented; without a newline at the end
 */
void nf_vfy_json_write(struct nf_buf *out, const json_t *json, bool line);

#endif
