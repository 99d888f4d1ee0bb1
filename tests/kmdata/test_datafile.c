/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The datafile container: the vector of three entries, its mutations, and
 * the key tokens of the real packages, found by their magic.
 */
#include "config.h"

#include "nfast/base/digest.h"
#include "nfast/kmdata/datafile.h"
#include "tests/kmdata/token.h"

static const char vector[] =
    "6e436970686572204b4d206461746166696c650000000000004e7253030000000900"
    "00000600000073696d706c650000080000000400000074657374cc00000014000000"
    "000102030405060708090a0b0c0d0e0f10111213";

#define VECTOR_LEN	88
#define TIME_AT		20
#define COUNT_AT	28
#define LENGTH_AT	36	/* of the first entry */
#define PADDING_AT	46	/* of the first entry */

static struct nf_diag diag;

static int
read_bytes(const void *p, size_t len, struct nf_km_file **file)
{
	struct nf_cur cur;

	nf_diag_clear(&diag);
	nf_cur_init(&cur, p, len, &diag);
	return nf_km_file_read(&cur, file);
}

/* The vector with one byte changed must be refused, naming the field. */
static void
refuse_byte(size_t at, uint8_t value, const char *field)
{
	struct nf_km_file *file;
	struct nf_buf buf;

	nf_tap_unhex(vector, &buf);
	ck_assert_uint_ne(buf.p[at], value);
	buf.p[at] = value;
	ck_assert_int_eq(read_bytes(buf.p, buf.len, &file), NF_E_FORMAT);
	ck_assert_ptr_null(file);
	ck_assert_str_eq(diag.field, field);
	ck_assert(diag.has_offset);
	nf_buf_wipe(&buf);
}

START_TEST(vector_reads)
{
	struct nf_km_file *file;
	struct nf_view v;
	struct nf_buf buf;

	nf_tap_unhex(vector, &buf);
	ck_assert_uint_eq(buf.len, VECTOR_LEN);
	ck_assert_int_eq(read_bytes(buf.p, buf.len, &file), 0);
	ck_assert_uint_eq(file->time, 1400000000);
	ck_assert_uint_eq(file->n, 3);
	ck_assert_uint_eq(file->entry[0].type, NF_ENT_APPNAME);
	ck_assert_int_eq(nf_km_file_one(file, NF_ENT_APPNAME, &v, &diag), 0);
	ck_assert(nf_view_is(v, "simple"));
	ck_assert_int_eq(nf_km_file_one(file, NF_ENT_IDENT, &v, &diag), 0);
	ck_assert(nf_view_is(v, "test"));
	ck_assert_int_eq(nf_km_file_opt(file, NF_ENT_HASH_KA, &v, &diag), 0);
	ck_assert_uint_eq(v.len, 20);
	ck_assert_uint_eq(v.p[19], 0x13);
	ck_assert(nf_km_file_has(file, NF_ENT_HASH_KA));
	ck_assert(!nf_km_file_has(file, NF_ENT_NAME));
	nf_km_file_free(file);
	nf_buf_wipe(&buf);
}
END_TEST

START_TEST(vector_writes)
{
	uint8_t hash[20];
	struct nf_km_writer w;
	struct nf_buf want, buf = NF_BUF_INIT;

	for (size_t i = 0; i < sizeof(hash); i++)
		hash[i] = (uint8_t)i;
	nf_tap_unhex(vector, &want);
	nf_km_begin(&w, &buf, 1400000000);
	nf_km_put_str(&w, NF_ENT_APPNAME, "simple");
	nf_km_put_str(&w, NF_ENT_IDENT, "test");
	nf_km_put(&w, NF_ENT_HASH_KA, nf_view_of(hash, sizeof(hash)));
	nf_km_end(&w);
	ck_assert_int_eq(nf_buf_err(&buf), 0);
	ck_assert(nf_view_equal(nf_buf_view(&buf), nf_buf_view(&want)));
	nf_buf_wipe(&buf);
	nf_buf_wipe(&want);
}
END_TEST

