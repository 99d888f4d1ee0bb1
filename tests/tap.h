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

/*
 * For a program whose every case needs the samples: print the TAP skip line
 * and return true when they are missing.
 */
static inline bool
nf_tap_skip_without_samples(void)
{
	if (nf_tap_samples() != NULL)
		return false;
	(void)puts("1..0 # SKIP the real samples are not here");
	return true;
}

/* Load a sample into buf; aborts the case when it cannot be read. */
static inline void
nf_tap_sample(const char *name, struct nf_buf *buf)
{
	char path[2 * NF_PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/%s", nf_tap_samples(), name);
	nf_buf_init(buf);
	ck_assert_int_eq(nf_file_load(path, 1 << 20, buf, NULL), 0);
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

#endif
