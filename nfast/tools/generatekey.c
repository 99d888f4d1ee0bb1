/* SPDX-License-Identifier: Apache-2.0 */
/*
 * generatekey: make or import an application key in the module and record it
 * in kmdata/local.  Options, parameters and output as the original's
 * documents and public transcripts show them; unlike the original it never
 * overwrites a key.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nfast/base/mem.h"
#include "nfast/host/appkey.h"
#include "nfast/host/pem.h"
#include "nfast/tools/keyparams.h"
#include "nfast/tools/tool.h"
#include "nfast/wire/names.h"

#define WORDS_MAX	32

static const struct nf_cli cli = {
	.name = "generatekey",
	.synopsis =
	    "generatekey [-g] [--batch] [-m MODULE] APP [NAME=VALUE]...\n"
	    "generatekey --import [--batch] [-m MODULE] APP "
	    "pemreadfile=FILE [NAME=VALUE]...",
	.help =
	    "Make a key in the module and record it as key_APP_IDENT.\n"
	    "  -g, --generate   make a new key (default)\n"
	    "      --import     take an RSA or EC key from a PEM file\n"
	    "      --batch      do not ask for what is missing\n"
	    "      --no-verify  the same as verify=no\n"
	    "      --cardset=NAME  the same as protect=token cardset=NAME\n"
	    "  -m, --module=N   the module that makes it, 1 by default\n"
	    "Parameters:\n"
	    "  ident=ID         digits, lower-case letters, hyphens\n"
	    "  plainname=TEXT   name of the key, ident by default\n"
	    "  type=TYPE        RSA, EC, ECDSA or AES\n"
	    "  size=BITS        RSA 1024 to 4096 (2048), AES 128 to 256 "
	    "(256)\n"
	    "  curve=NAME       NISTP256, NISTP384, NISTP521 or SECP256k1\n"
	    "  pubexp=HEX       public exponent of RSA, 10001 when empty\n"
	    "  recovery=yes|no  yes when the world has key recovery\n"
	    "  verify=yes|no    check the key's certificates before it is\n"
	    "                   recorded (yes)\n"
	    "  protect=module|token|softcard  by the module, by an operator\n"
	    "                   card set, by a softcard\n"
	    "  cardset=NAME, softcard=NAME  which one, by name or hash; empty\n"
	    "                   when there is only one\n"
	    "  slot=0, nvram=no\n"
	    "What is missing is asked for on a terminal.  A key that is\n"
	    "there is never overwritten.\n",
	.args_max = WORDS_MAX
};

struct request {
	bool generate, import, batch, no_verify, retarget;
	const char *module, *cardset;
	uint32_t number;
	struct nf_keyparams kp;
};

/* The key of the PEM file, as the type that was asked for. */
static int
pem_take(const struct nf_keyparams *kp, uint32_t type, struct nf_buf *bytes,
    struct nf_keydata *key, struct nf_diag *diag)
{
	const char *path = kp->value[NF_KP_PEMREADFILE];
	int r;

	if ((r = nf_pem_load(path, bytes, key, diag)) != 0)
		return r;
	nf_cli_warn_secret(path);
	if ((key->type == NF_KEY_RSAPRIVATE) != (type == NF_KEY_RSAPRIVATE)) {
		r = nf_diag_set(diag, NF_E_MISMATCH, "type",
		    "the file holds an %s key, not %s",
		    key->type == NF_KEY_RSAPRIVATE ? "RSA" : "EC",
		    kp->value[NF_KP_TYPE]);
		nf_diag_where(diag, "%s", path);
		return r;
	}
	key->type = type;
	return 0;
}

/* Load what is to protect the key. */
static int
token_load(const struct nf_tool *tool, struct nf_keyparams *kp,
    struct nf_optoken *token, struct nf_appkey_spec *spec,
    struct nf_diag *diag)
{
	bool soft = strcmp(kp->value[NF_KP_PROTECT], "softcard") == 0;
	enum nf_keyparam p = soft ? NF_KP_SOFTCARD : NF_KP_CARDSET;
	struct nf_pins *pins = NULL;
	int r;

	if (strcmp(kp->value[NF_KP_PROTECT], "module") == 0)
		return 0;
	if ((r = nf_optoken_find(tool->world->dir, soft,
	    *kp->value[p] == '\0' ? NULL : kp->value[p], token, diag)) != 0 ||
	    (r = nf_pins_open(token->params.needed, &pins, diag)) != 0)
		goto out;
	kp->value[p] = token->name;
	spec->token = token;
	r = nf_optoken_load(tool->host, tool->world, token, pins,
	    nf_tool_progress, &spec->idkt, diag);
out:
	nf_pins_close(pins);
	return r;
}

