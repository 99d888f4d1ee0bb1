/* SPDX-License-Identifier: Apache-2.0 */
/* The language of NFSIM_FAULTS and what its faults do; see faults.h. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "nfast/base/cur.h"
#include "nfast/module/faults.h"
#include "nfast/wire/command.h"
#include "nfast/wire/names.h"

#define WORD_MAX	64
#define NUMBER_DIGITS	9
#define DELAY_MAX	60000u	/* milliseconds */

enum point { COMMAND, REPLY, COMMIT };

struct entry {
	enum point point;
	uint32_t cmd;		/* of COMMAND; UINT32_MAX: any */
	uint32_t when;		/* 0: each */
	uint32_t seen;
	struct nf_fault fault;
};

struct nf_faults {
	size_t n;
	struct entry entry[NF_FAULTS_MAX];
};

/* The text that is read, and how far. */
struct reader {
	const char *text;
	size_t at;
	struct nf_diag *diag;
};

/* Actions without a number. */
static const struct action {
	const char *name;
	unsigned int points;	/* 1 << enum point */
	enum nf_fault_kind kind;
} actions[] = {
	{ "drop", 1u << COMMAND | 1u << REPLY, NF_FAULT_DROP },
	{ "eject", 1u << COMMAND, NF_FAULT_EJECT },
	{ "corrupt", 1u << REPLY, NF_FAULT_CORRUPT },
	{ "cut-before", 1u << COMMIT, NF_FAULT_CUT_BEFORE },
	{ "cut-after", 1u << COMMIT, NF_FAULT_CUT_AFTER }
};

static int
fail(struct reader *rd, size_t at, const char *what)
{
	return nf_diag_at(rd->diag, NF_E_USAGE, NF_FAULTS_ENV, at, "%s", what);
}

/* The word up to one of the stop characters or the end. */
static int
word(struct reader *rd, const char *stop, char out[static WORD_MAX],
    const char *what)
{
	size_t n = strcspn(rd->text + rd->at, stop);

	if (n == 0 || n >= WORD_MAX)
		return fail(rd, rd->at, what);
	memcpy(out, rd->text + rd->at, n);
	out[n] = '\0';
	rd->at += n;
	return 0;
}

static int
expect(struct reader *rd, char c, const char *what)
{
	if (rd->text[rd->at] != c)
		return fail(rd, rd->at, what);
	rd->at++;
	return 0;
}

/* A decimal number and the text behind it. */
static bool
number(const char *s, uint32_t *out, const char **end)
{
	size_t n = strspn(s, "0123456789");

	*end = s + n;
	*out = 0;
	for (size_t i = 0; i < n && n <= NUMBER_DIGITS; i++)
		*out = *out * 10 + (uint32_t)(s[i] - '0');
	return n > 0 && n <= NUMBER_DIGITS;
}

static int
point_read(struct reader *rd, struct entry *e)
{
	static const char what[] = "\"command\", \"reply\", \"commit\" or the "
	    "name of a command is due";
	size_t at = rd->at;
	char name[WORD_MAX];
	int r;

	if ((r = word(rd, ":=;", name, what)) != 0)
		return r;
	e->cmd = UINT32_MAX;
	e->point = COMMAND;
	if (strcasecmp(name, "reply") == 0)
		e->point = REPLY;
	else if (strcasecmp(name, "commit") == 0)
		e->point = COMMIT;
	else if (strcasecmp(name, "command") != 0 &&
	    !nf_name_number(nf_wire_cmds, name, &e->cmd))
		return fail(rd, at, what);
	return expect(rd, ':', "\":\" and a number or \"*\" are due");
}

static int
when_read(struct reader *rd, struct entry *e)
{
	static const char what[] = "a number from 1 or \"*\" is due";
	size_t at = rd->at;
	char text[WORD_MAX];
	const char *end;
	int r;

	if ((r = word(rd, "=;:", text, what)) != 0)
		return r;
	if (strcmp(text, "*") == 0)
		e->when = 0;
	else if (!number(text, &e->when, &end) || *end != '\0' ||
	    e->when == 0)
		return fail(rd, at, what);
	return expect(rd, '=', "\"=\" and an action are due");
}

/* "delay:200ms", "truncate:10", "corrupt:3": what is behind the colon. */
static int
value_read(struct reader *rd, struct entry *e, const char *name, size_t at)
{
	size_t value_at = rd->at;
	char text[WORD_MAX];
	const char *unit;
	uint32_t n;
	int r;

	if ((r = word(rd, ";=:", text, "a number is due")) != 0)
		return r;
	if (!number(text, &n, &unit))
		return fail(rd, value_at, "a number is due");
	if (strcasecmp(name, "delay") == 0) {
		if (strcmp(unit, "s") == 0 && n <= DELAY_MAX / 1000)
			n *= 1000;
		else if (strcmp(unit, "ms") != 0 || n > DELAY_MAX)
			return fail(rd, value_at, "a time of at most 60s is "
			    "due, with its unit: ms or s");
		e->fault.kind = NF_FAULT_DELAY;
	} else if (e->point == REPLY && *unit == '\0' &&
	    n <= NF_MESSAGE_MAX && strcasecmp(name, "truncate") == 0) {
		e->fault.kind = NF_FAULT_TRUNCATE;
	} else if (e->point == REPLY && *unit == '\0' &&
	    n < NF_MESSAGE_MAX && strcasecmp(name, "corrupt") == 0) {
		e->fault.kind = NF_FAULT_CORRUPT;
	} else
		return fail(rd, at, "not an action of this point, or not a "
		    "number of bytes that a reply can have");
	e->fault.value = n;
	return 0;
}

