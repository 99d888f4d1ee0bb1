/* SPDX-License-Identifier: Apache-2.0 */
/* A region's KEK package and SecurityWorld package (layout ours). */
#include "config.h"

#include <string.h>

#include "nfast/wire/names.h"
#include "tests/mutants/certs.h"
#include "tests/mutants/chains.h"
#include "tests/mutants/kmedit.h"
#include "tests/mutants/packages.h"

#define ROWS(r)	(r), sizeof(r) / sizeof((r)[0])
#define COMMAND	"byok-audit --simulated-root"

static const struct km_case keks[] = {
	{ "no_region", { KM_DROP, { NF_ENT_SW_REGION }, { NULL, 0 } },
	    { MUT_FAIL, "key.entries", "the region is missing, without which "
	    "it is no package but a key file" } },
	{ "no_rootchain", { KM_DROP, { NF_ENT_SW_ROOTCHAIN }, { NULL, 0 } },
	    { MUT_MALFORMED, "RootChain", "the chain to a root is "
	    "missing" } },
	{ "no_mark", { KM_DROP, { NF_ENT_SW_MARK }, { NULL, 0 } },
	    { MUT_MALFORMED, "Mark", "the mark that says who made it is "
	    "missing" } },
	{ "no_state_signature_entry", { KM_DROP,
	    { NF_ENT_CERT_MODULE_STATE }, { NULL, 0 } },
	    { MUT_MALFORMED, "CertModuleState", "the module state's "
	    "signature is missing" } },
	{ "duplicate_hash", { KM_TWICE, { NF_ENT_HASH_KA }, { NULL, 0 } },
	    { MUT_MALFORMED, "HashKA", "the KEK's hash is there twice" } },
	{ "duplicate_pubblob", { KM_TWICE, { NF_ENT_BLOBPUB_KA },
	    { NULL, 0 } },
	    { MUT_MALFORMED, "BlobPubKA", "the KEK's public blob is there "
	    "twice" } },
	{ "unknown_entry", { KM_ADD, { NF_ENT_BLOB_KA }, KM_BYTES("x") },
	    { MUT_MALFORMED, "BlobKA", "there is a private blob, which no "
	    "package has" } },
	{ "short_hash", { KM_SHORT, { NF_ENT_HASH_KA }, { NULL, 0 } },
	    { MUT_MALFORMED, "HashKA", "the KEK's hash has 19 bytes" } },
	{ "junk_region", { KM_TEXT, { NF_ENT_SW_REGION },
	    KM_BYTES("Eur\303\266pe") },
	    { MUT_MALFORMED, "Region", "the region's name is not printable "
	    "ASCII" } },
	{ "unknown_region", { KM_TEXT, { NF_ENT_SW_REGION },
	    KM_BYTES("Atlantis") },
	    { MUT_FAIL, "kek.region", "no region has that name" } },
	{ "wrong_region", { KM_TEXT, { NF_ENT_SW_REGION },
	    KM_BYTES("Asia") },
	    { MUT_FAIL, "kek.region", "the region named is another than the "
	    "ident's" } },
	{ "wrong_ident", { KM_TEXT, { NF_ENT_IDENT },
	    KM_BYTES("kek-prod-ap-1") },
	    { MUT_FAIL, "kek.region", "the ident is that of another "
	    "region" } },
	{ "wrong_appname", { KM_TEXT, { NF_ENT_APPNAME },
	    KM_BYTES("simple") },
	    { MUT_FAIL, "kek.region", "the application is not that of "
	    "KEKs" } },
	{ "replayed_rootchain", { KM_TAKE, { NF_ENT_SW_ROOTCHAIN },
	    { NULL, 0 } },
	    { MUT_FAIL, "root.chain", "the chain is that of another region's "
	    "module" } },
	{ "replayed_state", { KM_TAKE, { STATE_GROUP }, { NULL, 0 } },
	    { MUT_FAIL, "root.chain,kek.esn,kek.kml", "the module state is "
	    "that of another region's module" } },
	{ "replayed_state_signature", { KM_TAKE,
	    { NF_ENT_CERT_MODULE_STATE }, { NULL, 0 } },
	    { MUT_FAIL, "kek.state", "the module state's signature is that "
	    "of another module's" } },
	{ "replayed_state_chain", { KM_TAKE, { STATE_GROUP,
	    NF_ENT_SW_ROOTCHAIN }, { NULL, 0 } },
	    { MUT_FAIL, "kek.esn,kek.kml,kek.keygen", "module state and "
	    "chain are those of another module" } },
	{ "replayed_module", { KM_TAKE, { STATE_GROUP, NF_ENT_SW_ROOTCHAIN,
	    NF_ENT_ESN_GEN, NF_ENT_BLOBPUB_KML, NF_ENT_CERT_KML_ESN },
	    { NULL, 0 } },
	    { MUT_FAIL, "kek.keygen", "all that is of the module is that of "
	    "another region's module" } },
	{ "replayed_certificates", { KM_TAKE, { STATE_GROUP, GEN_GROUP,
	    NF_ENT_SW_ROOTCHAIN, NF_ENT_ESN_GEN, NF_ENT_BLOBPUB_KML },
	    { NULL, 0 } },
	    { MUT_FAIL, "kek.hash", "all certificates are those of another "
	    "region's KEK" } },
	{ "replayed_keygen", { KM_TAKE, { GEN_GROUP }, { NULL, 0 } },
	    { MUT_FAIL, "kek.keygen", "the generation certificate is that of "
	    "another region's KEK" } },
	{ "replayed_gen_signature", { KM_TAKE, { NF_ENT_CERT_GEN_KA },
	    { NULL, 0 } },
	    { MUT_FAIL, "kek.keygen", "the signature of the generation "
	    "certificate is that of another KEK's" } },
	{ "wrong_esn", { KM_TAKE, { NF_ENT_ESN_GEN }, { NULL, 0 } },
	    { MUT_FAIL, "kek.esn", "the entry ESNGen names another region's "
	    "module" } },
	{ "replayed_kml", { KM_TAKE, { NF_ENT_BLOBPUB_KML }, { NULL, 0 } },
	    { MUT_FAIL, "kek.kml", "the public blob of KML is that of "
	    "another module" } },
	{ "replayed_kml_esn", { KM_TAKE, { NF_ENT_CERT_KML_ESN },
	    { NULL, 0 } },
	    { MUT_UNKNOWN, "kek.kml-esn", "the certificate over KML and ESN "
	    "is another's; what verifies it is not in the package" } },
	{ "replayed_pubblob", { KM_TAKE, { NF_ENT_BLOBPUB_KA },
	    { NULL, 0 } },
	    { MUT_FAIL, "kek.hash", "the public blob is that of another "
	    "region's KEK" } },
	{ "replayed_kek", { KM_TAKE, { NF_ENT_BLOBPUB_KA, NF_ENT_HASH_KA },
	    { NULL, 0 } },
	    { MUT_FAIL, "kek.hash", "the KEK and its hash are those of "
	    "another region" } },
	{ "wrong_hash", { KM_TAKE, { NF_ENT_HASH_KA }, { NULL, 0 } },
	    { MUT_FAIL, "kek.hash", "the hash is that of another region's "
	    "KEK" } },
	{ "junk_pubblob", { KM_FLIP, { NF_ENT_BLOBPUB_KA }, { NULL, 0 } },
	    { MUT_FAIL, "kek.hash", "one bit within the KEK's public blob is "
	    "another" } },
	{ "swapped_pubblob_kml", { KM_SWAP, { NF_ENT_BLOBPUB_KA,
	    NF_ENT_BLOBPUB_KML }, { NULL, 0 } },
	    { MUT_FAIL, "kek.kml,kek.pubblob", "the public blobs of KEK and "
	    "KML changed places" } }
};

