/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The REST of the vault stand-in over a vault without keys: what each request
 * asks of the vault, and what the client is told.
 */
#include "config.h"

#include <jansson.h>

#include "nfast/wire/names.h"
#include "tests/tap.h"
#include "tests/transfer/fakevault.h"
#include "transfer/vault-rest.h"

#define V	"0123456789abcdef0123456789abcdef"
#define Q	"api-version=7.4"

static struct nf_vaults vaults;
static struct nf_vault_rest rest;
static struct nf_http_request req;
static struct nf_http_response res;
static json_t *body;

static void
setup(void)
{
	static const uint8_t n[] = { 1, 2, 3, 0 }, e[] = { 1, 0, 1, 0 };

	memset(&vaults, 0, sizeof(vaults));
	vaults.value = vaults.iv = vaults.tag = "";
	vaults.key.type = (struct nf_xfer_keytype){ NF_XFER_RSA, 2048, 0 };
	vaults.key.hsm = true;
	vaults.key.pub.type = NF_KEY_RSAPUBLIC;
	vaults.key.pub.v[NF_RSA_E] = nf_view_of(e, sizeof(e));
	vaults.key.pub.v[NF_RSA_N] = nf_view_of(n, sizeof(n));
	vaults.key.attributes.enabled = true;
	vaults.key.attributes.ops = NF_VAULT_SIGN | NF_VAULT_WRAP;
	vaults.key.created = 1000;
	vaults.key.updated = 2000;
	(void)strcpy(vaults.key.name, "Name");
	(void)strcpy(vaults.key.version, V);
	rest = (struct nf_vault_rest){ .vaults = &vaults, .region = "eu" };
	memset(&req, 0, sizeof(req));
	req.host = "sim.vault.test:18443";
	req.authorization = "Bearer t";
	memset(&res, 0, sizeof(res));
	body = NULL;
}

static void
teardown(void)
{
	nf_buf_wipe(&vaults.asked);
	nf_buf_wipe(&res.body);
	json_decref(body);
}

/* One request with a body, which may be NULL; answers its status. */
static int
ask(enum nf_http_method method, const char *path, const char *query,
    const char *text)
{
	teardown();
	memset(&res, 0, sizeof(res));
	res.status = 200;
	req.method = method;
	req.path = path;
	req.query = query;
	req.body = nf_view_of(text, text == NULL ? 0 : strlen(text));
	nf_vault_rest_handle(&rest, &req, &res);
	body = NULL;
	if (res.body.len > 0) {
		body = json_loadb((char *)res.body.p, res.body.len, 0, NULL);
		ck_assert_ptr_nonnull(body);
	}
	return res.status;
}

static const char *
asked(void)
{
	return nf_buf_text(&vaults.asked);
}

static const char *
header(const char *name)
{
	for (size_t i = 0; i < res.n_headers; i++) {
		if (strcmp(res.header[i].name, name) == 0)
			return res.header[i].value;
	}
	return "";
}

static const char *
text_at(const char *object, const char *name)
{
	const char *s = json_string_value(json_object_get(
	    object == NULL ? body : json_object_get(body, object), name));

	return s == NULL ? "" : s;
}

/* A refusal by the REST itself: the vault was not asked. */
static void
refused(int status, const char *code)
{
	ck_assert_int_eq(res.status, status);
	ck_assert_str_eq(text_at("error", "code"), code);
	ck_assert(*text_at("error", "message") != '\0');
	ck_assert_str_eq(asked(), "");
}

