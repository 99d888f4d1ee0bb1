/* SPDX-License-Identifier: Apache-2.0 */
/* The audit of a toolset zip: its hash, its archive, its packages. */
#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "kek-packages/regions.h"
#include "kek-packages/toolsets.h"
#include "kek-packages/zip.h"
#include "nfast/base/digest.h"
#include "nfast/base/file.h"
#include "nfast/base/text.h"
#include "verify/kekcheck.h"
#include "verify/toolset.h"

#define PIECE		((size_t)256 * 1024)
#define SHA256_LEN	32
#define KEK_PREFIX	"BYOK-KEK-pkg-"
#define WORLD_PREFIX	"BYOK-SecurityWorld-pkg-"
#define TITLE_HASH	"SHA-256 of the zip is a published one"
#define TITLE_ARCHIVE	"archive has one reading"
#define TITLE_DATA	"every entry unpacks to its size and CRC"
#define TITLE_PACKAGES	"the two region packages can be read"

/* What is known while a zip is judged. */
struct job {
	struct nf_vfy_ctx *ctx;
	const struct nf_vfy_roots *roots;
	const char *name;		/* last part of the path */
	const char *zipname;		/* the same when published, or NULL */
	const struct nf_kek_region *region;	/* of zipname, or NULL */
	int fd;				/* -1: mem */
	struct nf_view mem;
	bool published;			/* the hash vouches for the file */
	struct nf_zip *zip;
	nf_vfy_toolset_after *after;	/* or NULL */
	void *arg;
	struct nf_vfy_verdict *v;
	struct nf_diag *diag;
};

/* Remember which package entry is which. */
struct pair {
	struct nf_kek_pkgfile file[2];	/* KEK, world */
	size_t entry[2], found[2];
	struct nf_kek_kekpkg kek;
	struct nf_kek_worldpkg world;
};

static const char *
last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

static const struct nf_kek_region *
region_of_zip(const char *zip)
{
	const struct nf_kek_region *r;
	size_t n;

	r = nf_kek_regions(&n);
	for (size_t i = 0; i < n; i++) {
		if (strcasecmp(r[i].zip, zip) == 0)
			return &r[i];
	}
	r = nf_kek_rms(&n);
	for (size_t i = 0; i < n; i++) {
		if (strcasecmp(r[i].zip, zip) == 0)
			return &r[i];
	}
	return NULL;
}

static int
hash_fd(EVP_MD_CTX *md, int fd, struct nf_diag *diag)
{
	uint8_t *piece;
	off_t off = 0;
	ssize_t n;
	int r = 0;

	if ((piece = malloc(PIECE)) == NULL)
		return nf_diag_set(diag, NF_E_NOMEM, NULL, "out of memory");
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	while ((n = pread(fd, piece, PIECE, off)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			r = nf_diag_set(diag, NF_E_IO, NULL,
			    "cannot read: %s", strerror(errno));
			break;
		}
		if (EVP_DigestUpdate(md, piece, (size_t)n) != 1) {
			r = nf_diag_set(diag, NF_E_CRYPTO, NULL,
			    "libcrypto fails to hash");
			break;
		}
		off += n;
	}
	free(piece);
	return r;
}

int
nf_vfy_toolset_hash(int fd, uint8_t out[static SHA256_LEN],
    struct nf_diag *diag)
{
	EVP_MD_CTX *md = NULL;
	int r;

	if ((md = EVP_MD_CTX_new()) == NULL ||
	    nf_digest_md(NF_SHA256) == NULL ||
	    EVP_DigestInit_ex2(md, nf_digest_md(NF_SHA256), NULL) != 1)
		r = nf_diag_set(diag, NF_E_CRYPTO, NULL,
		    "libcrypto has no SHA-256");
	else
		r = hash_fd(md, fd, diag);
	if (r == 0 && EVP_DigestFinal_ex(md, out, NULL) != 1)
		r = nf_diag_set(diag, NF_E_CRYPTO, NULL,
		    "libcrypto fails to hash");
	EVP_MD_CTX_free(md);
	return r;
}

static int
hash_file(const struct job *j, uint8_t out[static SHA256_LEN])
{
	int r;

	if (j->fd >= 0)
		return nf_vfy_toolset_hash(j->fd, out, j->diag);
	if ((r = nf_digest_of(NF_SHA256, &j->mem, 1, out)) != 0)
		return nf_diag_set(j->diag, r, NULL,
		    "libcrypto fails to hash");
	return 0;
}

