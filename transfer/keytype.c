/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nfast/wire/names.h"
#include "transfer/keytype.h"

static const struct nf_name curves[] = {
	{ NF_EC_P256, "P-256" },
	{ NF_EC_P384, "P-384" },
	{ NF_EC_P521, "P-521" },
	{ NF_EC_SECP256K1, "P-256K" },
	{ 0, NULL }
};

const char *
nf_xfer_curve_name(uint32_t curve)
{
	return nf_name_find(curves, curve);
}

int
nf_xfer_keytype_of(const struct nf_keydata *key, struct nf_xfer_keytype *out,
    struct nf_diag *diag)
{
	const char *name;

	memset(out, 0, sizeof(*out));
	out->bits = (uint32_t)nf_wire_keydata_bits(key);
	switch (key->type) {
	case NF_KEY_RSAPUBLIC:
	case NF_KEY_RSAPRIVATE:
		out->kty = NF_XFER_RSA;
		return 0;
	case NF_KEY_ECPUBLIC:
	case NF_KEY_ECPRIVATE:
	case NF_KEY_ECDSAPUBLIC:
	case NF_KEY_ECDSAPRIVATE:
		out->kty = NF_XFER_EC;
		out->curve = key->curve;
		return 0;
	case NF_KEY_RIJNDAEL:
		out->kty = NF_XFER_OCT;
		return 0;
	default:
		name = nf_name_find(nf_wire_keytypes, key->type);
		return nf_diag_set(diag, NF_E_POLICY, NULL,
		    "only RSA, EC and AES keys can be transferred, and this "
		    "one is %s", name == NULL ? "of another type" : name);
	}
}

int
nf_xfer_keytype_check(const struct nf_xfer_keytype *t, struct nf_diag *diag)
{
	switch (t->kty) {
	case NF_XFER_RSA:
		return t->bits == 2048 || t->bits == 3072 ||
		    t->bits == 4096 ? 0 : nf_diag_set(diag, NF_E_POLICY, NULL,
		    "RSA keys of %u bits cannot be transferred, only those "
		    "of 2048, 3072 and 4096", t->bits);
	case NF_XFER_EC:
		return nf_xfer_curve_name(t->curve) != NULL ? 0 :
		    nf_diag_set(diag, NF_E_POLICY, NULL,
		    "EC keys on curve %u cannot be transferred, only those "
		    "on P-256, P-384, P-521 and P-256K", t->curve);
	case NF_XFER_OCT:
		return t->bits == 128 || t->bits == 192 || t->bits == 256 ?
		    0 : nf_diag_set(diag, NF_E_POLICY, NULL,
		    "symmetric keys of %u bits cannot be transferred, only "
		    "those of 128, 192 and 256", t->bits);
	}
	return nf_diag_set(diag, NF_E_INTERNAL, NULL, "no such key type");
}

bool
nf_xfer_keytype_equal(const struct nf_xfer_keytype *a,
    const struct nf_xfer_keytype *b)
{
	return a->kty == b->kty && a->bits == b->bits &&
	    a->curve == b->curve;
}

void
nf_xfer_keytype_text(const struct nf_xfer_keytype *t,
    char out[static NF_XFER_KEYTYPE_MAX])
{
	const char *curve = nf_xfer_curve_name(t->curve);

	if (t->kty == NF_XFER_EC)
		(void)snprintf(out, NF_XFER_KEYTYPE_MAX, "EC %s",
		    curve == NULL ? "of another curve" : curve);
	else
		(void)snprintf(out, NF_XFER_KEYTYPE_MAX, "%s %u",
		    t->kty == NF_XFER_RSA ? "RSA" : "oct", t->bits);
}

bool
nf_xfer_keytype_parse(const char *text, struct nf_xfer_keytype *out)
{
	const char *value = strchr(text, ' ');
	char back[NF_XFER_KEYTYPE_MAX];
	const struct nf_curve *curve;

	memset(out, 0, sizeof(*out));
	if (value == NULL)
		return false;
	value++;
	out->bits = (uint32_t)strtoul(value, NULL, 10);
	if (strncmp(text, "EC ", 3) == 0) {
		out->kty = NF_XFER_EC;
		for (size_t i = 0; curves[i].name != NULL; i++) {
			if (strcmp(curves[i].name, value) == 0)
				out->curve = curves[i].number;
		}
		if ((curve = nf_curve_find(out->curve)) == NULL)
			return false;
		out->bits = (uint32_t)curve->field_bits;
	} else
		out->kty = *text == 'R' ? NF_XFER_RSA : NF_XFER_OCT;
	nf_xfer_keytype_text(out, back);
	return strcmp(text, back) == 0;
}
