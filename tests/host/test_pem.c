/* SPDX-License-Identifier: Apache-2.0 */
/* Private keys from PEM files, made at run time. */
#include "config.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/encoder.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "nfast/base/pkey.h"
#include "nfast/host/pem.h"
#include "nfast/wire/names.h"
#include "tests/files.h"

static struct nf_diag diag;
static char path[NF_PATH_MAX];
static struct nf_buf bytes, pubbytes;
static struct nf_keydata key, pub;

static void
setup(void)
{
	const char *build = getenv("SW_BUILDDIR");
	int fd;

	nf_diag_clear(&diag);
	ck_assert_int_eq(nf_path(path, NULL, "%s/pem.XXXXXX",
	    build == NULL ? "." : build), 0);
	ck_assert_int_ge(fd = mkstemp(path), 0);
	(void)close(fd);
}

static void
teardown(void)
{
	nf_buf_wipe(&bytes);
	nf_buf_wipe(&pubbytes);
	(void)unlink(path);
}

static void
put(const void *p, size_t len)
{
	nf_tap_put(path, p, len);
}

/* Write a key in a structure of libcrypto's ("PrivateKeyInfo", ...). */
static void
encode(EVP_PKEY *pkey, int selection, const char *structure, bool encrypt)
{
	OSSL_ENCODER_CTX *ctx = OSSL_ENCODER_CTX_new_for_pkey(pkey,
	    selection, "PEM", structure, NULL);
	unsigned char *p = NULL;
	size_t len = 0;

	ck_assert_ptr_nonnull(ctx);
	if (encrypt) {
		ck_assert_int_eq(OSSL_ENCODER_CTX_set_cipher(ctx,
		    "AES-256-CBC", NULL), 1);
		ck_assert_int_eq(OSSL_ENCODER_CTX_set_passphrase(ctx,
		    (const unsigned char *)"x", 1), 1);
	}
	ck_assert_int_eq(OSSL_ENCODER_to_data(ctx, &p, &len), 1);
	put(p, len);
	OPENSSL_free(p);
	OSSL_ENCODER_CTX_free(ctx);
}

/* The same of a key that is needed no more; the file is in pem, too. */
static void
encode_last(EVP_PKEY *pkey, const char *structure, struct nf_buf *pem)
{
	ck_assert_ptr_nonnull(pkey);
	encode(pkey, EVP_PKEY_KEYPAIR, structure, false);
	EVP_PKEY_free(pkey);
	ck_assert_int_eq(nf_file_load(path, 65536, pem, NULL), 0);
}

static bool
param_is(const EVP_PKEY *pkey, const char *name, struct nf_view v)
{
	BIGNUM *want = NULL, *got = BN_lebin2bn(v.p, (int)v.len, NULL);
	bool same = EVP_PKEY_get_bn_param(pkey, name, &want) == 1 &&
	    got != NULL && BN_cmp(want, got) == 0;

	BN_free(want);
	BN_free(got);
	return same;
}

static void
rsa_case(const char *structure)
{
	EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1024);

	ck_assert_ptr_nonnull(pkey);
	encode(pkey, EVP_PKEY_KEYPAIR, structure, false);
	ck_assert_int_eq(nf_pem_load(path, &bytes, &key, &diag), 0);
	ck_assert_uint_eq(key.type, NF_KEY_RSAPRIVATE);
	ck_assert(param_is(pkey, OSSL_PKEY_PARAM_RSA_FACTOR1,
	    key.v[NF_RSAP_P]));
	ck_assert(param_is(pkey, OSSL_PKEY_PARAM_RSA_FACTOR2,
	    key.v[NF_RSAP_Q]));
	ck_assert(param_is(pkey, OSSL_PKEY_PARAM_RSA_EXPONENT1,
	    key.v[NF_RSAP_DMP1]));
	ck_assert(param_is(pkey, OSSL_PKEY_PARAM_RSA_EXPONENT2,
	    key.v[NF_RSAP_DMQ1]));
	ck_assert(param_is(pkey, OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
	    key.v[NF_RSAP_IQMP]));
	ck_assert(param_is(pkey, OSSL_PKEY_PARAM_RSA_E, key.v[NF_RSAP_E]));
	ck_assert_int_eq(nf_pem_public(&key, &pubbytes, &pub, &diag), 0);
	ck_assert_uint_eq(pub.type, NF_KEY_RSAPUBLIC);
	ck_assert(param_is(pkey, OSSL_PKEY_PARAM_RSA_N, pub.v[NF_RSA_N]));
	ck_assert(param_is(pkey, OSSL_PKEY_PARAM_RSA_E, pub.v[NF_RSA_E]));
	EVP_PKEY_free(pkey);
}

