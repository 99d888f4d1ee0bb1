/* SPDX-License-Identifier: Apache-2.0 */
/* The reduced ACL: its bytes, its checker against mutations, the differ. */
#include "config.h"

#include "tests/tap.h"
#include "transfer/reduce.h"

#define MAIN_PERMS	0xb52bu		/* of a stock RSA key (real) */

static struct nf_xfer_region region;
static struct nf_acl *stock, *reduced;

static struct nf_action *
action(struct nf_acl *acl, uint32_t type)
{
	struct nf_group *g = nf_acl_group_add(acl);

	ck_assert_ptr_nonnull(g);
	return nf_group_action_add(g, type);
}

/* A stock module-protected key with recovery, without its limits' ids. */
static void
setup(void)
{
	struct nf_group *g;
	struct nf_action *a;

	memset(region.hkm, 0xaa, NF_HASH_LEN);
	memset(region.kek_hash, 0xbb, NF_HASH_LEN);
	ck_assert_ptr_nonnull(stock = nf_acl_new());
	action(stock, NF_ACT_OPPERMISSIONS)->flags = MAIN_PERMS;
	g = nf_acl_group_add(stock);
	nf_group_limit_add(g, NF_LIMIT_GLOBAL)->max = 1;
	a = nf_group_action_add(g, NF_ACT_MAKEBLOB);
	a->flags = 7;
	memset(a->kmhash, 0x11, NF_HASH_LEN);
	g = nf_acl_group_add(stock);
	g->flags = NF_GROUP_CERTIFIER | NF_GROUP_FRESHCERTS;
	memset(g->certifier, 0x22, NF_HASH_LEN);
	nf_group_action_add(g, NF_ACT_OPPERMISSIONS)->flags = 0x207d;
	nf_group_action_add(g, NF_ACT_MAKEBLOB)->flags = 0x23;
	(void)nf_group_action_add(g, NF_ACT_MAKEARCHIVEBLOB);
	ck_assert_int_eq(nf_xfer_reduce(stock, &region, &reduced, NULL), 0);
}

static void
teardown(void)
{
	nf_acl_free(stock);
	nf_acl_free(reduced);
}

START_TEST(bytes)
{
	struct nf_buf want, got = NF_BUF_INIT;

	nf_tap_unhex("0300000000000000000000000100000001000000"
	    "0bb10000" "000000000000000001000000"
	    "0200000007000000aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	    "0000000000000000"
	    "01000000030000000100000095000000bbbbbbbbbbbbbbbbbbbbbbbb"
	    "bbbbbbbbbbbbbbbb", &want);
	nf_wire_acl_write(&got, reduced);
	ck_assert_uint_eq(got.len, 108);
	ck_assert(nf_view_equal(nf_buf_view(&got), nf_buf_view(&want)));
	nf_buf_wipe(&want);
	nf_buf_wipe(&got);
}
END_TEST

START_TEST(own_result)
{
	struct nf_diag d = { 0 };

	ck_assert_int_eq(nf_xfer_check_reduced(reduced, &region, &d), 0);
	ck_assert_uint_eq(reduced->group[0].action[0].flags &
	    NF_XFER_PERMS_TAKEN, 0);
}
END_TEST

static int
reduce_perms(uint32_t perms, struct nf_diag *d)
{
	struct nf_acl *out = reduced;
	int r;

	stock->group[0].action[0].flags = perms;
	r = nf_xfer_reduce(stock, &region, &out, d);
	ck_assert(r == 0 || out == NULL);
	nf_acl_free(out);
	return r;
}

START_TEST(no_sign)
{
	struct nf_diag d = { 0 };

	ck_assert_int_eq(reduce_perms(MAIN_PERMS & ~0x1000u, &d),
	    NF_E_POLICY);
	ck_assert_ptr_nonnull(strstr(d.text, "may not sign"));
}
END_TEST

START_TEST(no_getacl)
{
	struct nf_diag d = { 0 };

	ck_assert_int_eq(reduce_perms(MAIN_PERMS & ~0x2000u, &d),
	    NF_E_POLICY);
	ck_assert_ptr_nonnull(strstr(d.text, "does not show its ACL"));
}
END_TEST

/* Check the mutated copy; the error is expect and its text has why. */
static void
mutant(int expect, const char *why)
{
	struct nf_diag d = { 0 };

	ck_assert_int_eq(nf_xfer_check_reduced(reduced, &region, &d),
	    expect);
	ck_assert_ptr_nonnull(strstr(d.text, why));
}

