/* SPDX-License-Identifier: Apache-2.0 */
/* The service: clients that share modules and know nothing of each other. */
#include "config.h"

#include <pthread.h>

#include "tests/host/serve.h"

static struct nf_host *
privileged(void)
{
	struct nf_host *host;

	OK(nf_host_open_privileged(&host, &fix.diag));
	return host;
}

/* An AES key, or an RSA key for signatures; its id. */
static int
make(struct nf_host *host, bool rsa, uint32_t *id, struct nf_diag *diag)
{
	struct nf_command cmd = { .cmd = rsa ? NF_CMD_GENERATEKEYPAIR :
	    NF_CMD_GENERATEKEY };
	struct nf_acl *acl = nf_acl_new();
	struct nf_reply reply;
	int r;

	nf_group_action_add(nf_acl_group_add(acl),
	    NF_ACT_OPPERMISSIONS)->flags = NF_PERM_ENCRYPT | NF_PERM_SIGN |
	    NF_PERM_USEASCERTIFICATE | NF_PERM_DUPLICATEHANDLE;
	cmd.args.module = NF_HOST_MODULE;
	cmd.args.genparams.type = rsa ? NF_KEY_RSAPRIVATE : NF_KEY_RIJNDAEL;
	cmd.args.genparams.len = rsa ? 1024 : 32;
	cmd.args.acl = acl;
	cmd.args.acl2 = acl;
	r = nf_host_call(host, &cmd, &reply, diag);
	*id = reply.args.key;
	nf_args_wipe(&reply.args);
	nf_acl_free(acl);
	return r;
}

static bool
knows(struct nf_host *host, uint32_t id)
{
	uint8_t hash[NF_HASH_LEN];

	return nf_host_keyhash(host, id, hash, NULL) == 0;
}

/* ---- clients and objects ------------------------------------------------ */

START_TEST(ids_of_another_client)
{
	struct nf_command cmd = { .cmd = NF_CMD_DUPLICATE };
	struct nf_host *a, *b;
	struct nf_reply reply;
	uint32_t id, own;

	serve(1, 10);
	a = plain();
	b = plain();
	OK(make(a, false, &id, &fix.diag));
	OK(make(b, false, &own, &fix.diag));
	ck_assert(knows(a, id) && knows(b, own));
	ck_assert(!knows(b, id) && !knows(a, own));
	FAILS(NF_E_REFUSED, nf_host_destroy(b, id, &fix.diag));
	SAYS("UnknownID");
	cmd.args.key = id;
	FAILS(NF_E_REFUSED, nf_host_call(b, &cmd, &reply, &fix.diag));
	SAYS("UnknownID");
	nf_args_wipe(&reply.args);
	/* Nor as what authorises a command. */
	cmd.args.key = own;
	cmd.certs.n = 1;
	cmd.certs.cert[0].type = NF_CERT_SIGNINGKEY;
	cmd.certs.cert[0].keyid = id;
	OK(nf_host_keyhash(a, id, cmd.certs.cert[0].keyhash, &fix.diag));
	FAILS(NF_E_REFUSED, nf_host_call(b, &cmd, &reply, &fix.diag));
	SAYS("UnknownID");
	nf_args_wipe(&reply.args);
	ck_assert(knows(a, id));
	nf_host_close(a);
	nf_host_close(b);
	unserve();
}
END_TEST

START_TEST(objects_end_with_their_client)
{
	struct nf_host *host;
	uint32_t id, first = 0;

	serve(1, 10);
	/* Far more than fit at once. */
	for (int round = 0; round < 12; round++) {
		host = plain();
		for (int i = 0; i < 2000; i++)
			OK(make(host, false, &id, &fix.diag));
		ck_assert_uint_gt(id, first);
		first = id;
		nf_host_close(host);
		wait_clients(0);
	}
	unserve();
}
END_TEST

START_TEST(max_objects_leave_room)
{
	struct nf_host *host[8];
	uint32_t id, got = 0, last;

	serve(1, 20);
	/* Each takes what it gets; what is left shrinks, and is never 0. */
	for (int i = 0; i < 8; i++) {
		host[i] = plain();
		last = got;
		for (got = 0; make(host[i], false, &id, NULL) == 0; got++)
			continue;
		ck_assert_uint_ge(got, 32);
		ck_assert(got <= 4096 && (i < 4 || got < last));
	}
	for (int i = 0; i < 8; i++)
		nf_host_close(host[i]);
	unserve();
}
END_TEST

