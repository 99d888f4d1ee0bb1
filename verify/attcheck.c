/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The audit of an attestation bundle, see attcheck.h.  Each function makes
 * one group of steps; a step that needs another one that failed is "unknown".
 */
#include "config.h"

#include <string.h>

#include "nfast/base/pkey.h"
#include "nfast/kmdata/attbundle.h"
#include "nfast/kmdata/sigtext.h"
#include "nfast/wire/cipher.h"
#include "nfast/wire/worldmsg.h"
#include "verify/attacl.h"
#include "verify/attcheck.h"
#include "verify/fipsmsg.h"
#include "verify/genfit.h"
#include "verify/warrant.h"

#define TITLE_MSCV1	"module state signature under the warrant's KLF2"
#define TITLE_MSCV2	"module state certificate and its KML"
#define TITLE_MSCV3	"ESN against the warrant"
#define TITLE_MSCV4	"knsopub against the module state's HKNSO"
#define TITLE_MSCV5	"hkm among the module's keys"
#define TITLE_WBCV2	"module keys under KNSO"
#define TITLE_WBCV5	"recovery keys under KNSO"
#define TITLE_KGCV1	"key-generation signature under KML"
#define TITLE_KGCV2	"key-generation certificate and the key"
#define NO_WORLD	"a key of one session"

/* What the steps of one bundle share. */
struct audit {
	struct nf_vfy_ctx *ctx;
	struct nf_vfy_verdict *v;
	const struct nf_vfy_options *opt;
	struct nf_att att;
	struct nf_keydata pub;
	uint8_t hash[NF_HASH_LEN];	/* of pub */
	bool has_world;			/* the fields of a persistent key */
	struct nf_keydata knso;
	uint8_t hkm[NF_HASH_LEN], hkmc[NF_HASH_LEN], hkfips[NF_HASH_LEN];
	uint8_t hkre[NF_HASH_LEN], hkra[NF_HASH_LEN];
	struct nf_cipher kcsig, statesig, kmsig, kresig;
	struct nf_vfy_warrant warrant;
	bool has_warrant;		/* verified */
	struct nf_vfy_state state;	/* cert NULL unless verified */
	struct nf_modcert *gen;		/* NULL unless verified */
};

/* ---- reading: all fields, before anything is verified ---- */

static int
read_key(struct audit *a, enum nf_att_field f, struct nf_keydata *out,
    struct nf_diag *diag)
{
	struct nf_view v = a->att.field[f];
	struct nf_cur cur;
	int r;

	nf_cur_init(&cur, v.p, v.len, diag);
	nf_wire_keydata_read(&cur, out);
	if ((r = nf_cur_end(&cur, nf_att_name(f))) == 0 &&
	    nf_wire_keykind(out->type) != NF_KIND_PUBLIC)
		r = nf_cur_fail(&cur, NF_E_FORMAT, nf_att_name(f),
		    "not a public key");
	if (r != 0)
		nf_diag_where(diag, "%s", nf_att_name(f));
	return r;
}

static int
read_sig(struct audit *a, enum nf_att_field f, struct nf_cipher *out,
    struct nf_diag *diag)
{
	struct nf_view v = a->att.field[f];
	struct nf_cur cur;
	int r;

	if (v.p == NULL)
		return 0;
	nf_cur_init(&cur, v.p, v.len, diag);
	nf_wire_cipher_read(&cur, out);
	if ((r = nf_cur_end(&cur, nf_att_name(f))) == 0 &&
	    nf_wire_sigmech(out->mech) == NULL)
		r = nf_cur_fail(&cur, NF_E_FORMAT, nf_att_name(f),
		    "mechanism %u does not sign", out->mech);
	if (r != 0)
		nf_diag_where(diag, "%s", nf_att_name(f));
	return r;
}

