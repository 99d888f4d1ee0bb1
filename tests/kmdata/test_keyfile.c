/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key files: one that is built here, with each entry left out, doubled or
 * spoilt in turn, and the key tokens of the real packages.
 */
#include "config.h"

#include "nfast/kmdata/keyfile.h"
#include "tests/kmdata/token.h"

#define HASH	"0123456789abcdefghij"

/* A full key file in the order of the writer. */
static const struct item {
	uint32_t type;
	const char *text;
	bool required;
} items[] = {
	{ NF_ENT_APPNAME, "simple", true },
	{ NF_ENT_IDENT, "test-1", true },
	{ NF_ENT_NAME, "A Name", false },
	{ NF_ENT_HASH_KA, HASH, true },
	{ NF_ENT_BLOB_KA, "private blob", true }, /* beside a recovery blob */
	{ NF_ENT_BLOB_RECOVERY_KA, "recovery blob", false },
	{ NF_ENT_BLOBPUB_KA, "public blob", false },
	{ NF_ENT_CERT_GEN_KA, "DSA 1 2", true },
	{ NF_ENT_MESG_GEN_KA, "keygen message", true },
	{ NF_ENT_ESN_GEN, "8938-1075-88BB", true },
	{ NF_ENT_BLOBPUB_KML, "KML blob", true },
	{ NF_ENT_CERT_KML_ESN, "DSA 3 4", true },
	{ NF_ENT_CERT_MODULE_STATE, "DSA 5 6", true },
	{ NF_ENT_MESG_MODULE_STATE, "state message", true },
	{ NF_ENT_APP_INFO, "info", false },
	{ NF_ENT_SW_MARK, "simulated", false },
	{ NF_ENT_LTUC_SOFT_TOKEN, "share", false },
	{ NF_ENT_PARAMS_LTU, "params", false }
};

#define N_ITEMS	(sizeof(items) / sizeof(items[0]))

static struct nf_diag diag;
static struct nf_buf bytes;
static struct nf_km_file *file;
static struct nf_km_key key;

/* Build the file; item number spoil gets that text, no text leaves it out. */
static void
build(struct nf_buf *buf, size_t spoil, const char *text)
{
	struct nf_km_writer w;

	nf_buf_init(buf);
	nf_km_begin(&w, buf, 1400000000);
	for (size_t i = 0; i < N_ITEMS; i++) {
		const char *s = i == spoil ? text : items[i].text;

		if (s != NULL)
			nf_km_put_str(&w, items[i].type, s);
	}
	nf_km_end(&w);
	ck_assert_int_eq(nf_buf_err(buf), 0);
}

static int
read_key(const struct nf_buf *buf)
{
	struct nf_cur cur;

	nf_diag_clear(&diag);
	nf_km_file_free(file);
	nf_cur_init(&cur, buf->p, buf->len, &diag);
	ck_assert_int_eq(nf_km_file_read(&cur, &file), 0);
	return nf_km_key_read(file, &key, &diag);
}

static void
setup(void)
{
	build(&bytes, N_ITEMS, NULL);
	ck_assert_int_eq(read_key(&bytes), 0);
}

static void
teardown(void)
{
	nf_km_file_free(file);
	file = NULL;
	nf_buf_wipe(&bytes);
}

static void
refuse_text(uint32_t type, const char *text)
{
	struct nf_buf buf;
	size_t i = 0;

	while (items[i].type != type)
		i++;
	build(&buf, i, text);
	ck_assert_int_eq(read_key(&buf), NF_E_FORMAT);
	ck_assert_str_eq(diag.field, nf_name_find(nf_km_types, type));
	ck_assert_ptr_null(key.appname.p);
	nf_buf_wipe(&buf);
}

