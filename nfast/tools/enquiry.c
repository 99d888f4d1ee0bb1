/* SPDX-License-Identifier: Apache-2.0 */
/*
 * enquiry: what the server and the module say of themselves.  The layout and
 * the names of the properties are real; only those are printed that mean
 * something for a simulated module.
 */
#include "config.h"

#include "nfast/base/mem.h"
#include "nfast/tools/tool.h"
#include "nfast/tools/usblist.h"
#include "nfast/wire/names.h"

static const struct nf_cli cli = {
	.name = "enquiry",
	.synopsis = "enquiry [-m MODULE]\nenquiry --usb",
	.help =
	    "Print what the server and the modules say of themselves.\n"
	    "  -m, --module=N   only the server (0) or only module N\n"
	    "      --usb        instead list the nShield Edges (which can be\n"
	    "                   detected, not driven) and the simulated modules\n"
	    "                   on USB; needs no module\n",
};

/* Level names of enquiry replies (real). */
static const struct nf_name levels[] = {
	{ 0, "Zero" }, { 1, "One" }, { 2, "Two" }, { 3, "Three" },
	{ 4, "Four" }, { 5, "Five" }, { 6, "Six" }, { 0, NULL }
};

static const struct nf_name modes[] = {
	{ NF_MODE_MAINTENANCE, "maintenance" },
	{ NF_MODE_OPERATIONAL, "operational" },
	{ NF_MODE_INITIALISATION, "initialization" }, { 0, NULL }
};

static void
text(struct nf_buf *out, const char *name, struct nf_view v)
{
	nf_buf_printf(out, " %-20s ", name);
	if (nf_view_printable(v))
		nf_buf_view_put(out, v);
	else
		nf_text_hex(out, v);
	nf_buf_str(out, "\n");
}

static void
named(struct nf_buf *out, const char *name, const struct nf_name *table,
    uint32_t value)
{
	nf_buf_printf(out, " %-20s ", name);
	nf_name_print(out, table, value);
	nf_buf_str(out, "\n");
}

static int
section(struct nf_host *host, uint32_t module, struct nf_buf *out,
    struct nf_diag *diag)
{
	struct nf_command cmd = { .cmd = NF_CMD_NEWENQUIRY };
	const struct nf_enquiry *e;
	struct nf_reply reply;
	int r;

	cmd.args.module = module;
	cmd.args.version = 6;
	if ((r = nf_host_call(host, &cmd, &reply, diag)) != 0)
		goto out;
	e = &reply.args.enquiry;
	if (module == 0)
		nf_buf_str(out, "Server:\n");
	else
		nf_buf_printf(out, "Module #%u:\n", module);
	nf_buf_str(out, " enquiry reply flags  none\n");
	named(out, "enquiry reply level", levels, reply.args.version);
	text(out, "serial number", e->serial);
	named(out, "mode", modes, module == 0 ?
	    (uint32_t)NF_MODE_OPERATIONAL : e->mode);
	nf_buf_printf(out, " %-20s %u-%u-%u\n", "version", e->release[0],
	    e->release[1], e->release[2]);
	nf_buf_printf(out, " %-20s %u\n", "speed index", e->speed);
	nf_buf_printf(out, " %-20s %u..%u\n", "rec. queue", e->queue_min,
	    e->queue_max);
	text(out, "version string", e->software);
	if (module != 0) {
		nf_buf_printf(out, " %-20s %s\n", "product name",
		    "secworld simulated module");
		nf_buf_printf(out, " %-20s %s\n", "supported KML types",
		    "DSAp1024s160 DSAp3072s256");
		nf_buf_printf(out, " %-20s %s\n", "hardware status",
		    "OK (simulated)");
	}
out:
	nf_args_wipe(&reply.args);
	return r;
}

/* The server and all modules, or one of them. */
static int
print(struct nf_host *host, bool all, uint32_t number, struct nf_buf *out,
    struct nf_diag *diag)
{
	uint32_t n = 0;
	int r = 0;

	if (all && (r = nf_host_modules(host, &n, diag)) != 0)
		return r;
	if (!all)
		return number > 1 && (r = nf_host_use(host, number,
		    diag)) != 0 ? r : section(host, number, out, diag);
	for (uint32_t i = 0; r == 0 && i <= n; i++)
		r = section(host, i, out, diag);
	return r;
}

int
main(int argc, char **argv)
{
	const char *module = NULL;
	bool usb = false;
	const struct nf_opt opts[] = {
		{ "module", 'm', NULL, &module },
		{ "usb", 0, &usb, NULL },
		{ NULL, 0, NULL, NULL }
	};
	struct nf_buf out = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	struct nf_host *host = NULL;
	uint32_t number;
	char **args;
	int n, r, status;

	nf_process_harden();
	if ((status = nf_cli_parse(&cli, opts, argc, argv, &args, &n)) >= 0 ||
	    (status = nf_tool_module(&cli, module, true, &number)) >= 0)
		return status;
	if (usb && module != NULL)
		return nf_cli_usage(&cli, "--usb goes without --module");
	if (usb) {
		r = nf_tool_usb_print(&out, &diag);
		goto out;
	}
	if ((r = nf_host_open(&host, &diag)) == 0)
		r = print(host, module == NULL, number, &out, &diag);
out:
	nf_host_close(host);
	if (r != 0) {
		nf_buf_wipe(&out);
		return nf_cli_fail(&cli, &diag);
	}
	return nf_cli_output(&cli, &out, NF_EXIT_OK);
}
