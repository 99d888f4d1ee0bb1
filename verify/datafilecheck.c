/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key, world and module files, see datafilecheck.h.  A check that needs
 * another one that failed is "unknown".
 */
#include "config.h"

#include <string.h>

#include "nfast/kmdata/keyfile.h"
#include "nfast/wire/worldmsg.h"
#include "verify/datafilecheck.h"
#include "verify/fipsmsg.h"
#include "verify/genfit.h"

#define ROOT_TITLE	"root of the KLF"

struct audit {
	struct nf_vfy_ctx *ctx;
	struct nf_vfy_verdict *v;
	const struct nf_vfy_options *opt;
	const struct nf_km_file *file;
	struct nf_vfy_state state;	/* cert NULL unless verified */
};

enum nf_vfy_kmkind
nf_vfy_km_kind(const struct nf_km_file *file)
{
	if (nf_km_file_has(file, NF_ENT_APPNAME))
		return NF_VFY_KM_KEY;
	if (nf_km_file_has(file, NF_ENT_CERT_KM_KMC_B_KNSO) ||
	    nf_km_file_has(file, NF_ENT_CERT_KM_KMC_KFIPS_B_KNSO))
		return NF_VFY_KM_WORLD;
	if (nf_km_file_has(file, NF_ENT_ESN_MODULE) &&
	    nf_km_file_has(file, NF_ENT_MESG_MODULE_STATE))
		return NF_VFY_KM_MODULE;
	/* parts of other files, which hold such entries too */
	if (nf_km_file_has(file, NF_ENT_HASH_KA) ||
	    nf_km_file_has(file, NF_ENT_BLOB_KA) ||
	    nf_km_file_has(file, NF_ENT_HASH_KNSO) ||
	    nf_km_file_has(file, NF_ENT_ESN_MODULE))
		return NF_VFY_KM_OTHER;
	if (nf_km_file_has(file, NF_ENT_LTUC_SOFT_TOKEN))
		return NF_VFY_KM_SOFTCARD;
	if (nf_km_file_has(file, NF_ENT_PARAMS_LTU))
		return NF_VFY_KM_CARDSET;
	return nf_km_file_has(file, NF_ENT_INDEX) ? NF_VFY_KM_CARD :
	    NF_VFY_KM_OTHER;
}

const char *
nf_vfy_km_name(enum nf_vfy_kmkind kind)
{
	static const char *const names[] = {
		[NF_VFY_KM_OTHER] = "KM datafile",
		[NF_VFY_KM_KEY] = "key file",
		[NF_VFY_KM_WORLD] = "world file",
		[NF_VFY_KM_MODULE] = "module file",
		[NF_VFY_KM_CARDSET] = "card set file",
		[NF_VFY_KM_CARD] = "card file",
		[NF_VFY_KM_SOFTCARD] = "softcard file"
	};

	return names[kind];
}

/* ---- shared ---- */

/* The last check looked at this entry. */
static void
place(struct audit *a, struct nf_view entry)
{
	nf_vfy_place_in(a->v, "file", a->file->bytes, entry);
}

static void
fact_hash(struct audit *a, const char *name, const char *by,
    const uint8_t hash[static NF_HASH_LEN])
{
	nf_vfy_fact_hex(a->v, name, by, nf_view_of(hash, NF_HASH_LEN));
}

static int
hash_get(struct audit *a, uint32_t type, uint8_t out[static NF_HASH_LEN],
    struct nf_diag *diag)
{
	struct nf_view v;
	int r;

	if ((r = nf_km_file_one(a->file, type, &v, diag)) != 0)
		return r;
	if (v.len != NF_HASH_LEN)
		return nf_diag_set(diag, NF_E_FORMAT,
		    nf_name_find(nf_km_types, type), "not %d bytes",
		    NF_HASH_LEN);
	memcpy(out, v.p, NF_HASH_LEN);
	return 0;
}

