/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An estate: a pool of workers that audit and write one item each, and the
 * parent that counts, records and prints.  The parent reads no audited file.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "nfast/base/digest.h"
#include "nfast/base/pool.h"
#include "verify/audit.h"

#define PIECE	((size_t)64 * 1024)	/* of the report, before it is put out */

/* What a job says first. */
enum { JOB_FILE, JOB_TROUBLE };

/* The first byte of a result: the bits that say what follows. */
enum { HAS_SHA256 = 1, HAS_DIGEST = 2, IS_ASIDE = 4, IS_SEEDED = 8 };

/* In a worker. */
struct auditor {
	const struct nf_vfy_estate *estate;
	struct nf_vfy_ctx *ctx;
	struct nf_vfy_verdict verdict;
};

/* In the parent. */
struct books {
	const struct nf_vfy_estate *estate;
	struct nf_walk *walk;
	struct nf_vfy_tally tally;
	struct nf_buf out;
	size_t n_items;
	int exit;
	struct nf_diag *diag;
};

static void *
start(void *arg)
{
	struct auditor *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return NULL;
	a->estate = ((struct books *)arg)->estate;
	nf_vfy_verdict_init(&a->verdict, NF_VFY_KIND_NONE, "");
	if ((a->ctx = nf_vfy_ctx_new()) == NULL) {
		free(a);
		return NULL;
	}
	return a;
}

static void
stop(void *state)
{
	struct auditor *a = state;

	nf_vfy_ctx_free(a->ctx);
	nf_vfy_verdict_wipe(&a->verdict);
	free(a);
}

/* A job: JOB_FILE and a path; or JOB_TROUBLE, an error and a path. */
static bool
next(void *arg, struct nf_buf *job)
{
	struct books *b = arg;
	struct nf_diag diag = { 0 };
	const char *path;
	int r = nf_walk_next(b->walk, &path, &diag);

	if (r == 0)
		return false;
	nf_buf_u8(job, r > 0 ? JOB_FILE : JOB_TROUBLE);
	if (r < 0) {
		nf_buf_u32(job, (uint32_t)-diag.code);
		nf_buf_put(job, diag.text, strlen(diag.text) + 1);
	}
	nf_buf_put(job, path, strlen(path) + 1);
	return true;
}

/* Read a job of next(); r is the code of a trouble. */
static const char *
job_read(struct nf_view job, int *r, struct nf_diag *diag)
{
	struct nf_cur cur;
	const char *text;

	*r = 0;
	nf_cur_init(&cur, job.p, job.len, NULL);
	if (nf_cur_u8(&cur, "job") == JOB_TROUBLE) {
		*r = -(int)nf_cur_u32(&cur, "code");
		text = (const char *)cur.p + cur.off;
		(void)nf_diag_set(diag, *r, NULL, "%s", text);
		return text + strlen(text) + 1;
	}
	return (const char *)cur.p + cur.off;
}

/* SHA-256 of the verdict as a line of jsonl, without the newline. */
static bool
digest_of(const struct nf_vfy_run *run, const struct nf_vfy_item *item,
    uint8_t out[static 32])
{
	struct nf_buf line = NF_BUF_INIT;
	struct nf_view v;
	bool ok;

	nf_vfy_jsonl_format.item(&line, run, item);
	v = nf_buf_view(&line);
	if (v.len > 0 && v.p[v.len - 1] == '\n')
		v.len--;
	ok = nf_buf_err(&line) == 0 && nf_digest_of(NF_SHA256, &v, 1,
	    out) == 0;
	nf_buf_wipe(&line);
	return ok;
}

