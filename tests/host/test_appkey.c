/* SPDX-License-Identifier: Apache-2.0 */
/* Application keys: the real ACL, key files, and what damages them. */
#include "config.h"

#include "nfast/host/modfile.h"
#include "nfast/wire/blob.h"
#include "tests/host/fixture.h"

/* ACL of the key-generation certificate in key_simple_test1.att. */
#define REAL_HKM	"986dcf73747b277fab6d547e5cb91bd01cca3df5"
#define REAL_HKNSO	"8780fd7238ee86ee3b124486d222b597aaa7a2a8"
#define REAL_HKRE	"5155dc4095dba4ce574c5c066a88735545113210"
#define REAL_LIMIT1	"44ca3be552a6aad32be3ad175210dd54b9f8d636"
#define REAL_LIMIT3	"109442850f34c564c94b4fc855814f4db4824f49"
#define REAL_ACL \
	"04000000" \
	"000000000000000001000000" "01000000" "2bb50000" \
	"00000000" "01000000" "01000000" REAL_LIMIT1 "01000000" "01000000" \
	"02000000" "07000000" REAL_HKM \
	"03000000" "00000000" "03000000" "01000000" "7d200000" \
	"02000000" "23000000" "03000000" "00000000" "00000000" REAL_HKNSO \
	"00000000" "01000000" "01000000" REAL_LIMIT3 "01000000" "01000000" \
	"03000000" "01000000" "e1000000" REAL_HKRE
#define REAL_PUBLIC_ACL "0100000000000000000000000200000001000000fd26" \
	"00000200000023000000"

static const struct nf_genparams rsa = { .type = NF_KEY_RSAPRIVATE,
	.len = 1024 };
static const struct nf_genparams ecdsa = { .type = NF_KEY_ECDSAPRIVATE,
	.curve = 4 };
static const struct nf_genparams aes = { .type = NF_KEY_RIJNDAEL,
	.len = 32 };

static void
unhash(const char *hex, uint8_t *out)
{
	ck_assert(nf_text_unhex(hex, 40, out, NF_HASH_LEN));
}

/* The marshalled length of both ACLs, and their main permissions. */
static void
shape(const struct nf_world *world, const struct nf_genparams *params,
    bool recovery, size_t priv_len, uint32_t priv_perms, size_t pub_len,
    uint32_t pub_perms)
{
	const struct nf_appkey_spec spec = { .params = *params,
	    .recovery = recovery };
	struct nf_buf buf = NF_BUF_INIT;
	struct nf_acl *priv, *pub;

	OK(nf_appkey_acl(world, &spec, &priv, &pub, &fix.diag));
	nf_wire_acl_write(&buf, priv);
	ck_assert_uint_eq(buf.len, priv_len);
	ck_assert_uint_eq(nf_acl_perms(priv, true), priv_perms);
	nf_buf_wipe(&buf);
	nf_wire_acl_write(&buf, pub);
	ck_assert_uint_eq(buf.len, pub_len);
	ck_assert_uint_eq(nf_acl_perms(pub, false), pub_perms);
	nf_buf_wipe(&buf);
	nf_acl_free(priv);
	nf_acl_free(pub);
}

START_TEST(acl_shapes)
{
	struct nf_world world = { .recovery = true };

	memset(&fix, 0, sizeof(fix));
	world.suite = nf_suite_numbered(3);
	shape(&world, &rsa, true, 224, 0xB52B, 32, 0x26FD);
	shape(&world, &rsa, false, 92, 0xB52B, 32, 0x26FD);
	shape(&world, &ecdsa, false, 92, 0xB02B, 32, 0x227D);
	shape(&world, &aes, true, 224, 0x25A9, 32, 0x227D);
}
END_TEST

