/* SPDX-License-Identifier: Apache-2.0 */
/* Key files, of a key pair and of a symmetric key (container real). */
#include "config.h"

#include <string.h>

#include "tests/mutants/certs.h"
#include "tests/mutants/kmedit.h"

#define ONE	"kmdata/local/key_simple_one"
#define TWO	"kmdata/local/key_simple_two"
#define COUNT	(sizeof(rows) / sizeof(rows[0]))


static const struct km_case rows[] = {
	{ "no_ident", { KM_DROP, { NF_ENT_IDENT }, { NULL, 0 } },
	    { MUT_MALFORMED, "Ident", "the entry Ident is missing" } },
	{ "no_appname", { KM_DROP, { NF_ENT_APPNAME }, { NULL, 0 } },
	    { MUT_NOTHING, "nothing in it", "the entry AppName is missing, "
	    "without which it is no key file" } },
	{ "no_hash", { KM_DROP, { NF_ENT_HASH_KA }, { NULL, 0 } },
	    { MUT_MALFORMED, "HashKA", "the entry HashKA is missing" } },
	{ "no_blobs", { KM_DROP, { NF_ENT_BLOB_KA, NF_ENT_BLOBPUB_KA,
	    NF_ENT_BLOB_RECOVERY_KA }, { NULL, 0 } },
	    { MUT_MALFORMED, "BlobKA", "neither blob of the key is there" } },
	{ "no_pubblob", { KM_DROP, { NF_ENT_BLOBPUB_KA }, { NULL, 0 } },
	    { MUT_FAIL, "key.keygen", "the public blob of a key pair is "
	    "missing" } },
	{ "no_cert_gen", { KM_DROP, { NF_ENT_CERT_GEN_KA }, { NULL, 0 } },
	    { MUT_MALFORMED, "CertGenKA", "of the certificates' entries one "
	    "is missing" } },
	{ "no_certificates", { KM_DROP, { STATE_GROUP, GEN_GROUP,
	    NF_ENT_ESN_GEN, NF_ENT_BLOBPUB_KML, NF_ENT_CERT_KML_ESN },
	    { NULL, 0 } },
	    { MUT_UNKNOWN, "key.state", "all entries of the certificates "
	    "are missing, as in a key that was imported" } },
	{ "duplicate_hash", { KM_TWICE, { NF_ENT_HASH_KA }, { NULL, 0 } },
	    { MUT_MALFORMED, "HashKA", "the entry HashKA is there twice" } },
	{ "duplicate_mesg_gen", { KM_TWICE, { NF_ENT_MESG_GEN_KA },
	    { NULL, 0 } },
	    { MUT_MALFORMED, "MesgGenKA", "the entry MesgGenKA is there "
	    "twice" } },
	{ "short_hash", { KM_SHORT, { NF_ENT_HASH_KA }, { NULL, 0 } },
	    { MUT_MALFORMED, "HashKA", "the hash has 19 bytes" } },
	{ "long_hash", { KM_LONG, { NF_ENT_HASH_KA }, { NULL, 0 } },
	    { MUT_MALFORMED, "HashKA", "the hash has 21 bytes" } },
	{ "wrong_hash", { KM_TAKE, { NF_ENT_HASH_KA }, { NULL, 0 } },
	    { MUT_FAIL, "key.pubblob", "the hash is another key's" } },
	{ "junk_ident", { KM_TEXT, { NF_ENT_IDENT }, KM_BYTES("../x") },
	    { MUT_MALFORMED, "Ident", "the ident would leave the "
	    "directory" } },
	{ "replayed_pubblob", { KM_TAKE, { NF_ENT_BLOBPUB_KA },
	    { NULL, 0 } },
	    { MUT_FAIL, "key.pubblob", "the public blob is another "
	    "key's" } },
	{ "junk_pubblob", { KM_FLIP, { NF_ENT_BLOBPUB_KA }, { NULL, 0 } },
	    { MUT_FAIL, "key.pubblob", "one bit within the public blob is "
	    "another" } },
	{ "short_pubblob", { KM_SHORT, { NF_ENT_BLOBPUB_KA }, { NULL, 0 } },
	    { MUT_FAIL, "key.pubblob", "the last byte of the public blob is "
	    "missing" } },
	{ "trailing_pubblob", { KM_LONG, { NF_ENT_BLOBPUB_KA },
	    { NULL, 0 } },
	    { MUT_FAIL, "key.pubblob", "a byte follows the public blob" } },
	{ "swapped_pubblob_kml", { KM_SWAP, { NF_ENT_BLOBPUB_KA,
	    NF_ENT_BLOBPUB_KML }, { NULL, 0 } },
	    { MUT_FAIL, "key.pubblob", "the public blobs of key and KML "
	    "changed places" } },
	{ "replayed_privblob", { KM_TAKE, { NF_ENT_BLOB_KA }, { NULL, 0 } },
	    { MUT_UNKNOWN, "key.privblob", "the private blob is another "
	    "key's, which nothing outside the module can see" } },
	{ "replayed_recovery", { KM_TAKE, { NF_ENT_BLOB_RECOVERY_KA },
	    { NULL, 0 } },
	    { MUT_UNKNOWN, "key.privblob", "the recovery blob is another "
	    "key's, which nothing outside the module can see" } },
	{ "wrong_kml_esn", { KM_TEXT, { NF_ENT_CERT_KML_ESN },
	    KM_BYTES("DSA 1 1") },
	    { MUT_UNKNOWN, "key.kml-esn", "the certificate over KML and ESN "
	    "is another one; what verifies it is not in the file" } },
	{ "replayed_keygen", { KM_TAKE, { GEN_GROUP }, { NULL, 0 } },
	    { MUT_FAIL, "key.keygen", "the generation certificate is that "
	    "of another key of the same module" } },
	{ "replayed_gen_signature", { KM_TAKE, { NF_ENT_CERT_GEN_KA },
	    { NULL, 0 } },
	    { MUT_FAIL, "key.keygen", "the signature of the generation "
	    "certificate is that of another key's" } },
	{ "junk_gen_signature", { KM_TEXT, { NF_ENT_CERT_GEN_KA },
	    KM_BYTES("DSAhSHA256 xyz 1") },
	    { MUT_FAIL, "key.keygen", "the signature of the generation "
	    "certificate is no signature text" } },
	{ "zero_gen_signature", { KM_TEXT, { NF_ENT_CERT_GEN_KA },
	    KM_BYTES("DSAhSHA256 0 0") },
	    { MUT_FAIL, "key.keygen", "r and s of the generation "
	    "certificate's signature are 0" } },
	{ "trailing_gen_signature", { KM_LONG, { NF_ENT_CERT_GEN_KA },
	    { NULL, 0 } },
	    { MUT_MALFORMED, "CertGenKA", "a zero byte follows the text of "
	    "the generation certificate's signature" } },
	{ "unknown_state_mechanism", { KM_TEXT, { NF_ENT_CERT_MODULE_STATE },
	    KM_BYTES("RSA 1 1") },
	    { MUT_FAIL, "key.state", "the module state's signature has a "
	    "mechanism that signs no certificates" } },
	{ "swapped_gen_state", { KM_SWAP, { NF_ENT_MESG_GEN_KA,
	    NF_ENT_MESG_MODULE_STATE }, { NULL, 0 } },
	    { MUT_FAIL, "key.state", "the two certificate messages changed "
	    "places" } },
	{ "wrong_esn", { KM_TEXT, { NF_ENT_ESN_GEN },
	    KM_BYTES("5EED-0000-0000") },
	    { MUT_FAIL, "key.esn", "the entry ESNGen names another "
	    "module" } },
	{ "junk_kml_blob", { KM_FLIP, { NF_ENT_BLOBPUB_KML }, { NULL, 0 } },
	    { MUT_FAIL, "key.kml", "one bit within the KML's public blob is "
	    "another" } }
};

