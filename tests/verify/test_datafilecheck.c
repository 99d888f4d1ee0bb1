/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key, world and module files signed with keys made for the test: good ones
 * are unanchored, or anchored by a root chain, and each wrong entry fails the
 * check that is its own.  Of a real package the key file is audited too.
 */
#include "config.h"

#include "nfast/wire/blob.h"
#include "nfast/wire/certlist.h"
#include "nfast/wire/modcert.h"
#include "nfast/wire/worldmsg.h"
#include "tests/verify/checks.h"
#include "tests/verify/signer.h"
#include "transfer/byok1.h"
#include "verify/datafilecheck.h"
#include "verify/fipsmsg.h"
#include "verify/kinds.h"

#define ESN	"A1B2-C3D4-E5F6"
#define SUITE	1u	/* DLf1024s160mRijndael */

static struct sg_key klf, kml, knso, kmc, key, other;
static struct nf_vfy_options opt;
static struct nf_vfy_ctx *ctx;
static struct nf_diag diag;
static struct nf_buf file;
static struct nf_km_writer w;

/* What a test may change. */
static struct {
	const struct sg_key *state_by, *gen_by, *world_by, *blob, *kml_blob;
	const char *esn;
	uint8_t hash, gen_hash, hkm, hkml, hknso;
	bool fips, recovery, both;
	uint32_t leave_out;
	const struct sg_key *root_by;	/* NULL: no root chain */
} with;

static void
setup(void)
{
	sg_dsa(&klf, 1024);
	sg_dsa(&kml, 1024);
	sg_dsa(&knso, 1024);
	sg_dsa(&kmc, 1024);
	sg_p521(&key);
	sg_dsa(&other, 1024);
	memset(&with, 0, sizeof(with));
	memset(&opt, 0, sizeof(opt));
	with.state_by = &klf;
	with.gen_by = with.kml_blob = &kml;
	with.world_by = &knso;
	with.blob = &key;
	with.esn = ESN;
	ctx = nf_vfy_ctx_new();
	nf_vfy_verdict_init(&v, "test", "test");
	nf_buf_init(&file);
}

static void
teardown(void)
{
	nf_buf_wipe(&file);
	nf_vfy_verdict_wipe(&v);
	nf_vfy_ctx_free(ctx);
	sg_free(&klf);
	sg_free(&kml);
	sg_free(&knso);
	sg_free(&kmc);
	sg_free(&key);
	sg_free(&other);
}

static void
put(uint32_t type, struct nf_view data)
{
	if (type != with.leave_out)
		nf_km_put(&w, type, data);
}

static void
put_text(uint32_t type, const char *s)
{
	put(type, nf_view_of(s, strlen(s)));
}

/* The entry of a key's hash, with its first byte changed by xor. */
static void
put_hash(uint32_t type, const uint8_t *hash, uint8_t change)
{
	uint8_t h[NF_HASH_LEN];

	memcpy(h, hash, sizeof(h));
	h[0] ^= change;
	put(type, nf_view_of(h, sizeof(h)));
}

static void
put_sig(uint32_t type, const struct sg_key *by, struct nf_buf *msg)
{
	struct nf_buf text = NF_BUF_INIT;
	struct sg_sig sig;

	sg_sign(by, nf_buf_view(msg), &sig);
	sg_sig_text(&sig, &text);
	put(type, nf_buf_view(&text));
	nf_buf_wipe(&text);
}

static void
put_blob(uint32_t type, const struct sg_key *k)
{
	static const uint8_t iv[8] = { 7 };
	struct nf_blobkey bk = { .key = k->data, .acl = nf_acl_new() };
	struct nf_buf b = NF_BUF_INIT;

	ck_assert_int_eq(nf_wire_nullblob_write(&b, &bk, iv), 0);
	put(type, nf_buf_view(&b));
	nf_acl_free(bk.acl);
	nf_buf_wipe(&b);
}