START_TEST(full_key)
{
	ck_assert_uint_eq(key.time, 1400000000);
	ck_assert(nf_view_is(key.appname, "simple"));
	ck_assert(nf_view_is(key.ident, "test-1"));
	ck_assert(nf_view_is(key.name, "A Name"));
	ck_assert_mem_eq(key.hash, HASH, 20);
	ck_assert(nf_view_is(key.privblob, "private blob"));
	ck_assert(nf_view_is(key.recovblob, "recovery blob"));
	ck_assert(nf_view_is(key.pubblob, "public blob"));
	ck_assert(nf_view_is(key.cert_gen, "DSA 1 2"));
	ck_assert(nf_view_is(key.mesg_gen, "keygen message"));
	ck_assert(nf_view_is(key.esn, "8938-1075-88BB"));
	ck_assert(nf_view_is(key.pubblob_kml, "KML blob"));
	ck_assert(nf_view_is(key.cert_kml_esn, "DSA 3 4"));
	ck_assert(nf_view_is(key.cert_state, "DSA 5 6"));
	ck_assert(nf_view_is(key.mesg_state, "state message"));
	ck_assert(nf_view_is(key.params_ltu, "params"));
	ck_assert(nf_view_is(key.softtoken, "share"));
	ck_assert_uint_eq(key.n_other, 2);
	ck_assert_uint_eq(key.other[1].type, NF_ENT_SW_MARK);
	ck_assert(nf_km_key_recoverable(&key));
	ck_assert(nf_km_key_certified(&key));
	ck_assert_str_eq(nf_km_key_protection(&key), "token");
}
END_TEST

START_TEST(round_trip)
{
	struct nf_buf buf = NF_BUF_INIT;

	ck_assert_int_eq(nf_km_key_write(&key, &buf), 0);
	ck_assert(nf_view_equal(nf_buf_view(&buf), nf_buf_view(&bytes)));
	nf_buf_wipe(&buf);
}
END_TEST

START_TEST(no_entry)
{
	struct nf_buf buf;
	int r;

	for (size_t i = 0; i < N_ITEMS; i++) {
		build(&buf, i, NULL);
		r = read_key(&buf);
		ck_assert_int_eq(r, items[i].required ? NF_E_FORMAT : 0);
		if (items[i].required)
			ck_assert_str_eq(diag.field, nf_name_find(nf_km_types,
			    items[i].type));
		nf_buf_wipe(&buf);
	}
}
END_TEST

START_TEST(duplicate_entry)
{
	struct nf_km_writer w;
	struct nf_buf buf = NF_BUF_INIT;
	bool other;

	for (size_t twice = 0; twice < N_ITEMS; twice++) {
		nf_km_begin(&w, &buf, 0);
		for (size_t i = 0; i < N_ITEMS; i++)
			nf_km_put_str(&w, items[i].type, items[i].text);
		nf_km_put_str(&w, items[twice].type, items[twice].text);
		nf_km_end(&w);
		other = items[twice].type == NF_ENT_APP_INFO ||
		    items[twice].type == NF_ENT_SW_MARK;
		ck_assert_int_eq(read_key(&buf), other ? 0 : NF_E_FORMAT);
		if (!other)
			ck_assert_str_eq(diag.text, "given twice");
		nf_buf_wipe(&buf);
	}
}
END_TEST

START_TEST(wrong_text)
{
	refuse_text(NF_ENT_APPNAME, "");
	refuse_text(NF_ENT_APPNAME, "sim_ple");
	refuse_text(NF_ENT_IDENT, "");
	refuse_text(NF_ENT_IDENT, "Test");
	refuse_text(NF_ENT_IDENT, "../test");
	refuse_text(NF_ENT_NAME, "a\nb");
	refuse_text(NF_ENT_NAME, "\x80");
	refuse_text(NF_ENT_ESN_GEN, "");
	refuse_text(NF_ENT_ESN_GEN, "8938\t1075");
	refuse_text(NF_ENT_CERT_GEN_KA, "DSA 1 2\n");
}
END_TEST

