/* SPDX-License-Identifier: Apache-2.0 */
/* Attestation bundles (format real), of a module's warrant of our root. */
#include "config.h"

#include <string.h>

#include "nfast/kmdata/attbundle.h"
#include "tests/mutants/certs.h"
#include "tests/mutants/warrants.h"

#define ROWS(r)	(r), sizeof(r) / sizeof((r)[0])
#define COMMAND	"byok-audit --simulated-root"

struct bundle {
	struct nf_att own, other;
};

static struct nf_view
written(struct mut *m, const struct nf_att *att)
{
	struct nf_buf *buf = mut_buf(m);

	nf_att_write(buf, att);
	return mut_view(m, buf);
}

/* ---- fields ---- */

enum op { DROP, TAKE, SHORT, LONG, SWAP };

static const struct {
	const char *name;
	enum op op;
	enum nf_att_field f, g;
	struct mut_want want;
} fields[] = {
	{ "no_pubkeydata", DROP, NF_ATT_PUBKEYDATA, 0, { MUT_MALFORMED,
	    "pubkeydata", "the field pubkeydata is missing" } },
	{ "no_kcsig", DROP, NF_ATT_KCSIG, 0, { MUT_MALFORMED, "kcsig",
	    "the field kcsig is missing" } },
	{ "no_warrant", DROP, NF_ATT_WARRANT, 0, { MUT_MALFORMED, "warrant",
	    "the field warrant is missing" } },
	{ "no_hkm", DROP, NF_ATT_HKM, 0, { MUT_MALFORMED, "hkm",
	    "of the fields of the world hkm is missing" } },
	{ "no_certkm", DROP, NF_ATT_CERT_KM, 0, { MUT_MALFORMED,
	    "CertKMaKMCbKNSO", "of the fields of the world the certificate "
	    "is missing" } },
	{ "no_hkra", DROP, NF_ATT_HKRA, 0, { MUT_MALFORMED, "hkra",
	    "of the fields of recovery hkra is missing" } },
	{ "short_kcmsg", SHORT, NF_ATT_KCMSG, 0, { MUT_FAIL, "KGCV2",
	    "the last byte of kcmsg is missing" } },
	{ "short_kcsig", SHORT, NF_ATT_KCSIG, 0, { MUT_MALFORMED, "kcsig",
	    "the last byte of kcsig is missing" } },
	{ "trailing_modstatesig", LONG, NF_ATT_MODSTATESIG, 0, {
	    MUT_MALFORMED, "modstatesig", "a byte follows the signature of "
	    "the module state" } },
	{ "trailing_hkm", LONG, NF_ATT_HKM, 0, { MUT_MALFORMED, "hkm",
	    "a byte follows hkm" } },
	{ "trailing_pubkeydata", LONG, NF_ATT_PUBKEYDATA, 0, {
	    MUT_MALFORMED, "pubkeydata", "a byte follows the key" } },
	{ "short_warrant", SHORT, NF_ATT_WARRANT, 0, { MUT_MALFORMED,
	    "warrant", "the last byte of the warrant is missing" } },
	{ "replayed_pubkeydata", TAKE, NF_ATT_PUBKEYDATA, 0, { MUT_FAIL,
	    "KGCV2", "the key is another one" } },
	{ "replayed_kcmsg", TAKE, NF_ATT_KCMSG, 0, { MUT_FAIL, "KGCV1",
	    "the generation certificate is another key's" } },
	{ "replayed_kcsig", TAKE, NF_ATT_KCSIG, 0, { MUT_FAIL, "KGCV1",
	    "the signature of the generation certificate is another "
	    "key's" } },
	{ "swapped_hkre_hkra", SWAP, NF_ATT_HKRE, NF_ATT_HKRA, { MUT_FAIL,
	    "WBCV5", "hkre and hkra changed places" } },
	{ "swapped_hkm_hkmc", SWAP, NF_ATT_HKM, NF_ATT_HKMC, { MUT_FAIL,
	    "MSCV5,WBCV2", "hkm and hkmc changed places" } },
	{ "swapped_certkm_certkre", SWAP, NF_ATT_CERT_KM, NF_ATT_CERT_KRE, {
	    MUT_FAIL, "WBCV2,WBCV5", "what KNSO signed of the module keys "
	    "stands for the recovery keys, and back" } },
	{ "swapped_kcsig_modstatesig", SWAP, NF_ATT_KCSIG,
	    NF_ATT_MODSTATESIG, { MUT_FAIL, "MSCV1", "the two signatures of "
	    "the module changed places" } },
	{ "swapped_kcmsg_modstatemsg", SWAP, NF_ATT_KCMSG,
	    NF_ATT_MODSTATEMSG, { MUT_FAIL, "MSCV2", "the two messages of "
	    "the module changed places" } }
};

