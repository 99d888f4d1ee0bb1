/* SPDX-License-Identifier: Apache-2.0 */
/* .NET binary XML: records, limits, and how byte arrays are cut. */
#include "config.h"

#include "tests/tap.h"
#include "transfer/nbfx.h"

/* <R><A>n bytes</A></R>; returns where the first record of A is. */
static size_t
write_array(struct nf_buf *buf, size_t n)
{
	struct nf_nbfx_writer w;
	struct nf_buf data = NF_BUF_INIT;
	size_t at;

	for (size_t i = 0; i < n; i++)
		nf_buf_u8(&data, (uint8_t)(i * 7 + 1));
	nf_nbfx_writer_init(&w, buf);
	nf_nbfx_write_element(&w, "R");
	nf_nbfx_write_element(&w, "A");
	at = buf->len;
	nf_nbfx_write_bytes(&w, nf_buf_view(&data));
	nf_nbfx_write_end(&w);
	nf_nbfx_write_end(&w);
	nf_buf_wipe(&data);
	ck_assert_int_eq(nf_buf_err(buf), 0);
	return at;
}

static int
read_array(struct nf_view in, struct nf_buf *out, struct nf_diag *diag)
{
	struct nf_nbfx_reader r;
	struct nf_nbfx_node v;
	struct nf_cur cur;
	int e;

	nf_cur_init(&cur, in.p, in.len, diag);
	nf_nbfx_reader_init(&r, &cur);
	if ((e = nf_nbfx_open(&r, "R", NULL)) == 0 &&
	    (e = nf_nbfx_leaf(&r, "A", &v)) == 0) {
		nf_buf_view_put(out, v.bytes);
		if ((e = nf_nbfx_close(&r, "R")) == 0)
			e = nf_nbfx_next(&r, &v);
	}
	nf_nbfx_reader_wipe(&r);
	return e;
}

/* Read all nodes; the count of them, or the error. */
static int
walk(const void *p, size_t len, struct nf_diag *diag)
{
	struct nf_nbfx_reader r;
	struct nf_nbfx_node node;
	struct nf_cur cur;
	int e, n = 0;

	nf_cur_init(&cur, p, len, diag);
	nf_nbfx_reader_init(&r, &cur);
	do {
		e = nf_nbfx_next(&r, &node);
		n++;
	} while (e == 0 && node.kind != NF_NBFX_EOF);
	nf_nbfx_reader_wipe(&r);
	return e != 0 ? e : n;
}

START_TEST(arrays)
{
	for (size_t n = 0; n <= 600; n++) {
		struct nf_buf buf = NF_BUF_INIT, got = NF_BUF_INIT;
		struct nf_diag diag = { 0 };

		(void)write_array(&buf, n);
		ck_assert_int_eq(read_array(nf_buf_view(&buf), &got, &diag),
		    0);
		ck_assert_uint_eq(got.len, n);
		for (size_t i = 0; i < n; i++)
			ck_assert_uint_eq(got.p[i], (uint8_t)(i * 7 + 1));
		nf_buf_wipe(&buf);
		nf_buf_wipe(&got);
	}
}
END_TEST

/* The forms seen in real packages: first record, last record of <A>. */
START_TEST(seen_forms)
{
	static const struct {
		size_t n;
		uint8_t first, tail_len;
		size_t head;
	} seen[] = {
		{ 20, 0x9e, 2, 2 }, { 128, 0x9e, 2, 2 }, { 148, 0x9e, 1, 2 },
		{ 256, 0x9e, 1, 2 }, { 276, 0xa1, 0, 3 }, { 3984, 0xa0, 0, 3 },
		{ 4176, 0xa0, 0, 3 }, { 4557, 0xa0, 0, 3 }, { 4589, 0xa0, 2, 3 }
	};

	for (size_t i = 0; i < sizeof(seen) / sizeof(seen[0]); i++) {
		struct nf_buf buf = NF_BUF_INIT;
		size_t at = write_array(&buf, seen[i].n);
		size_t whole = seen[i].n - seen[i].tail_len;
		size_t tail = at + seen[i].head + whole;

		ck_assert_uint_eq(buf.p[at], seen[i].first);
		ck_assert_uint_eq(buf.p[at + 1], whole & 0xff);
		if (seen[i].head == 3)
			ck_assert_uint_eq(buf.p[at + 2], whole >> 8);
		if (seen[i].tail_len != 0) {
			ck_assert_uint_eq(buf.p[tail], 0x9f);
			ck_assert_uint_eq(buf.p[tail + 1], seen[i].tail_len);
			tail += 2u + seen[i].tail_len;
		} else if (seen[i].first == 0xa0)
			ck_assert_uint_eq(buf.p[tail++], 0x01);
		ck_assert_uint_eq(buf.p[tail], 0x01);
		ck_assert_uint_eq(buf.len, tail + 1);
		nf_buf_wipe(&buf);
	}
}
END_TEST

