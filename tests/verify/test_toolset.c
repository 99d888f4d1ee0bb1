/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The audit of toolset zips: packages inside, other files, names, hostile
 * archives.  No zip with a published hash is public: that a published hash is
 * recognised is tested where the tables are, tests/kek-packages.
 */
#include "config.h"

#include <fcntl.h>

#include "kek-packages/zipwrite.h"
#include "tests/verify/checks.h"
#include "tests/verify/fixture.h"
#include "verify/toolset.h"

#define EU_ZIP	"dir/KeyVault-BYOK-Tools-Europe.zip"
#define EU_KEK	"BYOK-KEK-pkg-EU-1"
#define EU_WORLD "BYOK-SecurityWorld-pkg-EU-1"
#define FILES_MAX 6

static struct nf_vfy_ctx *ctx;
static struct nf_vfy_roots roots;
static struct nf_diag diag;
static struct fx fx;
static struct fx_pair pair;
static struct nf_buf zip;
static struct nf_zip_file file[FILES_MAX];
static size_t n;

static void
add(const char *name, struct nf_view bytes)
{
	file[n].name = name;
	file[n].bytes = bytes;
	file[n++].deflate = true;
}

static void
setup(void)
{
	fx_setup();
	ctx = nf_vfy_ctx_new();
	ck_assert_ptr_nonnull(ctx);
	fx_roots(&roots);
	fx_default(&fx);
	fx.region = fx.world_region = "Europe";
	fx_make(&fx, &pair);
	nf_buf_init(&zip);
	nf_diag_clear(&diag);
	n = 0;
}

static void
teardown(void)
{
	nf_vfy_verdict_wipe(&v);
	nf_buf_wipe(&zip);
	fx_pair_wipe(&pair);
	nf_vfy_ctx_free(ctx);
	fx_teardown();
}

static void
audit(const char *name)
{
	if (zip.len == 0)
		ck_assert_int_eq(nf_zip_write(&zip, file, n, ""), 0);
	nf_vfy_verdict_init(&v, NF_VFY_TOOLSET_KIND, name);
	ck_assert_int_eq(nf_vfy_toolset_check(ctx, &roots, name,
	    nf_buf_view(&zip), &v, &diag), 0);
}

static void
pair_add(void)
{
	add(EU_KEK, nf_buf_view(&pair.kek));
	add(EU_WORLD, nf_buf_view(&pair.world));
}

/* Two packages, of which the check says so. */
static void
packages_are(struct nf_view kek, struct nf_view world,
    enum nf_vfy_status status, const char *detail)
{
	add(EU_KEK, kek);
	add(EU_WORLD, world);
	audit(EU_ZIP);
	check_is("toolset.packages", status, detail);
}

START_TEST(good)
{
	pair_add();
	add("README", nf_view_of("SIMULATED\n", 10));
	audit(EU_ZIP);
	check_is("toolset.hash", NF_VFY_UNKNOWN, "none of the 4 values");
	check_is("toolset.archive", NF_VFY_PASS, "3 entries");
	check_is("toolset.data", NF_VFY_PASS, "");
	check_is("toolset.names", NF_VFY_PASS, "");
	check_is("toolset.contents", NF_VFY_UNKNOWN,
	    "2 of 5; missing: verifykey");
	check_is("toolset.packages", NF_VFY_PASS, "simulator");
	check_is("toolset.code", NF_VFY_PASS, "");
	check_is("toolset.region", NF_VFY_PASS, "");
	check_is("toolset.others", NF_VFY_PASS, "");
	check_is("root", NF_VFY_PASS, "");
	ck_assert_int_eq(nf_vfy_code(&v), 0);
}
END_TEST

/* The same through a file descriptor: the same verdict to the letter. */
START_TEST(good_fd)
{
	struct nf_buf one = NF_BUF_INIT, two = NF_BUF_INIT;
	char path[] = "toolset-XXXXXX";
	int fd;

	pair_add();
	audit(EU_ZIP);
	nf_vfy_write(&one, &v);
	nf_vfy_verdict_wipe(&v);
	ck_assert_int_ge(fd = mkstemp(path), 0);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(write(fd, zip.p, zip.len), (ssize_t)zip.len);
	nf_vfy_verdict_init(&v, NF_VFY_TOOLSET_KIND, EU_ZIP);
	ck_assert_int_eq(nf_vfy_toolset_check_fd(ctx, &roots, EU_ZIP, fd, &v,
	    &diag), 0);
	nf_vfy_write(&two, &v);
	ck_assert(nf_view_equal(nf_buf_view(&one), nf_buf_view(&two)));
	(void)close(fd);
	nf_buf_wipe(&one);
	nf_buf_wipe(&two);
}
END_TEST

/* A root vouches for packages, never for programs beside them. */
START_TEST(unknown_program)
{
	pair_add();
	add("KeyTransferRemote.exe", nf_view_of("MZ", 2));
	audit(EU_ZIP);
	check_is("toolset.others", NF_VFY_UNKNOWN, "1 other files");
	check_is("root", NF_VFY_UNKNOWN, "");
	ck_assert_int_eq(nf_vfy_code(&v), NF_E_UNANCHORED);
}
END_TEST

START_TEST(vendor_packages)
{
	packages_are(nf_view_of("not ours", 8),
	    nf_view_of("not ours either", 15), NF_VFY_UNKNOWN, "not public");
	ck_assert_int_eq(nf_vfy_code(&v), NF_E_UNANCHORED);
}
END_TEST

