/* SPDX-License-Identifier: Apache-2.0 */
/*
 * byok-audit: report, check by check, what an artefact of method 1 proves.
 * The program is ours.
 */
#include "config.h"

#include <limits.h>

#include "kek-packages/package.h"
#include "nfast/base/cli.h"
#include "nfast/base/file.h"
#include "nfast/base/mem.h"
#include "transfer/byok1.h"
#include "verify/byok1check.h"

#define FILE_MAX	((size_t)1 << 20)

static const struct nf_cli cli = {
	.name = "byok-audit",
	.synopsis = "byok-audit FILE...",
	.help =
	    "Audit method-1 packages (KeyTransferPackage-NAME.byok), real or\n"
	    "simulated.  No package carries a link to a pinned root, so the\n"
	    "best result is UNANCHORED: whoever made the file may have made\n"
	    "every key that signs in it.\n\n"
	    "Exit status: 0 success, 1 a check failed, 2 usage, 3 a file is\n"
	    "unreadable, malformed or not recognised, 4 all that is there\n"
	    "verifies but no root was reached.  Of several files the worst\n"
	    "counts: 1, then 3, then 4.\n",
	.args_min = 1,
	.args_max = INT_MAX
};

/* How bad an exit status is, for the worst of several. */
static int
rank(int status)
{
	switch (status) {
	case NF_EXIT_OK:
		return 0;
	case NF_EXIT_UNKNOWN:
		return 1;
	case NF_EXIT_INPUT:
		return 2;
	default:
		return 3;
	}
}

static int
unrecognised(struct nf_view file, struct nf_diag *diag)
{
	struct nf_km_file *km = NULL;
	enum nf_kek_pkgkind kind = NF_KEK_PKG_NONE;
	struct nf_cur cur;
	int r;

	if (nf_kek_pkg_is_datafile(file)) {
		nf_cur_init(&cur, file.p, file.len, diag);
		if ((r = nf_km_file_read(&cur, &km)) != 0)
			return r;
		kind = nf_kek_pkg_kind(km);
		nf_km_file_free(km);
	}
	if (kind == NF_KEK_PKG_NONE)
		return nf_diag_set(diag, NF_E_FORMAT, NULL,
		    "not recognised: no method-1 package");
	return nf_diag_set(diag, NF_E_UNANCHORED, NULL, "%s package: check "
	    "it with its other half by verifykeypackage -k KEKPKG "
	    "-w WORLDPKG", kind == NF_KEK_PKG_KEK ? "a KEK" :
	    "a SecurityWorld");
}

/* Append the report of one file; returns its exit status. */
static int
audit(struct nf_vfy_ctx *ctx, const char *path, struct nf_buf *out)
{
	struct nf_buf file = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	struct nf_vfy_verdict v;
	int r, status;

	nf_vfy_verdict_init(&v, "method-1 package", path);
	if ((r = nf_file_load(path, FILE_MAX, &file, &diag)) == 0) {
		if (nf_byok1_is(nf_buf_view(&file)))
			r = nf_vfy_byok1_check(ctx, nf_buf_view(&file), &v,
			    &diag);
		else
			r = unrecognised(nf_buf_view(&file), &diag);
	}
	if (r != 0) {
		nf_diag_where(&diag, "%s", path);
		status = nf_cli_fail(&cli, &diag);
	} else {
		if (out->len > 0)
			nf_buf_u8(out, '\n');
		nf_vfy_write(out, &v);
		status = nf_vfy_exit(&v);
	}
	nf_vfy_verdict_wipe(&v);
	nf_buf_wipe(&file);
	return status;
}

int
main(int argc, char **argv)
{
	static const struct nf_opt opts[] = { { NULL, 0, NULL, NULL } };
	struct nf_buf out = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	struct nf_vfy_ctx *ctx;
	int n, status, one;
	char **args;

	nf_process_harden();
	status = nf_cli_parse(&cli, opts, argc, argv, &args, &n);
	if (status != -1)
		return status;
	status = NF_EXIT_OK;
	if ((ctx = nf_vfy_ctx_new()) == NULL) {
		(void)nf_diag_set(&diag, NF_E_NOMEM, NULL, "out of memory");
		return nf_cli_fail(&cli, &diag);
	}
	for (int i = 0; i < n; i++) {
		one = audit(ctx, args[i], &out);
		if (rank(one) > rank(status))
			status = one;
	}
	nf_vfy_ctx_free(ctx);
	if (out.len == 0 && nf_buf_err(&out) == 0) {
		nf_buf_wipe(&out);
		return status;
	}
	return nf_cli_output(&cli, &out, status);
}