/* 276 bytes after 300 others do not fit .NET's 512: a lone EndElement. */
START_TEST(array_past_the_writers_buffer)
{
	struct nf_buf buf = NF_BUF_INIT;
	struct nf_nbfx_writer w;
	uint8_t data[300] = { 1 };
	size_t at;

	nf_nbfx_writer_init(&w, &buf);
	nf_nbfx_write_element(&w, "A");
	at = buf.len;
	nf_nbfx_write_bytes(&w, nf_view_of(data, 300));
	nf_nbfx_write_end(&w);
	ck_assert_uint_eq(buf.p[at], 0xa1);
	nf_nbfx_write_element(&w, "B");
	at = buf.len;
	nf_nbfx_write_bytes(&w, nf_view_of(data, 276));
	nf_nbfx_write_end(&w);
	ck_assert_uint_eq(buf.p[at], 0xa0);
	ck_assert_uint_eq(buf.p[buf.len - 1], 0x01);
	ck_assert_uint_eq(buf.len, at + 3 + 276 + 1);
	nf_buf_wipe(&buf);
}
END_TEST

START_TEST(values)
{
	static const uint8_t want[] = {
		0x40, 1, 'R', 0x09, 1, 'i', 3, 'u', 'r', 'n',
		0x40, 1, 'a', 0x81, 0x40, 1, 'b', 0x83,
		0x40, 1, 'c', 0x89, 0x80, 0x40, 1, 'd', 0x8b, 0x80, 0x00,
		0x40, 1, 'e', 0x8d, 0x00, 0x00, 0x00, 0x80,
		0x40, 1, 'f', 0x87,
		0x40, 1, 'g', 0x97, 8, 7, 6, 5, 4, 3, 2, 1,
		0x40, 1, 'h', 0x99, 2, 'h', 'i', 0x40, 1, 'j', 0x83,
		0x40, 1, 'k', 0x2e, 3, 'n', 'i', 'l', 0x86, 0x01, 0x01
	};
	static const int32_t ints[] = { 0, 1, -128, 128, INT32_MIN };
	struct nf_buf buf = NF_BUF_INIT;
	struct nf_nbfx_reader r;
	struct nf_nbfx_writer w;
	struct nf_nbfx_node v;
	struct nf_cur cur;
	char name[2] = "a";

	nf_nbfx_writer_init(&w, &buf);
	nf_nbfx_write_element(&w, "R");
	nf_nbfx_write_xmlns(&w, "i", "urn");
	for (int i = 0; i < 5; i++, name[0]++) {
		nf_nbfx_write_element(&w, name);
		nf_nbfx_write_int(&w, ints[i]);
		nf_nbfx_write_end(&w);
	}
	nf_nbfx_write_element(&w, "f");
	nf_nbfx_write_bool(&w, true);
	nf_nbfx_write_end(&w);
	nf_nbfx_write_element(&w, "g");
	nf_nbfx_write_datetime(&w, UINT64_C(0x0102030405060708));
	nf_nbfx_write_end(&w);
	nf_nbfx_write_element(&w, "h");
	nf_nbfx_write_chars(&w, nf_view_of("hi", 2));
	nf_nbfx_write_end(&w);
	nf_nbfx_write_element(&w, "j");
	nf_nbfx_write_chars(&w, nf_view_of("1", 1));
	nf_nbfx_write_end(&w);
	nf_nbfx_write_element(&w, "k");
	nf_nbfx_write_bool_attribute(&w, 'i', "nil", true);
	nf_nbfx_write_end(&w);
	nf_nbfx_write_end(&w);
	ck_assert_uint_eq(buf.len, sizeof(want));
	ck_assert_mem_eq(buf.p, want, sizeof(want));

	nf_cur_init(&cur, buf.p, buf.len, NULL);
	nf_nbfx_reader_init(&r, &cur);
	ck_assert_int_eq(nf_nbfx_open(&r, "R", NULL), 0);
	ck_assert_int_eq(nf_nbfx_xmlns(&r, "i", "urn"), 0);
	for (int i = 0; i < 5; i++) {
		name[0] = (char)('a' + i);
		ck_assert_int_eq(nf_nbfx_leaf(&r, name, &v), 0);
		ck_assert_int_eq(v.type, NF_NBFX_INT);
		ck_assert_int_eq(v.number, ints[i]);
	}
	ck_assert_int_eq(nf_nbfx_leaf(&r, "f", &v), 0);
	ck_assert(v.type == NF_NBFX_BOOL && v.number == 1);
	ck_assert_int_eq(nf_nbfx_leaf(&r, "g", &v), 0);
	ck_assert_uint_eq(v.time, UINT64_C(0x0102030405060708));
	ck_assert_int_eq(nf_nbfx_leaf(&r, "h", &v), 0);
	ck_assert(nf_view_is(v.bytes, "hi"));
	ck_assert_int_eq(nf_nbfx_leaf(&r, "j", &v), 0);
	ck_assert_int_eq(nf_nbfx_open(&r, "k", NULL), 0);
	ck_assert_int_eq(nf_nbfx_next(&r, &v), 0);
	ck_assert_int_eq(v.kind, NF_NBFX_ATTRIBUTE);
	ck_assert(v.letter == 'i' && nf_view_is(v.name, "nil") &&
	    v.type == NF_NBFX_BOOL && v.number == 1);
	ck_assert_int_eq(nf_nbfx_close(&r, "k"), 0);
	ck_assert_int_eq(nf_nbfx_close(&r, "R"), 0);
	ck_assert_int_eq(nf_nbfx_next(&r, &v), 0);
	ck_assert_int_eq(v.kind, NF_NBFX_EOF);
	nf_nbfx_reader_wipe(&r);
	nf_buf_wipe(&buf);
}
END_TEST

