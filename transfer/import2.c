/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "nfast/host/hostcmd.h"
#include "nfast/wire/blob.h"
#include "transfer/import2.h"

#define SEMIBLOCK	((size_t)8)	/* of AES key wrap */

/* What the new key may do, by its type. */
#define PERMS_RSA	(NF_PERM_SIGN | NF_PERM_DECRYPT | NF_PERM_GETACL)
#define PERMS_EC	(NF_PERM_SIGN | NF_PERM_GETACL)
#define PERMS_OCT	(NF_PERM_ENCRYPT | NF_PERM_DECRYPT | NF_PERM_GETACL)
#define PERMS_PUBLIC	(NF_PERM_VERIFY | NF_PERM_ENCRYPT | \
	NF_PERM_EXPORTASPLAIN | NF_PERM_GETACL)

void
nf_xfer_received_wipe(struct nf_xfer_received *r)
{
	nf_buf_wipe(&r->bytes);
	memset(r, 0, sizeof(*r));
}

/* What the steps of one import share. */
struct work {
	struct nf_xfer_hsm2 *h;
	const struct nf_xfer_keytype *want;
	uint32_t key, pub;		/* loaded, 0 when not */
	struct nf_xfer_received *out;
	struct nf_buf *steps;
};

struct nf_acl *
nf_xfer_acl_of(uint32_t perms, uint32_t blob)
{
	struct nf_acl *acl = nf_acl_new();
	struct nf_group *g = acl == NULL ? NULL : nf_acl_group_add(acl);
	struct nf_action *a = g == NULL ? NULL :
	    nf_group_action_add(g, NF_ACT_OPPERMISSIONS);

	if (a != NULL) {
		a->flags = perms;
		if (blob == 0)
			return acl;
		if ((a = nf_group_action_add(g, NF_ACT_MAKEBLOB)) != NULL) {
			a->flags = blob;
			return acl;
		}
	}
	nf_acl_free(acl);
	return NULL;
}

static int
kid_check(const struct nf_xfer_hsm2 *h, const char *kid,
    struct nf_diag *diag)
{
	if (kid == NULL || strcmp(kid, h->kid) == 0)
		return 0;
	return nf_diag_set(diag, NF_E_MISMATCH, "header.kid",
	    "made for the KEK %.120s, and this HSM has %s", kid, h->kid);
}

static uint32_t
wire_type(const struct nf_xfer_keytype *want)
{
	if (want == NULL)
		return 0;
	return want->kty == NF_XFER_RSA ? NF_KEY_RSAPRIVATE :
	    want->kty == NF_XFER_EC ? NF_KEY_ECDSAPRIVATE : NF_KEY_RIJNDAEL;
}

/* Without a wanted type the key gets the rights of all types: what it cannot
 * do it cannot do. */
static uint32_t
perms_of(const struct nf_xfer_keytype *want)
{
	if (want == NULL)
		return PERMS_RSA | PERMS_EC | PERMS_OCT;
	return want->kty == NF_XFER_RSA ? PERMS_RSA :
	    want->kty == NF_XFER_EC ? PERMS_EC : PERMS_OCT;
}

/* Bytes of C1, when the rest can be C2. */
static int
c1_len(const struct nf_keydata *kek, struct nf_view ciphertext, size_t *n,
    struct nf_diag *diag)
{
	*n = nf_wire_keydata_bits(kek) / 8;
	if (ciphertext.len >= *n + 2 * SEMIBLOCK &&
	    (ciphertext.len - *n) % SEMIBLOCK == 0)
		return 0;
	return nf_diag_set(diag, NF_E_FORMAT, "ciphertext",
	    "%zu bytes are not %zu of RSA under this KEK and a multiple of "
	    "%zu of AES key wrap", ciphertext.len, *n, SEMIBLOCK);
}

