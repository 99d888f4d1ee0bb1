/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libsecworld as a shared library: wrong use, audits and reports in every
 * format, several results at once, and threads.
 */
#include "config.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <pthread.h>

#include "tests/verify/library.h"

#define THREADS		4
#define ROUNDS		40
#define LINE		768

/* ---- error.h ------------------------------------------------------------ */

START_TEST(test_diag)
{
	struct sw_options *o = sw_options_new();
	struct sw_result *res = NULL;
	char line[LINE];
	size_t off = 7;

	ck_assert_int_eq(sw_options_root_hash(o, "12", diag),
	    SW_E_USAGE);
	ck_assert_int_eq(sw_diag_code(diag), SW_E_USAGE);
	ck_assert_str_eq(sw_diag_field(diag), "root-hash");
	ck_assert_str_eq(sw_diag_where(diag), "");
	ck_assert_str_eq(sw_diag_text(diag), "not 40 hexadecimal digits");
	ck_assert_int_eq(sw_diag_line(diag, line, sizeof(line)), SW_OK);
	ck_assert_str_eq(line, "root-hash: not 40 hexadecimal digits");
	ck_assert_int_eq(sw_diag_line(diag, line, 5), SW_OK);
	ck_assert_str_eq(line, "r...");
	ck_assert_int_eq(sw_diag_line(diag, line, 0), SW_E_USAGE);
	ck_assert_int_eq(sw_diag_offset(diag, &off), SW_E_NOTFOUND);
	ck_assert_uint_eq(off, 7);
	/* the next call empties it */
	ck_assert_int_eq(sw_options_region(o, NULL, diag), SW_OK);
	ck_assert_int_eq(sw_diag_code(diag), 0);
	ck_assert_int_eq(sw_diag_line(diag, line, sizeof(line)), SW_OK);
	ck_assert_str_eq(line, "");
	/* the byte of a fault */
	ck_assert_int_eq(sw_audit_bytes(NULL, "x", pair.kek.p, 60, &res,
	    diag), SW_OK);
	ck_assert_int_eq(sw_diag_offset(sw_result_diag(res), &off), SW_OK);
	ck_assert_uint_le(off, 60);
	sw_result_free(res);
	sw_options_free(o);
}
END_TEST

START_TEST(no_diag)
{
	struct sw_options *o = sw_options_new();
	char line[LINE] = "x";

	sw_diag_free(NULL);
	sw_free(NULL);
	ck_assert_int_eq(sw_diag_code(NULL), 0);
	ck_assert_str_eq(sw_diag_where(NULL), "");
	ck_assert_str_eq(sw_diag_field(NULL), "");
	ck_assert_str_eq(sw_diag_text(NULL), "");
	ck_assert_int_eq(sw_diag_offset(NULL, NULL), SW_E_USAGE);
	ck_assert_int_eq(sw_diag_line(NULL, line, sizeof(line)), SW_E_USAGE);
	ck_assert_str_eq(line, "");
	ck_assert_int_eq(sw_diag_line(diag, NULL, 9), SW_E_USAGE);
	ck_assert_int_eq(sw_options_root_hash(o, "12", NULL),
	    SW_E_USAGE);
	sw_options_free(o);
}
END_TEST

START_TEST(test_codes)
{
	static const struct {
		int code, status;
	} row[] = {
		{ SW_OK, SW_EXIT_OK }, { SW_E_VERIFY, SW_EXIT_CHECK },
		{ SW_E_USAGE, SW_EXIT_USAGE }, { SW_E_IO, SW_EXIT_INPUT },
		{ SW_E_FORMAT, SW_EXIT_INPUT },
		{ SW_E_NOMEM, SW_EXIT_UNKNOWN },
		{ SW_E_REFUSED, SW_EXIT_REFUSED }, { 77, SW_EXIT_UNKNOWN }
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		ck_assert_int_eq(sw_code_exit(row[i].code), row[i].status);
		ck_assert_uint_gt(strlen(sw_code_text(row[i].code)), 0);
	}
	ck_assert_str_eq(sw_code_text(77), "unknown error");
	ck_assert_str_eq(sw_version(), PACKAGE_VERSION);
}
END_TEST

/* ---- verify.h ----------------------------------------------------------- */

