/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lint of method-2 packages: the real sample and our own, each fault in
 * its own check, and what a KEK adds.
 */
#include "config.h"

#include "nfast/base/pkey.h"
#include "tests/verify/checks.h"
#include "transfer/byok2.h"
#include "verify/byok2check.h"
#include "verify/kinds.h"

#define SAMPLE	"method2_SecurosysPrimusByokR4k.byok.json"
#define KID	"https://contoso.vault.azure.net/keys/KEKforBYOK/" \
		"083cf1b67d314d15b1fa46915cde3217"
#define OTHER	"https://contoso.vault.azure.net/keys/KEKforBYOK/" \
		"183cf1b67d314d15b1fa46915cde3217"

static struct nf_diag diag;
static struct nf_kekpem kek;
static struct nf_vfy_options opt;

static void
setup(void)
{
	nf_vfy_verdict_init(&v, "method-2 package", "test");
	nf_diag_clear(&diag);
	memset(&opt, 0, sizeof(opt));
	memset(&kek, 0, sizeof(kek));
}

static void
teardown(void)
{
	nf_vfy_verdict_wipe(&v);
}

static int
lint(struct nf_view file)
{
	nf_vfy_verdict_reset(&v, "method-2 package", "test");
	nf_diag_clear(&diag);
	return nf_vfy_byok2_check(NULL, file, &opt, &v, &diag);
}

/* Our own file around len bytes that start with 0x80. */
static void
package(size_t len, struct nf_buf *out)
{
	struct nf_buf c = NF_BUF_INIT;

	nf_buf_init(out);
	nf_buf_fill(&c, 0x80, len);
	ck_assert_int_eq(nf_byok2_write(out, KID, nf_buf_view(&c), "x", NULL),
	    0);
	nf_buf_wipe(&c);
}

/* That file with one text replaced, linted. */
static void
mutate(size_t len, const char *old, const char *new)
{
	struct nf_buf file, out = NF_BUF_INIT;
	const char *text, *at;

	package(len, &file);
	text = nf_buf_text(&file);
	at = strstr(text, old);
	ck_assert_ptr_nonnull(at);
	nf_buf_put(&out, text, (size_t)(at - text));
	nf_buf_str(&out, new);
	nf_buf_str(&out, at + strlen(old));
	ck_assert_int_eq(lint(nf_buf_view(&out)), 0);
	nf_buf_wipe(&file);
	nf_buf_wipe(&out);
}

/* A KEK of these bits whose modulus is all ones. */
static void
give_kek(unsigned int bits, const char *kid, enum nf_kekpem_ops ops)
{
	kek.bits = bits;
	kek.n_len = bits / 8;
	memset(kek.n, 0xff, kek.n_len);
	kek.e_len = 1;
	kek.e[0] = 3;
	(void)snprintf(kek.kid, sizeof(kek.kid), "%s", kid);
	kek.ops = ops;
	opt.kek = &kek;
}

START_TEST(own)
{
	static const char *const pass[] = { "byok2.json", "byok2.members",
	    "byok2.kid", "byok2.alg", "byok2.enc", "byok2.base64",
	    "byok2.padding", "byok2.length" };
	struct nf_buf file;

	package(512 + 152, &file);
	ck_assert_int_eq(lint(nf_buf_view(&file)), 0);
	for (size_t i = 0; i < sizeof(pass) / sizeof(pass[0]); i++)
		check_is(pass[i], NF_VFY_PASS, "");
	check_is("byok2.kek", NF_VFY_NA, "no KEK");
	check_is("byok2.signature", NF_VFY_NA, "no signature");
	check_is("byok2.length", NF_VFY_PASS,
	    "looks like EC P-256 under a 4096-bit KEK");
	ck_assert_int_eq(nf_vfy_exit(&v), NF_EXIT_UNKNOWN);
	ck_assert_int_eq(nf_vfy_result_of(&v), NF_VFY_UNANCHORED);
	fact_is("vault", "contoso", NULL);
	fact_is("KEK name", "KEKforBYOK", NULL);
	fact_is("service", "Key Vault", NULL);
	ck_assert(!v.simulated);
	nf_buf_wipe(&file);
}
END_TEST

