/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The check of a pair of region packages: one valid pair, then one mutation a
 * case, each with the check that has to catch it.
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
	struct fx fx;

	fx_default(&fx);
	roots.has_extra = false;
	refuse(&fx, "root", "neither the pinned root");
	fx_roots(&roots);
	roots.extra[19] ^= 1;
	refuse(&fx, "root", "neither the pinned root");
}
END_TEST

/* The report names the root that was reached also when it is refused. */
START_TEST(wrong_root_is_named)
{
	struct fx fx;

	fx_default(&fx);
	roots.has_extra = false;
	check_fx(&fx);
	ck_assert(v.has_root);
	ck_assert(!v.simulated);
	ck_assert_mem_eq(v.root, fx_hash(FX_ROOT), 20);
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
	check_is("world.module", NF_VFY_FAIL, "");
	nf_vfy_verdict_wipe(&v);
	fx_pair_wipe(&a);
	fx_pair_wipe(&b);
}
END_TEST

/* The pair reads and its verdict is a success. */
static bool
pair_passes(const void *arg)
{
	const struct fx_pair *pair = arg;
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

/*
 * Every byte matters but the claims: name, mark, KMC's signature, and the
 * ACL, tag and application data of the two public blobs (300 bytes).
 */
START_TEST(junk_kek_bytes)
{
	struct fx_pair pair;
	struct fx fx;

	default_of(&fx, _i);
	fx_make(&fx, &pair);
	ck_assert(pair_passes(&pair));
	ck_assert_uint_le(flips_pass(&pair.kek, pair_passes, &pair), 50);
	fx_pair_wipe(&pair);
}
END_TEST

/* In the other package only the mark is a claim. */
START_TEST(junk_world_bytes)
{
	struct fx_pair pair;
	struct fx fx;

	default_of(&fx, _i);
	fx_make(&fx, &pair);
	ck_assert_uint_le(flips_pass(&pair.world, pair_passes, &pair),
	    sizeof(NF_KEK_PKG_MARK) / 11 + 1);
	fx_pair_wipe(&pair);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("verify/kekcheck");
	TCase *t = kekpair_tcase();

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
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
