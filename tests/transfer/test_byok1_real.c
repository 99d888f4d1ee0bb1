/* SPDX-License-Identifier: Apache-2.0 */
/* The real method-1 packages: read, verified, rewritten, damaged. */
#include "config.h"

#include "nfast/base/digest.h"
#include "tests/tap.h"
#include "transfer/byok1.h"

struct sample {
	const char *file;
	size_t signature_at;
	const char *signed_sha256;
	const char *public_sha1;
	const char *environment;
	const char *kek;
	const char *kek_hash;
	const char *hkm;
	uint64_t created;
	size_t token;
};

static const struct sample samples[] = {
	{ "azcli_TestBYOK-NA.byok", 5214,
	    "bc3545f8045d6bc21464d8a6ce4f63cdb37b852422cc0d882b4d2776e6560d83",
	    "6de5d3d7cc6d81289ab8d5ebb6808b7e99e3a5ca", "Production",
	    "xferwrapping,kek-prod-na-1",
	    "0dfeec4251ae1f48dc98520cc0f6fdb87cd84987",
	    "e8d323f7ca9594d4963ebb2d2b4455b79c606084", 1477512302, 4144 },
	{ "azps_bvtdata_byoktest.byok", 5238,
	    "fb5dda380cb528aba1d64fff36e3412fe257942c1a8e36df00e5a2766fa57605",
	    "556b0082da904ac38750e6ceb12e54a8985dde76", "Production",
	    "xferwrapping,bvttransferkey",
	    "cc591fcf9d03ac45231b8171326b2c61560236d4",
	    "944d5ac1b1f7569f67e228ced22124fa297ccb18", 1412009886, 4176 },
	{ "azps_proddata_byoktest.byok", 4988,
	    "cd82c7f51784cb58f26b5a4feb723a2f404027d226c7f5363103ecf2633e551d",
	    "2f6d34caf4aaa3f33d2c02aa9169e0fe06af0ea3", "Production",
	    "xferwrapping,kek-prod-na-1",
	    "0dfeec4251ae1f48dc98520cc0f6fdb87cd84987",
	    "e8d323f7ca9594d4963ebb2d2b4455b79c606084", 1402011524, 3984 }
};

#define SAMPLES	((int)(sizeof(samples) / sizeof(samples[0])))

static void
assert_hex(struct nf_view v, const char *hex)
{
	struct nf_buf text = NF_BUF_INIT;

	nf_text_hex(&text, v);
	ck_assert_str_eq(nf_buf_text(&text), hex);
	nf_buf_wipe(&text);
}

static void
assert_digest(enum nf_digest alg, struct nf_view v, const char *hex)
{
	uint8_t digest[NF_DIGEST_MAX];

	ck_assert_int_eq(nf_digest_of(alg, &v, 1, digest), 0);
	assert_hex(nf_view_of(digest, nf_digest_size(alg)), hex);
}

START_TEST(reads)
{
	const struct sample *s = &samples[_i];
	const struct nf_byok1_span *last;
	struct nf_byok1 *pkg = NULL;
	struct nf_buf file;
	uint64_t seconds;
	unsigned kind;

	nf_tap_sample(s->file, &file);
	ck_assert(nf_byok1_is(nf_buf_view(&file)));
	ck_assert_int_eq(nf_byok1_read(nf_buf_view(&file), &pkg, NULL), 0);
	ck_assert_int_eq(pkg->schema_version, 2);
	ck_assert_int_eq(pkg->vault_id, 0);
	ck_assert_str_eq(pkg->key_token_type, NF_BYOK1_TOKEN_TYPE);
	ck_assert_str_eq(pkg->environment, s->environment);
	ck_assert_str_eq(pkg->kek_identifier, s->kek);
	assert_hex(nf_view_of(pkg->kek_hash, 20), s->kek_hash);
	assert_hex(nf_view_of(pkg->hkm, 20), s->hkm);
	ck_assert_mem_eq(pkg->key_token.p, "nCipher KM datafile", 20);
	ck_assert_uint_eq(pkg->key_token.len, s->token);
	ck_assert(nf_byok1_unix(pkg->creation_time, &seconds, NULL, &kind));
	ck_assert_uint_eq(kind, 2);
	ck_assert_uint_eq(seconds, s->created);
	last = &pkg->span[NF_BYOK1_SIGNATURE];
	ck_assert_uint_eq(last->off, s->signature_at);
	ck_assert_uint_eq(last->off + last->len + 1, file.len);
	nf_byok1_free(pkg);
	nf_buf_wipe(&file);
}
END_TEST

