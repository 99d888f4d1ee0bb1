/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The formats by name, the counts of a run, and verdicts for machines: JSON
 * against verdict.schema.json, whose keywords are judged here as far as it
 * uses them.  "--json FILE" and "--jsonl FILE" check
 * what byok-audit printed.
 */
#include "config.h"

#include <jansson.h>
#include <regex.h>

#include "tests/verify/report.h"
#include "verify/verdict-format.h"

static json_t *schema;

static bool valid(const json_t *rule, json_t *j);

static bool
type_is(const char *type, const json_t *j)
{
	return (strcmp(type, "object") == 0 && json_is_object(j)) ||
	    (strcmp(type, "array") == 0 && json_is_array(j)) ||
	    (strcmp(type, "string") == 0 && json_is_string(j)) ||
	    (strcmp(type, "integer") == 0 && json_is_integer(j)) ||
	    (strcmp(type, "boolean") == 0 && json_is_boolean(j)) ||
	    (strcmp(type, "null") == 0 && json_is_null(j));
}

static bool
type_valid(const json_t *types, const json_t *j)
{
	json_t *one;
	size_t i;

	if (json_is_string(types))
		return type_is(json_string_value(types), j);
	json_array_foreach(types, i, one)
		if (type_is(json_string_value(one), j))
			return true;
	return types == NULL;
}

static bool
in_enum(const json_t *values, const json_t *j)
{
	json_t *one;
	size_t i;

	json_array_foreach(values, i, one)
		if (json_equal(one, j))
			return true;
	return values == NULL;
}

static bool
pattern_valid(const json_t *pattern, const json_t *j)
{
	regex_t re;
	bool ok;

	if (pattern == NULL || !json_is_string(j))
		return true;
	NF_REQUIRE(regcomp(&re, json_string_value(pattern),
	    REG_EXTENDED | REG_NOSUB) == 0);
	ok = regexec(&re, json_string_value(j), 0, NULL, 0) == 0;
	regfree(&re);
	return ok;
}

static bool
members_valid(const json_t *rule, json_t *j)
{
	json_t *properties = json_object_get(rule, "properties"), *one, *p;
	const char *name;
	size_t i;

	json_array_foreach(json_object_get(rule, "required"), i, one)
		if (json_object_get(j, json_string_value(one)) == NULL)
			return false;
	json_object_foreach(j, name, one) {
		p = json_object_get(properties, name);
		if (p == NULL ? json_is_false(json_object_get(rule,
		    "additionalProperties")) : !valid(p, one))
			return false;
	}
	return true;
}

static bool
elements_valid(const json_t *rule, json_t *j)
{
	json_t *items = json_object_get(rule, "items"), *one;
	size_t i;

	if ((json_int_t)json_array_size(j) <
	    json_integer_value(json_object_get(rule, "minItems")))
		return false;
	json_array_foreach(j, i, one)
		if (items != NULL && !valid(items, one))
			return false;
	return true;
}

static bool
valid(const json_t *rule, json_t *j)
{
	json_t *one = json_object_get(rule, "$ref"), *all;
	size_t i, matches = 0;

	if (json_is_false(rule))
		return false;
	if (one != NULL) {
		all = json_object_get(schema, "$defs");
		one = json_object_get(all, json_string_value(one) +
		    strlen("#/$defs/"));
		NF_REQUIRE(one != NULL);
		return valid(one, j);
	}
	all = json_object_get(rule, "oneOf");
	json_array_foreach(all, i, one)
		matches += valid(one, j);
	if (all != NULL && matches != 1)
		return false;
	if ((one = json_object_get(rule, "not")) != NULL && valid(one, j))
		return false;
	if ((one = json_object_get(rule, "const")) != NULL &&
	    !json_equal(one, j))
		return false;
	one = json_object_get(rule, "minimum");
	if (one != NULL && json_is_integer(j) &&
	    json_integer_value(j) < json_integer_value(one))
		return false;
	return type_valid(json_object_get(rule, "type"), j) &&
	    in_enum(json_object_get(rule, "enum"), j) &&
	    pattern_valid(json_object_get(rule, "pattern"), j) &&
	    (!json_is_object(j) || members_valid(rule, j)) &&
	    (!json_is_array(j) || elements_valid(rule, j));
}

