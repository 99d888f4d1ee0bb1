/* SPDX-License-Identifier: Apache-2.0 */
/* The signed pair of the tests: see fixture.h. */
#include "config.h"

#include <openssl/rand.h>

#include "nfast/wire/certlist.h"
#include "nfast/wire/modcert.h"
#include "nfast/wire/worldmsg.h"
#include "tests/tap.h"
#include "tests/verify/fixture.h"
#include "tests/verify/signer.h"

static struct sg_key keys[FX_KEYS];

void
fx_setup(void)
{
	for (size_t i = 0; i < FX_KEYS; i++) {
		if (i == FX_KLF2)
			sg_p521(&keys[i]);
		else
			sg_dsa(&keys[i], i == FX_KML_3072 ||
			    i == FX_KNSO_3072 ? 3072 : 1024);
	}
}

void
fx_teardown(void)
{
	for (size_t i = 0; i < FX_KEYS; i++)
		sg_free(&keys[i]);
}

const uint8_t *
fx_hash(int key)
{
	return keys[key].hash;
}

void
fx_roots(struct nf_vfy_roots *roots)
{
	memset(roots, 0, sizeof(*roots));
	roots->has_extra = true;
	memcpy(roots->extra, fx_hash(FX_ROOT), NF_HASH_LEN);
}

/* mech is what the text says, 0 is the key's own. */
static void
sign_text(int key, const struct nf_buf *msg, uint32_t mech,
    struct nf_buf *out)
{
	struct sg_sig sig;

	sg_sign(&keys[key], nf_buf_view(msg), &sig);
	if (mech != 0)
		sig.cipher.mech = mech;
	nf_buf_init(out);
	sg_sig_text(&sig, out);
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
	fx->world_root = -1;
	fx->klf = fx->world_klf = fx->chain_klf = fx->state_signer = FX_KLF;
	fx->kml = fx->world_kml = fx->kml_blob = fx->gen_signer = FX_KML;
	fx->knso = fx->state_knso = fx->modulekeys_signer = FX_KNSO;
	fx->chain_features = UINT32_MAX;
	fx->chain_group_flags = NF_GROUP_CERTMECH | NF_GROUP_MODULESERIAL;
	fx->gen_bits = 2048;
	fx->gen_type = NF_KEY_RSAPRIVATE;
	fx->kek_bytes = 256;
	fx->kek_e = 65537;
	fx->perms = NF_PERM_USEASBLOBKEY | NF_PERM_GETACL;
	fx->blob_flags = NF_MAKEBLOB_ALLOWKMONLY | NF_MAKEBLOB_ALLOWNONKM0 |
	    NF_MAKEBLOB_KMHASH;
	fx->km_signer = FX_KML;
	fx->km_type = NF_KEY_RIJNDAEL;
	fx->km_len = 32;
	fx->km_perms = NF_PERM_USEASKM | NF_PERM_GETACL;
	fx->km_blob_flags = NF_MAKEBLOB_ALLOWNONKM0 | NF_MAKEBLOB_KTHASH |
	    NF_MAKEBLOB_ALLOWNULLKMTOKEN;
	memset(fx->hkm, 0x4b, 20);
	memset(fx->state_hkm, 0x4b, 20);
	memset(fx->signed_hkm, 0x4b, 20);
}

void
fx_suite(struct fx *fx, const char *suite)
{
	fx_default(fx);
	fx->suite = suite;
	fx->kml = fx->world_kml = fx->kml_blob = fx->gen_signer = FX_KML_3072;
	fx->km_signer = FX_KML_3072;
	fx->knso = fx->state_knso = fx->modulekeys_signer = FX_KNSO_3072;
	if (nf_suite_named(suite)->klf2)
		fx->klf = fx->world_klf = fx->chain_klf = fx->state_signer =
		    FX_KLF2;
}

static struct nf_view
text(const char *s)
{
	return nf_view_of(s, strlen(s));
}

void
fx_blob(const struct nf_keydata *key, struct nf_buf *out)
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
	sg_attr(&keys[key], attr);
	if (mech != 0)
		attr->mech = mech;
}

