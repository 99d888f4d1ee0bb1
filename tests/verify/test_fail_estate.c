/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs over many files with each call of a library failing in turn: walk,
 * audit, every report, toolset zips, transcripts.  No file is left out of a
 * report that says it is whole, and no transcript is left with a broken chain.
 */
#include "config.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include "kek-packages/zipwrite.h"
#include "tests/sweep.h"
#include "tests/verify/fixture.h"
#include "tests/verify/transcripts.h"
#include "transfer/plan-left.h"
#include "verify/audit.h"

#define KEK_NAME	"BYOK-KEK-pkg-EU-1"
#define WORLD_NAME	"BYOK-SecurityWorld-pkg-EU-1"
#define ZIP_NAME	"d/KeyVault-BYOK-Tools-Europe.zip"
#define INTO		"into"
#define LOG		"log"
#define SUMS		"d/SHA256SUMS"
#define BESIDE		"d/" NF_PLAN_FILE_LEAD "a.byok"

static struct nf_vfy_roots roots;
static struct nf_vfy_options opt = { .roots = &roots };
static struct fx_pair pair;

static void
setup_keys(void)
{
	struct fx fx;

	fx_setup();
	fx_default(&fx);
	fx_make(&fx, &pair);
	roots.has_extra = true;
	memcpy(roots.extra, fx_hash(FX_ROOT), NF_HASH_LEN);
}

static void
teardown_keys(void)
{
	fx_pair_wipe(&pair);
	fx_teardown();
}

/* An estate below the test's directory: d/, d/e/, and a list. */
static void
setup_estate(void)
{
	struct nf_zip_file in[3] = {
		{ .name = KEK_NAME, .deflate = true },
		{ .name = "sub/" WORLD_NAME },
		{ .name = "README", .bytes = nf_view_of("hello\n", 6) }
	};
	struct nf_buf zip = NF_BUF_INIT;

	setup();
	ck_assert_int_eq(mkdir("d", 0700), 0);
	ck_assert_int_eq(mkdir("d/e", 0700), 0);
	ck_assert_int_eq(mkdir(INTO, 0700), 0);
	nf_tap_put("d/e/kek", pair.kek.p, pair.kek.len);
	nf_tap_put("d/world", pair.world.p, pair.world.len);
	nf_tap_put("list", "d/world\n\nd/e/kek\n", 17);
	in[0].bytes = nf_buf_view(&pair.kek);
	in[1].bytes = nf_buf_view(&pair.world);
	ck_assert_int_eq(nf_zip_write(&zip, in, 3, "ours"), 0);
	nf_tap_put(ZIP_NAME, zip.p, zip.len);
	nf_buf_wipe(&zip);
}

static void
remove_extracted(void *arg)
{
	(void)arg;
	(void)unlink(INTO "/" KEK_NAME);
	(void)unlink(INTO "/sub/" WORLD_NAME);
	(void)unlink(INTO "/README");
	(void)rmdir(INTO "/sub");
}

static void
teardown_estate(void)
{
	(void)unlink("d/e/kek");
	(void)unlink("d/world");
	(void)unlink("list");
	(void)unlink(ZIP_NAME);
	(void)unlink(LOG);
	remove_extracted(NULL);
	ck_assert_int_eq(rmdir(INTO), 0);
	ck_assert_int_eq(rmdir("d/e"), 0);
	ck_assert_int_eq(rmdir("d"), 0);
	teardown();
}

/* ---- runs ---- */

struct run {
	const char *format;
	bool log;
	struct nf_buf *result;
	size_t troubles;
};

static int
take(void *arg, struct nf_view piece, struct nf_diag *d)
{
	struct run *run = arg;
	int r;

	nf_buf_view_put(run->result, piece);
	if ((r = nf_buf_err(run->result)) != 0)
		(void)nf_diag_set(d, r, NULL, "%s", nf_err_text(r));
	return r;
}

static void
trouble(void *arg, const char *text)
{
	struct run *run = arg;

	(void)text;
	run->troubles++;
}

/*
 * The whole run.  Every file is sound, so that one without a verdict is a
 * failure of the run, which the exit status has to admit.
 */
