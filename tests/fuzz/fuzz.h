/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the fuzz targets share.  A target reads the bytes; where that works it
 * prints the object and writes it again, and aborts when a strict format does
 * not give the same bytes.  In some runs calls of libraries fail (fail.h):
 * then an operation may fail, but its failure has to be an orderly one.
 */
#ifndef NF_TESTS_FUZZ_FUZZ_H
#define NF_TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nfast/base/buf.h"
#include "nfast/base/cur.h"
#include "nfast/base/file.h"
#include "tests/fuzz/fail.h"

/*
 * All targets: NAME is target_NAME() in fuzz_NAME.c, with seeds in
 * seeds/NAME.
 */
#define FUZZ_TARGETS(X) \
	X(acl) \
	X(attest) \
	X(audit) \
	X(blob) \
	X(byok1) \
	X(byok2) \
	X(certlist) \
	X(command) \
	X(eligible) \
	X(file) \
	X(gadget) \
	X(http) \
	X(kekpkg) \
	X(keydata) \
	X(keyparams) \
	X(kmfile) \
	X(lib) \
	X(modcert) \
	X(nbfx) \
	X(pkcs8) \
	X(reply) \
	X(rest) \
	X(state) \
	X(text) \
	X(transcript) \
	X(usb) \
	X(vault) \
	X(warrant) \
	X(zip)

typedef void fuzz_target(const uint8_t *data, size_t size);
#define FUZZ_DECLARE(name)	fuzz_target target_##name;
FUZZ_TARGETS(FUZZ_DECLARE)

/* The last bytes of an input, little-endian: which calls fail, 0 none. */
#define FUZZ_SEED_LEN	4

/* The entry points that libFuzzer and replay.c call.  They return 0. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/*
 * Run the chosen target over bytes without a seed behind them.
 *   seed  as above
 *   odds  one call in so many fails
 */
void fuzz_run(const uint8_t *data, size_t size, uint32_t seed,
    uint32_t odds);

/* A new directory for the files of a target, below TMPDIR or here. */
void fuzz_dir(char dir[static NF_PATH_MAX]);

/*
 * From here calls fail as the input says.  Done before a target runs; only a
 * target that prepares something with nf_fail_off() calls it.
 */
void fuzz_inject(void);

/*
 * The value of a condition that may be false only after a call was made to
 * fail; else the process ends.
 */
#define FUZZ_OK(cond) \
	((cond) || fuzz_excused(#cond, __FILE__, __LINE__))
static inline bool
fuzz_excused(const char *what, const char *file, int line)
{
	if (!nf_fail_hit())
		nf_abort(what, file, line);
	return false;
}

/* What was written is what was read; the buffer is wiped. */
static inline void
fuzz_same(struct nf_buf *out, const void *p, size_t len)
{
	if (FUZZ_OK(nf_buf_err(out) == 0))
		NF_REQUIRE(nf_view_equal(nf_buf_view(out),
		    nf_view_of(p, len)));
	nf_buf_wipe(out);
}

/* A printer succeeded and left text that a terminal may be shown. */
static inline void
fuzz_text(struct nf_buf *out)
{
	(void)FUZZ_OK(nf_buf_err(out) == 0);
	for (size_t i = 0; i < out->len; i++)
		NF_REQUIRE(out->p[i] == '\n' || out->p[i] == '\t' ||
		    (out->p[i] >= 0x20 && out->p[i] <= 0x7e));
	nf_buf_wipe(out);
}

/* An error came with a diagnosis; the want of memory may come without. */
static inline void
fuzz_diag(int r, const struct nf_diag *diag)
{
	NF_REQUIRE(r == 0 || (r < 0 && diag->code == r) ||
	    (r == NF_E_NOMEM && nf_fail_hit() && diag->code == 0));
}

#endif
