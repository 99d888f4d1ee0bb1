/* SPDX-License-Identifier: Apache-2.0 */
/* Clients that several connections are: who is one and who is not, and how
 * long it lives. */
#include "config.h"

#include "nfast/base/seed.h"
#include "tests/module/rackfix.h"

static struct nf_rack_client a, b, c;
static uint8_t id[NF_HASH_LEN];

static void
setup(void)
{
	rx_open(2);
	a = rx_connect(false);
	b = rx_connect(false);
	c = rx_connect(false);
}

static void
shared(void)
{
	setup();
	ck_assert_uint_eq(rx_new_client(&a, id), NF_ST_OK);
	ck_assert_uint_eq(rx_join(&b, id), NF_ST_OK);
}

START_TEST(keys_are_shared)
{
	uint32_t ka, kb, kc;

	setup();
	/* Also those from before the client had an id. */
	ka = rx_aes(&a, 1, 1);
	ck_assert_uint_eq(rx_new_client(&a, id), NF_ST_OK);
	ck_assert_uint_eq(rx_join(&b, id), NF_ST_OK);
	kb = rx_aes(&b, 2, 2);
	kc = rx_aes(&c, 1, 3);
	ck_assert(rx_has(&a, ka) && rx_has(&a, kb) && rx_has(&b, ka));
	ck_assert_uint_eq(rx_encrypt(&a, kb), NF_ST_OK);
	ck_assert_uint_eq(rx_encrypt(&b, ka), NF_ST_OK);
	ck_assert(!rx_has(&c, ka) && !rx_has(&c, kb));
	ck_assert_uint_eq(rx_encrypt(&c, ka), NF_ST_UNKNOWNID);
	ck_assert(!rx_has(&a, kc) && !rx_has(&b, kc));
	ck_assert_uint_eq(rx_key(&b, NF_CMD_DESTROY, ka), NF_ST_OK);
	ck_assert(!rx_has(&a, ka));
	rx_close();
}
END_TEST

START_TEST(lives_with_its_last_connection)
{
	uint32_t ka, kb;

	shared();
	ka = rx_aes(&a, 1, 1);
	kb = rx_aes(&b, 1, 2);
	/* The one that made it goes first. */
	nf_rack_forget(rx.rack, &a);
	ck_assert(rx_has(&b, ka) && rx_has(&b, kb));
	ck_assert_uint_eq(rx_join(&c, id), NF_ST_OK);
	nf_rack_forget(rx.rack, &b);
	ck_assert(rx_has(&c, ka) && rx_has(&c, kb));
	nf_rack_forget(rx.rack, &c);
	a = rx_connect(false);
	ck_assert(!rx_has(&a, ka) && !rx_has(&a, kb));
	ck_assert_uint_eq(rx_join(&a, id), NF_ST_CLIENTUNKNOWN);
	rx_close();
}
END_TEST

START_TEST(outlives_a_clear)
{
	struct nf_rack_client owner;
	uint32_t ka;

	shared();
	owner = rx_connect(true);
	ka = rx_aes(&a, 1, 1);
	ck_assert_uint_eq(rx_clear(&owner, 1), NF_ST_OK);
	ck_assert(!rx_has(&a, ka));
	ck_assert_uint_eq(rx_join(&c, id), NF_ST_OK);
	ka = rx_aes(&c, 1, 1);
	ck_assert(rx_has(&b, ka));
	rx_close();
}
END_TEST

START_TEST(wrong_id)
{
	uint8_t other[NF_HASH_LEN];

	shared();
	for (size_t i = 0; i < 8 * NF_HASH_LEN; i++) {
		memcpy(other, id, sizeof(other));
		other[i / 8] ^= (uint8_t)(1u << i % 8);
		ck_assert_uint_eq(rx_join(&c, other), NF_ST_CLIENTUNKNOWN);
	}
	memset(other, 0, sizeof(other));
	ck_assert_uint_eq(rx_join(&c, other), NF_ST_CLIENTUNKNOWN);
	/* Nothing was lost by trying. */
	ck_assert_uint_eq(rx_join(&c, id), NF_ST_OK);
	rx_close();
}
END_TEST

