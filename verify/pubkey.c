/* SPDX-License-Identifier: Apache-2.0 */
/* Public keys of transcripts; see pubkey.h. */
#include "config.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

#include "nfast/base/buf.h"
#include "nfast/base/crypto.h"
#include "nfast/base/file.h"
#include "nfast/base/text.h"
#include "verify/pubkey.h"

#define PEM_MAX		((size_t)16 * 1024)
#define BEGIN		"-----BEGIN PUBLIC KEY-----"
#define END		"-----END PUBLIC KEY-----"

static const struct nf_vfy_sigalg ed25519 = { "Ed25519", NULL };

static const struct {
	int nid;
	struct nf_vfy_sigalg alg;
} curves[] = {
	{ NID_X9_62_prime256v1, { "ECDSA P-256", "sha256" } },
	{ NID_secp384r1, { "ECDSA P-384", "sha384" } },
	{ NID_secp521r1, { "ECDSA P-521", "sha512" } }
};

/* The curve of an EC key, or NULL when it is none of the table. */
static int
curve_of(const EVP_PKEY *key, const struct nf_vfy_sigalg **out,
    struct nf_diag *diag)
{
	char group[64];
	size_t len;
	int nid;

	ERR_clear_error();
	if (EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME,
	    group, sizeof(group), &len) != 1)
		return nf_crypto_own_fault() ? nf_diag_set(diag, NF_E_CRYPTO,
		    NULL, "libcrypto cannot tell the curve") : 0;
	nid = OBJ_sn2nid(group);
	for (size_t i = 0; i < sizeof(curves) / sizeof(curves[0]); i++) {
		if (curves[i].nid == nid)
			*out = &curves[i].alg;
	}
	return 0;
}

int
nf_vfy_sigalg_of(const EVP_PKEY *key, const struct nf_vfy_sigalg **out,
    struct nf_diag *diag)
{
	int r = 0;

	*out = NULL;
	if (EVP_PKEY_is_a(key, "ED25519"))
		*out = &ed25519;
	else if (EVP_PKEY_is_a(key, "EC"))
		r = curve_of(key, out, diag);
	if (r != 0 || *out != NULL)
		return r;
	return nf_diag_set(diag, NF_E_POLICY, NULL, EVP_PKEY_is_a(key,
	    "RSA") || EVP_PKEY_is_a(key, "RSA-PSS") ?
	    "an RSA key: transcripts are signed by Ed25519, or ECDSA on "
	    "P-256, P-384 or P-521" :
	    "transcripts are signed by Ed25519, or ECDSA on P-256, P-384 or "
	    "P-521; this key is of another type");
}

/* Take a line without its end; false when there is none. */
static bool
line_take(struct nf_view *rest, struct nf_view *line)
{
	const uint8_t *nl;

	if (rest->len == 0)
		return false;
	nl = memchr(rest->p, '\n', rest->len);
	line->p = rest->p;
	line->len = nl == NULL ? rest->len : (size_t)(nl - rest->p);
	rest->p += line->len + (nl != NULL);
	rest->len -= line->len + (nl != NULL);
	if (line->len > 0 && line->p[line->len - 1] == '\r')
		line->len--;
	return true;
}

/* The base64 between the two lines, joined. */
static int
body_read(struct nf_view pem, struct nf_buf *text)
{
	struct nf_view line;

	if (!line_take(&pem, &line) || !nf_view_is(line, BEGIN))
		return NF_E_FORMAT;
	for (;;) {
		if (!line_take(&pem, &line))
			return NF_E_FORMAT;
		if (nf_view_is(line, END))
			break;
		if (line.len == 0 || line.len > 76)
			return NF_E_FORMAT;
		nf_buf_view_put(text, line);
	}
	if (nf_buf_err(text) != 0)
		return nf_buf_err(text);
	return pem.len != 0 || text->len == 0 ? NF_E_FORMAT : 0;
}

int
nf_vfy_pubkey_read(struct nf_view pem, EVP_PKEY **out, struct nf_diag *diag)
{
	struct nf_buf text = NF_BUF_INIT, der = NF_BUF_INIT;
	const unsigned char *p;
	int r;

	*out = NULL;
	if (nf_view_has(pem, "PRIVATE KEY-----"))
		return nf_diag_set(diag, NF_E_POLICY, NULL,
		    "this is a private key, which no auditor should hold: "
		    "give its public half (openssl pkey -pubout)");
	if (nf_view_has(pem, "CERTIFICATE-----"))
		return nf_diag_set(diag, NF_E_POLICY, NULL,
		    "this is a certificate: give its public key "
		    "(openssl x509 -noout -pubkey)");
	if ((r = body_read(pem, &text)) == 0 &&
	    (r = nf_text_base64_read(&der, nf_buf_view(&text), NF_B64_STD |
	    NF_B64_PAD, NULL, NULL)) == 0) {
		p = der.p;
		ERR_clear_error();
		*out = d2i_PUBKEY(NULL, &p, (long)der.len);
		if (*out == NULL && nf_crypto_own_fault())
			r = NF_E_CRYPTO;
		else if (*out == NULL || p != der.p + der.len)
			r = NF_E_FORMAT;
	}
	if (r != 0) {
		EVP_PKEY_free(*out);
		*out = NULL;
		(void)nf_diag_set(diag, r, NULL, "%s", r != NF_E_FORMAT ?
		    nf_err_text(r) : "not one PEM public key (BEGIN PUBLIC "
		    "KEY) and nothing else");
	}
	nf_buf_wipe(&text);
	nf_buf_wipe(&der);
	return r;
}

int
nf_vfy_pubkey_load(const char *path, EVP_PKEY **out, struct nf_diag *diag)
{
	struct nf_buf pem = NF_BUF_INIT;
	int r;

	*out = NULL;
	if ((r = nf_file_load(path, PEM_MAX, &pem, diag)) == 0)
		r = nf_vfy_pubkey_read(nf_buf_view(&pem), out, diag);
	if (r != 0)
		nf_diag_where(diag, "%s", path);
	nf_buf_wipe(&pem);
	return r;
}
