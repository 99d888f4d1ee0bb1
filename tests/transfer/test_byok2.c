/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Method-2 files: our own writer's, the real sample, every truncation, and
 * one fault at a time with the part and the field that it is reported under.
 */
#include "config.h"

#include "tests/tap.h"
#include "transfer/byok2.h"

#define SAMPLE	"method2_SecurosysPrimusByokR4k.byok.json"
#define KID	"https://contoso.vault.azure.net/keys/KEKforBYOK/" \
		"083cf1b67d314d15b1fa46915cde3217"
#define GEN	"secworld 1; \"a\\b\""
#define C_LEN	(512 + 152)

static struct nf_diag diag;
static struct nf_diag parts[NF_BYOK2_PARTS];
static struct nf_byok2 f;
static uint8_t c[C_LEN];
static struct nf_buf good;

static void
setup(void)
{
	for (size_t i = 0; i < C_LEN; i++)
		c[i] = (uint8_t)(i * 7 + 251);
	nf_buf_init(&good);
	nf_diag_clear(&diag);
	ck_assert_int_eq(nf_byok2_write(&good, KID, nf_view_of(c, C_LEN),
	    GEN, &diag), 0);
	memset(&f, 0, sizeof(f));
}

static void
teardown(void)
{
	nf_byok2_wipe(&f);
	nf_buf_wipe(&good);
}

static int
read_view(struct nf_view v)
{
	nf_byok2_wipe(&f);
	nf_diag_clear(&diag);
	return nf_byok2_read(v, &f, &diag);
}

static int
read_text(const char *s)
{
	return read_view(nf_view_of(s, strlen(s)));
}

/* The good file with the first occurrence of a text replaced. */
static int
mutate(const char *old, const char *new)
{
	const char *text = nf_buf_text(&good), *at = strstr(text, old);
	struct nf_buf out = NF_BUF_INIT;
	int r;

	ck_assert_ptr_nonnull(at);
	nf_buf_put(&out, text, (size_t)(at - text));
	nf_buf_str(&out, new);
	nf_buf_str(&out, at + strlen(old));
	r = read_view(nf_buf_view(&out));
	nf_byok2_wipe(&f);
	(void)nf_byok2_lint(nf_buf_view(&out), &f, parts);
	nf_buf_wipe(&out);
	return r;
}

static size_t
faults(void)
{
	size_t n = 0;

	for (size_t i = 0; i < NF_BYOK2_PARTS; i++)
		n += parts[i].code != 0;
	return n;
}

START_TEST(round_trip)
{
	ck_assert(nf_byok2_is(nf_buf_view(&good)));
	ck_assert_int_eq(read_view(nf_buf_view(&good)), 0);
	ck_assert(nf_view_is(f.schema, "1.0.0"));
	ck_assert(nf_view_is(f.kid, KID));
	ck_assert(nf_view_is(f.alg, "dir"));
	ck_assert(nf_view_is(f.enc, "CKM_RSA_AES_KEY_WRAP"));
	ck_assert(nf_view_is(f.generator, GEN));
	ck_assert(nf_view_equal(f.ciphertext, nf_view_of(c, C_LEN)));
	ck_assert(!f.padded);
	ck_assert(!f.release);
	ck_assert(!nf_byok2_simulated(&f));
}
END_TEST

START_TEST(order_of_members)
{
	static const char *const names[] = { "\"schema_version\": \"1.0.0\"",
	    "\"header\"", "\"kid\"", "\"alg\": \"dir\"",
	    "\"enc\": \"CKM_RSA_AES_KEY_WRAP\"", "\"ciphertext\"",
	    "\"generator\"" };
	const char *at = nf_buf_text(&good);

	for (size_t i = 0; i < 7; i++) {
		at = strstr(at, names[i]);
		ck_assert_ptr_nonnull(at);
	}
	ck_assert_ptr_null(strchr(nf_buf_text(&good), '='));
}
END_TEST

START_TEST(generator)
{
	struct nf_buf gen = NF_BUF_INIT, out = NF_BUF_INIT;

	nf_byok2_generator(&gen, NF_BYOK2_SIMULATED " nShield", false);
	ck_assert_int_eq(nf_byok2_write(&out, KID, nf_view_of(c, C_LEN),
	    nf_buf_text(&gen), NULL), 0);
	ck_assert_int_eq(read_view(nf_buf_view(&out)), 0);
	ck_assert(nf_byok2_simulated(&f));
	nf_buf_wipe(&gen);
	nf_buf_wipe(&out);
}
END_TEST

