/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hash of a toolset zip as the auditor takes it, alone, in the form of
 * "openssl dgst -sha256": for bench_process, which runs the two in turn.
 *
 *	bench_hash FILE
 */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>

#include "verify/toolset.h"

int
main(int argc, char **argv)
{
	struct nf_diag diag = { 0 };
	uint8_t sha[32];
	int fd;

	if (argc != 2 || (fd = open(argv[1], O_RDONLY | O_CLOEXEC)) < 0)
		return 2;
	if (nf_vfy_toolset_hash(fd, sha, &diag) != 0)
		return 3;
	(void)printf("SHA2-256(%s)= ", argv[1]);
	for (size_t i = 0; i < sizeof(sha); i++)
		(void)printf("%02x", sha[i]);
	(void)putchar('\n');
	return 0;
}
