/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "tests/verify/transcripts.h"

static EVP_PKEY *
key_make(const char *type)
{
	EVP_PKEY *key = strcmp(type, "ED25519") == 0 ?
	    EVP_PKEY_Q_keygen(NULL, NULL, type) :
	    strcmp(type, "RSA") == 0 ? EVP_RSA_gen(2048) : EVP_EC_gen(type);

	ck_assert_ptr_nonnull(key);
	return key;
}

static void
public_write(EVP_PKEY *key)
{
	FILE *f = fopen(KEY_NAME, "wb");

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(PEM_write_PUBKEY(f, key), 1);
	ck_assert_int_eq(fclose(f), 0);
}

static size_t
sign(EVP_PKEY *key, const char *md, uint8_t sig[static NF_VFY_SIG_MAX])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t len = NF_VFY_SIG_MAX;

	ck_assert_int_eq(EVP_DigestSignInit_ex(ctx, NULL, md, NULL, NULL,
	    key, NULL), 1);
	ck_assert_int_eq(EVP_DigestSign(ctx, sig, &len, file.p, file.len), 1);
	EVP_MD_CTX_free(ctx);
	nf_tap_put(SIG_NAME, sig, len);
	return len;
}

static int
check(void)
{
	nf_diag_clear(&diag);
	return nf_vfy_transcript_check(FILE_NAME, KEY_NAME, NULL, &sum,
	    &diag);
}

static const struct {
	const char *type, *md, *name;
} types[] = {
	{ "ED25519", NULL, "Ed25519" },
	{ "P-256", "SHA256", "ECDSA P-256" },
	{ "P-384", "SHA384", "ECDSA P-384" },
	{ "P-521", "SHA512", "ECDSA P-521" }
};

