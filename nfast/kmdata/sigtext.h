/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signature entries (CertGenKA, CertModuleState, CertKMLaESN, ...), which are
 * text: mechanism, space, r, space, s; lower-case hex, most significant digit
 * first, no leading zeros, no newline.
 *
 * Real: "DSA r s" of worlds with 160-bit q (mechanism 10, DSA with SHA-1).
 * Ours: "DSAhSHA256 r s" (170) and "ECDSAhSHA512 r s" (187).  The vendor's
 * text for these mechanisms is not public, so files of real worlds with the
 * newer cipher suites may not read.
 */
#ifndef NF_KMDATA_SIGTEXT_H
#define NF_KMDATA_SIGTEXT_H

#include <stddef.h>
#include <stdint.h>

#include "nfast/base/buf.h"
#include "nfast/base/cur.h"

#define NF_KM_SIG_INT_MAX	68
/* No text is longer: the mechanism's name and two numbers of 66 bytes. */
#define NF_KM_SIG_TEXT_MAX	(16 + 2 * (1 + 132))

/* r and s are little-endian without zero top bytes. */
struct nf_km_sig {
	uint32_t mech;
	uint8_t r[NF_KM_SIG_INT_MAX];
	uint8_t s[NF_KM_SIG_INT_MAX];
	size_t r_len;
	size_t s_len;
};

/*
 * Read a signature text.
 *   text  the whole entry
 *   out   zeroed on failure
 * Returns 0 or NF_E_FORMAT (diag: offset in the text; field "mechanism", "r"
 * or "s").  Numbers are neither 0 nor longer than 20, 32 or 66 bytes, but are
 * not compared with the group order, and nothing is verified.
 */
int nf_km_sig_read(struct nf_view text, struct nf_km_sig *out,
    struct nf_diag *diag);

/*
 * Append the text.  The buffer fails with NF_E_INTERNAL for another mechanism
 * and for numbers that nf_km_sig_read() would refuse; zero top bytes are
 * dropped.
 */
void nf_km_sig_write(struct nf_buf *buf, const struct nf_km_sig *sig);

#endif
