/* SPDX-License-Identifier: Apache-2.0 */
/* The signed pair of the tests: see fixture.h.  The only private keys here. */
#include "config.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/dsa.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "nfast/base/digest.h"
#include "nfast/kmdata/sigtext.h"
#include "nfast/wire/certlist.h"
#include "nfast/wire/cipher.h"
#include "nfast/wire/modcert.h"
#include "nfast/wire/worldmsg.h"
#include "tests/tap.h"
#include "tests/verify/fixture.h"

#define P_BYTES	128
#define Q_BYTES	20

/* A DSA-1024 key with its numbers little-endian: p, q, g, y. */
struct key {
	EVP_PKEY *pkey;
	uint8_t num[4][P_BYTES];
	struct nf_keydata data;
	uint8_t hash[20];
};

static struct key keys[FX_KEYS];

static void
number_get(struct key *k, size_t i, const char *name, size_t len)
{
	BIGNUM *bn = NULL;

	ck_assert_int_eq(EVP_PKEY_get_bn_param(k->pkey, name, &bn), 1);
	ck_assert_int_eq(BN_bn2lebinpad(bn, k->num[i], (int)len), (int)len);
	BN_free(bn);
	k->data.v[i] = nf_view_of(k->num[i], len);
}

static void
key_make(struct key *k, EVP_PKEY *params)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, params, NULL);

	ck_assert_int_eq(EVP_PKEY_keygen_init(ctx), 1);
	ck_assert_int_eq(EVP_PKEY_generate(ctx, &k->pkey), 1);
	EVP_PKEY_CTX_free(ctx);
	k->data.type = NF_KEY_DSAPUBLIC;
	number_get(k, NF_DSA_P, OSSL_PKEY_PARAM_FFC_P, P_BYTES);
	number_get(k, NF_DSA_Q, OSSL_PKEY_PARAM_FFC_Q, Q_BYTES);
	number_get(k, NF_DSA_G, OSSL_PKEY_PARAM_FFC_G, P_BYTES);
	number_get(k, NF_DSA_Y, OSSL_PKEY_PARAM_PUB_KEY, P_BYTES);
	ck_assert_int_eq(nf_wire_keyhash(&k->data, k->hash, NULL), 0);
}

void
fx_setup(void)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "DSA", NULL);
	EVP_PKEY *params = NULL;

	ck_assert_int_eq(EVP_PKEY_paramgen_init(ctx), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_set_dsa_paramgen_bits(ctx, 1024), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_set_dsa_paramgen_q_bits(ctx, 160), 1);
	ck_assert_int_eq(EVP_PKEY_generate(ctx, &params), 1);
	EVP_PKEY_CTX_free(ctx);
	for (size_t i = 0; i < FX_KEYS; i++)
		key_make(&keys[i], params);
	EVP_PKEY_free(params);
}

void
fx_teardown(void)
{
	for (size_t i = 0; i < FX_KEYS; i++)
		EVP_PKEY_free(keys[i].pkey);
	memset(keys, 0, sizeof(keys));
}

const uint8_t *
fx_hash(int key)
{
	return keys[key].hash;
}

static size_t
number_le(const BIGNUM *bn, uint8_t *out)
{
	int n = BN_num_bytes(bn);

	ck_assert_int_eq(BN_bn2lebinpad(bn, out, n), n);
	return (size_t)n;
}

/* DSA with SHA-1. */
static void
sign(int key, struct nf_view msg, struct nf_km_sig *out)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, keys[key].pkey,
	    NULL);
	uint8_t digest[NF_DIGEST_MAX], der[64];
	const uint8_t *p = der;
	size_t n = sizeof(der);
	const BIGNUM *r, *s;
	DSA_SIG *sig;

	memset(out, 0, sizeof(*out));
	out->mech = NF_MECH_DSA;
	ck_assert_int_eq(nf_digest_of(NF_SHA1, &msg, 1, digest), 0);
	ck_assert_int_eq(EVP_PKEY_sign_init(ctx), 1);
	ck_assert_int_eq(EVP_PKEY_sign(ctx, der, &n, digest, 20), 1);
	sig = d2i_DSA_SIG(NULL, &p, (long)n);
	ck_assert_ptr_nonnull(sig);
	DSA_SIG_get0(sig, &r, &s);
	out->r_len = number_le(r, out->r);
	out->s_len = number_le(s, out->s);
	DSA_SIG_free(sig);
	EVP_PKEY_CTX_free(ctx);
}