START_TEST(privileged_commands)
{
	static const uint32_t numbers[] = { NF_CMD_CLEARUNITEX,
		NF_CMD_INITIALISEUNITEX, NF_CMD_SETNSOPERMS, NF_CMD_SETKM,
		NF_CMD_REMOVEKM, NF_CMD_DEVTEST };
	struct nf_host *host, *other, *priv;
	struct nf_buf chain = NF_BUF_INIT;
	struct nf_reply reply;
	uint32_t id;

	serve(1, 40);
	host = plain();
	other = plain();
	priv = privileged();
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct nf_command cmd = { .cmd = numbers[i] };

		cmd.args.module = 1;
		cmd.args.mode = NF_MODE_INITIALISATION;
		cmd.args.word = NF_DEV_CARD_NEW;
		/* The hands find the privileged socket otherwise. */
		ck_assert_int_eq(unsetenv("NFAST_PRIVSERVER"), 0);
		FAILS(NF_E_REFUSED, nf_host_call(host, &cmd, &reply,
		    &fix.diag));
		ck_assert_uint_eq(reply.status, NF_ST_PRIVILEGEDCOMMAND);
		nf_args_wipe(&reply.args);
		(void)nf_host_call(priv, &cmd, &reply, NULL);
		ck_assert_uint_ne(reply.status, NF_ST_PRIVILEGEDCOMMAND);
		nf_args_wipe(&reply.args);
	}
	OK(nf_host_dev(host, NF_DEV_ROOTCHAIN, NF_SIGNER_KLF, "", &chain,
	    &fix.diag));
	nf_buf_wipe(&chain);
	/* Clearing is for all. */
	OK(make(other, false, &id, &fix.diag));
	ck_assert(knows(other, id));
	OK(nf_host_clear(priv, NF_MODE_OPERATIONAL, &fix.diag));
	ck_assert(!knows(other, id));
	nf_host_close(host);
	nf_host_close(other);
	nf_host_close(priv);
	unserve();
}
END_TEST

START_TEST(hands_use_the_privileged_socket)
{
	struct nf_host *host;
	struct nf_buf list = NF_BUF_INIT;

	serve(1, 40);
	host = plain();
	OK(nf_host_dev(host, NF_DEV_CARD_NEW, 0, "", NULL, &fix.diag));
	OK(nf_host_dev(host, NF_DEV_CARD_LIST, 0, "", &list, &fix.diag));
	ck_assert_str_eq(nf_buf_text(&list), "card-1\n");
	ck_assert_uint_eq(nf_server_clients(srv.server), 2);
	nf_buf_wipe(&list);
	nf_host_close(host);
	unserve();
}
END_TEST

START_TEST(two_modules)
{
	struct nf_command cmd = { .cmd = NF_CMD_LOADBLOB };
	char esn[2][NF_ESN_MAX + 1];
	struct nf_host *host, *other;
	struct nf_reply reply;
	uint32_t mode, n, id[2];

	serve(2, 40);
	host = plain();
	OK(nf_host_modules(host, &n, &fix.diag));
	ck_assert_uint_eq(n, 2);
	ck_assert_uint_eq(nf_host_module(host), 1);
	for (uint32_t i = 0; i < 2; i++) {
		OK(nf_host_use(host, i + 1, &fix.diag));
		OK(nf_host_enquiry(host, &mode, esn[i], &fix.diag));
		OK(make(host, false, &id[i], &fix.diag));
	}
	ck_assert_str_ne(esn[0], esn[1]);
	ck_assert_uint_ne(id[0], id[1]);
	/* An id leads to its module, whichever is in use. */
	ck_assert(knows(host, id[0]) && knows(host, id[1]));
	FAILS(NF_E_USAGE, nf_host_use(host, 3, &fix.diag));
	/* The key of one is nothing to the other. */
	cmd.args.module = 1;
	cmd.args.flags = NF_LOADBLOB_KEY;
	cmd.args.key2 = id[1];
	cmd.args.data = nf_view_of("blob", 4);
	FAILS(NF_E_REFUSED, nf_host_call(host, &cmd, &reply, &fix.diag));
	nf_args_wipe(&reply.args);
	/* One card is in one slot. */
	OK(nf_host_dev(host, NF_DEV_CARD_NEW, 0, "", NULL, &fix.diag));
	other = plain();
	FAILS(NF_E_REFUSED, nf_host_dev(other, NF_DEV_CARD_INSERT, 0,
	    "card-1", NULL, &fix.diag));
	SAYS("PhysTokenNotPresent");
	OK(nf_host_dev(host, NF_DEV_CARD_INSERT, 0, "", NULL, &fix.diag));
	OK(nf_host_dev(other, NF_DEV_CARD_INSERT, 0, "card-1", NULL,
	    &fix.diag));
	nf_host_close(host);
	nf_host_close(other);
	unserve();
}
END_TEST

/* ---- threads ------------------------------------------------------------ */

/* Make keys, sign, forget them, again and again. */
static void *
busy_client(void *arg)
{
	struct nf_host *host = arg;
	uint32_t id;

	for (int i = 0; i < 6; i++) {
		struct nf_command cmd = { .cmd = NF_CMD_SIGN };
		struct nf_reply reply;

		if (make(host, true, &id, NULL) != 0)
			continue;
		cmd.args.key = id;
		cmd.args.plain.type = NF_PLAIN_BYTES;
		cmd.args.plain.v = nf_view_of("message", 7);
		for (int j = 0; j < 40; j++) {
			cmd.args.mech = j % 8 == 7 ? NF_MECH_RSAHSHA512PPSS :
			    NF_MECH_RSAHSHA256PPKCS1;
			(void)nf_host_call(host, &cmd, &reply, NULL);
			nf_args_wipe(&reply.args);
		}
		(void)nf_host_destroy(host, id, NULL);
	}
	return NULL;
}