START_TEST(signature)
{
	EVP_PKEY *key = key_make(types[_i].type);
	EVP_PKEY *other = key_make(types[_i].type);
	struct nf_buf out = NF_BUF_INIT;
	uint8_t sig[NF_VFY_SIG_MAX] = { 0 }, zero[NF_VFY_SIG_MAX] = { 0 };
	size_t len, step = nf_tap_step(_i == 3 ? 7 : 1);

	public_write(key);
	len = sign(key, types[_i].md, sig);
	ck_assert_int_eq(check(), 0);
	ck_assert_str_eq(sum.signature->name, types[_i].name);
	nf_vfy_transcript_report(&out, FILE_NAME, &sum);
	ck_assert_ptr_nonnull(strstr(nf_buf_text(&out), types[_i].name));
	nf_buf_wipe(&out);
	for (size_t bit = 0; bit < 8 * len; bit += step) {
		sig[bit / 8] ^= (uint8_t)(1 << bit % 8);
		nf_tap_put(SIG_NAME, sig, len);
		ck_assert_int_eq(check(), NF_E_VERIFY);
		ck_assert(sum.signature == NULL);
		sig[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	nf_tap_put(SIG_NAME, sig, len - 1);
	ck_assert_int_eq(check(), NF_E_VERIFY);
	nf_tap_put(SIG_NAME, sig, len + 1);
	ck_assert_int_eq(check(), NF_E_VERIFY);
	nf_tap_put(SIG_NAME, sig, 0);
	ck_assert_int_eq(check(), NF_E_VERIFY);
	nf_tap_put(SIG_NAME, zero, len);
	ck_assert_int_eq(check(), NF_E_VERIFY);
	(void)unlink(SIG_NAME);
	ck_assert_int_eq(check(), NF_E_NOTFOUND);
	nf_tap_put(SIG_NAME, sig, len);
	public_write(other);
	ck_assert_int_eq(check(), NF_E_VERIFY);
	EVP_PKEY_free(key);
	EVP_PKEY_free(other);
}
END_TEST

/* A hash that is not the curve's own is not tried. */
START_TEST(wrong_hash)
{
	EVP_PKEY *key = key_make("P-256");
	uint8_t sig[NF_VFY_SIG_MAX];

	public_write(key);
	(void)sign(key, "SHA512", sig);
	ck_assert_int_eq(check(), NF_E_VERIFY);
	EVP_PKEY_free(key);
}
END_TEST

/* Every bit and every length: the chain or the signature sees it. */
START_TEST(flips_and_cuts)
{
	EVP_PKEY *key = key_make("ED25519");
	uint8_t sig[NF_VFY_SIG_MAX];
	size_t last = file.len - line(RECORDS - 1).len;
	int r;

	public_write(key);
	(void)sign(key, NULL, sig);
	for (size_t bit = 0; bit < 8 * file.len; bit += nf_tap_step(1)) {
		file.p[bit / 8] ^= (uint8_t)(1 << bit % 8);
		r = chain(file.p, file.len, file.len);
		ck_assert(r != 0 || bit / 8 >= last);
		if (r == 0) {
			nf_tap_put(FILE_NAME, file.p, file.len);
			ck_assert_int_eq(check(), NF_E_VERIFY);
		}
		file.p[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (size_t n = 0; n < file.len; n += nf_tap_step(1)) {
		r = chain(file.p, n, file.len);
		ck_assert_int_eq(r, n > 0 && file.p[n - 1] == '\n' ? 0 :
		    NF_E_FORMAT);
		nf_tap_put(FILE_NAME, file.p, n);
		ck_assert_int_eq(check(), r == 0 ? NF_E_VERIFY : r);
	}
	nf_tap_put(FILE_NAME, file.p, file.len);
	ck_assert_int_eq(check(), 0);
	EVP_PKEY_free(key);
}
END_TEST

/* What is no public key of ours, by what it is called. */
static void
pubkey_is(const char *pem, size_t len, int code)
{
	EVP_PKEY *key;

	nf_diag_clear(&diag);
	ck_assert_int_eq(nf_vfy_pubkey_read(nf_view_of(pem, len), &key,
	    &diag), code);
	ck_assert((key != NULL) == (code == 0));
	ck_assert_int_eq(diag.code, code);
	EVP_PKEY_free(key);
}

START_TEST(pubkeys)
{
	EVP_PKEY *key = key_make("P-256"), *rsa = key_make("RSA");
	struct nf_buf pem = NF_BUF_INIT, two = NF_BUF_INIT;
	uint8_t sig[NF_VFY_SIG_MAX];
	char *p;
	FILE *f;

	public_write(key);
	get_file(KEY_NAME, &pem);
	p = (char *)pem.p;
	pubkey_is(p, pem.len, 0);
	for (size_t n = 0; n < pem.len - 1; n++)
		pubkey_is(p, n, NF_E_FORMAT);
	nf_buf_view_put(&two, nf_buf_view(&pem));
	nf_buf_view_put(&two, nf_buf_view(&pem));
	pubkey_is((char *)two.p, two.len, NF_E_FORMAT);
	nf_buf_wipe(&two);
	nf_buf_str(&two, "x\n");
	nf_buf_view_put(&two, nf_buf_view(&pem));
	pubkey_is((char *)two.p, two.len, NF_E_FORMAT);
	nf_buf_wipe(&two);
	for (size_t i = 0; i < pem.len; i++) {
		if (p[i] == '\n')
			nf_buf_u8(&two, '\r');
		nf_buf_u8(&two, (uint8_t)p[i]);
	}
	pubkey_is((char *)two.p, two.len, 0);
	nf_buf_wipe(&two);
	p[40] = ' ';
	pubkey_is(p, pem.len, NF_E_FORMAT);
	(void)sign(key, "SHA256", sig);
	public_write(rsa);
	ck_assert_int_eq(check(), NF_E_POLICY);
	ck_assert_ptr_nonnull(strstr(diag.text, "RSA"));
	ck_assert_ptr_nonnull((f = fopen(KEY_NAME, "wb")));
	ck_assert_int_eq(PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL,
	    NULL), 1);
	ck_assert_int_eq(fclose(f), 0);
	get_file(KEY_NAME, &pem);
	ck_assert_int_eq(check(), NF_E_POLICY);
	ck_assert_ptr_nonnull(strstr(diag.text, "private key"));
	ck_assert_ptr_null(strstr(diag.text, "MIG"));
	pubkey_is("-----BEGIN CERTIFICATE-----\n", 28, NF_E_POLICY);
	(void)unlink(KEY_NAME);
	ck_assert_int_eq(check(), NF_E_NOTFOUND);
	nf_buf_wipe(&pem);
	EVP_PKEY_free(key);
	EVP_PKEY_free(rsa);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("verify/transcript-check");
	TCase *t = tcase_create("signatures");

	tcase_set_timeout(t, 120);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, signature, 0,
	    sizeof(types) / sizeof(types[0]));
	tcase_add_test(t, wrong_hash);
	tcase_add_test(t, flips_and_cuts);
	tcase_add_test(t, pubkeys);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
