/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "kek-packages/package.h"
#include "nfast/kmdata/attbundle.h"
#include "transfer/byok1.h"
#include "transfer/byok2.h"
#include "verify/attcheck.h"
#include "verify/byok1check.h"
#include "verify/byok2check.h"
#include "verify/datafilecheck.h"
#include "verify/kekcheck.h"
#include "verify/kinds.h"
#include "verify/legacycert.h"
#include "verify/nchex.h"
#include "verify/warrant.h"

static int
byok1_check(struct nf_vfy_ctx *ctx, struct nf_view file,
    const struct nf_vfy_options *opt, struct nf_vfy_verdict *verdict,
    struct nf_diag *diag)
{
	(void)opt;
	return nf_vfy_byok1_check(ctx, file, verdict, diag);
}

static bool
nchex_is(struct nf_view file, const char *type)
{
	char found[12];

	if (!nf_nchex_is(file))
		return false;
	nf_nchex_type(file, found);
	return strcmp(found, type) == 0;
}

static bool
warrant_is(struct nf_view file)
{
	return nf_vfy_warrant_is(file) || nchex_is(file, NF_NCHEX_WARRANT);
}

static bool
certificate_is(struct nf_view file)
{
	return nchex_is(file, NF_NCHEX_CERTIFICATE);
}

static int
kekpkg_check(struct nf_vfy_ctx *ctx, const struct nf_km_file *km,
    const struct nf_vfy_options *opt, struct nf_vfy_verdict *verdict,
    struct nf_diag *diag)
{
	struct nf_kek_kekpkg pkg;
	int r;

	verdict->kind = NF_VFY_KIND_KEKPKG;
	if ((r = nf_kek_kekpkg_read(km, &pkg, diag)) != 0)
		return r;
	return nf_vfy_kekpkg_check(ctx, &pkg, opt->roots, verdict, diag);
}

static int
worldpkg_check(struct nf_vfy_ctx *ctx, const struct nf_km_file *km,
    const struct nf_vfy_options *opt, struct nf_vfy_verdict *verdict,
    struct nf_diag *diag)
{
	struct nf_kek_worldpkg pkg;
	int r;

	verdict->kind = NF_VFY_KIND_WORLDPKG;
	if ((r = nf_kek_worldpkg_read(km, &pkg, diag)) != 0)
		return r;
	return nf_vfy_worldpkg_check(ctx, &pkg, opt->roots, verdict, diag);
}

/* A region package, or a file of kmdata/local. */
static int
datafile_check(struct nf_vfy_ctx *ctx, struct nf_view file,
    const struct nf_vfy_options *opt, struct nf_vfy_verdict *verdict,
    struct nf_diag *diag)
{
	struct nf_km_file *km;
	struct nf_cur cur;
	int r;

	nf_cur_init(&cur, file.p, file.len, diag);
	if ((r = nf_km_file_read(&cur, &km)) != 0)
		return r;
	switch (nf_kek_pkg_kind(km)) {
	case NF_KEK_PKG_KEK:
		r = kekpkg_check(ctx, km, opt, verdict, diag);
		break;
	case NF_KEK_PKG_WORLD:
		r = worldpkg_check(ctx, km, opt, verdict, diag);
		break;
	case NF_KEK_PKG_NONE:
		verdict->kind = nf_vfy_km_name(nf_vfy_km_kind(km));
		r = nf_vfy_km_check(ctx, km, opt, verdict, diag);
		break;
	}
	nf_km_file_free(km);
	return r;
}

const struct nf_vfy_kind nf_vfy_kinds[] = {
	{ "method-1 package", nf_byok1_is, byok1_check },
	{ "method-2 package", nf_byok2_is, nf_vfy_byok2_check },
	{ "attestation bundle", nf_att_is, nf_vfy_att_check },
	{ "KM datafile", nf_kek_pkg_is_datafile, datafile_check },
	{ "warrant", warrant_is, nf_vfy_warrant_check },
	{ "feature certificate", certificate_is, nf_vfy_legacycert_check },
	{ NULL, NULL, NULL }
};

const struct nf_vfy_kind *
nf_vfy_kind_find(struct nf_view file)
{
	for (const struct nf_vfy_kind *k = nf_vfy_kinds; k->name != NULL;
	    k++) {
		if (k->is(file))
			return k;
	}
	return NULL;
}
