/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "nfast/base/cli.h"
#include "nfast/host/acs.h"
#include "nfast/host/hostcmd.h"
#include "nfast/wire/names.h"

#define CARD_NAME_MAX	64
#define TRIES		3
#define SET_NAME_MAX	256

/* A quorum being read. */
struct reading {
	struct nf_host *host;
	struct nf_acs_token *token;
	size_t n;
	const char *set;	/* NULL: administrator cards */
	struct nf_pins *pins;
	void (*progress)(const char *line);
	uint64_t seen;		/* share numbers that were read */
	uint32_t done;
	uint32_t foreign;
};

static void say(void (*progress)(const char *), const char *, ...)
    __attribute__((format(printf, 2, 3)));

static void
say(void (*progress)(const char *), const char *fmt, ...)
{
	char line[256];
	va_list ap;

	if (progress == NULL)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	progress(line);
}

static void
say_count(struct nf_host *host, void (*progress)(const char *),
    uint32_t done, uint32_t total, const char *what)
{
	say(progress, " Module %u: %u card%s of %u %s", nf_host_module(host),
	    done, done == 1 ? "" : "s", total, what);
}

int
nf_acs_token_new(struct nf_host *host, struct nf_acs_token *token,
    struct nf_diag *diag)
{
	struct nf_command cmd = { .cmd = NF_CMD_GENERATELOGICALTOKEN };
	struct nf_reply reply;
	int r;

	cmd.args.module = NF_HOST_MODULE;
	memcpy(cmd.args.hash, token->hkm, NF_HASH_LEN);
	cmd.args.tokenparams = token->params;
	if ((r = nf_host_call(host, &cmd, &reply, diag)) == 0) {
		token->id = reply.args.key;
		memcpy(token->hkt, reply.args.hash, NF_HASH_LEN);
	}
	nf_args_wipe(&reply.args);
	return r;
}

void
nf_acs_drop(struct nf_host *host, struct nf_acs_token *token, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (token[i].id != 0)
			(void)nf_host_destroy(host, token[i].id, NULL);
		token[i].id = 0;
	}
}

static void
share_command(struct nf_command *cmd, uint32_t number, uint32_t ic,
    uint32_t id, uint32_t index, const struct nf_acs_pin *pin)
{
	memset(cmd, 0, sizeof(*cmd));
	cmd->cmd = number;
	cmd->args.module = NF_HOST_MODULE;
	cmd->args.slot = NF_HOST_SLOT;
	cmd->args.ic = ic;
	cmd->args.key = id;
	cmd->args.index = index;
	if (pin->has) {
		cmd->args.flags = NF_SHARE_PIN;
		memcpy(cmd->args.pin, pin->pin, NF_HASH_LEN);
	}
}

static int
slot_info(struct nf_host *host, struct nf_reply *reply, struct nf_diag *diag)
{
	struct nf_command cmd = { .cmd = NF_CMD_GETSLOTINFO };

	cmd.args.module = NF_HOST_MODULE;
	cmd.args.slot = NF_HOST_SLOT;
	return nf_host_call(host, &cmd, reply, diag);
}

static int
card_write(struct nf_host *host, const struct nf_acs_token *token, size_t n,
    const struct nf_acs_pin *pin, uint32_t index, struct nf_diag *diag)
{
	struct nf_command cmd;
	struct nf_reply reply;
	uint32_t ic;
	int r;

	if ((r = nf_host_dev(host, NF_DEV_CARD_NEW, 0, "", NULL, diag)) != 0)
		return r;
	r = slot_info(host, &reply, diag);
	ic = reply.args.ic;
	nf_args_wipe(&reply.args);
	for (size_t i = 0; r == 0 && i < n; i++) {
		share_command(&cmd, NF_CMD_WRITESHARE, ic, token[i].id, index,
		    pin);
		r = nf_host_call(host, &cmd, &reply, diag);
		nf_args_wipe(&reply.args);
		explicit_bzero(&cmd, sizeof(cmd));
	}
	return r;
}

int
nf_acs_write(struct nf_host *host, const struct nf_acs_token *token, size_t n,
    const struct nf_acs_pin *pin, uint32_t total,
    void (*progress)(const char *line), struct nf_diag *diag)
{
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < total; i++) {
		say_count(host, progress, i, total, "written");
		say(progress, " Module %u slot 0: blank card",
		    nf_host_module(host));
		say(progress, " Module %u slot 0:- %s - writing card",
		    nf_host_module(host), pin[i].has ? "passphrase specified" :
		    "no passphrase specified");
		r = card_write(host, token, n, &pin[i], i + 1, diag);
		if (r != 0)
			nf_diag_where(diag, "card %u", i + 1);
	}
	(void)nf_host_dev(host, NF_DEV_CARD_INSERT, 0, "", NULL, NULL);
	if (r == 0)
		say(progress, "Card writing complete.");
	return r;
}

