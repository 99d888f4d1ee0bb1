/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Passphrases of cards.  The terminal is read byte by byte without echo and
 * without its signal keys, so that no handler is needed to restore it: the
 * interrupt key cancels, and other signals wait until the settings are back.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "nfast/base/cli.h"
#include "nfast/base/digest.h"
#include "nfast/base/file.h"
#include "nfast/base/mem.h"
#include "nfast/host/pins.h"

#define FILE_MAX	(128 * 1024)
#define LINE_MAX_LEN	1023
#define POLL_MS		200
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
};

struct line {
	char p[LINE_MAX_LEN];
	size_t len;
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
		if (v.len > LINE_MAX_LEN)
			return nf_diag_set(diag, NF_E_FORMAT, NULL,
			    "line %u is longer than %d bytes", n,
			    LINE_MAX_LEN);
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
	} else if ((pins->tty = open("/dev/tty", O_RDWR | O_NOCTTY |
	    O_CLOEXEC)) < 0)
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
cancelled(struct nf_diag *diag, const char *what)
{
	return nf_diag_set(diag, NF_E_USAGE, NULL, "passphrase: %s", what);
}

static void
tty_say(int fd, const char *s)
{
	size_t len = strlen(s);
	ssize_t n;

	while (len > 0 && ((n = write(fd, s, len)) > 0 ||
	    (n < 0 && errno == EINTR))) {
		if (n > 0) {
			s += n;
			len -= (size_t)n;
		}
	}
}

/* One byte: 1, 0 at the end, -1 when a signal waits. */
static int
tty_byte(int fd, const sigset_t *held, char *c)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	sigset_t waiting;
	ssize_t n;

	for (;;) {
		if (sigpending(&waiting) == 0) {
			for (int s = 1; s < NSIG; s++) {
				if (sigismember(held, s) == 1 &&
				    sigismember(&waiting, s) == 1)
					return -1;
			}
		}
		if (poll(&p, 1, POLL_MS) <= 0)
			continue;
		n = read(fd, c, 1);
		if (n < 0 && errno == EINTR)
			continue;
		return n == 1 ? 1 : 0;
	}
}

/* Read a line under the raw settings. */
static int
tty_line(int fd, const struct termios *old, const sigset_t *held,
    struct line *line, struct nf_diag *diag)
{
	char c = 0;
	int n;

	for (line->len = 0;;) {
		if ((n = tty_byte(fd, held, &c)) <= 0)
			return cancelled(diag, n < 0 ? "interrupted" :
			    "the terminal was closed");
		if (c == '\n' || c == '\r')
			return 0;
		if ((cc_t)c == old->c_cc[VINTR] ||
		    (cc_t)c == old->c_cc[VQUIT] ||
		    ((cc_t)c == old->c_cc[VEOF] && line->len == 0))
			return cancelled(diag, "cancelled");
		if ((cc_t)c == old->c_cc[VERASE] || c == '\b' || c == 0x7f)
			line->len -= line->len > 0;
		else if ((cc_t)c == old->c_cc[VKILL])
			line->len = 0;
		else if (line->len == LINE_MAX_LEN)
			return cancelled(diag, "too long");
		else
			line->p[line->len++] = c;
	}
}

static int
tty_read(int fd, const char *prompt, struct line *line, struct nf_diag *diag)
{
	struct termios old, raw;
	sigset_t held, before;
	int r;

	if (tcgetattr(fd, &old) != 0)
		return cancelled(diag, strerror(errno));
	(void)sigemptyset(&held);
	(void)sigaddset(&held, SIGINT);
	(void)sigaddset(&held, SIGTERM);
	(void)sigaddset(&held, SIGHUP);
	(void)sigaddset(&held, SIGQUIT);
	(void)sigaddset(&held, SIGTSTP);
	(void)sigprocmask(SIG_BLOCK, &held, &before);
	raw = old;
	raw.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	if (tcsetattr(fd, TCSAFLUSH, &raw) != 0) {
		r = cancelled(diag, strerror(errno));
		goto out;
	}
	tty_say(fd, prompt);
	tty_say(fd, ": ");
	r = tty_line(fd, &old, &held, line, diag);
	tty_say(fd, "\n");
	(void)tcsetattr(fd, TCSAFLUSH, &old);
out:
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	return r;
}

static int
tty_next(struct nf_pins *pins, const char *prompt, bool twice,
    struct line *line, struct nf_diag *diag)
{
	struct line again = { .len = 0 };
	int r = 0;

	for (int i = 0; i < TRIES; i++) {
		if ((r = tty_read(pins->tty, prompt, line, diag)) != 0 ||
		    !twice || (r = tty_read(pins->tty, "The same again",
		    &again, diag)) != 0)
			goto out;
		if (line->len == again.len &&
		    memcmp(line->p, again.p, line->len) == 0)
			goto out;
		tty_say(pins->tty, "The passphrases differ.\n");
	}
	r = cancelled(diag, "the two entries differ");
out:
	explicit_bzero(&again, sizeof(again));
	return r;
}

static int
file_next(struct nf_pins *pins, struct line *line, struct nf_diag *diag)
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
	struct line line = { .len = 0 };
	struct nf_view v;
	int r;

	r = pins->tty >= 0 ? tty_next(pins, prompt, twice, &line, diag) :
	    file_next(pins, &line, diag);
	if (r == 0 && line.len > 0) {
		v = nf_view_of(line.p, line.len);
		r = nf_digest_of(NF_SHA1, &v, 1, pin);
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
	if (pins->again && pins->n_again < pins->n_given) {
		g = &pins->given[pins->n_again++];
		memcpy(pin, g->pin, NF_HASH_LEN);
		*has_pin = g->has;
		return 0;
	}
	if ((r = pin_ask(pins, prompt, twice, pin, has_pin, diag)) == 0 &&
	    pins->n_given < GIVEN_MAX) {
		g = &pins->given[pins->n_given++];
		memcpy(g->pin, pin, NF_HASH_LEN);
		g->has = *has_pin;
	}
	return r;
}

void
nf_pins_rewind(struct nf_pins *pins)
{
	pins->again = true;
	pins->n_again = 0;
}
