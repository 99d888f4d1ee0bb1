/* SPDX-License-Identifier: Apache-2.0 */
/* Write an archive's files to a directory, when a user asked for it. */
#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "kek-packages/zip-internal.h"

#define DIR_FLAGS	(O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
#define FILE_FLAGS	(O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC)

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
		if (mkdirat(*fd, part, 0755) != 0 && errno != EEXIST)
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

static int
extract(struct nf_zip *zip, size_t i, int top, struct nf_diag *diag)
{
	const struct nf_zip_entry *e = nf_zip_entry(zip, i);
	int dir = -1, fd = -1, r;
	const char *last;

	if ((dir = openat(top, ".", DIR_FLAGS)) < 0)
		return fail(diag, ".", "cannot open the directory");
	if ((r = descend(&dir, e->name, e->is_dir, &last, diag)) != 0 ||
	    e->is_dir)
		goto out;
	if ((fd = openat(dir, last, FILE_FLAGS, 0644)) < 0) {
		r = fail(diag, e->name, "cannot create");
		goto out;
	}
	if ((r = nf_zip_stream(zip, i, put, &fd, diag)) == 0 &&
	    (fchmod(fd, 0644) != 0 || fsync(fd) != 0))
		r = NF_E_IO;
	if (r == NF_E_IO && (diag == NULL || diag->code == 0))
		r = fail(diag, e->name, "cannot write");
out:
	if (fd >= 0)
		(void)close(fd);
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
	for (size_t i = 0; r == 0 && i < zip->n; i++)
		r = extract(zip, i, top, diag);
	(void)close(top);
	return r;
}
