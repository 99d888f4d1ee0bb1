/* SPDX-License-Identifier: Apache-2.0 */
/* The vaults' rules: creating, finding, changing and deleting keys. */
#include "config.h"

#include <time.h>

#include <sys/stat.h>

#include "tests/transfer/vault_fixture.h"

#define RSA(bits)	type_of(NF_XFER_RSA, bits, 0)
#define OCT(bits)	type_of(NF_XFER_OCT, bits, 0)
#define ALL_RSA		0x3fu
#define GONE		"was not found in this key vault. If you recently"

START_TEST(create_rsa)
{
	char version[NF_VAULT_VERSION_LEN + 1], path[256];
	struct nf_vault_result res = { .ok = false };
	struct stat st;

	ok(create("My-Rsa", RSA(2048)));
	ck_assert_str_eq(key->name, "My-Rsa");
	ck_assert_str_eq(key->vault, "v");
	ck_assert_uint_eq(strspn(key->version, "0123456789abcdef"), 32);
	ck_assert_uint_eq(key->attributes.ops, ALL_RSA);
	ck_assert(key->attributes.enabled && key->hsm);
	ck_assert(!key->attributes.has_nbf && !key->attributes.has_exp);
	ck_assert_uint_eq(nf_le_bits(key->pub.v[NF_RSA_N]), 2048);
	ck_assert_uint_eq(nf_le_bits(key->pub.v[NF_RSA_E]), 17);
	ck_assert(key->created > 0 && key->updated == key->created);
	(void)snprintf(version, sizeof(version), "%s", key->version);
	(void)snprintf(path, sizeof(path),
	    "%s/regions/eu/vaults/v/keys/my-rsa/%s.json", state, version);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	signs("MY-RSA", "RS256", 32);
	reopen(false);
	ok(nf_vault_get(vaults, "V", "my-rsa", version, &key, &err));
	ck_assert_str_eq(key->name, "My-Rsa");
	signs("my-rsa", "RS256", 32);
	refused(nf_vault_get(vaults, "w", "my-rsa", NULL, &key, &err), 404,
	    "KeyNotFound", NULL, "A key with (name/id) my-rsa " GONE);
	version[0] = version[0] == '0' ? '1' : '0';
	refused(nf_vault_get(vaults, "v", "my-rsa", version, &key, &err), 404,
	    "KeyNotFound", NULL, "A key with (name/id) my-rsa/");
	refused(use_version("my-rsa", version, NF_VAULT_SIGN, "RS256",
	    text("x"), text(""), &res), 404, "KeyNotFound", NULL, GONE);
}
END_TEST

START_TEST(sizes)
{
	struct nf_xfer_keytype t = RSA(0);

	ok(create_with("v", "soft", t, false, &none));
	ck_assert_uint_eq(key->type.bits, 2048);
	ck_assert(!key->hsm);
	t = RSA(3072);
	ok(nf_vault_create(vaults, "v", "e", &t, true, 65539, &none, &key,
	    &err));
	ck_assert_uint_eq(key->pub.v[NF_RSA_E].p[0], 3);
	ck_assert_uint_eq(nf_le_bits(key->pub.v[NF_RSA_N]), 3072);
	bad(create("x", RSA(1024)), "RSA keys have 2048, 3072 or 4096 bits");
	bad(create("x", RSA(2056)), "RSA keys have");
	bad(create("x", RSA(8192)), "RSA keys have");
	t = RSA(2048);
	bad(nf_vault_create(vaults, "v", "x", &t, true, 3, &none, &key,
	    &err), "public exponent");
	bad(nf_vault_create(vaults, "v", "x", &t, true, 65536, &none, &key,
	    &err), "public exponent");
	bad(nf_vault_create(vaults, "v", "x", &t, true, UINT64_MAX, &none,
	    &key, &err), "public exponent");
	bad(create("x", OCT(256)), "in a Managed HSM only");
	ck_assert_ptr_null(nf_vault_version_at(vaults, "v", "x", 0));
}
END_TEST

