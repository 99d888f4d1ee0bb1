/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The local headers of an archive: each equals its directory entry, and
 * together with data and descriptors they fill the space before the
 * directory without gap or overlap.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "kek-packages/zip-internal.h"

#define NAME_EXTRA_MAX	((size_t)65535 * 2)

static int
order(const void *a, const void *b)
{
	const struct nf_zip_item *const *x = a, *const *y = b;

	if ((*x)->e.offset != (*y)->e.offset)
		return (*x)->e.offset < (*y)->e.offset ? -1 : 1;
	return (*x)->at < (*y)->at ? -1 : (*x)->at > (*y)->at;
}

static bool
streamed(const struct nf_zip_item *it)
{
	return (it->e.flags & NF_ZIP_FLAG_DESCRIPTOR) != 0;
}

/* What a local header says of CRC and sizes; sizes may be in z64. */
static int
sizes_check(const struct nf_zip_item *it, uint32_t crc, uint64_t packed,
    uint64_t size, struct nf_view z64, struct nf_diag *diag)
{
	struct nf_cur cur;

	nf_cur_init(&cur, z64.p, z64.len, NULL);
	if (z64.p != NULL) {
		uint64_t wide_size = nf_cur_u64(&cur, "size");
		uint64_t wide_packed = nf_cur_u64(&cur, "packed");

		if (nf_cur_end(&cur, "zip64") != 0)
			return nf_zip_refuse(diag, "zip64", it->e.offset,
			    "the zip64 part of a local header has not two "
			    "sizes");
		if (size == NF_ZIP_SAT32)
			size = wide_size;
		if (packed == NF_ZIP_SAT32)
			packed = wide_packed;
		if (size != wide_size || packed != wide_packed)
			return nf_zip_refuse(diag, "zip64", it->e.offset,
			    "the sizes of a local header contradict its "
			    "zip64 part");
	}
	/* a streamed entry may leave any of the three to its descriptor */
	if (streamed(it)) {
		crc = crc == 0 ? it->e.crc : crc;
		packed = packed == 0 ? it->e.packed : packed;
		size = size == 0 ? it->e.size : size;
	}
	if (crc != it->e.crc)
		return nf_zip_refuse(diag, "zip-local-field", it->e.offset,
		    "the CRC of a local header is not the directory's");
	if (packed != it->e.packed || size != it->e.size)
		return nf_zip_refuse(diag, "zip-local-field", it->e.offset,
		    "the sizes of a local header are not the directory's");
	return 0;
}

/* room: bytes from the local header to the next one or the directory. */
static int
local_check(const struct nf_zip *zip, struct nf_zip_item *it, uint64_t room,
    uint8_t *tmp, struct nf_diag *diag)
{
	uint8_t head[NF_ZIP_LOCAL_LEN];
	uint16_t version, flags, method, name_len, extra_len;
	uint32_t time, crc, packed, size;
	struct nf_view z64;
	struct nf_cur cur;
	uint64_t at = it->e.offset;
	int r;

	if (room < sizeof(head))
		return nf_zip_refuse(diag, "zip-overlap", at,
		    "no room for a local header");
	if ((r = nf_zip_pread(zip, at, head, sizeof(head), diag)) != 0)
		return r;
	nf_cur_init(&cur, head, sizeof(head), NULL);
	if (nf_cur_u32(&cur, "signature") != NF_ZIP_SIG_LOCAL)
		return nf_zip_refuse(diag, "zip-local", at,
		    "no local header where the directory points");
	version = nf_cur_u16(&cur, "version");
	flags = nf_cur_u16(&cur, "flags");
	method = nf_cur_u16(&cur, "method");
	time = nf_cur_u32(&cur, "time");
	crc = nf_cur_u32(&cur, "crc");
	packed = nf_cur_u32(&cur, "packed");
	size = nf_cur_u32(&cur, "size");
	name_len = nf_cur_u16(&cur, "name length");
	extra_len = nf_cur_u16(&cur, "extra length");
	if ((version & 0xff) > NF_ZIP_VERSION_MAX)
		return nf_zip_refuse(diag, "zip-version", at,
		    "a local header needs version %u.%u of the format",
		    (version & 0xffu) / 10, (version & 0xffu) % 10);
	if (flags != it->e.flags || method != it->e.method ||
	    time != it->time)
		return nf_zip_refuse(diag, "zip-local-field", at,
		    "the %s of a local header is not the directory's",
		    flags != it->e.flags ? "flags word" :
		    method != it->e.method ? "method" : "time");
	if (room - sizeof(head) < (uint64_t)name_len + extra_len)
		return nf_zip_refuse(diag, "zip-overlap", at,
		    "a local header runs into what follows it");
	if ((r = nf_zip_pread(zip, at + sizeof(head), tmp,
	    (size_t)name_len + extra_len, diag)) != 0)
		return r;
	if (name_len != it->raw_len ||
	    memcmp(tmp, zip->dir + it->raw, name_len) != 0)
		return nf_zip_refuse(diag, "zip-local-name", at,
		    "the name in a local header is not the directory's");
	if ((r = nf_zip_extra_check(nf_view_of(tmp + name_len, extra_len),
	    at, &z64, diag)) != 0)
		return r;
	it->e.data = at + sizeof(head) + name_len + extra_len;
	return sizes_check(it, crc, packed, size, z64, diag);
}

