/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The check of one region package without the other, where what is judged
 * must be judged as in the pair.
 */
#include "config.h"

#include "tests/verify/kekpair.h"

enum half { KEK, WORLD };

/* Judge a half into v; false when it cannot be read. */
static bool
half_check(enum half half, const struct nf_buf *buf)
{
	struct nf_kek_worldpkg world;
	struct nf_km_file *file;
	struct nf_kek_kekpkg kek;
	bool ok;

	if (package_read(buf, &file) != 0)
		return false;
	ok = half == KEK ? nf_kek_kekpkg_read(file, &kek, NULL) == 0 :
	    nf_kek_worldpkg_read(file, &world, NULL) == 0;
	nf_vfy_verdict_init(&v, "half", "test");
	if (ok)
		ck_assert_int_eq(half == KEK ?
		    nf_vfy_kekpkg_check(ctx, &kek, &roots, &v, NULL) :
		    nf_vfy_worldpkg_check(ctx, &world, &roots, &v, NULL), 0);
	nf_km_file_free(file);
	return ok;
}

/* What passes or fails in a half does so in the pair. */
static void
half_as_pair(const struct fx_pair *pair, const struct nf_vfy_verdict *half)
{
	const struct nf_vfy_check *c, *in_pair;

	check_pair(pair);
	for (size_t i = 0; i < half->n_checks; i++) {
		c = &half->check[i];
		/* the pair goes by the root of the KEK package */
		if ((c->status != NF_VFY_PASS && c->status != NF_VFY_FAIL) ||
		    strcmp(c->id, "kek.known-hash") == 0)
			continue;
		in_pair = nf_vfy_find(&v, c->id);
		ck_assert_msg(in_pair != NULL &&
		    in_pair->status == c->status, "%s", c->id);
	}
	nf_vfy_verdict_wipe(&v);
}

/* The half has this first failure; NULL: it is a success. */
static void
half_is(const struct fx *fx, enum half half, const char *id, const char *why)
{
	struct nf_vfy_verdict alone;
	struct fx_pair pair;

	fx_make(fx, &pair);
	ck_assert(half_check(half, half == KEK ? &pair.kek : &pair.world));
	if (id == NULL)
		ck_assert_int_eq(nf_vfy_exit(&v), 0);
	else
		first_failure_is(id, why);
	alone = v;
	half_as_pair(&pair, &alone);
	nf_vfy_verdict_wipe(&alone);
	fx_pair_wipe(&pair);
}

START_TEST(valid_half)
{
	struct fx_pair pair;
	struct fx fx;

	default_of(&fx, _i);
	half_is(&fx, KEK, NULL, NULL);
	half_is(&fx, WORLD, NULL, NULL);
	fx_make(&fx, &pair);
	ck_assert(half_check(KEK, &pair.kek));
	check_is("pair", NF_VFY_NA, "verifykeypackage -k KEKPKG -w WORLDPKG");
	check_is("world.region", NF_VFY_NA, "verifykeypackage");
	check_is("world.module", NF_VFY_NA, "verifykeypackage");
	check_is("kek.acl-blob", NF_VFY_UNKNOWN,
	    "4b4b4b4b4b4b4b4b4b4b4b4b4b4b");
	check_is("root", NF_VFY_PASS, "named by the caller");
	ck_assert_ptr_null(nf_vfy_find(&v, "world.state"));
	ck_assert_mem_eq(v.root, fx_hash(FX_ROOT), 20);
	fact_is("ESN", fx.esn, _i == 2 ? "KLF2" : "KLF");
	fact_is("region", "Europe", NULL);
	nf_vfy_verdict_wipe(&v);
	ck_assert(half_check(WORLD, &pair.world));
	check_is("pair", NF_VFY_NA, "verifykeypackage -k KEKPKG -w WORLDPKG");
	check_is("world.module", NF_VFY_NA, "verifykeypackage");
	check_is("world.km-acl", NF_VFY_PASS, "");
	ck_assert_ptr_null(nf_vfy_find(&v, "kek.state"));
	ck_assert_mem_eq(v.root, fx_hash(FX_ROOT), 20);
	fact_is("HKM", "4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b", "KNSO");
	nf_vfy_verdict_wipe(&v);
	fx_pair_wipe(&pair);
}
END_TEST

/* Without an accepted root neither half is a success. */
START_TEST(wrong_root_of_half)
{
	struct fx fx;

	fx_default(&fx);
	roots.has_extra = false;
	half_is(&fx, KEK, "root", "neither the pinned root");
	half_is(&fx, WORLD, "root", "neither the pinned root");
}
END_TEST

