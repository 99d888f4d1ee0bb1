/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules for an attested key's ACL.  Steps and rules are the vendor's but
 * for the split of WB1..WB6 and RB1..RB3, the refusal of group conditions
 * that are not understood, and the wording of the facts.
 */
#include "config.h"

#include <string.h>

#include "verify/attacl.h"

#define MECH_PUBLICFROMPRIVATE	29u
#define TOKEN_SOFTCARD		4u	/* in ktparams.flags */
#define BY			"KML"

/* Refused for everyone who has no certificate of the administrators. */
#define PERMS_REFUSED	(NF_PERM_EXPORTASPLAIN | NF_PERM_SETAPPDATA | \
	NF_PERM_EXPANDACL | NF_PERM_USEASKM | NF_PERM_USEASLOADERKEY)
/* What administrators could use to take the key out of the world. */
#define PERMS_OUT	(NF_PERM_EXPORTASPLAIN | NF_PERM_EXPANDACL)
#define GROUP_CERTIFIED	(NF_GROUP_CERTIFIER | NF_GROUP_CERTMECH | \
	NF_GROUP_NSOCERTIFIED | NF_GROUP_CERTIFIER_EX)

enum { ACLV1, ACLV3, ACLV4, WB1, WB2, WB3, WB5, WB6, RB1, RB2, RB3, RB5,
	N_STEPS };

static const struct step {
	const char *id;
	const char *title;
} steps[N_STEPS] = {
	{ "ACLV1", "groups that ask for a certificate name HKNSO" },
	{ "ACLV3", "permissions of uncertified groups" },
	{ "ACLV4", "kinds of actions" },
	{ "WB1", "working blob is under a module key or a token" },
	{ "WB2", "working blob names the world's HKM" },
	{ "WB3", "working blob is not under a null module key" },
	{ "WB5", "protection" },
	{ "WB6", "working blob's token has parameters" },
	{ "RB1", "recovery blob names its wrapping key" },
	{ "RB2", "recovery blob's wrapping key is the world's HKRE" },
	{ "RB3", "recovery blob names its mechanism" },
	{ "RB5", "recovery" }
};

enum { MODULE = 1, SOFTCARD = 2, CARDSET = 4 };

struct rules {
	const struct nf_vfy_attworld *w;
	bool strict;
	const char *fault[N_STEPS];
	uint32_t perms;		/* of uncertified groups */
	bool trump;		/* a certified group is there */
	bool trump_out;		/* and lets administrators take the key */
	bool working, recovery;
	uint32_t protection;	/* MODULE, ... of all working blobs */
};

static void
fail(struct rules *r, int step, const char *fault)
{
	if (r->fault[step] == NULL)
		r->fault[step] = fault;
}

static void
certifier_check(struct rules *r, const struct nf_group *g)
{
	r->trump = true;
	if ((g->flags & (NF_GROUP_NSOCERTIFIED | NF_GROUP_CERTMECH)) != 0)
		fail(r, ACLV1, "a condition that is not understood");
	if ((g->flags & NF_GROUP_CERTIFIER) != 0 &&
	    memcmp(g->certifier, r->w->hknso, NF_HASH_LEN) != 0)
		fail(r, ACLV1, "a certifier that is not HKNSO");
	if ((g->flags & NF_GROUP_CERTIFIER_EX) != 0 &&
	    (g->certifier_ex.mech != NF_MECH_SHA1HASH ||
	    memcmp(g->certifier_ex.hash, r->w->hknso, NF_HASH_LEN) != 0))
		fail(r, ACLV1, "a certifier that is not HKNSO");
}

