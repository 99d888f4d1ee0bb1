/* SPDX-License-Identifier: Apache-2.0 */
/*
 * make_mutants FROM TO: from the valid files of tests/mutants/artefacts.sh in
 * the directory FROM, a corpus of files that each have one thing wrong, in
 * the new directory TO.  NFSIM_INSECURE_SEED has to be that of FROM.  Ours.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "nfast/base/seed.h"
#include "tests/mutants/mut.h"

int
main(int argc, char **argv)
{
	struct mut m;

	if (argc != 3 || nf_seed_text() == NULL) {
		(void)fputs("usage: make_mutants FROM TO, with "
		    "NFSIM_INSECURE_SEED\n", stderr);
		return NF_EXIT_USAGE;
	}
	mut_open(&m, argv[1], argv[2]);
	mutate_key_files(&m);
	mutate_world_file(&m);
	mutate_module_file(&m);
	mutate_tokens(&m);
	mutate_packages(&m);
	mutate_pairs(&m);
	mutate_byok1(&m);
	mutate_byok2(&m);
	mutate_attestation(&m);
	mutate_warrants(&m);
	mutate_features(&m);
	mutate_zips(&m);
	mutate_transcripts(&m);
	(void)printf("%zu files and their expected results\n", m.n);
	mut_close(&m);
	return 0;
}
