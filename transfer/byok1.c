/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reader and writer of method-1 packages.  The format is real, learned from
 * published packages, which this writer reproduces byte for byte.  Not here:
 * the key token (nfast/kmdata) and whether the destination is trusted.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "nfast/base/digest.h"
#include "nfast/base/pkey.h"
#include "nfast/base/text.h"
#include "transfer/byok1.h"
#include "transfer/nbfx.h"

#define OUTER		"TenantGeneratedKeyDetails"
#define INNER		"BYOKKeyBlob"
#define XSI		"http://www.w3.org/2001/XMLSchema-instance"
#define SIGNED		NF_BYOK1_FIELDS		/* own[] of signed_bytes */
#define TICKS_MAX	UINT64_C(3155378975999999999)	/* end of 9999 */

static const char *const field_names[NF_BYOK1_FIELDS] = {
	"SchemaVersion", "TenantBposId", "VaultId", "KeyBlob", "GlobalKeyId",
	"PublicKey", "CreationTime", "KeyFriendlyName", "Signature",
	"KeyTokenType", "SecurityWorldEnvironment", "SecurityWorldVersion",
	"KeyToken", "KeyTokenFileName", "KeyExchangeKeyIdentifier",
	"KeyExchangeKeyHash"
};

const char *
nf_byok1_field_name(enum nf_byok1_field field)
{
	NF_REQUIRE((unsigned)field < NF_BYOK1_FIELDS);
	return field_names[field];
}

/* Fail at an element that was read already. */
static int
fail(struct nf_cur *cur, enum nf_byok1_field f, const struct nf_nbfx_node *v,
    const char *text)
{
	(void)nf_diag_at(cur->diag, NF_E_FORMAT, field_names[f],
	    cur->base + v->off, "%s", text);
	return nf_cur_fail(cur, NF_E_FORMAT, field_names[f], "%s", text);
}

/* One element with a value of this type; its span is kept. */
static int
leaf(struct nf_nbfx_reader *r, struct nf_byok1 *pkg, enum nf_byok1_field f,
    enum nf_nbfx_type type, struct nf_nbfx_node *v)
{
	int e = nf_nbfx_leaf(r, field_names[f], v);

	if (e != 0)
		return e;
	pkg->span[f].off = v->off;
	pkg->span[f].len = v->len;
	if (v->type != type)
		return fail(r->cur, f, v, "value of another type");
	return 0;
}

static int
int_read(struct nf_nbfx_reader *r, struct nf_byok1 *pkg,
    enum nf_byok1_field f, int32_t *out)
{
	struct nf_nbfx_node v;
	int e = leaf(r, pkg, f, NF_NBFX_INT, &v);

	if (e == 0)
		*out = v.number;
	return e;
}

static int
bytes_read(struct nf_nbfx_reader *r, struct nf_byok1 *pkg,
    enum nf_byok1_field f, struct nf_view *out, struct nf_nbfx_node *v)
{
	int e = leaf(r, pkg, f, NF_NBFX_BYTES, v);

	if (e != 0)
		return e;
	nf_buf_view_put(&pkg->own[f], v->bytes);
	if ((e = nf_buf_err(&pkg->own[f])) != 0)
		return nf_cur_fail(r->cur, e, field_names[f], "out of memory");
	*out = nf_buf_view(&pkg->own[f]);
	return 0;
}

/*
 * Printable text.  .NET writes an empty one as no value and "0" and "1" as
 * Zero and One.
 */
static int
text_read(struct nf_nbfx_reader *r, struct nf_byok1 *pkg,
    enum nf_byok1_field f, char out[static NF_BYOK1_TEXT_MAX + 1])
{
	struct nf_nbfx_node v;
	int e = nf_nbfx_leaf(r, field_names[f], &v);

