/* SPDX-License-Identifier: Apache-2.0 */
/* Bignums, strings, byte blocks and hashes: published vectors, mutations. */
#include "config.h"

#include "nfast/wire/prim.h"
#include "tests/wire/wire.h"

static int
bignum(struct nf_cur *cur)
{
	(void)nf_wire_bignum_read(cur, "number", 16);
	return nf_cur_end(cur, "object");
}

static int
string(struct nf_cur *cur)
{
	(void)nf_wire_string_read(cur, "string", 14);
	return nf_cur_end(cur, "object");
}

static int
block(struct nf_cur *cur)
{
	(void)nf_wire_block_read(cur, "block", 8);
	return nf_cur_end(cur, "object");
}

static int
hashex(struct nf_cur *cur)
{
	struct nf_hashex h;

	nf_wire_hashex_read(cur, "hash", &h);
	return nf_cur_end(cur, "object");
}

/* These bytes are refused, with the error at that field. */
static void
refused(wire_reader reader, const char *hex, const char *field)
{
	struct nf_diag diag = { 0 };
	struct nf_buf buf;

	nf_tap_unhex(hex, &buf);
	ck_assert_int_eq(wire_try(reader, nf_buf_view(&buf), &diag),
	    NF_E_FORMAT);
	ck_assert_str_eq(diag.field, field);
	nf_buf_wipe(&buf);
}

static const struct {
	const char *value, *wire;	/* value: little-endian hex */
} bignums[] = {
	{ "", "0400000000000000" },
	{ "00", "0400000000000000" },
	{ "010001", "0400000001000100" },
	{ "00000080", "0400000000000080" },
	{ "0000000001", "080000000000000001000000" },
	{ "000000000100000000", "080000000000000001000000" },
};

START_TEST(bignum_vectors)
{
	const char *hex = bignums[_i].wire;
	struct nf_buf value, wire, out = NF_BUF_INIT;
	struct nf_cur cur = wire_open(hex, &wire);
	struct nf_view v = nf_wire_bignum_read(&cur, "number", 16);

	ck_assert_int_eq(nf_cur_end(&cur, "object"), 0);
	nf_wire_bignum_write(&out, v);
	wire_written(&out, hex);
	nf_tap_unhex(bignums[_i].value, &value);
	nf_wire_bignum_write(&out, nf_buf_view(&value));
	wire_written(&out, hex);
	wire_check_lengths(bignum, &wire);
	nf_buf_wipe(&wire);
	nf_buf_wipe(&value);
}
END_TEST

START_TEST(wrong_bignums)
{
	refused(bignum, "00000000", "number");
	refused(bignum, "03000000010001", "number");
	refused(bignum, "0600000001000100ffff", "number");
	refused(bignum, "080000000100010000000000", "number");
	refused(bignum, "080000000000000000000000", "number");
	refused(bignum, "ffffffff01000100", "number");
	refused(bignum, "14000000" "0000000000000000000000000000000000000001",
	    "number");
}
END_TEST

static const struct {
	const char *text, *wire;
} strings[] = {
	{ "", "0100000000000000" },
	{ "abc", "0400000061626300" },
	{ "8938-1075-88BB", "0f000000383933382d313037352d383842420000" },
};

START_TEST(string_vectors)
{
	const char *text = strings[_i].text;
	struct nf_buf wire, out = NF_BUF_INIT;
	struct nf_cur cur = wire_open(strings[_i].wire, &wire);

	ck_assert(nf_view_is(nf_wire_string_read(&cur, "string", 14), text));
	ck_assert_int_eq(nf_cur_end(&cur, "object"), 0);
	nf_wire_string_write(&out, nf_view_of(text, strlen(text)));
	wire_written(&out, strings[_i].wire);
	wire_check_lengths(string, &wire);
	nf_buf_wipe(&wire);
}
END_TEST

