/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Error codes, the one diagnostic that every layer fills, and the map from
 * codes to exit classes.  Libraries never print: they fill a struct nf_diag
 * at the place of discovery and a tool prints its one line.
 */
#ifndef NF_BASE_ERR_H
#define NF_BASE_ERR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

enum {
	NF_E_USAGE = -1,	/* wrong arguments */
	NF_E_FORMAT = -2,	/* malformed input */
	NF_E_IO = -3,		/* cannot read or write */
	NF_E_NOTFOUND = -4,	/* a file, key, card or region is not there */
	NF_E_EXISTS = -5,	/* would overwrite */
	NF_E_BUSY = -6,		/* another process holds the lock */
	NF_E_MISMATCH = -7,	/* a value is not the expected one */
	NF_E_VERIFY = -8,	/* a signature does not verify */
	NF_E_POLICY = -9,	/* well-formed, but the rules forbid it */
	NF_E_UNANCHORED = -10,	/* nothing wrong, but no pinned root reached */
	NF_E_REFUSED = -11,	/* the module refused */
	NF_E_NOMEM = -12,
	NF_E_CRYPTO = -13,	/* libcrypto failed or lacks an algorithm */
	NF_E_INTERNAL = -14
};

/* Exit classes of every program. */
enum {
	NF_EXIT_OK = 0,
	NF_EXIT_CHECK = 1,
	NF_EXIT_USAGE = 2,
	NF_EXIT_INPUT = 3,
	NF_EXIT_UNKNOWN = 4,
	NF_EXIT_REFUSED = 5
};

#define NF_DIAG_WHERE_MAX	256
#define NF_DIAG_FIELD_MAX	64
#define NF_DIAG_TEXT_MAX	320

/*
 * The first error of an operation.  code is 0 while nothing failed.  where is
 * a file or an object, field the name of a field in it; both may be empty.
 * offset is the byte in that file or object when has_offset is set.  Never
 * holds a secret.
 */
struct nf_diag {
	int code;
	bool has_offset;
	size_t offset;
	char where[NF_DIAG_WHERE_MAX];
	char field[NF_DIAG_FIELD_MAX];
	char text[NF_DIAG_TEXT_MAX];
};

/*
 * Record an error unless one is recorded already (the first wins).
 *   diag   may be NULL
 *   code   a negative NF_E_*
 *   field  may be NULL
 * Texts are as those of nf_err_format().  Returns code.
 */
int nf_diag_set(struct nf_diag *diag, int code, const char *field,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* As nf_diag_set(), with the byte offset of the fault. */
int nf_diag_at(struct nf_diag *diag, int code, const char *field,
    size_t offset, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/*
 * Format into size bytes, at least 8.  Bytes that are not printable ASCII
 * become \xNN, and "..." is at the end of what was cut.
 */
void nf_err_format(char *out, size_t size, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void nf_err_vformat(char *out, size_t size, const char *fmt, va_list ap)
    __attribute__((format(printf, 3, 0)));

/* Name the file or object of a recorded error; the first name stays. */
void nf_diag_where(struct nf_diag *diag, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Forget a recorded error.  diag may be NULL. */
void nf_diag_clear(struct nf_diag *diag);

/*
 * Write the one line "where: field: text (at byte N)" without a newline.
 *   out  of size len, always terminated
 */
void nf_diag_line(const struct nf_diag *diag, char *out, size_t len);

/* The exit class of a code; 0 gives NF_EXIT_OK, unknown codes class 4. */
int nf_err_exit(int code);

/* One short phrase for a code, for a diag that has no text. */
const char *nf_err_text(int code);

/* A contract was broken by our own code: say where and abort. */
#define NF_REQUIRE(cond) \
	((cond) ? (void)0 : nf_abort(#cond, __FILE__, __LINE__))
_Noreturn void nf_abort(const char *what, const char *file, int line);

#endif
