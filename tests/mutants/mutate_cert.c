/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Feature certificates (format real).  No program of ours makes one: the
 * simulator's factory root stands for that of the vendor, and delegates to a
 * key that signs the feature.
 */
#include "config.h"

#include <string.h>

#include "nfast/wire/certlist.h"
#include "tests/mutants/mut.h"
#include "verify/nchex.h"

#define FEATURE		4
#define OTHER_FEATURE	2
#define FEATURE_VER	8

/* What is wrong with a chain: nothing, with the good one. */
struct faults {
	bool leaf_broken, leaf_hash, leaf_other, no_serial, action, version,
	    limit, two_groups;
	bool deleg_broken, deleg_hash, deleg_other, other_to, mech, feature,
	    condition;
	bool no_delegation, duplicate, swapped, other_root;
};

static const struct {
	const char *name;
	struct faults has;
	struct mut_want want;
} rows[] = {
	{ "wrong_leaf_signature", { .leaf_broken = true }, { MUT_FAIL,
	    "cert.leaf", "one bit of the leaf's signature is another" } },
	{ "wrong_leaf_keyhash", { .leaf_hash = true }, { MUT_FAIL,
	    "cert.leaf", "the hash beside the leaf's signer is another" } },
	{ "wrong_leaf_signer", { .leaf_other = true }, { MUT_FAIL,
	    "cert.leaf", "the leaf was signed by another key than the one in "
	    "it" } },
	{ "no_serial_signed", { .no_serial = true }, { MUT_FAIL,
	    "cert.leaf", "the leaf is for no module in particular" } },
	{ "wrong_action_signed", { .action = true }, { MUT_FAIL,
	    "cert.leaf", "the leaf allows something else than a "
	    "feature" } },
	{ "wrong_version_signed", { .version = true }, { MUT_FAIL,
	    "cert.leaf", "the feature action has another version" } },
	{ "unknown_limit_signed", { .limit = true }, { MUT_FAIL,
	    "cert.leaf", "the leaf has a limit of use" } },
	{ "duplicate_group_signed", { .two_groups = true }, { MUT_FAIL,
	    "cert.leaf", "the leaf has two groups" } },
	{ "no_delegation", { .no_delegation = true }, { MUT_FAIL,
	    "cert.chain", "nobody delegates to the leaf's signer" } },
	{ "duplicate_delegation", { .duplicate = true }, { MUT_FAIL,
	    "cert.chain", "the delegation is there twice" } },
	{ "swapped_certificates", { .swapped = true }, { MUT_FAIL,
	    "cert.leaf", "the two certificates changed places" } },
	{ "wrong_delegation_signature", { .deleg_broken = true }, {
	    MUT_FAIL, "cert.chain", "one bit of the delegation's signature "
	    "is another" } },
	{ "wrong_delegation_keyhash", { .deleg_hash = true }, { MUT_FAIL,
	    "cert.chain", "the hash beside the root is another" } },
	{ "wrong_delegation_signer", { .deleg_other = true }, { MUT_FAIL,
	    "cert.chain", "the delegation was signed by another key than the "
	    "one in it" } },
	{ "wrong_delegate_signed", { .other_to = true }, { MUT_FAIL,
	    "cert.chain", "the root delegated to another key" } },
	{ "wrong_delegate_mech_signed", { .mech = true }, { MUT_FAIL,
	    "cert.chain", "the root delegated with another mechanism" } },
	{ "wrong_features_signed", { .feature = true }, { MUT_FAIL,
	    "cert.chain", "the root delegated another feature" } },
	{ "unknown_delegation_condition_signed", { .condition = true }, {
	    MUT_FAIL, "cert.chain", "the delegation has a condition that "
	    "none has" } },
	{ "unknown_root", { .other_root = true }, { MUT_FAIL, "root",
	    "all is right, up to a root that nobody named" } }
};

/* One group with one feature action. */
static struct nf_acl *
feature_acl(struct mut *m, uint32_t flags, uint32_t type, uint32_t features)
{
	struct nf_acl *acl = nf_acl_new();
	struct nf_group *g = acl == NULL ? NULL : nf_acl_group_add(acl);
	struct nf_action *a = g == NULL ? NULL : nf_group_action_add(g,
	    type);

	if (a == NULL)
		MUST(m, NF_E_NOMEM);
	a->word[0] = FEATURE_VER;
	a->word[1] = 1;
	a->flags = features;
	g->flags = flags;
	g->moduleserial = mut_text(m->user.module->nv.esn);
	g->certmech_mech = NF_MECH_DSA;
	return acl;
}

