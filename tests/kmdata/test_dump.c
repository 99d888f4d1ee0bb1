/* SPDX-License-Identifier: Apache-2.0 */
/* The dump: small files to the letter, real tokens by what they must show. */
#include "config.h"

#include "nfast/kmdata/dump.h"
#include "nfast/wire/blob.h"
#include "nfast/wire/certlist.h"
#include "tests/kmdata/token.h"

static struct nf_buf bytes, text;
static struct nf_km_writer w;

static void
setup(void)
{
	nf_buf_init(&bytes);
	nf_buf_init(&text);
	nf_km_begin(&w, &bytes, 1400000000);
}

static void
teardown(void)
{
	nf_buf_wipe(&bytes);
	nf_buf_wipe(&text);
}

static const char *
dump(const struct nf_buf *buf)
{
	struct nf_km_file *file;
	struct nf_cur cur;

	nf_cur_init(&cur, buf->p, buf->len, NULL);
	ck_assert_int_eq(nf_km_file_read(&cur, &file), 0);
	nf_buf_wipe(&text);
	nf_km_dump(&text, file);
	ck_assert_int_eq(nf_buf_err(&text), 0);
	nf_km_file_free(file);
	return nf_buf_text(&text);
}

/* Dump the entries put so far and compare what follows the first line. */
static void
assert_dump(const char *want)
{
	const char *s;

	nf_km_end(&w);
	s = strchr(dump(&bytes), '\n');
	ck_assert_ptr_nonnull(s);
	ck_assert_str_eq(s + 1, want);
}

static void
assert_shows(const char *s)
{
	ck_assert_msg(strstr((const char *)text.p, s) != NULL, "no \"%s\" in "
	    "the dump:\n%s", s, (const char *)text.p);
}

START_TEST(vector)
{
	struct nf_buf buf;

	nf_tap_unhex("6e436970686572204b4d206461746166696c65000000000000"
	    "4e725303000000090000000600000073696d706c650000080000000400000074"
	    "657374cc00000014000000000102030405060708090a0b0c0d0e0f10111213",
	    &buf);
	ck_assert_str_eq(dump(&buf),
	    "time 2014-05-13T16:53:20Z (1400000000), 3 entries\n"
	    "AppName (9), 6 bytes\n"
	    "    \"simple\"\n"
	    "Ident (8), 4 bytes\n"
	    "    \"test\"\n"
	    "HashKA (204), 20 bytes\n"
	    "    00010203 04050607 08090a0b 0c0d0e0f 10111213\n");
	nf_buf_wipe(&buf);
}
END_TEST

START_TEST(words_and_signatures)
{
	nf_km_put_u32(&w, NF_ENT_CIPHER_SUITE, 3);
	nf_km_put_u32(&w, NF_ENT_PP_MIN, 8);
	nf_km_put_str(&w, NF_ENT_CERT_GEN_KA, "DSA 1a 2b");
	nf_km_put_str(&w, NF_ENT_SW_MARK, "one\ntwo\n");
	assert_dump(
	    "CipherSuite (405), 4 bytes\n"
	    "    3 0x00000003\n"
	    "    DLf3072s256mAEScSP800131Ar1\n"
	    "PpMin (408), 4 bytes\n"
	    "    8 0x00000008\n"
	    "CertGenKA (305), 9 bytes\n"
	    "    DSA 1a 2b\n"
	    "    mechanism= DSA 10\n"
	    "secworld:Mark (1398210560), 8 bytes\n"
	    "    one\n"
	    "    two\n");
}
END_TEST

START_TEST(unknown_entry)
{
	uint8_t b[65];

	memset(b, 0xab, sizeof(b));
	nf_km_put(&w, 4711, nf_view_of(b, 5));
	nf_km_put(&w, 4712, nf_view_of(b, 64));
	nf_km_put(&w, 4713, nf_view_of(b, 65));
#define ROW	"    abababab abababab abababab abababab abababab abababab " \
		"abababab abababab\n"
	assert_dump("unknown (4711), 5 bytes\n    abababab ab\n"
	    "unknown (4712), 64 bytes\n" ROW ROW
	    "unknown (4713), 65 bytes\n" ROW ROW "    ... 65 bytes\n");
}
END_TEST