START_TEST(wrong_options)
{
	struct sw_options *o = sw_options_new();

	sw_options_free(NULL);
	ck_assert_int_eq(sw_options_root_hash(NULL, "", diag), SW_E_USAGE);
	ck_assert_int_eq(sw_options_root_hash(o, NULL, diag), SW_E_USAGE);
	ck_assert_int_eq(sw_options_simulated_root(NULL, ".", diag),
	    SW_E_USAGE);
	ck_assert_int_eq(sw_options_simulated_root(o, NULL, diag),
	    SW_E_USAGE);
	ck_assert_int_eq(sw_options_simulated_root(o, "/nowhere", diag),
	    SW_E_NOTFOUND);
	ck_assert_str_eq(sw_diag_where(diag), "/nowhere/factory-root");
	ck_assert_int_eq(sw_options_region(NULL, "EU", diag), SW_E_USAGE);
	ck_assert_int_eq(sw_options_region(o, "Atlantis", diag),
	    SW_E_NOTFOUND);
	ck_assert_int_eq(sw_options_region(o, "germany", diag), SW_E_USAGE);
	ck_assert_int_eq(sw_options_region(o, "EU", diag), SW_OK);
	ck_assert_int_eq(sw_options_accept_unanchored(o, 2), SW_E_USAGE);
	ck_assert_int_eq(sw_options_accept_unanchored(NULL, 1), SW_E_USAGE);
	ck_assert_int_eq(sw_options_policy(o, (enum sw_policy)2),
	    SW_E_USAGE);
	ck_assert_int_eq(sw_options_policy(o, SW_POLICY_STRICT), SW_OK);
	ck_assert_int_eq(sw_options_policy(NULL, SW_POLICY_STRICT),
	    SW_E_USAGE);
	ck_assert_int_eq(sw_options_kek(o, NULL, 3, diag), SW_E_USAGE);
	ck_assert_int_eq(sw_options_kek(NULL, "x", 1, diag), SW_E_USAGE);
	ck_assert_int_eq(sw_options_kek(o, "junk", 4, diag), SW_E_FORMAT);
	ck_assert_int_eq(sw_options_kek(o, pair.kek.p, 65537, diag),
	    SW_E_FORMAT);
	ck_assert_int_eq(sw_options_kek(o, NULL, 0, diag), SW_OK);
	sw_options_free(o);
}
END_TEST

/* The simulator's state directory gives the same as its hash. */
START_TEST(test_simulated_root)
{
	char dir[] = "library.XXXXXX", path[64], line[42];
	struct sw_options *o = sw_options_new();
	struct sw_result *res;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)snprintf(path, sizeof(path), "%s/factory-root", dir);
	nf_text_hash(line, fx_hash(FX_ROOT));
	line[40] = '\n';
	ck_assert_int_eq(nf_file_write_new(path, 0600, nf_view_of(line, 41),
	    NULL), 0);
	ck_assert_int_eq(sw_options_simulated_root(o, dir, diag), SW_OK);
	res = audit(o, "pkg", nf_buf_view(&pair.kek));
	ck_assert_int_eq(sw_result_verdict(res), SW_VERDICT_PASS);
	sw_result_free(res);
	ck_assert_int_eq(nf_file_write_atomic(path, 0600,
	    nf_view_of(line, 40), NULL), 0);
	ck_assert_int_eq(sw_options_simulated_root(o, dir, diag),
	    SW_E_FORMAT);
	res = audit(o, "pkg", nf_buf_view(&pair.kek));
	ck_assert_int_eq(sw_result_verdict(res), SW_VERDICT_FAIL);
	ck_assert_int_eq(sw_result_exit(res), SW_EXIT_CHECK);
	sw_result_free(res);
	sw_options_free(o);
	(void)unlink(path);
	(void)rmdir(dir);
}
END_TEST

