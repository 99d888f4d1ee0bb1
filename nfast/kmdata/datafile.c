/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nfast/kmdata/datafile.h"

#define MAGIC_LEN	20
#define ENTRY_MIN_LEN	8

static const char magic[MAGIC_LEN] = "nCipher KM datafile";

static size_t
padding_of(size_t len)
{
	return (4 - len % 4) % 4;
}

static uint64_t
time_read(struct nf_cur *cur)
{
	uint64_t high = nf_cur_u32(cur, "time");
	uint64_t low = nf_cur_u32(cur, "time");
	uint64_t time = high << 32 | low;

	if (nf_cur_err(cur) == 0 && time > NF_KM_TIME_MAX)
		(void)nf_cur_fail(cur, NF_E_FORMAT, "time",
		    "high word 0x%x is not plausible", (unsigned int)high);
	return time;
}

/* A fault in an entry of known type is named after it. */
static void
entry_read(struct nf_cur *cur, struct nf_km_entry *entry)
{
	const char *name;
	uint32_t len;

	entry->type = nf_cur_u32(cur, "entry type");
	if ((name = nf_name_find(nf_km_types, entry->type)) == NULL)
		name = "entry of unknown type";
	len = nf_cur_u32(cur, name);
	entry->data = nf_cur_bytes(cur, name, len);
	nf_cur_zeros(cur, name, padding_of(len));
}

/* What else a file may be, by how it begins. */
static const struct {
	const char *begins;
	const char *what;
} others[] = {
	{ "PK\3\4", ", but a ZIP archive" },
	{ "-----BEGIN ", ", but a PEM file" },
	{ "{", ", but a JSON text" },
	{ "\177ELF", ", but a program" }
};

/* Who names the wrong file hears that, and not of its bytes. */
static void
magic_read(struct nf_cur *cur)
{
	struct nf_view v = nf_view_of(cur->p + cur->off, nf_cur_left(cur));
	const char *what = "";
	size_t n;

	if (nf_cur_err(cur) != 0)
		return;
	if (v.len > 0 && memcmp(v.p, magic, v.len < sizeof(magic) ? v.len :
	    sizeof(magic)) == 0) {
		nf_cur_expect(cur, "magic", magic, sizeof(magic));
		return;
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		n = strlen(others[i].begins);
		if (v.len >= n && memcmp(v.p, others[i].begins, n) == 0)
			what = others[i].what;
	}
	/* Without the offset that the cursor would add. */
	(void)nf_diag_set(cur->diag, NF_E_FORMAT, NULL, "%s%s", v.len == 0 ?
	    "the file is empty" : "no key management data file", what);
	(void)nf_cur_fail(cur, NF_E_FORMAT, NULL, "not such a file");
}

static int
parse(struct nf_cur *cur, struct nf_km_file *file)
{
	uint32_t i;

	if (nf_cur_left(cur) > NF_KM_FILE_MAX)
		return nf_cur_fail(cur, NF_E_FORMAT, "KM datafile",
		    "larger than the limit of %d bytes", NF_KM_FILE_MAX);
	file->bytes = nf_view_of(cur->p + cur->off, nf_cur_left(cur));
	magic_read(cur);
	file->time = time_read(cur);
	file->n = nf_cur_count(cur, "entry count", ENTRY_MIN_LEN,
	    NF_KM_ENTRIES_MAX);
	for (i = 0; i < file->n && nf_cur_err(cur) == 0; i++)
		entry_read(cur, &file->entry[i]);
	return nf_cur_end(cur, "KM datafile");
}

int
nf_km_file_read(struct nf_cur *cur, struct nf_km_file **out)
{
	struct nf_km_file *file;
	int r;

	*out = NULL;
	if ((file = calloc(1, sizeof(*file))) == NULL)
		return nf_cur_fail(cur, NF_E_NOMEM, NULL, "out of memory");
	if ((r = parse(cur, file)) != 0) {
		nf_km_file_free(file);
		return r;
	}
	*out = file;
	return 0;
}

void
nf_km_file_free(struct nf_km_file *file)
{
	free(file);
}

bool
nf_km_file_has(const struct nf_km_file *file, uint32_t type)
{
	for (uint32_t i = 0; i < file->n; i++) {
		if (file->entry[i].type == type)
			return true;
	}
	return false;
}

static int
entry_fail(struct nf_diag *diag, uint32_t type, const char *text)
{
	const char *name = nf_name_find(nf_km_types, type);
	char number[24];

	if (name == NULL) {
		(void)snprintf(number, sizeof(number), "entry #%u", type);
		name = number;
	}
	return nf_diag_set(diag, NF_E_FORMAT, name, "%s", text);
}

int
nf_km_file_opt(const struct nf_km_file *file, uint32_t type,
    struct nf_view *out, struct nf_diag *diag)
{
	struct nf_view found = { NULL, 0 };
	uint32_t i, times = 0;

	*out = found;
	for (i = 0; i < file->n; i++) {
		if (file->entry[i].type != type)
			continue;
		found = file->entry[i].data;
		times++;
	}
	if (times > 1)
		return entry_fail(diag, type, "given twice");
	*out = found;
	return 0;
}

int
nf_km_file_one(const struct nf_km_file *file, uint32_t type,
    struct nf_view *out, struct nf_diag *diag)
{
	int r = nf_km_file_opt(file, type, out, diag);

	if (r == 0 && out->p == NULL)
		r = entry_fail(diag, type, "missing");
	return r;
}

void
nf_km_begin(struct nf_km_writer *w, struct nf_buf *buf, uint64_t time)
{
	w->buf = buf;
	w->start = buf->len;
	w->n = 0;
	if (time > NF_KM_TIME_MAX)
		nf_buf_fail(buf, NF_E_INTERNAL);
	nf_buf_put(buf, magic, sizeof(magic));
	nf_buf_u32(buf, (uint32_t)(time >> 32));
	nf_buf_u32(buf, (uint32_t)time);
	w->count_at = nf_buf_len_open(buf);
}

void
nf_km_put(struct nf_km_writer *w, uint32_t type, struct nf_view data)
{
	if (w->n == NF_KM_ENTRIES_MAX || data.len > NF_KM_FILE_MAX) {
		nf_buf_fail(w->buf, NF_E_INTERNAL);
		return;
	}
	w->n++;
	nf_buf_u32(w->buf, type);
	nf_buf_u32(w->buf, (uint32_t)data.len);
	nf_buf_view_put(w->buf, data);
	nf_buf_fill(w->buf, 0, padding_of(data.len));
}

void
nf_km_put_str(struct nf_km_writer *w, uint32_t type, const char *s)
{
	nf_km_put(w, type, nf_view_of(s, strlen(s)));
}

void
nf_km_put_u32(struct nf_km_writer *w, uint32_t type, uint32_t value)
{
	const uint8_t b[4] = { (uint8_t)value, (uint8_t)(value >> 8),
	    (uint8_t)(value >> 16), (uint8_t)(value >> 24) };

	nf_km_put(w, type, nf_view_of(b, sizeof(b)));
}

void
nf_km_end(struct nf_km_writer *w)
{
	struct nf_buf *buf = w->buf;

	if (buf->err == 0 && buf->len - w->start > NF_KM_FILE_MAX)
		nf_buf_fail(buf, NF_E_INTERNAL);
	if (buf->err != 0)
		return;
	for (size_t i = 0; i < 4; i++)
		buf->p[w->count_at + i] = (uint8_t)(w->n >> (8 * i));
}