static void
load_schema(void)
{
	const char *src = getenv("SW_SRCDIR");
	char path[NF_PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/verify/verdict.schema.json",
	    src == NULL ? "." : src);
	schema = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
	NF_REQUIRE(schema != NULL);
}

static void
setup(void)
{
	load_schema();
	nf_vfy_verdict_init(&v, "thing", "name");
	nf_buf_init(&out);
}

static void
teardown(void)
{
	json_decref(schema);
	nf_vfy_verdict_wipe(&v);
	nf_buf_wipe(&out);
}

/* Report v n times in that format, into out; n is not 1 in a run of many. */
static void
report(const char *format, const char *path, const struct nf_diag *diag,
    int exit, size_t n)
{
	const struct nf_vfy_run run = { .tool = "tool", .many = n != 1 };
	const struct nf_vfy_item item = { path, &v, diag, exit };

	report_write(&out, nf_vfy_format_find(format), &run, &item, n);
	for (size_t i = 0; i < out.len; i++)
		ck_assert(out.p[i] == '\n' ||
		    (out.p[i] >= 0x20 && out.p[i] <= 0x7f));
}

/* The same as one JSON object that the schema allows. */
static json_t *
object(const char *path, const struct nf_diag *diag, int exit)
{
	json_t *j;

	report("json", path, diag, exit, 1);
	j = json_loads(nf_buf_text(&out), JSON_REJECT_DUPLICATES, NULL);
	ck_assert_ptr_nonnull(j);
	ck_assert(json_is_object(j));
	ck_assert(valid(schema, j));
	return j;
}

static const char *
str(const json_t *j, const char *name)
{
	const char *s = json_string_value(json_object_get(j, name));

	ck_assert_ptr_nonnull(s);
	return s;
}

START_TEST(every_status)
{
	static const char *const names[] = { "pass", "fail", "unknown",
	    "not-applicable" };
	json_t *j, *checks, *c;

	for (int i = NF_VFY_PASS; i <= NF_VFY_NA; i++)
		nf_vfy_add(&v, "t.a", "first", (enum nf_vfy_status)i, "d");
	nf_vfy_place(&v, "KeyToken", 100, 20);
	j = object("f", NULL, 1);
	checks = json_object_get(j, "checks");
	ck_assert_uint_eq(json_array_size(checks), 4);
	for (size_t i = 0; i < 4; i++) {
		c = json_array_get(checks, i);
		ck_assert_str_eq(str(c, "status"), names[i]);
		ck_assert(json_is_null(json_object_get(c, "where")) ==
		    (i != 3));
	}
	ck_assert_str_eq(str(c, "where"), "KeyToken");
	ck_assert_int_eq(json_integer_value(json_object_get(c, "offset")),
	    100);
	ck_assert_int_eq(json_integer_value(json_object_get(c, "length")),
	    20);
	ck_assert_str_eq(str(j, "verdict"), "fail");
	json_decref(j);
}
END_TEST

START_TEST(unanchored_and_pass)
{
	static const uint8_t sha[32] = { 0xab };
	json_t *j, *fact;

	nf_vfy_fact(&v, "said", NULL, "%s", "x");
	nf_vfy_fact(&v, "shown", "KML", "%s", "y");
	nf_vfy_add(&v, "t.a", "first", NF_VFY_PASS, NULL);
	j = object("f", NULL, 4);
	ck_assert_str_eq(str(j, "verdict"), "unanchored");
	ck_assert(json_is_null(json_object_get(j, "root")));
	fact = json_array_get(json_object_get(j, "facts"), 1);
	ck_assert(json_is_false(json_object_get(fact, "anchored")));
	json_decref(j);
	nf_vfy_add(&v, NF_VFY_ROOT_CHECK, "root", NF_VFY_PASS, NULL);
	v.has_root = v.simulated = v.has_sha256 = true;
	memcpy(v.sha256, sha, sizeof(sha));
	j = object("f", NULL, 0);
	ck_assert_str_eq(str(j, "verdict"), "pass");
	ck_assert_uint_eq(strlen(str(j, "root")), 40);
	ck_assert(json_is_true(json_object_get(j, "simulated")));
	ck_assert(strncmp(str(json_object_get(j, "artefact"), "sha256"),
	    "ab00", 4) == 0);
	fact = json_array_get(json_object_get(j, "facts"), 0);
	ck_assert(json_is_true(json_object_get(fact, "claimed")));
	ck_assert(json_is_false(json_object_get(fact, "anchored")));
	fact = json_array_get(json_object_get(j, "facts"), 1);
	ck_assert(json_is_false(json_object_get(fact, "claimed")));
	ck_assert(json_is_true(json_object_get(fact, "anchored")));
	ck_assert_str_eq(str(fact, "signed_by"), "KML");
	json_decref(j);
}
END_TEST

