/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader and verifier of warrants.  Form, root and signatures are real;
 * what is refused beyond them (fields that are not known) is our strictness.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "nfast/base/pkey.h"
#include "nfast/wire/cipher.h"
#include "verify/nchex.h"
#include "verify/warrant.h"

#define SIG_LEN		((size_t)2 * NF_VFY_P521_LEN)
#define TYPE		"WarrantCertificateType"
#define WARRANT_NAME	"warrant"

/* The outer list and one payload at a time: too large for the stack. */
struct opening {
	struct nf_vfy_ctx *ctx;
	const struct nf_cur *outer;	/* offsets in diags count from it */
	struct nf_ddds list;
	struct nf_ddds payload;
	struct nf_vfy_point delegate;
	struct nf_keydata signer;	/* may borrow delegate */
	struct nf_vfy_warrant *out;
	struct nf_diag *diag;
};

static void
reverse(uint8_t *out, const uint8_t *in, size_t len)
{
	for (size_t i = 0; i < len; i++)
		out[i] = in[len - 1 - i];
}

/* A coordinate: big-endian integer of at most 66 bytes to little-endian. */
static bool
coordinate(const struct nf_ddds_node *node,
    uint8_t out[static NF_VFY_P521_LEN])
{
	memset(out, 0, NF_VFY_P521_LEN);
	if (!nf_ddds_has_type(node, NF_DDDS_INT) ||
	    node->v.len > NF_VFY_P521_LEN)
		return false;
	if (node->v.len == 0)
		out[0] = (uint8_t)node->small;
	else
		reverse(out, node->v.p, node->v.len);
	return true;
}

/* ['ECDSA', 'Public', 'NISTP521', [x, y]] */
static int
key_read(struct opening *o, const char *field, struct nf_vfy_point *point,
    struct nf_keydata *out)
{
	const struct nf_ddds *d = &o->payload;
	const struct nf_ddds_node *key, *xy;

	if ((key = nf_ddds_get(d, &d->node[0], field)) == NULL)
		return nf_diag_set(o->diag, NF_E_FORMAT, field, "missing");
	if (!nf_ddds_has_type(key, NF_DDDS_LIST) || key->n != 4 ||
	    !nf_ddds_is(nf_ddds_item(d, key, 0), "ECDSA") ||
	    !nf_ddds_is(nf_ddds_item(d, key, 1), "Public") ||
	    !nf_ddds_is(nf_ddds_item(d, key, 2), "NISTP521"))
		return nf_diag_set(o->diag, NF_E_MISMATCH, field,
		    "not an ECDSA P-521 key");
	xy = nf_ddds_item(d, key, 3);
	if (!nf_ddds_has_type(xy, NF_DDDS_LIST) || xy->n != 2 ||
	    !coordinate(nf_ddds_item(d, xy, 0), point->x) ||
	    !coordinate(nf_ddds_item(d, xy, 1), point->y))
		return nf_diag_set(o->diag, NF_E_FORMAT, field,
		    "not two coordinates of P-521");
	nf_vfy_point_key(point, out);
	return 0;
}

/* ['ECDSA', ['EMSA1', 'SHA512']] */
static int
mech_check(struct opening *o, const char *field)
{
	const struct nf_ddds *d = &o->payload;
	const struct nf_ddds_node *mech, *hash;

	if ((mech = nf_ddds_get(d, &d->node[0], field)) == NULL)
		return nf_diag_set(o->diag, NF_E_FORMAT, field, "missing");
	hash = nf_ddds_item(d, mech, 1);
	if (mech->n != 2 || !nf_ddds_is(nf_ddds_item(d, mech, 0), "ECDSA") ||
	    !nf_ddds_has_type(hash, NF_DDDS_LIST) || hash->n != 2 ||
	    !nf_ddds_is(nf_ddds_item(d, hash, 0), "EMSA1") ||
	    !nf_ddds_is(nf_ddds_item(d, hash, 1), "SHA512"))
		return nf_diag_set(o->diag, NF_E_MISMATCH, field,
		    "not ECDSA with SHA-512");
	return 0;
}

