/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verdict.  Ours.  All texts live in one buffer, found by position, so
 * that an audit of many packages allocates nothing a check.
 */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "nfast/base/seed.h"
#include "nfast/base/text.h"
#include "verify/verdict.h"

#define NO_TEXT		SIZE_MAX
#define LINE_MAX_LEN	(NF_DIAG_WHERE_MAX + NF_DIAG_FIELD_MAX + \
			NF_DIAG_TEXT_MAX + 64)

void
nf_vfy_verdict_init(struct nf_vfy_verdict *v, const char *kind,
    const char *subject)
{
	nf_buf_init(&v->text);
	nf_vfy_verdict_reset(v, kind, subject);
}

void
nf_vfy_verdict_reset(struct nf_vfy_verdict *v, const char *kind,
    const char *subject)
{
	nf_err_format(v->subject, sizeof(v->subject), "%s", subject);
	v->kind = kind;
	v->n_checks = v->n_facts = v->n_links = 0;
	v->has_root = v->simulated = v->has_sha256 = false;
	v->insecure_seed = v->seed_esn = v->companion = false;
	memset(v->sha256, 0, sizeof(v->sha256));
	memset(v->root, 0, sizeof(v->root));
	v->err = 0;
	nf_diag_clear(&v->diag);
	v->text.len = 0;
}

void
nf_vfy_seed_claim(struct nf_vfy_verdict *v, struct nf_view bytes)
{
	v->insecure_seed |= nf_seed_marked(bytes);
}

bool
nf_vfy_insecure_seed(const struct nf_vfy_verdict *v)
{
	return v->insecure_seed || (v->seed_esn && v->simulated);
}

void
nf_vfy_verdict_wipe(struct nf_vfy_verdict *v)
{
	nf_buf_wipe(&v->text);
	v->n_checks = v->n_facts = v->n_links = 0;
}

static void
sticky(struct nf_vfy_verdict *v, int r, const struct nf_diag *diag)
{
	if (v->err != 0)
		return;
	v->err = r;
	if (diag != NULL && diag->code != 0)
		v->diag = *diag;
	else
		(void)nf_diag_set(&v->diag, r, NULL, "%s", nf_err_text(r));
}

static size_t
detail_put(struct nf_vfy_verdict *v, const char *detail)
{
	size_t at = v->text.len;

	if (detail == NULL || *detail == '\0')
		return NO_TEXT;
	nf_buf_put(&v->text, detail, strlen(detail) + 1);
	return at;
}

void
nf_vfy_add(struct nf_vfy_verdict *v, const char *id, const char *title,
    enum nf_vfy_status status, const char *detail)
{
	struct nf_vfy_check *c;

	NF_REQUIRE(v->n_checks < NF_VFY_CHECKS_MAX);
	c = &v->check[v->n_checks++];
	c->id = id;
	c->title = title;
	c->status = status;
	c->where = NULL;
	c->off = c->len = 0;
	c->detail = detail_put(v, detail);
}

void
nf_vfy_addf(struct nf_vfy_verdict *v, const char *id, const char *title,
    enum nf_vfy_status status, const char *fmt, ...)
{
	char line[LINE_MAX_LEN];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	nf_vfy_add(v, id, title, status, line);
}

void
nf_vfy_add_bool(struct nf_vfy_verdict *v, const char *id, const char *title,
    bool ok, const char *fault)
{
	nf_vfy_add(v, id, title, ok ? NF_VFY_PASS : NF_VFY_FAIL,
	    ok ? NULL : fault);
}

void
nf_vfy_add_unchecked(struct nf_vfy_verdict *v, const char *id,
    const char *title)
{
	nf_vfy_add(v, id, title, NF_VFY_UNKNOWN,
	    "not checked, because what it rests on failed");
}

int
nf_vfy_add_result(struct nf_vfy_verdict *v, const char *id,
    const char *title, int r, const struct nf_diag *diag, const char *ok)
{
	char line[LINE_MAX_LEN];

	switch (r) {
	case 0:
		nf_vfy_add(v, id, title, NF_VFY_PASS, ok);
		break;
	case NF_E_NOMEM:
	case NF_E_CRYPTO:
	case NF_E_INTERNAL:
		sticky(v, r, diag);
		nf_vfy_add(v, id, title, NF_VFY_UNKNOWN, nf_err_text(r));
		break;
	default:
		if (diag != NULL && diag->code != 0)
			nf_diag_line(diag, line, sizeof(line));
		else
			(void)snprintf(line, sizeof(line), "%s",
			    nf_err_text(r));
		nf_vfy_add(v, id, title, NF_VFY_FAIL, line);
		break;
	}
	return r;
}