START_TEST(routes)
{
	static const struct {
		enum nf_http_method method;
		const char *path, *body, *asked;
	} all[] = {
		{ NF_HTTP_POST, "/keys/k/create",
		    "{\"kty\":\"RSA-HSM\",\"key_size\":4096,\"key_ops\":"
		    "[\"import\"],\"public_exponent\":17}",
		    "create sim k RSA 4096 hsm e=17 ops=import\n" },
		{ NF_HTTP_POST, "/keys/k/create",
		    "{\"kty\":\"EC\",\"crv\":\"P-256K\",\"attributes\":"
		    "{\"enabled\":false,\"nbf\":1,\"exp\":2},\"tags\":"
		    "{\"a\":\"b\"}}", "create sim k EC 256 P-256K enabled=0 "
		    "nbf=1 exp=2 tag:a=b\n" },
		{ NF_HTTP_PUT, "/keys/k", "{\"Hsm\":false,\"key\":{\"kty\":"
		    "\"RSA-HSM\",\"key_hsm\":\"AQID\",\"key_ops\":"
		    "[\"sign\"]}}",
		    "import sim k RSA 0 package=010203 ops=sign\n" },
		{ NF_HTTP_PUT, "/keys/k", "{\"key\":{\"kty\":\"EC\",\"crv\":"
		    "\"P-256\",\"d\":\"AQI\",\"x\":\"AwQ\",\"y\":\"BQY=\"}}",
		    "plain sim k type=47,46 private=0201 public=0403 "
		    "public=0605\n" },
		{ NF_HTTP_PUT, "/keys/k", "{\"Hsm\":true,\"key\":{\"kty\":"
		    "\"RSA\",\"p\":\"AQI\",\"q\":\"AwQ\",\"dp\":\"BQ\","
		    "\"dq\":\"Bg\",\"qi\":\"Bw\",\"e\":\"AQAB\",\"n\":"
		    "\"CAk\",\"d\":\"Cg\"}}", "plain sim k hsm type=2,1 "
		    "private=0201 private=0403 private=05 private=06 "
		    "private=07 private=010001 public=010001 "
		    "public=0908\n" },
		{ NF_HTTP_GET, "/keys/k", NULL, "get sim k\n" },
		{ NF_HTTP_GET, "/keys/k/" V, NULL, "get sim k/" V "\n" },
		{ NF_HTTP_PATCH, "/keys/k", "{\"attributes\":{\"enabled\":"
		    "true}}", "update sim k enabled=1\n" },
		{ NF_HTTP_PATCH, "/keys/k/" V, "{\"key_ops\":[\"verify\"]}",
		    "update sim k/" V " ops=verify\n" },
		{ NF_HTTP_DELETE, "/keys/k", NULL, "delete sim k\n" },
		{ NF_HTTP_GET, "/deletedkeys/k", NULL, "deleted sim k\n" },
		{ NF_HTTP_POST, "/deletedkeys/k/recover", NULL,
		    "recover sim k\n" },
		{ NF_HTTP_POST, "/keys/k/" V "/sign",
		    "{\"alg\":\"RS256\",\"value\":\"AQI\"}",
		    "sign sim k/" V " RS256 value=0102\n" },
		{ NF_HTTP_POST, "/keys/k/sign",
		    "{\"alg\":\"RS256\",\"value\":\"AQI\"}",
		    "sign sim k RS256 value=0102\n" },
		{ NF_HTTP_POST, "/keys/k/" V "/verify",
		    "{\"alg\":\"RS256\",\"digest\":\"AQI\",\"value\":"
		    "\"Aw\"}", "verify sim k/" V " RS256 value=0102 "
		    "other=03\n" },
		{ NF_HTTP_POST, "/keys/k/" V "/encrypt",
		    "{\"alg\":\"A256GCM\",\"value\":\"AQI\",\"aad\":\"Aw\"}",
		    "encrypt sim k/" V " A256GCM value=0102 aad=03\n" },
		{ NF_HTTP_POST, "/keys/k/" V "/decrypt", "{\"alg\":"
		    "\"A256GCM\",\"value\":\"AQI\",\"iv\":\"BA\",\"aad\":"
		    "\"Aw\",\"tag\":\"BQ\"}", "decrypt sim k/" V " A256GCM "
		    "value=0102 other=04 aad=03 tag=05\n" },
		{ NF_HTTP_POST, "/keys/k/" V "/wrapkey",
		    "{\"alg\":\"A256KW\",\"value\":\"AQI\"}",
		    "wrapKey sim k/" V " A256KW value=0102\n" },
		{ NF_HTTP_POST, "/keys/k/" V "/unwrapkey",
		    "{\"alg\":\"A256KW\",\"value\":\"AQI\"}",
		    "unwrapKey sim k/" V " A256KW value=0102\n" }
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		ck_assert_int_eq(ask(all[i].method, all[i].path, Q,
		    all[i].body), 200);
		ck_assert_str_eq(asked(), all[i].asked);
	}
	ck_assert_int_eq(ask(NF_HTTP_DELETE, "/deletedkeys/k", Q, NULL), 204);
	ck_assert_str_eq(asked(), "purge sim k\n");
	ck_assert_uint_eq(res.body.len, 0);
}
END_TEST

