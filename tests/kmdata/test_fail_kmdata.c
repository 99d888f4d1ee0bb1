/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key files, attestation bundles, the dump and the store with each call of a
 * library failing in turn.
 */
#include "config.h"

#include <sys/stat.h>

#include "nfast/kmdata/attbundle.h"
#include "nfast/kmdata/dump.h"
#include "nfast/kmdata/keyfile.h"
#include "nfast/kmdata/store.h"
#include "nfast/kmdata/sigtext.h"
#include "nfast/wire/blob.h"
#include "tests/files.h"
#include "tests/sweep.h"
#include "tests/wire/wire.h"

static char top[NF_PATH_MAX];
static struct nf_buf kcmsg, blob;

static const char sigtext[] = "DSA 12ab 34cd";

static void
setup(void)
{
	static const uint8_t iv[8] = { 1 };
	struct nf_blobkey key = { .acl = NULL };
	struct nf_buf dsa[4];

	nf_tap_dir("fail-km", top);
	nf_tap_unhex(VEC_KCMSG, &kcmsg);
	key.acl = nf_acl_new();
	nf_group_action_add(nf_acl_group_add(key.acl),
	    NF_ACT_OPPERMISSIONS)->flags = 1;
	key.key = wire_dsa_key(dsa);
	nf_buf_init(&blob);
	ck_assert_int_eq(nf_wire_nullblob_write(&blob, &key, iv), 0);
	nf_blobkey_wipe(&key);
	for (size_t i = 0; i < 4; i++)
		nf_buf_wipe(&dsa[i]);
}

static void
file_remove(const char *name)
{
	char path[NF_PATH_MAX];

	ck_assert_int_eq(nf_path(path, NULL, "%s/%s", top, name), 0);
	(void)remove(path);
}

static void
teardown(void)
{
	nf_buf_wipe(&kcmsg);
	nf_buf_wipe(&blob);
	file_remove("key");
	ck_assert_int_eq(rmdir(top), 0);
}

/* ---- key files ---- */

static void
key_fill(struct nf_km_key *key)
{
	static const uint8_t bytes[] = { 1, 2, 3, 4 };
	struct nf_view v = nf_view_of(bytes, sizeof(bytes));

	memset(key, 0, sizeof(*key));
	key->time = 1700000000;
	key->appname = nf_view_of("simple", 6);
	key->ident = nf_view_of("one", 3);
	key->name = nf_view_of("a key", 5);
	key->privblob = key->recovblob = v;
	key->pubblob = key->pubblob_kml = nf_buf_view(&blob);
	key->cert_gen = key->cert_kml_esn = key->cert_state =
	    nf_view_of(sigtext, sizeof(sigtext) - 1);
	key->mesg_gen = key->mesg_state = nf_buf_view(&kcmsg);
	key->esn = nf_view_of("AAAA-BBBB-CCCC", 14);
	key->n_other = 1;
	key->other[0].type = NF_ENT_SW_MARK;
	key->other[0].data = nf_view_of("two\nlines\n", 10);
}

static int
key_write(void *arg, struct nf_buf *result, struct nf_diag *diag)
{
	static struct nf_km_key key;

	(void)arg;
	key_fill(&key);
	return sweep_err(nf_km_key_write(&key, result), result, diag);
}

/* Load, write again, dump. */
static int
key_read(void *arg, struct nf_buf *result, struct nf_diag *diag)
{
	static struct nf_km_key key;
	struct nf_buf bytes = NF_BUF_INIT;
	struct nf_km_file *file;
	int r = nf_km_key_load(arg, &bytes, &file, &key, diag);

	NF_REQUIRE((r == 0) == (file != NULL));
	if (r == 0) {
		r = nf_km_key_write(&key, result);
		nf_km_dump(result, file);
		r = sweep_err(r, result, diag);
	}
	nf_km_file_free(file);
	nf_buf_wipe(&bytes);
	return r;
}

