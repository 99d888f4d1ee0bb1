/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "nfast/base/pkey.h"
#include "nfast/wire/keydata.h"
#include "nfast/wire/names.h"

#define HASH_BLOCK	64

enum shape {
	NUMBERS,	/* bignums */
	POINT,		/* curve, flags, x, y */
	SCALAR,		/* curve, d */
	BLOCK		/* byte block */
};

static const struct spec {
	uint32_t type;
	enum nf_keykind kind;
	enum shape shape;
	uint32_t public_type;
	const char *hash_prefix;	/* NULL: no rule, or not hashable */
	const char *field[NF_KEYDATA_NUMS + 1];
} specs[] = {
	{ NF_KEY_RSAPUBLIC, NF_KIND_PUBLIC, NUMBERS, 0, "RSA00",
	    { "e", "n", NULL } },
	{ NF_KEY_RSAPRIVATE, NF_KIND_PRIVATE, NUMBERS, NF_KEY_RSAPUBLIC, NULL,
	    { "p", "q", "dmp1", "dmq1", "iqmp", "e", NULL } },
	{ NF_KEY_DSAPUBLIC, NF_KIND_PUBLIC, NUMBERS, 0, "DSA00",
	    { "p", "q", "g", "y", NULL } },
	{ NF_KEY_DSAPRIVATE, NF_KIND_PRIVATE, NUMBERS, NF_KEY_DSAPUBLIC, NULL,
	    { "p", "q", "g", "x", NULL } },
	{ NF_KEY_ECPUBLIC, NF_KIND_PUBLIC, POINT, 0, "EC00",
	    { "x", "y", NULL } },
	{ NF_KEY_ECPRIVATE, NF_KIND_PRIVATE, SCALAR, NF_KEY_ECPUBLIC, NULL,
	    { "d", NULL } },
	{ NF_KEY_ECDSAPUBLIC, NF_KIND_PUBLIC, POINT, 0, "ECDSA00",
	    { "x", "y", NULL } },
	{ NF_KEY_ECDSAPRIVATE, NF_KIND_PRIVATE, SCALAR, NF_KEY_ECDSAPUBLIC,
	    NULL, { "d", NULL } },
	{ NF_KEY_ECDHPUBLIC, NF_KIND_PUBLIC, POINT, 0, "ECDH000",
	    { "x", "y", NULL } },
	{ NF_KEY_ECDHPRIVATE, NF_KIND_PRIVATE, SCALAR, NF_KEY_ECDHPUBLIC,
	    NULL, { "d", NULL } },
	{ NF_KEY_ECDHLAXPUBLIC, NF_KIND_PUBLIC, POINT, 0, "ECDH000",
	    { "x", "y", NULL } },
	{ NF_KEY_ECDHLAXPRIVATE, NF_KIND_PRIVATE, SCALAR,
	    NF_KEY_ECDHLAXPUBLIC, NULL, { "d", NULL } },
	{ NF_KEY_DES, NF_KIND_SYMMETRIC, BLOCK, 0, "DES", { "k", NULL } },
	{ NF_KEY_DES2, NF_KIND_SYMMETRIC, BLOCK, 0, "DES2", { "k", NULL } },
	{ NF_KEY_DES3, NF_KIND_SYMMETRIC, BLOCK, 0, "DES3", { "k", NULL } },
	{ NF_KEY_RIJNDAEL, NF_KIND_SYMMETRIC, BLOCK, 0, "Rijndael",
	    { "k", NULL } },
};

static const struct spec *
find(uint32_t type)
{
	for (size_t i = 0; i < sizeof(specs) / sizeof(specs[0]); i++) {
		if (specs[i].type == type)
			return &specs[i];
	}
	return NULL;
}

enum nf_keykind
nf_wire_keykind(uint32_t type)
{
	const struct spec *spec = find(type);

	return spec == NULL ? NF_KIND_UNKNOWN : spec->kind;
}

uint32_t
nf_wire_public_type(uint32_t type)
{
	const struct spec *spec = find(type);

	return spec == NULL ? 0 : spec->public_type;
}

bool
nf_wire_key_is_ec(uint32_t type)
{
	const struct spec *spec = find(type);

	return spec != NULL &&
	    (spec->shape == POINT || spec->shape == SCALAR);
}

void
nf_wire_keydata_read(struct nf_cur *cur, struct nf_keydata *out)
{
	const struct spec *spec;

	memset(out, 0, sizeof(*out));
	out->type = nf_cur_u32(cur, "keytype");
	if (nf_cur_err(cur) != 0)
		return;
	if ((spec = find(out->type)) == NULL) {
		(void)nf_cur_fail(cur, NF_E_FORMAT, "keytype",
		    "key type %u is not supported", out->type);
		return;
	}
	if (spec->shape == BLOCK) {
		out->v[0] = nf_wire_block_read(cur, "k", NF_KEYDATA_NUM_MAX);
		return;
	}
	if (spec->shape != NUMBERS) {
		out->curve = nf_cur_u32(cur, "curve");
		if (nf_cur_err(cur) == 0 && nf_curve_find(out->curve) == NULL)
			(void)nf_cur_fail(cur, NF_E_FORMAT, "curve",
			    "curve %u is not supported", out->curve);
	}
	if (spec->shape == POINT && nf_cur_u32(cur, "point") != 0)
		(void)nf_cur_fail(cur, NF_E_FORMAT, "point",
		    "the point at infinity, or unknown flags");
	for (size_t i = 0; spec->field[i] != NULL; i++)
		out->v[i] = nf_wire_bignum_read(cur, spec->field[i],
		    NF_KEYDATA_NUM_MAX);
}

