/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The directories of the simulator: the mark that makes one ours, and what
 * is left there after a power cut.
 */
#include "config.h"

#include <dirent.h>
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

/* Nothing but what a claim that was cut off can have left. */
static bool
free_to_claim(const char *dir)
{
	struct dirent *e;
	bool ok = true;
	DIR *d;

	if ((d = opendir(dir)) == NULL)
		return nf_dir_empty(dir);
	while (ok && (e = readdir(d)) != NULL)
		ok = strcmp(e->d_name, ".") == 0 ||
		    strcmp(e->d_name, "..") == 0 ||
		    has_prefix(e->d_name, OWN_PREFIX);
	(void)closedir(d);
	return ok;
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
	char mark[NF_PATH_MAX];
	int fd = -1, r;

	if ((r = nf_path(mark, diag, "%s/%s", dir, MARK_FILE)) != 0)
		return r;
	if (nf_file_exists(mark))
		return 0;
	/* Files of ours come after the mark: it may be there by now. */
	if (!free_to_claim(dir) && !nf_file_exists(mark)) {
		r = nf_diag_set(diag, NF_E_POLICY, NULL, "holds files that "
		    "the simulator did not make: name an empty directory");
		nf_diag_where(diag, "%s", dir);
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
