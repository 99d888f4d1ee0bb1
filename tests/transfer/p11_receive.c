/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PKCS#11 token as the receiver of packages of method 2, in two steps, for
 * peers.tap: C_UnwrapKey of the AES key under the KEK by RSA-OAEP, then
 * C_UnwrapKey of the target under that by AES key wrap with padding.  Shares
 * no code with what wraps, but reads the file with transfer/byok2.h.  The KEK
 * is a software key that is put into the token.  Each line of standard input
 * names a package, and the original's public key (PEM) or the bytes of a
 * symmetric key, with a tab between; prints "same" or why not, a line each.
 */
#include "config.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <p11-kit/pkcs11.h>

#include "nfast/base/file.h"
#include "transfer/byok2.h"

#define FILE_MAX	((size_t)64 * 1024)
#define RSA_MAX		512	/* bytes */
#define COORD_MAX	66

/* RFC 5649 in SoftHSM 2.6, whatever the name says elsewhere. */
#define KEY_WRAP_PAD	0x210aUL

static CK_FUNCTION_LIST *fn;
static CK_SESSION_HANDLE session;
static CK_OBJECT_HANDLE kek;
static size_t kek_len;
static CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
static uint8_t challenge[32];

static void
must(CK_RV rv, const char *what)
{
	if (rv == CKR_OK)
		return;
	(void)fprintf(stderr, "p11_receive: %s: 0x%lx\n", what, rv);
	exit(1);
}

static void
set(CK_ATTRIBUTE *a, CK_ATTRIBUTE_TYPE type, void *value, size_t len)
{
	a->type = type;
	a->pValue = value;
	a->ulValueLen = (CK_ULONG)len;
}

/* The library, and a session in the token of that label. */
static void
token_open(const char *module, const char *label, const char *pin)
{
	CK_SLOT_ID slots[16];
	CK_ULONG n = 16;
	CK_TOKEN_INFO info;
	void *lib = dlopen(module, RTLD_NOW | RTLD_LOCAL);
	CK_C_GetFunctionList get = NULL;
	void *symbol;
	CK_UTF8CHAR text[32];
	size_t len = strlen(pin);

	if (lib != NULL && (symbol = dlsym(lib, "C_GetFunctionList")) != NULL)
		memcpy(&get, &symbol, sizeof(get));
	must(get == NULL ? CKR_GENERAL_ERROR : get(&fn), "the module");
	must(fn->C_Initialize(NULL), "C_Initialize");
	must(fn->C_GetSlotList(CK_TRUE, slots, &n), "C_GetSlotList");
	while (n > 0) {
		must(fn->C_GetTokenInfo(slots[--n], &info),
		    "C_GetTokenInfo");
		if (memcmp(info.label, label, strlen(label)) == 0)
			break;
	}
	must(fn->C_OpenSession(slots[n], CKF_SERIAL_SESSION |
	    CKF_RW_SESSION, NULL, NULL, &session), "C_OpenSession");
	memcpy(text, pin, len < sizeof(text) ? len : sizeof(text));
	must(fn->C_Login(session, CKU_USER, text, (CK_ULONG)len), "C_Login");
}

/* The KEK's private half, as a session object. */
static void
kek_put(const char *path)
{
	static const char *const names[] = { OSSL_PKEY_PARAM_RSA_N,
	    OSSL_PKEY_PARAM_RSA_E, OSSL_PKEY_PARAM_RSA_D,
	    OSSL_PKEY_PARAM_RSA_FACTOR1, OSSL_PKEY_PARAM_RSA_FACTOR2,
	    OSSL_PKEY_PARAM_RSA_EXPONENT1, OSSL_PKEY_PARAM_RSA_EXPONENT2,
	    OSSL_PKEY_PARAM_RSA_COEFFICIENT1 };
	static const CK_ATTRIBUTE_TYPE types[] = { CKA_MODULUS,
	    CKA_PUBLIC_EXPONENT, CKA_PRIVATE_EXPONENT, CKA_PRIME_1,
	    CKA_PRIME_2, CKA_EXPONENT_1, CKA_EXPONENT_2, CKA_COEFFICIENT };
	CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
	CK_KEY_TYPE type = CKK_RSA;
	uint8_t value[8][RSA_MAX];
	CK_ATTRIBUTE t[14];
	FILE *f = fopen(path, "r");
	EVP_PKEY *pkey = f == NULL ? NULL :
	    PEM_read_PrivateKey(f, NULL, NULL, NULL);
	BIGNUM *bn = NULL;
	CK_ULONG n = 0;

	must(pkey == NULL ? CKR_GENERAL_ERROR : CKR_OK, path);
	(void)fclose(f);
	set(&t[n++], CKA_CLASS, &class, sizeof(class));
	set(&t[n++], CKA_KEY_TYPE, &type, sizeof(type));
	set(&t[n++], CKA_TOKEN, &no, sizeof(no));
	set(&t[n++], CKA_PRIVATE, &yes, sizeof(yes));
	set(&t[n++], CKA_UNWRAP, &yes, sizeof(yes));
	set(&t[n++], CKA_DECRYPT, &yes, sizeof(yes));
	for (size_t i = 0; i < 8; i++) {
		must(EVP_PKEY_get_bn_param(pkey, names[i], &bn) == 1 ?
		    CKR_OK : CKR_GENERAL_ERROR, names[i]);
		set(&t[n++], types[i], value[i],
		    (size_t)BN_bn2bin(bn, value[i]));
		BN_clear_free(bn);
		bn = NULL;
	}
	kek_len = (size_t)EVP_PKEY_get_size(pkey);
	EVP_PKEY_free(pkey);
	must(fn->C_CreateObject(session, t, n, &kek), "C_CreateObject");
}

