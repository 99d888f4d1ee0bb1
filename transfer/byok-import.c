/* SPDX-License-Identifier: Apache-2.0 */
/*
 * byok-import: play who receives a package: of method 1 a region, of method 2
 * an HSM whose key exchange key it makes.  The program is ours; it works with
 * the simulated regions of kekpkg make and with HSMs of its own only.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <openssl/x509.h>

#include "nfast/base/cli.h"
#include "nfast/base/digest.h"
#include "nfast/base/mem.h"
#include "nfast/base/seed.h"
#include "transfer/audit1.h"
#include "transfer/byok2.h"
#include "transfer/import1.h"
#include "transfer/import2.h"

#define FILE_MAX	((size_t)1 << 20)
#define IDENT_SIZE	128

/* In NFSIM_STATE: links to the directories of HSMs, by the host of the kid. */
#define HSM_LINKS	"hsm"

static const struct nf_cli cli = {
	.name = "byok-import",
	.synopsis =
	    "byok-import --new-kek DIR [--bits N]\n"
	    "byok-import [--hsm DIR] [--type TYPE] FILE\n"
	    "byok-import --region REGION --name NAME FILE",
	.help =
	    "Play who receives a package.  Method 2: make an HSM with a key\n"
	    "exchange key that may import and do nothing else, whose\n"
	    "KEK.pem and kid (KEK.kid) are for byok-wrap; then open a\n"
	    "package in it, check the key's type and size, sign or encrypt\n"
	    "with it, and see that it cannot be exported.  The key is not\n"
	    "kept.\n\n"
	    "  --new-kek DIR    make that HSM in a new or empty directory\n"
	    "  --bits N         of the KEK: 2048, 3072 or 4096 (default)\n"
	    "  --hsm DIR        the HSM; default: the one that has the KEK\n"
	    "                   which FILE names, if NFSIM_STATE was set to\n"
	    "                   the same directory when it was made\n"
	    "  --type TYPE      what the key must be: RSA-2048, RSA-3072,\n"
	    "                   RSA-4096, P-256, P-384, P-521, P-256K,\n"
	    "                   oct-128, oct-192, oct-256\n\n"
	    "Method 1: play the region, one of kekpkg make: audit the\n"
	    "package, open it in the region's module with its key exchange\n"
	    "key, put the key into the region's world, sign with it, and see\n"
	    "that it cannot be exported.\n\n"
	    "  --region REGION  a code, heading or zip name of kekpkg list\n"
	    "  --name NAME      of the key in the region\n\n"
	    "Ends with \"Result: SUCCESS\" or \"Result: FAILED: why\".\n"
	    "Exit status: 0 success, 1 a check failed, 2 usage, 3 the file\n"
	    "is unreadable or malformed, 4 cannot say, 5 the module refused.\n",
	.args_min = 0,
	.args_max = 1
};

struct options {
	const char *region, *name, *new_kek, *bits, *hsm, *type;
	const char *file;
};

/* ---- method 1 ------------------------------------------------------------ */

static int
receive(const struct nf_kek_region *region, const struct nf_byok1 *pkg,
    const char *name, const char *ident, struct nf_buf *out,
    struct nf_diag *diag)
{
	char path[NF_PATH_MAX];
	struct nf_kek_authority a;
	int r;

	if ((r = nf_kek_authority_open(nf_cli_env("NFSIM_STATE"), region, &a,
	    diag)) == 0 && (r = nf_xfer_import_check(&a, pkg, diag)) == 0 &&
	    (r = nf_xfer_import(&a, pkg, name, ident, out, path,
	    diag)) == 0)
		nf_buf_printf(out, "Path to key: %s\n", path);
	nf_kek_authority_close(&a);
	return r;
}

/* A package that says so itself. */
static void
seed_say(struct nf_buf *out, struct nf_view claim)
{
	if (nf_seed_marked(claim))
		nf_buf_str(out, NF_SEED_WORDS ": the key is not secret\n");
}

