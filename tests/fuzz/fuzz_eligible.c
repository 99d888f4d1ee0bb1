/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz target: key files as the two methods judge them, and the certificates
 * in them as the host checks them.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "nfast/host/appkey.h"
#include "tests/fuzz/fuzz.h"
#include "transfer/eligible.h"

static void
judge(const struct nf_km_key *key)
{
	struct nf_buf bytes = NF_BUF_INIT;
	struct nf_xfer_keytype type;
	struct nf_diag diag = { 0 };
	struct nf_keydata pub;
	bool known;

	fuzz_diag(nf_xfer_eligible(key, "simple", "a-key", &diag), &diag);
	nf_diag_clear(&diag);
	fuzz_diag(nf_xfer_eligible2(key, &type, &known, &diag), &diag);
	nf_diag_clear(&diag);
	fuzz_diag(nf_appkey_public(key, &bytes, &pub, &diag), &diag);
	nf_buf_wipe(&bytes);
	nf_diag_clear(&diag);
	fuzz_diag(nf_appkey_verify(key, &diag), &diag);
}

void
target_eligible(const uint8_t *data, size_t size)
{
	struct nf_km_key *key = calloc(1, sizeof(*key));
	struct nf_km_file *file = NULL;
	struct nf_cur cur;

	if (!FUZZ_OK(key != NULL))
		return;
	nf_cur_init(&cur, data, size, NULL);
	if (nf_km_file_read(&cur, &file) == 0 &&
	    nf_km_key_read(file, key, NULL) == 0)
		judge(key);
	nf_km_file_free(file);
	free(key);
}
