/* SPDX-License-Identifier: Apache-2.0 */
/* Merged key ids: what they do, and what cannot be merged. */
#include "config.h"

#include "tests/module/client.h"
#include "tests/module/rackfix.h"

static struct nf_rack_client a, b, owner;

static void
setup(uint32_t modules)
{
	rx_open(modules);
	a = rx_connect(false);
	b = rx_connect(false);
	owner = rx_connect(true);
}

/* One AES key in modules 1 and 2, and its merged id. */
static uint32_t
both(uint32_t key[static 2])
{
	setup(2);
	key[0] = rx_aes(&a, 1, 7);
	key[1] = rx_aes(&a, 2, 7);
	ck_assert_uint_eq(rx_merge(&a, key, 2), NF_ST_OK);
	return rx.reply.args.key;
}

/* The status of merging keys of a. */
static void
refused(const uint32_t *key, uint32_t n, uint32_t status)
{
	ck_assert_uint_eq(rx_merge(&a, key, n), status);
}

START_TEST(uses)
{
	uint8_t hash[NF_HASH_LEN];
	uint32_t key[2], id = both(key);

	ck_assert(rx_has(&a, key[0]));
	memcpy(hash, rx.reply.args.hash, NF_HASH_LEN);
	ck_assert((id & NF_KEY_MERGED) != 0 && rx_has(&a, id));
	ck_assert_mem_eq(rx.reply.args.hash, hash, NF_HASH_LEN);
	for (int i = 0; i < 4; i++)
		ck_assert_uint_eq(rx_encrypt(&a, id), NF_ST_OK);
	ck_assert_uint_eq(rx_key(&a, NF_CMD_GETACL, id), NF_ST_OK);
	ck_assert_uint_eq(rx_key(&a, NF_CMD_GETAPPDATA, id), NF_ST_OK);
	ck_assert_uint_eq(rx_key(&a, NF_CMD_EXPORT, id), NF_ST_OK);
	ck_assert_uint_eq(rx_key(&a, NF_CMD_GETKEYINFOEX, id), NF_ST_OK);
	/* A duplicate is an ordinary key. */
	ck_assert_uint_eq(rx_key(&a, NF_CMD_DUPLICATE, id), NF_ST_OK);
	ck_assert((rx.reply.args.key & NF_KEY_MERGED) == 0);
	/* The keys have their own ids as before. */
	ck_assert(rx_has(&a, key[0]) && rx_has(&a, key[1]));
	rx_close();
}
END_TEST

/* How often the key's ACL allows a use is seen from use to use. */
START_TEST(modules_take_turns)
{
	struct nf_command cmd = { .cmd = NF_CMD_IMPORT };
	struct nf_acl *acl = nf_acl_new();
	struct nf_group *g = nf_acl_group_add(acl);
	uint32_t key[2], id;
	uint8_t k[32] = { 1 };

	setup(2);
	nf_group_action_add(g, NF_ACT_OPPERMISSIONS)->flags =
	    NF_PERM_ENCRYPT;
	nf_group_limit_add(g, NF_LIMIT_GLOBAL)->max = 2;
	cmd.args.acl = acl;
	cmd.args.keydata.type = NF_KEY_RIJNDAEL;
	cmd.args.keydata.v[NF_SYM_K] = nf_view_of(k, sizeof(k));
	for (uint32_t i = 0; i < 2; i++) {
		cmd.args.module = i + 1;
		ck_assert_uint_eq(rx_call(&a, &cmd), NF_ST_OK);
		key[i] = rx.reply.args.key;
	}
	ck_assert_uint_eq(rx_merge(&a, key, 2), NF_ST_OK);
	id = rx.reply.args.key;
	ck_assert_uint_eq(rx_encrypt(&a, id), NF_ST_OK);
	ck_assert_uint_eq(rx_encrypt(&a, id), NF_ST_OK);
	for (uint32_t i = 0; i < 2; i++) {
		ck_assert_uint_eq(rx_encrypt(&a, key[i]), NF_ST_OK);
		ck_assert_uint_eq(rx_encrypt(&a, key[i]),
		    NF_ST_USELIMITEXCEEDED);
	}
	nf_acl_free(acl);
	rx_close();
}
END_TEST

