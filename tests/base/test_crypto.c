/* SPDX-License-Identifier: Apache-2.0 */
/* Objects that threads share one at a time, and a libcrypto of our own. */
#include "config.h"

#include <openssl/evp.h>
#include <pthread.h>

#include "nfast/base/crypto.h"
#include "nfast/base/digest.h"
#include "tests/tap.h"

#define THREADS	4
#define ROUNDS	5000

static int a, b;

START_TEST(test_take)
{
	struct nf_slot slot = { NULL };

	ck_assert_ptr_null(nf_slot_take(&slot));
	ck_assert_ptr_null(nf_slot_put(&slot, &a));
	ck_assert_ptr_eq(nf_slot_put(&slot, &b), &a);
	ck_assert_ptr_eq(nf_slot_take(&slot), &b);
	ck_assert_ptr_null(nf_slot_take(&slot));
}
END_TEST

START_TEST(test_fill)
{
	struct nf_slot slot = { NULL };

	ck_assert_ptr_null(nf_slot_get(&slot));
	ck_assert_ptr_eq(nf_slot_fill(&slot, &a), &a);
	ck_assert_ptr_eq(nf_slot_fill(&slot, &b), &a);
	ck_assert_ptr_eq(nf_slot_get(&slot), &a);
}
END_TEST

/* Each digest is of what its own thread gave. */
static void *
digests(void *arg)
{
	static const char *const text[2] = { "abc", "" };
	static const uint8_t want[2][4] = { { 0xba, 0x78, 0x16, 0xbf },
	    { 0xe3, 0xb0, 0xc4, 0x42 } };
	size_t which = arg == NULL ? 0 : 1;
	struct nf_view v = nf_view_of(text[which], strlen(text[which]));
	uint8_t out[NF_DIGEST_MAX];

	for (int i = 0; i < ROUNDS; i++) {
		if (nf_digest_of(NF_SHA256, &v, 1, out) != 0 ||
		    memcmp(out, want[which], 4) != 0)
			return &a;
	}
	return NULL;
}

START_TEST(test_threads)
{
	pthread_t t[THREADS];
	void *bad;

	for (size_t i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&t[i], NULL, digests,
		    i % 2 == 0 ? NULL : &b), 0);
	for (size_t i = 0; i < THREADS; i++) {
		ck_assert_int_eq(pthread_join(t[i], &bad), 0);
		ck_assert_ptr_null(bad);
	}
}
END_TEST

START_TEST(test_isolate)
{
	OSSL_LIB_CTX *ctx;

	ck_assert_ptr_null(nf_crypto_ctx());
	ck_assert_int_eq(EVP_set_default_properties(NULL, "fips=yes"), 1);
	ck_assert(nf_crypto_isolate());
	ck_assert_ptr_nonnull(ctx = nf_crypto_ctx());
	ck_assert(nf_crypto_isolate());
	ck_assert_ptr_eq(nf_crypto_ctx(), ctx);
	ck_assert_ptr_null(digests(NULL));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("base/crypto");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, test_take);
	tcase_add_test(tc, test_fill);
	tcase_add_test(tc, test_threads);
	tcase_add_test(tc, test_isolate);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
