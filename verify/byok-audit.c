/* SPDX-License-Identifier: Apache-2.0 */
/*
 * byok-audit: report, check by check, what the artefacts of the key transfers
 * prove: one file, or a whole estate.  The program is ours.
 */
#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "nfast/base/cli.h"
#include "nfast/base/digest.h"
#include "nfast/base/mem.h"
#include "nfast/base/pool.h"
#include "nfast/base/text.h"
#include "verify/audit.h"

static const struct nf_cli cli = {
	.name = "byok-audit",
	.synopsis = "byok-audit [OPTION]... FILE|DIR...\n"
	    "byok-audit [OPTION]... --from LIST [FILE|DIR...]\n"
	    "byok-audit --check-transcript FILE [--pubkey PEM]",
	.help =
	    "Audit files of the old key transfer, told apart by content:\n"
	    "method-1 packages (KeyTransferPackage-NAME.byok), region\n"
	    "packages, attestation bundles, key, world, module and card\n"
	    "files of kmdata/local, warrants, feature certificates and\n"
	    "toolset zips, real or simulated; and method-2 packages, which\n"
	    "carry no signature.  Directories are walked; what byok-wrap\n"
	    "and other programs of this project leave beside such files is\n"
	    "not audited, and told on standard error.\n"
	    "Only bundles, warrants, region packages and simulated zips\n"
	    "carry a link to a root; of the others the best result is\n"
	    "UNANCHORED: whoever made the file may have made every key that\n"
	    "signs in it.\n\n"
	    "  --format FORMAT         text, json (one object; of several\n"
	    "                          files an array), jsonl (one line a\n"
	    "                          file), junit, sarif or html\n"
	    "  --from LIST             audit the files named in LIST, one a\n"
	    "                          line; - reads standard input\n"
	    "  --jobs N                work on N files at a time, instead of\n"
	    "                          as many as there are processors\n"
	    "  --policy vendor|strict  strict: an attested RSA key that may\n"
	    "                          unwrap (UseAsBlobKey) fails\n"
	    "  --accept-unanchored     exit 0 instead of 4\n"
	    "  --root-hash HASH        accept one more root of legacy chains\n"
	    "  --simulated-root        accept the roots of the simulator in\n"
	    "                          NFSIM_STATE\n"
	    "  --kek PEM               compare method-2 packages with this\n"
	    "                          key exchange key\n"
	    "  --extract DIR           write the files of the one toolset\n"
	    "                          zip to DIR, unless a check failed;\n"
	    "                          nothing is overwritten\n"
	    "  --transcript FILE       append a record of each result, each\n"
	    "                          bound to the one before it; sign it\n"
	    "                          with audit-sign\n"
	    "  --check-transcript FILE verify the records of a transcript,\n"
	    "  --pubkey PEM            and its signature in FILE.sig\n\n"
	    "Exit status: 0 success, 1 a check failed, 2 usage, 3 a file is\n"
	    "unreadable, malformed or not recognised, 4 all that is there\n"
	    "verifies but no root was reached.  Of several files the worst\n"
	    "counts: 1, then 3, then 4.\n",
	.args_min = 0,
	.args_max = INT_MAX
};

/* The options as typed. */
struct options {
	const char *format, *policy, *root_hash, *extract, *from, *jobs, *kek;
	const char *transcript, *check, *pubkey;
	bool simulated, accept_unanchored;
};

/* What they mean, and the state of the run. */
struct session {
	struct nf_vfy_roots roots;
	struct nf_vfy_kwarn kwarn;
	struct nf_kekpem kek;
	struct nf_vfy_options opt;
	struct nf_vfy_estate estate;
	bool progress;			/* show a line on stderr */
	struct timespec shown;
};

static int
write_out(void *arg, struct nf_view piece, struct nf_diag *diag)
{
	(void)arg;
	if (fwrite(piece.p, 1, piece.len, stdout) != piece.len ||
	    fflush(stdout) != 0)
		return nf_diag_set(diag, NF_E_IO, "standard output",
		    "%s", strerror(errno));
	return 0;
}

/* The error line of the only file, and what is not audited of many. */
static void
trouble(void *arg, const char *line)
{
	const struct session *s = arg;

	(void)fprintf(stderr, "%s%s: %s\n", s->estate.progress != NULL ?
	    "\r\033[K" : "", cli.name, line);
}

/* Ten times a second, over itself. */
static void
progress(void *arg, const struct nf_vfy_tally *tally)
{
	struct session *s = arg;
	size_t n[NF_VFY_OUT_COUNT] = { 0 }, total = 0;
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	if ((now.tv_sec - s->shown.tv_sec) * 1000 +
	    (now.tv_nsec - s->shown.tv_nsec) / 1000000 < 100)
		return;
	s->shown = now;
	for (size_t i = 0; i < tally->n_kinds; i++) {
		for (size_t k = 0; k < NF_VFY_OUT_COUNT; k++) {
			n[k] += tally->row[i].n[k];
			total += tally->row[i].n[k];
		}
	}
	(void)fprintf(stderr, "\r%zu files, %zu failed, %zu unreadable",
	    total, n[NF_VFY_OUT_FAIL], n[NF_VFY_OUT_ERROR]);
}

