/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The zip reader, its extraction and the zip writer with each call of a
 * library failing in turn.  Region packages are in verify/test_fail_audit.
 */
#include "config.h"

#include <sys/stat.h>

#include <fcntl.h>

#include "kek-packages/zip.h"
#include "kek-packages/zipwrite.h"
#include "tests/files.h"
#include "tests/kek-packages/zipsamples.h"
#include "tests/sweep.h"

static char dir[NF_PATH_MAX];

static void
setup(void)
{
	nf_tap_dir("fail-zip", dir);
}

static void
path_of(const char *name, char out[static 2 * NF_PATH_MAX])
{
	(void)snprintf(out, 2 * NF_PATH_MAX, "%s/%s", dir, name);
}

static void
put_file(const char *name, const struct nf_buf *buf)
{
	char path[2 * NF_PATH_MAX];

	path_of(name, path);
	ck_assert_int_eq(nf_file_write_new(path, 0600, nf_buf_view(buf),
	    NULL), 0);
}

static void
remove_file(const char *name)
{
	char path[2 * NF_PATH_MAX];

	path_of(name, path);
	(void)unlink(path);
	(void)rmdir(path);
}

static void
teardown(void)
{
	remove_file("zip");
	ck_assert_int_eq(rmdir(dir), 0);
}

/* ---- archives ---- */

struct archive {
	const struct zs_sample *sample;
	struct nf_buf bytes;
	bool from_memory;
};

static void
entries_print(const struct nf_zip *zip, struct nf_buf *out)
{
	for (size_t i = 0; i < nf_zip_count(zip); i++) {
		const struct nf_zip_entry *e = nf_zip_entry(zip, i);

		nf_buf_printf(out, "%s %llu %08x %d\n", e->name,
		    (unsigned long long)e->size, e->crc, e->verified);
	}
}

/* Open, verify all, read the first file once more. */
static int
zip_read(void *arg, struct nf_buf *result, struct nf_diag *diag)
{
	const struct archive *a = arg;
	char path[2 * NF_PATH_MAX];
	struct nf_zip *zip = NULL;
	int fd = -1, r;

	if (a->from_memory)
		r = nf_zip_open_mem(nf_buf_view(&a->bytes), NULL, &zip,
		    diag);
	else {
		path_of("zip", path);
		if ((fd = open(path, O_RDONLY)) < 0)
			return nf_diag_set(diag, NF_E_IO, NULL, "open");
		r = nf_zip_open_fd(fd, NULL, &zip, diag);
	}
	NF_REQUIRE((r == 0) == (zip != NULL));
	if (r == 0 && (r = nf_zip_verify(zip, diag)) == 0) {
		entries_print(zip, result);
		if (nf_zip_count(zip) > 0)
			r = nf_zip_read(zip, 0, 1 << 20, result, diag);
		if (r == NF_E_NOMEM)
			(void)nf_diag_set(diag, r, NULL, "result");
	}
	if (r == 0 && (r = nf_buf_err(result)) != 0)
		(void)nf_diag_set(diag, r, NULL, "result");
	nf_zip_free(zip);
	if (fd >= 0)
		(void)close(fd);
	return r;
}

START_TEST(every_sample)
{
	struct archive a = { .sample = &zs_samples[_i], .bytes = NF_BUF_INIT };
	struct sweep s = { .name = a.sample->name, .run = zip_read,
	    .arg = &a, .io = true };

	zs_make(a.sample, &a.bytes);
	put_file("zip", &a.bytes);
	sweep(&s, a.sample->field == NULL ? 0 : NF_E_FORMAT);
	a.from_memory = true;
	s.io = false;
	sweep(&s, a.sample->field == NULL ? 0 : NF_E_FORMAT);
	nf_buf_wipe(&a.bytes);
}
END_TEST

static const struct zs_sample extracted = { .name = "tree", .e = {
	{ .name = "a" , .data = "the quick brown fox" },
	{ .name = "d/e/b", .data = "aaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	    .deflate = true },
	{ .name = "f/" } } };

static void
extracted_remove(void *arg)
{
	static const char *const names[] = { "x/a", "x/d/e/b", "x/d/e", "x/d",
		"x/f" };

	(void)arg;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		remove_file(names[i]);
}

static int
zip_extract(void *arg, struct nf_buf *result, struct nf_diag *diag)
{
	const struct archive *a = arg;
	char path[2 * NF_PATH_MAX];
	struct nf_zip *zip;
	int r;

	if ((r = nf_zip_open_mem(nf_buf_view(&a->bytes), NULL, &zip,
	    diag)) != 0)
		return r;
	path_of("x", path);
	r = nf_zip_extract(zip, path, diag);
	nf_zip_free(zip);
	path_of("x/d/e/b", path);
	if (r == 0 && (r = nf_file_load(path, 100, result, diag)) != 0)
		(void)nf_diag_set(diag, r, NULL, "result");
	return r;
}

START_TEST(extraction)
{
	struct archive a = { .bytes = NF_BUF_INIT };
	struct sweep s = { .name = "extract", .run = zip_extract,
	    .undo = extracted_remove, .arg = &a, .io = true };
	char path[2 * NF_PATH_MAX];

	zs_make(&extracted, &a.bytes);
	path_of("x", path);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	sweep(&s, 0);
	ck_assert_int_eq(rmdir(path), 0);
	nf_buf_wipe(&a.bytes);
}
END_TEST

static int
zip_write(void *arg, struct nf_buf *result, struct nf_diag *diag)
{
	static const char text[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
	const struct nf_zip_file file[] = {
		{ .name = "a", .bytes = nf_view_of(text, 40),
		    .deflate = true },
		{ .name = "b", .bytes = nf_view_of(text, 7) }
	};
	int r = nf_zip_write(result, file, 2, "comment");

	(void)arg;
	(void)nf_diag_set(diag, r, NULL, "write");
	return r;
}

START_TEST(writer)
{
	struct sweep s = { .name = "write", .run = zip_write };

	sweep(&s, 0);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("kek-packages/fail_zip");
	TCase *tc = tcase_create("zip");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, every_sample, 0, (int)zs_samples_n);
	tcase_add_test(tc, extraction);
	tcase_add_test(tc, writer);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