START_TEST(bundle)
{
	ck_assert_int_eq(ask(NF_HTTP_GET, "/keys/name", Q, NULL), 200);
	ck_assert_str_eq(text_at("key", "kid"),
	    "https://sim.vault.test:18443/keys/Name/" V);
	ck_assert_str_eq(text_at("key", "kty"), "RSA-HSM");
	ck_assert_str_eq(text_at("key", "n"), "AwIB");
	ck_assert_str_eq(text_at("key", "e"), "AQAB");
	ck_assert_uint_eq(json_array_size(json_object_get(json_object_get(
	    body, "key"), "key_ops")), 2);
	ck_assert(json_is_true(json_object_get(json_object_get(body,
	    "attributes"), "enabled")));
	ck_assert_ptr_null(json_object_get(json_object_get(body,
	    "attributes"), "exp"));
	vaults.key.deleted = 5000;
	ck_assert_int_eq(ask(NF_HTTP_GET, "/deletedkeys/name", Q, NULL), 200);
	ck_assert_str_eq(text_at(NULL, "recoveryId"),
	    "https://sim.vault.test:18443/deletedkeys/Name");
	ck_assert_int_eq(json_integer_value(json_object_get(body,
	    "scheduledPurgeDate")), 5000 + 90 * 86400);
	vaults.key.hsm = false;
	ck_assert_int_eq(ask(NF_HTTP_GET, "/keys/name", Q, NULL), 200);
	ck_assert_str_eq(text_at("key", "kty"), "RSA");
	rest.managed = true;
	ck_assert_int_eq(ask(NF_HTTP_GET, "/keys/name", Q, NULL), 200);
	ck_assert_str_eq(text_at("key", "kty"), "RSA-HSM");
}
END_TEST

START_TEST(results)
{
	static const char *const sign = "{\"alg\":\"RS256\",\"value\":\"AQ\"}",
	    *const verify = "{\"alg\":\"RS256\",\"value\":\"AQ\","
	    "\"digest\":\"AQ\"}";

	vaults.value = "abc";
	ck_assert_int_eq(ask(NF_HTTP_POST, "/keys/k/sign", Q, sign), 200);
	ck_assert_str_eq(text_at(NULL, "value"), "YWJj");
	ck_assert_str_eq(text_at(NULL, "kid"),
	    "https://sim.vault.test:18443/keys/Name/" V);
	ck_assert_ptr_null(json_object_get(body, "iv"));
	vaults.iv = "a";
	vaults.tag = "ab";
	ck_assert_int_eq(ask(NF_HTTP_POST, "/keys/k/encrypt", Q, sign), 200);
	ck_assert_str_eq(text_at(NULL, "iv"), "YQ");
	ck_assert_str_eq(text_at(NULL, "tag"), "YWI");
	vaults.ok = true;
	ck_assert_int_eq(ask(NF_HTTP_POST, "/keys/k/verify", Q, verify), 200);
	ck_assert(json_is_true(json_object_get(body, "value")));
	vaults.ok = false;
	ck_assert_int_eq(ask(NF_HTTP_POST, "/keys/k/verify", Q, verify), 200);
	ck_assert(json_is_false(json_object_get(body, "value")));
}
END_TEST

