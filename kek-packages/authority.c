/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "kek-packages/authority.h"
#include "kek-packages/package.h"
#include "nfast/wire/blob.h"
#include "nfast/wire/modcert.h"

#define KEK_BITS	2048

/* A KEK wraps keys, is looked at, and does nothing else. */
#define KEK_PERMS \
	(NF_PERM_USEASBLOBKEY | NF_PERM_GETACL | NF_PERM_DUPLICATEHANDLE | \
	NF_PERM_GETAPPDATA | NF_PERM_REDUCEACL)

int
nf_kek_authority_region(const char *text, const struct nf_kek_region **out,
    struct nf_diag *diag)
{
	int r;

	if ((r = nf_kek_region_find(text, out, diag)) != 0)
		return r;
	if ((*out)->kind == NF_KEK_RMS)
		*out = nf_kek_region_by_kek(NF_KEK_APPNAME, (*out)->ident);
	NF_REQUIRE(*out != NULL);
	return 0;
}

static int
place(const char *state, const struct nf_kek_region *region,
    char sim[static NF_PATH_MAX], char local[static NF_PATH_MAX],
    struct nf_diag *diag)
{
	int r;

	if (state == NULL)
		return nf_diag_set(diag, NF_E_USAGE, "NFSIM_STATE",
		    "is not set: it names the simulator's directory");
	if ((r = nf_path(sim, diag, "%s/regions/%s/sim", state,
	    region->slug)) != 0)
		return r;
	return nf_path(local, diag, "%s/regions/%s/kmdata/local", state,
	    region->slug);
}

/* Load world and KEK of a region whose module is open. */
static int
load(struct nf_kek_authority *a, const char *local, struct nf_diag *diag)
{
	uint32_t mode;
	char esn[NF_ESN_MAX + 1];
	int r;

	if ((r = nf_host_enquiry(a->host, &mode, esn, diag)) != 0)
		return r;
	if (mode != NF_MODE_OPERATIONAL &&
	    (r = nf_host_clear(a->host, NF_MODE_OPERATIONAL, diag)) != 0)
		return r;
	if (a->world == NULL &&
	    (r = nf_world_load(local, &a->world, diag)) != 0)
		return r;
	return nf_world_check_module(a->host, a->world, diag);
}

static int
not_made(const struct nf_kek_region *region, struct nf_diag *diag)
{
	return nf_diag_set(diag, NF_E_NOTFOUND, NULL, "the simulated region "
	    "%s does not exist here: make it with kekpkg make --region %s",
	    region->heading[0], region->slug);
}

int
nf_kek_authority_open(const char *state, const struct nf_kek_region *region,
    struct nf_kek_authority *out, struct nf_diag *diag)
{
	char sim[NF_PATH_MAX], local[NF_PATH_MAX], path[NF_PATH_MAX];
	int r;

	memset(out, 0, sizeof(*out));
	out->region = region;
	if ((r = place(state, region, sim, local, diag)) != 0 ||
	    (r = nf_km_store_key_path(local, NF_KEK_APPNAME, region->ident,
	    path, diag)) != 0)
		return r;
	/* A KEK is made last. */
	if (!nf_file_exists(path))
		return not_made(region, diag);
	if ((r = nf_host_open_state(sim, state, &out->host, diag)) != 0 ||
	    (r = load(out, local, diag)) != 0)
		return r;
	return nf_appkey_open(out->world, NF_KEK_APPNAME, region->ident,
	    &out->kek, diag);
}

/* A new world with one card that has no passphrase. */
static int
make_world(struct nf_kek_authority *a, const char *local,
    const struct nf_suite *suite, struct nf_diag *diag)
{
	struct nf_newworld want = {
		.suite = suite == NULL ? nf_suite_named(NF_KEK_SUITE) : suite,
		.acs_k = 1,
		.acs_n = 1,
		.recovery = true
	};
	struct nf_pins *pins = NULL;
	int r;

	if ((r = nf_host_clear(a->host, NF_MODE_INITIALISATION, diag)) != 0 ||
	    (r = nf_pins_none(&pins, diag)) != 0)
		return r;
	r = nf_world_create(a->host, local, &want, pins, NULL, diag);
	nf_pins_close(pins);
	return r;
}

