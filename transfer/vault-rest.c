/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include <openssl/rand.h>

#include "nfast/base/seed.h"
#include "transfer/vault-call.h"

/* ---- operations -------------------------------------------------------- */

static bool
answer(struct nf_vault_call *c, json_t *json)
{
	if (json == NULL)
		return nf_vault_fail(&c->err, 500, "InternalError", NULL,
		    "Out of memory.");
	c->answer = json;
	return true;
}

/* key is filled by what gave ok. */
static bool
bundle(struct nf_vault_call *c, bool ok, const struct nf_vault_key *const *key)
{
	return ok && answer(c, nf_vault_json_bundle(*key, c->base,
	    c->rest->managed));
}

static bool
deleted_bundle(struct nf_vault_call *c, bool ok,
    const struct nf_vault_key *const *key)
{
	return ok && answer(c, nf_vault_json_deleted(*key, c->base,
	    c->rest->managed));
}

static bool
need_body(struct nf_vault_call *c)
{
	return nf_vault_json_body(c->req->body, &c->body, &c->err);
}

static bool
create(struct nf_vault_call *c)
{
	const struct nf_vault_key *key = NULL;
	struct nf_vault_attributes a;
	struct nf_xfer_keytype type;
	const json_t *e;
	uint64_t exponent = 0;
	bool hsm;

	if (!need_body(c) ||
	    !nf_vault_json_type(c->body, &type, &hsm, &c->err) ||
	    !nf_vault_json_attributes(c->body, c->body, &a, &c->err))
		return false;
	e = json_object_get(c->body, "public_exponent");
	if (e != NULL && !json_is_null(e)) {
		if (!json_is_integer(e) || json_integer_value(e) < 3)
			return NF_VAULT_BAD(&c->err, "The property "
			    "\"public_exponent\" must be a number from 3.");
		exponent = (uint64_t)json_integer_value(e);
	}
	return bundle(c, nf_vault_create(c->vaults, c->vault, c->segment[1],
	    &type, hsm, exponent, &a, &key, &c->err), &key);
}

static bool
import_package(struct nf_vault_call *c, const json_t *jwk,
    const struct nf_xfer_keytype *type, const struct nf_vault_attributes *a)
{
	const struct nf_vault_key *key = NULL;
	struct nf_buf package = NF_BUF_INIT;
	bool ok;

	ok = nf_vault_json_bytes(jwk, "key_hsm", true, &package, &c->err) &&
	    nf_vault_import_package(c->vaults, c->vault, c->segment[1], type,
	    nf_buf_view(&package), a, &key, &c->err);
	nf_buf_wipe(&package);
	return bundle(c, ok, &key);
}

static bool
import_plain(struct nf_vault_call *c, const json_t *jwk,
    const struct nf_xfer_keytype *type, bool hsm,
    const struct nf_vault_attributes *a)
{
	const struct nf_vault_key *key = NULL;
	struct nf_buf own = NF_BUF_INIT;
	struct nf_keydata kd, pub;
	bool ok;

	ok = nf_vault_json_jwk(jwk, type, &own, &kd, &pub, &c->err) &&
	    nf_vault_import_plain(c->vaults, c->vault, c->segment[1], hsm,
	    &kd, &pub, a, &key, &c->err);
	nf_buf_wipe(&own);
	return bundle(c, ok, &key);
}

static bool
import(struct nf_vault_call *c)
{
	struct nf_vault_attributes a;
	struct nf_xfer_keytype type;
	const json_t *jwk;
	bool hsm;

	if (!need_body(c))
		return false;
	jwk = json_object_get(c->body, "key");
	if (!json_is_object(jwk))
		return NF_VAULT_BAD(&c->err, "The property \"key\" must be a "
		    "valid JsonWebKey object.");
	if (!nf_vault_json_type(jwk, &type, &hsm, &c->err) ||
	    !nf_vault_json_attributes(c->body, jwk, &a, &c->err))
		return false;
	hsm |= json_is_true(json_object_get(c->body, "Hsm"));
	if (json_object_get(jwk, "key_hsm") != NULL)
		return import_package(c, jwk, &type, &a);
	return import_plain(c, jwk, &type, hsm, &a);
}

static const char *
version_of(const struct nf_vault_call *c)
{
	return c->n > 2 ? c->segment[2] : NULL;
}

