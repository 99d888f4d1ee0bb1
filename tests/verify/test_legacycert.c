/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Feature certificates of a root made for the test, in the real form: a good
 * chain is unanchored until its root is named, and no changed one is either.
 */
#include "config.h"

#include "nfast/wire/certlist.h"
#include "tests/tap.h"
#include "tests/verify/failing.h"
#include "tests/verify/signer.h"
#include "verify/legacycert.h"
#include "verify/nchex.h"

#define ESN	"341A-05E0-D947"

static struct sg_key root, signer, other;
static struct nf_vfy_roots roots;
static struct nf_vfy_options opt;
static struct nf_vfy_ctx *ctx;
static struct nf_vfy_verdict v;
static struct nf_diag diag;

/* What a test may change. */
static struct {
	uint32_t leaf_flags, features, delegated, mech;
	const struct sg_key *to, *leaf_by, *deleg_by;
	bool no_delegation, twice, limit;
} with;

static void
setup(void)
{
	sg_dsa(&root, 1024);
	sg_dsa(&signer, 1024);
	sg_dsa(&other, 1024);
	memset(&opt, 0, sizeof(opt));
	memset(&with, 0, sizeof(with));
	with.leaf_flags = NF_GROUP_MODULESERIAL;
	with.features = 4;
	with.delegated = UINT32_MAX;
	with.mech = NF_MECH_DSA;
	with.to = with.leaf_by = &signer;
	with.deleg_by = &root;
	roots.has_extra = true;
	memcpy(roots.extra, root.hash, NF_HASH_LEN);
	opt.roots = &roots;
	ctx = nf_vfy_ctx_new();
	nf_vfy_verdict_init(&v, "feature certificate", "test");
}

static void
teardown(void)
{
	nf_vfy_verdict_wipe(&v);
	nf_vfy_ctx_free(ctx);
	sg_free(&root);
	sg_free(&signer);
	sg_free(&other);
}

static void
message(uint32_t flags, uint32_t features, struct nf_buf *out)
{
	struct nf_acl *acl = nf_acl_new();
	struct nf_group *g = nf_acl_group_add(acl);
	struct nf_action *a = nf_group_action_add(g,
	    NF_ACT_STATICFEATUREENABLE);

	a->word[0] = 8;
	a->word[1] = 1;
	a->flags = features;
	g->flags = flags;
	g->moduleserial = nf_view_of(ESN, strlen(ESN));
	memcpy(g->certmech_hash, with.to->hash, NF_HASH_LEN);
	g->certmech_mech = with.mech;
	if (with.limit)
		nf_group_limit_add(g, NF_LIMIT_GLOBAL)->max = 1;
	nf_wire_certmsg_write(out, acl);
	nf_acl_free(acl);
}

static void
cert_fill(struct nf_cert *c, const struct sg_key *by, struct nf_buf *msg,
    struct sg_sig *sig)
{
	sg_sign(by, nf_buf_view(msg), sig);
	c->type = NF_CERT_SINGLECERT;
	memcpy(c->keyhash, by->hash, NF_HASH_LEN);
	c->key = by->data;
	c->sig = sig->cipher;
	c->msg = nf_buf_view(msg);
}

/* The marshalled chain. */
static void
chain_make(struct nf_buf *out)
{
	struct nf_certlist list = { .n = with.no_delegation ? 1 :
	    with.twice ? 3 : 2 };
	struct nf_buf leaf = NF_BUF_INIT, deleg = NF_BUF_INIT;
	struct sg_sig s1, s2;

	message(with.leaf_flags, with.features, &leaf);
	message(NF_GROUP_CERTMECH, with.delegated, &deleg);
	cert_fill(&list.cert[0], with.leaf_by, &leaf, &s1);
	cert_fill(&list.cert[1], with.deleg_by, &deleg, &s2);
	list.cert[2] = list.cert[1];
	nf_wire_certlist_write(out, &list);
	ck_assert_int_eq(nf_buf_err(out), 0);
	nf_buf_wipe(&leaf);
	nf_buf_wipe(&deleg);
}

static int
audit_bytes(struct nf_view bytes)
{
	struct nf_buf text = NF_BUF_INIT;
	int r;

	nf_nchex_write(&text, "Feature: test", NF_NCHEX_CERTIFICATE, bytes);
	nf_diag_clear(&diag);
	nf_vfy_verdict_reset(&v, "feature certificate", "test");
	r = nf_vfy_legacycert_check(ctx, nf_buf_view(&text), &opt, &v, &diag);
	nf_buf_wipe(&text);
	return r != 0 ? nf_err_exit(r) : nf_vfy_exit(&v);
}

static int
audit(void)
{
	struct nf_buf bytes = NF_BUF_INIT;
	int status;

	chain_make(&bytes);
	status = audit_bytes(nf_buf_view(&bytes));
	nf_buf_wipe(&bytes);
	return status;
}

