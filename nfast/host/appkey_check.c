/* SPDX-License-Identifier: Apache-2.0 */
/* What a key file says about its own key: public half and certificates. */
#include "config.h"

#include <string.h>

#include <openssl/evp.h>

#include "nfast/host/appkey.h"
#include "nfast/kmdata/sigtext.h"
#include "nfast/wire/blob.h"
#include "nfast/wire/modcert.h"
#include "nfast/wire/names.h"

/* The public key in a null-key blob, with its hash. */
static int
nullblob_public(struct nf_view blob, struct nf_buf *bytes,
    struct nf_keydata *pub, uint8_t hash[static NF_HASH_LEN],
    struct nf_diag *diag)
{
	struct nf_blobkey key = { .acl = NULL };
	struct nf_blob frame;
	struct nf_cur cur;
	int r;

	nf_cur_init(&cur, blob.p, blob.len, diag);
	nf_wire_blob_read(&cur, &frame);
	if ((r = nf_cur_err(&cur)) != 0 ||
	    (r = nf_wire_nullblob_open(&frame, bytes, &key, diag)) != 0)
		goto out;
	*pub = key.key;
	if (nf_wire_keykind(pub->type) != NF_KIND_PUBLIC)
		r = nf_diag_set(diag, NF_E_FORMAT, "keytype",
		    "not a public key");
	else
		r = nf_wire_keyhash(pub, hash, diag);
out:
	nf_blobkey_wipe(&key);
	return r;
}

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
	if ((r = nullblob_public(key->pubblob, bytes, pub, hash,
	    diag)) != 0) {
		nf_diag_where(diag, "BlobPubKA");
		return r;
	}
	if (memcmp(hash, key->hash, NF_HASH_LEN) != 0)
		return nf_diag_set(diag, NF_E_MISMATCH, "BlobPubKA",
		    "its key does not have the hash HashKA");
	return 0;
}

static int
sig_check(const struct nf_keydata *key, struct nf_view text,
    struct nf_view msg, const char *field, struct nf_diag *diag)
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
		nf_diag_where(diag, "%s", field);
	EVP_PKEY_free(pkey);
	return r;
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
	r = sig_check(&klf->key, key->cert_state, key->mesg_state,
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
	if ((r = nullblob_public(key->pubblob_kml, &bytes, &pub, hkml,
	    diag)) != 0) {
		nf_diag_where(diag, "BlobPubKML");
		goto out;
	}
	if ((r = sig_check(&pub, key->cert_gen, key->mesg_gen, "CertGenKA",
	    diag)) != 0 || (r = keygen_check(key, diag)) != 0)
		goto out;
	r = state_check(key, hkml, diag);
out:
	nf_buf_wipe(&bytes);
	return r;
}
