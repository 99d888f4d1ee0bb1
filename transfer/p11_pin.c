/* SPDX-License-Identifier: Apache-2.0 */
/* The PIN of a token: from a file, a descriptor, or the terminal. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "nfast/base/cli.h"
#include "nfast/base/file.h"
#include "transfer/p11_internal.h"

static const char *
pin_file(const struct nf_p11_select *select, const struct nf_p11_pin *pin)
{
	if (pin->kind == NF_P11_PIN_FILE)
		return pin->path;
	return pin->kind == NF_P11_PIN_ASK ? select->pin_file : NULL;
}

bool
nf_p11_pin_is_typed(const struct nf_p11_select *select,
    const struct nf_p11_pin *pin)
{
	return pin->kind == NF_P11_PIN_ASK && select->pin_file == NULL;
}

static int
check(const struct nf_tty_line *line, struct nf_diag *diag)
{
	if (line->len == 0)
		return nf_diag_set(diag, NF_E_FORMAT, "PIN", "is empty");
	if (line->len > NF_P11_PIN_MAX)
		return nf_diag_set(diag, NF_E_FORMAT, "PIN",
		    "is longer than %d bytes", NF_P11_PIN_MAX);
	if (memchr(line->p, '\0', line->len) != NULL)
		return nf_diag_set(diag, NF_E_FORMAT, "PIN",
		    "has a zero byte");
	return 0;
}

static int
file_read(const char *path, struct nf_tty_line *line, struct nf_diag *diag)
{
	struct nf_buf buf = NF_BUF_INIT;
	int r;

	if ((r = nf_file_load(path, NF_TTY_LINE_MAX, &buf, diag)) != 0)
		goto out;
	line->len = buf.len;
	if (line->len > 0 && buf.p[line->len - 1] == '\n')
		line->len--;
	if (line->len > 0 && buf.p[line->len - 1] == '\r')
		line->len--;
	if (line->len > 0) {
		memcpy(line->p, buf.p, line->len);
		if (memchr(line->p, '\n', line->len) != NULL)
			r = nf_diag_set(diag, NF_E_FORMAT, "PIN",
			    "the file has more than one line");
	}
	if (r == 0)
		nf_cli_warn_secret(path);
out:
	nf_diag_where(diag, "%s", path);
	nf_buf_wipe(&buf);
	return r;
}

/* Byte by byte: the next line belongs to the next token. */
static int
fd_read(int fd, struct nf_tty_line *line, struct nf_diag *diag)
{
	ssize_t n;
	char c;

	for (;;) {
		n = read(fd, &c, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return nf_diag_set(diag, NF_E_IO, "PIN",
			    "descriptor %d: %s", fd, strerror(errno));
		if (n == 0 || c == '\n')
			break;
		if (line->len == sizeof(line->p))
			return nf_diag_set(diag, NF_E_FORMAT, "PIN",
			    "descriptor %d: the line is too long", fd);
		line->p[line->len++] = c;
	}
	if (line->len > 0 && line->p[line->len - 1] == '\r')
		line->len--;
	return 0;
}

static int
terminal_read(const CK_TOKEN_INFO *token, const char *name,
    struct nf_tty_line *line, struct nf_diag *diag)
{
	char prompt[128];
	int fd, r;

	if ((fd = nf_tty_open()) < 0)
		return nf_diag_set(diag, NF_E_USAGE, "PIN",
		    "no terminal to ask for it: name a file or a descriptor");
	(void)snprintf(prompt, sizeof(prompt), "PIN of token %s%s", name,
	    (token->flags & CKF_USER_PIN_FINAL_TRY) != 0 ?
	    " (one try is left)" : "");
	r = nf_tty_read(fd, "PIN", prompt, line, diag);
	(void)close(fd);
	return r;
}

int
nf_p11_pin_read(const struct nf_p11_select *select,
    const struct nf_p11_pin *pin, const CK_TOKEN_INFO *token,
    const char *name, struct nf_tty_line *line, struct nf_diag *diag)
{
	const char *path = pin_file(select, pin);
	int r;

	line->len = 0;
	if (path != NULL)
		r = file_read(path, line, diag);
	else if (pin->kind == NF_P11_PIN_FD)
		r = fd_read(pin->fd, line, diag);
	else
		r = terminal_read(token, name, line, diag);
	return r == 0 ? check(line, diag) : r;
}
