/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The checks of a KEK package, in the order root -> KLF -> state -> KML ->
 * KEK; alone, or for the pair.  See kekcheck.h.
 */
#include "config.h"

#include <string.h>

#include "nfast/base/pkey.h"
#include "verify/kekacl.h"
#include "verify/kekparts.h"

#define KEK_BITS_MIN	2048
#define KEK_E_BITS_MIN	17		/* 65537, as modules choose */

void
nf_vfy_kekpart_init(struct nf_vfy_kekpart *k, struct nf_vfy_ctx *ctx,
    const struct nf_kek_kekpkg *pkg, const char *where,
    struct nf_vfy_verdict *v)
{
	memset(k, 0, sizeof(*k));
	nf_vfy_part_init(&k->part, ctx, v, where, pkg->file, pkg->mark);
	k->pkg = pkg;
}

/* The ident is the KEK's of the region that the package names. */
void
nf_vfy_kekpart_region(struct nf_vfy_kekpart *k)
{
	char app[NF_KEK_PKG_TEXT_MAX + 1], ident[NF_KEK_PKG_TEXT_MAX + 1];
	const struct nf_kek_region *r;
	bool named;

	r = nf_kek_region_by_kek(nf_vfy_part_text(k->pkg->appname, app),
	    nf_vfy_part_text(k->pkg->ident, ident));
	named = r != NULL && nf_kek_region_named(r, k->pkg->region);
	nf_vfy_add_bool(k->part.v, "kek.region",
	    "KEK's ident is that of the region named",
	    named, r == NULL ? "the ident is of no region" :
	    "the ident is of another region");
	nf_vfy_part_place(&k->part, k->pkg->ident);
	k->region = named ? r : NULL;
}

void
nf_vfy_kekpart_state(struct nf_vfy_kekpart *k)
{
	nf_vfy_part_state(&k->part, "kek.state",
	    "KEK module's state under its KLF", k->pkg->mesg_state,
	    k->pkg->cert_state);
}

void
nf_vfy_kekpart_chain(struct nf_vfy_kekpart *k)
{
	nf_vfy_part_chain(&k->part, "root.chain",
	    "KEK module's KLF under a root", k->pkg->rootchain);
}

/* ESN and KML entries against the verified state certificate. */
void
nf_vfy_kekpart_module(struct nf_vfy_kekpart *k)
{
	static const char esn_title[] = "ESN entry against the state";
	static const char kml_title[] = "KML public blob against the state";
	const struct nf_vfy_state *s = &k->part.state;
	struct nf_vfy_verdict *v = k->part.v;
	const struct nf_vfy_key *kml;
	struct nf_diag d = { 0 };
	int r;

	if (s->cert == NULL) {
		nf_vfy_add_unchecked(v, "kek.esn", esn_title);
		nf_vfy_add_unchecked(v, "kek.kml", kml_title);
		return;
	}
	nf_vfy_add_bool(v, "kek.esn", esn_title,
	    nf_view_equal(k->pkg->esn, s->state->esn),
	    "the entry names another module");
	nf_vfy_part_place(&k->part, k->pkg->esn);
	r = nf_vfy_key_of_blob(k->part.ctx, k->pkg->pubblob_kml, &kml, &d);
	if (r == 0 && kml != s->kml)
		r = nf_diag_set(&d, NF_E_MISMATCH, NULL,
		    "the blob holds another key");
	(void)nf_vfy_add_result(v, "kek.kml", kml_title, r, &d, NULL);
	nf_vfy_part_place(&k->part, k->pkg->pubblob_kml);
}

static int
pubblob_open(struct nf_vfy_kekpart *k, struct nf_diag *diag)
{
	size_t bits;
	int r;

	if ((r = nf_vfy_key_of_blob(k->part.ctx, k->pkg->pubblob, &k->pub,
	    diag)) != 0)
		return r;
	bits = nf_wire_keydata_bits(&k->pub->key);
	if (k->pub->key.type != NF_KEY_RSAPUBLIC || bits < KEK_BITS_MIN) {
		k->pub = NULL;
		return nf_diag_set(diag, NF_E_MISMATCH, NULL,
		    "not an RSA key of %d bits or more", KEK_BITS_MIN);
	}
	if (nf_le_bits(k->pub->key.v[NF_RSA_E]) < KEK_E_BITS_MIN) {
		k->pub = NULL;
		return nf_diag_set(diag, NF_E_MISMATCH, "e",
		    "a public exponent below 65537");
	}
	return 0;
}

/* The certificate is of an RSA pair of the size of the public key. */
static int
keygen_judge(const void *arg, struct nf_diag *diag)
{
	const struct nf_vfy_kekpart *k = arg;
	const struct nf_genparams *p = &k->part.gen->keygen.params;

	if (p->type != NF_KEY_RSAPRIVATE || p->len < KEK_BITS_MIN ||
	    (k->pub != NULL && p->len != nf_wire_keydata_bits(&k->pub->key)))
		return nf_diag_set(diag, NF_E_MISMATCH, "params",
		    "the certificate is of a key of another kind or size");
	return 0;
}

