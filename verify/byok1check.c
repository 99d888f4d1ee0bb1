/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The audit of a method-1 package.  Each function makes one group of checks
 * and the facts that rest on them; a check that needs another one that failed
 * is "unknown", never silently left out.
 */
#include "config.h"

#include <string.h>

#include "kek-packages/regions.h"
#include "nfast/base/pkey.h"
#include "nfast/base/text.h"
#include "nfast/kmdata/keyfile.h"
#include "transfer/byok1.h"
#include "verify/byok1check.h"

#define KEY_TOKEN	"KeyToken"
#define SELF		"the key itself"
#define KEK_BYTES_MIN	256	/* RSA-2048, as all known ones */
#define KEK_BYTES_STEP	128	/* RSA-3072 and RSA-4096, too */

/* What the checks of one package share. */
struct audit {
	struct nf_vfy_ctx *ctx;
	struct nf_vfy_verdict *v;
	struct nf_byok1 *pkg;
	struct nf_km_file *file;
	struct nf_km_key key;
	struct nf_keydata pub;		/* from PublicKey */
	uint8_t hash[NF_HASH_LEN];	/* of pub */
	struct nf_vfy_state state;	/* cert NULL unless verified */
	struct nf_modcert *gen;		/* NULL unless verified */
	bool simulated;
};

static void
place_element(struct audit *a, enum nf_byok1_field f)
{
	nf_vfy_place(a->v, f < NF_BYOK1_KEY_TOKEN_TYPE ? "file" : "KeyBlob",
	    a->pkg->span[f].off, a->pkg->span[f].len);
}

static void
place_entry(struct audit *a, struct nf_view entry)
{
	nf_vfy_place_in(a->v, KEY_TOKEN, a->file->bytes, entry);
}

static void
check_signature(struct audit *a)
{
	struct nf_diag d = { 0 };
	int r = nf_byok1_verify_signature(a->pkg, &d);

	(void)nf_vfy_add_result(a->v, "byok1.signature",
	    "outer signature, RSA with SHA-256, by the transferred key", r,
	    &d, NULL);
	place_element(a, NF_BYOK1_SIGNATURE);
}

static const char *
entry_name(uint32_t type)
{
	return nf_name_find(nf_km_types, type);
}

/* GlobalKeyId, and the names that are made of it. */
static void
check_ids(struct audit *a)
{
	char id[NF_BYOK1_ID_LEN + 1], name[NF_BYOK1_TEXT_MAX + 1];
	const struct nf_km_key *k = &a->key;
	const char *lower = name + sizeof(NF_BYOK1_FILE_PREFIX) - 1;
	const char *field = NULL;
	struct nf_diag d = { 0 };
	int r;

	r = nf_byok1_global_id(a->pkg->tenant, a->pkg->public_key, id);
	if (r == 0 && strcmp(id, a->pkg->global_key_id) != 0)
		r = NF_E_MISMATCH;
	(void)nf_vfy_add_result(a->v, "byok1.global-id",
	    "GlobalKeyId names subscription and public key", r, NULL, NULL);
	place_element(a, NF_BYOK1_GLOBAL_KEY_ID);

	nf_byok1_file_name(a->pkg->global_key_id, name);
	if (strcmp(a->pkg->key_token_file_name, name) != 0)
		field = nf_byok1_field_name(NF_BYOK1_FILE_NAME);
	else if (!nf_view_is(k->appname, "xfer"))
		field = entry_name(NF_ENT_APPNAME);
	else if (!nf_view_is(k->ident, lower))
		field = entry_name(NF_ENT_IDENT);
	else if (!nf_view_is(k->name, lower))
		field = entry_name(NF_ENT_NAME);
	r = field == NULL ? 0 : nf_diag_set(&d, NF_E_MISMATCH, field,
	    "the key file in it has another name");
	(void)nf_vfy_add_result(a->v, "byok1.filename",
	    "KeyTokenFileName, ident and name are the GlobalKeyId", r, &d,
	    NULL);
	place_element(a, NF_BYOK1_FILE_NAME);
}

static int
unexpected(struct nf_diag *diag, uint32_t type)
{
	return nf_diag_set(diag, NF_E_MISMATCH, entry_name(type),
	    "entry %u, which no transferred key has", type);
}

/*
 * The key file has the entries of a transferred key and no others.  A key
 * that was imported into its world has no certificates: nothing is wrong, but
 * what they would prove stays unknown.  Our mark is allowed, and is as good as
 * the environment for calling a package simulated.
 */
