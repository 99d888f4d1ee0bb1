/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "nfast/kmdata/sigtext.h"
#include "tests/mutants/kmedit.h"

static struct nf_km_file *
file_open(struct mut *m, struct nf_view bytes)
{
	struct nf_km_file *file;
	struct nf_cur cur;

	nf_cur_init(&cur, bytes.p, bytes.len, &m->diag);
	MUST(m, nf_km_file_read(&cur, &file));
	return file;
}

struct nf_view
km_get(struct mut *m, struct nf_view file, uint32_t type)
{
	struct nf_km_file *km = file_open(m, file);
	struct nf_view v;

	MUST(m, nf_km_file_one(km, type, &v, &m->diag));
	nf_km_file_free(km);
	return v;
}

static size_t
listed(const struct km_edit *e, uint32_t type)
{
	size_t i = 0;

	while (i < KM_TYPES && e->type[i] != 0 && e->type[i] != type)
		i++;
	return i < KM_TYPES && e->type[i] != 0 ? i : KM_TYPES;
}

static void
entry_put(struct mut *m, struct nf_km_writer *w, const struct km_edit *e,
    struct nf_view file, const struct nf_km_entry *entry,
    struct nf_view other)
{
	uint32_t type = entry->type;
	struct nf_view v = entry->data;

	switch (e->op) {
	case KM_DROP:
		return;
	case KM_TWICE:
		nf_km_put(w, type, v);
		break;
	case KM_EMPTY:
		v.len = 0;
		break;
	case KM_SHORT:
		v.len--;
		break;
	case KM_LONG:
		v = mut_long(m, v);
		break;
	case KM_FLIP:
		v = mut_flip(m, v, v.len / 2);
		break;
	case KM_TAKE:
		v = km_get(m, other, type);
		break;
	case KM_SWAP:
		v = km_get(m, file, e->type[type == e->type[0] ? 1 : 0]);
		break;
	case KM_TEXT:
		v = e->data;
		break;
	case KM_ADD:
		break;
	}
	nf_km_put(w, type, v);
}

struct nf_view
km_edited(struct mut *m, struct nf_view file, const struct km_edit *edit,
    struct nf_view other)
{
	struct nf_km_file *km = file_open(m, file);
	struct nf_buf *buf = mut_buf(m);
	struct nf_km_writer w;

	nf_km_begin(&w, buf, km->time);
	for (uint32_t i = 0; i < km->n; i++) {
		const struct nf_km_entry *e = &km->entry[i];

		if (edit->op == KM_ADD || listed(edit, e->type) == KM_TYPES)
			nf_km_put(&w, e->type, e->data);
		else
			entry_put(m, &w, edit, file, e, other);
	}
	if (edit->op == KM_ADD)
		nf_km_put(&w, edit->type[0], edit->data);
	nf_km_end(&w);
	nf_km_file_free(km);
	return mut_view(m, buf);
}

struct nf_view
km_set(struct mut *m, struct nf_view file, size_t n, const uint32_t *type,
    const struct nf_view *data)
{
	static const struct nf_view none;

	for (size_t i = 0; i < n; i++) {
		const struct km_edit e = { KM_TEXT, { type[i] }, data[i] };

		file = km_edited(m, file, &e, none);
	}
	return file;
}

void
km_put_all(struct mut *m, struct nf_view file, struct nf_view other,
    const struct km_case *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		mut_put(m, rows[i].name, km_edited(m, file, &rows[i].edit,
		    other), &rows[i].want);
}

void
km_sig(struct mut *m, struct nf_view file, uint32_t type,
    struct nf_cipher *out)
{
	struct nf_buf *buf = mut_buf(m);
	struct nf_km_sig sig;

	MUST(m, nf_km_sig_read(km_get(m, file, type), &sig, &m->diag));
	nf_buf_put(buf, sig.r, sig.r_len);
	nf_buf_put(buf, sig.s, sig.s_len);
	memset(out, 0, sizeof(*out));
	out->mech = sig.mech;
	out->v[0] = nf_view_of(mut_view(m, buf).p, sig.r_len);
	out->v[1] = nf_view_of(buf->p + sig.r_len, sig.s_len);
}
