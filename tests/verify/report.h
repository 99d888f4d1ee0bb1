/* SPDX-License-Identifier: Apache-2.0 */
/* A whole report of one verdict, for the tests of the writers. */
#ifndef NF_TESTS_VERIFY_REPORT_H
#define NF_TESTS_VERIFY_REPORT_H

#include "tests/tap.h"
#include "verify/verdict-format.h"

static struct nf_vfy_verdict v;
static struct nf_buf out;

static inline void
report_setup(void)
{
	nf_vfy_verdict_init(&v, "thing", "f");
	nf_buf_init(&out);
}

static inline void
report_teardown(void)
{
	nf_vfy_verdict_wipe(&v);
	nf_buf_wipe(&out);
}

/* The report of a run in which that item comes n times; replaces to. */
static inline void
report_write(struct nf_buf *to, const struct nf_vfy_format *f,
    const struct nf_vfy_run *run, const struct nf_vfy_item *item, size_t n)
{
	struct nf_vfy_tally tally = { .n_kinds = 0 };

	ck_assert_ptr_nonnull(f);
	to->len = 0;
	if (f->begin != NULL)
		f->begin(to, run);
	for (size_t i = 0; i < n; i++) {
		if (i > 0 && f->separator != NULL)
			nf_buf_str(to, f->separator);
		f->item(to, run, item);
		nf_vfy_tally_add(&tally, item->v->kind,
		    nf_vfy_outcome_of(item));
	}
	if (f->end != NULL)
		f->end(to, run, &tally);
	ck_assert_int_eq(nf_buf_err(to), 0);
}

#endif