static void
sign_text(int key, const struct nf_buf *msg, uint32_t mech,
    struct nf_buf *out)
{
	struct nf_km_sig sig;

	sign(key, nf_buf_view(msg), &sig);
	sig.mech = mech;
	nf_buf_init(out);
	nf_km_sig_write(out, &sig);
	ck_assert_int_eq(nf_buf_err(out), 0);
}

void
fx_default(struct fx *fx)
{
	memset(fx, 0, sizeof(*fx));
	fx->region = fx->world_region = "Europe";
	fx->ident = "kek-prod-eu-1";
	fx->suite = "DLf1024s160mRijndael";
	fx->esn = fx->kek_esn_entry = fx->world_esn = fx->chain_esn =
	    "51AB-0000-0001";
	fx->root = fx->chain_signer = FX_ROOT;
	fx->klf = fx->world_klf = fx->chain_klf = fx->state_signer = FX_KLF;
	fx->kml = fx->world_kml = fx->kml_blob = fx->gen_signer = FX_KML;
	fx->knso = fx->state_knso = fx->modulekeys_signer = FX_KNSO;
	fx->chain_mech = fx->klf_mech = fx->gen_sig_mech = NF_MECH_DSA;
	fx->chain_features = UINT32_MAX;
	fx->chain_group_flags = NF_GROUP_CERTMECH | NF_GROUP_MODULESERIAL;
	fx->gen_bits = 2048;
	fx->gen_type = NF_KEY_RSAPRIVATE;
	fx->kek_bytes = 256;
	fx->perms = NF_PERM_USEASBLOBKEY | NF_PERM_GETACL;
	fx->blob_flags = NF_MAKEBLOB_ALLOWKMONLY | NF_MAKEBLOB_ALLOWNONKM0 |
	    NF_MAKEBLOB_KMHASH;
	memset(fx->hkm, 0x4b, 20);
	memset(fx->state_hkm, 0x4b, 20);
	memset(fx->signed_hkm, 0x4b, 20);
}

static struct nf_view
text(const char *s)
{
	return nf_view_of(s, strlen(s));
}

