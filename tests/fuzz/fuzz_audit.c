/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz target: the auditor as a whole on one file of any kind, and every
 * format of its report.  The roots of the simulator that made the seeds are
 * accepted.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "nfast/base/text.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/seed_artefacts.h"
#include "verify/audit.h"
#include "verify/kwarn.h"
#include "verify/roots.h"

static void
report(const struct nf_vfy_item *item)
{
	static const char *const formats[] = { "text", "json", "jsonl",
	    "junit", "sarif", "html" };

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		const struct nf_vfy_format *f = nf_vfy_format_find(formats[i]);
		struct nf_vfy_run run = { "byok-audit", i % 2 == 0, false };
		struct nf_vfy_tally tally = { 0 };
		struct nf_buf out = NF_BUF_INIT;

		NF_REQUIRE(f != NULL);
		if (f->begin != NULL)
			f->begin(&out, &run);
		f->item(&out, &run, item);
		nf_vfy_tally_add(&tally, item->v->kind,
		    nf_vfy_outcome_of(item));
		if (f->end != NULL)
			f->end(&out, &run, &tally);
		if (nf_buf_err(&out) == 0)
			NF_REQUIRE(out.len > 0);
		fuzz_text(&out);
	}
}

static void
reverse(uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n / 2; i++) {
		uint8_t c = p[i];

		p[i] = p[n - 1 - i];
		p[n - 1 - i] = c;
	}
}

static void
accept(struct nf_vfy_roots *roots, struct nf_vfy_kwarn *kwarn)
{
	struct nf_vfy_point *p = &kwarn->simulated;

	if (kwarn->has_simulated)
		return;
	NF_REQUIRE(nf_vfy_roots_name(roots, SEED_ROOT, NULL) == 0);
	NF_REQUIRE(nf_text_unhex(SEED_KWARN_X, 2 * sizeof(p->x), p->x,
	    sizeof(p->x)));
	NF_REQUIRE(nf_text_unhex(SEED_KWARN_Y, 2 * sizeof(p->y), p->y,
	    sizeof(p->y)));
	reverse(p->x, sizeof(p->x));
	reverse(p->y, sizeof(p->y));
	kwarn->has_simulated = true;
}

/* What was made to fail may keep a verdict back, and never makes one good. */
static enum nf_vfy_outcome
audit(const uint8_t *data, size_t size, bool strict)
{
	static struct nf_vfy_roots roots;
	static struct nf_vfy_kwarn kwarn;
	struct nf_vfy_options opt = { .roots = &roots, .kwarn = &kwarn,
	    .strict = strict };
	struct nf_vfy_verdict *v = malloc(sizeof(*v));
	struct nf_vfy_item item = { .path = "a/file \xff", .v = v };
	enum nf_vfy_outcome outcome = NF_VFY_OUT_ERROR;
	struct nf_vfy_ctx *ctx = NULL;
	struct nf_diag diag = { 0 };
	int r;

	if (!FUZZ_OK(v != NULL))
		return outcome;
	accept(&roots, &kwarn);
	nf_vfy_verdict_init(v, NF_VFY_KIND_NONE, "a file");
	if (!FUZZ_OK((ctx = nf_vfy_ctx_new()) != NULL))
		goto out;
	r = nf_vfy_audit_bytes(ctx, "BYOK-KEK-pkg-NA-1.zip",
	    nf_view_of(data, size), &opt, v, &diag);
	r = nf_vfy_audit_whole(v, r, item.path, &diag);
	fuzz_diag(r, &diag);
	item.exit = nf_vfy_audit_exit(v, r, false);
	item.diag = r == 0 ? NULL : &diag;
	outcome = nf_vfy_outcome_of(&item);
	NF_REQUIRE((outcome == NF_VFY_OUT_PASS) == (item.exit == 0));
	NF_REQUIRE(outcome != NF_VFY_OUT_PASS || v->has_root);
	report(&item);
out:
	nf_vfy_ctx_free(ctx);
	nf_vfy_verdict_wipe(v);
	free(v);
	return outcome;
}

void
target_audit(const uint8_t *data, size_t size)
{
	enum nf_vfy_outcome plain, strict;

	/* Being strict never turns a verdict for the better. */
	plain = audit(data, size, false);
	if (!nf_fail_hit()) {
		strict = audit(data, size, true);
		NF_REQUIRE(strict == plain || nf_fail_hit() ||
		    strict == NF_VFY_OUT_FAIL);
	}
}
