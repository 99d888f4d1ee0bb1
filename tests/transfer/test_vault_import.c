/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the vaults take in: packages of method 1, made by the simulated
 * source world, packages of method 2, made here with libcrypto, and software
 * keys; and what they refuse.
 */
#include "config.h"

#include <openssl/rsa.h>

#include "tests/pkcs8.h"
#include "tests/transfer/source.h"
#include "tests/transfer/vault_fixture.h"
#include "transfer/byok2.h"
#include "transfer/modify.h"
#include "transfer/package1.h"

#define RSA(bits)	type_of(NF_XFER_RSA, bits, 0)
#define OCT(bits)	type_of(NF_XFER_OCT, bits, 0)

static const uint8_t tenant[16] = { 1, 2, 3 };
static struct nf_buf pkg_eu, pkg_eu2048, pkg_na;
static char kek_version[NF_VAULT_VERSION_LEN + 1];

/* ---- the source ---- */

/* A new key of the source and its package for a region. */
static void
package_make(const char *region_name, const char *ident, uint32_t bits,
    struct nf_buf *out)
{
	struct nf_kek_authority region;
	struct nf_buf own = NF_BUF_INIT, diff = NF_BUF_INIT;
	struct nf_xfer_dest dest = { .kek_ident = NULL };
	char path[NF_PATH_MAX];
	const char *app;

	source_key(ident, NF_KEY_RSAPRIVATE, bits, true);
	must(nf_kek_authority_make(state, region_of(region_name), NULL,
	    &region, &diag));
	must(nf_appkey_public(&region.kek.key, &own, &dest.kek, &diag));
	dest.kek_ident = region.region->ident;
	memcpy(dest.region.hkm, region.world->hash[NF_ADMIN_M], 20);
	memcpy(dest.region.kek_hash, region.kek.key.hash, 20);
	must(nf_xfer_modify(host, world, "simple", ident, &dest, NULL, &diff,
	    path, &diag));
	must(nf_xfer_package(host, world, ident, &dest, tenant, "label", out,
	    &app, &diag));
	nf_kek_authority_close(&region);
	nf_buf_wipe(&own);
	nf_buf_wipe(&diff);
}

static void
make_all(void)
{
	char sim[64], local[64], pins[64];

	make_state();
	(void)snprintf(sim, sizeof(sim), "%s/source", state);
	(void)snprintf(local, sizeof(local), "%s/local", state);
	(void)snprintf(pins, sizeof(pins), "%s/pins", state);
	must(nf_file_write_atomic(pins, 0600, nf_view_of("\n", 1), &diag));
	ck_assert_int_eq(setenv("NFSIM_PINS", pins, 1), 0);
	source_make(sim, local, NF_KEK_SUITE, 1);
	package_make("EU", "a", 1024, &pkg_eu);
	package_make("EU", "b", 2048, &pkg_eu2048);
	package_make("NA", "c", 1024, &pkg_na);
	source_close();
	open_eu();
	ok(create_ops("kek", RSA(2048), NF_VAULT_IMPORT));
	(void)snprintf(kek_version, sizeof(kek_version), "%s", key->version);
	close_all();
}

static void
remove_all(void)
{
	nf_buf_wipe(&pkg_eu);
	nf_buf_wipe(&pkg_eu2048);
	nf_buf_wipe(&pkg_na);
	remove_state();
}

static bool
import_to(const char *vault, const char *name, struct nf_xfer_keytype t,
    struct nf_view package)
{
	return nf_vault_import_package(vaults, vault, name, &t, package,
	    &none, &key, &err);
}

static bool
import(const char *name, struct nf_xfer_keytype t, struct nf_view package)
{
	bool done = import_to("v", name, t, package);

	/* All or nothing. */
	if (!done)
		ck_assert_ptr_null(nf_vault_version_at(vaults, "v", name, 0));
	return done;
}

/* ---- method 1 ------------------------------------------------------------ */

START_TEST(method1)
{
	ok(import("m1", RSA(0), nf_buf_view(&pkg_eu2048)));
	ck_assert_uint_eq(key->type.bits, 2048);
	ck_assert(key->hsm);
	ck_assert_uint_eq(key->attributes.ops, 0x3f);
	signs("m1", "RS256", 32);
	signs("m1", "PS512", 64);
	ok(import_to("w", "m1", RSA(0), nf_buf_view(&pkg_eu2048)));
	reopen(false);
	signs("m1", "RS256", 32);
	ok(import("m1", RSA(0), nf_buf_view(&pkg_eu)));
	ck_assert_uint_eq(key->type.bits, 1024);
	signs("m1", "RS256", 32);
	ck_assert_uint_eq(nf_vault_version_at(vaults, "v", "m1",
	    0)->type.bits, 2048);
}
END_TEST

