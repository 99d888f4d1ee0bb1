/* SPDX-License-Identifier: Apache-2.0 */
/* Every algorithm of the vaults, against libcrypto and against itself. */
#include "config.h"

#include <openssl/rsa.h>

#include "tests/transfer/vault_fixture.h"

#define RSA(bits)	type_of(NF_XFER_RSA, bits, 0)
#define OCT(bits)	type_of(NF_XFER_OCT, bits, 0)

static const struct nf_view empty;

static EVP_PKEY *
public_of(const char *name)
{
	EVP_PKEY *pkey;

	ok(nf_vault_get(vaults, "v", name, NULL, &key, &err));
	must(nf_wire_keydata_pkey(&key->pub, &pkey, &diag));
	return pkey;
}

/* libcrypto verifies the vault's signature. */
static void
peer_verifies(const char *name, const char *alg, const EVP_MD *md,
    size_t digest, int padding)
{
	struct nf_vault_result sig = { .ok = false };
	EVP_PKEY *pkey = public_of(name);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
	uint8_t d[64];

	memset(d, 0x77, sizeof(d));
	ok(use_key(name, NF_VAULT_SIGN, alg, nf_view_of(d, digest), empty,
	    &sig));
	ck_assert_int_eq(EVP_PKEY_verify_init(ctx), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_padding(ctx, padding), 1);
	if (md != NULL)
		ck_assert_int_eq(EVP_PKEY_CTX_set_signature_md(ctx, md), 1);
	ck_assert_int_eq(EVP_PKEY_verify(ctx, sig.value.p, sig.value.len, d,
	    digest), 1);
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(pkey);
	result_wipe(&sig);
}

START_TEST(rsa_signatures)
{
	struct nf_vault_result res = { .ok = false };
	uint8_t d[256] = { 0 };

	ok(create("r", RSA(2048)));
	signs("r", "RS256", 32);
	signs("r", "RS384", 48);
	signs("r", "RS512", 64);
	signs("r", "PS256", 32);
	signs("r", "PS384", 48);
	signs("r", "PS512", 64);
	signs("r", "RSNULL", 51);
	peer_verifies("r", "RS256", EVP_sha256(), 32, RSA_PKCS1_PADDING);
	peer_verifies("r", "RS384", EVP_sha384(), 48, RSA_PKCS1_PADDING);
	peer_verifies("r", "RS512", EVP_sha512(), 64, RSA_PKCS1_PADDING);
	peer_verifies("r", "PS256", EVP_sha256(), 32, RSA_PKCS1_PSS_PADDING);
	peer_verifies("r", "PS512", EVP_sha512(), 64, RSA_PKCS1_PSS_PADDING);
	peer_verifies("r", "RSNULL", NULL, 20, RSA_PKCS1_PADDING);
	bad(use_key("r", NF_VAULT_SIGN, "RS256", nf_view_of(d, 31), empty,
	    &res), "31 bytes. RS256 expects 32 bytes.");
	bad(use_key("r", NF_VAULT_SIGN, "RS512", empty, empty, &res),
	    "0 bytes. RS512 expects 64");
	bad(use_key("r", NF_VAULT_SIGN, "RSNULL", nf_view_of(d, 246), empty,
	    &res), "does not fit");
	ok(use_key("r", NF_VAULT_SIGN, "RSNULL", nf_view_of(d, 245), empty,
	    &res));
	bad(use_key("r", NF_VAULT_SIGN, "ES256", nf_view_of(d, 32), empty,
	    &res), "Key and signing algorithm are incompatible");
	bad(use_key("r", NF_VAULT_SIGN, "RSA-OAEP", nf_view_of(d, 32), empty,
	    &res), "none of the operation sign");
	bad(use_key("r", NF_VAULT_SIGN, "rs256", nf_view_of(d, 32), empty,
	    &res), "none of the operation sign");
	bad(use_key("r", NF_VAULT_DECRYPT, "RS256", nf_view_of(d, 32), empty,
	    &res), "none of the operation decrypt");
	result_wipe(&res);
}
END_TEST

