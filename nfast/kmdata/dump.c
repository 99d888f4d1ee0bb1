/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "nfast/kmdata/dump.h"
#include "nfast/kmdata/sigtext.h"
#include "nfast/wire/blob.h"
#include "nfast/wire/certlist.h"
#include "nfast/wire/modcert.h"
#include "nfast/wire/worldmsg.h"

#define PAD	"    "
#define ACL_PAD	"        "

/* Print an entry's value, whole lines.  0, or why it does not decode. */
typedef int decode_fn(struct nf_buf *out, struct nf_view v,
    struct nf_diag *diag);

static void
hash_line(struct nf_buf *out, const char *label, const uint8_t *hash)
{
	nf_buf_printf(out, PAD "%s= ", label);
	nf_text_hex_groups(out, nf_view_of(hash, NF_HASH_LEN));
	nf_buf_str(out, "\n");
}

static void
name_line(struct nf_buf *out, const char *label, const struct nf_name *names,
    uint32_t number)
{
	nf_buf_printf(out, PAD "%s= ", label);
	nf_name_print(out, names, number);
	nf_buf_printf(out, " %u\n", number);
}

/* Rows of 8 groups of 8 digits. */
static void
bytes_lines(struct nf_buf *out, struct nf_view v)
{
	size_t shown = v.len < NF_KM_DUMP_BYTES ? v.len : NF_KM_DUMP_BYTES;
	struct nf_cur cur;

	nf_cur_init(&cur, v.p, shown, NULL);
	while (nf_cur_left(&cur) > 0) {
		size_t n = nf_cur_left(&cur) < 32 ? nf_cur_left(&cur) : 32;

		nf_buf_str(out, PAD);
		nf_text_hex_groups(out, nf_cur_bytes(&cur, "bytes", n));
		nf_buf_str(out, "\n");
	}
	if (v.len > NF_KM_DUMP_BYTES)
		nf_buf_printf(out, PAD "... %zu bytes\n", v.len);
}

static int
text_decode(struct nf_buf *out, struct nf_view v, struct nf_diag *diag)
{
	if (!nf_view_printable(v))
		return nf_diag_set(diag, NF_E_FORMAT, NULL,
		    "not printable text");
	nf_buf_str(out, PAD "\"");
	nf_buf_view_put(out, v);
	nf_buf_str(out, "\"\n");
	return 0;
}

/* The simulator's mark has several lines. */
static int
lines_decode(struct nf_buf *out, struct nf_view v, struct nf_diag *diag)
{
	struct nf_cur cur;
	bool start = true;

	nf_cur_init(&cur, v.p, v.len, diag);
	while (nf_cur_left(&cur) > 0) {
		uint8_t c = nf_cur_u8(&cur, "text");

		if (c != '\n' && (c < 0x20 || c > 0x7e))
			return nf_cur_fail(&cur, NF_E_FORMAT, NULL,
			    "not printable text");
		if (start)
			nf_buf_str(out, PAD);
		nf_buf_u8(out, c);
		start = c == '\n';
	}
	if (!start)
		nf_buf_str(out, "\n");
	return 0;
}

static int
hash_decode(struct nf_buf *out, struct nf_view v, struct nf_diag *diag)
{
	if (v.len != NF_HASH_LEN)
		return nf_diag_set(diag, NF_E_FORMAT, NULL,
		    "a hash has %d bytes", NF_HASH_LEN);
	nf_buf_str(out, PAD);
	nf_text_hex_groups(out, v);
	nf_buf_str(out, "\n");
	return 0;
}

static int
sig_decode(struct nf_buf *out, struct nf_view v, struct nf_diag *diag)
{
	struct nf_km_sig sig;
	int r;

	if ((r = nf_km_sig_read(v, &sig, diag)) != 0)
		return r;
	nf_buf_str(out, PAD);
	nf_buf_view_put(out, v);
	nf_buf_str(out, "\n" PAD "mechanism= ");
	nf_name_print(out, nf_wire_mechs, sig.mech);
	nf_buf_printf(out, " %u\n", sig.mech);
	return 0;
}

