/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include <openssl/evp.h>

#include "nfast/base/digest.h"
#include "nfast/base/pkey.h"
#include "nfast/kmdata/store.h"
#include "transfer/import1.h"
#include "transfer/package1.h"

#define NAME_MAX_LEN	127
#define CHALLENGE_LEN	32

int
nf_xfer_vault_ident(const char *name, char *out, struct nf_diag *diag)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < n && n <= NAME_MAX_LEN; i++) {
		char c = name[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		else if (!((c >= 'a' && c <= 'z') ||
		    (c >= '0' && c <= '9') || c == '-'))
			n = 0;
		out[i] = c;
	}
	if (n == 0 || n > NAME_MAX_LEN)
		return nf_diag_set(diag, NF_E_USAGE, "--name",
		    "1 to %d letters, digits and hyphens are allowed",
		    NAME_MAX_LEN);
	out[n] = '\0';
	return 0;
}

int
nf_xfer_import_check(const struct nf_kek_authority *a,
    const struct nf_byok1 *pkg, struct nf_diag *diag)
{
	const size_t n = sizeof(NF_KEK_APPNAME ",") - 1;
	const char *kek = pkg->kek_identifier;

	if (memcmp(pkg->kek_hash, a->kek.key.hash, NF_HASH_LEN) != 0)
		return nf_diag_set(diag, NF_E_MISMATCH, "KeyExchangeKeyHash",
		    "made for another region: not wrapped for %s,%s of "
		    "this one but for %s", NF_KEK_APPNAME, a->region->ident,
		    kek);
	if (memcmp(pkg->hkm, a->world->hash[NF_ADMIN_M], NF_HASH_LEN) != 0)
		return nf_diag_set(diag, NF_E_MISMATCH,
		    "SecurityWorldVersion",
		    "made for the world of another region");
	if (strncmp(kek, NF_KEK_APPNAME ",", n) != 0 ||
	    strcmp(kek + n, a->region->ident) != 0)
		return nf_diag_set(diag, NF_E_MISMATCH,
		    "KeyExchangeKeyIdentifier", "wrapped for %s,%s of this "
		    "region, but names %s", NF_KEK_APPNAME,
		    a->region->ident, kek);
	return 0;
}

/* What the steps of one import share. */
struct work {
	const struct nf_kek_authority *a;
	const struct nf_byok1 *pkg;
	struct nf_xfer_received1 *out;
	struct nf_keydata pub;
	uint8_t hash[NF_HASH_LEN];
	uint32_t kek;			/* loaded, 0 when not */
	struct nf_buf *steps;
};

void
nf_xfer_received1_wipe(struct nf_host *host, struct nf_xfer_received1 *r)
{
	if (r->key != 0)
		(void)nf_host_destroy(host, r->key, NULL);
	nf_km_file_free(r->file);
	nf_buf_wipe(&r->blob);
	memset(r, 0, sizeof(*r));
}

static int
token_open(struct work *w, struct nf_diag *diag)
{
	struct nf_view e, n;
	struct nf_cur cur;
	int r;

	nf_cur_init(&cur, w->pkg->key_token.p, w->pkg->key_token.len, diag);
	if ((r = nf_km_file_read(&cur, &w->out->file)) != 0 ||
	    (r = nf_km_key_read(w->out->file, &w->out->token, diag)) != 0)
		return r;
	nf_byok1_rsa(w->pkg, &e, &n);
	w->pub.type = NF_KEY_RSAPUBLIC;
	w->pub.v[NF_RSA_E] = e;
	w->pub.v[NF_RSA_N] = n;
	if ((r = nf_wire_keyhash(&w->pub, w->hash, diag)) != 0)
		return r;
	if (memcmp(w->hash, w->out->token.hash, NF_HASH_LEN) != 0)
		return nf_diag_set(diag, NF_E_MISMATCH, "HashKA",
		    "the key token is of another key than PublicKey");
	return 0;
}

static int
unwrap(struct work *w, struct nf_diag *diag)
{
	struct nf_command cmd = { .cmd = NF_CMD_GETKEYINFO };
	struct nf_reply reply;
	int r;

	if ((r = nf_appkey_load(w->a->host, &w->a->kek.key, &w->kek,
	    diag)) != 0)
		return r;
	nf_buf_printf(w->steps, "KEK %s,%s loaded\n", NF_KEK_APPNAME,
	    w->a->region->ident);
	if ((r = nf_host_load_blob(w->a->host, w->out->token.privblob, w->kek,
	    &w->out->key, diag)) != 0)
		return r;
	cmd.args.key = w->out->key;
	memset(&reply, 0, sizeof(reply));
	r = nf_host_call(w->a->host, &cmd, &reply, diag);
	if (r == 0 && memcmp(reply.args.hash, w->hash, NF_HASH_LEN) != 0)
		r = nf_diag_set(diag, NF_E_MISMATCH, "BlobKA",
		    "the blob holds another key than PublicKey");
	nf_args_wipe(&reply.args);
	if (r != 0)
		return r;
	nf_buf_str(w->steps, "blob opened with it, key hash ");
	nf_text_hex(w->steps, nf_view_of(w->hash, NF_HASH_LEN));
	nf_buf_u8(w->steps, '\n');
	return 0;
}

