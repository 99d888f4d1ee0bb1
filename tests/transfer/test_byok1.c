/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Method-1 packages that this program writes and signs itself, and their
 * mutations.  The RSA key is made at the start: no private key is kept.
 */
#include "config.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "nfast/base/digest.h"
#include "tests/tap.h"
#include "transfer/byok1.h"

#define TOKEN	600
#define TAIL	144	/* Signature of 128 bytes and the last EndElement */

static EVP_PKEY *key;
static struct nf_buf blob;
static struct nf_byok1_parts parts;
static uint8_t token[TOKEN];

static void
setup(void)
{
	uint8_t n[128], e[] = { 1, 0, 1 };
	BIGNUM *bn = NULL;

	ck_assert_ptr_nonnull(key = EVP_RSA_gen(1024));
	ck_assert_int_eq(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N,
	    &bn), 1);
	ck_assert_int_eq(BN_bn2lebinpad(bn, n, 128), 128);
	BN_free(bn);
	nf_buf_init(&blob);
	ck_assert_int_eq(nf_byok1_publickey_blob(nf_view_of(e, 3),
	    nf_view_of(n, 128), &blob, NULL), 0);
	memset(&parts, 0, sizeof(parts));
	for (size_t i = 0; i < TOKEN; i++)
		token[i] = (uint8_t)(i * 5 + 3);
	ck_assert_int_eq(nf_byok1_guid("11111111-2222-3333-4444-abcdefabcdef",
	    parts.tenant), 0);
	parts.public_key = nf_buf_view(&blob);
	parts.creation_time = nf_byok1_time(1400000000, 0);
	parts.friendly_name = "mutated";
	parts.environment = "Simulated";
	memset(parts.hkm, 0xab, 20);
	parts.key_token = nf_view_of(token, TOKEN);
	parts.kek_identifier = "xferwrapping,kek-test-1";
	memset(parts.kek_hash, 0xcd, 20);
}

static void
teardown(void)
{
	EVP_PKEY_free(key);
	nf_buf_wipe(&blob);
}

static void
sign(struct nf_view tbs, uint8_t sig[static 128])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t len = 128;

	ck_assert_int_eq(EVP_DigestSignInit_ex(ctx, NULL, "SHA256", NULL,
	    NULL, key, NULL), 1);
	ck_assert_int_eq(EVP_DigestSign(ctx, sig, &len, tbs.p, tbs.len), 1);
	ck_assert_uint_eq(len, 128);
	EVP_MD_CTX_free(ctx);
}