START_TEST(junk_entries)
{
	nf_km_put_str(&w, NF_ENT_NAME, "a\x1b[0m");
	nf_km_put_str(&w, NF_ENT_HASH_KA, "short");
	nf_km_put_str(&w, NF_ENT_CERT_GEN_KA, "RSA 1 2");
	nf_km_put_str(&w, NF_ENT_PP_MIN, "abcde");
	nf_km_put_str(&w, NF_ENT_SW_REGION, "NA\a");
	assert_dump(
	    "Name (101), 5 bytes\n"
	    "    not decoded: not printable text\n"
	    "    611b5b30 6d\n"
	    "HashKA (204), 5 bytes\n"
	    "    not decoded: a hash has 20 bytes\n"
	    "    73686f72 74\n"
	    "CertGenKA (305), 7 bytes\n"
	    "    not decoded: mechanism: unknown signature text "
	    "(at byte 4)\n"
	    "    52534120 312032\n"
	    "PpMin (408), 5 bytes\n"
	    "    not decoded: word: 1 trailing bytes (at byte 4)\n"
	    "    61626364 65\n"
	    "secworld:Region (1398210562), 3 bytes\n"
	    "    not decoded: not printable text (at byte 3)\n"
	    "    4e4107\n");
}
END_TEST

START_TEST(root_chain)
{
	struct nf_certlist list = { .n = 1 };
	struct nf_buf buf = NF_BUF_INIT;

	list.cert[0].type = NF_CERT_SIGNINGKEY;
	memset(list.cert[0].keyhash, 0x11, NF_HASH_LEN);
	nf_wire_certlist_write(&buf, &list);
	nf_km_put(&w, NF_ENT_SW_ROOTCHAIN, nf_buf_view(&buf));
	nf_km_put(&w, NF_ENT_SW_ROOTCHAIN, nf_view_of(buf.p, buf.len - 1));
	nf_km_end(&w);
	(void)dump(&bytes);
	assert_shows("    certificates[0]\n"
	    "    keyhash= 11111111 11111111 11111111 11111111 11111111\n"
	    "    type= 1\n");
	assert_shows("    not decoded: ");
	nf_buf_wipe(&buf);
}
END_TEST

/* A key under the public null key is described, its numbers never shown. */
START_TEST(null_blob_keeps_key)
{
	static const uint8_t iv[8] = { 1 };
	struct nf_blobkey key = { .acl = NULL };
	struct nf_buf blob = NF_BUF_INIT;
	uint8_t k[32];

	memset(k, 0xc7, sizeof(k));
	key.acl = nf_acl_new();
	ck_assert_ptr_nonnull(key.acl);
	key.key.type = NF_KEY_RIJNDAEL;
	key.key.v[NF_SYM_K] = nf_view_of(k, sizeof(k));
	memset(key.appdata, 0xa5, sizeof(key.appdata));
	ck_assert_int_eq(nf_wire_nullblob_write(&blob, &key, iv), 0);
	nf_km_put(&w, NF_ENT_BLOB_KA, nf_buf_view(&blob));
	nf_km_end(&w);
	(void)dump(&bytes);
	assert_shows("    key.type= Rijndael 30\n    key.bits= 256\n"
	    "    key.hash= ");
	assert_shows("    appdata=\n    a5a5a5a5 a5a5a5a5 ");
	ck_assert_ptr_null(strstr((const char *)text.p, "c7c7"));
	nf_blobkey_wipe(&key);
	nf_buf_wipe(&blob);
}
END_TEST