static const struct km_case worlds[] = {
	{ "no_knso", { KM_DROP, { NF_ENT_KEYPUB_KNSO }, { NULL, 0 } },
	    { MUT_MALFORMED, "BlobPubKNSO", "KNSO is missing, without which "
	    "it is no package" } },
	{ "no_keygen", { KM_DROP, { NF_ENT_MESG_GEN_KM }, { NULL, 0 } },
	    { MUT_MALFORMED, "MesgGenKM", "the generation certificate of the "
	    "module key is missing" } },
	{ "duplicate_suite", { KM_TWICE, { NF_ENT_CIPHER_SUITE },
	    { NULL, 0 } },
	    { MUT_MALFORMED, "CipherSuite", "the cipher suite is there "
	    "twice" } },
	{ "unknown_entry", { KM_ADD, { NF_ENT_BLOB_KM }, KM_BYTES("x") },
	    { MUT_MALFORMED, "BlobKM", "there is a blob of the module key, "
	    "which no package has" } },
	{ "long_hkm", { KM_LONG, { NF_ENT_HASH_KM }, { NULL, 0 } },
	    { MUT_MALFORMED, "HashKM", "HKM has 21 bytes" } },
	{ "wrong_esn", { KM_TAKE, { NF_ENT_ESN_GEN }, { NULL, 0 } },
	    { MUT_FAIL, "world.module", "the entry ESNGen names another "
	    "region's module" } },
	{ "replayed_rootchain", { KM_TAKE, { NF_ENT_SW_ROOTCHAIN },
	    { NULL, 0 } },
	    { MUT_FAIL, "world.chain", "the chain is that of another "
	    "region's module" } },
	{ "replayed_state", { KM_TAKE, { STATE_GROUP }, { NULL, 0 } },
	    { MUT_FAIL, "world.chain,world.module,world.knso", "the module "
	    "state is that of another region's module" } },
	{ "replayed_module", { KM_TAKE, { STATE_GROUP, NF_ENT_SW_ROOTCHAIN,
	    NF_ENT_ESN_GEN }, { NULL, 0 } },
	    { MUT_FAIL, "world.knso,world.hkm,world.km-keygen", "all that is "
	    "of the module is that of another region's" } },
	{ "replayed_knso", { KM_TAKE, { NF_ENT_KEYPUB_KNSO }, { NULL, 0 } },
	    { MUT_FAIL, "world.knso", "KNSO is that of another region" } },
	{ "replayed_hknso", { KM_TAKE, { NF_ENT_HASH_KNSO }, { NULL, 0 } },
	    { MUT_FAIL, "world.knso", "HKNSO is that of another region" } },
	{ "replayed_new_knso", { KM_TAKE, { NF_ENT_HASH_KNSO,
	    NF_ENT_KEYPUB_KNSO }, { NULL, 0 } },
	    { MUT_FAIL, "world.knso", "KNSO and its hash are those of "
	    "another region" } },
	{ "junk_knso", { KM_SHORT, { NF_ENT_KEYPUB_KNSO }, { NULL, 0 } },
	    { MUT_FAIL, "world.knso", "the last byte of KNSO is "
	    "missing" } },
	{ "trailing_knso", { KM_LONG, { NF_ENT_KEYPUB_KNSO }, { NULL, 0 } },
	    { MUT_FAIL, "world.knso", "a byte follows KNSO" } },
	{ "replayed_hkm", { KM_TAKE, { NF_ENT_HASH_KM }, { NULL, 0 } },
	    { MUT_FAIL, "world.modulekeys,world.hkm,world.km-keygen", "HKM "
	    "is that of another region" } },
	{ "zero_hkm", { KM_TEXT, { NF_ENT_HASH_KM },
	    KM_BYTES("\035\127\042\001\276\123\076\274\211\363\017\335\217"
	    "\077\254\154\243\071\133\360") },
	    { MUT_FAIL, "world.modulekeys,world.hkm", "HKM is that of the "
	    "null module key, which everyone has" } },
	{ "replayed_hkmc", { KM_TAKE, { NF_ENT_HASH_KMC }, { NULL, 0 } },
	    { MUT_FAIL, "world.modulekeys", "HKMC is that of another "
	    "region" } },
	{ "wrong_suite", { KM_TEXT, { NF_ENT_CIPHER_SUITE },
	    KM_BYTES("DLf3072s256mRijndael") },
	    { MUT_FAIL, "world.modulekeys", "the cipher suite is another "
	    "one" } },
	{ "unknown_suite", { KM_TEXT, { NF_ENT_CIPHER_SUITE },
	    KM_BYTES("DLf1024s160mDES3") },
	    { MUT_FAIL, "world.modulekeys", "the cipher suite is not "
	    "known" } },
	{ "replayed_modulekeys", { KM_TAKE, { NF_ENT_CERT_KM_KMC_B_KNSO },
	    { NULL, 0 } },
	    { MUT_FAIL, "world.modulekeys", "the certificate of the module "
	    "keys is that of another region" } },
	{ "replayed_keygen", { KM_TAKE, { KM_GROUP }, { NULL, 0 } },
	    { MUT_FAIL, "world.km-keygen", "the generation certificate is "
	    "that of another region's module key" } }
};

