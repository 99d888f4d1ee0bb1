/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The links of a legacy chain: root -> KLF -> module state -> KML ->
 * key-generation certificate -> key.  From KLF on they are real (and so is
 * KLF2 in KLF's place); the link from a root to KLF is ours, in the form of
 * the vendor's delegating certificates, because the real one is not public.
 *
 * Signatures are verified over the stored bytes whose parse is returned, with
 * the one mechanism that fits the signer; nothing is tried twice.
 */
#ifndef NF_VERIFY_CHAIN_H
#define NF_VERIFY_CHAIN_H

#include <openssl/types.h>

#include "nfast/wire/blob.h"
#include "nfast/wire/modcert.h"
#include "verify/roots.h"

/* A public key that is ready to verify with; belongs to the context. */
struct nf_vfy_key {
	struct nf_keydata key;
	uint8_t hash[NF_HASH_LEN];
	uint32_t mech;		/* it signs certificates with; 0: with none */
	EVP_PKEY *pkey;
	EVP_PKEY_CTX *verifier;	/* NULL when mech is 0 */
};

/*
 * What is worth keeping between the artefacts of one module: the keys that
 * signed and the blobs under the null module key that held them, 16 of each,
 * least recently used first out.  No verified signature is remembered.
 * A key is valid until NF_VFY_CACHE - 1 others were asked for.
 */
#define NF_VFY_CACHE	16

struct nf_vfy_ctx;

/* NULL without memory.  Free takes NULL, too. */
struct nf_vfy_ctx *nf_vfy_ctx_new(void);
void nf_vfy_ctx_free(struct nf_vfy_ctx *ctx);

/*
 * The key of a public KeyData.
 * Returns 0, NF_E_FORMAT (not a sound public key), NF_E_NOMEM, NF_E_CRYPTO.
 */
int nf_vfy_key(struct nf_vfy_ctx *ctx, const struct nf_keydata *key,
    const struct nf_vfy_key **out, struct nf_diag *diag);

/* The same for the key in a blob under the null module key. */
int nf_vfy_key_of_blob(struct nf_vfy_ctx *ctx, struct nf_view blob,
    const struct nf_vfy_key **out, struct nf_diag *diag);

/*
 * Verify a signature text (see nfast/kmdata/sigtext.h) over msg.
 * Returns 0, NF_E_FORMAT (text), NF_E_VERIFY, NF_E_CRYPTO.
 */
int nf_vfy_sigtext_verify(const struct nf_vfy_key *key, struct nf_view msg,
    struct nf_view text, struct nf_diag *diag);

/* A module state certificate that verifies under the KLF it carries. */
struct nf_vfy_state {
	struct nf_modcert *cert;
	const struct nf_state_cert *state;	/* in cert */
	const struct nf_vfy_key *kml;
	const struct nf_vfy_key *klf;		/* KLF or KLF2 */
	bool klf2;
};

/*
 * Read and verify a module state certificate under its own KLF or KLF2, of
 * which it must have exactly one; ESN, KML, KNSO and KMList must be there,
 * the hash and mechanism of each key must be that key's, KLF is DSA-1024, KLF2
 * P-521, and KML another key.
 *   out  wipe with nf_vfy_state_wipe(), also after a failure
 * Returns 0, NF_E_FORMAT, NF_E_MISMATCH, NF_E_VERIFY, NF_E_NOMEM, NF_E_CRYPTO.
 * Does not say that KLF belongs to a real module.
 */
int nf_vfy_state_open(struct nf_vfy_ctx *ctx, struct nf_view msg,
    struct nf_view sigtext, struct nf_vfy_state *out, struct nf_diag *diag);
void nf_vfy_state_wipe(struct nf_vfy_state *state);

/*
 * Read and verify a key-generation certificate under a KML.
 *   out  new; free with nf_modcert_free(); NULL unless 0 is returned
 * Errors as above.  Does not compare it with any key.  Does not say which half
 * of a pair the ACL is for: a real module can certify both (the certpub of
 * GenerateKeyPair) under one hash, and nothing public tells them apart.
 */
int nf_vfy_keygen_open(const struct nf_vfy_key *kml, struct nf_view msg,
    struct nf_view sigtext, struct nf_modcert **out, struct nf_diag *diag);

/*
 * Print the ACL of a key-generation message that was verified before, one
 * line a member; for nf_vfy_fact_bytes().
 */
void nf_vfy_keygen_acl_print(struct nf_buf *out, struct nf_view msg);

/*
 * Verify the chain from a root to the KLF of a state certificate (ours): a
 * CertificateList of exactly one SingleCert,
 *	keyhash    nCore hash of the enclosed key
 *	key        the root, DSA-1024
 *	signature  mechanism 10 over certsignmsg
 *	certsignmsg's ACL: one group without limits, flags certmech and
 *	moduleserial; certmech = hash of KLF (or KLF2) and its mechanism;
 *	moduleserial = ESN; one action StaticFeatureEnable{ver 8, ctrl 1,
 *	features 0xffffffff}
 *   has_root, root  set as soon as the enclosed key could be hashed, even
 *                   when a later step fails
 * Returns 0, NF_E_FORMAT, NF_E_MISMATCH, NF_E_VERIFY, NF_E_CRYPTO.
 * Does not say that the root is accepted: see nf_vfy_roots_find().
 */
int nf_vfy_rootchain_verify(struct nf_vfy_ctx *ctx, struct nf_view list,
    const struct nf_vfy_state *state, bool *has_root,
    uint8_t root[static NF_HASH_LEN], struct nf_diag *diag);

#endif