static CK_RV
aes_unwrap(struct nf_view c1, CK_OBJECT_HANDLE *aes)
{
	CK_OBJECT_CLASS class = CKO_SECRET_KEY;
	CK_KEY_TYPE type = CKK_AES;
	CK_RSA_PKCS_OAEP_PARAMS oaep = { .hashAlg = CKM_SHA_1,
	    .mgf = CKG_MGF1_SHA1, .source = CKZ_DATA_SPECIFIED };
	CK_MECHANISM mech = { CKM_RSA_PKCS_OAEP, &oaep, sizeof(oaep) };
	uint8_t in[RSA_MAX];
	CK_ATTRIBUTE t[4];

	memcpy(in, c1.p, c1.len);
	set(&t[0], CKA_CLASS, &class, sizeof(class));
	set(&t[1], CKA_KEY_TYPE, &type, sizeof(type));
	set(&t[2], CKA_UNWRAP, &yes, sizeof(yes));
	set(&t[3], CKA_TOKEN, &no, sizeof(no));
	return fn->C_UnwrapKey(session, &mech, kek, in, (CK_ULONG)c1.len, t,
	    4, aes);
}

/* type is that of the target. */
static CK_RV
target_unwrap(CK_OBJECT_HANDLE aes, struct nf_view c2, CK_KEY_TYPE type,
    CK_OBJECT_HANDLE *key)
{
	CK_OBJECT_CLASS class = type == CKK_AES ? CKO_SECRET_KEY :
	    CKO_PRIVATE_KEY;
	CK_MECHANISM mech = { KEY_WRAP_PAD, NULL, 0 };
	uint8_t in[NF_BYOK2_MAX];
	CK_ATTRIBUTE t[6];

	memcpy(in, c2.p, c2.len);
	set(&t[0], CKA_CLASS, &class, sizeof(class));
	set(&t[1], CKA_KEY_TYPE, &type, sizeof(type));
	set(&t[2], CKA_TOKEN, &no, sizeof(no));
	set(&t[3], CKA_SENSITIVE, &no, sizeof(no));
	set(&t[4], CKA_EXTRACTABLE, &yes, sizeof(yes));
	set(&t[5], type == CKK_AES ? CKA_ENCRYPT : CKA_SIGN, &yes,
	    sizeof(yes));
	return fn->C_UnwrapKey(session, &mech, aes, in, (CK_ULONG)c2.len, t,
	    6, key);
}

/* ---- what came out ------------------------------------------------------- */

static const char *
same_value(CK_OBJECT_HANDLE key, struct nf_view want)
{
	uint8_t value[64];
	CK_ATTRIBUTE a;

	set(&a, CKA_VALUE, value, sizeof(value));
	if (fn->C_GetAttributeValue(session, key, &a, 1) != CKR_OK)
		return "its value is not shown";
	return nf_view_equal(nf_view_of(value, a.ulValueLen), want) ?
	    "same" : "another value";
}

/* r and s, each of half the length, as libcrypto wants an ECDSA signature. */
static size_t
ecdsa_der(const uint8_t *rs, size_t len, uint8_t *out)
{
	ECDSA_SIG *sig = ECDSA_SIG_new();
	int n = 0;

	if (sig != NULL && ECDSA_SIG_set0(sig, BN_bin2bn(rs, (int)len / 2,
	    NULL), BN_bin2bn(rs + len / 2, (int)len / 2, NULL)) == 1)
		n = i2d_ECDSA_SIG(sig, &out);
	ECDSA_SIG_free(sig);
	return n > 0 ? (size_t)n : 0;
}

