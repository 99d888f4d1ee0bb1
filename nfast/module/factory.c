/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The simulator's factory: its root keys, and a module that leaves it.  The
 * root (DSA-1024) certifies KLF and KLF2 in the form of legacy SingleCert
 * chains, with the ESN added: that link is ours, the vendor's is not public.
 * The warrant root (P-521) signs a warrant over KLF2 and ESN, whose form is
 * real; its name says that it is the simulator's.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nfast/base/curve.h"
#include "nfast/base/seed.h"
#include "nfast/base/text.h"
#include "nfast/module/internal.h"
#include "nfast/wire/warrantmsg.h"

#define ROOT_MAX	8192
#define P521_LEN	66
#define PHYSSERIAL_LEN	9	/* of the ESN, behind "SIM-" */
#define FEATURE_VER	8
#define FEATURE_CTRL	1

/* A root: its files, the secret one and what is public, and its key. */
struct root {
	const char *key_file;
	const char *file;
	uint32_t type, len, curve;
	void (*print)(struct nf_buf *out, const struct nf_mod_key *key);
};

static int
generate(uint32_t type, uint32_t len, uint32_t curve, struct nf_secret *out,
    struct nf_diag *diag)
{
	const struct nf_genparams params = { .type = type, .len = len,
	    .curve = curve };
	struct nf_keydata kd;

	return nf_mod_generate(&params, out, &kd, diag);
}

static void
print_hash(struct nf_buf *out, const struct nf_mod_key *key)
{
	nf_text_hex(out, nf_view_of(key->hash, NF_HASH_LEN));
	nf_buf_u8(out, '\n');
}

static void
print_point(struct nf_buf *out, const struct nf_mod_key *key)
{
	for (size_t n = NF_ECPUB_X; n <= NF_ECPUB_Y; n++) {
		struct nf_view v = key->pub.v[n];

		for (size_t i = P521_LEN; i-- > 0;)
			nf_buf_printf(out, "%02x", i < v.len ? v.p[i] : 0);
		nf_buf_u8(out, '\n');
	}
}

static const struct root legacy_root = { "factory-root.key",
	NF_MODULE_ROOT_FILE, NF_KEY_DSAPRIVATE, 1024, 0, print_hash };
static const struct root warrant_root = { "factory-kwarn.key",
	NF_MODULE_KWARN_FILE, NF_KEY_ECDSAPRIVATE, 0, NF_EC_P521,
	print_point };

/* Write the root's files: the secret first, so that the public one proves
 * that both are there.  With a seed both say so in a line of their own. */
static int
root_make(const struct root *root, const char *key_path, const char *path,
    struct nf_diag *diag)
{
	struct nf_secret data = { NULL, 0 };
	struct nf_buf public = NF_BUF_INIT, secret = NF_BUF_INIT;
	const char *mark = nf_seed_text() != NULL ? NF_SEED_LINE : "";
	struct nf_mod_key *key = NULL;
	int r;

	if ((r = generate(root->type, root->len, root->curve, &data,
	    diag)) != 0 ||
	    (r = nf_mod_key_own(&data, &key, diag)) != 0)
		goto out;
	nf_buf_str(&public, mark);
	root->print(&public, key);
	nf_buf_str(&secret, mark);
	nf_buf_put(&secret, data.p, data.len);
	if ((r = nf_buf_err(&public)) == 0 &&
	    (r = nf_buf_err(&secret)) == 0 &&
	    (r = nf_file_write_atomic(key_path, 0600, nf_buf_view(&secret),
	    diag)) == 0)
		r = nf_file_write_atomic(path, 0644, nf_buf_view(&public),
		    diag);
out:
	nf_mod_key_free(key);
	nf_secret_wipe(&data);
	nf_buf_wipe(&public);
	nf_buf_wipe(&secret);
	return r;
}

/* A root of a directory, made when it is not there yet. */
static int
root_load(const struct root *root, const char *dir, struct nf_mod_key **out,
    struct nf_diag *diag)
{
	char key_path[NF_PATH_MAX], path[NF_PATH_MAX];
	struct nf_buf buf = NF_BUF_INIT;
	struct nf_secret data;
	struct nf_view v;
	int fd = -1, r;

