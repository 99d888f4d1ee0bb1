/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <sys/resource.h>

#include <signal.h>

#include "nfast/base/seed.h"
#include "tests/verify/transcripts.h"

START_TEST(valid)
{
	struct nf_buf out = NF_BUF_INIT;
	const char *text;

	ck_assert_int_eq(nf_vfy_transcript_check(FILE_NAME, NULL, NULL, &sum,
	    &diag), 0);
	ck_assert_uint_eq(sum.records, RECORDS);
	ck_assert_uint_eq(sum.bytes, file.len);
	ck_assert_uint_eq(sum.first_time, 1700000000);
	ck_assert_uint_eq(sum.verdict[NF_VFY_OUT_PASS], 2);
	ck_assert_uint_eq(sum.verdict[NF_VFY_OUT_FAIL], 1);
	ck_assert_uint_eq(sum.verdict[NF_VFY_OUT_ERROR], 1);
	ck_assert_uint_eq(sum.verdict[NF_VFY_OUT_UNANCHORED], 1);
	ck_assert_uint_eq(sum.n_tools, 1);
	ck_assert(sum.signature == NULL);
	nf_vfy_transcript_report(&out, FILE_NAME, &sum);
	text = nf_buf_text(&out);
	ck_assert_ptr_nonnull(strstr(text, "records: 5\n"));
	ck_assert_ptr_nonnull(strstr(text, "first: 2023-11-14T22:13:20Z\n"));
	ck_assert_ptr_nonnull(strstr(text, "tool: byok-audit 1.0, 5 "));
	ck_assert_ptr_nonnull(strstr(text, "signature: not checked"));
	nf_buf_wipe(&out);
}
END_TEST

/* The format stays: the first line, byte for byte. */
START_TEST(frozen_line)
{
#define ZEROS8 "00000000"
#define ZEROS56 ZEROS8 ZEROS8 ZEROS8 ZEROS8 ZEROS8 ZEROS8 ZEROS8
	static const char want[] = "{\"transcript\":1,\"n\":1,\"prev\":\""
	    ZEROS56 ZEROS8 "\",\"time\":\"2023-11-14T22:13:20Z\","
	    "\"tool\":{\"name\":\"byok-audit\",\"version\":\"1.0\"},"
	    "\"options\":[\"--policy strict\",\"--simulated-root\"],"
	    "\"path\":\"a.byok\",\"kind\":\"method-1 package\","
	    "\"input_sha256\":\"01000000" ZEROS56 "\","
	    "\"verdict\":\"unanchored\",\"exit\":4,"
	    "\"verdict_sha256\":\"02000000" ZEROS56 "\"}\n";

	ck_assert(nf_view_is(line(0), want));
	ck_assert_ptr_nonnull(strstr(nf_buf_text(&file),
	    "\"path\":\"bad\\\\xffname\",\"path_bytes\":"
	    "\"626164ff6e616d65\",\"kind\":null,\"input_sha256\":null,"));
}
END_TEST

/* A record of what is from a seed says so, and so do all with a seed; those
 * have its time. */
START_TEST(marked)
{
	struct nf_vfy_record rec = records[0];
	struct nf_vfy_transcript *t;
	struct nf_buf out = NF_BUF_INIT;

	ck_assert_int_eq(nf_vfy_transcript_open(FILE_NAME, &origin, &t,
	    &diag), 0);
	rec.insecure_seed = true;
	ck_assert_int_eq(nf_vfy_transcript_add(t, &rec, &diag), 0);
	ck_assert_int_eq(nf_vfy_transcript_close(t, &diag), 0);
	ck_assert_int_eq(unsetenv("SOURCE_DATE_EPOCH"), 0);
	ck_assert_int_eq(setenv(NF_SEED_ENV, "one", 1), 0);
	write_records(2, 1);
	ck_assert_int_eq(unsetenv(NF_SEED_ENV), 0);
	get_file(FILE_NAME, &file);
	ck_assert_ptr_nonnull(strstr(nf_buf_text(&file),
	    "00\",\"mark\":\"INSECURE SEED\"}\n{\"transcript\":1,\"n\":7,"));
	ck_assert_int_eq(nf_vfy_transcript_check(FILE_NAME, NULL, NULL, &sum,
	    &diag), 0);
	ck_assert_uint_eq(sum.records, RECORDS + 2);
	ck_assert_uint_eq(sum.insecure_seed, 2);
	ck_assert_uint_eq(sum.last_time, NF_SEED_TIME);
	nf_vfy_transcript_report(&out, FILE_NAME, &sum);
	ck_assert_ptr_nonnull(strstr(nf_buf_text(&out),
	    "\n2 records: INSECURE SEED: "));
	nf_buf_wipe(&out);
}
END_TEST

