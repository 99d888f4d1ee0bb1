/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "nfast/base/file.h"
#include "nfast/module/internal.h"

static void
lock(struct nf_rack *rack)
{
	NF_REQUIRE(pthread_mutex_lock(&rack->lock) == 0);
}

static void
unlock(struct nf_rack *rack)
{
	NF_REQUIRE(pthread_mutex_unlock(&rack->lock) == 0);
}

/* Opened again, it would be in use: by this very process. */
static int
named_before(const char *const *state, uint32_t i, struct nf_diag *diag)
{
	for (uint32_t j = 0; j < i; j++) {
		if (nf_file_same(state[i], state[j])) {
			(void)nf_diag_set(diag, NF_E_USAGE, NULL,
			    "named twice: modules %u and %u would be one",
			    j + 1, i + 1);
			nf_diag_where(diag, "%s", state[i]);
			return NF_E_USAGE;
		}
	}
	return 0;
}

int
nf_rack_open(const char *const *state, uint32_t n, struct nf_rack **out,
    struct nf_diag *diag)
{
	struct nf_rack *rack = NULL;
	int r = 0;

	NF_REQUIRE(n > 0 && n <= NF_RACK_MAX);
	*out = NULL;
	if ((rack = calloc(1, sizeof(*rack))) == NULL ||
	    pthread_mutex_init(&rack->lock, NULL) != 0) {
		free(rack);
		return nf_diag_set(diag, NF_E_NOMEM, NULL, "out of memory");
	}
	for (uint32_t i = 0; r == 0 && i < n; i++) {
		struct nf_module *m;

		if ((r = named_before(state, i, diag)) != 0 ||
		    (r = nf_module_open(state[i], state[0], &m, diag)) != 0)
			break;
		m->rack = rack;
		m->common = &rack->common;
		m->number = i + 1;
		m->next_id = i;
		m->cards_of = rack->n == 0 ? m : rack->module[0];
		rack->module[rack->n++] = m;
	}
	if (r != 0)
		goto out;
	*out = rack;
	rack = NULL;
out:
	nf_rack_close(rack);
	return r;
}

void
nf_rack_close(struct nf_rack *rack)
{
	if (rack == NULL)
		return;
	for (uint32_t i = 0; i < rack->n; i++)
		nf_module_close(rack->module[i]);
	nf_mod_common_clear(&rack->common);
	(void)pthread_mutex_destroy(&rack->lock);
	free(rack);
}

int
nf_rack_transact(struct nf_rack *rack, struct nf_rack_client *client,
    struct nf_view command, struct nf_buf *reply)
{
	int r;

	lock(rack);
	r = nf_mod_transact(rack->module[0], client, command, reply);
	unlock(rack);
	return r;
}

bool
nf_rack_slow(struct nf_view command)
{
	struct nf_cur cur;
	uint32_t cmd, word[2];

	nf_cur_init(&cur, command.p, command.len, NULL);
	(void)nf_cur_u32(&cur, "tag");
	cmd = nf_cur_u32(&cur, "cmd");
	(void)nf_cur_u32(&cur, "status");
	(void)nf_cur_u32(&cur, "flags");
	for (int i = 0; i < 2; i++)
		word[i] = nf_cur_u32(&cur, "args");
	switch (cmd) {
	case NF_CMD_GENERATEKEYPAIR:
		return true;
	case NF_CMD_IMPORT:	/* the module, then the key */
		return word[1] == NF_KEY_RSAPRIVATE;
	case NF_CMD_LOADBLOB:	/* its flags */
		return (word[0] & NF_LOADBLOB_IMPORT) != 0;
	default:
		return false;
	}
}

void
nf_rack_forget(struct nf_rack *rack, const struct nf_rack_client *client)
{
	uint64_t number = client->joined != 0 ? client->joined : client->id;

	lock(rack);
	if (nf_mod_client_left(&rack->common, client)) {
		for (uint32_t i = 0; i < rack->n; i++)
			nf_mod_objects_forget(rack->module[i], number);
	}
	unlock(rack);
}

void
nf_mod_busy_begin(const struct nf_mod_txn *txn)
{
	if (txn->module->rack != NULL)
		unlock(txn->module->rack);
}

void
nf_mod_busy_end(const struct nf_mod_txn *txn)
{
	if (txn->module->rack != NULL)
		lock(txn->module->rack);
}

bool
nf_mod_card_elsewhere(const struct nf_module *m, struct nf_view name)
{
	const struct nf_rack *rack = m->rack;

	for (uint32_t i = 0; rack != NULL && i < rack->n; i++) {
		const char *there = rack->module[i]->card.name;

		if (rack->module[i] != m && *there != '\0' &&
		    nf_view_equal(name, nf_view_of(there, strlen(there))))
			return true;
	}
	return false;
}
