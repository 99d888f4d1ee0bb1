/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The primitive types of nCore marshalling (real): bignums, strings and byte
 * blocks, little-endian and word-aligned.  Hashes are raw bytes.
 */
#ifndef NF_WIRE_PRIM_H
#define NF_WIRE_PRIM_H

#include "nfast/base/buf.h"
#include "nfast/base/cur.h"

#define NF_HASH_LEN	20
#define NF_APPDATA_LEN	64

/*
 * Bignum: u32 byte count (a multiple of 4), least significant byte first,
 * minimal; zero is one zero word.  The view keeps the padding bytes.  At most
 * max bytes.
 */
struct nf_view nf_wire_bignum_read(struct nf_cur *cur, const char *field,
    size_t max);
void nf_wire_bignum_write(struct nf_buf *buf, struct nf_view le);

/* ASCIIString: length with its NUL, zero-padded.  The view has no NUL. */
struct nf_view nf_wire_string_read(struct nf_cur *cur, const char *field,
    size_t max);
void nf_wire_string_write(struct nf_buf *buf, struct nf_view s);

/* ByteBlock: length, bytes, zero padding to 4. */
struct nf_view nf_wire_block_read(struct nf_cur *cur, const char *field,
    size_t max);
void nf_wire_block_write(struct nf_buf *buf, struct nf_view v);

/* KeyHashEx: mechanism 44, 93 or 95, then 20, 32 or 64 bytes. */
struct nf_hashex {
	uint32_t mech;
	uint8_t hash[64];
};
void nf_wire_hashex_read(struct nf_cur *cur, const char *field,
    struct nf_hashex *out);
void nf_wire_hashex_write(struct nf_buf *buf, const struct nf_hashex *h);

/* Bytes of a KeyHashEx mechanism's hash, 0 when it has none. */
size_t nf_wire_hashex_len(uint32_t mech);

#endif
