/* SPDX-License-Identifier: Apache-2.0 */
/* The ACL printers: all bits have names, nothing is dropped. */
#include "config.h"

#include "nfast/wire/acl.h"
#include "tests/wire/wire.h"

typedef void (*printer)(struct nf_buf *buf, const struct nf_acl *acl);

static void
listing(struct nf_buf *buf, const struct nf_acl *acl)
{
	nf_wire_acl_print(buf, acl, "");
}

/* The text of the ACL in hex, in a buffer to wipe. */
static const char *
text_of(printer print, const char *hex, struct nf_buf *out)
{
	struct nf_acl *acl;
	struct nf_buf wire;
	struct nf_cur cur;

	nf_tap_unhex(hex, &wire);
	nf_cur_init(&cur, wire.p, wire.len, NULL);
	ck_assert_int_eq(nf_wire_acl_read(&cur, &acl), 0);
	ck_assert_int_eq(nf_cur_end(&cur, "object"), 0);
	nf_buf_init(out);
	print(out, acl);
	nf_acl_free(acl);
	nf_buf_wipe(&wire);
	return nf_buf_text(out);
}

static void
check_has(const char *text, const char *want)
{
	ck_assert_msg(strstr(text, want) != NULL, "no '%s' in:\n%s", want,
	    text);
}

START_TEST(every_permission)
{
	struct nf_buf out = NF_BUF_INIT;

	for (uint32_t bit = 1; bit <= 0x8000; bit <<= 1)
		ck_assert_ptr_nonnull(nf_name_find(nf_wire_op_perms, bit));
	nf_flags_print(&out, nf_wire_op_perms, 0xffff);
	ck_assert_str_eq(nf_buf_text(&out), "DuplicateHandle|"
	    "UseAsCertificate|ExportAsPlain|GetAppData|SetAppData|ReduceACL|"
	    "ExpandACL|Encrypt|Decrypt|Verify|UseAsBlobKey|UseAsKM|Sign|"
	    "GetACL|UseAsLoaderKey|SignModuleCert");
	nf_buf_wipe(&out);
	nf_flags_print(&out, nf_wire_op_perms, 0xb52b);
	ck_assert_str_eq(nf_buf_text(&out), "DuplicateHandle|"
	    "UseAsCertificate|GetAppData|ReduceACL|Decrypt|UseAsBlobKey|Sign|"
	    "GetACL|SignModuleCert");
	nf_buf_wipe(&out);
}
END_TEST

START_TEST(every_flag)
{
	for (uint32_t bit = 1; bit <= 0x40; bit <<= 1) {
		ck_assert_ptr_nonnull(nf_name_find(nf_wire_group_flags, bit));
		ck_assert_ptr_nonnull(nf_name_find(nf_wire_makeblob_flags,
		    bit));
	}
	ck_assert_str_eq(nf_name_find(nf_wire_makeblob_flags, 0x20),
	    "AllowNullKmToken");
	ck_assert_str_eq(nf_name_find(nf_wire_archive_flags, 1), "kahash");
	ck_assert_str_eq(nf_name_find(nf_wire_archive_flags, 2), "blobfile");
}
END_TEST

START_TEST(unknown_permission)
{
	struct nf_buf out;
	const char *s = text_of(listing, "01000000" "00000000" "00000000"
	    "01000000" "01000000" "04000180", &out);

	check_has(s, "ExportAsPlain|0x80010000");
	check_has(s, "0x80010004");
	nf_buf_wipe(&out);
	s = text_of(nf_wire_acl_rights, "01000000" "00000000" "00000000"
	    "01000000" "01000000" "04000180", &out);
	ck_assert_str_eq(s, "anyone: ExportAsPlain\nanyone: 0x10000\n"
	    "anyone: 0x80000000\n");
	nf_buf_wipe(&out);
}
END_TEST

START_TEST(stock_listing)
{
	static const char *const want[] = {
		"n_groups= 4\n", "groups[3].flags= none 0x00000000\n",
		"groups[2].flags= certifier|FreshCerts 0x00000003\n",
		".limits[ 0]= Global max 1 id 44ca3be5 52a6aad3 2be3ad17 "
		    "5210dd54 b9f8d636\n",
		"OpPermissions\n", "MakeBlob\n", "MakeArchiveBlob\n",
		"0x0000b52b\n", "0x0000207d\n",
		"AllowKmOnly|AllowNonKm0|kmhash 0x00000007\n",
		"AllowKmOnly|AllowNonKm0|AllowNullKmToken 0x00000023\n",
		".details.kmhash= 986dcf73 747b277f ab6d547e 5cb91bd0 "
		    "1cca3df5\n",
		".details.kthash absent\n", " 225\n", " 0\n",
		".certifier= 8780fd72 38ee86ee 3b124486 d222b597 aaa7a2a8\n",
		".certifier absent\n",
	};
	struct nf_buf out;
	const char *s = text_of(listing, VEC_ACL_STOCK, &out);

	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		check_has(s, want[i]);
	nf_buf_wipe(&out);
}
END_TEST

START_TEST(softcard_listing)
{
	struct nf_buf out;

	check_has(text_of(listing, VEC_ACL_SOFTCARD, &out),
	    "ktparams= flags 0x00000007 shares 1/1 timelimit 0\n");
	nf_buf_wipe(&out);
}
END_TEST

