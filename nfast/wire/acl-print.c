/* SPDX-License-Identifier: Apache-2.0 */
/* ACLs for people: the full listing, and one line a right. */
#include "config.h"

#include <string.h>

#include "nfast/wire/acl-spec.h"

static void
print_hash(struct nf_buf *buf, const uint8_t *hash)
{
	nf_text_hex_groups(buf, nf_view_of(hash, NF_HASH_LEN));
}

static void
print_text(struct nf_buf *buf, struct nf_view v)
{
	if (nf_view_printable(v))
		nf_buf_view_put(buf, v);
	else
		nf_text_hex(buf, v);
}

static void
print_field(struct nf_buf *buf, const struct nf_action_field *f,
    const struct nf_action *a)
{
	const void *at = (const uint8_t *)a + f->offset;

	switch (f->kind) {
	case NF_AF_WORD:
		nf_buf_printf(buf, "%u", *(const uint32_t *)at);
		break;
	case NF_AF_NAME:
		nf_name_print(buf, f->names, *(const uint32_t *)at);
		nf_buf_printf(buf, " %u", *(const uint32_t *)at);
		break;
	case NF_AF_FLAGS:
		nf_flags_print(buf, f->names, *(const uint32_t *)at);
		nf_buf_printf(buf, " 0x%08x", *(const uint32_t *)at);
		break;
	case NF_AF_HASH:
		print_hash(buf, at);
		break;
	case NF_AF_TOKENPARAMS:
		nf_buf_printf(buf, "flags 0x%08x shares %u/%u timelimit %u",
		    a->ktparams.flags, a->ktparams.needed, a->ktparams.total,
		    a->ktparams.timelimit);
		break;
	case NF_AF_BLOBFILE:
		nf_buf_printf(buf, "flags 0x%08x devs 0x%x aclhash ",
		    a->blobfile.flags, a->blobfile.devs);
		print_hash(buf, a->blobfile.aclhash);
		break;
	case NF_AF_ROLES:
	case NF_AF_ROLES_EX:
		nf_buf_printf(buf, "%u", a->n_roles);
		for (uint32_t i = 0; i < a->n_roles; i++) {
			nf_buf_printf(buf, " role %u ", a->role[i].role);
			nf_text_hex(buf, nf_view_of(a->role[i].hash.hash,
			    nf_wire_hashex_len(a->role[i].hash.mech)));
		}
		break;
	case NF_AF_BLOCK:
		nf_text_hex(buf, *(const struct nf_view *)at);
		break;
	}
}

static void
print_limit(struct nf_buf *buf, const struct nf_limit *l)
{
	nf_name_print(buf, nf_wire_limits, l->type);
	if (l->type == NF_LIMIT_TIME) {
		nf_buf_printf(buf, " %u s", l->max);
		return;
	}
	nf_buf_printf(buf, " max %u id ", l->max);
	print_hash(buf, l->id);
}

static void
print_conditions(struct nf_buf *buf, const struct nf_group *g,
    const char *pad)
{
	nf_buf_printf(buf, "%s.certifier", pad);
	if ((g->flags & NF_GROUP_CERTIFIER) != 0) {
		nf_buf_str(buf, "= ");
		print_hash(buf, g->certifier);
	} else
		nf_buf_str(buf, " absent");
	nf_buf_printf(buf, "\n%s.certmech", pad);
	if ((g->flags & NF_GROUP_CERTMECH) != 0) {
		nf_buf_str(buf, "= ");
		print_hash(buf, g->certmech_hash);
		nf_buf_str(buf, " ");
		nf_name_print(buf, nf_wire_mechs, g->certmech_mech);
	} else
		nf_buf_str(buf, " absent");
	nf_buf_printf(buf, "\n%s.moduleserial", pad);
	if ((g->flags & NF_GROUP_MODULESERIAL) != 0) {
		nf_buf_str(buf, "= ");
		print_text(buf, g->moduleserial);
	} else
		nf_buf_str(buf, " absent");
	nf_buf_str(buf, "\n");
	if ((g->flags & NF_GROUP_CERTIFIER_EX) != 0) {
		nf_buf_printf(buf, "%s.certifier_ex= ", pad);
		nf_text_hex(buf, nf_view_of(g->certifier_ex.hash,
		    nf_wire_hashex_len(g->certifier_ex.mech)));
		nf_buf_str(buf, " ");
		nf_name_print(buf, nf_wire_mechs, g->certifier_ex_mech);
		nf_buf_str(buf, "\n");
	}
}