static void
put_state(void)
{
	struct nf_state_cert *s = calloc(1, sizeof(*s));
	struct nf_buf b = NF_BUF_INIT;

	ck_assert_ptr_nonnull(s);
	s->present = 1u << NF_ATTR_ESN | 1u << NF_ATTR_KML |
	    1u << NF_ATTR_KLF | 1u << NF_ATTR_KNSO | 1u << NF_ATTR_KMLIST;
	s->esn = nf_view_of(ESN, strlen(ESN));
	sg_attr(&kml, &s->kml);
	sg_attr(&klf, &s->klf);
	memcpy(s->hknso, knso.hash, NF_HASH_LEN);
	nf_wire_state_cert_write(&b, s);
	put_sig(NF_ENT_CERT_MODULE_STATE, with.state_by, &b);
	put(NF_ENT_MESG_MODULE_STATE, nf_buf_view(&b));
	nf_buf_wipe(&b);
	free(s);
}

static void
put_gen(void)
{
	struct nf_keygen_cert c = { .params = { .type = NF_KEY_ECDSAPRIVATE,
	    .curve = key.data.curve } };
	struct nf_buf b = NF_BUF_INIT;

	c.acl = nf_acl_new();
	nf_group_action_add(nf_acl_group_add(c.acl),
	    NF_ACT_OPPERMISSIONS)->flags = 0xb02b;
	memcpy(c.keyhash, key.hash, NF_HASH_LEN);
	c.keyhash[0] ^= with.gen_hash;
	nf_wire_keygen_cert_write(&b, &c);
	put_sig(NF_ENT_CERT_GEN_KA, with.gen_by, &b);
	put(NF_ENT_MESG_GEN_KA, nf_buf_view(&b));
	nf_acl_free(c.acl);
	nf_buf_wipe(&b);
}

static void
begin(void)
{
	nf_buf_wipe(&file);
	nf_km_begin(&w, &file, 1400000000);
}

static void
key_make(void)
{
	begin();
	put_text(NF_ENT_APPNAME, "simple");
	put_text(NF_ENT_IDENT, "test");
	put_hash(NF_ENT_HASH_KA, key.hash, with.hash);
	put_text(NF_ENT_BLOB_KA, "private");
	put_blob(NF_ENT_BLOBPUB_KA, with.blob);
	put_gen();
	put_text(NF_ENT_ESN_GEN, with.esn);
	put_blob(NF_ENT_BLOBPUB_KML, with.kml_blob);
	put_text(NF_ENT_CERT_KML_ESN, "DSA 1 1");
	put_state();
	nf_km_end(&w);
}

/* Our chain from a root to KLF. */
static void
put_chain(void)
{
	struct nf_acl *acl = nf_acl_new();
	struct nf_group *g = nf_acl_group_add(acl);
	struct nf_action *a = nf_group_action_add(g,
	    NF_ACT_STATICFEATUREENABLE);
	struct nf_certlist list = { .n = 1 };
	struct nf_cert *c = &list.cert[0];
	struct nf_buf msg = NF_BUF_INIT, b = NF_BUF_INIT;
	struct sg_sig sig;

	a->word[0] = 8;
	a->word[1] = 1;
	a->flags = UINT32_MAX;
	g->flags = NF_GROUP_CERTMECH | NF_GROUP_MODULESERIAL;
	memcpy(g->certmech_hash, klf.hash, NF_HASH_LEN);
	g->certmech_mech = klf.mech;
	g->moduleserial = nf_view_of(ESN, strlen(ESN));
	nf_wire_certmsg_write(&msg, acl);
	sg_sign(with.root_by, nf_buf_view(&msg), &sig);
	c->type = NF_CERT_SINGLECERT;
	memcpy(c->keyhash, other.hash, NF_HASH_LEN);
	c->key = other.data;
	c->sig = sig.cipher;
	c->msg = nf_buf_view(&msg);
	nf_wire_certlist_write(&b, &list);
	put(NF_ENT_SW_ROOTCHAIN, nf_buf_view(&b));
	nf_acl_free(acl);
	nf_buf_wipe(&msg);
	nf_buf_wipe(&b);
}

