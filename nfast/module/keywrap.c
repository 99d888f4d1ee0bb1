/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The package of method 2 (nfast/base/keywrap.h seals it; real): which keys go
 * into it and how, and opening it, which only a module does.  That the module
 * does it as the mechanism of a user-key blob is ours.
 */
#include "config.h"

#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "nfast/base/digest.h"
#include "nfast/base/keywrap.h"
#include "nfast/module/internal.h"

#define RSA_MAX		(NF_MOD_RSA_BITS_MAX / 8)

static bool
rsa_size(size_t bits)
{
	return bits == 2048 || bits == 3072 || bits == 4096;
}

bool
nf_mod_keywrap_kek(const struct nf_mod_key *key)
{
	return key->pub.type == NF_KEY_RSAPUBLIC &&
	    rsa_size(nf_wire_keydata_bits(&key->pub));
}

int
nf_mod_keywrap_plain(const struct nf_mod_key *key, struct nf_buf *out,
    struct nf_diag *diag)
{
	size_t bits = nf_wire_keydata_bits(&key->pub);

	switch (key->key.type) {
	case NF_KEY_RIJNDAEL:
		nf_buf_view_put(out, key->key.v[NF_SYM_K]);
		return nf_buf_err(out);
	case NF_KEY_RSAPRIVATE:
		if (!rsa_size(bits))
			return nf_diag_set(diag, NF_E_FORMAT, "keytype",
			    "RSA of %zu bits: 2048, 3072 and 4096 are "
			    "wrapped", bits);
		break;
	case NF_KEY_ECPRIVATE:
	case NF_KEY_ECDSAPRIVATE:
		break;
	default:
		return nf_diag_set(diag, NF_E_FORMAT, "keytype",
		    "keys of type %u are not wrapped", key->key.type);
	}
	return nf_mod_pkcs8_write(&key->key, &key->pub, out, diag);
}

static EVP_PKEY_CTX *
oaep_decryptor(EVP_PKEY *kek, enum nf_digest hash)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, kek, NULL);
	const EVP_MD *md = nf_digest_md(hash);

	if (ctx != NULL && md != NULL && EVP_PKEY_decrypt_init(ctx) == 1 &&
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) == 1 &&
	    EVP_PKEY_CTX_set_rsa_oaep_md(ctx, md) == 1 &&
	    EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, md) == 1)
		return ctx;
	EVP_PKEY_CTX_free(ctx);
	return NULL;
}

/* One error for all: it tells nothing of the key. */
static int
unwrap(EVP_PKEY *kek, enum nf_digest hash, const struct nf_blob *blob,
    struct nf_buf *plain)
{
	EVP_PKEY_CTX *ctx = oaep_decryptor(kek, hash);
	uint8_t aes[RSA_MAX];
	size_t n = sizeof(aes);
	int r = NF_E_VERIFY;

	if (ctx != NULL && EVP_PKEY_decrypt(ctx, aes, &n, blob->rsa.p,
	    blob->rsa.len) == 1 && (n == 16 || n == 24 || n == 32) &&
	    nf_keywrap_kwp(false, nf_view_of(aes, n), blob->body, plain->p,
	    &n) == 0) {
		plain->len = n;
		r = 0;
	}
	explicit_bzero(aes, sizeof(aes));
	EVP_PKEY_CTX_free(ctx);
	if (r != 0)
		ERR_clear_error();
	return r;
}

int
nf_mod_keywrap_open(EVP_PKEY *kek, const struct nf_blob *blob,
    struct nf_buf *plain, struct nf_diag *diag)
{
	size_t size = (size_t)EVP_PKEY_get_size(kek);
	bool sha256;
	int r;

	if (blob->rsa.len != size || blob->body.len < 2 * NF_KEYWRAP_BLOCK ||
	    blob->body.len % NF_KEYWRAP_BLOCK != 0 || size > RSA_MAX)
		return nf_diag_set(diag, NF_E_FORMAT, "ciphertext",
		    "its length does not fit the KEK and AES key wrap");
	nf_buf_fill(plain, 0, blob->body.len + 2 * NF_KEYWRAP_BLOCK);
	if ((r = nf_buf_err(plain)) != 0)
		return nf_diag_set(diag, r, NULL, "out of memory");
	if ((r = unwrap(kek, NF_SHA1, blob, plain)) == 0)
		return 0;
	/* A tool's usual fault.  Only who made the whole package could learn
	 * from this: AES key wrap has to fit as well. */
	sha256 = unwrap(kek, NF_SHA256, blob, plain) == 0;
	nf_buf_wipe(plain);
	return nf_diag_set(diag, r, NULL,
	    "does not open under this KEK (RSA-OAEP with SHA-1, then AES key "
	    "wrap with padding, were tried)%s", sha256 ? ": it was made with "
	    "SHA-256 in place of SHA-1" : "");
}
