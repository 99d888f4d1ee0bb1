/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: method-2 packages, and the KEK files that go with them. */
#include "config.h"

#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "transfer/byok2.h"
#include "transfer/kekpem.h"
#include "transfer/kid.h"

/* What can be written reads the same again, and is written alike. */
static void
check_written(const struct nf_byok2 *f)
{
	struct nf_buf once = NF_BUF_INIT, twice = NF_BUF_INIT;
	struct nf_byok2 again;

	if (nf_byok2_write(&once, (const char *)f->kid.p, f->ciphertext,
	    (const char *)f->generator.p, NULL) != 0) {
		nf_buf_wipe(&once);
		return;
	}
	NF_REQUIRE(nf_byok2_is(nf_buf_view(&once)));
	if (!FUZZ_OK(nf_byok2_read(nf_buf_view(&once), &again, NULL) == 0))
		goto out;
	NF_REQUIRE(nf_view_equal(again.kid, f->kid));
	NF_REQUIRE(nf_view_equal(again.ciphertext, f->ciphertext));
	NF_REQUIRE(nf_view_equal(again.generator, f->generator));
	NF_REQUIRE(!again.padded && !again.release);
	if (FUZZ_OK(nf_byok2_write(&twice, (const char *)again.kid.p,
	    again.ciphertext, (const char *)again.generator.p, NULL) == 0))
		fuzz_same(&twice, once.p, once.len);
out:
	nf_buf_wipe(&twice);
	nf_byok2_wipe(&again);
	nf_buf_wipe(&once);
}

static void
package(struct nf_view file)
{
	struct nf_diag parts[NF_BYOK2_PARTS], diag = { 0 };
	struct nf_byok2 f;
	int r = nf_byok2_lint(file, &f, parts);
	bool faults = false;

	(void)FUZZ_OK(r == 0 || parts[NF_BYOK2_BAD_JSON].code == r);
	for (size_t i = 0; i < NF_BYOK2_PARTS; i++)
		faults = faults || parts[i].code != 0;
	nf_byok2_wipe(&f);
	r = nf_byok2_read(file, &f, &diag);
	fuzz_diag(r, &diag);
	(void)FUZZ_OK((r != 0) == faults);
	if (r == 0) {
		NF_REQUIRE(nf_byok2_is(file));
		if (!f.release)
			check_written(&f);
	}
	nf_byok2_wipe(&f);
}

static void
kek(struct nf_view file)
{
	struct nf_buf out = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	struct nf_kekpem once, again;
	int r = nf_kekpem_read(file, &once, &diag);

	fuzz_diag(r, &diag);
	if (r != 0)
		return;
	nf_kekpem_write(&out, nf_kekpem_e(&once), nf_kekpem_n(&once));
	if (FUZZ_OK(nf_kekpem_read(nf_buf_view(&out), &again, NULL) == 0)) {
		NF_REQUIRE(nf_view_equal(nf_kekpem_n(&again),
		    nf_kekpem_n(&once)));
		NF_REQUIRE(nf_view_equal(nf_kekpem_e(&again),
		    nf_kekpem_e(&once)));
	}
	nf_buf_wipe(&out);
}

void
target_byok2(const uint8_t *data, size_t size)
{
	struct nf_view file = nf_view_of(data, size);
	struct nf_diag diag = { 0 };
	struct nf_kid kid;

	package(file);
	kek(file);
	fuzz_diag(nf_kid_read(file, &kid, &diag), &diag);
}
