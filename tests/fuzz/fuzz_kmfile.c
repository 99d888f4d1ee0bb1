/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: KM datafiles, key files, signature texts, and the dump. */
#include "config.h"

#include <stdlib.h>

#include "nfast/kmdata/dump.h"
#include "nfast/kmdata/keyfile.h"
#include "nfast/kmdata/sigtext.h"
#include "tests/fuzz/fuzz.h"

/* The writer has one order of entries, the reader takes all of them. */
static void
check_key(const struct nf_km_file *file)
{
	struct nf_buf once = NF_BUF_INIT, twice = NF_BUF_INIT;
	struct nf_km_key *key = calloc(2, sizeof(*key));
	struct nf_km_file *again = NULL;
	struct nf_diag diag = { 0 };
	struct nf_cur cur;
	int r;

	if (!FUZZ_OK(key != NULL))
		return;
	r = nf_km_key_read(file, &key[0], &diag);
	fuzz_diag(r, &diag);
	if (r != 0 || !FUZZ_OK(nf_km_key_write(&key[0], &once) == 0))
		goto out;
	nf_cur_init(&cur, once.p, once.len, NULL);
	if (!FUZZ_OK(nf_km_file_read(&cur, &again) == 0))
		goto out;
	NF_REQUIRE(again->n == file->n && again->time == file->time);
	if (FUZZ_OK(nf_km_key_read(again, &key[1], NULL) == 0) &&
	    FUZZ_OK(nf_km_key_write(&key[1], &twice) == 0))
		fuzz_same(&twice, once.p, once.len);
out:
	nf_km_file_free(again);
	nf_buf_wipe(&once);
	nf_buf_wipe(&twice);
	free(key);
}

static void
check_file(const struct nf_km_file *file, const uint8_t *data, size_t size)
{
	struct nf_buf out = NF_BUF_INIT;
	struct nf_km_writer w;

	nf_km_begin(&w, &out, file->time);
	for (uint32_t i = 0; i < file->n; i++)
		nf_km_put(&w, file->entry[i].type, file->entry[i].data);
	nf_km_end(&w);
	fuzz_same(&out, data, size);
	nf_km_dump(&out, file);
	fuzz_text(&out);
	check_key(file);
}

void
target_kmfile(const uint8_t *data, size_t size)
{
	struct nf_buf out = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	struct nf_km_file *file;
	struct nf_km_sig sig;
	struct nf_cur cur;
	int r;

	nf_cur_init(&cur, data, size, &diag);
	r = nf_km_file_read(&cur, &file);
	fuzz_diag(r, &diag);
	if (r == 0)
		check_file(file, data, size);
	nf_km_file_free(file);
	nf_diag_clear(&diag);
	r = nf_km_sig_read(nf_view_of(data, size), &sig, &diag);
	fuzz_diag(r, &diag);
	if (r == 0) {
		nf_km_sig_write(&out, &sig);
		fuzz_same(&out, data, size);
	}
}
