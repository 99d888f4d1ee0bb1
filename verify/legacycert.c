/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chains of SingleCerts as in feature certificates (real).  A certificate
 * holds the key that signed it; the next one delegates to that key, the last
 * key is the root.
 */
#include "config.h"

#include <string.h>

#include "nfast/wire/certlist.h"
#include "verify/legacycert.h"
#include "verify/nchex.h"

#define FEATURE_VER	8
#define FEATURE_CTRL	1

/*
 * The root of all published feature certificates, as nCore hash.  The vendor
 * has not published it, so it is not pinned: a chain that ends in it is
 * unanchored unless the caller names it.
 */
static const uint8_t feature_root[NF_HASH_LEN] = {
	0xaa, 0x49, 0xda, 0x15, 0x2a, 0xfa, 0x82, 0xd0, 0x88, 0xf7,
	0xf0, 0x3a, 0x41, 0x3d, 0x66, 0xeb, 0x2f, 0xc3, 0x7c, 0xf5
};

struct chain {
	struct nf_vfy_ctx *ctx;
	struct nf_view bytes;
	struct nf_certlist certs;
	uint8_t signer[NF_HASH_LEN];	/* of the last verified certificate */
	uint32_t features;		/* of the leaf */
	struct nf_view esn;
};

/* One group without limits and with one feature action, of these flags. */
static int
group_check(const struct nf_acl *acl, uint32_t flags,
    const struct nf_group **out, struct nf_diag *diag)
{
	const struct nf_group *g = acl->group;
	const struct nf_action *a;

	if (acl->n_groups != 1 || g->flags != flags || g->n_limits != 0 ||
	    g->n_actions != 1)
		return nf_diag_set(diag, NF_E_MISMATCH, "group",
		    "not the form of a feature certificate");
	a = &g->action[0];
	if (a->type != NF_ACT_STATICFEATUREENABLE ||
	    a->word[0] != FEATURE_VER || a->word[1] != FEATURE_CTRL)
		return nf_diag_set(diag, NF_E_MISMATCH, "action",
		    "does not enable features");
	*out = g;
	return 0;
}

/* A certificate verifies under the key in it. */
static int
cert_verify(struct chain *c, uint32_t i, struct nf_acl **acl,
    struct nf_diag *diag)
{
	const struct nf_cert *cert = &c->certs.cert[i];
	const struct nf_vfy_key *key;
	struct nf_cur cur;
	int r;

	*acl = NULL;
	if (cert->type != NF_CERT_SINGLECERT)
		return nf_diag_set(diag, NF_E_MISMATCH, "cert.type",
		    "certificate %u has no key", i + 1);
	if ((r = nf_vfy_key(c->ctx, &cert->key, &key, diag)) != 0)
		return r;
	if (memcmp(cert->keyhash, key->hash, NF_HASH_LEN) != 0)
		return nf_diag_set(diag, NF_E_MISMATCH, "keyhash",
		    "not the hash of the enclosed key");
	if (key->mech != NF_MECH_DSA)
		return nf_diag_set(diag, NF_E_MISMATCH, "key",
		    "a signer of certificates is a DSA-1024 key");
	if ((r = nf_wire_sig_verify_by(&key->key, key->verifier, NF_MECH_DSA,
	    cert->msg, &cert->sig, diag)) != 0)
		return r;
	memcpy(c->signer, key->hash, NF_HASH_LEN);
	nf_cur_init(&cur, cert->msg.p, cert->msg.len, diag);
	return nf_wire_certmsg_read(&cur, acl);
}

static int
leaf_check(struct chain *c, struct nf_diag *diag)
{
	const struct nf_group *g;
	struct nf_acl *acl;
	int r;

	if ((r = cert_verify(c, 0, &acl, diag)) == 0 &&
	    (r = group_check(acl, NF_GROUP_MODULESERIAL, &g, diag)) == 0) {
		c->features = g->action[0].flags;
		c->esn = g->moduleserial;
	}
	nf_acl_free(acl);
	return r;
}

/* Certificate i delegates to the signer of the one before it. */
static int
delegation_check(struct chain *c, uint32_t i, struct nf_diag *diag)
{
	uint8_t due[NF_HASH_LEN];
	const struct nf_group *g;
	struct nf_acl *acl;
	int r;

	memcpy(due, c->signer, sizeof(due));
	if ((r = cert_verify(c, i, &acl, diag)) != 0 ||
	    (r = group_check(acl, NF_GROUP_CERTMECH, &g, diag)) != 0)
		goto out;
	if (memcmp(g->certmech_hash, due, NF_HASH_LEN) != 0 ||
	    g->certmech_mech != NF_MECH_DSA)
		r = nf_diag_set(diag, NF_E_MISMATCH, "certmech",
		    "delegates to another key");
	else if ((c->features & ~g->action[0].flags) != 0)
		r = nf_diag_set(diag, NF_E_MISMATCH, "features",
		    "the delegate may not enable all of these");
out:
	nf_acl_free(acl);
	return r;
}

