/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: method-1 packages. */
#include "config.h"

#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "transfer/byok1.h"

/* A package as our writer writes it reads, and is written alike again. */
static void
check_written(const struct nf_byok1 *pkg)
{
	struct nf_buf tbs = NF_BUF_INIT, once = NF_BUF_INIT;
	struct nf_buf twice = NF_BUF_INIT;
	struct nf_byok1_parts parts;
	struct nf_diag diag = { 0 };
	struct nf_byok1 *again = NULL;

	nf_byok1_parts_of(pkg, &parts);
	if (!FUZZ_OK(nf_byok1_write_unsigned(&parts, &tbs, &diag) == 0) ||
	    !FUZZ_OK(nf_byok1_write_signed(nf_buf_view(&tbs), pkg->signature,
	    &once, &diag) == 0) ||
	    !FUZZ_OK(nf_byok1_read(nf_buf_view(&once), &again, &diag) == 0))
		goto out;
	NF_REQUIRE(nf_view_equal(again->key_token, pkg->key_token));
	NF_REQUIRE(nf_view_equal(again->signed_bytes, nf_buf_view(&tbs)));
	(void)FUZZ_OK(nf_byok1_check_ids(again, &diag) == 0);
	nf_buf_wipe(&tbs);
	nf_byok1_parts_of(again, &parts);
	if (FUZZ_OK(nf_byok1_write_unsigned(&parts, &tbs, NULL) == 0) &&
	    FUZZ_OK(nf_byok1_write_signed(nf_buf_view(&tbs),
	    again->signature, &twice, NULL) == 0))
		fuzz_same(&twice, once.p, once.len);
out:
	nf_byok1_free(again);
	nf_buf_wipe(&tbs);
	nf_buf_wipe(&once);
	nf_buf_wipe(&twice);
}

void
target_byok1(const uint8_t *data, size_t size)
{
	struct nf_view file = nf_view_of(data, size);
	struct nf_diag diag = { 0 };
	struct nf_byok1 *pkg;
	uint64_t seconds;
	int r = nf_byok1_read(file, &pkg, &diag);

	fuzz_diag(r, &diag);
	NF_REQUIRE((r == 0) == (pkg != NULL));
	if (r != 0)
		return;
	NF_REQUIRE(nf_byok1_is(file));
	(void)nf_byok1_unix(pkg->creation_time, &seconds, NULL, NULL);
	(void)nf_byok1_check_ids(pkg, NULL);
	(void)nf_byok1_verify_signature(pkg, NULL);
	check_written(pkg);
	nf_byok1_free(pkg);
}
