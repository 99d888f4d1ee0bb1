/* SPDX-License-Identifier: Apache-2.0 */
/* ACLs: real ones byte for byte, every action, mutations, queries. */
#include "config.h"

#include "nfast/wire/acl.h"
#include "tests/wire/wire.h"

/* Offsets of words in VEC_ACL_STOCK. */
enum {
	AT_GROUPS = 0, AT_FLAGS0 = 4, AT_LIMITS0 = 8, AT_ACTIONS0 = 12,
	AT_ACTION0 = 16, AT_LIMITS1 = 28, AT_LIMIT1 = 32, AT_MAKEBLOB = 64,
	AT_MAKEBLOB_FLAGS = 68, AT_ARCHIVE_FLAGS = 124
};

static int
acl(struct nf_cur *cur)
{
	struct nf_acl *a = NULL;
	int r = nf_wire_acl_read(cur, &a);

	ck_assert((r == 0) == (a != NULL));
	if (r == 0)
		r = nf_cur_end(cur, "object");
	nf_acl_free(a);
	return r;
}

static struct nf_acl *
acl_of(const char *hex, struct nf_buf *wire)
{
	struct nf_acl *a;
	struct nf_cur cur;

	nf_tap_unhex(hex, wire);
	nf_cur_init(&cur, wire->p, wire->len, NULL);
	ck_assert_int_eq(nf_wire_acl_read(&cur, &a), 0);
	ck_assert_int_eq(nf_cur_end(&cur, "object"), 0);
	return a;
}

/* One group without conditions and one action. */
#define ONE(action)	"01000000" "00000000" "00000000" "01000000" action

static const char *const acls[] = {
	VEC_ACL_STOCK, VEC_ACL_PUBLIC, VEC_ACL_PUBLIC_EARLY,
	VEC_ACL_TARGET_2014, VEC_ACL_SOFTCARD, VEC_ACL_REDUCED,
	"00000000",
	"01000000" "00000000" "00000000" "00000000",
	/* all group flags */
	"01000000" "7f000000" "00000000" "00000000" VEC_HKM
	    VEC_HKNSO "0a000000" "03000000" "41420000" "2c000000" VEC_HKRE
	    "0a000000",
	/* all limits */
	"01000000" "00000000" "03000000"
	    "01000000" VEC_HKM "05000000" "03000000" "3c000000"
	    "06000000" VEC_HKRE "02000000" "00000000",
	ONE("00000000"),
	ONE("01000000" "ffffffff"),
	ONE("02000000" "7f000000" VEC_HKM VEC_HKNSO
	    "07000000" "01000000" "01000000" "00000000"
	    "03000000" "01000000" VEC_HKRE),
	ONE("03000000" "03000000" "e1000000" VEC_HKRE "00000000"),
	ONE("03000000" "02000000" "00000000" "01000000" "05000000"),
	ONE("04000000" "ffff0700"),
	ONE("05000000" "00000000" "01000000" "1d000000" "02000000"
	    "01000000" VEC_HKM "02000000" VEC_HKRE),
	ONE("06000000" "7f1c0000"),
	ONE("07000000" "03000000"),
	ONE("0a000000" "01000000"),
	ONE("0b000000" "08000000" "01000000" "ffffffff"),
	ONE("0c000000" "01000000" "02000000" "05000000"
	    "0102030405000000"),
	ONE("0f000000" "00010000" "01000000" "02000000"),
	ONE("2f000000" "00000000" "01000000" "1d000000" "01000000"
	    "01000000" "5d000000" VEC_HKM "000000000000000000000000"),
};
#define N_ACLS	(sizeof(acls) / sizeof(acls[0]))

START_TEST(round_trip)
{
	struct nf_buf wire, out = NF_BUF_INIT;
	struct nf_acl *a = acl_of(acls[_i], &wire), *copy;

	nf_wire_acl_write(&out, a);
	wire_check_hex(nf_buf_view(&out), acls[_i]);
	nf_buf_wipe(&out);
	ck_assert_ptr_nonnull(copy = nf_acl_copy(a));
	nf_wire_acl_write(&out, copy);
	wire_check_hex(nf_buf_view(&out), acls[_i]);
	nf_acl_free(copy);
	nf_acl_free(a);
	wire_check_lengths(acl, &wire);
	nf_buf_wipe(&out);
	nf_buf_wipe(&wire);
}
END_TEST

