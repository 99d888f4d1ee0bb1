/* SPDX-License-Identifier: Apache-2.0 */
/* Blobs, logical tokens and cards, through commands. */
#include "config.h"

#include <openssl/evp.h>

#include "nfast/base/digest.h"
#include "tests/module/world.h"

static uint32_t
new_key(uint32_t blob_flags)
{
	return client_generate(&c, NF_KEY_ECDSAPRIVATE, NF_EC_P256,
	    client_acl(NF_PERM_SIGN, blob_flags), 0, NULL);
}

START_TEST(module_blob)
{
	struct nf_buf blob = NF_BUF_INIT;
	uint32_t id = new_key(0x3), again;
	uint8_t hash[NF_HASH_LEN];

	ck_assert_uint_eq(client_key(&c, NF_CMD_GETKEYINFO, id), NF_ST_OK);
	memcpy(hash, c.reply.args.hash, sizeof(hash));
	ck_assert_uint_eq(client_make_blob(&c, id, hkm, &blob), NF_ST_OK);
	client_restart(&c);
	ck_assert_uint_eq(client_key(&c, NF_CMD_GETKEYINFO, id),
	    NF_ST_UNKNOWNID);
	ck_assert_uint_eq(client_load_blob(&c, &blob, 0, &again), NF_ST_OK);
	ck_assert_uint_eq(client_key(&c, NF_CMD_GETKEYINFO, again),
	    NF_ST_OK);
	ck_assert_mem_eq(c.reply.args.hash, hash, sizeof(hash));
	ck_assert_uint_eq(client_sign(&c, again, NF_MECH_ECDSAHSHA256),
	    NF_ST_OK);
	nf_buf_wipe(&blob);
}
END_TEST

START_TEST(junk_blob)
{
	struct nf_buf blob = NF_BUF_INIT;
	uint32_t id = new_key(0x3);
	size_t len;

	ck_assert_uint_eq(client_make_blob(&c, id, hkm, &blob), NF_ST_OK);
	len = blob.len;
	for (size_t i = 0; i < len; i++) {
		blob.p[i] ^= 0x10;
		ck_assert_uint_ne(client_load_blob(&c, &blob, 0, &id),
		    NF_ST_OK);
		blob.p[i] ^= 0x10;
	}
	for (blob.len = 0; blob.len < len; blob.len++)
		ck_assert_uint_ne(client_load_blob(&c, &blob, 0, &id),
		    NF_ST_OK);
	ck_assert_uint_eq(client_load_blob(&c, &blob, 0, &id), NF_ST_OK);
	nf_buf_wipe(&blob);
}
END_TEST

START_TEST(wrong_km)
{
	struct nf_buf blob = NF_BUF_INIT;
	uint8_t other[NF_HASH_LEN];
	struct nf_acl *acl = client_acl(NF_PERM_SIGN, 0x7);
	uint32_t id;

	/* AllowNonKm0 missing; kmhash of another key; unknown module key. */
	ck_assert_uint_eq(client_make_blob(&c, new_key(0x1), hkm, &blob),
	    NF_ST_ACCESSDENIED);
	memset(other, 3, sizeof(other));
	memcpy(acl->group[0].action[1].kmhash, other, sizeof(other));
	id = client_generate(&c, NF_KEY_ECDSAPRIVATE, NF_EC_P256, acl, 0,
	    NULL);
	ck_assert_uint_eq(client_make_blob(&c, id, hkm, &blob),
	    NF_ST_ACCESSDENIED);
	ck_assert_uint_eq(client_make_blob(&c, id, other, &blob),
	    NF_ST_UNKNOWNKM);
	/* The null key wants its own flag. */
	ck_assert_uint_eq(client_make_blob(&c, new_key(0x3), client_null_aes,
	    &blob), NF_ST_ACCESSDENIED);
	ck_assert_uint_eq(client_make_blob(&c, new_key(0x23),
	    client_null_aes, &blob), NF_ST_OK);
	/* A private key never goes under the public DES3 key. */
	ck_assert_uint_eq(client_make_blob(&c, new_key(0x23),
	    nf_null_des3_hash, &blob), NF_ST_ACCESSDENIED);
	nf_buf_wipe(&blob);
}
END_TEST

