/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verdict on one artefact: ordered checks with stable ids, facts, the
 * root that was reached, and the result that follows from the checks alone.
 * The ids and the report are ours.
 */
#ifndef NF_VERIFY_VERDICT_H
#define NF_VERIFY_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nfast/base/buf.h"
#include "nfast/base/cur.h"
#include "nfast/base/err.h"

#define NF_VFY_CHECKS_MAX	48
#define NF_VFY_FACTS_MAX	40
#define NF_VFY_LINKS_MAX	16
#define NF_VFY_ROOT_CHECK	"root"	/* its "unknown" means unanchored */

enum nf_vfy_status {
	NF_VFY_PASS,
	NF_VFY_FAIL,
	NF_VFY_UNKNOWN,		/* cannot be said from what is there */
	NF_VFY_NA		/* not applicable */
};

enum nf_vfy_result {
	NF_VFY_SUCCESS,		/* no check failed, a root was accepted */
	NF_VFY_FAILED,
	NF_VFY_UNANCHORED	/* no check failed, no root to compare */
};

/*
 * One check.
 *   id      stable, "byok1.signature"
 *   title   what is checked, one phrase
 *   detail  position of a text in the verdict's buffer
 *   where   part of the file that off counts in ("file", "KeyToken"), or NULL
 */
struct nf_vfy_check {
	const char *id;
	const char *title;
	enum nf_vfy_status status;
	size_t detail;
	const char *where;
	size_t off, len;
};

/* Print a value from its bytes, as a block of lines. */
typedef void nf_vfy_print(struct nf_buf *out, struct nf_view bytes);

/*
 * One value; by says whose verified signature covers it, NULL: claimed.  A
 * value that takes long to print is kept as len bytes until it is written.
 */
struct nf_vfy_fact {
	const char *name;
	const char *by;
	size_t value;
	size_t len;
	nf_vfy_print *print;		/* NULL: value is a text, or hex */
	bool hex;
};

/*
 * One link of the chain from a root to the key: from vouches for to, and the
 * check of that id says whether it does.
 */
struct nf_vfy_link {
	const char *from, *to;
	const char *check;
};

struct nf_vfy_verdict {
	const char *kind;		/* "method-1 package", ... */
	char subject[NF_DIAG_WHERE_MAX];	/* printable */
	size_t n_checks, n_facts, n_links;
	struct nf_vfy_check check[NF_VFY_CHECKS_MAX];
	struct nf_vfy_fact fact[NF_VFY_FACTS_MAX];
	struct nf_vfy_link link[NF_VFY_LINKS_MAX];
	bool has_root;
	uint8_t root[20];		/* nCore hash of the root reached */
	bool simulated;			/* a simulator made the artefact */
	bool insecure_seed;		/* it says that it is from a seed */
	bool seed_esn;			/* its ESN says so, if simulated */
	bool companion;			/* no artefact: see companion.h */
	bool has_sha256;
	uint8_t sha256[32];		/* of the whole file, when taken */
	struct nf_buf text;
	int err;			/* the checking itself failed */
	struct nf_diag diag;		/* of err */
};

/* kind is a constant, subject is copied as nf_err_format() writes it. */
void nf_vfy_verdict_init(struct nf_vfy_verdict *v, const char *kind,
    const char *subject);
void nf_vfy_verdict_wipe(struct nf_vfy_verdict *v);

/* Forget checks and facts but keep the memory, for the next artefact. */
void nf_vfy_verdict_reset(struct nf_vfy_verdict *v, const char *kind,
    const char *subject);

/*
 * A text or other bytes of the artefact may say that it was made from a seed,
 * which need not be verified to be taken seriously.
 */
void nf_vfy_seed_claim(struct nf_vfy_verdict *v, struct nf_view bytes);

/* It was made from a seed, see nfast/base/seed.h: no key in it is secret. */
bool nf_vfy_insecure_seed(const struct nf_vfy_verdict *v);

/* Add a check; id and title are constants, detail may be NULL. */
void nf_vfy_add(struct nf_vfy_verdict *v, const char *id, const char *title,
    enum nf_vfy_status status, const char *detail);
