/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Modules from NFSIM_INSECURE_SEED: the same commands give the same bytes in
 * two directories, and no two commands of one module share what is random.
 */
#include "config.h"

#include "nfast/base/seed.h"
#include "nfast/wire/names.h"
#include "tests/module/client.h"

static struct client a, b;

static void
setup(void)
{
	ck_assert_int_eq(setenv(NF_SEED_ENV, "module", 1), 0);
	client_open(&a);
	client_open(&b);
}

static void
teardown(void)
{
	client_close(&a);
	client_close(&b);
}

static void
same_reply(void)
{
	ck_assert_uint_eq(a.reply_bytes.len, b.reply_bytes.len);
	ck_assert_mem_eq(a.reply_bytes.p, b.reply_bytes.p,
	    a.reply_bytes.len);
}

static uint32_t
ec_key(struct client *c)
{
	struct nf_acl *acl = client_acl(NF_PERM_SIGN, 0);
	struct nf_acl *pub = client_acl(NF_PERM_VERIFY |
	    NF_PERM_EXPORTASPLAIN, 0);
	struct nf_command cmd = { .cmd = NF_CMD_GENERATEKEYPAIR };

	cmd.args.module = 1;
	cmd.args.genparams.type = NF_KEY_ECDSAPRIVATE;
	cmd.args.genparams.curve = NF_EC_P256;
	cmd.args.acl = acl;
	cmd.args.acl2 = pub;
	ck_assert_uint_eq(client_call(c, &cmd), NF_ST_OK);
	nf_acl_free(acl);
	nf_acl_free(pub);
	return c->reply.args.key;
}

/* Every kind of randomness: DSA, ECDSA and RSA keys, nonces, tokens. */
START_TEST(same_in_two_directories)
{
	uint8_t hash[2][NF_HASH_LEN];
	struct nf_command cmd = { .cmd = NF_CMD_NEWENQUIRY };
	uint32_t key[2];

	cmd.args.module = 1;
	(void)client_call(&a, &cmd);
	(void)client_call(&b, &cmd);
	same_reply();
	ck_assert(nf_seed_esn(a.reply.args.enquiry.serial));
	ck_assert(nf_seed_marked(a.reply.args.enquiry.software));
	(void)client_world(&a, hash[0], hash[1]);
	(void)client_world(&b, hash[0], hash[1]);
	same_reply();
	key[0] = ec_key(&a);
	key[1] = ec_key(&b);
	ck_assert_uint_eq(key[0], key[1]);
	for (int i = 0; i < 2; i++) {
		ck_assert_uint_eq(client_sign(&a, key[0],
		    NF_MECH_ECDSAHSHA256), NF_ST_OK);
		ck_assert_uint_eq(client_sign(&b, key[1],
		    NF_MECH_ECDSAHSHA256), NF_ST_OK);
		same_reply();
	}
	client_restart(&a);
	client_restart(&b);
	cmd = (struct nf_command){ .cmd = NF_CMD_GENERATERANDOM };
	cmd.args.length = 32;
	(void)client_call(&a, &cmd);
	(void)client_call(&b, &cmd);
	same_reply();
}
END_TEST

/* The same command again, and after a power-up: other random bytes. */
START_TEST(never_again)
{
	struct nf_command cmd = { .cmd = NF_CMD_GENERATERANDOM };
	uint8_t seen[6][32];

	cmd.args.length = 32;
	for (size_t i = 0; i < 6; i++) {
		if (i == 2 || i == 4)
			client_restart(&a);
		ck_assert_uint_eq(client_call(&a, &cmd), NF_ST_OK);
		ck_assert_uint_eq(a.reply.args.data.len, 32);
		memcpy(seen[i], a.reply.args.data.p, 32);
		for (size_t k = 0; k < i; k++)
			ck_assert_mem_ne(seen[k], seen[i], 32);
	}
}
END_TEST

/* One message signed twice: another nonce, another r. */
START_TEST(nonces_differ)
{
	uint32_t key = ec_key(&a);
	struct nf_buf first = NF_BUF_INIT;
	struct nf_view r;

	ck_assert_uint_eq(client_sign(&a, key, NF_MECH_ECDSAHSHA256),
	    NF_ST_OK);
	nf_buf_view_put(&first, a.reply.args.cipher.v[0]);
	ck_assert_uint_eq(client_sign(&a, key, NF_MECH_ECDSAHSHA256),
	    NF_ST_OK);
	r = a.reply.args.cipher.v[0];
	ck_assert(!nf_view_equal(r, nf_buf_view(&first)));
	nf_buf_wipe(&first);
}
END_TEST

/* The sender's tag is no part of it: it is a process id in our tools. */
START_TEST(tag_does_not_count)
{
	struct nf_command cmd = { .cmd = NF_CMD_GENERATERANDOM };

	cmd.args.length = 32;
	cmd.tag = 1;
	(void)client_call(&a, &cmd);
	cmd.tag = 2;
	(void)client_call(&b, &cmd);
	ck_assert(nf_view_equal(a.reply.args.data, b.reply.args.data));
}
END_TEST

/* Once from a seed, always marked; never from one when made without. */
START_TEST(mark_stays)
{
	struct nf_command cmd = { .cmd = NF_CMD_NEWENQUIRY };
	struct client c;
	struct nf_module *m;
	struct nf_diag d = { 0 };

	ck_assert_int_eq(unsetenv(NF_SEED_ENV), 0);
	client_restart(&a);
	cmd.args.module = 1;
	ck_assert_uint_eq(client_call(&a, &cmd), NF_ST_OK);
	ck_assert(nf_seed_marked(a.reply.args.enquiry.software));
	client_open(&c);
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_OK);
	ck_assert(!nf_seed_marked(c.reply.args.enquiry.software));
	ck_assert(!nf_seed_esn(c.reply.args.enquiry.serial));
	nf_module_close(c.module);
	ck_assert_int_eq(setenv(NF_SEED_ENV, "module", 1), 0);
	ck_assert_int_eq(nf_module_open(c.dir, c.dir, &m, &d), NF_E_POLICY);
	ck_assert_str_eq(d.field, NF_SEED_ENV);
	ck_assert_int_eq(unsetenv(NF_SEED_ENV), 0);
	ck_assert_int_eq(nf_module_open(c.dir, c.dir, &c.module, NULL), 0);
	client_close(&c);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("module/seeded");
	TCase *tc = tcase_create("seeded");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, same_in_two_directories);
	tcase_add_test(tc, never_again);
	tcase_add_test(tc, nonces_differ);
	tcase_add_test(tc, tag_does_not_count);
	tcase_add_test(tc, mark_stays);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