START_TEST(any_pieces)
{
	static const size_t piece[] = { 1, 2, 7, 64, 1000, 1 << 20 };

	for (size_t i = 0; i < sizeof(piece) / sizeof(piece[0]); i++) {
		ck_assert_int_eq(chain(file.p, file.len, piece[i]), 0);
		ck_assert_uint_eq(sum.records, RECORDS);
	}
}
END_TEST

/* Mutations of the second line, which is not the last. */
static const struct {
	const char *name, *from, *to;
	int code;
	const char *field;
} mutations[] = {
	{ "wrong_transcript", "\"transcript\":1", "\"transcript\":2",
	    NF_E_FORMAT, "transcript" },
	{ "wrong_n", "\"n\":2", "\"n\":3", NF_E_VERIFY, "n" },
	{ "zero_n", "\"n\":2", "\"n\":0", NF_E_FORMAT, "n" },
	{ "max_n", "\"n\":2", "\"n\":99999999999999999999", NF_E_FORMAT, "" },
	{ "junk_n", "\"n\":2", "\"n\":\"2\"", NF_E_FORMAT, "n" },
	{ "wrong_prev", "\"prev\":\"", "\"prev\":\"00", NF_E_FORMAT, "prev" },
	{ "wrong_time", ":13:20Z", ":13:21Z", NF_E_VERIFY, "prev" },
	{ "junk_time", ":13:20Z", ":13:20", NF_E_FORMAT, "time" },
	{ "max_time", "2023-11-14", "2023-11-31", NF_E_FORMAT, "" },
	{ "wrong_tool", "byok-audit", "byok-audif", NF_E_VERIFY, "prev" },
	{ "zero_tool", "byok-audit", "", NF_E_FORMAT, "name" },
	{ "junk_tool", "byok-audit", "byok\\u001b[2J", NF_E_FORMAT, "name" },
	{ "wrong_version", "\"1.0\"", "\"1.1\"", NF_E_VERIFY, "prev" },
	{ "no_version", ",\"version\":\"1.0\"", "", NF_E_FORMAT, "version" },
	{ "wrong_options", "strict", "vendor", NF_E_VERIFY, "prev" },
	{ "junk_options", "\"--simulated-root\"", "1", NF_E_FORMAT,
	    "options" },
	{ "no_options", "\"options\":[\"--policy strict\","
	    "\"--simulated-root\"],", "", NF_E_FORMAT, "options" },
	{ "wrong_path", "caf", "bar", NF_E_VERIFY, "prev" },
	{ "zero_path", "caf", "\\u0000", NF_E_FORMAT, "" },
	{ "junk_path_bytes", ",\"kind\"", ",\"path_bytes\":\"6\",\"kind\"",
	    NF_E_FORMAT, "path_bytes" },
	{ "unknown_path_bytes", ",\"kind\"",
	    ",\"path_bytes\":\"63\",\"kind\"", NF_E_FORMAT, "" },
	{ "wrong_kind", "toolset zip", "toolset zap", NF_E_VERIFY, "prev" },
	{ "junk_kind", "\"toolset zip\"", "false", NF_E_FORMAT, "kind" },
	{ "wrong_input", "\"input_sha256\":\"03", "\"input_sha256\":\"04",
	    NF_E_VERIFY, "prev" },
	{ "short_input", "\"input_sha256\":\"03", "\"input_sha256\":\"",
	    NF_E_FORMAT, "input_sha256" },
	{ "upper_input", "\"input_sha256\":\"03", "\"input_sha256\":\"0A",
	    NF_E_FORMAT, "" },
	{ "wrong_verdict", "\"verdict\":\"pass\"", "\"verdict\":\"fail\"",
	    NF_E_VERIFY, "prev" },
	{ "unknown_verdict", "\"verdict\":\"pass\"", "\"verdict\":\"good\"",
	    NF_E_FORMAT, "verdict" },
	{ "wrong_exit", "\"exit\":0", "\"exit\":1", NF_E_VERIFY, "prev" },
	{ "max_exit", "\"exit\":0", "\"exit\":256", NF_E_FORMAT, "exit" },
	{ "wrong_verdict_sha256", "\"verdict_sha256\":\"04",
	    "\"verdict_sha256\":\"05", NF_E_VERIFY, "prev" },
	{ "unknown_member", "\"exit\":0", "\"exit\":0,\"note\":1",
	    NF_E_FORMAT, "" },
	{ "duplicate_member", "\"exit\":0", "\"exit\":0,\"exit\":0",
	    NF_E_FORMAT, "" },
	{ "swapped_members", "\"transcript\":1,\"n\":2",
	    "\"n\":2,\"transcript\":1", NF_E_FORMAT, "transcript" },
	{ "junk_mark", "\"}\n", "\",\"mark\":1}\n", NF_E_FORMAT, "mark" },
	{ "wrong_mark", "\"}\n", "\",\"mark\":\"SEED\"}\n", NF_E_FORMAT,
	    "mark" },
	{ "unknown_mark", "\"}\n", "\",\"mark\":\"INSECURE SEED\"}\n",
	    NF_E_VERIFY, "prev" },
	{ "swapped_mark", ",\"exit\":0", ",\"mark\":\"INSECURE SEED\","
	    "\"exit\":0", NF_E_FORMAT, "exit" },
	{ "trailing_space", "\"}\n", "\"} \n", NF_E_FORMAT, "" },
	{ "inner_space", "\"n\":2", "\"n\": 2", NF_E_FORMAT, "" },
	{ "escaped_letter", "caf", "\\u0063af", NF_E_FORMAT, "" },
	{ "raw_utf8", "\\u00E9", "\303\251", NF_E_FORMAT, "" },
	{ "lower_escape", "\\u00E9", "\\u00e9", NF_E_FORMAT, "" },
	{ "trailing_line", "\"}\n", "\"}\r\n", NF_E_FORMAT, "" },
	{ "trailing_empty", "\"}\n", "\"}\n\n", NF_E_FORMAT, "" },
	{ "trailing_junk", "\"}\n", "\"}x\n", NF_E_FORMAT, "" }
};

