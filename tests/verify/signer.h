/* SPDX-License-Identifier: Apache-2.0 */
/* Keys made for a test, and signatures with them (ours). */
#ifndef NF_TESTS_VERIFY_SIGNER_H
#define NF_TESTS_VERIFY_SIGNER_H

#include <openssl/types.h>

#include "nfast/wire/cipher.h"
#include "nfast/wire/modcert.h"
#include "verify/kwarn.h"

#define SG_NUM_MAX	384

/* A key; its numbers are little-endian. */
struct sg_key {
	EVP_PKEY *pkey;
	uint8_t num[4][SG_NUM_MAX];
	struct nf_keydata data;
	uint8_t hash[NF_HASH_LEN];
	uint32_t mech;
};

/* A DSA key in the module's domain of 1024 or 3072 bits; a P-521 key. */
void sg_dsa(struct sg_key *key, uint32_t bits);
void sg_p521(struct sg_key *key);
void sg_free(struct sg_key *key);

/* The point of a P-521 key. */
void sg_point(const struct sg_key *key, struct nf_vfy_point *out);

/* What a state certificate says of the key. */
void sg_attr(const struct sg_key *key, struct nf_attr_key *out);

/* A signature over msg; r and s, little-endian, are in bytes. */
struct sg_sig {
	uint8_t r[68], s[68];
	size_t r_len, s_len;
	struct nf_cipher cipher;
};
void sg_sign(const struct sg_key *key, struct nf_view msg,
    struct sg_sig *out);

/* Append it as the text of a KM datafile. */
void sg_sig_text(const struct sg_sig *sig, struct nf_buf *out);

#endif
