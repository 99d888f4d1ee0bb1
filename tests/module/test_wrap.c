/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NF_MECH_RSA_AES_KEY_WRAP through MakeBlob: what the module wraps is opened
 * by libcrypto here.
 */
#include "config.h"

#include <openssl/rand.h>
#include <openssl/x509.h>

#include "tests/module/kekfix.h"

static struct nf_acl *
wrap_acl(uint32_t mech)
{
	struct nf_acl *acl = client_acl(NF_PERM_SIGN | NF_PERM_REDUCEACL, 0);
	struct nf_action *a = nf_group_action_add(nf_acl_group_add(acl),
	    NF_ACT_MAKEARCHIVEBLOB);

	a->flags = NF_ARCHIVE_KAHASH;
	a->mech = mech;
	memcpy(a->kahash, kek_hash, NF_HASH_LEN);
	return acl;
}

static uint32_t
make_blob(uint32_t key, struct nf_acl *acl)
{
	struct nf_command cmd = { .cmd = NF_CMD_MAKEBLOB };

	cmd.args.flags = acl != NULL ? NF_MAKEBLOB_ACL : 0;
	cmd.args.format = NF_BLOB_USERKEY;
	cmd.args.key = key;
	cmd.args.key2 = kek_pub;
	cmd.args.mech = NF_MECH_RSA_AES_KEY_WRAP;
	cmd.args.acl = acl;
	return client_call(&c, &cmd);
}

/* The plaintext of the blob in the reply. */
static void
open_reply(struct nf_buf *plain)
{
	uint8_t aes[C1_LEN];
	EVP_PKEY_CTX *ctx = oaep(0, EVP_sha1());
	size_t n = sizeof(aes);
	struct nf_blob blob;
	struct nf_cur cur;

	nf_cur_init(&cur, c.reply.args.data.p, c.reply.args.data.len, NULL);
	nf_wire_blob_read(&cur, &blob);
	ck_assert_int_eq(nf_cur_err(&cur), 0);
	ck_assert_uint_eq(blob.format, NF_BLOB_USERKEY);
	ck_assert_uint_eq(blob.word, 0x80000000u | NF_MECH_RSA_AES_KEY_WRAP);
	ck_assert_mem_eq(blob.hash, kek_hash, NF_HASH_LEN);
	ck_assert_uint_eq(blob.rsa.len, C1_LEN);
	ck_assert_int_eq(EVP_PKEY_decrypt(ctx, aes, &n, blob.rsa.p,
	    blob.rsa.len), 1);
	ck_assert_uint_eq(n, 32);
	EVP_PKEY_CTX_free(ctx);
	nf_buf_init(plain);
	nf_buf_fill(plain, 0, blob.body.len + 16);
	plain->len = aes_wrap(0, "AES-256-WRAP-PAD", aes, NULL, blob.body,
	    plain->p);
	ck_assert_uint_gt(plain->len, 0);
}

/* libcrypto reads the PKCS#8, finds it sound, and writes the same bytes. */
static EVP_PKEY *
pkcs8_check(const struct nf_buf *plain)
{
	const unsigned char *p = plain->p;
	PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &p,
	    (long)plain->len);
	unsigned char *der = NULL;
	EVP_PKEY_CTX *ctx;
	EVP_PKEY *pkey;
	int len;

	ck_assert_ptr_nonnull(info);
	ck_assert_ptr_eq(p, plain->p + plain->len);
	pkey = EVP_PKCS82PKEY(info);
	PKCS8_PRIV_KEY_INFO_free(info);
	ck_assert_ptr_nonnull(pkey);
	ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
	ck_assert_int_eq(EVP_PKEY_check(ctx), 1);
	EVP_PKEY_CTX_free(ctx);
	info = EVP_PKEY2PKCS8(pkey);
	len = i2d_PKCS8_PRIV_KEY_INFO(info, &der);
	PKCS8_PRIV_KEY_INFO_free(info);
	ck_assert_int_eq(len, (int)plain->len);
	ck_assert_mem_eq(der, plain->p, plain->len);
	OPENSSL_free(der);
	return pkey;
}

static const struct {
	uint32_t type, size;
} pairs[] = {
	{ NF_KEY_RSAPRIVATE, 2048 }, { NF_KEY_RSAPRIVATE, 3072 },
	{ NF_KEY_ECDSAPRIVATE, NF_EC_P256 },
	{ NF_KEY_ECDSAPRIVATE, NF_EC_P384 },
	{ NF_KEY_ECDSAPRIVATE, NF_EC_P521 },
	{ NF_KEY_ECDSAPRIVATE, NF_EC_SECP256K1 },
	{ NF_KEY_ECPRIVATE, NF_EC_P256 }
};