START_TEST(mutation)
{
	struct nf_view v = line(1);
	struct nf_buf all = NF_BUF_INIT;
	const char *from = mutations[_i].from;
	const uint8_t *at = memmem(v.p, v.len, from, strlen(from)), *rest;
	int r;

	ck_assert_ptr_nonnull(at);
	rest = at + strlen(from);
	nf_buf_put(&all, file.p, (size_t)(at - file.p));
	nf_buf_str(&all, mutations[_i].to);
	nf_buf_put(&all, rest, file.len - (size_t)(rest - file.p));
	r = chain(all.p, all.len, all.len);
	ck_assert_msg(r == mutations[_i].code &&
	    strcmp(diag.field, mutations[_i].field) == 0, "%s: %d %s %s",
	    mutations[_i].name, r, diag.field, diag.text);
	ck_assert(diag.has_offset);
	/* a changed value shows in the record that follows */
	ck_assert_msg(strstr(diag.text, strcmp(diag.field, "prev") == 0 &&
	    r == NF_E_VERIFY ? "record 3 (line 3)" :
	    strcmp(mutations[_i].name, "trailing_empty") == 0 ?
	    "record 3 (line 3)" : "record 2 (line 2)") != NULL, "%s: %s",
	    mutations[_i].name, diag.text);
	nf_buf_wipe(&all);
}
END_TEST

