/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ppmk: make a softcard.  Verb and the line with the hash as in public
 * transcripts and guides; the original's other verbs have no public options
 * and are refused by name.
 */
#include "config.h"

#include <string.h>

#include "nfast/base/mem.h"
#include "nfast/host/optoken.h"
#include "nfast/tools/tool.h"

static const struct nf_cli cli = {
	.name = "ppmk",
	.synopsis = "ppmk --new [--non-recoverable] [-m MODULE] NAME",
	.help =
	    "Make a softcard: a token with a passphrase and without cards, in\n"
	    "the file softcard_HKLTU.\n"
	    "      --new              make one\n"
	    "      --non-recoverable  no way around its passphrase (always\n"
	    "                         so)\n"
	    "  -m, --module=N         the module that makes it\n"
	    "Several may have one name.  The passphrase comes from NFSIM_PINS\n"
	    "or the terminal.  --recoverable and the verbs change, recover,\n"
	    "check and delete of the original are not offered.\n",
	.args_max = 1
};

struct request {
	bool make, recoverable, non_recoverable;
	bool change, recover, check, delete;
	const char *module, *name;
	uint32_t number;
};

static int
request_check(struct request *q, char **args, int n)
{
	int status;

	if (q->change || q->recover || q->check || q->delete)
		return nf_cli_usage(&cli, "--%s is not offered, only --new",
		    q->change ? "change" : q->recover ? "recover" :
		    q->check ? "check" : "delete");
	if (q->recoverable)
		return nf_cli_usage(&cli, "--recoverable is not offered: "
		    "softcards have no passphrase recovery here");
	if (!q->make || n != 1)
		return nf_cli_usage(&cli, "give --new and one NAME");
	if ((status = nf_tool_module(&cli, q->module, false,
	    &q->number)) >= 0)
		return status;
	q->name = args[0];
	return nf_tool_token_name(&cli, q->name);
}

static int
run(const struct request *q, struct nf_buf *out, struct nf_diag *diag)
{
	struct nf_tool tool = { NULL, NULL };
	struct nf_pins *pins = NULL;
	char hex[41];
	int r;

	if ((r = nf_tool_open_module(&tool, q->number, true, diag)) == 0 &&
	    (r = nf_pins_open(1, &pins, diag)) == 0 &&
	    (r = nf_softcard_create(tool.host, tool.world, q->name, pins,
	    hex, diag)) == 0)
		nf_buf_printf(out, "New softcard created: HKLTU %s\n", hex);
	nf_pins_close(pins);
	nf_tool_close(&tool);
	return r;
}

int
main(int argc, char **argv)
{
	struct request q = { .make = false };
	const struct nf_opt opts[] = {
		{ "new", 0, &q.make, NULL },
		{ "recoverable", 0, &q.recoverable, NULL },
		{ "non-recoverable", 0, &q.non_recoverable, NULL },
		{ "change", 0, &q.change, NULL },
		{ "recover", 0, &q.recover, NULL },
		{ "check", 0, &q.check, NULL },
		{ "delete", 0, &q.delete, NULL },
		{ "module", 'm', NULL, &q.module },
		{ NULL, 0, NULL, NULL }
	};
	struct nf_buf out = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	char **args;
	int n, status;

	nf_process_harden();
	if ((status = nf_cli_parse(&cli, opts, argc, argv, &args, &n)) >= 0 ||
	    (status = request_check(&q, args, n)) >= 0)
		return status;
	return nf_cli_end(&cli, run(&q, &out, &diag), &out, &diag);
}
