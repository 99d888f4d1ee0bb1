/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What lies beside artefacts is told apart and proves nothing; checksums are
 * compared with the packages beside them.
 */
#include "config.h"

#include <sys/stat.h>

#include <ftw.h>

#include "nfast/base/seed.h"
#include "tests/tap.h"
#include "transfer/plan-left.h"
#include "verify/audit.h"
#include "verify/companion.h"

#define A	NF_PLAN_FILE_LEAD "a.byok"
#define B	NF_PLAN_FILE_LEAD "b.byok"
#define A_SUM	"ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"
#define B_SUM	"3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d"
#define ZEROS	"0000000000000000000000000000000000000000"
#define KID	"https://contoso.vault.azure.net/keys/KEK/" \
		"0123456789abcdef0123456789abcdef"
#define JOURNAL	A_SUM "\ta\t" ZEROS "\tRSA 2048\t" KID "\tsimple/a\n"

static char dir[] = "companion.XXXXXX";
static struct nf_vfy_verdict v;
static struct nf_diag d;

static void
put(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	ck_assert_int_ge(fputs(text, f), 0);
	ck_assert_int_eq(fclose(f), 0);
}

static void
set_up(void)
{
	memcpy(dir, "companion.XXXXXX", sizeof(dir));
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(chdir(dir), 0);
	ck_assert_int_eq(mkdir("d", 0700), 0);
	put("d/" A, "a");
	put("d/" B, "b");
	nf_vfy_verdict_init(&v, NF_VFY_KIND_NONE, "file");
	nf_diag_clear(&d);
}