/* The result: what the parent must know, then the item's text. */
static void
result_write(struct nf_buf *out, const struct nf_vfy_estate *e,
    const struct nf_vfy_item *item)
{
	char line[NF_DIAG_WHERE_MAX + NF_DIAG_FIELD_MAX + NF_DIAG_TEXT_MAX +
	    64] = "";
	uint8_t digest[32] = { 0 };
	uint8_t has = item->v->has_sha256 ? HAS_SHA256 : 0;
	bool aside = e->run.many && item->v->companion;
	size_t at;

	if (nf_vfy_insecure_seed(item->v))
		has |= IS_SEEDED;
	if (aside)
		has |= IS_ASIDE;
	else if (e->transcript != NULL) {
		if (digest_of(&e->run, item, digest))
			has |= HAS_DIGEST;
		else
			nf_buf_fail(out, NF_E_NOMEM);
	}
	if (item->diag != NULL)
		nf_diag_line(item->diag, line, sizeof(line));
	nf_buf_u8(out, has);
	nf_buf_u8(out, (uint8_t)nf_vfy_outcome_of(item));
	nf_buf_u8(out, (uint8_t)item->exit);
	nf_buf_put(out, item->v->sha256, sizeof(item->v->sha256));
	nf_buf_put(out, digest, sizeof(digest));
	at = nf_buf_len_open(out);
	nf_buf_str(out, item->v->kind);
	nf_buf_len_close(out, at);
	at = nf_buf_len_open(out);
	nf_buf_str(out, line);
	nf_buf_len_close(out, at);
	if (!aside)
		e->format->item(out, &e->run, item);
}

static void
work(void *state, struct nf_view job, struct nf_buf *result)
{
	struct auditor *a = state;
	const struct nf_vfy_estate *e = a->estate;
	struct nf_diag diag = { 0 };
	struct nf_vfy_item item = { .v = &a->verdict };
	int r;

	item.path = job_read(job, &r, &diag);
	nf_vfy_verdict_reset(&a->verdict, NF_VFY_KIND_NONE, item.path);
	if (r == 0)
		r = nf_vfy_audit_file(a->ctx, item.path, e->opt, e->extract,
		    &a->verdict, &diag);
	else
		nf_diag_where(&diag, "%s", item.path);
	if (r != 0)
		item.diag = &diag;
	item.exit = nf_vfy_audit_exit(&a->verdict, r, e->accept_unanchored);
	result_write(result, e, &item);
}

/* How bad an exit status is, for the worst of several. */
static int
rank(int status)
{
	switch (status) {
	case NF_EXIT_OK:
		return 0;
	case NF_EXIT_UNKNOWN:
		return 1;
	case NF_EXIT_INPUT:
		return 2;
	default:
		return 3;
	}
}

/* Put out what has gathered. */
static int
flush(struct books *b, size_t least)
{
	int r = nf_buf_err(&b->out);

	if (r == 0 && b->out.len < least)
		return 0;
	if (r == 0)
		r = b->estate->write(b->estate->arg, nf_buf_view(&b->out),
		    b->diag);
	else
		(void)nf_diag_set(b->diag, r, NULL, "%s", nf_err_text(r));
	b->out.len = 0;
	return r;
}

/* The parts of a result. */
struct result {
	uint8_t has;
	enum nf_vfy_outcome outcome;
	int exit;
	uint8_t sha256[32], digest[32];
	char kind[NF_VFY_KIND_LEN];
	char line[NF_DIAG_WHERE_MAX + NF_DIAG_FIELD_MAX + NF_DIAG_TEXT_MAX +
	    64];
	struct nf_view text;
};

static void
string_read(struct nf_cur *cur, char *out, size_t size)
{
	uint32_t len = nf_cur_count(cur, "string", 1, (uint32_t)size - 1);
	struct nf_view v = nf_cur_bytes(cur, "string", len);

	if (v.len > 0)
		memcpy(out, v.p, v.len);
	out[v.len] = '\0';
}

static int
result_read(struct nf_view bytes, struct result *res, struct nf_diag *diag)
{
	struct nf_cur cur;

	nf_cur_init(&cur, bytes.p, bytes.len, diag);
	res->has = nf_cur_u8(&cur, "has");
	res->outcome = (enum nf_vfy_outcome)nf_cur_u8(&cur, "outcome");
	res->exit = nf_cur_u8(&cur, "exit");
	nf_cur_copy(&cur, "sha256", res->sha256, sizeof(res->sha256));
	nf_cur_copy(&cur, "digest", res->digest, sizeof(res->digest));
	string_read(&cur, res->kind, sizeof(res->kind));
	string_read(&cur, res->line, sizeof(res->line));
	res->text = nf_cur_bytes(&cur, "text", nf_cur_left(&cur));
	return nf_cur_err(&cur);
}