static int
import1(const struct options *o, struct nf_buf *out, struct nf_diag *diag)
{
	const struct nf_kek_region *region;
	struct nf_buf file = NF_BUF_INIT;
	struct nf_byok1 *pkg = NULL;
	char ident[IDENT_SIZE];
	int r;

	if ((r = nf_kek_authority_region(o->region, &region, diag)) != 0 ||
	    (r = nf_xfer_vault_ident(o->name, ident, diag)) != 0)
		return r;
	if ((r = nf_file_load(o->file, FILE_MAX, &file, diag)) != 0)
		goto out;
	if (file.len == 0) {
		r = nf_diag_set(diag, NF_E_FORMAT, NULL, "the file is empty");
		goto out;
	}
	if (nf_byok2_is(nf_buf_view(&file))) {
		r = nf_diag_set(diag, NF_E_USAGE, NULL, "a package of method "
		    "2, and --region and --name are of method 1");
		goto out;
	}
	if ((r = nf_xfer_audit1(nf_buf_view(&file), o->file, diag)) == 0 &&
	    (r = nf_byok1_read(nf_buf_view(&file), &pkg, diag)) == 0) {
		nf_buf_printf(out, "%s: the audit finds no fault\n", o->file);
		seed_say(out, nf_view_of(pkg->environment,
		    strlen(pkg->environment)));
		r = receive(region, pkg, o->name, ident, out, diag);
	}
out:
	if (r != 0)
		nf_diag_where(diag, "%s", o->file);
	nf_byok1_free(pkg);
	nf_buf_wipe(&file);
	return r;
}

/* ---- method 2: where its HSMs are ---------------------------------------- */

/* The link to the HSM with that kid.  The host is a DNS name: no slash. */
static int
link_path(struct nf_view kid, char path[static NF_PATH_MAX],
    struct nf_diag *diag)
{
	const char *state = nf_cli_env("NFSIM_STATE");
	struct nf_kid parts;
	int r;

	if ((r = nf_kid_read(kid, &parts, diag)) != 0)
		return r;
	if (state == NULL)
		return nf_diag_set(diag, NF_E_USAGE, "--hsm", "missing, and "
		    "NFSIM_STATE is not set");
	return nf_path(path, diag, "%s/" HSM_LINKS "/%.*s", state,
	    (int)parts.host.len, (const char *)parts.host.p);
}

/* Returns whether the HSM will be found by its kid; not needed to use it. */
static bool
remember(const char *dir, const char *kid)
{
	const char *state = nf_cli_env("NFSIM_STATE");
	char path[NF_PATH_MAX], links[NF_PATH_MAX], *real;
	bool done;

	if (state == NULL || access(state, W_OK) != 0 ||
	    nf_path(links, NULL, "%s/" HSM_LINKS, state) != 0 ||
	    nf_dir_make(links, NULL) != 0 ||
	    link_path(nf_view_of(kid, strlen(kid)), path, NULL) != 0 ||
	    (real = realpath(dir, NULL)) == NULL)
		return false;
	done = symlink(real, path) == 0;
	free(real);
	return done;
}

static int
find(struct nf_view kid, char path[static NF_PATH_MAX], struct nf_diag *diag)
{
	int r = link_path(kid, path, diag);

	if (r == 0 && !nf_file_exists(path))
		r = nf_diag_set(diag, NF_E_NOTFOUND, "header.kid",
		    "made for the KEK %.160s, and NFSIM_STATE knows no such "
		    "HSM: name its directory by --hsm",
		    (const char *)kid.p);
	return r;
}

static int
new_kek(const struct options *o, struct nf_buf *out, struct nf_diag *diag)
{
	struct nf_buf pem = NF_BUF_INIT;
	char kid[NF_KID_MAX + 1];
	unsigned int bits = 0;
	int r;

	if (o->bits == NULL)
		bits = 4096;
	else if (strlen(o->bits) == 4 && strspn(o->bits, "0123456789") == 4)
		bits = (unsigned int)strtoul(o->bits, NULL, 10);
	if ((r = nf_xfer_kek_new(o->new_kek, bits, &pem, kid, diag)) != 0) {
		nf_diag_where(diag, "%s", o->new_kek);
		goto out;
	}
	nf_buf_printf(out, "KEK: RSA %u, for import only, in a new HSM\n"
	    "KEK.pem: %s/" NF_XFER_HSM2_PEM "\n", bits, o->new_kek);
	nf_buf_view_put(out, nf_buf_view(&pem));
	nf_buf_printf(out, "kid: %s\nImport packages with: ", kid);
	if (remember(o->new_kek, kid))
		nf_buf_str(out, "byok-import FILE\n");
	else
		nf_buf_printf(out, "byok-import --hsm %s FILE\n", o->new_kek);
	nf_buf_str(out, "SIMULATED: this HSM and its KEK are no real ones\n");
	if (nf_seed_text() != NULL)
		nf_buf_str(out, NF_SEED_WORDS ": the KEK is not secret\n");
out:
	nf_buf_wipe(&pem);
	return r;
}

