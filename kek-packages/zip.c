/* SPDX-License-Identifier: Apache-2.0 */
/* Open an archive: its bytes, its end records, and the rules in order. */
#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kek-packages/zip-internal.h"

#define COMMENT_MAX	65535u
#define TAIL_MAX	((size_t)NF_ZIP_END_LEN + COMMENT_MAX)

int
nf_zip_refuse(struct nf_diag *diag, const char *field, uint64_t at,
    const char *fmt, ...)
{
	char text[NF_DIAG_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return nf_diag_at(diag, NF_E_FORMAT, field, (size_t)at, "%s", text);
}

int
nf_zip_pread(const struct nf_zip *zip, uint64_t off, void *out, size_t n,
    struct nf_diag *diag)
{
	uint8_t *p = out;
	ssize_t got;

	if (off > zip->size || n > zip->size - off)
		return nf_diag_set(diag, NF_E_IO, NULL,
		    "read beyond the end of the archive");
	if (zip->fd < 0) {
		if (n > 0)
			memcpy(out, zip->mem.p + off, n);
		return 0;
	}
	while (n > 0) {
		got = pread(zip->fd, p, n, (off_t)off);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return nf_diag_set(diag, NF_E_IO, NULL,
			    "cannot read: %s", strerror(errno));
		if (got == 0)
			return nf_diag_set(diag, NF_E_IO, NULL,
			    "the file became shorter while it was read");
		p += got;
		off += (uint64_t)got;
		n -= (size_t)got;
	}
	return 0;
}

static uint32_t
le32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[3] << 24;
}

/*
 * Find the one end record in the last n bytes, which start at base.  pos is
 * its position in tail.
 */
static int
end_find(const uint8_t *tail, size_t n, uint64_t base, size_t *pos,
    struct nf_diag *diag)
{
	size_t found = n, last = n;

	for (size_t i = 0; i + NF_ZIP_END_LEN <= n; i++) {
		size_t comment;

		if (le32(tail + i) != NF_ZIP_SIG_END)
			continue;
		last = i;
		comment = (size_t)tail[i + 20] | (size_t)tail[i + 21] << 8;
		if (i + NF_ZIP_END_LEN + comment != n)
			continue;
		if (found != n)
			return nf_zip_refuse(diag, "zip-end-twice", base + i,
			    "a second end record inside the comment of the "
			    "first");
		found = i;
	}
	if (found == n && last != n)
		return nf_zip_refuse(diag, "zip-trailing", base + last,
		    "the end record's comment does not end the file: bytes "
		    "were cut off or follow the archive");
	if (found == n)
		return nf_zip_refuse(diag, "zip-end-missing", base + n,
		    "no end record: not an archive, or cut off");
	for (size_t i = found + 1; i + 4 <= n; i++) {
		if (le32(tail + i) == NF_ZIP_SIG_END)
			return nf_zip_refuse(diag, "zip-end-twice", base + i,
			    "the mark of an end record inside the comment");
	}
	*pos = found;
	return 0;
}

struct end {
	uint64_t at;		/* where the directory has to end */
	uint64_t n_disk, n, len, off;
};

/* A narrow field says the same as the wide one, or that it is too narrow. */
static bool
same(uint64_t narrow, uint64_t wide, uint64_t saturated)
{
	return narrow == wide || narrow == saturated;
}

/* The zip64 end record before its locator, which is at end->at - 20. */
static int
end64_read(const struct nf_zip *zip, struct end *end, struct nf_diag *diag)
{
	uint8_t rec[NF_ZIP_END64_LEN], loc[NF_ZIP_LOCATOR_LEN];
	struct nf_cur cur;
	struct end wide;
	uint32_t disk, disks, dir_disk;
	uint64_t at, len;
	int r;

	at = end->at - NF_ZIP_LOCATOR_LEN;
	if ((r = nf_zip_pread(zip, at, loc, sizeof(loc), diag)) != 0)
		return r;
	nf_cur_init(&cur, loc, sizeof(loc), NULL);
	(void)nf_cur_u32(&cur, "signature");
	disk = nf_cur_u32(&cur, "disk");
	wide.at = nf_cur_u64(&cur, "offset");
	disks = nf_cur_u32(&cur, "disks");
	if (disk != 0 || disks > 1)
		return nf_zip_refuse(diag, "zip-disks", at,
		    "the archive is spread over several disks");
	if (at < NF_ZIP_END64_LEN || wide.at != at - NF_ZIP_END64_LEN)
		return nf_zip_refuse(diag, "zip64", at,
		    "the zip64 end record does not touch its locator");
	if ((r = nf_zip_pread(zip, wide.at, rec, sizeof(rec), diag)) != 0)
		return r;
	nf_cur_init(&cur, rec, sizeof(rec), NULL);
	if (nf_cur_u32(&cur, "signature") != NF_ZIP_SIG_END64)
		return nf_zip_refuse(diag, "zip64", wide.at,
		    "no zip64 end record where its locator points");
	len = nf_cur_u64(&cur, "length");
	(void)nf_cur_u32(&cur, "versions");
	disk = nf_cur_u32(&cur, "disk");
	dir_disk = nf_cur_u32(&cur, "directory disk");
	wide.n_disk = nf_cur_u64(&cur, "entries on disk");
	wide.n = nf_cur_u64(&cur, "entries");
	wide.len = nf_cur_u64(&cur, "directory length");
	wide.off = nf_cur_u64(&cur, "directory offset");
	if (disk != 0 || dir_disk != 0)
		return nf_zip_refuse(diag, "zip-disks", wide.at,
		    "the archive is spread over several disks");
	if (len != NF_ZIP_END64_LEN - 12 ||
	    !same(end->n_disk, wide.n_disk, NF_ZIP_SAT16) ||
	    !same(end->n, wide.n, NF_ZIP_SAT16) ||
	    !same(end->len, wide.len, NF_ZIP_SAT32) ||
	    !same(end->off, wide.off, NF_ZIP_SAT32))
		return nf_zip_refuse(diag, "zip64", wide.at,
		    "the zip64 end record contradicts the end record");
	*end = wide;
	return 0;
}

