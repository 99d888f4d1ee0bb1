/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: ACLs. */
#include "config.h"

#include "nfast/wire/acl.h"
#include "tests/fuzz/fuzz.h"

void
target_acl(const uint8_t *data, size_t size)
{
	struct nf_acl *acl = NULL, *copy;
	struct nf_buf out = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	struct nf_cur cur;
	int r;

	nf_cur_init(&cur, data, size, &diag);
	r = nf_wire_acl_read(&cur, &acl);
	fuzz_diag(r, &diag);
	if (r == 0 && nf_cur_end(&cur, "acl") == 0) {
		nf_wire_acl_write(&out, acl);
		fuzz_same(&out, data, size);
		copy = nf_acl_copy(acl);
		if (FUZZ_OK(copy != NULL)) {
			nf_wire_acl_write(&out, copy);
			fuzz_same(&out, data, size);
		}
		nf_acl_free(copy);
		nf_wire_acl_print(&out, acl, "  ");
		fuzz_text(&out);
		nf_wire_acl_rights(&out, acl);
		fuzz_text(&out);
		NF_REQUIRE((nf_acl_perms(acl, true) &
		    ~nf_acl_perms(acl, false)) == 0);
	}
	nf_acl_free(acl);
}