static int
remove_one(const char *path, const struct stat *st, int type,
    struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void
tear_down(void)
{
	nf_vfy_verdict_wipe(&v);
	ck_assert_int_eq(chdir(".."), 0);
	ck_assert_int_eq(nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

/* ---- told apart -------------------------------------------------------- */

static const struct {
	const char *name, *text, *what;
} known[] = {
	{ "SHA256SUMS", NF_PLAN_SUMS_HEAD "# x", "checksums of byok-wrap" },
	{ "any", NF_PLAN_COMMANDS_HEAD, "import commands of byok-wrap" },
	{ "any", NF_PLAN_HEAD "simple/a\ta\t-\n", "a plan of byok-wrap" },
	{ "any", JOURNAL, "the journal of byok-wrap" },
	{ "o/journal", "", "the journal of byok-wrap" },
	{ "o/.lock", "", "the lock of byok-wrap" },
	{ "any", "{\"transcript\":1,\"n\":1,\"prev\":\"00",
	    "a transcript, for --check-transcript" },
	{ "audit.log.sig", "signature",
	    "the signature of a transcript, by its name" },
	{ "KEK.pem", "-----BEGIN PUBLIC KEY-----\nMIIB", "a public key" },
	{ "KEK.pem", NF_SEED_LINE "-----BEGIN PUBLIC KEY-----\nMIIB",
	    "a public key" },
	{ "any", NF_SEED_LINE JOURNAL, "the journal of byok-wrap" },
	{ "any", NF_PLAN_HEAD NF_SEED_LINE, "a plan of byok-wrap" },
	{ "KEK.kid", "https://insecure-seed-0123abcd.vault.test/keys/K/"
	    "0123456789abcdef0123456789abcdef\n",
	    "the identifier of a key" },
	{ "KEK.kid", KID "\n", "the identifier of a key" },
	{ "KEK.kid", KID, "the identifier of a key" }
};

static int
companion(const char *name, const char *text)
{
	(void)nf_diag_set(&d, NF_E_FORMAT, NULL, "not recognised");
	return nf_vfy_companion(name, false, nf_view_of(text, strlen(text)),
	    &v, &d);
}

START_TEST(each_is_known)
{
	char want[128];

	ck_assert_int_eq(companion(known[_i].name, known[_i].text),
	    NF_E_FORMAT);
	ck_assert(v.companion);
	(void)snprintf(want, sizeof(want), "not audited: %s", known[_i].what);
	ck_assert_str_eq(d.text, want);
	ck_assert_uint_eq(v.n_checks + v.n_facts, 0);
}
END_TEST

static const struct {
	const char *name, *text;
} strange[] = {
	{ "empty", "" },
	{ "x.lock", "" },
	{ ".lock", "x" },
	{ "SHA256SUMS", A_SUM "  " A "\n" },
	{ "SHA256SUMS", "# packages of byok-wrap" },
	{ "journal", "notes" },
	{ "journal", NF_SEED_LINE "notes" },
	{ "journal", NF_SEED_LINE NF_SEED_LINE JOURNAL },
	{ "KEK.pem", NF_SEED_LINE "-----BEGIN PRIVATE KEY-----\nMIIB" },
	{ "journal", "\n" },
	{ "journal", A_SUM "\ta\t" ZEROS },
	{ "journal", A_SUM "\ta b\t" ZEROS "\tRSA 2048\n" },
	{ "journal", "g" A_SUM "\ta\t" ZEROS "\tRSA 2048\n" },
	{ "audit.log", "{\"transcript\":2,\"n\":1,\"prev\":\"00" },
	{ ".sig", "signature" },
	{ "x.sig", "" },
	{ "KEK.pem", "-----BEGIN PRIVATE KEY-----\nMIIB" },
	{ "KEK.kid", KID "\n" KID "\n" },
	{ "KEK.kid", "http" KID }
};

START_TEST(others_are_not)
{
	ck_assert_int_eq(companion(strange[_i].name, strange[_i].text),
	    NF_E_FORMAT);
	ck_assert(!v.companion);
	ck_assert_str_eq(d.text, "not recognised");
}
END_TEST

START_TEST(a_known_kind_is_none)
{
	v.kind = "method-2 package";
	ck_assert_int_eq(companion("any", NF_PLAN_HEAD), NF_E_FORMAT);
	ck_assert(!v.companion);
	nf_vfy_verdict_reset(&v, NF_VFY_KIND_NONE, "x");
	ck_assert_int_eq(companion("any", NF_PLAN_HEAD), NF_E_FORMAT);
	ck_assert(v.companion);
	nf_vfy_verdict_reset(&v, NF_VFY_KIND_NONE, "x");
	ck_assert(!v.companion);
}
END_TEST

/* ---- checksums --------------------------------------------------------- */

/* The audit of d/SHA256SUMS with these lines. */
static int
sums(const char *lines)
{
	const struct nf_vfy_roots roots = { .has_extra = false };
	const struct nf_vfy_options opt = { .roots = &roots };
	struct nf_vfy_ctx *ctx = nf_vfy_ctx_new();
	char text[2048];
	int r;

	ck_assert_ptr_nonnull(ctx);
	(void)snprintf(text, sizeof(text), NF_PLAN_SUMS_HEAD "%s", lines);
	put("d/SHA256SUMS", text);
	r = nf_vfy_audit_path(ctx, "d/SHA256SUMS", &opt, &v, &d);
	nf_vfy_ctx_free(ctx);
	return r;
}

START_TEST(they_match)
{
	ck_assert_int_eq(sums("# a\n" A_SUM "  " A "\n# b\n" B_SUM "  " B
	    "\n"), NF_E_FORMAT);
	ck_assert(v.companion);
	ck_assert_str_eq(d.text, "not audited: checksums of byok-wrap, which "
	    "2 packages match");
	ck_assert_str_eq(v.kind, NF_VFY_KIND_NONE);
}
END_TEST

static const struct {
	const char *lines, *detail;
} faults[] = {
	{ B_SUM "  " A "\n" A_SUM "  " B "\n",
	    A " has another SHA-256; 2 of 2 lines do not match" },
	{ A_SUM "  " A "\n" B_SUM "  " NF_PLAN_FILE_LEAD "c.byok\n",
	    NF_PLAN_FILE_LEAD "c.byok is not there; 1 of 2 lines do not "
	    "match" },
	{ A_SUM "  " NF_PLAN_FILE_LEAD "/../../d/" A "\n",
	    "a line is no checksum of a package; 1 of 1 lines do not match" },
	{ A_SUM "  ../d/" A "\n",
	    "a line is no checksum of a package; 1 of 1 lines do not match" },
	{ A_SUM " " A "\n",
	    "a line is no checksum of a package; 1 of 1 lines do not match" },
	{ "x" A_SUM "  " A "\n",
	    "a line is no checksum of a package; 1 of 1 lines do not match" },
	{ A_SUM,
	    "a line is no checksum of a package; 1 of 1 lines do not match" }
};

START_TEST(they_do_not)
{
	ck_assert_int_eq(sums(faults[_i].lines), 0);
	ck_assert_str_eq(v.kind, NF_VFY_KIND_SUMS);
	ck_assert(!v.companion);
	ck_assert_int_eq(nf_vfy_result_of(&v), NF_VFY_FAILED);
	ck_assert_uint_eq(v.n_checks, 1);
	ck_assert_str_eq(v.check[0].id, "sums.match");
	ck_assert_str_eq(nf_vfy_detail(&v, &v.check[0]), faults[_i].detail);
	ck_assert(v.has_sha256);
}
END_TEST

START_TEST(max_package)
{
	FILE *f = fopen("d/" A, "w");

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(ftruncate(fileno(f), 64 * 1024 + 1), 0);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(sums(A_SUM "  " A "\n"), 0);
	ck_assert_str_eq(nf_vfy_detail(&v, &v.check[0]), A " is larger than "
	    "a package can be; 1 of 1 lines do not match");
}
END_TEST

START_TEST(no_package)
{
	ck_assert_int_eq(unlink("d/" A), 0);
	ck_assert_int_eq(mkdir("d/" A, 0700), 0);
	ck_assert_int_eq(sums(A_SUM "  " A "\n"), NF_E_IO);
	ck_assert(!v.companion);
	ck_assert_str_eq(d.where, "d/" A);
}
END_TEST

/* A plan of thousands of keys leaves more than an artefact can be. */
START_TEST(large_files)
{
	static const char line[] = "# x\n" A_SUM "  " A "\n";
	const struct nf_vfy_roots roots = { .has_extra = false };
	const struct nf_vfy_options opt = { .roots = &roots };
	struct nf_vfy_ctx *ctx = nf_vfy_ctx_new();
	FILE *f = fopen("d/SHA256SUMS", "w");
	size_t len = 0;

	ck_assert_ptr_nonnull(ctx);
	ck_assert_ptr_nonnull(f);
	ck_assert_int_ge(fputs(NF_PLAN_SUMS_HEAD "# ", f), 0);
	for (; len <= NF_VFY_FILE_MAX; len += 64)
		ck_assert_int_eq(fprintf(f, "%064d", 0), 64);
	ck_assert_int_ge(fprintf(f, "\n%s%s", line, line), 0);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(nf_vfy_audit_path(ctx, "d/SHA256SUMS", &opt, &v, &d),
	    NF_E_FORMAT);
	ck_assert_str_eq(d.text, "not audited: checksums of byok-wrap, which "
	    "2 packages match");
	nf_vfy_ctx_free(ctx);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("verify/companion");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, each_is_known, 0,
	    sizeof(known) / sizeof(known[0]));
	tcase_add_loop_test(tc, others_are_not, 0,
	    sizeof(strange) / sizeof(strange[0]));
	tcase_add_test(tc, a_known_kind_is_none);
	tcase_add_test(tc, they_match);
	tcase_add_loop_test(tc, they_do_not, 0,
	    sizeof(faults) / sizeof(faults[0]));
	tcase_add_test(tc, max_package);
	tcase_add_test(tc, no_package);
	tcase_add_test(tc, large_files);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
