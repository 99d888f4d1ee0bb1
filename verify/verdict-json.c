/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The JSON of a verdict, an object or a line a file; the format is ours.
 * Texts of a file may be any bytes: what is no UTF-8 is written as \xNN, and
 * a path also in hex.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "nfast/base/text.h"
#include "verify/verdict-json.h"

void
nf_vfy_json_put(json_t *object, const char *name, json_t *member, bool *bad)
{
	if (json_object_set_new(object, name, member) != 0)
		*bad = true;
}

void
nf_vfy_json_append(json_t *array, json_t *element, bool *bad)
{
	if (json_array_append_new(array, element) != 0)
		*bad = true;
}

json_t *
nf_vfy_json_text(const char *s, size_t len)
{
	struct nf_buf buf = NF_BUF_INIT;
	json_t *json = NULL;

	if (nf_text_utf8(nf_view_of(s, len)))
		return json_stringn(s, len);
	for (size_t i = 0; i < len; i++) {
		if (s[i] < 0x20 || s[i] > 0x7e)
			nf_buf_printf(&buf, "\\x%02x", (uint8_t)s[i]);
		else
			nf_buf_u8(&buf, (uint8_t)s[i]);
	}
	if (nf_buf_err(&buf) == 0)
		json = json_stringn((const char *)buf.p, buf.len);
	nf_buf_wipe(&buf);
	return json;
}

json_t *
nf_vfy_json_hex(const void *p, size_t len)
{
	struct nf_buf buf = NF_BUF_INIT;
	json_t *json = NULL;

	nf_text_hex(&buf, nf_view_of(p, len));
	if (nf_buf_err(&buf) == 0)
		json = json_stringn((const char *)buf.p, buf.len);
	nf_buf_wipe(&buf);
	return json;
}

static void
put(json_t *object, const char *name, json_t *member, bool *bad)
{
	nf_vfy_json_put(object, name, member, bad);
}

static json_t *
artefact(const struct nf_vfy_item *it, bool *bad)
{
	const struct nf_vfy_verdict *v = it->v;
	json_t *o = json_object();
	size_t len = strlen(it->path);

	put(o, "path", nf_vfy_json_text(it->path, len), bad);
	if (!nf_text_utf8(nf_view_of(it->path, len)))
		put(o, "path_bytes", nf_vfy_json_hex(it->path, len), bad);
	put(o, "sha256", !v->has_sha256 ? json_null() :
	    nf_vfy_json_hex(v->sha256, sizeof(v->sha256)), bad);
	put(o, "kind", strcmp(v->kind, NF_VFY_KIND_NONE) == 0 ? json_null() :
	    json_string(v->kind), bad);
	return o;
}

static json_t *
fact(const struct nf_vfy_verdict *v, const struct nf_vfy_fact *f, bool *bad)
{
	struct nf_buf value = NF_BUF_INIT;
	json_t *o = json_object();

	nf_vfy_fact_value(&value, v, f);
	if (nf_buf_err(&value) != 0)
		*bad = true;
	put(o, "name", nf_vfy_json_text(f->name, strlen(f->name)), bad);
	put(o, "value", value.len == 0 ? json_string("") :
	    nf_vfy_json_text((const char *)value.p, value.len), bad);
	put(o, "signed_by", f->by == NULL ? json_null() :
	    nf_vfy_json_text(f->by, strlen(f->by)), bad);
	put(o, "anchored", json_boolean(f->by != NULL &&
	    nf_vfy_passed(v, NF_VFY_ROOT_CHECK)), bad);
	put(o, "claimed", json_boolean(f->by == NULL), bad);
	nf_buf_wipe(&value);
	return o;
}

json_t *
nf_vfy_json_facts(const struct nf_vfy_verdict *v, bool *bad)
{
	json_t *facts = json_array();

	for (size_t i = 0; i < v->n_facts; i++)
		nf_vfy_json_append(facts, fact(v, &v->fact[i], bad), bad);
	return facts;
}

