/* SPDX-License-Identifier: Apache-2.0 */
/*
 * KEK files.  PEM of RFC 7468, SubjectPublicKeyInfo of RFC 5280 with RSA of
 * RFC 8017 in DER, JSON Web Keys of RFC 7517 (all real).
 */
#include "config.h"

#include <jansson.h>
#include <string.h>

#include <openssl/evp.h>

#include "nfast/base/der.h"
#include "nfast/base/file.h"
#include "nfast/base/jsonerr.h"
#include "nfast/base/pkey.h"
#include "nfast/base/seed.h"
#include "nfast/base/text.h"
#include "transfer/kekpem.h"

#define BEGIN		"-----BEGIN "
#define END		"-----END "
#define DASHES		"-----"
#define PUBLIC		"PUBLIC KEY"
#define LINE		64

#define PRIVATE_TEXT	"this is a private key: only the public key of the " \
    "KEK belongs here, and a KEK's private key never leaves its vault"

/* SEQUENCE { OID rsaEncryption, NULL } */
static const uint8_t rsa_alg[] = { 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48,
	0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00 };
/* OID id-ecPublicKey */
static const uint8_t ec_oid[] = { 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d,
	0x02, 0x01 };

struct nf_view
nf_kekpem_n(const struct nf_kekpem *kek)
{
	return nf_view_of(kek->n, kek->n_len);
}

struct nf_view
nf_kekpem_e(const struct nf_kekpem *kek)
{
	return nf_view_of(kek->e, kek->e_len);
}

static void
reverse(uint8_t *out, struct nf_view v)
{
	for (size_t i = 0; i < v.len; i++)
		out[i] = v.p[v.len - 1 - i];
}

/* Take the numbers, big-endian without zero bytes on top, and judge them. */
static int
numbers_take(struct nf_view n, struct nf_view e, struct nf_kekpem *out,
    struct nf_diag *diag)
{
	EVP_PKEY *pkey = NULL;
	size_t bits;
	int r;

	if (n.len > NF_KEKPEM_N_MAX)
		return nf_diag_set(diag, NF_E_POLICY, "KEK",
		    "RSA of more than 4096 bits: a KEK has 2048, 3072 or 4096");
	if (e.len > NF_KEKPEM_E_MAX)
		return nf_diag_set(diag, NF_E_POLICY, "KEK exponent",
		    "more than 64 bits");
	out->n_len = n.len;
	out->e_len = e.len;
	reverse(out->n, n);
	reverse(out->e, e);
	bits = nf_le_bits(nf_kekpem_n(out));
	if (bits != 2048 && bits != 3072 && bits != 4096)
		return nf_diag_set(diag, NF_E_POLICY, "KEK",
		    "RSA of %zu bits: a KEK has 2048, 3072 or 4096", bits);
	out->bits = (unsigned int)bits;
	r = nf_pkey_rsa(nf_kekpem_e(out), nf_kekpem_n(out), &pkey, diag);
	EVP_PKEY_free(pkey);
	return r;
}

