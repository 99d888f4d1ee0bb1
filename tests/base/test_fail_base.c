/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files, worker pools and libcrypto's part with each call of a library
 * failing in turn.  A file that is replaced is the old one or the new one.
 */
#include "config.h"

#include <sys/stat.h>

#include <dirent.h>

#include "nfast/base/keywrap.h"
#include "nfast/base/pkey.h"
#include "nfast/base/pool.h"
#include "tests/files.h"
#include "tests/sweep.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>

#define OLD	"the old content"
#define NEW	"the new content, which is longer"

static char dir[NF_PATH_MAX];

static void
setup(void)
{
	nf_tap_dir("fail-base", dir);
}

static void
empty(void *arg)
{
	char path[2 * NF_PATH_MAX];
	struct dirent *e;
	DIR *d = opendir(dir);

	(void)arg;
	ck_assert_ptr_nonnull(d);
	while ((e = readdir(d)) != NULL) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		if (strcmp(e->d_name, ".") != 0 &&
		    strcmp(e->d_name, "..") != 0)
			(void)remove(path);
	}
	(void)closedir(d);
}

static void
teardown(void)
{
	empty(NULL);
	ck_assert_int_eq(rmdir(dir), 0);
}

static void
path_of(const char *name, char path[static NF_PATH_MAX])
{
	NF_REQUIRE(nf_path(path, NULL, "%s/%s", dir, name) == 0);
}

/* ---- files ---- */

static int
replace(void *arg, struct nf_buf *result, struct nf_diag *diag)
{
	char path[NF_PATH_MAX];
	struct nf_buf back = NF_BUF_INIT;
	int fd = -1, r;

	(void)arg;
	path_of("lock", path);
	if ((r = nf_file_lock(path, 0, &fd, diag)) != 0)
		return r;
	path_of("file", path);
	if ((r = nf_file_write_atomic(path, 0600, nf_view_of(NEW,
	    strlen(NEW)), diag)) == 0)
		r = nf_file_load(path, 100, &back, diag);
	nf_buf_view_put(result, nf_buf_view(&back));
	if (r == 0 && (r = nf_buf_err(result)) != 0)
		(void)nf_diag_set(diag, r, NULL, "result");
	nf_buf_wipe(&back);
	(void)close(fd);
	return r;
}

/* Old or new, and nothing in between; then the old one again. */
static void
old_again(void *arg)
{
	struct nf_buf now = NF_BUF_INIT;
	char path[NF_PATH_MAX];

	(void)arg;
	path_of("file", path);
	if (nf_file_exists(path)) {
		ck_assert_int_eq(nf_file_load(path, 100, &now, NULL), 0);
		ck_assert(nf_view_is(nf_buf_view(&now), OLD) ||
		    nf_view_is(nf_buf_view(&now), NEW));
		nf_buf_wipe(&now);
	}
	empty(NULL);
	ck_assert_int_eq(nf_file_write_new(path, 0600, nf_view_of(OLD,
	    strlen(OLD)), NULL), 0);
}

START_TEST(replacing)
{
	struct sweep s = { .name = "replace", .run = replace,
	    .undo = old_again, .io = true };

	old_again(NULL);
	sweep(&s, 0);
}
END_TEST

/* A new file in new directories, and its removal. */
static int
create(void *arg, struct nf_buf *result, struct nf_diag *diag)
{
	char path[NF_PATH_MAX];
	int r;

	(void)arg;
	path_of("new", path);
	if ((r = nf_file_write_new(path, 0644, nf_view_of(NEW, strlen(NEW)),
	    diag)) == 0) {
		nf_buf_u8(result, nf_file_exists(path));
		r = nf_file_remove(path, diag);
	}
	if (r == 0) {
		path_of("sub", path);
		r = nf_dir_make(path, diag);
	}
	if (r == 0 && (r = nf_buf_err(result)) != 0)
		(void)nf_diag_set(diag, r, NULL, "result");
	return r;
}

START_TEST(creating)
{
	struct sweep s = { .name = "create", .run = create, .undo = empty,
	    .io = true };

	sweep(&s, 0);
}
END_TEST

/* ---- pools ---- */

struct jobs {
	size_t workers, next;
	unsigned long sum;
};

/* In a process of its own a worker is left in peace. */
static void *
start(void *arg)
{
	struct jobs *j = arg;

	if (j->workers > 1)
		nf_fail_off();
	return calloc(1, 1);
}

static bool
next(void *arg, struct nf_buf *job)
{
	struct jobs *j = arg;

	if (j->next == 40)
		return false;
	nf_buf_u32(job, (uint32_t)j->next++);
	return true;
}

static void
work(void *state, struct nf_view job, struct nf_buf *result)
{
	(void)state;
	nf_buf_view_put(result, job);
	nf_buf_fill(result, 7, 3000);
}

static int
done(void *arg, struct nf_view job, struct nf_view result, bool died)
{
	struct jobs *j = arg;

	if (died || result.len != job.len + 3000)
		return NF_E_IO;
	j->sum += result.p[0];
	return 0;
}

static int
pool(void *arg, struct nf_buf *result, struct nf_diag *diag)
{
	struct jobs j = { .workers = *(const size_t *)arg };
	const struct nf_pool p = { .workers = j.workers, .arg = &j,
	    .start = start, .stop = free, .next = next, .work = work,
	    .done = done };
	int r = nf_pool_run(&p, diag);

	if (r == 0) {
		nf_buf_printf(result, "%lu", j.sum);
		if ((r = nf_buf_err(result)) != 0)
			(void)nf_diag_set(diag, r, NULL, "result");
	}
	return r;
}

START_TEST(pools)
{
	static const size_t workers[] = { 1, 2 };
	size_t n = workers[_i];
	struct sweep s = { .name = n == 1 ? "alone" : "workers",
	    .run = pool, .arg = &n, .io = true };

	sweep(&s, 0);
}
END_TEST

/* ---- libcrypto ---- */

static int
seal(void *arg, struct nf_buf *result, struct nf_diag *diag)
{
	struct nf_buf c1 = NF_BUF_INIT, c2 = NF_BUF_INIT;
	int r = nf_keywrap_seal(arg, nf_view_of(OLD, strlen(OLD)), &c1, &c2,
	    diag);

	if (r == 0) {
		nf_buf_printf(result, "%zu %zu", c1.len, c2.len);
		if ((r = nf_buf_err(result)) != 0)
			(void)nf_diag_set(diag, r, NULL, "result");
	}
	nf_buf_wipe(&c1);
	nf_buf_wipe(&c2);
	return r;
}

START_TEST(sealing)
{
	EVP_PKEY *kek = EVP_RSA_gen(2048);
	struct sweep s = { .name = "seal", .run = seal, .arg = kek };

	sweep(&s, 0);
	EVP_PKEY_free(kek);
}
END_TEST

static int
curve(void *arg, struct nf_buf *result, struct nf_diag *diag)
{
	const struct nf_curve *c = arg;
	int r = nf_curve_hash_block(c, result);

	if (r == 0)
		r = nf_buf_err(result);
	(void)nf_diag_set(diag, r, NULL, "curve");
	return r;
}

START_TEST(curves)
{
	struct sweep s = { .name = "curve", .run = curve,
	    .arg = (void *)(uintptr_t)nf_curve_find(NF_EC_P521) };

	sweep(&s, 0);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("base/fail_base");
	TCase *tc = tcase_create("base");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, replacing);
	tcase_add_test(tc, creating);
	tcase_add_loop_test(tc, pools, 0, 2);
	tcase_add_test(tc, sealing);
	tcase_add_test(tc, curves);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
