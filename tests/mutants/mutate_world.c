/* SPDX-License-Identifier: Apache-2.0 */
/* World and module files (container real; which entries they have, ours). */
#include "config.h"

#include <string.h>

#include "nfast/wire/certlist.h"
#include "tests/mutants/certs.h"
#include "tests/mutants/chains.h"
#include "tests/mutants/kmedit.h"

#define WORLD	"sim/regions/eu/kmdata/local/world"
#define FOREIGN	"sim/regions/na/kmdata/local/world"
#define ROWS(r)	(r), sizeof(r) / sizeof((r)[0])

static const struct km_case worlds[] = {
	{ "no_hknso", { KM_DROP, { NF_ENT_HASH_KNSO }, { NULL, 0 } },
	    { MUT_MALFORMED, "HashKNSO", "the entry HashKNSO is "
	    "missing" } },
	{ "no_suite", { KM_DROP, { NF_ENT_CIPHER_SUITE }, { NULL, 0 } },
	    { MUT_MALFORMED, "CipherSuite", "the entry CipherSuite is "
	    "missing" } },
	{ "no_knso", { KM_DROP, { NF_ENT_BLOBPUB_KNSO }, { NULL, 0 } },
	    { MUT_MALFORMED, "BlobPubKNSO", "the public blob of KNSO is "
	    "missing" } },
	{ "no_recovery_certificate", { KM_DROP,
	    { NF_ENT_CERT_KRE_KRA_B_KNSO }, { NULL, 0 } },
	    { MUT_UNKNOWN, "world.recovery", "the certificate of the "
	    "recovery keys is missing, the keys are there" } },
	{ "no_hkre", { KM_DROP, { NF_ENT_HASH_KRE }, { NULL, 0 } },
	    { MUT_MALFORMED, "HashKRE", "the entry HashKRE is missing, its "
	    "certificate is there" } },
	{ "duplicate_hkm", { KM_TWICE, { NF_ENT_HASH_KM }, { NULL, 0 } },
	    { MUT_MALFORMED, "HashKM", "the entry HashKM is there twice" } },
	{ "duplicate_certificate", { KM_ADD,
	    { NF_ENT_CERT_KM_KMC_KFIPS_B_KNSO }, KM_BYTES("DSA 1 1") },
	    { MUT_MALFORMED, "CertKMaKMCbKNSO", "there is a certificate of "
	    "the module keys for FIPS worlds, too" } },
	{ "short_hkm", { KM_SHORT, { NF_ENT_HASH_KM }, { NULL, 0 } },
	    { MUT_MALFORMED, "HashKM", "HKM has 19 bytes" } },
	{ "short_suite", { KM_SHORT, { NF_ENT_CIPHER_SUITE }, { NULL, 0 } },
	    { MUT_MALFORMED, "CipherSuite", "the number of the cipher suite "
	    "has three bytes" } },
	{ "unknown_suite", { KM_TEXT, { NF_ENT_CIPHER_SUITE },
	    KM_BYTES("\143\0\0\0") },
	    { MUT_MALFORMED, "CipherSuite", "no cipher suite has the number "
	    "99" } },
	{ "wrong_suite", { KM_FLIP, { NF_ENT_CIPHER_SUITE }, { NULL, 0 } },
	    { MUT_MALFORMED, "CipherSuite", "the number of the cipher suite "
	    "has another bit" } },
	{ "replayed_hkmc", { KM_TAKE, { NF_ENT_HASH_KMC }, { NULL, 0 } },
	    { MUT_FAIL, "world.kmc", "HKMC is another world's" } },
	{ "replayed_kmc", { KM_TAKE, { NF_ENT_BLOBPUB_KMC }, { NULL, 0 } },
	    { MUT_FAIL, "world.kmc", "the public blob of KMC is another "
	    "world's" } },
	{ "junk_kmc", { KM_FLIP, { NF_ENT_BLOBPUB_KMC }, { NULL, 0 } },
	    { MUT_FAIL, "world.kmc", "one bit within KMC's public blob is "
	    "another" } },
	{ "replayed_hknso", { KM_TAKE, { NF_ENT_HASH_KNSO }, { NULL, 0 } },
	    { MUT_FAIL, "world.knso", "HKNSO is another world's" } },
	{ "replayed_knso", { KM_TAKE, { NF_ENT_BLOBPUB_KNSO }, { NULL, 0 } },
	    { MUT_FAIL, "world.knso", "the public blob of KNSO is another "
	    "world's" } },
	{ "swapped_knso_kmc", { KM_SWAP, { NF_ENT_BLOBPUB_KNSO,
	    NF_ENT_BLOBPUB_KMC }, { NULL, 0 } },
	    { MUT_FAIL, "world.kmc,world.knso", "the public blobs of KNSO "
	    "and KMC changed places" } },
	{ "replayed_hkm", { KM_TAKE, { NF_ENT_HASH_KM }, { NULL, 0 } },
	    { MUT_FAIL, "world.modulekeys", "HKM is another world's" } },
	{ "replayed_new_kmc", { KM_TAKE, { NF_ENT_HASH_KMC,
	    NF_ENT_BLOBPUB_KMC }, { NULL, 0 } },
	    { MUT_FAIL, "world.modulekeys", "KMC and its hash are another "
	    "world's" } },
	{ "replayed_new_knso", { KM_TAKE, { NF_ENT_HASH_KNSO,
	    NF_ENT_BLOBPUB_KNSO }, { NULL, 0 } },
	    { MUT_FAIL, "world.modulekeys,world.recovery", "KNSO and its "
	    "hash are another world's" } },
	{ "replayed_modulekeys", { KM_TAKE, { NF_ENT_CERT_KM_KMC_B_KNSO },
	    { NULL, 0 } },
	    { MUT_FAIL, "world.modulekeys", "the certificate of the module "
	    "keys is another world's" } },
	{ "swapped_modulekeys_recovery", { KM_SWAP,
	    { NF_ENT_CERT_KM_KMC_B_KNSO, NF_ENT_CERT_KRE_KRA_B_KNSO },
	    { NULL, 0 } },
	    { MUT_FAIL, "world.modulekeys,world.recovery", "what KNSO signed "
	    "of the module keys stands for the recovery keys, and back" } },
	{ "junk_modulekeys", { KM_TEXT, { NF_ENT_CERT_KM_KMC_B_KNSO },
	    KM_BYTES("DSA 1") },
	    { MUT_FAIL, "world.modulekeys", "the certificate of the module "
	    "keys is no signature text" } },
	{ "replayed_hkre", { KM_TAKE, { NF_ENT_HASH_KRE }, { NULL, 0 } },
	    { MUT_FAIL, "world.kre,world.recovery", "HKRE is another "
	    "world's" } },
	{ "replayed_hkra", { KM_TAKE, { NF_ENT_HASH_KRA }, { NULL, 0 } },
	    { MUT_FAIL, "world.kra,world.recovery", "HKRA is another "
	    "world's" } },
	{ "swapped_hkre_hkra", { KM_SWAP, { NF_ENT_HASH_KRE,
	    NF_ENT_HASH_KRA }, { NULL, 0 } },
	    { MUT_FAIL, "world.kre,world.kra,world.recovery", "HKRE and HKRA "
	    "changed places" } },
	{ "replayed_recovery", { KM_TAKE, { NF_ENT_CERT_KRE_KRA_B_KNSO },
	    { NULL, 0 } },
	    { MUT_FAIL, "world.recovery", "the certificate of the recovery "
	    "keys is another world's" } },
	{ "replayed_kre", { KM_TAKE, { NF_ENT_BLOBPUB_KRE }, { NULL, 0 } },
	    { MUT_FAIL, "world.kre", "the public blob of KRE, under which "
	    "recovery blobs are made, is another world's" } },
	{ "replayed_kra", { KM_TAKE, { NF_ENT_BLOBPUB_KRA }, { NULL, 0 } },
	    { MUT_FAIL, "world.kra", "the public blob of KRA is another "
	    "world's" } },
	{ "replayed_new_kre", { KM_TAKE, { NF_ENT_BLOBPUB_KRE,
	    NF_ENT_HASH_KRE }, { NULL, 0 } },
	    { MUT_FAIL, "world.recovery", "KRE and its hash are another "
	    "world's" } }
};

