/* SPDX-License-Identifier: Apache-2.0 */
/* Loaded keys and tokens, and the table of their ids. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "nfast/module/internal.h"

/* A copy of marshalled bytes that a KeyData may view. */
static int
own_keydata(const struct nf_keydata *kd, struct nf_secret *data,
    struct nf_keydata *out, struct nf_diag *diag)
{
	struct nf_buf buf = NF_BUF_INIT;
	struct nf_cur cur;
	int r;

	nf_wire_keydata_write(&buf, kd);
	if ((r = nf_buf_err(&buf)) == 0 &&
	    (r = nf_secret_new(data, buf.len)) == 0) {
		memcpy(data->p, buf.p, buf.len);
		nf_cur_init(&cur, data->p, data->len, diag);
		nf_wire_keydata_read(&cur, out);
		r = nf_cur_end(&cur, "keydata");
	}
	nf_buf_wipe(&buf);
	return r;
}

/* A symmetric key of a length that its type can have. */
static bool
symmetric_ok(const struct nf_keydata *kd)
{
	size_t n = kd->v[NF_SYM_K].len;

	return kd->type == NF_KEY_RIJNDAEL ? n == 16 || n == 24 || n == 32 :
	    kd->type == NF_KEY_DES3 && n == 24;
}

static int
compute_public(struct nf_mod_key *key, struct nf_diag *diag)
{
	struct nf_cur cur;
	int r;

	switch (nf_wire_keykind(key->key.type)) {
	case NF_KIND_PRIVATE:
		r = nf_mod_public_of(&key->key, &key->pubdata, &key->pub,
		    diag);
		break;
	case NF_KIND_PUBLIC:
		nf_buf_put(&key->pubdata, key->data.p, key->data.len);
		if ((r = nf_buf_err(&key->pubdata)) != 0)
			return r;
		nf_cur_init(&cur, key->pubdata.p, key->pubdata.len, diag);
		nf_wire_keydata_read(&cur, &key->pub);
		r = nf_cur_end(&cur, "keydata");
		break;
	case NF_KIND_SYMMETRIC:
		if (!symmetric_ok(&key->key))
			return nf_diag_set(diag, NF_E_FORMAT, "k",
			    "not a length of this type of key");
		return nf_wire_keyhash(&key->key, key->hash, diag);
	default:
		r = nf_diag_set(diag, NF_E_FORMAT, "keytype",
		    "key type %u is not supported", key->key.type);
		break;
	}
	if (r != 0 || (r = nf_wire_keyhash(&key->pub, key->hash, diag)) != 0)
		return r;
	if (key->pub.type == NF_KEY_RSAPUBLIC &&
	    nf_wire_keydata_bits(&key->pub) > NF_MOD_RSA_BITS_MAX)
		return nf_diag_set(diag, NF_E_FORMAT, "n",
		    "RSA of %zu bits: 1024 to %d are possible",
		    nf_wire_keydata_bits(&key->pub), NF_MOD_RSA_BITS_MAX);
	return 0;
}

int
nf_mod_key_again(const struct nf_keydata *kd, const struct nf_acl *acl,
    struct nf_mod_key **out, struct nf_diag *diag)
{
	struct nf_mod_key *key = calloc(1, sizeof(*key));
	int r;

	*out = NULL;
	if (key == NULL)
		return NF_E_NOMEM;
	if ((r = own_keydata(kd, &key->data, &key->key, diag)) != 0 ||
	    (r = compute_public(key, diag)) != 0 ||
	    (acl != NULL && (r = nf_mod_key_set_acl(key, acl)) != 0))
		goto out;
	if (acl != NULL && ((key->uses = nf_mod_uses_new()) == NULL ||
	    (key->auth = nf_mod_uses_new()) == NULL)) {
		r = NF_E_NOMEM;
		goto out;
	}
	key->loaded = nf_mod_now();

	*out = key;
	key = NULL;
out:
	nf_mod_key_free(key);
	return r;
}

int
nf_mod_key_new(const struct nf_keydata *kd, const struct nf_acl *acl,
    struct nf_mod_key **out, struct nf_diag *diag)
{
	EVP_PKEY *pkey;
	int r;

	/* Bounds and consistency are checked where the key is built. */
	if ((r = nf_mod_key_again(kd, acl, out, diag)) == 0 &&
	    (*out)->pub.type != 0 &&
	    (r = nf_mod_key_pkey(*out, &pkey, diag)) != 0) {
		nf_mod_key_free(*out);
		*out = NULL;
	}
	return r;
}

