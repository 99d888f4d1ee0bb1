/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The audit of one file of any kind, and of an estate: many files over the
 * processors, with results in the order of the files and one of them in
 * memory at a time.
 */
#ifndef NF_VERIFY_AUDIT_H
#define NF_VERIFY_AUDIT_H

#include "verify/chain.h"
#include "verify/options.h"
#include "verify/transcript.h"
#include "verify/verdict-format.h"
#include "verify/walk.h"

/* A file that is no toolset zip is at most so long. */
#define NF_VFY_FILE_MAX		((size_t)1 << 20)

/*
 * Audit one file.
 *   opt      roots must not be NULL
 *   extract  directory for the files of a toolset zip, see toolset.h; NULL:
 *            nothing is written
 *   verdict  initialised, kind NF_VFY_KIND_NONE; sha256 is set
 * Returns 0 when there is a verdict, whatever it is; NF_E_NOTFOUND, NF_E_IO,
 * NF_E_FORMAT ("not recognised", or what the kind's check says),
 * NF_E_USAGE (extract, and no zip), NF_E_NOMEM, NF_E_CRYPTO.
 */
int nf_vfy_audit_file(struct nf_vfy_ctx *ctx, const char *path,
    const struct nf_vfy_options *opt, const char *extract,
    struct nf_vfy_verdict *verdict, struct nf_diag *diag);

/*
 * What an estate is audited with.
 *   workers            1..NF_POOL_WORKERS_MAX
 *   accept_unanchored  exit 0 for an unanchored verdict
 *   transcript         where each result is recorded, or NULL
 *   write              take a piece of the report, in order; not 0 stops
 *   trouble            told the error line of each file without a verdict,
 *                      may be NULL
 *   progress           told after each file, may be NULL
 */
struct nf_vfy_estate {
	const struct nf_vfy_options *opt;
	const char *extract;
	const struct nf_vfy_format *format;
	struct nf_vfy_run run;
	size_t workers;
	bool accept_unanchored;
	struct nf_vfy_transcript *transcript;
	int (*write)(void *arg, struct nf_view piece, struct nf_diag *diag);
	void (*trouble)(void *arg, const char *line);
	void (*progress)(void *arg, const struct nf_vfy_tally *tally);
	void *arg;
};

/*
 * Audit all files of a walk and write the report.
 *   exit  the worst of the files: 1, then 3, then 4
 * Returns 0, or what ended the run: the errors of write() and of the
 * transcript, NF_E_NOMEM, NF_E_IO; NF_E_NOTFOUND when there was no file.
 */
int nf_vfy_estate_audit(const struct nf_vfy_estate *estate,
    struct nf_walk *walk, int *exit, struct nf_diag *diag);

#endif