START_TEST(bad_ops)
{
	bad(create_ops("x", p256(), NF_VAULT_SIGN | NF_VAULT_WRAP |
	    NF_VAULT_UNWRAP), "Unsupported key operation(s): \"wrapKey\", "
	    "\"unwrapKey\". Supported values are \"sign\", \"verify\".");
	bad(create_ops("x", RSA(2048), NF_VAULT_IMPORT | NF_VAULT_SIGN),
	    "cannot be combined");
	bad(create_ops("x", p256(), NF_VAULT_IMPORT), "RSA-HSM only");
	bad(create_ops("x", RSA(2048), NF_VAULT_EXPORT), "release policy");
	{
		struct nf_vault_attributes a = { .has_ops = true,
		    .ops = NF_VAULT_IMPORT };

		bad(create_with("v", "x", RSA(2048), false, &a),
		    "RSA-HSM only");
	}
	ok(create_ops("few", p256(), NF_VAULT_VERIFY));
	ck_assert_uint_eq(key->attributes.ops, NF_VAULT_VERIFY);
}
END_TEST

START_TEST(names)
{
	char name[130];

	memset(name, 'a', sizeof(name));
	name[127] = '\0';
	ok(create(name, p256()));
	name[127] = 'a';
	name[128] = '\0';
	bad(create(name, p256()), "invalid name");
	bad(create("", p256()), "invalid name");
	bad(create("a_b", p256()), "invalid name");
	bad(create("../a", p256()), "invalid name");
	bad(create("a.b", p256()), "invalid name");
	bad(create_with("../v", "a", p256(), true, &none), "invalid name");
}
END_TEST

START_TEST(hosts)
{
	char v[NF_VAULT_NAME_MAX + 1];

	ck_assert(nf_vault_of_host(text("Sim.vault.test:8443"), v));
	ck_assert_str_eq(v, "sim");
	ck_assert(nf_vault_of_host(text("127.0.0.1:8443"), v));
	ck_assert_str_eq(v, "local");
	ck_assert(nf_vault_of_host(text("[::1]:8443"), v));
	ck_assert_str_eq(v, "local");
	ck_assert(nf_vault_of_host(text("localhost:1"), v));
	ck_assert_str_eq(v, "local");
	ck_assert(nf_vault_of_host(text("fade.cafe"), v));
	ck_assert_str_eq(v, "fade");
	ck_assert(!nf_vault_of_host(text(""), v));
	ck_assert(!nf_vault_of_host(text(".vault.test"), v));
	ck_assert(!nf_vault_of_host(text("a_b.vault.test"), v));
}
END_TEST

/* What is refused of a KEK, with its exact text. */
START_TEST(kek_does_nothing_else)
{
	static const struct {
		uint32_t op;
		const char *name, *alg;
	} ops[] = {
		{ NF_VAULT_SIGN, "sign", "RS256" },
		{ NF_VAULT_VERIFY, "verify", "RS256" },
		{ NF_VAULT_ENCRYPT, "encrypt", "RSA-OAEP" },
		{ NF_VAULT_DECRYPT, "decrypt", "RSA-OAEP" },
		{ NF_VAULT_WRAP, "wrapKey", "RSA-OAEP" },
		{ NF_VAULT_UNWRAP, "unwrapKey", "RSA-OAEP" }
	};
	struct nf_vault_attributes a = { .has_ops = true,
	    .ops = NF_VAULT_SIGN };
	struct nf_vault_result res = { .ok = false };
	char message[80];

	ok(create_ops("kek", RSA(2048), NF_VAULT_IMPORT));
	ck_assert_uint_eq(key->attributes.ops, NF_VAULT_IMPORT);
	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		(void)snprintf(message, sizeof(message), "Operation %s is "
		    "not permitted on this key.", ops[i].name);
		refused(use_key("kek", ops[i].op, ops[i].alg, text("x"),
		    text(""), &res), 403, "Forbidden",
		    "KeyOperationForbidden", message);
	}
	bad(nf_vault_update(vaults, "v", "kek", NULL, &a, &key, &err),
	    "stays");
	ok(create("other", RSA(2048)));
	a.ops = NF_VAULT_IMPORT;
	bad(nf_vault_update(vaults, "v", "other", NULL, &a, &key, &err),
	    "stays");
	ok(nf_vault_get(vaults, "v", "other", NULL, &key, &err));
	ck_assert_uint_eq(key->attributes.ops, ALL_RSA);
}
END_TEST