START_TEST(no_record)
{
	static const size_t first[] = { 1, 2, 3, 4 }, mid[] = { 0, 1, 3, 4 };
	static const size_t last[] = { 0, 1, 2, 3 };

	ck_assert_int_eq(lines(first, 4), NF_E_VERIFY);
	ck_assert_str_eq(diag.field, "n");
	ck_assert_uint_eq(diag.offset, 0);
	ck_assert_int_eq(lines(mid, 4), NF_E_VERIFY);
	ck_assert_ptr_nonnull(strstr(diag.text, "record 3 (line 3)"));
	/* of its last records a chain knows nothing: see the signatures */
	ck_assert_int_eq(lines(last, 4), 0);
	ck_assert_int_eq(chain("", 0, 1), NF_E_FORMAT);
}
END_TEST

START_TEST(duplicate_record)
{
	static const size_t twice[] = { 0, 1, 1, 2, 3, 4 };

	ck_assert_int_eq(lines(twice, 6), NF_E_VERIFY);
	ck_assert_str_eq(diag.field, "n");
	ck_assert_ptr_nonnull(strstr(diag.text, "record 3 (line 3)"));
}
END_TEST

START_TEST(swapped_records)
{
	static const size_t order[] = { 0, 2, 1, 3, 4 };

	ck_assert_int_eq(lines(order, 5), NF_E_VERIFY);
	ck_assert_str_eq(diag.field, "n");
	ck_assert_ptr_nonnull(strstr(diag.text, "record 2 (line 2)"));
}
END_TEST

/* A record with the right number and hash before it. */
START_TEST(inserted_record)
{
	struct nf_view v = line(0), body = { v.p, v.len - 1 };
	struct nf_buf all = NF_BUF_INIT;
	uint8_t prev[NF_VFY_SHA256_LEN];
	struct nf_vfy_record rec = records[3];

	rec.origin = origin;
	ck_assert_int_eq(nf_digest_of(NF_SHA256, &body, 1, prev), 0);
	nf_buf_view_put(&all, v);
	nf_vfy_record_write(&all, &rec, 2, prev);
	nf_buf_u8(&all, '\n');
	ck_assert_int_eq(chain(all.p, all.len, all.len), 0);
	nf_buf_put(&all, file.p + v.len, file.len - v.len);
	ck_assert_int_eq(chain(all.p, all.len, all.len), NF_E_VERIFY);
	ck_assert_str_eq(diag.field, "n");
	ck_assert_ptr_nonnull(strstr(diag.text, "record 3 (line 3)"));
	nf_buf_wipe(&all);
}
END_TEST

START_TEST(junk_lines)
{
	struct nf_buf buf = NF_BUF_INIT;
	static const char *const junk[] = { "\n", "junk\n", "[]\n", "1\n",
		"null\n", "{}\n", "{\"transcript\":1}\n", "\"\n", "\377\n",
		"{\"transcript\":1,\"n\":1}", "{" };

	for (size_t i = 0; i < sizeof(junk) / sizeof(junk[0]); i++)
		ck_assert_int_eq(chain(junk[i], strlen(junk[i]), 1),
		    NF_E_FORMAT);
	nf_buf_fill(&buf, '[', 60000);
	nf_buf_u8(&buf, '\n');
	ck_assert_int_eq(chain(buf.p, buf.len, 4096), NF_E_FORMAT);
	nf_buf_wipe(&buf);
	nf_buf_fill(&buf, ' ', 200000);
	ck_assert_int_eq(chain(buf.p, buf.len, 4096), NF_E_FORMAT);
	ck_assert_ptr_nonnull(strstr(diag.text, "longer than"));
	ck_assert_int_eq(chain(buf.p, buf.len, buf.len), NF_E_FORMAT);
	nf_buf_wipe(&buf);
}
END_TEST

static int
open_it(struct nf_vfy_transcript **t)
{
	nf_diag_clear(&diag);
	return nf_vfy_transcript_open(FILE_NAME, &origin, t, &diag);
}

