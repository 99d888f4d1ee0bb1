/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The check of a region's packages, in the order root -> KLF -> state -> KML
 * -> KEK, then the world under the same module.  See kekcheck.h.
 */
#include "config.h"

#include <string.h>

#include "kek-packages/regions.h"
#include "nfast/base/pkey.h"
#include "nfast/base/text.h"
#include "nfast/wire/worldmsg.h"
#include "verify/kekacl.h"
#include "verify/kekcheck.h"

#define KEK_BITS_MIN	2048
#define KEK_E_BITS_MIN	17		/* 65537, as modules choose */
#define KM_BYTES	32		/* AES-256, as the cipher suites say */

/* The null module key of AES worlds: 32 zero bytes (real). */
static const uint8_t null_aes_hash[NF_HASH_LEN] = {
	0xc2, 0xbe, 0x99, 0xfe, 0x1c, 0x77, 0xf1, 0xb7, 0x5d, 0x48,
	0xe2, 0xfd, 0x2d, 0xf8, 0xdf, 0xfc, 0x0c, 0x96, 0x9b, 0xcb
};

/* What the checks of one pair share; pointers are NULL until verified. */
struct check {
	struct nf_vfy_ctx *ctx;
	struct nf_vfy_verdict *v;
	const struct nf_kek_kekpkg *kek;
	const struct nf_kek_worldpkg *world;
	const struct nf_kek_region *region;
	struct nf_vfy_state kek_state, world_state;
	struct nf_modcert *gen, *km_gen;	/* of KEK, of KM */
	const struct nf_vfy_key *pub;	/* of the KEK's public blob */
	enum nf_vfy_rootkind rootkind;
};

static bool
hash_same(const uint8_t *a, const uint8_t *b)
{
	return memcmp(a, b, NF_HASH_LEN) == 0;
}

/* A text of a package, whose reader bounded it. */
static const char *
text_of(struct nf_view v, char out[static NF_KEK_PKG_TEXT_MAX + 1])
{
	NF_REQUIRE(v.len <= NF_KEK_PKG_TEXT_MAX);
	memcpy(out, v.p, v.len);
	out[v.len] = '\0';
	return out;
}

/* The ident is the KEK's of the region that both packages name. */
static void
check_region(struct check *c)
{
	char app[NF_KEK_PKG_TEXT_MAX + 1], ident[NF_KEK_PKG_TEXT_MAX + 1];
	const struct nf_kek_region *r;
	bool named = false;

	r = nf_kek_region_by_kek(text_of(c->kek->appname, app),
	    text_of(c->kek->ident, ident));
	for (size_t i = 0; r != NULL && i < NF_KEK_HEADINGS_MAX; i++)
		named = named || (r->heading[i] != NULL &&
		    nf_view_is(c->kek->region, r->heading[i]));
	nf_vfy_add_bool(c->v, "kek.region",
	    "KEK's ident is that of the region named",
	    named, r == NULL ? "the ident is of no region" :
	    "the ident is of another region");
	nf_vfy_add_bool(c->v, "world.region", "both packages name one region",
	    nf_view_equal(c->kek->region, c->world->region),
	    "the packages are of two regions");
	c->region = named ? r : NULL;
}

static void
check_state(struct check *c, const char *id, const char *title,
    struct nf_view msg, struct nf_view sig, struct nf_vfy_state *out)
{
	struct nf_diag d = { 0 };
	int r = nf_vfy_state_open(c->ctx, msg, sig, out, &d);

	if (nf_vfy_add_result(c->v, id, title, r, &d, NULL) != 0)
		nf_vfy_state_wipe(out);
}

/* The KLF of a state certificate under a root. */
static bool
check_chain(struct check *c, const char *id, const char *title,
    struct nf_view list, const struct nf_vfy_state *state,
    uint8_t root[static NF_HASH_LEN], bool *has_root)
{
	struct nf_diag d = { 0 };
	int r;

	*has_root = false;
	if (state->cert == NULL) {
		nf_vfy_add_unchecked(c->v, id, title);
		return false;
	}
	r = nf_vfy_rootchain_verify(c->ctx, list, state, has_root, root, &d);
	return nf_vfy_add_result(c->v, id, title, r, &d, NULL) == 0;
}