/* How many hashes were published for the zip that the name tells. */
static size_t
published_for(const char *zip)
{
	const struct nf_kek_toolset *t;
	size_t n, found = 0;

	t = nf_kek_toolsets(&n);
	for (size_t i = 0; i < n; i++)
		found += strcasecmp(t[i].zip, zip) == 0;
	return found;
}

static void
unlisted(const struct job *j, const char *hex)
{
	if (j->zipname != NULL)
		nf_vfy_addf(j->v, "toolset.hash", TITLE_HASH, NF_VFY_UNKNOWN,
		    "not listed: %s is none of the %zu values published for "
		    "%s", hex, published_for(j->zipname), j->zipname);
	else
		nf_vfy_addf(j->v, "toolset.hash", TITLE_HASH, NF_VFY_UNKNOWN,
		    "not listed: %s was published for no zip", hex);
}

static int
hash_check(struct job *j)
{
	const struct nf_kek_toolset *t;
	const struct nf_kek_misprint *m;
	uint8_t sha[SHA256_LEN];
	struct nf_buf hex = NF_BUF_INIT;
	const char *s;
	int r;

	if ((r = hash_file(j, sha)) != 0)
		return r;
	memcpy(j->v->sha256, sha, sizeof(sha));
	j->v->has_sha256 = true;
	nf_text_hex(&hex, nf_view_of(sha, sizeof(sha)));
	s = nf_buf_text(&hex);
	if ((r = nf_buf_err(&hex)) != 0)
		return r;
	switch (nf_kek_toolset_check(j->zipname, s, &t, &m)) {
	case NF_KEK_TOOLSET_MATCH:
		j->published = true;
		nf_vfy_addf(j->v, "toolset.hash", TITLE_HASH, NF_VFY_PASS,
		    "%s: published for %s (%s), generation %s, from %s to %s",
		    s, t->zip, t->region, t->generation, t->first_published,
		    t->last_in_force);
		if (j->region == NULL)
			j->region = region_of_zip(t->zip);
		break;
	case NF_KEK_TOOLSET_OTHER:
		nf_vfy_addf(j->v, "toolset.hash", TITLE_HASH, NF_VFY_FAIL,
		    "mismatch: %s was published for another zip, %s (%s), "
		    "generation %s, from %s", s, t->zip, t->region,
		    t->generation, t->first_published);
		break;
	case NF_KEK_TOOLSET_MISPRINT:
		nf_vfy_addf(j->v, "toolset.hash", TITLE_HASH, NF_VFY_FAIL,
		    "known-wrong value: %s was printed for %s by mistake, "
		    "from %s to %s: %s", s, m->zip, m->first_published,
		    m->last_published, m->reason);
		break;
	case NF_KEK_TOOLSET_UNLISTED:
		unlisted(j, s);
		break;
	}
	nf_buf_wipe(&hex);
	return 0;
}

/*
 * Add a check of the archive.  A file with a published hash is what it is:
 * that the strict reader refuses it is then no fault of the file.
 */
static int
archive_result(struct job *j, const char *id, const char *title, int r,
    const struct nf_diag *diag, const char *ok)
{
	char line[NF_DIAG_TEXT_MAX + NF_DIAG_FIELD_MAX + 64];
	struct nf_diag here;

	if (r == NF_E_FORMAT && j->published) {
		nf_diag_line(diag, line, sizeof(line));
		nf_vfy_addf(j->v, id, title, NF_VFY_UNKNOWN,
		    "published so, but refused: %s", line);
		return r;
	}
	if (r == NF_E_IO) {
		nf_diag_set(j->diag, r, NULL, "%s", diag->text);
		return r;
	}
	here = *diag;
	here.has_offset = false;
	r = nf_vfy_add_result(j->v, id, title, r, &here, ok);
	if (r == NF_E_FORMAT && diag->has_offset)
		nf_vfy_place(j->v, "file", diag->offset, 1);
	return r;
}

