/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys of the vault stand-in in the region's module.  Ours: a stored key
 * may do what its type can do and nothing else, so that no key is exported,
 * blobbed again or given more rights; a KEK opens packages only.  Which of
 * these a client may ask for is the service's business (key_ops).
 */
#include "config.h"

#include <string.h>

#include "nfast/host/hostcmd.h"
#include "transfer/import2.h"
#include "transfer/vault-internal.h"

/* How a key of the vault may be blobbed, once. */
#define BLOB_FLAGS	(NF_MAKEBLOB_ALLOWKMONLY | NF_MAKEBLOB_ALLOWNONKM0 | \
	NF_MAKEBLOB_KMHASH)

static uint32_t
perms_of(const struct nf_vault_key *key)
{
	if (key->attributes.ops == NF_VAULT_IMPORT)
		return NF_PERM_USEASBLOBKEY;
	switch (key->type.kty) {
	case NF_XFER_RSA:
		return NF_PERM_SIGN | NF_PERM_DECRYPT;
	case NF_XFER_EC:
		return NF_PERM_SIGN;
	default:
		return NF_PERM_ENCRYPT | NF_PERM_DECRYPT;
	}
}

/* One group of OpPermissions; with hkm also of one kind of blob. */
static struct nf_acl *
acl_new(uint32_t perms, const uint8_t *hkm)
{
	struct nf_acl *acl = nf_acl_new();
	struct nf_group *g = acl == NULL ? NULL : nf_acl_group_add(acl);
	struct nf_action *a = g == NULL ? NULL :
	    nf_group_action_add(g, NF_ACT_OPPERMISSIONS);

	if (a == NULL)
		goto fail;
	a->flags = perms;
	if (hkm == NULL)
		return acl;
	if ((a = nf_group_action_add(g, NF_ACT_MAKEBLOB)) == NULL)
		goto fail;
	a->flags = BLOB_FLAGS;
	memcpy(a->kmhash, hkm, NF_HASH_LEN);
	return acl;
fail:
	nf_acl_free(acl);
	return NULL;
}

/* The three ACLs of a key on its way in. */
struct acls {
	struct nf_acl *first;	/* may make one blob with the next */
	struct nf_acl *stored;
	struct nf_acl *pub;
};

static void
acls_free(struct acls *a)
{
	nf_acl_free(a->first);
	nf_acl_free(a->stored);
	nf_acl_free(a->pub);
}

static int
acls_new(const struct nf_vaults *v, const struct nf_vault_key *key,
    struct acls *out, struct nf_diag *diag)
{
	uint32_t perms = perms_of(key);

	out->first = acl_new(perms | NF_PERM_REDUCEACL,
	    v->authority.world->hash[NF_ADMIN_M]);
	out->stored = acl_new(perms, NULL);
	out->pub = acl_new(NF_PERM_EXPORTASPLAIN, NULL);
	if (out->first != NULL && out->stored != NULL && out->pub != NULL)
		return 0;
	return nf_diag_set(diag, NF_E_NOMEM, NULL, "out of memory");
}

int
nf_vault_key_public(struct nf_vault_item *item, const struct nf_keydata *pub,
    struct nf_diag *diag)
{
	struct nf_cur cur;
	int r;

	nf_buf_wipe(&item->pubdata);
	nf_wire_keydata_write(&item->pubdata, pub);
	if ((r = nf_buf_err(&item->pubdata)) != 0)
		return nf_diag_set(diag, r, NULL, "%s", nf_err_text(r));
	nf_cur_init(&cur, item->pubdata.p, item->pubdata.len, diag);
	nf_wire_keydata_read(&cur, &item->key.pub);
	if ((r = nf_cur_end(&cur, "public key")) != 0)
		return r;
	return nf_xfer_keytype_of(&item->key.pub, &item->key.type, diag);
}

static int
public_take(struct nf_vaults *v, struct nf_vault_item *item, uint32_t pub,
    struct nf_diag *diag)
{
	struct nf_command cmd = { .cmd = NF_CMD_EXPORT };
	struct nf_reply reply;
	int r;

	cmd.args.key = pub;
	memset(&reply, 0, sizeof(reply));
	if ((r = nf_host_call(v->authority.host, &cmd, &reply, diag)) == 0)
		r = nf_vault_key_public(item, &reply.args.keydata, diag);
	nf_args_wipe(&reply.args);
	return r;
}

