/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Make a security world, or bring a module into one.  The order of the
 * commands follows the documented initialisation; everything that can fail
 * for the user's reasons (passphrases, a directory that is not ours) comes
 * before the module is touched, and the world file is written last.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nfast/base/mem.h"
#include "nfast/base/seed.h"
#include "nfast/host/admin.h"
#include "nfast/host/hostcmd.h"
#include "nfast/host/modfile.h"
#include "nfast/host/newworld.h"
#include "nfast/kmdata/store.h"
#include "nfast/wire/blob.h"

#define PUBLICPERMS	0x4E4Fu		/* seen on a real module */
#define WORLD_VERSION	2u
#define KM_BYTES	32u
#define KRE_BITS	2048u

struct made_key {
	uint32_t priv, pub;
	uint8_t hash[NF_HASH_LEN];
	struct nf_buf blob, pubblob, cert, mesg;
};

struct making {
	struct nf_host *host;
	const struct nf_newworld *want;
	struct nf_diag *diag;
	char esn[NF_ESN_MAX + 1];
	struct nf_acs_pin pin[NF_ACS_MAX];
	struct nf_acs_token token[NF_ADMIN_COUNT];
	enum nf_admin token_of[NF_ADMIN_COUNT];
	size_t n_tokens;
	struct made_key key[NF_ADMIN_COUNT];
	struct nf_buf cert_km, cert_kre, old, bytes;
};

static int
nomem(struct nf_diag *diag)
{
	return nf_diag_set(diag, NF_E_NOMEM, NULL, "out of memory");
}

static void
making_wipe(struct making *m)
{
	for (int a = 0; a < NF_ADMIN_COUNT; a++) {
		struct made_key *k = &m->key[a];

		if (k->priv != 0)
			(void)nf_host_destroy(m->host, k->priv, NULL);
		if (k->pub != 0)
			(void)nf_host_destroy(m->host, k->pub, NULL);
		nf_buf_wipe(&k->blob);
		nf_buf_wipe(&k->pubblob);
		nf_buf_wipe(&k->cert);
		nf_buf_wipe(&k->mesg);
	}
	nf_acs_drop(m->host, m->token, m->n_tokens);
	nf_buf_wipe(&m->cert_km);
	nf_buf_wipe(&m->cert_kre);
	nf_buf_wipe(&m->old);
	nf_buf_wipe(&m->bytes);
	explicit_bzero(m->pin, sizeof(m->pin));
}

static bool
wanted(const struct making *m, enum nf_admin a)
{
	return m->want->recovery || !nf_admin_specs[a].recovery;
}

/* The token of a key, made when it is the first under it. */
static int
token_for(struct making *m, enum nf_admin a, struct nf_acs_token **out)
{
	enum nf_admin which = nf_admin_specs[a].token;
	struct nf_acs_token *t;
	int r;

	for (size_t i = 0; i < m->n_tokens; i++) {
		if (m->token_of[i] == which) {
			*out = &m->token[i];
			return 0;
		}
	}
	t = &m->token[m->n_tokens];
	t->params.needed = m->want->acs_k;
	t->params.total = m->want->acs_n;
	memcpy(t->hkm, nf_admin_null_token(which) ? nf_null_aes_hash :
	    m->key[NF_ADMIN_M].hash, NF_HASH_LEN);
	if ((r = nf_acs_token_new(m->host, t, m->diag)) != 0)
		return r;
	m->token_of[m->n_tokens++] = which;
	*out = t;
	return 0;
}

/*
 * What the key may do, and that it may be blobbed once under its token.  The
 * security officer's key may be limited in time.
 */
