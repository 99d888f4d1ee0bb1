/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The audit of the published attestation bundle and of its warrant: they
 * pass under the pinned root, and no single mutation does.
 */
#include "config.h"

#include "nfast/kmdata/attbundle.h"
#include "tests/verify/checks.h"
#include "verify/attcheck.h"
#include "verify/nchex.h"
#include "verify/warrant.h"

#define SAMPLE	"key_simple_test1.att"

static struct nf_vfy_options opt;
static struct nf_vfy_ctx *ctx;
static struct nf_buf file;
static struct nf_att att;
static struct nf_diag diag;

static void
setup(void)
{
	nf_tap_sample(SAMPLE, &file);
	ck_assert_int_eq(nf_att_read(nf_buf_view(&file), &att, NULL), 0);
	memset(&opt, 0, sizeof(opt));
	ctx = nf_vfy_ctx_new();
	nf_diag_clear(&diag);
	nf_vfy_verdict_init(&v, "attestation bundle", "test");
}

static void
teardown(void)
{
	nf_att_wipe(&att);
	nf_buf_wipe(&file);
	nf_vfy_verdict_wipe(&v);
	nf_vfy_ctx_free(ctx);
}

/* The exit status of these bytes, 3 for what is malformed. */
static int
audit(struct nf_view bytes)
{
	nf_diag_clear(&diag);
	nf_vfy_verdict_reset(&v, "attestation bundle", "test");
	if (nf_vfy_att_check(ctx, bytes, &opt, &v, &diag) != 0)
		return nf_err_exit(diag.code);
	return nf_vfy_exit(&v);
}

/* The same for the bundle with the fields of att. */
static int
audit_att(void)
{
	struct nf_buf b = NF_BUF_INIT;
	int status;

	nf_att_write(&b, &att);
	ck_assert_int_eq(nf_buf_err(&b), 0);
	status = audit(nf_buf_view(&b));
	nf_buf_wipe(&b);
	return status;
}

START_TEST(sample)
{
	static const char *const ids[] = { "WV1", "root", "MSCV1", "MSCV2",
		"MSCV3", "MSCV4", "MSCV5", "WBCV1", "WBCV2", "WBCV3", "WBCV4",
		"WBCV5", "KGCV1", "KGCV2", "ACLV1", "ACLV3", "ACLV4", "WB1",
		"WB2", "WB3", "WB5", "WB6", "RB1", "RB2", "RB3", "RB5" };
	char root[41];

	ck_assert_int_eq(audit(nf_buf_view(&file)), 0);
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		ck_assert_msg(nf_vfy_passed(&v, ids[i]), "%s", ids[i]);
	check_is("CSRL1", NF_VFY_NA, "");
	nf_text_hash(root, v.root);
	ck_assert_str_eq(root, "679eae63cd8b4e63a57afbf4ac21417ce3578955");
	ck_assert(!v.simulated);
	fact_is("ESN", "8938-1075-88BB", "warrant");
	fact_is("protection", "module", "KML");
	fact_is("permissions", "decrypt, unwrap, sign", "KML");
	fact_is("HKNSO", "8780fd7238ee86ee3b124486d222b597aaa7a2a8",
	    "KLF2");
	fact_is("KLF2 hash", "648ff18bc628f3f77bb079995daf606fc6c3c733",
	    "warrant");
	fact_is("KML hash", "406d5a8229c5b3a27490bfb84c597a07a99c1ea7",
	    "KLF2");
	fact_is("HKM", "986dcf73747b277fab6d547e5cb91bd01cca3df5", "KNSO");
	fact_is("cipher suite", "DLf3072s256mAEScSP800131Ar1", "KNSO");
	fact_is("world is FIPS 140 level 3", "no", "KNSO");
	fact_is("module approval", "FIPS 140-2 level 3, MultiChipEmbedded",
	    "warrant");
	fact_is("warrant type", "FieldUpgradeModuleInformation (rests on "
	    "the older DSA-1024 key of the module)", "warrant");
	fact_is("exportable", "only by administrators, with a certificate "
	    "of HKNSO", "KML");
	fact_is("recoverable", "yes, by administrators: recovery blob "
	    "under HKRE, and rights certified by HKNSO", "KML");
	fact_is("key hash", "309d6455c03a6ca5d11a821114f2ef7de5be7955",
	    "KML");
}
END_TEST

