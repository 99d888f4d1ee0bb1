/* SPDX-License-Identifier: Apache-2.0 */
/* Generation parameters: vectors, optional fields, mutations, printing. */
#include "config.h"

#include "nfast/wire/genparams.h"
#include "nfast/wire/names.h"
#include "tests/wire/wire.h"

static int
genparams(struct nf_cur *cur)
{
	struct nf_genparams p;

	nf_wire_genparams_read(cur, &p);
	return nf_cur_end(cur, "object");
}

static const struct {
	const char *wire, *text;
} vectors[] = {
	{ "020000000400000000080000", "RSAPrivate 2048 bits, flags 0x4" },
	{ "020000000000000000040000", "RSAPrivate 1024 bits, flags 0x0" },
	{ "0200000003000000000c0000" "0400000003000000" "40000000",
	    "RSAPrivate 3072 bits, flags 0x3" },
	{ "2f00000004000000", "ECDSAPrivate NISTP256" },
	{ "2d00000006000000", "ECPrivate NISTP521" },
	{ "3000000005000000", "ECDHPrivate NISTP384" },
	{ "1300000000000000000c0000", "DSAPrivate 3072 bits, flags 0x0" },
	{ "130000000300000000040000" "0400000017000000"
	    "040000000b000000" "0400000004000000" "5d000000",
	    "DSAPrivate 1024 bits, flags 0x3" },
	{ "1e00000020000000", "Rijndael 256 bits" },
	{ "0c00000018000000", "DES3 192 bits" },
	{ "0700000014000000", "Random 160 bits" },
	{ "07000000ffffffff", "Random 34359738360 bits" },
};
#define N_VECTORS	(sizeof(vectors) / sizeof(vectors[0]))

START_TEST(round_trip)
{
	struct nf_buf wire, out = NF_BUF_INIT;
	struct nf_genparams p;
	struct nf_cur cur = wire_open(vectors[_i].wire, &wire);

	nf_wire_genparams_read(&cur, &p);
	ck_assert_int_eq(nf_cur_end(&cur, "object"), 0);
	nf_wire_genparams_write(&out, &p);
	wire_written(&out, vectors[_i].wire);
	nf_wire_genparams_print(&out, &p);
	ck_assert_str_eq(nf_buf_text(&out), vectors[_i].text);
	wire_check_lengths(genparams, &wire);
	nf_buf_wipe(&out);
	nf_buf_wipe(&wire);
}
END_TEST

START_TEST(unknown_type)
{
	struct nf_genparams p = { .type = 1 };
	struct nf_buf wire, out = NF_BUF_INIT;

	nf_tap_unhex(vectors[0].wire, &wire);
	wire_check_word(genparams, &wire, 0, 1, "params.type");
	wire_check_word(genparams, &wire, 0, 40, "params.type");
	nf_wire_genparams_write(&out, &p);
	ck_assert_int_eq(nf_buf_err(&out), NF_E_INTERNAL);
	nf_buf_wipe(&wire);
	nf_buf_wipe(&out);
}
END_TEST

START_TEST(unknown_flags)
{
	struct nf_buf wire;

	nf_tap_unhex(vectors[0].wire, &wire);
	for (uint32_t bit = 8; bit != 0; bit <<= 1)
		wire_check_word(genparams, &wire, 4, bit, "params.flags");
	nf_buf_wipe(&wire);
	nf_tap_unhex(vectors[6].wire, &wire);
	wire_check_word(genparams, &wire, 4, 4, "params.flags");
	nf_buf_wipe(&wire);
}
END_TEST

START_TEST(unknown_curve)
{
	struct nf_buf wire;

	nf_tap_unhex(vectors[3].wire, &wire);
	wire_check_word(genparams, &wire, 4, 1, "params.curve");
	nf_buf_wipe(&wire);
}
END_TEST

START_TEST(no_given_e)
{
	struct nf_diag diag = { 0 };
	struct nf_buf wire;

	nf_tap_unhex(vectors[0].wire, &wire);
	wire.p[4] = NF_GEN_RSA_GIVEN_E;
	ck_assert_int_eq(wire_try(genparams, nf_buf_view(&wire), &diag),
	    NF_E_FORMAT);
	ck_assert_str_eq(diag.field, "params.given_e");
	nf_buf_wipe(&wire);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("wire/genparams");
	TCase *tc = tcase_create("genparams");

	tcase_add_loop_test(tc, round_trip, 0, (int)N_VECTORS);
	tcase_add_test(tc, unknown_type);
	tcase_add_test(tc, unknown_flags);
	tcase_add_test(tc, unknown_curve);
	tcase_add_test(tc, no_given_e);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
