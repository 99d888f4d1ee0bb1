/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Application keys.  The shapes of the ACLs and the entries of the file are
 * real (they reproduce published ones byte for byte); when a stock key file
 * has which blob is inferred.
 */
#include "config.h"

#include <string.h>
#include <unistd.h>

#include "nfast/base/seed.h"
#include "nfast/host/admin.h"
#include "nfast/host/appkey.h"
#include "nfast/host/hostcmd.h"
#include "nfast/host/modfile.h"
#include "nfast/host/pem.h"
#include "nfast/wire/blob.h"

#define PERMS_MAIN	0x2029u		/* what every main group has */
#define PERMS_SIGN	0x9002u
#define PERMS_DECRYPT	0x500u
#define PERMS_ENCRYPT	0x480u
#define PERMS_TRUMP	0x207Du		/* for holders of KNSO, and public */
#define PERMS_VERIFY	0x200u

#define BLOB_WORKING	(NF_MAKEBLOB_ALLOWKMONLY | NF_MAKEBLOB_ALLOWNONKM0 | \
	NF_MAKEBLOB_KMHASH)
/* That of a real key under a softcard. */
#define BLOB_TOKEN	(NF_MAKEBLOB_ALLOWNONKM0 | NF_MAKEBLOB_KMHASH | \
	NF_MAKEBLOB_KTHASH | NF_MAKEBLOB_KTPARAMS)
#define BLOB_ANYWHERE	(NF_MAKEBLOB_ALLOWKMONLY | NF_MAKEBLOB_ALLOWNONKM0 | \
	NF_MAKEBLOB_ALLOWNULLKMTOKEN)

/* A key on its way into a file. */
struct making {
	struct nf_host *host;
	const struct nf_world *world;
	const struct nf_appkey_spec *spec;
	struct nf_diag *diag;
	uint32_t priv, pub;
	struct nf_km_key key;
	struct nf_modfile module;
	struct nf_buf params;		/* of the token */
	struct nf_buf privblob, recovblob, pubblob, cert, mesg;
	struct nf_buf state_cert, state_mesg;
};

void
nf_appkey_file_wipe(struct nf_appkey_file *f)
{
	nf_km_file_free(f->file);
	nf_buf_wipe(&f->bytes);
	memset(f, 0, sizeof(*f));
}

int
nf_appkey_open(const struct nf_world *world, const char *appname,
    const char *ident, struct nf_appkey_file *out, struct nf_diag *diag)
{
	char path[NF_PATH_MAX];
	int r;

	memset(out, 0, sizeof(*out));
	if ((r = nf_km_store_key_path(world->dir, appname, ident, path,
	    diag)) != 0 ||
	    (r = nf_km_key_load(path, &out->bytes, &out->file, &out->key,
	    diag)) != 0)
		return r;
	if (nf_view_is(out->key.appname, appname) &&
	    nf_view_is(out->key.ident, ident))
		return 0;
	nf_appkey_file_wipe(out);
	r = nf_diag_set(diag, NF_E_MISMATCH, NULL,
	    "holds a key of another name than the file's");
	nf_diag_where(diag, "%s", path);
	return r;
}

static uint32_t
key_type(const struct nf_appkey_spec *spec)
{
	return spec->import != NULL ? spec->import->type : spec->params.type;
}

static uint32_t
main_perms(const struct nf_appkey_spec *spec)
{
	uint32_t type = key_type(spec);

	if (spec->perms != 0)
		return spec->perms;
	if (nf_wire_keykind(type) == NF_KIND_SYMMETRIC)
		return PERMS_MAIN | PERMS_ENCRYPT | PERMS_DECRYPT;
	return PERMS_MAIN | PERMS_SIGN |
	    (type == NF_KEY_RSAPRIVATE ? PERMS_DECRYPT : 0);
}

/* A group with one action; a limit of one use when once is set. */
static struct nf_action *
group_add(struct nf_acl *acl, uint32_t action, bool once,
    struct nf_group **group)
{
	struct nf_limit *l;

	if ((*group = nf_acl_group_add(acl)) == NULL)
		return NULL;
	if (once) {
		if ((l = nf_group_limit_add(*group, NF_LIMIT_GLOBAL)) == NULL)
			return NULL;
		l->max = 1;
	}
	return nf_group_action_add(*group, action);
}