static bool
get(struct nf_vault_call *c)
{
	const struct nf_vault_key *key = NULL;

	return bundle(c, nf_vault_get(c->vaults, c->vault, c->segment[1],
	    version_of(c), &key, &c->err), &key);
}

static bool
update(struct nf_vault_call *c)
{
	const struct nf_vault_key *key = NULL;
	struct nf_vault_attributes a;

	return need_body(c) &&
	    nf_vault_json_attributes(c->body, c->body, &a, &c->err) &&
	    bundle(c, nf_vault_update(c->vaults, c->vault, c->segment[1],
	    version_of(c), &a, &key, &c->err), &key);
}

static bool
delete(struct nf_vault_call *c)
{
	const struct nf_vault_key *key = NULL;

	return deleted_bundle(c, nf_vault_delete(c->vaults, c->vault,
	    c->segment[1], &key, &c->err), &key);
}

static bool
get_deleted(struct nf_vault_call *c)
{
	const struct nf_vault_key *key = NULL;

	return deleted_bundle(c, nf_vault_get_deleted(c->vaults, c->vault,
	    c->segment[1], &key, &c->err), &key);
}

static bool
recover(struct nf_vault_call *c)
{
	const struct nf_vault_key *key = NULL;

	return bundle(c, nf_vault_recover(c->vaults, c->vault,
	    c->segment[1], &key, &c->err), &key);
}

static bool
purge(struct nf_vault_call *c)
{
	c->status = 204;
	return nf_vault_purge(c->vaults, c->vault, c->segment[1], &c->err);
}

/* The i-th thing of the list that was asked for. */
static const struct nf_vault_key *
listed(struct nf_vault_call *c, size_t i)
{
	if (c->n == 3)
		return nf_vault_version_at(c->vaults, c->vault,
		    c->segment[1], i);
	return nf_vault_at(c->vaults, c->vault,
	    strcmp(c->segment[0], "deletedkeys") == 0, i);
}

static bool
list(struct nf_vault_call *c)
{
	json_t *o = json_object(), *array = json_array();
	const struct nf_vault_key *key;
	bool bad = o == NULL || array == NULL;
	size_t i;

	for (i = 0; i < c->most &&
	    (key = listed(c, c->skip + i)) != NULL; i++)
		bad |= json_array_append_new(array, nf_vault_json_item(key,
		    c->base, c->n == 3)) != 0;
	bad |= json_object_set_new(o, "value", array) != 0;
	if (listed(c, c->skip + i) != NULL)
		bad |= json_object_set_new(o, "nextLink", json_sprintf(
		    "%s%s?api-version=%s&$skiptoken=%zu&maxresults=%zu",
		    c->base, c->req->path, c->api_version, c->skip + i,
		    c->most)) != 0;
	if (bad) {
		json_decref(o);
		o = NULL;
	}
	return answer(c, o);
}

static bool
versions(struct nf_vault_call *c)
{
	const struct nf_vault_key *key;

	/* A key that is not there is an error, not an empty list. */
	return nf_vault_get(c->vaults, c->vault, c->segment[1], NULL, &key,
	    &c->err) && list(c);
}

static bool
random_bytes(struct nf_vault_call *c)
{
	struct nf_buf out = NF_BUF_INIT;
	const json_t *count;
	bool ok;

	if (!c->rest->managed)
		return nf_vault_fail(&c->err, 404, "NotFound", NULL,
		    "Only a Managed HSM gives random bytes.");
	if (!need_body(c))
		return false;
	count = json_object_get(c->body, "count");
	if (!json_is_integer(count) || json_integer_value(count) < 1 ||
	    json_integer_value(count) > 128)
		return NF_VAULT_BAD(&c->err, "The property \"count\" must be a "
		    "number from 1 to 128.");
	ok = nf_vault_random(c->vaults, (size_t)json_integer_value(count),
	    &out, &c->err) && answer(c, json_pack("{s:o*}", "value",
	    nf_vault_json_b64(nf_buf_view(&out))));
	nf_buf_wipe(&out);
	return ok;
}

/* The members of an operation, into own buffers. */
struct operands {
	struct nf_buf value, other, aad, tag;
};

