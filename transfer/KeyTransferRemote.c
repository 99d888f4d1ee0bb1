/* SPDX-License-Identifier: Apache-2.0 */
/*
 * KeyTransferRemote: make a copy of a key that only a region can use, and
 * package it.  Verbs, options, file names and the Result line are the
 * original's; its other output was never public, so ours differs.
 */
#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "nfast/base/cli.h"
#include "nfast/base/mem.h"
#include "transfer/modify.h"
#include "transfer/package1.h"
#include "verify/byok1check.h"
#include "verify/kekcheck.h"

#define PACKAGES \
	"-ExchangeKeyPackage FILE -NewSecurityWorldPackage FILE"
#define ROOTS	"[-root-hash HEX | -simulated-root]"
#define FILE_LEAD	"KeyTransferPackage-"
#define NOT_BUILT	"-ImportRmsCentrallyManagedKey"
#define INSECURE \
	"INSECURE SEED: no key of the region's packages is secret\n"
#define SIMULATED \
	"SIMULATED: the region's packages were made by a simulator, which " \
	"proves nothing about real hardware\n"

static const struct nf_cli cli = {
	.name = "KeyTransferRemote",
	.synopsis =
	    "KeyTransferRemote -ModifyAcls -KeyAppName APP -KeyIdentifier "
	    "ID " PACKAGES " " ROOTS "\n"
	    "KeyTransferRemote -Package -KeyIdentifier ID " PACKAGES
	    " -SubscriptionId GUID -KeyFriendlyName NAME " ROOTS,
	.help =
	    "-ModifyAcls verifies the region's packages, asks for a quorum\n"
	    "of administrator cards and writes key_xferacld_ID, a copy of\n"
	    "key_APP_ID that only the region can use.  -Package writes it,\n"
	    "wrapped for the region, to KeyTransferPackage-NAME.byok in the\n"
	    "current directory.  Options may have one dash or two, in any\n"
	    "case; -TenantBposId is an older name of -SubscriptionId.\n\n"
	    "  -root-hash HEX   accept this root too\n"
	    "  -simulated-root  accept the local simulator's root, read from\n"
	    "                   NFSIM_STATE; the same as\n"
	    "                   SECWORLD_SIMULATED_ROOT=1\n\n"
	    "Ends with \"Result: SUCCESS\" or \"Result: FAILED: why\".\n"
	    "Exit status: 0 success, 1 a check failed, 2 usage, 3 a file is\n"
	    "unreadable, malformed or missing, 4 cannot say, 5 the module\n"
	    "refused.\n",
	.single_dash = true
};

/* What the command line asks for. */
struct request {
	bool modify, package, simulated;
	const char *app, *ident, *kek, *world, *subscription, *tenant,
	    *label, *root_hash;
};

/* An operation that runs with everything opened. */
struct run {
	const struct request *req;
	const char *ident;
	struct nf_host *host;
	struct nf_world *world;
	struct nf_vfy_pair pair;
	struct nf_xfer_dest dest;
	char kek_ident[NF_KEK_PKG_TEXT_MAX + 1];
	struct nf_buf out;
};

static void
progress(const char *line)
{
	(void)fprintf(stderr, "%s\n", line);
}

/* The first option that the verb needs and lacks, or that is another's. */
static int
request_check(struct request *q)
{
	const struct {
		const char *name;
		const char *value;
		bool modify, package;
	} need[] = {
		{ "KeyAppName", q->app, true, false },
		{ "KeyIdentifier", q->ident, true, true },
		{ "ExchangeKeyPackage", q->kek, true, true },
		{ "NewSecurityWorldPackage", q->world, true, true },
		{ "SubscriptionId", q->subscription, false, true },
		{ "KeyFriendlyName", q->label, false, true }
	};
	const char *verb = q->modify ? "ModifyAcls" : "Package";
	bool wanted;

	if (q->modify == q->package)
		return nf_cli_usage(&cli, q->modify ?
		    "-ModifyAcls and -Package exclude each other" :
		    "one of -ModifyAcls and -Package is needed");
	if (q->subscription != NULL && q->tenant != NULL)
		return nf_cli_usage(&cli, "-SubscriptionId and -TenantBposId "
		    "are one option, give it once");
	if (q->tenant != NULL && q->modify)
		return nf_cli_usage(&cli,
		    "-ModifyAcls takes no -TenantBposId");
	for (size_t i = 0; i < sizeof(need) / sizeof(need[0]); i++) {
		wanted = q->modify ? need[i].modify : need[i].package;
		if (wanted && need[i].value == NULL &&
		    !(q->tenant != NULL && strcmp(need[i].name,
		    "SubscriptionId") == 0))
			return nf_cli_usage(&cli, "-%s needs -%s", verb,
			    need[i].name);
		if (!wanted && need[i].value != NULL)
			return nf_cli_usage(&cli, "-%s takes no -%s", verb,
			    need[i].name);
	}
	if (q->subscription == NULL)
		q->subscription = q->tenant;
	return -1;
}