static void
module_make(void)
{
	begin();
	put_text(NF_ENT_ESN_MODULE, with.esn);
	put_hash(NF_ENT_HASH_KNSO, knso.hash, with.hknso);
	put_hash(NF_ENT_HASH_KML, kml.hash, with.hkml);
	put_blob(NF_ENT_BLOBPUB_KML, with.kml_blob);
	put_state();
	if (with.root_by != NULL)
		put_chain();
	nf_km_end(&w);
}

static void
world_make(void)
{
	static const uint8_t hkm[NF_HASH_LEN] = { 1 }, hkre[NF_HASH_LEN],
	    hkra[NF_HASH_LEN], hkfips[NF_HASH_LEN];
	const char *suite = nf_suite_numbered(SUITE)->name;
	struct nf_buf msg = NF_BUF_INIT;

	begin();
	put(NF_ENT_CIPHER_SUITE, nf_view_of("\1\0\0\0", 4));
	put_hash(NF_ENT_HASH_KNSO, knso.hash, with.hknso);
	put_blob(NF_ENT_BLOBPUB_KNSO, with.blob == &key ? &knso : with.blob);
	put_hash(NF_ENT_HASH_KM, hkm, with.hkm);
	put_hash(NF_ENT_HASH_KMC, kmc.hash, 0);
	put_blob(NF_ENT_BLOBPUB_KMC, &kmc);
	if (with.fips) {
		put_hash(NF_ENT_HASH_KFIPS, hkfips, 0);
		nf_vfy_fips_msg(&msg, suite, knso.hash, hkm, kmc.hash,
		    hkfips);
		put_sig(NF_ENT_CERT_KM_KMC_KFIPS_B_KNSO, with.world_by, &msg);
	} else {
		nf_wire_modulekeys_msg(&msg, suite, knso.hash, hkm, kmc.hash);
		put_sig(NF_ENT_CERT_KM_KMC_B_KNSO, with.world_by, &msg);
	}
	if (with.both)
		put_sig(NF_ENT_CERT_KM_KMC_KFIPS_B_KNSO, &knso, &msg);
	nf_buf_wipe(&msg);
	if (with.recovery) {
		put_hash(NF_ENT_HASH_KRE, hkre, 0);
		put_hash(NF_ENT_HASH_KRA, hkra, 0);
		nf_wire_cardrecovery_msg(&msg, knso.hash, hkre, hkra);
		put_sig(NF_ENT_CERT_KRE_KRA_B_KNSO, with.world_by, &msg);
		nf_buf_wipe(&msg);
	}
	nf_km_end(&w);
}

/* The exit status of the file through the table of kinds. */
static int
audit_file(struct nf_view bytes)
{
	const struct nf_vfy_kind *kind = nf_vfy_kind_find(bytes);
	int r;

	ck_assert_ptr_nonnull(kind);
	nf_diag_clear(&diag);
	nf_vfy_verdict_reset(&v, kind->name, "test");
	r = kind->check(ctx, bytes, &opt, &v, &diag);
	return r != 0 ? nf_err_exit(r) : nf_vfy_exit(&v);
}

static int
audit(void (*make)(void))
{
	make();
	ck_assert_int_eq(nf_buf_err(&file), 0);
	return audit_file(nf_buf_view(&file));
}

static void
fails(void (*make)(void), const char *id)
{
	ck_assert_int_eq(audit(make), 1);
	check_is(id, NF_VFY_FAIL, "");
}

START_TEST(good)
{
	ck_assert_int_eq(audit(key_make), 4);
	ck_assert_str_eq(v.kind, "key file");
	ck_assert_int_eq(audit(module_make), 4);
	ck_assert_str_eq(v.kind, "module file");
	ck_assert_int_eq(audit(world_make), 4);
	ck_assert_str_eq(v.kind, "world file");
	with.fips = with.recovery = true;
	ck_assert_int_eq(audit(world_make), 4);
	ck_assert(nf_vfy_passed(&v, "world.recovery"));
}
END_TEST

/* With a root chain the root decides. */
START_TEST(root_chain)
{
	struct nf_vfy_roots roots = { .has_extra = true };

	with.root_by = &other;
	fails(module_make, "root");
	memcpy(roots.extra, other.hash, NF_HASH_LEN);
	opt.roots = &roots;
	ck_assert_int_eq(audit(module_make), 0);
	ck_assert_mem_eq(v.root, other.hash, NF_HASH_LEN);
	roots.extra[0] ^= 1;
	fails(module_make, "root");
	roots.extra[0] ^= 1;
	with.root_by = &klf;
	fails(module_make, "root");
}
END_TEST