static void
fields_put(struct mut *m, const struct bundle *b)
{
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		struct nf_att att = b->own;
		struct nf_view *v = &att.field[fields[i].f];

		switch (fields[i].op) {
		case DROP:
			*v = (struct nf_view){ NULL, 0 };
			break;
		case TAKE:
			*v = b->other.field[fields[i].f];
			break;
		case SHORT:
			v->len--;
			break;
		case LONG:
			*v = mut_long(m, *v);
			break;
		case SWAP:
			*v = b->own.field[fields[i].g];
			att.field[fields[i].g] = b->own.field[fields[i].f];
			break;
		}
		mut_put(m, fields[i].name, written(m, &att),
		    &fields[i].want);
	}
}

/* A field with other bytes. */
static void
field_put(struct mut *m, const struct bundle *b, const char *name,
    enum nf_att_field f, struct nf_view v, const struct mut_want *want)
{
	struct nf_att att = b->own;

	att.field[f] = v;
	mut_put(m, name, written(m, &att), want);
}

static struct nf_view
last_flipped(struct mut *m, struct nf_view v)
{
	return mut_flip(m, v, v.len - 1);
}

static void
world_put(struct mut *m, const struct bundle *b)
{
	const struct nf_att *own = &b->own;
	struct nf_buf *knso = mut_buf(m);
	struct nf_att att;

	field_put(m, b, "wrong_hkm", NF_ATT_HKM, last_flipped(m,
	    own->field[NF_ATT_HKM]), &(struct mut_want){ MUT_FAIL,
	    "MSCV5,WBCV2", "hkm is a key that the module does not hold" });
	field_put(m, b, "wrong_hkmc", NF_ATT_HKMC, last_flipped(m,
	    own->field[NF_ATT_HKMC]), &(struct mut_want){ MUT_FAIL, "WBCV2",
	    "hkmc is another one" });
	field_put(m, b, "wrong_hkre", NF_ATT_HKRE, last_flipped(m,
	    own->field[NF_ATT_HKRE]), &(struct mut_want){ MUT_FAIL, "WBCV5",
	    "hkre is another one" });
	field_put(m, b, "wrong_suite", NF_ATT_CIPHERSUITE, mut_text(
	    "DLf3072s256mRijndael"), &(struct mut_want){ MUT_FAIL, "WBCV2",
	    "the cipher suite is another one" });
	field_put(m, b, "wrong_certkm", NF_ATT_CERT_KM, mut_flip(m,
	    own->field[NF_ATT_CERT_KM], own->field[NF_ATT_CERT_KM].len / 2),
	    &(struct mut_want){ MUT_FAIL, "WBCV2", "one bit of what KNSO "
	    "signed is another" });
	field_put(m, b, "wrong_certkre", NF_ATT_CERT_KRE, mut_flip(m,
	    own->field[NF_ATT_CERT_KRE],
	    own->field[NF_ATT_CERT_KRE].len / 2), &(struct mut_want){
	    MUT_FAIL, "WBCV5", "one bit of KNSO's signature over the "
	    "recovery keys is another" });
	nf_wire_keydata_write(knso, &m->other[MUT_DSA_3072]->pub);
	field_put(m, b, "wrong_knsopub", NF_ATT_KNSOPUB, mut_view(m, knso),
	    &(struct mut_want){ MUT_FAIL, "MSCV4", "knsopub is another "
	    "key" });
	field_put(m, b, "wrong_root", NF_ATT_ROOT, mut_text("KWARN-1"),
	    &(struct mut_want){ MUT_FAIL, "WV1,root", "the field root names "
	    "another root than the warrant" });
	att = *own;
	att.field[NF_ATT_HKRE] = att.field[NF_ATT_HKRA] =
	    att.field[NF_ATT_CERT_KRE] = (struct nf_view){ NULL, 0 };
	mut_put(m, "no_recovery", written(m, &att), &(struct mut_want){
	    MUT_FAIL, "RB2", "all fields of recovery are missing, and the "
	    "key can be recovered" });
	for (size_t f = NF_ATT_KNSOPUB; f < NF_ATT_FIELDS; f++)
		att.field[f] = (struct nf_view){ NULL, 0 };
	mut_put(m, "no_world", written(m, &att), &(struct mut_want){
	    MUT_FAIL, "WB2", "all fields of the world are missing, and the "
	    "key is one that the world keeps" });
	field_put(m, b, "wrong_hash_mech", NF_ATT_HKM, mut_flip(m,
	    own->field[NF_ATT_HKM], 0), &(struct mut_want){ MUT_MALFORMED,
	    "hkm", "hkm is a hash of another kind" });
}