START_TEST(sample)
{
	struct nf_byok2_shape shape;
	struct nf_buf file;

	if (nf_tap_samples() == NULL)
		return;
	nf_tap_sample(SAMPLE, &file);
	ck_assert(nf_byok2_is(nf_buf_view(&file)));
	ck_assert_int_eq(read_view(nf_buf_view(&file)), 0);
	ck_assert(f.padded);
	ck_assert(nf_view_is(f.generator,
	    "Primus Java BYOK-Tool v1.2; GRIMSEL RX-2.9.0-T"));
	ck_assert_uint_eq(f.ciphertext.len, 512 + 2384);
	ck_assert_int_eq(nf_byok2_shape(f.ciphertext.len, 512, &shape, NULL),
	    0);
	ck_assert_uint_eq(shape.n_like, 1);
	ck_assert_str_eq(shape.like[0], "RSA-4096");
	for (size_t n = 0; n + 2 < file.len; n++)
		ck_assert_int_eq(read_view(nf_view_of(file.p, n)),
		    NF_E_FORMAT);
	nf_buf_wipe(&file);
}
END_TEST

START_TEST(short_file)
{
	for (size_t n = 0; n + 2 < good.len; n++) {
		ck_assert_int_eq(read_view(nf_view_of(good.p, n)),
		    NF_E_FORMAT);
		ck_assert_int_ne(diag.text[0], '\0');
	}
	ck_assert_int_eq(read_view(nf_view_of(good.p, good.len - 1)), 0);
}
END_TEST

/* old -> new, where it is reported, and a word of the reason. */
static const struct {
	const char *old, *new;
	enum nf_byok2_part part;
	const char *field, *text;
} bad[] = {
	{ "\"1.0.0\"", "\"1.0.1\"", NF_BYOK2_BAD_MEMBERS, "schema_version",
	    "neither" },
	{ "\"1.0.0\"", "1.0", NF_BYOK2_BAD_MEMBERS, "schema_version",
	    "not a text" },
	{ "  \"schema_version\": \"1.0.0\",\n", "", NF_BYOK2_BAD_MEMBERS,
	    "schema_version", "missing" },
	{ "    \"alg\": \"dir\",\n", "", NF_BYOK2_BAD_MEMBERS, "alg",
	    "missing" },
	{ "\"kid\"", "\"kib\"", NF_BYOK2_BAD_MEMBERS, "kib", "its header" },
	{ "\"kid\": \"" KID "\"", "\"kid\": null", NF_BYOK2_BAD_MEMBERS,
	    "kid", "not a text" },
	{ ",\n  \"generator\": \"secworld 1; \\\"a\\\\b\\\"\"", "",
	    NF_BYOK2_BAD_MEMBERS, "generator", "missing" },
	{ "\"generator\"", "\"tag\": \"\", \"generator\"",
	    NF_BYOK2_BAD_MEMBERS, "tag", "called that" },
	{ "\"header\": {", "\"header\": [], \"h\": {", NF_BYOK2_BAD_MEMBERS,
	    "header", "not an object" },
	{ "\"ciphertext\": \"", "\"ciphertext\": 1, \"x\": \"",
	    NF_BYOK2_BAD_MEMBERS, "ciphertext", "not a text" },
	{ "https://contoso", "http://contoso", NF_BYOK2_BAD_KID,
	    "kid scheme", "https" },
	{ "\"dir\"", "\"Dir\"", NF_BYOK2_BAD_ALG, "alg", "not dir" },
	{ "KEY_WRAP\"", "KEY_WRAP_PAD\"", NF_BYOK2_BAD_ENC, "enc", "prose" },
	{ "CKM_RSA_AES_KEY_WRAP", "RSA_AES_KEY_WRAP_256", NF_BYOK2_BAD_ENC,
	    "enc", "Secure Key Release" },
	{ "CKM_RSA_AES_KEY_WRAP", "RSA-OAEP", NF_BYOK2_BAD_ENC, "enc",
	    "'RSA-OAEP'" },
	{ "\"ciphertext\": \"-", "\"ciphertext\": \"+",
	    NF_BYOK2_BAD_BASE64, "ciphertext", "plain base64" },
	{ "\"ciphertext\": \"-", "\"ciphertext\": \"/",
	    NF_BYOK2_BAD_BASE64, "ciphertext", "plain base64" },
	{ "\"ciphertext\": \"-", "\"ciphertext\": \" ",
	    NF_BYOK2_BAD_BASE64, "ciphertext", "0x20" },
	{ "\"ciphertext\": \"-", "\"ciphertext\": \"\\n-",
	    NF_BYOK2_BAD_BASE64, "ciphertext", "0x0a" },
	{ "\"ciphertext\": \"-", "\"ciphertext\": \"=",
	    NF_BYOK2_BAD_BASE64, "ciphertext", "only ends" },
	{ "\"ciphertext\": \"-", "\"ciphertext\": \"AAA-",
	    NF_BYOK2_BAD_BASE64, "ciphertext", "no bytes" },
	{ "\",\n  \"generator\"", "=\",\n  \"generator\"",
	    NF_BYOK2_BAD_PADDING, "ciphertext", "2 of '='" },
	{ "\",\n  \"generator\"", "===\",\n  \"generator\"",
	    NF_BYOK2_BAD_PADDING, "ciphertext", "2 of '='" },
	{ "\",\n  \"generator\"", "======\",\n  \"generator\"",
	    NF_BYOK2_BAD_PADDING, "ciphertext", "2 of '='" },
	{ "\"ciphertext\": \"", "\"ciphertext\": \"AAAA",
	    NF_BYOK2_BAD_LENGTH, "ciphertext", "multiples of 8" }
};