START_TEST(unreduced)
{
	struct nf_diag d = { 0 };

	ck_assert_int_eq(nf_xfer_check_reduced(stock, &region, &d),
	    NF_E_POLICY);
	ck_assert_ptr_nonnull(strstr(d.text, "were not reduced"));
}
END_TEST

START_TEST(trailing_group)
{
	(void)action(reduced, NF_ACT_OPPERMISSIONS);
	mutant(NF_E_POLICY, "4 groups");
}
END_TEST

START_TEST(no_group)
{
	uint32_t n = reduced->n_groups;

	reduced->n_groups = 2;
	mutant(NF_E_POLICY, "2 groups");
	reduced->n_groups = n;
}
END_TEST

START_TEST(trailing_action)
{
	ck_assert_ptr_nonnull(nf_group_action_add(&reduced->group[0],
	    NF_ACT_MAKEBLOB));
	mutant(NF_E_POLICY, "groups are not those");
}
END_TEST

START_TEST(trailing_limit)
{
	ck_assert_ptr_nonnull(nf_group_limit_add(&reduced->group[1],
	    NF_LIMIT_GLOBAL));
	mutant(NF_E_POLICY, "groups are not those");
}
END_TEST

START_TEST(junk_group_flags)
{
	reduced->group[2].flags = NF_GROUP_CERTIFIER;
	mutant(NF_E_POLICY, "groups are not those");
}
END_TEST

START_TEST(wrong_perms)
{
	static const uint32_t taken[] = {
		0x40, 0x20, 0x4, 0x10, 0x400, 0x800, 0x4000
	};
	uint32_t good = reduced->group[0].action[0].flags;

	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
		reduced->group[0].action[0].flags = good | taken[i];
		mutant(NF_E_POLICY, "still permits");
	}
}
END_TEST

START_TEST(wrong_blob_flags)
{
	static const uint32_t bad[] = { 0, 3, 6, 5, 0x27, 0xf, 0x17, 0x47 };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		reduced->group[1].action[0].flags = bad[i];
		mutant(NF_E_POLICY, "module blobs are not bound");
	}
}
END_TEST

START_TEST(wrong_archive)
{
	struct nf_action *a = &reduced->group[2].action[0];

	a->flags = 0;
	mutant(NF_E_POLICY, "archive blobs are not bound");
	a->flags = 3;
	mutant(NF_E_POLICY, "archive blobs are not bound");
	a->flags = 1;
	a->mech = 0;
	mutant(NF_E_POLICY, "archive blobs are not bound");
	a->mech = NF_MECH_BLOB_RSA_AES_SHA512;
	mutant(NF_E_POLICY, "archive blobs are not bound");
}
END_TEST

START_TEST(wrong_hkm)
{
	reduced->group[1].action[0].kmhash[19] ^= 1;
	mutant(NF_E_MISMATCH, "another region: for the world");
}
END_TEST

START_TEST(wrong_kek)
{
	reduced->group[2].action[0].kahash[0] ^= 0x80;
	mutant(NF_E_MISMATCH, "another region: for the key exchange key");
}
END_TEST

static const char *
diff(const struct nf_acl *a, const struct nf_acl *b, struct nf_buf *out)
{
	nf_xfer_acl_diff(out, a, b);
	ck_assert_int_eq(nf_buf_err(out), 0);
	return nf_buf_text(out);
}

/* Method 2's: its bytes, and its checker against one change each. */
START_TEST(bytes2)
{
	struct nf_buf want, got = NF_BUF_INIT;
	struct nf_acl *acl;

	nf_tap_unhex("0200000000000000000000000100000001000000"
	    "00200000" "000000000000000001000000"
	    "030000000100000001005753"
	    "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", &want);
	ck_assert_int_eq(nf_xfer_reduce2(region.kek_hash, &acl, NULL), 0);
	nf_wire_acl_write(&got, acl);
	ck_assert_uint_eq(got.len, want.len);
	ck_assert_mem_eq(got.p, want.p, want.len);
	ck_assert_int_eq(nf_xfer_check_reduced2(acl, region.kek_hash, NULL),
	    0);
	nf_acl_free(acl);
	nf_buf_wipe(&want);
	nf_buf_wipe(&got);
}
END_TEST

