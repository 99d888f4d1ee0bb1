/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Method-1 packages that this program writes and signs itself, and their
 * mutations.
 */
#include "config.h"

#include "tests/transfer/byok1fix.h"

#define TAIL	144	/* Signature of 128 bytes and the last EndElement */

static void
setup(void)
{
	parts_setup();
	parts.friendly_name = "mutated";
}

static void
make(struct nf_buf *file)
{
	uint8_t sig[SIG_LEN];

	parts_write(file, sig);
}

/* Sign what the file says now, with the signature cut as it is. */
static void
resign(struct nf_buf *file)
{
	static const uint8_t nil[] = "\x40\x09Signature\x2e\x03nil\x86\x01\x01";
	struct nf_buf tbs = NF_BUF_INIT;
	uint8_t sig[128], *tail = file->p + file->len - TAIL;

	ck_assert_mem_eq(tail, nil, 11);
	nf_buf_put(&tbs, file->p, file->len - TAIL);
	nf_buf_put(&tbs, nil, sizeof(nil) - 1);
	sign(nf_buf_view(&tbs), sig);
	memcpy(tail + 13, sig, 126);
	memcpy(tail + 141, sig + 126, 2);
	nf_buf_wipe(&tbs);
}

/* Where an element of this name starts. */
static size_t
find(const struct nf_buf *file, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i + 2 + n <= file->len; i++) {
		if (file->p[i] == 0x40 && file->p[i + 1] == n &&
		    memcmp(file->p + i + 2, name, n) == 0)
			return i;
	}
	ck_abort_msg("no %s", name);
	return 0;
}

/* The bytes of the element of this name. */
static uint8_t *
at(const struct nf_buf *file, const char *name)
{
	return file->p + find(file, name);
}

/* Replace file[from..from+cut) by other bytes. */
static void
splice(struct nf_buf *file, size_t from, size_t cut, const void *p,
    size_t len)
{
	struct nf_buf out = NF_BUF_INIT;

	nf_buf_put(&out, file->p, from);
	nf_buf_put(&out, p, len);
	nf_buf_put(&out, file->p + from + cut, file->len - from - cut);
	nf_buf_wipe(file);
	*file = out;
}

/* Reading must fail at this field; wipes the file. */
static void
refused(struct nf_buf *file, const char *field)
{
	struct nf_byok1 *pkg;
	struct nf_diag diag = { 0 };

	ck_assert_int_eq(nf_byok1_read(nf_buf_view(file), &pkg, &diag),
	    NF_E_FORMAT);
	ck_assert_str_eq(diag.field, field);
	ck_assert(diag.has_offset);
	ck_assert_ptr_null(pkg);
	nf_buf_wipe(file);
}

/* A case that changes the package by one statement. */
#define MUTATION(name, field, ...)	\
START_TEST(name)			\
{					\
	struct nf_buf file;		\
					\
	make(&file);			\
	__VA_ARGS__;			\
	refused(&file, field);		\
}					\
END_TEST

START_TEST(round_trip)
{
	struct nf_byok1 *pkg = NULL;
	struct nf_diag diag = { 0 };
	struct nf_buf file;
	struct nf_view e, n;

	make(&file);
	ck_assert(nf_byok1_is(nf_buf_view(&file)));
	ck_assert_int_eq(nf_byok1_read(nf_buf_view(&file), &pkg, &diag), 0);
	ck_assert_mem_eq(pkg->tenant, parts.tenant, 16);
	ck_assert_str_eq(pkg->friendly_name, "mutated");
	ck_assert_str_eq(pkg->environment, "Simulated");
	ck_assert_str_eq(pkg->kek_identifier, "xferwrapping,kek-test-1");
	ck_assert_mem_eq(pkg->hkm, parts.hkm, 20);
	ck_assert_mem_eq(pkg->kek_hash, parts.kek_hash, 20);
	ck_assert(nf_view_equal(pkg->key_token, parts.key_token));
	ck_assert(nf_view_equal(pkg->public_key, parts.public_key));
	ck_assert_uint_eq(pkg->creation_time, parts.creation_time);
	nf_byok1_rsa(pkg, &e, &n);
	ck_assert_uint_eq(e.len, 3);
	ck_assert_uint_eq(n.len, 128);
	ck_assert_int_eq(nf_byok1_verify_signature(pkg, &diag), 0);
	ck_assert_int_eq(nf_byok1_check_ids(pkg, &diag), 0);
	for (int f = 0; f < NF_BYOK1_FIELDS; f++) {
		const char *name = nf_byok1_field_name(
		    (enum nf_byok1_field)f);
		size_t off = pkg->span[f].off;

		if (f >= NF_BYOK1_KEY_TOKEN_TYPE)
			ck_assert_mem_eq(pkg->key_blob.p + off + 2, name,
			    strlen(name));
		else
			ck_assert_uint_eq(off, find(&file, name));
	}
	nf_byok1_free(pkg);
	nf_buf_wipe(&file);
}
END_TEST