/* SubjectPublicKeyInfo; what it is not is named where that can be told. */
static int
spki_read(struct nf_view bytes, struct nf_kekpem *out, struct nf_diag *diag)
{
	struct nf_cur cur, spki, key;
	struct nf_view v, n, e;

	nf_cur_init(&cur, bytes.p, bytes.len, diag);
	v = nf_der_element(&cur, NF_DER_SEQUENCE, "KEK");
	if (nf_cur_end(&cur, "KEK") != 0)
		return nf_cur_err(&cur);
	nf_cur_sub(&spki, &cur, v);
	if (v.len >= 3 && v.p[0] == NF_DER_INTEGER && v.p[1] == 1)
		return nf_diag_set(diag, NF_E_POLICY, "KEK", PRIVATE_TEXT);
	if (memmem(v.p, v.len < 32 ? v.len : 32, ec_oid,
	    sizeof(ec_oid)) != NULL)
		return nf_diag_set(diag, NF_E_POLICY, "KEK",
		    "an EC key: a KEK is RSA");
	if (v.len < sizeof(rsa_alg) ||
	    memcmp(v.p, rsa_alg, sizeof(rsa_alg)) != 0)
		return nf_diag_set(diag, NF_E_POLICY, "KEK",
		    "not a public key of RSA (rsaEncryption)");
	(void)nf_cur_bytes(&spki, "KEK algorithm", sizeof(rsa_alg));
	v = nf_der_element(&spki, NF_DER_BITS, "KEK key");
	if (nf_cur_end(&spki, "KEK key") != 0)
		return nf_cur_err(&spki);
	nf_cur_sub(&key, &spki, v);
	nf_cur_zeros(&key, "KEK unused bits", 1);
	v = nf_der_element(&key, NF_DER_SEQUENCE, "KEK key");
	if (nf_cur_end(&key, "KEK key") != 0)
		return nf_cur_err(&key);
	nf_cur_sub(&cur, &key, v);
	n = nf_der_number(&cur, "KEK modulus");
	e = nf_der_number(&cur, "KEK exponent");
	if (nf_cur_end(&cur, "KEK key") != 0)
		return nf_cur_err(&cur);
	return numbers_take(n, e, out, diag);
}

/* Which block is not one of a public key, in a sentence. */
static int
label_refuse(struct nf_view label, struct nf_diag *diag)
{
	if (nf_view_is(label, "CERTIFICATE") ||
	    nf_view_is(label, "X509 CERTIFICATE") ||
	    nf_view_is(label, "TRUSTED CERTIFICATE"))
		return nf_diag_set(diag, NF_E_POLICY, "KEK", "this is a "
		    "certificate: take the KEK's public key as \"az keyvault "
		    "key download\" writes it");
	if (nf_view_is(label, "RSA PUBLIC KEY"))
		return nf_diag_set(diag, NF_E_FORMAT, "KEK",
		    "a PKCS#1 public key: \"openssl rsa -RSAPublicKey_in "
		    "-pubout\" makes a PUBLIC KEY of it");
	return nf_diag_set(diag, NF_E_FORMAT, "KEK",
	    "a PEM block of another kind than " PUBLIC);
}

static void
skip_blank(struct nf_view *v)
{
	while (v->len > 0 && (v->p[0] == ' ' || v->p[0] == '\t' ||
	    v->p[0] == '\r' || v->p[0] == '\n')) {
		v->p++;
		v->len--;
	}
}

static void
skip_comments(struct nf_view *v)
{
	const uint8_t *nl;

	skip_blank(v);
	while (v->len > 0 && v->p[0] == '#' &&
	    (nl = memchr(v->p, '\n', v->len)) != NULL) {
		*v = nf_view_of(nl, v->len - (size_t)(nl - v->p));
		skip_blank(v);
	}
}

static bool
take(struct nf_view *v, const char *word)
{
	size_t n = strlen(word);

	if (v->len < n || memcmp(v->p, word, n) != 0)
		return false;
	v->p += n;
	v->len -= n;
	return true;
}

/* The base64 between the lines, of which line ends are dropped. */
static int
body_read(struct nf_view body, struct nf_kekpem *out, struct nf_diag *diag)
{
	struct nf_buf text = NF_BUF_INIT, bytes = NF_BUF_INIT;
	int r;

	for (size_t i = 0; i < body.len; i++) {
		if (body.p[i] != '\r' && body.p[i] != '\n')
			nf_buf_u8(&text, body.p[i]);
	}
	if ((r = nf_buf_err(&text)) != 0)
		goto out;
	if (text.len == 0) {
		r = nf_diag_set(diag, NF_E_FORMAT, "KEK",
		    "the PEM block is empty");
		goto out;
	}
	if ((r = nf_text_base64_read(&bytes, nf_buf_view(&text),
	    NF_B64_STD | NF_B64_PAD, "KEK", diag)) != 0)
		goto out;
	r = spki_read(nf_buf_view(&bytes), out, diag);
out:
	nf_buf_wipe(&text);
	nf_buf_wipe(&bytes);
	return r;
}

