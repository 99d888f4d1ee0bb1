/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The check of a region's pair of packages: the KEK was generated in a
 * module that a root vouches for, can only be used there, the world of the
 * other package is that module's, and so is its module key, which cannot be
 * exported either.  Also of each package alone, as far as its own content
 * goes.  Package layout and root chain are ours, certificates are real.
 */
#ifndef NF_VERIFY_KEKCHECK_H
#define NF_VERIFY_KEKCHECK_H

#include "kek-packages/package.h"
#include "verify/chain.h"
#include "verify/roots.h"
#include "verify/verdict.h"

/*
 * What a caller may rely on when the verdict is a success.  Views belong to
 * the context (see chain.h) and to the packages.
 */
struct nf_vfy_kekfacts {
	const struct nf_keydata *kek;		/* RSA public */
	uint8_t kek_hash[NF_HASH_LEN];
	uint8_t hkm[NF_HASH_LEN];		/* of the region's world */
	uint8_t hknso[NF_HASH_LEN];
	struct nf_view ident;			/* claimed by both packages */
	struct nf_view region;			/* claimed by both packages */
	struct nf_view esn;
	uint8_t root[NF_HASH_LEN];
	bool simulated;
};

/*
 * Check a pair.
 *   verdict  initialised; checks kek.region, .state, .esn, .kml, .kml-esn,
 *            .pubblob, .keygen, .hash, .known-hash, .acl-*, world.state,
 *            .module, .region, .knso, .modulekeys, .hkm, .km-keygen,
 *            .km-acl, root.chain, world.chain, root are added
 *   facts    zeroed unless the verdict is a success; may be NULL
 * Returns 0 when there is a verdict, whatever it is; NF_E_NOMEM or
 * NF_E_CRYPTO.  What a success does not say:
 * - the region's name is bound by no signature;
 * - whose token the module key's blobs are under: KM was generated in the
 *   world's module with an ACL that lets it out only under tokens named there,
 *   and whoever has the cards of such a token can bring it into any module;
 * - see nf_vfy_keygen_open() on the half of the pair.
 */
int nf_vfy_kek_check(struct nf_vfy_ctx *ctx, const struct nf_kek_kekpkg *kek,
    const struct nf_kek_worldpkg *world, const struct nf_vfy_roots *roots,
    struct nf_vfy_verdict *verdict, struct nf_vfy_kekfacts *facts,
    struct nf_diag *diag);

/*
 * Check one package without the other: all checks of the pair that its own
 * content allows, with the same ids.
 *   verdict  initialised; world.region and pair are added as not applicable,
 *            with the command that judges both.  kek: also world.module; and
 *            kek.acl-blob is unknown where it would pass, because only the
 *            other package says whose the module key is.  world: the checks
 *            root.chain and kek.* but .known-hash are left out, and
 *            world.module fails only on the ESN entry
 * Returns as nf_vfy_kek_check().  A success is one of that half: its own chain
 * reaches an accepted root and nothing in it contradicts the rest.  It does
 * not say that there is another half that fits, that a KEK stays in the
 * region's world, or that the world holds the region's KEK.
 */
int nf_vfy_kekpkg_check(struct nf_vfy_ctx *ctx,
    const struct nf_kek_kekpkg *kek, const struct nf_vfy_roots *roots,
    struct nf_vfy_verdict *verdict, struct nf_diag *diag);
int nf_vfy_worldpkg_check(struct nf_vfy_ctx *ctx,
    const struct nf_kek_worldpkg *world, const struct nf_vfy_roots *roots,
    struct nf_vfy_verdict *verdict, struct nf_diag *diag);

/* Two package files, loaded, read and checked. */
struct nf_vfy_pair {
	struct nf_kek_pkgfile kekfile, worldfile;
	struct nf_kek_kekpkg kek;
	struct nf_kek_worldpkg world;
	struct nf_vfy_ctx *ctx;
	struct nf_vfy_verdict verdict;
	struct nf_vfy_kekfacts facts;
};

/*
 * Load two package files and check them; the one call of a tool.
 *   pair  wipe with nf_vfy_pair_wipe(), also after a failure
 * Returns 0 with a verdict in pair (ask nf_vfy_code() for success), or what
 * nf_kek_pkg_load(), the package readers and nf_vfy_kek_check() return; the
 * diag names the path.
 */
int nf_vfy_pair_check(const char *kek_path, const char *world_path,
    const struct nf_vfy_roots *roots, struct nf_vfy_pair *pair,
    struct nf_diag *diag);
void nf_vfy_pair_wipe(struct nf_vfy_pair *pair);

#endif
