/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The directories of the simulator: the mark that makes one ours, and what
 * is left there after a power cut.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "nfast/base/seed.h"
#include "nfast/module/internal.h"

#define OWN_PREFIX	".secworld"
#define TEMP_PREFIX	".secworld."	/* of nf_file_write_*() */
#define MARK_FILE	".secworld-simulated"
#define MARK_TEXT	"State of a simulated module; not a real module.\n"
#define MARK_SEED	MARK_TEXT NF_SEED_WORDS ": no key of it is secret.\n"
#define LOCK_FILE	".secworld-lock"
#define LOCK_WAIT	10	/* seconds */

static bool
has_prefix(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

/* NF_E_POLICY unless it has only what a claim that was cut off can leave. */
static int
claim_check(const char *dir, struct nf_diag *diag)
{
	struct dirent *e;
	DIR *d = opendir(dir);
	int r = 0;

	if (d == NULL && errno == ENOENT)
		return 0;
	errno = d == NULL ? errno : 0;
	while (d != NULL && r == 0 && (e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") != 0 &&
		    strcmp(e->d_name, "..") != 0 &&
		    !has_prefix(e->d_name, OWN_PREFIX))
			r = NF_E_POLICY;
		errno = 0;
	}
	if (r == 0 && errno != 0)
		r = nf_diag_set(diag, NF_E_IO, NULL, "cannot read: %s",
		    strerror(errno));
	else if (r != 0)
		(void)nf_diag_set(diag, r, NULL, "holds files that the "
		    "simulator did not make: name an empty directory");
	nf_diag_where(diag, "%s", dir);
	if (d != NULL)
		(void)closedir(d);
	return r;
}

int
nf_mod_dir_lock(const char *dir, int *fd, struct nf_diag *diag)
{
	char path[NF_PATH_MAX];
	int r;

	*fd = -1;
	if ((r = nf_path(path, diag, "%s/%s", dir, LOCK_FILE)) != 0)
		return r;
	return nf_file_lock(path, LOCK_WAIT, fd, diag);
}

int
nf_mod_dir_claim(const char *dir, struct nf_diag *diag)
{
	const char *text = nf_seed_text() != NULL ? MARK_SEED : MARK_TEXT;
	struct nf_diag claim = { 0 };
	char mark[NF_PATH_MAX];
	int fd = -1, r;

	if ((r = nf_path(mark, diag, "%s/%s", dir, MARK_FILE)) != 0)
		return r;
	if (nf_file_exists(mark))
		return 0;
	/* Files of ours come after the mark: it may be there by now. */
	if ((r = claim_check(dir, &claim)) != 0 && !nf_file_exists(mark)) {
		if (diag != NULL && diag->code == 0)
			*diag = claim;
		return r;
	}
	if ((r = nf_dir_make(dir, diag)) != 0 ||
	    (r = nf_mod_dir_lock(dir, &fd, diag)) != 0)
		return r;
	if (!nf_file_exists(mark))
		r = nf_file_write_atomic(mark, 0600, nf_view_of(text,
		    strlen(text)), diag);
	(void)close(fd);
	return r;
}

void
nf_mod_dir_sweep(const char *dir)
{
	char path[NF_PATH_MAX];
	struct dirent *e;
	DIR *d;
	int fd;

	/* Who makes the factory root writes here without the state's lock. */
	if ((d = opendir(dir)) == NULL)
		return;
	if (nf_mod_dir_lock(dir, &fd, NULL) == 0) {
		while ((e = readdir(d)) != NULL) {
			if (has_prefix(e->d_name, TEMP_PREFIX) &&
			    nf_path(path, NULL, "%s/%s", dir,
			    e->d_name) == 0)
				(void)unlink(path);
		}
		(void)close(fd);
	}
	(void)closedir(d);
}