static int
make_kek(struct nf_kek_authority *a, struct nf_diag *diag)
{
	struct nf_appkey_spec spec = {
		.appname = NF_KEK_APPNAME,
		.ident = a->region->ident,
		.plainname = a->region->ident,
		.perms = KEK_PERMS,
		.recovery = false
	};
	char path[NF_PATH_MAX];

	spec.params.type = NF_KEY_RSAPRIVATE;
	spec.params.len = KEK_BITS;
	return nf_appkey_create(a->host, a->world, &spec, path, NULL, diag);
}

/* The world that is there, or a new one. */
static int
world_of(struct nf_kek_authority *a, const char *local,
    const struct nf_suite *suite, struct nf_diag *diag)
{
	char path[NF_PATH_MAX];
	int r;

	if ((r = nf_path(path, diag, "%s/" NF_KM_STORE_WORLD, local)) != 0)
		return r;
	if (!nf_file_exists(path) &&
	    (r = make_world(a, local, suite, diag)) != 0)
		return r;
	if ((r = nf_world_load(local, &a->world, diag)) != 0)
		return r;
	if (suite != NULL && suite != a->world->suite) {
		(void)nf_diag_set(diag, NF_E_EXISTS, NULL, "the simulated "
		    "region %s exists already, with cipher suite %s",
		    a->region->heading[0], a->world->suite->name);
		nf_diag_where(diag, "%s", path);
		return NF_E_EXISTS;
	}
	return load(a, local, diag);
}

int
nf_kek_authority_make(const char *state, const struct nf_kek_region *region,
    const struct nf_suite *suite, struct nf_kek_authority *out,
    struct nf_diag *diag)
{
	char sim[NF_PATH_MAX], local[NF_PATH_MAX], path[NF_PATH_MAX];
	int r;

	memset(out, 0, sizeof(*out));
	out->region = region;
	if ((r = place(state, region, sim, local, diag)) != 0 ||
	    (r = nf_km_store_key_path(local, NF_KEK_APPNAME, region->ident,
	    path, diag)) != 0 ||
	    (r = nf_host_open_state(sim, state, &out->host, diag)) != 0 ||
	    (r = world_of(out, local, suite, diag)) != 0)
		return r;
	if (!nf_file_exists(path) && (r = make_kek(out, diag)) != 0)
		return r;
	return nf_appkey_open(out->world, NF_KEK_APPNAME, region->ident,
	    &out->kek, diag);
}

void
nf_kek_authority_close(struct nf_kek_authority *a)
{
	nf_appkey_file_wipe(&a->kek);
	nf_world_free(a->world);
	nf_host_close(a->host);
	memset(a, 0, sizeof(*a));
}

static struct nf_view
text(const char *s)
{
	return nf_view_of(s, strlen(s));
}

static struct nf_view
mark(const struct nf_kek_authority *a)
{
	return text(a->world->insecure ? NF_KEK_PKG_MARK_SEED :
	    NF_KEK_PKG_MARK);
}

static int
kek_write(const struct nf_kek_authority *a, struct nf_view rootchain,
    struct nf_buf *out, struct nf_diag *diag)
{
	const struct nf_km_key *k = &a->kek.key;
	struct nf_kek_kekpkg pkg = {
		.time = k->time,
		.appname = k->appname,
		.ident = k->ident,
		.name = k->name,
		.pubblob = k->pubblob,
		.cert_gen = k->cert_gen,
		.mesg_gen = k->mesg_gen,
		.esn = k->esn,
		.pubblob_kml = k->pubblob_kml,
		.cert_kml_esn = k->cert_kml_esn,
		.cert_state = k->cert_state,
		.mesg_state = k->mesg_state,
		.rootchain = rootchain,
		.region = text(a->region->heading[0]),
		.mark = mark(a)
	};
	int r;