	if (e != 0)
		return e;
	pkg->span[f].off = v.off;
	pkg->span[f].len = v.len;
	if (v.type == NF_NBFX_INT && (v.number == 0 || v.number == 1))
		v.bytes = nf_view_of(v.number == 0 ? "0" : "1", 1);
	else if (v.type != NF_NBFX_CHARS && v.type != NF_NBFX_EMPTY)
		return fail(r->cur, f, &v, "value of another type");
	if (v.bytes.len == 0 && f != NF_BYOK1_FRIENDLY_NAME)
		return fail(r->cur, f, &v, "text is missing");
	if (v.bytes.len > NF_BYOK1_TEXT_MAX)
		return fail(r->cur, f, &v, "text is too long");
	if (!nf_view_printable(v.bytes))
		return fail(r->cur, f, &v, "text is not printable ASCII");
	if (v.bytes.len > 0)
		memcpy(out, v.bytes.p, v.bytes.len);
	out[v.bytes.len] = '\0';
	return 0;
}

/* Exactly 2 * len digits of one case. */
static int
hex_read(struct nf_nbfx_reader *r, struct nf_byok1 *pkg,
    enum nf_byok1_field f, bool upper, uint8_t *out, size_t len)
{
	struct nf_nbfx_node v;
	int e = leaf(r, pkg, f, NF_NBFX_CHARS, &v);

	if (e != 0)
		return e;
	if (v.bytes.len != 2 * len)
		return fail(r->cur, f, &v, "wrong number of digits");
	for (size_t i = 0; i < v.bytes.len; i++) {
		if (upper ? v.bytes.p[i] >= 'a' : v.bytes.p[i] >= 'A' &&
		    v.bytes.p[i] <= 'Z')
			return fail(r->cur, f, &v, "digits of the wrong case");
	}
	if (!nf_text_unhex((const char *)v.bytes.p, v.bytes.len, out, len))
		return fail(r->cur, f, &v, "not hexadecimal");
	return 0;
}

static int
hash_read(struct nf_nbfx_reader *r, struct nf_byok1 *pkg,
    enum nf_byok1_field f, uint8_t out[static 20])
{
	struct nf_nbfx_node v;
	int e = leaf(r, pkg, f, NF_NBFX_BYTES, &v);

	if (e != 0)
		return e;
	if (v.bytes.len != 20)
		return fail(r->cur, f, &v, "not a hash of 20 bytes");
	memcpy(out, v.bytes.p, 20);
	return 0;
}

static int
public_key_read(struct nf_nbfx_reader *r, struct nf_byok1 *pkg)
{
	const enum nf_byok1_field f = NF_BYOK1_PUBLIC_KEY;
	struct nf_nbfx_node v;
	const char *why;
	int e = bytes_read(r, pkg, f, &pkg->public_key, &v);

	if (e != 0)
		return e;
	why = nf_byok1_publickey_fault(pkg->public_key);
	return why == NULL ? 0 : fail(r->cur, f, &v, why);
}

static int
time_read(struct nf_nbfx_reader *r, struct nf_byok1 *pkg)
{
	const enum nf_byok1_field f = NF_BYOK1_CREATION_TIME;
	struct nf_nbfx_node v;
	int e = leaf(r, pkg, f, NF_NBFX_DATETIME, &v);

	if (e != 0)
		return e;
	if ((v.time & ~(UINT64_C(3) << 62)) > TICKS_MAX)
		return fail(r->cur, f, &v, "after the year 9999");
	pkg->creation_time = v.time;
	return 0;
}

static int
inner_elements(struct nf_nbfx_reader *r, struct nf_byok1 *pkg)
{
	struct nf_nbfx_node v;
	int e;

	if ((e = nf_nbfx_open(r, INNER, NULL)) != 0 ||
	    (e = nf_nbfx_xmlns(r, "i", XSI)) != 0 ||
	    (e = text_read(r, pkg, NF_BYOK1_KEY_TOKEN_TYPE,
	    pkg->key_token_type)) != 0)
		return e;
	if (strcmp(pkg->key_token_type, NF_BYOK1_TOKEN_TYPE) != 0)
		return nf_cur_fail(r->cur, NF_E_FORMAT,
		    field_names[NF_BYOK1_KEY_TOKEN_TYPE],
		    "unknown type of key token");
	if ((e = text_read(r, pkg, NF_BYOK1_ENVIRONMENT,
	    pkg->environment)) != 0 ||
	    (e = hex_read(r, pkg, NF_BYOK1_WORLD_VERSION, false, pkg->hkm,
	    sizeof(pkg->hkm))) != 0 ||
	    (e = bytes_read(r, pkg, NF_BYOK1_KEY_TOKEN, &pkg->key_token,
	    &v)) != 0 ||
	    (e = text_read(r, pkg, NF_BYOK1_FILE_NAME,
	    pkg->key_token_file_name)) != 0 ||
	    (e = text_read(r, pkg, NF_BYOK1_KEK_IDENTIFIER,
	    pkg->kek_identifier)) != 0 ||
	    (e = hash_read(r, pkg, NF_BYOK1_KEK_HASH, pkg->kek_hash)) != 0 ||
	    (e = nf_nbfx_close(r, INNER)) != 0)
		return e;
	return nf_nbfx_next(r, &v);
}

