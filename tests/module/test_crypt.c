/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures and encryption by every supported mechanism. */
#include "config.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include "tests/module/fresh.h"

/* Sign, verify with the public half, then with a changed message. */
static void
sign_and_verify(uint32_t priv, uint32_t pub, uint32_t mech)
{
	struct nf_command cmd = { .cmd = NF_CMD_VERIFY };
	struct nf_buf copy = NF_BUF_INIT;
	struct nf_reply signature;
	struct nf_cur cur;

	ck_assert_uint_eq(client_sign(&c, priv, mech), NF_ST_OK);
	nf_buf_view_put(&copy, nf_buf_view(&c.reply_bytes));
	nf_cur_init(&cur, copy.p, copy.len, NULL);
	ck_assert_int_eq(nf_wire_reply_read(&cur, NF_CMD_SIGN, &signature),
	    0);
	cmd.args.key = pub;
	cmd.args.mech = mech;
	cmd.args.plain.type = NF_PLAIN_BYTES;
	cmd.args.plain.v = nf_view_of("message", 7);
	cmd.args.cipher = signature.args.cipher;
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_OK);
	cmd.args.plain.v = nf_view_of("massage", 7);
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_VERIFYFAILED);
	nf_args_wipe(&signature.args);
	nf_buf_wipe(&copy);
}

START_TEST(rsa_signatures)
{
	static const uint32_t mechs[] = { NF_MECH_RSAHSHA1PPKCS1,
	    NF_MECH_RSAHSHA256PPKCS1, NF_MECH_RSAHSHA384PPKCS1,
	    NF_MECH_RSAHSHA512PPKCS1, NF_MECH_RSAHSHA1PPSS,
	    NF_MECH_RSAHSHA256PPSS, NF_MECH_RSAHSHA384PPSS,
	    NF_MECH_RSAPPKCS1 };
	uint32_t pub, id = client_generate(&c, NF_KEY_RSAPRIVATE, 1024,
	    client_acl(NF_PERM_SIGN, 0), NF_PERM_VERIFY, &pub);

	for (size_t i = 0; i < sizeof(mechs) / sizeof(mechs[0]); i++)
		sign_and_verify(id, pub, mechs[i]);
}
END_TEST

START_TEST(dsa_signatures)
{
	uint32_t pub, id = client_generate(&c, NF_KEY_DSAPRIVATE, 1024,
	    client_acl(NF_PERM_SIGN, 0), NF_PERM_VERIFY, &pub);

	sign_and_verify(id, pub, NF_MECH_DSA);
	id = client_generate(&c, NF_KEY_DSAPRIVATE, 3072,
	    client_acl(NF_PERM_SIGN, 0), NF_PERM_VERIFY, &pub);
	sign_and_verify(id, pub, NF_MECH_DSAHSHA256);
}
END_TEST

