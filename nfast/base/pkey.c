/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rsa.h>

#include "nfast/base/crypto.h"
#include "nfast/base/pkey.h"

#define NUM_MAX		(NF_RSA_BITS_MAX / 8)
#define POINT_MAX	(1 + 2 * 66)
#define RS_MAX		66

size_t
nf_le_bits(struct nf_view v)
{
	size_t bits;

	v = nf_le_trim(v);
	if (v.len == 0)
		return 0;
	bits = 8 * (v.len - 1);
	for (unsigned int top = v.p[v.len - 1]; top != 0; top >>= 1)
		bits++;
	return bits;
}

struct nf_view
nf_le_trim(struct nf_view v)
{
	while (v.len > 0 && v.p[v.len - 1] == 0)
		v.len--;
	return v;
}

int
nf_le_cmp(struct nf_view a, struct nf_view b)
{
	a = nf_le_trim(a);
	b = nf_le_trim(b);
	if (a.len != b.len)
		return a.len < b.len ? -1 : 1;
	for (size_t i = a.len; i-- > 0;) {
		if (a.p[i] != b.p[i])
			return a.p[i] < b.p[i] ? -1 : 1;
	}
	return 0;
}

static bool
is_odd(struct nf_view v)
{
	return v.len > 0 && (v.p[0] & 1) != 0;
}

/*
 * A number parameter.  OSSL_PARAM integers have the machine's byte order,
 * which is the wire's on little-endian machines: no conversion, no copy.
 */
static OSSL_PARAM
number(const char *name, struct nf_view v, uint8_t tmp[static NUM_MAX])
{
	uint8_t *p = (uint8_t *)(uintptr_t)v.p;

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	for (size_t i = 0; i < v.len; i++)
		tmp[i] = v.p[v.len - 1 - i];
	p = tmp;
#else
	(void)tmp;
#endif
	return OSSL_PARAM_construct_BN(name, p, v.len);
}

static EVP_PKEY_CTX *
fromdata_context(const char *type, struct nf_diag *diag)
{
	EVP_PKEY_CTX *ctx;

	ctx = EVP_PKEY_CTX_new_from_name(nf_crypto_ctx(), type, NULL);
	if (ctx != NULL && EVP_PKEY_fromdata_init(ctx) == 1)
		return ctx;
	EVP_PKEY_CTX_free(ctx);
	(void)nf_diag_set(diag, NF_E_CRYPTO, NULL, "libcrypto has no %s",
	    type);
	return NULL;
}

/* A context per algorithm is kept: fetching is most of the cost. */
static int
from_params(const char *type, OSSL_PARAM *params, EVP_PKEY **out,
    struct nf_diag *diag)
{
	static const char *const types[] = { "RSA", "DSA", "EC" };
	static struct nf_slot kept[3];
	EVP_PKEY_CTX *ctx;
	size_t i = 0;
	int r = 0;

	while (i < 3 && strcmp(types[i], type) != 0)
		i++;
	NF_REQUIRE(i < 3);
	if ((ctx = nf_slot_take(&kept[i])) == NULL &&
	    (ctx = fromdata_context(type, diag)) == NULL)
		return NF_E_CRYPTO;
	ERR_clear_error();
	if (EVP_PKEY_fromdata(ctx, out, EVP_PKEY_PUBLIC_KEY, params) != 1) {
		*out = NULL;
		r = nf_crypto_own_fault() ? nf_diag_set(diag, NF_E_CRYPTO,
		    type, "libcrypto cannot take the key") :
		    nf_diag_set(diag, NF_E_FORMAT, type,
		    "not a valid public key");
	}
	EVP_PKEY_CTX_free(nf_slot_put(&kept[i], ctx));
	return r;
}

int
nf_pkey_rsa(struct nf_view e, struct nf_view n, EVP_PKEY **out,
    struct nf_diag *diag)
{
	uint8_t te[NUM_MAX], tn[NUM_MAX];
	OSSL_PARAM params[3];
	size_t bits;