START_TEST(random_bytes)
{
	(void)ask(NF_HTTP_POST, "/rng", Q, "{\"count\":2}");
	refused(404, "NotFound");
	rest.managed = true;
	ck_assert_int_eq(ask(NF_HTTP_POST, "/rng", Q, "{\"count\":2}"), 200);
	ck_assert_str_eq(text_at(NULL, "value"), "__8");
	(void)ask(NF_HTTP_POST, "/rng", Q, "{\"count\":0}");
	refused(400, "BadParameter");
	(void)ask(NF_HTTP_POST, "/rng", Q, "{\"count\":129}");
	refused(400, "BadParameter");
	(void)ask(NF_HTTP_POST, "/rng", Q, "{}");
	refused(400, "BadParameter");
}
END_TEST

/* Follow every nextLink of a list; the sum of its items. */
static size_t
follow(const char *path, const char *query, size_t *pages)
{
	char next_path[256], next_query[256];
	const char *prefix = "https://sim.vault.test:18443/";
	size_t n = 0;

	(void)snprintf(next_path, sizeof(next_path), "%s", path);
	(void)snprintf(next_query, sizeof(next_query), "%s", query);
	for (*pages = 0; *pages < 100; ) {
		const char *link;
		char *mark;

		ck_assert_int_eq(ask(NF_HTTP_GET, next_path, next_query,
		    NULL), 200);
		++*pages;
		n += json_array_size(json_object_get(body, "value"));
		link = text_at(NULL, "nextLink");
		if (*link == '\0')
			break;
		ck_assert_int_eq(strncmp(link, prefix, strlen(prefix)), 0);
		(void)snprintf(next_path, sizeof(next_path), "%s",
		    link + strlen(prefix) - 1);
		mark = strchr(next_path, '?');
		ck_assert_ptr_nonnull(mark);
		*mark = '\0';
		(void)snprintf(next_query, sizeof(next_query), "%s",
		    mark + 1);
	}
	return n;
}

START_TEST(paging)
{
	size_t pages;

	ck_assert_uint_eq(follow("/keys", Q, &pages), 0);
	ck_assert_uint_eq(pages, 1);
	vaults.n_keys = 60;
	ck_assert_uint_eq(follow("/keys", "api%2Dversion=2025-07-01",
	    &pages), 60);
	ck_assert_uint_eq(pages, 3);
	ck_assert_uint_eq(follow("/keys/", Q "&maxresults=7", &pages), 60);
	ck_assert_uint_eq(pages, 9);
	ck_assert_uint_eq(follow("/deletedkeys", Q "&maxresults=25", &pages),
	    60);
	ck_assert_uint_eq(pages, 3);
	ck_assert_uint_eq(follow("/keys/k/versions", Q "&maxresults=1",
	    &pages), 60);
	ck_assert_uint_eq(pages, 60);
	vaults.n_keys = 25;
	ck_assert_uint_eq(follow("/keys", Q, &pages), 25);
	ck_assert_uint_eq(pages, 1);
	ck_assert_str_eq(json_string_value(json_object_get(json_array_get(
	    json_object_get(body, "value"), 3), "kid")),
	    "https://sim.vault.test:18443/keys/key-3");
	(void)follow("/keys/k/versions", Q, &pages);
	ck_assert_str_eq(json_string_value(json_object_get(json_array_get(
	    json_object_get(body, "value"), 3), "kid")), "https://"
	    "sim.vault.test:18443/keys/key-25/"
	    "00000000000000000000000000000003");
}
END_TEST

START_TEST(wrong_paging)
{
	static const char *const queries[] = { Q "&maxresults=0",
		Q "&maxresults=26", Q "&maxresults=x", Q "&maxresults=",
		Q "&maxresults=-1", Q "&$skiptoken=x", Q "&$skiptoken=-1",
		Q "&%24skiptoken=9999999999999999999999" };

	for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
		(void)ask(NF_HTTP_GET, "/keys", queries[i], NULL);
		refused(400, "BadParameter");
	}
}
END_TEST

