/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Method-1 packages (format real).  The outer signature is that of the
 * transferred key, so that its holder can sign anything: the simulated module
 * does, for every name that ends in "_signed".
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kek-packages/regions.h"
#include "nfast/host/host.h"
#include "nfast/host/world.h"
#include "nfast/kmdata/store.h"
#include "tests/mutants/certs.h"
#include "tests/mutants/kmedit.h"
#include "transfer/byok1.h"
#include "transfer/package1.h"
#include "transfer/target.h"

#define ROWS(r)	(r), sizeof(r) / sizeof((r)[0])
#define REAL_IDENT	"kek-prod-na-1"

/* The package, and its key in the simulated module. */
struct byok1 {
	struct nf_view file, other_file;
	struct nf_byok1 *pkg, *other;
	struct nf_byok1_parts parts;
	struct nf_host *host;
	struct nf_world *world;
	struct nf_xfer_target target;
	uint32_t key;
};

/* Of the key file in the package; its holder signed the outside. */
static const struct km_case tokens[] = {
	{ "wrong_ident_signed", { KM_TEXT, { NF_ENT_IDENT },
	    KM_BYTES("other") },
	    { MUT_FAIL, "byok1.filename", "the key file has another "
	    "ident" } },
	{ "wrong_name_signed", { KM_TEXT, { NF_ENT_NAME },
	    KM_BYTES("other") },
	    { MUT_FAIL, "byok1.filename", "the key file has another name" } },
	{ "wrong_appname_signed", { KM_TEXT, { NF_ENT_APPNAME },
	    KM_BYTES("simple") },
	    { MUT_FAIL, "byok1.filename", "the key file is of another "
	    "application" } },
	{ "no_ident_signed", { KM_DROP, { NF_ENT_IDENT }, { NULL, 0 } },
	    { MUT_MALFORMED, "Ident", "the key file has no ident" } },
	{ "duplicate_hash_signed", { KM_TWICE, { NF_ENT_HASH_KA },
	    { NULL, 0 } },
	    { MUT_MALFORMED, "HashKA", "the key file has two hashes" } },
	{ "no_pubblob_signed", { KM_DROP, { NF_ENT_BLOBPUB_KA },
	    { NULL, 0 } },
	    { MUT_FAIL, "byok1.keyfile", "the key file has no public "
	    "blob" } },
	{ "no_privblob_signed", { KM_DROP, { NF_ENT_BLOB_KA },
	    { NULL, 0 } },
	    { MUT_FAIL, "byok1.keyfile", "the key file has no private "
	    "blob" } },
	{ "unknown_recovery_signed", { KM_ADD, { NF_ENT_BLOB_RECOVERY_KA },
	    KM_BYTES("x") },
	    { MUT_FAIL, "byok1.keyfile", "the key file has a recovery "
	    "blob" } },
	{ "unknown_params_signed", { KM_ADD, { NF_ENT_PARAMS_LTU },
	    KM_BYTES("x") },
	    { MUT_FAIL, "byok1.keyfile", "the key file has token "
	    "parameters" } },
	{ "unknown_entry_signed", { KM_ADD, { 0x7fffffff }, KM_BYTES("x") },
	    { MUT_FAIL, "byok1.keyfile", "the key file has an entry that is "
	    "not known" } },
	{ "no_certificates_signed", { KM_DROP, { STATE_GROUP, GEN_GROUP,
	    NF_ENT_ESN_GEN, NF_ENT_BLOBPUB_KML, NF_ENT_CERT_KML_ESN },
	    { NULL, 0 } },
	    { MUT_UNKNOWN, "byok1.state", "the certificates are missing, as "
	    "in a key that was imported" } },
	{ "wrong_esn_signed", { KM_TEXT, { NF_ENT_ESN_GEN },
	    KM_BYTES("5EED-0000-0000") },
	    { MUT_FAIL, "byok1.esn", "the entry ESNGen names another "
	    "module" } },
	{ "wrong_kml_esn_signed", { KM_TEXT, { NF_ENT_CERT_KML_ESN },
	    KM_BYTES("DSA 1 1") },
	    { MUT_UNKNOWN, "byok1.kml-esn", "the certificate over KML and "
	    "ESN is another one; what verifies it is not in the file" } },
	{ "junk_pubblob_signed", { KM_FLIP, { NF_ENT_BLOBPUB_KA },
	    { NULL, 0 } },
	    { MUT_FAIL, "byok1.pubblob", "one bit within the public blob is "
	    "another" } },
	{ "short_frame_signed", { KM_SHORT, { NF_ENT_BLOB_KA },
	    { NULL, 0 } },
	    { MUT_FAIL, "byok1.blob-frame", "the last byte of the private "
	    "blob is missing" } },
	{ "trailing_frame_signed", { KM_LONG, { NF_ENT_BLOB_KA },
	    { NULL, 0 } },
	    { MUT_FAIL, "byok1.blob-frame", "a byte follows the private "
	    "blob" } },
	{ "swapped_blobs_signed", { KM_SWAP, { NF_ENT_BLOB_KA,
	    NF_ENT_BLOBPUB_KA }, { NULL, 0 } },
	    { MUT_FAIL, "byok1.pubblob,byok1.blob-frame", "the two blobs of "
	    "the key changed places" } },
	{ "swapped_pubblob_kml_signed", { KM_SWAP, { NF_ENT_BLOBPUB_KA,
	    NF_ENT_BLOBPUB_KML }, { NULL, 0 } },
	    { MUT_FAIL, "byok1.kml,byok1.pubblob", "the public blobs of key "
	    "and KML changed places" } }
};

