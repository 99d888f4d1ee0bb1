/* SPDX-License-Identifier: Apache-2.0 */
/* Softcards, and tokens that go with their card, through commands. */
#include "config.h"

#include "tests/module/world.h"

static uint8_t hkt[NF_HASH_LEN];

static uint32_t
insert(struct nf_view bytes)
{
	struct nf_command cmd = { .cmd = NF_CMD_INSERTSOFTTOKEN };

	cmd.args.module = 1;
	cmd.args.slot = NF_SLOT_SOFT;
	cmd.args.data = bytes;
	return client_call(&c, &cmd);
}

static uint32_t
take(struct nf_buf *out)
{
	struct nf_command cmd = { .cmd = NF_CMD_REMOVESOFTTOKEN };
	uint32_t status;

	cmd.args.module = 1;
	cmd.args.slot = NF_SLOT_SOFT;
	status = client_call(&c, &cmd);
	nf_buf_view_put(out, c.reply.args.data);
	return status;
}

static void
softcard(struct nf_buf *out)
{
	uint32_t token;

	ck_assert_uint_eq(token_generate(NF_TOKEN_SOFTCARD, 1, 1, hkt),
	    NF_ST_OK);
	token = c.reply.args.key;
	ck_assert_uint_eq(insert(nf_view_of(NULL, 0)), NF_ST_OK);
	ck_assert_uint_eq(share(NF_CMD_WRITESHARE, NF_SLOT_SOFT, token, 1, 7),
	    NF_ST_OK);
	ck_assert_uint_eq(take(out), NF_ST_OK);
}

static uint32_t
token_blob(uint32_t token, struct nf_buf *blob)
{
	struct nf_command cmd = { .cmd = NF_CMD_MAKEBLOB };

	cmd.args.format = NF_BLOB_TOKEN;
	cmd.args.key = client_generate(&c, NF_KEY_ECDSAPRIVATE, NF_EC_P256,
	    client_acl(NF_PERM_SIGN, NF_MAKEBLOB_ALLOWNONKM0), 0, NULL);
	cmd.args.key2 = token;
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_OK);
	nf_buf_view_put(blob, c.reply.args.data);
	return cmd.args.key;
}

START_TEST(a_softcard)
{
	struct nf_buf file = NF_BUF_INIT, blob = NF_BUF_INIT;
	uint32_t token, id;

	softcard(&file);
	token = token_load(NF_TOKEN_SOFTCARD, 1, 1, hkt);
	ck_assert_uint_eq(insert(nf_buf_view(&file)), NF_ST_OK);
	ck_assert_uint_eq(share(NF_CMD_READSHARE, NF_SLOT_SOFT, token, 1, 7),
	    NF_ST_OK);
	ck_assert_uint_eq(c.reply.args.word, 0);
	(void)token_blob(token, &blob);
	ck_assert_uint_eq(client_load_blob(&c, &blob, token, &id), NF_ST_OK);
	ck_assert_uint_eq(client_sign(&c, id, NF_MECH_ECDSAHSHA256),
	    NF_ST_OK);
	nf_buf_wipe(&file);
	nf_buf_wipe(&blob);
}
END_TEST

START_TEST(wrong_pin)
{
	struct nf_buf file = NF_BUF_INIT;
	uint32_t token;

	softcard(&file);
	token = token_load(NF_TOKEN_SOFTCARD, 1, 1, hkt);
	ck_assert_uint_eq(insert(nf_buf_view(&file)), NF_ST_OK);
	ck_assert_uint_eq(share(NF_CMD_READSHARE, NF_SLOT_SOFT, token, 1, 8),
	    NF_ST_DECRYPTFAILED);
	ck_assert_uint_eq(share(NF_CMD_READSHARE, NF_SLOT_SOFT, token, 1, 7),
	    NF_ST_OK);
	nf_buf_wipe(&file);
}
END_TEST

START_TEST(junk_softcard)
{
	struct nf_buf file = NF_BUF_INIT;
	size_t len;

	softcard(&file);
	len = file.len;
	for (size_t i = 0; i < len; i++) {
		file.p[i] ^= 0x20;
		ck_assert_uint_eq(insert(nf_buf_view(&file)),
		    NF_ST_BADTOKENDATA);
		file.p[i] ^= 0x20;
	}
	for (file.len = 1; file.len < len; file.len++)
		ck_assert_uint_eq(insert(nf_buf_view(&file)),
		    NF_ST_BADTOKENDATA);
	ck_assert_uint_eq(insert(nf_buf_view(&file)), NF_ST_OK);
	nf_buf_wipe(&file);
}
END_TEST

