/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secret lines from the terminal: read byte by byte without echo and without
 * its signal keys, so that no handler is needed to restore it: the interrupt
 * key cancels, and other signals wait until the settings are back.
 */
#ifndef NF_BASE_TTY_H
#define NF_BASE_TTY_H

#include "nfast/base/err.h"

#define NF_TTY_LINE_MAX	1023

/* A line without its end.  Wipe it with explicit_bzero(). */
struct nf_tty_line {
	char p[NF_TTY_LINE_MAX];
	size_t len;
};

/* The terminal of this process, to close(); -1 when there is none. */
int nf_tty_open(void);

/* Show a text there. */
void nf_tty_say(int fd, const char *s);

/*
 * Ask for one line.
 *   what    begins the error's text, e.g. "passphrase"
 *   prompt  shown without its colon
 * Returns 0 or NF_E_USAGE: cancelled, interrupted, too long, or the terminal
 * was closed.
 */
int nf_tty_read(int fd, const char *what, const char *prompt,
    struct nf_tty_line *line, struct nf_diag *diag);

#endif