/* Open the archive and verify every entry; NF_E_FORMAT when refused. */
static int
archive_check(struct job *j)
{
	struct nf_diag diag = { 0 };
	char ok[128];
	int r;

	r = j->fd < 0 ? nf_zip_open_mem(j->mem, NULL, &j->zip, &diag) :
	    nf_zip_open_fd(j->fd, NULL, &j->zip, &diag);
	if (r == 0)
		(void)snprintf(ok, sizeof(ok), "%zu entries, no byte that "
		    "belongs to none", nf_zip_count(j->zip));
	if ((r = archive_result(j, "toolset.archive", TITLE_ARCHIVE, r, &diag,
	    ok)) != 0) {
		if (r == NF_E_FORMAT)
			nf_vfy_add_unchecked(j->v, "toolset.data",
			    TITLE_DATA);
		return r;
	}
	r = nf_zip_verify(j->zip, &diag);
	r = archive_result(j, "toolset.data", TITLE_DATA, r, &diag, NULL);
	if (nf_zip_folded(j->zip) > 0)
		nf_vfy_addf(j->v, "toolset.names", "names are plain",
		    NF_VFY_PASS, "%zu names with backslashes, as old writers "
		    "made them, were read with slashes",
		    nf_zip_folded(j->zip));
	else
		nf_vfy_add(j->v, "toolset.names", "names are plain",
		    NF_VFY_PASS, NULL);
	return r;
}

/* Is there a file of that name, in any directory and case? */
static bool
holds(const struct nf_zip *zip, const char *name, bool prefix)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < nf_zip_count(zip); i++) {
		const struct nf_zip_entry *e = nf_zip_entry(zip, i);
		const char *last = last_part(e->name);

		if (!e->is_dir && strncasecmp(last, name, len) == 0 &&
		    (prefix || last[len] == '\0'))
			return true;
	}
	return false;
}

static int
contents_check(struct job *j)
{
	static const struct {
		const char *name;
		bool prefix;
	} due[] = {
		{ KEK_PREFIX, true }, { WORLD_PREFIX, true },
		{ "verifykeypackage.py", false },
		{ "KeyTransferRemote.exe", false },
		{ "vcredist_x64.exe", false }
	};
	struct nf_buf missing = NF_BUF_INIT;
	size_t n = sizeof(due) / sizeof(due[0]), there = 0;
	const char *list;
	int r;

	for (size_t i = 0; i < n; i++) {
		if (holds(j->zip, due[i].name, due[i].prefix))
			there++;
		else
			nf_buf_printf(&missing, "%s %s%s",
			    missing.len > 0 ? "," : "", due[i].name,
			    due[i].prefix ? "CODE-1" : "");
	}
	list = nf_buf_text(&missing);
	if ((r = nf_buf_err(&missing)) == 0 && there == n)
		nf_vfy_add(j->v, "toolset.contents",
		    "the documented files are there", NF_VFY_PASS, NULL);
	else if (r == 0)
		nf_vfy_addf(j->v, "toolset.contents",
		    "the documented files are there", NF_VFY_UNKNOWN,
		    "%zu of %zu; missing:%s", there, n, list);
	nf_buf_wipe(&missing);
	return r;
}

/* Which entry is which package; a prefix of ours is compared in any case. */
static void
pair_find(const struct nf_zip *zip, struct pair *p)
{
	static const char *const prefix[2] = { KEK_PREFIX, WORLD_PREFIX };

	for (size_t i = 0; i < nf_zip_count(zip); i++) {
		const struct nf_zip_entry *e = nf_zip_entry(zip, i);

		for (size_t k = 0; k < 2; k++) {
			if (e->is_dir || strncasecmp(last_part(e->name),
			    prefix[k], strlen(prefix[k])) != 0)
				continue;
			p->entry[k] = i;
			p->found[k]++;
		}
	}
}

/* CODE of BYOK-...-pkg-CODE-1; len 0 when the name is not so. */
static struct nf_view
code_of(const char *name, const char *prefix)
{
	const char *code = last_part(name) + strlen(prefix);
	const char *dash = strrchr(code, '-');

	return dash == NULL ? nf_view_of(NULL, 0) :
	    nf_view_of(code, (size_t)(dash - code));
}

static void
code_check(struct job *j, const struct pair *p)
{
	const char *title = "package names carry the code of the zip's region";
	struct nf_view a, b;

	a = code_of(nf_zip_entry(j->zip, p->entry[0])->name, KEK_PREFIX);
	b = code_of(nf_zip_entry(j->zip, p->entry[1])->name, WORLD_PREFIX);
	if (a.len == 0 || a.len != b.len || strncasecmp((const char *)a.p,
	    (const char *)b.p, a.len) != 0)
		nf_vfy_add(j->v, "toolset.code", title, NF_VFY_FAIL,
		    "the names of the two packages have different codes");
	else if (j->region == NULL)
		nf_vfy_add(j->v, "toolset.code", title, NF_VFY_NA,
		    "the name of the zip tells no region");
	else
		nf_vfy_add_bool(j->v, "toolset.code", title,
		    strlen(j->region->code) == a.len &&
		    strncasecmp(j->region->code, (const char *)a.p,
		    a.len) == 0, "the code is another region's");
}

