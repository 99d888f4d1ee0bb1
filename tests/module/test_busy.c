/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Long private-key operations, beside which other commands run: the keys that
 * they use may go away, limits count every use once, and nobody waits for the
 * key that another one makes.
 */
#include "config.h"

#include <pthread.h>
#include <time.h>

#include "tests/module/rackfix.h"

#define USERS	3
#define LIMIT	90
#define KEYS	3
#define KEYS_MAX	60

/*
 * A connection in a thread that uses a key in all ways in turn until that
 * fails; how often it did, and why it ended.
 */
struct user {
	struct nf_rack_client who;
	uint32_t key;
	struct nf_view cipher;		/* OAEP, under the key */
	uint32_t done, status;
	uint32_t bits, stop;		/* of keys that it makes, then 1 */
};

static struct user user[USERS];
static struct nf_rack_client owner;
static struct nf_buf cipher;

/* rx_call() for threads; the ids of keys, when there are some. */
static uint32_t
call(struct nf_rack_client *who, const struct nf_command *cmd, uint32_t *key,
    uint32_t *key2)
{
	struct nf_buf bytes = NF_BUF_INIT, reply = NF_BUF_INIT;
	struct nf_reply r;
	struct nf_cur cur;

	nf_wire_command_write(&bytes, cmd);
	ck_assert_int_eq(nf_rack_transact(rx.rack, who, nf_buf_view(&bytes),
	    &reply), 0);
	nf_cur_init(&cur, reply.p, reply.len, NULL);
	ck_assert_int_eq(nf_wire_reply_read(&cur, cmd->cmd, &r), 0);
	if (key != NULL)
		*key = r.args.key;
	if (key2 != NULL)
		*key2 = r.args.key2;
	nf_args_wipe(&r.args);
	nf_buf_wipe(&bytes);
	nf_buf_wipe(&reply);
	return r.status;
}

/* An RSA key; limit: uses of its private half, 0 for any number. */
static uint32_t
make(struct nf_rack_client *who, uint32_t bits, uint32_t limit, uint32_t *key,
    uint32_t *pub)
{
	struct nf_command cmd = { .cmd = NF_CMD_GENERATEKEYPAIR };
	struct nf_acl *acl = nf_acl_new(), *acl2 = nf_acl_new();
	struct nf_group *g = nf_acl_group_add(acl);
	uint32_t status;

	nf_group_action_add(g, NF_ACT_OPPERMISSIONS)->flags = NF_PERM_SIGN |
	    NF_PERM_DECRYPT;
	if (limit > 0)
		nf_group_limit_add(g, NF_LIMIT_GLOBAL)->max = limit;
	nf_group_action_add(nf_acl_group_add(acl2),
	    NF_ACT_OPPERMISSIONS)->flags = NF_PERM_ENCRYPT;
	cmd.args.module = 1;
	cmd.args.flags = NF_GEN_CERTIFY;
	cmd.args.genparams.type = NF_KEY_RSAPRIVATE;
	cmd.args.genparams.len = bits;
	cmd.args.acl = acl;
	cmd.args.acl2 = acl2;
	status = call(who, &cmd, key, pub);
	nf_acl_free(acl);
	nf_acl_free(acl2);
	return status;
}

static uint32_t
use(struct nf_rack_client *who, uint32_t key, struct nf_view ct, uint32_t way)
{
	struct nf_command cmd = { .cmd = NF_CMD_SIGN };

	cmd.args.key = key;
	cmd.args.plain.type = NF_PLAIN_BYTES;
	cmd.args.plain.v = nf_view_of("message", 7);
	switch (way % 4) {
	case 0:
		cmd.args.mech = NF_MECH_RSAHSHA256PPKCS1;
		break;
	case 1:
		cmd.args.mech = NF_MECH_RSAHSHA256PPSS;
		break;
	case 2:
		cmd.args.mech = NF_MECH_RSAPPKCS1;
		break;
	default:
		cmd.cmd = NF_CMD_DECRYPT;
		cmd.args.mech = NF_MECH_RSAPPKCS1OAEPHSHA256;
		cmd.args.cipher.mech = cmd.args.mech;
		cmd.args.cipher.v[0] = ct;
		cmd.args.replytype = NF_PLAIN_BYTES;
		break;
	}
	return call(who, &cmd, NULL, NULL);
}

static void *
use_up(void *arg)
{
	struct user *u = arg;

	while ((u->status = use(&u->who, u->key, u->cipher, u->done)) ==
	    NF_ST_OK)
		u->done++;
	return NULL;
}

/* A key of the first user, who is one client with the others. */
static void
share_key(uint32_t limit)
{
	struct nf_command cmd = { .cmd = NF_CMD_ENCRYPT };
	uint32_t key, pub;

	ck_assert_uint_eq(make(&user[0].who, 1024, limit, &key, &pub),
	    NF_ST_OK);
	cmd.args.key = pub;
	cmd.args.mech = NF_MECH_RSAPPKCS1OAEPHSHA256;
	cmd.args.plain.type = NF_PLAIN_BYTES;
	cmd.args.plain.v = nf_view_of("secret", 6);
	ck_assert_uint_eq(rx_call(&user[0].who, &cmd), NF_ST_OK);
	nf_buf_wipe(&cipher);
	nf_buf_view_put(&cipher, rx.reply.args.cipher.v[0]);
	for (int i = 0; i < USERS; i++) {
		user[i].key = key;
		user[i].cipher = nf_buf_view(&cipher);
		user[i].done = 0;
	}
}

