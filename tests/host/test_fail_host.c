/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Worlds and application keys with each call of a library failing in turn, in
 * the host's part and in the module's: what is on the disk after a failure is
 * nothing, or whole.
 */
#include "config.h"

#include "nfast/base/curve.h"
#include "nfast/host/attest.h"
#include "nfast/kmdata/attbundle.h"
#include "nfast/kmdata/store.h"
#include "tests/host/fixture.h"
#include "tests/sweep.h"

static const struct nf_appkey_spec spec = { .appname = "simple",
	.ident = "one", .recovery = true,
	.params = { .type = NF_KEY_ECDSAPRIVATE, .curve = NF_EC_P256 } };
static const enum nf_admin nso[] = { NF_ADMIN_NSO };

/*
 * A refusal of a module that has no memory or a defect is an excuse.  Of the
 * last step of a decryption libcrypto does not say whether the data is bad.
 */
static int
inner(int r, struct nf_diag *diag)
{
	static const char *const words[] = { ": NoMemory", ": HardwareFailed",
		": Failed" };

	bool blamed = strcmp(nf_fail_name(), "EVP_CipherFinal_ex") == 0;

	for (size_t i = 0; r == NF_E_REFUSED && i < 3; i++) {
		if (strstr(diag->text, words[i]) == NULL && !blamed)
			continue;
		diag->code = r = NF_E_CRYPTO;
	}
	return r;
}

static void
path_of(const char *name, char path[static NF_PATH_MAX])
{
	OK(nf_path(path, NULL, "%s/%s", fix.local, name));
}

/* ---- keys ---- */

static int
create(void *arg, struct nf_buf *result, struct nf_diag *diag)
{
	char path[NF_PATH_MAX];
	int r;

	(void)arg;
	(void)result;
	r = inner(nf_appkey_create(fix.host, fix.world, &spec, path, NULL,
	    diag), diag);
	/* where it cannot be told, the file counts as there */
	if (r == NF_E_EXISTS && nf_fail_hit())
		diag->code = r = NF_E_IO;
	return r;
}

/* A key file that is there is whole. */
static void
key_check(void *arg)
{
	struct nf_appkey_file f;
	char path[NF_PATH_MAX];

	(void)arg;
	path_of("key_simple_one", path);
	if (!nf_file_exists(path))
		return;
	OK(nf_appkey_open(fix.world, "simple", "one", &f, &fix.diag));
	OK(nf_appkey_verify(&f.key, &fix.diag));
	nf_appkey_file_wipe(&f);
	ck_assert_int_eq(unlink(path), 0);
}

START_TEST(creating_a_key)
{
	struct sweep s = { .name = "create", .run = create,
	    .undo = key_check, .io = true, .coarse = true };

	fix_small();
	sweep(&s, 0);
	fix_teardown();
}
END_TEST

/* Open, verify, load both halves, and let them go. */
static int
use(void *arg, struct nf_buf *result, struct nf_diag *diag)
{
	struct nf_appkey_file f;
	uint32_t priv = 0, pub = 0;
	int r;

	(void)arg;
	if ((r = nf_appkey_open(fix.world, "simple", "one", &f, diag)) != 0)
		return r;
	if ((r = nf_appkey_verify(&f.key, diag)) == 0 &&
	    (r = nf_appkey_load(fix.host, &f.key, &priv, diag)) == 0)
		r = nf_appkey_load_public(fix.host, &f.key, &pub, diag);
	nf_fail_off();
	if (r == 0)
		nf_buf_view_put(result, f.key.ident);
	if (priv != 0)
		OK(nf_host_destroy(fix.host, priv, &fix.diag));
	if (pub != 0)
		OK(nf_host_destroy(fix.host, pub, &fix.diag));
	nf_appkey_file_wipe(&f);
	return inner(r, diag);
}

/* The bundle of a key: whole, or none. */
static int
attest(void *arg, struct nf_buf *result, struct nf_diag *diag)
{
	struct nf_buf out = NF_BUF_INIT;
	int r;

	(void)arg;
	if ((r = nf_attest_bundle(fix.host, fix.world, "simple", "one", &out,
	    diag)) == 0) {
		/* its signature is another one each time */
		nf_buf_printf(result, "%d", nf_att_is(nf_buf_view(&out)));
		if ((r = nf_buf_err(result)) != 0)
			(void)nf_diag_set(diag, r, NULL, "result");
	}
	nf_buf_wipe(&out);
	return inner(r, diag);
}

