/* SPDX-License-Identifier: Apache-2.0 */
/*
 * new-world: make a security world, or bring the module into the one that is
 * there.  Options and output as the original's documents and public
 * transcripts show them.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "nfast/base/mem.h"
#include "nfast/host/newworld.h"
#include "nfast/kmdata/store.h"
#include "nfast/tools/tool.h"
#include "nfast/wire/names.h"

#define SUITE_DEFAULT	"DLf3072s256mRijndael"
#define NSO_TIMEOUT_MAX	(366u * 24 * 3600)

static const struct nf_cli cli = {
	.name = "new-world",
	.synopsis =
	    "new-world [-i] [-m MODULE] [-c SUITE] [-Q K/N] [--no-recovery]\n"
	    "new-world -l [-m MODULE]",
	.help =
	    "Make a security world on a module in pre-initialisation mode.\n"
	    "  -i, --initialize        make a new world\n"
	    "  -l, --program           bring the module into the world that\n"
	    "                          is there, with its cards\n"
	    "  -m, --module=N          the module, 1 by default\n"
	    "  -c, --cipher-suite=S    DLf1024s160mRijndael,\n"
	    "                          DLf3072s256mRijndael (default) or\n"
	    "                          DLf3072s256mAEScSP800131Ar1\n"
	    "  -Q, --acs-quorum=K/N    any K of N administrator cards, 1/1\n"
	    "                          by default, N at most 64\n"
	    "      --no-recovery       keys cannot be recovered\n"
	    "      --nso-timeout=T     limit KNSO to T seconds (or 10m, 2h,\n"
	    "                          1d) after it was loaded\n"
	    "      --mode=unrestricted the only mode\n"
	    "Without -i and -l: -i when there is no world, else -l.\n"
	    "Passphrases: the lines of the file NFSIM_PINS, else a terminal.\n"
	    "Cards that are read: those that NFSIM_CARDS names (card-1,card-3),\n"
	    "else all in the order in which they were made.\n"
	    "A new world is made only where NFAST_KMDATA, NFAST_KMLOCAL or\n"
	    "NFAST_HOME say.\n"
	    "A world that is replaced is kept as world-HKNSO.old; key files\n"
	    "are left alone.\n",
};

struct request {
	bool initialize, program, no_recovery;
	const char *module, *suite, *quorum, *mode, *timeout;
	uint32_t number;
	struct nf_newworld want;
};

/* A decimal number of at most max at *s, which is moved behind it. */
static bool
number(const char **s, uint32_t max, uint32_t *out)
{
	uint64_t v = 0;

	if (**s < '0' || **s > '9')
		return false;
	for (; **s >= '0' && **s <= '9'; (*s)++) {
		if ((v = v * 10 + (uint64_t)(**s - '0')) > max)
			return false;
	}
	*out = (uint32_t)v;
	return true;
}

static bool
quorum_parse(const char *s, uint32_t *k, uint32_t *n)
{
	if (s == NULL) {
		*k = *n = 1;
		return true;
	}
	return number(&s, NF_ACS_MAX, k) && *s++ == '/' &&
	    number(&s, NF_ACS_MAX, n) && *s == '\0' && *k >= 1 && *k <= *n;
}

static bool
timeout_parse(const char *s, uint32_t *out)
{
	uint32_t unit = 1;

	*out = 0;
	if (s == NULL)
		return true;
	if (!number(&s, NSO_TIMEOUT_MAX, out))
		return false;
	switch (*s) {
	case 'd':
		unit = 24 * 3600;
		break;
	case 'h':
		unit = 3600;
		break;
	case 'm':
		unit = 60;
		break;
	default:
		break;
	}
	s += *s != '\0' && strchr("smhd", *s) != NULL;
	if (*s != '\0' || *out == 0 || *out > NSO_TIMEOUT_MAX / unit)
		return false;
	*out *= unit;
	return true;
}

