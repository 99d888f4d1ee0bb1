/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Method-2 packages (format real): no signature covers them, so that what can
 * be said is of their form, and of the KEK that was given.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "tests/mutants/mut.h"
#include "transfer/byok2.h"
#include "transfer/kekpem.h"

#define DEPTH	4000
#define COMMAND	"byok-audit --simulated-root"
#define WITH_KEK	COMMAND " --kek method-2/KEK.pem"

/* A text of the file, and what stands in its place. */
static const struct {
	const char *name, *old, *new;
	struct mut_want want;
} rows[] = {
	{ "no_schema_version", "  \"schema_version\": \"1.0.0\",\n", "",
	    { MUT_FAIL, "byok2.members", "schema_version is missing" } },
	{ "wrong_schema_version", "\"1.0.0\"", "\"2.0.0\"",
	    { MUT_FAIL, "byok2.members", "schema_version is another" } },
	{ "unknown_member", "  \"ciphertext\"", "  \"more\": \"x\",\n"
	    "  \"ciphertext\"",
	    { MUT_FAIL, "byok2.members", "there is a member that is not "
	    "known" } },
	{ "unknown_header_member", "    \"alg\"", "    \"typ\": \"x\",\n"
	    "    \"alg\"",
	    { MUT_FAIL, "byok2.members", "the header has a member that is "
	    "not known" } },
	{ "duplicate_alg", "\"alg\": \"dir\",", "\"alg\": \"dir\", "
	    "\"alg\": \"dir\",",
	    { MUT_MALFORMED, "alg", "alg is there twice" } },
	{ "no_alg", "    \"alg\": \"dir\",\n", "",
	    { MUT_FAIL, "byok2.members", "alg is missing" } },
	{ "wrong_alg", "\"dir\"", "\"none\"",
	    { MUT_FAIL, "byok2.alg", "alg is not dir" } },
	{ "no_enc", ",\n    \"enc\": \"CKM_RSA_AES_KEY_WRAP\"", "",
	    { MUT_FAIL, "byok2.members", "enc is missing" } },
	{ "wrong_enc", "CKM_RSA_AES_KEY_WRAP", "A256GCM",
	    { MUT_FAIL, "byok2.enc", "enc is another wrapping" } },
	{ "wrong_type", "\"dir\"", "1",
	    { MUT_FAIL, "byok2.members", "alg is a number" } },
	{ "no_generator", ",\n  \"generator\"", ",\n  \"generatoR\"",
	    { MUT_FAIL, "byok2.members", "generator has another name" } },
	{ "no_ciphertext", "\"ciphertext\"", "\"cipherText\"",
	    { MUT_FAIL, "byok2.members", "ciphertext has another name" } },
	{ "wrong_kid_scheme", "https://", "http://",
	    { MUT_FAIL, "byok2.kid", "kid is no https URL" } },
	{ "wrong_kid_path", "/keys/", "/secrets/",
	    { MUT_FAIL, "byok2.kid", "kid names no key" } },
	{ "unknown_kid_user", "https://", "https://user@",
	    { MUT_FAIL, "byok2.kid", "kid has a user" } },
	{ "trailing_kid_query", "\",\n    \"alg\"", "?x=1\",\n    \"alg\"",
	    { MUT_FAIL, "byok2.kid", "kid has a query" } },
	{ "trailing_kid_part", "\",\n    \"alg\"", "/more\",\n    \"alg\"",
	    { MUT_FAIL, "byok2.kid", "kid has a part more" } },
	{ "junk_json", "{\n  \"schema", "{{\n  \"schema",
	    { MUT_MALFORMED, "JSON", "the file is no JSON" } },
	{ "wrong_quotes", "\"alg\": \"dir\"", "'alg': 'dir'",
	    { MUT_MALFORMED, "JSON", "a member is in single quotes" } }
};

struct text {
	struct nf_view file;
	char kid[512], version[64];
	struct nf_byok2 read;
};

