/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "nfast/base/seed.h"
#include "nfast/host/admin.h"
#include "nfast/host/hostcmd.h"
#include "nfast/host/modfile.h"
#include "nfast/host/signed.h"
#include "nfast/kmdata/store.h"
#include "nfast/wire/blob.h"

/* The buffers of a file being made. */
struct parts {
	uint8_t hkml[NF_HASH_LEN];
	struct nf_buf pubblob, msg, cert, state_cert, state_msg, chain, bytes;
};

static void
parts_wipe(struct parts *p)
{
	nf_buf_wipe(&p->pubblob);
	nf_buf_wipe(&p->msg);
	nf_buf_wipe(&p->cert);
	nf_buf_wipe(&p->state_cert);
	nf_buf_wipe(&p->state_msg);
	nf_buf_wipe(&p->chain);
	nf_buf_wipe(&p->bytes);
}

static int
kml_get(struct nf_host *host, struct parts *p, struct nf_diag *diag)
{
	uint32_t kml = 0;
	int r;

	if ((r = nf_host_kml(host, &kml, diag)) == 0 &&
	    (r = nf_host_keyhash(host, kml, p->hkml, diag)) == 0)
		r = nf_host_module_blob(host, kml, nf_null_des3_hash,
		    &p->pubblob, diag);
	if (kml != 0)
		(void)nf_host_destroy(host, kml, NULL);
	return r;
}

static void
build(struct parts *p, const char *esn, const uint8_t *hknso)
{
	struct nf_km_writer w;

	nf_km_begin(&w, &p->bytes, nf_seed_now());
	nf_km_put(&w, NF_ENT_SW_MARK, nf_world_mark(nf_seed_esn(
	    nf_view_of(esn, strlen(esn)))));
	nf_km_put_str(&w, NF_ENT_ESN_MODULE, esn);
	nf_km_put(&w, NF_ENT_HASH_KNSO, nf_view_of(hknso, NF_HASH_LEN));
	nf_km_put(&w, NF_ENT_HASH_KML, nf_view_of(p->hkml, NF_HASH_LEN));
	nf_km_put(&w, NF_ENT_BLOBPUB_KML, nf_buf_view(&p->pubblob));
	nf_km_put(&w, NF_ENT_CERT_KML_ESN, nf_buf_view(&p->cert));
	nf_km_put(&w, NF_ENT_CERT_MODULE_STATE, nf_buf_view(&p->state_cert));
	nf_km_put(&w, NF_ENT_MESG_MODULE_STATE, nf_buf_view(&p->state_msg));
	nf_km_put(&w, NF_ENT_SW_ROOTCHAIN, nf_buf_view(&p->chain));
	nf_km_end(&w);
}

int
nf_modfile_write(struct nf_host *host, const char *dir,
    const struct nf_suite *suite, const uint8_t hknso[static NF_HASH_LEN],
    uint32_t kmc, struct nf_diag *diag)
{
	char esn[NF_ESN_MAX + 1], path[NF_PATH_MAX];
	struct parts p = { .msg = NF_BUF_INIT };
	uint32_t mode;
	int r;

	if ((r = nf_host_enquiry(host, &mode, esn, diag)) != 0 ||
	    (r = nf_path(path, diag, "%s/module_%s", dir, esn)) != 0 ||
	    (r = kml_get(host, &p, diag)) != 0)
		goto out;
	nf_wire_kmlesn_msg(&p.msg, nf_view_of(esn, strlen(esn)), p.hkml);
	if ((r = nf_host_sign(host, kmc, nf_suite_dsa_mech(suite),
	    nf_buf_view(&p.msg), &p.cert, diag)) != 0 ||
	    (r = nf_world_state_cert(host, suite, &p.state_cert,
	    &p.state_msg, &p.chain, diag)) != 0)
		goto out;
	build(&p, esn, hknso);
	if ((r = nf_buf_err(&p.bytes)) != 0)
		(void)nf_diag_set(diag, r, NULL, "module file: %s",
		    nf_err_text(r));
	else
		r = nf_km_store_save(path, nf_buf_view(&p.bytes), diag);
out:
	parts_wipe(&p);
	return r;
}

static int
fill(struct nf_modfile *m, const struct nf_world *world, const char *esn,
    struct nf_diag *diag)
{
	struct nf_view hknso, hkml;
	int r;

