/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RFC 5649: its two published vectors, and what must not unwrap, made by hand
 * of single AES blocks so that the initial value is ours to choose.  And the
 * sealing of method 2, opened by libcrypto.
 */
#include "config.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#include "nfast/base/keywrap.h"
#include "tests/tap.h"

#define ROOM	256
#define HIGH	"\xa6\x59\x59\xa6"	/* of the initial value */

static const uint8_t key32[32] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };

static struct nf_view
kek32(void)
{
	return nf_view_of(key32, sizeof(key32));
}

/* One block of AES-256 in place. */
static void
aes_block(uint8_t block[static 16])
{
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, "AES-256-ECB", NULL);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n = 0;

	ck_assert_int_eq(EVP_EncryptInit_ex2(ctx, cipher, key32, NULL, NULL),
	    1);
	ck_assert_int_eq(EVP_CIPHER_CTX_set_padding(ctx, 0), 1);
	ck_assert_int_eq(EVP_EncryptUpdate(ctx, block, &n, block, 16), 1);
	ck_assert_int_eq(n, 16);
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(cipher);
}

/*
 * The wrapping of RFC 5649 with any initial value, by its own description:
 * one block when there is one semiblock, else the six rounds of RFC 3394.
 * plain is a multiple of 8 bytes.  Returns the length.
 */
static size_t
by_hand(const uint8_t aiv[static 8], const uint8_t *plain, size_t len,
    uint8_t *out)
{
	uint8_t block[16], r[ROOM];
	size_t n = len / 8, t = 0;

	memcpy(block, aiv, 8);
	if (n == 1) {
		memcpy(block + 8, plain, 8);
		aes_block(block);
		memcpy(out, block, 16);
		return 16;
	}
	memcpy(r, plain, len);
	for (size_t j = 0; j < 6; j++) {
		for (size_t i = 0; i < n; i++) {
			memcpy(block + 8, r + 8 * i, 8);
			aes_block(block);
			memcpy(r + 8 * i, block + 8, 8);
			block[7] ^= (uint8_t)++t;
		}
	}
	memcpy(out, block, 8);
	memcpy(out + 8, r, len);
	return len + 8;
}

/* What becomes of it: the length, or a negative error. */
static int
unwrap(const uint8_t *in, size_t len, uint8_t *out)
{
	uint8_t room[ROOM];
	size_t n = 0;
	int r = nf_keywrap_kwp(false, kek32(), nf_view_of(in, len), room, &n);

	if (r != 0)
		return r;
	if (out != NULL)
		memcpy(out, room, n);
	return (int)n;
}

/* The hand's wrapping of len bytes with that high half and length field. */
static int
with_aiv(const char *high, uint32_t mli, const uint8_t *plain, size_t len)
{
	uint8_t aiv[8], c[ROOM];

	memcpy(aiv, high, 4);
	for (size_t i = 0; i < 4; i++)
		aiv[4 + i] = (uint8_t)(mli >> (24 - 8 * i));
	return unwrap(c, by_hand(aiv, plain, len, c), NULL);
}

/* RFC 5649 section 6: 20 and 7 octets under a key of 192 bits. */
START_TEST(published)
{
	static const char kek_hex[] = "5840df6e29b02af1ab493b705bf16ea1"
	    "ae8338f4dcc176a8";
	static const struct {
		const char *plain, *c;
	} v[] = {
		{ "c37b7e6492584340bed12207808941155068f738",
		  "138bdeaa9b8fa7fc61f97742e72248ee"
		  "5ae6ae5360d1ae6a5f54f373fa543b6a" },
		{ "466f7250617369", "afbeb0f07dfbf5419200f2ccb50bb24f" }
	};
	struct nf_buf kek, plain, c;
	uint8_t out[ROOM];
	size_t n;

	nf_tap_unhex(kek_hex, &kek);
	for (size_t i = 0; i < 2; i++) {
		nf_tap_unhex(v[i].plain, &plain);
		nf_tap_unhex(v[i].c, &c);
		ck_assert_int_eq(nf_keywrap_kwp(true, nf_buf_view(&kek),
		    nf_buf_view(&plain), out, &n), 0);
		ck_assert_uint_eq(n, c.len);
		ck_assert_mem_eq(out, c.p, n);
		ck_assert_int_eq(nf_keywrap_kwp(false, nf_buf_view(&kek),
		    nf_buf_view(&c), out, &n), 0);
		ck_assert_uint_eq(n, plain.len);
		ck_assert_mem_eq(out, plain.p, n);
		nf_buf_wipe(&plain);
		nf_buf_wipe(&c);
	}
	nf_buf_wipe(&kek);
}
END_TEST