/* Both chains, and the root that both must end in. */
static void
check_root(struct check *c, const struct nf_vfy_roots *roots)
{
	static const char title[] = "root is an accepted one";
	uint8_t other[NF_HASH_LEN] = { 0 };
	bool has_other, kek_ok, world_ok;

	kek_ok = check_chain(c, "root.chain", "KEK module's KLF under a root",
	    c->kek->rootchain, &c->kek_state, c->v->root, &c->v->has_root);
	world_ok = check_chain(c, "world.chain",
	    "world module's KLF under a root", c->world->rootchain,
	    &c->world_state, other, &has_other);
	if (!c->v->has_root) {
		nf_vfy_add(c->v, NF_VFY_ROOT_CHECK, title, NF_VFY_FAIL,
		    "no root was reached");
		return;
	}
	c->rootkind = nf_vfy_roots_find(roots, c->v->root);
	c->v->simulated = c->rootkind == NF_VFY_ROOT_SIMULATED;
	if (has_other && !hash_same(c->v->root, other))
		nf_vfy_add(c->v, NF_VFY_ROOT_CHECK, title, NF_VFY_FAIL,
		    "the packages have different roots");
	else if (c->rootkind == NF_VFY_ROOT_UNKNOWN)
		nf_vfy_add(c->v, NF_VFY_ROOT_CHECK, title, NF_VFY_FAIL,
		    "neither the pinned root nor one that was named");
	else if (!kek_ok || !world_ok)
		nf_vfy_add_unchecked(c->v, NF_VFY_ROOT_CHECK, title);
	else
		nf_vfy_add(c->v, NF_VFY_ROOT_CHECK, title, NF_VFY_PASS,
		    c->v->simulated ? "named by the caller" : "pinned");
}

/* ESN and KML entries against the verified state certificate. */
static void
check_module(struct check *c)
{
	static const char esn_title[] = "ESN entry against the state";
	static const char kml_title[] = "KML public blob against the state";
	const struct nf_vfy_state *s = &c->kek_state;
	const struct nf_vfy_key *kml;
	struct nf_diag d = { 0 };
	int r;

	if (s->cert == NULL) {
		nf_vfy_add_unchecked(c->v, "kek.esn", esn_title);
		nf_vfy_add_unchecked(c->v, "kek.kml", kml_title);
		return;
	}
	nf_vfy_add_bool(c->v, "kek.esn", esn_title,
	    nf_view_equal(c->kek->esn, s->state->esn),
	    "the entry names another module");
	r = nf_vfy_key_of_blob(c->ctx, c->kek->pubblob_kml, &kml, &d);
	if (r == 0 && kml != s->kml)
		r = nf_diag_set(&d, NF_E_MISMATCH, NULL,
		    "the blob holds another key");
	(void)nf_vfy_add_result(c->v, "kek.kml", kml_title, r, &d, NULL);
}

static int
pubblob_open(struct check *c, struct nf_diag *diag)
{
	size_t bits;
	int r;

	if ((r = nf_vfy_key_of_blob(c->ctx, c->kek->pubblob, &c->pub,
	    diag)) != 0)
		return r;
	bits = nf_wire_keydata_bits(&c->pub->key);
	if (c->pub->key.type != NF_KEY_RSAPUBLIC || bits < KEK_BITS_MIN) {
		c->pub = NULL;
		return nf_diag_set(diag, NF_E_MISMATCH, NULL,
		    "not an RSA key of %d bits or more", KEK_BITS_MIN);
	}
	if (nf_le_bits(c->pub->key.v[NF_RSA_E]) < KEK_E_BITS_MIN) {
		c->pub = NULL;
		return nf_diag_set(diag, NF_E_MISMATCH, "e",
		    "a public exponent below 65537");
	}
	return 0;
}

/* The certificate is of an RSA pair of the size of the public key. */
static int
keygen_open(struct check *c, struct nf_diag *diag)
{
	const struct nf_genparams *p;
	int r;

	if ((r = nf_vfy_keygen_open(c->kek_state.kml, c->kek->mesg_gen,
	    c->kek->cert_gen, &c->gen, diag)) != 0)
		return r;
	p = &c->gen->keygen.params;
	if (p->type != NF_KEY_RSAPRIVATE || p->len < KEK_BITS_MIN ||
	    (c->pub != NULL && p->len != nf_wire_keydata_bits(&c->pub->key)))
		return nf_diag_set(diag, NF_E_MISMATCH, "params",
		    "the certificate is of a key of another kind or size");
	return 0;
}