static bool
is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Options to what they mean; -1 or the exit status. */
static int
session_set(struct session *s, const struct options *o, char **args,
    int n_args)
{
	const char *term = nf_cli_env("TERM");
	struct nf_diag diag = { 0 };
	char *end;
	long jobs;

	s->estate.format = nf_vfy_format_find(o->format == NULL ? "text" :
	    o->format);
	if (s->estate.format == NULL)
		return nf_cli_usage(&cli, "--format is " NF_VFY_FORMATS);
	if (o->policy != NULL && strcmp(o->policy, "strict") != 0 &&
	    strcmp(o->policy, "vendor") != 0)
		return nf_cli_usage(&cli, "--policy is vendor or strict");
	if (o->extract != NULL && (n_args != 1 || o->from != NULL ||
	    is_directory(args[0])))
		return nf_cli_usage(&cli, "--extract takes one FILE");
	s->estate.workers = nf_pool_processors();
	if (o->jobs != NULL) {
		jobs = strtol(o->jobs, &end, 10);
		if (end == o->jobs || *end != '\0' || jobs < 1 ||
		    jobs > NF_POOL_WORKERS_MAX)
			return nf_cli_usage(&cli, "--jobs is a number from 1 "
			    "to %d", NF_POOL_WORKERS_MAX);
		s->estate.workers = (size_t)jobs;
	}
	s->opt.strict = o->policy != NULL && strcmp(o->policy, "strict") == 0;
	s->opt.roots = &s->roots;
	s->opt.kwarn = &s->kwarn;
	if (nf_vfy_roots_set(&s->roots, o->root_hash, o->simulated,
	    &diag) != 0 || (o->root_hash == NULL &&
	    nf_vfy_kwarn_set(&s->kwarn, o->simulated, &diag) != 0) ||
	    (o->kek != NULL && nf_kekpem_load(o->kek, &s->kek, &diag) != 0))
		return nf_cli_fail(&cli, &diag);
	s->opt.kek = o->kek == NULL ? NULL : &s->kek;
	s->estate.opt = &s->opt;
	s->estate.extract = o->extract;
	s->estate.accept_unanchored = o->accept_unanchored;
	s->estate.run.tool = cli.name;
	s->estate.run.colour = isatty(STDOUT_FILENO) == 1 &&
	    nf_cli_env("NO_COLOR") == NULL && term != NULL &&
	    strcmp(term, "dumb") != 0;
	/* A report that scrolls by is progress enough. */
	s->progress = isatty(STDERR_FILENO) == 1 &&
	    isatty(STDOUT_FILENO) != 1;
	s->estate.arg = s;
	s->estate.write = write_out;
	s->estate.aside = trouble;
	return -1;
}

/* What has a say in the verdicts, for the transcript. */
struct named {
	char root_hash[128];
	struct nf_buf kek;
	const char *option[8];
	struct nf_vfy_origin origin;
};

/* "kek=" and the SHA-256 of its PEM as "openssl pkey -pubout" writes it. */
static int
kek_name(const struct nf_kekpem *kek, struct nf_buf *out)
{
	struct nf_buf pem = NF_BUF_INIT;
	uint8_t hash[NF_DIGEST_MAX];
	struct nf_view v;
	int r;

	nf_kekpem_write(&pem, nf_kekpem_e(kek), nf_kekpem_n(kek));
	v = nf_buf_view(&pem);
	if ((r = nf_buf_err(&pem)) == 0 &&
	    (r = nf_digest_of(NF_SHA256, &v, 1, hash)) == 0) {
		nf_buf_str(out, "kek=");
		nf_text_hex(out, nf_view_of(hash, nf_digest_size(NF_SHA256)));
		r = nf_buf_err(out);
	}
	nf_buf_wipe(&pem);
	return r;
}

static int
named_set(struct named *named, const struct session *s,
    const struct options *o)
{
	struct nf_vfy_origin *origin = &named->origin;
	const char **out = named->option;
	size_t n = 0;
	int r;

	if (o->policy != NULL && strcmp(o->policy, "strict") == 0)
		out[n++] = "policy=strict";
	if (o->accept_unanchored)
		out[n++] = "accept-unanchored";
	if (o->root_hash != NULL) {
		(void)snprintf(named->root_hash, sizeof(named->root_hash),
		    "root-hash=%s", o->root_hash);
		out[n++] = named->root_hash;
	}
	if (o->simulated || (o->root_hash == NULL &&
	    nf_cli_env_on("SECWORLD_SIMULATED_ROOT")))
		out[n++] = "simulated-root";
	if (o->kek != NULL) {
		if ((r = kek_name(&s->kek, &named->kek)) != 0)
			return r;
		out[n++] = nf_buf_text(&named->kek);
		if ((r = nf_buf_err(&named->kek)) != 0)
			return r;
	}
	origin->tool = cli.name;
	origin->version = PACKAGE_VERSION;
	origin->option = out;
	origin->n_options = n;
	return 0;
}