/*
 * Keep a loaded key as a blob with its last ACL, and load that, so that what
 * is used from now on is what will be used after a restart.
 */
static int
keep(struct nf_vaults *v, struct nf_vault_item *item, uint32_t key,
    struct nf_acl *stored, struct nf_diag *diag)
{
	struct nf_command cmd = { .cmd = NF_CMD_MAKEBLOB };
	uint32_t id;
	int r;

	NF_REQUIRE(v->authority.world != NULL);
	cmd.args.flags = NF_MAKEBLOB_ACL;
	cmd.args.format = NF_BLOB_MODULE;
	cmd.args.key = key;
	cmd.args.acl = stored;
	memcpy(cmd.args.hash, v->authority.world->hash[NF_ADMIN_M],
	    NF_HASH_LEN);
	if ((r = nf_host_make_blob(v->authority.host, &cmd, &item->blob,
	    diag)) != 0)
		return r;
	return nf_vault_key_load(v, item, NF_VAULT_PRIVATE, &id, diag);
}

static void
destroy(struct nf_vaults *v, uint32_t id)
{
	if (id != 0)
		(void)nf_host_destroy(v->authority.host, id, NULL);
}

int
nf_vault_key_generate(struct nf_vaults *v, struct nf_vault_item *item,
    uint64_t public_exponent, struct nf_diag *diag)
{
	const struct nf_xfer_keytype *type = &item->key.type;
	struct nf_command cmd = { .cmd = NF_CMD_GENERATEKEYPAIR };
	struct nf_genparams *p = &cmd.args.genparams;
	struct acls acls = { .first = NULL };
	struct nf_reply reply;
	uint8_t e[8];
	int r;

	memset(&reply, 0, sizeof(reply));
	if ((r = acls_new(v, &item->key, &acls, diag)) != 0)
		goto out;
	cmd.args.module = NF_HOST_MODULE;
	cmd.args.acl = acls.first;
	cmd.args.acl2 = acls.pub;
	p->len = type->bits;
	switch (type->kty) {
	case NF_XFER_RSA:
		p->type = NF_KEY_RSAPRIVATE;
		if (public_exponent == 0)
			break;
		p->flags = NF_GEN_RSA_GIVEN_E;
		for (size_t i = 0; i < sizeof(e); i++)
			e[i] = (uint8_t)(public_exponent >> 8 * i);
		p->given_e = nf_view_of(e, sizeof(e));
		while (p->given_e.len > 1 && e[p->given_e.len - 1] == 0)
			p->given_e.len--;
		break;
	case NF_XFER_EC:
		p->type = NF_KEY_ECDSAPRIVATE;
		p->curve = type->curve;
		break;
	case NF_XFER_OCT:
		cmd.cmd = NF_CMD_GENERATEKEY;
		p->type = NF_KEY_RIJNDAEL;
		p->len = type->bits / 8;
		break;
	}
	if ((r = nf_host_call(v->authority.host, &cmd, &reply, diag)) != 0)
		goto out;
	if (type->kty == NF_XFER_OCT ||
	    (r = public_take(v, item, reply.args.key2, diag)) == 0)
		r = keep(v, item, reply.args.key, acls.stored, diag);
	destroy(v, reply.args.key);
	destroy(v, reply.args.key2);
out:
	nf_args_wipe(&reply.args);
	acls_free(&acls);
	return r;
}

int
nf_vault_key_import(struct nf_vaults *v, struct nf_vault_item *item,
    const struct nf_keydata *key, const struct nf_keydata *pub,
    struct nf_diag *diag)
{
	uint8_t is[NF_HASH_LEN], due[NF_HASH_LEN];
	struct acls acls = { .first = NULL };
	uint32_t id = 0;
	int r;