START_TEST(goes_to_what_works)
{
	uint32_t key[2], id = both(key);

	ck_assert_uint_eq(rx_clear(&owner, 1), NF_ST_OK);
	for (int i = 0; i < 3; i++)
		ck_assert_uint_eq(rx_encrypt(&a, id), NF_ST_OK);
	ck_assert_uint_eq(rx_key(&a, NF_CMD_DESTROY, key[1]), NF_ST_OK);
	ck_assert_uint_eq(rx_encrypt(&a, id), NF_ST_INVALIDMERGEDKEY);
	ck_assert_uint_eq(rx_key(&a, NF_CMD_GETKEYINFO, id),
	    NF_ST_INVALIDMERGEDKEY);
	ck_assert_uint_eq(rx_key(&a, NF_CMD_DESTROY, id), NF_ST_OK);
	rx_close();
}
END_TEST

START_TEST(destroy_leaves_the_keys)
{
	uint32_t key[2], id = both(key), other;

	ck_assert_uint_eq(rx_merge(&a, key, 2), NF_ST_OK);
	other = rx.reply.args.key;
	ck_assert_uint_ne(other, id);
	ck_assert_uint_eq(rx_key(&a, NF_CMD_DESTROY, id), NF_ST_OK);
	ck_assert_uint_eq(rx_key(&a, NF_CMD_DESTROY, id), NF_ST_UNKNOWNID);
	ck_assert_uint_eq(rx_encrypt(&a, id), NF_ST_UNKNOWNID);
	ck_assert(rx_has(&a, key[0]) && rx_has(&a, key[1]) &&
	    rx_has(&a, other));
	rx_close();
}
END_TEST

START_TEST(changes_are_refused)
{
	struct nf_command cmd = { .cmd = NF_CMD_SETAPPDATA };
	uint32_t key[2], id = both(key);

	cmd.args.key = id;
	ck_assert_uint_eq(rx_call(&a, &cmd), NF_ST_INVALIDMERGEDKEY);
	cmd.cmd = NF_CMD_SETACL;
	cmd.args.acl = client_acl(NF_PERM_ENCRYPT, 0);
	cmd.args.flags = NF_SETACL_REDUCE;
	ck_assert_uint_eq(rx_call(&a, &cmd), NF_ST_INVALIDMERGEDKEY);
	nf_acl_free(cmd.args.acl);
	rx_close();
}
END_TEST

START_TEST(another_client)
{
	uint8_t client[NF_HASH_LEN];
	uint32_t key[2], id = both(key), mixed[2] = { key[0], 0 };

	ck_assert_uint_eq(rx_encrypt(&b, id), NF_ST_UNKNOWNID);
	ck_assert_uint_eq(rx_key(&b, NF_CMD_DESTROY, id), NF_ST_UNKNOWNID);
	mixed[1] = rx_aes(&b, 2, 7);
	refused(mixed, 2, NF_ST_UNKNOWNID);
	ck_assert_uint_eq(rx_merge(&b, key, 2), NF_ST_UNKNOWNID);
	/* Who joins has merged ids, too. */
	b = rx_connect(false);
	ck_assert_uint_eq(rx_new_client(&a, client), NF_ST_OK);
	ck_assert_uint_eq(rx_join(&b, client), NF_ST_OK);
	nf_rack_forget(rx.rack, &a);
	ck_assert_uint_eq(rx_encrypt(&b, id), NF_ST_OK);
	nf_rack_forget(rx.rack, &b);
	a = rx_connect(false);
	ck_assert_uint_eq(rx_encrypt(&a, id), NF_ST_UNKNOWNID);
	rx_close();
}
END_TEST

START_TEST(what_is_not_one_key)
{
	struct nf_command cmd = { .cmd = NF_CMD_GENERATELOGICALTOKEN };
	uint32_t key[9], id = both(key), pair[2];

	pair[0] = key[0];
	pair[1] = id;				/* nested_id */
	refused(pair, 2, NF_ST_INVALIDMERGEDKEY);
	refused(&id, 1, NF_ST_INVALIDMERGEDKEY);
	pair[1] = rx_aes(&a, 2, 8);		/* wrong_key */
	refused(pair, 2, NF_ST_INVALIDMERGEDKEY);
	pair[1] = rx_aes(&a, 1, 7);		/* wrong_module */
	refused(pair, 2, NF_ST_INVALIDMERGEDKEY);
	pair[1] = key[0];			/* duplicate_id */
	refused(pair, 2, NF_ST_INVALIDMERGEDKEY);
	refused(pair, 0, NF_ST_INVALIDMERGEDKEY);	/* no_ids */
	pair[1] = 12346;			/* unknown_id */
	refused(pair, 2, NF_ST_UNKNOWNID);
	pair[1] = 0;				/* zero_id */
	refused(pair, 2, NF_ST_UNKNOWNID);
	for (size_t i = 2; i < 9; i++)		/* max_ids */
		key[i] = rx_aes(&a, 1, 7);
	refused(key, 9, NF_ST_INVALIDMERGEDKEY);
	cmd.args.module = 2;
	memcpy(cmd.args.hash, client_null_aes, NF_HASH_LEN);
	cmd.args.tokenparams.needed = cmd.args.tokenparams.total = 1;
	ck_assert_uint_eq(rx_call(&a, &cmd), NF_ST_OK);
	pair[1] = rx.reply.args.key;		/* wrong_object */
	refused(pair, 2, NF_ST_TYPEMISMATCH);
	ck_assert_uint_eq(rx_encrypt(&a, id), NF_ST_OK);
	rx_close();
}
END_TEST

