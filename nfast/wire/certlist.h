/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CertificateList: the certificates on a command, and legacy SingleCert
 * chains (real on feature certificates).  The simulator's chain from its
 * factory root to a KLF uses the same form: that use is ours.
 */
#ifndef NF_WIRE_CERTLIST_H
#define NF_WIRE_CERTLIST_H

#include "nfast/wire/acl.h"
#include "nfast/wire/cipher.h"

#define NF_CERTLIST_MAX	8

enum { NF_CERT_SIGNINGKEY = 1, NF_CERT_SINGLECERT = 2 };

struct nf_cert {
	uint8_t keyhash[NF_HASH_LEN];
	uint32_t type;
	uint32_t keyid;			/* SigningKey */
	struct nf_keydata key;		/* SingleCert, and the next ones */
	struct nf_cipher sig;
	struct nf_view msg;		/* certsignmsg, the signed bytes */
};

struct nf_certlist {
	uint32_t n;
	struct nf_cert cert[NF_CERTLIST_MAX];
};

/* Views borrow. */
void nf_wire_certlist_read(struct nf_cur *cur, struct nf_certlist *out);
void nf_wire_certlist_write(struct nf_buf *buf,
    const struct nf_certlist *list);

/*
 * The signed message of a SingleCert: constants around an ACL.
 * Reading goes to the cursor's end; free with nf_acl_free().
 */
int nf_wire_certmsg_read(struct nf_cur *cur, struct nf_acl **out);
void nf_wire_certmsg_write(struct nf_buf *buf, const struct nf_acl *acl);

#endif
