/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The nchex text container of warrants and feature certificates (real): free
 * comment lines, an empty line, then upper-case hex in lines of 8 groups of 8
 * digits.  The decoded bytes name a type and carry a length and a SHA-1.
 */
#ifndef NF_VERIFY_NCHEX_H
#define NF_VERIFY_NCHEX_H

#include "nfast/base/buf.h"
#include "nfast/base/cur.h"

#define NF_NCHEX_DATA_MAX	65536
#define NF_NCHEX_CERTIFICATE	"Certificate"
#define NF_NCHEX_WARRANT	"KLF2Warrant"

/* Some line looks like the first of the container's hex lines. */
bool nf_nchex_is(struct nf_view text);

/*
 * Read a container of one type.
 *   text  lines end in LF, or all in CR LF; comments are printable ASCII or
 *         UTF-8 and are not looked at; nothing follows the hex lines but
 *         empty lines
 *   type  the type it has to have, or NULL; at most 11 characters
 *   out   the data is appended
 * Returns 0, NF_E_FORMAT (diag: field, byte offset), NF_E_MISMATCH (another
 * type; SHA-1 differs) or NF_E_NOMEM.
 */
int nf_nchex_read(struct nf_view text, const char *type, struct nf_buf *out,
    struct nf_diag *diag);

/*
 * The type of a container, for nf_nchex_read(); "" when it is none.
 *   out  12 bytes
 */
void nf_nchex_type(struct nf_view text, char out[static 12]);

/* Append the container; comment is one line or several, without the empty
 * one at the end.  An unsound type or size makes buf fail. */
void nf_nchex_write(struct nf_buf *buf, const char *comment,
    const char *type, struct nf_view data);

#endif
