/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include <openssl/evp.h>

#include "nfast/base/crypto.h"
#include "nfast/base/digest.h"
#include "nfast/wire/blob.h"
#include "nfast/wire/names.h"

#define DES_BLOCK	((size_t)8)
#define TAG_MARK	"SIM1"	/* ours, readable in every tag we write */

const uint8_t nf_null_des3_hash[NF_HASH_LEN] = {
	0x1d, 0x57, 0x22, 0x01, 0xbe, 0x53, 0x3e, 0xbc, 0x89, 0xf3,
	0x0f, 0xdd, 0x8f, 0x3f, 0xac, 0x6c, 0xa3, 0x39, 0x5b, 0xf0
};

static const uint8_t null_des3[24] = {
	1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1
};

static void
userkey_read(struct nf_cur *cur, struct nf_blob *out)
{
	uint32_t b = nf_cur_u32(cur, "blob.len"), rsa;

	if (out->a != b)
		(void)nf_cur_fail(cur, NF_E_FORMAT, "blob.len",
		    "the two lengths differ");
	rsa = nf_cur_u32(cur, "blob.rsalen");
	if (nf_cur_err(cur) == 0 &&
	    (b > NF_BLOB_MAX || b < 4 || rsa > b - 4)) {
		(void)nf_cur_fail(cur, NF_E_FORMAT, "blob.rsalen",
		    "%u bytes in a body of %u", rsa, b);
		return;
	}
	out->rsa = nf_cur_bytes(cur, "blob.rsa", rsa);
	out->body = nf_cur_bytes(cur, "blob.body", b - 4 - rsa);
}

void
nf_wire_blob_read(struct nf_cur *cur, struct nf_blob *out)
{
	memset(out, 0, sizeof(*out));
	out->format = nf_cur_u32(cur, "blob.format");
	out->a = nf_cur_u32(cur, "blob.a");
	switch (out->format) {
	case NF_BLOB_USERKEY:
		userkey_read(cur, out);
		break;
	case NF_BLOB_MODULE:
	case NF_BLOB_TOKEN:
		out->body = nf_cur_bytes(cur, "blob.body",
		    nf_cur_count(cur, "blob.len", 1, NF_BLOB_MAX));
		break;
	default:
		(void)nf_cur_fail(cur, NF_E_FORMAT, "blob.format",
		    "blob format %u is not supported", out->format);
		return;
	}
	nf_cur_copy(cur, "blob.hash", out->hash, NF_HASH_LEN);
	out->word = nf_cur_u32(cur, "blob.word");
	(void)nf_cur_end(cur, "blob");
}

void
nf_wire_blob_write(struct nf_buf *buf, const struct nf_blob *blob)
{
	nf_buf_u32(buf, blob->format);
	if (blob->format == NF_BLOB_USERKEY) {
		uint32_t n = (uint32_t)(4 + blob->rsa.len + blob->body.len);

		nf_buf_u32(buf, n);
		nf_buf_u32(buf, n);
		nf_buf_u32(buf, (uint32_t)blob->rsa.len);
		nf_buf_view_put(buf, blob->rsa);
	} else {
		nf_buf_u32(buf, blob->a);
		nf_buf_u32(buf, (uint32_t)blob->body.len);
	}
	nf_buf_view_put(buf, blob->body);
	nf_buf_put(buf, blob->hash, NF_HASH_LEN);
	nf_buf_u32(buf, blob->word);
}

int
nf_wire_blobkey_read(struct nf_cur *cur, struct nf_blobkey *out)
{
	struct nf_view v;
	struct nf_cur in;
	int r;

	memset(out, 0, sizeof(*out));
	if (nf_cur_u32(cur, "blobkey.head") != 0)
		(void)nf_cur_fail(cur, NF_E_FORMAT, "blobkey.head",
		    "not zero");
	v = nf_cur_bytes(cur, "blobkey.keydata",
	    nf_cur_count(cur, "blobkey.keylen", 1, NF_BLOB_MAX));
	nf_cur_sub(&in, cur, v);
	nf_wire_keydata_read(&in, &out->key);
	if ((r = nf_cur_end(&in, "blobkey.keydata")) != 0)
		return r;
	if ((r = nf_wire_acl_read(cur, &out->acl)) != 0)
		return r;
	nf_cur_copy(cur, "appdata", out->appdata, NF_APPDATA_LEN);
	if ((r = nf_cur_end(cur, "blobkey")) != 0)
		nf_blobkey_wipe(out);
	return r;
}

void
nf_wire_blobkey_write(struct nf_buf *buf, const struct nf_blobkey *key)
{
	size_t at;

	nf_buf_u32(buf, 0);
	at = nf_buf_len_open(buf);
	nf_wire_keydata_write(buf, &key->key);
	nf_buf_len_close(buf, at);
	nf_wire_acl_write(buf, key->acl);
	nf_buf_put(buf, key->appdata, NF_APPDATA_LEN);
}

void
nf_blobkey_wipe(struct nf_blobkey *key)
{
	nf_acl_free(key->acl);
	explicit_bzero(key, sizeof(*key));
}

/* A context that has the null key already. */
static EVP_CIPHER_CTX *
des3_context(int enc)
{
	EVP_CIPHER *des3 = EVP_CIPHER_fetch(nf_crypto_ctx(), "DES-EDE3-CBC",
	    NULL);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();

	if (ctx == NULL || des3 == NULL ||
	    EVP_CipherInit_ex2(ctx, des3, null_des3, NULL, enc, NULL) != 1 ||
	    EVP_CIPHER_CTX_set_padding(ctx, 0) != 1) {
		EVP_CIPHER_CTX_free(ctx);
		ctx = NULL;
	}
	EVP_CIPHER_free(des3);
	return ctx;
}

