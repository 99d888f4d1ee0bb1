/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nfkmattest: write the attestation bundle of a key of the simulated world,
 * or verify a bundle.  Verbs, --output and the bundle's name are the
 * original's; it prints the verdict of a bundle as JSON, here it is the
 * auditor's report.
 */
#include "config.h"

#include <string.h>

#include "nfast/base/mem.h"
#include "nfast/host/attest.h"
#include "nfast/kmdata/attbundle.h"
#include "nfast/kmdata/store.h"
#include "nfast/tools/tool.h"
#include "verify/attcheck.h"

static const struct nf_cli cli = {
	.name = "nfkmattest",
	.synopsis =
	    "nfkmattest bundle [--output FILE] [-m MODULE] APP IDENT\n"
	    "nfkmattest verify [--simulated-root] FILE",
	.help =
	    "Attestation bundles say where a key was generated and what may\n"
	    "be done with it, in a way that others can verify.\n\n"
	    "bundle: write that of a generated key pair of the simulated\n"
	    "world.  Its chain ends at the simulator's warrant root,\n"
	    "SIM-KWARN-1, never at the vendor's.\n"
	    "      --output=FILE     not ./key_APP_IDENT.att; - is standard\n"
	    "                        output; nothing is overwritten\n"
	    "  -m, --module=N        the module that generated the key; by\n"
	    "                        default the one that the key names\n"
	    "verify: check a bundle, real or simulated, and print the\n"
	    "report; byok-audit --format json has it for machines.\n"
	    "      --simulated-root  accept the root of the simulator in\n"
	    "                        NFSIM_STATE; the same as\n"
	    "                        SECWORLD_SIMULATED_ROOT=1\n\n"
	    "Exit status: 0 success, 1 a check failed, the key has no bundle,\n"
	    "or FILE is there already, 2 usage, 3 unreadable or malformed\n"
	    "input, 4 cannot say, 5 the module refused.\n",
	.args_min = 1,
	.args_max = 3
};

/* Returns the exit status.  module 0: the one that the key names. */
static int
bundle(const char *appname, const char *ident, const char *output,
    uint32_t module)
{
	struct nf_buf att = NF_BUF_INIT, said = NF_BUF_INIT;
	struct nf_tool tool = { NULL, NULL };
	struct nf_diag diag = { 0 };
	char path[NF_PATH_MAX], folded[NF_KM_IDENT_SIZE];
	bool print = output != NULL && strcmp(output, "-") == 0;
	int r, status;

	ident = nf_km_ident_fold(ident, folded);
	/* A name that is no key's is a usage error before all others. */
	if ((r = nf_km_store_key_path(".", appname, ident, path,
	    &diag)) != 0 ||
	    (r = output != NULL ? nf_path(path, &diag, "%s", output) :
	    nf_path(path, &diag, "key_%s_%s.att", appname, ident)) != 0 ||
	    (r = nf_tool_open_module(&tool, module == 0 ? 1 : module, false,
	    &diag)) != 0 || (module == 0 && (r = nf_attest_use_module(
	    tool.host, tool.world, appname, ident, &diag)) != 0) ||
	    (r = nf_world_check_module(tool.host, tool.world,
	    &diag)) != 0 ||
	    (r = nf_attest_bundle(tool.host, tool.world, appname, ident, &att,
	    &diag)) != 0 ||
	    (!print && (r = nf_file_write_new(path, 0644, nf_buf_view(&att),
	    &diag)) != 0))
		goto out;
	if (!print)
		nf_buf_printf(&said, "Path to bundle: %s\n", path);
out:
	nf_tool_close(&tool);
	status = r != 0 ? nf_cli_fail(&cli, &diag) :
	    nf_cli_output(&cli, print ? &att : &said, NF_EXIT_OK);
	nf_buf_wipe(&att);
	return status;
}

/* Returns the exit status. */
static int
verify(const char *path, bool simulated)
{
	struct nf_buf file = NF_BUF_INIT, out = NF_BUF_INIT;
	struct nf_vfy_options opt = { .roots = NULL };
	struct nf_diag diag = { 0 };
	struct nf_vfy_kwarn kwarn;
	struct nf_vfy_verdict v;
	struct nf_vfy_ctx *ctx;
	int r, status;

	nf_vfy_verdict_init(&v, "attestation bundle", path);
	opt.kwarn = &kwarn;
	if ((ctx = nf_vfy_ctx_new()) == NULL) {
		r = nf_diag_set(&diag, NF_E_NOMEM, NULL, "out of memory");
		goto out;
	}
	if ((r = nf_vfy_kwarn_set(&kwarn, simulated, &diag)) == 0 &&
	    (r = nf_file_load(path, NF_ATT_MAX, &file, &diag)) == 0 &&
	    (r = nf_vfy_att_check(ctx, nf_buf_view(&file), &opt, &v,
	    &diag)) != 0)
		nf_diag_where(&diag, "%s", path);
out:
	if (r != 0) {
		status = nf_cli_fail(&cli, &diag);
	} else {
		nf_vfy_write(&out, &v);
		status = nf_cli_output(&cli, &out, nf_vfy_exit(&v));
	}
	nf_vfy_verdict_wipe(&v);
	nf_vfy_ctx_free(ctx);
	nf_buf_wipe(&file);
	return status;
}

int
main(int argc, char **argv)
{
	const char *output = NULL, *module = NULL;
	bool simulated = false;
	const struct nf_opt opts[] = {
		{ "output", 0, NULL, &output },
		{ "module", 'm', NULL, &module },
		{ "simulated-root", 0, &simulated, NULL },
		{ NULL, 0, NULL, NULL }
	};
	uint32_t number;
	char **args;
	int n, status;

	nf_process_harden();
	if ((status = nf_cli_parse(&cli, opts, argc, argv, &args, &n)) >= 0 ||
	    (status = nf_tool_module(&cli, module, false, &number)) >= 0)
		return status;
	if (strcmp(args[0], "bundle") == 0) {
		if (n != 3 || simulated)
			return nf_cli_usage(&cli, n != 3 ? "bundle takes an "
			    "application and an identifier" :
			    "bundle takes no --simulated-root");
		return bundle(args[1], args[2], output, module == NULL ? 0 :
		    number);
	}
	if (strcmp(args[0], "verify") == 0) {
		if (n != 2 || output != NULL || module != NULL)
			return nf_cli_usage(&cli, n != 2 ?
			    "verify takes one file" :
			    "verify takes no --output and --module");
		return verify(args[1], simulated);
	}
	return nf_cli_usage(&cli, "give one of bundle and verify, not '%s'",
	    args[0]);
}
