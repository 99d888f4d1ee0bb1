/* SPDX-License-Identifier: Apache-2.0 */
/*
 * State and key-generation certificates of a real package, and the context
 * that remembers keys.  The chain to a root is tested in test_kekcheck.
 */
#include "config.h"

#include "nfast/kmdata/keyfile.h"
#include "tests/tap.h"
#include "transfer/byok1.h"
#include "verify/chain.h"

static struct nf_vfy_ctx *ctx;
static struct nf_byok1 *pkg;
static struct nf_km_file *file;
static struct nf_km_key key;
static struct nf_diag diag;

static void
setup(void)
{
	struct nf_buf bytes;
	struct nf_cur cur;

	nf_tap_sample("azcli_TestBYOK-NA.byok", &bytes);
	ck_assert_int_eq(nf_byok1_read(nf_buf_view(&bytes), &pkg, NULL), 0);
	nf_buf_wipe(&bytes);
	nf_cur_init(&cur, pkg->key_token.p, pkg->key_token.len, NULL);
	ck_assert_int_eq(nf_km_file_read(&cur, &file), 0);
	ck_assert_int_eq(nf_km_key_read(file, &key, NULL), 0);
	ctx = nf_vfy_ctx_new();
	nf_diag_clear(&diag);
}

static void
teardown(void)
{
	nf_vfy_ctx_free(ctx);
	nf_km_file_free(file);
	nf_byok1_free(pkg);
}

START_TEST(state)
{
	struct nf_vfy_state s;
	char hex[41];

	ck_assert_int_eq(nf_vfy_state_open(ctx, key.mesg_state,
	    key.cert_state, &s, &diag), 0);
	ck_assert(!s.klf2);
	nf_text_hash(hex, s.klf->hash);
	ck_assert_str_eq(hex, "e81187a1b36f2c4045aacc96e5a9e02c24da5058");
	ck_assert_uint_eq(s.klf->mech, NF_MECH_DSA);
	nf_vfy_state_wipe(&s);
	nf_vfy_state_wipe(&s);
}
END_TEST

/* Every truncation of the message is refused, before its signature counts. */
START_TEST(short_state)
{
	struct nf_vfy_state s;

	for (size_t n = 0; n < key.mesg_state.len; n += 3) {
		nf_diag_clear(&diag);
		ck_assert_int_eq(nf_vfy_state_open(ctx,
		    nf_view_of(key.mesg_state.p, n), key.cert_state, &s,
		    &diag), NF_E_FORMAT);
		nf_vfy_state_wipe(&s);
	}
}
END_TEST

START_TEST(junk_state)
{
	struct nf_buf msg = NF_BUF_INIT;
	struct nf_vfy_state s;

	nf_buf_view_put(&msg, key.mesg_state);
	for (size_t i = 0; i < msg.len; i += 5) {
		msg.p[i] ^= 0x40;
		ck_assert_int_ne(nf_vfy_state_open(ctx, nf_buf_view(&msg),
		    key.cert_state, &s, NULL), 0);
		nf_vfy_state_wipe(&s);
		msg.p[i] ^= 0x40;
	}
	ck_assert_int_eq(nf_vfy_state_open(ctx, nf_buf_view(&msg),
	    key.cert_state, &s, NULL), 0);
	nf_vfy_state_wipe(&s);
	nf_buf_wipe(&msg);
}
END_TEST

START_TEST(keygen)
{
	struct nf_modcert *cert;
	struct nf_vfy_state s;

	ck_assert_int_eq(nf_vfy_state_open(ctx, key.mesg_state,
	    key.cert_state, &s, &diag), 0);
	ck_assert_int_eq(nf_vfy_keygen_open(s.kml, key.mesg_gen,
	    key.cert_gen, &cert, &diag), 0);
	ck_assert_mem_eq(cert->keygen.keyhash, key.hash, 20);
	nf_modcert_free(cert);
	ck_assert_int_eq(nf_vfy_keygen_open(s.klf, key.mesg_gen,
	    key.cert_gen, &cert, &diag), NF_E_VERIFY);
	ck_assert_ptr_null(cert);
	nf_diag_clear(&diag);
	ck_assert_int_eq(nf_vfy_keygen_open(s.klf, key.mesg_state,
	    key.cert_state, &cert, &diag), NF_E_MISMATCH);
	ck_assert_str_eq(diag.field, "certtype");
	nf_vfy_state_wipe(&s);
}
END_TEST

