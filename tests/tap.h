/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every Check program of the tests shares: TAP output, fixtures made of
 * files, and the real samples, which may be missing.
 */
#ifndef NF_TESTS_TAP_H
#define NF_TESTS_TAP_H

#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nfast/base/buf.h"
#include "nfast/base/file.h"
#include "nfast/base/text.h"

/*
 * Check's time limits are for machines that do nothing else: each is five
 * times as long, and a minute more where a case has none of its own.
 */
__attribute__((constructor)) static void
nf_tap_patience(void)
{
	(void)setenv("CK_DEFAULT_TIMEOUT", "60", 0);
	(void)setenv("CK_TIMEOUT_MULTIPLIER", "5", 0);
}

/* Run a suite with one TAP line a case; a failure is in the TAP alone. */
static inline int
nf_tap_run(Suite *suite)
{
	SRunner *sr = srunner_create(suite);

	srunner_set_tap(sr, "-");
	srunner_run_all(sr, CK_SILENT);
	srunner_free(sr);
	return 0;
}

/* For a program that has no case here. */
static inline int
nf_tap_skip(const char *why)
{
	(void)printf("1..0 # SKIP %s\n", why);
	return 0;
}

/* The directory of the real samples, or NULL when it is not there. */
static inline const char *
nf_tap_samples(void)
{
	static char dir[NF_PATH_MAX];
	const char *src = getenv("SW_SRCDIR");

	(void)snprintf(dir, sizeof(dir), "%s/../shared/samples",
	    src == NULL ? "." : src);
	return access(dir, R_OK) == 0 ? dir : NULL;
}

/* For a program whose every case needs the samples. */
static inline int
nf_tap_run_with_samples(Suite *(*make)(void))
{
	return nf_tap_samples() != NULL ? nf_tap_run(make()) :
	    nf_tap_skip("the real samples are not here");
}

/* Cases 0 to n - 1 of a test that needs the samples, or why they are not. */
#define NF_TAP_SAMPLE_LOOP(tc, test, n) do { \
	if (nf_tap_samples() != NULL) \
		tcase_add_loop_test(tc, test, 0, n); \
	else \
		(void)puts("# SKIP " #test ": the real samples are not here"); \
} while (0)

/* Load a sample into buf; aborts the case when it cannot be read. */
static inline void
nf_tap_sample(const char *name, struct nf_buf *buf)
{
	char path[2 * NF_PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/%s", nf_tap_samples(), name);
	nf_buf_init(buf);
	ck_assert_int_eq(nf_file_load(path, 1 << 20, buf, NULL), 0);
}

/*
 * The step of a loop over every byte, bit or length of something, where each
 * turn runs the same code: so many times as long as SW_SPARSE in the
 * environment says, for what runs the tests slowly.
 */
static inline size_t
nf_tap_step(size_t step)
{
	const char *sparse = getenv("SW_SPARSE");
	int n = sparse == NULL ? 1 : atoi(sparse);

	return n < 1 ? step : step * (size_t)n;
}

/* Bytes from hex text in the test source (vectors of a line or two). */
static inline void
nf_tap_unhex(const char *hex, struct nf_buf *buf)
{
	size_t n = strlen(hex) / 2;

	nf_buf_init(buf);
	nf_buf_fill(buf, 0, n);
	ck_assert(nf_text_unhex(hex, strlen(hex), buf->p, n));
}

/* The same of a number: it is big-endian in the source, as in papers. */
static inline void
nf_tap_number(const char *hex, struct nf_buf *buf)
{
	nf_tap_unhex(hex, buf);
	for (size_t i = 0; i < buf->len / 2; i++) {
		uint8_t c = buf->p[i];

		buf->p[i] = buf->p[buf->len - 1 - i];
		buf->p[buf->len - 1 - i] = c;
	}
}

#endif