START_TEST(duplicate_client)
{
	uint8_t own[NF_HASH_LEN];

	shared();
	ck_assert_uint_eq(rx_new_client(&a, own), NF_ST_INVALIDSTATE);
	ck_assert_uint_eq(rx_new_client(&b, own), NF_ST_INVALIDSTATE);
	ck_assert_uint_eq(rx_join(&a, id), NF_ST_INVALIDSTATE);
	ck_assert_uint_eq(rx_join(&b, id), NF_ST_INVALIDSTATE);
	ck_assert_uint_eq(rx_new_client(&c, own), NF_ST_OK);
	ck_assert_uint_eq(rx_join(&c, id), NF_ST_INVALIDSTATE);
	rx_close();
}
END_TEST

START_TEST(join_after_keys)
{
	struct nf_command cmd = { .cmd = NF_CMD_INSERTSOFTTOKEN };
	uint32_t kc;

	shared();
	kc = rx_aes(&c, 2, 3);
	ck_assert_uint_eq(rx_join(&c, id), NF_ST_INVALIDSTATE);
	ck_assert_uint_eq(rx_key(&c, NF_CMD_DESTROY, kc), NF_ST_OK);
	cmd.args.module = 2;
	cmd.args.slot = NF_SLOT_SOFT;
	ck_assert_uint_eq(rx_call(&c, &cmd), NF_ST_OK);
	ck_assert_uint_eq(rx_join(&c, id), NF_ST_INVALIDSTATE);
	cmd.cmd = NF_CMD_REMOVESOFTTOKEN;
	ck_assert_uint_eq(rx_call(&c, &cmd), NF_ST_OK);
	ck_assert_uint_eq(rx_join(&c, id), NF_ST_OK);
	rx_close();
}
END_TEST

/* Merged ids of destroyed keys stayed for ever when their connection joined
 * another client, until no one had room for any. */
START_TEST(joined_after_merging)
{
	enum { ROUNDS = 5, MOST = 4096 };
	uint32_t key, merged = 0;

	setup();
	ck_assert_uint_eq(rx_new_client(&a, id), NF_ST_OK);
	for (uint32_t round = 0; round < ROUNDS; round++) {
		b = rx_connect(false);
		key = rx_aes(&b, 1, 1);
		for (uint32_t i = 0; i < MOST; i++)
			ck_assert_uint_eq(rx_merge(&b, &key, 1), NF_ST_OK);
		merged = rx.reply.args.key;
		ck_assert_uint_eq(rx_merge(&b, &key, 1), NF_ST_NOMEMORY);
		ck_assert_uint_eq(rx_key(&b, NF_CMD_DESTROY, key), NF_ST_OK);
		ck_assert_uint_eq(rx_join(&b, id), NF_ST_OK);
		ck_assert_uint_eq(rx_key(&b, NF_CMD_DESTROY, merged),
		    NF_ST_UNKNOWNID);
		nf_rack_forget(rx.rack, &b);
	}
	rx_close();
}
END_TEST

/* A connection's privilege is its own. */
START_TEST(privilege_is_not_shared)
{
	setup();
	a = rx_connect(true);
	ck_assert_uint_eq(rx_new_client(&a, id), NF_ST_OK);
	ck_assert_uint_eq(rx_join(&b, id), NF_ST_OK);
	ck_assert_uint_eq(rx_clear(&b, 1), NF_ST_PRIVILEGEDCOMMAND);
	ck_assert_uint_eq(rx_clear(&a, 1), NF_ST_OK);
	rx_close();
}
END_TEST

START_TEST(malformed_commands)
{
	static const uint32_t numbers[] = { NF_CMD_NEWCLIENT,
		NF_CMD_EXISTINGCLIENT };

	setup();
	for (size_t i = 0; i < 2; i++) {
		struct nf_command cmd = { .cmd = numbers[i] };

		cmd.args.flags = 1;
		ck_assert_uint_eq(rx_call(&a, &cmd), NF_ST_UNKNOWNFLAG);
		cmd.args.flags = 0;
		rx_lengths(&a, &cmd);
	}
	ck_assert_uint_eq(a.joined, 0);
	rx_close();
}
END_TEST

