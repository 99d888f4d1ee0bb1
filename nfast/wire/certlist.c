/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "nfast/wire/certlist.h"
#include "nfast/wire/modcert.h"

#define MSG_HEAD	0x75ff7244u
#define MSG_TAIL	0x23178098u

void
nf_wire_certlist_read(struct nf_cur *cur, struct nf_certlist *out)
{
	struct nf_cert *c;

	memset(out, 0, sizeof(*out));
	out->n = nf_cur_count(cur, "certs", 24, NF_CERTLIST_MAX);
	for (uint32_t i = 0; i < out->n && nf_cur_err(cur) == 0; i++) {
		c = &out->cert[i];
		nf_cur_copy(cur, "cert.keyhash", c->keyhash, NF_HASH_LEN);
		c->type = nf_cur_u32(cur, "cert.type");
		switch (c->type) {
		case NF_CERT_SIGNINGKEY:
			c->keyid = nf_cur_u32(cur, "cert.keyid");
			break;
		case NF_CERT_SINGLECERT:
			nf_wire_keydata_read(cur, &c->key);
			nf_wire_cipher_read(cur, &c->sig);
			c->msg = nf_wire_block_read(cur, "cert.msg",
			    NF_CERT_MAX);
			break;
		default:
			(void)nf_cur_fail(cur, NF_E_FORMAT, "cert.type",
			    "certificate type %u is not supported", c->type);
			break;
		}
	}
	if (nf_cur_err(cur) != 0)
		out->n = 0;
}

void
nf_wire_certlist_write(struct nf_buf *buf, const struct nf_certlist *list)
{
	nf_buf_u32(buf, list->n);
	for (uint32_t i = 0; i < list->n; i++) {
		const struct nf_cert *c = &list->cert[i];

		nf_buf_put(buf, c->keyhash, NF_HASH_LEN);
		nf_buf_u32(buf, c->type);
		if (c->type == NF_CERT_SIGNINGKEY) {
			nf_buf_u32(buf, c->keyid);
			continue;
		}
		nf_wire_keydata_write(buf, &c->key);
		nf_wire_cipher_write(buf, &c->sig);
		nf_wire_block_write(buf, c->msg);
	}
}

int
nf_wire_certmsg_read(struct nf_cur *cur, struct nf_acl **out)
{
	int r;

	*out = NULL;
	if (nf_cur_u32(cur, "certmsg.head") != MSG_HEAD ||
	    nf_cur_u32(cur, "certmsg.head") != 2 ||
	    nf_cur_u32(cur, "certmsg.head") != 0)
		(void)nf_cur_fail(cur, NF_E_FORMAT, "certmsg.head",
		    "not a certificate message");
	if ((r = nf_wire_acl_read(cur, out)) != 0)
		return r;
	if (nf_cur_u32(cur, "certmsg.tail") != MSG_TAIL)
		(void)nf_cur_fail(cur, NF_E_FORMAT, "certmsg.tail",
		    "not the expected constant");
	if ((r = nf_cur_end(cur, "certmsg")) != 0) {
		nf_acl_free(*out);
		*out = NULL;
	}
	return r;
}

void
nf_wire_certmsg_write(struct nf_buf *buf, const struct nf_acl *acl)
{
	nf_buf_u32(buf, MSG_HEAD);
	nf_buf_u32(buf, 2);
	nf_buf_u32(buf, 0);
	nf_wire_acl_write(buf, acl);
	nf_buf_u32(buf, MSG_TAIL);
}
