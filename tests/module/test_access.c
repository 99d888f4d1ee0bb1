/* SPDX-License-Identifier: Apache-2.0 */
/* The ACL engine, through commands: groups, certifiers, limits, changes. */
#include "config.h"

#include "tests/module/world.h"

/* A certificate of the security officer on a command. */
static void
certify(struct nf_command *cmd)
{
	cmd->certs.n = 1;
	cmd->certs.cert[0].type = NF_CERT_SIGNINGKEY;
	cmd->certs.cert[0].keyid = knso;
	memcpy(cmd->certs.cert[0].keyhash, hknso, NF_HASH_LEN);
}

/* Group 0 anyone, group 1 for the security officer. */
static struct nf_acl *
two_groups(uint32_t anyone, uint32_t officer)
{
	struct nf_acl *acl = client_acl(anyone, 0);
	struct nf_group *g = nf_acl_group_add(acl);

	nf_group_action_add(g, NF_ACT_OPPERMISSIONS)->flags = officer;
	nf_group_action_add(g, NF_ACT_MAKEBLOB)->flags = 0x23;
	g->flags = NF_GROUP_CERTIFIER | NF_GROUP_FRESHCERTS;
	memcpy(g->certifier, hknso, NF_HASH_LEN);
	return acl;
}

static bool
reason_has(const char *text)
{
	char s[NF_REASON_MAX + 1] = "";

	memcpy(s, c.reply.reason.p, c.reply.reason.len);
	return strstr(s, text) != NULL;
}

START_TEST(allowed)
{
	uint32_t id = client_generate(&c, NF_KEY_ECDSAPRIVATE, NF_EC_P256,
	    client_acl(NF_PERM_SIGN, 0), NF_PERM_VERIFY, NULL);

	ck_assert_uint_eq(client_sign(&c, id, NF_MECH_ECDSAHSHA256),
	    NF_ST_OK);
}
END_TEST

START_TEST(no_sign)
{
	uint32_t id = client_generate(&c, NF_KEY_ECDSAPRIVATE, NF_EC_P256,
	    client_acl(NF_PERM_GETACL, 0), 0, NULL);

	ck_assert_uint_eq(client_sign(&c, id, NF_MECH_ECDSAHSHA256),
	    NF_ST_ACCESSDENIED);
	ck_assert(reason_has("no permission group allows Sign"));
}
END_TEST

START_TEST(no_export)
{
	uint32_t id = client_generate(&c, NF_KEY_RIJNDAEL, 32,
	    client_acl(0xfffb, 0), 0, NULL);

	ck_assert_uint_eq(client_key(&c, NF_CMD_EXPORT, id),
	    NF_ST_ACCESSDENIED);
	id = client_generate(&c, NF_KEY_RIJNDAEL, 32,
	    client_acl(NF_PERM_EXPORTASPLAIN, 0), 0, NULL);
	ck_assert_uint_eq(client_key(&c, NF_CMD_EXPORT, id), NF_ST_OK);
	ck_assert_uint_eq(c.reply.args.keydata.v[0].len, 32);
}
END_TEST

START_TEST(no_certificate)
{
	uint32_t id = client_generate(&c, NF_KEY_ECDSAPRIVATE, NF_EC_P256,
	    two_groups(NF_PERM_GETACL, NF_PERM_SIGN), 0, NULL);
	struct nf_command cmd = { .cmd = NF_CMD_SIGN };

	cmd.args.key = id;
	cmd.args.mech = NF_MECH_ECDSAHSHA256;
	cmd.args.plain.type = NF_PLAIN_BYTES;
	cmd.args.plain.v = nf_view_of("message", 7);
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_ACCESSDENIED);
	ck_assert(reason_has("group 1 allows Sign only certified by"));
	certify(&cmd);
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_OK);
}
END_TEST

START_TEST(wrong_certificate)
{
	uint32_t id = client_generate(&c, NF_KEY_ECDSAPRIVATE, NF_EC_P256,
	    two_groups(NF_PERM_GETACL, NF_PERM_SIGN), 0, NULL);
	struct nf_command cmd = { .cmd = NF_CMD_GETKEYINFO };

	/* The id of another key under the officer's hash. */
	cmd.args.key = id;
	certify(&cmd);
	cmd.certs.cert[0].keyid = id;
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_INVALIDCERTIFICATE);
	cmd.certs.cert[0].keyid = id + 100;
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_UNKNOWNID);
}
END_TEST

