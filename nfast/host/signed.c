/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <openssl/evp.h>

#include "nfast/host/signed.h"
#include "nfast/kmdata/sigtext.h"
#include "nfast/wire/blob.h"
#include "nfast/wire/cipher.h"

int
nf_signed_public(struct nf_view blob, const char *name,
    struct nf_buf *bytes, struct nf_keydata *pub,
    uint8_t hash[static NF_HASH_LEN], struct nf_diag *diag)
{
	struct nf_blobkey key;
	int r;

	if ((r = nf_wire_nullblob_read(blob, bytes, &key, diag)) != 0)
		goto out;
	*pub = key.key;
	if (nf_wire_keykind(pub->type) != NF_KIND_PUBLIC)
		r = nf_diag_set(diag, NF_E_FORMAT, "keytype",
		    "not a public key");
	else
		r = nf_wire_keyhash(pub, hash, diag);
out:
	if (r != 0)
		nf_diag_where(diag, "%s", name);
	nf_blobkey_wipe(&key);
	return r;
}

int
nf_signed_verify(const struct nf_keydata *key, struct nf_view text,
    struct nf_view msg, const char *name, struct nf_diag *diag)
{
	struct nf_cipher sig = { .mech = 0 };
	EVP_PKEY *pkey = NULL;
	struct nf_km_sig s;
	int r;

	if ((r = nf_km_sig_read(text, &s, diag)) != 0 ||
	    (r = nf_wire_keydata_pkey(key, &pkey, diag)) != 0)
		goto out;
	sig.mech = s.mech;
	sig.v[0] = nf_view_of(s.r, s.r_len);
	sig.v[1] = nf_view_of(s.s, s.s_len);
	r = nf_wire_sig_verify(key, pkey, nf_wire_cert_mech(key), msg, &sig,
	    diag);
out:
	if (r != 0)
		nf_diag_where(diag, "%s", name);
	EVP_PKEY_free(pkey);
	return r;
}
