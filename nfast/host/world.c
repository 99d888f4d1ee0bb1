/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "nfast/base/seed.h"
#include "nfast/host/admin.h"
#include "nfast/host/hostcmd.h"
#include "nfast/host/signed.h"
#include "nfast/kmdata/store.h"
#include "nfast/wire/blob.h"

#define WORLD_VERSION	2u	/* WorldVersion2 (real) */

/* Sign and authorise, or open; never export, never change the ACL. */
#define PERMS_SIGN	(NF_PERM_SIGN | NF_PERM_USEASCERTIFICATE | \
	NF_PERM_SIGNMODULECERT | NF_PERM_GETACL | NF_PERM_GETAPPDATA | \
	NF_PERM_DUPLICATEHANDLE)
#define PERMS_OPEN	(NF_PERM_DECRYPT | NF_PERM_USEASBLOBKEY | \
	NF_PERM_GETACL | NF_PERM_GETAPPDATA | NF_PERM_DUPLICATEHANDLE)
#define PERMS_KM	(NF_PERM_USEASKM | NF_PERM_GETACL | \
	NF_PERM_GETAPPDATA | NF_PERM_DUPLICATEHANDLE)

#define DSA		NF_KEY_DSAPRIVATE
#define PUB_DSA		0x227Du		/* public halves: real masks */
#define PUB_RSA		0x26FDu

const struct nf_admin_spec nf_admin_specs[NF_ADMIN_COUNT] = {
	[NF_ADMIN_NSO] = { "KNSO", NF_ADMIN_NSO, NF_ENT_PARAMS_LTNSO, DSA,
	    PERMS_SIGN, PUB_DSA, NF_ENT_HASH_KNSO, NF_ENT_BLOB_KNSO,
	    NF_ENT_BLOBPUB_KNSO, NF_ENT_CERT_GEN_KNSO,
	    NF_ENT_MESG_GEN_KNSO, false },
	[NF_ADMIN_M] = { "KM", NF_ADMIN_M, NF_ENT_PARAMS_LTM,
	    NF_KEY_RIJNDAEL, PERMS_KM, 0, NF_ENT_HASH_KM, NF_ENT_BLOB_KM, 0,
	    NF_ENT_CERT_GEN_KM, NF_ENT_MESG_GEN_KM, false },
	[NF_ADMIN_RE] = { "KRE", NF_ADMIN_RA, 0, NF_KEY_RSAPRIVATE,
	    PERMS_OPEN, PUB_RSA, NF_ENT_HASH_KRE, NF_ENT_BLOB_KRE,
	    NF_ENT_BLOBPUB_KRE, NF_ENT_CERT_GEN_KRE, NF_ENT_MESG_GEN_KRE,
	    true },
	[NF_ADMIN_RA] = { "KRA", NF_ADMIN_RA, NF_ENT_PARAMS_LTR, DSA,
	    PERMS_SIGN, PUB_DSA, NF_ENT_HASH_KRA, NF_ENT_BLOB_KRA,
	    NF_ENT_BLOBPUB_KRA, NF_ENT_CERT_GEN_KRA, NF_ENT_MESG_GEN_KRA,
	    true },
	[NF_ADMIN_MC] = { "KMC", NF_ADMIN_M, 0, DSA, PERMS_SIGN, PUB_DSA,
	    NF_ENT_HASH_KMC, NF_ENT_BLOB_KMC, NF_ENT_BLOBPUB_KMC,
	    NF_ENT_CERT_GEN_KMC, NF_ENT_MESG_GEN_KMC, false },
	[NF_ADMIN_P] = { "KP", NF_ADMIN_P, NF_ENT_PARAMS_LTP, DSA,
	    PERMS_SIGN, PUB_DSA, NF_ENT_HASH_KP, NF_ENT_BLOB_KP,
	    NF_ENT_BLOBPUB_KP, NF_ENT_CERT_GEN_KP, NF_ENT_MESG_GEN_KP,
	    false },
	[NF_ADMIN_NV] = { "KNV", NF_ADMIN_NV, NF_ENT_PARAMS_LTNV, DSA,
	    PERMS_SIGN, PUB_DSA, NF_ENT_HASH_KNV, NF_ENT_BLOB_KNV,
	    NF_ENT_BLOBPUB_KNV, NF_ENT_CERT_GEN_KNV, NF_ENT_MESG_GEN_KNV,
	    false },
	[NF_ADMIN_RTC] = { "KRTC", NF_ADMIN_RTC, NF_ENT_PARAMS_LTRTC, DSA,
	    PERMS_SIGN, PUB_DSA, NF_ENT_HASH_KRTC, NF_ENT_BLOB_KRTC,
	    NF_ENT_BLOBPUB_KRTC, NF_ENT_CERT_GEN_KRTC,
	    NF_ENT_MESG_GEN_KRTC, false },
	[NF_ADMIN_FTO] = { "KFTO", NF_ADMIN_FTO, NF_ENT_PARAMS_LTFTO, DSA,
	    PERMS_SIGN, PUB_DSA, NF_ENT_HASH_KFTO, NF_ENT_BLOB_KFTO,
	    NF_ENT_BLOBPUB_KFTO, NF_ENT_CERT_GEN_KFTO,
	    NF_ENT_MESG_GEN_KFTO, false },
};