/* -1, or the exit status after a usage error. */
static int
request_check(struct request *q)
{
	int status;

	if ((status = nf_tool_module(&cli, q->module, false,
	    &q->number)) >= 0)
		return status;
	if (q->initialize && q->program)
		return nf_cli_usage(&cli, "give --initialize or --program, "
		    "not both");
	if (q->program && (q->suite != NULL || q->quorum != NULL ||
	    q->timeout != NULL || q->mode != NULL || q->no_recovery))
		return nf_cli_usage(&cli, "--program takes the world as it "
		    "is: only --module goes with it");
	if (q->mode != NULL && strcmp(q->mode, "unrestricted") != 0)
		return nf_cli_usage(&cli, "mode '%s' is not supported, only "
		    "unrestricted", q->mode);
	if (q->suite != NULL && strcmp(q->suite,
	    "DLf1024s160mDES3") == 0)
		return nf_cli_usage(&cli, "cipher suite DLf1024s160mDES3 is "
		    "not supported: DES3 module keys are obsolete");
	if ((q->want.suite = nf_suite_named(q->suite == NULL ?
	    SUITE_DEFAULT : q->suite)) == NULL)
		return nf_cli_usage(&cli, "unknown cipher suite '%s'",
		    q->suite);
	if (!quorum_parse(q->quorum, &q->want.acs_k, &q->want.acs_n))
		return nf_cli_usage(&cli, "--acs-quorum '%s' is not K/N with "
		    "1 <= K <= N <= %d", q->quorum, NF_ACS_MAX);
	if (!timeout_parse(q->timeout, &q->want.nso_timeout))
		return nf_cli_usage(&cli, "--nso-timeout '%s' is not a time",
		    q->timeout);
	q->want.recovery = !q->no_recovery;
	return -1;
}

/* Make a world on the module, or load the one that is there into it. */
static int
carry_out(struct nf_host *host, const char *dir, const struct request *q,
    bool make, struct nf_buf *out, struct nf_diag *diag)
{
	struct nf_world *world = NULL;
	struct nf_pins *pins = NULL;
	char hex[41];
	int r;

	if ((!make && (r = nf_world_load(dir, &world, diag)) != 0) ||
	    (r = nf_pins_open(make ? q->want.acs_n : world->acs_k, &pins,
	    diag)) != 0)
		goto out;
	nf_tool_progress(make ? "\nCreate Security World:" :
	    "\nLoad Security World:");
	if (!make)
		r = nf_world_program(host, world, pins, nf_tool_progress,
		    diag);
	else if ((r = nf_world_create(host, dir, &q->want, pins,
	    nf_tool_progress, diag)) == 0)
		r = nf_world_load(dir, &world, diag);
	if (r != 0)
		goto out;
	nf_text_hash(hex, world->hash[NF_ADMIN_NSO]);
	nf_buf_printf(out, "\nsecurity world %s on module #%u; "
	    "hknso = %s\n", make ? "generated" : "loaded",
	    nf_host_module(host), hex);
out:
	nf_pins_close(pins);
	nf_world_free(world);
	return r;
}

static int
run(const struct request *q, struct nf_buf *out, struct nf_diag *diag)
{
	char dir[NF_PATH_MAX], esn[NF_ESN_MAX + 1];
	struct nf_host *host = NULL;
	bool have, make;
	int r;

	if ((r = nf_km_store_dir(dir, diag)) != 0)
		return r;
	have = nf_km_store_check_mark(dir, NULL) != NF_E_NOTFOUND;
	make = q->initialize || (!q->program && !have);
	if (!make && !have)
		return nf_diag_set(diag, NF_E_NOTFOUND, NULL,
		    "no existing world to load");
	if (make && (r = nf_km_store_may_make(dir, diag)) != 0)
		return r;
	if ((r = nf_host_open_privileged(&host, diag)) == 0 &&
	    (q->number == 1 || (r = nf_host_use(host, q->number,
	    diag)) == 0) &&
	    (r = nf_newworld_check_mode(host, esn, diag)) == 0)
		r = carry_out(host, dir, q, make, out, diag);
	nf_host_close(host);
	return r;
}

int
main(int argc, char **argv)
{
	struct request q = { .initialize = false };
	const struct nf_opt opts[] = {
		{ "initialize", 'i', &q.initialize, NULL },
		{ "program", 'l', &q.program, NULL },
		{ "module", 'm', NULL, &q.module },
		{ "cipher-suite", 'c', NULL, &q.suite },
		{ "acs-quorum", 'Q', NULL, &q.quorum },
		{ "no-recovery", 0, &q.no_recovery, NULL },
		{ "nso-timeout", 0, NULL, &q.timeout },
		{ "mode", 0, NULL, &q.mode },
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