START_TEST(ec_signatures)
{
	static const struct {
		uint32_t curve;
		const char *name, *alg, *other;
		size_t digest, half;
	} all[] = {
		{ NF_EC_P256, "e256", "ES256", "ES256K", 32, 32 },
		{ NF_EC_P384, "e384", "ES384", "ES256", 48, 48 },
		{ NF_EC_P521, "e521", "ES512", "ES384", 64, 66 },
		{ NF_EC_SECP256K1, "k256", "ES256K", "ES256", 32, 32 }
	};
	uint8_t d[64], le[2][66];

	memset(d, 3, sizeof(d));
	for (size_t i = 0; i < 4; i++) {
		struct nf_vault_result sig = { .ok = false };
		struct nf_view v = nf_view_of(d, all[i].digest);
		size_t n = all[i].half;
		EVP_PKEY *pkey;

		ok(create(all[i].name, type_of(NF_XFER_EC, 0,
		    all[i].curve)));
		signs(all[i].name, all[i].alg, all[i].digest);
		ok(use_key(all[i].name, NF_VAULT_SIGN, all[i].alg, v, empty,
		    &sig));
		ck_assert_uint_eq(sig.value.len, 2 * n);
		for (size_t k = 0; k < n; k++) {
			le[0][k] = sig.value.p[n - 1 - k];
			le[1][k] = sig.value.p[2 * n - 1 - k];
		}
		pkey = public_of(all[i].name);
		must(nf_pkey_verify_rs(pkey, d, all[i].digest,
		    nf_view_of(le[0], n), nf_view_of(le[1], n),
		    nf_curve_find(all[i].curve)->order_bits, &diag));
		EVP_PKEY_free(pkey);
		bad(use_key(all[i].name, NF_VAULT_SIGN, all[i].other, v,
		    empty, &sig), "Key and signing algorithm are "
		    "incompatible");
		result_wipe(&sig);
	}
}
END_TEST

/* There and back; the ciphertext or the tag damaged; another iv. */
static void
round_trip(const char *name, const char *alg, bool wrap, struct nf_view plain,
    struct nf_view iv, struct nf_view aad)
{
	struct nf_vault_use use = { .alg = alg, .value = plain, .other = iv,
	    .aad = aad };
	struct nf_vault_result c = { .ok = false }, p = { .ok = false };

	use.op = wrap ? NF_VAULT_WRAP : NF_VAULT_ENCRYPT;
	ok(nf_vault_use_key(vaults, "v", name, NULL, &use, &c, &key, &err));
	ck_assert(!nf_view_equal(nf_buf_view(&c.value), plain));
	use.op = wrap ? NF_VAULT_UNWRAP : NF_VAULT_DECRYPT;
	use.value = nf_buf_view(&c.value);
	use.other = nf_buf_view(&c.iv);
	use.tag = nf_buf_view(&c.tag);
	ok(nf_vault_use_key(vaults, "v", name, NULL, &use, &p, &key, &err));
	ck_assert_msg(nf_view_equal(nf_buf_view(&p.value), plain), "%s", alg);
	result_wipe(&p);
	if (strstr(alg, "CBC") == NULL && strcmp(alg, "RSA1_5") != 0) {
		c.value.p[c.value.len / 2] ^= 1;
		bad(nf_vault_use_key(vaults, "v", name, NULL, &use, &p, &key,
		    &err), "cannot be decrypted");
		c.value.p[c.value.len / 2] ^= 1;
	}
	if (c.tag.len > 0) {
		c.tag.p[0] ^= 1;
		bad(nf_vault_use_key(vaults, "v", name, NULL, &use, &p, &key,
		    &err), "cannot be decrypted");
		c.tag.p[0] ^= 1;
		use.aad = text("another");
		bad(nf_vault_use_key(vaults, "v", name, NULL, &use, &p, &key,
		    &err), "cannot be decrypted");
		use.aad = aad;
		use.tag.len--;
		bad(nf_vault_use_key(vaults, "v", name, NULL, &use, &p, &key,
		    &err), "needs a tag of 16 bytes");
	}
	use.value = text("");
	ck_assert(!nf_vault_use_key(vaults, "v", name, NULL, &use, &p, &key,
	    &err) || strstr(alg, "CBC") != NULL || strstr(alg, "GCM") !=
	    NULL);
	result_wipe(&c);
	result_wipe(&p);
}