uint32_t
nf_suite_dsa_mech(const struct nf_suite *suite)
{
	return suite->dsa_bits == 1024 ? NF_MECH_DSA : NF_MECH_DSAHSHA256;
}

static int
word_get(const struct nf_km_file *file, uint32_t type, bool optional,
    uint32_t *out, struct nf_diag *diag)
{
	struct nf_cur cur;
	struct nf_view v = { NULL, 0 };
	int r;

	*out = 0;
	r = (optional ? nf_km_file_opt : nf_km_file_one)(file, type, &v,
	    diag);
	if (r != 0 || v.p == NULL)
		return r;
	nf_cur_init(&cur, v.p, v.len, diag);
	*out = nf_cur_u32(&cur, nf_name_find(nf_km_types, type));
	return nf_cur_end(&cur, nf_name_find(nf_km_types, type));
}

static int
hash_get(struct nf_world *world, enum nf_admin a, struct nf_diag *diag)
{
	const struct nf_admin_spec *spec = &nf_admin_specs[a];
	struct nf_view v = { NULL, 0 };
	int r;

	r = (spec->recovery ? nf_km_file_opt : nf_km_file_one)(world->file,
	    spec->hash, &v, diag);
	if (r != 0 || v.p == NULL)
		return r;
	if (v.len != NF_HASH_LEN)
		return nf_diag_set(diag, NF_E_FORMAT,
		    nf_name_find(nf_km_types, spec->hash), "not %d bytes",
		    NF_HASH_LEN);
	memcpy(world->hash[a], v.p, NF_HASH_LEN);
	if ((r = nf_km_file_one(world->file, spec->blob, &v, diag)) == 0 &&
	    spec->blobpub != 0)
		r = nf_km_file_one(world->file, spec->blobpub, &v, diag);
	return r;
}

int
nf_world_token(const struct nf_world *world, enum nf_admin admin,
    struct nf_acs_token *out, struct nf_diag *diag)
{
	enum nf_admin token = nf_admin_specs[admin].token;
	uint32_t type = nf_admin_specs[token].params;
	const char *name = nf_name_find(nf_km_types, type);
	struct nf_cur cur;
	struct nf_view v;
	int r;

	memset(out, 0, sizeof(*out));
	if (!nf_km_file_has(world->file, type))
		return nf_diag_set(diag, NF_E_NOTFOUND, NULL,
		    "the security world has no %s", nf_admin_specs[admin].name);
	if ((r = nf_km_file_one(world->file, type, &v, diag)) != 0)
		return r;
	nf_cur_init(&cur, v.p, v.len, diag);
	nf_cur_copy(&cur, name, out->hkt, NF_HASH_LEN);
	nf_wire_tokenparams_read(&cur, &out->params);
	if ((r = nf_cur_end(&cur, name)) != 0)
		return r;
	if (out->params.needed == 0 || out->params.total > NF_ACS_MAX ||
	    out->params.needed > out->params.total)
		return nf_diag_set(diag, NF_E_FORMAT, name,
		    "a quorum of %u of %u cards", out->params.needed,
		    out->params.total);
	memcpy(out->hkm, nf_admin_null_token(token) ? nf_null_aes_hash :
	    world->hash[NF_ADMIN_M], NF_HASH_LEN);
	return 0;
}

/* A message that KNSO signed, rebuilt from the hashes of the file. */
static int
binding_verify(const struct nf_world *world, const struct nf_keydata *knso,
    uint32_t type, const struct nf_buf *msg, struct nf_diag *diag)
{
	struct nf_view text;
	int r;

	if ((r = nf_buf_err(msg)) != 0)
		return nf_diag_set(diag, r, NULL, "%s", nf_err_text(r));
	if ((r = nf_km_file_one(world->file, type, &text, diag)) != 0)
		return r;
	return nf_signed_verify(knso, text, nf_buf_view(msg),
	    nf_name_find(nf_km_types, type), diag);
}

