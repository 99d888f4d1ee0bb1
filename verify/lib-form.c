/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libsecworld: a file as text and as JSON.  The text of a KM datafile is that
 * of kmfile-dump; the JSON is ours: libsecworld(3).
 */
#include "config.h"

#include <string.h>

#include "nfast/kmdata/dump.h"
#include "verify/lib.h"
#include "verify/secworld/read.h"

#define PAD		"    "

/* The decoded value of an entry in lines, or nothing. */
static void
value(struct nf_buf *out, const struct sw_file *file, size_t i)
{
	struct nf_modcert *cert = NULL;
	struct nf_diag d = { 0 };
	const void *data;
	struct nf_cur cur;
	bool message = false;
	size_t len;

	if (!file->is_att) {
		if (nf_km_dump_value(out, &file->f.file->entry[i], &d) ==
		    NF_E_NOMEM)
			nf_buf_fail(out, NF_E_NOMEM);
		else if (d.code != 0)
			out->len = 0;
		return;
	}
	(void)sw_file_entry(file, i, NULL, NULL, &data, &len);
	for (size_t k = 0; k < file->n_certs; k++)
		message |= file->cert[k] == i;
	if (message) {
		nf_cur_init(&cur, data, len, NULL);
		if (nf_wire_modcert_read(&cur, &cert) == 0)
			nf_wire_modcert_print(out, cert, PAD);
		nf_modcert_free(cert);
	} else if (nf_view_printable(nf_view_of(data, len)))
		nf_buf_printf(out, PAD "%.*s\n", (int)len,
		    (const char *)data);
}

/* Lines as an array of strings, each without the indent that all have. */
static void
lines_json(struct nf_buf *out, struct nf_view text, size_t indent)
{
	const uint8_t *p = text.p, *end = text.p + text.len, *eol;
	bool first = true;

	nf_buf_str(out, "[");
	for (; p < end; p = eol + 1) {
		if ((eol = memchr(p, '\n', (size_t)(end - p))) == NULL)
			eol = end;
		p += (size_t)(eol - p) < indent ? (size_t)(eol - p) : indent;
		nf_buf_str(out, first ? "" : ", ");
		nf_text_json(out, nf_view_of(p, (size_t)(eol - p)));
		first = false;
		if (eol == end)
			break;
	}
	nf_buf_str(out, "]");
}

static void
string_json(struct nf_buf *out, const char *s)
{
	if (s == NULL)
		nf_buf_str(out, "null");
	else
		nf_text_json(out, nf_view_of(s, strlen(s)));
}

static void
hex_json(struct nf_buf *out, const void *p, size_t len)
{
	nf_buf_str(out, "\"");
	nf_text_hex(out, nf_view_of(p, len));
	nf_buf_str(out, "\"");
}

static void
key_json(struct nf_buf *out, const struct sw_file *file)
{
	static const char *const names[NF_LIB_KEY_TEXTS] = {
		[SW_KEY_APPNAME] = "appname",
		[SW_KEY_IDENT] = "ident",
		[SW_KEY_NAME] = "name",
		[SW_KEY_PROTECTION] = "protection",
		[SW_KEY_ESN] = "esn"
	};

	nf_buf_str(out, ",\n  \"key\": ");
	if (!file->has_key) {
		nf_buf_str(out, "null");
		return;
	}
	nf_buf_str(out, "{\"hash\": ");
	hex_json(out, file->key.hash, sizeof(file->key.hash));
	for (size_t i = 0; i < NF_LIB_KEY_TEXTS; i++) {
		nf_buf_printf(out, ", \"%s\": ", names[i]);
		string_json(out, file->text[i]);
	}
	nf_buf_printf(out, ", \"recoverable\": %s, \"certified\": %s}",
	    nf_km_key_recoverable(&file->key) ? "true" : "false",
	    file->is_att || nf_km_key_certified(&file->key) ? "true" :
	    "false");
}

static void
entry_json(struct nf_buf *out, const struct sw_file *file, size_t i)
{
	struct nf_buf text = NF_BUF_INIT;
	const char *name;
	const void *data;
	uint32_t type;
	size_t len;

	(void)sw_file_entry(file, i, &type, &name, &data, &len);
	value(&text, file, i);
	if (nf_buf_err(&text) != 0)
		nf_buf_fail(out, nf_buf_err(&text));
	nf_buf_printf(out, "%s\n    {\"type\": ", i == 0 ? "" : ",");
	if (file->is_att)
		nf_buf_str(out, "null");
	else
		nf_buf_printf(out, "%u", type);
	nf_buf_str(out, ", \"name\": ");
	string_json(out, name);
	nf_buf_printf(out, ", \"length\": %zu, \"data\": ", len);
	hex_json(out, data, len);
	nf_buf_str(out, ", \"value\": ");
	if (text.len == 0)
		nf_buf_str(out, "null");
	else
		lines_json(out, nf_buf_view(&text), strlen(PAD));
	nf_buf_str(out, "}");
	nf_buf_wipe(&text);
}

static void
acl_json(struct nf_buf *out, const struct sw_file *file, const char *name,
    enum sw_half half)
{
	const struct nf_acl *acl = file->f.acl[half];
	struct nf_buf text = NF_BUF_INIT;