static int
oct_bits(struct nf_xfer_unwrap2 *u, struct nf_diag *diag)
{
	struct nf_command cmd = { .cmd = NF_CMD_GETKEYINFOEX };
	struct nf_reply reply;
	int r;

	cmd.args.key = u->key;
	memset(&reply, 0, sizeof(reply));
	if ((r = nf_host_call(u->host, &cmd, &reply, diag)) == 0)
		u->bits = reply.args.length;
	nf_args_wipe(&reply.args);
	return r;
}

int
nf_xfer_unwrap2(struct nf_xfer_unwrap2 *u, struct nf_diag *diag)
{
	struct nf_command cmd = { .cmd = NF_CMD_LOADBLOB };
	struct nf_blob blob = { .format = NF_BLOB_USERKEY };
	struct nf_buf frame = NF_BUF_INIT;
	struct nf_reply reply;
	size_t n;
	int r;

	u->key = u->pub = u->bits = 0;
	if ((r = c1_len(u->kek_pub, u->ciphertext, &n, diag)) != 0 ||
	    (r = nf_wire_keyhash(u->kek_pub, blob.hash, diag)) != 0)
		return r;
	blob.rsa = nf_view_of(u->ciphertext.p, n);
	blob.body = nf_view_of(u->ciphertext.p + n, u->ciphertext.len - n);
	blob.word = NF_BLOB_WORD_MECH | NF_MECH_RSA_AES_KEY_WRAP;
	nf_wire_blob_write(&frame, &blob);
	cmd.args.module = NF_HOST_MODULE;
	cmd.args.flags = NF_LOADBLOB_KEY | NF_LOADBLOB_IMPORT;
	cmd.args.data = nf_buf_view(&frame);
	cmd.args.key2 = u->kek;
	cmd.args.type = wire_type(u->want);
	cmd.args.acl = u->acl;
	cmd.args.acl2 = u->pub_acl;
	memset(&reply, 0, sizeof(reply));
	if ((r = nf_buf_err(&frame)) != 0)
		(void)nf_diag_set(diag, r, NULL, "%s", nf_err_text(r));
	else if ((r = nf_host_call(u->host, &cmd, &reply, diag)) == 0) {
		u->key = reply.args.key;
		if ((reply.args.flags & NF_REPLY_PUBLIC) != 0)
			u->pub = reply.args.key2;
	}
	nf_args_wipe(&reply.args);
	nf_buf_wipe(&frame);
	return r != 0 || u->pub != 0 ? r : oct_bits(u, diag);
}

static int
unwrap(struct work *w, struct nf_view ciphertext, struct nf_diag *diag)
{
	struct nf_xfer_unwrap2 u = { .host = w->h->host, .kek = w->h->kek,
	    .kek_pub = &w->h->pub, .ciphertext = ciphertext,
	    .want = w->want };
	int r;

	u.acl = nf_xfer_acl_of(perms_of(w->want), 0);
	u.pub_acl = nf_xfer_acl_of(PERMS_PUBLIC, 0);
	if (u.acl == NULL || u.pub_acl == NULL)
		r = nf_diag_set(diag, NF_E_NOMEM, NULL, "out of memory");
	else
		r = nf_xfer_unwrap2(&u, diag);
	w->key = u.key;
	w->pub = u.pub;
	w->out->type.bits = u.bits;
	nf_acl_free(u.acl);
	nf_acl_free(u.pub_acl);
	return r;
}

/* The public half, of our own memory. */
static int
public_take(struct work *w, struct nf_diag *diag)
{
	struct nf_command cmd = { .cmd = NF_CMD_EXPORT };
	struct nf_reply reply;
	struct nf_cur cur;
	int r;

	cmd.args.key = w->pub;
	memset(&reply, 0, sizeof(reply));
	if ((r = nf_host_call(w->h->host, &cmd, &reply, diag)) == 0) {
		nf_wire_keydata_write(&w->out->bytes, &reply.args.keydata);
		r = nf_buf_err(&w->out->bytes);
	}
	nf_args_wipe(&reply.args);
	if (r != 0)
		return r;
	nf_cur_init(&cur, w->out->bytes.p, w->out->bytes.len, diag);
	nf_wire_keydata_read(&cur, &w->out->pub);
	if ((r = nf_cur_end(&cur, "Export")) != 0)
		return r;
	return nf_xfer_keytype_of(&w->out->pub, &w->out->type, diag);
}