START_TEST(other_certifier)
{
	struct nf_acl *acl = client_acl(0, 0);
	struct nf_command cmd = { .cmd = NF_CMD_SIGN };
	uint32_t id;

	acl->group[0].action[0].flags = NF_PERM_SIGN;
	acl->group[0].flags = NF_GROUP_CERTIFIER;
	memset(acl->group[0].certifier, 0x5a, NF_HASH_LEN);
	id = client_generate(&c, NF_KEY_ECDSAPRIVATE, NF_EC_P256, acl, 0,
	    NULL);
	cmd.args.key = id;
	cmd.args.mech = NF_MECH_ECDSAHSHA256;
	cmd.args.plain.type = NF_PLAIN_BYTES;
	certify(&cmd);
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_ACCESSDENIED);
}
END_TEST

START_TEST(wrong_module)
{
	struct nf_acl *acl = client_acl(NF_PERM_SIGN, 0);
	uint32_t id;

	acl->group[0].flags = NF_GROUP_MODULESERIAL;
	acl->group[0].moduleserial = nf_view_of("0000-0000-0000", 14);
	id = client_generate(&c, NF_KEY_ECDSAPRIVATE, NF_EC_P256, acl, 0,
	    NULL);
	ck_assert_uint_eq(client_sign(&c, id, NF_MECH_ECDSAHSHA256),
	    NF_ST_ACCESSDENIED);
	ck_assert(reason_has("another module"));
}
END_TEST

START_TEST(max_uses)
{
	struct nf_acl *acl = client_acl(NF_PERM_SIGN |
	    NF_PERM_DUPLICATEHANDLE, 0);
	struct nf_limit *l = nf_group_limit_add(&acl->group[0],
	    NF_LIMIT_GLOBAL);
	uint32_t id, copy;

	memset(l->id, 7, sizeof(l->id));
	l->max = 4;
	id = client_generate(&c, NF_KEY_ECDSAPRIVATE, NF_EC_P256, acl, 0,
	    NULL);
	ck_assert_uint_eq(client_sign(&c, id, NF_MECH_ECDSAHSHA256),
	    NF_ST_OK);
	ck_assert_uint_eq(client_key(&c, NF_CMD_DUPLICATE, id), NF_ST_OK);
	copy = c.reply.args.key;
	ck_assert_uint_ne(copy, id);
	ck_assert_uint_eq(client_sign(&c, copy, NF_MECH_ECDSAHSHA256),
	    NF_ST_OK);
	ck_assert_uint_eq(client_sign(&c, id, NF_MECH_ECDSAHSHA256),
	    NF_ST_OK);
	ck_assert_uint_eq(client_sign(&c, copy, NF_MECH_ECDSAHSHA256),
	    NF_ST_USELIMITEXCEEDED);
	ck_assert_uint_eq(client_key(&c, NF_CMD_DESTROY, id), NF_ST_OK);
	ck_assert_uint_eq(client_sign(&c, copy, NF_MECH_ECDSAHSHA256),
	    NF_ST_USELIMITEXCEEDED);
}
END_TEST

START_TEST(zero_seconds)
{
	struct nf_acl *acl = client_acl(NF_PERM_SIGN, 0);
	uint32_t id;

	nf_group_limit_add(&acl->group[0], NF_LIMIT_TIME)->max = 0;
	id = client_generate(&c, NF_KEY_ECDSAPRIVATE, NF_EC_P256, acl, 0,
	    NULL);
	ck_assert_uint_eq(client_sign(&c, id, NF_MECH_ECDSAHSHA256),
	    NF_ST_TIMELIMITEXCEEDED);
}
END_TEST

static uint32_t
set_acl(uint32_t id, struct nf_acl *acl, uint32_t flags, bool officer)
{
	struct nf_command cmd = { .cmd = NF_CMD_SETACL };
	uint32_t status;

	cmd.args.key = id;
	cmd.args.flags = flags;
	cmd.args.acl = acl;
	if (officer)
		certify(&cmd);
	status = client_call(&c, &cmd);
	nf_acl_free(acl);
	return status;
}

START_TEST(reduce)
{
	uint32_t id = client_generate(&c, NF_KEY_ECDSAPRIVATE, NF_EC_P256,
	    client_acl(NF_PERM_SIGN | NF_PERM_REDUCEACL | NF_PERM_GETACL,
	    0x3), 0, NULL);

	/* More than there was is no reduction. */
	ck_assert_uint_eq(set_acl(id, client_acl(NF_PERM_SIGN |
	    NF_PERM_EXPORTASPLAIN, 0), NF_SETACL_REDUCE, false),
	    NF_ST_INVALIDACL);
	ck_assert_uint_eq(set_acl(id, client_acl(NF_PERM_SIGN, 0x23),
	    NF_SETACL_REDUCE, false), NF_ST_INVALIDACL);
	ck_assert_uint_eq(set_acl(id, client_acl(NF_PERM_GETACL, 0x1),
	    NF_SETACL_REDUCE, false), NF_ST_OK);
	ck_assert_uint_eq(client_sign(&c, id, NF_MECH_ECDSAHSHA256),
	    NF_ST_ACCESSDENIED);
	ck_assert_uint_eq(client_key(&c, NF_CMD_GETACL, id), NF_ST_OK);
	ck_assert_uint_eq(nf_acl_perms(c.reply.args.acl, false),
	    NF_PERM_GETACL);
	/* ReduceACL itself is gone. */
	ck_assert_uint_eq(set_acl(id, client_acl(NF_PERM_GETACL, 0),
	    NF_SETACL_REDUCE, false), NF_ST_ACCESSDENIED);
}
END_TEST