static int
token_load(struct nf_host *host, struct nf_acs_token *token,
    struct nf_diag *diag)
{
	struct nf_command cmd = { .cmd = NF_CMD_LOADLOGICALTOKEN };
	struct nf_reply reply;
	int r;

	cmd.args.module = NF_HOST_MODULE;
	memcpy(cmd.args.hash, token->hkt, NF_HASH_LEN);
	memcpy(cmd.args.hash2, token->hkm, NF_HASH_LEN);
	cmd.args.tokenparams = token->params;
	if ((r = nf_host_call(host, &cmd, &reply, diag)) == 0)
		token->id = reply.args.key;
	nf_args_wipe(&reply.args);
	return r;
}

/* The share number of the token on the card in the slot; 0: none. */
static uint32_t
share_find(const struct nf_args *info, const struct nf_acs_token *token)
{
	for (uint32_t i = 0; i < info->n_shares; i++) {
		if (memcmp(info->share[i].hkt, token->hkt,
		    NF_SHORTHASH_LEN) == 0)
			return info->share[i].index;
	}
	return 0;
}

/* Read one share; a wrong passphrase sets *wrong and no diag. */
static int
share_read(struct reading *rd, const struct nf_acs_token *token, uint32_t ic,
    uint32_t index, const struct nf_acs_pin *pin, bool *wrong,
    struct nf_diag *diag)
{
	struct nf_diag own = { 0 };
	struct nf_command cmd;
	struct nf_reply reply;
	int r;

	share_command(&cmd, NF_CMD_READSHARE, ic, token->id, index, pin);
	r = nf_host_call(rd->host, &cmd, &reply, &own);
	*wrong = r == NF_E_REFUSED && reply.status == NF_ST_DECRYPTFAILED;
	nf_args_wipe(&reply.args);
	explicit_bzero(&cmd, sizeof(cmd));
	if (r != 0 && !*wrong && diag != NULL && diag->code == 0)
		*diag = own;
	return r;
}

/* How questions and errors call a card. */
static void
card_name(const struct reading *rd, char *out, size_t len, uint32_t index)
{
	if (rd->set == NULL)
		(void)snprintf(out, len, "administrator card #%u", index);
	else
		(void)snprintf(out, len, "card #%u of `%s'", index, rd->set);
}

/* Ask for the card's passphrase and read its shares of all tokens. */
static int
card_read(struct reading *rd, uint32_t ic, uint32_t index,
    struct nf_diag *diag)
{
	struct nf_acs_pin pin = { .has = false };
	char name[SET_NAME_MAX + 32], prompt[sizeof(name) + 64];
	bool wrong = false;
	int r = 0;

	card_name(rd, name, sizeof(name), index);
	(void)snprintf(prompt, sizeof(prompt), "Module %u slot 0: passphrase "
	    "for %s", nf_host_module(rd->host), name);
	for (int try = 0; try < TRIES; try++) {
		if ((r = nf_pins_next(rd->pins, prompt, false, pin.pin,
		    &pin.has, diag)) != 0)
			break;
		say(rd->progress, " Module %u slot 0:- %s - reading card",
		    nf_host_module(rd->host), pin.has ? "passphrase supplied" :
		    "no passphrase");
		r = 0;
		for (size_t i = 0; r == 0 && i < rd->n; i++)
			r = share_read(rd, &rd->token[i], ic, index, &pin,
			    &wrong, diag);
		if (!wrong || !nf_pins_can_retry(rd->pins))
			break;
		say(rd->progress, " Module %u slot 0:- wrong passphrase",
		    nf_host_module(rd->host));
	}
	if (r != 0 && wrong)
		(void)nf_diag_set(diag, NF_E_REFUSED, NULL,
		    "card %u: wrong passphrase", index);
	explicit_bzero(&pin, sizeof(pin));
	return r;
}

/*
 * Insert a card and read it when it is one of the set.
 *   must  the owner named this card, so another one is an error
 */
static int
card_try(struct reading *rd, const char *name, bool must,
    struct nf_diag *diag)
{
	struct nf_reply reply;
	uint32_t ic, index = 0, n_shares = 0;
	int r;