static int
run(struct request *q, struct nf_buf *out, struct nf_diag *diag)
{
	struct nf_appkey_spec spec = { .perms = 0 };
	struct nf_keyparams *kp = &q->kp;
	struct nf_buf bytes = NF_BUF_INIT;
	struct nf_keydata imported;
	struct nf_optoken token;
	struct nf_tool tool = { NULL, NULL };
	char path[NF_PATH_MAX];
	uint8_t e[4];
	int r;

	spec.appname = kp->value[NF_KP_APPLICATION];
	spec.ident = kp->value[NF_KP_IDENT];
	spec.plainname = kp->value[NF_KP_PLAINNAME];
	nf_keyparams_gen(kp, &spec.params, e);
	if (kp->import) {
		if ((r = pem_take(kp, spec.params.type, &bytes, &imported,
		    diag)) != 0)
			goto out;
		spec.import = &imported;
	}
	if ((r = nf_tool_open_module(&tool, q->number, true, diag)) != 0)
		goto out;
	if (*kp->value[NF_KP_RECOVERY] == '\0')
		kp->value[NF_KP_RECOVERY] = tool.world->recovery ? "yes" :
		    "no";
	spec.recovery = strcmp(kp->value[NF_KP_RECOVERY], "yes") == 0;
	spec.verify = strcmp(kp->value[NF_KP_VERIFY], "yes") == 0;
	if ((r = token_load(&tool, kp, &token, &spec, diag)) != 0)
		goto out;
	nf_keyparams_print(out, kp);
	if ((r = nf_appkey_create(tool.host, tool.world, &spec, path, NULL,
	    diag)) != 0)
		goto out;
	nf_buf_printf(out, "Key successfully %s.\nPath to key: %s\n",
	    kp->import ? "imported" : "generated", path);
out:
	if (spec.idkt != 0)
		(void)nf_host_destroy(tool.host, spec.idkt, NULL);
	nf_buf_wipe(&bytes);
	nf_tool_close(&tool);
	return r;
}

/* -1, or the exit status after a usage error. */
static int
request_check(struct request *q, char **args, int n)
{
	int status;

	if ((status = nf_tool_module(&cli, q->module, false,
	    &q->number)) >= 0)
		return status;
	if (q->generate && q->import)
		return nf_cli_usage(&cli, "give --generate or --import, not "
		    "both");
	if (q->retarget)
		return nf_cli_usage(&cli, "--retarget is not supported");
	q->kp.import = q->import;
	if ((status = nf_keyparams_parse(&cli, args, n, &q->kp)) >= 0)
		return status;
	if (q->no_verify) {
		if (q->kp.value[NF_KP_VERIFY] != NULL)
			return nf_cli_usage(&cli, "give --no-verify or "
			    "verify, not both");
		q->kp.value[NF_KP_VERIFY] = "no";
	}
	if (q->cardset != NULL) {
		if (q->kp.value[NF_KP_CARDSET] != NULL)
			return nf_cli_usage(&cli, "give --cardset or "
			    "cardset, not both");
		q->kp.value[NF_KP_CARDSET] = q->cardset;
		if (q->kp.value[NF_KP_PROTECT] == NULL)
			q->kp.value[NF_KP_PROTECT] = "token";
	}
	return nf_keyparams_complete(&cli, &q->kp, !q->batch &&
	    isatty(STDIN_FILENO) == 1);
}

static int
go(struct request *q, int argc, char **argv)
{
	const struct nf_opt opts[] = {
		{ "generate", 'g', &q->generate, NULL },
		{ "import", 0, &q->import, NULL },
		{ "retarget", 0, &q->retarget, NULL },
		{ "batch", 0, &q->batch, NULL },
		{ "no-verify", 0, &q->no_verify, NULL },
		{ "module", 'm', NULL, &q->module },
		{ "cardset", 0, NULL, &q->cardset },
		{ NULL, 0, NULL, NULL }
	};
	struct nf_buf out = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	char **args;
	int n, status;

	if ((status = nf_cli_parse(&cli, opts, argc, argv, &args, &n)) >= 0 ||
	    (status = request_check(q, args, n)) >= 0)
		return status;
	return nf_cli_end(&cli, run(q, &out, &diag), &out, &diag);
}

int
main(int argc, char **argv)
{
	struct nf_diag diag = { 0 };
	struct request *q;
	int status;

	nf_process_harden();
	if ((q = calloc(1, sizeof(*q))) == NULL) {
		(void)nf_diag_set(&diag, NF_E_NOMEM, NULL, "out of memory");
		return nf_cli_fail(&cli, &diag);
	}
	status = go(q, argc, argv);
	free(q);
	return status;
}
