/* SPDX-License-Identifier: Apache-2.0 */
/* Values inside method-1 packages: key blobs, ids, times, GUIDs. */
#include "config.h"

#include "tests/tap.h"
#include "transfer/byok1.h"

static const uint8_t e65537[] = { 1, 0, 1 };

/* A number of the shape of a modulus: top bit and low bit set. */
static void
make_n(uint8_t *n, size_t len)
{
	memset(n, 0x5a, len);
	n[0] = 0x01;
	n[len - 1] = 0x80;
}

START_TEST(publickey_blob)
{
	static const uint8_t head[20] = { 6, 2, 0, 0, 0, 0x24, 0, 0, 'R',
	    'S', 'A', '1', 0, 8, 0, 0, 1, 0, 1, 0 };
	struct nf_buf blob = NF_BUF_INIT;
	uint8_t n[257] = { 0 };

	make_n(n, 256);
	ck_assert_int_eq(nf_byok1_publickey_blob(nf_view_of(e65537, 3),
	    nf_view_of(n, 257), &blob, NULL), 0);
	ck_assert_uint_eq(blob.len, 276);
	ck_assert_mem_eq(blob.p, head, 20);
	ck_assert_mem_eq(blob.p + 20, n, 256);
	ck_assert_ptr_null(nf_byok1_publickey_fault(nf_buf_view(&blob)));
	nf_buf_wipe(&blob);
}
END_TEST

START_TEST(wrong_modulus_size)
{
	static const size_t sizes[] = { 1, 127, 513 };
	static const uint8_t e5[] = { 1, 0, 0, 0, 1 };
	struct nf_buf blob = NF_BUF_INIT;
	uint8_t n[513];

	for (size_t i = 0; i < 3; i++) {
		struct nf_diag diag = { 0 };

		make_n(n, sizes[i]);
		ck_assert_int_eq(nf_byok1_publickey_blob(
		    nf_view_of(e65537, 3), nf_view_of(n, sizes[i]), &blob,
		    &diag), NF_E_FORMAT);
		ck_assert_str_eq(diag.field, "n");
	}
	make_n(n, 256);
	n[255] = 0x40;
	ck_assert_int_eq(nf_byok1_publickey_blob(nf_view_of(e65537, 3),
	    nf_view_of(n, 256), &blob, NULL), NF_E_FORMAT);
	n[255] = 0x80;
	ck_assert_int_eq(nf_byok1_publickey_blob(nf_view_of(e5, 5),
	    nf_view_of(n, 256), &blob, NULL), NF_E_FORMAT);
	ck_assert_uint_eq(blob.len, 0);
}
END_TEST

START_TEST(wrong_blob)
{
	struct nf_buf blob = NF_BUF_INIT;
	uint8_t n[128];

	make_n(n, 128);
	ck_assert_int_eq(nf_byok1_publickey_blob(nf_view_of(e65537, 3),
	    nf_view_of(n, 128), &blob, NULL), 0);
	for (size_t i = 0; i < 16; i++) {
		blob.p[i] ^= 1;
		ck_assert_ptr_nonnull(
		    nf_byok1_publickey_fault(nf_buf_view(&blob)));
		blob.p[i] ^= 1;
	}
	for (size_t i = 0; i < blob.len; i++)
		ck_assert_ptr_nonnull(
		    nf_byok1_publickey_fault(nf_view_of(blob.p, i)));
	nf_buf_u8(&blob, 0x80);
	ck_assert_ptr_nonnull(nf_byok1_publickey_fault(nf_buf_view(&blob)));
	nf_buf_wipe(&blob);
}
END_TEST

/* SHA-1 of "abc" is FIPS 180's. */
START_TEST(ids)
{
	char id[NF_BYOK1_ID_LEN + 1], name[NF_BYOK1_TEXT_MAX + 1];
	uint8_t tenant[16];

	for (uint8_t i = 0; i < 16; i++)
		tenant[i] = (uint8_t)(0xf0 + i);
	ck_assert_int_eq(nf_byok1_global_id(tenant, nf_view_of("abc", 3), id),
	    0);
	ck_assert_str_eq(id, "02F0F1F2F3F4F5F6F7F8F9FAFBFCFDFEFF"
	    "A9993E364706816ABA3E25717850C26C9CD0D89D");
	nf_byok1_file_name(id, name);
	ck_assert_str_eq(name, "key_xfer_02f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"
	    "a9993e364706816aba3e25717850c26c9cd0d89d");
}
END_TEST

/* A real package's CreationTime, 738d655fdbfdd388 in the file. */
START_TEST(times)
{
	const uint64_t raw = UINT64_C(0x88d3fddb5f658d73);
	uint64_t seconds = 0;
	uint32_t nanos = 0;
	unsigned kind = 0;

	ck_assert(nf_byok1_unix(raw, &seconds, &nanos, &kind));
	ck_assert_uint_eq(seconds, 1477512302);
	ck_assert_uint_eq(nanos, 952792300);
	ck_assert_uint_eq(kind, 2);
	ck_assert_uint_eq(nf_byok1_time(seconds, nanos), raw);
	ck_assert(nf_byok1_unix(nf_byok1_time(0, 0), &seconds, NULL, NULL));
	ck_assert_uint_eq(seconds, 0);
	ck_assert(!nf_byok1_unix(nf_byok1_time(0, 0) - 1, &seconds, NULL,
	    NULL));
	ck_assert(!nf_byok1_unix(0, &seconds, &nanos, &kind));
}
END_TEST

START_TEST(guid)
{
	static const uint8_t want[16] = { 0x0b, 0x1f, 0x64, 0x71, 0x1b, 0xf0,
	    0x4d, 0xda, 0xae, 0xc3, 0xcb, 0x92, 0x72, 0xf0, 0x95, 0x90 };
	uint8_t got[16];

	ck_assert_int_eq(nf_byok1_guid("0b1f6471-1BF0-4dda-aec3-"
	    "cb9272f09590", got), 0);
	ck_assert_mem_eq(got, want, 16);
}
END_TEST

START_TEST(wrong_guid)
{
	static const char *const bad[] = {
		"", "0b1f64711bf04ddaaec3cb9272f09590",
		"0b1f6471-1bf0-4dda-aec3-cb9272f0959",
		"0b1f6471-1bf0-4dda-aec3-cb9272f095900",
		"0b1f6471-1bf0-4dda-aec3-cb9272f0959g",
		"0b1f6471-1bf0-4dda-aec3cb-9272f09590",
		"0b1f6471-1bf0-4dda-aec3--b9272f09590",
		"{0b1f6471-1bf0-4dda-aec3-cb9272f0959"
	};
	uint8_t got[16];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_int_eq(nf_byok1_guid(bad[i], got), NF_E_USAGE);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("transfer/byok1_value");
	TCase *tc = tcase_create("values");

	tcase_add_test(tc, publickey_blob);
	tcase_add_test(tc, wrong_modulus_size);
	tcase_add_test(tc, wrong_blob);
	tcase_add_test(tc, ids);
	tcase_add_test(tc, times);
	tcase_add_test(tc, guid);
	tcase_add_test(tc, wrong_guid);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