/* ---- the ACLs ---- */

static struct nf_action *
blob_action(struct mut *m, struct nf_acl *acl)
{
	for (uint32_t i = 0; i < acl->n_groups; i++) {
		for (uint32_t k = 0; k < acl->group[i].n_actions; k++) {
			if (acl->group[i].action[k].type == NF_ACT_MAKEBLOB)
				return &acl->group[i].action[k];
		}
	}
	MUST(m, NF_E_INTERNAL);
	return NULL;
}

static struct nf_action *
action_add(struct mut *m, struct nf_acl *acl, uint32_t type)
{
	struct nf_group *g = nf_acl_group_add(acl);
	struct nf_action *a = g == NULL ? NULL : nf_group_action_add(g,
	    type);

	if (a == NULL)
		MUST(m, NF_E_NOMEM);
	return a;
}

#define PERMS(name, op, bits)					\
static void							\
name(struct mut *m, struct nf_acl *acl)				\
{								\
	(void)m;						\
	acl->group[0].action[0].flags op (uint32_t)(bits);	\
}

PERMS(export, |=, NF_PERM_EXPORTASPLAIN)
PERMS(expand, |=, NF_PERM_EXPANDACL)
PERMS(decrypt, |=, NF_PERM_DECRYPT)
PERMS(sign, |=, NF_PERM_SIGN)
PERMS(no_use, &=, ~NF_PERM_USEASBLOBKEY)
PERMS(certificate, |=, NF_PERM_USEASCERTIFICATE)
PERMS(unknown_perm, |=, 0x80000000u)
PERMS(km_encrypt, |=, NF_PERM_ENCRYPT)

