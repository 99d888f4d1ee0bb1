/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <sys/file.h>
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "nfast/base/file.h"

static int
fail(struct nf_diag *diag, int code, const char *path, const char *what)
{
	int e = errno;

	(void)nf_diag_set(diag, code, NULL, "%s: %s", what, strerror(e));
	nf_diag_where(diag, "%s", path);
	return code;
}

int
nf_path(char out[static NF_PATH_MAX], struct nf_diag *diag, const char *fmt,
    ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(out, NF_PATH_MAX, fmt, ap);
	va_end(ap);
	if (n < 0 || n >= NF_PATH_MAX)
		return nf_diag_set(diag, NF_E_USAGE, NULL,
		    "path is longer than %d bytes", NF_PATH_MAX - 1);
	return 0;
}

int
nf_file_load(const char *path, size_t max, struct nf_buf *buf,
    struct nf_diag *diag)
{
	uint8_t chunk[16384];
	struct stat st;
	size_t total = 0;
	ssize_t n;
	int fd, r = NF_E_IO;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)) < 0)
		return fail(diag, errno == ENOENT ? NF_E_NOTFOUND : NF_E_IO,
		    path, "cannot open");
	if (fstat(fd, &st) != 0) {
		(void)fail(diag, r, path, "cannot stat");
		goto out;
	}
	if (!S_ISREG(st.st_mode)) {
		(void)nf_diag_set(diag, r, NULL, S_ISDIR(st.st_mode) ?
		    "a directory, not a file" : "not a regular file");
		nf_diag_where(diag, "%s", path);
		goto out;
	}
	while ((n = read(fd, chunk, sizeof(chunk))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			(void)fail(diag, r, path, "cannot read");
			goto out;
		}
		total += (size_t)n;
		if (total > max) {
			r = nf_diag_set(diag, NF_E_FORMAT, NULL,
			    "larger than the limit of %zu bytes", max);
			nf_diag_where(diag, "%s", path);
			goto out;
		}
		nf_buf_put(buf, chunk, (size_t)n);
	}
	if ((r = nf_buf_err(buf)) != 0) {
		(void)nf_diag_set(diag, r, NULL, "%s", nf_err_text(r));
		nf_diag_where(diag, "%s", path);
	}
out:
	explicit_bzero(chunk, sizeof(chunk));
	(void)close(fd);
	return r;
}

/* The directory part of a path, "." when there is none. */
static void
parent_of(const char *path, char out[static NF_PATH_MAX])
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		(void)snprintf(out, NF_PATH_MAX, ".");
	else if (slash == path)
		(void)snprintf(out, NF_PATH_MAX, "/");
	else
		(void)snprintf(out, NF_PATH_MAX, "%.*s", (int)(slash - path),
		    path);
}

