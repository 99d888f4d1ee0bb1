/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One record of a transcript, written and read.  The reader accepts what the
 * writer prints, byte for byte, and nothing else.
 */
#include "config.h"

#include <string.h>
#include <time.h>

#include "nfast/base/jsonerr.h"
#include "nfast/base/seed.h"
#include "nfast/base/text.h"
#include "verify/transcript.h"
#include "verify/verdict-json.h"

#define NAME_MAX_LEN	64

static const char *const verdicts[NF_VFY_OUT_COUNT] = {
	[NF_VFY_OUT_PASS] = "pass",
	[NF_VFY_OUT_UNANCHORED] = "unanchored",
	[NF_VFY_OUT_FAIL] = "fail",
	[NF_VFY_OUT_ERROR] = "error"
};

const char *
nf_vfy_record_verdict(enum nf_vfy_outcome outcome)
{
	return verdicts[outcome];
}

enum nf_vfy_outcome
nf_vfy_record_outcome(const char *verdict)
{
	size_t i = 0;

	while (i < NF_VFY_OUT_COUNT && strcmp(verdicts[i], verdict) != 0)
		i++;
	return (enum nf_vfy_outcome)i;
}

/* Any bytes as a string; *plain: they are UTF-8. */
static json_t *
text(const char *s, bool *plain)
{
	json_t *json = nf_vfy_json_text(s, strlen(s));

	*plain = nf_text_utf8(nf_view_of(s, strlen(s)));
	return json;
}

static json_t *
time_json(uint64_t t)
{
	struct nf_buf buf = NF_BUF_INIT;
	json_t *json = NULL;

	nf_text_time(&buf, t);
	if (nf_buf_err(&buf) == 0)
		json = json_string(nf_buf_text(&buf));
	nf_buf_wipe(&buf);
	return json;
}

static int
dump(const char *p, size_t len, void *out)
{
	nf_buf_put(out, p, len);
	return nf_buf_err(out) == 0 ? 0 : -1;
}

static json_t *
sha256(const uint8_t hash[static NF_VFY_SHA256_LEN])
{
	return nf_vfy_json_hex(hash, NF_VFY_SHA256_LEN);
}

static void
origin_put(json_t *o, const struct nf_vfy_origin *origin, bool *bad)
{
	json_t *tool = json_object(), *options = json_array();
	bool plain;

	nf_vfy_json_put(tool, "name", json_string(origin->tool), bad);
	nf_vfy_json_put(tool, "version", json_string(origin->version), bad);
	for (size_t i = 0; i < origin->n_options; i++)
		nf_vfy_json_append(options, text(origin->option[i], &plain),
		    bad);
	nf_vfy_json_put(o, "tool", tool, bad);
	nf_vfy_json_put(o, "options", options, bad);
}

static void
judged_put(json_t *o, const struct nf_vfy_record *rec, bool *bad)
{
	bool plain;

	nf_vfy_json_put(o, "path", text(rec->path, &plain), bad);
	if (!plain)
		nf_vfy_json_put(o, "path_bytes", nf_vfy_json_hex(rec->path,
		    strlen(rec->path)), bad);
	nf_vfy_json_put(o, "kind", rec->kind == NULL ||
	    strcmp(rec->kind, NF_VFY_KIND_NONE) == 0 ? json_null() :
	    json_string(rec->kind), bad);
	nf_vfy_json_put(o, "input_sha256", rec->has_sha256 ?
	    sha256(rec->sha256) : json_null(), bad);
	nf_vfy_json_put(o, "verdict", json_string(rec->verdict), bad);
	nf_vfy_json_put(o, "exit", json_integer(rec->exit), bad);
	nf_vfy_json_put(o, "verdict_sha256", sha256(rec->verdict_sha256),
	    bad);
	if (rec->insecure_seed)
		nf_vfy_json_put(o, "mark", json_string(NF_SEED_WORDS), bad);
}

void
nf_vfy_record_write(struct nf_buf *out, const struct nf_vfy_record *rec,
    uint64_t n, const uint8_t prev[static NF_VFY_SHA256_LEN])
{
	json_t *o = json_object();
	size_t start = out->len;
	bool bad = false;

	if (n == 0 || n > INT64_MAX || rec->exit < 0 || rec->exit > 255 ||
	    rec->origin.n_options > NF_VFY_RECORD_OPTIONS ||
	    nf_vfy_record_outcome(rec->verdict) == NF_VFY_OUT_COUNT) {
		nf_buf_fail(out, NF_E_FORMAT);
		goto out;
	}
	nf_vfy_json_put(o, "transcript",
	    json_integer(NF_VFY_TRANSCRIPT_VERSION), &bad);
	nf_vfy_json_put(o, "n", json_integer((json_int_t)n), &bad);
	nf_vfy_json_put(o, "prev", sha256(prev), &bad);
	nf_vfy_json_put(o, "time", time_json(rec->time), &bad);
	origin_put(o, &rec->origin, &bad);
	judged_put(o, rec, &bad);
	if (bad || json_dump_callback(o, dump, out, JSON_ENSURE_ASCII |
	    JSON_COMPACT) != 0)
		nf_buf_fail(out, NF_E_NOMEM);
	else if (out->len - start >= NF_VFY_LINE_MAX)
		nf_buf_fail(out, NF_E_FORMAT);
out:
	json_decref(o);
}

