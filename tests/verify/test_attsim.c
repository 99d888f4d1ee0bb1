/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attestation bundles signed with keys made for the test, under a simulated
 * warrant root: the forms that no published bundle has (FIPS worlds, keys of
 * one session, EC keys, DSA-1024 KMLs, ModuleInformation warrants), and what
 * only the holder of a signing key could change.
 */
#include "config.h"

#include "nfast/base/curve.h"
#include "nfast/kmdata/attbundle.h"
#include "nfast/wire/modcert.h"
#include "nfast/wire/worldmsg.h"
#include "tests/verify/failing.h"
#include "tests/verify/checks.h"
#include "tests/verify/signer.h"
#include "verify/attcheck.h"
#include "verify/warrant.h"

#define ESN	"A1B2-C3D4-E5F6"
#define SUITE	"DLf3072s256mAEScSP800131Ar1"

static struct sg_key root, delegate, klf2, kml, kml1024, knso, key, other;
static struct nf_vfy_kwarn kwarn;
static struct nf_vfy_options opt;
static struct nf_vfy_ctx *ctx;
static struct nf_diag diag;

/* What a test may change. */
static struct {
	bool fips, session, fips_swapped;
	const char *warrant_type, *warrant_esn, *root_field, *mech;
	const struct sg_key *root_by, *deleg_by, *state_by, *kml, *gen_by,
	    *world_by, *knso, *warrant_klf2;
	uint32_t gen_type, gen_curve, perms;
	uint8_t state_hkm, gen_hash;
	int extra_field;
} with;

static void
setup_keys(void)
{
	sg_p521(&root);
	sg_p521(&delegate);
	sg_p521(&klf2);
	sg_p521(&key);
	sg_p521(&other);
	sg_dsa(&kml, 3072);
	sg_dsa(&kml1024, 1024);
	sg_dsa(&knso, 3072);
	kwarn.has_simulated = true;
	sg_point(&root, &kwarn.simulated);
}

static void
teardown_keys(void)
{
	sg_free(&root);
	sg_free(&delegate);
	sg_free(&klf2);
	sg_free(&key);
	sg_free(&other);
	sg_free(&kml);
	sg_free(&kml1024);
	sg_free(&knso);
}

static void
setup(void)
{
	memset(&opt, 0, sizeof(opt));
	opt.kwarn = &kwarn;
	memset(&with, 0, sizeof(with));
	with.warrant_type = "ModuleInformation";
	with.warrant_esn = ESN;
	with.root_field = NF_VFY_KWARN_SIMULATED;
	with.mech = "SHA512";
	with.root_by = &root;
	with.deleg_by = &delegate;
	with.state_by = with.warrant_klf2 = &klf2;
	with.kml = with.gen_by = &kml;
	with.world_by = with.knso = &knso;
	with.gen_type = NF_KEY_ECDSAPRIVATE;
	with.gen_curve = NF_EC_P521;
	with.perms = 0xb02b;
	ctx = nf_vfy_ctx_new();
	nf_vfy_verdict_init(&v, "attestation bundle", "test");
	nf_diag_clear(&diag);
}

static void
teardown(void)
{
	nf_vfy_verdict_wipe(&v);
	nf_vfy_ctx_free(ctx);
}

/* ---- the warrant ---- */

static void
put_number(struct nf_buf *b, const uint8_t *le)
{
	uint8_t be[NF_VFY_P521_LEN];

	for (size_t i = 0; i < sizeof(be); i++)
		be[i] = le[sizeof(be) - 1 - i];
	nf_ddds_put_int(b, nf_view_of(be, sizeof(be)));
}

static void
put_key(struct nf_buf *b, const struct sg_key *k)
{
	nf_ddds_put_list(b, 4);
	nf_ddds_put_symbol(b, "ECDSA");
	nf_ddds_put_symbol(b, "Public");
	nf_ddds_put_symbol(b, "NISTP521");
	nf_ddds_put_list(b, 2);
	put_number(b, k->num[NF_ECPUB_X]);
	put_number(b, k->num[NF_ECPUB_Y]);
}

static void
put_mech(struct nf_buf *b)
{
	nf_ddds_put_list(b, 2);
	nf_ddds_put_symbol(b, "ECDSA");
	nf_ddds_put_list(b, 2);
	nf_ddds_put_symbol(b, "EMSA1");
	nf_ddds_put_symbol(b, with.mech);
}

static void
put_text(struct nf_buf *b, const char *name, const char *text)
{
	nf_ddds_put_symbol(b, name);
	nf_ddds_put_string(b, nf_view_of(text, strlen(text)));
}