static int
delegations_check(struct chain *c, struct nf_diag *diag)
{
	int r = 0;

	if (c->certs.n < 2)
		return nf_diag_set(diag, NF_E_MISMATCH, "certs",
		    "no certificate delegates to the leaf's signer");
	for (uint32_t i = 1; r == 0 && i < c->certs.n; i++)
		r = delegation_check(c, i, diag);
	return r;
}

/* The last check looked at certificate i. */
static void
place(const struct chain *c, struct nf_vfy_verdict *v, uint32_t i)
{
	nf_vfy_place_in(v, NF_NCHEX_CERTIFICATE, c->bytes,
	    c->certs.cert[i].msg);
}

static void
root_check(const struct chain *c, const struct nf_vfy_options *opt,
    struct nf_vfy_verdict *v)
{
	static const char title[] = "root is an accepted one";

	v->has_root = true;
	memcpy(v->root, c->signer, NF_HASH_LEN);
	if (opt->roots != NULL && opt->roots->has_extra &&
	    nf_vfy_roots_find(opt->roots, c->signer) !=
	    NF_VFY_ROOT_UNKNOWN)
		nf_vfy_add(v, NF_VFY_ROOT_CHECK, title, NF_VFY_PASS,
		    "named by the caller");
	else if (memcmp(c->signer, feature_root, NF_HASH_LEN) == 0)
		nf_vfy_add(v, NF_VFY_ROOT_CHECK, title, NF_VFY_UNKNOWN,
		    "the root of the known feature certificates, which the "
		    "vendor has not published");
	else
		nf_vfy_add(v, NF_VFY_ROOT_CHECK, title, NF_VFY_FAIL,
		    "not a known root");
	place(c, v, c->certs.n - 1);
}

static void
checks(struct chain *c, const struct nf_vfy_options *opt,
    struct nf_vfy_verdict *v)
{
	static const char chain[] = "delegations to the leaf's signer";
	struct nf_diag d = { 0 };
	int r;

	r = nf_vfy_add_result(v, "cert.leaf",
	    "feature certificate under the key in it", leaf_check(c, &d), &d,
	    NULL);
	place(c, v, 0);
	if (r != 0) {
		nf_vfy_add_unchecked(v, "cert.chain", chain);
		return;
	}
	nf_vfy_fact_text(v, "ESN", "feature signer", c->esn);
	nf_vfy_fact(v, "features", "feature signer", "0x%08x", c->features);
	nf_vfy_fact(v, "certificates", NULL, "%u", c->certs.n);
	r = nf_vfy_add_result(v, "cert.chain", chain,
	    delegations_check(c, &d), &d, NULL);
	nf_vfy_place_in(v, NF_NCHEX_CERTIFICATE, c->bytes, c->bytes);
	if (r == 0)
		root_check(c, opt, v);
}

int
nf_vfy_legacycert_check(struct nf_vfy_ctx *ctx, struct nf_view file,
    const struct nf_vfy_options *opt, struct nf_vfy_verdict *verdict,
    struct nf_diag *diag)
{
	struct nf_buf bytes = NF_BUF_INIT;
	struct chain c;
	struct nf_cur cur;
	int r;

	memset(&c, 0, sizeof(c));
	c.ctx = ctx;
	if ((r = nf_nchex_read(file, NF_NCHEX_CERTIFICATE, &bytes,
	    diag)) != 0)
		goto out;
	c.bytes = nf_buf_view(&bytes);
	nf_cur_init(&cur, bytes.p, bytes.len, diag);
	nf_wire_certlist_read(&cur, &c.certs);
	if ((r = nf_cur_end(&cur, "certificates")) == 0 && c.certs.n == 0)
		r = nf_cur_fail(&cur, NF_E_FORMAT, "certs", "none");
	if (r != 0)
		goto out;
	checks(&c, opt, verdict);
	nf_vfy_link(verdict, "accepted roots", "root", NF_VFY_ROOT_CHECK);
	nf_vfy_link(verdict, "root", "feature signer", "cert.chain");
	nf_vfy_link(verdict, "feature signer", "feature certificate",
	    "cert.leaf");
	if ((r = verdict->err) != 0 && diag != NULL && diag->code == 0)
		*diag = verdict->diag;
out:
	nf_buf_wipe(&bytes);
	return r;
}
