/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DER (X.690) as far as keys need it: tags of one byte and contents of at
 * most 65535 bytes, read strictly and written.
 */
#ifndef NF_BASE_DER_H
#define NF_BASE_DER_H

#include "nfast/base/buf.h"
#include "nfast/base/cur.h"

#define NF_DER_INTEGER	0x02
#define NF_DER_BITS	0x03
#define NF_DER_OCTETS	0x04
#define NF_DER_NULL	0x05
#define NF_DER_OID	0x06
#define NF_DER_SEQUENCE	0x30

/*
 * The contents of the next element, borrowed.  The cursor fails with
 * NF_E_FORMAT when it has another tag, or a length that is longer than 65535
 * or not in its shortest form.
 */
struct nf_view nf_der_element(struct nf_cur *cur, uint8_t tag,
    const char *field);

/*
 * A positive INTEGER, big-endian without its sign byte, so that the first byte
 * is not zero.  The cursor fails with NF_E_FORMAT for any other.
 */
struct nf_view nf_der_number(struct nf_cur *cur, const char *field);

/*
 * Append the tag and the length of an element, an element, and an INTEGER
 * from a little-endian number.  The buffer fails with NF_E_INTERNAL above
 * 65535 bytes.
 */
void nf_der_head(struct nf_buf *buf, uint8_t tag, size_t len);
void nf_der_put(struct nf_buf *buf, uint8_t tag, struct nf_view v);
void nf_der_put_number(struct nf_buf *buf, struct nf_view v);

#endif
