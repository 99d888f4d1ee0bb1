/* SPDX-License-Identifier: Apache-2.0 */
/* Making a world, reading its file, and loading its keys from cards. */
#include "config.h"

#include "nfast/kmdata/store.h"
#include "tests/host/fixture.h"

static const enum nf_admin all_keys[] = { NF_ADMIN_NSO, NF_ADMIN_M,
	NF_ADMIN_RE, NF_ADMIN_RA, NF_ADMIN_MC, NF_ADMIN_P, NF_ADMIN_NV,
	NF_ADMIN_RTC, NF_ADMIN_FTO };
static const enum nf_admin nso[] = { NF_ADMIN_NSO };

static const char *const suites[] = { "DLf1024s160mRijndael",
	"DLf3072s256mRijndael", "DLf3072s256mAEScSP800131Ar1" };

static void
world_path(char path[static NF_PATH_MAX])
{
	OK(nf_path(path, NULL, "%s/world", fix.local));
}

static void
check_state(const char *want)
{
	const char *state;

	OK(nf_world_module_state(fix.host, fix.world, &state, &fix.diag));
	ck_assert_str_eq(state, want);
}

START_TEST(creates_each_suite)
{
	uint32_t key[NF_ADMIN_COUNT];
	uint8_t hash[NF_HASH_LEN];

	fix_setup();
	OK(fix_create(suites[_i], 1, 1, true));
	ck_assert_ptr_eq(fix.world->suite, nf_suite_named(suites[_i]));
	ck_assert(fix.world->recovery);
	OK(nf_world_check_module(fix.host, fix.world, &fix.diag));
	check_state("Usable");
	OK(fix_admin(all_keys, NF_ADMIN_COUNT, key));
	for (size_t i = 0; i < NF_ADMIN_COUNT; i++) {
		OK(nf_host_keyhash(fix.host, key[i], hash, &fix.diag));
		ck_assert_mem_eq(hash, fix.world->hash[all_keys[i]],
		    NF_HASH_LEN);
	}
	fix_teardown();
}
END_TEST

START_TEST(quorum_2_of_3)
{
	uint32_t key[1];

	fix_setup();
	OK(fix_create(suites[0], 2, 3, true));
	ck_assert_uint_eq(fix.world->acs_k, 2);
	ck_assert_uint_eq(fix.world->acs_n, 3);
	fix_pins("one\ntwo\n");
	OK(fix_admin(nso, 1, key));
	fix_pins("three\none\n");
	ck_assert_int_eq(setenv(NF_ACS_ENV, "card-3,card-1", 1), 0);
	OK(fix_admin(nso, 1, key));
	fix_teardown();
}
END_TEST

START_TEST(empty_passphrase_is_none)
{
	uint32_t key[1];

	fix_setup();
	fix_pins("\n");
	OK(fix_create(suites[0], 1, 1, true));
	OK(fix_admin(nso, 1, key));
	fix_pins("x\n");
	FAILS(NF_E_REFUSED, fix_admin(nso, 1, key));
	fix_teardown();
}
END_TEST

START_TEST(no_recovery)
{
	static const uint8_t none[NF_HASH_LEN];
	static const enum nf_admin ra[] = { NF_ADMIN_RA };
	static const enum nf_admin mc[] = { NF_ADMIN_MC };
	uint32_t key[1];

	fix_setup();
	OK(fix_create(suites[0], 1, 1, false));
	ck_assert(!fix.world->recovery);
	ck_assert_mem_eq(fix.world->hash[NF_ADMIN_RE], none, NF_HASH_LEN);
	OK(fix_admin(mc, 1, key));
	FAILS(NF_E_NOTFOUND, fix_admin(ra, 1, key));
	SAYS("KRA");
	fix_teardown();
}
END_TEST

START_TEST(wrong_passphrase)
{
	static const enum nf_admin two[] = { NF_ADMIN_NSO, NF_ADMIN_M };
	uint32_t key[2];

	fix_small();
	fix_pins("eins\n");
	FAILS(NF_E_REFUSED, fix_admin(two, 2, key));
	SAYS("card 1: wrong passphrase");
	ck_assert_uint_eq(key[0], 0);
	ck_assert_uint_eq(key[1], 0);
	fix_teardown();
}
END_TEST