static void
blob_of_two_worlds(struct nf_acl *acl)
{
	struct nf_action *a = nf_group_action_add(nf_acl_group_add(acl),
	    NF_ACT_MAKEBLOB);

	a->flags = NF_MAKEBLOB_ALLOWKMONLY | NF_MAKEBLOB_KMHASH;
	memset(a->kmhash, 0x77, NF_HASH_LEN);
}

#define CHANGE(name, ...)	\
static void			\
name(struct fx *fx)		\
{				\
	__VA_ARGS__;		\
}

CHANGE(c_ident, fx->ident = "kek-prod-na-1")
CHANGE(c_state, fx->state_signer = FX_OTHER)
CHANGE(c_kmlist, fx->no_kmlist = true)
CHANGE(c_chain, fx->chain_signer = FX_OTHER)
CHANGE(c_root, fx->root = fx->chain_signer = FX_OTHER)
CHANGE(c_esn, fx->kek_esn_entry = "51AB-0000-0002")
CHANGE(c_kml, fx->kml_blob = FX_OTHER)
CHANGE(c_gen, fx->gen_signer = FX_OTHER)
CHANGE(c_short, fx->kek_bytes = 128)
CHANGE(c_hash, fx->kek_hash_xor = 1)
CHANGE(c_gen_hash, fx->gen_hash_xor = 1)
CHANGE(c_export, fx->perms |= NF_PERM_EXPORTASPLAIN)
CHANGE(c_archive, fx->archive = true)
CHANGE(c_any_km, fx->blob_flags = NF_MAKEBLOB_ALLOWKMONLY)
CHANGE(c_token, fx->blob_flags |= NF_MAKEBLOB_KTHASH)
CHANGE(c_two_km, fx->acl_edit = blob_of_two_worlds)
CHANGE(c_use, fx->perms = NF_PERM_GETACL)
CHANGE(c_world_root, fx->world_root = FX_OTHER)
CHANGE(c_world_klf, fx->world_klf = FX_OTHER)
CHANGE(c_knso, fx->state_knso = FX_OTHER)
CHANGE(c_hknso, fx->hknso_xor = 1)
CHANGE(c_keys, fx->modulekeys_signer = FX_OTHER)
CHANGE(c_suite, fx->suite = "DLf1024s160mDES4")
CHANGE(c_hkm, fx->state_hkm[19] ^= 1)
CHANGE(c_km, fx->km_signer = FX_KNSO)
CHANGE(c_km_hash, fx->km_hash_xor = 1)
CHANGE(c_km_acl, fx->km_perms |= NF_PERM_EXPORTASPLAIN)
/* What only the pair can tell must not fail a half. */
CHANGE(c_region, fx->world_region = "Japan")
CHANGE(c_other_km, fx->other_km = true)
CHANGE(c_world_kml, fx->world_kml = FX_OTHER; fx->km_signer = FX_OTHER)

/* One mutation each, with the check of the half that has to catch it. */
static const struct {
	enum half half;
	const char *id, *why;
	void (*change)(struct fx *fx);
} half_cases[] = {
	{ KEK, "kek.region", "another region", c_ident },
	{ KEK, "kek.state", "does not verify", c_state },
	{ KEK, "root.chain", "does not verify", c_chain },
	{ KEK, "root", "neither", c_root },
	{ KEK, "kek.esn", "another module", c_esn },
	{ KEK, "kek.kml", "another key", c_kml },
	{ KEK, "kek.keygen", "does not verify", c_gen },
	{ KEK, "kek.pubblob", "2048", c_short },
	{ KEK, "kek.hash", "hashes", c_hash },
	{ KEK, "kek.hash", "hashes", c_gen_hash },
	{ KEK, "kek.acl-export", "ExportAsPlain", c_export },
	{ KEK, "kek.acl-archive", "MakeArchiveBlob", c_archive },
	{ KEK, "kek.acl-blob", "any module key", c_any_km },
	{ KEK, "kek.acl-blob", "token", c_token },
	{ KEK, "kek.acl-blob", "another world", c_two_km },
	{ KEK, "kek.acl-use", "UseAsBlobKey", c_use },
	{ WORLD, "world.state", "KMList", c_kmlist },
	{ WORLD, "world.chain", "does not verify", c_chain },
	{ WORLD, "root", "neither", c_world_root },
	{ WORLD, "world.chain", "another KLF", c_world_klf },
	{ WORLD, "world.knso", "another KNSO", c_knso },
	{ WORLD, "world.knso", "hash of KeyPubKNSO", c_hknso },
	{ WORLD, "world.modulekeys", "does not verify", c_keys },
	{ WORLD, "world.modulekeys", "unknown cipher suite", c_suite },
	{ WORLD, "world.hkm", "KMList", c_hkm },
	{ WORLD, "world.km-keygen", "does not verify", c_km },
	{ WORLD, "world.km-keygen", "another key", c_km_hash },
	{ WORLD, "world.km-acl", "ExportAsPlain", c_km_acl },
	{ KEK, NULL, NULL, c_region },
	{ WORLD, NULL, NULL, c_region },
	{ KEK, NULL, NULL, c_other_km },
	{ WORLD, NULL, NULL, c_world_kml },
	{ WORLD, NULL, NULL, c_export },
	{ KEK, NULL, NULL, c_km_acl }
};