/* UseAsBlobKey is what the strict policy refuses, and nothing else. */
START_TEST(policy_strict)
{
	opt.strict = true;
	ck_assert_int_eq(audit(nf_buf_view(&file)), 1);
	check_is("ACLV3", NF_VFY_FAIL, "");
	for (size_t i = 0; i < v.n_checks; i++)
		ck_assert(v.check[i].status != NF_VFY_FAIL ||
		    strcmp(v.check[i].id, "ACLV3") == 0);
}
END_TEST

/* The fields in any order are the same bundle. */
START_TEST(reordered_fields)
{
	struct nf_buf b = NF_BUF_INIT, one = NF_BUF_INIT;
	struct nf_att part;
	const char *lead = "{";

	for (size_t f = NF_ATT_FIELDS; f-- > 0;) {
		if (att.field[f].p == NULL)
			continue;
		memset(&part, 0, sizeof(part));
		part.field[f] = att.field[f];
		nf_att_write(&one, &part);
		nf_buf_str(&b, lead);
		nf_buf_put(&b, one.p + 2, one.len - 5);
		nf_buf_wipe(&one);
		lead = ",";
	}
	nf_buf_str(&b, "}");
	ck_assert_int_eq(audit(nf_buf_view(&b)), 0);
	nf_buf_wipe(&b);
}
END_TEST

START_TEST(no_field)
{
	struct nf_view keep;

	ck_assert_int_eq(audit_att(), 0);
	for (int f = 0; f < NF_ATT_FIELDS; f++) {
		keep = att.field[f];
		if (keep.p == NULL)
			continue;
		att.field[f] = nf_view_of(NULL, 0);
		ck_assert_int_eq(audit_att(), 3);
		ck_assert_str_eq(diag.field, nf_att_name(
		    (enum nf_att_field)f));
		att.field[f] = keep;
	}
}
END_TEST

/* A recoverable key needs its recovery fields, all gone is not enough. */
START_TEST(no_recovery_fields)
{
	att.field[NF_ATT_HKRE] = att.field[NF_ATT_HKRA] =
	    att.field[NF_ATT_CERT_KRE] = nf_view_of(NULL, 0);
	ck_assert_int_eq(audit_att(), 1);
	check_is("RB2", NF_VFY_FAIL, "");
}
END_TEST

START_TEST(no_world_fields)
{
	for (size_t f = NF_ATT_KNSOPUB; f < NF_ATT_FIELDS; f++)
		att.field[f] = nf_view_of(NULL, 0);
	ck_assert_int_eq(audit_att(), 1);
	check_is("WB2", NF_VFY_FAIL, "");
}
END_TEST

START_TEST(duplicate_field)
{
	struct nf_buf b = NF_BUF_INIT, one = NF_BUF_INIT;
	struct nf_att part;

	for (size_t f = 0; f < NF_ATT_FIELDS; f++) {
		if (att.field[f].p == NULL)
			continue;
		memset(&part, 0, sizeof(part));
		part.field[f] = att.field[f];
		nf_att_write(&b, &att);
		nf_att_write(&one, &part);
		b.len -= 3;
		nf_buf_str(&b, ",");
		nf_buf_put(&b, one.p + 2, one.len - 2);
		ck_assert_int_eq(audit(nf_buf_view(&b)), 3);
		ck_assert_ptr_nonnull(strstr(diag.text,
		    nf_att_name((enum nf_att_field)f)));
		nf_buf_wipe(&b);
		nf_buf_wipe(&one);
	}
}
END_TEST

/* No field may stand in for another. */
START_TEST(wrong_field)
{
	struct nf_view keep;

	for (size_t f = 0; f < NF_ATT_FIELDS; f++) {
		for (size_t g = 0; g < f; g++) {
			if (att.field[f].p == NULL || att.field[g].p == NULL)
				continue;
			keep = att.field[f];
			att.field[f] = att.field[g];
			att.field[g] = keep;
			/* hkm, hkmc, hkre, hkra: each is covered. */
			ck_assert_int_ne(audit_att(), 0);
			ck_assert_int_ne(audit_att(), 4);
			att.field[g] = att.field[f];
			att.field[f] = keep;
		}
	}
}
END_TEST

/* Every 23rd bit of every field's bytes. */
START_TEST(junk_field)
{
	struct nf_view keep;
	struct nf_buf copy = NF_BUF_INIT;
	int status;

	for (size_t f = 0; f < NF_ATT_FIELDS; f++) {
		keep = att.field[f];
		if (keep.p == NULL)
			continue;
		nf_buf_view_put(&copy, keep);
		att.field[f] = nf_buf_view(&copy);
		for (size_t i = f; i < keep.len * 8; i += nf_tap_step(23)) {
			copy.p[i / 8] ^= (uint8_t)(1 << i % 8);
			status = audit_att();
			ck_assert_msg(status == 1 || status == 3,
			    "%s bit %zu: %d", nf_att_name(
			    (enum nf_att_field)f), i, status);
			copy.p[i / 8] ^= (uint8_t)(1 << i % 8);
		}
		att.field[f] = keep;
		nf_buf_wipe(&copy);
	}
}
END_TEST