static bool
operands_read(struct nf_vault_call *c, uint32_t op, struct operands *o,
    const char **alg)
{
	bool verify = op == NF_VAULT_VERIFY;

	if (!nf_vault_json_text(c->body, "alg", alg, &c->err))
		return false;
	if (*alg == NULL)
		return NF_VAULT_BAD(&c->err,
		    "The property \"alg\" is missing.");
	return nf_vault_json_bytes(c->body, verify ? "digest" : "value",
	    true, &o->value, &c->err) &&
	    nf_vault_json_bytes(c->body, verify ? "value" : "iv", verify,
	    &o->other, &c->err) &&
	    nf_vault_json_bytes(c->body, "aad", false, &o->aad, &c->err) &&
	    nf_vault_json_bytes(c->body, "tag", false, &o->tag, &c->err);
}

static json_t *
result_json(const struct nf_vault_call *c, uint32_t op,
    const struct nf_vault_key *key, const struct nf_vault_result *res)
{
	json_t *o = json_object();
	bool bad = false;

	if (op == NF_VAULT_VERIFY) {
		bad |= json_object_set_new(o, "value",
		    json_boolean(res->ok)) != 0;
	} else {
		bad |= json_object_set_new(o, "kid", json_sprintf(
		    "%s/keys/%s/%s", c->base, key->name,
		    key->version)) != 0;
		bad |= json_object_set_new(o, "value", nf_vault_json_b64(
		    nf_buf_view(&res->value))) != 0;
		if (res->iv.len > 0)
			bad |= json_object_set_new(o, "iv",
			    nf_vault_json_b64(nf_buf_view(&res->iv))) != 0;
		if (res->tag.len > 0)
			bad |= json_object_set_new(o, "tag",
			    nf_vault_json_b64(nf_buf_view(&res->tag))) != 0;
	}
	if (bad) {
		json_decref(o);
		o = NULL;
	}
	return o;
}

static bool
use(struct nf_vault_call *c, uint32_t op, const char *version)
{
	struct operands o = { .value = NF_BUF_INIT };
	struct nf_vault_result res = { .ok = false };
	const struct nf_vault_key *key = NULL;
	struct nf_vault_use use = { .op = op };
	bool ok;

	if (!need_body(c))
		return false;
	if ((ok = operands_read(c, op, &o, &use.alg))) {
		use.value = nf_buf_view(&o.value);
		use.other = nf_buf_view(&o.other);
		use.aad = nf_buf_view(&o.aad);
		use.tag = nf_buf_view(&o.tag);
		ok = nf_vault_use_key(c->vaults, c->vault, c->segment[1],
		    version, &use, &res, &key, &c->err) &&
		    answer(c, result_json(c, op, key, &res));
	}
	nf_buf_wipe(&o.value);
	nf_buf_wipe(&o.other);
	nf_buf_wipe(&o.aad);
	nf_buf_wipe(&o.tag);
	nf_buf_wipe(&res.value);
	nf_buf_wipe(&res.iv);
	nf_buf_wipe(&res.tag);
	return ok;
}

/* The last word of a path as an operation, or 0. */
static uint32_t
operation(const char *word)
{
	static const struct {
		const char *word;
		uint32_t op;
	} words[] = {
		{ "encrypt", NF_VAULT_ENCRYPT },
		{ "decrypt", NF_VAULT_DECRYPT },
		{ "sign", NF_VAULT_SIGN }, { "verify", NF_VAULT_VERIFY },
		{ "wrapkey", NF_VAULT_WRAP }, { "unwrapkey", NF_VAULT_UNWRAP }
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(words[i].word, word) == 0)
			return words[i].op;
	}
	return 0;
}

/* ---- routes ------------------------------------------------------------ */

/* A path: n segments, the first and last as given, any others are values. */
static const struct route {
	enum nf_http_method method;
	size_t n;
	const char *first, *last;	/* last NULL: a value */
	bool (*call)(struct nf_vault_call *c);
} routes[] = {
	{ NF_HTTP_GET, 1, "keys", NULL, list },
	{ NF_HTTP_PUT, 2, "keys", NULL, import },
	{ NF_HTTP_GET, 2, "keys", NULL, get },
	{ NF_HTTP_PATCH, 2, "keys", NULL, update },
	{ NF_HTTP_DELETE, 2, "keys", NULL, delete },
	{ NF_HTTP_POST, 3, "keys", "create", create },
	{ NF_HTTP_GET, 3, "keys", "versions", versions },
	{ NF_HTTP_GET, 3, "keys", NULL, get },
	{ NF_HTTP_PATCH, 3, "keys", NULL, update },
	{ NF_HTTP_GET, 1, "deletedkeys", NULL, list },
	{ NF_HTTP_GET, 2, "deletedkeys", NULL, get_deleted },
	{ NF_HTTP_DELETE, 2, "deletedkeys", NULL, purge },
	{ NF_HTTP_POST, 3, "deletedkeys", "recover", recover },
	{ NF_HTTP_POST, 1, "rng", NULL, random_bytes }
};

