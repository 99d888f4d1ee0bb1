/* SPDX-License-Identifier: Apache-2.0 */
/* A private key of libcrypto as PKCS#8, for the tests. */
#ifndef NF_TESTS_PKCS8_H
#define NF_TESTS_PKCS8_H

#include <openssl/x509.h>

#include "tests/tap.h"

static inline void
pkcs8_of(EVP_PKEY *pkey, struct nf_buf *der)
{
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(pkey);
	unsigned char *p = NULL;
	int len = i2d_PKCS8_PRIV_KEY_INFO(info, &p);

	ck_assert_int_gt(len, 0);
	nf_buf_init(der);
	nf_buf_put(der, p, (size_t)len);
	OPENSSL_free(p);
	PKCS8_PRIV_KEY_INFO_free(info);
}

#endif
