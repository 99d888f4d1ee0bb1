/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which mechanism really is RSA-OAEP with SHA-1 plus RFC 5649.  Numbers do
 * not tell (0x210A means either of two paddings), so a test key of known
 * value is wrapped under a test KEK, and libcrypto unwraps the answer (ours).
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#include "transfer/p11_internal.h"

#define KEK_BITS	2048
#define KEK_BYTES	(KEK_BITS / 8)
#define VALUE_MAX	24
#define C2_MAX		64

/*
 * Test keys, the best first: a length that needs padding tells most, and a
 * value of ours too, but not every token takes either.  Of a key that the
 * token made, RFC 5649 itself tells that it came out right.
 */
static const struct kind {
	CK_KEY_TYPE type;
	CK_ULONG len;
	CK_MECHANISM_TYPE generate;
	bool known;
} kinds[] = {
	{ CKK_GENERIC_SECRET, 20, 0, true },
	{ CKK_GENERIC_SECRET, 20, CKM_GENERIC_SECRET_KEY_GEN, false },
	{ CKK_AES, VALUE_MAX, 0, true },
	{ CKK_AES, VALUE_MAX, CKM_AES_KEY_GEN, false },
};

/* A test KEK and a test key, on both sides. */
struct proof {
	EVP_PKEY *pkey;
	CK_OBJECT_HANDLE kek;
	uint8_t value[VALUE_MAX];
	size_t len;
	bool known;
};

static int
crypto_failed(struct nf_diag *diag)
{
	ERR_clear_error();
	return nf_diag_set(diag, NF_E_CRYPTO, NULL,
	    "libcrypto cannot make or use a test key");
}

static CK_RV
mechanisms_get(struct nf_p11 *p11, CK_ULONG *list, CK_ULONG *n)
{
	return p11->f->C_GetMechanismList(p11->slot, list, n);
}

static int
kek_make(struct nf_p11 *p11, struct proof *proof, struct nf_diag *diag)
{
	BIGNUM *n = NULL, *e = NULL;
	uint8_t n_le[KEK_BYTES], e_le[8];
	int r;

	proof->pkey = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)KEK_BITS);
	if (proof->pkey == NULL ||
	    EVP_PKEY_get_bn_param(proof->pkey, OSSL_PKEY_PARAM_RSA_N,
	    &n) != 1 ||
	    EVP_PKEY_get_bn_param(proof->pkey, OSSL_PKEY_PARAM_RSA_E,
	    &e) != 1 || BN_bn2lebinpad(n, n_le, sizeof(n_le)) < 0 ||
	    BN_bn2lebinpad(e, e_le, sizeof(e_le)) < 0)
		r = crypto_failed(diag);
	else
		r = nf_p11_kek_new(p11, nf_view_of(n_le, sizeof(n_le)),
		    nf_view_of(e_le, sizeof(e_le)), &proof->kek, diag);
	BN_free(n);
	BN_free(e);
	return r;
}

static int
key_make(struct nf_p11 *p11, const struct kind *kind, struct proof *proof,
    CK_OBJECT_HANDLE *out, struct nf_diag *diag)
{
	CK_MECHANISM mechanism = { kind->generate, NULL, 0 };
	CK_OBJECT_CLASS class = CKO_SECRET_KEY;
	CK_KEY_TYPE type = kind->type;
	CK_ULONG len = kind->len;
	CK_BBOOL no = 0, yes = 1;
	CK_ATTRIBUTE template[] = {
		{ CKA_CLASS, &class, sizeof(class) },
		{ CKA_KEY_TYPE, &type, sizeof(type) },
		{ CKA_TOKEN, &no, sizeof(no) },
		{ CKA_EXTRACTABLE, &yes, sizeof(yes) },
		{ CKA_VALUE, proof->value, len },
	};
	CK_RV rv;

	*out = CK_INVALID_HANDLE;
	proof->len = kind->len;
	proof->known = kind->known;
	if (!kind->known) {
		template[4].type = CKA_VALUE_LEN;
		template[4].pValue = &len;
		template[4].ulValueLen = sizeof(len);
		rv = p11->f->C_GenerateKey(p11->session, &mechanism,
		    template, 5, out);
	} else {
		if (RAND_bytes(proof->value, (int)len) != 1)
			return crypto_failed(diag);
		rv = p11->f->C_CreateObject(p11->session, template, 5, out);
	}
	if (rv == CKR_OK)
		return 0;
	*out = CK_INVALID_HANDLE;
	return nf_p11_failed(p11, kind->known ? "C_CreateObject" :
	    "C_GenerateKey", rv, diag);
}

