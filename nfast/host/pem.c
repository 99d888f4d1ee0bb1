/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/decoder.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include "nfast/base/curve.h"
#include "nfast/base/file.h"
#include "nfast/base/pkey.h"
#include "nfast/host/pem.h"
#include "nfast/wire/names.h"

#define PEM_MAX		((size_t)64 * 1024)
#define NUMBERS		6
#define RSA_MIN		1024
#define RSA_MAX		4096
#define PEM_BEGIN	"-----BEGIN "
#define PEM_KEY		"PRIVATE KEY-----"

static int
crypto_fail(struct nf_diag *diag)
{
	return nf_diag_set(diag, NF_E_CRYPTO, NULL, "libcrypto failed");
}

/*
 * Collects numbers in one buffer; the views are set at the end, because the
 * buffer moves while it grows.
 */
struct numbers {
	struct nf_buf *bytes;
	size_t len[NUMBERS];
	size_t n;
};

static int
number_add(struct numbers *num, const BIGNUM *bn)
{
	size_t len = (size_t)BN_num_bytes(bn), at = num->bytes->len;

	NF_REQUIRE(num->n < NUMBERS);
	nf_buf_fill(num->bytes, 0, len);
	if (nf_buf_err(num->bytes) != 0)
		return nf_buf_err(num->bytes);
	if (BN_bn2lebinpad(bn, num->bytes->p + at, (int)len) != (int)len)
		return NF_E_CRYPTO;
	num->len[num->n++] = len;
	return 0;
}

static void
numbers_take(const struct numbers *num, struct nf_keydata *key)
{
	size_t at = 0;

	for (size_t i = 0; i < num->n; i++) {
		key->v[i] = nf_view_of(num->bytes->p + at, num->len[i]);
		at += num->len[i];
	}
}

static int
param_add(struct numbers *num, const EVP_PKEY *pkey, const char *name)
{
	BIGNUM *bn = NULL;
	int r = NF_E_CRYPTO;

	if (EVP_PKEY_get_bn_param(pkey, name, &bn) == 1)
		r = number_add(num, bn);
	BN_clear_free(bn);
	return r;
}

static int
rsa_take(const EVP_PKEY *pkey, struct nf_buf *bytes, struct nf_keydata *key,
    struct nf_diag *diag)
{
	static const char *const names[] = {
		[NF_RSAP_P] = OSSL_PKEY_PARAM_RSA_FACTOR1,
		[NF_RSAP_Q] = OSSL_PKEY_PARAM_RSA_FACTOR2,
		[NF_RSAP_DMP1] = OSSL_PKEY_PARAM_RSA_EXPONENT1,
		[NF_RSAP_DMQ1] = OSSL_PKEY_PARAM_RSA_EXPONENT2,
		[NF_RSAP_IQMP] = OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
		[NF_RSAP_E] = OSSL_PKEY_PARAM_RSA_E
	};
	struct numbers num = { .bytes = bytes };
	BIGNUM *third = NULL;
	int bits = EVP_PKEY_get_bits(pkey), r = 0;

	if (bits < RSA_MIN || bits > RSA_MAX)
		return nf_diag_set(diag, NF_E_POLICY, "size",
		    "RSA of %d bits: %d to %d can be imported", bits, RSA_MIN,
		    RSA_MAX);
	if (EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_FACTOR3,
	    &third) == 1)
		r = nf_diag_set(diag, NF_E_POLICY, NULL,
		    "RSA keys of more than two primes cannot be imported");
	BN_clear_free(third);
	for (size_t i = 0; r == 0 && i < NUMBERS; i++) {
		if ((r = param_add(&num, pkey, names[i])) != 0)
			(void)nf_diag_set(diag, NF_E_FORMAT, names[i],
			    "the RSA key lacks this number");
	}
	key->type = NF_KEY_RSAPRIVATE;
	numbers_take(&num, key);
	return r;
}

static int
ec_take(const EVP_PKEY *pkey, struct nf_buf *bytes, struct nf_keydata *key,
    struct nf_diag *diag)
{
	static const uint32_t curves[] = { NF_EC_P256, NF_EC_P384,
		NF_EC_P521, NF_EC_SECP256K1 };
	struct numbers num = { .bytes = bytes };
	const struct nf_curve *curve;
	char group[64];
	size_t len;

	if (EVP_PKEY_get_utf8_string_param(pkey, OSSL_PKEY_PARAM_GROUP_NAME,
	    group, sizeof(group), &len) != 1)
		group[0] = '\0';
	for (size_t i = 0; i < sizeof(curves) / sizeof(curves[0]); i++) {
		curve = nf_curve_find(curves[i]);
		if (curve != NULL && OBJ_sn2nid(group) == curve->nid)
			key->curve = curve->number;
	}
	if (key->curve == 0)
		return nf_diag_set(diag, NF_E_POLICY, "curve",
		    "only NISTP256, NISTP384, NISTP521 and SECP256k1 can be "
		    "imported");
	key->type = NF_KEY_ECDSAPRIVATE;
	if (param_add(&num, pkey, OSSL_PKEY_PARAM_PRIV_KEY) != 0)
		return nf_diag_set(diag, NF_E_FORMAT, "d",
		    "the EC key has no private number");
	numbers_take(&num, key);
	return 0;
}

