/* SPDX-License-Identifier: Apache-2.0 */
/* Private keys: public halves, libcrypto keys, generation. */
#include "config.h"

#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#include "nfast/base/crypto.h"
#include "nfast/base/pkey.h"
#include "nfast/module/internal.h"

#define PUB_MAX	6	/* numbers of a key */

int
nf_mod_random(void *out, size_t n)
{
	return RAND_priv_bytes(out, (int)n) == 1 ? 0 : NF_E_CRYPTO;
}

static BIGNUM *
bn_of(struct nf_view v)
{
	BIGNUM *bn = BN_lebin2bn(v.p, (int)v.len, NULL);

	if (bn != NULL)
		BN_set_flags(bn, BN_FLG_CONSTTIME);
	return bn;
}

/* Append a KeyData of n numbers to a buffer. */
static int
put_keydata(struct nf_buf *out, uint32_t type, uint32_t curve,
    BIGNUM *const *bn, size_t n)
{
	struct nf_keydata kd = { .type = type, .curve = curve };
	uint8_t le[PUB_MAX][NF_RSA_BITS_MAX / 8];
	int r = 0;

	NF_REQUIRE(n <= PUB_MAX);
	for (size_t i = 0; i < n; i++) {
		int len = BN_num_bytes(bn[i]);

		if (len > (int)sizeof(le[i]) ||
		    BN_bn2lebinpad(bn[i], le[i], len) != len) {
			r = NF_E_CRYPTO;
			goto out;
		}
		kd.v[i] = nf_view_of(le[i], (size_t)len);
	}
	nf_wire_keydata_write(out, &kd);
	r = nf_buf_err(out);
out:
	explicit_bzero(le, sizeof(le));
	return r;
}

static int
rsa_public(const struct nf_keydata *priv, BN_CTX *ctx, struct nf_buf *out)
{
	BIGNUM *p = bn_of(priv->v[NF_RSAP_P]);
	BIGNUM *q = bn_of(priv->v[NF_RSAP_Q]);
	BIGNUM *v[2] = { bn_of(priv->v[NF_RSAP_E]), BN_new() };
	int r = NF_E_NOMEM;

	if (p != NULL && q != NULL && v[0] != NULL && v[1] != NULL)
		r = BN_mul(v[1], p, q, ctx) != 1 ? NF_E_CRYPTO :
		    put_keydata(out, NF_KEY_RSAPUBLIC, 0, v, 2);
	BN_clear_free(p);
	BN_clear_free(q);
	BN_free(v[0]);
	BN_free(v[1]);
	return r;
}

static int
dsa_public(const struct nf_keydata *priv, BN_CTX *ctx, struct nf_buf *out)
{
	BIGNUM *x = bn_of(priv->v[NF_DSA_X]);
	BIGNUM *v[4] = { bn_of(priv->v[NF_DSA_P]), bn_of(priv->v[NF_DSA_Q]),
	    bn_of(priv->v[NF_DSA_G]), BN_new() };
	int r = NF_E_NOMEM;

	if (x != NULL && v[0] != NULL && v[1] != NULL && v[2] != NULL &&
	    v[3] != NULL) {
		r = NF_E_FORMAT;
		/* Before the costly step; the rest is checked where the
		 * public key is built. */
		if (BN_num_bits(v[0]) <= 3072 && BN_num_bits(v[1]) <= 256 &&
		    BN_cmp(v[2], v[0]) < 0 && BN_is_odd(v[0]) &&
		    !BN_is_zero(x) && BN_cmp(x, v[1]) < 0)
			r = BN_mod_exp(v[3], v[2], x, v[0], ctx) != 1 ?
			    NF_E_CRYPTO :
			    put_keydata(out, NF_KEY_DSAPUBLIC, 0, v, 4);
	}
	BN_clear_free(x);
	for (size_t i = 0; i < 4; i++)
		BN_free(v[i]);
	return r;
}