void
nf_wire_keydata_write(struct nf_buf *buf, const struct nf_keydata *key)
{
	const struct spec *spec = find(key->type);

	if (spec == NULL) {
		nf_buf_fail(buf, NF_E_INTERNAL);
		return;
	}
	nf_buf_u32(buf, key->type);
	if (spec->shape == BLOCK) {
		nf_wire_block_write(buf, key->v[0]);
		return;
	}
	if (spec->shape != NUMBERS)
		nf_buf_u32(buf, key->curve);
	if (spec->shape == POINT)
		nf_buf_u32(buf, 0);
	for (size_t i = 0; spec->field[i] != NULL; i++)
		nf_wire_bignum_write(buf, key->v[i]);
}

size_t
nf_wire_keydata_bits(const struct nf_keydata *key)
{
	const struct nf_curve *curve = nf_curve_find(key->curve);

	switch (key->type) {
	case NF_KEY_RSAPUBLIC:
		return nf_le_bits(key->v[NF_RSA_N]);
	case NF_KEY_RSAPRIVATE:
		return nf_le_bits(key->v[NF_RSAP_P]) +
		    nf_le_bits(key->v[NF_RSAP_Q]);
	case NF_KEY_DSAPUBLIC:
	case NF_KEY_DSAPRIVATE:
		return nf_le_bits(key->v[NF_DSA_P]);
	default:
		if (nf_wire_keykind(key->type) == NF_KIND_SYMMETRIC)
			return 8 * key->v[NF_SYM_K].len;
		return curve == NULL ? 0 : curve->field_bits;
	}
}

int
nf_wire_keydata_pkey(const struct nf_keydata *key, EVP_PKEY **out,
    struct nf_diag *diag)
{
	const struct nf_curve *curve = nf_curve_find(key->curve);
	const struct spec *spec = find(key->type);

	*out = NULL;
	if (key->type == NF_KEY_RSAPUBLIC)
		return nf_pkey_rsa(key->v[NF_RSA_E], key->v[NF_RSA_N], out,
		    diag);
	if (key->type == NF_KEY_DSAPUBLIC)
		return nf_pkey_dsa(key->v[NF_DSA_P], key->v[NF_DSA_Q],
		    key->v[NF_DSA_G], key->v[NF_DSA_Y], out, diag);
	if (spec != NULL && spec->shape == POINT && curve != NULL)
		return nf_pkey_ec(curve, key->v[NF_ECPUB_X],
		    key->v[NF_ECPUB_Y], out, diag);
	return nf_diag_set(diag, NF_E_FORMAT, "keytype",
	    "key type %u is not a public key", key->type);
}

/* B(x): little-endian, zero-padded to a multiple of 64 bytes, no length. */
static void
hash_number(struct nf_buf *buf, struct nf_view v)
{
	size_t pad;

	v = nf_le_trim(v);
	pad = (HASH_BLOCK - v.len % HASH_BLOCK) % HASH_BLOCK;
	nf_buf_view_put(buf, v);
	nf_buf_fill(buf, 0, v.len == 0 ? HASH_BLOCK : pad);
}

int
nf_wire_keyhash(const struct nf_keydata *key,
    uint8_t out[static NF_HASH_LEN], struct nf_diag *diag)
{
	static const char head[] = "nFast KeyHash";
	static const char tail[] = "invented by nCipher 1997";
	const struct spec *spec = find(key->type);
	struct nf_buf buf = NF_BUF_INIT;
	struct nf_view v;
	int r = 0;

	memset(out, 0, NF_HASH_LEN);
	if (spec == NULL || spec->hash_prefix == NULL ||
	    (key->type == NF_KEY_RSAPUBLIC &&
	    nf_le_bits(key->v[NF_RSA_E]) > 32) ||
	    (spec->shape == POINT && nf_curve_find(key->curve) == NULL))
		return nf_diag_set(diag, NF_E_FORMAT, "keytype",
		    "no key hash rule for this key");
	nf_buf_put(&buf, head, sizeof(head));
	nf_buf_put(&buf, spec->hash_prefix, strlen(spec->hash_prefix) + 1);
	if (spec->shape == POINT)
		r = nf_curve_hash_block(nf_curve_find(key->curve), &buf);
	if (spec->shape == BLOCK)
		nf_buf_view_put(&buf, key->v[NF_SYM_K]);
	else {
		for (size_t i = 0; spec->field[i] != NULL; i++)
			hash_number(&buf, key->v[i]);
	}
	nf_buf_put(&buf, tail, sizeof(tail));
	if (r == 0 && (r = nf_buf_err(&buf)) == 0) {
		v = nf_buf_view(&buf);
		r = nf_digest_of(NF_SHA1, &v, 1, out);
	}
	nf_buf_wipe(&buf);
	if (r != 0)
		return nf_diag_set(diag, r, "keyhash", "%s", nf_err_text(r));
	return 0;
}
