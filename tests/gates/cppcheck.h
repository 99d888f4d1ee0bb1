/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Macros of others that cppcheck must know, as it does not read the system's
 * headers: loops that look like calls, and assertions that end a case.
 */
#ifndef NF_TESTS_GATES_CPPCHECK_H
#define NF_TESTS_GATES_CPPCHECK_H

#define json_array_foreach(array, i, v) \
	for ((i) = 0; ((v) = json_array_get(array, i)) != NULL; (i)++)
#define json_object_foreach(object, k, v) \
	for ((k) = key(object); ((v) = json_object_get(object, k)) != NULL;)
#define ck_assert(c) do { if (!(c)) abort(); } while (0)
#define ck_assert_ptr_nonnull(p) ck_assert((p) != NULL)
#define ck_assert_int_eq(a, b) ck_assert((a) == (b))

#endif
