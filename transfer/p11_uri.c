/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which module, token and key: RFC 7512 URIs (real, read by p11-kit) and
 * options, which complete one another.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "nfast/base/file.h"
#include "nfast/base/text.h"
#include "transfer/p11_internal.h"

static int
twice(struct nf_diag *diag, const char *what)
{
	return nf_diag_set(diag, NF_E_USAGE, what,
	    "given by the URI and by an option");
}

static int
uri_refuse(struct nf_diag *diag, const char *attribute, const char *why)
{
	return nf_diag_set(diag, NF_E_USAGE, attribute, "%s", why);
}

/* file:PATH, file:///PATH or a plain path. */
static int
pin_source(struct nf_p11_select *select, struct nf_diag *diag)
{
	const char *source = p11_kit_uri_get_pin_source(select->uri);

	if (source == NULL)
		return 0;
	if (strncmp(source, "file://", 7) == 0) {
		source += 7;
		if (source[0] != '/')
			return uri_refuse(diag, "pin-source",
			    "a file of another host cannot be read");
	} else if (strncmp(source, "file:", 5) == 0)
		source += 5;
	if (source[0] == '|')
		return uri_refuse(diag, "pin-source",
		    "commands are not run: name a file");
	if (source[0] == '\0' || strlen(source) >= NF_PATH_MAX)
		return uri_refuse(diag, "pin-source", "no path of a file");
	select->pin_file = strdup(source);
	return select->pin_file != NULL ? 0 : NF_E_NOMEM;
}

static int
uri_read(struct nf_p11_select *select, const char *text,
    struct nf_diag *diag)
{
	const CK_ATTRIBUTE *attr;
	const char *path;
	CK_OBJECT_CLASS class;
	int r;

	if (strlen(text) > NF_P11_URI_MAX)
		return uri_refuse(diag, "URI", "too long");
	if ((r = p11_kit_uri_parse(text, P11_KIT_URI_FOR_ANY,
	    select->uri)) != P11_KIT_URI_OK)
		return nf_diag_set(diag, NF_E_USAGE, "URI",
		    "not a pkcs11: URI of RFC 7512: %s",
		    p11_kit_uri_message(r));
	if (p11_kit_uri_get_pin_value(select->uri) != NULL)
		return uri_refuse(diag, "pin-value", "a PIN in an argument "
		    "is seen by every user of the machine: put it into a "
		    "file and give pin-source=file:PATH");
	if (p11_kit_uri_any_unrecognized(select->uri))
		return uri_refuse(diag, "URI",
		    "has an attribute that RFC 7512 does not know");
	if (p11_kit_uri_get_module_name(select->uri) != NULL)
		return uri_refuse(diag, "module-name",
		    "modules are not searched for: give module-path");
	attr = p11_kit_uri_get_attribute(select->uri, CKA_CLASS);
	if (attr != NULL) {
		if (attr->ulValueLen != sizeof(class))
			return uri_refuse(diag, "type", "malformed");
		memcpy(&class, attr->pValue, sizeof(class));
		if (class != CKO_PRIVATE_KEY && class != CKO_SECRET_KEY)
			return uri_refuse(diag, "type",
			    "only private and secret-key can be wrapped");
	}
	path = p11_kit_uri_get_module_path(select->uri);
	if (path != NULL && (select->module = strdup(path)) == NULL)
		return NF_E_NOMEM;
	return pin_source(select, diag);
}

static int
attr_set(struct nf_p11_select *select, CK_ATTRIBUTE_TYPE type,
    const char *name, struct nf_view v, struct nf_diag *diag)
{
	CK_ATTRIBUTE attr = { type, (void *)(uintptr_t)v.p, v.len };

	if (p11_kit_uri_get_attribute(select->uri, type) != NULL)
		return twice(diag, name);
	if (v.len == 0 || v.len > NF_P11_LABEL_MAX)
		return nf_diag_set(diag, NF_E_USAGE, name,
		    "must have 1 to %d bytes", NF_P11_LABEL_MAX);
	return p11_kit_uri_set_attribute(select->uri, &attr) ==
	    P11_KIT_URI_OK ? 0 : NF_E_NOMEM;
}