/* Why the packages do not verify, as one line. */
static int
verdict_fail(const struct nf_vfy_verdict *v, struct nf_diag *diag)
{
	int r = nf_vfy_code(v);

	if (r == 0)
		return 0;
	for (size_t i = 0; i < v->n_checks; i++) {
		if (v->check[i].status != NF_VFY_FAIL)
			continue;
		return nf_diag_set(diag, r, "the region's packages do not "
		    "verify", "%s: %s", v->check[i].title,
		    nf_vfy_detail(v, &v->check[i]));
	}
	return nf_diag_set(diag, r, "the region's packages", "%s",
	    nf_err_text(r));
}

/* Load and verify the pair, and keep what may be relied on. */
static int
packages_open(struct run *run, const struct nf_vfy_roots *roots,
    struct nf_diag *diag)
{
	const struct nf_vfy_kekfacts *f = &run->pair.facts;
	int r;

	if ((r = nf_vfy_pair_check(run->req->kek, run->req->world, roots,
	    &run->pair, diag)) != 0 ||
	    (r = verdict_fail(&run->pair.verdict, diag)) != 0)
		return r;
	memcpy(run->kek_ident, f->ident.p, f->ident.len);
	run->kek_ident[f->ident.len] = '\0';
	run->dest.kek = *f->kek;
	run->dest.kek_ident = run->kek_ident;
	run->dest.insecure = nf_vfy_insecure_seed(&run->pair.verdict);
	memcpy(run->dest.region.hkm, f->hkm, NF_HASH_LEN);
	memcpy(run->dest.region.kek_hash, f->kek_hash, NF_HASH_LEN);

	nf_buf_printf(&run->out, "Region: %.*s\nKEK: %s, hash ",
	    (int)f->region.len, (const char *)f->region.p, run->kek_ident);
	nf_text_hex(&run->out, nf_view_of(f->kek_hash, NF_HASH_LEN));
	nf_buf_str(&run->out, "\nDestination world: HKM ");
	nf_text_hex(&run->out, nf_view_of(f->hkm, NF_HASH_LEN));
	nf_buf_str(&run->out, "\nroot: ");
	nf_text_hex(&run->out, nf_view_of(f->root, NF_HASH_LEN));
	nf_buf_u8(&run->out, '\n');
	return 0;
}

static int
module_open(struct run *run, struct nf_diag *diag)
{
	char dir[NF_PATH_MAX];
	int r;

	if ((r = nf_km_store_dir(dir, diag)) != 0 ||
	    (r = nf_world_load(dir, &run->world, diag)) != 0 ||
	    (r = nf_host_open(&run->host, diag)) != 0)
		return r;
	return nf_world_check_module(run->host, run->world, diag);
}

static int
modify(struct run *run, struct nf_diag *diag)
{
	struct nf_buf diff = NF_BUF_INIT;
	char path[NF_PATH_MAX];
	int r;

	if ((r = module_open(run, diag)) == 0 &&
	    (r = nf_xfer_modify(run->host, run->world, run->req->app,
	    run->ident, &run->dest, progress, &diff, path, diag)) == 0) {
		nf_buf_printf(&run->out, "Permissions, before (-) and after "
		    "(+):\n");
		nf_buf_view_put(&run->out, nf_buf_view(&diff));
		nf_buf_printf(&run->out, "Path to key: %s\n", path);
		if (nf_buf_err(&diff) != 0)
			nf_buf_fail(&run->out, nf_buf_err(&diff));
	}
	nf_buf_wipe(&diff);
	return r;
}

/* What the audit would say about the package must not be "failed". */
static int
audit(struct run *run, const struct nf_buf *file, const char *name,
    struct nf_diag *diag)
{
	struct nf_vfy_verdict v;
	int r;

	nf_vfy_verdict_init(&v, "method-1 package", name);
	if ((r = nf_vfy_byok1_check(run->pair.ctx, nf_buf_view(file), &v,
	    diag)) == 0 && nf_vfy_result_of(&v) == NF_VFY_FAILED)
		r = verdict_fail(&v, diag);
	if (diag->code != 0 && r == NF_E_VERIFY)
		(void)snprintf(diag->field, sizeof(diag->field),
		    "the key file does not verify");
	nf_vfy_verdict_wipe(&v);
	return r;
}