static int
ec_public(const struct nf_keydata *priv, BN_CTX *ctx, struct nf_buf *out)
{
	const struct nf_curve *curve = nf_curve_find(priv->curve);
	EC_GROUP *group = EC_GROUP_new_by_curve_name(curve->nid);
	EC_POINT *point = group == NULL ? NULL : EC_POINT_new(group);
	BIGNUM *d = bn_of(priv->v[NF_ECPRIV_D]);
	BIGNUM *v[2] = { BN_new(), BN_new() };
	int r = NF_E_NOMEM;

	if (point != NULL && d != NULL && v[0] != NULL && v[1] != NULL) {
		r = NF_E_FORMAT;
		if (!BN_is_zero(d) &&
		    BN_cmp(d, EC_GROUP_get0_order(group)) < 0)
			r = EC_POINT_mul(group, point, d, NULL, NULL,
			    ctx) != 1 || EC_POINT_get_affine_coordinates(
			    group, point, v[0], v[1], ctx) != 1 ?
			    NF_E_CRYPTO : put_keydata(out,
			    nf_wire_public_type(priv->type), priv->curve, v,
			    2);
	}
	BN_clear_free(d);
	BN_free(v[0]);
	BN_free(v[1]);
	EC_POINT_free(point);
	EC_GROUP_free(group);
	return r;
}

int
nf_mod_public_of(const struct nf_keydata *priv, struct nf_buf *out,
    struct nf_keydata *pub, struct nf_diag *diag)
{
	BN_CTX *ctx = BN_CTX_secure_new();
	struct nf_cur cur;
	int r;

	if (ctx == NULL)
		return NF_E_NOMEM;
	if (priv->type == NF_KEY_RSAPRIVATE)
		r = rsa_public(priv, ctx, out);
	else if (priv->type == NF_KEY_DSAPRIVATE)
		r = dsa_public(priv, ctx, out);
	else if (nf_wire_key_is_ec(priv->type))
		r = ec_public(priv, ctx, out);
	else
		r = NF_E_FORMAT;
	BN_CTX_free(ctx);
	if (r != 0)
		return nf_diag_set(diag, r, "keydata",
		    "private key out of range");
	nf_cur_init(&cur, out->p, out->len, diag);
	nf_wire_keydata_read(&cur, pub);
	return nf_cur_end(&cur, "keydata");
}

static BN_ULONG
gcd_word(BN_ULONG a, BN_ULONG b)
{
	while (b != 0) {
		BN_ULONG t = a % b;

		a = b;
		b = t;
	}
	return a;
}

/*
 * Divide a and b by what they have in common of powers of two and of primes
 * below 256; *g is multiplied by it.  In one of a thousand keys a larger
 * common factor stays: d is then right as well, but not the smallest.
 * BN_gcd() takes as long as everything else in wrapping a key.
 */
static bool
common_remove(BIGNUM *a, BIGNUM *b, BIGNUM *g)
{
	/* Products of the odd primes below 256. */
	static const uint32_t words[] = {
	    0xc0cfd797u, 0x05aa381fu, 0x361592b7u, 0xf64d985du, 0x073b5a0du,
	    0x0f5a0395u, 0x1d43ffddu, 0x323e7003u, 0x4e5884b7u, 0x7eb0f0b1u,
	    0xb72efc93u, 0x000000fbu
	};

	while (!BN_is_zero(a) && !BN_is_zero(b) && !BN_is_odd(a) &&
	    !BN_is_odd(b)) {
		if (BN_rshift1(a, a) != 1 || BN_rshift1(b, b) != 1 ||
		    BN_lshift1(g, g) != 1)
			return false;
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); ) {
		BN_ULONG ra = BN_mod_word(a, words[i]);
		BN_ULONG rb = BN_mod_word(b, words[i]), w;

		if (ra == (BN_ULONG)-1 || rb == (BN_ULONG)-1)
			return false;
		w = gcd_word(words[i], gcd_word(ra, rb));
		if (w == 1) {
			i++;
			continue;
		}
		if (BN_is_zero(a) || BN_is_zero(b) ||
		    BN_div_word(a, w) != 0 || BN_div_word(b, w) != 0 ||
		    BN_mul_word(g, w) != 1)
			return false;
	}
	return true;
}

/* d = 1/e modulo a common multiple of p-1 and q-1. */
static BIGNUM *
rsa_d(const BIGNUM *p, const BIGNUM *q, const BIGNUM *e)
{
	BN_CTX *ctx = BN_CTX_secure_new();
	BIGNUM *p1 = BN_dup(p), *q1 = BN_dup(q), *l = BN_new();
	BIGNUM *d = NULL;

	if (ctx == NULL || p1 == NULL || q1 == NULL || l == NULL ||
	    BN_is_zero(p) || BN_is_zero(q))
		goto out;
	BN_set_flags(p1, BN_FLG_CONSTTIME);
	BN_set_flags(q1, BN_FLG_CONSTTIME);
	if (BN_sub_word(p1, 1) != 1 || BN_sub_word(q1, 1) != 1 ||
	    BN_one(l) != 1 || !common_remove(p1, q1, l) ||
	    BN_mul(l, l, p1, ctx) != 1 || BN_mul(l, l, q1, ctx) != 1 ||
	    BN_is_zero(l))
		goto out;
	BN_set_flags(l, BN_FLG_CONSTTIME);
	d = BN_mod_inverse(NULL, e, l, ctx);
out:
	BN_clear_free(p1);
	BN_clear_free(q1);
	BN_clear_free(l);
	BN_CTX_free(ctx);
	return d;
}

