/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules for an attested key's ACL, one mutation of a stock ACL at a time:
 * each fails the step that is its own, and no other.
 */
#include "config.h"

#include "tests/tap.h"
#include "verify/attacl.h"

static const uint8_t hknso[NF_HASH_LEN] = { 1 };
static const uint8_t hkm[NF_HASH_LEN] = { 2 };
static const uint8_t hkre[NF_HASH_LEN] = { 3 };
static const uint8_t other[NF_HASH_LEN] = { 4 };

static struct nf_vfy_options opt;
static struct nf_vfy_attworld world;
static struct nf_vfy_verdict v;
static struct nf_acl *acl;
static struct nf_action *perms, *blob, *archive;
static struct nf_group *trump;

/* The stock ACL: use, working blob, trump group, recovery blob. */
static void
setup(void)
{
	struct nf_group *g[4];

	memset(&opt, 0, sizeof(opt));
	world = (struct nf_vfy_attworld){ hknso, hkm, hkre, true };
	acl = nf_acl_new();
	for (size_t i = 0; i < 4; i++)
		ck_assert_ptr_nonnull(nf_acl_group_add(acl));
	for (size_t i = 0; i < 4; i++)
		g[i] = &acl->group[i];
	perms = nf_group_action_add(g[0], NF_ACT_OPPERMISSIONS);
	perms->flags = 0xb52b;
	blob = nf_group_action_add(g[1], NF_ACT_MAKEBLOB);
	blob->flags = NF_MAKEBLOB_ALLOWKMONLY | NF_MAKEBLOB_ALLOWNONKM0 |
	    NF_MAKEBLOB_KMHASH;
	memcpy(blob->kmhash, hkm, NF_HASH_LEN);
	trump = g[2];
	trump->flags = NF_GROUP_CERTIFIER | NF_GROUP_FRESHCERTS;
	memcpy(trump->certifier, hknso, NF_HASH_LEN);
	nf_group_action_add(trump, NF_ACT_OPPERMISSIONS)->flags = 0x207d;
	archive = nf_group_action_add(g[3], NF_ACT_MAKEARCHIVEBLOB);
	archive->flags = NF_ARCHIVE_KAHASH;
	archive->mech = NF_MECH_BLOB_OAEP_AES_SHA512;
	memcpy(archive->kahash, hkre, NF_HASH_LEN);
	nf_vfy_verdict_init(&v, "test", "test");
}

static void
teardown(void)
{
	nf_acl_free(acl);
	nf_vfy_verdict_wipe(&v);
}

/* Exactly this check fails; NULL: none. */
static void
only_fails(const char *id)
{
	nf_vfy_verdict_reset(&v, "test", "test");
	nf_vfy_attacl_check(&v, acl, &world, &opt);
	ck_assert_int_eq(v.err, 0);
	for (size_t i = 0; i < v.n_checks; i++) {
		bool due = id != NULL && strcmp(v.check[i].id, id) == 0;

		ck_assert_msg((v.check[i].status == NF_VFY_FAIL) == due,
		    "%s: %s", v.check[i].id, nf_vfy_detail(&v, &v.check[i]));
	}
	ck_assert(id == NULL || nf_vfy_find(&v, id) != NULL);
}

static void
fact_is(const char *name, const char *value)
{
	struct nf_buf b = NF_BUF_INIT;
	const char *by;

	ck_assert(nf_vfy_fact_find(&v, name, &b, &by));
	ck_assert_str_eq(nf_buf_text(&b), value);
	nf_buf_wipe(&b);
}

START_TEST(stock)
{
	only_fails(NULL);
	fact_is("permissions", "decrypt, unwrap, sign");
	fact_is("protection", "module");
	fact_is("exportable", "only by administrators, with a certificate of "
	    "HKNSO");
	opt.strict = true;
	only_fails("ACLV3");
	perms->flags &= ~(uint32_t)NF_PERM_USEASBLOBKEY;
	only_fails(NULL);
	fact_is("permissions", "decrypt, sign");
}
END_TEST

START_TEST(not_recoverable)
{
	acl->group[2].flags = 0;
	acl->group[2].action[0].type = NF_ACT_NOACTION;
	archive->type = NF_ACT_NOACTION;
	only_fails(NULL);
	fact_is("recoverable", "no");
	fact_is("exportable", "no");
	ck_assert(nf_vfy_find(&v, "RB2")->status == NF_VFY_NA);
}
END_TEST

START_TEST(protections)
{
	blob->flags = NF_MAKEBLOB_KMHASH | NF_MAKEBLOB_KTHASH |
	    NF_MAKEBLOB_KTPARAMS;
	blob->ktparams = (struct nf_tokenparams){ 7, 1, 1, 0 };
	only_fails(NULL);
	fact_is("protection", "softcard");
	blob->ktparams.flags = 3;
	only_fails(NULL);
	fact_is("protection", "cardset");
	blob->flags = NF_MAKEBLOB_KMHASH | NF_MAKEBLOB_KTHASH;
	only_fails("WB6");
	/* The weakest of several counts. */
	blob = nf_group_action_add(&acl->group[1], NF_ACT_MAKEBLOB);
	blob->flags = NF_MAKEBLOB_ALLOWKMONLY | NF_MAKEBLOB_KMHASH;
	memcpy(blob->kmhash, hkm, NF_HASH_LEN);
	only_fails("WB6");
	fact_is("protection", "module");
}
END_TEST

