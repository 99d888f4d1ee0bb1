/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libsecworld: read a file of a security world or of a key transfer.  Nothing
 * is verified here, every value is what the file says: see verify.h.  The
 * container of kmdata/local, its entry numbers, certificate messages and ACLs
 * are the vendor's; the texts and the JSON are ours.  error.h says what holds
 * for every function.
 */
#ifndef SECWORLD_READ_H
#define SECWORLD_READ_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Version of the JSON of sw_file_write(). */
#define SW_FILE_SCHEMA	1

/* A file that was read; it has its own copy of the bytes. */
struct sw_file;

/*
 * Read a file in memory; its kind is told by its content.
 *   bytes  1 byte to 1 MiB, of a toolset zip any number; borrowed during the
 *          call
 *   out    new; free with sw_file_free()
 * Method-1 packages, attestation bundles, KM datafiles and region packages
 * are read as a whole, and refused when they are malformed; so is the JSON of
 * method-2 packages.  Of these and of the other kinds only what they are is
 * told: their values are facts of an audit.
 * Returns 0, SW_E_FORMAT (not recognised, or malformed; the diagnostic has
 * the field and the byte), SW_E_NOMEM, SW_E_CRYPTO or SW_E_USAGE.
 */
SW_API int sw_file_read(const void *bytes, size_t len, struct sw_file **out,
    struct sw_diag *diag);

/*
 * The same by path, of at most 1 MiB.  Symbolic links are followed.
 * Returns also SW_E_NOTFOUND and SW_E_IO; the diagnostic names the path.
 */
SW_API int sw_file_load(const char *path, struct sw_file **out,
    struct sw_diag *diag);

/*
 * Free a file and all that was borrowed from it.
 *   file  NULL: nothing is done
 */
SW_API void sw_file_free(struct sw_file *file);

/* The kind, a constant of byok-verdict(5), as "key file"; "file" of NULL. */
SW_API const char *sw_file_kind(const struct sw_file *file);

/*
 * SHA-256 of the whole file.
 *   out  32 bytes
 * Returns 0 or SW_E_USAGE.
 */
SW_API int sw_file_sha256(const struct sw_file *file, uint8_t *out);

/*
 * The hash of the key that the file is about, as the file states it: of a key
 * file, a method-1 package's key token, a KEK package or an attestation
 * bundle.
 *   out  20 bytes, nCore key hash (SHA-1)
 * Returns 0, SW_E_NOTFOUND (it is about no one key) or SW_E_USAGE.
 */
SW_API int sw_file_key_hash(const struct sw_file *file, uint8_t *out);

/* Texts about that key; the numbers stay what they are. */
enum sw_key_text {
	SW_KEY_APPNAME = 0,	/* application, "simple" */
	SW_KEY_IDENT = 1,	/* "contosokey" */
	SW_KEY_NAME = 2,	/* given by its owner, may be empty */
	SW_KEY_PROTECTION = 3,	/* "module" or "token" */
	SW_KEY_ESN = 4		/* of the module that generated it */
};

/* Borrowed, printable ASCII; NULL where the file does not have it. */
SW_API const char *sw_file_key_text(const struct sw_file *file,
    enum sw_key_text which);

/*
 * How many entries the KM datafile has, of a method-1 package that of its key
 * token, at most 256; how many fields an attestation bundle.  0 else.
 */
SW_API size_t sw_file_entries(const struct sw_file *file);

/*
 * One of them.
 *   i     0 to sw_file_entries() - 1, in the file's order
 *   type  may be NULL; number of the entry (KeyMgmtEntType), 0 in a bundle
 *   name  may be NULL; its name, a constant; NULL is given for a number that
 *         is not known
 *   data  may be NULL; len bytes, borrowed, of a bundle decoded
 *   len   may be NULL
 * Returns 0 or SW_E_USAGE; then nothing is changed.
 */
SW_API int sw_file_entry(const struct sw_file *file, size_t i,
    uint32_t *type, const char **name, const void **data, size_t *len);

/* How many module certificates are among the entries. */
SW_API size_t sw_file_certs(const struct sw_file *file);

/*
 * The message of one, as an entry.
 *   i      0 to sw_file_certs() - 1
 *   entry  its number for sw_file_entry()
 * Returns 0 or SW_E_USAGE.
 */
SW_API int sw_file_cert(const struct sw_file *file, size_t i,
    size_t *entry);

/* Halves of a key; the numbers stay what they are. */
enum sw_half {
	SW_HALF_PRIVATE = 0,	/* as at generation, from the certificate */
	SW_HALF_PUBLIC = 1	/* from the blob under the null module key */
};

/*
 * The ACL of a half as aclprint(1) shows it, lines for people.
 *   out  new, ended by a NUL; free with sw_free()
 *   len  may be NULL; bytes before that NUL
 * Returns 0, SW_E_NOTFOUND (the file shows none), SW_E_USAGE or SW_E_NOMEM.
 */
SW_API int sw_file_acl(const struct sw_file *file, enum sw_half half,
    char **out, size_t *len, struct sw_diag *diag);

/* Forms of a whole file; the numbers stay what they are. */
enum sw_form {
	SW_FORM_TEXT = 0,	/* as kmfile-dump(1) shows it */
	SW_FORM_JSON = 1	/* one object, libsecworld(3); pure ASCII */
};

/*
 * Write all that was read.
 *   write  see error.h
 * Returns 0, SW_E_USAGE, SW_E_NOMEM or SW_E_IO (write() stopped it).
 */
SW_API int sw_file_write(const struct sw_file *file, enum sw_form form,
    sw_write_fn *write, void *arg, struct sw_diag *diag);

/*
 * The same into memory.
 *   out  new, ended by a NUL; free with sw_free()
 *   len  may be NULL; bytes before that NUL
 * Returns 0, SW_E_USAGE or SW_E_NOMEM.
 */
SW_API int sw_file_alloc(const struct sw_file *file, enum sw_form form,
    char **out, size_t *len, struct sw_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