static void
place_from(struct nf_vfy_verdict *v, size_t first, const char *where,
    size_t off, size_t len)
{
	for (size_t i = first; i < v->n_checks; i++) {
		v->check[i].where = where;
		v->check[i].off = off;
		v->check[i].len = len;
	}
}

void
nf_vfy_place(struct nf_vfy_verdict *v, const char *where, size_t off,
    size_t len)
{
	NF_REQUIRE(v->n_checks > 0);
	place_from(v, v->n_checks - 1, where, off, len);
}

void
nf_vfy_place_in(struct nf_vfy_verdict *v, const char *where,
    struct nf_view whole, struct nf_view part)
{
	NF_REQUIRE(v->n_checks > 0);
	nf_vfy_place_from(v, v->n_checks - 1, where, whole, part);
}

void
nf_vfy_place_from(struct nf_vfy_verdict *v, size_t first, const char *where,
    struct nf_view whole, struct nf_view part)
{
	uintptr_t w = (uintptr_t)whole.p, p = (uintptr_t)part.p;

	if (part.p == NULL || part.len > whole.len || p < w ||
	    p - w > whole.len - part.len)
		return;
	place_from(v, first, where, p - w, part.len);
}

void
nf_vfy_disown_root(struct nf_vfy_verdict *v, const char *why)
{
	for (size_t i = 0; i < v->n_checks; i++) {
		struct nf_vfy_check *c = &v->check[i];

		if (strcmp(c->id, NF_VFY_ROOT_CHECK) == 0 &&
		    c->status == NF_VFY_PASS) {
			c->status = NF_VFY_UNKNOWN;
			c->detail = detail_put(v, why);
		}
	}
}

const struct nf_vfy_check *
nf_vfy_find(const struct nf_vfy_verdict *v, const char *id)
{
	for (size_t i = 0; i < v->n_checks; i++) {
		if (strcmp(v->check[i].id, id) == 0)
			return &v->check[i];
	}
	return NULL;
}

void
nf_vfy_link(struct nf_vfy_verdict *v, const char *from, const char *to,
    const char *check)
{
	struct nf_vfy_link *l;

	NF_REQUIRE(v->n_links < NF_VFY_LINKS_MAX);
	l = &v->link[v->n_links++];
	l->from = from;
	l->to = to;
	l->check = check;
}

bool
nf_vfy_passed(const struct nf_vfy_verdict *v, const char *id)
{
	const struct nf_vfy_check *c = nf_vfy_find(v, id);

	return c != NULL && c->status == NF_VFY_PASS;
}

/* A text of the buffer, whose bytes are terminated there. */
static const char *
text_at(const struct nf_vfy_verdict *v, size_t at)
{
	if (at == NO_TEXT || at >= v->text.len || v->text.err != 0)
		return "";
	return (const char *)v->text.p + at;
}

const char *
nf_vfy_detail(const struct nf_vfy_verdict *v,
    const struct nf_vfy_check *check)
{
	return text_at(v, check->detail);
}

struct nf_buf *
nf_vfy_fact_begin(struct nf_vfy_verdict *v, const char *name, const char *by)
{
	struct nf_vfy_fact *f;

	NF_REQUIRE(v->n_facts < NF_VFY_FACTS_MAX);
	f = &v->fact[v->n_facts++];
	f->name = name;
	f->by = by;
	f->value = v->text.len;
	f->len = 0;
	f->print = NULL;
	f->hex = false;
	return &v->text;
}

void
nf_vfy_fact_end(struct nf_vfy_verdict *v)
{
	nf_buf_u8(&v->text, 0);
}

void
nf_vfy_fact(struct nf_vfy_verdict *v, const char *name, const char *by,
    const char *fmt, ...)
{
	char line[LINE_MAX_LEN];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	nf_buf_str(nf_vfy_fact_begin(v, name, by), line);
	nf_vfy_fact_end(v);
}