/* The AES key in C1; false when OAEP with this hash gives none. */
static bool
oaep_open(EVP_PKEY *pkey, const char *hash, const uint8_t *c1,
    uint8_t aes[static KEK_BYTES], size_t *len)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
	bool ok;

	*len = KEK_BYTES;
	ok = ctx != NULL && EVP_PKEY_decrypt_init(ctx) == 1 &&
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) == 1 &&
	    EVP_PKEY_CTX_set_rsa_oaep_md_name(ctx, hash, NULL) == 1 &&
	    EVP_PKEY_CTX_set_rsa_mgf1_md_name(ctx, hash, NULL) == 1 &&
	    EVP_PKEY_decrypt(ctx, aes, len, c1, KEK_BYTES) == 1;
	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	return ok;
}

static bool
unwrap(const char *name, const uint8_t aes[static NF_P11_AES_BYTES],
    const uint8_t *c2, size_t c2_len, uint8_t out[static C2_MAX],
    size_t *out_len)
{
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, name, NULL);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n = 0;
	bool ok = false;

	if (cipher == NULL || ctx == NULL || c2_len > C2_MAX)
		goto out;
	EVP_CIPHER_CTX_set_flags(ctx, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
	ok = EVP_DecryptInit_ex2(ctx, cipher, aes, NULL, NULL) == 1 &&
	    EVP_DecryptUpdate(ctx, out, &n, c2, (int)c2_len) == 1 && n > 0;
	*out_len = ok ? (size_t)n : 0;
out:
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(cipher);
	ERR_clear_error();
	return ok;
}

/* The test key, exactly or with zero bytes up to a multiple of 8. */
static bool
value_check(const struct proof *proof, const uint8_t *value, size_t len,
    bool *filled)
{
	static const uint8_t zero[8];

	*filled = len != proof->len;
	return len >= proof->len && (!*filled ||
	    (len == (proof->len + 7) / 8 * 8 &&
	    memcmp(value + proof->len, zero, len - proof->len) == 0)) &&
	    (!proof->known ||
	    CRYPTO_memcmp(value, proof->value, proof->len) == 0);
}

static int
answer_check(const struct proof *proof, const struct nf_buf *c, bool *filled,
    struct nf_diag *diag)
{
	uint8_t aes[KEK_BYTES], value[C2_MAX];
	size_t aes_len, len = 0;
	int r = NF_E_REFUSED;

	if (!oaep_open(proof->pkey, "SHA1", c->p, aes, &aes_len)) {
		(void)nf_diag_set(diag, r, NULL, oaep_open(proof->pkey,
		    "SHA256", c->p, aes, &aes_len) ?
		    "does OAEP with SHA-256 though asked for SHA-1" :
		    "gives a C1 that is no OAEP with SHA-1");
		goto out;
	}
	if (aes_len != NF_P11_AES_BYTES) {
		(void)nf_diag_set(diag, r, NULL,
		    "uses an AES key of %zu bits, not 256", 8 * aes_len);
		goto out;
	}
	if (unwrap("AES-256-WRAP-PAD", aes, c->p + KEK_BYTES,
	    c->len - KEK_BYTES, value, &len) &&
	    value_check(proof, value, len, filled))
		r = 0;
	else
		(void)nf_diag_set(diag, r, NULL, unwrap("AES-256-WRAP", aes,
		    c->p + KEK_BYTES, c->len - KEK_BYTES, value, &len) ?
		    "pads by PKCS#7 before RFC 3394, and not by RFC 5649" :
		    "gives a C2 that is not the test key by RFC 5649");
out:
	explicit_bzero(aes, sizeof(aes));
	explicit_bzero(value, sizeof(value));
	return r;
}

/* One way with one kind of test key. */
static int
way_try(struct nf_p11 *p11, const struct nf_p11_way *way,
    const struct kind *kind, struct proof *proof, bool *answered,
    bool *filled, struct nf_diag *diag)
{
	CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;
	struct nf_buf c = NF_BUF_INIT;
	int r;

	if ((r = key_make(p11, kind, proof, &key, diag)) == 0 &&
	    (r = nf_p11_wrap_with(p11, way, proof->kek, KEK_BYTES, key, &c,
	    diag)) == 0) {
		*answered = true;
		r = answer_check(proof, &c, filled, diag);
	}
	nf_p11_destroy(p11, key);
	explicit_bzero(proof->value, sizeof(proof->value));
	nf_buf_wipe(&c);
	return r;
}

