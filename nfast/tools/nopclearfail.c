/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nopclearfail: clear the module and set its mode.  Options and output as
 * the original's public transcripts show them.
 */
#include "config.h"

#include "nfast/base/mem.h"
#include "nfast/tools/tool.h"

static const struct nf_cli cli = {
	.name = "nopclearfail",
	.synopsis = "nopclearfail -I|-O|-M [-m MODULE|--all] [--wait]",
	.help =
	    "Clear the module, which forgets loaded keys, and set its mode:\n"
	    "  -I, --initialization  pre-initialisation, for new-world\n"
	    "  -O, --operational     normal use\n"
	    "  -M, --maintenance     maintenance\n"
	    "  -m, --module=N        the module, 1 by default\n"
	    "      --all             all modules\n"
	    "      --wait            wait until it is done (always so here)\n"
	    "The simulated module is that of the directory NFSIM_STATE.\n",
};

/* Modules first to last. */
static int
clear(struct nf_host *host, uint32_t first, uint32_t last, uint32_t mode,
    struct nf_buf *out, struct nf_diag *diag)
{
	int r = 0;

	for (uint32_t i = first; r == 0 && i <= last; i++) {
		if ((i != 1 && (r = nf_host_use(host, i, diag)) != 0) ||
		    (r = nf_host_clear(host, mode, diag)) != 0)
			break;
		nf_buf_printf(out, "Module %u, command ClearUnitEx: OK\n", i);
	}
	return r;
}

int
main(int argc, char **argv)
{
	bool init = false, oper = false, maint = false, all = false;
	bool wait = false;
	const char *module = NULL;
	const struct nf_opt opts[] = {
		{ "initialization", 'I', &init, NULL },
		{ "operational", 'O', &oper, NULL },
		{ "maintenance", 'M', &maint, NULL },
		{ "module", 'm', NULL, &module },
		{ "all", 'a', &all, NULL },
		{ "wait", 'w', &wait, NULL },
		{ NULL, 0, NULL, NULL }
	};
	struct nf_buf out = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	struct nf_host *host = NULL;
	uint32_t number, last;
	char **args;
	int n, r, status;

	nf_process_harden();
	if ((status = nf_cli_parse(&cli, opts, argc, argv, &args, &n)) >= 0 ||
	    (status = nf_tool_module(&cli, module, false, &number)) >= 0)
		return status;
	if (init + oper + maint != 1)
		return nf_cli_usage(&cli, "give one of --initialization, "
		    "--operational and --maintenance");
	if (all && module != NULL)
		return nf_cli_usage(&cli, "give --module or --all, not both");
	r = nf_host_open_privileged(&host, &diag);
	last = number;
	if (r == 0 && all)
		r = nf_host_modules(host, &last, &diag);
	if (r == 0)
		r = clear(host, number, last, init ? NF_MODE_INITIALISATION :
		    oper ? NF_MODE_OPERATIONAL : NF_MODE_MAINTENANCE, &out,
		    &diag);
	nf_host_close(host);
	if (r != 0) {
		nf_buf_wipe(&out);
		return nf_cli_fail(&cli, &diag);
	}
	return nf_cli_output(&cli, &out, NF_EXIT_OK);
}