/* Both halves of a key pair have one hash. */
START_TEST(public_and_private)
{
	struct nf_command cmd = { .cmd = NF_CMD_GENERATEKEYPAIR };
	uint32_t pair[2];

	setup(2);
	cmd.args.module = 1;
	cmd.args.genparams.type = NF_KEY_ECDSAPRIVATE;
	cmd.args.genparams.curve = NF_EC_P256;
	cmd.args.acl = cmd.args.acl2 = client_acl(0xffff, 0);
	ck_assert_uint_eq(rx_call(&a, &cmd), NF_ST_OK);
	nf_acl_free(cmd.args.acl);
	pair[0] = rx.reply.args.key;
	ck_assert_uint_eq(rx_key(&a, NF_CMD_EXPORT, rx.reply.args.key2),
	    NF_ST_OK);
	{
		struct nf_buf own = rx.bytes;
		struct nf_keydata pub = rx.reply.args.keydata;

		memset(&rx.bytes, 0, sizeof(rx.bytes));
		pair[1] = rx_import(&a, 2, &pub, 0xffff);
		nf_buf_wipe(&own);
	}
	refused(pair, 2, NF_ST_INVALIDMERGEDKEY);
	rx_close();
}
END_TEST

/* The merged id as the second key of a command, and as a certifier. */
START_TEST(beside_another_key)
{
	struct nf_command cmd = { .cmd = NF_CMD_MAKEBLOB };
	struct nf_keydata rsa = { .type = NF_KEY_RSAPUBLIC };
	uint8_t n[256], e[4] = { 1, 0, 1, 0 };
	uint32_t key[2], id = both(key), kek[2], merged;

	memset(n, 0xa5, sizeof(n));
	rsa.v[NF_RSA_E] = nf_view_of(e, sizeof(e));
	rsa.v[NF_RSA_N] = nf_view_of(n, sizeof(n));
	kek[0] = rx_import(&a, 1, &rsa, NF_PERM_USEASBLOBKEY);
	kek[1] = rx_import(&a, 2, &rsa, NF_PERM_USEASBLOBKEY);
	ck_assert_uint_eq(rx_merge(&a, kek, 2), NF_ST_OK);
	merged = rx.reply.args.key;
	cmd.args.format = NF_BLOB_USERKEY;
	cmd.args.mech = NF_MECH_BLOB_RSA_AES_SHA256;
	cmd.args.key2 = merged;
	for (uint32_t i = 0; i < 4; i++) {
		/* The plain id decides; then all are merged. */
		cmd.args.key = i < 2 ? key[i] : id;
		ck_assert_uint_eq(rx_call(&a, &cmd), NF_ST_OK);
	}
	cmd.args.key = id;
	cmd.args.key2 = kek[1];
	ck_assert_uint_eq(rx_call(&a, &cmd), NF_ST_OK);
	ck_assert_uint_eq(rx_key(&a, NF_CMD_DESTROY, kek[0]), NF_ST_OK);
	cmd.args.key = key[0];
	cmd.args.key2 = merged;
	ck_assert_uint_eq(rx_call(&a, &cmd), NF_ST_INVALIDMERGEDKEY);
	rx_close();
}
END_TEST