/* The document in KeyBlob; base is where its bytes start in the file. */
static int
inner_read(struct nf_byok1 *pkg, size_t base, struct nf_diag *diag)
{
	struct nf_nbfx_reader r;
	struct nf_cur cur;
	int e;

	nf_cur_init(&cur, pkg->key_blob.p, pkg->key_blob.len, diag);
	cur.base = base;
	nf_nbfx_reader_init(&r, &cur);
	e = inner_elements(&r, pkg);
	nf_nbfx_reader_wipe(&r);
	return e;
}

static int
global_id_read(struct nf_nbfx_reader *r, struct nf_byok1 *pkg)
{
	uint8_t id[NF_BYOK1_ID_LEN / 2];
	struct nf_buf text = NF_BUF_INIT;
	int e = hex_read(r, pkg, NF_BYOK1_GLOBAL_KEY_ID, true, id,
	    sizeof(id));

	if (e == 0) {
		nf_text_hex_upper(&text, nf_view_of(id, sizeof(id)));
		if ((e = nf_buf_err(&text)) == 0)
			memcpy(pkg->global_key_id, text.p, text.len);
	}
	nf_buf_wipe(&text);
	return e;
}

/* From the start of the document to the Signature element. */
static int
head_read(struct nf_nbfx_reader *r, struct nf_byok1 *pkg)
{
	struct nf_nbfx_node v;
	int e;

	if ((e = nf_nbfx_open(r, OUTER, NULL)) != 0 ||
	    (e = nf_nbfx_xmlns(r, "i", XSI)) != 0 ||
	    (e = int_read(r, pkg, NF_BYOK1_SCHEMA_VERSION,
	    &pkg->schema_version)) != 0)
		return e;
	if (pkg->schema_version != NF_BYOK1_SCHEMA)
		return nf_cur_fail(r->cur, NF_E_FORMAT,
		    field_names[NF_BYOK1_SCHEMA_VERSION],
		    "unknown schema version %d", (int)pkg->schema_version);
	if ((e = hex_read(r, pkg, NF_BYOK1_TENANT, true, pkg->tenant,
	    sizeof(pkg->tenant))) != 0 ||
	    (e = int_read(r, pkg, NF_BYOK1_VAULT_ID, &pkg->vault_id)) != 0 ||
	    (e = bytes_read(r, pkg, NF_BYOK1_KEY_BLOB, &pkg->key_blob,
	    &v)) != 0 ||
	    (e = inner_read(pkg, r->cur->base + v.data, r->cur->diag)) != 0 ||
	    (e = global_id_read(r, pkg)) != 0 ||
	    (e = public_key_read(r, pkg)) != 0 ||
	    (e = time_read(r, pkg)) != 0 ||
	    (e = text_read(r, pkg, NF_BYOK1_FRIENDLY_NAME,
	    pkg->friendly_name)) != 0)
		return e;
	return 0;
}

/* The rest of the document when it is not signed: Signature i:nil="true". */
static void
write_nil_tail(struct nf_nbfx_writer *w)
{
	nf_nbfx_write_element(w, field_names[NF_BYOK1_SIGNATURE]);
	nf_nbfx_write_bool_attribute(w, 'i', "nil", true);
	nf_nbfx_write_end(w);
	nf_nbfx_write_end(w);
}

static int
signature_read(struct nf_nbfx_reader *r, struct nf_byok1 *pkg)
{
	struct nf_nbfx_node v;
	int e;

	if ((e = bytes_read(r, pkg, NF_BYOK1_SIGNATURE, &pkg->signature,
	    &v)) != 0)
		return e;
	if (pkg->signature.len != pkg->public_key.len - NF_BYOK1_BLOB_HEAD)
		return fail(r->cur, NF_BYOK1_SIGNATURE, &v,
		    "not as long as the modulus");
	if ((e = nf_nbfx_close(r, OUTER)) != 0)
		return e;
	return nf_nbfx_next(r, &v);
}