START_TEST(short_hash)
{
	refuse_text(NF_ENT_HASH_KA, "0123456789abcdefghi");
	refuse_text(NF_ENT_HASH_KA, "0123456789abcdefghijk");
	refuse_text(NF_ENT_HASH_KA, "");
}
END_TEST

START_TEST(zero_length_blob)
{
	refuse_text(NF_ENT_BLOB_KA, "");
	refuse_text(NF_ENT_BLOBPUB_KA, "");
	refuse_text(NF_ENT_MESG_GEN_KA, "");
	refuse_text(NF_ENT_PARAMS_LTU, "");
}
END_TEST

/* So long a text is read as that item, and one longer by one is not. */
static void
max_of(uint32_t type, size_t item, size_t max)
{
	struct nf_buf buf;
	char s[300] = "";

	memset(s, 'a', max + 1);
	refuse_text(type, s);
	s[max] = '\0';
	build(&buf, item, s);
	ck_assert_int_eq(read_key(&buf), 0);
	nf_buf_wipe(&buf);
}

START_TEST(max_text)
{
	char s[300] = "";

	max_of(NF_ENT_NAME, 2, NF_KM_NAME_MAX);
	max_of(NF_ENT_IDENT, 1, NF_KM_IDENT_MAX);
	memset(s, 'a', NF_KM_APP_MAX + 1);
	refuse_text(NF_ENT_APPNAME, s);
}
END_TEST

START_TEST(smallest_keys)
{
	struct nf_km_key small = { 0 };
	struct nf_buf buf = NF_BUF_INIT;

	small.appname = nf_view_of("xferacId", 8);
	small.ident = nf_view_of("a", 1);
	ck_assert_int_eq(nf_km_key_write(&small, &buf), NF_E_FORMAT);
	small.pubblob = nf_view_of("x", 1);
	ck_assert_int_eq(nf_km_key_write(&small, &buf), 0);
	ck_assert_int_eq(read_key(&buf), 0);
	ck_assert_ptr_null(key.privblob.p);
	ck_assert_ptr_null(key.name.p);
	ck_assert_str_eq(nf_km_key_protection(&key), "module");
	ck_assert(!nf_km_key_recoverable(&key));
	ck_assert(!nf_km_key_certified(&key));
	nf_buf_wipe(&buf);
	small.privblob = small.pubblob;
	small.pubblob = nf_view_of(NULL, 0);
	ck_assert_int_eq(nf_km_key_write(&small, &buf), 0);
	ck_assert_int_eq(read_key(&buf), 0);
	ck_assert_ptr_null(key.pubblob.p);
	nf_buf_wipe(&buf);
}
END_TEST

START_TEST(unwritable)
{
	struct nf_buf buf = NF_BUF_INIT;

	key.other[1].type = NF_ENT_HASH_KA;
	ck_assert_int_eq(nf_km_key_write(&key, &buf), NF_E_FORMAT);
	key.other[1].type = NF_ENT_BLOB_KA;
	ck_assert_int_eq(nf_km_key_write(&key, &buf), NF_E_FORMAT);
	key.other[1].type = NF_ENT_SW_MARK;
	key.ident = nf_view_of("Test", 4);
	ck_assert_int_eq(nf_km_key_write(&key, &buf), NF_E_FORMAT);
	key.ident = nf_view_of("test", 4);
	key.esn.p = NULL;
	ck_assert_int_eq(nf_km_key_write(&key, &buf), NF_E_FORMAT);
	ck_assert_uint_eq(buf.len, 0);
	nf_buf_wipe(&buf);
}
END_TEST