/* An RSA-1024 key, blobbed under an RSA-2048 KEK as a package has it. */
START_TEST(kek_blob)
{
	struct nf_acl *acl = client_acl(NF_PERM_SIGN | NF_PERM_DECRYPT, 0);
	struct nf_group *g = nf_acl_group_add(acl);
	struct nf_command cmd = { .cmd = NF_CMD_MAKEBLOB };
	uint32_t kek, kekpub, id, again;
	struct nf_buf blob = NF_BUF_INIT;
	struct nf_action *a;

	kek = client_generate(&c, NF_KEY_RSAPRIVATE, 2048,
	    client_acl(NF_PERM_USEASBLOBKEY, 0), NF_PERM_USEASBLOBKEY,
	    &kekpub);
	ck_assert_uint_eq(client_key(&c, NF_CMD_GETKEYINFO, kek), NF_ST_OK);
	nf_group_action_add(&acl->group[0], NF_ACT_NOACTION);
	a = nf_group_action_add(g, NF_ACT_MAKEARCHIVEBLOB);
	a->flags = NF_ARCHIVE_KAHASH;
	a->mech = NF_MECH_BLOB_RSA_AES_SHA256;
	memcpy(a->kahash, c.reply.args.hash, NF_HASH_LEN);
	id = client_generate(&c, NF_KEY_RSAPRIVATE, 1024, acl, 0, NULL);
	cmd.args.format = NF_BLOB_USERKEY;
	cmd.args.key = id;
	cmd.args.key2 = kekpub;
	cmd.args.mech = NF_MECH_BLOB_RSA_AES_SHA512;
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_ACCESSDENIED);
	cmd.args.mech = NF_MECH_BLOB_RSA_AES_SHA256;
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_OK);
	nf_buf_view_put(&blob, c.reply.args.data);
	/* The public half cannot open it, another key neither. */
	ck_assert_uint_ne(client_load_blob(&c, &blob, kekpub, &again),
	    NF_ST_OK);
	ck_assert_uint_eq(client_load_blob(&c, &blob, id, &again),
	    NF_ST_UNKNOWNKEYHASH);
	ck_assert_uint_eq(client_load_blob(&c, &blob, kek, &again),
	    NF_ST_OK);
	ck_assert_uint_eq(client_sign(&c, again, NF_MECH_RSAHSHA256PPKCS1),
	    NF_ST_OK);
	blob.p[blob.len / 2] ^= 1;
	ck_assert_uint_eq(client_load_blob(&c, &blob, kek, &again),
	    NF_ST_DECRYPTFAILED);
	nf_buf_wipe(&blob);
}
END_TEST

/* ---- tokens ---- */

/* Cards card-1..n with one share each, pins 1..n. */
static uint32_t
write_cards(uint32_t k, uint32_t n, uint8_t hkt[static NF_HASH_LEN])
{
	uint32_t token;

	ck_assert_uint_eq(token_generate(0, k, n, hkt), NF_ST_OK);
	token = c.reply.args.key;
	for (uint32_t i = 1; i <= n; i++) {
		card(NF_DEV_CARD_NEW, "");
		ck_assert_uint_eq(share(NF_CMD_WRITESHARE, 0, token, i,
		    (uint8_t)i), NF_ST_OK);
	}
	return token;
}

/* Cards of a token of k of n, which is loaded as one of k_now of n. */
static uint32_t
reloaded(uint32_t k, uint32_t k_now, uint32_t n)
{
	uint8_t hkt[NF_HASH_LEN];

	(void)write_cards(k, n, hkt);
	return token_load(0, k_now, n, hkt);
}

