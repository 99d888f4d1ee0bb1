/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A version of a key as one JSON object (ours).  Strict: what the writer does
 * not write is refused.  The private key is in it as a blob under the region's
 * module key only.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "nfast/base/jsonerr.h"
#include "nfast/base/seed.h"
#include "transfer/vault-internal.h"

#define FORMAT		1
#define TIME_MAX	((json_int_t)1 << 40)

static const char *const kty_names[] = { [NF_XFER_RSA] = "RSA",
	[NF_XFER_EC] = "EC", [NF_XFER_OCT] = "oct" };

/* ---- writing ------------------------------------------------------------- */

static int
put_text(const char *p, size_t len, void *buf)
{
	nf_buf_put(buf, p, len);
	return nf_buf_err(buf) == 0 ? 0 : -1;
}

static void
dump(json_t *o, bool bad, struct nf_buf *out)
{
	if (bad || json_dump_callback(o, put_text, out, JSON_INDENT(1)) != 0)
		nf_buf_fail(out, NF_E_NOMEM);
	nf_buf_u8(out, '\n');
	json_decref(o);
}

static json_t *
ops_json(uint32_t ops, bool *bad)
{
	json_t *array = json_array();

	for (const struct nf_name *o = nf_vault_ops; o->name != NULL; o++) {
		if ((ops & o->number) != 0)
			*bad |= json_array_append_new(array,
			    json_string(o->name)) != 0;
	}
	return array;
}

static json_t *
tags_json(const struct nf_vault_attributes *a, bool *bad)
{
	json_t *o = json_object();

	for (size_t i = 0; i < a->n_tags; i++)
		*bad |= json_object_set_new(o, a->tag[i].name,
		    json_string(a->tag[i].value)) != 0;
	return o;
}

void
nf_vault_record_write(const struct nf_vault_item *item, struct nf_buf *out)
{
	const struct nf_vault_key *k = &item->key;
	const struct nf_vault_attributes *a = &k->attributes;
	json_t *o = json_object();
	bool bad = o == NULL;

#define PUT(name, value) bad |= json_object_set_new(o, name, value) != 0
	PUT("format", json_integer(FORMAT));
	PUT("name", json_string(k->name));
	PUT("version", json_string(k->version));
	PUT("sequence", json_integer((json_int_t)item->sequence));
	PUT("kty", json_string(kty_names[k->type.kty]));
	if (k->type.kty == NF_XFER_EC)
		PUT("crv", json_string(nf_xfer_curve_name(k->type.curve)));
	PUT("bits", json_integer(k->type.bits));
	PUT("hsm", json_boolean(k->hsm));
	PUT("key_ops", ops_json(a->ops, &bad));
	PUT("enabled", json_boolean(a->enabled));
	if (a->has_nbf)
		PUT("nbf", json_integer(a->nbf));
	if (a->has_exp)
		PUT("exp", json_integer(a->exp));
	PUT("created", json_integer(k->created));
	PUT("updated", json_integer(k->updated));
	if (a->has_tags)
		PUT("tags", tags_json(a, &bad));
	if (item->pubdata.len > 0)
		PUT("public", nf_vault_json_b64(nf_buf_view(&item->pubdata)));
	PUT("blob", nf_vault_json_b64(nf_buf_view(&item->blob)));
	if (item->insecure)
		PUT("mark", json_string(NF_SEED_WORDS));
#undef PUT
	dump(o, bad, out);
}

void
nf_vault_deletion_write(int64_t when, struct nf_buf *out)
{
	json_t *o = json_object();
	bool bad = json_object_set_new(o, "format",
	    json_integer(FORMAT)) != 0;

	bad |= json_object_set_new(o, "deleted", json_integer(when)) != 0;
	if (nf_seed_text() != NULL)
		bad |= json_object_set_new(o, "mark",
		    json_string(NF_SEED_WORDS)) != 0;
	dump(o, bad, out);
}

/* ---- reading ------------------------------------------------------------- */

/* A reader of members: the first fault sticks. */
struct reader {
	const json_t *o;
	size_t taken;
	int r;
	struct nf_diag *diag;
};

static void
fault(struct reader *rd, const char *name, const char *why)
{
	if (rd->r == 0)
		rd->r = nf_diag_set(rd->diag, NF_E_FORMAT, name, "%s", why);
}

/* A member that has to be there, or not; counts it. */
static const json_t *
member(struct reader *rd, const char *name, bool required)
{
	const json_t *m = json_object_get(rd->o, name);

	if (m != NULL)
		rd->taken++;
	else if (required)
		fault(rd, name, "is missing");
	return m;
}

