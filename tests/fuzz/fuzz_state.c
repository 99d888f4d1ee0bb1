/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz target: what a simulated module keeps, its state ('m' first) and the
 * shares of a card ('c').  The digest at their ends is put right here.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nfast/base/digest.h"
#include "nfast/module/internal.h"
#include "tests/fuzz/fuzz.h"

#define DIGEST_LEN	32
#define STATE_FILE	"module-1"

static char dir[NF_PATH_MAX];

static void
clean_up(void)
{
	char path[NF_PATH_MAX];

	NF_REQUIRE(nf_path(path, NULL, "%s/%s", dir, STATE_FILE) == 0);
	(void)unlink(path);
	(void)rmdir(dir);
}

static void
put(struct nf_view bytes)
{
	char path[NF_PATH_MAX];
	FILE *f;

	if (dir[0] == '\0') {
		fuzz_dir(dir);
		NF_REQUIRE(atexit(clean_up) == 0);
	}
	NF_REQUIRE(nf_path(path, NULL, "%s/%s", dir, STATE_FILE) == 0);
	f = fopen(path, "w");
	NF_REQUIRE(f != NULL && fwrite(bytes.p, 1, bytes.len, f) ==
	    bytes.len && fclose(f) == 0);
}

static void
state(struct nf_view bytes)
{
	struct nf_module *m = calloc(1, sizeof(*m));
	struct nf_diag diag = { 0 };
	int r;

	if (!FUZZ_OK(m != NULL))
		return;
	nf_fail_off();
	put(bytes);
	fuzz_inject();
	(void)snprintf(m->dir, sizeof(m->dir), "%s", dir);
	r = nf_mod_nv_load(m, &diag);
	fuzz_diag(r, &diag);
	if (r == 0)
		NF_REQUIRE(m->nv.n_kms <= NF_MOD_KMS_MAX);
	nf_mod_nv_wipe(&m->nv);
	free(m);
}

static void
card(struct nf_view bytes)
{
	struct nf_mod_card *c = calloc(1, sizeof(*c));
	struct nf_buf out = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	int r;

	if (!FUZZ_OK(c != NULL))
		return;
	r = nf_mod_card_read(bytes, c, &diag);
	fuzz_diag(r, &diag);
	if (r == 0) {
		NF_REQUIRE(c->n_shares <= NF_MOD_SHARES_MAX);
		(void)nf_mod_card_write(&out, c);
		fuzz_same(&out, bytes.p, bytes.len);
	}
	nf_buf_wipe(&out);
	free(c);
}

void
target_state(const uint8_t *data, size_t size)
{
	struct nf_buf buf = NF_BUF_INIT;
	uint8_t digest[NF_DIGEST_MAX];
	struct nf_view all;

	if (size < 1)
		return;
	nf_fail_off();
	nf_buf_put(&buf, data + 1, size - 1);
	all = nf_buf_view(&buf);
	NF_REQUIRE(nf_digest_of(NF_SHA256, &all, 1, digest) == 0);
	nf_buf_put(&buf, digest, DIGEST_LEN);
	NF_REQUIRE(nf_buf_err(&buf) == 0);
	fuzz_inject();
	if (data[0] == 'm')
		state(nf_buf_view(&buf));
	else if (data[0] == 'c')
		card(nf_buf_view(&buf));
	nf_buf_wipe(&buf);
}