START_TEST(many_at_once)
{
	struct nf_host *host[4], *priv;
	pthread_t thread[4];

	serve(2, 40);
	priv = privileged();
	OK(nf_host_clear(priv, NF_MODE_OPERATIONAL, &fix.diag));
	for (int i = 0; i < 4; i++) {
		host[i] = plain();
		OK(nf_host_use(host[i], (uint32_t)i % 2 + 1, &fix.diag));
	}
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_create(&thread[i], NULL,
		    busy_client, host[i]), 0);
	/* Keys go away while they sign. */
	for (int i = 0; i < 200; i++) {
		const struct timespec t = { 0, 2000000 };

		OK(nf_host_clear(priv, NF_MODE_OPERATIONAL, &fix.diag));
		(void)nanosleep(&t, NULL);
	}
	for (int i = 0; i < 4; i++) {
		ck_assert_int_eq(pthread_join(thread[i], NULL), 0);
		nf_host_close(host[i]);
	}
	nf_host_close(priv);
	lives();
	unserve();
}
END_TEST

/* Two connections of one client sign with one key, a third takes it away. */
struct signer {
	struct nf_host *host;
	uint32_t key, made, gone, other;
};

static void *
sign_until_gone(void *arg)
{
	struct nf_command cmd = { .cmd = NF_CMD_SIGN };
	struct signer *s = arg;
	struct nf_reply reply;

	cmd.args.key = s->key;
	cmd.args.mech = NF_MECH_RSAHSHA256PPKCS1;
	cmd.args.plain.type = NF_PLAIN_BYTES;
	cmd.args.plain.v = nf_view_of("message", 7);
	while (s->gone == 0 && s->other == 0) {
		(void)nf_host_call(s->host, &cmd, &reply, NULL);
		*(reply.status == NF_ST_OK ? &s->made : reply.status ==
		    NF_ST_UNKNOWNID ? &s->gone : &s->other) += 1;
		nf_args_wipe(&reply.args);
	}
	return NULL;
}

START_TEST(one_client_at_once)
{
	const struct timespec t = { 0, 5000000 };
	struct signer s[2] = { { .made = 0 }, { .made = 0 } };
	struct nf_host *first, *stranger;
	uint8_t client[NF_HASH_LEN];
	pthread_t thread[2];
	uint32_t id;

	serve(1, 40);
	first = plain();
	stranger = plain();
	OK(nf_host_new_client(first, client, &fix.diag));
	for (int i = 0; i < 2; i++) {
		s[i].host = plain();
		OK(nf_host_join(s[i].host, client, &fix.diag));
	}
	for (int round = 0; round < 10; round++) {
		OK(make(first, true, &id, &fix.diag));
		ck_assert(!knows(stranger, id));
		for (int i = 0; i < 2; i++) {
			s[i] = (struct signer){ s[i].host, id, 0, 0, 0 };
			ck_assert_int_eq(pthread_create(&thread[i], NULL,
			    sign_until_gone, &s[i]), 0);
		}
		(void)nanosleep(&t, NULL);
		OK(nf_host_destroy(first, id, &fix.diag));
		for (int i = 0; i < 2; i++) {
			ck_assert_int_eq(pthread_join(thread[i], NULL), 0);
			ck_assert_uint_eq(s[i].other, 0);
		}
	}
	/* The client goes on without the one that began it. */
	OK(make(first, false, &id, &fix.diag));
	nf_host_close(first);
	nf_host_close(s[0].host);
	wait_clients(2);
	ck_assert(knows(s[1].host, id));
	nf_host_close(s[1].host);
	wait_clients(1);
	FAILS(NF_E_REFUSED, nf_host_join(stranger, client, &fix.diag));
	SAYS("ClientUnknown");
	nf_host_close(stranger);
	unserve();
}
END_TEST

START_TEST(stop_drops_clients)
{
	char esn[NF_ESN_MAX + 1];
	struct nf_host *host;
	uint32_t id, mode;

	serve(1, 10);
	host = plain();
	OK(make(host, false, &id, &fix.diag));
	unserve();
	FAILS(NF_E_IO, nf_host_enquiry(host, &mode, esn, &fix.diag));
	nf_host_close(host);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("host/serve");
	TCase *tc = tcase_create("serve");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, ids_of_another_client);
	tcase_add_test(tc, objects_end_with_their_client);
	tcase_add_test(tc, max_objects_leave_room);
	tcase_add_test(tc, privileged_commands);
	tcase_add_test(tc, hands_use_the_privileged_socket);
	tcase_add_test(tc, two_modules);
	tcase_add_test(tc, many_at_once);
	tcase_add_test(tc, one_client_at_once);
	tcase_add_test(tc, stop_drops_clients);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
