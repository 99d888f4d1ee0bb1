/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All fuzz targets are one program: its first argument, or FUZZ_TARGET, says
 * which of them runs.  An input ends in four bytes that decide which calls of
 * libraries fail, so that what is found can be repeated.
 */
#include "config.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

#define TARGET_ENV	"FUZZ_TARGET"
#define ODDS		400u	/* as libfido2 has it */

static const struct {
	const char *name;
	fuzz_target *run;
} targets[] = {
#define ROW(name)	{ #name, target_##name },
	FUZZ_TARGETS(ROW)
};

#define N_TARGETS	(sizeof(targets) / sizeof(targets[0]))

static size_t chosen;
static uint32_t fail_seed, fail_odds;

static bool
choose(const char *name)
{
	for (size_t i = 0; i < N_TARGETS; i++) {
		if (name != NULL && strcmp(targets[i].name, name) == 0) {
			chosen = i;
			return true;
		}
	}
	return false;
}

/* Without a target: their names, one a line. */
int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	if (*argc > 1 && choose((*argv)[1])) {
		/* libFuzzer's own processes get no such argument */
		(void)setenv(TARGET_ENV, (*argv)[1], 1);
		(*argv)[1] = (*argv)[0];
		(*argv)++;
		(*argc)--;
	} else if (!choose(getenv(TARGET_ENV))) {
		for (size_t i = 0; i < N_TARGETS; i++)
			(void)puts(targets[i].name);
		exit(*argc > 1 ? 2 : 0);
	}
	return 0;
}

void
fuzz_dir(char dir[static NF_PATH_MAX])
{
	const char *tmp = getenv("TMPDIR");

	NF_REQUIRE(nf_path(dir, NULL, "%s/fuzz.XXXXXX",
	    tmp == NULL ? "." : tmp) == 0);
	NF_REQUIRE(mkdtemp(dir) != NULL);
}

void
fuzz_inject(void)
{
	if (fail_seed != 0)
		nf_fail_random(fail_seed, fail_odds);
	else
		nf_fail_nth(ULONG_MAX);		/* no call does */
}

void
fuzz_run(const uint8_t *data, size_t size, uint32_t seed, uint32_t odds)
{
	uint8_t *copy = malloc(size == 0 ? 1 : size);

	/* A copy of just that size, for the address sanitizer. */
	NF_REQUIRE(copy != NULL);
	if (size > 0)
		memcpy(copy, data, size);
	fail_seed = seed;
	fail_odds = odds;
	fuzz_inject();
	targets[chosen].run(copy, size);
	nf_fail_off();
	free(copy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint32_t seed = 0;

	if (size < FUZZ_SEED_LEN)
		return 0;
	size -= FUZZ_SEED_LEN;
	for (size_t i = FUZZ_SEED_LEN; i > 0; i--)
		seed = seed << 8 | data[size + i - 1];
	fuzz_run(data, size, seed, ODDS);
	return 0;
}
