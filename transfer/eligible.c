/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "nfast/host/appkey.h"
#include "nfast/wire/modcert.h"
#include "transfer/eligible.h"
#include "transfer/reduce.h"

#define NOT_CHANGEABLE \
	"nobody may change this key's permissions, not even the holders " \
	"of the administrator cards: it was made with recovery=no"

int
nf_xfer_names_check(const char *app, const char *ident, struct nf_diag *diag)
{
	if ((app != NULL && strlen(app) > NF_XFER_NAME_MAX) ||
	    strlen(ident) > NF_XFER_NAME_MAX)
		return nf_diag_set(diag, NF_E_POLICY, NULL,
		    "Application and identifiers cannot exceed %d "
		    "characters.", NF_XFER_NAME_MAX);
	return 0;
}

/* The key is under a token: name it, when its file is in the store. */
static int
token_fail(const struct nf_km_key *key, const char *method,
    struct nf_diag *diag)
{
	struct nf_buf name = NF_BUF_INIT;
	uint8_t hkt[NF_HASH_LEN];
	char dir[NF_PATH_MAX];
	bool soft;
	int r;

	if (!nf_optoken_of_key(key, &soft, hkt) ||
	    nf_km_store_dir(dir, NULL) != 0)
		nf_buf_str(&name, "a card set or softcard");
	else
		nf_optoken_describe(&name, dir, soft, hkt);
	r = nf_diag_set(diag, NF_E_POLICY, NULL,
	    "the key is protected by %s: %s takes module-protected keys "
	    "(protect=module)", nf_buf_text(&name), method);
	nf_buf_wipe(&name);
	return r;
}

static int
protection_check(const struct nf_km_key *key, const char *method,
    struct nf_diag *diag)
{
	if (strcmp(nf_km_key_protection(key), "module") != 0)
		return token_fail(key, method, diag);
	if (key->privblob.p == NULL)
		return nf_diag_set(diag, NF_E_POLICY, NULL,
		    "the file has no private key");
	return 0;
}

/* Protection, and that there is a public half at all. */
static int
kind_check(const struct nf_km_key *key, struct nf_diag *diag)
{
	int r;

	if ((r = protection_check(key, "method 1", diag)) != 0)
		return r;
	if (key->pubblob.p == NULL)
		return nf_diag_set(diag, NF_E_POLICY, NULL,
		    "symmetric keys cannot be transferred, only RSA keys");
	return 0;
}

static int
rsa_check(const struct nf_keydata *pub, struct nf_diag *diag)
{
	size_t bits = nf_wire_keydata_bits(pub);

	if (nf_wire_key_is_ec(pub->type))
		return nf_diag_set(diag, NF_E_POLICY, NULL,
		    "EC keys cannot be transferred, only RSA keys");
	if (pub->type != NF_KEY_RSAPUBLIC)
		return nf_diag_set(diag, NF_E_POLICY, NULL,
		    "only RSA keys can be transferred, and this one is %s",
		    nf_name_find(nf_wire_keytypes, pub->type) == NULL ?
		    "of another type" :
		    nf_name_find(nf_wire_keytypes, pub->type));
	if (bits != 1024 && bits != 2048)
		return nf_diag_set(diag, NF_E_POLICY, NULL,
		    "RSA keys of %zu bits cannot be transferred, only those "
		    "of 1024 and 2048", bits);
	return 0;
}

int
nf_xfer_key_check(const struct nf_km_key *key, struct nf_buf *bytes,
    struct nf_keydata *pub, struct nf_diag *diag)
{
	int r;

	memset(pub, 0, sizeof(*pub));
	if ((r = kind_check(key, diag)) != 0 ||
	    (r = nf_appkey_public(key, bytes, pub, diag)) != 0 ||
	    (r = rsa_check(pub, diag)) != 0)
		return r;
	return nf_appkey_verify(key, diag);
}

/* A right that is in a group for anyone, or for holders of KNSO (of any key
 * when hknso is NULL). */
