/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Modules whose keys come from NFSIM_INSECURE_SEED (ours).  What is random in
 * a command follows from the seed, the module, the number of its power-up,
 * which is in its durable state, the number of the command since then, and
 * the command's bytes: no two operations share a nonce.
 */
#include "config.h"

#include <string.h>

#include "nfast/base/seed.h"
#include "nfast/base/seedrand.h"
#include "nfast/module/internal.h"

#define TAG_LEN	4u	/* first field of a command */

int
nf_mod_seed_factory(struct nf_module *m, const char *root_dir,
    struct nf_diag *diag)
{
	struct nf_view v[2];
	size_t n = 0;

	if (nf_seed_text() == NULL)
		return 0;
	/* What two runs in two directories have in common. */
	while (m->dir[n] != '\0' && m->dir[n] == root_dir[n])
		n++;
	v[0] = nf_view_of(m->dir + n, strlen(m->dir + n));
	v[1] = nf_view_of(root_dir + n, strlen(root_dir + n));
	m->nv.seed_epoch = 1;
	return nf_seed_bind("factory", v, 2, diag);
}

int
nf_mod_seed_resume(struct nf_module *m, struct nf_diag *diag)
{
	bool stored;
	int r;

	if (nf_seed_text() == NULL)
		return 0;
	if (m->nv.seed_epoch == 0) {
		r = nf_diag_set(diag, NF_E_POLICY, NF_SEED_ENV,
		    "this module was made without a seed: unset it, or name "
		    "an empty directory");
		nf_diag_where(diag, "%s", m->dir);
		return r;
	}
	if (m->nv.seed_epoch == UINT32_MAX)
		return nf_diag_set(diag, NF_E_POLICY, NF_SEED_ENV,
		    "this module was powered up too often");
	m->nv.seed_epoch++;
	if ((r = nf_mod_nv_save(m, &m->nv, &stored, diag)) != 0)
		return r;
	return nf_mod_seed_command(m, nf_view_of(m->nv.esn,
	    strlen(m->nv.esn)));
}

int
nf_mod_seed_command(struct nf_module *m, struct nf_view command)
{
	struct nf_view v[4];

	if (nf_seed_text() == NULL)
		return 0;
	m->seed_commands++;
	v[0] = nf_view_of(m->nv.esn, strlen(m->nv.esn));
	v[1] = nf_view_of(&m->nv.seed_epoch, sizeof(m->nv.seed_epoch));
	v[2] = nf_view_of(&m->seed_commands, sizeof(m->seed_commands));
	/* The tag is the sender's, who takes it from where he likes. */
	v[3] = command.len < TAG_LEN ? command :
	    nf_view_of(command.p + TAG_LEN, command.len - TAG_LEN);
	return nf_seed_bind("command", v, 4, NULL);
}