START_TEST(error_has_no_verdict)
{
	struct nf_diag d = { 0 };
	json_t *j;

	(void)nf_diag_set(&d, NF_E_FORMAT, NULL, "not recognised");
	nf_vfy_verdict_reset(&v, NF_VFY_KIND_NONE, "f");
	j = object("f", &d, 3);
	ck_assert_ptr_null(json_object_get(j, "verdict"));
	ck_assert_str_eq(str(json_object_get(j, "error"), "message"),
	    "not recognised");
	ck_assert(json_is_null(json_object_get(json_object_get(j,
	    "artefact"), "kind")));
	json_decref(j);
}
END_TEST

/* Paths that a document must survive, and whether they are UTF-8. */
static const struct {
	const char *path, *shown, *bytes;
} paths[] = {
	{ "a\"b\\c</x>&'", "a\"b\\c</x>&'", NULL },
	{ "a\n\r\t\x01\x1b[31m", "a\n\r\t\x01\x1b[31m", NULL },
	{ "\xc3\xa9", "\xc3\xa9", NULL },
	{ "a\xff", "a\\xff", "61ff" },
	{ "\xc0\xaf", "\\xc0\\xaf", "c0af" },
	{ "\xed\xa0\x80", "\\xed\\xa0\\x80", "eda080" },
};

START_TEST(hostile_name)
{
	json_t *j, *a;

	nf_vfy_add(&v, "t.a", "first", NF_VFY_FAIL, paths[_i].path);
	nf_vfy_fact(&v, "name", NULL, "%s", paths[_i].path);
	j = object(paths[_i].path, NULL, 1);
	a = json_object_get(j, "artefact");
	ck_assert_str_eq(str(a, "path"), paths[_i].shown);
	ck_assert(json_object_get(a, "path_bytes") == NULL ?
	    paths[_i].bytes == NULL :
	    strcmp(str(a, "path_bytes"), paths[_i].bytes) == 0);
	a = json_array_get(json_object_get(j, "facts"), 0);
	ck_assert_str_eq(str(a, "value"), paths[_i].shown);
	a = json_array_get(json_object_get(j, "checks"), 0);
	ck_assert_str_eq(str(a, "detail"), paths[_i].shown);
	json_decref(j);
	report("junit", paths[_i].path, NULL, 1, 1);
	ck_assert_ptr_null(strstr(nf_buf_text(&out), "</x>"));
}
END_TEST

START_TEST(several)
{
	json_t *j;
	size_t lines = 0;

	nf_vfy_add(&v, "t.a", "first", NF_VFY_PASS, "a\nb");
	report("json", "f", NULL, 4, 3);
	j = json_loads(nf_buf_text(&out), 0, NULL);
	ck_assert_uint_eq(json_array_size(j), 3);
	ck_assert(valid(schema, j));
	json_decref(j);
	report("jsonl", "f", NULL, 4, 3);
	for (size_t i = 0; i < out.len; i++)
		lines += out.p[i] == '\n';
	ck_assert_uint_eq(lines, 3);
}
END_TEST

/* A directory may hold one file, or none. */
START_TEST(none)
{
	const struct nf_vfy_run run = { .tool = "tool", .many = true };
	const struct nf_vfy_item item = { "f", &v, NULL, 4 };
	json_t *j;

	for (size_t n = 0; n < 2; n++) {
		report_write(&out, &nf_vfy_json_format, &run, &item, n);
		j = json_loads(nf_buf_text(&out), 0, NULL);
		ck_assert(json_is_array(j));
		ck_assert_uint_eq(json_array_size(j), n);
		ck_assert(valid(schema, j));
		json_decref(j);
	}
	report("jsonl", "f", NULL, 4, 0);
	ck_assert_uint_eq(out.len, 0);
	report("junit", "f", NULL, 4, 0);
	ck_assert_str_eq(nf_buf_text(&out), "<?xml version=\"1.0\" "
	    "encoding=\"UTF-8\"?>\n<testsuites>\n</testsuites>\n");
	report("sarif", "f", NULL, 4, 0);
	j = json_loads(nf_buf_text(&out), 0, NULL);
	ck_assert_uint_eq(json_array_size(json_object_get(json_array_get(
	    json_object_get(j, "runs"), 0), "results")), 0);
	json_decref(j);
}
END_TEST