static bool
grants(const struct nf_acl *acl, const uint8_t *hknso, uint32_t type,
    uint32_t perm)
{
	for (uint32_t i = 0; i < acl->n_groups; i++) {
		const struct nf_group *g = &acl->group[i];

		if (g->n_limits > 0 || (g->flags &
		    ~(uint32_t)(NF_GROUP_CERTIFIER | NF_GROUP_FRESHCERTS)) !=
		    0 || ((g->flags & NF_GROUP_CERTIFIER) != 0 &&
		    hknso != NULL &&
		    memcmp(g->certifier, hknso, NF_HASH_LEN) != 0))
			continue;
		for (uint32_t j = 0; j < g->n_actions; j++) {
			if (g->action[j].type == type &&
			    (type != NF_ACT_OPPERMISSIONS ||
			    (g->action[j].flags & perm) != 0))
				return true;
		}
	}
	return false;
}

int
nf_xfer_changeable(const struct nf_acl *acl, const uint8_t *hknso,
    struct nf_diag *diag)
{
	if (grants(acl, hknso, NF_ACT_OPPERMISSIONS, NF_PERM_EXPANDACL) &&
	    grants(acl, hknso, NF_ACT_MAKEBLOB, 0))
		return 0;
	return nf_diag_set(diag, NF_E_POLICY, NULL, NOT_CHANGEABLE);
}

/*
 * What the ACL of a generation certificate lets the reduction do.
 *   reduce  the reduction of method 1
 */
static int
generated_check(const struct nf_km_key *key, bool reduce,
    struct nf_diag *diag)
{
	static const struct nf_xfer_region any;
	struct nf_modcert *cert = NULL;
	struct nf_acl *reduced = NULL;
	struct nf_cur cur;
	int r;

	nf_cur_init(&cur, key->mesg_gen.p, key->mesg_gen.len, diag);
	if ((r = nf_wire_modcert_read(&cur, &cert)) != 0)
		goto out;
	if (cert->type != NF_MODCERT_KEYGEN) {
		r = nf_diag_set(diag, NF_E_FORMAT, "MesgGenKA",
		    "not a key-generation certificate");
		goto out;
	}
	if ((r = nf_xfer_changeable(cert->keygen.acl, NULL, diag)) == 0 &&
	    reduce)
		r = nf_xfer_reduce(cert->keygen.acl, &any, &reduced, diag);
out:
	nf_acl_free(reduced);
	nf_modcert_free(cert);
	return r;
}

int
nf_xfer_eligible(const struct nf_km_key *key, const char *app,
    const char *ident, struct nf_diag *diag)
{
	struct nf_buf bytes = NF_BUF_INIT;
	struct nf_keydata pub;
	int r;

	if ((r = nf_xfer_names_check(app, ident, diag)) != 0 ||
	    (r = nf_xfer_key_check(key, &bytes, &pub, diag)) != 0)
		goto out;
	if (strcmp(app, NF_XFER_APP) == 0 || strcmp(app, NF_XFER_APP_ALT) == 0)
		r = nf_diag_set(diag, NF_E_POLICY, NULL,
		    "it is the reduced copy that -ModifyAcls makes; -Package "
		    "takes it by its ident");
	else if (nf_km_key_certified(key))
		r = generated_check(key, true, diag);
	else if (!nf_km_key_recoverable(key))
		r = nf_diag_set(diag, NF_E_POLICY, NULL, NOT_CHANGEABLE);
out:
	nf_buf_wipe(&bytes);
	return r;
}

int
nf_xfer_eligible2(const struct nf_km_key *key, struct nf_xfer_keytype *type,
    bool *known, struct nf_diag *diag)
{
	struct nf_buf bytes = NF_BUF_INIT;
	struct nf_keydata pub;
	int r;

	memset(type, 0, sizeof(*type));
	type->kty = NF_XFER_OCT;
	*known = false;
	if ((r = protection_check(key, "method 2", diag)) != 0)
		return r;
	if (key->pubblob.p != NULL) {
		*known = true;
		if ((r = nf_appkey_public(key, &bytes, &pub, diag)) != 0 ||
		    (r = nf_xfer_keytype_of(&pub, type, diag)) != 0 ||
		    (r = nf_xfer_keytype_check(type, diag)) != 0)
			goto out;
	}
	if (nf_km_key_certified(key))
		r = generated_check(key, false, diag);
	else if (!nf_km_key_recoverable(key))
		r = nf_diag_set(diag, NF_E_POLICY, NULL, NOT_CHANGEABLE);
out:
	nf_buf_wipe(&bytes);
	return r;
}