static void
region_check(struct job *j, struct nf_view claimed)
{
	const char *title = "packages are of the zip's region";

	if (j->region == NULL) {
		nf_vfy_add(j->v, "toolset.region", title, NF_VFY_NA,
		    "the name of the zip tells no region");
		return;
	}
	nf_vfy_add_bool(j->v, "toolset.region", title,
	    nf_kek_region_named(j->region, claimed),
	    "the packages name another region");
}

/* Unpack and read one package; unknown formats set *vendor. */
static int
package_read(struct job *j, struct pair *p, size_t k, bool *vendor,
    struct nf_diag *diag)
{
	struct nf_kek_pkgfile *f = &p->file[k];
	struct nf_cur cur;
	int r;

	if ((r = nf_zip_read(j->zip, p->entry[k], NF_KM_FILE_MAX, &f->bytes,
	    diag)) != 0)
		return r;
	*vendor = !nf_kek_pkg_is_datafile(nf_buf_view(&f->bytes));
	if (*vendor)
		return 0;
	nf_cur_init(&cur, f->bytes.p, f->bytes.len, diag);
	if ((r = nf_km_file_read(&cur, &f->file)) == 0)
		r = k == 0 ? nf_kek_kekpkg_read(f->file, &p->kek, diag) :
		    nf_kek_worldpkg_read(f->file, &p->world, diag);
	if (r != 0)
		nf_diag_where(diag, "%s",
		    nf_zip_entry(j->zip, p->entry[k])->name);
	return r;
}

/*
 * Read both; 0 when they can be checked, NF_E_FORMAT when not, with the
 * check added that says why.
 */
static int
pair_read(struct job *j, struct pair *p)
{
	struct nf_diag diag = { 0 };
	bool vendor[2] = { false, false };
	int r = 0;

	pair_find(j->zip, p);
	if (p->found[0] != 1 || p->found[1] != 1) {
		bool none = p->found[0] == 0 && p->found[1] == 0;

		nf_vfy_addf(j->v, "toolset.packages", TITLE_PACKAGES,
		    none ? NF_VFY_UNKNOWN : NF_VFY_FAIL,
		    "%zu KEK packages and %zu SecurityWorld packages",
		    p->found[0], p->found[1]);
		return NF_E_FORMAT;
	}
	code_check(j, p);
	for (size_t k = 0; r == 0 && k < 2; k++)
		r = package_read(j, p, k, &vendor[k], &diag);
	if (r == 0 && vendor[0] != vendor[1])
		r = nf_diag_set(&diag, NF_E_FORMAT, NULL, "only one of the "
		    "two packages is in the simulator's format");
	if (r == 0 && vendor[0]) {
		nf_vfy_add(j->v, "toolset.packages", TITLE_PACKAGES,
		    NF_VFY_UNKNOWN, "their format is not public; only the "
		    "hash of the zip can vouch for them");
		return NF_E_FORMAT;
	}
	if (r == NF_E_IO)
		return nf_diag_set(j->diag, r, NULL, "%s", diag.text);
	return nf_vfy_add_result(j->v, "toolset.packages", TITLE_PACKAGES, r,
	    &diag, "both are in the simulator's format");
}

/* Files that neither a published hash nor a signature vouches for. */
static void
others_check(struct job *j)
{
	const char *title = "nothing else needs trust";
	size_t others = 0;

	for (size_t i = 0; i < nf_zip_count(j->zip); i++) {
		const struct nf_zip_entry *e = nf_zip_entry(j->zip, i);
		const char *last = last_part(e->name);

		others += !e->is_dir &&
		    strncasecmp(last, KEK_PREFIX, strlen(KEK_PREFIX)) != 0 &&
		    strncasecmp(last, WORLD_PREFIX,
		    strlen(WORLD_PREFIX)) != 0 &&
		    strcmp(last, "README") != 0;
	}
	if (others == 0 || j->published) {
		nf_vfy_add(j->v, "toolset.others", title, NF_VFY_PASS, NULL);
		return;
	}
	nf_vfy_addf(j->v, "toolset.others", title, NF_VFY_UNKNOWN,
	    "%zu other files, for which nothing vouches: a root that the "
	    "packages reach does not count for the zip", others);
	nf_vfy_disown_root(j->v, "that of the packages does not count for "
	    "the other files of the zip");
}