static int
read_hash(struct audit *a, enum nf_att_field f,
    uint8_t out[static NF_HASH_LEN], struct nf_diag *diag)
{
	struct nf_view v = a->att.field[f];
	struct nf_hashex h;
	struct nf_cur cur;
	int r;

	if (v.p == NULL)
		return 0;
	nf_cur_init(&cur, v.p, v.len, diag);
	nf_wire_hashex_read(&cur, nf_att_name(f), &h);
	if ((r = nf_cur_end(&cur, nf_att_name(f))) == 0 &&
	    h.mech != NF_MECH_SHA1HASH)
		r = nf_cur_fail(&cur, NF_E_FORMAT, nf_att_name(f),
		    "hash mechanism %u, only SHA-1 is supported", h.mech);
	if (r == 0)
		memcpy(out, h.hash, NF_HASH_LEN);
	return r;
}

static int
read_fields(struct audit *a, struct nf_diag *diag)
{
	int r;

	a->has_world = a->att.field[NF_ATT_KNSOPUB].p != NULL;
	if ((r = read_key(a, NF_ATT_PUBKEYDATA, &a->pub, diag)) != 0 ||
	    (r = nf_vfy_pub_sound(&a->pub, diag)) != 0 ||
	    (r = nf_wire_keyhash(&a->pub, a->hash, diag)) != 0) {
		nf_diag_where(diag, "%s", nf_att_name(NF_ATT_PUBKEYDATA));
		return r;
	}
	if (a->has_world &&
	    (r = read_key(a, NF_ATT_KNSOPUB, &a->knso, diag)) != 0)
		return r;
	if ((r = read_sig(a, NF_ATT_KCSIG, &a->kcsig, diag)) != 0 ||
	    (r = read_sig(a, NF_ATT_MODSTATESIG, &a->statesig, diag)) != 0 ||
	    (r = read_sig(a, a->att.field[NF_ATT_CERT_KM].p != NULL ?
	    NF_ATT_CERT_KM : NF_ATT_CERT_FIPS, &a->kmsig, diag)) != 0 ||
	    (r = read_sig(a, NF_ATT_CERT_KRE, &a->kresig, diag)) != 0 ||
	    (r = read_hash(a, NF_ATT_HKM, a->hkm, diag)) != 0 ||
	    (r = read_hash(a, NF_ATT_HKMC, a->hkmc, diag)) != 0 ||
	    (r = read_hash(a, NF_ATT_HKFIPS, a->hkfips, diag)) != 0 ||
	    (r = read_hash(a, NF_ATT_HKRE, a->hkre, diag)) != 0)
		return r;
	return read_hash(a, NF_ATT_HKRA, a->hkra, diag);
}

/* ---- the steps ---- */

static void
place(struct audit *a, enum nf_att_field f)
{
	nf_vfy_place(a->v, nf_att_name(f), 0, a->att.field[f].len);
}

/* WV1 and the root. */
static int
check_warrant(struct audit *a, struct nf_diag *diag)
{
	static const char root[] = "root is an accepted one";
	struct nf_view name = a->att.field[NF_ATT_ROOT];
	struct nf_diag d = { 0 };
	int r;

	nf_vfy_seed_claim(a->v, a->att.field[NF_ATT_WARRANT]);
	r = nf_vfy_warrant_open(a->ctx, a->att.field[NF_ATT_WARRANT],
	    a->opt->kwarn, &a->warrant, &d);
	if (r == NF_E_FORMAT) {
		nf_diag_where(&d, "%s", nf_att_name(NF_ATT_WARRANT));
		if (diag != NULL)
			*diag = d;
		return r;
	}
	if (r == 0 && !nf_view_equal(name, a->warrant.root_name))
		r = nf_diag_set(&d, NF_E_MISMATCH, "root",
		    "the field names another root than the warrant");
	(void)nf_vfy_add_result(a->v, "WV1",
	    "warrant chain from an accepted root to the module", r, &d, NULL);
	place(a, NF_ATT_WARRANT);
	if (r != 0) {
		nf_vfy_add(a->v, NF_VFY_ROOT_CHECK, root, NF_VFY_FAIL,
		    "no accepted root vouches for the module");
		place(a, NF_ATT_WARRANT);
		return 0;
	}
	a->has_warrant = true;
	a->v->has_root = true;
	a->v->simulated = a->warrant.simulated;
	memcpy(a->v->root, a->warrant.root, NF_HASH_LEN);
	nf_vfy_addf(a->v, NF_VFY_ROOT_CHECK, root, NF_VFY_PASS, "%.*s",
	    (int)name.len, (const char *)name.p);
	place(a, NF_ATT_ROOT);
	return 0;
}

