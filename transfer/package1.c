/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "kek-packages/regions.h"
#include "nfast/base/pkey.h"
#include "nfast/base/seed.h"
#include "nfast/host/appkey.h"
#include "nfast/wire/blob.h"
#include "transfer/package1.h"

int
nf_xfer_label_check(const char *label, struct nf_diag *diag)
{
	struct nf_view v = nf_view_of(label, strlen(label));

	if (v.len == 0 || v.len > NF_XFER_NAME_MAX ||
	    !nf_view_printable(v) || strchr(label, '/') != NULL)
		return nf_diag_set(diag, NF_E_USAGE, "KeyFriendlyName",
		    "1 to %d printable characters without '/' are allowed",
		    NF_XFER_NAME_MAX);
	return 0;
}

int
nf_xfer_sign(struct nf_host *host, uint32_t key, size_t bits,
    struct nf_view msg, struct nf_buf *sig, struct nf_diag *diag)
{
	struct nf_command cmd = { .cmd = NF_CMD_SIGN };
	size_t len = (bits + 7) / 8;
	struct nf_reply reply;
	struct nf_view m;
	int r;

	cmd.args.key = key;
	cmd.args.mech = NF_MECH_RSAHSHA256PPKCS1;
	cmd.args.plain.type = NF_PLAIN_BYTES;
	cmd.args.plain.v = msg;
	memset(&reply, 0, sizeof(reply));
	if ((r = nf_host_call(host, &cmd, &reply, diag)) != 0)
		goto out;
	m = nf_le_trim(reply.args.cipher.v[0]);
	if (reply.args.cipher.mech != NF_MECH_RSAHSHA256PPKCS1 ||
	    m.len > len) {
		r = nf_diag_set(diag, NF_E_FORMAT, "Sign",
		    "the module's reply is no signature of this key");
		goto out;
	}
	nf_buf_fill(sig, 0, len - m.len);
	while (m.len > 0)
		nf_buf_u8(sig, m.p[--m.len]);
	r = nf_buf_err(sig);
out:
	nf_args_wipe(&reply.args);
	return r;
}

/* Blob the key under the KEK and look at the blob's frame. */
static int
archive(struct nf_host *host, uint32_t key, const struct nf_xfer_dest *dest,
    struct nf_buf *out, struct nf_diag *diag)
{
	struct nf_command cmd = { .cmd = NF_CMD_MAKEBLOB };
	struct nf_blob blob;
	struct nf_cur cur;
	uint32_t kek = 0;
	int r;

	if ((r = nf_host_import_public(host, &dest->kek,
	    NF_PERM_USEASBLOBKEY, &kek, diag)) != 0)
		return r;
	cmd.args.format = NF_BLOB_USERKEY;
	cmd.args.key = key;
	cmd.args.key2 = kek;
	cmd.args.mech = NF_MECH_BLOB_RSA_AES_SHA256;
	r = nf_host_make_blob(host, &cmd, out, diag);
	(void)nf_host_destroy(host, kek, NULL);
	if (r != 0)
		return r;
	nf_cur_init(&cur, out->p, out->len, diag);
	nf_wire_blob_read(&cur, &blob);
	if ((r = nf_cur_err(&cur)) != 0)
		return r;
	if (blob.format != NF_BLOB_USERKEY || memcmp(blob.hash,
	    dest->region.kek_hash, NF_HASH_LEN) != 0)
		return nf_diag_set(diag, NF_E_MISMATCH, "blob",
		    "the module wrapped the key under another key");
	return 0;
}

/* The key token: the entries of real ones, in their order. */
static int
token(const struct nf_km_key *key, const char *id, uint64_t now,
    struct nf_view blob, struct nf_buf *out, struct nf_diag *diag)
{
	struct nf_km_key t = *key;
	int r;

	t.time = now;
	t.appname = nf_view_of("xfer", 4);
	t.ident = t.name = nf_view_of(id, strlen(id));
	t.privblob = blob;
	t.recovblob = (struct nf_view){ NULL, 0 };
	t.n_other = 0;
	if ((r = nf_km_key_write(&t, out)) != 0)
		return nf_diag_set(diag, r, "KeyToken", "%s",
		    nf_err_text(r));
	return 0;
}

/* What the writer was given, and the memory behind it. */
struct work {
	struct nf_byok1_parts parts;
	struct nf_buf pub, blob, token, tbs, sig;
	char kek_id[NF_BYOK1_TEXT_MAX + 1];
};

static void
work_wipe(struct work *w)
{
	nf_buf_wipe(&w->pub);
	nf_buf_wipe(&w->blob);
	nf_buf_wipe(&w->token);
	nf_buf_wipe(&w->tbs);
	nf_buf_wipe(&w->sig);
}