	memcpy(pkg.hash, k->hash, sizeof(pkg.hash));
	if ((r = nf_kek_kekpkg_write(&pkg, out)) != 0)
		return nf_diag_set(diag, r, "KEK package",
		    "cannot be written: %s", nf_err_text(r));
	return 0;
}

/* The KeyData of the world's KNSO, out of its public blob. */
static int
knso_of(const struct nf_world *w, struct nf_buf *out, struct nf_diag *diag)
{
	struct nf_buf plain = NF_BUF_INIT;
	struct nf_blobkey key;
	struct nf_view v;
	int r;

	if ((r = nf_km_file_one(w->file, NF_ENT_BLOBPUB_KNSO, &v,
	    diag)) != 0)
		return r;
	if ((r = nf_wire_nullblob_read(v, &plain, &key, diag)) == 0) {
		nf_wire_keydata_write(out, &key.key);
		r = nf_buf_err(out);
	}
	nf_blobkey_wipe(&key);
	nf_buf_wipe(&plain);
	return r;
}

static int
world_write(const struct nf_kek_authority *a, struct nf_view rootchain,
    struct nf_buf *out, struct nf_diag *diag)
{
	const struct nf_world *w = a->world;
	const struct nf_km_key *k = &a->kek.key;
	struct nf_buf knso = NF_BUF_INIT;
	struct nf_kek_worldpkg pkg = {
		.time = w->time,
		.region = text(a->region->heading[0]),
		.suite = text(w->suite->name),
		.esn = k->esn,
		.cert_state = k->cert_state,
		.mesg_state = k->mesg_state,
		.rootchain = rootchain,
		.mark = mark(a)
	};
	int r;

	memcpy(pkg.hknso, w->hash[NF_ADMIN_NSO], NF_HASH_LEN);
	memcpy(pkg.hkm, w->hash[NF_ADMIN_M], NF_HASH_LEN);
	memcpy(pkg.hkmc, w->hash[NF_ADMIN_MC], NF_HASH_LEN);
	if ((r = knso_of(w, &knso, diag)) != 0 ||
	    (r = nf_km_file_one(w->file, NF_ENT_CERT_KM_KMC_B_KNSO,
	    &pkg.cert_modulekeys, diag)) != 0 ||
	    (r = nf_km_file_one(w->file, NF_ENT_CERT_GEN_KM,
	    &pkg.cert_gen_km, diag)) != 0 ||
	    (r = nf_km_file_one(w->file, NF_ENT_MESG_GEN_KM,
	    &pkg.mesg_gen_km, diag)) != 0) {
		nf_diag_where(diag, "%s/" NF_KM_STORE_WORLD, w->dir);
		goto out;
	}
	pkg.knso = nf_buf_view(&knso);
	if ((r = nf_kek_worldpkg_write(&pkg, out)) != 0)
		(void)nf_diag_set(diag, r, "SecurityWorld package",
		    "cannot be written: %s", nf_err_text(r));
out:
	nf_buf_wipe(&knso);
	return r;
}

int
nf_kek_authority_packages(const struct nf_kek_authority *a,
    struct nf_buf *kek, struct nf_buf *world, struct nf_diag *diag)
{
	struct nf_buf sig = NF_BUF_INIT, msg = NF_BUF_INIT;
	struct nf_buf chain = NF_BUF_INIT;
	int r;

	/* Of this state only the root chain is used: it never changes. */
	if ((r = nf_world_state_cert(a->host, a->world->suite, &sig, &msg,
	    &chain, diag)) == 0 &&
	    (r = kek_write(a, nf_buf_view(&chain), kek, diag)) == 0)
		r = world_write(a, nf_buf_view(&chain), world, diag);
	nf_buf_wipe(&sig);
	nf_buf_wipe(&msg);
	nf_buf_wipe(&chain);
	return r;
}
