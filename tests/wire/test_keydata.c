/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key data and key hashes: every published hash that needs no sample, round
 * trips of all types, mutations.
 */
#include "config.h"

#include <openssl/evp.h>

#include "nfast/base/curve.h"
#include "nfast/base/digest.h"
#include "nfast/wire/names.h"
#include "tests/wire/wire.h"

static int
keydata(struct nf_cur *cur)
{
	struct nf_keydata key;

	nf_wire_keydata_read(cur, &key);
	return nf_cur_end(cur, "object");
}

static void
check_hash(const struct nf_keydata *key, const char *want)
{
	uint8_t hash[NF_HASH_LEN];

	ck_assert_int_eq(nf_wire_keyhash(key, hash, NULL), 0);
	wire_check_hex(nf_view_of(hash, sizeof(hash)), want);
}

/* 2^bit + 1, little-endian. */
static struct nf_view
power(size_t bit, struct nf_buf *buf)
{
	nf_buf_init(buf);
	nf_buf_fill(buf, 0, bit / 8 + 1);
	buf->p[bit / 8] = (uint8_t)(1u << bit % 8);
	buf->p[0] |= 1;
	return nf_buf_view(buf);
}

START_TEST(hash_of_symmetric_keys)
{
	uint8_t bytes[32];
	struct nf_keydata key = { .type = NF_KEY_DES3 };

	memset(bytes, 1, 24);
	key.v[NF_SYM_K] = nf_view_of(bytes, 24);
	check_hash(&key, "1d572201be533ebc89f30fdd8f3fac6ca3395bf0");
	ck_assert_uint_eq(nf_wire_keydata_bits(&key), 192);
	memset(bytes, 0, 32);
	key.type = NF_KEY_RIJNDAEL;
	key.v[NF_SYM_K] = nf_view_of(bytes, 32);
	check_hash(&key, "c2be99fe1c77f1b75d48e2fd2df8dffc0c969bcb");
	for (uint8_t i = 0; i < 32; i++)
		bytes[i] = i;
	check_hash(&key, "88d86b415abf5dcacbad0adfd557e2132160f8ce");
	ck_assert_uint_eq(nf_wire_keydata_bits(&key), 256);
}
END_TEST

START_TEST(hash_of_rsa)
{
	struct nf_keydata key = { .type = NF_KEY_RSAPUBLIC };
	struct nf_buf n;

	key.v[NF_RSA_E] = nf_view_of("\3", 1);
	key.v[NF_RSA_N] = nf_view_of("\xc1", 1);
	check_hash(&key, "6cd27129e160368ebaccab849283987e99f42731");
	key.v[NF_RSA_E] = nf_view_of("\1\0\1", 3);
	key.v[NF_RSA_N] = power(512, &n);
	check_hash(&key, "626d41d18954d91428c9c19dbbfd145ec1fa67b7");
	nf_buf_wipe(&n);
	key.v[NF_RSA_N] = power(2047, &n);
	check_hash(&key, "b1ad66b48248750c047dd6bfb484ef0dd9dca8a0");
	ck_assert_uint_eq(nf_wire_keydata_bits(&key), 2048);
	/* zero top bytes do not count */
	nf_buf_fill(&n, 0, 4);
	key.v[NF_RSA_N] = nf_buf_view(&n);
	check_hash(&key, "b1ad66b48248750c047dd6bfb484ef0dd9dca8a0");
	nf_buf_wipe(&n);
}
END_TEST

START_TEST(hash_of_dsa)
{
	struct nf_keydata key = { .type = NF_KEY_DSAPUBLIC };
	struct nf_buf p, q;

	key.v[NF_DSA_P] = power(1023, &p);
	key.v[NF_DSA_Q] = power(159, &q);
	key.v[NF_DSA_G] = nf_view_of("\2", 1);
	key.v[NF_DSA_Y] = nf_view_of("\3", 1);
	check_hash(&key, "6ed77e95528edc858c321380b7a3e7545c24b770");
	ck_assert_uint_eq(nf_wire_keydata_bits(&key), 1024);
	nf_buf_wipe(&p);
	nf_buf_wipe(&q);
}
END_TEST

