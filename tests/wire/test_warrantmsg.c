/* SPDX-License-Identifier: Apache-2.0 */
/* The writers of a warrant: its form as read back, and what they refuse. */
#include "config.h"

#include "nfast/base/curve.h"
#include "nfast/wire/ddds.h"
#include "nfast/wire/names.h"
#include "nfast/wire/warrantmsg.h"
#include "tests/tap.h"

static uint8_t x[68], y[68];
static struct nf_keydata key;
static struct nf_buf buf;

/* x has a zero top byte beside the padding: 65 bytes. */
static void
setup(void)
{
	memset(&key, 0, sizeof(key));
	memset(x, 0, sizeof(x));
	memset(y, 0, sizeof(y));
	memset(x, 0x11, 65);
	memset(y, 0x22, 65);
	y[65] = 1;
	key.type = NF_KEY_ECDSAPUBLIC;
	key.curve = NF_EC_P521;
	key.v[NF_ECPUB_X] = nf_view_of(x, sizeof(x));
	key.v[NF_ECPUB_Y] = nf_view_of(y, sizeof(y));
}

static void
teardown(void)
{
	nf_buf_wipe(&buf);
}

static struct nf_view
text(const char *s)
{
	return nf_view_of(s, strlen(s));
}

static int
payload(const char *esn, const char *serial)
{
	nf_buf_wipe(&buf);
	nf_wire_warrant_payload_write(&buf, text(esn), text(serial), &key);
	return nf_buf_err(&buf);
}

START_TEST(module_information)
{
	static const char *const order[] = { "ElectronicSerialNumber",
	    "PhysicalSerialNumber", "Approvals", "WarrantCertificateType",
	    "KLF2pub", "KLF2mech" };
	const struct nf_ddds_node *n;
	struct nf_ddds d;
	struct nf_cur cur;
	uint32_t at;

	ck_assert_int_eq(payload("8938-1075-88BB", "SIM-8938-1075"), 0);
	nf_cur_init(&cur, buf.p, buf.len, NULL);
	ck_assert_int_eq(nf_ddds_read(&cur, &d), 0);
	ck_assert_uint_eq(d.node[0].n, 12);
	at = d.node[0].child;
	for (size_t i = 0; i < 6; i++) {
		ck_assert(nf_ddds_is(&d.node[at], order[i]));
		at = d.node[d.node[at].next].next;
	}
	n = nf_ddds_get(&d, &d.node[0], "ElectronicSerialNumber");
	ck_assert(nf_view_is(n->v, "8938-1075-88BB"));
	n = nf_ddds_item(&d, nf_ddds_get(&d, &d.node[0], "KLF2pub"), 3);
	ck_assert_uint_eq(nf_ddds_item(&d, n, 0)->v.len, 65);
	ck_assert_uint_eq(nf_ddds_item(&d, n, 1)->v.len, 66);
	ck_assert_uint_eq(nf_ddds_item(&d, n, 1)->v.p[0], 1);
}
END_TEST

START_TEST(one_certificate)
{
	struct nf_cipher sig = { .mech = NF_MECH_ECDSAHSHA512 };
	const struct nf_ddds_node *n;
	struct nf_ddds d;
	struct nf_cur cur;

	sig.v[0] = key.v[NF_ECPUB_X];
	sig.v[1] = key.v[NF_ECPUB_Y];
	nf_wire_warrant_write(&buf, "SIM-KWARN-1", text("payload"), &sig);
	nf_cur_init(&cur, buf.p, buf.len, NULL);
	ck_assert_int_eq(nf_ddds_read(&cur, &d), 0);
	ck_assert(nf_ddds_is(nf_ddds_item(&d, &d.node[0], 0),
	    "SIM-KWARN-1"));
	n = nf_ddds_get(&d, nf_ddds_item(&d, &d.node[0], 1), "Signature");
	ck_assert_uint_eq(n->v.len, 132);
	ck_assert_uint_eq(n->v.p[0], 0);
	ck_assert_uint_eq(n->v.p[1], 0x11);
	ck_assert_uint_eq(n->v.p[66], 1);
	nf_buf_wipe(&buf);
	sig.mech = NF_MECH_DSA;			/* wrong_mech */
	nf_wire_warrant_write(&buf, "SIM-KWARN-1", text("payload"), &sig);
	ck_assert_int_eq(nf_buf_err(&buf), NF_E_INTERNAL);
}
END_TEST

START_TEST(wrong_arguments)
{
	ck_assert_int_eq(payload("", "S"), NF_E_INTERNAL);
	ck_assert_int_eq(payload("E", ""), NF_E_INTERNAL);
	ck_assert_int_eq(payload("0123456789abcdef", "S"), NF_E_INTERNAL);
	ck_assert_int_eq(payload("0123456789abcde", "S"), 0);
	key.curve = NF_EC_P256;
	ck_assert_int_eq(payload("E", "S"), NF_E_INTERNAL);
	key.curve = NF_EC_P521;
	key.type = NF_KEY_ECPUBLIC;
	ck_assert_int_eq(payload("E", "S"), NF_E_INTERNAL);
	key.type = NF_KEY_ECDSAPUBLIC;
	y[66] = 1;
	ck_assert_int_eq(payload("E", "S"), NF_E_INTERNAL);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("wire/warrantmsg");
	TCase *tc = tcase_create("writers");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, module_information);
	tcase_add_test(tc, one_certificate);
	tcase_add_test(tc, wrong_arguments);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
