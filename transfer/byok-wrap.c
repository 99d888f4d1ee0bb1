/* SPDX-License-Identifier: Apache-2.0 */
/*
 * byok-wrap: package keys for the BYOK that Key Vault takes (method 2), from
 * the simulated world or from any PKCS#11 token.  The program is ours; the
 * packages are as specified.
 */
#include "config.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "nfast/base/cli.h"
#include "nfast/base/file.h"
#include "nfast/base/mem.h"
#include "nfast/base/pool.h"
#include "nfast/base/seed.h"
#include "nfast/base/text.h"
#include "transfer/azcmd.h"
#include "transfer/byok2.h"
#include "transfer/plan-make.h"
#include "transfer/plan-left.h"
#include "transfer/plan-run.h"
#include "transfer/wrapper.h"

static const struct nf_cli cli = {
	.name = "byok-wrap",
	.synopsis =
	    "byok-wrap --kek FILE [--kid URL] --out FILE SOURCE [OPTION]...\n"
	    "byok-wrap --plan PLAN [--kek FILE [--kid URL]] --out DIR "
	    "[--dry-run] [OPTION]...",
	.help =
	    "Wrap a key, or all keys of a plan, under a vault's key exchange\n"
	    "key, for az keyvault key import --byok-file.  SOURCE is one of\n\n"
	    "  --app APP --ident IDENT   a key of the simulated world; asks\n"
	    "                            for administrator cards\n"
	    "  --pkcs11 URI              a key in a token, by RFC 7512\n"
	    "  --pkcs11-module PATH      its library, and the key:\n"
	    "    --token LABEL, --slot N, --label KEY, --id HEX\n"
	    "  --pem FILE                a software key; only with\n"
	    "                            --software-key: services take such\n"
	    "                            imports for tests\n\n"
	    "  --kek FILE            public key of the KEK: PEM, DER, or JSON\n"
	    "                        of az keyvault key show\n"
	    "  --kid URL             its identifier with version; needless\n"
	    "                        when the JSON, or FILE.kid beside\n"
	    "                        FILE.pem, tells it\n"
	    "  --name NAME           of the key in the vault, for the\n"
	    "                        commands that are printed; default from\n"
	    "                        the output's or the key's name\n"
	    "  --vault-name NAME, --hsm-name NAME\n"
	    "                        where it will be imported; default from\n"
	    "                        the kid\n"
	    "  --pin-file FILE, --pin-fd N\n"
	    "                        the token's PIN; else the terminal asks\n"
	    "  --force               replace an existing output file\n"
	    "  --plan PLAN           a line a key: source (APP/IDENT or\n"
	    "                        pkcs11: URI), name, KEK file or -, with\n"
	    "                        tabs between; a plan that does not exist\n"
	    "                        is made, of the world's keys and, with\n"
	    "                        --pkcs11-module, of those of a token,\n"
	    "                        and nothing else is done\n"
	    "  --dry-run             say for each key of the plan whether it\n"
	    "                        will work; change nothing\n"
	    "  --jobs N              wrap N keys at a time\n\n"
	    "A plan that was stopped goes on where it was.  It leaves\n"
	    "SHA256SUMS and commands.txt beside the packages.\n"
	    "Exit status: 0 success, 1 a key was not wrapped or a rule\n"
	    "forbids it, 2 usage, 3 input or output, 4 cannot say, 5 module\n"
	    "or token refused.\n",
	.args_min = 0,
	.args_max = 0
};

struct options {
	const char *kek, *kid, *out, *app, *ident, *uri, *pem, *name;
	const char *vault, *hsm, *pin_file, *pin_fd, *plan, *jobs;
	struct nf_p11_options p11;
	bool software, force, dry;
};

static void
card(const char *line)
{
	(void)fprintf(stderr, "%s\n", line);
}

static void
warn(const char *line)
{
	(void)fprintf(stderr, "%s: %s\n", cli.name, line);
}

/* ---- one key ----------------------------------------------------------- */

static int
number_of(const char *text, const char *option, long max, long *out)
{
	char *end;

	*out = strtol(text, &end, 10);
	if (*text == '\0' || *end != '\0' || *out < 0 || *out > max)
		return nf_cli_usage(&cli, "%s is a number up to %ld", option,
		    max);
	return -1;
}

