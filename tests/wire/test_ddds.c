/* SPDX-License-Identifier: Apache-2.0 */
/* DDDS: the published vectors, both ways, and what a reader must refuse. */
#include "config.h"

#include "nfast/wire/ddds.h"
#include "tests/tap.h"

static struct nf_diag diag;

static int
read_hex(const char *hex, struct nf_ddds *d, struct nf_buf *bytes)
{
	struct nf_cur cur;

	nf_diag_clear(&diag);
	nf_tap_unhex(hex, bytes);
	nf_cur_init(&cur, bytes->p, bytes->len, &diag);
	return nf_ddds_read(&cur, d);
}

static void
refused(const char *hex, const char *field)
{
	struct nf_buf bytes;
	struct nf_ddds d;

	ck_assert_msg(read_hex(hex, &d, &bytes) == NF_E_FORMAT, "%s", hex);
	ck_assert_str_eq(diag.field, field);
	nf_buf_wipe(&bytes);
}

START_TEST(vectors)
{
	const struct nf_ddds_node *n;
	struct nf_buf bytes;
	struct nf_ddds d;

	ck_assert_int_eq(read_hex("05", &d, &bytes), 0);
	ck_assert(d.node[0].type == NF_DDDS_INT && d.node[0].small == 5);
	nf_buf_wipe(&bytes);
	ck_assert_int_eq(read_hex("26414243444546", &d, &bytes), 0);
	ck_assert(d.node[0].type == NF_DDDS_STRING);
	ck_assert(nf_view_is(d.node[0].v, "ABCDEF"));
	nf_buf_wipe(&bytes);
	ck_assert_int_eq(read_hex("374b5741524e2d31", &d, &bytes), 0);
	ck_assert(nf_ddds_is(&d.node[0], "KWARN-1"));
	nf_buf_wipe(&bytes);
	ck_assert_int_eq(read_hex("920102", &d, &bytes), 0);
	n = nf_ddds_item(&d, &d.node[0], 1);
	ck_assert(n != NULL && n->small == 2);
	ck_assert_ptr_null(nf_ddds_item(&d, &d.node[0], 2));
	nf_buf_wipe(&bytes);
	ck_assert_int_eq(read_hex("b1317801", &d, &bytes), 0);
	n = nf_ddds_get(&d, &d.node[0], "x");
	ck_assert(n != NULL && n->small == 1);
	ck_assert_ptr_null(nf_ddds_get(&d, &d.node[0], "y"));
	ck_assert_ptr_null(nf_ddds_get(&d, n, "x"));
	nf_buf_wipe(&bytes);
	ck_assert_int_eq(read_hex("c503010203", &d, &bytes), 0);
	ck_assert(d.node[0].type == NF_DDDS_BYTES && d.node[0].v.len == 3);
	nf_buf_wipe(&bytes);
	ck_assert_int_eq(read_hex("f4c5020100", &d, &bytes), 0);
	ck_assert(d.node[0].type == NF_DDDS_INT && d.node[0].v.len == 2);
	nf_buf_wipe(&bytes);
}
END_TEST