static int
string_read(struct opening *o, const char *field, struct nf_view *out)
{
	const struct nf_ddds_node *node;

	node = nf_ddds_get(&o->payload, &o->payload.node[0], field);
	if (node == NULL)
		return nf_diag_set(o->diag, NF_E_FORMAT, field, "missing");
	if (node->type != NF_DDDS_STRING || node->v.len == 0)
		return nf_diag_set(o->diag, NF_E_FORMAT, field,
		    "not a text");
	*out = node->v;
	return 0;
}

/* [['FIPS140', version, level, embodiment], ...] */
static int
approvals_read(struct opening *o)
{
	static const char field[] = "Approvals";
	const struct nf_ddds *d = &o->payload;
	const struct nf_ddds_node *list, *a;
	struct nf_vfy_warrant *w = o->out;

	list = nf_ddds_get(d, &d->node[0], field);
	if (!nf_ddds_has_type(list, NF_DDDS_LIST))
		return nf_diag_set(o->diag, NF_E_FORMAT, field,
		    "missing or not a list");
	for (uint32_t i = 0; i < list->n; i++) {
		a = nf_ddds_item(d, list, i);
		if (!nf_ddds_has_type(a, NF_DDDS_LIST))
			return nf_diag_set(o->diag, NF_E_FORMAT, field,
			    "not a list of lists");
		if (w->fips_level != 0 || a->n != 4 ||
		    !nf_ddds_is(nf_ddds_item(d, a, 0), "FIPS140") ||
		    !nf_ddds_has_type(nf_ddds_item(d, a, 1), NF_DDDS_INT) ||
		    !nf_ddds_has_type(nf_ddds_item(d, a, 2), NF_DDDS_INT) ||
		    !nf_ddds_has_type(nf_ddds_item(d, a, 3), NF_DDDS_SYMBOL))
			continue;
		w->fips_version = nf_ddds_item(d, a, 1)->small;
		w->fips_level = nf_ddds_item(d, a, 2)->small;
		w->fips_embodiment = nf_ddds_item(d, a, 3)->v;
	}
	return 0;
}

/* The payload has these fields and no others. */
static int
fields_check(struct opening *o, uint32_t n)
{
	if (o->payload.node[0].n != 2 * n)
		return nf_diag_set(o->diag, NF_E_FORMAT, "Payload",
		    "%u fields where %u are due", o->payload.node[0].n / 2, n);
	return 0;
}

static int
module_read(struct opening *o)
{
	struct nf_vfy_warrant *w = o->out;
	int r;

	if ((r = fields_check(o, 6)) != 0 ||
	    (r = string_read(o, "ElectronicSerialNumber", &w->esn)) != 0 ||
	    (r = string_read(o, "PhysicalSerialNumber",
	    &w->physserial)) != 0 ||
	    (r = approvals_read(o)) != 0 ||
	    (r = mech_check(o, "KLF2mech")) != 0)
		return r;
	return key_read(o, "KLF2pub", &w->klf2_point, &w->klf2);
}

static int
delegation_read(struct opening *o)
{
	int r;

	if ((r = fields_check(o, 3)) != 0 ||
	    (r = mech_check(o, "SigMech")) != 0 ||
	    (r = key_read(o, "DelegateKey", &o->delegate, &o->signer)) != 0)
		return r;
	o->out->n_delegations++;
	return 0;
}

/* Verify a certificate under the current signer. */
static int
signature_check(struct opening *o, struct nf_view payload, struct nf_view sig)
{
	uint8_t r_le[NF_VFY_P521_LEN], s_le[NF_VFY_P521_LEN];
	const struct nf_vfy_key *key;
	struct nf_cipher c;
	int r;

	if ((r = nf_vfy_key(o->ctx, &o->signer, &key, o->diag)) != 0)
		return r;
	if (sig.len != SIG_LEN)
		return nf_diag_set(o->diag, NF_E_FORMAT, "Signature",
		    "%zu bytes where %zu are due", sig.len, SIG_LEN);
	reverse(r_le, sig.p, sizeof(r_le));
	reverse(s_le, sig.p + sizeof(r_le), sizeof(s_le));
	memset(&c, 0, sizeof(c));
	c.mech = NF_MECH_ECDSAHSHA512;
	c.v[0] = nf_view_of(r_le, sizeof(r_le));
	c.v[1] = nf_view_of(s_le, sizeof(s_le));
	return nf_wire_sig_verify_by(&key->key, key->verifier,
	    NF_MECH_ECDSAHSHA512, payload, &c, o->diag);
}