/* ---- the text ---- */

static void
text_put(struct mut *m, struct nf_view file)
{
	mut_put(m, "unknown_field", mut_replace(m, file, "\"hkmc\"",
	    "\"hkmd\""), &(struct mut_want){ MUT_MALFORMED, "hkmd",
	    "a field has a name that is not known" });
	mut_put(m, "duplicate_field", mut_replace(m, file, "\"hkmc\"",
	    "\"hkm\""), &(struct mut_want){ MUT_MALFORMED, "hkm",
	    "a field is there twice" });
	mut_put(m, "junk_base64", mut_replace(m, file, "\"hkm\": \"",
	    "\"hkm\": \"*"), &(struct mut_want){ MUT_MALFORMED, "hkm",
	    "a character of a field is not base64url" });
	mut_put(m, "short_file", nf_view_of(file.p, file.len / 2),
	    &(struct mut_want){ MUT_MALFORMED, "premature end",
	    "the second half of the file is missing" });
	mut_put(m, "wrong_escape", mut_replace(m, file, "SIM-KWARN-1",
	    "SIM-KWARN-\\u0031"), &(struct mut_want){ MUT_MALFORMED,
	    "0x5c", "a text has an escape that it does not need" });
}

/* ---- ACLs ---- */

static struct nf_action *
action_of(struct mut *m, struct nf_acl *acl, uint32_t type)
{
	for (uint32_t i = 0; i < acl->n_groups; i++) {
		struct nf_group *g = &acl->group[i];

		for (uint32_t k = 0; k < g->n_actions; k++) {
			if (g->action[k].type == type &&
			    (g->flags & NF_GROUP_CERTIFIER) == 0)
				return &g->action[k];
		}
	}
	MUST(m, NF_E_INTERNAL);
	return NULL;
}

static struct nf_group *
certified(struct mut *m, struct nf_acl *acl)
{
	for (uint32_t i = 0; i < acl->n_groups; i++) {
		if ((acl->group[i].flags & NF_GROUP_CERTIFIER) != 0)
			return &acl->group[i];
	}
	MUST(m, NF_E_INTERNAL);
	return NULL;
}

#define EDIT(name, type, statement)				\
static void							\
name(struct mut *m, struct nf_acl *acl)				\
{								\
	struct nf_action *a = action_of(m, acl, type);		\
								\
	statement;						\
}

EDIT(export, NF_ACT_OPPERMISSIONS, a->flags |= NF_PERM_EXPORTASPLAIN)
EDIT(appdata, NF_ACT_OPPERMISSIONS, a->flags |= NF_PERM_SETAPPDATA)
EDIT(expand, NF_ACT_OPPERMISSIONS, a->flags |= NF_PERM_EXPANDACL)
EDIT(as_km, NF_ACT_OPPERMISSIONS, a->flags |= NF_PERM_USEASKM)
EDIT(loader, NF_ACT_OPPERMISSIONS, a->flags |= NF_PERM_USEASLOADERKEY)
EDIT(any_token, NF_ACT_MAKEBLOB,
    a->flags &= ~(uint32_t)NF_MAKEBLOB_ALLOWKMONLY)
EDIT(any_km, NF_ACT_MAKEBLOB, a->flags &= ~(uint32_t)NF_MAKEBLOB_KMHASH)
EDIT(other_km, NF_ACT_MAKEBLOB, a->kmhash[0] ^= 1)
EDIT(null_token, NF_ACT_MAKEBLOB,
    a->flags |= NF_MAKEBLOB_ALLOWNULLKMTOKEN)