START_TEST(wrong_key_file)
{
	with.hash = 1;
	fails(key_make, "key.pubblob");
	with.hash = 0;
	with.gen_hash = 1;
	fails(key_make, "key.keygen");
	with.gen_hash = 0;
	with.blob = &other;
	fails(key_make, "key.pubblob");
	with.blob = &key;
	with.kml_blob = &other;
	fails(key_make, "key.kml");
	with.kml_blob = &kml;
	with.esn = "A1B2-C3D4-E5F7";
	fails(key_make, "key.esn");
	with.esn = ESN;
	with.gen_by = &other;
	fails(key_make, "key.keygen");
	with.gen_by = &kml;
	with.state_by = &other;
	fails(key_make, "key.state");
}
END_TEST

/* A key pair's file without the public half is no symmetric key's. */
START_TEST(no_pubblob)
{
	with.leave_out = NF_ENT_BLOBPUB_KA;
	fails(key_make, "key.keygen");
}
END_TEST

START_TEST(wrong_module_file)
{
	with.hkml = 1;
	fails(module_make, "module.kml");
	with.hkml = 0;
	with.hknso = 1;
	fails(module_make, "module.entries");
	with.hknso = 0;
	with.esn = "A1B2-C3D4-E5F7";
	fails(module_make, "module.entries");
	with.esn = ESN;
	with.state_by = &other;
	fails(module_make, "module.state");
}
END_TEST

START_TEST(wrong_world_file)
{
	with.world_by = &kmc;
	fails(world_make, "world.modulekeys");
	with.recovery = true;
	fails(world_make, "world.recovery");
	with.world_by = &knso;
	with.hkm = 1;
	fails(world_make, "world.modulekeys");
	with.hkm = 0;
	with.hknso = 1;
	fails(world_make, "world.knso");
	with.hknso = 0;
	with.blob = &other;
	fails(world_make, "world.knso");
	with.blob = &key;
	with.both = true;
	ck_assert_int_eq(audit(world_make), 3);
	ck_assert_str_eq(diag.field, "CertKMaKMCbKNSO");
}
END_TEST

START_TEST(no_entry)
{
	static const uint32_t of_key[] = { NF_ENT_IDENT, NF_ENT_HASH_KA,
		NF_ENT_CERT_GEN_KA, NF_ENT_MESG_GEN_KA, NF_ENT_ESN_GEN,
		NF_ENT_BLOBPUB_KML, NF_ENT_CERT_MODULE_STATE };
	static const uint32_t of_module[] = { NF_ENT_HASH_KNSO,
		NF_ENT_HASH_KML, NF_ENT_BLOBPUB_KML,
		NF_ENT_CERT_MODULE_STATE };
	static const uint32_t of_world[] = { NF_ENT_HASH_KNSO, NF_ENT_HASH_KM,
		NF_ENT_HASH_KMC, NF_ENT_BLOBPUB_KNSO, NF_ENT_BLOBPUB_KMC,
		NF_ENT_CIPHER_SUITE };

	for (size_t i = 0; i < sizeof(of_key) / sizeof(*of_key); i++) {
		with.leave_out = of_key[i];
		ck_assert_int_eq(audit(key_make), 3);
	}
	for (size_t i = 0; i < sizeof(of_module) / sizeof(*of_module); i++) {
		with.leave_out = of_module[i];
		ck_assert_int_eq(audit(module_make), 3);
		ck_assert_str_eq(diag.field, nf_name_find(nf_km_types,
		    of_module[i]));
	}
	for (size_t i = 0; i < sizeof(of_world) / sizeof(*of_world); i++) {
		with.leave_out = of_world[i];
		ck_assert_int_eq(audit(world_make), 3);
		ck_assert_str_eq(diag.field, nf_name_find(nf_km_types,
		    of_world[i]));
	}
}
END_TEST

