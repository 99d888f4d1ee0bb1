/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of nf_vfy_kek_check() share: a pair is made and checked. */
#ifndef NF_TESTS_VERIFY_KEKPAIR_H
#define NF_TESTS_VERIFY_KEKPAIR_H

#include "tests/verify/checks.h"
#include "tests/verify/fixture.h"

static struct nf_vfy_ctx *ctx;
static struct nf_vfy_kekfacts facts;
static struct nf_vfy_roots roots;

static inline void
setup(void)
{
	fx_setup();
	ctx = nf_vfy_ctx_new();
	ck_assert_ptr_nonnull(ctx);
}

/* Each case accepts the fixture's root, unless it says otherwise. */
static inline void
setup_roots(void)
{
	fx_roots(&roots);
}

static inline void
teardown(void)
{
	nf_vfy_ctx_free(ctx);
	fx_teardown();
}

static inline int
package_read(const struct nf_buf *buf, struct nf_km_file **file)
{
	struct nf_cur cur;

	nf_cur_init(&cur, buf->p, buf->len, NULL);
	return nf_km_file_read(&cur, file);
}

static inline void
check_pair(const struct fx_pair *pair)
{
	struct nf_km_file *k, *w;
	struct nf_kek_worldpkg world;
	struct nf_kek_kekpkg kek;

	ck_assert_int_eq(package_read(&pair->kek, &k), 0);
	ck_assert_int_eq(package_read(&pair->world, &w), 0);
	ck_assert_int_eq(nf_kek_kekpkg_read(k, &kek, NULL), 0);
	ck_assert_int_eq(nf_kek_worldpkg_read(w, &world, NULL), 0);
	nf_vfy_verdict_init(&v, "region packages", "test");
	ck_assert_int_eq(nf_vfy_kek_check(ctx, &kek, &world, &roots, &v,
	    &facts, NULL), 0);
	nf_km_file_free(k);
	nf_km_file_free(w);
}

static inline void
check_fx(const struct fx *fx)
{
	struct fx_pair pair;

	fx_make(fx, &pair);
	check_pair(&pair);
	fx_pair_wipe(&pair);
}

/* The pair of fx is refused, and this is the reason. */
static inline void
refuse(const struct fx *fx, const char *id, const char *why)
{
	check_fx(fx);
	ck_assert_int_eq(nf_vfy_result_of(&v), NF_VFY_FAILED);
	first_failure_is(id, why);
	ck_assert_ptr_null(facts.kek);
	nf_vfy_verdict_wipe(&v);
}

/* A case that changes the valid pair by one statement. */
#define MUTATION(name, id, why, ...)		\
START_TEST(name)				\
{						\
	struct fx fx;				\
						\
	fx_default(&fx);			\
	__VA_ARGS__;				\
	refuse(&fx, id, why);			\
}						\
END_TEST

/*
 * Flip bits all over buf; returns with how many of these changes passes()
 * is still true.
 */
static inline unsigned
flips_pass(struct nf_buf *buf, bool (*passes)(const void *arg),
    const void *arg)
{
	unsigned passed = 0;

	ck_assert_uint_ge(buf->len, 28 + 200 * 11);
	for (size_t i = 28; i < buf->len; i += nf_tap_step(11)) {
		buf->p[i] ^= 0x10;
		passed += passes(arg);
		buf->p[i] ^= 0x10;
	}
	return passed;
}

/* The DLf3072 suites: KML DSA-3072, and KLF or the P-521 KLF2 above it. */
static const char *const suites[] = { "DLf1024s160mRijndael",
    "DLf3072s256mRijndael", "DLf3072s256mAEScSP800131Ar1" };

static inline void
default_of(struct fx *fx, int suite)
{
	if (suite == 0)
		fx_default(fx);
	else
		fx_suite(fx, suites[suite]);
}

/* Cases that share the keys. */
static inline TCase *
kekpair_tcase(void)
{
	TCase *t = tcase_create("pair");

	tcase_add_unchecked_fixture(t, setup, teardown);
	tcase_add_checked_fixture(t, setup_roots, NULL);
	tcase_set_timeout(t, 60);
	return t;
}

#endif