START_TEST(no_packages)
{
	add("README", nf_view_of("x", 1));
	audit("some.zip");
	check_is("toolset.hash", NF_VFY_UNKNOWN, "published for no zip");
	check_is("toolset.packages", NF_VFY_UNKNOWN, "0 KEK packages");
	ck_assert_int_eq(nf_vfy_code(&v), NF_E_UNANCHORED);
}
END_TEST

START_TEST(no_world_package)
{
	add(EU_KEK, nf_buf_view(&pair.kek));
	audit(EU_ZIP);
	check_is("toolset.packages", NF_VFY_FAIL, "0 SecurityWorld packages");
	ck_assert_int_eq(nf_vfy_code(&v), NF_E_VERIFY);
}
END_TEST

START_TEST(duplicate_package)
{
	pair_add();
	add("old/" EU_KEK, nf_buf_view(&pair.kek));
	audit(EU_ZIP);
	check_is("toolset.packages", NF_VFY_FAIL, "2 KEK packages");
}
END_TEST

START_TEST(swapped_packages)
{
	packages_are(nf_buf_view(&pair.world), nf_buf_view(&pair.kek),
	    NF_VFY_FAIL, EU_KEK);
}
END_TEST

START_TEST(mixed_packages)
{
	packages_are(nf_buf_view(&pair.kek), nf_view_of("not ours", 8),
	    NF_VFY_FAIL, "only one of the two");
}
END_TEST

START_TEST(short_package)
{
	packages_are(nf_view_of(pair.kek.p, pair.kek.len - 1),
	    nf_buf_view(&pair.world), NF_VFY_FAIL, EU_KEK);
}
END_TEST

START_TEST(wrong_code)
{
	add("BYOK-KEK-pkg-NA-1", nf_buf_view(&pair.kek));
	add("BYOK-SecurityWorld-pkg-NA-1", nf_buf_view(&pair.world));
	audit(EU_ZIP);
	check_is("toolset.code", NF_VFY_FAIL, "another region's");
	ck_assert_int_eq(nf_vfy_code(&v), NF_E_VERIFY);
}
END_TEST

START_TEST(wrong_region)
{
	pair_add();
	audit("KeyVault-BYOK-Tools-Japan.zip");
	check_is("toolset.region", NF_VFY_FAIL, "another region");
}
END_TEST

START_TEST(no_region)
{
	pair_add();
	audit("some.zip");
	check_is("toolset.code", NF_VFY_NA, "tells no region");
	check_is("toolset.region", NF_VFY_NA, "tells no region");
	ck_assert_int_eq(nf_vfy_code(&v), 0);
}
END_TEST

START_TEST(wrong_root)
{
	roots.extra[0] ^= 1;
	pair_add();
	audit(EU_ZIP);
	check_is("toolset.packages", NF_VFY_PASS, "");
	ck_assert_int_ne(nf_vfy_code(&v), 0);
}
END_TEST

/* Old writers' separators: read, and noted. */
START_TEST(backslashes)
{
	add("tools\\" EU_KEK, nf_buf_view(&pair.kek));
	add("tools\\" EU_WORLD, nf_buf_view(&pair.world));
	audit(EU_ZIP);
	check_is("toolset.names", NF_VFY_PASS, "2 names with backslashes");
	check_is("toolset.packages", NF_VFY_PASS, "");
	ck_assert_int_eq(nf_vfy_code(&v), 0);
}
END_TEST

START_TEST(hostile_name)
{
	pair_add();
	add("../x", nf_view_of("x", 1));
	audit(EU_ZIP);
	check_is("toolset.archive", NF_VFY_FAIL, "zip-name-part");
	check_is("toolset.data", NF_VFY_UNKNOWN, "");
	ck_assert_ptr_null(nf_vfy_find(&v, "toolset.packages"));
	ck_assert_int_eq(nf_vfy_code(&v), NF_E_VERIFY);
}
END_TEST

/* One bit of packed data: the archive says so, the packages are not read. */
START_TEST(wrong_data)
{
	pair_add();
	ck_assert_int_eq(nf_zip_write(&zip, file, n, ""), 0);
	zip.p[200] ^= 1;
	audit(EU_ZIP);
	check_is("toolset.archive", NF_VFY_PASS, "");
	check_is("toolset.data", NF_VFY_FAIL, EU_KEK);
	ck_assert_ptr_null(nf_vfy_find(&v, "toolset.packages"));
	ck_assert_int_eq(nf_vfy_code(&v), NF_E_VERIFY);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("verify/toolset");
	TCase *tc = tcase_create("toolset");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, good);
	tcase_add_test(tc, good_fd);
	tcase_add_test(tc, unknown_program);
	tcase_add_test(tc, vendor_packages);
	tcase_add_test(tc, no_packages);
	tcase_add_test(tc, no_world_package);
	tcase_add_test(tc, duplicate_package);
	tcase_add_test(tc, swapped_packages);
	tcase_add_test(tc, mixed_packages);
	tcase_add_test(tc, short_package);
	tcase_add_test(tc, wrong_code);
	tcase_add_test(tc, wrong_region);
	tcase_add_test(tc, no_region);
	tcase_add_test(tc, wrong_root);
	tcase_add_test(tc, backslashes);
	tcase_add_test(tc, hostile_name);
	tcase_add_test(tc, wrong_data);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