/* What the holders of KNSO may do. */
static int
trump_add(struct nf_acl *acl, const uint8_t *hknso)
{
	struct nf_group *g;
	struct nf_action *a;

	if ((a = group_add(acl, NF_ACT_OPPERMISSIONS, false, &g)) == NULL)
		return NF_E_NOMEM;
	g->flags = NF_GROUP_CERTIFIER | NF_GROUP_FRESHCERTS;
	memcpy(g->certifier, hknso, NF_HASH_LEN);
	a->flags = PERMS_TRUMP;
	if ((a = nf_group_action_add(g, NF_ACT_MAKEBLOB)) == NULL)
		return NF_E_NOMEM;
	a->flags = BLOB_ANYWHERE;
	if (nf_group_action_add(g, NF_ACT_MAKEARCHIVEBLOB) == NULL)
		return NF_E_NOMEM;
	return 0;
}

static int
private_acl(const struct nf_world *world, const struct nf_appkey_spec *spec,
    struct nf_acl *acl)
{
	struct nf_group *g;
	struct nf_action *a;
	int r;

	if ((a = group_add(acl, NF_ACT_OPPERMISSIONS, false, &g)) == NULL)
		return NF_E_NOMEM;
	a->flags = main_perms(spec);
	if ((a = group_add(acl, NF_ACT_MAKEBLOB, true, &g)) == NULL)
		return NF_E_NOMEM;
	a->flags = BLOB_WORKING;
	memcpy(a->kmhash, world->hash[NF_ADMIN_M], NF_HASH_LEN);
	if (spec->token != NULL) {
		a->flags = BLOB_TOKEN;
		memcpy(a->kthash, spec->token->hkt, NF_HASH_LEN);
		a->ktparams = spec->token->params;
	}
	if (!spec->recovery)
		return 0;
	if ((r = trump_add(acl, world->hash[NF_ADMIN_NSO])) != 0)
		return r;
	if ((a = group_add(acl, NF_ACT_MAKEARCHIVEBLOB, true, &g)) == NULL)
		return NF_E_NOMEM;
	a->flags = NF_ARCHIVE_KAHASH;
	a->mech = world->suite->archive_mech;
	memcpy(a->kahash, world->hash[NF_ADMIN_RE], NF_HASH_LEN);
	return 0;
}

static int
public_acl(const struct nf_appkey_spec *spec, struct nf_acl *acl)
{
	struct nf_group *g;
	struct nf_action *a;

	if ((a = group_add(acl, NF_ACT_OPPERMISSIONS, false, &g)) == NULL)
		return NF_E_NOMEM;
	a->flags = PERMS_TRUMP | PERMS_VERIFY |
	    (key_type(spec) == NF_KEY_RSAPRIVATE ? PERMS_ENCRYPT : 0);
	if ((a = nf_group_action_add(g, NF_ACT_MAKEBLOB)) == NULL)
		return NF_E_NOMEM;
	a->flags = BLOB_ANYWHERE;
	return 0;
}

int
nf_appkey_acl(const struct nf_world *world,
    const struct nf_appkey_spec *spec, struct nf_acl **priv,
    struct nf_acl **pub, struct nf_diag *diag)
{
	int r = NF_E_NOMEM;

	*pub = NULL;
	if (spec->recovery && !world->recovery) {
		*priv = NULL;
		return nf_diag_set(diag, NF_E_POLICY, "recovery",
		    "the security world has no key recovery: use recovery=no");
	}
	if ((*priv = nf_acl_new()) != NULL && (*pub = nf_acl_new()) != NULL &&
	    (r = private_acl(world, spec, *priv)) == 0)
		r = public_acl(spec, *pub);
	if (r == 0)
		return 0;
	nf_acl_free(*priv);
	nf_acl_free(*pub);
	*priv = *pub = NULL;
	return nf_diag_set(diag, r, NULL, "out of memory");
}

/* Each use limit counts on its own, under a random name. */
static int
limits_name(struct nf_host *host, struct nf_acl *acl, struct nf_diag *diag)
{
	int r = 0;

	for (uint32_t i = 0; i < acl->n_groups; i++) {
		struct nf_group *g = &acl->group[i];

		for (uint32_t l = 0; r == 0 && l < g->n_limits; l++)
			r = nf_host_random(host, g->limit[l].id, NF_HASH_LEN,
			    diag);
	}
	return r;
}

