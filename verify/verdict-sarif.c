/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verdicts as SARIF 2.1.0, which is real; the mapping is ours: a result for
 * each check and a result "verdict" for each file.  A check that failed is
 * of kind "fail" and level "error"; all other kinds have the level "none", as
 * SARIF wants it, but a file that is unanchored is a "warning".  Each result
 * has its rule in the list of the tool.
 */
#include "config.h"

#include <string.h>

#include "nfast/base/text.h"
#include "verify/verdict-json.h"
#include "verify/verdict-rules.h"
#include "verify/verdict-words.h"

#define FINGERPRINT	"secworld/v1"

/* What all results of one file share. */
struct sarif {
	struct nf_buf *out;
	const struct nf_vfy_item *item;
	struct nf_buf uri;
	bool bad;
};

/* One result.  check is NULL for the one of the file. */
struct result {
	const struct nf_vfy_check *check;
	const char *rule, *kind, *level;
	const char *title, *detail;
};

static void
put(struct sarif *s, json_t *object, const char *name, json_t *member)
{
	nf_vfy_json_put(object, name, member, &s->bad);
}

static json_t *
string(const char *s)
{
	return nf_vfy_json_text(s, strlen(s));
}

/* An array of this one element, which is taken. */
static json_t *
array_of(struct sarif *s, json_t *element)
{
	json_t *array = json_array();

	nf_vfy_json_append(array, element, &s->bad);
	return array;
}

/* A path as a URI reference: a colon would make a scheme of what is before. */
static void
uri_write(struct nf_buf *out, const char *path)
{
	if (*path == '/')
		nf_buf_str(out, "file://");
	for (; *path != '\0'; path++) {
		if ((*path >= 'a' && *path <= 'z') ||
		    (*path >= 'A' && *path <= 'Z') ||
		    (*path >= '0' && *path <= '9') ||
		    strchr("-._~/", *path) != NULL)
			nf_buf_u8(out, (uint8_t)*path);
		else
			nf_buf_printf(out, "%%%02X", (uint8_t)*path);
	}
}

/*
 * Text for message.text, where braces are for arguments, and brackets before
 * a parenthesis for links.
 */
static void
message_add(struct nf_buf *out, const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s == '{' || *s == '}')
			nf_buf_u8(out, (uint8_t)*s);
		nf_buf_u8(out, (uint8_t)*s);
		if (*s == ']' && s[1] == '(')
			nf_buf_u8(out, ' ');
	}
}

static json_t *
message(struct sarif *s, const struct result *r)
{
	struct nf_buf buf = NF_BUF_INIT;
	json_t *o = json_object();

	message_add(&buf, r->title);
	if (*r->detail != '\0') {
		nf_buf_str(&buf, ": ");
		message_add(&buf, r->detail);
	}
	put(s, o, "text", nf_buf_err(&buf) != 0 ? NULL :
	    string(nf_buf_text(&buf)));
	nf_buf_wipe(&buf);
	return o;
}

/* A region counts in the file; places in its parts are named instead. */
static json_t *
location(struct sarif *s, const struct nf_vfy_check *c)
{
	json_t *o = json_object(), *place = json_object();
	json_t *artefact = json_object(), *region, *part;

	put(s, artefact, "uri", nf_buf_err(&s->uri) != 0 ? NULL :
	    json_string(nf_buf_text(&s->uri)));
	put(s, place, "artifactLocation", artefact);
	if (c != NULL && c->where != NULL && strcmp(c->where, "file") == 0) {
		region = json_object();
		put(s, region, "byteOffset", json_integer(
		    (json_int_t)c->off));
		put(s, region, "byteLength", json_integer(
		    (json_int_t)c->len));
		put(s, place, "region", region);
	} else if (c != NULL && c->where != NULL) {
		part = json_object();
		put(s, part, "name", string(c->where));
		put(s, o, "logicalLocations", array_of(s, part));
	}
	put(s, o, "physicalLocation", place);
	return array_of(s, o);
}