	*out = NULL;
	if ((r = nf_path(key_path, diag, "%s/%s", dir,
	    root->key_file)) != 0 ||
	    (r = nf_path(path, diag, "%s/%s", dir, root->file)) != 0 ||
	    (r = nf_mod_dir_lock(dir, &fd, diag)) != 0)
		goto out;
	if (!nf_file_exists(path) &&
	    (r = root_make(root, key_path, path, diag)) != 0)
		goto out;
	if ((r = nf_file_load(key_path, ROOT_MAX, &buf, diag)) == 0) {
		v = nf_buf_view(&buf);
		(void)nf_seed_line_skip(&v);
		data = (struct nf_secret){ buf.p + (buf.len - v.len), v.len };
		r = nf_mod_key_own(&data, out, diag);
	}
out:
	nf_buf_wipe(&buf);
	if (fd >= 0)
		(void)close(fd);
	return r;
}

/* The ACL that delegates to a long-term key of one module. */
static struct nf_acl *
delegation(const struct nf_mod_key *klf, const char *esn)
{
	struct nf_acl *acl = nf_acl_new();
	struct nf_group *g = acl == NULL ? NULL : nf_acl_group_add(acl);
	struct nf_action *a = g == NULL ? NULL :
	    nf_group_action_add(g, NF_ACT_STATICFEATUREENABLE);

	if (a == NULL) {
		nf_acl_free(acl);
		return NULL;
	}
	a->word[0] = FEATURE_VER;
	a->word[1] = FEATURE_CTRL;
	a->flags = UINT32_MAX;
	g->flags = NF_GROUP_CERTMECH | NF_GROUP_MODULESERIAL;
	memcpy(g->certmech_hash, klf->hash, NF_HASH_LEN);
	g->certmech_mech = nf_wire_cert_mech(&klf->pub);
	g->moduleserial = nf_view_of(esn, strlen(esn));
	return acl;
}

static void
txn_free(struct nf_mod_txn *txn)
{
	for (size_t i = 0; i < 4; i++)
		nf_buf_wipe(&txn->buf[i]);
	free(txn);
}

/* The root's certificate for a KLF, as a CertificateList of one. */
static int
certify(struct nf_mod_key *root, const struct nf_secret *klf_data,
    const char *esn, struct nf_buf *out, struct nf_diag *diag)
{
	struct nf_mod_txn *txn = calloc(1, sizeof(*txn));
	struct nf_mod_key *klf = NULL;
	struct nf_acl *acl = NULL;
	struct nf_certlist list = { .n = 1 };
	struct nf_signed cert;
	int r = NF_E_NOMEM;

	if (txn == NULL)
		return r;
	if ((r = nf_mod_key_own(klf_data, &klf, diag)) != 0)
		goto out;
	r = NF_E_NOMEM;
	if ((acl = delegation(klf, esn)) == NULL)
		goto out;
	nf_wire_certmsg_write(&txn->buf[0], acl);
	if ((r = nf_buf_err(&txn->buf[0])) != 0)
		goto out;
	r = NF_E_CRYPTO;
	if (nf_mod_sign_cert(txn, root, nf_buf_view(&txn->buf[0]),
	    &txn->buf[1], &cert) != NF_ST_OK)
		goto out;
	list.cert[0].type = NF_CERT_SINGLECERT;
	memcpy(list.cert[0].keyhash, root->hash, NF_HASH_LEN);
	list.cert[0].key = root->pub;
	list.cert[0].sig = cert.sig;
	list.cert[0].msg = cert.msg;
	nf_wire_certlist_write(out, &list);
	r = nf_buf_err(out);
out:
	nf_acl_free(acl);
	nf_mod_key_free(klf);
	txn_free(txn);
	return r;
}

/*
 * The warrant root's certificate for a module: ModuleInformation, without
 * approvals.  The physical serial number is ours.
 */
static int
warrant_make(const char *root_dir, struct nf_mod_nv *nv,
    struct nf_diag *diag)
{
	struct nf_mod_txn *txn = calloc(1, sizeof(*txn));
	struct nf_mod_key *root = NULL, *klf2 = NULL;
	char serial[NF_ESN_MAX + 1];
	struct nf_view payload;
	struct nf_signed cert;
	int r = NF_E_NOMEM;