static void
state_make(const struct fx *fx, const char *esn, int klf, int kml,
    bool of_world, struct nf_buf *out)
{
	struct nf_state_cert s;

	memset(&s, 0, sizeof(s));
	s.present = 1u << NF_ATTR_ESN | 1u << NF_ATTR_KML |
	    1u << (klf == FX_KLF2 ? NF_ATTR_KLF2 : NF_ATTR_KLF) |
	    1u << NF_ATTR_KNSO | 1u << NF_ATTR_KMLIST;
	if (fx->no_kmlist)
		s.present &= ~(1u << NF_ATTR_KMLIST);
	if (fx->two_klfs)
		s.present |= 1u << NF_ATTR_KLF2;
	s.esn = text(esn);
	attr_key(&s.kml, kml, 0);
	attr_key(&s.klf, klf, fx->klf_mech);
	attr_key(&s.klf2, klf, fx->klf_mech);
	s.klf.hash[0] ^= fx->klf_hash_xor;
	memcpy(s.hknso, keys[fx->state_knso].hash, 20);
	s.publicperms = 0x4e4f;
	s.n_kms = 2;
	memcpy(s.km[0].hash, nf_null_des3_hash, 20);
	memcpy(s.km[1].hash, fx->state_hkm, 20);
	if (fx->state_edit != NULL)
		fx->state_edit(&s, of_world);
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
	if (fx->acl_edit != NULL)
		fx->acl_edit(acl);
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

/* KM's certificate, with the ACL of a world's key: used, kept once. */
static void
km_gen_make(const struct fx *fx, struct nf_buf *out)
{
	struct nf_keygen_cert gen;
	struct nf_group *g;
	struct nf_action *a;

	memset(&gen, 0, sizeof(gen));
	gen.params.type = fx->km_type;
	gen.params.len = fx->km_len;
	gen.acl = nf_acl_new();
	g = nf_acl_group_add(gen.acl);
	nf_group_action_add(g, NF_ACT_OPPERMISSIONS)->flags = fx->km_perms;
	g = nf_acl_group_add(gen.acl);
	nf_group_limit_add(g, NF_LIMIT_GLOBAL)->max = 1;
	a = nf_group_action_add(g, NF_ACT_MAKEBLOB);
	a->flags = fx->km_blob_flags;
	memset(a->kthash, 0x54, 20);
	if (fx->km_acl_edit != NULL)
		fx->km_acl_edit(gen.acl);
	memcpy(gen.keyhash, fx->hkm, 20);
	gen.keyhash[0] ^= fx->km_hash_xor;
	nf_buf_init(out);
	nf_wire_keygen_cert_write(out, &gen);
	ck_assert_int_eq(nf_buf_err(out), 0);
	nf_acl_free(gen.acl);
}

static void
chain_make(const struct fx *fx, int root, int signer, struct nf_buf *out)
{
	struct nf_buf msg = NF_BUF_INIT;
	struct nf_acl *acl = nf_acl_new();
	struct nf_group *g = nf_acl_group_add(acl);
	struct nf_action *a;
	struct nf_certlist list;
	struct sg_sig sig;

	g->flags = fx->chain_group_flags;
	memcpy(g->certmech_hash, keys[fx->chain_klf].hash, 20);
	g->certmech_mech = fx->chain_mech != 0 ? fx->chain_mech :
	    keys[fx->chain_klf].mech;
	g->moduleserial = text(fx->chain_esn);
	a = nf_group_action_add(g, NF_ACT_STATICFEATUREENABLE);
	a->word[0] = 8;
	a->word[1] = 1;
	a->flags = fx->chain_features;
	nf_wire_certmsg_write(&msg, acl);
	nf_acl_free(acl);
	memset(&list, 0, sizeof(list));
	list.n = fx->second_cert ? 2 : 1;
	sg_sign(&keys[signer], nf_buf_view(&msg), &sig);
	for (uint32_t i = 0; i < list.n; i++) {
		struct nf_cert *c = &list.cert[i];

		memcpy(c->keyhash, keys[root].hash, 20);
		c->type = NF_CERT_SINGLECERT;
		c->key = keys[root].data;
		c->sig = sig.cipher;
		c->msg = nf_buf_view(&msg);
	}
	nf_buf_init(out);
	nf_wire_certlist_write(out, &list);
	ck_assert_int_eq(nf_buf_err(out), 0);
	nf_buf_wipe(&msg);
}

void
fx_certs_make(const struct fx *fx, const uint8_t hash[static 20],
    struct fx_certs *out)
{
	fx_blob(&keys[fx->kml_blob].data, &out->kml);
	gen_make(fx, hash, &out->gen);
	state_make(fx, fx->esn, fx->klf, fx->kml, false, &out->state);
	sign_text(fx->gen_signer, &out->gen, fx->gen_sig_mech, &out->gen_sig);
	sign_text(fx->state_signer, &out->state, 0, &out->state_sig);
	sign_text(FX_OTHER, &out->state, 0, &out->kml_sig);
}

void
fx_certs_wipe(struct fx_certs *certs)
{
	nf_buf_wipe(&certs->kml);
	nf_buf_wipe(&certs->gen);
	nf_buf_wipe(&certs->gen_sig);
	nf_buf_wipe(&certs->state);
	nf_buf_wipe(&certs->state_sig);
	nf_buf_wipe(&certs->kml_sig);
}

/* An RSA public key that nobody has the private half of. */
static void
kek_key(const struct fx *fx, struct nf_keydata *key, uint8_t *n,
    uint8_t e[static 4])
{
	size_t len = fx->kek_bytes;

	ck_assert_int_eq(RAND_bytes(n, (int)len), 1);
	n[0] = (uint8_t)((n[0] | 1) ^ (fx->even_kek ? 1 : 0));
	n[len - 1] |= 0x80;
	for (size_t i = 0; i < 4; i++)
		e[i] = (uint8_t)(fx->kek_e >> (8 * i));
	memset(key, 0, sizeof(*key));
	key->type = NF_KEY_RSAPUBLIC;
	key->v[NF_RSA_E] = nf_view_of(e, 4);
	key->v[NF_RSA_N] = nf_view_of(n, len);
}

static void
kek_make(const struct fx *fx, const struct nf_buf *chain, struct nf_buf *out)
{
	struct fx_certs certs;
	struct nf_kek_kekpkg p;
	struct nf_buf pub;
	struct nf_keydata key;
	uint8_t n[512], e[4];

	memset(&p, 0, sizeof(p));
	kek_key(fx, &key, n, e);
	ck_assert_int_eq(nf_wire_keyhash(&key, p.hash, NULL), 0);
	fx_blob(&key, &pub);
	fx_certs_make(fx, p.hash, &certs);
	p.time = 1400000000;
	p.appname = text("xferwrapping");
	p.ident = p.name = text(fx->ident);
	p.hash[0] ^= fx->kek_hash_xor;
	p.pubblob = nf_buf_view(&pub);
	p.cert_gen = nf_buf_view(&certs.gen_sig);
	p.mesg_gen = nf_buf_view(&certs.gen);
	p.esn = text(fx->kek_esn_entry);
	p.pubblob_kml = nf_buf_view(&certs.kml);
	p.cert_kml_esn = nf_buf_view(&certs.kml_sig);
	p.cert_state = nf_buf_view(&certs.state_sig);
	p.mesg_state = nf_buf_view(&certs.state);
	p.rootchain = nf_buf_view(chain);
	p.region = text(fx->region);
	p.mark = text(NF_KEK_PKG_MARK);
	nf_buf_init(out);
	ck_assert_int_eq(nf_kek_kekpkg_write(&p, out), 0);
	nf_buf_wipe(&pub);
	fx_certs_wipe(&certs);
}

static void
world_make(const struct fx *fx, const struct nf_buf *chain,
    struct nf_buf *out)
{
	struct nf_buf knso = NF_BUF_INIT, msg = NF_BUF_INIT;
	struct nf_buf state, state_sig, keys_sig, gen, gen_sig;
	struct nf_kek_worldpkg p;

	memset(&p, 0, sizeof(p));
	memcpy(p.hknso, keys[fx->knso].hash, 20);
	p.hknso[0] ^= fx->hknso_xor;
	memcpy(p.hkm, fx->hkm, 20);
	memset(p.hkmc, 0x4d, 20);
	nf_wire_keydata_write(&knso, &keys[fx->knso].data);
	nf_wire_modulekeys_msg(&msg, fx->suite, p.hknso, fx->signed_hkm,
	    p.hkmc);
	state_make(fx, fx->world_esn, fx->world_klf, fx->world_kml, true,
	    &state);
	sign_text(fx->world_klf, &state, 0, &state_sig);
	sign_text(fx->modulekeys_signer, &msg, 0, &keys_sig);
	km_gen_make(fx, &gen);
	sign_text(fx->km_signer, &gen, 0, &gen_sig);
	p.time = 1400000000;
	p.region = text(fx->world_region);
	p.suite = text(fx->suite);
	p.knso = nf_buf_view(&knso);
	p.cert_modulekeys = nf_buf_view(&keys_sig);
	p.cert_gen_km = nf_buf_view(&gen_sig);
	p.mesg_gen_km = nf_buf_view(&gen);
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
	nf_buf_wipe(&gen);
	nf_buf_wipe(&gen_sig);
}

void
fx_make(const struct fx *fx, struct fx_pair *out)
{
	struct nf_buf chain, world;

	chain_make(fx, fx->root, fx->chain_signer, &chain);
	if (fx->world_root < 0)
		chain_make(fx, fx->root, fx->chain_signer, &world);
	else
		chain_make(fx, fx->world_root, fx->world_root, &world);
	kek_make(fx, &chain, &out->kek);
	world_make(fx, &world, &out->world);
	nf_buf_wipe(&chain);
	nf_buf_wipe(&world);
}

void
fx_pair_wipe(struct fx_pair *pair)
{
	nf_buf_wipe(&pair->kek);
	nf_buf_wipe(&pair->world);
}
