/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "nfast/base/curve.h"
#include "tests/mutants/certs.h"
#include "tests/mutants/kmedit.h"

#define OTHER_ESN	"5EED-0000-0000"
#define UNKNOWN_ATTR	99
#define ATTRS_AT	8	/* their count in a state message */

/* Who signs what was changed. */
enum by { KEEP, OWN, OTHER, SWAPPED, FLIPPED, MAXED };

/* What an edit needs to know. */
struct edit {
	struct mut *m;
	const struct cert_host *host;
	struct nf_state_cert *state;
	struct nf_keygen_cert *gen;
};

struct row {
	const char *name;
	void (*edit)(struct edit *e);
	void (*raw)(struct edit *e, struct nf_buf *msg);
	enum by by;
	enum cert_role role;
	const char *about;
};

static void
attr_set(struct nf_attr_key *attr, const struct nf_mod_key *key)
{
	memcpy(attr->hash, key->hash, NF_HASH_LEN);
	attr->key = key->pub;
	attr->mech = nf_wire_cert_mech(&key->pub);
}

static struct nf_attr_key *
klf_of(struct nf_state_cert *s)
{
	return nf_state_has(s, NF_ATTR_KLF2) ? &s->klf2 : &s->klf;
}

/* ---- edits of a state ---- */

static void
esn(struct edit *e)
{
	e->state->esn = mut_text(OTHER_ESN);
}

static void
esn_junk(struct edit *e)
{
	e->state->esn = mut_text("5EED\033[2J");
}

static void
knso(struct edit *e)
{
	e->state->hknso[0] ^= 1;
}

static void
perms(struct edit *e)
{
	e->state->publicperms ^= 1;
}

static void
km_hash(struct edit *e)
{
	for (uint32_t i = 0; i < e->state->n_kms; i++)
		e->state->km[i].hash[0] ^= 1;
}

static void
km_short(struct edit *e)
{
	e->state->n_kms--;
}

static void
kml(struct edit *e)
{
	attr_set(&e->state->kml, e->host->other_kml);
}

static void
klf(struct edit *e)
{
	attr_set(klf_of(e->state), e->host->other_klf);
}

static void
kml_hash(struct edit *e)
{
	e->state->kml.hash[0] ^= 1;
}

static void
klf_hash(struct edit *e)
{
	klf_of(e->state)->hash[0] ^= 1;
}

static void
kml_mech(struct edit *e)
{
	e->state->kml.mech = NF_MECH_ECDSA;
}

static void
kml_is_klf(struct edit *e)
{
	e->state->kml = *klf_of(e->state);
}

static void
klf_twice(struct edit *e)
{
	e->state->klf = e->state->klf2 = *klf_of(e->state);
	e->state->present |= 1u << NF_ATTR_KLF | 1u << NF_ATTR_KLF2;
}

static void
klf_kind(struct edit *e)
{
	attr_set(klf_of(e->state), e->m->other[nf_state_has(e->state,
	    NF_ATTR_KLF2) ? MUT_DSA_1024 : MUT_P521]);
}

#define WITHOUT(name, tag)			\
static void					\
name(struct edit *e)				\
{						\
	e->state->present &= ~(1u << (tag));	\
}

WITHOUT(no_esn, NF_ATTR_ESN)
WITHOUT(no_kml, NF_ATTR_KML)
WITHOUT(no_knso, NF_ATTR_KNSO)
WITHOUT(no_kmlist, NF_ATTR_KMLIST)

static void
no_klf(struct edit *e)
{
	e->state->present &= ~(1u << NF_ATTR_KLF | 1u << NF_ATTR_KLF2);
}

static void
esn_twice(struct edit *e, struct nf_buf *msg)
{
	static const uint8_t text[16] = OTHER_ESN;

	(void)e;
	msg->p[ATTRS_AT]++;
	nf_buf_u32(msg, NF_ATTR_ESN);
	nf_buf_u32(msg, sizeof(OTHER_ESN));
	nf_buf_put(msg, text, sizeof(text));
}

