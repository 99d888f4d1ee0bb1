/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The check of a pair of region packages: one valid pair, then one mutation a
 * case, each with the check that has to catch it.  Then each half alone, where
 * what is judged must be judged as in the pair.
 */
#include "config.h"

#include "tests/verify/kekpair.h"

START_TEST(valid)
{
	struct nf_buf out = NF_BUF_INIT;
	const char *text;
	struct fx fx;
	char hex[41];

	fx_default(&fx);
	check_fx(&fx);
	ck_assert_int_eq(nf_vfy_code(&v), 0);
	ck_assert_int_eq(nf_vfy_exit(&v), 0);
	ck_assert_ptr_nonnull(facts.kek);
	ck_assert_mem_eq(facts.hkm, fx.hkm, 20);
	ck_assert_mem_eq(facts.root, fx_hash(FX_ROOT), 20);
	ck_assert(facts.simulated);
	fact_is("ESN", fx.esn, "KLF");
	fact_is("HKM", "4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b", "KNSO");
	fact_is("region", "Europe", NULL);
	ck_assert(nf_vfy_passed(&v, "world.km-keygen"));
	ck_assert(nf_vfy_passed(&v, "world.km-acl"));
	nf_vfy_write(&out, &v);
	text = nf_buf_text(&out);
	nf_text_hash(hex, fx_hash(FX_ROOT));
	ck_assert_ptr_nonnull(strstr(text, "\nroot: "));
	ck_assert_int_eq(strncmp(strstr(text, "\nroot: ") + 7, hex, 40), 0);
	ck_assert_ptr_nonnull(strstr(text, "\nSIMULATED"));
	ck_assert_str_eq(strstr(text, "\nResult: "), "\nResult: SUCCESS\n");
	nf_buf_wipe(&out);
	nf_vfy_verdict_wipe(&v);
}
END_TEST

static void
km_archive(struct nf_acl *acl)
{
	(void)nf_group_action_add(&acl->group[0], NF_ACT_MAKEARCHIVEBLOB);
}

static void
km_derive(struct nf_acl *acl)
{
	(void)nf_group_action_add(&acl->group[0], NF_ACT_DERIVEKEY);
}

static void
km_export_by_nso(struct nf_acl *acl)
{
	struct nf_group *g = nf_acl_group_add(acl);

	g->flags = NF_GROUP_NSOCERTIFIED;
	nf_group_action_add(g, NF_ACT_OPPERMISSIONS)->flags =
	    NF_PERM_EXPORTASPLAIN;
}

/* The root is good, but nobody named it. */
START_TEST(wrong_root)
{
	struct nf_vfy_roots saved = roots;
	struct fx fx;

	fx_default(&fx);
	roots.has_extra = false;
	refuse(&fx, "root", "neither the pinned root");
	roots = saved;
	roots.extra[19] ^= 1;
	refuse(&fx, "root", "neither the pinned root");
	roots = saved;
}
END_TEST

/* The report names the root that was reached also when it is refused. */
START_TEST(wrong_root_is_named)
{
	struct nf_vfy_roots saved = roots;
	struct fx fx;

	fx_default(&fx);
	roots.has_extra = false;
	check_fx(&fx);
	ck_assert(v.has_root);
	ck_assert(!v.simulated);
	ck_assert_mem_eq(v.root, fx_hash(FX_ROOT), 20);
	roots = saved;
	nf_vfy_verdict_wipe(&v);
}
END_TEST

MUTATION(other_root, "root", "neither", fx.root = fx.chain_signer = FX_OTHER)
MUTATION(unsigned_chain, "root.chain", "does not verify",
    fx.chain_signer = FX_OTHER)
MUTATION(wrong_chain_klf, "root.chain", "another KLF",
    fx.chain_klf = FX_OTHER)
MUTATION(wrong_chain_mech, "root.chain", "mechanism 170",
    fx.chain_mech = NF_MECH_DSAHSHA256)
