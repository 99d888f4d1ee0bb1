/* SPDX-License-Identifier: Apache-2.0 */
/* libsecworld: what a file says, unverified. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "kek-packages/package.h"
#include "kek-packages/zip.h"
#include "nfast/base/digest.h"
#include "nfast/base/file.h"
#include "transfer/byok2.h"
#include "verify/audit.h"
#include "verify/byok2check.h"
#include "verify/datafilecheck.h"
#include "verify/kinds.h"
#include "verify/lib.h"
#include "verify/secworld/read.h"
#include "verify/toolset.h"

_Static_assert(SW_HALF_PRIVATE == (int)NF_ACLFILE_PRIVATE &&
    SW_HALF_PUBLIC == (int)NF_ACLFILE_PUBLIC,
    "a half has changed its number");

/* The number of a bundle's field that is the i-th of those there. */
static size_t
att_field(const struct sw_file *file, size_t i)
{
	size_t f = 0;

	while (f < NF_ATT_FIELDS && (file->f.att.field[f].p == NULL ||
	    i-- > 0))
		f++;
	return f;
}

static size_t
entries(const struct sw_file *file)
{
	size_t n = 0;

	if (file->is_att) {
		while (att_field(file, n) < NF_ATT_FIELDS)
			n++;
		return n;
	}
	return file->f.file == NULL ? 0 : file->f.file->n;
}

static const char *
entry_name(const struct sw_file *file, size_t i)
{
	if (file->is_att)
		return nf_att_name((enum nf_att_field)att_field(file, i));
	return nf_name_find(nf_km_types, file->f.file->entry[i].type);
}

/* Note which entries are messages of module certificates. */
static void
certs_find(struct sw_file *file)
{
	size_t n = entries(file);
	const char *name;
	bool is;

	for (size_t i = 0; i < n; i++) {
		if (file->is_att)
			is = att_field(file, i) == NF_ATT_KCMSG ||
			    att_field(file, i) == NF_ATT_MODSTATEMSG;
		else
			is = (name = entry_name(file, i)) != NULL &&
			    (strncmp(name, "MesgGen", 7) == 0 ||
			    strcmp(name, "MesgModuleState") == 0);
		if (is)
			file->cert[file->n_certs++] = i;
	}
}

/* The texts of a key, whose reader bounded them, each with a NUL. */
static int
texts_fill(struct sw_file *file, struct nf_diag *d)
{
	const struct nf_km_key *key = &file->key;
	const struct nf_view v[NF_LIB_KEY_TEXTS] = {
		[SW_KEY_APPNAME] = key->appname,
		[SW_KEY_IDENT] = key->ident,
		[SW_KEY_NAME] = key->name,
		[SW_KEY_PROTECTION] = nf_view_of(nf_km_key_protection(key),
		    strlen(nf_km_key_protection(key))),
		[SW_KEY_ESN] = key->esn
	};

	for (size_t i = 0; i < NF_LIB_KEY_TEXTS; i++) {
		if (v[i].p != NULL && (file->text[i] = strndup(
		    (const char *)v[i].p, v[i].len)) == NULL)
			return nf_diag_set(d, NF_E_NOMEM, NULL,
			    "out of memory");
	}
	return 0;
}

/* A key file, a method-1 package or a bundle: all of them are of a key. */
static int
key_fill(struct sw_file *file, struct nf_diag *d)
{
	int r;

	if ((r = nf_vfy_aclfile_read(&file->f, d)) != 0)
		return r;
	file->has_key = true;
	if (!file->is_att) {
		r = nf_km_key_read(file->f.file, &file->key, d);
		return r == 0 ? texts_fill(file, d) : r;
	}
	memcpy(file->key.hash, file->f.cert->keygen.keyhash,
	    sizeof(file->key.hash));
	return 0;
}

/* Region packages have a shape of their own; other datafiles have none. */
static int
package_check(const struct nf_km_file *km, struct nf_diag *d)
{
	struct nf_kek_worldpkg world;
	struct nf_kek_kekpkg kek;

	switch (nf_kek_pkg_kind(km)) {
	case NF_KEK_PKG_KEK:
		return nf_kek_kekpkg_read(km, &kek, d);
	case NF_KEK_PKG_WORLD:
		return nf_kek_worldpkg_read(km, &world, d);
	case NF_KEK_PKG_NONE:
		break;
	}
	return 0;
}

static int
datafile_fill(struct sw_file *file, struct nf_diag *d)
{
	struct nf_view v = nf_buf_view(&file->f.bytes);
	struct nf_km_file *km = NULL;
	enum nf_kek_pkgkind package;
	struct nf_cur cur;
	bool key;
	int r;

	nf_cur_init(&cur, v.p, v.len, d);
	if ((r = nf_km_file_read(&cur, &km)) != 0)
		return r;
	package = nf_kek_pkg_kind(km);
	key = package == NF_KEK_PKG_KEK;
	if (package == NF_KEK_PKG_NONE) {
		file->kind = nf_vfy_km_name(nf_vfy_km_kind(km));
		key = nf_vfy_km_kind(km) == NF_VFY_KM_KEY;
	} else
		file->kind = key ? NF_VFY_KIND_KEKPKG : NF_VFY_KIND_WORLDPKG;
	if ((r = package_check(km, d)) == 0 && !key) {
		file->f.file = km;
		return 0;
	}
	nf_km_file_free(km);
	return r == 0 ? key_fill(file, d) : r;
}

/* Method-2 packages and the envelopes that look like them. */
static int
envelope_fill(struct sw_file *file, struct nf_view v, struct nf_diag *d)
{
	struct nf_diag parts[NF_BYOK2_PARTS];
	struct nf_byok2 b;
	int r;

	r = nf_byok2_lint(v, &b, parts);
	if (r == 0 && b.release)
		file->kind = NF_VFY_KIND_RELEASE;
	else if (r != 0)
		*d = parts[NF_BYOK2_BAD_JSON];
	nf_byok2_wipe(&b);
	return r;
}

