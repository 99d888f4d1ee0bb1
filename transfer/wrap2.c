/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "nfast/wire/blob.h"
#include "transfer/wrap2.h"

#define SEMIBLOCK	8	/* of AES key wrap */

struct nf_xfer_wrap2 {
	struct nf_host *host;
	const struct nf_world *world;
	uint8_t kek_hash[NF_HASH_LEN];
	size_t kek_len;			/* bytes of the modulus */
	struct nf_acl *acl;		/* of the reduced copies */
	uint32_t knso, kek;		/* loaded, 0 when not */
};

/* A key whose original is loaded, with what was found out about it. */
struct source {
	struct nf_xfer_target target;
	struct nf_buf own;
	struct nf_acl *acl;
	uint32_t id;
};

static void
source_close(struct nf_host *host, struct source *s)
{
	if (s->id != 0)
		(void)nf_host_destroy(host, s->id, NULL);
	nf_acl_free(s->acl);
	nf_buf_wipe(&s->own);
	nf_xfer_target_wipe(&s->target);
}

/* The size of a symmetric key is known once it is loaded. */
static int
symmetric_type(struct nf_host *host, uint32_t id,
    struct nf_xfer_keytype *type, struct nf_diag *diag)
{
	struct nf_command cmd = { .cmd = NF_CMD_GETKEYINFOEX };
	struct nf_reply reply;
	int r;

	cmd.args.key = id;
	memset(&reply, 0, sizeof(reply));
	if ((r = nf_host_call(host, &cmd, &reply, diag)) == 0) {
		type->bits = reply.args.length;
		if (reply.args.type != NF_KEY_RIJNDAEL)
			r = nf_diag_set(diag, NF_E_POLICY, NULL,
			    nf_wire_keykind(reply.args.type) ==
			    NF_KIND_SYMMETRIC ? "the symmetric key is not an "
			    "AES key" : "the file has no public key");
	}
	nf_args_wipe(&reply.args);
	return r == 0 ? nf_xfer_keytype_check(type, diag) : r;
}

static int
source_open(struct nf_host *host, const struct nf_world *world,
    const char *app, const char *ident, struct source *s,
    struct nf_xfer_wrap2_info *info, struct nf_diag *diag)
{
	const struct nf_km_key *key = &s->target.file.key;
	bool known;
	int r;

	memset(s, 0, sizeof(*s));
	memset(info, 0, sizeof(*info));
	if ((r = nf_appkey_open(world, app, ident, &s->target.file,
	    diag)) != 0)
		return r;
	if ((r = nf_xfer_eligible2(key, &info->type, &known, diag)) != 0 ||
	    (r = nf_xfer_target_load(host, &s->target, &s->id, &s->own,
	    &s->acl, diag)) != 0 ||
	    (!known && (r = symmetric_type(host, s->id, &info->type,
	    diag)) != 0) ||
	    (r = nf_xfer_changeable(s->acl, world->hash[NF_ADMIN_NSO],
	    diag)) != 0)
		return r;
	memcpy(info->hash, key->hash, NF_HASH_LEN);
	return 0;
}

int
nf_xfer_wrap2_look(struct nf_host *host, const struct nf_world *world,
    const char *app, const char *ident, struct nf_xfer_wrap2_info *info,
    struct nf_diag *diag)
{
	struct source s;
	int r = source_open(host, world, app, ident, &s, info, diag);

	source_close(host, &s);
	if (r != 0)
		nf_diag_where(diag, "key_%s_%s", app, ident);
	return r;
}

int
nf_xfer_wrap2_open(struct nf_host *host, const struct nf_world *world,
    const struct nf_kekpem *kek, void (*progress)(const char *line),
    struct nf_xfer_wrap2 **out, struct nf_diag *diag)
{
	struct nf_keydata kd = { .type = NF_KEY_RSAPUBLIC };
	struct nf_xfer_wrap2 *w = calloc(1, sizeof(*w));
	int r;

