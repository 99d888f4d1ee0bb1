/* SPDX-License-Identifier: Apache-2.0 */
/* Workers wrap, the parent writes. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nfast/base/cli.h"
#include "nfast/base/pool.h"
#include "nfast/base/seed.h"
#include "transfer/byok2.h"
#include "transfer/plan-left.h"
#include "transfer/plan-run.h"
#include "transfer/wrapper.h"

#define LINE_SIZE	2048
#define ERROR_MAX \
	(NF_DIAG_WHERE_MAX + NF_DIAG_FIELD_MAX + NF_DIAG_TEXT_MAX + 64)

struct run {
	const struct nf_plan_run *want;
	const struct nf_plan *plan;
	struct nf_wrapper *wrapper;
	struct nf_plan_kek *kek;	/* of the plan's files, by kek_of */
	size_t n_keks;
	size_t *kek_of;			/* by key; n_keks: the command line's */
	struct nf_plan_dir *dir;
	char **why;			/* by key, why it failed */
	size_t *todo;			/* keys without a package */
	size_t n_todo, next, seen;	/* asked for, done with */
	struct nf_buf held;		/* lines that wait for the disk */
	struct nf_plan_counts *counts;
	struct nf_diag *diag;
};

/* ---- KEKs -------------------------------------------------------------- */

static const struct nf_plan_kek *
kek_of(const struct run *run, size_t key)
{
	size_t i = run->kek_of[key];

	return i == run->n_keks ? run->want->kek : &run->kek[i];
}

/* Load each KEK file of the plan once. */
static int
keks_load(struct run *run, struct nf_diag *diag)
{
	const struct nf_plan_line *key = run->plan->key;
	const char *path[NF_WRAPPER_KEKS_MAX];
	size_t n = 0, i;
	int r;

	for (size_t k = 0; k < run->plan->n; k++) {
		if (strcmp(key[k].kek, "-") == 0) {
			if (run->want->kek == NULL)
				return nf_diag_set(diag, NF_E_USAGE, "--kek",
				    "is missing: line %zu of the plan wants "
				    "it", key[k].line);
			run->kek_of[k] = SIZE_MAX;
			continue;
		}
		for (i = 0; i < n && strcmp(path[i], key[k].kek) != 0; i++)
			continue;
		if (i == n) {
			if (n == NF_WRAPPER_KEKS_MAX)
				return nf_diag_set(diag, NF_E_POLICY, "plan",
				    "more than %d KEK files",
				    NF_WRAPPER_KEKS_MAX);
			if ((r = nf_plan_kek_load(key[k].kek, NULL,
			    &run->kek[n], diag)) != 0)
				return r;
			if (run->kek[n].pem.insecure &&
			    run->want->warn != NULL)
				nf_plan_kek_warn(key[k].kek, run->want->warn);
			path[n++] = key[k].kek;
		}
		run->kek_of[k] = i;
	}
	run->n_keks = n;
	for (size_t k = 0; k < run->plan->n; k++) {
		if (run->kek_of[k] == SIZE_MAX)
			run->kek_of[k] = n;
	}
	return 0;
}

/* ---- telling ----------------------------------------------------------- */

/* Lines that tell of packages wait until these are safe. */
static void
held_tell(struct run *run)
{
	char *line = run->held.len == 0 ? NULL : (char *)run->held.p;
	char *end = line == NULL ? NULL : line + run->held.len, *nl;

	for (; line < end; line = nl + 1) {
		nl = memchr(line, '\n', (size_t)(end - line));
		*nl = '\0';
		run->want->key(run->want->arg, line);
	}
	run->held.len = 0;
}