START_TEST(acl_is_the_real_one)
{
	const struct nf_appkey_spec spec = { .params = rsa,
	    .recovery = true };
	struct nf_buf got = NF_BUF_INIT, want;
	struct nf_world world = { .recovery = true };
	struct nf_acl *priv, *pub;

	memset(&fix, 0, sizeof(fix));
	world.suite = nf_suite_numbered(3);
	unhash(REAL_HKM, world.hash[NF_ADMIN_M]);
	unhash(REAL_HKNSO, world.hash[NF_ADMIN_NSO]);
	unhash(REAL_HKRE, world.hash[NF_ADMIN_RE]);
	OK(nf_appkey_acl(&world, &spec, &priv, &pub, &fix.diag));
	unhash(REAL_LIMIT1, priv->group[1].limit[0].id);
	unhash(REAL_LIMIT3, priv->group[3].limit[0].id);
	nf_wire_acl_write(&got, priv);
	nf_tap_unhex(REAL_ACL, &want);
	ck_assert(nf_view_equal(nf_buf_view(&got), nf_buf_view(&want)));
	nf_buf_wipe(&got);
	nf_buf_wipe(&want);
	nf_wire_acl_write(&got, pub);
	nf_tap_unhex(REAL_PUBLIC_ACL, &want);
	ck_assert(nf_view_equal(nf_buf_view(&got), nf_buf_view(&want)));
	nf_buf_wipe(&got);
	nf_buf_wipe(&want);
	nf_acl_free(priv);
	nf_acl_free(pub);
}
END_TEST

static const struct {
	const char *suite;
	uint32_t flags;
} gen[] = {
	{ "DLf1024s160mRijndael", 0 }, { "DLf3072s256mRijndael", 0 },
	{ "DLf3072s256mAEScSP800131Ar1", 4 }
};

/* As in real packages of 2014 to 2016, and in the real bundle. */
START_TEST(generation_flags)
{
	const struct nf_appkey_spec spec = { .appname = "simple",
	    .ident = "k1", .params = rsa, .recovery = true };
	struct nf_modcert *cert = NULL;
	struct nf_appkey_file f;
	char path[NF_PATH_MAX];
	struct nf_cur cur;

	fix_setup();
	OK(fix_create(gen[_i].suite, 1, 1, true));
	OK(nf_appkey_create(fix.host, fix.world, &spec, path, NULL,
	    &fix.diag));
	OK(nf_appkey_open(fix.world, "simple", "k1", &f, &fix.diag));
	nf_cur_init(&cur, f.key.mesg_gen.p, f.key.mesg_gen.len, NULL);
	OK(nf_wire_modcert_read(&cur, &cert));
	ck_assert_uint_eq(cert->type, NF_MODCERT_KEYGEN);
	ck_assert_uint_eq(cert->keygen.params.flags, gen[_i].flags);
	nf_modcert_free(cert);
	nf_appkey_file_wipe(&f);
	fix_teardown();
}
END_TEST

START_TEST(no_recovery_world)
{
	const struct nf_appkey_spec spec = { .params = rsa,
	    .recovery = true };
	struct nf_world world = { .recovery = false };
	struct nf_acl *priv, *pub;

	memset(&fix, 0, sizeof(fix));
	world.suite = nf_suite_numbered(1);
	FAILS(NF_E_POLICY, nf_appkey_acl(&world, &spec, &priv, &pub,
	    &fix.diag));
	ck_assert_ptr_null(priv);
	ck_assert_ptr_null(pub);
}
END_TEST

static int
create(const struct nf_genparams *params, const char *ident, bool recovery,
    uint32_t *id)
{
	const struct nf_appkey_spec spec = { .appname = "simple",
	    .ident = ident, .plainname = "Some name", .params = *params,
	    .recovery = recovery };
	char path[NF_PATH_MAX];

	return nf_appkey_create(fix.host, fix.world, &spec, path, id,
	    &fix.diag);
}

START_TEST(creates_each_type)
{
	static const struct nf_genparams *const types[] = { &rsa, &ecdsa,
		&aes };
	bool pair = types[_i] != &aes;
	struct nf_appkey_file f;
	uint8_t hash[NF_HASH_LEN];
	uint32_t id;

	fix_small();
	OK(create(types[_i], "k1", true, &id));
	OK(nf_host_keyhash(fix.host, id, hash, &fix.diag));
	OK(nf_appkey_open(fix.world, "simple", "k1", &f, &fix.diag));
	ck_assert_mem_eq(f.key.hash, hash, NF_HASH_LEN);
	ck_assert(nf_view_is(f.key.name, "Some name"));
	ck_assert(nf_km_key_recoverable(&f.key));
	ck_assert_int_eq(nf_km_key_certified(&f.key), pair);
	ck_assert_int_eq(f.key.pubblob.p != NULL, pair);
	OK(nf_appkey_verify(&f.key, &fix.diag));
	OK(nf_appkey_load(fix.host, &f.key, &id, &fix.diag));
	if (pair)
		OK(nf_appkey_load_public(fix.host, &f.key, &id, &fix.diag));
	else
		FAILS(NF_E_NOTFOUND, nf_appkey_load_public(fix.host, &f.key,
		    &id, &fix.diag));
	nf_appkey_file_wipe(&f);
	fix_teardown();
}
END_TEST