static void
check_state(struct audit *a, const char *id, struct nf_view msg,
    struct nf_view sigtext)
{
	struct nf_diag d = { 0 };
	int r = nf_vfy_state_open(a->ctx, msg, sigtext, &a->state, &d);

	(void)nf_vfy_add_result(a->v, id,
	    "module state certificate under its KLF", r, &d, NULL);
	place(a, msg);
	if (r != 0)
		nf_vfy_state_wipe(&a->state);
}

/* The blob holds the key with that hash. */
static void
check_blobhash(struct audit *a, const char *id, const char *title,
    struct nf_view blob, const uint8_t hash[static NF_HASH_LEN],
    const struct nf_vfy_key **out)
{
	const struct nf_vfy_key *key = NULL;
	struct nf_diag d = { 0 };
	int r = nf_vfy_key_of_blob(a->ctx, blob, &key, &d);

	if (r == 0 && memcmp(key->hash, hash, NF_HASH_LEN) != 0)
		r = nf_diag_set(&d, NF_E_MISMATCH, NULL,
		    "the blob holds another key");
	(void)nf_vfy_add_result(a->v, id, title, r, &d, NULL);
	place(a, blob);
	*out = r == 0 ? key : NULL;
}

static int
check_root(struct audit *a, struct nf_diag *diag)
{
	static const struct nf_vfy_roots none;
	const struct nf_vfy_roots *roots = a->opt->roots;
	enum nf_vfy_rootkind kind = NF_VFY_ROOT_UNKNOWN;
	struct nf_view chain;
	struct nf_diag d = { 0 };
	int r;

	if ((r = nf_km_file_opt(a->file, NF_ENT_SW_ROOTCHAIN, &chain,
	    diag)) != 0)
		return r;
	if (a->state.cert == NULL || chain.p == NULL) {
		nf_vfy_add(a->v, NF_VFY_ROOT_CHECK, ROOT_TITLE,
		    NF_VFY_UNKNOWN, chain.p == NULL ? "not in this file" :
		    "there is no state certificate to check it with");
		place(a, chain);
		return 0;
	}
	r = nf_vfy_rootchain_verify(a->ctx, chain, &a->state,
	    &a->v->has_root, a->v->root, &d);
	if (r == 0)
		kind = nf_vfy_roots_find(roots == NULL ? &none : roots,
		    a->v->root);
	a->v->simulated |= kind == NF_VFY_ROOT_SIMULATED;
	if (r == 0 && kind == NF_VFY_ROOT_UNKNOWN)
		r = nf_diag_set(&d, NF_E_MISMATCH, "root",
		    "neither the pinned root nor one that was named");
	(void)nf_vfy_add_result(a->v, NF_VFY_ROOT_CHECK, ROOT_TITLE, r, &d,
	    NULL);
	place(a, chain);
	return 0;
}

static void
facts_module(struct audit *a)
{
	const struct nf_vfy_state *s = &a->state;
	const char *by = s->klf2 ? "KLF2" : "KLF";

	if (s->cert == NULL || s->state == NULL)
		return;
	nf_vfy_fact_text(a->v, "ESN", by, s->state->esn);
	fact_hash(a, "KLF hash", NULL, s->klf->hash);
	fact_hash(a, "KML hash", by, s->kml->hash);
	fact_hash(a, "HKNSO", by, s->state->hknso);
}

/* ---- key files ---- */

struct keyaudit {
	struct audit *a;
	struct nf_km_key key;
	struct nf_keydata pub;		/* borrows plain */
	struct nf_buf plain;
	bool has_pub;
	struct nf_modcert *gen;		/* NULL unless verified */
};

