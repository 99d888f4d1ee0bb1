/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NF_MECH_RSA_AES_KEY_WRAP through LoadBlob: what is wrapped here, rightly or
 * not, is given to the module.
 */
#include "config.h"

#include <openssl/bn.h>

#include "tests/module/kekfix.h"
#include "tests/pkcs8.h"

#define IV_HIGH		"\xa6\x59\x59\xa6"

/* How to wrap: the defaults are right. */
struct how {
	const EVP_MD *md, *mgf1;	/* SHA-1, as md when NULL */
	const char *label;
	size_t aes_len;		/* 32 when 0 */
	const uint8_t *iv;	/* of a plain wrap; NULL: RFC 5649 */
};

static const struct how right = { .aes_len = 32 };

static const char *const pad_names[] = { "AES-128-WRAP-PAD",
	"AES-192-WRAP-PAD", "AES-256-WRAP-PAD" };

static void
wrap(struct nf_view plain, const struct how *how, struct nf_buf *c1c2)
{
	EVP_PKEY_CTX *ctx = oaep(1, how->md != NULL ? how->md : EVP_sha1());
	size_t aes_len = how->aes_len == 0 ? 32 : how->aes_len;
	uint8_t aes[48] = { 7 };
	size_t n = C1_LEN;

	if (how->mgf1 != NULL)
		ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, how->mgf1),
		    1);
	if (how->label != NULL)
		ck_assert_int_eq(EVP_PKEY_CTX_set0_rsa_oaep_label(ctx,
		    OPENSSL_strdup(how->label), (int)strlen(how->label)), 1);
	nf_buf_init(c1c2);
	nf_buf_fill(c1c2, 0, C1_LEN + plain.len + 16);
	ck_assert_int_eq(EVP_PKEY_encrypt(ctx, c1c2->p, &n, aes, aes_len),
	    1);
	EVP_PKEY_CTX_free(ctx);
	n = aes_wrap(1, how->iv != NULL ? "AES-256-WRAP" :
	    pad_names[aes_len == 16 ? 0 : aes_len == 24 ? 1 : 2], aes,
	    how->iv, plain,
	    c1c2->p + C1_LEN);
	ck_assert_uint_gt(n, 0);
	c1c2->len = C1_LEN + n;
}

static uint32_t
load_as(uint32_t opener, const uint8_t *hash, const struct nf_buf *c1c2,
    uint32_t type, uint32_t flags)
{
	struct nf_command cmd = { .cmd = NF_CMD_LOADBLOB };
	struct nf_blob blob = { .format = NF_BLOB_USERKEY };
	struct nf_buf frame = NF_BUF_INIT;
	uint32_t status;

	blob.rsa = nf_view_of(c1c2->p, C1_LEN);
	blob.body = nf_view_of(c1c2->p + C1_LEN, c1c2->len - C1_LEN);
	blob.word = NF_BLOB_WORD_MECH | NF_MECH_RSA_AES_KEY_WRAP;
	memcpy(blob.hash, hash, NF_HASH_LEN);
	nf_wire_blob_write(&frame, &blob);
	cmd.args.module = 1;
	cmd.args.flags = flags;
	cmd.args.data = nf_buf_view(&frame);
	cmd.args.key2 = opener;
	cmd.args.type = type;
	cmd.args.acl = client_acl(NF_PERM_SIGN | NF_PERM_ENCRYPT, 0);
	cmd.args.acl2 = client_acl(NF_PERM_EXPORTASPLAIN, 0);
	status = client_call(&c, &cmd);
	nf_acl_free(cmd.args.acl);
	nf_acl_free(cmd.args.acl2);
	nf_buf_wipe(&frame);
	return status;
}

static uint32_t
load(const struct nf_buf *c1c2, uint32_t type)
{
	return load_as(kek, kek_hash, c1c2, type,
	    NF_LOADBLOB_KEY | NF_LOADBLOB_IMPORT);
}

static uint32_t
load_plain(struct nf_view plain, const struct how *how, uint32_t type)
{
	struct nf_buf c1c2;
	uint32_t status;

	wrap(plain, how, &c1c2);
	status = load(&c1c2, type);
	nf_buf_wipe(&c1c2);
	return status;
}

/* The one reason for all that does not open. */
static void
says(const char *text)
{
	ck_assert_msg(memmem(c.reply.reason.p, c.reply.reason.len, text,
	    strlen(text)) != NULL, "'%.*s' lacks '%s'",
	    (int)c.reply.reason.len, (const char *)c.reply.reason.p, text);
}

#define CLOSED(e) do { \
	ck_assert_uint_eq((e), NF_ST_DECRYPTFAILED); \
	says("does not open under this KEK (RSA-OAEP with SHA-1, then AES " \
	    "key wrap with padding, were tried)"); \
} while (0)

