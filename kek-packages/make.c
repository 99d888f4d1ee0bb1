/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kekpkg make: play the authority of a region and write its two packages.
 * Ours; file names are the real ones.
 */
#include "config.h"

#include <string.h>

#include "kek-packages/authority.h"
#include "kek-packages/make.h"
#include "nfast/base/cli.h"

#define PACKAGE_MAX	((size_t)1 << 20)

static const struct nf_cli cli = {
	.name = "kekpkg make",
	.synopsis = "kekpkg make --region REGION --out DIR "
	    "[--cipher-suite SUITE]",
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
};

/* One package file on its way to DIR. */
struct product {
	const char *kind;
	struct nf_buf bytes;
	char path[NF_PATH_MAX];
	bool there;		/* with the same content */
};

static int
product_check(struct product *p, const char *dir, const char *code,
    struct nf_diag *diag)
{
	struct nf_buf old = NF_BUF_INIT;
	int r;

	if ((r = nf_path(p->path, diag, "%s/BYOK-%s-pkg-%s-1", dir, p->kind,
	    code)) != 0)
		return r;
	if (!nf_file_exists(p->path))
		return 0;
	if ((r = nf_file_load(p->path, PACKAGE_MAX, &old, diag)) != 0)
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
    const char *code, struct nf_buf *out, struct nf_diag *diag)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++)
		r = product_check(&p[i], dir, code, diag);
	for (size_t i = 0; r == 0 && i < n; i++) {
		if (!p[i].there)
			r = nf_file_write_new(p[i].path, 0644,
			    nf_buf_view(&p[i].bytes), diag);
		nf_buf_printf(out, "Path to package: %s%s\n", p[i].path,
		    p[i].there ? " (unchanged)" : "");
	}
	return r;
}

static void
describe(struct nf_buf *out, const struct nf_kek_authority *a)
{
	nf_buf_printf(out, "Region: %s (%s), simulated\nKEK: %s,%s, hash ",
	    a->region->heading[0], a->region->code, NF_KEK_APPNAME,
	    a->region->ident);
	nf_text_hex(out, nf_view_of(a->kek.key.hash, NF_HASH_LEN));
	nf_buf_printf(out, "\nWorld: %s, HKM ", a->world->suite->name);
	nf_text_hex(out, nf_view_of(a->world->hash[NF_ADMIN_M],
	    NF_HASH_LEN));
	nf_buf_u8(out, '\n');
}

static int
make(const struct nf_kek_region *region, const struct nf_suite *suite,
    const char *dir, struct nf_buf *out, struct nf_diag *diag)
{
	struct product p[] = {
		{ .kind = "KEK" }, { .kind = "SecurityWorld" }
	};
	struct nf_kek_authority a;
	int r;

	if (!nf_file_exists(dir)) {
		(void)nf_diag_set(diag, NF_E_NOTFOUND, "--out",
		    "there is no such directory");
		nf_diag_where(diag, "%s", dir);
		return NF_E_NOTFOUND;
	}
	if ((r = nf_kek_authority_make(nf_cli_env("NFSIM_STATE"), region,
	    suite, &a, diag)) == 0 &&
	    (r = nf_kek_authority_packages(&a, &p[0].bytes, &p[1].bytes,
	    diag)) == 0) {
		describe(out, &a);
		r = products_write(p, 2, dir, region->code, out, diag);
	}
	nf_kek_authority_close(&a);
	nf_buf_wipe(&p[0].bytes);
	nf_buf_wipe(&p[1].bytes);
	return r;
}

int
nf_kek_make_run(int argc, char **argv)
{
	const char *name = NULL, *dir = NULL, *suite_name = NULL;
	const struct nf_opt opts[] = {
		{ "region", 'r', NULL, &name },
		{ "out", 'o', NULL, &dir },
		{ "cipher-suite", 'c', NULL, &suite_name },
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
	    make(region, suite, dir, &out, &diag) != 0) {
		nf_buf_wipe(&out);
		return nf_cli_fail(&cli, &diag);
	}
	return nf_cli_output(&cli, &out, NF_EXIT_OK);
}
