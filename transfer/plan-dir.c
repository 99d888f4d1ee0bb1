/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "nfast/base/digest.h"
#include "nfast/base/seed.h"
#include "transfer/byok2.h"
#include "transfer/kid.h"
#include "transfer/plan-dir.h"

#define BATCH		1024
#define LOCK_SECONDS	3	/* workers of a killed run end meanwhile */
#define TEMP_SIZE	32

/*
 * How long a package may wait for the disk, in ms: so long that the disk is
 * waited for during a small part of the time.
 */
#define WAIT_MIN	250
#define WAIT_MAX	1000
#define WAIT_PER_FLUSH	16

struct package {
	struct nf_buf line;
	char name[NF_KID_NAME_MAX + 1];
};

struct nf_plan_dir {
	char path[NF_PATH_MAX];
	int fd, journal_fd, lock_fd;
	off_t journal_len;
	struct nf_plan_journal journal;
	struct package batch[BATCH];
	size_t n;
	bool insecure;			/* the batch has what is of a seed */
	uint64_t first;			/* when the batch began, ms */
	uint64_t wait;			/* how long one may take, ms */
};

static uint64_t
now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static int
io_fail(const struct nf_plan_dir *dir, struct nf_diag *diag,
    const char *file, const char *what)
{
	(void)nf_diag_set(diag, NF_E_IO, NULL, "%s: %s", what,
	    strerror(errno));
	nf_diag_where(diag, "%s%s%s", dir->path, *file == '\0' ? "" : "/",
	    file);
	return NF_E_IO;
}

