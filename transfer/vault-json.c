/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "nfast/base/jsonerr.h"
#include "nfast/base/seed.h"
#include "nfast/base/text.h"
#include "nfast/wire/names.h"
#include "transfer/vault-json.h"

#define RECOVERABLE_DAYS	90
#define DAY			86400L
#define TIME_MAX		((json_int_t)1 << 40)
#define JWK_NUMBER_MAX		((size_t)1024)

bool
nf_vault_fail(struct nf_vault_error *err, int status, const char *code,
    const char *inner, const char *fmt, ...)
{
	va_list ap;

	err->status = status;
	err->code = code;
	err->inner = inner;
	va_start(ap, fmt);
	(void)vsnprintf(err->message, sizeof(err->message), fmt, ap);
	va_end(ap);
	for (char *p = err->message; *p != '\0'; p++) {
		if (*p < 0x20 || *p > 0x7e)
			*p = '?';
	}
	return false;
}

/* ---- reading ------------------------------------------------------------- */

bool
nf_vault_json_body(struct nf_view body, json_t **out,
    struct nf_vault_error *err)
{
	json_error_t je;

	*out = json_loadb(body.p == NULL ? "" : (const char *)body.p,
	    body.len, JSON_REJECT_DUPLICATES, &je);
	if (*out == NULL && nf_json_nomem(&je))
		return nf_vault_fail(err, 500, "InternalError", NULL,
		    "Out of memory.");
	if (*out == NULL)
		return NF_VAULT_BAD(err, "The request body is not the JSON "
		    "object that is due: %s (byte %d).", je.text,
		    je.position);
	if (json_is_object(*out))
		return true;
	json_decref(*out);
	*out = NULL;
	return NF_VAULT_BAD(err, "The request body is not a JSON object.");
}

bool
nf_vault_json_text(const json_t *object, const char *name, const char **out,
    struct nf_vault_error *err)
{
	const json_t *v = json_object_get(object, name);

	*out = NULL;
	if (v == NULL || json_is_null(v))
		return true;
	if (!json_is_string(v))
		return NF_VAULT_BAD(err, "The property \"%s\" must be a "
		    "string.", name);
	*out = json_string_value(v);
	return true;
}

bool
nf_vault_json_bytes(const json_t *object, const char *name, bool required,
    struct nf_buf *out, struct nf_vault_error *err)
{
	struct nf_diag diag = { 0 };
	const char *text;

	if (!nf_vault_json_text(object, name, &text, err))
		return false;
	if (text == NULL && !required)
		return true;
	if (text == NULL)
		return NF_VAULT_BAD(err, "The property \"%s\" is missing.",
		    name);
	switch (nf_text_base64_read(out, nf_view_of(text, strlen(text)),
	    NF_B64_URL | NF_B64_PAD | NF_B64_NOPAD, name, &diag)) {
	case 0:
		return true;
	case NF_E_NOMEM:
		return nf_vault_fail(err, 500, "InternalError", NULL,
		    "Out of memory.");
	default:
		return NF_VAULT_BAD(err, "The property \"%s\" is not "
		    "base64url: %s.", name, diag.text);
	}
}

static bool
read_ops(const json_t *array, struct nf_vault_attributes *out,
    struct nf_vault_error *err)
{
	size_t i;
	json_t *v;

	if (array == NULL || json_is_null(array))
		return true;
	if (!json_is_array(array))
		return NF_VAULT_BAD(err, "The property \"key_ops\" must be an "
		    "array.");
	out->has_ops = true;
	json_array_foreach(array, i, v) {
		uint32_t op = 0;

		for (const struct nf_name *o = nf_vault_ops; o->name != NULL;
		    o++) {
			if (json_is_string(v) && strcmp(o->name,
			    json_string_value(v)) == 0)
				op = o->number;
		}
		if (op == 0)
			return NF_VAULT_BAD(err, "The property \"key_ops\" "
			    "holds something that is no key operation.");
		out->ops |= op;
	}
	return true;
}

