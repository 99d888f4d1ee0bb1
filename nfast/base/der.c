/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "nfast/base/der.h"
#include "nfast/base/pkey.h"

struct nf_view
nf_der_element(struct nf_cur *cur, uint8_t tag, const char *field)
{
	uint8_t is = nf_cur_u8(cur, field);
	size_t len = nf_cur_u8(cur, field), min = 0;

	if (len == 0x81) {
		min = 0x80;
		len = nf_cur_u8(cur, field);
	} else if (len == 0x82) {
		min = 0x100;
		len = nf_cur_u8(cur, field);
		len = len << 8 | nf_cur_u8(cur, field);
	} else if (len >= 0x80)
		min = SIZE_MAX;
	if (nf_cur_err(cur) == 0 && is != tag)
		(void)nf_cur_fail(cur, NF_E_FORMAT, field,
		    "tag 0x%02x, not 0x%02x", is, tag);
	if (nf_cur_err(cur) == 0 && len < min)
		(void)nf_cur_fail(cur, NF_E_FORMAT, field,
		    "a length that is not in its shortest form, or too long");
	return nf_cur_bytes(cur, field, len);
}

struct nf_view
nf_der_number(struct nf_cur *cur, const char *field)
{
	struct nf_view v = nf_der_element(cur, NF_DER_INTEGER, field);

	if (nf_cur_err(cur) != 0)
		return nf_view_of(NULL, 0);
	if (v.len == 0 || (v.p[0] & 0x80) != 0 ||
	    (v.p[0] == 0 && (v.len == 1 || (v.p[1] & 0x80) == 0))) {
		(void)nf_cur_fail(cur, NF_E_FORMAT, field,
		    "not a positive number in its shortest form");
		return nf_view_of(NULL, 0);
	}
	return v.p[0] == 0 ? nf_view_of(v.p + 1, v.len - 1) : v;
}

void
nf_der_head(struct nf_buf *buf, uint8_t tag, size_t len)
{
	nf_buf_u8(buf, tag);
	if (len > 0xffff)
		nf_buf_fail(buf, NF_E_INTERNAL);
	if (len >= 0x100) {
		nf_buf_u8(buf, 0x82);
		nf_buf_u8(buf, (uint8_t)(len >> 8));
	} else if (len >= 0x80)
		nf_buf_u8(buf, 0x81);
	nf_buf_u8(buf, (uint8_t)len);
}

void
nf_der_put(struct nf_buf *buf, uint8_t tag, struct nf_view v)
{
	nf_der_head(buf, tag, v.len);
	nf_buf_view_put(buf, v);
}

void
nf_der_put_number(struct nf_buf *buf, struct nf_view v)
{
	size_t pad;

	v = nf_le_trim(v);
	pad = v.len == 0 || (v.p[v.len - 1] & 0x80) != 0;
	nf_der_head(buf, NF_DER_INTEGER, v.len + pad);
	nf_buf_fill(buf, 0, pad);
	while (v.len > 0)
		nf_buf_u8(buf, v.p[--v.len]);
}