static bool
update(const char *name, const struct nf_vault_attributes *a)
{
	return nf_vault_update(vaults, "v", name, NULL, a, &key, &err);
}

static bool
try_sign(const char *name, uint32_t op)
{
	struct nf_vault_result res = { .ok = false };
	uint8_t d[64] = { 0 };
	bool done = use_key(name, op, "ES256", nf_view_of(d, 32),
	    nf_view_of(d, 64), &res);

	result_wipe(&res);
	return done;
}

START_TEST(validity)
{
	struct nf_vault_attributes a = { .has_enabled = true };
	int64_t now = (int64_t)time(NULL);

	ok(create("k", p256()));
	ok(try_sign("k", NF_VAULT_SIGN));
	ok(update("k", &a));
	ck_assert(!key->attributes.enabled);
	refused(try_sign("k", NF_VAULT_SIGN), 403, "Forbidden", "KeyDisabled",
	    "Operation sign is not allowed on a disabled key.");
	refused(try_sign("k", NF_VAULT_VERIFY), 403, "Forbidden",
	    "KeyDisabled", "Operation verify");
	reopen(false);
	refused(try_sign("k", NF_VAULT_SIGN), 403, "Forbidden", "KeyDisabled",
	    "Operation sign");
	a.enabled = a.has_nbf = true;
	a.nbf = now + 1000;
	ok(update("k", &a));
	refused(try_sign("k", NF_VAULT_SIGN), 403, "Forbidden",
	    "KeyNotYetValid", "not yet valid");
	ok(try_sign("k", NF_VAULT_VERIFY));
	a.nbf = now - 1000;
	a.has_exp = true;
	a.exp = now + 1000;
	ok(update("k", &a));
	ok(try_sign("k", NF_VAULT_SIGN));
	a.exp = now - 1;
	ok(update("k", &a));
	refused(try_sign("k", NF_VAULT_SIGN), 403, "Forbidden", "KeyExpired",
	    "expired");
	ok(try_sign("k", NF_VAULT_VERIFY));
	reopen(false);
	ok(nf_vault_get(vaults, "v", "k", NULL, &key, &err));
	ck_assert_int_eq(key->attributes.exp, now - 1);
	ck_assert_int_eq(key->attributes.nbf, now - 1000);
}
END_TEST

START_TEST(expired_decrypts)
{
	struct nf_vault_attributes a = { .has_exp = true, .exp = 1 };
	struct nf_vault_result c = { .ok = false }, p = { .ok = false };

	ok(create("k", RSA(2048)));
	ok(use_key("k", NF_VAULT_WRAP, "RSA-OAEP", text("secret"), text(""),
	    &c));
	ok(update("k", &a));
	refused(use_key("k", NF_VAULT_WRAP, "RSA-OAEP", text("x"), text(""),
	    &p), 403, "Forbidden", "KeyExpired", "wrapKey");
	refused(use_key("k", NF_VAULT_ENCRYPT, "RSA-OAEP", text("x"),
	    text(""), &p), 403, "Forbidden", "KeyExpired", "encrypt");
	ok(use_key("k", NF_VAULT_UNWRAP, "RSA-OAEP", nf_buf_view(&c.value),
	    text(""), &p));
	ck_assert(nf_view_is(nf_buf_view(&p.value), "secret"));
	result_wipe(&p);
	ok(use_key("k", NF_VAULT_DECRYPT, "RSA-OAEP", nf_buf_view(&c.value),
	    text(""), &p));
	ck_assert(nf_view_is(nf_buf_view(&p.value), "secret"));
	result_wipe(&c);
	result_wipe(&p);
}
END_TEST

