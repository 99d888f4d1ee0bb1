/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of an attestation bundle, from the key file, the world file and
 * the module.  The fields are real; that worlds of the suites before
 * DLf3072s256mAEScSP800131Ar1 have bundles, in the same form, is ours, as the
 * messages are that bind such a world together.
 */
#include "config.h"

#include <string.h>

#include "nfast/host/appkey.h"
#include "nfast/host/attest.h"
#include "nfast/host/hostcmd.h"
#include "nfast/host/signed.h"
#include "nfast/kmdata/attbundle.h"
#include "nfast/kmdata/sigtext.h"
#include "nfast/wire/ddds.h"
#include "nfast/wire/names.h"

struct making {
	struct nf_host *host;
	const struct nf_world *world;
	struct nf_diag *diag;
	struct nf_appkey_file file;
	struct nf_buf f[NF_ATT_FIELDS];
};

/* A signature of the files, which is text, as ciphertext. */
static int
put_sig(struct making *m, enum nf_att_field f, struct nf_view text)
{
	struct nf_cipher c = { .mech = 0 };
	struct nf_km_sig s;
	int r;

	if ((r = nf_km_sig_read(text, &s, m->diag)) != 0) {
		nf_diag_where(m->diag, "%s", nf_att_name(f));
		return r;
	}
	c.mech = s.mech;
	c.v[0] = nf_view_of(s.r, s.r_len);
	c.v[1] = nf_view_of(s.s, s.s_len);
	nf_wire_cipher_write(&m->f[f], &c);
	return nf_buf_err(&m->f[f]);
}

static void
put_hash(struct making *m, enum nf_att_field f,
    const uint8_t hash[static NF_HASH_LEN])
{
	struct nf_hashex h = { .mech = NF_MECH_SHA1HASH };

	memcpy(h.hash, hash, NF_HASH_LEN);
	nf_wire_hashex_write(&m->f[f], &h);
}

/* The key and the certificate of its generation. */
static int
put_key(struct making *m)
{
	const struct nf_km_key *key = &m->file.key;
	struct nf_buf bytes = NF_BUF_INIT;
	struct nf_keydata pub;
	int r;

	if (key->pubblob.p == NULL)
		return nf_diag_set(m->diag, NF_E_POLICY, NULL,
		    "the key has no public half: only key pairs have an "
		    "attestation bundle");
	if (!nf_km_key_certified(key))
		return nf_diag_set(m->diag, NF_E_POLICY, NULL,
		    "the key was imported: no module certified how it was "
		    "generated, so there is nothing to attest");
	if ((r = nf_appkey_verify(key, m->diag)) == 0 &&
	    (r = nf_appkey_public(key, &bytes, &pub, m->diag)) == 0 &&
	    (r = put_sig(m, NF_ATT_KCSIG, key->cert_gen)) == 0) {
		nf_wire_keydata_write(&m->f[NF_ATT_PUBKEYDATA], &pub);
		nf_buf_view_put(&m->f[NF_ATT_KCMSG], key->mesg_gen);
	}
	nf_buf_wipe(&bytes);
	return r;
}

static int
state_ask(struct making *m)
{
	struct nf_command cmd = { .cmd = NF_CMD_SIGNMODULESTATE };
	struct nf_reply reply;
	int r;

	cmd.args.module = NF_HOST_MODULE;
	cmd.args.signer = NF_SIGNER_KLF2;
	if ((r = nf_host_call(m->host, &cmd, &reply, m->diag)) == 0) {
		nf_buf_view_put(&m->f[NF_ATT_MODSTATEMSG],
		    reply.args.cert.msg);
		nf_wire_cipher_write(&m->f[NF_ATT_MODSTATESIG],
		    &reply.args.cert.sig);
		r = nf_buf_err(&m->f[NF_ATT_MODSTATEMSG]);
	}
	nf_args_wipe(&reply.args);
	return r;
}

/* The module is the one of the state, and the state's KML the key's. */
static int
state_check(struct making *m, const struct nf_state_cert *state,
    struct nf_view esn)
{
	struct nf_buf bytes = NF_BUF_INIT;
	uint8_t hkml[NF_HASH_LEN];
	struct nf_keydata kml;
	int r;

