/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz target: the parameters of generatekey, a word a line.  What is wrong
 * with them goes to the standard error stream, which is closed meanwhile.
 */
#include "config.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nfast/base/cli.h"
#include "nfast/tools/keyparams.h"
#include "tests/fuzz/fuzz.h"

#define WORDS_MAX	24

static void
words(char **word, int n)
{
	const struct nf_cli cli = { .name = "generatekey",
	    .synopsis = "", .help = "" };
	struct nf_keyparams *kp = calloc(1, sizeof(*kp));
	struct nf_buf out = NF_BUF_INIT;
	struct nf_genparams gen;
	uint8_t e[4];

	if (!FUZZ_OK(kp != NULL))
		return;
	if (nf_keyparams_parse(&cli, word, n, kp) == -1 &&
	    nf_keyparams_complete(&cli, kp, false) == -1) {
		if (!kp->import) {
			nf_keyparams_gen(kp, &gen, e);
			nf_wire_genparams_print(&out, &gen);
			fuzz_text(&out);
		}
		nf_keyparams_print(&out, kp);
		fuzz_text(&out);
	}
	free(kp);
}

void
target_keyparams(const uint8_t *data, size_t size)
{
	static int quiet = -1, loud = -1;
	char *text = malloc(size + 1), *word[WORDS_MAX], *p;
	int n = 0;

	if (!FUZZ_OK(text != NULL))
		return;
	memcpy(text, data, size);
	text[size] = '\0';
	for (p = text; n < WORDS_MAX && *p != '\0';) {
		word[n++] = p;
		p += strcspn(p, "\n");
		if (*p == '\n')
			*p++ = '\0';
		else
			break;
	}
	nf_fail_off();
	if (quiet < 0) {
		quiet = open("/dev/null", O_WRONLY | O_CLOEXEC);
		loud = dup(STDERR_FILENO);
	}
	(void)dup2(quiet, STDERR_FILENO);
	fuzz_inject();
	words(word, n);
	nf_fail_off();
	(void)dup2(loud, STDERR_FILENO);
	free(text);
}