static void
put_cert(struct nf_buf *b, const struct nf_buf *payload,
    const struct sg_key *by)
{
	uint8_t be[2 * NF_VFY_P521_LEN];
	struct sg_sig sig;

	sg_sign(by, nf_buf_view(payload), &sig);
	memset(be, 0, sizeof(be));
	for (size_t i = 0; i < sig.r_len; i++)
		be[NF_VFY_P521_LEN - 1 - i] = sig.r[i];
	for (size_t i = 0; i < sig.s_len; i++)
		be[2 * NF_VFY_P521_LEN - 1 - i] = sig.s[i];
	nf_ddds_put_map(b, 2);
	nf_ddds_put_symbol(b, "Payload");
	nf_ddds_put_bytes(b, nf_buf_view(payload));
	nf_ddds_put_symbol(b, "Signature");
	nf_ddds_put_bytes(b, nf_view_of(be, sizeof(be)));
}

static void
warrant_make(struct nf_buf *out)
{
	struct nf_buf p = NF_BUF_INIT;

	nf_ddds_put_list(out, 3);
	nf_ddds_put_symbol(out, NF_VFY_KWARN_SIMULATED);
	nf_ddds_put_map(&p, 3);
	nf_ddds_put_symbol(&p, "DelegateKey");
	put_key(&p, &delegate);
	nf_ddds_put_symbol(&p, "SigMech");
	put_mech(&p);
	nf_ddds_put_symbol(&p, "WarrantCertificateType");
	nf_ddds_put_symbol(&p, "Delegation");
	put_cert(out, &p, with.root_by);
	nf_buf_wipe(&p);
	nf_ddds_put_map(&p, with.extra_field != 0 ? 7 : 6);
	put_text(&p, "ElectronicSerialNumber", with.warrant_esn);
	put_text(&p, "PhysicalSerialNumber", "36-S00001");
	nf_ddds_put_symbol(&p, "Approvals");
	nf_ddds_put_list(&p, 0);
	nf_ddds_put_symbol(&p, "WarrantCertificateType");
	nf_ddds_put_symbol(&p, with.warrant_type);
	nf_ddds_put_symbol(&p, "KLF2pub");
	put_key(&p, with.warrant_klf2);
	nf_ddds_put_symbol(&p, "KLF2mech");
	put_mech(&p);
	if (with.extra_field != 0)
		put_text(&p, "More", "x");
	put_cert(out, &p, with.deleg_by);
	nf_buf_wipe(&p);
	ck_assert_int_eq(nf_buf_err(out), 0);
}

/* ---- the certificates ---- */

static void
state_make(struct nf_buf *out)
{
	struct nf_state_cert *s = calloc(1, sizeof(*s));

	ck_assert_ptr_nonnull(s);
	s->present = 1u << NF_ATTR_ESN | 1u << NF_ATTR_KML |
	    1u << NF_ATTR_KLF2 | 1u << NF_ATTR_KNSO | 1u << NF_ATTR_KMLIST;
	s->esn = nf_view_of(ESN, strlen(ESN));
	sg_attr(with.kml, &s->kml);
	sg_attr(with.state_by, &s->klf2);
	memcpy(s->hknso, with.knso->hash, NF_HASH_LEN);
	s->n_kms = 1;
	memset(s->km[0].hash, 0x22 ^ with.state_hkm, NF_HASH_LEN);
	nf_wire_state_cert_write(out, s);
	free(s);
}

static void
gen_make(struct nf_buf *out)
{
	struct nf_keygen_cert c = { .params = { .type = with.gen_type,
	    .curve = with.gen_curve } };
	struct nf_action *a;

	c.acl = nf_acl_new();
	a = nf_group_action_add(nf_acl_group_add(c.acl),
	    NF_ACT_OPPERMISSIONS);
	a->flags = with.perms;
	if (!with.session) {
		a = nf_group_action_add(nf_acl_group_add(c.acl),
		    NF_ACT_MAKEBLOB);
		a->flags = NF_MAKEBLOB_KMHASH | NF_MAKEBLOB_KTHASH |
		    NF_MAKEBLOB_KTPARAMS;
		memset(a->kmhash, 0x22, NF_HASH_LEN);
		a->ktparams = (struct nf_tokenparams){ 3, 2, 3, 0 };
	}
	memcpy(c.keyhash, key.hash, NF_HASH_LEN);
	c.keyhash[0] ^= with.gen_hash;
	nf_wire_keygen_cert_write(out, &c);
	nf_acl_free(c.acl);
}

/* ---- the bundle ---- */

