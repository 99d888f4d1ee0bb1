/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reader and writer of the region packages.  Ours, on the real container: one
 * table a package names its entries in order, and both ways walk it.
 */
#include "config.h"

#include <stddef.h>
#include <string.h>

#include "kek-packages/package.h"
#include "kek-packages/pkgname.h"
#include "nfast/base/file.h"
#include "nfast/base/text.h"

#define MAGIC		"nCipher KM datafile"

enum kind { TEXT, HASH, DATA };

/* An entry and the member that holds it. */
struct field {
	uint32_t type;
	enum kind kind;
	size_t offset;
};

#define KEK(type, kind, member) \
	{ type, kind, offsetof(struct nf_kek_kekpkg, member) }
#define WORLD(type, kind, member) \
	{ type, kind, offsetof(struct nf_kek_worldpkg, member) }

static const struct field kek_fields[] = {
	KEK(NF_ENT_APPNAME, TEXT, appname),
	KEK(NF_ENT_IDENT, TEXT, ident),
	KEK(NF_ENT_NAME, TEXT, name),
	KEK(NF_ENT_HASH_KA, HASH, hash),
	KEK(NF_ENT_BLOBPUB_KA, DATA, pubblob),
	KEK(NF_ENT_CERT_GEN_KA, TEXT, cert_gen),
	KEK(NF_ENT_MESG_GEN_KA, DATA, mesg_gen),
	KEK(NF_ENT_ESN_GEN, TEXT, esn),
	KEK(NF_ENT_BLOBPUB_KML, DATA, pubblob_kml),
	KEK(NF_ENT_CERT_KML_ESN, TEXT, cert_kml_esn),
	KEK(NF_ENT_CERT_MODULE_STATE, TEXT, cert_state),
	KEK(NF_ENT_MESG_MODULE_STATE, DATA, mesg_state),
	KEK(NF_ENT_SW_ROOTCHAIN, DATA, rootchain),
	KEK(NF_ENT_SW_REGION, TEXT, region),
	KEK(NF_ENT_SW_MARK, TEXT, mark)
};

static const struct field world_fields[] = {
	WORLD(NF_ENT_SW_REGION, TEXT, region),
	WORLD(NF_ENT_CIPHER_SUITE, TEXT, suite),
	WORLD(NF_ENT_HASH_KNSO, HASH, hknso),
	WORLD(NF_ENT_HASH_KM, HASH, hkm),
	WORLD(NF_ENT_HASH_KMC, HASH, hkmc),
	WORLD(NF_ENT_KEYPUB_KNSO, DATA, knso),
	WORLD(NF_ENT_CERT_KM_KMC_B_KNSO, TEXT, cert_modulekeys),
	WORLD(NF_ENT_CERT_GEN_KM, TEXT, cert_gen_km),
	WORLD(NF_ENT_MESG_GEN_KM, DATA, mesg_gen_km),
	WORLD(NF_ENT_ESN_GEN, TEXT, esn),
	WORLD(NF_ENT_CERT_MODULE_STATE, TEXT, cert_state),
	WORLD(NF_ENT_MESG_MODULE_STATE, DATA, mesg_state),
	WORLD(NF_ENT_SW_ROOTCHAIN, DATA, rootchain),
	WORLD(NF_ENT_SW_MARK, TEXT, mark)
};

/* Each struct starts with its time and its bytes. */
_Static_assert(offsetof(struct nf_kek_kekpkg, time) == 0 &&
    offsetof(struct nf_kek_worldpkg, time) == 0, "time comes first");
_Static_assert(offsetof(struct nf_kek_kekpkg, file) ==
    offsetof(struct nf_kek_worldpkg, file), "the bytes come next");

struct layout {
	enum nf_kek_pkgkind kind;
	const char *name;
	const struct field *field;
	size_t n, size;
};

#define LAYOUT(kind, name, fields, type) \
	{ kind, name, fields, sizeof(fields) / sizeof((fields)[0]), \
	    sizeof(type) }

static const struct layout kek_layout = LAYOUT(NF_KEK_PKG_KEK, "KEK",
    kek_fields, struct nf_kek_kekpkg);
static const struct layout world_layout = LAYOUT(NF_KEK_PKG_WORLD,
    "SecurityWorld", world_fields, struct nf_kek_worldpkg);

enum nf_kek_pkgkind
nf_kek_pkg_kind(const struct nf_km_file *file)
{
	if (!nf_km_file_has(file, NF_ENT_SW_REGION))
		return NF_KEK_PKG_NONE;
	if (nf_km_file_has(file, NF_ENT_KEYPUB_KNSO))
		return NF_KEK_PKG_WORLD;
	if (nf_km_file_has(file, NF_ENT_BLOBPUB_KA))
		return NF_KEK_PKG_KEK;
	return NF_KEK_PKG_NONE;
}

bool
nf_kek_pkg_is_datafile(struct nf_view bytes)
{
	return bytes.len >= sizeof(MAGIC) &&
	    memcmp(bytes.p, MAGIC, sizeof(MAGIC)) == 0;
}

/* Nothing beside what the table names. */
static int
others_check(const struct nf_km_file *file, const struct layout *l,
    struct nf_diag *diag)
{
	struct nf_buf name = NF_BUF_INIT;
	size_t k;

	for (uint32_t i = 0; i < file->n; i++) {
		for (k = 0; k < l->n; k++) {
			if (l->field[k].type == file->entry[i].type)
				break;
		}
		if (k < l->n)
			continue;
		nf_name_print(&name, nf_km_types, file->entry[i].type);
		(void)nf_diag_set(diag, NF_E_FORMAT, nf_buf_text(&name),
		    "no entry of this package");
		nf_buf_wipe(&name);
		return NF_E_FORMAT;
	}
	return 0;
}

