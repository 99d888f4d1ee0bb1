/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "nfast/base/file.h"
#include "nfast/kmdata/keyfile.h"
#include "nfast/kmdata/sigtext.h"

/* What a member's bytes must look like. */
enum kind {
	KIND_BYTES,
	KIND_APPNAME,
	KIND_IDENT,
	KIND_NAME,
	KIND_ESN,
	KIND_SIG
};

/*
 * Every member that is a view, in the order of the file.  The hash and the
 * other entries are placed by nf_km_key_write().
 */
static const struct member {
	uint32_t type;
	enum kind kind;
	bool in_cert_group;
	size_t at;
} members[] = {
#define MEMBER(type, kind, group, name) \
	{ type, kind, group, offsetof(struct nf_km_key, name) }
	MEMBER(NF_ENT_APPNAME, KIND_APPNAME, false, appname),
	MEMBER(NF_ENT_IDENT, KIND_IDENT, false, ident),
	MEMBER(NF_ENT_NAME, KIND_NAME, false, name),
	MEMBER(NF_ENT_BLOB_KA, KIND_BYTES, false, privblob),
	MEMBER(NF_ENT_BLOB_RECOVERY_KA, KIND_BYTES, false, recovblob),
	MEMBER(NF_ENT_BLOBPUB_KA, KIND_BYTES, false, pubblob),
	MEMBER(NF_ENT_CERT_GEN_KA, KIND_SIG, true, cert_gen),
	MEMBER(NF_ENT_MESG_GEN_KA, KIND_BYTES, true, mesg_gen),
	MEMBER(NF_ENT_ESN_GEN, KIND_ESN, true, esn),
	MEMBER(NF_ENT_BLOBPUB_KML, KIND_BYTES, true, pubblob_kml),
	MEMBER(NF_ENT_CERT_KML_ESN, KIND_SIG, true, cert_kml_esn),
	MEMBER(NF_ENT_CERT_MODULE_STATE, KIND_SIG, true, cert_state),
	MEMBER(NF_ENT_MESG_MODULE_STATE, KIND_BYTES, true, mesg_state),
	MEMBER(NF_ENT_LTUC_SOFT_TOKEN, KIND_BYTES, false, softtoken),
	MEMBER(NF_ENT_PARAMS_LTU, KIND_BYTES, false, params_ltu)
#undef MEMBER
};

#define N_MEMBERS	(sizeof(members) / sizeof(members[0]))

static struct nf_view *
member_of(struct nf_km_key *key, const struct member *m)
{
	return (struct nf_view *)(void *)((char *)key + m->at);
}

static struct nf_view
member_get(const struct nf_km_key *key, const struct member *m)
{
	return *(const struct nf_view *)(const void *)
	    ((const char *)key + m->at);
}

static const struct member *
member_find(uint32_t type)
{
	for (size_t i = 0; i < N_MEMBERS; i++) {
		if (members[i].type == type)
			return &members[i];
	}
	return NULL;
}

static bool
charset_ok(struct nf_view v, size_t max, bool upper)
{
	if (v.len == 0 || v.len > max)
		return false;
	for (size_t i = 0; i < v.len; i++) {
		uint8_t c = v.p[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
		    c == '-' || (upper && c >= 'A' && c <= 'Z')))
			return false;
	}
	return true;
}

bool
nf_km_ident_ok(struct nf_view v)
{
	return charset_ok(v, NF_KM_IDENT_MAX, false);
}

const char *
nf_km_ident_fold(const char *ident, char out[static NF_KM_IDENT_SIZE])
{
	size_t n = strnlen(ident, NF_KM_IDENT_SIZE - 1);

	for (size_t i = 0; i < n; i++)
		out[i] = (char)(ident[i] >= 'A' && ident[i] <= 'Z' ?
		    ident[i] + ('a' - 'A') : ident[i]);
	out[n] = '\0';
	return out;
}

bool
nf_km_appname_ok(struct nf_view v)
{
	return charset_ok(v, NF_KM_APP_MAX, true);
}

static bool
text_ok(struct nf_view v, size_t min, size_t max)
{
	return v.len >= min && v.len <= max && nf_view_printable(v);
}

static bool
kind_ok(enum kind kind, struct nf_view v)
{
	switch (kind) {
	case KIND_APPNAME:
		return nf_km_appname_ok(v);
	case KIND_IDENT:
		return nf_km_ident_ok(v);
	case KIND_NAME:
		return text_ok(v, 0, NF_KM_NAME_MAX);
	case KIND_ESN:
		return text_ok(v, 1, NF_KM_ESN_MAX);
	case KIND_SIG:
		return text_ok(v, 1, NF_KM_SIG_TEXT_MAX);
	case KIND_BYTES:
		break;
	}
	return v.len > 0;
}

static int
key_fail(struct nf_diag *diag, uint32_t type, const char *text)
{
	return nf_diag_set(diag, NF_E_FORMAT, nf_name_find(nf_km_types, type),
	    "%s", text);
}

/* All or none of the certificate group. */
static int
cert_group_check(const struct nf_km_key *key, struct nf_diag *diag)
{
	const struct member *absent = NULL;
	bool present = false;

	for (size_t i = 0; i < N_MEMBERS; i++) {
		if (!members[i].in_cert_group)
			continue;
		if (member_get(key, &members[i]).p != NULL)
			present = true;
		else if (absent == NULL)
			absent = &members[i];
	}
	if (present && absent != NULL)
		return key_fail(diag, absent->type,
		    "missing beside other certificate entries");
	return 0;
}

