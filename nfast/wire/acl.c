/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "nfast/wire/acl.h"
#include "nfast/wire/acl-spec.h"

#define GROUP_FLAGS	(NF_GROUP_CERTIFIER | NF_GROUP_FRESHCERTS | \
			NF_GROUP_CERTMECH | NF_GROUP_MODULESERIAL | \
			NF_GROUP_NSOCERTIFIED | NF_GROUP_LOGKEYUSAGE | \
			NF_GROUP_CERTIFIER_EX)
#define BLOBFILE_DEVS		1u
#define BLOBFILE_ACLHASH	2u
#define SERIAL_MAX		64
#define RESTRICTION_MAX		1024

#define AT(member)	offsetof(struct nf_action, member)

static const struct nf_name feature_flags[] = {
	{ 1, "SetSEEMachine" }, { 2, "GenerateKLF" }, { 0, NULL }
};
static const struct nf_name filecopy_flags[] = {
	{ 0x100, "ChangeName" }, { 0, NULL }
};
static const struct nf_name no_flags[] = { { 0, NULL } };

/*
 * The fields of each action in wire order.  "known" are the flag bits whose
 * meaning and fields are public; others are refused, save for OpPermissions,
 * whose unknown bits carry no fields and are shown in hex.
 */
static const struct nf_action_spec specs[] = {
	{ NF_ACT_NOACTION, 0, { { NULL, NF_AF_WORD, 0, 0, NULL } } },
	{ NF_ACT_OPPERMISSIONS, UINT32_MAX, {
	    { "perms", NF_AF_FLAGS, AT(flags), 0, nf_wire_op_perms } } },
	{ NF_ACT_MAKEBLOB, 0x7f, {
	    { "flags", NF_AF_FLAGS, AT(flags), 0, nf_wire_makeblob_flags },
	    { "kmhash", NF_AF_HASH, AT(kmhash), NF_MAKEBLOB_KMHASH, NULL },
	    { "kthash", NF_AF_HASH, AT(kthash), NF_MAKEBLOB_KTHASH, NULL },
	    { "ktparams", NF_AF_TOKENPARAMS, AT(ktparams),
		NF_MAKEBLOB_KTPARAMS, NULL },
	    { "blobfile", NF_AF_BLOBFILE, AT(blobfile),
		NF_MAKEBLOB_BLOBFILE, NULL } } },
	{ NF_ACT_MAKEARCHIVEBLOB, 0x3, {
	    { "flags", NF_AF_FLAGS, AT(flags), 0, nf_wire_archive_flags },
	    { "mech", NF_AF_NAME, AT(mech), 0, nf_wire_mechs },
	    { "kahash", NF_AF_HASH, AT(kahash), NF_ARCHIVE_KAHASH, NULL },
	    { "blobfile", NF_AF_BLOBFILE, AT(blobfile),
		NF_ARCHIVE_BLOBFILE, NULL } } },
	{ NF_ACT_NSOPERMISSIONS, UINT32_MAX, {
	    { "ops", NF_AF_FLAGS, AT(flags), 0, no_flags } } },
	{ NF_ACT_DERIVEKEY, 0, {
	    { "flags", NF_AF_FLAGS, AT(flags), 0, no_flags },
	    { "role", NF_AF_WORD, AT(word[0]), 0, NULL },
	    { "mech", NF_AF_WORD, AT(mech), 0, NULL },
	    { "otherkeys", NF_AF_ROLES, AT(role), 0, NULL } } },
	{ NF_ACT_NVMEMOPPERMS, 0x1c7f, {
	    { "perms", NF_AF_FLAGS, AT(flags), 0, nf_wire_nvmem_perms } } },
	{ NF_ACT_FEATUREENABLE, 0x3, {
	    { "flags", NF_AF_FLAGS, AT(flags), 0, feature_flags } } },
	{ NF_ACT_READSHARE, UINT32_MAX, {
	    { "flags", NF_AF_FLAGS, AT(flags), 0, no_flags } } },
	{ NF_ACT_STATICFEATUREENABLE, UINT32_MAX, {
	    { "ver", NF_AF_WORD, AT(word[0]), 0, NULL },
	    { "ctrl", NF_AF_WORD, AT(word[1]), 0, NULL },
	    { "features", NF_AF_FLAGS, AT(flags), 0, no_flags } } },
	{ NF_ACT_USERACTION, UINT32_MAX, {
	    { "id", NF_AF_WORD, AT(word[0]), 0, NULL },
	    { "perms", NF_AF_FLAGS, AT(flags), 0, no_flags },
	    { "restriction", NF_AF_BLOCK, AT(block), 0, NULL } } },
	{ NF_ACT_FILECOPY, 0x100, {
	    { "flags", NF_AF_FLAGS, AT(flags), 0, filecopy_flags },
	    { "to", NF_AF_WORD, AT(word[0]), 0, NULL },
	    { "from", NF_AF_WORD, AT(word[1]), 0, NULL } } },
	{ NF_ACT_DERIVEKEYEX, 0, {
	    { "flags", NF_AF_FLAGS, AT(flags), 0, no_flags },
	    { "role", NF_AF_WORD, AT(word[0]), 0, NULL },
	    { "mech", NF_AF_WORD, AT(mech), 0, NULL },
	    { "otherkeys", NF_AF_ROLES_EX, AT(role), 0, NULL } } },
};

