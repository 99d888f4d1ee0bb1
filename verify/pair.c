/* SPDX-License-Identifier: Apache-2.0 */
/* Two package files by name: what verifykeypackage and its like call. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "nfast/base/file.h"
#include "verify/kekcheck.h"

int
nf_vfy_pair_check(const char *kek_path, const char *world_path,
    const struct nf_vfy_roots *roots, struct nf_vfy_pair *pair,
    struct nf_diag *diag)
{
	char subject[2 * NF_PATH_MAX];
	int r;

	memset(pair, 0, sizeof(*pair));
	(void)snprintf(subject, sizeof(subject), "%s, %s", kek_path,
	    world_path);
	nf_vfy_verdict_init(&pair->verdict, "region packages", subject);
	if ((pair->ctx = nf_vfy_ctx_new()) == NULL)
		return nf_diag_set(diag, NF_E_NOMEM, NULL, "out of memory");
	if ((r = nf_kek_pkg_load(kek_path, &pair->kekfile, diag)) != 0)
		return r;
	if ((r = nf_kek_kekpkg_read(pair->kekfile.file, &pair->kek,
	    diag)) != 0) {
		nf_diag_where(diag, "%s", kek_path);
		return r;
	}
	if ((r = nf_kek_pkg_load(world_path, &pair->worldfile, diag)) != 0)
		return r;
	if ((r = nf_kek_worldpkg_read(pair->worldfile.file, &pair->world,
	    diag)) != 0) {
		nf_diag_where(diag, "%s", world_path);
		return r;
	}
	return nf_vfy_kek_check(pair->ctx, &pair->kek, &pair->world, roots,
	    &pair->verdict, &pair->facts, diag);
}

void
nf_vfy_pair_wipe(struct nf_vfy_pair *pair)
{
	nf_vfy_verdict_wipe(&pair->verdict);
	nf_vfy_ctx_free(pair->ctx);
	nf_kek_pkgfile_wipe(&pair->kekfile);
	nf_kek_pkgfile_wipe(&pair->worldfile);
	memset(pair, 0, sizeof(*pair));
}