static int
id_set(struct nf_p11_select *select, const char *hex, struct nf_diag *diag)
{
	uint8_t id[NF_P11_LABEL_MAX];
	size_t len = strlen(hex);

	if (len == 0 || len % 2 != 0 || len / 2 > sizeof(id) ||
	    !nf_text_unhex(hex, len, id, len / 2))
		return nf_diag_set(diag, NF_E_USAGE, "id",
		    "must be 1 to %d bytes in hex", NF_P11_LABEL_MAX);
	return attr_set(select, CKA_ID, "id", nf_view_of(id, len / 2), diag);
}

static int
slot_set(struct nf_p11_select *select, const char *text,
    struct nf_diag *diag)
{
	unsigned long slot;
	char *end = NULL;

	if (p11_kit_uri_get_slot_id(select->uri) != (CK_SLOT_ID)-1)
		return twice(diag, "slot");
	errno = 0;
	slot = strtoul(text, &end, strncmp(text, "0x", 2) == 0 ? 16 : 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 ||
	    slot == (CK_SLOT_ID)-1)
		return nf_diag_set(diag, NF_E_USAGE, "slot",
		    "must be a slot number");
	p11_kit_uri_set_slot_id(select->uri, slot);
	return 0;
}

static int
token_set(struct nf_p11_select *select, const char *label,
    struct nf_diag *diag)
{
	CK_TOKEN_INFO *token = p11_kit_uri_get_token_info(select->uri);
	size_t len = strlen(label);

	if (token->label[0] != '\0')
		return twice(diag, "token");
	if (len == 0 || len > sizeof(token->label))
		return nf_diag_set(diag, NF_E_USAGE, "token",
		    "a token's label has 1 to 32 bytes");
	memset(token->label, ' ', sizeof(token->label));
	memcpy(token->label, label, len);
	return 0;
}

static int
options_read(struct nf_p11_select *select, const struct nf_p11_options *opt,
    struct nf_diag *diag)
{
	int r = 0;

	if (opt->module != NULL) {
		if (select->module != NULL)
			return twice(diag, "module");
		if ((select->module = strdup(opt->module)) == NULL)
			return NF_E_NOMEM;
	}
	if (opt->token != NULL)
		r = token_set(select, opt->token, diag);
	if (r == 0 && opt->slot != NULL)
		r = slot_set(select, opt->slot, diag);
	if (r == 0 && opt->label != NULL)
		r = attr_set(select, CKA_LABEL, "label",
		    nf_view_of(opt->label, strlen(opt->label)), diag);
	if (r == 0 && opt->id != NULL)
		r = id_set(select, opt->id, diag);
	if (r == 0 && (select->module == NULL || select->module[0] == '\0'))
		r = nf_diag_set(diag, NF_E_USAGE, "module",
		    "no PKCS#11 module: give its path");
	return r;
}

int
nf_p11_select_new(const char *uri, const struct nf_p11_options *opt,
    struct nf_p11_select **out, struct nf_diag *diag)
{
	struct nf_p11_select *select;
	int r = NF_E_NOMEM;

	*out = NULL;
	if ((select = calloc(1, sizeof(*select))) == NULL ||
	    (select->uri = p11_kit_uri_new()) == NULL)
		goto out;
	r = uri == NULL ? 0 : uri_read(select, uri, diag);
	if (r == 0)
		r = options_read(select, opt, diag);
	if (r == 0) {
		*out = select;
		select = NULL;
	}
out:
	if (r == NF_E_NOMEM)
		(void)nf_diag_set(diag, r, NULL, "out of memory");
	nf_p11_select_free(select);
	return r;
}

void
nf_p11_select_free(struct nf_p11_select *select)
{
	if (select == NULL)
		return;
	p11_kit_uri_free(select->uri);
	free(select->module);
	free(select->pin_file);
	free(select);
}

bool
nf_p11_matches(const struct nf_p11_select *select, CK_SLOT_ID slot,
    const CK_INFO *info, const CK_SLOT_INFO *slot_info,
    const CK_TOKEN_INFO *token)
{
	CK_SLOT_ID want = p11_kit_uri_get_slot_id(select->uri);

	return (want == (CK_SLOT_ID)-1 || want == slot) &&
	    p11_kit_uri_match_module_info(select->uri, info) == 1 &&
	    p11_kit_uri_match_slot_info(select->uri, slot_info) == 1 &&
	    p11_kit_uri_match_token_info(select->uri, token) == 1;
}