static int
say(struct run *run, size_t key, const char *what, const char *detail)
{
	const struct nf_plan_line *l = &run->plan->key[key];
	int r;

	nf_buf_printf(&run->held, "%-8s %s (%s)%s%s\n", what, l->name,
	    l->source, *detail == '\0' ? "" : ": ", detail);
	if ((r = nf_buf_err(&run->held)) != 0)
		return nf_diag_set(run->diag, r, NULL, "%s", nf_err_text(r));
	if (nf_plan_dir_waiting(run->dir) == 0)
		held_tell(run);
	return 0;
}

static int
failed(struct run *run, size_t key, const char *why)
{
	run->counts->failed++;
	if ((run->why[key] = strdup(why)) == NULL)
		return nf_diag_set(run->diag, NF_E_NOMEM, NULL,
		    "out of memory");
	return say(run, key, run->want->dry ? "will not" : "FAILED", why);
}

static int
flush(struct run *run)
{
	int r = nf_plan_dir_flush(run->dir, run->diag);

	if (r == 0)
		held_tell(run);
	return r;
}

/* ---- in a worker ------------------------------------------------------- */

static bool
is_p11(const char *source)
{
	return strncmp(source, "pkcs11:", 7) == 0;
}

static void *
start(void *arg)
{
	return arg;
}

static void
stop(void *state)
{
	(void)state;
}

static uint32_t
job_key(struct nf_view job)
{
	struct nf_cur cur;

	nf_cur_init(&cur, job.p, job.len, NULL);
	return nf_cur_u32(&cur, "key");
}

/* A source that is in the simulated world. */
static void
in_world(const struct nf_plan_line *l, char app[static NF_PLAN_APP_SIZE],
    struct nf_wrapper_key *at)
{
	*at = (struct nf_wrapper_key){ .kind = NF_WRAPPER_SIMULATED,
	    .app = app };
	NF_REQUIRE(nf_plan_source_split(l->source, app, &at->ident));
}

/* Wrap or look at one key. */
static int
wrap(struct run *run, size_t key, struct nf_wrapper_result *res,
    struct nf_diag *diag)
{
	const struct nf_plan_line *l = &run->plan->key[key];
	struct nf_p11_options opt = { .module = run->want->module };
	struct nf_wrapper_key at = { .kind = NF_WRAPPER_P11 };
	struct nf_p11_select *select = NULL;
	char app[NF_PLAN_APP_SIZE];
	int r;

	memset(res, 0, sizeof(*res));
	if (is_p11(l->source)) {
		/* The URI's own module goes before that of the option. */
		if (strstr(l->source, "module-path=") != NULL)
			opt.module = NULL;
		if ((r = nf_p11_select_new(l->source, &opt, &select,
		    diag)) != 0)
			return r;
		at.select = select;
	} else
		in_world(l, app, &at);
	r = run->want->dry ? nf_wrapper_look(run->wrapper, &at, res, diag) :
	    nf_wrapper_wrap(run->wrapper, &at, &kek_of(run, key)->pem, res,
	    diag);
	nf_p11_select_free(select);
	return r;
}

/* A result: 0 and the package's parts, or 1 and a line. */
static void
work(void *state, struct nf_view job, struct nf_buf *out)
{
	struct run *run = state;
	struct nf_buf file = NF_BUF_INIT, generator = NF_BUF_INIT;
	struct nf_wrapper_result res;
	struct nf_diag diag = { 0 };
	size_t key = job_key(job);
	char line[ERROR_MAX];
	const char *text;
	int r;

	if ((r = wrap(run, key, &res, &diag)) == 0 && !run->want->dry) {
		nf_byok2_generator(&generator, res.source,
		    kek_of(run, key)->pem.insecure);
		text = nf_buf_text(&generator);
		if ((r = nf_buf_err(&generator)) == 0)
			r = nf_byok2_write(&file, kek_of(run, key)->kid,
			    nf_buf_view(&res.ciphertext), text, &diag);
	}
	if (r != 0) {
		(void)nf_diag_set(&diag, r, NULL, "%s", nf_err_text(r));
		nf_diag_line(&diag, line, sizeof(line));
		nf_buf_u8(out, 1);
		nf_buf_put(out, line, strlen(line) + 1);
	} else {
		nf_buf_u8(out, 0);
		nf_buf_u8(out, (uint8_t)res.type.kty);
		nf_buf_u32(out, res.type.bits);
		nf_buf_u32(out, res.type.curve);
		nf_buf_put(out, res.hash, sizeof(res.hash));
		nf_buf_put(out, res.note, sizeof(res.note));
		nf_buf_view_put(out, nf_buf_view(&file));
	}
	nf_wrapper_result_wipe(&res);
	nf_buf_wipe(&generator);
	nf_buf_wipe(&file);
}