/* The text of a signature, which is what the chain's readers take. */
static int
sigtext(const struct nf_cipher *c, struct nf_buf *out, struct nf_diag *diag)
{
	struct nf_view r = nf_le_trim(c->v[0]), s = nf_le_trim(c->v[1]);
	struct nf_km_sig sig;

	memset(&sig, 0, sizeof(sig));
	if (r.len > sizeof(sig.r) || s.len > sizeof(sig.s))
		return nf_diag_set(diag, NF_E_VERIFY, "signature",
		    "numbers are too large");
	sig.mech = c->mech;
	sig.r_len = r.len;
	sig.s_len = s.len;
	if (r.len > 0)
		memcpy(sig.r, r.p, r.len);
	if (s.len > 0)
		memcpy(sig.s, s.p, s.len);
	nf_km_sig_write(out, &sig);
	if (nf_buf_err(out) == NF_E_INTERNAL)
		return nf_diag_set(diag, NF_E_VERIFY, "signature",
		    "not one that signs certificates");
	return nf_buf_err(out);
}

/* The certificate is good; is its signer the warrant's KLF2? */
static int
signer_check(const struct audit *a, struct nf_diag *diag)
{
	const struct nf_keydata *due = &a->warrant.klf2;
	const struct nf_keydata *is = &a->state.klf->key;

	if (!a->has_warrant)
		return nf_diag_set(diag, NF_E_VERIFY, "KLF2",
		    "no warrant vouches for it");
	if (!a->state.klf2 || is->type != due->type ||
	    is->curve != due->curve ||
	    nf_le_cmp(is->v[NF_ECPUB_X], due->v[NF_ECPUB_X]) != 0 ||
	    nf_le_cmp(is->v[NF_ECPUB_Y], due->v[NF_ECPUB_Y]) != 0)
		return nf_diag_set(diag, NF_E_VERIFY, "KLF2",
		    "signed by another key than the warrant's");
	return 0;
}

/* Two steps of one verification: a fault is of the signature or the rest. */
static void
add_pair(struct audit *a, const char *sig_id, const char *sig_title,
    const char *id, const char *title, int r, const struct nf_diag *d,
    enum nf_att_field f)
{
	if (r != 0 && r != NF_E_VERIFY)
		nf_vfy_add_unchecked(a->v, sig_id, sig_title);
	else
		(void)nf_vfy_add_result(a->v, sig_id, sig_title, r, d, NULL);
	place(a, f);
	if (r == NF_E_VERIFY)
		nf_vfy_add_unchecked(a->v, id, title);
	else
		(void)nf_vfy_add_result(a->v, id, title, r, d, NULL);
	place(a, f);
}

static void
check_state(struct audit *a)
{
	struct nf_buf text = NF_BUF_INIT;
	struct nf_diag d = { 0 };
	int r;

	if ((r = sigtext(&a->statesig, &text, &d)) == 0)
		r = nf_vfy_state_open(a->ctx,
		    a->att.field[NF_ATT_MODSTATEMSG], nf_buf_view(&text),
		    &a->state, &d);
	if (r == 0)
		r = signer_check(a, &d);
	add_pair(a, "MSCV1", TITLE_MSCV1, "MSCV2", TITLE_MSCV2, r, &d,
	    NF_ATT_MODSTATEMSG);
	if (r != 0)
		nf_vfy_state_wipe(&a->state);
	nf_buf_wipe(&text);
}

/* knsopub is the key of the state's HKNSO. */
static int
knso_check(struct audit *a, struct nf_diag *diag)
{
	const struct nf_vfy_key *knso;
	int r;

	if ((r = nf_vfy_key(a->ctx, &a->knso, &knso, diag)) != 0)
		return r;
	if (memcmp(knso->hash, a->state.state->hknso, NF_HASH_LEN) != 0)
		return nf_diag_set(diag, NF_E_MISMATCH, "knsopub",
		    "not the key of HKNSO");
	return 0;
}

