/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Region packages: round trip, and what the readers refuse.  With the
 * arguments "--write DIR" it writes a valid pair, a pair of another region,
 * and the root's hash for the shell tests instead.
 */
#include "config.h"

#include "tests/tap.h"
#include "tests/verify/fixture.h"

static struct fx_pair pair;
static struct nf_diag diag;

static void
setup(void)
{
	struct fx fx;

	fx_setup();
	fx_default(&fx);
	fx_make(&fx, &pair);
}

static void
teardown(void)
{
	fx_pair_wipe(&pair);
	fx_teardown();
}

static struct nf_km_file *
parse(const struct nf_buf *buf)
{
	struct nf_km_file *file;
	struct nf_cur cur;

	nf_cur_init(&cur, buf->p, buf->len, NULL);
	ck_assert_int_eq(nf_km_file_read(&cur, &file), 0);
	nf_diag_clear(&diag);
	return file;
}

/* The package without one entry, or with one more. */
static void
rebuild(const struct nf_buf *from, uint32_t without, uint32_t twice,
    uint32_t extra, struct nf_buf *out)
{
	struct nf_km_file *file = parse(from);
	struct nf_km_writer w;

	nf_buf_init(out);
	nf_km_begin(&w, out, file->time);
	for (uint32_t i = 0; i < file->n; i++) {
		if (file->entry[i].type != without)
			nf_km_put(&w, file->entry[i].type,
			    file->entry[i].data);
		if (file->entry[i].type == twice)
			nf_km_put(&w, twice, file->entry[i].data);
	}
	if (extra != 0)
		nf_km_put_str(&w, extra, "x");
	nf_km_end(&w);
	ck_assert_int_eq(nf_buf_err(out), 0);
	nf_km_file_free(file);
}

static void
refuse_kek(struct nf_buf *buf, const char *field)
{
	static const struct nf_kek_kekpkg none;
	struct nf_km_file *file = parse(buf);
	struct nf_kek_kekpkg p;

	ck_assert_int_eq(nf_kek_kekpkg_read(file, &p, &diag), NF_E_FORMAT);
	ck_assert_str_eq(diag.field, field);
	ck_assert_mem_eq(&p, &none, sizeof(p));
	nf_km_file_free(file);
	nf_buf_wipe(buf);
}

static void
refuse_world(struct nf_buf *buf, const char *field)
{
	struct nf_km_file *file = parse(buf);
	struct nf_kek_worldpkg p;

	ck_assert_int_eq(nf_kek_worldpkg_read(file, &p, &diag), NF_E_FORMAT);
	ck_assert_str_eq(diag.field, field);
	nf_km_file_free(file);
	nf_buf_wipe(buf);
}

/* As rebuild(), of one of the two; the package is refused at that field. */
static void
refuse(const struct nf_buf *from, uint32_t without, uint32_t twice,
    uint32_t extra, const char *field)
{
	struct nf_buf buf;

	rebuild(from, without, twice, extra, &buf);
	if (from == &pair.kek)
		refuse_kek(&buf, field);
	else
		refuse_world(&buf, field);
}

START_TEST(round_trip_kek)
{
	struct nf_km_file *file = parse(&pair.kek);
	struct nf_buf again = NF_BUF_INIT;
	struct nf_kek_kekpkg p;

	ck_assert_int_eq(nf_kek_pkg_kind(file), NF_KEK_PKG_KEK);
	ck_assert_int_eq(nf_kek_kekpkg_read(file, &p, &diag), 0);
	ck_assert_uint_eq(p.time, 1400000000);
	ck_assert(nf_view_is(p.region, "Europe"));
	ck_assert_int_eq(nf_kek_kekpkg_write(&p, &again), 0);
	ck_assert(nf_view_equal(nf_buf_view(&again), nf_buf_view(&pair.kek)));
	ck_assert(!nf_km_file_has(file, NF_ENT_BLOB_KA));
	nf_buf_wipe(&again);
	nf_km_file_free(file);
}
END_TEST

START_TEST(round_trip_world)
{
	struct nf_km_file *file = parse(&pair.world);
	struct nf_buf again = NF_BUF_INIT;
	struct nf_kek_worldpkg p;

	ck_assert_int_eq(nf_kek_pkg_kind(file), NF_KEK_PKG_WORLD);
	ck_assert_int_eq(nf_kek_worldpkg_read(file, &p, &diag), 0);
	ck_assert_int_eq(nf_kek_worldpkg_write(&p, &again), 0);
	ck_assert(nf_view_equal(nf_buf_view(&again),
	    nf_buf_view(&pair.world)));
	nf_buf_wipe(&again);
	nf_km_file_free(file);
}
END_TEST