/* A datafile without anything that could be verified is said to be so. */
START_TEST(other_file)
{
	begin();
	put_text(NF_ENT_NAME, "a card set");
	nf_km_end(&w);
	ck_assert_int_eq(audit_file(nf_buf_view(&file)), 4);
	ck_assert_int_eq(diag.code, NF_E_UNANCHORED);
	ck_assert_ptr_null(nf_vfy_kind_find(nf_view_of("text", 4)));
	ck_assert_ptr_null(nf_vfy_kind_find(nf_view_of(NULL, 0)));
}
END_TEST

/* A file of an operator token: entries that are NULL are left out. */
static void
token_make(const char *name, const uint32_t *params, const uint32_t *index,
    const char *share)
{
	struct nf_buf b = NF_BUF_INIT;

	begin();
	if (name != NULL)
		put_text(NF_ENT_NAME, name);
	if (index != NULL)
		nf_km_put_u32(&w, NF_ENT_INDEX, *index);
	if (params != NULL) {
		for (int i = 0; i < 4; i++)
			nf_buf_u32(&b, params[i]);
		put(NF_ENT_PARAMS_LTU, nf_buf_view(&b));
	}
	if (share != NULL)
		put_text(NF_ENT_LTUC_SOFT_TOKEN, share);
	nf_buf_wipe(&b);
}

/* End the file; its kind, exit status and first failure. */
static void
token_is(const char *kind, int status, const char *id)
{
	const struct nf_vfy_check *c;

	nf_km_end(&w);
	ck_assert_int_eq(audit_file(nf_buf_view(&file)), status);
	ck_assert_str_eq(v.kind, kind);
	c = nf_vfy_first_failure(&v);
	if (id == NULL) {
		ck_assert_ptr_null(c);
	} else {
		ck_assert_ptr_nonnull(c);
		ck_assert_str_eq(c->id, id);
	}
	for (size_t i = 0; i < v.n_facts; i++)
		ck_assert_ptr_null(v.fact[i].by);
}

static const uint32_t ocs[4] = { 0, 2, 3, 0 }, soft[4] = { 7, 1, 1, 0 };

START_TEST(token_file)
{
	static const uint32_t one = 1;

	token_make("ops", ocs, NULL, NULL);
	token_is("card set file", 4, NULL);
	fact_is("quorum", "2 of 3", NULL);
	fact_is("name", "ops", NULL);
	ck_assert(nf_vfy_passed(&v, "token.params"));
	ck_assert_str_eq(nf_vfy_find(&v, "token.params")->where, "file");
	token_make("ops", NULL, &one, NULL);
	token_is("card file", 4, NULL);
	fact_is("card", "1", NULL);
	token_make("pin", soft, NULL, "share");
	token_is("softcard file", 4, NULL);
	ck_assert_int_eq(nf_vfy_find(&v, "token.share")->status,
	    NF_VFY_UNKNOWN);
	/* An entry that is not known leaves a doubt, no more. */
	token_make("ops", ocs, NULL, NULL);
	put_text(NF_ENT_APP_INFO, "x");
	token_is("card set file", 4, NULL);
	ck_assert_int_eq(nf_vfy_find(&v, "token.entries")->status,
	    NF_VFY_UNKNOWN);
	/* Those of keys are of keys. */
	token_make("ops", ocs, NULL, NULL);
	put_hash(NF_ENT_HASH_KA, key.hash, 0);
	token_is("KM datafile", 4, NULL);
}
END_TEST