/* Every length of text comes back, whatever the writer held before it. */
START_TEST(texts)
{
	for (size_t n = 0; n <= 600; n++) {
		struct nf_buf buf = NF_BUF_INIT, text = NF_BUF_INIT;
		struct nf_buf got = NF_BUF_INIT;
		struct nf_nbfx_writer w;

		nf_buf_fill(&text, 'x', n);
		nf_nbfx_writer_init(&w, &buf);
		nf_nbfx_write_element(&w, "R");
		nf_nbfx_write_element(&w, "A");
		nf_nbfx_write_chars(&w, nf_buf_view(&text));
		nf_nbfx_write_end(&w);
		nf_nbfx_write_end(&w);
		ck_assert_int_eq(read_array(nf_buf_view(&buf), &got, NULL),
		    0);
		ck_assert(nf_view_equal(nf_buf_view(&got),
		    nf_buf_view(&text)));
		nf_buf_wipe(&buf);
		nf_buf_wipe(&text);
		nf_buf_wipe(&got);
	}
}
END_TEST

START_TEST(short_document)
{
	struct nf_buf buf = NF_BUF_INIT, got = NF_BUF_INIT;

	(void)write_array(&buf, 20);
	for (size_t n = 0; n < buf.len; n++) {
		struct nf_diag diag = { 0 };

		ck_assert_int_eq(walk(buf.p, n, &diag), NF_E_FORMAT);
		ck_assert(diag.has_offset && diag.offset <= n);
	}
	ck_assert_int_eq(walk(buf.p, buf.len, NULL), 6);
	nf_buf_wipe(&buf);
	nf_buf_wipe(&got);
}
END_TEST