START_TEST(names)
{
	static const char *const all[] = { "text", "json", "jsonl", "junit",
	    "sarif", "html" };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		ck_assert_ptr_nonnull(nf_vfy_format_find(all[i]));
		ck_assert_str_eq(nf_vfy_format_find(all[i])->name, all[i]);
		ck_assert_ptr_nonnull(strstr(NF_VFY_FORMATS, all[i]));
	}
	ck_assert_ptr_null(nf_vfy_format_find("yaml"));
	ck_assert_ptr_null(nf_vfy_format_find(""));
}
END_TEST

START_TEST(outcomes)
{
	struct nf_diag d = { 0 };
	struct nf_vfy_item item = { "f", &v, NULL, 0 };

	ck_assert_int_eq(nf_vfy_outcome_of(&item), NF_VFY_OUT_UNANCHORED);
	nf_vfy_add(&v, NF_VFY_ROOT_CHECK, "root", NF_VFY_PASS, NULL);
	ck_assert_int_eq(nf_vfy_outcome_of(&item), NF_VFY_OUT_PASS);
	nf_vfy_add(&v, "t.a", "first", NF_VFY_FAIL, NULL);
	ck_assert_int_eq(nf_vfy_outcome_of(&item), NF_VFY_OUT_FAIL);
	item.diag = &d;
	ck_assert_int_eq(nf_vfy_outcome_of(&item), NF_VFY_OUT_ERROR);
	item.diag = NULL;
	v.err = NF_E_CRYPTO;
	ck_assert_int_eq(nf_vfy_outcome_of(&item), NF_VFY_OUT_ERROR);
}
END_TEST

/* One kind more than there are rows, and long names that begin alike. */
START_TEST(tally)
{
	struct nf_vfy_tally t = { .n_kinds = 0 };
	char kind[2 * NF_VFY_KIND_LEN];

	for (int i = 0; i < NF_VFY_KINDS_MAX + 3; i++) {
		(void)snprintf(kind, sizeof(kind), "kind %d", i);
		nf_vfy_tally_add(&t, kind, NF_VFY_OUT_FAIL);
		nf_vfy_tally_add(&t, kind, NF_VFY_OUT_PASS);
	}
	ck_assert_uint_eq(t.n_kinds, NF_VFY_KINDS_MAX);
	ck_assert_str_eq(t.row[0].kind, "kind 0");
	ck_assert_uint_eq(t.row[0].n[NF_VFY_OUT_FAIL], 1);
	ck_assert_uint_eq(t.row[NF_VFY_KINDS_MAX - 2].n[NF_VFY_OUT_FAIL], 1);
	ck_assert_str_eq(t.row[NF_VFY_KINDS_MAX - 1].kind, "other");
	ck_assert_uint_eq(t.row[NF_VFY_KINDS_MAX - 1].n[NF_VFY_OUT_FAIL], 4);
	ck_assert_uint_eq(t.row[NF_VFY_KINDS_MAX - 1].n[NF_VFY_OUT_PASS], 4);
	ck_assert_uint_eq(t.row[NF_VFY_KINDS_MAX - 1].n[NF_VFY_OUT_ERROR], 0);
	t.n_kinds = 0;
	memset(kind, 'x', sizeof(kind) - 1);
	kind[sizeof(kind) - 1] = '\0';
	nf_vfy_tally_add(&t, kind, NF_VFY_OUT_PASS);
	nf_vfy_tally_add(&t, kind, NF_VFY_OUT_PASS);
	ck_assert_uint_eq(t.n_kinds, 1);
	ck_assert_uint_eq(strlen(t.row[0].kind), NF_VFY_KIND_LEN - 1);
	ck_assert_uint_eq(t.row[0].n[NF_VFY_OUT_PASS], 2);
}
END_TEST