/* Rebuild what was signed: the file up to the Signature and the nil tail. */
static int
signed_bytes(struct nf_byok1 *pkg, struct nf_view head)
{
	struct nf_buf *buf = &pkg->own[SIGNED];
	struct nf_nbfx_writer w;

	nf_buf_view_put(buf, head);
	nf_nbfx_writer_init(&w, buf);
	write_nil_tail(&w);
	pkg->signed_bytes = nf_buf_view(buf);
	return nf_buf_err(buf);
}

static int
package_read(struct nf_view doc, bool is_signed, struct nf_byok1 **out,
    struct nf_diag *diag)
{
	struct nf_byok1 *pkg = NULL;
	struct nf_nbfx_reader r;
	struct nf_cur cur;
	size_t head;
	int e;

	*out = NULL;
	nf_cur_init(&cur, doc.p, doc.len, diag);
	nf_nbfx_reader_init(&r, &cur);
	if ((pkg = calloc(1, sizeof(*pkg))) == NULL) {
		e = NF_E_NOMEM;
		goto out;
	}
	if ((e = head_read(&r, pkg)) != 0)
		goto out;
	head = cur.off;
	if ((e = signed_bytes(pkg, nf_view_of(doc.p, head))) != 0)
		goto out;
	if (is_signed)
		e = signature_read(&r, pkg);
	else {
		nf_cur_expect(&cur, field_names[NF_BYOK1_SIGNATURE],
		    pkg->signed_bytes.p + head, pkg->signed_bytes.len - head);
		e = nf_cur_end(&cur, "document");
	}
	if (e != 0)
		goto out;

	*out = pkg;
	pkg = NULL;
out:
	nf_nbfx_reader_wipe(&r);
	nf_byok1_free(pkg);
	if (e != 0)
		(void)nf_diag_set(diag, e, NULL, "%s", nf_err_text(e));
	return e;
}

bool
nf_byok1_is(struct nf_view file)
{
	static const char start[] = "\x40\x19" OUTER;

	return file.len >= sizeof(start) - 1 &&
	    memcmp(file.p, start, sizeof(start) - 1) == 0;
}

int
nf_byok1_read(struct nf_view file, struct nf_byok1 **out,
    struct nf_diag *diag)
{
	return package_read(file, true, out, diag);
}

void
nf_byok1_free(struct nf_byok1 *pkg)
{
	if (pkg == NULL)
		return;
	for (size_t i = 0; i < NF_BYOK1_FIELDS + 1; i++)
		nf_buf_wipe(&pkg->own[i]);
	free(pkg);
}

void
nf_byok1_rsa(const struct nf_byok1 *pkg, struct nf_view *e,
    struct nf_view *n)
{
	const struct nf_view *blob = &pkg->public_key;

	*e = nf_le_trim(nf_view_of(blob->p + 16, 4));
	*n = nf_view_of(blob->p + NF_BYOK1_BLOB_HEAD, blob->len - NF_BYOK1_BLOB_HEAD);
}

int
nf_byok1_verify_signature(const struct nf_byok1 *pkg, struct nf_diag *diag)
{
	uint8_t digest[NF_DIGEST_MAX];
	EVP_PKEY *key = NULL;
	struct nf_view e, n;
	int r;

	nf_byok1_rsa(pkg, &e, &n);
	if ((r = nf_pkey_rsa(e, n, &key, diag)) != 0)
		goto out;
	if ((r = nf_digest_of(NF_SHA256, &pkg->signed_bytes, 1,
	    digest)) != 0) {
		(void)nf_diag_set(diag, r, NULL, "libcrypto refuses SHA-256");
		goto out;
	}
	r = nf_pkey_verify_pkcs1(key, NF_SHA256, digest, pkg->signature,
	    NULL);
	if (r != 0)
		(void)nf_diag_at(diag, r,
		    field_names[NF_BYOK1_SIGNATURE],
		    pkg->span[NF_BYOK1_SIGNATURE].off, "%s", r == NF_E_VERIFY ?
		    "does not verify under the package's key" :
		    nf_err_text(r));
out:
	EVP_PKEY_free(key);
	return r;
}