/* Many at once, which end in another order. */
START_TEST(many_clients)
{
	enum { MANY = 300 };
	static struct nf_rack_client one[MANY], two[MANY];
	static uint8_t ids[MANY][NF_HASH_LEN];
	static uint32_t key[MANY];

	setup();
	for (size_t i = 0; i < MANY; i++) {
		one[i] = rx_connect(false);
		two[i] = rx_connect(false);
		ck_assert_uint_eq(rx_new_client(&one[i], ids[i]), NF_ST_OK);
		for (size_t j = 0; j < i; j++)
			ck_assert_mem_ne(ids[i], ids[j], NF_HASH_LEN);
		key[i] = rx_aes(&one[i], 1 + i % 2, (uint8_t)i);
	}
	for (size_t i = 0; i < MANY; i += 3)
		nf_rack_forget(rx.rack, &one[i]);
	for (size_t i = 0; i < MANY; i++) {
		ck_assert_uint_eq(rx_join(&two[i], ids[i]), i % 3 == 0 ?
		    NF_ST_CLIENTUNKNOWN : NF_ST_OK);
		ck_assert(rx_has(&two[i], key[i]) == (i % 3 != 0));
	}
	for (size_t i = MANY - 1; i > 0; i--) {
		if (i % 3 != 0)
			nf_rack_forget(rx.rack, &one[i]);
		ck_assert(rx_has(&two[i], key[i]) == (i % 3 != 0));
	}
	rx_close();
}
END_TEST

static uint32_t
soft_slot(struct nf_rack_client *who, uint32_t number)
{
	struct nf_command cmd = { .cmd = number };

	cmd.args.module = 1;
	cmd.args.slot = NF_SLOT_SOFT;
	return rx_call(who, &cmd);
}

/* The slot was one for all: who left a softcard in it kept the others out. */
START_TEST(softcards_of_clients)
{
	uint32_t ic;

	setup();
	ck_assert_uint_eq(soft_slot(&a, NF_CMD_INSERTSOFTTOKEN), NF_ST_OK);
	ic = rx.reply.args.ic;
	ck_assert_uint_eq(soft_slot(&b, NF_CMD_INSERTSOFTTOKEN), NF_ST_OK);
	ck_assert_uint_ne(rx.reply.args.ic, ic);
	ck_assert_uint_eq(soft_slot(&a, NF_CMD_GETSLOTINFO), NF_ST_OK);
	ck_assert_uint_eq(rx.reply.args.ic, ic);
	ck_assert_uint_eq(soft_slot(&c, NF_CMD_GETSLOTINFO), NF_ST_OK);
	ck_assert_uint_eq(rx.reply.args.ic, 0);
	ck_assert_uint_eq(soft_slot(&c, NF_CMD_REMOVESOFTTOKEN),
	    NF_ST_PHYSTOKENNOTPRESENT);
	ck_assert_uint_eq(soft_slot(&b, NF_CMD_REMOVESOFTTOKEN), NF_ST_OK);
	ck_assert_uint_eq(soft_slot(&b, NF_CMD_REMOVESOFTTOKEN),
	    NF_ST_PHYSTOKENNOTPRESENT);
	ck_assert_uint_eq(soft_slot(&a, NF_CMD_GETSLOTINFO), NF_ST_OK);
	ck_assert_uint_eq(rx.reply.args.ic, ic);
	/* One that is in goes with its client. */
	nf_rack_forget(rx.rack, &a);
	ck_assert_uint_eq(soft_slot(&a, NF_CMD_REMOVESOFTTOKEN),
	    NF_ST_PHYSTOKENNOTPRESENT);
	ck_assert_uint_eq(soft_slot(&b, NF_CMD_INSERTSOFTTOKEN), NF_ST_OK);
	rx_close();
}
END_TEST

/* As many keys as the connection gets. */
static uint32_t
fill(struct nf_rack_client *who)
{
	uint32_t key = rx_aes(who, 1, 1), n = 1;

	while (rx_key(who, NF_CMD_DUPLICATE, key) == NF_ST_OK)
		n++;
	ck_assert_uint_eq(rx.reply.status, NF_ST_NOMEMORY);
	return n;
}