static struct nf_view
message(struct mut *m, struct nf_acl *acl)
{
	struct nf_buf *buf = mut_buf(m);

	nf_wire_certmsg_write(buf, acl);
	nf_acl_free(acl);
	return mut_view(m, buf);
}

static struct nf_view
leaf(struct mut *m, const struct faults *f)
{
	struct nf_acl *acl = feature_acl(m, f->no_serial ? 0 :
	    NF_GROUP_MODULESERIAL, f->action ? NF_ACT_OPPERMISSIONS :
	    NF_ACT_STATICFEATUREENABLE, FEATURE);
	struct nf_limit *limit;
	struct nf_group *g;

	acl->group->action->word[0] += f->version;
	if (f->limit) {
		limit = nf_group_limit_add(acl->group, NF_LIMIT_GLOBAL);
		MUST(m, limit == NULL ? NF_E_NOMEM : 0);
		limit->max = 1;
	}
	if (f->two_groups) {
		g = nf_acl_group_add(acl);
		MUST(m, g == NULL || nf_group_action_add(g,
		    NF_ACT_NOACTION) == NULL ? NF_E_NOMEM : 0);
	}
	return message(m, acl);
}

static struct nf_view
delegation(struct mut *m, const struct faults *f,
    const struct nf_mod_key *to)
{
	uint32_t flags = NF_GROUP_CERTMECH | (f->condition ?
	    (uint32_t)NF_GROUP_MODULESERIAL : 0);
	struct nf_acl *acl = feature_acl(m, flags,
	    NF_ACT_STATICFEATUREENABLE, f->feature ? OTHER_FEATURE :
	    UINT32_MAX);

	memcpy(acl->group->certmech_hash, to->hash, NF_HASH_LEN);
	if (f->mech)
		acl->group->certmech_mech = NF_MECH_DSAHSHA256;
	return message(m, acl);
}

static void
cert_fill(struct mut *m, struct nf_cert *c, struct nf_mod_key *key,
    struct nf_mod_key *by, struct nf_view msg, bool broken, bool hash)
{
	c->type = NF_CERT_SINGLECERT;
	memcpy(c->keyhash, key->hash, NF_HASH_LEN);
	c->keyhash[0] ^= hash;
	c->key = key->pub;
	c->msg = msg;
	mut_sign(m, by, msg, &c->sig);
	if (broken)
		c->sig.v[0] = mut_flip(m, c->sig.v[0], 0);
}

static struct nf_view
text_of(struct mut *m, const struct nf_certlist *list)
{
	struct nf_buf *bytes = mut_buf(m), *text = mut_buf(m);

	nf_wire_certlist_write(bytes, list);
	nf_nchex_write(text, "Feature of a simulated module",
	    NF_NCHEX_CERTIFICATE, mut_view(m, bytes));
	return mut_view(m, text);
}

static struct nf_view
chain(struct mut *m, const struct faults *f)
{
	struct nf_mod_key *signer = m->other[MUT_DSA_1024];
	struct nf_mod_key *root = f->other_root ? m->na.klf : m->root;
	struct nf_mod_key *other = m->eu.klf;
	struct nf_certlist list;

	memset(&list, 0, sizeof(list));
	cert_fill(m, &list.cert[0], signer, f->leaf_other ? other : signer,
	    leaf(m, f), f->leaf_broken, f->leaf_hash);
	cert_fill(m, &list.cert[1], root, f->deleg_other ? other : root,
	    delegation(m, f, f->other_to ? other : signer), f->deleg_broken,
	    f->deleg_hash);
	list.cert[2] = list.cert[1];
	list.n = f->no_delegation ? 1 : f->duplicate ? 3 : 2;
	if (f->swapped) {
		list.cert[1] = list.cert[0];
		list.cert[0] = list.cert[2];
	}
	return text_of(m, &list);
}

void
mutate_features(struct mut *m)
{
	static const struct nf_certlist empty;
	static const struct faults none;

	mut_format(m, "feature-certificate", "byok-audit --simulated-root",
	    MUT_PASS, chain(m, &none), "a feature certificate under the "
	    "simulator's root");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		mut_put(m, rows[i].name, chain(m, &rows[i].has),
		    &rows[i].want);
	mut_put(m, "no_certificate", text_of(m, &empty), &(struct mut_want){
	    MUT_MALFORMED, "certs", "the list of certificates is empty" });
}