static int64_t
integer(struct reader *rd, const char *name, bool *has, json_int_t max)
{
	const json_t *m = member(rd, name, has == NULL);

	if (has != NULL)
		*has = m != NULL;
	if (m == NULL)
		return 0;
	if (!json_is_integer(m) || json_integer_value(m) < 0 ||
	    json_integer_value(m) > max) {
		fault(rd, name, "is no number in its range");
		return 0;
	}
	return json_integer_value(m);
}

static bool
boolean(struct reader *rd, const char *name)
{
	const json_t *m = member(rd, name, true);

	if (m != NULL && !json_is_boolean(m))
		fault(rd, name, "is neither true nor false");
	return json_is_true(m);
}

/* "" when it is not there or no string. */
static const char *
string(struct reader *rd, const char *name, bool required)
{
	const json_t *m = member(rd, name, required);

	if (m != NULL && !json_is_string(m))
		fault(rd, name, "is no string");
	return json_is_string(m) ? json_string_value(m) : "";
}

static void
bytes(struct reader *rd, const char *name, bool required, struct nf_buf *out)
{
	const char *text = string(rd, name, required);

	if (rd->r == 0)
		rd->r = nf_text_base64_read(out, nf_view_of(text,
		    strlen(text)), NF_B64_URL | NF_B64_NOPAD, name, rd->diag);
}

static void
type_take(struct reader *rd, struct nf_xfer_keytype *type)
{
	const char *kty = string(rd, "kty", true), *crv;
	size_t i;

	for (i = 0; i < 3 && strcmp(kty_names[i], kty) != 0; i++)
		;
	if (i == 3)
		fault(rd, "kty", "is no type of key");
	else
		type->kty = (enum nf_xfer_kty)i;
	type->bits = (uint32_t)integer(rd, "bits", NULL, 4096);
	if (type->kty != NF_XFER_EC)
		return;
	crv = string(rd, "crv", true);
	for (uint32_t c = 0; c < 64 && type->curve == 0; c++) {
		const char *name = nf_xfer_curve_name(c);

		if (name != NULL && strcmp(name, crv) == 0)
			type->curve = c;
	}
	if (type->curve == 0)
		fault(rd, "crv", "is no curve");
}

static void
ops_take(struct reader *rd, struct nf_vault_attributes *a)
{
	const json_t *array = member(rd, "key_ops", true), *m;
	uint32_t op;
	size_t i;

	a->has_ops = true;
	if (array != NULL && !json_is_array(array))
		fault(rd, "key_ops", "is no array");
	for (i = 0; i < json_array_size(array); i++) {
		m = json_array_get(array, i);
		if (!json_is_string(m) || !nf_name_number(nf_vault_ops,
		    json_string_value(m), &op) || (a->ops & op) != 0)
			fault(rd, "key_ops", "holds an unknown operation, or "
			    "one twice");
		else
			a->ops |= op;
	}
}

static void
tags_take(struct reader *rd, struct nf_vault_attributes *a)
{
	json_t *tags = json_object_get(rd->o, "tags"), *m;
	const char *name;

	if (member(rd, "tags", false) == NULL)
		return;
	if (!json_is_object(tags) ||
	    json_object_size(tags) > NF_VAULT_TAGS_MAX) {
		fault(rd, "tags", "is no object, or too large");
		return;
	}
	a->has_tags = true;
	json_object_foreach(tags, name, m) {
		struct nf_vault_tag *t = &a->tag[a->n_tags++];

		if (!json_is_string(m) || strlen(name) > NF_VAULT_TEXT_MAX ||
		    json_string_length(m) > NF_VAULT_TEXT_MAX) {
			fault(rd, "tags", "holds what is no tag");
			continue;
		}
		(void)snprintf(t->name, sizeof(t->name), "%s", name);
		(void)snprintf(t->value, sizeof(t->value), "%s",
		    json_string_value(m));
	}
}

/* The public key, which has to be of the type that the record names. */
static void
public_take(struct reader *rd, struct nf_vault_item *item)
{
	struct nf_xfer_keytype is;
	struct nf_cur cur;

	if (item->key.type.kty == NF_XFER_OCT)
		return;
	bytes(rd, "public", true, &item->pubdata);
	if (rd->r != 0)
		return;
	nf_cur_init(&cur, item->pubdata.p, item->pubdata.len, rd->diag);
	nf_wire_keydata_read(&cur, &item->key.pub);
	if ((rd->r = nf_cur_end(&cur, "public")) != 0)
		return;
	if (nf_wire_keykind(item->key.pub.type) != NF_KIND_PUBLIC ||
	    nf_xfer_keytype_of(&item->key.pub, &is, NULL) != 0 ||
	    !nf_xfer_keytype_equal(&is, &item->key.type))
		fault(rd, "public", "is of another type of key");
}