/* The key that is left loaded is gone when nobody wants it, and the limits
 * of its ACL are used up by the blobs of the file. */
START_TEST(blob_limits_are_used_up)
{
	struct nf_buf blob = NF_BUF_INIT;
	uint32_t id;

	fix_small();
	OK(create(&rsa, "k1", true, &id));
	FAILS(NF_E_REFUSED, nf_host_module_blob(fix.host, id,
	    fix.world->hash[NF_ADMIN_M], &blob, &fix.diag));
	SAYS("UseLimitExceeded");
	nf_buf_wipe(&blob);
	fix_teardown();
}
END_TEST

START_TEST(recovers_with_the_cards)
{
	static const enum nf_admin re[] = { NF_ADMIN_RE };
	struct nf_appkey_file f;
	uint8_t hash[NF_HASH_LEN];
	uint32_t kre, id;

	fix_small();
	OK(create(&rsa, "k1", true, NULL));
	OK(nf_appkey_open(fix.world, "simple", "k1", &f, &fix.diag));
	OK(fix_admin(re, 1, &kre));
	OK(nf_host_load_blob(fix.host, f.key.recovblob, kre, &id,
	    &fix.diag));
	OK(nf_host_keyhash(fix.host, id, hash, &fix.diag));
	ck_assert_mem_eq(hash, f.key.hash, NF_HASH_LEN);
	nf_appkey_file_wipe(&f);
	fix_teardown();
}
END_TEST

START_TEST(no_recovery)
{
	struct nf_appkey_file f;

	fix_small();
	OK(create(&rsa, "k1", false, NULL));
	OK(nf_appkey_open(fix.world, "simple", "k1", &f, &fix.diag));
	ck_assert(!nf_km_key_recoverable(&f.key));
	ck_assert_ptr_null(f.key.recovblob.p);
	nf_appkey_file_wipe(&f);
	fix_teardown();
}
END_TEST

START_TEST(duplicate_key)
{
	struct nf_appkey_file f;
	uint8_t hash[NF_HASH_LEN];

	fix_small();
	OK(create(&ecdsa, "k1", true, NULL));
	OK(nf_appkey_open(fix.world, "simple", "k1", &f, &fix.diag));
	memcpy(hash, f.key.hash, sizeof(hash));
	FAILS(NF_E_EXISTS, create(&ecdsa, "k1", true, NULL));
	{
		char path[NF_PATH_MAX];

		FAILS(NF_E_EXISTS, nf_appkey_record(fix.world, &f.key, path,
		    &fix.diag));
	}
	nf_appkey_file_wipe(&f);
	nf_diag_clear(&fix.diag);
	OK(nf_appkey_open(fix.world, "simple", "k1", &f, &fix.diag));
	ck_assert_mem_eq(hash, f.key.hash, sizeof(hash));
	nf_appkey_file_wipe(&f);
	fix_teardown();
}
END_TEST

START_TEST(wrong_ident)
{
	fix_small();
	FAILS(NF_E_USAGE, create(&ecdsa, "K_1", true, NULL));
	FAILS(NF_E_USAGE, create(&ecdsa, "../k", true, NULL));
	FAILS(NF_E_USAGE, create(&ecdsa, "", true, NULL));
	fix_teardown();
}
END_TEST