static int
fill(struct sw_file *file, struct nf_view v, struct nf_diag *d)
{
	const struct nf_vfy_kind *kind;

	if (nf_digest_of(NF_SHA256, &v, 1, file->sha256) != 0)
		return nf_diag_set(d, NF_E_CRYPTO, NULL, "SHA-256 failed");
	if (nf_zip_is(v)) {
		file->kind = NF_VFY_TOOLSET_KIND;
		return 0;
	}
	if (v.len > NF_VFY_FILE_MAX)
		return nf_diag_set(d, NF_E_FORMAT, NULL,
		    "larger than %zu bytes", NF_VFY_FILE_MAX);
	if ((kind = nf_vfy_kind_find(v)) == NULL)
		return nf_diag_set(d, NF_E_FORMAT, NULL, "not recognised");
	file->kind = kind->name;
	file->is_att = nf_att_is(v) && !nf_byok1_is(v);
	nf_buf_view_put(&file->f.bytes, v);
	if (nf_buf_err(&file->f.bytes) != 0)
		return nf_diag_set(d, NF_E_NOMEM, NULL, "out of memory");
	if (nf_kek_pkg_is_datafile(v))
		return datafile_fill(file, d);
	if (nf_byok2_is(v))
		return envelope_fill(file, v, d);
	return file->is_att || nf_byok1_is(v) ? key_fill(file, d) : 0;
}

static int
file_new(struct nf_view v, struct sw_file **out, struct nf_diag *d)
{
	struct sw_file *file = calloc(1, sizeof(*file));
	int r;

	if (file == NULL)
		return nf_diag_set(d, NF_E_NOMEM, NULL, "out of memory");
	if ((r = fill(file, v, d)) != 0) {
		sw_file_free(file);
		return r;
	}
	certs_find(file);
	*out = file;
	return 0;
}

int
sw_file_read(const void *bytes, size_t len, struct sw_file **out,
    struct sw_diag *diag)
{
	struct nf_diag d;
	int r;

	if (out == NULL)
		return nf_lib_usage(diag, "out", "NULL was given");
	*out = NULL;
	if (bytes == NULL || len == 0)
		return nf_lib_usage(diag, "bytes", "there are none");
	if ((r = nf_lib_begin(diag, &d)) == 0)
		r = file_new(nf_view_of(bytes, len), out, &d);
	return nf_lib_end(diag, &d, r);
}

int
sw_file_load(const char *path, struct sw_file **out, struct sw_diag *diag)
{
	struct nf_buf bytes = NF_BUF_INIT;
	struct nf_diag d;
	int r;

	if (out == NULL)
		return nf_lib_usage(diag, "out", "NULL was given");
	*out = NULL;
	if (path == NULL)
		return nf_lib_usage(diag, "path", "NULL was given");
	if ((r = nf_lib_begin(diag, &d)) == 0 &&
	    (r = nf_file_load(path, NF_VFY_FILE_MAX, &bytes, &d)) == 0)
		r = file_new(bytes.len == 0 ? nf_view_of("", 0) :
		    nf_buf_view(&bytes), out, &d);
	if (r != 0)
		nf_diag_where(&d, "%s", path);
	nf_buf_wipe(&bytes);
	return nf_lib_end(diag, &d, r);
}

void
sw_file_free(struct sw_file *file)
{
	if (file == NULL)
		return;
	nf_vfy_aclfile_wipe(&file->f);
	for (size_t i = 0; i < NF_LIB_KEY_TEXTS; i++)
		free(file->text[i]);
	free(file);
}

const char *
sw_file_kind(const struct sw_file *file)
{
	return file == NULL ? NF_VFY_KIND_NONE : file->kind;
}

int
sw_file_sha256(const struct sw_file *file, uint8_t *out)
{
	if (file == NULL || out == NULL)
		return NF_E_USAGE;
	memcpy(out, file->sha256, sizeof(file->sha256));
	return 0;
}

int
sw_file_key_hash(const struct sw_file *file, uint8_t *out)
{
	if (file == NULL || out == NULL)
		return NF_E_USAGE;
	if (!file->has_key)
		return NF_E_NOTFOUND;
	memcpy(out, file->key.hash, sizeof(file->key.hash));
	return 0;
}

const char *
sw_file_key_text(const struct sw_file *file, enum sw_key_text which)
{
	return file == NULL || (size_t)which >= NF_LIB_KEY_TEXTS ? NULL :
	    file->text[which];
}

size_t
sw_file_entries(const struct sw_file *file)
{
	return file == NULL ? 0 : entries(file);
}

int
sw_file_entry(const struct sw_file *file, size_t i, uint32_t *type,
    const char **name, const void **data, size_t *len)
{
	struct nf_view v;

	if (i >= sw_file_entries(file))
		return NF_E_USAGE;
	v = file->is_att ? file->f.att.field[att_field(file, i)] :
	    file->f.file->entry[i].data;
	if (type != NULL)
		*type = file->is_att ? 0 : file->f.file->entry[i].type;
	if (name != NULL)
		*name = entry_name(file, i);
	if (data != NULL)
		*data = v.p;
	if (len != NULL)
		*len = v.len;
	return 0;
}

size_t
sw_file_certs(const struct sw_file *file)
{
	return file == NULL ? 0 : file->n_certs;
}

int
sw_file_cert(const struct sw_file *file, size_t i, size_t *entry)
{
	if (i >= sw_file_certs(file) || entry == NULL)
		return NF_E_USAGE;
	*entry = file->cert[i];
	return 0;
}
