/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nfast/base/err.h"

#define CUT	"..."

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

static bool
plain(char c)
{
	return (unsigned char)c >= 0x20 && (unsigned char)c < 0x7f;
}

/* In s, of size bytes: \xNN for what is not printable, "..." for what then has
 * no room. */
static void
make_printable(char *s, size_t size)
{
	static const char hex[] = "0123456789abcdef";
	size_t n = strlen(s), wide = 0, keep = 0, at = 0;
	bool cut;

	for (size_t i = 0; i < n; i++) {
		wide += plain(s[i]) ? 1 : 4;
		if (wide < size - strlen(CUT)) {
			keep = i + 1;
			at = wide;
		}
	}
	if (wide == n)
		return;
	cut = wide >= size;
	if (!cut) {
		keep = n;
		at = wide;
	}
	(void)memcpy(s + at, CUT, cut ? sizeof(CUT) : 0);
	if (!cut)
		s[at] = '\0';
	while (keep-- > 0) {
		unsigned char c = (unsigned char)s[keep];

		if (plain(s[keep])) {
			s[--at] = s[keep];
			continue;
		}
		at -= 4;
		s[at] = '\\';
		s[at + 1] = 'x';
		s[at + 2] = hex[c >> 4];
		s[at + 3] = hex[c & 15];
	}
}

/* The end of a text that did not fit. */
static void
mark_cut(char *s, size_t size)
{
	memcpy(s + size - sizeof(CUT), CUT, sizeof(CUT));
}

void
nf_err_vformat(char *out, size_t size, const char *fmt, va_list ap)
{
	int n = vsnprintf(out, size, fmt, ap);

	if (n < 0)
		out[0] = '\0';
	else if ((size_t)n >= size)
		mark_cut(out, size);
	make_printable(out, size);
}

void
nf_err_format(char *out, size_t size, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	nf_err_vformat(out, size, fmt, ap);
	va_end(ap);
}

__attribute__((format(printf, 4, 0))) static int
diag_vset(struct nf_diag *diag, int code, const char *field, const char *fmt,
    va_list ap)
{
	if (diag == NULL || diag->code != 0)
		return code;
	diag->code = code;
	nf_err_format(diag->field, sizeof(diag->field), "%s",
	    field == NULL ? "" : field);
	nf_err_vformat(diag->text, sizeof(diag->text), fmt, ap);
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
	nf_err_vformat(diag->where, sizeof(diag->where), fmt, ap);
	va_end(ap);
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
	int n;

	if (diag->has_offset)
		(void)snprintf(at, sizeof(at), " (at byte %zu)", diag->offset);
	n = snprintf(out, len, "%s%s%s%s%s%s", diag->where,
	    diag->where[0] == '\0' ? "" : ": ", diag->field,
	    diag->field[0] == '\0' ? "" : ": ",
	    diag->text[0] == '\0' ? nf_err_text(diag->code) : diag->text, at);
	if (n > 0 && (size_t)n >= len && len >= sizeof(CUT))
		mark_cut(out, len);
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
