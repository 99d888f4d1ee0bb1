/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private keys as PKCS#8 PrivateKeyInfo in DER: RFC 5208 around RFC 3447
 * (RSA) or RFC 5915 (EC, with public key and named curve).  The writer gives
 * the bytes that libcrypto gives, in a small part of its time; the reader
 * takes DER alone, and after it nothing but zero bytes up to a multiple of 8.
 */
#include "config.h"

#include <string.h>

#include <openssl/bn.h>
#include <openssl/objects.h>

#include "nfast/base/der.h"
#include "nfast/base/keywrap.h"
#include "nfast/base/pkey.h"
#include "nfast/module/internal.h"

#define PARAMETERS	0xa0	/* of ECPrivateKey; attributes outside */
#define PUBLIC		0xa1

#define RSA_NUMBERS	8	/* n e d p q dp dq qi */
#define NUMBER_MAX	(NF_MOD_RSA_BITS_MAX / 8)
#define FIELD_MAX	66	/* bytes of a coordinate, P-521 */
#define POINT_MAX	(1 + 2 * FIELD_MAX)
#define UNCOMPRESSED	4

static const uint8_t rsa_oid[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01,
	0x01, 0x01 };
static const uint8_t ec_oid[] = { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01 };

static struct nf_view
curve_oid(const struct nf_curve *curve)
{
	const ASN1_OBJECT *obj = OBJ_nid2obj(curve->nid);

	return nf_view_of(OBJ_get0_data(obj), OBJ_length(obj));
}

/* X and Y as an uncompressed point; its length. */
static size_t
point_of(const struct nf_curve *curve, const struct nf_keydata *pub,
    uint8_t out[static POINT_MAX])
{
	size_t n = curve->field_bytes;

	NF_REQUIRE(n <= FIELD_MAX);
	memset(out, 0, POINT_MAX);
	out[0] = UNCOMPRESSED;
	for (size_t c = 0; c < 2; c++) {
		struct nf_view v = nf_le_trim(pub->v[NF_ECPUB_X + c]);

		for (size_t i = 0; i < v.len && i < n; i++)
			out[(c + 1) * n - i] = v.p[i];
	}
	return 1 + 2 * n;
}

/* ---- writing ------------------------------------------------------------- */

static int
rsa_body(const struct nf_keydata *priv, const struct nf_keydata *pub,
    struct nf_buf *out)
{
	static const uint8_t zero[1] = { 0 };
	uint8_t d[NUMBER_MAX];
	int r;

	if ((r = nf_mod_rsa_d(priv, d, sizeof(d))) != 0)
		goto out;
	nf_der_put_number(out, nf_view_of(zero, sizeof(zero)));
	nf_der_put_number(out, pub->v[NF_RSA_N]);
	nf_der_put_number(out, priv->v[NF_RSAP_E]);
	nf_der_put_number(out, nf_view_of(d, sizeof(d)));
	for (size_t i = NF_RSAP_P; i <= NF_RSAP_IQMP; i++)
		nf_der_put_number(out, priv->v[i]);
	r = nf_buf_err(out);
out:
	explicit_bzero(d, sizeof(d));
	return r;
}

static int
ec_body(const struct nf_keydata *priv, const struct nf_keydata *pub,
    struct nf_buf *out)
{
	static const uint8_t one[1] = { 1 };
	const struct nf_curve *curve = nf_curve_find(priv->curve);
	size_t n = (curve->order_bits + 7) / 8, len;
	struct nf_view d = nf_le_trim(priv->v[NF_ECPRIV_D]);
	uint8_t point[1 + POINT_MAX] = { 0 };	/* no unused bits */
	struct nf_buf bits = NF_BUF_INIT;

	if (d.len > n)
		return NF_E_FORMAT;
	nf_der_put_number(out, nf_view_of(one, sizeof(one)));
	nf_der_head(out, NF_DER_OCTETS, n);
	nf_buf_fill(out, 0, n - d.len);
	while (d.len > 0)
		nf_buf_u8(out, d.p[--d.len]);
	len = point_of(curve, pub, point + 1);
	nf_der_put(&bits, NF_DER_BITS, nf_view_of(point, 1 + len));
	nf_der_put(out, PUBLIC, nf_buf_view(&bits));
	if (nf_buf_err(&bits) != 0)
		nf_buf_fail(out, nf_buf_err(&bits));
	nf_buf_wipe(&bits);
	return nf_buf_err(out);
}