START_TEST(test_audit)
{
	struct sw_result *res = audit(options, "dir/pkg",
	    nf_buf_view(&pair.kek));
	struct nf_view v = nf_buf_view(&pair.kek);
	uint8_t sha[32], want[32], root[20];
	const char *where = NULL;
	size_t i, off = 0, len = 0;

	ck_assert_int_eq(sw_result_verdict(res), SW_VERDICT_PASS);
	ck_assert_int_eq(sw_result_exit(res), SW_EXIT_OK);
	ck_assert_ptr_null(sw_result_diag(res));
	ck_assert_str_eq(sw_result_name(res), "dir/pkg");
	ck_assert_str_eq(sw_result_kind(res), "KEK package");
	ck_assert_int_eq(sw_result_sha256(res, sha), SW_OK);
	ck_assert_int_eq(nf_digest_of(NF_SHA256, &v, 1, want), 0);
	ck_assert_mem_eq(sha, want, 32);
	ck_assert_int_eq(sw_result_root(res, root), SW_OK);
	ck_assert_mem_eq(root, fx_hash(FX_ROOT), 20);
	ck_assert_int_eq(sw_result_insecure_seed(res), 0);
	ck_assert_int_eq(sw_result_check_find(res, "root", &i), SW_OK);
	ck_assert_str_eq(sw_result_check_id(res, i), "root");
	ck_assert_int_eq(sw_result_check_status(res, i), SW_STATUS_PASS);
	ck_assert_ptr_nonnull(sw_result_check_title(res, i));
	ck_assert_ptr_nonnull(sw_result_check_detail(res, i));
	ck_assert_int_eq(sw_result_check_find(res, "rot", NULL),
	    SW_E_NOTFOUND);
	for (i = 0; i < sw_result_checks(res) && where == NULL; i++) {
		if (sw_result_check_place(res, i, &where, &off, &len) == 0)
			ck_assert_uint_le(off + len, v.len);
	}
	ck_assert_ptr_nonnull(where);
	sw_result_free(res);
}
END_TEST

START_TEST(test_facts)
{
	struct sw_result *res = audit(options, "p", nf_buf_view(&pair.kek));
	struct sw_result *bare = audit(NULL, "p", nf_buf_view(&pair.kek));
	size_t n = sw_result_facts(res), len, i;
	bool esn = false;
	char *value;

	ck_assert_uint_gt(n, 0);
	ck_assert_uint_eq(sw_result_facts(bare), n);
	for (i = 0; i < n; i++) {
		ck_assert_int_eq(sw_result_fact_value(res, i, &value, &len,
		    diag), SW_OK);
		ck_assert_uint_eq(strlen(value), len);
		if (strcmp(sw_result_fact_name(res, i), "ESN") == 0) {
			esn = true;
			ck_assert_ptr_nonnull(sw_result_fact_signer(res, i));
			ck_assert_int_eq(sw_result_fact_anchored(res, i), 1);
			ck_assert_int_eq(sw_result_fact_anchored(bare, i), 0);
		}
		sw_free(value);
	}
	ck_assert(esn);
	ck_assert_int_eq(sw_result_fact_value(res, n, &value, &len, diag),
	    SW_E_USAGE);
	ck_assert_ptr_null(value);
	ck_assert_int_eq(sw_result_fact_value(res, 0, NULL, &len, diag),
	    SW_E_USAGE);
	sw_result_free(bare);
	sw_result_free(res);
}
END_TEST

/* A method-2 package carries no signature. */
static void
envelope(struct nf_buf *out)
{
	nf_buf_init(out);
	nf_buf_str(out, "{\"schema_version\": \"1.0.0\", \"header\": {"
	    "\"kid\": \"https://contoso.vault.azure.net/keys/kek/"
	    "0123456789abcdef0123456789abcdef\", \"alg\": \"dir\", "
	    "\"enc\": \"CKM_RSA_AES_KEY_WRAP\"}, \"ciphertext\": \"");
	nf_buf_fill(out, 'A', 2048);
	nf_buf_str(out, "\", \"generator\": \"a test\"}");
}

START_TEST(no_root)
{
	struct sw_options *o = sw_options_new();
	struct sw_result *res;
	struct nf_buf file;

	envelope(&file);
	res = audit(NULL, "p", nf_buf_view(&file));

	ck_assert_int_eq(sw_result_verdict(res), SW_VERDICT_UNANCHORED);
	ck_assert_int_eq(sw_result_exit(res), SW_EXIT_UNKNOWN);
	sw_result_free(res);
	ck_assert_int_eq(sw_options_accept_unanchored(o, 1), SW_OK);
	res = audit(o, "p", nf_buf_view(&file));
	ck_assert_int_eq(sw_result_verdict(res), SW_VERDICT_UNANCHORED);
	ck_assert_int_eq(sw_result_exit(res), SW_EXIT_OK);
	sw_result_free(res);
	sw_options_free(o);
	nf_buf_wipe(&file);
}
END_TEST

