/* SPDX-License-Identifier: Apache-2.0 */
/* Appending to a transcript; see transcript.h.  The format is ours. */
#include "config.h"

#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nfast/base/digest.h"
#include "nfast/base/file.h"
#include "nfast/base/seed.h"
#include "verify/transcript.h"

#define TAIL_MAX	((size_t)2 * NF_VFY_LINE_MAX)

struct nf_vfy_transcript {
	int fd;
	const struct nf_vfy_origin *origin;
	bool is_new;
	bool fixed;		/* SOURCE_DATE_EPOCH */
	int err;
	uint64_t time;
	uint64_t n;		/* of the last record */
	uint64_t size;
	uint8_t prev[NF_VFY_SHA256_LEN];
	char path[NF_PATH_MAX];
};

static int
fail(struct nf_vfy_transcript *t, struct nf_diag *diag, int code,
    const char *what)
{
	int e = errno;

	t->err = nf_diag_set(diag, code, NULL, "%s: %s", what, strerror(e));
	return t->err;
}

static int
file_open(struct nf_vfy_transcript *t, struct nf_diag *diag)
{
	const int flags = O_RDWR | O_APPEND | O_NOFOLLOW | O_CLOEXEC |
	    O_NOCTTY | O_NONBLOCK;
	struct stat st;

	t->fd = open(t->path, flags | O_CREAT | O_EXCL, 0644);
	t->is_new = t->fd >= 0;
	if (t->fd < 0 && errno == EEXIST)
		t->fd = open(t->path, flags);
	if (t->fd < 0)
		return fail(t, diag, NF_E_IO, errno == ELOOP ?
		    "a symbolic link" : "cannot open");
	if (flock(t->fd, LOCK_EX | LOCK_NB) != 0)
		return fail(t, diag, errno == EWOULDBLOCK ? NF_E_BUSY :
		    NF_E_IO, "in use by another process");
	/* the umask of a hardened process would keep readers out */
	if ((t->is_new && fchmod(t->fd, 0644) != 0) ||
	    fstat(t->fd, &st) != 0)
		return fail(t, diag, NF_E_IO, "cannot stat");
	if (!S_ISREG(st.st_mode))
		return nf_diag_set(diag, NF_E_IO, NULL,
		    "not a regular file");
	t->size = (uint64_t)st.st_size;
	return 0;
}

/* Find the last line of the file's tail, which starts at byte at. */
static int
last_find(struct nf_view tail, uint64_t at, struct nf_view *line,
    struct nf_diag *diag)
{
	const uint8_t *nl;

	line->p = tail.p;
	line->len = tail.len - 1;
	if ((nl = memrchr(tail.p, '\n', line->len)) != NULL) {
		line->p = nl + 1;
		line->len -= (size_t)(line->p - tail.p);
	} else if (at > 0)
		return nf_diag_set(diag, NF_E_FORMAT, NULL,
		    "not a transcript: its last line is too long");
	return 0;
}

/* The line that was torn is the one after the last whole record. */
static int
torn(struct nf_view tail, uint64_t at, struct nf_diag *diag)
{
	const uint8_t *nl = memrchr(tail.p, '\n', tail.len);
	size_t start = nl == NULL ? 0 : (size_t)(nl + 1 - tail.p);
	struct nf_view line = { tail.p, 0 };
	struct nf_vfy_read_record last;
	uint64_t n = 1;
	int r;

	if (nl == NULL)
		r = at > 0 ? NF_E_FORMAT : 0;
	else if ((r = last_find(nf_view_of(tail.p, start), at, &line,
	    NULL)) == 0) {
		r = nf_vfy_record_read(line, "", 0, &last, NULL);
		n = last.n + 1;
		nf_vfy_record_wipe(&last);
	}
	if (r != 0 || (line.len == 0 && tail.p[0] != '{'))
		return nf_diag_set(diag, NF_E_FORMAT, NULL,
		    "not a transcript");
	return nf_diag_at(diag, NF_E_FORMAT, NULL, (size_t)at + start,
	    "record %llu is torn: the last line has no end; a run was "
	    "interrupted, cut the file there to go on",
	    (unsigned long long)n);
}

static int
last_read(struct nf_vfy_transcript *t, struct nf_view tail, uint64_t at,
    struct nf_diag *diag)
{
	static const uint8_t zeros[NF_VFY_SHA256_LEN];
	struct nf_vfy_read_record last;
	struct nf_view line;
	int r;

	if (tail.p[tail.len - 1] != '\n')
		return torn(tail, at, diag);
	if ((r = last_find(tail, at, &line, diag)) != 0)
		return r;
	at += (size_t)(line.p - tail.p);
	r = nf_vfy_record_read(line, "not a transcript: last line",
	    (size_t)at, &last, diag);
	t->n = last.n;
	if (r == 0 && (at == 0) != (last.n == 1 && memcmp(last.prev, zeros,
	    sizeof(zeros)) == 0))
		r = nf_diag_at(diag, NF_E_VERIFY, "n", (size_t)at,
		    "the chain is broken: the last line says it is record "
		    "%llu", (unsigned long long)last.n);
	nf_vfy_record_wipe(&last);
	if (r == 0 && nf_digest_of(NF_SHA256, &line, 1, t->prev) != 0)
		r = nf_diag_set(diag, NF_E_CRYPTO, NULL, "SHA-256 failed");
	return r;
}

