/* SPDX-License-Identifier: Apache-2.0 */
/* Wrapping inside the token, in one step or in two. */
#include "config.h"

#include <string.h>

#include "nfast/base/pkey.h"
#include "transfer/p11_internal.h"

#define TRIES	4

/* Some modules refuse less room than they will need. */
#define ROOM_MIN	1024

/* CK_RSA_AES_KEY_WRAP_PARAMS (real), which headers of 2.40 lack. */
struct rsa_aes_params {
	CK_ULONG aes_bits;
	CK_RSA_PKCS_OAEP_PARAMS *oaep;
};

const struct nf_p11_way nf_p11_ways[NF_P11_WAYS] = {
	{ CKM_RSA_AES_KEY_WRAP, "CKM_RSA_AES_KEY_WRAP", true },
	{ NF_P11_CKM_AES_KEY_WRAP_KWP, "CKM_AES_KEY_WRAP_KWP", false },
	{ CKM_AES_KEY_WRAP_PAD, "CKM_AES_KEY_WRAP_PAD", false },
};

void
nf_p11_destroy(struct nf_p11 *p11, CK_OBJECT_HANDLE object)
{
	/* A session object ends with the session in any case. */
	if (object != CK_INVALID_HANDLE)
		(void)p11->f->C_DestroyObject(p11->session, object);
}

/* Append a number with its most significant byte first. */
static void
put_big(struct nf_buf *buf, struct nf_view le)
{
	le = nf_le_trim(le);
	for (size_t i = le.len; i-- > 0;)
		nf_buf_u8(buf, le.p[i]);
}

/* The attributes by which a KEK is made or found; trusted is the last. */
#define KEK_ATTRS	7

static int
kek_template(CK_ATTRIBUTE template[static KEK_ATTRS], struct nf_view n,
    struct nf_view e, struct nf_buf *bytes, struct nf_diag *diag)
{
	static const CK_OBJECT_CLASS class = CKO_PUBLIC_KEY;
	static const CK_KEY_TYPE type = CKK_RSA;
	static const CK_BBOOL no = 0, yes = 1;
	const CK_ATTRIBUTE head[KEK_ATTRS] = {
		{ CKA_CLASS, (void *)(uintptr_t)&class, sizeof(class) },
		{ CKA_KEY_TYPE, (void *)(uintptr_t)&type, sizeof(type) },
		{ CKA_WRAP, (void *)(uintptr_t)&yes, sizeof(yes) },
		{ CKA_MODULUS, NULL, 0 },
		{ CKA_PUBLIC_EXPONENT, NULL, 0 },
		{ CKA_TOKEN, (void *)(uintptr_t)&no, sizeof(no) },
		{ CKA_TRUSTED, (void *)(uintptr_t)&yes, sizeof(yes) },
	};
	size_t n_len;
	int r;

	put_big(bytes, n);
	n_len = bytes->len;
	put_big(bytes, e);
	if ((r = nf_buf_err(bytes)) != 0)
		return nf_diag_set(diag, r, NULL, "out of memory");
	memcpy(template, head, sizeof(head));
	template[3].pValue = bytes->p;
	template[3].ulValueLen = n_len;
	template[4].pValue = bytes->p + n_len;
	template[4].ulValueLen = bytes->len - n_len;
	return 0;
}

int
nf_p11_kek_new(struct nf_p11 *p11, struct nf_view n, struct nf_view e,
    CK_OBJECT_HANDLE *out, struct nf_diag *diag)
{
	CK_ATTRIBUTE template[KEK_ATTRS];
	struct nf_buf bytes = NF_BUF_INIT;
	CK_RV rv;
	int r;

	*out = CK_INVALID_HANDLE;
	if ((r = kek_template(template, n, e, &bytes, diag)) == 0 &&
	    (rv = p11->f->C_CreateObject(p11->session, template,
	    KEK_ATTRS - 1, out)) != CKR_OK) {
		*out = CK_INVALID_HANDLE;
		r = nf_p11_failed(p11, "C_CreateObject", rv, diag);
	}
	nf_buf_wipe(&bytes);
	return r;
}