	if ((r = nf_km_file_one(m->file, NF_ENT_HASH_KNSO, &hknso,
	    diag)) != 0 ||
	    (r = nf_km_file_one(m->file, NF_ENT_HASH_KML, &hkml,
	    diag)) != 0 ||
	    (r = nf_km_file_one(m->file, NF_ENT_ESN_MODULE, &m->esn,
	    diag)) != 0 ||
	    (r = nf_km_file_one(m->file, NF_ENT_CERT_KML_ESN,
	    &m->cert_kml_esn, diag)) != 0 ||
	    (r = nf_km_file_one(m->file, NF_ENT_BLOBPUB_KML,
	    &m->pubblob_kml, diag)) != 0)
		return r;
	if (hkml.len != NF_HASH_LEN || hknso.len != NF_HASH_LEN)
		return nf_diag_set(diag, NF_E_FORMAT, "HashKML",
		    "not %d bytes", NF_HASH_LEN);
	if (!nf_view_is(m->esn, esn) || memcmp(hknso.p,
	    world->hash[NF_ADMIN_NSO], NF_HASH_LEN) != 0)
		return nf_diag_set(diag, NF_E_MISMATCH, NULL,
		    "of another module or security world");
	memcpy(m->hkml, hkml.p, NF_HASH_LEN);
	return 0;
}

/* A public key of the files and that its hash is the one on record. */
static int
public_check(struct nf_view blob, const char *name,
    const uint8_t want[static NF_HASH_LEN], struct nf_buf *bytes,
    struct nf_keydata *pub, struct nf_diag *diag)
{
	uint8_t hash[NF_HASH_LEN];
	int r = nf_signed_public(blob, name, bytes, pub, hash, diag);

	if (r == 0 && memcmp(hash, want, NF_HASH_LEN) != 0)
		r = nf_diag_set(diag, NF_E_MISMATCH, name,
		    "not the key of the hash beside it");
	return r;
}

/* KML is the one that the world's KMC signed for this module. */
static int
binding_check(const struct nf_modfile *m, const struct nf_world *world,
    struct nf_diag *diag)
{
	struct nf_buf bytes = NF_BUF_INIT, msg = NF_BUF_INIT;
	struct nf_keydata pub;
	struct nf_view blob;
	int r;

	if ((r = public_check(m->pubblob_kml, "BlobPubKML", m->hkml, &bytes,
	    &pub, diag)) != 0 ||
	    (r = nf_km_file_one(world->file, NF_ENT_BLOBPUB_KMC, &blob,
	    diag)) != 0)
		goto out;
	nf_buf_wipe(&bytes);
	if ((r = public_check(blob, "BlobPubKMC", world->hash[NF_ADMIN_MC],
	    &bytes, &pub, diag)) != 0)
		goto out;
	nf_wire_kmlesn_msg(&msg, m->esn, m->hkml);
	if ((r = nf_buf_err(&msg)) == 0)
		r = nf_signed_verify(&pub, m->cert_kml_esn, nf_buf_view(&msg),
		    "CertKMLaESN", diag);
out:
	nf_buf_wipe(&bytes);
	nf_buf_wipe(&msg);
	return r;
}

int
nf_modfile_load(const struct nf_world *world, const char *esn,
    struct nf_modfile *out, struct nf_diag *diag)
{
	struct nf_modfile m = { .file = NULL };
	char path[NF_PATH_MAX];
	struct nf_cur cur;
	int r;

	memset(out, 0, sizeof(*out));
	if ((r = nf_path(path, diag, "%s/module_%s", world->dir, esn)) != 0)
		return r;
	if ((r = nf_file_load(path, NF_KM_FILE_MAX, &m.bytes, diag)) != 0)
		goto out;
	nf_cur_init(&cur, m.bytes.p, m.bytes.len, diag);
	if ((r = nf_km_file_read(&cur, &m.file)) != 0 ||
	    (r = fill(&m, world, esn, diag)) != 0 ||
	    (r = binding_check(&m, world, diag)) != 0)
		goto out;
	*out = m;
	memset(&m, 0, sizeof(m));
out:
	if (r != 0)
		nf_diag_where(diag, "%s", path);
	nf_modfile_wipe(&m);
	return r;
}

void
nf_modfile_wipe(struct nf_modfile *m)
{
	nf_km_file_free(m->file);
	nf_buf_wipe(&m->bytes);
	memset(m, 0, sizeof(*m));
}
