/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdlib.h>
#include <unistd.h>

#include "nfast/simd/users.h"

/* The link that leads to the user of this uid, or to the end. */
static struct nf_user **
find(struct nf_users *users, uid_t uid)
{
	struct nf_user **at = &users->first;

	while (*at != NULL && (*at)->uid != uid)
		at = &(*at)->next;
	return at;
}

int
nf_users_enter(struct nf_users *users, uid_t uid, uint32_t max, bool all,
    struct nf_user **out)
{
	struct nf_user **at = find(users, uid);
	uint32_t own = *at == NULL ? 0 : (*at)->places;

	*out = NULL;
	if (users->n >= max || (!all && own >= max - users->n))
		return NF_E_BUSY;
	if (*at == NULL) {
		if ((*at = calloc(1, sizeof(**at))) == NULL)
			return NF_E_NOMEM;
		(*at)->uid = uid;
		(*at)->epoll = -1;
	}
	(*at)->places++;
	users->n++;
	*out = *at;
	return 0;
}

bool
nf_users_leave(struct nf_users *users, struct nf_user *user)
{
	struct nf_user **at = find(users, user->uid);

	users->n--;
	if (--user->places > 0)
		return false;
	*at = user->next;
	if (user->epoll >= 0)
		(void)close(user->epoll);
	free(user);
	return true;
}

bool
nf_users_has(const struct nf_users *users, const struct nf_user *user)
{
	const struct nf_user *u = users->first;

	while (u != NULL && u != user)
		u = u->next;
	return u != NULL;
}

void
nf_users_wait(struct nf_user *user, struct nf_waiter *waiter)
{
	waiter->next = NULL;
	if (user->first == NULL)
		user->first = waiter;
	else
		user->last->next = waiter;
	user->last = waiter;
}

struct nf_waiter *
nf_users_next(struct nf_users *users)
{
	struct nf_user **at = &users->first, *user;
	struct nf_waiter *w;

	while (*at != NULL && (*at)->first == NULL)
		at = &(*at)->next;
	if ((user = *at) == NULL)
		return NULL;
	w = user->first;
	user->first = w->next;
	/* To the end of the line. */
	*at = user->next;
	while (*at != NULL)
		at = &(*at)->next;
	user->next = NULL;
	*at = user;
	return w;
}