static void
setup(void)
{
	uint8_t id[NF_HASH_LEN];

	rx_open(1);
	owner = rx_connect(true);
	for (int i = 0; i < USERS; i++) {
		user[i].who = rx_connect(false);
		ck_assert_uint_eq(i == 0 ? rx_new_client(&user[0].who, id) :
		    rx_join(&user[i].who, id), NF_ST_OK);
	}
}

static void
teardown(void)
{
	nf_buf_wipe(&cipher);
	rx_close();
}

static void
start(pthread_t *thread)
{
	for (int i = 0; i < USERS; i++)
		ck_assert_int_eq(pthread_create(&thread[i], NULL, use_up,
		    &user[i]), 0);
}

/* They all end with this status; how often the key was used. */
static uint32_t
finish(const pthread_t *thread, uint32_t status)
{
	uint32_t sum = 0;

	for (int i = 0; i < USERS; i++) {
		ck_assert_int_eq(pthread_join(thread[i], NULL), 0);
		ck_assert_uint_eq(user[i].status, status);
		sum += user[i].done;
	}
	return sum;
}

START_TEST(limits_count_every_use)
{
	pthread_t thread[USERS];

	setup();
	share_key(LIMIT);
	start(thread);
	ck_assert_uint_eq(finish(thread, NF_ST_USELIMITEXCEEDED), LIMIT);
	teardown();
}
END_TEST

START_TEST(a_used_key_goes_away)
{
	const struct timespec t = { 0, 3000000 };
	pthread_t thread[USERS];

	setup();
	for (uint32_t round = 0; round < 4; round++) {
		struct nf_command cmd = { .cmd = NF_CMD_DESTROY };

		share_key(0);
		start(thread);
		(void)nanosleep(&t, NULL);
		cmd.args.key = user[0].key;
		if (round % 2 == 0) {
			cmd.cmd = NF_CMD_CLEARUNITEX;
			cmd.args.module = 1;
		}
		ck_assert_uint_eq(call(round % 2 == 0 ? &owner :
		    &user[1].who, &cmd, NULL, NULL), NF_ST_OK);
		(void)finish(thread, NF_ST_UNKNOWNID);
	}
	teardown();
}
END_TEST

static void *
make_keys(void *arg)
{
	struct user *u = arg;

	while (__atomic_load_n(&u->stop, __ATOMIC_SEQ_CST) == 0) {
		u->status |= make(&u->who, u->bits, 0, NULL, NULL);
		(void)__atomic_add_fetch(&u->done, 1, __ATOMIC_SEQ_CST);
	}
	return NULL;
}

static void
finish_keys(pthread_t thread)
{
	__atomic_store_n(&user[1].stop, 1, __ATOMIC_SEQ_CST);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	ck_assert_uint_eq(user[1].status, NF_ST_OK);
}

START_TEST(others_sign_while_keys_are_made)
{
	const struct timespec t = { 0, 500000 };
	uint32_t n = 0, made = 0;
	pthread_t thread;

	setup();
	share_key(0);
	user[1].status = NF_ST_OK;
	user[1].bits = 2048;
	ck_assert_int_eq(pthread_create(&thread, NULL, make_keys, &user[1]),
	    0);
	/* In turn it would be one or two for each key. */
	while (made < KEYS || (n <= 4 * made && made < KEYS_MAX)) {
		ck_assert_uint_eq(use(&user[0].who, user[0].key,
		    user[0].cipher, n), NF_ST_OK);
		n++;
		/* Who waits for the module gets it now. */
		(void)nanosleep(&t, NULL);
		made = __atomic_load_n(&user[1].done, __ATOMIC_SEQ_CST);
	}
	finish_keys(thread);
	ck_assert_uint_gt(n, 4 * made);
	teardown();
}
END_TEST

/* Another initialisation takes the key that certifies away meanwhile. */
START_TEST(the_unit_is_initialised_meanwhile)
{
	struct nf_command cmd = { .cmd = NF_CMD_CLEARUNITEX };
	pthread_t thread;

	setup();
	cmd.args.module = 1;
	cmd.args.mode = NF_MODE_INITIALISATION;
	ck_assert_uint_eq(call(&owner, &cmd, NULL, NULL), NF_ST_OK);
	user[1].status = NF_ST_OK;
	user[1].bits = 1024;
	ck_assert_int_eq(pthread_create(&thread, NULL, make_keys, &user[1]),
	    0);
	cmd = (struct nf_command){ .cmd = NF_CMD_INITIALISEUNITEX };
	cmd.args.module = 1;
	while (__atomic_load_n(&user[1].done, __ATOMIC_SEQ_CST) < KEYS)
		ck_assert_uint_eq(call(&owner, &cmd, NULL, NULL), NF_ST_OK);
	finish_keys(thread);
	teardown();
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("module/busy");
	TCase *tc = tcase_create("busy");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, limits_count_every_use);
	tcase_add_test(tc, a_used_key_goes_away);
	tcase_add_test(tc, others_sign_while_keys_are_made);
	tcase_add_test(tc, the_unit_is_initialised_meanwhile);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
