/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The zip reader and writer: the samples of zipsamples.c, truncations, bit
 * flips, and caps.  With "--write DIR" it writes the samples as files for
 * zip.tap, with "--read FILE" it reads an archive as a tool would: exit 0, or
 * 3 with "field: text" on stdout.
 */
#include "config.h"

#include <fcntl.h>

#include "kek-packages/zip.h"
#include "kek-packages/zipwrite.h"
#include "tests/kek-packages/zipsamples.h"
#include "tests/tap.h"

static struct nf_diag diag;

/* Open and verify all; 0 or the code. */
static int
read_all(struct nf_view v, const struct nf_zip_limits *limits)
{
	struct nf_zip *zip;
	int r;

	nf_diag_clear(&diag);
	if ((r = nf_zip_open_mem(v, limits, &zip, &diag)) != 0)
		return r;
	r = nf_zip_verify(zip, &diag);
	nf_zip_free(zip);
	return r;
}

static const struct zs_sample *
sample(const char *name)
{
	for (size_t i = 0; i < zs_samples_n; i++) {
		if (strcmp(zs_samples[i].name, name) == 0)
			return &zs_samples[i];
	}
	ck_abort_msg("no sample %s", name);
	return NULL;
}

START_TEST(every_sample)
{
	const struct zs_sample *s = &zs_samples[_i];
	struct nf_buf buf = NF_BUF_INIT;
	int r;

	zs_make(s, &buf);
	r = read_all(nf_buf_view(&buf), NULL);
	if (s->field == NULL) {
		ck_assert_msg(r == 0, "%s: %s: %s", s->name, diag.field,
		    diag.text);
	} else {
		ck_assert_msg(r == NF_E_FORMAT, "%s: not refused", s->name);
		ck_assert_msg(strcmp(diag.field, s->field) == 0,
		    "%s: %s: %s", s->name, diag.field, diag.text);
		ck_assert_msg(strstr(diag.text, s->text) != NULL,
		    "%s: %s", s->name, diag.text);
	}
	nf_buf_wipe(&buf);
}
END_TEST

START_TEST(entries)
{
	struct nf_buf buf = NF_BUF_INIT, data = NF_BUF_INIT;
	const struct nf_zip_entry *e;
	struct nf_zip *zip;

	zs_make(sample("backslashes"), &buf);
	ck_assert(nf_zip_is(nf_buf_view(&buf)));
	ck_assert_int_eq(nf_zip_open_mem(nf_buf_view(&buf), NULL, &zip,
	    &diag), 0);
	ck_assert_uint_eq(nf_zip_count(zip), 2);
	ck_assert_uint_eq(nf_zip_folded(zip), 2);
	ck_assert_str_eq(nf_zip_entry(zip, 0)->name, "d");
	ck_assert(nf_zip_entry(zip, 0)->is_dir);
	e = nf_zip_entry(zip, 1);
	ck_assert_str_eq(e->name, "d/a.txt");
	ck_assert(!e->is_dir && e->folded && !e->verified);
	ck_assert_int_eq(nf_zip_read(zip, 1, e->size, &data, &diag), 0);
	ck_assert(e->verified);
	ck_assert_uint_eq(data.len, e->size);
	ck_assert_mem_eq(data.p, "the quick", 9);
	ck_assert_int_eq(nf_zip_read(zip, 1, e->size - 1, &data, &diag),
	    NF_E_FORMAT);
	ck_assert_str_eq(diag.field, "zip-entry-size");
	nf_zip_free(zip);
	nf_buf_wipe(&data);
	nf_buf_wipe(&buf);
}
END_TEST

/* No cut archive is accepted, whatever it holds. */
START_TEST(every_truncation)
{
	static const char *const names[] = { "stored", "deflated", "zip64",
		"comment", "descriptor24", "directory" };

	for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
		struct nf_buf buf = NF_BUF_INIT;

		zs_make(sample(names[k]), &buf);
		for (size_t n = 0; n < buf.len; n++) {
			ck_assert_int_eq(read_all(nf_view_of(buf.p, n), NULL),
			    NF_E_FORMAT);
			ck_assert_str_ne(diag.field, "");
		}
		nf_buf_wipe(&buf);
	}
}
END_TEST