START_TEST(loads)
{
	struct nf_buf buf = NF_BUF_INIT;
	struct nf_km_file *f;
	const char *dir = getenv("SW_BUILDDIR");
	char path[NF_PATH_MAX];

	ck_assert_int_eq(nf_path(path, NULL, "%s/key_test.%d",
	    dir == NULL ? "." : dir, (int)getpid()), 0);
	ck_assert_int_eq(nf_file_write_atomic(path, 0600, nf_buf_view(&bytes),
	    NULL), 0);
	ck_assert_int_eq(nf_km_key_load(path, &buf, &f, &key, &diag), 0);
	ck_assert(nf_view_is(key.ident, "test-1"));
	nf_km_file_free(f);
	nf_buf_wipe(&buf);
	ck_assert_int_eq(nf_file_write_atomic(path, 0600, nf_view_of("x", 1),
	    NULL), 0);
	ck_assert_int_eq(nf_km_key_load(path, &buf, &f, &key, &diag),
	    NF_E_FORMAT);
	ck_assert_ptr_null(f);
	ck_assert_ptr_null(buf.p);
	ck_assert_str_eq(diag.where, path);
	ck_assert_str_eq(diag.field, "");
	ck_assert_str_eq(diag.text, "no key management data file");
	nf_diag_clear(&diag);
	ck_assert_int_eq(nf_file_remove(path, NULL), 0);
	ck_assert_int_eq(nf_km_key_load(path, &buf, &f, &key, &diag),
	    NF_E_NOTFOUND);
}
END_TEST

START_TEST(real_tokens)
{
	struct nf_buf again = NF_BUF_INIT, token;

	nf_tap_token(tokens[_i].file, tokens[_i].len, &token);
	ck_assert_int_eq(read_key(&token), 0);
	ck_assert(nf_view_is(key.appname, "xfer"));
	ck_assert_uint_eq(key.ident.len, 74);
	ck_assert(nf_view_equal(key.ident, key.name));
	ck_assert(nf_km_key_certified(&key));
	ck_assert(!nf_km_key_recoverable(&key));
	ck_assert_str_eq(nf_km_key_protection(&key), "module");
	ck_assert_int_eq(nf_km_key_write(&key, &again), 0);
	ck_assert(nf_view_equal(nf_buf_view(&again), nf_buf_view(&token)));
	nf_buf_wipe(&again);
	nf_buf_wipe(&token);
}
END_TEST

/* Letters fold, the rest stays to be refused, and so does what is too long. */
START_TEST(folded_ident)
{
	char out[NF_KM_IDENT_SIZE], s[NF_KM_IDENT_MAX + 100];

	ck_assert_str_eq(nf_km_ident_fold("MyKey-2", out), "mykey-2");
	ck_assert_str_eq(nf_km_ident_fold("A_\xc4Z@[", out), "a_\xc4z@[");
	ck_assert_str_eq(nf_km_ident_fold("", out), "");
	(void)strcpy(out, "IN-Place");
	ck_assert_str_eq(nf_km_ident_fold(out, out), "in-place");
	memset(s, 'Q', sizeof(s));
	s[NF_KM_IDENT_MAX] = '\0';
	(void)nf_km_ident_fold(s, out);
	ck_assert(nf_km_ident_ok(nf_view_of(out, strlen(out))));
	s[NF_KM_IDENT_MAX] = 'Q';
	s[sizeof(s) - 1] = '\0';
	(void)nf_km_ident_fold(s, out);
	ck_assert_uint_eq(strlen(out), NF_KM_IDENT_MAX + 1);
	ck_assert(!nf_km_ident_ok(nf_view_of(out, strlen(out))));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("kmdata/keyfile");
	TCase *tc = tcase_create("keyfile");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, full_key);
	tcase_add_test(tc, round_trip);
	tcase_add_test(tc, no_entry);
	tcase_add_test(tc, duplicate_entry);
	tcase_add_test(tc, wrong_text);
	tcase_add_test(tc, short_hash);
	tcase_add_test(tc, zero_length_blob);
	tcase_add_test(tc, max_text);
	tcase_add_test(tc, smallest_keys);
	tcase_add_test(tc, unwritable);
	tcase_add_test(tc, loads);
	tcase_add_test(tc, folded_ident);
	NF_TAP_SAMPLE_LOOP(tc, real_tokens, N_TOKENS);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