MUTATION(wrong_esn, "root.chain", "another ESN",
    fx.chain_esn = "51AB-0000-0002")
MUTATION(short_esn, "root.chain", "another ESN",
    fx.chain_esn = "51AB-0000-000")
MUTATION(no_chain_esn, "root.chain", "form of a delegation",
    fx.chain_group_flags = NF_GROUP_CERTMECH)
MUTATION(wrong_chain_features, "root.chain", "action",
    fx.chain_features = 4)
MUTATION(second_cert, "root.chain", "not one certificate",
    fx.second_cert = true)
MUTATION(unsigned_kml, "kek.state", "does not verify",
    fx.state_signer = FX_OTHER)
MUTATION(wrong_mech, "kek.state", "mechanism 170",
    fx.klf_mech = NF_MECH_DSAHSHA256)
MUTATION(wrong_klf_hash, "kek.state", "hash", fx.klf_hash_xor = 1)
MUTATION(no_kmlist, "kek.state", "KMList", fx.no_kmlist = true)
MUTATION(duplicate_klf, "kek.state", "one of KLF and KLF2",
    fx.two_klfs = true)
MUTATION(wrong_esn_entry, "kek.esn", "another module",
    fx.kek_esn_entry = "51AB-0000-0002")
MUTATION(wrong_kml_blob, "kek.kml", "another key", fx.kml_blob = FX_OTHER)
MUTATION(unsigned_kek, "kek.keygen", "does not verify",
    fx.gen_signer = FX_OTHER)
MUTATION(wrong_gen_mech, "kek.keygen", "mechanism 170",
    fx.gen_sig_mech = NF_MECH_DSAHSHA256)
MUTATION(wrong_gen_bits, "kek.keygen", "size", fx.gen_bits = 3072)
MUTATION(short_kek, "kek.pubblob", "2048", fx.kek_bytes = 128)
MUTATION(wrong_kek_hash, "kek.hash", "hashes", fx.kek_hash_xor = 1)
MUTATION(wrong_gen_hash, "kek.hash", "hashes", fx.gen_hash_xor = 1)
MUTATION(exportable_kek, "kek.acl-export", "ExportAsPlain",
    fx.perms |= NF_PERM_EXPORTASPLAIN)
MUTATION(expandable_kek, "kek.acl-expand", "ExpandACL",
    fx.perms |= NF_PERM_EXPANDACL)
MUTATION(expandable_kek_by_nso, "kek.acl-expand", "group 2",
    fx.trump_perms = NF_PERM_EXPANDACL)
MUTATION(exportable_kek_by_nso, "kek.acl-export", "group 2",
    fx.trump_perms = NF_PERM_EXPORTASPLAIN)
MUTATION(decrypting_kek, "kek.acl-decrypt", "Decrypt",
    fx.perms |= NF_PERM_DECRYPT)
MUTATION(signing_kek, "kek.acl-decrypt", "Sign", fx.perms |= NF_PERM_SIGN)
MUTATION(archivable_kek, "kek.acl-archive", "MakeArchiveBlob",
    fx.archive = true)
MUTATION(derivable_kek, "kek.acl-actions", "action other", fx.derive = true)
MUTATION(unknown_perms, "kek.acl-actions", "none that is known",
    fx.perms |= 0x10000)
MUTATION(blob_under_other_km, "kek.acl-blob", "another world",
    fx.other_km = true)
MUTATION(blob_under_any_km, "kek.acl-blob", "any module key",
    fx.blob_flags = NF_MAKEBLOB_ALLOWKMONLY)
MUTATION(blob_under_null_km, "kek.acl-blob", "AllowNullKmToken",
    fx.blob_flags |= NF_MAKEBLOB_ALLOWNULLKMTOKEN)
MUTATION(blob_under_token, "kek.acl-blob", "token",
    fx.blob_flags |= NF_MAKEBLOB_KTHASH)