/* The public blob opens and holds the key of entry HashKA. */
static int
pubblob_check(struct keyaudit *k, struct nf_diag *diag)
{
	uint8_t hash[NF_HASH_LEN];
	struct nf_blobkey opened;
	int r;

	if ((r = nf_wire_nullblob_read(k->key.pubblob, &k->plain, &opened,
	    diag)) != 0)
		goto out;
	k->pub = opened.key;
	if ((r = nf_vfy_pub_sound(&k->pub, diag)) != 0 ||
	    (r = nf_wire_keyhash(&k->pub, hash, diag)) != 0)
		goto out;
	if (memcmp(hash, k->key.hash, NF_HASH_LEN) != 0)
		r = nf_diag_set(diag, NF_E_MISMATCH, NULL,
		    "it holds another key than entry HashKA names");
	k->has_pub = r == 0;
out:
	nf_blobkey_wipe(&opened);
	return r;
}

static void
check_pubblob(struct keyaudit *k)
{
	static const char title[] = "public blob opens and holds the key";
	struct nf_diag d = { 0 };

	if (k->key.pubblob.p == NULL)
		nf_vfy_add(k->a->v, "key.pubblob", title, NF_VFY_NA,
		    "a symmetric key has none");
	else
		(void)nf_vfy_add_result(k->a->v, "key.pubblob", title,
		    pubblob_check(k, &d), &d, NULL);
	place(k->a, k->key.pubblob);
	nf_vfy_add(k->a->v, "key.privblob", "private blob", NF_VFY_UNKNOWN,
	    "nothing outside the module covers it");
	place(k->a, k->key.privblob);
}

static void
check_keygen(struct keyaudit *k)
{
	static const char gen_title[] = "key-generation certificate under KML";
	static const char hash_title[] = "key hash against that certificate";
	struct audit *a = k->a;
	struct nf_diag d = { 0 };
	int r;

	if (a->state.cert == NULL) {
		nf_vfy_add_unchecked(a->v, "key.keygen", gen_title);
		nf_vfy_add_unchecked(a->v, "key.keyhash", hash_title);
		return;
	}
	r = nf_vfy_keygen_open(a->state.kml, k->key.mesg_gen,
	    k->key.cert_gen, &k->gen, &d);
	if (r == 0 && k->has_pub)
		r = nf_vfy_gen_fits(&k->gen->keygen, &k->pub, k->key.hash,
		    &d);
	else if (r == 0 && k->key.pubblob.p == NULL &&
	    nf_wire_public_type(k->gen->keygen.params.type) != 0)
		r = nf_diag_set(&d, NF_E_MISMATCH, "params",
		    "the certificate is of a key pair, whose public blob is "
		    "missing");
	(void)nf_vfy_add_result(a->v, "key.keygen", gen_title, r, &d, NULL);
	place(a, k->key.mesg_gen);
	if (r != 0) {
		nf_modcert_free(k->gen);
		k->gen = NULL;
		nf_vfy_add_unchecked(a->v, "key.keyhash", hash_title);
		return;
	}
	nf_vfy_add_bool(a->v, "key.keyhash", hash_title,
	    memcmp(k->gen->keygen.keyhash, k->key.hash, NF_HASH_LEN) == 0,
	    "the certificate is of another key");
	place(a, k->key.mesg_gen);
}

static void
check_certs(struct keyaudit *k)
{
	static const char kml_title[] =
	    "KML public blob against the state certificate";
	static const char esn_title[] =
	    "ESN entry against the state certificate";
	const struct nf_vfy_key *kml;
	struct audit *a = k->a;

	if (!nf_km_key_certified(&k->key)) {
		nf_vfy_add(a->v, "key.state", "module state certificate",
		    NF_VFY_UNKNOWN, "no certificates are there: an imported "
		    "key has none");
		return;
	}
	check_state(a, "key.state", k->key.mesg_state, k->key.cert_state);
	if (a->state.cert == NULL) {
		nf_vfy_add_unchecked(a->v, "key.kml", kml_title);
		nf_vfy_add_unchecked(a->v, "key.esn", esn_title);
	} else {
		check_blobhash(a, "key.kml", kml_title, k->key.pubblob_kml,
		    a->state.kml->hash, &kml);
		nf_vfy_add_bool(a->v, "key.esn", esn_title,
		    nf_view_equal(k->key.esn, a->state.state->esn),
		    "the entry names another module");
		place(a, k->key.esn);
	}
	check_keygen(k);
	nf_vfy_add(a->v, "key.kml-esn", "certificate of KMC over KML and ESN",
	    NF_VFY_UNKNOWN, "KMC is not in the file");
	place(a, k->key.cert_kml_esn);
}

