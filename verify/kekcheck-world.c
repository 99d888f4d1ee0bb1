/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The checks of a SecurityWorld package: its module under a root, KNSO, the
 * module keys, and how KM was made; alone, or for the pair.  See kekcheck.h.
 */
#include "config.h"

#include <string.h>

#include "nfast/wire/worldmsg.h"
#include "verify/kekacl.h"
#include "verify/kekparts.h"

#define KM_BYTES	32		/* AES-256, as the cipher suites say */

void
nf_vfy_worldpart_init(struct nf_vfy_worldpart *w, struct nf_vfy_ctx *ctx,
    const struct nf_kek_worldpkg *pkg, const char *where,
    struct nf_vfy_verdict *v)
{
	memset(w, 0, sizeof(*w));
	nf_vfy_part_init(&w->part, ctx, v, where, pkg->file, pkg->mark);
	w->pkg = pkg;
}

void
nf_vfy_worldpart_state(struct nf_vfy_worldpart *w)
{
	nf_vfy_part_state(&w->part, "world.state",
	    "world module's state under its KLF", w->pkg->mesg_state,
	    w->pkg->cert_state);
}

void
nf_vfy_worldpart_chain(struct nf_vfy_worldpart *w)
{
	nf_vfy_part_chain(&w->part, "world.chain",
	    "world module's KLF under a root", w->pkg->rootchain);
}

/* One module: ESN, KLF and KML of both state certificates. */
void
nf_vfy_worldpart_module(struct nf_vfy_worldpart *w,
    const struct nf_vfy_state *kek)
{
	static const char id[] = "world.module";
	static const char title[] = "world and KEK are of one module";
	const struct nf_vfy_state *s = &w->part.state;
	struct nf_vfy_verdict *v = w->part.v;
	const char *fault = NULL;

	if (s->cert == NULL || (kek != NULL && kek->cert == NULL)) {
		nf_vfy_add_unchecked(v, id, title);
		return;
	}
	if (!nf_view_equal(w->pkg->esn, s->state->esn) ||
	    (kek != NULL && !nf_view_equal(kek->state->esn, s->state->esn)))
		fault = "the ESN differs";
	else if (kek != NULL && kek->klf != s->klf)
		fault = "the KLF differs";
	else if (kek != NULL && kek->kml != s->kml)
		fault = "the KML differs";
	else if (kek != NULL &&
	    !nf_vfy_hash_same(kek->state->hknso, s->state->hknso))
		fault = "the KNSO differs: the module was in another world";
	if (fault == NULL && kek == NULL)
		nf_vfy_add(v, id, title, NF_VFY_NA, "the ESN entry is that "
		    "of the state; the rest is " NF_VFY_ALONE);
	else
		nf_vfy_add_bool(v, id, title, fault == NULL, fault);
	nf_vfy_part_place(&w->part, w->pkg->esn);
}

/* The KNSO of the package is the one of the module's state. */
static int
knso_open(struct nf_vfy_worldpart *w, const struct nf_vfy_key **knso,
    struct nf_diag *diag)
{
	const struct nf_vfy_state *s = &w->part.state;
	struct nf_keydata key;
	struct nf_cur cur;
	int r;

	*knso = NULL;
	nf_cur_init(&cur, w->pkg->knso.p, w->pkg->knso.len, diag);
	nf_wire_keydata_read(&cur, &key);
	if ((r = nf_cur_end(&cur, "KeyPubKNSO")) != 0 ||
	    (r = nf_vfy_key(w->part.ctx, &key, knso, diag)) != 0)
		return r;
	if (!nf_vfy_hash_same((*knso)->hash, w->pkg->hknso))
		r = nf_diag_set(diag, NF_E_MISMATCH, "HashKNSO",
		    "not the hash of KeyPubKNSO");
	else if (!nf_vfy_hash_same(w->pkg->hknso, s->state->hknso))
		r = nf_diag_set(diag, NF_E_MISMATCH, "HashKNSO",
		    "the module is in the world of another KNSO");
	else if (*knso == s->kml || *knso == s->klf)
		r = nf_diag_set(diag, NF_E_MISMATCH, "KeyPubKNSO",
		    "a key of the module");
	if (r != 0)
		*knso = NULL;
	return r;
}