EDIT(no_params, NF_ACT_MAKEBLOB, a->flags |= NF_MAKEBLOB_KTHASH)
EDIT(blob_file, NF_ACT_MAKEBLOB, a->flags |= NF_MAKEBLOB_BLOBFILE)
EDIT(any_archive, NF_ACT_MAKEARCHIVEBLOB, a->flags = 0)
EDIT(other_archive, NF_ACT_MAKEARCHIVEBLOB, a->kahash[0] ^= 1)
EDIT(any_mech, NF_ACT_MAKEARCHIVEBLOB, a->mech = NF_MECH_ANY)
EDIT(archive_file, NF_ACT_MAKEARCHIVEBLOB,
    a->flags |= NF_ARCHIVE_BLOBFILE)

static void
certifier(struct mut *m, struct nf_acl *acl)
{
	certified(m, acl)->certifier[0] ^= 1;
}

static void
certmech(struct mut *m, struct nf_acl *acl)
{
	certified(m, acl)->flags |= NF_GROUP_NSOCERTIFIED;
}

static void
nso(struct mut *m, struct nf_acl *acl)
{
	if (nf_group_action_add(&acl->group[0], NF_ACT_NSOPERMISSIONS) ==
	    NULL)
		MUST(m, NF_E_NOMEM);
}

static const struct acl_case acls[] = {
	{ "wrong_acl_certifier_signed", certifier, { MUT_FAIL, "ACLV1",
	    "a group of the ACL asks for the certificate of another key than "
	    "KNSO" } },
	{ "unknown_acl_condition_signed", certmech, { MUT_FAIL, "ACLV1",
	    "a group of the ACL has a condition that is not understood" } },
	{ "wrong_acl_export_signed", export, { MUT_FAIL, "ACLV3",
	    "anyone may export the key" } },
	{ "wrong_acl_appdata_signed", appdata, { MUT_FAIL, "ACLV3",
	    "anyone may change the key's application data" } },
	{ "wrong_acl_expand_signed", expand, { MUT_FAIL, "ACLV3",
	    "anyone may expand the ACL" } },
	{ "wrong_acl_as_km_signed", as_km, { MUT_FAIL, "ACLV3",
	    "the key may be used as module key" } },
	{ "wrong_acl_loader_signed", loader, { MUT_FAIL, "ACLV3",
	    "the key may be used as loader key" } },
	{ "wrong_acl_action_signed", nso, { MUT_FAIL, "ACLV4",
	    "the ACL has an action that no stock key has" } },
	{ "wrong_acl_blobfile_signed", blob_file, { MUT_FAIL, "ACLV4",
	    "the working blob goes into a file of a module" } },
	{ "wrong_acl_archivefile_signed", archive_file, { MUT_FAIL, "ACLV4",
	    "the recovery blob goes into a file of a module" } },
	{ "no_acl_token_signed", any_token, { MUT_FAIL, "WB1",
	    "the working blob may be under any token" } },
	{ "no_acl_km_signed", any_km, { MUT_FAIL, "WB2",
	    "the working blob may be under any module key" } },
	{ "wrong_acl_km_signed", other_km, { MUT_FAIL, "WB2",
	    "the working blob may be under another world's module key" } },
	{ "wrong_acl_null_token_signed", null_token, { MUT_FAIL, "WB3",
	    "the working blob may be under a token of the null module "
	    "key" } },
	{ "no_acl_token_params_signed", no_params, { MUT_FAIL, "WB6",
	    "the working blob's token has no parameters" } },
	{ "no_acl_archive_key_signed", any_archive, { MUT_FAIL, "RB1",
	    "the recovery blob may be under any key" } },
	{ "wrong_acl_archive_key_signed", other_archive, { MUT_FAIL, "RB2",
	    "the recovery blob may be under another key than KRE" } },
	{ "zero_acl_archive_mech_signed", any_mech, { MUT_FAIL, "RB3",
	    "the recovery blob may have any mechanism" } }
};

/* ---- certificates ---- */

static struct nf_view
sig_write(struct mut *m, const struct nf_cipher *sig)
{
	struct nf_buf *buf = mut_buf(m);

	nf_wire_cipher_write(buf, sig);
	return mut_view(m, buf);
}