static int
pem_read(struct nf_view file, struct nf_kekpem *out, struct nf_diag *diag)
{
	struct nf_view rest = file, body;
	const uint8_t *end;

	skip_comments(&rest);
	if (!take(&rest, BEGIN))
		return nf_diag_set(diag, NF_E_FORMAT, "KEK",
		    "there is text before the PEM block");
	if ((end = memmem(rest.p, rest.len, DASHES, strlen(DASHES))) == NULL)
		return nf_diag_set(diag, NF_E_FORMAT, "KEK",
		    "the PEM is cut short in its first line");
	body = nf_view_of(rest.p, (size_t)(end - rest.p));
	if (!nf_view_is(body, PUBLIC))
		return label_refuse(body, diag);
	(void)take(&rest, PUBLIC DASHES);
	if ((end = memmem(rest.p, rest.len, DASHES, strlen(DASHES))) == NULL)
		return nf_diag_set(diag, NF_E_FORMAT, "KEK",
		    "the PEM is cut short: there is no line " END);
	body = nf_view_of(rest.p, (size_t)(end - rest.p));
	rest = nf_view_of(end, rest.len - body.len);
	if (!take(&rest, END PUBLIC DASHES))
		return nf_diag_set(diag, NF_E_FORMAT, "KEK",
		    "the PEM is cut short: its last line is not "
		    END PUBLIC DASHES);
	skip_blank(&rest);
	if (rest.len != 0)
		return nf_diag_set(diag, NF_E_FORMAT, "KEK",
		    nf_view_has(rest, BEGIN) ? "more than one PEM block" :
		    "something follows the PEM block");
	return body_read(body, out, diag);
}

/* A number of a JSON Web Key, in either alphabet, padded or not. */
static int
jwk_number(const json_t *key, const char *name, struct nf_buf *out,
    struct nf_view *v, struct nf_diag *diag)
{
	const json_t *value = json_object_get(key, name);
	int r;

	if (!json_is_string(value) || json_string_length(value) == 0)
		return nf_diag_set(diag, NF_E_FORMAT, name,
		    "missing, or not a text");
	r = nf_text_base64_read(out, nf_view_of(json_string_value(value),
	    json_string_length(value)), NF_B64_URL | NF_B64_STD | NF_B64_PAD |
	    NF_B64_NOPAD, name, diag);
	if (r != 0)
		return r;
	*v = nf_buf_view(out);
	while (v->len > 0 && v->p[0] == 0) {
		v->p++;
		v->len--;
	}
	return 0;
}

/* The service writes key_ops, az keyOps. */
static enum nf_kekpem_ops
jwk_ops(const json_t *key)
{
	const json_t *ops = json_object_get(key, "key_ops");
	const char *only;

	if (ops == NULL)
		ops = json_object_get(key, "keyOps");
	if (!json_is_array(ops))
		return NF_KEKPEM_OPS_UNSAID;
	only = json_string_value(json_array_get(ops, 0));
	return json_array_size(ops) == 1 && only != NULL &&
	    strcmp(only, "import") == 0 ? NF_KEKPEM_OPS_IMPORT :
	    NF_KEKPEM_OPS_OTHER;
}

static int
jwk_kid(const json_t *key, struct nf_kekpem *out, struct nf_diag *diag)
{
	const json_t *kid = json_object_get(key, "kid");
	struct nf_kid parsed;
	size_t n;
	int r;

	if (kid == NULL || json_is_null(kid))
		return 0;
	if (!json_is_string(kid))
		return nf_diag_set(diag, NF_E_FORMAT, "kid", "not a text");
	n = json_string_length(kid);
	if ((r = nf_kid_read(nf_view_of(json_string_value(kid), n), &parsed,
	    diag)) != 0)
		return r;
	memcpy(out->kid, json_string_value(kid), n);
	out->kid[n] = '\0';
	return 0;
}

