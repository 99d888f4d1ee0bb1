/* SPDX-License-Identifier: Apache-2.0 */
/* The one token that a selection means. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "transfer/p11_internal.h"

/* A list that grows while it is asked for, more often than this, lies. */
#define TRIES	4

/* Tokens that an error lists. */
#define LISTED	4

int
nf_p11_numbers(struct nf_p11 *p11, const struct nf_p11_numbers *what,
    CK_ULONG **out, CK_ULONG *n, struct nf_diag *diag)
{
	CK_ULONG *list = NULL, room;
	CK_RV rv = CKR_BUFFER_TOO_SMALL;

	*out = NULL;
	for (int i = 0; i < TRIES && rv == CKR_BUFFER_TOO_SMALL; i++) {
		free(list);
		list = NULL;
		*n = 0;
		if ((rv = what->get(p11, NULL, n)) != CKR_OK)
			break;
		if (*n > what->max)
			return nf_p11_junk(what->call, what->many, diag);
		room = *n;
		if ((list = calloc(room + 1, sizeof(*list))) == NULL)
			return nf_diag_set(diag, NF_E_NOMEM, NULL,
			    "out of memory");
		rv = what->get(p11, list, n);
		if (rv == CKR_OK && *n > room) {
			free(list);
			return nf_p11_junk(what->call, what->more, diag);
		}
	}
	if (rv != CKR_OK) {
		free(list);
		return nf_p11_failed(p11, what->call, rv, diag);
	}
	*out = list;
	return 0;
}

static CK_RV
slots_get(struct nf_p11 *p11, CK_ULONG *list, CK_ULONG *n)
{
	return p11->f->C_GetSlotList(1, list, n);
}

/* A token that is usable: false for an empty or uninitialised one. */
static bool
token_get(struct nf_p11 *p11, CK_SLOT_ID slot, CK_SLOT_INFO *slot_info,
    CK_TOKEN_INFO *token)
{
	memset(slot_info, 0, sizeof(*slot_info));
	memset(token, 0, sizeof(*token));
	p11->rv = p11->f->C_GetSlotInfo(slot, slot_info);
	if (p11->rv == CKR_OK)
		p11->rv = p11->f->C_GetTokenInfo(slot, token);
	return p11->rv == CKR_OK &&
	    (token->flags & CKF_TOKEN_INITIALIZED) != 0;
}

static void
list_add(struct nf_buf *list, CK_ULONG n, CK_SLOT_ID slot,
    const CK_TOKEN_INFO *token)
{
	char name[sizeof(token->label) + 1];

	nf_p11_text(name, token->label, sizeof(token->label));
	if (n <= LISTED)
		nf_buf_printf(list, "%s\"%s\" in slot %lu",
		    n == 1 ? "" : ", ", name, slot);
	else if (n == LISTED + 1)
		nf_buf_str(list, ", ...");
}

int
nf_p11_slot_find(struct nf_p11 *p11, const struct nf_p11_select *select,
    struct nf_diag *diag)
{
	static const struct nf_p11_numbers all = { "C_GetSlotList",
	    "too many slots", "more slots than there is room for",
	    NF_P11_SLOTS_MAX, slots_get };
	struct nf_buf match = NF_BUF_INIT, other = NF_BUF_INIT;
	CK_SLOT_INFO slot_info;
	CK_TOKEN_INFO token;
	CK_SLOT_ID *slots;
	CK_ULONG n, n_match = 0, n_other = 0;
	int r;

	if ((r = nf_p11_numbers(p11, &all, &slots, &n, diag)) != 0)
		goto out;
	for (CK_ULONG i = 0; i < n; i++) {
		if (!token_get(p11, slots[i], &slot_info, &token))
			continue;
		if (!nf_p11_matches(select, slots[i], &p11->info, &slot_info,
		    &token)) {
			list_add(&other, ++n_other, slots[i], &token);
			continue;
		}
		list_add(&match, ++n_match, slots[i], &token);
		p11->slot = slots[i];
		p11->slot_info = slot_info;
		p11->token = token;
	}
	if (n_match == 1)
		nf_p11_text(p11->name, p11->token.label,
		    sizeof(p11->token.label));
	else if (n_match > 1)
		r = nf_diag_set(diag, NF_E_USAGE, "token",
		    "%lu match, name one: %s", n_match, nf_buf_text(&match));
	else if (n_other == 0)
		r = nf_diag_set(diag, NF_E_NOTFOUND, "token",
		    "the module has no initialised token");
	else
		r = nf_diag_set(diag, NF_E_NOTFOUND, "token",
		    "none matches; there is %s", nf_buf_text(&other));
out:
	free(slots);
	nf_buf_wipe(&match);
	nf_buf_wipe(&other);
	return r;
}
