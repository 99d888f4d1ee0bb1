/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls of libc, libcrypto and the other libraries that fail on request.  A
 * program that is linked with $(FAIL_WRAP) and $(FAIL_LIBS) has its calls
 * of the functions in fail.list go through here (ld's --wrap): calls between
 * our objects and the libraries, not those inside the libraries.  Each thread
 * has a state of its own, so that a run can be repeated; threads that the
 * tested code starts see no failures.
 *
 * In a unit test, every place at which one call fails:
 *
 *	for (unsigned long n = 1;; n++) {
 *		nf_fail_nth(n);
 *		r = function(...);
 *		nf_fail_off();
 *		if (!nf_fail_hit())
 *			break;
 *		ck_assert_msg(r < 0, "%s", nf_fail_name());
 *	}
 *	ck_assert_int_eq(r, 0);
 *
 * Between start and nf_fail_off() call only what is tested: the assertions of
 * Check allocate, too.
 */
#ifndef NF_TESTS_FUZZ_FAIL_H
#define NF_TESTS_FUZZ_FAIL_H

#include <stdbool.h>
#include <stdint.h>

/* The nth listed call from here fails, once.  n >= 1. */
void nf_fail_nth(unsigned long n);

/* The nth listed call from here and all after it fail.  n >= 1. */
void nf_fail_from(unsigned long n);

/*
 * About one listed call in odds fails: which is decided by the seed alone.
 *   odds  at least 1
 */
void nf_fail_random(uint32_t seed, uint32_t odds);

/* From here nothing fails.  What the functions below say is kept. */
void nf_fail_off(void);

/* Since the last start: a call failed; the name of the last one that did
 * ("" for none); how many listed calls there were. */
bool nf_fail_hit(void);
const char *nf_fail_name(void);
unsigned long nf_fail_calls(void);

/* For the wrappers: this call of that name is to fail. */
bool nf_fail_now(const char *name);

#endif
