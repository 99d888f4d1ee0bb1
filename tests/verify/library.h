/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of libsecworld share.  They know its public headers alone;
 * what makes their packages is linked to them, and unknown to the library.
 */
#ifndef NF_TESTS_VERIFY_LIBRARY_H
#define NF_TESTS_VERIFY_LIBRARY_H

#include <jansson.h>

#include "nfast/base/digest.h"
#include "tests/tap.h"
#include "tests/verify/fixture.h"
#include "verify/secworld/error.h"
#include "verify/secworld/read.h"
#include "verify/secworld/report.h"
#include "verify/secworld/verify.h"

static struct fx_pair pair;
static struct sw_diag *diag;
static struct sw_options *options;	/* accept the fixture's root */

static inline void
setup(void)
{
	struct fx fx;
	char hash[41];

	fx_setup();
	fx_default(&fx);
	fx_make(&fx, &pair);
	nf_text_hash(hash, fx_hash(FX_ROOT));
	ck_assert_ptr_nonnull(diag = sw_diag_new());
	ck_assert_ptr_nonnull(options = sw_options_new());
	ck_assert_int_eq(sw_options_root_hash(options, hash, diag), SW_OK);
}

static inline void
teardown(void)
{
	sw_options_free(options);
	sw_diag_free(diag);
	fx_pair_wipe(&pair);
	fx_teardown();
}

static inline struct sw_result *
audit(const struct sw_options *o, const char *name, struct nf_view v)
{
	struct sw_result *res;

	ck_assert_int_eq(sw_audit_bytes(o, name, v.p, v.len, &res, diag),
	    SW_OK);
	ck_assert_ptr_nonnull(res);
	ck_assert_int_eq(sw_diag_code(diag), 0);
	return res;
}

static inline char *
report(const struct sw_result *const *res, size_t n, enum sw_format format)
{
	char *text;
	size_t len;

	ck_assert_int_eq(sw_report_alloc(res, n, format, &text, &len, diag),
	    SW_OK);
	ck_assert_uint_eq(strlen(text), len);
	return text;
}

/* Takes all, or nothing. */
static inline int
collect(void *arg, const void *piece, size_t len)
{
	ck_assert_uint_gt(len, 0);
	nf_buf_put(arg, piece, len);
	return 0;
}

static inline int
stop(void *arg, const void *piece, size_t len)
{
	(void)piece;
	(void)len;
	++*(int *)arg;
	return 1;
}

static inline json_t *
parse(const char *text)
{
	json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);

	ck_assert_msg(json != NULL, "no JSON: %s", text);
	return json;
}

#endif