int
nf_byok1_check_ids(const struct nf_byok1 *pkg, struct nf_diag *diag)
{
	char id[NF_BYOK1_ID_LEN + 1], name[NF_BYOK1_TEXT_MAX + 1];
	int e = nf_byok1_global_id(pkg->tenant, pkg->public_key, id);

	if (e != 0)
		return nf_diag_set(diag, e, NULL, "libcrypto refuses SHA-1");
	if (strcmp(id, pkg->global_key_id) != 0)
		return nf_diag_at(diag, NF_E_MISMATCH,
		    field_names[NF_BYOK1_GLOBAL_KEY_ID],
		    pkg->span[NF_BYOK1_GLOBAL_KEY_ID].off,
		    "is not that of the tenant and the public key");
	nf_byok1_file_name(id, name);
	if (strcmp(name, pkg->key_token_file_name) != 0)
		return nf_diag_set(diag, NF_E_MISMATCH,
		    field_names[NF_BYOK1_FILE_NAME],
		    "is not that of the GlobalKeyId");
	return 0;
}

void
nf_byok1_parts_of(const struct nf_byok1 *pkg, struct nf_byok1_parts *parts)
{
	memset(parts, 0, sizeof(*parts));
	memcpy(parts->tenant, pkg->tenant, sizeof(parts->tenant));
	parts->vault_id = pkg->vault_id;
	parts->public_key = pkg->public_key;
	parts->creation_time = pkg->creation_time;
	parts->friendly_name = pkg->friendly_name;
	parts->environment = pkg->environment;
	memcpy(parts->hkm, pkg->hkm, sizeof(parts->hkm));
	parts->key_token = pkg->key_token;
	parts->kek_identifier = pkg->kek_identifier;
	memcpy(parts->kek_hash, pkg->kek_hash, sizeof(parts->kek_hash));
}

static void
write_text(struct nf_nbfx_writer *w, enum nf_byok1_field f, const char *text)
{
	nf_nbfx_write_element(w, field_names[f]);
	nf_nbfx_write_chars(w, nf_view_of(text, strlen(text)));
	nf_nbfx_write_end(w);
}

static void
write_int(struct nf_nbfx_writer *w, enum nf_byok1_field f, int32_t value)
{
	nf_nbfx_write_element(w, field_names[f]);
	nf_nbfx_write_int(w, value);
	nf_nbfx_write_end(w);
}

static void
write_bytes(struct nf_nbfx_writer *w, enum nf_byok1_field f,
    struct nf_view v)
{
	nf_nbfx_write_element(w, field_names[f]);
	nf_nbfx_write_bytes(w, v);
	nf_nbfx_write_end(w);
}

static void
write_inner(const struct nf_byok1_parts *parts, const char *file_name,
    struct nf_buf *buf)
{
	struct nf_nbfx_writer w;
	char hkm[41];

	nf_text_hash(hkm, parts->hkm);
	nf_nbfx_writer_init(&w, buf);
	nf_nbfx_write_element(&w, INNER);
	nf_nbfx_write_xmlns(&w, "i", XSI);
	write_text(&w, NF_BYOK1_KEY_TOKEN_TYPE, NF_BYOK1_TOKEN_TYPE);
	write_text(&w, NF_BYOK1_ENVIRONMENT, parts->environment);
	write_text(&w, NF_BYOK1_WORLD_VERSION, hkm);
	write_bytes(&w, NF_BYOK1_KEY_TOKEN, parts->key_token);
	write_text(&w, NF_BYOK1_FILE_NAME, file_name);
	write_text(&w, NF_BYOK1_KEK_IDENTIFIER, parts->kek_identifier);
	write_bytes(&w, NF_BYOK1_KEK_HASH,
	    nf_view_of(parts->kek_hash, sizeof(parts->kek_hash)));
	nf_nbfx_write_end(&w);
}

