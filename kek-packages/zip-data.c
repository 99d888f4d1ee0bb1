/* SPDX-License-Identifier: Apache-2.0 */
/* The data of an archive's entries, unpacked piece by piece with zlib. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#define ZLIB_CONST
#include <zlib.h>

#include "kek-packages/zip-internal.h"

#define PIECE	((size_t)128 * 1024)

/* One entry on its way out. */
struct flow {
	const struct nf_zip *zip;
	const struct nf_zip_entry *e;
	nf_zip_sink *sink;
	void *arg;
	uint64_t in, out;	/* bytes so far */
	uLong crc;
	struct nf_diag *diag;
	uint8_t from[PIECE];
	uint8_t to[PIECE];
};

static int
pass_on(struct flow *f, const uint8_t *p, size_t n)
{
	f->out += n;
	if (f->out > f->e->size)
		return nf_zip_refuse(f->diag, "zip-data-size", f->e->offset,
		    "'%s' unpacks to more than the stated %llu bytes",
		    f->e->name, (unsigned long long)f->e->size);
	f->crc = crc32_z(f->crc, p, n);
	if (f->sink == NULL || n == 0)
		return 0;
	return f->sink(f->arg, p, n);
}

/* The next piece of packed bytes into from; n is 0 at their end. */
static int
fetch(struct flow *f, size_t *n)
{
	uint64_t left = f->e->packed - f->in;
	int r;

	*n = left < PIECE ? (size_t)left : PIECE;
	if ((r = nf_zip_pread(f->zip, f->e->data + f->in, f->from, *n,
	    f->diag)) != 0)
		return r;
	f->in += *n;
	return 0;
}

static int
copy(struct flow *f)
{
	size_t n;
	int r;

	do {
		if ((r = fetch(f, &n)) != 0 ||
		    (r = pass_on(f, f->from, n)) != 0)
			return r;
	} while (n > 0);
	return 0;
}

static int
bad_data(struct flow *f, const char *what)
{
	return nf_zip_refuse(f->diag, "zip-inflate", f->e->offset,
	    "the deflated data of '%s' is %s", f->e->name, what);
}

/* Inflate until zlib wants more input or the data is at its end. */
static int
inflate_piece(struct flow *f, z_stream *z, int *end)
{
	int r, status;

	do {
		z->next_out = f->to;
		z->avail_out = (uInt)PIECE;
		status = inflate(z, Z_NO_FLUSH);
		if (status == Z_MEM_ERROR)
			return nf_diag_set(f->diag, NF_E_NOMEM, NULL,
			    "out of memory");
		if (status != Z_OK && status != Z_STREAM_END &&
		    status != Z_BUF_ERROR)
			return bad_data(f, "malformed");
		if ((r = pass_on(f, f->to, PIECE - z->avail_out)) != 0)
			return r;
	} while (status != Z_STREAM_END && z->avail_out == 0);
	*end = status == Z_STREAM_END;
	return 0;
}

static int
inflate_all(struct flow *f)
{
	z_stream z;
	int end = 0, r = 0;
	size_t n;

	memset(&z, 0, sizeof(z));
	if (inflateInit2(&z, -MAX_WBITS) != Z_OK)
		return nf_diag_set(f->diag, NF_E_NOMEM, NULL,
		    "cannot start zlib");
	while (r == 0 && !end) {
		if ((r = fetch(f, &n)) != 0)
			break;
		if (n == 0) {
			r = bad_data(f, "cut");
			break;
		}
		z.next_in = f->from;
		z.avail_in = (uInt)n;
		r = inflate_piece(f, &z, &end);
	}
	if (r == 0 && (z.avail_in > 0 || f->in < f->e->packed))
		r = nf_zip_refuse(f->diag, "zip-data-left", f->e->offset,
		    "bytes follow the deflated data of '%s'", f->e->name);
	(void)inflateEnd(&z);
	return r;
}

int
nf_zip_stream(struct nf_zip *zip, size_t i, nf_zip_sink *sink, void *arg,
    struct nf_diag *diag)
{
	struct nf_zip_entry *e;
	struct flow *f;
	int r;

	NF_REQUIRE(i < zip->n);
	e = &zip->item[i].e;
	e->verified = false;
	if ((f = malloc(sizeof(*f))) == NULL)
		return nf_diag_set(diag, NF_E_NOMEM, NULL, "out of memory");
	f->zip = zip;
	f->e = e;
	f->sink = sink;
	f->arg = arg;
	f->in = f->out = 0;
	f->crc = crc32_z(0, NULL, 0);
	f->diag = diag;
	r = e->method == 0 ? copy(f) : inflate_all(f);
	if (r == 0 && f->out != e->size)
		r = nf_zip_refuse(diag, "zip-data-size", e->offset,
		    "'%s' unpacks to %llu bytes, not the stated %llu",
		    e->name, (unsigned long long)f->out,
		    (unsigned long long)e->size);
	if (r == 0 && f->crc != e->crc)
		r = nf_zip_refuse(diag, "zip-crc", e->offset,
		    "the CRC of '%s' is wrong", e->name);
	e->verified = r == 0;
	free(f);
	return r;
}

static int
append(void *arg, const uint8_t *p, size_t n)
{
	struct nf_buf *buf = arg;

	nf_buf_put(buf, p, n);
	return nf_buf_err(buf);
}

int
nf_zip_read(struct nf_zip *zip, size_t i, size_t max, struct nf_buf *buf,
    struct nf_diag *diag)
{
	const struct nf_zip_entry *e = nf_zip_entry(zip, i);

	if (e->size > max)
		return nf_zip_refuse(diag, "zip-entry-size", e->offset,
		    "'%s' has %llu bytes, the limit is %llu", e->name,
		    (unsigned long long)e->size, (unsigned long long)max);
	return nf_zip_stream(zip, i, append, buf, diag);
}

int
nf_zip_verify(struct nf_zip *zip, struct nf_diag *diag)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < zip->n; i++)
		r = nf_zip_stream(zip, i, NULL, NULL, diag);
	return r;
}