static void
make(struct nf_buf *file)
{
	struct nf_buf tbs = NF_BUF_INIT;
	uint8_t sig[128];

	nf_buf_init(file);
	ck_assert_int_eq(nf_byok1_write_unsigned(&parts, &tbs, NULL), 0);
	sign(nf_buf_view(&tbs), sig);
	ck_assert_int_eq(nf_byok1_write_signed(nf_buf_view(&tbs),
	    nf_view_of(sig, 128), file, NULL), 0);
	nf_buf_wipe(&tbs);
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

/* Replace file[at..at+cut) by other bytes. */
static void
splice(struct nf_buf *file, size_t at, size_t cut, const void *p, size_t len)
{
	struct nf_buf out = NF_BUF_INIT;

	nf_buf_put(&out, file->p, at);
	nf_buf_put(&out, p, len);
	nf_buf_put(&out, file->p + at + cut, file->len - at - cut);
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
		size_t at = pkg->span[f].off;

		if (f >= NF_BYOK1_KEY_TOKEN_TYPE)
			ck_assert_mem_eq(pkg->key_blob.p + at + 2, name,
			    strlen(name));
		else
			ck_assert_uint_eq(at, find(&file, name));
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

START_TEST(short_signature)
{
	struct nf_buf file;

	make(&file);
	/* Without the record of the last two bytes: 9e becomes 9f. */
	file.p[file.len - TAIL + 11] = 0x9f;
	splice(&file, file.len - 5, 4, "", 0);
	refused(&file, "Signature");
}
END_TEST

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

START_TEST(duplicate_element)
{
	static const uint8_t vault[] = "\x40\x07VaultId\x81";
	struct nf_buf file;

	make(&file);
	splice(&file, find(&file, "VaultId"), 0, vault, sizeof(vault) - 1);
	refused(&file, "KeyBlob");
}
END_TEST

START_TEST(swapped_elements)
{
	static const uint8_t two[] = "\x40\x0dSchemaVersion\x89\x02";
	struct nf_buf file;
	size_t at;

	make(&file);
	at = find(&file, "SchemaVersion");
	splice(&file, at, sizeof(two) - 1, "", 0);
	splice(&file, find(&file, "VaultId"), 0, two, sizeof(two) - 1);
	refused(&file, "SchemaVersion");
}
END_TEST

START_TEST(no_element)
{
	struct nf_buf file;

	make(&file);
	splice(&file, find(&file, "VaultId"), 10, "", 0);
	refused(&file, "VaultId");
}
END_TEST

START_TEST(trailing_byte)
{
	struct nf_buf file;

	make(&file);
	nf_buf_u8(&file, 0);
	refused(&file, "document");
}
END_TEST

START_TEST(junk_record)
{
	struct nf_buf file;

	make(&file);
	splice(&file, find(&file, "VaultId"), 0, "\x00", 1);
	refused(&file, "VaultId");
}
END_TEST

START_TEST(dictionary_record)
{
	struct nf_buf file;

	make(&file);
	splice(&file, find(&file, "PublicKey"), 11, "\x42\x02", 2);
	refused(&file, "PublicKey");
}
END_TEST

START_TEST(nested_too_deep)
{
	struct nf_buf file;

	make(&file);
	for (int i = 0; i < 9; i++)
		splice(&file, 0, 0, "\x40\x01R", 3);
	refused(&file, "TenantGeneratedKeyDetails");
}
END_TEST

START_TEST(no_namespace)
{
	struct nf_buf file;

	make(&file);
	splice(&file, 27, find(&file, "SchemaVersion") - 27, "", 0);
	refused(&file, "xmlns");
}
END_TEST

START_TEST(wrong_schema_version)
{
	struct nf_buf file;

	make(&file);
	file.p[find(&file, "SchemaVersion") + 16] = 3;
	refused(&file, "SchemaVersion");
}
END_TEST

START_TEST(wrong_type)
{
	struct nf_buf file;

	make(&file);
	/* False instead of Zero, Chars8 instead of Bytes8. */
	file.p[find(&file, "VaultId") + 9] = 0x85;
	refused(&file, "VaultId");
	make(&file);
	file.p[find(&file, "Signature") + 11] = 0x98;
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

START_TEST(wrong_global_id)
{
	struct nf_buf file;
	uint8_t *digit;

	make(&file);
	digit = file.p + find(&file, "GlobalKeyId") + 13 + 2 + 73;
	*digit = *digit == '7' ? '8' : '7';
	check_fails(&file, "GlobalKeyId");
}
END_TEST

START_TEST(wrong_tenant)
{
	struct nf_buf file;

	make(&file);
	file.p[find(&file, "TenantBposId") + 16] = '9';
	check_fails(&file, "GlobalKeyId");
}
END_TEST

START_TEST(wrong_file_name)
{
	struct nf_buf file;

	make(&file);
	file.p[find(&file, "KeyTokenFileName") + 18 + 2] = 'K';
	check_fails(&file, "KeyTokenFileName");
}
END_TEST

START_TEST(wrong_hkm_case)
{
	struct nf_buf file;

	make(&file);
	file.p[find(&file, "SecurityWorldVersion") + 22 + 2] = 'A';
	refused(&file, "SecurityWorldVersion");
}
END_TEST

START_TEST(wrong_global_id_case)
{
	struct nf_buf file;
	uint8_t *text;

	make(&file);
	text = file.p + find(&file, "GlobalKeyId") + 13 + 2;
	ck_assert_uint_eq(text[22], 'A');
	text[22] = 'a';
	refused(&file, "GlobalKeyId");
}
END_TEST

START_TEST(junk_hkm)
{
	struct nf_buf file;

	make(&file);
	file.p[find(&file, "SecurityWorldVersion") + 22 + 2] = 'g';
	refused(&file, "SecurityWorldVersion");
}
END_TEST

START_TEST(short_public_key)
{
	struct nf_buf file;
	size_t at;

	make(&file);
	at = find(&file, "PublicKey") + 11;
	ck_assert_uint_eq(file.p[at], 0x9e);
	ck_assert_uint_eq(file.p[at + 1], 147);
	file.p[at + 1] = 146;
	splice(&file, at + 2 + 100, 1, "", 0);
	refused(&file, "PublicKey");
}
END_TEST

START_TEST(unprintable_name)
{
	struct nf_buf file;

	make(&file);
	file.p[find(&file, "KeyFriendlyName") + 17 + 2] = '\n';
	refused(&file, "KeyFriendlyName");
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
	size_t at;

	parts.key_token = nf_view_of(big, sizeof(big));
	ck_assert_int_eq(nf_byok1_write_unsigned(&parts, &tbs, NULL),
	    NF_E_FORMAT);
	ck_assert_uint_eq(tbs.len, 0);
	parts.key_token = nf_view_of(token, TOKEN);
	make(&file);
	/* Bytes16 of more than is there, then Bytes32 of 2 GiB. */
	at = find(&file, "KeyBlob") + 9;
	ck_assert_uint_eq(file.p[at], 0xa0);
	file.p[at + 2] = 0xff;
	refused(&file, "KeyBlob");
	make(&file);
	file.p[at] = 0xa2;
	file.p[at + 4] = 0x7f;
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
	uint8_t *digit;

	ck_assert_int_eq(nf_byok1_write_unsigned(&parts, &tbs, NULL), 0);
	ck_assert_int_eq(nf_byok1_write_signed(nf_buf_view(&tbs),
	    nf_view_of(sig, 127), &out, &diag), NF_E_FORMAT);
	ck_assert_str_eq(diag.field, "Signature");
	ck_assert_int_eq(nf_byok1_write_signed(nf_view_of(tbs.p, tbs.len - 1),
	    nf_view_of(sig, 128), &out, NULL), NF_E_FORMAT);
	digit = tbs.p + find(&tbs, "GlobalKeyId") + 13 + 2 + 73;
	*digit = *digit == '7' ? '8' : '7';
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
	tcase_add_unchecked_fixture(good, setup, teardown);
	tcase_add_test(good, round_trip);
	tcase_add_test(good, every_name_length);
	tcase_add_test(good, short_file);
	tcase_add_test(good, flipped_bit);
	tcase_add_test(good, is_not);
	suite_add_tcase(s, good);
	tcase_add_unchecked_fixture(bad, setup, teardown);
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