START_TEST(junk_sigtext)
{
	static const char *const bad[] = { "", "DSA", "DSA 0 0", "RSA 1 2",
	    "DSA 1 2 " };
	struct nf_vfy_state s;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_int_eq(nf_vfy_state_open(ctx, key.mesg_state,
		    nf_view_of(bad[i], strlen(bad[i])), &s, NULL),
		    NF_E_FORMAT);
		nf_vfy_state_wipe(&s);
	}
	ck_assert_int_eq(nf_vfy_state_open(ctx, key.mesg_state,
	    nf_view_of("DSA 1 2", 7), &s, NULL), NF_E_VERIFY);
	nf_vfy_state_wipe(&s);
	ck_assert_int_eq(nf_vfy_state_open(ctx, key.mesg_state,
	    nf_view_of("DSAhSHA256 1 2", 14), &s, NULL), NF_E_VERIFY);
	nf_vfy_state_wipe(&s);
}
END_TEST

/* The same key is built once, and is not confused with another. */
START_TEST(key_cache)
{
	const struct nf_vfy_key *a, *b, *c;
	struct nf_vfy_state s;

	ck_assert_int_eq(nf_vfy_state_open(ctx, key.mesg_state,
	    key.cert_state, &s, &diag), 0);
	ck_assert_int_eq(nf_vfy_key_of_blob(ctx, key.pubblob_kml, &a,
	    &diag), 0);
	ck_assert_ptr_eq(a, s.kml);
	ck_assert_int_eq(nf_vfy_key(ctx, &s.state->kml.key, &b, &diag), 0);
	ck_assert_ptr_eq(a, b);
	ck_assert_int_eq(nf_vfy_key(ctx, &s.state->klf.key, &c, &diag), 0);
	ck_assert_ptr_ne(a, c);
	nf_vfy_state_wipe(&s);
}
END_TEST

/* More keys than slots: the one in use stays, the others come and go. */
START_TEST(key_cache_turnover)
{
	const struct nf_vfy_key *kml, *k;
	struct nf_keydata rsa = { .type = NF_KEY_RSAPUBLIC };
	static const uint8_t e[] = { 1, 0, 1, 0 };
	uint8_t n[256], first[20];

	memset(n, 0xff, sizeof(n));
	rsa.v[NF_RSA_E] = nf_view_of(e, sizeof(e));
	rsa.v[NF_RSA_N] = nf_view_of(n, sizeof(n));
	for (uint8_t i = 0; i < 3 * NF_VFY_CACHE; i++) {
		n[9] = i;
		ck_assert_int_eq(nf_vfy_key(ctx, &rsa, &k, &diag), 0);
		if (i == 0)
			memcpy(first, k->hash, 20);
		ck_assert_int_eq(memcmp(first, k->hash, 20) == 0, i == 0);
		ck_assert_int_eq(nf_vfy_key_of_blob(ctx, key.pubblob_kml,
		    &kml, &diag), 0);
		ck_assert_uint_eq(kml->key.type, NF_KEY_DSAPUBLIC);
	}
	n[9] = 0;
	ck_assert_int_eq(nf_vfy_key(ctx, &rsa, &k, &diag), 0);
	ck_assert_mem_eq(first, k->hash, 20);
}
END_TEST

START_TEST(junk_blob)
{
	const struct nf_vfy_key *k;
	struct nf_buf blob = NF_BUF_INIT;

	nf_buf_view_put(&blob, key.pubblob_kml);
	blob.p[blob.len - 1] ^= 1;
	ck_assert_int_eq(nf_vfy_key_of_blob(ctx, nf_buf_view(&blob), &k,
	    &diag), NF_E_FORMAT);
	ck_assert_ptr_null(k);
	ck_assert_int_eq(nf_vfy_key_of_blob(ctx, key.privblob, &k, NULL),
	    NF_E_FORMAT);
	nf_buf_wipe(&blob);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("verify/chain");
	TCase *t = tcase_create("real certificates");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, state);
	tcase_add_test(t, short_state);
	tcase_add_test(t, junk_state);
	tcase_add_test(t, keygen);
	tcase_add_test(t, junk_sigtext);
	tcase_add_test(t, key_cache);
	tcase_add_test(t, key_cache_turnover);
	tcase_add_test(t, junk_blob);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return nf_tap_run_with_samples(suite);
}
