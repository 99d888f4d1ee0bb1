/* SPDX-License-Identifier: Apache-2.0 */
/*
 * byok-audit: report, check by check, what an artefact of method 1 proves.
 * The program is ours.
 */
#include "config.h"

#include <limits.h>
#include <string.h>

#include "nfast/base/cli.h"
#include "nfast/base/digest.h"
#include "nfast/base/file.h"
#include "nfast/base/mem.h"
#include "verify/kinds.h"
#include "verify/toolset.h"
#include "verify/verdict-format.h"

#define FILE_MAX	((size_t)1 << 20)

static const struct nf_cli cli = {
	.name = "byok-audit",
	.synopsis = "byok-audit [OPTION]... FILE...",
	.help =
	    "Audit files of the old key transfer, told apart by content:\n"
	    "method-1 packages (KeyTransferPackage-NAME.byok), attestation\n"
	    "bundles, key, world and module files of kmdata/local, warrants,\n"
	    "feature certificates and toolset zips, real or simulated.\n"
	    "Only bundles and warrants, and the packages in a simulated\n"
	    "zip, carry a link to a root; of the others the best result is\n"
	    "UNANCHORED: whoever made the file may have made every key that\n"
	    "signs in it.\n\n"
	    "  --format FORMAT         text, json (one object; of several\n"
	    "                          files an array), jsonl (one line a\n"
	    "                          file) or junit\n"
	    "  --policy vendor|strict  strict: an attested RSA key that may\n"
	    "                          unwrap (UseAsBlobKey) fails\n"
	    "  --accept-unanchored     exit 0 instead of 4\n"
	    "  --root-hash HASH        accept one more root of legacy chains\n"
	    "  --simulated-root        accept the roots of the simulator in\n"
	    "                          NFSIM_STATE\n"
	    "  --extract DIR           write the files of the one toolset\n"
	    "                          zip to DIR, unless a check failed;\n"
	    "                          nothing is overwritten\n\n"
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

/* What the options ask for. */
struct wanted {
	struct nf_vfy_roots roots;
	struct nf_vfy_kwarn kwarn;
	struct nf_vfy_options opt;
	const char *extract;
	enum nf_vfy_format format;
	bool accept_unanchored;
};

/* Judge a file that is no zip. */
static int
judge(struct nf_vfy_ctx *ctx, const struct wanted *want, struct nf_view file,
    struct nf_vfy_verdict *v, struct nf_diag *diag)
{
	const struct nf_vfy_kind *kind = nf_vfy_kind_find(file);

	if (want->format != NF_VFY_TEXT) {
		if (nf_digest_of(NF_SHA256, &file, 1, v->sha256) != 0)
			return nf_diag_set(diag, NF_E_CRYPTO, NULL,
			    "SHA-256 failed");
		v->has_sha256 = true;
	}
	if (kind == NULL)
		return nf_diag_set(diag, NF_E_FORMAT, NULL, "not recognised");
	v->kind = kind->name;
	return kind->check(ctx, file, &want->opt, v, diag);
}

/* Add the report of one file to out or rep; returns its exit status. */
static int
audit(struct nf_vfy_ctx *ctx, const struct wanted *want, const char *path,
    struct nf_buf *out, struct nf_vfy_report *rep)
{
	struct nf_buf file = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	struct nf_vfy_verdict v;
	bool is_zip;
	int r, status;

	nf_vfy_verdict_init(&v, NF_VFY_KIND_NONE, path);
	r = nf_vfy_toolset_file(ctx, &want->roots, path, want->extract,
	    &is_zip, &v, &diag);
	if (!is_zip && want->extract != NULL)
		r = nf_diag_set(&diag, NF_E_USAGE, "--extract",
		    "this is no toolset zip");
	if (!is_zip && r == 0 &&
	    (r = nf_file_load(path, FILE_MAX, &file, &diag)) == 0)
		r = judge(ctx, want, nf_buf_view(&file), &v, &diag);
	if (r == 0 && rep != NULL && v.err != 0) {
		/* a machine must not take half a judgement for one */
		r = v.err;
		diag = v.diag;
	}
	if (r != 0) {
		nf_diag_where(&diag, "%s", path);
		status = nf_cli_fail(&cli, &diag);
	} else {
		if (rep == NULL && out->len > 0)
			nf_buf_u8(out, '\n');
		if (rep == NULL)
			nf_vfy_write(out, &v);
		status = nf_vfy_exit(&v);
		if (status == NF_EXIT_UNKNOWN && want->accept_unanchored)
			status = NF_EXIT_OK;
	}
	if (rep != NULL)
		nf_vfy_report_add(rep, path, &v, r == 0 ? NULL : &diag,
		    status);
	nf_vfy_verdict_wipe(&v);
	nf_buf_wipe(&file);
	return status;
}

/* Options to what they mean; -1 or the exit status. */
static int
options(struct wanted *want, const char *format, const char *policy,
    const char *root_hash, bool simulated)
{
	struct nf_diag diag = { 0 };

	if (format != NULL && !nf_vfy_format_of(format, &want->format))
		return nf_cli_usage(&cli, "--format is " NF_VFY_FORMATS);
	if (policy != NULL && strcmp(policy, "strict") != 0 &&
	    strcmp(policy, "vendor") != 0)
		return nf_cli_usage(&cli, "--policy is vendor or strict");
	want->opt.strict = policy != NULL && strcmp(policy, "strict") == 0;
	want->opt.roots = &want->roots;
	want->opt.kwarn = &want->kwarn;
	if (nf_vfy_roots_set(&want->roots, root_hash, simulated,
	    &diag) != 0 || (root_hash == NULL &&
	    nf_vfy_kwarn_set(&want->kwarn, simulated, &diag) != 0))
		return nf_cli_fail(&cli, &diag);
	return -1;
}

int
main(int argc, char **argv)
{
	const char *policy = NULL, *root_hash = NULL, *format = NULL;
	struct wanted want = { .extract = NULL };
	bool simulated = false;
	const struct nf_opt opts[] = {
		{ "format", 0, NULL, &format },
		{ "policy", 0, NULL, &policy },
		{ "accept-unanchored", 0, &want.accept_unanchored, NULL },
		{ "root-hash", 0, NULL, &root_hash },
		{ "simulated-root", 0, &simulated, NULL },
		{ "extract", 0, NULL, &want.extract },
		{ NULL, 0, NULL, NULL }
	};
	struct nf_buf out = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	struct nf_vfy_report *rep = NULL;
	struct nf_vfy_ctx *ctx;
	int n, status, one;
	char **args;

	nf_process_harden();
	status = nf_cli_parse(&cli, opts, argc, argv, &args, &n);
	if (status != -1 ||
	    (status = options(&want, format, policy, root_hash,
	    simulated)) != -1)
		return status;
	if (want.extract != NULL && n != 1)
		return nf_cli_usage(&cli, "--extract takes one FILE");
	status = NF_EXIT_OK;
	if ((ctx = nf_vfy_ctx_new()) == NULL ||
	    (want.format != NF_VFY_TEXT &&
	    (rep = nf_vfy_report_new(want.format, cli.name)) == NULL)) {
		nf_vfy_ctx_free(ctx);
		(void)nf_diag_set(&diag, NF_E_NOMEM, NULL, "out of memory");
		return nf_cli_fail(&cli, &diag);
	}
	for (int i = 0; i < n; i++) {
		one = audit(ctx, &want, args[i], &out, rep);
		if (rank(one) > rank(status))
			status = one;
	}
	nf_vfy_ctx_free(ctx);
	if (rep != NULL)
		nf_vfy_report_end(rep, &out);
	if (out.len == 0 && nf_buf_err(&out) == 0) {
		nf_buf_wipe(&out);
		return status;
	}
	return nf_cli_output(&cli, &out, status);
}