static void
check_kek(struct check *c)
{
	static const char gen_title[] = "KEK's generation certificate under "
	    "KML";
	static const char hash_title[] = "KEK's hash in entry, blob and "
	    "certificate";
	struct nf_diag d = { 0 };
	int r;

	r = pubblob_open(c, &d);
	(void)nf_vfy_add_result(c->v, "kek.pubblob",
	    "KEK's public blob opens and holds RSA", r, &d, NULL);
	nf_diag_clear(&d);
	if (c->kek_state.cert == NULL)
		nf_vfy_add_unchecked(c->v, "kek.keygen", gen_title);
	else if (nf_vfy_add_result(c->v, "kek.keygen", gen_title,
	    keygen_open(c, &d), &d, NULL) != 0) {
		nf_modcert_free(c->gen);
		c->gen = NULL;
	}
	if (c->pub == NULL || c->gen == NULL)
		nf_vfy_add_unchecked(c->v, "kek.hash", hash_title);
	else
		nf_vfy_add_bool(c->v, "kek.hash", hash_title,
		    hash_same(c->pub->hash, c->kek->hash) &&
		    hash_same(c->pub->hash, c->gen->keygen.keyhash),
		    "the hashes are not one");
	nf_vfy_add(c->v, "kek.kml-esn", "certificate of KMC over KML and ESN",
	    NF_VFY_UNKNOWN, "KMC is not in the package");
	if (c->gen == NULL)
		nf_vfy_kekacl_unchecked(c->v);
	else
		nf_vfy_kekacl_check(c->v, c->gen->keygen.acl, c->world->hkm);
}

/* Under the pinned root a region with a public KEK hash must have it. */
static void
check_known_hash(struct check *c)
{
	static const char title[] = "KEK is the region's published one";

	if (c->rootkind == NF_VFY_ROOT_SIMULATED)
		nf_vfy_add(c->v, "kek.known-hash", title, NF_VFY_NA,
		    "a simulated region has a KEK of its own");
	else if (c->region == NULL || !c->region->real_kek)
		nf_vfy_add(c->v, "kek.known-hash", title, NF_VFY_UNKNOWN,
		    "no KEK hash of this region is public");
	else
		nf_vfy_add_bool(c->v, "kek.known-hash", title,
		    hash_same(c->region->kek_hash, c->kek->hash) &&
		    hash_same(c->region->hkm, c->world->hkm),
		    "another KEK or world is published for this region");
}

/* One module: ESN, KLF and KML of both state certificates. */
static void
check_same_module(struct check *c)
{
	static const char title[] = "world and KEK are of one module";
	const struct nf_vfy_state *k = &c->kek_state, *w = &c->world_state;
	const char *fault = NULL;

	if (k->cert == NULL || w->cert == NULL) {
		nf_vfy_add_unchecked(c->v, "world.module", title);
		return;
	}
	if (!nf_view_equal(k->state->esn, w->state->esn) ||
	    !nf_view_equal(c->world->esn, w->state->esn))
		fault = "the ESN differs";
	else if (k->klf != w->klf)
		fault = "the KLF differs";
	else if (k->kml != w->kml)
		fault = "the KML differs";
	else if (!hash_same(k->state->hknso, w->state->hknso))
		fault = "the KNSO differs: the module was in another world";
	nf_vfy_add_bool(c->v, "world.module", title, fault == NULL, fault);
}

/* The KNSO of the package is the one of the module's state. */
static int
knso_open(struct check *c, const struct nf_vfy_key **knso,
    struct nf_diag *diag)
{
	struct nf_keydata key;
	struct nf_cur cur;
	int r;

	*knso = NULL;
	nf_cur_init(&cur, c->world->knso.p, c->world->knso.len, diag);
	nf_wire_keydata_read(&cur, &key);
	if ((r = nf_cur_end(&cur, "KeyPubKNSO")) != 0 ||
	    (r = nf_vfy_key(c->ctx, &key, knso, diag)) != 0)
		return r;
	if (!hash_same((*knso)->hash, c->world->hknso))
		r = nf_diag_set(diag, NF_E_MISMATCH, "HashKNSO",
		    "not the hash of KeyPubKNSO");
	else if (!hash_same(c->world->hknso, c->world_state.state->hknso))
		r = nf_diag_set(diag, NF_E_MISMATCH, "HashKNSO",
		    "the module is in the world of another KNSO");
	else if (*knso == c->world_state.kml || *knso == c->world_state.klf)
		r = nf_diag_set(diag, NF_E_MISMATCH, "KeyPubKNSO",
		    "a key of the module");
	if (r != 0)
		*knso = NULL;
	return r;
}