START_TEST(ec_signatures)
{
	static const struct {
		uint32_t curve, mech;
	} rows[] = {
		{ NF_EC_P256, NF_MECH_ECDSAHSHA256 },
		{ NF_EC_P384, NF_MECH_ECDSAHSHA384 },
		{ NF_EC_P521, NF_MECH_ECDSAHSHA512 },
		{ NF_EC_P521, NF_MECH_ECDSAHSHA256 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint32_t pub, id = client_generate(&c, i % 2 == 0 ?
		    NF_KEY_ECDSAPRIVATE : NF_KEY_ECPRIVATE, rows[i].curve,
		    client_acl(NF_PERM_SIGN, 0), NF_PERM_VERIFY, &pub);

		sign_and_verify(id, pub, rows[i].mech);
	}
}
END_TEST

START_TEST(wrong_mech)
{
	uint32_t pub, id = client_generate(&c, NF_KEY_ECDSAPRIVATE,
	    NF_EC_P256, client_acl(NF_PERM_SIGN, 0), NF_PERM_SIGN, &pub);

	ck_assert_uint_eq(client_sign(&c, id, NF_MECH_RSAHSHA256PPKCS1),
	    NF_ST_MECHANISMNOTEXPECTED);
	ck_assert_uint_eq(client_sign(&c, id, NF_MECH_DSA),
	    NF_ST_MECHANISMNOTEXPECTED);
	ck_assert_uint_eq(client_sign(&c, id, 4711),
	    NF_ST_MECHANISMNOTEXPECTED);
	/* A public half cannot sign, whatever its ACL says. */
	ck_assert_uint_eq(client_sign(&c, pub, NF_MECH_ECDSAHSHA256),
	    NF_ST_MECHANISMNOTEXPECTED);
}
END_TEST

/* Encrypt with one key, decrypt with the other, then with a flipped bit. */
static void
there_and_back(uint32_t enc, uint32_t dec, uint32_t mech, size_t len,
    bool authenticated)
{
	static const uint8_t plain[64] = "sixteen bytes...sixteen bytes...";
	struct nf_command cmd = { .cmd = NF_CMD_ENCRYPT };
	struct nf_buf copy = NF_BUF_INIT;
	struct nf_reply sealed;
	struct nf_cur cur;

	cmd.args.key = enc;
	cmd.args.mech = mech;
	cmd.args.plain.type = NF_PLAIN_BYTES;
	cmd.args.plain.v = nf_view_of(plain, len);
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_OK);
	nf_buf_view_put(&copy, nf_buf_view(&c.reply_bytes));
	nf_cur_init(&cur, copy.p, copy.len, NULL);
	ck_assert_int_eq(nf_wire_reply_read(&cur, NF_CMD_ENCRYPT, &sealed),
	    0);
	cmd.cmd = NF_CMD_DECRYPT;
	cmd.args.key = dec;
	cmd.args.replytype = NF_PLAIN_BYTES;
	cmd.args.cipher = sealed.args.cipher;
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_OK);
	ck_assert(nf_view_equal(c.reply.args.plain.v, nf_view_of(plain,
	    len)));
	if (authenticated) {
		copy.p[sealed.args.cipher.v[0].p - copy.p] ^= 1;
		ck_assert_uint_eq(client_call(&c, &cmd),
		    NF_ST_DECRYPTFAILED);
	}
	nf_args_wipe(&sealed.args);
	nf_buf_wipe(&copy);
}

START_TEST(rsa_encryption)
{
	uint32_t pub, id = client_generate(&c, NF_KEY_RSAPRIVATE, 1024,
	    client_acl(NF_PERM_DECRYPT, 0), NF_PERM_ENCRYPT, &pub);

	there_and_back(pub, id, NF_MECH_RSAPPKCS1OAEP, 32, true);
	there_and_back(pub, id, NF_MECH_RSAPPKCS1OAEPHSHA256, 32, true);
	there_and_back(pub, id, NF_MECH_RSAPPKCS1, 32, false);
}
END_TEST

START_TEST(aes_encryption)
{
	static const uint32_t lens[] = { 16, 24, 32 };

	for (size_t i = 0; i < 3; i++) {
		uint32_t id = client_generate(&c, NF_KEY_RIJNDAEL, lens[i],
		    client_acl(NF_PERM_ENCRYPT | NF_PERM_DECRYPT, 0), 0,
		    NULL);

		there_and_back(id, id, NF_MECH_RIJNDAELMCBCI128PPKCS5, 21,
		    false);
		there_and_back(id, id, NF_MECH_RIJNDAELMCBCPNONE, 32, false);
		there_and_back(id, id, NF_MECH_RIJNDAELMECBPPKCS5, 5, false);
		there_and_back(id, id, NF_MECH_RIJNDAELMECBPNONE, 16, false);
		there_and_back(id, id, NF_MECH_RIJNDAELMGCM, 21, true);
		there_and_back(id, id, NF_MECH_AES_KEY_WRAP, 32, true);
		there_and_back(id, id, NF_MECH_AESKEYWRAPPADDED, 21, true);
	}
}
END_TEST