/* The same KEK as the security officer put it on the token. */
static int
kek_trusted(struct nf_p11 *p11, struct nf_view n, struct nf_view e,
    CK_OBJECT_HANDLE *out, struct nf_diag *diag)
{
	CK_ATTRIBUTE template[KEK_ATTRS];
	struct nf_buf bytes = NF_BUF_INIT;
	size_t found = 0;
	int r;

	if ((r = kek_template(template, n, e, &bytes, diag)) != 0)
		goto out;
	template[5] = template[6];
	r = nf_p11_objects(p11, template, KEK_ATTRS - 1, out, 1, &found, diag);
	if (r == 0 && found == 0)
		r = nf_p11_failed(p11, "C_FindObjects", CKR_KEY_NOT_WRAPPABLE,
		    diag);
out:
	nf_buf_wipe(&bytes);
	return r;
}

static int
wrap_call(struct nf_p11 *p11, CK_MECHANISM *mechanism,
    CK_OBJECT_HANDLE wrapping, CK_OBJECT_HANDLE key, struct nf_buf *out,
    struct nf_diag *diag)
{
	CK_ULONG len = 0, room = 0;
	CK_RV rv;
	int r;

	rv = p11->f->C_WrapKey(p11->session, mechanism, wrapping, key, NULL,
	    &len);
	if (rv == CKR_OK)
		rv = CKR_BUFFER_TOO_SMALL;
	for (int i = 0; i < TRIES && rv == CKR_BUFFER_TOO_SMALL; i++) {
		if (len > NF_P11_WRAP_MAX)
			return nf_p11_junk("C_WrapKey",
			    "the wrapped key is too long", diag);
		room = len < ROOM_MIN ? ROOM_MIN : len;
		nf_buf_wipe(out);
		nf_buf_fill(out, 0, room);
		if ((r = nf_buf_err(out)) != 0)
			return nf_diag_set(diag, r, NULL, "out of memory");
		len = room;
		rv = p11->f->C_WrapKey(p11->session, mechanism, wrapping,
		    key, out->p, &len);
	}
	if (rv != CKR_OK)
		return nf_p11_failed(p11, "C_WrapKey", rv, diag);
	if (len > room || len == 0)
		return nf_p11_junk("C_WrapKey",
		    "the wrapped key's length is impossible", diag);
	out->len = len;
	return 0;
}

static void
oaep_set(CK_RSA_PKCS_OAEP_PARAMS *oaep)
{
	memset(oaep, 0, sizeof(*oaep));
	oaep->hashAlg = CKM_SHA_1;
	oaep->mgf = CKG_MGF1_SHA1;
	oaep->source = 1;	/* CKZ_DATA_SPECIFIED, of no data */
}

static int
one_step(struct nf_p11 *p11, const struct nf_p11_way *way,
    CK_OBJECT_HANDLE kek, CK_OBJECT_HANDLE key, struct nf_buf *out,
    struct nf_diag *diag)
{
	CK_RSA_PKCS_OAEP_PARAMS oaep;
	struct rsa_aes_params params = { 8UL * NF_P11_AES_BYTES, &oaep };
	CK_MECHANISM mechanism = { way->mechanism, &params, sizeof(params) };

	oaep_set(&oaep);
	return wrap_call(p11, &mechanism, kek, key, out, diag);
}

