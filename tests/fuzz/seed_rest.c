/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to the vault stand-in, one of each kind. */
#include "config.h"

#include "tests/fuzz/seed_rest.h"

#define TAIL	"\napi-version=7.4\nsim.vault.test:8443\n"
#define V	"0123456789abcdef0123456789abcdef"

static const struct {
	const char *name, *text;
} seeds[] = {
	{ "create-rsa", "1t\n/keys/k/create" TAIL "{\"kty\":\"RSA-HSM\","
	    "\"key_size\":4096,\"key_ops\":[\"import\"],"
	    "\"public_exponent\":65537}" },
	{ "create-ec", "1t\n/keys/k/create" TAIL "{\"kty\":\"EC\",\"crv\":"
	    "\"P-256K\",\"attributes\":{\"enabled\":true,\"nbf\":1,"
	    "\"exp\":2},\"tags\":{\"a\":\"b\"}}" },
	{ "create-oct", "1mt\n/keys/k/create" TAIL "{\"kty\":\"oct-HSM\","
	    "\"key_size\":256}" },
	{ "create-exportable", "1t\n/keys/k/create" TAIL "{\"kty\":\"RSA\","
	    "\"attributes\":{\"exportable\":true},\"release_policy\":{}}" },
	{ "import-package", "2t\n/keys/k" TAIL "{\"Hsm\":false,\"key\":{"
	    "\"kty\":\"RSA-HSM\",\"key_hsm\":\"AQIDBA\"}}" },
	{ "import-rsa", "2t\n/keys/k" TAIL "{\"key\":{\"kty\":\"RSA\",\"p\":"
	    "\"AQI\",\"q\":\"AwQ\",\"dp\":\"BQ\",\"dq\":\"Bg\",\"qi\":"
	    "\"Bw\",\"e\":\"AQAB\",\"n\":\"CAk\",\"d\":\"Cg\"}}" },
	{ "import-ec", "2t\n/keys/k" TAIL "{\"key\":{\"kty\":\"EC\",\"crv\":"
	    "\"P-256\",\"d\":\"AQI\",\"x\":\"AwQ\",\"y\":\"BQY=\"}}" },
	{ "import-oct", "2mt\n/keys/k" TAIL "{\"key\":{\"kty\":\"oct-HSM\","
	    "\"k\":\"AQIDBA\"}}" },
	{ "get", "0t\n/keys/k" TAIL },
	{ "get-slash", "0t\n//keys/k/\napi%2Dversion=2025-07-01\nlocalhost\n" },
	{ "get-version", "0t\n/keys/k/" V TAIL },
	{ "get-escaped", "0t\n/%6beys/%6B" TAIL },
	{ "update", "3t\n/keys/k/" V TAIL "{\"key_ops\":[\"sign\","
	    "\"verify\"],\"attributes\":{\"enabled\":false}}" },
	{ "delete", "4t\n/keys/k" TAIL },
	{ "list", "0t\n/keys\napi-version=7.4&maxresults=7&$skiptoken=14\n"
	    "sim.vault.test\n" },
	{ "list-deleted", "0t\n/deletedkeys" TAIL },
	{ "versions", "0t\n/keys/k/versions" TAIL },
	{ "deleted", "0mt\n/deletedkeys/k" TAIL },
	{ "recover", "1t\n/deletedkeys/k/recover" TAIL },
	{ "purge", "4t\n/deletedkeys/k" TAIL },
	{ "sign", "1t\n/keys/k/" V "/sign" TAIL "{\"alg\":\"RS256\","
	    "\"value\":\"AQI\"}" },
	{ "verify", "1t\n/keys/k/" V "/verify" TAIL "{\"alg\":\"RS256\","
	    "\"digest\":\"AQI\",\"value\":\"Aw\"}" },
	{ "decrypt", "1t\n/keys/k/decrypt" TAIL "{\"alg\":\"A256GCM\","
	    "\"value\":\"AQI\",\"iv\":\"Aw\",\"aad\":\"BA\",\"tag\":"
	    "\"BQ\"}" },
	{ "random", "1mt\n/rng" TAIL "{\"count\":32}" },
	{ "release", "1t\n/keys/k/release" TAIL "{}" },
	{ "no-token", "2\n/keys/k\n\nsim.managedhsm.test:8443\n" },
	{ "no-token-managed", "2m\n/keys/k\n\n[::1]:8443\n" },
	{ "duplicate", "1t\n/keys/k/create" TAIL "{\"kty\":1,\"kty\":2}" },
	{ "nested", "1t\n/keys/k/create" TAIL "[[[[[[[[[[[[[[[[[[[[[[[[" }
};

void
seed_rest(void (*seed)(const char *target, const char *name,
    struct nf_buf *buf))
{
	for (size_t i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++) {
		struct nf_buf buf = NF_BUF_INIT;

		nf_buf_str(&buf, seeds[i].text);
		seed("rest", seeds[i].name, &buf);
	}
}
