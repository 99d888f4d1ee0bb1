/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: key blobs, and the plaintext of one. */
#include "config.h"

#include "nfast/wire/blob.h"
#include "tests/fuzz/fuzz.h"

/* Ours when made with the same IV; a foreign tag only differs there. */
static void
check_open(const struct nf_blob *blob)
{
	struct nf_buf plain = NF_BUF_INIT, out = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	struct nf_blobkey key;
	int r = nf_wire_nullblob_open(blob, &plain, &key, &diag);

	fuzz_diag(r, &diag);
	if (r == 0) {
		nf_wire_blobkey_write(&out, &key);
		fuzz_same(&out, plain.p, blob->a);
		if (FUZZ_OK(nf_wire_nullblob_write(&out, &key,
		    blob->body.p + blob->body.len - 8) == 0))
			NF_REQUIRE(out.len == 36 + blob->body.len);
		nf_buf_wipe(&out);
	} else
		NF_REQUIRE(key.acl == NULL);
	nf_blobkey_wipe(&key);
	nf_buf_wipe(&plain);
}

void
target_blob(const uint8_t *data, size_t size)
{
	struct nf_buf out = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	struct nf_blobkey key;
	struct nf_blob blob;
	struct nf_cur cur;

	nf_cur_init(&cur, data, size, &diag);
	nf_wire_blob_read(&cur, &blob);
	fuzz_diag(nf_cur_err(&cur), &diag);
	if (nf_cur_err(&cur) == 0) {
		nf_wire_blob_write(&out, &blob);
		fuzz_same(&out, data, size);
		check_open(&blob);
	}
	nf_cur_init(&cur, data, size, NULL);
	if (nf_wire_blobkey_read(&cur, &key) == 0) {
		nf_wire_blobkey_write(&out, &key);
		fuzz_same(&out, data, size);
	}
	nf_blobkey_wipe(&key);
}