static int
way_prove(struct nf_p11 *p11, const struct nf_p11_way *way, struct proof *proof,
    bool *filled, struct nf_diag *diag)
{
	bool answered = false;
	int r = NF_E_REFUSED;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]) &&
	    r == NF_E_REFUSED && !answered; i++) {
		nf_diag_clear(diag);
		p11->rv = CKR_OK;
		r = way_try(p11, way, &kinds[i], proof, &answered, filled,
		    diag);
		if (nf_p11_is_gone(p11->rv))
			break;
	}
	return r;
}

static bool
is_offered(const CK_MECHANISM_TYPE *list, CK_ULONG n, CK_MECHANISM_TYPE m)
{
	for (CK_ULONG i = 0; i < n; i++) {
		if (list[i] == m)
			return true;
	}
	return false;
}

/* What each way came to: in full for one, in short for several. */
struct notes {
	size_t n;
	struct nf_buf full, brief;
};

static void
note_add(struct notes *notes, const struct nf_p11_way *way,
    const struct nf_diag *one, CK_RV rv)
{
	char line[NF_DIAG_TEXT_MAX];
	const char *name = rv == CKR_OK ? NULL : nf_p11_rv_name(rv);

	nf_diag_line(one, line, sizeof(line));
	nf_buf_printf(&notes->full, "%s: %s", way->name, line);
	nf_buf_printf(&notes->brief, "%s%s: ", notes->n++ == 0 ? "" : "; ",
	    way->name);
	if (name != NULL)
		nf_buf_printf(&notes->brief, "%s: %s", one->field, name);
	else
		nf_buf_str(&notes->brief, one->text);
}

static int
ways_prove(struct nf_p11 *p11, const CK_MECHANISM_TYPE *list, CK_ULONG n,
    struct proof *proof, struct nf_diag *diag)
{
	struct notes notes = { 0, NF_BUF_INIT, NF_BUF_INIT };
	struct nf_diag one;
	bool filled = true;
	int code = NF_E_REFUSED, r;

	for (size_t i = 0; i < NF_P11_WAYS && (p11->way == NULL || p11->filled);
	    i++) {
		if (!is_offered(list, n, nf_p11_ways[i].mechanism))
			continue;
		memset(&one, 0, sizeof(one));
		r = way_prove(p11, &nf_p11_ways[i], proof, &filled, &one);
		if (r == 0 && (p11->way == NULL || !filled)) {
			p11->way = &nf_p11_ways[i];
			p11->filled = filled;
		} else if (r == 0)
			continue;
		else if ((r != NF_E_REFUSED && r != NF_E_FORMAT) ||
		    nf_p11_is_gone(p11->rv)) {
			if (diag != NULL && diag->code == 0)
				*diag = one;
			code = r;
			goto out;
		} else {
			note_add(&notes, &nf_p11_ways[i], &one, p11->rv);
			code = r == NF_E_FORMAT ? r : code;
		}
	}
	if (p11->way != NULL)
		code = 0;
	else if (notes.n == 0)
		(void)nf_diag_set(diag, code, "mechanisms",
		    "the token offers none that wraps for method 2: "
		    "CKM_RSA_AES_KEY_WRAP, CKM_AES_KEY_WRAP_KWP or "
		    "CKM_AES_KEY_WRAP_PAD; a newer firmware or another "
		    "policy of the token may");
	else
		(void)nf_diag_set(diag, code, NULL, "%s",
		    nf_buf_text(notes.n == 1 ? &notes.full : &notes.brief));
out:
	nf_buf_wipe(&notes.full);
	nf_buf_wipe(&notes.brief);
	return code;
}

int
nf_p11_prove(struct nf_p11 *p11, struct nf_diag *diag)
{
	static const struct nf_p11_numbers all = { "C_GetMechanismList",
	    "too many mechanisms", "more mechanisms than there is room for",
	    NF_P11_MECHS_MAX, mechanisms_get };
	CK_MECHANISM_TYPE *list = NULL;
	CK_ULONG n = 0;
	struct proof proof;
	int r;

	if (p11->way != NULL)
		return 0;
	memset(&proof, 0, sizeof(proof));
	proof.kek = CK_INVALID_HANDLE;
	if ((r = nf_p11_numbers(p11, &all, &list, &n, diag)) == 0 &&
	    (r = kek_make(p11, &proof, diag)) == 0)
		r = ways_prove(p11, list, n, &proof, diag);
	nf_p11_destroy(p11, proof.kek);
	EVP_PKEY_free(proof.pkey);
	explicit_bzero(&proof, sizeof(proof));
	free(list);
	return r;
}
