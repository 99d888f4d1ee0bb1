/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What both region packages have: a module's state certificate, the chain
 * from a root to its KLF, a region.  See kekparts.h.
 */
#include "config.h"

#include <string.h>

#include "verify/kekparts.h"

void
nf_vfy_part_init(struct nf_vfy_part *p, struct nf_vfy_ctx *ctx,
    struct nf_vfy_verdict *v, const char *where, struct nf_view file,
    struct nf_view mark)
{
	memset(p, 0, sizeof(*p));
	p->ctx = ctx;
	p->v = v;
	p->where = where;
	p->file = file;
	nf_vfy_seed_claim(v, mark);
}

void
nf_vfy_part_wipe(struct nf_vfy_part *p)
{
	nf_modcert_free(p->gen);
	p->gen = NULL;
	nf_vfy_state_wipe(&p->state);
}

int
nf_vfy_parts_end(const struct nf_vfy_verdict *v, struct nf_diag *diag)
{
	if (v->err != 0 && diag != NULL && diag->code == 0)
		*diag = v->diag;
	return v->err;
}

const char *
nf_vfy_part_text(struct nf_view v, char out[static NF_KEK_PKG_TEXT_MAX + 1])
{
	NF_REQUIRE(v.len <= NF_KEK_PKG_TEXT_MAX);
	memcpy(out, v.p, v.len);
	out[v.len] = '\0';
	return out;
}

void
nf_vfy_part_place(struct nf_vfy_part *p, struct nf_view at)
{
	nf_vfy_place_in(p->v, p->where, p->file, at);
}

void
nf_vfy_part_place_from(struct nf_vfy_part *p, size_t first,
    struct nf_view at)
{
	nf_vfy_place_from(p->v, first, p->where, p->file, at);
}

void
nf_vfy_part_state(struct nf_vfy_part *p, const char *id, const char *title,
    struct nf_view msg, struct nf_view sig)
{
	struct nf_diag d = { 0 };
	int r = nf_vfy_state_open(p->ctx, msg, sig, &p->state, &d);

	if (nf_vfy_add_result(p->v, id, title, r, &d, NULL) != 0)
		nf_vfy_state_wipe(&p->state);
	nf_vfy_part_place(p, msg);
}

void
nf_vfy_part_chain(struct nf_vfy_part *p, const char *id, const char *title,
    struct nf_view list)
{
	struct nf_diag d = { 0 };
	int r;

	if (p->state.cert == NULL) {
		nf_vfy_add_unchecked(p->v, id, title);
	} else {
		r = nf_vfy_rootchain_verify(p->ctx, list, &p->state,
		    &p->has_root, p->root, &d);
		p->chain_ok = nf_vfy_add_result(p->v, id, title, r, &d,
		    NULL) == 0;
	}
	nf_vfy_part_place(p, list);
}

void
nf_vfy_part_keygen(struct nf_vfy_part *p, const char *id, const char *title,
    struct nf_view msg, struct nf_view sig, nf_vfy_gen_judge *judge,
    const void *arg)
{
	struct nf_diag d = { 0 };
	int r;

	if (p->state.cert == NULL) {
		nf_vfy_add_unchecked(p->v, id, title);
	} else {
		if ((r = nf_vfy_keygen_open(p->state.kml, msg, sig, &p->gen,
		    &d)) == 0)
			r = judge(arg, &d);
		if (nf_vfy_add_result(p->v, id, title, r, &d, NULL) != 0) {
			nf_modcert_free(p->gen);
			p->gen = NULL;
		}
	}
	nf_vfy_part_place(p, msg);
}

enum nf_vfy_rootkind
nf_vfy_parts_root(const struct nf_vfy_part *p,
    const struct nf_vfy_part *other, const struct nf_vfy_roots *roots)
{
	static const struct nf_vfy_roots none;
	static const char title[] = "root is an accepted one";
	struct nf_vfy_verdict *v = p->v;
	enum nf_vfy_rootkind kind;

	nf_vfy_link(v, "accepted roots", "root", NF_VFY_ROOT_CHECK);
	v->has_root = p->has_root;
	memcpy(v->root, p->root, NF_HASH_LEN);
	if (!p->has_root) {
		nf_vfy_add(v, NF_VFY_ROOT_CHECK, title, NF_VFY_FAIL,
		    "no root was reached");
		return NF_VFY_ROOT_UNKNOWN;
	}
	kind = nf_vfy_roots_find(roots == NULL ? &none : roots, p->root);
	v->simulated = kind == NF_VFY_ROOT_SIMULATED;
	if (other != NULL && other->has_root &&
	    !nf_vfy_hash_same(p->root, other->root))
		nf_vfy_add(v, NF_VFY_ROOT_CHECK, title, NF_VFY_FAIL,
		    "the packages have different roots");
	else if (kind == NF_VFY_ROOT_UNKNOWN)
		nf_vfy_add(v, NF_VFY_ROOT_CHECK, title, NF_VFY_FAIL,
		    "neither the pinned root nor one that was named");
	else if (!p->chain_ok || (other != NULL && !other->chain_ok))
		nf_vfy_add_unchecked(v, NF_VFY_ROOT_CHECK, title);
	else
		nf_vfy_add(v, NF_VFY_ROOT_CHECK, title, NF_VFY_PASS,
		    v->simulated ? "named by the caller" : "pinned");
	return kind;
}

void
nf_vfy_parts_known(struct nf_vfy_verdict *v, enum nf_vfy_rootkind rootkind,
    const struct nf_kek_region *region, const uint8_t *kek_hash,
    const uint8_t *hkm)
{
	static const char id[] = "kek.known-hash";
	const char *title = kek_hash != NULL ?
	    "KEK is the region's published one" :
	    "world is that of the region's published KEK";

	if (rootkind == NF_VFY_ROOT_SIMULATED)
		nf_vfy_add(v, id, title, NF_VFY_NA,
		    "a simulated region has a KEK of its own");
	else if (region == NULL || !region->real_kek)
		nf_vfy_add(v, id, title, NF_VFY_UNKNOWN,
		    "no KEK hash of this region is public");
	else
		nf_vfy_add_bool(v, id, title,
		    (kek_hash == NULL ||
		    nf_vfy_hash_same(region->kek_hash, kek_hash)) &&
		    (hkm == NULL || nf_vfy_hash_same(region->hkm, hkm)),
		    "another KEK or world is published for this region");
}

void
nf_vfy_part_alone(struct nf_vfy_verdict *v)
{
	nf_vfy_add(v, "world.region", "both packages name one region",
	    NF_VFY_NA, NF_VFY_ALONE);
	nf_vfy_add(v, "pair", "KEK package and SecurityWorld package belong "
	    "together", NF_VFY_NA, NF_VFY_ALONE);
}

void
nf_vfy_part_fact_hash(const struct nf_vfy_part *p, const char *name,
    const char *by, const uint8_t *hash)
{
	nf_vfy_fact_hex(p->v, name, by, nf_view_of(hash, NF_HASH_LEN));
}

void
nf_vfy_part_fact_esn(const struct nf_vfy_part *p)
{
	if (p->state.cert != NULL)
		nf_vfy_fact_text(p->v, "ESN", p->state.klf2 ? "KLF2" : "KLF",
		    p->state.state->esn);
}
