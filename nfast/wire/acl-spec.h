/* SPDX-License-Identifier: Apache-2.0 */
/* The table that the ACL reader, writer and printer share. */
#ifndef NF_WIRE_ACL_SPEC_H
#define NF_WIRE_ACL_SPEC_H

#include "nfast/wire/acl.h"

enum nf_action_field_kind {
	NF_AF_WORD,
	NF_AF_NAME,		/* a word with a name */
	NF_AF_FLAGS,		/* the word that later fields depend on */
	NF_AF_HASH,
	NF_AF_TOKENPARAMS,
	NF_AF_BLOBFILE,
	NF_AF_ROLES,
	NF_AF_ROLES_EX,
	NF_AF_BLOCK
};

struct nf_action_field {
	const char *name;	/* NULL ends the list */
	enum nf_action_field_kind kind;
	size_t offset;		/* in struct nf_action */
	uint32_t bit;		/* present when set in flags; 0: always */
	const struct nf_name *names;
};

struct nf_action_spec {
	uint32_t type;
	uint32_t known;		/* flag bits that are understood */
	struct nf_action_field field[6];
};

/* The fields of an action type, or NULL when it is not supported. */
const struct nf_action_spec *nf_action_spec_find(uint32_t type);

/* The field is present in this action. */
bool nf_action_has(const struct nf_action *a,
    const struct nf_action_field *f);

#endif
