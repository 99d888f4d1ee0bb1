/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libsecworld: audit a file as byok-audit(1) does, check by check.  Which
 * checks there are, what each proves and which of the formats are the
 * vendor's is in byok-verdict(5); the ids and the verdict are ours.
 * error.h says what holds for every function.
 */
#ifndef SECWORLD_VERIFY_H
#define SECWORLD_VERIFY_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- what is accepted ------------------------------------------------- */

/*
 * What the caller of an audit may choose.  New ones accept the pinned roots
 * only, have the vendor's policy and no key exchange key.
 */
struct sw_options;

/* Returns NULL when out of memory; else free them with sw_options_free(). */
SW_API struct sw_options *sw_options_new(void);

/*
 * Free options.  Results that were made with them live on.
 *   options  NULL: nothing is done
 */
SW_API void sw_options_free(struct sw_options *options);

/*
 * Accept one more root of legacy chains, besides the pinned one.  Another
 * call, also of sw_options_simulated_root(), takes its place.
 *   hash  nCore key hash (SHA-1), 40 hexadecimal digits, with or without
 *         spaces between them
 * Returns 0 or SW_E_USAGE (other text).
 */
SW_API int sw_options_root_hash(struct sw_options *options, const char *hash,
    struct sw_diag *diag);

/*
 * Accept the roots of a simulator, of legacy chains and of warrants.  What
 * they vouch for proves nothing about hardware, and the result says so.
 *   state  the simulator's state directory, NFSIM_STATE of the programs; the
 *          files factory-root and, if it is there, factory-kwarn are read
 * Returns 0, SW_E_NOTFOUND, SW_E_IO, SW_E_FORMAT or SW_E_USAGE; after a
 * failure no other root is accepted than the pinned ones.
 */
SW_API int sw_options_simulated_root(struct sw_options *options,
    const char *state, struct sw_diag *diag);

/*
 * Judge a toolset zip as the one of this region, whatever its name is.
 * Without it, the last part of the name tells the region.
 *   region  slug, heading, code or zip name as "kekpkg list" shows them, in
 *           any case; NULL: as at first
 * Returns 0, SW_E_NOTFOUND or SW_E_USAGE (a code that two regions share).
 */
SW_API int sw_options_region(struct sw_options *options, const char *region,
    struct sw_diag *diag);

/*
 * Whether sw_result_exit() is SW_EXIT_OK for an unanchored verdict; it is
 * SW_EXIT_UNKNOWN without.  The verdict stays SW_VERDICT_UNANCHORED.
 *   accept  0 or 1
 * Returns 0 or SW_E_USAGE.
 */
SW_API int sw_options_accept_unanchored(struct sw_options *options,
    int accept);

/* What an attested RSA key may be allowed to do; the policies are ours. */
enum sw_policy {
	SW_POLICY_VENDOR = 0,	/* UseAsBlobKey is reported as "unwrap" */
	SW_POLICY_STRICT = 1	/* UseAsBlobKey fails the check */
};

/* Returns 0 or SW_E_USAGE. */
SW_API int sw_options_policy(struct sw_options *options,
    enum sw_policy policy);

/*
 * Say which key exchange key method-2 packages are under.
 *   key  len bytes, at most 65536: PEM or DER SubjectPublicKeyInfo of an RSA
 *        key of 2048, 3072 or 4096 bits, or a JSON Web Key of one; borrowed
 *        during the call.  NULL with len 0: none, as at first
 * Returns 0, SW_E_FORMAT, SW_E_POLICY (a private key, a certificate, another
 * algorithm or size), SW_E_NOMEM or SW_E_USAGE; after a failure there is
 * none.
 */
SW_API int sw_options_kek(struct sw_options *options, const void *key,
    size_t len, struct sw_diag *diag);

/* ---- audits ----------------------------------------------------------- */

/* What became of one file. */
struct sw_result;

/*
 * Audit a file in memory.
 *   options  NULL: those of sw_options_new(); not changed
 *   name     a path or a name for reports, any bytes but NUL; see also
 *            sw_options_region()
 *   bytes    len bytes, borrowed during the call: a toolset zip, which is
 *            read in place, or at most 1 MiB.  May be NULL when len is 0
 *   out      new; free with sw_result_free()
 * Returns 0 when there is a result, also one that says that the file failed a
 * check or could not be read: sw_result_verdict() and sw_result_exit() tell.
 * Else SW_E_USAGE, SW_E_NOMEM or SW_E_CRYPTO (libcrypto cannot be used).
 */
SW_API int sw_audit_bytes(const struct sw_options *options, const char *name,
    const void *bytes, size_t len, struct sw_result **out,
    struct sw_diag *diag);

/*
 * Audit a file by its path; a toolset zip may have any size and is not held
 * in memory.  Symbolic links are followed.  As sw_audit_bytes() else: that
 * there is no such file is a result, with verdict SW_VERDICT_ERROR.
 */
SW_API int sw_audit_file(const struct sw_options *options, const char *path,
    struct sw_result **out, struct sw_diag *diag);

/*
 * Audit the KEK package and the SecurityWorld package of one region
 * together, as verifykeypackage(1) does.
 *   kek, world  their paths
 * As sw_audit_file() else.  The result has no SHA-256, and as name both
 * paths with a comma and a space between them.
 */
SW_API int sw_audit_packages(const struct sw_options *options,
    const char *kek, const char *world, struct sw_result **out,
    struct sw_diag *diag);

/*
 * Free a result and all that was borrowed from it.
 *   result  NULL: nothing is done
 */