static int
run_estate(void *arg, struct nf_buf *result, struct nf_diag *d)
{
	struct run *run = arg;
	char dir_name[] = "d", *words[] = { dir_name };
	struct nf_vfy_estate e = { .opt = &opt, .workers = 1,
	    .format = nf_vfy_format_find(run->format),
	    .run = { .tool = "test", .many = true, .colour = true },
	    .write = take, .trouble = trouble, .arg = run };
	struct nf_walk *walk = NULL;
	int status = -1, r;

	run->result = result;
	run->troubles = 0;
	if ((r = nf_walk_new(words, 1, "list", &walk, d)) == 0 &&
	    (!run->log || (r = nf_vfy_transcript_open(LOG, &origin,
	    &e.transcript, d)) == 0))
		r = nf_vfy_estate_audit(&e, walk, &status, d);
	nf_walk_free(walk);
	if (e.transcript != NULL) {
		int closed = nf_vfy_transcript_close(e.transcript, d);

		r = r == 0 ? closed : r;
	}
	if (r == 0 && run->troubles > 0)
		r = nf_diag_set(d, status == NF_EXIT_UNKNOWN ? NF_E_CRYPTO :
		    status == NF_EXIT_INPUT ? NF_E_IO : 0, NULL, "%zu files",
		    run->troubles);
	return r == 0 ? status : r;
}

/* What is left of a transcript is sound, though its last line may be torn. */
static void
check_log(void *arg)
{
	struct nf_diag d = { 0 };
	int r = nf_vfy_transcript_check(LOG, NULL, NULL, &sum, &d);

	(void)arg;
	ck_assert_msg(r == 0 || r == NF_E_NOTFOUND || r == NF_E_FORMAT,
	    "%d: %s", r, d.text);
	(void)unlink(LOG);
}

START_TEST(every_report)
{
	static const char *const formats[] = { "text", "json", "jsonl",
		"junit", "sarif", "html" };
	struct run run = { .format = formats[_i] };
	struct sweep s = { .name = formats[_i], .run = run_estate,
	    .arg = &run, .io = true, .coarse = true };

	sweep(&s, 0);
}
END_TEST

START_TEST(with_transcript)
{
	struct run run = { .format = "jsonl", .log = true };
	struct sweep s = { .name = "transcript", .run = run_estate,
	    .undo = check_log, .arg = &run, .io = true, .coarse = true };

	sweep(&s, 0);
}
END_TEST

static int
extract(void *arg, struct nf_buf *result, struct nf_diag *d)
{
	struct nf_vfy_verdict v;
	struct nf_vfy_ctx *ctx;
	int r;

	(void)arg;
	nf_vfy_verdict_init(&v, NF_VFY_KIND_NONE, ZIP_NAME);
	if ((ctx = nf_vfy_ctx_new()) == NULL)
		r = nf_diag_set(d, NF_E_NOMEM, NULL, "out of memory");
	else if ((r = nf_vfy_audit_file(ctx, ZIP_NAME, &opt, INTO, &v,
	    d)) == 0) {
		nf_vfy_write(result, &v);
		if ((r = nf_buf_err(result)) != 0)
			(void)nf_diag_set(d, r, NULL, "report");
		else
			r = nf_vfy_code(&v);
	}
	nf_vfy_verdict_wipe(&v);
	nf_vfy_ctx_free(ctx);
	return r;
}

START_TEST(extracting)
{
	struct sweep s = { .name = "extract", .run = extract,
	    .undo = remove_extracted, .io = true };

	sweep(&s, 0);
}
END_TEST

/* Checksums of a package that is there, and of another. */
static int
judge_sums(void *arg, struct nf_buf *result, struct nf_diag *d)
{
	struct nf_vfy_verdict v;
	struct nf_vfy_ctx *ctx;
	int r;

	(void)arg;
	nf_vfy_verdict_init(&v, NF_VFY_KIND_NONE, SUMS);
	if ((ctx = nf_vfy_ctx_new()) == NULL)
		r = nf_diag_set(d, NF_E_NOMEM, NULL, "out of memory");
	else if ((r = nf_vfy_audit_path(ctx, SUMS, &opt, &v, d)) == 0) {
		nf_vfy_write(result, &v);
		r = nf_vfy_code(&v) == NF_E_VERIFY ? 0 : nf_vfy_code(&v);
	} else if (v.companion) {
		nf_buf_str(result, d->text);
		nf_diag_clear(d);
		r = 0;
	}
	if (nf_buf_err(result) != 0) {
		nf_diag_clear(d);
		r = nf_diag_set(d, nf_buf_err(result), NULL, "report");
	}
	nf_vfy_verdict_wipe(&v);
	nf_vfy_ctx_free(ctx);
	return r;
}

