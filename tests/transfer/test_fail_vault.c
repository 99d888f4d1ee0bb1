/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Vaults with each call of a library failing in turn: every operation does
 * its work or is refused with an inner error, and what is on the disk can be
 * opened again.
 */
#include "config.h"

#include "tests/sweep.h"
#include "tests/transfer/vault_fixture.h"

static const struct nf_view empty;

/* Keys are made once; each sweep works on them. */
static void
setup(void)
{
	make_state();
	open_eu();
	ok(create("r", type_of(NF_XFER_RSA, 2048, 0)));
	ok(create("e", type_of(NF_XFER_EC, 0, NF_EC_P256)));
}

static void
teardown(void)
{
	close_all();
	remove_state();
}

/* The error of a refusal: an inner one, or the client's fault. */
static int
code_of(bool done, struct nf_diag *d)
{
	if (done)
		return 0;
	return nf_diag_set(d, err.status >= 500 ? NF_E_CRYPTO : NF_E_POLICY,
	    NULL, "%d %s", err.status, err.message);
}

static int
use(void *arg, struct nf_buf *result, struct nf_diag *d)
{
	const struct nf_vault_use *u = arg;
	const char *name = u->alg[0] == 'E' ? "e" : "r";
	struct nf_vault_result res = { .ok = false };
	int r;

	r = code_of(nf_vault_use_key(vaults, "v", name, NULL, u, &res, &key,
	    &err), d);
	if (r == 0)
		nf_buf_printf(result, "%zu %d", res.value.len, res.ok);
	result_wipe(&res);
	return sweep_err(r, result, d);
}

START_TEST(using_keys)
{
	static uint8_t digest[32];
	const struct nf_vault_use uses[] = {
		{ .op = NF_VAULT_SIGN, .alg = "RS256",
		    .value = nf_view_of(digest, 32) },
		{ .op = NF_VAULT_SIGN, .alg = "ES256",
		    .value = nf_view_of(digest, 32) },
		{ .op = NF_VAULT_ENCRYPT, .alg = "RSA-OAEP",
		    .value = nf_view_of(digest, 32) },
		{ .op = NF_VAULT_WRAP, .alg = "RSA-OAEP-256",
		    .value = nf_view_of(digest, 32) }
	};

	for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++) {
		struct nf_vault_use u = uses[i];
		struct sweep s = { .name = u.alg, .run = use, .arg = &u,
		    .coarse = true };

		sweep(&s, 0);
	}
}
END_TEST

/* The answer is the right one, or none, whatever fails. */
START_TEST(verifying)
{
	static uint8_t digest[32];
	struct nf_vault_result sig = { .ok = false };
	struct nf_vault_use u = { .op = NF_VAULT_VERIFY, .alg = "RS256",
	    .value = nf_view_of(digest, 32) };
	struct sweep s = { .name = "verify", .run = use, .arg = &u };

	ok(use_key("r", NF_VAULT_SIGN, u.alg, u.value, empty, &sig));
	u.other = nf_buf_view(&sig.value);
	sweep(&s, 0);
	sig.value.p[7] ^= 1;
	sweep(&s, 0);
	result_wipe(&sig);
	ok(use_key("e", NF_VAULT_SIGN, "ES256", u.value, empty, &sig));
	u.alg = "ES256";
	u.other = nf_buf_view(&sig.value);
	sweep(&s, 0);
	result_wipe(&sig);
}
END_TEST

/* Change, delete, recover and look at a key. */
static int
life(void *arg, struct nf_buf *result, struct nf_diag *d)
{
	static struct nf_vault_attributes off = { .has_enabled = true };
	int r;

	(void)arg;
	if ((r = code_of(nf_vault_update(vaults, "v", "e", NULL, &off, &key,
	    &err), d)) == 0 &&
	    (r = code_of(nf_vault_delete(vaults, "v", "e", &key, &err),
	    d)) == 0 &&
	    (r = code_of(nf_vault_recover(vaults, "v", "e", &key, &err),
	    d)) == 0 &&
	    (r = code_of(nf_vault_get(vaults, "v", "e", NULL, &key, &err),
	    d)) == 0)
		nf_buf_printf(result, "%s %d", key->name,
		    key->attributes.enabled);
	return sweep_err(r, result, d);
}

/* What is on the disk opens, and has the key: deleted, or not. */
static void
again(void *arg)
{
	(void)arg;
	reopen(false);
	if (nf_vault_get_deleted(vaults, "v", "e", &key, &err))
		ok(nf_vault_recover(vaults, "v", "e", &key, &err));
	ok(nf_vault_get(vaults, "v", "e", NULL, &key, &err));
}

START_TEST(life_of_a_key)
{
	struct sweep s = { .name = "life", .run = life, .undo = again,
	    .coarse = true };

	sweep(&s, 0);
}
END_TEST

static int
open_it(void *arg, struct nf_buf *result, struct nf_diag *d)
{
	struct nf_vaults *v = NULL;
	int r = nf_vaults_open(state, arg, false, NULL, &v, d);

	NF_REQUIRE((r == 0) == (v != NULL));
	if (r == 0)
		nf_buf_printf(result, "%d",
		    nf_vault_version_at(v, "v", "r", 0) != NULL);
	nf_vaults_close(v);
	return sweep_err(r, result, d);
}

START_TEST(opening)
{
	struct sweep s = { .name = "open", .run = open_it,
	    .arg = (void *)(uintptr_t)region_of("EU"), .io = true,
	    .coarse = true };

	close_all();
	sweep(&s, 0);
	open_eu();
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("transfer/fail_vault");
	TCase *tc = tcase_create("vault");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, using_keys);
	tcase_add_test(tc, verifying);
	tcase_add_test(tc, life_of_a_key);
	tcase_add_test(tc, opening);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
