/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plain writer of zip archives (PKWARE's format), for simulated toolsets:
 * every entry has the same fixed time, so that equal input gives equal bytes.
 */
#ifndef NF_KEK_ZIPWRITE_H
#define NF_KEK_ZIPWRITE_H

#include <stdbool.h>

#include "nfast/base/buf.h"

#define NF_ZIPWRITE_MAX		16	/* entries */

/* One file of an archive; bytes are borrowed. */
struct nf_zip_file {
	const char *name;	/* one that nf_zip_name_check() lets pass */
	struct nf_view bytes;
	bool deflate;		/* else stored; also where it would not gain */
};

/*
 * Append an archive of n regular files, mode 0644, dated 1980-01-01.
 *   comment  of the archive, printable; "" for none
 * Returns 0, NF_E_USAGE (more than NF_ZIPWRITE_MAX files, a name or comment
 * that is too long, more than NF_BUF_MAX bytes) or NF_E_NOMEM.
 */
int nf_zip_write(struct nf_buf *out, const struct nf_zip_file *file, size_t n,
    const char *comment);

#endif
