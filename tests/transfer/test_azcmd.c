/* SPDX-License-Identifier: Apache-2.0 */
/* The commands, letter by letter, and each warning alone. */
#include "config.h"

#include "nfast/wire/names.h"
#include "tests/tap.h"
#include "transfer/azcmd.h"

#define V	"083cf1b67d314d15b1fa46915cde3217"
#define KID	"https://contoso.vault.azure.net/keys/KEKforBYOK/" V
#define HSM_KID	"https://contoso.managedhsm.azure.net/keys/KEKforBYOK/" V

static const struct nf_azcmd rsa = { .name = "first",
	.type = { .kty = NF_XFER_RSA, .bits = 2048 }, .file = "first.byok",
	.kid = KID };
static struct nf_buf out;

static const char *
commands(const struct nf_azcmd *c, size_t n)
{
	nf_buf_wipe(&out);
	ck_assert_uint_eq(nf_azcmd_write(&out, c), n);
	return nf_buf_text(&out);
}

/* So many warnings, with this text among them. */
static void
warns(const struct nf_azcmd *c, size_t n, const char *text)
{
	nf_buf_wipe(&out);
	ck_assert_uint_eq(nf_azcmd_warn(&out, c), n);
	ck_assert_msg(strstr(nf_buf_text(&out), text) != NULL,
	    "'%s' is not in '%s'", text, nf_buf_text(&out));
	ck_assert(n > 0 || out.len == 0);
}

START_TEST(rsa_key)
{
	struct nf_azcmd c = rsa;

	ck_assert_str_eq(commands(&c, 2),
	    "az keyvault key import --vault-name contoso --name first "
	    "--kty RSA --byok-file first.byok\n"
	    "Add-AzKeyVaultKey -VaultName 'contoso' -Name 'first' "
	    "-KeyFilePath 'first.byok'\n");
	warns(&c, 0, "");
	c.kid = HSM_KID;
	ck_assert_str_eq(commands(&c, 2),
	    "az keyvault key import --hsm-name contoso --name first "
	    "--kty RSA --byok-file first.byok\n"
	    "Add-AzKeyVaultKey -HsmName 'contoso' -Name 'first' "
	    "-KeyFilePath 'first.byok'\n");
	warns(&c, 0, "");
}
END_TEST

START_TEST(ec_key)
{
	struct nf_azcmd c = rsa;

	c.type.kty = NF_XFER_EC;
	c.type.curve = NF_EC_SECP256K1;
	ck_assert_str_eq(commands(&c, 2),
	    "az keyvault key import --vault-name contoso --name first "
	    "--kty EC --curve P-256K --byok-file first.byok "
	    "--ops sign verify\n"
	    "Add-AzKeyVaultKey -VaultName 'contoso' -Name 'first' "
	    "-KeyType EC -CurveName 'P-256K' -KeyFilePath 'first.byok'\n");
	warns(&c, 0, "");
	c.kid = HSM_KID;
	ck_assert_str_eq(commands(&c, 1),
	    "az keyvault key import --hsm-name contoso --name first "
	    "--kty EC --curve P-256K --byok-file first.byok "
	    "--ops sign verify\n");
	warns(&c, 1, "-HsmName");
	c = rsa;
	c.type.kty = NF_XFER_EC;
	warns(&c, 1, "EC keys on curve 0");
}
END_TEST

START_TEST(oct_key)
{
	struct nf_azcmd c = rsa;

	c.type.kty = NF_XFER_OCT;
	c.type.bits = 256;
	c.kid = HSM_KID;
	ck_assert_str_eq(commands(&c, 1),
	    "az keyvault key import --hsm-name contoso --name first "
	    "--kty oct --byok-file first.byok --ops wrapKey unwrapKey\n");
	warns(&c, 1, "oct keys");
	c.kid = KID;
	warns(&c, 2, "only a managed HSM does");
	c.kid = HSM_KID;
	c.type.bits = 64;
	warns(&c, 2, "symmetric keys of 64 bits");
}
END_TEST

START_TEST(wrong_bits)
{
	struct nf_azcmd c = rsa;

	c.type.bits = 1024;
	warns(&c, 1, "RSA keys of 1024 bits");
}
END_TEST