START_TEST(round_trip_behind_other_bytes)
{
	struct nf_km_file *file;
	struct nf_km_writer w;
	struct nf_view v;
	struct nf_buf buf = NF_BUF_INIT;

	nf_buf_str(&buf, "abc");
	nf_km_begin(&w, &buf, (UINT64_C(1) << 32) + 7);
	nf_km_put_u32(&w, NF_ENT_CIPHER_SUITE, 0x01020304);
	nf_km_put(&w, NF_ENT_NAME, nf_view_of("", 0));
	nf_km_put_str(&w, NF_ENT_SW_MARK, "x");
	nf_km_end(&w);
	ck_assert_int_eq(read_bytes(buf.p + 3, buf.len - 3, &file), 0);
	ck_assert_uint_eq(file->time, (UINT64_C(1) << 32) + 7);
	ck_assert_uint_eq(file->n, 3);
	ck_assert_int_eq(nf_km_file_one(file, NF_ENT_CIPHER_SUITE, &v, NULL),
	    0);
	ck_assert(nf_view_equal(v, nf_view_of("\4\3\2\1", 4)));
	ck_assert_int_eq(nf_km_file_one(file, NF_ENT_NAME, &v, NULL), 0);
	ck_assert_uint_eq(v.len, 0);
	ck_assert_ptr_nonnull(v.p);
	nf_km_file_free(file);
	nf_buf_wipe(&buf);
}
END_TEST

START_TEST(short_file)
{
	struct nf_km_file *file;
	struct nf_buf buf;
	uint8_t *copy;

	nf_tap_unhex(vector, &buf);
	for (size_t n = 0; n < buf.len; n++) {
		/* Its own allocation, so that a sanitizer sees the end. */
		copy = malloc(n == 0 ? 1 : n);
		ck_assert_ptr_nonnull(copy);
		memcpy(copy, buf.p, n);
		ck_assert_int_eq(read_bytes(copy, n, &file), NF_E_FORMAT);
		ck_assert_ptr_null(file);
		free(copy);
	}
	nf_buf_wipe(&buf);
}
END_TEST

START_TEST(trailing_byte)
{
	struct nf_km_file *file;
	struct nf_buf buf;

	nf_tap_unhex(vector, &buf);
	nf_buf_u8(&buf, 0);
	ck_assert_int_eq(read_bytes(buf.p, buf.len, &file), NF_E_FORMAT);
	ck_assert_str_eq(diag.field, "KM datafile");
	ck_assert_uint_eq(diag.offset, VECTOR_LEN);
	nf_buf_wipe(&buf);
}
END_TEST

START_TEST(wrong_magic)
{
	static const size_t at[] = { 0, 19 };
	struct nf_km_file *file;
	struct nf_buf buf;

	for (size_t i = 0; i < 2; i++) {
		nf_tap_unhex(vector, &buf);
		buf.p[at[i]] ^= 0x20;
		nf_diag_clear(&diag);
		ck_assert_int_eq(read_bytes(buf.p, buf.len, &file),
		    NF_E_FORMAT);
		ck_assert_ptr_null(file);
		ck_assert_str_eq(diag.text, "no key management data file");
		nf_buf_wipe(&buf);
	}
}
END_TEST

/* What is no such file is said as such, where it can be seen as what it is. */
START_TEST(other_files)
{
	static const struct {
		const char *bytes;
		const char *text;
	} t[] = {
		{ "", "the file is empty" },
		{ "n", "20 bytes wanted, 1 left" },
		{ "x", "no key management data file" },
		{ "nCipher KM datafilE and more",
		    "no key management data file" },
		{ "PK\3\4abc", "no key management data file, but a ZIP "
		    "archive" },
		{ "-----BEGIN PUBLIC KEY-----", "no key management data file, "
		    "but a PEM file" },
		{ "{\"a\": 1}", "no key management data file, but a JSON "
		    "text" }
	};
	struct nf_km_file *file;

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		nf_diag_clear(&diag);
		ck_assert_int_eq(read_bytes((const uint8_t *)t[i].bytes,
		    strlen(t[i].bytes), &file), NF_E_FORMAT);
		ck_assert_str_eq(diag.text, t[i].text);
		ck_assert(diag.has_offset == (i == 1));
	}
}
END_TEST

START_TEST(wrong_time)
{
	refuse_byte(TIME_AT, 0x3c, "time");
	refuse_byte(TIME_AT + 3, 0x01, "time");
}
END_TEST

