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
 * Audit one file.  Nothing is written.  Of what programs of the project leave
 * beside artefacts see companion.h: there is no verdict on it.
 *   opt      roots must not be NULL
 *   verdict  initialised, kind NF_VFY_KIND_NONE; sha256 is set
 * Returns 0 when there is a verdict, whatever it is; NF_E_NOTFOUND, NF_E_IO,
 * NF_E_FORMAT ("not recognised", or what the kind's check says), NF_E_NOMEM,
 * NF_E_CRYPTO.
 */
int nf_vfy_audit_path(struct nf_vfy_ctx *ctx, const char *path,
    const struct nf_vfy_options *opt, struct nf_vfy_verdict *verdict,
    struct nf_diag *diag);

/*
 * The same, and extract a toolset zip unless its audit failed.
 *   into  directory for its files, see nf_zip_extract(); NULL: nothing is
 *         written
 * Returns also NF_E_USAGE (into, and no zip), and NF_E_EXISTS and NF_E_IO of
 * the extraction.
 */
int nf_vfy_audit_file(struct nf_vfy_ctx *ctx, const char *path,
    const struct nf_vfy_options *opt, const char *into,
    struct nf_vfy_verdict *verdict, struct nf_diag *diag);

/*
 * The same for a file in memory.
 *   name  as a path: it is in the diag, and its last part tells the region of
 *         a toolset zip
 *   file  a zip of any size, else at most NF_VFY_FILE_MAX bytes
 */
int nf_vfy_audit_bytes(struct nf_vfy_ctx *ctx, const char *name,
    struct nf_view file, const struct nf_vfy_options *opt,
    struct nf_vfy_verdict *verdict, struct nf_diag *diag);

/*
 * What an audit returned, or the failure that its verdict has kept.
 *   r     what was returned
 *   path  named in the diag of a failure
 */
int nf_vfy_audit_whole(const struct nf_vfy_verdict *verdict, int r,
    const char *path, struct nf_diag *diag);

/*
 * The exit status for one file.
 *   r                  what its audit returned
 *   accept_unanchored  0 for an unanchored verdict
 */
int nf_vfy_audit_exit(const struct nf_vfy_verdict *verdict, int r,
    bool accept_unanchored);

/*
 * What an estate is audited with.
 *   workers            1..NF_POOL_WORKERS_MAX
 *   accept_unanchored  exit 0 for an unanchored verdict
 *   transcript         where each result is recorded, or NULL
 *   write              take a piece of the report, in order; not 0 stops
 *   trouble            told the error line of each file without a verdict,
 *                      may be NULL
 *   aside              told a line about each file of a run of many that is
 *                      not audited, see companion.h; nothing else tells of
 *                      these, and they do not count.  May be NULL
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
	void (*aside)(void *arg, const char *line);
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