/* From the key file of another package of the same module. */
static const struct km_case replays[] = {
	{ "replayed_keygen_signed", { KM_TAKE, { GEN_GROUP }, { NULL, 0 } },
	    { MUT_FAIL, "byok1.keyhash", "the generation certificate is that "
	    "of another key" } },
	{ "replayed_hash_signed", { KM_TAKE, { NF_ENT_HASH_KA },
	    { NULL, 0 } },
	    { MUT_FAIL, "byok1.keyhash", "the hash is another key's" } },
	{ "replayed_pubblob_signed", { KM_TAKE, { NF_ENT_BLOBPUB_KA },
	    { NULL, 0 } },
	    { MUT_FAIL, "byok1.pubblob", "the public blob is another "
	    "key's" } },
	{ "replayed_privblob_signed", { KM_TAKE, { NF_ENT_BLOB_KA },
	    { NULL, 0 } },
	    { MUT_FAIL, "byok1.blob-frame", "the private blob is another "
	    "key's, for another region" } }
};

/* From the file of a key of another module, or of this world. */
static const struct km_case modules[] = {
	{ "replayed_state_signed", { KM_TAKE, { STATE_GROUP }, { NULL, 0 } },
	    { MUT_FAIL, "byok1.kml,byok1.esn,byok1.keygen", "the module "
	    "state is that of another module" } },
	{ "replayed_kml_signed", { KM_TAKE, { NF_ENT_BLOBPUB_KML },
	    { NULL, 0 } },
	    { MUT_FAIL, "byok1.kml", "the public blob of KML is that of "
	    "another module" } },
	{ "replayed_certificates_signed", { KM_TAKE, { STATE_GROUP,
	    GEN_GROUP, NF_ENT_ESN_GEN, NF_ENT_BLOBPUB_KML },
	    { NULL, 0 } },
	    { MUT_FAIL, "byok1.keyhash", "all certificates are those of a "
	    "key of another module" } }
};

static const struct km_case stock[] = {
	{ "wrong_frame_format_signed", { KM_TAKE, { NF_ENT_BLOB_KA },
	    { NULL, 0 } },
	    { MUT_FAIL, "byok1.blob-frame", "the private blob is one for "
	    "the module's own world" } }
};

static struct nf_view
signature(struct mut *m, struct byok1 *b, struct nf_view msg)
{
	struct nf_buf *sig = mut_buf(m);

	MUST(m, nf_xfer_sign(b->host, b->key,
	    nf_wire_keydata_bits(&b->target.pub), msg, sig, &m->diag));
	return mut_view(m, sig);
}