static void
check_keyfile(struct audit *a)
{
	const struct nf_km_key *k = &a->key;
	struct nf_diag d = { 0 };
	int r = 0;

	if (k->privblob.p == NULL)
		r = nf_diag_set(&d, NF_E_MISMATCH,
		    entry_name(NF_ENT_BLOB_KA), "missing");
	if (k->pubblob.p == NULL)
		r = nf_diag_set(&d, NF_E_MISMATCH,
		    entry_name(NF_ENT_BLOBPUB_KA), "missing");
	if (k->recovblob.p != NULL)
		r = unexpected(&d, NF_ENT_BLOB_RECOVERY_KA);
	if (k->params_ltu.p != NULL)
		r = unexpected(&d, NF_ENT_PARAMS_LTU);
	if (k->softtoken.p != NULL)
		r = unexpected(&d, NF_ENT_LTUC_SOFT_TOKEN);
	for (uint32_t i = 0; i < k->n_other; i++) {
		if (k->other[i].type != NF_ENT_SW_MARK)
			r = unexpected(&d, k->other[i].type);
	}
	(void)nf_vfy_add_result(a->v, "byok1.keyfile",
	    "key file container and entries", r, &d, NULL);
	place_element(a, NF_BYOK1_KEY_TOKEN);
}

static void
check_state(struct audit *a)
{
	static const char title[] = "module state certificate under its KLF";
	struct nf_diag d = { 0 };
	int r;

	if (!nf_km_key_certified(&a->key)) {
		nf_vfy_add(a->v, "byok1.state", title, NF_VFY_UNKNOWN,
		    "no certificates are there: an imported key has none");
		return;
	}
	r = nf_vfy_state_open(a->ctx, a->key.mesg_state, a->key.cert_state,
	    &a->state, &d);
	(void)nf_vfy_add_result(a->v, "byok1.state", title, r, &d, NULL);
	place_entry(a, a->key.mesg_state);
	if (r != 0)
		nf_vfy_state_wipe(&a->state);
}

/* What the verified state certificate says about other entries. */
static void
check_module(struct audit *a)
{
	static const char kml_title[] =
	    "KML public blob against the state certificate";
	static const char esn_title[] =
	    "ESN entry against the state certificate";
	const struct nf_vfy_key *kml;
	struct nf_diag d = { 0 };
	int r;

	if (a->state.cert == NULL) {
		nf_vfy_add_unchecked(a->v, "byok1.kml", kml_title);
		place_entry(a, a->key.pubblob_kml);
		nf_vfy_add_unchecked(a->v, "byok1.esn", esn_title);
		place_entry(a, a->key.esn);
		return;
	}
	r = nf_vfy_key_of_blob(a->ctx, a->key.pubblob_kml, &kml, &d);
	if (r == 0 && kml != a->state.kml)
		r = nf_diag_set(&d, NF_E_MISMATCH,
		    entry_name(NF_ENT_BLOBPUB_KML),
		    "the blob holds another key");
	(void)nf_vfy_add_result(a->v, "byok1.kml", kml_title, r, &d, NULL);
	place_entry(a, a->key.pubblob_kml);
	nf_vfy_add_bool(a->v, "byok1.esn", esn_title,
	    nf_view_equal(a->key.esn, a->state.state->esn),
	    "the entry names another module");
	place_entry(a, a->key.esn);
}

/* The generation parameters are those of this key. */
static int
params_check(const struct audit *a, struct nf_diag *diag)
{
	const struct nf_genparams *p = &a->gen->keygen.params;

	if (p->type != NF_KEY_RSAPRIVATE ||
	    p->len != nf_wire_keydata_bits(&a->pub))
		return nf_diag_set(diag, NF_E_MISMATCH, "params",
		    "the certificate is of a key of another kind or size");
	return 0;
}

