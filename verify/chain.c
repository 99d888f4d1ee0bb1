/* SPDX-License-Identifier: Apache-2.0 */
/*
 * State certificates, key-generation certificates and the chain to a root.
 * Real but for that chain, see chain.h.
 */
#include "config.h"

#include <string.h>

#include "nfast/kmdata/sigtext.h"
#include "nfast/wire/certlist.h"
#include "verify/chain.h"

#define FEATURE_VER	8
#define FEATURE_CTRL	1
#define FEATURES_ALL	UINT32_MAX

int
nf_vfy_sigtext_verify(const struct nf_vfy_key *key, struct nf_view msg,
    struct nf_view text, struct nf_diag *diag)
{
	struct nf_cipher sig;
	struct nf_km_sig km;
	int r;

	if ((r = nf_km_sig_read(text, &km, diag)) != 0)
		return r;
	if (key->mech == 0)
		return nf_diag_set(diag, NF_E_VERIFY, "mech",
		    "this kind of key signs no certificates");
	memset(&sig, 0, sizeof(sig));
	sig.mech = km.mech;
	sig.v[0] = nf_view_of(km.r, km.r_len);
	sig.v[1] = nf_view_of(km.s, km.s_len);
	return nf_wire_sig_verify_by(&key->key, key->verifier, key->mech, msg,
	    &sig, diag);
}

/* A key attribute says what its key is; mech is the one that is due, or 0. */
static int
attr_key_check(struct nf_vfy_ctx *ctx, const struct nf_attr_key *attr,
    const char *name, uint32_t mech, const struct nf_vfy_key **out,
    struct nf_diag *diag)
{
	int r;

	if ((r = nf_vfy_key(ctx, &attr->key, out, diag)) != 0)
		return r;
	if (memcmp((*out)->hash, attr->hash, NF_HASH_LEN) != 0)
		return nf_diag_set(diag, NF_E_MISMATCH, name,
		    "the hash is not that of the key beside it");
	if (attr->mech != (*out)->mech)
		return nf_diag_set(diag, NF_E_MISMATCH, name,
		    "mechanism %u where the key signs with %u", attr->mech,
		    (*out)->mech);
	if (mech != 0 && attr->mech != mech)
		return nf_diag_set(diag, NF_E_MISMATCH, name,
		    "mechanism %u where %u is due", attr->mech, mech);
	return 0;
}

/* Both keys of a state; KLF is DSA-1024, KLF2 P-521, and neither is KML. */
static int
state_keys_check(struct nf_vfy_ctx *ctx, struct nf_vfy_state *out,
    struct nf_diag *diag)
{
	const struct nf_state_cert *s = out->state;
	int r;

	if ((r = attr_key_check(ctx, &s->kml, "KML", 0, &out->kml,
	    diag)) != 0)
		return r;
	if (out->klf2)
		r = attr_key_check(ctx, &s->klf2, "KLF2",
		    NF_MECH_ECDSAHSHA512, &out->klf, diag);
	else
		r = attr_key_check(ctx, &s->klf, "KLF", NF_MECH_DSA,
		    &out->klf, diag);
	if (r == 0 && out->kml == out->klf)
		r = nf_diag_set(diag, NF_E_MISMATCH, "KML",
		    "the same key as KLF");
	return r;
}

static int
state_tags_check(const struct nf_state_cert *s, struct nf_diag *diag)
{
	static const struct nf_name due[] = {
		{ NF_ATTR_ESN, "ESN" },
		{ NF_ATTR_KML, "KML" },
		{ NF_ATTR_KNSO, "KNSO" },
		{ NF_ATTR_KMLIST, "KMList" },
		{ 0, NULL }
	};

	for (const struct nf_name *d = due; d->name != NULL; d++) {
		if (!nf_state_has(s, d->number))
			return nf_diag_set(diag, NF_E_MISMATCH, d->name,
			    "missing from the state certificate");
	}
	if (nf_state_has(s, NF_ATTR_KLF) == nf_state_has(s, NF_ATTR_KLF2))
		return nf_diag_set(diag, NF_E_MISMATCH, "KLF",
		    "the state certificate needs one of KLF and KLF2");
	if (s->esn.len == 0 || !nf_view_printable(s->esn))
		return nf_diag_set(diag, NF_E_FORMAT, "ESN",
		    "not printable");
	return 0;
}

int
nf_vfy_state_open(struct nf_vfy_ctx *ctx, struct nf_view msg,
    struct nf_view sigtext, struct nf_vfy_state *out, struct nf_diag *diag)
{
	const struct nf_state_cert *s;
	struct nf_cur cur;
	int r;

	memset(out, 0, sizeof(*out));
	nf_cur_init(&cur, msg.p, msg.len, diag);
	if ((r = nf_wire_modcert_read(&cur, &out->cert)) != 0)
		return r;
	if (out->cert->type != NF_MODCERT_STATE)
		return nf_diag_set(diag, NF_E_MISMATCH, "certtype",
		    "not a module state certificate");
	s = out->state = &out->cert->state;
	if ((r = state_tags_check(s, diag)) != 0)
		return r;
	out->klf2 = nf_state_has(s, NF_ATTR_KLF2);
	if ((r = state_keys_check(ctx, out, diag)) != 0)
		return r;
	return nf_vfy_sigtext_verify(out->klf, msg, sigtext, diag);
}