START_TEST(versions_of_the_interface)
{
	static const char *const good[] = { "7.0", "7.6", "7.4-preview.1",
		"7.1-preview", "2015-06-01", "2025-07-01",
		"2031-12-31-preview", "10.0" };
	static const char *const bad[] = { NULL, "", "api-version",
		"api-version=", "api-version=x", "api-version=7.4-beta",
		"api-version=7.4-preview/1", "API-VERSION=7.4", "api-version="
		"7777777777777777777777777777777777777777777777777777777777"
		"77777777", "api-version=7%2", "api-version=7%zz", "%00=1" };
	char query[128];

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		(void)snprintf(query, sizeof(query), "api%%2Dversion=%s",
		    good[i]);
		ck_assert_int_eq(ask(NF_HTTP_GET, "/keys/k", query, NULL),
		    200);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)ask(NF_HTTP_GET, "/keys/k", bad[i], NULL);
		refused(400, "BadParameter");
	}
}
END_TEST

START_TEST(slashes)
{
	static const char *const same[] = { "/keys/k", "/keys/k/", "//keys/k",
		"/keys//k//", "///keys///k", "/%6beys/%6B" };

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		ck_assert_int_eq(ask(NF_HTTP_GET, same[i], Q, NULL), 200);
		ck_assert_str_eq(asked(), "get sim k\n");
	}
}
END_TEST

START_TEST(unknown_paths)
{
	static const char *const paths[] = { "", "/", "/key", "/keys/a/b/c",
		"/keys/a/b/c/d/e", "/keys/%", "/keys/%4", "/keys/%zz",
		"/keys/%00", "/keys/%0a", "/keys/%80", "/secrets/a",
		"/deletedkeys/a/b", "/rng" };
	char path[600];

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		(void)ask(NF_HTTP_GET, paths[i], Q, NULL);
		refused(404, "NotFound");
	}
	memset(path, 'a', sizeof(path));
	memcpy(path, "/keys/", 6);
	path[sizeof(path) - 1] = '\0';
	(void)ask(NF_HTTP_GET, path, Q, NULL);
	refused(404, "NotFound");
}
END_TEST

START_TEST(wrong_methods)
{
	for (int m = NF_HTTP_GET; m <= NF_HTTP_OTHER; m++) {
		if (m != NF_HTTP_GET) {
			(void)ask((enum nf_http_method)m, "/keys", Q, "{}");
			refused(404, "NotFound");
		}
		if (m != NF_HTTP_POST) {
			(void)ask((enum nf_http_method)m, "/keys/k/" V
			    "/sign", Q, "{}");
			refused(404, "NotFound");
		}
	}
}
END_TEST

START_TEST(not_offered)
{
	static const char *const paths[] = { "/keys/k/release",
		"/keys/k/" V "/release", "/keys/k/rotate", "/keys/k/backup",
		"/keys/restore" };

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		(void)ask(NF_HTTP_POST, paths[i], Q, "{}");
		refused(501, "NotImplemented");
	}
}
END_TEST

