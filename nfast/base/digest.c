/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "nfast/base/crypto.h"
#include "nfast/base/digest.h"

static const struct {
	const char *name;
	size_t size;
} algs[] = {
	[NF_SHA1] = { "SHA1", 20 },
	[NF_SHA224] = { "SHA224", 28 },
	[NF_SHA256] = { "SHA256", 32 },
	[NF_SHA384] = { "SHA384", 48 },
	[NF_SHA512] = { "SHA512", 64 },
};

size_t
nf_digest_size(enum nf_digest alg)
{
	return algs[alg].size;
}

const char *
nf_digest_name(enum nf_digest alg)
{
	return algs[alg].name;
}

const EVP_MD *
nf_digest_md(enum nf_digest alg)
{
	static struct nf_slot fetched[sizeof(algs) / sizeof(algs[0])];
	EVP_MD *md = nf_slot_get(&fetched[alg]), *mine;

	if (md != NULL || (mine = EVP_MD_fetch(nf_crypto_ctx(),
	    algs[alg].name, NULL)) == NULL)
		return md;
	if ((md = nf_slot_fill(&fetched[alg], mine)) != mine)
		EVP_MD_free(mine);
	return md;
}

int
nf_digest_of(enum nf_digest alg, const struct nf_view *v, size_t n,
    uint8_t *out)
{
	static struct nf_slot kept;
	EVP_MD_CTX *ctx = nf_slot_take(&kept);
	unsigned int outlen = 0;
	int r = NF_E_CRYPTO;

	if (nf_digest_md(alg) == NULL ||
	    (ctx == NULL && (ctx = EVP_MD_CTX_new()) == NULL) ||
	    EVP_DigestInit_ex2(ctx, nf_digest_md(alg), NULL) != 1)
		goto out;
	for (size_t i = 0; i < n; i++) {
		if (EVP_DigestUpdate(ctx, v[i].p, v[i].len) != 1)
			goto out;
	}
	if (EVP_DigestFinal_ex(ctx, out, &outlen) == 1)
		r = 0;
out:
	EVP_MD_CTX_free(nf_slot_put(&kept, ctx));
	return r;
}

static EVP_MAC *
hmac_fetched(void)
{
	static struct nf_slot fetched;
	EVP_MAC *mac = nf_slot_get(&fetched), *mine;

	if (mac != NULL || (mine = EVP_MAC_fetch(nf_crypto_ctx(), "HMAC",
	    NULL)) == NULL)
		return mac;
	if ((mac = nf_slot_fill(&fetched, mine)) != mine)
		EVP_MAC_free(mine);
	return mac;
}

int
nf_hmac_of(enum nf_digest alg, struct nf_view key, const struct nf_view *v,
    size_t n, uint8_t *out)
{
	EVP_MAC *hmac = hmac_fetched();
	EVP_MAC_CTX *ctx = NULL;
	OSSL_PARAM params[2];
	size_t outlen = 0;
	int r = NF_E_CRYPTO;

	if (hmac == NULL)
		return NF_E_CRYPTO;
	if ((ctx = EVP_MAC_CTX_new(hmac)) == NULL)
		return NF_E_NOMEM;
	params[0] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
	    (char *)(uintptr_t)algs[alg].name, 0);
	params[1] = OSSL_PARAM_construct_end();
	if (EVP_MAC_init(ctx, key.p, key.len, params) != 1)
		goto out;
	for (size_t i = 0; i < n; i++) {
		if (EVP_MAC_update(ctx, v[i].p, v[i].len) != 1)
			goto out;
	}
	if (EVP_MAC_final(ctx, out, &outlen, algs[alg].size) != 1)
		goto out;
	r = 0;
out:
	EVP_MAC_CTX_free(ctx);
	return r;
}
