/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON form of attestation bundles; fields and encoding are real. */
#include "config.h"

#include <jansson.h>
#include <string.h>

#include "nfast/base/jsonerr.h"
#include "nfast/base/text.h"
#include "nfast/kmdata/attbundle.h"

#define TEXT_MAX	64	/* root, ciphersuite */

static const char *const names[NF_ATT_FIELDS] = {
	"pubkeydata", "kcmsg", "kcsig", "modstatemsg", "modstatesig",
	"warrant", "root", "knsopub", "hkm", "hkmc", "ciphersuite",
	"CertKMaKMCbKNSO", "CertKMaKMCaKFIPSbKNSO", "hkfips", "hkre", "hkra",
	"CertKREaKRAbKNSO"
};

const char *
nf_att_name(enum nf_att_field f)
{
	return names[f];
}

static bool
is_text(size_t f)
{
	return f == NF_ATT_ROOT || f == NF_ATT_CIPHERSUITE;
}

bool
nf_att_is(struct nf_view file)
{
	static const char mark[] = "\"modstatemsg\"";
	const size_t n = sizeof(mark) - 1;
	size_t i = 0;

	while (i < file.len && (file.p[i] == ' ' || file.p[i] == '\n' ||
	    file.p[i] == '\r' || file.p[i] == '\t'))
		i++;
	if (i == file.len || file.p[i] != '{')
		return false;
	for (; i + n <= file.len; i++) {
		if (memcmp(file.p + i, mark, n) == 0)
			return true;
	}
	return false;
}

/* Bytes that JSON would fold into others. */
static int
bytes_check(struct nf_view file, struct nf_diag *diag)
{
	if (file.len > NF_ATT_MAX)
		return nf_diag_set(diag, NF_E_FORMAT, "bundle",
		    "more than %zu bytes", NF_ATT_MAX);
	for (size_t i = 0; i < file.len; i++) {
		uint8_t c = file.p[i];

		if ((c < 0x20 && c != '\n' && c != '\r') || c > 0x7e ||
		    c == '\\')
			return nf_diag_at(diag, NF_E_FORMAT, "bundle", i,
			    "byte 0x%02x has no place in a bundle", c);
	}
	return 0;
}

static int
text_read(struct nf_view text, const char *field, struct nf_diag *diag)
{
	if (text.len == 0 || text.len > TEXT_MAX)
		return nf_diag_set(diag, NF_E_FORMAT, field,
		    "a text of 1 to %d characters is due", TEXT_MAX);
	return 0;
}

/* Each member of the object; positions first, as the buffer may move. */
static int
members_read(json_t *object, struct nf_att *out, struct nf_diag *diag)
{
	size_t at[NF_ATT_FIELDS] = { 0 }, len[NF_ATT_FIELDS] = { 0 };
	const char *key;
	json_t *value;
	int r = 0;

	json_object_foreach(object, key, value) {
		size_t f = 0;

		while (f < NF_ATT_FIELDS && strcmp(key, names[f]) != 0)
			f++;
		if (f == NF_ATT_FIELDS)
			return nf_diag_set(diag, NF_E_FORMAT, key,
			    "no field of a bundle");
		if (!json_is_string(value))
			return nf_diag_set(diag, NF_E_FORMAT, key,
			    "not a text");
		at[f] = out->buf.len;
		if (is_text(f)) {
			nf_buf_put(&out->buf, json_string_value(value),
			    json_string_length(value));
			r = text_read(nf_view_of(NULL,
			    json_string_length(value)), key, diag);
		} else if (json_string_length(value) == 0)
			r = nf_diag_set(diag, NF_E_FORMAT, key, "empty");
		else
			r = nf_text_base64_read(&out->buf, nf_view_of(
			    json_string_value(value),
			    json_string_length(value)), NF_B64_URL |
			    NF_B64_PAD, key, diag);
		if (r != 0)
			return r;
		len[f] = out->buf.len - at[f];
	}
	if ((r = nf_buf_err(&out->buf)) != 0)
		return r;
	for (size_t f = 0; f < NF_ATT_FIELDS; f++) {
		if (len[f] != 0)
			out->field[f] = nf_view_of(out->buf.p + at[f],
			    len[f]);
	}
	return 0;
}

/* Fields first..last are all there or, unless they have to be, all absent. */
static int
all_or_none(const struct nf_att *att, size_t first, size_t last, bool due,
    struct nf_diag *diag)
{
	size_t f;