static bool
mentions(const struct nf_buf *text, const char *word)
{
	return memmem(text->p, text->len, word, strlen(word)) != NULL;
}

/* The block of the one private key; others, as EC PARAMETERS, are skipped. */
static int
block_find(const struct nf_buf *text, struct nf_view *out,
    struct nf_diag *diag)
{
	const uint8_t *at = text->p, *end = text->p + text->len, *nl;
	size_t n_blocks = 0, n_keys = 0;

	*out = nf_buf_view(text);
	while ((at = memmem(at, (size_t)(end - at), PEM_BEGIN,
	    strlen(PEM_BEGIN))) != NULL) {
		nl = memchr(at, '\n', (size_t)(end - at));
		n_blocks++;
		if (memmem(at, (size_t)((nl == NULL ? end : nl) - at),
		    PEM_KEY, strlen(PEM_KEY)) != NULL && n_keys++ == 0)
			*out = nf_view_of(at, (size_t)(end - at));
		at += strlen(PEM_BEGIN);
	}
	if (n_blocks == 0)
		return nf_diag_set(diag, NF_E_FORMAT, NULL,
		    "not a PEM file");
	if (n_keys > 1)
		return nf_diag_set(diag, NF_E_FORMAT, NULL,
		    "%zu private keys are in it, not one", n_keys);
	return n_keys == 1 ? 0 : nf_diag_set(diag, NF_E_FORMAT, NULL,
	    "no private key is in it");
}

/* Its numbers belong together: one that is damaged would sign wrongly. */
static int
consistent(EVP_PKEY *pkey, struct nf_diag *diag)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
	int ok;

	if (ctx == NULL)
		return crypto_fail(diag);
	ok = EVP_PKEY_check(ctx);
	EVP_PKEY_CTX_free(ctx);
	return ok == 1 ? 0 : nf_diag_set(diag, NF_E_FORMAT, NULL,
	    "the numbers of the private key do not belong together");
}

/* Take the passphrase, where the key is encrypted. */
static int
passphrase_set(OSSL_DECODER_CTX *ctx, const struct nf_buf *text,
    const struct nf_pem_pass *pass, struct nf_diag *diag)
{
	struct nf_tty_line line = { .len = 0 };
	int r;

	if (mentions(text, "Proc-Type: 4,ENCRYPTED"))
		return nf_diag_set(diag, NF_E_POLICY, NULL, pass == NULL ?
		    "the private key is encrypted: decrypt it first" :
		    "encrypted the old way: convert it (openssl pkcs8 "
		    "-topk8)");
	if (!mentions(text, "BEGIN ENCRYPTED PRIVATE KEY"))
		return 0;
	if (pass == NULL)
		return nf_diag_set(diag, NF_E_POLICY, NULL,
		    "the private key is encrypted: decrypt it first");
	if ((r = pass->ask(pass->arg, &line, diag)) == 0 &&
	    OSSL_DECODER_CTX_set_passphrase(ctx, (unsigned char *)line.p,
	    line.len) != 1)
		r = crypto_fail(diag);
	explicit_bzero(&line, sizeof(line));
	return r;
}

static int
decode(const struct nf_buf *text, const struct nf_pem_pass *pass,
    EVP_PKEY **out, struct nf_diag *diag)
{
	OSSL_DECODER_CTX *ctx;
	struct nf_view block;
	int r;

	if (text->len == 0)
		return nf_diag_set(diag, NF_E_FORMAT, NULL,
		    "not a PEM file");
	if ((r = block_find(text, &block, diag)) != 0)
		return r;
	ctx = OSSL_DECODER_CTX_new_for_pkey(out, "PEM", NULL, NULL,
	    EVP_PKEY_KEYPAIR, NULL, NULL);
	if (ctx == NULL)
		return crypto_fail(diag);
	r = passphrase_set(ctx, text, pass, diag);
	if (r == 0 && (OSSL_DECODER_from_data(ctx, &block.p,
	    &block.len) != 1 || *out == NULL))
		r = nf_diag_set(diag, NF_E_FORMAT, NULL, "no private key "
		    "can be read from it%s", pass != NULL && mentions(text,
		    "BEGIN ENCRYPTED PRIVATE KEY") ?
		    ": the passphrase may be wrong" : "");
	OSSL_DECODER_CTX_free(ctx);
	return r;
}

int
nf_pem_private(const char *path, const struct nf_pem_pass *pass,
    EVP_PKEY **out, struct nf_diag *diag)
{
	struct nf_buf text = NF_BUF_INIT;
	int r;

	*out = NULL;
	if ((r = nf_file_load(path, PEM_MAX, &text, diag)) == 0 &&
	    (r = decode(&text, pass, out, diag)) == 0)
		r = consistent(*out, diag);
	if (r != 0) {
		nf_diag_where(diag, "%s", path);
		EVP_PKEY_free(*out);
		*out = NULL;
	}
	nf_buf_wipe(&text);
	return r;
}