static int
tail_check(struct nf_vfy_transcript *t, struct nf_diag *diag)
{
	size_t len = t->size < TAIL_MAX ? (size_t)t->size : TAIL_MAX, n = 0;
	struct nf_buf tail = NF_BUF_INIT;
	ssize_t got;
	int r;

	if (len == 0)
		return 0;
	nf_buf_fill(&tail, 0, len);
	if ((r = nf_buf_err(&tail)) != 0) {
		(void)nf_diag_set(diag, r, NULL, "out of memory");
		goto out;
	}
	while (n < len) {
		got = pread(t->fd, tail.p + n, len - n,
		    (off_t)(t->size - len + n));
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			r = fail(t, diag, NF_E_IO, "cannot read");
			goto out;
		}
		n += (size_t)got;
	}
	r = last_read(t, nf_buf_view(&tail), t->size - len, diag);
out:
	nf_buf_wipe(&tail);
	return r;
}

int
nf_vfy_transcript_open(const char *path, const struct nf_vfy_origin *origin,
    struct nf_vfy_transcript **out, struct nf_diag *diag)
{
	struct nf_vfy_transcript *t;
	int r;

	*out = NULL;
	if ((t = calloc(1, sizeof(*t))) == NULL)
		return nf_diag_set(diag, NF_E_NOMEM, NULL, "out of memory");
	t->fd = -1;
	t->origin = origin;
	if ((r = nf_path(t->path, diag, "%s", path)) == 0 &&
	    (r = nf_seed_epoch(&t->time, &t->fixed, diag)) == 0 &&
	    (r = file_open(t, diag)) == 0 &&
	    (r = tail_check(t, diag)) == 0) {
		*out = t;
		return 0;
	}
	nf_diag_where(diag, "%s", path);
	if (t->fd >= 0)
		(void)close(t->fd);
	free(t);
	return r;
}

static int
line_append(struct nf_vfy_transcript *t, struct nf_view line,
    struct nf_diag *diag)
{
	bool torn_left;
	ssize_t n;
	int e;

	do {
		n = write(t->fd, line.p, line.len);
	} while (n < 0 && errno == EINTR);
	if (n >= 0 && (size_t)n == line.len) {
		t->size += line.len;
		return 0;
	}
	e = n >= 0 ? ENOSPC : errno;
	/* a torn record would be refused for ever */
	torn_left = n > 0 && ftruncate(t->fd, (off_t)t->size) != 0;
	errno = e;
	return fail(t, diag, NF_E_IO, torn_left ?
	    "cannot write, and part of a record is left at the end" :
	    "cannot write");
}

int
nf_vfy_transcript_add(struct nf_vfy_transcript *t,
    const struct nf_vfy_record *rec, struct nf_diag *diag)
{
	struct nf_vfy_record now = *rec;
	struct nf_buf line = NF_BUF_INIT;
	struct nf_view v;
	uint8_t hash[NF_VFY_SHA256_LEN];
	int r;

	if (t->err != 0)
		return nf_diag_set(diag, t->err, NULL,
		    "the transcript failed before");
	now.origin = *t->origin;
	now.time = t->fixed ? t->time : nf_seed_now();
	now.insecure_seed |= nf_seed_text() != NULL;
	nf_vfy_record_write(&line, &now, t->n + 1, t->prev);
	v = nf_buf_view(&line);
	if ((r = nf_buf_err(&line)) != 0)
		(void)nf_diag_set(diag, r, NULL, r == NF_E_FORMAT ?
		    "a record is longer than a line may be" :
		    "out of memory");
	else if (nf_digest_of(NF_SHA256, &v, 1, hash) != 0)
		r = nf_diag_set(diag, NF_E_CRYPTO, NULL, "SHA-256 failed");
	nf_buf_u8(&line, '\n');
	if (r == 0 && (r = nf_buf_err(&line)) != 0)
		(void)nf_diag_set(diag, r, NULL, "out of memory");
	if (r == 0 && (r = line_append(t, nf_buf_view(&line), diag)) == 0) {
		memcpy(t->prev, hash, sizeof(t->prev));
		t->n++;
	}
	if (r != 0) {
		t->err = r;
		nf_diag_where(diag, "%s", t->path);
	}
	nf_buf_wipe(&line);
	return r;
}

int
nf_vfy_transcript_close(struct nf_vfy_transcript *t, struct nf_diag *diag)
{
	int r;

	if (t == NULL)
		return 0;
	if ((r = t->err) != 0)
		(void)nf_diag_set(diag, r, NULL,
		    "the transcript is not complete");
	if (fsync(t->fd) != 0 && r == 0)
		r = fail(t, diag, NF_E_IO, "cannot sync");
	if (close(t->fd) != 0 && r == 0)
		r = fail(t, diag, NF_E_IO, "cannot close");
	if (t->is_new && r == 0)
		r = nf_file_sync_parent(t->path, diag);
	if (r != 0)
		nf_diag_where(diag, "%s", t->path);
	free(t);
	return r;
}