/* The validator above can say no. */
START_TEST(wrong_document)
{
	json_t *j = object("f", NULL, 4), *bad;

	bad = json_deep_copy(j);
	ck_assert_int_eq(json_object_del(bad, "verdict"), 0);
	ck_assert(!valid(schema, bad));
	json_decref(bad);
	bad = json_deep_copy(j);
	json_object_set_new(bad, "verdict", json_string("maybe"));
	ck_assert(!valid(schema, bad));
	json_decref(bad);
	bad = json_deep_copy(j);
	json_object_set_new(bad, "root", json_string("12"));
	ck_assert(!valid(schema, bad));
	json_decref(bad);
	json_object_set_new(j, "extra", json_true());
	ck_assert(!valid(schema, j));
	json_decref(j);
}
END_TEST

START_TEST(junit)
{
	struct nf_diag d = { 0 };

	nf_vfy_add(&v, "t.a", "first", NF_VFY_PASS, NULL);
	nf_vfy_add(&v, "t.b", "second", NF_VFY_UNKNOWN, "x<y");
	report("junit", "f", NULL, 4, 1);
	ck_assert_str_eq(nf_buf_text(&out),
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
	    "  <testsuite name=\"f\" tests=\"3\" failures=\"0\" "
	    "errors=\"1\" skipped=\"1\">\n"
	    "    <testcase classname=\"t.a\" name=\"first\"/>\n"
	    "    <testcase classname=\"t.b\" name=\"second\"><skipped "
	    "message=\"unknown: x&#60;y\"/></testcase>\n"
	    "    <testcase classname=\"verdict\" name=\"verdict\"><error "
	    "message=\"unanchored\"/></testcase>\n"
	    "  </testsuite>\n</testsuites>\n");
	report("junit", "f", NULL, 0, 1);
	ck_assert_ptr_nonnull(strstr(nf_buf_text(&out), "tests=\"3\" "
	    "failures=\"0\" errors=\"0\" skipped=\"2\""));
	nf_vfy_add(&v, "t.c", "third", NF_VFY_FAIL, "bad");
	report("junit", "f", NULL, 1, 1);
	ck_assert_ptr_nonnull(strstr(nf_buf_text(&out), "tests=\"4\" "
	    "failures=\"2\" errors=\"0\" skipped=\"1\""));
	(void)nf_diag_set(&d, NF_E_FORMAT, NULL, "junk");
	report("junit", "f", &d, 3, 1);
	ck_assert_ptr_nonnull(strstr(nf_buf_text(&out), "tests=\"1\" "
	    "failures=\"0\" errors=\"1\" skipped=\"0\""));
	ck_assert_ptr_nonnull(strstr(nf_buf_text(&out),
	    "<error message=\"no verdict: junk\"/>"));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("verify/format");
	TCase *t = tcase_create("format");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, every_status);
	tcase_add_test(t, unanchored_and_pass);
	tcase_add_test(t, error_has_no_verdict);
	tcase_add_loop_test(t, hostile_name, 0,
	    sizeof(paths) / sizeof(paths[0]));
	tcase_add_test(t, several);
	tcase_add_test(t, none);
	tcase_add_test(t, names);
	tcase_add_test(t, outcomes);
	tcase_add_test(t, tally);
	tcase_add_test(t, wrong_document);
	tcase_add_test(t, junit);
	suite_add_tcase(s, t);
	return s;
}

/* 0 when each document of the file is what the schema allows. */
static int
check_file(const char *path, bool lines)
{
	size_t flags = JSON_REJECT_DUPLICATES, n = 0;
	FILE *f = fopen(path, "r");
	bool ok = f != NULL;
	char *line = NULL;
	size_t size = 0;
	json_t *j;

	load_schema();
	while (ok && getdelim(&line, &size, lines ? '\n' : 0, f) > 0) {
		j = json_loads(line, flags, NULL);
		ok = j != NULL && valid(schema, j) &&
		    (!lines || json_is_object(j));
		json_decref(j);
		n++;
	}
	if (f != NULL)
		(void)fclose(f);
	free(line);
	json_decref(schema);
	return ok && n > 0 ? 0 : 1;
}

int
main(int argc, char **argv)
{
	if (argc == 3)
		return check_file(argv[2], strcmp(argv[1], "--jsonl") == 0);
	return nf_tap_run(suite());
}
