/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The check of a pair of region packages: each half by its own file, and
 * between them what binds the two.  See kekcheck.h.
 */
#include "config.h"

#include <string.h>

#include "verify/kekparts.h"

static void
facts_fill(const struct nf_vfy_kekpart *k, const struct nf_vfy_worldpart *w,
    struct nf_vfy_kekfacts *f)
{
	const struct nf_vfy_verdict *v = k->part.v;

	f->kek = &k->pub->key;
	memcpy(f->kek_hash, k->pkg->hash, NF_HASH_LEN);
	memcpy(f->hkm, w->pkg->hkm, NF_HASH_LEN);
	memcpy(f->hknso, w->pkg->hknso, NF_HASH_LEN);
	f->ident = k->pkg->ident;
	f->region = k->pkg->region;
	f->esn = k->pkg->esn;
	memcpy(f->root, v->root, NF_HASH_LEN);
	f->simulated = v->simulated;
}

static void
facts_add(const struct nf_vfy_kekpart *k, const struct nf_vfy_worldpart *w)
{
	nf_vfy_kekpart_facts(k);
	nf_vfy_worldpart_facts(w);
	nf_vfy_kekpart_acl_fact(k);
	nf_vfy_worldpart_acl_fact(w);
}

int
nf_vfy_kek_check(struct nf_vfy_ctx *ctx, const struct nf_kek_kekpkg *kek,
    const struct nf_kek_worldpkg *world, const struct nf_vfy_roots *roots,
    struct nf_vfy_verdict *verdict, struct nf_vfy_kekfacts *facts,
    struct nf_diag *diag)
{
	enum nf_vfy_rootkind rootkind;
	struct nf_vfy_worldpart w;
	struct nf_vfy_kekpart k;

	if (facts != NULL)
		memset(facts, 0, sizeof(*facts));
	nf_vfy_kekpart_init(&k, ctx, kek, "KEK package", verdict);
	nf_vfy_worldpart_init(&w, ctx, world, "SecurityWorld package",
	    verdict);
	nf_vfy_kekpart_region(&k);
	nf_vfy_add_bool(verdict, "world.region",
	    "both packages name one region",
	    nf_view_equal(kek->region, world->region),
	    "the packages are of two regions");
	nf_vfy_part_place(&w.part, world->region);
	nf_vfy_kekpart_state(&k);
	nf_vfy_worldpart_state(&w);
	nf_vfy_kekpart_chain(&k);
	nf_vfy_worldpart_chain(&w);
	rootkind = nf_vfy_parts_root(&k.part, &w.part, roots);
	nf_vfy_part_place(&k.part, kek->rootchain);
	nf_vfy_kekpart_module(&k);
	nf_vfy_kekpart_key(&k, world->hkm);
	nf_vfy_parts_known(verdict, rootkind, k.region, kek->hash,
	    world->hkm);
	nf_vfy_worldpart_module(&w, &k.part.state);
	nf_vfy_worldpart_keys(&w);
	facts_add(&k, &w);
	if (facts != NULL && nf_vfy_code(verdict) == 0)
		facts_fill(&k, &w, facts);
	nf_vfy_part_wipe(&k.part);
	nf_vfy_part_wipe(&w.part);
	return nf_vfy_parts_end(verdict, diag);
}