/* Where a reader is, for its messages. */
struct place {
	const char *who;
	size_t off;
	struct nf_diag *diag;
};

static int
bad(const struct place *at, const char *member, const char *what)
{
	return nf_diag_at(at->diag, NF_E_FORMAT, member, at->off, "%s: %s",
	    at->who, what);
}

static bool
optional(const char *member)
{
	return strcmp(member, "path_bytes") == 0 ||
	    strcmp(member, "mark") == 0;
}

/* The members are these, in this order; two may be left out. */
static int
members_check(json_t *o, const char *const *names, size_t n,
    const struct place *at)
{
	const char *key;
	json_t *value;
	size_t i = 0, k;

	json_object_foreach(o, key, value) {
		for (k = 0; k < n && strcmp(names[k], key) != 0; k++)
			;
		if (k == n)
			return nf_diag_at(at->diag, NF_E_FORMAT, NULL,
			    at->off, "%s: unknown member '%.40s'", at->who,
			    key);
		if (i < n && k != i && optional(names[i]))
			i++;
		if (k != i)
			return bad(at, i < n ? names[i] : key,
			    "is not at its place");
		i++;
	}
	if (i < n && optional(names[i]))
		i++;
	return i == n ? 0 : bad(at, names[i], "is missing");
}

static int
hex_read(const json_t *o, const char *member, uint8_t *out,
    const struct place *at)
{
	const json_t *v = json_object_get(o, member);

	return json_is_string(v) && nf_text_unhex(json_string_value(v),
	    json_string_length(v), out, NF_VFY_SHA256_LEN) ? 0 :
	    bad(at, member, "is not 64 hex digits");
}

/* A text without NUL characters, which the parser has refused. */
static int
text_read(const json_t *o, const char *member, const char **out,
    const struct place *at)
{
	if ((*out = json_string_value(json_object_get(o, member))) == NULL)
		return bad(at, member, "is not a string");
	return 0;
}

static int
name_read(const json_t *o, const char *member, const char **out,
    const struct place *at)
{
	size_t len;
	int r;

	if ((r = text_read(o, member, out, at)) != 0)
		return r;
	len = strlen(*out);
	return len >= 1 && len <= NAME_MAX_LEN &&
	    nf_view_printable(nf_view_of(*out, len)) ? 0 :
	    bad(at, member, "is not 1 to 64 printable characters");
}

/* What nf_text_time() prints; that it does is seen by the comparison. */
static int
time_read(const json_t *o, uint64_t *out, const struct place *at)
{
	struct tm tm = { .tm_isdst = 0 };
	const char *s, *end;
	time_t t;
	int r;

	if ((r = text_read(o, "time", &s, at)) != 0)
		return r;
	end = strptime(s, "%Y-%m-%dT%H:%M:%SZ", &tm);
	if (end == NULL || *end != '\0' || (t = timegm(&tm)) < 0)
		return bad(at, "time", "is not a time in UTC");
	*out = (uint64_t)t;
	return 0;
}

static int
number_read(const json_t *o, const char *member, json_int_t min,
    json_int_t max, json_int_t *out, const struct place *at)
{
	const json_t *v = json_object_get(o, member);

	*out = json_integer_value(v);
	return json_is_integer(v) && *out >= min && *out <= max ? 0 :
	    bad(at, member, "is not a number in its range");
}

static int
origin_read(const json_t *o, struct nf_vfy_read_record *out,
    const struct place *at)
{
	static const char *const names[] = { "name", "version" };
	json_t *tool = json_object_get(o, "tool");
	const json_t *options = json_object_get(o, "options");
	size_t n;
	int r;

	if (!json_is_object(tool))
		return bad(at, "tool", "is not an object");
	if ((r = members_check(tool, names, 2, at)) != 0 ||
	    (r = name_read(tool, "name", &out->rec.origin.tool, at)) != 0 ||
	    (r = name_read(tool, "version", &out->rec.origin.version, at)) != 0)
		return r;
	n = json_array_size(options);
	if (!json_is_array(options) || n > NF_VFY_RECORD_OPTIONS)
		return bad(at, "options", "is not an array of at most 64");
	for (size_t i = 0; i < n; i++) {
		out->option[i] = json_string_value(json_array_get(options,
		    i));
		if (out->option[i] == NULL)
			return bad(at, "options", "has what is no string");
	}
	out->rec.origin.option = out->option;
	out->rec.origin.n_options = n;
	return 0;
}