int
nf_file_sync_parent(const char *path, struct nf_diag *diag)
{
	char dir[NF_PATH_MAX];
	int fd, r = 0;

	parent_of(path, dir);
	if ((fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		return fail(diag, NF_E_IO, dir, "cannot open");
	if (fsync(fd) != 0)
		r = fail(diag, NF_E_IO, dir, "cannot sync");
	(void)close(fd);
	return r;
}

static int
write_all(int fd, struct nf_view data)
{
	while (data.len > 0) {
		ssize_t n = write(fd, data.p, data.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		data.p += n;
		data.len -= (size_t)n;
	}
	return 0;
}

static int
write_file(const char *path, mode_t mode, struct nf_view data, bool replace,
    struct nf_diag *diag)
{
	char dir[NF_PATH_MAX], tmp[NF_PATH_MAX];
	int fd = -1, r;

	parent_of(path, dir);
	tmp[0] = '\0';
	if ((r = nf_path(tmp, diag, "%s/" NF_FILE_TEMP_PREFIX "XXXXXX",
	    dir)) != 0)
		return r;
	if ((fd = mkostemp(tmp, O_CLOEXEC)) < 0) {
		tmp[0] = '\0';
		r = fail(diag, NF_E_IO, path, "cannot create");
		goto out;
	}
	if (fchmod(fd, mode) != 0 || write_all(fd, data) != 0 ||
	    fsync(fd) != 0) {
		r = fail(diag, NF_E_IO, path, "cannot write");
		goto out;
	}
	if (close(fd) != 0) {
		fd = -1;
		r = fail(diag, NF_E_IO, path, "cannot write");
		goto out;
	}
	fd = -1;
	if (replace ? rename(tmp, path) != 0 : link(tmp, path) != 0) {
		r = fail(diag, errno == EEXIST ? NF_E_EXISTS : NF_E_IO, path,
		    replace ? "cannot replace" : "cannot create");
		goto out;
	}
	if (replace)
		tmp[0] = '\0';
	r = nf_file_sync_parent(path, diag);
out:
	if (fd >= 0)
		(void)close(fd);
	if (tmp[0] != '\0')
		(void)unlink(tmp);
	return r;
}

int
nf_file_write_atomic(const char *path, mode_t mode, struct nf_view data,
    struct nf_diag *diag)
{
	return write_file(path, mode, data, true, diag);
}

int
nf_file_write_new(const char *path, mode_t mode, struct nf_view data,
    struct nf_diag *diag)
{
	return write_file(path, mode, data, false, diag);
}

int
nf_file_remove(const char *path, struct nf_diag *diag)
{
	if (unlink(path) != 0) {
		if (errno == ENOENT)
			return 0;
		return fail(diag, NF_E_IO, path, "cannot remove");
	}
	return nf_file_sync_parent(path, diag);
}

bool
nf_file_exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 || (errno != ENOENT &&
	    errno != ENOTDIR);
}

bool
nf_file_same(const char *a, const char *b)
{
	struct stat sa, sb;

	return stat(a, &sa) == 0 && stat(b, &sb) == 0 &&
	    sa.st_dev == sb.st_dev && sa.st_ino == sb.st_ino;
}

int
nf_file_unchanged(int fd, const struct stat *was, struct nf_diag *diag)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return nf_diag_set(diag, NF_E_IO, NULL, "cannot stat: %s",
		    strerror(errno));
	return st.st_size == was->st_size &&
	    st.st_mtim.tv_sec == was->st_mtim.tv_sec &&
	    st.st_mtim.tv_nsec == was->st_mtim.tv_nsec &&
	    st.st_ctim.tv_sec == was->st_ctim.tv_sec &&
	    st.st_ctim.tv_nsec == was->st_ctim.tv_nsec ? 0 :
	    nf_diag_set(diag, NF_E_IO, NULL, "changed while it was read");
}

/* One directory whose parent is there. */
static int
dir_make_one(const char *path, struct nf_diag *diag)
{
	struct stat st;

	if (stat(path, &st) == 0) {
		if (S_ISDIR(st.st_mode))
			return 0;
		errno = ENOTDIR;
		return fail(diag, NF_E_IO, path, "cannot create directory");
	}
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return fail(diag, NF_E_IO, path, "cannot create directory");
	return nf_file_sync_parent(path, diag);
}

int
nf_dir_make(const char *path, struct nf_diag *diag)
{
	char dir[NF_PATH_MAX];
	int r;

	if ((r = nf_path(dir, diag, "%s", path)) != 0)
		return r;
	for (char *p = dir; *p != '\0'; p++) {
		if (*p != '/' || p == dir || p[-1] == '/')
			continue;
		*p = '\0';
		r = dir_make_one(dir, diag);
		*p = '/';
		if (r != 0)
			return r;
	}
	return dir_make_one(path, diag);
}

bool
nf_dir_empty(const char *path)
{
	struct dirent *e;
	DIR *d = opendir(path);
	bool empty = true;

	if (d == NULL)
		return errno == ENOENT;
	while (errno = 0, empty && (e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			empty = false;
	}
	empty = empty && errno == 0;
	(void)closedir(d);
	return empty;
}

int
nf_file_lock(const char *path, unsigned int wait_seconds, int *fd,
    struct nf_diag *diag)
{
	const struct timespec tick = { 0, 50L * 1000 * 1000 };
	unsigned int ticks = wait_seconds * 20;
	int r;

	*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (*fd < 0)
		return fail(diag, NF_E_IO, path, "cannot open");
	while (flock(*fd, LOCK_EX | LOCK_NB) != 0) {
		if ((errno != EWOULDBLOCK && errno != EINTR) || ticks-- == 0) {
			r = fail(diag,
			    errno == EWOULDBLOCK ? NF_E_BUSY : NF_E_IO, path,
			    "in use by another process");
			(void)close(*fd);
			*fd = -1;
			return r;
		}
		(void)nanosleep(&tick, NULL);
	}
	return 0;
}