static void
check_module(struct audit *a)
{
	const struct nf_state_cert *s = a->state.state;
	struct nf_diag d = { 0 };

	if (s == NULL) {
		nf_vfy_add_unchecked(a->v, "MSCV3", TITLE_MSCV3);
		nf_vfy_add_unchecked(a->v, "MSCV4", TITLE_MSCV4);
		nf_vfy_add_unchecked(a->v, "MSCV5", TITLE_MSCV5);
		return;
	}
	nf_vfy_add_bool(a->v, "MSCV3", TITLE_MSCV3,
	    nf_view_equal(s->esn, a->warrant.esn),
	    "the module state is of another module");
	place(a, NF_ATT_MODSTATEMSG);
	if (!a->has_world) {
		nf_vfy_add(a->v, "MSCV4", TITLE_MSCV4, NF_VFY_NA, NO_WORLD);
		nf_vfy_add(a->v, "MSCV5", TITLE_MSCV5, NF_VFY_NA, NO_WORLD);
		return;
	}
	(void)nf_vfy_add_result(a->v, "MSCV4", TITLE_MSCV4,
	    knso_check(a, &d), &d, NULL);
	place(a, NF_ATT_KNSOPUB);
	nf_vfy_add_bool(a->v, "MSCV5", TITLE_MSCV5,
	    nf_state_has_km(s, a->hkm), "the module does not hold hkm");
	place(a, NF_ATT_HKM);
}

static void
check_knso_sig(struct audit *a, const char *id, const char *title,
    struct nf_buf *msg, const struct nf_cipher *sig, enum nf_att_field f)
{
	const struct nf_vfy_key *knso;
	struct nf_diag d = { 0 };
	int r;

	if ((r = nf_buf_err(msg)) == 0 &&
	    (r = nf_vfy_key(a->ctx, &a->knso, &knso, &d)) == 0) {
		if (knso->mech == 0)
			r = nf_diag_set(&d, NF_E_VERIFY, "knsopub",
			    "this kind of key signs no certificates");
		else
			r = nf_wire_sig_verify_by(&knso->key, knso->verifier,
			    knso->mech, nf_buf_view(msg), sig, &d);
	}
	(void)nf_vfy_add_result(a->v, id, title, r, &d, NULL);
	place(a, f);
}

/* The module-keys certificate; only with it hkm is to be trusted. */
static void
check_modulekeys(struct audit *a, bool fips)
{
	struct nf_view suite = a->att.field[NF_ATT_CIPHERSUITE];
	struct nf_buf name = NF_BUF_INIT, msg = NF_BUF_INIT;

	nf_buf_view_put(&name, suite);
	if (fips)
		nf_vfy_fips_msg(&msg, nf_buf_text(&name),
		    a->state.state->hknso, a->hkm, a->hkmc, a->hkfips);
	else
		nf_wire_modulekeys_msg(&msg, nf_buf_text(&name),
		    a->state.state->hknso, a->hkm, a->hkmc);
	nf_buf_fail_as(&msg, &name);
	check_knso_sig(a, "WBCV2", TITLE_WBCV2, &msg, &a->kmsig,
	    fips ? NF_ATT_CERT_FIPS : NF_ATT_CERT_KM);
	nf_buf_wipe(&msg);
	nf_buf_wipe(&name);
}

static void
check_recoverykeys(struct audit *a)
{
	struct nf_buf msg = NF_BUF_INIT;

	nf_wire_cardrecovery_msg(&msg, a->state.state->hknso, a->hkre,
	    a->hkra);
	check_knso_sig(a, "WBCV5", TITLE_WBCV5, &msg, &a->kresig,
	    NF_ATT_CERT_KRE);
	nf_buf_wipe(&msg);
}