static const struct km_case modules[] = {
	{ "no_hkml", { KM_DROP, { NF_ENT_HASH_KML }, { NULL, 0 } },
	    { MUT_MALFORMED, "HashKML", "the entry HashKML is missing" } },
	{ "no_state", { KM_DROP, { NF_ENT_MESG_MODULE_STATE },
	    { NULL, 0 } },
	    { MUT_NOTHING, "nothing in it", "the module state is missing, "
	    "without which it is no module file" } },
	{ "no_state_signature_entry", { KM_DROP,
	    { NF_ENT_CERT_MODULE_STATE }, { NULL, 0 } },
	    { MUT_MALFORMED, "CertModuleState", "the module state's "
	    "signature is missing" } },
	{ "no_rootchain", { KM_DROP, { NF_ENT_SW_ROOTCHAIN }, { NULL, 0 } },
	    { MUT_UNROOTED, "root", "the chain to a root is missing" } },
	{ "duplicate_esn", { KM_TWICE, { NF_ENT_ESN_MODULE }, { NULL, 0 } },
	    { MUT_MALFORMED, "ESNModule", "the entry ESNModule is there "
	    "twice" } },
	{ "duplicate_rootchain", { KM_TWICE, { NF_ENT_SW_ROOTCHAIN },
	    { NULL, 0 } },
	    { MUT_MALFORMED, "RootChain", "the chain to a root is there "
	    "twice" } },
	{ "wrong_esn", { KM_TEXT, { NF_ENT_ESN_MODULE },
	    KM_BYTES("5EED-0000-0000") },
	    { MUT_FAIL, "module.entries", "the entry ESNModule names another "
	    "module" } },
	{ "replayed_hknso", { KM_TAKE, { NF_ENT_HASH_KNSO }, { NULL, 0 } },
	    { MUT_FAIL, "module.entries", "HKNSO is another world's" } },
	{ "replayed_hkml", { KM_TAKE, { NF_ENT_HASH_KML }, { NULL, 0 } },
	    { MUT_FAIL, "module.kml,module.entries", "HKML is another "
	    "module's" } },
	{ "replayed_kml", { KM_TAKE, { NF_ENT_BLOBPUB_KML }, { NULL, 0 } },
	    { MUT_FAIL, "module.kml", "the public blob of KML is another "
	    "module's" } },
	{ "replayed_new_kml", { KM_TAKE, { NF_ENT_BLOBPUB_KML,
	    NF_ENT_HASH_KML }, { NULL, 0 } },
	    { MUT_FAIL, "module.entries", "KML and its hash are another "
	    "module's" } },
	{ "replayed_state", { KM_TAKE, { NF_ENT_CERT_MODULE_STATE,
	    NF_ENT_MESG_MODULE_STATE }, { NULL, 0 } },
	    { MUT_FAIL, "module.entries,root", "the module state is another "
	    "module's" } },
	{ "replayed_state_signature", { KM_TAKE,
	    { NF_ENT_CERT_MODULE_STATE }, { NULL, 0 } },
	    { MUT_FAIL, "module.state", "the module state's signature is "
	    "that of another module's" } },
	{ "replayed_rootchain", { KM_TAKE, { NF_ENT_SW_ROOTCHAIN },
	    { NULL, 0 } },
	    { MUT_FAIL, "root", "the chain to the root is another "
	    "module's" } },
	{ "wrong_kml_esn", { KM_TEXT, { NF_ENT_CERT_KML_ESN },
	    KM_BYTES("DSA 1 1") },
	    { MUT_UNKNOWN, "module.kml-esn", "the certificate over KML and "
	    "ESN is another one; what verifies it is not in the file" } }
};

