/* SPDX-License-Identifier: Apache-2.0 */
/* Key blobs: ours round trip, those of the real packages open. */
#include "config.h"

#include "nfast/wire/blob.h"
#include "tests/wire/samples.h"
#include "tests/wire/wire.h"

static const uint8_t iv[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };

static int
blob(struct nf_cur *cur)
{
	struct nf_blob b;

	nf_wire_blob_read(cur, &b);
	return nf_cur_err(cur);
}

static int
blobkey(struct nf_cur *cur)
{
	struct nf_blobkey key;
	int r = nf_wire_blobkey_read(cur, &key);

	if (r != 0)
		ck_assert_ptr_null(key.acl);
	nf_blobkey_wipe(&key);
	return r;
}

/* A null-key blob of the RFC's DSA key with a public key's ACL. */
static void
make(struct nf_buf *out, struct nf_buf *plain)
{
	struct nf_blobkey key = { .acl = NULL };
	struct nf_buf acl, dsa[4];
	struct nf_cur cur;

	nf_tap_unhex(VEC_ACL_PUBLIC, &acl);
	nf_cur_init(&cur, acl.p, acl.len, NULL);
	ck_assert_int_eq(nf_wire_acl_read(&cur, &key.acl), 0);
	key.key = wire_dsa_key(dsa);
	memset(key.appdata, 0x5a, sizeof(key.appdata));
	nf_buf_init(out);
	ck_assert_int_eq(nf_wire_nullblob_write(out, &key, iv), 0);
	nf_buf_init(plain);
	nf_wire_blobkey_write(plain, &key);
	ck_assert_int_eq(nf_buf_err(plain), 0);
	nf_blobkey_wipe(&key);
	nf_buf_wipe(&acl);
	for (size_t i = 0; i < 4; i++)
		nf_buf_wipe(&dsa[i]);
}

static int
open_blob(const struct nf_buf *wire, struct nf_buf *plain,
    struct nf_blobkey *key, struct nf_diag *diag)
{
	struct nf_blob b;
	struct nf_cur cur;

	memset(key, 0, sizeof(*key));
	nf_cur_init(&cur, wire->p, wire->len, diag);
	nf_wire_blob_read(&cur, &b);
	if (nf_cur_err(&cur) != 0)
		return nf_cur_err(&cur);
	return nf_wire_nullblob_open(&b, plain, key, diag);
}

START_TEST(null_round_trip)
{
	struct nf_buf wire, want, plain = NF_BUF_INIT, out = NF_BUF_INIT;
	struct nf_blobkey key;
	struct nf_blob b;
	struct nf_cur cur;

	make(&wire, &want);
	/* the frame */
	nf_cur_init(&cur, wire.p, wire.len, NULL);
	nf_wire_blob_read(&cur, &b);
	ck_assert_int_eq(nf_cur_err(&cur), 0);
	ck_assert_uint_eq(b.format, NF_BLOB_MODULE);
	ck_assert_uint_eq(b.a, want.len);
	ck_assert_uint_eq(b.body.len, (want.len + 20 + 7) / 8 * 8 + 8);
	ck_assert_uint_eq(b.word, 2);
	ck_assert_int_eq(memcmp(b.body.p + b.body.len - 8, iv, 8), 0);
	nf_wire_blob_write(&out, &b);
	ck_assert(nf_view_equal(nf_buf_view(&out), nf_buf_view(&wire)));
	nf_buf_wipe(&out);
	/* its plaintext, with our mark before the tag's digest */
	ck_assert_int_eq(open_blob(&wire, &plain, &key, NULL), 0);
	ck_assert_ptr_nonnull(plain.p);
	ck_assert_int_eq(memcmp(plain.p, want.p, want.len), 0);
	ck_assert_int_eq(memcmp(plain.p + want.len, "SIM1", 4), 0);
	ck_assert_uint_eq(key.appdata[63], 0x5a);
	ck_assert_int_eq(nf_wire_nullblob_write(&out, &key, iv), 0);
	ck_assert(nf_view_equal(nf_buf_view(&out), nf_buf_view(&wire)));
	nf_blobkey_wipe(&key);
	wire_check_lengths(blob, &wire);
	wire_check_lengths(blobkey, &want);
	nf_buf_wipe(&out);
	nf_buf_wipe(&plain);
	nf_buf_wipe(&want);
	nf_buf_wipe(&wire);
}
END_TEST

