/* SPDX-License-Identifier: Apache-2.0 */
/* Files: bounded reading, atomic writing, locks. */
#include "config.h"

#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <dirent.h>
#include <fcntl.h>
#include <time.h>

#include "tests/files.h"

static char top[NF_PATH_MAX];
static char path[NF_PATH_MAX];

/* Each case gets a directory of its own, with its "path" in it. */
static void
setup(void)
{
	nf_tap_dir("test_file", top);
	ck_assert_int_eq(nf_path(path, NULL, "%s/file", top), 0);
}

static void
teardown(void)
{
	nf_tap_remove(top);
}

/* Only the names given are in the directory: no temporary file is left. */
static void
check_entries(size_t want)
{
	struct dirent *e;
	DIR *d = opendir(top);
	size_t n = 0;

	ck_assert_ptr_nonnull(d);
	while ((e = readdir(d)) != NULL)
		n += strcmp(e->d_name, ".") != 0 &&
		    strcmp(e->d_name, "..") != 0;
	(void)closedir(d);
	ck_assert_uint_eq(n, want);
}

static struct nf_view
text(const char *s)
{
	return nf_view_of(s, strlen(s));
}

static void
check_content(const char *want)
{
	struct nf_buf buf = NF_BUF_INIT;

	ck_assert_int_eq(nf_file_load(path, 100, &buf, NULL), 0);
	ck_assert(nf_view_is(nf_buf_view(&buf), want));
	nf_buf_wipe(&buf);
}

static mode_t
mode_of(const char *name)
{
	struct stat st;

	ck_assert_int_eq(lstat(name, &st), 0);
	return st.st_mode & 07777;
}

START_TEST(atomic_write)
{
	struct nf_diag diag = { 0 };

	ck_assert(!nf_file_exists(path));
	ck_assert_int_eq(nf_file_write_atomic(path, 0600, text("one"),
	    &diag), 0);
	check_content("one");
	ck_assert_uint_eq(mode_of(path), 0600);
	ck_assert_int_eq(nf_file_write_atomic(path, 0644, text("two"),
	    &diag), 0);
	check_content("two");
	ck_assert_uint_eq(mode_of(path), 0644);
	ck_assert_int_eq(nf_file_write_atomic(path, 0600,
	    nf_view_of(NULL, 0), &diag), 0);
	check_content("");
	check_entries(1);
}
END_TEST

/* A link is replaced, not followed. */
START_TEST(write_over_link)
{
	char other[NF_PATH_MAX];
	struct stat st;

	ck_assert_int_eq(nf_path(other, NULL, "%s/other", top), 0);
	ck_assert_int_eq(nf_file_write_atomic(other, 0600, text("kept"),
	    NULL), 0);
	ck_assert_int_eq(symlink(other, path), 0);
	ck_assert_int_eq(nf_file_write_new(path, 0600, text("new"), NULL),
	    NF_E_EXISTS);
	ck_assert_int_eq(nf_file_write_atomic(path, 0600, text("new"),
	    NULL), 0);
	ck_assert_int_eq(lstat(path, &st), 0);
	ck_assert(S_ISREG(st.st_mode));
	check_content("new");
	ck_assert_int_eq(nf_path(path, NULL, "%s", other), 0);
	check_content("kept");
	check_entries(2);
}
END_TEST

START_TEST(write_new_refuses)
{
	struct nf_diag diag = { 0 };

	ck_assert_int_eq(nf_file_write_new(path, 0600, text("one"), &diag),
	    0);
	ck_assert_int_eq(nf_file_write_new(path, 0600, text("two"), &diag),
	    NF_E_EXISTS);
	ck_assert_int_eq(diag.code, NF_E_EXISTS);
	ck_assert_str_eq(diag.where, path);
	check_content("one");
	check_entries(1);
}
END_TEST

START_TEST(no_directory)
{
	struct nf_diag diag = { 0 };
	char name[NF_PATH_MAX];

	ck_assert_int_eq(nf_path(name, NULL, "%s/none/file", top), 0);
	ck_assert_int_eq(nf_file_write_atomic(name, 0600, text("x"), &diag),
	    NF_E_IO);
	ck_assert_str_eq(diag.where, name);
	check_entries(0);
}
END_TEST

START_TEST(directory_for_file)
{
	struct nf_buf buf = NF_BUF_INIT;
	struct nf_diag diag = { 0 };

	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_assert_int_eq(nf_file_load(path, 100, &buf, &diag), NF_E_IO);
	ck_assert_str_eq(diag.where, path);
	nf_diag_clear(&diag);
	ck_assert_int_eq(nf_file_write_atomic(path, 0600, text("x"), &diag),
	    NF_E_IO);
	ck_assert_int_eq(nf_file_write_new(path, 0600, text("x"), NULL),
	    NF_E_EXISTS);
	check_entries(1);
	nf_buf_wipe(&buf);
}
END_TEST