START_TEST(using_a_key)
{
	struct sweep s = { .name = "use", .run = use, .io = true };
	struct sweep a = { .name = "attest", .run = attest, .io = true,
	    .coarse = true };
	char path[NF_PATH_MAX];

	fix_small();
	OK(nf_appkey_create(fix.host, fix.world, &spec, path, NULL,
	    &fix.diag));
	sweep(&s, 0);
	sweep(&a, 0);
	fix_teardown();
}
END_TEST

/* ---- worlds ---- */

static int
load(void *arg, struct nf_buf *result, struct nf_diag *diag)
{
	struct nf_world *world = NULL;
	const char *state;
	int r;

	(void)arg;
	if ((r = nf_world_load(fix.local, &world, diag)) == 0 &&
	    (r = nf_world_check_module(fix.host, world, diag)) == 0 &&
	    (r = nf_world_module_state(fix.host, world, &state, diag)) == 0) {
		nf_buf_str(result, state);
		if ((r = nf_buf_err(result)) != 0)
			(void)nf_diag_set(diag, r, NULL, "result");
	}
	nf_world_free(world);
	return inner(r, diag);
}

static int
admin(void *arg, struct nf_buf *result, struct nf_diag *diag)
{
	struct nf_pins *pins = NULL;
	uint32_t key[1] = { 0 };
	int r;

	(void)arg;
	if ((r = nf_pins_open(1, &pins, diag)) == 0)
		r = nf_world_admin_load(fix.host, fix.world, pins, nso, 1,
		    key, NULL, diag);
	nf_pins_close(pins);
	nf_fail_off();
	NF_REQUIRE((r == 0) == (key[0] != 0));
	if (key[0] != 0)
		OK(nf_host_destroy(fix.host, key[0], &fix.diag));
	nf_buf_u8(result, 1);
	return inner(r, diag);
}

START_TEST(loading_a_world)
{
	struct sweep s = { .name = "load", .run = load, .io = true };
	struct sweep a = { .name = "admin", .run = admin, .io = true,
	    .coarse = true };

	fix_small();
	sweep(&s, 0);
	sweep(&a, 0);
	fix_teardown();
}
END_TEST

static int
make(void *arg, struct nf_buf *result, struct nf_diag *diag)
{
	struct nf_newworld want = { .acs_k = 1, .acs_n = 1, .recovery = true,
	    .suite = nf_suite_named("DLf1024s160mRijndael") };
	struct nf_pins *pins = NULL;
	int r;

	(void)arg;
	(void)result;
	if ((r = nf_pins_open(1, &pins, diag)) == 0)
		r = nf_world_create(fix.host, fix.local, &want, pins, NULL,
		    diag);
	nf_pins_close(pins);
	return inner(r, diag);
}

/* A world file that is there is whole; then none, and a module without. */
static void
world_check(void *arg)
{
	char path[NF_PATH_MAX];
	struct nf_world *world;

	(void)arg;
	path_of(NF_KM_STORE_WORLD, path);
	if (nf_file_exists(path)) {
		OK(nf_world_load(fix.local, &world, &fix.diag));
		nf_world_free(world);
	}
	nf_tap_remove(fix.local);
	OK(nf_path(path, NULL, "%s/cards", fix.state));
	nf_tap_remove(path);
	nf_host_close(fix.host);
	OK(nf_host_open_state(fix.state, fix.state, &fix.host, &fix.diag));
	OK(nf_host_clear(fix.host, NF_MODE_INITIALISATION, &fix.diag));
}

START_TEST(making_a_world)
{
	struct sweep s = { .name = "make", .run = make, .undo = world_check,
	    .io = true, .coarse = true };

	fix_setup();
	OK(nf_host_clear(fix.host, NF_MODE_INITIALISATION, &fix.diag));
	sweep(&s, 0);
	fix_teardown();
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("host/fail_host");
	TCase *tc = tcase_create("host");

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, creating_a_key);
	tcase_add_test(tc, using_a_key);
	tcase_add_test(tc, loading_a_world);
	tcase_add_test(tc, making_a_world);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