static int
pin_of(const struct options *o, struct nf_p11_pin *pin)
{
	long fd = 0;
	int status;

	memset(pin, 0, sizeof(*pin));
	if (o->pin_file != NULL && o->pin_fd != NULL)
		return nf_cli_usage(&cli, "--pin-file and --pin-fd exclude "
		    "each other");
	if (o->pin_file != NULL) {
		pin->kind = NF_P11_PIN_FILE;
		pin->path = o->pin_file;
	} else if (o->pin_fd != NULL) {
		if ((status = number_of(o->pin_fd, "--pin-fd", INT_MAX,
		    &fd)) != -1)
			return status;
		pin->kind = NF_P11_PIN_FD;
		pin->fd = (int)fd;
	}
	return -1;
}

/* Exactly one source.  -1, or the exit status. */
static int
source_of(const struct options *o, struct nf_wrapper_key *key,
    struct nf_p11_select **select)
{
	bool world = o->app != NULL || o->ident != NULL;
	bool token = o->uri != NULL || o->p11.module != NULL ||
	    o->p11.token != NULL || o->p11.slot != NULL ||
	    o->p11.label != NULL || o->p11.id != NULL;
	struct nf_diag diag = { 0 };

	if (world + token + (o->pem != NULL) != 1)
		return nf_cli_usage(&cli, "one source is due: --app and "
		    "--ident, --pkcs11 or --pkcs11-module, or --pem");
	if (world && (o->app == NULL || o->ident == NULL))
		return nf_cli_usage(&cli, "--app and --ident belong together");
	if (o->pem != NULL && !o->software)
		return nf_cli_usage(&cli, "--pem: a software key is wrapped "
		    "only with --software-key; services take such imports "
		    "for tests only");
	key->kind = world ? NF_WRAPPER_SIMULATED : token ? NF_WRAPPER_P11 :
	    NF_WRAPPER_PEM;
	key->app = o->app;
	key->ident = o->ident;
	key->path = o->pem;
	if (token && nf_p11_select_new(o->uri, &o->p11, select, &diag) != 0)
		return nf_cli_fail(&cli, &diag);
	key->select = *select;
	return -1;
}

/* The key's name in the vault: as given, or the output's without frills. */
static void
name_of(const struct options *o, char out[static 128])
{
	const char *slash = strrchr(o->out, '/');
	const char *base = slash == NULL ? o->out : slash + 1;
	char stem[NF_PATH_MAX];
	size_t len = strlen(base);

	if (strncmp(base, NF_PLAN_FILE_LEAD, strlen(NF_PLAN_FILE_LEAD)) == 0) {
		base += strlen(NF_PLAN_FILE_LEAD);
		len = strlen(base);
	}
	if (len > 5 && strcmp(base + len - 5, ".byok") == 0)
		len -= 5;
	(void)snprintf(stem, sizeof(stem), "%.*s", (int)len, base);
	nf_plan_name(o->name != NULL ? o->name : stem, out);
}

static void
commands(const struct options *o, const struct nf_plan_kek *kek,
    const struct nf_wrapper_result *res, struct nf_buf *out)
{
	struct nf_buf warnings = NF_BUF_INIT;
	struct nf_azcmd cmd = { .service = o->hsm != NULL ?
	    NF_KID_MANAGED_HSM : NF_KID_VAULT, .vault = o->hsm != NULL ?
	    o->hsm : o->vault, .type = res->type, .file = o->out,
	    .kid = kek->kid };
	char name[128];

	name_of(o, name);
	cmd.name = name;
	if (*res->note != '\0')
		nf_buf_printf(out, "Warning: %s\n", res->note);
	if (kek->pem.ops == NF_KEKPEM_OPS_OTHER)
		nf_buf_str(out, "Warning: the KEK is not for import alone: "
		    "its key_ops must be [\"import\"]\n");
	if (nf_azcmd_warn(&warnings, &cmd) > 0) {
		const char *p = nf_buf_text(&warnings), *nl;

		for (; (nl = strchr(p, '\n')) != NULL; p = nl + 1)
			nf_buf_printf(out, "Warning: %.*s\n", (int)(nl - p),
			    p);
	}
	nf_buf_fail_as(out, &warnings);
	nf_buf_wipe(&warnings);
	nf_buf_str(out, "Import it with one of:\n");
	if (nf_azcmd_write(out, &cmd) == 0)
		nf_buf_str(out, "(name a vault by --vault-name or "
		    "--hsm-name)\n");
}

