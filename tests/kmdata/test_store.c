/* SPDX-License-Identifier: Apache-2.0 */
/* The local store, in a directory of its own below the build directory. */
#include "config.h"

#include <sys/stat.h>

#include "nfast/kmdata/store.h"
#include "tests/files.h"

static struct nf_diag diag;
static char top[NF_PATH_MAX], dir[NF_PATH_MAX];

static void
setup(void)
{
	nf_tap_dir("store", top);
	ck_assert_int_eq(nf_path(dir, NULL, "%s/a/local", top), 0);
	nf_diag_clear(&diag);
}

static void
teardown(void)
{
	nf_tap_remove(top);
}

static void
put(const char *name)
{
	char path[NF_PATH_MAX];

	ck_assert_int_eq(nf_path(path, NULL, "%s/%s", dir, name), 0);
	ck_assert_int_eq(nf_km_store_save(path, nf_view_of("x", 1), NULL), 0);
}

START_TEST(places)
{
	char out[NF_PATH_MAX], s[NF_PATH_MAX];

	(void)unsetenv("NFAST_KMLOCAL");
	(void)unsetenv("NFAST_KMDATA");
	(void)unsetenv("NFAST_HOME");
	ck_assert_int_eq(nf_km_store_dir(out, &diag), 0);
	ck_assert_str_eq(out, "/opt/nfast/kmdata/local");
	(void)setenv("NFAST_HOME", "/h", 1);
	ck_assert_int_eq(nf_km_store_dir(out, &diag), 0);
	ck_assert_str_eq(out, "/h/kmdata/local");
	(void)setenv("NFAST_KMDATA", "/d", 1);
	ck_assert_int_eq(nf_km_store_dir(out, &diag), 0);
	ck_assert_str_eq(out, "/d/local");
	(void)setenv("NFAST_KMLOCAL", "/l", 1);
	ck_assert_int_eq(nf_km_store_dir(out, &diag), 0);
	ck_assert_str_eq(out, "/l");
	(void)setenv("NFAST_KMLOCAL", "", 1);
	ck_assert_int_eq(nf_km_store_dir(out, &diag), 0);
	ck_assert_str_eq(out, "/d/local");
	memset(s, 'a', sizeof(s) - 1);
	s[sizeof(s) - 1] = '\0';
	(void)setenv("NFAST_KMDATA", s, 1);
	ck_assert_int_eq(nf_km_store_dir(out, &diag), NF_E_USAGE);
}
END_TEST

/* A world is made where a variable says, not where genuine ones are. */
START_TEST(no_place)
{
	static const char *const names[] = { "NFAST_KMLOCAL", "NFAST_KMDATA",
		"NFAST_HOME" };
	char out[NF_PATH_MAX];

	for (size_t i = 0; i < 3; i++)
		(void)unsetenv(names[i]);
	ck_assert_int_eq(nf_km_store_dir(out, &diag), 0);
	ck_assert_int_eq(nf_km_store_may_make(out, &diag), NF_E_USAGE);
	ck_assert_str_eq(diag.where, out);
	for (size_t i = 0; i < 3; i++) {
		(void)setenv(names[i], "", 1);
		ck_assert_int_eq(nf_km_store_may_make(out, NULL), NF_E_USAGE);
		(void)setenv(names[i], "/opt/nfast", 1);
		ck_assert_int_eq(nf_km_store_may_make(out, NULL), 0);
		(void)unsetenv(names[i]);
	}
}
END_TEST

START_TEST(wrong_kind_of_directory)
{
	char path[NF_PATH_MAX];

	ck_assert_int_eq(nf_dir_make(dir, NULL), 0);
	put("file");
	ck_assert_int_eq(nf_path(path, NULL, "%s/file", dir), 0);
	ck_assert_int_eq(nf_km_store_check_mark(path, &diag), NF_E_IO);
	ck_assert_str_eq(diag.text, "not a directory");
	ck_assert_int_eq(nf_path(path, NULL, "%s/file/local", dir), 0);
	ck_assert_int_eq(nf_km_store_check_mark(path, NULL), NF_E_IO);
	ck_assert_int_eq(nf_km_store_check_mark("/dev/null", NULL), NF_E_IO);
	ck_assert_int_eq(nf_path(path, NULL, "%s/none/local", dir), 0);
	ck_assert_int_eq(nf_km_store_check_mark(path, NULL), NF_E_NOTFOUND);
}
END_TEST

