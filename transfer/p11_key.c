/* SPDX-License-Identifier: Apache-2.0 */
/* The key of a selection: its type, its public half, what it allows. */
#include "config.h"

#include <string.h>

#include <openssl/evp.h>

#include "nfast/base/pkey.h"
#include "nfast/base/text.h"
#include "nfast/wire/names.h"
#include "transfer/p11_internal.h"

#define LISTED		4
#define PARAMS_MAX	1024
#define POINT_MAX	(1 + 2 * 66 + 4)
#define NUM_MAX		(NF_KEYDATA_NUM_MAX + 1)

/* CKA_EC_PARAMS of the named curves: an OBJECT IDENTIFIER. */
static const struct {
	uint32_t curve;
	uint8_t len;
	uint8_t oid[10];
} oids[] = {
	{ NF_EC_P256, 10, { 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03,
	    0x01, 0x07 } },
	{ NF_EC_P384, 7, { 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22 } },
	{ NF_EC_P521, 7, { 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23 } },
	{ NF_EC_SECP256K1, 7, { 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x0a } },
};

void
nf_p11_key_wipe(struct nf_p11_key *key)
{
	nf_buf_wipe(&key->bytes);
	memset(key, 0, sizeof(*key));
}

/* A CK_ULONG or CK_BBOOL attribute; has is false when it is not told. */
static int
number(struct nf_p11 *p11, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type,
    void *out, size_t len, bool *has, struct nf_diag *diag)
{
	struct nf_buf buf = NF_BUF_INIT;
	int r;

	r = nf_p11_attr(p11, object, type, len, &buf, has, diag);
	if (r == 0 && *has && buf.len != len)
		r = nf_p11_junk("C_GetAttributeValue",
		    "an attribute has a wrong length", diag);
	else if (r == 0 && *has)
		memcpy(out, buf.p, len);
	nf_buf_wipe(&buf);
	return r;
}

static int
flag(struct nf_p11 *p11, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type,
    bool *out, struct nf_diag *diag)
{
	CK_BBOOL v = 0;
	bool has;
	int r = number(p11, object, type, &v, sizeof(v), &has, diag);

	if (r == 0 && has)
		*out = v != 0;
	return r;
}

/* Bytes with the most significant one first become a number of ours. */
static void
reverse(struct nf_buf *buf)
{
	uint8_t c;

	for (size_t i = 0, j = buf->len; i + 1 < j; i++) {
		c = buf->p[--j];
		buf->p[j] = buf->p[i];
		buf->p[i] = c;
	}
	buf->len = nf_le_trim(nf_buf_view(buf)).len;
}

static int
big(struct nf_p11 *p11, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type,
    struct nf_buf *out, bool *has, struct nf_diag *diag)
{
	int r = nf_p11_attr(p11, object, type, NUM_MAX, out, has, diag);

	if (r == 0 && *has) {
		reverse(out);
		if (out->len > NF_KEYDATA_NUM_MAX)
			r = nf_p11_junk("C_GetAttributeValue",
			    "a number is too long", diag);
		*has = out->len > 0;
	}
	return r;
}

/* The one public key with the same id, else with the same label. */
static int
public_find(struct nf_p11 *p11, CK_OBJECT_HANDLE private,
    CK_KEY_TYPE key_type, CK_OBJECT_HANDLE *out, bool *has,
    struct nf_diag *diag)
{
	static const CK_ATTRIBUTE_TYPE by[] = { CKA_ID, CKA_LABEL };
	CK_OBJECT_CLASS class = CKO_PUBLIC_KEY;
	CK_ATTRIBUTE template[3] = {
		{ CKA_CLASS, &class, sizeof(class) },
		{ CKA_KEY_TYPE, &key_type, sizeof(key_type) },
		{ 0, NULL, 0 }
	};
	struct nf_buf buf = NF_BUF_INIT;
	size_t n = 0;
	bool told;
	int r = 0;

	*has = false;
	for (size_t i = 0; r == 0 && i < 2 && n == 0; i++) {
		if ((r = nf_p11_attr(p11, private, by[i], NF_P11_LABEL_MAX,
		    &buf, &told, diag)) != 0 || !told)
			continue;
		template[2].type = by[i];
		template[2].pValue = buf.p;
		template[2].ulValueLen = buf.len;
		r = nf_p11_objects(p11, template, 3, out, 1, &n, diag);
		nf_buf_wipe(&buf);
	}
	nf_buf_wipe(&buf);
	*has = r == 0 && n == 1;
	return r;
}

