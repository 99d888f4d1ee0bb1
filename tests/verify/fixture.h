/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pair of region packages signed with keys made for the test, and the knobs
 * that change one thing in it.  Everything here is ours.
 */
#ifndef NF_TESTS_VERIFY_FIXTURE_H
#define NF_TESTS_VERIFY_FIXTURE_H

#include "kek-packages/package.h"
#include "nfast/wire/names.h"
#include "verify/kekcheck.h"

/* DSA-1024 but for the P-521 and DSA-3072 ones. */
enum {
	FX_ROOT, FX_KLF, FX_KML, FX_KNSO, FX_OTHER, FX_KLF2, FX_KML_3072,
	FX_KNSO_3072, FX_KEYS
};

/*
 * What the pair is made of; fx_default() fills it, a test changes one member.
 * Strings are constants; keys are numbers of the enum above; a mechanism of 0
 * is the key's own.
 */
struct fx {
	const char *region, *world_region, *ident, *suite;
	const char *esn;		/* state certificates and entries */
	const char *kek_esn_entry, *world_esn;
	const char *chain_esn;
	int root, klf, world_klf, kml, world_kml, kml_blob, knso, state_knso;
	int gen_signer, state_signer, modulekeys_signer, chain_signer;
	int chain_klf;
	int world_root;		/* of the world's chain alone, or -1 */
	uint32_t chain_mech, chain_features, chain_group_flags;
	uint32_t klf_mech, gen_sig_mech;
	uint32_t gen_bits, gen_type;
	bool second_cert, no_kmlist, two_klfs;
	uint32_t perms, trump_perms, blob_flags;
	bool other_km, archive, derive;
	int km_signer;		/* of KM's generation certificate */
	uint32_t km_type, km_len, km_perms, km_blob_flags;
	uint8_t km_hash_xor;
	uint8_t hkm[20], state_hkm[20], signed_hkm[20];
	uint8_t kek_hash_xor, gen_hash_xor, hknso_xor;
	uint8_t klf_hash_xor;
	size_t kek_bytes;
	uint32_t kek_e;
	bool even_kek;

	/* Change what is about to be signed. */
	void (*acl_edit)(struct nf_acl *acl);
	void (*km_acl_edit)(struct nf_acl *acl);
	void (*state_edit)(struct nf_state_cert *state, bool of_world);
};

/* The two files. */
struct fx_pair {
	struct nf_buf kek, world;
};

/* Make the keys once in a process; free them at its end. */
void fx_setup(void);
void fx_teardown(void);

void fx_default(struct fx *fx);

/* The same for one of the DLf3072 suites. */
void fx_suite(struct fx *fx, const char *suite);

/* What a module says of a key of that hash; the KML blob and signature too. */
struct fx_certs {
	struct nf_buf gen, gen_sig, state, state_sig, kml, kml_sig;
};
void fx_certs_make(const struct fx *fx, const uint8_t hash[static 20],
    struct fx_certs *out);
void fx_certs_wipe(struct fx_certs *certs);

/* A public blob under the null module key, with an ACL of no groups. */
void fx_blob(const struct nf_keydata *key, struct nf_buf *out);

/* nCore hash of a key. */
const uint8_t *fx_hash(int key);

/* What accepts the root of the pair. */
void fx_roots(struct nf_vfy_roots *roots);

void fx_make(const struct fx *fx, struct fx_pair *out);
void fx_pair_wipe(struct fx_pair *pair);

#endif