void nf_vfy_addf(struct nf_vfy_verdict *v, const char *id,
    const char *title, enum nf_vfy_status status, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* Add a check that passes when ok, and fails with this detail when not. */
void nf_vfy_add_bool(struct nf_vfy_verdict *v, const char *id,
    const char *title, bool ok, const char *fault);

/* Add a check that could not be made because another one failed: unknown. */
void nf_vfy_add_unchecked(struct nf_vfy_verdict *v, const char *id,
    const char *title);

/*
 * Add a check from a return code: 0 passes with detail ok (may be NULL); what
 * the input is to blame for fails with the diag's line; lack of memory and
 * refusals of libcrypto are no verdict and stick in v->err.  Returns r.
 */
int nf_vfy_add_result(struct nf_vfy_verdict *v, const char *id,
    const char *title, int r, const struct nf_diag *diag, const char *ok);

/* Say where the last added check looked: off and len in where. */
void nf_vfy_place(struct nf_vfy_verdict *v, const char *where, size_t off,
    size_t len);

/*
 * The same for a part that is a view into a whole, which where names; nothing
 * is said when it is not.
 */
void nf_vfy_place_in(struct nf_vfy_verdict *v, const char *where,
    struct nf_view whole, struct nf_view part);

/* The same for every check from number first on, for groups of checks. */
void nf_vfy_place_from(struct nf_vfy_verdict *v, size_t first,
    const char *where, struct nf_view whole, struct nf_view part);

/*
 * Add a link of the chain; all are constants.  Nodes are told apart by name;
 * "root" is the root whose hash is v->root.  The check may come later, and
 * counts as unknown when it never does.
 */
void nf_vfy_link(struct nf_vfy_verdict *v, const char *from, const char *to,
    const char *check);

/*
 * A root that was accepted for a part does not count for the whole: a root
 * check that passed becomes unknown, so that the verdict is unanchored.
 *   why  its detail
 */
void nf_vfy_disown_root(struct nf_vfy_verdict *v, const char *why);

/* The check of that id was added and passed. */
bool nf_vfy_passed(const struct nf_vfy_verdict *v, const char *id);

/* The check of that id, or NULL. */
const struct nf_vfy_check *nf_vfy_find(const struct nf_vfy_verdict *v,
    const char *id);

/* The detail of a check, "" when there is none; borrowed. */
const char *nf_vfy_detail(const struct nf_vfy_verdict *v,
    const struct nf_vfy_check *check);

/*
 * Add a fact of one line.  by names the signer whose checked signature covers
 * the value, NULL for a claim.
 */
void nf_vfy_fact(struct nf_vfy_verdict *v, const char *name, const char *by,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/*
 * A fact of one line that is a text of the file: bare when it can be taken
 * for nothing else, or in quotes with \xNN for what is not printable and for
 * quotes, backslashes and brackets, so that no text looks like a signer.
 */
void nf_vfy_fact_text(struct nf_vfy_verdict *v, const char *name,
    const char *by, struct nf_view text);

/*
 * A fact that the caller writes into the returned buffer, up to _end(); the
 * NUL is added there.
 */
struct nf_buf *nf_vfy_fact_begin(struct nf_vfy_verdict *v, const char *name,
    const char *by);
void nf_vfy_fact_end(struct nf_vfy_verdict *v);

/* A fact of one line that is these bytes in lower-case hex. */
void nf_vfy_fact_hex(struct nf_vfy_verdict *v, const char *name,
    const char *by, struct nf_view bytes);

/* A block of lines, printed from a copy of these bytes when written. */
void nf_vfy_fact_bytes(struct nf_vfy_verdict *v, const char *name,
    const char *by, nf_vfy_print *print, struct nf_view bytes);

/*
 * Append the first fact of that name as it is reported, without its signer.
 *   by  may be NULL; as in nf_vfy_fact()
 * Returns false when there is none.
 */
bool nf_vfy_fact_find(const struct nf_vfy_verdict *v, const char *name,
    struct nf_buf *out, const char **by);

/* Append the value of one fact of v as it is reported, without its signer. */
void nf_vfy_fact_value(struct nf_buf *out, const struct nf_vfy_verdict *v,
    const struct nf_vfy_fact *fact);

/* The first check that failed, or NULL. */
const struct nf_vfy_check *nf_vfy_first_failure(
    const struct nf_vfy_verdict *v);

/* Any failure: failed.  Else the root check unknown or missing: unanchored. */
enum nf_vfy_result nf_vfy_result_of(const struct nf_vfy_verdict *v);

/* 0, NF_E_VERIFY or NF_E_UNANCHORED, or v->err. */
int nf_vfy_code(const struct nf_vfy_verdict *v);

/* The exit status: 0, 1, 4. */
int nf_vfy_exit(const struct nf_vfy_verdict *v);

/*
 * Append the report: facts with their signers ("unanchored" unless the root
 * check passed: who made the file may have made them), one line a check,
 * "root: HEX" (or "root: not in this file"), lines with SIMULATED and INSECURE
 * SEED where that is so, and the line "Result: ...".  Without colour.
 */
void nf_vfy_write(struct nf_buf *out, const struct nf_vfy_verdict *v);

#endif