int
nf_mod_rsa_d(const struct nf_keydata *priv, uint8_t *le, size_t len)
{
	BIGNUM *p = bn_of(priv->v[NF_RSAP_P]);
	BIGNUM *q = bn_of(priv->v[NF_RSAP_Q]);
	BIGNUM *e = bn_of(priv->v[NF_RSAP_E]);
	BIGNUM *d = p == NULL || q == NULL || e == NULL ? NULL :
	    rsa_d(p, q, e);
	int r = d != NULL && BN_bn2lebinpad(d, le, (int)len) == (int)len ?
	    0 : NF_E_CRYPTO;

	if (r != 0)
		ERR_clear_error();
	BN_clear_free(p);
	BN_clear_free(q);
	BN_free(e);
	BN_clear_free(d);
	return r;
}

static int
push(OSSL_PARAM_BLD *bld, const char *const *names, BIGNUM *const *bn,
    size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (bn[i] == NULL ||
		    OSSL_PARAM_BLD_push_BN(bld, names[i], bn[i]) != 1)
			return NF_E_NOMEM;
	}
	return 0;
}

static int
push_rsa(OSSL_PARAM_BLD *bld, const struct nf_keydata *priv,
    const struct nf_keydata *pub, BIGNUM **bn)
{
	static const char *const names[] = { OSSL_PKEY_PARAM_RSA_FACTOR1,
	    OSSL_PKEY_PARAM_RSA_FACTOR2, OSSL_PKEY_PARAM_RSA_EXPONENT1,
	    OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
	    OSSL_PKEY_PARAM_RSA_E, OSSL_PKEY_PARAM_RSA_N,
	    OSSL_PKEY_PARAM_RSA_D };

	for (size_t i = 0; i < 6; i++)
		bn[i] = bn_of(priv->v[i]);
	bn[6] = bn_of(pub->v[NF_RSA_N]);
	if (bn[0] == NULL || bn[1] == NULL || bn[5] == NULL)
		return NF_E_NOMEM;
	if (BN_num_bits(bn[0]) < 2 || BN_num_bits(bn[1]) < 2)
		return NF_E_FORMAT;
	ERR_clear_error();
	if ((bn[7] = rsa_d(bn[0], bn[1], bn[5])) == NULL)
		return nf_crypto_own_fault() ? NF_E_CRYPTO : NF_E_FORMAT;
	return push(bld, names, bn, 8);
}

static int
push_dsa(OSSL_PARAM_BLD *bld, const struct nf_keydata *priv,
    const struct nf_keydata *pub, BIGNUM **bn)
{
	static const char *const names[] = { OSSL_PKEY_PARAM_FFC_P,
	    OSSL_PKEY_PARAM_FFC_Q, OSSL_PKEY_PARAM_FFC_G,
	    OSSL_PKEY_PARAM_PRIV_KEY, OSSL_PKEY_PARAM_PUB_KEY };

	for (size_t i = 0; i < 4; i++)
		bn[i] = bn_of(priv->v[i]);
	bn[4] = bn_of(pub->v[NF_DSA_Y]);
	return push(bld, names, bn, 5);
}

static int
push_ec(OSSL_PARAM_BLD *bld, const struct nf_keydata *priv,
    const struct nf_keydata *pub, BIGNUM **bn, uint8_t *point)
{
	static const char *const names[] = { OSSL_PKEY_PARAM_PRIV_KEY };
	const struct nf_curve *curve = nf_curve_find(priv->curve);
	size_t n = curve->field_bytes;

	bn[0] = bn_of(priv->v[NF_ECPRIV_D]);
	point[0] = 4;
	for (size_t c = 0; c < 2; c++) {
		struct nf_view v = nf_le_trim(pub->v[c]);

		memset(point + 1 + c * n, 0, n);
		for (size_t i = 0; i < v.len && i < n; i++)
			point[(c + 1) * n - i] = v.p[i];
	}
	if (OSSL_PARAM_BLD_push_utf8_string(bld, OSSL_PKEY_PARAM_GROUP_NAME,
	    curve->group, 0) != 1 || OSSL_PARAM_BLD_push_octet_string(bld,
	    OSSL_PKEY_PARAM_PUB_KEY, point, 1 + 2 * n) != 1)
		return NF_E_NOMEM;
	return push(bld, names, bn, 1);
}