START_TEST(expand_needs_officer)
{
	uint32_t id = client_generate(&c, NF_KEY_ECDSAPRIVATE, NF_EC_P256,
	    two_groups(NF_PERM_SIGN, NF_PERM_EXPANDACL), 0, NULL);

	ck_assert_uint_eq(set_acl(id, client_acl(NF_PERM_EXPORTASPLAIN, 0),
	    0, false), NF_ST_ACCESSDENIED);
	ck_assert_uint_eq(set_acl(id, client_acl(NF_PERM_EXPORTASPLAIN, 0),
	    0, true), NF_ST_OK);
	ck_assert_uint_eq(client_key(&c, NF_CMD_EXPORT, id), NF_ST_OK);
}
END_TEST

START_TEST(reduce_keeps_conditions)
{
	uint32_t id = client_generate(&c, NF_KEY_ECDSAPRIVATE, NF_EC_P256,
	    two_groups(NF_PERM_REDUCEACL, NF_PERM_SIGN), 0, NULL);

	/* The officer's right may not become anybody's. */
	ck_assert_uint_eq(set_acl(id, client_acl(NF_PERM_SIGN, 0),
	    NF_SETACL_REDUCE, false), NF_ST_INVALIDACL);
	ck_assert_uint_eq(set_acl(id, two_groups(0, NF_PERM_SIGN),
	    NF_SETACL_REDUCE, false), NF_ST_OK);
}
END_TEST

START_TEST(reduce_keeps_limits)
{
	struct nf_acl *acl = client_acl(NF_PERM_SIGN, 0), *more, *less;
	struct nf_limit *l = nf_group_limit_add(&acl->group[0],
	    NF_LIMIT_GLOBAL);
	struct nf_group *g = nf_acl_group_add(acl);
	uint32_t id;

	memset(l->id, 9, sizeof(l->id));
	l->max = 2;
	nf_group_action_add(g, NF_ACT_OPPERMISSIONS)->flags =
	    NF_PERM_REDUCEACL;
	more = nf_acl_copy(acl);
	more->group[0].limit[0].max = 3;
	less = nf_acl_copy(acl);
	less->group[0].limit[0].max = 1;
	id = client_generate(&c, NF_KEY_ECDSAPRIVATE, NF_EC_P256, acl, 0,
	    NULL);
	ck_assert_uint_eq(set_acl(id, client_acl(NF_PERM_SIGN, 0),
	    NF_SETACL_REDUCE, false), NF_ST_INVALIDACL);
	ck_assert_uint_eq(set_acl(id, more, NF_SETACL_REDUCE, false),
	    NF_ST_INVALIDACL);
	ck_assert_uint_eq(set_acl(id, less, NF_SETACL_REDUCE, false),
	    NF_ST_OK);
}
END_TEST

/* A change of the ACL gave every limit fresh uses. */
START_TEST(reduce_keeps_uses)
{
	struct nf_acl *acl = client_acl(NF_PERM_SIGN, 0), *same;
	struct nf_limit *l = nf_group_limit_add(&acl->group[0],
	    NF_LIMIT_GLOBAL);
	uint32_t id;

	memset(l->id, 9, sizeof(l->id));
	l->max = 1;
	nf_group_action_add(nf_acl_group_add(acl),
	    NF_ACT_OPPERMISSIONS)->flags = NF_PERM_REDUCEACL;
	same = nf_acl_copy(acl);
	id = client_generate(&c, NF_KEY_ECDSAPRIVATE, NF_EC_P256, acl, 0,
	    NULL);
	ck_assert_uint_eq(client_sign(&c, id, NF_MECH_ECDSAHSHA256),
	    NF_ST_OK);
	ck_assert_uint_eq(set_acl(id, same, NF_SETACL_REDUCE, false),
	    NF_ST_OK);
	ck_assert_uint_eq(client_sign(&c, id, NF_MECH_ECDSAHSHA256),
	    NF_ST_USELIMITEXCEEDED);
}
END_TEST

/* A reduction could drop the duty to log. */
START_TEST(reduce_keeps_logging)
{
	struct nf_acl *acl = client_acl(NF_PERM_SIGN | NF_PERM_REDUCEACL, 0);
	uint32_t id;

	acl->group[0].flags = NF_GROUP_LOGKEYUSAGE;
	id = client_generate(&c, NF_KEY_ECDSAPRIVATE, NF_EC_P256, acl, 0,
	    NULL);
	ck_assert_uint_eq(set_acl(id, client_acl(NF_PERM_SIGN, 0),
	    NF_SETACL_REDUCE, false), NF_ST_INVALIDACL);
}
END_TEST

