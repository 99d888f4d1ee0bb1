/* SPDX-License-Identifier: Apache-2.0 */
/* The region table: unique names, and every way to ask for a region. */
#include "config.h"

#include <ctype.h>
#include <strings.h>

#include "kek-packages/regions.h"
#include "tests/tap.h"

static const struct nf_kek_region *regions, *rms;
static size_t n, n_rms;

static void
setup(void)
{
	regions = nf_kek_regions(&n);
	rms = nf_kek_rms(&n_rms);
}

/* Assert that text finds want. */
static void
finds(const char *text, const struct nf_kek_region *want)
{
	const struct nf_kek_region *r;
	struct nf_diag diag = { 0 };

	ck_assert_msg(nf_kek_region_find(text, &r, &diag) == 0,
	    "%s: %s", text, diag.text);
	ck_assert_msg(r == want, "%s finds %s", text, r->heading[0]);
	ck_assert_int_eq(diag.code, 0);
}

/* Copy with every letter turned to upper or lower case. */
static const char *
in_case(const char *text, int (*turn)(int))
{
	static char out[80];
	size_t i;

	for (i = 0; text[i] != '\0'; i++) {
		ck_assert_uint_lt(i, sizeof(out) - 1);
		out[i] = (char)turn((unsigned char)text[i]);
	}
	out[i] = '\0';
	return out;
}

static bool
shared_code(const char *code)
{
	return strcmp(code, "GERMANY") == 0;
}

/* The row of a heading, without the function under test. */
static const struct nf_kek_region *
row(const char *heading)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(regions[i].heading[0], heading) == 0)
			return &regions[i];
	}
	ck_abort_msg("no row %s", heading);
}

START_TEST(table)
{
	const struct nf_kek_region *r = regions;

	ck_assert_uint_eq(n, 18);
	ck_assert_uint_eq(n_rms, 3);
	for (size_t i = 0; i < n; i++) {
		ck_assert_int_eq(r[i].kind, NF_KEK_KEYVAULT);
		ck_assert_msg(strncmp(r[i].zip, "KeyVault-BYOK-Tools-", 20) ==
		    0, "%s", r[i].zip);
		ck_assert_str_eq(r[i].slug, in_case(r[i].slug, tolower));
		ck_assert_ptr_null(strpbrk(r[i].slug, " /."));
		for (size_t j = 0; j < i; j++) {
			ck_assert_str_ne(r[i].slug, r[j].slug);
			ck_assert_str_ne(r[i].ident, r[j].ident);
			ck_assert_int_ne(strcasecmp(r[i].zip, r[j].zip), 0);
			ck_assert_int_ne(strcasecmp(r[i].heading[0],
			    r[j].heading[0]), 0);
			ck_assert_msg(strcasecmp(r[i].code, r[j].code) != 0 ||
			    shared_code(r[i].code), "%s", r[i].code);
		}
		for (size_t j = 0; j < n_rms; j++) {
			ck_assert_str_ne(r[i].slug, rms[j].slug);
			ck_assert_str_ne(r[i].zip, rms[j].zip);
		}
	}
	for (size_t i = 0; i < n_rms; i++) {
		ck_assert_int_eq(rms[i].kind, NF_KEK_RMS);
		ck_assert_msg(strncmp(rms[i].zip, "AzureRMS-BYOK-tools-",
		    20) == 0, "%s", rms[i].zip);
	}
}
END_TEST

START_TEST(find_heading)
{
	for (size_t i = 0; i < n; i++) {
		const struct nf_kek_region *r = &regions[i];

		for (size_t j = 0; j < NF_KEK_HEADINGS_MAX; j++) {
			if (r->heading[j] == NULL)
				continue;
			finds(r->heading[j], r);
			if (strcasecmp(r->heading[j], "Germany") == 0)
				continue;
			finds(in_case(r->heading[j], toupper), r);
			finds(in_case(r->heading[j], tolower), r);
		}
	}
	finds("United States", row("North America"));
	finds("US Government", row("Azure Government"));
	finds("Germany", row("Germany"));
	finds("germany public", row("Germany Public"));
}
END_TEST

START_TEST(find_zip)
{
	char stem[80];

	for (size_t i = 0; i < n; i++) {
		const struct nf_kek_region *r = &regions[i];

		finds(r->zip, r);
		finds(in_case(r->zip, toupper), r);
		(void)snprintf(stem, sizeof(stem), "%.*s",
		    (int)(strlen(r->zip) - 4), r->zip);
		finds(stem, r);
		finds(in_case(stem, tolower), r);
	}
}
END_TEST

START_TEST(find_code_and_slug)
{
	for (size_t i = 0; i < n; i++) {
		const struct nf_kek_region *r = &regions[i];

		if (!shared_code(r->code)) {
			finds(r->code, r);
			finds(in_case(r->code, tolower), r);
		}
		if (strcmp(r->slug, "germany") != 0)
			finds(r->slug, r);
	}
	finds("SA", row("South Africa"));
	finds("USGov", row("Azure Government"));
	finds("germany-public", row("Germany Public"));
}
END_TEST

START_TEST(find_rms)
{
	for (size_t i = 0; i < n_rms; i++) {
		finds(rms[i].heading[0], &rms[i]);
		finds(rms[i].zip, &rms[i]);
		finds(rms[i].slug, &rms[i]);
	}
	finds("NA", row("North America"));
	finds("eu", row("Europe"));
	finds("AP", row("Asia"));
}
END_TEST