const struct nf_action_spec *
nf_action_spec_find(uint32_t type)
{
	for (size_t i = 0; i < sizeof(specs) / sizeof(specs[0]); i++) {
		if (specs[i].type == type)
			return &specs[i];
	}
	return NULL;
}

bool
nf_action_has(const struct nf_action *a, const struct nf_action_field *f)
{
	return f->bit == 0 || (a->flags & f->bit) != 0;
}

void
nf_wire_tokenparams_read(struct nf_cur *cur, struct nf_tokenparams *out)
{
	out->flags = nf_cur_u32(cur, "ktparams.flags");
	out->needed = nf_cur_u32(cur, "ktparams.sharesneeded");
	out->total = nf_cur_u32(cur, "ktparams.sharestotal");
	out->timelimit = nf_cur_u32(cur, "ktparams.timelimit");
}

void
nf_wire_tokenparams_write(struct nf_buf *buf, const struct nf_tokenparams *p)
{
	nf_buf_u32(buf, p->flags);
	nf_buf_u32(buf, p->needed);
	nf_buf_u32(buf, p->total);
	nf_buf_u32(buf, p->timelimit);
}

static void
blobfile_read(struct nf_cur *cur, struct nf_blobfile *out)
{
	out->flags = nf_cur_u32(cur, "blobfile");
	if ((out->flags & ~(BLOBFILE_DEVS | BLOBFILE_ACLHASH)) != 0)
		(void)nf_cur_fail(cur, NF_E_FORMAT, "blobfile",
		    "unknown flags 0x%x", out->flags);
	if ((out->flags & BLOBFILE_DEVS) != 0)
		out->devs = nf_cur_u32(cur, "blobfile.devs");
	if ((out->flags & BLOBFILE_ACLHASH) != 0)
		nf_cur_copy(cur, "blobfile.aclhash", out->aclhash,
		    NF_HASH_LEN);
}

static void
blobfile_write(struct nf_buf *buf, const struct nf_blobfile *b)
{
	nf_buf_u32(buf, b->flags);
	if ((b->flags & BLOBFILE_DEVS) != 0)
		nf_buf_u32(buf, b->devs);
	if ((b->flags & BLOBFILE_ACLHASH) != 0)
		nf_buf_put(buf, b->aclhash, NF_HASH_LEN);
}

static void
roles_read(struct nf_cur *cur, struct nf_action *a, bool ex)
{
	a->n_roles = nf_cur_count(cur, "otherkeys", 24, NF_ACL_ROLES_MAX);
	for (uint32_t i = 0; i < a->n_roles && nf_cur_err(cur) == 0; i++) {
		a->role[i].role = nf_cur_u32(cur, "otherkeys.role");
		if (ex)
			nf_wire_hashex_read(cur, "otherkeys.hash",
			    &a->role[i].hash);
		else {
			a->role[i].hash.mech = NF_MECH_SHA1HASH;
			nf_cur_copy(cur, "otherkeys.hash",
			    a->role[i].hash.hash, NF_HASH_LEN);
		}
	}
}

static void
field_read(struct nf_cur *cur, const struct nf_action_field *f,
    struct nf_action *a)
{
	void *at = (uint8_t *)a + f->offset;