START_TEST(rsa_pkcs8)
{
	rsa_case("PrivateKeyInfo");
}
END_TEST

START_TEST(rsa_pkcs1)
{
	rsa_case("type-specific");
}
END_TEST

static const struct {
	const char *group;
	uint32_t curve;
} curves[] = { { "P-256", 4 }, { "P-384", 5 }, { "P-521", 6 },
	{ "secp256k1", 22 } };

static void
ec_case(const char *group, uint32_t curve, const char *structure)
{
	EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "EC", group);

	ck_assert_ptr_nonnull(pkey);
	encode(pkey, EVP_PKEY_KEYPAIR, structure, false);
	ck_assert_int_eq(nf_pem_load(path, &bytes, &key, &diag), 0);
	ck_assert_uint_eq(key.type, NF_KEY_ECDSAPRIVATE);
	ck_assert_uint_eq(key.curve, curve);
	ck_assert(param_is(pkey, OSSL_PKEY_PARAM_PRIV_KEY,
	    key.v[NF_ECPRIV_D]));
	ck_assert_int_eq(nf_pem_public(&key, &pubbytes, &pub, &diag), 0);
	ck_assert_uint_eq(pub.type, NF_KEY_ECDSAPUBLIC);
	ck_assert_uint_eq(pub.curve, curve);
	ck_assert(param_is(pkey, OSSL_PKEY_PARAM_EC_PUB_X,
	    pub.v[NF_ECPUB_X]));
	ck_assert(param_is(pkey, OSSL_PKEY_PARAM_EC_PUB_Y,
	    pub.v[NF_ECPUB_Y]));
	EVP_PKEY_free(pkey);
}

START_TEST(ec_pkcs8)
{
	ec_case(curves[_i].group, curves[_i].curve, "PrivateKeyInfo");
}
END_TEST

START_TEST(ec_sec1)
{
	ec_case(curves[_i].group, curves[_i].curve, "type-specific");
}
END_TEST

static void
refused(int code, const char *says)
{
	ck_assert_int_eq(nf_pem_load(path, &bytes, &key, &diag), code);
	ck_assert_ptr_nonnull(strstr(diag.text, says));
	ck_assert_uint_eq(bytes.len, 0);
}

/* The same of a key that is written for this. */
static void
key_refused(EVP_PKEY *pkey, int selection, const char *structure, int code,
    const char *says)
{
	ck_assert_ptr_nonnull(pkey);
	encode(pkey, selection, structure, strncmp(structure, "Enc", 3) == 0);
	EVP_PKEY_free(pkey);
	refused(code, says);
}

START_TEST(encrypted_key)
{
	key_refused(EVP_RSA_gen(1024), EVP_PKEY_KEYPAIR,
	    "EncryptedPrivateKeyInfo", NF_E_POLICY, "is encrypted");
}
END_TEST

START_TEST(unknown_curve)
{
	key_refused(EVP_EC_gen("P-224"), EVP_PKEY_KEYPAIR, "PrivateKeyInfo",
	    NF_E_POLICY, "NISTP256");
}
END_TEST

START_TEST(unknown_type)
{
	key_refused(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"),
	    EVP_PKEY_KEYPAIR, "PrivateKeyInfo", NF_E_POLICY,
	    "only RSA and EC");
}
END_TEST

START_TEST(no_private_key)
{
	key_refused(EVP_RSA_gen(1024), EVP_PKEY_PUBLIC_KEY,
	    "SubjectPublicKeyInfo", NF_E_FORMAT, "no private key");
}
END_TEST