static int
generate(struct making *m, struct nf_acl *priv, struct nf_acl *pub)
{
	bool pair = nf_wire_keykind(m->spec->params.type) == NF_KIND_PRIVATE;
	struct nf_command cmd = { .cmd = pair ? NF_CMD_GENERATEKEYPAIR :
	    NF_CMD_GENERATEKEY };
	struct nf_reply reply;
	int r;

	cmd.args.module = NF_HOST_MODULE;
	cmd.args.flags = pair ? NF_GEN_CERTIFY : 0;
	cmd.args.genparams = m->spec->params;
	if (m->spec->params.type == NF_KEY_RSAPRIVATE)
		cmd.args.genparams.flags |= m->world->suite->rsa_flags;
	cmd.args.acl = priv;
	cmd.args.acl2 = pub;
	if ((r = nf_host_call(m->host, &cmd, &reply, m->diag)) == 0) {
		m->priv = reply.args.key;
		if (pair) {
			m->pub = reply.args.key2;
			nf_host_sigtext(&m->cert, &reply.args.cert.sig);
			nf_buf_view_put(&m->mesg, reply.args.cert.msg);
			if ((r = nf_buf_err(&m->cert)) != 0 ||
			    (r = nf_buf_err(&m->mesg)) != 0)
				(void)nf_diag_set(m->diag, r, "certificate",
				    "the module gave none");
		}
	}
	nf_args_wipe(&reply.args);
	return r;
}

static int
import(struct making *m, struct nf_acl *priv, struct nf_acl *pub)
{
	struct nf_buf bytes = NF_BUF_INIT;
	struct nf_keydata public;
	int r;

	r = nf_host_import(m->host, m->spec->import, priv, &m->priv, m->diag);
	if (r == 0 && nf_wire_keykind(m->spec->import->type) ==
	    NF_KIND_PRIVATE) {
		if ((r = nf_pem_public(m->spec->import, &bytes, &public,
		    m->diag)) == 0)
			r = nf_host_import(m->host, &public, pub, &m->pub,
			    m->diag);
	}
	nf_buf_wipe(&bytes);
	return r;
}

static int
key_make(struct making *m)
{
	struct nf_acl *priv = NULL, *pub = NULL;
	int r;

	if ((r = nf_appkey_acl(m->world, m->spec, &priv, &pub,
	    m->diag)) == 0 &&
	    (r = limits_name(m->host, priv, m->diag)) == 0)
		r = m->spec->import != NULL ? import(m, priv, pub) :
		    generate(m, priv, pub);
	nf_acl_free(priv);
	nf_acl_free(pub);
	return r;
}

/* Blob under the recovery key of the world. */
static int
recovery_blob(struct making *m)
{
	struct nf_command cmd = { .cmd = NF_CMD_MAKEBLOB };
	uint8_t hash[NF_HASH_LEN];
	struct nf_view blob;
	uint32_t kre = 0;
	int r;

	if ((r = nf_km_file_one(m->world->file, NF_ENT_BLOBPUB_KRE, &blob,
	    m->diag)) != 0 ||
	    (r = nf_host_load_blob(m->host, blob, 0, &kre, m->diag)) != 0 ||
	    (r = nf_host_keyhash(m->host, kre, hash, m->diag)) != 0)
		goto out;
	if (memcmp(hash, m->world->hash[NF_ADMIN_RE], NF_HASH_LEN) != 0) {
		r = nf_diag_set(m->diag, NF_E_MISMATCH, "BlobPubKRE",
		    "not the world's recovery key");
		goto out;
	}
	cmd.args.format = NF_BLOB_USERKEY;
	cmd.args.key = m->priv;
	cmd.args.key2 = kre;
	cmd.args.mech = m->world->suite->archive_mech;
	r = nf_host_make_blob(m->host, &cmd, &m->recovblob, m->diag);
out:
	if (kre != 0)
		(void)nf_host_destroy(m->host, kre, NULL);
	return r;
}

/* Blob under the token, whose parameters the file tells. */
static int
token_blob(struct making *m)
{
	struct nf_command cmd = { .cmd = NF_CMD_MAKEBLOB };
	int r;

	nf_wire_tokenparams_write(&m->params, &m->spec->token->params);
	if ((r = nf_buf_err(&m->params)) != 0)
		return nf_diag_set(m->diag, r, NULL, "out of memory");
	m->key.params_ltu = nf_buf_view(&m->params);
	cmd.args.format = NF_BLOB_TOKEN;
	cmd.args.key = m->priv;
	cmd.args.key2 = m->spec->idkt;
	return nf_host_make_blob(m->host, &cmd, &m->privblob, m->diag);
}