START_TEST(no_file)
{
	struct nf_buf buf = NF_BUF_INIT;
	struct nf_diag diag = { 0 };

	ck_assert_int_eq(nf_file_load(path, 100, &buf, &diag),
	    NF_E_NOTFOUND);
	ck_assert_str_eq(diag.where, path);
	ck_assert_int_eq(nf_file_remove(path, NULL), 0);
	nf_buf_wipe(&buf);
}
END_TEST

START_TEST(max_size)
{
	struct nf_buf buf = NF_BUF_INIT;
	struct nf_diag diag = { 0 };

	ck_assert_int_eq(nf_file_write_atomic(path, 0600,
	    text("0123456789"), NULL), 0);
	ck_assert_int_eq(nf_file_load(path, 10, &buf, &diag), 0);
	nf_buf_wipe(&buf);
	ck_assert_int_eq(nf_file_load(path, 9, &buf, &diag), NF_E_FORMAT);
	ck_assert_int_eq(diag.code, NF_E_FORMAT);
	ck_assert_str_eq(diag.where, path);
	nf_buf_wipe(&buf);
}
END_TEST

/* A named pipe without a writer is refused at once. */
START_TEST(pipe_for_file)
{
	struct nf_buf buf = NF_BUF_INIT;

	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_int_eq(nf_file_load(path, 100, &buf, NULL), NF_E_IO);
	nf_buf_wipe(&buf);
}
END_TEST

START_TEST(removal)
{
	ck_assert_int_eq(nf_file_write_new(path, 0600, text("x"), NULL), 0);
	ck_assert_int_eq(nf_file_remove(path, NULL), 0);
	ck_assert(!nf_file_exists(path));
	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_assert_int_eq(nf_file_remove(path, NULL), NF_E_IO);
}
END_TEST

START_TEST(same)
{
	char other[NF_PATH_MAX];

	ck_assert_int_eq(nf_path(other, NULL, "%s/other", top), 0);
	ck_assert(!nf_file_same(path, path));
	ck_assert_int_eq(nf_file_write_new(path, 0600, text("x"), NULL), 0);
	ck_assert(nf_file_same(path, path));
	ck_assert(!nf_file_same(path, other));
	ck_assert(!nf_file_same(other, path));
	ck_assert_int_eq(link(path, other), 0);
	ck_assert(nf_file_same(path, other));
	ck_assert_int_eq(unlink(other), 0);
	ck_assert_int_eq(nf_file_write_new(other, 0600, text("x"), NULL), 0);
	ck_assert(!nf_file_same(path, other));
}
END_TEST

START_TEST(unchanged)
{
	const struct timespec then[2] = { { .tv_sec = 1 }, { .tv_sec = 1 } };
	struct nf_diag diag = { 0 };
	struct stat was;
	int fd;

	ck_assert_int_eq(nf_file_write_new(path, 0600, text("x"), NULL), 0);
	ck_assert_int_ge(fd = open(path, O_RDWR | O_APPEND), 0);
	ck_assert_int_eq(fstat(fd, &was), 0);
	ck_assert_int_eq(nf_file_unchanged(fd, &was, &diag), 0);
	ck_assert_int_eq(futimens(fd, then), 0);
	ck_assert_int_eq(nf_file_unchanged(fd, &was, &diag), NF_E_IO);
	ck_assert_str_eq(diag.text, "changed while it was read");
	ck_assert_int_eq(fstat(fd, &was), 0);
	ck_assert_int_eq(write(fd, "y", 1), 1);
	ck_assert_int_eq(futimens(fd, then), 0);
	ck_assert_int_eq(nf_file_unchanged(fd, &was, NULL), NF_E_IO);
	ck_assert_int_eq(close(fd), 0);
	ck_assert_int_eq(nf_file_unchanged(-1, &was, NULL), NF_E_IO);
}
END_TEST