static void
print_group(struct nf_buf *buf, const struct nf_group *g, uint32_t number,
    const char *indent)
{
	struct nf_buf pad = NF_BUF_INIT;
	const char *p;

	nf_buf_printf(&pad, "%s         ", indent);
	p = nf_buf_text(&pad);
	nf_buf_printf(buf, "%sgroups[%u].flags= ", indent, number);
	nf_flags_print(buf, nf_wire_group_flags, g->flags);
	nf_buf_printf(buf, " 0x%08x\n%s.n_limits= %u\n", g->flags, p,
	    g->n_limits);
	for (uint32_t i = 0; i < g->n_limits; i++) {
		nf_buf_printf(buf, "%s.limits[%2u]= ", p, i);
		print_limit(buf, &g->limit[i]);
		nf_buf_str(buf, "\n");
	}
	nf_buf_printf(buf, "%s.n_actions= %u\n", p, g->n_actions);
	for (uint32_t i = 0; i < g->n_actions; i++) {
		const struct nf_action *a = &g->action[i];
		const struct nf_action_spec *spec =
		    nf_action_spec_find(a->type);

		nf_buf_printf(buf, "%s.actions[%2u].type= ", p, i);
		nf_name_print(buf, nf_wire_actions, a->type);
		nf_buf_str(buf, "\n");
		for (size_t j = 0; spec != NULL &&
		    spec->field[j].name != NULL; j++) {
			nf_buf_printf(buf, "%s            .details.%s", p,
			    spec->field[j].name);
			if (nf_action_has(a, &spec->field[j])) {
				nf_buf_str(buf, "= ");
				print_field(buf, &spec->field[j], a);
			} else
				nf_buf_str(buf, " absent");
			nf_buf_str(buf, "\n");
		}
	}
	print_conditions(buf, g, p);
	nf_buf_fail_as(buf, &pad);
	nf_buf_wipe(&pad);
}

void
nf_wire_acl_print(struct nf_buf *buf, const struct nf_acl *acl,
    const char *indent)
{
	nf_buf_printf(buf, "%sn_groups= %u\n", indent, acl->n_groups);
	for (uint32_t i = 0; i < acl->n_groups; i++)
		print_group(buf, &acl->group[i], i, indent);
}

/* Who may use a group, in words. */
static void
condition(struct nf_buf *buf, const struct nf_group *g)
{
	const char *sep = "";

	if ((g->flags & NF_GROUP_CERTIFIER) != 0) {
		nf_buf_str(buf, "certified by ");
		nf_text_hex(buf, nf_view_of(g->certifier, NF_HASH_LEN));
		sep = ", ";
	}
	if ((g->flags & NF_GROUP_CERTMECH) != 0) {
		nf_buf_printf(buf, "%scertified by ", sep);
		nf_text_hex(buf, nf_view_of(g->certmech_hash, NF_HASH_LEN));
		sep = ", ";
	}
	if ((g->flags & NF_GROUP_CERTIFIER_EX) != 0) {
		nf_buf_printf(buf, "%scertified by ", sep);
		nf_text_hex(buf, nf_view_of(g->certifier_ex.hash,
		    nf_wire_hashex_len(g->certifier_ex.mech)));
		sep = ", ";
	}
	if ((g->flags & NF_GROUP_NSOCERTIFIED) != 0) {
		nf_buf_printf(buf, "%scertified by the NSO", sep);
		sep = ", ";
	}
	if ((g->flags & NF_GROUP_MODULESERIAL) != 0) {
		nf_buf_printf(buf, "%smodule ", sep);
		print_text(buf, g->moduleserial);
		sep = ", ";
	}
	if (*sep == '\0')
		nf_buf_str(buf, "anyone");
	for (uint32_t i = 0; i < g->n_limits; i++) {
		const struct nf_limit *l = &g->limit[i];

		if (l->type == NF_LIMIT_TIME)
			nf_buf_printf(buf, ", for %u s", l->max);
		else if (l->type == NF_LIMIT_AUTH)
			nf_buf_printf(buf, ", %u times per card", l->max);
		else if (l->max == 1)
			nf_buf_str(buf, ", once");
		else
			nf_buf_printf(buf, ", %u times", l->max);
	}
}

