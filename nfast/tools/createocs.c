/* SPDX-License-Identifier: Apache-2.0 */
/*
 * createocs: make an operator card set.  Name, options with long names and
 * the two lines around the cards as in public transcripts; the letters -P and
 * -T, the default of persistence and the files are ours.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "nfast/base/mem.h"
#include "nfast/host/optoken.h"
#include "nfast/tools/tool.h"

#define TIMEOUT_MAX	31536000u	/* a year */

static const struct nf_cli cli = {
	.name = "createocs",
	.synopsis = "createocs [-m MODULE] -N NAME -Q K/N "
	    "[-P | --no-persist] [-T SECONDS]",
	.help =
	    "Make an operator card set: new cards, and the files cards_HKLTU\n"
	    "and card_HKLTU_N.\n"
	    "  -m, --module=N          the module whose slot writes the "
	    "cards\n"
	    "  -N, --name=NAME         up to 64 printable characters\n"
	    "  -Q, --ocs-quorum=K/N    K of N cards load the set, N up to 64\n"
	    "  -P, --persist           keys stay loaded without a card "
	    "(default)\n"
	    "      --no-persist        keys go when a card is taken out\n"
	    "  -T, --timeout=SECONDS   keys go after this time; 0: never\n"
	    "      --no-pp-recovery    no way around a passphrase (always so)\n"
	    "Passphrases come from NFSIM_PINS or the terminal.  -p and -R of\n"
	    "the original are not offered: what they say is not public.\n"
};

struct request {
	bool persist, no_persist, no_pp;
	const char *module, *name, *quorum, *timeout;
	uint32_t number;
	struct nf_cardset_want want;
};

/* Digits up to the end character, at most max. */
static bool
number(const char **s, char end, uint32_t max, uint32_t *out)
{
	uint64_t v = 0;
	const char *p = *s;

	while (*p >= '0' && *p <= '9' && v <= max)
		v = v * 10 + (uint64_t)(*p++ - '0');
	if (p == *s || *p != end || v > max)
		return false;
	*out = (uint32_t)v;
	*s = p + (end != '\0');
	return true;
}

/* -1, or the exit status after a usage error. */
static int
request_check(struct request *q)
{
	const char *s;
	int status;

	if ((status = nf_tool_module(&cli, q->module, false,
	    &q->number)) >= 0)
		return status;
	if (q->name == NULL || q->quorum == NULL)
		return nf_cli_usage(&cli, "--name and --ocs-quorum are "
		    "needed");
	if (q->persist && q->no_persist)
		return nf_cli_usage(&cli, "give --persist or --no-persist, "
		    "not both");
	if ((status = nf_tool_token_name(&cli, q->name)) >= 0)
		return status;
	s = q->quorum;
	if (!number(&s, '/', NF_ACS_MAX, &q->want.k) ||
	    !number(&s, '\0', NF_ACS_MAX, &q->want.n) || q->want.k < 1 ||
	    q->want.k > q->want.n)
		return nf_cli_usage(&cli, "--ocs-quorum '%s' is not K/N with "
		    "1 <= K <= N <= %d", q->quorum, NF_ACS_MAX);
	s = q->timeout;
	if (s != NULL && !number(&s, '\0', TIMEOUT_MAX, &q->want.timeout))
		return nf_cli_usage(&cli, "--timeout '%s' is not a number of "
		    "seconds up to %u", q->timeout, TIMEOUT_MAX);
	q->want.name = q->name;
	q->want.persist = !q->no_persist;
	return -1;
}

static int
run(const struct request *q, struct nf_buf *out, struct nf_diag *diag)
{
	struct nf_tool tool = { NULL, NULL };
	struct nf_pins *pins = NULL;
	char hex[41];
	int r;

	if ((r = nf_tool_open_module(&tool, q->number, true, diag)) != 0 ||
	    (r = nf_pins_open(q->want.n, &pins, diag)) != 0)
		goto out;
	nf_tool_progress("\nCreating Cardset:");
	if ((r = nf_cardset_create(tool.host, tool.world, &q->want, pins,
	    nf_tool_progress, hex, diag)) == 0)
		nf_buf_printf(out, "\ncardset created; hkltu = %s\n", hex);
out:
	nf_pins_close(pins);
	nf_tool_close(&tool);
	return r;
}

int
main(int argc, char **argv)
{
	struct request q = { .persist = false };
	const struct nf_opt opts[] = {
		{ "module", 'm', NULL, &q.module },
		{ "name", 'N', NULL, &q.name },
		{ "ocs-quorum", 'Q', NULL, &q.quorum },
		{ "persist", 'P', &q.persist, NULL },
		{ "no-persist", 0, &q.no_persist, NULL },
		{ "timeout", 'T', NULL, &q.timeout },
		{ "no-pp-recovery", 0, &q.no_pp, NULL },
		{ NULL, 0, NULL, NULL }
	};
	struct nf_buf out = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	char **args;
	int n, status;

	nf_process_harden();
	if ((status = nf_cli_parse(&cli, opts, argc, argv, &args, &n)) >= 0 ||
	    (status = request_check(&q)) >= 0)
		return status;
	return nf_cli_end(&cli, run(&q, &out, &diag), &out, &diag);
}