static int
blobs_make(struct making *m)
{
	int r;

	r = m->spec->token != NULL ? token_blob(m) :
	    nf_host_module_blob(m->host, m->priv,
	    m->world->hash[NF_ADMIN_M], &m->privblob, m->diag);
	if (r != 0)
		return r;
	m->key.privblob = nf_buf_view(&m->privblob);
	if (m->spec->recovery) {
		if ((r = recovery_blob(m)) != 0)
			return r;
		m->key.recovblob = nf_buf_view(&m->recovblob);
	}
	if (m->pub != 0) {
		if ((r = nf_host_module_blob(m->host, m->pub,
		    nf_null_des3_hash, &m->pubblob, m->diag)) != 0)
			return r;
		m->key.pubblob = nf_buf_view(&m->pubblob);
	}
	return nf_host_keyhash(m->host, m->priv, m->key.hash, m->diag);
}

/* The certificate group, for a pair that the module generated. */
static int
certificates(struct making *m)
{
	char esn[NF_ESN_MAX + 1];
	uint32_t mode;
	int r;

	if (m->cert.len == 0)
		return 0;
	if ((r = nf_host_enquiry(m->host, &mode, esn, m->diag)) != 0 ||
	    (r = nf_modfile_load(m->world, esn, &m->module,
	    m->diag)) != 0 ||
	    (r = nf_world_state_cert(m->host, m->world->suite,
	    &m->state_cert, &m->state_mesg, NULL, m->diag)) != 0)
		return r;
	m->key.cert_gen = nf_buf_view(&m->cert);
	m->key.mesg_gen = nf_buf_view(&m->mesg);
	m->key.esn = m->module.esn;
	m->key.pubblob_kml = m->module.pubblob_kml;
	m->key.cert_kml_esn = m->module.cert_kml_esn;
	m->key.cert_state = nf_buf_view(&m->state_cert);
	m->key.mesg_state = nf_buf_view(&m->state_mesg);
	return 0;
}

static void
making_wipe(struct making *m, bool keep)
{
	if (m->pub != 0)
		(void)nf_host_destroy(m->host, m->pub, NULL);
	if (m->priv != 0 && !keep)
		(void)nf_host_destroy(m->host, m->priv, NULL);
	nf_modfile_wipe(&m->module);
	nf_buf_wipe(&m->params);
	nf_buf_wipe(&m->privblob);
	nf_buf_wipe(&m->recovblob);
	nf_buf_wipe(&m->pubblob);
	nf_buf_wipe(&m->cert);
	nf_buf_wipe(&m->mesg);
	nf_buf_wipe(&m->state_cert);
	nf_buf_wipe(&m->state_mesg);
}

static int
exists(const char *path, struct nf_diag *diag)
{
	(void)nf_diag_set(diag, NF_E_EXISTS, NULL,
	    "there is a key of this name already; remove its file first");
	nf_diag_where(diag, "%s", path);
	return NF_E_EXISTS;
}

static void
key_name(struct making *m)
{
	const struct nf_appkey_spec *spec = m->spec;

	m->key.time = nf_seed_now();
	m->key.appname = nf_view_of(spec->appname, strlen(spec->appname));
	m->key.ident = nf_view_of(spec->ident, strlen(spec->ident));
	if (spec->plainname != NULL)
		m->key.name = nf_view_of(spec->plainname,
		    strlen(spec->plainname));
}

int
nf_appkey_create(struct nf_host *host, const struct nf_world *world,
    const struct nf_appkey_spec *spec, char path[static NF_PATH_MAX],
    uint32_t *id, struct nf_diag *diag)
{
	struct making m = { .host = host, .world = world, .spec = spec,
	    .diag = diag };
	int r;

	if (id != NULL)
		*id = 0;
	if ((r = nf_km_store_key_path(world->dir, spec->appname, spec->ident,
	    path, diag)) != 0)
		return r;
	if (nf_file_exists(path))
		return exists(path, diag);
	if ((r = nf_world_check_module(host, world, diag)) != 0)
		return r;
	key_name(&m);
	if ((r = key_make(&m)) == 0 && (r = blobs_make(&m)) == 0 &&
	    (r = certificates(&m)) == 0 &&
	    (!spec->verify || (r = nf_appkey_verify(&m.key, diag)) == 0))
		r = nf_appkey_record(world, &m.key, path, diag);
	if (r == 0 && id != NULL)
		*id = m.priv;
	making_wipe(&m, r == 0 && id != NULL);
	if (r != 0)
		(void)nf_diag_set(diag, r, NULL, "%s", nf_err_text(r));
	return r;
}