static void
attr_unknown(struct edit *e, struct nf_buf *msg)
{
	(void)e;
	msg->p[ATTRS_AT]++;
	nf_buf_u32(msg, UNKNOWN_ATTR);
	nf_buf_u32(msg, 0);
}

static void
trailing(struct edit *e, struct nf_buf *msg)
{
	(void)e;
	nf_buf_u32(msg, 0);
}

/* The other certificate in place of this one. */
static void
other_type(struct edit *e, struct nf_buf *msg)
{
	struct nf_view v = e->gen == NULL ? e->host->certs.gen :
	    e->host->certs.state;

	nf_buf_wipe(msg);
	nf_buf_view_put(msg, v);
}

/* ---- edits of a generation certificate ---- */

static void
gen_size(struct edit *e)
{
	e->gen->params.len = e->gen->params.type == NF_KEY_RSAPRIVATE ?
	    3072 : 16;
}

static void
gen_kind(struct edit *e)
{
	struct nf_genparams *p = &e->gen->params;
	bool rsa = p->type == NF_KEY_RSAPRIVATE;

	memset(p, 0, sizeof(*p));
	p->type = rsa ? NF_KEY_ECDSAPRIVATE : NF_KEY_RANDOM;
	p->curve = rsa ? NF_EC_P256 : 0;
	p->len = rsa ? 0 : 32;
}

static void
gen_acl(struct edit *e)
{
	e->gen->acl->group[0].action[0].flags ^= NF_PERM_SIGN;
}

static void
gen_hash(struct edit *e)
{
	e->gen->keyhash[0] ^= 1;
}

static void
gen_group(struct edit *e)
{
	e->gen->acl->group[0].flags |= 1u << 31;
}