/* The mechanism of a KeyHashEx certifier was not looked at. */
START_TEST(wrong_certifier_mech)
{
	const uint32_t mech[2] = { NF_MECH_DSA, NF_MECH_DSAHSHA256 };

	for (size_t i = 0; i < 2; i++) {
		struct nf_acl *acl = client_acl(NF_PERM_SIGN, 0);
		struct nf_command cmd = { .cmd = NF_CMD_SIGN };
		struct nf_group *g = &acl->group[0];

		g->flags = NF_GROUP_CERTIFIER_EX;
		g->certifier_ex.mech = NF_MECH_SHA1HASH;
		memcpy(g->certifier_ex.hash, hknso, NF_HASH_LEN);
		g->certifier_ex_mech = mech[i];
		cmd.args.key = client_generate(&c, NF_KEY_ECDSAPRIVATE,
		    NF_EC_P256, acl, 0, NULL);
		cmd.args.mech = NF_MECH_ECDSAHSHA256;
		cmd.args.plain.type = NF_PLAIN_BYTES;
		certify(&cmd);
		ck_assert_uint_eq(client_call(&c, &cmd), i == 0 ? NF_ST_OK :
		    NF_ST_ACCESSDENIED);
	}
}
END_TEST

static struct nf_acl *
big_acl(uint32_t n_groups, uint32_t n_actions)
{
	struct nf_acl *acl = nf_acl_new();

	for (uint32_t i = 0; i < n_groups; i++) {
		struct nf_group *g = nf_acl_group_add(acl);

		for (uint32_t j = 0; j < n_actions; j++)
			(void)nf_group_action_add(g, NF_ACT_NOACTION);
	}
	return acl;
}

/* An ACL that no certificate and no blob has room for. */
START_TEST(long_acl)
{
	struct nf_command cmd = { .cmd = NF_CMD_GENERATEKEY };
	struct nf_acl *acl = big_acl(64, 32);
	uint32_t id;

	for (uint32_t i = 0; i < acl->n_groups; i++)
		acl->group[i].action[0].type = NF_ACT_OPPERMISSIONS;
	cmd.args.module = 1;
	cmd.args.genparams.type = NF_KEY_RIJNDAEL;
	cmd.args.genparams.len = 16;
	cmd.args.acl = acl;
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_INVALIDACL);
	id = client_generate(&c, NF_KEY_RIJNDAEL, 16,
	    client_acl(NF_PERM_EXPANDACL, 0), 0, NULL);
	ck_assert_uint_eq(set_acl(id, acl, 0, false), NF_ST_INVALIDACL);
}
END_TEST

/* Short commands whose ACLs take a hundred times their length in memory. */
START_TEST(max_memory)
{
	struct nf_command cmd = { .cmd = NF_CMD_GENERATEKEY };
	uint32_t n = 0, status;

	cmd.args.module = 1;
	cmd.args.genparams.type = NF_KEY_RIJNDAEL;
	cmd.args.genparams.len = 16;
	cmd.args.acl = big_acl(60, 31);
	do {
		status = client_call(&c, &cmd);
	} while (status == NF_ST_OK && ++n < 4096);
	ck_assert_uint_eq(status, NF_ST_NOMEMORY);
	ck_assert_uint_ge(n, 10);
	ck_assert_uint_lt(n, 500);
	nf_acl_free(cmd.args.acl);
	client_mode(&c, NF_MODE_OPERATIONAL);
	(void)client_generate(&c, NF_KEY_RIJNDAEL, 16, big_acl(1, 1), 0,
	    NULL);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("module/access");
	TCase *tc = tcase_create("access");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, allowed);
	tcase_add_test(tc, no_sign);
	tcase_add_test(tc, no_export);
	tcase_add_test(tc, no_certificate);
	tcase_add_test(tc, wrong_certificate);
	tcase_add_test(tc, other_certifier);
	tcase_add_test(tc, wrong_module);
	tcase_add_test(tc, max_uses);
	tcase_add_test(tc, zero_seconds);
	tcase_add_test(tc, reduce);
	tcase_add_test(tc, expand_needs_officer);
	tcase_add_test(tc, reduce_keeps_conditions);
	tcase_add_test(tc, reduce_keeps_limits);
	tcase_add_test(tc, reduce_keeps_uses);
	tcase_add_test(tc, reduce_keeps_logging);
	tcase_add_test(tc, wrong_certifier_mech);
	tcase_add_test(tc, long_acl);
	tcase_add_test(tc, max_memory);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