static void
facts_key(struct keyaudit *k)
{
	bool sure = k->gen != NULL && nf_vfy_passed(k->a->v, "key.keyhash");
	const char *by = sure ? "KML" : NULL;
	struct nf_vfy_verdict *v = k->a->v;

	nf_vfy_fact_text(v, "application", NULL, k->key.appname);
	nf_vfy_fact_text(v, "ident", NULL, k->key.ident);
	if (k->key.name.p != NULL)
		nf_vfy_fact_text(v, "name", NULL, k->key.name);
	nf_text_time(nf_vfy_fact_begin(v, "key file written", NULL),
	    k->key.time);
	nf_vfy_fact_end(v);
	nf_vfy_fact(v, "protection", NULL, "%s",
	    nf_km_key_protection(&k->key));
	nf_vfy_fact(v, "recovery blob", NULL, "%s",
	    nf_km_key_recoverable(&k->key) ? "yes" : "no");
	fact_hash(k->a, "key hash", by, k->key.hash);
	if (!sure)
		return;
	nf_wire_genparams_print(nf_vfy_fact_begin(v, "generated as", by),
	    &k->gen->keygen.params);
	nf_vfy_fact_end(v);
	nf_vfy_fact_bytes(v, "ACL at generation", by, nf_vfy_keygen_acl_print,
	    k->key.mesg_gen);
}

/* Who vouches for whom.  An imported key has no certificates. */
static void
key_links(struct keyaudit *k)
{
	const char *klf = k->a->state.klf2 ? "KLF2" : "KLF";
	struct nf_vfy_verdict *v = k->a->v;

	if (!nf_km_key_certified(&k->key)) {
		nf_vfy_link(v, "root", "key", NF_VFY_ROOT_CHECK);
		return;
	}
	nf_vfy_link(v, "root", klf, NF_VFY_ROOT_CHECK);
	nf_vfy_link(v, klf, "module state", "key.state");
	nf_vfy_link(v, "module state", "KML", "key.kml");
	nf_vfy_link(v, "KML", "generation certificate", "key.keygen");
	nf_vfy_link(v, "generation certificate", "key", "key.keyhash");
}

static int
key_audit(struct audit *a, struct nf_diag *diag)
{
	struct keyaudit k;
	int r;

	memset(&k, 0, sizeof(k));
	k.a = a;
	if ((r = nf_km_key_read(a->file, &k.key, diag)) != 0)
		return r;
	/* else a KEK package without its region would pass as a key file */
	nf_vfy_add_bool(a->v, "key.entries", "entries of a key file",
	    !nf_km_file_has(a->file, NF_ENT_SW_ROOTCHAIN),
	    "there is a chain to a root, which only packages have");
	place(a, a->file->bytes);
	check_pubblob(&k);
	check_certs(&k);
	r = check_root(a, diag);
	key_links(&k);
	facts_key(&k);
	facts_module(a);
	nf_modcert_free(k.gen);
	nf_buf_wipe(&k.plain);
	return r;
}

/* ---- world files ---- */

struct worldkeys {
	uint8_t hknso[NF_HASH_LEN], hkm[NF_HASH_LEN], hkmc[NF_HASH_LEN];
	uint8_t hkre[NF_HASH_LEN], hkra[NF_HASH_LEN], hkfips[NF_HASH_LEN];
	struct nf_view knso, kmc, kre, kra, cert_km, cert_fips, cert_kre;
	const struct nf_suite *suite;
};