MUTATION(no_km_only, "kek.acl-blob", "AllowKmOnly",
    fx.blob_flags = NF_MAKEBLOB_KMHASH)
MUTATION(useless_kek, "kek.acl-use", "UseAsBlobKey",
    fx.perms = NF_PERM_GETACL)
MUTATION(wrong_region, "world.region", "two regions",
    fx.world_region = "Japan")
MUTATION(wrong_ident, "kek.region", "another region",
    fx.ident = "kek-prod-na-1")
MUTATION(unknown_ident, "kek.region", "no region", fx.ident = "kek")
MUTATION(wrong_world_esn, "world.chain", "another ESN",
    fx.world_esn = "51AB-0000-0002")
MUTATION(wrong_world_klf, "world.chain", "another KLF",
    fx.world_klf = FX_OTHER)
MUTATION(wrong_world_kml, "world.module", "KML", fx.world_kml = FX_OTHER)
MUTATION(wrong_knso, "world.knso", "another KNSO",
    fx.knso = fx.modulekeys_signer = FX_OTHER)
MUTATION(wrong_state_knso, "world.knso", "another KNSO",
    fx.state_knso = FX_OTHER)
MUTATION(wrong_hknso, "world.knso", "hash of KeyPubKNSO", fx.hknso_xor = 1)
MUTATION(unsigned_modulekeys, "world.modulekeys", "does not verify",
    fx.modulekeys_signer = FX_OTHER)
MUTATION(wrong_signed_hkm, "world.modulekeys", "does not verify",
    fx.signed_hkm[0] ^= 1)
MUTATION(unknown_suite, "world.modulekeys", "unknown cipher suite",
    fx.suite = "DLf1024s160mDES4")
MUTATION(wrong_suite, "world.modulekeys", "not a key of the cipher suite",
    fx.suite = "DLf3072s256mRijndael")
MUTATION(hkm_not_in_list, "world.hkm", "KMList", fx.state_hkm[19] ^= 1)
MUTATION(null_hkm, "world.hkm", "null module key",
    memcpy(fx.hkm, nf_null_des3_hash, 20);
    memcpy(fx.signed_hkm, nf_null_des3_hash, 20))

MUTATION(km_of_other_module, "world.km-keygen", "does not verify",
    fx.km_signer = FX_OTHER)
/* Whoever brought KM along has no certificate, but may sign one himself... */
MUTATION(imported_km, "world.km-keygen", "does not verify",
    fx.km_signer = FX_KNSO)
/* ... or take the certificate of a key that the module did generate. */
MUTATION(wrong_km_hash, "world.km-keygen", "another key",
    fx.km_hash_xor = 1)
MUTATION(wrong_km_params, "world.km-keygen", "another kind or size",
    fx.km_type = NF_KEY_DES3)
MUTATION(short_km, "world.km-keygen", "another kind or size",
    fx.km_len = 16)
MUTATION(exportable_km, "world.km-acl", "ExportAsPlain",
    fx.km_perms |= NF_PERM_EXPORTASPLAIN)
MUTATION(expandable_km, "world.km-acl", "ExpandACL",
    fx.km_perms |= NF_PERM_EXPANDACL)
MUTATION(decrypting_km, "world.km-acl", "no module key needs",
    fx.km_perms |= NF_PERM_DECRYPT)
MUTATION(km_as_blob_key, "world.km-acl", "no module key needs",
    fx.km_perms |= NF_PERM_USEASBLOBKEY)
MUTATION(unknown_km_perms, "world.km-acl", "none that is known",
    fx.km_perms |= 0x10000)
MUTATION(km_archivable, "world.km-acl", "group 0 allows MakeArchiveBlob",
    fx.km_acl_edit = km_archive)
MUTATION(km_derivable, "world.km-acl", "an action other",
    fx.km_acl_edit = km_derive)
MUTATION(exportable_km_by_nso, "world.km-acl", "group 2 allows ExportAsPlain",
    fx.km_acl_edit = km_export_by_nso)