/* Keep the public half; libcrypto checks that it is one. */
static int
public_set(struct nf_p11_key *key, uint32_t type, uint32_t curve,
    struct nf_view v0, struct nf_view v1, struct nf_diag *diag)
{
	EVP_PKEY *pkey = NULL;
	int r;

	nf_buf_view_put(&key->bytes, v0);
	nf_buf_view_put(&key->bytes, v1);
	if ((r = nf_buf_err(&key->bytes)) != 0)
		return nf_diag_set(diag, r, NULL, "out of memory");
	key->pub.type = type;
	key->pub.curve = curve;
	key->pub.v[0] = nf_view_of(key->bytes.p, v0.len);
	key->pub.v[1] = nf_view_of(key->bytes.p + v0.len, v1.len);
	r = nf_wire_keydata_pkey(&key->pub, &pkey, diag);
	EVP_PKEY_free(pkey);
	key->has_pub = r == 0;
	return r;
}

static int
rsa_read(struct nf_p11 *p11, struct nf_p11_key *key, struct nf_diag *diag)
{
	struct nf_buf n = NF_BUF_INIT, e = NF_BUF_INIT, other = NF_BUF_INIT;
	CK_OBJECT_HANDLE public = CK_INVALID_HANDLE;
	bool has_n = false, has_e = false, has = false;
	int r;

	if ((r = big(p11, key->handle, CKA_MODULUS, &n, &has_n, diag)) != 0 ||
	    (r = big(p11, key->handle, CKA_PUBLIC_EXPONENT, &e, &has_e,
	    diag)) != 0)
		goto out;
	if (!has_n) {
		r = nf_diag_set(diag, NF_E_POLICY, "CKA_MODULUS",
		    "the token does not tell the size of this RSA key");
		goto out;
	}
	key->type.kty = NF_XFER_RSA;
	key->type.bits = (uint32_t)nf_le_bits(nf_buf_view(&n));
	if (!has_e) {
		if ((r = public_find(p11, key->handle, CKK_RSA, &public, &has,
		    diag)) != 0 || !has ||
		    (r = big(p11, public, CKA_MODULUS, &other, &has,
		    diag)) != 0 || !has ||
		    nf_le_cmp(nf_buf_view(&n), nf_buf_view(&other)) != 0 ||
		    (r = big(p11, public, CKA_PUBLIC_EXPONENT, &e, &has_e,
		    diag)) != 0 || !has_e)
			goto out;
	}
	r = public_set(key, NF_KEY_RSAPUBLIC, 0, nf_buf_view(&e),
	    nf_buf_view(&n), diag);
out:
	nf_buf_wipe(&n);
	nf_buf_wipe(&e);
	nf_buf_wipe(&other);
	return r;
}

static uint32_t
curve_of(struct nf_view params)
{
	for (size_t i = 0; i < sizeof(oids) / sizeof(oids[0]); i++) {
		if (nf_view_equal(params, nf_view_of(oids[i].oid,
		    oids[i].len)))
			return oids[i].curve;
	}
	return 0;
}

/*
 * A point: 04 x y, by the standard in an OCTET STRING, by some modules bare.
 * Others count as not told.
 */
static int
point_set(struct nf_p11_key *key, const struct nf_curve *curve,
    struct nf_view point, struct nf_diag *diag)
{
	size_t len = 2 * curve->field_bytes;
	struct nf_cur cur;
	struct nf_buf x = NF_BUF_INIT, y = NF_BUF_INIT;
	int r = 0;

	nf_cur_init(&cur, point.p, point.len, NULL);
	if (point.len != 1 + len) {
		nf_cur_expect(&cur, "tag", "\x04", 1);
		if (len >= 128)
			nf_cur_expect(&cur, "length", "\x81", 1);
		if (nf_cur_u8(&cur, "length") != 1 + len)
			return 0;
	}
	nf_cur_expect(&cur, "form", "\x04", 1);
	nf_buf_view_put(&x, nf_cur_bytes(&cur, "x", curve->field_bytes));
	nf_buf_view_put(&y, nf_cur_bytes(&cur, "y", curve->field_bytes));
	if (nf_cur_end(&cur, "point") != 0)
		goto out;
	reverse(&x);
	reverse(&y);
	r = public_set(key, NF_KEY_ECDSAPUBLIC, curve->number,
	    nf_buf_view(&x), nf_buf_view(&y), diag);
out:
	nf_buf_wipe(&x);
	nf_buf_wipe(&y);
	return r;
}