#define WALK_FAILS(at, ...) do { \
	static const uint8_t doc[] = { __VA_ARGS__ }; \
	struct nf_diag d = { 0 }; \
	ck_assert_int_eq(walk(doc, sizeof(doc), &d), NF_E_FORMAT); \
	ck_assert(d.has_offset); \
	ck_assert_uint_eq(d.offset, (at)); \
} while (0)

START_TEST(dictionary_record)
{
	WALK_FAILS(0, 0x42, 2, 0x01);
	WALK_FAILS(0, 0x44, 2, 0x01);
	WALK_FAILS(3, 0x40, 1, 'R', 0x0a, 2, 0x01);
	WALK_FAILS(3, 0x40, 1, 'R', 0x0c, 2, 0x86, 0x01);
	WALK_FAILS(3, 0x40, 1, 'R', 0xaa, 2, 0x01);
	WALK_FAILS(3, 0x40, 1, 'R', 0xab, 2);
}
END_TEST

/* No record but an element may start a document, none is 00 or FF. */
START_TEST(unknown_record)
{
	for (unsigned rec = 0; rec < 256; rec++) {
		uint8_t doc[] = { (uint8_t)rec, 1, 'R', 0x01 };
		struct nf_diag diag = { 0 };

		if (rec == 0x40)
			continue;
		ck_assert_int_eq(walk(doc, sizeof(doc), &diag), NF_E_FORMAT);
		ck_assert_uint_eq(diag.offset, 0);
	}
	WALK_FAILS(3, 0x40, 1, 'R', 0x00, 0x01);
	WALK_FAILS(3, 0x40, 1, 'R', 0xff, 0x01);
	WALK_FAILS(3, 0x40, 1, 'R', 0xa4, 0x01);
	WALK_FAILS(3, 0x40, 1, 'R', 0x90, 0, 0, 0, 0, 0x01);
}
END_TEST

START_TEST(nested_too_deep)
{
	struct nf_buf buf = NF_BUF_INIT;
	struct nf_diag diag = { 0 };

	for (int i = 0; i < NF_NBFX_DEPTH_MAX; i++)
		nf_buf_put(&buf, "\x40\x01R", 3);
	nf_buf_fill(&buf, 1, NF_NBFX_DEPTH_MAX);
	ck_assert_int_eq(walk(buf.p, buf.len, NULL),
	    2 * NF_NBFX_DEPTH_MAX + 1);
	nf_buf_wipe(&buf);
	for (int i = 0; i <= NF_NBFX_DEPTH_MAX; i++)
		nf_buf_put(&buf, "\x40\x01R", 3);
	nf_buf_fill(&buf, 1, NF_NBFX_DEPTH_MAX + 1);
	ck_assert_int_eq(walk(buf.p, buf.len, &diag), NF_E_FORMAT);
	ck_assert_uint_eq(diag.offset, 3 * NF_NBFX_DEPTH_MAX);
	nf_buf_wipe(&buf);
}
END_TEST

START_TEST(trailing_byte)
{
	WALK_FAILS(4, 0x40, 1, 'R', 0x01, 0x01);
	WALK_FAILS(4, 0x40, 1, 'R', 0x81, 0x40, 1, 'R', 0x01);
}
END_TEST

