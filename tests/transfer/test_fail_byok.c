/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packages of both methods and KEK files, read and written with each call of
 * a library failing in turn.  Keys and signatures are made up but for the one
 * that signs.
 */
#include "config.h"

#include "tests/sweep.h"
#include "tests/transfer/byok1fix.h"
#include "transfer/byok2.h"
#include "transfer/kekpem.h"

#define KID	"https://contoso.vault.azure.net/keys/KEKforBYOK/" \
		"083cf1b67d314d15b1fa46915cde3217"

static struct nf_buf file1;
static uint8_t sig[SIG_LEN];

static void
setup(void)
{
	parts_setup();
	parts_write(&file1, sig);
}

static void
teardown(void)
{
	parts_teardown();
	nf_buf_wipe(&file1);
}

/* ---- method 1 ---- */

static int
byok1_write(void *arg, struct nf_buf *result, struct nf_diag *diag)
{
	struct nf_buf tbs = NF_BUF_INIT;
	int r;

	(void)arg;
	if ((r = nf_byok1_write_unsigned(&parts, &tbs, diag)) == 0)
		r = nf_byok1_write_signed(nf_buf_view(&tbs),
		    nf_view_of(sig, sizeof(sig)), result, diag);
	nf_buf_wipe(&tbs);
	return r;
}

static int
byok1_read(void *arg, struct nf_buf *result, struct nf_diag *diag)
{
	const struct nf_buf *file = arg;
	struct nf_byok1 *pkg;
	int r = nf_byok1_read(nf_buf_view(file), &pkg, diag);

	NF_REQUIRE((r == 0) == (pkg != NULL));
	if (r == 0 && (r = nf_byok1_check_ids(pkg, diag)) == 0 &&
	    (r = nf_byok1_verify_signature(pkg, diag)) == 0) {
		nf_buf_str(result, pkg->friendly_name);
		nf_buf_view_put(result, pkg->signed_bytes);
		r = sweep_err(r, result, diag);
	}
	nf_byok1_free(pkg);
	return r;
}

START_TEST(method_1)
{
	struct sweep w = { .name = "write", .run = byok1_write };
	struct sweep s = { .name = "read", .run = byok1_read,
	    .arg = &file1 };

	sweep(&w, 0);
	sweep(&s, 0);
	/* the signature is wrong, whatever fails beside */
	file1.p[file1.len - 20] ^= 1;
	sweep(&s, NF_E_VERIFY);
}
END_TEST

/* ---- method 2 ---- */

static int
byok2_write(void *arg, struct nf_buf *result, struct nf_diag *diag)
{
	struct nf_buf generator = NF_BUF_INIT;
	static const uint8_t c[256 + 1224];
	const char *text;
	int r;

	(void)arg;
	nf_byok2_generator(&generator, "a test", false);
	text = nf_buf_text(&generator);
	if ((r = nf_buf_err(&generator)) != 0)
		(void)nf_diag_set(diag, r, NULL, "generator");
	else
		r = nf_byok2_write(result, KID, nf_view_of(c, sizeof(c)),
		    text, diag);
	nf_buf_wipe(&generator);
	return r;
}

static int
byok2_read(void *arg, struct nf_buf *result, struct nf_diag *diag)
{
	const struct nf_buf *file = arg;
	struct nf_byok2 b;
	int r = nf_byok2_read(nf_buf_view(file), &b, diag);

	if (r == 0) {
		nf_buf_view_put(result, b.kid);
		nf_buf_view_put(result, b.ciphertext);
		r = sweep_err(r, result, diag);
	}
	nf_byok2_wipe(&b);
	return r;
}

START_TEST(method_2)
{
	struct nf_buf file = NF_BUF_INIT;
	struct sweep w = { .name = "write", .run = byok2_write };
	struct sweep s = { .name = "read", .run = byok2_read, .arg = &file };
	struct nf_diag diag = { 0 };

	sweep(&w, 0);
	ck_assert_int_eq(byok2_write(NULL, &file, &diag), 0);
	sweep(&s, 0);
	nf_buf_wipe(&file);
}
END_TEST

/* ---- KEKs ---- */

static int
kek_read(void *arg, struct nf_buf *result, struct nf_diag *diag)
{
	const struct nf_buf *file = arg;
	struct nf_kekpem kek;
	int r = nf_kekpem_read(nf_buf_view(file), &kek, diag);

	if (r == 0)
		nf_buf_printf(result, "%u\n", kek.bits);
	return sweep_err(r, result, diag);
}

START_TEST(keks)
{
	static const uint8_t e[] = { 1, 0, 1 };
	static const char jwk[] = "{\"kty\":\"RSA-HSM\",\"kid\":\"" KID "\","
	    "\"key_ops\":[\"import\"],\"e\":\"AQAB\",\"n\":\"";
	struct nf_buf file = NF_BUF_INIT;
	struct sweep s = { .name = "PEM", .run = kek_read, .arg = &file };
	uint8_t n[256];

	memset(n, 0xab, sizeof(n));
	nf_kekpem_write(&file, nf_view_of(e, 3), nf_view_of(n, sizeof(n)));
	sweep(&s, 0);
	nf_buf_wipe(&file);
	nf_buf_str(&file, jwk);
	nf_text_base64_write(&file, nf_view_of(n, sizeof(n)), NF_B64_URL);
	nf_buf_str(&file, "\"}");
	s.name = "JWK";
	sweep(&s, 0);
	nf_buf_wipe(&file);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("transfer/fail_byok");
	TCase *tc = tcase_create("packages");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, method_1);
	tcase_add_test(tc, method_2);
	tcase_add_test(tc, keks);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