/* The document up to the Signature; the writer goes on from there. */
static int
write_head(const struct nf_byok1_parts *parts, struct nf_nbfx_writer *w)
{
	char id[NF_BYOK1_ID_LEN + 1], name[NF_BYOK1_TEXT_MAX + 1];
	struct nf_buf inner = NF_BUF_INIT, tenant = NF_BUF_INIT;
	int e;

	if ((e = nf_byok1_global_id(parts->tenant, parts->public_key,
	    id)) != 0)
		goto out;
	nf_byok1_file_name(id, name);
	nf_text_hex_upper(&tenant,
	    nf_view_of(parts->tenant, sizeof(parts->tenant)));
	write_inner(parts, name, &inner);
	if ((e = nf_buf_err(&inner)) != 0)
		goto out;

	nf_nbfx_write_element(w, OUTER);
	nf_nbfx_write_xmlns(w, "i", XSI);
	write_int(w, NF_BYOK1_SCHEMA_VERSION, NF_BYOK1_SCHEMA);
	write_text(w, NF_BYOK1_TENANT, nf_buf_text(&tenant));
	nf_buf_fail_as(w->buf, &tenant);
	write_int(w, NF_BYOK1_VAULT_ID, parts->vault_id);
	write_bytes(w, NF_BYOK1_KEY_BLOB, nf_buf_view(&inner));
	write_text(w, NF_BYOK1_GLOBAL_KEY_ID, id);
	write_bytes(w, NF_BYOK1_PUBLIC_KEY, parts->public_key);
	nf_nbfx_write_element(w, field_names[NF_BYOK1_CREATION_TIME]);
	nf_nbfx_write_datetime(w, parts->creation_time);
	nf_nbfx_write_end(w);
	write_text(w, NF_BYOK1_FRIENDLY_NAME, parts->friendly_name);
	e = nf_buf_err(w->buf);
out:
	nf_buf_wipe(&inner);
	nf_buf_wipe(&tenant);
	return e;
}

int
nf_byok1_write_unsigned(const struct nf_byok1_parts *parts,
    struct nf_buf *tbs, struct nf_diag *diag)
{
	struct nf_byok1 *pkg = NULL;
	struct nf_nbfx_writer w;
	int e;

	NF_REQUIRE(tbs->len == 0);
	nf_nbfx_writer_init(&w, tbs);
	if ((e = write_head(parts, &w)) != 0)
		goto out;
	write_nil_tail(&w);
	if ((e = nf_buf_err(tbs)) != 0)
		goto out;
	e = package_read(nf_buf_view(tbs), false, &pkg, diag);
out:
	nf_byok1_free(pkg);
	if (e != 0) {
		(void)nf_diag_set(diag, e, NULL, "cannot write the package");
		nf_buf_wipe(tbs);
	}
	return e;
}

/*
 * How the signature is cut depends on what the writer holds, so the document
 * is written again from what tbs says.
 */
int
nf_byok1_write_signed(struct nf_view tbs, struct nf_view signature,
    struct nf_buf *out, struct nf_diag *diag)
{
	struct nf_byok1_parts parts;
	struct nf_byok1 *pkg = NULL;
	struct nf_nbfx_writer w;
	int e;

	NF_REQUIRE(out->len == 0);
	if ((e = package_read(tbs, false, &pkg, diag)) != 0)
		goto out;
	if (signature.len != pkg->public_key.len - NF_BYOK1_BLOB_HEAD) {
		e = nf_diag_set(diag, NF_E_FORMAT,
		    field_names[NF_BYOK1_SIGNATURE],
		    "not as long as the modulus");
		goto out;
	}
	nf_byok1_parts_of(pkg, &parts);
	nf_nbfx_writer_init(&w, out);
	if ((e = write_head(&parts, &w)) != 0)
		goto out;
	if (out->len > tbs.len || memcmp(out->p, tbs.p, out->len) != 0) {
		e = nf_diag_set(diag, NF_E_FORMAT, NULL,
		    "the bytes to sign are not from this writer");
		goto out;
	}
	write_bytes(&w, NF_BYOK1_SIGNATURE, signature);
	nf_nbfx_write_end(&w);
	e = nf_buf_err(out);
out:
	nf_byok1_free(pkg);
	if (e != 0) {
		(void)nf_diag_set(diag, e, NULL, "cannot write the package");
		nf_buf_wipe(out);
	}
	return e;
}