/* The hashes of the file are those that its security officer signed. */
static int
bindings_verify(const struct nf_world *world, struct nf_diag *diag)
{
	const uint8_t *hknso = world->hash[NF_ADMIN_NSO];
	struct nf_buf bytes = NF_BUF_INIT, msg = NF_BUF_INIT;
	uint8_t hash[NF_HASH_LEN];
	struct nf_keydata knso;
	struct nf_view blob;
	int r;

	if ((r = nf_km_file_one(world->file, NF_ENT_BLOBPUB_KNSO, &blob,
	    diag)) != 0 ||
	    (r = nf_signed_public(blob, "BlobPubKNSO", &bytes, &knso, hash,
	    diag)) != 0)
		goto out;
	if (memcmp(hash, hknso, NF_HASH_LEN) != 0) {
		r = nf_diag_set(diag, NF_E_MISMATCH, "HashKNSO",
		    "not the hash of the key in BlobPubKNSO");
		goto out;
	}
	nf_wire_modulekeys_msg(&msg, world->suite->name, hknso,
	    world->hash[NF_ADMIN_M], world->hash[NF_ADMIN_MC]);
	r = binding_verify(world, &knso, NF_ENT_CERT_KM_KMC_B_KNSO, &msg,
	    diag);
	if (r == 0 && world->recovery) {
		nf_buf_wipe(&msg);
		nf_wire_cardrecovery_msg(&msg, hknso,
		    world->hash[NF_ADMIN_RE], world->hash[NF_ADMIN_RA]);
		r = binding_verify(world, &knso, NF_ENT_CERT_KRE_KRA_B_KNSO,
		    &msg, diag);
	}
out:
	nf_buf_wipe(&bytes);
	nf_buf_wipe(&msg);
	return r;
}

struct nf_view
nf_world_mark(bool insecure)
{
	static const char plain[] = PACKAGE_STRING ", simulated";
	static const char seeded[] = PACKAGE_STRING ", simulated, "
	    NF_SEED_WORDS;

	return insecure ? nf_view_of(seeded, sizeof(seeded) - 1) :
	    nf_view_of(plain, sizeof(plain) - 1);
}

static int
fill(struct nf_world *world, struct nf_diag *diag)
{
	struct nf_acs_token token;
	struct nf_view mark;
	uint32_t suite, version;
	int r;

	if ((r = nf_km_file_opt(world->file, NF_ENT_SW_MARK, &mark,
	    diag)) != 0)
		return r;
	world->insecure = nf_seed_marked(mark);
	if (mark.p == NULL)
		return nf_diag_set(diag, NF_E_POLICY, NULL,
		    "a security world that the simulator did not make");
	if ((r = word_get(world->file, NF_ENT_CIPHER_SUITE, false, &suite,
	    diag)) != 0 ||
	    (r = word_get(world->file, NF_ENT_WORLD_VERSION, false, &version,
	    diag)) != 0 ||
	    (r = word_get(world->file, NF_ENT_NSO_TIMEOUT, true,
	    &world->nso_timeout, diag)) != 0)
		return r;
	if ((world->suite = nf_suite_numbered(suite)) == NULL)
		return nf_diag_set(diag, NF_E_FORMAT, "CipherSuite",
		    "%u is not supported", suite);
	if (version != WORLD_VERSION)
		return nf_diag_set(diag, NF_E_FORMAT, "WorldVersion",
		    "%u is not supported", version);
	for (int a = 0; a < NF_ADMIN_COUNT; a++) {
		if ((r = hash_get(world, (enum nf_admin)a, diag)) != 0)
			return r;
	}
	world->recovery = nf_km_file_has(world->file, NF_ENT_HASH_KRE);
	if (world->recovery != nf_km_file_has(world->file, NF_ENT_HASH_KRA))
		return nf_diag_set(diag, NF_E_FORMAT, "HashKRA",
		    "HashKRE and HashKRA come together");
	if ((r = nf_world_token(world, NF_ADMIN_NSO, &token, diag)) != 0)
		return r;
	world->acs_k = token.params.needed;
	world->acs_n = token.params.total;
	world->time = world->file->time;
	return bindings_verify(world, diag);
}