START_TEST(kids)
{
	struct nf_azcmd c = rsa;

	c.service = NF_KID_VAULT;
	c.vault = "CONTOSO";
	warns(&c, 0, "");
	c.vault = "fabrikam";
	warns(&c, 1,
	    "Key Vault contoso, but the import is to Key Vault fabrikam");
	ck_assert_ptr_nonnull(strstr(commands(&c, 2),
	    "--vault-name fabrikam "));
	c.vault = "contoso";
	c.service = NF_KID_MANAGED_HSM;
	warns(&c, 1, "Managed HSM contoso");
	c = rsa;
	c.kid = "https://contoso.vault.azure.net/keys/KEKforBYOK";
	warns(&c, 1, "no version");
	c.kid = "https://contoso.vault.usgovcloudapi.net/keys/KEK/" V;
	warns(&c, 1, "az cloud set --name AzureUSGovernment");
	c.kid = "https://contoso.test/keys/KEK/" V;
	ck_assert_str_eq(commands(&c, 0), "");
	warns(&c, 2, "No vault");
	c.kid = "KEK";
	ck_assert_str_eq(commands(&c, 0), "");
	warns(&c, 2, "kid scheme");
	c.kid = NULL;
	warns(&c, 2, "No kid");
}
END_TEST

START_TEST(names)
{
	struct nf_azcmd c = rsa;

	c.name = "a_b";
	warns(&c, 1, "key name");
	c = rsa;
	c.file = "first.json";
	warns(&c, 1, "PFX");
	c.file = "first.BYOK";
	warns(&c, 0, "");
	c.file = "a\033[2J.byok";
	warns(&c, 1, "printable");
	ck_assert_str_eq(commands(&c, 1),
	    "az keyvault key import --vault-name contoso --name first "
	    "--kty RSA --byok-file $'a\\033[2J.byok'\n");
}
END_TEST

/* What sh and PowerShell read back is the name. */
static const struct {
	const char *file, *sh, *ps;
} quoted[] = {
	{ "a b.byok", "'a b.byok'", "'a b.byok'" },
	{ "it's.byok", "'it'\\''s.byok'", "'it''s.byok'" },
	{ "$(id).byok", "'$(id).byok'", "'$(id).byok'" },
	{ "~.byok", "'~.byok'", "'~.byok'" },
	{ "a;b`c`.byok", "'a;b`c`.byok'", "'a;b`c`.byok'" },
	{ "a\\b.byok", "'a\\b.byok'", "'a\\b.byok'" },
	{ "-f.byok", "./-f.byok", "'./-f.byok'" },
	{ "/tmp/x_y.byok", "/tmp/x_y.byok", "'/tmp/x_y.byok'" }
};

START_TEST(quoting)
{
	struct nf_azcmd c = rsa;
	char want[128], back[128] = "";
	struct nf_buf sh = NF_BUF_INIT;
	FILE *f;

	c.file = quoted[_i].file;
	(void)snprintf(want, sizeof(want), "--byok-file %s\n",
	    quoted[_i].sh);
	ck_assert_ptr_nonnull(strstr(commands(&c, 2), want));
	(void)snprintf(want, sizeof(want), "-KeyFilePath %s\n",
	    quoted[_i].ps);
	ck_assert_ptr_nonnull(strstr(nf_buf_text(&out), want));
	nf_buf_printf(&sh, "printf %%s %s", quoted[_i].sh);
	f = popen(nf_buf_text(&sh), "r");
	ck_assert_ptr_nonnull(f);
	back[fread(back, 1, sizeof(back) - 1, f)] = '\0';
	ck_assert_int_eq(pclose(f), 0);
	ck_assert_str_eq(back + (quoted[_i].file[0] == '-' ? 2 : 0),
	    quoted[_i].file);
	nf_buf_wipe(&sh);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("transfer/azcmd");
	TCase *tc = tcase_create("azcmd");

	tcase_add_test(tc, rsa_key);
	tcase_add_test(tc, ec_key);
	tcase_add_test(tc, oct_key);
	tcase_add_test(tc, wrong_bits);
	tcase_add_test(tc, kids);
	tcase_add_test(tc, names);
	tcase_add_loop_test(tc, quoting, 0, (int)(sizeof(quoted) /
	    sizeof(quoted[0])));
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