/* What "openssl ecparam -genkey" writes. */
START_TEST(parameters_before_key)
{
	static const char head[] = "-----BEGIN EC PARAMETERS-----\n"
	    "BggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
	EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	struct nf_buf pem = NF_BUF_INIT;

	encode(pkey, EVP_PKEY_KEYPAIR, "type-specific", false);
	nf_buf_str(&pem, head);
	ck_assert_int_eq(nf_file_load(path, 65536, &pem, NULL), 0);
	put(pem.p, pem.len);
	ck_assert_int_eq(nf_pem_load(path, &bytes, &key, &diag), 0);
	ck_assert_uint_eq(key.curve, 4);
	ck_assert(param_is(pkey, OSSL_PKEY_PARAM_PRIV_KEY,
	    key.v[NF_ECPRIV_D]));
	put(head, sizeof(head) - 1);
	nf_buf_wipe(&bytes);
	refused(NF_E_FORMAT, "no private key");
	EVP_PKEY_free(pkey);
	nf_buf_wipe(&pem);
}
END_TEST

START_TEST(duplicate_key)
{
	struct nf_buf pem = NF_BUF_INIT;

	encode_last(EVP_EC_gen("P-256"), "PrivateKeyInfo", &pem);
	ck_assert_int_eq(nf_file_load(path, 65536, &pem, NULL), 0);
	put(pem.p, pem.len);
	refused(NF_E_FORMAT, "2 private keys");
	nf_buf_wipe(&pem);
}
END_TEST

START_TEST(wrong_size)
{
	key_refused(EVP_RSA_gen(_i == 0 ? 512 : 4160), EVP_PKEY_KEYPAIR,
	    "PrivateKeyInfo", NF_E_POLICY, "1024 to 4096");
}
END_TEST

/* The last number of PKCS#1 is iqmp: with another one, signatures would give
 * the key away. */
START_TEST(wrong_number)
{
	struct nf_buf pem = NF_BUF_INIT;
	uint8_t *p;

	encode_last(EVP_RSA_gen(1024), "type-specific", &pem);
	p = memmem(pem.p, pem.len, "\n-----END", 9);
	ck_assert_ptr_nonnull(p);
	p -= 12;
	*p = *p == 'A' ? 'B' : 'A';
	put(pem.p, pem.len);
	refused(NF_E_FORMAT, "do not belong together");
	nf_buf_wipe(&pem);
}
END_TEST

START_TEST(short_file)
{
	struct nf_buf pem = NF_BUF_INIT;

	encode_last(EVP_EC_gen("P-256"), "PrivateKeyInfo", &pem);
	/* Up to the last dashes, which libcrypto needs. */
	for (size_t n = 0; n < pem.len - 6; n++) {
		put(pem.p, n);
		ck_assert_int_eq(nf_pem_load(path, &bytes, &key, NULL),
		    NF_E_FORMAT);
	}
	nf_buf_wipe(&pem);
}
END_TEST

START_TEST(junk_file)
{
	put("not PEM at all\n", 15);
	refused(NF_E_FORMAT, "not a PEM file");
}
END_TEST

START_TEST(no_file)
{
	(void)unlink(path);
	ck_assert_int_eq(nf_pem_load(path, &bytes, &key, &diag),
	    NF_E_NOTFOUND);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("host/pem");
	TCase *tc = tcase_create("pem");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, rsa_pkcs8);
	tcase_add_test(tc, rsa_pkcs1);
	tcase_add_loop_test(tc, ec_pkcs8, 0, 4);
	tcase_add_loop_test(tc, ec_sec1, 0, 4);
	tcase_add_test(tc, encrypted_key);
	tcase_add_test(tc, unknown_curve);
	tcase_add_test(tc, unknown_type);
	tcase_add_test(tc, no_private_key);
	tcase_add_test(tc, parameters_before_key);
	tcase_add_test(tc, duplicate_key);
	tcase_add_loop_test(tc, wrong_size, 0, 2);
	tcase_add_test(tc, wrong_number);
	tcase_add_test(tc, short_file);
	tcase_add_test(tc, junk_file);
	tcase_add_test(tc, no_file);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