static struct nf_view
build(struct mut *m, const struct cert_host *h, const struct certs *c)
{
	const struct bundle *b = h->arg;
	struct nf_att att = b->own;

	att.field[NF_ATT_MODSTATEMSG] = c->state;
	att.field[NF_ATT_MODSTATESIG] = sig_write(m, &c->state_sig);
	att.field[NF_ATT_KCMSG] = c->gen;
	att.field[NF_ATT_KCSIG] = sig_write(m, &c->gen_sig);
	return written(m, &att);
}

static void
sig_read(struct mut *m, struct nf_view v, struct nf_cipher *out)
{
	struct nf_cur cur;

	nf_cur_init(&cur, v.p, v.len, &m->diag);
	nf_wire_cipher_read(&cur, out);
	MUST(m, nf_cur_end(&cur, "signature"));
}

static void
certs_put(struct mut *m, struct bundle *b)
{
	struct cert_host h = {
		.id = {
			[ROLE_STATE_SIG] = "MSCV1",
			[ROLE_STATE] = "MSCV2",
			[ROLE_ESN] = "MSCV3",
			[ROLE_KML] = "KGCV1",
			[ROLE_KLF] = "MSCV1",
			[ROLE_KNSO] = "MSCV4",
			[ROLE_KMLIST] = "MSCV5",
			[ROLE_GEN_SIG] = "KGCV1",
			[ROLE_GEN] = "KGCV2",
			[ROLE_KEYHASH] = "KGCV2"
		},
		.build = build,
		.arg = b
	};

	h.certs.state = b->own.field[NF_ATT_MODSTATEMSG];
	h.certs.gen = b->own.field[NF_ATT_KCMSG];
	sig_read(m, b->own.field[NF_ATT_MODSTATESIG], &h.certs.state_sig);
	sig_read(m, b->own.field[NF_ATT_KCSIG], &h.certs.gen_sig);
	certs_keys(m, &h, &m->user, true, true);
	certs_put_state(m, &h);
	certs_put_gen(m, &h);
	certs_put_acls(m, &h, ROWS(acls));
}

void
mutate_attestation(struct mut *m)
{
	struct nf_view file = mut_load(m, "one.att");
	struct bundle b;

	MUST(m, nf_att_read(file, &b.own, &m->diag));
	MUST(m, nf_att_read(mut_load(m, "two.att"), &b.other, &m->diag));
	mut_format(m, "attestation", COMMAND, MUT_PASS, file,
	    "an attestation bundle of the simulator");
	mut_line(m, "attestation/valid", "wrong_policy", COMMAND
	    " --policy strict attestation/valid", &(struct mut_want){
	    MUT_FAIL, "ACLV3", "the key may unwrap, which only the strict "
	    "policy refuses" });
	fields_put(m, &b);
	world_put(m, &b);
	text_put(m, file);
	certs_put(m, &b);
	field_put(m, &b, "replayed_warrant", NF_ATT_WARRANT,
	    nf_buf_view(&m->eu.module->nv.warrant), &(struct mut_want){
	    MUT_FAIL, "MSCV1", "the warrant is another module's" });
	field_put(m, &b, "wrong_warrant_signature", NF_ATT_WARRANT,
	    mut_flip(m, b.own.field[NF_ATT_WARRANT],
	    b.own.field[NF_ATT_WARRANT].len - 1), &(struct mut_want){
	    MUT_FAIL, "WV1,root,MSCV1", "one bit of the warrant's signature "
	    "is another" });
	field_put(m, &b, "wrong_warrant_esn_signed", NF_ATT_WARRANT,
	    warrant_of(m, "5EED-0000-0000", m->user.klf2),
	    &(struct mut_want){ MUT_FAIL, "MSCV3", "the warrant, rightly "
	    "signed, is of another ESN" });
	field_put(m, &b, "wrong_warrant_klf2_signed", NF_ATT_WARRANT,
	    warrant_of(m, m->user.module->nv.esn, m->other[MUT_P521]),
	    &(struct mut_want){ MUT_FAIL, "MSCV1", "the warrant, rightly "
	    "signed, is of another KLF2" });
	nf_att_wipe(&b.own);
	nf_att_wipe(&b.other);
}