START_TEST(updates)
{
	struct nf_vault_attributes a = { .has_ops = true,
	    .ops = NF_VAULT_VERIFY, .has_tags = true, .n_tags = 1 };
	char first[NF_VAULT_VERSION_LEN + 1];

	ok(create("k", p256()));
	(void)snprintf(first, sizeof(first), "%s", key->version);
	ok(create("K", p256()));
	(void)snprintf(a.tag[0].name, sizeof(a.tag[0].name), "n\xc3\xa4me");
	(void)snprintf(a.tag[0].value, sizeof(a.tag[0].value), "\"v\"");
	ok(nf_vault_update(vaults, "v", "k", first, &a, &key, &err));
	ck_assert_str_eq(key->version, first);
	refused(nf_vault_update(vaults, "v", "z", NULL, &a, &key, &err), 404,
	    "KeyNotFound", NULL, GONE);
	a.ops = NF_VAULT_DECRYPT;
	bad(update("k", &a), "Unsupported key operation(s): \"decrypt\"");
	reopen(false);
	ok(nf_vault_get(vaults, "v", "k", NULL, &key, &err));
	ck_assert_uint_eq(key->attributes.ops, NF_VAULT_SIGN |
	    NF_VAULT_VERIFY);
	ck_assert(!key->attributes.has_tags);
	ok(nf_vault_get(vaults, "v", "k", first, &key, &err));
	ck_assert_uint_eq(key->attributes.ops, NF_VAULT_VERIFY);
	ck_assert_uint_eq(key->attributes.n_tags, 1);
	ck_assert_str_eq(key->attributes.tag[0].name, "n\xc3\xa4me");
	ck_assert_str_eq(key->attributes.tag[0].value, "\"v\"");
	ok(try_sign("k", NF_VAULT_SIGN));
	a.has_ops = false;
	a.n_tags = 0;
	ok(nf_vault_update(vaults, "v", "k", first, &a, &key, &err));
	ck_assert(key->attributes.has_tags && key->attributes.n_tags == 0);
}
END_TEST

START_TEST(lists)
{
	static const char *const in_order[] = { "b", "A", "c", "B" };
	char version[3][NF_VAULT_VERSION_LEN + 1];

	for (size_t i = 0; i < 4; i++) {
		ok(create_with("l", in_order[i], p256(), true, &none));
		if (i % 3 == 0)
			(void)snprintf(version[i / 3], sizeof(version[0]),
			    "%s", key->version);
	}
	for (int round = 0; round < 2; round++) {
		ck_assert_str_eq(nf_vault_at(vaults, "L", false, 0)->name,
		    "A");
		key = nf_vault_at(vaults, "l", false, 1);
		ck_assert_str_eq(key->name, "b");
		ck_assert_str_eq(key->version, version[1]);
		ck_assert_str_eq(nf_vault_at(vaults, "l", false, 2)->name,
		    "c");
		ck_assert_ptr_null(nf_vault_at(vaults, "l", false, 3));
		ck_assert_ptr_null(nf_vault_at(vaults, "l", true, 0));
		ck_assert_ptr_null(nf_vault_at(vaults, "m", false, 0));
		for (size_t i = 0; i < 2; i++)
			ck_assert_str_eq(nf_vault_version_at(vaults, "l",
			    "B", i)->version, version[i]);
		ck_assert_ptr_null(nf_vault_version_at(vaults, "l", "b", 2));
		reopen(false);
	}
}
END_TEST

#define DELETED	"currently in a deleted but recoverable state, and its name"

static void
is_deleted(void)
{
	struct nf_vault_result res = { .ok = false };

	refused(nf_vault_get(vaults, "v", "d", NULL, &key, &err), 404,
	    "KeyNotFound", NULL, GONE);
	refused(use_key("d", NF_VAULT_SIGN, "ES256", text("x"), text(""),
	    &res), 404, "KeyNotFound", NULL, GONE);
	refused(nf_vault_delete(vaults, "v", "d", &key, &err), 404,
	    "KeyNotFound", NULL, GONE);
	refused(create("D", p256()), 409, "Conflict",
	    "ObjectIsDeletedButRecoverable", "Key D is " DELETED);
	ok(nf_vault_get_deleted(vaults, "v", "D", &key, &err));
	ck_assert_int_gt(key->deleted, 0);
	ck_assert_ptr_nonnull(nf_vault_at(vaults, "v", true, 0));
}