START_TEST(wrong_file_name)
{
	char from[NF_PATH_MAX], to[NF_PATH_MAX];
	struct nf_appkey_file f;

	fix_small();
	OK(create(&ecdsa, "k1", true, NULL));
	OK(nf_path(from, NULL, "%s/key_simple_k1", fix.local));
	OK(nf_path(to, NULL, "%s/key_simple_k2", fix.local));
	OK(rename(from, to));
	FAILS(NF_E_MISMATCH, nf_appkey_open(fix.world, "simple", "k2", &f,
	    &fix.diag));
	ck_assert_ptr_null(f.file);
	fix_teardown();
}
END_TEST

START_TEST(wrong_mode)
{
	fix_small();
	OK(nf_host_clear(fix.host, NF_MODE_INITIALISATION, &fix.diag));
	FAILS(NF_E_REFUSED, create(&ecdsa, "k1", true, NULL));
	fix_teardown();
}
END_TEST

START_TEST(no_module_file)
{
	char path[NF_PATH_MAX], esn[NF_ESN_MAX + 1];
	uint32_t mode;

	fix_small();
	OK(nf_host_enquiry(fix.host, &mode, esn, &fix.diag));
	OK(nf_path(path, NULL, "%s/module_%s", fix.local, esn));
	OK(unlink(path));
	FAILS(NF_E_NOTFOUND, create(&ecdsa, "k1", true, NULL));
	OK(nf_path(path, NULL, "%s/key_simple_k1", fix.local));
	ck_assert(!nf_file_exists(path));
	fix_teardown();
}
END_TEST

/* Change the last byte of a view into the file; twice changes it back, and
 * a hexadecimal digit stays one. */
static void
flip_end(struct nf_appkey_file *f, struct nf_view v)
{
	uint8_t *p;

	ck_assert_ptr_nonnull(v.p);
	p = &f->bytes.p[(size_t)(v.p - f->bytes.p) + v.len - 1];
	*p ^= *p >= 'a' && *p <= 'f' ? 7 : 1;
}

/* One changed byte in an entry: the error of nf_appkey_verify(). */
/* An entry of the module file, changed: nothing is recorded with it. */
static void
modfile_junk(const char *path, struct nf_modfile *m, const void *at, int want)
{
	uint8_t *p = m->bytes.p + ((const uint8_t *)at - m->bytes.p);
	uint8_t was = *p;
	char key[NF_PATH_MAX];

	*p = was == '0' ? '1' : '0';
	nf_tap_put(path, m->bytes.p, m->bytes.len);
	*p = was;
	FAILS(want, create(&ecdsa, "k1", true, NULL));
	OK(nf_path(key, NULL, "%s/key_simple_k1", fix.local));
	ck_assert(!nf_file_exists(key));
}

START_TEST(junk_module_file)
{
	char path[NF_PATH_MAX], esn[NF_ESN_MAX + 1];
	struct nf_modfile m;
	struct nf_view hkml;
	uint32_t mode;

	fix_small();
	OK(nf_host_enquiry(fix.host, &mode, esn, &fix.diag));
	OK(nf_modfile_load(fix.world, esn, &m, &fix.diag));
	OK(nf_path(path, NULL, "%s/module_%s", fix.local, esn));
	OK(nf_km_file_one(m.file, NF_ENT_HASH_KML, &hkml, &fix.diag));
	modfile_junk(path, &m, m.cert_kml_esn.p + m.cert_kml_esn.len - 6,
	    NF_E_VERIFY);
	modfile_junk(path, &m, m.esn.p, NF_E_MISMATCH);
	modfile_junk(path, &m, hkml.p, NF_E_MISMATCH);
	modfile_junk(path, &m, m.pubblob_kml.p + 300, NF_E_MISMATCH);
	nf_tap_put(path, m.bytes.p, m.bytes.len);
	OK(create(&ecdsa, "k1", true, NULL));
	nf_modfile_wipe(&m);
	fix_teardown();
}
END_TEST

