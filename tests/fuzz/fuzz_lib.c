/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz target: the library for others, all that it says of one file and its
 * audit.  Its sources are part of this program.
 */
#include "config.h"

#include <string.h>

#include "nfast/base/text.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/seed_artefacts.h"
#include "verify/secworld/read.h"
#include "verify/secworld/report.h"
#include "verify/secworld/verify.h"

/* A text that is new or is not there; an error is in the diag. */
static void
check_text(int r, char *text, size_t len, const struct sw_diag *diag)
{
	NF_REQUIRE((r == 0) == (text != NULL));
	NF_REQUIRE(r == 0 || sw_diag_code(diag) == r || nf_fail_hit());
	if (r == 0)
		NF_REQUIRE(strlen(text) == len);
	sw_free(text);
}

static void
entries(const struct sw_file *file)
{
	const char *name;
	const void *data;
	uint32_t type;
	size_t n = sw_file_entries(file), at, len;

	for (size_t i = 0; i < n; i++)
		NF_REQUIRE(sw_file_entry(file, i, &type, &name, &data,
		    &len) == 0);
	NF_REQUIRE(sw_file_entry(file, n, &type, &name, &data, &len) ==
	    SW_E_USAGE);
	for (size_t i = 0; i < sw_file_certs(file); i++)
		NF_REQUIRE(sw_file_cert(file, i, &at) == 0 && at < n);
}

static void
shown(const struct sw_file *file, struct sw_diag *diag)
{
	uint8_t hash[32];
	const char *text;
	char *out;
	size_t len;
	int r;

	NF_REQUIRE(sw_file_kind(file) != NULL);
	NF_REQUIRE(sw_file_sha256(file, hash) == 0);
	(void)sw_file_key_hash(file, hash);
	for (int i = SW_KEY_APPNAME; i <= SW_KEY_ESN; i++) {
		text = sw_file_key_text(file, (enum sw_key_text)i);
		NF_REQUIRE(text == NULL || nf_view_printable(nf_view_of(text,
		    strlen(text))));
	}
	entries(file);
	for (int i = SW_HALF_PRIVATE; i <= SW_HALF_PUBLIC; i++) {
		out = NULL;
		r = sw_file_acl(file, (enum sw_half)i, &out, &len, diag);
		check_text(r, out, len, diag);
	}
	for (int i = SW_FORM_TEXT; i <= SW_FORM_JSON; i++) {
		out = NULL;
		r = sw_file_alloc(file, (enum sw_form)i, &out, &len, diag);
		check_text(r, out, len, diag);
	}
}

static void
result(const struct sw_result *result, struct sw_diag *diag)
{
	const struct sw_result *one[1] = { result };
	size_t len;
	char *out;
	int r;

	NF_REQUIRE(sw_result_kind(result) != NULL);
	for (size_t i = 0; i < sw_result_checks(result); i++)
		NF_REQUIRE(sw_result_check_id(result, i) != NULL &&
		    sw_result_check_title(result, i) != NULL &&
		    sw_result_check_detail(result, i) != NULL);
	for (size_t i = 0; i < sw_result_facts(result); i++) {
		out = NULL;
		r = sw_result_fact_value(result, i, &out, &len, diag);
		check_text(r, out, len, diag);
	}
	for (int i = SW_FORMAT_TEXT; i <= SW_FORMAT_HTML; i++) {
		out = NULL;
		r = sw_report_alloc(one, 1, (enum sw_format)i, &out, &len,
		    diag);
		check_text(r, out, len, diag);
	}
}

void
target_lib(const uint8_t *data, size_t size)
{
	struct sw_options *options = sw_options_new();
	struct sw_diag *diag = sw_diag_new();
	struct sw_result *res = NULL;
	struct sw_file *file = NULL;
	int r;

	if (!FUZZ_OK(options != NULL && diag != NULL))
		goto out;
	(void)FUZZ_OK(sw_options_root_hash(options, SEED_ROOT, diag) == 0);
	r = sw_file_read(data, size, &file, diag);
	NF_REQUIRE((r == 0) == (file != NULL));
	if (r == 0)
		shown(file, diag);
	r = sw_audit_bytes(options, "a file", data, size, &res, diag);
	(void)FUZZ_OK(r == 0 || res != NULL || sw_diag_code(diag) == r);
	if (res != NULL)
		result(res, diag);
out:
	sw_result_free(res);
	sw_file_free(file);
	sw_diag_free(diag);
	sw_options_free(options);
}