static int
private_acl(struct making *m, enum nf_admin a,
    const struct nf_acs_token *token, struct nf_acl **out)
{
	const struct nf_admin_spec *spec = &nf_admin_specs[a];
	struct nf_acl *acl = nf_acl_new();
	struct nf_group *g;
	struct nf_action *act;
	struct nf_limit *l;

	*out = acl;
	if (acl == NULL || (g = nf_acl_group_add(acl)) == NULL ||
	    (act = nf_group_action_add(g, NF_ACT_OPPERMISSIONS)) == NULL)
		return nomem(m->diag);
	act->flags = spec->perms;
	if (a == NF_ADMIN_NSO && m->want->nso_timeout > 0) {
		if ((l = nf_group_limit_add(g, NF_LIMIT_TIME)) == NULL)
			return nomem(m->diag);
		l->max = m->want->nso_timeout;
	}
	if ((g = nf_acl_group_add(acl)) == NULL ||
	    (act = nf_group_action_add(g, NF_ACT_MAKEBLOB)) == NULL ||
	    (l = nf_group_limit_add(g, NF_LIMIT_GLOBAL)) == NULL)
		return nomem(m->diag);
	act->flags = NF_MAKEBLOB_ALLOWNONKM0 | NF_MAKEBLOB_KTHASH |
	    (nf_admin_null_token(spec->token) ?
	    NF_MAKEBLOB_ALLOWNULLKMTOKEN : 0);
	memcpy(act->kthash, token->hkt, NF_HASH_LEN);
	l->max = 1;
	return nf_host_random(m->host, l->id, sizeof(l->id), m->diag);
}

static int
public_acl(struct making *m, enum nf_admin a, struct nf_acl **out)
{
	struct nf_acl *acl = nf_acl_new();
	struct nf_group *g;
	struct nf_action *act;

	*out = acl;
	if (acl == NULL || (g = nf_acl_group_add(acl)) == NULL ||
	    (act = nf_group_action_add(g, NF_ACT_OPPERMISSIONS)) == NULL)
		return nomem(m->diag);
	act->flags = nf_admin_specs[a].pubperms;
	if ((act = nf_group_action_add(g, NF_ACT_MAKEBLOB)) == NULL)
		return nomem(m->diag);
	act->flags = NF_MAKEBLOB_ALLOWKMONLY | NF_MAKEBLOB_ALLOWNONKM0 |
	    NF_MAKEBLOB_ALLOWNULLKMTOKEN;
	return 0;
}

/* Generate a key with its certificate. */
static int
key_make(struct making *m, enum nf_admin a, const struct nf_acs_token *token)
{
	const struct nf_admin_spec *spec = &nf_admin_specs[a];
	bool pair = spec->type != NF_KEY_RIJNDAEL;
	struct nf_command cmd = { .cmd = pair ? NF_CMD_GENERATEKEYPAIR :
	    NF_CMD_GENERATEKEY };
	struct made_key *k = &m->key[a];
	struct nf_reply reply = { .tag = 0 };
	int r;

	cmd.args.module = NF_HOST_MODULE;
	cmd.args.flags = NF_GEN_CERTIFY;
	cmd.args.genparams.type = spec->type;
	cmd.args.genparams.len = spec->type == NF_KEY_RIJNDAEL ? KM_BYTES :
	    spec->type == NF_KEY_RSAPRIVATE ? KRE_BITS :
	    m->want->suite->dsa_bits;
	if ((r = private_acl(m, a, token, &cmd.args.acl)) != 0 ||
	    (pair && (r = public_acl(m, a, &cmd.args.acl2)) != 0) ||
	    (r = nf_host_call(m->host, &cmd, &reply, m->diag)) != 0)
		goto out;
	k->priv = reply.args.key;
	k->pub = pair ? reply.args.key2 : 0;
	nf_host_sigtext(&k->cert, &reply.args.cert.sig);
	nf_buf_view_put(&k->mesg, reply.args.cert.msg);
	if ((r = nf_buf_err(&k->cert)) != 0 ||
	    (r = nf_buf_err(&k->mesg)) != 0) {
		(void)nf_diag_set(m->diag, r, spec->name,
		    "the module gave no certificate");
		goto out;
	}
	r = nf_host_keyhash(m->host, k->priv, k->hash, m->diag);
out:
	nf_args_wipe(&reply.args);
	nf_args_wipe(&cmd.args);
	return r;
}

/* Tell the module who its security officer is, or give it its KM. */
static int
module_bind(struct nf_host *host, uint32_t number, const uint8_t *hknso,
    uint32_t km, struct nf_diag *diag)
{
	struct nf_command cmd = { .cmd = number };
	struct nf_reply reply;
	int r;

	cmd.args.module = NF_HOST_MODULE;
	cmd.args.key = km;
	if (number == NF_CMD_SETNSOPERMS) {
		memcpy(cmd.args.hash, hknso, NF_HASH_LEN);
		cmd.args.word = PUBLICPERMS;
	}
	r = nf_host_call(host, &cmd, &reply, diag);
	nf_args_wipe(&reply.args);
	return r;
}