START_TEST(wrong_region)
{
	char msg[160];

	(void)snprintf(msg, sizeof(msg), "The package is for region %s; this "
	    "vault is in %s.", region_of("NA")->ident,
	    region_of("EU")->ident);
	bad(import("x", RSA(0), nf_buf_view(&pkg_na)), msg);
	close_all();
	open_as("NA", false, NULL);
	ok(import("good", RSA(0), nf_buf_view(&pkg_na)));
	ck_assert(!import("y", RSA(0), nf_buf_view(&pkg_eu)));
}
END_TEST

START_TEST(wrong_subscription)
{
	uint8_t other[16] = { 9 };

	close_all();
	open_as("EU", false, other);
	bad(import("x", RSA(0), nf_buf_view(&pkg_eu)), "another subscription");
	close_all();
	open_as("EU", false, tenant);
	ok(import("good", RSA(0), nf_buf_view(&pkg_eu)));
}
END_TEST

START_TEST(method1_wrong_type)
{
	struct nf_vault_attributes a = { .has_ops = true,
	    .ops = NF_VAULT_IMPORT };
	struct nf_xfer_keytype t = RSA(0);

	bad(import("x", p256(), nf_buf_view(&pkg_eu)),
	    "A key of type RSA 1024 is in the package");
	bad(import("x", RSA(2048), nf_buf_view(&pkg_eu)),
	    "A key of type RSA 1024 is in the package");
	bad(nf_vault_import_package(vaults, "v", "x", &t,
	    nf_buf_view(&pkg_eu), &a, &key, &err), "must be created in the "
	    "vault");
	bad(import("a_b", RSA(0), nf_buf_view(&pkg_eu)), "invalid name");
}
END_TEST

/* A byte of every part of the package, one after the other. */
START_TEST(method1_damaged)
{
	for (size_t i = 0; i < pkg_eu.len; i += 37) {
		pkg_eu.p[i] ^= 0x20;
		ck_assert_msg(!import("x", RSA(0), nf_buf_view(&pkg_eu)),
		    "byte %zu", i);
		ck_assert_int_eq(err.status, 400);
		pkg_eu.p[i] ^= 0x20;
	}
	for (size_t n = 0; n < pkg_eu.len; n += 97) {
		bad(import("x", RSA(0), nf_view_of(pkg_eu.p, n)), "");
	}
}
END_TEST

/* ---- method 2 ------------------------------------------------------------ */

/* The KEK of a vault, from its record. */
static EVP_PKEY *
kek_public(const char *vault, const char *name)
{
	EVP_PKEY *pkey;

	ok(nf_vault_get(vaults, vault, name, NULL, &key, &err));
	must(nf_wire_keydata_pkey(&key->pub, &pkey, &diag));
	return pkey;
}

/* C1 | C2 of a plaintext, as the specification wants it. */
static void
wrap(EVP_PKEY *kek, struct nf_view plain, struct nf_buf *out)
{
	static const uint8_t aes[32] = { 5, 4, 3 };
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, "AES-256-WRAP-PAD",
	    NULL);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, kek, NULL);
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	uint8_t c1[512], c2[4096];
	size_t n = sizeof(c1);
	int len = 0;

	nf_buf_init(out);
	ck_assert_int_eq(EVP_PKEY_encrypt_init(ctx), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_padding(ctx,
	    RSA_PKCS1_OAEP_PADDING), 1);
	ck_assert_int_eq(EVP_PKEY_encrypt(ctx, c1, &n, aes, sizeof(aes)), 1);
	nf_buf_put(out, c1, n);
	EVP_CIPHER_CTX_set_flags(c, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
	ck_assert_int_eq(EVP_EncryptInit_ex2(c, cipher, aes, NULL, NULL), 1);
	ck_assert_int_eq(EVP_EncryptUpdate(c, c2, &len, plain.p,
	    (int)plain.len), 1);
	nf_buf_put(out, c2, (size_t)len);
	EVP_CIPHER_CTX_free(c);
	EVP_CIPHER_free(cipher);
	EVP_PKEY_CTX_free(ctx);
}

static EVP_PKEY *
target_rsa(size_t bits)
{
	EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", bits);

	ck_assert_ptr_nonnull(pkey);
	return pkey;
}