static bool
read_bool(const json_t *object, const char *name, bool *has, bool *out,
    struct nf_vault_error *err)
{
	const json_t *v = json_object_get(object, name);

	if (v == NULL || json_is_null(v))
		return true;
	if (!json_is_boolean(v))
		return NF_VAULT_BAD(err, "The property \"%s\" must be true or "
		    "false.", name);
	*has = true;
	*out = json_is_true(v);
	return true;
}

static bool
read_time(const json_t *object, const char *name, bool *has, int64_t *out,
    struct nf_vault_error *err)
{
	const json_t *v = json_object_get(object, name);

	if (v == NULL || json_is_null(v))
		return true;
	if (!json_is_integer(v) || json_integer_value(v) < 0 ||
	    json_integer_value(v) > TIME_MAX)
		return NF_VAULT_BAD(err, "The property \"%s\" must be a time "
		    "in seconds.", name);
	*has = true;
	*out = json_integer_value(v);
	return true;
}

static bool
read_tags(json_t *tags, struct nf_vault_attributes *out,
    struct nf_vault_error *err)
{
	const char *name;
	json_t *v;

	if (tags == NULL || json_is_null(tags))
		return true;
	if (!json_is_object(tags))
		return NF_VAULT_BAD(err, "The property \"tags\" must be an "
		    "object.");
	if (json_object_size(tags) > NF_VAULT_TAGS_MAX)
		return NF_VAULT_BAD(err, "A key has at most %d tags.",
		    NF_VAULT_TAGS_MAX);
	out->has_tags = true;
	json_object_foreach(tags, name, v) {
		struct nf_vault_tag *t = &out->tag[out->n_tags++];

		if (!json_is_string(v) || strlen(name) > NF_VAULT_TEXT_MAX ||
		    json_string_length(v) > NF_VAULT_TEXT_MAX)
			return NF_VAULT_BAD(err, "Tags are strings of at most "
			    "%d characters.", NF_VAULT_TEXT_MAX);
		(void)snprintf(t->name, sizeof(t->name), "%s", name);
		(void)snprintf(t->value, sizeof(t->value), "%s",
		    json_string_value(v));
	}
	return true;
}

/* What the service offers and this stand-in does not. */
static bool
refuse_exportable(const json_t *object, const json_t *attributes,
    struct nf_vault_error *err)
{
	bool has = false, exportable = false;
	const json_t *policy = json_object_get(object, "release_policy");

	if (!read_bool(attributes, "exportable", &has, &exportable, err))
		return false;
	if (exportable && (policy == NULL || json_is_null(policy)))
		return NF_VAULT_BAD(err, "AKV.SKR.1004: Exportable keys must "
		    "have release policy.");
	if (exportable || (policy != NULL && !json_is_null(policy)))
		return nf_vault_fail(err, 501, "NotImplemented", NULL,
		    "This stand-in has no Secure Key Release.");
	return true;
}

bool
nf_vault_json_attributes(const json_t *object, const json_t *ops_of,
    struct nf_vault_attributes *out, struct nf_vault_error *err)
{
	const json_t *a = json_object_get(object, "attributes");

	memset(out, 0, sizeof(*out));
	if (a != NULL && !json_is_null(a) && !json_is_object(a))
		return NF_VAULT_BAD(err, "The property \"attributes\" must be "
		    "an object.");
	return refuse_exportable(object, a, err) &&
	    read_bool(a, "enabled", &out->has_enabled, &out->enabled, err) &&
	    read_time(a, "nbf", &out->has_nbf, &out->nbf, err) &&
	    read_time(a, "exp", &out->has_exp, &out->exp, err) &&
	    read_ops(json_object_get(ops_of, "key_ops"), out, err) &&
	    read_tags(json_object_get(object, "tags"), out, err);
}

static uint32_t
curve_of(const char *crv)
{
	static const uint32_t known[] = { NF_EC_P256, NF_EC_P384, NF_EC_P521,
		NF_EC_SECP256K1 };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(nf_xfer_curve_name(known[i]), crv) == 0)
			return known[i];
	}
	return 0;
}