/* Every length, under each size of key; the hand agrees for 256 bits. */
START_TEST(lengths)
{
	uint8_t p[72] = { 0 }, c[ROOM], back[ROOM], hand[ROOM];
	uint8_t aiv[8] = HIGH;

	for (size_t len = 1; len <= 64; len++) {
		size_t n, m;

		memset(p, 0, sizeof(p));
		ck_assert_int_eq(RAND_bytes(p, (int)len), 1);
		for (size_t k = 16; k <= 32; k += 8) {
			struct nf_view key = nf_view_of(key32, k);

			ck_assert_int_eq(nf_keywrap_kwp(true, key,
			    nf_view_of(p, len), c, &n), 0);
			ck_assert_uint_eq(n, (len + 7) / 8 * 8 + 8);
			ck_assert_int_eq(nf_keywrap_kwp(false, key,
			    nf_view_of(c, n), back, &m), 0);
			ck_assert_uint_eq(m, len);
			ck_assert_mem_eq(back, p, len);
		}
		memcpy(aiv, HIGH "\0\0\0", 8);
		aiv[7] = (uint8_t)len;
		ck_assert_uint_eq(by_hand(aiv, p, (len + 7) / 8 * 8, hand),
		    n);
		ck_assert_mem_eq(hand, c, n);
	}
}
END_TEST

START_TEST(wrong_iv)
{
	uint8_t p[24] = { 3 };

	for (size_t len = 8; len <= 24; len += 8) {
		uint32_t mli = (uint32_t)len;

		ck_assert_int_eq(with_aiv(HIGH, mli, p, len), (int)len);
		ck_assert_int_eq(with_aiv("\xa6\x59\x59\xa7", mli, p, len),
		    NF_E_VERIFY);
		ck_assert_int_eq(with_aiv("\x26\x59\x59\xa6", mli, p, len),
		    NF_E_VERIFY);
		ck_assert_int_eq(with_aiv("\0\0\0\0", mli, p, len),
		    NF_E_VERIFY);
		/* RFC 3394 */
		ck_assert_int_eq(with_aiv("\xa6\xa6\xa6\xa6", 0xa6a6a6a6, p,
		    len), NF_E_VERIFY);
	}
}
END_TEST

/* The length field: 8 * (n - 1) < it <= 8 * n. */
START_TEST(wrong_padding_length)
{
	uint8_t p[24] = { 0 };

	for (uint32_t len = 8; len <= 24; len += 8) {
		for (uint32_t mli = 0; mli <= 64; mli++)
			ck_assert_int_eq(with_aiv(HIGH, mli, p, len),
			    mli > len - 8 && mli <= len ? (int)mli :
			    NF_E_VERIFY);
		ck_assert_int_eq(with_aiv(HIGH, 0x80000000u + len, p, len),
		    NF_E_VERIFY);
		ck_assert_int_eq(with_aiv(HIGH, UINT32_MAX, p, len),
		    NF_E_VERIFY);
		ck_assert_int_eq(with_aiv(HIGH, 256 + len, p, len),
		    NF_E_VERIFY);
	}
}
END_TEST

START_TEST(junk_padding)
{
	for (uint32_t len = 8; len <= 24; len += 8) {
		for (uint32_t pad = 1; pad < 8; pad++) {
			uint8_t p[24] = { 0 };

			ck_assert_int_eq(with_aiv(HIGH, len - pad, p, len),
			    (int)(len - pad));
			for (uint32_t at = len - pad; at < len; at++) {
				p[at] = 1;
				ck_assert_int_eq(with_aiv(HIGH, len - pad, p,
				    len), NF_E_VERIFY);
				p[at] = 0;
			}
		}
	}
}
END_TEST