START_TEST(verifies)
{
	const struct sample *s = &samples[_i];
	struct nf_byok1 *pkg = NULL;
	struct nf_diag diag = { 0 };
	struct nf_buf file;

	nf_tap_sample(s->file, &file);
	ck_assert_int_eq(nf_byok1_read(nf_buf_view(&file), &pkg, NULL), 0);
	assert_digest(NF_SHA256, pkg->signed_bytes, s->signed_sha256);
	assert_digest(NF_SHA1, pkg->public_key, s->public_sha1);
	ck_assert_int_eq(nf_byok1_verify_signature(pkg, &diag), 0);
	ck_assert_int_eq(nf_byok1_check_ids(pkg, &diag), 0);
	ck_assert_int_eq(diag.code, 0);
	nf_byok1_free(pkg);
	nf_buf_wipe(&file);
}
END_TEST

START_TEST(rewritten_is_identical)
{
	struct nf_buf file, tbs = NF_BUF_INIT, out = NF_BUF_INIT;
	struct nf_byok1_parts parts;
	struct nf_byok1 *pkg = NULL;

	nf_tap_sample(samples[_i].file, &file);
	ck_assert_int_eq(nf_byok1_read(nf_buf_view(&file), &pkg, NULL), 0);
	nf_byok1_parts_of(pkg, &parts);
	ck_assert_int_eq(nf_byok1_write_unsigned(&parts, &tbs, NULL), 0);
	ck_assert(nf_view_equal(nf_buf_view(&tbs), pkg->signed_bytes));
	ck_assert_int_eq(nf_byok1_write_signed(nf_buf_view(&tbs),
	    pkg->signature, &out, NULL), 0);
	ck_assert(nf_view_equal(nf_buf_view(&out), nf_buf_view(&file)));
	nf_byok1_free(pkg);
	nf_buf_wipe(&file);
	nf_buf_wipe(&tbs);
	nf_buf_wipe(&out);
}
END_TEST

START_TEST(short_file)
{
	struct nf_byok1 *pkg;
	struct nf_buf file;

	nf_tap_sample(samples[_i].file, &file);
	for (size_t n = 0; n < file.len; n++) {
		/* A copy of its own, so that a sanitizer sees the end. */
		uint8_t *copy = malloc(n + 1);
		struct nf_diag diag = { 0 };

		ck_assert_ptr_nonnull(copy);
		memcpy(copy + 1, file.p, n);
		ck_assert_int_eq(nf_byok1_read(nf_view_of(copy + 1, n), &pkg,
		    &diag), NF_E_FORMAT);
		ck_assert_int_eq(diag.code, NF_E_FORMAT);
		ck_assert(diag.has_offset && diag.offset <= n);
		ck_assert_ptr_null(pkg);
		free(copy);
	}
	nf_buf_wipe(&file);
}
END_TEST

/* One bit of every byte; which one moves with the sample. */
START_TEST(flipped_bit)
{
	struct nf_byok1 *pkg;
	struct nf_buf file;

	nf_tap_sample(samples[_i].file, &file);
	for (size_t i = 0; i < file.len; i++) {
		uint8_t bit = (uint8_t)(1u << ((i + (size_t)_i) % 8));
		int e;

		file.p[i] ^= bit;
		e = nf_byok1_read(nf_buf_view(&file), &pkg, NULL);
		if (e == 0)
			e = nf_byok1_verify_signature(pkg, NULL);
		ck_assert_msg(e == NF_E_FORMAT || e == NF_E_VERIFY,
		    "byte %zu: %d", i, e);
		nf_byok1_free(pkg);
		file.p[i] ^= bit;
	}
	nf_buf_wipe(&file);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("transfer/byok1_real");
	TCase *tc = tcase_create("packages");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, reads, 0, SAMPLES);
	tcase_add_loop_test(tc, verifies, 0, SAMPLES);
	tcase_add_loop_test(tc, rewritten_is_identical, 0, SAMPLES);
	tcase_add_loop_test(tc, short_file, 0, SAMPLES);
	tcase_add_loop_test(tc, flipped_bit, 0, SAMPLES);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run_with_samples(suite);
}