/* The NSO's key of two cards out of three is not to be had so. */
static void
two_cards_fail(const char *cards, const char *pins, int code,
    const char *text)
{
	uint32_t key[1];

	fix_setup();
	OK(fix_create(suites[0], 2, 3, true));
	if (cards != NULL)
		ck_assert_int_eq(setenv(NF_ACS_ENV, cards, 1), 0);
	fix_pins(pins);
	FAILS(code, fix_admin(nso, 1, key));
	SAYS(text);
	fix_teardown();
}

START_TEST(wrong_second_passphrase)
{
	two_cards_fail(NULL, "one\nzwei\n", NF_E_REFUSED,
	    "card 2: wrong passphrase");
}
END_TEST

START_TEST(no_second_card)
{
	two_cards_fail("card-2", "two\nthree\n", NF_E_NOTFOUND,
	    "1 of the 2 administrator cards");
}
END_TEST

START_TEST(duplicate_card)
{
	two_cards_fail("card-2,card-2", "two\ntwo\n", NF_E_NOTFOUND, "");
}
END_TEST

START_TEST(wrong_card)
{
	uint32_t key[1];

	fix_small();
	OK(fix_create(suites[0], 1, 1, true));
	ck_assert_int_eq(setenv(NF_ACS_ENV, "card-1", 1), 0);
	FAILS(NF_E_MISMATCH, fix_admin(nso, 1, key));
	SAYS("card card-1: belongs to another security world");
	ck_assert_int_eq(setenv(NF_ACS_ENV, "card-2", 1), 0);
	OK(fix_admin(nso, 1, key));
	/* Without names the foreign card is skipped. */
	ck_assert_int_eq(unsetenv(NF_ACS_ENV), 0);
	OK(fix_admin(nso, 1, key));
	fix_teardown();
}
END_TEST

START_TEST(unknown_card)
{
	uint32_t key[1];

	fix_small();
	ck_assert_int_eq(setenv(NF_ACS_ENV, "card-9", 1), 0);
	ck_assert_int_ne(fix_admin(nso, 1, key), 0);
	ck_assert_int_eq(setenv(NF_ACS_ENV, "../lock", 1), 0);
	ck_assert_int_ne(fix_admin(nso, 1, key), 0);
	fix_teardown();
}
END_TEST

START_TEST(replaced_world_is_kept)
{
	struct nf_buf old = NF_BUF_INIT, kept = NF_BUF_INIT;
	char path[NF_PATH_MAX], hex[41];

	fix_small();
	world_path(path);
	OK(nf_file_load(path, NF_KM_FILE_MAX, &old, &fix.diag));
	nf_text_hash(hex, fix.world->hash[NF_ADMIN_NSO]);
	OK(fix_create(suites[0], 1, 1, true));
	OK(nf_path(path, NULL, "%s/world-%s.old", fix.local, hex));
	OK(nf_file_load(path, NF_KM_FILE_MAX, &kept, &fix.diag));
	ck_assert(nf_view_equal(nf_buf_view(&old), nf_buf_view(&kept)));
	nf_buf_wipe(&old);
	nf_buf_wipe(&kept);
	fix_teardown();
}
END_TEST

START_TEST(wrong_mode)
{
	struct nf_newworld want = { .suite = nf_suite_named(suites[0]),
	    .acs_k = 1, .acs_n = 1 };
	struct nf_pins *pins;
	struct nf_buf before = NF_BUF_INIT, after = NF_BUF_INIT;
	char path[NF_PATH_MAX];

	fix_small();
	world_path(path);
	OK(nf_file_load(path, NF_KM_FILE_MAX, &before, &fix.diag));
	OK(nf_pins_open(1, &pins, &fix.diag));
	FAILS(NF_E_REFUSED, nf_world_create(fix.host, fix.local, &want, pins,
	    NULL, &fix.diag));
	SAYS("nopclearfail --initialization");
	nf_pins_close(pins);
	OK(nf_file_load(path, NF_KM_FILE_MAX, &after, &fix.diag));
	ck_assert(nf_view_equal(nf_buf_view(&before), nf_buf_view(&after)));
	check_state("Usable");
	nf_buf_wipe(&before);
	nf_buf_wipe(&after);
	fix_teardown();
}
END_TEST

