/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The provider "secworld-seed" and its generator; see seedrand.h.  Ours, on
 * libcrypto's documented interface.  The stream of a thread is process-wide
 * state, as randomness is.
 */
#include "config.h"

#include <stdatomic.h>
#include <string.h>

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/provider.h>
#include <openssl/rand.h>

#include "nfast/base/buf.h"
#include "nfast/base/digest.h"
#include "nfast/base/seed.h"
#include "nfast/base/seedrand.h"

#define PROVIDER	"secworld-seed"
#define GENERATOR	"SECWORLD-SEED"
#define KEY_LEN		32
#define REQUEST_MAX	((size_t)1 << 20)
#define STRENGTH	256u

/* One thread's stream. */
struct stream {
	bool ready;
	uint8_t key[KEY_LEN];
	uint64_t blocks;
};

static _Thread_local struct stream stream;
static atomic_uint threads;
static CRYPTO_ONCE once = CRYPTO_ONCE_STATIC_INIT;
static int started;
static OSSL_PROVIDER *held[2];

/* out = HMAC(key, label, then each view behind its length). */
static int
derive(struct nf_view key, const char *label, const struct nf_view *v,
    size_t n, uint8_t out[static KEY_LEN])
{
	struct nf_buf buf = NF_BUF_INIT;
	struct nf_view all;
	int r;

	nf_buf_u32(&buf, (uint32_t)strlen(label));
	nf_buf_str(&buf, label);
	for (size_t i = 0; i < n; i++) {
		nf_buf_u64(&buf, v[i].len);
		nf_buf_view_put(&buf, v[i]);
	}
	all = nf_buf_view(&buf);
	if ((r = nf_buf_err(&buf)) == 0)
		r = nf_hmac_of(NF_SHA256, key, &all, 1, out);
	nf_buf_wipe(&buf);
	return r;
}

/* Every thread starts with a stream of its own. */
static int
begin(void)
{
	unsigned int number = atomic_fetch_add(&threads, 1);
	struct nf_view v = nf_view_of((const uint8_t *)&number,
	    sizeof(number));

	return nf_seed_bind("thread", &v, 1, NULL);
}

static int
fill(uint8_t *out, size_t len)
{
	uint8_t block[NF_DIGEST_MAX];
	int r = 0;

	if (!stream.ready)
		r = begin();
	while (r == 0 && len > 0) {
		struct nf_view v = nf_view_of(
		    (const uint8_t *)&stream.blocks, sizeof(stream.blocks));
		size_t n = len < KEY_LEN ? len : KEY_LEN;

		r = nf_hmac_of(NF_SHA256, nf_view_of(stream.key, KEY_LEN),
		    &v, 1, block);
		stream.blocks++;
		memcpy(out, block, n);
		out += n;
		len -= n;
	}
	explicit_bzero(block, sizeof(block));
	return r;
}

/* ---- the generator as libcrypto sees it; it has no state of its own ------ */

struct generator {
	int state;
};

static void *
rand_new(void *provctx, void *parent, const OSSL_DISPATCH *calls)
{
	struct generator *g = OPENSSL_zalloc(sizeof(*g));

	(void)provctx;
	(void)parent;
	(void)calls;
	if (g != NULL)
		g->state = EVP_RAND_STATE_UNINITIALISED;
	return g;
}

static void
rand_free(void *g)
{
	OPENSSL_free(g);
}

static int
rand_instantiate(void *g, unsigned int strength, int resistance,
    const unsigned char *text, size_t len, const OSSL_PARAM params[])
{
	(void)strength;
	(void)resistance;
	(void)text;
	(void)len;
	(void)params;
	((struct generator *)g)->state = EVP_RAND_STATE_READY;
	return 1;
}

static int
rand_uninstantiate(void *g)
{
	((struct generator *)g)->state = EVP_RAND_STATE_UNINITIALISED;
	return 1;
}

static int
rand_generate(void *g, unsigned char *out, size_t len,
    unsigned int strength, int resistance, const unsigned char *text,
    size_t text_len)
{
	(void)g;
	(void)resistance;
	(void)text;
	(void)text_len;
	return strength <= STRENGTH && fill(out, len) == 0;
}

/* What others add is no part of a run that has to be repeated. */
static int
rand_reseed(void *g, int resistance, const unsigned char *entropy,
    size_t entropy_len, const unsigned char *text, size_t text_len)
{
	(void)g;
	(void)resistance;
	(void)entropy;
	(void)entropy_len;
	(void)text;
	(void)text_len;
	return 1;
}

static int
rand_enable_locking(void *g)
{
	(void)g;
	return 1;
}

static const OSSL_PARAM *
rand_gettable(void *g, void *provctx)
{
	static const OSSL_PARAM table[] = {
		OSSL_PARAM_int(OSSL_RAND_PARAM_STATE, NULL),
		OSSL_PARAM_uint(OSSL_RAND_PARAM_STRENGTH, NULL),
		OSSL_PARAM_size_t(OSSL_RAND_PARAM_MAX_REQUEST, NULL),
		OSSL_PARAM_END
	};

	(void)g;
	(void)provctx;
	return table;
}

