/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: key data, ciphertexts, plaintexts, generation parameters. */
#include "config.h"

#include <openssl/evp.h>

#include "nfast/wire/cipher.h"
#include "nfast/wire/genparams.h"
#include "tests/fuzz/fuzz.h"

static void
fuzz_key(const uint8_t *data, size_t size)
{
	struct nf_buf out = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	uint8_t hash[NF_HASH_LEN];
	EVP_PKEY *pkey = NULL;
	struct nf_keydata key;
	struct nf_cur cur;

	nf_cur_init(&cur, data, size, &diag);
	nf_wire_keydata_read(&cur, &key);
	if (nf_cur_end(&cur, "keydata") != 0) {
		fuzz_diag(nf_cur_err(&cur), &diag);
		return;
	}
	nf_wire_keydata_write(&out, &key);
	fuzz_same(&out, data, size);
	fuzz_diag(nf_wire_keyhash(&key, hash, &diag), &diag);
	nf_diag_clear(&diag);
	fuzz_diag(nf_wire_keydata_pkey(&key, &pkey, &diag), &diag);
	NF_REQUIRE((diag.code == 0) == (pkey != NULL));
	EVP_PKEY_free(pkey);
	(void)nf_wire_keydata_bits(&key);
	(void)nf_wire_cert_mech(&key);
}

static void
fuzz_cipher(const uint8_t *data, size_t size)
{
	struct nf_buf out = NF_BUF_INIT;
	struct nf_cipher c;
	struct nf_plain p;
	struct nf_cur cur;

	nf_cur_init(&cur, data, size, NULL);
	nf_wire_cipher_read(&cur, &c);
	if (nf_cur_end(&cur, "cipher") == 0) {
		nf_wire_cipher_write(&out, &c);
		fuzz_same(&out, data, size);
	}
	nf_cur_init(&cur, data, size, NULL);
	nf_wire_plain_read(&cur, &p);
	if (nf_cur_end(&cur, "plain") == 0) {
		nf_wire_plain_write(&out, &p);
		fuzz_same(&out, data, size);
	}
}

static void
fuzz_params(const uint8_t *data, size_t size)
{
	struct nf_buf out = NF_BUF_INIT;
	struct nf_genparams p;
	struct nf_cur cur;

	nf_cur_init(&cur, data, size, NULL);
	nf_wire_genparams_read(&cur, &p);
	if (nf_cur_end(&cur, "params") == 0) {
		nf_wire_genparams_write(&out, &p);
		fuzz_same(&out, data, size);
		nf_wire_genparams_print(&out, &p);
		fuzz_text(&out);
	}
}

void
target_keydata(const uint8_t *data, size_t size)
{
	fuzz_key(data, size);
	fuzz_cipher(data, size);
	fuzz_params(data, size);
}
