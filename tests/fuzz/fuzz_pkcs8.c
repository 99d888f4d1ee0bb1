/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz target: PKCS#8 out of a package of method 2, and the key in it.  The
 * seeds are keys of "openssl genpkey" and "openssl ec -no_public" in DER,
 * whole, and with one change each.
 */
#include "config.h"

#include <openssl/evp.h>

#include "nfast/module/internal.h"
#include "tests/fuzz/fuzz.h"

void
target_pkcs8(const uint8_t *data, size_t size)
{
	struct nf_buf own = NF_BUF_INIT, der = NF_BUF_INIT;
	struct nf_mod_key *key = NULL;
	struct nf_diag diag = { 0 };
	struct nf_keydata kd;
	EVP_PKEY *pkey;
	int r;

	if (size > NF_PLAIN_MAX)
		return;
	if ((r = nf_mod_pkcs8_read(nf_view_of(data, size), &own, &kd,
	    &diag)) != 0) {
		fuzz_diag(r, &diag);
		goto out;
	}
	if ((r = nf_mod_key_new(&kd, NULL, &key, &diag)) != 0) {
		fuzz_diag(r, &diag);
		goto out;
	}
	/* A sound key is written, and read again. */
	if (nf_mod_key_pkey(key, &pkey, NULL) == 0 &&
	    (kd.type != NF_KEY_RSAPRIVATE ||
	    nf_mod_check_rsa(pkey, NULL) == 0)) {
		if (!FUZZ_OK(nf_mod_pkcs8_write(&key->key, &key->pub, &der,
		    NULL) == 0))
			goto out;
		nf_buf_wipe(&own);
		(void)FUZZ_OK(nf_mod_pkcs8_read(nf_buf_view(&der), &own, &kd,
		    NULL) == 0);
	}
out:
	nf_mod_key_free(key);
	nf_buf_wipe(&own);
	nf_buf_wipe(&der);
}