/* Shorter and longer, flipped, and the wrong key; also of one block. */
START_TEST(changed)
{
	static const size_t sizes[] = { 7, 8, 20, 32, 138 };
	uint8_t p[ROOM] = { 3 }, c[ROOM];
	size_t n;

	for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
		memset(c, 0, sizeof(c));
		ck_assert_int_eq(nf_keywrap_kwp(true, kek32(),
		    nf_view_of(p, sizes[s]), c, &n), 0);
		for (size_t len = 0; len <= n + 24; len++)
			ck_assert_int_eq(unwrap(c, len, NULL), len == n ?
			    (int)sizes[s] : NF_E_VERIFY);
		for (size_t i = 0; i < 8 * n; i++) {
			c[i / 8] ^= (uint8_t)(1 << i % 8);
			ck_assert_int_eq(unwrap(c, n, NULL), NF_E_VERIFY);
			c[i / 8] ^= (uint8_t)(1 << i % 8);
		}
		ck_assert_int_eq(nf_keywrap_kwp(false, nf_view_of(key32, 16),
		    nf_view_of(c, n), c, &n), NF_E_VERIFY);
	}
}
END_TEST

START_TEST(wrong_key_length)
{
	static const size_t bad[] = { 0, 1, 8, 15, 17, 31, 33, 64 };
	uint8_t k[64] = { 1 }, p[16] = { 2 }, c[ROOM];
	size_t n;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_int_eq(nf_keywrap_kwp(true, nf_view_of(k, bad[i]),
		    nf_view_of(p, 16), c, &n), NF_E_CRYPTO);
}
END_TEST

/* ---- sealing ------------------------------------------------------------- */

static void
open_c1(EVP_PKEY *kek, struct nf_view c1, uint8_t aes[static ROOM])
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, kek, NULL);
	size_t n = ROOM;

	ck_assert_int_eq(EVP_PKEY_decrypt_init(ctx), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_padding(ctx,
	    RSA_PKCS1_OAEP_PADDING), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_oaep_md(ctx, EVP_sha1()), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, EVP_sha1()), 1);
	ck_assert_int_eq(EVP_PKEY_decrypt(ctx, aes, &n, c1.p, c1.len), 1);
	ck_assert_uint_eq(n, 32);
	EVP_PKEY_CTX_free(ctx);
}

START_TEST(seal)
{
	EVP_PKEY *kek = EVP_RSA_gen(2048);
	struct nf_buf c = NF_BUF_INIT, c1 = NF_BUF_INIT, c2 = NF_BUF_INIT;
	uint8_t p[138] = { 9 }, aes[2][ROOM], out[ROOM];
	struct nf_view plain = nf_view_of(p, sizeof(p));
	size_t n;

	/* Into one buffer, after what it has. */
	nf_buf_str(&c, "lead");
	ck_assert_int_eq(nf_keywrap_seal(kek, plain, &c, &c, NULL), 0);
	ck_assert_uint_eq(c.len, 4 + 256 + 152);
	ck_assert_mem_eq(c.p, "lead", 4);
	open_c1(kek, nf_view_of(c.p + 4, 256), aes[0]);
	ck_assert_int_eq(nf_keywrap_kwp(false, nf_view_of(aes[0], 32),
	    nf_view_of(c.p + 260, 152), out, &n), 0);
	ck_assert_uint_eq(n, sizeof(p));
	ck_assert_mem_eq(out, p, n);
	/* Into two; every time under another key. */
	ck_assert_int_eq(nf_keywrap_seal(kek, plain, &c1, &c2, NULL), 0);
	ck_assert_uint_eq(c1.len, 256);
	ck_assert_uint_eq(c2.len, 152);
	open_c1(kek, nf_buf_view(&c1), aes[1]);
	ck_assert_mem_ne(aes[0], aes[1], 32);
	nf_buf_wipe(&c);
	nf_buf_wipe(&c1);
	nf_buf_wipe(&c2);
	EVP_PKEY_free(kek);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("base/keywrap");
	TCase *tc = tcase_create("keywrap");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, published);
	tcase_add_test(tc, lengths);
	tcase_add_test(tc, wrong_iv);
	tcase_add_test(tc, wrong_padding_length);
	tcase_add_test(tc, junk_padding);
	tcase_add_test(tc, changed);
	tcase_add_test(tc, wrong_key_length);
	tcase_add_test(tc, seal);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
