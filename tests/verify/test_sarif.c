/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verdicts as SARIF: the shape that its standard asks of what is used of it,
 * and texts that would mean something else there.
 */
#include "config.h"

#include <jansson.h>

#include "tests/verify/report.h"
#include "verify/verdict-rules.h"

static const char *
str(const json_t *j, const char *name)
{
	const char *s = json_string_value(json_object_get(j, name));

	ck_assert_ptr_nonnull(s);
	return s;
}

/* What SARIF asks of any result. */
static void
result_sound(const json_t *r)
{
	static const char *const kinds[] = { "pass", "fail", "open",
	    "notApplicable" };
	const char *kind = str(r, "kind"), *level = str(r, "level");
	bool known = false;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		known |= strcmp(kind, kinds[i]) == 0;
	ck_assert(known);
	if (strcmp(kind, "fail") != 0)
		ck_assert_str_eq(level, "none");
	else
		ck_assert(strcmp(level, "error") == 0 ||
		    strcmp(level, "warning") == 0);
	ck_assert(*str(r, "ruleId") != '\0');
	if (strncmp(str(r, "ruleId"), "t.", 2) == 0)
		ck_assert_ptr_null(json_object_get(r, "ruleIndex"));
	else
		ck_assert_str_eq(nf_vfy_rules[json_integer_value(
		    json_object_get(r, "ruleIndex"))].id, str(r, "ruleId"));
	ck_assert(*str(json_object_get(r, "message"), "text") != '\0');
	ck_assert(json_is_object(json_object_get(r, "properties")));
}

/* The results of a report of n files; the document is *doc. */
static json_t *
results(const char *path, const struct nf_diag *diag, int exit, size_t n,
    json_t **doc)
{
	const struct nf_vfy_run run = { .tool = "tool", .many = n > 1 };
	const struct nf_vfy_item item = { path, &v, diag, exit };
	json_t *all, *one, *driver;
	size_t i;

	report_write(&out, &nf_vfy_sarif_format, &run, &item, n);
	*doc = json_loads(nf_buf_text(&out), JSON_REJECT_DUPLICATES, NULL);
	ck_assert_ptr_nonnull(*doc);
	ck_assert_str_eq(str(*doc, "version"), "2.1.0");
	ck_assert_uint_eq(json_array_size(json_object_get(*doc, "runs")), 1);
	one = json_array_get(json_object_get(*doc, "runs"), 0);
	driver = json_object_get(json_object_get(one, "tool"), "driver");
	ck_assert_str_eq(str(driver, "name"), "tool");
	ck_assert_str_eq(str(driver, "version"), PACKAGE_VERSION);
	ck_assert_uint_eq(json_object_size(driver), 3);
	all = json_object_get(one, "results");
	ck_assert(json_is_array(all));
	json_array_foreach(all, i, one)
		result_sound(one);
	return all;
}

static json_t *
place_of(const json_t *result)
{
	ck_assert_uint_eq(json_array_size(json_object_get(result,
	    "locations")), 1);
	return json_object_get(json_array_get(json_object_get(result,
	    "locations"), 0), "physicalLocation");
}

START_TEST(every_status)
{
	static const char *const kinds[] = { "pass", "fail", "open",
	    "notApplicable", "fail" };
	static const char *const ids[] = { "t.0", "t.1", "t.2", "t.3",
	    "verdict" };
	json_t *doc, *all, *r;

	for (int i = NF_VFY_PASS; i <= NF_VFY_NA; i++)
		nf_vfy_add(&v, ids[i], "title", (enum nf_vfy_status)i, "d");
	all = results("f", NULL, 1, 1, &doc);
	ck_assert_uint_eq(json_array_size(all), 5);
	for (size_t i = 0; i < 5; i++) {
		r = json_array_get(all, i);
		ck_assert_str_eq(str(r, "ruleId"), ids[i]);
		ck_assert_str_eq(str(r, "kind"), kinds[i]);
		ck_assert_str_eq(str(r, "level"),
		    strcmp(kinds[i], "fail") == 0 ? "error" : "none");
		ck_assert_str_eq(str(json_object_get(r, "message"), "text"),
		    i == 4 ? "FAILED: title: d" : "title: d");
		ck_assert_ptr_null(json_object_get(r, "fingerprints"));
	}
	json_decref(doc);
}
END_TEST

