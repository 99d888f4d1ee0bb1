/* SPDX-License-Identifier: Apache-2.0 */
/* The rules for the ACLs of a KEK and of a module key.  Ours, see kekacl.h. */
#include "config.h"

#include <string.h>

#include "nfast/base/text.h"
#include "nfast/wire/blob.h"
#include "nfast/wire/names.h"
#include "verify/kekacl.h"
#include "verify/kekparts.h"

/* Of no harm: the key wraps, is looked at, and can only lose rights. */
#define PERMS_HARMLESS	(NF_PERM_DUPLICATEHANDLE | NF_PERM_GETAPPDATA | \
			NF_PERM_SETAPPDATA | NF_PERM_REDUCEACL | \
			NF_PERM_ENCRYPT | NF_PERM_VERIFY | \
			NF_PERM_USEASBLOBKEY | NF_PERM_GETACL)
/* Each has a rule of its own. */
#define PERMS_RULED	(NF_PERM_EXPORTASPLAIN | NF_PERM_EXPANDACL | \
			NF_PERM_DECRYPT | NF_PERM_SIGN)
#define BLOB_FLAGS	(NF_MAKEBLOB_ALLOWKMONLY | NF_MAKEBLOB_ALLOWNONKM0 | \
			NF_MAKEBLOB_KMHASH)

/* Without Encrypt and the like: those would open what is under the key. */
#define KM_PERMS	(NF_PERM_USEASKM | NF_PERM_GETACL | \
			NF_PERM_DUPLICATEHANDLE | NF_PERM_GETAPPDATA | \
			NF_PERM_SETAPPDATA | NF_PERM_REDUCEACL)
/* The administrators' token is under the null module key (real). */
#define KM_BLOB_FLAGS	(NF_MAKEBLOB_ALLOWNONKM0 | NF_MAKEBLOB_KMHASH | \
			NF_MAKEBLOB_KTHASH | NF_MAKEBLOB_KTPARAMS | \
			NF_MAKEBLOB_ALLOWNULLKMTOKEN)

/* The null module key of AES worlds: 32 zero bytes (real). */
static const uint8_t null_aes_hash[NF_HASH_LEN] = {
	0xc2, 0xbe, 0x99, 0xfe, 0x1c, 0x77, 0xf1, 0xb7, 0x5d, 0x48,
	0xe2, 0xfd, 0x2d, 0xf8, 0xdf, 0xfc, 0x0c, 0x96, 0x9b, 0xcb
};

bool
nf_vfy_km_is_null(const uint8_t hkm[static NF_HASH_LEN])
{
	return nf_vfy_hash_same(hkm, nf_null_des3_hash) ||
	    nf_vfy_hash_same(hkm, null_aes_hash);
}

/* NULL, or why this action is refused. */
typedef const char *(*rule)(const struct nf_action *a, const uint8_t *hkm);

static const char *
rule_actions(const struct nf_action *a, const uint8_t *hkm)
{
	(void)hkm;
	switch (a->type) {
	case NF_ACT_NOACTION:
	case NF_ACT_MAKEBLOB:
	case NF_ACT_MAKEARCHIVEBLOB:	/* has a rule of its own */
		return NULL;
	case NF_ACT_OPPERMISSIONS:
		return (a->flags & ~(uint32_t)(PERMS_HARMLESS |
		    PERMS_RULED)) == 0 ? NULL :
		    "a permission that no KEK needs, or none that is known";
	default:
		return "an action other than OpPermissions and MakeBlob";
	}
}

static const char *
rule_export(const struct nf_action *a, const uint8_t *hkm)
{
	(void)hkm;
	return a->type == NF_ACT_OPPERMISSIONS &&
	    (a->flags & NF_PERM_EXPORTASPLAIN) != 0 ? "ExportAsPlain" : NULL;
}

static const char *
rule_expand(const struct nf_action *a, const uint8_t *hkm)
{
	(void)hkm;
	return a->type == NF_ACT_OPPERMISSIONS &&
	    (a->flags & NF_PERM_EXPANDACL) != 0 ? "ExpandACL" : NULL;
}