START_TEST(test_packages)
{
	char dir[] = "library.XXXXXX", kek[64], world[64];
	struct sw_result *res;
	uint8_t sha[32];

	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)snprintf(kek, sizeof(kek), "%s/kek", dir);
	(void)snprintf(world, sizeof(world), "%s/world", dir);
	ck_assert_int_eq(nf_file_write_new(kek, 0600,
	    nf_buf_view(&pair.kek), NULL), 0);
	ck_assert_int_eq(sw_audit_packages(options, kek, world, &res, diag),
	    SW_OK);
	ck_assert_int_eq(sw_result_verdict(res), SW_VERDICT_ERROR);
	ck_assert_int_eq(sw_diag_code(sw_result_diag(res)), SW_E_NOTFOUND);
	sw_result_free(res);
	ck_assert_int_eq(nf_file_write_new(world, 0600,
	    nf_buf_view(&pair.world), NULL), 0);
	ck_assert_int_eq(sw_audit_packages(options, kek, world, &res, diag),
	    SW_OK);
	ck_assert_int_eq(sw_result_verdict(res), SW_VERDICT_PASS);
	ck_assert_int_eq(sw_result_sha256(res, sha), SW_E_NOTFOUND);
	ck_assert_str_eq(sw_result_kind(res), "region packages");
	sw_result_free(res);
	/* the wrong way round */
	ck_assert_int_eq(sw_audit_packages(options, world, kek, &res, diag),
	    SW_OK);
	ck_assert_int_eq(sw_result_exit(res), SW_EXIT_INPUT);
	sw_result_free(res);
	ck_assert_int_eq(sw_audit_packages(options, NULL, kek, &res, diag),
	    SW_E_USAGE);
	ck_assert_int_eq(sw_audit_packages(options, kek, NULL, &res, diag),
	    SW_E_USAGE);
	ck_assert_int_eq(sw_audit_packages(options, kek, world, NULL, diag),
	    SW_E_USAGE);
	(void)unlink(kek);
	(void)unlink(world);
	(void)rmdir(dir);
}
END_TEST

START_TEST(wrong_audit)
{
	struct sw_result *res = (struct sw_result *)1;

	ck_assert_int_eq(sw_audit_bytes(NULL, NULL, "x", 1, &res, diag),
	    SW_E_USAGE);
	ck_assert_ptr_null(res);
	ck_assert_int_eq(sw_audit_bytes(NULL, "x", NULL, 1, &res, diag),
	    SW_E_USAGE);
	ck_assert_int_eq(sw_audit_bytes(NULL, "x", "x", 1, NULL, diag),
	    SW_E_USAGE);
	ck_assert_int_eq(sw_audit_file(NULL, NULL, &res, diag), SW_E_USAGE);
	ck_assert_int_eq(sw_audit_file(NULL, "x", NULL, diag), SW_E_USAGE);
	sw_result_free(NULL);
	ck_assert_int_eq(sw_result_verdict(NULL), SW_VERDICT_ERROR);
	ck_assert_int_eq(sw_result_exit(NULL), SW_EXIT_UNKNOWN);
	ck_assert_ptr_null(sw_result_diag(NULL));
	ck_assert_str_eq(sw_result_name(NULL), "");
	ck_assert_str_eq(sw_result_kind(NULL), "file");
	ck_assert_uint_eq(sw_result_checks(NULL), 0);
	ck_assert_uint_eq(sw_result_facts(NULL), 0);
	ck_assert_int_eq(sw_result_simulated(NULL), 0);
	ck_assert_int_eq(sw_result_insecure_seed(NULL), 0);
	ck_assert_int_eq(sw_result_sha256(NULL, NULL), SW_E_USAGE);
	ck_assert_int_eq(sw_result_root(NULL, NULL), SW_E_USAGE);
	ck_assert_int_eq(sw_result_check_find(NULL, "x", NULL), SW_E_USAGE);
	ck_assert_int_eq(sw_result_fact_anchored(NULL, 0), 0);
}
END_TEST

START_TEST(wrong_number)
{
	struct sw_result *res = audit(options, "p", nf_buf_view(&pair.kek));
	size_t n = sw_result_checks(res);

	ck_assert_ptr_null(sw_result_check_id(res, n));
	ck_assert_ptr_null(sw_result_check_title(res, n));
	ck_assert_ptr_null(sw_result_check_detail(res, (size_t)-1));
	ck_assert_int_eq(sw_result_check_status(res, n), SW_STATUS_UNKNOWN);
	ck_assert_int_eq(sw_result_check_place(res, n, NULL, NULL, NULL),
	    SW_E_USAGE);
	ck_assert_ptr_null(sw_result_fact_name(res, sw_result_facts(res)));
	ck_assert_ptr_null(sw_result_fact_signer(res, (size_t)-1));
	ck_assert_int_eq(sw_result_check_find(res, NULL, NULL), SW_E_USAGE);
	sw_result_free(res);
}
END_TEST