START_TEST(session_key)
{
	blob->type = NF_ACT_NOACTION;
	only_fails(NULL);
	fact_is("protection", "none: a key of one session");
	ck_assert(nf_vfy_find(&v, "WB2")->status == NF_VFY_NA);
}
END_TEST

START_TEST(wrong_certifier)
{
	memcpy(trump->certifier, other, NF_HASH_LEN);
	only_fails("ACLV1");
	trump->flags = NF_GROUP_CERTIFIER_EX;
	trump->certifier_ex.mech = NF_MECH_SHA1HASH;
	memcpy(trump->certifier_ex.hash, hknso, NF_HASH_LEN);
	only_fails(NULL);
	trump->certifier_ex.mech = NF_MECH_SHA256HASH;
	only_fails("ACLV1");
	trump->flags = NF_GROUP_CERTMECH;
	memcpy(trump->certmech_hash, hknso, NF_HASH_LEN);
	only_fails("ACLV1");
	trump->flags = NF_GROUP_NSOCERTIFIED;
	only_fails("ACLV1");
}
END_TEST

/* Without its certifier the trump group is everyone's. */
START_TEST(no_certifier)
{
	trump->flags = 0;
	only_fails("ACLV3");
	fact_is("exportable", "yes, by anyone");
}
END_TEST

START_TEST(wrong_permission)
{
	static const uint32_t bad[] = { NF_PERM_EXPORTASPLAIN,
		NF_PERM_SETAPPDATA, NF_PERM_EXPANDACL, NF_PERM_USEASKM,
		NF_PERM_USEASLOADERKEY, 0x10000, 0x80000000 };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		perms->flags = 0xb52b | bad[i];
		only_fails("ACLV3");
	}
	perms->flags = 0xb52b;
	world.rsa = false;
	only_fails("ACLV3");
}
END_TEST

START_TEST(unknown_action)
{
	static const uint32_t bad[] = { NF_ACT_NSOPERMISSIONS,
		NF_ACT_NVMEMOPPERMS, NF_ACT_FEATUREENABLE, NF_ACT_READSHARE,
		NF_ACT_STATICFEATUREENABLE, NF_ACT_USERACTION,
		NF_ACT_FILECOPY };

	for (size_t g = 0; g < 3; g += 2) {
		struct nf_action *a = nf_group_action_add(&acl->group[g],
		    NF_ACT_NOACTION);

		for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
			a->type = bad[i];
			only_fails("ACLV4");
		}
		a->type = NF_ACT_NOACTION;
		only_fails(NULL);
	}
}
END_TEST

START_TEST(derive_key)
{
	struct nf_action *a = nf_group_action_add(&acl->group[0],
	    NF_ACT_DERIVEKEY);

	a->mech = 29;
	only_fails(NULL);
	a->n_roles = 1;
	only_fails("ACLV4");
	a->n_roles = 0;
	a->mech = 30;
	only_fails("ACLV4");
	a->mech = 29;
	a->type = NF_ACT_DERIVEKEYEX;
	a->flags = 1;
	only_fails("ACLV4");
}
END_TEST

START_TEST(wrong_blob)
{
	uint32_t good = blob->flags;

	blob->flags = NF_MAKEBLOB_ALLOWNONKM0 | NF_MAKEBLOB_KMHASH;
	only_fails("WB1");
	blob->flags = NF_MAKEBLOB_ALLOWKMONLY;
	only_fails("WB2");
	blob->flags = good | NF_MAKEBLOB_ALLOWNULLKMTOKEN;
	only_fails("WB3");
	blob->flags = good | NF_MAKEBLOB_BLOBFILE;
	only_fails("ACLV4");
	blob->flags = good;
	memcpy(blob->kmhash, other, NF_HASH_LEN);
	only_fails("WB2");
	memcpy(blob->kmhash, hkm, NF_HASH_LEN);
	world.hkm = NULL;
	only_fails("WB2");
}
END_TEST

START_TEST(wrong_archive)
{
	archive->flags = 0;
	only_fails("RB1");
	archive->flags = NF_ARCHIVE_KAHASH | NF_ARCHIVE_BLOBFILE;
	only_fails("ACLV4");
	archive->flags = NF_ARCHIVE_KAHASH;
	archive->mech = NF_MECH_ANY;
	only_fails("RB3");
	archive->mech = NF_MECH_BLOB_RSA_AES_SHA512;
	only_fails(NULL);
	memcpy(archive->kahash, other, NF_HASH_LEN);
	only_fails("RB2");
	memcpy(archive->kahash, hkre, NF_HASH_LEN);
	world.hkre = NULL;
	only_fails("RB2");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("verify/attacl");
	TCase *tc = tcase_create("rules");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, stock);
	tcase_add_test(tc, not_recoverable);
	tcase_add_test(tc, protections);
	tcase_add_test(tc, session_key);
	tcase_add_test(tc, wrong_certifier);
	tcase_add_test(tc, no_certifier);
	tcase_add_test(tc, wrong_permission);
	tcase_add_test(tc, unknown_action);
	tcase_add_test(tc, derive_key);
	tcase_add_test(tc, wrong_blob);
	tcase_add_test(tc, wrong_archive);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