/* Open the blob with one byte changed; nothing may be left to free. */
static void
check_open(size_t at, uint8_t value, const char *field)
{
	struct nf_buf wire, want, plain = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	struct nf_blobkey key;

	make(&wire, &want);
	ck_assert_uint_ne(wire.p[at], value);
	wire.p[at] = value;
	ck_assert_int_eq(open_blob(&wire, &plain, &key, &diag),
	    NF_E_FORMAT);
	ck_assert_str_eq(diag.field, field);
	ck_assert_ptr_null(key.acl);
	nf_buf_wipe(&plain);
	nf_buf_wipe(&want);
	nf_buf_wipe(&wire);
}

START_TEST(wrong_null_blob)
{
	struct nf_buf wire, want;
	size_t n;

	make(&wire, &want);
	n = wire.len;
	nf_buf_wipe(&wire);
	nf_buf_wipe(&want);
	check_open(0, 6, "blob.hash");			/* format */
	check_open(n - 24, 0xff, "blob.hash");
	check_open(n - 4, 3, "blob.len");		/* last word */
	check_open(4, 0, "blob.len");			/* shorter */
	check_open(6, 1, "blob.len");			/* longer */
	check_open(7, 0xff, "blob.len");
	check_open(n - 40, 0xff, "blob.padding");
	check_open(12, 0xff, "blobkey.head");
}
END_TEST

START_TEST(wrong_blobkey)
{
	struct nf_buf wire, want;

	make(&wire, &want);
	wire_check_word(blobkey, &want, 0, 1, "blobkey.head");
	wire_check_word(blobkey, &want, 4, 0xffff, "blobkey.keylen");
	wire_check_word(blobkey, &want, 8, 99, "keytype");
	nf_buf_wipe(&want);
	nf_buf_wipe(&wire);
}
END_TEST

static void
frame(uint32_t format, struct nf_buf *out)
{
	struct nf_blob b = { .format = format, .a = 7,
	    .word = NF_BLOB_WORD_MECH | 149 };

	b.body = nf_view_of("0123456789", 10);
	if (format == NF_BLOB_USERKEY)
		b.rsa = nf_view_of("abcd", 4);
	memset(b.hash, 0xcc, sizeof(b.hash));
	nf_buf_init(out);
	nf_wire_blob_write(out, &b);
	ck_assert_int_eq(nf_buf_err(out), 0);
}

START_TEST(frames)
{
	static const uint32_t formats[] = { 5, 6, 9 };
	struct nf_buf wire, out = NF_BUF_INIT;
	struct nf_blob b;
	struct nf_cur cur;

	frame(formats[_i], &wire);
	nf_cur_init(&cur, wire.p, wire.len, NULL);
	nf_wire_blob_read(&cur, &b);
	ck_assert_int_eq(nf_cur_err(&cur), 0);
	ck_assert_uint_eq(b.format, formats[_i]);
	ck_assert(nf_view_is(b.body, "0123456789"));
	ck_assert_uint_eq(b.word, 0x80000095);
	if (formats[_i] == NF_BLOB_USERKEY)
		ck_assert(nf_view_is(b.rsa, "abcd"));
	nf_wire_blob_write(&out, &b);
	ck_assert(nf_view_equal(nf_buf_view(&out), nf_buf_view(&wire)));
	wire_check_lengths(blob, &wire);
	nf_buf_wipe(&out);
	nf_buf_wipe(&wire);
}
END_TEST