static int
ec_read(struct nf_p11 *p11, struct nf_p11_key *key, struct nf_diag *diag)
{
	struct nf_buf params = NF_BUF_INIT, point = NF_BUF_INIT;
	CK_OBJECT_HANDLE public = CK_INVALID_HANDLE;
	const struct nf_curve *curve;
	bool has_public = false, has = false;
	int r;

	if ((r = public_find(p11, key->handle, CKK_EC, &public, &has_public,
	    diag)) != 0 || (r = nf_p11_attr(p11, key->handle, CKA_EC_PARAMS,
	    PARAMS_MAX, &params, &has, diag)) != 0)
		goto out;
	if (!has && has_public && (r = nf_p11_attr(p11, public, CKA_EC_PARAMS,
	    PARAMS_MAX, &params, &has, diag)) != 0)
		goto out;
	curve = has ? nf_curve_find(curve_of(nf_buf_view(&params))) : NULL;
	if (curve == NULL) {
		r = nf_diag_set(diag, NF_E_POLICY, "CKA_EC_PARAMS", has ?
		    "the curve is none of P-256, P-384, P-521, P-256K, or "
		    "not given by its name" :
		    "the token does not tell the curve of this key");
		goto out;
	}
	key->type.kty = NF_XFER_EC;
	key->type.bits = (uint32_t)curve->field_bits;
	key->type.curve = curve->number;
	if ((r = nf_p11_attr(p11, key->handle, CKA_EC_POINT, POINT_MAX, &point,
	    &has, diag)) != 0)
		goto out;
	if (!has && has_public && (r = nf_p11_attr(p11, public, CKA_EC_POINT,
	    POINT_MAX, &point, &has, diag)) != 0)
		goto out;
	if (has)
		r = point_set(key, curve, nf_buf_view(&point), diag);
out:
	nf_buf_wipe(&params);
	nf_buf_wipe(&point);
	return r;
}

static int
aes_read(struct nf_p11 *p11, struct nf_p11_key *key, struct nf_diag *diag)
{
	CK_ULONG len = 0;
	bool has;
	int r;

	if ((r = number(p11, key->handle, CKA_VALUE_LEN, &len, sizeof(len),
	    &has, diag)) != 0)
		return r;
	if (!has || (len != 16 && len != 24 && len != 32))
		return nf_diag_set(diag, NF_E_POLICY, "CKA_VALUE_LEN",
		    "the token tells no length of this AES key that AES has");
	key->type.kty = NF_XFER_OCT;
	key->type.bits = (uint32_t)(8 * len);
	return 0;
}

static int
key_read(struct nf_p11 *p11, CK_OBJECT_CLASS class, struct nf_p11_key *key,
    struct nf_diag *diag)
{
	struct nf_buf label = NF_BUF_INIT;
	CK_KEY_TYPE type = CKK_VENDOR_DEFINED;
	bool has;
	int r;

	key->extractable = true;
	if ((r = nf_p11_attr(p11, key->handle, CKA_LABEL, NF_P11_LABEL_MAX,
	    &label, &has, diag)) != 0 ||
	    (r = flag(p11, key->handle, CKA_EXTRACTABLE, &key->extractable,
	    diag)) != 0 ||
	    (r = flag(p11, key->handle, CKA_WRAP_WITH_TRUSTED,
	    &key->need_trusted, diag)) != 0 ||
	    (r = number(p11, key->handle, CKA_KEY_TYPE, &type, sizeof(type),
	    &has, diag)) != 0)
		goto out;
	if (label.len > 0)
		nf_p11_text(key->label, label.p, label.len);
	if (class == CKO_PRIVATE_KEY && type == CKK_RSA)
		r = rsa_read(p11, key, diag);
	else if (class == CKO_PRIVATE_KEY && type == CKK_EC)
		r = ec_read(p11, key, diag);
	else if (class == CKO_SECRET_KEY && type == CKK_AES)
		r = aes_read(p11, key, diag);
	else
		r = nf_diag_set(diag, NF_E_POLICY, "CKA_KEY_TYPE",
		    "only RSA, EC and AES keys can be transferred, and this "
		    "one is of type 0x%lx", type);
out:
	nf_buf_wipe(&label);
	return r;
}