/* What is no file of ours is a result, and its error line is told. */
START_TEST(junk_file)
{
	static const char big[(1 << 20) + 1];
	struct sw_result *res;
	char line[LINE];
	uint8_t sha[32];

	res = audit(NULL, "the/name", nf_view_of("junk", 4));
	ck_assert_int_eq(sw_result_verdict(res), SW_VERDICT_ERROR);
	ck_assert_int_eq(sw_result_exit(res), SW_EXIT_INPUT);
	ck_assert_int_eq(sw_diag_line(sw_result_diag(res), line,
	    sizeof(line)), SW_OK);
	ck_assert_str_eq(line, "the/name: not recognised");
	ck_assert_uint_eq(sw_result_checks(res), 0);
	ck_assert_int_eq(sw_result_sha256(res, sha), SW_OK);
	ck_assert_int_eq(sw_result_root(res, sha), SW_E_NOTFOUND);
	sw_result_free(res);
	res = audit(NULL, "empty", nf_view_of(NULL, 0));
	ck_assert_int_eq(sw_result_exit(res), SW_EXIT_INPUT);
	sw_result_free(res);
	res = audit(NULL, "big", nf_view_of(big, sizeof(big)));
	ck_assert_int_eq(sw_diag_code(sw_result_diag(res)), SW_E_FORMAT);
	sw_result_free(res);
	ck_assert_int_eq(sw_audit_file(NULL, "/nowhere", &res, diag), SW_OK);
	ck_assert_int_eq(sw_diag_code(sw_result_diag(res)), SW_E_NOTFOUND);
	ck_assert_int_eq(sw_result_sha256(res, sha), SW_E_NOTFOUND);
	sw_result_free(res);
}
END_TEST

START_TEST(short_package)
{
	struct nf_view v = nf_buf_view(&pair.kek);
	struct sw_result *res;
	struct sw_file *file;

	for (size_t len = 0; len < v.len; len += 13) {
		res = audit(options, "p", nf_view_of(v.p, len));
		ck_assert_int_eq(sw_result_verdict(res), SW_VERDICT_ERROR);
		sw_result_free(res);
		ck_assert_int_eq(sw_file_read(v.p, len, &file, diag),
		    len == 0 ? SW_E_USAGE : SW_E_FORMAT);
		ck_assert_ptr_null(file);
	}
}
END_TEST

START_TEST(junk_bit)
{
	struct nf_view v = nf_buf_view(&pair.kek);
	struct sw_result *res;
	struct sw_file *file;
	uint8_t *copy = malloc(v.len);
	size_t tries = 0, passes = 0;

	ck_assert_ptr_nonnull(copy);
	for (size_t bit = 160; bit < v.len * 8; bit += 331) {
		memcpy(copy, v.p, v.len);
		copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
		res = audit(options, "p", nf_view_of(copy, v.len));
		tries++;
		passes += sw_result_verdict(res) == SW_VERDICT_PASS;
		sw_result_free(res);
		if (sw_file_read(copy, v.len, &file, diag) == SW_OK)
			sw_file_free(file);
	}
	free(copy);
	/* the time, a name and a blob's tag are not signed, see test_flips */
	ck_assert_uint_gt(tries, 50);
	ck_assert_uint_lt(passes * 8, tries);
}
END_TEST

/* ---- report.h ----------------------------------------------------------- */