START_TEST(rules)
{
	const struct nf_vfy_run run = { .tool = "tool" };
	struct nf_vfy_tally tally = { 0 };
	json_t *doc, *all, *rule;
	size_t i;

	nf_vfy_sarif_format.begin(&out, &run);
	nf_vfy_sarif_format.end(&out, &run, &tally);
	doc = json_loads(nf_buf_text(&out), JSON_REJECT_DUPLICATES, NULL);
	ck_assert_ptr_nonnull(doc);
	all = json_object_get(json_object_get(json_object_get(json_array_get(
	    json_object_get(doc, "runs"), 0), "tool"), "driver"), "rules");
	ck_assert_uint_gt(json_array_size(all), 100);
	ck_assert_uint_eq(json_array_size(all), nf_vfy_n_rules);
	json_array_foreach(all, i, rule) {
		ck_assert_str_eq(str(rule, "id"), nf_vfy_rules[i].id);
		ck_assert_str_eq(str(json_object_get(rule,
		    "shortDescription"), "text"), nf_vfy_rules[i].what);
		ck_assert(*str(json_object_get(rule, "fullDescription"),
		    "text") != '\0');
		ck_assert(*str(json_object_get(rule, "help"), "text") !=
		    '\0');
		ck_assert_uint_eq(nf_vfy_rule_find(str(rule, "id")), i);
		if (i > 0)
			ck_assert_int_lt(strcmp(nf_vfy_rules[i - 1].id,
			    nf_vfy_rules[i].id), 0);
	}
	ck_assert_uint_eq(nf_vfy_rule_find("none"), nf_vfy_n_rules);
	ck_assert_uint_eq(nf_vfy_rule_find(""), nf_vfy_n_rules);
	ck_assert_uint_eq(nf_vfy_rule_find("~"), nf_vfy_n_rules);
	json_decref(doc);
}
END_TEST

/* Unanchored warns, unless it is accepted. */
START_TEST(unanchored)
{
	json_t *doc, *r;

	r = json_array_get(results("f", NULL, 4, 1, &doc), 0);
	ck_assert_str_eq(str(r, "kind"), "fail");
	ck_assert_str_eq(str(r, "level"), "warning");
	json_decref(doc);
	r = json_array_get(results("f", NULL, 0, 1, &doc), 0);
	ck_assert_str_eq(str(r, "kind"), "open");
	json_decref(doc);
	nf_vfy_add(&v, NF_VFY_ROOT_CHECK, "root", NF_VFY_PASS, NULL);
	r = json_array_get(results("f", NULL, 0, 1, &doc), 1);
	ck_assert_str_eq(str(r, "kind"), "pass");
	json_decref(doc);
}
END_TEST

START_TEST(places)
{
	json_t *doc, *all, *r, *region;

	nf_vfy_add(&v, "t.a", "first", NF_VFY_FAIL, NULL);
	nf_vfy_place(&v, "file", 100, 20);
	nf_vfy_add(&v, "t.b", "second", NF_VFY_FAIL, NULL);
	nf_vfy_place(&v, "KeyToken", 7, 8);
	nf_vfy_add(&v, "t.c", "third", NF_VFY_FAIL, NULL);
	all = results("f", NULL, 1, 1, &doc);
	region = json_object_get(place_of(json_array_get(all, 0)), "region");
	ck_assert_int_eq(json_integer_value(json_object_get(region,
	    "byteOffset")), 100);
	ck_assert_int_eq(json_integer_value(json_object_get(region,
	    "byteLength")), 20);
	/* the offset counts in a part, which is no place of the file */
	r = json_array_get(all, 1);
	ck_assert_ptr_null(json_object_get(place_of(r), "region"));
	ck_assert_str_eq(str(json_array_get(json_object_get(json_array_get(
	    json_object_get(r, "locations"), 0), "logicalLocations"), 0),
	    "name"), "KeyToken");
	ck_assert_int_eq(json_integer_value(json_object_get(json_object_get(r,
	    "properties"), "offset")), 7);
	ck_assert_ptr_null(json_object_get(place_of(json_array_get(all, 2)),
	    "region"));
	json_decref(doc);
}
END_TEST