/* Either opens the RSA part of a blob, and so the key under it. */
static const char *
rule_decrypt(const struct nf_action *a, const uint8_t *hkm)
{
	(void)hkm;
	if (a->type != NF_ACT_OPPERMISSIONS)
		return NULL;
	if ((a->flags & NF_PERM_DECRYPT) != 0)
		return "Decrypt";
	return (a->flags & NF_PERM_SIGN) != 0 ? "Sign" : NULL;
}

static const char *
rule_archive(const struct nf_action *a, const uint8_t *hkm)
{
	(void)hkm;
	return a->type == NF_ACT_MAKEARCHIVEBLOB ? "MakeArchiveBlob" : NULL;
}

/* Only a blob under the region's own module key, without a token. */
static const char *
rule_blob(const struct nf_action *a, const uint8_t *hkm)
{
	if (a->type != NF_ACT_MAKEBLOB)
		return NULL;
	if ((a->flags & NF_MAKEBLOB_ALLOWNULLKMTOKEN) != 0)
		return "MakeBlob with AllowNullKmToken";
	if ((a->flags & (NF_MAKEBLOB_KTHASH | NF_MAKEBLOB_KTPARAMS)) != 0)
		return "MakeBlob under a token";
	if ((a->flags & NF_MAKEBLOB_KMHASH) == 0)
		return "MakeBlob under any module key";
	if (memcmp(a->kmhash, hkm, NF_HASH_LEN) != 0)
		return "MakeBlob under the module key of another world";
	if ((a->flags & NF_MAKEBLOB_ALLOWKMONLY) == 0)
		return "MakeBlob without AllowKmOnly";
	if ((a->flags & ~(uint32_t)BLOB_FLAGS) != 0)
		return "MakeBlob of another form";
	return NULL;
}

/* Only a blob under a token that the ACL names. */
static const char *
km_blob(const struct nf_action *a)
{
	if ((a->flags & NF_MAKEBLOB_ALLOWKMONLY) != 0)
		return "MakeBlob with AllowKmOnly";
	if ((a->flags & NF_MAKEBLOB_KTHASH) == 0)
		return "MakeBlob under any token";
	if ((a->flags & ~(uint32_t)KM_BLOB_FLAGS) != 0)
		return "MakeBlob of another form";
	return NULL;
}

static const char *
rule_km(const struct nf_action *a, const uint8_t *hkm)
{
	const char *why;

	switch (a->type) {
	case NF_ACT_NOACTION:
		return NULL;
	case NF_ACT_OPPERMISSIONS:
		if ((why = rule_export(a, hkm)) != NULL ||
		    (why = rule_expand(a, hkm)) != NULL)
			return why;
		return (a->flags & ~(uint32_t)KM_PERMS) == 0 ? NULL :
		    "a permission that no module key needs, or none that is "
		    "known";
	case NF_ACT_MAKEBLOB:
		return km_blob(a);
	case NF_ACT_MAKEARCHIVEBLOB:
		return "MakeArchiveBlob";
	default:
		return "an action other than OpPermissions and MakeBlob";
	}
}

static const struct {
	const char *id;
	const char *title;
	rule rule;
	bool needs_hkm;
} rules[] = {
	{ "kek.acl-actions", "KEK's ACL has only the rights of a KEK",
	    rule_actions, false },
	{ "kek.acl-export", "KEK cannot be exported", rule_export, false },
	{ "kek.acl-expand", "KEK's ACL cannot be expanded", rule_expand,
	    false },
	{ "kek.acl-decrypt", "KEK can neither decrypt nor sign at will",
	    rule_decrypt, false },
	{ "kek.acl-archive", "KEK cannot be archived", rule_archive, false },
	{ "kek.acl-blob", "KEK is kept only under the region's module key",
	    rule_blob, true }
};