START_TEST(fault)
{
	ck_assert_int_eq(mutate(bad[_i].old, bad[_i].new), NF_E_FORMAT);
	ck_assert_str_eq(parts[bad[_i].part].field, bad[_i].field);
	ck_assert_ptr_nonnull(strstr(parts[bad[_i].part].text,
	    bad[_i].text));
	ck_assert_str_eq(diag.text, parts[bad[_i].part].text);
	ck_assert_uint_eq(faults(), 1);
}
END_TEST

/* What is not readable at all, and why. */
START_TEST(json_faults)
{
	ck_assert_int_eq(mutate("\"alg\"", "\"enc\""), NF_E_FORMAT);
	ck_assert_ptr_nonnull(strstr(diag.text, "duplicate"));
	ck_assert_int_eq(mutate("{\n", "{,\n"), NF_E_FORMAT);
	ck_assert(diag.has_offset);
	ck_assert_int_eq(mutate("\"dir\"", "\"di\\u0000\""), NF_E_FORMAT);
	ck_assert_int_eq(mutate("\"dir\"", "\"di\xff\""), NF_E_FORMAT);
	ck_assert_int_eq(mutate("\"dir\"", "\"di\tr\""), NF_E_FORMAT);
	ck_assert_int_eq(mutate("\n}\n", "\n}\n}"), NF_E_FORMAT);
	ck_assert_int_eq(mutate("{\n  \"s", "[{\n  \"s"), NF_E_FORMAT);
	ck_assert_int_eq(read_text(""), NF_E_FORMAT);
	ck_assert_ptr_nonnull(strstr(diag.text, "empty"));
	ck_assert_int_eq(read_text("{}"), NF_E_FORMAT);
	ck_assert_ptr_nonnull(strstr(diag.text, "not a method-2 file"));
}
END_TEST

START_TEST(byte_order_mark)
{
	struct nf_buf out = NF_BUF_INIT;

	nf_buf_str(&out, "\xef\xbb\xbf");
	nf_buf_view_put(&out, nf_buf_view(&good));
	ck_assert(nf_byok2_is(nf_buf_view(&out)));
	ck_assert_int_eq(read_view(nf_buf_view(&out)), NF_E_FORMAT);
	ck_assert_ptr_nonnull(strstr(diag.text, "byte order mark"));
	nf_buf_wipe(&out);
}
END_TEST