/* The document of these parts, signed anew or with a given signature. */
static struct nf_view
document(struct mut *m, struct byok1 *b, const struct nf_byok1_parts *parts,
    const struct nf_view *sig)
{
	struct nf_buf *tbs = mut_buf(m), *out = mut_buf(m);
	struct nf_view s;

	MUST(m, nf_byok1_write_unsigned(parts, tbs, &m->diag));
	s = sig != NULL ? *sig : signature(m, b, mut_view(m, tbs));
	MUST(m, nf_byok1_write_signed(nf_buf_view(tbs), s, out, &m->diag));
	return mut_view(m, out);
}

/* With another key file, signed. */
static struct nf_view
with_token(struct mut *m, struct byok1 *b, struct nf_view token)
{
	struct nf_byok1_parts parts = b->parts;

	parts.key_token = token;
	return document(m, b, &parts, NULL);
}

/* Sign a file whose bytes were changed; .NET keeps the last byte apart. */
static struct nf_view
resigned(struct mut *m, struct byok1 *b, struct nf_view file)
{
	struct nf_buf *out = mut_buf(m);
	struct nf_byok1_span at;
	struct nf_view was, sig;
	struct nf_byok1 *pkg;
	uint8_t *first;
	size_t end;

	MUST(m, nf_byok1_read(file, &pkg, &m->diag));
	at = pkg->span[NF_BYOK1_SIGNATURE];
	was = pkg->signature;
	sig = signature(m, b, pkg->signed_bytes);
	nf_buf_view_put(out, file);
	(void)mut_view(m, out);
	first = memmem(out->p, out->len, was.p, was.len - 1);
	end = at.off + at.len - 1;
	if (first == NULL || sig.len != was.len ||
	    out->p[end] != was.p[was.len - 1])
		MUST(m, NF_E_INTERNAL);
	memcpy(first, sig.p, sig.len - 1);
	out->p[end] = sig.p[sig.len - 1];
	nf_byok1_free(pkg);
	return nf_buf_view(out);
}

static void
rows_put(struct mut *m, struct byok1 *b, struct nf_view other,
    const struct km_case *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		mut_put(m, rows[i].name, with_token(m, b, km_edited(m,
		    b->parts.key_token, &rows[i].edit, other)),
		    &rows[i].want);
}

/* ---- the outer elements, with the signature as it was ---- */

static void
tenant(struct byok1 *b, struct nf_byok1_parts *p)
{
	(void)b;
	p->tenant[0] ^= 1;
}

static void
vault_id(struct byok1 *b, struct nf_byok1_parts *p)
{
	(void)b;
	p->vault_id ^= 1;
}

static void
created(struct byok1 *b, struct nf_byok1_parts *p)
{
	(void)b;
	p->creation_time = nf_byok1_time(1400000000, 0);
}

static void
friendly(struct byok1 *b, struct nf_byok1_parts *p)
{
	(void)b;
	p->friendly_name = "another";
}

static void
environment(struct byok1 *b, struct nf_byok1_parts *p)
{
	(void)b;
	p->environment = "Production";
}

static void
hkm(struct byok1 *b, struct nf_byok1_parts *p)
{
	memcpy(p->hkm, b->other->hkm, NF_HASH_LEN);
}

static void
kek_name(struct byok1 *b, struct nf_byok1_parts *p)
{
	p->kek_identifier = b->other->kek_identifier;
}

static void
kek_hash(struct byok1 *b, struct nf_byok1_parts *p)
{
	memcpy(p->kek_hash, b->other->kek_hash, NF_HASH_LEN);
}

static void
public_key(struct byok1 *b, struct nf_byok1_parts *p)
{
	p->public_key = b->other->public_key;
}

static void
token(struct byok1 *b, struct nf_byok1_parts *p)
{
	p->key_token = b->other->key_token;
}

static void
region(struct byok1 *b, struct nf_byok1_parts *p)
{
	environment(b, p);
	p->kek_identifier = "xferwrapping,kek-prod-xx-1";
}

