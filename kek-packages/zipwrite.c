/* SPDX-License-Identifier: Apache-2.0 */
/* The writer of zip archives. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#define ZLIB_CONST
#include <zlib.h>

#include "kek-packages/zip-internal.h"
#include "kek-packages/zipwrite.h"

#define FORMAT_VERSION		20u
#define MADE_BY		(3u << 8 | FORMAT_VERSION)	/* Unix */
#define DOS_TIME	(0x0021u << 16)		/* 1980-01-01 00:00 */
#define MODE		0100644u

/* What the local header and the directory both say of a file. */
struct entry {
	uint16_t method;
	uint32_t crc, packed, size, offset;
};

/* Deflate into out; *len is 0 when that does not make it smaller. */
static int
deflated(struct nf_view v, uint8_t *out, size_t *len)
{
	z_stream z;
	int status;

	memset(&z, 0, sizeof(z));
	if (deflateInit2(&z, Z_BEST_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8,
	    Z_DEFAULT_STRATEGY) != Z_OK)
		return NF_E_NOMEM;
	z.next_in = v.p;
	z.avail_in = (uInt)v.len;
	z.next_out = out;
	z.avail_out = (uInt)v.len;
	status = deflate(&z, Z_FINISH);
	if (status == Z_STREAM_END && z.total_out < v.len)
		*len = (size_t)z.total_out;
	(void)deflateEnd(&z);
	/* Z_OK: there was no room for it all */
	return status == Z_STREAM_END || status == Z_OK ? 0 : NF_E_INTERNAL;
}

static void
put_common(struct nf_buf *out, const struct entry *e, const char *name)
{
	nf_buf_u16(out, FORMAT_VERSION);
	nf_buf_u16(out, 0);
	nf_buf_u16(out, e->method);
	nf_buf_u32(out, DOS_TIME);
	nf_buf_u32(out, e->crc);
	nf_buf_u32(out, e->packed);
	nf_buf_u32(out, e->size);
	nf_buf_u16(out, (uint16_t)strlen(name));
	nf_buf_u16(out, 0);
}

static int
put_file(struct nf_buf *out, size_t start, const struct nf_zip_file *f,
    struct entry *e)
{
	uint8_t *packed = NULL;
	size_t len = 0;
	int r = 0;

	if (f->deflate && f->bytes.len > 0) {
		if ((packed = malloc(f->bytes.len)) == NULL)
			return NF_E_NOMEM;
		r = deflated(f->bytes, packed, &len);
	}
	e->method = len == 0 ? 0 : 8;
	e->crc = (uint32_t)crc32_z(crc32_z(0, NULL, 0),
	    f->bytes.len == 0 ? (const Bytef *)"" : f->bytes.p, f->bytes.len);
	e->size = (uint32_t)f->bytes.len;
	e->packed = len == 0 ? e->size : (uint32_t)len;
	e->offset = (uint32_t)(out->len - start);
	nf_buf_u32(out, NF_ZIP_SIG_LOCAL);
	put_common(out, e, f->name);
	nf_buf_str(out, f->name);
	if (len == 0)
		nf_buf_view_put(out, f->bytes);
	else
		nf_buf_put(out, packed, len);
	free(packed);
	return r;
}

static void
put_central(struct nf_buf *out, const struct nf_zip_file *f,
    const struct entry *e)
{
	nf_buf_u32(out, NF_ZIP_SIG_CENTRAL);
	nf_buf_u16(out, MADE_BY);
	put_common(out, e, f->name);
	nf_buf_u16(out, 0);	/* comment */
	nf_buf_u16(out, 0);	/* disk */
	nf_buf_u16(out, 0);	/* internal attributes */
	nf_buf_u32(out, MODE << 16);
	nf_buf_u32(out, e->offset);
	nf_buf_str(out, f->name);
}

int
nf_zip_write(struct nf_buf *out, const struct nf_zip_file *file, size_t n,
    const char *comment)
{
	struct entry e[NF_ZIPWRITE_MAX];
	size_t start = out->len, dir, dir_len, total = 0;
	int r;

	if (n > NF_ZIPWRITE_MAX || strlen(comment) > NF_ZIP_SAT16)
		return NF_E_USAGE;
	for (size_t i = 0; i < n; i++) {
		if (strlen(file[i].name) > NF_ZIP_NAME_MAX ||
		    file[i].bytes.len > NF_BUF_MAX - total)
			return NF_E_USAGE;
		total += file[i].bytes.len;
	}
	for (size_t i = 0; i < n; i++) {
		if ((r = put_file(out, start, &file[i], &e[i])) != 0)
			return r;
	}
	dir = out->len - start;
	for (size_t i = 0; i < n; i++)
		put_central(out, &file[i], &e[i]);
	dir_len = out->len - start - dir;
	nf_buf_u32(out, NF_ZIP_SIG_END);
	nf_buf_u32(out, 0);	/* disks */
	nf_buf_u16(out, (uint16_t)n);
	nf_buf_u16(out, (uint16_t)n);
	nf_buf_u32(out, (uint32_t)dir_len);
	nf_buf_u32(out, (uint32_t)dir);
	nf_buf_u16(out, (uint16_t)strlen(comment));
	nf_buf_str(out, comment);
	return nf_buf_err(out);
}