START_TEST(utf16)
{
	struct nf_buf out = NF_BUF_INIT;

	for (size_t be = 0; be < 2; be++) {
		nf_buf_wipe(&out);
		nf_buf_str(&out, be ? "\xfe\xff" : "\xff\xfe");
		for (size_t i = 0; i < good.len; i++)
			nf_buf_u16(&out, (uint16_t)(be ? good.p[i] << 8 :
			    good.p[i]));
		ck_assert(nf_byok2_is(nf_buf_view(&out)));
		ck_assert_int_eq(read_view(nf_buf_view(&out)), NF_E_FORMAT);
		ck_assert_ptr_nonnull(strstr(diag.text, "UTF-16"));
	}
	nf_buf_wipe(&out);
}
END_TEST

START_TEST(single_quotes)
{
	static const char pseudo[] = "{'schema_version': '1.0.0', "
	    "'header': {'kid': '" KID "', 'alg': 'dir', "
	    "'enc': 'CKM_RSA_AES_KEY_WRAP'}, 'ciphertext': 'AAAA', "
	    "'generator': 'x'}";

	ck_assert(nf_byok2_is(nf_view_of(pseudo, sizeof(pseudo) - 1)));
	ck_assert_int_eq(read_text(pseudo), NF_E_FORMAT);
	ck_assert_ptr_nonnull(strstr(diag.text, "single quotes"));
}
END_TEST

START_TEST(max_file)
{
	size_t n = NF_BYOK2_MAX - good.len;

	nf_buf_fill(&good, '\n', n);
	ck_assert_int_eq(read_view(nf_buf_view(&good)), 0);
	nf_buf_u8(&good, '\n');
	ck_assert_int_eq(read_view(nf_buf_view(&good)), NF_E_FORMAT);
	ck_assert_ptr_nonnull(strstr(diag.text, "65536"));
}
END_TEST

START_TEST(max_text)
{
	char text[NF_BYOK2_TEXT_MAX + 3];

	memset(text, 'x', sizeof(text));
	text[0] = '"';
	text[NF_BYOK2_TEXT_MAX + 1] = '"';
	text[NF_BYOK2_TEXT_MAX + 2] = '\0';
	ck_assert_int_eq(mutate("\"secworld 1; \\\"a\\\\b\\\"\"", text), 0);
	ck_assert_int_eq(mutate("\"secworld 1", "\"" "secworld 1"), 0);
	text[NF_BYOK2_TEXT_MAX + 1] = '\0';
	ck_assert_int_eq(mutate("\"secworld 1", text), NF_E_FORMAT);
	ck_assert_str_eq(diag.field, "generator");
}
END_TEST

START_TEST(nested_depth)
{
	struct nf_buf out = NF_BUF_INIT;

	nf_buf_str(&out, "{\"ciphertext\":");
	nf_buf_fill(&out, '[', 60000);
	ck_assert_int_eq(read_view(nf_buf_view(&out)), NF_E_FORMAT);
	nf_buf_wipe(&out);
}
END_TEST

START_TEST(right_padding)
{
	ck_assert_int_eq(mutate("\",\n  \"generator\"",
	    "==\",\n  \"generator\""), 0);
	ck_assert(f.padded);
	ck_assert(nf_view_equal(f.ciphertext, nf_view_of(c, C_LEN)));
}
END_TEST

/* 664 bytes end in a digit of which four bits are unused. */
START_TEST(unused_bits)
{
	const char *text = nf_buf_text(&good);
	char old[32], new[32];
	const char *end = strstr(text, "\",\n  \"generator\"");

	ck_assert_ptr_nonnull(end);
	(void)snprintf(old, sizeof(old), "%.17s", end - 1);
	memcpy(new, old, sizeof(old));
	new[0]++;
	ck_assert_int_eq(mutate(old, new), NF_E_FORMAT);
	ck_assert_uint_eq(faults(), 1);
	ck_assert_ptr_nonnull(strstr(parts[NF_BYOK2_BAD_BASE64].text,
	    "unused bits"));
}
END_TEST

START_TEST(zero_ciphertext)
{
	static const char text[] = "{\"schema_version\": \"1.0.0\", "
	    "\"header\": {\"kid\": \"" KID "\", \"alg\": \"dir\", "
	    "\"enc\": \"CKM_RSA_AES_KEY_WRAP\"}, \"ciphertext\": \"\", "
	    "\"generator\": \"\"}";

	ck_assert_int_eq(read_text(text), NF_E_FORMAT);
	ck_assert_str_eq(diag.field, "ciphertext");
	ck_assert_str_eq(diag.text, "empty");
}
END_TEST

