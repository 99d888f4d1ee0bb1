/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loaded into a program before libcrypto by the gate of valgrind, where the
 * search for the primes of one key takes up to a minute and is libcrypto's
 * affair alone: a new RSA key is the next of its size from the directory
 * SW_RSA_STOCK, and the first one again after the last.  What is not in stock
 * is generated: other sizes, other exponents, and all keys that are no RSA
 * keys.  Nor are the primes of a key tested that this process has had from
 * there, when all its numbers are the same.
 */
#include "config.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

/* What this thread has asked of a context. */
static _Thread_local struct {
	const EVP_PKEY_CTX *ctx;
	int bits;
	bool usual_e;
} asked;

/* How many of a size were taken. */
static struct {
	int bits;
	unsigned int n;
} taken[] = { { 1024, 0 }, { 2048, 0 }, { 3072, 0 }, { 4096, 0 },
	{ 4160, 0 } };

/* The private keys that were taken, as DER. */
static struct {
	unsigned char *der;
	int len;
} known[32];

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* The function behind ours; fn has room for its address. */
static void
next_of(const char *name, void *fn)
{
	void *sym = dlsym(RTLD_NEXT, name);

	if (sym == NULL)
		abort();
	memcpy(fn, &sym, sizeof(sym));
}

/* Whether the key is one of those; if not, and there is room, it is now. */
static bool
key_known(const EVP_PKEY *key, bool add)
{
	unsigned char *der = NULL;
	int len = i2d_PrivateKey(key, &der);
	bool found = false;
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]) && len > 0 &&
	    !found && known[i].der != NULL; i++)
		found = known[i].len == len &&
		    memcmp(known[i].der, der, (size_t)len) == 0;
	if (add && !found && i < sizeof(known) / sizeof(known[0]) && len > 0) {
		known[i].der = der;
		known[i].len = len;
	} else {
		OPENSSL_free(der);
	}
	return found;
}

static EVP_PKEY *
key_read(const char *dir, int bits, unsigned int n)
{
	EVP_PKEY *key = NULL;
	char path[4096];
	BIO *bio;

	(void)snprintf(path, sizeof(path), "%s/%d-%u", dir, bits, n);
	if ((bio = BIO_new_file(path, "rb")) != NULL)
		key = d2i_PrivateKey_bio(bio, NULL);
	BIO_free(bio);
	return key;
}

/* The next key of this size, or NULL. */
static EVP_PKEY *
key_take(int bits)
{
	const char *dir = getenv("SW_RSA_STOCK");
	EVP_PKEY *key = NULL;

	if (dir == NULL)
		return NULL;
	(void)pthread_mutex_lock(&lock);
	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
		if (taken[i].bits != bits)
			continue;
		key = key_read(dir, bits, taken[i].n++);
		if (key == NULL) {
			key = key_read(dir, bits, 0);
			taken[i].n = 1;
		}
		if (key != NULL)
			(void)key_known(key, true);
	}
	(void)pthread_mutex_unlock(&lock);
	return key;
}

int
EVP_PKEY_CTX_set_rsa_keygen_bits(EVP_PKEY_CTX *ctx, int bits)
{
	int (*next)(EVP_PKEY_CTX *, int);

	asked.ctx = ctx;
	asked.bits = bits;
	asked.usual_e = true;
	next_of("EVP_PKEY_CTX_set_rsa_keygen_bits", &next);
	return next(ctx, bits);
}

int
EVP_PKEY_CTX_set1_rsa_keygen_pubexp(EVP_PKEY_CTX *ctx, BIGNUM *e)
{
	int (*next)(EVP_PKEY_CTX *, BIGNUM *);

	if (asked.ctx == ctx && BN_is_word(e, RSA_F4) != 1)
		asked.usual_e = false;
	next_of("EVP_PKEY_CTX_set1_rsa_keygen_pubexp", &next);
	return next(ctx, e);
}

int
EVP_PKEY_generate(EVP_PKEY_CTX *ctx, EVP_PKEY **key)
{
	int (*next)(EVP_PKEY_CTX *, EVP_PKEY **);
	bool stock = asked.ctx == ctx && asked.usual_e && *key == NULL;

	asked.ctx = NULL;
	if (stock && (*key = key_take(asked.bits)) != NULL)
		return 1;
	next_of("EVP_PKEY_generate", &next);
	return next(ctx, key);
}

int
EVP_PKEY_check(EVP_PKEY_CTX *ctx)
{
	EVP_PKEY *key = EVP_PKEY_CTX_get0_pkey(ctx);
	int (*next)(EVP_PKEY_CTX *);
	bool is_known = false;

	if (key != NULL && EVP_PKEY_is_a(key, "RSA") == 1) {
		(void)pthread_mutex_lock(&lock);
		is_known = key_known(key, false);
		(void)pthread_mutex_unlock(&lock);
	}
	if (is_known)
		return 1;
	next_of("EVP_PKEY_check", &next);
	return next(ctx);
}

/* The argument behind the type is a size_t, a name, or not there. */
EVP_PKEY *
EVP_PKEY_Q_keygen(OSSL_LIB_CTX *ctx, const char *query, const char *type, ...)
{
	EVP_PKEY *(*next)(OSSL_LIB_CTX *, const char *, const char *, ...);
	EVP_PKEY *key = NULL;
	va_list ap;

	next_of("EVP_PKEY_Q_keygen", &next);
	va_start(ap, type);
	if (strcmp(type, "RSA") == 0) {
		size_t bits = va_arg(ap, size_t);

		if ((key = key_take((int)bits)) == NULL)
			key = next(ctx, query, type, bits);
	} else if (strcmp(type, "EC") == 0) {
		key = next(ctx, query, type, va_arg(ap, const char *));
	} else {
		key = next(ctx, query, type);
	}
	va_end(ap);
	return key;
}