START_TEST(challenges)
{
	static const struct {
		const char *host, *resource;
	} all[] = {
		{ "sim.vault.test:18443", "https://vault.test:18443" },
		{ "sim.vault.test", "https://vault.test" },
		{ "local.vault.test", "https://vault.test" },
		{ "a.b.c:1", "https://b.c:1" },
		{ "localhost:1", "https://localhost:1" },
		{ "127.0.0.1:1", "https://127.0.0.1:1" },
		{ "[::1]:1", "https://[::1]:1" },
		{ "", "https://localhost" },
		{ "a\"b.c", "https://localhost" },
		{ "a b", "https://localhost" }
	};
	char due[256];

	req.authorization = NULL;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		req.host = all[i].host;
		(void)ask(NF_HTTP_PUT, "/keys/k", NULL, NULL);
		refused(401, "Unauthorized");
		(void)snprintf(due, sizeof(due), "Bearer authorization="
		    "\"https://login.windows.net/"
		    "00000000-0000-4000-8000-5ec30214d000\", "
		    "resource=\"%s\"", all[i].resource);
		ck_assert_str_eq(header("WWW-Authenticate"), due);
		ck_assert_str_eq(text_at("error", "message"),
		    "AKV10000: Request is missing a Bearer or PoP token.");
	}
	rest.managed = true;
	req.host = "sim.managedhsm.test";
	ck_assert_int_eq(ask(NF_HTTP_GET, "/keys", Q, NULL), 401);
	ck_assert_uint_eq(res.body.len, 0);
	ck_assert_ptr_nonnull(strstr(header("WWW-Authenticate"),
	    "login.microsoftonline.com"));
}
END_TEST

START_TEST(no_token)
{
	static const char *const values[] = { NULL, "", "Bearer", "Bearer ",
		"Basic t", "Bearert", "t" };

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		req.authorization = values[i];
		for (int m = NF_HTTP_GET; m <= NF_HTTP_OTHER; m++) {
			(void)ask((enum nf_http_method)m, "/keys/%zz", "%",
			    "{");
			refused(401, "Unauthorized");
		}
	}
}
END_TEST

START_TEST(listed_tokens)
{
	static const char list[] = "one\n\ntwo words\nlast";
	static const char *const good[] = { "Bearer one", "bearer one",
		"Bearer two words", "Bearer last" };
	static const char *const bad[] = { "Bearer on", "Bearer onee",
		"Bearer ONE", "Bearer two", "Bearer last\n", "Bearer  one",
		"Bearer one\n\ntwo words" };

	rest.tokens = nf_view_of(list, strlen(list));
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		req.authorization = good[i];
		ck_assert_int_eq(ask(NF_HTTP_GET, "/keys/k", Q, NULL), 200);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		req.authorization = bad[i];
		(void)ask(NF_HTTP_GET, "/keys/k", Q, NULL);
		refused(401, "Unauthorized");
	}
}
END_TEST

START_TEST(hosts)
{
	static const struct {
		const char *host, *asked;
	} good[] = {
		{ "localhost:1", "get local k\n" },
		{ "127.0.0.1:1", "get local k\n" },
		{ "[::1]:1", "get local k\n" },
		{ "[::1]", "get local k\n" },
		{ "SIM.Vault.Test", "get sim k\n" }
	};
	static const char *const bad[] = { "", "a b.c", "a/b.c", "\x80.c",
		".vault.test", "a_b.vault.test" };

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		req.host = good[i].host;
		ck_assert_int_eq(ask(NF_HTTP_GET, "/keys/k", Q, NULL), 200);
		ck_assert_str_eq(asked(), good[i].asked);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		req.host = bad[i];
		(void)ask(NF_HTTP_GET, "/keys/k", Q, NULL);
		refused(400, "BadParameter");
	}
}
END_TEST