/* The action, with all its fields. */
static void
action_print(struct nf_buf *buf, const struct nf_action *a)
{
	const struct nf_action_spec *spec = nf_action_spec_find(a->type);

	nf_name_print(buf, nf_wire_actions, a->type);
	for (size_t i = 0; spec != NULL && spec->field[i].name != NULL; i++) {
		if (!nf_action_has(a, &spec->field[i]))
			continue;
		nf_buf_printf(buf, " %s=", spec->field[i].name);
		print_field(buf, &spec->field[i], a);
	}
}

static void
rights_of_action(struct nf_buf *buf, const struct nf_action *a,
    const char *who)
{
	if (a->type == NF_ACT_OPPERMISSIONS) {
		for (uint32_t bit = 1; bit != 0; bit <<= 1) {
			if ((a->flags & bit) == 0)
				continue;
			nf_buf_printf(buf, "%s: ", who);
			nf_flags_print(buf, nf_wire_op_perms, bit);
			nf_buf_str(buf, "\n");
		}
		return;
	}
	nf_buf_printf(buf, "%s: ", who);
	action_print(buf, a);
	nf_buf_str(buf, "\n");
}

void
nf_wire_acl_rights(struct nf_buf *buf, const struct nf_acl *acl)
{
	for (uint32_t i = 0; i < acl->n_groups; i++) {
		const struct nf_group *g = &acl->group[i];
		struct nf_buf who = NF_BUF_INIT;

		condition(&who, g);
		for (uint32_t j = 0; j < g->n_actions; j++)
			rights_of_action(buf, &g->action[j],
			    nf_buf_text(&who));
		nf_buf_fail_as(buf, &who);
		nf_buf_wipe(&who);
	}
}

static void
right_print(struct nf_buf *buf, const struct nf_action *a, uint32_t perm)
{
	if (a->type == NF_ACT_OPPERMISSIONS)
		nf_flags_print(buf, nf_wire_op_perms, perm);
	else
		action_print(buf, a);
}

void
nf_wire_acl_explain(struct nf_buf *buf, const struct nf_acl *acl,
    uint32_t type, uint32_t perm, const char *indent)
{
	bool any = false;

	for (uint32_t i = 0; i < acl->n_groups; i++) {
		const struct nf_group *g = &acl->group[i];

		for (uint32_t j = 0; j < g->n_actions; j++) {
			const struct nf_action *a = &g->action[j];

			if (a->type != type ||
			    (type == NF_ACT_OPPERMISSIONS &&
			    (a->flags & perm) == 0))
				continue;
			any = true;
			nf_buf_printf(buf, "%sgroup %u allows ", indent, i);
			right_print(buf, a, perm);
			nf_buf_str(buf, ": ");
			condition(buf, g);
			if ((g->flags & NF_GROUP_FRESHCERTS) != 0)
				nf_buf_str(buf, ", by fresh certificates");
			nf_buf_str(buf, "\n");
		}
	}
	if (any)
		return;
	nf_buf_printf(buf, "%sno group allows ", indent);
	if (type == NF_ACT_OPPERMISSIONS)
		nf_flags_print(buf, nf_wire_op_perms, perm);
	else
		nf_name_print(buf, nf_wire_actions, type);
	nf_buf_str(buf, "\n");
}
