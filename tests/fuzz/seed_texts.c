/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "tests/fuzz/seed_texts.h"

#define KID	"https://contoso.vault.azure.net/keys/kek/" \
		"00112233445566778899aabbccddeeff"
#define HASH	"0123456789abcdef0123456789abcdef01234567"

static const struct {
	const char *target, *name, *text;
} seeds[] = {
	{ "text", "faults", "fcommand:3=DeviceFailed;Sign:*=drop;"
	    "reply:2=corrupt:4;reply:5=truncate:3" },
	{ "text", "faults-commit", "fcommit:1=cut-before;commit:2=cut-after;"
	    "GenerateKey:1=eject;reply:*=delay:10ms" },
	{ "text", "base64", "bAAECAwQFBgcICQoLDA0ODw==" },
	{ "text", "base64-url", "b_-8AAQIDBAUGBwgJCgsMDQ4P" },
	{ "text", "json", "ja \"text\" with \\ and \303\251 and \001" },
	{ "text", "kid", "k" KID },
	{ "text", "kid-managed", "khttps://pool.managedhsm.azure.net/keys/a-B/"
	    "00112233445566778899aabbccddeeff" },
	{ "text", "keytype-rsa", "tRSA 2048" },
	{ "text", "keytype-ec", "tEC P-256K" },
	{ "text", "keytype-oct", "toct 256" },
	{ "text", "guid", "g11111111-2222-3333-4444-55555555555f" },
	{ "text", "root", "r01234567 89abcdef 01234567 89ABCDEF 01234567" },
	{ "text", "label", "lContosoFirstHSMkey, 2" },
	{ "text", "toolset", "zBYOK-KEK-pkg-NA-1.zip" },
	{ "text", "signature", "sDSA 2e1a0c2562b2912caaf89186fb0f42001585da55 "
	    "29efb6b0aff2d7a68eb70ca313022253b9a88df5" },
	{ "text", "p11-uri", "ppkcs11:module-path=/usr/lib/p11.so;token=a%20b;"
	    "object=key;id=%01%02;type=private?pin-source=file:/tmp/pin" },
	{ "text", "p11-options", "p\n/usr/lib/p11.so\na token\n0x10\na label\n"
	    "0102ff\n" },
	{ "text", "azcmd", "a\nname's \"one\"\ndir/$(a) b.byok\n" KID },
	{ "text", "azcmd-vault", "avault\nname\na.byok\n" KID },
	{ "text", "unwrap", "w\246YY\246 and twenty-four bytes" },

	{ "keyparams", "rsa", "simple\nprotect=module\ntype=RSA\nsize=2048\n"
	    "pubexp=10001\nident=a-key\nplainname=a key\nnvram=no" },
	{ "keyparams", "ecdsa", "simple\ntype=ECDSA\ncurve=NISTP256\n"
	    "ident=ec\nrecovery=yes\nverify=no" },
	{ "keyparams", "card", "custom\nprotect=token\ncardset=cards\nslot=0\n"
	    "type=AES\nsize=256\nident=1" },
	{ "keyparams", "softcard", "pkcs11\nprotect=softcard\n"
	    "softcard=" HASH "\ntype=AES\nsize=128\nident=2" },
	{ "keyparams", "import", "operation=import\nsimple\n"
	    "pemreadfile=a.pem\ntype=RSA\nident=3\nplainname=" },

	{ "file", "plan", "l# a plan\nsimple/one\tname-1\tKEK.pem\n"
	    "pkcs11:token=a;object=b\tname-2\t-\n\nsimple/two\tn3\t-\n" },
	{ "file", "plan-twice", "lsimple/one\tname\t-\nsimple/two\tNAME\t-\n" },
	{ "file", "journal", "j"
	    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
	    "\tname-1\t" HASH "\tRSA 2048\t" KID "\tsimple/one\n"
	    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
	    "\tname-1\t" HASH "\tEC P-256\t" KID "\tsimple/two\ntorn" },
	{ "file", "tokens", "tclient " HASH "\nkey simple one 3 1\n"
	    "key custom two-2 2147483652 2\n" },
	{ "file", "pins", "nfirst\n\nthird passphrase\n" },
	{ "file", "list", "fa/file\n/absolute/file\n\nlast line" },
	{ "file", "kid", "i" KID "\n" },
	{ "file", "jwk", "e{\"key\":{\"kid\":\"" KID "\",\"kty\":\"RSA-HSM\","
	    "\"key_ops\":[\"import\"],\"n\":\"AQID\",\"e\":\"AQAB\"}}" },
	{ "file", "pem-ec", "p-----BEGIN PRIVATE KEY-----\n"
	    "MEECAQAwEwYHKoZIzj0CAQYIKoZIzj0DAQcEJzAlAgEBBCABAgMEBQYHCAkKCwwN\n"
	    "Dg8QERITFBUWFxgZGhscHR4fIA==\n-----END PRIVATE KEY-----\n" },
	{ "file", "pem-encrypted", "p-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
	    "MEECAQAwEwYHKoZIzj0CAQYIKoZIzj0DAQcEJzAlAgEBBCABAgMEBQYHCAkKCwwN\n"
	    "-----END ENCRYPTED PRIVATE KEY-----\n" },

	{ "vault", "record", "r{\"format\": 1, \"name\": \"k\", \"version\": "
	    "\"0123456789abcdef0123456789abcdef\", \"sequence\": 1, "
	    "\"kty\": \"oct\", \"bits\": 256, \"hsm\": true, \"key_ops\": "
	    "[\"wrapKey\", \"unwrapKey\"], \"enabled\": true, \"nbf\": 5, "
	    "\"created\": 1, \"updated\": 2, \"tags\": {\"a\": \"b\"}, "
	    "\"blob\": \"AQIDBAUGBwgJCgsM\"}" },
	{ "vault", "deletion", "d{\"format\": 1, \"deleted\": 1700000000}" },
	{ "vault", "create", "b{\"kty\":\"RSA-HSM\",\"key_size\":4096,"
	    "\"key_ops\":[\"import\"],\"attributes\":{\"enabled\":true,"
	    "\"nbf\":1,\"exp\":2},\"tags\":{\"a\":\"b\"}}" },
	{ "vault", "import-ec", "b{\"key\":{\"kty\":\"EC\",\"crv\":\"P-256\","
	    "\"d\":\"AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA\","
	    "\"x\":\"AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA\","
	    "\"y\":\"AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA\"}}" },
	{ "vault", "import-rsa", "b{\"key\":{\"kty\":\"RSA\",\"p\":\"AQI\","
	    "\"q\":\"AwQ\",\"dp\":\"BQ\",\"dq\":\"Bg\",\"qi\":\"Bw\","
	    "\"e\":\"AQAB\",\"n\":\"CAk\",\"d\":\"Cg\"}}" },
	{ "vault", "import-oct", "b{\"key\":{\"kty\":\"oct-HSM\",\"k\":"
	    "\"AQIDBAUGBwgJCgsMDQ4PEA\"},\"tags\":{}}" },

	{ "http", "get", "GET /keys/k?api-version=7.4 HTTP/1.1\r\n"
	    "Host: sim.vault.test:8443\r\nAuthorization: Bearer t\r\n\r\n" },
	{ "http", "post", "POST //keys/k/create HTTP/1.1\r\nHost: a\r\n"
	    "X-HTTP-METHOD: PATCH\r\nContent-Length: 14\r\n"
	    "x-ms-client-request-id: 1-2\r\n\r\n{\"kty\":\"RSA\"}" },
	{ "http", "chunked", "PUT http://a/keys/k#x HTTP/1.1\r\nHost: a\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n" },
	{ "http", "twice", "DELETE /a HTTP/1.0\r\nHost: a\r\nHost: b\r\n"
	    "Content-Length: +3\r\nExpect: 100-continue\r\n\r\nabc" },

	{ "warrant", "nchex", "# a comment\nKLF2Warrant 0010\n" },
	{ "warrant", "small-list", "\xe1\x01" }
};

void
seed_texts(void (*seed)(const char *target, const char *name,
    struct nf_buf *buf))
{
	for (size_t i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++) {
		struct nf_buf buf = NF_BUF_INIT;

		nf_buf_str(&buf, seeds[i].text);
		seed(seeds[i].target, seeds[i].name, &buf);
	}
}