/* Rebuild what KNSO has to have signed, and verify it. */
static int
modulekeys_verify(struct nf_vfy_worldpart *w, const struct nf_vfy_key *knso,
    struct nf_diag *diag)
{
	char name[NF_KEK_PKG_TEXT_MAX + 1];
	struct nf_buf msg = NF_BUF_INIT;
	const struct nf_suite *suite;
	int r;

	suite = nf_suite_named(nf_vfy_part_text(w->pkg->suite, name));
	if (suite == NULL)
		return nf_diag_set(diag, NF_E_MISMATCH, "CipherSuite",
		    "unknown cipher suite");
	if (nf_wire_keydata_bits(&knso->key) != suite->dsa_bits)
		return nf_diag_set(diag, NF_E_MISMATCH, "KeyPubKNSO",
		    "not a key of the cipher suite");
	nf_wire_modulekeys_msg(&msg, suite->name, w->pkg->hknso,
	    w->pkg->hkm, w->pkg->hkmc);
	if ((r = nf_buf_err(&msg)) == 0)
		r = nf_vfy_sigtext_verify(knso, nf_buf_view(&msg),
		    w->pkg->cert_modulekeys, diag);
	nf_buf_wipe(&msg);
	return r;
}

/* KNSO, what it signed, and KM in the module's list. */
static void
check_world(struct nf_vfy_worldpart *w)
{
	static const char knso_title[] = "KNSO is that of the module's world";
	static const char keys_title[] = "module keys signed by KNSO";
	static const char hkm_title[] = "module holds the world's key";
	const struct nf_vfy_key *knso = NULL;
	struct nf_vfy_verdict *v = w->part.v;
	struct nf_diag d = { 0 };
	int r;

	if (w->part.state.cert == NULL) {
		nf_vfy_add_unchecked(v, "world.knso", knso_title);
		nf_vfy_add_unchecked(v, "world.modulekeys", keys_title);
		nf_vfy_add_unchecked(v, "world.hkm", hkm_title);
		return;
	}
	r = knso_open(w, &knso, &d);
	(void)nf_vfy_add_result(v, "world.knso", knso_title, r, &d, NULL);
	nf_vfy_part_place(&w->part, w->pkg->knso);
	if (knso == NULL) {
		nf_vfy_add_unchecked(v, "world.modulekeys", keys_title);
	} else {
		r = modulekeys_verify(w, knso, &d);
		(void)nf_vfy_add_result(v, "world.modulekeys", keys_title, r,
		    &d, NULL);
	}
	nf_vfy_part_place(&w->part, w->pkg->cert_modulekeys);
	if (nf_vfy_km_is_null(w->pkg->hkm))
		nf_vfy_add_bool(v, "world.hkm", hkm_title, false,
		    "HKM is a null module key, which everyone has");
	else
		nf_vfy_add_bool(v, "world.hkm", hkm_title,
		    nf_state_has_km(w->part.state.state, w->pkg->hkm),
		    "HKM is not in the module's KMList");
	nf_vfy_part_place(&w->part, w->pkg->mesg_state);
}

/* The certificate is of the AES key whose hash KNSO signed. */
static int
keygen_judge(const void *arg, struct nf_diag *diag)
{
	const struct nf_vfy_worldpart *w = arg;
	const struct nf_keygen_cert *k = &w->part.gen->keygen;

	if (k->params.type != NF_KEY_RIJNDAEL || k->params.len != KM_BYTES)
		return nf_diag_set(diag, NF_E_MISMATCH, "params",
		    "the certificate is of a key of another kind or size");
	if (!nf_vfy_hash_same(k->keyhash, w->pkg->hkm))
		return nf_diag_set(diag, NF_E_MISMATCH, "HashKM",
		    "the certificate is of another key");
	return 0;
}