static int
check_transcript(const struct options *o, int n_args)
{
	struct nf_vfy_summary summary;
	struct nf_buf out = NF_BUF_INIT;
	struct nf_diag diag = { 0 };

	if (n_args > 0 || o->format != NULL || o->policy != NULL ||
	    o->root_hash != NULL || o->extract != NULL || o->from != NULL ||
	    o->jobs != NULL || o->kek != NULL || o->transcript != NULL ||
	    o->simulated || o->accept_unanchored)
		return nf_cli_usage(&cli, "of other options and words only "
		    "--pubkey goes with --check-transcript");
	if (nf_vfy_transcript_check(o->check, o->pubkey, NULL, &summary,
	    &diag) != 0)
		return nf_cli_fail(&cli, &diag);
	nf_vfy_transcript_report(&out, o->check, &summary);
	return nf_cli_output(&cli, &out, NF_EXIT_OK);
}

/* Audit the files of the words and of the list. */
static int
audit(struct session *s, const struct options *o, char **args, int n)
{
	struct nf_diag diag = { 0 }, closing = { 0 };
	struct named named = { .kek = NF_BUF_INIT };
	struct nf_walk *walk = NULL;
	int r, status = NF_EXIT_OK;
	size_t links;

	s->estate.run.many = n != 1 || o->from != NULL ||
	    is_directory(args[0]);
	if (!s->estate.run.many)
		s->estate.trouble = trouble;
	else if (s->progress)
		s->estate.progress = progress;
	if ((r = nf_walk_new(args, (size_t)n, o->from, &walk, &diag)) != 0)
		goto out;
	if ((r = named_set(&named, s, o)) != 0) {
		(void)nf_diag_set(&diag, r, "--kek", "%s", nf_err_text(r));
		goto out;
	}
	if (o->transcript != NULL && (r = nf_vfy_transcript_open(
	    o->transcript, &named.origin, &s->estate.transcript,
	    &diag)) != 0)
		goto out;
	if ((r = nf_vfy_estate_audit(&s->estate, walk, &status,
	    &diag)) == NF_E_NOTFOUND && n < 2)
		nf_diag_where(&diag, "%s", n == 0 ? o->from : args[0]);
	else if (r == NF_E_NOTFOUND)
		nf_diag_where(&diag, "%s and %d more", args[0], n - 1);
	if (s->estate.progress != NULL)
		(void)fprintf(stderr, "\r\033[K");
	if (nf_vfy_transcript_close(s->estate.transcript, &closing) != 0 &&
	    r == 0) {
		r = closing.code;
		diag = closing;
	}
	if ((links = nf_walk_links(walk)) > 0)
		(void)fprintf(stderr, "%s: %zu symbolic link%s not "
		    "followed\n", cli.name, links, links == 1 ? " was" :
		    "s were");
out:
	nf_walk_free(walk);
	nf_buf_wipe(&named.kek);
	return r == 0 ? status : nf_cli_fail(&cli, &diag);
}

int
main(int argc, char **argv)
{
	struct options o = { .format = NULL };
	struct session s = { .progress = false };
	const struct nf_opt opts[] = {
		{ "format", 0, NULL, &o.format },
		{ "from", 0, NULL, &o.from },
		{ "jobs", 0, NULL, &o.jobs },
		{ "policy", 0, NULL, &o.policy },
		{ "accept-unanchored", 0, &o.accept_unanchored, NULL },
		{ "root-hash", 0, NULL, &o.root_hash },
		{ "simulated-root", 0, &o.simulated, NULL },
		{ "kek", 0, NULL, &o.kek },
		{ "extract", 0, NULL, &o.extract },
		{ "transcript", 0, NULL, &o.transcript },
		{ "check-transcript", 0, NULL, &o.check },
		{ "pubkey", 0, NULL, &o.pubkey },
		{ NULL, 0, NULL, NULL }
	};
	int n, status;
	char **args;

	nf_process_harden();
	if ((status = nf_cli_parse(&cli, opts, argc, argv, &args, &n)) != -1)
		return status;
	if (o.check != NULL)
		return check_transcript(&o, n);
	if (o.pubkey != NULL)
		return nf_cli_usage(&cli, "--pubkey goes with "
		    "--check-transcript");
	if (n == 0 && o.from == NULL)
		return nf_cli_usage(&cli, "no FILE given");
	if ((status = session_set(&s, &o, args, n)) != -1)
		return status;
	return audit(&s, &o, args, n);
}