START_TEST(wrong_half)
{
	struct fx fx;

	fx_default(&fx);
	half_cases[_i].change(&fx);
	half_is(&fx, half_cases[_i].half, half_cases[_i].id,
	    half_cases[_i].why);
}
END_TEST

/* A KEK whose only module key is one that everyone has. */
START_TEST(null_km_of_half)
{
	struct fx_pair pair;
	struct fx fx;

	fx_default(&fx);
	memcpy(fx.hkm, nf_null_des3_hash, 20);
	memcpy(fx.signed_hkm, nf_null_des3_hash, 20);
	fx_make(&fx, &pair);
	ck_assert(half_check(KEK, &pair.kek));
	check_is("kek.acl-blob", NF_VFY_FAIL, "null module key");
	nf_vfy_verdict_wipe(&v);
	fx_pair_wipe(&pair);
}
END_TEST

/* Checks name bytes of the file: those of the entry that they are of. */
static void
place_is(const struct nf_buf *buf, const char *id, uint32_t type)
{
	const struct nf_vfy_check *c = nf_vfy_find(&v, id);
	struct nf_km_file *file;
	struct nf_view entry;

	ck_assert_int_eq(package_read(buf, &file), 0);
	ck_assert_int_eq(nf_km_file_one(file, type, &entry, NULL), 0);
	ck_assert_ptr_nonnull(c);
	ck_assert_str_eq(c->where, "file");
	ck_assert_ptr_eq(buf->p + c->off, entry.p);
	ck_assert_uint_eq(c->len, entry.len);
	nf_km_file_free(file);
}

START_TEST(places)
{
	struct fx_pair pair;
	struct fx fx;

	fx_default(&fx);
	fx.kek_esn_entry = "51AB-0000-0002";
	fx_make(&fx, &pair);
	ck_assert(half_check(KEK, &pair.kek));
	place_is(&pair.kek, "kek.esn", NF_ENT_ESN_GEN);
	place_is(&pair.kek, "kek.state", NF_ENT_MESG_MODULE_STATE);
	place_is(&pair.kek, "kek.keygen", NF_ENT_MESG_GEN_KA);
	place_is(&pair.kek, "root", NF_ENT_SW_ROOTCHAIN);
	nf_vfy_verdict_wipe(&v);
	ck_assert(half_check(WORLD, &pair.world));
	place_is(&pair.world, "world.knso", NF_ENT_KEYPUB_KNSO);
	place_is(&pair.world, "world.modulekeys", NF_ENT_CERT_KM_KMC_B_KNSO);
	nf_vfy_verdict_wipe(&v);
	check_pair(&pair);
	ck_assert_str_eq(nf_vfy_find(&v, "kek.esn")->where, "KEK package");
	ck_assert_str_eq(nf_vfy_find(&v, "world.knso")->where,
	    "SecurityWorld package");
	nf_vfy_verdict_wipe(&v);
	fx_pair_wipe(&pair);
}
END_TEST

/* The half reads and its verdict is a success. */
static bool
half_passes(enum half half, const struct nf_buf *buf)
{
	bool pass = half_check(half, buf) && nf_vfy_code(&v) == 0;

	nf_vfy_verdict_wipe(&v);
	return pass;
}

static bool
kek_passes(const void *arg)
{
	return half_passes(KEK, arg);
}

static bool
world_passes(const void *arg)
{
	return half_passes(WORLD, arg);
}

/* As in the pair, but that the world's region is a claim more. */
START_TEST(junk_half_bytes)
{
	struct fx_pair pair;
	struct fx fx;

	fx_default(&fx);
	fx_make(&fx, &pair);
	ck_assert_uint_le(flips_pass(&pair.kek, kek_passes, &pair.kek), 50);
	ck_assert_uint_le(flips_pass(&pair.world, world_passes, &pair.world),
	    sizeof(NF_KEK_PKG_MARK) / 11 + 2);
	fx_pair_wipe(&pair);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("verify/kekhalf");
	TCase *t = kekpair_tcase();

	tcase_add_loop_test(t, valid_half, 0, 3);
	tcase_add_test(t, wrong_root_of_half);
	tcase_add_loop_test(t, wrong_half, 0,
	    (int)(sizeof(half_cases) / sizeof(half_cases[0])));
	tcase_add_test(t, null_km_of_half);
	tcase_add_test(t, places);
	tcase_add_test(t, junk_half_bytes);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