	if ((r = acls_new(v, &item->key, &acls, diag)) != 0 ||
	    (r = nf_host_import(v->authority.host, key, acls.first, &id,
	    diag)) != 0)
		goto out;
	if (item->key.type.kty != NF_XFER_OCT) {
		if ((r = nf_wire_keyhash(pub, due, diag)) != 0 ||
		    (r = nf_host_keyhash(v->authority.host, id, is,
		    diag)) != 0)
			goto out;
		if (memcmp(is, due, NF_HASH_LEN) != 0) {
			r = nf_diag_set(diag, NF_E_MISMATCH, NULL, "the "
			    "public numbers are not those of the private "
			    "key");
			goto out;
		}
		if ((r = nf_vault_key_public(item, pub, diag)) != 0)
			goto out;
	}
	r = keep(v, item, id, acls.stored, diag);
out:
	destroy(v, id);
	acls_free(&acls);
	return r;
}

int
nf_vault_key_unwrap(struct nf_vaults *v, struct nf_vault_item *item,
    struct nf_vault_item *kek, struct nf_view ciphertext,
    struct nf_diag *diag)
{
	struct nf_xfer_keytype *type = &item->key.type, want = *type;
	char is[NF_XFER_KEYTYPE_MAX], due[NF_XFER_KEYTYPE_MAX];
	struct nf_xfer_unwrap2 u = { .host = v->authority.host, .want = type,
	    .kek_pub = &kek->key.pub, .ciphertext = ciphertext };
	struct acls acls = { .first = NULL };
	int r;

	if ((r = nf_vault_key_load(v, kek, NF_VAULT_PRIVATE, &u.kek,
	    diag)) != 0 || (r = acls_new(v, &item->key, &acls, diag)) != 0)
		goto out;
	u.acl = acls.first;
	u.pub_acl = acls.pub;
	if ((r = nf_xfer_unwrap2(&u, diag)) != 0)
		goto out;
	if (u.pub != 0)
		r = public_take(v, item, u.pub, diag);
	else
		type->bits = u.bits;
	if (r != 0 || (r = nf_xfer_keytype_check(type, diag)) != 0)
		goto out;
	if (want.bits == 0)
		want.bits = type->bits;
	if (!nf_xfer_keytype_equal(&want, type)) {
		nf_xfer_keytype_text(type, is);
		nf_xfer_keytype_text(&want, due);
		r = nf_diag_set(diag, NF_E_MISMATCH, NULL,
		    "a key of type %s is in it, not %s", is, due);
		goto out;
	}
	r = keep(v, item, u.key, acls.stored, diag);
out:
	destroy(v, u.key);
	destroy(v, u.pub);
	acls_free(&acls);
	return r;
}

/* ---- the cache ----------------------------------------------------------- */

static void
slot_free(struct nf_vaults *v, struct nf_vault_slot *s)
{
	if (s->item == NULL)
		return;
	destroy(v, s->id);
	s->item->slot[s->half] = 0;
	s->item = NULL;
}

/* A free slot, or the one that was not used for the longest time. */
static struct nf_vault_slot *
slot_take(struct nf_vaults *v)
{
	struct nf_vault_slot *best = &v->slot[0];

	for (size_t i = 0; i < NF_VAULT_CACHE; i++) {
		struct nf_vault_slot *s = &v->slot[i];

		if (s->item == NULL)
			return s;
		if (s->used < best->used)
			best = s;
	}
	slot_free(v, best);
	return best;
}

int
nf_vault_key_load(struct nf_vaults *v, struct nf_vault_item *item, int half,
    uint32_t *id, struct nf_diag *diag)
{
	struct nf_vault_slot *s;
	int r;

	if (item->slot[half] != 0) {
		s = &v->slot[item->slot[half] - 1];
		s->used = ++v->clock;
		*id = s->id;
		return 0;
	}
	s = slot_take(v);
	if (half == NF_VAULT_PRIVATE)
		r = nf_host_load_blob(v->authority.host,
		    nf_buf_view(&item->blob), 0, id, diag);
	else
		r = nf_host_import_public(v->authority.host, &item->key.pub,
		    NF_PERM_VERIFY | NF_PERM_ENCRYPT, id, diag);
	if (r != 0)
		return r;
	s->item = item;
	s->half = half;
	s->id = *id;
	s->used = ++v->clock;
	item->slot[half] = (uint32_t)(s - v->slot) + 1;
	return 0;
}

void
nf_vault_key_forget(struct nf_vaults *v, struct nf_vault_item *item)
{
	for (size_t half = 0; half < NF_VAULT_HALVES; half++) {
		if (item->slot[half] != 0)
			slot_free(v, &v->slot[item->slot[half] - 1]);
	}
}
