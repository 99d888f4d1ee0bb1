/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libsecworld: write results as byok-audit(1) does.  The formats are in
 * byok-verdict(5): the JSON and the mapping to JUnit XML, SARIF 2.1.0 and
 * HTML are ours.  error.h says what holds for every function.
 */
#ifndef SECWORLD_REPORT_H
#define SECWORLD_REPORT_H

#include <stddef.h>

#include "error.h"
#include "verify.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Version of the JSON of reports; grows with every change that a reader could
 * notice.  What the library writes is sw_report_schema().
 */
#define SW_REPORT_SCHEMA	2

/* Formats; the numbers stay what they are. */
enum sw_format {
	SW_FORMAT_TEXT = 0,	/* for people */
	SW_FORMAT_JSON = 1,	/* an object, or an array of several */
	SW_FORMAT_JSONL = 2,	/* a line for each result */
	SW_FORMAT_JUNIT = 3,
	SW_FORMAT_SARIF = 4,
	SW_FORMAT_HTML = 5	/* one page, needs nothing from elsewhere */
};

/* The version of the JSON that the loaded library writes. */
SW_API int sw_report_schema(void);

/*
 * The format of a name: "text", "json", "jsonl", "junit", "sarif", "html".
 *   out  not changed unless 0 is returned
 * Returns 0, SW_E_NOTFOUND or SW_E_USAGE.
 */
SW_API int sw_report_format(const char *name, enum sw_format *out);

/*
 * Write a report.  It is the same for the same results, and names no time.
 *   results  n of them, none NULL, borrowed; may be NULL when n is 0.  With
 *            one, it is the report on one file: JSON is an object, and text
 *            of an error its one line; else an array, and a table at the end
 *   write    takes the report piece by piece, see error.h; on a failure what
 *            it got is worth nothing
 * Returns 0, SW_E_USAGE, SW_E_NOMEM (also above 64 MiB for one result) or
 * SW_E_IO (write() stopped it).
 */
SW_API int sw_report_write(const struct sw_result *const *results, size_t n,
    enum sw_format format, sw_write_fn *write, void *arg,
    struct sw_diag *diag);

/*
 * The same into memory.
 *   out  new, ended by a NUL; free with sw_free()
 *   len  may be NULL; bytes before that NUL
 * Returns 0, SW_E_USAGE or SW_E_NOMEM (also above 64 MiB).
 */
SW_API int sw_report_alloc(const struct sw_result *const *results, size_t n,
    enum sw_format format, char **out, size_t *len, struct sw_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
