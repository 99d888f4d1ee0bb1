/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan of a migration: which keys are wrapped, under which names and for
 * which KEK; and its journal, which tells a later run what is done.  Both are
 * text files of tab-separated fields.  Ours.
 */
#ifndef NF_TRANSFER_PLAN_H
#define NF_TRANSFER_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nfast/base/buf.h"
#include "nfast/base/file.h"

/* The first line of a plan. */
#define NF_PLAN_HEAD	"# source\tname in the vault\tKEK file, - for that " \
			"of --kek\n"

#define NF_PLAN_MAX	((size_t)32 * 1024 * 1024)	/* bytes */
#define NF_PLAN_SOURCE_MAX	1024
#define NF_PLAN_APP_SIZE	128

/*
 * One key, in texts that the plan owns.
 *   source  "APPNAME/IDENT" of the simulated world, or a pkcs11: URI
 *   name    of the key in the vault
 *   kek     file of the KEK, or "-" for that of the command line
 *   line    where it stands, from 1
 */
struct nf_plan_line {
	const char *source, *name, *kek;
	size_t line;
};

struct nf_plan {
	struct nf_buf text;
	struct nf_plan_line *key;
	size_t n;
};

/*
 * Load a plan.  Empty lines and those that start with # are skipped.
 *   out  wipe with nf_plan_wipe(), also after a failure
 * Errors: those of nf_file_load(); NF_E_FORMAT, naming the line: not three
 * fields, a source that is neither form, a name that Key Vault does not take,
 * a name that stands there twice (case does not count), control characters.
 */
int nf_plan_load(const char *path, struct nf_plan *out,
    struct nf_diag *diag);
void nf_plan_wipe(struct nf_plan *plan);

/* Append the comment that heads a plan, and one line of it. */
void nf_plan_head(struct nf_buf *out);
void nf_plan_line_write(struct nf_buf *out, const char *source,
    const char *name, const char *kek);

/*
 * A name that Key Vault takes, made of any text: what it does not take
 * becomes a hyphen.
 *   out  terminated
 */
void nf_plan_name(const char *text, char out[static 128]);

/* Is it APPNAME/IDENT?  Splits it; ident is borrowed. */
bool nf_plan_source_split(const char *source,
    char app[static NF_PLAN_APP_SIZE],
    const char **ident);

/*
 * One key that was wrapped, as the journal has it: it is written, durably,
 * before the package gets its name, so that no package is ever without one.
 *   sha256  of the package
 *   hash    nCore hash of the key, or zeros when the source tells none
 */
struct nf_plan_done {
	uint8_t sha256[32], hash[20];
	const char *name, *source, *kid, *type;
};

struct nf_plan_journal {
	struct nf_buf text;
	struct nf_plan_done *done;	/* sorted by name */
	size_t n;
	size_t whole;			/* bytes of the file's whole lines */
	bool insecure;			/* a comment tells of a seed */
};

/*
 * Load the journal of an output directory; a missing one is empty, and lines
 * that start with # are skipped.  A last
 * line that a crash left torn is ignored: cut the file at whole before
 * something is appended.
 * Errors: those of nf_file_load() but NF_E_NOTFOUND; NF_E_FORMAT.
 */
int nf_plan_journal_load(const char *path, struct nf_plan_journal *out,
    struct nf_diag *diag);
void nf_plan_journal_wipe(struct nf_plan_journal *j);

/* The last record of that name, or NULL. */
const struct nf_plan_done *nf_plan_journal_find(
    const struct nf_plan_journal *j, const char *name);

/* Append the line of a record. */
void nf_plan_done_write(struct nf_buf *out, const struct nf_plan_done *d);

#endif