START_TEST(wrong_bodies)
{
	static const char *const create[] = { NULL, "", "{", "[]", "\"\"",
		"null", "{} {}", "{\"kty\":\"RSA\",\"kty\":\"RSA\"}", "{}",
		"{\"kty\":1}", "{\"kty\":\"rsa\"}", "{\"kty\":\"RSA-\"}",
		"{\"kty\":\"-HSM\"}", "{\"kty\":\"RSA\",\"key_size\":\"1\"}",
		"{\"kty\":\"RSA\",\"key_size\":-1}",
		"{\"kty\":\"RSA\",\"key_size\":65537}",
		"{\"kty\":\"RSA\",\"key_size\":1.5}",
		"{\"kty\":\"EC\",\"crv\":\"P-192\"}",
		"{\"kty\":\"EC\",\"crv\":1}",
		"{\"kty\":\"RSA\",\"public_exponent\":1}",
		"{\"kty\":\"RSA\",\"public_exponent\":-1}",
		"{\"kty\":\"RSA\",\"public_exponent\":\"3\"}",
		"{\"kty\":\"RSA\",\"attributes\":[]}",
		"{\"kty\":\"RSA\",\"attributes\":{\"enabled\":1}}",
		"{\"kty\":\"RSA\",\"attributes\":{\"nbf\":-1}}",
		"{\"kty\":\"RSA\",\"attributes\":{\"exp\":\"1\"}}",
		"{\"kty\":\"RSA\",\"attributes\":{\"exp\":1e300}}",
		"{\"kty\":\"RSA\",\"attributes\":{\"exportable\":true}}",
		"{\"kty\":\"RSA\",\"key_ops\":{}}",
		"{\"kty\":\"RSA\",\"key_ops\":[1]}",
		"{\"kty\":\"RSA\",\"key_ops\":[\"Sign\"]}",
		"{\"kty\":\"RSA\",\"tags\":[]}",
		"{\"kty\":\"RSA\",\"tags\":{\"a\":1}}" };
	static const char *const import[] = { "{}", "{\"key\":[]}",
		"{\"key\":{}}", "{\"key\":{\"kty\":\"RSA\"}}",
		"{\"key\":{\"kty\":\"RSA-HSM\",\"key_hsm\":1}}",
		"{\"key\":{\"kty\":\"RSA-HSM\",\"key_hsm\":\"A\"}}",
		"{\"key\":{\"kty\":\"RSA-HSM\",\"key_hsm\":\"A*==\"}}",
		"{\"key\":{\"kty\":\"EC\",\"crv\":\"P-256\",\"d\":\"AQ\"}}",
		("{\"key\":{\"kty\":\"EC\",\"crv\":\"P-256\",\"d\":\"\","
		"\"x\":\"AQ\",\"y\":\"AQ\"}}"), "{\"key\":{\"kty\":\"oct\"}}" };
	static const char *const use[] = { "{}", "{\"alg\":1}",
		"{\"alg\":\"RS256\"}", "{\"value\":\"AQ\"}",
		"{\"alg\":\"RS256\",\"value\":1}",
		"{\"alg\":\"RS256\",\"value\":\"A\"}",
		"{\"alg\":\"RS256\",\"value\":\"AR\"}",
		"{\"alg\":\"RS256\",\"value\":\"AQ\",\"iv\":\"+\"}",
		"{\"alg\":\"RS256\",\"value\":\"AQ\",\"aad\":1}",
		"{\"alg\":\"RS256\",\"value\":\"AQ\",\"tag\":[]}" };

	for (size_t i = 0; i < sizeof(create) / sizeof(create[0]); i++) {
		(void)ask(NF_HTTP_POST, "/keys/k/create", Q, create[i]);
		refused(400, "BadParameter");
	}
	for (size_t i = 0; i < sizeof(import) / sizeof(import[0]); i++) {
		(void)ask(NF_HTTP_PUT, "/keys/k", Q, import[i]);
		refused(400, "BadParameter");
	}
	for (size_t i = 0; i < sizeof(use) / sizeof(use[0]); i++) {
		(void)ask(NF_HTTP_POST, "/keys/k/sign", Q, use[i]);
		refused(400, "BadParameter");
	}
	(void)ask(NF_HTTP_POST, "/keys/k/verify", Q,
	    "{\"alg\":\"RS256\",\"digest\":\"AQ\"}");
	refused(400, "BadParameter");
	(void)ask(NF_HTTP_POST, "/keys/k/create", Q,
	    "{\"kty\":\"RSA\",\"release_policy\":{}}");
	refused(501, "NotImplemented");
}
END_TEST