/* However many clients one user is, there is half of all for the next. */
START_TEST(users_leave_room)
{
	enum { ALL = 16384, CLIENTS = 6 };
	uint32_t total = 0;

	setup();
	for (uint32_t i = 0; i < CLIENTS; i++) {
		a = rx_connect(false);
		total += fill(&a);
	}
	ck_assert_uint_eq(total, ALL / 2 - (ALL / 2 >> CLIENTS));
	b.user = 7;
	/* Half of what a user has, who has half of what others leave. */
	ck_assert_uint_eq(fill(&b), (ALL - total) / 4);
	c.user = 7;
	ck_assert_uint_eq(fill(&c), (ALL - total) / 8);
	rx_close();
}
END_TEST

static bool
is_slow(uint32_t number, uint32_t flags, uint32_t type)
{
	struct nf_command cmd = { .cmd = number };
	struct nf_buf bytes = NF_BUF_INIT;
	struct nf_acl *acl = nf_acl_new();
	bool slow;

	cmd.args.module = 1;
	cmd.args.flags = flags;
	cmd.args.acl = acl;
	cmd.args.acl2 = acl;
	cmd.args.keydata.type = type;
	cmd.args.genparams.type = NF_KEY_RSAPRIVATE;
	nf_wire_command_write(&bytes, &cmd);
	slow = nf_rack_slow(nf_buf_view(&bytes));
	/* A cut one is none, unless its number says all. */
	for (size_t n = 0; n < 8; n++)
		ck_assert(!nf_rack_slow(nf_view_of(bytes.p, n)));
	nf_acl_free(acl);
	nf_buf_wipe(&bytes);
	return slow;
}

START_TEST(slow_commands)
{
	ck_assert(is_slow(NF_CMD_GENERATEKEYPAIR, 0, 0));
	ck_assert(is_slow(NF_CMD_IMPORT, 0, NF_KEY_RSAPRIVATE));
	ck_assert(is_slow(NF_CMD_LOADBLOB, NF_LOADBLOB_KEY |
	    NF_LOADBLOB_IMPORT, 0));
	ck_assert(!is_slow(NF_CMD_IMPORT, 0, NF_KEY_RSAPUBLIC));
	ck_assert(!is_slow(NF_CMD_LOADBLOB, NF_LOADBLOB_KEY, 0));
	ck_assert(!is_slow(NF_CMD_SIGN, 0, 0));
	ck_assert(!is_slow(NF_CMD_NEWENQUIRY, 0, 0));
}
END_TEST

/* With a seed ids follow from it; two are never equal. */
START_TEST(seeded_ids)
{
	uint8_t first[2][NF_HASH_LEN], second[2][NF_HASH_LEN];

	ck_assert_int_eq(setenv(NF_SEED_ENV, "clients", 1), 0);
	for (size_t i = 0; i < 2; i++) {
		rx.last = 0;
		setup();
		ck_assert_uint_eq(rx_new_client(&a, first[i]), NF_ST_OK);
		ck_assert_uint_eq(rx_new_client(&b, second[i]), NF_ST_OK);
		ck_assert_mem_ne(first[i], second[i], NF_HASH_LEN);
		rx_close();
	}
	ck_assert_mem_eq(first[0], first[1], NF_HASH_LEN);
	ck_assert_mem_eq(second[0], second[1], NF_HASH_LEN);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("module/client");
	TCase *tc = tcase_create("client");

	tcase_add_test(tc, keys_are_shared);
	tcase_add_test(tc, lives_with_its_last_connection);
	tcase_add_test(tc, outlives_a_clear);
	tcase_add_test(tc, wrong_id);
	tcase_add_test(tc, duplicate_client);
	tcase_add_test(tc, join_after_keys);
	tcase_add_test(tc, joined_after_merging);
	tcase_add_test(tc, privilege_is_not_shared);
	tcase_add_test(tc, malformed_commands);
	tcase_add_test(tc, many_clients);
	tcase_add_test(tc, softcards_of_clients);
	tcase_add_test(tc, users_leave_room);
	tcase_add_test(tc, slow_commands);
	tcase_add_test(tc, seeded_ids);
	tcase_set_timeout(tc, 120);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
