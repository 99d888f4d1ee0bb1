/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An application key file, key_APP_IDENT, and the key token of a method-1
 * package, which is the same kind of file.  Container and entry numbers are
 * real, and so is the order of the entries of a key token; that a stock key
 * file has the same order is inferred.  Where the vendor keeps the key flags
 * and the generation time is not public: the container's time is used.
 */
#ifndef NF_KMDATA_KEYFILE_H
#define NF_KMDATA_KEYFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "nfast/base/buf.h"
#include "nfast/base/cur.h"
#include "nfast/kmdata/datafile.h"

/* "key_" APP "_" IDENT fits a file name of 255 bytes. */
#define NF_KM_APP_MAX	48
#define NF_KM_IDENT_MAX	200
#define NF_KM_NAME_MAX	255
#define NF_KM_ESN_MAX	64

/*
 * A key file as views that live as long as the bytes behind them; p is NULL
 * when an entry is absent.  Required: appname, ident, hash and at least one
 * of privblob and pubblob (a symmetric key has no public blob, a key file
 * that only announces a key has no private one).  The seven entries of the
 * certificate group are all there or all absent.
 */
struct nf_km_key {
	uint64_t time;			/* Unix seconds */
	struct nf_view appname;
	struct nf_view ident;
	struct nf_view name;		/* printable, may be empty or absent */
	uint8_t hash[20];
	struct nf_view privblob;
	struct nf_view recovblob;	/* only beside privblob */
	struct nf_view pubblob;
	/* The certificate group: signatures are texts, see sigtext.h. */
	struct nf_view cert_gen;
	struct nf_view mesg_gen;
	struct nf_view esn;
	struct nf_view pubblob_kml;
	struct nf_view cert_kml_esn;
	struct nf_view cert_state;
	struct nf_view mesg_state;
	/* Only for a key under a card set or a softcard. */
	struct nf_view params_ltu;
	struct nf_view softtoken;
	/* Entries of all other types, in the file's order. */
	uint32_t n_other;
	struct nf_km_entry other[NF_KM_ENTRIES_MAX];
};

/*
 * An ident: 1..NF_KM_IDENT_MAX digits, lower-case letters and hyphens.  An
 * appname: 1..NF_KM_APP_MAX of the same and upper-case letters, because one
 * name is found in both spellings (xferacld, xferacId).
 */
bool nf_km_ident_ok(struct nf_view v);
bool nf_km_appname_ok(struct nf_view v);

/* Room for an ident; also for one that is too long, which stays that. */
#define NF_KM_IDENT_SIZE	(NF_KM_IDENT_MAX + 2)

/*
 * What every program does with an ident that it is given: its upper-case
 * letters are lower-case ones (real for simple and seeinteg, ours for the
 * rest).  Nothing else changes.  Returns out.
 */
const char *nf_km_ident_fold(const char *ident,
    char out[static NF_KM_IDENT_SIZE]);

/*
 * Read the entries of a key file.
 *   out  borrows from what file borrows from; zeroed on failure
 * Returns 0 or NF_E_FORMAT (diag: field = entry type's name).
 * Does not look into blobs and messages, parses no signature text and
 * verifies nothing; does not compare with the name of the file.
 */
int nf_km_key_read(const struct nf_km_file *file, struct nf_km_key *out,
    struct nf_diag *diag);

/*
 * Append the key file.  Reading it gives the same key.
 * Returns 0, NF_E_FORMAT when nf_km_key_read() would refuse the result or an
 * "other" entry has a type that has a member of its own, NF_E_NOMEM or
 * NF_E_INTERNAL (too large).
 */
int nf_km_key_write(const struct nf_km_key *key, struct nf_buf *buf);

/*
 * Load a key file.
 *   bytes  empty; receives the file and must outlive *file and out; wiped on
 *          failure
 *   file   new; free with nf_km_file_free(); NULL unless 0 is returned
 * Errors: those of nf_file_load(), nf_km_file_read() and nf_km_key_read();
 * the diag names the path.
 */
int nf_km_key_load(const char *path, struct nf_buf *bytes,
    struct nf_km_file **file, struct nf_km_key *out, struct nf_diag *diag);

/* A recovery blob is there. */
bool nf_km_key_recoverable(const struct nf_km_key *key);

/* The certificate group is there. */
bool nf_km_key_certified(const struct nf_km_key *key);

/* "token" for a key under a card set or softcard, else "module". */
const char *nf_km_key_protection(const struct nf_km_key *key);

#endif
