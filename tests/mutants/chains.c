/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "nfast/wire/certlist.h"
#include "tests/mutants/chains.h"


struct row {
	const char *name;
	void (*message)(struct mut *m, struct nf_acl *acl);
	void (*list)(struct mut *m, struct nf_certlist *list);
	bool keep;
	const char *about;
};

static void
klf(struct mut *m, struct nf_acl *acl)
{
	memcpy(acl->group->certmech_hash, m->na.klf->hash, NF_HASH_LEN);
}

static void
mech(struct mut *m, struct nf_acl *acl)
{
	(void)m;
	acl->group->certmech_mech = NF_MECH_DSAHSHA256;
}

static void
esn(struct mut *m, struct nf_acl *acl)
{
	acl->group->moduleserial = mut_text(m->na.module->nv.esn);
}

static void
no_esn(struct mut *m, struct nf_acl *acl)
{
	(void)m;
	acl->group->flags &= ~(uint32_t)NF_GROUP_MODULESERIAL;
}

static void
features(struct mut *m, struct nf_acl *acl)
{
	(void)m;
	acl->group->action->flags = 4;
}

static void
action(struct mut *m, struct nf_acl *acl)
{
	(void)m;
	acl->group->action->type = NF_ACT_OPPERMISSIONS;
}

static void
limit(struct mut *m, struct nf_acl *acl)
{
	struct nf_limit *l = nf_group_limit_add(acl->group,
	    NF_LIMIT_GLOBAL);

	if (l == NULL)
		MUST(m, NF_E_NOMEM);
	l->max = 1;
}

static void
two_groups(struct mut *m, struct nf_acl *acl)
{
	struct nf_group *g = nf_acl_group_add(acl);

	if (g == NULL || nf_group_action_add(g, NF_ACT_NOACTION) == NULL)
		MUST(m, NF_E_NOMEM);
}

static void
twice(struct mut *m, struct nf_certlist *list)
{
	(void)m;
	list->cert[list->n++] = list->cert[0];
}

static void
none(struct mut *m, struct nf_certlist *list)
{
	(void)m;
	list->n = 0;
}

static void
keyhash(struct mut *m, struct nf_certlist *list)
{
	(void)m;
	list->cert[0].keyhash[0] ^= 1;
}

static void
signature(struct mut *m, struct nf_certlist *list)
{
	list->cert[0].sig.v[0] = mut_flip(m, list->cert[0].sig.v[0], 0);
}

static void
signer(struct mut *m, struct nf_certlist *list)
{
	mut_sign(m, m->other[MUT_DSA_1024], list->cert[0].msg,
	    &list->cert[0].sig);
}

static void
signing_key(struct mut *m, struct nf_certlist *list)
{
	(void)m;
	list->cert[0].type = NF_CERT_SIGNINGKEY;
}

static void
swapped(struct mut *m, struct nf_certlist *list)
{
	struct nf_cipher *sig = &list->cert[0].sig;
	struct nf_view v = sig->v[0];

	(void)m;
	sig->v[0] = sig->v[1];
	sig->v[1] = v;
}

