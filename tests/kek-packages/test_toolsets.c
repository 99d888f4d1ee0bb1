/* SPDX-License-Identifier: Apache-2.0 */
/* The published toolset hashes: the tables against their TSV files. */
#include "config.h"

#include <strings.h>

#include "kek-packages/regions.h"
#include "kek-packages/toolsets.h"
#include "tests/tap.h"

#define EUROPE	"KeyVault-BYOK-Tools-Europe.zip"
#define STATES	"KeyVault-BYOK-Tools-UnitedStates.zip"
#define EUROPE_G1 \
	"881dca798305b8408c06bae7b3efbc1e9ea6113a8d6ec443464f3744896f32c3"
#define EUROPE_G1_CUT \
	"81dca798305b8408c06bae7b3efbc1e9ea6113a8d6ec443464f3744896f32c3"
#define EUROPE_G2 \
	"c73bb0628b91471ca7f9adfce247561c6016a5103ef1a315d49c3ea23afc0b9c"

static const struct nf_kek_toolset *toolsets;
static size_t n_toolsets;

/* What the last check() found. */
static const struct nf_kek_toolset *t;
static const struct nf_kek_misprint *m;

static void
setup(void)
{
	toolsets = nf_kek_toolsets(&n_toolsets);
}

static void
check(const char *zip, const char *value, enum nf_kek_toolset_result want)
{
	ck_assert_int_eq(nf_kek_toolset_check(zip, value, &t, &m), want);
}

/* Load a TSV of the source tree; the text lives until the process ends. */
static char *
load(const char *name)
{
	static struct nf_buf buf;
	const char *src = getenv("SW_SRCDIR");
	char path[NF_PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/kek-packages/%s",
	    src == NULL ? "." : src, name);
	nf_buf_wipe(&buf);
	ck_assert_int_eq(nf_file_load(path, 1 << 20, &buf, NULL), 0);
	ck_assert_str_ne(nf_buf_text(&buf), "");
	return (char *)buf.p;
}

/* The next row of a TSV, cut into 8 columns; false at the end. */
static bool
next_row(char **text, char *col[8])
{
	char *line;

	while ((line = strsep(text, "\n")) != NULL) {
		if (line[0] == '\0' || line[0] == '#' ||
		    strncmp(line, "region\t", 7) == 0)
			continue;
		for (size_t i = 0; i < 8; i++)
			ck_assert_ptr_nonnull(col[i] = strsep(&line, "\t"));
		ck_assert_ptr_null(line);
		return true;
	}
	return false;
}

START_TEST(rows_equal_tsv)
{
	char *text = load("toolsets.tsv"), *col[8];
	size_t i;

	ck_assert_uint_eq(n_toolsets, 48);
	for (i = 0; next_row(&text, col); i++) {
		const struct nf_kek_toolset *row = &toolsets[i];
		struct nf_buf hex = NF_BUF_INIT;

		ck_assert_uint_lt(i, n_toolsets);
		nf_text_hex(&hex, nf_view_of(row->sha256, 32));
		ck_assert_str_eq(row->region, col[0]);
		ck_assert_str_eq(row->zip, col[1]);
		ck_assert_str_eq(row->code, col[2]);
		ck_assert_str_eq(nf_buf_text(&hex), col[3]);
		ck_assert_str_eq(row->first_published, col[4]);
		ck_assert_str_eq(row->last_in_force, col[5]);
		ck_assert_str_eq(row->generation, col[6]);
		ck_assert_str_eq(row->source, col[7]);
		nf_buf_wipe(&hex);
	}
	ck_assert_uint_eq(i, n_toolsets);
}
END_TEST

START_TEST(misprints_equal_tsv)
{
	char *text = load("toolsets-wrong.tsv"), *col[8];
	size_t n, i;

	m = nf_kek_misprints(&n);
	ck_assert_uint_eq(n, 2);
	for (i = 0; next_row(&text, col); i++) {
		ck_assert_uint_lt(i, n);
		ck_assert_str_eq(m[i].region, col[0]);
		ck_assert_str_eq(m[i].zip, col[1]);
		ck_assert_str_eq(m[i].code, col[2]);
		ck_assert_str_eq(m[i].published_value, col[3]);
		ck_assert_str_eq(m[i].first_published, col[4]);
		ck_assert_str_eq(m[i].last_published, col[5]);
		ck_assert_str_eq(m[i].source, col[6]);
		ck_assert_str_eq(m[i].reason, col[7]);
	}
	ck_assert_uint_eq(i, n);
}
END_TEST

