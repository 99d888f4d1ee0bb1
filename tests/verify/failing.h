/* SPDX-License-Identifier: Apache-2.0 */
/* One check of the auditors with each call of a library failing in turn. */
#ifndef NF_TESTS_VERIFY_FAILING_H
#define NF_TESTS_VERIFY_FAILING_H

#include "tests/sweep.h"
#include "verify/chain.h"
#include "verify/options.h"
#include "verify/verdict-format.h"

struct failing {
	struct nf_view file;
	const struct nf_vfy_options *opt;
	int (*check)(struct nf_vfy_ctx *ctx, struct nf_view file,
	    const struct nf_vfy_options *opt, struct nf_vfy_verdict *verdict,
	    struct nf_diag *diag);
};

/* The code of the verdict, and its report in text. */
static inline int
failing_run(void *arg, struct nf_buf *result, struct nf_diag *diag)
{
	const struct failing *f = arg;
	struct nf_vfy_verdict v;
	struct nf_vfy_ctx *ctx;
	int r = NF_E_NOMEM;

	nf_vfy_verdict_init(&v, NF_VFY_KIND_NONE, "test");
	if ((ctx = nf_vfy_ctx_new()) != NULL &&
	    (r = f->check(ctx, f->file, f->opt, &v, diag)) == 0) {
		r = nf_vfy_code(&v);
		nf_vfy_write(result, &v);
		if (nf_buf_err(result) != 0)
			r = nf_buf_err(result);
	}
	nf_vfy_verdict_wipe(&v);
	nf_vfy_ctx_free(ctx);
	return r;
}

/*
 * Sweep a check.
 *   want  the code in peace
 */
static inline void
failing_sweep(const char *name, struct failing *f, int want)
{
	const struct sweep s = { .name = name, .run = failing_run, .arg = f,
	    .quiet = true };

	sweep(&s, want);
}

#endif