/* Each check says where its member stands, unless a text has it too. */
START_TEST(places)
{
	static const char *const at[][2] = { { "byok2.kid", "\"kid\"" },
		{ "byok2.alg", "\"alg\"" }, { "byok2.enc", "\"enc\"" },
		{ "byok2.length", "\"ciphertext\"" } };
	const struct nf_vfy_check *c;
	struct nf_buf file;

	package(1744, &file);
	ck_assert_int_eq(lint(nf_buf_view(&file)), 0);
	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		c = nf_vfy_find(&v, at[i][0]);
		ck_assert_ptr_nonnull(c->where);
		ck_assert_str_eq(c->where, "file");
		ck_assert_uint_eq(c->len, strlen(at[i][1]));
		ck_assert_mem_eq(file.p + c->off, at[i][1], c->len);
	}
	mutate(1744, "\"x\"", "\"\\\"alg\"");
	ck_assert_ptr_null(nf_vfy_find(&v, "byok2.alg")->where);
	nf_buf_wipe(&file);
}
END_TEST

START_TEST(sample)
{
	const struct nf_vfy_kind *kind;
	struct nf_buf file, out = NF_BUF_INIT;

	if (nf_tap_samples() == NULL)
		return;
	nf_tap_sample(SAMPLE, &file);
	kind = nf_vfy_kind_find(nf_buf_view(&file));
	ck_assert_ptr_nonnull(kind);
	ck_assert_str_eq(kind->name, "method-2 package");
	for (const struct nf_vfy_kind *k = nf_vfy_kinds; k->name != NULL; k++)
		ck_assert(k == kind || !k->is(nf_buf_view(&file)));
	ck_assert_int_eq(lint(nf_buf_view(&file)), 0);
	ck_assert_int_eq(nf_vfy_exit(&v), NF_EXIT_UNKNOWN);
	check_is("byok2.padding", NF_VFY_PASS, "padded");
	check_is("byok2.length", NF_VFY_PASS,
	    "looks like RSA-4096 under a 4096-bit KEK");
	fact_is("generator",
	    "Primus Java BYOK-Tool v1.2; GRIMSEL RX-2.9.0-T", NULL);
	nf_vfy_write(&out, &v);
	ck_assert_ptr_nonnull(strstr(nf_buf_text(&out),
	    "Result: UNANCHORED"));
	nf_buf_wipe(&out);
	nf_buf_wipe(&file);
}
END_TEST

static const struct {
	const char *old, *new, *id;
	enum nf_vfy_status status;
	const char *detail;
	int exit;
} cases[] = {
	{ "1.0.0", "1.0.1", "byok2.members", NF_VFY_FAIL, "neither",
	    NF_EXIT_CHECK },
	{ "\"alg\"", "\"x\": 1, \"alg\"", "byok2.members", NF_VFY_FAIL, "x:",
	    NF_EXIT_CHECK },
	{ "    \"kid\": \"" KID "\",\n", "", "byok2.kid", NF_VFY_UNKNOWN,
	    "not checked", NF_EXIT_CHECK },
	{ "https", "http", "byok2.kid", NF_VFY_FAIL, "kid scheme",
	    NF_EXIT_CHECK },
	{ "/083cf1b67d314d15b1fa46915cde3217", "", "byok2.kid",
	    NF_VFY_UNKNOWN, "no version", NF_EXIT_UNKNOWN },
	{ "vault.azure.net", "test", "byok2.kid", NF_VFY_UNKNOWN, "no cloud",
	    NF_EXIT_UNKNOWN },
	{ "\"dir\"", "\"RSA\"", "byok2.alg", NF_VFY_FAIL, "not dir",
	    NF_EXIT_CHECK },
	{ "CKM_", "", "byok2.enc", NF_VFY_FAIL, "is not CKM",
	    NF_EXIT_CHECK },
	{ "ciphertext\": \"g", "ciphertext\": \"+", "byok2.base64",
	    NF_VFY_FAIL, "plain base64", NF_EXIT_CHECK },
	{ "ciphertext\": \"g", "ciphertext\": \"+", "byok2.length",
	    NF_VFY_UNKNOWN, "not checked", NF_EXIT_CHECK },
	{ "\",\n  \"gen", "=\",\n  \"gen", "byok2.padding", NF_VFY_FAIL,
	    "wrong padding", NF_EXIT_CHECK },
	{ "\",\n  \"gen", "==\",\n  \"gen", "byok2.padding", NF_VFY_PASS,
	    "padded", NF_EXIT_UNKNOWN },
	{ "ciphertext\": \"", "ciphertext\": \"AAAA", "byok2.length",
	    NF_VFY_FAIL, "multiples of 8", NF_EXIT_CHECK },
	{ "ciphertext\": \"", "ciphertext\": \"AAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	    "AAAA", "byok2.length", NF_VFY_UNKNOWN, "no usual target",
	    NF_EXIT_UNKNOWN },
	{ "\"x\"", "\"secworld 9; simulated\"", "byok2.json", NF_VFY_PASS,
	    "", NF_EXIT_UNKNOWN }
};