/* What reader and writer both demand of the views. */
static int
key_check(const struct nf_km_key *key, struct nf_diag *diag)
{
	if (key->appname.p == NULL)
		return key_fail(diag, NF_ENT_APPNAME, "missing");
	if (key->ident.p == NULL)
		return key_fail(diag, NF_ENT_IDENT, "missing");
	for (size_t i = 0; i < N_MEMBERS; i++) {
		struct nf_view v = member_get(key, &members[i]);

		if (v.p != NULL && !kind_ok(members[i].kind, v))
			return key_fail(diag, members[i].type,
			    "has a wrong length or character");
	}
	if (key->privblob.p == NULL && key->pubblob.p == NULL)
		return key_fail(diag, NF_ENT_BLOB_KA,
		    "missing, and so is the public blob");
	if (key->privblob.p == NULL && key->recovblob.p != NULL)
		return key_fail(diag, NF_ENT_BLOB_KA,
		    "missing beside a recovery blob");
	return cert_group_check(key, diag);
}

static int
hash_read(const struct nf_km_file *file, struct nf_km_key *key,
    struct nf_diag *diag)
{
	struct nf_view v;
	int r;

	if ((r = nf_km_file_one(file, NF_ENT_HASH_KA, &v, diag)) != 0)
		return r;
	if (v.len != sizeof(key->hash))
		return key_fail(diag, NF_ENT_HASH_KA, "is not 20 bytes");
	memcpy(key->hash, v.p, sizeof(key->hash));
	return 0;
}

int
nf_km_key_read(const struct nf_km_file *file, struct nf_km_key *out,
    struct nf_diag *diag)
{
	uint32_t i;
	int r;

	memset(out, 0, sizeof(*out));
	out->time = file->time;
	for (i = 0; i < N_MEMBERS; i++) {
		if ((r = nf_km_file_opt(file, members[i].type,
		    member_of(out, &members[i]), diag)) != 0)
			goto out;
	}
	if ((r = hash_read(file, out, diag)) != 0)
		goto out;
	for (i = 0; i < file->n; i++) {
		if (file->entry[i].type != NF_ENT_HASH_KA &&
		    member_find(file->entry[i].type) == NULL)
			out->other[out->n_other++] = file->entry[i];
	}
	r = key_check(out, diag);
out:
	if (r != 0)
		memset(out, 0, sizeof(*out));
	return r;
}

static int
others_check(const struct nf_km_key *key)
{
	if (key->n_other > NF_KM_ENTRIES_MAX)
		return NF_E_FORMAT;
	for (uint32_t i = 0; i < key->n_other; i++) {
		if (key->other[i].type == NF_ENT_HASH_KA ||
		    member_find(key->other[i].type) != NULL)
			return NF_E_FORMAT;
	}
	return 0;
}

int
nf_km_key_write(const struct nf_km_key *key, struct nf_buf *buf)
{
	struct nf_km_writer w;
	uint32_t i, k;
	int r;

	if ((r = key_check(key, NULL)) != 0 || (r = others_check(key)) != 0)
		return r;
	nf_km_begin(&w, buf, key->time);
	for (i = 0; i < N_MEMBERS; i++) {
		struct nf_view v = member_get(key, &members[i]);

		if (members[i].type == NF_ENT_BLOB_KA)
			nf_km_put(&w, NF_ENT_HASH_KA, nf_view_of(key->hash,
			    sizeof(key->hash)));
		if (members[i].type == NF_ENT_LTUC_SOFT_TOKEN) {
			for (k = 0; k < key->n_other; k++)
				nf_km_put(&w, key->other[k].type,
				    key->other[k].data);
		}
		if (v.p != NULL)
			nf_km_put(&w, members[i].type, v);
	}
	nf_km_end(&w);
	return nf_buf_err(buf);
}

int
nf_km_key_load(const char *path, struct nf_buf *bytes,
    struct nf_km_file **file, struct nf_km_key *out, struct nf_diag *diag)
{
	struct nf_cur cur;
	int r;

	*file = NULL;
	memset(out, 0, sizeof(*out));
	if ((r = nf_file_load(path, NF_KM_FILE_MAX, bytes, diag)) != 0)
		goto out;
	nf_cur_init(&cur, bytes->p, bytes->len, diag);
	if ((r = nf_km_file_read(&cur, file)) != 0 ||
	    (r = nf_km_key_read(*file, out, diag)) != 0)
		goto out;
out:
	if (r != 0) {
		nf_diag_where(diag, "%s", path);
		nf_km_file_free(*file);
		*file = NULL;
		nf_buf_wipe(bytes);
	}
	return r;
}

bool
nf_km_key_recoverable(const struct nf_km_key *key)
{
	return key->recovblob.p != NULL;
}

bool
nf_km_key_certified(const struct nf_km_key *key)
{
	return key->mesg_gen.p != NULL;
}

const char *
nf_km_key_protection(const struct nf_km_key *key)
{
	return key->params_ltu.p != NULL || key->softtoken.p != NULL ?
	    "token" : "module";
}
