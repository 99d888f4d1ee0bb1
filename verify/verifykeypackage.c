/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verifykeypackage: check a region's KEK package and SecurityWorld package
 * before a key is entrusted to them.  Options -k and -w are the original's;
 * its failure texts were never public, so ours are.
 */
#include "config.h"

#include "nfast/base/cli.h"
#include "nfast/base/mem.h"
#include "verify/kekcheck.h"

static const struct nf_cli cli = {
	.name = "verifykeypackage",
	.synopsis = "verifykeypackage -k KEKPKG -w WORLDPKG "
	    "[--root-hash HEX | --simulated-root]",
	.help =
	    "Check that the key exchange key was generated in a module that\n"
	    "an accepted root certifies, that it cannot leave it, and that\n"
	    "the security world is that module's.\n\n"
	    "  -k, --kek-package FILE    BYOK-KEK-pkg-REGION-1\n"
	    "  -w, --world-package FILE  BYOK-SecurityWorld-pkg-REGION-1\n"
	    "  --root-hash HEX           accept this root too\n"
	    "  --simulated-root          accept the local simulator's root,\n"
	    "                            read from NFSIM_STATE; the same as\n"
	    "                            SECWORLD_SIMULATED_ROOT=1\n\n"
	    "Ends with \"Result: SUCCESS\" or \"Result: FAILED: why\".\n"
	    "Exit status: 0 success, 1 a check failed, 2 usage, 3 a file is\n"
	    "unreadable or malformed, 4 cannot say.\n"
};

static int
run(const char *kek, const char *world, const struct nf_vfy_roots *roots,
    struct nf_diag *diag)
{
	struct nf_buf out = NF_BUF_INIT;
	struct nf_vfy_pair pair;
	int status;

	if (nf_vfy_pair_check(kek, world, roots, &pair, diag) != 0)
		status = nf_cli_fail(&cli, diag);
	else {
		nf_vfy_write(&out, &pair.verdict);
		status = nf_cli_output(&cli, &out, nf_vfy_exit(&pair.verdict));
	}
	nf_vfy_pair_wipe(&pair);
	return status;
}

int
main(int argc, char **argv)
{
	const char *kek = NULL, *world = NULL, *root_hash = NULL;
	bool simulated = false;
	const struct nf_opt opts[] = {
		{ "kek-package", 'k', NULL, &kek },
		{ "world-package", 'w', NULL, &world },
		{ "root-hash", 0, NULL, &root_hash },
		{ "simulated-root", 0, &simulated, NULL },
		{ NULL, 0, NULL, NULL }
	};
	struct nf_diag diag = { 0 };
	struct nf_vfy_roots roots;
	char **args;
	int n, status;

	nf_process_harden();
	status = nf_cli_parse(&cli, opts, argc, argv, &args, &n);
	if (status != -1)
		return status;
	if (kek == NULL || world == NULL)
		return nf_cli_usage(&cli, "%s is missing",
		    kek == NULL ? "-k KEKPKG" : "-w WORLDPKG");
	if (nf_vfy_roots_set(&roots, root_hash, simulated, &diag) != 0)
		return nf_cli_fail(&cli, &diag);
	return run(kek, world, &roots, &diag);
}