static json_t *
properties(struct sarif *s, const struct result *r)
{
	const struct nf_vfy_verdict *v = s->item->v;
	const struct nf_vfy_check *c = r->check;
	json_t *o = json_object();

	put(s, o, "artefactKind", string(v->kind));
	if (v->has_sha256)
		put(s, o, "sha256", nf_vfy_json_hex(v->sha256,
		    sizeof(v->sha256)));
	if (s->item->diag == NULL) {
		put(s, o, "verdict", json_string(nf_vfy_result_name(
		    nf_vfy_result_of(v))));
		put(s, o, "simulated", json_boolean(v->simulated));
		put(s, o, "insecureSeed", json_boolean(
		    nf_vfy_insecure_seed(v)));
		if (v->has_root)
			put(s, o, "root", nf_vfy_json_hex(v->root,
			    sizeof(v->root)));
	}
	if (c != NULL) {
		put(s, o, "status", json_string(nf_vfy_status_name(
		    c->status)));
		put(s, o, "detail", string(r->detail));
	} else if (s->item->diag == NULL)
		put(s, o, "facts", nf_vfy_json_facts(v, &s->bad));
	else
		put(s, o, "exit", json_integer(s->item->exit));
	if (c != NULL && c->where != NULL) {
		put(s, o, "where", string(c->where));
		put(s, o, "offset", json_integer((json_int_t)c->off));
		put(s, o, "length", json_integer((json_int_t)c->len));
	}
	return o;
}

static json_t *
fingerprints(struct sarif *s, const struct result *r)
{
	const struct nf_vfy_verdict *v = s->item->v;
	struct nf_buf buf = NF_BUF_INIT;
	json_t *o = json_object();

	nf_text_hex(&buf, nf_view_of(v->sha256, sizeof(v->sha256)));
	nf_buf_printf(&buf, ":%s", r->rule);
	put(s, o, FINGERPRINT, nf_buf_err(&buf) != 0 ? NULL :
	    string(nf_buf_text(&buf)));
	nf_buf_wipe(&buf);
	return o;
}

static void
write_result(struct sarif *s, const struct result *r)
{
	json_t *o = json_object();
	size_t rule;

	put(s, o, "ruleId", string(r->rule));
	put(s, o, "kind", json_string(r->kind));
	put(s, o, "level", json_string(r->level));
	if ((rule = nf_vfy_rule_find(r->rule)) < nf_vfy_n_rules)
		put(s, o, "ruleIndex", json_integer((json_int_t)rule));
	put(s, o, "message", message(s, r));
	put(s, o, "locations", location(s, r->check));
	if (s->item->v->has_sha256)
		put(s, o, "fingerprints", fingerprints(s, r));
	put(s, o, "properties", properties(s, r));
	if (s->bad)
		nf_buf_fail(s->out, NF_E_NOMEM);
	else
		nf_vfy_json_write(s->out, o, true);
	json_decref(o);
}

static void
write_check(struct sarif *s, const struct nf_vfy_check *c)
{
	static const char *const kinds[] = {
		[NF_VFY_PASS] = "pass",
		[NF_VFY_FAIL] = "fail",
		[NF_VFY_UNKNOWN] = "open",
		[NF_VFY_NA] = "notApplicable"
	};
	const struct result r = {
		.check = c,
		.rule = c->id,
		.kind = kinds[c->status],
		.level = c->status == NF_VFY_FAIL ? "error" : "none",
		.title = c->title,
		.detail = nf_vfy_detail(s->item->v, c)
	};

	write_result(s, &r);
	nf_buf_str(s->out, ",\n");
}

