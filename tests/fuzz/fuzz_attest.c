/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: attestation bundles, and the ACLs that files show. */
#include "config.h"

#include "nfast/kmdata/attbundle.h"
#include "tests/fuzz/fuzz.h"
#include "verify/aclfile.h"

static void
bundle(struct nf_view file)
{
	struct nf_buf once = NF_BUF_INIT, twice = NF_BUF_INIT;
	struct nf_att att, again;
	struct nf_diag diag = { 0 };
	int r = nf_att_read(file, &att, &diag);

	fuzz_diag(r, &diag);
	if (r == 0) {
		NF_REQUIRE(nf_att_is(file));
		nf_att_write(&once, &att);
		if (FUZZ_OK(nf_buf_err(&once) == 0)) {
			r = nf_att_read(nf_buf_view(&once), &again, NULL);
			if (FUZZ_OK(r == 0)) {
				nf_att_write(&twice, &again);
				fuzz_same(&twice, once.p, once.len);
			}
			nf_att_wipe(&again);
		}
	}
	nf_att_wipe(&att);
	nf_buf_wipe(&once);
}

static void
shown(struct nf_view file)
{
	struct nf_vfy_aclfile f = { .bytes = NF_BUF_INIT };
	struct nf_buf out = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	int r;

	nf_buf_view_put(&f.bytes, file);
	if (FUZZ_OK(nf_buf_err(&f.bytes) == 0)) {
		r = nf_vfy_aclfile_read(&f, &diag);
		fuzz_diag(r, &diag);
		for (int i = 0; r == 0 && i < NF_ACLFILE_HALVES; i++) {
			if (f.acl[i] == NULL)
				continue;
			nf_wire_acl_print(&out, f.acl[i], "");
			fuzz_text(&out);
		}
	}
	nf_vfy_aclfile_wipe(&f);
}

void
target_attest(const uint8_t *data, size_t size)
{
	bundle(nf_view_of(data, size));
	shown(nf_view_of(data, size));
}