static const struct row state_rows[] = {
	{ "wrong_state_esn", esn, NULL, KEEP, ROLE_STATE_SIG,
	    "the ESN in the module state was changed after signing" },
	{ "wrong_state_knso", knso, NULL, KEEP, ROLE_STATE_SIG,
	    "HKNSO in the module state was changed after signing" },
	{ "wrong_state_publicperms", perms, NULL, KEEP, ROLE_STATE_SIG,
	    "the public permissions in the module state were changed after "
	    "signing" },
	{ "wrong_state_kmlist", km_hash, NULL, KEEP, ROLE_STATE_SIG,
	    "the module keys in the module state were changed after "
	    "signing" },
	{ "short_state_kmlist", km_short, NULL, KEEP, ROLE_STATE_SIG,
	    "a module key was taken out of the module state after signing" },
	{ "wrong_state_kml", kml, NULL, KEEP, ROLE_STATE_SIG,
	    "another KML was put into the module state after signing" },
	{ "wrong_state_klf", klf, NULL, KEEP, ROLE_STATE_SIG,
	    "another KLF was put into the module state after signing" },
	{ "wrong_state_signature", NULL, NULL, FLIPPED, ROLE_STATE_SIG,
	    "one bit of the module state's signature is another" },
	{ "swapped_state_signature_r_s", NULL, NULL, SWAPPED,
	    ROLE_STATE_SIG,
	    "r and s of the module state's signature changed places" },
	{ "max_state_signature_r", NULL, NULL, MAXED, ROLE_STATE_SIG,
	    "r of the module state's signature is the largest number of its "
	    "length" },
	{ "wrong_state_signer", NULL, NULL, OTHER, ROLE_STATE_SIG,
	    "the module state was signed by another key than the KLF in "
	    "it" },
	{ "no_state_esn_signed", no_esn, NULL, OWN, ROLE_STATE,
	    "the signed module state has no ESN" },
	{ "no_state_kml_signed", no_kml, NULL, OWN, ROLE_STATE,
	    "the signed module state has no KML" },
	{ "no_state_klf_signed", no_klf, NULL, OWN, ROLE_STATE,
	    "the signed module state has no KLF" },
	{ "no_state_knso_signed", no_knso, NULL, OWN, ROLE_STATE,
	    "the signed module state has no HKNSO" },
	{ "no_state_kmlist_signed", no_kmlist, NULL, OWN, ROLE_STATE,
	    "the signed module state has no list of module keys" },
	{ "wrong_state_kml_hash_signed", kml_hash, NULL, OWN, ROLE_STATE,
	    "the hash beside the KML in the signed module state is another "
	    "key's" },
	{ "wrong_state_klf_hash_signed", klf_hash, NULL, OWN, ROLE_STATE,
	    "the hash beside the KLF in the signed module state is another "
	    "key's" },
	{ "wrong_state_kml_mech_signed", kml_mech, NULL, OWN, ROLE_STATE,
	    "the signed module state names a mechanism that its KML does "
	    "not sign with" },
	{ "swapped_state_kml_klf_signed", kml_is_klf, NULL, OWN, ROLE_STATE,
	    "the KML of the signed module state is its KLF" },
	{ "duplicate_state_klf_signed", klf_twice, NULL, OWN, ROLE_STATE,
	    "the signed module state has a KLF and a KLF2" },
	{ "wrong_state_klf_kind_signed", klf_kind, NULL, OWN, ROLE_STATE,
	    "the KLF of the signed module state is of the other "
	    "generation" },
	{ "junk_state_esn_signed", esn_junk, NULL, OWN, ROLE_STATE,
	    "the ESN in the signed module state has characters that are "
	    "not printable" },
	{ "duplicate_state_esn_signed", NULL, esn_twice, OWN, ROLE_STATE,
	    "the signed module state has two ESNs" },
	{ "unknown_state_attribute_signed", NULL, attr_unknown, OWN,
	    ROLE_STATE,
	    "the signed module state has an attribute that is not known" },
	{ "trailing_state_signed", NULL, trailing, OWN, ROLE_STATE,
	    "four more bytes follow the signed module state, and were "
	    "signed" },
	{ "wrong_state_type_signed", NULL, other_type, OWN, ROLE_STATE,
	    "what the KLF signed is no module state but a generation "
	    "certificate" },
	{ "wrong_state_esn_signed", esn, NULL, OWN, ROLE_ESN,
	    "the module state, rightly signed, is of another ESN" },
	{ "wrong_state_kml_signed", kml, NULL, OWN, ROLE_KML,
	    "the module state, rightly signed, is of another KML" },
	{ "wrong_state_klf_signed", klf, NULL, OTHER, ROLE_KLF,
	    "the module state names a KLF that nobody vouches for, which "
	    "signed it" },
	{ "wrong_state_knso_signed", knso, NULL, OWN, ROLE_KNSO,
	    "the module state, rightly signed, is of a module in another "
	    "world" },
	{ "wrong_state_kmlist_signed", km_hash, NULL, OWN, ROLE_KMLIST,
	    "the module state, rightly signed, is of a module without the "
	    "world's key" }
};

