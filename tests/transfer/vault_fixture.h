/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the vaults share: a simulated region, made once. */
#ifndef NF_TESTS_VAULT_FIXTURE_H
#define NF_TESTS_VAULT_FIXTURE_H

#include <openssl/core_names.h>
#include <openssl/evp.h>

#include "nfast/base/digest.h"
#include "nfast/base/pkey.h"
#include "tests/transfer/must.h"
#include "transfer/vault.h"

static char state[] = "test_vault.XXXXXX";
static struct nf_vaults *vaults;
static struct nf_vault_error err;
static const struct nf_vault_key *key;
static const struct nf_vault_attributes none;

static inline void
ok(bool done)
{
	ck_assert_msg(done, "%d %s: %s", err.status, err.code, err.message);
}

/* A refusal, with all that the client sees of it. */
static inline void
refused(bool done, int status, const char *code, const char *inner,
    const char *text)
{
	ck_assert_msg(!done, "was not refused (%s)", text);
	ck_assert_msg(err.status == status && strcmp(err.code, code) == 0 &&
	    strstr(err.message, text) != NULL, "%d %s: %s", err.status,
	    err.code, err.message);
	ck_assert_pstr_eq(err.inner, inner);
	memset(&err, 0, sizeof(err));
}

static inline void
bad(bool done, const char *text)
{
	refused(done, 400, "BadParameter", NULL, text);
}

static inline const struct nf_kek_region *
region_of(const char *name)
{
	const struct nf_kek_region *region;

	must(nf_kek_authority_region(name, &region, &diag));
	return region;
}

static inline void
open_as(const char *region, bool managed, const uint8_t *subscription)
{
	must(nf_vaults_open(state, region_of(region), managed, subscription,
	    &vaults, &diag));
}

static inline void
close_all(void)
{
	nf_vaults_close(vaults);
	vaults = NULL;
}

static inline void
reopen(bool managed)
{
	close_all();
	open_as("EU", managed, NULL);
}

static inline void
open_eu(void)
{
	nf_diag_clear(&diag);
	memset(&err, 0, sizeof(err));
	open_as("EU", false, NULL);
}

static inline void
make_state(void)
{
	ck_assert_ptr_nonnull(mkdtemp(state));
	open_eu();
	close_all();
}

static inline void
remove_state(void)
{
	nf_tap_remove(state);
}

static inline struct nf_xfer_keytype
type_of(enum nf_xfer_kty kty, uint32_t bits, uint32_t curve)
{
	struct nf_xfer_keytype t = { kty, bits, curve };

	if (kty == NF_XFER_EC)
		t.bits = (uint32_t)nf_curve_find(curve)->field_bits;
	return t;
}

static inline bool
create_with(const char *vault, const char *name, struct nf_xfer_keytype t,
    bool hsm, const struct nf_vault_attributes *a)
{
	return nf_vault_create(vaults, vault, name, &t, hsm, 0, a, &key,
	    &err);
}

static inline bool
create_ops(const char *name, struct nf_xfer_keytype t, uint32_t ops)
{
	struct nf_vault_attributes a = { .has_ops = true, .ops = ops };

	return create_with("v", name, t, true, &a);
}

static inline bool
create(const char *name, struct nf_xfer_keytype t)
{
	return create_with("v", name, t, true, &none);
}

static inline struct nf_xfer_keytype
p256(void)
{
	return type_of(NF_XFER_EC, 0, NF_EC_P256);
}

static inline void
result_wipe(struct nf_vault_result *res)
{
	nf_buf_wipe(&res->value);
	nf_buf_wipe(&res->iv);
	nf_buf_wipe(&res->tag);
	res->ok = false;
}

static inline bool
use_version(const char *name, const char *version, uint32_t op,
    const char *alg, struct nf_view value, struct nf_view other,
    struct nf_vault_result *res)
{
	struct nf_vault_use use = { .op = op, .alg = alg, .value = value,
	    .other = other };

	return nf_vault_use_key(vaults, "v", name, version, &use, res, &key,
	    &err);
}

static inline bool
use_key(const char *name, uint32_t op, const char *alg, struct nf_view value,
    struct nf_view other, struct nf_vault_result *res)
{
	return use_version(name, NULL, op, alg, value, other, res);
}

static inline struct nf_view
text(const char *s)
{
	return nf_view_of(s, strlen(s));
}

/* A number of a libcrypto key, little-endian. */
static inline struct nf_view
number(EVP_PKEY *pkey, const char *name, struct nf_buf *own)
{
	BIGNUM *bn = NULL;
	int n;

	ck_assert_int_eq(EVP_PKEY_get_bn_param(pkey, name, &bn), 1);
	n = BN_num_bytes(bn);
	nf_buf_init(own);
	nf_buf_fill(own, 0, (size_t)n);
	ck_assert_int_eq(BN_bn2lebinpad(bn, own->p, n), n);
	BN_free(bn);
	return nf_buf_view(own);
}

/* A new software key on P-256; own backs it. */
static inline void
software_p256(struct nf_keydata *kd, struct nf_keydata *pub,
    struct nf_buf own[static 3])
{
	EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");

	ck_assert_ptr_nonnull(pkey);
	memset(kd, 0, sizeof(*kd));
	memset(pub, 0, sizeof(*pub));
	kd->type = NF_KEY_ECDSAPRIVATE;
	pub->type = NF_KEY_ECDSAPUBLIC;
	kd->curve = pub->curve = NF_EC_P256;
	kd->v[NF_ECPRIV_D] = number(pkey, OSSL_PKEY_PARAM_PRIV_KEY, &own[0]);
	pub->v[NF_ECPUB_X] = number(pkey, OSSL_PKEY_PARAM_EC_PUB_X, &own[1]);
	pub->v[NF_ECPUB_Y] = number(pkey, OSSL_PKEY_PARAM_EC_PUB_Y, &own[2]);
	EVP_PKEY_free(pkey);
}

/* A key signs with an algorithm and verifies that, and nothing else. */
static inline void
signs(const char *name, const char *alg, size_t digest)
{
	struct nf_vault_result sig = { .ok = false }, res = { .ok = false };
	const struct nf_view empty = { NULL, 0 };
	uint8_t d[64] = { 0 };
	struct nf_view v = nf_view_of(d, digest), s;

	memset(d, 0x5a, sizeof(d));
	ok(use_key(name, NF_VAULT_SIGN, alg, v, empty, &sig));
	s = nf_buf_view(&sig.value);
	ok(use_key(name, NF_VAULT_VERIFY, alg, v, s, &res));
	ck_assert_msg(res.ok, "%s", alg);
	d[0] ^= 1;
	ok(use_key(name, NF_VAULT_VERIFY, alg, v, s, &res));
	ck_assert_msg(!res.ok, "%s", alg);
	d[0] ^= 1;
	sig.value.p[s.len - 1] ^= 1;
	ok(use_key(name, NF_VAULT_VERIFY, alg, v, s, &res));
	ck_assert_msg(!res.ok, "%s", alg);
	sig.value.p[s.len - 1] ^= 1;
	ok(use_key(name, NF_VAULT_VERIFY, alg, v, nf_view_of(s.p, s.len - 1),
	    &res));
	ck_assert_msg(!res.ok, "%s", alg);
	result_wipe(&sig);
	result_wipe(&res);
}

#endif