/* ---- method 2: a package ------------------------------------------------- */

static const struct type_name {
	const char *name;
	struct nf_xfer_keytype type;
} type_names[] = {
	{ "RSA-2048", { NF_XFER_RSA, 2048, 0 } },
	{ "RSA-3072", { NF_XFER_RSA, 3072, 0 } },
	{ "RSA-4096", { NF_XFER_RSA, 4096, 0 } },
	{ "P-256", { NF_XFER_EC, 256, NF_EC_P256 } },
	{ "P-384", { NF_XFER_EC, 384, NF_EC_P384 } },
	{ "P-521", { NF_XFER_EC, 521, NF_EC_P521 } },
	{ "P-256K", { NF_XFER_EC, 256, NF_EC_SECP256K1 } },
	{ "oct-128", { NF_XFER_OCT, 128, 0 } },
	{ "oct-192", { NF_XFER_OCT, 192, 0 } },
	{ "oct-256", { NF_XFER_OCT, 256, 0 } },
	{ NULL, { NF_XFER_OCT, 0, 0 } }
};

static int
type_read(const char *text, const struct nf_xfer_keytype **out,
    struct nf_diag *diag)
{
	const struct type_name *t = type_names;

	*out = NULL;
	if (text == NULL)
		return 0;
	while (t->name != NULL && strcasecmp(t->name, text) != 0)
		t++;
	if (t->name == NULL)
		return nf_diag_set(diag, NF_E_USAGE, "--type", "'%.32s' is "
		    "none of RSA-2048, RSA-3072, RSA-4096, P-256, P-384, "
		    "P-521, P-256K, oct-128, oct-192, oct-256", text);
	*out = &t->type;
	return 0;
}

static int
package_read(struct nf_view file, struct nf_byok2 *out, struct nf_diag *diag)
{
	int r;

	memset(out, 0, sizeof(*out));
	if (nf_byok1_is(file))
		return nf_diag_set(diag, NF_E_USAGE, NULL, "a package of "
		    "method 1: it is imported with --region and --name");
	if ((r = nf_byok2_read(file, out, diag)) == 0 && out->release)
		r = nf_diag_set(diag, NF_E_FORMAT, "schema_version",
		    "an envelope of Secure Key Release, in which a key leaves "
		    "a vault: it is not to be imported");
	return r;
}

/* What others can compare with; of a symmetric key there is nothing. */
static int
public_line(const struct nf_xfer_received *got, struct nf_buf *out,
    struct nf_diag *diag)
{
	unsigned char *der = NULL;
	uint8_t digest[NF_DIGEST_MAX];
	EVP_PKEY *pkey = NULL;
	struct nf_view v;
	int len, r;

	if (got->pub.type == 0)
		return 0;
	if ((r = nf_wire_keydata_pkey(&got->pub, &pkey, diag)) != 0)
		return r;
	if ((len = i2d_PUBKEY(pkey, &der)) <= 0)
		r = nf_diag_set(diag, NF_E_CRYPTO, NULL,
		    "libcrypto cannot write the public key");
	else {
		v = nf_view_of(der, (size_t)len);
		if ((r = nf_digest_of(NF_SHA256, &v, 1, digest)) == 0) {
			nf_buf_str(out, "SHA-256 of the public key (DER): ");
			nf_text_hex(out, nf_view_of(digest, 32));
			nf_buf_u8(out, '\n');
		}
	}
	OPENSSL_free(der);
	EVP_PKEY_free(pkey);
	return r;
}

static int
receive2(const char *dir, const struct nf_byok2 *pkg,
    const struct nf_xfer_keytype *want, struct nf_buf *out,
    struct nf_diag *diag)
{
	struct nf_xfer_received got;
	struct nf_xfer_hsm2 h;
	int r;

