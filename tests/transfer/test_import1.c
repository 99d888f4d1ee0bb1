/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The receiving region against packages that a dishonest sender could make:
 * all are well-formed and signed by the key that they name.
 */
#include "config.h"

#include "nfast/base/pkey.h"
#include "nfast/wire/blob.h"
#include "tests/transfer/source.h"
#include "transfer/import1.h"
#include "transfer/modify.h"
#include "transfer/package1.h"

static char dir[] = "test_import1.XXXXXX";
static char state[64], local[64];

/* What each case opens. */
static struct nf_kek_authority region;
static struct nf_xfer_dest dest;
static struct nf_buf kekbytes;
static const uint8_t tenant[16] = { 1, 2, 3 };

/* Once: a world with the keys a and b, a region. */
static void
make_all(void)
{
	const struct nf_kek_region *eu;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)snprintf(state, sizeof(state), "%s/sim", dir);
	(void)snprintf(local, sizeof(local), "%s/local", dir);
	source_make(state, local, NF_KEK_SUITE, 1);
	source_key("a", NF_KEY_RSAPRIVATE, 1024, true);
	source_key("b", NF_KEY_RSAPRIVATE, 1024, true);
	source_close();
	must(nf_kek_authority_region("EU", &eu, &diag));
	must(nf_kek_authority_make(state, eu, NULL, &region, &diag));
	nf_kek_authority_close(&region);
}

static void
remove_all(void)
{
	nf_tap_remove(dir);
}

static void
setup(void)
{
	const struct nf_kek_region *eu;
	char pins[64];

	nf_diag_clear(&diag);
	(void)snprintf(pins, sizeof(pins), "%s/pins", dir);
	must(nf_file_write_atomic(pins, 0600, nf_view_of("\n", 1), &diag));
	ck_assert_int_eq(setenv("NFSIM_PINS", pins, 1), 0);
	must(nf_host_open_state(state, state, &host, &diag));
	must(nf_world_load(local, &world, &diag));
	must(nf_kek_authority_region("EU", &eu, &diag));
	must(nf_kek_authority_open(state, eu, &region, &diag));
	nf_buf_init(&kekbytes);
	must(nf_appkey_public(&region.kek.key, &kekbytes, &dest.kek, &diag));
	dest.kek_ident = eu->ident;
	memcpy(dest.region.hkm, region.world->hash[NF_ADMIN_M], 20);
	memcpy(dest.region.kek_hash, region.kek.key.hash, 20);
}

static void
teardown(void)
{
	nf_kek_authority_close(&region);
	nf_buf_wipe(&kekbytes);
	source_close();
}

/* The package of a key, reduced on first use. */
static void
package(const char *ident, struct nf_buf *file, struct nf_byok1 **pkg)
{
	struct nf_buf diff = NF_BUF_INIT;
	char path[NF_PATH_MAX];
	const char *app;

	if (nf_xfer_reduced_app(world, ident) == NULL)
		must(nf_xfer_modify(host, world, "simple", ident, &dest,
		    NULL, &diff, path, &diag));
	nf_buf_wipe(&diff);
	nf_buf_init(file);
	must(nf_xfer_package(host, world, ident, &dest, tenant, "label",
	    file, &app, &diag));
	must(nf_byok1_read(nf_buf_view(file), pkg, &diag));
}

static int
import(const struct nf_byok1 *pkg, const char *name, struct nf_buf *steps)
{
	char ident[128], path[NF_PATH_MAX];
	int r;

	nf_buf_init(steps);
	must(nf_xfer_vault_ident(name, ident, &diag));
	must(nf_xfer_import_check(&region, pkg, &diag));
	r = nf_xfer_import(&region, pkg, name, ident, steps, path, &diag);
	/* All or nothing. */
	ck_assert(nf_file_exists(path) == (r == 0 || r == NF_E_EXISTS));
	return r;
}