START_TEST(open_torn)
{
	struct nf_vfy_transcript *t;
	size_t at = 0, n = 0;

	for (size_t len = 1; len < file.len; len++) {
		if (file.p[len - 1] == '\n') {
			at = len;
			n++;
			continue;
		}
		nf_tap_put(FILE_NAME, file.p, len);
		ck_assert_int_eq(open_it(&t), NF_E_FORMAT);
		ck_assert_ptr_null(t);
		ck_assert_uint_eq(diag.offset, at);
		ck_assert_ptr_nonnull(strstr(diag.text, "is torn"));
		ck_assert_int_eq(diag.text[7], (int)('1' + n));
	}
	nf_tap_put(FILE_NAME, file.p, at);
	ck_assert_int_eq(open_it(&t), 0);
	ck_assert_int_eq(nf_vfy_transcript_add(t, &records[0], &diag), 0);
	ck_assert_int_eq(nf_vfy_transcript_close(t, &diag), 0);
	ck_assert_int_eq(nf_vfy_transcript_check(FILE_NAME, NULL, NULL, &sum,
	    &diag), 0);
	ck_assert_uint_eq(sum.records, RECORDS);
}
END_TEST

START_TEST(open_other)
{
	static const char *const junk[] = { "x", "x\n", "\n", "{}\n",
		"a,b\n1,2\n" };
	struct nf_vfy_transcript *t;
	struct nf_view v = line(1);
	struct nf_buf buf = NF_BUF_INIT;

	for (size_t i = 0; i < sizeof(junk) / sizeof(junk[0]); i++) {
		nf_tap_put(FILE_NAME, junk[i], strlen(junk[i]));
		ck_assert_int_eq(open_it(&t), NF_E_FORMAT);
		get_file(FILE_NAME, &buf);
		ck_assert(nf_view_is(nf_buf_view(&buf), junk[i]));
	}
	nf_buf_wipe(&buf);
	nf_buf_fill(&buf, '{', 300000);
	nf_tap_put(FILE_NAME, buf.p, buf.len);
	ck_assert_int_eq(open_it(&t), NF_E_FORMAT);
	buf.p[buf.len - 1] = '\n';
	nf_tap_put(FILE_NAME, buf.p, buf.len);
	ck_assert_int_eq(open_it(&t), NF_E_FORMAT);
	nf_buf_wipe(&buf);
	nf_tap_put(FILE_NAME, v.p, v.len);
	ck_assert_int_eq(open_it(&t), NF_E_VERIFY);
	nf_tap_put(FILE_NAME, "", 0);
	ck_assert_int_eq(open_it(&t), 0);
	ck_assert_int_eq(nf_vfy_transcript_close(t, &diag), 0);
}
END_TEST