static void
put_algorithm(struct nf_buf *out, const struct nf_keydata *priv)
{
	struct nf_buf alg = NF_BUF_INIT;

	if (priv->type == NF_KEY_RSAPRIVATE) {
		nf_der_put(&alg, NF_DER_OID, nf_view_of(rsa_oid,
		    sizeof(rsa_oid)));
		nf_der_put(&alg, NF_DER_NULL, nf_view_of(NULL, 0));
	} else {
		nf_der_put(&alg, NF_DER_OID, nf_view_of(ec_oid,
		    sizeof(ec_oid)));
		nf_der_put(&alg, NF_DER_OID,
		    curve_oid(nf_curve_find(priv->curve)));
	}
	nf_der_put(out, NF_DER_SEQUENCE, nf_buf_view(&alg));
	if (nf_buf_err(&alg) != 0)
		nf_buf_fail(out, nf_buf_err(&alg));
	nf_buf_wipe(&alg);
}

int
nf_mod_pkcs8_write(const struct nf_keydata *priv,
    const struct nf_keydata *pub, struct nf_buf *out, struct nf_diag *diag)
{
	static const uint8_t zero[1] = { 0 };
	struct nf_buf body = NF_BUF_INIT, seq = NF_BUF_INIT;
	struct nf_buf info = NF_BUF_INIT;
	int r;

	if (priv->type == NF_KEY_RSAPRIVATE)
		r = rsa_body(priv, pub, &body);
	else if (nf_wire_key_is_ec(priv->type))
		r = ec_body(priv, pub, &body);
	else
		r = NF_E_FORMAT;
	if (r != 0)
		goto out;
	nf_der_put(&seq, NF_DER_SEQUENCE, nf_buf_view(&body));
	nf_der_put_number(&info, nf_view_of(zero, sizeof(zero)));
	put_algorithm(&info, priv);
	nf_der_put(&info, NF_DER_OCTETS, nf_buf_view(&seq));
	nf_der_put(out, NF_DER_SEQUENCE, nf_buf_view(&info));
	if ((r = nf_buf_err(&seq)) == 0 && (r = nf_buf_err(&info)) == 0)
		r = nf_buf_err(out);
out:
	nf_buf_wipe(&body);
	nf_buf_wipe(&seq);
	nf_buf_wipe(&info);
	return r == 0 ? 0 : nf_diag_set(diag, r, "PKCS#8",
	    "the key cannot be written");
}

/* ---- reading ------------------------------------------------------------- */

/* What is read: views of own, which was made long enough before. */
struct reading {
	struct nf_buf *own;
	size_t at;
	struct nf_keydata *key;
	struct nf_view n, d;		/* RSA */
	struct nf_view point;		/* EC; empty when not there */
};

/* Enter an element. */
static void
enter(struct nf_cur *in, struct nf_cur *cur, uint8_t tag, const char *field)
{
	struct nf_view v = nf_der_element(cur, tag, field);

	nf_cur_sub(in, cur, v);
}

static bool
next_is(const struct nf_cur *cur, uint8_t tag)
{
	return nf_cur_left(cur) > 0 && cur->p[cur->off] == tag;
}

/* Big-endian bytes, reversed into own. */
static struct nf_view
reversed(struct reading *rd, struct nf_view v)
{
	uint8_t *p = rd->own->p + rd->at;

	NF_REQUIRE(v.len <= rd->own->len - rd->at);
	for (size_t i = 0; i < v.len; i++)
		p[i] = v.p[v.len - 1 - i];
	rd->at += v.len;
	return nf_view_of(p, v.len);
}

static struct nf_view
number(struct reading *rd, struct nf_cur *cur, const char *field)
{
	struct nf_view v = nf_der_number(cur, field);

	if (v.len > NUMBER_MAX) {
		(void)nf_cur_fail(cur, NF_E_FORMAT, field, "too long");
		return nf_view_of(NULL, 0);
	}
	return reversed(rd, v);
}

static void
version(struct nf_cur *cur, uint8_t want, const char *field)
{
	struct nf_view v = nf_der_element(cur, NF_DER_INTEGER, field);

	if (nf_cur_err(cur) == 0 && (v.len != 1 || v.p[0] != want))
		(void)nf_cur_fail(cur, NF_E_FORMAT, field, "not version %d",
		    want);
}

