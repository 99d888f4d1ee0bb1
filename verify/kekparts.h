/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the checks of a KEK package, of a SecurityWorld package and of the
 * pair share.  Internal to kek*.c; callers use kekcheck.h.
 */
#ifndef NF_VERIFY_KEKPARTS_H
#define NF_VERIFY_KEKPARTS_H

#include <string.h>

#include "kek-packages/regions.h"
#include "verify/kekcheck.h"

/* What is said of a check that the other package is needed for. */
#define NF_VFY_ALONE	"not judged, the other half is not given: " \
	"verifykeypackage -k KEKPKG -w WORLDPKG"

/* A package's module and root; pointers are NULL until verified. */
struct nf_vfy_part {
	struct nf_vfy_ctx *ctx;
	struct nf_vfy_verdict *v;
	const char *where;		/* what offsets in file count in */
	struct nf_view file;
	struct nf_vfy_state state;
	struct nf_modcert *gen;		/* of the KEK, or of KM */
	bool chain_ok, has_root;
	uint8_t root[NF_HASH_LEN];
};

struct nf_vfy_kekpart {
	struct nf_vfy_part part;
	const struct nf_kek_kekpkg *pkg;
	const struct nf_kek_region *region;	/* named by ident, heading */
	const struct nf_vfy_key *pub;	/* of the KEK's public blob */
};

struct nf_vfy_worldpart {
	struct nf_vfy_part part;
	const struct nf_kek_worldpkg *pkg;
};

/* ---- kekparts.c: either package ---- */

static inline bool
nf_vfy_hash_same(const uint8_t *a, const uint8_t *b)
{
	return memcmp(a, b, NF_HASH_LEN) == 0;
}

/*
 * Nothing is verified yet; all is borrowed.
 *   mark  of the package, which may tell of a seed
 */
void nf_vfy_part_init(struct nf_vfy_part *p, struct nf_vfy_ctx *ctx,
    struct nf_vfy_verdict *v, const char *where, struct nf_view file,
    struct nf_view mark);
void nf_vfy_part_wipe(struct nf_vfy_part *p);

/* The end of the checks: what v->err is, told in diag. */
int nf_vfy_parts_end(const struct nf_vfy_verdict *v, struct nf_diag *diag);

/* A text of a package, whose reader bounded it; returns out. */
const char *nf_vfy_part_text(struct nf_view v,
    char out[static NF_KEK_PKG_TEXT_MAX + 1]);

/* The last check looked at this view of the package. */
void nf_vfy_part_place(struct nf_vfy_part *p, struct nf_view at);

/* So did all checks from number first on. */
void nf_vfy_part_place_from(struct nf_vfy_part *p, size_t first,
    struct nf_view at);

/* Add id: the state certificate, which is then in p->state. */
void nf_vfy_part_state(struct nf_vfy_part *p, const char *id,
    const char *title, struct nf_view msg, struct nf_view sig);

/* Add id: the chain from a root, which is then in p->root, to its KLF. */
void nf_vfy_part_chain(struct nf_vfy_part *p, const char *id,
    const char *title, struct nf_view list);

/*
 * Add id: a generation certificate, which is then in p->gen.
 *   judge  what it must be of, once it is verified; arg is passed to it
 */
typedef int nf_vfy_gen_judge(const void *arg, struct nf_diag *diag);
void nf_vfy_part_keygen(struct nf_vfy_part *p, const char *id,
    const char *title, struct nf_view msg, struct nf_view sig,
    nf_vfy_gen_judge *judge, const void *arg);

/*
 * Add the check root after the chains, and set the verdict's root to that of
 * p; other is the other package, or NULL.
 */
enum nf_vfy_rootkind nf_vfy_parts_root(const struct nf_vfy_part *p,
    const struct nf_vfy_part *other, const struct nf_vfy_roots *roots);

/*
 * Add kek.known-hash: under the pinned root a region with a public KEK hash
 * and HKM must have them.
 *   region     NULL when none is named
 *   kek_hash, hkm  NULL: not in this half
 */
void nf_vfy_parts_known(struct nf_vfy_verdict *v,
    enum nf_vfy_rootkind rootkind, const struct nf_kek_region *region,
    const uint8_t *kek_hash, const uint8_t *hkm);

/* Add world.region and pair, as not applicable: there is one half only. */
void nf_vfy_part_alone(struct nf_vfy_verdict *v);

/* A fact that is a hash of 20 bytes; by names the check it comes from. */
void nf_vfy_part_fact_hash(const struct nf_vfy_part *p, const char *name,
    const char *by, const uint8_t *hash);
/* The fact ESN, when the state is verified. */
void nf_vfy_part_fact_esn(const struct nf_vfy_part *p);

/* ---- kekcheck-kek.c ---- */

/*
 * The checks of the KEK package, each with its record in v, in this order but
 * for region, which needs none; init borrows all.
 */
void nf_vfy_kekpart_init(struct nf_vfy_kekpart *k, struct nf_vfy_ctx *ctx,
    const struct nf_kek_kekpkg *pkg, const char *where,
    struct nf_vfy_verdict *v);
void nf_vfy_kekpart_region(struct nf_vfy_kekpart *k);
void nf_vfy_kekpart_state(struct nf_vfy_kekpart *k);
void nf_vfy_kekpart_chain(struct nf_vfy_kekpart *k);
void nf_vfy_kekpart_module(struct nf_vfy_kekpart *k);
/* hkm is the world's, NULL: not known. */
void nf_vfy_kekpart_key(struct nf_vfy_kekpart *k, const uint8_t *hkm);
void nf_vfy_kekpart_facts(const struct nf_vfy_kekpart *k);
void nf_vfy_kekpart_acl_fact(const struct nf_vfy_kekpart *k);

/* ---- kekcheck-world.c ---- */

/* The same of the world package. */
void nf_vfy_worldpart_init(struct nf_vfy_worldpart *w,
    struct nf_vfy_ctx *ctx, const struct nf_kek_worldpkg *pkg,
    const char *where, struct nf_vfy_verdict *v);
void nf_vfy_worldpart_state(struct nf_vfy_worldpart *w);
void nf_vfy_worldpart_chain(struct nf_vfy_worldpart *w);
/* kek is the state of the KEK's module, NULL: not known. */
void nf_vfy_worldpart_module(struct nf_vfy_worldpart *w,
    const struct nf_vfy_state *kek);
void nf_vfy_worldpart_keys(struct nf_vfy_worldpart *w);
void nf_vfy_worldpart_facts(const struct nf_vfy_worldpart *w);
void nf_vfy_worldpart_acl_fact(const struct nf_vfy_worldpart *w);

#endif