static const struct {
	const char *name;
	void (*edit)(struct byok1 *b, struct nf_byok1_parts *parts);
	bool sign;
	struct mut_want want;
} outer[] = {
	{ "wrong_tenant", tenant, false, { MUT_FAIL, "byok1.signature",
	    "the subscription was changed after signing" } },
	{ "wrong_vault_id", vault_id, false, { MUT_FAIL, "byok1.signature",
	    "the vault's number was changed after signing" } },
	{ "wrong_creation_time", created, false, { MUT_FAIL,
	    "byok1.signature", "the time was changed after signing" } },
	{ "wrong_friendly_name", friendly, false, { MUT_FAIL,
	    "byok1.signature", "the key's name was changed after "
	    "signing" } },
	{ "wrong_environment", environment, false, { MUT_FAIL,
	    "byok1.signature", "the environment was changed after "
	    "signing" } },
	{ "replayed_hkm", hkm, false, { MUT_FAIL, "byok1.signature",
	    "the destination world was changed after signing" } },
	{ "replayed_kek_ident", kek_name, false, { MUT_FAIL,
	    "byok1.signature", "the KEK's ident was changed after "
	    "signing" } },
	{ "replayed_kek_hash", kek_hash, false, { MUT_FAIL,
	    "byok1.signature", "the KEK's hash was changed after "
	    "signing" } },
	{ "replayed_public_key", public_key, false, { MUT_FAIL,
	    "byok1.signature", "the public key is another package's" } },
	{ "replayed_token", token, false, { MUT_FAIL, "byok1.signature",
	    "the key file is another package's" } },
	{ "wrong_tenant_signed", tenant, true, { MUT_FAIL, "byok1.filename",
	    "the subscription is another than the key file was made "
	    "for" } },
	{ "replayed_token_signed", token, true, { MUT_FAIL,
	    "byok1.filename,byok1.keyhash,byok1.pubblob,byok1.blob-frame",
	    "the key file is another package's" } },
	{ "replayed_kek_hash_signed", kek_hash, true, { MUT_FAIL,
	    "byok1.blob-frame", "the KEK's hash is not that of the KEK that "
	    "wraps the key" } },
	{ "wrong_environment_signed", environment, true, { MUT_FAIL,
	    "byok1.region", "a package under a KEK of somebody's own says "
	    "that it is a real one" } },
	{ "unknown_region_signed", region, true, { MUT_UNKNOWN,
	    "byok1.region", "a package that says that it is a real one names "
	    "the KEK of no region" } }
};

static void
outer_put(struct mut *m, struct byok1 *b)
{
	for (size_t i = 0; i < sizeof(outer) / sizeof(outer[0]); i++) {
		struct nf_byok1_parts parts = b->parts;

		outer[i].edit(b, &parts);
		mut_put(m, outer[i].name, document(m, b, &parts,
		    outer[i].sign ? NULL : &b->pkg->signature),
		    &outer[i].want);
	}
}

/* ---- bytes of the document ---- */