static const struct {
	const char *path, *uri;
} paths[] = {
	{ "f", "f" },
	{ "./a/b-c_d~e.byok", "./a/b-c_d~e.byok" },
	{ "/tmp/f", "file:///tmp/f" },
	{ "javascript:alert(1)", "javascript%3Aalert%281%29" },
	{ "a b%?#\"\\\n\xff", "a%20b%25%3F%23%22%5C%0A%FF" },
	{ "\xc3\xa9", "%C3%A9" }
};

START_TEST(uri)
{
	json_t *doc, *r;

	r = json_array_get(results(paths[_i].path, NULL, 4, 1, &doc), 0);
	ck_assert_str_eq(str(json_object_get(place_of(r), "artifactLocation"),
	    "uri"), paths[_i].uri);
	json_decref(doc);
}
END_TEST

/* Details that are markup of messages, or no UTF-8. */
static const struct {
	const char *detail, *text;
} details[] = {
	{ "{0}", "first: {{0}}" },
	{ "[a](http://b)", "first: [a] (http://b)" },
	{ "a\"\\\n\x01</script>", "first: a\"\\\n\x01</script>" },
	{ "a\xff", "first: a\\xff" }
};

START_TEST(hostile_detail)
{
	json_t *doc, *r;

	nf_vfy_add(&v, "t.a", "first", NF_VFY_FAIL, details[_i].detail);
	nf_vfy_fact(&v, "name", NULL, "%s", details[_i].detail);
	r = json_array_get(results("f", NULL, 1, 1, &doc), 0);
	ck_assert_str_eq(str(json_object_get(r, "message"), "text"),
	    details[_i].text);
	json_decref(doc);
}
END_TEST

START_TEST(error)
{
	struct nf_diag d = { 0 };
	json_t *doc, *all, *r;

	(void)nf_diag_set(&d, NF_E_FORMAT, NULL, "not recognised");
	all = results("f", &d, 3, 1, &doc);
	ck_assert_uint_eq(json_array_size(all), 1);
	r = json_array_get(all, 0);
	ck_assert_str_eq(str(r, "level"), "error");
	ck_assert_str_eq(str(json_object_get(r, "message"), "text"),
	    "no verdict: not recognised");
	ck_assert_ptr_null(json_object_get(json_object_get(r, "properties"),
	    "verdict"));
	json_decref(doc);
}
END_TEST

START_TEST(many)
{
	json_t *doc, *all, *r, *p;

	nf_vfy_add(&v, "t.a", "first", NF_VFY_PASS, NULL);
	nf_vfy_fact(&v, "shown", "KML", "%s", "y");
	v.has_sha256 = v.has_root = v.simulated = true;
	v.sha256[0] = 0xab;
	all = results("f", NULL, 4, 3, &doc);
	ck_assert_uint_eq(json_array_size(all), 6);
	r = json_array_get(all, 4);
	ck_assert_str_eq(str(json_object_get(r, "fingerprints"),
	    "secworld/v1"), "ab00000000000000000000000000000000000000"
	    "000000000000000000000000:t.a");
	p = json_object_get(json_array_get(all, 5), "properties");
	ck_assert_str_eq(str(p, "artefactKind"), "thing");
	ck_assert_str_eq(str(p, "verdict"), "unanchored");
	ck_assert_uint_eq(strlen(str(p, "sha256")), 64);
	ck_assert_uint_eq(strlen(str(p, "root")), 40);
	ck_assert(json_is_true(json_object_get(p, "simulated")));
	ck_assert_str_eq(str(json_array_get(json_object_get(p, "facts"), 0),
	    "value"), "y");
	json_decref(doc);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("verify/verdict-sarif");
	TCase *t = tcase_create("sarif");

	tcase_add_checked_fixture(t, report_setup, report_teardown);
	tcase_add_test(t, every_status);
	tcase_add_test(t, rules);
	tcase_add_test(t, unanchored);
	tcase_add_test(t, places);
	tcase_add_loop_test(t, uri, 0, sizeof(paths) / sizeof(paths[0]));
	tcase_add_loop_test(t, hostile_detail, 0,
	    sizeof(details) / sizeof(details[0]));
	tcase_add_test(t, error);
	tcase_add_test(t, many);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