#define USE_ID		"kek.acl-use"
#define USE_TITLE	"KEK may wrap keys"
#define KM_ID		"world.km-acl"
#define KM_TITLE	"module key cannot be exported"

/* Why the rule refuses the ACL, and which group; or NULL. */
static const char *
fault_find(rule check, const struct nf_acl *acl, const uint8_t *hkm,
    uint32_t *group)
{
	const struct nf_group *g;
	const char *why;

	for (uint32_t n = 0; n < acl->n_groups; n++) {
		g = &acl->group[n];
		for (uint32_t k = 0; k < g->n_actions; k++) {
			if ((why = check(&g->action[k], hkm)) != NULL) {
				*group = n;
				return why;
			}
		}
	}
	return NULL;
}

static void
rule_check(struct nf_vfy_verdict *v, const char *id, const char *title,
    rule check, const struct nf_acl *acl, const uint8_t *hkm)
{
	uint32_t group;
	const char *why = fault_find(check, acl, hkm, &group);

	if (why == NULL)
		nf_vfy_add(v, id, title, NF_VFY_PASS, NULL);
	else
		nf_vfy_addf(v, id, title, NF_VFY_FAIL, "group %u allows %s",
		    group, why);
}

/* The first module key that a MakeBlob names, or NULL. */
static const uint8_t *
kmhash_find(const struct nf_acl *acl)
{
	for (uint32_t n = 0; n < acl->n_groups; n++) {
		const struct nf_group *g = &acl->group[n];

		for (uint32_t k = 0; k < g->n_actions; k++) {
			if (g->action[k].type == NF_ACT_MAKEBLOB &&
			    (g->action[k].flags & NF_MAKEBLOB_KMHASH) != 0)
				return g->action[k].kmhash;
		}
	}
	return NULL;
}

/*
 * A rule on the module key without knowing it: all must name one, and that
 * must not be a null key.  An ACL without MakeBlob needs none.
 */
static void
rule_check_alone(struct nf_vfy_verdict *v, const char *id, const char *title,
    rule check, const struct nf_acl *acl)
{
	const uint8_t *km = kmhash_find(acl);
	char hex[2 * NF_HASH_LEN + 1];
	uint32_t group;

	if (km == NULL || fault_find(check, acl, km, &group) != NULL) {
		rule_check(v, id, title, check, acl, km);
		return;
	}
	if (nf_vfy_km_is_null(km)) {
		nf_vfy_add(v, id, title, NF_VFY_FAIL,
		    "MakeBlob under a null module key, which everyone has");
		return;
	}
	nf_text_hash(hex, km);
	nf_vfy_addf(v, id, title, NF_VFY_UNKNOWN, "only under module key %s; "
	    "whether it is the region's is " NF_VFY_ALONE, hex);
}

void
nf_vfy_kekacl_check(struct nf_vfy_verdict *v, const struct nf_acl *acl,
    const uint8_t *hkm)
{
	bool use = (nf_acl_perms(acl, false) & NF_PERM_USEASBLOBKEY) != 0;

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (hkm == NULL && rules[i].needs_hkm)
			rule_check_alone(v, rules[i].id, rules[i].title,
			    rules[i].rule, acl);
		else
			rule_check(v, rules[i].id, rules[i].title,
			    rules[i].rule, acl, hkm);
	}
	nf_vfy_add_bool(v, USE_ID, USE_TITLE, use,
	    "no group allows UseAsBlobKey");
}

void
nf_vfy_kekacl_unchecked(struct nf_vfy_verdict *v)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		nf_vfy_add_unchecked(v, rules[i].id, rules[i].title);
	nf_vfy_add_unchecked(v, USE_ID, USE_TITLE);
}

void
nf_vfy_kmacl_check(struct nf_vfy_verdict *v, const struct nf_acl *acl)
{
	if (acl == NULL)
		nf_vfy_add_unchecked(v, KM_ID, KM_TITLE);
	else
		rule_check(v, KM_ID, KM_TITLE, rule_km, acl, NULL);
}