static int
save(const struct options *o, const struct nf_plan_kek *kek,
    const struct nf_wrapper_result *res, struct nf_diag *diag)
{
	struct nf_buf file = NF_BUF_INIT, generator = NF_BUF_INIT;
	const char *text;
	int r;

	nf_byok2_generator(&generator, res->source, kek->pem.insecure);
	text = nf_buf_text(&generator);
	if ((r = nf_buf_err(&generator)) != 0)
		(void)nf_diag_set(diag, r, NULL, "%s", nf_err_text(r));
	else if ((r = nf_byok2_write(&file, kek->kid, nf_buf_view(
	    &res->ciphertext), text, diag)) == 0)
		r = o->force ? nf_file_write_atomic(o->out, 0644,
		    nf_buf_view(&file), diag) : nf_file_write_new(o->out,
		    0644, nf_buf_view(&file), diag);
	nf_buf_wipe(&generator);
	nf_buf_wipe(&file);
	return r;
}

static int
wrap_one(const struct options *o, const struct nf_plan_kek *kek,
    const struct nf_wrapper_key *key, const struct nf_p11_pin *pin)
{
	struct nf_wrapper *wrapper = nf_wrapper_new(pin, card);
	struct nf_wrapper_result res = { .has_hash = false };
	char type[NF_XFER_KEYTYPE_MAX];
	struct nf_buf out = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	int r = NF_E_NOMEM;

	if (wrapper == NULL)
		(void)nf_diag_set(&diag, r, NULL, "out of memory");
	else if (!o->force && nf_file_exists(o->out)) {
		/* Before any card or PIN is asked for. */
		r = nf_diag_set(&diag, NF_E_EXISTS, NULL,
		    "exists; --force replaces it");
		nf_diag_where(&diag, "%s", o->out);
	} else if ((r = nf_wrapper_wrap(wrapper, key, &kek->pem, &res,
	    &diag)) == 0) {
		if (key->kind == NF_WRAPPER_PEM)
			nf_cli_warn_secret(key->path);
		r = save(o, kek, &res, &diag);
	}
	if (r == 0) {
		nf_xfer_keytype_text(&res.type, type);
		nf_buf_printf(&out, "Wrapped: %s, from %s\n", type,
		    res.source);
		if (res.has_hash) {
			nf_buf_str(&out, "Key hash: ");
			nf_text_hex(&out, nf_view_of(res.hash, NF_HASH_LEN));
			nf_buf_u8(&out, '\n');
		}
		nf_buf_printf(&out, "KEK: RSA %u, %s\nPackage: %s\n",
		    kek->pem.bits, kek->kid, o->out);
		commands(o, kek, &res, &out);
		if (key->kind == NF_WRAPPER_SIMULATED)
			nf_buf_str(&out, "SIMULATED: the key is a simulated "
			    "module's\n");
		if (nf_byok2_insecure(res.source, kek->pem.insecure))
			nf_buf_str(&out, NF_SEED_WORDS ": the package is not "
			    "secret\n");
	}
	nf_wrapper_result_wipe(&res);
	nf_wrapper_close(wrapper);
	if (r != 0) {
		nf_buf_wipe(&out);
		return nf_cli_fail(&cli, &diag);
	}
	return nf_cli_output(&cli, &out, NF_EXIT_OK);
}

/* ---- a plan ------------------------------------------------------------ */

struct display {
	bool progress;
	struct timespec shown;
};

static void
key_line(void *arg, const char *line)
{
	const struct display *d = arg;

	if (d->progress)
		(void)fprintf(stderr, "\r\033[K");
	(void)printf("%s\n", line);
}

static void
progress(void *arg, size_t done, size_t total)
{
	struct display *d = arg;
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	if (done < total && (now.tv_sec - d->shown.tv_sec) * 1000 +
	    (now.tv_nsec - d->shown.tv_nsec) / 1000000 < 100)
		return;
	d->shown = now;
	(void)fprintf(stderr, "\r%zu of %zu keys%s", done, total,
	    done == total ? "\r\033[K" : "");
}