bool
nf_vault_json_type(const json_t *object, struct nf_xfer_keytype *out,
    bool *hsm, struct nf_vault_error *err)
{
	static const char *const names[] = { [NF_XFER_RSA] = "RSA",
		[NF_XFER_EC] = "EC", [NF_XFER_OCT] = "oct" };
	const json_t *size = json_object_get(object, "key_size");
	const char *kty, *crv;
	size_t i, len;

	memset(out, 0, sizeof(*out));
	if (!nf_vault_json_text(object, "kty", &kty, err) ||
	    !nf_vault_json_text(object, "crv", &crv, err))
		return false;
	if (kty == NULL)
		return NF_VAULT_BAD(err, "The property \"kty\" is missing.");
	len = strlen(kty);
	*hsm = len > 4 && strcmp(kty + len - 4, "-HSM") == 0;
	if (*hsm)
		len -= 4;
	for (i = 0; i < 3; i++) {
		if (strlen(names[i]) == len &&
		    strncmp(names[i], kty, len) == 0)
			break;
	}
	if (i == 3)
		return NF_VAULT_BAD(err, "The property \"kty\" must be RSA, "
		    "RSA-HSM, EC, EC-HSM, oct or oct-HSM.");
	out->kty = (enum nf_xfer_kty)i;
	if (size != NULL && !json_is_null(size)) {
		if (!json_is_integer(size) || json_integer_value(size) < 0 ||
		    json_integer_value(size) > 65536)
			return NF_VAULT_BAD(err, "The property \"key_size\" "
			    "must be a number of bits.");
		out->bits = (uint32_t)json_integer_value(size);
	}
	if (out->kty != NF_XFER_EC)
		return true;
	out->bits = 0;
	if ((out->curve = crv == NULL ? NF_EC_P256 : curve_of(crv)) == 0)
		return NF_VAULT_BAD(err, "The property \"crv\" must be P-256, "
		    "P-384, P-521 or P-256K.");
	out->bits = (uint32_t)nf_curve_find(out->curve)->field_bits;
	return true;
}

/* A big-endian member as a little-endian number in own. */
static bool
jwk_number(const json_t *object, const char *name, struct nf_buf *own,
    struct nf_vault_error *err)
{
	size_t at = own->len, n;

	if (!nf_vault_json_bytes(object, name, true, own, err))
		return false;
	n = own->len - at;
	if (n == 0 || n > JWK_NUMBER_MAX)
		return NF_VAULT_BAD(err, "JSON Web Key: the number %s is out "
		    "of range.", name);
	for (size_t i = 0; i < n / 2; i++) {
		uint8_t b = own->p[at + i];

		own->p[at + i] = own->p[at + n - 1 - i];
		own->p[at + n - 1 - i] = b;
	}
	return true;
}

/* Numbers one after the other into own; their ends. */
static bool
jwk_numbers(const json_t *object, const char *const *names,
    struct nf_buf *own, size_t *end, struct nf_vault_error *err)
{
	for (size_t i = 0; names[i] != NULL; i++) {
		if (!jwk_number(object, names[i], own, err))
			return false;
		end[i] = own->len;
	}
	return true;
}

bool
nf_vault_json_jwk(const json_t *object, const struct nf_xfer_keytype *type,
    struct nf_buf *own, struct nf_keydata *out, struct nf_keydata *pub,
    struct nf_vault_error *err)
{
	/* Private numbers in the order of KeyData, then the public ones. */
	static const char *const rsa[] = { [NF_RSAP_P] = "p",
		[NF_RSAP_Q] = "q", [NF_RSAP_DMP1] = "dp",
		[NF_RSAP_DMQ1] = "dq", [NF_RSAP_IQMP] = "qi",
		[NF_RSAP_E] = "e", "e", "n", NULL };
	static const char *const ec[] = { "d", "x", "y", NULL };
	const bool is_rsa = type->kty == NF_XFER_RSA;
	size_t end[NF_KEYDATA_NUMS + 2], n = is_rsa ? NF_RSAP_E + 1 : 1;
	size_t at = 0;