/*
 * A flipped bit is refused, or changes nothing that is read but the fields
 * that both headers are free in.  In the data of an entry it always shows, but
 * for the bits after the end of a deflated stream.
 */
START_TEST(every_bit)
{
	struct nf_buf buf = NF_BUF_INIT;
	const struct nf_zip_entry *e;
	size_t data, packed, accepted = 0;
	struct nf_zip *zip;

	zs_make(sample("deflated"), &buf);
	ck_assert_int_eq(nf_zip_open_mem(nf_buf_view(&buf), NULL, &zip,
	    &diag), 0);
	e = nf_zip_entry(zip, 0);
	data = (size_t)e->data;
	packed = (size_t)e->packed;
	nf_zip_free(zip);
	for (size_t i = 0; i < 8 * buf.len; i++) {
		int r;

		buf.p[i / 8] ^= (uint8_t)(1u << i % 8);
		r = read_all(nf_buf_view(&buf), NULL);
		ck_assert(r == 0 || r == NF_E_FORMAT);
		if (r == 0) {
			accepted++;
			/* the last byte may end in unused bits */
			ck_assert(i / 8 < data ||
			    i / 8 >= data + packed - 1);
		}
		buf.p[i / 8] ^= (uint8_t)(1u << i % 8);
	}
	/* unused bits, versions, made-by and attributes; nothing else */
	ck_assert_uint_le(accepted, 8 * (1 + 2 + 2 + 2 + 2 + 4));
	nf_buf_wipe(&buf);
}
END_TEST

START_TEST(max_count)
{
	struct nf_zip_limits limits = { .count = 65599 };
	struct nf_buf buf = NF_BUF_INIT;

	zs_many(65600, &buf);
	ck_assert_int_eq(read_all(nf_buf_view(&buf), NULL), 0);
	ck_assert_int_eq(read_all(nf_buf_view(&buf), &limits), NF_E_FORMAT);
	ck_assert_str_eq(diag.field, "zip-count");
	nf_buf_wipe(&buf);
}
END_TEST

START_TEST(max_entry)
{
	struct nf_zip_limits limits = { .entry = 20 };
	struct nf_buf buf = NF_BUF_INIT;

	zs_make(sample("deflated"), &buf);
	ck_assert_int_eq(read_all(nf_buf_view(&buf), &limits), NF_E_FORMAT);
	ck_assert_str_eq(diag.field, "zip-entry-size");
	limits.entry = 0;
	limits.total = 20;
	ck_assert_int_eq(read_all(nf_buf_view(&buf), &limits), NF_E_FORMAT);
	ck_assert_str_eq(diag.field, "zip-total");
	nf_buf_wipe(&buf);
}
END_TEST

/* A small archive that claims to unpack to much is refused unread. */
START_TEST(max_ratio)
{
	struct zs_sample s = *sample("deflated");
	struct nf_buf buf = NF_BUF_INIT;

	s.e[0].size_add = 100u << 20;
	zs_make(&s, &buf);
	ck_assert_int_eq(read_all(nf_buf_view(&buf), NULL), NF_E_FORMAT);
	ck_assert_str_eq(diag.field, "zip-ratio");
	nf_buf_wipe(&buf);
}
END_TEST