static void
check_keygen(struct audit *a)
{
	static const char title[] = "key-generation certificate under KML";
	struct nf_diag d = { 0 };
	int r;

	if (a->state.cert == NULL) {
		nf_vfy_add_unchecked(a->v, "byok1.keygen", title);
		place_entry(a, a->key.mesg_gen);
	} else {
		r = nf_vfy_keygen_open(a->state.kml, a->key.mesg_gen,
		    a->key.cert_gen, &a->gen, &d);
		if (r == 0)
			r = params_check(a, &d);
		(void)nf_vfy_add_result(a->v, "byok1.keygen", title, r, &d,
		    NULL);
		place_entry(a, a->key.mesg_gen);
		if (r != 0) {
			nf_modcert_free(a->gen);
			a->gen = NULL;
		}
	}
	nf_vfy_add(a->v, "byok1.kml-esn", "certificate of KMC over KML and "
	    "ESN", NF_VFY_UNKNOWN, "KMC is not in the file, and the message "
	    "is not public");
	place_entry(a, a->key.cert_kml_esn);
}

/* PublicKey, entry 204 and the end of entry 306 are one hash. */
static void
check_keyhash(struct audit *a)
{
	static const char title[] = "key hash against PublicKey";
	const char *fault = NULL;

	if (memcmp(a->hash, a->key.hash, NF_HASH_LEN) != 0)
		fault = "entry HashKA is of another key than PublicKey";
	else if (a->gen != NULL && memcmp(a->hash, a->gen->keygen.keyhash,
	    NF_HASH_LEN) != 0)
		fault = "the key-generation certificate is of another key";
	if (fault == NULL && a->gen == NULL)
		nf_vfy_add_unchecked(a->v, "byok1.keyhash", title);
	else
		nf_vfy_add_bool(a->v, "byok1.keyhash", title, fault == NULL,
		    fault);
	place_element(a, NF_BYOK1_PUBLIC_KEY);
}

static void
check_pubblob(struct audit *a)
{
	struct nf_buf plain = NF_BUF_INIT;
	struct nf_blobkey opened;
	struct nf_diag d = { 0 };
	int r;

	r = nf_wire_nullblob_read(a->key.pubblob, &plain, &opened, &d);
	if (r == 0 && (opened.key.type != NF_KEY_RSAPUBLIC ||
	    nf_le_cmp(opened.key.v[NF_RSA_N], a->pub.v[NF_RSA_N]) != 0 ||
	    nf_le_cmp(opened.key.v[NF_RSA_E], a->pub.v[NF_RSA_E]) != 0))
		r = nf_diag_set(&d, NF_E_MISMATCH,
		    entry_name(NF_ENT_BLOBPUB_KA),
		    "it holds another key than PublicKey");
	(void)nf_vfy_add_result(a->v, "byok1.pubblob",
	    "public blob opens and holds the key", r, &d, NULL);
	place_entry(a, a->key.pubblob);
	nf_blobkey_wipe(&opened);
	nf_buf_wipe(&plain);
}

/* The frame of the private blob; its interior is not public. */
static void
check_frame(struct audit *a)
{
	struct nf_diag d = { 0 };
	struct nf_blob blob;
	struct nf_cur cur;
	int r;

	nf_cur_init(&cur, a->key.privblob.p, a->key.privblob.len, &d);
	nf_wire_blob_read(&cur, &blob);
	if ((r = nf_cur_err(&cur)) == 0) {
		if (blob.format != NF_BLOB_USERKEY)
			r = nf_diag_set(&d, NF_E_MISMATCH, "blob.format",
			    "format %u where 9 is due", blob.format);
		else if (blob.word != (NF_BLOB_WORD_MECH |
		    NF_MECH_BLOB_RSA_AES_SHA256))
			r = nf_diag_set(&d, NF_E_MISMATCH, "blob.mech",
			    "0x%x where mechanism 149 is due", blob.word);
		else if (memcmp(blob.hash, a->pkg->kek_hash,
		    NF_HASH_LEN) != 0)
			r = nf_diag_set(&d, NF_E_MISMATCH, "blob.hash",
			    "not wrapped by KeyExchangeKeyHash");
		else if (blob.rsa.len < KEK_BYTES_MIN ||
		    blob.rsa.len % KEK_BYTES_STEP != 0)
			r = nf_diag_set(&d, NF_E_MISMATCH, "blob.rsa",
			    "%zu bytes, which no KEK makes", blob.rsa.len);
		else if (blob.body.len == 0)
			r = nf_diag_set(&d, NF_E_MISMATCH, "blob.body",
			    "no key is wrapped");
	}
	(void)nf_vfy_add_result(a->v, "byok1.blob-frame",
	    "private blob's frame names the KEK and mechanism 149", r, &d,
	    NULL);
	place_entry(a, a->key.privblob);
}