static int
module_initialise(struct nf_host *host, const struct nf_suite *suite,
    struct nf_diag *diag)
{
	struct nf_command cmd = { .cmd = NF_CMD_INITIALISEUNITEX };
	struct nf_reply reply;
	int r;

	cmd.args.module = NF_HOST_MODULE;
	cmd.args.word = suite->dsa_bits == 1024 ? NF_KML_DSA1024 :
	    NF_KML_DSA3072;
	r = nf_host_call(host, &cmd, &reply, diag);
	nf_args_wipe(&reply.args);
	return r;
}

static int
keys_make(struct making *m)
{
	struct nf_acs_token *token;
	int r = 0;

	for (int i = 0; r == 0 && i < NF_ADMIN_COUNT; i++) {
		enum nf_admin a = (enum nf_admin)i;

		if (!wanted(m, a))
			continue;
		if ((r = token_for(m, a, &token)) != 0 ||
		    (r = key_make(m, a, token)) != 0)
			break;
		if (a == NF_ADMIN_NSO)
			r = module_bind(m->host, NF_CMD_SETNSOPERMS,
			    m->key[a].hash, 0, m->diag);
		else if (a == NF_ADMIN_M)
			r = module_bind(m->host, NF_CMD_SETKM, NULL,
			    m->key[a].priv, m->diag);
	}
	return r;
}

static int
blobs_make(struct making *m)
{
	struct nf_command cmd = { .cmd = NF_CMD_MAKEBLOB };
	struct nf_acs_token *token;
	int r = 0;

	for (int i = 0; r == 0 && i < NF_ADMIN_COUNT; i++) {
		enum nf_admin a = (enum nf_admin)i;
		struct made_key *k = &m->key[a];

		if (!wanted(m, a) || (r = token_for(m, a, &token)) != 0)
			continue;
		cmd.args.format = NF_BLOB_TOKEN;
		cmd.args.key = k->priv;
		cmd.args.key2 = token->id;
		r = nf_host_make_blob(m->host, &cmd, &k->blob, m->diag);
		if (r == 0 && k->pub != 0)
			r = nf_host_module_blob(m->host, k->pub,
			    nf_null_des3_hash, &k->pubblob, m->diag);
	}
	return r;
}

/* KNSO says which keys make the world. */
static int
world_certify(struct making *m)
{
	uint32_t mech = nf_suite_dsa_mech(m->want->suite);
	uint32_t knso = m->key[NF_ADMIN_NSO].priv;
	const uint8_t *hknso = m->key[NF_ADMIN_NSO].hash;
	struct nf_buf msg = NF_BUF_INIT;
	int r;

	nf_wire_modulekeys_msg(&msg, m->want->suite->name, hknso,
	    m->key[NF_ADMIN_M].hash, m->key[NF_ADMIN_MC].hash);
	r = nf_host_sign(m->host, knso, mech, nf_buf_view(&msg), &m->cert_km,
	    m->diag);
	if (r == 0 && m->want->recovery) {
		nf_buf_wipe(&msg);
		nf_wire_cardrecovery_msg(&msg, hknso,
		    m->key[NF_ADMIN_RE].hash, m->key[NF_ADMIN_RA].hash);
		r = nf_host_sign(m->host, knso, mech, nf_buf_view(&msg),
		    &m->cert_kre, m->diag);
	}
	nf_buf_wipe(&msg);
	return r;
}

static void
token_put(struct nf_km_writer *w, const struct making *m, size_t i)
{
	struct nf_buf b = NF_BUF_INIT;

	nf_buf_put(&b, m->token[i].hkt, NF_HASH_LEN);
	nf_wire_tokenparams_write(&b, &m->token[i].params);
	if (nf_buf_err(&b) != 0)
		nf_buf_fail(w->buf, nf_buf_err(&b));
	nf_km_put(w, nf_admin_specs[m->token_of[i]].params,
	    nf_buf_view(&b));
	nf_buf_wipe(&b);
}

static void
buf_entry(struct nf_km_writer *w, uint32_t type, const struct nf_buf *b)
{
	if (type != 0)
		nf_km_put(w, type, nf_buf_view(b));
}