int
nf_mod_private_pkey(const struct nf_keydata *priv,
    const struct nf_keydata *pub, EVP_PKEY **out, struct nf_diag *diag)
{
	BIGNUM *bn[8] = { NULL };
	OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
	OSSL_PARAM *params = NULL;
	EVP_PKEY_CTX *ctx = NULL;
	uint8_t point[1 + 2 * 66];
	const char *type = "EC";
	int r;

	*out = NULL;
	if (bld == NULL)
		return NF_E_NOMEM;
	if (priv->type == NF_KEY_RSAPRIVATE) {
		type = "RSA";
		r = push_rsa(bld, priv, pub, bn);
	} else if (priv->type == NF_KEY_DSAPRIVATE) {
		type = "DSA";
		r = push_dsa(bld, priv, pub, bn);
	} else
		r = push_ec(bld, priv, pub, bn, point);
	if (r != 0)
		goto out;
	r = NF_E_CRYPTO;
	if ((params = OSSL_PARAM_BLD_to_param(bld)) == NULL ||
	    (ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL)) == NULL ||
	    EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, out, EVP_PKEY_KEYPAIR, params) != 1)
		goto out;
	r = 0;
out:
	if (r != 0) {
		ERR_clear_error();
		r = nf_diag_set(diag, r, "keydata", "not a valid %s key",
		    type);
	}
	/* libcrypto frees these copies without wiping them. */
	for (OSSL_PARAM *p = params; p != NULL && p->key != NULL; p++)
		OPENSSL_cleanse(p->data, p->data_size);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(bld);
	EVP_PKEY_CTX_free(ctx);
	for (size_t i = 0; i < 8; i++)
		BN_clear_free(bn[i]);
	return r;
}

int
nf_mod_check_rsa(EVP_PKEY *pkey, struct nf_diag *diag)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
	int r = ctx != NULL && EVP_PKEY_check(ctx) == 1 ? 0 :
	    nf_diag_set(diag, NF_E_FORMAT, "keydata",
	    "the numbers of the RSA key do not belong together");

	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	return r;
}

/* Take the named numbers of a libcrypto key. */
static int
take(EVP_PKEY *pkey, const char *const *names, size_t n, uint32_t type,
    uint32_t curve, struct nf_buf *out)
{
	BIGNUM *bn[PUB_MAX] = { NULL };
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++) {
		if (EVP_PKEY_get_bn_param(pkey, names[i], &bn[i]) != 1)
			r = NF_E_CRYPTO;
	}
	if (r == 0)
		r = put_keydata(out, type, curve, bn, n);
	for (size_t i = 0; i < PUB_MAX; i++)
		BN_clear_free(bn[i]);
	return r;
}

static int
generate_rsa(const struct nf_genparams *p, struct nf_buf *out,
    struct nf_diag *diag)
{
	static const char *const names[] = { OSSL_PKEY_PARAM_RSA_FACTOR1,
	    OSSL_PKEY_PARAM_RSA_FACTOR2, OSSL_PKEY_PARAM_RSA_EXPONENT1,
	    OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
	    OSSL_PKEY_PARAM_RSA_E };
	EVP_PKEY_CTX *ctx = NULL;
	EVP_PKEY *pkey = NULL;
	BIGNUM *e = NULL;
	int r;

	if (p->len < NF_RSA_BITS_MIN || p->len > 4096 || p->len % 64 != 0)
		return nf_diag_set(diag, NF_E_FORMAT, "lenbits",
		    "RSA of %u bits: 1024 to 4096 are possible", p->len);
	if ((p->flags & NF_GEN_RSA_GIVEN_E) != 0) {
		if (nf_le_bits(p->given_e) < 17 ||
		    nf_le_bits(p->given_e) > 32 || (p->given_e.p[0] & 1) == 0)
			return nf_diag_set(diag, NF_E_FORMAT, "given_e",
			    "public exponent: odd, of 17 to 32 bits");
		if ((e = bn_of(p->given_e)) == NULL)
			return NF_E_NOMEM;
	}
	r = NF_E_CRYPTO;
	if ((ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL)) == NULL ||
	    EVP_PKEY_keygen_init(ctx) != 1 ||
	    EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, (int)p->len) != 1 ||
	    (e != NULL && EVP_PKEY_CTX_set1_rsa_keygen_pubexp(ctx, e) != 1) ||
	    EVP_PKEY_generate(ctx, &pkey) != 1)
		goto out;
	r = take(pkey, names, 6, NF_KEY_RSAPRIVATE, 0, out);