START_TEST(no_softcard)
{
	struct nf_buf file = NF_BUF_INIT, none = NF_BUF_INIT;
	uint32_t token;

	ck_assert_uint_eq(take(&none), NF_ST_PHYSTOKENNOTPRESENT);
	softcard(&file);
	token = token_load(NF_TOKEN_SOFTCARD, 1, 1, hkt);
	ck_assert_uint_eq(share(NF_CMD_READSHARE, NF_SLOT_SOFT, token, 1, 7),
	    NF_ST_PHYSTOKENNOTPRESENT);
	ck_assert_uint_eq(insert(nf_view_of(NULL, 0)), NF_ST_OK);
	ck_assert_uint_eq(share(NF_CMD_READSHARE, NF_SLOT_SOFT, token, 1, 7),
	    NF_ST_INCORRECTTOKEN);
	nf_buf_wipe(&file);
	nf_buf_wipe(&none);
}
END_TEST

START_TEST(wrong_slot)
{
	struct nf_command cmd = { .cmd = NF_CMD_INSERTSOFTTOKEN };
	uint32_t token;

	cmd.args.module = 1;
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_UNKNOWNSLOT);
	card(NF_DEV_CARD_NEW, "");
	ck_assert_uint_eq(token_generate(NF_TOKEN_SOFTCARD, 1, 1, hkt),
	    NF_ST_OK);
	token = c.reply.args.key;
	ck_assert_uint_eq(share(NF_CMD_WRITESHARE, 0, token, 1, 7),
	    NF_ST_INVALIDSLOT);
	ck_assert_uint_eq(token_generate(0, 1, 1, hkt), NF_ST_OK);
	token = c.reply.args.key;
	ck_assert_uint_eq(insert(nf_view_of(NULL, 0)), NF_ST_OK);
	ck_assert_uint_eq(share(NF_CMD_WRITESHARE, NF_SLOT_SOFT, token, 1, 7),
	    NF_ST_INVALIDSLOT);
}
END_TEST

/* A softcard of more than one share. */
START_TEST(max_shares)
{
	ck_assert_uint_eq(token_generate(NF_TOKEN_SOFTCARD, 1, 2, hkt),
	    NF_ST_INVALIDPARAMETER);
}
END_TEST

/* Tokens with and without the flag, read from card-1 of two, and a key. */
static void
card_and_key(uint32_t flags, uint32_t *token, uint32_t *key)
{
	struct nf_buf blob = NF_BUF_INIT;

	ck_assert_uint_eq(token_generate(flags, 1, 2, hkt), NF_ST_OK);
	*token = c.reply.args.key;
	card(NF_DEV_CARD_NEW, "");
	ck_assert_uint_eq(share(NF_CMD_WRITESHARE, 0, *token, 1, 1),
	    NF_ST_OK);
	/* Writing the next card is no removal. */
	card(NF_DEV_CARD_NEW, "");
	ck_assert_uint_eq(share(NF_CMD_WRITESHARE, 0, *token, 2, 2),
	    NF_ST_OK);
	card(NF_DEV_CARD_INSERT, "card-1");
	*token = token_load(flags, 1, 2, hkt);
	ck_assert_uint_eq(share(NF_CMD_READSHARE, 0, *token, 1, 1),
	    NF_ST_OK);
	(void)token_blob(*token, &blob);
	ck_assert_uint_eq(client_load_blob(&c, &blob, *token, key),
	    NF_ST_OK);
	nf_buf_wipe(&blob);
}

START_TEST(goes_with_its_card)
{
	uint32_t token, key, other = client_generate(&c, NF_KEY_ECDSAPRIVATE,
	    NF_EC_P256, client_acl(NF_PERM_SIGN, 0), 0, NULL);

	card_and_key(NF_TOKEN_UNLOAD, &token, &key);
	ck_assert_uint_eq(client_sign(&c, key, NF_MECH_ECDSAHSHA256),
	    NF_ST_OK);
	card(NF_DEV_CARD_INSERT, "");
	ck_assert_uint_eq(client_sign(&c, key, NF_MECH_ECDSAHSHA256),
	    NF_ST_UNKNOWNID);
	ck_assert_uint_eq(client_key(&c, NF_CMD_DESTROY, token),
	    NF_ST_UNKNOWNID);
	ck_assert_uint_eq(client_sign(&c, other, NF_MECH_ECDSAHSHA256),
	    NF_ST_OK);
}
END_TEST

START_TEST(stays_without_its_card)
{
	uint32_t token, key;

	card_and_key(0, &token, &key);
	card(NF_DEV_CARD_INSERT, "");
	ck_assert_uint_eq(client_sign(&c, key, NF_MECH_ECDSAHSHA256),
	    NF_ST_OK);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("module/softtoken");
	TCase *tc = tcase_create("softtoken");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_softcard);
	tcase_add_test(tc, wrong_pin);
	tcase_add_test(tc, junk_softcard);
	tcase_add_test(tc, no_softcard);
	tcase_add_test(tc, wrong_slot);
	tcase_add_test(tc, max_shares);
	tcase_add_test(tc, goes_with_its_card);
	tcase_add_test(tc, stays_without_its_card);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