START_TEST(swapped_packages)
{
	struct nf_km_file *k = parse(&pair.kek), *w = parse(&pair.world);
	struct nf_kek_worldpkg world;
	struct nf_kek_kekpkg kek;

	ck_assert_int_eq(nf_kek_kekpkg_read(w, &kek, &diag), NF_E_FORMAT);
	ck_assert_str_eq(diag.text,
	    "this is a SecurityWorld package; swap the two");
	nf_diag_clear(&diag);
	ck_assert_int_eq(nf_kek_worldpkg_read(k, &world, &diag), NF_E_FORMAT);
	ck_assert_str_eq(diag.text, "this is a KEK package; swap the two");
	nf_km_file_free(k);
	nf_km_file_free(w);
}
END_TEST

START_TEST(no_entry)
{
	static const uint32_t due[] = { NF_ENT_APPNAME, NF_ENT_IDENT,
	    NF_ENT_NAME, NF_ENT_HASH_KA, NF_ENT_CERT_GEN_KA,
	    NF_ENT_MESG_GEN_KA, NF_ENT_ESN_GEN, NF_ENT_BLOBPUB_KML,
	    NF_ENT_CERT_KML_ESN, NF_ENT_CERT_MODULE_STATE,
	    NF_ENT_MESG_MODULE_STATE, NF_ENT_SW_ROOTCHAIN, NF_ENT_SW_MARK };
	for (size_t i = 0; i < sizeof(due) / sizeof(due[0]); i++) {
		refuse(&pair.kek, due[i], 0, 0,
		    nf_name_find(nf_km_types, due[i]));
	}
}
END_TEST

START_TEST(no_world_entry)
{
	static const uint32_t due[] = { NF_ENT_CIPHER_SUITE, NF_ENT_HASH_KNSO,
	    NF_ENT_HASH_KM, NF_ENT_HASH_KMC, NF_ENT_CERT_KM_KMC_B_KNSO,
	    NF_ENT_ESN_GEN, NF_ENT_CERT_MODULE_STATE,
	    NF_ENT_MESG_MODULE_STATE, NF_ENT_SW_ROOTCHAIN, NF_ENT_SW_MARK };
	for (size_t i = 0; i < sizeof(due) / sizeof(due[0]); i++) {
		refuse(&pair.world, due[i], 0, 0,
		    nf_name_find(nf_km_types, due[i]));
	}
}
END_TEST

/* A package of the time before these entries, or of an imported KM. */
START_TEST(no_km_keygen)
{
	refuse(&pair.world, NF_ENT_CERT_GEN_KM, 0, 0, "CertGenKM");
	refuse(&pair.world, NF_ENT_MESG_GEN_KM, 0, 0, "MesgGenKM");
	refuse(&pair.world, 0, NF_ENT_MESG_GEN_KM, 0, "MesgGenKM");
}
END_TEST

START_TEST(duplicate_entry)
{
	refuse(&pair.kek, 0, NF_ENT_HASH_KA, 0, "HashKA");
	refuse(&pair.kek, 0, NF_ENT_SW_REGION, 0, "secworld:Region");
	refuse(&pair.world, 0, NF_ENT_HASH_KM, 0, "HashKM");
}
END_TEST

/* Above all a private blob, which has no business in a package. */
START_TEST(unknown_entry)
{
	refuse(&pair.kek, 0, 0, NF_ENT_BLOB_KA,
	    nf_name_find(nf_km_types, NF_ENT_BLOB_KA));
	refuse(&pair.world, 0, 0, 9999, "#9999");
}
END_TEST

START_TEST(junk_text)
{
	struct nf_buf buf = NF_BUF_INIT;
	uint8_t *p;

	nf_buf_view_put(&buf, nf_buf_view(&pair.kek));
	p = memmem(buf.p, buf.len, "Europe", 6);
	ck_assert_ptr_nonnull(p);
	*p = 0x1b;
	refuse_kek(&buf, "secworld:Region");
}
END_TEST

