/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two region packages, BYOK-KEK-pkg-R-1 and BYOK-SecurityWorld-pkg-R-1.
 * The layout of the real ones is not public: these are ours, on the real KM
 * datafile container, with real entry numbers and real contents (blobs, key
 * data, certificates, signature texts); "secworld:" entries are ours.
 *
 * KEK package: AppName, Ident, Name, HashKA, BlobPubKA, CertGenKA, MesgGenKA,
 * ESNGen, BlobPubKML, CertKMLaESN, CertModuleState, MesgModuleState,
 * secworld:RootChain, secworld:Region, secworld:Mark.
 * SecurityWorld package: secworld:Region, CipherSuite, HashKNSO, HashKM,
 * HashKMC, KeyPubKNSO, CertKMaKMCbKNSO, CertGenKM, MesgGenKM, ESNGen,
 * CertModuleState, MesgModuleState, secworld:RootChain, secworld:Mark.
 */
#ifndef NF_KEK_PACKAGE_H
#define NF_KEK_PACKAGE_H

#include <stdint.h>

#include "nfast/base/buf.h"
#include "nfast/base/cur.h"
#include "nfast/base/seed.h"
#include "nfast/kmdata/datafile.h"

#define NF_KEK_PKG_TEXT_MAX	320

/* What a mark says that is not the caller's own. */
#define NF_KEK_PKG_MARK	"made by the secworld simulator, not by a vendor"
#define NF_KEK_PKG_MARK_SEED	NF_KEK_PKG_MARK ", " NF_SEED_WORDS

enum nf_kek_pkgkind {
	NF_KEK_PKG_NONE,	/* a datafile, but neither package */
	NF_KEK_PKG_KEK,
	NF_KEK_PKG_WORLD
};

/* A KEK package as views that live as long as the bytes behind them. */
struct nf_kek_kekpkg {
	uint64_t time;			/* Unix seconds */
	struct nf_view file;		/* all bytes; not written */
	struct nf_view appname;		/* texts: printable */
	struct nf_view ident;
	struct nf_view name;
	uint8_t hash[20];		/* of the KEK */
	struct nf_view pubblob;		/* KEK, under the null module key */
	struct nf_view cert_gen;	/* signature text by KML */
	struct nf_view mesg_gen;
	struct nf_view esn;
	struct nf_view pubblob_kml;
	struct nf_view cert_kml_esn;	/* signature text by KMC */
	struct nf_view cert_state;	/* signature text by KLF or KLF2 */
	struct nf_view mesg_state;
	struct nf_view rootchain;	/* of verify/chain.h */
	struct nf_view region;		/* a heading of regions.h */
	struct nf_view mark;
};

/* A SecurityWorld package: the world that the KEK's holder keeps. */
struct nf_kek_worldpkg {
	uint64_t time;
	struct nf_view file;		/* all bytes; not written */
	struct nf_view region;
	struct nf_view suite;		/* cipher suite's name */
	uint8_t hknso[20];
	uint8_t hkm[20];
	uint8_t hkmc[20];
	struct nf_view knso;		/* KeyData */
	struct nf_view cert_modulekeys;	/* signature text by KNSO */
	struct nf_view cert_gen_km;	/* signature text by KML */
	struct nf_view mesg_gen_km;
	struct nf_view esn;
	struct nf_view cert_state;
	struct nf_view mesg_state;
	struct nf_view rootchain;
	struct nf_view mark;
};

/* Tell by content; file names do not count. */
enum nf_kek_pkgkind nf_kek_pkg_kind(const struct nf_km_file *file);

/* The bytes start as a KM datafile does. */
bool nf_kek_pkg_is_datafile(struct nf_view bytes);

/*
 * Read a package from a datafile.
 *   out  borrows from what file borrows from; zeroed on failure
 * Every entry is required, given once, and no other is allowed; texts are
 * printable, hashes have 20 bytes.
 * Returns 0 or NF_E_FORMAT (diag.field: the entry; a package of the other
 * kind says to swap -k and -w).
 * Looks into no blob and no message, and verifies nothing.
 */
int nf_kek_kekpkg_read(const struct nf_km_file *file,
    struct nf_kek_kekpkg *out, struct nf_diag *diag);
int nf_kek_worldpkg_read(const struct nf_km_file *file,
    struct nf_kek_worldpkg *out, struct nf_diag *diag);

/*
 * Append the package file.  Reading it gives the same package.
 * Returns 0, NF_E_NOMEM, or NF_E_FORMAT / NF_E_INTERNAL for a package that
 * would not read.
 */
int nf_kek_kekpkg_write(const struct nf_kek_kekpkg *pkg, struct nf_buf *buf);
int nf_kek_worldpkg_write(const struct nf_kek_worldpkg *pkg,
    struct nf_buf *buf);

/* One package file that was loaded. */
struct nf_kek_pkgfile {
	struct nf_buf bytes;
	struct nf_km_file *file;
	enum nf_kek_pkgkind kind;
};

/*
 * Load a datafile and tell what it is; an unknown kind is no error.
 *   path  as typed; the case of letters may differ, see pkgname.h
 *   out  wipe with nf_kek_pkgfile_wipe(), also after a failure
 * Errors: those of nf_file_load() and nf_km_file_read(); diag names the path.
 */
int nf_kek_pkg_load(const char *path, struct nf_kek_pkgfile *out,
    struct nf_diag *diag);
void nf_kek_pkgfile_wipe(struct nf_kek_pkgfile *pkg);

/*
 * Append a package for people.  All values are claims of the file: nothing is
 * verified, and the text says so.
 * Returns 0, NF_E_FORMAT (no package, or malformed) or NF_E_NOMEM.
 */
int nf_kek_pkg_print(struct nf_buf *buf, const struct nf_km_file *file,
    struct nf_diag *diag);

#endif