START_TEST(wrong_strings)
{
	refused(string, "00000000", "string");
	refused(string, "0300000061626300", "string");
	refused(string, "0400000061620000", "string");
	refused(string, "0400000061626364", "string");
	refused(string, "0100000000000001", "string");
	refused(string, "0100000001000000", "string");
	/* max: 15 characters and a NUL, one more than the reader takes */
	refused(string, "1000000061616161616161616161616161616100", "string");
	refused(string, "ffffffff61626300", "string");
}
END_TEST

START_TEST(block_vectors)
{
	static const char hex[] = "050000000102030405000000";
	struct nf_buf wire, out = NF_BUF_INIT;
	struct nf_cur cur = wire_open(hex, &wire);

	ck_assert(nf_view_is(nf_wire_block_read(&cur, "block", 5),
	    "\1\2\3\4\5"));
	ck_assert_int_eq(nf_cur_end(&cur, "object"), 0);
	nf_wire_block_write(&out, nf_view_of("\1\2\3\4\5", 5));
	wire_written(&out, hex);
	wire_check_lengths(block, &wire);
	nf_buf_wipe(&wire);
	nf_wire_block_write(&out, nf_view_of(NULL, 0));
	wire_check_hex(nf_buf_view(&out), "00000000");
	wire_check_lengths(block, &out);
	nf_buf_wipe(&out);
}
END_TEST

START_TEST(wrong_blocks)
{
	refused(block, "050000000102030405010000", "block");
	refused(block, "050000000102030405000001", "block");
	refused(block, "09000000010203040506070809000000", "block");
	refused(block, "ffffffff", "block");
}
END_TEST

static const struct {
	uint32_t mech;
	size_t len;
} hashes[] = { { 44, 20 }, { 93, 32 }, { 95, 64 } };

START_TEST(hashex_round_trip)
{
	struct nf_hashex h;
	struct nf_buf wire = NF_BUF_INIT, out = NF_BUF_INIT;
	struct nf_cur cur;

	ck_assert_uint_eq(nf_wire_hashex_len(hashes[_i].mech),
	    hashes[_i].len);
	nf_buf_u32(&wire, hashes[_i].mech);
	nf_buf_fill(&wire, 0xa5, hashes[_i].len);
	nf_cur_init(&cur, wire.p, wire.len, NULL);
	nf_wire_hashex_read(&cur, "hash", &h);
	ck_assert_int_eq(nf_cur_end(&cur, "object"), 0);
	ck_assert_uint_eq(h.mech, hashes[_i].mech);
	nf_wire_hashex_write(&out, &h);
	ck_assert(nf_view_equal(nf_buf_view(&out), nf_buf_view(&wire)));
	wire_check_lengths(hashex, &wire);
	nf_buf_wipe(&wire);
	nf_buf_wipe(&out);
}
END_TEST

START_TEST(hashex_vector)
{
	struct nf_hashex h = { 44, { 0 } };
	struct nf_buf hkm, out = NF_BUF_INIT;

	nf_tap_unhex(VEC_HKM, &hkm);
	memcpy(h.hash, hkm.p, 20);
	nf_wire_hashex_write(&out, &h);
	wire_check_hex(nf_buf_view(&out), "2c000000" VEC_HKM);
	nf_buf_wipe(&hkm);
	nf_buf_wipe(&out);
}
END_TEST

START_TEST(unknown_hash_mech)
{
	refused(hashex, "00000000" VEC_HKM, "hash");
	refused(hashex, "5e000000" VEC_HKM VEC_HKM VEC_HKM, "hash");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("wire/prim");
	TCase *tc = tcase_create("prim");

	tcase_add_loop_test(tc, bignum_vectors, 0, 6);
	tcase_add_test(tc, wrong_bignums);
	tcase_add_loop_test(tc, string_vectors, 0, 3);
	tcase_add_test(tc, wrong_strings);
	tcase_add_test(tc, block_vectors);
	tcase_add_test(tc, wrong_blocks);
	tcase_add_loop_test(tc, hashex_round_trip, 0, 3);
	tcase_add_test(tc, hashex_vector);
	tcase_add_test(tc, unknown_hash_mech);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