static const struct row gen_rows[] = {
	{ "wrong_gen_size", gen_size, NULL, KEEP, ROLE_GEN_SIG,
	    "the key's size in the generation certificate was changed after "
	    "signing" },
	{ "wrong_gen_acl", gen_acl, NULL, KEEP, ROLE_GEN_SIG,
	    "the ACL in the generation certificate was changed after "
	    "signing" },
	{ "wrong_gen_keyhash", gen_hash, NULL, KEEP, ROLE_GEN_SIG,
	    "the key's hash in the generation certificate was changed after "
	    "signing" },
	{ "wrong_gen_signature", NULL, NULL, FLIPPED, ROLE_GEN_SIG,
	    "one bit of the generation certificate's signature is "
	    "another" },
	{ "swapped_gen_signature_r_s", NULL, NULL, SWAPPED, ROLE_GEN_SIG,
	    "r and s of the generation certificate's signature changed "
	    "places" },
	{ "max_gen_signature_r", NULL, NULL, MAXED, ROLE_GEN_SIG,
	    "r of the generation certificate's signature is the largest "
	    "number of its length" },
	{ "wrong_gen_signer", NULL, NULL, OTHER, ROLE_GEN_SIG,
	    "the generation certificate was signed by another key than the "
	    "KML" },
	{ "trailing_gen_signed", NULL, trailing, OWN, ROLE_GEN,
	    "four more bytes follow the generation certificate, and were "
	    "signed" },
	{ "wrong_gen_type_signed", NULL, other_type, OWN, ROLE_GEN,
	    "what the KML signed is no generation certificate but a module "
	    "state" },
	{ "wrong_gen_size_signed", gen_size, NULL, OWN, ROLE_GEN,
	    "the generation certificate, rightly signed, is of a key of "
	    "another size" },
	{ "wrong_gen_kind_signed", gen_kind, NULL, OWN, ROLE_GEN,
	    "the generation certificate, rightly signed, is of another kind "
	    "of key" },
	{ "unknown_gen_group_flag_signed", gen_group, NULL, OWN, ROLE_GEN,
	    "the ACL in the generation certificate has a group flag that is "
	    "not known" },
	{ "wrong_gen_keyhash_signed", gen_hash, NULL, OWN, ROLE_KEYHASH,
	    "the generation certificate, rightly signed, is of another "
	    "key" }
};

void
certs_keys(struct mut *m, struct cert_host *h,
    const struct mut_module *module, bool klf2, bool dsa_3072)
{
	h->klf = klf2 ? module->klf2 : module->klf;
	h->kml = module->kml;
	h->other_klf = m->other[klf2 ? MUT_P521 : MUT_DSA_1024];
	h->other_kml = m->other[dsa_3072 ? MUT_DSA_3072 : MUT_DSA_1024];
}

void
certs_get(struct mut *m, struct cert_host *h, bool km)
{
	h->certs.state = km_get(m, h->file, NF_ENT_MESG_MODULE_STATE);
	h->certs.gen = km_get(m, h->file, km ? NF_ENT_MESG_GEN_KM :
	    NF_ENT_MESG_GEN_KA);
	km_sig(m, h->file, NF_ENT_CERT_MODULE_STATE, &h->certs.state_sig);
	km_sig(m, h->file, km ? NF_ENT_CERT_GEN_KM : NF_ENT_CERT_GEN_KA,
	    &h->certs.gen_sig);
}

struct nf_view
certs_set(struct mut *m, const struct cert_host *h, const struct certs *c,
    bool km)
{
	const uint32_t key_type[4] = { STATE_GROUP, GEN_GROUP };
	const uint32_t km_type[4] = { STATE_GROUP, KM_GROUP };
	const struct nf_view data[4] = { mut_sigtext(m, &c->state_sig),
	    c->state, mut_sigtext(m, &c->gen_sig), c->gen };

	return km_set(m, h->file, 4, km ? km_type : key_type, data);
}

static struct nf_modcert *
cert_read(struct mut *m, struct nf_view msg)
{
	struct nf_modcert *cert;
	struct nf_cur cur;

	nf_cur_init(&cur, msg.p, msg.len, &m->diag);
	MUST(m, nf_wire_modcert_read(&cur, &cert));
	return cert;
}

/* The message with the row's edit. */
static struct nf_view
message(struct mut *m, const struct cert_host *h, const struct row *row,
    bool state)
{
	struct nf_view was = state ? h->certs.state : h->certs.gen;
	struct nf_modcert *cert = cert_read(m, was);
	struct nf_buf *buf = mut_buf(m);
	struct edit e = { .m = m, .host = h };

	if (state)
		e.state = &cert->state;
	else
		e.gen = &cert->keygen;
	if (row->edit != NULL)
		row->edit(&e);
	if (state)
		nf_wire_state_cert_write(buf, e.state);
	else
		nf_wire_keygen_cert_write(buf, e.gen);
	if (row->edit == NULL && !nf_view_equal(nf_buf_view(buf), was))
		MUST(m, NF_E_INTERNAL);
	if (row->raw != NULL)
		row->raw(&e, buf);
	nf_modcert_free(cert);
	return mut_view(m, buf);
}