/* A worker that dies is our fault, and says so in its file's place. */
static void
died(const struct books *b, const char *path, struct nf_buf *result)
{
	struct nf_vfy_verdict v;
	struct nf_diag diag = { 0 };
	struct nf_vfy_item item = { .path = path, .v = &v, .diag = &diag };

	nf_vfy_verdict_init(&v, NF_VFY_KIND_NONE, path);
	(void)nf_diag_set(&diag, NF_E_INTERNAL, NULL,
	    "the auditor died over this file: please report it");
	nf_diag_where(&diag, "%s", path);
	item.exit = nf_err_exit(NF_E_INTERNAL);
	result_write(result, b->estate, &item);
	nf_vfy_verdict_wipe(&v);
}

static int
record(struct books *b, const char *path, const struct result *res)
{
	struct nf_vfy_record rec = {
		.path = path, .kind = res->kind,
		.verdict = nf_vfy_record_verdict(res->outcome),
		.exit = res->exit,
		.has_sha256 = (res->has & HAS_SHA256) != 0,
		.insecure_seed = (res->has & IS_SEEDED) != 0
	};

	memcpy(rec.sha256, res->sha256, sizeof(rec.sha256));
	memcpy(rec.verdict_sha256, res->digest, sizeof(rec.verdict_sha256));
	return nf_vfy_transcript_add(b->estate->transcript, &rec, b->diag);
}

static int
done(void *arg, struct nf_view job, struct nf_view bytes, bool dead)
{
	struct books *b = arg;
	const struct nf_vfy_estate *e = b->estate;
	struct nf_buf own = NF_BUF_INIT;
	struct nf_diag ignored = { 0 };
	struct result res;
	const char *path;
	int r;

	path = job_read(job, &r, &ignored);
	if (dead) {
		died(b, path, &own);
		bytes = nf_buf_view(&own);
	}
	if ((r = nf_buf_err(&own)) != 0 ||
	    (r = result_read(bytes, &res, b->diag)) != 0)
		goto out;
	if ((res.has & IS_ASIDE) != 0) {
		if (e->aside != NULL)
			e->aside(e->arg, res.line);
		goto out;
	}
	if (e->transcript != NULL && (r = record(b, path, &res)) != 0)
		goto out;
	nf_vfy_tally_add(&b->tally, res.kind, res.outcome);
	if (rank(res.exit) > rank(b->exit))
		b->exit = res.exit;
	if (b->n_items++ > 0 && e->format->separator != NULL &&
	    res.text.len > 0)
		nf_buf_str(&b->out, e->format->separator);
	nf_buf_view_put(&b->out, res.text);
	if (*res.line != '\0' && e->trouble != NULL)
		e->trouble(e->arg, res.line);
	r = flush(b, PIECE);
	if (e->progress != NULL)
		e->progress(e->arg, &b->tally);
out:
	nf_buf_wipe(&own);
	return r;
}

int
nf_vfy_estate_audit(const struct nf_vfy_estate *e, struct nf_walk *walk,
    int *exit, struct nf_diag *diag)
{
	struct books b = { .estate = e, .walk = walk, .exit = NF_EXIT_OK,
	    .diag = diag };
	struct nf_pool pool = { .workers = e->workers, .arg = &b,
	    .start = start, .stop = stop, .next = next, .work = work,
	    .done = done };
	int r;

	if (e->format->begin != NULL)
		e->format->begin(&b.out, &e->run);
	if ((r = nf_pool_run(&pool, diag)) != 0)
		goto out;
	if (e->format->end != NULL)
		e->format->end(&b.out, &e->run, &b.tally);
	r = flush(&b, 1);
	*exit = b.exit;
	/* Nobody must take silence for a pass. */
	if (r == 0 && b.n_items == 0)
		r = nf_diag_set(diag, NF_E_NOTFOUND, NULL,
		    "there was no file to audit");
out:
	nf_buf_wipe(&b.out);
	return r;
}
