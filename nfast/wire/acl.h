/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Access control lists (real).  One table says which fields an action has;
 * reader, writer and printer walk it.  Actions whose fields are not public
 * (key derivation parameters, remote modules, NVRAM use limits) are refused.
 */
#ifndef NF_WIRE_ACL_H
#define NF_WIRE_ACL_H

#include "nfast/wire/names.h"
#include "nfast/wire/prim.h"

#define NF_ACL_GROUPS_MAX	64
#define NF_ACL_LIMITS_MAX	16
#define NF_ACL_ACTIONS_MAX	32
#define NF_ACL_ROLES_MAX	8

struct nf_limit {
	uint32_t type;		/* NF_LIMIT_GLOBAL, _AUTH or _TIME */
	uint8_t id[NF_HASH_LEN];	/* Global, Auth */
	uint32_t max;		/* uses; seconds for Time */
};

struct nf_tokenparams {
	uint32_t flags;
	uint32_t needed;	/* K */
	uint32_t total;		/* N */
	uint32_t timelimit;	/* seconds, 0 for none */
};

struct nf_blobfile {
	uint32_t flags;
	uint32_t devs;
	uint8_t aclhash[NF_HASH_LEN];
};

struct nf_rolekey {
	uint32_t role;
	struct nf_hashex hash;
};

/* One action; which members count depends on type (see acl.c). */
struct nf_action {
	uint32_t type;
	uint32_t flags;		/* also the perms of OpPermissions, NVMem */
	uint32_t mech;
	uint32_t word[3];
	uint8_t kmhash[NF_HASH_LEN];
	uint8_t kthash[NF_HASH_LEN];
	uint8_t kahash[NF_HASH_LEN];
	struct nf_tokenparams ktparams;
	struct nf_blobfile blobfile;
	uint32_t n_roles;
	struct nf_rolekey role[NF_ACL_ROLES_MAX];
	struct nf_view block;
};

struct nf_group {
	uint32_t flags;		/* NF_GROUP_* */
	uint32_t n_limits;
	struct nf_limit *limit;
	uint32_t n_actions;
	struct nf_action *action;
	uint8_t certifier[NF_HASH_LEN];
	uint8_t certmech_hash[NF_HASH_LEN];
	uint32_t certmech_mech;
	struct nf_view moduleserial;
	struct nf_hashex certifier_ex;
	uint32_t certifier_ex_mech;
};

struct nf_acl {
	uint32_t n_groups;
	struct nf_group *group;
};

/*
 * Read an ACL.  *out is new (free with nf_acl_free()), NULL on failure; its
 * views borrow from the input.  Returns the cursor's error or NF_E_NOMEM.
 */
int nf_wire_acl_read(struct nf_cur *cur, struct nf_acl **out);
void nf_wire_acl_write(struct nf_buf *buf, const struct nf_acl *acl);
void nf_acl_free(struct nf_acl *acl);

/*
 * Builders: an empty ACL, a group added at its end, a limit or an action
 * added to a group.  NULL on lack of memory; the pointers are borrowed and
 * valid until the next addition of the same kind.
 */
struct nf_acl *nf_acl_new(void);
struct nf_group *nf_acl_group_add(struct nf_acl *acl);
struct nf_limit *nf_group_limit_add(struct nf_group *group, uint32_t type);
struct nf_action *nf_group_action_add(struct nf_group *group, uint32_t type);

/* A deep copy (views stay borrowed), or NULL. */
struct nf_acl *nf_acl_copy(const struct nf_acl *acl);

/* The marshalled forms of two groups or actions are the same. */
bool nf_action_equal(const struct nf_action *a, const struct nf_action *b);

/* Union of OpPermissions over all groups, or over those that anyone may use
 * without limit (no certifier, no limits). */
uint32_t nf_acl_perms(const struct nf_acl *acl, bool anyone);

/*
 * Print for people, one line a member; group numbers, names of every bit.
 * Text read from input is shown only when printable.
 */
void nf_wire_acl_print(struct nf_buf *buf, const struct nf_acl *acl,
    const char *indent);

/*
 * Print one line a right, "CONDITION: RIGHT\n", so that two ACLs can be
 * compared line by line.  Conditions: "anyone", "once" and the like,
 * "certified by HASH".
 */
void nf_wire_acl_rights(struct nf_buf *buf, const struct nf_acl *acl);

/*
 * Print one line for each action that allows something, "group N allows RIGHT:
 * CONDITION" with conditions as above, or "no group allows OP".
 *   type    NF_ACT_*
 *   perm    one bit of OpPermissions when type is NF_ACT_OPPERMISSIONS
 *   indent  before each line
 */
void nf_wire_acl_explain(struct nf_buf *buf, const struct nf_acl *acl,
    uint32_t type, uint32_t perm, const char *indent);

/* Parameters of a logical token.  Errors stick in the cursor or buffer. */
void nf_wire_tokenparams_read(struct nf_cur *cur, struct nf_tokenparams *out);
void nf_wire_tokenparams_write(struct nf_buf *buf,
    const struct nf_tokenparams *p);

#endif