/* What the service has and this stand-in has not. */
static bool
not_offered(const struct nf_vault_call *c)
{
	static const char *const words[] = { "release", "rotate",
		"rotationpolicy", "backup", "restore", "attestation" };
	const char *last = c->n > 0 ? c->segment[c->n - 1] : "";

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (c->n > 1 && strcmp(words[i], last) == 0)
			return true;
	}
	return false;
}

static bool
dispatch(struct nf_vault_call *c)
{
	enum nf_http_method method = c->req->method;
	uint32_t op = c->n > 2 ? operation(c->segment[c->n - 1]) : 0;

	/* A version may be left out: the newest is used. */
	if (method == NF_HTTP_POST && op != 0 &&
	    strcmp(c->segment[0], "keys") == 0)
		return use(c, op, c->n == 4 ? c->segment[2] : NULL);
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		const struct route *r = &routes[i];

		if (r->method == method && r->n == c->n &&
		    strcmp(r->first, c->segment[0]) == 0 &&
		    (r->last == NULL || strcmp(r->last,
		    c->segment[c->n - 1]) == 0))
			return r->call(c);
	}
	if (not_offered(c))
		return nf_vault_fail(&c->err, 501, "NotImplemented", NULL,
		    "This stand-in does not offer %s.",
		    c->segment[c->n - 1]);
	return nf_vault_fail(&c->err, 404, "NotFound", NULL,
	    "There is no such resource, or it does not take this method.");
}

/* ---- answers ----------------------------------------------------------- */

static void
uuid(char out[static 37])
{
	uint8_t b[16];

	if (RAND_bytes(b, sizeof(b)) != 1)
		memset(b, 0, sizeof(b));
	b[6] = (uint8_t)((b[6] & 0x0f) | 0x40);
	b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
	(void)snprintf(out, 37, "%02x%02x%02x%02x-%02x%02x-%02x%02x-"
	    "%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1], b[2], b[3], b[4],
	    b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14],
	    b[15]);
}

static int
put_text(const char *p, size_t len, void *buf)
{
	nf_buf_put(buf, p, len);
	return nf_buf_err(buf) == 0 ? 0 : -1;
}

static void
send_answer(struct nf_vault_call *c, bool ok)
{
	struct nf_http_response *res = c->res;
	json_t *json = c->answer;
	char id[37];

	uuid(id);
	if (!ok && c->err.status != 0) {
		c->status = c->err.status;
		json = nf_vault_json_error(&c->err,
		    c->rest->managed ? id : NULL);
	}
	res->status = c->status;
	nf_http_header(res, "Cache-Control", "no-cache");
	nf_http_header(res, "X-Content-Type-Options", "nosniff");
	nf_http_header(res, "x-ms-keyvault-region", "%s", c->rest->region);
	nf_http_header(res, "x-ms-request-id", "%s", id);
	nf_http_header(res, "x-ms-simulated", "secworld " PACKAGE_VERSION "%s",
	    nf_seed_suffix(nf_seed_text() != NULL));
	if (c->req->request_id != NULL)
		nf_http_header(res, "x-ms-client-request-id", "%s",
		    c->req->request_id);
	if (json != NULL && json_dump_callback(json, put_text, &res->body,
	    JSON_COMPACT) != 0)
		nf_buf_fail(&res->body, NF_E_NOMEM);
	if (json != c->answer)
		json_decref(json);
	json_decref(c->answer);
	json_decref(c->body);
}

void
nf_vault_rest_handle(void *arg, const struct nf_http_request *req,
    struct nf_http_response *res)
{
	const struct nf_vault_rest *rest = arg;
	struct nf_vault_call c = { .rest = rest, .req = req, .res = res,
	    .vaults = rest->vaults, .status = 200 };
	bool ok = false;

	if (!nf_vault_call_authorised(&c))
		nf_vault_call_challenge(&c);
	else
		ok = nf_vault_call_read(&c) && dispatch(&c);
	send_answer(&c, ok);
	if (rest->log != NULL)
		rest->log(req, res->status);
}