static json_t *
check(const struct nf_vfy_verdict *v, const struct nf_vfy_check *c,
    bool *bad)
{
	const char *detail = nf_vfy_detail(v, c);
	bool placed = c->where != NULL;
	json_t *o = json_object();

	put(o, "id", json_string(c->id), bad);
	put(o, "title", json_string(c->title), bad);
	put(o, "status", json_string(nf_vfy_status_name(c->status)), bad);
	put(o, "detail", nf_vfy_json_text(detail, strlen(detail)), bad);
	put(o, "where", placed ? json_string(c->where) : json_null(), bad);
	put(o, "offset", placed ? json_integer((json_int_t)c->off) :
	    json_null(), bad);
	put(o, "length", placed ? json_integer((json_int_t)c->len) :
	    json_null(), bad);
	return o;
}

static json_t *
error(const struct nf_vfy_item *it, bool *bad)
{
	char line[NF_DIAG_WHERE_MAX + NF_DIAG_FIELD_MAX + NF_DIAG_TEXT_MAX +
	    64];
	json_t *o = json_object();

	nf_diag_line(it->diag, line, sizeof(line));
	put(o, "message", nf_vfy_json_text(line, strlen(line)), bad);
	put(o, "exit", json_integer(it->exit), bad);
	return o;
}

static void
judgement(json_t *o, const struct nf_vfy_verdict *v, bool *bad)
{
	json_t *checks = json_array();

	for (size_t i = 0; i < v->n_checks; i++)
		nf_vfy_json_append(checks, check(v, &v->check[i], bad), bad);
	put(o, "verdict", json_string(nf_vfy_result_name(
	    nf_vfy_result_of(v))), bad);
	put(o, "simulated", json_boolean(v->simulated), bad);
	put(o, "insecure_seed", json_boolean(nf_vfy_insecure_seed(v)), bad);
	put(o, "root", !v->has_root ? json_null() :
	    nf_vfy_json_hex(v->root, sizeof(v->root)), bad);
	put(o, "facts", nf_vfy_json_facts(v, bad), bad);
	put(o, "checks", checks, bad);
}

void
nf_vfy_json_write(struct nf_buf *out, const json_t *json, bool line)
{
	char *dumped = json_dumps(json, JSON_ENSURE_ASCII |
	    (line ? 0 : JSON_INDENT(2)));

	if (dumped != NULL)
		nf_buf_str(out, dumped);
	else
		nf_buf_fail(out, NF_E_NOMEM);
	free(dumped);
}

static void
write_object(struct nf_buf *out, const struct nf_vfy_run *run,
    const struct nf_vfy_item *it, bool line)
{
	json_t *o = json_object(), *tool = json_object();
	bool bad = nf_buf_err(&it->v->text) != 0;

	put(tool, "name", json_string(run->tool), &bad);
	put(tool, "version", json_string(PACKAGE_VERSION), &bad);
	put(o, "schema", json_integer(NF_VFY_JSON_SCHEMA), &bad);
	put(o, "tool", tool, &bad);
	put(o, "artefact", artefact(it, &bad), &bad);
	if (it->diag != NULL)
		put(o, "error", error(it, &bad), &bad);
	else
		judgement(o, it->v, &bad);
	if (bad)
		nf_buf_fail(out, NF_E_NOMEM);
	else
		nf_vfy_json_write(out, o, line);
	json_decref(o);
}

static void
json_begin(struct nf_buf *out, const struct nf_vfy_run *run)
{
	if (run->many)
		nf_buf_str(out, "[\n");
}

static void
json_item(struct nf_buf *out, const struct nf_vfy_run *run,
    const struct nf_vfy_item *it)
{
	write_object(out, run, it, false);
}

static void
json_end(struct nf_buf *out, const struct nf_vfy_run *run,
    const struct nf_vfy_tally *tally)
{
	(void)tally;
	nf_buf_str(out, run->many ? "\n]\n" : "\n");
}

static void
jsonl_item(struct nf_buf *out, const struct nf_vfy_run *run,
    const struct nf_vfy_item *it)
{
	write_object(out, run, it, true);
	nf_buf_u8(out, '\n');
}

const struct nf_vfy_format nf_vfy_json_format = {
	.name = "json",
	.separator = ",\n",
	.begin = json_begin,
	.item = json_item,
	.end = json_end
};

const struct nf_vfy_format nf_vfy_jsonl_format = {
	.name = "jsonl",
	.item = jsonl_item
};