START_TEST(wrong_place)
{
	/* Text after a child, after text; an element after text. */
	WALK_FAILS(7, 0x40, 1, 'R', 0x40, 1, 'A', 0x81, 0x80, 0x01);
	WALK_FAILS(4, 0x40, 1, 'R', 0x80, 0x80, 0x01);
	WALK_FAILS(4, 0x40, 1, 'R', 0x80, 0x40, 1, 'A', 0x01, 0x01);
	/* Attributes after content; an attribute without or ending one. */
	WALK_FAILS(4, 0x40, 1, 'R', 0x80, 0x09, 1, 'i', 1, 'u', 0x01);
	WALK_FAILS(4, 0x40, 1, 'R', 0x80, 0x2e, 1, 'n', 0x86, 0x01);
	WALK_FAILS(6, 0x40, 1, 'R', 0x2e, 1, 'n', 0x01);
	WALK_FAILS(6, 0x40, 1, 'R', 0x2e, 1, 'n', 0x87);
}
END_TEST

START_TEST(long_name_length)
{
	/* Superfluous zero byte, above the limit, never ending, empty. */
	WALK_FAILS(3, 0x40, 0x81, 0x00, 'R', 0x01);
	WALK_FAILS(3, 0x40, 0x80, 0x02, 'R', 0x01);
	WALK_FAILS(5, 0x40, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01);
	WALK_FAILS(2, 0x40, 0x00, 0x01);
	WALK_FAILS(3, 0x40, 0x01, 0x07, 0x01);
}
END_TEST

START_TEST(long_value)
{
	struct nf_buf buf = NF_BUF_INIT, got = NF_BUF_INIT;
	struct nf_diag diag = { 0 };

	/* A length that no input could hold must not allocate. */
	WALK_FAILS(8, 0x40, 1, 'R', 0xa2, 0xff, 0xff, 0xff, 0x7f, 1);
	WALK_FAILS(8, 0x40, 1, 'R', 0x9c, 0xff, 0xff, 0xff, 0xff, 1);
	WALK_FAILS(5, 0x40, 1, 'R', 0x9f, 0);
	(void)write_array(&buf, NF_NBFX_VALUE_MAX);
	ck_assert_int_eq(read_array(nf_buf_view(&buf), &got, NULL), 0);
	ck_assert_uint_eq(got.len, NF_NBFX_VALUE_MAX);
	nf_buf_wipe(&buf);
	nf_buf_wipe(&got);
	/* Two records that are too long only together. */
	nf_buf_put(&buf, "\x40\x01R\x40\x01" "A\xa0\x00\x90", 9);
	nf_buf_fill(&buf, 7, 0x9000);
	nf_buf_put(&buf, "\xa1\x00\x90", 3);
	nf_buf_fill(&buf, 7, 0x9000);
	nf_buf_u8(&buf, 1);
	ck_assert_int_eq(read_array(nf_buf_view(&buf), &got, &diag),
	    NF_E_FORMAT);
	ck_assert_str_eq(diag.field, "A");
	ck_assert_uint_eq(diag.offset, 6);
	nf_buf_wipe(&buf);
}
END_TEST

START_TEST(max_written_value)
{
	struct nf_buf buf = NF_BUF_INIT, data = NF_BUF_INIT;
	struct nf_nbfx_writer w;

	nf_buf_fill(&data, 1, NF_NBFX_VALUE_MAX + 2);
	nf_nbfx_writer_init(&w, &buf);
	nf_nbfx_write_element(&w, "A");
	nf_nbfx_write_bytes(&w, nf_buf_view(&data));
	nf_nbfx_write_end(&w);
	ck_assert_int_eq(nf_buf_err(&buf), NF_E_FORMAT);
	nf_buf_wipe(&buf);
	nf_buf_wipe(&data);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("transfer/nbfx");
	TCase *tc = tcase_create("records");

	tcase_add_test(tc, arrays);
	tcase_add_test(tc, seen_forms);
	tcase_add_test(tc, array_past_the_writers_buffer);
	tcase_add_test(tc, values);
	tcase_add_test(tc, texts);
	tcase_add_test(tc, short_document);
	tcase_add_test(tc, dictionary_record);
	tcase_add_test(tc, unknown_record);
	tcase_add_test(tc, nested_too_deep);
	tcase_add_test(tc, trailing_byte);
	tcase_add_test(tc, wrong_place);
	tcase_add_test(tc, long_name_length);
	tcase_add_test(tc, long_value);
	tcase_add_test(tc, max_written_value);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