static EVP_PKEY *
target_ec(const char *curve)
{
	EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "EC", curve);

	ck_assert_ptr_nonnull(pkey);
	return pkey;
}

/* A document of method 2 for a kid that is https://HOST/keys/NAME/VERSION. */
static void
document(const char *host_name, const char *name, const char *version,
    struct nf_view plain, struct nf_buf *out)
{
	EVP_PKEY *kek = kek_public("v", "kek");
	struct nf_buf c = NF_BUF_INIT;
	char kid[300];

	wrap(kek, plain, &c);
	(void)snprintf(kid, sizeof(kid), "https://%s/keys/%s/%s", host_name,
	    name, version);
	nf_buf_init(out);
	must(nf_byok2_write(out, kid, nf_buf_view(&c), "test", &diag));
	nf_buf_wipe(&c);
	EVP_PKEY_free(kek);
}

/* The same of a libcrypto key, for the KEK of vault v; takes pkey. */
static void
document_of(EVP_PKEY *pkey, struct nf_buf *out)
{
	struct nf_buf p8;

	pkcs8_of(pkey, &p8);
	document("v.vault.test:8443", "kek", kek_version, nf_buf_view(&p8),
	    out);
	nf_buf_wipe(&p8);
	EVP_PKEY_free(pkey);
}

START_TEST(method2_rsa)
{
	struct nf_buf doc, spaced = NF_BUF_INIT;

	document_of(target_rsa(2048), &doc);
	ok(import("r", RSA(0), nf_buf_view(&doc)));
	ck_assert_uint_eq(key->type.bits, 2048);
	ck_assert(key->hsm);
	signs("r", "RS256", 32);
	reopen(false);
	signs("r", "PS256", 32);
	nf_buf_str(&spaced, " \r\n\t");
	nf_buf_view_put(&spaced, nf_buf_view(&doc));
	ok(import("r2", RSA(0), nf_buf_view(&spaced)));
	nf_buf_wipe(&doc);
	nf_buf_wipe(&spaced);
}
END_TEST

START_TEST(method2_ec)
{
	static const struct {
		const char *group, *name, *alg;
		uint32_t curve;
		size_t digest;
	} all[] = {
		{ "P-256", "e256", "ES256", NF_EC_P256, 32 },
		{ "P-384", "e384", "ES384", NF_EC_P384, 48 },
		{ "P-521", "e521", "ES512", NF_EC_P521, 64 },
		{ "secp256k1", "k256", "ES256K", NF_EC_SECP256K1, 32 }
	};
	struct nf_buf doc;

	for (size_t i = 0; i < 4; i++) {
		document_of(target_ec(all[i].group), &doc);
		ok(import(all[i].name, type_of(NF_XFER_EC, 0, all[i].curve),
		    nf_buf_view(&doc)));
		signs(all[i].name, all[i].alg, all[i].digest);
		ck_assert(!import("x", type_of(NF_XFER_EC, 0,
		    all[(i + 1) % 4].curve), nf_buf_view(&doc)));
		ck_assert_ptr_nonnull(strstr(err.message, "is in it, not "));
		nf_buf_wipe(&doc);
	}
}
END_TEST

START_TEST(method2_oct)
{
	struct nf_view aes = text("0123456789abcdef");
	struct nf_vault_result res = { .ok = false };
	struct nf_buf doc;

	document("V.vault.test", "KEK", kek_version, aes, &doc);
	bad(import("o", OCT(0), nf_buf_view(&doc)), "in a Managed HSM only");
	reopen(true);
	ok(import("o", OCT(0), nf_buf_view(&doc)));
	ck_assert_uint_eq(key->type.bits, 128);
	ok(use_key("o", NF_VAULT_WRAP, "A128KW", aes, text(""), &res));
	bad(import("x", OCT(256), nf_buf_view(&doc)),
	    "a key of type oct 128 is in it, not oct 256");
	bad(import("x", RSA(0), nf_buf_view(&doc)), "cannot be imported");
	result_wipe(&res);
	nf_buf_wipe(&doc);
}
END_TEST

START_TEST(method2_wrong_type)
{
	struct nf_buf doc;

	document_of(target_ec("P-256"), &doc);
	bad(import("x", RSA(0), nf_buf_view(&doc)), "cannot be imported");
	nf_buf_wipe(&doc);
	document_of(target_rsa(1024), &doc);
	bad(import("x", RSA(0), nf_buf_view(&doc)), "cannot be imported");
	nf_buf_wipe(&doc);
}
END_TEST

#define NO_KEK	"which this vault does not have"