struct parts {
	struct nf_buf f[NF_ATT_FIELDS];
};

static void
sign(struct parts *p, enum nf_att_field f, const struct sg_key *by,
    const struct nf_buf *msg)
{
	struct sg_sig sig;

	sg_sign(by, nf_buf_view(msg), &sig);
	nf_wire_cipher_write(&p->f[f], &sig.cipher);
}

static void
put_hash(struct parts *p, enum nf_att_field f, uint8_t fill)
{
	struct nf_hashex h = { .mech = NF_MECH_SHA1HASH };

	memset(h.hash, fill, NF_HASH_LEN);
	nf_wire_hashex_write(&p->f[f], &h);
}

static void
world_make(struct parts *p)
{
	struct nf_buf msg = NF_BUF_INIT;
	uint8_t hkm[NF_HASH_LEN], hkmc[NF_HASH_LEN];
	bool signed_fips = with.fips != with.fips_swapped;

	memset(hkm, 0x22, sizeof(hkm));
	memset(hkmc, 0x33, sizeof(hkmc));
	nf_wire_keydata_write(&p->f[NF_ATT_KNSOPUB], &knso.data);
	put_hash(p, NF_ATT_HKM, 0x22);
	put_hash(p, NF_ATT_HKMC, 0x33);
	nf_buf_str(&p->f[NF_ATT_CIPHERSUITE], SUITE);
	if (with.fips)
		put_hash(p, NF_ATT_HKFIPS, 0x44);
	if (signed_fips) {
		nf_buf_put(&msg, "Module setup, FIPS3; suite = " SUITE,
		    sizeof("Module setup, FIPS3; suite = " SUITE));
		nf_buf_put(&msg, knso.hash, NF_HASH_LEN);
		nf_buf_fill(&msg, 0x22, NF_HASH_LEN);
		nf_buf_fill(&msg, 0x33, NF_HASH_LEN);
		nf_buf_fill(&msg, 0x44, NF_HASH_LEN);
	} else {
		nf_wire_modulekeys_msg(&msg, SUITE, knso.hash, hkm, hkmc);
	}
	sign(p, with.fips ? NF_ATT_CERT_FIPS : NF_ATT_CERT_KM, with.world_by,
	    &msg);
	nf_buf_wipe(&msg);
}

/* The fields of the bundle; att borrows from p. */
static void
parts_make(struct parts *p, struct nf_att *att)
{
	memset(p, 0, sizeof(*p));
	memset(att, 0, sizeof(*att));
	nf_wire_keydata_write(&p->f[NF_ATT_PUBKEYDATA], &key.data);
	gen_make(&p->f[NF_ATT_KCMSG]);
	sign(p, NF_ATT_KCSIG, with.gen_by, &p->f[NF_ATT_KCMSG]);
	state_make(&p->f[NF_ATT_MODSTATEMSG]);
	sign(p, NF_ATT_MODSTATESIG, with.state_by,
	    &p->f[NF_ATT_MODSTATEMSG]);
	warrant_make(&p->f[NF_ATT_WARRANT]);
	nf_buf_str(&p->f[NF_ATT_ROOT], with.root_field);
	if (!with.session)
		world_make(p);
	for (size_t f = 0; f < NF_ATT_FIELDS; f++) {
		ck_assert_int_eq(nf_buf_err(&p->f[f]), 0);
		if (p->f[f].len > 0)
			att->field[f] = nf_buf_view(&p->f[f]);
	}
}

static void
parts_wipe(struct parts *p)
{
	for (size_t f = 0; f < NF_ATT_FIELDS; f++)
		nf_buf_wipe(&p->f[f]);
}

static int
audit_att(const struct nf_att *att)
{
	struct nf_buf file = NF_BUF_INIT;
	int r;

	nf_att_write(&file, att);
	nf_diag_clear(&diag);
	nf_vfy_verdict_reset(&v, "attestation bundle", "test");
	r = nf_vfy_att_check(ctx, nf_buf_view(&file), &opt, &v, &diag);
	nf_buf_wipe(&file);
	return r != 0 ? nf_err_exit(r) : nf_vfy_exit(&v);
}

static int
audit(void)
{
	struct parts p;
	struct nf_att att;
	int status;

	parts_make(&p, &att);
	status = audit_att(&att);
	parts_wipe(&p);
	return status;
}

static void
fails(const char *id)
{
	ck_assert_int_eq(audit(), 1);
	check_is(id, NF_VFY_FAIL, "");
}