START_TEST(marks_missing_and_empty)
{
	char path[NF_PATH_MAX];

	ck_assert_int_eq(nf_km_store_mark(dir, &diag), 0);
	ck_assert_int_eq(nf_path(path, NULL, "%s/%s", dir, NF_KM_STORE_MARK),
	    0);
	ck_assert(nf_file_exists(path));
	put("world");
	ck_assert_int_eq(nf_km_store_mark(dir, &diag), 0);
	ck_assert_int_eq(nf_km_store_check_mark(dir, &diag), 0);
	nf_tap_remove(dir);
	ck_assert_int_eq(mkdir(dir, 0700), 0);
	ck_assert_int_eq(nf_km_store_mark(dir, &diag), 0);
}
END_TEST

START_TEST(marks_beside_own_leftovers)
{
	int fd;

	ck_assert_int_eq(nf_dir_make(dir, NULL), 0);
	ck_assert_int_eq(nf_km_store_lock(dir, &fd, &diag), 0);
	put(".secworld.aaaaaa");
	ck_assert_int_eq(nf_km_store_mark(dir, &diag), 0);
	(void)close(fd);
}
END_TEST

START_TEST(no_mark)
{
	ck_assert_int_eq(nf_dir_make(dir, NULL), 0);
	put("world");
	ck_assert_int_eq(nf_km_store_check_mark(dir, &diag), NF_E_POLICY);
	ck_assert_str_eq(diag.where, dir);
	nf_diag_clear(&diag);
	ck_assert_int_eq(nf_km_store_mark(dir, &diag), NF_E_POLICY);
	ck_assert_str_eq(diag.text,
	    "holds files that the simulator did not make");
}
END_TEST

START_TEST(unknown_file)
{
	ck_assert_int_eq(nf_dir_make(dir, NULL), 0);
	put("module_8938-1075-88BB");
	ck_assert_int_eq(nf_km_store_mark(dir, &diag), NF_E_POLICY);
}
END_TEST

START_TEST(wrong_mark_kind)
{
	char path[NF_PATH_MAX];

	/* A symbolic link is no mark. */
	ck_assert_int_eq(nf_dir_make(dir, NULL), 0);
	put("world");
	ck_assert_int_eq(nf_path(path, NULL, "%s/%s", dir, NF_KM_STORE_MARK),
	    0);
	ck_assert_int_eq(symlink("world", path), 0);
	ck_assert_int_eq(nf_km_store_check_mark(dir, &diag), NF_E_POLICY);
	ck_assert_int_eq(nf_km_store_mark(dir, NULL), NF_E_POLICY);
}
END_TEST

START_TEST(no_world)
{
	ck_assert_int_eq(nf_km_store_check_mark(dir, &diag), NF_E_NOTFOUND);
	ck_assert_int_eq(nf_km_store_mark(dir, NULL), 0);
	ck_assert_int_eq(nf_km_store_check_mark(dir, NULL), NF_E_NOTFOUND);
}
END_TEST

START_TEST(locks)
{
	int fd;

	ck_assert_int_eq(nf_km_store_lock(dir, &fd, &diag), NF_E_IO);
	ck_assert_int_eq(fd, -1);
	ck_assert_int_eq(nf_dir_make(dir, NULL), 0);
	ck_assert_int_eq(nf_km_store_lock(dir, &fd, NULL), 0);
	ck_assert_int_ge(fd, 0);
	(void)close(fd);
	ck_assert_int_eq(nf_km_store_lock(dir, &fd, NULL), 0);
	(void)close(fd);
}
END_TEST