/* The file with another ciphertext. */
static struct nf_view
with_cipher(struct mut *m, const struct text *t, const char *text)
{
	struct nf_buf old = NF_BUF_INIT;
	struct nf_view v;

	nf_text_base64_write(&old, t->read.ciphertext, NF_B64_URL |
	    NF_B64_NOPAD);
	v = mut_replace(m, t->file, nf_buf_text(&old), text);
	nf_buf_wipe(&old);
	return v;
}

static void
cipher_put(struct mut *m, const struct text *t, const char *name,
    struct nf_view bytes, const char *more, const struct mut_want *want)
{
	struct nf_buf *b64 = mut_buf(m);

	nf_text_base64_write(b64, bytes, NF_B64_URL | NF_B64_NOPAD);
	nf_buf_str(b64, more);
	(void)mut_view(m, b64);
	mut_put(m, name, with_cipher(m, t, nf_buf_text(b64)), want);
}

static void
ciphers_put(struct mut *m, const struct text *t)
{
	struct nf_view c = t->read.ciphertext;
	struct nf_buf *std = mut_buf(m), *max = mut_buf(m);

	cipher_put(m, t, "short_ciphertext", nf_view_of(c.p, c.len - 1), "",
	    &(struct mut_want){ MUT_FAIL, "byok2.length", "the last byte of "
	    "the ciphertext is missing" });
	cipher_put(m, t, "long_ciphertext", mut_long(m, c), "",
	    &(struct mut_want){ MUT_FAIL, "byok2.length", "the ciphertext "
	    "has one byte more" });
	cipher_put(m, t, "short_c2", nf_view_of(c.p, 256), "",
	    &(struct mut_want){ MUT_FAIL, "byok2.length", "of the two parts "
	    "of the ciphertext the second is missing" });
	cipher_put(m, t, "zero_ciphertext", nf_view_of(c.p, 0), "",
	    &(struct mut_want){ MUT_FAIL, "byok2.base64", "the ciphertext is "
	    "empty" });
	cipher_put(m, t, "wrong_c2_length", nf_view_of(c.p, 256 + 48), "",
	    &(struct mut_want){ MUT_UNKNOWN, "byok2.length", "no usual "
	    "target key has a ciphertext of this length" });
	cipher_put(m, t, "junk_base64", c, "!", &(struct mut_want){
	    MUT_FAIL, "byok2.base64", "a character of the ciphertext is not "
	    "base64url" });
	cipher_put(m, t, "wrong_padding", c, "=", &(struct mut_want){
	    MUT_FAIL, "byok2.padding", "the ciphertext has padding where "
	    "none is due" });
	nf_text_base64_write(std, c, NF_B64_STD | NF_B64_NOPAD);
	(void)mut_view(m, std);
	mut_put(m, "wrong_alphabet", with_cipher(m, t, nf_buf_text(std)),
	    &(struct mut_want){ MUT_FAIL, "byok2.base64", "the ciphertext is "
	    "in the other base64 alphabet" });
	nf_buf_fill(max, 0xff, c.len);
	m->command = WITH_KEK;
	cipher_put(m, t, "max_c1", mut_view(m, max), "", &(struct mut_want){
	    MUT_FAIL, "byok2.kek", "C1 is not below the KEK's modulus" });
	m->command = COMMAND;
}

/* The KEK as a JSON Web Key, with another kid or other operations. */
static struct nf_view
jwk(struct mut *m, const struct nf_kekpem *kek, const char *kid,
    const char *op)
{
	struct nf_buf *out = mut_buf(m), *be = mut_buf(m);

	nf_buf_printf(out, "{\"kty\": \"RSA\", \"kid\": \"%s\", "
	    "\"key_ops\": [\"%s\"], \"e\": \"AQAB\", \"n\": \"", kid, op);
	for (size_t i = kek->n_len; i-- > 0;)
		nf_buf_u8(be, kek->n[i]);
	nf_text_base64_write(out, mut_view(m, be), NF_B64_URL |
	    NF_B64_NOPAD);
	nf_buf_str(out, "\"}\n");
	return mut_view(m, out);
}