/* The fixture of every length of name, as names move what follows them. */
START_TEST(every_name_length)
{
	static const char *const odd[] = { "", "0", "1", "2" };
	char name[NF_BYOK1_TEXT_MAX + 1];

	for (size_t i = 0; i < NF_BYOK1_TEXT_MAX; i++) {
		struct nf_byok1 *pkg = NULL;
		struct nf_buf file;

		memset(name, 'n', i);
		name[i] = '\0';
		parts.friendly_name = i < 4 ? odd[i] : name;
		make(&file);
		ck_assert_int_eq(nf_byok1_read(nf_buf_view(&file), &pkg,
		    NULL), 0);
		ck_assert_str_eq(pkg->friendly_name, parts.friendly_name);
		ck_assert_int_eq(nf_byok1_verify_signature(pkg, NULL), 0);
		nf_byok1_free(pkg);
		nf_buf_wipe(&file);
	}
}
END_TEST

START_TEST(short_file)
{
	struct nf_byok1 *pkg;
	struct nf_buf file;

	make(&file);
	for (size_t n = 0; n < file.len; n++)
		ck_assert_int_eq(nf_byok1_read(nf_view_of(file.p, n), &pkg,
		    NULL), NF_E_FORMAT);
	nf_buf_wipe(&file);
}
END_TEST

START_TEST(flipped_bit)
{
	struct nf_byok1 *pkg;
	struct nf_buf file;

	make(&file);
	for (size_t i = 0; i < 8 * file.len; i++) {
		uint8_t bit = (uint8_t)(1u << i % 8);
		int e;

		file.p[i / 8] ^= bit;
		e = nf_byok1_read(nf_buf_view(&file), &pkg, NULL);
		if (e == 0)
			e = nf_byok1_verify_signature(pkg, NULL);
		ck_assert_msg(e == NF_E_FORMAT || e == NF_E_VERIFY,
		    "byte %zu bit %zu: %d", i / 8, i % 8, e);
		nf_byok1_free(pkg);
		file.p[i / 8] ^= bit;
	}
	nf_buf_wipe(&file);
}
END_TEST

START_TEST(no_signature)
{
	struct nf_buf file, tbs = NF_BUF_INIT;

	make(&file);
	splice(&file, file.len - TAIL, TAIL - 1, "", 0);
	refused(&file, "Signature");
	ck_assert_int_eq(nf_byok1_write_unsigned(&parts, &tbs, NULL), 0);
	refused(&tbs, "Signature");
}
END_TEST

/* Without the record of the last two bytes: 9e becomes 9f. */
MUTATION(short_signature, "Signature",
    file.p[file.len - TAIL + 11] = 0x9f;
    splice(&file, file.len - 5, 4, "", 0))

START_TEST(wrong_signature)
{
	struct nf_byok1 *pkg = NULL;
	struct nf_diag diag = { 0 };
	struct nf_buf file;

	make(&file);
	file.p[file.len - 2] ^= 1;
	ck_assert_int_eq(nf_byok1_read(nf_buf_view(&file), &pkg, NULL), 0);
	ck_assert_int_eq(nf_byok1_verify_signature(pkg, &diag), NF_E_VERIFY);
	ck_assert_str_eq(diag.field, "Signature");
	ck_assert_int_eq(nf_byok1_check_ids(pkg, NULL), 0);
	nf_byok1_free(pkg);
	nf_buf_wipe(&file);
}
END_TEST

MUTATION(duplicate_element, "KeyBlob",
    splice(&file, find(&file, "VaultId"), 0, "\x40\x07VaultId\x81", 10))

START_TEST(swapped_elements)
{
	static const uint8_t two[] = "\x40\x0dSchemaVersion\x89\x02";
	struct nf_buf file;

	make(&file);
	splice(&file, find(&file, "SchemaVersion"), sizeof(two) - 1, "", 0);
	splice(&file, find(&file, "VaultId"), 0, two, sizeof(two) - 1);
	refused(&file, "SchemaVersion");
}
END_TEST

MUTATION(no_element, "VaultId",
    splice(&file, find(&file, "VaultId"), 10, "", 0))