START_TEST(test_formats)
{
	static const struct {
		const char *name, *one, *many;
	} row[] = {
		[SW_FORMAT_TEXT] = { "text", "Result: SUCCESS\n",
		    "\nsummary" },
		[SW_FORMAT_JSON] = { "json", "\"verdict\": \"pass\"",
		    "\"exit\": 3" },
		[SW_FORMAT_JSONL] = { "jsonl", "\"verdict\": \"pass\"",
		    "\"error\"" },
		[SW_FORMAT_JUNIT] = { "junit", "<testsuites>", "<error" },
		[SW_FORMAT_SARIF] = { "sarif", "\"version\": \"2.1.0\"",
		    "libsecworld" },
		[SW_FORMAT_HTML] = { "html", "<!DOCTYPE html>",
		    "not recognised" }
	};
	struct sw_result *a = audit(options, "a", nf_buf_view(&pair.kek));
	struct sw_result *b = audit(options, "b", nf_view_of("junk", 4));
	const struct sw_result *both[] = { a, b };
	enum sw_format f;
	struct nf_buf buf = NF_BUF_INIT;
	char *text;

	for (int i = 0; i < 6; i++) {
		ck_assert_int_eq(sw_report_format(row[i].name, &f), SW_OK);
		ck_assert_int_eq((int)f, i);
		text = report(both, 1, f);
		ck_assert_msg(strstr(text, row[i].one) != NULL, "%s",
		    row[i].name);
		sw_free(text);
		text = report(both, 2, f);
		ck_assert_msg(strstr(text, row[i].many) != NULL, "%s",
		    row[i].name);
		ck_assert_int_eq(sw_report_write(both, 2, f, collect, &buf,
		    diag), SW_OK);
		ck_assert_str_eq(nf_buf_text(&buf), text);
		nf_buf_wipe(&buf);
		sw_free(text);
		text = report(NULL, 0, f);
		sw_free(text);
	}
	ck_assert_int_eq(sw_report_format("xml", &f), SW_E_NOTFOUND);
	ck_assert_int_eq(sw_report_format(NULL, &f), SW_E_USAGE);
	ck_assert_int_eq(sw_report_format("text", NULL), SW_E_USAGE);
	sw_result_free(a);
	sw_result_free(b);
}
END_TEST

START_TEST(test_json)
{
	struct sw_result *a = audit(options, "a", nf_buf_view(&pair.kek));
	struct sw_result *b = audit(options, "b", nf_view_of("junk", 4));
	const struct sw_result *both[] = { a, b };
	char *text = report(both, 1, SW_FORMAT_JSON);
	json_t *json = parse(text);

	ck_assert_int_eq(json_integer_value(json_object_get(json, "schema")),
	    sw_report_schema());
	ck_assert_int_eq(sw_report_schema(), SW_REPORT_SCHEMA);
	ck_assert_uint_eq(json_array_size(json_object_get(json, "checks")),
	    sw_result_checks(a));
	json_decref(json);
	sw_free(text);
	json = parse(text = report(both, 2, SW_FORMAT_JSON));
	ck_assert_uint_eq(json_array_size(json), 2);
	json_decref(json);
	sw_free(text);
	/* the text of one error is its line */
	text = report(both + 1, 1, SW_FORMAT_TEXT);
	ck_assert_str_eq(text, "b: not recognised\n");
	sw_free(text);
	sw_result_free(a);
	sw_result_free(b);
}
END_TEST

START_TEST(wrong_report)
{
	struct sw_result *a = audit(options, "a", nf_buf_view(&pair.kek));
	const struct sw_result *res[] = { a, NULL };
	int calls = 0;
	char *text;

	ck_assert_int_eq(sw_report_alloc(res, 2, SW_FORMAT_TEXT, &text, NULL,
	    diag), SW_E_USAGE);
	ck_assert_ptr_null(text);
	ck_assert_int_eq(sw_report_alloc(NULL, 1, SW_FORMAT_TEXT, &text,
	    NULL, diag), SW_E_USAGE);
	ck_assert_int_eq(sw_report_alloc(res, 1, (enum sw_format)6, &text,
	    NULL, diag), SW_E_USAGE);
	ck_assert_int_eq(sw_report_alloc(res, 1, SW_FORMAT_TEXT, NULL, NULL,
	    diag), SW_E_USAGE);
	ck_assert_int_eq(sw_report_write(res, 1, SW_FORMAT_TEXT, NULL, NULL,
	    diag), SW_E_USAGE);
	ck_assert_int_eq(sw_report_write(res, 1, SW_FORMAT_TEXT, stop,
	    &calls, diag), SW_E_IO);
	ck_assert_int_eq(calls, 1);
	ck_assert_str_eq(sw_diag_text(diag),
	    "the caller's function stopped the writer");
	sw_result_free(a);
}
END_TEST