	if (!nf_view_equal(m->file.key.esn, esn) ||
	    !nf_view_equal(state->esn, esn))
		return nf_diag_set(m->diag, NF_E_MISMATCH, NULL,
		    "the key was generated in module %.*s, and this is "
		    "module %.*s", (int)m->file.key.esn.len,
		    (const char *)m->file.key.esn.p, (int)esn.len,
		    (const char *)esn.p);
	if ((r = nf_signed_public(m->file.key.pubblob_kml, "BlobPubKML",
	    &bytes, &kml, hkml, m->diag)) == 0 &&
	    memcmp(state->kml.hash, hkml, NF_HASH_LEN) != 0)
		r = nf_diag_set(m->diag, NF_E_MISMATCH, NULL,
		    "the module was initialised after the key was "
		    "generated: its KML is another now");
	nf_buf_wipe(&bytes);
	return r;
}

/* A state certificate; *klf2 says under which key of the module. */
static int
state_parse(struct making *m, struct nf_view msg, struct nf_modcert **out,
    bool *klf2)
{
	struct nf_cur cur;
	int r;

	nf_cur_init(&cur, msg.p, msg.len, m->diag);
	if ((r = nf_wire_modcert_read(&cur, out)) == 0 &&
	    (*out)->type != NF_MODCERT_STATE)
		r = nf_diag_set(m->diag, NF_E_FORMAT, "ModCertMsg",
		    "not a module state certificate");
	*klf2 = r == 0 && nf_state_has(&(*out)->state, NF_ATTR_KLF2);
	return r;
}

/*
 * The module's state under KLF2: that of the key's generation when the suite
 * has it so, else the present one.
 */
static int
put_state(struct making *m)
{
	const struct nf_km_key *key = &m->file.key;
	struct nf_modcert *cert = NULL;
	char esn[NF_ESN_MAX + 1];
	uint32_t mode;
	bool klf2;
	int r;

	if ((r = state_parse(m, key->mesg_state, &cert, &klf2)) != 0)
		goto out;
	if (klf2) {
		nf_buf_view_put(&m->f[NF_ATT_MODSTATEMSG], key->mesg_state);
		r = put_sig(m, NF_ATT_MODSTATESIG, key->cert_state);
	} else {
		nf_modcert_free(cert);
		cert = NULL;
		if ((r = state_ask(m)) == 0)
			r = state_parse(m,
			    nf_buf_view(&m->f[NF_ATT_MODSTATEMSG]), &cert,
			    &klf2);
	}
	if (r == 0 && (r = nf_host_enquiry(m->host, &mode, esn,
	    m->diag)) == 0)
		r = state_check(m, &cert->state, nf_view_of(esn,
		    strlen(esn)));
out:
	nf_modcert_free(cert);
	return r;
}

/* The module's warrant, and the name of its root out of it. */
static int
put_warrant(struct making *m)
{
	struct nf_buf *b = &m->f[NF_ATT_WARRANT];
	const struct nf_ddds_node *name;
	struct nf_ddds list;
	struct nf_cur cur;
	int r;

	if ((r = nf_host_dev(m->host, NF_DEV_WARRANT, 0, "", b,
	    m->diag)) != 0)
		return r;
	nf_cur_init(&cur, b->p, b->len, m->diag);
	if ((r = nf_ddds_read(&cur, &list)) != 0)
		return r;
	name = nf_ddds_item(&list, &list.node[0], 0);
	if (!nf_ddds_has_type(name, NF_DDDS_SYMBOL))
		return nf_diag_set(m->diag, NF_E_FORMAT, "warrant",
		    "it names no root");
	nf_buf_view_put(&m->f[NF_ATT_ROOT], name->v);
	return 0;
}