	switch (f->kind) {
	case NF_AF_WORD:
	case NF_AF_NAME:
	case NF_AF_FLAGS:
		*(uint32_t *)at = nf_cur_u32(cur, f->name);
		break;
	case NF_AF_HASH:
		nf_cur_copy(cur, f->name, at, NF_HASH_LEN);
		break;
	case NF_AF_TOKENPARAMS:
		nf_wire_tokenparams_read(cur, at);
		break;
	case NF_AF_BLOBFILE:
		blobfile_read(cur, at);
		break;
	case NF_AF_ROLES:
	case NF_AF_ROLES_EX:
		roles_read(cur, a, f->kind == NF_AF_ROLES_EX);
		break;
	case NF_AF_BLOCK:
		*(struct nf_view *)at = nf_wire_block_read(cur, f->name,
		    RESTRICTION_MAX);
		break;
	}
}

static void
field_write(struct nf_buf *buf, const struct nf_action_field *f,
    const struct nf_action *a)
{
	const void *at = (const uint8_t *)a + f->offset;

	switch (f->kind) {
	case NF_AF_WORD:
	case NF_AF_NAME:
	case NF_AF_FLAGS:
		nf_buf_u32(buf, *(const uint32_t *)at);
		break;
	case NF_AF_HASH:
		nf_buf_put(buf, at, NF_HASH_LEN);
		break;
	case NF_AF_TOKENPARAMS:
		nf_wire_tokenparams_write(buf, at);
		break;
	case NF_AF_BLOBFILE:
		blobfile_write(buf, at);
		break;
	case NF_AF_ROLES:
	case NF_AF_ROLES_EX:
		nf_buf_u32(buf, a->n_roles);
		for (uint32_t i = 0; i < a->n_roles; i++) {
			nf_buf_u32(buf, a->role[i].role);
			if (f->kind == NF_AF_ROLES_EX)
				nf_wire_hashex_write(buf, &a->role[i].hash);
			else
				nf_buf_put(buf, a->role[i].hash.hash,
				    NF_HASH_LEN);
		}
		break;
	case NF_AF_BLOCK:
		nf_wire_block_write(buf, *(const struct nf_view *)at);
		break;
	}
}

static void
action_read(struct nf_cur *cur, struct nf_action *a)
{
	const struct nf_action_spec *spec;

	a->type = nf_cur_u32(cur, "action");
	if (nf_cur_err(cur) != 0)
		return;
	if ((spec = nf_action_spec_find(a->type)) == NULL) {
		(void)nf_cur_fail(cur, NF_E_FORMAT, "action",
		    "action %u is not supported", a->type);
		return;
	}
	for (size_t i = 0; spec->field[i].name != NULL; i++) {
		if (nf_action_has(a, &spec->field[i]))
			field_read(cur, &spec->field[i], a);
		if (spec->field[i].kind == NF_AF_FLAGS &&
		    (a->flags & ~spec->known) != 0 && nf_cur_err(cur) == 0)
			(void)nf_cur_fail(cur, NF_E_FORMAT,
			    spec->field[i].name, "unknown flags 0x%x",
			    a->flags & ~spec->known);
	}
}

static void
action_write(struct nf_buf *buf, const struct nf_action *a)
{
	const struct nf_action_spec *spec = nf_action_spec_find(a->type);

	if (spec == NULL) {
		nf_buf_fail(buf, NF_E_INTERNAL);
		return;
	}
	nf_buf_u32(buf, a->type);
	for (size_t i = 0; spec->field[i].name != NULL; i++) {
		if (nf_action_has(a, &spec->field[i]))
			field_write(buf, &spec->field[i], a);
	}
}

static void
limit_read(struct nf_cur *cur, struct nf_limit *l)
{
	l->type = nf_cur_u32(cur, "limit");
	switch (l->type) {
	case NF_LIMIT_GLOBAL:
	case NF_LIMIT_AUTH:
		nf_cur_copy(cur, "limit.id", l->id, NF_HASH_LEN);
		l->max = nf_cur_u32(cur, "limit.max");
		break;
	case NF_LIMIT_TIME:
		l->max = nf_cur_u32(cur, "limit.seconds");
		break;
	default:
		(void)nf_cur_fail(cur, NF_E_FORMAT, "limit",
		    "use limit %u is not supported", l->type);
		break;
	}
}

