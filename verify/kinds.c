/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "kek-packages/package.h"
#include "transfer/byok1.h"
#include "verify/attbundle.h"
#include "verify/attcheck.h"
#include "verify/byok1check.h"
#include "verify/datafilecheck.h"
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

/* A KM datafile; half of a pair of packages is not judged alone. */
static int
datafile_check(struct nf_vfy_ctx *ctx, struct nf_view file,
    const struct nf_vfy_options *opt, struct nf_vfy_verdict *verdict,
    struct nf_diag *diag)
{
	static const char *const names[] = {
		[NF_VFY_KM_OTHER] = "KM datafile",
		[NF_VFY_KM_KEY] = "key file",
		[NF_VFY_KM_WORLD] = "world file",
		[NF_VFY_KM_MODULE] = "module file"
	};
	enum nf_kek_pkgkind half;
	struct nf_km_file *km;
	struct nf_cur cur;
	int r;

	nf_cur_init(&cur, file.p, file.len, diag);
	if ((r = nf_km_file_read(&cur, &km)) != 0)
		return r;
	half = nf_kek_pkg_kind(km);
	if (half != NF_KEK_PKG_NONE) {
		r = nf_diag_set(diag, NF_E_UNANCHORED, NULL, "%s package: "
		    "check it with its other half by verifykeypackage "
		    "-k KEKPKG -w WORLDPKG",
		    half == NF_KEK_PKG_KEK ? "a KEK" : "a SecurityWorld");
	} else {
		verdict->kind = names[nf_vfy_km_kind(km)];
		r = nf_vfy_km_check(ctx, km, opt, verdict, diag);
	}
	nf_km_file_free(km);
	return r;
}

const struct nf_vfy_kind nf_vfy_kinds[] = {
	{ "method-1 package", nf_byok1_is, byok1_check },
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