START_TEST(junk_directory)
{
	uint8_t hknso[NF_HASH_LEN];
	char path[NF_PATH_MAX];

	fix_small();
	OK(nf_path(fix.local, NULL, "%s/theirs", fix.top));
	OK(nf_dir_make(fix.local, &fix.diag));
	OK(nf_path(path, NULL, "%s/world", fix.local));
	nf_tap_put(path, "theirs", 6);
	FAILS(NF_E_POLICY, fix_create(suites[0], 1, 1, true));
	/* The module was not touched. */
	OK(nf_host_kmlist(fix.host, hknso, NULL, NULL, &fix.diag));
	ck_assert_mem_eq(hknso, fix.world->hash[NF_ADMIN_NSO], NF_HASH_LEN);
	fix_teardown();
}
END_TEST

START_TEST(wrong_module)
{
	struct nf_host *other;
	char dir[NF_PATH_MAX];

	fix_small();
	OK(nf_path(dir, NULL, "%s/sim2", fix.top));
	OK(nf_host_open_state(dir, fix.state, &other, &fix.diag));
	OK(nf_host_clear(other, NF_MODE_OPERATIONAL, &fix.diag));
	FAILS(NF_E_MISMATCH, nf_world_check_module(other, fix.world,
	    &fix.diag));
	SAYS("no security world");
	nf_host_close(other);
	OK(nf_host_clear(fix.host, NF_MODE_INITIALISATION, &fix.diag));
	FAILS(NF_E_REFUSED, nf_world_check_module(fix.host, fix.world,
	    &fix.diag));
	SAYS("nopclearfail --operational");
	check_state("PreInitMode");
	fix_teardown();
}
END_TEST

START_TEST(wrong_world)
{
	struct nf_world *old;

	fix_small();
	old = fix.world;
	fix.world = NULL;
	OK(fix_create(suites[0], 1, 1, true));
	FAILS(NF_E_MISMATCH, nf_world_check_module(fix.host, old,
	    &fix.diag));
	SAYS("another security world");
	nf_world_free(old);
	fix_teardown();
}
END_TEST

START_TEST(programs_a_module)
{
	struct nf_pins *pins;

	fix_small();
	OK(nf_host_clear(fix.host, NF_MODE_INITIALISATION, &fix.diag));
	/* A wrong passphrase leaves the module as it was. */
	fix_pins("eins\n");
	OK(nf_pins_open(1, &pins, &fix.diag));
	FAILS(NF_E_REFUSED, nf_world_program(fix.host, fix.world, pins, NULL,
	    &fix.diag));
	nf_pins_close(pins);
	OK(nf_host_clear(fix.host, NF_MODE_OPERATIONAL, &fix.diag));
	check_state("Usable");
	OK(nf_host_clear(fix.host, NF_MODE_INITIALISATION, &fix.diag));
	fix_pins("one\n");
	nf_diag_clear(&fix.diag);
	OK(nf_pins_open(1, &pins, &fix.diag));
	OK(nf_world_program(fix.host, fix.world, pins, NULL, &fix.diag));
	nf_pins_close(pins);
	OK(nf_host_clear(fix.host, NF_MODE_OPERATIONAL, &fix.diag));
	check_state("Usable");
	fix_teardown();
}
END_TEST

START_TEST(no_world)
{
	struct nf_world *world;

	fix_setup();
	FAILS(NF_E_NOTFOUND, nf_world_load(fix.local, &world, &fix.diag));
	SAYS("make one with new-world");
	ck_assert_ptr_null(world);
	fix_teardown();
}
END_TEST