	*out = NULL;
	e = nf_le_trim(e);
	n = nf_le_trim(n);
	bits = nf_le_bits(n);
	if (bits < NF_RSA_BITS_MIN || bits > NF_RSA_BITS_MAX || !is_odd(n))
		return nf_diag_set(diag, NF_E_FORMAT, "n",
		    "RSA modulus of %zu bits, or even", bits);
	if (nf_le_bits(e) < 2 || nf_le_bits(e) > 64 || !is_odd(e))
		return nf_diag_set(diag, NF_E_FORMAT, "e",
		    "RSA exponent is even or out of range");
	params[0] = number(OSSL_PKEY_PARAM_RSA_N, n, tn);
	params[1] = number(OSSL_PKEY_PARAM_RSA_E, e, te);
	params[2] = OSSL_PARAM_construct_end();
	return from_params("RSA", params, out, diag);
}

int
nf_pkey_dsa(struct nf_view p, struct nf_view q, struct nf_view g,
    struct nf_view y, EVP_PKEY **out, struct nf_diag *diag)
{
	uint8_t tp[NUM_MAX], tq[NUM_MAX], tg[NUM_MAX], ty[NUM_MAX];
	size_t pb = nf_le_bits(p), qb = nf_le_bits(q);
	OSSL_PARAM params[5];

	*out = NULL;
	if (!((pb == 1024 && qb == 160) || (pb == 3072 && qb == 256) ||
	    (pb == 2048 && (qb == 224 || qb == 256))) || !is_odd(p) ||
	    !is_odd(q))
		return nf_diag_set(diag, NF_E_FORMAT, "p",
		    "DSA group of %zu/%zu bits", pb, qb);
	if (nf_le_bits(g) < 2 || nf_le_cmp(g, p) >= 0)
		return nf_diag_set(diag, NF_E_FORMAT, "g", "out of range");
	if (nf_le_bits(y) < 2 || nf_le_cmp(y, p) >= 0)
		return nf_diag_set(diag, NF_E_FORMAT, "y", "out of range");
	params[0] = number(OSSL_PKEY_PARAM_FFC_P, nf_le_trim(p), tp);
	params[1] = number(OSSL_PKEY_PARAM_FFC_Q, nf_le_trim(q), tq);
	params[2] = number(OSSL_PKEY_PARAM_FFC_G, nf_le_trim(g), tg);
	params[3] = number(OSSL_PKEY_PARAM_PUB_KEY, nf_le_trim(y), ty);
	params[4] = OSSL_PARAM_construct_end();
	return from_params("DSA", params, out, diag);
}

/* Little-endian to fixed-size big-endian; v is no longer than size. */
static void
to_be(struct nf_view v, uint8_t *out, size_t size)
{
	memset(out, 0, size);
	for (size_t i = 0; i < v.len; i++)
		out[size - 1 - i] = v.p[i];
}

int
nf_pkey_ec(const struct nf_curve *curve, struct nf_view x, struct nf_view y,
    EVP_PKEY **out, struct nf_diag *diag)
{
	uint8_t point[POINT_MAX];
	OSSL_PARAM params[3];
	size_t n = curve->field_bytes;

	*out = NULL;
	x = nf_le_trim(x);
	y = nf_le_trim(y);
	if (nf_le_bits(x) > curve->field_bits ||
	    nf_le_bits(y) > curve->field_bits)
		return nf_diag_set(diag, NF_E_FORMAT, "point",
		    "coordinate is too large");
	point[0] = 4;
	to_be(x, point + 1, n);
	to_be(y, point + 1 + n, n);
	params[0] = OSSL_PARAM_construct_utf8_string(
	    OSSL_PKEY_PARAM_GROUP_NAME, (char *)(uintptr_t)curve->group, 0);
	params[1] = OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY,
	    point, 1 + 2 * n);
	params[2] = OSSL_PARAM_construct_end();
	return from_params("EC", params, out, diag);
}

/*
 * Verify with an initialised context.  Only 0 without a word is a signature
 * that does not verify; other failures may be the library's.
 */