START_TEST(wrong_frame)
{
	struct nf_buf wire;

	frame(NF_BLOB_USERKEY, &wire);
	wire_check_word(blob, &wire, 0, 7, "blob.format");
	wire_check_word(blob, &wire, 0, 0, "blob.format");
	wire_check_word(blob, &wire, 4, 17, "blob.len");
	wire_check_word(blob, &wire, 8, 17, "blob.len");
	wire_check_word(blob, &wire, 12, 15, "blob.rsalen");
	wire_check_word(blob, &wire, 12, 0xffffffff, "blob.rsalen");
	nf_buf_wipe(&wire);
	frame(NF_BLOB_MODULE, &wire);
	wire_check_word(blob, &wire, 8, 11, "blob.word");
	wire_check_word(blob, &wire, 8, NF_BLOB_MAX + 1, "blob.len");
	nf_buf_wipe(&wire);
}
END_TEST

/* Entry of a real token: opens, hashes to this, and has this ACL. */
static void
check_sample(const struct nf_buf *token, uint32_t entry, const char *hash,
    const char *acl)
{
	struct nf_buf wire = NF_BUF_INIT, plain = NF_BUF_INIT;
	struct nf_buf out = NF_BUF_INIT;
	uint8_t h[NF_HASH_LEN];
	struct nf_blobkey key;

	nf_buf_view_put(&wire, sample_entry(token, entry));
	ck_assert_int_eq(open_blob(&wire, &plain, &key, NULL), 0);
	ck_assert_int_eq(nf_wire_keyhash(&key.key, h, NULL), 0);
	wire_check_hex(nf_view_of(h, sizeof(h)), hash);
	nf_wire_blobkey_write(&out, &key);
	ck_assert_int_eq(nf_buf_err(&out), 0);
	ck_assert(nf_view_equal(nf_buf_view(&out),
	    nf_view_of(plain.p, out.len)));
	nf_buf_wipe(&out);
	if (acl != NULL) {
		nf_wire_acl_write(&out, key.acl);
		wire_check_hex(nf_buf_view(&out), acl);
	}
	nf_blobkey_wipe(&key);
	wire_check_lengths(blob, &wire);
	nf_buf_wipe(&out);
	nf_buf_wipe(&plain);
	nf_buf_wipe(&wire);
}

START_TEST(sample_blobs)
{
	const struct sample *s = &samples[_i];
	struct nf_buf token, copy = NF_BUF_INIT;
	struct nf_blob b;
	struct nf_cur cur;
	struct nf_view v;

	nf_tap_token(s->file, s->len, &token);
	check_sample(&token, 301, s->key, s->acl);
	check_sample(&token, 304, s->kml, NULL);
	v = sample_entry(&token, 200);
	nf_cur_init(&cur, v.p, v.len, NULL);
	nf_wire_blob_read(&cur, &b);
	ck_assert_int_eq(nf_cur_err(&cur), 0);
	ck_assert_uint_eq(b.format, NF_BLOB_USERKEY);
	ck_assert_uint_eq(b.rsa.len, 256);
	ck_assert_uint_eq(b.body.len, 896);
	ck_assert_uint_eq(b.word, NF_BLOB_WORD_MECH | 149);
	nf_wire_blob_write(&copy, &b);
	ck_assert(nf_view_equal(nf_buf_view(&copy), v));
	wire_check_lengths(blob, &copy);
	nf_buf_wipe(&copy);
	nf_buf_wipe(&token);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("wire/blob");
	TCase *tc = tcase_create("blob");

	tcase_add_test(tc, null_round_trip);
	tcase_add_test(tc, wrong_null_blob);
	tcase_add_test(tc, wrong_blobkey);
	tcase_add_loop_test(tc, frames, 0, 3);
	tcase_add_test(tc, wrong_frame);
	NF_TAP_SAMPLE_LOOP(tc, sample_blobs, SAMPLES_N);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