static int
world_read(struct audit *a, struct worldkeys *w, struct nf_diag *diag)
{
	struct nf_view suite;
	struct nf_cur cur;
	int r;

	if ((r = hash_get(a, NF_ENT_HASH_KNSO, w->hknso, diag)) != 0 ||
	    (r = hash_get(a, NF_ENT_HASH_KM, w->hkm, diag)) != 0 ||
	    (r = hash_get(a, NF_ENT_HASH_KMC, w->hkmc, diag)) != 0 ||
	    (r = nf_km_file_one(a->file, NF_ENT_BLOBPUB_KNSO, &w->knso,
	    diag)) != 0 ||
	    (r = nf_km_file_one(a->file, NF_ENT_BLOBPUB_KMC, &w->kmc,
	    diag)) != 0 ||
	    (r = nf_km_file_opt(a->file, NF_ENT_CERT_KM_KMC_B_KNSO,
	    &w->cert_km, diag)) != 0 ||
	    (r = nf_km_file_opt(a->file, NF_ENT_CERT_KM_KMC_KFIPS_B_KNSO,
	    &w->cert_fips, diag)) != 0 ||
	    (r = nf_km_file_opt(a->file, NF_ENT_CERT_KRE_KRA_B_KNSO,
	    &w->cert_kre, diag)) != 0 ||
	    (r = nf_km_file_opt(a->file, NF_ENT_BLOBPUB_KRE, &w->kre,
	    diag)) != 0 ||
	    (r = nf_km_file_opt(a->file, NF_ENT_BLOBPUB_KRA, &w->kra,
	    diag)) != 0 ||
	    (r = nf_km_file_one(a->file, NF_ENT_CIPHER_SUITE, &suite,
	    diag)) != 0)
		return r;
	if ((w->cert_km.p != NULL) == (w->cert_fips.p != NULL))
		return nf_diag_set(diag, NF_E_FORMAT, "CertKMaKMCbKNSO",
		    "beside CertKMaKMCaKFIPSbKNSO");
	if (w->cert_fips.p != NULL &&
	    (r = hash_get(a, NF_ENT_HASH_KFIPS, w->hkfips, diag)) != 0)
		return r;
	if (w->cert_kre.p != NULL &&
	    ((r = hash_get(a, NF_ENT_HASH_KRE, w->hkre, diag)) != 0 ||
	    (r = hash_get(a, NF_ENT_HASH_KRA, w->hkra, diag)) != 0))
		return r;
	nf_cur_init(&cur, suite.p, suite.len, diag);
	w->suite = nf_suite_numbered(nf_cur_u32(&cur, "CipherSuite"));
	if ((r = nf_cur_end(&cur, "CipherSuite")) == 0 && w->suite == NULL)
		r = nf_cur_fail(&cur, NF_E_FORMAT, "CipherSuite",
		    "not a known suite");
	return r;
}

static void
check_knso_text(struct audit *a, const char *id, const char *title,
    const struct nf_vfy_key *knso, struct nf_buf *msg, struct nf_view text)
{
	struct nf_diag d = { 0 };
	int r;

	if (knso == NULL) {
		nf_vfy_add_unchecked(a->v, id, title);
		return;
	}
	if ((r = nf_buf_err(msg)) == 0)
		r = nf_vfy_sigtext_verify(knso, nf_buf_view(msg), text, &d);
	(void)nf_vfy_add_result(a->v, id, title, r, &d, NULL);
	place(a, text);
}

/*
 * What KNSO certified of recovery, and the keys themselves: recovery blobs
 * are made under the KRE of the file.  Hashes without their certificate prove
 * nothing, and neither does a file without them.
 */