	if ((r = nf_host_dev(rd->host, NF_DEV_CARD_INSERT, 0, name, NULL,
	    diag)) != 0)
		return r;
	if ((r = slot_info(rd->host, &reply, diag)) == 0) {
		index = share_find(&reply.args, &rd->token[0]);
		n_shares = reply.args.n_shares;
	}
	ic = reply.args.ic;
	nf_args_wipe(&reply.args);
	if (r != 0)
		return r;
	if (index == 0 || index > 64) {
		rd->foreign += n_shares > 0;
		if (!must)
			return 0;
		return nf_diag_set(diag, NF_E_MISMATCH, NULL,
		    "card %s: %s", name, n_shares == 0 ? "blank" :
		    rd->set == NULL ? "belongs to another security world" :
		    "belongs to another card set");
	}
	if ((rd->seen >> (index - 1) & 1) != 0)
		return 0;
	say_count(rd->host, rd->progress, rd->done,
	    rd->token[0].params.needed, "read");
	if (rd->set == NULL)
		say(rd->progress, " Module %u slot 0: Admin Card #%u",
		    nf_host_module(rd->host), index);
	else
		say(rd->progress, " Module %u slot 0: `%s' #%u",
		    nf_host_module(rd->host), rd->set, index);
	if ((r = card_read(rd, ic, index, diag)) != 0)
		return r;
	rd->seen |= UINT64_C(1) << (index - 1);
	rd->done++;
	return 0;
}

/* Try the cards of a list until the quorum is read. */
static int
cards_try(struct reading *rd, struct nf_view list, char sep, bool must,
    struct nf_diag *diag)
{
	char name[CARD_NAME_MAX + 1];
	size_t i = 0, len;
	int r = 0;

	while (r == 0 && i < list.len &&
	    rd->done < rd->token[0].params.needed) {
		for (len = 0; i + len < list.len && list.p[i + len] !=
		    (uint8_t)sep; len++)
			continue;
		if (len > CARD_NAME_MAX)
			return nf_diag_set(diag, NF_E_FORMAT, "card",
			    "a card's name is too long");
		memcpy(name, list.p + i, len);
		name[len] = '\0';
		i += len + 1;
		if (len > 0)
			r = card_try(rd, name, must, diag);
	}
	return r;
}

static int
quorum_check(const struct reading *rd, struct nf_diag *diag)
{
	uint32_t needed = rd->token[0].params.needed;

	if (rd->done >= needed)
		return 0;
	if (rd->done == 0 && rd->foreign > 0)
		return nf_diag_set(diag, NF_E_MISMATCH, NULL,
		    rd->set == NULL ?
		    "the cards belong to another security world" :
		    "the cards belong to other card sets");
	if (rd->set != NULL)
		return nf_diag_set(diag, NF_E_NOTFOUND, NULL,
		    "%u of the %u cards of `%s' that are needed were found",
		    rd->done, needed, rd->set);
	return nf_diag_set(diag, NF_E_NOTFOUND, NULL,
	    "%u of the %u administrator cards that are needed were found",
	    rd->done, needed);
}

int
nf_acs_read(struct nf_host *host, struct nf_acs_token *token, size_t n,
    const char *set, struct nf_pins *pins,
    void (*progress)(const char *line), struct nf_diag *diag)
{
	struct reading rd = { host, token, n, set, pins, progress, 0, 0, 0 };
	const char *named = nf_cli_env(NF_ACS_ENV);
	struct nf_buf list = NF_BUF_INIT;
	size_t i;
	int r = 0;

	NF_REQUIRE(n > 0);
	for (i = 0; i < n; i++)
		token[i].id = 0;
	for (i = 0; r == 0 && i < n; i++)
		r = token_load(host, &token[i], diag);
	if (r != 0)
		goto out;
	if (named != NULL)
		r = cards_try(&rd, nf_view_of(named, strlen(named)), ',',
		    true, diag);
	else if ((r = nf_host_dev(host, NF_DEV_CARD_LIST, 0, "", &list,
	    diag)) == 0)
		r = cards_try(&rd, nf_buf_view(&list), '\n', false, diag);
	if (r == 0)
		r = quorum_check(&rd, diag);
	if (r != 0 || (token[0].params.flags & NF_TOKEN_UNLOAD) == 0)
		(void)nf_host_dev(host, NF_DEV_CARD_INSERT, 0, "", NULL,
		    NULL);
	if (r == 0)
		say(progress, "Card reading complete.");
out:
	if (r != 0)
		nf_acs_drop(host, token, n);
	nf_buf_wipe(&list);
	return r;
}

/* ---- softcards ----------------------------------------------------------- */