	nf_buf_printf(out, "\"%s\": ", name);
	if (acl == NULL) {
		nf_buf_str(out, "null");
		return;
	}
	nf_wire_acl_print(&text, acl, "");
	if (nf_buf_err(&text) != 0)
		nf_buf_fail(out, nf_buf_err(&text));
	lines_json(out, nf_buf_view(&text), 0);
	nf_buf_wipe(&text);
}

static void
file_json(struct nf_buf *out, const struct sw_file *file)
{
	size_t n = sw_file_entries(file);

	nf_buf_printf(out, "{\n  \"schema\": %d,\n  \"kind\": ",
	    SW_FILE_SCHEMA);
	string_json(out, file->kind);
	nf_buf_str(out, ",\n  \"sha256\": ");
	hex_json(out, file->sha256, sizeof(file->sha256));
	key_json(out, file);
	nf_buf_str(out, ",\n  \"entries\": [");
	for (size_t i = 0; i < n; i++)
		entry_json(out, file, i);
	nf_buf_str(out, "],\n  \"certificates\": [");
	for (size_t i = 0; i < file->n_certs; i++)
		nf_buf_printf(out, "%s%zu", i == 0 ? "" : ", ",
		    file->cert[i]);
	nf_buf_str(out, "],\n  \"acl\": {");
	acl_json(out, file, "private", SW_HALF_PRIVATE);
	nf_buf_str(out, ", ");
	acl_json(out, file, "public", SW_HALF_PUBLIC);
	nf_buf_str(out, "}\n}\n");
}

static void
file_text(struct nf_buf *out, const struct sw_file *file)
{
	size_t n = sw_file_entries(file), len;
	const char *name;

	nf_buf_str(out, NF_KM_DUMP_NOTICE "\n");
	nf_buf_printf(out, "kind %s\nsha256 ", file->kind);
	nf_text_hex(out, nf_view_of(file->sha256, sizeof(file->sha256)));
	nf_buf_str(out, "\n");
	if (file->f.file != NULL)
		nf_km_dump(out, file->f.file);
	for (size_t i = 0; file->is_att && i < n; i++) {
		(void)sw_file_entry(file, i, NULL, &name, NULL, &len);
		nf_buf_printf(out, "%s, %zu bytes\n", name, len);
		value(out, file, i);
	}
}

/* The form in buf; wrong use is told in diag. */
static int
form_write(const struct sw_file *file, enum sw_form form,
    struct nf_buf *buf, struct sw_diag *diag)
{
	if (file == NULL)
		return nf_lib_usage(diag, "file", "NULL was given");
	switch (form) {
	case SW_FORM_TEXT:
		file_text(buf, file);
		return 0;
	case SW_FORM_JSON:
		file_json(buf, file);
		return 0;
	}
	return nf_lib_usage(diag, "form", "there is no such form");
}

int
sw_file_write(const struct sw_file *file, enum sw_form form,
    sw_write_fn *write, void *arg, struct sw_diag *diag)
{
	struct nf_buf buf = NF_BUF_INIT;
	struct nf_diag d;
	int r;

	if (write == NULL)
		return nf_lib_usage(diag, "write", "NULL was given");
	if ((r = nf_lib_begin(diag, &d)) != 0)
		return nf_lib_end(diag, &d, r);
	if (form_write(file, form, &buf, diag) != 0) {
		nf_buf_wipe(&buf);
		return NF_E_USAGE;
	}
	r = nf_lib_flush(&buf, write, arg, &d);
	nf_buf_wipe(&buf);
	return nf_lib_end(diag, &d, r);
}

int
sw_file_alloc(const struct sw_file *file, enum sw_form form, char **out,
    size_t *len, struct sw_diag *diag)
{
	struct nf_buf buf = NF_BUF_INIT;
	struct nf_diag d;
	int r;

	if (out == NULL)
		return nf_lib_usage(diag, "out", "NULL was given");
	*out = NULL;
	if ((r = nf_lib_begin(diag, &d)) != 0)
		return nf_lib_end(diag, &d, r);
	if (form_write(file, form, &buf, diag) != 0) {
		nf_buf_wipe(&buf);
		return NF_E_USAGE;
	}
	r = nf_lib_give(&buf, out, len, &d);
	return nf_lib_end(diag, &d, r);
}

int
sw_file_acl(const struct sw_file *file, enum sw_half half, char **out,
    size_t *len, struct sw_diag *diag)
{
	struct nf_buf buf = NF_BUF_INIT;
	struct nf_diag d = { 0 };
	int r;

	if (out == NULL)
		return nf_lib_usage(diag, "out", "NULL was given");
	*out = NULL;
	if (file == NULL || (size_t)half >= NF_ACLFILE_HALVES)
		return nf_lib_usage(diag, "half", "there is no such half");
	if (file->f.acl[half] == NULL)
		r = nf_diag_set(&d, NF_E_NOTFOUND, NULL,
		    "the file shows no ACL of this half");
	else {
		nf_wire_acl_print(&buf, file->f.acl[half], "");
		r = nf_lib_give(&buf, out, len, &d);
	}
	return nf_lib_end(diag, &d, r);
}