START_TEST(unwrap_pair)
{
	static const char *const groups[] = { "P-256", "P-384", "P-521",
	    "secp256k1" };
	EVP_PKEY *pkey = _i == 0 ? EVP_RSA_gen(2048) :
	    EVP_EC_gen(groups[_i - 1]);
	const struct how how = { .aes_len = 16 + 8 * (size_t)(_i % 3) };
	struct nf_buf der;
	uint32_t id, pub;
	EVP_PKEY *got;

	pkcs8_of(pkey, &der);
	ck_assert_uint_eq(load_plain(nf_buf_view(&der), &how, 0), NF_ST_OK);
	id = c.reply.args.key;
	pub = c.reply.args.key2;
	ck_assert_uint_eq(c.reply.args.flags, NF_REPLY_PUBLIC);
	ck_assert_uint_eq(client_key(&c, NF_CMD_EXPORT, id),
	    NF_ST_ACCESSDENIED);
	ck_assert_uint_eq(client_key(&c, NF_CMD_EXPORT, pub), NF_ST_OK);
	ck_assert_int_eq(nf_wire_keydata_pkey(&c.reply.args.keydata, &got,
	    NULL), 0);
	ck_assert_int_eq(EVP_PKEY_eq(got, pkey), 1);
	same_key(pkey, id);
	/* The wanted type. */
	ck_assert_uint_eq(load_plain(nf_buf_view(&der), &how, _i == 0 ?
	    NF_KEY_RSAPRIVATE : NF_KEY_ECDSAPRIVATE), NF_ST_OK);
	ck_assert_uint_eq(load_plain(nf_buf_view(&der), &how, _i == 0 ?
	    NF_KEY_ECDSAPRIVATE : NF_KEY_RSAPRIVATE), NF_ST_TYPEMISMATCH);
	says(_i == 0 ? "an RSA key is in it, not an EC key" :
	    "an EC key is in it, not an RSA key");
	ck_assert_uint_eq(load_plain(nf_buf_view(&der), &how,
	    NF_KEY_RIJNDAEL), NF_ST_TYPEMISMATCH);
	EVP_PKEY_free(got);
	EVP_PKEY_free(pkey);
	nf_buf_wipe(&der);
}
END_TEST

START_TEST(unwrap_symmetric)
{
	uint8_t k[32] = { 1, 2, 3 };
	static const size_t bad[] = { 1, 8, 15, 17, 40, 63 };

	for (size_t n = 16; n <= 32; n += 8) {
		ck_assert_uint_eq(load_plain(nf_view_of(k, n), &right, 0),
		    NF_ST_OK);
		ck_assert_uint_eq(c.reply.args.flags, 0);
		ck_assert_uint_eq(client_key(&c, NF_CMD_GETKEYINFOEX,
		    c.reply.args.key), NF_ST_OK);
		ck_assert_uint_eq(c.reply.args.type, NF_KEY_RIJNDAEL);
		ck_assert_uint_eq(c.reply.args.length, 8 * n);
	}
	/* 8 is the form of one block. */
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint8_t long_k[64] = { 5 };

		ck_assert_uint_eq(load_plain(nf_view_of(long_k, bad[i]), &right,
		    0), NF_ST_INVALIDDATA);
		says("neither PKCS#8 nor a symmetric key");
	}
}
END_TEST

START_TEST(wrong_kek)
{
	uint8_t k[16] = { 9 }, hash[NF_HASH_LEN];
	struct nf_buf c1c2;
	uint32_t other;

	wrap(nf_view_of(k, sizeof(k)), &right, &c1c2);
	other = client_generate(&c, NF_KEY_RSAPRIVATE, 2048,
	    client_acl(NF_PERM_USEASBLOBKEY, 0), 0, NULL);
	ck_assert_uint_eq(client_key(&c, NF_CMD_GETKEYINFO, other),
	    NF_ST_OK);
	memcpy(hash, c.reply.args.hash, sizeof(hash));
	CLOSED(load_as(other, hash, &c1c2, 0,
	    NF_LOADBLOB_KEY | NF_LOADBLOB_IMPORT));
	ck_assert_uint_eq(load_as(other, kek_hash, &c1c2, 0,
	    NF_LOADBLOB_KEY | NF_LOADBLOB_IMPORT), NF_ST_UNKNOWNKEYHASH);
	/* The public half opens nothing. */
	ck_assert_uint_eq(load_as(kek_pub, kek_hash, &c1c2, 0,
	    NF_LOADBLOB_KEY | NF_LOADBLOB_IMPORT), NF_ST_BLOBTYPEUNKNOWN);
	/* Without an ACL for the key. */
	ck_assert_uint_eq(load_as(kek, kek_hash, &c1c2, 0,
	    NF_LOADBLOB_KEY), NF_ST_INVALIDPARAMETER);
	/* A KEK that may not. */
	other = import(&kek_kd, client_acl(NF_PERM_DECRYPT, 0));
	ck_assert_uint_eq(load_as(other, kek_hash, &c1c2, 0,
	    NF_LOADBLOB_KEY | NF_LOADBLOB_IMPORT), NF_ST_ACCESSDENIED);
	ck_assert_uint_eq(load(&c1c2, 0), NF_ST_OK);
	nf_buf_wipe(&c1c2);
}
END_TEST