static int
verify(EVP_PKEY_CTX *ctx, const uint8_t *sig, size_t sig_len,
    const uint8_t *digest, size_t digest_len, struct nf_diag *diag)
{
	int r;

	ERR_clear_error();
	r = EVP_PKEY_verify(ctx, sig, sig_len, digest, digest_len);
	if (r == 1)
		return 0;
	if ((r != 0 || ERR_peek_error() != 0) && nf_crypto_own_fault())
		return nf_diag_set(diag, NF_E_CRYPTO, NULL,
		    "libcrypto could not verify the signature");
	return nf_diag_set(diag, NF_E_VERIFY, NULL,
	    "the signature does not verify");
}

int
nf_pkey_verify_pkcs1(EVP_PKEY *key, enum nf_digest alg,
    const uint8_t *digest, struct nf_view sig, struct nf_diag *diag)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(nf_crypto_ctx(), key,
	    NULL);
	int r;

	if (ctx == NULL || nf_digest_md(alg) == NULL ||
	    EVP_PKEY_verify_init(ctx) != 1 ||
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) != 1 ||
	    EVP_PKEY_CTX_set_signature_md(ctx, nf_digest_md(alg)) != 1)
		r = nf_diag_set(diag, NF_E_CRYPTO, NULL,
		    "libcrypto refuses RSA with %s", nf_digest_name(alg));
	else
		r = verify(ctx, sig.p, sig.len, digest, nf_digest_size(alg),
		    diag);
	EVP_PKEY_CTX_free(ctx);
	return r;
}

/* Append one DER INTEGER of a positive little-endian number. */
static size_t
der_int(uint8_t *out, struct nf_view v)
{
	size_t pad = (v.p[v.len - 1] & 0x80) != 0, n = v.len + pad;

	out[0] = 0x02;
	out[1] = (uint8_t)n;
	out[2] = 0;
	for (size_t i = 0; i < v.len; i++)
		out[2 + pad + i] = v.p[v.len - 1 - i];
	return 2 + n;
}

int
nf_pkey_verifier_new(EVP_PKEY *key, EVP_PKEY_CTX **out, struct nf_diag *diag)
{
	*out = EVP_PKEY_CTX_new_from_pkey(nf_crypto_ctx(), key, NULL);
	if (*out != NULL && EVP_PKEY_verify_init(*out) == 1)
		return 0;
	ERR_clear_error();
	EVP_PKEY_CTX_free(*out);
	*out = NULL;
	return nf_diag_set(diag, NF_E_CRYPTO, NULL,
	    "libcrypto refuses the verification");
}

int
nf_pkey_verifier_rs(EVP_PKEY_CTX *verifier, const uint8_t *digest,
    size_t digest_len, struct nf_view r, struct nf_view s, size_t q_bits,
    struct nf_diag *diag)
{
	uint8_t body[2 * (RS_MAX + 3)], der[sizeof(body) + 3];
	size_t n, head = 2;

	r = nf_le_trim(r);
	s = nf_le_trim(s);
	/* libcrypto compares with q exactly; this bounds the encoding. */
	if (r.len == 0 || s.len == 0 || nf_le_bits(r) > q_bits ||
	    nf_le_bits(s) > q_bits || r.len > RS_MAX || s.len > RS_MAX)
		return nf_diag_set(diag, NF_E_VERIFY, NULL,
		    "r or s is zero or not below the group order");
	n = der_int(body, r);
	n += der_int(body + n, s);
	der[0] = 0x30;
	if (n < 128)
		der[1] = (uint8_t)n;
	else {
		der[1] = 0x81;
		der[2] = (uint8_t)n;
		head = 3;
	}
	memcpy(der + head, body, n);
	if (digest_len > (q_bits + 7) / 8)
		digest_len = (q_bits + 7) / 8;
	return verify(verifier, der, head + n, digest, digest_len, diag);
}

int
nf_pkey_verify_rs(EVP_PKEY *key, const uint8_t *digest, size_t digest_len,
    struct nf_view r, struct nf_view s, size_t q_bits, struct nf_diag *diag)
{
	EVP_PKEY_CTX *verifier;
	int rc;

	if ((rc = nf_pkey_verifier_new(key, &verifier, diag)) == 0)
		rc = nf_pkey_verifier_rs(verifier, digest, digest_len, r, s,
		    q_bits, diag);
	EVP_PKEY_CTX_free(verifier);
	return rc;
}