/* All faults of one file are told, each in its part. */
START_TEST(many_faults)
{
	static const char text[] = "{\"schema_version\": \"2\", "
	    "\"header\": {\"kid\": \"x\", \"alg\": \"RSA\", "
	    "\"enc\": \"A\"}, \"ciphertext\": \"AAAA=\"}";

	ck_assert_int_eq(nf_byok2_lint(nf_view_of(text, sizeof(text) - 1),
	    &f, parts), 0);
	ck_assert_uint_eq(faults(), 6);
	ck_assert_int_eq(parts[NF_BYOK2_BAD_BASE64].code, 0);
	ck_assert_int_eq(parts[NF_BYOK2_BAD_PADDING].code, NF_E_FORMAT);
	ck_assert_int_eq(parts[NF_BYOK2_BAD_LENGTH].code, NF_E_FORMAT);
}
END_TEST

START_TEST(release)
{
	ck_assert_int_eq(mutate("1.0.0", "1.0"), 0);
	ck_assert(f.release);
	ck_assert_int_eq(mutate("\"1.0.0\",\n  \"header\": {\n    \"kid\": \""
	    KID "\",\n    \"alg\": \"dir\",\n    \"enc\": \""
	    "CKM_RSA_AES_KEY_WRAP\"", "\"1.0\",\n  \"header\": {\n    "
	    "\"kid\": \"Ephemeral\",\n    \"alg\": \"dir\",\n    "
	    "\"enc\": \"RSA_AES_KEY_WRAP_384\""), 0);
	ck_assert(f.release);
	ck_assert(nf_view_is(f.kid, "Ephemeral"));
}
END_TEST

START_TEST(not_others)
{
	static const char *const texts[] = { "", " ", "{", "[\"ciphertext\"]",
	    "{\"modstatemsg\": \"\", \"ciphertext\": \"\"}",
	    "{\"keys\": []}", "\"ciphertext\"", "\x01{\"ciphertext\"",
	    "{\"schema_version\": \"1.0.0\"}" };
	struct nf_buf file;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		ck_assert(!nf_byok2_is(nf_view_of(texts[i],
		    strlen(texts[i]))));
	if (nf_tap_samples() == NULL)
		return;
	nf_tap_sample("key_simple_test1.att", &file);
	ck_assert(!nf_byok2_is(nf_buf_view(&file)));
	nf_buf_wipe(&file);
}
END_TEST

/* The service wants a version; that is for a warning to say. */
START_TEST(write_without_version)
{
	struct nf_buf out = NF_BUF_INIT;
	struct nf_byok2 back;

	ck_assert_int_eq(nf_byok2_write(&out, "https://a.test/keys/k",
	    nf_view_of(c, C_LEN), "g", &diag), 0);
	ck_assert_int_eq(nf_byok2_read(nf_buf_view(&out), &back, &diag), 0);
	ck_assert(nf_view_is(back.kid, "https://a.test/keys/k"));
	nf_byok2_wipe(&back);
	nf_buf_wipe(&out);
}
END_TEST

START_TEST(write_refuses)
{
	struct nf_view v = nf_view_of(c, C_LEN);
	struct nf_buf out = NF_BUF_INIT;

	ck_assert_int_eq(nf_byok2_write(&out, "https://a.test/k", v, "g",
	    &diag), NF_E_FORMAT);
	ck_assert_str_eq(diag.field, "kid path");
	nf_diag_clear(&diag);
	ck_assert_int_eq(nf_byok2_write(&out, "http://a.test/keys/k", v, "g",
	    &diag), NF_E_FORMAT);
	ck_assert_str_eq(diag.field, "kid scheme");
	nf_diag_clear(&diag);
	ck_assert_int_eq(nf_byok2_write(&out, KID, v, "g\n", &diag),
	    NF_E_FORMAT);
	ck_assert_str_eq(diag.field, "generator");
	nf_diag_clear(&diag);
	ck_assert_int_eq(nf_byok2_write(&out, KID, nf_view_of(c, C_LEN - 1),
	    "g", &diag), NF_E_FORMAT);
	ck_assert_str_eq(diag.field, "ciphertext");
	ck_assert_uint_eq(out.len, 0);
}
END_TEST

