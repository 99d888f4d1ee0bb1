/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kekpkg make: play the authority of a region and write its two packages, and
 * a toolset zip of them when asked.  Ours; file names are the real ones.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "kek-packages/authority.h"
#include "kek-packages/make.h"
#include "kek-packages/zipwrite.h"
#include "nfast/base/cli.h"
#include "nfast/base/seed.h"

#define PRODUCT_MAX	((size_t)4 << 20)
#define PRODUCTS	3	/* KEK, world, zip */

static const struct nf_cli cli = {
	.name = "kekpkg make",
	.synopsis = "kekpkg make --region REGION --out DIR "
	    "[--cipher-suite SUITE] [--zip]",
	.help =
	    "Play the authority of a region: give it a simulated module, a\n"
	    "security world and a key exchange key, kept under\n"
	    "NFSIM_STATE/regions, unless it has them, and write its packages\n"
	    "BYOK-KEK-pkg-CODE-1 and BYOK-SecurityWorld-pkg-CODE-1.\n\n"
	    "  --region REGION       a code, heading or zip name of\n"
	    "                        kekpkg list\n"
	    "  --out DIR             where the packages go\n"
	    "  --cipher-suite SUITE  of a region that is new, default\n"
	    "                        " NF_KEK_SUITE "\n"
	    "  --zip                 also write the region's toolset zip,\n"
	    "                        with the packages and a README in it\n"
};

static const char readme[] =
    "SIMULATED\n\n"
    "This zip was made by kekpkg, the region simulator of secworld.  It\n"
    "holds the two packages of a simulated region under the names that the\n"
    "real ones have.  It comes from no vendor, holds none of a vendor's\n"
    "programs, and has none of the published SHA-256 values.  A key that is\n"
    "wrapped for this region can be read by whoever holds the simulator's\n"
    "state.\n";

/* One package file on its way to DIR. */
struct product {
	char name[80];
	struct nf_buf bytes;
	char path[NF_PATH_MAX];
	bool there;		/* with the same content */
};

static int
product_check(struct product *p, const char *dir, struct nf_diag *diag)
{
	struct nf_buf old = NF_BUF_INIT;
	int r;

	if ((r = nf_path(p->path, diag, "%s/%s", dir, p->name)) != 0)
		return r;
	if (!nf_file_exists(p->path))
		return 0;
	if ((r = nf_file_load(p->path, PRODUCT_MAX, &old, diag)) != 0)
		goto out;
	p->there = nf_view_equal(nf_buf_view(&old), nf_buf_view(&p->bytes));
	if (!p->there) {
		r = nf_diag_set(diag, NF_E_EXISTS, NULL, "exists already with "
		    "other content and is not overwritten");
		nf_diag_where(diag, "%s", p->path);
	}
out:
	nf_buf_wipe(&old);
	return r;
}

static int
products_write(struct product *p, size_t n, const char *dir,
    struct nf_buf *out, struct nf_diag *diag)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++)
		r = product_check(&p[i], dir, diag);
	for (size_t i = 0; r == 0 && i < n; i++) {
		if (!p[i].there)
			r = nf_file_write_new(p[i].path, 0644,
			    nf_buf_view(&p[i].bytes), diag);
		nf_buf_printf(out, "Path to %s: %s%s\n", i < 2 ? "package" :
		    "toolset", p[i].path, p[i].there ? " (unchanged)" : "");
	}
	return r;
}

static void
describe(struct nf_buf *out, const struct nf_kek_authority *a)
{
	nf_buf_printf(out, "Region: %s (%s), simulated%s\nKEK: %s,%s, hash ",
	    a->region->heading[0], a->region->code,
	    nf_seed_suffix(a->world->insecure), NF_KEK_APPNAME,
	    a->region->ident);
	nf_text_hex(out, nf_view_of(a->kek.key.hash, NF_HASH_LEN));
	nf_buf_printf(out, "\nWorld: %s, HKM ", a->world->suite->name);
	nf_text_hex(out, nf_view_of(a->world->hash[NF_ADMIN_M],
	    NF_HASH_LEN));
	nf_buf_u8(out, '\n');
}

