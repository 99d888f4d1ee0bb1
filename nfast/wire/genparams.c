/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "nfast/base/curve.h"
#include "nfast/wire/genparams.h"
#include "nfast/wire/keydata.h"
#include "nfast/wire/names.h"

static bool
known_flags(struct nf_cur *cur, uint32_t flags, uint32_t known)
{
	if ((flags & ~known) == 0)
		return true;
	(void)nf_cur_fail(cur, NF_E_FORMAT, "params.flags",
	    "unknown flags 0x%x", flags & ~known);
	return false;
}

static void
rsa_read(struct nf_cur *cur, struct nf_genparams *p)
{
	p->flags = nf_cur_u32(cur, "params.flags");
	p->len = nf_cur_u32(cur, "params.lenbits");
	if (!known_flags(cur, p->flags, NF_GEN_RSA_GIVEN_E |
	    NF_GEN_RSA_NCHECKS | NF_GEN_RSA_STRONG))
		return;
	if ((p->flags & NF_GEN_RSA_GIVEN_E) != 0)
		p->given_e = nf_wire_bignum_read(cur, "params.given_e", 16);
	if ((p->flags & NF_GEN_RSA_NCHECKS) != 0)
		p->nchecks = nf_cur_u32(cur, "params.nchecks");
}

static void
dsa_read(struct nf_cur *cur, struct nf_genparams *p)
{
	static const char *const names[] = { "params.p", "params.q",
	    "params.g" };

	p->flags = nf_cur_u32(cur, "params.flags");
	p->len = nf_cur_u32(cur, "params.lenbits");
	if (!known_flags(cur, p->flags, NF_GEN_DSA_DLG | NF_GEN_DSA_QHASH))
		return;
	for (size_t i = 0; i < 3 && (p->flags & NF_GEN_DSA_DLG) != 0; i++)
		p->dlg[i] = nf_wire_bignum_read(cur, names[i],
		    NF_KEYDATA_NUM_MAX);
	if ((p->flags & NF_GEN_DSA_QHASH) != 0)
		p->qhash = nf_cur_u32(cur, "params.qhash");
}

void
nf_wire_genparams_read(struct nf_cur *cur, struct nf_genparams *out)
{
	memset(out, 0, sizeof(*out));
	out->type = nf_cur_u32(cur, "params.type");
	if (nf_cur_err(cur) != 0)
		return;
	switch (out->type) {
	case NF_KEY_RSAPRIVATE:
		rsa_read(cur, out);
		break;
	case NF_KEY_DSAPRIVATE:
		dsa_read(cur, out);
		break;
	case NF_KEY_ECPRIVATE:
	case NF_KEY_ECDSAPRIVATE:
	case NF_KEY_ECDHPRIVATE:
		out->curve = nf_cur_u32(cur, "params.curve");
		if (nf_cur_err(cur) == 0 && nf_curve_find(out->curve) == NULL)
			(void)nf_cur_fail(cur, NF_E_FORMAT, "params.curve",
			    "curve %u is not supported", out->curve);
		break;
	case NF_KEY_RIJNDAEL:
	case NF_KEY_DES3:
	case NF_KEY_RANDOM:
		out->len = nf_cur_u32(cur, "params.lenbytes");
		break;
	default:
		(void)nf_cur_fail(cur, NF_E_FORMAT, "params.type",
		    "key type %u is not supported", out->type);
		break;
	}
}

void
nf_wire_genparams_write(struct nf_buf *buf, const struct nf_genparams *p)
{
	nf_buf_u32(buf, p->type);
	switch (p->type) {
	case NF_KEY_RSAPRIVATE:
		nf_buf_u32(buf, p->flags);
		nf_buf_u32(buf, p->len);
		if ((p->flags & NF_GEN_RSA_GIVEN_E) != 0)
			nf_wire_bignum_write(buf, p->given_e);
		if ((p->flags & NF_GEN_RSA_NCHECKS) != 0)
			nf_buf_u32(buf, p->nchecks);
		break;
	case NF_KEY_DSAPRIVATE:
		nf_buf_u32(buf, p->flags);
		nf_buf_u32(buf, p->len);
		for (size_t i = 0; i < 3 &&
		    (p->flags & NF_GEN_DSA_DLG) != 0; i++)
			nf_wire_bignum_write(buf, p->dlg[i]);
		if ((p->flags & NF_GEN_DSA_QHASH) != 0)
			nf_buf_u32(buf, p->qhash);
		break;
	case NF_KEY_ECPRIVATE:
	case NF_KEY_ECDSAPRIVATE:
	case NF_KEY_ECDHPRIVATE:
		nf_buf_u32(buf, p->curve);
		break;
	case NF_KEY_RIJNDAEL:
	case NF_KEY_DES3:
	case NF_KEY_RANDOM:
		nf_buf_u32(buf, p->len);
		break;
	default:
		nf_buf_fail(buf, NF_E_INTERNAL);
		break;
	}
}

void
nf_wire_genparams_print(struct nf_buf *buf, const struct nf_genparams *p)
{
	nf_name_print(buf, nf_wire_keytypes, p->type);
	if (nf_wire_key_is_ec(p->type)) {
		nf_buf_str(buf, " ");
		nf_name_print(buf, nf_wire_ecnames, p->curve);
	} else if (nf_wire_keykind(p->type) == NF_KIND_PRIVATE)
		nf_buf_printf(buf, " %u bits, flags 0x%x", p->len, p->flags);
	else
		nf_buf_printf(buf, " %zu bits", 8 * (size_t)p->len);
}
