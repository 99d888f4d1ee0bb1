/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz target: transcripts, whole and in pieces, a record on its own, and
 * public keys in PEM.
 */
#include "config.h"

#include <string.h>

#include <openssl/evp.h>

#include "tests/fuzz/fuzz.h"
#include "verify/transcript.h"

static int
chain(const uint8_t *data, size_t size, size_t piece,
    struct nf_vfy_summary *sum)
{
	struct nf_vfy_links *w = nf_vfy_links_new(sum);
	struct nf_diag diag = { 0 };
	int r = 0;

	if (!FUZZ_OK(w != NULL))
		return NF_E_NOMEM;
	for (size_t i = 0; i < size && r == 0; i += piece)
		r = nf_vfy_links_add(w, nf_view_of(data + i,
		    size - i < piece ? size - i : piece), &diag);
	if (r == 0)
		r = nf_vfy_links_end(w, &diag);
	fuzz_diag(r, &diag);
	nf_vfy_links_free(w);
	return r;
}

static void
record(const uint8_t *data, size_t size)
{
	struct nf_buf out = NF_BUF_INIT;
	struct nf_vfy_read_record rec;
	struct nf_diag diag = { 0 };
	int r;

	r = nf_vfy_record_read(nf_view_of(data, size), "record", 0, &rec,
	    &diag);
	fuzz_diag(r, &diag);
	if (r == 0) {
		nf_vfy_record_write(&out, &rec.rec, rec.n, rec.prev);
		fuzz_same(&out, data, size);
	}
	nf_vfy_record_wipe(&rec);
}

void
target_transcript(const uint8_t *data, size_t size)
{
	static struct nf_vfy_summary once, again;
	struct nf_buf out = NF_BUF_INIT, other = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	EVP_PKEY *key;
	int r;

	r = chain(data, size, size + 1, &once);
	if (FUZZ_OK(chain(data, size, 7, &again) == r) && r == 0) {
		nf_vfy_transcript_report(&out, "fuzz", &once);
		nf_vfy_transcript_report(&other, "fuzz", &again);
		fuzz_same(&other, out.p, out.len);
		fuzz_text(&out);
	}
	record(data, size);
	r = nf_vfy_pubkey_read(nf_view_of(data, size), &key, &diag);
	fuzz_diag(r, &diag);
	EVP_PKEY_free(key);
}