START_TEST(short_block)
{
	struct nf_command cmd = { .cmd = NF_CMD_ENCRYPT };

	cmd.args.key = client_generate(&c, NF_KEY_RIJNDAEL, 32,
	    client_acl(NF_PERM_ENCRYPT, 0), 0, NULL);
	cmd.args.mech = NF_MECH_RIJNDAELMCBCPNONE;
	cmd.args.plain.type = NF_PLAIN_BYTES;
	cmd.args.plain.v = nf_view_of("seventeen bytes!!", 17);
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_ENCRYPTFAILED);
}
END_TEST

/* What an earlier command left in libcrypto's queue was blamed on this one. */
START_TEST(replayed_error)
{
	struct nf_command cmd = { .cmd = NF_CMD_DECRYPT };

	cmd.args.key = client_generate(&c, NF_KEY_RIJNDAEL, 32,
	    client_acl(NF_PERM_DECRYPT, 0), 0, NULL);
	cmd.args.mech = NF_MECH_RIJNDAELMECBPNONE;
	cmd.args.cipher.mech = cmd.args.mech;
	cmd.args.cipher.v[0] = nf_view_of("seventeen bytes!!", 17);
	cmd.args.replytype = NF_PLAIN_BYTES;
	ERR_raise(ERR_LIB_EVP, ERR_R_MALLOC_FAILURE);
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_DECRYPTFAILED);
}
END_TEST

START_TEST(given_iv)
{
	struct nf_command cmd = { .cmd = NF_CMD_ENCRYPT };
	const uint8_t iv[16] = "sixteen bytes...";

	cmd.args.key = client_generate(&c, NF_KEY_RIJNDAEL, 32,
	    client_acl(NF_PERM_ENCRYPT, 0), 0, NULL);
	cmd.args.mech = NF_MECH_RIJNDAELMCBCPNONE;
	cmd.args.plain.type = NF_PLAIN_BYTES;
	cmd.args.plain.v = nf_view_of(iv, 16);
	cmd.args.flags = NF_ENCRYPT_IV;
	cmd.args.cipher.iv = nf_view_of(iv, 16);
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_OK);
	ck_assert(nf_view_equal(c.reply.args.cipher.iv, cmd.args.cipher.iv));
	cmd.args.cipher.iv.len = 12;
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_INVALIDPARAMETER);
	cmd.args.mech = NF_MECH_RIJNDAELMGCM;
	cmd.args.cipher.header = nf_view_of("header", 6);
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_OK);
	ck_assert(nf_view_equal(c.reply.args.cipher.iv, cmd.args.cipher.iv));
	cmd.args.mech = NF_MECH_RIJNDAELMCBCPNONE;
	cmd.args.cipher.iv.len = 0;
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_INVALIDPARAMETER);
	cmd.args.cipher.header.len = 0;
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_OK);
}
END_TEST

/* What libcrypto would pass over without a word. */
START_TEST(no_wrapped_bytes)
{
	static const uint32_t mechs[] = { NF_MECH_AES_KEY_WRAP,
	    NF_MECH_AESKEYWRAPPADDED };
	struct nf_command cmd = { .cmd = NF_CMD_ENCRYPT };

	cmd.args.key = client_generate(&c, NF_KEY_RIJNDAEL, 16,
	    client_acl(NF_PERM_ENCRYPT | NF_PERM_DECRYPT, 0), 0, NULL);
	cmd.args.plain.type = NF_PLAIN_BYTES;
	cmd.args.replytype = NF_PLAIN_BYTES;
	for (size_t i = 0; i < 2; i++) {
		cmd.cmd = NF_CMD_ENCRYPT;
		cmd.args.mech = cmd.args.cipher.mech = mechs[i];
		ck_assert_uint_eq(client_call(&c, &cmd),
		    NF_ST_ENCRYPTFAILED);
		cmd.cmd = NF_CMD_DECRYPT;
		ck_assert_uint_eq(client_call(&c, &cmd),
		    NF_ST_DECRYPTFAILED);
		cmd.args.cipher.v[0] = nf_view_of("8 bytes.", 8);
		ck_assert_uint_eq(client_call(&c, &cmd),
		    NF_ST_DECRYPTFAILED);
		cmd.args.cipher.v[0].len = 0;
	}
}
END_TEST