static int
reblob(struct work *w, struct nf_diag *diag)
{
	struct nf_command cmd = { .cmd = NF_CMD_MAKEBLOB };
	uint32_t again = 0;
	int r;

	cmd.args.format = NF_BLOB_MODULE;
	cmd.args.key = w->out->key;
	memcpy(cmd.args.hash, w->a->world->hash[NF_ADMIN_M], NF_HASH_LEN);
	if ((r = nf_host_make_blob(w->a->host, &cmd, &w->out->blob, diag)) != 0)
		return r;
	/* From here on the region's own blob is used. */
	if ((r = nf_host_load_blob(w->a->host, nf_buf_view(&w->out->blob), 0,
	    &again, diag)) != 0)
		return r;
	(void)nf_host_destroy(w->a->host, w->out->key, NULL);
	w->out->key = again;
	nf_buf_str(w->steps, "key blobbed under the region's module key and "
	    "loaded from there\n");
	return 0;
}

/* Sign a challenge of the module; verify with the package's public key. */
static int
prove(struct work *w, struct nf_diag *diag)
{
	struct nf_command cmd = { .cmd = NF_CMD_GENERATERANDOM };
	uint8_t challenge[CHALLENGE_LEN] = { 0 }, digest[NF_DIGEST_MAX];
	struct nf_view msg = nf_view_of(challenge, sizeof(challenge));
	struct nf_buf sig = NF_BUF_INIT;
	EVP_PKEY *pkey = NULL;
	struct nf_reply reply;
	int r;

	cmd.args.length = CHALLENGE_LEN;
	memset(&reply, 0, sizeof(reply));
	if ((r = nf_host_call(w->a->host, &cmd, &reply, diag)) == 0) {
		if (reply.args.data.len == sizeof(challenge))
			memcpy(challenge, reply.args.data.p,
			    sizeof(challenge));
		else
			r = nf_diag_set(diag, NF_E_FORMAT, "GenerateRandom",
			    "the module's reply has another length");
	}
	nf_args_wipe(&reply.args);
	if (r != 0)
		return r;
	if ((r = nf_xfer_sign(w->a->host, w->out->key,
	    nf_wire_keydata_bits(&w->pub), msg, &sig, diag)) == 0 &&
	    (r = nf_wire_keydata_pkey(&w->pub, &pkey, diag)) == 0 &&
	    (r = nf_digest_of(NF_SHA256, &msg, 1, digest)) == 0)
		r = nf_pkey_verify_pkcs1(pkey, NF_SHA256, digest,
		    nf_buf_view(&sig), diag);
	EVP_PKEY_free(pkey);
	nf_buf_wipe(&sig);
	if (r == 0)
		nf_buf_str(w->steps, "signs a challenge, and the package's "
		    "public key verifies it\n");
	return r;
}

/* Export has to be refused, by the module and for lack of permission. */
static int
try_export(struct work *w, struct nf_diag *diag)
{
	struct nf_command cmd = { .cmd = NF_CMD_EXPORT };
	struct nf_diag why = { 0 };
	struct nf_reply reply;
	char line[512];
	int r;

	cmd.args.key = w->out->key;
	memset(&reply, 0, sizeof(reply));
	r = nf_host_call(w->a->host, &cmd, &reply, &why);
	if (r == 0)
		r = nf_diag_set(diag, NF_E_POLICY, "Export",
		    "the module gave the key away in clear");
	else if (r == NF_E_REFUSED &&
	    reply.status == NF_ST_ACCESSDENIED) {
		nf_diag_line(&why, line, sizeof(line));
		nf_buf_printf(w->steps, "Export is refused: %s\n", line);
		r = 0;
	} else if (diag != NULL && diag->code == 0)
		*diag = why;
	nf_args_wipe(&reply.args);
	return r;
}

int
nf_xfer_receive1(const struct nf_kek_authority *a, const struct nf_byok1 *pkg,
    struct nf_xfer_received1 *out, struct nf_buf *steps, struct nf_diag *diag)
{
	struct work w = { .a = a, .pkg = pkg, .out = out, .steps = steps };
	int r;

	memset(out, 0, sizeof(*out));
	if ((r = token_open(&w, diag)) == 0 && (r = unwrap(&w, diag)) == 0 &&
	    (r = reblob(&w, diag)) == 0 && (r = prove(&w, diag)) == 0)
		r = try_export(&w, diag);
	if (w.kek != 0)
		(void)nf_host_destroy(a->host, w.kek, NULL);
	return r;
}

static int
record(const struct nf_kek_authority *a, const struct nf_xfer_received1 *got,
    const char *name, const char *ident, char *path, struct nf_diag *diag)
{
	struct nf_km_key key = got->token;

	key.appname = nf_view_of(NF_XFER_VAULT_APP,
	    strlen(NF_XFER_VAULT_APP));
	key.ident = nf_view_of(ident, strlen(ident));
	key.name = nf_view_of(name, strlen(name));
	key.privblob = nf_buf_view(&got->blob);
	return nf_appkey_record(a->world, &key, path, diag);
}

int
nf_xfer_import(const struct nf_kek_authority *a, const struct nf_byok1 *pkg,
    const char *name, const char *ident, struct nf_buf *steps,
    char path[static NF_PATH_MAX], struct nf_diag *diag)
{
	struct nf_xfer_received1 got;
	int r;

	if ((r = nf_km_store_key_path(a->world->dir, NF_XFER_VAULT_APP,
	    ident, path, diag)) != 0)
		return r;
	if (nf_file_exists(path)) {
		(void)nf_diag_set(diag, NF_E_EXISTS, NULL,
		    "the region has a key of this name already");
		nf_diag_where(diag, "%s", path);
		return NF_E_EXISTS;
	}
	if ((r = nf_xfer_receive1(a, pkg, &got, steps, diag)) == 0)
		r = record(a, &got, name, ident, path, diag);
	nf_xfer_received1_wipe(a->host, &got);
	return r;
}
