/* SPDX-License-Identifier: Apache-2.0 */
/* kekpkg show: print what a region package claims.  Ours. */
#include "config.h"

#include "kek-packages/package.h"
#include "kek-packages/show.h"
#include "nfast/base/cli.h"

static const struct nf_cli show_cli = {
	.name = "kekpkg show",
	.synopsis = "kekpkg show FILE",
	.help = "Print what a KEK package or a SecurityWorld package claims.\n"
	    "Nothing is verified: use verifykeypackage for that.\n",
	.args_min = 1,
	.args_max = 1
};

int
nf_kek_show_run(int argc, char **argv)
{
	static const struct nf_opt opts[] = { { NULL, 0, NULL, NULL } };
	struct nf_buf out = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	struct nf_kek_pkgfile pkg;
	char **args;
	int n, status;

	status = nf_cli_parse(&show_cli, opts, argc, argv, &args, &n);
	if (status != -1)
		return status;
	if (nf_kek_pkg_load(args[0], &pkg, &diag) != 0 ||
	    nf_kek_pkg_print(&out, pkg.file, &diag) != 0) {
		nf_diag_where(&diag, "%s", args[0]);
		status = nf_cli_fail(&show_cli, &diag);
	} else
		status = nf_cli_output(&show_cli, &out, NF_EXIT_OK);
	nf_buf_wipe(&out);
	nf_kek_pkgfile_wipe(&pkg);
	return status;
}