START_TEST(flipped_bits)
{
	uint8_t k[32] = { 9 };
	struct nf_buf c1c2;

	wrap(nf_view_of(k, sizeof(k)), &right, &c1c2);
	for (size_t i = 0; i < c1c2.len; i += i < C1_LEN ? 17 : 1) {
		c1c2.p[i] ^= 1;
		CLOSED(load(&c1c2, 0));
		c1c2.p[i] ^= 1;
	}
	ck_assert_uint_eq(load(&c1c2, 0), NF_ST_OK);
	nf_buf_wipe(&c1c2);
}
END_TEST

/* Shorter and longer by bytes, and by whole semiblocks. */
START_TEST(wrong_length)
{
	uint8_t k[32] = { 9 };
	struct nf_buf c1c2;
	size_t len;

	wrap(nf_view_of(k, sizeof(k)), &right, &c1c2);
	len = c1c2.len;
	for (c1c2.len = C1_LEN; c1c2.len < len; c1c2.len++) {
		ck_assert_uint_eq(load(&c1c2, 0), c1c2.len % 8 != 0 ||
		    c1c2.len < C1_LEN + 16 ? NF_ST_INVALIDDATA :
		    NF_ST_DECRYPTFAILED);
	}
	nf_buf_fill(&c1c2, 0, 1);
	ck_assert_uint_eq(load(&c1c2, 0), NF_ST_INVALIDDATA);
	nf_buf_fill(&c1c2, 0, 7);
	CLOSED(load(&c1c2, 0));
	nf_buf_wipe(&c1c2);
}
END_TEST

/* RFC 5649 made by hand of RFC 3394: the initial value is ours to choose. */
START_TEST(wrong_padding)
{
	uint8_t p[24] = { 3 };
	uint8_t iv[8] = { 0xa6, 0x59, 0x59, 0xa6, 0, 0, 0, 16 };
	const struct how how = { .iv = iv };
	struct nf_view two = nf_view_of(p, 16), three = nf_view_of(p, 24);

	/* Right, with and without padding. */
	ck_assert_uint_eq(load_plain(two, &how, 0), NF_ST_OK);
	/* Wrong IV. */
	iv[0] = 0xa5;
	CLOSED(load_plain(two, &how, 0));
	memset(iv, 0xa6, sizeof(iv));		/* RFC 3394 itself */
	CLOSED(load_plain(two, &how, 0));
	/* Wrong padding length: too short, too long, a whole semiblock. */
	memcpy(iv, IV_HIGH "\0\0\0\x10", 8);
	CLOSED(load_plain(three, &how, 0));
	iv[7] = 17;
	CLOSED(load_plain(two, &how, 0));
	iv[7] = 8;
	CLOSED(load_plain(two, &how, 0));
	iv[7] = 0;
	CLOSED(load_plain(two, &how, 0));
	iv[4] = 0x80;
	iv[7] = 16;
	CLOSED(load_plain(two, &how, 0));
	/* Padding of 7, zero and then not. */
	iv[4] = 0;
	iv[7] = 17;
	ck_assert_uint_eq(load_plain(three, &how, 0), NF_ST_INVALIDDATA);
	p[23] = 1;
	CLOSED(load_plain(three, &how, 0));
}
END_TEST

START_TEST(wrong_oaep)
{
	static const size_t bad[] = { 1, 8, 31, 33, 48 };
	struct how how = { .md = EVP_sha256() };
	uint8_t k[32] = { 9 };
	struct nf_view plain = nf_view_of(k, sizeof(k));
	const char *hint = "made with SHA-256 in place of SHA-1";
	struct nf_buf c1c2;

	/* The usual fault is named, when nothing else is wrong. */
	CLOSED(load_plain(plain, &how, 0));
	says(hint);
	wrap(plain, &how, &c1c2);
	c1c2.p[c1c2.len - 1] ^= 1;
	CLOSED(load(&c1c2, 0));
	ck_assert_ptr_null(memmem(c.reply.reason.p, c.reply.reason.len, hint,
	    strlen(hint)));
	nf_buf_wipe(&c1c2);
	how.mgf1 = EVP_sha1();
	CLOSED(load_plain(plain, &how, 0));
	how.md = EVP_sha1();
	how.mgf1 = EVP_sha256();
	CLOSED(load_plain(plain, &how, 0));
	how.mgf1 = NULL;
	ck_assert_uint_eq(load_plain(plain, &how, 0), NF_ST_OK);
	how.label = "label";
	CLOSED(load_plain(plain, &how, 0));
	how.label = NULL;
	/* What is in C1 must be an AES key. */
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		how.aes_len = bad[i];
		CLOSED(load_plain(plain, &how, 0));
	}
}
END_TEST