int
nf_pem_load(const char *path, struct nf_buf *bytes, struct nf_keydata *key,
    struct nf_diag *diag)
{
	struct nf_buf text = NF_BUF_INIT;
	EVP_PKEY *pkey = NULL;
	int r;

	memset(key, 0, sizeof(*key));
	if ((r = nf_file_load(path, PEM_MAX, &text, diag)) != 0 ||
	    (r = decode(&text, NULL, &pkey, diag)) != 0)
		goto out;
	if (EVP_PKEY_is_a(pkey, "RSA"))
		r = rsa_take(pkey, bytes, key, diag);
	else if (EVP_PKEY_is_a(pkey, "EC"))
		r = ec_take(pkey, bytes, key, diag);
	else
		r = nf_diag_set(diag, NF_E_POLICY, NULL,
		    "only RSA and EC keys can be imported");
	if (r == 0)
		r = consistent(pkey, diag);
out:
	if (r != 0) {
		nf_diag_where(diag, "%s", path);
		nf_buf_wipe(bytes);
	}
	EVP_PKEY_free(pkey);
	nf_buf_wipe(&text);
	return r;
}

static BIGNUM *
bn_of(struct nf_view v)
{
	BIGNUM *bn = BN_lebin2bn(v.p, (int)v.len, NULL);

	if (bn != NULL)
		BN_set_flags(bn, BN_FLG_CONSTTIME);
	return bn;
}

static int
rsa_public(const struct nf_keydata *priv, struct nf_buf *bytes,
    struct nf_keydata *pub, struct nf_diag *diag)
{
	struct numbers num = { .bytes = bytes };
	BIGNUM *p = bn_of(priv->v[NF_RSAP_P]);
	BIGNUM *q = bn_of(priv->v[NF_RSAP_Q]);
	BIGNUM *e = bn_of(priv->v[NF_RSAP_E]);
	BIGNUM *n = BN_new();
	BN_CTX *ctx = BN_CTX_new();
	int r = NF_E_CRYPTO;

	if (p != NULL && q != NULL && e != NULL && n != NULL && ctx != NULL &&
	    BN_mul(n, p, q, ctx) == 1 && (r = number_add(&num, e)) == 0)
		r = number_add(&num, n);
	if (r != 0)
		(void)crypto_fail(diag);
	pub->type = NF_KEY_RSAPUBLIC;
	numbers_take(&num, pub);
	BN_clear_free(p);
	BN_clear_free(q);
	BN_free(e);
	BN_free(n);
	BN_CTX_free(ctx);
	return r;
}

static int
ec_public(const struct nf_keydata *priv, struct nf_buf *bytes,
    struct nf_keydata *pub, struct nf_diag *diag)
{
	const struct nf_curve *curve = nf_curve_find(priv->curve);
	struct numbers num = { .bytes = bytes };
	BIGNUM *d = bn_of(priv->v[NF_ECPRIV_D]);
	BIGNUM *x = BN_new(), *y = BN_new();
	BN_CTX *ctx = BN_CTX_new();
	EC_GROUP *group = NULL;
	EC_POINT *point = NULL;
	int r = NF_E_CRYPTO;

	if (curve == NULL || d == NULL || x == NULL || y == NULL ||
	    ctx == NULL ||
	    (group = EC_GROUP_new_by_curve_name(curve->nid)) == NULL ||
	    (point = EC_POINT_new(group)) == NULL ||
	    EC_POINT_mul(group, point, d, NULL, NULL, ctx) != 1 ||
	    EC_POINT_get_affine_coordinates(group, point, x, y, ctx) != 1)
		goto out;
	if ((r = number_add(&num, x)) == 0)
		r = number_add(&num, y);
	pub->type = nf_wire_public_type(priv->type);
	pub->curve = priv->curve;
	numbers_take(&num, pub);
out:
	if (r != 0)
		(void)crypto_fail(diag);
	EC_POINT_free(point);
	EC_GROUP_free(group);
	BN_CTX_free(ctx);
	BN_clear_free(d);
	BN_free(x);
	BN_free(y);
	return r;
}

int
nf_pem_public(const struct nf_keydata *priv, struct nf_buf *bytes,
    struct nf_keydata *pub, struct nf_diag *diag)
{
	memset(pub, 0, sizeof(*pub));
	if (priv->type == NF_KEY_RSAPRIVATE)
		return rsa_public(priv, bytes, pub, diag);
	if (nf_wire_key_is_ec(priv->type) &&
	    nf_wire_keykind(priv->type) == NF_KIND_PRIVATE)
		return ec_public(priv, bytes, pub, diag);
	return nf_diag_set(diag, NF_E_POLICY, "type",
	    "keys of this type cannot be imported");
}
