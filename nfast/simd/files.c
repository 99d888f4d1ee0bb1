/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <sys/resource.h>

#include <errno.h>
#include <string.h>

#include "nfast/simd/files.h"

#define FILES_SPARE	64	/* descriptors beside those of clients */

int
nf_files_limit(uint32_t *clients, uint32_t standard, struct nf_diag *diag)
{
	struct rlimit l;
	rlim_t want = (rlim_t)standard + FILES_SPARE;

	if (getrlimit(RLIMIT_NOFILE, &l) != 0)
		return nf_diag_set(diag, NF_E_IO, NULL, "getrlimit: %s",
		    strerror(errno));
	if (*clients == 0)
		*clients = l.rlim_max >= want || l.rlim_max <= FILES_SPARE ?
		    standard : (uint32_t)l.rlim_max - FILES_SPARE;
	want = (rlim_t)*clients + FILES_SPARE;
	if (l.rlim_max < want)
		return nf_diag_set(diag, NF_E_POLICY, NULL, "%u clients need "
		    "more open files than the limit of %ju", *clients,
		    (uintmax_t)l.rlim_max);
	want += *clients;
	if (l.rlim_cur >= want)
		return 0;
	l.rlim_cur = l.rlim_max < want ? l.rlim_max : want;
	return setrlimit(RLIMIT_NOFILE, &l) == 0 ? 0 :
	    nf_diag_set(diag, NF_E_IO, NULL, "setrlimit: %s",
	    strerror(errno));
}
