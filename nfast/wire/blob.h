/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key blobs.  Real: the frame of formats 5 and 9, and the whole of a format-5
 * blob under the null DES3 module key but for its 20-byte integrity tag.
 * Ours: that tag (it starts with "SIM1"), the frame word of blobs under other
 * module keys, and the frame of token blobs.
 */
#ifndef NF_WIRE_BLOB_H
#define NF_WIRE_BLOB_H

#include "nfast/wire/acl.h"
#include "nfast/wire/keydata.h"

#define NF_BLOB_MAX	32768
#define NF_BLOB_TAG_LEN	20

/* Last word of the blobs whose interior is ours: "SIM" and a NUL. */
#define NF_BLOB_WORD_SIM	0x004d4953u
/* Last word of null-key blobs in all samples. */
#define NF_BLOB_WORD_NULL	2u
/* Set in the last word of format 9, whose low part is the mechanism. */
#define NF_BLOB_WORD_MECH	0x80000000u

/*
 * The frame.
 *   a      format 5: plaintext length; format 9: length of body
 *   rsa    format 9: the RSA ciphertext; else empty
 *   body   the encrypted rest
 *   hash   20 bytes, hash of the wrapping key
 */
struct nf_blob {
	uint32_t format;
	uint32_t a;
	struct nf_view rsa;
	struct nf_view body;
	uint8_t hash[NF_HASH_LEN];
	uint32_t word;
};

/* Read to the cursor's end.  Views borrow. */
void nf_wire_blob_read(struct nf_cur *cur, struct nf_blob *out);
void nf_wire_blob_write(struct nf_buf *buf, const struct nf_blob *blob);

/* The plaintext of a key blob. */
struct nf_blobkey {
	struct nf_keydata key;
	struct nf_acl *acl;
	uint8_t appdata[NF_APPDATA_LEN];
};

/* Read to the cursor's end; free the ACL with nf_blobkey_wipe(). */
int nf_wire_blobkey_read(struct nf_cur *cur, struct nf_blobkey *out);
void nf_wire_blobkey_write(struct nf_buf *buf, const struct nf_blobkey *key);
void nf_blobkey_wipe(struct nf_blobkey *key);

/* Hash of the null DES3 module key, 24 bytes of 01. */
extern const uint8_t nf_null_des3_hash[NF_HASH_LEN];

/*
 * Open a blob under the null DES3 module key, whose secret is public.
 *   plain  receives the plaintext that out borrows from
 *   out    wipe with nf_blobkey_wipe()
 * The integrity tag is not checked: its rule is not public.
 * Returns 0, NF_E_FORMAT, NF_E_CRYPTO.
 */
int nf_wire_nullblob_open(const struct nf_blob *blob, struct nf_buf *plain,
    struct nf_blobkey *out, struct nf_diag *diag);

/* Read such a blob from its bytes, to their end, and open it; as above. */
int nf_wire_nullblob_read(struct nf_view bytes, struct nf_buf *plain,
    struct nf_blobkey *out, struct nf_diag *diag);

/*
 * Write such a blob.
 *   iv  8 bytes
 * Returns 0, NF_E_NOMEM or NF_E_CRYPTO.
 */
int nf_wire_nullblob_write(struct nf_buf *buf, const struct nf_blobkey *key,
    const uint8_t iv[static 8]);

#endif