static void
check_recovery(struct audit *a, const struct worldkeys *w,
    const struct nf_vfy_key *knso)
{
	static const char title[] = "recovery keys under KNSO";
	struct nf_buf msg = NF_BUF_INIT;
	const struct nf_vfy_key *key;

	if (w->cert_kre.p == NULL) {
		if (w->kre.p != NULL || w->kra.p != NULL ||
		    nf_km_file_has(a->file, NF_ENT_HASH_KRE) ||
		    nf_km_file_has(a->file, NF_ENT_HASH_KRA))
			nf_vfy_add(a->v, "world.recovery", title,
			    NF_VFY_UNKNOWN, "there are such keys, and no "
			    "certificate of them");
		else
			nf_vfy_add(a->v, "world.recovery", title, NF_VFY_NA,
			    "a world without key recovery");
		return;
	}
	if (w->kre.p != NULL)
		check_blobhash(a, "world.kre",
		    "KRE public blob against its hash", w->kre, w->hkre,
		    &key);
	if (w->kra.p != NULL)
		check_blobhash(a, "world.kra",
		    "KRA public blob against its hash", w->kra, w->hkra,
		    &key);
	nf_wire_cardrecovery_msg(&msg, w->hknso, w->hkre, w->hkra);
	check_knso_text(a, "world.recovery", title, knso, &msg, w->cert_kre);
	nf_buf_wipe(&msg);
}

static int
world_audit(struct audit *a, struct nf_diag *diag)
{
	const struct nf_vfy_key *knso, *kmc;
	struct nf_buf msg = NF_BUF_INIT;
	struct worldkeys w;
	const char *by;
	int r;

	memset(&w, 0, sizeof(w));
	if ((r = world_read(a, &w, diag)) != 0)
		return r;
	check_blobhash(a, "world.kmc", "KMC public blob against its hash",
	    w.kmc, w.hkmc, &kmc);
	check_blobhash(a, "world.knso", "KNSO public blob against its hash",
	    w.knso, w.hknso, &knso);
	if (w.cert_fips.p != NULL)
		nf_vfy_fips_msg(&msg, w.suite->name, w.hknso, w.hkm, w.hkmc,
		    w.hkfips);
	else
		nf_wire_modulekeys_msg(&msg, w.suite->name, w.hknso, w.hkm,
		    w.hkmc);
	check_knso_text(a, "world.modulekeys", "module keys under KNSO", knso,
	    &msg, w.cert_fips.p != NULL ? w.cert_fips : w.cert_km);
	nf_buf_wipe(&msg);
	check_recovery(a, &w, knso);
	r = check_root(a, diag);
	nf_vfy_link(a->v, "root", "KNSO", NF_VFY_ROOT_CHECK);
	nf_vfy_link(a->v, "KNSO", "module keys", "world.modulekeys");
	nf_vfy_link(a->v, "KNSO", "recovery keys", "world.recovery");
	by = nf_vfy_passed(a->v, "world.modulekeys") ? "KNSO" : NULL;
	fact_hash(a, "HKNSO", NULL, w.hknso);
	fact_hash(a, "HKM", by, w.hkm);
	fact_hash(a, "HKMC", by, w.hkmc);
	nf_vfy_fact(a->v, "cipher suite", by, "%s", w.suite->name);
	nf_vfy_fact(a->v, "world is FIPS 140 level 3", by, "%s",
	    w.cert_fips.p != NULL ? "yes" : "no");
	if (w.cert_kre.p != NULL)
		fact_hash(a, "HKRE", nf_vfy_passed(a->v, "world.recovery") ?
		    "KNSO" : NULL, w.hkre);
	return r;
}

/* ---- module files ---- */

