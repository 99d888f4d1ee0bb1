/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "transfer/audit1.h"
#include "verify/byok1check.h"

int
nf_xfer_audit1(struct nf_view file, const char *path, struct nf_diag *diag)
{
	struct nf_vfy_ctx *ctx = nf_vfy_ctx_new();
	struct nf_vfy_verdict v;
	int r;

	if (ctx == NULL)
		return nf_diag_set(diag, NF_E_NOMEM, NULL, "out of memory");
	nf_vfy_verdict_init(&v, "method-1 package", path);
	r = nf_vfy_byok1_check(ctx, file, &v, diag);
	for (size_t i = 0; r == 0 && i < v.n_checks; i++) {
		if (v.check[i].status == NF_VFY_FAIL)
			r = nf_diag_set(diag, NF_E_VERIFY,
			    v.check[i].title, "%s",
			    nf_vfy_detail(&v, &v.check[i]));
	}
	nf_vfy_verdict_wipe(&v);
	nf_vfy_ctx_free(ctx);
	return r;
}