/* Results know nothing of each other, of their input and of the options. */
START_TEST(test_two_results)
{
	struct sw_options *o = sw_options_new();
	struct sw_result *a, *b;
	struct nf_buf copy = NF_BUF_INIT;
	char *before, *after;

	nf_buf_view_put(&copy, nf_buf_view(&pair.world));
	a = audit(o, "a", nf_buf_view(&copy));
	before = report((const struct sw_result *const *)&a, 1,
	    SW_FORMAT_JSON);
	b = audit(options, "b", nf_buf_view(&pair.kek));
	sw_options_free(o);
	memset(copy.p, 0xaa, copy.len);
	nf_buf_wipe(&copy);
	after = report((const struct sw_result *const *)&a, 1,
	    SW_FORMAT_JSON);
	ck_assert_str_eq(before, after);
	sw_result_free(a);
	ck_assert_int_eq(sw_result_verdict(b), SW_VERDICT_PASS);
	sw_result_free(b);
	sw_free(before);
	sw_free(after);
}
END_TEST

/* ---- the process around it ---------------------------------------------- */

static void *
thread(void *arg)
{
	const char *want = arg;
	struct sw_diag *d = sw_diag_new();
	struct sw_result *res;
	struct sw_file *file;
	long bad = 0;
	char *text;

	for (int i = 0; i < ROUNDS; i++) {
		const struct nf_buf *b = i % 2 == 0 ? &pair.kek :
		    &pair.world;

		if (sw_audit_bytes(options, "p", b->p, b->len, &res, d) != 0)
			return (void *)1;
		bad += sw_result_verdict(res) != SW_VERDICT_PASS;
		bad += sw_report_alloc((const struct sw_result *const *)&res,
		    1, SW_FORMAT_JSON, &text, NULL, d) != 0 ||
		    (i % 2 == 0 && strcmp(text, want) != 0);
		sw_free(text);
		sw_result_free(res);
		bad += sw_file_read(b->p, b->len, &file, d) != 0 ||
		    sw_file_alloc(file, SW_FORM_JSON, &text, NULL, d) != 0;
		sw_free(text);
		sw_file_free(file);
	}
	sw_diag_free(d);
	return bad == 0 ? NULL : (void *)1;
}

START_TEST(test_threads)
{
	struct sw_result *res = audit(options, "p", nf_buf_view(&pair.kek));
	char *want = report((const struct sw_result *const *)&res, 1,
	    SW_FORMAT_JSON);
	pthread_t t[THREADS];
	void *bad;

	sw_result_free(res);
	for (size_t i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&t[i], NULL, thread, want),
		    0);
	for (size_t i = 0; i < THREADS; i++) {
		ck_assert_int_eq(pthread_join(t[i], &bad), 0);
		ck_assert_ptr_null(bad);
	}
	sw_free(want);
}
END_TEST

/* What a program does to its libcrypto does not reach the library's. */
START_TEST(test_isolation)
{
	struct sw_result *res;

	ck_assert_int_eq(EVP_set_default_properties(NULL, "fips=yes"), 1);
	ck_assert_ptr_null(EVP_MD_fetch(NULL, "SHA256", NULL));
	ck_assert_uint_ne(ERR_peek_error(), 0);
	res = audit(options, "p", nf_buf_view(&pair.kek));
	ck_assert_int_eq(sw_result_verdict(res), SW_VERDICT_PASS);
	ck_assert_uint_eq(ERR_peek_error(), 0);
	sw_result_free(res);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("verify/library");
	TCase *tc = tcase_create("all");

	/* the keys are made once, before the cases are forked */
	tcase_add_unchecked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 20);
	tcase_add_test(tc, test_diag);
	tcase_add_test(tc, no_diag);
	tcase_add_test(tc, test_codes);
	tcase_add_test(tc, wrong_options);
	tcase_add_test(tc, test_simulated_root);
	tcase_add_test(tc, test_audit);
	tcase_add_test(tc, test_facts);
	tcase_add_test(tc, no_root);
	tcase_add_test(tc, test_packages);
	tcase_add_test(tc, wrong_audit);
	tcase_add_test(tc, wrong_number);
	tcase_add_test(tc, junk_file);
	tcase_add_test(tc, short_package);
	tcase_add_test(tc, junk_bit);
	tcase_add_test(tc, test_formats);
	tcase_add_test(tc, test_json);
	tcase_add_test(tc, wrong_report);
	tcase_add_test(tc, test_two_results);
	tcase_add_test(tc, test_threads);
	tcase_add_test(tc, test_isolation);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