START_TEST(many_tags)
{
	struct nf_buf text = NF_BUF_INIT;

	for (int n = NF_VAULT_TAGS_MAX; n <= NF_VAULT_TAGS_MAX + 1; n++) {
		nf_buf_str(&text, "{\"kty\":\"RSA\",\"tags\":{");
		for (int i = 0; i < n; i++)
			nf_buf_printf(&text, "%s\"t%d\":\"\"",
			    i == 0 ? "" : ",", i);
		nf_buf_str(&text, "}}");
		ck_assert_int_eq(ask(NF_HTTP_POST, "/keys/k/create", Q,
		    nf_buf_text(&text)), n == NF_VAULT_TAGS_MAX ? 200 : 400);
		nf_buf_wipe(&text);
	}
	for (size_t n = NF_VAULT_TEXT_MAX; n <= NF_VAULT_TEXT_MAX + 1; n++) {
		nf_buf_str(&text, "{\"kty\":\"RSA\",\"tags\":{\"");
		nf_buf_fill(&text, 'x', n);
		nf_buf_str(&text, "\":\"\"}}");
		ck_assert_int_eq(ask(NF_HTTP_POST, "/keys/k/create", Q,
		    nf_buf_text(&text)), n == NF_VAULT_TEXT_MAX ? 200 : 400);
		nf_buf_wipe(&text);
	}
}
END_TEST

START_TEST(errors)
{
	vaults.refuse = (struct nf_vault_error){ .status = 403,
		.code = "Forbidden", .inner = "KeyDisabled",
		.message = "No." };
	ck_assert_int_eq(ask(NF_HTTP_GET, "/keys/k", Q, NULL), 403);
	ck_assert_str_eq(text_at("error", "code"), "Forbidden");
	ck_assert_str_eq(text_at("error", "message"), "No.");
	ck_assert_str_eq(json_string_value(json_object_get(json_object_get(
	    json_object_get(body, "error"), "innererror"), "code")),
	    "KeyDisabled");
	rest.managed = true;
	(void)ask(NF_HTTP_GET, "/keys/k", Q, NULL);
	ck_assert_ptr_eq(strstr(text_at("error", "message"),
	    "No. (Activity ID: "), text_at("error", "message"));
	/* A list of the versions of no key is no empty list. */
	ck_assert_int_eq(ask(NF_HTTP_GET, "/keys/k/versions", Q, NULL), 403);
	ck_assert_int_eq(ask(NF_HTTP_DELETE, "/deletedkeys/k", Q, NULL), 403);
	ck_assert(res.body.len > 0);
}
END_TEST

START_TEST(headers)
{
	req.request_id = "id-1";
	(void)ask(NF_HTTP_GET, "/keys/k", Q, NULL);
	ck_assert_str_eq(header("x-ms-client-request-id"), "id-1");
	ck_assert_str_eq(header("x-ms-keyvault-region"), "eu");
	ck_assert_uint_eq(strlen(header("x-ms-request-id")), 36);
	req.request_id = "id\r\nX: y";
	(void)ask(NF_HTTP_GET, "/keys/k", Q, NULL);
	ck_assert_str_eq(header("x-ms-client-request-id"), "");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("transfer/vault-rest");
	TCase *tc = tcase_create("rest");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, routes);
	tcase_add_test(tc, bundle);
	tcase_add_test(tc, results);
	tcase_add_test(tc, random_bytes);
	tcase_add_test(tc, paging);
	tcase_add_test(tc, wrong_paging);
	tcase_add_test(tc, versions_of_the_interface);
	tcase_add_test(tc, slashes);
	tcase_add_test(tc, unknown_paths);
	tcase_add_test(tc, wrong_methods);
	tcase_add_test(tc, not_offered);
	tcase_add_test(tc, challenges);
	tcase_add_test(tc, no_token);
	tcase_add_test(tc, listed_tokens);
	tcase_add_test(tc, hosts);
	tcase_add_test(tc, wrong_bodies);
	tcase_add_test(tc, many_tags);
	tcase_add_test(tc, errors);
	tcase_add_test(tc, headers);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