START_TEST(rsa_encryption)
{
	static const char *const algs[] = { "RSA1_5", "RSA-OAEP",
		"RSA-OAEP-256" };
	struct nf_vault_result res = { .ok = false };
	uint8_t c[256], big[300] = { 0 };
	size_t n = sizeof(c);
	EVP_PKEY_CTX *ctx;
	EVP_PKEY *pkey;

	ok(create("r", RSA(2048)));
	for (size_t i = 0; i < 3; i++) {
		round_trip("r", algs[i], false, text("plain"), empty, empty);
		round_trip("r", algs[i], true, text("plain"), empty, empty);
		bad(use_key("r", NF_VAULT_DECRYPT, algs[i],
		    nf_view_of(c, 255), empty, &res), "255 bytes. This key "
		    "expects 256 bytes");
		bad(use_key("r", NF_VAULT_ENCRYPT, algs[i],
		    nf_view_of(big, 250), empty, &res), "does not fit");
	}
	/* What a client makes with the public key alone. */
	pkey = public_of("r");
	ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
	ck_assert_int_eq(EVP_PKEY_encrypt_init(ctx), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_padding(ctx,
	    RSA_PKCS1_OAEP_PADDING), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_oaep_md(ctx, EVP_sha256()), 1);
	ck_assert_int_eq(EVP_PKEY_encrypt(ctx, c, &n, (const uint8_t *)"hi",
	    2), 1);
	ok(use_key("r", NF_VAULT_DECRYPT, "RSA-OAEP-256", nf_view_of(c, n),
	    empty, &res));
	ck_assert(nf_view_is(nf_buf_view(&res.value), "hi"));
	result_wipe(&res);
	bad(use_key("r", NF_VAULT_DECRYPT, "RSA-OAEP", nf_view_of(c, n),
	    empty, &res), "cannot be decrypted");
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(pkey);
	result_wipe(&res);
}
END_TEST

START_TEST(oct_algorithms)
{
	static const struct {
		uint32_t bits;
		const char *name, *kw, *cbc, *cbcpad, *gcm;
	} all[] = {
		{ 128, "o128", "A128KW", "A128CBC", "A128CBCPAD", "A128GCM" },
		{ 192, "o192", "A192KW", "A192CBC", "A192CBCPAD", "A192GCM" },
		{ 256, "o256", "A256KW", "A256CBC", "A256CBCPAD", "A256GCM" }
	};
	struct nf_view p32 = text("0123456789abcdef0123456789abcdef");
	struct nf_view odd = text("odd length"), iv = text("an iv of 16 byte");
	struct nf_vault_result res = { .ok = false };

	reopen(true);
	for (size_t i = 0; i < 3; i++) {
		const char *name = all[i].name;

		ok(create(name, OCT(all[i].bits)));
		ck_assert_uint_eq(key->attributes.ops, NF_VAULT_ENCRYPT |
		    NF_VAULT_DECRYPT | NF_VAULT_WRAP | NF_VAULT_UNWRAP);
		ck_assert_uint_eq(key->pub.type, 0);
		round_trip(name, all[i].kw, true, p32, empty, empty);
		round_trip(name, "CKM_AES_KEY_WRAP", true, p32, empty, empty);
		round_trip(name, "CKM_AES_KEY_WRAP_PAD", true, odd, empty,
		    empty);
		round_trip(name, all[i].cbc, false, p32, iv, empty);
		round_trip(name, all[i].cbcpad, false, odd, iv, empty);
		round_trip(name, all[i].gcm, false, odd, empty,
		    text("header"));
		round_trip(name, all[i].gcm, false, odd, empty, empty);
		bad(use_key(name, NF_VAULT_WRAP, all[(i + 1) % 3].kw, p32,
		    empty, &res), "incompatible");
		bad(use_key(name, NF_VAULT_WRAP, all[i].kw, odd, empty,
		    &res), "cannot be done");
		bad(use_key(name, NF_VAULT_WRAP, all[i].kw, empty, empty,
		    &res), "cannot be done");
		bad(use_key(name, NF_VAULT_ENCRYPT, all[i].cbc, odd, iv,
		    &res), "cannot be done");
		bad(use_key(name, NF_VAULT_ENCRYPT, all[i].cbc, p32, empty,
		    &res), "needs an iv of 16 bytes");
		bad(use_key(name, NF_VAULT_ENCRYPT, all[i].gcm, p32,
		    text("twelve bytes"), &res), "is made by the service");
		bad(use_key(name, NF_VAULT_DECRYPT, all[i].gcm, p32, iv,
		    &res), "needs an iv of 12 bytes");
		refused(use_key(name, NF_VAULT_SIGN, "RS256", p32, empty,
		    &res), 403, "Forbidden", "KeyOperationForbidden",
		    "Operation sign");
	}
	result_wipe(&res);
	bad(create("x", OCT(129)), "128, 192 or 256");
	ok(create("dflt", OCT(0)));
	ck_assert_uint_eq(key->type.bits, 256);
	bad(create_ops("x", OCT(256), NF_VAULT_SIGN), "Unsupported key "
	    "operation(s): \"sign\". Supported values are \"encrypt\", "
	    "\"decrypt\", \"wrapKey\", \"unwrapKey\".");
	/* Every key of a Managed HSM is one of an HSM. */
	ok(create_with("v", "soft", p256(), false, &none));
	ck_assert(key->hsm);
}
END_TEST