/* The n bytes between data and the next entry are its descriptor. */
static int
descriptor_check(const struct nf_zip *zip, const struct nf_zip_item *it,
    uint64_t n, struct nf_diag *diag)
{
	uint64_t at = it->e.data + it->e.packed, packed, size;
	struct nf_cur cur;
	uint8_t b[24];
	uint32_t crc;
	int r;

	if (n != 12 && n != 16 && n != 20 && n != 24)
		return nf_zip_refuse(diag, "zip-descriptor", at,
		    "%llu bytes in the place of a data descriptor",
		    (unsigned long long)n);
	if ((r = nf_zip_pread(zip, at, b, (size_t)n, diag)) != 0)
		return r;
	nf_cur_init(&cur, b, (size_t)n, NULL);
	if ((n == 16 || n == 24) &&
	    nf_cur_u32(&cur, "signature") != NF_ZIP_SIG_DESCRIPTOR)
		return nf_zip_refuse(diag, "zip-descriptor", at,
		    "a data descriptor without its mark");
	crc = nf_cur_u32(&cur, "crc");
	packed = n >= 20 ? nf_cur_u64(&cur, "packed") :
	    nf_cur_u32(&cur, "packed");
	size = n >= 20 ? nf_cur_u64(&cur, "size") : nf_cur_u32(&cur, "size");
	if (crc != it->e.crc || packed != it->e.packed || size != it->e.size)
		return nf_zip_refuse(diag, "zip-descriptor", at,
		    "CRC or sizes of a data descriptor are not the "
		    "directory's");
	return 0;
}

/* Bytes at `at` that no entry of the directory claims. */
static int
unclaimed(const struct nf_zip *zip, uint64_t at, struct nf_diag *diag)
{
	static const uint8_t local[4] = { 'P', 'K', 3, 4 };
	uint8_t sig[4];
	int r;

	if ((r = nf_zip_pread(zip, at, sig, sizeof(sig), diag)) != 0)
		return r;
	if (memcmp(sig, local, sizeof(sig)) == 0)
		return nf_zip_refuse(diag, "zip-unlisted", at,
		    "a local entry that the directory does not list");
	if (at == 0)
		return nf_zip_refuse(diag, "zip-prefix", 0,
		    "bytes before the first entry");
	return nf_zip_refuse(diag, "zip-gap", at,
	    "bytes that belong to no entry");
}

static int
extent_check(const struct nf_zip *zip, struct nf_zip_item *it, uint64_t next,
    uint8_t *tmp, struct nf_diag *diag)
{
	uint64_t room = next - it->e.offset, left;
	int r;

	if ((r = local_check(zip, it, room, tmp, diag)) != 0)
		return r;
	left = next - it->e.data;
	if (it->e.packed > left)
		return nf_zip_refuse(diag, "zip-overlap", it->e.offset,
		    "the data of an entry runs into what follows it");
	left -= it->e.packed;
	if (streamed(it))
		return descriptor_check(zip, it, left, diag);
	return left == 0 ? 0 :
	    unclaimed(zip, it->e.data + it->e.packed, diag);
}

int
nf_zip_locals_check(struct nf_zip *zip, struct nf_diag *diag)
{
	struct nf_zip_item **by = NULL;
	uint8_t *tmp = NULL;
	int r = 0;

	if (zip->n == 0)
		return zip->dir_off == 0 ? 0 : unclaimed(zip, 0, diag);
	by = calloc(zip->n, sizeof(*by));
	tmp = malloc(NAME_EXTRA_MAX);
	if (by == NULL || tmp == NULL) {
		r = nf_diag_set(diag, NF_E_NOMEM, NULL, "out of memory");
		goto out;
	}
	for (size_t i = 0; i < zip->n; i++)
		by[i] = &zip->item[i];
	qsort(by, zip->n, sizeof(*by), order);
	if (by[0]->e.offset != 0)
		r = unclaimed(zip, 0, diag);
	for (size_t i = 0; r == 0 && i < zip->n; i++) {
		uint64_t next = i + 1 < zip->n ? by[i + 1]->e.offset :
		    zip->dir_off;

		if (next == by[i]->e.offset)
			r = nf_zip_refuse(diag, "zip-overlap", next,
			    "two entries share one local header");
		else
			r = extent_check(zip, by[i], next, tmp, diag);
	}
out:
	free(by);
	free(tmp);
	return r;
}
