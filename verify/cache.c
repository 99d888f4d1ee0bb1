/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The context of chain.h: public keys by their numbers, and the keys of
 * blobs under the null module key by the blob's bytes.  Building a DSA key
 * or a context, and DES over a blob, cost from 5 to 20 percent of a
 * verification each.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "nfast/base/pkey.h"
#include "nfast/wire/cipher.h"
#include "verify/chain.h"

struct key_slot {
	uint64_t used;		/* 0: free */
	struct nf_buf numbers;	/* what pub.key.v point into */
	struct nf_vfy_key pub;
};

struct blob_slot {
	uint64_t used;
	struct nf_buf bytes;
	struct nf_buf plain;	/* what key points into */
	struct nf_keydata key;
};

struct nf_vfy_ctx {
	uint64_t clock;
	struct key_slot key[NF_VFY_CACHE];
	struct blob_slot blob[NF_VFY_CACHE];
};

struct nf_vfy_ctx *
nf_vfy_ctx_new(void)
{
	return calloc(1, sizeof(struct nf_vfy_ctx));
}

static void
key_slot_clear(struct key_slot *s)
{
	EVP_PKEY_CTX_free(s->pub.verifier);
	EVP_PKEY_free(s->pub.pkey);
	nf_buf_wipe(&s->numbers);
	memset(s, 0, sizeof(*s));
}

static void
blob_slot_clear(struct blob_slot *s)
{
	nf_buf_wipe(&s->bytes);
	nf_buf_wipe(&s->plain);
	memset(s, 0, sizeof(*s));
}

void
nf_vfy_ctx_free(struct nf_vfy_ctx *ctx)
{
	if (ctx == NULL)
		return;
	for (size_t i = 0; i < NF_VFY_CACHE; i++) {
		key_slot_clear(&ctx->key[i]);
		blob_slot_clear(&ctx->blob[i]);
	}
	free(ctx);
}

/* The last number of a public key (y) tells keys of one group apart. */
static bool
key_same(const struct nf_keydata *a, const struct nf_keydata *b)
{
	if (a->type != b->type || a->curve != b->curve)
		return false;
	for (size_t i = NF_KEYDATA_NUMS; i-- > 0;) {
		if (!nf_view_equal(a->v[i], b->v[i]))
			return false;
	}
	return true;
}

/* Copy the numbers, so that the slot outlives what was read. */
static int
key_fill(struct key_slot *s, const struct nf_keydata *key,
    struct nf_diag *diag)
{
	size_t at = 0;
	int r;

	for (size_t i = 0; i < NF_KEYDATA_NUMS; i++)
		nf_buf_view_put(&s->numbers, key->v[i]);
	if ((r = nf_buf_err(&s->numbers)) != 0)
		return r;
	s->pub.key = *key;
	for (size_t i = 0; i < NF_KEYDATA_NUMS; i++) {
		if (key->v[i].p == NULL)
			continue;
		s->pub.key.v[i].p = s->numbers.p + at;
		at += key->v[i].len;
	}
	if ((r = nf_wire_keydata_pkey(&s->pub.key, &s->pub.pkey,
	    diag)) != 0 ||
	    (r = nf_wire_keyhash(&s->pub.key, s->pub.hash, diag)) != 0)
		return r;
	if ((s->pub.mech = nf_wire_cert_mech(&s->pub.key)) == 0)
		return 0;
	return nf_pkey_verifier_new(s->pub.pkey, &s->pub.verifier, diag);
}

int
nf_vfy_key(struct nf_vfy_ctx *ctx, const struct nf_keydata *key,
    const struct nf_vfy_key **out, struct nf_diag *diag)
{
	struct key_slot *s, *oldest = &ctx->key[0];
	int r;

	*out = NULL;
	for (size_t i = 0; i < NF_VFY_CACHE; i++) {
		s = &ctx->key[i];
		if (s->used != 0 && key_same(&s->pub.key, key)) {
			s->used = ++ctx->clock;
			*out = &s->pub;
			return 0;
		}
		if (s->used < oldest->used)
			oldest = s;
	}
	key_slot_clear(oldest);
	if ((r = key_fill(oldest, key, diag)) != 0) {
		key_slot_clear(oldest);
		return r;
	}
	oldest->used = ++ctx->clock;
	*out = &oldest->pub;
	return 0;
}

/* Open a blob; of its contents only the key is kept. */
static int
blob_fill(struct blob_slot *s, struct nf_view bytes, struct nf_diag *diag)
{
	struct nf_blobkey opened;
	int r;

	if ((r = nf_wire_nullblob_read(bytes, &s->plain, &opened,
	    diag)) != 0)
		return r;
	s->key = opened.key;
	nf_blobkey_wipe(&opened);
	nf_buf_view_put(&s->bytes, bytes);
	return nf_buf_err(&s->bytes);
}

int
nf_vfy_key_of_blob(struct nf_vfy_ctx *ctx, struct nf_view blob,
    const struct nf_vfy_key **out, struct nf_diag *diag)
{
	struct blob_slot *s, *oldest = &ctx->blob[0];
	int r;

	*out = NULL;
	for (size_t i = 0; i < NF_VFY_CACHE; i++) {
		s = &ctx->blob[i];
		if (s->used != 0 &&
		    nf_view_equal(nf_buf_view(&s->bytes), blob)) {
			s->used = ++ctx->clock;
			return nf_vfy_key(ctx, &s->key, out, diag);
		}
		if (s->used < oldest->used)
			oldest = s;
	}
	blob_slot_clear(oldest);
	if ((r = blob_fill(oldest, blob, diag)) != 0) {
		blob_slot_clear(oldest);
		return r;
	}
	oldest->used = ++ctx->clock;
	return nf_vfy_key(ctx, &oldest->key, out, diag);
}
