/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which roots the options and the environment of a program accept.  Apart
 * from the rest, because a library must not look at the environment.
 */
#include "config.h"

#include <string.h>

#include "nfast/base/cli.h"
#include "verify/kwarn.h"
#include "verify/roots.h"

/* NFSIM_STATE, or NULL. */
static const char *
state_dir(struct nf_diag *diag)
{
	const char *dir = nf_cli_env("NFSIM_STATE");

	if (dir == NULL)
		(void)nf_diag_set(diag, NF_E_USAGE, "simulated-root",
		    "NFSIM_STATE does not name the simulator's directory");
	return dir;
}

int
nf_vfy_roots_set(struct nf_vfy_roots *out, const char *root_hash,
    bool simulated, struct nf_diag *diag)
{
	const char *dir;

	memset(out, 0, sizeof(*out));
	if (root_hash != NULL && simulated)
		return nf_diag_set(diag, NF_E_USAGE, "root-hash",
		    "--root-hash and --simulated-root exclude each other");
	if (root_hash != NULL)
		return nf_vfy_roots_name(out, root_hash, diag);
	if (!simulated && !nf_cli_env_on("SECWORLD_SIMULATED_ROOT"))
		return 0;
	if ((dir = state_dir(diag)) == NULL)
		return NF_E_USAGE;
	return nf_vfy_roots_load(out, dir, diag);
}

int
nf_vfy_kwarn_set(struct nf_vfy_kwarn *out, bool simulated,
    struct nf_diag *diag)
{
	const char *dir;

	memset(out, 0, sizeof(*out));
	if (!simulated && !nf_cli_env_on("SECWORLD_SIMULATED_ROOT"))
		return 0;
	if ((dir = state_dir(diag)) == NULL)
		return NF_E_USAGE;
	return nf_vfy_kwarn_load(out, dir, diag);
}