int
nf_world_load(const char *dir, struct nf_world **out, struct nf_diag *diag)
{
	char path[NF_PATH_MAX];
	struct nf_world *world = NULL;
	struct nf_cur cur;
	int r;

	*out = NULL;
	if (nf_km_store_check_mark(dir, NULL) == NF_E_NOTFOUND)
		return nf_diag_set(diag, NF_E_NOTFOUND, NULL,
		    "no security world in %s: make one with new-world", dir);
	if ((r = nf_km_store_check_mark(dir, diag)) != 0 ||
	    (r = nf_path(path, diag, "%s/%s", dir, NF_KM_STORE_WORLD)) != 0)
		return r;
	if ((world = calloc(1, sizeof(*world))) == NULL)
		return nf_diag_set(diag, NF_E_NOMEM, NULL, "out of memory");
	if ((r = nf_path(world->dir, diag, "%s", dir)) != 0 ||
	    (r = nf_file_load(path, NF_KM_FILE_MAX, &world->bytes,
	    diag)) != 0)
		goto out;
	nf_cur_init(&cur, world->bytes.p, world->bytes.len, diag);
	if ((r = nf_km_file_read(&cur, &world->file)) != 0 ||
	    (r = fill(world, diag)) != 0)
		goto out;
	*out = world;
	world = NULL;
out:
	if (r != 0)
		nf_diag_where(diag, "%s", path);
	nf_world_free(world);
	return r;
}

void
nf_world_free(struct nf_world *world)
{
	if (world == NULL)
		return;
	nf_km_file_free(world->file);
	nf_buf_wipe(&world->bytes);
	free(world);
}

static bool
has_hash(uint8_t (*list)[NF_HASH_LEN], uint32_t n, const uint8_t *hash)
{
	for (uint32_t i = 0; i < n; i++) {
		if (memcmp(list[i], hash, NF_HASH_LEN) == 0)
			return true;
	}
	return false;
}

static bool
is_zero(const uint8_t hash[static NF_HASH_LEN])
{
	static const uint8_t zero[NF_HASH_LEN];

	return memcmp(hash, zero, NF_HASH_LEN) == 0;
}

int
nf_world_check_module(struct nf_host *host, const struct nf_world *world,
    struct nf_diag *diag)
{
	uint8_t hknso[NF_HASH_LEN], km[NF_VECTOR_MAX][NF_HASH_LEN];
	char esn[NF_ESN_MAX + 1], want[41], got[41];
	uint32_t mode, n, number = nf_host_module(host);
	int r;

	if ((r = nf_host_enquiry(host, &mode, esn, diag)) != 0)
		return r;
	if (mode != NF_MODE_OPERATIONAL)
		return nf_diag_set(diag, NF_E_REFUSED, NULL,
		    "module %u is not in operational mode: run nopclearfail "
		    "--operational --all", number);
	if ((r = nf_host_kmlist(host, hknso, km, &n, diag)) != 0)
		return r;
	nf_text_hash(want, world->hash[NF_ADMIN_NSO]);
	nf_text_hash(got, hknso);
	if (is_zero(hknso))
		return nf_diag_set(diag, NF_E_MISMATCH, NULL,
		    "module %u belongs to no security world, hknso of the "
		    "world file is %s", number, want);
	if (memcmp(hknso, world->hash[NF_ADMIN_NSO], NF_HASH_LEN) != 0)
		return nf_diag_set(diag, NF_E_MISMATCH, NULL,
		    "module %u belongs to another security world: its hknso "
		    "is %s, the world file's is %s", number, got, want);
	nf_text_hash(want, world->hash[NF_ADMIN_M]);
	if (!has_hash(km, n, world->hash[NF_ADMIN_M]))
		return nf_diag_set(diag, NF_E_MISMATCH, NULL,
		    "module %u has hknso %s but not the world's module key "
		    "%s", number, got, want);
	return 0;
}

int
nf_world_module_state(struct nf_host *host, const struct nf_world *world,
    const char **out, struct nf_diag *diag)
{
	uint8_t hknso[NF_HASH_LEN], km[NF_VECTOR_MAX][NF_HASH_LEN];
	char esn[NF_ESN_MAX + 1];
	uint32_t mode, n;
	int r;

	*out = "Unknown";
	if ((r = nf_host_enquiry(host, &mode, esn, diag)) != 0 ||
	    (r = nf_host_kmlist(host, hknso, km, &n, diag)) != 0)
		return r;
	if (mode == NF_MODE_MAINTENANCE)
		*out = "MaintMode";
	else if (mode == NF_MODE_INITIALISATION)
		*out = "PreInitMode";
	else if (is_zero(hknso))
		*out = "Factory";
	else if (world != NULL && memcmp(hknso, world->hash[NF_ADMIN_NSO],
	    NF_HASH_LEN) == 0 && has_hash(km, n, world->hash[NF_ADMIN_M]))
		*out = "Usable";
	else
		*out = "Foreign";
	return 0;
}