/*
 * The nCore hash covers the type.  A package does not say whether an EC key
 * was of type EC or ECDSA where it comes from, so that both hashes are told.
 */
static int
hash_write(struct work *w, struct nf_diag *diag)
{
	uint8_t ec[NF_HASH_LEN], ecdsa[NF_HASH_LEN];
	struct nf_keydata pub = w->out->pub;
	int r;

	if (w->out->type.kty != NF_XFER_EC) {
		nf_text_hex(w->steps, nf_view_of(w->out->hash, NF_HASH_LEN));
		nf_buf_u8(w->steps, '\n');
		return 0;
	}
	pub.type = NF_KEY_ECPUBLIC;
	if ((r = nf_wire_keyhash(&pub, ec, diag)) != 0)
		return r;
	pub.type = NF_KEY_ECDSAPUBLIC;
	if ((r = nf_wire_keyhash(&pub, ecdsa, diag)) != 0)
		return r;
	nf_text_hex(w->steps, nf_view_of(ec, NF_HASH_LEN));
	nf_buf_str(w->steps, " as EC, ");
	nf_text_hex(w->steps, nf_view_of(ecdsa, NF_HASH_LEN));
	nf_buf_str(w->steps, " as ECDSA\n");
	return 0;
}

static int
type_check(struct work *w, struct nf_diag *diag)
{
	char is[NF_XFER_KEYTYPE_MAX], want[NF_XFER_KEYTYPE_MAX];
	int r;

	if (w->pub == 0)
		w->out->type.kty = NF_XFER_OCT;
	if ((r = w->pub != 0 ? public_take(w, diag) : 0) != 0 ||
	    (r = nf_xfer_keytype_check(&w->out->type, diag)) != 0 ||
	    (r = nf_host_keyhash(w->h->host, w->key, w->out->hash,
	    diag)) != 0)
		return r;
	nf_xfer_keytype_text(&w->out->type, is);
	if (w->want != NULL &&
	    !nf_xfer_keytype_equal(w->want, &w->out->type)) {
		nf_xfer_keytype_text(w->want, want);
		return nf_diag_set(diag, NF_E_MISMATCH, "type",
		    "a key of type %s is in the package, not %s", is, want);
	}
	nf_buf_printf(w->steps, "unwrapped in the module: %s, key hash ", is);
	return hash_write(w, diag);
}

int
nf_xfer_import2(struct nf_xfer_hsm2 *h, struct nf_view ciphertext,
    const char *kid, const struct nf_xfer_keytype *want,
    struct nf_xfer_received *out, struct nf_buf *steps, struct nf_diag *diag)
{
	struct work w = { .h = h, .want = want, .out = out, .steps = steps };
	size_t n;
	int r;

	memset(out, 0, sizeof(*out));
	if ((r = kid_check(h, kid, diag)) != 0 ||
	    (r = c1_len(&h->pub, ciphertext, &n, diag)) != 0)
		return r;
	nf_buf_printf(steps, "KEK %s loaded\n", h->kid);
	if ((r = unwrap(&w, ciphertext, diag)) == 0 &&
	    (r = type_check(&w, diag)) == 0 &&
	    (r = nf_xfer_prove(h->host, w.key, out, steps, diag)) == 0 &&
	    (r = nf_xfer_prove_kept(h->host, w.key, steps, diag)) == 0)
		r = nf_xfer_prove_import_only(h->host, h->kek,
		    nf_view_of(ciphertext.p, n), steps, diag);
	if (w.key != 0)
		(void)nf_host_destroy(h->host, w.key, NULL);
	if (w.pub != 0)
		(void)nf_host_destroy(h->host, w.pub, NULL);
	if (r == 0 && (r = nf_buf_err(steps)) != 0)
		(void)nf_diag_set(diag, r, NULL, "%s", nf_err_text(r));
	if (r != 0)
		nf_xfer_received_wipe(out);
	return r;
}
