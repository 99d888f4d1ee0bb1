/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verdict and its writer.  Ours.  All texts live in one buffer, found by
 * position, so that an audit of many packages allocates nothing a check.
 */
#include "config.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "nfast/base/text.h"
#include "verify/verdict.h"

#define NO_TEXT		SIZE_MAX
#define LINE_MAX_LEN	(NF_DIAG_WHERE_MAX + NF_DIAG_FIELD_MAX + \
			NF_DIAG_TEXT_MAX + 64)

static const char *const status_names[] = { "pass", "FAIL", "unknown", "n/a" };

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
	(void)snprintf(v->subject, sizeof(v->subject), "%s", subject);
	for (char *p = v->subject; *p != '\0'; p++) {
		if (*p < 0x20 || *p > 0x7e)
			*p = '?';
	}
	v->kind = kind;
	v->n_checks = v->n_facts = 0;
	v->has_root = v->simulated = v->has_sha256 = false;
	memset(v->sha256, 0, sizeof(v->sha256));
	memset(v->root, 0, sizeof(v->root));
	v->err = 0;
	nf_diag_clear(&v->diag);
	v->text.len = 0;
}

void
nf_vfy_verdict_wipe(struct nf_vfy_verdict *v)
{
	nf_buf_wipe(&v->text);
	v->n_checks = v->n_facts = 0;
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
	c->detail = NO_TEXT;
	if (detail != NULL && *detail != '\0') {
		c->detail = v->text.len;
		nf_buf_put(&v->text, detail, strlen(detail) + 1);
	}
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

void
nf_vfy_place(struct nf_vfy_verdict *v, const char *where, size_t off,
    size_t len)
{
	NF_REQUIRE(v->n_checks > 0);
	v->check[v->n_checks - 1].where = where;
	v->check[v->n_checks - 1].off = off;
	v->check[v->n_checks - 1].len = len;
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

static const struct nf_vfy_check *
first_failure(const struct nf_vfy_verdict *v)
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
	if (first_failure(v) != NULL)
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

static void
write_fact(struct nf_buf *out, const struct nf_vfy_verdict *v,
    const struct nf_vfy_fact *f)
{
	nf_buf_printf(out, "  %s:", f->name);
	if (f->print == NULL) {
		nf_buf_u8(out, ' ');
		nf_vfy_fact_value(out, v, f);
	}
	if (f->by != NULL)
		nf_buf_printf(out, " [signed by %s%s]\n", f->by,
		    nf_vfy_passed(v, NF_VFY_ROOT_CHECK) ? "" :
		    ", unanchored");
	else
		nf_buf_str(out, " [claimed]\n");
	if (f->print != NULL)
		nf_vfy_fact_value(out, v, f);
}

static void
write_check(struct nf_buf *out, const struct nf_vfy_verdict *v,
    const struct nf_vfy_check *c)
{
	const char *detail = nf_vfy_detail(v, c);

	nf_buf_printf(out, "  %-7s  %-20s  %s", status_names[c->status], c->id,
	    c->title);
	if (*detail != '\0')
		nf_buf_printf(out, ": %s", detail);
	if (c->status == NF_VFY_FAIL && c->where != NULL)
		nf_buf_printf(out, " (%s, bytes %zu to %zu)", c->where,
		    c->off, c->off + c->len);
	nf_buf_u8(out, '\n');
}

static void
write_result(struct nf_buf *out, const struct nf_vfy_verdict *v)
{
	const struct nf_vfy_check *c = first_failure(v);
	const char *detail;

	if (v->simulated)
		nf_buf_str(out, "SIMULATED: made by a simulator, which proves "
		    "nothing about real hardware\n");
	if (c != NULL) {
		detail = nf_vfy_detail(v, c);
		nf_buf_printf(out, "Result: FAILED: %s%s%s\n", c->title,
		    *detail == '\0' ? "" : ": ", detail);
	} else if (nf_vfy_result_of(v) == NF_VFY_SUCCESS)
		nf_buf_str(out, "Result: SUCCESS\n");
	else
		nf_buf_str(out, "Result: UNANCHORED: all that is there "
		    "verifies, but it carries no link to a pinned root\n");
}

void
nf_vfy_write(struct nf_buf *out, const struct nf_vfy_verdict *v)
{
	nf_buf_printf(out, "%s: %s\n", v->kind, v->subject);
	nf_buf_str(out, "facts:\n");
	for (size_t i = 0; i < v->n_facts; i++)
		write_fact(out, v, &v->fact[i]);
	nf_buf_str(out, "checks:\n");
	for (size_t i = 0; i < v->n_checks; i++)
		write_check(out, v, &v->check[i]);
	nf_buf_str(out, "root: ");
	if (v->has_root)
		nf_text_hex(out, nf_view_of(v->root, sizeof(v->root)));
	else
		nf_buf_str(out, "not in this file");
	nf_buf_u8(out, '\n');
	write_result(out, v);
	if (v->text.err != 0)
		nf_buf_fail(out, v->text.err);
}
