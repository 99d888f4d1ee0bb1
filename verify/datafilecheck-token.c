/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of card sets, cards and softcards.  Their entry numbers and the form
 * of TokenParams are real; which entries such a file holds is inferred, see
 * datafilecheck.h.  Nothing signs them: what can be said is whether the
 * entries have their forms and agree with each other.
 */
#include "config.h"

#include <string.h>

#include "nfast/wire/acl.h"
#include "verify/datafilecheck.h"

#define SHARES_MAX	64		/* of a token, as the module allows */
#define PARAMS_SOFTCARD	0x4u		/* of TokenParams' flags (real) */
#define NAME_MAX_LEN	320

struct token {
	const struct nf_km_file *file;
	enum nf_vfy_kmkind kind;
	struct nf_vfy_verdict *v;
	struct nf_view name, index, params, share;
	struct nf_tokenparams p;
	uint32_t number;		/* of the card */
};

static void
place(const struct token *t, struct nf_view entry)
{
	nf_vfy_place_in(t->v, "file", t->file->bytes, entry);
}

/* An entry that holds a hash, by the name of its type. */
static bool
hash_is(uint32_t type)
{
	const char *name = nf_name_find(nf_km_types, type);

	return name != NULL && (strncmp(name, "Hash", 4) == 0 ||
	    strncmp(name, "OldHash", 7) == 0);
}

static int
token_read(struct token *t, struct nf_diag *diag)
{
	const struct nf_km_file *f = t->file;
	struct nf_cur cur;
	int r;

	if ((r = nf_km_file_opt(f, NF_ENT_NAME, &t->name, diag)) != 0 ||
	    (r = nf_km_file_opt(f, NF_ENT_INDEX, &t->index, diag)) != 0 ||
	    (r = nf_km_file_opt(f, NF_ENT_PARAMS_LTU, &t->params,
	    diag)) != 0 ||
	    (r = nf_km_file_opt(f, NF_ENT_LTUC_SOFT_TOKEN, &t->share,
	    diag)) != 0)
		return r;
	if (t->params.p != NULL) {
		nf_cur_init(&cur, t->params.p, t->params.len, diag);
		nf_wire_tokenparams_read(&cur, &t->p);
		if ((r = nf_cur_end(&cur, "ParamsLTU")) != 0)
			return r;
	}
	if (t->index.p != NULL) {
		nf_cur_init(&cur, t->index.p, t->index.len, diag);
		t->number = nf_cur_u32(&cur, "Index");
		if ((r = nf_cur_end(&cur, "Index")) != 0)
			return r;
	}
	return 0;
}

/* The layout is not public: entries that are not known are not refused. */
static void
check_entries(const struct token *t)
{
	static const uint32_t known[] = { NF_ENT_NAME, NF_ENT_INDEX,
		NF_ENT_PARAMS_LTU, NF_ENT_LTUC_SOFT_TOKEN, NF_ENT_NONKEY,
		NF_ENT_RECOVERABLE_PIN, NF_ENT_SW_MARK };
	static const char title[] = "entries of an operator token's file";
	uint32_t others = 0;
	size_t k;

	for (uint32_t i = 0; i < t->file->n; i++) {
		for (k = 0; k < sizeof(known) / sizeof(known[0]); k++) {
			if (known[k] == t->file->entry[i].type)
				break;
		}
		others += k == sizeof(known) / sizeof(known[0]) &&
		    !hash_is(t->file->entry[i].type);
	}
	if (others == 0)
		nf_vfy_add(t->v, "token.entries", title, NF_VFY_PASS, NULL);
	else
		nf_vfy_addf(t->v, "token.entries", title, NF_VFY_UNKNOWN,
		    "%u of %u are not known in such a file", others,
		    t->file->n);
	place(t, t->file->bytes);
}

static void
check_name(const struct token *t)
{
	static const char title[] = "name is a text";

	if (t->name.p == NULL)
		nf_vfy_add(t->v, "token.name", title, NF_VFY_NA,
		    "no name is in the file");
	else
		nf_vfy_add_bool(t->v, "token.name", title,
		    t->name.len <= NAME_MAX_LEN && nf_view_printable(t->name),
		    "not a printable text of a sound length");
	place(t, t->name);
	if (t->index.p != NULL) {
		nf_vfy_add_bool(t->v, "token.index",
		    "number of the card in its set",
		    t->number >= 1 && t->number <= SHARES_MAX,
		    "no card of a set has this number");
		place(t, t->index);
	}
}