START_TEST(wrong_count)
{
	refuse_byte(COUNT_AT, 2, "KM datafile");
	refuse_byte(COUNT_AT, 4, "entry type");
	refuse_byte(COUNT_AT, 0, "KM datafile");
}
END_TEST

START_TEST(max_count)
{
	refuse_byte(COUNT_AT + 1, 1, "entry count");
	refuse_byte(COUNT_AT + 3, 0xff, "entry count");
}
END_TEST

START_TEST(max_length)
{
	refuse_byte(LENGTH_AT + 3, 0xff, "AppName");
	refuse_byte(LENGTH_AT, 60, "AppName");
	refuse_byte(LENGTH_AT, 12, "ESNModule");
}
END_TEST

START_TEST(junk_padding)
{
	refuse_byte(PADDING_AT, 1, "AppName");
	refuse_byte(PADDING_AT + 1, 1, "AppName");
}
END_TEST

START_TEST(max_file)
{
	struct nf_km_file *file;
	struct nf_km_writer w;
	struct nf_buf buf = NF_BUF_INIT, data = NF_BUF_INIT;

	/* Exactly the limit is accepted by both sides, four more by none. */
	nf_buf_fill(&data, 0, NF_KM_FILE_MAX - 40);
	nf_km_begin(&w, &buf, 0);
	nf_km_put(&w, NF_ENT_NAME, nf_buf_view(&data));
	nf_km_end(&w);
	ck_assert_int_eq(nf_buf_err(&buf), 0);
	ck_assert_uint_eq(buf.len, NF_KM_FILE_MAX);
	ck_assert_int_eq(read_bytes(buf.p, buf.len, &file), 0);
	nf_km_file_free(file);
	nf_buf_u32(&buf, 0);
	ck_assert_int_eq(read_bytes(buf.p, buf.len, &file), NF_E_FORMAT);
	ck_assert_str_eq(diag.field, "KM datafile");
	nf_buf_wipe(&buf);

	nf_buf_u8(&data, 0);
	nf_km_begin(&w, &buf, 0);
	nf_km_put(&w, NF_ENT_NAME, nf_buf_view(&data));
	nf_km_end(&w);
	ck_assert_int_eq(nf_buf_err(&buf), NF_E_INTERNAL);
	nf_buf_wipe(&buf);
	nf_buf_wipe(&data);
}
END_TEST

START_TEST(max_entries)
{
	struct nf_km_file *file;
	struct nf_km_writer w;
	struct nf_buf buf = NF_BUF_INIT;

	nf_km_begin(&w, &buf, 0);
	for (uint32_t i = 0; i < NF_KM_ENTRIES_MAX; i++)
		nf_km_put_str(&w, i, "");
	nf_km_end(&w);
	ck_assert_int_eq(read_bytes(buf.p, buf.len, &file), 0);
	ck_assert_uint_eq(file->n, NF_KM_ENTRIES_MAX);
	nf_km_file_free(file);
	nf_km_put_str(&w, 0, "");
	ck_assert_int_eq(nf_buf_err(&buf), NF_E_INTERNAL);
	nf_buf_wipe(&buf);

	nf_km_begin(&w, &buf, NF_KM_TIME_MAX + 1);
	ck_assert_int_eq(nf_buf_err(&buf), NF_E_INTERNAL);
	nf_buf_wipe(&buf);
}
END_TEST

START_TEST(no_entry)
{
	struct nf_km_file *file;
	struct nf_view v;
	struct nf_buf buf;

	nf_tap_unhex(vector, &buf);
	ck_assert_int_eq(read_bytes(buf.p, buf.len, &file), 0);
	ck_assert_int_eq(nf_km_file_one(file, NF_ENT_MESG_GEN_KA, &v, &diag),
	    NF_E_FORMAT);
	ck_assert_ptr_null(v.p);
	ck_assert_str_eq(diag.field, "MesgGenKA");
	ck_assert_str_eq(diag.text, "missing");
	nf_diag_clear(&diag);
	ck_assert_int_eq(nf_km_file_one(file, 4711, &v, &diag), NF_E_FORMAT);
	ck_assert_str_eq(diag.field, "entry #4711");
	nf_diag_clear(&diag);
	ck_assert_int_eq(nf_km_file_opt(file, NF_ENT_MESG_GEN_KA, &v, &diag),
	    0);
	ck_assert_ptr_null(v.p);
	nf_km_file_free(file);
	nf_buf_wipe(&buf);
}
END_TEST