/* One certificate: its signature first, then what it says. */
static int
cert_read(struct opening *o, const struct nf_ddds_node *cert, bool last)
{
	const struct nf_ddds_node *payload, *sig, *type;
	struct nf_cur cur;
	int r;

	payload = nf_ddds_get(&o->list, cert, "Payload");
	sig = nf_ddds_get(&o->list, cert, "Signature");
	if (!nf_ddds_has_type(payload, NF_DDDS_BYTES) ||
	    !nf_ddds_has_type(sig, NF_DDDS_BYTES) || cert->n != 4)
		return nf_diag_set(o->diag, NF_E_FORMAT, "certificate",
		    "not a map of Payload and Signature");
	if ((r = signature_check(o, payload->v, sig->v)) != 0)
		return r;
	nf_cur_sub(&cur, o->outer, payload->v);
	if ((r = nf_ddds_read(&cur, &o->payload)) != 0)
		return r;
	type = nf_ddds_get(&o->payload, &o->payload.node[0], TYPE);
	if (type == NULL)
		return nf_diag_set(o->diag, NF_E_FORMAT, TYPE, "missing");
	if (!last && nf_ddds_is(type, "Delegation"))
		return delegation_read(o);
	if (last && nf_ddds_is(type, "ModuleInformation"))
		o->out->kind = NF_WARRANT_MODULE;
	else if (last && nf_ddds_is(type, "FieldUpgradeModuleInformation"))
		o->out->kind = NF_WARRANT_FIELDUPGRADE;
	else
		return nf_diag_set(o->diag, NF_E_MISMATCH, TYPE,
		    last ? "the last certificate is not a module's" :
		    "a certificate before the last does not delegate");
	return module_read(o);
}

static int
list_read(struct opening *o, const struct nf_vfy_kwarn *kwarn)
{
	const struct nf_ddds_node *list = &o->list.node[0], *name;
	const struct nf_vfy_key *root;
	int r;

	name = nf_ddds_item(&o->list, list, 0);
	if (!nf_ddds_has_type(name, NF_DDDS_SYMBOL) || list->n < 2 ||
	    list->n > NF_WARRANT_CERTS_MAX + 1)
		return nf_diag_set(o->diag, NF_E_FORMAT, WARRANT_NAME,
		    "not a root's name and 1 to %d certificates",
		    NF_WARRANT_CERTS_MAX);
	o->out->root_name = name->v;
	if (!nf_vfy_kwarn_find(kwarn, name->v, &o->signer,
	    &o->out->simulated))
		return nf_diag_set(o->diag, NF_E_MISMATCH, "root",
		    "'%.*s' is not an accepted root", (int)name->v.len,
		    (const char *)name->v.p);
	if ((r = nf_vfy_key(o->ctx, &o->signer, &root, o->diag)) != 0)
		return r;
	memcpy(o->out->root, root->hash, NF_HASH_LEN);
	for (uint32_t i = 1; i < list->n; i++) {
		if ((r = cert_read(o, nf_ddds_item(&o->list, list, i),
		    i == list->n - 1)) != 0)
			return r;
	}
	return 0;
}

int
nf_vfy_warrant_open(struct nf_vfy_ctx *ctx, struct nf_view bytes,
    const struct nf_vfy_kwarn *kwarn, struct nf_vfy_warrant *out,
    struct nf_diag *diag)
{
	struct opening *o = calloc(1, sizeof(*o));
	struct nf_cur cur;
	int r;

	memset(out, 0, sizeof(*out));
	if (o == NULL)
		return nf_diag_set(diag, NF_E_NOMEM, NULL, "out of memory");
	o->ctx = ctx;
	o->out = out;
	o->diag = diag;
	o->outer = &cur;
	nf_cur_init(&cur, bytes.p, bytes.len, diag);
	if (bytes.len > NF_WARRANT_MAX)
		r = nf_cur_fail(&cur, NF_E_FORMAT, WARRANT_NAME,
		    "more than %d bytes", NF_WARRANT_MAX);
	else
		r = nf_ddds_read(&cur, &o->list);
	if (r == 0)
		r = list_read(o, kwarn);
	free(o);
	return r;
}