/* From the file of a key of another module. */
static const struct km_case foreign[] = {
	{ "replayed_kml_blob", { KM_TAKE, { NF_ENT_BLOBPUB_KML },
	    { NULL, 0 } },
	    { MUT_FAIL, "key.kml", "the KML's public blob is that of another "
	    "module" } },
	{ "replayed_state", { KM_TAKE, { STATE_GROUP }, { NULL, 0 } },
	    { MUT_FAIL, "key.kml", "the module state is that of another "
	    "module" } },
	{ "replayed_module", { KM_TAKE, { STATE_GROUP, NF_ENT_BLOBPUB_KML,
	    NF_ENT_ESN_GEN, NF_ENT_CERT_KML_ESN }, { NULL, 0 } },
	    { MUT_FAIL, "key.keygen", "all that is of the module is that of "
	    "another module" } },
	{ "replayed_certificates", { KM_TAKE, { STATE_GROUP, GEN_GROUP,
	    NF_ENT_BLOBPUB_KML, NF_ENT_ESN_GEN, NF_ENT_CERT_KML_ESN },
	    { NULL, 0 } },
	    { MUT_FAIL, "key.keygen", "all certificates are those of a key "
	    "of another module" } }
};

/* Of a symmetric key, which has no certificates here. */
static const struct km_case symmetric[] = {
	{ "no_blob", { KM_DROP, { NF_ENT_BLOB_KA }, { NULL, 0 } },
	    { MUT_MALFORMED, "BlobKA", "the only blob is missing" } },
	{ "replayed_hash", { KM_TAKE, { NF_ENT_HASH_KA }, { NULL, 0 } },
	    { MUT_UNKNOWN, "key.state", "the hash is another key's, which "
	    "no certificate shows" } }
};