	*out = NULL;
	if (w == NULL)
		return nf_diag_set(diag, NF_E_NOMEM, NULL, "out of memory");
	w->host = host;
	w->world = world;
	w->kek_len = kek->bits / 8;
	kd.v[NF_RSA_E] = nf_kekpem_e(kek);
	kd.v[NF_RSA_N] = nf_kekpem_n(kek);
	if (nf_wire_keyhash(&kd, w->kek_hash, NULL) != 0) {
		r = nf_diag_set(diag, NF_E_POLICY, "KEK",
		    "a module takes no RSA key with an exponent above 32 "
		    "bits");
		goto out;
	}
	if ((r = nf_xfer_reduce2(w->kek_hash, &w->acl, diag)) != 0 ||
	    (r = nf_host_import_public(host, &kd, NF_PERM_USEASBLOBKEY,
	    &w->kek, diag)) != 0 ||
	    (r = nf_xfer_knso_load(host, world, progress, &w->knso,
	    diag)) != 0)
		goto out;
	*out = w;
	w = NULL;
out:
	nf_xfer_wrap2_close(w);
	return r;
}

void
nf_xfer_wrap2_close(struct nf_xfer_wrap2 *w)
{
	if (w == NULL)
		return;
	if (w->knso != 0)
		(void)nf_host_destroy(w->host, w->knso, NULL);
	if (w->kek != 0)
		(void)nf_host_destroy(w->host, w->kek, NULL);
	nf_acl_free(w->acl);
	free(w);
}

/* The ciphertext is in the frame of the module's blob. */
static int
frame_open(const struct nf_xfer_wrap2 *w, const struct nf_buf *bytes,
    struct nf_buf *out, struct nf_diag *diag)
{
	struct nf_blob blob;
	struct nf_cur cur;
	int r;

	nf_cur_init(&cur, bytes->p, bytes->len, diag);
	nf_wire_blob_read(&cur, &blob);
	if ((r = nf_cur_err(&cur)) != 0)
		return r;
	if (blob.format != NF_BLOB_USERKEY ||
	    blob.word != (NF_BLOB_WORD_MECH | NF_MECH_RSA_AES_KEY_WRAP) ||
	    memcmp(blob.hash, w->kek_hash, NF_HASH_LEN) != 0 ||
	    blob.rsa.len != w->kek_len ||
	    blob.body.len < 2 * (size_t)SEMIBLOCK ||
	    blob.body.len % SEMIBLOCK != 0)
		return nf_diag_set(diag, NF_E_MISMATCH, "blob",
		    "the module did not wrap the key as it was asked to");
	nf_buf_view_put(out, blob.rsa);
	nf_buf_view_put(out, blob.body);
	return nf_buf_err(out);
}

/* Load the reduced copy, see that it is one, wrap it. */
static int
copy_wrap(struct nf_xfer_wrap2 *w, const struct source *s,
    struct nf_view reduced, struct nf_buf *out, struct nf_diag *diag)
{
	struct nf_command cmd = { .cmd = NF_CMD_MAKEBLOB };
	struct nf_xfer_target copy = s->target;
	struct nf_buf own = NF_BUF_INIT, blob = NF_BUF_INIT;
	struct nf_acl *acl = NULL;
	uint32_t id = 0;
	int r;

	copy.file.key.privblob = reduced;
	if ((r = nf_xfer_target_load(w->host, &copy, &id, &own, &acl,
	    diag)) != 0 ||
	    (r = nf_xfer_check_reduced2(acl, w->kek_hash, diag)) != 0)
		goto out;
	cmd.args.format = NF_BLOB_USERKEY;
	cmd.args.key = id;
	cmd.args.key2 = w->kek;
	cmd.args.mech = NF_MECH_RSA_AES_KEY_WRAP;
	if ((r = nf_host_make_blob(w->host, &cmd, &blob, diag)) == 0)
		r = frame_open(w, &blob, out, diag);
out:
	if (id != 0)
		(void)nf_host_destroy(w->host, id, NULL);
	nf_acl_free(acl);
	nf_buf_wipe(&own);
	nf_buf_wipe(&blob);
	return r;
}

int
nf_xfer_wrap2_key(struct nf_xfer_wrap2 *w, const char *app,
    const char *ident, struct nf_buf *out, struct nf_xfer_wrap2_info *info,
    struct nf_diag *diag)
{
	struct nf_buf reduced = NF_BUF_INIT;
	struct source s;
	int r;

	if ((r = source_open(w->host, w->world, app, ident, &s, info,
	    diag)) == 0 &&
	    (r = nf_xfer_reblob(w->host, w->world, s.id, w->knso, w->acl,
	    &reduced, diag)) == 0)
		r = copy_wrap(w, &s, nf_buf_view(&reduced), out, diag);
	source_close(w->host, &s);
	nf_buf_wipe(&reduced);
	if (r != 0) {
		nf_diag_where(diag, "key_%s_%s", app, ident);
		nf_buf_wipe(out);
	}
	return r;
}