static void
limit_write(struct nf_buf *buf, const struct nf_limit *l)
{
	nf_buf_u32(buf, l->type);
	if (l->type != NF_LIMIT_TIME)
		nf_buf_put(buf, l->id, NF_HASH_LEN);
	nf_buf_u32(buf, l->max);
}

static int
group_read(struct nf_cur *cur, struct nf_group *g)
{
	uint32_t i, n;

	g->flags = nf_cur_u32(cur, "group.flags");
	if (nf_cur_err(cur) == 0 && (g->flags & ~(uint32_t)GROUP_FLAGS) != 0)
		return nf_cur_fail(cur, NF_E_FORMAT, "group.flags",
		    "unknown flags 0x%x", g->flags);
	n = nf_cur_count(cur, "n_limits", 8, NF_ACL_LIMITS_MAX);
	for (i = 0; i < n && nf_cur_err(cur) == 0; i++) {
		struct nf_limit *l = nf_group_limit_add(g, 0);

		if (l == NULL)
			return NF_E_NOMEM;
		limit_read(cur, l);
	}
	n = nf_cur_count(cur, "n_actions", 4, NF_ACL_ACTIONS_MAX);
	for (i = 0; i < n && nf_cur_err(cur) == 0; i++) {
		struct nf_action *a = nf_group_action_add(g, 0);

		if (a == NULL)
			return NF_E_NOMEM;
		action_read(cur, a);
	}
	if ((g->flags & NF_GROUP_CERTIFIER) != 0)
		nf_cur_copy(cur, "certifier", g->certifier, NF_HASH_LEN);
	if ((g->flags & NF_GROUP_CERTMECH) != 0) {
		nf_cur_copy(cur, "certmech", g->certmech_hash, NF_HASH_LEN);
		g->certmech_mech = nf_cur_u32(cur, "certmech.mech");
	}
	if ((g->flags & NF_GROUP_MODULESERIAL) != 0)
		g->moduleserial = nf_wire_string_read(cur, "moduleserial",
		    SERIAL_MAX);
	if ((g->flags & NF_GROUP_CERTIFIER_EX) != 0) {
		nf_wire_hashex_read(cur, "certifier_ex", &g->certifier_ex);
		g->certifier_ex_mech = nf_cur_u32(cur, "certifier_ex.mech");
	}
	return nf_cur_err(cur);
}

static void
group_write(struct nf_buf *buf, const struct nf_group *g)
{
	uint32_t i;

	nf_buf_u32(buf, g->flags);
	nf_buf_u32(buf, g->n_limits);
	for (i = 0; i < g->n_limits; i++)
		limit_write(buf, &g->limit[i]);
	nf_buf_u32(buf, g->n_actions);
	for (i = 0; i < g->n_actions; i++)
		action_write(buf, &g->action[i]);
	if ((g->flags & NF_GROUP_CERTIFIER) != 0)
		nf_buf_put(buf, g->certifier, NF_HASH_LEN);
	if ((g->flags & NF_GROUP_CERTMECH) != 0) {
		nf_buf_put(buf, g->certmech_hash, NF_HASH_LEN);
		nf_buf_u32(buf, g->certmech_mech);
	}
	if ((g->flags & NF_GROUP_MODULESERIAL) != 0)
		nf_wire_string_write(buf, g->moduleserial);
	if ((g->flags & NF_GROUP_CERTIFIER_EX) != 0) {
		nf_wire_hashex_write(buf, &g->certifier_ex);
		nf_buf_u32(buf, g->certifier_ex_mech);
	}
}

int
nf_wire_acl_read(struct nf_cur *cur, struct nf_acl **out)
{
	struct nf_acl *acl = NULL;
	struct nf_group *g;
	uint32_t i, n;
	int r;

	*out = NULL;
	n = nf_cur_count(cur, "n_groups", 12, NF_ACL_GROUPS_MAX);
	if ((r = nf_cur_err(cur)) != 0)
		goto out;
	if ((acl = nf_acl_new()) == NULL) {
		r = NF_E_NOMEM;
		goto out;
	}
	for (i = 0; i < n; i++) {
		if ((g = nf_acl_group_add(acl)) == NULL) {
			r = NF_E_NOMEM;
			goto out;
		}
		if ((r = group_read(cur, g)) != 0)
			goto out;
	}

	*out = acl;
	acl = NULL;
	r = 0;
out:
	nf_acl_free(acl);
	if (r == NF_E_NOMEM)
		(void)nf_cur_fail(cur, r, NULL, "out of memory");
	return r;
}