START_TEST(wrong2)
{
	static const int want[] = { NF_E_POLICY, NF_E_POLICY, NF_E_POLICY,
	    NF_E_POLICY, NF_E_POLICY, NF_E_POLICY, NF_E_MISMATCH };
	struct nf_diag diag = { 0 };
	struct nf_acl *acl;

	ck_assert_int_eq(nf_xfer_reduce2(region.kek_hash, &acl, NULL), 0);
	switch (_i) {
	case 0:
		acl->group[0].action[0].flags |= NF_PERM_SIGN;
		break;
	case 1:
		(void)action(acl, NF_ACT_MAKEBLOB);
		break;
	case 2:
		(void)nf_group_action_add(&acl->group[1],
		    NF_ACT_MAKEARCHIVEBLOB);
		break;
	case 3:
		acl->group[1].action[0].mech = NF_MECH_BLOB_RSA_AES_SHA256;
		break;
	case 4:
		acl->group[1].action[0].flags = 0;
		break;
	case 5:
		acl->n_groups = 1;
		break;
	default:
		acl->group[1].action[0].kahash[19] ^= 1;
		break;
	}
	ck_assert_int_eq(nf_xfer_check_reduced2(acl, region.kek_hash, &diag),
	    want[_i]);
	ck_assert_int_eq(diag.code, want[_i]);
	acl->n_groups = _i == 5 ? 2 : acl->n_groups;
	nf_acl_free(acl);
	ck_assert_int_eq(nf_xfer_check_reduced2(reduced, region.kek_hash,
	    NULL), NF_E_POLICY);
}
END_TEST

START_TEST(difference)
{
	struct nf_buf out = NF_BUF_INIT;
	const char *text = diff(stock, reduced, &out), *p;
	size_t minus = 0, plus = 0;

	for (p = text; *p != '\0'; p = strchr(p, '\n') + 1) {
		ck_assert((p[0] == '-' || p[0] == '+') && p[1] == ' ');
		*(p[0] == '-' ? &minus : &plus) += 1;
	}
	/* Two bits of group 0, one blob, 7 bits and 2 blobs of group 2. */
	ck_assert_uint_eq(minus, 2 + 1 + 7 + 2);
	ck_assert_uint_eq(plus, 2);
	ck_assert_ptr_nonnull(strstr(text, "- anyone: ReduceACL\n"));
	ck_assert_ptr_nonnull(strstr(text, "- anyone: UseAsBlobKey\n"));
	ck_assert_ptr_null(strstr(text, "anyone: Sign\n"));
	ck_assert_ptr_nonnull(strstr(text, "+ anyone: MakeBlob "));
	ck_assert_ptr_nonnull(strstr(text, "+ anyone: MakeArchiveBlob "));
	ck_assert_ptr_nonnull(strstr(text, "- certified by 2222222222222222"
	    "222222222222222222222222: ExpandACL\n"));
	nf_buf_wipe(&out);
}
END_TEST

START_TEST(difference_with_itself)
{
	struct nf_buf out = NF_BUF_INIT;

	ck_assert_str_eq(diff(stock, stock, &out), "");
	nf_buf_wipe(&out);
}
END_TEST

START_TEST(difference_reversed)
{
	struct nf_buf out = NF_BUF_INIT;
	const char *text = diff(reduced, stock, &out);

	ck_assert_ptr_nonnull(strstr(text, "+ anyone: ReduceACL\n"));
	ck_assert_ptr_nonnull(strstr(text, "- anyone: MakeArchiveBlob "));
	nf_buf_wipe(&out);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("transfer/reduce");
	TCase *t = tcase_create("reduce");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, bytes);
	tcase_add_test(t, own_result);
	tcase_add_test(t, no_sign);
	tcase_add_test(t, no_getacl);
	tcase_add_test(t, unreduced);
	tcase_add_test(t, trailing_group);
	tcase_add_test(t, no_group);
	tcase_add_test(t, trailing_action);
	tcase_add_test(t, trailing_limit);
	tcase_add_test(t, junk_group_flags);
	tcase_add_test(t, wrong_perms);
	tcase_add_test(t, wrong_blob_flags);
	tcase_add_test(t, wrong_archive);
	tcase_add_test(t, wrong_hkm);
	tcase_add_test(t, wrong_kek);
	tcase_add_test(t, bytes2);
	tcase_add_loop_test(t, wrong2, 0, 7);
	tcase_add_test(t, difference);
	tcase_add_test(t, difference_with_itself);
	tcase_add_test(t, difference_reversed);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