static void
perms_check(struct rules *r, uint32_t perms)
{
	uint32_t known = 0;

	for (const struct nf_name *n = nf_wire_op_perms; n->name != NULL; n++)
		known |= n->number;
	r->perms |= perms;
	if ((perms & ~known) != 0)
		fail(r, ACLV3, "permission bits that are not known");
	if ((perms & PERMS_REFUSED) != 0)
		fail(r, ACLV3, "ExportAsPlain, SetAppData, ExpandACL, "
		    "UseAsKM or UseAsLoaderKey for anyone");
	if ((perms & NF_PERM_USEASBLOBKEY) == 0)
		return;
	if (!r->w->rsa)
		fail(r, ACLV3, "UseAsBlobKey on a key that is not RSA");
	else if (r->strict)
		fail(r, ACLV3, "UseAsBlobKey, which the strict policy "
		    "refuses");
}

static void
working_check(struct rules *r, const struct nf_action *a)
{
	bool kmonly = (a->flags & NF_MAKEBLOB_ALLOWKMONLY) != 0;
	bool token = (a->flags & NF_MAKEBLOB_KTHASH) != 0;

	r->working = true;
	if (kmonly)
		r->protection |= MODULE;
	else if ((a->flags & NF_MAKEBLOB_KTPARAMS) != 0 &&
	    (a->ktparams.flags & TOKEN_SOFTCARD) != 0)
		r->protection |= SOFTCARD;
	else
		r->protection |= CARDSET;
	if (!kmonly && !token)
		fail(r, WB1, "under any token");
	if ((a->flags & NF_MAKEBLOB_KMHASH) == 0)
		fail(r, WB2, "under any module key");
	else if (r->w->hkm == NULL)
		fail(r, WB2, "no HKM is vouched for");
	else if (memcmp(a->kmhash, r->w->hkm, NF_HASH_LEN) != 0)
		fail(r, WB2, "under another world's module key");
	if ((a->flags & NF_MAKEBLOB_ALLOWNULLKMTOKEN) != 0)
		fail(r, WB3, "AllowNullKmToken");
	if (token && (a->flags & NF_MAKEBLOB_KTPARAMS) == 0)
		fail(r, WB6, "a token hash without parameters");
	if ((a->flags & NF_MAKEBLOB_BLOBFILE) != 0)
		fail(r, ACLV4, "a working blob in a file of a module");
}

static void
archive_check(struct rules *r, const struct nf_action *a)
{
	r->recovery = true;
	if ((a->flags & NF_ARCHIVE_KAHASH) == 0)
		fail(r, RB1, "under any key");
	else if (r->w->hkre == NULL)
		fail(r, RB2, "no HKRE is vouched for: hkre is missing");
	else if (memcmp(a->kahash, r->w->hkre, NF_HASH_LEN) != 0)
		fail(r, RB2, "under another key");
	if (a->mech == NF_MECH_ANY)
		fail(r, RB3, "any mechanism");
	if ((a->flags & NF_ARCHIVE_BLOBFILE) != 0)
		fail(r, ACLV4, "a recovery blob in a file of a module");
}

/* An action of a group that asks for no certificate. */
static void
open_action(struct rules *r, const struct nf_action *a)
{
	switch (a->type) {
	case NF_ACT_NOACTION:
		break;
	case NF_ACT_OPPERMISSIONS:
		perms_check(r, a->flags);
		break;
	case NF_ACT_MAKEBLOB:
		working_check(r, a);
		break;
	case NF_ACT_MAKEARCHIVEBLOB:
		archive_check(r, a);
		break;
	case NF_ACT_DERIVEKEY:
	case NF_ACT_DERIVEKEYEX:
		if (a->mech != MECH_PUBLICFROMPRIVATE || a->flags != 0 ||
		    a->n_roles != 0)
			fail(r, ACLV4, "key derivation");
		break;
	default:
		fail(r, ACLV4, "an action that no stock key has");
		break;
	}
}

static void
certified_action(struct rules *r, const struct nf_action *a)
{
	switch (a->type) {
	case NF_ACT_NOACTION:
		break;
	case NF_ACT_OPPERMISSIONS:
		r->trump_out |= (a->flags & PERMS_OUT) != 0;
		break;
	case NF_ACT_MAKEBLOB:
	case NF_ACT_MAKEARCHIVEBLOB:
		r->trump_out = true;
		break;
	default:
		fail(r, ACLV4, "an action that no stock key has");
		break;
	}
}