START_TEST(certifies)
{
	struct nf_command cmd = { .cmd = NF_CMD_DUPLICATE };
	struct nf_keydata ec = { .type = NF_KEY_ECDSAPRIVATE,
	    .curve = NF_EC_P256 };
	uint8_t d[4] = { 5, 6, 7, 8 };
	uint32_t key[2], id = both(key), signer[2];

	ec.v[0] = nf_view_of(d, sizeof(d));
	for (uint32_t i = 0; i < 2; i++)
		signer[i] = rx_import(&a, i + 1, &ec, 0xffff);
	ck_assert_uint_eq(rx_merge(&a, signer, 2), NF_ST_OK);
	cmd.certs.n = 1;
	cmd.certs.cert[0].type = NF_CERT_SIGNINGKEY;
	cmd.certs.cert[0].keyid = rx.reply.args.key;
	ck_assert(rx_has(&a, signer[0]));
	memcpy(cmd.certs.cert[0].keyhash, rx.reply.args.hash, NF_HASH_LEN);
	for (uint32_t i = 0; i < 3; i++) {
		cmd.args.key = i < 2 ? key[i] : id;
		ck_assert_uint_eq(rx_call(&a, &cmd), NF_ST_OK);
	}
	cmd.certs.cert[0].keyid = signer[1];
	ck_assert_uint_eq(rx_call(&a, &cmd), NF_ST_OK);
	ck_assert_uint_eq(rx_call(&a, &cmd), NF_ST_OK);
	rx_close();
}
END_TEST

START_TEST(malformed_commands)
{
	struct nf_command cmd = { .cmd = NF_CMD_MERGEKEYIDS };
	struct nf_buf bytes = NF_BUF_INIT;

	setup(1);
	cmd.args.n_keys = 2;
	rx_lengths(&a, &cmd);
	/* The count, which is the last but two words. */
	nf_wire_command_write(&bytes, &cmd);
	bytes.p[16] = NF_VECTOR_MAX + 1;
	nf_buf_fill(&bytes, 0, 4 * (NF_VECTOR_MAX - 1));
	ck_assert_uint_eq(rx_bytes(&a, nf_buf_view(&bytes), cmd.cmd),
	    NF_ST_MALFORMED);
	nf_buf_wipe(&bytes);
	rx_close();
}
END_TEST

START_TEST(max_merged_ids)
{
	uint32_t key, got = 0;

	setup(1);
	key = rx_aes(&a, 1, 1);
	while (rx_merge(&a, &key, 1) == NF_ST_OK)
		got++;
	ck_assert_uint_eq(rx.reply.status, NF_ST_NOMEMORY);
	ck_assert_uint_eq(got, 4096);
	/* Another client has room. */
	key = rx_aes(&b, 1, 1);
	ck_assert_uint_eq(rx_merge(&b, &key, 1), NF_ST_OK);
	rx_close();
}
END_TEST

/* Without a rack a module is its only client's. */
START_TEST(alone)
{
	struct nf_command cmd = { .cmd = NF_CMD_NEWCLIENT };
	uint8_t client[NF_HASH_LEN];
	struct client c;
	uint32_t key;

	client_open(&c);
	key = client_generate(&c, NF_KEY_RIJNDAEL, 32,
	    client_acl(NF_PERM_ENCRYPT, 0), 0, NULL);
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_OK);
	memcpy(client, c.reply.args.client, NF_HASH_LEN);
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_INVALIDSTATE);
	cmd.cmd = NF_CMD_EXISTINGCLIENT;
	memcpy(cmd.args.client, client, NF_HASH_LEN);
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_INVALIDSTATE);
	cmd.cmd = NF_CMD_MERGEKEYIDS;
	cmd.args.n_keys = 1;
	cmd.args.keys[0] = key;
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_OK);
	ck_assert_uint_eq(client_key(&c, NF_CMD_GETKEYINFO,
	    c.reply.args.key), NF_ST_OK);
	client_close(&c);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("module/merge");
	TCase *tc = tcase_create("merge");

	tcase_add_test(tc, uses);
	tcase_add_test(tc, modules_take_turns);
	tcase_add_test(tc, goes_to_what_works);
	tcase_add_test(tc, destroy_leaves_the_keys);
	tcase_add_test(tc, changes_are_refused);
	tcase_add_test(tc, another_client);
	tcase_add_test(tc, what_is_not_one_key);
	tcase_add_test(tc, public_and_private);
	tcase_add_test(tc, beside_another_key);
	tcase_add_test(tc, certifies);
	tcase_add_test(tc, malformed_commands);
	tcase_add_test(tc, max_merged_ids);
	tcase_add_test(tc, alone);
	tcase_set_timeout(tc, 120);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
