/* SPDX-License-Identifier: Apache-2.0 */
/* What the two files of the hostile module share. */
#ifndef NF_TESTS_P11_HOSTILE_H
#define NF_TESTS_P11_HOSTILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/types.h>
#include <p11-kit/pkcs11.h>

#define KWP		0x210bUL
#define TARGET		1UL
#define BYTES_MAX	8192

/* A session object: an AES or generic key, or a KEK. */
struct object {
	bool used;
	uint8_t value[64];
	size_t len;
	uint8_t n[512], e[16];
	size_t n_len, e_len;
};

/* P11_HOSTILE is that. */
bool mode(const char *name);

/* The key of P11_HOSTILE_KEY; NULL when it cannot be read. */
EVP_PKEY *target(void);

/* A session object, NULL for other handles. */
struct object *object_at(CK_OBJECT_HANDLE h);

/* What C_WrapKey gives, its length; 0 after a failure. */
size_t wrap(CK_MECHANISM_TYPE m, const struct object *by, CK_OBJECT_HANDLE h,
    uint8_t out[static BYTES_MAX]);

#endif
