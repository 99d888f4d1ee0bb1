/* SPDX-License-Identifier: Apache-2.0 */
/* All keys of a token, and what tells tokens apart. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "transfer/p11_internal.h"

/* A URI of one object; token attributes as the selection gave them. */
static int
uri_write(struct nf_p11 *p11, const struct nf_p11_select *select,
    CK_OBJECT_CLASS class, struct nf_view label, struct nf_view id,
    char **out)
{
	CK_ATTRIBUTE attr[] = {
		{ CKA_CLASS, &class, sizeof(class) },
		{ CKA_LABEL, (void *)(uintptr_t)label.p, label.len },
		{ CKA_ID, (void *)(uintptr_t)id.p, id.len },
	};
	P11KitUri *uri = p11_kit_uri_new();
	CK_TOKEN_INFO *token;
	int r = uri == NULL ? NF_E_NOMEM : 0;

	*out = NULL;
	if (r != 0)
		return r;
	token = p11_kit_uri_get_token_info(uri);
	memcpy(token->label, p11->token.label, sizeof(token->label));
	if (p11->name[0] == '\0')
		memcpy(token->serialNumber, p11->token.serialNumber,
		    sizeof(token->serialNumber));
	p11_kit_uri_set_slot_id(uri,
	    p11_kit_uri_get_slot_id(select->uri));
	for (size_t i = 0; r == 0 && i < 3; i++) {
		if (attr[i].ulValueLen > 0 &&
		    p11_kit_uri_set_attribute(uri, &attr[i]) !=
		    P11_KIT_URI_OK)
			r = NF_E_NOMEM;
	}
	if (r == 0 && p11_kit_uri_format(uri, P11_KIT_URI_FOR_ANY, out) !=
	    P11_KIT_URI_OK)
		r = NF_E_NOMEM;
	p11_kit_uri_free(uri);
	return r;
}

static int
one(struct nf_p11 *p11, const struct nf_p11_select *select,
    CK_OBJECT_CLASS class, CK_OBJECT_HANDLE object,
    const struct nf_p11_list *list, struct nf_diag *diag)
{
	struct nf_buf label = NF_BUF_INIT, id = NF_BUF_INIT;
	char name[NF_P11_LABEL_MAX + 1] = "";
	char *uri = NULL;
	bool has;
	int r;

	if ((r = nf_p11_attr(p11, object, CKA_LABEL, NF_P11_LABEL_MAX, &label,
	    &has, diag)) != 0 || (r = nf_p11_attr(p11, object, CKA_ID,
	    NF_P11_LABEL_MAX, &id, &has, diag)) != 0)
		goto out;
	if (label.len > 0)
		nf_p11_text(name, label.p, label.len);
	if ((r = uri_write(p11, select, class, nf_buf_view(&label),
	    nf_buf_view(&id), &uri)) != 0)
		(void)nf_diag_set(diag, r, NULL, "out of memory");
	else
		r = list->each(list->arg, uri, name);
out:
	free(uri);
	nf_buf_wipe(&label);
	nf_buf_wipe(&id);
	return r;
}

int
nf_p11_list(struct nf_p11 *p11, const struct nf_p11_select *select,
    const struct nf_p11_list *list, struct nf_diag *diag)
{
	static const CK_OBJECT_CLASS classes[] = { CKO_PRIVATE_KEY,
		CKO_SECRET_KEY };
	CK_OBJECT_HANDLE *object;
	CK_OBJECT_CLASS class;
	CK_ATTRIBUTE template = { CKA_CLASS, &class, sizeof(class) };
	size_t n;
	int r = 0;

	if ((object = calloc(NF_P11_LIST_MAX, sizeof(*object))) == NULL)
		return nf_diag_set(diag, NF_E_NOMEM, NULL, "out of memory");
	for (size_t c = 0; r == 0 && c < 2; c++) {
		class = classes[c];
		if ((r = nf_p11_objects(p11, &template, 1, object,
		    NF_P11_LIST_MAX, &n, diag)) != 0)
			break;
		if (n > NF_P11_LIST_MAX)
			r = nf_diag_set(diag, NF_E_POLICY, "token",
			    "more than %d keys", NF_P11_LIST_MAX);
		for (size_t i = 0; r == 0 && i < n; i++)
			r = one(p11, select, class, object[i], list, diag);
	}
	free(object);
	return r;
}

void
nf_p11_select_token(const struct nf_p11_select *select, struct nf_buf *out)
{
	char *text = NULL;

	if (p11_kit_uri_format(select->uri, P11_KIT_URI_FOR_TOKEN |
	    P11_KIT_URI_FOR_SLOT | P11_KIT_URI_FOR_MODULE, &text) !=
	    P11_KIT_URI_OK) {
		nf_buf_fail(out, NF_E_NOMEM);
		return;
	}
	nf_buf_printf(out, "%s %s %s", select->module, text,
	    select->pin_file == NULL ? "" : select->pin_file);
	free(text);
}

const char *
nf_p11_select_module(const struct nf_p11_select *select)
{
	return select->module;
}