static int
package(struct run *run, struct nf_diag *diag)
{
	char name[sizeof(FILE_LEAD) + NF_XFER_NAME_MAX + sizeof(".byok")];
	struct nf_buf file = NF_BUF_INIT;
	const char *app = NULL;
	uint8_t tenant[16];
	int r;

	if (nf_byok1_guid(run->req->subscription, tenant) != 0)
		return nf_diag_set(diag, NF_E_USAGE, "SubscriptionId",
		    "not a GUID like 11111111-2222-3333-4444-555555555555");
	if ((r = nf_xfer_label_check(run->req->label, diag)) != 0)
		return r;
	(void)snprintf(name, sizeof(name), FILE_LEAD "%s.byok",
	    run->req->label);
	if (nf_file_exists(name)) {
		(void)nf_diag_set(diag, NF_E_EXISTS, NULL,
		    "exists already and is not overwritten");
		nf_diag_where(diag, "%s", name);
		return NF_E_EXISTS;
	}
	if ((r = module_open(run, diag)) == 0 &&
	    (r = nf_xfer_package(run->host, run->world, run->ident,
	    &run->dest, tenant, run->req->label, &file, &app, diag)) == 0 &&
	    (r = audit(run, &file, name, diag)) == 0 &&
	    (r = nf_file_write_new(name, 0644, nf_buf_view(&file),
	    diag)) == 0)
		nf_buf_printf(&run->out, "Key: key_%s_%s\nPackage: %s, %zu "
		    "bytes\n", app, run->ident, name, file.len);
	nf_buf_wipe(&file);
	return r;
}

static int
operate(struct run *run, const struct nf_vfy_roots *roots,
    struct nf_diag *diag)
{
	int r;

	if ((r = nf_xfer_names_check(run->req->app, run->req->ident,
	    diag)) != 0 || (r = packages_open(run, roots, diag)) != 0)
		return r;
	return run->req->modify ? modify(run, diag) : package(run, diag);
}

/* Print the report and, for a failure, the one line. */
static int
finish(struct run *run, int r, struct nf_diag *diag)
{
	char line[sizeof(*diag) + 64];
	int status = NF_EXIT_OK;

	if (r != 0) {
		(void)nf_diag_set(diag, r, NULL, "%s", nf_err_text(r));
		status = nf_cli_fail(&cli, diag);
		nf_diag_line(diag, line, sizeof(line));
	}
	if (run->pair.verdict.simulated)
		nf_buf_str(&run->out, SIMULATED);
	if (nf_vfy_insecure_seed(&run->pair.verdict))
		nf_buf_str(&run->out, INSECURE);
	if (r != 0)
		nf_buf_printf(&run->out, "Result: FAILED: %s\n", line);
	else
		nf_buf_str(&run->out, "Result: SUCCESS\n");
	return nf_cli_output(&cli, &run->out, status);
}

static int
execute(const struct request *req)
{
	char ident[NF_KM_IDENT_SIZE];
	struct nf_diag diag = { 0 };
	struct nf_vfy_roots roots;
	struct run run;
	int r, status;

	memset(&run, 0, sizeof(run));
	run.req = req;
	run.ident = nf_km_ident_fold(req->ident, ident);
	if ((r = nf_vfy_roots_set(&roots, req->root_hash, req->simulated,
	    &diag)) == 0)
		r = operate(&run, &roots, &diag);
	status = finish(&run, r, &diag);
	nf_host_close(run.host);
	nf_world_free(run.world);
	nf_vfy_pair_wipe(&run.pair);
	return status;
}

int
main(int argc, char **argv)
{
	struct request q = { 0 };
	const struct nf_opt opts[] = {
		{ "ModifyAcls", 0, &q.modify, NULL },
		{ "Package", 0, &q.package, NULL },
		{ "KeyAppName", 0, NULL, &q.app },
		{ "KeyIdentifier", 0, NULL, &q.ident },
		{ "ExchangeKeyPackage", 0, NULL, &q.kek },
		{ "NewSecurityWorldPackage", 0, NULL, &q.world },
		{ "SubscriptionId", 0, NULL, &q.subscription },
		{ "TenantBposId", 0, NULL, &q.tenant },
		{ "KeyFriendlyName", 0, NULL, &q.label },
		{ "root-hash", 0, NULL, &q.root_hash },
		{ "simulated-root", 0, &q.simulated, NULL },
		{ NULL, 0, NULL, NULL }
	};
	char **args;
	int n, status;

	nf_process_harden();
	for (int i = 1; i < argc; i++) {
		const char *s = argv[i];

		if (s[0] == '-' && strcasecmp(s + (s[1] == '-'),
		    NOT_BUILT) == 0)
			return nf_cli_usage(&cli, NOT_BUILT " is not built: "
			    "take the key out of the TPD as PEM, then use "
			    "generatekey --import simple pemreadfile=FILE");
	}
	if (argc == 1)
		return nf_cli_usage(&cli, "no arguments given");
	status = nf_cli_parse(&cli, opts, argc, argv, &args, &n);
	if (status != -1 || (status = request_check(&q)) != -1)
		return status;
	return execute(&q);
}
