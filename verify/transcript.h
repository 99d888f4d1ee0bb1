/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Transcripts: what an auditor judged, kept so that another person can check
 * it.  The format is ours.
 *
 * A transcript is a text file of ASCII lines, each a JSON object, the record
 * of one judged file, with these members in this order and no white space:
 *
 *   transcript      1, the version of this format
 *   n               1 on the first line, then one more on each: record N is
 *                   on line N
 *   prev            SHA-256 of the bytes of the line before, without its
 *                   newline, in hex; 64 zeros on the first line
 *   time            RFC 3339 in UTC, whole seconds; from the clock, or
 *                   SOURCE_DATE_EPOCH
 *   tool            {"name", "version"} of the program that judged
 *   options         array of the options that have a say in the verdict
 *   path            as it was given; bytes that are no UTF-8 as \xNN, and
 *   path_bytes      (then only) the path in hex
 *   kind            what the file was taken for, or null
 *   input_sha256    SHA-256 of the file in hex, or null when unreadable
 *   verdict         "pass", "fail", "unanchored" or "error"
 *   exit            the exit status for this file alone
 *   verdict_sha256  SHA-256 of the verdict: of the JSON line that
 *                   --format jsonl prints for the file, without its newline
 *   mark            (only then) "INSECURE SEED": the file says that it was
 *                   made from a seed, or the audit was run with one
 *
 * A line is valid only if it is what our writer prints for its values.  The
 * chain shows which record was changed; it does not hinder whoever writes
 * all lines anew.  That is the signature's part: a detached one in FILE.sig
 * over all bytes of FILE, Ed25519 (pure) or ECDSA with the hash of the
 * curve's size (DER), which openssl checks as well:
 *
 *   openssl pkeyutl -verify -pubin -inkey KEY -rawin -in FILE \
 *       -sigfile FILE.sig                                       (Ed25519)
 *   openssl dgst -sha256 -verify KEY -signature FILE.sig FILE   (P-256)
 *
 * Nothing here signs.
 */
#ifndef NF_VERIFY_TRANSCRIPT_H
#define NF_VERIFY_TRANSCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/types.h>

#include "nfast/base/buf.h"
#include "nfast/base/err.h"
#include "verify/pubkey.h"
#include "verify/verdict-format.h"

#define NF_VFY_TRANSCRIPT_VERSION	1
#define NF_VFY_LINE_MAX		65536	/* bytes, with the end */
#define NF_VFY_RECORD_OPTIONS	64
#define NF_VFY_SHA256_LEN	32

/*
 * Who judged and how; all texts are borrowed.
 *   tool, version  printable ASCII, 1..64 characters
 *   option         n_options texts, at most NF_VFY_RECORD_OPTIONS
 */
struct nf_vfy_origin {
	const char *tool;
	const char *version;
	const char *const *option;
	size_t n_options;
};

/*
 * One record; all texts are borrowed.
 *   time, origin  nf_vfy_transcript_add() sets its own
 *   path     any bytes
 *   kind     1..64 printable characters; NULL or NF_VFY_KIND_NONE for null
 *   sha256   of the judged file, when has_sha256
 *   verdict  "pass", "fail", "unanchored" or "error"
 *   exit     0..255
 *   insecure_seed  nf_vfy_transcript_add() adds whether there is a seed
 */
struct nf_vfy_record {
	uint64_t time;
	struct nf_vfy_origin origin;
	const char *path;
	const char *kind;
	bool has_sha256;
	uint8_t sha256[NF_VFY_SHA256_LEN];
	const char *verdict;
	int exit;
	uint8_t verdict_sha256[NF_VFY_SHA256_LEN];
	bool insecure_seed;
};

/* How a record says an outcome. */
const char *nf_vfy_record_verdict(enum nf_vfy_outcome outcome);

/* The outcome of that name; NF_VFY_OUT_COUNT when there is none. */
enum nf_vfy_outcome nf_vfy_record_outcome(const char *verdict);

/*
 * Append the line of a record, without its newline.  The buffer fails with
 * NF_E_NOMEM, or NF_E_FORMAT (a number out of range, a line too long).
 */
void nf_vfy_record_write(struct nf_buf *out, const struct nf_vfy_record *rec,
    uint64_t n, const uint8_t prev[static NF_VFY_SHA256_LEN]);

/*
 * A record that was read from a line.
 *   n, prev  as the line has them: the caller compares
 */
struct nf_vfy_read_record {
	struct nf_vfy_record rec;
	uint64_t n;
	uint8_t prev[NF_VFY_SHA256_LEN];
	const char *option[NF_VFY_RECORD_OPTIONS];
	struct nf_buf path;
	void *json;
};

/*
 * Read one line, without its newline.
 *   who  what a message starts with, e.g. "record 3 (line 3)"
 *   off  where the line starts in its file
 *   out  wipe it in every case
 * Returns 0, NF_E_FORMAT (diag: member, offset) or NF_E_NOMEM.
 */
int nf_vfy_record_read(struct nf_view line, const char *who, size_t off,
    struct nf_vfy_read_record *out, struct nf_diag *diag);
void nf_vfy_record_wipe(struct nf_vfy_read_record *r);

/* A transcript that is being written. */
struct nf_vfy_transcript;

/*
 * Open a transcript to append to it, or create one (0644).  It is locked
 * until closed, so that the records of two runs do not mix.  Of an existing
 * one the last record is checked, in time that does not depend on its size;
 * all of it is checked when it is signed and by nf_vfy_transcript_check().
 *   origin  borrowed until it is closed
 *   out     NULL unless 0 is returned
 * Errors: NF_E_BUSY, NF_E_IO (also a symbolic link or no regular file),
 * NF_E_FORMAT (not a transcript; its last line is torn), NF_E_VERIFY (its one
 * record is not the first), NF_E_USAGE (SOURCE_DATE_EPOCH), NF_E_NOMEM.
 */
