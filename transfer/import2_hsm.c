/* SPDX-License-Identifier: Apache-2.0 */
/* The receiving HSM of method 2: its directory, its module, its KEK. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "nfast/base/digest.h"
#include "nfast/base/pkey.h"
#include "nfast/base/seed.h"
#include "nfast/host/hostcmd.h"
#include "nfast/wire/blob.h"
#include "transfer/import2.h"

#define KEK_APP		"byok2kek"	/* of the key file, ours */
#define KEK_IDENT	"kekforbyok"
#define KEK_NAME	"KEKforBYOK"	/* of the documents */

static int
place(const char *dir, const char *name, char path[static NF_PATH_MAX],
    struct nf_diag *diag)
{
	return nf_path(path, diag, "%s/%s", dir, name);
}

static int
module_open(const char *dir, struct nf_host **host, struct nf_diag *diag)
{
	char sim[NF_PATH_MAX];
	int r;

	if ((r = place(dir, NF_XFER_HSM2_SIM, sim, diag)) != 0)
		return r;
	return nf_host_open_state(sim, sim, host, diag);
}

static int
exists(const char *path, int code, const char *why, struct nf_diag *diag)
{
	(void)nf_diag_set(diag, code, NULL, "%s", why);
	nf_diag_where(diag, "%s", path);
	return code;
}

/* The directory is ours to use. */
static int
claim(const char *dir, struct nf_diag *diag)
{
	char path[NF_PATH_MAX];
	int r;

	if ((r = place(dir, NF_XFER_HSM2_KEY, path, diag)) != 0)
		return r;
	if (nf_file_exists(path))
		return exists(path, NF_E_EXISTS, "the HSM of this directory "
		    "has a KEK already", diag);
	if ((r = place(dir, NF_XFER_HSM2_SIM, path, diag)) != 0)
		return r;
	if (!nf_dir_empty(dir) && !nf_file_exists(path))
		return exists(dir, NF_E_POLICY, "holds files that the "
		    "simulator did not make: name an empty directory", diag);
	return nf_dir_make(dir, diag);
}

struct making {
	struct nf_host *host;
	struct nf_acl *acl, *pub_acl, *stored;
	uint32_t kek, pub;
	struct nf_buf blob, pubblob, pubbytes;
	struct nf_km_key key;
};

/* The pair, in the module. */
static int
generate(struct making *m, unsigned int bits, struct nf_diag *diag)
{
	struct nf_command cmd = { .cmd = NF_CMD_GENERATEKEYPAIR };
	struct nf_reply reply;
	int r;

	cmd.args.module = NF_HOST_MODULE;
	cmd.args.genparams.type = NF_KEY_RSAPRIVATE;
	cmd.args.genparams.len = bits;
	cmd.args.acl = m->acl;
	cmd.args.acl2 = m->pub_acl;
	memset(&reply, 0, sizeof(reply));
	if ((r = nf_host_call(m->host, &cmd, &reply, diag)) == 0) {
		m->kek = reply.args.key;
		m->pub = reply.args.key2;
	}
	nf_args_wipe(&reply.args);
	return r;
}

/* The blob that is kept holds the ACL of the import alone. */
static int
blobs(struct making *m, struct nf_diag *diag)
{
	struct nf_command cmd = { .cmd = NF_CMD_MAKEBLOB };
	int r;

	cmd.args.flags = NF_MAKEBLOB_ACL;
	cmd.args.format = NF_BLOB_MODULE;
	cmd.args.key = m->kek;
	cmd.args.acl = m->stored;
	if ((r = nf_xfer_km0(m->host, cmd.args.hash, diag)) != 0 ||
	    (r = nf_host_make_blob(m->host, &cmd, &m->blob, diag)) != 0 ||
	    (r = nf_host_module_blob(m->host, m->pub, nf_null_des3_hash,
	    &m->pubblob, diag)) != 0 ||
	    (r = nf_host_keyhash(m->host, m->kek, m->key.hash, diag)) != 0)
		return r;
	m->key.privblob = nf_buf_view(&m->blob);
	m->key.pubblob = nf_buf_view(&m->pubblob);
	return 0;
}

static int
kid_of(const struct nf_buf *pem, char kid[static NF_KID_MAX + 1],
    struct nf_diag *diag)
{
	struct nf_buf hex = NF_BUF_INIT;
	uint8_t digest[NF_DIGEST_MAX];
	struct nf_view v = nf_buf_view(pem);
	const char *s;
	int r;

	if ((r = nf_digest_of(NF_SHA256, &v, 1, digest)) != 0)
		return nf_diag_set(diag, r, "kid", "%s", nf_err_text(r));
	nf_text_hex(&hex, nf_view_of(digest, 20));
	s = nf_buf_text(&hex);
	if ((r = nf_buf_err(&hex)) == 0)
		(void)snprintf(kid, NF_KID_MAX + 1,
		    "https://%s%.8s.vault.test/keys/" KEK_NAME "/%.32s",
		    nf_seed_text() != NULL ? NF_SEED_HOST : "sim-", s, s + 8);
	nf_buf_wipe(&hex);
	return r;
}

static int
write_line(const char *dir, const char *name, const char *text,
    struct nf_diag *diag)
{
	struct nf_buf line = NF_BUF_INIT;
	char path[NF_PATH_MAX];
	int r;

	nf_buf_printf(&line, "%s\n", text);
	if ((r = nf_buf_err(&line)) == 0 &&
	    (r = place(dir, name, path, diag)) == 0)
		r = nf_file_write_atomic(path, 0644, nf_buf_view(&line),
		    diag);
	nf_buf_wipe(&line);
	return r;
}

