/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the zip reader share. */
#ifndef NF_KEK_ZIP_INTERNAL_H
#define NF_KEK_ZIP_INTERNAL_H

#include "kek-packages/zip.h"

#define NF_ZIP_SIG_LOCAL	0x04034b50u
#define NF_ZIP_SIG_CENTRAL	0x02014b50u
#define NF_ZIP_SIG_END		0x06054b50u
#define NF_ZIP_SIG_END64	0x06064b50u
#define NF_ZIP_SIG_LOCATOR	0x07064b50u
#define NF_ZIP_SIG_DESCRIPTOR	0x08074b50u

#define NF_ZIP_LOCAL_LEN	30u
#define NF_ZIP_CENTRAL_LEN	46u
#define NF_ZIP_END_LEN		22u
#define NF_ZIP_END64_LEN	56u
#define NF_ZIP_LOCATOR_LEN	20u

#define NF_ZIP_FLAG_ENCRYPTED	0x0001u
#define NF_ZIP_FLAG_DESCRIPTOR	0x0008u
#define NF_ZIP_FLAGS_ALLOWED	0x080eu	/* bits 1, 2, 3, 11 */
#define NF_ZIP_VERSION_MAX	45u
#define NF_ZIP_SAT32		0xffffffffu
#define NF_ZIP_SAT16		0xffffu

/* An entry, and what its local header has to repeat. */
struct nf_zip_item {
	struct nf_zip_entry e;
	size_t raw;		/* position of the raw name in the directory */
	size_t raw_len;
	uint32_t time;		/* DOS date and time */
	uint64_t at;		/* of its directory entry, in the file */
};

struct nf_zip {
	int fd;			/* -1: mem */
	struct nf_view mem;
	uint64_t size;
	struct nf_zip_limits limits;
	uint64_t dir_off;
	size_t dir_len, comment, n, folded;
	uint8_t *dir;		/* the directory's bytes */
	char *names;		/* the names in it, folded and terminated */
	struct nf_zip_item *item;
};

/* Exactly n bytes at off, which must lie in the file.  0 or NF_E_IO. */
int nf_zip_pread(const struct nf_zip *zip, uint64_t off, void *out, size_t n,
    struct nf_diag *diag);

/* Read the directory into items, with names checked. */
int nf_zip_dir_read(struct nf_zip *zip, struct nf_diag *diag);

/* Check extents and local headers; sets the data offset of each item. */
int nf_zip_locals_check(struct nf_zip *zip, struct nf_diag *diag);

/*
 * Check one extra field; the zip64 part is found and anything that gives the
 * entry another name is refused.
 *   z64  the content of the zip64 part, len 0 and p NULL when there is none
 */
int nf_zip_extra_check(struct nf_view extra, uint64_t at, struct nf_view *z64,
    struct nf_diag *diag);

/* Check a name that is terminated and has slashes only; len of it. */
int nf_zip_name_check(const char *name, size_t len, uint64_t at,
    struct nf_diag *diag);

/* No two names are one file or directory, whatever the case. */
int nf_zip_names_unique(const struct nf_zip *zip, struct nf_diag *diag);

/* Record a refusal at a place of the file; returns NF_E_FORMAT. */
int nf_zip_refuse(struct nf_diag *diag, const char *field, uint64_t at,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

#endif
