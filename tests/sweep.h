/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sweeps over failing calls (tests/fuzz/fail.h): a function is run again and
 * again, with its first, second, ... call of a library failing, and then with
 * all calls from there on failing, until it runs through.  Each time it ends
 * as if nothing had happened, or says by an error that it could not go on;
 * never with another result.  In the end it still works.
 *
 * A bare "make check" takes samples behind the first calls; SW_SWEEP=full in
 * the environment, as in "make coverage", takes many more, and SW_SWEEP=all
 * takes every call.
 */
#ifndef NF_TESTS_SWEEP_H
#define NF_TESTS_SWEEP_H

#include <limits.h>

#include "nfast/base/err.h"
#include "tests/fuzz/fail.h"
#include "tests/tap.h"

#define SWEEP_DENSE	48	/* calls that are all made to fail */
#define SWEEP_PART	8	/* then n, n + n/8, and so on */
#define SWEEP_COARSE	8	/* the same for what is coarse */
#define SWEEP_COARSE_PART 2
#define SWEEP_FULL	12	/* so many times both with SW_SWEEP=full */
#define SWEEP_KEPT	1024

/*
 * What is swept.
 *   run   do it from the start: returns a code, fills diag when it is not 0,
 *         and appends what came out to result, which counts when it returns
 *         what it returns in peace
 *   undo  remove what a run left, may be NULL; nothing fails in it
 *   io    NF_E_IO, NF_E_NOTFOUND and NF_E_BUSY are errors that may come
 *   quiet the diag may be left empty
 *   coarse fewer samples, for what takes long
 */
struct sweep {
	const char *name;
	int (*run)(void *arg, struct nf_buf *result, struct nf_diag *diag);
	void (*undo)(void *arg);
	void *arg;
	bool io, quiet, coarse;
};

/* A result that was given although a call failed. */
struct sweep_kept {
	int r;
	unsigned long n;
	const char *call;
	struct nf_buf out;
	struct nf_diag diag;
};

static inline bool
sweep_excuse(const struct sweep *s, int r)
{
	return r == NF_E_NOMEM || r == NF_E_CRYPTO || r == NF_E_INTERNAL ||
	    (s->io && (r == NF_E_IO || r == NF_E_NOTFOUND ||
	    r == NF_E_BUSY));
}

static inline int
sweep_once(const struct sweep *s, void (*start)(unsigned long),
    unsigned long n, struct nf_buf *out, struct nf_diag *diag)
{
	int r;

	nf_buf_init(out);
	nf_diag_clear(diag);
	start(n);
	r = s->run(s->arg, out, diag);
	nf_fail_off();
	if (s->undo != NULL)
		s->undo(s->arg);
	return r;
}

/* One complaint; only the first ones are kept, as Check bounds messages. */
static inline void
sweep_complain(struct nf_buf *faults, const char *mode, unsigned long n,
    const char *call, int r, const char *what, int other)
{
	if (faults->len < 1000)
		nf_buf_printf(faults, "\n  %s call %lu (%s): %d, %s %d", mode,
		    n, call, r, what, other);
}

/* The failing calls one after the other; the last run is the clean one. */
static inline void
sweep_mode(const struct sweep *s, void (*start)(unsigned long),
    const char *mode)
{
	static struct sweep_kept kept[SWEEP_KEPT];
	const char *env = getenv("SW_SWEEP");
	unsigned long times = env == NULL ? 1 : strcmp(env, "all") == 0 ?
	    ULONG_MAX / SWEEP_DENSE : SWEEP_FULL;
	unsigned long dense = times * (s->coarse ? SWEEP_COARSE :
	    SWEEP_DENSE);
	unsigned long part = times * (s->coarse ? SWEEP_COARSE_PART :
	    SWEEP_PART);
	struct nf_buf out, faults = NF_BUF_INIT;
	struct nf_diag diag;
	unsigned long n = 1;
	size_t n_kept = 0;
	int r;

	for (;;) {
		r = sweep_once(s, start, n, &out, &diag);
		if (!nf_fail_hit())
			break;
		if (!sweep_excuse(s, r)) {
			ck_assert_uint_lt(n_kept, SWEEP_KEPT);
			kept[n_kept++] = (struct sweep_kept){ r, n,
			    nf_fail_name(), out, diag };
		} else {
			if (!s->quiet && diag.code != r)
				sweep_complain(&faults, mode, n,
				    nf_fail_name(), r, "but the diag has",
				    diag.code);
			nf_buf_wipe(&out);
		}
		n += n < dense ? 1 : n / part;
	}
	ck_assert_msg(n > 1, "%s: no call to fail", s->name);
	for (size_t i = 0; i < n_kept; i++) {
		struct sweep_kept *k = &kept[i];

		/* no calendar has an end that a time in range could reach */
		if (strcmp(k->call, "gmtime_r") == 0)
			continue;
		if (k->r != r) {
			sweep_complain(&faults, mode, k->n, k->call, k->r,
			    "where it is", r);
			if (getenv("SW_SHOW") != NULL)
				(void)fprintf(stderr, "%lu: %s\n", k->n,
				    k->diag.text);
		} else if (!nf_view_equal(nf_buf_view(&k->out),
		    nf_buf_view(&out))) {
			sweep_complain(&faults, mode, k->n, k->call, k->r,
			    "with another result than that of", r);
			if (getenv("SW_SHOW") != NULL)
				(void)fprintf(stderr, "--- %s\n+++ %s\n",
				    nf_buf_text(&out), nf_buf_text(&k->out));
		}
	}
	for (size_t i = 0; i < n_kept; i++)
		nf_buf_wipe(&kept[i].out);
	ck_assert_msg(faults.len == 0, "%s:%s", s->name,
	    nf_buf_text(&faults));
	nf_buf_wipe(&out);
}

/* What a writer returns to a sweep: its own error, or that of its buffer. */
static inline int
sweep_err(int r, const struct nf_buf *result, struct nf_diag *diag)
{
	if (r == 0)
		r = nf_buf_err(result);
	(void)nf_diag_set(diag, r, NULL, "%s", nf_err_text(r));
	return r;
}

/* Sweep, and require this code of the clean run. */
static inline void
sweep(const struct sweep *s, int want)
{
	struct nf_diag diag;
	struct nf_buf out;
	int r;

	sweep_mode(s, nf_fail_nth, "nth");
	sweep_mode(s, nf_fail_from, "from");
	r = sweep_once(s, nf_fail_nth, UINT32_MAX, &out, &diag);
	ck_assert_msg(r == want, "%s: %d (%s: %s)", s->name, r, diag.field,
	    diag.text);
	nf_buf_wipe(&out);
}

#endif
