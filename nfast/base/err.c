/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nfast/base/err.h"

static const struct {
	int code;
	int exit;
	const char *text;
} codes[] = {
	{ 0, NF_EXIT_OK, "no error" },
	{ NF_E_USAGE, NF_EXIT_USAGE, "wrong arguments" },
	{ NF_E_FORMAT, NF_EXIT_INPUT, "malformed" },
	{ NF_E_IO, NF_EXIT_INPUT, "cannot read or write" },
	{ NF_E_NOTFOUND, NF_EXIT_INPUT, "not found" },
	{ NF_E_EXISTS, NF_EXIT_CHECK, "exists already" },
	{ NF_E_BUSY, NF_EXIT_UNKNOWN, "in use by another process" },
	{ NF_E_MISMATCH, NF_EXIT_CHECK, "not the expected value" },
	{ NF_E_VERIFY, NF_EXIT_CHECK, "signature does not verify" },
	{ NF_E_POLICY, NF_EXIT_CHECK, "not allowed" },
	{ NF_E_UNANCHORED, NF_EXIT_UNKNOWN, "no pinned root reached" },
	{ NF_E_REFUSED, NF_EXIT_REFUSED, "the module refused" },
	{ NF_E_NOMEM, NF_EXIT_UNKNOWN, "out of memory" },
	{ NF_E_CRYPTO, NF_EXIT_UNKNOWN, "libcrypto failed" },
	{ NF_E_INTERNAL, NF_EXIT_UNKNOWN, "internal error" },
};

void
nf_err_printable(char *s)
{
	for (; *s != '\0'; s++) {
		if ((unsigned char)*s < 0x20 || (unsigned char)*s >= 0x7f)
			*s = '?';
	}
}

__attribute__((format(printf, 4, 0))) static int
diag_vset(struct nf_diag *diag, int code, const char *field, const char *fmt,
    va_list ap)
{
	if (diag == NULL || diag->code != 0)
		return code;
	diag->code = code;
	(void)snprintf(diag->field, sizeof(diag->field), "%s",
	    field == NULL ? "" : field);
	nf_err_printable(diag->field);
	(void)vsnprintf(diag->text, sizeof(diag->text), fmt, ap);
	nf_err_printable(diag->text);
	return code;
}

int
nf_diag_set(struct nf_diag *diag, int code, const char *field,
    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)diag_vset(diag, code, field, fmt, ap);
	va_end(ap);
	return code;
}

int
nf_diag_at(struct nf_diag *diag, int code, const char *field, size_t offset,
    const char *fmt, ...)
{
	va_list ap;

	if (diag != NULL && diag->code == 0) {
		diag->has_offset = true;
		diag->offset = offset;
	}
	va_start(ap, fmt);
	(void)diag_vset(diag, code, field, fmt, ap);
	va_end(ap);
	return code;
}

void
nf_diag_where(struct nf_diag *diag, const char *fmt, ...)
{
	va_list ap;

	if (diag == NULL || diag->code == 0 || diag->where[0] != '\0')
		return;
	va_start(ap, fmt);
	(void)vsnprintf(diag->where, sizeof(diag->where), fmt, ap);
	va_end(ap);
	nf_err_printable(diag->where);
}

void
nf_diag_clear(struct nf_diag *diag)
{
	if (diag != NULL)
		memset(diag, 0, sizeof(*diag));
}

void
nf_diag_line(const struct nf_diag *diag, char *out, size_t len)
{
	char at[48] = "";

	if (diag->has_offset)
		(void)snprintf(at, sizeof(at), " (at byte %zu)", diag->offset);
	(void)snprintf(out, len, "%s%s%s%s%s%s", diag->where,
	    diag->where[0] == '\0' ? "" : ": ", diag->field,
	    diag->field[0] == '\0' ? "" : ": ",
	    diag->text[0] == '\0' ? nf_err_text(diag->code) : diag->text, at);
}

int
nf_err_exit(int code)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (codes[i].code == code)
			return codes[i].exit;
	}
	return NF_EXIT_UNKNOWN;
}

const char *
nf_err_text(int code)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (codes[i].code == code)
			return codes[i].text;
	}
	return "unknown error";
}

_Noreturn void
nf_abort(const char *what, const char *file, int line)
{
	(void)fprintf(stderr, "secworld: %s:%d: broken contract: %s\n", file,
	    line, what);
	abort();
}