/* The plan that is not there yet. */
static int
plan_make(const struct options *o, const struct nf_p11_pin *pin)
{
	const struct nf_p11_options opt = { .module = o->p11.module,
	    .token = o->p11.token, .slot = o->p11.slot };
	struct nf_wrapper *wrapper = nf_wrapper_new(pin, card);
	struct nf_p11_select *select = NULL;
	struct nf_diag diag = { 0 };
	struct nf_buf out = NF_BUF_INIT;
	size_t n = 0;
	int r = NF_E_NOMEM;

	if (wrapper == NULL)
		(void)nf_diag_set(&diag, r, NULL, "out of memory");
	else if (opt.module == NULL || (r = nf_p11_select_new(NULL, &opt,
	    &select, &diag)) == 0)
		r = nf_plan_make(o->plan, wrapper, select, &n, &diag);
	nf_p11_select_free(select);
	nf_wrapper_close(wrapper);
	if (r != 0)
		return nf_cli_fail(&cli, &diag);
	nf_buf_printf(&out, "%s: made, with %zu keys; look through it, then "
	    "run this command again\n", o->plan, n);
	return nf_cli_output(&cli, &out, NF_EXIT_OK);
}

static int
plan_run(const struct options *o, const struct nf_plan_kek *kek,
    const struct nf_p11_pin *pin, size_t workers)
{
	struct display display = { .progress = isatty(STDERR_FILENO) == 1 };
	struct nf_plan_run run = { .dir = o->out, .kek = kek,
	    .module = o->p11.module, .pin = *pin, .workers = workers,
	    .dry = o->dry, .managed = o->hsm != NULL,
	    .vault = o->hsm != NULL ? o->hsm : o->vault, .card = card,
	    .warn = warn,
	    .key = key_line, .arg = &display };
	struct nf_plan_counts counts;
	struct nf_buf out = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	struct nf_plan plan;
	int r;

	if (display.progress)
		run.progress = progress;
	if ((r = nf_plan_load(o->plan, &plan, &diag)) == 0) {
		run.plan = &plan;
		r = nf_plan_carry_out(&run, &counts, &diag);
	}
	nf_plan_wipe(&plan);
	if (r != 0)
		return nf_cli_fail(&cli, &diag);
	if (counts.insecure > 0)
		nf_buf_printf(&out, NF_SEED_WORDS ": %zu packages are not "
		    "secret\n", counts.insecure);
	if (o->dry)
		nf_buf_printf(&out, "%zu keys will be wrapped, %zu will not\n",
		    counts.wrapped, counts.failed);
	else
		nf_buf_printf(&out, "%zu keys wrapped, %zu were done before, "
		    "%zu failed\n", counts.wrapped, counts.before,
		    counts.failed);
	return nf_cli_output(&cli, &out, counts.failed > 0 ?
	    NF_EXIT_CHECK : NF_EXIT_OK);
}

static int
with_plan(const struct options *o, const struct nf_plan_kek *kek,
    const struct nf_p11_pin *pin)
{
	long jobs = (long)nf_pool_processors();
	int status;

	if (o->app != NULL || o->ident != NULL || o->uri != NULL ||
	    o->pem != NULL || o->software || o->p11.label != NULL ||
	    o->p11.id != NULL || o->name != NULL || o->force)
		return nf_cli_usage(&cli, "the plan names the keys, and a "
		    "run replaces nothing: of the options for one key only "
		    "--pkcs11-module, --token and --slot go with --plan");
	if (o->p11.module == NULL &&
	    (o->p11.token != NULL || o->p11.slot != NULL))
		return nf_cli_usage(&cli, "--token and --slot go with "
		    "--pkcs11-module");
	if (o->jobs != NULL && (status = number_of(o->jobs, "--jobs",
	    NF_POOL_WORKERS_MAX, &jobs)) != -1)
		return status;
	if (jobs < 1)
		return nf_cli_usage(&cli, "--jobs is at least 1");
	if (!nf_file_exists(o->plan)) {
		if (o->dry)
			return nf_cli_usage(&cli, "%s does not exist: without "
			    "--dry-run it is made", o->plan);
		return plan_make(o, pin);
	}
	if (o->out == NULL)
		return nf_cli_usage(&cli, "--out is missing");
	if (o->p11.token != NULL || o->p11.slot != NULL)
		return nf_cli_usage(&cli, "--token and --slot serve to make "
		    "a plan, and %s is there", o->plan);
	return plan_run(o, kek, pin, (size_t)jobs);
}

