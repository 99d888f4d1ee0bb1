/* SPDX-License-Identifier: Apache-2.0 */
/* The audit of a method-1 package, for the tests of the real ones. */
#ifndef NF_TESTS_VERIFY_BYOK1AUDIT_H
#define NF_TESTS_VERIFY_BYOK1AUDIT_H

#include "nfast/kmdata/datafile.h"
#include "tests/verify/checks.h"
#include "transfer/byok1.h"
#include "verify/byok1check.h"

#define NA	"azcli_TestBYOK-NA.byok"
#define BVT	"azps_bvtdata_byoktest.byok"
#define PROD	"azps_proddata_byoktest.byok"

static struct nf_vfy_ctx *ctx;
static struct nf_diag diag;

static inline void
audit_setup(void)
{
	ctx = nf_vfy_ctx_new();
	ck_assert_ptr_nonnull(ctx);
	nf_vfy_verdict_init(&v, "method-1 package", "test");
	nf_diag_clear(&diag);
}

static inline void
audit_teardown(void)
{
	nf_vfy_verdict_wipe(&v);
	nf_vfy_ctx_free(ctx);
}

/* 0 and a verdict in v, or the error of a refusal in diag. */
static inline int
audit(struct nf_view file)
{
	nf_vfy_verdict_reset(&v, "method-1 package", "test");
	nf_diag_clear(&diag);
	return nf_vfy_byok1_check(ctx, file, &v, &diag);
}

#endif
