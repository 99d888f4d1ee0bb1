/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of nf_vfy_kek_check() share: a pair is made and checked. */
#ifndef NF_TESTS_VERIFY_KEKPAIR_H
#define NF_TESTS_VERIFY_KEKPAIR_H

#include "tests/tap.h"
#include "tests/verify/fixture.h"

static struct nf_vfy_ctx *ctx;
static struct nf_vfy_verdict v;
static struct nf_vfy_kekfacts facts;
static struct nf_vfy_roots roots;

static inline void
setup(void)
{
	fx_setup();
	ctx = nf_vfy_ctx_new();
	ck_assert_ptr_nonnull(ctx);
	memset(&roots, 0, sizeof(roots));
	roots.has_extra = true;
	memcpy(roots.extra, fx_hash(FX_ROOT), 20);
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

/* The first check that fails, with part of its detail. */
static inline void
refuse(const struct fx *fx, const char *id, const char *why)
{
	const struct nf_vfy_check *c = NULL;

	check_fx(fx);
	ck_assert_int_eq(nf_vfy_result_of(&v), NF_VFY_FAILED);
	ck_assert_int_eq(nf_vfy_exit(&v), 1);
	for (size_t i = 0; c == NULL && i < v.n_checks; i++) {
		if (v.check[i].status == NF_VFY_FAIL)
			c = &v.check[i];
	}
	ck_assert_ptr_nonnull(c);
	ck_assert_str_eq(c->id, id);
	ck_assert_msg(strstr(nf_vfy_detail(&v, c), why) != NULL,
	    "detail is '%s'", nf_vfy_detail(&v, c));
	ck_assert_ptr_null(facts.kek);
	nf_vfy_verdict_wipe(&v);
}

static inline void
fact_is(const char *name, const char *value, const char *by)
{
	struct nf_buf is = NF_BUF_INIT;
	const char *is_by;

	ck_assert(nf_vfy_fact_find(&v, name, &is, &is_by));
	ck_assert_str_eq(nf_buf_text(&is), value);
	if (by == NULL)
		ck_assert_ptr_null(is_by);
	else
		ck_assert_str_eq(is_by, by);
	nf_buf_wipe(&is);
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

#endif