/* C1 as numbers: 0, 1, and at or above the modulus. */
START_TEST(junk_c1)
{
	uint8_t k[32] = { 9 };
	struct nf_buf c1c2;
	BIGNUM *n = NULL;

	wrap(nf_view_of(k, sizeof(k)), &right, &c1c2);
	memset(c1c2.p, 0, C1_LEN);
	CLOSED(load(&c1c2, 0));
	c1c2.p[C1_LEN - 1] = 1;
	CLOSED(load(&c1c2, 0));
	memset(c1c2.p, 0xff, C1_LEN);
	CLOSED(load(&c1c2, 0));
	ck_assert_int_eq(EVP_PKEY_get_bn_param(kek_pkey, "n", &n), 1);
	ck_assert_int_eq(BN_bn2binpad(n, c1c2.p, C1_LEN), C1_LEN);
	CLOSED(load(&c1c2, 0));
	BN_free(n);
	nf_buf_wipe(&c1c2);
}
END_TEST

/* A sound key, but none that the module takes. */
static void
not_taken(EVP_PKEY *pkey, const char *why)
{
	struct nf_buf der;

	pkcs8_of(pkey, &der);
	ck_assert_uint_eq(load_plain(nf_buf_view(&der), &right, 0),
	    NF_ST_INVALIDDATA);
	says(why);
	EVP_PKEY_free(pkey);
	nf_buf_wipe(&der);
}

START_TEST(short_rsa)
{
	not_taken(EVP_RSA_gen(1024),
	    "RSA of 1024 bits: 2048, 3072 and 4096 are taken");
}
END_TEST

START_TEST(unknown_curve)
{
	not_taken(EVP_EC_gen("brainpoolP256r1"), "curve");
}
END_TEST

START_TEST(trailing_der)
{
	EVP_PKEY *pkey = EVP_EC_gen("P-256");
	struct nf_buf der;

	pkcs8_of(pkey, &der);
	nf_buf_u8(&der, 0);
	ck_assert_uint_eq(load_plain(nf_buf_view(&der), &right, 0),
	    NF_ST_INVALIDDATA);
	der.len -= 2;
	ck_assert_uint_eq(load_plain(nf_buf_view(&der), &right, 0),
	    NF_ST_INVALIDDATA);
	EVP_PKEY_free(pkey);
	nf_buf_wipe(&der);
}
END_TEST

/* SoftHSM 2.6 fills PKCS#8 with zero bytes up to a multiple of 8. */
START_TEST(filled_der)
{
	EVP_PKEY *pkey = _i == 0 ? EVP_RSA_gen(2048) : EVP_EC_gen(_i == 1 ?
	    "P-256" : "P-521");
	struct nf_buf der;
	size_t fill;

	pkcs8_of(pkey, &der);
	/* EC always needs it: 138 and 241 bytes. */
	fill = (8 - der.len % 8) % 8;
	nf_buf_fill(&der, 0, fill);
	ck_assert_uint_eq(load_plain(nf_buf_view(&der), &right, 0), NF_ST_OK);
	same_key(pkey, c.reply.args.key);
	/* Other bytes, and more than that. */
	if (fill > 0) {
		der.p[der.len - 1] = 1;
		ck_assert_uint_eq(load_plain(nf_buf_view(&der), &right, 0),
		    NF_ST_INVALIDDATA);
		der.p[der.len - 1] = 0;
	}
	nf_buf_fill(&der, 0, 8);
	ck_assert_uint_eq(load_plain(nf_buf_view(&der), &right, 0),
	    NF_ST_INVALIDDATA);
	EVP_PKEY_free(pkey);
	nf_buf_wipe(&der);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("module/unwrap");
	TCase *tc = tcase_create("unwrap");

	tcase_set_timeout(tc, 60);
	tcase_add_unchecked_fixture(tc, make_kek, drop_kek);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, unwrap_pair, 0, 5);
	tcase_add_test(tc, unwrap_symmetric);
	tcase_add_test(tc, wrong_kek);
	tcase_add_test(tc, flipped_bits);
	tcase_add_test(tc, wrong_length);
	tcase_add_test(tc, wrong_padding);
	tcase_add_test(tc, wrong_oaep);
	tcase_add_test(tc, junk_c1);
	tcase_add_test(tc, short_rsa);
	tcase_add_test(tc, unknown_curve);
	tcase_add_test(tc, trailing_der);
	tcase_add_loop_test(tc, filled_der, 0, 3);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
