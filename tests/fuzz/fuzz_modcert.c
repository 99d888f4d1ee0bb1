/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: certificate messages of a module. */
#include "config.h"

#include <openssl/evp.h>

#include "nfast/wire/modcert.h"
#include "tests/fuzz/fuzz.h"

static void
check_key(const struct nf_attr_key *k)
{
	uint8_t hash[NF_HASH_LEN];
	EVP_PKEY *pkey = NULL;

	(void)nf_wire_keyhash(&k->key, hash, NULL);
	(void)nf_wire_keydata_pkey(&k->key, &pkey, NULL);
	EVP_PKEY_free(pkey);
}

/* The writer has one order of attributes, the reader takes all of them. */
static void
check_state(const struct nf_state_cert *state, size_t size)
{
	struct nf_buf once = NF_BUF_INIT, twice = NF_BUF_INIT;
	struct nf_modcert *again;
	struct nf_cur cur;

	if (nf_state_has(state, NF_ATTR_KML))
		check_key(&state->kml);
	if (nf_state_has(state, NF_ATTR_KLF2))
		check_key(&state->klf2);
	nf_wire_state_cert_write(&once, state);
	if (FUZZ_OK(nf_buf_err(&once) == 0)) {
		NF_REQUIRE(once.len == size);
		nf_cur_init(&cur, once.p, once.len, NULL);
		if (FUZZ_OK(nf_wire_modcert_read(&cur, &again) == 0)) {
			nf_wire_state_cert_write(&twice, &again->state);
			fuzz_same(&twice, once.p, once.len);
			nf_modcert_free(again);
		}
	}
	nf_buf_wipe(&once);
}

void
target_modcert(const uint8_t *data, size_t size)
{
	struct nf_buf out = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	struct nf_modcert *cert;
	struct nf_cur cur;
	int r;

	nf_cur_init(&cur, data, size, &diag);
	r = nf_wire_modcert_read(&cur, &cert);
	fuzz_diag(r, &diag);
	if (r != 0)
		return;
	if (cert->type == NF_MODCERT_KEYGEN) {
		nf_wire_keygen_cert_write(&out, &cert->keygen);
		fuzz_same(&out, data, size);
	} else
		check_state(&cert->state, size);
	nf_wire_modcert_print(&out, cert, "  ");
	fuzz_text(&out);
	nf_modcert_free(cert);
}