	if (txn == NULL)
		return r;
	if ((r = root_load(&warrant_root, root_dir, &root, diag)) != 0 ||
	    (r = nf_mod_key_own(&nv->klf2, &klf2, diag)) != 0)
		goto out;
	if (nv->seed_epoch > 0)
		(void)snprintf(serial, sizeof(serial), "%s", NF_SEED_WORDS);
	else
		(void)snprintf(serial, sizeof(serial), "SIM-%.*s",
		    PHYSSERIAL_LEN, nv->esn);
	nf_wire_warrant_payload_write(&txn->buf[0],
	    nf_view_of(nv->esn, strlen(nv->esn)),
	    nf_view_of(serial, strlen(serial)), &klf2->pub);
	if ((r = nf_buf_err(&txn->buf[0])) != 0)
		goto out;
	payload = nf_buf_view(&txn->buf[0]);
	if (nf_mod_sign_cert(txn, root, payload, &txn->buf[1], &cert) !=
	    NF_ST_OK) {
		r = nf_diag_set(diag, NF_E_CRYPTO, "warrant", "%s",
		    txn->reason);
		goto out;
	}
	nf_wire_warrant_write(&nv->warrant, NF_MODULE_KWARN_NAME, payload,
	    &cert.sig);
	r = nf_buf_err(&nv->warrant);
out:
	nf_mod_key_free(root);
	nf_mod_key_free(klf2);
	txn_free(txn);
	return r;
}

static int
random_esn(bool seeded, char esn[static NF_ESN_MAX + 1])
{
	struct nf_buf buf = NF_BUF_INIT;
	uint8_t b[6];
	int r;

	do {
		nf_buf_wipe(&buf);
		if ((r = nf_mod_random(b, sizeof(b))) != 0)
			break;
		for (size_t i = 0; i < 3; i++) {
			if (seeded && i == 0)
				nf_buf_str(&buf, NF_SEED_ESN);
			else
				nf_text_hex_upper(&buf,
				    nf_view_of(b + 2 * i, 2));
			if (i == 1 || (i == 0 && !seeded))
				nf_buf_u8(&buf, '-');
		}
	} while (!seeded && nf_seed_esn(nf_buf_view(&buf)));
	(void)snprintf(esn, NF_ESN_MAX + 1, "%s", nf_buf_text(&buf));
	if (r == 0)
		r = nf_buf_err(&buf);
	nf_buf_wipe(&buf);
	return r;
}

int
nf_mod_factory(struct nf_module *m, const char *root_dir,
    struct nf_diag *diag)
{
	struct nf_mod_nv *nv = &m->nv;
	struct nf_mod_key *root = NULL;
	bool stored;
	int r;

	if ((r = root_load(&legacy_root, root_dir, &root, diag)) != 0 ||
	    (r = random_esn(nv->seed_epoch > 0, nv->esn)) != 0)
		goto out;
	nv->mode = NF_MODE_OPERATIONAL;
	nv->kml_type = NF_KML_DSA1024;
	if ((r = generate(NF_KEY_DSAPRIVATE, 1024, 0, &nv->klf, diag)) != 0 ||
	    (r = generate(NF_KEY_ECDSAPRIVATE, 0, NF_EC_P521, &nv->klf2,
	    diag)) != 0 ||
	    (r = generate(NF_KEY_DSAPRIVATE, 1024, 0, &nv->kml, diag)) != 0 ||
	    (r = nf_mod_random(nv->km0, sizeof(nv->km0))) != 0 ||
	    (r = certify(root, &nv->klf, nv->esn,
	    &nv->chain_klf, diag)) != 0 ||
	    (r = certify(root, &nv->klf2, nv->esn,
	    &nv->chain_klf2, diag)) != 0 ||
	    (r = warrant_make(root_dir, nv, diag)) != 0)
		goto out;
	r = nf_mod_nv_save(m, nv, &stored, diag);
out:
	nf_mod_key_free(root);
	return r;
}

int
nf_mod_factory_update(struct nf_module *m, const char *root_dir,
    struct nf_diag *diag)
{
	bool stored;
	int r;

	if (m->nv.warrant.len > 0)
		return 0;
	if ((r = warrant_make(root_dir, &m->nv, diag)) != 0)
		return r;
	return nf_mod_nv_save(m, &m->nv, &stored, diag);
}