static void
keks_put(struct mut *m, const struct text *t)
{
	static const char path[] = "method-2/valid";
	struct nf_kekpem kek;
	struct nf_view pem = mut_load(m, "hsm/KEK.pem");
	char other[512];

	MUST(m, nf_kekpem_read(pem, &kek, &m->diag));
	mut_write(m, "method-2/KEK.pem", pem);
	mut_write(m, "method-2/KEK.json", jwk(m, &kek, t->kid, "import"));
	(void)snprintf(other, sizeof(other), "%s", t->kid);
	other[strlen(other) - 1] ^= 1;
	mut_write(m, "method-2/wrong_kek.json", jwk(m, &kek, other,
	    "import"));
	mut_write(m, "method-2/wrong_kek_ops.json", jwk(m, &kek, t->kid,
	    "wrapKey"));
	mut_line(m, path, "valid_with_kek", COMMAND " --kek "
	    "method-2/KEK.json method-2/valid", &(struct mut_want){
	    MUT_UNANCHORED, NULL, "the same, with its KEK" });
	mut_line(m, path, "no_kek_kid", WITH_KEK " method-2/valid",
	    &(struct mut_want){ MUT_UNKNOWN, "byok2.kek", "the KEK's file "
	    "does not tell its kid" });
	mut_line(m, path, "wrong_kek", COMMAND " --kek "
	    "method-2/wrong_kek.json method-2/valid", &(struct mut_want){
	    MUT_FAIL, "byok2.kek", "the KEK's kid is another than the "
	    "file's" });
	mut_line(m, path, "wrong_kek_ops", COMMAND " --kek "
	    "method-2/wrong_kek_ops.json method-2/valid", &(struct mut_want){
	    MUT_FAIL, "byok2.kek", "the KEK is not for import" });
}

void
mutate_byok2(struct mut *m)
{
	static const uint8_t bom[3] = { 0xef, 0xbb, 0xbf };
	struct text t;
	struct nf_buf *b;
	char *slash;

	memset(&t, 0, sizeof(t));
	t.file = mut_load(m, "three.byok");
	MUST(m, nf_byok2_read(t.file, &t.read, &m->diag));
	(void)snprintf(t.kid, sizeof(t.kid), "%.*s", (int)t.read.kid.len,
	    (const char *)t.read.kid.p);
	slash = strrchr(t.kid, '/');
	(void)snprintf(t.version, sizeof(t.version), "%s", slash);
	mut_format(m, "method-2", COMMAND, MUT_UNANCHORED, t.file,
	    "a package of method 2 of the simulator");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		mut_put(m, rows[i].name, mut_replace(m, t.file, rows[i].old,
		    rows[i].new), &rows[i].want);
	mut_put(m, "no_kid_version", mut_replace(m, t.file, t.version, ""),
	    &(struct mut_want){ MUT_UNKNOWN, "byok2.kid", "kid has no "
	    "version" });
	mut_put(m, "short_file", nf_view_of(t.file.p, t.file.len / 2),
	    &(struct mut_want){ MUT_MALFORMED, "JSON", "the second half of "
	    "the file is missing" });
	b = mut_buf(m);
	nf_buf_str(b, "\"dir\", \"x\": ");
	nf_buf_fill(b, '[', DEPTH);
	nf_buf_fill(b, ']', DEPTH);
	(void)mut_view(m, b);
	mut_put(m, "nested_member", mut_replace(m, t.file, "\"dir\"",
	    nf_buf_text(b)), &(struct mut_want){ MUT_MALFORMED, "JSON",
	    "a member has thousands of lists in each other" });
	b = mut_buf(m);
	nf_buf_view_put(b, t.file);
	nf_buf_str(b, "{}\n");
	mut_put(m, "trailing_file", mut_view(m, b), &(struct mut_want){
	    MUT_MALFORMED, "JSON", "another object follows" });
	b = mut_buf(m);
	nf_buf_put(b, bom, sizeof(bom));
	nf_buf_view_put(b, t.file);
	mut_put(m, "unknown_encoding", mut_view(m, b), &(struct mut_want){
	    MUT_MALFORMED, "byte order mark", "a byte order mark comes "
	    "first" });
	ciphers_put(m, &t);
	keks_put(m, &t);
	nf_byok2_wipe(&t.read);
}
