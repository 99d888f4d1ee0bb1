/* SPDX-License-Identifier: Apache-2.0 */
/* libsecworld as a shared library: files that are read, unverified. */
#include "config.h"

#include "tests/verify/library.h"

START_TEST(test_file)
{
	struct nf_view v = nf_buf_view(&pair.kek);
	const char *name, *ident;
	struct sw_file *file;
	size_t n, entry, len, found = 0;
	uint8_t hash[32], sha[32];
	const void *data;
	uint32_t type;
	char *text;

	ck_assert_int_eq(sw_file_read(v.p, v.len, &file, diag), SW_OK);
	ck_assert_str_eq(sw_file_kind(file), "KEK package");
	ck_assert_int_eq(nf_digest_of(NF_SHA256, &v, 1, sha), 0);
	ck_assert_int_eq(sw_file_sha256(file, hash), SW_OK);
	ck_assert_mem_eq(hash, sha, 32);
	ck_assert_int_eq(sw_file_key_hash(file, hash), SW_OK);
	ck_assert_str_eq(sw_file_key_text(file, SW_KEY_APPNAME),
	    "xferwrapping");
	ident = sw_file_key_text(file, SW_KEY_IDENT);
	ck_assert_ptr_null(sw_file_key_text(file, (enum sw_key_text)5));
	n = sw_file_entries(file);
	for (size_t i = 0; i < n; i++) {
		ck_assert_int_eq(sw_file_entry(file, i, &type, &name, &data,
		    &len), SW_OK);
		if (strcmp(name, "Ident") != 0)
			continue;
		ck_assert_uint_eq(len, strlen(ident));
		ck_assert_mem_eq(data, ident, len);
		found++;
	}
	ck_assert_uint_eq(found, 1);
	ck_assert_int_eq(sw_file_entry(file, n, NULL, NULL, NULL, NULL),
	    SW_E_USAGE);
	ck_assert_uint_eq(sw_file_certs(file), 2);
	ck_assert_int_eq(sw_file_cert(file, 0, &entry), SW_OK);
	ck_assert_int_eq(sw_file_entry(file, entry, NULL, &name, NULL, NULL),
	    SW_OK);
	ck_assert_str_eq(name, "MesgGenKA");
	ck_assert_int_eq(sw_file_cert(file, 2, &entry), SW_E_USAGE);
	for (int h = 0; h < 2; h++) {
		ck_assert_int_eq(sw_file_acl(file, (enum sw_half)h, &text,
		    NULL, diag), SW_OK);
		sw_free(text);
	}
	ck_assert_int_eq(sw_file_acl(file, (enum sw_half)2, &text, NULL,
	    diag), SW_E_USAGE);
	sw_file_free(file);
}
END_TEST

START_TEST(test_file_forms)
{
	struct nf_view v = nf_buf_view(&pair.world);
	struct nf_buf buf = NF_BUF_INIT;
	struct sw_file *file;
	uint8_t hash[20];
	int calls = 0;
	json_t *json;
	char *text;

	ck_assert_int_eq(sw_file_read(v.p, v.len, &file, diag), SW_OK);
	ck_assert_str_eq(sw_file_kind(file), "SecurityWorld package");
	ck_assert_int_eq(sw_file_key_hash(file, hash), SW_E_NOTFOUND);
	ck_assert_ptr_null(sw_file_key_text(file, SW_KEY_IDENT));
	ck_assert_int_eq(sw_file_acl(file, SW_HALF_PRIVATE, &text, NULL,
	    diag), SW_E_NOTFOUND);
	ck_assert_int_eq(sw_file_alloc(file, SW_FORM_JSON, &text, NULL,
	    diag), SW_OK);
	json = parse(text);
	ck_assert_int_eq(json_integer_value(json_object_get(json, "schema")),
	    SW_FILE_SCHEMA);
	ck_assert(json_is_null(json_object_get(json, "key")));
	ck_assert_uint_eq(json_array_size(json_object_get(json, "entries")),
	    sw_file_entries(file));
	json_decref(json);
	sw_free(text);
	ck_assert_int_eq(sw_file_alloc(file, SW_FORM_TEXT, &text, NULL,
	    diag), SW_OK);
	ck_assert_ptr_nonnull(strstr(text, "HashKNSO (138), 20 bytes\n"));
	ck_assert_int_eq(sw_file_write(file, SW_FORM_TEXT, collect, &buf,
	    diag), SW_OK);
	ck_assert_str_eq(nf_buf_text(&buf), text);
	nf_buf_wipe(&buf);
	sw_free(text);
	ck_assert_int_eq(sw_file_write(file, SW_FORM_TEXT, stop, &calls,
	    diag), SW_E_IO);
	ck_assert_int_eq(sw_file_write(file, (enum sw_form)2, stop, &calls,
	    diag), SW_E_USAGE);
	ck_assert_int_eq(sw_file_write(file, SW_FORM_TEXT, NULL, NULL,
	    diag), SW_E_USAGE);
	ck_assert_int_eq(sw_file_alloc(NULL, SW_FORM_TEXT, &text, NULL,
	    diag), SW_E_USAGE);
	ck_assert_int_eq(sw_file_alloc(file, SW_FORM_TEXT, NULL, NULL,
	    diag), SW_E_USAGE);
	sw_file_free(file);
}
END_TEST

