/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pairs of region packages that a forger would make who can sign what he
 * likes, and the same chains for the DLf3072 cipher suites: KML of DSA-3072
 * under KLF, or under the P-521 KLF2.
 */
#include "config.h"

#include "tests/verify/kekpair.h"

MUTATION(kek_as_module_key, "kek.acl-actions", "no KEK needs",
    fx.perms |= NF_PERM_USEASKM)
MUTATION(kek_as_loader_key, "kek.acl-actions", "no KEK needs",
    fx.perms |= NF_PERM_USEASLOADERKEY)
MUTATION(kek_signs_module_certs, "kek.acl-actions", "no KEK needs",
    fx.perms |= NF_PERM_SIGNMODULECERT)
MUTATION(kek_as_certificate, "kek.acl-actions", "no KEK needs",
    fx.perms |= NF_PERM_USEASCERTIFICATE)
MUTATION(blob_to_file, "kek.acl-blob", "another form",
    fx.blob_flags |= NF_MAKEBLOB_BLOBFILE)
MUTATION(small_exponent, "kek.pubblob", "below 65537", fx.kek_e = 3)
MUTATION(even_exponent, "kek.pubblob", "even", fx.kek_e = 65538)
MUTATION(zero_exponent, "kek.pubblob", "e: ", fx.kek_e = 0)
MUTATION(even_modulus, "kek.pubblob", "even", fx.even_kek = true)
MUTATION(second_root, "root", "different roots", fx.world_root = FX_OTHER)
MUTATION(kml_is_klf, "kek.state", "the same key as KLF",
    fx.kml = fx.world_kml = fx.kml_blob = fx.gen_signer = FX_KLF)
MUTATION(knso_is_kml, "world.knso", "a key of the module",
    fx.knso = fx.state_knso = fx.modulekeys_signer = FX_KML)
MUTATION(knso_is_klf, "world.knso", "a key of the module",
    fx.knso = fx.state_knso = fx.modulekeys_signer = FX_KLF)

/* ExportAsPlain in one more group that a reader could take for harmless. */
static struct nf_group *
export_group(struct nf_acl *acl)
{
	struct nf_group *g = nf_acl_group_add(acl);

	(void)nf_group_action_add(g, NF_ACT_NOACTION);
	nf_group_action_add(g, NF_ACT_OPPERMISSIONS)->flags =
	    NF_PERM_EXPORTASPLAIN;
	return g;
}

static void
export_once(struct nf_acl *acl)
{
	nf_group_limit_add(export_group(acl), NF_LIMIT_GLOBAL)->max = 1;
}

static void
export_elsewhere(struct nf_acl *acl)
{
	struct nf_group *g = export_group(acl);

	g->flags = NF_GROUP_MODULESERIAL;
	g->moduleserial = nf_view_of("OTHER", 5);
}

static void
export_by_certmech(struct nf_acl *acl)
{
	struct nf_group *g = export_group(acl);

	g->flags = NF_GROUP_CERTMECH | NF_GROUP_FRESHCERTS;
	g->certmech_mech = NF_MECH_DSA;
}

static void
export_in_last_group(struct nf_acl *acl)
{
	while (acl->n_groups < NF_ACL_GROUPS_MAX - 1)
		(void)nf_acl_group_add(acl);
	(void)export_group(acl);
}

MUTATION(exportable_once, "kek.acl-export", "group 2",
    fx.acl_edit = export_once)
MUTATION(exportable_elsewhere, "kek.acl-export", "group 2",
    fx.acl_edit = export_elsewhere)
MUTATION(exportable_by_certmech, "kek.acl-export", "group 2",
    fx.acl_edit = export_by_certmech)
MUTATION(exportable_in_last_group, "kek.acl-export", "group 63",
    fx.acl_edit = export_in_last_group)

/* Two states of one module, which was in two worlds. */
static void
other_world(struct nf_state_cert *s, bool of_world)
{
	s->hknso[0] ^= of_world ? 0 : 1;
}

static void
p521_as_klf(struct nf_state_cert *s, bool of_world)
{
	(void)of_world;
	s->klf = s->klf2;
	s->present ^= 1u << NF_ATTR_KLF | 1u << NF_ATTR_KLF2;
}

static void
dsa_as_klf2(struct nf_state_cert *s, bool of_world)
{
	(void)of_world;
	s->present ^= 1u << NF_ATTR_KLF | 1u << NF_ATTR_KLF2;
}

MUTATION(kek_of_other_world, "world.module", "KNSO differs",
    fx.state_edit = other_world)
MUTATION(dsa_key_as_klf2, "kek.state", "where 187 is due",
    fx.state_edit = dsa_as_klf2)

START_TEST(valid_3072)
{
	struct fx fx;

	default_of(&fx, _i);
	check_fx(&fx);
	ck_assert_int_eq(nf_vfy_code(&v), 0);
	ck_assert_ptr_nonnull(facts.kek);
	fact_is("ESN", fx.esn, _i == 2 ? "KLF2" : "KLF");
	fact_is("cipher suite", suites[_i], "KNSO");
	nf_vfy_verdict_wipe(&v);
}
END_TEST

/* As MUTATION, for each of the two suites. */
#define MUTATION_3072(name, id, why, ...)	\
START_TEST(name)				\
{						\
	struct fx fx;				\
						\
	default_of(&fx, _i);			\
	__VA_ARGS__;				\
	refuse(&fx, id, why);			\
}						\
END_TEST

MUTATION_3072(wrong_root_3072, "root", "neither",
    fx.root = fx.chain_signer = FX_OTHER)
