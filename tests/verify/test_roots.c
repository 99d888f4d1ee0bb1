/* SPDX-License-Identifier: Apache-2.0 */
/* Which roots are accepted: option, environment, the simulator's file. */
#include "config.h"

#include "nfast/base/seed.h"
#include "tests/tap.h"
#include "verify/roots.h"

#define HEX	"00112233445566778899aabbccddeeff00112233"
#define PINNED	"59178a47de508c3f291277ee184f46c4f1d9c639"

static struct nf_vfy_roots roots;
static struct nf_diag diag;
static uint8_t hash[20];

/* A fresh directory with this content in factory-root, or without. */
static void
state(const char *content)
{
	static char dir[] = "roots-XXXXXX";
	char path[NF_PATH_MAX];

	memcpy(dir + sizeof(dir) - 7, "XXXXXX", 6);
	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)snprintf(path, sizeof(path), "%s/factory-root", dir);
	if (content != NULL)
		ck_assert_int_eq(nf_file_write_new(path, 0600,
		    nf_view_of(content, strlen(content)), NULL), 0);
	ck_assert_int_eq(setenv("NFSIM_STATE", dir, 1), 0);
	nf_diag_clear(&diag);
}

static void
cleanup(void)
{
	const char *dir = getenv("NFSIM_STATE");
	char path[NF_PATH_MAX];

	if (dir == NULL)
		return;
	(void)snprintf(path, sizeof(path), "%s/factory-root", dir);
	(void)unlink(path);
	(void)rmdir(dir);
}

static void
env_clear(void)
{
	(void)unsetenv("NFSIM_STATE");
	(void)unsetenv("SECWORLD_SIMULATED_ROOT");
	nf_diag_clear(&diag);
	ck_assert(nf_text_unhex(HEX, 40, hash, 20));
}

START_TEST(pinned)
{
	uint8_t legacy[20];

	ck_assert(nf_text_unhex(PINNED, 40, legacy, 20));
	ck_assert_mem_eq(nf_vfy_legacy_root, legacy, 20);
	ck_assert_int_eq(nf_vfy_roots_set(&roots, NULL, false, &diag), 0);
	ck_assert_int_eq(nf_vfy_roots_find(&roots, legacy),
	    NF_VFY_ROOT_PINNED);
	ck_assert_int_eq(nf_vfy_roots_find(&roots, hash),
	    NF_VFY_ROOT_UNKNOWN);
	memset(hash, 0, 20);
	ck_assert_int_eq(nf_vfy_roots_find(&roots, hash),
	    NF_VFY_ROOT_UNKNOWN);
}
END_TEST

START_TEST(option)
{
	ck_assert_int_eq(nf_vfy_roots_set(&roots, HEX, false, &diag), 0);
	ck_assert_int_eq(nf_vfy_roots_find(&roots, hash),
	    NF_VFY_ROOT_SIMULATED);
	ck_assert_int_eq(nf_vfy_roots_find(&roots, nf_vfy_legacy_root),
	    NF_VFY_ROOT_PINNED);
	ck_assert_int_eq(nf_vfy_roots_set(&roots, "00112233 44556677 "
	    "8899AABB CCDDEEFF 00112233", false, &diag), 0);
	ck_assert_int_eq(nf_vfy_roots_find(&roots, hash),
	    NF_VFY_ROOT_SIMULATED);
}
END_TEST

/* Naming the pinned root does not make it a simulated one. */
START_TEST(option_pinned)
{
	ck_assert_int_eq(nf_vfy_roots_set(&roots, PINNED, false, &diag), 0);
	ck_assert(!roots.has_extra);
	ck_assert_int_eq(nf_vfy_roots_find(&roots, nf_vfy_legacy_root),
	    NF_VFY_ROOT_PINNED);
}
END_TEST

START_TEST(junk_option)
{
	static const char *const bad[] = { "", "00", (HEX "0"), (HEX "00"),
	    "0x112233445566778899aabbccddeeff00112233", NF_SEED_LINE,
	    HEX "\n" NF_SEED_LINE, NF_SEED_LINE NF_SEED_LINE HEX,
	    "g0112233445566778899aabbccddeeff00112233" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		nf_diag_clear(&diag);
		ck_assert_int_eq(nf_vfy_roots_set(&roots, bad[i], false,
		    &diag), NF_E_USAGE);
		ck_assert_str_eq(diag.field, "root-hash");
		ck_assert(!roots.has_extra);
	}
}
END_TEST