START_TEST(short_world)
{
	struct nf_buf bytes = NF_BUF_INIT;
	struct nf_world *world;
	char path[NF_PATH_MAX];

	fix_small();
	world_path(path);
	OK(nf_file_load(path, NF_KM_FILE_MAX, &bytes, &fix.diag));
	for (size_t n = 0; n < bytes.len;
	    n += nf_tap_step(n % 97 == 0 ? 1 : 3)) {
		nf_tap_put(path, bytes.p, n);
		FAILS(NF_E_FORMAT, nf_world_load(fix.local, &world,
		    &fix.diag));
		ck_assert_ptr_null(world);
	}
	nf_tap_put(path, bytes.p, bytes.len);
	nf_diag_clear(&fix.diag);
	OK(nf_world_load(fix.local, &world, &fix.diag));
	nf_world_free(world);
	nf_buf_wipe(&bytes);
	fix_teardown();
}
END_TEST

/* Rewrite the world file without, or with two, of the entries of a type. */
static void
rewrite(uint32_t type, unsigned int copies)
{
	const struct nf_km_file *file = fix.world->file;
	struct nf_buf bytes = NF_BUF_INIT;
	char path[NF_PATH_MAX];
	struct nf_km_writer w;

	nf_km_begin(&w, &bytes, file->time);
	for (uint32_t i = 0; i < file->n; i++) {
		unsigned int n = file->entry[i].type == type ? copies : 1;

		while (n-- > 0)
			nf_km_put(&w, file->entry[i].type,
			    file->entry[i].data);
	}
	nf_km_end(&w);
	world_path(path);
	nf_tap_put(path, bytes.p, bytes.len);
	nf_buf_wipe(&bytes);
}

START_TEST(no_entry)
{
	static const uint32_t needed[] = { NF_ENT_CIPHER_SUITE,
		NF_ENT_WORLD_VERSION, NF_ENT_HASH_KNSO, NF_ENT_HASH_KM,
		NF_ENT_HASH_KMC, NF_ENT_BLOB_KNSO, NF_ENT_BLOBPUB_KMC,
		NF_ENT_BLOB_KRE, NF_ENT_HASH_KFTO, NF_ENT_BLOBPUB_KNSO,
		NF_ENT_CERT_KM_KMC_B_KNSO, NF_ENT_CERT_KRE_KRA_B_KNSO };
	struct nf_world *world;

	fix_small();
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		rewrite(needed[i], 0);
		FAILS(NF_E_FORMAT, nf_world_load(fix.local, &world,
		    &fix.diag));
		ck_assert_str_eq(fix.diag.field, nf_name_find(nf_km_types,
		    needed[i]));
	}
	rewrite(NF_ENT_HASH_KRE, 0);
	FAILS(NF_E_FORMAT, nf_world_load(fix.local, &world, &fix.diag));
	rewrite(NF_ENT_PARAMS_LTNSO, 0);
	FAILS(NF_E_NOTFOUND, nf_world_load(fix.local, &world, &fix.diag));
	rewrite(NF_ENT_SW_MARK, 0);
	FAILS(NF_E_POLICY, nf_world_load(fix.local, &world, &fix.diag));
	fix_teardown();
}
END_TEST

/* Change one byte in the middle of an entry of the world file. */
static void
rewrite_flipped(uint32_t type, uint8_t mask)
{
	struct nf_view v;
	uint8_t *p;

	OK(nf_km_file_one(fix.world->file, type, &v, &fix.diag));
	p = &fix.world->bytes.p[(size_t)(v.p - fix.world->bytes.p) +
	    v.len / 2];
	*p ^= mask;
	rewrite(0, 1);
	*p ^= mask;
}