struct found {
	CK_OBJECT_HANDLE object[2][NF_P11_OBJECTS_MAX];
	size_t n[2];
};

static const CK_OBJECT_CLASS classes[2] = {
	CKO_PRIVATE_KEY, CKO_SECRET_KEY
};

static int
search(struct nf_p11 *p11, const struct nf_p11_select *select,
    struct found *found, struct nf_diag *diag)
{
	static const CK_ATTRIBUTE_TYPE by[] = { CKA_LABEL, CKA_ID };
	CK_OBJECT_CLASS class;
	CK_ATTRIBUTE template[3] = { { CKA_CLASS, &class, sizeof(class) } };
	const CK_ATTRIBUTE *a;
	CK_ULONG n = 1;
	int r = 0;

	for (size_t i = 0; i < 2; i++) {
		a = p11_kit_uri_get_attribute(select->uri, by[i]);
		if (a != NULL)
			template[n++] = *a;
	}
	a = p11_kit_uri_get_attribute(select->uri, CKA_CLASS);
	for (size_t i = 0; r == 0 && i < 2; i++) {
		class = classes[i];
		found->n[i] = 0;
		if (a == NULL || memcmp(a->pValue, &class,
		    sizeof(class)) == 0)
			r = nf_p11_objects(p11, template, n, found->object[i],
			    NF_P11_OBJECTS_MAX, &found->n[i], diag);
	}
	return r;
}

/* One candidate of an error's list. */
static int
candidate_add(struct nf_p11 *p11, CK_OBJECT_HANDLE object, const char *kind,
    struct nf_buf *list, struct nf_diag *diag)
{
	struct nf_buf buf = NF_BUF_INIT, id = NF_BUF_INIT;
	char label[NF_P11_LABEL_MAX + 1] = "";
	bool has;
	int r;

	if ((r = nf_p11_attr(p11, object, CKA_LABEL, NF_P11_LABEL_MAX, &buf,
	    &has, diag)) != 0 || (r = nf_p11_attr(p11, object, CKA_ID,
	    NF_P11_LABEL_MAX, &id, &has, diag)) != 0)
		goto out;
	if (buf.len > 0)
		nf_p11_text(label, buf.p, buf.len);
	nf_buf_printf(list, "%s%s \"%s\" id ", list->len == 0 ? "" : ", ",
	    kind, label);
	nf_text_hex(list, nf_buf_view(&id));
out:
	nf_buf_wipe(&buf);
	nf_buf_wipe(&id);
	return r;
}

static int
ambiguous(struct nf_p11 *p11, const struct found *found,
    struct nf_diag *diag)
{
	struct nf_buf list = NF_BUF_INIT;
	size_t n = found->n[0] + found->n[1], listed = 0;
	int r = 0;

	for (size_t c = 0; c < 2; c++) {
		for (size_t i = 0; i < found->n[c] && listed < LISTED; i++) {
			if ((r = candidate_add(p11, found->object[c][i],
			    c == 0 ? "private" : "secret", &list,
			    diag)) != 0)
				goto out;
			listed++;
		}
	}
	r = nf_diag_set(diag, NF_E_USAGE, "key",
	    "%zu%s match, name one by label and id: %s%s", n,
	    n > NF_P11_OBJECTS_MAX ? " or more" : "", nf_buf_text(&list),
	    n > listed ? ", ..." : "");
out:
	nf_buf_wipe(&list);
	return r;
}

int
nf_p11_find(struct nf_p11 *p11, const struct nf_p11_select *select,
    struct nf_p11_key *out, struct nf_diag *diag)
{
	struct found found;
	size_t c;
	int r;

	memset(out, 0, sizeof(*out));
	if ((r = search(p11, select, &found, diag)) != 0)
		goto out;
	if (found.n[0] + found.n[1] == 0)
		r = nf_diag_set(diag, NF_E_NOTFOUND, "key",
		    "the token shows no such private or secret key");
	else if (found.n[0] + found.n[1] > 1)
		r = ambiguous(p11, &found, diag);
	else {
		c = found.n[0] == 1 ? 0 : 1;
		out->handle = found.object[c][0];
		r = key_read(p11, classes[c], out, diag);
	}
out:
	nf_diag_where(diag, "token %s", p11->name);
	return r;
}
