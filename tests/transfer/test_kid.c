/* SPDX-License-Identifier: Apache-2.0 */
/* Key identifiers: the parts of good ones, and the part that is at fault. */
#include "config.h"

#include "tests/tap.h"
#include "transfer/kid.h"

#define V	"083cf1b67d314d15b1fa46915cde3217"
#define GOOD	"https://contoso.vault.azure.net/keys/KEKforBYOK/" V

static struct nf_diag diag;
static struct nf_kid kid;

static int
read_kid(const char *s)
{
	nf_diag_clear(&diag);
	return nf_kid_read(nf_view_of(s, strlen(s)), &kid, &diag);
}

START_TEST(good)
{
	ck_assert_int_eq(read_kid(GOOD), 0);
	ck_assert_int_eq(kid.service, NF_KID_VAULT);
	ck_assert(nf_view_is(kid.host, "contoso.vault.azure.net"));
	ck_assert(nf_view_is(kid.vault, "contoso"));
	ck_assert(nf_view_is(kid.name, "KEKforBYOK"));
	ck_assert(nf_view_is(kid.version, V));
	ck_assert_uint_eq(kid.port, 0);
	ck_assert_str_eq(kid.cloud, "AzureCloud");
	ck_assert_int_eq(read_kid("https://a.b-c.test:18443/keys/k"), 0);
	ck_assert_int_eq(kid.service, NF_KID_OTHER);
	ck_assert_uint_eq(kid.port, 18443);
	ck_assert_uint_eq(kid.vault.len, 0);
	ck_assert_uint_eq(kid.version.len, 0);
	ck_assert_ptr_null(kid.cloud);
	ck_assert_int_eq(read_kid("https://localhost/keys/k/" V), 0);
}
END_TEST

static const struct {
	const char *host;
	enum nf_kid_service service;
	const char *cloud;
} hosts[] = {
	{ "abc.vault.azure.net", NF_KID_VAULT, "AzureCloud" },
	{ "ABC.Vault.Azure.NET", NF_KID_VAULT, "AzureCloud" },
	{ "abc.managedhsm.azure.net", NF_KID_MANAGED_HSM, "AzureCloud" },
	{ "abc.vault.azure.cn", NF_KID_VAULT, "AzureChinaCloud" },
	{ "abc.managedhsm.azure.cn", NF_KID_MANAGED_HSM,
	    "AzureChinaCloud" },
	{ "abc.vault.usgovcloudapi.net", NF_KID_VAULT,
	    "AzureUSGovernment" },
	{ "abc.managedhsm.usgovcloudapi.net", NF_KID_MANAGED_HSM,
	    "AzureUSGovernment" },
	{ "abc.vault.microsoftazure.de", NF_KID_VAULT, "AzureGermanCloud" },
	{ "abc.managedhsm.microsoftazure.de", NF_KID_MANAGED_HSM,
	    "AzureGermanCloud" },
	{ "vault.azure.net", NF_KID_OTHER, NULL },
	{ "abc.vault.azure.net.evil.test", NF_KID_OTHER, NULL },
	{ "abcvault.azure.net", NF_KID_OTHER, NULL }
};

START_TEST(services)
{
	char url[256];

	(void)snprintf(url, sizeof(url), "https://%s/keys/k/" V,
	    hosts[_i].host);
	ck_assert_int_eq(read_kid(url), 0);
	ck_assert_int_eq(kid.service, hosts[_i].service);
	if (hosts[_i].cloud == NULL) {
		ck_assert_ptr_null(kid.cloud);
		return;
	}
	ck_assert_str_eq(kid.cloud, hosts[_i].cloud);
	ck_assert(nf_kid_view_same(kid.vault, nf_view_of("abc", 3)));
}
END_TEST