/* The KEK's ident after "xferwrapping,", or NULL. */
static const char *
kek_ident(const struct nf_byok1 *pkg)
{
	static const char lead[] = NF_KEK_APPNAME ",";

	return strncmp(pkg->kek_identifier, lead, sizeof(lead) - 1) == 0 ?
	    pkg->kek_identifier + sizeof(lead) - 1 : NULL;
}

static void
check_region(struct audit *a)
{
	static const char title[] =
	    "KEK and destination world are the region's known ones";
	const struct nf_kek_region *named = NULL, *known;
	const struct nf_byok1 *p = a->pkg;
	const char *by = nf_vfy_passed(a->v, "byok1.signature") ? SELF : NULL;

	known = nf_kek_region_by_real_hash(p->kek_hash);
	if (kek_ident(p) != NULL)
		named = nf_kek_region_by_kek(NF_KEK_APPNAME, kek_ident(p));
	if (known != NULL)
		nf_vfy_add_bool(a->v, "byok1.region", title,
		    known == named &&
		    memcmp(known->hkm, p->hkm, NF_HASH_LEN) == 0,
		    "the KEK's hash is known, its ident or the world differs");
	else if (a->simulated)
		nf_vfy_add(a->v, "byok1.region", title, NF_VFY_NA,
		    "the simulator's regions have KEKs of their own");
	else if (named != NULL && named->real_kek)
		nf_vfy_add(a->v, "byok1.region", title, NF_VFY_FAIL,
		    "the ident is that of a region whose KEK is another");
	else
		nf_vfy_add(a->v, "byok1.region", title, NF_VFY_UNKNOWN,
		    "no KEK hash of this region is public");
	place_element(a, NF_BYOK1_KEK_HASH);
	if (known != NULL && nf_vfy_passed(a->v, "byok1.region"))
		nf_vfy_fact(a->v, "region", by, "%s (by the hash of its KEK)",
		    known->heading[0]);
	else
		nf_vfy_fact(a->v, "region", NULL, "%s (by the KEK's ident)",
		    named == NULL ? "not listed" : named->heading[0]);
}

static void
fact_hash(struct audit *a, const char *name, const char *by,
    const uint8_t hash[static NF_HASH_LEN])
{
	nf_vfy_fact_hex(a->v, name, by, nf_view_of(hash, NF_HASH_LEN));
}

static void
fact_text(struct audit *a, const char *name, const char *by,
    const char *text)
{
	nf_vfy_fact_text(a->v, name, by, nf_view_of(text, strlen(text)));
}

static void
fact_time(struct audit *a, const char *name, const char *by, uint64_t unix)
{
	nf_text_time(nf_vfy_fact_begin(a->v, name, by), unix);
	nf_vfy_fact_end(a->v);
}

/* What the outer document says: signed by nobody but the key's holder. */
static void
facts_outer(struct audit *a)
{
	const char *by = nf_vfy_passed(a->v, "byok1.signature") ? SELF : NULL;
	const struct nf_byok1 *p = a->pkg;
	uint64_t seconds;

	fact_text(a, "key name", by, p->friendly_name);
	nf_vfy_fact_hex(a->v, "subscription", by,
	    nf_view_of(p->tenant, sizeof(p->tenant)));
	if (nf_byok1_unix(p->creation_time, &seconds, NULL, NULL))
		fact_time(a, "created", by, seconds);
	fact_time(a, "key file written", by, a->key.time);
	fact_text(a, "environment", by, p->environment);
	fact_text(a, "KEK", by, p->kek_identifier);
	fact_hash(a, "KEK hash", by, p->kek_hash);
	fact_hash(a, "destination HKM", by, p->hkm);
}

/* What KLF signed, or else what the entries claim. */
static void
facts_module(struct audit *a)
{
	const struct nf_vfy_state *s = &a->state;
	const char *by = s->klf2 ? "KLF2" : "KLF";

	if (s->cert == NULL) {
		if (a->key.esn.p != NULL)
			nf_vfy_fact_text(a->v, "ESN", NULL, a->key.esn);
		return;
	}
	nf_vfy_fact_text(a->v, "ESN", by, s->state->esn);
	fact_hash(a, "KLF hash", NULL, s->klf->hash);
	fact_hash(a, "KML hash", by, s->kml->hash);
	fact_hash(a, "HKNSO", by, s->state->hknso);
}