START_TEST(wrong_kek)
{
	struct nf_view aes = text("0123456789abcdef");
	struct nf_buf doc;

	reopen(true);
	document("v.vault.test", "kek", "00112233445566778899aabbccddeeff",
	    aes, &doc);
	bad(import("x", OCT(0), nf_buf_view(&doc)), "The package was wrapped "
	    "for KEK https://v.vault.test/keys/kek/00112233445566778899aabb"
	    "ccddeeff, " NO_KEK);
	nf_buf_wipe(&doc);
	document("w.vault.test", "kek", kek_version, aes, &doc);
	bad(import("x", OCT(0), nf_buf_view(&doc)), NO_KEK);
	/* The same KEK's vault, and a vault that has none of that name. */
	bad(import_to("w", "x", OCT(0), nf_buf_view(&doc)), NO_KEK);
	nf_buf_wipe(&doc);
	document("v.vault.test", "other", kek_version, aes, &doc);
	bad(import("x", OCT(0), nf_buf_view(&doc)), NO_KEK);
	nf_buf_wipe(&doc);
	/* A key that does not import. */
	ok(create("plain", RSA(2048)));
	document("v.vault.test", "plain", key->version, aes, &doc);
	refused(import("x", OCT(0), nf_buf_view(&doc)), 403, "Forbidden",
	    "KeyOperationForbidden", "Operation import is not permitted on "
	    "this key.");
	nf_buf_wipe(&doc);
	/* A second KEK, not the one that was wrapped for. */
	ok(create_ops("kek2", RSA(2048), NF_VAULT_IMPORT));
	document("v.vault.test", "kek2", key->version, aes, &doc);
	bad(import("x", OCT(0), nf_buf_view(&doc)), "cannot be imported");
	nf_buf_wipe(&doc);
}
END_TEST

/* exp of a KEK does not count, disabling it does; so does deleting it. */
START_TEST(kek_state)
{
	struct nf_vault_attributes a = { .has_exp = true, .exp = 1 };
	struct nf_buf doc;

	document_of(target_ec("P-256"), &doc);
	ok(nf_vault_update(vaults, "v", "kek", NULL, &a, &key, &err));
	ok(import("k1", p256(), nf_buf_view(&doc)));
	a.has_enabled = true;
	ok(nf_vault_update(vaults, "v", "kek", NULL, &a, &key, &err));
	refused(import("k2", p256(), nf_buf_view(&doc)), 403, "Forbidden",
	    "KeyDisabled", "Operation import");
	a.enabled = true;
	ok(nf_vault_update(vaults, "v", "kek", NULL, &a, &key, &err));
	ok(nf_vault_delete(vaults, "v", "kek", &key, &err));
	bad(import("k2", p256(), nf_buf_view(&doc)), NO_KEK);
	ok(nf_vault_recover(vaults, "v", "kek", &key, &err));
	ok(import("k2", p256(), nf_buf_view(&doc)));
	nf_buf_wipe(&doc);
}
END_TEST

START_TEST(method2_damaged)
{
	struct nf_buf p8, c, doc;
	EVP_PKEY *kek = kek_public("v", "kek"), *pkey = target_ec("P-256");
	char kid[200];

	pkcs8_of(pkey, &p8);
	wrap(kek, nf_buf_view(&p8), &c);
	(void)snprintf(kid, sizeof(kid), "https://v.vault.test/keys/kek/%s",
	    kek_version);
	for (size_t i = 0; i < c.len; i += 23) {
		c.p[i] ^= 1;
		nf_buf_init(&doc);
		must(nf_byok2_write(&doc, kid, nf_buf_view(&c), "test",
		    &diag));
		c.p[i] ^= 1;
		bad(import("x", p256(), nf_buf_view(&doc)),
		    "The package cannot be imported");
		nf_buf_wipe(&doc);
	}
	nf_buf_init(&doc);
	nf_buf_fill(&c, 1, 8);
	must(nf_byok2_write(&doc, kid, nf_buf_view(&c), "test", &diag));
	bad(import("x", p256(), nf_buf_view(&doc)),
	    "The package cannot be imported");
	nf_buf_wipe(&doc);
	nf_buf_wipe(&c);
	nf_buf_wipe(&p8);
	EVP_PKEY_free(kek);
	EVP_PKEY_free(pkey);
}
END_TEST