static const struct {
	const char *url, *field;
} bad[] = {
	{ "", "kid" },
	{ "http://abc.vault.azure.net/keys/k/" V, "kid scheme" },
	{ "HTTPS://abc.vault.azure.net/keys/k/" V, "kid scheme" },
	{ "abc.vault.azure.net/keys/k/" V, "kid scheme" },
	{ " " GOOD, "kid scheme" },
	{ GOOD " ", "kid" },
	{ GOOD "\n", "kid" },
	{ GOOD "\xc3\xa9", "kid" },
	{ GOOD "?api-version=7.4", "kid query" },
	{ GOOD "#x", "kid fragment" },
	{ "https://abc.vault.azure.net/keys/k%20k/" V, "kid" },
	{ "https://abc.vault.azure.net\\keys/k/" V, "kid" },
	{ "https://u@abc.vault.azure.net/keys/k/" V, "kid user" },
	{ "https:///keys/k/" V, "kid host" },
	{ "https://abc..azure.net/keys/k/" V, "kid host" },
	{ "https://abc.vault.azure.net./keys/k/" V, "kid host" },
	{ "https://-abc.vault.azure.net/keys/k/" V, "kid host" },
	{ "https://abc-.test/keys/k/" V, "kid host" },
	{ "https://a_c.vault.azure.net/keys/k/" V, "kid host" },
	{ "https://127.0.0.1/keys/k/" V, "kid host" },
	{ "https://[::1]/keys/k/" V, "kid host" },
	{ "https://a12345678901234567890123456789012345678901234567890123"
	    "45678901234.test/keys/k/" V, "kid host" },
	{ "https://abc.test:/keys/k/" V, "kid port" },
	{ "https://abc.test:0/keys/k/" V, "kid port" },
	{ "https://abc.test:0443/keys/k/" V, "kid port" },
	{ "https://abc.test:65536/keys/k/" V, "kid port" },
	{ "https://abc.test:4a/keys/k/" V, "kid port" },
	{ "https://abc.test:443:1/keys/k/" V, "kid port" },
	{ "https://ab.vault.azure.net/keys/k/" V, "kid vault" },
	{ "https://a.abc.vault.azure.net/keys/k/" V, "kid vault" },
	{ "https://a123456789012345678901234.vault.azure.net/keys/k/" V,
	    "kid vault" },
	{ "https://abc.vault.azure.net", "kid path" },
	{ "https://abc.vault.azure.net/", "kid path" },
	{ "https://abc.vault.azure.net/secrets/k/" V, "kid path" },
	{ "https://abc.vault.azure.net/Keys/k/" V, "kid path" },
	{ "https://abc.vault.azure.net//keys/k/" V, "kid path" },
	{ "https://abc.vault.azure.net/keys/", "kid name" },
	{ "https://abc.vault.azure.net/keys//" V, "kid name" },
	{ "https://abc.vault.azure.net/keys/k_k/" V, "kid name" },
	{ "https://abc.vault.azure.net/keys/k/", "kid path" },
	{ GOOD "/", "kid path" },
	{ GOOD "/x", "kid path" },
	{ GOOD "0", "kid version" },
	{ "https://abc.vault.azure.net/keys/k/083c", "kid version" },
	{ "https://abc.vault.azure.net/keys/k//" V, "kid version" },
	{ "https://abc.vault.azure.net/keys/k/"
	    "083cf1b67d314d15b1fa46915cde321g", "kid version" }
};

START_TEST(junk)
{
	ck_assert_int_eq(read_kid(bad[_i].url), NF_E_FORMAT);
	ck_assert_str_eq(diag.field, bad[_i].field);
	ck_assert_uint_eq(kid.name.len, 0);
}
END_TEST

/* Each cut is refused, or is the same key without a version. */
START_TEST(short_kid)
{
	char s[sizeof(GOOD)];
	size_t whole = sizeof("https://contoso.vault.azure.net/keys/");

	for (size_t n = 0; n < sizeof(GOOD) - 1; n++) {
		int r;

		memcpy(s, GOOD, n);
		s[n] = '\0';
		r = read_kid(s);
		if (n >= whole && n < sizeof(GOOD) - sizeof(V) &&
		    s[n - 1] != '/')
			ck_assert_int_eq(r, 0);
		else
			ck_assert_int_eq(r, NF_E_FORMAT);
		if (r == 0)
			ck_assert_uint_eq(kid.version.len, 0);
	}
}
END_TEST

START_TEST(max_kid)
{
	char s[NF_KID_MAX + 2] = "https://abc.test/keys/";
	size_t at = strlen(s);

	memset(s + at, 'k', NF_KID_NAME_MAX);
	ck_assert_int_eq(read_kid(s), 0);
	s[at + NF_KID_NAME_MAX] = 'k';
	ck_assert_int_eq(read_kid(s), NF_E_FORMAT);
	ck_assert_str_eq(diag.field, "kid name");
	memset(s + at, 'k', sizeof(s) - 1 - at);
	ck_assert_int_eq(read_kid(s), NF_E_FORMAT);
	ck_assert_str_eq(diag.field, "kid");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("transfer/kid");
	TCase *tc = tcase_create("kid");

	tcase_add_test(tc, good);
	tcase_add_loop_test(tc, services, 0,
	    (int)(sizeof(hosts) / sizeof(hosts[0])));
	tcase_add_loop_test(tc, junk, 0, (int)(sizeof(bad) / sizeof(bad[0])));
	tcase_add_test(tc, short_kid);
	tcase_add_test(tc, max_kid);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
