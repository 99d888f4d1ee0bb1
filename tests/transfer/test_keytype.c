/* SPDX-License-Identifier: Apache-2.0 */
/* Which types and sizes method 2 takes, and their names. */
#include "config.h"

#include "nfast/wire/names.h"
#include "tests/tap.h"
#include "transfer/keytype.h"

static struct nf_diag diag;

static const struct {
	struct nf_xfer_keytype type;
	const char *text;
	bool taken;
} types[] = {
	{ { NF_XFER_RSA, 1024, 0 }, "RSA 1024", false },
	{ { NF_XFER_RSA, 2048, 0 }, "RSA 2048", true },
	{ { NF_XFER_RSA, 2049, 0 }, "RSA 2049", false },
	{ { NF_XFER_RSA, 3072, 0 }, "RSA 3072", true },
	{ { NF_XFER_RSA, 4096, 0 }, "RSA 4096", true },
	{ { NF_XFER_RSA, 8192, 0 }, "RSA 8192", false },
	{ { NF_XFER_EC, 256, NF_EC_P256 }, "EC P-256", true },
	{ { NF_XFER_EC, 384, NF_EC_P384 }, "EC P-384", true },
	{ { NF_XFER_EC, 521, NF_EC_P521 }, "EC P-521", true },
	{ { NF_XFER_EC, 256, NF_EC_SECP256K1 }, "EC P-256K", true },
	{ { NF_XFER_EC, 224, 3 }, "EC of another curve", false },
	{ { NF_XFER_OCT, 64, 0 }, "oct 64", false },
	{ { NF_XFER_OCT, 128, 0 }, "oct 128", true },
	{ { NF_XFER_OCT, 192, 0 }, "oct 192", true },
	{ { NF_XFER_OCT, 256, 0 }, "oct 256", true },
	{ { NF_XFER_OCT, 512, 0 }, "oct 512", false },
};
#define N	((int)(sizeof(types) / sizeof(types[0])))

START_TEST(taken)
{
	char text[NF_XFER_KEYTYPE_MAX];

	nf_diag_clear(&diag);
	nf_xfer_keytype_text(&types[_i].type, text);
	ck_assert_str_eq(text, types[_i].text);
	ck_assert_int_eq(nf_xfer_keytype_check(&types[_i].type, &diag),
	    types[_i].taken ? 0 : NF_E_POLICY);
	ck_assert_int_eq(diag.code, types[_i].taken ? 0 : NF_E_POLICY);
	for (int j = 0; j < N; j++)
		ck_assert(nf_xfer_keytype_equal(&types[_i].type,
		    &types[j].type) == (j == _i));
}
END_TEST

START_TEST(parse)
{
	struct nf_xfer_keytype t;

	ck_assert(nf_xfer_keytype_parse(types[_i].text, &t) ==
	    (strstr(types[_i].text, "another") == NULL));
	if (strstr(types[_i].text, "another") == NULL)
		ck_assert(nf_xfer_keytype_equal(&t, &types[_i].type));
}
END_TEST

START_TEST(parse_junk)
{
	static const char *const texts[] = { "", "RSA", "RSA ", "RSA 2048x",
	    "RSA 02048", "rsa 2048", "EC p-256", "EC 256", " ", "R 2048" };
	struct nf_xfer_keytype t;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		ck_assert_msg(!nf_xfer_keytype_parse(texts[i], &t), "'%s'",
		    texts[i]);
}
END_TEST

START_TEST(of_keydata)
{
	uint8_t n[256] = { 1 }, k[24] = { 0 };
	struct nf_keydata kd = { .type = NF_KEY_RSAPUBLIC };
	struct nf_xfer_keytype t;

	nf_diag_clear(&diag);
	n[255] = 0x80;
	kd.v[NF_RSA_N] = nf_view_of(n, sizeof(n));
	ck_assert_int_eq(nf_xfer_keytype_of(&kd, &t, &diag), 0);
	ck_assert(nf_xfer_keytype_equal(&t, &types[1].type));
	kd = (struct nf_keydata){ .type = NF_KEY_ECDSAPUBLIC,
	    .curve = NF_EC_SECP256K1 };
	ck_assert_int_eq(nf_xfer_keytype_of(&kd, &t, &diag), 0);
	ck_assert(nf_xfer_keytype_equal(&t, &types[9].type));
	kd = (struct nf_keydata){ .type = NF_KEY_RIJNDAEL };
	kd.v[NF_SYM_K] = nf_view_of(k, sizeof(k));
	ck_assert_int_eq(nf_xfer_keytype_of(&kd, &t, &diag), 0);
	ck_assert(nf_xfer_keytype_equal(&t, &types[13].type));
	kd.type = NF_KEY_DES3;
	ck_assert_int_eq(nf_xfer_keytype_of(&kd, &t, &diag), NF_E_POLICY);
	ck_assert_ptr_nonnull(strstr(diag.text, "DES3"));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("transfer/keytype");
	TCase *t = tcase_create("keytype");

	tcase_add_loop_test(t, taken, 0, N);
	tcase_add_loop_test(t, parse, 0, N);
	tcase_add_test(t, parse_junk);
	tcase_add_test(t, of_keydata);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