/* Could a reader take it for the end of the line, or for more than it is? */
static bool
text_plain(struct nf_view t)
{
	if (t.len == 0 || t.p[0] == ' ' || t.p[t.len - 1] == ' ')
		return false;
	for (size_t i = 0; i < t.len; i++) {
		if (t.p[i] < 0x20 || t.p[i] > 0x7e || t.p[i] == '[' ||
		    t.p[i] == '"' || (t.p[i] == ' ' && t.p[i + 1] == ' '))
			return false;
	}
	return true;
}

void
nf_vfy_fact_text(struct nf_vfy_verdict *v, const char *name, const char *by,
    struct nf_view text)
{
	struct nf_buf *buf = nf_vfy_fact_begin(v, name, by);
	bool plain = text_plain(text);

	v->seed_esn |= strcmp(name, "ESN") == 0 && nf_seed_esn(text);
	if (plain)
		nf_buf_view_put(buf, text);
	else
		nf_buf_u8(buf, '"');
	for (size_t i = 0; !plain && i < text.len; i++) {
		if (text.p[i] < 0x20 || text.p[i] > 0x7e ||
		    strchr("\"\\[]", text.p[i]) != NULL)
			nf_buf_printf(buf, "\\x%02x", text.p[i]);
		else
			nf_buf_u8(buf, text.p[i]);
	}
	if (!plain)
		nf_buf_u8(buf, '"');
	nf_vfy_fact_end(v);
}

void
nf_vfy_fact_bytes(struct nf_vfy_verdict *v, const char *name, const char *by,
    nf_vfy_print *print, struct nf_view bytes)
{
	struct nf_vfy_fact *f;

	nf_buf_view_put(nf_vfy_fact_begin(v, name, by), bytes);
	f = &v->fact[v->n_facts - 1];
	f->len = bytes.len;
	f->print = print;
}

void
nf_vfy_fact_hex(struct nf_vfy_verdict *v, const char *name, const char *by,
    struct nf_view bytes)
{
	nf_vfy_fact_bytes(v, name, by, NULL, bytes);
	v->fact[v->n_facts - 1].hex = true;
}

void
nf_vfy_fact_value(struct nf_buf *out, const struct nf_vfy_verdict *v,
    const struct nf_vfy_fact *f)
{
	struct nf_view bytes;

	if (v->text.err != 0)
		return;
	bytes = nf_view_of(v->text.p + f->value, f->len);
	if (f->print != NULL)
		f->print(out, bytes);
	else if (f->hex)
		nf_text_hex(out, bytes);
	else
		nf_buf_str(out, text_at(v, f->value));
}

bool
nf_vfy_fact_find(const struct nf_vfy_verdict *v, const char *name,
    struct nf_buf *out, const char **by)
{
	for (size_t i = 0; i < v->n_facts; i++) {
		if (strcmp(v->fact[i].name, name) != 0)
			continue;
		if (by != NULL)
			*by = v->fact[i].by;
		nf_vfy_fact_value(out, v, &v->fact[i]);
		return true;
	}
	return false;
}

const struct nf_vfy_check *
nf_vfy_first_failure(const struct nf_vfy_verdict *v)
{
	for (size_t i = 0; i < v->n_checks; i++) {
		if (v->check[i].status == NF_VFY_FAIL)
			return &v->check[i];
	}
	return NULL;
}

enum nf_vfy_result
nf_vfy_result_of(const struct nf_vfy_verdict *v)
{
	if (nf_vfy_first_failure(v) != NULL)
		return NF_VFY_FAILED;
	if (v->err != 0 || v->text.err != 0 ||
	    !nf_vfy_passed(v, NF_VFY_ROOT_CHECK))
		return NF_VFY_UNANCHORED;
	return NF_VFY_SUCCESS;
}

int
nf_vfy_code(const struct nf_vfy_verdict *v)
{
	if (v->err != 0)
		return v->err;
	if (v->text.err != 0)
		return v->text.err;
	switch (nf_vfy_result_of(v)) {
	case NF_VFY_SUCCESS:
		return 0;
	case NF_VFY_FAILED:
		return NF_E_VERIFY;
	case NF_VFY_UNANCHORED:
		break;
	}
	return NF_E_UNANCHORED;
}

int
nf_vfy_exit(const struct nf_vfy_verdict *v)
{
	return nf_err_exit(nf_vfy_code(v));
}
