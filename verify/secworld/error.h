/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libsecworld, which reads, verifies and reports on the files of nShield
 * security worlds and of the key transfers to Azure Key Vault: codes,
 * diagnostics and what holds for every function.  The library and its
 * interface are ours; what the vendor has published about a format is named
 * where the format is read, see libsecworld(3) and byok-verdict(5).
 *
 * Return values.  Functions that can fail return 0 or a negative SW_E_*.
 * A pointer that is given back through an argument is NULL unless 0 is
 * returned.  Wrong use (a NULL where the function does not allow one, a
 * number that is out of range) is SW_E_USAGE, never a crash.
 *
 * Input may be hostile: every length and count in it is bounded, and what is
 * wrong with it is a code, or a failed check, never a crash.
 *
 * Threads.  Any number of threads may call the library at once.  One object
 * may be read by several threads; it is changed or freed by one, while no
 * other uses it.
 *
 * Process.  The library never prints, exits, forks, reads the environment or
 * writes a file.  It changes no locale, no signal handler and no descriptor
 * but its own.  It uses a context of libcrypto of its own, on which neither
 * the program's choices nor openssl.cnf have an effect; the calling thread's
 * error queue of libcrypto is empty after a call.  It needs no
 * initialisation, and stays loaded once it is.  A broken invariant of the
 * library's own memory, which no input causes, ends the process by abort().
 */
#ifndef SECWORLD_ERROR_H
#define SECWORLD_ERROR_H

#include <stddef.h>

#if defined(__GNUC__)
#define SW_API	__attribute__((visibility("default")))
#else
#define SW_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Codes; the numbers stay what they are. */
enum sw_code {
	SW_OK = 0,
	SW_E_USAGE = -1,	/* wrong use, or wrong arguments */
	SW_E_FORMAT = -2,	/* malformed input */
	SW_E_IO = -3,		/* cannot read */
	SW_E_NOTFOUND = -4,	/* no such file, region or value */
	SW_E_EXISTS = -5,	/* not used */
	SW_E_BUSY = -6,		/* not used */
	SW_E_MISMATCH = -7,	/* a value is not the expected one */
	SW_E_VERIFY = -8,	/* a signature does not verify */
	SW_E_POLICY = -9,	/* well-formed, but the rules forbid it */
	SW_E_UNANCHORED = -10,	/* nothing wrong, but no root reached */
	SW_E_REFUSED = -11,	/* not used: there is no module here */
	SW_E_NOMEM = -12,	/* out of memory */
	SW_E_CRYPTO = -13,	/* libcrypto failed or lacks an algorithm */
	SW_E_INTERNAL = -14	/* a fault of the library */
};

/* Exit statuses of the programs of secworld, for a caller's own. */
enum sw_exit {
	SW_EXIT_OK = 0,		/* success */
	SW_EXIT_CHECK = 1,	/* a check failed */
	SW_EXIT_USAGE = 2,	/* wrong arguments */
	SW_EXIT_INPUT = 3,	/* unreadable, malformed or not recognised */
	SW_EXIT_UNKNOWN = 4,	/* cannot say; nothing wrong, but no root */
	SW_EXIT_REFUSED = 5	/* not used: there is no module here */
};

/*
 * What went wrong, at the place where it was found: a code, the file or
 * object, the field in it, a sentence and a byte offset.  It never holds a
 * secret.  All texts are printable ASCII.
 */
struct sw_diag;

/*
 * Make an empty diagnostic.
 * Returns NULL when out of memory; else free it with sw_diag_free().
 */
SW_API struct sw_diag *sw_diag_new(void);

/*
 * Free one.
 *   diag  NULL: nothing is done
 */
SW_API void sw_diag_free(struct sw_diag *diag);

/*
 * The code, 0 while nothing failed.  Each function that takes a diagnostic
 * empties it first.
 *   diag  NULL gives 0
 */
SW_API int sw_diag_code(const struct sw_diag *diag);

/*
 * The parts: file or object (below 256 bytes), field (below 64) and sentence
 * (below 320); "" for what is not known and for NULL.  Borrowed until the
 * next call that takes the diagnostic.
 */
SW_API const char *sw_diag_where(const struct sw_diag *diag);
SW_API const char *sw_diag_field(const struct sw_diag *diag);
SW_API const char *sw_diag_text(const struct sw_diag *diag);

/*
 * The byte of the file or object that is at fault.
 *   offset  counts from 0; not changed unless 0 is returned
 * Returns 0, SW_E_NOTFOUND (it has none) or SW_E_USAGE.
 */
SW_API int sw_diag_offset(const struct sw_diag *diag, size_t *offset);

/*
 * The one line "where: field: sentence (at byte N)", as the programs print
 * it, without a newline.
 *   out   size bytes, always ended by a NUL; what does not fit is cut off
 *         and, from size 4 on, ends in "...".  768 bytes hold every line
 * Returns 0 or SW_E_USAGE (NULL, or size 0).
 */
SW_API int sw_diag_line(const struct sw_diag *diag, char *out, size_t size);

/* A short phrase for a code, a constant; "unknown error" for others. */
SW_API const char *sw_code_text(int code);

/* The exit status (enum sw_exit) that belongs to a code. */
SW_API int sw_code_exit(int code);

/* The library's version, "0.1.0", a constant. */
SW_API const char *sw_version(void);

/*
 * Take a piece of a text.  Pieces come in order, and all of them make the
 * text; a piece may end in the middle of a character.
 *   arg    as it was given with the function
 *   piece  len bytes, 1 or more, borrowed during the call
 * Return 0 to go on; anything else stops the writer, which returns SW_E_IO.
 */
typedef int sw_write_fn(void *arg, const void *piece, size_t len);

/*
 * Free a text that the library has allocated.
 *   text  NULL: nothing is done
 */
SW_API void sw_free(char *text);

#ifdef __cplusplus
}
#endif

#endif