/* Unanchored and not accepted is for someone to look at. */
static void
write_verdict(struct sarif *s)
{
	struct nf_buf words = NF_BUF_INIT;
	struct result r = { .rule = NF_VFY_RULE_VERDICT, .kind = "fail",
	    .level = "error", .detail = "" };

	switch (nf_vfy_outcome_of(s->item)) {
	case NF_VFY_OUT_PASS:
		r.kind = "pass";
		r.level = "none";
		break;
	case NF_VFY_OUT_UNANCHORED:
		r.kind = s->item->exit == 0 ? "open" : "fail";
		r.level = s->item->exit == 0 ? "none" : "warning";
		break;
	case NF_VFY_OUT_FAIL:
	case NF_VFY_OUT_ERROR:
	case NF_VFY_OUT_COUNT:
		break;
	}
	if (s->item->diag == NULL)
		nf_vfy_result_words(&words, s->item->v);
	else {
		nf_buf_str(&words, "no verdict: ");
		nf_vfy_error_words(&words, s->item);
	}
	r.title = nf_buf_text(&words);
	if (nf_buf_err(&words) != 0)
		s->bad = true;
	write_result(s, &r);
	nf_buf_wipe(&words);
}

static void
put_text(json_t *object, const char *name, const char *text, bool *bad)
{
	json_t *message = json_object();

	nf_vfy_json_put(message, "text", json_string(text), bad);
	nf_vfy_json_put(object, name, message, bad);
}

static json_t *
rule_of(const struct nf_vfy_rule *rule, bool *bad)
{
	struct nf_buf full = NF_BUF_INIT;
	json_t *o = json_object();

	nf_buf_printf(&full, "%s: of %s", rule->what,
	    nf_vfy_rule_files(rule));
	nf_vfy_json_put(o, "id", json_string(rule->id), bad);
	put_text(o, "shortDescription", rule->what, bad);
	put_text(o, "fullDescription", nf_buf_text(&full), bad);
	put_text(o, "help", "See byok-verdict(5).", bad);
	*bad |= nf_buf_err(&full) != 0;
	nf_buf_wipe(&full);
	return o;
}

static void
begin(struct nf_buf *out, const struct nf_vfy_run *run)
{
	json_t *tool = json_object(), *driver = json_object();
	json_t *rules = json_array();
	bool bad = false;

	nf_vfy_json_put(driver, "name", json_string(run->tool), &bad);
	nf_vfy_json_put(driver, "version", json_string(PACKAGE_VERSION),
	    &bad);
	for (size_t i = 0; i < nf_vfy_n_rules; i++)
		nf_vfy_json_append(rules, rule_of(&nf_vfy_rules[i], &bad),
		    &bad);
	nf_vfy_json_put(driver, "rules", rules, &bad);
	nf_vfy_json_put(tool, "driver", driver, &bad);
	nf_buf_str(out, "{\"$schema\": "
	    "\"https://json.schemastore.org/sarif-2.1.0.json\",\n"
	    "\"version\": \"2.1.0\",\n\"runs\": [{\n\"tool\": ");
	if (bad)
		nf_buf_fail(out, NF_E_NOMEM);
	else
		nf_vfy_json_write(out, tool, true);
	nf_buf_str(out, ",\n\"results\": [\n");
	json_decref(tool);
}

static void
item(struct nf_buf *out, const struct nf_vfy_run *run,
    const struct nf_vfy_item *it)
{
	struct sarif s = { .out = out, .item = it };

	(void)run;
	s.bad = nf_buf_err(&it->v->text) != 0;
	uri_write(&s.uri, it->path);
	if (it->diag == NULL) {
		for (size_t i = 0; i < it->v->n_checks; i++)
			write_check(&s, &it->v->check[i]);
	}
	write_verdict(&s);
	nf_buf_wipe(&s.uri);
}

static void
end(struct nf_buf *out, const struct nf_vfy_run *run,
    const struct nf_vfy_tally *tally)
{
	(void)run;
	(void)tally;
	nf_buf_str(out, "\n]}]}\n");
}

const struct nf_vfy_format nf_vfy_sarif_format = {
	.name = "sarif",
	.separator = ",\n",
	.begin = begin,
	.item = item,
	.end = end
};