static int
packages_check(struct job *j)
{
	struct pair *p;
	int r;

	if ((p = calloc(1, sizeof(*p))) == NULL)
		return nf_diag_set(j->diag, NF_E_NOMEM, NULL,
		    "out of memory");
	if ((r = pair_read(j, p)) == 0) {
		region_check(j, p->kek.region);
		r = nf_vfy_kek_check(j->ctx, &p->kek, &p->world, j->roots,
		    j->v, NULL, j->diag);
	}
	if (r == 0 || r == NF_E_FORMAT) {
		others_check(j);
		r = 0;
	}
	nf_kek_pkgfile_wipe(&p->file[0]);
	nf_kek_pkgfile_wipe(&p->file[1]);
	free(p);
	return r;
}

static int
check(struct job *j)
{
	struct stat was;
	int r;

	if (j->fd >= 0 && fstat(j->fd, &was) != 0)
		return nf_diag_set(j->diag, NF_E_IO, NULL, "cannot stat: %s",
		    strerror(errno));
	j->name = last_part(j->name);
	j->region = region_of_zip(j->name);
	j->zipname = j->region == NULL ? NULL : j->region->zip;
	if ((r = hash_check(j)) == 0 && (r = archive_check(j)) == 0 &&
	    (r = contents_check(j)) == 0)
		r = packages_check(j);
	/* a refused archive is in the verdict */
	if (r == NF_E_FORMAT)
		r = 0;
	/* the hash vouches for what was read after it, if it is one file */
	if (r == 0 && j->fd >= 0)
		r = nf_file_unchanged(j->fd, &was, j->diag);
	if (r == 0 && j->after != NULL &&
	    nf_vfy_result_of(j->v) != NF_VFY_FAILED &&
	    (r = j->after(j->arg, j->zip, j->diag)) == 0)
		r = nf_file_unchanged(j->fd, &was, j->diag);
	nf_zip_free(j->zip);
	return r;
}

int
nf_vfy_toolset_check_fd(struct nf_vfy_ctx *ctx,
    const struct nf_vfy_roots *roots, const char *name, int fd,
    struct nf_vfy_verdict *verdict, struct nf_diag *diag)
{
	struct job j = { .ctx = ctx, .roots = roots, .name = name, .fd = fd,
	    .v = verdict, .diag = diag };

	return check(&j);
}

int
nf_vfy_toolset_check(struct nf_vfy_ctx *ctx,
    const struct nf_vfy_roots *roots, const char *name, struct nf_view file,
    struct nf_vfy_verdict *verdict, struct nf_diag *diag)
{
	struct job j = { .ctx = ctx, .roots = roots, .name = name, .fd = -1,
	    .mem = file, .v = verdict, .diag = diag };

	return check(&j);
}

int
nf_vfy_toolset_file(struct nf_vfy_ctx *ctx, const struct nf_vfy_roots *roots,
    const char *path, const char *name, nf_vfy_toolset_after *after,
    void *arg, bool *is_zip, struct nf_vfy_verdict *verdict,
    struct nf_diag *diag)
{
	struct job j = { .ctx = ctx, .roots = roots,
	    .name = name == NULL ? path : name, .after = after, .arg = arg,
	    .v = verdict, .diag = diag };
	struct stat st;
	uint8_t sig[4];
	ssize_t n = 0;
	int fd, r = 0;

	*is_zip = false;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return 0;
	j.fd = fd;
	if (fstat(fd, &st) != 0 || (S_ISREG(st.st_mode) &&
	    (n = pread(fd, sig, sizeof(sig), 0)) < 0))
		r = nf_diag_set(diag, NF_E_IO, NULL, "cannot read: %s",
		    strerror(errno));
	else if (n == (ssize_t)sizeof(sig) &&
	    nf_zip_is(nf_view_of(sig, sizeof(sig)))) {
		*is_zip = true;
		verdict->kind = NF_VFY_TOOLSET_KIND;
		r = check(&j);
	}
	(void)close(fd);
	return r;
}