#define BLOB(name, statement)					\
static void							\
name(struct mut *m, struct nf_acl *acl)				\
{								\
	struct nf_action *a = blob_action(m, acl);		\
								\
	statement;						\
}

BLOB(blob_no_km, a->flags &= ~(uint32_t)NF_MAKEBLOB_KMHASH)
BLOB(blob_null_km, memcpy(a->kmhash, nf_null_des3_hash, NF_HASH_LEN))
BLOB(blob_null_token, a->flags |= NF_MAKEBLOB_ALLOWNULLKMTOKEN)
BLOB(blob_token, a->flags |= NF_MAKEBLOB_KTHASH)
BLOB(blob_no_kmonly, a->flags &= ~(uint32_t)NF_MAKEBLOB_ALLOWKMONLY)
BLOB(blob_file, a->flags |= NF_MAKEBLOB_BLOBFILE)
BLOB(blob_kmonly, a->flags |= NF_MAKEBLOB_ALLOWKMONLY)
BLOB(blob_any_token, a->flags &= ~(uint32_t)NF_MAKEBLOB_KTHASH)

#define ADDS(name, type)			\
static void					\
name(struct mut *m, struct nf_acl *acl)		\
{						\
	(void)action_add(m, acl, type);		\
}

ADDS(archive, NF_ACT_MAKEARCHIVEBLOB)
ADDS(nso, NF_ACT_NSOPERMISSIONS)

/* A second group, that asks for a certificate. */
static void
hidden_export(struct mut *m, struct nf_acl *acl)
{
	action_add(m, acl, NF_ACT_OPPERMISSIONS)->flags =
	    NF_PERM_EXPORTASPLAIN;
	acl->group[acl->n_groups - 1].flags = NF_GROUP_CERTIFIER;
}