START_TEST(unique_hashes)
{
	for (size_t i = 0; i < n_toolsets; i++) {
		const struct nf_kek_toolset *a = &toolsets[i], *b;

		for (b = toolsets; b < a; b++) {
			ck_assert_mem_ne(a->sha256, b->sha256, 32);
			ck_assert_msg(strcmp(a->zip, b->zip) != 0 ||
			    strcmp(a->generation, b->generation) != 0,
			    "%s %s twice", a->zip, a->generation);
		}
		ck_assert_ptr_eq(nf_kek_toolset_find(a->sha256), a);
	}
}
END_TEST

START_TEST(zips_are_regions)
{
	static const size_t want[4] = { 7, 10, 13, 18 };
	const struct nf_kek_region *r;
	size_t count[4] = { 0 };

	for (size_t i = 0; i < n_toolsets; i++) {
		const struct nf_kek_toolset *row = &toolsets[i];
		const char *g = row->generation;

		ck_assert_int_eq(nf_kek_region_find(row->zip, &r, NULL), 0);
		ck_assert_str_eq(r->zip, row->zip);
		ck_assert_str_eq(r->code, row->code);
		ck_assert_int_eq(nf_kek_region_find(row->region, &r, NULL), 0);
		ck_assert_str_eq(r->zip, row->zip);
		ck_assert_msg(g[0] == 'G' && g[1] >= '1' && g[1] <= '4' &&
		    g[2] == '\0', "%s", g);
		count[g[1] - '1']++;
	}
	for (size_t i = 0; i < 4; i++)
		ck_assert_uint_eq(count[i], want[i]);
}
END_TEST

START_TEST(check_match)
{
	check(EUROPE, EUROPE_G2, NF_KEK_TOOLSET_MATCH);
	ck_assert_ptr_nonnull(t);
	ck_assert_str_eq(t->zip, EUROPE);
	ck_assert_str_eq(t->generation, "G2");
	ck_assert_ptr_null(m);
	check(NULL, EUROPE_G1, NF_KEK_TOOLSET_MATCH);
	ck_assert_str_eq(t->generation, "G1");
	/* Articles print upper case. */
	check("keyvault-byok-tools-southafrica.ZIP", "C41060C5C0170AAAAD896DA"
	    "732E31433D14CB9FC83AC3C67766F46D98620784A", NF_KEK_TOOLSET_MATCH);
	ck_assert_str_eq(t->code, "SA");
}
END_TEST

START_TEST(wrong_zip)
{
	check(STATES, EUROPE_G1, NF_KEK_TOOLSET_OTHER);
	ck_assert_ptr_nonnull(t);
	ck_assert_str_eq(t->zip, EUROPE);
	ck_assert_ptr_null(m);
}
END_TEST

START_TEST(wrong_value)
{
	check(EUROPE, EUROPE_G1_CUT, NF_KEK_TOOLSET_MISPRINT);
	ck_assert_ptr_null(t);
	ck_assert_ptr_nonnull(m);
	ck_assert_ptr_nonnull(strstr(m->reason, EUROPE_G1));
	check(NULL, EUROPE_G1_CUT, NF_KEK_TOOLSET_MISPRINT);
	/* Europe's value, printed for the United States for some hours. */
	check(STATES, EUROPE_G2, NF_KEK_TOOLSET_MISPRINT);
	ck_assert_ptr_nonnull(m);
	ck_assert_str_eq(m->zip, STATES);
	ck_assert_ptr_nonnull(t);
	ck_assert_str_eq(t->zip, EUROPE);
}
END_TEST

START_TEST(unknown_value)
{
	static const char *const values[] = { "", "81", EUROPE_G1 "0",
	    "081dca798305b8408c06bae7b3efbc1e9ea6113a8d6ec443464f3744896f32c3",
	    "x81dca798305b8408c06bae7b3efbc1e9ea6113a8d6ec443464f3744896f32c3"
	};
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		check(EUROPE, values[i], NF_KEK_TOOLSET_UNLISTED);
		ck_assert_ptr_null(t);
		ck_assert_ptr_null(m);
	}
	check(STATES, EUROPE_G1_CUT, NF_KEK_TOOLSET_UNLISTED);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("kek-packages/toolsets");
	TCase *tc = tcase_create("toolsets");

	tcase_add_unchecked_fixture(tc, setup, NULL);
	tcase_add_test(tc, rows_equal_tsv);
	tcase_add_test(tc, misprints_equal_tsv);
	tcase_add_test(tc, unique_hashes);
	tcase_add_test(tc, zips_are_regions);
	tcase_add_test(tc, check_match);
	tcase_add_test(tc, wrong_zip);
	tcase_add_test(tc, wrong_value);
	tcase_add_test(tc, unknown_value);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