/* Plaintext bytes, C2 bytes and the name, measured with OpenSSL. */
static const struct {
	size_t plain, c2;
	const char *like;
} targets[] = {
	{ 1215, 1224, "RSA-2048" }, { 1219, 1232, "RSA-2048" },
	{ 1792, 1800, "RSA-3072" }, { 1794, 1808, "RSA-3072" },
	{ 2372, 2384, "RSA-4096" }, { 2376, 2384, "RSA-4096" },
	{ 138, 152, "EC P-256" }, { 185, 200, "EC P-384" },
	{ 241, 256, "EC P-521" }, { 135, 144, "EC P-256K" },
	{ 67, 80, "EC P-256 without its public key" },
	{ 16, 24, "oct-128" }, { 24, 32, "oct-192" }, { 32, 40, "oct-256" }
};

/* RFC 5649: bytes of C2 for n bytes of plaintext. */
static size_t
c2_len(size_t n)
{
	return (n + 7) / 8 * 8 + 8;
}

START_TEST(shapes)
{
	struct nf_byok2_shape s;

	ck_assert_uint_eq(c2_len(targets[_i].plain),
	    targets[_i].c2);
	for (const size_t *k = nf_byok2_kek_bytes; *k != 0; k++) {
		bool found = false;

		ck_assert_int_eq(nf_byok2_shape(*k + targets[_i].c2, *k, &s,
		    NULL), 0);
		ck_assert_uint_eq(s.c1, *k);
		ck_assert_uint_eq(s.c2, targets[_i].c2);
		ck_assert_uint_le(s.plain_min, targets[_i].plain);
		ck_assert_uint_ge(s.plain_max, targets[_i].plain);
		for (size_t i = 0; i < s.n_like; i++)
			found = found ||
			    strcmp(s.like[i], targets[_i].like) == 0;
		ck_assert(found);
	}
}
END_TEST

START_TEST(shape_bounds)
{
	struct nf_byok2_shape s;

	nf_diag_clear(&diag);
	ck_assert_int_eq(nf_byok2_shape(256 + 15, 256, &s, &diag),
	    NF_E_FORMAT);
	ck_assert_int_eq(nf_byok2_shape(0, 256, &s, NULL), NF_E_FORMAT);
	ck_assert_int_eq(nf_byok2_shape(256 + 16, 256, &s, NULL), 0);
	ck_assert_uint_eq(s.plain_min, 1);
	ck_assert_uint_eq(s.plain_max, 8);
	ck_assert_uint_eq(s.n_like, 0);
	ck_assert_int_eq(nf_byok2_shape(256 + 20, 256, &s, NULL),
	    NF_E_FORMAT);
	ck_assert_int_eq(nf_byok2_shape(4096, 128, &s, NULL), NF_E_USAGE);
	ck_assert_int_eq(nf_byok2_shape(4096, 0, &s, NULL), NF_E_USAGE);
	for (size_t n = 1; n < 3000; n++) {
		ck_assert_int_eq(nf_byok2_shape(256 + c2_len(n),
		    256, &s, NULL), 0);
		ck_assert(s.plain_min <= n && n <= s.plain_max);
	}
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("transfer/byok2");
	TCase *tc = tcase_create("byok2");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, round_trip);
	tcase_add_test(tc, order_of_members);
	tcase_add_test(tc, generator);
	tcase_add_test(tc, sample);
	tcase_add_test(tc, short_file);
	tcase_add_loop_test(tc, fault, 0, (int)(sizeof(bad) /
	    sizeof(bad[0])));
	tcase_add_test(tc, json_faults);
	tcase_add_test(tc, byte_order_mark);
	tcase_add_test(tc, utf16);
	tcase_add_test(tc, single_quotes);
	tcase_add_test(tc, max_file);
	tcase_add_test(tc, max_text);
	tcase_add_test(tc, nested_depth);
	tcase_add_test(tc, right_padding);
	tcase_add_test(tc, unused_bits);
	tcase_add_test(tc, zero_ciphertext);
	tcase_add_test(tc, many_faults);
	tcase_add_test(tc, release);
	tcase_add_test(tc, not_others);
	tcase_add_test(tc, write_without_version);
	tcase_add_test(tc, write_refuses);
	tcase_add_loop_test(tc, shapes, 0, (int)(sizeof(targets) /
	    sizeof(targets[0])));
	tcase_add_test(tc, shape_bounds);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