int nf_vfy_transcript_open(const char *path,
    const struct nf_vfy_origin *origin, struct nf_vfy_transcript **out,
    struct nf_diag *diag);

/*
 * Append one record by one write.  After a failure, of which nothing stays in
 * the file if that is possible, every further call fails.
 * Errors: NF_E_IO, NF_E_FORMAT (the record is too long), NF_E_NOMEM.
 */
int nf_vfy_transcript_add(struct nf_vfy_transcript *t,
    const struct nf_vfy_record *rec, struct nf_diag *diag);

/*
 * Make it durable, unlock and free it.  t may be NULL.
 * Returns the first error of _add(), or NF_E_IO.
 */
int nf_vfy_transcript_close(struct nf_vfy_transcript *t,
    struct nf_diag *diag);

/* What a checked transcript holds. */
#define NF_VFY_TOOLS_MAX	16
#define NF_VFY_TOOL_LEN		132	/* "name version" */

struct nf_vfy_summary {
	uint64_t records;
	uint64_t bytes;
	uint64_t first_time;
	uint64_t last_time;
	uint64_t time_back;	/* records earlier than the one before */
	uint64_t insecure_seed;	/* records with that mark */
	uint64_t verdict[NF_VFY_OUT_COUNT];
	size_t n_tools;
	struct {
		char name[NF_VFY_TOOL_LEN];
		uint64_t n;
	} tool[NF_VFY_TOOLS_MAX];	/* by first appearance; last: others */
	bool has_sha256;
	uint8_t sha256[NF_VFY_SHA256_LEN];	/* of the file */
	const struct nf_vfy_sigalg *signature;	/* NULL: not checked */
};

/*
 * The chain, piece by piece, in memory of one line.
 *   summary  is filled on the way; what it has counts only after _end() == 0
 */
struct nf_vfy_links;

/* NULL without memory.  summary is borrowed and made empty. */
struct nf_vfy_links *nf_vfy_links_new(struct nf_vfy_summary *summary);

/*
 * Take the next bytes, cut anywhere.  Errors, which stay: NF_E_FORMAT (a line
 * that is no record), NF_E_VERIFY (n or prev is wrong), NF_E_CRYPTO,
 * NF_E_NOMEM.  The diag names record, line, member and byte.
 */
int nf_vfy_links_add(struct nf_vfy_links *w, struct nf_view v,
    struct nf_diag *diag);

/* The end: NF_E_FORMAT when a line is not ended or there is no record. */
int nf_vfy_links_end(struct nf_vfy_links *w, struct nf_diag *diag);
void nf_vfy_links_free(struct nf_vfy_links *w);

/* A transcript opened to be read; locked against writers of ours. */
struct nf_vfy_trfile;

/* Errors: NF_E_NOTFOUND, NF_E_IO, NF_E_BUSY, NF_E_NOMEM. */
int nf_vfy_trfile_open(const char *path, struct nf_vfy_trfile **out,
    struct nf_diag *diag);
void nf_vfy_trfile_close(struct nf_vfy_trfile *f);

/* Check the chain of all of it.  Errors of _links_add(), NF_E_IO. */
int nf_vfy_trfile_chain(struct nf_vfy_trfile *f,
    struct nf_vfy_summary *summary, struct nf_diag *diag);

/* Give all of it to a context by libcrypto's update(), piece by piece. */
typedef int (*nf_vfy_update)(EVP_MD_CTX *md, const void *p, size_t len);

/* Give the whole transcript to md; the diag names the file. */
int nf_vfy_trfile_digest(struct nf_vfy_trfile *f, EVP_MD_CTX *md,
    nf_vfy_update update, struct nf_diag *diag);

/* The whole file, borrowed until _close(); mapped, not read. */
int nf_vfy_trfile_map(struct nf_vfy_trfile *f, struct nf_view *out,
    struct nf_diag *diag);

/*
 * Verify a signature over all of it, and that the file did not change since
 * it was opened.
 * Errors: NF_E_VERIFY, NF_E_POLICY (type of the key), NF_E_IO (also: it
 * changed), NF_E_CRYPTO.
 */
int nf_vfy_trfile_verify(struct nf_vfy_trfile *f, EVP_PKEY *key,
    struct nf_view sig, struct nf_vfy_summary *summary,
    struct nf_diag *diag);

/*
 * Check a transcript: the whole chain and, with a key, the signature.
 *   pubkey  PEM file, or NULL: the chain only
 *   sig     NULL: the path with ".sig" added
 * Returns 0, NF_E_VERIFY (chain broken, wrong signature), NF_E_FORMAT (a line
 * is no record; a malformed key), NF_E_POLICY (not a public key, RSA),
 * NF_E_NOTFOUND, NF_E_IO, NF_E_BUSY, NF_E_NOMEM or NF_E_CRYPTO.
 * Memory does not grow with the file; for Ed25519 the file is mapped, because
 * that algorithm reads its message twice.
 */
int nf_vfy_transcript_check(const char *path, const char *pubkey,
    const char *sig, struct nf_vfy_summary *summary, struct nf_diag *diag);

/* Append the report of a check that succeeded. */
void nf_vfy_transcript_report(struct nf_buf *out, const char *path,
    const struct nf_vfy_summary *summary);

#endif