static bool
write_all(int fd, struct nf_view v)
{
	while (v.len > 0) {
		ssize_t n = write(fd, v.p, v.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		v.p += n;
		v.len -= (size_t)n;
	}
	return true;
}

void
nf_plan_dir_file(const char *name, char out[static 256])
{
	(void)snprintf(out, 256, NF_PLAN_FILE_LEAD "%s.byok", name);
}

int
nf_plan_dir_fd(const struct nf_plan_dir *dir)
{
	return dir->fd;
}

bool
nf_plan_dir_insecure(const struct nf_plan_dir *dir)
{
	return dir->insecure || dir->journal.insecure;
}

size_t
nf_plan_dir_waiting(const struct nf_plan_dir *dir)
{
	return dir->n;
}

static bool
is_there(const struct nf_plan_dir *dir, const char *file)
{
	struct stat st;

	return dir->fd >= 0 &&
	    fstatat(dir->fd, file, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static int
digest_file(const struct nf_plan_dir *dir, const char *file,
    uint8_t out[static 32], struct nf_diag *diag)
{
	struct nf_buf bytes = NF_BUF_INIT;
	char path[NF_PATH_MAX];
	struct nf_view v;
	int r;

	if ((r = nf_path(path, diag, "%s/%s", dir->path, file)) == 0 &&
	    (r = nf_file_load(path, NF_BYOK2_MAX, &bytes, diag)) == 0) {
		v = nf_buf_view(&bytes);
		if ((r = nf_digest_of(NF_SHA256, &v, 1, out)) != 0)
			(void)nf_diag_set(diag, r, NULL, "%s",
			    nf_err_text(r));
	}
	nf_buf_wipe(&bytes);
	return r;
}

/* ---- what is there ----------------------------------------------------- */

const struct nf_plan_done *
nf_plan_dir_find(const struct nf_plan_dir *dir, const char *name)
{
	return nf_plan_journal_find(&dir->journal, name);
}

int
nf_plan_dir_has(const struct nf_plan_dir *dir, const char *name,
    const char *source, const char *kid, char *why, size_t size)
{
	const struct nf_plan_done *d = nf_plan_dir_find(dir, name);
	struct nf_diag diag = { 0 };
	uint8_t sha[32];
	char file[256];

	nf_plan_dir_file(name, file);
	if (!is_there(dir, file))
		return 0;
	if (d == NULL)
		(void)snprintf(why, size, "%s is there and was not made by a "
		    "run in this directory: move it away", file);
	else if (digest_file(dir, file, sha, &diag) != 0)
		(void)snprintf(why, size, "%s cannot be read", file);
	else if (memcmp(sha, d->sha256, sizeof(sha)) != 0)
		(void)snprintf(why, size, "%s is not the file that the journal "
		    "tells of: move it away", file);
	else if (strcmp(d->source, source) != 0 || strcmp(d->kid, kid) != 0)
		(void)snprintf(why, size, "%s is of %s for %s: move it away to "
		    "wrap anew", file, d->source, d->kid);
	else
		return 1;
	return -1;
}

int
nf_plan_dir_reload(struct nf_plan_dir *dir, struct nf_diag *diag)
{
	char path[NF_PATH_MAX];
	int r;

	nf_plan_journal_wipe(&dir->journal);
	if ((r = nf_path(path, diag, "%s/" NF_PLAN_JOURNAL, dir->path)) == 0)
		r = nf_plan_journal_load(path, &dir->journal, diag);
	return r;
}

/* ---- opening ----------------------------------------------------------- */

/* A file that a crash left: a package whose line is there, or nothing. */
static int
temp_settle(struct nf_plan_dir *dir, const char *temp, struct nf_diag *diag)
{
	const struct nf_plan_journal *j = &dir->journal;
	struct nf_diag ignored = { 0 };
	uint8_t sha[32];
	char file[256];

	if (digest_file(dir, temp, sha, &ignored) == 0) {
		for (size_t i = 0; i < j->n; i++) {
			if (memcmp(j->done[i].sha256, sha, sizeof(sha)) != 0)
				continue;
			nf_plan_dir_file(j->done[i].name, file);
			if (is_there(dir, file))
				break;
			return renameat(dir->fd, temp, dir->fd, file) == 0 ?
			    0 : io_fail(dir, diag, file, "cannot create");
		}
	}
	return unlinkat(dir->fd, temp, 0) == 0 ? 0 :
	    io_fail(dir, diag, temp, "cannot remove");
}

static int
temps_settle(struct nf_plan_dir *dir, struct nf_diag *diag)
{
	static const char lead[] = NF_FILE_TEMP_PREFIX;
	DIR *d = opendir(dir->path);
	struct dirent *e;
	size_t n = 0;
	int r = 0;

	if (d == NULL)
		return io_fail(dir, diag, "", "cannot read");
	while (r == 0 && (e = readdir(d)) != NULL) {
		if (strncmp(e->d_name, lead, sizeof(lead) - 1) != 0)
			continue;
		r = temp_settle(dir, e->d_name, diag);
		n++;
	}
	(void)closedir(d);
	if (r == 0 && n > 0 && fsync(dir->fd) != 0)
		r = io_fail(dir, diag, "", "cannot write");
	return r;
}

static int
journal_open(struct nf_plan_dir *dir, struct nf_diag *diag)
{
	int r;

	if ((r = nf_plan_dir_reload(dir, diag)) != 0)
		return r;
	dir->journal_fd = openat(dir->fd, NF_PLAN_JOURNAL, O_WRONLY |
	    O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0644);
	dir->journal_len = (off_t)dir->journal.whole;
	/* What a crash left torn goes, before anything is appended. */
	if (dir->journal_fd < 0 || ftruncate(dir->journal_fd,
	    dir->journal_len) != 0)
		return io_fail(dir, diag, NF_PLAN_JOURNAL, "cannot write");
	return 0;
}

static int
open_to_write(struct nf_plan_dir *dir, struct nf_diag *diag)
{
	char path[NF_PATH_MAX];
	int r;

	if ((r = nf_dir_make(dir->path, diag)) != 0 ||
	    (r = nf_path(path, diag, "%s/" NF_PLAN_LOCK, dir->path)) != 0 ||
	    (r = nf_file_lock(path, LOCK_SECONDS, &dir->lock_fd, diag)) != 0)
		return r;
	dir->fd = open(dir->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir->fd < 0)
		return io_fail(dir, diag, "", "cannot open");
	if ((r = journal_open(dir, diag)) != 0)
		return r;
	return temps_settle(dir, diag);
}

static int
open_to_look(struct nf_plan_dir *dir, struct nf_diag *diag)
{
	dir->fd = open(dir->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir->fd < 0)
		return errno == ENOENT ? 0 :
		    io_fail(dir, diag, "", "cannot open");
	return nf_plan_dir_reload(dir, diag);
}

int
nf_plan_dir_open(const char *path, bool look, struct nf_plan_dir **out,
    struct nf_diag *diag)
{
	struct nf_plan_dir *dir = calloc(1, sizeof(*dir));
	int r;

	*out = NULL;
	if (dir == NULL)
		return nf_diag_set(diag, NF_E_NOMEM, NULL, "out of memory");
	dir->fd = dir->journal_fd = dir->lock_fd = -1;
	dir->wait = WAIT_MIN;
	if ((r = nf_path(dir->path, diag, "%s", path)) == 0)
		r = look ? open_to_look(dir, diag) : open_to_write(dir, diag);
	if (r == 0)
		*out = dir;
	else
		nf_plan_dir_close(dir);
	return r;
}

static void
batch_drop(struct nf_plan_dir *dir)
{
	for (size_t i = 0; i < dir->n; i++)
		nf_buf_wipe(&dir->batch[i].line);
	dir->n = 0;
	dir->insecure = false;
}

void
nf_plan_dir_close(struct nf_plan_dir *dir)
{
	if (dir == NULL)
		return;
	batch_drop(dir);
	nf_plan_journal_wipe(&dir->journal);
	if (dir->journal_fd >= 0)
		(void)close(dir->journal_fd);
	if (dir->fd >= 0)
		(void)close(dir->fd);
	if (dir->lock_fd >= 0)
		(void)close(dir->lock_fd);
	free(dir);
}

/* ---- writing ----------------------------------------------------------- */

static void
temp_name(size_t i, char out[static TEMP_SIZE])
{
	(void)snprintf(out, TEMP_SIZE, NF_FILE_TEMP_PREFIX "%zu", i);
}

static int
temp_write(const struct nf_plan_dir *dir, size_t i, struct nf_view bytes,
    struct nf_diag *diag)
{
	char temp[TEMP_SIZE];
	int fd, r = 0;

	temp_name(i, temp);
	fd = openat(dir->fd, temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW |
	    O_CLOEXEC, 0644);
	if (fd < 0)
		return io_fail(dir, diag, temp, "cannot create");
	if (!write_all(fd, bytes))
		r = io_fail(dir, diag, temp, "cannot write");
	if (close(fd) != 0 && r == 0)
		r = io_fail(dir, diag, temp, "cannot write");
	if (r != 0)
		(void)unlinkat(dir->fd, temp, 0);
	return r;
}

int
nf_plan_dir_add(struct nf_plan_dir *dir, const struct nf_plan_done *done,
    struct nf_view file, struct nf_diag *diag)
{
	struct package *p = &dir->batch[dir->n];
	struct nf_plan_done d = *done;
	int r;

	NF_REQUIRE(dir->n < BATCH && dir->journal_fd >= 0 &&
	    strlen(done->name) < sizeof(p->name));
	if ((r = nf_digest_of(NF_SHA256, &file, 1, d.sha256)) != 0)
		return nf_diag_set(diag, r, NULL, "%s", nf_err_text(r));
	nf_plan_done_write(&p->line, &d);
	if ((r = nf_buf_err(&p->line)) != 0)
		(void)nf_diag_set(diag, r, NULL, "%s", nf_err_text(r));
	else
		r = temp_write(dir, dir->n, file, diag);
	if (r != 0) {
		nf_buf_wipe(&p->line);
		return r;
	}
	(void)snprintf(p->name, sizeof(p->name), "%s", done->name);
	dir->insecure |= nf_seed_marked(file);
	if (dir->n++ == 0)
		dir->first = now_ms();
	return 0;
}

bool
nf_plan_dir_due(const struct nf_plan_dir *dir)
{
	return dir->n == BATCH ||
	    (dir->n > 0 && now_ms() - dir->first >= dir->wait);
}

/* All lines or none. */
static int
journal_write(struct nf_plan_dir *dir, struct nf_diag *diag)
{
	struct nf_buf lines = NF_BUF_INIT;
	int r;

	if (dir->insecure && !dir->journal.insecure)
		nf_buf_str(&lines, NF_SEED_LINE);
	for (size_t i = 0; i < dir->n; i++)
		nf_buf_view_put(&lines, nf_buf_view(&dir->batch[i].line));
	if ((r = nf_buf_err(&lines)) != 0)
		(void)nf_diag_set(diag, r, NULL, "%s", nf_err_text(r));
	else if (!write_all(dir->journal_fd, nf_buf_view(&lines)) ||
	    fdatasync(dir->journal_fd) != 0) {
		r = io_fail(dir, diag, NF_PLAN_JOURNAL, "cannot write");
		/* Where even that fails, the next run finds what is there. */
		(void)!ftruncate(dir->journal_fd, dir->journal_len);
	} else {
		dir->journal_len += (off_t)lines.len;
		dir->journal.insecure |= dir->insecure;
	}
	nf_buf_wipe(&lines);
	return r;
}

static int
rename_all(struct nf_plan_dir *dir, struct nf_diag *diag)
{
	char temp[TEMP_SIZE], file[256];

	for (size_t i = 0; i < dir->n; i++) {
		temp_name(i, temp);
		nf_plan_dir_file(dir->batch[i].name, file);
		if (renameat(dir->fd, temp, dir->fd, file) != 0)
			return io_fail(dir, diag, file, "cannot create");
	}
	return fsync(dir->fd) == 0 ? 0 :
	    io_fail(dir, diag, "", "cannot write");
}

int
nf_plan_dir_flush(struct nf_plan_dir *dir, struct nf_diag *diag)
{
	uint64_t began = now_ms();
	char temp[TEMP_SIZE];
	int r = 0;

	if (dir->n == 0)
		return 0;
	if (syncfs(dir->fd) != 0)
		r = io_fail(dir, diag, "", "cannot write");
	if (r == 0)
		r = journal_write(dir, diag);
	if (r == 0)
		r = rename_all(dir, diag);
	else {
		for (size_t i = 0; i < dir->n; i++) {
			temp_name(i, temp);
			(void)unlinkat(dir->fd, temp, 0);
		}
	}
	batch_drop(dir);
	dir->wait = WAIT_PER_FLUSH * (now_ms() - began);
	if (dir->wait < WAIT_MIN)
		dir->wait = WAIT_MIN;
	if (dir->wait > WAIT_MAX)
		dir->wait = WAIT_MAX;
	return r;
}