START_TEST(contents)
{
	struct nf_buf wire;
	struct nf_acl *a = acl_of(VEC_ACL_STOCK, &wire);

	ck_assert_uint_eq(a->n_groups, 4);
	ck_assert_uint_eq(a->group[0].action[0].flags, 0xb52b);
	ck_assert_uint_eq(a->group[1].limit[0].type, NF_LIMIT_GLOBAL);
	ck_assert_uint_eq(a->group[1].limit[0].max, 1);
	wire_check_hex(nf_view_of(a->group[1].action[0].kmhash, 20),
	    VEC_HKM);
	ck_assert_uint_eq(a->group[2].flags, 3);
	wire_check_hex(nf_view_of(a->group[2].certifier, 20), VEC_HKNSO);
	ck_assert_uint_eq(a->group[2].n_actions, 3);
	ck_assert_uint_eq(a->group[3].action[0].mech,
	    NF_MECH_BLOB_OAEP_AES_SHA512);
	wire_check_hex(nf_view_of(a->group[3].action[0].kahash, 20),
	    VEC_HKRE);
	ck_assert_uint_eq(nf_acl_perms(a, false), 0xb52b | 0x207d);
	ck_assert_uint_eq(nf_acl_perms(a, true), 0xb52b);
	nf_acl_free(a);
	nf_buf_wipe(&wire);
	a = acl_of(VEC_ACL_SOFTCARD, &wire);
	ck_assert_uint_eq(a->group[1].action[0].ktparams.flags, 7);
	ck_assert_uint_eq(a->group[1].action[0].ktparams.needed, 1);
	ck_assert_uint_eq(a->group[1].action[0].ktparams.total, 1);
	ck_assert_uint_eq(a->group[1].action[0].ktparams.timelimit, 0);
	nf_acl_free(a);
	nf_buf_wipe(&wire);
}
END_TEST

/* The reduced ACL as its builder would make it. */
START_TEST(builders)
{
	struct nf_buf out = NF_BUF_INIT;
	struct nf_acl *a = nf_acl_new();
	struct nf_action *act;
	struct nf_group *g;

	ck_assert_ptr_nonnull(a);
	g = nf_acl_group_add(a);
	nf_group_action_add(g, NF_ACT_OPPERMISSIONS)->flags =
	    NF_PERM_SIGN | NF_PERM_DECRYPT;
	g = nf_acl_group_add(a);
	act = nf_group_action_add(g, NF_ACT_MAKEBLOB);
	act->flags = 7;
	memset(act->kmhash, 0xaa, 20);
	g = nf_acl_group_add(a);
	act = nf_group_action_add(g, NF_ACT_MAKEARCHIVEBLOB);
	act->flags = 1;
	act->mech = NF_MECH_BLOB_RSA_AES_SHA256;
	memset(act->kahash, 0xbb, 20);
	nf_wire_acl_write(&out, a);
	wire_check_hex(nf_buf_view(&out), VEC_ACL_REDUCED);
	ck_assert_uint_eq(out.len, 108);
	nf_acl_free(a);
	nf_buf_wipe(&out);
}
END_TEST

START_TEST(equal_actions)
{
	struct nf_action a = { .type = NF_ACT_MAKEBLOB, .flags = 4 }, b = a;

	b.kthash[0] = 1;	/* absent: does not count */
	ck_assert(nf_action_equal(&a, &b));
	b.kmhash[19] = 1;
	ck_assert(!nf_action_equal(&a, &b));
	b = a;
	b.flags = 0;
	ck_assert(!nf_action_equal(&a, &b));
	a.type = b.type = 99;
	ck_assert(!nf_action_equal(&a, &b));
}
END_TEST

START_TEST(unknown_action_written)
{
	struct nf_buf out = NF_BUF_INIT;
	struct nf_acl *a = nf_acl_new();

	ck_assert_ptr_nonnull(a);
	(void)nf_group_action_add(nf_acl_group_add(a), NF_ACT_SENDKEY);
	nf_wire_acl_write(&out, a);
	ck_assert_int_eq(nf_buf_err(&out), NF_E_INTERNAL);
	nf_acl_free(a);
	nf_buf_wipe(&out);
}
END_TEST

START_TEST(unknown_group_flag)
{
	struct nf_buf wire;

	nf_tap_unhex(VEC_ACL_STOCK, &wire);
	for (uint32_t bit = 0x80; bit != 0; bit <<= 1)
		wire_check_word(acl, &wire, AT_FLAGS0, bit, "group.flags");
	nf_buf_wipe(&wire);
}
END_TEST

START_TEST(unknown_action)
{
	struct nf_buf wire;

	nf_tap_unhex(VEC_ACL_STOCK, &wire);
	for (uint32_t type = 8; type < 60; type++) {
		if (type == 10 || type == 11 || type == 12 || type == 15 ||
		    type == 47)
			continue;
		wire_check_word(acl, &wire, AT_ACTION0, type, "action");
	}
	nf_buf_wipe(&wire);
}
END_TEST

START_TEST(unknown_limit)
{
	static const uint32_t wrong[] = { 0, 2, 4, 5, 7, 0xffffffff };
	struct nf_buf wire;

	nf_tap_unhex(VEC_ACL_STOCK, &wire);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		wire_check_word(acl, &wire, AT_LIMIT1, wrong[i], "limit");
	nf_buf_wipe(&wire);
}
END_TEST

