/* SPDX-License-Identifier: Apache-2.0 */
/* A whole report of one verdict, for the tests of the writers. */
#ifndef NF_TESTS_VERIFY_REPORT_H
#define NF_TESTS_VERIFY_REPORT_H

#include "tests/tap.h"
#include "verify/verdict-format.h"

/* The report of a run in which that item comes n times; replaces out. */
static inline void
report_write(struct nf_buf *out, const struct nf_vfy_format *f,
    const struct nf_vfy_run *run, const struct nf_vfy_item *item, size_t n)
{
	struct nf_vfy_tally tally = { .n_kinds = 0 };

	ck_assert_ptr_nonnull(f);
	out->len = 0;
	if (f->begin != NULL)
		f->begin(out, run);
	for (size_t i = 0; i < n; i++) {
		if (i > 0 && f->separator != NULL)
			nf_buf_str(out, f->separator);
		f->item(out, run, item);
		nf_vfy_tally_add(&tally, item->v->kind,
		    nf_vfy_outcome_of(item));
	}
	if (f->end != NULL)
		f->end(out, run, &tally);
	ck_assert_int_eq(nf_buf_err(out), 0);
}

#endif