MUTATION(trailing_byte, "document", nf_buf_u8(&file, 0))
MUTATION(junk_record, "VaultId",
    splice(&file, find(&file, "VaultId"), 0, "\x00", 1))
MUTATION(dictionary_record, "PublicKey",
    splice(&file, find(&file, "PublicKey"), 11, "\x42\x02", 2))
MUTATION(nested_too_deep, "TenantGeneratedKeyDetails",
    for (int i = 0; i < 9; i++)
	splice(&file, 0, 0, "\x40\x01R", 3))
MUTATION(no_namespace, "xmlns",
    splice(&file, 27, find(&file, "SchemaVersion") - 27, "", 0))
MUTATION(wrong_schema_version, "SchemaVersion",
    at(&file, "SchemaVersion")[16] = 3)

START_TEST(wrong_type)
{
	struct nf_buf file;

	make(&file);
	/* False instead of Zero, Chars8 instead of Bytes8. */
	at(&file, "VaultId")[9] = 0x85;
	refused(&file, "VaultId");
	make(&file);
	at(&file, "Signature")[11] = 0x98;
	refused(&file, "Signature");
}
END_TEST

static void
check_fails(struct nf_buf *file, const char *field)
{
	struct nf_byok1 *pkg = NULL;
	struct nf_diag diag = { 0 };

	resign(file);
	ck_assert_int_eq(nf_byok1_read(nf_buf_view(file), &pkg, NULL), 0);
	ck_assert_int_eq(nf_byok1_verify_signature(pkg, NULL), 0);
	ck_assert_int_eq(nf_byok1_check_ids(pkg, &diag), NF_E_MISMATCH);
	ck_assert_str_eq(diag.field, field);
	nf_byok1_free(pkg);
	nf_buf_wipe(file);
}

/* A case whose signature is right, but not what was signed. */
#define SIGNED(name, field, ...)	\
START_TEST(name)			\
{					\
	struct nf_buf file;		\
					\
	make(&file);			\
	__VA_ARGS__;			\
	check_fails(&file, field);	\
}					\
END_TEST

/* Another digit of the hash. */
static void
other_digit(const struct nf_buf *file)
{
	uint8_t *digit = at(file, "GlobalKeyId") + 13 + 2 + 73;

	*digit = *digit == '7' ? '8' : '7';
}

SIGNED(wrong_global_id, "GlobalKeyId", other_digit(&file))
SIGNED(wrong_tenant, "GlobalKeyId", at(&file, "TenantBposId")[16] = '9')
SIGNED(wrong_file_name, "KeyTokenFileName",
    at(&file, "KeyTokenFileName")[18 + 2] = 'K')

MUTATION(wrong_hkm_case, "SecurityWorldVersion",
    at(&file, "SecurityWorldVersion")[22 + 2] = 'A')
MUTATION(junk_hkm, "SecurityWorldVersion",
    at(&file, "SecurityWorldVersion")[22 + 2] = 'g')
MUTATION(unprintable_name, "KeyFriendlyName",
    at(&file, "KeyFriendlyName")[17 + 2] = '\n')

START_TEST(wrong_global_id_case)
{
	struct nf_buf file;
	uint8_t *text;

	make(&file);
	text = at(&file, "GlobalKeyId") + 13 + 2;
	ck_assert_uint_eq(text[22], 'A');
	text[22] = 'a';
	refused(&file, "GlobalKeyId");
}
END_TEST

START_TEST(short_public_key)
{
	struct nf_buf file;
	size_t off;

	make(&file);
	off = find(&file, "PublicKey") + 11;
	ck_assert_uint_eq(file.p[off], 0x9e);
	ck_assert_uint_eq(file.p[off + 1], 147);
	file.p[off + 1] = 146;
	splice(&file, off + 2 + 100, 1, "", 0);
	refused(&file, "PublicKey");
}
END_TEST

START_TEST(no_environment)
{
	struct nf_diag diag = { 0 };
	struct nf_buf tbs = NF_BUF_INIT;

	parts.environment = "";
	ck_assert_int_eq(nf_byok1_write_unsigned(&parts, &tbs, &diag),
	    NF_E_FORMAT);
	ck_assert_str_eq(diag.field, "SecurityWorldEnvironment");
	ck_assert_uint_eq(tbs.len, 0);
}
END_TEST