static int
jwk_take(const json_t *key, struct nf_kekpem *out, struct nf_diag *diag)
{
	static const char *const secret[] = { "d", "p", "q", "k" };
	struct nf_buf n_buf = NF_BUF_INIT, e_buf = NF_BUF_INIT;
	const char *kty = json_string_value(json_object_get(key, "kty"));
	struct nf_view n, e;
	int r;

	for (size_t i = 0; i < 4; i++) {
		const json_t *v = json_object_get(key, secret[i]);

		if (v != NULL && !json_is_null(v))
			return nf_diag_set(diag, NF_E_POLICY, "KEK",
			    PRIVATE_TEXT);
	}
	if (kty == NULL)
		return nf_diag_set(diag, NF_E_FORMAT, "kty",
		    "missing: this JSON is no JSON Web Key");
	if (strcmp(kty, "RSA-HSM") != 0 && strcmp(kty, "RSA") != 0)
		return nf_diag_set(diag, NF_E_POLICY, "kty",
		    "a key of type %s: a KEK is RSA-HSM", kty);
	if ((r = jwk_number(key, "n", &n_buf, &n, diag)) == 0 &&
	    (r = jwk_number(key, "e", &e_buf, &e, diag)) == 0 &&
	    (r = numbers_take(n, e, out, diag)) == 0)
		r = jwk_kid(key, out, diag);
	out->ops = jwk_ops(key);
	nf_buf_wipe(&n_buf);
	nf_buf_wipe(&e_buf);
	return r;
}

/* A secret member is there: seen before jansson copies it to the heap. */
static bool
jwk_secret(struct nf_view file)
{
	static const char *const secret[] = { "\"d\"", "\"p\"", "\"q\"",
		"\"k\"" };
	struct nf_view rest;
	const uint8_t *at;

	for (size_t i = 0; i < 4; i++) {
		rest = file;
		while ((at = memmem(rest.p, rest.len, secret[i], 3)) != NULL) {
			rest = nf_view_of(at + 3,
			    rest.len - (size_t)(at + 3 - rest.p));
			skip_blank(&rest);
			if (!take(&rest, ":"))
				continue;
			skip_blank(&rest);
			if (rest.len > 0 && rest.p[0] == '"')
				return true;
		}
	}
	return false;
}

/* A JSON Web Key, or a bundle that has one as its member "key". */
static int
jwk_read(struct nf_view file, struct nf_kekpem *out, struct nf_diag *diag)
{
	json_error_t error;
	json_t *top, *key;
	int r;

	if (jwk_secret(file))
		return nf_diag_set(diag, NF_E_POLICY, "KEK", PRIVATE_TEXT);
	top = json_loadb((const char *)file.p, file.len,
	    JSON_REJECT_DUPLICATES, &error);
	/* jansson's text may repeat what it read: a secret, perhaps */
	if (top == NULL)
		return nf_json_nomem(&error) ?
		    nf_diag_set(diag, NF_E_NOMEM, "KEK", "%s",
		    nf_err_text(NF_E_NOMEM)) :
		    nf_diag_at(diag, NF_E_FORMAT, "KEK",
		    error.position < 0 ? 0 : (size_t)error.position,
		    "it starts as JSON, but is not sound JSON");
	key = json_object_get(top, "key");
	r = jwk_take(json_is_object(key) ? key : top, out, diag);
	json_decref(top);
	return r;
}