START_TEST(key_files)
{
	struct sweep w = { .name = "write", .run = key_write };
	struct sweep s = { .name = "read", .run = key_read, .io = true };
	char path[NF_PATH_MAX];
	struct nf_diag diag = { 0 };
	struct nf_buf buf = NF_BUF_INIT;

	sweep(&w, 0);
	ck_assert_int_eq(key_write(NULL, &buf, &diag), 0);
	ck_assert_int_eq(nf_path(path, NULL, "%s/key", top), 0);
	ck_assert_int_eq(nf_km_store_save(path, nf_buf_view(&buf), NULL), 0);
	nf_buf_wipe(&buf);
	s.arg = path;
	sweep(&s, 0);
}
END_TEST

/* ---- bundles ---- */

static int
bundle(void *arg, struct nf_buf *result, struct nf_diag *diag)
{
	const struct nf_buf *file = arg;
	struct nf_att att;
	int r = nf_att_read(nf_buf_view(file), &att, diag);

	if (r == 0) {
		nf_att_write(result, &att);
		r = sweep_err(r, result, diag);
	}
	nf_att_wipe(&att);
	return r;
}

START_TEST(bundles)
{
	struct nf_buf file = NF_BUF_INIT;
	struct sweep s = { .name = "bundle", .run = bundle, .arg = &file,
	    .quiet = true };
	struct nf_att att;

	memset(&att, 0, sizeof(att));
	for (size_t f = 0; f < NF_ATT_KNSOPUB; f++)
		att.field[f] = nf_view_of("text", 4);
	nf_att_write(&file, &att);
	sweep(&s, 0);
	nf_buf_wipe(&file);
}
END_TEST

/* ---- the store ---- */

static void
store_empty(void *arg)
{
	static const char *const names[] = { "a/local/" NF_KM_STORE_MARK,
		"a/local/" NF_KM_STORE_WORLD, "a/local/key_simple_one",
		"a/local/key_simple_two", "a/local/.lock" };
	char path[NF_PATH_MAX], cmd[NF_PATH_MAX + 16];

	(void)arg;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		file_remove(names[i]);
	ck_assert_int_eq(nf_path(path, NULL, "%s/a/local", top), 0);
	/* temporary files that a failure left, which the next run removes */
	if (rmdir(path) != 0 && access(path, F_OK) == 0) {
		(void)snprintf(cmd, sizeof(cmd), "rm -rf '%s'", path);
		ck_assert_int_eq(system(cmd), 0);
	}
	file_remove("a");
}

/* Mark, lock, save a world and two keys, list them. */
static int
store(void *arg, struct nf_buf *result, struct nf_diag *diag)
{
	static const char *const idents[] = { "two", "one" };
	struct nf_km_store_list list = { 0, NULL };
	char dir[NF_PATH_MAX], path[NF_PATH_MAX];
	int fd = -1, r;

	(void)arg;
	if ((r = nf_path(dir, diag, "%s/a/local", top)) != 0 ||
	    (r = nf_km_store_mark(dir, diag)) != 0 ||
	    (r = nf_km_store_lock(dir, &fd, diag)) != 0 ||
	    (r = nf_path(path, diag, "%s/%s", dir, NF_KM_STORE_WORLD)) != 0 ||
	    (r = nf_km_store_save(path, nf_view_of("w", 1), diag)) != 0 ||
	    (r = nf_km_store_check_mark(dir, diag)) != 0)
		goto out;
	for (size_t i = 0; i < 2; i++) {
		if ((r = nf_km_store_key_path(dir, "simple", idents[i], path,
		    diag)) != 0 ||
		    (r = nf_km_store_save(path, nf_view_of("k", 1),
		    diag)) != 0)
			goto out;
	}
	if ((r = nf_km_store_list(dir, &list, diag)) != 0)
		goto out;
	for (size_t i = 0; i < list.n; i++)
		nf_buf_printf(result, "%s %s\n", list.key[i].appname,
		    list.key[i].ident);
	r = sweep_err(r, result, diag);
out:
	nf_km_store_list_free(&list);
	if (fd >= 0)
		(void)close(fd);
	return r;
}

START_TEST(whole_store)
{
	struct sweep s = { .name = "store", .run = store,
	    .undo = store_empty, .io = true };

	sweep(&s, 0);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("kmdata/fail_kmdata");
	TCase *tc = tcase_create("kmdata");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, key_files);
	tcase_add_test(tc, bundles);
	tcase_add_test(tc, whole_store);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