START_TEST(junk_package)
{
	bad(import("x", RSA(0), text("")), "neither a method-1 package");
	bad(import("x", RSA(0), text("   ")), "neither a method-1 package");
	bad(import("x", RSA(0), text("PK\x03\x04")), "neither a method-1");
	bad(import("x", RSA(0), text("{")), "cannot be read");
	bad(import("x", RSA(0), text("{}")), "cannot be read");
	bad(import("x", RSA(0), text("{\"schema_version\":\"1.0.0\"}")),
	    "cannot be read");
}
END_TEST

/* ---- software keys ------------------------------------------------------- */

static bool
import_plain(const char *name, const struct nf_keydata *kd,
    const struct nf_keydata *pub)
{
	bool done = nf_vault_import_plain(vaults, "v", name, false, kd, pub,
	    &none, &key, &err);

	if (!done)
		ck_assert_ptr_null(nf_vault_version_at(vaults, "v", name, 0));
	return done;
}

START_TEST(software_rsa)
{
	static const char *const names[] = { OSSL_PKEY_PARAM_RSA_FACTOR1,
	    OSSL_PKEY_PARAM_RSA_FACTOR2, OSSL_PKEY_PARAM_RSA_EXPONENT1,
	    OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
	    OSSL_PKEY_PARAM_RSA_E, OSSL_PKEY_PARAM_RSA_N };
	struct nf_keydata kd = { .type = NF_KEY_RSAPRIVATE };
	struct nf_keydata pub = { .type = NF_KEY_RSAPUBLIC };
	EVP_PKEY *pkey = target_rsa(2048);
	struct nf_buf own[7];

	for (size_t i = 0; i < 6; i++)
		kd.v[i] = number(pkey, names[i], &own[i]);
	pub.v[NF_RSA_E] = kd.v[NF_RSAP_E];
	pub.v[NF_RSA_N] = number(pkey, names[6], &own[6]);
	ok(import_plain("s", &kd, &pub));
	ck_assert(!key->hsm);
	signs("s", "RS256", 32);
	reopen(false);
	signs("s", "RS256", 32);
	own[6].p[5] ^= 1;
	bad(import_plain("x", &kd, &pub), "The key is not valid");
	own[6].p[5] ^= 1;
	own[0].p[5] ^= 2;
	bad(import_plain("x", &kd, &pub), "The key is not valid");
	own[0].p[5] ^= 2;
	own[4].p[5] ^= 2;
	bad(import_plain("x", &kd, &pub), "The key is not valid");
	for (size_t i = 0; i < 7; i++)
		nf_buf_wipe(&own[i]);
	EVP_PKEY_free(pkey);
}
END_TEST

START_TEST(software_ec)
{
	struct nf_keydata kd, pub;
	struct nf_buf own[3];

	software_p256(&kd, &pub, own);
	ok(import_plain("s", &kd, &pub));
	signs("s", "ES256", 32);
	own[0].p[3] ^= 4;
	bad(import_plain("x", &kd, &pub), "The key is not valid: the public "
	    "numbers are not those of the private key");
	for (size_t i = 0; i < 3; i++)
		nf_buf_wipe(&own[i]);
}
END_TEST

START_TEST(software_oct)
{
	struct nf_keydata kd = { .type = NF_KEY_RIJNDAEL }, pub = { 0 };

	kd.v[NF_SYM_K] = text("0123456789abcdef");
	bad(import_plain("x", &kd, &pub), "in a Managed HSM only");
	reopen(true);
	ok(import_plain("o", &kd, &pub));
	ck_assert(key->hsm);
	kd.v[NF_SYM_K].len = 15;
	bad(import_plain("x", &kd, &pub), "128, 192 or 256 bits");
	kd.v[NF_SYM_K].len = 0;
	bad(import_plain("x", &kd, &pub), "empty");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("transfer/vault_import");
	TCase *t = tcase_create("import");

	tcase_set_timeout(t, 120);
	tcase_add_unchecked_fixture(t, make_all, remove_all);
	tcase_add_checked_fixture(t, open_eu, close_all);
	tcase_add_test(t, method1);
	tcase_add_test(t, wrong_region);
	tcase_add_test(t, wrong_subscription);
	tcase_add_test(t, method1_wrong_type);
	tcase_add_test(t, method1_damaged);
	tcase_add_test(t, method2_rsa);
	tcase_add_test(t, method2_ec);
	tcase_add_test(t, method2_oct);
	tcase_add_test(t, method2_wrong_type);
	tcase_add_test(t, wrong_kek);
	tcase_add_test(t, kek_state);
	tcase_add_test(t, method2_damaged);
	tcase_add_test(t, junk_package);
	tcase_add_test(t, software_rsa);
	tcase_add_test(t, software_ec);
	tcase_add_test(t, software_oct);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