static int
rsa_read(struct reading *rd, struct nf_cur *cur)
{
	static const char *const names[RSA_NUMBERS] = { "n", "e", "d", "p",
	    "q", "dp", "dq", "qi" };
	struct nf_view v[RSA_NUMBERS];
	size_t bits;

	version(cur, 0, "RSAPrivateKey.version");
	for (size_t i = 0; i < RSA_NUMBERS; i++)
		v[i] = number(rd, cur, names[i]);
	if (nf_cur_err(cur) != 0)
		return nf_cur_err(cur);
	rd->n = v[0];
	rd->d = v[2];
	rd->key->type = NF_KEY_RSAPRIVATE;
	rd->key->v[NF_RSAP_E] = v[1];
	for (size_t i = NF_RSAP_P; i <= NF_RSAP_IQMP; i++)
		rd->key->v[i] = v[3 + i];
	bits = nf_le_bits(rd->n);
	if (bits != 2048 && bits != 3072 && bits != 4096)
		return nf_cur_fail(cur, NF_E_FORMAT, "n",
		    "RSA of %zu bits: 2048, 3072 and 4096 are taken", bits);
	return nf_cur_end(cur, "RSAPrivateKey");
}

static int
ec_read(struct reading *rd, struct nf_cur *cur, const struct nf_curve *curve)
{
	struct nf_cur in;
	struct nf_view v;

	version(cur, 1, "ECPrivateKey.version");
	v = nf_der_element(cur, NF_DER_OCTETS, "d");
	if (nf_cur_err(cur) == 0 && v.len != (curve->order_bits + 7) / 8)
		(void)nf_cur_fail(cur, NF_E_FORMAT, "d",
		    "not the length of the curve's order");
	if (nf_cur_err(cur) != 0)
		return nf_cur_err(cur);
	rd->key->type = NF_KEY_ECDSAPRIVATE;
	rd->key->curve = curve->number;
	rd->key->v[NF_ECPRIV_D] = reversed(rd, v);
	if (next_is(cur, PARAMETERS)) {
		enter(&in, cur, PARAMETERS, "parameters");
		v = nf_der_element(&in, NF_DER_OID, "parameters");
		if (nf_cur_end(&in, "parameters") != 0 ||
		    !nf_view_equal(v, curve_oid(curve)))
			return nf_cur_fail(cur, NF_E_FORMAT, "parameters",
			    "not the curve of the algorithm");
	}
	if (next_is(cur, PUBLIC)) {
		enter(&in, cur, PUBLIC, "publicKey");
		v = nf_der_element(&in, NF_DER_BITS, "publicKey");
		if (nf_cur_end(&in, "publicKey") != 0 ||
		    v.len < 2 || v.p[0] != 0)
			return nf_cur_fail(cur, NF_E_FORMAT, "publicKey",
			    "not a bit string of whole bytes");
		rd->point = nf_view_of(v.p + 1, v.len - 1);
	}
	return nf_cur_end(cur, "ECPrivateKey");
}

/* The curve of the algorithm, NULL for RSA. */
static int
algorithm_read(struct nf_cur *cur, const struct nf_curve **curve)
{
	static const uint32_t taken[] = { NF_EC_P256, NF_EC_P384, NF_EC_P521,
	    NF_EC_SECP256K1 };
	struct nf_view v = nf_der_element(cur, NF_DER_OID, "algorithm");

	*curve = NULL;
	if (nf_cur_err(cur) != 0)
		return nf_cur_err(cur);
	if (nf_view_equal(v, nf_view_of(rsa_oid, sizeof(rsa_oid)))) {
		if (nf_der_element(cur, NF_DER_NULL, "algorithm").len != 0)
			(void)nf_cur_fail(cur, NF_E_FORMAT, "algorithm",
			    "parameters that are not NULL");
		return nf_cur_end(cur, "algorithm");
	}
	if (!nf_view_equal(v, nf_view_of(ec_oid, sizeof(ec_oid))))
		return nf_cur_fail(cur, NF_E_FORMAT, "algorithm",
		    "neither RSA nor EC");
	v = nf_der_element(cur, NF_DER_OID, "curve");
	if (nf_cur_err(cur) != 0)
		return nf_cur_err(cur);
	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
		if (nf_view_equal(v, curve_oid(nf_curve_find(taken[i]))))
			*curve = nf_curve_find(taken[i]);
	}
	if (*curve == NULL)
		return nf_cur_fail(cur, NF_E_FORMAT, "curve",
		    "not P-256, P-384, P-521 or secp256k1");
	return nf_cur_end(cur, "algorithm");
}