static int
modcert_decode(struct nf_buf *out, struct nf_view v, struct nf_diag *diag)
{
	struct nf_modcert *cert = NULL;
	struct nf_cur cur;
	int r;

	nf_cur_init(&cur, v.p, v.len, diag);
	if ((r = nf_wire_modcert_read(&cur, &cert)) != 0)
		return r;
	nf_wire_modcert_print(out, cert, PAD);
	nf_modcert_free(cert);
	return 0;
}

/* What is not the entry's fault is not shown, but ends the dump. */
static void
fail_inner(struct nf_buf *out, int r)
{
	if (r == NF_E_NOMEM || r == NF_E_CRYPTO)
		nf_buf_fail(out, r);
}

/* Type, size and hash, never the numbers. */
static void
key_lines(struct nf_buf *out, const struct nf_keydata *key)
{
	uint8_t hash[NF_HASH_LEN];
	size_t bits = nf_wire_keydata_bits(key);
	int r = NF_E_FORMAT;

	name_line(out, "key.type", nf_wire_keytypes, key->type);
	if (key->curve != 0)
		name_line(out, "key.curve", nf_wire_ecnames, key->curve);
	if (bits != 0)
		nf_buf_printf(out, PAD "key.bits= %zu\n", bits);
	if (nf_wire_keykind(key->type) != NF_KIND_PRIVATE)
		r = nf_wire_keyhash(key, hash, NULL);
	fail_inner(out, r);
	if (r == 0)
		hash_line(out, "key.hash", hash);
	else
		nf_buf_str(out, PAD "key.hash unknown\n");
}

static int
keydata_decode(struct nf_buf *out, struct nf_view v, struct nf_diag *diag)
{
	struct nf_keydata key;
	struct nf_cur cur;

	nf_cur_init(&cur, v.p, v.len, diag);
	nf_wire_keydata_read(&cur, &key);
	if (nf_cur_end(&cur, "KeyData") == 0)
		key_lines(out, &key);
	return nf_cur_err(&cur);
}

/* What a blob under the null module key holds. */
static void
nullblob_lines(struct nf_buf *out, const struct nf_blob *blob)
{
	static const uint8_t no_appdata[NF_APPDATA_LEN];
	struct nf_blobkey key = { .acl = NULL };
	struct nf_buf plain = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	char line[NF_DIAG_TEXT_MAX];
	int r;

	if ((r = nf_wire_nullblob_open(blob, &plain, &key, &diag)) != 0) {
		fail_inner(out, r);
		nf_diag_line(&diag, line, sizeof(line));
		nf_buf_printf(out, PAD "not opened: %s\n", line);
		goto out;
	}
	key_lines(out, &key.key);
	nf_buf_str(out, PAD "integrity tag not checked: rule not public\n");
	if (memcmp(key.appdata, no_appdata, sizeof(no_appdata)) != 0) {
		nf_buf_str(out, PAD "appdata=\n");
		bytes_lines(out, nf_view_of(key.appdata, sizeof(key.appdata)));
	}
	nf_buf_str(out, PAD "acl=\n");
	nf_wire_acl_print(out, key.acl, ACL_PAD);
out:
	nf_blobkey_wipe(&key);
	nf_buf_wipe(&plain);
}

static void
word_line(struct nf_buf *out, const struct nf_blob *blob)
{
	nf_buf_printf(out, PAD "word= 0x%08x", blob->word);
	if (blob->word == NF_BLOB_WORD_SIM)
		nf_buf_str(out, " (interior of secworld's own making)");
	nf_buf_str(out, "\n");
	if ((blob->word & NF_BLOB_WORD_MECH) != 0)
		name_line(out, "mechanism", nf_wire_mechs,
		    blob->word & ~NF_BLOB_WORD_MECH);
}

