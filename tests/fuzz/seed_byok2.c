/* SPDX-License-Identifier: Apache-2.0 */
/* Method-2 packages by our own writer, and KEK files, with made-up numbers. */
#include "config.h"

#include <string.h>

#include "nfast/base/text.h"
#include "tests/fuzz/seed_byok2.h"
#include "transfer/byok2.h"
#include "transfer/kekpem.h"

#define TARGET	"byok2"
#define HEAD	"{\"schema_version\": \"1.0\", " \
		"\"header\": {\"kid\": \"tpm\", " \
		"\"alg\": \"dir\", \"enc\": \"RSA_AES_KEY_WRAP_256\"}, " \
		"\"ciphertext\": \""

static const char kid[] = "https://contoso.vault.azure.net/keys/seed/"
    "00112233445566778899aabbccddeeff";
static const uint8_t e65537[] = { 1, 0, 1 };

static struct nf_view
made_up(uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)(31 * i + 7);
	p[0] |= 1;
	p[n - 1] |= 0x80;
	return nf_view_of(p, n);
}

void
seed_byok2(void (*seed)(const char *target, const char *name,
    struct nf_buf *buf))
{
	struct nf_buf buf = NF_BUF_INIT;
	uint8_t p[1024];

	(void)nf_byok2_write(&buf, kid, made_up(p, 256 + 152),
	    "a seed; \"quoted\"", NULL);
	seed(TARGET, "package", &buf);
	nf_buf_str(&buf, HEAD);
	nf_text_base64_write(&buf, made_up(p, 256 + 24),
	    NF_B64_URL | NF_B64_PAD);
	nf_buf_str(&buf, "\"}");
	seed(TARGET, "release", &buf);
	nf_kekpem_write(&buf, nf_view_of(e65537, 3), made_up(p, 256));
	seed(TARGET, "kek", &buf);
	nf_buf_printf(&buf, "{\"key\": {\"kid\": \"%s\", \"kty\": \"RSA-HSM\", "
	    "\"key_ops\": [\"import\"], \"n\": \"", kid);
	nf_text_base64_write(&buf, made_up(p, 256), NF_B64_STD | NF_B64_PAD);
	nf_buf_str(&buf, "\", \"e\": \"AQAB\"}}");
	seed(TARGET, "jwk", &buf);
	nf_buf_str(&buf, kid);
	seed(TARGET, "kid", &buf);
	nf_buf_str(&buf, "{'schema_version': '1.0.0', 'header': {'kid': ''}, "
	    "'ciphertext': ''}");
	seed(TARGET, "quotes", &buf);
}