/* Load one key under its token and check that it is the world's. */
static int
admin_open(struct nf_host *host, const struct nf_world *world,
    enum nf_admin a, uint32_t token, uint32_t *key, struct nf_diag *diag)
{
	const struct nf_admin_spec *spec = &nf_admin_specs[a];
	uint8_t hash[NF_HASH_LEN];
	struct nf_view blob;
	int r;

	if ((r = nf_km_file_one(world->file, spec->blob, &blob, diag)) != 0 ||
	    (r = nf_host_load_blob(host, blob, token, key, diag)) != 0 ||
	    (r = nf_host_keyhash(host, *key, hash, diag)) != 0)
		return r;
	if (memcmp(hash, world->hash[a], NF_HASH_LEN) != 0)
		return nf_diag_set(diag, NF_E_MISMATCH, spec->name,
		    "the blob does not hold the world's key");
	return 0;
}

/* The tokens that the keys need, each once; at[i] is that of admin[i]. */
static int
tokens_of(const struct nf_world *world, const enum nf_admin *admin, size_t n,
    struct nf_acs_token token[static NF_ADMIN_COUNT], size_t *n_tokens,
    size_t at[static NF_ADMIN_COUNT], struct nf_diag *diag)
{
	enum nf_admin have[NF_ADMIN_COUNT];
	size_t i, t;
	int r;

	*n_tokens = 0;
	for (i = 0; i < n; i++) {
		enum nf_admin want = nf_admin_specs[admin[i]].token;

		for (t = 0; t < *n_tokens && have[t] != want; t++)
			continue;
		at[i] = t;
		if (t < *n_tokens)
			continue;
		have[t] = want;
		if ((r = nf_world_token(world, admin[i], &token[t],
		    diag)) != 0)
			return r;
		(*n_tokens)++;
	}
	return 0;
}

int
nf_world_admin_load(struct nf_host *host, const struct nf_world *world,
    struct nf_pins *pins, const enum nf_admin *admin, size_t n,
    uint32_t *key, void (*progress)(const char *line), struct nf_diag *diag)
{
	struct nf_acs_token token[NF_ADMIN_COUNT];
	size_t at[NF_ADMIN_COUNT], n_tokens, i;
	int r;

	NF_REQUIRE(n > 0 && n <= NF_ADMIN_COUNT);
	for (i = 0; i < n; i++)
		key[i] = 0;
	if ((r = tokens_of(world, admin, n, token, &n_tokens, at,
	    diag)) != 0 ||
	    (r = nf_acs_read(host, token, n_tokens, NULL, pins, progress,
	    diag)) != 0)
		return r;
	for (i = 0; r == 0 && i < n; i++)
		r = admin_open(host, world, admin[i], token[at[i]].id,
		    &key[i], diag);
	nf_acs_drop(host, token, n_tokens);
	for (i = 0; r != 0 && i < n; i++) {
		if (key[i] != 0)
			(void)nf_host_destroy(host, key[i], NULL);
		key[i] = 0;
	}
	return r;
}

int
nf_world_state_cert(struct nf_host *host, const struct nf_suite *suite,
    struct nf_buf *sigtext, struct nf_buf *msg, struct nf_buf *rootchain,
    struct nf_diag *diag)
{
	uint32_t signer = suite->klf2 ? NF_SIGNER_KLF2 : NF_SIGNER_KLF;
	struct nf_command cmd = { .cmd = NF_CMD_SIGNMODULESTATE };
	struct nf_reply reply;
	int r;

	cmd.args.module = NF_HOST_MODULE;
	cmd.args.signer = signer;
	if ((r = nf_host_call(host, &cmd, &reply, diag)) == 0) {
		nf_host_sigtext(sigtext, &reply.args.cert.sig);
		nf_buf_view_put(msg, reply.args.cert.msg);
		if ((r = nf_buf_err(sigtext)) != 0 ||
		    (r = nf_buf_err(msg)) != 0)
			(void)nf_diag_set(diag, r, "state certificate", "%s",
			    nf_err_text(r));
	}
	nf_args_wipe(&reply.args);
	if (r == 0 && rootchain != NULL)
		r = nf_host_dev(host, NF_DEV_ROOTCHAIN, signer, "",
		    rootchain, diag);
	return r;
}
