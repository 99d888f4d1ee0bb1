/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A module, a store and cards in a directory of their own below the build
 * directory; Check runs each case in a process of its own.
 */
#ifndef NF_TESTS_HOST_FIXTURE_H
#define NF_TESTS_HOST_FIXTURE_H

#include "nfast/host/acs.h"
#include "nfast/host/appkey.h"
#include "nfast/host/hostcmd.h"
#include "nfast/host/newworld.h"
#include "nfast/wire/names.h"
#include "tests/files.h"

struct fix {
	char top[NF_PATH_MAX];
	char state[NF_PATH_MAX];
	char local[NF_PATH_MAX];
	char pins[NF_PATH_MAX];
	struct nf_host *host;
	struct nf_world *world;
	struct nf_diag diag;
};

static struct fix fix;

#define OK(e)	ck_assert_msg((e) == 0, "%s: %s: %s", #e, fix.diag.field, \
	fix.diag.text)

/* The call fails with this code; the diag is cleared before. */
#define FAILS(want, e) do { \
	nf_diag_clear(&fix.diag); \
	ck_assert_int_eq((e), (want)); \
	ck_assert_int_eq(fix.diag.code, (want)); \
} while (0)

#define SAYS(s)	ck_assert_msg(strstr(fix.diag.text, (s)) != NULL, \
	"'%s' is not in '%s'", (s), fix.diag.text)

static inline void
fix_pins(const char *lines)
{
	nf_tap_put(fix.pins, lines, strlen(lines));
}

static inline void
fix_setup(void)
{
	memset(&fix, 0, sizeof(fix));
	nf_tap_dir("host", fix.top);
	OK(nf_path(fix.state, NULL, "%s/sim", fix.top));
	OK(nf_path(fix.local, NULL, "%s/kmdata/local", fix.top));
	OK(nf_path(fix.pins, NULL, "%s/pins", fix.top));
	fix_pins("one\ntwo\nthree\n");
	ck_assert_int_eq(setenv("NFSIM_PINS", fix.pins, 1), 0);
	ck_assert_int_eq(unsetenv(NF_ACS_ENV), 0);
	OK(nf_host_open_state(fix.state, fix.state, &fix.host, &fix.diag));
}

static inline void
fix_teardown(void)
{
	nf_host_close(fix.host);
	nf_world_free(fix.world);
	nf_tap_remove(fix.top);
}

/* Make a world; the module is operational and the world loaded after. */
static inline int
fix_create(const char *suite, uint32_t k, uint32_t n, bool recovery)
{
	struct nf_newworld want = { .suite = nf_suite_named(suite),
	    .acs_k = k, .acs_n = n, .recovery = recovery };
	struct nf_pins *pins = NULL;
	int r;

	OK(nf_host_clear(fix.host, NF_MODE_INITIALISATION, &fix.diag));
	OK(nf_pins_open(n, &pins, &fix.diag));
	r = nf_world_create(fix.host, fix.local, &want, pins, NULL,
	    &fix.diag);
	nf_pins_close(pins);
	if (r != 0)
		return r;
	OK(nf_host_clear(fix.host, NF_MODE_OPERATIONAL, &fix.diag));
	nf_world_free(fix.world);
	OK(nf_world_load(fix.local, &fix.world, &fix.diag));
	return 0;
}

/* The smallest world, for tests of other things. */
static inline void
fix_small(void)
{
	fix_setup();
	OK(fix_create("DLf1024s160mRijndael", 1, 1, true));
}

/* Load administrator keys with the passphrases of the file. */
static inline int
fix_admin(const enum nf_admin *admin, size_t n, uint32_t *key)
{
	struct nf_pins *pins = NULL;
	int r;

	OK(nf_pins_open(fix.world->acs_k, &pins, &fix.diag));
	r = nf_world_admin_load(fix.host, fix.world, pins, admin, n, key,
	    NULL, &fix.diag);
	nf_pins_close(pins);
	return r;
}

#endif