START_TEST(cardset_key)
{
	ck_assert_int_eq(audit(), 0);
	ck_assert(v.simulated);
	ck_assert_mem_eq(v.root, root.hash, NF_HASH_LEN);
	fact_is("protection", "cardset", "KML");
	fact_is("permissions", "sign", "KML");
	fact_is("recoverable", "no", "KML");
	fact_is("exportable", "no", "KML");
	fact_is("warrant type", "ModuleInformation", "warrant");
	fact_is("key", "ECDSAPublic, 521 bits", "KML");
	opt.strict = true;
	ck_assert_int_eq(audit(), 0);
}
END_TEST

START_TEST(fips_world)
{
	with.fips = true;
	ck_assert_int_eq(audit(), 0);
	fact_is("world is FIPS 140 level 3", "yes", "KNSO");
	with.fips_swapped = true;
	fails("WBCV2");
	with.fips = false;
	fails("WBCV2");
}
END_TEST

START_TEST(session_key)
{
	with.session = true;
	ck_assert_int_eq(audit(), 0);
	fact_is("protection", "none: a key of one session", "KML");
	check_is("WBCV2", NF_VFY_NA, "");
}
END_TEST

START_TEST(dsa1024_kml)
{
	with.kml = with.gen_by = &kml1024;
	ck_assert_int_eq(audit(), 0);
}
END_TEST

START_TEST(no_root)
{
	opt.kwarn = NULL;
	fails("WV1");
	check_is("root", NF_VFY_FAIL, "");
	with.root_field = NF_VFY_KWARN_PINNED;
	fails("WV1");
	opt.kwarn = &kwarn;
	fails("WV1");
}
END_TEST

START_TEST(wrong_signers)
{
	with.root_by = &other;
	fails("WV1");
	with.root_by = &root;
	with.deleg_by = &root;
	fails("WV1");
	with.deleg_by = &delegate;
	with.warrant_klf2 = &other;
	fails("MSCV1");
	with.warrant_klf2 = &klf2;
	with.state_by = &other;
	fails("MSCV1");
	with.state_by = &klf2;
	with.gen_by = &knso;
	fails("KGCV1");
	with.gen_by = &kml;
	with.world_by = &kml;
	fails("WBCV2");
	with.world_by = &knso;
	with.knso = &kml1024;
	fails("MSCV4");
}
END_TEST

START_TEST(wrong_warrant)
{
	with.warrant_type = "SmartcardInformation";
	fails("WV1");
	with.warrant_type = "Delegation";
	fails("WV1");
	with.warrant_type = "ModuleInformation";
	with.mech = "SHA256";
	fails("WV1");
	with.mech = "SHA512";
	with.warrant_esn = "A1B2-C3D4-E5F7";
	fails("MSCV3");
	with.warrant_esn = ESN;
	with.extra_field = 1;
	ck_assert_int_eq(audit(), 3);
	ck_assert_str_eq(diag.field, "Payload");
}
END_TEST

START_TEST(wrong_certificates)
{
	with.gen_hash = 1;
	fails("KGCV2");
	with.gen_hash = 0;
	with.gen_curve = NF_EC_P256;
	fails("KGCV2");
	with.gen_curve = NF_EC_P521;
	with.gen_type = NF_KEY_ECPRIVATE;
	fails("KGCV2");
	with.gen_type = NF_KEY_ECDSAPRIVATE;
	with.state_hkm = 1;
	fails("MSCV5");
	check_is("WB2", NF_VFY_FAIL, "");
	with.state_hkm = 0;
	with.perms |= NF_PERM_EXPORTASPLAIN;
	fails("ACLV3");
	with.perms = 0xb02b | NF_PERM_USEASBLOBKEY;
	fails("ACLV3");
}
END_TEST

/* ---- the simulator's root file ---- */

