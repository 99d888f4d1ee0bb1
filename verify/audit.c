/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "nfast/base/digest.h"
#include "nfast/base/file.h"
#include "verify/audit.h"
#include "verify/kinds.h"
#include "verify/toolset.h"

/* Judge a file that is no zip. */
static int
judge(struct nf_vfy_ctx *ctx, struct nf_view file,
    const struct nf_vfy_options *opt, struct nf_vfy_verdict *v,
    struct nf_diag *diag)
{
	const struct nf_vfy_kind *kind = nf_vfy_kind_find(file);

	if (nf_digest_of(NF_SHA256, &file, 1, v->sha256) != 0)
		return nf_diag_set(diag, NF_E_CRYPTO, NULL, "SHA-256 failed");
	v->has_sha256 = true;
	if (kind == NULL)
		return nf_diag_set(diag, NF_E_FORMAT, NULL, "not recognised");
	v->kind = kind->name;
	return kind->check(ctx, file, opt, v, diag);
}

int
nf_vfy_audit_file(struct nf_vfy_ctx *ctx, const char *path,
    const struct nf_vfy_options *opt, const char *extract,
    struct nf_vfy_verdict *v, struct nf_diag *diag)
{
	struct nf_buf file = NF_BUF_INIT;
	bool is_zip;
	int r;

	r = nf_vfy_toolset_file(ctx, opt->roots, path, extract, &is_zip, v,
	    diag);
	if (!is_zip && r == 0 &&
	    (r = nf_file_load(path, NF_VFY_FILE_MAX, &file, diag)) == 0)
		r = extract == NULL ? judge(ctx, nf_buf_view(&file), opt, v,
		    diag) : nf_diag_set(diag, NF_E_USAGE, "--extract",
		    "this is no toolset zip");
	nf_buf_wipe(&file);
	if (r == 0 && v->err != 0) {
		/* nobody must take half a judgement for one */
		r = v->err;
		*diag = v->diag;
	}
	if (r != 0)
		nf_diag_where(diag, "%s", path);
	return r;
}