	memset(out, 0, sizeof(*out));
	memset(pub, 0, sizeof(*pub));
	if (type->kty == NF_XFER_OCT) {
		if (!nf_vault_json_bytes(object, "k", true, own, err))
			return false;
		out->type = NF_KEY_RIJNDAEL;
		out->v[NF_SYM_K] = nf_buf_view(own);
		return true;
	}
	out->type = is_rsa ? NF_KEY_RSAPRIVATE : NF_KEY_ECDSAPRIVATE;
	out->curve = type->curve;
	pub->type = is_rsa ? NF_KEY_RSAPUBLIC : NF_KEY_ECDSAPUBLIC;
	pub->curve = type->curve;
	if (!jwk_numbers(object, is_rsa ? rsa : ec, own, end, err))
		return false;
	/* The buffer does not move any more. */
	for (size_t i = 0; i < n + 2; i++) {
		struct nf_view v = nf_view_of(own->p + at, end[i] - at);

		if (i < n)
			out->v[i] = v;
		else
			pub->v[i - n] = v;
		at = end[i];
	}
	return true;
}

/* ---- writing ------------------------------------------------------------- */

static void
put(json_t *object, const char *name, json_t *member, bool *bad)
{
	if (json_object_set_new(object, name, member) != 0)
		*bad = true;
}

/* Give up a value that is not complete. */
static json_t *
whole(json_t *value, bool bad)
{
	if (!bad)
		return value;
	json_decref(value);
	return NULL;
}

json_t *
nf_vault_json_b64(struct nf_view bytes)
{
	struct nf_buf text = NF_BUF_INIT;
	json_t *v = NULL;

	nf_text_base64_write(&text, bytes, NF_B64_URL | NF_B64_NOPAD);
	if (nf_buf_err(&text) == 0)
		v = json_stringn(text.p == NULL ? "" : (char *)text.p,
		    text.len);
	nf_buf_wipe(&text);
	return v;
}

/* A little-endian number, big-endian in len bytes, or as short as it is. */
static json_t *
number(struct nf_view v, size_t len)
{
	uint8_t be[NF_KEYDATA_NUM_MAX] = { 0 };
	size_t n = v.len;

	while (n > 0 && v.p[n - 1] == 0)
		n--;
	if (len == 0)
		len = n;
	if (n > len || len > sizeof(be))
		return NULL;
	for (size_t i = 0; i < n; i++)
		be[len - 1 - i] = v.p[i];
	return nf_vault_json_b64(nf_view_of(be, len));
}

static json_t *
kid(const struct nf_vault_key *key, const char *base, const char *kind,
    bool version)
{
	return json_sprintf("%s/%s/%s%s%s", base, kind, key->name,
	    version ? "/" : "", version ? key->version : "");
}

static json_t *
ops_of(const struct nf_vault_key *key, bool *bad)
{
	json_t *array = json_array();

	for (const struct nf_name *o = nf_vault_ops; o->name != NULL; o++) {
		if ((key->attributes.ops & o->number) != 0 &&
		    json_array_append_new(array, json_string(o->name)) != 0)
			*bad = true;
	}
	return array;
}

static json_t *
jwk(const struct nf_vault_key *key, const char *base, bool managed,
    bool *bad)
{
	static const char *const names[] = { [NF_XFER_RSA] = "RSA",
		[NF_XFER_EC] = "EC", [NF_XFER_OCT] = "oct" };
	json_t *o = json_object();
	size_t field;

	put(o, "kid", kid(key, base, "keys", true), bad);
	put(o, "kty", json_sprintf("%s%s", names[key->type.kty],
	    key->hsm || managed ? "-HSM" : ""), bad);
	put(o, "key_ops", ops_of(key, bad), bad);
	switch (key->type.kty) {
	case NF_XFER_RSA:
		put(o, "n", number(key->pub.v[NF_RSA_N], 0), bad);
		put(o, "e", number(key->pub.v[NF_RSA_E], 0), bad);
		break;
	case NF_XFER_EC:
		field = nf_curve_find(key->type.curve)->field_bytes;
		put(o, "crv", json_string(nf_xfer_curve_name(
		    key->type.curve)), bad);
		put(o, "x", number(key->pub.v[NF_ECPUB_X], field), bad);
		put(o, "y", number(key->pub.v[NF_ECPUB_Y], field), bad);
		break;
	case NF_XFER_OCT:
		break;
	}
	return o;
}