static void
fails(const char *id, const char *field)
{
	ck_assert_int_eq(audit(), 1);
	ck_assert(nf_vfy_find(&v, id)->status == NF_VFY_FAIL);
	ck_assert_msg(strncmp(nf_vfy_detail(&v, nf_vfy_find(&v, id)), field,
	    strlen(field)) == 0, "%s",
	    nf_vfy_detail(&v, nf_vfy_find(&v, id)));
}

START_TEST(chain)
{
	struct nf_buf b = NF_BUF_INIT;
	const char *by;

	ck_assert_int_eq(audit(), 0);
	ck_assert(nf_vfy_fact_find(&v, "ESN", &b, &by));
	ck_assert_str_eq(nf_buf_text(&b), ESN);
	nf_buf_wipe(&b);
	ck_assert_mem_eq(v.root, root.hash, NF_HASH_LEN);
}
END_TEST

START_TEST(failing_calls)
{
	struct nf_buf bytes = NF_BUF_INIT, text = NF_BUF_INIT;
	struct failing f = { .opt = &opt, .check = nf_vfy_legacycert_check };

	chain_make(&bytes);
	nf_nchex_write(&text, "Feature: test", NF_NCHEX_CERTIFICATE,
	    nf_buf_view(&bytes));
	f.file = nf_buf_view(&text);
	failing_sweep("chain", &f, 0);
	/* another root is another root, whatever fails beside */
	roots.extra[0] ^= 1;
	failing_sweep("wrong root", &f, NF_E_VERIFY);
	nf_buf_wipe(&bytes);
	nf_buf_wipe(&text);
}
END_TEST

START_TEST(wrong_root)
{
	roots.has_extra = false;
	ck_assert_int_eq(audit(), 1);
	ck_assert(nf_vfy_find(&v, "root")->status == NF_VFY_FAIL);
	opt.roots = NULL;
	ck_assert_int_eq(audit(), 1);
}
END_TEST

START_TEST(no_delegation)
{
	with.no_delegation = true;
	fails("cert.chain", "certs");
}
END_TEST

START_TEST(wrong_delegate)
{
	with.to = &other;
	fails("cert.chain", "certmech");
}
END_TEST

START_TEST(wrong_mech)
{
	with.mech = NF_MECH_DSAHSHA256;
	fails("cert.chain", "certmech");
}
END_TEST

START_TEST(wrong_features)
{
	with.delegated = ~(uint32_t)4;
	fails("cert.chain", "features");
}
END_TEST

START_TEST(duplicate_delegation)
{
	with.twice = true;
	fails("cert.chain", "certmech");
}
END_TEST

START_TEST(wrong_groups)
{
	with.leaf_flags = 0;
	fails("cert.leaf", "group");
	with.leaf_flags = NF_GROUP_MODULESERIAL | NF_GROUP_CERTMECH;
	fails("cert.leaf", "group");
	with.leaf_flags = NF_GROUP_MODULESERIAL;
	with.limit = true;
	fails("cert.leaf", "group");
}
END_TEST

START_TEST(junk_chain)
{
	struct nf_buf b = NF_BUF_INIT;
	int status;

	chain_make(&b);
	ck_assert_int_eq(audit_bytes(nf_buf_view(&b)), 0);
	for (size_t i = 0; i < b.len * 8; i += 37) {
		b.p[i / 8] ^= (uint8_t)(1 << i % 8);
		status = audit_bytes(nf_buf_view(&b));
		ck_assert_msg(status == 1 || status == 3, "bit %zu: %d", i,
		    status);
		b.p[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	for (size_t n = 0; n < b.len; n += 7)
		ck_assert_int_eq(audit_bytes(nf_view_of(b.p, n)), 3);
	nf_buf_u32(&b, 0);
	ck_assert_int_eq(audit_bytes(nf_buf_view(&b)), 3);
	nf_buf_wipe(&b);
}
END_TEST

START_TEST(zero_certificates)
{
	ck_assert_int_eq(audit_bytes(nf_view_of("\0\0\0\0", 4)), 3);
	ck_assert_str_eq(diag.field, "certs");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("verify/legacycert");
	TCase *tc = tcase_create("chain");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, chain);
	tcase_add_test(tc, failing_calls);
	tcase_add_test(tc, wrong_root);
	tcase_add_test(tc, no_delegation);
	tcase_add_test(tc, wrong_delegate);
	tcase_add_test(tc, wrong_mech);
	tcase_add_test(tc, wrong_features);
	tcase_add_test(tc, duplicate_delegation);
	tcase_add_test(tc, wrong_groups);
	tcase_add_test(tc, junk_chain);
	tcase_add_test(tc, zero_certificates);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