START_TEST(directories)
{
	struct nf_diag diag = { 0 };
	char deep[NF_PATH_MAX], file[NF_PATH_MAX];

	ck_assert_int_eq(nf_path(deep, NULL, "%s/a/b/c", top), 0);
	ck_assert(nf_dir_empty(deep));
	ck_assert_int_eq(nf_dir_make(deep, &diag), 0);
	ck_assert_int_eq(nf_dir_make(deep, &diag), 0);
	ck_assert(nf_dir_empty(deep));
	ck_assert_uint_eq(mode_of(deep), 0700);
	ck_assert_int_eq(nf_path(file, NULL, "%s/a/b/c/f", top), 0);
	ck_assert_int_eq(nf_file_write_new(file, 0600, text("x"), NULL), 0);
	ck_assert(!nf_dir_empty(deep));
	ck_assert_int_eq(nf_dir_make(file, &diag), NF_E_IO);
	ck_assert_str_eq(diag.where, file);
}
END_TEST

/* Deeper than a path a level would fit the stack. */
START_TEST(max_depth_under_a_file)
{
	struct nf_diag diag = { 0 };
	char deep[NF_PATH_MAX], file[NF_PATH_MAX];
	size_t n;

	ck_assert_int_eq(nf_path(file, NULL, "%s/plain", top), 0);
	ck_assert_int_eq(nf_file_write_new(file, 0600, text("x"), NULL), 0);
	n = strlen(file);
	memcpy(deep, file, n);
	for (; n + 2 < sizeof(deep); n += 2)
		memcpy(deep + n, "/d", 3);
	ck_assert_int_eq(nf_dir_make(deep, &diag), NF_E_IO);
	ck_assert_str_eq(diag.where, file);
}
END_TEST

START_TEST(lock_busy)
{
	struct nf_diag diag = { 0 };
	int fd, second = 99;

	ck_assert_int_eq(nf_file_lock(path, 0, &fd, &diag), 0);
	ck_assert_int_ge(fd, 0);
	ck_assert_uint_eq(mode_of(path), 0600);
	ck_assert_int_eq(nf_file_lock(path, 0, &second, &diag), NF_E_BUSY);
	ck_assert_int_eq(second, -1);
	ck_assert_str_eq(diag.where, path);
	ck_assert_int_eq(close(fd), 0);
	ck_assert_int_eq(nf_file_lock(path, 0, &second, NULL), 0);
	ck_assert_int_eq(close(second), 0);
}
END_TEST

/* Another process holds it for a moment; we wait and get it. */
START_TEST(lock_waits)
{
	int fd, ready[2], status;
	pid_t pid;
	char c;

	ck_assert_int_eq(pipe(ready), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		if (nf_file_lock(path, 0, &fd, NULL) != 0 ||
		    write(ready[1], "x", 1) != 1)
			_exit(1);
		(void)nanosleep(&(struct timespec){ 0, 100000000 }, NULL);
		_exit(0);
	}
	ck_assert_int_eq(read(ready[0], &c, 1), 1);
	ck_assert_int_eq(nf_file_lock(path, 120, &fd, NULL), 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	(void)close(fd);
	(void)close(ready[0]);
	(void)close(ready[1]);
}
END_TEST

START_TEST(lock_link)
{
	int fd = 99;

	ck_assert_int_eq(symlink("elsewhere", path), 0);
	ck_assert_int_eq(nf_file_lock(path, 0, &fd, NULL), NF_E_IO);
	ck_assert_int_eq(fd, -1);
}
END_TEST

START_TEST(max_path)
{
	char out[NF_PATH_MAX], in[NF_PATH_MAX + 1];
	struct nf_diag diag = { 0 };

	memset(in, 'a', sizeof(in));
	in[NF_PATH_MAX] = '\0';
	ck_assert_int_eq(nf_path(out, &diag, "%s", in), NF_E_USAGE);
	ck_assert_int_eq(diag.code, NF_E_USAGE);
	in[NF_PATH_MAX - 1] = '\0';
	ck_assert_int_eq(nf_path(out, NULL, "%s", in), 0);
	/* too long for its temporary neighbour */
	ck_assert_int_ne(nf_file_write_atomic(in, 0600, text("x"), NULL), 0);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("base/file");
	TCase *tc = tcase_create("file");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, atomic_write);
	tcase_add_test(tc, write_over_link);
	tcase_add_test(tc, write_new_refuses);
	tcase_add_test(tc, no_directory);
	tcase_add_test(tc, directory_for_file);
	tcase_add_test(tc, no_file);
	tcase_add_test(tc, max_size);
	tcase_add_test(tc, pipe_for_file);
	tcase_add_test(tc, removal);
	tcase_add_test(tc, same);
	tcase_add_test(tc, unchanged);
	tcase_add_test(tc, directories);
	tcase_add_test(tc, max_depth_under_a_file);
	tcase_add_test(tc, lock_busy);
	tcase_add_test(tc, lock_waits);
	tcase_add_test(tc, lock_link);
	tcase_add_test(tc, max_path);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