static const struct {
	uint32_t type, curve;
	const char *x, *y;	/* NULL: the base point */
	const char *hash;
} points[] = {
	{ 46, 4, NULL, NULL, "794fa8911022aaafbee7835857138a0e94cf2fbc" },
	{ 49, 4, NULL, NULL, "5af929b9bdc995a5c98141221486124ecbca8a3c" },
	{ 54, 4, NULL, NULL, "5af929b9bdc995a5c98141221486124ecbca8a3c" },
	{ 44, 4, NULL, NULL, "047934bf008d7a10891afa7be3b61808d0acaaed" },
	{ 46, 5, NULL, NULL, "df698ee9fb3ae4e0279ff8dc5f6ff4f85b808b45" },
	{ 46, 6, NULL, NULL, "d0133d710e29929e2de1c08998129d0b01d0aee2" },
	{ 49, 6, NULL, NULL, "d840683cbf45740a4fcea7970e9134d5b1bae6bd" },
	{ 44, 4, VEC_NOTE_X, VEC_NOTE_Y,
	    "6ac2377ceaac44eab378518d1b6f4ebf0d4d0dec" },
	{ 46, 6, VEC_KWARN_X, VEC_KWARN_Y,
	    "679eae63cd8b4e63a57afbf4ac21417ce3578955" },
};

START_TEST(hash_of_points)
{
	const struct nf_curve *curve = nf_curve_find(points[_i].curve);
	size_t n = curve->number == NF_EC_P521 ? 128 : 64;
	struct nf_keydata key = { points[_i].type, points[_i].curve,
	    { { NULL, 0 } } };
	struct nf_buf block = NF_BUF_INIT, x = NF_BUF_INIT, y = NF_BUF_INIT;
	EVP_PKEY *pkey = NULL;

	ck_assert_int_eq(nf_curve_hash_block(curve, &block), 0);
	if (points[_i].x == NULL) {
		key.v[NF_ECPUB_X] = nf_view_of(block.p + 12 + 3 * n, n);
		key.v[NF_ECPUB_Y] = nf_view_of(block.p + 12 + 4 * n, n);
	} else {
		key.v[NF_ECPUB_X] = wire_number(points[_i].x, &x);
		key.v[NF_ECPUB_Y] = wire_number(points[_i].y, &y);
	}
	check_hash(&key, points[_i].hash);
	ck_assert_uint_eq(nf_wire_keydata_bits(&key), curve->field_bits);
	ck_assert_int_eq(nf_wire_keydata_pkey(&key, &pkey, NULL), 0);
	EVP_PKEY_free(pkey);
	nf_buf_wipe(&block);
	nf_buf_wipe(&x);
	nf_buf_wipe(&y);
}
END_TEST

static const struct {
	uint32_t curve;
	size_t len;
	const char *sha1;
} blocks[] = {
	{ 4, 460, "ad7cc4113a9df852faf4098e199b0fef8ee035e3" },
	{ 5, 460, "79938a3f5bc93f1ba2963f3297b629c99b56082c" },
	{ 6, 844, "00d4b565af5e6e030d49ef1ecd01543433c95a41" },
};

START_TEST(curve_blocks)
{
	uint8_t digest[NF_DIGEST_MAX];
	struct nf_buf block = NF_BUF_INIT;
	struct nf_view v;

	ck_assert_int_eq(nf_curve_hash_block(nf_curve_find(blocks[_i].curve),
	    &block), 0);
	v = nf_buf_view(&block);
	ck_assert_uint_eq(v.len, blocks[_i].len);
	ck_assert_int_eq(nf_digest_of(NF_SHA1, &v, 1, digest), 0);
	wire_check_hex(nf_view_of(digest, 20), blocks[_i].sha1);
	nf_buf_wipe(&block);
}
END_TEST

