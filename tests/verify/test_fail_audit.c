/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole audits with each call of libc and libcrypto failing in turn: the
 * auditor says that it cannot say, and never anything else about the file.
 * Files are real samples and the pair of fixture.h.
 */
#include "config.h"

#include "nfast/kmdata/attbundle.h"
#include "tests/sweep.h"
#include "tests/verify/fixture.h"
#include "transfer/byok1.h"
#include "verify/audit.h"

static struct nf_vfy_roots roots;
static struct nf_vfy_options opt = { .roots = &roots };

/* One artefact: its bytes, and what the audit's code is in peace. */
struct artefact {
	const char *name;
	struct nf_buf file;
	int code;
};

enum { REAL_BYOK1, REAL_ATT, REAL_BYOK2, KEYFILE, WARRANT, SIM_KEK,
	SIM_WORLD, ARTEFACTS };

static struct artefact artefacts[ARTEFACTS] = {
	[REAL_BYOK1] = { .name = "azcli_TestBYOK-NA.byok",
	    .code = NF_E_UNANCHORED },
	[REAL_ATT] = { .name = "key_simple_test1.att" },
	[REAL_BYOK2] = { .name = "method2_SecurosysPrimusByokR4k.byok.json",
	    .code = NF_E_UNANCHORED },
	[KEYFILE] = { .name = "key file", .code = NF_E_UNANCHORED },
	[WARRANT] = { .name = "warrant" },
	[SIM_KEK] = { .name = "KEK package" },
	[SIM_WORLD] = { .name = "world package" }
};

static void
setup_files(void)
{
	struct nf_byok1 *pkg = NULL;
	struct fx_pair pair;
	struct nf_att att;
	struct fx fx;

	fx_setup();
	fx_default(&fx);
	fx_make(&fx, &pair);
	roots.has_extra = true;
	memcpy(roots.extra, fx_hash(FX_ROOT), NF_HASH_LEN);
	artefacts[SIM_KEK].file = pair.kek;
	artefacts[SIM_WORLD].file = pair.world;
	if (nf_tap_samples() == NULL)
		return;
	for (size_t i = 0; i <= REAL_BYOK2; i++)
		nf_tap_sample(artefacts[i].name, &artefacts[i].file);
	ck_assert_int_eq(nf_byok1_read(
	    nf_buf_view(&artefacts[REAL_BYOK1].file), &pkg, NULL), 0);
	nf_buf_view_put(&artefacts[KEYFILE].file, pkg->key_token);
	nf_byok1_free(pkg);
	ck_assert_int_eq(nf_att_read(nf_buf_view(&artefacts[REAL_ATT].file),
	    &att, NULL), 0);
	nf_buf_view_put(&artefacts[WARRANT].file,
	    att.field[NF_ATT_WARRANT]);
	nf_att_wipe(&att);
}

static void
teardown_files(void)
{
	for (size_t i = 0; i < ARTEFACTS; i++)
		nf_buf_wipe(&artefacts[i].file);
	fx_teardown();
}

/* Audit one artefact as a program does; result is the report in text. */
static int
audit(void *arg, struct nf_buf *result, struct nf_diag *diag)
{
	const struct artefact *a = arg;
	struct nf_vfy_verdict v;
	struct nf_vfy_ctx *ctx;
	int r;

	nf_vfy_verdict_init(&v, NF_VFY_KIND_NONE, a->name);
	if ((ctx = nf_vfy_ctx_new()) == NULL) {
		r = nf_diag_set(diag, NF_E_NOMEM, NULL, "out of memory");
		goto out;
	}
	r = nf_vfy_audit_bytes(ctx, a->name, nf_buf_view(&a->file), &opt, &v,
	    diag);
	if (r == 0) {
		r = nf_vfy_code(&v);
		nf_vfy_write(result, &v);
		if (nf_buf_err(result) != 0)
			r = nf_diag_set(diag, nf_buf_err(result), NULL,
			    "report");
		(void)nf_diag_set(diag, r, NULL, "verdict");
	}
out:
	nf_vfy_verdict_wipe(&v);
	nf_vfy_ctx_free(ctx);
	return r;
}

START_TEST(every_artefact)
{
	struct artefact *a = &artefacts[_i];
	struct sweep s = { .name = a->name, .run = audit, .arg = a };

	if (a->file.len == 0)
		return;
	sweep(&s, a->code);
}
END_TEST

/* Read a region package, print it and write it again. */
static int
package(void *arg, struct nf_buf *result, struct nf_diag *diag)
{
	const struct artefact *a = arg;
	struct nf_kek_worldpkg world;
	struct nf_kek_kekpkg kek;
	struct nf_km_file *km;
	struct nf_cur cur;
	int r;

	nf_cur_init(&cur, a->file.p, a->file.len, diag);
	if ((r = nf_km_file_read(&cur, &km)) != 0)
		return r;
	if ((r = nf_kek_pkg_print(result, km, diag)) == 0) {
		if (nf_kek_pkg_kind(km) == NF_KEK_PKG_KEK &&
		    (r = nf_kek_kekpkg_read(km, &kek, diag)) == 0)
			r = nf_kek_kekpkg_write(&kek, result);
		else if (r == 0 &&
		    (r = nf_kek_worldpkg_read(km, &world, diag)) == 0)
			r = nf_kek_worldpkg_write(&world, result);
		(void)nf_diag_set(diag, r, NULL, "write");
	}
	nf_km_file_free(km);
	return r;
}

START_TEST(region_packages)
{
	struct artefact *a = &artefacts[_i];
	struct sweep s = { .name = a->name, .run = package, .arg = a };

	sweep(&s, 0);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("verify/fail_audit");
	TCase *tc = tcase_create("audit");

	tcase_add_unchecked_fixture(tc, setup_files, teardown_files);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, every_artefact, 0, ARTEFACTS);
	tcase_add_loop_test(tc, region_packages, SIM_KEK, SIM_WORLD + 1);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