static json_t *
attributes(const struct nf_vault_key *key, bool *bad)
{
	const struct nf_vault_attributes *a = &key->attributes;
	json_t *o = json_object();

	put(o, "enabled", json_boolean(a->enabled), bad);
	if (a->has_nbf)
		put(o, "nbf", json_integer(a->nbf), bad);
	if (a->has_exp)
		put(o, "exp", json_integer(a->exp), bad);
	put(o, "created", json_integer(key->created), bad);
	put(o, "updated", json_integer(key->updated), bad);
	put(o, "recoveryLevel", json_string("Recoverable+Purgeable"), bad);
	put(o, "recoverableDays", json_integer(RECOVERABLE_DAYS), bad);
	put(o, "exportable", json_false(), bad);
	return o;
}

/* With a seed what clients keep of a key says it: they keep its tags. */
static void
put_tags(json_t *o, const struct nf_vault_key *key, bool *bad)
{
	bool seeded = nf_seed_text() != NULL;
	json_t *tags;

	if (!key->attributes.has_tags && !seeded)
		return;
	tags = json_object();
	for (size_t i = 0; i < key->attributes.n_tags; i++)
		put(tags, key->attributes.tag[i].name,
		    json_string(key->attributes.tag[i].value), bad);
	if (seeded)
		put(tags, "secworld", json_string(NF_SEED_WORDS), bad);
	put(o, "tags", tags, bad);
}

json_t *
nf_vault_json_bundle(const struct nf_vault_key *key, const char *base,
    bool managed)
{
	json_t *o = json_object();
	bool bad = false;

	put(o, "key", jwk(key, base, managed, &bad), &bad);
	put(o, "attributes", attributes(key, &bad), &bad);
	put_tags(o, key, &bad);
	return whole(o, bad);
}

json_t *
nf_vault_json_item(const struct nf_vault_key *key, const char *base,
    bool with_version)
{
	json_t *o = json_object();
	bool bad = false;

	put(o, "kid", kid(key, base, "keys", with_version), &bad);
	put(o, "attributes", attributes(key, &bad), &bad);
	put_tags(o, key, &bad);
	if (key->deleted != 0) {
		put(o, "recoveryId", kid(key, base, "deletedkeys", false),
		    &bad);
		put(o, "deletedDate", json_integer(key->deleted), &bad);
		put(o, "scheduledPurgeDate", json_integer(key->deleted +
		    RECOVERABLE_DAYS * DAY), &bad);
	}
	return whole(o, bad);
}

json_t *
nf_vault_json_deleted(const struct nf_vault_key *key, const char *base,
    bool managed)
{
	json_t *o = nf_vault_json_bundle(key, base, managed);
	bool bad = o == NULL;

	put(o, "recoveryId", kid(key, base, "deletedkeys", false), &bad);
	put(o, "deletedDate", json_integer(key->deleted), &bad);
	put(o, "scheduledPurgeDate", json_integer(key->deleted +
	    RECOVERABLE_DAYS * DAY), &bad);
	return whole(o, bad);
}

json_t *
nf_vault_json_error(const struct nf_vault_error *err, const char *activity)
{
	json_t *o = json_object(), *e = json_object(), *inner;
	bool bad = false;

	put(e, "code", json_string(err->code), &bad);
	put(e, "message", activity == NULL ? json_string(err->message) :
	    json_sprintf("%s (Activity ID: %s)", err->message, activity),
	    &bad);
	if (err->inner != NULL) {
		inner = json_object();
		put(inner, "code", json_string(err->inner), &bad);
		put(e, "innererror", inner, &bad);
	}
	put(o, "error", e, &bad);
	return whole(o, bad);
}