START_TEST(unknown_action_flags)
{
	struct nf_buf wire;

	nf_tap_unhex(VEC_ACL_STOCK, &wire);
	wire_check_word(acl, &wire, AT_MAKEBLOB_FLAGS, 0x87, "flags");
	wire_check_word(acl, &wire, AT_ARCHIVE_FLAGS, 0x4, "flags");
	nf_buf_wipe(&wire);
	/* a DeriveKey with parameters, whose layout is not public */
	nf_tap_unhex(acls[16], &wire);
	wire_check_word(acl, &wire, 20, 1, "flags");
	nf_buf_wipe(&wire);
	/* ranges of NVRAM */
	nf_tap_unhex(acls[17], &wire);
	wire_check_word(acl, &wire, 20, 0x80, "perms");
	nf_buf_wipe(&wire);
	/* blob file */
	nf_tap_unhex(acls[14], &wire);
	wire_check_word(acl, &wire, 28, 4, "blobfile");
	nf_buf_wipe(&wire);
}
END_TEST

START_TEST(max_counts)
{
	struct nf_buf wire;

	nf_tap_unhex(VEC_ACL_STOCK, &wire);
	wire_check_word(acl, &wire, AT_GROUPS, NF_ACL_GROUPS_MAX + 1,
	    "n_groups");
	wire_check_word(acl, &wire, AT_GROUPS, 0xffffffff, "n_groups");
	wire_check_word(acl, &wire, AT_LIMITS0, NF_ACL_LIMITS_MAX + 1,
	    "n_limits");
	wire_check_word(acl, &wire, AT_ACTIONS0, NF_ACL_ACTIONS_MAX + 1,
	    "n_actions");
	nf_buf_wipe(&wire);
	nf_tap_unhex(acls[16], &wire);
	wire_check_word(acl, &wire, 32, NF_ACL_ROLES_MAX + 1, "otherkeys");
	nf_buf_wipe(&wire);
}
END_TEST

/* As many as are allowed are read; the builders stop there too. */
START_TEST(max_groups)
{
	struct nf_acl *a = nf_acl_new();
	struct nf_buf out = NF_BUF_INIT;
	struct nf_group *g;
	size_t i;

	ck_assert_ptr_nonnull(a);
	for (i = 0; i < NF_ACL_GROUPS_MAX; i++)
		ck_assert_ptr_nonnull(nf_acl_group_add(a));
	ck_assert_ptr_null(nf_acl_group_add(a));
	g = &a->group[0];
	for (i = 0; i < NF_ACL_LIMITS_MAX; i++)
		ck_assert_ptr_nonnull(nf_group_limit_add(g,
		    NF_LIMIT_TIME));
	ck_assert_ptr_null(nf_group_limit_add(g, NF_LIMIT_TIME));
	for (i = 0; i < NF_ACL_ACTIONS_MAX; i++)
		ck_assert_ptr_nonnull(nf_group_action_add(g,
		    NF_ACT_NOACTION));
	ck_assert_ptr_null(nf_group_action_add(g, NF_ACT_NOACTION));
	nf_wire_acl_write(&out, a);
	ck_assert_int_eq(nf_buf_err(&out), 0);
	wire_check_lengths(acl, &out);
	nf_acl_free(a);
	nf_buf_wipe(&out);
}
END_TEST

START_TEST(gated_perms)
{
	static const char *const gated[] = {
		"01000000" "01000000" "00000000" "01000000"
		    "01000000" "04000000" VEC_HKNSO,
		"01000000" "04000000" "00000000" "01000000"
		    "01000000" "04000000" VEC_HKNSO "0a000000",
		"01000000" "10000000" "00000000" "01000000"
		    "01000000" "04000000",
		"01000000" "40000000" "00000000" "01000000"
		    "01000000" "04000000" "2c000000" VEC_HKNSO "0a000000",
		"01000000" "00000000" "01000000" "03000000" "3c000000"
		    "01000000" "01000000" "04000000",
	};
	struct nf_buf wire;
	struct nf_acl *a;

	for (size_t i = 0; i < 5; i++) {
		a = acl_of(gated[i], &wire);
		ck_assert_uint_eq(nf_acl_perms(a, false),
		    NF_PERM_EXPORTASPLAIN);
		ck_assert_uint_eq(nf_acl_perms(a, true), 0);
		nf_acl_free(a);
		nf_buf_wipe(&wire);
	}
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("wire/acl");
	TCase *tc = tcase_create("acl");

	tcase_add_loop_test(tc, round_trip, 0, (int)N_ACLS);
	tcase_add_test(tc, contents);
	tcase_add_test(tc, builders);
	tcase_add_test(tc, equal_actions);
	tcase_add_test(tc, unknown_action_written);
	tcase_add_test(tc, unknown_group_flag);
	tcase_add_test(tc, unknown_action);
	tcase_add_test(tc, unknown_limit);
	tcase_add_test(tc, unknown_action_flags);
	tcase_add_test(tc, max_counts);
	tcase_add_test(tc, max_groups);
	tcase_add_test(tc, gated_perms);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