/* DES3-CBC without padding, both ways; len is a multiple of 8. */
static int
des3_cbc(int enc, const uint8_t *iv, struct nf_view in, uint8_t *out)
{
	static struct nf_slot kept[2];
	EVP_CIPHER_CTX *ctx = nf_slot_take(&kept[enc]);
	int n = 0, r = NF_E_CRYPTO;

	if (ctx == NULL && (ctx = des3_context(enc)) == NULL)
		return NF_E_CRYPTO;
	if (EVP_CipherInit_ex2(ctx, NULL, NULL, iv, enc, NULL) == 1 &&
	    EVP_CIPHER_CTX_set_padding(ctx, 0) == 1 &&
	    EVP_CipherUpdate(ctx, out, &n, in.p, (int)in.len) == 1 &&
	    (size_t)n == in.len)
		r = 0;
	EVP_CIPHER_CTX_free(nf_slot_put(&kept[enc], ctx));
	return r;
}

int
nf_wire_nullblob_open(const struct nf_blob *blob, struct nf_buf *plain,
    struct nf_blobkey *out, struct nf_diag *diag)
{
	size_t n = blob->body.len, pad;
	struct nf_cur cur;
	int r;

	memset(out, 0, sizeof(*out));
	if (blob->format != NF_BLOB_MODULE ||
	    memcmp(blob->hash, nf_null_des3_hash, NF_HASH_LEN) != 0)
		return nf_diag_set(diag, NF_E_FORMAT, "blob.hash",
		    "not a blob under the null module key");
	if (n < 2 * DES_BLOCK || n % DES_BLOCK != 0 || blob->a > n ||
	    (n -= DES_BLOCK) < blob->a + NF_BLOB_TAG_LEN ||
	    n - blob->a - NF_BLOB_TAG_LEN >= DES_BLOCK ||
	    blob->word != NF_BLOB_WORD_NULL)
		return nf_diag_set(diag, NF_E_FORMAT, "blob.len",
		    "lengths do not fit a null-key blob");
	nf_buf_fill(plain, 0, n);
	if ((r = nf_buf_err(plain)) != 0)
		return nf_diag_set(diag, r, NULL, "%s", nf_err_text(r));
	if ((r = des3_cbc(0, blob->body.p + n, nf_view_of(blob->body.p, n),
	    plain->p)) != 0)
		return nf_diag_set(diag, r, "blob",
		    "libcrypto refuses DES3-CBC");
	for (pad = blob->a + NF_BLOB_TAG_LEN; pad < n; pad++) {
		if (plain->p[pad] != 0x55)
			return nf_diag_set(diag, NF_E_FORMAT, "blob.padding",
			    "not 55");
	}
	nf_cur_init(&cur, plain->p, blob->a, diag);
	return nf_wire_blobkey_read(&cur, out);
}

int
nf_wire_nullblob_read(struct nf_view bytes, struct nf_buf *plain,
    struct nf_blobkey *out, struct nf_diag *diag)
{
	struct nf_blob blob;
	struct nf_cur cur;

	memset(out, 0, sizeof(*out));
	nf_cur_init(&cur, bytes.p, bytes.len, diag);
	nf_wire_blob_read(&cur, &blob);
	if (nf_cur_err(&cur) != 0)
		return nf_cur_err(&cur);
	return nf_wire_nullblob_open(&blob, plain, out, diag);
}

/* Our integrity tag: a mark that says "simulated", then a digest. */
static int
sim_tag(struct nf_view plain, uint8_t tag[static NF_BLOB_TAG_LEN])
{
	uint8_t digest[NF_DIGEST_MAX];
	int r = nf_digest_of(NF_SHA256, &plain, 1, digest);

	memcpy(tag, TAG_MARK, 4);
	memcpy(tag + 4, digest, NF_BLOB_TAG_LEN - 4);
	return r;
}

int
nf_wire_nullblob_write(struct nf_buf *buf, const struct nf_blobkey *key,
    const uint8_t iv[static 8])
{
	struct nf_buf plain = NF_BUF_INIT, body = NF_BUF_INIT;
	uint8_t tag[NF_BLOB_TAG_LEN];
	struct nf_blob blob = { .format = NF_BLOB_MODULE,
	    .word = NF_BLOB_WORD_NULL };
	int r;

	nf_wire_blobkey_write(&plain, key);
	blob.a = (uint32_t)plain.len;
	if ((r = nf_buf_err(&plain)) != 0 ||
	    (r = sim_tag(nf_buf_view(&plain), tag)) != 0)
		goto out;
	nf_buf_put(&plain, tag, sizeof(tag));
	nf_buf_fill(&plain, 0x55, (DES_BLOCK - plain.len % DES_BLOCK) %
	    DES_BLOCK);
	nf_buf_fill(&body, 0, plain.len);
	if ((r = nf_buf_err(&plain)) != 0 || (r = nf_buf_err(&body)) != 0 ||
	    (r = des3_cbc(1, iv, nf_buf_view(&plain), body.p)) != 0)
		goto out;
	nf_buf_put(&body, iv, DES_BLOCK);
	blob.body = nf_buf_view(&body);
	memcpy(blob.hash, nf_null_des3_hash, NF_HASH_LEN);
	nf_wire_blob_write(buf, &blob);
	r = nf_buf_err(buf);
out:
	nf_buf_wipe(&plain);
	nf_buf_wipe(&body);
	return r;
}