/* Put a softcard into its slot. */
static int
soft_insert(struct nf_host *host, struct nf_view bytes, uint32_t *ic,
    struct nf_diag *diag)
{
	struct nf_command cmd = { .cmd = NF_CMD_INSERTSOFTTOKEN };
	struct nf_reply reply;
	int r;

	cmd.args.module = NF_HOST_MODULE;
	cmd.args.slot = NF_SLOT_SOFT;
	cmd.args.data = bytes;
	r = nf_host_call(host, &cmd, &reply, diag);
	*ic = reply.args.ic;
	nf_args_wipe(&reply.args);
	return r;
}

/* Take it out; its bytes go to out, which may be NULL. */
static int
soft_remove(struct nf_host *host, struct nf_buf *out, struct nf_diag *diag)
{
	struct nf_command cmd = { .cmd = NF_CMD_REMOVESOFTTOKEN };
	struct nf_reply reply;
	int r;

	cmd.args.module = NF_HOST_MODULE;
	cmd.args.slot = NF_SLOT_SOFT;
	r = nf_host_call(host, &cmd, &reply, diag);
	if (r == 0 && out != NULL) {
		nf_buf_view_put(out, reply.args.data);
		if ((r = nf_buf_err(out)) != 0)
			(void)nf_diag_set(diag, r, NULL, "out of memory");
	}
	nf_args_wipe(&reply.args);
	return r;
}

int
nf_acs_soft_write(struct nf_host *host, const struct nf_acs_token *token,
    const struct nf_acs_pin *pin, struct nf_buf *out, struct nf_diag *diag)
{
	struct nf_command cmd;
	struct nf_reply reply;
	uint32_t ic;
	int r;

	if ((r = soft_insert(host, nf_view_of(NULL, 0), &ic, diag)) != 0)
		return r;
	share_command(&cmd, NF_CMD_WRITESHARE, ic, token->id, 1, pin);
	cmd.args.slot = NF_SLOT_SOFT;
	r = nf_host_call(host, &cmd, &reply, diag);
	nf_args_wipe(&reply.args);
	explicit_bzero(&cmd, sizeof(cmd));
	if (r == 0)
		return soft_remove(host, out, diag);
	(void)soft_remove(host, NULL, NULL);
	return r;
}

/* One passphrase; a wrong one sets *wrong and no diag. */
static int
soft_try(struct nf_host *host, const struct nf_acs_token *token,
    struct nf_view share, const struct nf_acs_pin *pin, bool *wrong,
    struct nf_diag *diag)
{
	struct nf_diag own = { 0 };
	struct nf_command cmd;
	struct nf_reply reply;
	uint32_t ic;
	int r;

	*wrong = false;
	if ((r = soft_insert(host, share, &ic, diag)) != 0)
		return r;
	share_command(&cmd, NF_CMD_READSHARE, ic, token->id, 1, pin);
	cmd.args.slot = NF_SLOT_SOFT;
	r = nf_host_call(host, &cmd, &reply, &own);
	*wrong = r == NF_E_REFUSED && reply.status == NF_ST_DECRYPTFAILED;
	nf_args_wipe(&reply.args);
	explicit_bzero(&cmd, sizeof(cmd));
	(void)soft_remove(host, NULL, NULL);
	if (r != 0 && !*wrong && diag != NULL && diag->code == 0)
		*diag = own;
	return r;
}

int
nf_acs_soft_read(struct nf_host *host, struct nf_acs_token *token,
    struct nf_view share, const char *name, struct nf_pins *pins,
    void (*progress)(const char *line), struct nf_diag *diag)
{
	struct nf_acs_pin pin = { .has = false };
	char prompt[SET_NAME_MAX + 64];
	bool wrong = false;
	int r;

	token->id = 0;
	if ((r = token_load(host, token, diag)) != 0)
		return r;
	(void)snprintf(prompt, sizeof(prompt), "Passphrase for softcard "
	    "`%s'", name);
	for (int i = 0; i < TRIES; i++) {
		if ((r = nf_pins_next(pins, prompt, false, pin.pin, &pin.has,
		    diag)) != 0)
			break;
		r = soft_try(host, token, share, &pin, &wrong, diag);
		if (!wrong || !nf_pins_can_retry(pins))
			break;
		say(progress, " softcard: wrong passphrase");
	}
	if (r != 0 && wrong)
		(void)nf_diag_set(diag, NF_E_REFUSED, NULL,
		    "softcard `%s': wrong passphrase", name);
	if (r != 0)
		nf_acs_drop(host, token, 1);
	explicit_bzero(&pin, sizeof(pin));
	return r;
}
