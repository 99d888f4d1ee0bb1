/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A KM datafile for people: every entry with its name, number, length and
 * decoded value.  The vendor's kmfile-dump has no public output, so the
 * layout is ours; ACLs follow the vendor's documented text.
 */
#ifndef NF_KMDATA_DUMP_H
#define NF_KMDATA_DUMP_H

#include "nfast/base/buf.h"
#include "nfast/kmdata/datafile.h"

/* Bytes of an entry that are shown when it is not decoded. */
#define NF_KM_DUMP_BYTES	64

/* What must stand above every dump. */
#define NF_KM_DUMP_NOTICE \
	"values are as stored; nothing here is verified (see byok-audit)"

/*
 * Append the decoded value of one entry, in lines of four spaces and text.
 * Returns 0; NF_E_NOTFOUND for a type that is not decoded; NF_E_FORMAT (diag:
 * why) or NF_E_NOMEM, with an incomplete value in out.
 */
int nf_km_dump_value(struct nf_buf *out, const struct nf_km_entry *entry,
    struct nf_diag *diag);

/*
 * Append the time, the number of entries and all entries.
 *   out  fails with NF_E_NOMEM or NF_E_CRYPTO; no other error exists: an
 *        entry that does not decode is shown as bytes, with the reason
 * Blobs are opened only when their wrapping key is the public null module
 * key; of the key inside type, size, hash and ACL are shown, never numbers.
 * Verifies nothing.
 */
void nf_km_dump(struct nf_buf *out, const struct nf_km_file *file);

#endif
