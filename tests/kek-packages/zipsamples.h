/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Archives made for the tests of the zip reader, good and hostile; each
 * hostile one is a good one with a single fault.  Ours.
 */
#ifndef NF_TESTS_KEK_ZIPSAMPLES_H
#define NF_TESTS_KEK_ZIPSAMPLES_H

#include <stdbool.h>

#include "nfast/base/buf.h"

#define ZS_ENTRIES	4

/* One entry; what is 0 or NULL is as in a good archive. */
struct zs_entry {
	const char *name;		/* NULL ends the list */
	size_t name_len;		/* when it holds a NUL */
	const char *local_name;
	const char *data;
	bool deflate;
	bool hidden;			/* not in the directory */
	bool z64;			/* sizes and offset as zip64 */
	unsigned int descriptor;	/* its length: 12, 16, 20, 24 */
	uint16_t flags, local_flags;	/* added to both, to the local one */
	uint16_t method;		/* in place of the real one */
	uint16_t version, disk;
	uint32_t attr;			/* external attributes */
	uint32_t crc_xor, local_crc_xor, desc_crc_xor;
	uint32_t size_add, local_size_add, packed_add;
	uint32_t time_xor;		/* of the local header */
	int same_as;			/* entry n - 1 holds the data */
	const char *extra, *local_extra;
	size_t extra_len, local_extra_len;
	const char *left;		/* after the packed data, counted */
	const char *gap;		/* bytes after it, in no entry */
};

struct zs_sample {
	const char *name;
	const char *field;	/* the expected refusal, NULL: accepted */
	const char *text;	/* part of its text */
	struct zs_entry e[ZS_ENTRIES];
	const char *prefix, *suffix, *comment;
	bool empty_end_in_comment;
	bool z64, z64_lie;	/* zip64 end records, with a wrong count */
	int count_add;		/* of the end record */
	uint16_t disk;
	const char *before_end;	/* bytes between directory and end record */
	bool cut_end;
};

extern const struct zs_sample zs_samples[];
extern const size_t zs_samples_n;

/* Append the archive. */
void zs_make(const struct zs_sample *s, struct nf_buf *out);

/* Append an archive of n empty files, "0" and up; zip64 when it needs be. */
void zs_many(size_t n, struct nf_buf *out);

#endif