/* ---- in the parent ----------------------------------------------------- */

/* The next key that has no package yet. */
static bool
next(void *arg, struct nf_buf *job)
{
	struct run *run = arg;

	if (run->next == run->n_todo)
		return false;
	nf_buf_u32(job, (uint32_t)run->todo[run->next++]);
	return nf_buf_err(job) == 0;
}

/* Take a package into the batch, or only tell of a key that would work. */
static int
wrapped(struct run *run, size_t key, struct nf_cur *cur)
{
	char note[NF_WRAPPER_NOTE_MAX], type[NF_XFER_KEYTYPE_MAX];
	char text[NF_XFER_KEYTYPE_MAX + NF_WRAPPER_NOTE_MAX + 2];
	struct nf_plan_done d = { .name = run->plan->key[key].name,
	    .source = run->plan->key[key].source, .type = type,
	    .kid = kek_of(run, key)->kid };
	struct nf_xfer_keytype kt;
	struct nf_view file;
	int r;

	kt.kty = (enum nf_xfer_kty)nf_cur_u8(cur, "kty");
	kt.bits = nf_cur_u32(cur, "bits");
	kt.curve = nf_cur_u32(cur, "curve");
	nf_cur_copy(cur, "hash", d.hash, sizeof(d.hash));
	nf_cur_copy(cur, "note", note, sizeof(note));
	file = nf_cur_bytes(cur, "file", nf_cur_left(cur));
	if ((r = nf_cur_err(cur)) != 0)
		return r;
	nf_xfer_keytype_text(&kt, type);
	(void)snprintf(text, sizeof(text), "%s%s%s", type,
	    *note == '\0' ? "" : "; ", note);
	run->counts->wrapped++;
	if (run->want->dry)
		return say(run, key, "will", text);
	run->counts->insecure += nf_seed_marked(file);
	if ((r = nf_plan_dir_add(run->dir, &d, file, run->diag)) != 0)
		return r;
	return say(run, key, "wrapped", text);
}

static int
done(void *arg, struct nf_view job, struct nf_view result, bool died)
{
	struct run *run = arg;
	size_t key = job_key(job);
	struct nf_cur cur;
	int r;

	nf_cur_init(&cur, result.p, result.len, run->diag);
	if (died)
		r = failed(run, key, "the wrapping process died: please "
		    "report it");
	else if (nf_cur_u8(&cur, "status") != 0)
		r = failed(run, key, (const char *)result.p + 1);
	else
		r = wrapped(run, key, &cur);
	if (r == 0 && nf_plan_dir_due(run->dir))
		r = flush(run);
	run->seen++;
	if (run->want->progress != NULL)
		run->want->progress(run->want->arg, run->seen, run->n_todo);
	return r;
}

/* Say what is done already; the other keys are to do. */
static int
find_todo(struct run *run)
{
	char why[LINE_SIZE];
	int r = 0;

	for (size_t i = 0; r == 0 && i < run->plan->n; i++) {
		const struct nf_plan_line *l = &run->plan->key[i];

		switch (nf_plan_dir_has(run->dir, l->name, l->source,
		    kek_of(run, i)->kid, why, sizeof(why))) {
		case 0:
			run->todo[run->n_todo++] = i;
			break;
		case 1:
			run->counts->before++;
			r = say(run, i, "is done", "");
			break;
		default:
			r = failed(run, i, why);
			break;
		}
	}
	return r;
}