START_TEST(wrong_hash)
{
	static const struct { uint32_t type; int code; } e[] = {
		{ NF_ENT_HASH_KNSO, NF_E_MISMATCH },
		{ NF_ENT_HASH_KM, NF_E_VERIFY },
		{ NF_ENT_HASH_KMC, NF_E_VERIFY },
		{ NF_ENT_HASH_KRE, NF_E_VERIFY },
		{ NF_ENT_HASH_KRA, NF_E_VERIFY }
	};
	struct nf_world *world;

	fix_small();
	for (size_t i = 0; i < sizeof(e) / sizeof(e[0]); i++) {
		rewrite_flipped(e[i].type, 1);
		FAILS(e[i].code, nf_world_load(fix.local, &world,
		    &fix.diag));
		ck_assert_ptr_null(world);
	}
	rewrite(0, 1);
	nf_diag_clear(&fix.diag);
	OK(nf_world_load(fix.local, &world, &fix.diag));
	nf_world_free(world);
	fix_teardown();
}
END_TEST

START_TEST(duplicate_entry)
{
	static const uint32_t types[] = { NF_ENT_SW_MARK,
		NF_ENT_CIPHER_SUITE, NF_ENT_HASH_KNSO, NF_ENT_BLOB_KM,
		NF_ENT_HASH_KRE, NF_ENT_PARAMS_LTNSO };
	struct nf_world *world;

	fix_small();
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		rewrite(types[i], 2);
		FAILS(NF_E_FORMAT, nf_world_load(fix.local, &world,
		    &fix.diag));
		ck_assert_str_eq(fix.diag.field, nf_name_find(nf_km_types,
		    types[i]));
	}
	fix_teardown();
}
END_TEST

/* Change one byte in the middle of an entry of the loaded world file. */
static void
flip(uint32_t type)
{
	struct nf_view v;

	OK(nf_km_file_one(fix.world->file, type, &v, &fix.diag));
	fix.world->bytes.p[(size_t)(v.p - fix.world->bytes.p) + v.len / 2] ^=
	    1;
}

START_TEST(junk_blob)
{
	uint32_t key[1];

	fix_small();
	flip(NF_ENT_BLOB_KNSO);
	FAILS(NF_E_REFUSED, fix_admin(nso, 1, key));
	ck_assert_uint_eq(key[0], 0);
	fix_teardown();
}
END_TEST

START_TEST(swapped_blobs)
{
	static const enum nf_admin m[] = { NF_ADMIN_M };
	struct nf_km_entry *km = NULL, *kmc = NULL;
	struct nf_view v;
	uint32_t key[1];

	fix_small();
	for (uint32_t i = 0; i < fix.world->file->n; i++) {
		if (fix.world->file->entry[i].type == NF_ENT_BLOB_KM)
			km = &fix.world->file->entry[i];
		if (fix.world->file->entry[i].type == NF_ENT_BLOB_KMC)
			kmc = &fix.world->file->entry[i];
	}
	ck_assert(km != NULL && kmc != NULL);
	v = km->data;
	km->data = kmc->data;
	kmc->data = v;
	FAILS(NF_E_MISMATCH, fix_admin(m, 1, key));
	ck_assert_str_eq(fix.diag.field, "KM");
	fix_teardown();
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("host/world");
	TCase *tc = tcase_create("world");

	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, creates_each_suite, 0, 3);
	tcase_add_test(tc, quorum_2_of_3);
	tcase_add_test(tc, empty_passphrase_is_none);
	tcase_add_test(tc, no_recovery);
	tcase_add_test(tc, wrong_passphrase);
	tcase_add_test(tc, wrong_second_passphrase);
	tcase_add_test(tc, no_second_card);
	tcase_add_test(tc, duplicate_card);
	tcase_add_test(tc, wrong_card);
	tcase_add_test(tc, unknown_card);
	tcase_add_test(tc, replaced_world_is_kept);
	tcase_add_test(tc, wrong_mode);
	tcase_add_test(tc, junk_directory);
	tcase_add_test(tc, wrong_module);
	tcase_add_test(tc, wrong_world);
	tcase_add_test(tc, programs_a_module);
	tcase_add_test(tc, no_world);
	tcase_add_test(tc, short_world);
	tcase_add_test(tc, no_entry);
	tcase_add_test(tc, wrong_hash);
	tcase_add_test(tc, duplicate_entry);
	tcase_add_test(tc, junk_blob);
	tcase_add_test(tc, swapped_blobs);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