START_TEST(quorum)
{
	struct nf_command cmd = { .cmd = NF_CMD_MAKEBLOB };
	struct nf_buf blob = NF_BUF_INIT;
	uint8_t hkt[NF_HASH_LEN];
	uint32_t token = write_cards(3, 5, hkt), id = new_key(0x2), again;

	cmd.args.format = NF_BLOB_TOKEN;
	cmd.args.key = id;
	cmd.args.key2 = token;
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_OK);
	nf_buf_view_put(&blob, c.reply.args.data);
	client_restart(&c);
	token = token_load(0, 3, 5, hkt);
	card(NF_DEV_CARD_INSERT, "card-5");
	ck_assert_uint_eq(share(NF_CMD_READSHARE, 0, token, 5, 5), NF_ST_OK);
	ck_assert_uint_eq(c.reply.args.word, 2);
	card(NF_DEV_CARD_INSERT, "card-2");
	ck_assert_uint_eq(share(NF_CMD_READSHARE, 0, token, 2, 2), NF_ST_OK);
	ck_assert_uint_eq(client_load_blob(&c, &blob, token, &again),
	    NF_ST_LOGTOKENNOTPRESENT);
	/* The same card twice does not count. */
	ck_assert_uint_eq(share(NF_CMD_READSHARE, 0, token, 2, 2),
	    NF_ST_BADSHARESTATE);
	card(NF_DEV_CARD_INSERT, "card-1");
	ck_assert_uint_eq(share(NF_CMD_READSHARE, 0, token, 1, 1), NF_ST_OK);
	ck_assert_uint_eq(c.reply.args.word, 0);
	ck_assert_uint_eq(client_load_blob(&c, &blob, token, &again),
	    NF_ST_OK);
	ck_assert_uint_eq(client_sign(&c, again, NF_MECH_ECDSAHSHA256),
	    NF_ST_OK);
	nf_buf_wipe(&blob);
}
END_TEST

START_TEST(wrong_pin)
{
	uint32_t token = reloaded(1, 1, 2);

	card(NF_DEV_CARD_INSERT, "card-1");
	ck_assert_uint_eq(share(NF_CMD_READSHARE, 0, token, 1, 2),
	    NF_ST_DECRYPTFAILED);
	ck_assert_uint_eq(share(NF_CMD_READSHARE, 0, token, 1, 0),
	    NF_ST_DECRYPTFAILED);
	ck_assert_uint_eq(share(NF_CMD_READSHARE, 0, token, 1, 1), NF_ST_OK);
}
END_TEST

START_TEST(wrong_params)
{
	/* A lower quorum than the token was made with opens nothing. */
	uint32_t token = reloaded(2, 1, 3);

	card(NF_DEV_CARD_INSERT, "card-1");
	ck_assert_uint_ne(share(NF_CMD_READSHARE, 0, token, 1, 1), NF_ST_OK);
}
END_TEST

START_TEST(no_card)
{
	uint32_t token = reloaded(1, 1, 1);

	card(NF_DEV_CARD_INSERT, "");
	ck_assert_uint_eq(share(NF_CMD_READSHARE, 0, token, 1, 1),
	    NF_ST_PHYSTOKENNOTPRESENT);
	card(NF_DEV_CARD_NEW, "");
	ck_assert_uint_eq(share(NF_CMD_READSHARE, 0, token, 1, 1),
	    NF_ST_INCORRECTTOKEN);
}
END_TEST

/* An Auth limit counts per assembly of the token, not per load. */
START_TEST(reload_keeps_auth_uses)
{
	struct nf_acl *acl = client_acl(NF_PERM_SIGN, 0);
	struct nf_limit *l = nf_group_limit_add(&acl->group[0],
	    NF_LIMIT_AUTH);
	struct nf_command cmd = { .cmd = NF_CMD_MAKEBLOB };
	struct nf_buf blob = NF_BUF_INIT;
	uint8_t hkt[NF_HASH_LEN];
	uint32_t token, id;

	memset(l->id, 5, sizeof(l->id));
	l->max = 1;
	nf_group_action_add(nf_acl_group_add(acl), NF_ACT_MAKEBLOB)->flags =
	    NF_MAKEBLOB_ALLOWNONKM0;
	cmd.args.key = client_generate(&c, NF_KEY_ECDSAPRIVATE, NF_EC_P256,
	    acl, 0, NULL);
	cmd.args.key2 = write_cards(1, 1, hkt);
	cmd.args.format = NF_BLOB_TOKEN;
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_OK);
	nf_buf_view_put(&blob, c.reply.args.data);
	for (int i = 0; i < 2; i++) {
		token = token_load(0, 1, 1, hkt);
		ck_assert_uint_eq(share(NF_CMD_READSHARE, 0, token, 1, 1),
		    NF_ST_OK);
		ck_assert_uint_eq(client_load_blob(&c, &blob, token, &id),
		    NF_ST_OK);
		ck_assert_uint_eq(client_sign(&c, id, NF_MECH_ECDSAHSHA256),
		    NF_ST_OK);
		ck_assert_uint_eq(client_load_blob(&c, &blob, token, &id),
		    NF_ST_OK);
		ck_assert_uint_eq(client_key(&c, NF_CMD_DESTROY, token),
		    NF_ST_OK);
		ck_assert_uint_eq(client_sign(&c, id, NF_MECH_ECDSAHSHA256),
		    NF_ST_USELIMITEXCEEDED);
	}
	nf_buf_wipe(&blob);
}
END_TEST

