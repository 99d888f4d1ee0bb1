/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The audit of the real packages: all checks and facts, every kind of change.
 * A package that is repacked here cannot be signed again, so its outer
 * signature always fails too; what counts is the check that the case names.
 */
#include "config.h"

#include "tests/verify/byok1audit.h"

/* What each real package has to say. */
static const struct sample {
	const char *file, *region, *hash, *kml, *created;
} samples[] = {
	{ NA, "North America (by the hash of its KEK)",
	    "d02ba06bf55f1207f0ed20142a316fb7c3183b1b",
	    "8e4d517e065fd51ffc039eef5cdc5dc07fe284ee",
	    "2016-10-26T20:05:02Z" },
	{ BVT, "BVT (Microsoft test) (by the hash of its KEK)",
	    "af3e0927b525a2eae9b171d0004d98e7a9efd421",
	    "d2ff944c30318b854c62cb84deaac37ad67280a1",
	    "2014-09-29T16:58:06Z" },
	{ PROD, "North America (by the hash of its KEK)",
	    "f3c9278fa9fadccdfcc8c71e0df189664c9f4a22",
	    "a370cfbfec5d6911481be191eec0695b2e8dc034",
	    "2014-06-05T23:38:44Z" }
};

START_TEST(real)
{
	static const char *const pass[] = { "byok1.container",
	    "byok1.signature", "byok1.global-id", "byok1.filename",
	    "byok1.keyfile", "byok1.state", "byok1.kml", "byok1.esn",
	    "byok1.keygen", "byok1.keyhash", "byok1.pubblob",
	    "byok1.blob-frame", "byok1.region" };
	const struct sample *s = &samples[_i];
	struct nf_buf file, out = NF_BUF_INIT;

	nf_tap_sample(s->file, &file);
	ck_assert_int_eq(audit(nf_buf_view(&file)), 0);
	for (size_t i = 0; i < sizeof(pass) / sizeof(pass[0]); i++)
		ck_assert_msg(nf_vfy_passed(&v, pass[i]), "%s", pass[i]);
	ck_assert_uint_eq(v.n_checks, sizeof(pass) / sizeof(pass[0]) + 2);
	check_is("root", NF_VFY_UNKNOWN, "");
	check_is("byok1.kml-esn", NF_VFY_UNKNOWN, "");
	ck_assert_int_eq(nf_vfy_exit(&v), 4);
	ck_assert(!v.has_root);
	ck_assert(!v.simulated);
	fact_is("region", s->region, "the key itself");
	fact_is("key hash", s->hash, "KML");
	fact_is("KML hash", s->kml, "KLF");
	fact_is("KLF hash", "e81187a1b36f2c4045aacc96e5a9e02c24da5058", NULL);
	fact_is("ESN", "C6E2-0F33-6430", "KLF");
	fact_is("created", s->created, "the key itself");
	fact_is("environment", "Production", "the key itself");
	fact_is("key", "RSA, 2048 bits", "KML");
	nf_vfy_write(&out, &v);
	ck_assert_ptr_nonnull(strstr(nf_buf_text(&out),
	    "\nroot: not in this file\nResult: UNANCHORED: "));
	nf_buf_wipe(&out);
	nf_buf_wipe(&file);
}
END_TEST

/* The early ACL and the stock one, in full and signed. */
START_TEST(real_acl)
{
	struct nf_buf file, out = NF_BUF_INIT;
	const char *text;

	nf_tap_sample(PROD, &file);
	ck_assert_int_eq(audit(nf_buf_view(&file)), 0);
	nf_vfy_write(&out, &v);
	text = strstr(nf_buf_text(&out), "\n  ACL at generation "
	    "(the reduced one is not visible): [signed by KML, "
	    "unanchored]\n");
	ck_assert_ptr_nonnull(text);
	ck_assert_ptr_nonnull(strstr(text, "ExpandACL|Decrypt|Sign|GetACL"));
	ck_assert_ptr_nonnull(strstr(text,
	    "5f62b970 2a2c5089 104dba30 d796b7ac 4724a2bf"));
	nf_buf_wipe(&out);
	nf_buf_wipe(&file);
}
END_TEST