START_TEST(open_no_file)
{
	struct nf_vfy_transcript *t;
	struct stat st;

	ck_assert_int_eq(rename(FILE_NAME, "other"), 0);
	ck_assert_int_eq(symlink("other", FILE_NAME), 0);
	ck_assert_int_eq(open_it(&t), NF_E_IO);
	ck_assert_ptr_nonnull(strstr(diag.text, "symbolic link"));
	ck_assert_int_eq(unlink(FILE_NAME), 0);
	ck_assert_int_eq(mkfifo(FILE_NAME, 0600), 0);
	ck_assert_int_eq(open_it(&t), NF_E_IO);
	ck_assert_int_eq(unlink(FILE_NAME), 0);
	ck_assert_int_eq(mkdir(FILE_NAME, 0700), 0);
	ck_assert_int_eq(open_it(&t), NF_E_IO);
	ck_assert_int_eq(rmdir(FILE_NAME), 0);
	(void)umask(077);
	ck_assert_int_eq(open_it(&t), 0);
	ck_assert_int_eq(nf_vfy_transcript_close(t, &diag), 0);
	ck_assert_int_eq(stat(FILE_NAME, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0644);
}
END_TEST

START_TEST(busy)
{
	struct nf_vfy_transcript *t, *second;

	ck_assert_int_eq(open_it(&t), 0);
	ck_assert_int_eq(open_it(&second), NF_E_BUSY);
	nf_diag_clear(&diag);
	ck_assert_int_eq(nf_vfy_transcript_check(FILE_NAME, NULL, NULL, &sum,
	    &diag), NF_E_BUSY);
	ck_assert_int_eq(nf_vfy_transcript_close(t, &diag), 0);
	ck_assert_int_eq(open_it(&t), 0);
	ck_assert_int_eq(nf_vfy_transcript_close(t, &diag), 0);
}
END_TEST

/* A record that is too long leaves nothing, and ends the writing. */
START_TEST(long_record)
{
	struct nf_vfy_transcript *t;
	struct nf_buf path = NF_BUF_INIT, now = NF_BUF_INIT;
	struct nf_vfy_record rec = records[0];

	nf_buf_fill(&path, 'a', NF_VFY_LINE_MAX);
	rec.path = nf_buf_text(&path);
	ck_assert_int_eq(open_it(&t), 0);
	ck_assert_int_eq(nf_vfy_transcript_add(t, &rec, &diag), NF_E_FORMAT);
	nf_diag_clear(&diag);
	ck_assert_int_eq(nf_vfy_transcript_add(t, &records[0], &diag),
	    NF_E_FORMAT);
	ck_assert_int_eq(nf_vfy_transcript_close(t, &diag), NF_E_FORMAT);
	get_file(FILE_NAME, &now);
	ck_assert(nf_view_equal(nf_buf_view(&now), nf_buf_view(&file)));
	nf_buf_wipe(&path);
	nf_buf_wipe(&now);
}
END_TEST

/* A disk that is full in the middle of a record leaves no torn one. */
START_TEST(short_write)
{
	struct nf_vfy_transcript *t;
	struct rlimit old, small;
	struct nf_buf now = NF_BUF_INIT;

	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &old), 0);
	ck_assert(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	ck_assert_int_eq(open_it(&t), 0);
	small = old;
	small.rlim_cur = file.len + 10;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
	ck_assert_int_eq(nf_vfy_transcript_add(t, &records[0], &diag),
	    NF_E_IO);
	ck_assert_int_eq(nf_vfy_transcript_close(t, &diag), NF_E_IO);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &old), 0);
	get_file(FILE_NAME, &now);
	ck_assert(nf_view_equal(nf_buf_view(&now), nf_buf_view(&file)));
	nf_buf_wipe(&now);
}
END_TEST

START_TEST(times)
{
	static const char *const junk[] = { "x", "-1", "1 ", "253402300800",
		"99999999999999999999" };
	struct nf_vfy_transcript *t;

	for (size_t i = 0; i < sizeof(junk) / sizeof(junk[0]); i++) {
		ck_assert_int_eq(setenv("SOURCE_DATE_EPOCH", junk[i], 1), 0);
		ck_assert_int_eq(open_it(&t), NF_E_USAGE);
		ck_assert_str_eq(diag.field, "SOURCE_DATE_EPOCH");
	}
	ck_assert_int_eq(setenv("SOURCE_DATE_EPOCH", "1600000000", 1), 0);
	write_records(0, 1);
	ck_assert_int_eq(unsetenv("SOURCE_DATE_EPOCH"), 0);
	write_records(1, 1);
	ck_assert_int_eq(nf_vfy_transcript_check(FILE_NAME, NULL, NULL, &sum,
	    &diag), 0);
	ck_assert_uint_eq(sum.time_back, 1);
	ck_assert_uint_gt(sum.last_time, 1700000000);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("verify/transcript");
	TCase *t = tcase_create("transcript");

	tcase_set_timeout(t, 120);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, valid);
	tcase_add_test(t, marked);
	tcase_add_test(t, frozen_line);
	tcase_add_test(t, any_pieces);
	tcase_add_loop_test(t, mutation, 0,
	    sizeof(mutations) / sizeof(mutations[0]));
	tcase_add_test(t, no_record);
	tcase_add_test(t, duplicate_record);
	tcase_add_test(t, swapped_records);
	tcase_add_test(t, inserted_record);
	tcase_add_test(t, junk_lines);
	tcase_add_test(t, open_torn);
	tcase_add_test(t, open_other);
	tcase_add_test(t, open_no_file);
	tcase_add_test(t, busy);
	tcase_add_test(t, long_record);
	tcase_add_test(t, short_write);
	tcase_add_test(t, times);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