/*
 * A key is put under a token of that time limit, loaded and used; *blob is
 * the command that made its blob, *id the key.  The first status that is not
 * OK.
 */
static uint32_t
token_key_use(uint32_t limit, struct nf_command *blob, uint32_t *id)
{
	struct nf_command cmd = { .cmd = NF_CMD_GENERATELOGICALTOKEN };
	struct nf_buf bytes = NF_BUF_INIT;
	uint32_t status;

	cmd.args.module = 1;
	memcpy(cmd.args.hash, hkm, NF_HASH_LEN);
	cmd.args.tokenparams.needed = 1;
	cmd.args.tokenparams.total = 1;
	cmd.args.tokenparams.timelimit = limit;
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_OK);
	cmd.cmd = NF_CMD_MAKEBLOB;
	cmd.args.key2 = c.reply.args.key;
	cmd.args.key = new_key(0x2);
	cmd.args.format = NF_BLOB_TOKEN;
	*blob = cmd;
	if ((status = client_call(&c, &cmd)) != NF_ST_OK)
		return status;
	nf_buf_view_put(&bytes, c.reply.args.data);
	status = client_load_blob(&c, &bytes, cmd.args.key2, id);
	nf_buf_wipe(&bytes);
	return status != NF_ST_OK ? status :
	    client_sign(&c, *id, NF_MECH_ECDSAHSHA256);
}

/* The time limit of a token was stored and never looked at. */
START_TEST(token_time)
{
	uint32_t id = 0, limit = 2, status;
	struct nf_command cmd;

	/* A machine that is slow needs a longer one. */
	while ((status = token_key_use(limit, &cmd, &id)) ==
	    NF_ST_TIMELIMITEXCEEDED && limit < 32)
		limit *= 2;
	ck_assert_uint_eq(status, NF_ST_OK);
	(void)sleep(limit);
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_TIMELIMITEXCEEDED);
	ck_assert_uint_eq(client_sign(&c, id, NF_MECH_ECDSAHSHA256),
	    NF_ST_TIMELIMITEXCEEDED);
}
END_TEST

/* Write a card with the one share of a token under the null key, whose
 * secret is public: any token hash can be written on it. */
static void
forge_card(const uint8_t hkt[static NF_HASH_LEN])
{
	const struct nf_tokenparams params = { 0, 1, 1, 0 };
	struct nf_buf aad = NF_BUF_INIT, sealed = NF_BUF_INIT;
	struct nf_buf file = NF_BUF_INIT;
	uint8_t key[NF_MOD_KM_LEN], digest[NF_DIGEST_MAX];
	struct nf_view all;
	char path[NF_PATH_MAX + 16];

	nf_buf_put(&aad, hkt, NF_HASH_LEN);
	nf_buf_put(&aad, client_null_aes, NF_HASH_LEN);
	nf_wire_tokenparams_write(&aad, &params);
	ck_assert_int_eq(nf_mod_derive(nf_mod_null_aes, "secworld token",
	    nf_view_of(NULL, 0), key), 0);
	ck_assert_int_eq(nf_mod_seal(key, nf_buf_view(&aad),
	    nf_view_of(nf_mod_null_aes, NF_MOD_KM_LEN), &sealed), 0);
	nf_buf_u32(&aad, 1);
	nf_buf_u32(&aad, 0);
	nf_buf_fill(&aad, 0, NF_HASH_LEN);
	ck_assert_int_eq(nf_mod_derive(nf_mod_null_aes, "secworld share",
	    nf_buf_view(&aad), key), 0);
	nf_buf_str(&file, "secworld simulated card 1\n");
	nf_buf_u32(&file, 1);
	nf_buf_put(&file, hkt, NF_HASH_LEN);
	nf_buf_u32(&file, 1);
	ck_assert_int_eq(nf_mod_seal(key, nf_view_of(hkt, NF_HASH_LEN),
	    nf_buf_view(&sealed), &file), 0);
	all = nf_buf_view(&file);
	ck_assert_int_eq(nf_digest_of(NF_SHA256, &all, 1, digest), 0);
	nf_buf_put(&file, digest, 32);
	(void)snprintf(path, sizeof(path), "%s/cards/card-1", c.dir);
	ck_assert_int_eq(nf_file_write_atomic(path, 0600, nf_buf_view(&file),
	    NULL), 0);
	nf_buf_wipe(&aad);
	nf_buf_wipe(&sealed);
	nf_buf_wipe(&file);
}

