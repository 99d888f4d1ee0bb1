/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kmfile-dump FILE...: print what KM datafiles hold: key, world, module and
 * card files, and the key token inside a method-1 package (.byok).  The
 * vendor's program of this name has no public output; the layout is ours.
 */
#include "config.h"

#include <stdio.h>

#include "nfast/base/cli.h"
#include "nfast/base/file.h"
#include "nfast/base/mem.h"
#include "nfast/kmdata/dump.h"
#include "transfer/byok1.h"

static const struct nf_cli cli = {
	.name = "kmfile-dump",
	.synopsis = "kmfile-dump FILE...",
	.help =
	    "Print the entries of key management data files, and of the key\n"
	    "file inside a method-1 package (KeyTransferPackage-*.byok).\n"
	    "Nothing is verified.  An entry that does not decode is shown as\n"
	    "bytes with the reason.\n",
	.args_min = 1,
	.args_max = 1024
};

static int
datafile_print(struct nf_buf *out, struct nf_view bytes, struct nf_diag *diag)
{
	struct nf_km_file *file = NULL;
	struct nf_cur cur;
	int r;

	nf_cur_init(&cur, bytes.p, bytes.len, diag);
	if ((r = nf_km_file_read(&cur, &file)) != 0)
		return r;
	nf_km_dump(out, file);
	nf_km_file_free(file);
	return 0;
}

static int
package_print(struct nf_buf *out, const char *path, struct nf_view bytes,
    struct nf_diag *diag)
{
	struct nf_byok1 *pkg = NULL;
	int r;

	if ((r = nf_byok1_read(bytes, &pkg, diag)) != 0)
		goto out;
	nf_buf_printf(out, "method-1 package, environment \"%s\", key token "
	    "\"%s\" of %zu bytes\n", pkg->environment,
	    pkg->key_token_file_name, pkg->key_token.len);
	if ((r = datafile_print(out, pkg->key_token, diag)) != 0)
		nf_diag_where(diag, "%s: KeyToken", path);
out:
	nf_byok1_free(pkg);
	return r;
}

static int
path_print(struct nf_buf *out, const char *path, struct nf_diag *diag)
{
	struct nf_buf bytes = NF_BUF_INIT;
	char shown[NF_PATH_MAX];
	struct nf_view v;
	int r;

	nf_err_format(shown, sizeof(shown), "%s", path);
	if ((r = nf_file_load(path, NF_KM_FILE_MAX, &bytes, diag)) != 0)
		goto out;
	nf_buf_printf(out, "\n%s: ", shown);
	v = nf_buf_view(&bytes);
	r = nf_byok1_is(v) ? package_print(out, path, v, diag) :
	    datafile_print(out, v, diag);
out:
	if (r != 0)
		nf_diag_where(diag, "%s", path);
	nf_buf_wipe(&bytes);
	return r;
}

int
main(int argc, char **argv)
{
	static const struct nf_opt opts[] = { { NULL, 0, NULL, NULL } };
	struct nf_buf out = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	char **args;
	int i, n, status;

	nf_process_harden();
	if ((status = nf_cli_parse(&cli, opts, argc, argv, &args, &n)) >= 0)
		return status;
	nf_buf_str(&out, NF_KM_DUMP_NOTICE "\n");
	for (i = 0; i < n; i++) {
		if (path_print(&out, args[i], &diag) != 0) {
			nf_buf_wipe(&out);
			return nf_cli_fail(&cli, &diag);
		}
	}
	return nf_cli_output(&cli, &out, NF_EXIT_OK);
}