START_TEST(key_paths)
{
	char out[NF_PATH_MAX];

	ck_assert_int_eq(nf_km_store_key_path("/l", "simple", "a-1", out,
	    &diag), 0);
	ck_assert_str_eq(out, "/l/key_simple_a-1");
	ck_assert_int_eq(nf_km_store_key_path("/l", "simple", "a_1", out,
	    &diag), NF_E_USAGE);
	ck_assert_str_eq(diag.field, "ident");
	nf_diag_clear(&diag);
	ck_assert_int_eq(nf_km_store_key_path("/l", "../x", "a", out, &diag),
	    NF_E_USAGE);
	ck_assert_str_eq(diag.field, "appname");
	ck_assert_int_eq(nf_km_store_key_path("/l", "simple", "", out, NULL),
	    NF_E_USAGE);
	ck_assert_int_eq(nf_km_store_key_path("/l", "simple", "A", out, NULL),
	    NF_E_USAGE);
}
END_TEST

START_TEST(saves_private)
{
	char path[NF_PATH_MAX];
	struct stat st;

	ck_assert_int_eq(nf_dir_make(dir, NULL), 0);
	put("world");
	put("world");
	ck_assert_int_eq(nf_path(path, NULL, "%s/world", dir), 0);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	ck_assert_int_eq(st.st_size, 1);
}
END_TEST

START_TEST(lists_sorted)
{
	struct nf_km_store_list list;
	struct nf_buf buf = NF_BUF_INIT;
	static const char *const names[] = { "key_simple_b", "key_simple_a",
	    "key_pkcs11_ua0123", "key_xferacId_a", "key_simple_10",
	    /* Not key files: */
	    "world", "key_simple", "key__a", "key_simple_", "key_simple_a.att",
	    "key_simple_a_b", "key_simple_A", "key_simple_a~",
	    "module_1-2-3" };

	ck_assert_int_eq(nf_dir_make(dir, NULL), 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		put(names[i]);
	ck_assert_int_eq(nf_km_store_list(dir, &list, &diag), 0);
	for (size_t i = 0; i < list.n; i++)
		nf_buf_printf(&buf, "%s %s\n", list.key[i].appname,
		    list.key[i].ident);
	ck_assert_str_eq(nf_buf_text(&buf), "pkcs11 ua0123\nsimple 10\n"
	    "simple a\nsimple b\nxferacId a\n");
	nf_buf_wipe(&buf);
	nf_km_store_list_free(&list);
	ck_assert_ptr_null(list.key);
}
END_TEST

START_TEST(lists_many)
{
	struct nf_km_store_list list;
	char name[40];

	ck_assert_int_eq(nf_km_store_mark(dir, NULL), 0);
	ck_assert_int_eq(nf_km_store_list(dir, &list, &diag), 0);
	ck_assert_uint_eq(list.n, 0);
	nf_km_store_list_free(&list);
	for (int i = 0; i < 130; i++) {
		(void)snprintf(name, sizeof(name), "key_simple_%03d", i);
		put(name);
	}
	ck_assert_int_eq(nf_km_store_list(dir, &list, &diag), 0);
	ck_assert_uint_eq(list.n, 130);
	ck_assert_str_eq(list.key[129].ident, "129");
	nf_km_store_list_free(&list);
}
END_TEST

START_TEST(no_directory)
{
	struct nf_km_store_list list;

	ck_assert_int_eq(nf_km_store_list(dir, &list, &diag), NF_E_NOTFOUND);
	ck_assert_ptr_null(list.key);
	ck_assert_str_eq(diag.where, dir);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("kmdata/store");
	TCase *tc = tcase_create("store");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, places);
	tcase_add_test(tc, no_place);
	tcase_add_test(tc, wrong_kind_of_directory);
	tcase_add_test(tc, marks_missing_and_empty);
	tcase_add_test(tc, marks_beside_own_leftovers);
	tcase_add_test(tc, no_mark);
	tcase_add_test(tc, unknown_file);
	tcase_add_test(tc, wrong_mark_kind);
	tcase_add_test(tc, no_world);
	tcase_add_test(tc, locks);
	tcase_add_test(tc, key_paths);
	tcase_add_test(tc, saves_private);
	tcase_add_test(tc, lists_sorted);
	tcase_add_test(tc, lists_many);
	tcase_add_test(tc, no_directory);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