static int
info_read(struct reading *rd, struct nf_view der, struct nf_diag *diag)
{
	struct nf_cur top, info, alg, octets, key;
	const struct nf_curve *curve;
	int r;

	nf_cur_init(&top, der.p, der.len, diag);
	enter(&info, &top, NF_DER_SEQUENCE, "PrivateKeyInfo");
	/* SoftHSM 2.6 fills what it wraps up to a multiple of 8 (measured). */
	if (der.len % NF_KEYWRAP_BLOCK == 0 &&
	    nf_cur_left(&top) < NF_KEYWRAP_BLOCK)
		nf_cur_zeros(&top, "PrivateKeyInfo", nf_cur_left(&top));
	if ((r = nf_cur_end(&top, "PrivateKeyInfo")) != 0)
		return r;
	version(&info, 0, "PrivateKeyInfo.version");
	enter(&alg, &info, NF_DER_SEQUENCE, "algorithm");
	if ((r = algorithm_read(&alg, &curve)) != 0)
		return r;
	enter(&octets, &info, NF_DER_OCTETS, "privateKey");
	if (next_is(&info, PARAMETERS))
		return nf_cur_fail(&info, NF_E_FORMAT, "attributes",
		    "attributes beside the key are not taken");
	if ((r = nf_cur_end(&info, "PrivateKeyInfo")) != 0)
		return r;
	enter(&key, &octets, NF_DER_SEQUENCE, "privateKey");
	if ((r = nf_cur_end(&octets, "privateKey")) != 0)
		return r;
	return curve == NULL ? rsa_read(rd, &key) : ec_read(rd, &key, curve);
}

/* v[0] = d e is 1 modulo p - 1; v[2] and v[3] are scratch. */
static int
inverts(BIGNUM *v[static 4], struct nf_view p, BN_CTX *ctx)
{
	if (BN_lebin2bn(p.p, (int)p.len, v[3]) == NULL ||
	    BN_sub_word(v[3], 1) != 1)
		return NF_E_CRYPTO;
	if (BN_is_zero(v[3]))
		return NF_E_FORMAT;
	BN_set_flags(v[3], BN_FLG_CONSTTIME);
	if (BN_mod(v[2], v[0], v[3], ctx) != 1)
		return NF_E_CRYPTO;
	return BN_is_one(v[2]) ? 0 : NF_E_FORMAT;
}

/* n = p q as computed, and d inverts e for both primes. */
static int
rsa_belongs(const struct reading *rd, const struct nf_keydata *pub)
{
	const struct nf_view e = rd->key->v[NF_RSAP_E];
	BIGNUM *v[4] = { NULL, NULL, NULL, NULL };
	BN_CTX *ctx = NULL;
	int r = NF_E_CRYPTO;

	if (nf_le_cmp(rd->n, pub->v[NF_RSA_N]) != 0 ||
	    nf_le_cmp(rd->d, rd->n) >= 0)
		return NF_E_FORMAT;
	if ((ctx = BN_CTX_secure_new()) != NULL &&
	    (v[0] = BN_lebin2bn(rd->d.p, (int)rd->d.len, NULL)) != NULL &&
	    (v[1] = BN_lebin2bn(e.p, (int)e.len, NULL)) != NULL &&
	    (v[2] = BN_new()) != NULL && (v[3] = BN_new()) != NULL &&
	    BN_mul(v[0], v[0], v[1], ctx) == 1 &&
	    (r = inverts(v, rd->key->v[NF_RSAP_P], ctx)) == 0)
		r = inverts(v, rd->key->v[NF_RSAP_Q], ctx);
	for (size_t i = 0; i < 4; i++)
		BN_clear_free(v[i]);
	BN_CTX_free(ctx);
	return r;
}

static int
ec_belongs(const struct reading *rd, const struct nf_keydata *pub)
{
	uint8_t point[POINT_MAX];
	size_t n = point_of(nf_curve_find(pub->curve), pub, point);

	return rd->point.len == 0 ||
	    nf_view_equal(rd->point, nf_view_of(point, n)) ? 0 : NF_E_FORMAT;
}

int
nf_mod_pkcs8_read(struct nf_view der, struct nf_buf *own,
    struct nf_keydata *key, struct nf_diag *diag)
{
	struct reading rd = { .own = own, .key = key };
	struct nf_buf bytes = NF_BUF_INIT;
	struct nf_keydata pub;
	int r;

	memset(key, 0, sizeof(*key));
	nf_buf_fill(own, 0, der.len);
	if ((r = nf_buf_err(own)) == 0 &&
	    (r = info_read(&rd, der, diag)) == 0 &&
	    (r = nf_mod_public_of(key, &bytes, &pub, diag)) == 0 &&
	    (r = key->type == NF_KEY_RSAPRIVATE ? rsa_belongs(&rd, &pub) :
	    ec_belongs(&rd, &pub)) != 0)
		(void)nf_diag_set(diag, r, "privateKey", "%s",
		    r == NF_E_FORMAT ?
		    "the numbers of the key do not belong together" :
		    nf_err_text(r));
	nf_buf_wipe(&bytes);
	return r;
}