static int
end_place(struct nf_zip *zip, const struct end *end, struct nf_diag *diag)
{
	uint8_t sig[4];
	int r;

	if (end->n_disk != end->n)
		return nf_zip_refuse(diag, "zip-disks", end->at,
		    "the archive is spread over several disks");
	if (end->len > end->at || end->off > end->at - end->len)
		return nf_zip_refuse(diag, "zip-directory-place", end->at,
		    "the directory runs into the end record");
	if (end->off != end->at - end->len) {
		if (end->n > 0 && end->len >= 4) {
			if ((r = nf_zip_pread(zip, end->at - end->len, sig,
			    sizeof(sig), diag)) != 0)
				return r;
			if (le32(sig) == NF_ZIP_SIG_CENTRAL)
				return nf_zip_refuse(diag, "zip-prefix", 0,
				    "bytes before the archive: all offsets "
				    "are too small");
		}
		return nf_zip_refuse(diag, "zip-directory-place", end->at,
		    "the directory does not touch the end record");
	}
	if (end->n > zip->limits.count || end->len > NF_ZIP_DIR_MAX)
		return nf_zip_refuse(diag, "zip-count", end->at,
		    "more entries than the limit of %u",
		    (unsigned)zip->limits.count);
	if (end->n * NF_ZIP_CENTRAL_LEN > end->len ||
	    (end->n == 0) != (end->len == 0))
		return nf_zip_refuse(diag, "zip-count", end->at,
		    "the directory cannot hold the stated number of entries");
	zip->n = (size_t)end->n;
	zip->dir_len = (size_t)end->len;
	zip->dir_off = end->off;
	return 0;
}

/* Find the end records; sets dir_off, dir_len, n, comment. */
static int
end_read(struct nf_zip *zip, struct nf_diag *diag)
{
	size_t n = zip->size < TAIL_MAX ? (size_t)zip->size : TAIL_MAX;
	size_t pos = 0;
	uint64_t base = zip->size - n;
	uint8_t *tail, sig[4];
	struct nf_cur cur;
	struct end end;
	uint16_t disk, dir_disk;
	int r;

	if ((tail = malloc(n)) == NULL)
		return nf_diag_set(diag, NF_E_NOMEM, NULL, "out of memory");
	if ((r = nf_zip_pread(zip, base, tail, n, diag)) != 0 ||
	    (r = end_find(tail, n, base, &pos, diag)) != 0)
		goto out;
	nf_cur_init(&cur, tail + pos, n - pos, NULL);
	(void)nf_cur_u32(&cur, "signature");
	disk = nf_cur_u16(&cur, "disk");
	dir_disk = nf_cur_u16(&cur, "directory disk");
	end.n_disk = nf_cur_u16(&cur, "entries on disk");
	end.n = nf_cur_u16(&cur, "entries");
	end.len = nf_cur_u32(&cur, "directory length");
	end.off = nf_cur_u32(&cur, "directory offset");
	zip->comment = nf_cur_u16(&cur, "comment");
	end.at = base + pos;
	sig[0] = 0;
	if (end.at >= NF_ZIP_LOCATOR_LEN && (r = nf_zip_pread(zip,
	    end.at - NF_ZIP_LOCATOR_LEN, sig, sizeof(sig), diag)) != 0)
		goto out;
	if (end.at >= NF_ZIP_LOCATOR_LEN &&
	    le32(sig) == NF_ZIP_SIG_LOCATOR) {
		if (!same(disk, 0, NF_ZIP_SAT16) ||
		    !same(dir_disk, 0, NF_ZIP_SAT16))
			r = nf_zip_refuse(diag, "zip-disks", end.at,
			    "the archive is spread over several disks");
		else
			r = end64_read(zip, &end, diag);
		if (r != 0)
			goto out;
	} else if (disk != 0 || dir_disk != 0) {
		r = nf_zip_refuse(diag, "zip-disks", end.at,
		    "the archive is spread over several disks");
		goto out;
	}
	r = end_place(zip, &end, diag);
out:
	free(tail);
	return r;
}