out:
	BN_free(e);
	EVP_PKEY_free(pkey);
	EVP_PKEY_CTX_free(ctx);
	return r;
}

static int
generate_ec(const struct nf_genparams *p, struct nf_buf *out)
{
	static const char *const names[] = { OSSL_PKEY_PARAM_PRIV_KEY };
	const struct nf_curve *curve = nf_curve_find(p->curve);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *pkey = NULL;
	int r = NF_E_CRYPTO;

	if (ctx != NULL && EVP_PKEY_keygen_init(ctx) == 1 &&
	    EVP_PKEY_CTX_set_group_name(ctx, curve->group) == 1 &&
	    EVP_PKEY_generate(ctx, &pkey) == 1)
		r = take(pkey, names, 1, p->type, p->curve, out);
	EVP_PKEY_free(pkey);
	EVP_PKEY_CTX_free(ctx);
	return r;
}

static int
generate_dsa(const struct nf_genparams *p, struct nf_buf *out,
    struct nf_diag *diag)
{
	const struct nf_mod_dsa_domain *domain = nf_mod_dsa_domain(p->len);
	BIGNUM *bn[4] = { NULL };
	int r = NF_E_NOMEM;

	if (domain == NULL || p->flags != 0)
		return nf_diag_set(diag, NF_E_FORMAT, "lenbits",
		    "DSA of %u bits: 1024 or 3072 with the module's own "
		    "domain are possible", p->len);
	bn[0] = bn_of(domain->p);
	bn[1] = bn_of(domain->q);
	bn[2] = bn_of(domain->g);
	bn[3] = BN_secure_new();
	if (bn[0] == NULL || bn[1] == NULL || bn[2] == NULL || bn[3] == NULL)
		goto out;
	do {
		if (BN_priv_rand_range(bn[3], bn[1]) != 1) {
			r = NF_E_CRYPTO;
			goto out;
		}
	} while (BN_is_zero(bn[3]));
	r = put_keydata(out, NF_KEY_DSAPRIVATE, 0, bn, 4);
out:
	for (size_t i = 0; i < 4; i++)
		BN_clear_free(bn[i]);
	return r;
}

static int
generate_symmetric(const struct nf_genparams *p, struct nf_buf *out,
    struct nf_diag *diag)
{
	struct nf_keydata kd = { .type = NF_KEY_RIJNDAEL };
	uint8_t k[NF_MOD_KM_LEN];
	int r;

	if (p->type != NF_KEY_RIJNDAEL ||
	    (p->len != 16 && p->len != 24 && p->len != 32))
		return nf_diag_set(diag, NF_E_FORMAT, "lenbytes",
		    "AES keys have 16, 24 or 32 bytes");
	if ((r = nf_mod_random(k, sizeof(k))) == 0) {
		kd.v[NF_SYM_K] = nf_view_of(k, p->len);
		nf_wire_keydata_write(out, &kd);
		r = nf_buf_err(out);
	}
	explicit_bzero(k, sizeof(k));
	return r;
}

int
nf_mod_generate(const struct nf_genparams *params, struct nf_secret *out,
    struct nf_keydata *key, struct nf_diag *diag)
{
	struct nf_buf buf = NF_BUF_INIT;
	struct nf_cur cur;
	int r;

	if (params->type == NF_KEY_RSAPRIVATE)
		r = generate_rsa(params, &buf, diag);
	else if (params->type == NF_KEY_DSAPRIVATE)
		r = generate_dsa(params, &buf, diag);
	else if (nf_wire_key_is_ec(params->type))
		r = generate_ec(params, &buf);
	else
		r = generate_symmetric(params, &buf, diag);
	if (r != 0 || (r = nf_secret_new(out, buf.len)) != 0)
		goto out;
	memcpy(out->p, buf.p, buf.len);
	nf_cur_init(&cur, out->p, out->len, diag);
	nf_wire_keydata_read(&cur, key);
	if ((r = nf_cur_end(&cur, "keydata")) != 0)
		nf_secret_wipe(out);
out:
	nf_buf_wipe(&buf);
	if (r != 0)
		ERR_clear_error();
	return r == 0 ? 0 : nf_diag_set(diag, r, "params", "%s",
	    nf_err_text(r));
}