START_TEST(wrap_pair)
{
	struct nf_buf plain;
	EVP_PKEY *pkey;
	uint32_t id;

	id = client_generate(&c, pairs[_i].type, pairs[_i].size,
	    wrap_acl(NF_MECH_RSA_AES_KEY_WRAP), 0, NULL);
	ck_assert_uint_eq(make_blob(id, NULL), NF_ST_OK);
	open_reply(&plain);
	pkey = pkcs8_check(&plain);
	same_key(pkey, id);
	EVP_PKEY_free(pkey);
	nf_buf_wipe(&plain);
}
END_TEST

START_TEST(wrap_symmetric)
{
	static const size_t sizes[] = { 16, 24, 32 };
	struct nf_keydata kd = { .type = NF_KEY_RIJNDAEL };
	struct nf_buf plain;
	uint8_t k[32];

	for (size_t i = 0; i < 3; i++) {
		ck_assert_int_eq(RAND_bytes(k, sizeof(k)), 1);
		kd.v[NF_SYM_K] = nf_view_of(k, sizes[i]);
		ck_assert_uint_eq(make_blob(import(&kd,
		    wrap_acl(NF_MECH_RSA_AES_KEY_WRAP)), NULL), NF_ST_OK);
		ck_assert_uint_gt(c.reply.args.data.len,
		    C1_LEN + sizes[i] + 8);
		open_reply(&plain);
		ck_assert_uint_eq(plain.len, sizes[i]);
		ck_assert_mem_eq(plain.p, k, sizes[i]);
		nf_buf_wipe(&plain);
	}
}
END_TEST

/* The ACL must name the mechanism: one that says "any" does not. */
START_TEST(wrong_acl)
{
	struct nf_command cmd = { .cmd = NF_CMD_SETACL };
	struct nf_acl *acl = wrap_acl(NF_MECH_RSA_AES_KEY_WRAP);
	uint32_t id;

	id = client_generate(&c, NF_KEY_ECDSAPRIVATE, NF_EC_P256,
	    wrap_acl(NF_MECH_ANY), 0, NULL);
	ck_assert_uint_eq(make_blob(id, NULL), NF_ST_ACCESSDENIED);
	/* Nor is naming it a reduction of "any". */
	cmd.args.key = id;
	cmd.args.flags = NF_SETACL_REDUCE;
	cmd.args.acl = acl;
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_INVALIDACL);
	id = client_generate(&c, NF_KEY_ECDSAPRIVATE, NF_EC_P256,
	    wrap_acl(NF_MECH_BLOB_RSA_AES_SHA256), 0, NULL);
	ck_assert_uint_eq(make_blob(id, NULL), NF_ST_ACCESSDENIED);
	/* Another KEK's hash. */
	acl->group[1].action[0].kahash[0] ^= 1;
	id = client_generate(&c, NF_KEY_ECDSAPRIVATE, NF_EC_P256, acl, 0,
	    NULL);
	ck_assert_uint_eq(make_blob(id, NULL), NF_ST_ACCESSDENIED);
}
END_TEST

START_TEST(wrong_type)
{
	struct nf_acl *acl = wrap_acl(NF_MECH_RSA_AES_KEY_WRAP);
	uint32_t id;

	/* No method 2 for RSA-1024, DSA and public halves. */
	id = client_generate(&c, NF_KEY_RSAPRIVATE, 1024,
	    wrap_acl(NF_MECH_RSA_AES_KEY_WRAP), 0, NULL);
	ck_assert_uint_eq(make_blob(id, NULL), NF_ST_INVALIDDATA);
	id = client_generate(&c, NF_KEY_DSAPRIVATE, 1024,
	    wrap_acl(NF_MECH_RSA_AES_KEY_WRAP), 0, NULL);
	ck_assert_uint_eq(make_blob(id, NULL), NF_ST_INVALIDDATA);
	/* A new ACL has no place in such a blob. */
	id = client_generate(&c, NF_KEY_ECDSAPRIVATE, NF_EC_P256,
	    wrap_acl(NF_MECH_RSA_AES_KEY_WRAP), 0, NULL);
	ck_assert_uint_eq(make_blob(id, acl), NF_ST_INVALIDPARAMETER);
	nf_acl_free(acl);
	/* A KEK of 1024 bits, or without the right. */
	(void)client_generate(&c, NF_KEY_RSAPRIVATE, 1024,
	    client_acl(0, 0), NF_PERM_USEASBLOBKEY, &kek_pub);
	ck_assert_uint_eq(make_blob(id, NULL), NF_ST_MECHANISMNOTEXPECTED);
	(void)client_generate(&c, NF_KEY_RSAPRIVATE, 2048,
	    client_acl(0, 0), NF_PERM_ENCRYPT, &kek_pub);
	ck_assert_uint_eq(make_blob(id, NULL), NF_ST_ACCESSDENIED);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("module/wrap");
	TCase *tc = tcase_create("wrap");

	tcase_set_timeout(tc, 60);
	tcase_add_unchecked_fixture(tc, make_kek, drop_kek);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, wrap_pair, 0,
	    sizeof(pairs) / sizeof(pairs[0]));
	tcase_add_test(tc, wrap_symmetric);
	tcase_add_test(tc, wrong_acl);
	tcase_add_test(tc, wrong_type);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
