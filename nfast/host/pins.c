/* SPDX-License-Identifier: Apache-2.0 */
/* Passphrases of cards. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nfast/base/cli.h"
#include "nfast/base/digest.h"
#include "nfast/base/file.h"
#include "nfast/base/mem.h"
#include "nfast/base/tty.h"
#include "nfast/host/pins.h"

#define FILE_MAX	((size_t)128 * 1024)
#define TRIES		3
#define GIVEN_MAX	192

struct given {
	uint8_t pin[NF_HASH_LEN];
	bool has;
};

struct nf_pins {
	bool none;
	int tty;		/* -1: the file's lines */
	struct nf_buf bytes;
	size_t off;
	struct given given[GIVEN_MAX];
	size_t n_given;
	size_t n_again;		/* of these, how many were given again */
	bool again;
	struct given last;
	bool repeat;
};

/* The file's next line; false at its end. */
static bool
line_next(const struct nf_buf *bytes, size_t *off, struct nf_view *out)
{
	const uint8_t *start, *nl;
	size_t left = bytes->len - *off;

	if (left == 0)
		return false;
	start = bytes->p + *off;
	nl = memchr(start, '\n', left);
	out->p = start;
	out->len = nl == NULL ? left : (size_t)(nl - start);
	*off += out->len + (nl == NULL ? 0 : 1);
	/* An editor's line end is no part of what a terminal would give. */
	if (out->len > 0 && start[out->len - 1] == '\r')
		out->len--;
	return true;
}

static int
file_check(const struct nf_pins *pins, unsigned int needed,
    struct nf_diag *diag)
{
	struct nf_view v;
	unsigned int n = 0;
	size_t off = 0;

	while (line_next(&pins->bytes, &off, &v)) {
		n++;
		if (v.len > NF_TTY_LINE_MAX)
			return nf_diag_set(diag, NF_E_FORMAT, NULL,
			    "line %u is longer than %d bytes", n,
			    NF_TTY_LINE_MAX);
	}
	if (n < needed)
		return nf_diag_set(diag, NF_E_FORMAT, NULL,
		    "%u passphrases (one a line), but %u cards will be "
		    "asked for", n, needed);
	return 0;
}

static struct nf_pins *
pins_new(struct nf_diag *diag)
{
	struct nf_pins *pins = calloc(1, sizeof(*pins));

	if (pins == NULL)
		(void)nf_diag_set(diag, NF_E_NOMEM, NULL, "out of memory");
	else
		pins->tty = -1;
	return pins;
}

int
nf_pins_open(unsigned int needed, struct nf_pins **out, struct nf_diag *diag)
{
	const char *path = nf_cli_env("NFSIM_PINS");
	struct nf_pins *pins;
	int r = 0;

	*out = NULL;
	if ((pins = pins_new(diag)) == NULL)
		return NF_E_NOMEM;
	if (path != NULL) {
		if ((r = nf_file_load(path, FILE_MAX, &pins->bytes,
		    diag)) == 0)
			r = file_check(pins, needed, diag);
		if (r != 0)
			nf_diag_where(diag, "NFSIM_PINS: %s", path);
		else
			nf_cli_warn_secret(path);
	} else if ((pins->tty = nf_tty_open()) < 0)
		r = nf_diag_set(diag, NF_E_USAGE, NULL,
		    "no passphrases: set NFSIM_PINS to a file with one a "
		    "line, or use a terminal");
	if (r == 0) {
		*out = pins;
		pins = NULL;
	}
	nf_pins_close(pins);
	return r;
}

int
nf_pins_none(struct nf_pins **out, struct nf_diag *diag)
{
	if ((*out = pins_new(diag)) == NULL)
		return NF_E_NOMEM;
	(*out)->none = true;
	return 0;
}

void
nf_pins_close(struct nf_pins *pins)
{
	if (pins == NULL)
		return;
	if (pins->tty >= 0)
		(void)close(pins->tty);
	nf_buf_wipe(&pins->bytes);
	nf_freezero(pins, sizeof(*pins));
}

bool
nf_pins_can_retry(const struct nf_pins *pins)
{
	return pins->tty >= 0;
}

static int
tty_next(struct nf_pins *pins, const char *prompt, bool twice,
    struct nf_tty_line *line, struct nf_diag *diag)
{
	struct nf_tty_line again = { .len = 0 };
	int r = 0;

	for (int i = 0; i < TRIES; i++) {
		if ((r = nf_tty_read(pins->tty, "passphrase", prompt, line,
		    diag)) != 0 || !twice ||
		    (r = nf_tty_read(pins->tty, "passphrase",
		    "The same again", &again, diag)) != 0)
			goto out;
		if (line->len == again.len &&
		    memcmp(line->p, again.p, line->len) == 0)
			goto out;
		nf_tty_say(pins->tty, "The passphrases differ.\n");
	}
	r = nf_diag_set(diag, NF_E_USAGE, NULL,
	    "passphrase: the two entries differ");
out:
	explicit_bzero(&again, sizeof(again));
	return r;
}

static int
file_next(struct nf_pins *pins, struct nf_tty_line *line, struct nf_diag *diag)
{
	struct nf_view v;

	if (!line_next(&pins->bytes, &pins->off, &v))
		return nf_diag_set(diag, NF_E_FORMAT, "NFSIM_PINS",
		    "no passphrase is left for this card");
	memcpy(line->p, v.p, v.len);
	line->len = v.len;
	return 0;
}

static int
pin_ask(struct nf_pins *pins, const char *prompt, bool twice,
    uint8_t pin[static NF_HASH_LEN], bool *has_pin, struct nf_diag *diag)
{
	struct nf_tty_line line = { .len = 0 };
	struct nf_view v;
	int r;

	r = pins->tty >= 0 ? tty_next(pins, prompt, twice, &line, diag) :
	    file_next(pins, &line, diag);
	if (r == 0 && line.len > 0) {
		v = nf_view_of(line.p, line.len);
		if ((r = nf_digest_of(NF_SHA1, &v, 1, pin)) != 0)
			(void)nf_diag_set(diag, r, NULL, "SHA-1 failed");
		*has_pin = r == 0;
	}
	explicit_bzero(&line, sizeof(line));
	return r;
}

int
nf_pins_next(struct nf_pins *pins, const char *prompt, bool twice,
    uint8_t pin[static NF_HASH_LEN], bool *has_pin, struct nf_diag *diag)
{
	struct given *g;
	int r;

	*has_pin = false;
	memset(pin, 0, NF_HASH_LEN);
	if (pins->none)
		return 0;
	g = pins->repeat ? &pins->last : pins->again &&
	    pins->n_again < pins->n_given ? &pins->given[pins->n_again++] :
	    NULL;
	pins->repeat = false;
	if (g != NULL) {
		memcpy(pin, g->pin, NF_HASH_LEN);
		*has_pin = g->has;
		return 0;
	}
	if ((r = pin_ask(pins, prompt, twice, pin, has_pin, diag)) != 0)
		return r;
	memcpy(pins->last.pin, pin, NF_HASH_LEN);
	pins->last.has = *has_pin;
	if (pins->n_given < GIVEN_MAX)
		pins->given[pins->n_given++] = pins->last;
	return 0;
}

void
nf_pins_repeat(struct nf_pins *pins)
{
	pins->repeat = true;
}

void
nf_pins_rewind(struct nf_pins *pins)
{
	pins->again = true;
	pins->n_again = 0;
}