START_TEST(wrong_token_file)
{
	static const uint32_t zero_k[4] = { 0, 0, 3, 0 };
	static const uint32_t k_above_n[4] = { 0, 4, 3, 0 };
	static const uint32_t max_n[4] = { 0, 1, 65, 0 };
	static const uint32_t two_soft[4] = { 7, 1, 2, 0 };
	static const uint32_t zero = 0;

	token_make("ops", zero_k, NULL, NULL);
	token_is("card set file", 1, "token.params");
	token_make("ops", k_above_n, NULL, NULL);
	token_is("card set file", 1, "token.params");
	token_make("ops", max_n, NULL, NULL);
	token_is("card set file", 1, "token.params");
	token_make("ops", soft, NULL, NULL);
	token_is("card set file", 1, "token.params");
	token_make("pin", ocs, NULL, "share");
	token_is("softcard file", 1, "token.params");
	token_make("pin", two_soft, NULL, "share");
	token_is("softcard file", 1, "token.params");
	token_make("pin", soft, NULL, "");
	token_is("softcard file", 1, "token.share");
	token_make("o\nps", ocs, NULL, NULL);
	token_is("card set file", 1, "token.name");
	token_make("ops", NULL, &zero, NULL);
	token_is("card file", 1, "token.index");
	token_make("ops", ocs, NULL, NULL);
	put_text(NF_ENT_OLD_HASH_KA, "short");
	token_is("card set file", 1, "token.hashes");
}
END_TEST

START_TEST(junk_token_file)
{
	token_make("ops", ocs, NULL, NULL);
	put_text(NF_ENT_NAME, "ops");
	nf_km_end(&w);
	ck_assert_int_eq(audit_file(nf_buf_view(&file)), 3);
	ck_assert_str_eq(diag.field, "Name");
	token_make("ops", NULL, NULL, NULL);
	put_text(NF_ENT_PARAMS_LTU, "trailing bytes are 17");
	nf_km_end(&w);
	ck_assert_int_eq(audit_file(nf_buf_view(&file)), 3);
	ck_assert_str_eq(diag.field, "ParamsLTU");
	token_make("ops", ocs, NULL, NULL);
	put_text(NF_ENT_INDEX, "1");
	nf_km_end(&w);
	ck_assert_int_eq(audit_file(nf_buf_view(&file)), 3);
	ck_assert_str_eq(diag.field, "Index");
}
END_TEST

/* Each check of a key file names the entry that it is of. */
START_TEST(places)
{
	const struct nf_vfy_check *c;

	with.esn = "A1B2-C3D4-E5F7";
	fails(key_make, "key.esn");
	c = nf_vfy_find(&v, "key.esn");
	ck_assert_str_eq(c->where, "file");
	ck_assert_uint_eq(c->len, strlen(with.esn));
	ck_assert_mem_eq(file.p + c->off, with.esn, c->len);
	for (size_t i = 0; i < v.n_checks; i++) {
		if (strcmp(v.check[i].id, "root") == 0)
			continue;
		ck_assert_msg(v.check[i].where != NULL, "%s",
		    v.check[i].id);
		ck_assert_uint_le(v.check[i].off + v.check[i].len, file.len);
	}
}
END_TEST

START_TEST(short_file)
{
	key_make();
	for (size_t n = 20; n < file.len; n++)
		ck_assert_int_eq(audit_file(nf_view_of(file.p, n)), 3);
}
END_TEST

/* The key file in a real package, by itself. */
START_TEST(real_key_file)
{
	struct nf_byok1 *pkg;
	struct nf_buf bytes;

	if (nf_tap_samples() == NULL)
		return;
	nf_tap_sample("azcli_TestBYOK-NA.byok", &bytes);
	ck_assert_int_eq(nf_byok1_read(nf_buf_view(&bytes), &pkg, NULL), 0);
	ck_assert_int_eq(audit_file(pkg->key_token), 4);
	ck_assert(nf_vfy_passed(&v, "key.keyhash"));
	ck_assert(nf_vfy_passed(&v, "key.pubblob"));
	nf_byok1_free(pkg);
	nf_buf_wipe(&bytes);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("verify/datafilecheck");
	TCase *tc = tcase_create("files");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, good);
	tcase_add_test(tc, root_chain);
	tcase_add_test(tc, wrong_key_file);
	tcase_add_test(tc, no_pubblob);
	tcase_add_test(tc, wrong_module_file);
	tcase_add_test(tc, wrong_world_file);
	tcase_add_test(tc, no_entry);
	tcase_add_test(tc, other_file);
	tcase_add_test(tc, token_file);
	tcase_add_test(tc, wrong_token_file);
	tcase_add_test(tc, junk_token_file);
	tcase_add_test(tc, places);
	tcase_add_test(tc, short_file);
	tcase_add_test(tc, real_key_file);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