static void
sign(struct mut *m, const struct row *row, struct nf_mod_key *own,
    struct nf_mod_key *other, struct nf_view msg, struct nf_cipher *sig)
{
	struct nf_buf *max;
	struct nf_view v;

	switch (row->by) {
	case KEEP:
		break;
	case OWN:
		mut_sign(m, own, msg, sig);
		break;
	case OTHER:
		mut_sign(m, other, msg, sig);
		break;
	case SWAPPED:
		v = sig->v[0];
		sig->v[0] = sig->v[1];
		sig->v[1] = v;
		break;
	case FLIPPED:
		sig->v[0] = mut_flip(m, sig->v[0], 0);
		break;
	case MAXED:
		max = mut_buf(m);
		nf_buf_fill(max, 0xff, sig->v[0].len);
		sig->v[0] = mut_view(m, max);
		break;
	}
}

static void
rows_put(struct mut *m, const struct cert_host *h, const struct row *rows,
    size_t n, bool state)
{
	for (size_t i = 0; i < n; i++) {
		const struct row *row = &rows[i];
		struct mut_want want = { MUT_FAIL, h->id[row->role],
		    row->about };
		struct certs c = h->certs;
		struct nf_mod_key *own = h->klf;

		if (want.check == NULL ||
		    (row->raw == other_type && c.gen.p == NULL))
			continue;
		/* a KLF of the other generation signs for itself */
		if (row->edit == klf_kind)
			own = m->other[h->other_klf == m->other[MUT_P521] ?
			    MUT_DSA_1024 : MUT_P521];
		if (state) {
			c.state = message(m, h, row, true);
			sign(m, row, own, h->other_klf, c.state,
			    &c.state_sig);
		} else {
			c.gen = message(m, h, row, false);
			sign(m, row, h->kml, h->other_kml, c.gen,
			    &c.gen_sig);
		}
		mut_put(m, row->name, h->build(m, h, &c), &want);
	}
}

void
certs_put_state(struct mut *m, const struct cert_host *h)
{
	rows_put(m, h, state_rows, sizeof(state_rows) /
	    sizeof(state_rows[0]), true);
}

void
certs_put_gen(struct mut *m, const struct cert_host *h)
{
	rows_put(m, h, gen_rows, sizeof(gen_rows) / sizeof(gen_rows[0]),
	    false);
}

void
certs_acl_signed(struct mut *m, const struct cert_host *h,
    const struct acl_case *row, struct certs *out)
{
	struct nf_modcert *cert = cert_read(m, h->certs.gen);
	struct nf_buf *buf = mut_buf(m);

	row->edit(m, cert->keygen.acl);
	nf_wire_keygen_cert_write(buf, &cert->keygen);
	out->gen = mut_view(m, buf);
	mut_sign(m, h->kml, out->gen, &out->gen_sig);
	nf_modcert_free(cert);
}

void
certs_put_acls(struct mut *m, const struct cert_host *h,
    const struct acl_case *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct certs c = h->certs;

		certs_acl_signed(m, h, &rows[i], &c);
		mut_put(m, rows[i].name, h->build(m, h, &c), &rows[i].want);
	}
}

void
certs_state_signed(struct mut *m, struct nf_view state,
    void (*edit)(struct nf_state_cert *state), struct nf_mod_key *signer,
    struct certs *out)
{
	struct nf_modcert *cert = cert_read(m, state);
	struct nf_buf *buf = mut_buf(m);

	edit(&cert->state);
	nf_wire_state_cert_write(buf, &cert->state);
	out->state = mut_view(m, buf);
	mut_sign(m, signer, out->state, &out->state_sig);
	nf_modcert_free(cert);
}
