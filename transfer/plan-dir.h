/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The output directory of a plan: packages that appear exactly once, however
 * often a run is killed.  They are written under temporary names; at least
 * once a second all of these go to the disk, then their journal lines, and
 * then they are renamed: the disk is waited for once, not for each.  What a
 * crash leaves under a temporary name gets its own name when its line is
 * there, and is removed otherwise.  Ours.
 */
#ifndef NF_TRANSFER_PLAN_DIR_H
#define NF_TRANSFER_PLAN_DIR_H

#include "transfer/plan.h"

#define NF_PLAN_FILE_LEAD	"KeyTransferPackage-"
#define NF_PLAN_JOURNAL		"journal"
#define NF_PLAN_LOCK		".lock"

struct nf_plan_dir;

/*
 * Open it: made when missing, locked, what a crash left is put right.
 *   look  change nothing at all: it may be missing, and nothing can be added
 *   out   close with nf_plan_dir_close(); NULL unless 0 is returned
 * Errors: NF_E_BUSY (another run works in it), NF_E_IO, NF_E_NOMEM, and
 * NF_E_FORMAT (journal).
 */
int nf_plan_dir_open(const char *path, bool look, struct nf_plan_dir **out,
    struct nf_diag *diag);
void nf_plan_dir_close(struct nf_plan_dir *dir);

/* Of openat() and the like; -1 when the directory is missing. */
int nf_plan_dir_fd(const struct nf_plan_dir *dir);

/* The file of a key: NF_PLAN_FILE_LEAD NAME ".byok". */
void nf_plan_dir_file(const char *name, char out[static 256]);

/* A package that it has, or one more, was made from a seed. */
bool nf_plan_dir_insecure(const struct nf_plan_dir *dir);

/*
 * Is there a package of this key?
 *   why  receives a sentence for -1
 * Returns 1 when it is the one that was wrapped of this source for this kid,
 * 0 when there is none, -1 when another file has its name.
 */
int nf_plan_dir_has(const struct nf_plan_dir *dir, const char *name,
    const char *source, const char *kid, char *why, size_t size);

/* The last record of a name as of the last open or reload, or NULL. */
const struct nf_plan_done *nf_plan_dir_find(const struct nf_plan_dir *dir,
    const char *name);
int nf_plan_dir_reload(struct nf_plan_dir *dir, struct nf_diag *diag);

/*
 * Take a package into the batch.
 *   done  its texts are copied; sha256 is filled in here
 *   file  is written, but neither safe nor under its name yet; when it says
 *         that it was made from a seed, so will the journal
 * Returns 0, NF_E_IO, NF_E_NOMEM or NF_E_CRYPTO.
 */
int nf_plan_dir_add(struct nf_plan_dir *dir, const struct nf_plan_done *done,
    struct nf_view file, struct nf_diag *diag);

/* The batch is full, or its first package has waited long enough: flush. */
bool nf_plan_dir_due(const struct nf_plan_dir *dir);

/* Write the batch, durably.  NF_E_IO: none of it was journalled. */
int nf_plan_dir_flush(struct nf_plan_dir *dir, struct nf_diag *diag);

/* Packages of the batch. */
size_t nf_plan_dir_waiting(const struct nf_plan_dir *dir);

#endif