START_TEST(ambiguous_germany)
{
	static const char *const words[] = { "GERMANY", "germany", "gerMany" };
	static const char *const want[] = { "\"Germany\"",
	    "\"Germany Public\"", "KeyVault-BYOK-Tools-Germany.zip",
	    "KeyVault-BYOK-Tools-Germany-Public.zip" };

	for (size_t i = 0; i < 3; i++) {
		const struct nf_kek_region *r = row("Europe");
		struct nf_diag diag = { 0 };

		ck_assert_int_eq(nf_kek_region_find(words[i], &r, &diag),
		    NF_E_USAGE);
		ck_assert_ptr_null(r);
		ck_assert_str_eq(diag.field, "region");
		for (size_t j = 0; j < 4; j++)
			ck_assert_msg(strstr(diag.text, want[j]) != NULL,
			    "%s", diag.text);
	}
}
END_TEST

START_TEST(unknown_region)
{
	static const char *const words[] = { "", "China", "BVT", "N", "NAA",
	    ".zip", "KeyVault-BYOK-Tools-", "KeyVault-BYOK-Tools-Europe.zi",
	    "KeyVault-BYOK-Tools-Europe.zip.zip", " EU" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		const struct nf_kek_region *r = row("Europe");
		struct nf_diag diag = { 0 };

		ck_assert_msg(nf_kek_region_find(words[i], &r, &diag) ==
		    NF_E_NOTFOUND, "%s", words[i]);
		ck_assert_ptr_null(r);
		ck_assert_str_eq(diag.field, "region");
		ck_assert_ptr_nonnull(strstr(diag.text, "kekpkg list"));
	}
}
END_TEST

START_TEST(by_kek)
{
	const struct nf_kek_region *bvt;

	for (size_t i = 0; i < n; i++) {
		const struct nf_kek_region *r = &regions[i];

		ck_assert_ptr_eq(nf_kek_region_by_kek("xferwrapping",
		    r->ident), r);
		ck_assert_ptr_null(nf_kek_region_by_kek("simple", r->ident));
	}
	ck_assert_ptr_eq(nf_kek_region_by_kek("xferwrapping",
	    "kek-prod-na-1"), row("North America"));
	ck_assert_ptr_null(nf_kek_region_by_kek("xferwrapping",
	    "kek-prod-na-2"));
	ck_assert_ptr_null(nf_kek_region_by_kek("xferwrapping",
	    "KEK-PROD-NA-1"));
	bvt = nf_kek_region_by_kek("xferwrapping", "bvttransferkey");
	ck_assert_ptr_nonnull(bvt);
	ck_assert_int_eq(bvt->kind, NF_KEK_TEST);
}
END_TEST

START_TEST(by_heading)
{
	for (size_t i = 0; i < n; i++) {
		const char *h = regions[i].heading[0];

		ck_assert_ptr_eq(nf_kek_region_by_heading(nf_view_of(h,
		    strlen(h))), &regions[i]);
	}
	ck_assert_ptr_null(nf_kek_region_by_heading(nf_view_of("europe", 6)));
	ck_assert_ptr_null(nf_kek_region_by_heading(nf_view_of("Euro", 4)));
	ck_assert_ptr_null(nf_kek_region_by_heading(nf_view_of("", 0)));
}
END_TEST

START_TEST(by_real_hash)
{
	static const struct {
		const char *code, *hash, *hkm;
	} real[] = {
		{ "NA", "0dfeec4251ae1f48dc98520cc0f6fdb87cd84987",
		    "e8d323f7ca9594d4963ebb2d2b4455b79c606084" },
		{ "EU", "ede3e33cd1ffda023bd1e319f2bf156ab4b5e90d",
		    "b3fc319fb23c9db7e9248c27f5967550da7ecce0" },
		{ "BVT", "cc591fcf9d03ac45231b8171326b2c61560236d4",
		    "944d5ac1b1f7569f67e228ced22124fa297ccb18" }
	};
	const struct nf_kek_region *r;
	uint8_t hash[20] = { 0 };
	char text[41];
	size_t n_real = 0;

	/* A region without a known hash must not answer to zeros. */
	ck_assert_ptr_null(nf_kek_region_by_real_hash(hash));
	for (size_t i = 0; i < 3; i++) {
		ck_assert(nf_text_unhex(real[i].hash, 40, hash, 20));
		r = nf_kek_region_by_real_hash(hash);
		ck_assert_ptr_nonnull(r);
		ck_assert_str_eq(r->code, real[i].code);
		nf_text_hash(text, r->hkm);
		ck_assert_str_eq(text, real[i].hkm);
		hash[19] ^= 1;
		ck_assert_ptr_null(nf_kek_region_by_real_hash(hash));
	}
	for (size_t i = 0; i < n; i++)
		n_real += regions[i].real_kek;
	ck_assert_uint_eq(n_real, 2);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("kek-packages/regions");
	TCase *tc = tcase_create("regions");

	tcase_add_unchecked_fixture(tc, setup, NULL);
	tcase_add_test(tc, table);
	tcase_add_test(tc, find_heading);
	tcase_add_test(tc, find_zip);
	tcase_add_test(tc, find_code_and_slug);
	tcase_add_test(tc, find_rms);
	tcase_add_test(tc, ambiguous_germany);
	tcase_add_test(tc, unknown_region);
	tcase_add_test(tc, by_kek);
	tcase_add_test(tc, by_heading);
	tcase_add_test(tc, by_real_hash);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
