/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include <openssl/evp.h>

#include "nfast/base/pkey.h"
#include "nfast/wire/names.h"
#include "verify/genfit.h"

int
nf_vfy_pub_sound(const struct nf_keydata *key, struct nf_diag *diag)
{
	struct nf_keydata k = *key;
	EVP_PKEY *pkey = NULL;
	int r;

	if (k.type == NF_KEY_ECDHPUBLIC || k.type == NF_KEY_ECDHLAXPUBLIC)
		k.type = NF_KEY_ECPUBLIC;
	r = nf_wire_keydata_pkey(&k, &pkey, diag);
	EVP_PKEY_free(pkey);
	return r;
}

int
nf_vfy_gen_fits(const struct nf_keygen_cert *gen,
    const struct nf_keydata *pub, const uint8_t hash[static NF_HASH_LEN],
    struct nf_diag *diag)
{
	const struct nf_genparams *p = &gen->params;
	bool fits = nf_wire_public_type(p->type) == pub->type;

	if (nf_wire_key_is_ec(pub->type))
		fits = fits && p->curve == pub->curve;
	else
		fits = fits && p->len == nf_wire_keydata_bits(pub);
	if (fits && p->type == NF_KEY_RSAPRIVATE &&
	    (p->flags & NF_GEN_RSA_GIVEN_E) != 0)
		fits = nf_le_cmp(p->given_e, pub->v[NF_RSA_E]) == 0;
	if (!fits)
		return nf_diag_set(diag, NF_E_MISMATCH, "params",
		    "the certificate is of a key of another kind or size");
	if (memcmp(gen->keyhash, hash, NF_HASH_LEN) != 0)
		return nf_diag_set(diag, NF_E_MISMATCH, "keyhash",
		    "the certificate is of another key");
	return 0;
}
