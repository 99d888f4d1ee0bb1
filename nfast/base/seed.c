/* SPDX-License-Identifier: Apache-2.0 */
/* What a run with a seed says and when it takes place; see seed.h. */
#include "config.h"

#include <string.h>
#include <time.h>

#include "nfast/base/cli.h"
#include "nfast/base/seed.h"

#define EPOCH_ENV	"SOURCE_DATE_EPOCH"
#define EPOCH_DIGITS	10

const char *
nf_seed_text(void)
{
	return nf_cli_env(NF_SEED_ENV);
}

/* The number of SOURCE_DATE_EPOCH, or the fixed time. */
static uint64_t
epoch(void)
{
	const char *s = nf_cli_env(EPOCH_ENV);
	uint64_t t = 0;
	size_t n = s == NULL ? 0 : strlen(s);

	if (n == 0 || n > EPOCH_DIGITS || strspn(s, "0123456789") != n)
		return NF_SEED_TIME;
	for (; *s != '\0'; s++)
		t = t * 10 + (uint64_t)(*s - '0');
	return t >> 33 == 0 ? t : NF_SEED_TIME;
}

uint64_t
nf_seed_now(void)
{
	return nf_seed_text() == NULL ? (uint64_t)time(NULL) : epoch();
}

bool
nf_seed_marked(struct nf_view text)
{
	return text.len > 0 && memmem(text.p, text.len, NF_SEED_WORDS,
	    strlen(NF_SEED_WORDS)) != NULL;
}

bool
nf_seed_esn(struct nf_view esn)
{
	return esn.len > strlen(NF_SEED_ESN) &&
	    memcmp(esn.p, NF_SEED_ESN, strlen(NF_SEED_ESN)) == 0;
}

const char *
nf_seed_suffix(bool insecure)
{
	return insecure ? ", " NF_SEED_WORDS : "";
}