/* An imported module key has no such certificate. */
static void
check_km(struct nf_vfy_worldpart *w)
{
	nf_vfy_part_keygen(&w->part, "world.km-keygen",
	    "module key was generated in the module", w->pkg->mesg_gen_km,
	    w->pkg->cert_gen_km, keygen_judge, w);
	nf_vfy_kmacl_check(w->part.v, w->part.gen == NULL ? NULL :
	    w->part.gen->keygen.acl);
	nf_vfy_part_place(&w->part, w->pkg->mesg_gen_km);
}

void
nf_vfy_worldpart_keys(struct nf_vfy_worldpart *w)
{
	check_world(w);
	check_km(w);
}

static void
links(const struct nf_vfy_worldpart *w)
{
	const char *klf = w->part.state.klf2 ? "KLF2" : "KLF";
	struct nf_vfy_verdict *v = w->part.v;

	nf_vfy_link(v, "root", klf, "world.chain");
	nf_vfy_link(v, klf, "world's module state", "world.state");
	nf_vfy_link(v, "world's module state", "KNSO", "world.knso");
	nf_vfy_link(v, "KNSO", "module key", "world.modulekeys");
	nf_vfy_link(v, "world's module state", "module key",
	    "world.km-keygen");
}

void
nf_vfy_worldpart_facts(const struct nf_vfy_worldpart *w)
{
	struct nf_vfy_verdict *v = w->part.v;
	const char *knso = nf_vfy_passed(v, "world.modulekeys") ? "KNSO" :
	    NULL;

	nf_vfy_part_fact_hash(&w->part, "HKM", knso, w->pkg->hkm);
	nf_vfy_part_fact_hash(&w->part, "HKNSO",
	    nf_vfy_passed(v, "world.knso") ? (w->part.state.klf2 ? "KLF2" :
	    "KLF") : NULL, w->pkg->hknso);
	nf_vfy_fact_text(v, "cipher suite", knso, w->pkg->suite);
	links(w);
}

void
nf_vfy_worldpart_acl_fact(const struct nf_vfy_worldpart *w)
{
	if (w->part.gen != NULL)
		nf_vfy_fact_bytes(w->part.v, "KM's ACL at generation", "KML",
		    nf_vfy_keygen_acl_print, w->pkg->mesg_gen_km);
}

int
nf_vfy_worldpkg_check(struct nf_vfy_ctx *ctx,
    const struct nf_kek_worldpkg *world, const struct nf_vfy_roots *roots,
    struct nf_vfy_verdict *verdict, struct nf_diag *diag)
{
	enum nf_vfy_rootkind rootkind;
	struct nf_vfy_worldpart w;

	nf_vfy_worldpart_init(&w, ctx, world, "file", verdict);
	nf_vfy_worldpart_state(&w);
	nf_vfy_worldpart_chain(&w);
	rootkind = nf_vfy_parts_root(&w.part, NULL, roots);
	nf_vfy_part_place(&w.part, world->rootchain);
	nf_vfy_worldpart_module(&w, NULL);
	nf_vfy_worldpart_keys(&w);
	nf_vfy_parts_known(verdict, rootkind,
	    nf_kek_region_by_heading(world->region), NULL, world->hkm);
	nf_vfy_part_alone(verdict);
	nf_vfy_fact_text(verdict, "region", NULL, world->region);
	nf_vfy_part_fact_esn(&w.part);
	nf_vfy_worldpart_facts(&w);
	nf_vfy_fact_text(verdict, "mark", NULL, world->mark);
	nf_vfy_worldpart_acl_fact(&w);
	nf_vfy_part_wipe(&w.part);
	return nf_vfy_parts_end(verdict, diag);
}
