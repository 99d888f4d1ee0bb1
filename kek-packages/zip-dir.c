/* SPDX-License-Identifier: Apache-2.0 */
/* The central directory of an archive. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "kek-packages/zip-internal.h"

#define HEADERS_MODE_SHIFT	16
#define MODE_TYPE		0170000u
#define MODE_REG		0100000u
#define MODE_DIR		0040000u
#define MODE_LINK		0120000u
#define DOS_VOLUME		0x08u
#define DOS_DIR			0x10u

/* The wide values of the zip64 part stand for the saturated narrow ones. */
static int
widen(struct nf_zip_item *it, struct nf_view z64, struct nf_diag *diag)
{
	struct nf_cur cur;

	nf_cur_init(&cur, z64.p, z64.len, NULL);
	if (it->e.size == NF_ZIP_SAT32)
		it->e.size = nf_cur_u64(&cur, "size");
	if (it->e.packed == NF_ZIP_SAT32)
		it->e.packed = nf_cur_u64(&cur, "packed");
	if (it->e.offset == NF_ZIP_SAT32)
		it->e.offset = nf_cur_u64(&cur, "offset");
	if (nf_cur_end(&cur, "zip64") != 0)
		return nf_zip_refuse(diag, "zip64", it->at, "the zip64 part "
		    "does not fit the sizes that it has to replace");
	return 0;
}

static int
kind_check(struct nf_zip_item *it, uint32_t attr, struct nf_diag *diag)
{
	uint32_t type = attr >> HEADERS_MODE_SHIFT & MODE_TYPE;

	if (type == MODE_LINK)
		return nf_zip_refuse(diag, "zip-symlink", it->at,
		    "a symbolic link");
	if ((type != 0 && type != MODE_REG && type != MODE_DIR) ||
	    (attr & DOS_VOLUME) != 0)
		return nf_zip_refuse(diag, "zip-type", it->at,
		    "neither a regular file nor a directory");
	if ((type == MODE_DIR && !it->e.is_dir) ||
	    (type == MODE_REG && it->e.is_dir) ||
	    ((attr & DOS_DIR) != 0 && !it->e.is_dir))
		return nf_zip_refuse(diag, "zip-type", it->at,
		    "name and attributes disagree whether it is a directory");
	if (it->e.is_dir && (it->e.size != 0 || it->e.crc != 0))
		return nf_zip_refuse(diag, "zip-type", it->at,
		    "a directory with content");
	return 0;
}

static int
fields_check(const struct nf_zip *zip, struct nf_zip_item *it,
    uint16_t version, struct nf_diag *diag)
{
	if ((version & 0xff) > NF_ZIP_VERSION_MAX)
		return nf_zip_refuse(diag, "zip-version", it->at,
		    "needs version %u.%u of the format",
		    (version & 0xffu) / 10, (version & 0xffu) % 10);
	if ((it->e.flags & NF_ZIP_FLAG_ENCRYPTED) != 0)
		return nf_zip_refuse(diag, "zip-encrypted", it->at,
		    "an encrypted entry");
	if ((it->e.flags & ~NF_ZIP_FLAGS_ALLOWED) != 0)
		return nf_zip_refuse(diag, "zip-flags", it->at,
		    "flags 0x%04x", it->e.flags);
	if (it->e.method != 0 && it->e.method != 8)
		return nf_zip_refuse(diag, "zip-method", it->at,
		    "compression method %u", it->e.method);
	if (it->e.method == 0 && it->e.packed != it->e.size)
		return nf_zip_refuse(diag, "zip-data-size", it->at,
		    "a stored entry with two different sizes");
	if (it->e.offset >= zip->dir_off)
		return nf_zip_refuse(diag, "zip-overlap", it->at,
		    "the entry starts inside or after the directory");
	return 0;
}