START_TEST(root_file)
{
	char dir[] = "/tmp/attsim.XXXXXX", path[64];
	struct nf_buf b = NF_BUF_INIT;
	struct nf_vfy_kwarn out;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)snprintf(path, sizeof(path), "%s/%s", dir, NF_VFY_KWARN_FILE);
	ck_assert_int_eq(setenv("NFSIM_STATE", dir, 1), 0);
	ck_assert_int_eq(unsetenv("SECWORLD_SIMULATED_ROOT"), 0);
	ck_assert_int_eq(nf_vfy_kwarn_set(&out, true, &diag), 0);
	ck_assert(!out.has_simulated);
	for (size_t n = 0; n < 2; n++) {
		for (size_t i = NF_VFY_P521_LEN; i-- > 0;)
			nf_buf_printf(&b, "%02x", (n == 0 ?
			    kwarn.simulated.x : kwarn.simulated.y)[i]);
		nf_buf_u8(&b, '\n');
	}
	ck_assert_int_eq(nf_file_write_new(path, 0600, nf_buf_view(&b),
	    NULL), 0);
	ck_assert_int_eq(nf_vfy_kwarn_set(&out, true, &diag), 0);
	ck_assert(out.has_simulated);
	ck_assert_mem_eq(&out.simulated, &kwarn.simulated,
	    sizeof(out.simulated));
	ck_assert_int_eq(nf_vfy_kwarn_set(&out, false, &diag), 0);
	ck_assert(!out.has_simulated);
	b.p[7] = 'g';
	ck_assert_int_eq(nf_file_write_atomic(path, 0600, nf_buf_view(&b),
	    NULL), 0);
	ck_assert_int_eq(nf_vfy_kwarn_set(&out, true, &diag), NF_E_FORMAT);
	ck_assert(!out.has_simulated);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(rmdir(dir), 0);
	nf_diag_clear(&diag);
	ck_assert_int_eq(unsetenv("NFSIM_STATE"), 0);
	ck_assert_int_eq(nf_vfy_kwarn_set(&out, true, &diag), NF_E_USAGE);
	nf_buf_wipe(&b);
}
END_TEST

/* The check that finds a field of another bundle. */
static const struct {
	enum nf_att_field f;
	const char *id;
} swaps[] = {
	{ NF_ATT_PUBKEYDATA, "KGCV2" },
	{ NF_ATT_KCMSG, "KGCV1" },
	{ NF_ATT_KCSIG, "KGCV1" },
	{ NF_ATT_MODSTATEMSG, "MSCV1" },
	{ NF_ATT_MODSTATESIG, "MSCV1" },
	{ NF_ATT_WARRANT, "WV1" },
	{ NF_ATT_ROOT, "WV1" },
	{ NF_ATT_KNSOPUB, "MSCV4" },
	{ NF_ATT_HKM, "MSCV5" },
	{ NF_ATT_HKMC, "WBCV2" },
	{ NF_ATT_CERT_KM, "WBCV2" }
};

static void
swap_fails(struct nf_att *att, enum nf_att_field f, struct nf_view with_it,
    const char *id)
{
	struct nf_view keep = att->field[f];

	att->field[f] = with_it;
	ck_assert_int_eq(audit_att(att), 1);
	check_is(id, NF_VFY_FAIL, "");
	att->field[f] = keep;
}

/* Fields of the real bundle in ours and the other way round. */
START_TEST(swapped_fields)
{
	struct nf_att ours, real;
	struct nf_buf sample;
	struct parts p;

	if (nf_tap_samples() == NULL)
		return;
	nf_tap_sample("key_simple_test1.att", &sample);
	ck_assert_int_eq(nf_att_read(nf_buf_view(&sample), &real, NULL), 0);
	parts_make(&p, &ours);
	ck_assert_int_eq(audit_att(&real), 0);
	ck_assert_int_eq(audit_att(&ours), 0);
	for (size_t i = 0; i < sizeof(swaps) / sizeof(swaps[0]); i++) {
		enum nf_att_field f = swaps[i].f;

		swap_fails(&real, f, ours.field[f], swaps[i].id);
		swap_fails(&ours, f, real.field[f], swaps[i].id);
	}
	parts_wipe(&p);
	nf_att_wipe(&real);
	nf_buf_wipe(&sample);
}
END_TEST

START_TEST(failing_calls)
{
	struct failing f = { .opt = &opt, .check = nf_vfy_att_check };
	struct nf_buf file = NF_BUF_INIT;
	struct nf_att att;
	struct parts p;

	for (int i = 0; i < 2; i++) {
		with.fips = i == 1;
		parts_make(&p, &att);
		nf_att_write(&file, &att);
		f.file = nf_buf_view(&file);
		failing_sweep(with.fips ? "FIPS" : "cardset", &f, 0);
		parts_wipe(&p);
		nf_buf_wipe(&file);
	}
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("verify/attsim");
	TCase *tc = tcase_create("simulated");

	tcase_add_unchecked_fixture(tc, setup_keys, teardown_keys);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, cardset_key);
	tcase_add_test(tc, fips_world);
	tcase_add_test(tc, session_key);
	tcase_add_test(tc, dsa1024_kml);
	tcase_add_test(tc, no_root);
	tcase_add_test(tc, wrong_signers);
	tcase_add_test(tc, wrong_warrant);
	tcase_add_test(tc, wrong_certificates);
	tcase_add_test(tc, root_file);
	tcase_add_test(tc, swapped_fields);
	tcase_add_test(tc, failing_calls);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
