/* SPDX-License-Identifier: Apache-2.0 */
/* Objects and attributes of a token, bounded. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "transfer/p11_internal.h"

#define TRIES	4
#define BATCH	16

#define UNAVAILABLE	((CK_ULONG)-1)

static bool
is_not_told(CK_RV rv)
{
	return rv == CKR_ATTRIBUTE_SENSITIVE ||
	    rv == CKR_ATTRIBUTE_TYPE_INVALID;
}

int
nf_p11_attr(struct nf_p11 *p11, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type,
    size_t max, struct nf_buf *out, bool *has, struct nf_diag *diag)
{
	CK_ATTRIBUTE attr = { type, NULL, 0 };
	CK_RV rv = CKR_BUFFER_TOO_SMALL;
	CK_ULONG room = 0;
	int r;

	*has = false;
	for (int i = 0; i < TRIES && rv == CKR_BUFFER_TOO_SMALL; i++) {
		nf_buf_wipe(out);
		attr.pValue = NULL;
		attr.ulValueLen = 0;
		rv = p11->f->C_GetAttributeValue(p11->session, object, &attr,
		    1);
		if (rv != CKR_OK && rv != CKR_BUFFER_TOO_SMALL)
			break;
		room = attr.ulValueLen;
		if (room == UNAVAILABLE || room == 0) {
			rv = CKR_OK;
			break;
		}
		if (room > max)
			return nf_p11_junk("C_GetAttributeValue",
			    "an attribute is too long", diag);
		nf_buf_fill(out, 0, room);
		if ((r = nf_buf_err(out)) != 0)
			return nf_diag_set(diag, r, NULL, "out of memory");
		attr.pValue = out->p;
		rv = p11->f->C_GetAttributeValue(p11->session, object, &attr,
		    1);
	}
	if (rv == CKR_OK && out->len > 0) {
		if (attr.ulValueLen > room) {
			nf_buf_wipe(out);
			return nf_p11_junk("C_GetAttributeValue",
			    "an attribute is longer than its room", diag);
		}
		out->len = attr.ulValueLen;
		*has = out->len > 0;
		return 0;
	}
	nf_buf_wipe(out);
	return rv == CKR_OK || is_not_told(rv) ? 0 :
	    nf_p11_failed(p11, "C_GetAttributeValue", rv, diag);
}

int
nf_p11_objects(struct nf_p11 *p11, CK_ATTRIBUTE *template, CK_ULONG n_attr,
    CK_OBJECT_HANDLE *out, size_t max, size_t *n, struct nf_diag *diag)
{
	CK_OBJECT_HANDLE batch[BATCH];
	CK_ULONG got;
	CK_RV rv;
	int r = 0;

	*n = 0;
	rv = p11->f->C_FindObjectsInit(p11->session, template, n_attr);
	if (rv != CKR_OK)
		return nf_p11_failed(p11, "C_FindObjectsInit", rv, diag);
	while (r == 0 && *n <= max) {
		got = 0;
		rv = p11->f->C_FindObjects(p11->session, batch, BATCH, &got);
		if (rv != CKR_OK)
			r = nf_p11_failed(p11, "C_FindObjects", rv, diag);
		else if (got > BATCH)
			r = nf_p11_junk("C_FindObjects",
			    "more objects than there is room for", diag);
		else if (got == 0)
			break;
		for (CK_ULONG i = 0; r == 0 && i < got && *n <= max; i++) {
			if (*n < max)
				out[*n] = batch[i];
			(*n)++;
		}
	}
	rv = p11->f->C_FindObjectsFinal(p11->session);
	if (r == 0 && rv != CKR_OK)
		r = nf_p11_failed(p11, "C_FindObjectsFinal", rv, diag);
	return r;
}