static struct nf_view
build(struct mut *m, const struct cert_host *h, const struct certs *c)
{
	const uint32_t type[2] = { NF_ENT_CERT_MODULE_STATE,
	    NF_ENT_MESG_MODULE_STATE };
	const struct nf_view data[2] = { mut_sigtext(m, &c->state_sig),
	    c->state };

	return km_set(m, h->file, 2, type, data);
}

static struct nf_view
chain_build(struct mut *m, const struct chain_host *h, struct nf_view chain)
{
	const uint32_t type = NF_ENT_SW_ROOTCHAIN;

	return km_set(m, h->file, 1, &type, &chain);
}

void
mutate_world_file(struct mut *m)
{
	struct nf_view world = mut_load(m, WORLD);

	mut_format(m, "world-file", "byok-audit --simulated-root",
	    MUT_UNANCHORED, world, "a world file of the simulator");
	km_put_all(m, world, mut_load(m, FOREIGN), ROWS(worlds));
}

static struct nf_view
module_file(struct mut *m, const char *dir, const struct mut_module *module)
{
	char name[NF_PATH_MAX];

	MUST(m, nf_path(name, &m->diag, "%s/module_%s", dir,
	    module->module->nv.esn));
	return mut_load(m, name);
}

void
mutate_module_file(struct mut *m)
{
	struct cert_host h = {
		.id = {
			[ROLE_STATE_SIG] = "module.state",
			[ROLE_STATE] = "module.state",
			[ROLE_ESN] = "module.entries,root",
			[ROLE_KML] = "module.entries",
			[ROLE_KLF] = "root",
			[ROLE_KNSO] = "module.entries"
		},
		.build = build,
		.file = module_file(m, "sim/regions/eu/kmdata/local", &m->eu)
	};
	struct chain_host c = { .id = "root", .build = chain_build,
	    .module = &m->eu, .file = h.file };

	mut_format(m, "module-file", "byok-audit --simulated-root", MUT_PASS,
	    h.file, "a module file of the simulator");
	km_put_all(m, h.file, module_file(m, "sim/regions/na/kmdata/local",
	    &m->na), ROWS(modules));
	h.certs.state = km_get(m, h.file, NF_ENT_MESG_MODULE_STATE);
	km_sig(m, h.file, NF_ENT_CERT_MODULE_STATE, &h.certs.state_sig);
	certs_keys(m, &h, &m->eu, false, false);
	certs_put_state(m, &h);
	chains_put(m, &c);
}