START_TEST(simulated_blob)
{
	struct nf_blob blob = { .format = NF_BLOB_TOKEN, .a = 16,
	    .body = nf_view_of("0123456789abcdef", 16),
	    .word = NF_BLOB_WORD_SIM };
	struct nf_buf buf = NF_BUF_INIT;

	nf_wire_blob_write(&buf, &blob);
	nf_km_put(&w, NF_ENT_BLOB_KA, nf_buf_view(&buf));
	nf_km_end(&w);
	ck_assert_str_eq(strchr(dump(&bytes), '\n') + 1,
	    "BlobKA (200), 52 bytes\n"
	    "    format= Token 6\n"
	    "    plaintext length= 16\n"
	    "    encrypted= 16 bytes\n"
	    "    wrapping key= 00000000 00000000 00000000 00000000 "
	    "00000000\n"
	    "    word= 0x004d4953 (interior of secworld's own making)\n");
	nf_buf_wipe(&buf);
}
END_TEST

/* Cut or flipped at every third byte, each entry still ends in a dump. */
START_TEST(mutated_entries)
{
	struct nf_km_file *file;
	struct nf_cur cur;
	struct nf_buf token;

	nf_tap_token(tokens[0].file, tokens[0].len, &token);
	nf_cur_init(&cur, token.p, token.len, NULL);
	ck_assert_int_eq(nf_km_file_read(&cur, &file), 0);
	for (uint32_t i = 0; i < file->n; i++) {
		const struct nf_km_entry *e = &file->entry[i];

		for (size_t n = 0; n < e->data.len; n += 3) {
			struct nf_buf copy = NF_BUF_INIT;

			teardown();
			setup();
			nf_km_put(&w, e->type, nf_view_of(e->data.p, n));
			nf_buf_view_put(&copy, e->data);
			copy.p[n] ^= 0x81;
			nf_km_put(&w, e->type, nf_buf_view(&copy));
			nf_km_end(&w);
			ck_assert_str_ne(dump(&bytes), "");
			nf_buf_wipe(&copy);
		}
	}
	nf_km_file_free(file);
	nf_buf_wipe(&token);
}
END_TEST

static const char *const token_hashes[N_TOKENS] = {
	"    key.hash= d02ba06b f55f1207 f0ed2014 2a316fb7 c3183b1b\n",
	"    key.hash= af3e0927 b525a2ea e9b171d0 004d98e7 a9efd421\n",
	"    key.hash= f3c9278f a9fadccd fcc8c71e 0df18966 4c9f4a22\n"
};

START_TEST(real_tokens)
{
	struct nf_buf token;

	nf_tap_token(tokens[_i].file, tokens[_i].len, &token);
	(void)dump(&token);
	ck_assert_ptr_null(strstr((const char *)text.p, "not decoded"));
	ck_assert_ptr_null(strstr((const char *)text.p, "not opened"));
	assert_shows("AppName (9), 4 bytes\n    \"xfer\"\n");
	assert_shows("BlobKA (200), 1192 bytes\n"
	    "    format= UserKey 9\n"
	    "    length= 1156\n"
	    "    RSA ciphertext= 256 bytes\n"
	    "    encrypted= 896 bytes\n");
	assert_shows("    word= 0x80000095\n"
	    "    mechanism= BlobCryptv2kRSAeRijndaelCBC0hSHA256mSHA256HMAC "
	    "149\n");
	assert_shows("    wrapping key= 1d572201 be533ebc 89f30fdd 8f3fac6c "
	    "a3395bf0\n    word= 0x00000002\n");
	assert_shows(token_hashes[_i]);
	assert_shows("    key.type= RSAPublic 1\n    key.bits= 2048\n");
	assert_shows("    key.type= DSAPublic 3\n    key.bits= 1024\n");
	assert_shows("        groups[0].flags= none 0x00000000\n");
	assert_shows("0x000026fd\n");
	assert_shows("0x0000227d\n");
	nf_buf_wipe(&token);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("kmdata/dump");
	TCase *tc = tcase_create("dump");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, vector);
	tcase_add_test(tc, words_and_signatures);
	tcase_add_test(tc, unknown_entry);
	tcase_add_test(tc, junk_entries);
	tcase_add_test(tc, root_chain);
	tcase_add_test(tc, null_blob_keeps_key);
	tcase_add_test(tc, simulated_blob);
	NF_TAP_SAMPLE_LOOP(tc, mutated_entries, 1);
	NF_TAP_SAMPLE_LOOP(tc, real_tokens, N_TOKENS);
	tcase_set_timeout(tc, 60);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