static int
module_audit(struct audit *a, struct nf_diag *diag)
{
	static const char title[] = "entries against the state certificate";
	uint8_t hknso[NF_HASH_LEN], hkml[NF_HASH_LEN];
	struct nf_view esn, blob, msg, sig;
	const struct nf_vfy_key *kml;
	const struct nf_state_cert *s;
	const char *by;
	int r;

	if ((r = hash_get(a, NF_ENT_HASH_KNSO, hknso, diag)) != 0 ||
	    (r = hash_get(a, NF_ENT_HASH_KML, hkml, diag)) != 0 ||
	    (r = nf_km_file_one(a->file, NF_ENT_ESN_MODULE, &esn,
	    diag)) != 0 ||
	    (r = nf_km_file_one(a->file, NF_ENT_BLOBPUB_KML, &blob,
	    diag)) != 0 ||
	    (r = nf_km_file_one(a->file, NF_ENT_MESG_MODULE_STATE, &msg,
	    diag)) != 0 ||
	    (r = nf_km_file_one(a->file, NF_ENT_CERT_MODULE_STATE, &sig,
	    diag)) != 0)
		return r;
	check_state(a, "module.state", msg, sig);
	check_blobhash(a, "module.kml", "KML public blob against its hash",
	    blob, hkml, &kml);
	s = a->state.state;
	if (s == NULL)
		nf_vfy_add_unchecked(a->v, "module.entries", title);
	else
		nf_vfy_add_bool(a->v, "module.entries", title,
		    nf_view_equal(esn, s->esn) &&
		    memcmp(hkml, a->state.kml->hash, NF_HASH_LEN) == 0 &&
		    memcmp(hknso, s->hknso, NF_HASH_LEN) == 0,
		    "ESN, KML or HKNSO differ");
	place(a, esn);
	nf_vfy_add(a->v, "module.kml-esn", "certificate of KMC over KML and "
	    "ESN", NF_VFY_UNKNOWN, "KMC is not in the file");
	r = check_root(a, diag);
	by = a->state.klf2 ? "KLF2" : "KLF";
	nf_vfy_link(a->v, "root", by, NF_VFY_ROOT_CHECK);
	nf_vfy_link(a->v, by, "module state", "module.state");
	nf_vfy_link(a->v, "module state", "KML", "module.kml");
	nf_vfy_link(a->v, "module state", "module file", "module.entries");
	facts_module(a);
	return r;
}

int
nf_vfy_km_check(struct nf_vfy_ctx *ctx, const struct nf_km_file *file,
    const struct nf_vfy_options *opt, struct nf_vfy_verdict *verdict,
    struct nf_diag *diag)
{
	enum nf_vfy_kmkind kind = nf_vfy_km_kind(file);
	struct audit a;
	int r;

	memset(&a, 0, sizeof(a));
	a.ctx = ctx;
	a.v = verdict;
	a.opt = opt;
	a.file = file;
	verdict->simulated = nf_km_file_has(file, NF_ENT_SW_MARK);
	for (uint32_t i = 0; i < file->n; i++) {
		if (file->entry[i].type == NF_ENT_SW_MARK)
			nf_vfy_seed_claim(verdict, file->entry[i].data);
	}
	switch (kind) {
	case NF_VFY_KM_KEY:
		r = key_audit(&a, diag);
		break;
	case NF_VFY_KM_WORLD:
		r = world_audit(&a, diag);
		break;
	case NF_VFY_KM_MODULE:
		r = module_audit(&a, diag);
		break;
	case NF_VFY_KM_CARDSET:
	case NF_VFY_KM_CARD:
	case NF_VFY_KM_SOFTCARD:
		r = nf_vfy_km_token_check(file, kind, verdict, diag);
		break;
	default:
		r = nf_diag_set(diag, NF_E_UNANCHORED, NULL, "a KM datafile "
		    "with nothing in it that could be verified");
		break;
	}
	nf_vfy_state_wipe(&a.state);
	if (r == 0 && (r = verdict->err) != 0 && diag != NULL &&
	    diag->code == 0)
		*diag = verdict->diag;
	return r;
}
