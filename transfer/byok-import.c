/* SPDX-License-Identifier: Apache-2.0 */
/*
 * byok-import: play the region that receives a method-1 package.  The program
 * is ours; it works with the simulated regions of kekpkg make only.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "nfast/base/cli.h"
#include "nfast/base/mem.h"
#include "transfer/import1.h"
#include "verify/byok1check.h"

#define FILE_MAX	((size_t)1 << 20)
#define IDENT_SIZE	128

static const struct nf_cli cli = {
	.name = "byok-import",
	.synopsis = "byok-import --region REGION --name NAME FILE",
	.help =
	    "Play the receiving region, one of kekpkg make: audit the\n"
	    "package, open it in the region's module with its key exchange\n"
	    "key, put the key into the region's world, sign with it, and see\n"
	    "that it cannot be exported.\n\n"
	    "  --region REGION  a code, heading or zip name of kekpkg list\n"
	    "  --name NAME      of the key in the region\n\n"
	    "Ends with \"Result: SUCCESS\" or \"Result: FAILED: why\".\n"
	    "Exit status: 0 success, 1 a check failed, 2 usage, 3 the file\n"
	    "is unreadable or malformed, 4 cannot say, 5 the module refused.\n",
	.args_min = 1,
	.args_max = 1
};

/* The audit must not fail; that no root is reached is known. */
static int
audit(struct nf_view file, const char *path, struct nf_buf *out,
    struct nf_diag *diag)
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
	if (r == 0)
		nf_buf_printf(out, "%s: the audit finds no fault\n", path);
	nf_vfy_verdict_wipe(&v);
	nf_vfy_ctx_free(ctx);
	return r;
}

static int
receive(const struct nf_kek_region *region, const struct nf_byok1 *pkg,
    const char *name, const char *ident, struct nf_buf *out,
    struct nf_diag *diag)
{
	char path[NF_PATH_MAX];
	struct nf_kek_authority a;
	int r;

	if ((r = nf_kek_authority_open(nf_cli_env("NFSIM_STATE"), region, &a,
	    diag)) == 0 && (r = nf_xfer_import_check(&a, pkg, diag)) == 0 &&
	    (r = nf_xfer_import(&a, pkg, name, ident, out, path,
	    diag)) == 0)
		nf_buf_printf(out, "Path to key: %s\n", path);
	nf_kek_authority_close(&a);
	return r;
}

static int
import(const char *region_name, const char *name, const char *path,
    struct nf_buf *out, struct nf_diag *diag)
{
	const struct nf_kek_region *region;
	struct nf_buf file = NF_BUF_INIT;
	struct nf_byok1 *pkg = NULL;
	char ident[IDENT_SIZE];
	int r;

	if ((r = nf_kek_authority_region(region_name, &region, diag)) != 0 ||
	    (r = nf_xfer_vault_ident(name, ident, diag)) != 0)
		return r;
	if ((r = nf_file_load(path, FILE_MAX, &file, diag)) == 0 &&
	    (r = audit(nf_buf_view(&file), path, out, diag)) == 0 &&
	    (r = nf_byok1_read(nf_buf_view(&file), &pkg, diag)) == 0)
		r = receive(region, pkg, name, ident, out, diag);
	if (r != 0)
		nf_diag_where(diag, "%s", path);
	nf_byok1_free(pkg);
	nf_buf_wipe(&file);
	return r;
}

int
main(int argc, char **argv)
{
	const char *region = NULL, *name = NULL;
	const struct nf_opt opts[] = {
		{ "region", 'r', NULL, &region },
		{ "name", 'n', NULL, &name },
		{ NULL, 0, NULL, NULL }
	};
	char **args, line[sizeof(struct nf_diag) + 64];
	struct nf_buf out = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	int n, r, status;

	nf_process_harden();
	status = nf_cli_parse(&cli, opts, argc, argv, &args, &n);
	if (status != -1)
		return status;
	if (region == NULL || name == NULL)
		return nf_cli_usage(&cli, "--%s is missing",
		    region == NULL ? "region" : "name");
	if ((r = import(region, name, args[0], &out, &diag)) != 0) {
		status = nf_cli_fail(&cli, &diag);
		nf_diag_line(&diag, line, sizeof(line));
		nf_buf_printf(&out, "Result: FAILED: %s\n", line);
		return nf_cli_output(&cli, &out, status);
	}
	nf_buf_str(&out, "SIMULATED: no real region received this key\n"
	    "Result: SUCCESS\n");
	return nf_cli_output(&cli, &out, NF_EXIT_OK);
}
