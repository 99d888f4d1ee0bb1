/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: certificate lists, and the message of a legacy certificate. */
#include "config.h"

#include "nfast/wire/certlist.h"
#include "tests/fuzz/fuzz.h"

void
target_certlist(const uint8_t *data, size_t size)
{
	struct nf_buf out = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	struct nf_certlist list;
	struct nf_acl *acl;
	struct nf_cur cur;

	nf_cur_init(&cur, data, size, &diag);
	nf_wire_certlist_read(&cur, &list);
	NF_REQUIRE(nf_cur_err(&cur) == 0 || list.n == 0);
	if (nf_cur_end(&cur, "certlist") == 0) {
		nf_wire_certlist_write(&out, &list);
		fuzz_same(&out, data, size);
	}
	fuzz_diag(nf_cur_err(&cur), &diag);
	nf_cur_init(&cur, data, size, NULL);
	if (nf_wire_certmsg_read(&cur, &acl) == 0) {
		nf_wire_certmsg_write(&out, acl);
		fuzz_same(&out, data, size);
	}
	nf_acl_free(acl);
}