static int
write_all(struct making *m, const char *dir, const struct nf_buf *pem,
    const char *kid, struct nf_diag *diag)
{
	struct nf_buf file = NF_BUF_INIT;
	char path[NF_PATH_MAX];
	int r;

	m->key.time = nf_seed_now();
	if (nf_seed_text() != NULL)
		m->key.other[m->key.n_other++] = (struct nf_km_entry){
		    NF_ENT_SW_MARK, nf_world_mark(true) };
	m->key.appname = nf_view_of(KEK_APP, strlen(KEK_APP));
	m->key.ident = nf_view_of(KEK_IDENT, strlen(KEK_IDENT));
	m->key.name = nf_view_of(kid, strlen(kid));
	if ((r = nf_km_key_write(&m->key, &file)) != 0) {
		(void)nf_diag_set(diag, r, NF_XFER_HSM2_KEY, "%s",
		    nf_err_text(r));
		goto out;
	}
	if ((r = place(dir, NF_XFER_HSM2_PEM, path, diag)) != 0 ||
	    (r = nf_file_write_atomic(path, 0644, nf_buf_view(pem),
	    diag)) != 0 ||
	    (r = write_line(dir, NF_XFER_HSM2_KID, kid, diag)) != 0 ||
	    (r = place(dir, NF_XFER_HSM2_KEY, path, diag)) != 0)
		goto out;
	r = nf_file_write_new(path, 0600, nf_buf_view(&file), diag);
out:
	nf_buf_wipe(&file);
	return r;
}

int
nf_xfer_kek_new(const char *dir, unsigned int bits, struct nf_buf *pem,
    char kid[static NF_KID_MAX + 1], struct nf_diag *diag)
{
	struct making m;
	struct nf_keydata pub;
	int r;

	memset(&m, 0, sizeof(m));
	kid[0] = '\0';
	if (bits != 2048 && bits != 3072 && bits != 4096)
		return nf_diag_set(diag, NF_E_USAGE, "size",
		    "a KEK has 2048, 3072 or 4096 bits");
	if ((r = claim(dir, diag)) != 0)
		return r;
	m.acl = nf_xfer_acl_of(NF_PERM_USEASBLOBKEY | NF_PERM_REDUCEACL,
	    NF_MAKEBLOB_ALLOWKMONLY);
	m.stored = nf_xfer_acl_of(NF_PERM_USEASBLOBKEY, 0);
	m.pub_acl = nf_xfer_acl_of(NF_PERM_EXPORTASPLAIN,
	    NF_MAKEBLOB_ALLOWKMONLY | NF_MAKEBLOB_ALLOWNONKM0 |
	    NF_MAKEBLOB_ALLOWNULLKMTOKEN);
	if (m.acl == NULL || m.stored == NULL || m.pub_acl == NULL) {
		r = nf_diag_set(diag, NF_E_NOMEM, NULL, "out of memory");
		goto out;
	}
	if ((r = module_open(dir, &m.host, diag)) != 0 ||
	    (r = generate(&m, bits, diag)) != 0 ||
	    (r = blobs(&m, diag)) != 0 ||
	    (r = nf_appkey_public(&m.key, &m.pubbytes, &pub, diag)) != 0)
		goto out;
	nf_kekpem_write(pem, pub.v[NF_RSA_E], pub.v[NF_RSA_N]);
	if ((r = nf_buf_err(pem)) != 0 || (r = kid_of(pem, kid, diag)) != 0)
		goto out;
	r = write_all(&m, dir, pem, kid, diag);
out:
	nf_host_close(m.host);
	nf_acl_free(m.acl);
	nf_acl_free(m.pub_acl);
	nf_acl_free(m.stored);
	nf_buf_wipe(&m.blob);
	nf_buf_wipe(&m.pubblob);
	nf_buf_wipe(&m.pubbytes);
	return r;
}

int
nf_xfer_hsm2_open(const char *dir, struct nf_xfer_hsm2 *out,
    struct nf_diag *diag)
{
	char path[NF_PATH_MAX];
	int r;

	memset(out, 0, sizeof(*out));
	if ((r = place(dir, NF_XFER_HSM2_KEY, path, diag)) != 0)
		return r;
	if (!nf_file_exists(path))
		return exists(path, NF_E_NOTFOUND, "no receiving HSM is here: "
		    "make one with byok-import --new-kek DIR", diag);
	if ((r = nf_km_key_load(path, &out->key.bytes, &out->key.file,
	    &out->key.key, diag)) != 0)
		return r;
	if (!nf_view_is(out->key.key.appname, KEK_APP) ||
	    out->key.key.name.len > NF_KID_MAX || out->key.key.name.len == 0)
		return exists(path, NF_E_FORMAT, "not the key file of a KEK",
		    diag);
	memcpy(out->kid, out->key.key.name.p, out->key.key.name.len);
	if ((r = nf_appkey_public(&out->key.key, &out->pubbytes, &out->pub,
	    diag)) != 0 ||
	    (r = module_open(dir, &out->host, diag)) != 0 ||
	    (r = nf_appkey_load(out->host, &out->key.key, &out->kek,
	    diag)) != 0)
		nf_diag_where(diag, "%s", path);
	return r;
}

void
nf_xfer_hsm2_close(struct nf_xfer_hsm2 *h)
{
	if (h->kek != 0)
		(void)nf_host_destroy(h->host, h->kek, NULL);
	nf_host_close(h->host);
	nf_appkey_file_wipe(&h->key);
	nf_buf_wipe(&h->pubbytes);
	memset(h, 0, sizeof(*h));
}