MUTATION_3072(unsigned_chain_3072, "root.chain", "does not verify",
    fx.chain_signer = FX_OTHER)
MUTATION_3072(wrong_chain_klf_3072, "root.chain", "another KLF",
    fx.chain_klf = FX_OTHER)
MUTATION_3072(wrong_chain_mech_3072, "root.chain", "mechanism 170",
    fx.chain_mech = NF_MECH_DSAHSHA256)
MUTATION_3072(unsigned_state_3072, "kek.state", "mech",
    fx.state_signer = FX_KML_3072)
MUTATION_3072(unsigned_kek_3072, "kek.keygen", "does not verify",
    fx.gen_signer = FX_KNSO_3072)
MUTATION_3072(short_kek_signer_3072, "kek.keygen",
    "mechanism 10 where 170 is due", fx.gen_signer = FX_KML)
MUTATION_3072(short_kml_3072, "kek.kml", "another key",
    fx.kml_blob = FX_KML)
MUTATION_3072(short_knso_3072, "world.modulekeys",
    "not a key of the cipher suite",
    fx.knso = fx.state_knso = fx.modulekeys_signer = FX_KNSO)
MUTATION_3072(suite_of_1024, "world.modulekeys",
    "not a key of the cipher suite", fx.suite = "DLf1024s160mRijndael")
MUTATION_3072(wrong_esn_3072, "root.chain", "another ESN",
    fx.chain_esn = "51AB-0000-0002")
MUTATION_3072(exportable_kek_3072, "kek.acl-export", "ExportAsPlain",
    fx.perms |= NF_PERM_EXPORTASPLAIN)

MUTATION_3072(imported_km_3072, "world.km-keygen", "does not verify",
    fx.km_signer = FX_KNSO_3072)
MUTATION_3072(short_km_signer_3072, "world.km-keygen",
    "mechanism 10 where 170 is due", fx.km_signer = FX_KML)

/* Only KLF2 is P-521. */
START_TEST(p521_key_as_klf)
{
	struct fx fx;

	default_of(&fx, 2);
	fx.state_edit = p521_as_klf;
	refuse(&fx, "kek.state", "where 10 is due");
}
END_TEST

/* A signer that is no DSA-1024 key is no root, whatever its hash. */
START_TEST(root_of_3072)
{
	struct fx fx;

	memcpy(roots.extra, fx_hash(FX_KML_3072), 20);
	fx_default(&fx);
	fx.root = fx.chain_signer = FX_KML_3072;
	refuse(&fx, "root.chain", "a root is a DSA-1024 key");
}
END_TEST

/* A text of the file must not read as a signed one. */
START_TEST(region_with_signer)
{
	struct nf_buf out = NF_BUF_INIT;
	struct fx fx;

	fx_default(&fx);
	fx.region = fx.world_region = "Europe [signed by KLF]";
	check_fx(&fx);
	ck_assert_int_eq(nf_vfy_exit(&v), 1);
	nf_vfy_write(&out, &v);
	ck_assert_ptr_nonnull(strstr(nf_buf_text(&out),
	    "\n  region: \"Europe \\x5bsigned by KLF\\x5d\" [claimed]\n"));
	nf_buf_wipe(&out);
	nf_vfy_verdict_wipe(&v);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("verify/kekforge");
	TCase *t = kekpair_tcase();

	tcase_add_test(t, kek_as_module_key);
	tcase_add_test(t, kek_as_loader_key);
	tcase_add_test(t, kek_signs_module_certs);
	tcase_add_test(t, kek_as_certificate);
	tcase_add_test(t, blob_to_file);
	tcase_add_test(t, small_exponent);
	tcase_add_test(t, even_exponent);
	tcase_add_test(t, zero_exponent);
	tcase_add_test(t, even_modulus);
	tcase_add_test(t, second_root);
	tcase_add_test(t, kml_is_klf);
	tcase_add_test(t, knso_is_kml);
	tcase_add_test(t, knso_is_klf);
	tcase_add_test(t, exportable_once);
	tcase_add_test(t, exportable_elsewhere);
	tcase_add_test(t, exportable_by_certmech);
	tcase_add_test(t, exportable_in_last_group);
	tcase_add_test(t, kek_of_other_world);
	tcase_add_test(t, dsa_key_as_klf2);
	tcase_add_loop_test(t, valid_3072, 1, 3);
	tcase_add_loop_test(t, wrong_root_3072, 1, 3);
	tcase_add_loop_test(t, unsigned_chain_3072, 1, 3);
	tcase_add_loop_test(t, wrong_chain_klf_3072, 1, 3);
	tcase_add_loop_test(t, wrong_chain_mech_3072, 1, 3);
	tcase_add_loop_test(t, unsigned_state_3072, 1, 3);
	tcase_add_loop_test(t, unsigned_kek_3072, 1, 3);
	tcase_add_loop_test(t, short_kek_signer_3072, 1, 3);
	tcase_add_loop_test(t, short_kml_3072, 1, 3);
	tcase_add_loop_test(t, short_knso_3072, 1, 3);
	tcase_add_loop_test(t, suite_of_1024, 1, 3);
	tcase_add_loop_test(t, wrong_esn_3072, 1, 3);
	tcase_add_loop_test(t, exportable_kek_3072, 1, 3);
	tcase_add_loop_test(t, imported_km_3072, 1, 3);
	tcase_add_loop_test(t, short_km_signer_3072, 1, 3);
	tcase_add_test(t, p521_key_as_klf);
	tcase_add_test(t, root_of_3072);
	tcase_add_test(t, region_with_signer);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