START_TEST(checksums)
{
	static const char a_sum[] = "ca978112ca1bbdcafac231b39a23dc4d"
	    "a786eff8147c4e72b9807785afee48bb";
	struct sweep s = { .name = _i == 0 ? "sums" : "wrong sums",
	    .run = judge_sums, .io = true };
	char text[512];
	int n;

	n = snprintf(text, sizeof(text), NF_PLAN_SUMS_HEAD "%s  "
	    NF_PLAN_FILE_LEAD "a.byok\n", a_sum);
	nf_tap_put(SUMS, text, (size_t)n);
	nf_tap_put(BESIDE, _i == 0 ? "a" : "b", 1);
	sweep(&s, 0);
	ck_assert_int_eq(unlink(SUMS) + unlink(BESIDE), 0);
}
END_TEST

static int
judge_pair(void *arg, struct nf_buf *result, struct nf_diag *d)
{
	static struct nf_vfy_pair p;
	int r = nf_vfy_pair_check("d/e/kek", "d/world", &roots, &p, d);

	(void)arg;
	if (r == 0) {
		nf_vfy_write(result, &p.verdict);
		if ((r = nf_buf_err(result)) != 0)
			(void)nf_diag_set(d, r, NULL, "report");
		else
			r = nf_vfy_code(&p.verdict);
	}
	nf_vfy_pair_wipe(&p);
	return r;
}

START_TEST(region_pair)
{
	struct sweep s = { .name = "pair", .run = judge_pair, .io = true };

	sweep(&s, 0);
}
END_TEST

static int
check_transcript(void *arg, struct nf_buf *result, struct nf_diag *d)
{
	int r = nf_vfy_transcript_check(FILE_NAME, KEY_NAME, NULL, &sum, d);

	(void)arg;
	if (r == 0) {
		nf_vfy_transcript_report(result, FILE_NAME, &sum);
		if ((r = nf_buf_err(result)) != 0)
			(void)nf_diag_set(d, r, NULL, "report");
	}
	return r;
}

START_TEST(signed_transcript)
{
	static const char *const types[] = { "ED25519", "P-256" };
	EVP_PKEY *key = _i == 0 ? EVP_PKEY_Q_keygen(NULL, NULL, types[0]) :
	    EVP_EC_gen(types[1]);
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	struct sweep s = { .name = types[_i], .run = check_transcript,
	    .io = true };
	uint8_t sig[NF_VFY_SIG_MAX];
	size_t len = sizeof(sig);
	FILE *f = fopen(KEY_NAME, "wb");

	ck_assert_int_eq(PEM_write_PUBKEY(f, key), 1);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(EVP_DigestSignInit_ex(md, NULL, _i == 0 ? NULL :
	    "SHA256", NULL, NULL, key, NULL), 1);
	ck_assert_int_eq(EVP_DigestSign(md, sig, &len, file.p, file.len), 1);
	nf_tap_put(SIG_NAME, sig, len);
	EVP_MD_CTX_free(md);
	EVP_PKEY_free(key);
	sweep(&s, 0);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("verify/fail_estate");
	TCase *tc = tcase_create("runs");

	tcase_add_unchecked_fixture(tc, setup_keys, teardown_keys);
	tcase_add_checked_fixture(tc, setup_estate, teardown_estate);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, every_report, 0, 6);
	tcase_add_test(tc, with_transcript);
	tcase_add_test(tc, extracting);
	tcase_add_loop_test(tc, checksums, 0, 2);
	tcase_add_test(tc, region_pair);
	tcase_add_loop_test(tc, signed_transcript, 0, 2);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