void
nf_vfy_warrant_facts(struct nf_vfy_verdict *v,
    const struct nf_vfy_warrant *w)
{
	static const char by[] = WARRANT_NAME;

	nf_vfy_fact_text(v, "ESN", by, w->esn);
	nf_vfy_fact_text(v, "physical serial number", by, w->physserial);
	nf_vfy_fact(v, "warrant type", by, "%s",
	    w->kind == NF_WARRANT_MODULE ? "ModuleInformation" :
	    "FieldUpgradeModuleInformation (rests on the older DSA-1024 "
	    "key of the module)");
	nf_vfy_fact(v, "delegations", by, "%u", w->n_delegations);
	if (w->fips_level != 0)
		nf_vfy_fact(v, "module approval", by,
		    "FIPS 140-%u level %u, %.*s", w->fips_version,
		    w->fips_level, (int)w->fips_embodiment.len,
		    (const char *)w->fips_embodiment.p);
}

bool
nf_vfy_warrant_is(struct nf_view file)
{
	return file.len > 2 && (file.p[0] & 0xf0) == 0x90 &&
	    file.p[0] > 0x91 &&
	    ((file.p[1] & 0xf0) == 0x30 || file.p[1] == 0xc4);
}

static int
opened_report(struct nf_vfy_ctx *ctx, const struct nf_vfy_warrant *w,
    struct nf_vfy_verdict *v, struct nf_diag *diag)
{
	const struct nf_vfy_key *klf2;
	int r;

	if ((r = nf_vfy_key(ctx, &w->klf2, &klf2, diag)) != 0)
		return r;
	v->has_root = true;
	memcpy(v->root, w->root, NF_HASH_LEN);
	v->simulated = w->simulated;
	nf_vfy_addf(v, NF_VFY_ROOT_CHECK, "root is an accepted one",
	    NF_VFY_PASS, "%.*s", (int)w->root_name.len,
	    (const char *)w->root_name.p);
	nf_vfy_warrant_facts(v, w);
	nf_vfy_fact_hex(v, "KLF2 hash", WARRANT_NAME,
	    nf_view_of(klf2->hash, NF_HASH_LEN));
	return 0;
}

int
nf_vfy_warrant_check(struct nf_vfy_ctx *ctx, struct nf_view file,
    const struct nf_vfy_options *opt, struct nf_vfy_verdict *verdict,
    struct nf_diag *diag)
{
	struct nf_buf bytes = NF_BUF_INIT;
	const char *where = nf_nchex_is(file) ? WARRANT_NAME : "file";
	struct nf_diag d = { 0 };
	struct nf_vfy_warrant w;
	int r, opened;

	if (nf_nchex_is(file)) {
		if ((r = nf_nchex_read(file, NF_NCHEX_WARRANT, &bytes,
		    diag)) != 0)
			goto out;
	} else {
		nf_buf_view_put(&bytes, file);
		if ((r = nf_buf_err(&bytes)) != 0)
			goto out;
	}
	nf_vfy_seed_claim(verdict, nf_buf_view(&bytes));
	opened = nf_vfy_warrant_open(ctx, nf_buf_view(&bytes), opt->kwarn, &w,
	    &d);
	if (opened == NF_E_FORMAT) {
		r = opened;
		if (diag != NULL)
			*diag = d;
		goto out;
	}
	(void)nf_vfy_add_result(verdict, "WV1",
	    "warrant chain from an accepted root to the module", opened, &d,
	    NULL);
	nf_vfy_link(verdict, "accepted roots", "root", NF_VFY_ROOT_CHECK);
	nf_vfy_link(verdict, "root", "KLF2", "WV1");
	if (opened == 0)
		r = opened_report(ctx, &w, verdict, diag);
	nf_vfy_place_from(verdict, 0, where, nf_buf_view(&bytes),
	    nf_buf_view(&bytes));
	if (r == 0 && (r = verdict->err) != 0 && diag != NULL &&
	    diag->code == 0)
		*diag = verdict->diag;
out:
	nf_buf_wipe(&bytes);
	return r;
}
