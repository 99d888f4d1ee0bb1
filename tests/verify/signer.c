/* SPDX-License-Identifier: Apache-2.0 */
/* The signer of the tests, see signer.h. */
#include "config.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "nfast/base/curve.h"
#include "nfast/base/digest.h"
#include "nfast/kmdata/sigtext.h"
#include "nfast/module/internal.h"
#include "tests/tap.h"
#include "tests/verify/signer.h"

static void
number_get(struct sg_key *k, size_t i, const char *name)
{
	BIGNUM *bn = NULL;
	int n;

	ck_assert_int_eq(EVP_PKEY_get_bn_param(k->pkey, name, &bn), 1);
	n = BN_num_bytes(bn);
	ck_assert_int_eq(BN_bn2lebinpad(bn, k->num[i], n), n);
	BN_free(bn);
	k->data.v[i] = nf_view_of(k->num[i], (size_t)n);
}

static void
finish(struct sg_key *k)
{
	ck_assert_int_eq(nf_wire_keyhash(&k->data, k->hash, NULL), 0);
	k->mech = nf_wire_cert_mech(&k->data);
	ck_assert_uint_ne(k->mech, 0);
}

/* The module's own domain: generating one of 3072 bits takes long. */
static EVP_PKEY *
domain_make(uint32_t bits)
{
	static const char *const names[3] = { OSSL_PKEY_PARAM_FFC_P,
	    OSSL_PKEY_PARAM_FFC_Q, OSSL_PKEY_PARAM_FFC_G };
	const struct nf_mod_dsa_domain *d = nf_mod_dsa_domain(bits);
	const struct nf_view v[3] = { d->p, d->q, d->g };
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "DSA", NULL);
	uint8_t num[3][SG_NUM_MAX];
	EVP_PKEY *out = NULL;
	OSSL_PARAM params[4];

	for (size_t i = 0; i < 3; i++) {
		BIGNUM *bn = BN_lebin2bn(v[i].p, (int)v[i].len, NULL);

		ck_assert_int_eq(BN_bn2nativepad(bn, num[i],
		    (int)v[i].len), (int)v[i].len);
		params[i] = OSSL_PARAM_construct_BN(names[i], num[i],
		    v[i].len);
		BN_free(bn);
	}
	params[3] = OSSL_PARAM_construct_end();
	ck_assert_int_eq(EVP_PKEY_fromdata_init(ctx), 1);
	ck_assert_int_eq(EVP_PKEY_fromdata(ctx, &out,
	    EVP_PKEY_KEY_PARAMETERS, params), 1);
	EVP_PKEY_CTX_free(ctx);
	return out;
}

void
sg_dsa(struct sg_key *k, uint32_t bits)
{
	EVP_PKEY *domain = domain_make(bits);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, domain, NULL);

	memset(k, 0, sizeof(*k));
	ck_assert_int_eq(EVP_PKEY_keygen_init(ctx), 1);
	ck_assert_int_eq(EVP_PKEY_generate(ctx, &k->pkey), 1);
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(domain);
	k->data.type = NF_KEY_DSAPUBLIC;
	number_get(k, NF_DSA_P, OSSL_PKEY_PARAM_FFC_P);
	number_get(k, NF_DSA_Q, OSSL_PKEY_PARAM_FFC_Q);
	number_get(k, NF_DSA_G, OSSL_PKEY_PARAM_FFC_G);
	number_get(k, NF_DSA_Y, OSSL_PKEY_PARAM_PUB_KEY);
	finish(k);
}

void
sg_p521(struct sg_key *k)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);

	memset(k, 0, sizeof(*k));
	ck_assert_int_eq(EVP_PKEY_keygen_init(ctx), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_set_group_name(ctx, "P-521"), 1);
	ck_assert_int_eq(EVP_PKEY_generate(ctx, &k->pkey), 1);
	EVP_PKEY_CTX_free(ctx);
	k->data.type = NF_KEY_ECDSAPUBLIC;
	k->data.curve = NF_EC_P521;
	number_get(k, NF_ECPUB_X, OSSL_PKEY_PARAM_EC_PUB_X);
	number_get(k, NF_ECPUB_Y, OSSL_PKEY_PARAM_EC_PUB_Y);
	finish(k);
}

void
sg_free(struct sg_key *k)
{
	EVP_PKEY_free(k->pkey);
	memset(k, 0, sizeof(*k));
}

void
sg_point(const struct sg_key *k, struct nf_vfy_point *out)
{
	memcpy(out->x, k->num[NF_ECPUB_X], sizeof(out->x));
	memcpy(out->y, k->num[NF_ECPUB_Y], sizeof(out->y));
}

void
sg_attr(const struct sg_key *k, struct nf_attr_key *out)
{
	memcpy(out->hash, k->hash, NF_HASH_LEN);
	out->key = k->data;
	out->mech = k->mech;
}

static size_t
number_le(const BIGNUM *bn, uint8_t *out)
{
	int n = BN_num_bytes(bn);

	ck_assert_int_eq(BN_bn2lebinpad(bn, out, n), n);
	return (size_t)n;
}

void
sg_sign(const struct sg_key *k, struct nf_view msg, struct sg_sig *out)
{
	const struct nf_sigmech *mech = nf_wire_sigmech(k->mech);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, k->pkey, NULL);
	const unsigned char *p;
	uint8_t digest[NF_DIGEST_MAX], der[256];
	size_t len = sizeof(der);
	ECDSA_SIG *sig;

	ck_assert_int_eq(nf_digest_of(mech->digest, &msg, 1, digest), 0);
	ck_assert_int_eq(EVP_PKEY_sign_init(ctx), 1);
	ck_assert_int_eq(EVP_PKEY_sign(ctx, der, &len, digest,
	    nf_digest_size(mech->digest)), 1);
	EVP_PKEY_CTX_free(ctx);
	p = der;
	memset(out, 0, sizeof(*out));
	/* DSA signatures have the same DER form. */
	ck_assert_ptr_nonnull(sig = d2i_ECDSA_SIG(NULL, &p, (long)len));
	out->r_len = number_le(ECDSA_SIG_get0_r(sig), out->r);
	out->s_len = number_le(ECDSA_SIG_get0_s(sig), out->s);
	ECDSA_SIG_free(sig);
	out->cipher.mech = k->mech;
	out->cipher.v[0] = nf_view_of(out->r, out->r_len);
	out->cipher.v[1] = nf_view_of(out->s, out->s_len);
}

void
sg_sig_text(const struct sg_sig *sig, struct nf_buf *out)
{
	struct nf_km_sig km;

	memset(&km, 0, sizeof(km));
	km.mech = sig->cipher.mech;
	memcpy(km.r, sig->r, km.r_len = sig->r_len);
	memcpy(km.s, sig->s, km.s_len = sig->s_len);
	nf_km_sig_write(out, &km);
	ck_assert_int_eq(nf_buf_err(out), 0);
}