static const struct {
	uint32_t type;
	const char *name;
	const char *wire;
	enum nf_keykind kind;
	uint32_t public_type;
} types[] = {
	{ 1, "RSAPublic", "01000000" "0400000001000100" "04000000c1000000",
	    NF_KIND_PUBLIC, 0 },
	{ 2, "RSAPrivate", "02000000" "040000000b000000" "040000000d000000"
	    "0400000001000000" "0400000005000000" "0400000006000000"
	    "0400000005000000", NF_KIND_PRIVATE, 1 },
	{ 3, "DSAPublic", "03000000" "0400000017000000" "040000000b000000"
	    "0400000004000000" "0400000008000000", NF_KIND_PUBLIC, 0 },
	{ 19, "DSAPrivate", "13000000" "0400000017000000"
	    "040000000b000000" "0400000004000000" "0400000008000000",
	    NF_KIND_PRIVATE, 3 },
	{ 44, "ECPublic", "2c000000" "04000000" "00000000"
	    "0400000001000000" "0400000002000000", NF_KIND_PUBLIC, 0 },
	{ 45, "ECPrivate", "2d000000" "05000000" "0400000001000000",
	    NF_KIND_PRIVATE, 44 },
	{ 46, "ECDSAPublic", "2e000000" "06000000" "00000000"
	    "0400000001000000" "0400000002000000", NF_KIND_PUBLIC, 0 },
	{ 47, "ECDSAPrivate", "2f000000" "16000000" "0400000001000000",
	    NF_KIND_PRIVATE, 46 },
	{ 48, "ECDHPrivate", "30000000" "04000000" "0400000001000000",
	    NF_KIND_PRIVATE, 49 },
	{ 49, "ECDHPublic", "31000000" "04000000" "00000000"
	    "0400000001000000" "0400000002000000", NF_KIND_PUBLIC, 0 },
	{ 53, "ECDHLaxPrivate", "35000000" "04000000" "0400000001000000",
	    NF_KIND_PRIVATE, 54 },
	{ 54, "ECDHLaxPublic", "36000000" "04000000" "00000000"
	    "0400000001000000" "0400000002000000", NF_KIND_PUBLIC, 0 },
	{ 11, "DES", "0b000000" "08000000" "0123456789abcdef",
	    NF_KIND_SYMMETRIC, 0 },
	{ 41, "DES2", "29000000" "10000000"
	    "0123456789abcdeffedcba9876543210", NF_KIND_SYMMETRIC, 0 },
	{ 12, "DES3", "0c000000" "18000000"
	    "010101010101010101010101010101010101010101010101",
	    NF_KIND_SYMMETRIC, 0 },
	{ 30, "Rijndael", "1e000000" "10000000"
	    "000102030405060708090a0b0c0d0e0f", NF_KIND_SYMMETRIC, 0 },
};

START_TEST(round_trip)
{
	struct nf_buf wire, out = NF_BUF_INIT;
	struct nf_keydata key;
	struct nf_cur cur = wire_open(types[_i].wire, &wire);

	nf_wire_keydata_read(&cur, &key);
	ck_assert_int_eq(nf_cur_end(&cur, "object"), 0);
	ck_assert_uint_eq(key.type, types[_i].type);
	ck_assert_str_eq(nf_name_find(nf_wire_keytypes, key.type),
	    types[_i].name);
	ck_assert_int_eq(nf_wire_keykind(key.type), types[_i].kind);
	ck_assert_uint_eq(nf_wire_public_type(key.type),
	    types[_i].public_type);
	ck_assert_int_eq(nf_wire_key_is_ec(key.type),
	    strncmp(types[_i].name, "EC", 2) == 0);
	nf_wire_keydata_write(&out, &key);
	wire_written(&out, types[_i].wire);
	wire_check_lengths(keydata, &wire);
	nf_buf_wipe(&wire);
}
END_TEST