/* No byte of a package may be changed without notice. */
START_TEST(junk_byte)
{
	unsigned parsed = 0, n = 0;
	struct nf_buf file;

	nf_tap_sample(samples[_i].file, &file);
	for (size_t i = 0; i < file.len; i += 13, n++) {
		file.p[i] ^= (uint8_t)(1u << (i % 8));
		if (audit(nf_buf_view(&file)) == 0) {
			parsed++;
			ck_assert_msg(nf_vfy_code(&v) == NF_E_VERIFY,
			    "byte %zu", i);
		} else
			ck_assert_int_eq(diag.code, NF_E_FORMAT);
		file.p[i] ^= (uint8_t)(1u << (i % 8));
	}
	ck_assert_uint_ge(n, 200);
	ck_assert_uint_ge(parsed, 100);
	ck_assert_int_eq(audit(nf_buf_view(&file)), 0);
	ck_assert_int_eq(nf_vfy_exit(&v), 4);
	nf_buf_wipe(&file);
}
END_TEST

START_TEST(short_file)
{
	struct nf_buf file;

	nf_tap_sample(samples[_i].file, &file);
	for (size_t n = 0; n < file.len; n += n < 100 ? 1 : 7)
		ck_assert_int_eq(audit(nf_view_of(file.p, n)), NF_E_FORMAT);
	ck_assert_int_eq(audit(nf_view_of(file.p, file.len - 1)),
	    NF_E_FORMAT);
	nf_buf_wipe(&file);
}
END_TEST

START_TEST(trailing_byte)
{
	struct nf_buf file;

	nf_tap_sample(NA, &file);
	nf_buf_u8(&file, 1);
	ck_assert_int_eq(audit(nf_buf_view(&file)), NF_E_FORMAT);
	nf_buf_wipe(&file);
}
END_TEST

/* Entry "to" gets the bytes of "from" of another package, or of its own. */
struct repack {
	uint32_t to, from;
	const char *other;
	const char *environment;
	bool flip_kek_hash, flip_hkm;
};

static void
entry_of(const struct nf_byok1 *pkg, uint32_t type, struct nf_buf *out)
{
	struct nf_km_file *file;
	struct nf_view data;
	struct nf_cur cur;

	nf_cur_init(&cur, pkg->key_token.p, pkg->key_token.len, NULL);
	ck_assert_int_eq(nf_km_file_read(&cur, &file), 0);
	ck_assert_int_eq(nf_km_file_one(file, type, &data, NULL), 0);
	nf_buf_init(out);
	nf_buf_view_put(out, data);
	nf_km_file_free(file);
}

static void
token_make(const struct nf_byok1 *pkg, uint32_t to, const struct nf_buf *data,
    struct nf_buf *out)
{
	struct nf_km_file *file;
	struct nf_km_writer w;
	struct nf_cur cur;

	nf_cur_init(&cur, pkg->key_token.p, pkg->key_token.len, NULL);
	ck_assert_int_eq(nf_km_file_read(&cur, &file), 0);
	nf_buf_init(out);
	nf_km_begin(&w, out, file->time);
	for (uint32_t i = 0; i < file->n; i++)
		nf_km_put(&w, file->entry[i].type, file->entry[i].type == to ?
		    nf_buf_view(data) : file->entry[i].data);
	nf_km_end(&w);
	ck_assert_int_eq(nf_buf_err(out), 0);
	nf_km_file_free(file);
}

static struct nf_byok1 *
sample_read(const char *name)
{
	struct nf_byok1 *pkg;
	struct nf_buf file;

	nf_tap_sample(name, &file);
	ck_assert_int_eq(nf_byok1_read(nf_buf_view(&file), &pkg, NULL), 0);
	nf_buf_wipe(&file);
	return pkg;
}

