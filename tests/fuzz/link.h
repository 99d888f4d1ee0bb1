/* SPDX-License-Identifier: Apache-2.0 */
/* Messages over a link whose other end is made of the input. */
#ifndef NF_TESTS_FUZZ_LINK_H
#define NF_TESTS_FUZZ_LINK_H

#include "nfast/host/transport.h"
#include "tests/fuzz/fuzz.h"

/* At the most n messages over an open link; no reply is longer than max. */
static inline void
fuzz_messages(struct nf_link *link, int n, size_t max)
{
	struct nf_buf reply = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	int r = 0;

	for (int i = 0; r == 0 && i < n; i++) {
		nf_buf_wipe(&reply);
		r = link->ops->transact(link->self, nf_view_of("message", 7),
		    &reply, &diag);
		fuzz_diag(r, &diag);
		NF_REQUIRE(r != 0 || (reply.len > 0 && reply.len <= max));
	}
	nf_buf_wipe(&reply);
}

#endif