static int
action_read(struct reader *rd, struct entry *e)
{
	size_t at = rd->at;
	char name[WORD_MAX];
	int r;

	if ((r = word(rd, ";:=", name, "an action is due")) != 0)
		return r;
	if (rd->text[rd->at] == ':') {
		rd->at++;
		return value_read(rd, e, name, at);
	}
	e->fault.value = UINT32_MAX;
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (strcasecmp(name, actions[i].name) == 0 &&
		    (actions[i].points & 1u << e->point) != 0) {
			e->fault.kind = actions[i].kind;
			return 0;
		}
	}
	if (e->point != COMMAND ||
	    !nf_name_number(nf_wire_statuses, name, &e->fault.value) ||
	    e->fault.value == NF_ST_OK)
		return fail(rd, at, e->point == COMMAND ?
		    "neither an action nor a status of a refusal" :
		    "not an action of this point");
	e->fault.kind = NF_FAULT_STATUS;
	return 0;
}

static int
text_read(struct reader *rd, struct nf_faults *f)
{
	int r;

	do {
		struct entry *e = &f->entry[f->n];

		if (f->n == NF_FAULTS_MAX)
			return fail(rd, rd->at, "too many faults");
		if ((r = point_read(rd, e)) != 0 ||
		    (r = when_read(rd, e)) != 0 ||
		    (r = action_read(rd, e)) != 0)
			return r;
		f->n++;
		if (rd->text[rd->at] == '\0')
			return 0;
	} while ((r = expect(rd, ';', "\";\" or the end is due")) == 0);
	return r;
}

int
nf_faults_open(const char *text, struct nf_faults **out,
    struct nf_diag *diag)
{
	struct reader rd = { text, 0, diag };
	struct nf_faults *f;
	int r;

	*out = NULL;
	if (text == NULL)
		return 0;
	if ((f = calloc(1, sizeof(*f))) == NULL)
		return nf_diag_set(diag, NF_E_NOMEM, NULL, "out of memory");
	if ((r = text_read(&rd, f)) != 0)
		goto out;
	*out = f;
	f = NULL;
out:
	nf_faults_free(f);
	return r;
}

void
nf_faults_free(struct nf_faults *f)
{
	free(f);
}

void
nf_faults_wait(uint32_t milliseconds)
{
	struct timespec t = { milliseconds / 1000,
	    (long)(milliseconds % 1000) * 1000000 };

	while (nanosleep(&t, &t) != 0)
		;
}

/* Count what takes place; find all delays and the first other fault. */
static struct nf_fault
due(struct nf_faults *f, enum point point, uint32_t cmd)
{
	struct nf_fault found = { NF_FAULT_NONE, 0, 0 };

	for (size_t i = 0; i < f->n; i++) {
		struct entry *e = &f->entry[i];

		if (e->point != point ||
		    (point == COMMAND && e->cmd != UINT32_MAX &&
		    e->cmd != cmd))
			continue;
		if (e->seen < UINT32_MAX)
			e->seen++;
		if (e->when != 0 && e->when != e->seen)
			continue;
		if (e->fault.kind == NF_FAULT_DELAY)
			found.delay += e->fault.value;
		else if (found.kind == NF_FAULT_NONE) {
			found.kind = e->fault.kind;
			found.value = e->fault.value;
		}
	}
	return found;
}

void
nf_faults_command(struct nf_faults *f, uint32_t cmd, struct nf_fault *out)
{
	*out = due(f, COMMAND, cmd);
}

int
nf_faults_reply(struct nf_faults *f, struct nf_buf *reply, uint32_t *delay)
{
	struct nf_fault fault = due(f, REPLY, 0);
	size_t at;

	*delay = fault.delay;
	switch (fault.kind) {
	case NF_FAULT_DROP:
		nf_buf_wipe(reply);
		return NF_E_IO;
	case NF_FAULT_TRUNCATE:
		if (fault.value < reply->len)
			reply->len = fault.value;
		return 0;
	case NF_FAULT_CORRUPT:
		at = fault.value == UINT32_MAX ? reply->len / 2 : fault.value;
		if (at < reply->len)
			reply->p[at] ^= 0xff;
		return 0;
	default:
		return 0;
	}
}

/* Both ends of one commit are one event: it is counted before. */
void
nf_faults_commit(struct nf_faults *f, bool after)
{
	struct nf_fault fault;

	if (!after) {
		fault = due(f, COMMIT, 0);
		nf_faults_wait(fault.delay);
		if (fault.kind == NF_FAULT_CUT_BEFORE)
			_exit(NF_FAULTS_CUT_EXIT);
		return;
	}
	for (size_t i = 0; i < f->n; i++) {
		const struct entry *e = &f->entry[i];

		if (e->fault.kind == NF_FAULT_CUT_AFTER &&
		    (e->when == 0 || e->when == e->seen))
			_exit(NF_FAULTS_CUT_EXIT);
	}
}