/* A public blob under the null module key, with an ACL of no groups. */
static void
blob_make(const struct nf_keydata *key, struct nf_buf *out)
{
	static const uint8_t iv[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	struct nf_blobkey bk;

	memset(&bk, 0, sizeof(bk));
	bk.key = *key;
	bk.acl = nf_acl_new();
	nf_buf_init(out);
	ck_assert_int_eq(nf_wire_nullblob_write(out, &bk, iv), 0);
	nf_blobkey_wipe(&bk);
}

static void
attr_key(struct nf_attr_key *attr, int key, uint32_t mech)
{
	attr->key = keys[key].data;
	memcpy(attr->hash, keys[key].hash, 20);
	attr->mech = mech;
}

static void
state_make(const struct fx *fx, const char *esn, int klf, int kml,
    struct nf_buf *out)
{
	struct nf_state_cert s;

	memset(&s, 0, sizeof(s));
	s.present = 1u << NF_ATTR_ESN | 1u << NF_ATTR_KML |
	    1u << NF_ATTR_KLF | 1u << NF_ATTR_KNSO | 1u << NF_ATTR_KMLIST;
	if (fx->no_kmlist)
		s.present &= ~(1u << NF_ATTR_KMLIST);
	if (fx->two_klfs)
		s.present |= 1u << NF_ATTR_KLF2;
	s.esn = text(esn);
	attr_key(&s.kml, kml, NF_MECH_DSA);
	attr_key(&s.klf, klf, fx->klf_mech);
	attr_key(&s.klf2, klf, NF_MECH_DSA);
	s.klf.hash[0] ^= fx->klf_hash_xor;
	memcpy(s.hknso, keys[fx->state_knso].hash, 20);
	s.publicperms = 0x4e4f;
	s.n_kms = 2;
	memcpy(s.km[0].hash, nf_null_des3_hash, 20);
	memcpy(s.km[1].hash, fx->state_hkm, 20);
	nf_buf_init(out);
	nf_wire_state_cert_write(out, &s);
	ck_assert_int_eq(nf_buf_err(out), 0);
}

static struct nf_acl *
kek_acl(const struct fx *fx)
{
	struct nf_acl *acl = nf_acl_new();
	struct nf_group *g = nf_acl_group_add(acl);
	struct nf_action *a;

	nf_group_action_add(g, NF_ACT_OPPERMISSIONS)->flags = fx->perms;
	g = nf_acl_group_add(acl);
	a = nf_group_action_add(g, NF_ACT_MAKEBLOB);
	a->flags = fx->blob_flags;
	memcpy(a->kmhash, fx->hkm, 20);
	if (fx->other_km)
		a->kmhash[3] ^= 1;
	if (fx->archive)
		(void)nf_group_action_add(g, NF_ACT_MAKEARCHIVEBLOB);
	if (fx->derive)
		(void)nf_group_action_add(g, NF_ACT_DERIVEKEY);
	if (fx->trump_perms != 0) {
		g = nf_acl_group_add(acl);
		g->flags = NF_GROUP_CERTIFIER;
		memcpy(g->certifier, keys[FX_KNSO].hash, 20);
		nf_group_action_add(g, NF_ACT_OPPERMISSIONS)->flags =
		    fx->trump_perms;
	}
	return acl;
}

static void
gen_make(const struct fx *fx, const uint8_t hash[static 20],
    struct nf_buf *out)
{
	struct nf_keygen_cert gen;

	memset(&gen, 0, sizeof(gen));
	gen.params.type = fx->gen_type;
	gen.params.len = fx->gen_bits;
	gen.acl = kek_acl(fx);
	memcpy(gen.keyhash, hash, 20);
	gen.keyhash[0] ^= fx->gen_hash_xor;
	nf_buf_init(out);
	nf_wire_keygen_cert_write(out, &gen);
	ck_assert_int_eq(nf_buf_err(out), 0);
	nf_acl_free(gen.acl);
}

static void
chain_make(const struct fx *fx, struct nf_buf *out)
{
	struct nf_buf msg = NF_BUF_INIT;
	struct nf_acl *acl = nf_acl_new();
	struct nf_group *g = nf_acl_group_add(acl);
	struct nf_action *a;
	struct nf_certlist list;
	struct nf_km_sig sig;

	g->flags = fx->chain_group_flags;
	memcpy(g->certmech_hash, keys[fx->chain_klf].hash, 20);
	g->certmech_mech = fx->chain_mech;
	g->moduleserial = text(fx->chain_esn);
	a = nf_group_action_add(g, NF_ACT_STATICFEATUREENABLE);
	a->word[0] = 8;
	a->word[1] = 1;
	a->flags = fx->chain_features;
	nf_wire_certmsg_write(&msg, acl);
	nf_acl_free(acl);
	memset(&list, 0, sizeof(list));
	list.n = fx->second_cert ? 2 : 1;
	sign(fx->chain_signer, nf_buf_view(&msg), &sig);
	for (uint32_t i = 0; i < list.n; i++) {
		struct nf_cert *c = &list.cert[i];

		memcpy(c->keyhash, keys[fx->root].hash, 20);
		c->type = NF_CERT_SINGLECERT;
		c->key = keys[fx->root].data;
		c->sig.mech = NF_MECH_DSA;
		c->sig.v[0] = nf_view_of(sig.r, sig.r_len);
		c->sig.v[1] = nf_view_of(sig.s, sig.s_len);
		c->msg = nf_buf_view(&msg);
	}
	nf_buf_init(out);
	nf_wire_certlist_write(out, &list);
	ck_assert_int_eq(nf_buf_err(out), 0);
	nf_buf_wipe(&msg);
}

/* An RSA public key that nobody has the private half of. */
static void
kek_key(struct nf_keydata *key, uint8_t *n, size_t len)
{
	static const uint8_t e[4] = { 1, 0, 1, 0 };

	ck_assert_int_eq(RAND_bytes(n, (int)len), 1);
	n[0] |= 1;
	n[len - 1] |= 0x80;
	memset(key, 0, sizeof(*key));
	key->type = NF_KEY_RSAPUBLIC;
	key->v[NF_RSA_E] = nf_view_of(e, sizeof(e));
	key->v[NF_RSA_N] = nf_view_of(n, len);
}

static void
kek_make(const struct fx *fx, const struct nf_buf *chain, struct nf_buf *out)
{
	struct nf_buf pub, kml, gen, state, gen_sig, state_sig, kml_sig;
	struct nf_kek_kekpkg p;
	struct nf_keydata key;
	uint8_t n[512];

	memset(&p, 0, sizeof(p));
	kek_key(&key, n, fx->kek_bytes);
	ck_assert_int_eq(nf_wire_keyhash(&key, p.hash, NULL), 0);
	blob_make(&key, &pub);
	blob_make(&keys[fx->kml_blob].data, &kml);
	gen_make(fx, p.hash, &gen);
	state_make(fx, fx->esn, fx->klf, fx->kml, &state);
	sign_text(fx->gen_signer, &gen, fx->gen_sig_mech, &gen_sig);
	sign_text(fx->state_signer, &state, NF_MECH_DSA, &state_sig);
	sign_text(FX_OTHER, &state, NF_MECH_DSA, &kml_sig);
	p.time = 1400000000;
	p.appname = text("xferwrapping");
	p.ident = p.name = text(fx->ident);
	p.hash[0] ^= fx->kek_hash_xor;
	p.pubblob = nf_buf_view(&pub);
	p.cert_gen = nf_buf_view(&gen_sig);
	p.mesg_gen = nf_buf_view(&gen);
	p.esn = text(fx->kek_esn_entry);
	p.pubblob_kml = nf_buf_view(&kml);
	p.cert_kml_esn = nf_buf_view(&kml_sig);
	p.cert_state = nf_buf_view(&state_sig);
	p.mesg_state = nf_buf_view(&state);
	p.rootchain = nf_buf_view(chain);
	p.region = text(fx->region);
	p.mark = text(NF_KEK_PKG_MARK);
	nf_buf_init(out);
	ck_assert_int_eq(nf_kek_kekpkg_write(&p, out), 0);
	nf_buf_wipe(&pub);
	nf_buf_wipe(&kml);
	nf_buf_wipe(&gen);
	nf_buf_wipe(&state);
	nf_buf_wipe(&gen_sig);
	nf_buf_wipe(&state_sig);
	nf_buf_wipe(&kml_sig);
}

static void
world_make(const struct fx *fx, const struct nf_buf *chain,
    struct nf_buf *out)
{
	struct nf_buf knso = NF_BUF_INIT, msg = NF_BUF_INIT;
	struct nf_buf state, state_sig, keys_sig;
	struct nf_kek_worldpkg p;

	memset(&p, 0, sizeof(p));
	memcpy(p.hknso, keys[fx->knso].hash, 20);
	p.hknso[0] ^= fx->hknso_xor;
	memcpy(p.hkm, fx->hkm, 20);
	memset(p.hkmc, 0x4d, 20);
	nf_wire_keydata_write(&knso, &keys[fx->knso].data);
	nf_wire_modulekeys_msg(&msg, fx->suite, p.hknso, fx->signed_hkm,
	    p.hkmc);
	state_make(fx, fx->world_esn, fx->world_klf, fx->world_kml, &state);
	sign_text(fx->world_klf, &state, NF_MECH_DSA, &state_sig);
	sign_text(fx->modulekeys_signer, &msg, NF_MECH_DSA, &keys_sig);
	p.time = 1400000000;
	p.region = text(fx->world_region);
	p.suite = text(fx->suite);
	p.knso = nf_buf_view(&knso);
	p.cert_modulekeys = nf_buf_view(&keys_sig);
	p.esn = text(fx->world_esn);
	p.cert_state = nf_buf_view(&state_sig);
	p.mesg_state = nf_buf_view(&state);
	p.rootchain = nf_buf_view(chain);
	p.mark = text(NF_KEK_PKG_MARK);
	nf_buf_init(out);
	ck_assert_int_eq(nf_kek_worldpkg_write(&p, out), 0);
	nf_buf_wipe(&knso);
	nf_buf_wipe(&msg);
	nf_buf_wipe(&state);
	nf_buf_wipe(&state_sig);
	nf_buf_wipe(&keys_sig);
}

void
fx_make(const struct fx *fx, struct fx_pair *out)
{
	struct nf_buf chain;

	chain_make(fx, &chain);
	kek_make(fx, &chain, &out->kek);
	world_make(fx, &chain, &out->world);
	nf_buf_wipe(&chain);
}

void
fx_pair_wipe(struct fx_pair *pair)
{
	nf_buf_wipe(&pair->kek);
	nf_buf_wipe(&pair->world);
}
