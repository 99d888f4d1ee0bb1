/* SPDX-License-Identifier: Apache-2.0 */
/* The verdict of a test, and what its checks and facts have to say. */
#ifndef NF_TESTS_VERIFY_CHECKS_H
#define NF_TESTS_VERIFY_CHECKS_H

#include "tests/tap.h"
#include "verify/verdict.h"

static struct nf_vfy_verdict v;

/* This check is there, with that status and part of its detail. */
static inline void
check_is(const char *id, enum nf_vfy_status status, const char *detail)
{
	const struct nf_vfy_check *c = nf_vfy_find(&v, id);

	ck_assert_msg(c != NULL, "no check %s", id);
	ck_assert_msg(c->status == status, "%s: status %d: %s", id,
	    (int)c->status, nf_vfy_detail(&v, c));
	ck_assert_msg(strstr(nf_vfy_detail(&v, c), detail) != NULL,
	    "%s: '%s' is not in '%s'", id, detail, nf_vfy_detail(&v, c));
}

/* The first check that fails, with part of its detail. */
static inline void
first_failure_is(const char *id, const char *why)
{
	const struct nf_vfy_check *c = nf_vfy_first_failure(&v);

	ck_assert_int_eq(nf_vfy_exit(&v), 1);
	ck_assert_ptr_nonnull(c);
	ck_assert_str_eq(c->id, id);
	ck_assert_msg(strstr(nf_vfy_detail(&v, c), why) != NULL,
	    "detail is '%s'", nf_vfy_detail(&v, c));
}

/* This fact has that value; by is who signed it, NULL: nobody. */
static inline void
fact_is(const char *name, const char *value, const char *by)
{
	struct nf_buf is = NF_BUF_INIT;
	const char *is_by;

	ck_assert_msg(nf_vfy_fact_find(&v, name, &is, &is_by), "%s", name);
	ck_assert_str_eq(nf_buf_text(&is), value);
	if (by == NULL) {
		ck_assert_ptr_null(is_by);
	} else {
		ck_assert_ptr_nonnull(is_by);
		ck_assert_str_eq(is_by, by);
	}
	nf_buf_wipe(&is);
}

#endif