MUTATION(km_without_token, "world.km-acl", "AllowKmOnly",
    fx.km_blob_flags |= NF_MAKEBLOB_ALLOWKMONLY)
MUTATION(km_under_any_token, "world.km-acl", "any token",
    fx.km_blob_flags &= ~(uint32_t)NF_MAKEBLOB_KTHASH)
MUTATION(km_blob_to_file, "world.km-acl", "another form",
    fx.km_blob_flags |= NF_MAKEBLOB_BLOBFILE)

/* Two valid pairs, halves mixed. */
START_TEST(mixed_pairs)
{
	struct fx_pair a, b, mixed;
	struct fx fx;

	fx_default(&fx);
	fx_make(&fx, &a);
	fx.esn = fx.kek_esn_entry = fx.world_esn = fx.chain_esn = "51AB-2";
	fx_make(&fx, &b);
	mixed.kek = a.kek;
	mixed.world = b.world;
	check_pair(&mixed);
	ck_assert_int_eq(nf_vfy_result_of(&v), NF_VFY_FAILED);
	ck_assert_int_eq(nf_vfy_find(&v, "world.module")->status,
	    NF_VFY_FAIL);
	nf_vfy_verdict_wipe(&v);
	fx_pair_wipe(&a);
	fx_pair_wipe(&b);
}
END_TEST

/* The pair reads and its verdict is a success. */
static bool
pair_passes(const struct fx_pair *pair)
{
	struct nf_km_file *k = NULL, *w = NULL;
	struct nf_kek_worldpkg world;
	struct nf_kek_kekpkg kek;
	bool pass = false;

	if (package_read(&pair->kek, &k) == 0 &&
	    package_read(&pair->world, &w) == 0 &&
	    nf_kek_kekpkg_read(k, &kek, NULL) == 0 &&
	    nf_kek_worldpkg_read(w, &world, NULL) == 0) {
		nf_vfy_verdict_init(&v, "", "");
		ck_assert_int_eq(nf_vfy_kek_check(ctx, &kek, &world, &roots,
		    &v, &facts, NULL), 0);
		pass = nf_vfy_code(&v) == 0;
		ck_assert(pass || nf_vfy_code(&v) == NF_E_VERIFY);
		nf_vfy_verdict_wipe(&v);
	}
	nf_km_file_free(k);
	nf_km_file_free(w);
	return pass;
}

/* Flip bits all over buf, which is in pair; returns how many passed. */
static unsigned
flip_all(const struct fx_pair *pair, struct nf_buf *buf, unsigned *n)
{
	unsigned passed = 0;

	for (size_t i = 28; i < buf->len; i += 11, (*n)++) {
		buf->p[i] ^= 0x10;
		passed += pair_passes(pair);
		buf->p[i] ^= 0x10;
	}
	return passed;
}

/*
 * Every byte matters but the claims: name, mark, KMC's signature, and the
 * ACL, tag and application data of the two public blobs (300 bytes).
 */
START_TEST(junk_kek_bytes)
{
	struct fx_pair pair;
	unsigned n = 0;
	struct fx fx;

	default_of(&fx, _i);
	fx_make(&fx, &pair);
	ck_assert(pair_passes(&pair));
	ck_assert_uint_le(flip_all(&pair, &pair.kek, &n), 50);
	ck_assert_uint_ge(n, 200);
	fx_pair_wipe(&pair);
}
END_TEST

/* In the other package only the mark is a claim. */
START_TEST(junk_world_bytes)
{
	struct fx_pair pair;
	unsigned n = 0;
	struct fx fx;

	default_of(&fx, _i);
	fx_make(&fx, &pair);
	ck_assert_uint_le(flip_all(&pair, &pair.world, &n),
	    sizeof(NF_KEK_PKG_MARK) / 11 + 1);
	ck_assert_uint_ge(n, 200);
	fx_pair_wipe(&pair);
}
END_TEST