/*
 * The cards are asked for before there are workers.  PKCS#11 does not survive
 * a fork, and a connection to a module cannot be shared: the answer to one
 * worker would reach another.
 */
static int
prepare(struct run *run, size_t *workers, struct nf_diag *diag)
{
	struct nf_wrapper_key at;
	char app[NF_PLAN_APP_SIZE];
	int r;

	*workers = nf_cli_env("NFAST_SERVER") != NULL ? 1 :
	    run->want->workers;
	for (size_t i = 0; i < run->n_todo; i++) {
		size_t key = run->todo[i];

		if (is_p11(run->plan->key[key].source)) {
			*workers = 1;
			continue;
		}
		in_world(&run->plan->key[key], app, &at);
		if ((r = nf_wrapper_prepare(run->wrapper, &at,
		    run->want->dry ? NULL : &kek_of(run, key)->pem,
		    diag)) != 0)
			return r;
	}
	return 0;
}

/* What was wrapped when an error stops the run is kept. */
static int
wrap_all(struct run *run)
{
	struct nf_pool pool = { .arg = run, .start = start, .stop = stop,
	    .next = next, .work = work, .done = done };
	struct nf_diag ignored = { 0 };
	int r;

	if ((r = prepare(run, &pool.workers, run->diag)) != 0)
		return r;
	if ((r = nf_pool_run(&pool, run->diag)) == 0)
		return flush(run);
	(void)nf_plan_dir_flush(run->dir, &ignored);
	return r;
}

static int
left_behind(struct run *run)
{
	const struct nf_plan_left left = { .plan = run->plan,
	    .dir = run->dir, .managed = run->want->managed,
	    .vault = run->want->vault, .why = run->why };
	int r;

	if ((r = nf_plan_dir_reload(run->dir, run->diag)) == 0)
		r = nf_plan_left_write(&left, run->diag);
	return r;
}

static int
run_new(struct run *run)
{
	size_t n = run->plan->n + 1;

	run->kek = calloc(NF_WRAPPER_KEKS_MAX, sizeof(*run->kek));
	run->kek_of = calloc(n, sizeof(*run->kek_of));
	run->todo = calloc(n, sizeof(*run->todo));
	run->why = calloc(n, sizeof(*run->why));
	run->wrapper = nf_wrapper_new(&run->want->pin, run->want->card);
	if (run->kek != NULL && run->kek_of != NULL && run->todo != NULL &&
	    run->why != NULL && run->wrapper != NULL)
		return 0;
	return nf_diag_set(run->diag, NF_E_NOMEM, NULL, "out of memory");
}

static void
run_free(struct run *run)
{
	nf_plan_dir_close(run->dir);
	nf_wrapper_close(run->wrapper);
	nf_buf_wipe(&run->held);
	for (size_t i = 0; run->why != NULL && i < run->plan->n; i++)
		free(run->why[i]);
	free(run->why);
	free(run->kek);
	free(run->kek_of);
	free(run->todo);
}

int
nf_plan_carry_out(const struct nf_plan_run *want,
    struct nf_plan_counts *counts, struct nf_diag *diag)
{
	struct run run = { .want = want, .plan = want->plan,
	    .counts = counts, .diag = diag };
	int r;

	memset(counts, 0, sizeof(*counts));
	if ((r = run_new(&run)) == 0 &&
	    (r = keks_load(&run, diag)) == 0 &&
	    (r = nf_plan_dir_open(want->dir, want->dry, &run.dir,
	    diag)) == 0 && (r = find_todo(&run)) == 0 &&
	    (r = wrap_all(&run)) == 0 && !want->dry)
		r = left_behind(&run);
	run_free(&run);
	return r;
}