SW_API void sw_result_free(struct sw_result *result);

/* ---- results ---------------------------------------------------------- */

/* The verdict; the numbers stay what they are. */
enum sw_verdict {
	SW_VERDICT_PASS = 0,	/* no check failed, a root was accepted */
	SW_VERDICT_FAIL = 1,	/* a check failed */
	SW_VERDICT_UNANCHORED = 2,	/* none failed, no root reached: who
					 * made the file may have made every
					 * key that signs in it */
	SW_VERDICT_ERROR = 3	/* unreadable, malformed, not recognised, or
				 * the audit itself failed: no verdict, see
				 * sw_result_diag() */
};

/* Of NULL: SW_VERDICT_ERROR.  Anything but SW_VERDICT_PASS is no proof. */
SW_API enum sw_verdict sw_result_verdict(const struct sw_result *result);

/*
 * The exit status that byok-audit has for this file, enum sw_exit: 0 for
 * pass, 1 for fail, 4 (or 0, see sw_options_accept_unanchored()) for
 * unanchored, and the class of the error else.  Of NULL: SW_EXIT_UNKNOWN.
 */
SW_API int sw_result_exit(const struct sw_result *result);

/* Why there is no verdict, borrowed; NULL when there is one. */
SW_API const struct sw_diag *sw_result_diag(const struct sw_result *result);

/* The name that the file was given with, borrowed; "" of NULL. */
SW_API const char *sw_result_name(const struct sw_result *result);

/*
 * The kind of the file, a constant of byok-verdict(5), as "key file"; "file"
 * when it was not recognised, and of NULL.
 */
SW_API const char *sw_result_kind(const struct sw_result *result);

/*
 * SHA-256 of the whole file.
 *   out  32 bytes
 * Returns 0, SW_E_NOTFOUND (the file could not be read) or SW_E_USAGE.
 */
SW_API int sw_result_sha256(const struct sw_result *result, uint8_t *out);

/*
 * The root that a chain in the file ends in, whether it is accepted or not.
 *   out  20 bytes, nCore key hash (SHA-1)
 * Returns 0, SW_E_NOTFOUND (no chain reaches one) or SW_E_USAGE.
 */
SW_API int sw_result_root(const struct sw_result *result, uint8_t *out);

/* 1 when a simulator made the file, which then proves nothing; else 0. */
SW_API int sw_result_simulated(const struct sw_result *result);

/* 1 when the file says that no key in it is secret (made from a seed). */
SW_API int sw_result_insecure_seed(const struct sw_result *result);

/* Status of a check; the numbers stay what they are. */
enum sw_status {
	SW_STATUS_PASS = 0,
	SW_STATUS_FAIL = 1,
	SW_STATUS_UNKNOWN = 2,	/* cannot be said from what is there */
	SW_STATUS_NA = 3	/* not applicable */
};

/* How many checks were made, at most 48; 0 of NULL and without a verdict. */
SW_API size_t sw_result_checks(const struct sw_result *result);

/*
 * One check.
 *   i  0 to sw_result_checks() - 1, in the order they were made
 * id: stable, as "byok1.signature".  title: what is checked, one phrase.
 * detail: what was compared, one line, or "".  All are borrowed, printable
 * ASCII; NULL for a wrong i.  status: SW_STATUS_UNKNOWN for a wrong i.
 */
SW_API const char *sw_result_check_id(const struct sw_result *result,
    size_t i);
SW_API const char *sw_result_check_title(const struct sw_result *result,
    size_t i);
SW_API const char *sw_result_check_detail(const struct sw_result *result,
    size_t i);
SW_API enum sw_status sw_result_check_status(const struct sw_result *result,
    size_t i);

/*
 * Where a check looked.
 *   where   may be NULL; the part that offset counts in, a constant ("file")
 *   offset  may be NULL; from 0, in bytes
 *   len     may be NULL; in bytes
 * Returns 0, SW_E_NOTFOUND (the place is not known) or SW_E_USAGE; then
 * nothing is changed.
 */
SW_API int sw_result_check_place(const struct sw_result *result, size_t i,
    const char **where, size_t *offset, size_t *len);

/*
 * The number of the check with that id.
 *   out  may be NULL
 * Returns 0, SW_E_NOTFOUND or SW_E_USAGE.
 */
SW_API int sw_result_check_find(const struct sw_result *result,
    const char *id, size_t *out);

/* How many facts there are, at most 40; 0 of NULL and without a verdict. */
SW_API size_t sw_result_facts(const struct sw_result *result);

/*
 * One fact: a value of the file.
 *   i  0 to sw_result_facts() - 1
 * name: borrowed, NULL for a wrong i; may occur several times.  signer: whose
 * verified signature covers the value, borrowed; NULL when it is a mere claim
 * of the file, and for a wrong i.  anchored: 1 when it is signed and the
 * signer reaches an accepted root, else 0.
 */
SW_API const char *sw_result_fact_name(const struct sw_result *result,
    size_t i);
SW_API const char *sw_result_fact_signer(const struct sw_result *result,
    size_t i);
SW_API int sw_result_fact_anchored(const struct sw_result *result, size_t i);

/*
 * The value of a fact as reports show it: one line without a newline, or a
 * block of lines.
 *   out  new, ended by a NUL; free with sw_free()
 *   len  may be NULL; bytes before that NUL
 * Returns 0, SW_E_USAGE or SW_E_NOMEM.
 */
SW_API int sw_result_fact_value(const struct sw_result *result, size_t i,
    char **out, size_t *len, struct sw_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