/* A token under the null key took the hash of another token, and with it
 * the rights that ACLs give to that hash. */
START_TEST(wrong_token_hash)
{
	struct nf_command cmd = { .cmd = NF_CMD_LOADLOGICALTOKEN };
	uint8_t hkt[NF_HASH_LEN];

	ck_assert_uint_eq(token_generate(0, 1, 1, hkt), NF_ST_OK);
	card(NF_DEV_CARD_NEW, "");
	forge_card(hkt);
	card(NF_DEV_CARD_INSERT, "card-1");
	cmd.args.module = 1;
	memcpy(cmd.args.hash, hkt, NF_HASH_LEN);
	memcpy(cmd.args.hash2, client_null_aes, NF_HASH_LEN);
	cmd.args.tokenparams.needed = 1;
	cmd.args.tokenparams.total = 1;
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_OK);
	ck_assert_uint_eq(share(NF_CMD_READSHARE, 0, c.reply.args.key, 1, 0),
	    NF_ST_TOKENASSEMBLYFAILED);
}
END_TEST

/* A KEK that may not be used cost the key its one archive blob. */
START_TEST(wrong_kek_spends_nothing)
{
	struct nf_acl *acl = client_acl(0, 0);
	struct nf_limit *l = nf_group_limit_add(&acl->group[0],
	    NF_LIMIT_GLOBAL);
	struct nf_command cmd = { .cmd = NF_CMD_MAKEBLOB };
	uint32_t bad, good;

	memset(l->id, 4, sizeof(l->id));
	l->max = 1;
	(void)nf_group_action_add(&acl->group[0], NF_ACT_MAKEARCHIVEBLOB);
	(void)client_generate(&c, NF_KEY_RSAPRIVATE, 2048, client_acl(0, 0),
	    0, &bad);
	(void)client_generate(&c, NF_KEY_RSAPRIVATE, 2048, client_acl(0, 0),
	    NF_PERM_USEASBLOBKEY, &good);
	cmd.args.key = client_generate(&c, NF_KEY_ECDSAPRIVATE, NF_EC_P256,
	    acl, 0, NULL);
	cmd.args.format = NF_BLOB_USERKEY;
	cmd.args.mech = NF_MECH_BLOB_RSA_AES_SHA256;
	cmd.args.key2 = bad;
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_ACCESSDENIED);
	cmd.args.key2 = good;
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_OK);
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_USELIMITEXCEEDED);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("module/blobs");
	TCase *tc = tcase_create("blobs");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, module_blob);
	tcase_add_test(tc, junk_blob);
	tcase_add_test(tc, wrong_km);
	tcase_add_test(tc, kek_blob);
	tcase_add_test(tc, quorum);
	tcase_add_test(tc, wrong_pin);
	tcase_add_test(tc, wrong_params);
	tcase_add_test(tc, no_card);
	tcase_add_test(tc, reload_keeps_auth_uses);
	tcase_add_test(tc, token_time);
	tcase_add_test(tc, wrong_token_hash);
	tcase_add_test(tc, wrong_kek_spends_nothing);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