/* Rebuild what KNSO has to have signed, and verify it. */
static int
modulekeys_verify(struct check *c, const struct nf_vfy_key *knso,
    struct nf_diag *diag)
{
	char name[NF_KEK_PKG_TEXT_MAX + 1];
	struct nf_buf msg = NF_BUF_INIT;
	const struct nf_suite *suite;
	int r;

	suite = nf_suite_named(text_of(c->world->suite, name));
	if (suite == NULL)
		return nf_diag_set(diag, NF_E_MISMATCH, "CipherSuite",
		    "unknown cipher suite");
	if (nf_wire_keydata_bits(&knso->key) != suite->dsa_bits)
		return nf_diag_set(diag, NF_E_MISMATCH, "KeyPubKNSO",
		    "not a key of the cipher suite");
	nf_wire_modulekeys_msg(&msg, suite->name, c->world->hknso,
	    c->world->hkm, c->world->hkmc);
	if ((r = nf_buf_err(&msg)) == 0)
		r = nf_vfy_sigtext_verify(knso, nf_buf_view(&msg),
		    c->world->cert_modulekeys, diag);
	nf_buf_wipe(&msg);
	return r;
}

static void
check_world(struct check *c)
{
	static const char knso_title[] = "KNSO is that of the module's world";
	static const char keys_title[] = "module keys signed by KNSO";
	static const char hkm_title[] = "module holds the world's key";
	const struct nf_vfy_key *knso = NULL;
	const struct nf_state_cert *s = c->world_state.state;
	struct nf_diag d = { 0 };
	int r;

	if (c->world_state.cert == NULL) {
		nf_vfy_add_unchecked(c->v, "world.knso", knso_title);
		nf_vfy_add_unchecked(c->v, "world.modulekeys", keys_title);
		nf_vfy_add_unchecked(c->v, "world.hkm", hkm_title);
		return;
	}
	r = knso_open(c, &knso, &d);
	(void)nf_vfy_add_result(c->v, "world.knso", knso_title, r, &d, NULL);
	if (knso == NULL)
		nf_vfy_add_unchecked(c->v, "world.modulekeys", keys_title);
	else {
		r = modulekeys_verify(c, knso, &d);
		(void)nf_vfy_add_result(c->v, "world.modulekeys", keys_title,
		    r, &d, NULL);
	}
	if (hash_same(c->world->hkm, nf_null_des3_hash) ||
	    hash_same(c->world->hkm, null_aes_hash))
		nf_vfy_add_bool(c->v, "world.hkm", hkm_title, false,
		    "HKM is a null module key, which everyone has");
	else
		nf_vfy_add_bool(c->v, "world.hkm", hkm_title,
		    nf_state_has_km(s, c->world->hkm),
		    "HKM is not in the module's KMList");
}

/* The certificate is of the AES key whose hash KNSO signed. */
static int
km_keygen_open(struct check *c, struct nf_diag *diag)
{
	const struct nf_keygen_cert *k;
	int r;

	if ((r = nf_vfy_keygen_open(c->world_state.kml, c->world->mesg_gen_km,
	    c->world->cert_gen_km, &c->km_gen, diag)) != 0)
		return r;
	k = &c->km_gen->keygen;
	if (k->params.type != NF_KEY_RIJNDAEL || k->params.len != KM_BYTES)
		return nf_diag_set(diag, NF_E_MISMATCH, "params",
		    "the certificate is of a key of another kind or size");
	if (!hash_same(k->keyhash, c->world->hkm))
		return nf_diag_set(diag, NF_E_MISMATCH, "HashKM",
		    "the certificate is of another key");
	return 0;
}

/* An imported module key has no such certificate. */
static void
check_km(struct check *c)
{
	static const char id[] = "world.km-keygen";
	static const char title[] = "module key was generated in the module";
	struct nf_diag d = { 0 };

	if (c->world_state.cert == NULL)
		nf_vfy_add_unchecked(c->v, id, title);
	else if (nf_vfy_add_result(c->v, id, title, km_keygen_open(c, &d),
	    &d, NULL) != 0) {
		nf_modcert_free(c->km_gen);
		c->km_gen = NULL;
	}
	nf_vfy_kmacl_check(c->v, c->km_gen == NULL ? NULL :
	    c->km_gen->keygen.acl);
}

