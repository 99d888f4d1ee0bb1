/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "kek-packages/zip.h"
#include "nfast/base/digest.h"
#include "nfast/base/file.h"
#include "verify/audit.h"
#include "verify/companion.h"
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
nf_vfy_audit_whole(const struct nf_vfy_verdict *v, int r, const char *path,
    struct nf_diag *diag)
{
	/* nobody must take half a judgement for one */
	if (r == 0 && v->err != 0) {
		r = v->err;
		if (diag != NULL)
			*diag = v->diag;
	}
	if (r == 0)
		r = nf_buf_err(&v->text);
	if (r != 0) {
		(void)nf_diag_set(diag, r, NULL, "%s", nf_err_text(r));
		nf_diag_where(diag, "%s", path);
	}
	return r;
}

int
nf_vfy_audit_exit(const struct nf_vfy_verdict *v, int r,
    bool accept_unanchored)
{
	int status;

	if (r != 0)
		return nf_err_exit(r);
	status = nf_vfy_exit(v);
	return status == NF_EXIT_UNKNOWN && accept_unanchored ? NF_EXIT_OK :
	    status;
}

int
nf_vfy_audit_bytes(struct nf_vfy_ctx *ctx, const char *name,
    struct nf_view file, const struct nf_vfy_options *opt,
    struct nf_vfy_verdict *v, struct nf_diag *diag)
{
	int r;

	if (nf_zip_is(file)) {
		v->kind = NF_VFY_TOOLSET_KIND;
		r = nf_vfy_toolset_check(ctx, opt->roots,
		    opt->zip == NULL ? name : opt->zip, file, v, diag);
	} else if (file.len > NF_VFY_FILE_MAX)
		r = nf_diag_set(diag, NF_E_FORMAT, NULL,
		    "larger than %zu bytes", NF_VFY_FILE_MAX);
	else
		r = judge(ctx, file, opt, v, diag);
	if (r == NF_E_FORMAT)
		r = nf_vfy_companion(name, false, file, v, diag);
	return nf_vfy_audit_whole(v, r, name, diag);
}

static int
audit_path(struct nf_vfy_ctx *ctx, const char *path,
    const struct nf_vfy_options *opt, nf_vfy_toolset_after *after, void *arg,
    struct nf_vfy_verdict *v, struct nf_diag *diag)
{
	struct nf_buf file = NF_BUF_INIT;
	bool is_zip;
	int r;

	r = nf_vfy_toolset_file(ctx, opt->roots, path, opt->zip, after, arg,
	    &is_zip, v, diag);
	if (!is_zip && r == 0 &&
	    (r = nf_file_load(path, NF_VFY_FILE_MAX, &file, diag)) == 0) {
		if (nf_zip_is(nf_buf_view(&file)))
			r = nf_diag_set(diag, NF_E_IO, NULL,
			    "it cannot be read as the zip that it is");
		else
			r = after == NULL ? judge(ctx, nf_buf_view(&file), opt,
			    v, diag) : nf_diag_set(diag, NF_E_USAGE,
			    "--extract", "this is no toolset zip");
	}
	if (r == NF_E_FORMAT)
		r = nf_vfy_companion(path, true, nf_buf_view(&file), v, diag);
	nf_buf_wipe(&file);
	return nf_vfy_audit_whole(v, r, path, diag);
}

int
nf_vfy_audit_path(struct nf_vfy_ctx *ctx, const char *path,
    const struct nf_vfy_options *opt, struct nf_vfy_verdict *v,
    struct nf_diag *diag)
{
	return audit_path(ctx, path, opt, NULL, NULL, v, diag);
}

static int
extract(void *into, struct nf_zip *zip, struct nf_diag *diag)
{
	return nf_zip_extract(zip, into, diag);
}

int
nf_vfy_audit_file(struct nf_vfy_ctx *ctx, const char *path,
    const struct nf_vfy_options *opt, const char *into,
    struct nf_vfy_verdict *v, struct nf_diag *diag)
{
	return audit_path(ctx, path, opt, into == NULL ? NULL : extract,
	    (void *)(uintptr_t)into, v, diag);
}