/* An RSA key that is imported whole, then with one number changed. */
START_TEST(wrong_import)
{
	struct nf_command cmd = { .cmd = NF_CMD_IMPORT };
	struct nf_buf copy = NF_BUF_INIT;
	struct nf_reply exported;
	struct nf_cur cur;
	uint32_t id;

	id = client_generate(&c, NF_KEY_RSAPRIVATE, 1024,
	    client_acl(NF_PERM_EXPORTASPLAIN, 0), 0, NULL);
	ck_assert_uint_eq(client_key(&c, NF_CMD_EXPORT, id), NF_ST_OK);
	nf_buf_view_put(&copy, nf_buf_view(&c.reply_bytes));
	nf_cur_init(&cur, copy.p, copy.len, NULL);
	ck_assert_int_eq(nf_wire_reply_read(&cur, NF_CMD_EXPORT, &exported),
	    0);
	cmd.args.module = 1;
	cmd.args.acl = client_acl(NF_PERM_SIGN, 0);
	cmd.args.keydata = exported.args.keydata;
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_OK);
	cmd.args.keydata.v[NF_RSAP_P].p = exported.args.keydata.v[
	    NF_RSAP_DMP1].p;
	cmd.args.keydata.v[NF_RSAP_P].len = exported.args.keydata.v[
	    NF_RSAP_DMP1].len;
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_INVALIDDATA);
	nf_acl_free(cmd.args.acl);
	nf_args_wipe(&exported.args);
	nf_buf_wipe(&copy);
}
END_TEST

static uint32_t
import(const struct nf_keydata *kd, uint32_t perms, uint32_t *id)
{
	struct nf_command cmd = { .cmd = NF_CMD_IMPORT };
	uint32_t status;

	cmd.args.module = 1;
	cmd.args.keydata = *kd;
	cmd.args.acl = client_acl(perms, 0x3);
	status = client_call(&c, &cmd);
	nf_acl_free(cmd.args.acl);
	*id = c.reply.args.key;
	return status;
}

/* A KEK of 8192 bits overran the buffer of a blob's RSA part. */
START_TEST(long_rsa)
{
	static const uint8_t e[3] = { 1, 0, 1 };
	struct nf_keydata kd = { .type = NF_KEY_RSAPUBLIC };
	uint8_t n[1024];
	uint32_t id;

	memset(n, 0xa5, sizeof(n));
	kd.v[NF_RSA_E] = nf_view_of(e, sizeof(e));
	kd.v[NF_RSA_N] = nf_view_of(n, 512);
	ck_assert_uint_eq(import(&kd, NF_PERM_USEASBLOBKEY, &id), NF_ST_OK);
	kd.v[NF_RSA_N] = nf_view_of(n, 516);
	ck_assert_uint_eq(import(&kd, NF_PERM_USEASBLOBKEY, &id),
	    NF_ST_INVALIDDATA);
	kd.v[NF_RSA_N] = nf_view_of(n, sizeof(n));
	ck_assert_uint_eq(import(&kd, NF_PERM_USEASBLOBKEY, &id),
	    NF_ST_INVALIDDATA);
}
END_TEST

/* Seconds of exponentiation with numbers that no DSA key has. */
START_TEST(long_dsa)
{
	struct nf_keydata kd = { .type = NF_KEY_DSAPRIVATE };
	uint8_t n[2048];
	uint32_t id;

	memset(n, 0xa5, sizeof(n));
	for (size_t i = 0; i < 4; i++)
		kd.v[i] = nf_view_of(n, sizeof(n) - 4 * i);
	ck_assert_uint_eq(import(&kd, NF_PERM_SIGN, &id), NF_ST_INVALIDDATA);
}
END_TEST

/* The numbers of a DSA key, q dividing p and g, of which no signature can be
 * made: r is always 0.  Some versions of libcrypto try for ever. */