/* What the builders write reads back as the same. */
START_TEST(builders)
{
	static const char symbol[] = "WarrantCertificateType";
	const uint8_t be[3] = { 0, 1, 0 };
	struct nf_buf b = NF_BUF_INIT, big = NF_BUF_INIT;
	struct nf_ddds d;
	struct nf_cur cur;

	nf_buf_fill(&big, 7, 256);
	nf_ddds_put_map(&b, 4);
	nf_ddds_put_symbol(&b, symbol);
	nf_ddds_put_int(&b, nf_view_of(be, 3));
	nf_ddds_put_symbol(&b, "b");
	nf_ddds_put_bytes(&b, nf_buf_view(&big));
	nf_ddds_put_symbol(&b, "c");
	nf_ddds_put_string(&b, nf_view_of("text", 4));
	nf_ddds_put_symbol(&b, "d");
	nf_ddds_put_list(&b, 1);
	nf_ddds_put_int(&b, nf_view_of(be, 2));
	ck_assert_int_eq(nf_buf_err(&b), 0);
	nf_cur_init(&cur, b.p, b.len, NULL);
	ck_assert_int_eq(nf_ddds_read(&cur, &d), 0);
	ck_assert(nf_ddds_get(&d, &d.node[0], symbol)->v.len == 2);
	ck_assert(nf_view_equal(nf_ddds_get(&d, &d.node[0], "b")->v,
	    nf_buf_view(&big)));
	ck_assert(nf_view_is(nf_ddds_get(&d, &d.node[0], "c")->v, "text"));
	ck_assert(nf_ddds_item(&d, nf_ddds_get(&d, &d.node[0], "d"),
	    0)->small == 1);
	for (size_t n = 0; n < b.len; n++) {
		nf_cur_init(&cur, b.p, n, NULL);
		ck_assert_int_eq(nf_ddds_read(&cur, &d), NF_E_FORMAT);
		ck_assert_uint_eq(d.n, 0);
	}
	nf_ddds_put_list(&b, 16);
	ck_assert_int_eq(nf_buf_err(&b), NF_E_INTERNAL);
	nf_buf_wipe(&b);
	nf_buf_wipe(&big);
}
END_TEST

START_TEST(unknown_tag)
{
	static const char *const bad[] = { "40", "5f", "60", "7f", "80", "8f",
		"a0", "af", "e0", "ff", "c0", "c6", "d4", "d6", "f3", "f5" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		refused(bad[i], "tag");
}
END_TEST

START_TEST(long_forms)
{
	refused("c4017a", "symbol");
	refused("d5000107", "bytes");
	refused("f4c500", "integer");
	refused("f4c50105", "integer");
	refused("f4c51f", "integer");
	refused("f4c5020005", "integer");
	refused("f405", "integer");
	refused("f4f4c50120", "integer");
}
END_TEST

START_TEST(wrong_maps)
{
	refused("b2317801317801", "map");
	refused("b2317801317802", "map");
	refused("b10101", "map");
	refused("b1217801", "map");
}
END_TEST

START_TEST(trailing_byte)
{
	refused("0500", "DDDS");
	refused("92010203", "DDDS");
}
END_TEST

START_TEST(junk_text)
{
	refused("2100", "text");
	refused("310a", "text");
	refused("3180", "text");
}
END_TEST

START_TEST(nested_lists)
{
	struct nf_buf bytes;
	struct nf_ddds d;

	ck_assert_int_eq(read_hex("919191919191919100", &d, &bytes), 0);
	nf_buf_wipe(&bytes);
	refused("91919191919191919100", "depth");
}
END_TEST

START_TEST(max_values)
{
	struct nf_buf b = NF_BUF_INIT;
	struct nf_ddds d;
	struct nf_cur cur;

	/* 1 + 15 * (1 + 15) values. */
	nf_ddds_put_list(&b, 15);
	for (size_t i = 0; i < 15; i++) {
		nf_ddds_put_list(&b, 15);
		nf_buf_fill(&b, 1, 15);
	}
	nf_diag_clear(&diag);
	nf_cur_init(&cur, b.p, b.len, &diag);
	ck_assert_int_eq(nf_ddds_read(&cur, &d), NF_E_FORMAT);
	ck_assert_str_eq(diag.field, "values");
	nf_buf_wipe(&b);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("wire/ddds");
	TCase *tc = tcase_create("values");

	tcase_add_test(tc, vectors);
	tcase_add_test(tc, builders);
	tcase_add_test(tc, unknown_tag);
	tcase_add_test(tc, long_forms);
	tcase_add_test(tc, wrong_maps);
	tcase_add_test(tc, trailing_byte);
	tcase_add_test(tc, junk_text);
	tcase_add_test(tc, nested_lists);
	tcase_add_test(tc, max_values);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