START_TEST(wrong_file)
{
	struct sw_file *file = (struct sw_file *)1;
	size_t entry;

	ck_assert_int_eq(sw_file_read(NULL, 3, &file, diag), SW_E_USAGE);
	ck_assert_ptr_null(file);
	ck_assert_int_eq(sw_file_read("x", 1, NULL, diag), SW_E_USAGE);
	ck_assert_int_eq(sw_file_read("junk", 4, &file, diag), SW_E_FORMAT);
	ck_assert_str_eq(sw_diag_text(diag), "not recognised");
	ck_assert_int_eq(sw_file_load("/nowhere", &file, diag),
	    SW_E_NOTFOUND);
	ck_assert_str_eq(sw_diag_where(diag), "/nowhere");
	ck_assert_int_eq(sw_file_load("/dev/null", &file, diag), SW_E_IO);
	ck_assert_int_eq(sw_file_load(NULL, &file, diag), SW_E_USAGE);
	sw_file_free(NULL);
	ck_assert_str_eq(sw_file_kind(NULL), "file");
	ck_assert_uint_eq(sw_file_entries(NULL), 0);
	ck_assert_uint_eq(sw_file_certs(NULL), 0);
	ck_assert_int_eq(sw_file_cert(NULL, 0, &entry), SW_E_USAGE);
	ck_assert_int_eq(sw_file_sha256(NULL, NULL), SW_E_USAGE);
	ck_assert_int_eq(sw_file_key_hash(NULL, NULL), SW_E_USAGE);
	ck_assert_ptr_null(sw_file_key_text(NULL, SW_KEY_NAME));
}
END_TEST

/* Every real sample is read; an attestation bundle by its fields. */
START_TEST(test_samples)
{
	static const char *const names[] = { "key_simple_test1.att",
	    "azps_proddata_byoktest.byok",
	    "method2_SecurosysPrimusByokR4k.byok.json" };
	struct sw_result *res;
	struct sw_file *file;
	struct nf_buf buf;
	const char *name;
	uint8_t hash[20];
	char *text;

	for (size_t i = 0; nf_tap_samples() != NULL && i < 3; i++) {
		nf_tap_sample(names[i], &buf);
		ck_assert_int_eq(sw_file_read(buf.p, buf.len, &file, diag),
		    SW_OK);
		res = audit(NULL, names[i], nf_buf_view(&buf));
		ck_assert_str_eq(sw_file_kind(file), sw_result_kind(res));
		ck_assert_int_eq(sw_result_verdict(res), i == 0 ?
		    SW_VERDICT_PASS : SW_VERDICT_UNANCHORED);
		ck_assert_int_eq(sw_file_key_hash(file, hash), i == 2 ?
		    SW_E_NOTFOUND : SW_OK);
		for (int form = 0; form < 2; form++) {
			ck_assert_int_eq(sw_file_alloc(file,
			    (enum sw_form)form, &text, NULL, diag), SW_OK);
			if (form == SW_FORM_JSON)
				json_decref(parse(text));
			sw_free(text);
		}
		if (i == 0) {
			ck_assert_uint_eq(sw_file_certs(file), 2);
			ck_assert_int_eq(sw_file_entry(file, 0, NULL, &name,
			    NULL, NULL), SW_OK);
			ck_assert_str_eq(name, "pubkeydata");
		}
		sw_file_free(file);
		sw_result_free(res);
		nf_buf_wipe(&buf);
	}
}
END_TEST

/* What looks like a method-2 package is told apart, and has no entries. */
START_TEST(test_envelope)
{
	static const char release[] = "{\"schema_version\": \"1.0\", "
	    "\"header\": {\"kid\": \"k\", \"alg\": \"dir\", \"enc\": "
	    "\"CKM_RSA_AES_KEY_WRAP\"}, \"ciphertext\": \"AAAA\"}";
	struct sw_file *file;
	struct sw_result *res;
	char *text;

	ck_assert_int_eq(sw_file_read(release, sizeof(release) - 1, &file,
	    diag), SW_OK);
	res = audit(NULL, "r", nf_view_of(release, sizeof(release) - 1));
	ck_assert_str_eq(sw_file_kind(file), "Secure Key Release envelope");
	ck_assert_str_eq(sw_file_kind(file), sw_result_kind(res));
	ck_assert_uint_eq(sw_file_entries(file), 0);
	ck_assert_int_eq(sw_file_alloc(file, SW_FORM_JSON, &text, NULL,
	    diag), SW_OK);
	json_decref(parse(text));
	sw_free(text);
	sw_result_free(res);
	sw_file_free(file);
	ck_assert_int_eq(sw_file_read(release, sizeof(release) - 2, &file,
	    diag), SW_E_FORMAT);
	ck_assert_uint_gt(strlen(sw_diag_text(diag)), 0);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("verify/libread");
	TCase *tc = tcase_create("all");

	/* the keys are made once, before the cases are forked */
	tcase_add_unchecked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 20);
	tcase_add_test(tc, test_file);
	tcase_add_test(tc, test_file_forms);
	tcase_add_test(tc, wrong_file);
	tcase_add_test(tc, test_samples);
	tcase_add_test(tc, test_envelope);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