static const struct row rows[] = {
	{ "wrong_chain_klf", klf, NULL, true,
	    "the KLF in the root's certificate was changed after signing" },
	{ "wrong_chain_esn", esn, NULL, true,
	    "the ESN in the root's certificate was changed after signing" },
	{ "wrong_chain_signature", NULL, signature, false,
	    "one bit of the root's signature is another" },
	{ "swapped_chain_signature_r_s", NULL, swapped, false,
	    "r and s of the root's signature changed places" },
	{ "wrong_chain_signer", NULL, signer, false,
	    "the certificate was signed by another key than the root in "
	    "it" },
	{ "wrong_chain_keyhash", NULL, keyhash, false,
	    "the hash beside the root's key is another one" },
	{ "wrong_chain_type", NULL, signing_key, false,
	    "the certificate has no key in it" },
	{ "no_chain_certificate", NULL, none, false,
	    "the list of certificates is empty" },
	{ "duplicate_chain_certificate", NULL, twice, false,
	    "the root's certificate is there twice" },
	{ "wrong_chain_klf_signed", klf, NULL, false,
	    "the root certified the KLF of another module" },
	{ "wrong_chain_mech_signed", mech, NULL, false,
	    "the root certified the KLF for a mechanism that is not its" },
	{ "wrong_chain_esn_signed", esn, NULL, false,
	    "the root certified the KLF for another ESN" },
	{ "no_chain_esn_signed", no_esn, NULL, false,
	    "the root certified the KLF for no ESN" },
	{ "wrong_chain_features_signed", features, NULL, false,
	    "the root certified the KLF for one feature alone" },
	{ "wrong_chain_action_signed", action, NULL, false,
	    "the root's certificate allows another action" },
	{ "unknown_chain_limit_signed", limit, NULL, false,
	    "the root's certificate has a limit of use" },
	{ "duplicate_chain_group_signed", two_groups, NULL, false,
	    "the root's certificate has two groups" }
};

static struct nf_view
chain_make(struct mut *m, const struct mut_module *module,
    struct nf_mod_key *root, const struct row *row)
{
	const struct nf_buf *was = &module->module->nv.chain_klf;
	struct nf_buf *msg = mut_buf(m), *out = mut_buf(m);
	struct nf_certlist list;
	struct nf_cert *c = &list.cert[0];
	struct nf_acl *acl;
	struct nf_cur cur;

	nf_cur_init(&cur, was->p, was->len, &m->diag);
	nf_wire_certlist_read(&cur, &list);
	MUST(m, nf_cur_end(&cur, "certificates"));
	nf_cur_init(&cur, c->msg.p, c->msg.len, &m->diag);
	MUST(m, nf_wire_certmsg_read(&cur, &acl));
	if (row != NULL && row->message != NULL)
		row->message(m, acl);
	nf_wire_certmsg_write(msg, acl);
	nf_acl_free(acl);
	c->msg = mut_view(m, msg);
	if (root != m->root) {
		memcpy(c->keyhash, root->hash, NF_HASH_LEN);
		c->key = root->pub;
	}
	if (row == NULL || !row->keep)
		mut_sign(m, root, c->msg, &c->sig);
	if (row != NULL && row->list != NULL)
		row->list(m, &list);
	nf_wire_certlist_write(out, &list);
	return mut_view(m, out);
}

struct nf_view
chains_other_root(struct mut *m, const struct mut_module *module)
{
	return chain_make(m, module, m->other[MUT_DSA_1024], NULL);
}

/* The list with the largest count. */
static struct nf_view
count_max(struct mut *m, struct nf_view chain)
{
	struct nf_buf *buf = mut_buf(m);

	nf_buf_u32(buf, UINT32_MAX);
	nf_buf_put(buf, chain.p + 4, chain.len - 4);
	return mut_view(m, buf);
}

void
chains_put(struct mut *m, const struct chain_host *h)
{
	struct nf_view chain = nf_buf_view(&h->module->module->nv.chain_klf);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		mut_put(m, rows[i].name, h->build(m, h, chain_make(m,
		    h->module, m->root, &rows[i])), &(struct mut_want){
		    MUT_FAIL, h->id, rows[i].about });
	mut_put(m, "trailing_chain", h->build(m, h, mut_long(m,
	    chain)),
	    &(struct mut_want){ MUT_FAIL, h->id,
	    "a byte follows the list of certificates" });
	mut_put(m, "max_chain_count", h->build(m, h, count_max(m, chain)),
	    &(struct mut_want){ MUT_FAIL, h->id,
	    "the list says that it has 2^32 - 1 certificates" });
	mut_put(m, "unknown_root", h->build(m, h, chains_other_root(m,
	    h->module)), &(struct mut_want){ MUT_FAIL, "root",
	    "the chain is right, and ends at a root that nobody named" });
}