void
nf_wire_acl_write(struct nf_buf *buf, const struct nf_acl *acl)
{
	nf_buf_u32(buf, acl->n_groups);
	for (uint32_t i = 0; i < acl->n_groups; i++)
		group_write(buf, &acl->group[i]);
}

void
nf_acl_free(struct nf_acl *acl)
{
	if (acl == NULL)
		return;
	for (uint32_t i = 0; i < acl->n_groups; i++) {
		free(acl->group[i].limit);
		free(acl->group[i].action);
	}
	free(acl->group);
	free(acl);
}

struct nf_acl *
nf_acl_new(void)
{
	return calloc(1, sizeof(struct nf_acl));
}

/* One more zeroed element at the end of an array, or NULL. */
static void *
grow(void **array, uint32_t *n, size_t size, uint32_t max)
{
	uint8_t *p;

	if (*n >= max || (p = reallocarray(*array, *n + 1, size)) == NULL)
		return NULL;
	*array = p;
	memset(p + *n * size, 0, size);
	return p + (*n)++ * size;
}

struct nf_group *
nf_acl_group_add(struct nf_acl *acl)
{
	return grow((void **)&acl->group, &acl->n_groups,
	    sizeof(*acl->group), NF_ACL_GROUPS_MAX);
}

struct nf_limit *
nf_group_limit_add(struct nf_group *group, uint32_t type)
{
	struct nf_limit *l = grow((void **)&group->limit, &group->n_limits,
	    sizeof(*group->limit), NF_ACL_LIMITS_MAX);

	if (l != NULL)
		l->type = type;
	return l;
}

struct nf_action *
nf_group_action_add(struct nf_group *group, uint32_t type)
{
	struct nf_action *a = grow((void **)&group->action,
	    &group->n_actions, sizeof(*group->action), NF_ACL_ACTIONS_MAX);

	if (a != NULL)
		a->type = type;
	return a;
}

/* n elements copied; NULL for none or on lack of memory. */
static void *
dup_array(const void *p, uint32_t n, size_t size)
{
	void *q = n == 0 ? NULL : calloc(n, size);

	if (q != NULL)
		memcpy(q, p, n * size);
	return q;
}

struct nf_acl *
nf_acl_copy(const struct nf_acl *acl)
{
	struct nf_acl *copy = nf_acl_new();

	if (copy == NULL)
		return NULL;
	for (uint32_t i = 0; i < acl->n_groups; i++) {
		const struct nf_group *from = &acl->group[i];
		struct nf_group *to = nf_acl_group_add(copy);

		if (to == NULL)
			goto fail;
		*to = *from;
		to->limit = dup_array(from->limit, from->n_limits,
		    sizeof(*from->limit));
		to->action = dup_array(from->action, from->n_actions,
		    sizeof(*from->action));
		if ((to->limit == NULL) != (from->n_limits == 0) ||
		    (to->action == NULL) != (from->n_actions == 0))
			goto fail;
	}
	return copy;
fail:
	nf_acl_free(copy);
	return NULL;
}

bool
nf_action_equal(const struct nf_action *a, const struct nf_action *b)
{
	struct nf_buf x = NF_BUF_INIT, y = NF_BUF_INIT;
	bool equal;

	action_write(&x, a);
	action_write(&y, b);
	equal = nf_buf_err(&x) == 0 && nf_buf_err(&y) == 0 &&
	    nf_view_equal(nf_buf_view(&x), nf_buf_view(&y));
	nf_buf_wipe(&x);
	nf_buf_wipe(&y);
	return equal;
}

uint32_t
nf_acl_perms(const struct nf_acl *acl, bool anyone)
{
	const uint32_t gated = NF_GROUP_CERTIFIER | NF_GROUP_CERTMECH |
	    NF_GROUP_NSOCERTIFIED | NF_GROUP_CERTIFIER_EX;
	uint32_t perms = 0;

	for (uint32_t i = 0; i < acl->n_groups; i++) {
		const struct nf_group *g = &acl->group[i];

		if (anyone && ((g->flags & gated) != 0 || g->n_limits != 0))
			continue;
		for (uint32_t j = 0; j < g->n_actions; j++) {
			if (g->action[j].type == NF_ACT_OPPERMISSIONS)
				perms |= g->action[j].flags;
		}
	}
	return perms;
}