static void
fact_hash(struct check *c, const char *name, const char *by,
    const uint8_t *hash)
{
	nf_vfy_fact_hex(c->v, name, by, nf_view_of(hash, NF_HASH_LEN));
}

static void
facts_add(struct check *c)
{
	const char *klf = c->kek_state.klf2 ? "KLF2" : "KLF";
	const char *knso = nf_vfy_passed(c->v, "world.modulekeys") ? "KNSO" :
	    NULL;
	const char *kml = nf_vfy_passed(c->v, "kek.hash") ? "KML" : NULL;

	nf_vfy_fact_text(c->v, "region", NULL, c->kek->region);
	nf_vfy_fact_text(c->v, "KEK ident", NULL, c->kek->ident);
	fact_hash(c, "KEK hash", kml, c->kek->hash);
	if (c->pub != NULL)
		nf_vfy_fact(c->v, "KEK", kml, "RSA, %zu bits",
		    nf_wire_keydata_bits(&c->pub->key));
	if (c->kek_state.cert != NULL)
		nf_vfy_fact_text(c->v, "ESN", klf, c->kek_state.state->esn);
	fact_hash(c, "HKM", knso, c->world->hkm);
	fact_hash(c, "HKNSO", nf_vfy_passed(c->v, "world.knso") ?
	    (c->world_state.klf2 ? "KLF2" : "KLF") : NULL, c->world->hknso);
	nf_vfy_fact_text(c->v, "cipher suite", knso, c->world->suite);
	nf_vfy_fact_text(c->v, "mark", NULL, c->kek->mark);
	if (kml != NULL)
		nf_vfy_fact_bytes(c->v, "KEK's ACL at generation", kml,
		    nf_vfy_keygen_acl_print, c->kek->mesg_gen);
	if (c->km_gen != NULL)
		nf_vfy_fact_bytes(c->v, "KM's ACL at generation", "KML",
		    nf_vfy_keygen_acl_print, c->world->mesg_gen_km);
}

static void
facts_fill(struct check *c, struct nf_vfy_kekfacts *f)
{
	f->kek = &c->pub->key;
	memcpy(f->kek_hash, c->kek->hash, NF_HASH_LEN);
	memcpy(f->hkm, c->world->hkm, NF_HASH_LEN);
	memcpy(f->hknso, c->world->hknso, NF_HASH_LEN);
	f->ident = c->kek->ident;
	f->region = c->kek->region;
	f->esn = c->kek->esn;
	memcpy(f->root, c->v->root, NF_HASH_LEN);
	f->simulated = c->v->simulated;
}

int
nf_vfy_kek_check(struct nf_vfy_ctx *ctx, const struct nf_kek_kekpkg *kek,
    const struct nf_kek_worldpkg *world, const struct nf_vfy_roots *roots,
    struct nf_vfy_verdict *verdict, struct nf_vfy_kekfacts *facts,
    struct nf_diag *diag)
{
	struct check c;

	memset(&c, 0, sizeof(c));
	if (facts != NULL)
		memset(facts, 0, sizeof(*facts));
	c.ctx = ctx;
	c.v = verdict;
	c.kek = kek;
	c.world = world;
	check_region(&c);
	check_state(&c, "kek.state", "KEK module's state under its KLF",
	    kek->mesg_state, kek->cert_state, &c.kek_state);
	check_state(&c, "world.state", "world module's state under its KLF",
	    world->mesg_state, world->cert_state, &c.world_state);
	check_root(&c, roots);
	check_module(&c);
	check_kek(&c);
	check_known_hash(&c);
	check_same_module(&c);
	check_world(&c);
	check_km(&c);
	facts_add(&c);
	if (facts != NULL && nf_vfy_code(verdict) == 0)
		facts_fill(&c, facts);
	nf_modcert_free(c.gen);
	nf_modcert_free(c.km_gen);
	nf_vfy_state_wipe(&c.kek_state);
	nf_vfy_state_wipe(&c.world_state);
	if (verdict->err != 0 && diag != NULL && diag->code == 0)
		*diag = verdict->diag;
	return verdict->err;
}