static const struct acl_case kek_acls[] = {
	{ "wrong_acl_export_signed", export, { MUT_FAIL, "kek.acl-export",
	    "the KEK can be exported" } },
	{ "nested_acl_export_signed", hidden_export, { MUT_FAIL,
	    "kek.acl-export", "the KEK can be exported by whoever has the "
	    "certificate that a further group asks for" } },
	{ "wrong_acl_expand_signed", expand, { MUT_FAIL, "kek.acl-expand",
	    "the KEK's ACL can be expanded" } },
	{ "wrong_acl_decrypt_signed", decrypt, { MUT_FAIL,
	    "kek.acl-decrypt", "the KEK can decrypt at will" } },
	{ "wrong_acl_sign_signed", sign, { MUT_FAIL, "kek.acl-decrypt",
	    "the KEK can sign at will" } },
	{ "wrong_acl_certificate_signed", certificate, { MUT_FAIL,
	    "kek.acl-actions", "the KEK has a right that no KEK needs" } },
	{ "unknown_acl_permission_signed", unknown_perm, { MUT_FAIL,
	    "kek.acl-actions", "the KEK's ACL has a permission that is not "
	    "known" } },
	{ "wrong_acl_action_signed", nso, { MUT_FAIL, "kek.acl-actions",
	    "the KEK's ACL has an action that no KEK has" } },
	{ "wrong_acl_archive_signed", archive, { MUT_FAIL,
	    "kek.acl-archive", "the KEK can be archived under any key" } },
	{ "no_acl_use_signed", no_use, { MUT_FAIL, "kek.acl-use",
	    "the KEK may not wrap keys" } },
	{ "no_acl_km_signed", blob_no_km, { MUT_FAIL, "kek.acl-blob",
	    "the KEK can be kept under any module key" } },
	{ "zero_acl_km_signed", blob_null_km, { MUT_FAIL, "kek.acl-blob",
	    "the KEK can be kept under the null module key" } },
	{ "wrong_acl_null_token_signed", blob_null_token, { MUT_FAIL,
	    "kek.acl-blob", "the KEK can be kept under a token of the null "
	    "module key" } },
	{ "wrong_acl_token_signed", blob_token, { MUT_FAIL, "kek.acl-blob",
	    "the KEK can be kept under a token" } },
	{ "unknown_acl_blob_signed", blob_file, { MUT_FAIL, "kek.acl-blob",
	    "the KEK can be kept in a file of a module" } },
	{ "no_acl_kmonly_signed", blob_no_kmonly, { MUT_FAIL,
	    "kek.acl-blob", "the KEK cannot be kept under the module key "
	    "alone" } }
};

static const struct acl_case km_acls[] = {
	{ "wrong_acl_export_signed", export, { MUT_FAIL, "world.km-acl",
	    "the module key can be exported" } },
	{ "wrong_acl_expand_signed", expand, { MUT_FAIL, "world.km-acl",
	    "the module key's ACL can be expanded" } },
	{ "wrong_acl_encrypt_signed", km_encrypt, { MUT_FAIL,
	    "world.km-acl", "the module key can encrypt at will" } },
	{ "wrong_acl_archive_signed", archive, { MUT_FAIL, "world.km-acl",
	    "the module key can be archived" } },
	{ "wrong_acl_action_signed", nso, { MUT_FAIL, "world.km-acl",
	    "the module key's ACL has an action that no module key has" } },
	{ "wrong_acl_kmonly_signed", blob_kmonly, { MUT_FAIL,
	    "world.km-acl", "the module key can be kept without a "
	    "token" } },
	{ "no_acl_token_signed", blob_any_token, { MUT_FAIL, "world.km-acl",
	    "the module key can be kept under any token" } }
};

/* ---- the files ---- */

static struct nf_view
kek_build(struct mut *m, const struct cert_host *h, const struct certs *c)
{
	return certs_set(m, h, c, false);
}

static struct nf_view
world_build(struct mut *m, const struct cert_host *h, const struct certs *c)
{
	return certs_set(m, h, c, true);
}

static struct nf_view
chain_build(struct mut *m, const struct chain_host *h, struct nf_view chain)
{
	const uint32_t type = NF_ENT_SW_ROOTCHAIN;

	return km_set(m, h->file, 1, &type, &chain);
}