/*
 * The package again with another key token, signed by a loaded key: the
 * outer document is then sound.
 */
static struct nf_byok1 *
forge(struct nf_byok1_parts *parts, uint32_t key, size_t bits,
    struct nf_buf *file)
{
	struct nf_buf tbs = NF_BUF_INIT, sig = NF_BUF_INIT;
	struct nf_byok1 *pkg;

	nf_buf_init(file);
	must(nf_byok1_write_unsigned(parts, &tbs, &diag));
	must(nf_xfer_sign(host, key, bits, nf_buf_view(&tbs), &sig, &diag));
	must(nf_byok1_write_signed(nf_buf_view(&tbs), nf_buf_view(&sig),
	    file, &diag));
	must(nf_byok1_read(nf_buf_view(file), &pkg, &diag));
	must(nf_byok1_verify_signature(pkg, &diag));
	nf_buf_wipe(&tbs);
	nf_buf_wipe(&sig);
	return pkg;
}

static struct nf_km_file *
token_read(const struct nf_byok1 *pkg, struct nf_km_key *key)
{
	struct nf_km_file *file;
	struct nf_cur cur;

	nf_cur_init(&cur, pkg->key_token.p, pkg->key_token.len, &diag);
	must(nf_km_file_read(&cur, &file));
	must(nf_km_key_read(file, key, &diag));
	return file;
}

/* a's package with the blob of b, and with b's hash when hash is set. */
static void
swapped(bool blob, bool hash, const char *field)
{
	struct nf_byok1 *a, *b, *forged;
	struct nf_buf fa, fb, ff, steps, token = NF_BUF_INIT;
	struct nf_km_file *ka, *kb;
	struct nf_km_key keya, keyb;
	struct nf_byok1_parts parts;
	struct nf_xfer_target target;
	struct nf_buf own = NF_BUF_INIT;
	struct nf_acl *acl;
	uint32_t id;

	package("a", &fa, &a);
	package("b", &fb, &b);
	ka = token_read(a, &keya);
	kb = token_read(b, &keyb);
	if (blob)
		keya.privblob = keyb.privblob;
	if (hash)
		memcpy(keya.hash, keyb.hash, NF_HASH_LEN);
	must(nf_km_key_write(&keya, &token));
	nf_byok1_parts_of(a, &parts);
	parts.key_token = nf_buf_view(&token);
	must(nf_xfer_target_open(world, NF_XFER_APP, "a", &target, &diag));
	must(nf_xfer_target_load(host, &target, &id, &own, &acl, &diag));
	forged = forge(&parts, id, 1024, &ff);
	ck_assert_int_eq(import(forged, "swapped", &steps), NF_E_MISMATCH);
	ck_assert_str_eq(diag.field, field);
	nf_acl_free(acl);
	nf_xfer_target_wipe(&target);
	nf_km_file_free(ka);
	nf_km_file_free(kb);
	nf_byok1_free(a);
	nf_byok1_free(b);
	nf_byok1_free(forged);
	nf_buf_wipe(&own);
	nf_buf_wipe(&token);
	nf_buf_wipe(&fa);
	nf_buf_wipe(&fb);
	nf_buf_wipe(&ff);
	nf_buf_wipe(&steps);
}

START_TEST(good)
{
	struct nf_appkey_file key;
	struct nf_buf file, steps;
	struct nf_byok1 *pkg;

	package("a", &file, &pkg);
	must(import(pkg, "Good-Key", &steps));
	ck_assert_ptr_nonnull(strstr(nf_buf_text(&steps),
	    "Export is refused: Export: AccessDenied"));
	must(nf_appkey_open(region.world, NF_XFER_VAULT_APP, "good-key",
	    &key, &diag));
	ck_assert(nf_view_is(key.key.name, "Good-Key"));
	nf_appkey_file_wipe(&key);
	nf_buf_wipe(&steps);
	ck_assert_int_eq(import(pkg, "GOOD-key", &steps), NF_E_EXISTS);
	nf_buf_wipe(&steps);
	nf_byok1_free(pkg);
	nf_buf_wipe(&file);
}
END_TEST