static void
world_build(struct making *m)
{
	struct nf_km_writer w;

	nf_km_begin(&w, &m->bytes, nf_seed_now());
	nf_km_put(&w, NF_ENT_SW_MARK, nf_world_mark(nf_seed_esn(
	    nf_view_of(m->esn, strlen(m->esn)))));
	nf_km_put_u32(&w, NF_ENT_WORLD_VERSION, WORLD_VERSION);
	nf_km_put_u32(&w, NF_ENT_CIPHER_SUITE, m->want->suite->number);
	nf_km_put_u32(&w, NF_ENT_MODULE_KEY_TYPE, NF_KEY_RIJNDAEL);
	if (m->want->nso_timeout > 0)
		nf_km_put_u32(&w, NF_ENT_NSO_TIMEOUT, m->want->nso_timeout);
	nf_km_put_str(&w, NF_ENT_ESN_GEN, m->esn);
	for (size_t i = 0; i < m->n_tokens; i++)
		token_put(&w, m, i);
	for (int i = 0; i < NF_ADMIN_COUNT; i++) {
		const struct nf_admin_spec *spec = &nf_admin_specs[i];
		const struct made_key *k = &m->key[i];

		if (!wanted(m, (enum nf_admin)i))
			continue;
		nf_km_put(&w, spec->hash, nf_view_of(k->hash, NF_HASH_LEN));
		buf_entry(&w, spec->blob, &k->blob);
		buf_entry(&w, spec->blobpub, &k->pubblob);
		buf_entry(&w, spec->cert, &k->cert);
		buf_entry(&w, spec->mesg, &k->mesg);
	}
	buf_entry(&w, NF_ENT_CERT_KM_KMC_B_KNSO, &m->cert_km);
	if (m->want->recovery)
		buf_entry(&w, NF_ENT_CERT_KRE_KRA_B_KNSO, &m->cert_kre);
	nf_km_end(&w);
}

/* Keep the world that is replaced under the name of its hknso. */
static int
old_keep(struct making *m, const char *dir)
{
	struct nf_km_file *file = NULL;
	char path[NF_PATH_MAX], hex[41];
	struct nf_cur cur;
	struct nf_view v = { NULL, 0 };
	int r;

	if (m->old.len == 0)
		return 0;
	nf_cur_init(&cur, m->old.p, m->old.len, NULL);
	if (nf_km_file_read(&cur, &file) == 0)
		(void)nf_km_file_one(file, NF_ENT_HASH_KNSO, &v, NULL);
	if (v.len == NF_HASH_LEN)
		nf_text_hash(hex, v.p);
	else
		(void)snprintf(hex, sizeof(hex), "damaged-%lld",
		    (long long)nf_seed_now());
	nf_km_file_free(file);
	if ((r = nf_path(path, m->diag, "%s/world-%s.old", dir, hex)) != 0)
		return r;
	if (nf_file_exists(path))
		return 0;
	return nf_file_write_new(path, 0600, nf_buf_view(&m->old), m->diag);
}

static int
files_write(struct making *m, const char *dir)
{
	char path[NF_PATH_MAX];
	int r;

	world_build(m);
	if ((r = nf_buf_err(&m->bytes)) != 0)
		return nf_diag_set(m->diag, r, NULL, "world file: %s",
		    nf_err_text(r));
	if ((r = nf_modfile_write(m->host, dir, m->want->suite,
	    m->key[NF_ADMIN_NSO].hash, m->key[NF_ADMIN_MC].priv,
	    m->diag)) != 0 ||
	    (r = nf_path(path, m->diag, "%s/%s", dir,
	    NF_KM_STORE_WORLD)) != 0)
		return r;
	return nf_km_store_save(path, nf_buf_view(&m->bytes), m->diag);
}

static int
pins_ask(struct making *m, struct nf_pins *pins)
{
	char prompt[96];
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < m->want->acs_n; i++) {
		(void)snprintf(prompt, sizeof(prompt), "Module %u slot 0: "
		    "new passphrase for administrator card #%u (empty: "
		    "none)", nf_host_module(m->host), i + 1);
		r = nf_pins_next(pins, prompt, true, m->pin[i].pin,
		    &m->pin[i].has, m->diag);
	}
	return r;
}

int
nf_newworld_check_mode(struct nf_host *host, char *esn, struct nf_diag *diag)
{
	uint32_t mode;
	int r;

	if ((r = nf_host_enquiry(host, &mode, esn, diag)) != 0)
		return r;
	if (mode != NF_MODE_INITIALISATION)
		return nf_diag_set(diag, NF_E_REFUSED, NULL,
		    "module %u is not in pre-initialisation mode: run "
		    "nopclearfail --initialization --all",
		    nf_host_module(host));
	return 0;
}