START_TEST(both_options)
{
	ck_assert_int_eq(nf_vfy_roots_set(&roots, HEX, true, &diag),
	    NF_E_USAGE);
}
END_TEST

START_TEST(simulated)
{
	state(HEX "\n");
	ck_assert_int_eq(nf_vfy_roots_set(&roots, NULL, true, &diag), 0);
	ck_assert_int_eq(nf_vfy_roots_find(&roots, hash),
	    NF_VFY_ROOT_SIMULATED);
	ck_assert_int_eq(nf_vfy_roots_set(&roots, NULL, false, &diag), 0);
	ck_assert(!roots.has_extra);
	(void)setenv("SECWORLD_SIMULATED_ROOT", "1", 1);
	ck_assert_int_eq(nf_vfy_roots_set(&roots, NULL, false, &diag), 0);
	ck_assert(roots.has_extra);
	(void)setenv("SECWORLD_SIMULATED_ROOT", "0", 1);
	ck_assert_int_eq(nf_vfy_roots_set(&roots, NULL, false, &diag), 0);
	ck_assert(!roots.has_extra);
	(void)setenv("SECWORLD_SIMULATED_ROOT", "", 1);
	ck_assert_int_eq(nf_vfy_roots_set(&roots, NULL, false, &diag), 0);
	ck_assert(!roots.has_extra);
	cleanup();
}
END_TEST

/* Of a seed: the file has a line more, and is taken whole as an option. */
START_TEST(seeded)
{
	state(NF_SEED_LINE HEX "\n");
	ck_assert_int_eq(nf_vfy_roots_set(&roots, NULL, true, &diag), 0);
	ck_assert_int_eq(nf_vfy_roots_find(&roots, hash),
	    NF_VFY_ROOT_SIMULATED);
	ck_assert_int_eq(nf_vfy_roots_set(&roots, NF_SEED_LINE HEX, false,
	    &diag), 0);
	ck_assert_int_eq(nf_vfy_roots_find(&roots, hash),
	    NF_VFY_ROOT_SIMULATED);
	cleanup();
}
END_TEST

START_TEST(no_state)
{
	ck_assert_int_eq(nf_vfy_roots_set(&roots, NULL, true, &diag),
	    NF_E_USAGE);
	ck_assert_ptr_nonnull(strstr(diag.text, "NFSIM_STATE"));
}
END_TEST

START_TEST(no_root_file)
{
	state(NULL);
	ck_assert_int_eq(nf_vfy_roots_set(&roots, NULL, true, &diag),
	    NF_E_NOTFOUND);
	ck_assert_ptr_nonnull(strstr(diag.where, "factory-root"));
	cleanup();
}
END_TEST

START_TEST(junk_root_file)
{
	static const char *const bad[] = { "", HEX, (HEX "\n\n"), (" " HEX),
	    NF_SEED_LINE, NF_SEED_LINE HEX, NF_SEED_LINE HEX "\n\n",
	    HEX "\n" NF_SEED_LINE,
	    "x0112233445566778899aabbccddeeff00112233\n" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		state(bad[i]);
		ck_assert_int_eq(nf_vfy_roots_set(&roots, NULL, true, &diag),
		    NF_E_FORMAT);
		ck_assert(!roots.has_extra);
		ck_assert_ptr_nonnull(strstr(diag.where, "factory-root"));
		cleanup();
	}
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("verify/roots");
	TCase *t = tcase_create("roots");

	tcase_add_checked_fixture(t, env_clear, NULL);
	tcase_add_test(t, pinned);
	tcase_add_test(t, option);
	tcase_add_test(t, option_pinned);
	tcase_add_test(t, junk_option);
	tcase_add_test(t, both_options);
	tcase_add_test(t, simulated);
	tcase_add_test(t, seeded);
	tcase_add_test(t, no_state);
	tcase_add_test(t, no_root_file);
	tcase_add_test(t, junk_root_file);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