/* An AES key that exists for one wrap, inside the token. */
static int
aes_new(struct nf_p11 *p11, CK_OBJECT_HANDLE *out, struct nf_diag *diag)
{
	CK_MECHANISM mechanism = { CKM_AES_KEY_GEN, NULL, 0 };
	CK_OBJECT_CLASS class = CKO_SECRET_KEY;
	CK_KEY_TYPE type = CKK_AES;
	CK_ULONG len = NF_P11_AES_BYTES;
	CK_BBOOL no = 0, yes = 1;
	CK_ATTRIBUTE template[] = {
		{ CKA_CLASS, &class, sizeof(class) },
		{ CKA_KEY_TYPE, &type, sizeof(type) },
		{ CKA_TOKEN, &no, sizeof(no) },
		{ CKA_VALUE_LEN, &len, sizeof(len) },
		{ CKA_SENSITIVE, &yes, sizeof(yes) },
		{ CKA_EXTRACTABLE, &yes, sizeof(yes) },
		{ CKA_WRAP, &yes, sizeof(yes) },
	};
	CK_RV rv;

	rv = p11->f->C_GenerateKey(p11->session, &mechanism, template,
	    sizeof(template) / sizeof(template[0]), out);
	if (rv == CKR_OK)
		return 0;
	*out = CK_INVALID_HANDLE;
	return nf_p11_failed(p11, "C_GenerateKey", rv, diag);
}

static int
two_steps(struct nf_p11 *p11, const struct nf_p11_way *way,
    CK_OBJECT_HANDLE kek, size_t kek_len, CK_OBJECT_HANDLE key,
    struct nf_buf *out, struct nf_diag *diag)
{
	CK_RSA_PKCS_OAEP_PARAMS oaep;
	CK_MECHANISM wrap = { way->mechanism, NULL, 0 };
	CK_MECHANISM enc = { CKM_RSA_PKCS_OAEP, &oaep, sizeof(oaep) };
	CK_OBJECT_HANDLE aes = CK_INVALID_HANDLE;
	struct nf_buf c2 = NF_BUF_INIT;
	int r;

	oaep_set(&oaep);
	if ((r = aes_new(p11, &aes, diag)) != 0 ||
	    (r = wrap_call(p11, &wrap, aes, key, &c2, diag)) != 0 ||
	    (r = wrap_call(p11, &enc, kek, aes, out, diag)) != 0)
		goto out;
	if (out->len != kek_len)
		r = nf_diag_set(diag, NF_E_FORMAT, "C_WrapKey",
		    "the wrapped AES key has %zu bytes, the KEK %zu",
		    out->len, kek_len);
	else {
		nf_buf_view_put(out, nf_buf_view(&c2));
		if ((r = nf_buf_err(out)) != 0)
			(void)nf_diag_set(diag, r, NULL, "out of memory");
	}
out:
	nf_p11_destroy(p11, aes);
	nf_buf_wipe(&c2);
	return r;
}

int
nf_p11_wrap_with(struct nf_p11 *p11, const struct nf_p11_way *way,
    CK_OBJECT_HANDLE kek, size_t kek_len, CK_OBJECT_HANDLE key,
    struct nf_buf *out, struct nf_diag *diag)
{
	int r;

	r = way->one_step ? one_step(p11, way, kek, key, out, diag) :
	    two_steps(p11, way, kek, kek_len, key, out, diag);
	if (r == 0 && (out->len < kek_len + 16 ||
	    (out->len - kek_len) % 8 != 0))
		r = nf_diag_set(diag, NF_E_FORMAT, "C_WrapKey",
		    "%zu bytes are no C1 of %zu and a C2 of RFC 5649",
		    out->len, kek_len);
	return r;
}

/*
 * Bytes of a key's plain form: PKCS#8 with or without its optional parts, or
 * the AES key itself.  The bounds are loose by what attributes may add (ours).
 */
static void
plain_bounds(const struct nf_xfer_keytype *type, size_t *min, size_t *max)
{
	size_t bytes = (type->bits + 7) / 8;

	switch (type->kty) {
	case NF_XFER_RSA:
		/* n and d, and five numbers of half the length. */
		*min = 9 * bytes / 2;
		*max = 9 * bytes / 2 + 256;
		return;
	case NF_XFER_EC:
		*min = bytes + 16;
		*max = 3 * bytes + 128;
		return;
	case NF_XFER_OCT:
		break;
	}
	*min = bytes;
	*max = bytes;
}