static int
read_any(struct nf_view file, struct nf_kekpem *out, struct nf_diag *diag)
{
	struct nf_view rest = file;

	skip_blank(&rest);
	if (rest.len == 0)
		return nf_diag_set(diag, NF_E_FORMAT, "KEK",
		    "the file is empty");
	if (file.len > NF_KEKPEM_MAX)
		return nf_diag_set(diag, NF_E_FORMAT, "KEK",
		    "more than %zu bytes", NF_KEKPEM_MAX);
	if (nf_view_has(file, "PRIVATE KEY-"))
		return nf_diag_set(diag, NF_E_POLICY, "KEK", PRIVATE_TEXT);
	if (rest.p[0] == '{')
		return jwk_read(rest, out, diag);
	if (file.p[0] == NF_DER_SEQUENCE && !nf_view_has(file, BEGIN))
		return spki_read(file, out, diag);
	if (!nf_view_has(file, BEGIN))
		return nf_diag_set(diag, NF_E_FORMAT, "KEK", "neither PEM "
		    "nor DER of a public key, nor a JSON Web Key");
	return pem_read(file, out, diag);
}

int
nf_kekpem_read(struct nf_view file, struct nf_kekpem *out,
    struct nf_diag *diag)
{
	int r;

	memset(out, 0, sizeof(*out));
	if ((r = read_any(file, out, diag)) == 0)
		out->insecure = nf_seed_marked(file) ||
		    nf_seed_kid(nf_view_of(out->kid, strlen(out->kid)));
	return r;
}

int
nf_kekpem_load(const char *path, struct nf_kekpem *out, struct nf_diag *diag)
{
	struct nf_buf file = NF_BUF_INIT;
	int r;

	memset(out, 0, sizeof(*out));
	if ((r = nf_file_load(path, NF_KEKPEM_MAX, &file, diag)) == 0)
		r = nf_kekpem_read(nf_buf_view(&file), out, diag);
	if (r != 0)
		nf_diag_where(diag, "%s", path);
	nf_buf_wipe(&file);
	return r;
}

static void
spki_write(struct nf_buf *out, struct nf_view e, struct nf_view n)
{
	struct nf_buf numbers = NF_BUF_INIT, key = NF_BUF_INIT;

	nf_der_put_number(&numbers, n);
	nf_der_put_number(&numbers, e);
	nf_buf_u8(&key, 0);
	nf_der_put(&key, NF_DER_SEQUENCE, nf_buf_view(&numbers));
	nf_buf_wipe(&numbers);
	nf_buf_put(&numbers, rsa_alg, sizeof(rsa_alg));
	nf_der_put(&numbers, NF_DER_BITS, nf_buf_view(&key));
	nf_der_put(out, NF_DER_SEQUENCE, nf_buf_view(&numbers));
	if (nf_buf_err(&key) != 0 || nf_buf_err(&numbers) != 0)
		nf_buf_fail(out, NF_E_NOMEM);
	nf_buf_wipe(&key);
	nf_buf_wipe(&numbers);
}

void
nf_kekpem_write(struct nf_buf *buf, struct nf_view e, struct nf_view n)
{
	struct nf_buf bytes = NF_BUF_INIT, text = NF_BUF_INIT;

	spki_write(&bytes, e, n);
	nf_text_base64_write(&text, nf_buf_view(&bytes),
	    NF_B64_STD | NF_B64_PAD);
	if (nf_seed_text() != NULL)
		nf_buf_str(buf, NF_SEED_LINE);
	nf_buf_str(buf, BEGIN PUBLIC DASHES "\n");
	for (size_t i = 0; i < text.len; i += LINE) {
		nf_buf_put(buf, text.p + i,
		    text.len - i < LINE ? text.len - i : LINE);
		nf_buf_u8(buf, '\n');
	}
	nf_buf_str(buf, END PUBLIC DASHES "\n");
	if (nf_buf_err(&bytes) != 0 || nf_buf_err(&text) != 0)
		nf_buf_fail(buf, NF_E_NOMEM);
	nf_buf_wipe(&bytes);
	nf_buf_wipe(&text);
}

bool
nf_kekpem_fits(const struct nf_kekpem *kek, struct nf_view c1)
{
	uint8_t number[NF_KEKPEM_N_MAX];

	if (c1.len != kek->n_len)
		return false;
	reverse(number, c1);
	return nf_le_cmp(nf_view_of(number, c1.len), nf_kekpem_n(kek)) < 0;
}