static void
check_pubblob(struct nf_vfy_kekpart *k)
{
	struct nf_diag d = { 0 };
	int r = pubblob_open(k, &d);

	(void)nf_vfy_add_result(k->part.v, "kek.pubblob",
	    "KEK's public blob opens and holds RSA", r, &d, NULL);
	nf_vfy_part_place(&k->part, k->pkg->pubblob);
}

void
nf_vfy_kekpart_key(struct nf_vfy_kekpart *k, const uint8_t *hkm)
{
	static const char title[] = "KEK's hash in entry, blob and "
	    "certificate";
	struct nf_vfy_verdict *v = k->part.v;
	size_t first;

	check_pubblob(k);
	nf_vfy_part_keygen(&k->part, "kek.keygen",
	    "KEK's generation certificate under KML", k->pkg->mesg_gen,
	    k->pkg->cert_gen, keygen_judge, k);
	if (k->pub == NULL || k->part.gen == NULL)
		nf_vfy_add_unchecked(v, "kek.hash", title);
	else
		nf_vfy_add_bool(v, "kek.hash", title,
		    nf_vfy_hash_same(k->pub->hash, k->pkg->hash) &&
		    nf_vfy_hash_same(k->pub->hash, k->part.gen->keygen.keyhash),
		    "the hashes are not one");
	nf_vfy_part_place(&k->part, k->pkg->mesg_gen);
	nf_vfy_add(v, "kek.kml-esn", "certificate of KMC over KML and ESN",
	    NF_VFY_UNKNOWN, "KMC is not in the package");
	nf_vfy_part_place(&k->part, k->pkg->cert_kml_esn);
	first = v->n_checks;
	if (k->part.gen == NULL)
		nf_vfy_kekacl_unchecked(v);
	else
		nf_vfy_kekacl_check(v, k->part.gen->keygen.acl, hkm);
	nf_vfy_part_place_from(&k->part, first, k->pkg->mesg_gen);
}

/* KML vouches for the key whose hash this is. */
static const char *
signer(const struct nf_vfy_kekpart *k)
{
	return nf_vfy_passed(k->part.v, "kek.hash") ? "KML" : NULL;
}

static void
links(const struct nf_vfy_kekpart *k)
{
	const char *klf = k->part.state.klf2 ? "KLF2" : "KLF";
	struct nf_vfy_verdict *v = k->part.v;

	nf_vfy_link(v, "root", klf, "root.chain");
	nf_vfy_link(v, klf, "module state", "kek.state");
	nf_vfy_link(v, "module state", "KML", "kek.kml");
	nf_vfy_link(v, "KML", "generation certificate", "kek.keygen");
	nf_vfy_link(v, "generation certificate", "KEK", "kek.hash");
}

void
nf_vfy_kekpart_facts(const struct nf_vfy_kekpart *k)
{
	struct nf_vfy_verdict *v = k->part.v;

	nf_vfy_fact_text(v, "region", NULL, k->pkg->region);
	nf_vfy_fact_text(v, "KEK ident", NULL, k->pkg->ident);
	nf_vfy_part_fact_hash(&k->part, "KEK hash", signer(k), k->pkg->hash);
	if (k->pub != NULL)
		nf_vfy_fact(v, "KEK", signer(k), "RSA, %zu bits",
		    nf_wire_keydata_bits(&k->pub->key));
	nf_vfy_part_fact_esn(&k->part);
	links(k);
}

void
nf_vfy_kekpart_acl_fact(const struct nf_vfy_kekpart *k)
{
	nf_vfy_fact_text(k->part.v, "mark", NULL, k->pkg->mark);
	if (signer(k) != NULL)
		nf_vfy_fact_bytes(k->part.v, "KEK's ACL at generation",
		    signer(k), nf_vfy_keygen_acl_print, k->pkg->mesg_gen);
}

int
nf_vfy_kekpkg_check(struct nf_vfy_ctx *ctx, const struct nf_kek_kekpkg *kek,
    const struct nf_vfy_roots *roots, struct nf_vfy_verdict *verdict,
    struct nf_diag *diag)
{
	enum nf_vfy_rootkind rootkind;
	struct nf_vfy_kekpart k;

	nf_vfy_kekpart_init(&k, ctx, kek, "file", verdict);
	nf_vfy_kekpart_region(&k);
	nf_vfy_kekpart_state(&k);
	nf_vfy_kekpart_chain(&k);
	rootkind = nf_vfy_parts_root(&k.part, NULL, roots);
	nf_vfy_part_place(&k.part, kek->rootchain);
	nf_vfy_kekpart_module(&k);
	nf_vfy_kekpart_key(&k, NULL);
	nf_vfy_parts_known(verdict, rootkind, k.region, kek->hash, NULL);
	nf_vfy_add(verdict, "world.module", "world and KEK are of one module",
	    NF_VFY_NA, NF_VFY_ALONE);
	nf_vfy_part_alone(verdict);
	nf_vfy_kekpart_facts(&k);
	nf_vfy_kekpart_acl_fact(&k);
	nf_vfy_part_wipe(&k.part);
	return nf_vfy_parts_end(verdict, diag);
}