static void
document_put(struct mut *m, struct byok1 *b)
{
	char id[NF_BYOK1_TEXT_MAX + 1];
	struct nf_byok1_parts parts = b->parts;
	struct nf_buf *tbs = mut_buf(m);
	struct nf_view v, sig = b->pkg->signature;

	mut_put(m, "short_file", nf_view_of(b->file.p, b->file.len - 1),
	    &(struct mut_want){ MUT_MALFORMED, "end",
	    "the last byte of the file is missing" });
	mut_put(m, "trailing_file", mut_long(m, b->file),
	    &(struct mut_want){ MUT_MALFORMED, "trailing",
	    "a byte follows the document" });
	mut_put(m, "unknown_element", mut_replace(m, b->file,
	    "KeyFriendlyName", "KeyFriendlyNamE"), &(struct mut_want){
	    MUT_MALFORMED, "KeyFriendlyName", "an element has another "
	    "name" });
	MUST(m, nf_byok1_write_unsigned(&parts, tbs, &m->diag));
	mut_put(m, "no_signature", mut_view(m, tbs), &(struct mut_want){
	    MUT_MALFORMED, "Signature", "the signature is missing" });
	mut_put(m, "wrong_signature", document(m, b, &parts,
	    &(struct nf_view){ mut_flip(m, sig, sig.len / 2).p, sig.len }),
	    &(struct mut_want){ MUT_FAIL, "byok1.signature",
	    "one bit of the signature is another" });
	mut_put(m, "replayed_signature", document(m, b, &parts,
	    &b->other->signature), &(struct mut_want){ MUT_FAIL,
	    "byok1.signature", "the signature is another package's" });
	(void)snprintf(id, sizeof(id), "%s", b->pkg->global_key_id);
	id[0] = id[0] == 'A' ? 'B' : 'A';
	v = mut_replace(m, b->file, b->pkg->global_key_id, id);
	mut_put(m, "wrong_global_id", v, &(struct mut_want){ MUT_FAIL,
	    "byok1.signature,byok1.global-id", "a digit of GlobalKeyId was "
	    "changed after signing" });
	mut_put(m, "wrong_global_id_signed", resigned(m, b, v),
	    &(struct mut_want){ MUT_FAIL, "byok1.global-id",
	    "GlobalKeyId is that of no subscription and key" });
	id[0] = 'g';
	mut_put(m, "junk_global_id", mut_replace(m, b->file,
	    b->pkg->global_key_id, id), &(struct mut_want){ MUT_MALFORMED,
	    "GlobalKeyId", "a digit of GlobalKeyId is none" });
	mut_put(m, "wrong_key_type", mut_replace(m, b->file,
	    "nCoreKeyProtectedKey", "nCoreKeyProtectedKeY"),
	    &(struct mut_want){ MUT_MALFORMED, "KeyTokenType",
	    "the token is of another type" });
	(void)snprintf(id, sizeof(id), "%s",
	    b->pkg->key_token_file_name);
	id[strlen(id) - 1] = id[strlen(id) - 1] == 'a' ? 'b' : 'a';
	mut_put(m, "wrong_filename_signed", resigned(m, b, mut_replace(m,
	    b->file, b->pkg->key_token_file_name, id)), &(struct mut_want){
	    MUT_FAIL, "byok1.filename", "KeyTokenFileName is another "
	    "one" });
	mut_put(m, "junk_token_signed", with_token(m, b,
	    mut_text("no KM datafile")), &(struct mut_want){ MUT_MALFORMED,
	    "KeyToken", "the key file in the package is none" });
}

/* ---- the private blob's frame ---- */

enum part { FRAME_HASH, FRAME_MECH, FRAME_RSA, FRAME_BODY };

/* Another hash, the next mechanism, or a part of another length. */
static struct nf_view
with_frame(struct mut *m, struct nf_view key_token, enum part part,
    const uint8_t *hash, size_t len)
{
	static const uint32_t type = NF_ENT_BLOB_KA;
	struct nf_view v = km_get(m, key_token, type);
	struct nf_buf *buf = mut_buf(m);
	struct nf_blob blob;
	struct nf_cur cur;

	nf_cur_init(&cur, v.p, v.len, &m->diag);
	nf_wire_blob_read(&cur, &blob);
	MUST(m, nf_cur_err(&cur));
	if (part == FRAME_HASH)
		memcpy(blob.hash, hash, NF_HASH_LEN);
	else if (part == FRAME_MECH)
		blob.word = NF_BLOB_WORD_MECH | NF_MECH_BLOB_RSA_AES_SHA512;
	else if (part == FRAME_RSA)
		blob.rsa.len = len;
	else
		blob.body.len = len;
	nf_wire_blob_write(buf, &blob);
	v = mut_view(m, buf);
	return km_set(m, key_token, 1, &type, &v);
}

static void
frame_put(struct mut *m, struct byok1 *b, const char *name, enum part part,
    size_t len, const char *about)
{
	mut_put(m, name, with_token(m, b, with_frame(m, b->parts.key_token,
	    part, b->other->kek_hash, len)), &(struct mut_want){ MUT_FAIL,
	    "byok1.blob-frame", about });
}

static void
frames_put(struct mut *m, struct byok1 *b)
{
	const struct nf_kek_region *real;
	struct nf_byok1_parts p = b->parts;

	frame_put(m, b, "wrong_frame_hash_signed", FRAME_HASH, 0,
	    "the private blob is under another KEK");
	frame_put(m, b, "wrong_frame_mech_signed", FRAME_MECH, 0,
	    "the private blob has another mechanism");
	frame_put(m, b, "zero_frame_rsa_signed", FRAME_RSA, 0,
	    "the private blob has no part under the KEK");
	frame_put(m, b, "short_frame_rsa_signed", FRAME_RSA, 255,
	    "the part of the private blob that is under the KEK has a byte "
	    "less");
	frame_put(m, b, "zero_frame_body_signed", FRAME_BODY, 0,
	    "the private blob has no key in it");
	real = nf_kek_region_by_kek(NF_KEK_APPNAME, REAL_IDENT);
	if (real == NULL || !real->real_kek)
		MUST(m, NF_E_INTERNAL);
	p.environment = "Production";
	p.kek_identifier = NF_KEK_APPNAME "," REAL_IDENT;
	memcpy(p.kek_hash, real->kek_hash, NF_HASH_LEN);
	p.key_token = with_frame(m, p.key_token, FRAME_HASH, real->kek_hash,
	    0);
	mut_put(m, "wrong_world_signed", document(m, b, &p, NULL),
	    &(struct mut_want){ MUT_FAIL, "byok1.region", "the destination "
	    "world is not that of the region's public KEK" });
}