START_TEST(swapped_blob)
{
	swapped(true, false, "BlobKA");
}
END_TEST

START_TEST(wrong_hash)
{
	swapped(false, true, "HashKA");
}
END_TEST

START_TEST(junk_blob)
{
	struct nf_byok1 *pkg;
	struct nf_km_file *file;
	struct nf_km_key key;
	struct nf_buf bytes, steps;

	package("a", &bytes, &pkg);
	file = token_read(pkg, &key);
	/* In place: the package's own memory, after its signature. */
	((uint8_t *)(uintptr_t)key.privblob.p)[400] ^= 1;
	ck_assert_int_eq(import(pkg, "junk", &steps), NF_E_REFUSED);
	nf_km_file_free(file);
	nf_byok1_free(pkg);
	nf_buf_wipe(&steps);
	nf_buf_wipe(&bytes);
}
END_TEST

static void
not_for_region(const struct nf_byok1 *pkg, const char *field)
{
	nf_diag_clear(&diag);
	ck_assert_int_eq(nf_xfer_import_check(&region, pkg, &diag),
	    NF_E_MISMATCH);
	ck_assert_str_eq(diag.field, field);
}

START_TEST(wrong_region)
{
	struct nf_byok1 *pkg;
	struct nf_buf bytes;

	package("a", &bytes, &pkg);
	must(nf_xfer_import_check(&region, pkg, &diag));
	pkg->hkm[0] ^= 1;
	not_for_region(pkg, "SecurityWorldVersion");
	pkg->kek_hash[19] ^= 1;
	not_for_region(pkg, "KeyExchangeKeyHash");
	nf_byok1_free(pkg);
	nf_buf_wipe(&bytes);
}
END_TEST

/* The KEK's hash is the region's, its name is that of another one. */
START_TEST(wrong_kek_ident)
{
	struct nf_byok1 *pkg;
	struct nf_buf bytes;

	package("a", &bytes, &pkg);
	(void)snprintf(pkg->kek_identifier, sizeof(pkg->kek_identifier),
	    "xferwrapping,kek-prod-na-1");
	not_for_region(pkg, "KeyExchangeKeyIdentifier");
	nf_byok1_free(pkg);
	nf_buf_wipe(&bytes);
}
END_TEST

/* A key whose ACL was reduced, but for ExportAsPlain. */
static uint32_t
exportable(struct nf_buf *priv, struct nf_buf *pub, uint8_t *hash)
{
	struct nf_command cmd = { .cmd = NF_CMD_GENERATEKEYPAIR };
	struct nf_appkey_spec spec = { .recovery = true };
	struct nf_acl *stock, *acl, *pubacl;
	struct nf_reply reply;
	uint32_t id, idpub, kek;

	spec.params.type = NF_KEY_RSAPRIVATE;
	must(nf_appkey_acl(world, &spec, &stock, &pubacl, &diag));
	must(nf_xfer_reduce(stock, &dest.region, &acl, &diag));
	acl->group[0].action[0].flags |= NF_PERM_EXPORTASPLAIN;
	cmd.args.module = NF_HOST_MODULE;
	cmd.args.genparams.type = NF_KEY_RSAPRIVATE;
	cmd.args.genparams.len = 1024;
	cmd.args.acl = acl;
	cmd.args.acl2 = pubacl;
	must(nf_host_call(host, &cmd, &reply, &diag));
	id = reply.args.key;
	idpub = reply.args.key2;
	nf_args_wipe(&reply.args);
	nf_acl_free(stock);
	nf_acl_free(acl);
	nf_acl_free(pubacl);
	must(nf_host_keyhash(host, id, hash, &diag));
	must(nf_host_module_blob(host, idpub, nf_null_des3_hash, pub, &diag));
	must(nf_host_import_public(host, &dest.kek, NF_PERM_USEASBLOBKEY,
	    &kek, &diag));
	memset(&cmd, 0, sizeof(cmd));
	cmd.cmd = NF_CMD_MAKEBLOB;
	cmd.args.format = NF_BLOB_USERKEY;
	cmd.args.key = id;
	cmd.args.key2 = kek;
	cmd.args.mech = NF_MECH_BLOB_RSA_AES_SHA256;
	must(nf_host_make_blob(host, &cmd, priv, &diag));
	return id;
}

