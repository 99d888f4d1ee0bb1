/* SPDX-License-Identifier: Apache-2.0 */
/* Legacy certificates and their chains. */
#include "config.h"

#include "nfast/wire/certlist.h"
#include "tests/wire/wire.h"

static int
certmsg(struct nf_cur *cur)
{
	struct nf_acl *acl = NULL;
	int r = nf_wire_certmsg_read(cur, &acl);

	ck_assert((r == 0) == (acl != NULL));
	nf_acl_free(acl);
	return r;
}

static int
certlist(struct nf_cur *cur)
{
	struct nf_certlist list;

	nf_wire_certlist_read(cur, &list);
	ck_assert(nf_cur_err(cur) == 0 || list.n == 0);
	return nf_cur_end(cur, "object");
}

static const char *const msgs[] = { VEC_CERTMSG_DELEGATE,
	VEC_CERTMSG_LEAF };
static const size_t msg_lens[] = { 72, 68 };

START_TEST(messages)
{
	struct nf_buf wire, out = NF_BUF_INIT;
	struct nf_acl *acl;
	struct nf_cur cur;

	nf_tap_unhex(msgs[_i], &wire);
	ck_assert_uint_eq(wire.len, msg_lens[_i]);
	nf_cur_init(&cur, wire.p, wire.len, NULL);
	ck_assert_int_eq(nf_wire_certmsg_read(&cur, &acl), 0);
	ck_assert_uint_eq(acl->n_groups, 1);
	ck_assert_uint_eq(acl->group[0].action[0].type,
	    NF_ACT_STATICFEATUREENABLE);
	if (_i == 0) {
		ck_assert_uint_eq(acl->group[0].certmech_mech, NF_MECH_DSA);
		wire_check_hex(nf_view_of(acl->group[0].certmech_hash, 20),
		    "cd7cd49052bb6a17c88ebeef4a50d79c44679644");
	} else
		ck_assert(nf_view_is(acl->group[0].moduleserial,
		    "341A-05E0-D947"));
	nf_wire_certmsg_write(&out, acl);
	wire_check_hex(nf_buf_view(&out), msgs[_i]);
	nf_acl_free(acl);
	wire_check_lengths(certmsg, &wire);
	nf_buf_wipe(&out);
	nf_buf_wipe(&wire);
}
END_TEST

START_TEST(wrong_message)
{
	struct nf_buf wire;

	nf_tap_unhex(VEC_CERTMSG_LEAF, &wire);
	wire_check_word(certmsg, &wire, 0, 0x4472ff75, "certmsg.head");
	wire_check_word(certmsg, &wire, 4, 3, "certmsg.head");
	wire_check_word(certmsg, &wire, 8, 1, "certmsg.head");
	wire_check_word(certmsg, &wire, 64, 0, "certmsg.tail");
	nf_buf_wipe(&wire);
}
END_TEST

/* A chain of one signing key and one certificate, with made-up numbers. */
static void
chain(struct nf_buf *buf)
{
	struct nf_buf msg, dsa[4], r, s;
	struct nf_certlist list = { .n = 2 };
	struct nf_cert *c = &list.cert[1];

	list.cert[0].type = NF_CERT_SIGNINGKEY;
	list.cert[0].keyid = 0x10203;
	memset(list.cert[0].keyhash, 0xaa, 20);
	c->type = NF_CERT_SINGLECERT;
	c->key = wire_dsa_key(dsa);
	ck_assert_int_eq(nf_wire_keyhash(&c->key, c->keyhash, NULL), 0);
	c->sig.mech = NF_MECH_DSA;
	c->sig.v[0] = wire_number(VEC_DSA_R, &r);
	c->sig.v[1] = wire_number(VEC_DSA_S, &s);
	nf_tap_unhex(VEC_CERTMSG_LEAF, &msg);
	c->msg = nf_buf_view(&msg);
	nf_buf_init(buf);
	nf_wire_certlist_write(buf, &list);
	ck_assert_int_eq(nf_buf_err(buf), 0);
	nf_buf_wipe(&msg);
	for (size_t i = 0; i < 4; i++)
		nf_buf_wipe(&dsa[i]);
	nf_buf_wipe(&r);
	nf_buf_wipe(&s);
}

START_TEST(list_round_trip)
{
	struct nf_buf wire, out = NF_BUF_INIT;
	struct nf_certlist list;
	struct nf_cur cur;

	chain(&wire);
	nf_cur_init(&cur, wire.p, wire.len, NULL);
	nf_wire_certlist_read(&cur, &list);
	ck_assert_int_eq(nf_cur_end(&cur, "object"), 0);
	ck_assert_uint_eq(list.n, 2);
	ck_assert_uint_eq(list.cert[0].keyid, 0x10203);
	wire_check_hex(list.cert[1].msg, VEC_CERTMSG_LEAF);
	nf_wire_certlist_write(&out, &list);
	ck_assert(nf_view_equal(nf_buf_view(&out), nf_buf_view(&wire)));
	wire_check_lengths(certlist, &wire);
	nf_buf_wipe(&out);
	nf_buf_wipe(&wire);
}
END_TEST

START_TEST(unknown_certtype)
{
	struct nf_buf wire;

	chain(&wire);
	wire_check_word(certlist, &wire, 24, 0, "cert.type");
	wire_check_word(certlist, &wire, 24, 3, "cert.type");
	nf_buf_wipe(&wire);
}
END_TEST

START_TEST(max_certs)
{
	struct nf_buf wire = NF_BUF_INIT;

	nf_buf_u32(&wire, NF_CERTLIST_MAX);
	for (uint32_t i = 0; i < NF_CERTLIST_MAX; i++) {
		nf_buf_fill(&wire, 0, 20);
		nf_buf_u32(&wire, NF_CERT_SIGNINGKEY);
		nf_buf_u32(&wire, i);
	}
	wire_check_word(certlist, &wire, 0, NF_CERTLIST_MAX + 1, "certs");
	nf_buf_wipe(&wire);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("wire/certlist");
	TCase *tc = tcase_create("certlist");

	tcase_add_loop_test(tc, messages, 0, 2);
	tcase_add_test(tc, wrong_message);
	tcase_add_test(tc, list_round_trip);
	tcase_add_test(tc, unknown_certtype);
	tcase_add_test(tc, max_certs);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
