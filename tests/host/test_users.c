/* SPDX-License-Identifier: Apache-2.0 */
/* The users of a service: their shares of the places, and their turns. */
#include "config.h"

#include <sys/resource.h>

#include "nfast/simd/files.h"
#include "nfast/simd/server.h"
#include "nfast/simd/users.h"
#include "tests/tap.h"

#define MAX	100

static struct nf_users users;

static struct nf_user *
enter(uid_t uid)
{
	struct nf_user *u;

	return nf_users_enter(&users, uid, MAX, false, &u) == 0 ? u : NULL;
}

/* As many places as the user gets. */
static uint32_t
fill(uid_t uid, struct nf_user **out)
{
	struct nf_user *u;
	uint32_t n = 0;

	while ((u = enter(uid)) != NULL) {
		*out = u;
		ck_assert_uint_eq(u->places, ++n);
	}
	return n;
}

static void
empty(struct nf_user *u)
{
	while (!nf_users_leave(&users, u))
		continue;
}

START_TEST(max_places_of_one_user)
{
	struct nf_user *a = NULL, *b = NULL, *more;

	memset(&users, 0, sizeof(users));
	ck_assert_uint_eq(fill(1000, &a), MAX / 2);
	ck_assert_uint_eq(fill(1001, &b), MAX / 4);
	ck_assert_ptr_null(enter(1000));
	ck_assert_int_eq(nf_users_enter(&users, 1000, MAX, false, &more),
	    NF_E_BUSY);
	ck_assert_ptr_null(more);
	/* The privileged have what is left. */
	for (uint32_t i = users.n; i < MAX; i++)
		ck_assert_int_eq(nf_users_enter(&users, 0, MAX, true, &more),
		    0);
	ck_assert_int_eq(nf_users_enter(&users, 0, MAX, true, &more),
	    NF_E_BUSY);
	empty(b);
	/* What one gives back is there for another again. */
	ck_assert_uint_eq(fill(1002, &b), (MAX / 4 + 1) / 2);
	ck_assert(nf_users_has(&users, b));
	empty(b);
	ck_assert(!nf_users_has(&users, b));
	empty(a);
	empty(users.first);
	ck_assert_uint_eq(users.n, 0);
	ck_assert_ptr_null(users.first);
}
END_TEST

START_TEST(greedy_users_leave_room)
{
	struct nf_user *u;

	memset(&users, 0, sizeof(users));
	/* Each gets some, and less than the one before. */
	for (uid_t uid = 0, last = MAX; uid < 6; uid++) {
		uint32_t n = fill(uid, &u);

		ck_assert(n > 0 && n < last);
		last = n;
	}
	while (users.first != NULL)
		empty(users.first);
}
END_TEST

/* Those that left are still there when others come instead. */
START_TEST(two_thousand_clients_of_one_user)
{
	struct nf_user *u = NULL;
	uint32_t n = 0;

	memset(&users, 0, sizeof(users));
	while (nf_users_enter(&users, 7, NF_SERVER_CLIENTS -
	    NF_SERVER_PRIV_KEPT, false, &u) == 0)
		n++;
	ck_assert_uint_eq(n, 2040);
	empty(users.first);
}
END_TEST

START_TEST(one_place)
{
	struct nf_user *u;

	memset(&users, 0, sizeof(users));
	ck_assert_int_eq(nf_users_enter(&users, 7, 1, false, &u), 0);
	ck_assert_int_eq(nf_users_enter(&users, 8, 1, false, &u), NF_E_BUSY);
	empty(users.first);
}
END_TEST

/* In a process of its own, as a limit does not come back. */
START_TEST(max_files)
{
	struct rlimit l = { 500, 700 };
	struct nf_diag diag = { 0 };
	uint32_t n = 636;

	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &l), 0);
	ck_assert_int_eq(nf_files_limit(&n, 4096, &diag), 0);
	ck_assert_uint_eq(n, 636);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &l), 0);
	ck_assert_uint_eq(l.rlim_cur, 700);
	n = 0;
	ck_assert_int_eq(nf_files_limit(&n, 4096, &diag), 0);
	ck_assert_uint_eq(n, 636);
	n = 0;
	ck_assert_int_eq(nf_files_limit(&n, 600, &diag), 0);
	ck_assert_uint_eq(n, 600);
	n = 637;
	ck_assert_int_eq(nf_files_limit(&n, 4096, &diag), NF_E_POLICY);
	ck_assert_ptr_nonnull(strstr(diag.text, "637 clients"));
}
END_TEST

START_TEST(turns)
{
	/* Who waits, in this order; and the order in which they are chosen. */
	static const char *const waits = "AAAABBC", *const chosen = "ABCABAA";
	struct nf_waiter waiter[7], *w;
	char name[7];

	memset(&users, 0, sizeof(users));
	ck_assert_ptr_null(nf_users_next(&users));
	for (size_t i = 0; i < 7; i++) {
		name[i] = waits[i];
		waiter[i].self = &name[i];
		nf_users_wait(enter((uid_t)waits[i]), &waiter[i]);
	}
	for (size_t i = 0; i < 7; i++) {
		ck_assert_ptr_nonnull(w = nf_users_next(&users));
		ck_assert_int_eq(*(const char *)w->self, chosen[i]);
	}
	ck_assert_ptr_null(nf_users_next(&users));
	/* Of one user, in the order in which they came. */
	for (size_t i = 0; i < 3; i++)
		nf_users_wait(users.first, &waiter[i]);
	for (size_t i = 0; i < 3; i++)
		ck_assert_ptr_eq(nf_users_next(&users), &waiter[i]);
	while (users.first != NULL)
		empty(users.first);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("host/users");
	TCase *tc = tcase_create("users");

	tcase_add_test(tc, max_places_of_one_user);
	tcase_add_test(tc, greedy_users_leave_room);
	tcase_add_test(tc, two_thousand_clients_of_one_user);
	tcase_add_test(tc, one_place);
	tcase_add_test(tc, turns);
	suite_add_tcase(s, tc);
	tc = tcase_create("limits");
	tcase_set_tags(tc, "limits");
	tcase_add_test(tc, max_files);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
