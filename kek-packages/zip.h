/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A strict reader of zip archives from strangers.  The format is PKWARE's
 * APPNOTE (real); the rules are ours and narrower, so that every other reader
 * sees the same files in an archive that this one accepts:
 *	one end record, whose comment ends the file; the directory touches it
 *	every byte before the directory belongs to exactly one entry
 *	local headers equal the directory
 *	flag bits 1, 2, 3 and 11 only; stored or deflated
 *	regular files and directories only
 *	names printable ASCII, relative, without "." or ".." or empty parts,
 *	unique whatever the case, no file in the place of a directory
 * Backslashes in names, as old .NET wrote them, become slashes before the
 * rules apply, and are counted.  Zip64 and data descriptors are read.
 *
 * Memory is bounded by NF_ZIP_DIR_MAX, whatever the size of the archive.
 * Each refusal is NF_E_FORMAT, with its own text and a stable name in
 * diag.field: zip-short, zip-large, zip-end-missing, zip-trailing,
 * zip-end-twice, zip-disks, zip64, zip-directory-place, zip-directory,
 * zip-prefix, zip-count, zip-central, zip-version, zip-encrypted, zip-flags,
 * zip-method, zip-extra, zip-unicode-name, zip-symlink, zip-type,
 * zip-name-empty, zip-name-length, zip-name-nul, zip-name-unprintable,
 * zip-name-absolute, zip-name-drive, zip-name-part, zip-duplicate,
 * zip-duplicate-case, zip-file-as-directory, zip-entry-size, zip-total,
 * zip-ratio, zip-gap, zip-unlisted, zip-overlap, zip-local,
 * zip-local-name, zip-local-field, zip-descriptor, zip-inflate,
 * zip-data-left, zip-data-size, zip-crc.
 */
#ifndef NF_KEK_ZIP_H
#define NF_KEK_ZIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nfast/base/buf.h"
#include "nfast/base/cur.h"
#include "nfast/base/err.h"

#define NF_ZIP_FILE_MAX		((uint64_t)4 << 30)
#define NF_ZIP_DIR_MAX		((size_t)8 << 20)
#define NF_ZIP_ENTRIES_MAX	100000u
#define NF_ZIP_NAME_MAX		255u
#define NF_ZIP_ENTRY_MAX	((uint64_t)1 << 30)
#define NF_ZIP_TOTAL_MAX	((uint64_t)2 << 30)
/* Unpacked bytes in all: this, and so many times the archive's own size. */
#define NF_ZIP_TOTAL_BASE	((uint64_t)64 << 20)
#define NF_ZIP_TOTAL_RATIO	64u

struct nf_zip_entry {
	const char *name;	/* with slashes; none at the end */
	uint64_t offset;	/* of the local header */
	uint64_t data;		/* of the packed bytes */
	uint64_t packed;	/* their number */
	uint64_t size;		/* unpacked */
	uint32_t crc;		/* of the unpacked bytes */
	uint16_t flags;
	uint16_t method;	/* 0 stored, 8 deflated */
	bool is_dir;
	bool folded;		/* the name had backslashes */
	bool verified;		/* data, size and CRC were found right */
};

/* Narrower caps than the ones above; 0 stands for those. */
struct nf_zip_limits {
	uint64_t entry;		/* unpacked bytes of one entry */
	uint64_t total;		/* unpacked bytes of all */
	uint32_t count;		/* entries */
};

struct nf_zip;

/* The bytes start as an archive with or without entries does. */
bool nf_zip_is(struct nf_view bytes);

/*
 * Read the directory and every local header of an archive.
 *   fd      a regular file, readable, borrowed while zip lives; its position
 *           does not matter and does not move
 *   bytes   borrowed while zip lives
 *   limits  may be NULL
 *   out     new; free with nf_zip_free(); NULL unless 0 is returned
 * Returns 0, NF_E_FORMAT (refused, see above; diag.offset where known),
 * NF_E_IO, NF_E_NOMEM.  Looks at no entry's data.
 */
int nf_zip_open_fd(int fd, const struct nf_zip_limits *limits,
    struct nf_zip **out, struct nf_diag *diag);
int nf_zip_open_mem(struct nf_view bytes, const struct nf_zip_limits *limits,
    struct nf_zip **out, struct nf_diag *diag);
void nf_zip_free(struct nf_zip *zip);

/* Entries in the order of the directory; the entry is borrowed. */
size_t nf_zip_count(const struct nf_zip *zip);
const struct nf_zip_entry *nf_zip_entry(const struct nf_zip *zip, size_t i);

/* How many names had backslashes; bytes of the archive's comment. */
size_t nf_zip_folded(const struct nf_zip *zip);
size_t nf_zip_comment(const struct nf_zip *zip);

/* Takes unpacked bytes; what is not 0 ends the reading with that code. */
typedef int nf_zip_sink(void *arg, const uint8_t *p, size_t n);

/*
 * Unpack entry i into sink, piece by piece; a success says that data, size
 * and CRC are right.  What the sink took before a failure is worth nothing.
 *   sink  NULL: only verify
 * Returns 0, NF_E_FORMAT (zip-inflate, zip-data-left, zip-data-size,
 * zip-crc), NF_E_IO, NF_E_NOMEM, or the sink's code.
 */
int nf_zip_stream(struct nf_zip *zip, size_t i, nf_zip_sink *sink, void *arg,
    struct nf_diag *diag);

/*
 * Append entry i to buf.
 *   max  bytes; a larger entry is refused before anything is read
 * Returns as above; NF_E_FORMAT (zip-entry-size) beyond max.
 */
int nf_zip_read(struct nf_zip *zip, size_t i, size_t max, struct nf_buf *buf,
    struct nf_diag *diag);

/*
 * Write every file of the archive below a directory that exists: plain files,
 * mode 0644, and the directories they need.  Nothing is overwritten and no
 * symbolic link is followed.  What was written before a failure or a crash
 * stays, whole files only; a file that is there with the same content is no
 * error, so that it can go on.
 * Returns 0, NF_E_NOTFOUND (no directory), NF_E_EXISTS, NF_E_IO, NF_E_BUSY
 * (another process extracts there), or as nf_zip_stream(); the diag names the
 * entry.
 */
int nf_zip_extract(struct nf_zip *zip, const char *dir,
    struct nf_diag *diag);

/* Verify every entry; the first fault ends it. */
int nf_zip_verify(struct nf_zip *zip, struct nf_diag *diag);

#endif