static int
blob_decode(struct nf_buf *out, struct nf_view v, struct nf_diag *diag)
{
	struct nf_blob blob;
	struct nf_cur cur;
	bool null_key;

	nf_cur_init(&cur, v.p, v.len, diag);
	nf_wire_blob_read(&cur, &blob);
	if (nf_cur_err(&cur) != 0)
		return nf_cur_err(&cur);
	null_key = blob.format == NF_BLOB_MODULE &&
	    memcmp(blob.hash, nf_null_des3_hash, NF_HASH_LEN) == 0;
	name_line(out, "format", nf_wire_blobformats, blob.format);
	nf_buf_printf(out, PAD "%s= %u\n", blob.rsa.len > 0 ?
	    "length" : "plaintext length", blob.a);
	if (blob.rsa.len > 0)
		nf_buf_printf(out, PAD "RSA ciphertext= %zu bytes\n",
		    blob.rsa.len);
	nf_buf_printf(out, PAD "encrypted= %zu bytes\n", blob.body.len);
	hash_line(out, "wrapping key", blob.hash);
	word_line(out, &blob);
	if (null_key) {
		nf_buf_str(out, PAD "wrapped by the null DES3 module key, "
		    "which is public\n");
		nullblob_lines(out, &blob);
	}
	return 0;
}

/* What a legacy certificate delegates. */
static void
certmsg_lines(struct nf_buf *out, struct nf_view msg)
{
	struct nf_diag diag = { 0 };
	struct nf_acl *acl = NULL;
	char line[NF_DIAG_TEXT_MAX];
	struct nf_cur cur;
	int r;

	nf_cur_init(&cur, msg.p, msg.len, &diag);
	r = nf_wire_certmsg_read(&cur, &acl);
	fail_inner(out, r);
	if (r == 0) {
		nf_buf_str(out, PAD "acl=\n");
		nf_wire_acl_print(out, acl, ACL_PAD);
	} else {
		nf_diag_line(&diag, line, sizeof(line));
		nf_buf_printf(out, PAD "message not decoded: %s\n", line);
		bytes_lines(out, msg);
	}
	nf_acl_free(acl);
}

static int
certlist_decode(struct nf_buf *out, struct nf_view v, struct nf_diag *diag)
{
	struct nf_certlist list;
	struct nf_cur cur;

	nf_cur_init(&cur, v.p, v.len, diag);
	nf_wire_certlist_read(&cur, &list);
	if (nf_cur_end(&cur, "CertificateList") != 0)
		return nf_cur_err(&cur);
	for (uint32_t i = 0; i < list.n; i++) {
		const struct nf_cert *cert = &list.cert[i];

		nf_buf_printf(out, PAD "certificates[%u]\n", i);
		hash_line(out, "keyhash", cert->keyhash);
		if (cert->type != NF_CERT_SINGLECERT) {
			nf_buf_printf(out, PAD "type= %u\n", cert->type);
			continue;
		}
		key_lines(out, &cert->key);
		name_line(out, "signature.mech", nf_wire_mechs,
		    cert->sig.mech);
		certmsg_lines(out, cert->msg);
	}
	return 0;
}

static int
word_decode(struct nf_buf *out, struct nf_view v, struct nf_diag *diag)
{
	struct nf_cur cur;
	uint32_t word;

	nf_cur_init(&cur, v.p, v.len, diag);
	word = nf_cur_u32(&cur, "word");
	if (nf_cur_end(&cur, "word") == 0)
		nf_buf_printf(out, PAD "%u 0x%08x\n", word, word);
	return nf_cur_err(&cur);
}

static int
suite_decode(struct nf_buf *out, struct nf_view v, struct nf_diag *diag)
{
	const struct nf_suite *suite;
	struct nf_cur cur;
	int r;

	if ((r = word_decode(out, v, diag)) != 0)
		return r;
	nf_cur_init(&cur, v.p, v.len, NULL);
	suite = nf_suite_numbered(nf_cur_u32(&cur, "suite"));
	if (suite != NULL)
		nf_buf_printf(out, PAD "%s\n", suite->name);
	return 0;
}