/* The file of a symmetric key with certificates of other keys. */
static struct nf_view
certified(struct mut *m, struct nf_view file, struct nf_view from,
    struct nf_view cert_gen, struct nf_view mesg_gen)
{
	static const uint32_t module[] = { NF_ENT_ESN_GEN,
	    NF_ENT_BLOBPUB_KML, NF_ENT_CERT_KML_ESN, STATE_GROUP };
	static const struct nf_view none;

	for (size_t i = 0; i < sizeof(module) / sizeof(module[0]); i++) {
		const struct km_edit e = { KM_ADD, { module[i] },
		    km_get(m, from, module[i]) };

		file = km_edited(m, file, &e, none);
	}
	file = km_edited(m, file, &(struct km_edit){ KM_ADD,
	    { NF_ENT_CERT_GEN_KA }, cert_gen }, none);
	return km_edited(m, file, &(struct km_edit){ KM_ADD,
	    { NF_ENT_MESG_GEN_KA }, mesg_gen }, none);
}

static void
symmetric_put(struct mut *m, struct nf_view one)
{
	struct nf_view file = mut_load(m, "kmdata/local/key_simple_four");
	struct nf_view world = mut_load(m, "kmdata/local/world");

	mut_format(m, "symmetric-key-file", "byok-audit --simulated-root",
	    MUT_UNANCHORED, file, "the file of an AES key of the simulator");
	km_put_all(m, file, mut_load(m, "kmdata/local/key_simple_five"),
	    symmetric, sizeof(symmetric) / sizeof(symmetric[0]));
	mut_put(m, "replayed_certificates", certified(m, file, one,
	    km_get(m, one, NF_ENT_CERT_GEN_KA),
	    km_get(m, one, NF_ENT_MESG_GEN_KA)), &(struct mut_want){
	    MUT_FAIL, "key.keygen", "the certificates are those of an RSA "
	    "key of the same module" });
	mut_put(m, "replayed_km_certificate", certified(m, file, one,
	    km_get(m, world, NF_ENT_CERT_GEN_KM),
	    km_get(m, world, NF_ENT_MESG_GEN_KM)), &(struct mut_want){
	    MUT_FAIL, "key.keyhash", "the generation certificate is that of "
	    "the world's module key" });
}

static struct nf_view
build(struct mut *m, const struct cert_host *h, const struct certs *c)
{
	return certs_set(m, h, c, false);
}