static void
facts_key(struct audit *a)
{
	bool sure = a->gen != NULL && nf_vfy_passed(a->v, "byok1.keyhash");
	const char *by = sure ? "KML" : NULL;

	nf_vfy_fact(a->v, "key", by, "RSA, %zu bits",
	    nf_wire_keydata_bits(&a->pub));
	fact_hash(a, "key hash", by, a->hash);
	if (!sure)
		return;
	nf_wire_genparams_print(nf_vfy_fact_begin(a->v, "generated as", by),
	    &a->gen->keygen.params);
	nf_vfy_fact_end(a->v);
	nf_vfy_fact_bytes(a->v,
	    "ACL at generation (the reduced one is not visible)", by,
	    nf_vfy_keygen_acl_print, a->key.mesg_gen);
}

/* The outer document and the key file in it. */
static int
open_package(struct audit *a, struct nf_view file, struct nf_diag *diag)
{
	struct nf_view e, n;
	struct nf_cur cur;
	int r;

	if ((r = nf_byok1_read(file, &a->pkg, diag)) != 0)
		return r;
	nf_byok1_rsa(a->pkg, &e, &n);
	a->pub.type = NF_KEY_RSAPUBLIC;
	a->pub.v[NF_RSA_E] = e;
	a->pub.v[NF_RSA_N] = n;
	if ((r = nf_wire_keyhash(&a->pub, a->hash, diag)) != 0)
		return r;
	nf_vfy_add(a->v, "byok1.container", "container", NF_VFY_PASS, NULL);
	nf_vfy_place(a->v, "file", 0, file.len);
	nf_cur_init(&cur, a->pkg->key_token.p, a->pkg->key_token.len, diag);
	if ((r = nf_km_file_read(&cur, &a->file)) != 0 ||
	    (r = nf_km_key_read(a->file, &a->key, diag)) != 0) {
		nf_diag_where(diag, "%s (" KEY_TOKEN ")", a->v->subject);
		return r;
	}
	a->simulated = strcmp(a->pkg->environment,
	    NF_VFY_ENV_SIMULATED) == 0 || strcmp(a->pkg->environment,
	    NF_VFY_ENV_SEED) == 0 ||
	    nf_km_file_has(a->file, NF_ENT_SW_MARK);
	a->v->simulated = a->simulated;
	nf_vfy_seed_claim(a->v, nf_view_of(a->pkg->environment,
	    strlen(a->pkg->environment)));
	return 0;
}

/* Who vouches for whom.  An imported key has no certificates. */
static void
links_add(struct audit *a)
{
	const char *klf = a->state.klf2 ? "KLF2" : "KLF";
	struct nf_vfy_verdict *v = a->v;

	if (!nf_km_key_certified(&a->key)) {
		nf_vfy_link(v, "root", "key", NF_VFY_ROOT_CHECK);
	} else {
		nf_vfy_link(v, "root", klf, NF_VFY_ROOT_CHECK);
		nf_vfy_link(v, klf, "module state", "byok1.state");
		nf_vfy_link(v, "module state", "KML", "byok1.kml");
		nf_vfy_link(v, "KML", "generation certificate",
		    "byok1.keygen");
		nf_vfy_link(v, "generation certificate", "key",
		    "byok1.keyhash");
	}
	nf_vfy_link(v, "key", "package", "byok1.signature");
}

int
nf_vfy_byok1_check(struct nf_vfy_ctx *ctx, struct nf_view file,
    struct nf_vfy_verdict *verdict, struct nf_diag *diag)
{
	struct audit a;
	int r;

	memset(&a, 0, sizeof(a));
	a.ctx = ctx;
	a.v = verdict;
	if ((r = open_package(&a, file, diag)) != 0)
		goto out;
	check_signature(&a);
	check_ids(&a);
	check_keyfile(&a);
	check_state(&a);
	check_module(&a);
	check_keygen(&a);
	check_keyhash(&a);
	check_pubblob(&a);
	check_frame(&a);
	check_region(&a);
	nf_vfy_add(verdict, NF_VFY_ROOT_CHECK, "root of the KLF",
	    NF_VFY_UNKNOWN, "not in this file");
	links_add(&a);
	facts_outer(&a);
	facts_module(&a);
	facts_key(&a);
	if ((r = verdict->err) != 0 && diag != NULL && diag->code == 0)
		*diag = verdict->diag;
out:
	nf_modcert_free(a.gen);
	nf_vfy_state_wipe(&a.state);
	nf_km_file_free(a.file);
	nf_byok1_free(a.pkg);
	return r;
}