/* K of N, and the flag that tells a softcard from a card set. */
static void
check_params(const struct token *t)
{
	static const char title[] = "token parameters are those of its kind";
	bool soft = (t->p.flags & PARAMS_SOFTCARD) != 0;
	const char *fault = NULL;

	if (t->params.p == NULL) {
		nf_vfy_add(t->v, "token.params", title, NF_VFY_NA,
		    "no token parameters are in the file");
		return;
	}
	if (t->p.needed < 1 || t->p.needed > t->p.total ||
	    t->p.total > SHARES_MAX)
		fault = "no quorum: 1 <= K <= N <= 64 is due";
	else if (t->kind == NF_VFY_KM_SOFTCARD && !soft)
		fault = "the flags are those of a card set";
	else if (t->kind == NF_VFY_KM_CARDSET && soft)
		fault = "the flags are those of a softcard, whose share is "
		    "not in the file";
	else if (soft && t->p.total != 1)
		fault = "a softcard has one share";
	nf_vfy_add_bool(t->v, "token.params", title, fault == NULL, fault);
	place(t, t->params);
}

static void
check_hashes(const struct token *t)
{
	static const char title[] = "hashes have 20 bytes";
	struct nf_view bad = { NULL, 0 };
	uint32_t n = 0;

	for (uint32_t i = 0; i < t->file->n; i++) {
		const struct nf_km_entry *e = &t->file->entry[i];

		if (!hash_is(e->type))
			continue;
		n++;
		if (e->data.len != NF_HASH_LEN && bad.p == NULL)
			bad = e->data;
	}
	if (n == 0)
		nf_vfy_add(t->v, "token.hashes", title, NF_VFY_NA,
		    "no hash is in the file: its name holds the token's");
	else
		nf_vfy_add_bool(t->v, "token.hashes", title, bad.p == NULL,
		    "one has another length");
	place(t, bad);
}

static void
check_share(const struct token *t)
{
	static const char title[] = "share of the softcard";

	if (t->kind != NF_VFY_KM_SOFTCARD)
		return;
	if (t->share.len == 0)
		nf_vfy_add(t->v, "token.share", title, NF_VFY_FAIL, "empty");
	else
		nf_vfy_add(t->v, "token.share", title, NF_VFY_UNKNOWN,
		    "its format is not public, and nothing outside the "
		    "module covers it");
	place(t, t->share);
}

static void
facts(const struct token *t)
{
	struct nf_vfy_verdict *v = t->v;

	if (t->name.p != NULL)
		nf_vfy_fact_text(v, "name", NULL, t->name);
	if (t->index.p != NULL)
		nf_vfy_fact(v, "card", NULL, "%u", t->number);
	if (t->params.p != NULL) {
		nf_vfy_fact(v, "quorum", NULL, "%u of %u", t->p.needed,
		    t->p.total);
		nf_vfy_fact(v, "time limit", NULL, "%u", t->p.timelimit);
		nf_vfy_fact(v, "token flags", NULL, "0x%08x", t->p.flags);
	}
	nf_text_time(nf_vfy_fact_begin(v, "file written", NULL),
	    t->file->time);
	nf_vfy_fact_end(v);
}

int
nf_vfy_km_token_check(const struct nf_km_file *file, enum nf_vfy_kmkind kind,
    struct nf_vfy_verdict *verdict, struct nf_diag *diag)
{
	struct token t;
	int r;

	memset(&t, 0, sizeof(t));
	t.file = file;
	t.kind = kind;
	t.v = verdict;
	if ((r = token_read(&t, diag)) != 0)
		return r;
	check_entries(&t);
	check_name(&t);
	check_params(&t);
	check_hashes(&t);
	check_share(&t);
	nf_vfy_add(verdict, NF_VFY_ROOT_CHECK, "root of the token",
	    NF_VFY_UNKNOWN, "nothing in such a file is signed");
	facts(&t);
	return 0;
}
