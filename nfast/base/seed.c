/* SPDX-License-Identifier: Apache-2.0 */
/* What a run with a seed says and when it takes place; see seed.h. */
#include "config.h"

#include <string.h>
#include <time.h>

#include "nfast/base/cli.h"
#include "nfast/base/seed.h"

#define EPOCH_ENV	"SOURCE_DATE_EPOCH"
#define EPOCH_DIGITS	12
#define EPOCH_MAX	253402300799	/* the last second of 9999 */
#define SEED_EPOCH_BITS	33

const char *
nf_seed_text(void)
{
	return nf_cli_env(NF_SEED_ENV);
}

int
nf_seed_epoch(uint64_t *out, bool *is_set, struct nf_diag *diag)
{
	const char *s = nf_cli_env(EPOCH_ENV);
	uint64_t t = 0;
	size_t n;

	*out = 0;
	*is_set = s != NULL;
	if (s == NULL)
		return 0;
	n = strspn(s, "0123456789");
	for (size_t i = 0; i < n && n <= EPOCH_DIGITS; i++)
		t = t * 10 + (uint64_t)(s[i] - '0');
	if (s[n] != '\0' || n > EPOCH_DIGITS || t > EPOCH_MAX)
		return nf_diag_set(diag, NF_E_USAGE, EPOCH_ENV,
		    "not a number of seconds");
	*out = t;
	return 0;
}

int
nf_seed_check(struct nf_diag *diag)
{
	uint64_t t;
	bool is_set;
	int r;

	if (nf_seed_text() == NULL)
		return 0;
	if ((r = nf_seed_epoch(&t, &is_set, diag)) == 0 &&
	    t >> SEED_EPOCH_BITS != 0)
		r = nf_diag_set(diag, NF_E_USAGE, EPOCH_ENV,
		    "later than the files of a seed can say");
	return r;
}

uint64_t
nf_seed_now(void)
{
	uint64_t t;
	bool is_set;

	if (nf_seed_text() == NULL)
		return (uint64_t)time(NULL);
	return nf_seed_epoch(&t, &is_set, NULL) == 0 && is_set &&
	    t >> SEED_EPOCH_BITS == 0 ? t : NF_SEED_TIME;
}

bool
nf_seed_marked(struct nf_view text)
{
	return text.len > 0 && memmem(text.p, text.len, NF_SEED_WORDS,
	    strlen(NF_SEED_WORDS)) != NULL;
}

bool
nf_seed_line_skip(struct nf_view *text)
{
	const size_t n = strlen(NF_SEED_LINE);

	if (text->len < n || memcmp(text->p, NF_SEED_LINE, n) != 0)
		return false;
	text->p += n;
	text->len -= n;
	return true;
}

bool
nf_seed_kid(struct nf_view kid)
{
	static const char lead[] = "https://" NF_SEED_HOST;

	return kid.len >= sizeof(lead) - 1 &&
	    memcmp(kid.p, lead, sizeof(lead) - 1) == 0;
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