START_TEST(one_fault)
{
	mutate(512 + 152, cases[_i].old, cases[_i].new);
	check_is(cases[_i].id, cases[_i].status, cases[_i].detail);
	ck_assert_int_eq(nf_vfy_exit(&v), cases[_i].exit);
	ck_assert_int_eq(v.simulated,
	    strstr(cases[_i].new, "simulated") != NULL);
}
END_TEST

/* The JSON itself is no verdict. */
START_TEST(junk_json)
{
	struct nf_buf file;

	package(512 + 152, &file);
	for (size_t n = 0; n + 2 < file.len; n++) {
		ck_assert_int_eq(lint(nf_view_of(file.p, n)), NF_E_FORMAT);
		ck_assert_int_eq(diag.code, NF_E_FORMAT);
		ck_assert_uint_eq(v.n_checks, 0);
	}
	nf_buf_wipe(&file);
}
END_TEST

START_TEST(release)
{
	mutate(512 + 1224, "1.0.0", "1.0");
	ck_assert_str_eq(v.kind, "Secure Key Release envelope");
	check_is("byok2.members", NF_VFY_PASS, "Secure Key Release");
	check_is("byok2.kid", NF_VFY_NA, "");
	ck_assert_int_eq(nf_vfy_exit(&v), NF_EXIT_UNKNOWN);
}
END_TEST

/* The verdict on the file with a KEK of these. */
static void
lint_with_kek(const struct nf_buf *file, unsigned int bits, const char *kid,
    enum nf_kekpem_ops ops)
{
	give_kek(bits, kid, ops);
	ck_assert_int_eq(lint(nf_buf_view(file)), 0);
}

START_TEST(right_kek)
{
	struct nf_buf file;

	package(256 + 1224, &file);
	lint_with_kek(&file, 2048, "", NF_KEKPEM_OPS_UNSAID);
	check_is("byok2.length", NF_VFY_PASS, "C1 256 and C2 1224 bytes: "
	    "looks like RSA-2048 under a 2048-bit KEK");
	check_is("byok2.kek", NF_VFY_UNKNOWN, "nothing ties");
	lint_with_kek(&file, 2048, KID, NF_KEKPEM_OPS_IMPORT);
	check_is("byok2.kek", NF_VFY_PASS, "the same kid");
	ck_assert_int_eq(nf_vfy_exit(&v), NF_EXIT_UNKNOWN);
	nf_buf_wipe(&file);
}
END_TEST

START_TEST(wrong_kek)
{
	struct nf_buf file;

	package(256 + 1224, &file);
	lint_with_kek(&file, 4096, "", NF_KEKPEM_OPS_UNSAID);
	check_is("byok2.length", NF_VFY_UNKNOWN, "no usual target has; "
	    "RSA-2048 under a 2048-bit KEK would fit: is it the right KEK?");
	lint_with_kek(&file, 2048, OTHER, NF_KEKPEM_OPS_IMPORT);
	check_is("byok2.kek", NF_VFY_FAIL, "another one: " OTHER);
	lint_with_kek(&file, 2048, KID, NF_KEKPEM_OPS_OTHER);
	check_is("byok2.kek", NF_VFY_FAIL, "operations");
	give_kek(2048, KID, NF_KEKPEM_OPS_IMPORT);
	kek.n[255] = 0x80;	/* its modulus is now just below C1 */
	memset(kek.n, 0, 255);
	kek.n[0] = 1;
	ck_assert_int_eq(lint(nf_buf_view(&file)), 0);
	check_is("byok2.kek", NF_VFY_FAIL, "not below");
	ck_assert_int_eq(nf_vfy_exit(&v), NF_EXIT_CHECK);
	nf_buf_wipe(&file);
	package(256 + 24, &file);
	lint_with_kek(&file, 4096, "", NF_KEKPEM_OPS_UNSAID);
	check_is("byok2.length", NF_VFY_FAIL, "at least 528");
	nf_buf_wipe(&file);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("verify/byok2check");
	TCase *tc = tcase_create("byok2check");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, own);
	tcase_add_test(tc, places);
	tcase_add_test(tc, sample);
	tcase_add_loop_test(tc, one_fault, 0, (int)(sizeof(cases) /
	    sizeof(cases[0])));
	tcase_add_test(tc, junk_json);
	tcase_add_test(tc, release);
	tcase_add_test(tc, right_kek);
	tcase_add_test(tc, wrong_kek);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