/* The zip of the two packages and a README. */
static int
toolset(struct product *p, const struct nf_kek_region *region,
    bool insecure, struct nf_diag *diag)
{
	const struct nf_zip_file file[] = {
		{ p[0].name, nf_buf_view(&p[0].bytes), true },
		{ p[1].name, nf_buf_view(&p[1].bytes), true },
		{ "README", nf_view_of(readme, sizeof(readme) - 1), true }
	};
	int r;

	(void)snprintf(p[2].name, sizeof(p[2].name), "%s", region->zip);
	if ((r = nf_zip_write(&p[2].bytes, file, 3, insecure ?
	    "SIMULATED, " NF_SEED_WORDS : "SIMULATED")) != 0)
		return nf_diag_set(diag, r, NULL, "cannot build the zip");
	return 0;
}

static int
make(const struct nf_kek_region *region, const struct nf_suite *suite,
    const char *dir, bool zip, struct nf_buf *out, struct nf_diag *diag)
{
	struct product p[PRODUCTS];
	struct nf_kek_authority a;
	int r;

	memset(p, 0, sizeof(p));
	(void)snprintf(p[0].name, sizeof(p[0].name), "BYOK-KEK-pkg-%s-1",
	    region->code);
	(void)snprintf(p[1].name, sizeof(p[1].name),
	    "BYOK-SecurityWorld-pkg-%s-1", region->code);
	if (!nf_file_exists(dir)) {
		(void)nf_diag_set(diag, NF_E_NOTFOUND, "--out",
		    "there is no such directory");
		nf_diag_where(diag, "%s", dir);
		return NF_E_NOTFOUND;
	}
	if ((r = nf_kek_authority_make(nf_cli_env("NFSIM_STATE"), region,
	    suite, &a, diag)) == 0 &&
	    (r = nf_kek_authority_packages(&a, &p[0].bytes, &p[1].bytes,
	    diag)) == 0 &&
	    (!zip || (r = toolset(p, region, a.world->insecure,
	    diag)) == 0)) {
		describe(out, &a);
		r = products_write(p, zip ? 3 : 2, dir, out, diag);
	}
	nf_kek_authority_close(&a);
	for (size_t i = 0; i < PRODUCTS; i++)
		nf_buf_wipe(&p[i].bytes);
	return r;
}

int
nf_kek_make_run(int argc, char **argv)
{
	const char *name = NULL, *dir = NULL, *suite_name = NULL;
	bool zip = false;
	const struct nf_opt opts[] = {
		{ "region", 'r', NULL, &name },
		{ "out", 'o', NULL, &dir },
		{ "cipher-suite", 'c', NULL, &suite_name },
		{ "zip", 'z', &zip, NULL },
		{ NULL, 0, NULL, NULL }
	};
	const struct nf_kek_region *region;
	const struct nf_suite *suite = NULL;
	struct nf_buf out = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	int n, status;
	char **args;

	status = nf_cli_parse(&cli, opts, argc, argv, &args, &n);
	if (status != -1)
		return status;
	if (name == NULL || dir == NULL)
		return nf_cli_usage(&cli, "--%s is missing",
		    name == NULL ? "region" : "out");
	if (suite_name != NULL &&
	    (suite = nf_suite_named(suite_name)) == NULL)
		return nf_cli_usage(&cli, "unknown cipher suite '%.64s'",
		    suite_name);
	if (nf_kek_authority_region(name, &region, &diag) != 0 ||
	    make(region, suite, dir, zip, &out, &diag) != 0) {
		nf_buf_wipe(&out);
		return nf_cli_fail(&cli, &diag);
	}
	return nf_cli_output(&cli, &out, NF_EXIT_OK);
}