static void
check_world(struct audit *a)
{
	static const char one[] = "one certificate for the module keys";
	static const char form[] = "its form is that of the world";
	static const char kre[] = "certificate for the recovery keys";
	bool fips = a->att.field[NF_ATT_CERT_FIPS].p != NULL;
	bool recovery = a->att.field[NF_ATT_CERT_KRE].p != NULL;

	if (!a->has_world) {
		nf_vfy_add(a->v, "WBCV1", one, NF_VFY_NA, NO_WORLD);
		nf_vfy_add(a->v, "WBCV2", TITLE_WBCV2, NF_VFY_NA, NO_WORLD);
		nf_vfy_add(a->v, "WBCV3", form, NF_VFY_NA, NO_WORLD);
	} else {
		nf_vfy_add(a->v, "WBCV1", one, NF_VFY_PASS,
		    nf_att_name(fips ? NF_ATT_CERT_FIPS : NF_ATT_CERT_KM));
		place(a, fips ? NF_ATT_CERT_FIPS : NF_ATT_CERT_KM);
		if (nf_vfy_passed(a->v, "MSCV4"))
			check_modulekeys(a, fips);
		else
			nf_vfy_add_unchecked(a->v, "WBCV2", TITLE_WBCV2);
		nf_vfy_add(a->v, "WBCV3", form, NF_VFY_PASS,
		    fips ? "FIPS 140 level 3" : "not FIPS 140 level 3");
		place(a, fips ? NF_ATT_CERT_FIPS : NF_ATT_CERT_KM);
	}
	if (!recovery) {
		nf_vfy_add(a->v, "WBCV4", kre, NF_VFY_NA, "none");
		nf_vfy_add(a->v, "WBCV5", TITLE_WBCV5, NF_VFY_NA, "none");
		return;
	}
	nf_vfy_add(a->v, "WBCV4", kre, NF_VFY_PASS, NULL);
	place(a, NF_ATT_CERT_KRE);
	if (nf_vfy_passed(a->v, "MSCV4"))
		check_recoverykeys(a);
	else
		nf_vfy_add_unchecked(a->v, "WBCV5", TITLE_WBCV5);
}

static void
check_keygen(struct audit *a)
{
	struct nf_buf text = NF_BUF_INIT;
	struct nf_diag d = { 0 };
	int r;

	if (a->state.cert == NULL) {
		nf_vfy_add_unchecked(a->v, "KGCV1", TITLE_KGCV1);
		nf_vfy_add_unchecked(a->v, "KGCV2", TITLE_KGCV2);
		return;
	}
	if ((r = sigtext(&a->kcsig, &text, &d)) == 0)
		r = nf_vfy_keygen_open(a->state.kml,
		    a->att.field[NF_ATT_KCMSG], nf_buf_view(&text), &a->gen,
		    &d);
	if (r == 0)
		r = nf_vfy_gen_fits(&a->gen->keygen, &a->pub, a->hash, &d);
	add_pair(a, "KGCV1", TITLE_KGCV1, "KGCV2", TITLE_KGCV2, r, &d,
	    NF_ATT_KCMSG);
	if (r != 0) {
		nf_modcert_free(a->gen);
		a->gen = NULL;
	}
	nf_buf_wipe(&text);
}

static void
check_acl(struct audit *a)
{
	struct nf_view msg = a->att.field[NF_ATT_KCMSG];
	size_t first = a->v->n_checks;
	struct nf_vfy_attworld w;

	if (a->gen == NULL) {
		nf_vfy_attacl_unchecked(a->v);
		return;
	}
	w.hknso = a->state.state->hknso;
	w.hkm = nf_vfy_passed(a->v, "WBCV2") &&
	    nf_vfy_passed(a->v, "MSCV5") ? a->hkm : NULL;
	w.hkre = nf_vfy_passed(a->v, "WBCV5") ? a->hkre : NULL;
	w.rsa = a->pub.type == NF_KEY_RSAPUBLIC;
	nf_vfy_attacl_check(a->v, a->gen->keygen.acl, &w, a->opt);
	nf_vfy_place_from(a->v, first, nf_att_name(NF_ATT_KCMSG), msg, msg);
}

/* ---- the facts ---- */

static void
fact_hash(struct audit *a, const char *name, const char *by,
    const uint8_t hash[static NF_HASH_LEN])
{
	nf_vfy_fact_hex(a->v, name, by, nf_view_of(hash, NF_HASH_LEN));
}