START_TEST(stock_rights)
{
	struct nf_buf out;

	ck_assert_str_eq(text_of(nf_wire_acl_rights, VEC_ACL_TARGET_2014,
	    &out), "anyone: ExpandACL\nanyone: Decrypt\nanyone: Sign\n"
	    "anyone: GetACL\n"
	    "anyone: MakeBlob flags=AllowKmOnly|AllowNonKm0|kmhash "
	    "0x00000007 kmhash=986dcf73 747b277f ab6d547e 5cb91bd0 "
	    "1cca3df5\n");
	nf_buf_wipe(&out);
	check_has(text_of(nf_wire_acl_rights, VEC_ACL_STOCK, &out),
	    "anyone, once: MakeBlob ");
	check_has(nf_buf_text(&out), "certified by " VEC_HKNSO
	    ": ExpandACL\n");
	check_has(nf_buf_text(&out), "anyone, once: MakeArchiveBlob ");
	nf_buf_wipe(&out);
}
END_TEST

START_TEST(rights_conditions)
{
	struct nf_buf out;

	ck_assert_str_eq(text_of(nf_wire_acl_rights,
	    "01000000" "7c000000" "04000000"
	    "01000000" VEC_HKM "05000000" "01000000" VEC_HKM "01000000"
	    "03000000" "3c000000" "06000000" VEC_HKRE "02000000"
	    "01000000" "01000000" "04000000"
	    VEC_HKNSO "0a000000" "03000000" "41420000"
	    "2c000000" VEC_HKRE "0a000000", &out),
	    "certified by " VEC_HKNSO ", certified by " VEC_HKRE
	    ", certified by the NSO, module AB, 5 times, once, for 60 s, "
	    "2 times per card: ExportAsPlain\n");
	nf_buf_wipe(&out);
}
END_TEST

/* A serial number with a terminal escape is shown in hex. */
START_TEST(junk_serial)
{
	struct nf_buf out;

	check_has(text_of(listing, "01000000" "08000000" "00000000"
	    "00000000" "03000000" "1b5b0000", &out),
	    ".moduleserial= 1b5b\n");
	ck_assert_ptr_null(strchr(nf_buf_text(&out), 0x1b));
	nf_buf_wipe(&out);
}
END_TEST

/* Two groups: a module's own with limits, and an NSO-certified blob. */
START_TEST(explain)
{
	struct nf_acl *acl = nf_acl_new();
	struct nf_buf out = NF_BUF_INIT;
	struct nf_group *g;

	ck_assert_ptr_nonnull(acl);
	ck_assert_ptr_nonnull(g = nf_acl_group_add(acl));
	g->flags = NF_GROUP_MODULESERIAL;
	g->moduleserial = nf_view_of("AB12", 4);
	nf_group_limit_add(g, NF_LIMIT_GLOBAL)->max = 3;
	nf_group_limit_add(g, NF_LIMIT_TIME)->max = 60;
	nf_group_action_add(g, NF_ACT_OPPERMISSIONS)->flags =
	    NF_PERM_SIGN | NF_PERM_DECRYPT;
	ck_assert_ptr_nonnull(g = nf_acl_group_add(acl));
	g->flags = NF_GROUP_NSOCERTIFIED | NF_GROUP_FRESHCERTS;
	ck_assert_ptr_nonnull(nf_group_action_add(g,
	    NF_ACT_MAKEARCHIVEBLOB));

	nf_wire_acl_explain(&out, acl, NF_ACT_OPPERMISSIONS, NF_PERM_SIGN,
	    "  ");
	ck_assert_str_eq(nf_buf_text(&out), "  group 0 allows Sign: "
	    "module AB12, 3 times, for 60 s\n");
	nf_buf_wipe(&out);
	nf_wire_acl_explain(&out, acl, NF_ACT_MAKEARCHIVEBLOB, 0, "");
	ck_assert_str_eq(nf_buf_text(&out), "group 1 allows MakeArchiveBlob "
	    "flags=none 0x00000000 mech=Any 0: certified by the NSO, by "
	    "fresh certificates\n");
	nf_buf_wipe(&out);
	nf_wire_acl_explain(&out, acl, NF_ACT_OPPERMISSIONS,
	    NF_PERM_EXPORTASPLAIN, "");
	ck_assert_str_eq(nf_buf_text(&out), "no group allows "
	    "ExportAsPlain\n");
	nf_buf_wipe(&out);
	nf_wire_acl_explain(&out, acl, NF_ACT_MAKEBLOB, 0, "");
	ck_assert_str_eq(nf_buf_text(&out), "no group allows MakeBlob\n");
	nf_buf_wipe(&out);
	nf_acl_free(acl);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("wire/acl-print");
	TCase *tc = tcase_create("acl-print");

	tcase_add_test(tc, every_permission);
	tcase_add_test(tc, every_flag);
	tcase_add_test(tc, unknown_permission);
	tcase_add_test(tc, stock_listing);
	tcase_add_test(tc, softcard_listing);
	tcase_add_test(tc, stock_rights);
	tcase_add_test(tc, rights_conditions);
	tcase_add_test(tc, junk_serial);
	tcase_add_test(tc, explain);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