static int
token_decode(struct nf_buf *out, struct nf_view v, struct nf_diag *diag)
{
	struct nf_tokenparams p;
	struct nf_cur cur;

	nf_cur_init(&cur, v.p, v.len, diag);
	nf_wire_tokenparams_read(&cur, &p);
	if (nf_cur_end(&cur, "TokenParams") == 0)
		nf_buf_printf(out, PAD "flags 0x%08x shares %u/%u timelimit "
		    "%u (read as TokenParams)\n", p.flags, p.needed, p.total,
		    p.timelimit);
	return nf_cur_err(&cur);
}

/* Decoders by the start of the entry's name; the first match counts. */
static const struct rule {
	const char *prefix;
	decode_fn *decode;
} rules[] = {
	{ "IdentSEEInteg", NULL },
	{ "Ident", text_decode },
	{ "AppName", text_decode },
	{ "OldAppName", text_decode },
	{ "Name", text_decode },
	{ "ESN", text_decode },
	{ "ExtFilename", text_decode },
	{ "Hash", hash_decode },
	{ "OldHashKA", hash_decode },
	{ "Cert", sig_decode },
	{ "MesgGen", modcert_decode },
	{ "MesgModuleState", modcert_decode },
	{ "Blob", blob_decode },
	{ "KeyPubKNSO", keydata_decode },
	{ "Params", token_decode },
	{ "CipherSuite", suite_decode },
	{ "ModuleKeyType", word_decode },
	{ "NSOTimeOut", word_decode },
	{ "PpMin", word_decode },
	{ "TimeLimit", word_decode },
	{ "PerAuthUseLimit", word_decode },
	{ "AlwaysUseStrongPrimes", word_decode },
	{ "WorldVersion", word_decode },
	{ "secworld:RootChain", certlist_decode },
	{ "secworld:", lines_decode }
};

static decode_fn *
decoder_find(const char *name)
{
	if (name == NULL)
		return NULL;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (strncmp(name, rules[i].prefix,
		    strlen(rules[i].prefix)) == 0)
			return rules[i].decode;
	}
	return NULL;
}

int
nf_km_dump_value(struct nf_buf *out, const struct nf_km_entry *entry,
    struct nf_diag *diag)
{
	decode_fn *decode = decoder_find(nf_name_find(nf_km_types,
	    entry->type));

	return decode == NULL ? NF_E_NOTFOUND :
	    decode(out, entry->data, diag);
}

static void
entry_print(struct nf_buf *out, const struct nf_km_entry *entry)
{
	const char *name = nf_name_find(nf_km_types, entry->type);
	struct nf_buf value = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	char line[NF_DIAG_TEXT_MAX];
	int r;

	nf_buf_printf(out, "%s (%u), %zu bytes\n",
	    name == NULL ? "unknown" : name, entry->type, entry->data.len);
	r = nf_km_dump_value(&value, entry, &diag);
	fail_inner(out, r);
	nf_buf_fail_as(out, &value);
	if (r != 0 && r != NF_E_NOTFOUND) {
		nf_diag_line(&diag, line, sizeof(line));
		nf_buf_printf(out, PAD "not decoded: %s\n", line);
	}
	if (r != 0)
		bytes_lines(out, entry->data);
	else
		nf_buf_view_put(out, nf_buf_view(&value));
	nf_buf_wipe(&value);
}

void
nf_km_dump(struct nf_buf *out, const struct nf_km_file *file)
{
	nf_buf_str(out, "time ");
	nf_text_time(out, file->time);
	nf_buf_printf(out, " (%llu), %u entries\n",
	    (unsigned long long)file->time, file->n);
	for (uint32_t i = 0; i < file->n; i++)
		entry_print(out, &file->entry[i]);
}