static void
facts_module(struct audit *a)
{
	const struct nf_vfy_state *s = &a->state;
	bool world = a->has_world && nf_vfy_passed(a->v, "WBCV2");

	if (a->has_warrant)
		nf_vfy_warrant_facts(a->v, &a->warrant);
	if (s->cert == NULL)
		return;
	fact_hash(a, "KLF2 hash", "warrant", s->klf->hash);
	fact_hash(a, "KML hash", "KLF2", s->kml->hash);
	fact_hash(a, "HKNSO", "KLF2", s->state->hknso);
	if (!a->has_world)
		return;
	fact_hash(a, "HKM", world ? "KNSO" : NULL, a->hkm);
	nf_vfy_fact_text(a->v, "cipher suite", world ? "KNSO" : NULL,
	    a->att.field[NF_ATT_CIPHERSUITE]);
	nf_vfy_fact(a->v, "world is FIPS 140 level 3",
	    world ? "KNSO" : NULL, "%s",
	    a->att.field[NF_ATT_CERT_FIPS].p != NULL ? "yes" : "no");
	if (a->att.field[NF_ATT_HKRE].p != NULL)
		fact_hash(a, "HKRE", nf_vfy_passed(a->v, "WBCV5") ? "KNSO" :
		    NULL, a->hkre);
}

static void
facts_key(struct audit *a)
{
	const char *by = a->gen != NULL ? "KML" : NULL;
	const char *name = nf_name_find(nf_wire_keytypes, a->pub.type);

	nf_vfy_fact(a->v, "key", by, "%s, %zu bits",
	    name == NULL ? "unknown" : name, nf_wire_keydata_bits(&a->pub));
	fact_hash(a, "key hash", by, a->hash);
	if (a->gen == NULL)
		return;
	nf_wire_genparams_print(nf_vfy_fact_begin(a->v, "generated as", by),
	    &a->gen->keygen.params);
	nf_vfy_fact_end(a->v);
	nf_vfy_fact_bytes(a->v, "ACL at generation", by,
	    nf_vfy_keygen_acl_print, a->att.field[NF_ATT_KCMSG]);
}

/* Who vouches for whom; a key of one session has no world. */
static void
links_add(struct audit *a)
{
	struct nf_vfy_verdict *v = a->v;

	nf_vfy_link(v, "accepted roots", "root", NF_VFY_ROOT_CHECK);
	nf_vfy_link(v, "root", "KLF2", "WV1");
	nf_vfy_link(v, "KLF2", "module state", "MSCV1");
	nf_vfy_link(v, "module state", "KML", "MSCV2");
	nf_vfy_link(v, "KML", "generation certificate", "KGCV1");
	nf_vfy_link(v, "generation certificate", "key", "KGCV2");
	if (!a->has_world)
		return;
	nf_vfy_link(v, "module state", "KNSO", "MSCV4");
	nf_vfy_link(v, "KNSO", "module keys", "WBCV2");
	if (a->att.field[NF_ATT_CERT_KRE].p != NULL)
		nf_vfy_link(v, "KNSO", "recovery keys", "WBCV5");
}

int
nf_vfy_att_check(struct nf_vfy_ctx *ctx, struct nf_view file,
    const struct nf_vfy_options *opt, struct nf_vfy_verdict *verdict,
    struct nf_diag *diag)
{
	struct audit a;
	int r;

	memset(&a, 0, sizeof(a));
	a.ctx = ctx;
	a.v = verdict;
	a.opt = opt;
	if ((r = nf_att_read(file, &a.att, diag)) != 0 ||
	    (r = read_fields(&a, diag)) != 0 ||
	    (r = check_warrant(&a, diag)) != 0)
		goto out;
	check_state(&a);
	check_module(&a);
	check_world(&a);
	check_keygen(&a);
	facts_module(&a);
	check_acl(&a);
	nf_vfy_add(verdict, "CSRL1", "pubkeydata is the key of a certificate "
	    "request", NF_VFY_NA, "no request was given");
	facts_key(&a);
	links_add(&a);
	if ((r = verdict->err) != 0 && diag != NULL && diag->code == 0)
		*diag = verdict->diag;
out:
	nf_modcert_free(a.gen);
	nf_vfy_state_wipe(&a.state);
	nf_att_wipe(&a.att);
	return r;
}