START_TEST(junk_entry)
{
	struct nf_appkey_file f;
	struct nf_view v[6];
	int want[6] = { NF_E_VERIFY, NF_E_VERIFY, NF_E_VERIFY, NF_E_VERIFY,
	    NF_E_FORMAT, NF_E_MISMATCH };

	fix_small();
	OK(create(&rsa, "k1", true, NULL));
	OK(nf_appkey_open(fix.world, "simple", "k1", &f, &fix.diag));
	v[0] = f.key.cert_gen;
	v[1] = f.key.mesg_gen;
	v[2] = f.key.cert_state;
	v[3] = f.key.mesg_state;
	v[4] = f.key.pubblob;		/* the frame's last word */
	v[5] = nf_view_of(f.key.hash, 0);
	for (size_t i = 0; i < 5; i++) {
		flip_end(&f, v[i]);
		nf_diag_clear(&fix.diag);
		ck_assert_msg(nf_appkey_verify(&f.key, &fix.diag) == want[i],
		    "entry %zu: %s", i, fix.diag.text);
		flip_end(&f, v[i]);
	}
	f.key.hash[3] ^= 1;
	FAILS(want[5], nf_appkey_verify(&f.key, &fix.diag));
	{
		uint32_t id;

		FAILS(NF_E_MISMATCH, nf_appkey_load(fix.host, &f.key, &id,
		    &fix.diag));
		ck_assert_uint_eq(id, 0);
		f.key.hash[3] ^= 1;
		f.bytes.p[(size_t)(f.key.privblob.p - f.bytes.p) + 100] ^= 1;
		FAILS(NF_E_REFUSED, nf_appkey_load(fix.host, &f.key, &id,
		    &fix.diag));
	}
	nf_appkey_file_wipe(&f);
	fix_teardown();
}
END_TEST

START_TEST(swapped_keys)
{
	struct nf_appkey_file a, b;
	uint32_t id;

	fix_small();
	OK(create(&ecdsa, "k1", true, NULL));
	OK(create(&ecdsa, "k2", true, NULL));
	OK(nf_appkey_open(fix.world, "simple", "k1", &a, &fix.diag));
	OK(nf_appkey_open(fix.world, "simple", "k2", &b, &fix.diag));
	a.key.privblob = b.key.privblob;
	FAILS(NF_E_MISMATCH, nf_appkey_load(fix.host, &a.key, &id,
	    &fix.diag));
	a.key.cert_gen = b.key.cert_gen;
	FAILS(NF_E_VERIFY, nf_appkey_verify(&a.key, &fix.diag));
	a.key.mesg_gen = b.key.mesg_gen;
	FAILS(NF_E_MISMATCH, nf_appkey_verify(&a.key, &fix.diag));
	ck_assert_str_eq(fix.diag.field, "MesgGenKA");
	a.key.pubblob = b.key.pubblob;
	FAILS(NF_E_MISMATCH, nf_appkey_verify(&a.key, &fix.diag));
	ck_assert_str_eq(fix.diag.field, "BlobPubKA");
	nf_appkey_file_wipe(&a);
	nf_appkey_file_wipe(&b);
	fix_teardown();
}
END_TEST

START_TEST(wrong_world)
{
	struct nf_appkey_file f;
	uint32_t id;

	fix_small();
	OK(create(&ecdsa, "k1", true, NULL));
	OK(fix_create("DLf1024s160mRijndael", 1, 1, true));
	OK(nf_appkey_open(fix.world, "simple", "k1", &f, &fix.diag));
	FAILS(NF_E_REFUSED, nf_appkey_load(fix.host, &f.key, &id,
	    &fix.diag));
	SAYS("UnknownKM");
	nf_appkey_file_wipe(&f);
	fix_teardown();
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("host/appkey");
	TCase *tc = tcase_create("appkey");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, acl_shapes);
	tcase_add_test(tc, acl_is_the_real_one);
	tcase_add_loop_test(tc, generation_flags, 0, 3);
	tcase_add_test(tc, no_recovery_world);
	tcase_add_loop_test(tc, creates_each_type, 0, 3);
	tcase_add_test(tc, blob_limits_are_used_up);
	tcase_add_test(tc, recovers_with_the_cards);
	tcase_add_test(tc, no_recovery);
	tcase_add_test(tc, duplicate_key);
	tcase_add_test(tc, wrong_ident);
	tcase_add_test(tc, wrong_file_name);
	tcase_add_test(tc, wrong_mode);
	tcase_add_test(tc, no_module_file);
	tcase_add_test(tc, junk_module_file);
	tcase_add_test(tc, junk_entry);
	tcase_add_test(tc, swapped_keys);
	tcase_add_test(tc, wrong_world);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
