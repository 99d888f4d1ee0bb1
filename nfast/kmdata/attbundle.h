/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The attestation bundle, key_APP_IDENT.att: a JSON object of base64url
 * fields (real).  Only one form of each bundle's bytes is accepted where a
 * changed byte could otherwise go unnoticed (ours, see nf_att_read()).
 */
#ifndef NF_KMDATA_ATTBUNDLE_H
#define NF_KMDATA_ATTBUNDLE_H

#include "nfast/base/buf.h"
#include "nfast/base/cur.h"

#define NF_ATT_MAX	((size_t)256 * 1024)	/* bytes of a bundle */

enum nf_att_field {
	NF_ATT_PUBKEYDATA,
	NF_ATT_KCMSG,
	NF_ATT_KCSIG,
	NF_ATT_MODSTATEMSG,
	NF_ATT_MODSTATESIG,
	NF_ATT_WARRANT,
	NF_ATT_ROOT,		/* a text */
	NF_ATT_KNSOPUB,		/* from here: persistent keys */
	NF_ATT_HKM,
	NF_ATT_HKMC,
	NF_ATT_CIPHERSUITE,	/* a text */
	NF_ATT_CERT_KM,		/* CertKMaKMCbKNSO */
	NF_ATT_CERT_FIPS,	/* CertKMaKMCaKFIPSbKNSO */
	NF_ATT_HKFIPS,
	NF_ATT_HKRE,		/* from here: recoverable keys */
	NF_ATT_HKRA,
	NF_ATT_CERT_KRE,	/* CertKREaKRAbKNSO */
	NF_ATT_FIELDS
};

/* Views into buf; p is NULL for a field that is not there. */
struct nf_att {
	struct nf_buf buf;
	struct nf_view field[NF_ATT_FIELDS];
};

/* The name of a field, as in the file. */
const char *nf_att_name(enum nf_att_field f);

/* Bytes that may be a bundle: an object that names modstatemsg. */
bool nf_att_is(struct nf_view file);

/*
 * Read a bundle.
 *   out  wipe with nf_att_wipe(), also after a failure
 * Refused: fields that are not known or given twice, values that are no text,
 * backslashes (no field needs an escape), bytes that are not ASCII, white
 * space other than space, CR and LF; base64 without its padding, in the
 * standard alphabet, with white space, or with unused bits that are not zero.
 * The first seven fields are required.  Of the next four all or none; with
 * them one of the two certificates, and hkfips with the second of these and
 * only with it; of the last three all or none.
 * Returns 0, NF_E_FORMAT (diag.field) or NF_E_NOMEM.
 */
int nf_att_read(struct nf_view file, struct nf_att *out,
    struct nf_diag *diag);
void nf_att_wipe(struct nf_att *att);

/* Append a bundle of those fields that are there, in the order above. */
void nf_att_write(struct nf_buf *buf, const struct nf_att *att);

#endif