START_TEST(duplicate_entry)
{
	struct nf_km_file *file;
	struct nf_view v;
	struct nf_buf buf;

	nf_tap_unhex(vector, &buf);
	buf.p[48] = NF_ENT_APPNAME;
	ck_assert_int_eq(read_bytes(buf.p, buf.len, &file), 0);
	ck_assert_int_eq(nf_km_file_one(file, NF_ENT_APPNAME, &v, &diag),
	    NF_E_FORMAT);
	ck_assert_str_eq(diag.field, "AppName");
	ck_assert_str_eq(diag.text, "given twice");
	ck_assert_ptr_null(v.p);
	ck_assert_int_eq(nf_km_file_opt(file, NF_ENT_APPNAME, &v, NULL),
	    NF_E_FORMAT);
	nf_km_file_free(file);
	nf_buf_wipe(&buf);
}
END_TEST

START_TEST(type_names)
{
	size_t n = 0;

	for (; nf_km_types[n].name != NULL; n++) {
		/* No number and no name is listed twice. */
		ck_assert_str_eq(nf_name_find(nf_km_types,
		    nf_km_types[n].number), nf_km_types[n].name);
	}
	ck_assert_uint_eq(n, 137 + 3);
	ck_assert_str_eq(nf_name_find(nf_km_types, NF_ENT_CERT_WORLD_STATE),
	    "CertWorldState");
	ck_assert_str_eq(nf_name_find(nf_km_types, NF_ENT_SW_MARK),
	    "secworld:Mark");
}
END_TEST

static void
assert_sha1(const struct nf_km_file *file, uint32_t type, size_t len,
    const char *want)
{
	uint8_t hash[20];
	char text[41];
	struct nf_view v;

	ck_assert_int_eq(nf_km_file_one(file, type, &v, &diag), 0);
	ck_assert_uint_eq(v.len, len);
	ck_assert_int_eq(nf_digest_of(NF_SHA1, &v, 1, hash), 0);
	nf_text_hash(text, hash);
	ck_assert_str_eq(text, want);
}

START_TEST(real_tokens)
{
	const struct token *t = &tokens[_i];
	struct nf_km_file *file;
	struct nf_km_writer w;
	struct nf_buf buf, again = NF_BUF_INIT;

	nf_tap_token(t->file, t->len, &buf);
	ck_assert_int_eq(read_bytes(buf.p, buf.len, &file), 0);
	ck_assert_uint_eq(file->n, 13);
	ck_assert_uint_eq(file->time, t->time);
	assert_sha1(file, NF_ENT_MESG_GEN_KA, t->len306, t->sha306);
	assert_sha1(file, NF_ENT_MESG_MODULE_STATE, t->len311, t->sha311);
	nf_km_begin(&w, &again, file->time);
	for (uint32_t i = 0; i < file->n; i++)
		nf_km_put(&w, file->entry[i].type, file->entry[i].data);
	nf_km_end(&w);
	ck_assert(nf_view_equal(nf_buf_view(&again), nf_buf_view(&buf)));
	nf_km_file_free(file);
	nf_buf_wipe(&again);
	nf_buf_wipe(&buf);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("kmdata/datafile");
	TCase *tc = tcase_create("datafile");

	tcase_add_test(tc, vector_reads);
	tcase_add_test(tc, vector_writes);
	tcase_add_test(tc, round_trip_behind_other_bytes);
	tcase_add_test(tc, short_file);
	tcase_add_test(tc, trailing_byte);
	tcase_add_test(tc, wrong_magic);
	tcase_add_test(tc, other_files);
	tcase_add_test(tc, wrong_time);
	tcase_add_test(tc, wrong_count);
	tcase_add_test(tc, max_count);
	tcase_add_test(tc, max_length);
	tcase_add_test(tc, junk_padding);
	tcase_add_test(tc, max_file);
	tcase_add_test(tc, max_entries);
	tcase_add_test(tc, no_entry);
	tcase_add_test(tc, duplicate_entry);
	tcase_add_test(tc, type_names);
	NF_TAP_SAMPLE_LOOP(tc, real_tokens, N_TOKENS);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