static bool
mark_take(struct reader *rd)
{
	const char *s = string(rd, "mark", false);

	if (*s != '\0' && strcmp(s, NF_SEED_WORDS) != 0)
		fault(rd, "mark", "is no mark that is known");
	return *s != '\0';
}

static void
take(struct reader *rd, const char *name, const char *version,
    struct nf_vault_item *item)
{
	struct nf_vault_key *k = &item->key;
	char lower[NF_VAULT_NAME_MAX + 1];
	struct nf_vault_error err;
	const char *s;

	if (integer(rd, "format", NULL, TIME_MAX) != FORMAT)
		fault(rd, "format", "is not 1, the only one known");
	s = string(rd, "name", true);
	if (!nf_vault_name(s, lower, &err) || strcmp(lower, name) != 0)
		fault(rd, "name", "is not that of the directory");
	(void)snprintf(k->name, sizeof(k->name), "%s", s);
	if (strcmp(string(rd, "version", true), version) != 0)
		fault(rd, "version", "is not that of the file");
	(void)snprintf(k->version, sizeof(k->version), "%s", version);
	item->sequence = (uint64_t)integer(rd, "sequence", NULL, TIME_MAX);
	type_take(rd, &k->type);
	k->hsm = boolean(rd, "hsm");
	ops_take(rd, &k->attributes);
	k->attributes.has_enabled = true;
	k->attributes.enabled = boolean(rd, "enabled");
	k->attributes.nbf = integer(rd, "nbf", &k->attributes.has_nbf,
	    TIME_MAX);
	k->attributes.exp = integer(rd, "exp", &k->attributes.has_exp,
	    TIME_MAX);
	k->created = integer(rd, "created", NULL, TIME_MAX);
	k->updated = integer(rd, "updated", NULL, TIME_MAX);
	tags_take(rd, &k->attributes);
	public_take(rd, item);
	bytes(rd, "blob", true, &item->blob);
	item->insecure = mark_take(rd);
	if (rd->r == 0 && item->blob.len == 0)
		fault(rd, "blob", "is empty");
}

static int
parse(struct nf_view text, json_t **out, struct nf_diag *diag)
{
	json_error_t je;

	*out = json_loadb((const char *)text.p, text.len,
	    JSON_REJECT_DUPLICATES, &je);
	if (*out == NULL && nf_json_nomem(&je))
		return nf_diag_set(diag, NF_E_NOMEM, NULL, "%s",
		    nf_err_text(NF_E_NOMEM));
	if (*out == NULL)
		return nf_diag_at(diag, NF_E_FORMAT, NULL,
		    je.position < 0 ? 0 : (size_t)je.position, "no JSON: %s",
		    je.text);
	if (json_is_object(*out))
		return 0;
	json_decref(*out);
	*out = NULL;
	return nf_diag_set(diag, NF_E_FORMAT, NULL, "no JSON object");
}

static int
finish(struct reader *rd)
{
	if (rd->r == 0 && rd->taken != json_object_size(rd->o))
		fault(rd, NULL, "holds an unknown member");
	return rd->r;
}

int
nf_vault_record_read(struct nf_view text, const char *name,
    const char *version, struct nf_vault_item *out, struct nf_diag *diag)
{
	struct reader rd = { .diag = diag };
	json_t *o;
	int r;

	if ((r = parse(text, &o, diag)) != 0)
		return r;
	rd.o = o;
	take(&rd, name, version, out);
	r = finish(&rd);
	json_decref(o);
	return r;
}

int
nf_vault_deletion_read(struct nf_view text, int64_t *when,
    struct nf_diag *diag)
{
	struct reader rd = { .diag = diag };
	json_t *o;
	int r;

	*when = 0;
	if ((r = parse(text, &o, diag)) != 0)
		return r;
	rd.o = o;
	if (integer(&rd, "format", NULL, TIME_MAX) != FORMAT)
		fault(&rd, "format", "is not 1, the only one known");
	*when = integer(&rd, "deleted", NULL, TIME_MAX);
	(void)mark_take(&rd);
	r = finish(&rd);
	json_decref(o);
	return r;
}