/* Copy the name, fold its backslashes, take off a directory's slash. */
static int
name_read(struct nf_zip *zip, struct nf_zip_item *it, struct nf_view raw,
    char *to, struct nf_diag *diag)
{
	size_t n = raw.len;

	if (n > 0)
		memcpy(to, raw.p, n);
	for (size_t i = 0; i < n; i++) {
		if (to[i] == '\\') {
			to[i] = '/';
			it->e.folded = true;
		}
	}
	if (it->e.folded)
		zip->folded++;
	if (n > 1 && to[n - 1] == '/') {
		it->e.is_dir = true;
		n--;
	}
	to[n] = '\0';
	it->e.name = to;
	it->raw = (size_t)(raw.p - zip->dir);
	it->raw_len = raw.len;
	return nf_zip_name_check(to, n, it->at, diag);
}

static int
central_read(struct nf_zip *zip, struct nf_cur *cur, struct nf_zip_item *it,
    char *to, struct nf_diag *diag)
{
	struct nf_view name, extra, z64;
	uint16_t version, name_len, extra_len, comment_len, disk;
	uint32_t attr;
	int r;

	it->at = zip->dir_off + cur->off;
	if (nf_cur_u32(cur, "signature") != NF_ZIP_SIG_CENTRAL)
		return nf_zip_refuse(diag, "zip-central", it->at,
		    "no directory entry where one has to be");
	(void)nf_cur_u16(cur, "made by");
	version = nf_cur_u16(cur, "version");
	it->e.flags = nf_cur_u16(cur, "flags");
	it->e.method = nf_cur_u16(cur, "method");
	it->time = nf_cur_u32(cur, "time");
	it->e.crc = nf_cur_u32(cur, "crc");
	it->e.packed = nf_cur_u32(cur, "packed");
	it->e.size = nf_cur_u32(cur, "size");
	name_len = nf_cur_u16(cur, "name length");
	extra_len = nf_cur_u16(cur, "extra length");
	comment_len = nf_cur_u16(cur, "comment length");
	disk = nf_cur_u16(cur, "disk");
	(void)nf_cur_u16(cur, "internal attributes");
	attr = nf_cur_u32(cur, "attributes");
	it->e.offset = nf_cur_u32(cur, "offset");
	name = nf_cur_bytes(cur, "name", name_len);
	extra = nf_cur_bytes(cur, "extra", extra_len);
	(void)nf_cur_bytes(cur, "comment", comment_len);
	if (nf_cur_err(cur) != 0)
		return nf_zip_refuse(diag, "zip-central", it->at,
		    "a directory entry is cut");
	if (disk != 0)
		return nf_zip_refuse(diag, "zip-disks", it->at,
		    "the archive is spread over several disks");
	if ((r = nf_zip_extra_check(extra, it->at, &z64, diag)) != 0 ||
	    (r = widen(it, z64, diag)) != 0 ||
	    (r = fields_check(zip, it, version, diag)) != 0 ||
	    (r = name_read(zip, it, name, to, diag)) != 0)
		return r;
	return kind_check(it, attr, diag);
}

int
nf_zip_dir_read(struct nf_zip *zip, struct nf_diag *diag)
{
	struct nf_cur cur;
	size_t pos = 0;
	int r;

	if (zip->n == 0)
		return 0;
	/* a name and its NUL never take more than its directory entry */
	zip->dir = malloc(zip->dir_len);
	zip->names = malloc(zip->dir_len);
	zip->item = calloc(zip->n, sizeof(*zip->item));
	if (zip->dir == NULL || zip->names == NULL || zip->item == NULL)
		return nf_diag_set(diag, NF_E_NOMEM, NULL, "out of memory");
	if ((r = nf_zip_pread(zip, zip->dir_off, zip->dir, zip->dir_len,
	    diag)) != 0)
		return r;
	nf_cur_init(&cur, zip->dir, zip->dir_len, NULL);
	for (size_t i = 0; i < zip->n; i++) {
		struct nf_zip_item *it = &zip->item[i];

		if ((r = central_read(zip, &cur, it, zip->names + pos,
		    diag)) != 0)
			return r;
		pos += it->raw_len + 1;
	}
	if (nf_cur_left(&cur) != 0)
		return nf_zip_refuse(diag, "zip-directory",
		    zip->dir_off + cur.off,
		    "the directory holds more than the stated entries");
	return nf_zip_names_unique(zip, diag);
}
