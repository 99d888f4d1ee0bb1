/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "nfast/base/tty.h"

#define POLL_MS		200

int
nf_tty_open(void)
{
	return open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
}

static int
cancelled(struct nf_diag *diag, const char *what, const char *why)
{
	return nf_diag_set(diag, NF_E_USAGE, NULL, "%s: %s", what, why);
}

void
nf_tty_say(int fd, const char *s)
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
byte_read(int fd, const sigset_t *held, char *c)
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
line_read(int fd, const char *what, const struct termios *old,
    const sigset_t *held, struct nf_tty_line *line, struct nf_diag *diag)
{
	char c = 0;
	int n;

	for (line->len = 0;;) {
		if ((n = byte_read(fd, held, &c)) <= 0)
			return cancelled(diag, what, n < 0 ?
			    "interrupted" : "the terminal was closed");
		if (c == '\n' || c == '\r')
			return 0;
		if ((cc_t)c == old->c_cc[VINTR] ||
		    (cc_t)c == old->c_cc[VQUIT] ||
		    ((cc_t)c == old->c_cc[VEOF] && line->len == 0))
			return cancelled(diag, what, "cancelled");
		if ((cc_t)c == old->c_cc[VERASE] || c == '\b' || c == 0x7f)
			line->len -= line->len > 0;
		else if ((cc_t)c == old->c_cc[VKILL])
			line->len = 0;
		else if (line->len == NF_TTY_LINE_MAX)
			return cancelled(diag, what, "too long");
		else
			line->p[line->len++] = c;
	}
}

int
nf_tty_read(int fd, const char *what, const char *prompt,
    struct nf_tty_line *line, struct nf_diag *diag)
{
	struct termios old, raw;
	sigset_t held, before;
	int r;

	if (tcgetattr(fd, &old) != 0)
		return cancelled(diag, what, strerror(errno));
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
		r = cancelled(diag, what, strerror(errno));
		goto out;
	}
	nf_tty_say(fd, prompt);
	nf_tty_say(fd, ": ");
	r = line_read(fd, what, &old, &held, line, diag);
	nf_tty_say(fd, "\n");
	(void)tcsetattr(fd, TCSAFLUSH, &old);
out:
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	return r;
}