/* A fixed sample of the bits of the file itself. */
START_TEST(junk_file)
{
	int status;

	for (size_t i = 0; i < file.len * 8; i += nf_tap_step(71)) {
		file.p[i / 8] ^= (uint8_t)(1 << i % 8);
		status = audit(nf_buf_view(&file));
		ck_assert_msg(status == 1 || status == 3, "bit %zu: %d", i,
		    status);
		file.p[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	ck_assert_int_eq(audit(nf_buf_view(&file)), 0);
}
END_TEST

START_TEST(short_file)
{
	for (size_t n = 0; n + 1 < file.len; n += nf_tap_step(1))
		ck_assert_int_eq(audit(nf_view_of(file.p, n)), 3);
}
END_TEST

/* Other forms of the same values. */
START_TEST(noncanonical)
{
	static const char *const bad[] = {
		"{\"root\": \"KWARN\\u002d1\"}",
		"{\"root\":\t\"KWARN-1\"}",
		"{\"hkm\": \"LAAAAJhtz3N0eyd_q21Ufly5G9Acyj32=\"}",
		"{\"hkm\": \"QQ=\"}", "{\"hkm\": \"QQ\"}",
		"{\"hkm\": \"QR==\"}", "{\"hkm\": \"QUJ=\"}",
		"{\"hkm\": \"QU+/\"}", "{\"hkm\": \"QU I\"}",
		"{\"hkm\": \"=QUI\"}", "{\"hkm\": \"Q===\"}",
		"{\"hkm\": \"\"}", "{\"hkm\": 1}", "{\"other\": \"QUJD\"}",
		"[]", "{}", "{}{}", "\"\"", ""
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct nf_att a;

		nf_diag_clear(&diag);
		ck_assert_msg(nf_att_read(nf_view_of(bad[i], strlen(bad[i])),
		    &a, &diag) == NF_E_FORMAT, "%s", bad[i]);
		nf_att_wipe(&a);
	}
}
END_TEST

START_TEST(wrong_root_field)
{
	att.field[NF_ATT_ROOT] = nf_view_of("SIM-KWARN-1", 11);
	ck_assert_int_eq(audit_att(), 1);
	check_is("WV1", NF_VFY_FAIL, "");
	check_is("root", NF_VFY_FAIL, "");
	ck_assert(!v.has_root);
}
END_TEST

/* ---- the warrant by itself ---- */

static int
open_warrant(struct nf_view bytes, struct nf_vfy_warrant *w)
{
	nf_diag_clear(&diag);
	return nf_vfy_warrant_open(ctx, bytes, opt.kwarn, w, &diag);
}

START_TEST(warrant)
{
	struct nf_view raw = att.field[NF_ATT_WARRANT];
	struct nf_buf text = NF_BUF_INIT;
	struct nf_vfy_warrant w;

	ck_assert_int_eq(open_warrant(raw, &w), 0);
	ck_assert(w.kind == NF_WARRANT_FIELDUPGRADE);
	ck_assert_uint_eq(w.n_delegations, 1);
	ck_assert(nf_view_is(w.physserial, "36-J31028"));
	ck_assert(nf_vfy_warrant_is(raw));
	ck_assert_int_eq(nf_vfy_warrant_check(ctx, raw, &opt, &v, &diag), 0);
	ck_assert_int_eq(nf_vfy_exit(&v), 0);
	fact_is("ESN", "8938-1075-88BB", "warrant");
	nf_nchex_write(&text, "a warrant", NF_NCHEX_WARRANT, raw);
	nf_vfy_verdict_reset(&v, "warrant", "test");
	ck_assert_int_eq(nf_vfy_warrant_check(ctx, nf_buf_view(&text), &opt,
	    &v, &diag), 0);
	ck_assert_int_eq(nf_vfy_exit(&v), 0);
	nf_buf_wipe(&text);
}
END_TEST

START_TEST(short_warrant)
{
	struct nf_view raw = att.field[NF_ATT_WARRANT];
	struct nf_vfy_warrant w;

	for (size_t n = 0; n < raw.len; n++)
		ck_assert_int_eq(open_warrant(nf_view_of(raw.p, n), &w),
		    NF_E_FORMAT);
}
END_TEST

START_TEST(junk_warrant)
{
	struct nf_view raw = att.field[NF_ATT_WARRANT];
	struct nf_buf b = NF_BUF_INIT;
	struct nf_vfy_warrant w;
	int r;

	nf_buf_view_put(&b, raw);
	for (size_t i = 0; i < b.len * 8; i += 11) {
		b.p[i / 8] ^= (uint8_t)(1 << i % 8);
		r = open_warrant(nf_buf_view(&b), &w);
		ck_assert_msg(r == NF_E_FORMAT || r == NF_E_MISMATCH ||
		    r == NF_E_VERIFY, "bit %zu: %d", i, r);
		b.p[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	ck_assert_int_eq(open_warrant(nf_buf_view(&b), &w), 0);
	nf_buf_u8(&b, 0);
	ck_assert_int_eq(open_warrant(nf_buf_view(&b), &w), NF_E_FORMAT);
	nf_buf_wipe(&b);
}
END_TEST

/* Certificates left out, doubled or swapped. */
START_TEST(wrong_certificates)
{
	struct nf_view raw = att.field[NF_ATT_WARRANT];
	static const unsigned char order[][3] = { { 2, 0, 0 }, { 1, 0, 0 },
		{ 2, 1, 0 }, { 1, 1, 2 }, { 1, 2, 2 }, { 1, 2, 1 } };
	struct nf_ddds *d = calloc(1, sizeof(*d));
	struct nf_buf b = NF_BUF_INIT;
	struct nf_vfy_warrant w;
	struct nf_cur cur;
	uint32_t n;
	int r;

	ck_assert_ptr_nonnull(d);
	nf_cur_init(&cur, raw.p, raw.len, NULL);
	ck_assert_int_eq(nf_ddds_read(&cur, d), 0);
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		for (n = 0; n < 3 && order[i][n] != 0; n++)
			continue;
		nf_ddds_put_list(&b, n + 1);
		nf_ddds_put_symbol(&b, NF_VFY_KWARN_PINNED);
		for (uint32_t j = 0; j < n; j++)
			nf_buf_view_put(&b, nf_ddds_item(d, &d->node[0],
			    order[i][j])->enc);
		r = open_warrant(nf_buf_view(&b), &w);
		ck_assert_msg(r == NF_E_MISMATCH || r == NF_E_VERIFY,
		    "order %zu: %d", i, r);
		nf_buf_wipe(&b);
	}
	free(d);
}
END_TEST

/* Another root under its own name is not the pinned one. */
START_TEST(wrong_root)
{
	static struct nf_vfy_kwarn other;
	struct nf_view raw = att.field[NF_ATT_WARRANT];
	struct nf_buf b = NF_BUF_INIT;
	struct nf_vfy_warrant w;

	/* The module's own KLF2 is as good a point as any. */
	ck_assert_int_eq(open_warrant(raw, &w), 0);
	other.has_simulated = true;
	other.simulated = w.klf2_point;
	opt.kwarn = &other;
	ck_assert_int_eq(open_warrant(raw, &w), 0);
	ck_assert(!w.simulated);
	nf_buf_u8(&b, raw.p[0]);
	nf_ddds_put_symbol(&b, NF_VFY_KWARN_SIMULATED);
	nf_buf_put(&b, raw.p + 9, raw.len - 9);
	ck_assert_int_eq(open_warrant(nf_buf_view(&b), &w), NF_E_VERIFY);
	ck_assert(w.simulated);
	opt.kwarn = NULL;
	ck_assert_int_eq(open_warrant(nf_buf_view(&b), &w), NF_E_MISMATCH);
	ck_assert_str_eq(diag.field, "root");
	nf_buf_wipe(&b);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("verify/attcheck");
	TCase *tc = tcase_create("bundle");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, sample);
	tcase_add_test(tc, policy_strict);
	tcase_add_test(tc, reordered_fields);
	tcase_add_test(tc, no_field);
	tcase_add_test(tc, no_recovery_fields);
	tcase_add_test(tc, no_world_fields);
	tcase_add_test(tc, duplicate_field);
	tcase_add_test(tc, wrong_field);
	tcase_add_test(tc, junk_field);
	tcase_add_test(tc, junk_file);
	tcase_add_test(tc, short_file);
	tcase_add_test(tc, noncanonical);
	tcase_add_test(tc, wrong_root_field);
	tcase_add_test(tc, warrant);
	tcase_add_test(tc, short_warrant);
	tcase_add_test(tc, junk_warrant);
	tcase_add_test(tc, wrong_certificates);
	tcase_add_test(tc, wrong_root);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run_with_samples(suite);
}