/* The directory is or becomes ours; an old world of ours is loaded. */
static int
dir_prepare(struct making *m, const char *dir, int *lock)
{
	char path[NF_PATH_MAX];
	int r;

	if (nf_km_store_check_mark(dir, NULL) == NF_E_POLICY)
		return nf_km_store_check_mark(dir, m->diag);
	if ((r = nf_km_store_mark(dir, m->diag)) != 0 ||
	    (r = nf_km_store_lock(dir, lock, m->diag)) != 0 ||
	    (r = nf_path(path, m->diag, "%s/%s", dir,
	    NF_KM_STORE_WORLD)) != 0)
		return r;
	if (!nf_file_exists(path))
		return 0;
	return nf_file_load(path, NF_KM_FILE_MAX, &m->old, m->diag);
}

int
nf_world_create(struct nf_host *host, const char *dir,
    const struct nf_newworld *want, struct nf_pins *pins,
    void (*progress)(const char *line), struct nf_diag *diag)
{
	struct making *m;
	int lock = -1, r;

	NF_REQUIRE(want->acs_k >= 1 && want->acs_k <= want->acs_n &&
	    want->acs_n <= NF_ACS_MAX);
	if ((m = calloc(1, sizeof(*m))) == NULL)
		return nomem(diag);
	m->host = host;
	m->want = want;
	m->diag = diag;
	if ((r = nf_newworld_check_mode(host, m->esn, diag)) != 0 ||
	    (r = dir_prepare(m, dir, &lock)) != 0 ||
	    (r = pins_ask(m, pins)) != 0 ||
	    (r = old_keep(m, dir)) != 0 ||
	    (r = module_initialise(host, want->suite, diag)) != 0 ||
	    (r = keys_make(m)) != 0 ||
	    (r = nf_acs_write(host, m->token, m->n_tokens, m->pin,
	    want->acs_n, progress, diag)) != 0 ||
	    (r = blobs_make(m)) != 0 ||
	    (r = world_certify(m)) != 0)
		goto out;
	r = files_write(m, dir);
out:
	making_wipe(m);
	nf_freezero(m, sizeof(*m));
	if (lock >= 0)
		(void)close(lock);
	return r;
}

/* Read the cards and leave the keys out: are they there, are they right? */
static int
quorum_check(struct nf_host *host, const struct nf_world *world,
    struct nf_pins *pins, const enum nf_admin *admin, size_t n,
    void (*progress)(const char *line), struct nf_diag *diag)
{
	uint32_t key[NF_ADMIN_COUNT];
	int r = nf_world_admin_load(host, world, pins, admin, n, key,
	    progress, diag);

	for (size_t i = 0; r == 0 && i < n; i++)
		(void)nf_host_destroy(host, key[i], NULL);
	return r;
}

int
nf_world_program(struct nf_host *host, const struct nf_world *world,
    struct nf_pins *pins, void (*progress)(const char *line),
    struct nf_diag *diag)
{
	static const enum nf_admin admin[] = { NF_ADMIN_M, NF_ADMIN_MC };
	char esn[NF_ESN_MAX + 1];
	uint32_t key[2] = { 0, 0 };
	int lock = -1, r;

	if ((r = nf_newworld_check_mode(host, esn, diag)) != 0 ||
	    (r = nf_km_store_lock(world->dir, &lock, diag)) != 0)
		return r;
	/* Initialising forgets all keys, so the cards are read once before,
	 * to be sure, and once after. */
	if ((r = quorum_check(host, world, pins, admin, 2, progress,
	    diag)) != 0 ||
	    (r = module_initialise(host, world->suite, diag)) != 0)
		goto out;
	nf_pins_rewind(pins);
	if ((r = nf_world_admin_load(host, world, pins, admin, 2, key, NULL,
	    diag)) != 0 ||
	    (r = module_bind(host, NF_CMD_SETNSOPERMS,
	    world->hash[NF_ADMIN_NSO], 0, diag)) != 0 ||
	    (r = module_bind(host, NF_CMD_SETKM, NULL, key[0], diag)) != 0)
		goto out;
	r = nf_modfile_write(host, world->dir, world->suite,
	    world->hash[NF_ADMIN_NSO], key[1], diag);
out:
	for (int i = 0; i < 2; i++) {
		if (key[i] != 0)
			(void)nf_host_destroy(host, key[i], NULL);
	}
	(void)close(lock);
	return r;
}