/* The vault's wrapped key opens with the published vector's rules. */
START_TEST(key_wrap_vector)
{
	static const uint8_t kek[] = { 0x00, 0x01, 0x02, 0x03, 0x04, 0x05,
	    0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f };
	static const uint8_t data[] = { 0x00, 0x11, 0x22, 0x33, 0x44, 0x55,
	    0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff };
	static const uint8_t due[] = { 0x1f, 0xa6, 0x8b, 0x0a, 0x81, 0x12,
	    0xb4, 0x47, 0xae, 0xf3, 0x4b, 0xd8, 0xfb, 0x5a, 0x7b, 0x82, 0x9d,
	    0x3e, 0x86, 0x23, 0x71, 0xd2, 0xcf, 0xe5 };	/* RFC 3394 4.1 */
	struct nf_keydata kd = { .type = NF_KEY_RIJNDAEL }, pub = { 0 };
	struct nf_vault_result res = { .ok = false };

	reopen(true);
	kd.v[NF_SYM_K] = nf_view_of(kek, sizeof(kek));
	ok(nf_vault_import_plain(vaults, "v", "vec", true, &kd, &pub, &none,
	    &key, &err));
	ok(use_key("vec", NF_VAULT_WRAP, "A128KW",
	    nf_view_of(data, sizeof(data)), empty, &res));
	ck_assert(nf_view_equal(nf_buf_view(&res.value),
	    nf_view_of(due, sizeof(due))));
	result_wipe(&res);
}
END_TEST

START_TEST(long_values)
{
	struct nf_buf big = NF_BUF_INIT;
	struct nf_vault_result res = { .ok = false };

	reopen(true);
	ok(create("o", OCT(256)));
	nf_buf_fill(&big, 7, NF_VAULT_VALUE_MAX - 16);
	round_trip("o", "A256GCM", false, nf_buf_view(&big), empty, empty);
	round_trip("o", "A256CBCPAD", false, nf_buf_view(&big),
	    text("an iv of 16 byte"), empty);
	nf_buf_fill(&big, 7, 17);
	bad(use_key("o", NF_VAULT_ENCRYPT, "A256GCM", nf_buf_view(&big),
	    empty, &res), "longer than");
	bad(use_key("o", NF_VAULT_UNWRAP, "A256KW", nf_buf_view(&big), empty,
	    &res), "longer than");
	nf_buf_wipe(&big);
	result_wipe(&res);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("transfer/vault_use");
	TCase *t = tcase_create("use");

	tcase_set_timeout(t, 120);
	tcase_add_unchecked_fixture(t, make_state, remove_state);
	tcase_add_checked_fixture(t, open_eu, close_all);
	tcase_add_test(t, rsa_signatures);
	tcase_add_test(t, ec_signatures);
	tcase_add_test(t, rsa_encryption);
	tcase_add_test(t, oct_algorithms);
	tcase_add_test(t, key_wrap_vector);
	tcase_add_test(t, long_values);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