START_TEST(unknown_keytype)
{
	struct nf_buf wire, out = NF_BUF_INIT;
	struct nf_keydata key = { .type = 999 };
	uint8_t hash[NF_HASH_LEN];
	struct nf_diag diag = { 0 };
	EVP_PKEY *pkey;

	nf_tap_unhex(types[0].wire, &wire);
	wire_check_word(keydata, &wire, 0, 0, "keytype");
	wire_check_word(keydata, &wire, 0, 999, "keytype");
	nf_wire_keydata_write(&out, &key);
	ck_assert_int_eq(nf_buf_err(&out), NF_E_INTERNAL);
	ck_assert_int_eq(nf_wire_keyhash(&key, hash, &diag), NF_E_FORMAT);
	ck_assert_str_eq(diag.field, "keytype");
	ck_assert_int_eq(nf_wire_keydata_pkey(&key, &pkey, NULL),
	    NF_E_FORMAT);
	ck_assert_ptr_null(pkey);
	ck_assert_int_eq(nf_wire_keykind(999), NF_KIND_UNKNOWN);
	ck_assert_uint_eq(nf_wire_keydata_bits(&key), 0);
	nf_buf_wipe(&wire);
	nf_buf_wipe(&out);
}
END_TEST

START_TEST(unknown_curve)
{
	struct nf_keydata key = { .type = NF_KEY_ECDSAPUBLIC, .curve = 1 };
	uint8_t hash[NF_HASH_LEN];
	struct nf_diag diag = { 0 };
	struct nf_buf wire;

	nf_tap_unhex(types[4].wire, &wire);
	wire_check_word(keydata, &wire, 4, 1, "curve");
	wire_check_word(keydata, &wire, 4, 0, "curve");
	nf_buf_wipe(&wire);
	ck_assert_int_eq(nf_wire_keyhash(&key, hash, &diag), NF_E_FORMAT);
	ck_assert_str_eq(diag.field, "keytype");
}
END_TEST

START_TEST(wrong_point)
{
	struct nf_buf wire;

	nf_tap_unhex(types[4].wire, &wire);
	wire_check_word(keydata, &wire, 8, 1, "point");
	wire_check_word(keydata, &wire, 8, 2, "point");
	wire_check_word(keydata, &wire, 12, 0, "x");
	nf_buf_wipe(&wire);
}
END_TEST

START_TEST(max_number)
{
	struct nf_buf wire = NF_BUF_INIT;
	struct nf_diag diag = { 0 };

	nf_buf_u32(&wire, NF_KEY_RSAPUBLIC);
	nf_wire_bignum_write(&wire, nf_view_of("\3", 1));
	nf_buf_u32(&wire, NF_KEYDATA_NUM_MAX + 4);
	nf_buf_fill(&wire, 0xff, NF_KEYDATA_NUM_MAX + 4);
	ck_assert_int_eq(wire_try(keydata, nf_buf_view(&wire), &diag),
	    NF_E_FORMAT);
	ck_assert_str_eq(diag.field, "n");
	nf_buf_wipe(&wire);
}
END_TEST

START_TEST(no_hash_rule)
{
	struct nf_keydata key = { .type = NF_KEY_RSAPUBLIC };
	uint8_t hash[NF_HASH_LEN];

	key.v[NF_RSA_E] = nf_view_of("\1\0\0\0\1", 5);
	key.v[NF_RSA_N] = nf_view_of("\xc1", 1);
	ck_assert_int_eq(nf_wire_keyhash(&key, hash, NULL), NF_E_FORMAT);
	key.type = NF_KEY_RSAPRIVATE;
	ck_assert_int_eq(nf_wire_keyhash(&key, hash, NULL), NF_E_FORMAT);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("wire/keydata");
	TCase *tc = tcase_create("keydata");

	tcase_add_test(tc, hash_of_symmetric_keys);
	tcase_add_test(tc, hash_of_rsa);
	tcase_add_test(tc, hash_of_dsa);
	tcase_add_loop_test(tc, hash_of_points, 0, 9);
	tcase_add_loop_test(tc, curve_blocks, 0, 3);
	tcase_add_loop_test(tc, round_trip, 0, 16);
	tcase_add_test(tc, unknown_keytype);
	tcase_add_test(tc, unknown_curve);
	tcase_add_test(tc, wrong_point);
	tcase_add_test(tc, max_number);
	tcase_add_test(tc, no_hash_rule);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