static int
fill(struct work *w, const struct nf_xfer_target *t,
    const struct nf_xfer_dest *dest, const uint8_t *tenant,
    const char *label, struct nf_diag *diag)
{
	char upper[NF_BYOK1_ID_LEN + 1], name[NF_BYOK1_TEXT_MAX + 1];
	struct timespec now = { 0, 0 };
	int r;

	if (nf_seed_text() != NULL)
		now.tv_sec = (time_t)nf_seed_now();
	else if (clock_gettime(CLOCK_REALTIME, &now) != 0)
		return nf_diag_set(diag, NF_E_INTERNAL, NULL,
		    "there is no clock");
	if ((r = nf_byok1_publickey_blob(nf_le_trim(t->pub.v[NF_RSA_E]),
	    nf_le_trim(t->pub.v[NF_RSA_N]), &w->pub, diag)) != 0)
		return r;
	memcpy(w->parts.tenant, tenant, 16);
	w->parts.public_key = nf_buf_view(&w->pub);
	if ((r = nf_byok1_global_id(tenant, w->parts.public_key,
	    upper)) != 0)
		return nf_diag_set(diag, r, "GlobalKeyId", "%s",
		    nf_err_text(r));
	nf_byok1_file_name(upper, name);
	if ((r = token(&t->file.key, name + strlen(NF_BYOK1_FILE_PREFIX),
	    (uint64_t)now.tv_sec, nf_buf_view(&w->blob), &w->token,
	    diag)) != 0)
		return r;
	w->parts.creation_time = nf_byok1_time((uint64_t)now.tv_sec,
	    (uint32_t)now.tv_nsec);
	w->parts.friendly_name = label;
	w->parts.environment = dest->insecure ||
	    nf_appkey_insecure(&t->file.key) ? NF_XFER_ENVIRONMENT_SEED :
	    NF_XFER_ENVIRONMENT;
	memcpy(w->parts.hkm, dest->region.hkm, NF_HASH_LEN);
	w->parts.key_token = nf_buf_view(&w->token);
	(void)snprintf(w->kek_id, sizeof(w->kek_id), "%s,%s", NF_KEK_APPNAME,
	    dest->kek_ident);
	w->parts.kek_identifier = w->kek_id;
	memcpy(w->parts.kek_hash, dest->region.kek_hash, NF_HASH_LEN);
	return 0;
}

/* Read what was written, as its receiver will. */
static int
check_written(const struct nf_buf *file, struct nf_diag *diag)
{
	struct nf_byok1 *pkg = NULL;
	int r;

	if ((r = nf_byok1_read(nf_buf_view(file), &pkg, diag)) == 0 &&
	    (r = nf_byok1_check_ids(pkg, diag)) == 0)
		r = nf_byok1_verify_signature(pkg, diag);
	nf_byok1_free(pkg);
	return r;
}

static int
build(struct nf_host *host, const struct nf_xfer_target *t, uint32_t key,
    const struct nf_xfer_dest *dest, const uint8_t *tenant,
    const char *label, struct nf_buf *out, struct nf_diag *diag)
{
	struct work w;
	int r;

	memset(&w, 0, sizeof(w));
	if ((r = archive(host, key, dest, &w.blob, diag)) == 0 &&
	    (r = fill(&w, t, dest, tenant, label, diag)) == 0 &&
	    (r = nf_byok1_write_unsigned(&w.parts, &w.tbs, diag)) == 0 &&
	    (r = nf_xfer_sign(host, key, nf_wire_keydata_bits(&t->pub),
	    nf_buf_view(&w.tbs), &w.sig, diag)) == 0 &&
	    (r = nf_byok1_write_signed(nf_buf_view(&w.tbs),
	    nf_buf_view(&w.sig), out, diag)) == 0)
		r = check_written(out, diag);
	work_wipe(&w);
	return r;
}

int
nf_xfer_package(struct nf_host *host, const struct nf_world *world,
    const char *ident, const struct nf_xfer_dest *dest,
    const uint8_t tenant[static 16], const char *label, struct nf_buf *out,
    const char **app, struct nf_diag *diag)
{
	struct nf_buf own = NF_BUF_INIT;
	struct nf_xfer_target target;
	struct nf_acl *acl = NULL;
	uint32_t key = 0;
	int r;

	if ((*app = nf_xfer_reduced_app(world, ident)) == NULL) {
		(void)nf_diag_set(diag, NF_E_NOTFOUND, NULL,
		    "there is no reduced copy of this key: make it with "
		    "KeyTransferRemote -ModifyAcls");
		nf_diag_where(diag, "%s/key_%s_%s", world->dir, NF_XFER_APP,
		    ident);
		return NF_E_NOTFOUND;
	}
	if ((r = nf_xfer_target_open(world, *app, ident, &target,
	    diag)) == 0 && (r = nf_xfer_target_load(host, &target, &key,
	    &own, &acl, diag)) == 0 &&
	    (r = nf_xfer_check_reduced(acl, &dest->region, diag)) == 0)
		r = build(host, &target, key, dest, tenant, label, out,
		    diag);
	if (r != 0)
		nf_diag_where(diag, "key_%s_%s", *app, ident);
	if (key != 0)
		(void)nf_host_destroy(host, key, NULL);
	nf_acl_free(acl);
	nf_buf_wipe(&own);
	nf_xfer_target_wipe(&target);
	return r;
}
