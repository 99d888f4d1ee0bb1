/* SPDX-License-Identifier: Apache-2.0 */
/* The wrapping of the hostile module, by libcrypto, and what is wrong in it. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "tests/transfer/p11_hostile.h"

bool
mode(const char *name)
{
	const char *m = getenv("P11_HOSTILE");

	return m != NULL && strcmp(m, name) == 0;
}

EVP_PKEY *
target(void)
{
	const char *path = getenv("P11_HOSTILE_KEY");
	FILE *f = path == NULL ? NULL : fopen(path, "r");
	EVP_PKEY *key = NULL;

	if (f != NULL) {
		key = PEM_read_PrivateKey(f, NULL, NULL, NULL);
		(void)fclose(f);
	}
	return key;
}

static size_t
oaep(const struct object *kek, const uint8_t *in, size_t len, uint8_t *out)
{
	const char *md = mode("sha256") ? "SHA256" : "SHA1";
	BIGNUM *n = BN_bin2bn(kek->n, (int)kek->n_len, NULL);
	BIGNUM *e = BN_bin2bn(kek->e, (int)kek->e_len, NULL);
	OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
	OSSL_PARAM *params = NULL;
	EVP_PKEY_CTX *make = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	EVP_PKEY_CTX *ctx = NULL;
	EVP_PKEY *key = NULL;
	size_t out_len = BYTES_MAX;

	if (OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_N, n) != 1 ||
	    OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_E, e) != 1 ||
	    (params = OSSL_PARAM_BLD_to_param(bld)) == NULL ||
	    EVP_PKEY_fromdata_init(make) != 1 ||
	    EVP_PKEY_fromdata(make, &key, EVP_PKEY_PUBLIC_KEY, params) != 1 ||
	    (ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL)) == NULL ||
	    EVP_PKEY_encrypt_init(ctx) != 1 ||
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) != 1 ||
	    EVP_PKEY_CTX_set_rsa_oaep_md_name(ctx, md, NULL) != 1 ||
	    EVP_PKEY_CTX_set_rsa_mgf1_md_name(ctx, md, NULL) != 1 ||
	    EVP_PKEY_encrypt(ctx, out, &out_len, in, len) != 1)
		out_len = 0;
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_CTX_free(make);
	EVP_PKEY_free(key);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(bld);
	BN_free(n);
	BN_free(e);
	return out_len;
}

/* RFC 5649, or with a bad mode what is not; in has room for padding. */
static size_t
aes_wrap(CK_MECHANISM_TYPE m, const uint8_t *aes, size_t aes_len,
    uint8_t *in, size_t len, uint8_t *out)
{
	bool pkcs7 = mode("pkcs7") || (mode("lying-offer") && m == KWP);
	uint8_t pad = (uint8_t)(8 - len % 8);
	char name[32];
	EVP_CIPHER *cipher;
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n = 0;

	if (pkcs7 || (mode("filled") && pad < 8)) {
		memset(in + len, pkcs7 ? pad : 0, pad);
		len += pad;
	}
	(void)snprintf(name, sizeof(name), "AES-%zu-WRAP%s", 8 * aes_len,
	    pkcs7 ? "" : "-PAD");
	cipher = EVP_CIPHER_fetch(NULL, name, NULL);
	EVP_CIPHER_CTX_set_flags(ctx, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
	if (EVP_EncryptInit_ex2(ctx, cipher, aes, NULL, NULL) != 1 ||
	    EVP_EncryptUpdate(ctx, out, &n, in, (int)len) != 1)
		n = 0;
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(cipher);
	return (size_t)n;
}

static size_t
plain(CK_OBJECT_HANDLE h, uint8_t out[static BYTES_MAX])
{
	const struct object *o = object_at(h);
	PKCS8_PRIV_KEY_INFO *p8;
	EVP_PKEY *key;
	uint8_t *p = out;
	int n;

	if (o != NULL) {
		memcpy(out, o->value, o->len);
		return o->len;
	}
	key = h == TARGET ? target() : NULL;
	if (key == NULL || (p8 = EVP_PKEY2PKCS8(key)) == NULL) {
		EVP_PKEY_free(key);
		return 0;
	}
	n = i2d_PKCS8_PRIV_KEY_INFO(p8, &p);
	PKCS8_PRIV_KEY_INFO_free(p8);
	EVP_PKEY_free(key);
	return n > 0 ? (size_t)n : 0;
}

size_t
wrap(CK_MECHANISM_TYPE m, const struct object *by, CK_OBJECT_HANDLE h,
    uint8_t out[static BYTES_MAX])
{
	uint8_t in[BYTES_MAX], aes[32];
	size_t len = plain(h, in), aes_len = mode("aes128") ? 16 : 32, n;

	if (len == 0)
		return 0;
	if (m == CKM_RSA_PKCS_OAEP)
		return oaep(by, in, len, out);
	if (m != CKM_RSA_AES_KEY_WRAP)
		return aes_wrap(m, by->value, by->len, in, len, out);
	if (RAND_bytes(aes, (int)aes_len) != 1 ||
	    (n = oaep(by, aes, aes_len, out)) == 0)
		return 0;
	return n + aes_wrap(m, aes, aes_len, in, len, out + n);
}