START_TEST(short_hash)
{
	struct nf_buf buf, bare;
	struct nf_km_file *file;

	rebuild(&pair.kek, NF_ENT_HASH_KA, 0, NF_ENT_HASH_KA, &buf);
	file = parse(&buf);
	ck_assert(nf_km_file_has(file, NF_ENT_HASH_KA));
	nf_km_file_free(file);
	refuse_kek(&buf, "HashKA");
	rebuild(&pair.kek, NF_ENT_SW_REGION, 0, 0, &bare);
	file = parse(&bare);
	ck_assert_int_eq(nf_kek_pkg_kind(file), NF_KEK_PKG_NONE);
	nf_km_file_free(file);
	nf_buf_wipe(&bare);
}
END_TEST

START_TEST(short_file)
{
	struct nf_km_file *file;
	struct nf_cur cur;

	for (size_t n = 0; n < pair.kek.len; n++) {
		nf_cur_init(&cur, pair.kek.p, n, NULL);
		ck_assert_int_eq(nf_km_file_read(&cur, &file), NF_E_FORMAT);
	}
}
END_TEST

START_TEST(print)
{
	struct nf_km_file *k = parse(&pair.kek), *w = parse(&pair.world);
	struct nf_buf out = NF_BUF_INIT;
	const char *text;

	ck_assert_int_eq(nf_kek_pkg_print(&out, k, &diag), 0);
	text = nf_buf_text(&out);
	ck_assert_ptr_nonnull(strstr(text, "nothing is verified"));
	ck_assert_ptr_nonnull(strstr(text, "region: Europe\n"));
	ck_assert_ptr_nonnull(strstr(text, "xferwrapping,kek-prod-eu-1\n"));
	ck_assert_ptr_nonnull(strstr(text, "UseAsBlobKey"));
	nf_buf_wipe(&out);
	ck_assert_int_eq(nf_kek_pkg_print(&out, w, &diag), 0);
	text = nf_buf_text(&out);
	ck_assert_ptr_nonnull(strstr(text, "SecurityWorld package"));
	ck_assert_ptr_nonnull(strstr(text, "HKM: 4b4b4b4b"));
	ck_assert_ptr_nonnull(strstr(text, "module key generation:\n"));
	ck_assert_ptr_nonnull(strstr(text, "UseAsKM"));
	nf_buf_wipe(&out);
	nf_km_file_free(k);
	nf_km_file_free(w);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("verify/package");
	TCase *t = tcase_create("package");

	tcase_add_unchecked_fixture(t, setup, teardown);
	tcase_add_test(t, round_trip_kek);
	tcase_add_test(t, round_trip_world);
	tcase_add_test(t, swapped_packages);
	tcase_add_test(t, no_entry);
	tcase_add_test(t, no_world_entry);
	tcase_add_test(t, no_km_keygen);
	tcase_add_test(t, duplicate_entry);
	tcase_add_test(t, unknown_entry);
	tcase_add_test(t, junk_text);
	tcase_add_test(t, short_hash);
	tcase_add_test(t, short_file);
	tcase_add_test(t, print);
	suite_add_tcase(s, t);
	return s;
}

static const char *write_dir;

static void
put(const char *name, struct nf_view data)
{
	char path[NF_PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/%s", write_dir, name);
	ck_assert_int_eq(nf_file_write_atomic(path, 0644, data, NULL), 0);
}

START_TEST(write_pairs)
{
	struct fx_pair other;
	char root[42];
	struct fx fx;

	fx_default(&fx);
	fx.region = fx.world_region = "North America";
	fx.ident = "kek-prod-na-1";
	fx_make(&fx, &other);
	nf_text_hash(root, fx_hash(FX_ROOT));
	root[40] = '\n';
	put("BYOK-KEK-pkg-EU-1", nf_buf_view(&pair.kek));
	put("BYOK-SecurityWorld-pkg-EU-1", nf_buf_view(&pair.world));
	put("BYOK-KEK-pkg-NA-1", nf_buf_view(&other.kek));
	put("factory-root", nf_view_of(root, 41));
	fx_pair_wipe(&other);
}
END_TEST

static int
write_all(void)
{
	Suite *s = suite_create("verify/package");
	TCase *t = tcase_create("write");
	SRunner *sr = srunner_create(s);
	int failed;

	tcase_add_unchecked_fixture(t, setup, teardown);
	tcase_add_test(t, write_pairs);
	suite_add_tcase(s, t);
	srunner_run_all(sr, CK_SILENT);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? 0 : 1;
}

int
main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "--write") == 0) {
		write_dir = argv[2];
		return write_all();
	}
	return nf_tap_run(suite());
}