/* ---- one half ---- */

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
	const struct nf_vfy_check *c;
	struct nf_vfy_verdict alone;
	struct fx_pair pair;

	fx_make(fx, &pair);
	ck_assert(half_check(half, half == KEK ? &pair.kek : &pair.world));
	c = nf_vfy_first_failure(&v);
	if (id == NULL) {
		ck_assert_int_eq(nf_vfy_exit(&v), 0);
	} else {
		ck_assert_int_eq(nf_vfy_exit(&v), 1);
		ck_assert_ptr_nonnull(c);
		ck_assert_str_eq(c->id, id);
		ck_assert_msg(strstr(nf_vfy_detail(&v, c), why) != NULL,
		    "detail is '%s'", nf_vfy_detail(&v, c));
	}
	alone = v;
	half_as_pair(&pair, &alone);
	nf_vfy_verdict_wipe(&alone);
	fx_pair_wipe(&pair);
}

/* This check is there, with that status and part of its detail. */
static void
says(const char *id, enum nf_vfy_status status, const char *detail)
{
	const struct nf_vfy_check *c = nf_vfy_find(&v, id);

	ck_assert_msg(c != NULL && c->status == status, "%s", id);
	ck_assert_msg(strstr(nf_vfy_detail(&v, c), detail) != NULL,
	    "detail is '%s'", nf_vfy_detail(&v, c));
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
	says("pair", NF_VFY_NA, "verifykeypackage -k KEKPKG -w WORLDPKG");
	says("world.region", NF_VFY_NA, "verifykeypackage");
	says("world.module", NF_VFY_NA, "verifykeypackage");
	says("kek.acl-blob", NF_VFY_UNKNOWN, "4b4b4b4b4b4b4b4b4b4b4b4b4b4b");
	says("root", NF_VFY_PASS, "named by the caller");
	ck_assert_ptr_null(nf_vfy_find(&v, "world.state"));
	ck_assert_mem_eq(v.root, fx_hash(FX_ROOT), 20);
	fact_is("ESN", fx.esn, _i == 2 ? "KLF2" : "KLF");
	fact_is("region", "Europe", NULL);
	nf_vfy_verdict_wipe(&v);
	ck_assert(half_check(WORLD, &pair.world));
	says("pair", NF_VFY_NA, "verifykeypackage -k KEKPKG -w WORLDPKG");
	says("world.module", NF_VFY_NA, "verifykeypackage");
	says("world.km-acl", NF_VFY_PASS, "");
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
	struct nf_vfy_roots saved = roots;
	struct fx fx;

	fx_default(&fx);
	roots.has_extra = false;
	half_is(&fx, KEK, "root", "neither the pinned root");
	half_is(&fx, WORLD, "root", "neither the pinned root");
	roots = saved;
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
	says("kek.acl-blob", NF_VFY_FAIL, "null module key");
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

/* Flip bits all over a half; returns how many were a success. */
static unsigned
flip_half(enum half half, struct nf_buf *buf, unsigned *n)
{
	unsigned passed = 0;

	for (size_t i = 28; i < buf->len; i += 11, (*n)++) {
		buf->p[i] ^= 0x10;
		if (half_check(half, buf))
			passed += nf_vfy_code(&v) == 0;
		nf_vfy_verdict_wipe(&v);
		buf->p[i] ^= 0x10;
	}
	return passed;
}

/* As in the pair, but that the world's region is a claim more. */
START_TEST(junk_half_bytes)
{
	struct fx_pair pair;
	unsigned n = 0;
	struct fx fx;

	fx_default(&fx);
	fx_make(&fx, &pair);
	ck_assert_uint_le(flip_half(KEK, &pair.kek, &n), 50);
	ck_assert_uint_ge(n, 200);
	ck_assert_uint_le(flip_half(WORLD, &pair.world, &n),
	    sizeof(NF_KEK_PKG_MARK) / 11 + 2);
	fx_pair_wipe(&pair);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("verify/kekcheck");
	TCase *t = tcase_create("pair");

	tcase_add_unchecked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, valid);
	tcase_add_test(t, wrong_root);
	tcase_add_test(t, wrong_root_is_named);
	tcase_add_test(t, other_root);
	tcase_add_test(t, unsigned_chain);
	tcase_add_test(t, wrong_chain_klf);
	tcase_add_test(t, wrong_chain_mech);
	tcase_add_test(t, wrong_esn);
	tcase_add_test(t, short_esn);
	tcase_add_test(t, no_chain_esn);
	tcase_add_test(t, wrong_chain_features);
	tcase_add_test(t, second_cert);
	tcase_add_test(t, unsigned_kml);
	tcase_add_test(t, wrong_mech);
	tcase_add_test(t, wrong_klf_hash);
	tcase_add_test(t, no_kmlist);
	tcase_add_test(t, duplicate_klf);
	tcase_add_test(t, wrong_esn_entry);
	tcase_add_test(t, wrong_kml_blob);
	tcase_add_test(t, unsigned_kek);
	tcase_add_test(t, wrong_gen_mech);
	tcase_add_test(t, wrong_gen_bits);
	tcase_add_test(t, short_kek);
	tcase_add_test(t, wrong_kek_hash);
	tcase_add_test(t, wrong_gen_hash);
	tcase_add_test(t, exportable_kek);
	tcase_add_test(t, expandable_kek);
	tcase_add_test(t, expandable_kek_by_nso);
	tcase_add_test(t, exportable_kek_by_nso);
	tcase_add_test(t, decrypting_kek);
	tcase_add_test(t, signing_kek);
	tcase_add_test(t, archivable_kek);
	tcase_add_test(t, derivable_kek);
	tcase_add_test(t, unknown_perms);
	tcase_add_test(t, blob_under_other_km);
	tcase_add_test(t, blob_under_any_km);
	tcase_add_test(t, blob_under_null_km);
	tcase_add_test(t, blob_under_token);
	tcase_add_test(t, no_km_only);
	tcase_add_test(t, useless_kek);
	tcase_add_test(t, wrong_region);
	tcase_add_test(t, wrong_ident);
	tcase_add_test(t, unknown_ident);
	tcase_add_test(t, wrong_world_esn);
	tcase_add_test(t, wrong_world_klf);
	tcase_add_test(t, wrong_world_kml);
	tcase_add_test(t, wrong_knso);
	tcase_add_test(t, wrong_state_knso);
	tcase_add_test(t, wrong_hknso);
	tcase_add_test(t, unsigned_modulekeys);
	tcase_add_test(t, wrong_signed_hkm);
	tcase_add_test(t, unknown_suite);
	tcase_add_test(t, wrong_suite);
	tcase_add_test(t, hkm_not_in_list);
	tcase_add_test(t, null_hkm);
	tcase_add_test(t, km_of_other_module);
	tcase_add_test(t, imported_km);
	tcase_add_test(t, wrong_km_hash);
	tcase_add_test(t, wrong_km_params);
	tcase_add_test(t, short_km);
	tcase_add_test(t, exportable_km);
	tcase_add_test(t, expandable_km);
	tcase_add_test(t, decrypting_km);
	tcase_add_test(t, km_as_blob_key);
	tcase_add_test(t, unknown_km_perms);
	tcase_add_test(t, km_archivable);
	tcase_add_test(t, km_derivable);
	tcase_add_test(t, exportable_km_by_nso);
	tcase_add_test(t, km_without_token);
	tcase_add_test(t, km_under_any_token);
	tcase_add_test(t, km_blob_to_file);
	tcase_add_test(t, mixed_pairs);
	tcase_add_loop_test(t, junk_kek_bytes, 0, 3);
	tcase_add_loop_test(t, junk_world_bytes, 0, 3);
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
