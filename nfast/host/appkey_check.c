/* SPDX-License-Identifier: Apache-2.0 */
/* What a key file says about its own key: public half and certificates. */
#include "config.h"

#include <string.h>

#include "nfast/host/appkey.h"
#include "nfast/host/signed.h"
#include "nfast/wire/modcert.h"
#include "nfast/wire/names.h"

int
nf_appkey_public(const struct nf_km_key *key, struct nf_buf *bytes,
    struct nf_keydata *pub, struct nf_diag *diag)
{
	uint8_t hash[NF_HASH_LEN];
	int r;

	memset(pub, 0, sizeof(*pub));
	if (key->pubblob.p == NULL)
		return nf_diag_set(diag, NF_E_NOTFOUND, "BlobPubKA",
		    "the key file has no public key");
	if ((r = nf_signed_public(key->pubblob, "BlobPubKA", bytes, pub, hash,
	    diag)) != 0)
		return r;
	if (memcmp(hash, key->hash, NF_HASH_LEN) != 0)
		return nf_diag_set(diag, NF_E_MISMATCH, "BlobPubKA",
		    "its key does not have the hash HashKA");
	return 0;
}

/* The state certificate holds this KML and is signed by the KLF in it. */
static int
state_check(const struct nf_km_key *key, const uint8_t *hkml,
    struct nf_diag *diag)
{
	struct nf_modcert *cert = NULL;
	const struct nf_attr_key *klf;
	struct nf_cur cur;
	int r;

	nf_cur_init(&cur, key->mesg_state.p, key->mesg_state.len, diag);
	if ((r = nf_wire_modcert_read(&cur, &cert)) != 0)
		goto out;
	if (cert->type != NF_MODCERT_STATE ||
	    !nf_state_has(&cert->state, NF_ATTR_KML) ||
	    memcmp(cert->state.kml.hash, hkml, NF_HASH_LEN) != 0) {
		r = nf_diag_set(diag, NF_E_MISMATCH, "MesgModuleState",
		    "not the state of the module with this KML");
		goto out;
	}
	klf = nf_state_has(&cert->state, NF_ATTR_KLF2) ? &cert->state.klf2 :
	    &cert->state.klf;
	r = nf_signed_verify(&klf->key, key->cert_state, key->mesg_state,
	    "CertModuleState", diag);
out:
	nf_modcert_free(cert);
	return r;
}

static int
keygen_check(const struct nf_km_key *key, struct nf_diag *diag)
{
	struct nf_modcert *cert = NULL;
	struct nf_cur cur;
	int r;

	nf_cur_init(&cur, key->mesg_gen.p, key->mesg_gen.len, diag);
	if ((r = nf_wire_modcert_read(&cur, &cert)) == 0 &&
	    (cert->type != NF_MODCERT_KEYGEN || memcmp(cert->keygen.keyhash,
	    key->hash, NF_HASH_LEN) != 0))
		r = nf_diag_set(diag, NF_E_MISMATCH, "MesgGenKA",
		    "the certificate is of another key");
	nf_modcert_free(cert);
	return r;
}

int
nf_appkey_verify(const struct nf_km_key *key, struct nf_diag *diag)
{
	struct nf_buf bytes = NF_BUF_INIT;
	uint8_t hkml[NF_HASH_LEN];
	struct nf_keydata pub;
	int r = 0;

	if (key->pubblob.p != NULL &&
	    (r = nf_appkey_public(key, &bytes, &pub, diag)) != 0)
		goto out;
	if (!nf_km_key_certified(key))
		goto out;
	nf_buf_wipe(&bytes);
	if ((r = nf_signed_public(key->pubblob_kml, "BlobPubKML", &bytes,
	    &pub, hkml, diag)) != 0 ||
	    (r = nf_signed_verify(&pub, key->cert_gen, key->mesg_gen,
	    "CertGenKA", diag)) != 0 || (r = keygen_check(key, diag)) != 0)
		goto out;
	r = state_check(key, hkml, diag);
out:
	nf_buf_wipe(&bytes);
	return r;
}