static bool
verifies(EVP_PKEY *pub, bool rsa, const uint8_t *sig, size_t len)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pub, NULL);
	bool right;

	/* RSA hashes in the token, ECDSA signs the 32 bytes. */
	if (rsa)
		right = EVP_DigestVerifyInit(md, NULL, EVP_sha256(), NULL,
		    pub) == 1 && EVP_DigestVerify(md, sig, len, challenge,
		    sizeof(challenge)) == 1;
	else
		right = EVP_PKEY_verify_init(ctx) == 1 &&
		    EVP_PKEY_verify(ctx, sig, len, challenge,
		    sizeof(challenge)) == 1;
	EVP_MD_CTX_free(md);
	EVP_PKEY_CTX_free(ctx);
	return right;
}

static const char *
same_key(CK_OBJECT_HANDLE key, EVP_PKEY *pub)
{
	bool rsa = EVP_PKEY_is_a(pub, "RSA");
	CK_MECHANISM mech = { rsa ? CKM_SHA256_RSA_PKCS : CKM_ECDSA, NULL,
	    0 };
	uint8_t raw[RSA_MAX], der[2 * COORD_MAX + 16];
	CK_ULONG n = sizeof(raw);

	if (fn->C_SignInit(session, &mech, key) != CKR_OK ||
	    fn->C_Sign(session, challenge, sizeof(challenge), raw, &n) !=
	    CKR_OK)
		return "it does not sign";
	if (rsa)
		return verifies(pub, true, raw, n) ? "same" : "another key";
	if (n > 2 * COORD_MAX)
		return "a long signature";
	return verifies(pub, false, der, ecdsa_der(raw, n, der)) ? "same" :
	    "another key";
}

static const char *
one(const char *package, const char *original)
{
	struct nf_buf file = NF_BUF_INIT, want = NF_BUF_INIT;
	CK_OBJECT_HANDLE aes = 0, key = 0;
	struct nf_byok2 pkg;
	struct nf_view c;
	const char *text = "unreadable";
	FILE *f = fopen(original, "r");
	EVP_PKEY *pub = f == NULL ? NULL : PEM_read_PUBKEY(f, NULL, NULL,
	    NULL);

	memset(&pkg, 0, sizeof(pkg));
	if (f == NULL || nf_file_load(package, FILE_MAX, &file, NULL) != 0 ||
	    nf_file_load(original, FILE_MAX, &want, NULL) != 0 ||
	    nf_byok2_read(nf_buf_view(&file), &pkg, NULL) != 0)
		goto out;
	c = pkg.ciphertext;
	text = "C1 does not unwrap";
	if (c.len <= kek_len || aes_unwrap(nf_view_of(c.p, kek_len), &aes) !=
	    CKR_OK)
		goto out;
	text = "C2 does not unwrap";
	if (target_unwrap(aes, nf_view_of(c.p + kek_len, c.len - kek_len),
	    pub == NULL ? CKK_AES : EVP_PKEY_is_a(pub, "RSA") ? CKK_RSA :
	    CKK_EC, &key) == CKR_OK)
		text = pub == NULL ? same_value(key, nf_buf_view(&want)) :
		    same_key(key, pub);
out:
	if (f != NULL)
		(void)fclose(f);
	EVP_PKEY_free(pub);
	nf_byok2_wipe(&pkg);
	nf_buf_wipe(&file);
	nf_buf_wipe(&want);
	return text;
}

int
main(int argc, char **argv)
{
	char line[2 * NF_PATH_MAX], *tab, *end;

	if (argc != 5) {
		(void)fputs("usage: p11_receive MODULE TOKEN PIN KEK.pem\n",
		    stderr);
		return 2;
	}
	for (size_t i = 0; i < sizeof(challenge); i++)
		challenge[i] = (uint8_t)(3 * i + 1);
	token_open(argv[1], argv[2], argv[3]);
	kek_put(argv[4]);
	while (fgets(line, sizeof(line), stdin) != NULL) {
		if ((end = strchr(line, '\n')) == NULL ||
		    (tab = strchr(line, '\t')) == NULL)
			return 2;
		*end = *tab = '\0';
		(void)puts(one(line, tab + 1));
	}
	(void)fn->C_Finalize(NULL);
	return 0;
}