static struct nf_view
build(struct mut *m, const struct cert_host *h, const struct certs *c)
{
	return with_token(m, h->arg, certs_set(m, h, c, false));
}

static void
certs_put(struct mut *m, struct byok1 *b)
{
	struct cert_host h = {
		.id = {
			[ROLE_STATE_SIG] = "byok1.state",
			[ROLE_STATE] = "byok1.state",
			[ROLE_ESN] = "byok1.esn",
			[ROLE_KML] = "byok1.kml",
			[ROLE_GEN_SIG] = "byok1.keygen",
			[ROLE_GEN] = "byok1.keygen",
			[ROLE_KEYHASH] = "byok1.keyhash"
		},
		.build = build,
		.arg = b,
		.file = b->parts.key_token
	};

	certs_get(m, &h, false);
	certs_keys(m, &h, &m->user, true, true);
	certs_put_state(m, &h);
	certs_put_gen(m, &h);
}

/* Power up the module and load the key of the package. */
static void
open_all(struct mut *m, struct byok1 *b)
{
	char path[NF_PATH_MAX];
	struct nf_buf own = NF_BUF_INIT;
	struct nf_acl *acl;

	MUST(m, nf_path(path, &m->diag, "%s/kmdata", m->from));
	MUST(m, setenv("NFAST_KMDATA", path, 1));
	MUST(m, nf_path(path, &m->diag, "%s/sim", m->from));
	MUST(m, setenv("NFSIM_STATE", path, 1));
	MUST(m, nf_km_store_dir(path, &m->diag));
	MUST(m, nf_world_load(path, &b->world, &m->diag));
	MUST(m, nf_host_open(&b->host, &m->diag));
	MUST(m, nf_xfer_target_open(b->world, nf_xfer_reduced_app(b->world,
	    "one"), "one", &b->target, &m->diag));
	MUST(m, nf_xfer_target_load(b->host, &b->target, &b->key, &own, &acl,
	    &m->diag));
	nf_acl_free(acl);
	nf_buf_wipe(&own);
	b->file = mut_load(m, "KeyTransferPackage-one.byok");
	b->other_file = mut_load(m, "KeyTransferPackage-two.byok");
	MUST(m, nf_byok1_read(b->file, &b->pkg, &m->diag));
	MUST(m, nf_byok1_read(b->other_file, &b->other, &m->diag));
	nf_byok1_parts_of(b->pkg, &b->parts);
}

void
mutate_byok1(struct mut *m)
{
	struct byok1 b;

	memset(&b, 0, sizeof(b));
	open_all(m, &b);
	mut_format(m, "method-1", "byok-audit --simulated-root",
	    MUT_UNANCHORED, b.file, "a package of method 1 of the "
	    "simulator");
	document_put(m, &b);
	outer_put(m, &b);
	rows_put(m, &b, (struct nf_view){ NULL, 0 }, ROWS(tokens));
	rows_put(m, &b, b.other->key_token, ROWS(replays));
	rows_put(m, &b, mut_load(m, "sim/regions/eu/kmdata/local/"
	    "key_xferwrapping_kek-prod-eu-1"), ROWS(modules));
	rows_put(m, &b, mut_load(m, "kmdata/local/key_simple_one"),
	    ROWS(stock));
	frames_put(m, &b);
	certs_put(m, &b);
	nf_byok1_free(b.pkg);
	nf_byok1_free(b.other);
	nf_xfer_target_wipe(&b.target);
	nf_host_close(b.host);
	nf_world_free(b.world);
}