static int
rand_get_params(void *g, OSSL_PARAM params[])
{
	OSSL_PARAM *p;

	if ((p = OSSL_PARAM_locate(params, OSSL_RAND_PARAM_STATE)) != NULL &&
	    OSSL_PARAM_set_int(p, ((struct generator *)g)->state) != 1)
		return 0;
	if ((p = OSSL_PARAM_locate(params,
	    OSSL_RAND_PARAM_STRENGTH)) != NULL &&
	    OSSL_PARAM_set_uint(p, STRENGTH) != 1)
		return 0;
	if ((p = OSSL_PARAM_locate(params,
	    OSSL_RAND_PARAM_MAX_REQUEST)) != NULL &&
	    OSSL_PARAM_set_size_t(p, REQUEST_MAX) != 1)
		return 0;
	return 1;
}

#define CALL(number, function)	{ number, (void (*)(void))(function) }

static const OSSL_DISPATCH rand_calls[] = {
	CALL(OSSL_FUNC_RAND_NEWCTX, rand_new),
	CALL(OSSL_FUNC_RAND_FREECTX, rand_free),
	CALL(OSSL_FUNC_RAND_INSTANTIATE, rand_instantiate),
	CALL(OSSL_FUNC_RAND_UNINSTANTIATE, rand_uninstantiate),
	CALL(OSSL_FUNC_RAND_GENERATE, rand_generate),
	CALL(OSSL_FUNC_RAND_RESEED, rand_reseed),
	CALL(OSSL_FUNC_RAND_ENABLE_LOCKING, rand_enable_locking),
	CALL(OSSL_FUNC_RAND_GETTABLE_CTX_PARAMS, rand_gettable),
	CALL(OSSL_FUNC_RAND_GET_CTX_PARAMS, rand_get_params),
	{ 0, NULL }
};

static const OSSL_ALGORITHM *
provider_query(void *provctx, int operation, int *no_cache)
{
	static const OSSL_ALGORITHM table[] = {
		{ GENERATOR, "provider=" PROVIDER, rand_calls, NULL },
		{ NULL, NULL, NULL, NULL }
	};

	(void)provctx;
	*no_cache = 0;
	return operation == OSSL_OP_RAND ? table : NULL;
}

static int
provider_init(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *in,
    const OSSL_DISPATCH **out, void **provctx)
{
	static const OSSL_DISPATCH calls[] = {
		CALL(OSSL_FUNC_PROVIDER_QUERY_OPERATION, provider_query),
		{ 0, NULL }
	};

	(void)in;
	*out = calls;
	*provctx = (void *)(uintptr_t)handle;
	return 1;
}

static void
stop(void)
{
	for (size_t i = 0; i < 2; i++)
		(void)OSSL_PROVIDER_unload(held[i]);
}

/* The default provider is no longer loaded by itself once another one is. */
static void
start(void)
{
	started = (held[0] = OSSL_PROVIDER_load(NULL, "default")) != NULL &&
	    OSSL_PROVIDER_add_builtin(NULL, PROVIDER, provider_init) == 1 &&
	    (held[1] = OSSL_PROVIDER_load(NULL, PROVIDER)) != NULL &&
	    RAND_set_DRBG_type(NULL, GENERATOR, "provider=" PROVIDER, NULL,
	    NULL) == 1;
	(void)OPENSSL_atexit(stop);
	ERR_clear_error();
}

int
nf_seed_start(struct nf_diag *diag)
{
	if (nf_seed_text() == NULL)
		return 0;
	if (CRYPTO_THREAD_run_once(&once, start) != 1 || !started)
		return nf_diag_set(diag, NF_E_CRYPTO, NF_SEED_ENV,
		    "libcrypto does not take its random numbers from a seed");
	return 0;
}

int
nf_seed_bind(const char *label, const struct nf_view *v, size_t n,
    struct nf_diag *diag)
{
	const char *text = nf_seed_text();
	int r;

	if (text == NULL)
		return 0;
	if ((r = derive(nf_view_of(text, strlen(text)), label, v, n,
	    stream.key)) != 0)
		return nf_diag_set(diag, r, NF_SEED_ENV, "%s",
		    nf_err_text(r));
	stream.blocks = 0;
	stream.ready = true;
	return 0;
}

int
nf_seed_mix(struct nf_view v, struct nf_diag *diag)
{
	uint8_t key[KEY_LEN];
	struct nf_view parts[2];
	int r = 0;

	if (nf_seed_text() == NULL)
		return 0;
	if (!stream.ready)
		r = begin();
	parts[0] = nf_view_of((const uint8_t *)&stream.blocks,
	    sizeof(stream.blocks));
	parts[1] = v;
	if (r == 0)
		r = derive(nf_view_of(stream.key, KEY_LEN), "mix", parts, 2,
		    key);
	if (r != 0)
		return nf_diag_set(diag, r, NF_SEED_ENV, "%s",
		    nf_err_text(r));
	memcpy(stream.key, key, KEY_LEN);
	explicit_bzero(key, sizeof(key));
	stream.blocks = 0;
	return 0;
}