START_TEST(exportable_key)
{
	struct nf_buf priv = NF_BUF_INIT, pub = NF_BUF_INIT;
	struct nf_buf bytes = NF_BUF_INIT, capi = NF_BUF_INIT;
	struct nf_buf token = NF_BUF_INIT, file, ff, steps;
	struct nf_byok1_parts parts;
	struct nf_byok1 *pkg, *forged;
	struct nf_km_key key = { .time = 1 };
	struct nf_keydata kd;
	uint32_t id;

	package("a", &file, &pkg);
	id = exportable(&priv, &pub, key.hash);
	key.appname = nf_view_of("xfer", 4);
	key.ident = key.name = nf_view_of("0", 1);
	key.privblob = nf_buf_view(&priv);
	key.pubblob = nf_buf_view(&pub);
	must(nf_km_key_write(&key, &token));
	must(nf_appkey_public(&key, &bytes, &kd, &diag));
	must(nf_byok1_publickey_blob(nf_le_trim(kd.v[NF_RSA_E]),
	    nf_le_trim(kd.v[NF_RSA_N]), &capi, &diag));
	nf_byok1_parts_of(pkg, &parts);
	parts.public_key = nf_buf_view(&capi);
	parts.key_token = nf_buf_view(&token);
	forged = forge(&parts, id, 1024, &ff);
	ck_assert_int_eq(import(forged, "exportable", &steps), NF_E_POLICY);
	ck_assert_str_eq(diag.field, "Export");
	nf_byok1_free(pkg);
	nf_byok1_free(forged);
	nf_buf_wipe(&priv);
	nf_buf_wipe(&pub);
	nf_buf_wipe(&bytes);
	nf_buf_wipe(&capi);
	nf_buf_wipe(&token);
	nf_buf_wipe(&file);
	nf_buf_wipe(&ff);
	nf_buf_wipe(&steps);
}
END_TEST

START_TEST(names)
{
	char ident[128], name[130];

	must(nf_xfer_vault_ident("Contoso-Key1", ident, &diag));
	ck_assert_str_eq(ident, "contoso-key1");
	memset(name, 'A', sizeof(name));
	name[127] = '\0';
	must(nf_xfer_vault_ident(name, ident, &diag));
	ck_assert_uint_eq(strlen(ident), 127);
	name[127] = 'A';
	name[128] = '\0';
	ck_assert_int_eq(nf_xfer_vault_ident(name, ident, NULL), NF_E_USAGE);
	ck_assert_int_eq(nf_xfer_vault_ident("", ident, NULL), NF_E_USAGE);
	ck_assert_int_eq(nf_xfer_vault_ident("a_b", ident, NULL),
	    NF_E_USAGE);
	ck_assert_int_eq(nf_xfer_vault_ident("../a", ident, NULL),
	    NF_E_USAGE);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("transfer/import1");
	TCase *t = tcase_create("import1");

	tcase_set_timeout(t, 60);
	tcase_add_unchecked_fixture(t, make_all, remove_all);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, good);
	tcase_add_test(t, swapped_blob);
	tcase_add_test(t, wrong_hash);
	tcase_add_test(t, junk_blob);
	tcase_add_test(t, wrong_region);
	tcase_add_test(t, wrong_kek_ident);
	tcase_add_test(t, exportable_key);
	tcase_add_test(t, names);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