START_TEST(deleting)
{
	ok(create("d", p256()));
	ok(create("d", p256()));
	refused(nf_vault_recover(vaults, "v", "d", &key, &err), 404,
	    "KeyNotFound", NULL, "Deleted Key not found: d");
	refused(nf_vault_purge(vaults, "v", "d", &err), 404, "KeyNotFound",
	    NULL, "Deleted Key not found: d");
	ok(try_sign("d", NF_VAULT_SIGN));
	ok(nf_vault_delete(vaults, "v", "D", &key, &err));
	ck_assert_int_gt(key->deleted, 0);
	is_deleted();
	reopen(false);
	is_deleted();
	ok(nf_vault_recover(vaults, "v", "d", &key, &err));
	ck_assert_int_eq(key->deleted, 0);
	ok(try_sign("d", NF_VAULT_SIGN));
	reopen(false);
	ok(try_sign("d", NF_VAULT_SIGN));
	ck_assert_ptr_nonnull(nf_vault_version_at(vaults, "v", "d", 1));
	ok(nf_vault_delete(vaults, "v", "d", &key, &err));
	ok(nf_vault_purge(vaults, "v", "d", &err));
	refused(nf_vault_get_deleted(vaults, "v", "d", &key, &err), 404,
	    "KeyNotFound", NULL, "Deleted Key not found: d");
	ok(create("d", p256()));
	reopen(false);
	ck_assert_ptr_null(nf_vault_version_at(vaults, "v", "d", 1));
	refused(nf_vault_get_deleted(vaults, "v", "d", &key, &err), 404,
	    "KeyNotFound", NULL, "Deleted Key not found");
}
END_TEST

/* More keys than are loaded at a time: all of them work, in any order. */
START_TEST(more_than_the_cache)
{
	static char version[300][NF_VAULT_VERSION_LEN + 1];
	struct nf_vault_result res = { .ok = false };
	uint8_t d[32] = { 1 };

	for (size_t i = 0; i < 300; i++) {
		ok(create("many", p256()));
		memcpy(version[i], key->version, sizeof(version[i]));
	}
	for (size_t i = 0; i < 600; i++) {
		const char *v = version[i * 7 % 300];

		ok(use_version("many", v, NF_VAULT_SIGN, "ES256",
		    nf_view_of(d, 32), text(""), &res));
		ck_assert_str_eq(key->version, v);
		ok(use_version("many", v, NF_VAULT_VERIFY, "ES256",
		    nf_view_of(d, 32), nf_buf_view(&res.value), &res));
		ck_assert(res.ok);
		result_wipe(&res);
	}
}
END_TEST

START_TEST(random_bytes)
{
	struct nf_buf a = NF_BUF_INIT, b = NF_BUF_INIT;

	ok(nf_vault_random(vaults, 128, &a, &err));
	ok(nf_vault_random(vaults, 128, &b, &err));
	ck_assert_uint_eq(a.len, 128);
	ck_assert(!nf_view_equal(nf_buf_view(&a), nf_buf_view(&b)));
	bad(nf_vault_random(vaults, 0, &a, &err), "1 to 128");
	bad(nf_vault_random(vaults, 129, &a, &err), "1 to 128");
	nf_buf_wipe(&a);
	nf_buf_wipe(&b);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("transfer/vault");
	TCase *t = tcase_create("vault");

	tcase_set_timeout(t, 120);
	tcase_add_unchecked_fixture(t, make_state, remove_state);
	tcase_add_checked_fixture(t, open_eu, close_all);
	tcase_add_test(t, create_rsa);
	tcase_add_test(t, sizes);
	tcase_add_test(t, bad_ops);
	tcase_add_test(t, names);
	tcase_add_test(t, hosts);
	tcase_add_test(t, kek_does_nothing_else);
	tcase_add_test(t, validity);
	tcase_add_test(t, expired_decrypts);
	tcase_add_test(t, updates);
	tcase_add_test(t, lists);
	tcase_add_test(t, deleting);
	tcase_add_test(t, more_than_the_cache);
	tcase_add_test(t, random_bytes);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