void
nf_vfy_state_wipe(struct nf_vfy_state *state)
{
	nf_modcert_free(state->cert);
	memset(state, 0, sizeof(*state));
}

int
nf_vfy_keygen_open(const struct nf_vfy_key *kml, struct nf_view msg,
    struct nf_view sigtext, struct nf_modcert **out, struct nf_diag *diag)
{
	struct nf_modcert *cert = NULL;
	struct nf_cur cur;
	int r;

	*out = NULL;
	nf_cur_init(&cur, msg.p, msg.len, diag);
	if ((r = nf_wire_modcert_read(&cur, &cert)) != 0)
		goto out;
	if (cert->type != NF_MODCERT_KEYGEN) {
		r = nf_diag_set(diag, NF_E_MISMATCH, "certtype",
		    "not a key-generation certificate");
		goto out;
	}
	if ((r = nf_vfy_sigtext_verify(kml, msg, sigtext, diag)) != 0)
		goto out;

	*out = cert;
	cert = NULL;
out:
	nf_modcert_free(cert);
	return r;
}

void
nf_vfy_keygen_acl_print(struct nf_buf *out, struct nf_view msg)
{
	struct nf_modcert *cert;
	struct nf_cur cur;
	int r;

	nf_cur_init(&cur, msg.p, msg.len, NULL);
	if ((r = nf_wire_modcert_read(&cur, &cert)) != 0) {
		nf_buf_fail(out, r);
		return;
	}
	if (cert->type == NF_MODCERT_KEYGEN)
		nf_wire_acl_print(out, cert->keygen.acl, "    ");
	else
		nf_buf_fail(out, NF_E_INTERNAL);
	nf_modcert_free(cert);
}

/* The message of the root's certificate delegates to this KLF. */
static int
delegation_check(const struct nf_acl *acl, const struct nf_vfy_state *state,
    struct nf_diag *diag)
{
	const struct nf_action *a;
	const struct nf_group *g;

	if (acl->n_groups != 1)
		return nf_diag_set(diag, NF_E_MISMATCH, "groups",
		    "%u groups where one is due", acl->n_groups);
	g = &acl->group[0];
	if (g->flags != (NF_GROUP_CERTMECH | NF_GROUP_MODULESERIAL) ||
	    g->n_limits != 0 || g->n_actions != 1)
		return nf_diag_set(diag, NF_E_MISMATCH, "group",
		    "not the form of a delegation to a module");
	a = &g->action[0];
	if (a->type != NF_ACT_STATICFEATUREENABLE ||
	    a->word[0] != FEATURE_VER || a->word[1] != FEATURE_CTRL ||
	    a->flags != FEATURES_ALL)
		return nf_diag_set(diag, NF_E_MISMATCH, "action",
		    "not the action of a delegation");
	if (memcmp(g->certmech_hash, state->klf->hash, NF_HASH_LEN) != 0)
		return nf_diag_set(diag, NF_E_MISMATCH, "certmech",
		    "the root certified another KLF");
	if (g->certmech_mech != state->klf->mech)
		return nf_diag_set(diag, NF_E_MISMATCH, "certmech",
		    "mechanism %u where the KLF signs with %u",
		    g->certmech_mech, state->klf->mech);
	if (!nf_view_equal(g->moduleserial, state->state->esn))
		return nf_diag_set(diag, NF_E_MISMATCH, "moduleserial",
		    "the root certified a module of another ESN");
	return 0;
}

int
nf_vfy_rootchain_verify(struct nf_vfy_ctx *ctx, struct nf_view list,
    const struct nf_vfy_state *state, bool *has_root,
    uint8_t root[static NF_HASH_LEN], struct nf_diag *diag)
{
	const struct nf_vfy_key *key;
	struct nf_acl *acl = NULL;
	const struct nf_cert *c;
	struct nf_certlist certs;
	struct nf_cur cur;
	int r;

	*has_root = false;
	nf_cur_init(&cur, list.p, list.len, diag);
	nf_wire_certlist_read(&cur, &certs);
	if ((r = nf_cur_end(&cur, "certificates")) != 0)
		return r;
	c = &certs.cert[0];
	if (certs.n != 1 || c->type != NF_CERT_SINGLECERT)
		return nf_diag_set(diag, NF_E_MISMATCH, "certificates",
		    "not one certificate with its key");
	if ((r = nf_vfy_key(ctx, &c->key, &key, diag)) != 0)
		return r;
	memcpy(root, key->hash, NF_HASH_LEN);
	*has_root = true;
	if (memcmp(c->keyhash, key->hash, NF_HASH_LEN) != 0)
		return nf_diag_set(diag, NF_E_MISMATCH, "keyhash",
		    "not the hash of the enclosed key");
	if (key->mech != NF_MECH_DSA)
		return nf_diag_set(diag, NF_E_MISMATCH, "key",
		    "a root is a DSA-1024 key");
	if ((r = nf_wire_sig_verify_by(&key->key, key->verifier, NF_MECH_DSA,
	    c->msg, &c->sig, diag)) != 0)
		return r;
	nf_cur_init(&cur, c->msg.p, c->msg.len, diag);
	if ((r = nf_wire_certmsg_read(&cur, &acl)) != 0)
		return r;
	r = delegation_check(acl, state, diag);
	nf_acl_free(acl);
	return r;
}
