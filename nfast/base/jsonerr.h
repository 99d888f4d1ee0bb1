/* SPDX-License-Identifier: Apache-2.0 */
/* Why jansson read nothing; for the readers of JSON, who link it. */
#ifndef NF_BASE_JSONERR_H
#define NF_BASE_JSONERR_H

#include <jansson.h>
#include <stdbool.h>

/*
 * There was no memory: the text is not to blame.  jansson says so only in
 * some places and in others leaves the error as it was, without a code.
 *   e  filled by a json_load...() that returned NULL
 */
static inline bool
nf_json_nomem(const json_error_t *e)
{
	return json_error_code(e) == json_error_out_of_memory ||
	    json_error_code(e) == json_error_unknown;
}

#endif