	memset(&got, 0, sizeof(got));
	if ((r = nf_xfer_hsm2_open(dir, &h, diag)) == 0 &&
	    (r = nf_xfer_import2(&h, pkg->ciphertext,
	    (const char *)pkg->kid.p, want, &got, out, diag)) == 0)
		r = public_line(&got, out, diag);
	nf_xfer_received_wipe(&got);
	nf_xfer_hsm2_close(&h);
	return r;
}

static int
import2(const struct options *o, struct nf_buf *out, struct nf_diag *diag)
{
	struct nf_buf file = NF_BUF_INIT;
	const struct nf_xfer_keytype *want;
	char link[NF_PATH_MAX];
	struct nf_byok2 pkg;
	int r;

	memset(&pkg, 0, sizeof(pkg));
	if ((r = type_read(o->type, &want, diag)) != 0)
		return r;
	if ((r = nf_file_load(o->file, FILE_MAX, &file, diag)) == 0 &&
	    (r = package_read(nf_buf_view(&file), &pkg, diag)) == 0 &&
	    (o->hsm != NULL || (r = find(pkg.kid, link, diag)) == 0)) {
		nf_buf_printf(out, "%s: a package of method 2%s\n", o->file,
		    pkg.padded ? "; its base64url is padded" : "");
		seed_say(out, pkg.generator);
		r = receive2(o->hsm != NULL ? o->hsm : link, &pkg, want, out,
		    diag);
	}
	if (r != 0)
		nf_diag_where(diag, "%s", o->file);
	nf_byok2_wipe(&pkg);
	nf_buf_wipe(&file);
	return r;
}

/* ---- the program --------------------------------------------------------- */

/* Which options go together.  -1, or the exit status. */
static int
check(const struct options *o)
{
	bool one = o->region != NULL || o->name != NULL;

	if (o->new_kek != NULL) {
		if (one || o->hsm != NULL || o->type != NULL ||
		    o->file != NULL)
			return nf_cli_usage(&cli, "of the other options and "
			    "words only --bits goes with --new-kek");
		return -1;
	}
	if (o->bits != NULL)
		return nf_cli_usage(&cli, "--bits goes with --new-kek");
	if (one && (o->hsm != NULL || o->type != NULL))
		return nf_cli_usage(&cli, "--region and --name are of method "
		    "1, --hsm and --type of method 2");
	if (one && (o->region == NULL || o->name == NULL))
		return nf_cli_usage(&cli, "--%s is missing",
		    o->region == NULL ? "region" : "name");
	if (o->file == NULL)
		return nf_cli_usage(&cli, "FILE is missing");
	return -1;
}

static int
import(const struct options *o)
{
	char line[sizeof(struct nf_diag) + 64];
	struct nf_buf out = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	int status;

	if ((o->region != NULL ? import1(o, &out, &diag) :
	    import2(o, &out, &diag)) != 0) {
		status = nf_cli_fail(&cli, &diag);
		nf_diag_line(&diag, line, sizeof(line));
		nf_buf_printf(&out, "Result: FAILED: %s\n", line);
		return nf_cli_output(&cli, &out, status);
	}
	nf_buf_printf(&out, "SIMULATED: no real %s received this key\n"
	    "Result: SUCCESS\n", o->region != NULL ? "region" : "HSM");
	return nf_cli_output(&cli, &out, NF_EXIT_OK);
}

int
main(int argc, char **argv)
{
	struct options o = { .region = NULL };
	const struct nf_opt opts[] = {
		{ "region", 'r', NULL, &o.region },
		{ "name", 'n', NULL, &o.name },
		{ "new-kek", 0, NULL, &o.new_kek },
		{ "bits", 0, NULL, &o.bits },
		{ "hsm", 0, NULL, &o.hsm },
		{ "type", 0, NULL, &o.type },
		{ NULL, 0, NULL, NULL }
	};
	struct nf_buf out = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	char **args;
	int n, status;

	nf_process_harden();
	status = nf_cli_parse(&cli, opts, argc, argv, &args, &n);
	if (status != -1)
		return status;
	if (n == 1)
		o.file = args[0];
	if ((status = check(&o)) != -1)
		return status;
	if (o.new_kek == NULL)
		return import(&o);
	if (new_kek(&o, &out, &diag) != 0) {
		nf_buf_wipe(&out);
		return nf_cli_fail(&cli, &diag);
	}
	return nf_cli_output(&cli, &out, NF_EXIT_OK);
}