/* What is wrong with the container, whatever is in it. */
static void
container_put(struct mut *m, struct nf_view v)
{
	static const struct {
		const char *name;
		size_t at;
		const char *bytes;
		size_t n;
		struct mut_want want;
	} at[] = {
		{ "wrong_magic", 1, "X", 1, { MUT_MALFORMED,
		    "not recognised", "the file starts with another name" } },
		{ "zero_count", 28, "\0\0\0\0", 4, { MUT_MALFORMED,
		    "trailing", "the header counts no entries" } },
		{ "max_count", 28, "\377\377\377\377", 4, { MUT_MALFORMED,
		    "count", "the header counts 2^32 - 1 entries" } },
		{ "max_time", 20, "\377\377\377\377", 4, { MUT_MALFORMED,
		    "time", "the file's time is beyond the year 9999" } },
		{ "max_length", 36, "\377\377\377\377", 4, { MUT_MALFORMED,
		    "length", "the first entry is 2^32 - 1 bytes long" } },
		{ "junk_padding", 47, "x", 1, { MUT_MALFORMED,
		    "padding", "the padding of the first entry is not "
		    "zero" } }
	};

	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		struct nf_buf *buf = mut_buf(m);

		nf_buf_view_put(buf, v);
		(void)mut_view(m, buf);
		memcpy(buf->p + at[i].at, at[i].bytes, at[i].n);
		mut_put(m, at[i].name, nf_buf_view(buf), &at[i].want);
	}
	mut_put(m, "short_file", nf_view_of(v.p, v.len - 1),
	    &(struct mut_want){ MUT_MALFORMED, "bytes",
	    "the last byte of the file is missing" });
	mut_put(m, "trailing_file", mut_long(m, v),
	    &(struct mut_want){ MUT_MALFORMED, "trailing",
	    "a byte follows the last entry" });
}

/* Signature texts that say the same in another way. */
static void
texts_put(struct mut *m, struct nf_view file)
{
	static const uint32_t type = NF_ENT_CERT_GEN_KA;
	struct nf_view sig = km_get(m, file, type), v;
	struct nf_buf *upper = mut_buf(m);

	v = mut_replace(m, sig, " ", " 0");
	mut_put(m, "long_gen_signature_r", km_set(m, file, 1, &type, &v),
	    &(struct mut_want){ MUT_FAIL, "key.keygen", "r of the generation "
	    "certificate's signature starts with a zero" });
	v = mut_replace(m, sig, " ", "  ");
	mut_put(m, "junk_gen_signature_space", km_set(m, file, 1, &type,
	    &v), &(struct mut_want){ MUT_FAIL, "key.keygen", "the text of "
	    "the generation certificate's signature has two spaces" });
	for (size_t i = 0; i < sig.len; i++)
		nf_buf_u8(upper, (uint8_t)(i > 10 && sig.p[i] >= 'a' &&
		    sig.p[i] <= 'f' ? sig.p[i] - 'a' + 'A' : sig.p[i]));
	v = mut_view(m, upper);
	mut_put(m, "junk_gen_signature_case", km_set(m, file, 1, &type, &v),
	    &(struct mut_want){ MUT_FAIL, "key.keygen", "the digits of the "
	    "generation certificate's signature are capitals" });
}

void
mutate_key_files(struct mut *m)
{
	struct cert_host h = {
		.id = {
			[ROLE_STATE_SIG] = "key.state",
			[ROLE_STATE] = "key.state",
			[ROLE_ESN] = "key.esn",
			[ROLE_KML] = "key.kml",
			[ROLE_GEN_SIG] = "key.keygen",
			[ROLE_GEN] = "key.keygen",
			[ROLE_KEYHASH] = "key.keygen"
		},
		.build = build,
		.file = mut_load(m, ONE)
	};
	struct nf_view eu = mut_load(m, "sim/regions/eu/kmdata/local/"
	    "key_xferwrapping_kek-prod-eu-1");

	mut_format(m, "key-file", "byok-audit --simulated-root",
	    MUT_UNANCHORED, h.file, "a key file of the simulator");
	container_put(m, h.file);
	km_put_all(m, h.file, mut_load(m, TWO), rows, COUNT);
	texts_put(m, h.file);
	km_put_all(m, h.file, eu, foreign,
	    sizeof(foreign) / sizeof(foreign[0]));
	certs_get(m, &h, false);
	certs_keys(m, &h, &m->user, true, true);
	certs_put_state(m, &h);
	certs_put_gen(m, &h);
	symmetric_put(m, h.file);
}