/* Audit the NA package with this change; its signature is the old one. */
static void
repack(const struct repack *change)
{
	struct nf_byok1 *pkg = sample_read(NA), *other;
	struct nf_buf data, token, tbs = NF_BUF_INIT, file = NF_BUF_INIT;
	struct nf_byok1_parts parts;

	other = sample_read(change->other == NULL ? NA : change->other);
	entry_of(other, change->from == 0 ? NF_ENT_HASH_KA : change->from,
	    &data);
	token_make(pkg, change->to, &data, &token);
	nf_byok1_parts_of(pkg, &parts);
	parts.key_token = nf_buf_view(&token);
	if (change->environment != NULL)
		parts.environment = change->environment;
	if (change->flip_kek_hash)
		parts.kek_hash[7] ^= 1;
	if (change->flip_hkm)
		parts.hkm[7] ^= 1;
	ck_assert_int_eq(nf_byok1_write_unsigned(&parts, &tbs, NULL), 0);
	ck_assert_int_eq(nf_byok1_write_signed(nf_buf_view(&tbs),
	    pkg->signature, &file, NULL), 0);
	ck_assert_int_eq(audit(nf_buf_view(&file)), 0);
	nf_buf_wipe(&data);
	nf_buf_wipe(&token);
	nf_buf_wipe(&tbs);
	nf_buf_wipe(&file);
	nf_byok1_free(pkg);
	nf_byok1_free(other);
}

/* Repacking without a change gives the very same package. */
START_TEST(unchanged)
{
	const struct repack change = { .to = NF_ENT_HASH_KA };

	repack(&change);
	ck_assert(nf_vfy_passed(&v, "byok1.signature"));
	ck_assert_int_eq(nf_vfy_exit(&v), 4);
}
END_TEST

#define CHANGE(name, id, why, ...)				\
START_TEST(name)						\
{								\
	const struct repack change = { __VA_ARGS__ };		\
								\
	repack(&change);					\
	ck_assert(!nf_vfy_passed(&v, "byok1.signature"));	\
	check_is(id, NF_VFY_FAIL, why);				\
	ck_assert_int_eq(nf_vfy_exit(&v), 1);			\
}								\
END_TEST

CHANGE(wrong_keyhash, "byok1.keyhash", "HashKA",
    .to = NF_ENT_HASH_KA, .from = NF_ENT_HASH_KA, .other = BVT)
CHANGE(wrong_ident, "byok1.filename", "another name",
    .to = NF_ENT_IDENT, .from = NF_ENT_IDENT, .other = BVT)
CHANGE(wrong_pubblob, "byok1.pubblob", "another key",
    .to = NF_ENT_BLOBPUB_KA, .from = NF_ENT_BLOBPUB_KA, .other = BVT)
CHANGE(swapped_pubblobs, "byok1.kml", "another key",
    .to = NF_ENT_BLOBPUB_KML, .from = NF_ENT_BLOBPUB_KA)
CHANGE(wrong_kml_blob, "byok1.kml", "another key",
    .to = NF_ENT_BLOBPUB_KML, .from = NF_ENT_BLOBPUB_KML, .other = BVT)
CHANGE(wrong_gen_signature, "byok1.keygen", "does not verify",
    .to = NF_ENT_CERT_GEN_KA, .from = NF_ENT_CERT_GEN_KA, .other = BVT)
CHANGE(wrong_gen_message, "byok1.keygen", "does not verify",
    .to = NF_ENT_MESG_GEN_KA, .from = NF_ENT_MESG_GEN_KA, .other = BVT)
CHANGE(swapped_signatures, "byok1.state", "does not verify",
    .to = NF_ENT_CERT_MODULE_STATE, .from = NF_ENT_CERT_GEN_KA)
CHANGE(swapped_messages, "byok1.state", "not a module state",
    .to = NF_ENT_MESG_MODULE_STATE, .from = NF_ENT_MESG_GEN_KA)
CHANGE(wrong_state_message, "byok1.state", "does not verify",
    .to = NF_ENT_MESG_MODULE_STATE, .from = NF_ENT_MESG_MODULE_STATE,
    .other = BVT)