int
nf_mod_key_own(const struct nf_secret *data, struct nf_mod_key **out,
    struct nf_diag *diag)
{
	struct nf_keydata kd;
	struct nf_cur cur;
	int r;

	*out = NULL;
	nf_cur_init(&cur, data->p, data->len, diag);
	nf_wire_keydata_read(&cur, &kd);
	if ((r = nf_cur_end(&cur, "keydata")) != 0)
		return r;
	return nf_mod_key_new(&kd, NULL, out, diag);
}

time_t
nf_mod_now(void)
{
	struct timespec now = { 0, 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

struct nf_mod_uses *
nf_mod_uses_new(void)
{
	struct nf_mod_uses *uses = calloc(1, sizeof(*uses));

	if (uses != NULL)
		uses->refs = 1;
	return uses;
}

static void
uses_release(struct nf_mod_uses *uses)
{
	if (uses != NULL && --uses->refs == 0)
		free(uses);
}

void
nf_mod_key_free(struct nf_mod_key *key)
{
	if (key == NULL)
		return;
	EVP_PKEY_CTX_free(key->sign_ctx);
	EVP_PKEY_free(key->pkey);
	nf_secret_wipe(&key->data);
	nf_buf_wipe(&key->pubdata);
	nf_acl_free(key->acl);
	nf_buf_wipe(&key->aclbytes);
	uses_release(key->uses);
	uses_release(key->auth);
	nf_freezero(key, sizeof(*key));
}

int
nf_mod_acl_fits(const struct nf_acl *acl)
{
	struct nf_buf bytes = NF_BUF_INIT;
	int r;

	nf_wire_acl_write(&bytes, acl);
	if ((r = nf_buf_err(&bytes)) == 0 && bytes.len > NF_MOD_ACL_MAX)
		r = NF_E_POLICY;
	nf_buf_wipe(&bytes);
	return r;
}

int
nf_mod_key_set_acl(struct nf_mod_key *key, const struct nf_acl *acl)
{
	struct nf_buf bytes = NF_BUF_INIT;
	struct nf_acl *own = NULL;
	struct nf_cur cur;
	int r;

	nf_wire_acl_write(&bytes, acl);
	if ((r = nf_buf_err(&bytes)) != 0)
		goto out;
	r = NF_E_POLICY;
	if (bytes.len > NF_MOD_ACL_MAX)
		goto out;
	nf_cur_init(&cur, bytes.p, bytes.len, NULL);
	if ((r = nf_wire_acl_read(&cur, &own)) != 0 ||
	    (r = nf_cur_end(&cur, "acl")) != 0)
		goto out;
	nf_acl_free(key->acl);
	nf_buf_wipe(&key->aclbytes);
	key->acl = own;
	key->aclbytes = bytes;
	return 0;
out:
	nf_acl_free(own);
	nf_buf_wipe(&bytes);
	return r;
}

static struct nf_mod_uses *
uses_share(struct nf_mod_uses *old, struct nf_mod_uses *with)
{
	uses_release(old);
	with->refs++;
	return with;
}

void
nf_mod_key_share_uses(struct nf_mod_key *copy, const struct nf_mod_key *key)
{
	copy->uses = uses_share(copy->uses, key->uses);
	copy->auth = uses_share(copy->auth, key->auth);
	copy->loaded = key->loaded;
	copy->expires = key->expires;
}

void
nf_mod_key_under_token(struct nf_mod_key *key,
    const struct nf_mod_token *token)
{
	key->auth = uses_share(key->auth, token->auth);
	key->expires = token->expires;
}

int
nf_mod_key_pkey(struct nf_mod_key *key, EVP_PKEY **out, struct nf_diag *diag)
{
	EVP_PKEY *pub = NULL;
	int r;

	*out = NULL;
	if (key->pkey == NULL) {
		if (key->pub.type == 0)
			return nf_diag_set(diag, NF_E_FORMAT, "keytype",
			    "not an asymmetric key");
		if ((r = nf_wire_keydata_pkey(&key->pub, &pub, diag)) != 0)
			return r;
		if (nf_wire_keykind(key->key.type) == NF_KIND_PRIVATE) {
			EVP_PKEY_free(pub);
			if ((r = nf_mod_private_pkey(&key->key, &key->pub,
			    &key->pkey, diag)) != 0)
				return r;
		} else
			key->pkey = pub;
	}
	*out = key->pkey;
	return 0;
}

int
nf_mod_key_hold(struct nf_mod_key *key, EVP_PKEY **out, struct nf_diag *diag)
{
	int r = nf_mod_key_pkey(key, out, diag);

	if (r == 0)
		NF_REQUIRE(EVP_PKEY_up_ref(*out) == 1);
	return r;
}

void
nf_mod_token_free(struct nf_mod_token *token)
{
	if (token != NULL)
		uses_release(token->auth);
	nf_freezero(token, sizeof(*token));
}

/* The memory of an ACL: far more than its bytes on the wire. */
static size_t
acl_memory(const struct nf_acl *acl)
{
	size_t n = sizeof(*acl);

	for (uint32_t i = 0; i < acl->n_groups; i++)
		n += sizeof(acl->group[i]) +
		    acl->group[i].n_limits * sizeof(struct nf_limit) +
		    acl->group[i].n_actions * sizeof(struct nf_action);
	return n;
}

void
nf_mod_held_add(struct nf_mod_held *held, const struct nf_mod_txn *txn,
    uint64_t owner, uint32_t user, size_t n)
{
	if (owner == txn->client.id)
		held->own += n;
	else if (user == txn->client.user)
		held->users += n;
	else
		held->others += n;
}

bool
nf_mod_too_much(const struct nf_mod_txn *txn, const struct nf_mod_held *held,
    size_t max)
{
	size_t room;

	if (held->own + held->users + held->others > max)
		return true;
	if (txn->module->rack == NULL)
		return false;
	room = (max - held->others) / 2;
	return held->own + held->users > room ||
	    held->own > (room - held->users) / 2;
}

bool
nf_mod_acl_too_much(const struct nf_mod_txn *txn, const struct nf_acl *acl)
{
	struct nf_mod_held held = { acl_memory(acl), 0, 0 };
	const struct nf_module *m = txn->module;

	for (uint32_t i = 0; i < m->n_objects; i++) {
		const struct nf_mod_object *o = m->object[i];

		if (o->key != NULL)
			nf_mod_held_add(&held, txn, o->owner, o->user,
			    acl_memory(o->key->acl));
	}
	return nf_mod_too_much(txn, &held, NF_MOD_MEMORY_MAX);
}

/* The client may have one object more. */
static bool
has_room(const struct nf_mod_txn *txn)
{
	const struct nf_module *m = txn->module;
	struct nf_mod_held held = { 1, 0, 0 };

	for (uint32_t i = 0; i < m->n_objects; i++)
		nf_mod_held_add(&held, txn, m->object[i]->owner,
		    m->object[i]->user, 1);
	return held.own <= NF_MOD_OBJECTS_MAX &&
	    !nf_mod_too_much(txn, &held, NF_MOD_TABLE_MAX);
}

uint32_t
nf_mod_object_add(struct nf_mod_txn *txn, struct nf_mod_key *key,
    struct nf_mod_token *token, uint32_t *id)
{
	struct nf_module *m = txn->module;
	uint32_t stride = m->rack == NULL ? 1 : m->rack->n;
	struct nf_mod_object *o;

	if (!has_room(txn) || m->next_id > NF_KEY_MERGED - 1 - stride ||
	    (key != NULL && nf_mod_acl_too_much(txn, key->acl)) ||
	    (o = calloc(1, sizeof(*o))) == NULL) {
		nf_mod_key_free(key);
		nf_mod_token_free(token);
		return nf_mod_refuse(txn, NF_ST_NOMEMORY,
		    "%u objects are loaded, no more fit", m->n_objects);
	}
	/* Ids are never used twice while the module is up, nor by another of
	 * its rack: what is left of them by its size names the module. */
	o->id = m->next_id += stride;
	o->owner = txn->client.id;
	o->user = txn->client.user;
	o->key = key;
	o->token = token;
	m->object[m->n_objects++] = o;
	*id = o->id;
	return NF_ST_OK;
}

/* Position of an id, or n_objects.  Ids ascend: binary search. */
static uint32_t
position(const struct nf_module *m, uint32_t id)
{
	uint32_t lo = 0, hi = m->n_objects;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (m->object[mid]->id < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < m->n_objects && m->object[lo]->id == id ? lo :
	    m->n_objects;
}

static struct nf_mod_object *
object_at(const struct nf_module *m, uint64_t client, uint32_t id)
{
	uint32_t i = position(m, id);

	return i < m->n_objects && m->object[i]->owner == client ?
	    m->object[i] : NULL;
}

struct nf_mod_object *
nf_mod_object_find(const struct nf_mod_txn *txn, uint32_t id)
{
	return object_at(txn->module, txn->client.id, id);
}

bool
nf_mod_objects_any(const struct nf_module *m, uint64_t client)
{
	bool any = nf_mod_soft_find(m, client) != NULL;

	for (uint32_t i = 0; !any && i < m->n_objects; i++)
		any = m->object[i]->owner == client;
	return any;
}

static void
object_free(struct nf_mod_object *o)
{
	nf_mod_key_free(o->key);
	nf_mod_token_free(o->token);
	free(o);
}

void
nf_mod_object_remove(struct nf_module *m, uint32_t id)
{
	uint32_t i = position(m, id);

	if (i == m->n_objects)
		return;
	object_free(m->object[i]);
	m->n_objects--;
	memmove(&m->object[i], &m->object[i + 1],
	    (m->n_objects - i) * sizeof(m->object[0]));
}

void
nf_mod_token_unload(struct nf_module *m, struct nf_mod_token *token)
{
	const struct nf_mod_uses *auth = token->auth;
	uint32_t kept = 0;

	for (uint32_t i = 0; i < m->n_objects; i++) {
		struct nf_mod_object *o = m->object[i];

		if (o->token == token ||
		    (o->key != NULL && o->key->auth == auth))
			object_free(o);
		else
			m->object[kept++] = o;
	}
	m->n_objects = kept;
}

void
nf_mod_objects_clear(struct nf_module *m)
{
	while (m->n_objects > 0)
		object_free(m->object[--m->n_objects]);
}

void
nf_mod_objects_forget(struct nf_module *m, uint64_t client)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < m->n_objects; i++) {
		if (m->object[i]->owner == client)
			object_free(m->object[i]);
		else
			m->object[kept++] = m->object[i];
	}
	m->n_objects = kept;
	nf_mod_soft_forget(m, client);
}

static bool
expired(time_t at)
{
	return at != 0 && nf_mod_now() >= at;
}

bool
nf_mod_key_works(const struct nf_module *m, uint64_t client, uint32_t id)
{
	const struct nf_mod_object *o = object_at(m, client, id);

	return o != NULL && o->key != NULL && !expired(o->key->expires);
}

struct nf_mod_key *
nf_mod_key_find(struct nf_mod_txn *txn, uint32_t id, uint32_t *status)
{
	struct nf_mod_object *o = nf_mod_object_find(txn, id);

	if (o == NULL)
		*status = nf_mod_refuse(txn, NF_ST_UNKNOWNID,
		    "no object has id %u", id);
	else if (o->key == NULL)
		*status = nf_mod_refuse(txn, NF_ST_TYPEMISMATCH,
		    "object %u is a token, not a key", id);
	else if (expired(o->key->expires))
		*status = nf_mod_refuse(txn, NF_ST_TIMELIMITEXCEEDED,
		    "the time limit of the key's token is over");
	else
		return o->key;
	return NULL;
}

struct nf_mod_token *
nf_mod_token_find(struct nf_mod_txn *txn, uint32_t id, bool present,
    uint32_t *status)
{
	struct nf_mod_object *o = nf_mod_object_find(txn, id);

	if (o == NULL)
		*status = nf_mod_refuse(txn, NF_ST_UNKNOWNID,
		    "no object has id %u", id);
	else if (o->token == NULL)
		*status = nf_mod_refuse(txn, NF_ST_TYPEMISMATCH,
		    "object %u is a key, not a token", id);
	else if (present && o->token->state != NF_TOKEN_PRESENT)
		*status = nf_mod_refuse(txn, NF_ST_LOGTOKENNOTPRESENT,
		    "the token has %u of %u shares", o->token->n_shares,
		    o->token->params.needed);
	else if (present && expired(o->token->expires))
		*status = nf_mod_refuse(txn, NF_ST_TIMELIMITEXCEEDED,
		    "the token's time limit is over");
	else
		return o->token;
	return NULL;
}
