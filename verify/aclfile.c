/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "nfast/base/file.h"
#include "verify/aclfile.h"

#define FILE_MAX	((size_t)1024 * 1024)

const char *
nf_vfy_aclfile_half(enum nf_vfy_aclfile_half half)
{
	return half == NF_ACLFILE_PRIVATE ?
	    "private half, as at generation (its certificate, not verified)" :
	    "public half (its blob)";
}

static int
cert_read(struct nf_vfy_aclfile *f, struct nf_view msg, struct nf_diag *diag)
{
	struct nf_cur cur;
	int r;

	nf_cur_init(&cur, msg.p, msg.len, diag);
	if ((r = nf_wire_modcert_read(&cur, &f->cert)) != 0)
		return r;
	if (f->cert->type != NF_MODCERT_KEYGEN)
		return nf_diag_set(diag, NF_E_FORMAT, "ModCertMsg",
		    "not a key-generation certificate");
	f->acl[NF_ACLFILE_PRIVATE] = f->cert->keygen.acl;
	return 0;
}

static int
public_read(struct nf_vfy_aclfile *f, struct nf_view bytes,
    struct nf_diag *diag)
{
	int r;

	if ((r = nf_wire_nullblob_read(bytes, &f->plain, &f->pub,
	    diag)) != 0)
		return r;
	f->acl[NF_ACLFILE_PUBLIC] = f->pub.acl;
	return 0;
}

static int
key_read(struct nf_vfy_aclfile *f, struct nf_view bytes, struct nf_diag *diag)
{
	struct nf_km_key key;
	struct nf_cur cur;
	int r;

	nf_cur_init(&cur, bytes.p, bytes.len, diag);
	if ((r = nf_km_file_read(&cur, &f->file)) != 0 ||
	    (r = nf_km_key_read(f->file, &key, diag)) != 0 ||
	    (nf_km_key_certified(&key) &&
	    (r = cert_read(f, key.mesg_gen, diag)) != 0))
		return r;
	return key.pubblob.p != NULL ? public_read(f, key.pubblob, diag) : 0;
}

int
nf_vfy_aclfile_read(struct nf_vfy_aclfile *f, struct nf_diag *diag)
{
	struct nf_view v = nf_buf_view(&f->bytes);
	int r;

	if (nf_byok1_is(v)) {
		if ((r = nf_byok1_read(v, &f->byok, diag)) != 0)
			return r;
		return key_read(f, f->byok->key_token, diag);
	}
	if (nf_att_is(v)) {
		if ((r = nf_att_read(v, &f->att, diag)) != 0)
			return r;
		return cert_read(f, f->att.field[NF_ATT_KCMSG], diag);
	}
	return key_read(f, v, diag);
}

int
nf_vfy_aclfile_load(const char *path, struct nf_vfy_aclfile *out,
    struct nf_diag *diag)
{
	int r;

	memset(out, 0, sizeof(*out));
	if ((r = nf_file_load(path, FILE_MAX, &out->bytes, diag)) != 0)
		return r;
	r = nf_vfy_aclfile_read(out, diag);
	if (r == 0 && out->acl[NF_ACLFILE_PRIVATE] == NULL &&
	    out->acl[NF_ACLFILE_PUBLIC] == NULL)
		r = nf_diag_set(diag, NF_E_UNANCHORED, NULL,
		    "shows no ACL: it has neither a key-generation "
		    "certificate nor a public half");
	if (r != 0)
		nf_diag_where(diag, "%s", path);
	return r;
}

void
nf_vfy_aclfile_wipe(struct nf_vfy_aclfile *f)
{
	nf_modcert_free(f->cert);
	nf_blobkey_wipe(&f->pub);
	nf_km_file_free(f->file);
	nf_byok1_free(f->byok);
	nf_att_wipe(&f->att);
	nf_buf_wipe(&f->plain);
	nf_buf_wipe(&f->bytes);
	memset(f, 0, sizeof(*f));
}