static uint64_t
limit(uint64_t wanted, uint64_t max)
{
	return wanted == 0 || wanted > max ? max : wanted;
}

static int
totals_check(const struct nf_zip *zip, struct nf_diag *diag)
{
	uint64_t total = 0;

	for (size_t i = 0; i < zip->n; i++) {
		const struct nf_zip_item *it = &zip->item[i];

		if (it->e.size > zip->limits.entry)
			return nf_zip_refuse(diag, "zip-entry-size", it->at,
			    "an entry of %llu bytes, the limit is %llu",
			    (unsigned long long)it->e.size,
			    (unsigned long long)zip->limits.entry);
		total += it->e.size;
		if (total > zip->limits.total)
			return nf_zip_refuse(diag, "zip-total", it->at,
			    "the entries unpack to more than %llu bytes",
			    (unsigned long long)zip->limits.total);
	}
	if (total > NF_ZIP_TOTAL_BASE + zip->size * NF_ZIP_TOTAL_RATIO)
		return nf_zip_refuse(diag, "zip-ratio", 0,
		    "the entries unpack to %llu bytes, too much for an "
		    "archive of this size", (unsigned long long)total);
	return 0;
}

static int
open_it(struct nf_zip *zip, const struct nf_zip_limits *limits,
    struct nf_diag *diag)
{
	static const struct nf_zip_limits none;
	int r;

	if (limits == NULL)
		limits = &none;
	zip->limits.entry = limit(limits->entry, NF_ZIP_ENTRY_MAX);
	zip->limits.total = limit(limits->total, NF_ZIP_TOTAL_MAX);
	zip->limits.count = (uint32_t)limit(limits->count,
	    NF_ZIP_ENTRIES_MAX);
	if (zip->size < NF_ZIP_END_LEN)
		return nf_zip_refuse(diag, "zip-short", zip->size,
		    "shorter than an empty archive");
	if (zip->size > NF_ZIP_FILE_MAX)
		return nf_zip_refuse(diag, "zip-large", 0,
		    "larger than the limit of %llu bytes",
		    (unsigned long long)NF_ZIP_FILE_MAX);
	if ((r = end_read(zip, diag)) != 0 ||
	    (r = nf_zip_dir_read(zip, diag)) != 0 ||
	    (r = totals_check(zip, diag)) != 0)
		return r;
	return nf_zip_locals_check(zip, diag);
}

static int
open_any(int fd, struct nf_view mem, uint64_t size,
    const struct nf_zip_limits *limits, struct nf_zip **out,
    struct nf_diag *diag)
{
	struct nf_zip *zip;
	int r;

	if ((zip = calloc(1, sizeof(*zip))) == NULL)
		return nf_diag_set(diag, NF_E_NOMEM, NULL, "out of memory");
	zip->fd = fd;
	zip->mem = mem;
	zip->size = size;
	if ((r = open_it(zip, limits, diag)) != 0) {
		nf_zip_free(zip);
		return r;
	}
	*out = zip;
	return 0;
}

int
nf_zip_open_fd(int fd, const struct nf_zip_limits *limits,
    struct nf_zip **out, struct nf_diag *diag)
{
	struct stat st;

	*out = NULL;
	NF_REQUIRE(fd >= 0);
	if (fstat(fd, &st) != 0)
		return nf_diag_set(diag, NF_E_IO, NULL, "cannot stat: %s",
		    strerror(errno));
	if (!S_ISREG(st.st_mode))
		return nf_diag_set(diag, NF_E_IO, NULL,
		    "not a regular file");
	return open_any(fd, nf_view_of(NULL, 0), (uint64_t)st.st_size,
	    limits, out, diag);
}

int
nf_zip_open_mem(struct nf_view bytes, const struct nf_zip_limits *limits,
    struct nf_zip **out, struct nf_diag *diag)
{
	*out = NULL;
	return open_any(-1, bytes, bytes.len, limits, out, diag);
}

void
nf_zip_free(struct nf_zip *zip)
{
	if (zip == NULL)
		return;
	free(zip->dir);
	free(zip->names);
	free(zip->item);
	free(zip);
}

bool
nf_zip_is(struct nf_view bytes)
{
	return bytes.len >= 4 && (le32(bytes.p) == NF_ZIP_SIG_LOCAL ||
	    le32(bytes.p) == NF_ZIP_SIG_END);
}

size_t
nf_zip_count(const struct nf_zip *zip)
{
	return zip->n;
}

const struct nf_zip_entry *
nf_zip_entry(const struct nf_zip *zip, size_t i)
{
	NF_REQUIRE(i < zip->n);
	return &zip->item[i].e;
}

size_t
nf_zip_folded(const struct nf_zip *zip)
{
	return zip->folded;
}

size_t
nf_zip_comment(const struct nf_zip *zip)
{
	return zip->comment;
}