static int
shape_check(const struct nf_p11_key *key, struct nf_view n,
    const struct nf_buf *c, struct nf_diag *diag)
{
	char type[NF_XFER_KEYTYPE_MAX];
	struct nf_buf c1 = NF_BUF_INIT;
	size_t min, max, kek_len = nf_le_trim(n).len;
	size_t padded = c->len - kek_len - 8;
	int r = 0;

	plain_bounds(&key->type, &min, &max);
	nf_xfer_keytype_text(&key->type, type);
	if (padded < min || padded > max + 7)
		return nf_diag_set(diag, NF_E_FORMAT, "C_WrapKey",
		    "a C2 of %zu bytes is none of an %s key", padded + 8,
		    type);
	put_big(&c1, nf_view_of(c->p, kek_len));
	if ((r = nf_buf_err(&c1)) != 0)
		(void)nf_diag_set(diag, r, NULL, "out of memory");
	else if (nf_le_cmp(nf_buf_view(&c1), n) >= 0)
		r = nf_diag_set(diag, NF_E_FORMAT, "C_WrapKey",
		    "C1 is not below the KEK's modulus");
	nf_buf_wipe(&c1);
	return r;
}

int
nf_p11_check(struct nf_p11 *p11, const struct nf_p11_key *key,
    struct nf_diag *diag)
{
	int r;

	if (!key->extractable)
		r = nf_p11_failed(p11, "CKA_EXTRACTABLE", CKR_KEY_UNEXTRACTABLE,
		    diag);
	else if ((r = nf_p11_prove(p11, diag)) == 0 && key->need_trusted &&
	    !p11->way->one_step)
		r = nf_diag_set(diag, NF_E_REFUSED, "CKA_WRAP_WITH_TRUSTED",
		    "the key leaves only under a trusted key, and the token "
		    "lacks CKM_RSA_AES_KEY_WRAP, which alone could use one: "
		    "copy the key without CKA_WRAP_WITH_TRUSTED");
	nf_diag_where(diag, "token %s", p11->name);
	return r;
}

const char *
nf_p11_mechanism(const struct nf_p11 *p11)
{
	return p11->way == NULL ? NULL : p11->way->name;
}

bool
nf_p11_is_filled(const struct nf_p11 *p11, const struct nf_p11_key *key)
{
	return p11->way != NULL && p11->filled &&
	    key->type.kty != NF_XFER_OCT;
}

int
nf_p11_wrap(struct nf_p11 *p11, const struct nf_p11_key *key,
    struct nf_view n, struct nf_view e, struct nf_buf *out,
    struct nf_diag *diag)
{
	CK_OBJECT_HANDLE kek = CK_INVALID_HANDLE;
	struct nf_buf c = NF_BUF_INIT;
	size_t bits = nf_le_bits(n);
	int r;

	if (bits != 2048 && bits != 3072 && bits != 4096)
		return nf_diag_set(diag, NF_E_POLICY, "KEK",
		    "must be RSA of 2048, 3072 or 4096 bits, not %zu", bits);
	if ((r = nf_p11_check(p11, key, diag)) != 0)
		goto out;
	r = key->need_trusted ? kek_trusted(p11, n, e, &kek, diag) :
	    nf_p11_kek_new(p11, n, e, &kek, diag);
	if (r != 0 || (r = nf_p11_wrap_with(p11, p11->way, kek, bits / 8,
	    key->handle, &c, diag)) != 0 ||
	    (r = shape_check(key, n, &c, diag)) != 0)
		goto out;
	nf_buf_view_put(out, nf_buf_view(&c));
	if ((r = nf_buf_err(out)) != 0)
		(void)nf_diag_set(diag, r, NULL, "out of memory");
out:
	if (!key->need_trusted)
		nf_p11_destroy(p11, kek);
	nf_buf_wipe(&c);
	nf_diag_where(diag, "token %s", p11->name);
	return r;
}
