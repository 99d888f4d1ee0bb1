/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The users of a service, told by their uid: how many places each has, and
 * whose turn it is.  Knows nothing of sockets and commands; the caller has a
 * lock around it.
 */
#ifndef NF_SIMD_USERS_H
#define NF_SIMD_USERS_H

#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>

#include "nfast/base/err.h"

/* Who waits; part of the caller's own struct, which self points to. */
struct nf_waiter {
	struct nf_waiter *next;
	void *self;
};

/*
 *   places  that the user has
 *   epoll   watches the user's connections; the caller's, -1 at first
 */
struct nf_user {
	uid_t uid;
	uint32_t places;
	int epoll;
	struct nf_waiter *first, *last;
	struct nf_user *next;
};

/* Zero to begin with. */
struct nf_users {
	uint32_t n;		/* places that are taken */
	struct nf_user *first;	/* whose turn is next */
};

/*
 * Take a place for a user: one of max, and of those that other users leave
 * not more than half, so that any number of greedy users leaves some to the
 * next.
 *   all  also more than half
 *   out  borrowed until the user's last place is given back
 * Errors: NF_E_BUSY (no place), NF_E_NOMEM.
 */
int nf_users_enter(struct nf_users *users, uid_t uid, uint32_t max, bool all,
    struct nf_user **out);

/* Give a place back; true when the user is gone, whose epoll was closed. */
bool nf_users_leave(struct nf_users *users, struct nf_user *user);

/* This is one of the users now. */
bool nf_users_has(const struct nf_users *users, const struct nf_user *user);

/* Let somebody of the user wait. */
void nf_users_wait(struct nf_user *user, struct nf_waiter *waiter);

/*
 * Who has waited longest of the user who was not chosen for longest, or NULL:
 * users take turns, however many of each wait.
 */
struct nf_waiter *nf_users_next(struct nf_users *users);

#endif