START_TEST(junk_dsa_group)
{
	static const uint8_t x[4] = { 2 };
	struct nf_keydata kd = { .type = NF_KEY_DSAPRIVATE };
	uint8_t p[128] = { 1 }, q[20] = { 1 };
	uint32_t id;

	/* (2^159 + 1)(2^864 + 1), and g is q. */
	p[159 / 8] = q[159 / 8] = 0x80;
	p[864 / 8] = 1;
	p[1023 / 8] = 0x80;
	kd.v[NF_DSA_P] = nf_view_of(p, sizeof(p));
	kd.v[NF_DSA_Q] = kd.v[NF_DSA_G] = nf_view_of(q, sizeof(q));
	kd.v[NF_DSA_X] = nf_view_of(x, sizeof(x));
	ck_assert_uint_eq(import(&kd, NF_PERM_SIGN, &id), NF_ST_OK);
	ck_assert_uint_eq(client_sign(&c, id, NF_MECH_DSA), NF_ST_FAILED);
}
END_TEST

/* Every number of an imported RSA key counts, and 1 is no prime. */
START_TEST(wrong_rsa_numbers)
{
	uint8_t num[NF_KEYDATA_NUMS][128] = { { 0 } };
	struct nf_keydata kd = { .type = NF_KEY_RSAPRIVATE }, bad;
	static const uint8_t one = 1;
	uint32_t id;

	id = client_generate(&c, NF_KEY_RSAPRIVATE, 1024,
	    client_acl(NF_PERM_EXPORTASPLAIN, 0), 0, NULL);
	ck_assert_uint_eq(client_key(&c, NF_CMD_EXPORT, id), NF_ST_OK);
	for (size_t i = 0; i < NF_KEYDATA_NUMS; i++) {
		struct nf_view v = c.reply.args.keydata.v[i];

		memcpy(num[i], v.p, v.len);
		kd.v[i] = nf_view_of(num[i], v.len);
	}
	ck_assert_uint_eq(import(&kd, NF_PERM_SIGN, &id), NF_ST_OK);
	for (size_t i = 0; i < NF_RSAP_E; i++) {
		num[i][1] ^= 2;
		ck_assert_uint_eq(import(&kd, NF_PERM_SIGN, &id),
		    NF_ST_INVALIDDATA);
		num[i][1] ^= 2;
	}
	bad = kd;
	bad.v[NF_RSAP_Q] = nf_view_of(&one, 1);
	ck_assert_uint_eq(import(&bad, NF_PERM_SIGN, &id),
	    NF_ST_INVALIDDATA);
}
END_TEST

/* The padded ciphertext was longer than what a host reads. */
START_TEST(max_plaintext)
{
	struct nf_command cmd = { .cmd = NF_CMD_ENCRYPT };
	uint8_t text[NF_PLAIN_MAX] = { 0 };

	cmd.args.key = client_generate(&c, NF_KEY_RIJNDAEL, 32,
	    client_acl(NF_PERM_ENCRYPT, 0), 0, NULL);
	cmd.args.mech = NF_MECH_RIJNDAELMCBCI128PPKCS5;
	cmd.args.plain.type = NF_PLAIN_BYTES;
	cmd.args.plain.v = nf_view_of(text, sizeof(text));
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_OUTOFRANGE);
	cmd.args.plain.v.len -= 16;
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_OK);
	ck_assert_uint_eq(c.reply.args.cipher.v[0].len, sizeof(text));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("module/crypt");
	TCase *tc = tcase_create("crypt");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, rsa_signatures);
	tcase_add_test(tc, dsa_signatures);
	tcase_add_test(tc, ec_signatures);
	tcase_add_test(tc, wrong_mech);
	tcase_add_test(tc, rsa_encryption);
	tcase_add_test(tc, aes_encryption);
	tcase_add_test(tc, short_block);
	tcase_add_test(tc, replayed_error);
	tcase_add_test(tc, given_iv);
	tcase_add_test(tc, no_wrapped_bytes);
	tcase_add_test(tc, wrong_import);
	tcase_add_test(tc, long_rsa);
	tcase_add_test(tc, long_dsa);
	tcase_add_test(tc, junk_dsa_group);
	tcase_add_test(tc, wrong_rsa_numbers);
	tcase_add_test(tc, max_plaintext);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