START_TEST(long_value)
{
	static uint8_t big[70000];
	struct nf_buf tbs = NF_BUF_INIT, file;
	size_t off;

	parts.key_token = nf_view_of(big, sizeof(big));
	ck_assert_int_eq(nf_byok1_write_unsigned(&parts, &tbs, NULL),
	    NF_E_FORMAT);
	ck_assert_uint_eq(tbs.len, 0);
	parts.key_token = nf_view_of(token, sizeof(token));
	make(&file);
	/* Bytes16 of more than is there, then Bytes32 of 2 GiB. */
	off = find(&file, "KeyBlob") + 9;
	ck_assert_uint_eq(file.p[off], 0xa0);
	file.p[off + 2] = 0xff;
	refused(&file, "KeyBlob");
	make(&file);
	file.p[off] = 0xa2;
	file.p[off + 4] = 0x7f;
	refused(&file, "KeyBlob");
}
END_TEST

START_TEST(long_name)
{
	char name[NF_BYOK1_TEXT_MAX + 2];
	struct nf_diag diag = { 0 };
	struct nf_buf tbs = NF_BUF_INIT;

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	parts.friendly_name = name;
	ck_assert_int_eq(nf_byok1_write_unsigned(&parts, &tbs, &diag),
	    NF_E_FORMAT);
	ck_assert_str_eq(diag.field, "KeyFriendlyName");
	parts.friendly_name = NULL;
}
END_TEST

START_TEST(wrong_tbs)
{
	struct nf_buf tbs = NF_BUF_INIT, out = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	uint8_t sig[128] = { 0 };

	ck_assert_int_eq(nf_byok1_write_unsigned(&parts, &tbs, NULL), 0);
	ck_assert_int_eq(nf_byok1_write_signed(nf_buf_view(&tbs),
	    nf_view_of(sig, 127), &out, &diag), NF_E_FORMAT);
	ck_assert_str_eq(diag.field, "Signature");
	ck_assert_int_eq(nf_byok1_write_signed(nf_view_of(tbs.p, tbs.len - 1),
	    nf_view_of(sig, 128), &out, NULL), NF_E_FORMAT);
	other_digit(&tbs);
	ck_assert_int_eq(nf_byok1_write_signed(nf_buf_view(&tbs),
	    nf_view_of(sig, 128), &out, NULL), NF_E_FORMAT);
	ck_assert_uint_eq(out.len, 0);
	nf_buf_wipe(&tbs);
}
END_TEST

START_TEST(is_not)
{
	static const char start[] = "\x40\x19TenantGeneratedKeyDetails";

	ck_assert(nf_byok1_is(nf_view_of(start, 27)));
	ck_assert(!nf_byok1_is(nf_view_of(start, 26)));
	ck_assert(!nf_byok1_is(nf_view_of(NULL, 0)));
	ck_assert(!nf_byok1_is(nf_view_of("{\"schema_version\": 1, \"h\": 0}",
	    29)));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("transfer/byok1");
	TCase *good = tcase_create("written"), *bad = tcase_create("mutated");

	tcase_set_timeout(good, 60);
	tcase_add_unchecked_fixture(good, setup, parts_teardown);
	tcase_add_test(good, round_trip);
	tcase_add_test(good, every_name_length);
	tcase_add_test(good, short_file);
	tcase_add_test(good, flipped_bit);
	tcase_add_test(good, is_not);
	suite_add_tcase(s, good);
	tcase_add_unchecked_fixture(bad, setup, parts_teardown);
	tcase_add_test(bad, no_signature);
	tcase_add_test(bad, short_signature);
	tcase_add_test(bad, wrong_signature);
	tcase_add_test(bad, duplicate_element);
	tcase_add_test(bad, swapped_elements);
	tcase_add_test(bad, no_element);
	tcase_add_test(bad, trailing_byte);
	tcase_add_test(bad, junk_record);
	tcase_add_test(bad, dictionary_record);
	tcase_add_test(bad, nested_too_deep);
	tcase_add_test(bad, no_namespace);
	tcase_add_test(bad, wrong_schema_version);
	tcase_add_test(bad, wrong_type);
	tcase_add_test(bad, wrong_global_id);
	tcase_add_test(bad, wrong_tenant);
	tcase_add_test(bad, wrong_file_name);
	tcase_add_test(bad, wrong_hkm_case);
	tcase_add_test(bad, wrong_global_id_case);
	tcase_add_test(bad, junk_hkm);
	tcase_add_test(bad, short_public_key);
	tcase_add_test(bad, unprintable_name);
	tcase_add_test(bad, no_environment);
	tcase_add_test(bad, long_value);
	tcase_add_test(bad, long_name);
	tcase_add_test(bad, wrong_tbs);
	suite_add_tcase(s, bad);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
