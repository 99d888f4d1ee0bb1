/* SPDX-License-Identifier: Apache-2.0 */
/* Write an archive's files to a directory, when a user asked for it. */
#include "config.h"

#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "kek-packages/zip-internal.h"
#include "nfast/base/file.h"

#define DIR_FLAGS	(O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
#define FILE_FLAGS	(O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC)
#define OLD_FLAGS	(O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
#define TEMP		NF_FILE_TEMP_PREFIX "extract"	/* one, locked */
#define CHUNK		4096

static int
fail(struct nf_diag *diag, const char *name, const char *what)
{
	int e = errno;
	int code = e == EEXIST ? NF_E_EXISTS : NF_E_IO;

	(void)nf_diag_set(diag, code, NULL, "%s '%s': %s", what, name,
	    strerror(e));
	return code;
}

/* The directory part, part by part; *fd is replaced, rest is what is left. */
static int
descend(int *fd, const char *name, bool all, const char **rest,
    struct nf_diag *diag)
{
	char part[NF_ZIP_NAME_MAX + 1];
	const char *p = name;
	int next;

	while (*p != '\0') {
		size_t n = strcspn(p, "/");

		if (p[n] == '\0' && !all)
			break;
		memcpy(part, p, n);
		part[n] = '\0';
		if ((mkdirat(*fd, part, 0755) != 0 && errno != EEXIST) ||
		    fsync(*fd) != 0)
			return fail(diag, name, "cannot make the directory");
		if ((next = openat(*fd, part, DIR_FLAGS)) < 0)
			return fail(diag, name, "cannot open the directory");
		(void)close(*fd);
		*fd = next;
		p += p[n] == '\0' ? n : n + 1;
	}
	*rest = p;
	return 0;
}

static int
put(void *arg, const uint8_t *p, size_t n)
{
	const int *fd = arg;
	ssize_t done;

	while (n > 0) {
		done = write(*fd, p, n);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return NF_E_IO;
		p += done;
		n -= (size_t)done;
	}
	return 0;
}

/* Fill it; -1 and errno, else what there was. */
static ssize_t
chunk(int fd, uint8_t p[static CHUNK], off_t at)
{
	size_t done = 0;

	while (done < CHUNK) {
		ssize_t n = pread(fd, p + done, CHUNK - done,
		    at + (off_t)done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

/* What has the name already is a plain file with the content of fd. */
static bool
is_there(int dir, const char *name, int fd)
{
	uint8_t a[CHUNK], b[CHUNK];
	int old = openat(dir, name, OLD_FLAGS);
	ssize_t n = 0, m;
	struct stat st;
	bool same = old >= 0 && fstat(old, &st) == 0 && S_ISREG(st.st_mode);

	for (off_t at = 0; same && (at == 0 || n == CHUNK); at += CHUNK) {
		n = chunk(fd, a, at);
		m = chunk(old, b, at);
		same = n >= 0 && n == m && memcmp(a, b, (size_t)n) == 0;
	}
	if (old >= 0)
		(void)close(old);
	errno = EEXIST;
	return same;
}

/* Under a name of its own until it is whole: a crash leaves no half file. */
static int
file_write(struct nf_zip *zip, size_t i, int dir, const char *name,
    struct nf_diag *diag)
{
	const char *whole = nf_zip_entry(zip, i)->name;
	int fd, r;

	if ((unlinkat(dir, TEMP, 0) != 0 && errno != ENOENT) ||
	    (fd = openat(dir, TEMP, FILE_FLAGS, 0644)) < 0)
		return fail(diag, whole, "cannot create");
	if ((r = nf_zip_stream(zip, i, put, &fd, diag)) == 0 &&
	    (fchmod(fd, 0644) != 0 || fsync(fd) != 0))
		r = NF_E_IO;
	if (r == NF_E_IO && (diag == NULL || diag->code == 0))
		r = fail(diag, whole, "cannot write");
	if (r == 0 && linkat(dir, TEMP, dir, name, 0) != 0 &&
	    (errno != EEXIST || !is_there(dir, name, fd)))
		r = fail(diag, whole, "cannot create");
	(void)close(fd);
	if ((unlinkat(dir, TEMP, 0) != 0 || fsync(dir) != 0) && r == 0)
		r = fail(diag, whole, "cannot write");
	return r;
}

static int
extract(struct nf_zip *zip, size_t i, int top, struct nf_diag *diag)
{
	const struct nf_zip_entry *e = nf_zip_entry(zip, i);
	const char *last;
	int dir, r;

	if ((dir = openat(top, ".", DIR_FLAGS)) < 0)
		return fail(diag, ".", "cannot open the directory");
	if ((r = descend(&dir, e->name, e->is_dir, &last, diag)) == 0 &&
	    !e->is_dir)
		r = file_write(zip, i, dir, last, diag);
	(void)close(dir);
	return r;
}

int
nf_zip_extract(struct nf_zip *zip, const char *dir, struct nf_diag *diag)
{
	int top, r = 0;

	/* the user named this one: it may be a link */
	if ((top = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0) {
		r = errno == ENOENT ? NF_E_NOTFOUND : NF_E_IO;
		(void)nf_diag_set(diag, r, "--extract", "%s: %s", dir,
		    strerror(errno));
		return r;
	}
	if (flock(top, LOCK_EX | LOCK_NB) != 0) {
		r = nf_diag_set(diag, errno == EWOULDBLOCK ? NF_E_BUSY :
		    NF_E_IO, "--extract", "%s: %s", dir, errno ==
		    EWOULDBLOCK ? "another process extracts there" :
		    strerror(errno));
	}
	for (size_t i = 0; r == 0 && i < zip->n; i++)
		r = extract(zip, i, top, diag);
	(void)close(top);
	return r;
}