CHANGE(wrong_esn, "byok1.esn", "another module",
    .to = NF_ENT_ESN_GEN, .from = NF_ENT_APPNAME)
CHANGE(wrong_blob, "byok1.blob-frame", "KeyExchangeKeyHash",
    .to = NF_ENT_BLOB_KA, .from = NF_ENT_BLOB_KA, .other = BVT)
CHANGE(swapped_blobs, "byok1.blob-frame", "format 5",
    .to = NF_ENT_BLOB_KA, .from = NF_ENT_BLOBPUB_KA)
CHANGE(wrong_kek_hash, "byok1.blob-frame", "KeyExchangeKeyHash",
    .flip_kek_hash = true)
CHANGE(wrong_known_kek, "byok1.region", "KEK is another",
    .flip_kek_hash = true)
CHANGE(wrong_hkm, "byok1.region", "world differs", .flip_hkm = true)
CHANGE(wrong_environment, "byok1.signature", "does not verify",
    .environment = "Productiom")

/* The claim alone makes a report say SIMULATED. */
START_TEST(simulated)
{
	const struct repack change = { .environment = "Simulated",
	    .flip_kek_hash = true };
	struct nf_buf out = NF_BUF_INIT;

	repack(&change);
	ck_assert(v.simulated);
	check_is("byok1.region", NF_VFY_NA, "");
	fact_is("region", "North America (by the KEK's ident)", NULL);
	nf_vfy_write(&out, &v);
	ck_assert_ptr_nonnull(strstr(nf_buf_text(&out), "\nSIMULATED"));
	nf_buf_wipe(&out);
}
END_TEST

/* What rests on a state certificate that failed is not called good. */
START_TEST(nothing_under_bad_state)
{
	static const char *const ids[] = { "byok1.kml", "byok1.esn",
	    "byok1.keygen", "byok1.keyhash" };
	const struct repack change = { .to = NF_ENT_CERT_MODULE_STATE,
	    .from = NF_ENT_CERT_GEN_KA };

	repack(&change);
	for (size_t i = 0; i < 4; i++)
		check_is(ids[i], NF_VFY_UNKNOWN, "");
	fact_is("ESN", "C6E2-0F33-6430", NULL);
	fact_is("key hash", "d02ba06bf55f1207f0ed20142a316fb7c3183b1b", NULL);
	ck_assert(!nf_vfy_fact_find(&v, "KML hash", NULL, NULL));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("verify/byok1check");
	TCase *t = tcase_create("real packages");

	tcase_add_checked_fixture(t, audit_setup, audit_teardown);
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, real, 0, 3);
	tcase_add_test(t, real_acl);
	tcase_add_loop_test(t, junk_byte, 0, 3);
	tcase_add_loop_test(t, short_file, 0, 3);
	tcase_add_test(t, trailing_byte);
	tcase_add_test(t, unchanged);
	tcase_add_test(t, wrong_keyhash);
	tcase_add_test(t, wrong_ident);
	tcase_add_test(t, wrong_pubblob);
	tcase_add_test(t, swapped_pubblobs);
	tcase_add_test(t, wrong_kml_blob);
	tcase_add_test(t, wrong_gen_signature);
	tcase_add_test(t, wrong_gen_message);
	tcase_add_test(t, swapped_signatures);
	tcase_add_test(t, swapped_messages);
	tcase_add_test(t, wrong_state_message);
	tcase_add_test(t, wrong_esn);
	tcase_add_test(t, wrong_blob);
	tcase_add_test(t, swapped_blobs);
	tcase_add_test(t, wrong_kek_hash);
	tcase_add_test(t, wrong_known_kek);
	tcase_add_test(t, wrong_hkm);
	tcase_add_test(t, wrong_environment);
	tcase_add_test(t, simulated);
	tcase_add_test(t, nothing_under_bad_state);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return nf_tap_run_with_samples(suite);
}