static int
path_read(const json_t *o, struct nf_vfy_read_record *out,
    const struct place *at)
{
	const json_t *v = json_object_get(o, "path_bytes");
	size_t len;

	if (v == NULL)
		return text_read(o, "path", &out->rec.path, at);
	len = json_string_length(v) / 2;
	nf_buf_fill(&out->path, 0, len + 1);
	if (nf_buf_err(&out->path) != 0)
		return nf_diag_set(at->diag, NF_E_NOMEM, NULL,
		    "out of memory");
	if (!json_is_string(v) || !nf_text_unhex(json_string_value(v),
	    json_string_length(v), out->path.p, len))
		return bad(at, "path_bytes", "is not hex");
	out->rec.path = (const char *)out->path.p;
	return 0;
}

static int
verdict_read(const json_t *o, struct nf_vfy_record *rec,
    const struct place *at)
{
	const json_t *mark = json_object_get(o, "mark");
	json_int_t number = 0;
	int r;

	if (!json_is_null(json_object_get(o, "kind")) &&
	    (r = name_read(o, "kind", &rec->kind, at)) != 0)
		return r;
	rec->has_sha256 = !json_is_null(json_object_get(o, "input_sha256"));
	if (rec->has_sha256 && (r = hex_read(o, "input_sha256",
	    rec->sha256, at)) != 0)
		return r;
	if ((r = text_read(o, "verdict", &rec->verdict, at)) != 0)
		return r;
	if (nf_vfy_record_outcome(rec->verdict) == NF_VFY_OUT_COUNT)
		return bad(at, "verdict", "is none of its values");
	if ((r = number_read(o, "exit", 0, 255, &number, at)) != 0)
		return r;
	rec->exit = (int)number;
	rec->insecure_seed = mark != NULL;
	if (mark != NULL && (!json_is_string(mark) ||
	    strcmp(json_string_value(mark), NF_SEED_WORDS) != 0))
		return bad(at, "mark", "is none of its values");
	return hex_read(o, "verdict_sha256", rec->verdict_sha256, at);
}

static int
object_read(json_t *o, struct nf_vfy_read_record *out,
    const struct place *at)
{
	static const char *const names[] = { "transcript", "n", "prev",
		"time", "tool", "options", "path", "path_bytes", "kind",
		"input_sha256", "verdict", "exit", "verdict_sha256",
		"mark" };
	json_int_t version, n = 0;
	int r;

	if ((r = number_read(o, "transcript", 1, NF_VFY_TRANSCRIPT_VERSION,
	    &version, at)) != 0 || (r = members_check(o, names,
	    sizeof(names) / sizeof(names[0]), at)) != 0 ||
	    (r = number_read(o, "n", 1, INT64_MAX, &n, at)) != 0 ||
	    (r = hex_read(o, "prev", out->prev, at)) != 0 ||
	    (r = time_read(o, &out->rec.time, at)) != 0 ||
	    (r = origin_read(o, out, at)) != 0 ||
	    (r = path_read(o, out, at)) != 0)
		return r;
	out->n = (uint64_t)n;
	return verdict_read(o, &out->rec, at);
}

int
nf_vfy_record_read(struct nf_view line, const char *who, size_t off,
    struct nf_vfy_read_record *out, struct nf_diag *diag)
{
	const struct place at = { who, off, diag };
	struct nf_buf again = NF_BUF_INIT;
	json_error_t error;
	int r;

	memset(out, 0, sizeof(*out));
	nf_buf_init(&out->path);
	out->json = line.len == 0 ? NULL : json_loadb((const char *)line.p,
	    line.len, JSON_REJECT_DUPLICATES, &error);
	if (out->json == NULL && line.len > 0) {
		if (nf_json_nomem(&error))
			return nf_diag_set(diag, NF_E_NOMEM, NULL,
			    "out of memory");
		return nf_diag_at(diag, NF_E_FORMAT, NULL, off +
		    (error.position > 0 ? (size_t)error.position - 1 : 0),
		    "%s: not JSON: %s", who, error.text);
	}
	if (!json_is_object((json_t *)out->json))
		return bad(&at, NULL, "not a record");
	if ((r = object_read(out->json, out, &at)) != 0)
		return r;
	nf_vfy_record_write(&again, &out->rec, out->n, out->prev);
	if ((r = nf_buf_err(&again)) == NF_E_NOMEM)
		(void)nf_diag_set(diag, r, NULL, "out of memory");
	else if (r != 0 || !nf_view_equal(nf_buf_view(&again), line))
		r = bad(&at, NULL, "not written as a transcript writes it");
	nf_buf_wipe(&again);
	return r;
}

void
nf_vfy_record_wipe(struct nf_vfy_read_record *r)
{
	json_decref(r->json);
	r->json = NULL;
	nf_buf_wipe(&r->path);
}