/* KEKs that the module would not have made. */
static void
bad_keks_put(struct mut *m, struct nf_view file)
{
	static const uint32_t type = NF_ENT_BLOBPUB_KA;
	static const uint8_t e3[1] = { 3 }, odd[128] = { [0] = 1,
	    [127] = 0x80 };
	struct nf_blobkey was;
	struct nf_keydata key;
	struct nf_view v;

	MUST(m, nf_wire_nullblob_read(km_get(m, file, type), mut_buf(m), &was,
	    &m->diag));
	key = was.key;
	key.v[NF_RSA_E] = nf_view_of(e3, sizeof(e3));
	v = mut_blob(m, &key);
	mut_put(m, "wrong_exponent", km_set(m, file, 1, &type, &v),
	    &(struct mut_want){ MUT_FAIL, "kek.pubblob",
	    "the KEK's public exponent is 3" });
	key = was.key;
	key.v[NF_RSA_N] = nf_view_of(odd, sizeof(odd));
	v = mut_blob(m, &key);
	mut_put(m, "short_modulus", km_set(m, file, 1, &type, &v),
	    &(struct mut_want){ MUT_FAIL, "kek.pubblob",
	    "the KEK has 1024 bits" });
	key = was.key;
	key.v[NF_RSA_N] = mut_flip(m, key.v[NF_RSA_N], 0);
	v = mut_blob(m, &key);
	mut_put(m, "wrong_modulus", km_set(m, file, 1, &type, &v),
	    &(struct mut_want){ MUT_FAIL, "kek.pubblob",
	    "the KEK's modulus is even" });
	nf_blobkey_wipe(&was);
}

static const char *const kek_ids[ROLES] = {
	[ROLE_STATE_SIG] = "kek.state",
	[ROLE_STATE] = "kek.state",
	[ROLE_ESN] = "root.chain,kek.esn",
	[ROLE_KML] = "kek.kml",
	[ROLE_KLF] = "root.chain",
	[ROLE_GEN_SIG] = "kek.keygen",
	[ROLE_GEN] = "kek.keygen",
	[ROLE_KEYHASH] = "kek.hash"
};

static const char *const world_ids[ROLES] = {
	[ROLE_STATE_SIG] = "world.state",
	[ROLE_STATE] = "world.state",
	[ROLE_ESN] = "world.chain,world.module",
	[ROLE_KML] = "world.km-keygen",
	[ROLE_KLF] = "world.chain",
	[ROLE_KNSO] = "world.knso",
	[ROLE_KMLIST] = "world.hkm",
	[ROLE_GEN_SIG] = "world.km-keygen",
	[ROLE_GEN] = "world.km-keygen",
	[ROLE_KEYHASH] = "world.km-keygen"
};

void
package_open(struct mut *m, struct cert_host *h, bool world)
{
	memset(h, 0, sizeof(*h));
	h->file = mut_load(m, world ? PKG_WORLD : PKG_KEK);
	h->build = world ? world_build : kek_build;
	memcpy(h->id, world ? world_ids : kek_ids, sizeof(h->id));
	certs_get(m, h, world);
	certs_keys(m, h, &m->eu, false, false);
}

static struct nf_view
other_root_kek(struct mut *m, const struct cert_host *h)
{
	const uint32_t type[3] = { NF_ENT_SW_ROOTCHAIN, NF_ENT_SW_REGION,
	    NF_ENT_IDENT };
	const struct nf_view data[3] = { chains_other_root(m, &m->eu),
	    mut_text("United States"), mut_text("kek-prod-na-1") };

	return km_set(m, h->file, 3, type, data);
}

void
mutate_packages(struct mut *m)
{
	struct chain_host chain = { .id = "root.chain",
	    .build = chain_build, .module = &m->eu };
	struct cert_host h;

	package_open(m, &h, false);
	mut_format(m, "kek-package", COMMAND, MUT_PASS, h.file,
	    "a KEK package of a simulated region");
	km_put_all(m, h.file, mut_load(m, PKG_KEK_NA), ROWS(keks));
	bad_keks_put(m, h.file);
	certs_put_state(m, &h);
	certs_put_gen(m, &h);
	certs_put_acls(m, &h, ROWS(kek_acls));
	chain.file = h.file;
	chains_put(m, &chain);
	mut_put(m, "wrong_kek", other_root_kek(m, &h), &(struct mut_want){
	    MUT_FAIL, "root,kek.known-hash", "a KEK of somebody's own "
	    "module is given out as that of a region whose KEK is public" });
	package_open(m, &h, true);
	mut_format(m, "securityworld-package", COMMAND, MUT_PASS, h.file,
	    "a SecurityWorld package of a simulated region");
	km_put_all(m, h.file, mut_load(m, PKG_WORLD_NA), ROWS(worlds));
	certs_put_state(m, &h);
	certs_put_gen(m, &h);
	certs_put_acls(m, &h, ROWS(km_acls));
	chain.id = "world.chain";
	chain.file = h.file;
	chains_put(m, &chain);
}