/* ---- options ----------------------------------------------------------- */

static int
run(const struct options *o)
{
	struct nf_wrapper_key key = { .app = NULL };
	struct nf_p11_select *select = NULL;
	struct nf_plan_kek kek;
	struct nf_diag diag = { 0 };
	struct nf_p11_pin pin;
	int status;

	if (o->out == NULL && o->plan == NULL)
		return nf_cli_usage(&cli, "--out is missing");
	if (o->out != NULL && strcmp(o->out, "-") == 0)
		return nf_cli_usage(&cli, "--out names a file: standard "
		    "output has the report");
	if (o->kid != NULL && o->kek == NULL)
		return nf_cli_usage(&cli, "--kid goes with --kek");
	if (o->vault != NULL && o->hsm != NULL)
		return nf_cli_usage(&cli, "--vault-name and --hsm-name "
		    "exclude each other");
	if (o->plan == NULL && o->kek == NULL)
		return nf_cli_usage(&cli, "--kek is missing");
	if (o->plan == NULL && (nf_file_same(o->out, o->kek) ||
	    (o->pem != NULL && nf_file_same(o->out, o->pem))))
		return nf_cli_usage(&cli, "--out is a file that is read: %s",
		    o->out);
	if (o->plan == NULL && (o->dry || o->jobs != NULL))
		return nf_cli_usage(&cli, "--dry-run and --jobs go with "
		    "--plan");
	if ((status = pin_of(o, &pin)) != -1)
		return status;
	if (o->plan == NULL &&
	    (status = source_of(o, &key, &select)) != -1)
		return status;
	if (o->kek != NULL && nf_plan_kek_load(o->kek, o->kid, &kek,
	    &diag) != 0) {
		status = nf_cli_fail(&cli, &diag);
		goto out;
	}
	if (o->kek != NULL && kek.pem.insecure)
		nf_plan_kek_warn(o->kek, warn);
	if (o->plan != NULL)
		status = with_plan(o, o->kek == NULL ? NULL : &kek, &pin);
	else
		status = wrap_one(o, &kek, &key, &pin);
out:
	nf_p11_select_free(select);
	return status;
}

int
main(int argc, char **argv)
{
	struct options o = { .kek = NULL };
	const struct nf_opt opts[] = {
		{ "kek", 0, NULL, &o.kek },
		{ "kid", 0, NULL, &o.kid },
		{ "out", 'o', NULL, &o.out },
		{ "app", 0, NULL, &o.app },
		{ "ident", 0, NULL, &o.ident },
		{ "pkcs11", 0, NULL, &o.uri },
		{ "pkcs11-module", 0, NULL, &o.p11.module },
		{ "token", 0, NULL, &o.p11.token },
		{ "slot", 0, NULL, &o.p11.slot },
		{ "label", 0, NULL, &o.p11.label },
		{ "id", 0, NULL, &o.p11.id },
		{ "pin-file", 0, NULL, &o.pin_file },
		{ "pin-fd", 0, NULL, &o.pin_fd },
		{ "pem", 0, NULL, &o.pem },
		{ "software-key", 0, &o.software, NULL },
		{ "name", 0, NULL, &o.name },
		{ "vault-name", 0, NULL, &o.vault },
		{ "hsm-name", 0, NULL, &o.hsm },
		{ "force", 0, &o.force, NULL },
		{ "plan", 0, NULL, &o.plan },
		{ "dry-run", 0, &o.dry, NULL },
		{ "jobs", 0, NULL, &o.jobs },
		{ NULL, 0, NULL, NULL }
	};
	char **args;
	int n, status;

	nf_process_harden();
	if ((status = nf_cli_parse(&cli, opts, argc, argv, &args, &n)) != -1)
		return status;
	return run(&o);
}