bool
nf_appkey_insecure(const struct nf_km_key *key)
{
	for (uint32_t i = 0; i < key->n_other; i++) {
		if (key->other[i].type == NF_ENT_SW_MARK &&
		    nf_seed_marked(key->other[i].data))
			return true;
	}
	return false;
}

/* The file of a key; in a world from a seed it says so. */
static int
write_marked(const struct nf_world *world, const struct nf_km_key *key,
    struct nf_buf *bytes)
{
	struct nf_km_key copy = *key;

	if (world->insecure && !nf_appkey_insecure(key) &&
	    copy.n_other < NF_KM_ENTRIES_MAX)
		copy.other[copy.n_other++] = (struct nf_km_entry){
		    NF_ENT_SW_MARK, nf_world_mark(true) };
	return nf_km_key_write(&copy, bytes);
}

int
nf_appkey_record(const struct nf_world *world, const struct nf_km_key *key,
    char path[static NF_PATH_MAX], struct nf_diag *diag)
{
	char app[NF_KM_APP_MAX + 1], ident[NF_KM_IDENT_MAX + 1];
	struct nf_buf bytes = NF_BUF_INIT;
	int lock = -1, r;

	if (key->appname.len > NF_KM_APP_MAX ||
	    key->ident.len > NF_KM_IDENT_MAX)
		return nf_diag_set(diag, NF_E_USAGE, "ident",
		    "the key's name is too long");
	memcpy(app, key->appname.p, key->appname.len);
	app[key->appname.len] = '\0';
	memcpy(ident, key->ident.p, key->ident.len);
	ident[key->ident.len] = '\0';
	if ((r = nf_km_store_key_path(world->dir, app, ident, path,
	    diag)) != 0)
		return r;
	if ((r = write_marked(world, key, &bytes)) != 0) {
		(void)nf_diag_set(diag, r, NULL,
		    "the key file cannot be written: %s", nf_err_text(r));
		goto out;
	}
	if ((r = nf_km_store_lock(world->dir, &lock, diag)) != 0)
		goto out;
	if (nf_file_exists(path))
		r = exists(path, diag);
	else
		r = nf_file_write_new(path, 0600, nf_buf_view(&bytes), diag);
out:
	nf_buf_wipe(&bytes);
	if (lock >= 0)
		(void)close(lock);
	return r;
}

int
nf_appkey_load(struct nf_host *host, const struct nf_km_key *key,
    uint32_t *id, struct nf_diag *diag)
{
	*id = 0;
	if (strcmp(nf_km_key_protection(key), "module") != 0)
		return nf_diag_set(diag, NF_E_POLICY, NULL,
		    "the key is protected by a card set or softcard, which "
		    "has to be loaded first");
	return nf_appkey_load_under(host, key, 0, id, diag);
}

int
nf_appkey_load_under(struct nf_host *host, const struct nf_km_key *key,
    uint32_t idkt, uint32_t *id, struct nf_diag *diag)
{
	uint8_t hash[NF_HASH_LEN];
	int r;

	*id = 0;
	if (key->privblob.p == NULL)
		return nf_diag_set(diag, NF_E_NOTFOUND, "BlobKA",
		    "the key file has no private key");
	if ((r = nf_host_load_blob(host, key->privblob, idkt, id, diag)) != 0)
		return r;
	if ((r = nf_host_keyhash(host, *id, hash, diag)) == 0 &&
	    memcmp(hash, key->hash, NF_HASH_LEN) != 0)
		r = nf_diag_set(diag, NF_E_MISMATCH, "HashKA",
		    "not the hash of the key in the blob");
	if (r != 0) {
		(void)nf_host_destroy(host, *id, NULL);
		*id = 0;
	}
	return r;
}

int
nf_appkey_load_public(struct nf_host *host, const struct nf_km_key *key,
    uint32_t *id, struct nf_diag *diag)
{
	*id = 0;
	if (key->pubblob.p == NULL)
		return nf_diag_set(diag, NF_E_NOTFOUND, "BlobPubKA",
		    "the key file has no public key");
	return nf_host_load_blob(host, key->pubblob, 0, id, diag);
}