/* More zeros than pieces, deflated: no piece boundary is lost. */
START_TEST(write_and_read)
{
	struct nf_buf big = NF_BUF_INIT, one = NF_BUF_INIT;
	struct nf_buf two = NF_BUF_INIT, back = NF_BUF_INIT;
	struct nf_zip *zip;
	uint32_t x = 1;

	for (size_t i = 0; i < 300000; i++) {
		x = x * 1664525u + 1013904223u;
		nf_buf_u8(&big, (uint8_t)(i % 5 == 0 ? x >> 24 : 0));
	}
	{
		const struct nf_zip_file f[] = {
			{ "empty", nf_view_of(NULL, 0), true },
			{ "d/big", nf_buf_view(&big), true },
			{ "stored", nf_buf_view(&big), false },
		};

		ck_assert_int_eq(nf_zip_write(&one, f, 3, "made here"), 0);
		ck_assert_int_eq(nf_zip_write(&two, f, 3, "made here"), 0);
		ck_assert_int_eq(nf_zip_write(&back, f, 17, ""), NF_E_USAGE);
	}
	ck_assert(nf_view_equal(nf_buf_view(&one), nf_buf_view(&two)));
	ck_assert_int_eq(nf_zip_open_mem(nf_buf_view(&one), NULL, &zip,
	    &diag), 0);
	ck_assert_uint_eq(nf_zip_comment(zip), 9);
	ck_assert_int_eq(nf_zip_verify(zip, &diag), 0);
	for (size_t i = 1; i < 3; i++) {
		nf_buf_wipe(&back);
		ck_assert_uint_eq(nf_zip_entry(zip, i)->method,
		    i == 1 ? 8 : 0);
		ck_assert_int_eq(nf_zip_read(zip, i, 300000, &back, &diag),
		    0);
		ck_assert(nf_view_equal(nf_buf_view(&back),
		    nf_buf_view(&big)));
	}
	nf_zip_free(zip);
	nf_buf_wipe(&big);
	nf_buf_wipe(&one);
	nf_buf_wipe(&two);
	nf_buf_wipe(&back);
}
END_TEST

static int
refuse_after(void *arg, const uint8_t *p, size_t n)
{
	(void)p;
	(void)n;
	(*(int *)arg)++;
	return NF_E_IO;
}

START_TEST(sink_ends_it)
{
	struct nf_buf buf = NF_BUF_INIT;
	struct nf_zip *zip;
	int calls = 0;

	zs_make(sample("stored"), &buf);
	ck_assert_int_eq(nf_zip_open_mem(nf_buf_view(&buf), NULL, &zip,
	    &diag), 0);
	ck_assert_int_eq(nf_zip_stream(zip, 0, refuse_after, &calls, &diag),
	    NF_E_IO);
	ck_assert_int_eq(calls, 1);
	ck_assert(!nf_zip_entry(zip, 0)->verified);
	nf_zip_free(zip);
	nf_buf_wipe(&buf);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("kek-packages/zip");
	TCase *tc = tcase_create("zip");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, every_sample, 0, (int)zs_samples_n);
	tcase_add_test(tc, entries);
	tcase_add_test(tc, every_truncation);
	tcase_add_test(tc, every_bit);
	tcase_add_test(tc, max_count);
	tcase_add_test(tc, max_entry);
	tcase_add_test(tc, max_ratio);
	tcase_add_test(tc, write_and_read);
	tcase_add_test(tc, sink_ends_it);
	suite_add_tcase(s, tc);
	return s;
}

/* DIR/NAME.zip for each sample; prints "NAME FIELD" or "NAME good". */
static int
write_samples(const char *dir)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < zs_samples_n; i++) {
		const struct zs_sample *s = &zs_samples[i];
		struct nf_buf buf = NF_BUF_INIT;
		char path[NF_PATH_MAX];

		zs_make(s, &buf);
		if ((r = nf_path(path, NULL, "%s/%s.zip", dir,
		    s->name)) == 0)
			r = nf_file_write_new(path, 0644, nf_buf_view(&buf),
			    NULL);
		(void)printf("%s %s\n", s->name,
		    s->field == NULL ? "good" : s->field);
		nf_buf_wipe(&buf);
	}
	return r == 0 ? 0 : 1;
}

static int
read_file(const char *path)
{
	struct nf_zip *zip = NULL;
	int fd, r;

	if ((fd = open(path, O_RDONLY)) < 0)
		return 1;
	if ((r = nf_zip_open_fd(fd, NULL, &zip, &diag)) == 0 &&
	    (r = nf_zip_verify(zip, &diag)) == 0)
		(void)printf("%zu entries\n", nf_zip_count(zip));
	if (r != 0)
		(void)printf("%s: %s\n", diag.field, diag.text);
	nf_zip_free(zip);
	(void)close(fd);
	return nf_err_exit(r);
}

int
main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "--write") == 0)
		return write_samples(argv[2]);
	if (argc == 3 && strcmp(argv[1], "--read") == 0)
		return read_file(argv[2]);
	return nf_tap_run(suite());
}