	for (f = first; f <= last && !due; f++)
		due = att->field[f].p != NULL;
	for (f = first; f <= last && due; f++) {
		if (att->field[f].p == NULL)
			return nf_diag_set(diag, NF_E_FORMAT, names[f],
			    "missing");
	}
	return 0;
}

static int
fields_check(const struct nf_att *att, struct nf_diag *diag)
{
	const struct nf_view *f = att->field;
	bool km = f[NF_ATT_CERT_KM].p != NULL;
	bool fips = f[NF_ATT_CERT_FIPS].p != NULL;
	bool world = km || fips || f[NF_ATT_HKFIPS].p != NULL ||
	    f[NF_ATT_HKRE].p != NULL || f[NF_ATT_HKRA].p != NULL ||
	    f[NF_ATT_CERT_KRE].p != NULL;
	int r;

	if ((r = all_or_none(att, NF_ATT_PUBKEYDATA, NF_ATT_ROOT, true,
	    diag)) != 0 ||
	    (r = all_or_none(att, NF_ATT_KNSOPUB, NF_ATT_CIPHERSUITE, world,
	    diag)) != 0 ||
	    (r = all_or_none(att, NF_ATT_HKRE, NF_ATT_CERT_KRE, false,
	    diag)) != 0)
		return r;
	if (km && fips)
		return nf_diag_set(diag, NF_E_FORMAT,
		    names[NF_ATT_CERT_FIPS], "beside %s",
		    names[NF_ATT_CERT_KM]);
	if (f[NF_ATT_KNSOPUB].p != NULL && !km && !fips)
		return nf_diag_set(diag, NF_E_FORMAT, names[NF_ATT_CERT_KM],
		    "missing, and so is %s", names[NF_ATT_CERT_FIPS]);
	if (fips != (f[NF_ATT_HKFIPS].p != NULL))
		return nf_diag_set(diag, NF_E_FORMAT, names[NF_ATT_HKFIPS],
		    fips ? "missing" : "without %s", names[NF_ATT_CERT_FIPS]);
	return 0;
}

/* The last field whose name is complete before a fault, for its diag. */
static const char *
field_before(struct nf_view file, size_t end)
{
	const char *name = "bundle", *s = (const char *)file.p;
	size_t n;

	end = end < file.len ? end : file.len;
	for (size_t i = 0; i < end; i++) {
		for (size_t f = 0; s[i] == '"' && f < NF_ATT_FIELDS; f++) {
			n = strlen(names[f]);
			if (end - i >= n + 2 && s[i + n + 1] == '"' &&
			    memcmp(s + i + 1, names[f], n) == 0)
				name = names[f];
		}
	}
	return name;
}

int
nf_att_read(struct nf_view file, struct nf_att *out, struct nf_diag *diag)
{
	json_error_t error;
	json_t *object = NULL;
	int r;

	memset(out, 0, sizeof(*out));
	if (file.len == 0)
		return nf_diag_set(diag, NF_E_FORMAT, "bundle",
		    "the file is empty");
	if ((r = bytes_check(file, diag)) != 0)
		return r;
	object = json_loadb((const char *)file.p, file.len,
	    JSON_REJECT_DUPLICATES, &error);
	if (object == NULL) {
		if (nf_json_nomem(&error))
			return nf_diag_set(diag, NF_E_NOMEM, NULL,
			    "out of memory");
		return nf_diag_at(diag, NF_E_FORMAT,
		    field_before(file, (size_t)error.position),
		    (size_t)error.position, "%s", error.text);
	}
	if (!json_is_object(object))
		r = nf_diag_set(diag, NF_E_FORMAT, "bundle", "no object");
	else if ((r = members_read(object, out, diag)) == 0)
		r = fields_check(out, diag);
	json_decref(object);
	return r;
}

void
nf_att_wipe(struct nf_att *att)
{
	nf_buf_wipe(&att->buf);
	memset(att, 0, sizeof(*att));
}

void
nf_att_write(struct nf_buf *buf, const struct nf_att *att)
{
	const char *lead = "{\n";

	for (size_t f = 0; f < NF_ATT_FIELDS; f++) {
		if (att->field[f].p == NULL)
			continue;
		nf_buf_printf(buf, "%s  \"%s\": \"", lead, names[f]);
		if (is_text(f))
			nf_buf_view_put(buf, att->field[f]);
		else
			nf_text_base64_write(buf, att->field[f],
			    NF_B64_URL | NF_B64_PAD);
		nf_buf_u8(buf, '"');
		lead = ",\n";
	}
	nf_buf_str(buf, "\n}\n");
}