static int
field_read(const struct nf_km_file *file, const struct field *f,
    uint8_t *out, struct nf_diag *diag)
{
	const char *name = nf_name_find(nf_km_types, f->type);
	struct nf_view v;
	int r = nf_km_file_one(file, f->type, &v, diag);

	if (r != 0)
		return r;
	switch (f->kind) {
	case HASH:
		if (v.len != 20)
			return nf_diag_set(diag, NF_E_FORMAT, name,
			    "not a hash of 20 bytes");
		memcpy(out + f->offset, v.p, 20);
		return 0;
	case TEXT:
		if (v.len == 0 || v.len > NF_KEK_PKG_TEXT_MAX ||
		    !nf_view_printable(v))
			return nf_diag_set(diag, NF_E_FORMAT, name,
			    "not printable text of a sound length");
		break;
	case DATA:
		if (v.len == 0)
			return nf_diag_set(diag, NF_E_FORMAT, name, "empty");
		break;
	}
	memcpy(out + f->offset, &v, sizeof(v));
	return 0;
}

/* The package is of the kind that is due, or say which it is. */
static int
kind_check(const struct nf_km_file *file, const struct layout *due,
    struct nf_diag *diag)
{
	enum nf_kek_pkgkind is = nf_kek_pkg_kind(file);

	if (is == due->kind)
		return 0;
	if (is == NF_KEK_PKG_NONE)
		return nf_diag_set(diag, NF_E_FORMAT, NULL,
		    "this is no %s package", due->name);
	return nf_diag_set(diag, NF_E_FORMAT, NULL,
	    "this is a %s package; swap the two",
	    is == NF_KEK_PKG_KEK ? kek_layout.name : world_layout.name);
}

static int
package_read(const struct nf_km_file *file, const struct layout *l,
    uint8_t *out, struct nf_diag *diag)
{
	int r;

	memset(out, 0, l->size);
	r = kind_check(file, l, diag);
	for (size_t i = 0; r == 0 && i < l->n; i++)
		r = field_read(file, &l->field[i], out, diag);
	if (r == 0)
		r = others_check(file, l, diag);
	if (r != 0) {
		memset(out, 0, l->size);
		return r;
	}
	memcpy(out, &file->time, sizeof(file->time));
	memcpy(out + offsetof(struct nf_kek_kekpkg, file), &file->bytes,
	    sizeof(file->bytes));
	return 0;
}

int
nf_kek_kekpkg_read(const struct nf_km_file *file, struct nf_kek_kekpkg *out,
    struct nf_diag *diag)
{
	return package_read(file, &kek_layout, (uint8_t *)out, diag);
}

int
nf_kek_worldpkg_read(const struct nf_km_file *file,
    struct nf_kek_worldpkg *out, struct nf_diag *diag)
{
	return package_read(file, &world_layout, (uint8_t *)out, diag);
}

/* Read back what was appended from start on. */
static int
written_check(const struct nf_buf *buf, size_t start, const struct layout *l)
{
	union {
		struct nf_kek_kekpkg kek;
		struct nf_kek_worldpkg world;
	} pkg;
	struct nf_km_file *file = NULL;
	struct nf_cur cur;
	int r;

	if ((r = nf_buf_err(buf)) != 0)
		return r;
	nf_cur_init(&cur, buf->p + start, buf->len - start, NULL);
	if ((r = nf_km_file_read(&cur, &file)) != 0)
		return r;
	r = package_read(file, l, (uint8_t *)&pkg, NULL);
	nf_km_file_free(file);
	return r;
}

static int
package_write(struct nf_buf *buf, const struct layout *l, const uint8_t *pkg)
{
	size_t start = buf->len;
	struct nf_km_writer w;
	struct nf_view v;
	uint64_t time;

	memcpy(&time, pkg, sizeof(time));
	nf_km_begin(&w, buf, time);
	for (size_t i = 0; i < l->n; i++) {
		const struct field *f = &l->field[i];

		if (f->kind == HASH)
			v = nf_view_of(pkg + f->offset, 20);
		else
			memcpy(&v, pkg + f->offset, sizeof(v));
		nf_km_put(&w, f->type, v);
	}
	nf_km_end(&w);
	return written_check(buf, start, l);
}

int
nf_kek_kekpkg_write(const struct nf_kek_kekpkg *pkg, struct nf_buf *buf)
{
	return package_write(buf, &kek_layout, (const uint8_t *)pkg);
}

int
nf_kek_worldpkg_write(const struct nf_kek_worldpkg *pkg, struct nf_buf *buf)
{
	return package_write(buf, &world_layout, (const uint8_t *)pkg);
}

int
nf_kek_pkg_load(const char *path, struct nf_kek_pkgfile *out,
    struct nf_diag *diag)
{
	char name[NF_PATH_MAX];
	struct nf_cur cur;
	int r;

	memset(out, 0, sizeof(*out));
	nf_kek_pkg_name(path, name);
	if ((r = nf_file_load(name[0] == '\0' ? path : name, NF_KM_FILE_MAX,
	    &out->bytes, diag)) != 0)
		return r;
	nf_cur_init(&cur, out->bytes.p, out->bytes.len, diag);
	if ((r = nf_km_file_read(&cur, &out->file)) != 0) {
		nf_diag_where(diag, "%s", path);
		return r;
	}
	out->kind = nf_kek_pkg_kind(out->file);
	return 0;
}

void
nf_kek_pkgfile_wipe(struct nf_kek_pkgfile *pkg)
{
	nf_km_file_free(pkg->file);
	nf_buf_wipe(&pkg->bytes);
	memset(pkg, 0, sizeof(*pkg));
}