/* Permissions as the vendor's verdict words them. */
static void
fact_permissions(struct nf_vfy_verdict *v, uint32_t perms)
{
	static const struct nf_name words[] = {
		{ NF_PERM_DECRYPT, "decrypt" },
		{ NF_PERM_USEASBLOBKEY, "unwrap" },
		{ NF_PERM_SIGN, "sign" },
		{ 0, NULL }
	};
	struct nf_buf *b = nf_vfy_fact_begin(v, "permissions", BY);
	const char *lead = "";

	for (const struct nf_name *w = words; w->name != NULL; w++) {
		if ((perms & w->number) == 0)
			continue;
		nf_buf_printf(b, "%s%s", lead, w->name);
		lead = ", ";
	}
	if (*lead == '\0')
		nf_buf_str(b, "none");
	nf_vfy_fact_end(v);
}

static const char *
protection(const struct rules *r)
{
	if (!r->working)
		return "none: a key of one session";
	if ((r->protection & MODULE) != 0)
		return "module";
	return (r->protection & SOFTCARD) != 0 ? "softcard" : "cardset";
}

static const char *
recovery(const struct rules *r)
{
	if (r->recovery && r->trump)
		return "yes, by administrators: recovery blob under HKRE, and "
		    "rights certified by HKNSO";
	if (r->recovery)
		return "yes, by administrators: recovery blob under HKRE";
	if (r->trump)
		return "yes, by administrators: rights certified by HKNSO";
	return "no";
}

static const char *
exportable(const struct rules *r)
{
	if ((r->perms & PERMS_OUT) != 0)
		return "yes, by anyone";
	return r->trump_out ?
	    "only by administrators, with a certificate of HKNSO" : "no";
}

static bool
applies(const struct rules *r, int step)
{
	if (step >= WB1 && step <= WB6)
		return r->working;
	return step < RB1 || step > RB3 || r->recovery;
}

static void
report(const struct rules *r, struct nf_vfy_verdict *v)
{
	for (int i = 0; i < N_STEPS; i++) {
		const struct step *s = &steps[i];

		if (!applies(r, i))
			nf_vfy_add(v, s->id, s->title, NF_VFY_NA,
			    i < RB1 ? "no working blob" : "no recovery blob");
		else if (r->fault[i] != NULL)
			nf_vfy_add(v, s->id, s->title, NF_VFY_FAIL,
			    r->fault[i]);
		else
			nf_vfy_add(v, s->id, s->title, NF_VFY_PASS,
			    i == WB5 ? protection(r) :
			    i == RB5 ? recovery(r) : NULL);
	}
	nf_vfy_fact(v, "exportable", BY, "%s", exportable(r));
	nf_vfy_fact(v, "protection", BY, "%s", protection(r));
	nf_vfy_fact(v, "recoverable", BY, "%s", recovery(r));
	fact_permissions(v, r->perms);
}

void
nf_vfy_attacl_check(struct nf_vfy_verdict *v, const struct nf_acl *acl,
    const struct nf_vfy_attworld *world, const struct nf_vfy_options *opt)
{
	struct rules r;
	bool certified;

	memset(&r, 0, sizeof(r));
	r.w = world;
	r.strict = opt->strict;
	for (uint32_t i = 0; i < acl->n_groups; i++) {
		const struct nf_group *g = &acl->group[i];

		certified = (g->flags & GROUP_CERTIFIED) != 0;
		if (certified)
			certifier_check(&r, g);
		for (uint32_t j = 0; j < g->n_actions; j++) {
			if (certified)
				certified_action(&r, &g->action[j]);
			else
				open_action(&r, &g->action[j]);
		}
	}
	report(&r, v);
}

void
nf_vfy_attacl_unchecked(struct nf_vfy_verdict *v)
{
	for (int i = 0; i < N_STEPS; i++)
		nf_vfy_add_unchecked(v, steps[i].id, steps[i].title);
}