/* What the security officer's key signed about the world's keys. */
static int
put_world(struct making *m)
{
	const struct nf_world *w = m->world;
	struct nf_buf bytes = NF_BUF_INIT;
	uint8_t hash[NF_HASH_LEN];
	struct nf_keydata knso;
	struct nf_view v;
	int r;

	if ((r = nf_km_file_one(w->file, NF_ENT_BLOBPUB_KNSO, &v,
	    m->diag)) != 0 ||
	    (r = nf_signed_public(v, "BlobPubKNSO", &bytes, &knso, hash,
	    m->diag)) != 0)
		goto out;
	nf_wire_keydata_write(&m->f[NF_ATT_KNSOPUB], &knso);
	put_hash(m, NF_ATT_HKM, w->hash[NF_ADMIN_M]);
	put_hash(m, NF_ATT_HKMC, w->hash[NF_ADMIN_MC]);
	nf_buf_str(&m->f[NF_ATT_CIPHERSUITE], w->suite->name);
	if ((r = nf_km_file_one(w->file, NF_ENT_CERT_KM_KMC_B_KNSO, &v,
	    m->diag)) != 0 ||
	    (r = put_sig(m, NF_ATT_CERT_KM, v)) != 0 || !w->recovery)
		goto out;
	put_hash(m, NF_ATT_HKRE, w->hash[NF_ADMIN_RE]);
	put_hash(m, NF_ATT_HKRA, w->hash[NF_ADMIN_RA]);
	if ((r = nf_km_file_one(w->file, NF_ENT_CERT_KRE_KRA_B_KNSO, &v,
	    m->diag)) == 0)
		r = put_sig(m, NF_ATT_CERT_KRE, v);
out:
	nf_buf_wipe(&bytes);
	return r;
}

static int
fields_write(struct making *m, struct nf_buf *out)
{
	struct nf_att att;
	int r = 0;

	memset(&att, 0, sizeof(att));
	for (size_t f = 0; r == 0 && f < NF_ATT_FIELDS; f++) {
		r = nf_buf_err(&m->f[f]);
		if (m->f[f].len > 0)
			att.field[f] = nf_buf_view(&m->f[f]);
	}
	if (r == 0) {
		nf_att_write(out, &att);
		r = nf_buf_err(out);
	}
	return r == 0 ? 0 : nf_diag_set(m->diag, r, NULL, "%s",
	    nf_err_text(r));
}

int
nf_attest_bundle(struct nf_host *host, const struct nf_world *world,
    const char *appname, const char *ident, struct nf_buf *out,
    struct nf_diag *diag)
{
	struct making m = { .host = host, .world = world, .diag = diag };
	int r;

	if ((r = nf_appkey_open(world, appname, ident, &m.file, diag)) != 0)
		return r;
	if ((r = put_key(&m)) == 0 && (r = put_state(&m)) == 0 &&
	    (r = put_warrant(&m)) == 0 && (r = put_world(&m)) == 0)
		r = fields_write(&m, out);
	if (r != 0) {
		(void)nf_diag_set(diag, r, NULL, "%s", nf_err_text(r));
		nf_diag_where(diag, "key %s %s", appname, ident);
	}
	for (size_t f = 0; f < NF_ATT_FIELDS; f++)
		nf_buf_wipe(&m.f[f]);
	nf_appkey_file_wipe(&m.file);
	return r;
}

int
nf_attest_use_module(struct nf_host *host, const struct nf_world *world,
    const char *appname, const char *ident, struct nf_diag *diag)
{
	uint32_t before = nf_host_module(host), n, mode;
	struct nf_appkey_file file;
	char esn[NF_ESN_MAX + 1];
	bool found = false;
	int r;

	if ((r = nf_appkey_open(world, appname, ident, &file, diag)) != 0 ||
	    (r = nf_host_modules(host, &n, diag)) != 0)
		goto out;
	for (uint32_t i = 1; r == 0 && !found && i <= n; i++) {
		if ((r = nf_host_use(host, i, diag)) == 0 &&
		    (r = nf_host_enquiry(host, &mode, esn, diag)) == 0)
			found = nf_view_is(file.key.esn, esn);
	}
	if (r == 0 && !found)
		r = nf_host_use(host, before, diag);
out:
	nf_appkey_file_wipe(&file);
	return r;
}
