/* SPDX-License-Identifier: Apache-2.0 */
/* A transcript of five records in a directory of its own, and its chain. */
#ifndef NF_TESTS_VERIFY_TRANSCRIPTS_H
#define NF_TESTS_VERIFY_TRANSCRIPTS_H

#include <sys/stat.h>

#include <limits.h>

#include "nfast/base/digest.h"
#include "tests/files.h"
#include "verify/transcript.h"

#define FILE_NAME	"t"
#define SIG_NAME	"t.sig"
#define KEY_NAME	"pub.pem"
#define EPOCH		"1700000000"
#define RECORDS		5

static char dir[] = "transcript-XXXXXX";
static char home[PATH_MAX];
static struct nf_diag diag;
static struct nf_vfy_summary sum;
static struct nf_buf file;	/* the bytes of the valid transcript */

static const char *const options[] = { "--policy strict",
	"--simulated-root" };
static const struct nf_vfy_origin origin = { "byok-audit", "1.0", options,
	2 };

static const struct nf_vfy_record records[RECORDS] = {
	{ .path = "a.byok", .kind = "method-1 package", .has_sha256 = true,
	    .sha256 = { 1 }, .verdict = "unanchored", .exit = 4,
	    .verdict_sha256 = { 2 } },
	{ .path = "caf\303\251 \"q\"\n", .kind = "toolset zip",
	    .has_sha256 = true, .sha256 = { 3 }, .verdict = "pass",
	    .verdict_sha256 = { 4 } },
	{ .path = "bad\377name", .kind = NF_VFY_KIND_NONE,
	    .verdict = "error", .exit = 3, .verdict_sha256 = { 5 } },
	{ .path = "/deep/\360\237\224\221", .verdict = "fail", .exit = 1,
	    .has_sha256 = true, .verdict_sha256 = { 6 } },
	{ .path = "", .kind = "x", .verdict = "pass" }
};

static inline void
get_file(const char *name, struct nf_buf *buf)
{
	nf_buf_wipe(buf);
	ck_assert_int_eq(nf_file_load(name, NF_BUF_MAX, buf, NULL), 0);
}

static inline void
write_records(size_t first, size_t n)
{
	struct nf_vfy_transcript *t;

	ck_assert_int_eq(nf_vfy_transcript_open(FILE_NAME, &origin, &t,
	    &diag), 0);
	for (size_t i = first; i < first + n; i++)
		ck_assert_int_eq(nf_vfy_transcript_add(t, &records[i],
		    &diag), 0);
	ck_assert_int_eq(nf_vfy_transcript_close(t, &diag), 0);
}

static inline void
setup(void)
{
	nf_diag_clear(&diag);
	ck_assert_ptr_nonnull(getcwd(home, sizeof(home)));
	(void)strcpy(dir, "transcript-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(chdir(dir), 0);
	ck_assert_int_eq(setenv("SOURCE_DATE_EPOCH", EPOCH, 1), 0);
	nf_buf_init(&file);
	write_records(0, 3);
	write_records(3, RECORDS - 3);
	get_file(FILE_NAME, &file);
}

static inline void
teardown(void)
{
	nf_buf_wipe(&file);
	(void)unlink(FILE_NAME);
	(void)unlink(SIG_NAME);
	(void)unlink(KEY_NAME);
	(void)unlink("other");
	ck_assert_int_eq(chdir(home), 0);
	ck_assert_int_eq(rmdir(dir), 0);
}

/* The chain of bytes in memory, in pieces. */
static inline int
chain(const void *p, size_t len, size_t piece)
{
	struct nf_vfy_links *w = nf_vfy_links_new(&sum);
	const uint8_t *b = p;
	int r = 0;

	ck_assert_ptr_nonnull(w);
	nf_diag_clear(&diag);
	for (size_t i = 0; i < len && r == 0; i += piece)
		r = nf_vfy_links_add(w, nf_view_of(b + i,
		    len - i < piece ? len - i : piece), &diag);
	if (r == 0)
		r = nf_vfy_links_end(w, &diag);
	nf_vfy_links_free(w);
	ck_assert_int_eq(diag.code, r);
	return r;
}

/* Line i of the valid transcript, with its end. */
static inline struct nf_view
line(size_t i)
{
	const uint8_t *p = file.p, *nl = NULL;

	for (size_t k = 0; k <= i; k++) {
		if (nl != NULL)
			p = nl + 1;
		nl = memchr(p, '\n', file.len - (size_t)(p - file.p));
		ck_assert_ptr_nonnull(nl);
	}
	return nf_view_of(p, (size_t)(nl + 1 - p));
}

/* The chain of some lines. */
static inline int
lines(const size_t *order, size_t n)
{
	struct nf_buf buf = NF_BUF_INIT;
	int r;

	for (size_t i = 0; i < n; i++)
		nf_buf_view_put(&buf, line(order[i]));
	r = chain(buf.p, buf.len, buf.len);
	nf_buf_wipe(&buf);
	return r;
}

#endif
